"""Findings get the other lines of the program runs that theirs belong to, and no others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from linuxhunt.sections.bad_session import distrusted, told_once, whole_sessions
from linuxhunt.sections.evidence import widened
from linuxhunt.sections.finding import Finding
from tests.made import events, utc

START = utc("2026-03-12 10:00:00")


def at(second: float) -> pd.Timestamp:
    return START + pd.Timedelta(seconds=second)


def finding(*records: str, **more: Any) -> Finding:
    given = {"severity": "High", "title": "t", "start": START, "end": at(60), **more}
    return Finding(
        "applications", given.pop("title"), given.pop("severity"), ("T1059",), "r",
        given.pop("start"), given.pop("end"), records, **given,
    )  # fmt: skip


def line(second: float, pid: int | None, uid: str, protocol: str = "SSH") -> dict[str, Any]:
    return {
        "TimeGenerated": at(second), "DvcHostname": "web01", "LogonProtocol": protocol,
        "TargetAppName": protocol, "TargetAppId": pid, "EventUid": uid,
    }  # fmt: skip


def process(second: float, pid: int, guid: str, **more: Any) -> dict[str, Any]:
    return {
        "TimeGenerated": at(second), "DvcHostname": "web01", "TargetProcessId": pid,
        "TargetProcessGuid": guid, "EventResult": "Success", "RecordIds": [f"audit:{guid}"], **more,
    }  # fmt: skip


def told(second: float, pid: int, uid: str, **more: Any) -> dict[str, Any]:
    return {
        "TimeGenerated": at(second), "DvcHostname": "web01", "pid": pid, "EventUid": uid,
        "RecordIds": [uid, f"{uid}+"], **more,
    }  # fmt: skip


def tables(**given: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    kinds = ("auth", "sessions", "processes", "audit", "accounts", "cron", "sudo")
    return {kind: events(kind, given.get(kind, [])) for kind in kinds}


def test_lines_of_one_connection_are_one_run() -> None:
    auth = [
        line(0, 700, "a"), line(5, 700, "b"), line(6, 701, "other pid"),
        line(8, 700, "other program", "sudo"), line(2_000, 700, "pid used again"),
        line(2_001, 700, "c"),
    ]  # fmt: skip
    (found,) = widened([finding("b")], tables(auth=auth))
    assert found.records == ("b", "a")
    (later,) = widened([finding("c")], tables(auth=auth))
    assert later.records == ("c", "pid used again")


def test_a_process_has_what_it_told_audit_and_the_log() -> None:
    held = tables(
        processes=[process(0, 700, "sudo"), process(9_000, 700, "again")],
        audit=[told(0.1, 700, "cmd"), told(4, 700, "end"), told(9_001, 700, "late"),
               told(1, 701, "x")],
        accounts=[{"TimeGenerated": at(0), "DvcHostname": "web01", "ActingAppId": 700,
                   "RecordIds": ["made"]}],
        cron=[{"TimeGenerated": at(2), "DvcHostname": "web01", "TargetAppId": 700,
               "EventType": "Edit", "EventUid": "edit"}],
        auth=[line(0, 700, "sudo line", "sudo")],
    )  # fmt: skip
    (found,) = widened([finding("audit:sudo")], held)
    assert found.records[0] == "audit:sudo"
    assert sorted(found.records) == [
        "audit:sudo", "cmd", "cmd+", "edit", "end", "end+", "made", "sudo line",
    ]  # fmt: skip


def session(uid: str, protocol: str, pid: int, start: float, end: float | None, **more: Any) -> Any:
    return {
        "LogonSessionId": uid, "DvcHostname": "web01", "TargetUsername": "root",
        "LogonProtocol": protocol, "TargetAppId": pid, "EventStartTime": at(start),
        "EventEndTime": None if end is None else at(end), "RecordIds": [uid, f"{uid} closed"],
        **more,
    }  # fmt: skip


def test_a_job_has_the_lines_of_its_session_with_audit_and_without() -> None:
    sessions = [session("job", "cron", 800, 0, 2), session("next", "cron", 900, 1, 3)]
    cron = [{"TimeGenerated": at(0), "DvcHostname": "web01", "TargetUsername": "root",
             "EventType": "Run", "TargetAppId": 801, "EventUid": "cmd"}]  # fmt: skip
    auth = [line(2, 800, "setcred", "cron")]
    (found,) = widened([finding("cmd")], tables(sessions=sessions, cron=cron, auth=auth))
    assert found.records == ("cmd", "job", "job closed", "setcred")
    ran = [process(0, 802, "p", LogonSessionId="job")]
    (found,) = widened([finding("audit:p")], tables(sessions=sessions, processes=ran))
    assert found.records == ("audit:p", "job", "job closed")


def test_a_table_of_jobs_has_crons_line_about_reading_it() -> None:
    cron = [
        {"TimeGenerated": at(second), "DvcHostname": "web01", "TargetUsername": name,
         "EventType": "Reload", "EventUid": uid}
        for second, name, uid in ((70, "*system*x", "read"), (70, "*system*y", "other"),
                                  (900, "*system*x", "late"))
    ]  # fmt: skip
    given = finding("a", command="tee /etc/cron.d/x", host="web01")
    (found,) = widened([given], tables(cron=cron))
    assert found.records == ("a", "read")


def test_nothing_to_add_leaves_findings_as_they_are() -> None:
    given = [finding("a"), finding("b", severity="Low")]
    assert widened(given, tables()) == given
    assert widened([], tables()) == []


def test_the_rest_of_a_session_is_evidence() -> None:
    sessions = [
        session("top", "SSH", 700, 0, 100, TargetUsername="eve", TargetUserId=1001,
                SrcIpAddr="203.0.113.9", LogindSession="7", AuditSession=7),
        session("sudo", "sudo", 710, 10, 90, ParentSessionId="top", AuditSession=7),
        session("manager", "systemd-user", 705, 1, 110, TargetUsername="eve"),
        session("bystander", "SSH", 800, 5, 100, TargetUsername="ana", AuditSession=8),
    ]  # fmt: skip
    held = tables(
        sessions=sessions,
        processes=[process(20, 720, "chown", LogonSessionId="sudo"),
                   process(21, 820, "ls", LogonSessionId="bystander")],
        audit=[told(30, 720, "seven", ses=7), told(30, 820, "eight", ses=8),
               told(1, 705, "manager's", ses=None), told(90_000, 5, "reboot", ses=7)],
        sudo=[{"TimeGenerated": at(10), "DvcHostname": "web01", "LogonSessionId": "top",
               "RecordIds": ["command"]}],
    )  # fmt: skip
    systemd = pd.DataFrame(
        [
            (at(1), "web01", 1, "Started Session 7 of User eve.", "started"),
            (at(1), "web01", 705, "Reached target Main User Target.", "reached"),
            (at(1), "web01", 1, "Started Daily apt activities.", "apt"),
            (at(50), "web01", 705, "Starting x...", "between"),
            (at(105), "web01", 1, "Stopping User Manager for UID 1001...", "stopping"),
            (at(1), "db01", 1, "Started Session 7 of User eve.", "elsewhere"),
        ],
        columns=["TimeGenerated", "Computer", "ProcessID", "SyslogMessage", "_ItemId"],
    )
    findings = [finding("a", session="sudo"), finding("b", session="bystander", severity="Medium")]
    held["logins"] = pd.DataFrame(
        [(at(100), "web01", 700, "wtmp:9"), (at(100), "db01", 700, "wtmp:8"),
         (at(5_000), "web01", 700, "wtmp:10"), (at(50), "web01", 999, "wtmp:7")],
        columns=["TimeGenerated", "Computer", "ProcessID", "_ItemId"],
    )  # fmt: skip
    bad = distrusted(findings, held["sessions"])
    (found,) = whole_sessions(bad, held, systemd)
    assert (found.severity, found.user, found.address, found.session, found.host) == (
        "Medium", "eve", "203.0.113.9", "top", "web01",
    )  # fmt: skip
    assert set(found.records) == {
        "top", "top closed", "sudo", "sudo closed", "manager", "manager closed", "audit:chown",
        "seven", "seven+", "manager's", "manager's+", "command", "started", "reached", "stopping",
        "wtmp:9",
    }  # fmt: skip
    assert (found.start, found.end) == (START, at(100))
    assert found.reason.startswith("1 finding of High about this session; it has 1 commands")


def test_a_session_is_told_of_once() -> None:
    summed = replace(finding("a", session="top"), title="Session of eve: 2 High findings")
    changed = replace(finding("b", session="top"), title="Changes in the session of eve: x")
    whole = replace(
        finding("c", session="top"), title="A session to distrust as a whole: eve",
        start=summed.start - pd.Timedelta(hours=1),
    )  # fmt: skip
    alone = replace(whole, session="other")
    told = told_once([summed, changed], [whole, alone])
    assert [one.title for one in told] == [summed.title, changed.title, alone.title]
    assert told[0] == replace(
        summed, start=whole.start, records=tuple(dict.fromkeys([*summed.records, *whole.records]))
    )
    assert told[1:] == [changed, alone]
    assert told_once([changed], [whole]) == [changed, whole]


def test_no_grave_finding_distrusts_no_session() -> None:
    sessions = events("sessions", [session("top", "SSH", 700, 0, None)])
    assert distrusted([finding("a", session="top", severity="Medium")], sessions) == []
    assert distrusted([finding("a", session="elsewhere"), finding("b")], sessions) == []


def test_what_one_daemon_says_of_everybody_is_told_apart_by_session() -> None:
    """systemd-logind has one pid for all sessions, and speaks of one every few minutes."""
    auth = [
        {
            **line(second, 865, f"{session} {word}", "systemd-logind"),
            "AdditionalFields": {"LogindSession": session},
        }
        for second, session, word in (
            (0, "7", "new"),
            (60, "8", "new"),
            (2_000, "7", "out"),
            (2_001, "7", "removed"),
        )
    ]
    auth.append(line(1, 865, "watching", "systemd-logind"))
    (found,) = widened([finding("7 new")], tables(auth=auth))
    assert found.records == ("7 new", "7 out", "7 removed")
    (other,) = widened([finding("watching")], tables(auth=auth))
    assert other.records == ("watching",)
