"""`linuxhunt events` of a host that syslog and auditd tell of: one row an event, whoever told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.test_cli import Run, run

__all__ = ["run"]

AUTH = """\
2026-03-12T10:00:00.500000+00:00 web sshd[7]: Failed password for ada from 203.0.113.9 port 22 ssh2
2026-03-12T10:00:09.200000+00:00 web sshd[8]: Accepted password for ada from 203.0.113.9 port 23 ssh2
2026-03-12T10:00:09.300000+00:00 web sshd[8]: pam_unix(sshd:session): session opened for user ada(uid=1000) by (uid=0)
2026-03-12T10:05:00.100000+00:00 web sshd[8]: pam_unix(sshd:session): session closed for user ada
"""
SSHD = 'exe="/usr/sbin/sshd" hostname=203.0.113.9 addr=203.0.113.9 terminal=ssh'
UNSET, ADA = "uid=0 auid=4294967295 ses=4294967295", "uid=0 auid=1000 ses=5"
AUDIT = f"""\
type=USER_AUTH msg=audit(1773309600.100:1): pid=7 {UNSET} msg='op=PAM:authentication grantors=? acct="ada" {SSHD} res=failed'
type=USER_LOGIN msg=audit(1773309600.498:2): pid=7 {UNSET} msg='op=login acct="ada" {SSHD} res=failed'
type=USER_AUTH msg=audit(1773309609.198:3): pid=8 {UNSET} msg='op=PAM:authentication grantors=pam_unix acct="ada" {SSHD} res=success'
type=USER_START msg=audit(1773309609.302:4): pid=8 {ADA} msg='op=PAM:session_open grantors=pam_unix acct="ada" {SSHD} res=success'
type=SYSCALL msg=audit(1773309610.000:5): arch=c000003e syscall=59 success=yes exit=0 items=2 ppid=9 pid=10 auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=(none) ses=5 comm="id" exe="/usr/bin/id" key="x"
type=EXECVE msg=audit(1773309610.000:5): argc=2 a0="id" a1="-u"
type=USER_END msg=audit(1773309900.098:6): pid=8 {ADA} msg='op=PAM:session_close grantors=pam_unix acct="ada" {SSHD} res=success'
"""
A, B = "var/log/auth.log", "var/log/audit/audit.log"

SHOWN = {
    "auth": ("TimeGenerated", "EventType", "EventResult", "EventUid"),
    "logons": ("TimeGenerated", "EventResult", "EventCount", "EventUid", "RecordIds"),
    "sessions": ("EventStartTime", "EventEndTime", "AuditSession", "Witnesses", "RecordIds"),
    "processes": ("CommandLine", "LogonSessionId"),
}
DAY = "2026-03-12T"
BY_AUDIT = {
    "auth": [
        [f"{DAY}10:00:00.100000Z", "Logon", "Failure", f"{B}:1"],
        [f"{DAY}10:00:00.498000Z", "Logon", "Failure", f"{B}:2"],
        [f"{DAY}10:00:09.198000Z", "Logon", "Success", f"{B}:3"],
        [f"{DAY}10:00:09.302000Z", "Logon", "Success", f"{B}:4"],
        [f"{DAY}10:05:00.098000Z", "Logoff", "Success", f"{B}:7"],
    ],
    "logons": [
        [f"{DAY}10:00:00.100000Z", "Failure", 1, f"{B}:1", [f"{B}:1", f"{B}:2"]],
        [f"{DAY}10:00:09.198000Z", "Success", 1, f"{B}:3", [f"{B}:3"]],
    ],
    "sessions": [
        [f"{DAY}10:00:09.302000Z", f"{DAY}10:05:00.098000Z", 5, ["audit"],
         [f"{B}:3", f"{B}:4", f"{B}:7"]],
    ],
    "processes": [["id -u", f"{B}:3"]],
}  # fmt: skip
BY_BOTH = {
    "auth": [
        BY_AUDIT["auth"][0],
        BY_AUDIT["auth"][1],
        [f"{DAY}10:00:00.500000Z", "Logon", "Failure", f"{A}:1"],
        BY_AUDIT["auth"][2],
        [f"{DAY}10:00:09.200000Z", "Logon", "Success", f"{A}:2"],
        [f"{DAY}10:00:09.300000Z", "Logon", "Success", f"{A}:3"],
        BY_AUDIT["auth"][3],
        BY_AUDIT["auth"][4],
        [f"{DAY}10:05:00.100000Z", "Logoff", "Success", f"{A}:4"],
    ],
    "logons": [
        [f"{DAY}10:00:00.500000Z", "Failure", 1, f"{A}:1", [f"{A}:1", f"{B}:1", f"{B}:2"]],
        [f"{DAY}10:00:09.200000Z", "Success", 1, f"{A}:2", [f"{A}:2", f"{B}:3"]],
    ],
    "sessions": [
        [f"{DAY}10:00:09.300000Z", f"{DAY}10:05:00.100000Z", 5, ["syslog", "audit"],
         [f"{A}:2", f"{A}:3", f"{A}:4", f"{B}:3", f"{B}:4", f"{B}:7"]],
    ],
    "processes": [["id -u", f"{A}:2"]],
}  # fmt: skip


@pytest.mark.parametrize("kind", SHOWN)
@pytest.mark.parametrize(
    ("auth", "want"),
    [pytest.param(AUTH, BY_BOTH, id="both"), pytest.param("", BY_AUDIT, id="auth.log wiped")],
)
def test_events_of_both(
    auth: str, want: dict[str, list[list[object]]], kind: str, run: Run, tmp_path: Path
) -> None:
    for name, text in {"etc/hostname": "web\n", A: auth, B: AUDIT}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    held = [json.loads(line) for line in run("events", kind, tmp_path).out.splitlines()]
    assert [[row[name] for name in SHOWN[kind]] for row in held] == want[kind]
