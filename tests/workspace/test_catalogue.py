"""Each query of queries/*.yaml brings what it declares: columns, types, windows, hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from linuxhunt.errors import ParameterError
from linuxhunt.schema import STR, TABLES, TIME
from linuxhunt.workspace import Completeness, Workspace, catalogue
from tests.made import make_case, utc
from tests.workspace.small import END, NAMING, START, syslog

DTYPES: dict[str, Any] = {
    "string": STR,
    "dynamic": STR,
    "datetime": TIME,
    "long": pd.Int64Dtype(),
    "int": pd.Int64Dtype(),
    "real": np.dtype("float64"),
    "bool": np.dtype("bool"),
}
WINDOW: dict[str, Any] = {"start": START, "end": END}
FURTHER: dict[str, dict[str, Any]] = {
    "hosts_syslog": {
        "failures": ": Failed",
        "no_failures": "^cron: ",
        "accounts": "new user",
        "no_accounts": "^$",
    },
    "cron_messages": {"programs": ["sshd"]},
    "flows_syslog": {"programs": ["sshd"]},
    "logging_messages": {"programs": ["sshd"]},
    "sysmon_messages": {"programs": ["sshd"]},
    "messages": {"all_programs": True},
    "program_volume": {"programs": ["sshd"]},
    "risky_messages": {"sieve_pattern": "."},
    "manager_messages": {"programs": ["sshd"], "words": ["Failed"]},
    "messages_about": {"words": ["Failed"]},
    "lines_by_id": {"ids": ["var/log/auth.log:web:inside"]},
    "audit_lines_by_id": {"ids": ["web:inside"]},
    "audit_records_by_id": {"ids": ["web:inside"]},
    "indicators": {"observables": ["203.0.113.9"]},
    "indicators_older": {"observables": ["203.0.113.9"]},
}


OURS = sorted(n for n, query in catalogue().items() if "LinuxHuntLocal" in query.environments)
"""All but those of ASIM's parsers, which only a workspace has; test_sentinel asks those."""


def values(name: str, **hosts: Any) -> dict[str, Any]:
    """Return values for all parameters of a query."""
    given = {**WINDOW, **FURTHER.get(name, {}), **hosts}
    return {key: value for key, value in given.items() if key in catalogue()[name].parameters}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    held = Workspace("LinuxHuntLocal", "empty")
    held.provider.connect(str(make_case(tmp_path_factory.mktemp("empty") / "e.duckdb", {})))
    yield held
    held.close()


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("rows", ["some", "none"])
def test_columns_and_types_are_those_declared(
    name: str, rows: str, workspace: Workspace, empty: Workspace
) -> None:
    held = workspace if rows == "some" else empty
    answer = held.run(name, **values(name, all_hosts=True))
    declared = {column: DTYPES[kind] for column, kind in catalogue()[name].columns.items()}
    assert dict(answer.rows.dtypes) == declared
    assert answer.rows.empty == (rows == "none" and name != "schema_held")
    assert answer.completeness.whole
    assert answer.completeness.missing == ()


@pytest.mark.parametrize("name", OURS)
def test_what_reads_empty_tables_alone_is_answered_as_the_engine_would(
    name: str, empty: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    unasked = empty.run(name, **values(name, all_hosts=True))
    monkeypatch.setattr(empty._driver, "empty", lambda tables: False)
    asked = empty.run(name, **values(name, all_hosts=True))
    pd.testing.assert_frame_equal(unasked.rows, asked.rows)
    assert unasked.completeness == asked.completeness


@pytest.mark.parametrize("name", sorted(n for n, query in catalogue().items() if query.tables))
def test_a_query_that_names_tables_names_all_that_it_reads(name: str) -> None:
    query = catalogue()[name]
    assert set(re.findall(r"\w+", query.template)) & TABLES.keys() == set(query.tables)


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_each_query_says_what_it_is(name: str) -> None:
    query = catalogue()[name]
    used = {word for word in query.parameters if f"{{{word}}}" in query.template}
    stated = set(query.parameters)
    assert query.description[0].isupper()
    assert query.environments[-1] == ("MSSentinel" if name.endswith("_im") else "LinuxHuntLocal")
    assert used <= stated


def ids(*names: str) -> list[str]:
    return [f"{name}:{word}" for name in names for word in ("first", "inside", "last")]


@pytest.mark.parametrize(
    ("name", "hosts", "expected"),
    [
        pytest.param("login_records", ["web"], ids("web", "WEB"), id="case is ignored, web-01 not"),
        pytest.param("login_records", ["WEB-01"], ids("web-01"), id="a hyphen is no word's end"),
        pytest.param("login_records", ["web", "web.example"], ids("web", "WEB", "web.example"),
                     id="every spelling"),
        pytest.param("login_records", [], [], id="no host is none"),
        pytest.param("login_records", ["nobody"], [], id="another host"),
        pytest.param("login_records", ["we"], [], id="no prefix"),
        pytest.param("journal_fields", ["web"], ids("web", "WEB"), id="journal"),
    ],
)  # fmt: skip
def test_window_is_half_open_and_the_host_is_whole(
    name: str, hosts: list[str], expected: list[str], workspace: Workspace
) -> None:
    rows = workspace.run(name, **values(name, hosts=hosts)).rows
    assert sorted(rows["_ItemId"]) == sorted(expected)


def test_all_hosts_takes_all(workspace: Workspace) -> None:
    rows = workspace.run("login_records", **values("login_records", all_hosts=True)).rows
    assert sorted(rows["_ItemId"]) == sorted(ids("web", "WEB", "web-01", "web.example"))


def test_auth_messages_are_those_of_facility_program_or_pam(workspace: Workspace) -> None:
    given = {**WINDOW, "hosts": ["web"], "programs": ["CRON"]}
    rows = workspace.run("auth_messages", **given).rows
    expected = [
        row["_ItemId"]
        for row in syslog()
        if row["Computer"] in ("web", "WEB")
        and START <= row["TimeGenerated"] < END
        and (
            row["Facility"] in ("auth", "AUTHPRIV")
            or row["ProcessName"] == "cron"
            or row["SyslogMessage"].startswith("pam_")
        )
    ]
    assert sorted(rows["_ItemId"]) == sorted(expected)


def test_hosts_are_counted_by_the_engine(workspace: Workspace) -> None:
    rows = workspace.run("hosts_syslog", **values("hosts_syslog")).rows
    assert rows.to_dict("records") == [
        {
            "Computer": computer,
            "Rows": 3,
            "FailedLogons": failed,
            "NewAccounts": new,
            "FirstTime": utc("2026-03-12 10:00"),
            "LastTime": utc("2026-03-12 11:59:59.999999"),
        }
        for computer in ("WEB", "web", "web-01", "web.example")
        for inside in [[row for row in syslog() if held(row, computer)]]
        for new in [sum(row["SyslogMessage"] == "new user z" for row in inside)]
        for failed in [
            sum(
                row["SyslogMessage"] == "Failed y" and row["ProcessName"] != "cron"
                for row in inside
            )
        ]
    ]


def held(row: dict[str, Any], computer: str) -> bool:
    return row["Computer"] == computer and START <= row["TimeGenerated"] < END


def test_alerts_are_the_latest_version_of_each(workspace: Workspace) -> None:
    rows = workspace.run("hosts_alerts", **values("hosts_alerts")).rows
    assert rows[["Computer", "Alerts"]].to_dict("records") == [
        {"Computer": name, "Alerts": 1} for name in ("WEB", "web", "web-01", "web.example")
    ]
    latest = workspace.run("alerts", **values("alerts", all_hosts=True)).rows
    assert sorted(latest["AlertName"]) == [
        "WEB:after", "web-01:after", "web.example:after", "web:after",
    ]  # fmt: skip


def test_tables_held_names_only_tables_with_rows_in_the_window(workspace: Workspace) -> None:
    rows = workspace.run("tables_held", **WINDOW).rows
    assert rows[["TableName", "Rows"]].to_dict("records") == [
        {"TableName": table, "Rows": rows}
        for table, rows in sorted(
            {
                **dict.fromkeys((*NAMING, "AuditLog_CL", "Heartbeat", "LinuxJournal_CL"), 12),
                **dict.fromkeys(("LinuxLogin_CL", "SecurityAlert", "Syslog"), 12),
                "HuntingBookmark": 8,
                "ThreatIntelIndicators": 6,
                "ThreatIntelligenceIndicator": 4,
            }.items()
        )
    ]


def test_integers_stay_whole_beside_nulls(workspace: Workspace) -> None:
    rows = workspace.run("evidence_account", **WINDOW).rows[["FilePath", "FileSize", "Error"]]
    assert rows.astype(object).where(rows.notna(), None).to_numpy().tolist() == [
        ["var/log/auth.log", 4_398_046_511_105, None],
        ["var/log/broken", None, "it is broken"],
    ]


def test_a_query_that_the_engine_lacks_says_so() -> None:
    cloud = Workspace("MSSentinel", "cloud")
    answer = cloud.run("login_records", **WINDOW)
    assert answer.completeness == Completeness(
        "login records", answered=0, missing=("not on this engine",)
    )
    assert list(answer.rows.columns) == list(catalogue()["login_records"].columns)
    assert answer.rows.empty


@pytest.mark.parametrize("table", ["Syslog", "LinuxLogin_CL"])
def test_a_table_that_is_not_there_is_missing_not_empty(table: str, tmp_path: Path) -> None:
    import duckdb

    case = make_case(tmp_path / "less.duckdb", {})
    with duckdb.connect(str(case)) as con:
        con.execute(f'DROP TABLE "{table}"')
    held = Workspace("LinuxHuntLocal", "less")
    held.provider.connect(str(case))
    name = "programs" if table == "Syslog" else "login_records"
    answer = held.run(name, **WINDOW)
    held.close()
    assert answer.rows.empty
    assert answer.completeness == Completeness(
        name.replace("_", " "), answered=0, missing=(f"there is no table {table}",)
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"start": "garbage", "end": END}, "start .* takes a datetime, not 'garbage'",
                     id="text for a time, which msticpy takes for now"),
        pytest.param({"start": 1, "end": END}, "takes a datetime", id="number for a time"),
        pytest.param({"start": START}, "end .* takes a datetime, not None", id="no end"),
        pytest.param({**WINDOW, "hosts": "web"}, "takes a list", id="text for a list"),
        pytest.param({**WINDOW, "hosts": ("web",)}, "takes a list", id="tuple for a list"),
        pytest.param({**WINDOW, "hosts": None}, "takes a list", id="None for a list"),
        pytest.param({**WINDOW, "all_hosts": "true"}, "takes a bool", id="text for a bool"),
        pytest.param({**WINDOW, "all_hosts": 1}, "takes a bool", id="number for a bool"),
        pytest.param({**WINDOW, "host": "web"}, "no parameter host", id="no such parameter"),
        pytest.param({**WINDOW, "hosts": [None]}, "None is no number", id="null in a list"),
        pytest.param({**WINDOW, "hosts": [["x"]]}, "is no number", id="list in a list"),
        pytest.param({**WINDOW, "hosts": ["a\0b"]}, "NUL", id="NUL"),
        pytest.param({"start": pd.NaT, "end": END}, "a time is needed", id="NaT"),
    ],
)  # fmt: skip
def test_values_of_another_type_are_refused(
    given: dict[str, Any], said: str, workspace: Workspace
) -> None:
    with pytest.raises(ParameterError, match=said):
        workspace.run("cron_messages", **{"programs": ["sshd"], **given})


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(True, id="a boolean, which Python takes for 1"),
        pytest.param("3600", id="digits"),
        pytest.param("1s) or true //", id="an expression"),
        pytest.param(3600.0, id="a real"),
        pytest.param(None, id="None"),
    ],
)
def test_a_number_is_a_number(value: Any, workspace: Workspace) -> None:
    with pytest.raises(ParameterError, match="seconds of query program_volume takes a int, not"):
        workspace.run("program_volume", **values("program_volume"), seconds=value)


def test_volume_is_counted_in_bins_of_any_width(workspace: Workspace) -> None:
    given = values("program_volume", hosts=["web", "WEB"])
    hours = workspace.run("program_volume", **given).rows
    whole = workspace.run("program_volume", **given, seconds=86_400).rows
    assert hours[["TimeGenerated", "Rows"]].to_numpy().tolist() == [
        [utc("2026-03-12 10:00"), 1], [utc("2026-03-12 11:00"), 1],
    ]  # fmt: skip
    assert whole[["TimeGenerated", "Rows"]].to_numpy().tolist() == [[utc("2026-03-12"), 2]]


def test_the_first_messages_are_taken(workspace: Workspace) -> None:
    given = values("risky_messages", all_hosts=True)
    rows = workspace.run("risky_messages", **given, most=4).rows
    assert sorted(rows["_ItemId"]) == sorted(
        f"var/log/auth.log:{name}:first" for name in ("web", "WEB", "web-01", "web.example")
    )


def test_columns_declared_for_tables_are_the_tables_own() -> None:
    columns = catalogue()["lines_by_id"].columns
    kinds = {name: "long" if kind == "int" else kind for name, kind in TABLES["Syslog"].items()}
    assert columns == {name: kinds[name] for name in columns}
