"""``auth`` rows to ``logons``: one row for each attempt to log on.

Lines are joined by host, protocol and pid; a pid that is used again is a new connection (another
port or address, or a new beginning after an end). Where the pid is not known, address and port
stand for the connection. In a connection, what PAM and sshd say of a try before the line that
decides it ("Failed password", "Accepted") belongs to that line; what no line decides is an
attempt of its own, as many as one module reported.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from linuxhunt.parse.engine import nanoseconds, to_arrow, to_pandas
from linuxhunt.parse.logon_attempts import attempts
from linuxhunt.parse.logon_audit import with_audit
from linuxhunt.parse.runs import Numbers
from linuxhunt.schema import STR, conform, empty

__all__ = ["logons"]

# Sessions of these are no one's logging on.
_NOT_LOGONS = (
    *("su", "sudo", "doas", "runuser", "polkit", "cron", "at", "systemd-user", "systemd-logind"),
    *("gdm-greeter", "sddm-greeter", "passwd", "chpasswd", "chfn", "chsh"),
)

# What the text of a line tells of it: A, Q: somebody was let in, by the program or by PAM; F: it
# refused; P, M, I: what PAM or sshd says of a try before; K: a key was refused; T: refused behind
# a success; L: too many tries; S: a session was opened; C, E: a connection was made, ended.
_TYPED = """
    WITH inner_text AS (
        SELECT *, CASE WHEN starts_with(EventMessage, 'message repeated ')
            THEN regexp_extract(EventMessage, '^message repeated \\d+ times: \\[ ?(.*)', 1)
            ELSE EventMessage END AS text
        FROM auth
    ), seen AS (
        SELECT *, EventType = 'Logon' AND EventSubType <> 'Session' AS judged,
            LogonProtocol = 'SSH' AS ssh,
            (starts_with(text, 'pam_') OR starts_with(text, 'PAM ') OR starts_with(text, 'auth')
                OR starts_with(text, 'check pass')) AND regexp_matches(text,
                '^(?:pam_\\w+\\(|PAM \\d|authentication failure; |check pass; )') AS pam
        FROM inner_text
    ), typed AS (
        SELECT n, text, pam, CASE
            WHEN EventOriginalResultDetails LIKE 'more authentication failure%' THEN 'more'
            WHEN judged AND EventResult = 'Success' THEN CASE WHEN pam THEN 'Q' ELSE 'A' END
            WHEN judged AND LogonMethodOriginal = 'none' THEN NULL
            WHEN judged AND pam THEN 'P'
            WHEN judged AND NOT ssh THEN 'F'
            WHEN judged AND EventSubType = 'Lockout' THEN 'L'
            WHEN judged AND regexp_matches(text,
                '^(?:fatal: )?(?:Access denied for user|PAM rejected)') THEN 'T'
            WHEN judged AND regexp_matches(text, '^(?:error: )?PAM: ') THEN 'M'
            WHEN judged AND (EventResultDetails = 'Incorrect key' AND starts_with(text, 'Failed ')
                OR starts_with(text, 'userauth_')) THEN 'K'
            WHEN judged AND EventOriginalResultDetails = 'Failed' THEN 'F'
            WHEN judged THEN CASE WHEN TargetAppName = 'dropbear' THEN 'F' ELSE 'I' END
            WHEN EventType = 'Logon' AND EventResult = 'Success' AND NOT ssh THEN 'S'
            WHEN starts_with(text, 'Connection from ') OR starts_with(text, 'Child connection from')
                THEN 'C'
            WHEN EventType <> 'Info' OR regexp_matches(text, '^(?:error: )?(?:Connection (?:closed|'
                || 'reset)|Disconnect|Received disconnect|Timeout|Exit before auth)') THEN 'E'
        END AS type
        FROM seen
    )
    SELECT n, coalesce(pam, FALSE) AS pam, type,
        CASE WHEN type = 'more' THEN TRY_CAST(
            regexp_extract(text, '(\\d+) more authentication failure', 1) AS BIGINT) END AS more,
        CASE WHEN type IN ('P', 'M', 'Q', 'I') OR starts_with(text, 'pam_succeed_if')
            THEN regexp_extract(text, '^(?:\\w+\\([^)]*\\): )?\\S+ \\S+', 0)
                || CASE WHEN ends_with(text, ' [preauth]') THEN ' [preauth]' ELSE '' END
            ELSE '' END AS kind
    FROM typed WHERE type IS NOT NULL ORDER BY n
"""
_READ = [
    *("EventType", "EventSubType", "EventResult", "EventResultDetails", "LogonProtocol"),
    *("EventOriginalResultDetails", "LogonMethodOriginal", "TargetAppName", "EventMessage"),
]
_USED = {
    "DvcHostname": "host",
    "LogonProtocol": "protocol",
    "TargetAppId": "pid",
    "SrcIpAddr": "address",
    "SrcPortNumber": "port",
    "TargetUsername": "username",
    "EventCount": "tries",
    "EventResultDetails": "details",
    "EventResult": "result",
}


def logons(auth: pd.DataFrame, audit: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return one row for each attempt to log on.

    Args:
        auth: rows of ``schema.EVENTS["auth"]`` that come from syslog, in their order.
        audit: rows of ``audit_auth``, in their order. An attempt that syslog tells of too keeps
            its line and gets the records; one that it does not is a row of its own.

    Returns:
        Rows of ``schema.EVENTS["logons"]``. The time and the text are those of the line that
        decided the attempt; what that line leaves out comes from the others. RefusedKeys is null
        for protocols without keys. "n more authentication failures" is an attempt, of as many
        tries, only for what the other lines of its connection do not tell of.
    """
    told = _of_syslog(auth)
    return told if audit is None else with_audit(told, audit, _NOT_LOGONS)


def _of_syslog(auth: pd.DataFrame) -> pd.DataFrame:
    lines = _typed(auth)
    if lines.empty:
        return empty("logons")
    found, numbers = attempts(lines)
    if found.empty:
        return empty("logons")
    rows = auth.iloc[found["n"].to_numpy("int64")].reset_index(drop=True)
    reasons = found["reason"].to_numpy("int64")
    reasons = np.where(reasons < 0, found["n"].to_numpy("int64"), reasons)
    failed = rows["EventResult"] == "Failure"
    for name in ("EventResultDetails", "EventOriginalResultDetails"):
        rows[name] = rows[name].where(~failed, _taken(auth[name], reasons))
    for name, column in (("TargetUsername", "username"), ("SrcIpAddr", "address")):
        rows[name] = rows[name].fillna(_taken(auth[name], found[column].to_numpy("int64")))
    rows["SrcPortNumber"] = rows["SrcPortNumber"].fillna(found["port"])
    rows["EventCount"] = found["unlogged"].astype("Int64").fillna(rows["EventCount"])
    rows["AttemptIndex"] = found["attempt_index"]
    rows["RefusedKeys"] = found["refused"]
    uids = auth["EventUid"].array.take(numbers).tolist()
    rows["RecordIds"] = [
        uids[begin:end] for begin, end in zip(found["begins"], found["ends"], strict=True)
    ]
    first = numbers[found["begins"].to_numpy("int64")]
    rows["EventUid"] = auth["EventUid"].array.take(first)
    session = rows["EventSubType"] == "Session"
    rows["EventSubType"] = rows["EventSubType"].mask(session, "Authentication")
    return conform(rows, "logons")


def _typed(auth: pd.DataFrame) -> pd.DataFrame:
    """Return the lines that tell of a try or a connection, as :func:`attempts` takes them."""
    asked = auth["EventType"].isin(["Logon", "Logoff", "Info"])
    asked &= ~auth["LogonProtocol"].isin(_NOT_LOGONS)
    numbers = np.flatnonzero(asked)
    if not len(numbers):
        return auth.iloc[:0]
    with duckdb.connect() as con:
        con.register("auth", to_arrow(auth[_READ].iloc[numbers].assign(n=numbers)))
        lines = to_pandas(con.sql(_TYPED))
    kept = lines["n"].to_numpy("int64")
    for name, column in _USED.items():
        lines[column] = auth[name].array.take(kept)
    for column in lines.columns[lines.dtypes == STR]:
        # numbers, which are sorted and compared at a fraction of the cost of text
        codes, distinct = pd.factorize(lines[column])
        lines[column] = pd.Categorical.from_codes(codes, distinct)
    lines["time"] = nanoseconds(auth["TimeGenerated"].take(kept)).array
    return lines


def _taken(values: pd.Series[Any], numbers: Numbers) -> pd.Series[Any]:
    """Return the values of rows, null for the number -1."""
    return pd.Series(values.array.take(numbers, allow_fill=True))
