"""Syslog rows made ready for the shape tables.

Here it is decided which table reads a line: a PAM module's by its own prefix whatever the
program, any other by its program. "message repeated n times: [ ... ]" (rsyslog) and "last
message repeated n times" (sysklogd; the line before it of the same host and program) stand for
the message they repeat, n times.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb
import pandas as pd
import pyarrow as pa

from ..schema import STR
from .engine import quoted
from .shape import Table

__all__ = ["COLUMNS", "load", "program"]

COLUMNS = ("TimeGenerated", "Computer", "ProcessName", "ProcessID", "SyslogMessage", "_ItemId")
"""What of a Syslog row is read."""

_PAM_LINE = r"^(\w+)\(([^():]+):(\w+)\): (?s:(.*))$"
_REPEATED = r"^message repeated (\d+) times: \[ ?(?s:(.*))\]$"
_LAST = r"^last message repeated (\d+) times?$"
# file and line of a record id, as schema.in_order sorts them
_ITEM = r"^(?s:(.*)):(\d{1,18})$"


def program(name: str) -> str:
    """Return a program's plain name: ``/usr/sbin/CROND`` is crond, ``(systemd)`` systemd."""
    plain = re.sub(r"\(pam_\w+\)$", "", name.strip())
    plain = plain.rstrip("/").rpartition("/")[2].strip("()[]:")
    return re.sub(r"\[\d+$", "", plain).lower()


def load(
    con: duckdb.DuckDBPyConnection, syslog: pd.DataFrame, tables: Sequence[Table], pam: bool = True
) -> bool:
    """Make table ``lines`` of the rows that one of ``tables`` reads.

    Its columns: ``time host program pid message uid file line`` (the row), ``family`` (the
    table's name), ``body`` (what the shapes see), ``module service step`` (of a PAM line),
    ``repeats``.

    Args:
        con: where.
        syslog: rows of the Syslog table.
        tables: who reads.
        pam: whether PAM's lines are read, by the table of that name.

    Returns:
        Whether there are any.
    """
    frame = pd.DataFrame(
        {
            "time": syslog["TimeGenerated"],
            **{
                name: syslog[column].astype(STR)
                for name, column in (
                    ("host", "Computer"),
                    ("named", "ProcessName"),
                    ("message", "SyslogMessage"),
                    ("uid", "_ItemId"),
                )
            },
            "pid": syslog["ProcessID"].astype("Int64"),
        }
    )
    con.register("rows", pa.Table.from_pandas(frame, preserve_index=False))
    con.register("programs", _programs(frame["named"], tables))
    strips = ", ".join(quoted(table.name) for table in tables if table.strips) or "''"
    body = "inner_text"
    if con.sql(
        "SELECT count(*) FROM rows WHERE starts_with(message, 'last message repeated ')"
    ).fetchall()[0][0]:
        body = _last_repeated(con)
    else:
        con.execute("CREATE OR REPLACE TEMP VIEW raw AS SELECT *, NULL::BIGINT AS again FROM rows")
    is_pam = "(starts_with(body, 'pam_') AND regexp_matches(body, " + quoted(_PAM_LINE) + "))"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE lines AS
        WITH texts AS (
            SELECT time, host, programs.program, pid, message, uid, programs.family, old,
                again AS last_again, {"earlier" if body != "inner_text" else "message"} AS given
            FROM raw LEFT JOIN programs ON named IS NOT DISTINCT FROM programs.name
        ), inners AS (
            SELECT *, CASE WHEN starts_with(given, 'message repeated ')
                THEN regexp_extract(given, {quoted(_REPEATED)}, ['n', 'text']) END AS repeated
            FROM texts
        ), bodies AS (
            SELECT * EXCLUDE (given, repeated, last_again),
                coalesce(nullif(repeated.text, ''), given) AS body,
                coalesce(last_again, TRY_CAST(repeated.n AS BIGINT), 1) AS repeats
            FROM inners
        ), split AS (
            SELECT *, CASE WHEN {pam} AND {is_pam}
                THEN regexp_extract(body, {quoted(_PAM_LINE)},
                    ['module', 'service', 'step', 'text']) END AS part
            FROM bodies
        ), routed AS (
            SELECT time, host, program, pid, message, uid, repeats,
                CASE WHEN part IS NOT NULL OR ({pam} AND (old OR starts_with(body, 'PAM ')))
                    THEN 'pam' ELSE family END AS family,
                CASE WHEN part IS NOT NULL THEN part.text
                    WHEN {pam} AND starts_with(body, 'PAM ') THEN substr(body, 5)
                    ELSE body END AS body,
                part.module AS module, part.step AS step,
                CASE WHEN part IS NOT NULL THEN part.service
                    WHEN {pam} AND (old OR starts_with(body, 'PAM ')) THEN program END AS service
            FROM split
        ), trimmed AS (
            SELECT * REPLACE (CASE WHEN family IN ({strips}) THEN
                regexp_replace(CASE WHEN ends_with(body, ' [preauth]')
                    THEN left(body, length(body) - 10) ELSE body END,
                    '^(?:error|fatal|debug[123]): ', '') ELSE body END AS body)
            FROM routed WHERE family IS NOT NULL
        )
        SELECT *, regexp_extract(uid, {quoted(_ITEM)}, ['file', 'line']) AS item FROM trimmed"""
    )
    return bool(con.sql("SELECT count(*) FROM lines").fetchall()[0][0])


def _programs(names: pd.Series[str], tables: Sequence[Table]) -> pa.Table:
    """Return each program name that occurs, plain, with its table, and whether it is old PAM's."""
    family = {word: table.name for table in tables for word in table.programs}
    distinct = [name for name in names.unique() if isinstance(name, str)]
    plain = [program(name) for name in distinct]
    return pa.table(
        {
            "name": pa.array([*distinct, None], pa.string()),
            "program": pa.array([*plain, None], pa.string()),
            "family": pa.array([*(family.get(word) for word in plain), None], pa.string()),
            "old": pa.array([*("(pam_" in name for name in distinct), False], pa.bool_()),
        }
    )


def _last_repeated(con: duckdb.DuckDBPyConnection) -> str:
    """Make ``raw`` with the message that each "last message repeated" stands for."""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE raw AS
        WITH known AS (
            SELECT *, CASE WHEN starts_with(message, 'last message repeated ')
                THEN TRY_CAST(regexp_extract(message, {quoted(_LAST)}, 1) AS BIGINT) END AS again,
                regexp_extract(uid, {quoted(_ITEM)}, ['file', 'line']) AS item
            FROM rows
        )
        SELECT * EXCLUDE (item), CASE WHEN again IS NULL THEN message ELSE
            last_value(CASE WHEN again IS NULL THEN message END IGNORE NULLS) OVER (
                PARTITION BY host, named, CASE WHEN again IS NULL THEN NULL ELSE NULL END
                ORDER BY time, item.file, TRY_CAST(item.line AS BIGINT)
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) END AS earlier
        FROM known"""
    )
    return "earlier"
