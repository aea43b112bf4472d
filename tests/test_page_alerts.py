"""Alerts and bookmarks of one host, from a case to the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from linuxhunt import connect
from linuxhunt.errors import ParameterError
from linuxhunt.hunt import Hunt
from tests.made import make_case, utc
from tests.views.pages import HOSTILE, Faults

HOSTS = '[{"$id":"1","HostName":"%s","Type":"host"},{"$id":"2","Address":"203.0.113.9","Type":"ip"}'
FULL = (
    f"{HOSTS % 'web01'}"
    ',{"$id":"3","Name":"demo","Host":{"$ref":"1"},"Type":"account"}'
    ',{"$id":"4","CommandLine":"sh -c id","Account":{"$ref":"3"},"Type":"process"}]'
)


def time(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-13T{text}")


def alert(identity: str, item: str, **more: Any) -> dict[str, Any]:
    return {
        "SystemAlertId": identity, "_ItemId": item, "TimeGenerated": time("02:14"),
        "AlertName": "SSH brute force", "DisplayName": "SSH brute force", "Status": "New",
        "AlertSeverity": "High", "ProductName": "Defender for Cloud", "Entities": FULL,
        "StartTime": time("02:04"), "EndTime": time("02:11"), "Techniques": '["T1110"]', **more,
    }  # fmt: skip


def bookmark(identity: str, version: str, **more: Any) -> dict[str, Any]:
    return {
        "BookmarkId": identity, "TimeGenerated": time(version), "LastUpdatedTime": time(version),
        "BookmarkName": f"{identity} of {version}", "CreatedTime": time("09:00"),
        "EventTime": time("02:11"), "Entities": f"{HOSTS % 'web01'}]", "SoftDeleted": False,
        "_ItemId": f"{identity}:{version}", **more,
    }  # fmt: skip


TABLES: dict[str, Any] = {
    "Syslog": [
        {
            "TimeGenerated": time(when), "Computer": computer, "Facility": "auth",
            "ProcessName": "sshd", "ProcessID": 7, "_ItemId": f"{computer}:{when}",
            "SyslogMessage": f"Accepted password for demo from 203.0.113.9 port {port} ssh2",
        }
        for computer in ("web01", "web02", "web01-old")
        for when, port in (("00:00", 4001), ("02:10", 4002), ("23:00", 4003))
    ],
    "SecurityAlert": [
        alert("a-1", "s:1", AlertSeverity="Medium"),
        alert("a-1", "s:2", TimeGenerated=time("08:00"), Status="InProgress"),
        alert("a-2", "s:3", Entities=f"{HOSTS % 'web02'}]"),
        alert("a-3", "s:4", Entities=f"{HOSTS % 'web01-old'}]"),
        alert("a-4", "s:5", TimeGenerated=time("12:00"), StartTime=time("11:00"),
              EndTime=time("11:05"), Entities="[]", CompromisedEntity="WEB01",
              DisplayName="Odd download", Status="Dismissed", ProductName="EDR"),
    ],
    "HuntingBookmark": [
        bookmark("b-1", "09:00"),
        bookmark("b-1", "10:00", Notes="mine", Tags='["x"]', QueryText="Syslog | take 1"),
        bookmark("b-2", "09:00"),
        bookmark("b-2", "10:00", SoftDeleted=True),
        bookmark("b-3", "09:00", Entities=f"{HOSTS % 'web01-old'}]"),
        bookmark("b-4", "09:00", Entities="[]", QueryResultRow='{"Computer":"web01","N":1}'),
        bookmark("b-5", "09:00", EventTime=datetime(2026, 3, 14, 2)),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_case(tmp_path_factory.mktemp("alerts") / "alerts.duckdb", TABLES)


@pytest.fixture
def hunt(case: Path) -> Iterator[Hunt]:
    held = connect(case, host="web01", start="2026-03-13", end="2026-03-14")
    yield held
    held.workspace.close()


def test_the_latest_version_of_each_alert_of_the_host(hunt: Hunt) -> None:
    names = ["SystemAlertId", "_ItemId", "Severity", "Status", "Start"]
    assert hunt.alerts.ranked[names].values.tolist() == [
        ["a-1", "s:2", "High", "InProgress", utc("2026-03-13 02:04")],
        ["a-4", "s:5", "Informational", "Dismissed", utc("2026-03-13 11:00")],
    ]


def test_a_version_written_after_the_window_counts_and_an_alert_of_another_time_does_not(
    hunt: Hunt,
) -> None:
    def raised(start: str, end: str) -> list[str]:
        hunt.look_at(hunt.scope.between(f"2026-03-13T{start}Z", f"2026-03-13T{end}Z"))
        return hunt.alerts.ranked["_ItemId"].tolist()

    assert raised("02:00", "03:00") == ["s:2"]
    assert raised("03:00", "04:00") == []
    assert raised("07:30", "08:30") == ["s:2"]  # its latest version was written then


def test_findings_and_verdict(hunt: Hunt) -> None:
    names = ["Title", "EventSeverity", "AttackTechniques", "TargetUsername", "SrcIpAddr",
             "DvcHostname", "CommandLine", "RecordIds"]  # fmt: skip
    found = hunt.alerts.findings[names].astype(object)
    assert found.where(found.notna(), None).values.tolist() == [
        ["Alert: SSH brute force", "High", ["T1110"], "demo", "203.0.113.9", "web01", "sh -c id",
         ["s:2"]],
        ["Alert: Odd download", "Informational", ["T1110"], None, None, "web01", None, ["s:5"]],
    ]  # fmt: skip
    verdict = hunt.alerts.verdict
    assert (verdict.verdict, verdict.missing) == ("supported", ())


def test_a_host_without_alerts_where_others_have_some(hunt: Hunt) -> None:
    hunt.select(start="2026-03-13T22:00Z")
    assert (hunt.alerts.verdict.verdict, hunt.alerts.verdict.missing) == ("not supported", ())


def test_a_source_without_alerts_cannot_tell(tmp_path: Path) -> None:
    bare = connect(make_case(tmp_path / "bare.duckdb", {"Syslog": TABLES["Syslog"]}), host="web01")
    verdict = bare.alerts.verdict
    assert (verdict.verdict, verdict.missing) == (
        "cannot tell", ("alerts of any product (SecurityAlert is empty or not there)",),
    )  # fmt: skip
    assert bare.alerts.pick().children[0].children[0].options == ()
    assert bare.alerts.alert.view().text == "There is no alert in this window."
    assert bare.alerts.alert.facts.empty
    assert bare.alerts.alert.near.empty


def test_picks_an_alert(hunt: Hunt) -> None:
    select = hunt.alerts.pick().children[0].children[0]
    assert select.options == (
        ("13 Mar 02:04 High: SSH brute force", "a-1"),
        ("13 Mar 11:00 Informational: Odd download (dismissed)", "a-4"),
    )
    select.value = "a-4"
    assert hunt.alerts.choice.value == "a-4"
    with pytest.raises(ParameterError, match="no alert a-2 in web01"):
        hunt.alerts.pick("a-2")


def test_the_alert_whole(hunt: Hunt) -> None:
    assert hunt.alerts.alert.facts.values.tolist() == [
        ["Severity", "High"], ["Status", "InProgress"], ["Product", "Defender for Cloud"],
        ["Techniques", "T1110 Brute Force"], ["From", "2026-03-13 02:04:00 UTC"],
        ["To", "2026-03-13 02:11:00 UTC"],
    ]  # fmt: skip
    assert hunt.alerts.alert.more.values.tolist() == [
        ["Raised", "2026-03-13 08:00:00 UTC"], ["Id", "a-1"], ["Record", "s:2"],
    ]  # fmt: skip
    assert hunt.alerts.alert.entities.values.tolist() == [
        ["host", "web01", ""], ["ip", "203.0.113.9", ""], ["account", "demo", "host: web01"],
        ["process", "sh -c id", "account: demo"],
    ]  # fmt: skip
    assert hunt.alerts.alert.jumps() == {
        ("address", "203.0.113.9"): "address 203.0.113.9", ("user", "demo"): "user demo",
    }  # fmt: skip
    assert hunt.alerts.alert.near[["What", "User", "Names"]].values.tolist() == [
        ["logon", "demo", "203.0.113.9, demo"]
    ]


def test_what_a_product_adds_is_written_out(tmp_path: Path) -> None:
    more = {
        "ExtendedProperties": '{"Compromised Host":"WEB01","list":[1,{"a":"b"}],"none":null}',
        "RemediationSteps": '["Look at it","Rotate keys"]', "AlertLink": "https://portal.example/1",
        "ExtendedLinks": '[{"Href":"https://x.example","Label":"more"}]',
        "Description": HOSTILE["script"], "Tactics": "CredentialAccess",
    }  # fmt: skip
    held = connect(
        make_case(
            tmp_path / "more.duckdb",
            {"Syslog": TABLES["Syslog"], "SecurityAlert": [alert("a-1", "s:1", **more)]},
        ),
        host="web01",
    )
    page = held.alerts.alert
    assert page.facts.values.tolist()[7:] == [
        ["Description", HOSTILE["script"]], ["What to do", "Look at it; Rotate keys"],
        ["Link", "https://portal.example/1"],
    ]  # fmt: skip
    assert page.more.values.tolist() == [
        ["Raised", "2026-03-13 02:14:00 UTC"],
        ["Further links", "Href: https://x.example, Label: more"], ["Id", "a-1"], ["Record", "s:1"],
        ["· Compromised Host", "WEB01"], ["· list", "1; a: b"],
    ]  # fmt: skip
    assert Faults(page.view()).found == []
    assert Faults(held.alerts.view()).found == []


def test_bookmarks_of_the_host_without_the_deleted(hunt: Hunt) -> None:
    names = ["BookmarkId", "Name", "Notes", "Tags", "Query"]
    marked = hunt.alerts.bookmarks[names].astype(object)
    assert marked.where(marked.notna(), None).values.tolist() == [
        ["b-1", "b-1 of 10:00", "mine", ["x"], "Syslog | take 1"],
        ["b-4", "b-4 of 09:00", None, [], None],
    ]


def test_jumps_to_an_alert(hunt: Hunt) -> None:
    assert list(hunt.alerts.entities()) == [
        ("alert", "a-1"), ("alert", "a-4"), ("user", "demo"), ("address", "203.0.113.9"),
    ]  # fmt: skip
    assert hunt.investigate("alert", "a-4").text == "→ alert a-4 (#alerts)"
    assert hunt.alerts.choice.value == "a-4"


def test_says_what_it_shows(hunt: Hunt) -> None:
    assert hunt.alerts.view().text.split("\n") == [
        "Alerts and bookmarks [web01 · 13 Mar 00:00 – 14 Mar 2026 00:00 UTC]",
        "Hypothesis: Something else has already noticed an intrusion on this host.",
        "■ Supported: 1 High · 1 Informational. Seen: 5 rows of alerts in the source · 2 alerts of"
        " this window and host · 2 bookmarks",
        "High: Alert: SSH brute force T1110 13 Mar 2026 02:04:00",
        "Informational: Alert: Odd download T1110 13 Mar 2026 11:00:00",
        "By alert: alerts by Name: Odd download 1, SSH brute force 1",
        "By product: alerts by Product: Defender for Cloud 1, EDR 1",
        "Alerts and bookmarks: 4 events (bookmark 2, High 1, Informational 1), from"
        " 13 Mar 2026 00:00:00 to 14 Mar 2026 00:00:00 UTC.",
        "Alerts, the gravest first: 2 rows, 21 columns",
        "Bookmarks, the latest version of each: 2 rows, 10 columns",
    ]
