from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from .conftest import Read

FIELDS = ("ProcessName", "ProcessID", "Facility", "SeverityLevel", "SyslogMessage")
NINE = datetime(2026, 3, 1, 9, 5)


def row(
    program: str | None,
    pid: int | None,
    facility: str,
    severity: str | None,
    message: str | None,
    host: str | None = "web01",
    time: datetime = NINE,
) -> dict[str, Any]:
    values = {
        "TimeGenerated": time,
        "EventTime": time,
        "Computer": host,
        "HostName": host,
        **dict(zip(FIELDS, (program, pid, facility, severity, message), strict=True)),
        "Type": "Syslog",
        "_ItemId": "log:1",
    }
    return {name: value for name, value in values.items() if value is not None}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            b"Mar  1 09:05:00 web01 sshd[811]: Server listening on :: port 22.",
            row("sshd", 811, "auth", None, "Server listening on :: port 22."),
            id="rfc3164",
        ),
        pytest.param(
            b"<86>Mar  1 09:05:00 web01 sshd[811]: pam_unix(sshd:session): session closed",
            row("sshd", 811, "authpriv", "info", "pam_unix(sshd:session): session closed"),
            id="rfc3164-priority",
        ),
        pytest.param(
            b"<5>Mar  1 09:05:00 web01 kernel: [  1.25] x",
            row("kernel", None, "kern", "notice", "[  1.25] x"),
            id="kernel",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 sudo:   mara : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls",
            row(
                "sudo",
                None,
                "authpriv",
                None,
                "mara : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls",
            ),
            id="sudo-pads-its-message",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 CRON[7]: (root) CMD (true: yes)",
            row("CRON", 7, "cron", None, "(root) CMD (true: yes)"),
            id="cron",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 CRON[7]: pam_unix(cron:session): session closed for user root",
            row(
                "CRON", 7, "authpriv", None, "pam_unix(cron:session): session closed for user root"
            ),
            id="pam-is-authpriv",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 (systemd)[12]: pam_unix(systemd-user:session): x",
            row("(systemd)", 12, "authpriv", None, "pam_unix(systemd-user:session): x"),
            id="parentheses",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 postfix/smtpd[12]: connect from unknown[192.0.2.1]",
            row("postfix/smtpd", 12, "mail", None, "connect from unknown[192.0.2.1]"),
            id="slash",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 sshd(pam_unix)[19]: authentication failure",
            row("sshd(pam_unix)", 19, "auth", None, "authentication failure"),
            id="old-pam",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 systemd-logind[1]: New session 4 of user bob.",
            row("systemd-logind", 1, "auth", None, "New session 4 of user bob."),
            id="logind",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 app[9]: a: b [1]: c",
            row("app", 9, "daemon", None, "a: b [1]: c"),
            id="unknown-program-is-daemon",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 audit[123]: USER_AUTH pid=1",
            row("audit", 123, "daemon", None, "USER_AUTH pid=1"),
            id="audit",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 rsyslogd[main]: x",
            row("rsyslogd", None, "syslog", None, "x"),
            id="pid-is-no-number",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 sshd[811]:",
            row("sshd", 811, "auth", None, None),
            id="no-message",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 -- MARK --",
            row(None, None, "daemon", None, "-- MARK --"),
            id="no-program",
        ),
        pytest.param(
            b"Mar  1 09:05:00 fd00::7 sshd[1]: x: y",
            row("sshd", 1, "auth", None, "x: y", host="fd00::7"),
            id="host-is-an-ipv6-address",
        ),
        pytest.param(
            b"<13>Mar  1 09:05:00 logger: hello: there",
            row("logger", None, "user", "notice", "hello: there", host=None),
            id="no-host",
        ),
        pytest.param(
            b"Mar 01 09:05:00.250000 web01 sshd[1]: x",
            row("sshd", 1, "auth", None, "x", time=datetime(2026, 3, 1, 9, 5, 0, 250_000)),
            id="journalctl-short-precise",
        ),
        pytest.param(
            b"2026-03-01T11:05:00.123456+02:00 web01 sshd[1]: x",
            row("sshd", 1, "auth", None, "x", time=datetime(2026, 3, 1, 9, 5, 0, 123_456)),
            id="rfc3339",
        ),
        pytest.param(
            b"2026-03-01T09:05:00Z web01 sshd[1]: x",
            row("sshd", 1, "auth", None, "x"),
            id="rfc3339-zulu",
        ),
        pytest.param(
            b"2026-03-01T03:35:00-0530 web01 sshd[1]: x",
            row("sshd", 1, "auth", None, "x"),
            id="journalctl-short-iso",
        ),
        pytest.param(
            b"<34>1 2026-03-01T09:05:00.000003-07:00 web01 su - ID47 - \xef\xbb\xbf'su' failed",
            row(
                "su",
                None,
                "auth",
                "crit",
                "'su' failed",
                time=datetime(2026, 3, 1, 16, 5, 0, 3),
            ),
            id="rfc5424-bom",
        ),
        pytest.param(
            b'<165>1 2026-03-01T09:05:00Z web01 e 77 ID [a@1 k="v \\"]\\" w" l="2"][b@2] text: x',
            row("e", 77, "local4", "notice", "text: x"),
            id="rfc5424-structured-data",
        ),
        pytest.param(
            b"<165>1 2026-03-01T09:05:00Z - - - - -",
            row(None, None, "local4", "notice", None, host=None),
            id="rfc5424-nothing",
        ),
        pytest.param(
            b"\0\0\0\0Mar  1 09:05:00 web01 sshd[811]: after\0a crash",
            row("sshd", 811, "auth", None, "after\\x00a crash"),
            id="nul",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 sshd[811]: Invalid user caf\xe9 \xe2\x82\xac from 192.0.2.1",
            row("sshd", 811, "auth", None, "Invalid user caf\\xe9 \u20ac from 192.0.2.1"),
            id="not-utf8",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 sshd[811]: a\rMar  1 09:05:01 b\r",
            row("sshd", 811, "auth", None, "a\rMar  1 09:05:01 b"),
            id="lone-carriage-return",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 java[5]: failed\n\tat a.b\n\tat c.d\n",
            row("java", 5, "daemon", None, "failed\n\tat a.b\n\tat c.d"),
            id="continued",
        ),
        pytest.param(
            b"Mar  1 09:05:00 web01 java[5]: failed\r\n\tat a.b\r\n",
            row("java", 5, "daemon", None, "failed\n\tat a.b"),
            id="continued-crlf",
        ),
        pytest.param(
            b"\xef\xbb\xbfMar  1 09:05:00 web01 sshd[811]: x",
            row("sshd", 811, "auth", None, "x"),
            id="byte-order-mark",
        ),
    ],
)
def test_row(read: Callable[..., Read], line: bytes, expected: dict[str, Any]) -> None:
    assert read({"log": line}, tz="UTC").rows("Syslog") == [expected]


def test_repeated_is_of_the_program_before_on_its_host(
    read: Callable[..., Read], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        b"Mar  1 09:00:00 web01 sshd[5]: no",
        b"Mar  1 09:00:01 db01 su: no",
        b"Mar  1 09:00:02 web01 last message repeated 3 times",
        b"Mar  1 09:00:03 db01 last message repeated 2 times",
        b"Mar  1 09:00:04 db01 sudo: message repeated 2 times: [ x]",
    ]
    expected = [
        {"Computer": "web01", "ProcessName": "sshd", "SyslogMessage": "no"},
        {"Computer": "db01", "ProcessName": "su", "SyslogMessage": "no"},
        {
            "Computer": "web01",
            "ProcessName": "sshd",
            "SyslogMessage": "last message repeated 3 times",
        },
        {"Computer": "db01", "ProcessName": "su", "SyslogMessage": "last message repeated 2 times"},
        {
            "Computer": "db01",
            "ProcessName": "sudo",
            "SyslogMessage": "message repeated 2 times: [ x]",
        },
    ]
    # Small chunks: the program is remembered from one to the next.
    monkeypatch.setattr("linuxhunt.evidence.lines.CHUNK", 50)
    found = read({"log": b"\n".join(lines)}).rows(
        "Syslog", "Computer", "ProcessName", "SyslogMessage"
    )
    assert found == expected


def test_lines_that_are_no_records(read: Callable[..., Read]) -> None:
    content = (
        b"-- Logs begin at Sun 2026-03-01 --\n"
        b"\n"
        b"Mar  1 09:05:00 web01 sshd[1]: one\n"
        b"  and more\n"
        b"\n"
        b"Feb 31 09:05:00 web01 sshd[1]: no such day\n"
        b"after it\n"
        b"Mar  1 25:05:00 web01 sshd[1]: no such hour\n"
        b"<34>1 - web01 su - - - no time\n"
        b"Mar  1 09:06:00 web01 sshd[1]: two"
    )
    result = read({"log": content})
    assert result.counts() == [("log", "rfc3164", 10, 2, 2, 6)]
    assert [r["SyslogMessage"] for r in result.rows("Syslog")] == ["one\n  and more", "two"]
    unstamped = "no time stamp, and no record before it to belong to"
    impossible = "its time stamp is no date or time that exists"
    assert [
        (r["LineNumber"], r["Reason"], r["RawData"], r["_ItemId"])
        for r in result.rows("LinuxReject_CL")
    ] == [
        (1, unstamped, "-- Logs begin at Sun 2026-03-01 --", "log:1"),
        (2, unstamped, "", "log:2"),
        (6, impossible, "Feb 31 09:05:00 web01 sshd[1]: no such day", "log:6"),
        (7, unstamped, "after it", "log:7"),
        (8, impossible, "Mar  1 25:05:00 web01 sshd[1]: no such hour", "log:8"),
        (9, impossible, "<34>1 - web01 su - - - no time", "log:9"),
    ]


def test_kinds_may_be_mixed(read: Callable[..., Read]) -> None:
    result = read(
        {
            "log": b"Mar  1 09:05:00 web01 a: 1\n"
            b"2026-03-01T09:05:01+00:00 web01 b: 2\n"
            b"<13>1 2026-03-01T09:05:02Z web01 c - - - 3\n"
            b"Mar  1 09:05:03 web01 d: 4\n"
        }
    )
    assert [(r["ProcessName"], r["SyslogMessage"]) for r in result.rows("Syslog")] == [
        ("a", "1"),
        ("b", "2"),
        ("c", "3"),
        ("d", "4"),
    ]
    assert result.counts() == [("log", "rfc3164+rfc3339+rfc5424", 4, 4, 0, 0)]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"2026-03-01T09:05:00.123456Z 0 [System] [MY-010116] [Server] x", id="mysql"),
        pytest.param(b"2026-03-01T09:05:00.123456789Z stdout F GET / 200", id="container"),
        pytest.param(b"2026-03-01 09:05:00 status installed libc6:amd64 2.36", id="dpkg"),
        pytest.param(b'192.0.2.1 - - [01/Mar/2026:09:05:00 +0000] "GET / HTTP/1.1" 200', id="web"),
        pytest.param(b"[    0.000000] Linux version 6.1.0", id="dmesg"),
    ],
)
def test_logs_of_other_programs_are_not_taken_for_syslog(
    read: Callable[..., Read], line: bytes
) -> None:
    result = read({"other": line + b"\n" + line + b"\n", "log": b"Mar  1 09:05:00 web01 a: x\n"})
    assert result.counts() == [("log", "rfc3164", 1, 1, 0, 0), ("other", "unknown", 0, 0, 0, 0)]
