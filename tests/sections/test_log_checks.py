"""Were the logs silenced: what daemons say of themselves, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import pytest

from linuxhunt.schema import STR, TIME, empty
from linuxhunt.sections import findings_frame
from linuxhunt.sections.finding import Finding
from linuxhunt.sections.log_checks import (
    CHECKS,
    ActsAgainstLogs,
    ClockMoved,
    LinesLost,
    NulLines,
)
from linuxhunt.sections.log_daemons import AuditRulesRemoved, DaemonStopped
from linuxhunt.sections.log_events import COLUMNS, log_events
from linuxhunt.sections.log_silent import LogSilent
from linuxhunt.sections.silence import hourly, silence_after
from tests.made import events, utc

DAY = "2026-03-12 "
RSYSLOG = (
    '[origin software="rsyslogd" swVersion="8.2112.0" x-pid="8" x-info="https://www.rsyslog.com"]'
)


def at(time: str) -> pd.Timestamp:
    return utc(DAY + time)


@pytest.mark.parametrize(
    ("program", "message", "what", "daemon"),
    [
        ("rsyslogd", f"{RSYSLOG} exiting on signal 15.", "stop", "syslog"),
        ("rsyslogd", f"{RSYSLOG} start", "start", "syslog"),
        ("rsyslogd", f"{RSYSLOG} rsyslogd was HUPed", None, None),
        ("rsyslogd", "imuxsock lost 812 messages from pid 90 due to rate-limiting", None, None),
        ("rsyslogd", "imjournal: 812 messages lost due to rate-limiting", "lost", "syslog"),
        ("syslogd", "exiting on signal 15", "stop", "syslog"),
        ("syslogd", "syslogd started: BusyBox v1.36.1", "start", "syslog"),
        ("syslog-ng", "syslog-ng shutting down; version='3.38.1'", "stop", "syslog"),
        ("syslog-ng", "syslog-ng starting up; version='3.38.1'", "start", "syslog"),
        ("systemd", "Stopped System Logging Service.", "stop", "syslog"),
        ("systemd", "Stopped rsyslog.service - System Logging Service.", "stop", "syslog"),
        ("systemd", "Started rsyslog.service - System Logging Service.", "start", "syslog"),
        ("systemd", "Stopping rsyslog.service - System Logging Service...", None, None),
        ("systemd", "rsyslog.service: Main process exited, code=killed, status=9/KILL", "killed",
         "syslog"),
        ("systemd", "Stopped Security Auditing Service.", "stop", "audit"),
        ("systemd", "Started auditd.service - Security Audit Logging Service.", "start", "audit"),
        ("systemd", "Stopped nginx.service - A high performance web server.", None, None),
        ("systemd-journald", "Journal stopped", "stop", "journal"),
        ("systemd-journald", "Journal started", "start", "journal"),
        ("systemd-journald", "Suppressed 812 messages from x.service", "lost", "journal"),
        ("systemd-journald", "Time jumped backwards, rotating.", "clock", "journal"),
        ("auditd", "The audit daemon is exiting.", "stop", "audit"),
        ("auditd", "Init complete, auditd 3.0.7 listening for events (startup state enable)",
         "start", "audit"),
        ("kernel", "[   12.1] audit: type=1305 audit(1.2:3): audit_enabled=0 old=1 auid=1000 ses=2",
         "off", "audit"),
        ("kernel", "audit: backlog limit exceeded", "lost", "audit"),
        ("kernel", "[    0.000000] Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)",
         "boot", "host"),
        ("systemd-logind", "System is rebooting.", "shutdown", "host"),
        ("systemd", "Reached target reboot.target - System Reboot.", "shutdown", "host"),
        ("systemd", "Reached target Shutdown.", None, None),  # a user's own systemd says it, too
        ("systemd", "Startup finished in 2.1s (kernel) + 8.2s (userspace) = 10.3s.", "boot", "host"),
        ("systemd", "Startup finished in 98ms.", None, None),
        ("chronyd", "System clock was stepped by 3600.000123 seconds", "clock", "clock"),
        ("chronyd", "Forward time jump detected!", "clock", "clock"),
        ("ntpd", "time reset -3600.123456 s", "clock", "clock"),
        ("systemd", "Time has been changed", "clock", "clock"),
        ("myapp", "half a line\\x00\\x00\\x00\\x00\\x00", "nul", "file"),
        ("myapp", "half a line#000#000#000#000", "nul", "file"),
        ("myapp", f"{RSYSLOG} exiting on signal 15.", None, None),  # says who likes to
        ("", "", None, None),
    ],
)  # fmt: skip
def test_messages(program: str, message: str, what: str | None, daemon: str | None) -> None:
    rows = pd.DataFrame(
        {
            "TimeGenerated": [at("10:00")], "Computer": ["web01"], "ProcessName": [program],
            "SyslogMessage": [message], "_ItemId": ["syslog:1"],
        }
    ).astype({"TimeGenerated": TIME, "ProcessName": STR, "SyslogMessage": STR})  # fmt: skip
    held = log_events(rows, empty("audit"))
    assert held[["What", "Daemon", "Message"]].values.tolist() == (
        [[what, daemon, message]] if what else []
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({"type": "DAEMON_END"}, [["stop", "audit", None, "DAEMON_END"]], id="end"),
        pytest.param({"type": "DAEMON_START"}, [["start", "audit", None, "DAEMON_START"]],
                     id="start"),
        pytest.param({"type": "SYSTEM_SHUTDOWN"}, [["shutdown", "host", None, "SYSTEM_SHUTDOWN"]],
                     id="shutdown"),
        pytest.param({"type": "CONFIG_CHANGE", "auid": 1000, "op": "set",
                      "fields": {"audit_enabled": "0", "old": "1"}},
                     [["off", "audit", 1000, "CONFIG_CHANGE set"]], id="switched off"),
        pytest.param({"type": "CONFIG_CHANGE", "fields": {"audit_enabled": "1", "old": "0"}},
                     [["start", "audit", None, "CONFIG_CHANGE"]], id="switched on"),
        pytest.param({"type": "CONFIG_CHANGE", "fields": {"audit_enabled": "0", "old": "0"}}, [],
                     id="was off"),
        pytest.param({"type": "CONFIG_CHANGE", "auid": 1000, "op": "remove_rule", "key": "exec",
                      "fields": {}}, [["rules", "audit", 1000, "CONFIG_CHANGE remove_rule key exec"]],
                     id="a rule removed"),
        pytest.param({"type": "CONFIG_CHANGE", "op": "add_rule", "fields": {}},
                     [["added", "audit", None, "CONFIG_CHANGE add_rule"]], id="a rule added"),
        pytest.param({"type": "SERVICE_STOP", "fields": {"unit": "rsyslog"}},
                     [["stop", "syslog", None, "SERVICE_STOP rsyslog"]], id="a service stopped"),
        pytest.param({"type": "SERVICE_STOP", "fields": {"unit": "nginx"}}, [],
                     id="another service"),
        pytest.param({"type": "USER_LOGIN", "fields": {}}, [], id="another record"),
    ],
)  # fmt: skip
def test_audit_records(row: dict[str, Any], expected: list[Any]) -> None:
    frame = events("audit", [{"TimeGenerated": at("10:00"), "EventUid": "audit.log:1", **row}])
    none = pd.DataFrame(
        {"TimeGenerated": [], "Computer": [], "ProcessName": [], "SyslogMessage": [], "_ItemId": []}
    )
    held = log_events(none, frame)[["What", "Daemon", "ActorUserId", "Message"]].astype(object)
    assert held.where(held.notna(), None).values.tolist() == expected


Rate = tuple[str, str, int]


def volume(**logs: Iterable[Rate]) -> pd.DataFrame:
    """Return ten-minute counts: by log the stretches (from, to, rows in each bin)."""
    rows = [
        ("AuditLog_CL" if log.startswith("Audit") else "Syslog", log, time, count)
        for log, stretches in logs.items()
        for first, last, count in stretches
        for time in pd.date_range(at(first), at(last), freq="10min", inclusive="left")
    ]
    frame = pd.DataFrame(rows, columns=["TableName", "Log", "TimeGenerated", "Rows"])
    return frame.astype({"TableName": STR, "Log": STR, "TimeGenerated": TIME, "Rows": "Int64"})


GOES_ON = volume(auth=[("06:00", "18:00", 5)], system=[("06:00", "18:00", 5)])
CUT = volume(auth=[("06:00", "10:00", 5), ("12:00", "18:00", 5)],
             system=[("06:00", "10:00", 5), ("12:00", "18:00", 5)],
             AuditLog_CL=[("06:00", "18:00", 5)])  # fmt: skip
NO_MORE = volume(auth=[("06:00", "10:00", 5)], system=[("06:00", "10:00", 5)],
                 AuditLog_CL=[("06:00", "18:00", 5)])  # fmt: skip
NO_AUDIT = volume(auth=[("06:00", "18:00", 5)], AuditLog_CL=[("06:00", "10:00", 5)])
OFF = volume(auth=[("06:00", "10:00", 5)], system=[("06:00", "10:00", 5)])


def happened(*rows: tuple[str, str, str] | tuple[str, str, str, int]) -> pd.DataFrame:
    held = [
        {
            "TimeGenerated": at(time), "What": what, "Daemon": daemon,
            "ActorUserId": person[0] if person else None, "Message": what, "EventUid": f"{time}",
        }
        for time, what, daemon, *person in rows
    ]  # fmt: skip
    return pd.DataFrame(held, columns=list(COLUMNS)).astype(COLUMNS)


def act(time: str, title: str = "Security log destroyed: rm") -> Finding:
    return Finding(
        "applications", title, "High", ("T1070.002",), "", at(time), at(time), (f"act {time}",)
    )


def tables(
    counted: pd.DataFrame = GOES_ON,
    said: pd.DataFrame | None = None,
    acts: Iterable[Finding] = (),
) -> dict[str, pd.DataFrame]:
    window = {"Start": [at("06:00")], "End": [at("18:00")]}
    return {
        "volume": counted,
        "log_events": said if said is not None else happened(),
        "acts": findings_frame(acts),
        "scope": pd.DataFrame({"Host": ["web01"], **window}).astype({"Host": STR}),
        "reach": pd.DataFrame(window),
    }


STOP = ("10:00", "stop", "syslog")


@pytest.mark.parametrize(
    ("counted", "said", "found"),
    [
        pytest.param(GOES_ON, [], [], id="nothing"),
        pytest.param(GOES_ON, [STOP, ("10:01", "start", "syslog")], [], id="a restart"),
        pytest.param(CUT, [("09:59", "shutdown", "host"), STOP, ("12:00", "start", "syslog")], [],
                     id="the host went down"),
        pytest.param(CUT, [STOP, ("12:00", "boot", "host"), ("12:01", "start", "syslog")], [],
                     id="the host came up again"),
        pytest.param(GOES_ON, [STOP, ("12:00", "start", "syslog")],
                     [("Low", "The syslog daemon stopped", "10:00", "10:00")],
                     id="a stop, and the log goes on"),
        pytest.param(CUT, [STOP, ("12:00", "start", "syslog")],
                     [("High", "The syslog daemon stopped, and its log is silent", "10:00",
                       "12:00")], id="a stop and a silence"),
        pytest.param(NO_MORE, [STOP],
                     [("High", "The syslog daemon stopped, and its log is silent", "10:00",
                       "18:00")], id="never started again"),
        pytest.param(OFF, [STOP], [("Low", "The syslog daemon stopped", "10:00", "10:00")],
                     id="all of the host is silent"),
        pytest.param(NO_AUDIT, [("10:00", "off", "audit", 1000)],
                     [("High", "Auditing switched off, and its log is silent", "10:00", "18:00")],
                     id="auditing switched off"),
        pytest.param(NO_AUDIT, [("10:00", "stop", "syslog"), ("12:00", "start", "syslog")],
                     [("Low", "The syslog daemon stopped", "10:00", "10:00")],
                     id="another daemon's log is silent"),
        pytest.param(CUT, [STOP, ("10:00", "killed", "syslog"), ("10:02", "stop", "syslog"),
                           ("12:00", "start", "syslog")],
                     [("High", "The syslog daemon stopped, and its log is silent", "10:00",
                       "12:00")], id="one stop by several witnesses"),
        pytest.param(GOES_ON, [("08:00", "stop", "journal"), ("09:00", "start", "journal"),
                               ("10:00", "stop", "journal")],
                     [("Low", "The journal stopped", "08:00", "08:00"),
                      ("Low", "The journal stopped", "10:00", "10:00")], id="twice"),
    ],
)  # fmt: skip
def test_daemons(counted: pd.DataFrame, said: list[Any], found: list[Any]) -> None:
    held = DaemonStopped().run(tables(counted, happened(*said)))
    assert [(one.severity, one.title, one.start, one.end) for one in held] == [
        (severity, title, at(start), at(end)) for severity, title, start, end in found
    ]


def test_a_stop_says_who_and_how_long() -> None:
    said = happened(("10:00", "stop", "syslog", 1000), ("12:00", "start", "syslog"))
    assert DaemonStopped().run(tables(CUT, said)) == [
        Finding(
            "overview", "The syslog daemon stopped, and its log is silent", "High", ("T1562.001",),
            "The syslog daemon was stopped and started again 2.0 hours later, by the user with id"
            " 1000; auth says nothing for 110 minutes after it, where about 55 rows were to be"
            " expected; system says nothing for 110 minutes after it, where about 55 rows were to"
            " be expected. Neither a restart nor a reboot explains it.",
            at("10:00"), at("12:00"), ("10:00",), host="web01",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("counted", "said", "acts", "found"),
    [
        pytest.param(GOES_ON, [], [], [], id="no silence"),
        pytest.param(GOES_ON, [], [act("10:05")], [], id="an act, and the log goes on"),
        pytest.param(CUT, [], [], [("Low", "The authentication log is silent", "10:00", "12:00"),
                                   ("Low", "The system log is silent", "10:00", "12:00")],
                     id="a silence"),
        pytest.param(CUT, [("10:01", "shutdown", "host"), ("12:00", "boot", "host")], [],
                     [("Informational", "The authentication log is silent", "10:00", "12:00"),
                      ("Informational", "The system log is silent", "10:00", "12:00")],
                     id="the host was down"),
        pytest.param(CUT, [], [act("09:55")],
                     [("High", "The authentication log is silent", "10:00", "12:00"),
                      ("High", "The system log is silent", "10:00", "12:00")],
                     id="from an act on"),
        pytest.param(CUT, [], [act("14:00")],
                     [("Low", "The authentication log is silent", "10:00", "12:00"),
                      ("Low", "The system log is silent", "10:00", "12:00")], id="an act after it"),
        pytest.param(volume(auth=[("06:00", "10:00", 9), ("10:30", "18:00", 9)]), [],
                     [act("09:59")], [("High", "The authentication log is silent", "10:00",
                                       "10:30")], id="short, from an act on"),
        pytest.param(volume(auth=[("06:00", "10:00", 9), ("10:30", "18:00", 9)]), [], [], [],
                     id="short, and no act"),
        pytest.param(volume(auth=[("06:00", "10:00", 1), ("10:40", "18:00", 1)]), [],
                     [act("09:59")], [], id="a quiet log, from an act on"),
    ],
)  # fmt: skip
def test_silences(
    counted: pd.DataFrame, said: list[Any], acts: list[Finding], found: list[Any]
) -> None:
    held = LogSilent().run(tables(counted, happened(*said), acts))
    assert [(one.severity, one.title, one.start, one.end) for one in held] == [
        (severity, title, at(start), at(end)) for severity, title, start, end in found
    ]


def test_a_silence_from_an_act_on_holds_its_records() -> None:
    counted = volume(auth=[("06:00", "10:00", 9), ("10:30", "18:00", 9)])
    assert LogSilent().run(tables(counted, None, [act("09:59")])) == [
        Finding(
            "overview", "The authentication log is silent", "High", ("T1562.006", "T1070.002"),
            "auth says nothing for 30 minutes, where about 27 rows were to be expected; it falls"
            " silent as the act is done; just before: Security log destroyed: rm.",
            at("10:00"), at("10:30"), ("act 09:59",), host="web01",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "found"),
    [
        pytest.param([("10:00", "rules", "audit", 1000), ("10:00", "rules", "audit", 1000)],
                     [("Audit rules removed: 2", ("10:00", "10:00"))], id="removed"),
        pytest.param([("10:00", "rules", "audit", 1000), ("10:01", "added", "audit", 1000)], [],
                     id="and loaded again"),
        pytest.param([("10:00", "rules", "audit")], [], id="by no person"),
        pytest.param([("10:00", "rules", "audit", 1000), ("11:00", "rules", "audit", 1000)],
                     [("Audit rules removed: 1", ("10:00",)),
                      ("Audit rules removed: 1", ("11:00",))], id="an hour apart"),
    ],
)  # fmt: skip
def test_audit_rules(said: list[Any], found: list[Any]) -> None:
    held = AuditRulesRemoved().run(tables(said=happened(*said)))
    assert [(one.title, one.records) for one in held] == found
    assert {one.severity for one in held} <= {"Medium"}


@pytest.mark.parametrize(
    ("message", "boot", "found"),
    [
        pytest.param("System clock was stepped by 3600.5 seconds", None, 1, id="an hour"),
        pytest.param("System clock was stepped by -0.8 seconds", None, 0, id="time-keeping"),
        pytest.param("time reset -61.2 s", None, 1, id="a minute back"),
        pytest.param("Forward time jump detected!", None, 1, id="not stated"),
        pytest.param("Forward time jump detected!", "09:58", 0, id="as the host comes up"),
    ],
)
def test_clock(message: str, boot: str | None, found: int) -> None:
    said = happened(("10:00", "clock", "clock"), *([(boot, "boot", "host")] if boot else []))
    said.loc[said["What"] == "clock", "Message"] = message
    held = ClockMoved().run(tables(said=said))
    assert [(one.severity, one.title, one.reason) for one in held] == [
        ("Low", "Clock set while the host was up",
         f"{message}; times in the logs before and after it do not fit together.")
    ] * found  # fmt: skip


def test_lost_messages() -> None:
    said = happened(("10:00", "lost", "audit"), ("11:00", "lost", "audit"))
    assert [(o.severity, o.title, o.start, o.end, o.records) for o in LinesLost().run(
        tables(said=said)
    )] == [("Informational", "Messages lost: Auditing", at("10:00"), at("11:00"),
            ("10:00", "11:00"))]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "acts", "severity"),
    [
        pytest.param([], [], "Low", id="nobody knows why"),
        pytest.param([("09:58", "boot", "host")], [], "Informational", id="a loss of power"),
        pytest.param([], [act("09:50")], "High", id="a log was cut"),
        pytest.param([], [act("08:00")], "Low", id="a log was cut long before"),
    ],
)
def test_nul_lines(said: list[Any], acts: list[Finding], severity: str) -> None:
    lines = happened(("10:00", "nul", "file"), ("10:02", "nul", "file"), *said)
    held = NulLines().run(tables(said=lines, acts=acts))
    assert [(one.severity, one.title, one.records) for one in held] == [
        (severity, "Lines full of NUL bytes: 2", ("10:00", "10:02"))
    ]


def test_a_quiet_night_and_a_reboot_raise_nothing_above_low() -> None:
    night = volume(
        auth=[("06:00", "08:00", 9), ("16:00", "18:00", 9)], system=[("06:00", "18:00", 2)]
    )
    reboot = happened(("12:00", "shutdown", "host"), ("12:00", "stop", "syslog"),
                      ("12:03", "boot", "host"), ("12:03", "start", "syslog"),
                      ("12:04", "clock", "clock"))  # fmt: skip
    found = [one for check in CHECKS for one in check.run(tables(night, reboot))]
    assert [(one.severity, one.title) for one in found] == [
        ("Informational", "The authentication log is silent")
    ]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        pytest.param("09:55", ("10:00", "12:00", 61, False), id="from the next bin on"),
        pytest.param("05:00", None, id="no rows before"),
        pytest.param("13:00", None, id="the next bin has rows"),
        pytest.param("17:59", None, id="the window ends"),
    ],
)
def test_silence_after(time: str, expected: Any) -> None:
    held = silence_after(CUT, "auth", at(time), at("18:00"))
    assert held == (None if expected is None else (at(expected[0]), at(expected[1]), *expected[2:]))


def test_rows_an_hour() -> None:
    held = hourly(volume(auth=[("06:00", "07:20", 5)]))
    assert held.values.tolist() == [["auth", at("06:00"), 30], ["auth", at("07:00"), 10]]


def test_acts_against_logs_count_without_a_gap() -> None:
    def act(title: str, severity: str, techniques: tuple[str, ...], minute: int) -> Finding:
        start = utc("2026-03-12 10:00") + pd.Timedelta(minutes=minute)
        return Finding(
            "applications", title, severity, techniques, "r", start, start, (f"r{minute}", "both")
        )

    acts = [
        act("Log cut", "Medium", ("T1070.002",), 1),
        act("Audit off", "High", ("T1562.012",), 5),
        act("A whole session", "Medium", ("T1078", "T1070.002"), 9),
    ]
    (found,) = ActsAgainstLogs().run(tables(acts=acts))
    assert (found.title, found.severity, found.techniques, found.reason) == (
        "Acts against logs: 2", "High", ("T1070.002", "T1562.012"),
        "Told in Application activity: Audit off; Log cut.",
    )  # fmt: skip
    assert (found.start, found.end) == (utc("2026-03-12 10:01"), utc("2026-03-12 10:05"))
    assert found.records == ("r5", "both", "r1")
    assert ActsAgainstLogs().run(tables(acts=acts[2:])) == []
