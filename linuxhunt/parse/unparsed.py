"""Lines of authentication programs that no shape understood."""

from __future__ import annotations

from functools import cache
from typing import Any

import duckdb
import pandas as pd

from linuxhunt.parse.auth import TABLES
from linuxhunt.parse.crontabs import CRON
from linuxhunt.parse.engine import Reader, quoted, to_pandas
from linuxhunt.parse.lines import load
from linuxhunt.parse.logind import KERNEL, SYSTEMD
from linuxhunt.parse.shadow import PASSWORDS, SHADOW
from linuxhunt.parse.shape import Table
from linuxhunt.schema import STR

__all__ = ["AUTH_PROGRAMS", "BOOT_MESSAGES", "CRON_PROGRAMS", "unparsed"]

_MARKS = (SYSTEMD, KERNEL)  # of these programs, a few lines only
_READ = tuple(table for table in TABLES if table not in _MARKS)

AUTH_PROGRAMS: tuple[str, ...] = tuple(
    sorted({name for table in (*_READ, SHADOW) for name in table.programs})
)
"""Programs whose lines are read, beside what logs as auth or authpriv and PAM's own lines."""

CRON_PROGRAMS: tuple[str, ...] = CRON.programs
"""Programs whose lines give ``cron``."""

BOOT_MESSAGES: tuple[str, ...] = tuple(shape.reads for table in _MARKS for shape in table.shapes)
"""How messages of the kernel and of systemd begin that tell of a boot."""

# What differs from line to line: quoted text, addresses, numbers.
_VARIABLES = (
    (r"'[^']*'|\"[^\"]*\"", "'...'"),
    (r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F.]*", "<address>"),
    (r"\b[0-9a-fA-F]{16,}\b", "<hex>"),
    (r"\d+", "<n>"),
)


@cache
def _reader() -> Reader:
    """Return a reader of every table there is, those of one name as one."""
    merged: dict[str, Table] = {}
    for table in (*_READ, SHADOW, PASSWORDS, CRON):
        known = merged.get(table.name)
        shapes = (*known.shapes, *table.shapes) if known else table.shapes
        merged[table.name] = Table(table.name, table.programs, shapes, {}, table.strips)
    return Reader(tuple(merged.values()), ())


def unparsed(syslog: pd.DataFrame) -> pd.DataFrame:
    """Count the lines of authentication programs that no shape understood.

    Args:
        syslog: rows of the Syslog table.

    Returns:
        Columns ProcessName (plain), Template (the message without what varies), Example (one
        message) and Count, most frequent first.
    """
    columns: dict[Any, Any] = {
        "ProcessName": STR,
        "Template": STR,
        "Example": STR,
        "Count": "Int64",
    }
    template = "body"
    for pattern, word in _VARIABLES:
        template = f"regexp_replace({template}, {quoted(pattern)}, {quoted(word)}, 'g')"
    with duckdb.connect() as con:
        load(con, syslog, _reader().tables)
        _reader().match(con)
        frame = to_pandas(
            con.sql(
                f"""SELECT program AS ProcessName, {template} AS Template,
                    min(message) AS Example, sum(repeats)::BIGINT AS Count
                FROM matched JOIN rows USING (n) WHERE shape IS NULL
                GROUP BY ALL ORDER BY Count DESC, ProcessName, Template"""
            )
        )
    return frame.astype(columns)
