"""Shape tables over log lines: in-memory DuckDB, RE2, nothing a row in Python.

Every line is compared with literals first, by a tree over the sorted beginnings (the cost is
the logarithm of the number of shapes), and meets only the expressions of the few shapes that
share its beginning. Captures are taken only for the shapes that occur.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.parse.shape import Shape, Table
from linuxhunt.schema import STR

__all__ = [
    *("Reader", "lists", "maps", "nanoseconds", "quoted", "text_frame", "to_arrow", "to_pandas"),
]

_TYPES = {
    pa.string(): STR,
    pa.large_string(): STR,
    pa.int64(): pd.Int64Dtype(),
    pa.int32(): pd.Int64Dtype(),
}
# Beyond these the branches of the tree are tried one after another.
_LEAF = 3


def quoted(text: str) -> str:
    """Return a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def to_arrow(frame: pd.DataFrame) -> pa.Table:
    """Return a frame for DuckDB to scan; text in ``schema.STR`` is not copied."""
    return pa.Table.from_pandas(frame, preserve_index=False)


def nanoseconds(times: pd.Series[Any]) -> pd.Series[Any]:
    """Return times as nanoseconds since 1970: DuckDB does not reckon with ``TIMESTAMPTZ_NS``."""
    return times.astype("int64").astype("Int64").where(times.notna())


def to_pandas(result: duckdb.DuckDBPyRelation) -> pd.DataFrame:
    """Return a relation's rows with text as ``schema.STR`` and integers as ``Int64``."""
    return text_frame(result.to_arrow_table())


def text_frame(table: pa.Table) -> pd.DataFrame:
    """Return a table as :func:`to_pandas` does a relation."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=_TYPES.get)
    return frame


def lists(column: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    """Return lists as Python lists; a column of arrays would cost an object of numpy each."""
    made = np.empty(len(column), dtype=object)
    at = 0
    for chunk in column.chunks:
        flat, ends = chunk.flatten().to_pylist(), np.cumsum(chunk.value_lengths()).tolist()
        for begin, end in zip([0, *ends], ends, strict=False):
            made[at] = flat[begin:end]
            at += 1
    return made


def maps(texts: pd.Series[Any]) -> np.ndarray[Any, Any]:
    """Return JSON objects as dicts without their nulls; null where nothing is left.

    Equal texts become one dict: rows share it.
    """
    codes, distinct = pd.factorize(texts)
    loaded = [json.loads(text) for text in distinct]
    made = np.empty(len(distinct) + 1, dtype=object)
    made[:-1] = [
        {key: value for key, value in found.items() if value not in (None, "")} or None
        for found in loaded
    ]
    return made[codes]  # -1, a null, takes the last: None


class Reader:
    """Reads lines by the tables given.

    Args:
        tables: one program each; a program stands in one table only.
        columns: names that are columns of the result; other groups become AdditionalFields.
    """

    def __init__(self, tables: Sequence[Table], columns: Iterable[str]) -> None:
        self.tables = tables
        self.columns = frozenset(columns)
        self._shapes = [(table, shape) for table in tables for shape in table.shapes]
        self._number = {id(shape): n for n, (_, shape) in enumerate(self._shapes)}

    def match(self, con: duckdb.DuckDBPyConnection, source: str = "lines") -> None:
        """Make table ``matched``: ``source`` with the number of its shape, null for none.

        ``source`` has columns ``family`` (a table's name) and ``body``; the families that may
        occur are in ``programs``, but for PAM.
        """
        found = {name for (name,) in con.sql("SELECT DISTINCT family FROM programs").fetchall()}
        cases = " ".join(
            f"WHEN {quoted(table.name)} THEN {self._tree(table)}"
            for table in self.tables
            if table.name in found or table.name == "pam"
        )
        number = f"CASE family {cases} END" if cases else "NULL"
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE matched AS SELECT *, ({number})::SMALLINT AS shape"
            f" FROM {source}"
        )

    def capture(self, con: duckdb.DuckDBPyConnection) -> bool:
        """Make view ``captured``: the lines that state something, with their captures.

        It has the columns of ``rows`` and ``lines``, those of the reader, and ``extra``, the other
        captures as JSON.

        Returns:
            Whether there are any rows.
        """
        self.match(con)
        numbers = con.sql(
            "SELECT DISTINCT shape FROM matched WHERE shape IS NOT NULL ORDER BY shape"
        ).fetchall()
        stated = [number for (number,) in numbers if self._shapes[number][1].states]
        if not stated:
            return False
        parts = " UNION ALL BY NAME ".join(self._capture(number) for number in stated)
        con.execute(f"CREATE OR REPLACE TEMP TABLE parts AS {parts}")
        present = {name for name, *_ in con.sql("DESCRIBE parts").fetchall()}
        constants = [self._constants(number) for number in stated]
        con.register(
            "constants",
            pa.table(
                {
                    "shape": pa.array(stated, pa.int16()),
                    **{
                        name: pa.array([found.get(name) for found in constants], pa.string())
                        for name in sorted(self.columns)
                    },
                }
            ),
        )
        columns = ", ".join(
            f'coalesce(parts."{name}", constants."{name}") AS "{name}"'
            if name in present
            else f'constants."{name}"'
            for name in sorted(self.columns)
        )
        extra = "parts.extra" if "extra" in present else "NULL::VARCHAR AS extra"
        con.execute(
            f"""CREATE OR REPLACE TEMP VIEW captured AS
            SELECT rows.*, matched.* EXCLUDE (n, shape), {columns}, {extra}
            FROM parts JOIN matched ON parts.n = matched.n JOIN rows ON parts.n = rows.n
            JOIN constants ON parts.shape = constants.shape"""
        )
        return True

    def _constants(self, number: int) -> dict[str, str]:
        table, shape = self._shapes[number]
        return {**table.common, **shape.constants}

    def _capture(self, number: int) -> str:
        shape = self._shapes[number][1]
        groups = shape.groups
        values = {name: f"nullif(cap.{name}, '')" for name in groups}
        listed = "".join(
            f", {sql} AS {name}" for name, sql in values.items() if name in self.columns
        )
        extra = {name: sql for name, sql in values.items() if name not in self.columns}
        for name, text in self._constants(number).items():
            if name not in self.columns:
                extra[name] = f"coalesce({extra.get(name, 'NULL')}, {quoted(text)})"
        if extra:
            pairs = ", ".join(f"{quoted(name)}, {sql}" for name, sql in extra.items())
            listed += f", json_object({pairs})::VARCHAR AS extra"
        names = ", ".join(quoted(name) for name in groups)
        cap = f"regexp_extract(body, {quoted(shape.pattern)}, [{names}], 's')" if groups else "NULL"
        return (
            f"SELECT n, shape{listed} FROM"
            f" (SELECT n, shape, {cap} AS cap FROM matched WHERE shape = {number})"
        )

    def _tree(self, table: Table) -> str:
        leading = [shape for shape in table.shapes if shape.leads]
        inside = [shape for shape in table.shapes if not shape.leads]
        begin = self._branch(_groups(leading)) if leading else "NULL"
        if not inside:
            return begin
        return f"coalesce({begin}, {self._first(inside, 'contains')})"

    def _branch(self, groups: list[tuple[str, list[Shape]]]) -> str:
        if len(groups) <= _LEAF:
            whens = " ".join(
                f"WHEN starts_with(body, {quoted(prefix)}) THEN {self._first(shapes)}"
                for prefix, shapes in groups
            )
            return f"CASE {whens} END"
        middle = len(groups) // 2
        return (
            f"CASE WHEN body < {quoted(groups[middle][0])} THEN {self._branch(groups[:middle])}"
            f" ELSE {self._branch(groups[middle:])} END"
        )

    def _first(self, shapes: list[Shape], test: str = "starts_with") -> str:
        whens = " ".join(
            f"WHEN {test}(body, {quoted(shape.reads)})"
            + (f" AND contains(body, {quoted(shape.holds)})" if len(shape.holds) > 1 else "")
            + f" AND regexp_matches(body, {quoted(shape.pattern)}, 's')"
            f" THEN {self._number[id(shape)]}"
            for shape in shapes
        )
        return f"CASE {whens} END"


def _groups(shapes: list[Shape]) -> list[tuple[str, list[Shape]]]:
    """Group shapes so that no group's beginning begins another's, sorted as bytes."""
    begins = sorted({shape.reads for shape in shapes}, key=str.encode)
    tops: list[str] = []
    for text in begins:
        if not (tops and text.startswith(tops[-1])):
            tops.append(text)
    return [(top, [shape for shape in shapes if shape.reads.startswith(top)]) for top in tops]
