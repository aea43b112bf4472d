"""logons of login records: what btmp, wtmp and lastlog tell of, and what was told of before."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt import parse
from linuxhunt.parse.logon_logins import with_logins
from linuxhunt.schema import STR, TIME, empty
from tests.parse.audit_lines import known
from tests.parse.syslog_rows import syslog

A = "203.0.113.9"
_COLUMNS = ("Source", "RecordType", "Line", "UserName", "HostName", "SrcIpAddr")


def logins(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make rows of LinuxLogin_CL; ids count the records of each file from 1."""
    counts: dict[str, int] = {}
    ids = []
    for row in rows:
        counts[row["Source"]] = counts.get(row["Source"], 0) + 1
        ids.append(f"{row['Source']}:{counts[row['Source']]}")
    return pd.DataFrame(
        {
            "TimeGenerated": pd.to_datetime(
                [f"2026-03-12T{row['at']}Z" for row in rows], format="ISO8601", utc=True
            ).astype(TIME),
            "Computer": pd.Series([row.get("host", "web01") for row in rows], dtype=STR),
            **{name: pd.Series([row.get(name) for row in rows], dtype=STR) for name in _COLUMNS},
            "ProcessID": pd.Series([row.get("pid") for row in rows], dtype="Int64"),
            "UserId": pd.Series([row.get("uid") for row in rows], dtype="Int64"),
            "_ItemId": pd.Series(ids, dtype=STR),
        }
    )


def refused(at: str, pid: int = 7, user: str | None = "eve", **more: Any) -> dict[str, Any]:
    return {"Source": "btmp", "RecordType": "LOGIN_PROCESS", "Line": "ssh:notty", "at": at,
            "pid": pid, "UserName": user, "HostName": A, "SrcIpAddr": A, **more}  # fmt: skip


def came(at: str, pid: int = 8, user: str = "eve", **more: Any) -> dict[str, Any]:
    return {"Source": "wtmp", "RecordType": "USER_PROCESS", "Line": "pts/0", "at": at, "pid": pid,
            "UserName": user, "HostName": A, "SrcIpAddr": A, **more}  # fmt: skip


def last(at: str, user: str | None = "eve", uid: int = 1000, **more: Any) -> dict[str, Any]:
    return {"Source": "lastlog", "Line": "pts/0", "at": at, "UserName": user, "uid": uid,
            "HostName": A, "SrcIpAddr": A, **more}  # fmt: skip


def together(lines: list[str], records: list[dict[str, Any]]) -> pd.DataFrame:
    auth = parse.auth(syslog(*lines)) if lines else empty("auth")
    rows = logins(*records)
    sessions = parse.sessions(auth, logins=rows)
    return with_logins(parse.logons(auth), rows, sessions)


def row(at: str, result: str, source: str, message: str, **more: Any) -> dict[str, Any]:
    return {
        "TimeGenerated": pd.Timestamp(f"2026-03-12T{at}Z"), "DvcHostname": "web01",
        "EventType": "Logon", "EventSubType": "Authentication", "EventResult": result,
        "EventCount": 1, "TargetUsername": "eve", "SrcIpAddr": A,
        "AdditionalFields": {"Source": source, "Line": "pts/0"}, "EventMessage": message,
        "EventUid": f"{source}:1", "RecordIds": [f"{source}:1"], **more,
    }  # fmt: skip


SSH = {"LogonProtocol": "SSH", "TargetAppName": "sshd", "TargetAppId": 7,
       "EventResultDetails": "Other",
       "AdditionalFields": {"Source": "btmp", "Line": "ssh:notty"}}  # fmt: skip
ALONE = [
    pytest.param(
        refused("10:00:00"),
        [row("10:00:00", "Failure", "btmp", f"btmp: eve on ssh:notty from {A}", **SSH)],
        id="a password refused by sshd"),
    pytest.param(
        refused("10:00:00", user="UNKNOWN", RecordType="USER_PROCESS", Line="tty1", HostName=None,
                SrcIpAddr=None),
        [{key: value for key, value in row(
            "10:00:00", "Failure", "btmp", "btmp: UNKNOWN on tty1", LogonProtocol="login",
            TargetAppName="login", TargetAppId=7, EventResultDetails="No such user",
            AdditionalFields={"Source": "btmp", "Line": "tty1"}).items()
          if key not in ("TargetUsername", "SrcIpAddr")}], id="login hides the name"),
    pytest.param(
        refused("10:00:00", user=None, HostName="laptop.lan", SrcIpAddr=None),
        [{key: value for key, value in row(
            "10:00:00", "Failure", "btmp", "btmp: somebody on ssh:notty from laptop.lan", **SSH,
            SrcHostname="laptop.lan").items() if key not in ("TargetUsername", "SrcIpAddr")}],
        id="no name, and a host by its name"),
    pytest.param(
        refused("10:00:00", user="root", Line="pts/3", HostName=None, SrcIpAddr=None), [],
        id="su writes there too"),
    pytest.param(
        came("10:00:00"),
        [row("10:00:00", "Success", "wtmp", f"wtmp: eve on pts/0 from {A}", TargetAppId=8)],
        id="who came in"),
    pytest.param(came("10:00:00", HostName="tmux(77).%0", SrcIpAddr=None), [], id="tmux"),
    pytest.param(came("10:00:00", HostName=":0", SrcIpAddr=None), [], id="a desktop's terminal"),
    pytest.param(
        last("10:00:00"),
        [row("10:00:00", "Success", "lastlog", f"lastlog: eve on pts/0 from {A}",
             TargetUserId=1000)], id="who came in last"),
    pytest.param(
        last("10:00:00", user=None),
        [{key: value for key, value in row(
            "10:00:00", "Success", "lastlog", f"lastlog: uid 1000 on pts/0 from {A}",
            TargetUserId=1000).items() if key != "TargetUsername"}], id="a uid that no file names"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "expected"), ALONE)
def test_what_only_login_records_tell(
    record: dict[str, Any], expected: list[dict[str, Any]]
) -> None:
    rows = together([], [record])
    assert known(rows) == expected
    assert rows.dtypes.to_dict() == empty("logons").dtypes.to_dict()


FAILED = f"sshd[7]: Failed password for eve from {A} port 22 ssh2"
ACCEPTED = f"sshd[8]: Accepted password for eve from {A} port 23 ssh2"
BOTH = [
    pytest.param([f"10:00:00 {FAILED}"], [refused("10:00:00")], [["auth.log:1", "btmp:1"]],
                 id="one process"),
    pytest.param([f"10:00:01 {FAILED}"], [refused("10:00:00"), refused("10:00:03")],
                 [["auth.log:1", "btmp:1", "btmp:2"]], id="a user who does not exist, twice"),
    pytest.param(
        [f"10:00:09 sshd[7]: message repeated 2 times: [ Failed password for eve from {A} port 22"
         " ssh2]"], [refused("10:00:05"), refused("10:00:09")],
        [["auth.log:1", "btmp:1", "btmp:2"]], id="a repeated line"),
    pytest.param([f"10:00:00 {FAILED}"], [refused("10:00:00", pid=9)],
                 [["auth.log:1"], ["btmp:1"]], id="another process"),
    pytest.param([f"10:00:00 {FAILED}"], [refused("10:05:00")], [["auth.log:1"], ["btmp:1"]],
                 id="that pid, minutes later"),
    pytest.param([f"10:00:00 {FAILED}"], [refused("12:00:01")], [["auth.log:1", "btmp:1"]],
                 id="a log of another zone, by two hours"),
    pytest.param([f"10:00:00 {FAILED}"], [refused("11:59:59")], [["auth.log:1", "btmp:1"]],
                 id="a log of another zone, a second behind"),
    pytest.param([f"10:00:00 {FAILED}"], [refused("12:00:01", user="bob")],
                 [["auth.log:1"], ["btmp:1"]], id="that pid and quarter, another user"),
    pytest.param([f"10:00:00 {FAILED.replace('[7]', '')}"], [refused("10:00:02")],
                 [["auth.log:1", "btmp:1"]], id="a line without a pid"),
    pytest.param([f"10:00:00 {FAILED.replace('[7]', '')}"], [refused("10:00:30")],
                 [["auth.log:1"], ["btmp:1"]], id="a line without a pid, long before"),
    pytest.param([f"10:00:00 {FAILED}"], [refused("10:00:00", host="db01")],
                 [["auth.log:1"], ["btmp:1"]], id="another host"),
    pytest.param([f"10:00:00 {FAILED}"], [refused("10:00:00", host="WEB01")],
                 [["auth.log:1", "btmp:1"]], id="that host in capitals"),
    pytest.param([f"10:00:00 {ACCEPTED}"], [refused("10:00:00", pid=8)],
                 [["auth.log:1"], ["btmp:1"]], id="refused is not accepted"),
    pytest.param([f"10:00:00 {ACCEPTED}"], [came("10:00:00.2")], [["auth.log:1"]],
                 id="accepted: a record of wtmp is the session's"),
    pytest.param([f"10:00:00 {ACCEPTED}"], [came("11:00:00.2", pid=9, user="bob")],
                 [["auth.log:1"], ["wtmp:1"]], id="another one came in"),
    pytest.param(
        [f"10:00:00 {ACCEPTED}", "10:00:00.1 sshd[8]: pam_unix(sshd:session): session opened for"
         " user eve(uid=1000) by (uid=0)"], [came("10:00:00.2"), last("10:00:00")],
        [["auth.log:1", "lastlog:1"]], id="a session in the log"),
    pytest.param([f"10:00:00 {ACCEPTED}"], [last("10:00:01")], [["auth.log:1", "lastlog:1"]],
                 id="lastlog of an accepted one"),
    pytest.param([f"10:00:00 {ACCEPTED}"], [last("10:30:00")], [["auth.log:1"], ["lastlog:1"]],
                 id="lastlog alone: wtmp was wiped"),
    pytest.param([], [came("10:00:00"), last("10:00:00", user=None)], [["wtmp:1"]],
                 id="lastlog of a record of wtmp"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "records", "expected"), BOTH)
def test_one_attempt_is_one_row(
    lines: list[str], records: list[dict[str, Any]], expected: list[list[str]]
) -> None:
    assert together(lines, records)["RecordIds"].tolist() == expected


def test_no_records_change_nothing() -> None:
    told = parse.logons(parse.auth(syslog(f"10:00:00 {FAILED}")))
    assert with_logins(told, logins(), empty("sessions")) is told
