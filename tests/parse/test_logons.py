"""logons: which lines are one attempt, and how many attempts a connection held."""

import pandas as pd
import pytest

from linuxhunt import parse, schema
from tests.parse.syslog_rows import syslog

_PAM = "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost="
_UNKNOWN = "pam_unix(sshd:auth): check pass; user unknown"
_KEY = "ED25519 SHA256:OXyOHNDjjnhRaAjMOpNSLzyKAcGzvzNkGSaaIcTgVmA"
_A = "203.0.113.5 port 4422"


def _short(*lines: str) -> list[tuple]:
    """Return (lines joined, result, details, user, address, count, index, refused) of each."""
    rows = parse.logons(parse.auth(syslog(*lines)))
    return [
        (
            [int(uid.rpartition(":")[2]) for uid in row.RecordIds],
            row.EventResult,
            row.EventResultDetails if isinstance(row.EventResultDetails, str) else None,
            row.TargetUsername if isinstance(row.TargetUsername, str) else None,
            row.SrcIpAddr if isinstance(row.SrcIpAddr, str) else None,
            row.EventCount,
            row.AttemptIndex,
            None if pd.isna(row.RefusedKeys) else row.RefusedKeys,
        )
        for row in rows.itertuples()
    ]


_WRONG, _NOBODY, _IP = "Incorrect password", "No such user", "203.0.113.5"

_CASES = [
    pytest.param(
        [
            f"10:00:00 sshd[7]: {_PAM}203.0.113.5  user=root",
            f"10:00:02 sshd[7]: Failed password for root from {_A} ssh2",
            f"10:00:02 sshd[7]: Connection closed by authenticating user root {_A} [preauth]",
        ],
        [([1, 2], "Failure", _WRONG, "root", _IP, 1, 1, 0)],
        id="one try is one attempt",
    ),
    pytest.param(
        [
            f"10:00:00 sshd[7]: {_PAM}203.0.113.5  user=root",
            f"10:00:02 sshd[7]: Failed password for root from {_A} ssh2",
            f"10:00:05 sshd[7]: Failed password for root from {_A} ssh2",
            f"10:00:09 sshd[7]: Failed password for root from {_A} ssh2",
            f"10:00:09 sshd[7]: error: maximum authentication attempts exceeded for root from {_A}"
            " ssh2 [preauth]",
            f"10:00:09 sshd[7]: Disconnecting authenticating user root {_A}: Too many"
            " authentication failures [preauth]",
            "10:00:09 sshd[7]: PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh"
            " ruser= rhost=203.0.113.5  user=root",
        ],
        [
            ([1, 2], "Failure", _WRONG, "root", _IP, 1, 1, 0),
            ([3], "Failure", _WRONG, "root", _IP, 1, 2, 0),
            ([4], "Failure", _WRONG, "root", _IP, 1, 3, 0),
        ],
        id="three tries are three",
    ),
    pytest.param(
        [
            f"10:00:00 sshd[7]: {_PAM}203.0.113.5  user=root",
            f"10:00:02 sshd[7]: Failed password for root from {_A} ssh2",
            "10:00:09 sshd[7]: message repeated 5 times: [ Failed password for root from"
            f" {_A} ssh2]",
            "10:00:09 sshd[7]: PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh"
            " ruser= rhost=203.0.113.5  user=root",
        ],
        [
            ([1, 2], "Failure", _WRONG, "root", _IP, 1, 1, 0),
            ([3], "Failure", _WRONG, "root", _IP, 5, 2, 0),
        ],
        id="message repeated is one row of five",
    ),
    pytest.param(
        [
            f"10:00:00 sshd[7]: {_PAM}203.0.113.5  user=root",
            "10:00:09 sshd[7]: PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh"
            " ruser= rhost=203.0.113.5  user=root",
        ],
        [
            ([1], "Failure", _WRONG, "root", _IP, 1, 1, 0),
            ([2], "Failure", _WRONG, "root", _IP, 2, 2, 0),
        ],
        id="more failures tell of tries that no line is of",
    ),
    pytest.param(
        [
            f"10:00:00 sshd[7]: Invalid user oracle from {_A}",
            "10:00:00 sshd[7]: input_userauth_request: invalid user oracle [preauth]",
            f"10:00:00 sshd[7]: Failed none for invalid user oracle from {_A} ssh2",
            f"10:00:01 sshd[7]: {_UNKNOWN}",
            f"10:00:01 sshd[7]: {_PAM}203.0.113.5 ",
            f"10:00:03 sshd[7]: Failed password for invalid user oracle from {_A} ssh2",
            f"10:00:04 sshd[7]: {_UNKNOWN}",
            f"10:00:06 sshd[7]: Failed password for invalid user oracle from {_A} ssh2",
            f"10:00:06 sshd[7]: Connection closed by invalid user oracle {_A} [preauth]",
        ],
        [
            ([1, 2, 4, 5, 6], "Failure", _NOBODY, "oracle", _IP, 1, 1, 0),
            ([7, 8], "Failure", _NOBODY, "oracle", _IP, 1, 2, 0),
        ],
        id="invalid user joins the failure that follows",
    ),
    pytest.param(
        [
            f"10:00:00 sshd[7]: Invalid user oracle from {_A}",
            f"10:00:01 sshd[7]: Received disconnect from {_A}:11: Bye Bye [preauth]",
            f"10:00:01 sshd[7]: Disconnected from invalid user oracle {_A} [preauth]",
        ],
        [([1], "Failure", _NOBODY, "oracle", _IP, 1, 1, 0)],
        id="invalid user alone is an attempt",
    ),
    pytest.param(
        [
            f"10:00:00 sshd[7]: Failed publickey for mara from {_A} ssh2: {_KEY}",
            f"10:00:00 sshd[7]: Failed none for mara from {_A} ssh2",
            f"10:00:01 sshd[7]: Failed publickey for mara from {_A} ssh2: {_KEY}",
            f"10:00:02 sshd[7]: Postponed publickey for mara from {_A} ssh2 [preauth]",
            f"10:00:02 sshd[7]: Accepted publickey for mara from {_A} ssh2: {_KEY}",
        ],
        [([5], "Success", None, "mara", _IP, 1, 1, 2)],
        id="keys before a success are refused keys",
    ),
    pytest.param(
        [
            f"10:00:00 sshd[7]: Failed publickey for mara from {_A} ssh2: {_KEY}",
            f"10:00:01 sshd[7]: Failed publickey for mara from {_A} ssh2: {_KEY}",
            f"10:00:01 sshd[7]: Connection closed by authenticating user mara {_A} [preauth]",
        ],
        [
            ([1], "Failure", "Incorrect key", "mara", _IP, 1, 1, 0),
            ([2], "Failure", "Incorrect key", "mara", _IP, 1, 2, 0),
        ],
        id="keys without a success are attempts",
    ),
    pytest.param(
        [
            f"10:00:00 sshd[7]: {_PAM}203.0.113.5  user=mara",
            f"10:00:02 sshd[7]: Failed password for mara from {_A} ssh2",
            f"10:00:07 sshd[7]: Accepted password for mara from {_A} ssh2",
            "10:00:07 sshd[7]: pam_unix(sshd:session): session opened for user mara(uid=1001) by"
            " (uid=0)",
        ],
        [
            ([1, 2], "Failure", _WRONG, "mara", _IP, 1, 1, 0),
            ([3], "Success", None, "mara", _IP, 1, 2, 0),
        ],
        id="a failure, then in",
    ),
    pytest.param(
        [
            f"10:00:00 sshd[7]: {_PAM}203.0.113.5  user=mara@example.org",
            "10:00:00 sshd[7]: pam_sss(sshd:auth): authentication success; logname= uid=0 euid=0"
            " tty=ssh ruser= rhost=203.0.113.5 user=mara@example.org",
            f"10:00:00 sshd[7]: Accepted password for mara@example.org from {_A} ssh2",
        ],
        [([1, 2, 3], "Success", None, "mara@example.org", _IP, 1, 1, 0)],
        id="one module refused, the next did not",
    ),
    pytest.param(
        [
            f"10:00:00 sshd[7]: {_PAM}203.0.113.5  user=mara",
            "10:00:00 sshd[7]: pam_sss(sshd:auth): authentication failure; logname= uid=0 euid=0"
            " tty=ssh ruser= rhost=203.0.113.5 user=mara",
            "10:00:00 sshd[7]: pam_sss(sshd:auth): received for user mara: 7 (Authentication"
            " failure)",
            f"10:00:02 sshd[7]: Failed password for mara from {_A} ssh2",
        ],
        [([1, 2, 3, 4], "Failure", _WRONG, "mara", _IP, 1, 1, 0)],
        id="two modules, one try",
    ),
    pytest.param(
        [
            f"10:00:00 sshd[7]: {_PAM}203.0.113.5  user=mara",
            "10:00:02 sshd[7]: error: PAM: Authentication failure for mara from 203.0.113.5",
            f"10:00:04 sshd[7]: {_PAM}203.0.113.5  user=mara",
            "10:00:06 sshd[7]: error: PAM: Authentication failure for mara from 203.0.113.5",
            f"10:00:06 sshd[7]: Failed keyboard-interactive/pam for mara from {_A} ssh2",
        ],
        [
            ([1, 2], "Failure", _WRONG, "mara", _IP, 1, 1, 0),
            ([3, 4, 5], "Failure", _WRONG, "mara", _IP, 1, 2, 0),
        ],
        id="keyboard-interactive",
    ),
    pytest.param(
        [
            "10:00:00 sshd[7]: User dora from 203.0.113.5 not allowed because listed in DenyUsers",
            f"10:00:01 sshd[7]: {_PAM}203.0.113.5  user=dora",
            f"10:00:03 sshd[7]: Failed password for invalid user dora from {_A} ssh2",
        ],
        [([1, 2, 3], "Failure", "Logon violates policy", "dora", _IP, 1, 1, 0)],
        id="an existing user who is denied",
    ),
    pytest.param(
        [
            "10:00:00 sshd[7]: pam_unix(sshd:account): account lock has expired (account expired)",
            f"10:00:00 sshd[7]: Failed password for lock from {_A} ssh2",
            "10:00:00 sshd[7]: fatal: Access denied for user lock by PAM account configuration"
            " [preauth]",
        ],
        [([1, 2, 3], "Failure", "Account expired", "lock", _IP, 1, 1, 0)],
        id="an account that has expired",
    ),
    pytest.param(
        [
            f"10:00:00 sshd[7]: {_PAM}203.0.113.5  user=root",
            '10:00:00 sshd[7]: pam_succeed_if(sshd:auth): requirement "uid >= 1000" not met by'
            ' user "root"',
            f"10:00:02 sshd[7]: Failed password for root from {_A} ssh2",
        ],
        [([1, 2, 3], "Failure", _WRONG, "root", _IP, 1, 1, 0)],
        id="the rule behind the module that refused",
    ),
    pytest.param(
        [
            f"10:00:00 sshd[7]: Failed password for root from {_A} ssh2",
            "10:00:00 sshd[7]: Connection closed by authenticating user root 203.0.113.5 port 4422"
            " [preauth]",
            "14:00:00 sshd[7]: Failed password for eve from 198.51.100.9 port 5 ssh2",
        ],
        [
            ([1], "Failure", _WRONG, "root", _IP, 1, 1, 0),
            ([3], "Failure", _WRONG, "eve", "198.51.100.9", 1, 1, 0),
        ],
        id="a pid used again",
    ),
    pytest.param(
        [
            f"10:00:00 sshd: {_PAM}203.0.113.5  user=root",
            "10:00:00 sshd: Failed password for eve from 198.51.100.9 port 5 ssh2",
            f"10:00:02 sshd: Failed password for root from {_A} ssh2",
        ],
        [
            ([2], "Failure", _WRONG, "eve", "198.51.100.9", 1, 1, 0),
            ([1, 3], "Failure", _WRONG, "root", _IP, 1, 1, 0),
        ],
        id="no pid: by address and port",
    ),
    pytest.param(
        [
            f"10:00:00 sshd[7]: {_PAM}203.0.113.5  user=root",
            f"10:00:00 sshd[8]: {_PAM}203.0.113.5  user=eve",
            "10:00:02 sshd[8]: Failed password for eve from 203.0.113.5 port 5 ssh2",
            f"10:00:02 sshd[7]: Failed password for root from {_A} ssh2",
        ],
        [
            ([2, 3], "Failure", _WRONG, "eve", _IP, 1, 1, 0),
            ([1, 4], "Failure", _WRONG, "root", _IP, 1, 1, 0),
        ],
        id="connections at once",
    ),
    pytest.param(
        [
            "10:00:00 login[9]: pam_unix(login:auth): authentication failure; logname= uid=0 euid=0"
            " tty=/dev/tty1 ruser= rhost=  user=mara",
            "10:00:03 login[9]: FAILED LOGIN (1) on '/dev/tty1' FOR 'mara', Authentication failure",
            "10:00:09 login[9]: pam_unix(login:session): session opened for user mara(uid=1001) by"
            " (uid=0)",
        ],
        [
            ([1, 2], "Failure", _WRONG, "mara", None, 1, 1, None),
            ([3], "Success", None, "mara", None, 1, 2, None),
        ],
        id="login at a terminal",
    ),
    pytest.param(
        [
            "10:00:00 gdm-password][9]: pam_unix(gdm-password:auth): authentication failure;"
            " logname= uid=0 euid=0 tty=/dev/tty1 ruser= rhost=  user=mara",
            "10:00:30 gdm-password][9]: pam_unix(gdm-password:auth): authentication failure;"
            " logname= uid=0 euid=0 tty=/dev/tty1 ruser= rhost=  user=mara",
            "10:01:00 gdm-password][9]: pam_unix(gdm-password:session): session opened for user"
            " mara(uid=1001) by (uid=0)",
        ],
        [
            ([1], "Failure", _WRONG, "mara", None, 1, 1, None),
            ([2], "Failure", _WRONG, "mara", None, 1, 2, None),
            ([3], "Success", None, "mara", None, 1, 3, None),
        ],
        id="gdm, where PAM alone speaks",
    ),
    pytest.param(
        [
            "10:00:00 dropbear[9]: Child connection from 203.0.113.5:4422",
            "10:00:01 dropbear[9]: Bad password attempt for 'root' from 203.0.113.5:4422",
            "10:00:02 dropbear[9]: Bad password attempt for 'root' from 203.0.113.5:4422",
            "10:00:03 dropbear[9]: Password auth succeeded for 'root' from 203.0.113.5:4422",
        ],
        [
            ([2], "Failure", _WRONG, "root", _IP, 1, 1, 0),
            ([3], "Failure", _WRONG, "root", _IP, 1, 2, 0),
            ([4], "Success", None, "root", _IP, 1, 3, 0),
        ],
        id="dropbear",
    ),
    pytest.param(
        [
            "10:00:00 su[9]: FAILED SU (to root) alice on pts/0",
            "10:00:01 sudo: bob : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/x",
            "10:00:02 CRON[9]: pam_unix(cron:session): session opened for user root by (uid=0)",
            "10:00:03 systemd-logind[6]: New session 4 of user bob.",
            "10:00:04 passwd[9]: pam_unix(passwd:chauthtok): authentication failure; logname=a"
            " uid=1000 euid=0 tty=pts/0 ruser= rhost=  user=a",
            f"10:00:05 sshd[7]: Connection closed by {_A} [preauth]",
        ],
        [],
        id="what is no attempt to log on",
    ),
]


@pytest.mark.parametrize(("lines", "expected"), _CASES)
def test_attempts(lines: list[str], expected: list[tuple]) -> None:
    assert _short(*lines) == expected


def test_columns_and_types() -> None:
    rows = parse.logons(parse.auth(syslog(f"10:00:00 sshd[7]: Invalid user x from {_A}")))
    assert rows.dtypes.to_dict() == schema.empty("logons").dtypes.to_dict()
    empty = parse.logons(schema.empty("auth"))
    assert empty.dtypes.to_dict() == schema.empty("logons").dtypes.to_dict()


def test_first_record_names_the_attempt_and_the_decision_dates_it() -> None:
    rows = parse.logons(
        parse.auth(
            syslog(
                f"10:00:00 sshd[7]: {_PAM}203.0.113.5  user=root",
                f"10:00:02 sshd[7]: Failed password for root from {_A} ssh2",
            )
        )
    )
    assert rows["EventUid"].tolist() == ["auth.log:1"]
    assert rows["EventMessage"].tolist() == [f"Failed password for root from {_A} ssh2"]
    assert rows["TimeGenerated"].dt.second.tolist() == [2]
