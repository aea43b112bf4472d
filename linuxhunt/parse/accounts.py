"""Syslog rows to ``accounts``: users, groups and passwords that changed."""

from __future__ import annotations

import duckdb
import pandas as pd

from linuxhunt.parse.distinct import said
from linuxhunt.parse.engine import Reader, maps, to_pandas
from linuxhunt.parse.lines import ORDER, load
from linuxhunt.parse.shadow import PASSWORDS, SHADOW
from linuxhunt.schema import EVENTS, conform, empty

__all__ = ["accounts"]

_READER = Reader((SHADOW, PASSWORDS), EVENTS["accounts"])

# One change is told of in several lines: of passwd and shadow, group and gshadow, PAM and passwd.
_ROWS = f"""
    WITH numbered AS (
        SELECT * REPLACE (row_number() OVER (ORDER BY {ORDER}) AS n) FROM captured
    ), gaps AS (
        SELECT *, epoch_ns(time) - lag(epoch_ns(time)) OVER same AS gap,
            lag(NewPropertyValue) OVER same AS last_value,
            lag(PreviousPropertyValue) OVER same AS last_previous
        FROM numbered
        WINDOW same AS (PARTITION BY host, program, pid, EventType, EventSubType, EventResult,
            GroupName, CASE WHEN GroupName IS NULL OR EventType LIKE 'User%' THEN TargetUsername END
            ORDER BY n)
    ), changes AS (
        SELECT *, sum((gap IS NULL OR gap > 5_000_000_000 OR pid IS NULL
                OR last_value IS DISTINCT FROM NewPropertyValue
                OR last_previous IS DISTINCT FROM PreviousPropertyValue)::INT) OVER (
            PARTITION BY host, program, pid, EventType, EventSubType, EventResult, GroupName,
            CASE WHEN GroupName IS NULL OR EventType LIKE 'User%' THEN TargetUsername END
            ORDER BY n) AS change
        FROM gaps
    )
    SELECT arg_min(time, n) AS TimeGenerated, any_value(host) AS DvcHostname,
        any_value(EventType) AS EventType, any_value(EventSubType) AS EventSubType,
        any_value(EventResult) AS EventResult,
        arg_min(TargetUsername, n) FILTER (TargetUsername IS NOT NULL) AS TargetUsername,
        TRY_CAST(arg_min(TargetUserId, n) FILTER (TargetUserId IS NOT NULL) AS BIGINT)
            AS TargetUserId,
        any_value(GroupName) AS GroupName,
        TRY_CAST(arg_min(GroupId, n) FILTER (GroupId IS NOT NULL) AS BIGINT) AS GroupId,
        arg_min(ActorUsername, n) FILTER (ActorUsername IS NOT NULL) AS ActorUsername,
        any_value(PreviousPropertyValue) AS PreviousPropertyValue,
        any_value(NewPropertyValue) AS NewPropertyValue,
        any_value(program) AS ActingAppName, any_value(pid) AS ActingAppId,
        arg_min(extra, n) FILTER (extra IS NOT NULL) AS extra, arg_min(message, n) AS EventMessage,
        arg_min(uid, n) AS EventUid, list(uid ORDER BY n) AS RecordIds
    FROM changes
    GROUP BY host, program, pid, EventType, EventSubType, EventResult, GroupName,
        CASE WHEN GroupName IS NULL OR EventType LIKE 'User%' THEN TargetUsername END, change
    ORDER BY min(n)
"""


def accounts(syslog: pd.DataFrame) -> pd.DataFrame:
    """Return changes of users, groups and passwords.

    Args:
        syslog: rows of the Syslog table.

    Returns:
        Rows of ``schema.EVENTS["accounts"]``, one a change, by time, file, line of the first line
        that told of it. shadow's passwd prints the same line for a new password, a lock, an
        unlock and an expiry: all are ``PasswordChanged``. Who did it is null where the program
        does not say.
    """
    with duckdb.connect() as con:
        load(con, _candidates(con, syslog), _READER.tables)
        if not _READER.capture(con):
            return empty("accounts")
        frame = to_pandas(con.sql(_ROWS))
    frame["AdditionalFields"] = maps(frame["extra"])
    frame["RecordIds"] = frame["RecordIds"].map(list)
    return conform(frame, "accounts")


def _candidates(con: duckdb.DuckDBPyConnection, syslog: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that a shape understands, where lines say the same often enough to ask."""
    lines = said(syslog)
    if len(lines.rows) == len(syslog):
        return syslog
    load(con, lines.rows, _READER.tables)
    _READER.match(con)
    found = con.sql("SELECT n FROM matched WHERE shape IS NOT NULL").fetchnumpy()["n"]
    return syslog.take(lines.who(found))
