"""Alerts: what each comes to, its finding; bookmarks; and what else happened near them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.schema import STR, TIME
from linuxhunt.sections.alerts import RaisedAlert, bookmarked, told
from linuxhunt.sections.finding import Finding
from linuxhunt.sections.near import near
from linuxhunt.workspace import catalogue
from tests.made import events, logon, utc

ENTITIES = (
    '[{"$id":"1","HostName":"web01","Type":"host"},{"$id":"2","Address":"203.0.113.9","Type":"ip"},'
    '{"$id":"3","Name":"demo","NTDomain":"corp","Host":{"$ref":"1"},"Type":"account"},'
    '{"$id":"4","CommandLine":"sh -c id","Type":"process"}]'
)


def frame(query: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows of a query, what is not given null."""
    columns = catalogue()[query].columns
    kinds: dict[str, Any] = {
        name: TIME if kind == "datetime" else STR for name, kind in columns.items()
    }
    return pd.DataFrame(rows, columns=list(columns)).astype(kinds)


def alert(**more: Any) -> dict[str, Any]:
    return {
        "TimeGenerated": utc("2026-03-13 02:14:00"), "SystemAlertId": "a-1",
        "AlertName": "SSH brute force", "AlertSeverity": "High", "Status": "New",
        "ProductName": "Defender for Cloud", "Entities": ENTITIES, "_ItemId": "alerts.csv:2",
        "StartTime": utc("2026-03-13 02:04:00"), "EndTime": utc("2026-03-13 02:11:00"), **more,
    }  # fmt: skip


def alerts(*rows: dict[str, Any]) -> pd.DataFrame:
    return told(frame("alerts", list(rows))).assign(Host=pd.Series(["web01"] * len(rows)))


@pytest.mark.parametrize(
    ("stated", "severity", "closed"),
    [
        pytest.param({}, "High", None, id="as stated"),
        pytest.param({"AlertSeverity": "medium"}, "Medium", None, id="in another case"),
        pytest.param({"AlertSeverity": "Critical"}, "High", None, id="critical"),
        pytest.param({"AlertSeverity": None}, "Medium", None, id="none is not overlooked"),
        pytest.param({"AlertSeverity": "Unknown"}, "Medium", None, id="nor an unknown one"),
        pytest.param({"Status": "Dismissed"}, "Informational", "dismissed", id="dismissed"),
        pytest.param({"Status": "Resolved"}, "High", None, id="resolved says not how"),
        pytest.param({"Status": "Resolved", "ExtendedProperties": '{"Classification":"TruePositive"}'},
                     "High", None, id="resolved and true"),
        pytest.param({"Status": "Resolved",
                      "ExtendedProperties": '{"Classification":"FalsePositive"}'},
                     "Informational", "resolved: FalsePositive", id="resolved and false"),
        pytest.param({"Status": "Closed", "ExtendedProperties": '{"determination":"Benign positive"}'},
                     "Informational", "closed: Benign positive", id="closed and benign"),
        pytest.param({"ExtendedProperties": '{"Note":"no false positive"}'}, "High", None,
                     id="only what judges counts"),
        pytest.param({"Status": "Resolved (false positive)"}, "Informational",
                     "Resolved (false positive)", id="status says it itself"),
        pytest.param({"ExtendedProperties": "no json"}, "High", None, id="no properties"),
    ],
)  # fmt: skip
def test_what_an_alert_comes_to(stated: Any, severity: str, closed: str | None) -> None:
    row = told(frame("alerts", [alert(**stated)])).iloc[0]
    said = f"13 Mar 02:04 {severity}: SSH brute force" + (f" ({closed})" if closed else "")
    assert (row["Severity"], None if pd.isna(row["Closed"]) else row["Closed"], row["Label"]) == (
        severity, closed, said,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("techniques", "sub", "expected"),
    [
        pytest.param('["T1110"]', "[]", ["T1110"], id="one"),
        pytest.param('["T1110","T1078"]', '["T1110.001"]', ["T1078", "T1110.001"],
                     id="a sub-technique takes its parent's place"),
        pytest.param("T1110, T1078.003", None, ["T1110", "T1078.003"], id="between commas"),
        pytest.param(None, None, [], id="none"),
        pytest.param('["TA0006","XT1110","T11"]', "", [], id="no techniques"),
    ],
)  # fmt: skip
def test_techniques(techniques: str | None, sub: str | None, expected: list[str]) -> None:
    row = told(frame("alerts", [alert(Techniques=techniques, SubTechniques=sub)])).iloc[0]
    assert row["AttackTechniques"] == expected


def test_times_that_are_not_stated_or_turned_round() -> None:
    none = {"StartTime": None, "EndTime": None, "SystemAlertId": "none"}
    round_ = {"EndTime": utc("2026-03-13 01:00"), "SystemAlertId": "round"}
    held = told(frame("alerts", [alert(**none), alert(**round_)]))
    assert held[["SystemAlertId", "Start", "End"]].values.tolist() == [
        ["round", utc("2026-03-13 02:04:00"), utc("2026-03-13 02:04:00")],
        ["none", utc("2026-03-13 02:14:00"), utc("2026-03-13 02:14:00")],
    ]


def test_gravest_first_then_earliest() -> None:
    rows = [
        alert(SystemAlertId="low", AlertSeverity="Low"),
        alert(SystemAlertId="late", StartTime=utc("2026-03-13 02:05")),
        alert(SystemAlertId="early"),
        alert(SystemAlertId="dismissed", Status="Dismissed"),
    ]
    assert list(told(frame("alerts", rows))["SystemAlertId"]) == [
        "early", "late", "low", "dismissed",
    ]  # fmt: skip


def test_an_alert_is_a_finding() -> None:
    tables = {
        "alerts": alerts(
            alert(Description="Many failures. ", Techniques='["T1110"]', Tactics="CredentialAccess")
        )
    }
    assert RaisedAlert().run(tables) == [
        Finding(
            "alerts", "Alert: SSH brute force", "High", ("T1110",),
            "Many failures; Defender for Cloud raised it with high severity; status New;"
            " tactics: CredentialAccess.",
            utc("2026-03-13 02:04:00"), utc("2026-03-13 02:11:00"), ("alerts.csv:2",),
            host="web01", user="demo", address="203.0.113.9", command="sh -c id",
        )
    ]  # fmt: skip


def test_an_alert_that_was_dismissed_says_so() -> None:
    bare = {"Entities": None, "ProductName": None, "_ItemId": None, "CompromisedEntity": "web01"}
    held = told(frame("alerts", [alert(Status="Dismissed", **bare)]))
    tables = {"alerts": held.assign(Host=pd.Series([None], dtype=STR))}
    assert RaisedAlert().run(tables) == [
        Finding(
            "alerts", "Alert: SSH brute force", "Informational", (),
            "A product that is not named raised it with high severity; it was dismissed.",
            utc("2026-03-13 02:04:00"), utc("2026-03-13 02:11:00"), ("a-1",), host="web01",
        )
    ]  # fmt: skip


def test_alerts_that_say_the_same_are_one_finding() -> None:
    later = utc("2026-03-13 05:00")
    tables = {
        "alerts": alerts(
            alert(),
            alert(SystemAlertId="a-2", StartTime=later, EndTime=later, _ItemId="alerts.csv:3"),
            alert(SystemAlertId="a-3", Entities="[]", _ItemId="alerts.csv:4"),
        )
    }
    found = RaisedAlert().run(tables)
    assert [(one.title, one.start, one.end, one.records, one.user) for one in found] == [
        ("Alert: SSH brute force (2 times)", utc("2026-03-13 02:04"), later,
         ("alerts.csv:2", "alerts.csv:3"), "demo"),
        ("Alert: SSH brute force", utc("2026-03-13 02:04"), utc("2026-03-13 02:11"),
         ("alerts.csv:4",), None),
    ]  # fmt: skip


def test_bookmarks() -> None:
    rows = [
        {
            "BookmarkId": "b-2", "BookmarkName": "later", "TimeGenerated": utc("2026-03-13 09:00"),
            "CreatedTime": utc("2026-03-13 08:00"), "CreatedBy": "ann", "Tags": "x, T1110 ,",
        },
        {
            "BookmarkId": "b-1", "BookmarkName": "Logon", "Notes": "see T1078.003",
            "TimeGenerated": utc("2026-03-13 09:25"), "LastUpdatedTime": utc("2026-03-13 09:24"),
            "EventTime": utc("2026-03-13 02:11"), "Tags": '["mine"]',
            "CreatedBy": '{"Name":"ann"}', "UpdatedBy": '{"name":"bob","email":"b@x.example"}',
            "Entities": ENTITIES, "QueryText": "Syslog | take 1", "QueryResultRow": '{"a":1}',
            "_ItemId": "b.csv:2",
        },
    ]  # fmt: skip
    held = bookmarked(frame("bookmarks", rows)).astype(object)
    assert held.where(held.notna(), None).to_dict("records") == [
        {
            "Time": utc("2026-03-13 02:11"), "Name": "Logon", "Notes": "see T1078.003",
            "Tags": ["mine"], "AttackTechniques": ["T1078.003"],
            "Entities": ["host web01", "ip 203.0.113.9", "account corp\\demo", "process sh -c id"],
            "By": "bob", "Updated": utc("2026-03-13 09:24"), "Query": "Syslog | take 1",
            "Row": '{"a":1}', "BookmarkId": "b-1", "_ItemId": "b.csv:2",
        },
        {
            "Time": utc("2026-03-13 08:00"), "Name": "later", "Notes": None,
            "Tags": ["x", "T1110"], "AttackTechniques": ["T1110"], "Entities": [], "By": "ann",
            "Updated": utc("2026-03-13 09:00"), "Query": None, "Row": None, "BookmarkId": "b-2",
            "_ItemId": None,
        },
    ]  # fmt: skip


def test_near() -> None:
    tables = {
        "logons": events("logons", [
            logon("2026-03-13 02:00:00", "Failure", EventMessage="Failed", EventUid="l:1"),
            logon("2026-03-13 02:09:00", EventMessage="Accepted", EventUid="l:2"),
            logon("2026-03-13 03:00:00", EventMessage="Accepted", EventUid="l:3"),
        ]),
        "sudo": events("sudo", [{
            "TimeGenerated": utc("2026-03-13 02:05"), "ActorUsername": "demo",
            "CommandLine": "/bin/id", "EventUid": "s:1",
        }]),
        "cron": events("cron", [
            {"TimeGenerated": utc("2026-03-13 02:06"), "EventType": "Run", "EventUid": "c:1"},
            {"TimeGenerated": utc("2026-03-13 02:07"), "EventType": "Edit",
             "ActorUsername": "root", "EventUid": "c:2"},
        ]),
        "processes": events("processes", [{
            "TimeGenerated": utc("2026-03-13 02:08"), "CommandLine": "sh -c id", "EventUid": "p:1",
        }]),
    }  # fmt: skip
    held = near(tables, utc("2026-03-13 02:00"), utc("2026-03-13 02:09"),
                ["demo", "deploy", "203.0.113.9", "sh -c id", "demo", ""])  # fmt: skip
    held = held.astype(object)
    names = ["What", "User", "Address", "Message", "Names", "EventUid"]
    assert held.where(held.notna(), None)[names].values.tolist() == [
        ["failed logon", "deploy", "203.0.113.9", "Failed", "deploy, 203.0.113.9", "l:1"],
        ["sudo", "demo", None, "/bin/id", "demo", "s:1"],
        ["cron", "root", None, "Edit", None, "c:2"],
        ["process", None, None, "sh -c id", "sh -c id", "p:1"],
        ["logon", "deploy", "203.0.113.9", "Accepted", "deploy, 203.0.113.9", "l:2"],
    ]


def test_nothing_near() -> None:
    assert near({}, utc("2026-03-13"), utc("2026-03-14")).to_dict("records") == []
