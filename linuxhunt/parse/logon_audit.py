"""Attempts to log on as audit tells them, joined to those of syslog.

In one process (host and pid), a refused password is PAM's USER_AUTH, then the program's own word
for it, USER_LOGIN or USER_AUTH with the method as ``op``; a refused key is the latter alone.
OpenSSH writes ``(invalid user)`` also when it first hears of a user and for the method "none".
Who gets in has a USER_AUTH where a password was judged, and PAM's session in any case. Recorded
from OpenSSH 9.2 on Debian 12.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from linuxhunt.parse.engine import nanoseconds, to_arrow, to_pandas
from linuxhunt.schema import conform, in_order

__all__ = ["with_audit"]

_SECOND = 1_000_000_000
_SILENCE = 600 * _SECOND
# The two tell of one attempt within this; a line that stands for n attempts, of n times a try.
_WITHIN, _TRY = 5 * _SECOND, 10 * _SECOND
_BUCKET = 600 * _SECOND
_LONGEST = 60  # tries

# P: PAM refused; X: the program did; T: the account may not be used; S: somebody got in.
_TOKENS = f"""
    CREATE TEMP TABLE tokens AS
    WITH typed AS (
        SELECT *, CASE
            WHEN event = 'Logoff' THEN 'E'
            WHEN result = 'Failure' AND sub = 'Policy' THEN 'T'
            WHEN result = 'Failure' AND op = 'PAM:authentication' THEN 'P'
            WHEN result = 'Failure' AND sub = 'Authentication' AND op <> 'none' THEN 'X'
            WHEN result = 'Success' AND sub <> 'Policy' THEN 'S'
            END AS token
        FROM told
    ), begun AS (
        SELECT *, coalesce(lag(token) OVER same = 'E'
            OR time - lag(time) OVER same > {_SILENCE}, FALSE) AS fresh
        FROM typed WHERE token IS NOT NULL WINDOW same AS (PARTITION BY host, pid ORDER BY m)
    ), runs AS (
        SELECT *, sum(fresh::INT) OVER (PARTITION BY host, pid ORDER BY m) AS run FROM begun
    )
    SELECT *, sum((token = 'P')::INT) OVER (PARTITION BY host, pid, run ORDER BY m) AS refusals,
        max(CASE WHEN token = 'S' THEN m END) OVER (PARTITION BY host, pid, run) AS admission
    FROM (SELECT *, bool_or(token = 'S' AND type = 'USER_AUTH')
            OVER (PARTITION BY host, pid, run) AS judged FROM runs)
    WHERE token <> 'E' AND NOT (judged AND token = 'S' AND sub = 'Session')
"""
_ATTEMPTS = """
    CREATE TEMP TABLE attempts AS
    WITH numbered AS (
        SELECT *, row_number() OVER (PARTITION BY host, pid, run, refusals, token, type, op
            ORDER BY m) AS nth
        FROM tokens
    ), placed AS (
        SELECT *, CASE
            WHEN token = 'P' OR token = 'X' AND refusals > 0 AND nth = 1 THEN 'p' || refusals
            WHEN token IN ('S', 'T') THEN 's'
            WHEN username IS NULL THEN NULL
            WHEN coalesce(admission, -1) < m THEN 'x' || m
            ELSE 'key' END AS attempt
        FROM numbered
    ), named AS (
        SELECT * REPLACE (coalesce(attempt, first_value(CASE WHEN attempt NOT IN ('s', 'key')
                THEN attempt END IGNORE NULLS) OVER (PARTITION BY host, pid, run ORDER BY m
                ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), 'i') AS attempt)
        FROM placed
    ), joined AS (
        SELECT host, pid, run, attempt, list(m ORDER BY m) AS records, min(m) AS first_m,
            arg_min(m, (token NOT IN ('P', 'T'), m)) AS leader,
            min(time) AS first, max(time) AS last,
            CASE WHEN bool_or(token <> 'S') THEN 'Failure' ELSE 'Success' END AS result,
            arg_min(username, m) FILTER (username IS NOT NULL) AS username,
            arg_min(userid, m) FILTER (userid IS NOT NULL) AS userid,
            arg_min(address, m) FILTER (address IS NOT NULL) AS address,
            arg_min(port, m) FILTER (port IS NOT NULL) AS port,
            arg_min(hostname, m) FILTER (hostname IS NOT NULL) AS hostname,
            arg_min(method, m) FILTER (method IS NOT NULL) AS method,
            arg_min(fingerprint, m) FILTER (fingerprint IS NOT NULL) AS fingerprint,
            coalesce(bool_or(details = 'No such user'), FALSE) AS nobody
        FROM named WHERE attempt <> 'key' GROUP BY host, pid, run, attempt
    ), refused AS (
        SELECT host, pid, run, count(*) AS keys FROM named WHERE attempt = 'key' GROUP BY ALL
    )
    SELECT joined.*, row_number() OVER (ORDER BY first_m) AS a,
        row_number() OVER (PARTITION BY host, pid, run ORDER BY first_m) AS attempt_index,
        CASE WHEN attempt = 's' THEN coalesce(keys, 0) ELSE 0 END AS refused
    FROM joined LEFT JOIN refused USING (host, pid, run)
"""
_MATCHED = f"""
    CREATE TEMP TABLE matched AS
    WITH lines AS (
        SELECT *, time - {_WITHIN} - least(tries - 1, {_LONGEST}) * {_TRY} AS low,
            time + {_WITHIN} AS high
        FROM logons
    ), placed AS (
        SELECT *, unnest(range(low // {_BUCKET}, high // {_BUCKET} + 1)) AS bucket FROM lines
    )
    SELECT a, arg_min(l, least(abs(time - first), abs(time - last))) AS l
    FROM attempts JOIN placed ON placed.host = attempts.host AND placed.pid = attempts.pid
        AND placed.result = attempts.result AND placed.bucket = attempts.last // {_BUCKET}
        AND attempts.last >= low AND attempts.first <= high
        AND coalesce(placed.username = attempts.username, TRUE)
    GROUP BY a
"""
_COLUMNS = {
    "DvcHostname": "host",
    "EventType": "event",
    "EventSubType": "sub",
    "EventResult": "result",
    "EventResultDetails": "details",
    "TargetUsername": "username",
    "TargetUserId": "userid",
    "SrcIpAddr": "address",
    "SrcPortNumber": "port",
    "SrcHostname": "hostname",
    "LogonMethod": "method",
    "LogonMethodOriginal": "op",
    "KeyFingerprint": "fingerprint",
    "TargetAppId": "pid",
}
_FILLED = {
    "TargetUsername": "username",
    "TargetUserId": "userid",
    "SrcIpAddr": "address",
    "SrcPortNumber": "port",
    "SrcHostname": "hostname",
    "LogonMethod": "method",
    "KeyFingerprint": "fingerprint",
}


def with_audit(
    logons: pd.DataFrame, audit: pd.DataFrame, elsewhere: tuple[str, ...]
) -> pd.DataFrame:
    """Return attempts with what audit tells of them, and those that only audit tells of.

    Args:
        logons: ``EVENTS["logons"]`` of syslog.
        audit: rows of ``audit_auth``, in their order.
        elsewhere: protocols of no one's logging on.
    """
    told = audit[
        audit["TargetAppId"].notna()
        & audit["EventType"].isin(["Logon", "Logoff"])
        & ~audit["LogonProtocol"].isin(elsewhere)
    ].reset_index(drop=True)
    if told.empty:
        return logons
    rows = told[list(_COLUMNS)].rename(columns=_COLUMNS)
    rows["host"] = rows["host"].fillna("")  # a log that names no host is of one
    rows["type"] = told["AdditionalFields"].str.get("type").astype(rows["op"].dtype)
    rows["time"] = nanoseconds(told["TimeGenerated"])
    rows["m"] = range(len(rows))
    lines = pd.DataFrame(
        {
            "l": range(len(logons)),
            "host": logons["DvcHostname"].fillna(""),
            "pid": logons["TargetAppId"],
            "time": nanoseconds(logons["TimeGenerated"]),
            "result": logons["EventResult"],
            "username": logons["TargetUsername"],
            "tries": logons["EventCount"],
        }
    )
    with duckdb.connect() as con:
        con.register("told", to_arrow(rows))
        con.register("logons", to_arrow(lines))
        for step in (_TOKENS, _ATTEMPTS, _MATCHED):
            con.execute(step)
        found = to_pandas(con.sql("SELECT * FROM attempts LEFT JOIN matched USING (a) ORDER BY a"))
    uids = told["EventUid"].to_numpy(object)
    alone = found[found["l"].isna()].reset_index(drop=True)
    joined = found[found["l"].notna()]
    known = conform(_joined(logons, joined, uids), "logons")
    parts = [rows for rows in (known, conform(_alone(told, alone, uids), "logons")) if len(rows)]
    return in_order(pd.concat(parts, ignore_index=True), ("TimeGenerated",))


def _joined(logons: pd.DataFrame, found: pd.DataFrame, uids: np.ndarray[Any, Any]) -> pd.DataFrame:
    """Return the attempts of syslog with the records of audit behind their lines."""
    rows = logons.copy()
    records = rows["RecordIds"].to_numpy(object).copy()
    for number, more in zip(found["l"], found["records"], strict=True):
        records[number] = [*records[number], *uids[more]]
    rows["RecordIds"] = records
    first = found.drop_duplicates("l").set_index("l").reindex(range(len(rows)))
    for name, column in _FILLED.items():
        rows[name] = rows[name].fillna(first[column].set_axis(rows.index))
    return rows


def _alone(told: pd.DataFrame, found: pd.DataFrame, uids: np.ndarray[Any, Any]) -> pd.DataFrame:
    """Return the attempts that only audit tells of."""
    rows = told.iloc[found["leader"].to_numpy("int64")].reset_index(drop=True)
    rows["EventSubType"] = rows["EventSubType"].mask(
        rows["EventSubType"] == "Session", "Authentication"
    )
    for name, column in _FILLED.items():
        rows[name] = rows[name].fillna(found[column])
    rows["EventResultDetails"] = rows["EventResultDetails"].mask(found["nobody"], "No such user")
    rows["AttemptIndex"] = found["attempt_index"].astype("Int64")
    ssh = rows["LogonProtocol"] == "SSH"
    rows["RefusedKeys"] = found["refused"].astype("Int64").where(ssh)
    rows["EventUid"] = uids[found["first_m"].to_numpy("int64")]
    rows["RecordIds"] = [uids[numbers].tolist() for numbers in found["records"]]
    return rows
