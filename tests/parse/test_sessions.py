"""sessions: matched by their own keys, whatever happened in between."""

import numpy as np
import pandas as pd
import pytest

from linuxhunt import parse, schema
from tests.parse.syslog_rows import known, syslog


def _opened(user: str, pid: int, program: str = "sshd", service: str = "sshd") -> str:
    return (
        f"{program}[{pid}]: pam_unix({service}:session): session opened for user {user} by (uid=0)"
    )


def _closed(user: str, pid: int, program: str = "sshd", service: str = "sshd") -> str:
    return f"{program}[{pid}]: pam_unix({service}:session): session closed for user {user}"


def _accepted(user: str, pid: int, port: int = 4422) -> str:
    return f"sshd[{pid}]: Accepted password for {user} from 203.0.113.5 port {port} ssh2"


def _sessions(*lines: str, **others: pd.DataFrame) -> pd.DataFrame:
    return parse.sessions(parse.auth(syslog(*lines)), **others)


def _short(rows: pd.DataFrame) -> list[tuple]:
    """Return (user, protocol, start, end, why, parent) of each; ids as line numbers."""

    def clock(time: pd.Timestamp) -> str | None:
        return None if pd.isna(time) else f"{time:%H:%M:%S}"

    return [
        (
            row.TargetUsername,
            row.LogonProtocol,
            clock(row.EventStartTime),
            clock(row.EventEndTime),
            row.EndReason,
            None if pd.isna(row.ParentSessionId) else row.ParentSessionId.rpartition(":")[2],
        )
        for row in rows.itertuples()
    ]


_CASES = [
    pytest.param(
        [
            f"10:00:00 {_opened('alice', 1)}",
            f"10:01:00 {_opened('bob', 2)}",
            f"10:02:00 {_closed('bob', 2)}",
            f"11:00:00 {_closed('alice', 1)}",
        ],
        [
            ("alice", "SSH", "10:00:00", "11:00:00", "closed", None),
            ("bob", "SSH", "10:01:00", "10:02:00", "closed", None),
        ],
        id="overlapping",
    ),
    pytest.param(
        [f"10:00:00 {_opened('eve', 1)}"],
        [("eve", "SSH", "10:00:00", None, "open", None)],
        id="still in",
    ),
    pytest.param(
        [f"10:00:00 {_closed('eve', 1)}", f"10:01:00 {_opened('eve', 1)}"],
        [
            ("eve", "SSH", None, "10:00:00", "closed", None),
            ("eve", "SSH", "10:01:00", None, "open", None),
        ],
        id="the log begins in the middle",
    ),
    pytest.param(
        [
            f"10:00:00 {_opened('alice', 1)}",
            f"10:00:00 {_opened('alice', 2, '(systemd)', 'systemd-user')}",
            f"10:01:00 {_opened('root', 3, 'CRON', 'cron')}",
            f"10:01:01 {_closed('root', 3, 'CRON', 'cron')}",
            f"10:02:00 {_opened('alice', 4, 'gdm-password]', 'gdm-password')}",
            f"10:03:00 {_closed('alice', 1)}",
            f"10:03:10 {_closed('alice', 9, '(sd-pam)', 'systemd-user')}",
            f"10:04:00 {_closed('alice', 4, 'gdm-password]', 'gdm-password')}",
        ],
        [
            ("alice", "SSH", "10:00:00", "10:03:00", "closed", None),
            ("alice", "systemd-user", "10:00:00", "10:03:10", "closed", None),
            ("root", "cron", "10:01:00", "10:01:01", "closed", None),
            ("alice", "gdm", "10:02:00", "10:04:00", "closed", None),
        ],
        id="protocols told apart",
    ),
    pytest.param(
        [
            f"10:00:00 {_opened('alice', 1)}",
            "10:30:00 kernel: Linux version 6.1.0 (x) (y) #1 SMP",
            "10:30:20 systemd-logind[600]: New seat seat0.",
            f"11:00:00 {_opened('alice', 1)}",
            f"11:30:00 {_closed('alice', 1)}",
        ],
        [
            ("alice", "SSH", "10:00:00", "10:30:00", "reboot", None),
            ("alice", "SSH", "11:00:00", "11:30:00", "closed", None),
        ],
        id="reboot in between",
    ),
    pytest.param(
        [
            f"10:00:00 {_opened('alice', 1)}",
            "10:30:20 systemd-logind[600]: New seat seat0.",
            f"11:00:00 {_closed('alice', 1)}",
            f"11:30:00 {_opened('bob', 2)}",
        ],
        [
            ("alice", "SSH", "10:00:00", "11:00:00", "closed", None),
            ("bob", "SSH", "11:30:00", None, "open", None),
        ],
        id="logind restarted, nothing rebooted",
    ),
    pytest.param(
        [
            f"10:00:00 {_opened('alice', 1)}",
            f"12:00:00 {_opened('bob', 1)}",
            f"13:00:00 {_closed('bob', 1)}",
        ],
        [
            ("alice", "SSH", "10:00:00", None, "unknown", None),
            ("bob", "SSH", "12:00:00", "13:00:00", "closed", None),
        ],
        id="a pid used again after a close that is missing",
    ),
    pytest.param(
        [
            f"10:00:00 {_opened('alice', 1)}",
            f"10:30:00 {_closed('alice', 1)}",
            f"12:00:00 {_opened('bob', 1)}",
            f"13:00:00 {_closed('bob', 1)}",
        ],
        [
            ("alice", "SSH", "10:00:00", "10:30:00", "closed", None),
            ("bob", "SSH", "12:00:00", "13:00:00", "closed", None),
        ],
        id="a pid used again",
    ),
    pytest.param(
        [
            f"10:00:00 {_opened('alice', 1)}",
            "10:01:00 sudo: alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/su",
            "10:01:00 sudo: pam_unix(sudo:session): session opened for user root(uid=0) by"
            " alice(uid=1000)",
            "10:01:00 su[5]: (to root) root on pts/0",
            "10:01:00 su[5]: pam_unix(su:session): session opened for user root(uid=0) by"
            " alice(uid=0)",
            "10:05:00 su[5]: pam_unix(su:session): session closed for user root",
            "10:05:00 sudo: pam_unix(sudo:session): session closed for user root",
            f"10:06:00 {_closed('alice', 1)}",
        ],
        [
            ("alice", "SSH", "10:00:00", "10:06:00", "closed", None),
            ("root", "sudo", "10:01:00", "10:05:00", "closed", "1"),
            ("root", "su", "10:01:00", "10:05:00", "closed", "2"),
        ],
        id="su in sudo in ssh",
    ),
    pytest.param(
        [
            f"10:00:00 {_opened('alice', 1)}",
            f"10:00:30 {_opened('bob', 2)}",
            "10:01:00 sudo: pam_unix(sudo:session): session opened for user root by alice(uid=0)",
            "10:02:00 sudo: pam_unix(sudo:session): session opened for user root by bob(uid=0)",
            "10:03:00 sudo: pam_unix(sudo:session): session closed for user root",
            "10:09:00 sudo: pam_unix(sudo:session): session closed for user root",
        ],
        [
            ("alice", "SSH", "10:00:00", None, "open", None),
            ("bob", "SSH", "10:00:30", None, "open", None),
            ("root", "sudo", "10:01:00", "10:09:00", "closed", "1"),
            ("root", "sudo", "10:02:00", "10:03:00", "closed", "2"),
        ],
        id="sudo without pids nests",
    ),
    pytest.param(
        [
            "10:00:00 sshd[1]: pam_unix(sshd:session): session opened for user mara(uid=1001) by"
            " (uid=0)",
            "10:01:00 sudo: pam_unix(sudo:session): session opened for user root(uid=0) by"
            " (uid=1001)",
            "10:01:01 sudo: pam_unix(sudo:session): session closed for user root",
        ],
        [
            ("mara", "SSH", "10:00:00", None, "open", None),
            ("root", "sudo", "10:01:00", "10:01:01", "closed", "1"),
        ],
        id="an opener known by uid only",
    ),
    pytest.param(
        [
            "10:00:00 systemd-logind[6]: New session 4 of user bob.",
            "10:10:00 systemd-logind[6]: Removed session 4.",
            "10:20:00 systemd-logind[6]: New session '5' of user 'bob' with class 'user' and type"
            " 'tty'.",
        ],
        [
            ("bob", "systemd-logind", "10:00:00", "10:10:00", "closed", None),
            ("bob", "systemd-logind", "10:20:00", None, "open", None),
        ],
        id="logind alone",
    ),
    pytest.param(
        [
            "10:00:00 sshd[1]: Accepted publickey for git from 203.0.113.5 port 4422 ssh2",
            "10:00:09 sshd[2]: Disconnected from user git 203.0.113.5 port 4422",
        ],
        [("git", "SSH", "10:00:00", "10:00:09", "closed", None)],
        id="sshd without PAM",
    ),
    pytest.param(
        [
            "10:00:00 dropbear[9]: Password auth succeeded for 'root' from 203.0.113.5:4422",
            "10:00:09 dropbear[9]: Exit (root) from <203.0.113.5:4422>: Disconnect received",
        ],
        [("root", "SSH", "10:00:00", "10:00:09", "closed", None)],
        id="dropbear",
    ),
]


@pytest.mark.parametrize(("lines", "expected"), _CASES)
def test_sessions(lines: list[str], expected: list[tuple]) -> None:
    assert _short(_sessions(*lines)) == expected


def test_everything_of_one_session() -> None:
    rows = _sessions(
        "10:00:00 sshd[7]: Connection from 203.0.113.5 port 4422 on 192.0.2.10 port 22",
        "10:00:05 sshd[7]: Accepted publickey for mara from 203.0.113.5 port 4422 ssh2: ED25519"
        " SHA256:OXyOHNDjjnhRaAjMOpNSLzyKAcGzvzNkGSaaIcTgVmA",
        "10:00:06 sshd[7]: pam_unix(sshd:session): session opened for user mara(uid=1001) by"
        " (uid=0)",
        "10:00:06 systemd-logind[6]: New session 4711 of user mara.",
        "10:00:06 sshd[7]: User child is on pid 9",
        "10:00:07 sshd[9]: Starting session: shell on pts/3 for mara from 203.0.113.5 port 4422"
        " id 0",
        "10:00:17 sshd[9]: Starting session: command for mara from 203.0.113.5 port 4422 id 1",
        "10:30:00 sshd[9]: Disconnected from user mara 203.0.113.5 port 4422",
        "10:30:00 sshd[7]: pam_unix(sshd:session): session closed for user mara",
        "10:30:01 systemd-logind[6]: Removed session 4711.",
    )
    (found,) = known(rows)
    assert found == {
        "LogonSessionId": "auth.log:2",
        "DvcHostname": "web01",
        "TargetUsername": "mara",
        "TargetUserId": 1001,
        "SrcIpAddr": "203.0.113.5",
        "SrcPortNumber": 4422,
        "LogonProtocol": "SSH",
        "LogonMethod": "PKI",
        "KeyFingerprint": "SHA256:OXyOHNDjjnhRaAjMOpNSLzyKAcGzvzNkGSaaIcTgVmA",
        "EventStartTime": pd.Timestamp("2026-03-12 10:00:06", tz="UTC"),
        "EventEndTime": pd.Timestamp("2026-03-12 10:30:00", tz="UTC"),
        "EndReason": "closed",
        "TargetAppName": "sshd",
        "TargetAppId": 7,
        "LogindSession": "4711",
        "AuditSession": 4711,
        "Tty": "pts/3",
        "ChannelCount": 2,
        "Witnesses": ["syslog", "logind"],
        "EventUid": "auth.log:2",
        "RecordIds": [f"auth.log:{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10)],
    }


def test_two_hundred_overlapping() -> None:
    order = np.random.default_rng(7).permutation(200)
    lines = [
        line
        for n in range(200)
        for line in (
            f"10:00:{n % 60:02} {_accepted(f'u{n % 5}', 1000 + n, 20000 + n)}",
            f"10:00:{n % 60:02} {_opened(f'u{n % 5}', 1000 + n)}",
        )
    ]
    lines += [
        f"11:{n // 60:02}:{n % 60:02} {_closed(f'u{m % 5}', 1000 + m)}" for n, m in enumerate(order)
    ]
    rows = _sessions(*lines)
    ends = {1000 + m: f"11:{n // 60:02}:{n % 60:02}" for n, m in enumerate(order)}
    assert {
        row.TargetAppId: (row.TargetUsername, row.SrcPortNumber, f"{row.EventEndTime:%H:%M:%S}")
        for row in rows.itertuples()
    } == {1000 + n: (f"u{n % 5}", 20000 + n, ends[1000 + n]) for n in range(200)}


def test_hosts_do_not_mix() -> None:
    rows = _sessions(
        f"10:00:00 @a {_opened('alice', 1)}",
        f"10:00:01 @b {_opened('alice', 1)}",
        f"10:00:02 @b {_closed('alice', 1)}",
    )
    assert list(zip(rows["DvcHostname"], rows["EndReason"], strict=True)) == [
        ("a", "open"),
        ("b", "closed"),
    ]


def _logins(*records: tuple) -> pd.DataFrame:
    """Make rows of LinuxLogin_CL: (time, type, pid, line, user, host name or address)."""
    texts = {
        "Computer": ["web01"] * len(records),
        "Source": ["wtmp"] * len(records),
        "RecordType": [record[1] for record in records],
        "Line": [record[3] for record in records],
        "Id": [""] * len(records),
        "UserName": [record[4] for record in records],
        "HostName": [record[5] for record in records],
        "SrcIpAddr": [record[5] for record in records],
        "_ItemId": [f"wtmp:{n}" for n in range(1, len(records) + 1)],
    }
    return pd.DataFrame(
        {
            "TimeGenerated": pd.to_datetime(
                [f"2026-03-12 {record[0]}" for record in records], utc=True
            ).astype(schema.TIME),
            "ProcessID": pd.Series([record[2] for record in records], dtype="Int64"),
            **{name: pd.Series(values, dtype=schema.STR) for name, values in texts.items()},
        }
    )


def test_wtmp_is_joined_not_doubled() -> None:
    logins = _logins(
        ("10:00:07", "USER_PROCESS", 9, "pts/3", "mara", "203.0.113.5"),
        ("10:10:00", "USER_PROCESS", 9, "pts/4", "mara", "203.0.113.5"),
        ("10:20:00", "DEAD_PROCESS", 9, "pts/4", None, None),
        ("10:30:00", "DEAD_PROCESS", 9, "pts/3", None, None),
        ("12:00:00", "USER_PROCESS", 77, "tty1", "root", None),
        ("12:30:00", "DEAD_PROCESS", 77, "tty1", None, None),
        ("13:00:00", "USER_PROCESS", 78, "pts/0", "eve", "198.51.100.9"),
        ("14:00:00", "BOOT_TIME", 0, "~", "reboot", "6.1.0"),
    )
    rows = _sessions(
        f"10:00:05 {_accepted('mara', 7)}", f"10:00:06 {_opened('mara', 7)}", logins=logins
    )
    assert known(rows, "EventUid", "DvcHostname") == [
        {
            "LogonSessionId": "auth.log:1",
            "TargetUsername": "mara",
            "SrcIpAddr": "203.0.113.5",
            "SrcPortNumber": 4422,
            "LogonProtocol": "SSH",
            "LogonMethod": "Username & Password",
            "EventStartTime": pd.Timestamp("2026-03-12 10:00:06", tz="UTC"),
            "EventEndTime": pd.Timestamp("2026-03-12 10:30:00", tz="UTC"),
            "EndReason": "closed",
            "TargetAppName": "sshd",
            "TargetAppId": 7,
            "Tty": "pts/3",
            "Witnesses": ["syslog", "wtmp"],
            "RecordIds": ["auth.log:1", "auth.log:2", "wtmp:1", "wtmp:2", "wtmp:3", "wtmp:4"],
        },
        {
            "LogonSessionId": "wtmp:5",
            "TargetUsername": "root",
            "LogonProtocol": "login",
            "EventStartTime": pd.Timestamp("2026-03-12 12:00:00", tz="UTC"),
            "EventEndTime": pd.Timestamp("2026-03-12 12:30:00", tz="UTC"),
            "EndReason": "closed",
            "TargetAppId": 77,
            "Tty": "tty1",
            "Witnesses": ["wtmp"],
            "RecordIds": ["wtmp:5", "wtmp:6"],
        },
        {
            "LogonSessionId": "wtmp:7",
            "TargetUsername": "eve",
            "SrcIpAddr": "198.51.100.9",
            "EventStartTime": pd.Timestamp("2026-03-12 13:00:00", tz="UTC"),
            "EventEndTime": pd.Timestamp("2026-03-12 14:00:00", tz="UTC"),
            "EndReason": "reboot",
            "TargetAppId": 78,
            "Tty": "pts/0",
            "Witnesses": ["wtmp"],
            "RecordIds": ["wtmp:7"],
        },
    ]


def test_the_journal_knows_the_audit_session() -> None:
    journal = pd.DataFrame(
        {
            "_ItemId": pd.Series(["auth.log:1", "auth.log:2"], dtype=schema.STR),
            "_AUDIT_SESSION": pd.Series([2, 33], dtype="Int64"),
            "_SYSTEMD_SESSION": pd.Series([None, "33"], dtype=schema.STR),
            "_BOOT_ID": pd.Series(["a", "a"], dtype=schema.STR),
        }
    )
    rows = _sessions(
        f"10:00:05 {_opened('mara', 7)}", f"10:00:06 {_closed('mara', 7)}", journal=journal
    )
    assert rows[["AuditSession", "LogindSession"]].to_numpy().tolist() == [[33, "33"]]


def test_the_journal_knows_of_a_boot() -> None:
    journal = pd.DataFrame(
        {
            "_ItemId": pd.Series(["auth.log:1", "auth.log:2"], dtype=schema.STR),
            "_AUDIT_SESSION": pd.Series([None, None], dtype="Int64"),
            "_SYSTEMD_SESSION": pd.Series([None, None], dtype=schema.STR),
            "_BOOT_ID": pd.Series(["a", "b"], dtype=schema.STR),
        }
    )
    rows = _sessions(
        f"10:00:05 {_opened('mara', 7)}", f"12:00:06 {_opened('bob', 9)}", journal=journal
    )
    assert _short(rows) == [
        ("mara", "SSH", "10:00:05", "12:00:06", "reboot", None),
        ("bob", "SSH", "12:00:06", None, "open", None),
    ]


def test_logind_sessions_that_begin_together() -> None:
    rows = _sessions(
        f"10:00:00 {_opened('bob', 1)}",
        f"10:00:00 {_opened('bob', 2)}",
        "10:00:00 systemd-logind[6]: New session 4 of user bob.",
        "10:00:00 systemd-logind[6]: New session 5 of user bob.",
        f"10:00:00 {_opened('bob', 3, '(systemd)', 'systemd-user')}",
        "10:00:01 systemd-logind[6]: New session 6 of user bob.",
    )
    assert rows[["TargetAppId", "LogindSession"]].to_numpy().tolist() == [
        [1, "4"],
        [2, "5"],
        [3, "6"],
    ]


@pytest.mark.parametrize("logins", [None, pd.DataFrame(), _logins()])
def test_nothing_to_go_by(logins: pd.DataFrame | None) -> None:
    rows = parse.sessions(schema.empty("auth"), logins=logins)
    assert rows.dtypes.to_dict() == schema.empty("sessions").dtypes.to_dict()
    assert rows.empty
