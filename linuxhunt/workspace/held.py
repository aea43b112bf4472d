"""Which of the tables and columns that queries read a source does not have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from linuxhunt.schema import STR
from linuxhunt.workspace.catalogue import Query

__all__ = ["Held", "lacked_by", "lacks"]

Held = Mapping[str, frozenset[str]]
"""Table -> its columns, of those that a source has."""


def lacked_by(query: Query, held: Held) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tables that a query reads and a source does not have, and the columns."""
    tables = tuple(table for table in query.tables if table not in held)
    columns = tuple(
        f"{table}.{column}"
        for table, read in query.tables.items()
        if table in held
        for column in read
        if column not in held[table]
    )
    return tables, columns


def lacks(queries: Iterable[Query], held: Held) -> pd.DataFrame:
    """List what a source does not have of all that queries read.

    Returns:
        TableName, ColumnName; ColumnName is null where the whole table is not there.
    """
    pairs: dict[tuple[str, str | None], None] = {}
    for query in queries:
        tables, columns = lacked_by(query, held)
        pairs |= {(table, None): None for table in tables}
        pairs |= {(name.partition(".")[0], name.partition(".")[2]): None for name in columns}
    ordered = sorted(pairs, key=lambda pair: (pair[0], pair[1] or ""))
    return pd.DataFrame(ordered, columns=["TableName", "ColumnName"]).astype(STR)
