"""Lines that say the same, read once.

What a line states depends on its program and its message alone, and most programs say the same
again and again. (But "last message repeated n times" stands for the line before it.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from linuxhunt.parse.lines import FILE, LINE
from linuxhunt.parse.runs import Numbers, codes
from linuxhunt.schema import STR

__all__ = ["Said", "file_order", "in_line_order", "said"]

_AGAIN = "last message repeated "
# Where a sample says that fewer lines than this say the same, looking for them does not pay.
_SAMPLE, _SAME = 20_000, 0.1


@dataclass(frozen=True)
class Said:
    """The distinct lines of some rows.

    Attributes:
        rows: of each distinct line, the first row that says it.
        place: for each row, the number of its line among the distinct.
    """

    rows: pd.DataFrame
    place: Numbers

    def who(self, numbers: Numbers) -> Numbers:
        """Return the rows, in order, that say one of the distinct lines of these numbers."""
        wanted = np.zeros(len(self.rows), bool)
        wanted[numbers] = True
        return np.flatnonzero(wanted[self.place])


def said(syslog: pd.DataFrame) -> Said:
    """Return the distinct lines of rows of the Syslog table."""
    message = _text(syslog["SyslogMessage"])
    same = np.arange(len(syslog))
    if not _often(message) or pc.any(pc.starts_with(message, _AGAIN)).as_py():
        return Said(syslog, same)
    place = _numbers(message)[0]
    named = codes(syslog["ProcessName"]) + 1
    if len(named) and named.max() != named.min():
        place = np.asarray(pd.factorize(place * (int(named.max()) + 1) + named)[0], np.int64)
    first = np.full(int(place.max(initial=-1)) + 1, len(syslog), np.int64)
    np.minimum.at(first, place, same)
    return Said(syslog.take(first), place)


def _text(values: pd.Series[Any]) -> pa.ChunkedArray:
    array = pa.array(values.astype(STR))
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])


def _numbers(text: pa.ChunkedArray) -> tuple[Numbers, list[str | None]]:
    """Return a number for each text, and the text of each number."""
    chunks = pc.dictionary_encode(text, null_encoding="encode").chunks
    if not chunks:
        return np.empty(0, np.int64), []
    numbers = np.concatenate([chunk.indices.to_numpy() for chunk in chunks])
    return numbers.astype("int64"), chunks[-1].dictionary.to_pylist()


def _often(message: pa.ChunkedArray) -> bool:
    """Tell whether enough lines say the same, by a sample of those that are near one another."""
    if len(message) <= _SAMPLE:
        return True
    begin = (len(message) - _SAMPLE) // 2
    sample = message.slice(begin, _SAMPLE)
    return bool(pc.count_distinct(sample).as_py() < (1 - _SAME) * _SAMPLE)


def in_line_order(syslog: pd.DataFrame, rows: Numbers) -> Numbers:
    """Return rows of the Syslog table by time (null last), file, line, as ``lines.ORDER`` does."""
    uids = syslog["_ItemId"].astype(STR).take(rows)
    return rows[
        _ordered(syslog["TimeGenerated"].take(rows), uids, f"SELECT {FILE}, {LINE} FROM rows")
    ]


def file_order(times: pd.Series[Any], uids: pd.Series[Any]) -> Numbers:
    """Return the order of rows by time (null last), file, line, as ``schema.in_order`` has it."""
    parts = "regexp_extract(uid, '^(.*):(\\d{1,18})$', ['file', 'line'], 's')"
    split = f"""SELECT CASE WHEN parts.line <> '' THEN parts.file ELSE uid END,
        TRY_CAST(parts.line AS BIGINT) FROM (SELECT uid, {parts} AS parts FROM rows)"""
    return _ordered(times, uids, split)


def _ordered(times: pd.Series[Any], uids: pd.Series[Any], split: str) -> Numbers:
    with duckdb.connect() as con:
        con.register("rows", pa.table({"uid": _text(uids)}))
        found = con.sql(split).to_arrow_table()
    line = found.column(1).fill_null(0).to_numpy()
    place, names = _numbers(found.column(0))
    rank = np.empty(len(names), np.int64)
    rank[sorted(range(len(names)), key=lambda number: (names[number] or "").encode())] = np.arange(
        len(names)
    )
    place = rank[place]
    time = times.to_numpy("datetime64[ns]").astype("int64")
    time = np.where(time == np.iinfo(np.int64).min, np.iinfo(np.int64).max, time)
    # the rows of a case come as they stand in its files
    step = np.diff(place)
    if (step < 0).any() or ((step == 0) & (np.diff(line) < 0)).any():
        return np.lexsort((line, place, time))
    return np.argsort(time, kind="stable")
