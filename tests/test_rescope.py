"""A window around something and back again; all findings and verdicts; another source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linuxhunt import connect
from linuxhunt.errors import EvidenceError, LinuxHuntError, ParameterError, ScopeError, SourceError
from linuxhunt.hunt import Hunt
from tests.made import make_case, utc
from tests.test_page_alerts import alert

LINES = [
    ("02:04:00", "Failed password for demo from 203.0.113.9 port {} ssh2"),
    ("02:10:00", "Accepted password for demo from 203.0.113.9 port 50000 ssh2"),
    ("15:00:00", "Accepted password for ann from 198.51.100.7 port 50001 ssh2"),
]
TABLES: dict[str, Any] = {
    "Syslog": [
        {
            "TimeGenerated": datetime.fromisoformat(f"2026-03-13T{when}") + timedelta(seconds=n),
            "Computer": computer, "Facility": "auth", "ProcessName": "sshd",
            "ProcessID": 100 * index + n, "SyslogMessage": text.format(4000 + n),
            "_ItemId": f"{computer}:{index}:{n}",
        }
        for computer in ("web01", "db01")
        for index, (when, text) in enumerate(LINES)
        for n in range(30 if index == 0 else 1)
    ],
    "SecurityAlert": [alert("a-1", "s:1"), alert("a-2", "s:2", AlertSeverity="Low")],
}  # fmt: skip
FULL = "web01 · 13 Mar 00:00 – 14 Mar 2026 00:00 UTC"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_case(tmp_path_factory.mktemp("rescope") / "one.duckdb", TABLES)


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the sections that take long."""
    pages = property(lambda self: (self.alerts, self.logons))
    monkeypatch.setattr(Hunt, "judged", pages)


@pytest.fixture
def hunt(case: Path, two: None) -> Iterator[Hunt]:
    held = connect(case, host="web01", start="2026-03-13", end="2026-03-14")
    yield held
    held.workspace.close()


def guessed(hunt: Hunt) -> str:
    """Return the id of the finding on the guessed password."""
    return next(one.id for one in hunt.logons.found() if one.severity == "High")


def test_around_an_alert(hunt: Hunt) -> None:
    scope = hunt.rescope("a-1")
    assert (scope.start, scope.end) == (utc("2026-03-13 01:04"), utc("2026-03-13 04:11"))
    assert str(scope) == str(hunt.scope) == (
        "web01 · 13 Mar 01:04 – 13 Mar 2026 04:11 UTC · around alert SSH brute force"
        " (full window: 13 Mar 00:00 – 14 Mar 2026 00:00 UTC)"
    )  # fmt: skip
    assert str(scope) in hunt.logons.view().text
    assert (scope.host, scope.computers) == ("web01", ("web01",))


def test_around_a_finding_a_time_and_what_is_picked(hunt: Hunt) -> None:
    found = hunt.findings
    row = found[found["FindingId"] == guessed(hunt)].iloc[0]
    scope = hunt.rescope(guessed(hunt), before=10, after=timedelta(minutes=5))
    assert (scope.start, scope.end) == (
        row["EventStartTime"] - timedelta(minutes=10), row["EventEndTime"] + timedelta(minutes=5),
    )  # fmt: skip
    assert str(scope.around).startswith("finding ")
    scope = hunt.rescope("2026-03-13T15:00Z", before="30min", after="90min")
    assert str(scope) == (
        "web01 · 13 Mar 14:30 – 13 Mar 2026 16:30 UTC · around 13 Mar 2026 15:00:00 UTC"
        " (full window: 13 Mar 00:00 – 14 Mar 2026 00:00 UTC)"
    )
    hunt.back()
    hunt.back()
    hunt.alerts.choice.select("a-2")
    assert hunt.rescope().around == "alert SSH brute force"


def test_back_goes_one_step_and_keeps_the_host(hunt: Hunt) -> None:
    first = hunt.rescope("a-1")
    hunt.rescope("2026-03-13T02:10Z", before="5min", after="5min")
    assert hunt.back() == first
    assert str(hunt.scope).endswith("(full window: 13 Mar 00:00 – 14 Mar 2026 00:00 UTC)")
    hunt.select("db01")
    assert hunt.back().host == "db01"
    assert str(hunt.scope) == FULL.replace("web01", "db01")
    with pytest.raises(ScopeError, match="the window was not narrowed; it is db01"):
        hunt.back()


def test_another_window_is_the_full_one(hunt: Hunt) -> None:
    hunt.rescope("a-1")
    hunt.select(start="2026-03-13T01:00Z")
    assert str(hunt.scope) == "web01 · 13 Mar 01:00 – 13 Mar 2026 04:11 UTC"
    with pytest.raises(ScopeError):
        hunt.back()


def test_another_host_stays_in_the_narrow_window(hunt: Hunt) -> None:
    hunt.rescope("a-1")
    assert str(hunt.select("db01")) == (
        "db01 · 13 Mar 01:04 – 13 Mar 2026 04:11 UTC · around alert SSH brute force"
        " (full window: 13 Mar 00:00 – 14 Mar 2026 00:00 UTC)"
    )


@pytest.mark.parametrize(
    ("around", "before", "after", "says"),
    [
        pytest.param("a-9", "1h", "1h", "no alert, no finding and no time: 'a-9'", id="no such"),
        pytest.param("now", "1h", "1h", "no alert, no finding and no time", id="no word"),
        pytest.param("a-1", "soon", "1h", "before 'soon' is no span of time", id="no span"),
        pytest.param("a-1", "1h", "-1h", "after '-1h' is no span of time", id="less than none"),
        pytest.param("a-1", "1h", "NaT", "after 'NaT' is no span of time", id="no time at all"),
    ],
)
def test_refuses_and_stays(hunt: Hunt, around: str, before: str, after: str, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        hunt.rescope(around, before, after)
    assert str(hunt.scope) == FULL
    assert hunt.rescoped.history == []


def test_a_window_of_no_length_is_refused(hunt: Hunt) -> None:
    with pytest.raises(ScopeError):
        hunt.rescope("2026-03-13T02:10Z", 0, 0)
    assert (str(hunt.scope), hunt.rescoped.history) == (FULL, [])


def test_nothing_to_look_around(hunt: Hunt) -> None:
    hunt.look_at(hunt.scope.between("2026-03-13T20:00Z", "2026-03-14T00:00Z"))
    with pytest.raises(ParameterError, match="has no alert and no finding"):
        hunt.rescope()


def test_widget(hunt: Hunt) -> None:
    heard: list[str] = []
    hunt.on_change(lambda: heard.append(str(hunt.scope)))
    picker, row, says = hunt.pick_rescope().children
    before, after, apply, back = row.children
    labels = [label for label, _ in picker.children[0].children[0].options]
    assert labels[:2] == [
        "alert · 13 Mar 02:04 High: SSH brute force", "alert · 13 Mar 02:04 Low: SSH brute force",
    ]  # fmt: skip
    assert labels[2].startswith("finding · 13 Mar 02:04 High: Guessed password")
    assert (before.value, after.value, back.disabled) == (60, 120, True)
    before.value, after.value = 15, 30
    apply.click()
    narrow = (
        "web01 · 13 Mar 01:49 – 13 Mar 2026 02:41 UTC · around alert SSH brute force"
        " (full window: 13 Mar 00:00 – 14 Mar 2026 00:00 UTC)"
    )
    assert (heard, back.disabled) == ([narrow], False)
    assert narrow in says.value
    back.click()
    assert (heard[1:], back.disabled) == ([FULL], True)
    assert says.value == f"<p>Window: <b>{FULL}</b></p>"


def test_widget_follows_the_picked_alert_and_offers_the_full_window(hunt: Hunt) -> None:
    picker, row, says = hunt.pick_rescope().children
    hunt.alerts.choice.select("a-2")
    assert picker.children[0].children[0].value == "a-2"
    hunt.rescoped.choice.select(guessed(hunt))
    row.children[2].click()
    assert picker.children[0].children[0].value == hunt.rescoped.choice.value
    assert "around finding Guessed password" in says.value
    hunt.rescope("2026-03-13T15:00Z", 10, 10)  # holds no alert; those of the full window stay
    assert "alert · 13 Mar 02:04 High: SSH brute force" in [
        label for label, _ in picker.children[0].children[0].options
    ]


def test_widget_tells_errors_in_place(hunt: Hunt) -> None:
    hunt.look_at(hunt.scope.between("2026-03-13T20:00Z", "2026-03-14T00:00Z"))
    _, row, says = hunt.pick_rescope().children
    row.children[2].click()
    assert "has no alert and no finding; give a time to look around" in says.value


def test_parameters_make_it_headless(hunt: Hunt) -> None:
    hunt.pick_rescope("a-1", before="30min", after=10)
    assert (hunt.scope.start, hunt.scope.end) == (
        utc("2026-03-13 01:34"), utc("2026-03-13 02:21"),
    )  # fmt: skip


def test_the_window_picker_follows(hunt: Hunt) -> None:
    box = hunt.pick_window()
    hunt.rescope("2026-03-13T15:00Z", "30min", "30min")
    fields = box.children[0].children[1].children
    assert [field.value for field in fields] == ["2026-03-13 14:30:00", "2026-03-13 15:30:00"]
    fields[0].value = "2026-03-13 14:00"
    assert str(hunt.scope) == "web01 · 13 Mar 14:00 – 13 Mar 2026 15:30 UTC"


def test_all_findings_and_verdicts(case: Path) -> None:
    hunt = connect(case, host="web01", start="2026-03-13", end="2026-03-14")
    sections = [page.section for page in hunt.judged]
    order = ["overview", "alerts", "logons", "session", "users", "applications", "network"]
    assert sections == [name for name in order if name in sections]
    assert set(order) - set(sections) <= {"session"}
    assert [verdict.section for verdict in hunt.verdicts] == sections
    found = hunt.findings
    own = [one.id for page in hunt.judged for one in page.found()]
    assert sorted(found["FindingId"]) == sorted(own)
    ranks = found["EventSeverity"].map(["High", "Medium", "Low", "Informational"].index)
    assert list(ranks) == sorted(ranks)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        pytest.param(SourceError("it is gone"), "it is gone", id="ours"),
        pytest.param(ZeroDivisionError("by 0"), "ZeroDivisionError: by 0", id="a fault"),
    ],
)
def test_a_page_that_fails_stops_no_other(
    hunt: Hunt, error: Exception, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Any:
        raise error

    monkeypatch.setattr(hunt.logons, "found", fail)
    told = {verdict.section: verdict for verdict in hunt.verdicts}
    assert (told["logons"].verdict, told["logons"].missing) == (
        "cannot tell", (f"this section failed: {says}",),
    )  # fmt: skip
    assert told["alerts"].verdict == "supported"
    assert "alerts" in set(hunt.findings["Section"])
    assert "logons" not in set(hunt.findings["Section"])


def test_another_source_takes_nothing_along(hunt: Hunt, tmp_path: Path) -> None:
    other = [{**row, "SyslogMessage": row["SyslogMessage"].replace("demo", "eve")}
             for row in TABLES["Syslog"]]  # fmt: skip
    second = make_case(tmp_path / "two.duckdb", {"Syslog": other})
    first = (set(hunt.logons.logons["TargetUsername"]), len(hunt.alerts.ranked))
    hunt.rescope("a-1")
    heard: list[str] = []
    hunt.on_change(lambda: heard.append(str(hunt.scope)))
    hunt.reconnect(second)
    assert heard == ["all hosts · 13 Mar 02:00 – 13 Mar 2026 16:00 UTC"]
    hunt.select("web01", "2026-03-13", "2026-03-14")  # the same window and host as before
    assert first == ({"demo", "ann"}, 2)
    assert (set(hunt.logons.logons["TargetUsername"]), len(hunt.alerts.ranked)) == (
        {"eve", "ann"}, 0,
    )  # fmt: skip
    assert hunt.rescoped.history == []
    assert hunt.workspace.label == str(second)


def test_a_source_that_cannot_be_opened_changes_nothing(hunt: Hunt, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for source, error in ((tmp_path / "none", SourceError), (tmp_path / "empty", EvidenceError)):
        with pytest.raises(error):
            hunt.reconnect(source)
        assert str(hunt.scope) == FULL
        assert len(hunt.query("Syslog | take 1")) == 1
    assert issubclass(EvidenceError, LinuxHuntError)
