"""Exports of tables as CSV (also with ``;`` or tabs), read by whole columns.

A record may span lines, inside quotes; its line number is that of the line it begins on.
"""

from __future__ import annotations

import io
import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from linuxhunt.evidence.case import Sink
from linuxhunt.evidence.exports import NUMBER, plain, tell, write
from linuxhunt.evidence.lines import Bytes, Ints, blobs, chunks, escaped, pieces, shown
from linuxhunt.evidence.model import Source, Tally
from linuxhunt.schema import TABLES

__all__ = ["is_csv", "read", "reason"]

_QUOTES = "quotes inside an unquoted value: where values end cannot be told"


_FOREWORD = re.compile(rb"(?:\xef\xbb\xbf)?(?:#TYPE [^\n]*|\"?sep=[,;\t]\"?\r?)\n")
"""What PowerShell's Export-Csv and Excel write before the names."""


def _header(text: bytes) -> tuple[list[str], str]:
    """Return the names in the first line and what separates them."""
    line = _FOREWORD.sub(b"", text, count=1) if _FOREWORD.match(text) else text
    first = line.split(b"\n", 1)[0].decode("utf-8", "backslashreplace").rstrip("\r")
    first = first.removeprefix("\ufeff")
    mark = max(",;\t", key=first.count)
    return [name.strip().strip('"') for name in first.split(mark)], mark


def is_csv(text: bytes) -> bool:
    """Whether a file's first line names the columns of a table."""
    names, _ = _header(text)
    return len(names) > 1 and (tell(names)[0] is not None or {"Type", "TimeGenerated"} <= {*names})


def reason(text: bytes) -> str:
    """Say why a file that looks like an export is not read; empty where it does not."""
    names, _ = _header(text)
    ours = {plain(name) for name in names}
    known = {name for table in TABLES.values() for name in table}
    if len(names) > 1 and ours & known:
        why = tell(names)[1]
        return f"a CSV, but {why}: export with the column Type, or with the table's own columns"
    return ""


def read(source: Source, sink: Sink) -> Tally:
    """Read a CSV; a record's line is the one that it begins on."""
    top = source.data[: 1 << 16].tobytes()
    names, mark = _header(top)
    heads = 2 if _FOREWORD.match(top) else 1
    tally = Tally("csv", rest=True)
    if any(name.endswith(" [Local Time]") for name in names):
        tally.assume("times in [Local Time] of who exported them are taken as UTC")
    for chunk in chunks(source.data, _record_begins, tail=False):
        begins = np.flatnonzero(_record_begins(chunk.data, chunk.bounds))
        starts = chunk.bounds[begins]
        ends = np.append(starts[1:], chunk.bounds[-1])
        numbers = begins + chunk.first
        sink.store(pa.array(numbers), blobs(chunk.data, np.append(starts, ends[-1])))
        tally.lines += len(chunk)
        body = slice(heads, None) if chunk.first == 1 else slice(None)
        _records(chunk.data, starts[body], ends[body], numbers[body], names, mark, sink, tally)
        sink.tick(chunk.offset + len(chunk.data), tally.lines)
    return tally


def _record_begins(data: Bytes, bounds: Ints) -> npt.NDArray[np.bool_]:
    """A line begins a record where the quotes before it are even in number."""
    quotes = np.flatnonzero(data == 34)
    return np.asarray(np.searchsorted(quotes, bounds[:-1]) % 2 == 0)


def _records(
    data: Bytes,
    starts: Ints,
    ends: Ints,
    numbers: Ints,
    names: list[str],
    mark: str,
    sink: Sink,
    tally: Tally,
) -> None:
    # Fields are counted here, so that the parser sees none but good records and cannot drop one.
    quotes = np.flatnonzero(data == 34)
    marks = np.flatnonzero(data == ord(mark))
    marks = marks[np.searchsorted(quotes, marks) % 2 == 0]
    fields = np.searchsorted(marks, ends) - np.searchsorted(marks, starts) + 1
    content = ends - starts - (data[ends - 1] == 10) if len(ends) else ends
    content = content - ((content > 0) & (data[np.maximum(starts + content - 1, 0)] == 13))
    closed = np.searchsorted(quotes, ends) % 2 == 0
    good = (fields == len(names)) & (content > 0) & closed
    bad = np.flatnonzero(~good)
    if len(bad):
        reasons = np.where(
            content[bad] == 0,
            "an empty line",
            np.where(
                closed[bad],
                np.char.add(fields[bad].astype(str), f" fields, not {len(names)}"),
                "a quote that is not closed",
            ),
        )
        text = pa.array([shown(data[s:e]) for s, e in zip(starts[bad], ends[bad], strict=True)])
        sink.reject(pa.array(numbers[bad]), text, pa.array(reasons))
        tally.rejected += len(bad)
    columns = {plain(name): f'"c{i}"' for i, name in enumerate(names)}
    waiting = [np.flatnonzero(good)]
    while waiting:
        rows = waiting.pop()
        table = _parsed(pieces(data, starts[rows], ends[rows]), len(names), mark)
        if table is not None:
            write(table.append_column(NUMBER, pa.array(numbers[rows])), columns, sink, tally)
        elif len(rows) > 1:  # find the one that spoils the rest by halves
            waiting += np.array_split(rows, 2)
        elif len(rows):
            sink.reject(pa.array(numbers[rows]), pa.nulls(1, pa.string()), pa.array([_QUOTES]))
            tally.rejected += 1


def _parsed(records: pa.Array, width: int, mark: str) -> pa.Table | None:
    """Return records as columns c0, c1, ... of text; None where the parser sees other records."""
    text = escaped(np.frombuffer(b"".join(records.to_pylist()), np.uint8)).tobytes()
    keys = [f"c{i}" for i in range(width)]
    try:
        table = pa.csv.read_csv(
            io.BytesIO(text),
            pa.csv.ReadOptions(column_names=keys, use_threads=False, block_size=len(text) + 1),
            pa.csv.ParseOptions(delimiter=mark, newlines_in_values=True),
            pa.csv.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return table if table.num_rows == len(records) else None
