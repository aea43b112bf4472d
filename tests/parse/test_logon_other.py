"""Logons and processes of hosts of which only Defender or ASIM tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from pandas.testing import assert_frame_equal

from linuxhunt.parse.logon_other import (
    asim_auth,
    asim_processes,
    defender_auth,
    other_logons,
    other_sessions,
)
from linuxhunt.parse.proc_defender import defender_processes
from linuxhunt.workspace import catalogue
from linuxhunt.workspace.normalise import normalise
from tests.made import events, utc


def rows(name: str, given: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a query of that name brings them."""
    columns = catalogue()[name].columns
    frame = pd.DataFrame([{column: row.get(column) for column in columns} for row in given])
    return normalise(frame, columns)


def saw(time: str, action: str, program: str = "sshd", **more: Any) -> dict[str, Any]:
    return {
        "TimeGenerated": utc(f"2026-03-12 {time}"),
        "DeviceName": "web01",
        "ActionType": action,
        "InitiatingProcessFileName": program,
        "_ItemId": f"d:{time}",
        **more,
    }


AT = {"DvcHostname": "web01", "EventSubType": "Authentication", "EventCount": 1}


def test_defender_whole_rows() -> None:
    found = defender_auth(
        rows(
            "logons_defender",
            [
                saw("10:00:02", "LogonSuccess", AccountName="deploy", RemoteIP="203.0.113.9",
                    RemotePort=40001, LogonId=77, LogonType="Network", InitiatingProcessId=900),
                saw("10:00:01", "LogonFailed", AccountName="root", RemoteIP="203.0.113.9",
                    FailureReason="InvalidUserNameOrPassword", RemotePort=0),
                saw("10:00:03", "LogonSuccess", "sudo", AccountName="root"),
                saw("10:00:04", "LogonAttempted", "tool", AccountName="bob", RemoteIP="",
                    Protocol="Local", FailureReason="strange"),
            ],
        )
    )  # fmt: skip
    expected = events(
        "auth",
        [
            {**AT, "TimeGenerated": utc("2026-03-12 10:00:01"), "EventType": "Logon",
             "EventResult": "Failure", "EventResultDetails": "Incorrect password",
             "EventOriginalResultDetails": "InvalidUserNameOrPassword", "TargetUsername": "root",
             "SrcIpAddr": "203.0.113.9", "LogonProtocol": "SSH", "TargetAppName": "sshd",
             "EventUid": "d:10:00:01"},
            {**AT, "TimeGenerated": utc("2026-03-12 10:00:02"), "EventType": "Logon",
             "EventResult": "Success", "TargetUsername": "deploy", "SrcIpAddr": "203.0.113.9",
             "SrcPortNumber": 40001, "LogonProtocol": "SSH", "TargetAppName": "sshd",
             "TargetAppId": 900, "AdditionalFields": {"LogonId": "77", "LogonType": "Network"},
             "EventUid": "d:10:00:02"},
            {**AT, "TimeGenerated": utc("2026-03-12 10:00:03"), "EventType": "Elevate",
             "EventResult": "Success", "TargetUsername": "root", "LogonProtocol": "sudo",
             "TargetAppName": "sudo", "EventUid": "d:10:00:03"},
            {**AT, "TimeGenerated": utc("2026-03-12 10:00:04"), "EventType": "Info",
             "EventResult": "NA", "TargetUsername": "bob", "LogonProtocol": "Local",
             "TargetAppName": "tool", "EventUid": "d:10:00:04"},
        ],
    )  # fmt: skip
    assert_frame_equal(found, expected)
    logons = other_logons(found)
    assert logons[["TargetUsername", "EventResult", "AttemptIndex"]].values.tolist() == [
        ["root", "Failure", 1],
        ["deploy", "Success", 1],
    ]
    assert logons["RecordIds"].tolist() == [["d:10:00:01"], ["d:10:00:02"]]
    assert_frame_equal(
        other_sessions(found, "defender"),
        events(
            "sessions",
            [
                {"LogonSessionId": "d:10:00:02", "DvcHostname": "web01",
                 "TargetUsername": "deploy", "SrcIpAddr": "203.0.113.9", "SrcPortNumber": 40001,
                 "LogonProtocol": "SSH", "EventStartTime": utc("2026-03-12 10:00:02"),
                 "EndReason": "unknown", "TargetAppName": "sshd", "TargetAppId": 900,
                 "Witnesses": ["defender"], "EventUid": "d:10:00:02",
                 "RecordIds": ["d:10:00:02"]},
            ],
        ),
    )  # fmt: skip


def asim(time: str, kind: str, result: str, **more: Any) -> dict[str, Any]:
    return {
        "TimeGenerated": utc(f"2026-03-12 {time}"),
        "EventType": kind,
        "EventResult": result,
        "EventProduct": "Some product",
        "EventCount": 1,
        "_ItemId": f"a:{time}",
        **more,
    }


def test_asim_logs_off() -> None:
    found = asim_auth(
        rows(
            "logons_asim",
            [
                asim("10:00:00", "Logon", "Success", TargetHostname="db01", TargetUsername="ann",
                     TargetUserId="1001", SrcIpAddr="192.0.2.7", TargetSessionId="s1"),
                asim("10:30:00", "Logoff", "Success", TargetHostname="db01", TargetUsername="ann",
                     TargetSessionId="s1"),
                asim("10:40:00", "Logon", "Failure", DvcHostname="db01", TargetUserId="S-1-5",
                     EventResultDetails="No such user or password", _ItemId=""),
            ],
        )
    )  # fmt: skip
    columns = ["DvcHostname", "EventType", "EventResultDetails", "EventUid"]
    told = found[columns].astype(object).where(found[columns].notna(), None)
    assert told.values.tolist() == [
        ["db01", "Logon", None, "a:10:00:00"],
        ["db01", "Logoff", None, "a:10:30:00"],
        ["db01", "Logon", "Incorrect password", None],
    ]
    assert found["TargetUserId"].fillna(-1).tolist() == [1001, -1, -1]
    assert other_logons(found)["RecordIds"].tolist() == [["a:10:00:00"], []]
    sessions = other_sessions(found, "asim")
    assert sessions[["EventStartTime", "EventEndTime", "EndReason"]].values.tolist() == [
        [utc("2026-03-12 10:00:00"), utc("2026-03-12 10:30:00"), "closed"]
    ]


def test_asim_processes_have_their_parents() -> None:
    found = defender_processes(
        asim_processes(
            rows(
                "processes_asim",
                [
                    {"TimeGenerated": utc("2026-03-12 10:00:00"), "EventType": "ProcessCreated",
                     "DvcHostname": "web01", "TargetProcessName": "/bin/sh",
                     "TargetProcessId": "40", "TargetProcessCommandLine": "sh -c id",
                     "ActingProcessName": "/usr/sbin/nginx", "ActingProcessId": "30",
                     "_ItemId": "p:1"},
                    {"TimeGenerated": utc("2026-03-12 10:00:01"), "EventType": "ProcessCreated",
                     "DvcHostname": "web01", "TargetProcessName": "/usr/bin/id",
                     "TargetProcessId": "41", "TargetProcessCommandLine": "id",
                     "ActingProcessName": "/bin/sh", "ActingProcessId": "40", "_ItemId": "p:2"},
                    {"TimeGenerated": utc("2026-03-12 10:00:02"),
                     "EventType": "ProcessTerminated", "DvcHostname": "web01",
                     "TargetProcessName": "/usr/bin/id", "TargetProcessId": "41",
                     "_ItemId": "p:3"},
                    {"TimeGenerated": utc("2026-03-12 10:00:03"), "EventType": "ProcessCreated",
                     "DvcHostname": "web01", "TargetProcessId": "0x29", "_ItemId": "p:4"},
                ],
            )
        )
    )  # fmt: skip
    names = dict(zip(found["TargetProcessGuid"], found["TargetProcessFilename"], strict=True))
    assert [
        (row["TargetProcessName"], row["CommandLine"], names.get(row["ActingProcessGuid"]))
        for row in found.to_dict("records")
        if row["EventResult"] == "Success"
    ] == [("/bin/sh", "sh -c id", None), ("/usr/bin/id", "id", "sh")]
