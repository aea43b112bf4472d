"""Login records of audit as rows of auth."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.parse.audit import audit
from linuxhunt.parse.audit_auth import audit_auth
from linuxhunt.schema import EVENTS, empty
from tests.parse.audit_lines import known, line, lines

WHEN = {
    "TimeGenerated": pd.Timestamp("2023-11-14T22:13:20.123Z"), "DvcHostname": "web01",
    "EventCount": 1, "EventUid": "audit.log:1",
}  # fmt: skip
UNSET = "auid=4294967295 ses=4294967295"


def pam(kind: str, op: str, rest: str, who: str = UNSET, uid: int = 0) -> str:
    return line(kind, f"pid=71 uid={uid} {who} msg='op={op} {rest}'")


SSHD = 'exe="/usr/sbin/sshd" hostname=203.0.113.9 addr=203.0.113.9 terminal=ssh'
SSH = {
    "SrcIpAddr": "203.0.113.9", "LogonProtocol": "SSH", "TargetAppName": "sshd", "TargetAppId": 71,
}  # fmt: skip
SUDO = 'exe="/usr/bin/sudo" hostname=? addr=? terminal=/dev/pts/0'
MARA = "auid=1000 ses=3"

ROWS = [
    pytest.param(
        pam("USER_AUTH", "PAM:authentication", f'grantors=? acct="root" {SSHD} res=failed'),
        {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Failure",
         "EventResultDetails": "Other", "EventOriginalResultDetails": "failed",
         "TargetUsername": "root", "LogonMethodOriginal": "PAM:authentication", **SSH,
         "AdditionalFields": {"type": "USER_AUTH", "terminal": "ssh"}}, id="a failure"),
    pytest.param(
        pam("USER_AUTH", "PAM:authentication", f'grantors=pam_unix acct="mara" {SSHD} res=success'),
        {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Success",
         "TargetUsername": "mara", "LogonMethodOriginal": "PAM:authentication",
         "LogonMethod": "Username & Password", **SSH,
         "AdditionalFields": {"type": "USER_AUTH", "terminal": "ssh", "grantors": "pam_unix"}},
        id="a password"),
    pytest.param(
        pam("USER_AUTH", "pubkey_auth", 'rport=50514 acct="mara" exe="/usr/lib/sshd-session"'
            " hostname=? addr=2001:db8::7 terminal=? res=success"),
        {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Success",
         "TargetUsername": "mara", "SrcIpAddr": "2001:db8::7", "SrcPortNumber": 50514,
         "LogonProtocol": "SSH", "LogonMethod": "PKI", "LogonMethodOriginal": "pubkey_auth",
         "TargetAppName": "sshd-session", "TargetAppId": 71,
         "AdditionalFields": {"type": "USER_AUTH", "rport": "50514"}}, id="a key"),
    pytest.param(
        pam("USER_LOGIN", "login", "acct=28696E76616C6964207573657229"
            ' exe="/usr/sbin/sshd" hostname=? addr=203.0.113.9 terminal=sshd res=failed'),
        {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Failure",
         "EventResultDetails": "No such user", "EventOriginalResultDetails": "failed",
         "LogonMethodOriginal": "login", **SSH,
         "AdditionalFields": {"type": "USER_LOGIN", "terminal": "sshd",
                              "acct": "(invalid user)"}}, id="no such user"),
    pytest.param(
        pam("USER_LOGIN", "login", 'id=1000 exe="/usr/sbin/sshd" hostname=pc.example.org'
            " addr=203.0.113.9 terminal=/dev/pts/0 res=success", MARA),
        {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Success",
         "TargetUserId": 1000, "SrcHostname": "pc.example.org", "LogonMethodOriginal": "login",
         **SSH, "AdditionalFields": {"type": "USER_LOGIN", "ses": 3, "auid": 1000,
                                     "terminal": "/dev/pts/0", "id": "1000"}}, id="a login"),
    pytest.param(
        line("LOGIN", "pid=71 uid=0 old-auid=4294967295 auid=1000 tty=(none)"
             " old-ses=4294967295 ses=3 res=1"),
        {"EventType": "Info", "EventSubType": "Session", "EventResult": "NA",
         "TargetUserId": 1000, "TargetAppId": 71,
         "AdditionalFields": {"type": "LOGIN", "ses": 3, "auid": 1000}}, id="the kernel's LOGIN"),
    pytest.param(
        pam("USER_START", "PAM:session_open", f'acct="mara" {SSHD} res=success', MARA),
        {"EventType": "Logon", "EventSubType": "Session", "EventResult": "Success",
         "TargetUsername": "mara", "LogonMethodOriginal": "PAM:session_open", **SSH,
         "AdditionalFields": {"type": "USER_START", "ses": 3, "auid": 1000, "terminal": "ssh"}},
        id="a session opens"),
    pytest.param(
        pam("USER_START", "login", 'id=1000 exe="/usr/sbin/sshd" hostname=? addr=203.0.113.9'
            " terminal=/dev/pts/0 res=success", MARA),
        {"EventType": "Info", "EventSubType": "Session", "EventResult": "NA",
         "TargetUserId": 1000, "LogonMethodOriginal": "login", **SSH,
         "AdditionalFields": {"type": "USER_START", "ses": 3, "auid": 1000,
                              "terminal": "/dev/pts/0", "id": "1000"}}, id="its terminal opens"),
    pytest.param(
        pam("USER_END", "PAM:session_close", f'acct="mara" {SSHD} res=success', MARA),
        {"EventType": "Logoff", "EventSubType": "Session", "EventResult": "Success",
         "TargetUsername": "mara", "LogonMethodOriginal": "PAM:session_close", **SSH,
         "AdditionalFields": {"type": "USER_END", "ses": 3, "auid": 1000, "terminal": "ssh"}},
        id="a session closes"),
    pytest.param(
        pam("USER_ACCT", "PAM:accounting", f'acct="lock" {SSHD} res=failed'),
        {"EventType": "Logon", "EventSubType": "Policy", "EventResult": "Failure",
         "EventResultDetails": "Logon violates policy", "EventOriginalResultDetails": "failed",
         "TargetUsername": "lock", "LogonMethodOriginal": "PAM:accounting", **SSH,
         "AdditionalFields": {"type": "USER_ACCT", "terminal": "ssh"}}, id="not allowed in"),
    pytest.param(
        pam("CRED_ACQ", "PAM:setcred", f'acct="mara" {SSHD} res=success'),
        {"EventType": "Info", "EventSubType": "Session", "EventResult": "NA",
         "TargetUsername": "mara", "LogonMethodOriginal": "PAM:setcred", **SSH,
         "AdditionalFields": {"type": "CRED_ACQ", "terminal": "ssh"}}, id="credentials"),
    pytest.param(
        pam("USER_AUTH", "PAM:authentication", f'acct="mara" {SUDO} res=failed', MARA, 1000),
        {"EventType": "Elevate", "EventSubType": "Authentication", "EventResult": "Failure",
         "EventResultDetails": "Other", "EventOriginalResultDetails": "failed",
         "TargetUsername": "mara", "ActorUserId": 1000, "LogonProtocol": "sudo",
         "LogonMethodOriginal": "PAM:authentication", "TargetAppName": "sudo", "TargetAppId": 71,
         "AdditionalFields": {"type": "USER_AUTH", "ses": 3, "auid": 1000,
                              "terminal": "/dev/pts/0"}}, id="sudo"),
    pytest.param(
        line("USER_CMD", f"pid=71 uid=1000 {MARA} msg='cwd=\"/\" cmd=6964202D75"
             ' exe="/usr/bin/sudo" terminal=? res=success\''),
        {"EventType": "Elevate", "EventSubType": "Policy", "EventResult": "Success",
         "ActorUserId": 1000, "LogonProtocol": "sudo", "TargetAppName": "sudo", "TargetAppId": 71,
         "AdditionalFields": {"type": "USER_CMD", "ses": 3, "auid": 1000, "cmdline": "id -u",
                              "cmd": "id -u"}}, id="sudo's command"),
    pytest.param(
        pam("USER_AUTH", "PAM:authentication", 'acct="mara" exe="/usr/bin/passwd" res=failed',
            MARA, 1000),
        {"EventType": "Info", "EventSubType": "Authentication", "EventResult": "Failure",
         "EventResultDetails": "Other", "EventOriginalResultDetails": "failed",
         "TargetUsername": "mara", "LogonProtocol": "passwd",
         "LogonMethodOriginal": "PAM:authentication", "TargetAppName": "passwd", "TargetAppId": 71,
         "AdditionalFields": {"type": "USER_AUTH", "ses": 3, "auid": 1000}}, id="no logon at all"),
    pytest.param(
        pam("USER_START", "PAM:session_open", 'acct="root" exe="/usr/sbin/crond" hostname=?'
            " addr=? terminal=cron res=success", "auid=0 ses=9"),
        {"EventType": "Logon", "EventSubType": "Session", "EventResult": "Success",
         "TargetUsername": "root", "LogonProtocol": "cron",
         "LogonMethodOriginal": "PAM:session_open", "TargetAppName": "crond", "TargetAppId": 71,
         "AdditionalFields": {"type": "USER_START", "ses": 9, "auid": 0, "terminal": "cron"}},
        id="cron"),
    pytest.param(
        line("RESP_ACCT_LOCK", f"pid=71 uid=0 {UNSET} msg='pam_faillock uid=1000  {SSHD}"
             " res=success'"),
        {"EventType": "Info", "EventSubType": "Lockout", "EventResult": "NA",
         "TargetUserId": 1000, "LogonMethodOriginal": "pam_faillock", **SSH,
         "AdditionalFields": {"type": "RESP_ACCT_LOCK", "terminal": "ssh", "uid": "1000"}},
        id="an account is locked: pam_faillock names it by uid"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "row"), ROWS)
def test_rows(text: str, row: dict[str, Any]) -> None:
    found = audit_auth(audit(lines(text)))
    assert list(found.columns) == list(EVENTS["auth"])
    assert known(found) == [{**WHEN, **row}]


NOT_AUTH = [
    pytest.param(pam("USER_ACCT", "changing /etc/group; group ops/5", 'acct="ops" exe="/x"'),
                 id="groupmod's USER_ACCT"),
    pytest.param(line("CWD", 'cwd="/"'), id="another record"),
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_AUTH)
def test_not_about_logons(text: str) -> None:
    pd.testing.assert_frame_equal(audit_auth(audit(lines(text))), empty("auth"))


def test_message_of_the_record() -> None:
    texts = lines(pam("CRED_DISP", "PAM:setcred", f'acct="mara" {SSHD} res=success'))
    found = audit_auth(audit(texts), texts)
    assert found["EventMessage"].tolist() == texts["RawData"].tolist()
