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
import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.parse.engine import quoted, to_arrow
from linuxhunt.parse.shape import Table
from linuxhunt.schema import STR

__all__ = ["FILE", "LINE", "ORDER", "load", "program"]

LINE = "TRY_CAST(split_part(uid, ':', -1) AS BIGINT)"
"""SQL of the line of a record id; null if it has none."""

FILE = f"""CASE WHEN {LINE} IS NULL THEN uid
    ELSE left(uid, length(uid) - length(split_part(uid, ':', -1)) - 1) END"""
"""SQL of the file of a record id."""

ORDER = f"time NULLS LAST, {FILE}, coalesce({LINE}, 0)"
"""The order of ``schema.in_order``, over the columns of ``rows``."""

_REPEATED = r"^message repeated (\d+) times: \[ ?(?s:(.*))\]$"
_LAST = r"^last message repeated (\d+) times?$"


_TEXTS = {
    "host": "Computer",
    "named": "ProcessName",
    "message": "SyslogMessage",
    "uid": "_ItemId",
}


def program(name: str) -> str:
    """Return a program's plain name: ``/usr/sbin/CROND`` is crond, ``(systemd)`` systemd.

    What stands in parentheses behind it (``polkitd(authority=local)``) is not of the name.
    """
    plain = re.sub(r"(?<=.)\(.*\)$", "", name.strip())
    plain = plain.rstrip("/").rpartition("/")[2].strip("()[]:")
    return re.sub(r"\[\d+$", "", plain).lower()


def load(
    con: duckdb.DuckDBPyConnection, syslog: pd.DataFrame, tables: Sequence[Table], pam: bool = True
) -> None:
    """Make view ``lines`` of the rows that one of ``tables`` reads, ``rows`` and ``programs``.

    ``rows`` are the rows as they came (without PAM those of the tables' programs only): ``n time
    host pid message uid``. ``lines`` has ``n``, ``program`` (plain), ``family`` (the table's name),
    ``body`` (what the shapes see), ``service`` (of a PAM line) and ``repeats``.

    Args:
        con: where.
        syslog: rows of the Syslog table.
        tables: who reads.
        pam: whether PAM's lines are read, by the table of that name.
    """
    frame = pd.DataFrame(
        {
            "time": syslog["TimeGenerated"],
            **{name: syslog[column].astype(STR) for name, column in _TEXTS.items()},
            "pid": syslog["ProcessID"].astype("Int64"),
        }
    )
    frame["n"] = np.arange(len(frame))
    programs = _programs(frame["named"], tables)
    if not pam:  # then the program alone decides, and most rows are of others
        held = programs["name"].filter(programs["family"].is_valid()).to_pylist()
        frame = frame[frame["named"].isin(held)]
    con.register("rows", to_arrow(frame))
    con.register("programs", programs)
    strips = ", ".join(quoted(table.name) for table in tables if table.strips) or "''"
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW lines AS
        WITH inners AS (
            SELECT n, programs.program, programs.family, old, again, given,
                CASE WHEN starts_with(given, 'message repeated ')
                THEN regexp_extract(given, {quoted(_REPEATED)}, ['n', 'text']) END AS repeated
            FROM ({_raw(con)}) LEFT JOIN programs ON named IS NOT DISTINCT FROM programs.name
        ), bodies AS (
            SELECT * EXCLUDE (given, repeated, again),
                CASE WHEN repeated.text <> '' THEN repeated.text ELSE given END AS body,
                coalesce(again, TRY_CAST(repeated.n AS BIGINT), 1) AS repeats
            FROM inners
        ), split AS (
            SELECT *, {pam} AND starts_with(body, 'pam_') AS module_line,
                {pam} AND (old OR starts_with(body, 'PAM ')) AS library_line,
                strpos(body, '): ') AS head
            FROM bodies
        ), routed AS (
            SELECT n, program, repeats,
                CASE WHEN module_line AND head > 0 OR library_line THEN 'pam' ELSE family END
                    AS family,
                CASE WHEN module_line AND head > 0 THEN substr(body, head + 3)
                    WHEN library_line AND NOT old THEN substr(body, 5) ELSE body END AS body,
                CASE WHEN module_line AND head > 0
                    THEN split_part(split_part(left(body, head), '(', 2), ':', 1)
                    WHEN library_line THEN program END AS service
            FROM split
        ), trimmed AS (
            SELECT * REPLACE (CASE WHEN family IN ({strips}) AND ends_with(body, ' [preauth]')
                THEN left(body, length(body) - 10) ELSE body END AS body)
            FROM routed WHERE family IS NOT NULL
        )
        SELECT * REPLACE (CASE WHEN family NOT IN ({strips}) THEN body
            WHEN starts_with(body, 'error: ') OR starts_with(body, 'fatal: ') THEN substr(body, 8)
            WHEN starts_with(body, 'debug') THEN regexp_replace(body, '^debug[123]: ', '')
            ELSE body END AS body)
        FROM trimmed"""
    )


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


def _raw(con: duckdb.DuckDBPyConnection) -> str:
    """Return the query of rows with ``given``, the message that is meant, ``again`` times."""
    repeats = con.sql(
        "SELECT 1 FROM rows WHERE starts_with(message, 'last message repeated ') LIMIT 1"
    ).fetchall()
    if not repeats:
        return "SELECT n, named, message AS given, NULL::BIGINT AS again FROM rows"
    return f"""
        WITH known AS (
            SELECT *, CASE WHEN starts_with(message, 'last message repeated ')
                THEN TRY_CAST(regexp_extract(message, {quoted(_LAST)}, 1) AS BIGINT) END AS again
            FROM rows
        )
        SELECT n, named, again, CASE WHEN again IS NULL THEN message ELSE
            last_value(CASE WHEN again IS NULL THEN message END IGNORE NULLS) OVER (
                PARTITION BY host, named ORDER BY {ORDER}
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) END AS given
        FROM known"""
