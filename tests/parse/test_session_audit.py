"""Sessions and attempts told of by syslog and by audit: one row each, whoever told."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt import parse
from linuxhunt.parse.audit import audit
from linuxhunt.parse.audit_auth import audit_auth
from linuxhunt.schema import STR, empty
from tests.parse.audit_lines import lines
from tests.parse.syslog_rows import known, syslog

UNSET = "auid=4294967295 ses=4294967295"
MARA = "auid=1000 ses=3"
SSHD = 'exe="/usr/sbin/sshd" hostname=203.0.113.9 addr=203.0.113.9 terminal=ssh'
DAY = "2026-03-12"


def at(clock: str, day: str = DAY) -> pd.Timestamp:
    return pd.Timestamp(f"{day} {clock}", tz="UTC")


def record(when: str, kind: str, who: str, rest: str, pid: int = 71, uid: int = 0) -> str:
    """Return ``[day ]clock`` and a record of a program's."""
    day, clock = when.split() if " " in when else (DAY, when)
    return f"{at(clock, day).timestamp():.3f} type={kind} pid={pid} uid={uid} {who} msg='{rest}'"


def pam(
    when: str, kind: str, op: str, user: str, who: str = MARA, tail: str = SSHD, **more: Any
) -> str:
    result = more.pop("res", "success")
    grantors = "pam_unix" if result == "success" else "?"
    rest = f'op=PAM:{op} grantors={grantors} acct="{user}" {tail} res={result}'
    return record(when, kind, who, rest, **more)


def opens(when: str, user: str = "mara", who: str = MARA, **more: Any) -> str:
    return pam(when, "USER_START", "session_open", user, who, **more)


def closes(when: str, user: str = "mara", who: str = MARA, **more: Any) -> str:
    return pam(when, "USER_END", "session_close", user, who, **more)


def sshd_says(when: str, acct: str, pid: int = 71) -> str:
    """A refusal in sshd's own words."""
    tail = 'exe="/usr/sbin/sshd" hostname=? addr=203.0.113.9 terminal=sshd res=failed'
    return record(when, "USER_LOGIN", UNSET, f"op=login acct={acct} {tail}", pid)


NOBODY = b"(invalid user)".hex().upper()
TERMINAL = (
    'op=login id=1000 exe="/usr/sbin/sshd" hostname=203.0.113.9 addr=203.0.113.9'
    " terminal=/dev/pts/0 res=success"
)


def told(*records: str, enriched: bool = False) -> pd.DataFrame:
    """Return what audit says of logons, from ``epoch type=KIND fields``."""
    texts = []
    for serial, text in enumerate(records, 100):
        time, kind, body = text.split(" ", 2)
        names = '\x1dUID="root" AUID="mara"' if enriched else ""
        texts.append(f"{kind} msg=audit({time}:{serial}): {body}{names}")
    read = lines(*texts)
    return audit_auth(audit(read), read)


def sessions(auth: list[str], records: list[str], *, enriched: bool = False) -> list[dict]:
    rows = parse.sessions(parse.auth(syslog(*auth)), audit=told(*records, enriched=enriched))
    return known(rows, "DvcHostname", "EventUid")


SYSLOG = [
    "10:00:00 sshd[71]: Accepted publickey for mara from 203.0.113.9 port 50514 ssh2:"
    " ED25519 SHA256:abc",
    "10:00:01 sshd[71]: pam_unix(sshd:session): session opened for user mara(uid=1000) by (uid=0)",
    "10:30:00 sshd[71]: pam_unix(sshd:session): session closed for user mara",
]
RECORDS = [
    record("10:00:00.410", "LOGIN", "old-auid=4294967295", "").rpartition(" msg=")[0]
    + " auid=1000 tty=(none) old-ses=4294967295 ses=3 res=1",
    opens("10:00:01.426"),
    record("10:00:01.906", "USER_LOGIN", MARA, TERMINAL),
    closes("10:30:00.502"),
]
SESSION = {
    "TargetUsername": "mara", "TargetUserId": 1000, "SrcIpAddr": "203.0.113.9",
    "LogonProtocol": "SSH", "EndReason": "closed", "TargetAppName": "sshd", "TargetAppId": 71,
    "AuditSession": 3, "Tty": "pts/0",
}  # fmt: skip
BY_SYSLOG = {
    "LogonSessionId": "auth.log:1", "SrcPortNumber": 50514, "LogonMethod": "PKI",
    "KeyFingerprint": "SHA256:abc", "EventStartTime": at("10:00:01"),
    "EventEndTime": at("10:30:00"),
}  # fmt: skip
BOTH = {
    **SESSION, **BY_SYSLOG, "Witnesses": ["syslog", "audit"],
    "RecordIds": ["auth.log:1", "auth.log:2", "auth.log:3", *[f"audit.log:{n}" for n in (2, 3, 4)]],
}  # fmt: skip
ALONE = {
    **SESSION, "LogonSessionId": "audit.log:2", "EventStartTime": at("10:00:01.426"),
    "EventEndTime": at("10:30:00.502"), "Witnesses": ["audit"],
    "RecordIds": [f"audit.log:{n}" for n in (2, 3, 4)],
}  # fmt: skip

ONE = [
    pytest.param(SYSLOG, RECORDS, [BOTH], id="both"),
    pytest.param([], RECORDS, [ALONE], id="auth.log wiped"),
    pytest.param(
        SYSLOG,
        [],
        [{
            **{key: value for key, value in SESSION.items() if key not in ("AuditSession", "Tty")},
            **BY_SYSLOG, "Witnesses": ["syslog"],
            "RecordIds": ["auth.log:1", "auth.log:2", "auth.log:3"],
        }],
        id="no audit",
    ),
    pytest.param(
        SYSLOG[2:],
        RECORDS,
        [{
            **SESSION, "LogonSessionId": "auth.log:1", "EventStartTime": at("10:00:01.426"),
            "EventEndTime": at("10:30:00"), "Witnesses": ["syslog", "audit"],
            "RecordIds": ["auth.log:1", *[f"audit.log:{n}" for n in (2, 3, 4)]],
        }],
        id="its opening rotated away",
    ),
]  # fmt: skip


@pytest.mark.parametrize("enriched", [False, True], ids=["RAW", "ENRICHED"])
@pytest.mark.parametrize(("auth", "records", "rows"), ONE)
def test_one_session(
    auth: list[str], records: list[str], rows: list[dict[str, Any]], enriched: bool
) -> None:
    assert sessions(auth, records, enriched=enriched) == rows


SUDO = 'exe="/usr/bin/sudo" hostname=? addr=? terminal=/dev/pts/0'
SU = 'exe="/usr/bin/su" hostname=web01 addr=? terminal=pts/1'


def short(rows: list[dict[str, Any]]) -> list[tuple]:
    return [
        tuple(
            row.get(name)
            for name in (
                "TargetUsername", "LogonProtocol", "AuditSession", "EndReason", "LogonSessionId",
                "ParentSessionId", "Witnesses",
            )
        )
        for row in rows
    ]  # fmt: skip


A, S, B = ["audit"], ["syslog"], ["syslog", "audit"]
AGAIN = "2026-03-13"
MANY = [
    pytest.param(
        [],
        [opens("10:00:00.000"), record(f"{AGAIN} 09:00:00", "SYSTEM_BOOT", UNSET, "op=start"),
         opens(f"{AGAIN} 10:00:00.000", "bob", "auid=1001 ses=3"),
         closes(f"{AGAIN} 10:30:00.000", "bob", "auid=1001 ses=3")],
        [("mara", "SSH", 3, "reboot", "audit.log:1", None, A),
         ("bob", "SSH", 3, "closed", "audit.log:3", None, A)],
        id="pid and ses again after a boot",
    ),
    pytest.param(
        [],
        [opens("10:00:00.000"), closes("10:10:00.000"),
         opens("11:00:00.000", who="auid=1000 ses=9"), closes("11:10:00.000")],
        [("mara", "SSH", 3, "closed", "audit.log:1", None, A),
         ("mara", "SSH", 9, "closed", "audit.log:3", None, A)],
        id="pid again",
    ),
    pytest.param(
        [],
        [opens("10:00:00.000"), opens("10:00:05.000", "mara", "auid=1000 ses=4", pid=72),
         opens("10:01:00.000", "root", tail=SUDO, pid=80, uid=1000),
         opens("10:01:01.000", "bob", tail=SU, pid=81),
         closes("10:02:01.000", "bob", tail=SU, pid=81),
         closes("10:02:02.000", "root", tail=SUDO, pid=80, uid=1000)],
        [("mara", "SSH", 3, "open", "audit.log:1", None, A),
         ("mara", "SSH", 4, "open", "audit.log:2", None, A),
         ("root", "sudo", 3, "closed", "audit.log:3", "audit.log:1", A),
         ("bob", "su", 3, "closed", "audit.log:4", "audit.log:3", A)],
        id="su and sudo carry ses, whoever came last",
    ),
    pytest.param(
        [
            "10:00:00 sshd[71]: pam_unix(sshd:session): session opened for user mara by (uid=0)",
            "10:01:00 sudo: pam_unix(sudo:session): session opened for user root(uid=0) by"
            " (uid=1000)",
            "10:01:00 sudo: pam_unix(sudo:session): session closed for user root",
            "10:01:00 sudo: pam_unix(sudo:session): session opened for user root(uid=0) by"
            " (uid=1000)",
            "10:01:01 sudo: pam_unix(sudo:session): session closed for user root",
        ],
        [opens("10:00:00.000"),
         opens("10:01:00.100", "root", tail=SUDO, pid=80, uid=1000),
         closes("10:01:00.200", "root", tail=SUDO, pid=80, uid=1000),
         opens("10:01:00.300", "root", tail=SUDO, pid=90, uid=1000),
         closes("10:01:01.200", "root", tail=SUDO, pid=90, uid=1000)],
        [("mara", "SSH", 3, "open", "auth.log:1", None, B),
         ("root", "sudo", 3, "closed", "auth.log:2", "auth.log:1", B),
         ("root", "sudo", 3, "closed", "auth.log:4", "auth.log:1", B)],
        id="sudo without a pid in syslog",
    ),
    pytest.param(
        ["10:00:00.499 sshd[71]: pam_unix(sshd:session): session opened for user mara by (uid=0)",
         "10:20:00.001 sshd[72]: pam_unix(sshd:session): session opened for user eve by (uid=0)",
         "11:00:00.002 sshd[71]: pam_unix(sshd:session): session closed for user mara"],
        [opens("10:00:00.501"), opens("10:10:00.000", "bob", "auid=1001 ses=4", pid=70),
         closes("11:00:00.000")],
        [("mara", "SSH", 3, "closed", "auth.log:1", None, B),
         ("bob", "SSH", 4, "open", "audit.log:2", None, A),
         ("eve", "SSH", None, "open", "auth.log:2", None, S)],
        id="clocks apart, and sessions that only one tells of",
    ),
    pytest.param(
        [],
        [opens("10:00:00.000", res="failed")],
        [],
        id="a session refused",
    ),
    pytest.param(
        [],
        [record("10:00:00.000", "USER_LOGIN", MARA, TERMINAL)],
        [(None, "SSH", 3, "open", "audit.log:1", None, A)],
        id="sshd without PAM",
    ),
    pytest.param(
        ["10:00:00 sshd[71]: Accepted password for mara from 203.0.113.9 port 50514 ssh2"],
        [record("10:00:00.000", "USER_LOGIN", MARA, TERMINAL)],
        [("mara", "SSH", 3, "open", "auth.log:1", None, B)],
        id="sshd without PAM, and syslog",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("auth", "records", "rows"), MANY)
def test_many_sessions(auth: list[str], records: list[str], rows: list[tuple]) -> None:
    assert short(sessions(auth, records)) == rows


FAILED = "10:00:02 sshd[71]: Failed password for mara from 203.0.113.9 port 50514 ssh2"
PAM_FAILED = (
    "10:00:00 sshd[71]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh"
    " ruser= rhost=203.0.113.9  user=mara"
)


def refused(when: str, user: str = "mara", **more: Any) -> str:
    return pam(when, "USER_AUTH", "authentication", user, UNSET, res="failed", **more)


def let_in(when: str, user: str = "mara", **more: Any) -> str:
    return pam(when, "USER_AUTH", "authentication", user, UNSET, **more)


def attempts(auth: list[str], records: list[str]) -> list[tuple]:
    rows = parse.logons(parse.auth(syslog(*auth)), told(*records))
    return [
        (
            f"{row.TimeGenerated:%H:%M:%S}", row.EventResult,
            *(None if pd.isna(value) else value for value in (
                row.EventResultDetails, row.TargetUsername, row.SrcPortNumber)),
            row.EventCount, row.AttemptIndex, row.RefusedKeys, row.RecordIds,
        )
        for row in rows.itertuples()
    ]  # fmt: skip


def ids(*numbers: int, of: str = "audit.log") -> list[str]:
    return [f"{of}:{number}" for number in numbers]


ATTEMPTS = [
    pytest.param(
        [PAM_FAILED, FAILED],
        [refused("10:00:00.890"), sshd_says("10:00:02.598", '"mara"')],
        [("10:00:02", "Failure", "Incorrect password", "mara", 50514, 1, 1, 0,
          [*ids(1, 2, of="auth.log"), *ids(1, 2)])],
        id="a password refused, both",
    ),
    pytest.param(
        [],
        [refused("10:00:00.890"), sshd_says("10:00:02.598", '"mara"')],
        [("10:00:00", "Failure", "Other", "mara", None, 1, 1, 0, ids(1, 2))],
        id="a password refused, audit alone",
    ),
    pytest.param(
        [],
        [refused("10:00:00.000"), sshd_says("10:00:02.000", '"mara"'),
         refused("10:00:05.000"), sshd_says("10:00:07.000", '"mara"'),
         let_in("10:00:10.000"), opens("10:00:10.100")],
        [("10:00:00", "Failure", "Other", "mara", None, 1, 1, 0, ids(1, 2)),
         ("10:00:05", "Failure", "Other", "mara", None, 1, 2, 0, ids(3, 4)),
         ("10:00:10", "Success", None, "mara", None, 1, 3, 0, ids(5))],
        id="in at the third try",
    ),
    pytest.param(
        [],
        [sshd_says("10:00:00.000", NOBODY), sshd_says("10:00:00.001", NOBODY),
         refused("10:00:00.100", "nobody9"), sshd_says("10:00:03.000", NOBODY)],
        [("10:00:00", "Failure", "No such user", "nobody9", None, 1, 1, 0, ids(1, 2, 3, 4))],
        id="no such user",
    ),
    pytest.param(
        ["10:00:00 sshd[71]: Invalid user dora from 203.0.113.9 port 50514",
         "10:00:01 sshd[71]: Failed password for invalid user dora from 203.0.113.9 port 50514"
         " ssh2"],
        [sshd_says("10:00:00.000", NOBODY), sshd_says("10:00:00.001", NOBODY),
         sshd_says("10:00:01.000", NOBODY),
         pam("10:00:02.000", "USER_ERR", "bad_ident", "?", UNSET, res="failed")],
        [("10:00:01", "Failure", "No such user", "dora", 50514, 1, 1, 0,
          [*ids(1, 2, of="auth.log"), *ids(1, 2, 3)])],
        id="a name that sshd keeps to itself",
    ),
    pytest.param(
        ["10:00:09 sshd[71]: message repeated 3 times: [ Failed password for mara from 203.0.113.9"
         " port 50514 ssh2]"],
        [refused("10:00:00.000"), sshd_says("10:00:02.000", '"mara"'),
         refused("10:00:03.000"), sshd_says("10:00:05.000", '"mara"'),
         refused("10:00:07.000"), sshd_says("10:00:09.000", '"mara"')],
        [("10:00:09", "Failure", "Incorrect password", "mara", 50514, 3, 1, 0,
          [*ids(1, of="auth.log"), *ids(1, 2, 3, 4, 5, 6)])],
        id="message repeated",
    ),
    pytest.param(
        [],
        [sshd_says("10:00:00.000", '"mara"'), opens("10:00:00.100")],
        [("10:00:00", "Success", None, "mara", None, 1, 1, 1, ids(2))],
        id="a key refused, and in with the next",
    ),
    pytest.param(
        [],
        [sshd_says("10:00:00.000", '"mara"'),
         pam("10:00:00.100", "USER_ERR", "bad_ident", "?", UNSET, res="failed")],
        [("10:00:00", "Failure", "Other", "mara", None, 1, 1, 0, ids(1))],
        id="a key refused, and gone",
    ),
    pytest.param(
        [],
        [let_in("10:00:00.000"),
         pam("10:00:00.001", "USER_ACCT", "accounting", "mara", UNSET, res="failed")],
        [("10:00:00", "Failure", "Logon violates policy", "mara", None, 1, 1, 0, ids(1, 2))],
        id="the right password of a closed account",
    ),
    pytest.param(
        [FAILED],
        [refused("11:00:00.000"), refused("10:00:02.000", pid=72)],
        [("10:00:02", "Failure", "Other", "mara", None, 1, 1, 0, ids(2)),
         ("10:00:02", "Failure", "Incorrect password", "mara", 50514, 1, 1, 0,
          ids(1, of="auth.log")),
         ("11:00:00", "Failure", "Other", "mara", None, 1, 1, 0, ids(1))],
        id="another hour, another pid",
    ),
    pytest.param(
        [],
        [refused("10:00:00.000", tail=SUDO, pid=80), opens("10:00:01.000", "root", tail=SU, pid=81)],
        [],
        id="su and sudo are no logons",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("auth", "records", "rows"), ATTEMPTS)
def test_attempts(auth: list[str], records: list[str], rows: list[tuple]) -> None:
    assert attempts(auth, records) == rows


def test_an_attempt_whole() -> None:
    records = told(refused("10:00:00.890"), sshd_says("10:00:02.598", '"mara"'))
    assert known(parse.logons(empty("auth"), records)) == [
        {
            "TimeGenerated": at("10:00:00.890"), "DvcHostname": "web01", "EventType": "Logon",
            "EventSubType": "Authentication", "EventResult": "Failure",
            "EventResultDetails": "Other", "EventOriginalResultDetails": "failed", "EventCount": 1,
            "TargetUsername": "mara", "SrcIpAddr": "203.0.113.9", "LogonProtocol": "SSH",
            "LogonMethodOriginal": "PAM:authentication", "TargetAppName": "sshd",
            "TargetAppId": 71, "EventMessage": records["EventMessage"][0],
            "AdditionalFields": {"type": "USER_AUTH", "terminal": "ssh"},
            "EventUid": "audit.log:1", "AttemptIndex": 1, "RefusedKeys": 0,
            "RecordIds": ["audit.log:1", "audit.log:2"],
        }
    ]  # fmt: skip


def test_a_log_that_names_no_host_is_of_one_host() -> None:
    """A bare audit.log: auditd writes no node= unless it is told to."""
    records = told(*RECORDS).assign(DvcHostname=pd.array([None] * len(RECORDS), dtype=STR))
    rows = parse.sessions(parse.auth(syslog()), audit=records)
    assert known(rows, "EventUid") == [ALONE]
