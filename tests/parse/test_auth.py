"""auth: each format as its program prints it, and the whole row that it means."""

import json
from pathlib import Path

import pytest

from linuxhunt import parse, schema
from linuxhunt.parse.auth import TABLES
from linuxhunt.parse.crontabs import CRON
from linuxhunt.parse.engine import Reader
from linuxhunt.parse.lines import program
from linuxhunt.parse.shadow import PASSWORDS, SHADOW
from linuxhunt.parse.shape import known, shape, table
from tests.parse.syslog_rows import known as values
from tests.parse.syslog_rows import syslog

_CASES = [
    json.loads(line)
    for line in Path(__file__).with_name("auth_cases.jsonl").read_text("utf-8").splitlines()
]
_OF_THE_ROW = ("TimeGenerated", "DvcHostname", "EventMessage", "EventUid", "TargetAppId")


@pytest.fixture(scope="module")
def rows() -> dict[str, list[dict]]:
    """Return what each case gives, by its message."""
    found = parse.auth(
        syslog(*(f"10:00:00 {case['program']}: {case['message']}" for case in _CASES))
    )
    rows: dict[str, list[dict]] = {}
    for uid, row in zip(found["EventUid"], values(found, *_OF_THE_ROW), strict=True):
        rows.setdefault(_CASES[int(uid.split(":")[1]) - 1]["id"], []).append(row)
    return rows


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in _CASES])
def test_line(case: dict, rows: dict[str, list[dict]]) -> None:
    assert rows.get(case["id"]) == [case["expected"]]


@pytest.mark.parametrize("case", _CASES[::20], ids=lambda case: case["id"])
def test_a_line_alone_gives_the_same_row(case: dict) -> None:
    found = parse.auth(syslog(f"10:00:00 {case['program']}: {case['message']}"))
    assert values(found, *_OF_THE_ROW) == [case["expected"]]


def test_what_comes_of_the_row_itself() -> None:
    rows = parse.auth(syslog("10:00:00.25 @db1 sshd[42]: Connection closed by 192.0.2.7 port 5"))
    assert values(rows)[0] == {
        "TimeGenerated": rows["TimeGenerated"][0],
        "DvcHostname": "db1",
        "EventType": "Info",
        "EventSubType": "Connection",
        "EventResult": "NA",
        "EventCount": 1,
        "SrcIpAddr": "192.0.2.7",
        "SrcPortNumber": 5,
        "LogonProtocol": "SSH",
        "TargetAppName": "sshd",
        "TargetAppId": 42,
        "EventMessage": "Connection closed by 192.0.2.7 port 5",
        "EventUid": "auth.log:1",
    }
    assert str(rows["TimeGenerated"][0]) == "2026-03-12 10:00:00.250000+00:00"


def test_frame_has_the_columns_and_types_of_the_contract() -> None:
    rows = parse.auth(syslog("10:00:00 sshd[1]: Invalid user x from 192.0.2.1 port 5"))
    assert rows.dtypes.to_dict() == schema.empty("auth").dtypes.to_dict()
    assert list(rows.columns) == list(schema.EVENTS["auth"])


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([], id="no rows"),
        pytest.param(["10:00:00 nginx[1]: Accepted password for x from y"], id="other program"),
        pytest.param(["10:00:00 sshd[1]: Wibbled password for root"], id="unknown message"),
        pytest.param(
            ["10:00:00 sshd[1]: Server listening on 0.0.0.0 port 22."], id="states nothing"
        ),
    ],
)
def test_what_states_nothing_is_not_there(lines: list[str]) -> None:
    rows = parse.auth(syslog(*lines))
    assert rows.dtypes.to_dict() == schema.empty("auth").dtypes.to_dict()
    assert rows.empty


def test_order_is_that_of_the_contract() -> None:
    rows = syslog(
        "10:00:02 sshd[1]: Invalid user c from 192.0.2.1 port 5",
        "10:00:01 sshd[1]: Invalid user b from 192.0.2.1 port 5",
        "10:00:01 sshd[1]: Invalid user a from 192.0.2.1 port 5",
        "10:00:01 sshd[1]: Invalid user d from 192.0.2.1 port 5",
    )
    rows["_ItemId"] = ["b.log:9", "b.log:10", "b.log:9", "a.log:100"]
    rows["_ItemId"] = rows["_ItemId"].astype(schema.STR)
    found = parse.auth(rows.iloc[::-1])
    assert found["TargetUsername"].tolist() == ["d", "a", "b", "c"]
    assert found.equals(schema.in_order(found, ["TimeGenerated"]))


def test_index_of_the_input_does_not_matter() -> None:
    rows = syslog(
        *(f"10:00:0{n} sshd[1]: Invalid user u{n} from 192.0.2.1 port 5" for n in range(5))
    )
    rows.index = [7, 7, 3, 3, 0]
    assert parse.auth(rows)["TargetUsername"].tolist() == [f"u{n}" for n in range(5)]


def test_last_message_repeated_is_the_line_before_of_host_and_program() -> None:
    found = parse.auth(
        syslog(
            "10:00:00 sshd[7]: Failed password for root from 203.0.113.5 port 4422 ssh2",
            "10:00:01 @db1 sshd[8]: Failed password for eve from 203.0.113.6 port 4423 ssh2",
            "10:00:02 su[9]: Successful su for root by alice",
            "10:00:03 sshd: last message repeated 4 times",
        )
    )
    assert values(found, "EventOriginalResultDetails", "LogonMethod")[3] == {
        "TimeGenerated": found["TimeGenerated"][3],
        "DvcHostname": "web01",
        "EventType": "Logon",
        "EventSubType": "Authentication",
        "EventResult": "Failure",
        "EventResultDetails": "Incorrect password",
        "EventCount": 4,
        "TargetUsername": "root",
        "SrcIpAddr": "203.0.113.5",
        "SrcPortNumber": 4422,
        "LogonProtocol": "SSH",
        "LogonMethodOriginal": "password",
        "TargetAppName": "sshd",
        "EventMessage": "last message repeated 4 times",
        "EventUid": "auth.log:4",
    }


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("sshd", "sshd"),
        ("CROND", "crond"),
        ("/usr/sbin/sshd", "sshd"),
        ("(systemd)", "systemd"),
        ("sshd(pam_unix)", "sshd"),
        ("polkitd(authority=local)", "polkitd"),
        ("run-parts(/etc/cron.hourly)", "run-parts"),
        ("gdm-password]", "gdm-password"),
    ],
)
def test_program(name: str, plain: str) -> None:
    assert program(name) == plain


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(made, id=f"{made.reads} {number}")
        for kind in (*TABLES, SHADOW, PASSWORDS, CRON)
        for number, made in enumerate(kind.shapes)
    ],
)
def test_every_shape_holds_a_literal_and_is_anchored(one) -> None:
    assert len(one.reads) >= 2
    assert one.reads.strip()
    assert one.pattern.startswith("^")


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("Failed (?P<x>.*)", id="no anchor"),
        pytest.param("^(?P<x>.*) failed", id="no literal at the beginning"),
        pytest.param("^Failed (.*)", id="no name"),
        pytest.param("^(?:Failed|Passed) (?P<x>.*)", id="two beginnings"),
    ],
)
def test_a_catch_all_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="not anchored, an unnamed group, or no literal"):
        shape(pattern)


def test_more_shapes_do_not_change_what_is_read() -> None:
    decoys = known(*(f"Decoy {n:04}" for n in range(1000)), *(f"Zz {n:04}" for n in range(1000)))
    reader = Reader((table("sshd", "sshd", *TABLES[0].shapes, *decoys),), ())
    assert len(reader.tables[0].shapes) == len(TABLES[0].shapes) + 2000
