"""Syslog rows to ``sudo``: every command that was asked for as another user."""

from __future__ import annotations

import duckdb
import pandas as pd

from linuxhunt.parse.enclosing import HOLDS, NESTED, enclosing
from linuxhunt.parse.engine import Reader, nanoseconds, to_arrow, to_pandas
from linuxhunt.parse.lines import FILE, LINE, ORDER, load
from linuxhunt.parse.sudoers import DOAS, PKEXEC, SUDO
from linuxhunt.schema import EVENTS, conform, empty

__all__ = ["sudo"]

_READER = Reader((SUDO, DOAS, PKEXEC), EVENTS["sudo"])

# A piece that sudo cut within a word has no blank in it and is as long as a line may be.
_CUT = 900

# Continuations follow their first line, from the same sudo: host, pid if any, sudoer.
_SEAMS = f"""
    CREATE TEMP TABLE seams AS
    WITH ordered AS (
        SELECT * REPLACE (row_number() OVER (ORDER BY {ORDER}) AS n), {FILE} AS file,
            {LINE} AS line
        FROM (SELECT * FROM captured UNION ALL BY NAME
            SELECT rows.*, matched.* EXCLUDE (n), TRUE AS continued
            FROM matched JOIN rows USING (n) WHERE contains(body, ' : (command continued) '))
    ), pieces AS (
        SELECT *, coalesce(continued, FALSE) AS more,
            coalesce(ActorUsername,
                regexp_extract(body, '^ *(\\S.*?) : \\(command continued\\)', 1)) AS sudoer,
            CASE WHEN continued
                THEN regexp_extract(body, ' : \\(command continued\\) (.*)$', 1, 's')
                ELSE CommandLine END AS piece
        FROM ordered
    ), runs AS (
        SELECT *, sum((NOT more)::INT) OVER same AS run FROM pieces
        WINDOW same AS (PARTITION BY host, program, pid, sudoer ORDER BY n)
    )
    SELECT *, CASE WHEN NOT more THEN ''
        WHEN length(lag(piece) OVER same) >= {_CUT} AND NOT contains(lag(piece) OVER same, ' ')
        THEN '' ELSE ' ' END AS seam
    FROM runs
    WINDOW same AS (PARTITION BY host, program, pid, sudoer, run ORDER BY n)
"""
_JOINED = """
    CREATE TEMP TABLE joined AS
    SELECT min(n) AS first_n, string_agg(seam || piece, '' ORDER BY n) AS command,
        list(uid ORDER BY n) AS uids, bool_or(NOT more) AS headed
    FROM seams GROUP BY host, program, pid, sudoer, run
"""

_ROWS = """
    SELECT first.time AS TimeGenerated, first.host AS DvcHostname,
        first.ActorUsername AS ActorUsername, coalesce(first.TargetUsername,
            CASE WHEN first.family = 'doas' THEN NULL END) AS TargetUsername,
        first.TargetGroupName AS TargetGroupName, nullif(command, '') AS CommandLine,
        first.TargetProcessCurrentDirectory AS TargetProcessCurrentDirectory,
        regexp_replace(first.Tty, '^/dev/', '') AS Tty, first.EventResult AS EventResult,
        first.EventResultDetails AS EventResultDetails,
        first.EventOriginalResultDetails AS EventOriginalResultDetails,
        first.repeats AS EventCount, first.pid AS TargetAppId, holder AS LogonSessionId,
        uids[1] AS EventUid, uids AS RecordIds
    FROM joined JOIN seams AS first ON first.n = first_n LEFT JOIN sat ON sat.child = uids[1]
    WHERE headed ORDER BY first_n
"""


def sudo(syslog: pd.DataFrame, sessions: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what was asked of sudo, doas and pkexec.

    Args:
        syslog: rows of the Syslog table.
        sessions: rows of ``schema.EVENTS["sessions"]``; without them LogonSessionId stays null.

    Returns:
        Rows of ``schema.EVENTS["sudo"]`` by time, file, line. LogonSessionId is the session that
        the command was typed in: the innermost of the actor's own, on the same terminal if known.
    """
    with duckdb.connect() as con:
        load(con, syslog, _READER.tables, pam=False)
        if not _READER.capture(con):
            return empty("sudo")
        con.execute(_SEAMS)
        con.execute(_JOINED)
        con.register("sessions", to_arrow(_holders(sessions)))
        for step in enclosing(_CHILDREN, _HOLDERS, "sat"):
            con.execute(step)
        frame = to_pandas(con.sql(_ROWS))
    frame["RecordIds"] = frame["RecordIds"].map(list)
    return conform(frame, "sudo")


_CHILDREN = """
    SELECT uids[1] AS child, first.host AS host, first.file AS file, first.line AS n,
        epoch_ns(first.time) AS time,
        regexp_replace(first.Tty, '^/dev/', '') AS tty, first.ActorUsername AS actor,
        NULL::BIGINT AS actorid
    FROM joined JOIN seams AS first ON first.n = first_n WHERE headed
"""
_HOLDERS = f"""
    WITH placed AS (
        SELECT *, regexp_extract(LogonSessionId, '^(.*):\\d+(?:#\\d+)?$', 1) AS file FROM sessions
        WHERE LogonProtocol IN {HOLDS} OR LogonProtocol IS NULL
    ), lined AS (
        SELECT *, list_transform(list_filter(RecordIds, lambda uid: starts_with(uid, file || ':')),
            lambda uid: TRY_CAST(substr(uid, length(file) + 2) AS BIGINT)) AS lines
        FROM placed
    )
    SELECT LogonSessionId AS holder, DvcHostname AS host, file, list_min(lines) AS n,
        list_max(lines) AS end_n, Tty AS tty, start, ended,
        greatest(bound.last, start) AS last, TargetUsername AS username,
        TargetUserId AS userid, CASE WHEN LogonProtocol IN {NESTED} THEN ActorUsername END AS actor
    FROM lined CROSS JOIN (SELECT max(epoch_ns(time)) AS last FROM seams
        WHERE n IN (SELECT first_n FROM joined)) AS bound
"""


def _holders(sessions: pd.DataFrame | None) -> pd.DataFrame:
    found = empty("sessions") if sessions is None else sessions
    kept = ["LogonSessionId", "DvcHostname", "Tty", "TargetUsername", "TargetUserId", "RecordIds"]
    return found[[*kept, "ActorUsername", "LogonProtocol"]].assign(
        start=nanoseconds(found["EventStartTime"]), ended=nanoseconds(found["EventEndTime"])
    )
