"""The page of indicators: what it finds, whom it asks, what it shows, and what it never sends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd
import pytest

import linuxhunt.pages.intel as page
from linuxhunt import connect
from linuxhunt.enrich.threat_intel_lookup import Asked
from linuxhunt.errors import EvidenceError, ParameterError, QueryError, SourceError
from linuxhunt.hunt import Hunt
from linuxhunt.schema import STR
from linuxhunt.views.base import LIMIT
from linuxhunt.workspace.config import config
from linuxhunt.workspace.workspace import Answer
from tests.enrich.test_threat_intel_lookup import Feed, Server, answers, server
from tests.made import make_case

__all__ = ["server"]

TIME = datetime(2026, 3, 12, 10)


def syslog(n: int, text: str) -> dict[str, Any]:
    return {
        "TimeGenerated": TIME, "Computer": "web01.corp.net", "Facility": "auth", "HostIP": "52.1.2.3",
        "ProcessName": "sshd", "ProcessID": n, "SyslogMessage": text, "_ItemId": f"auth.log:{n}",
    }  # fmt: skip


def indicator(name: str, value: str, hour: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "TimeGenerated": datetime(2026, 3, 1, hour), "Id": name, "ObservableValue": value,
        "ObservableKey": "ipv4-addr:value", "Confidence": 80, "IsActive": True,
        "SourceSystem": "feed", **more,
    }  # fmt: skip


INDICATORS = [
    indicator("latest", "198.51.100.7", 1, Confidence=10),
    indicator("latest", "198.51.100.7", 2, Confidence=90, Tags="c2"),
    indicator("deleted", "198.51.100.8", 1),
    indicator("deleted", "198.51.100.8", 2, IsDeleted=True),
    indicator("revoked", "198.51.100.8", 1, Revoked=True),
    indicator("inactive", "198.51.100.8", 1, IsActive=False),
    indicator("expired", "198.51.100.8", 1, ValidUntil=datetime(2026, 3, 11)),
    indicator("moved", "198.51.100.8", 1),
    indicator("moved", "198.51.100.99", 2),
    indicator("network", "203.0.113.0/24", 1, Confidence=30),
    indicator("either", "192.0.2.250", 1, ObservableKey="x", Pattern=(
        "[ipv4-addr:value = '192.0.2.250'] OR [domain-name:value = 'Evil.example']")),
    indicator("other", "192.0.2.251", 1),
]  # fmt: skip
OLDER = [
    {"TimeGenerated": TIME, "IndicatorId": "a", "DomainName": "Evil.Example", "Active": True,
     "ThreatSeverity": 2, "SourceSystem": "old", "Description": "<b>bad</b>"},
]  # fmt: skip
LINES = [
    "Failed password for alice from 198.51.100.7 port 1 ssh2",
    "Failed password for alice from 198.51.100.8 port 2 ssh2",
    "Failed password for alice from 203.0.113.77 port 3 ssh2",
    "fetched hxxp://evil[.]example/<script>alert(1)</script>",
    "to 8.8.4.4, 52.1.2.3, 10.0.0.1, evil.com, www.corp.net and /etc/shadow",
    "nothing",
]
ROWS = pd.DataFrame(
    {"EventMessage": LINES, "EventUid": [f"auth.log:{n}" for n in range(len(LINES))]}, dtype=STR
)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables = {
        "Syslog": [syslog(n, text) for n, text in enumerate(LINES)],
        "ThreatIntelIndicators": INDICATORS,
        "ThreatIntelligenceIndicator": OLDER,
    }
    return make_case(tmp_path_factory.mktemp("intel") / "case.duckdb", tables)


@pytest.fixture
def hunt(case: Path, monkeypatch: pytest.MonkeyPatch) -> Hunt:
    monkeypatch.delenv("LINUXHUNT_INTEL", raising=False)
    return connect(case)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hunt:
    monkeypatch.delenv("LINUXHUNT_INTEL", raising=False)
    rows = [syslog(n, text) for n, text in enumerate(LINES)]
    return connect(make_case(tmp_path / "bare.duckdb", {"Syslog": rows}))


def told(hits: pd.DataFrame) -> list[tuple[Any, ...]]:
    columns = ["Indicator", "Severity", "Source", "Matched", "RecordIds"]
    held = hits[columns].astype(object)
    return list(held.where(held.notna(), None).itertuples(index=False, name=None))


def test_the_sources_tables_are_asked(hunt: Hunt) -> None:
    assert hunt.intel.offline == [
        "ThreatIntelIndicators (12 rows)", "ThreatIntelligenceIndicator (1 rows)",
    ]  # fmt: skip
    hits = hunt.intel.hits(hunt.intel.indicators(ROWS, ["EventMessage"]))
    table, older = "feed (ThreatIntelIndicators)", "old (ThreatIntelligenceIndicator)"
    assert told(hits) == [
        ("198.51.100.7", "High", table, None, ["auth.log:0"]),
        ("evil.example", "High", table, None, ["auth.log:3"]),
        ("203.0.113.77", "Low", table, "203.0.113.0/24", ["auth.log:2"]),
        ("evil.example", "Low", older, None, ["auth.log:3"]),
    ]
    assert hunt.intel.faults == []


def test_hits_for_network_checks(hunt: Hunt) -> None:
    found = hunt.intel.hits_in(ROWS.iloc[:1], ["EventMessage"])
    assert found.to_dict("records") == [
        {"Indicator": "198.51.100.7", "Source": "feed (ThreatIntelIndicators)", "Severity": "High",
         "RecordIds": ["auth.log:0"]},
    ]  # fmt: skip


def test_a_scope_is_asked_once_for_each_value(hunt: Hunt, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    run = hunt.workspace.run

    def spy(name: str, source: str | None = None, **values: Any) -> Any:
        asked.append(values.get("observables", []))
        return run(name, source, **values)

    monkeypatch.setattr(hunt.workspace, "run", spy)
    some = hunt.intel.indicators(ROWS.iloc[:1], ["EventMessage"])
    both = hunt.intel.indicators(ROWS.iloc[:2], ["EventMessage"])
    for found in (some, both, some, both):
        hunt.intel.hits(found)
    assert asked == [["198.51.100.7"]] * 2 + [["198.51.100.8"]] * 2
    assert hunt.intel.indicators(ROWS.iloc[:1].copy(), ["EventMessage"]) is some


def test_a_view_says_what_there_is_and_escapes_it(hunt: Hunt) -> None:
    view = hunt.intel.view(ROWS, ["EventMessage"], title="sshd's lines")
    assert view.text.splitlines() == [
        "sshd's lines: 11 indicators in 6 texts (6 ipv4, 3 dns, 1 url, 1 linux_path).",
        "3 of 11 indicators known to feed (ThreatIntelIndicators), old"
        " (ThreatIntelligenceIndicator).",
        "Indicators, those that are known first: 11 rows, 7 columns",
        "Messages that hold a known indicator: 3 rows, 2 columns",
    ]  # fmt: skip
    assert "<script>alert" not in view.html
    assert "&lt;script&gt;alert" in view.html


def test_a_large_view_stays_within_its_limit(bare: Hunt, tmp_path: Path) -> None:
    lines = [
        f"from 198.18.{n // 250}.{n % 250 + 1} to http://a{n}.example/{'x' * 900}"
        for n in range(5_000)
    ]
    rows = pd.DataFrame(
        {"EventMessage": lines, "EventUid": [str(n) for n in range(5_000)]}, dtype=STR
    )
    (tmp_path / "list.txt").write_text("198.18.0.0/15\n")
    bare.intel.add(tmp_path / "list.txt")
    view = bare.intel.view(rows, ["EventMessage"])
    assert len(view.html) < LIMIT
    assert view.text.splitlines()[2:] == [
        "Indicators, those that are known first (the first 500; hunt.intel.indicators gives 14,500"
        " more): 500 rows, 5 columns",
        "Messages that hold a known indicator (the first 300; narrow the window to see 4,700"
        " more): 300 rows, 2 columns",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param(ROWS.iloc[5:], "Indicators: no indicator in 1 text.", id="none found"),
        pytest.param(ROWS.iloc[:0], "Indicators: no indicator in 0 texts.", id="no rows"),
    ],
)
def test_nothing_found_is_said_in_one_line(rows: pd.DataFrame, said: str, hunt: Hunt) -> None:
    assert hunt.intel.view(rows, ["EventMessage"]).text == said


def test_nothing_known_and_no_source_are_told_apart(hunt: Hunt, bare: Hunt) -> None:
    rows = ROWS.iloc[1:2]
    assert hunt.intel.view(rows, ["EventMessage"]).text.splitlines()[1] == (
        "None of 1 indicator is known to ThreatIntelIndicators (12 rows),"
        " ThreatIntelligenceIndicator (1 rows)."
    )
    assert bare.intel.view(rows, ["EventMessage"]).text.splitlines()[1] == (
        "No source of threat intelligence: give files of indicators with hunt.intel.add(path),"
        " or a source that has the table ThreatIntelIndicators."
    )


def test_files_are_added_and_named(bare: Hunt, tmp_path: Path) -> None:
    changed: list[bool] = []
    bare.intel.on_change(lambda: changed.append(True))
    (tmp_path / "list.txt").write_text("198.51.100.8 # seen\nrubbish here\n")
    said = bare.intel.add(tmp_path / "list.txt").text
    assert said == "1 indicator in 1 file; left out: 1 × 'rubbish here' is no indicator."
    assert changed == [True]
    assert bare.intel.offline == ["list.txt (list, 1 indicators)"]
    hits = bare.intel.hits(bare.intel.indicators(ROWS, ["EventMessage"]))
    assert told(hits) == [("198.51.100.8", "Medium", "list.txt", None, ["auth.log:1"])]
    with pytest.raises(EvidenceError):
        bare.intel.add(tmp_path / "nothing.txt")


def test_files_that_the_environment_names(
    bare: Hunt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "feeds"
    folder.mkdir()
    (folder / "a.txt").write_text("198.51.100.8\n")
    monkeypatch.setenv("LINUXHUNT_INTEL", f"{folder}:{tmp_path / 'nothing'}")
    assert bare.intel.offline == ["a.txt (list, 1 indicators)"]
    assert bare.intel.faults == [
        f"there is no file or folder of indicators at {tmp_path / 'nothing'}"
    ]


def test_files_that_the_configuration_names(
    bare: Hunt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("198.51.100.8\n")
    stated = {"IndicatorFiles": str(tmp_path / "a.txt")}
    monkeypatch.setattr("linuxhunt.workspace.config.get_config", lambda *_: stated)
    assert bare.intel.offline == ["a.txt (list, 1 indicators)"]


@pytest.fixture
def feeds(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    held = {"good": Feed(AuthKey="fine"), "limits": Feed(AuthKey="429")}
    monkeypatch.setattr(page, "_providers", lambda: held)
    return held


def test_only_what_may_leave_is_sent(hunt: Hunt, server: Server, feeds: dict[str, Any]) -> None:
    found = hunt.intel.indicators(ROWS, ["EventMessage"])
    before = hunt.intel.hits(found)
    hits = hunt.intel.lookup(found, providers=["good"])
    assert server.asked == ["/fine/8.8.4.4", "/fine/evil.com"]
    assert told(hits) == [
        ("8.8.4.4", "High", "good", None, ["auth.log:4"]),
        ("evil.com", "High", "good", None, ["auth.log:4"]),
    ]
    withheld = hunt.intel.withheld
    assert dict(zip(withheld["Indicator"], withheld["Withheld"], strict=True)) == {
        "10.0.0.1": "is not public",
        "198.51.100.7": "is not public",
        "198.51.100.8": "is not public",
        "203.0.113.77": "is not public",
        "52.1.2.3": "is the workspace's own",
        "www.corp.net": "is of a domain of the workspace's own",
        "evil.example": "has no public suffix",
        "http://evil.example/": "has no public suffix",
        "/etc/shadow": "a path",
    }
    pd.testing.assert_frame_equal(hunt.intel.answers, answers(("good", 2, 2, 2, None)))
    after = hunt.intel.hits(found)
    assert set(after["Source"]) - set(before["Source"]) == {"good"}


def test_texts_are_looked_up_too(hunt: Hunt, server: Server, feeds: dict[str, Any]) -> None:
    hits = hunt.intel.lookup(["8[.]8[.]4[.]4", "10.0.0.1"], providers=["limits", "good"])
    assert told(hits) == [("8.8.4.4", "High", "good", None, [])]
    problem = "answers 429 Too Many Requests"
    pd.testing.assert_frame_equal(
        hunt.intel.answers, answers(("limits", 1, 0, 0, problem), ("good", 1, 1, 1, None))
    )
    with pytest.raises(ParameterError, match="'what' is no address"):
        hunt.intel.lookup(["what"], providers=["good"])
    with pytest.raises(ParameterError, match="names no provider nobody; there are good, limits"):
        hunt.intel.lookup(["8.8.4.4"], providers=["nobody"])


def test_domains_that_the_analyst_names_are_own(
    hunt: Hunt, server: Server, feeds: dict[str, Any]
) -> None:
    hunt.intel.own_domains.append("evil.com")
    hunt.intel.lookup(["a.evil.com", "8.8.4.4"], providers=["good"])
    assert server.asked == ["/fine/8.8.4.4"]


def parts(form: Any, kind: type) -> list[Any]:
    held = [form] if isinstance(form, kind) else []
    return held + [part for child in getattr(form, "children", ()) for part in parts(child, kind)]


def test_the_form_ticks_nothing_and_says_what_it_would_send(
    hunt: Hunt, server: Server, feeds: dict[str, Any]
) -> None:
    form = hunt.intel.ask(hunt.intel.indicators(ROWS, ["EventMessage"]))
    boxes, (select,) = parts(form, widgets.Checkbox), parts(form, widgets.SelectMultiple)
    every, send = parts(form, widgets.Button)
    preview, outcome = parts(form, widgets.HTML)
    labels = [label.value for label in parts(form, widgets.Label)]
    assert [(box.description, box.value) for box in boxes] == [("good", False), ("limits", False)]
    assert [label for label, _ in select.options] == ["8.8.4.4 (ipv4)", "evil.com (dns)"]
    assert (select.value, send.disabled, preview.value) == ((), True, "Nothing will be sent.")
    assert labels[1:] == [
        "What, of 2 indicators that may be sent:",
        "Withheld: 1 a path; 2 has no public suffix; 4 is not public; 1 is of a domain of the"
        " workspace's own; 1 is the workspace's own",
    ]  # fmt: skip
    send.click()
    assert server.asked == []
    every.click()
    assert (preview.value, send.disabled) == ("Nothing will be sent.", True)
    boxes[0].value = boxes[1].value = True
    assert preview.value == (
        "To <b>good</b>: 8.8.4.4, evil.com<br>To <b>limits</b>: 8.8.4.4, evil.com"
    )
    assert server.asked == []
    send.click()
    assert sorted(server.asked) == ["/429/8.8.4.4", "/fine/8.8.4.4", "/fine/evil.com"]
    assert outcome.value == (
        "2 indicators known to good, limits. Without an answer: limits: answers 429 Too Many"
        " Requests; 1 not asked."
    )


def test_the_form_says_that_no_provider_is_configured(hunt: Hunt) -> None:
    assert hunt.intel.providers == []
    assert hunt.intel.ask(["8.8.4.4"]).value == (
        "No provider is configured: name some under TIProviders in msticpyconfig.yaml."
    )


def test_nothing_is_sent_by_looking(hunt: Hunt, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Asked:
        raise AssertionError("something was sent")

    monkeypatch.setattr("linuxhunt.enrich.threat_intel_lookup.ask", refuse)
    found = hunt.intel.indicators(ROWS, ["EventMessage"])
    assert len(hunt.intel.hits(found)) == 4
    assert hunt.intel.view(ROWS, ["EventMessage"]).text


def test_a_setting_of_another_type_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linuxhunt.workspace.config.get_config", lambda *_: {"IndicatorFiles": 3})
    with pytest.raises(SourceError, match="IndicatorFiles takes a text, not 3"):
        config()


def test_nothing_is_sent_where_the_workspace_does_not_say_what_is_its_own(
    hunt: Hunt, server: Server, feeds: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = hunt.workspace.run

    def partial(name: str, source: str | None = None, **values: Any) -> Answer:
        answer = run(name, source, **values)
        if name != "heartbeat":
            return answer
        return replace(answer, completeness=replace(answer.completeness, answered=0))

    monkeypatch.setattr(hunt.workspace, "run", partial)
    with pytest.raises(QueryError, match="nothing is sent, as it is not known"):
        hunt.intel.lookup(["8.8.4.4"], providers=["good"])
    assert server.asked == []
