"""JSON that is not rows line by line: answers of query APIs, wrapped arrays, objects laid out.

Sources: the Log Analytics query API (``{"tables": [{"name", "columns", "rows"}]}``, also what
``az rest`` prints), Kusto's REST API (version 1: ``{"Tables": [{"TableName", "Columns",
"Rows"}]}``; version 2: an array of frames, of which a DataTable of the kind PrimaryResult is the
answer), ``{"value": [...]}`` of PowerShell and ARM, and single objects over several lines, as
ConvertTo-Json and jq write them. A record's number is its place in the file, from 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from linuxhunt.evidence.case import Sink
from linuxhunt.evidence.exports import NUMBER, plain, tell, write
from linuxhunt.evidence.jsons import brackets, nul_safe
from linuxhunt.evidence.lines import Bytes, Ints, blobs, pieces, shown
from linuxhunt.evidence.model import Source, Tally
from linuxhunt.evidence.objects import read_objects

__all__ = ["is_answer", "is_laid_out", "read", "read_laid_out"]

_SHAPES = re.compile(
    rb'\s*(?:\{\s*"(?:tables|Tables)"\s*:\s*\[|\[\s*\{\s*"FrameType"\s*:'
    rb'|\{(?:[^\[\]{}]{0,2000},)?\s*"value"\s*:\s*\[\s*\{)'
)
_KEY = re.compile(rb'"([^"\\]{1,40})"\s*:\s*$')
_PARTIAL = re.compile(
    rb'"HasErrors"\s*:\s*true|"OneApiErrors"|"error"\s*:\s*\{\s*"code"\s*:\s*"PartialError"'
)
_END = 1 << 16


def is_answer(text: bytes) -> bool:
    """Whether a file is an answer of an API, or an array wrapped in an object."""
    return _SHAPES.match(text[:4096]) is not None


def is_laid_out(text: bytes) -> bool:
    """Whether a file whose first object is a row has that object on several lines."""
    try:
        json.loads(text.lstrip().split(b"\n", 1)[0])
    except ValueError:
        return True
    return False


@dataclass(frozen=True)
class _Rows:
    """Rows of one table: where each begins and ends, and the names of values, for arrays."""

    starts: Ints
    ends: Ints
    names: list[str] | None


def read(source: Source, sink: Sink) -> Tally:
    """Read an answer; what is not its primary result goes with the bytes between rows."""
    data = np.ascontiguousarray(source.data)
    found = list(_tables(data))
    names = [held.names for held in found if held.names is not None]
    tally = Tally("json-answer")
    known = [held for held in found if held.names is None or tell(held.names)[0] is not None]
    if not known:
        why = tell(names[0])[1] if names else "it has no rows"
        tally.error = f"an answer of a query, but {why}"
        return tally
    tail = data[-_END:].tobytes() if len(known[-1].ends) else b""
    if _PARTIAL.search(tail):
        tally.assume("the engine says that this answer is partial")
    number = 0
    for held, last in zip(known, [*[False] * (len(known) - 1), True], strict=True):
        number = _write(data, held, number, last, sink, tally)
    sink.tick(len(data), tally.lines)
    return tally


def read_laid_out(source: Source, sink: Sink) -> Tally:
    """Read objects that follow one another, each over several lines."""
    data = np.ascontiguousarray(source.data)
    tally = Tally("json")
    at, opens, depth = brackets(data)
    starts = at[opens & (depth == 1) & (data[at] == 123)]
    ends = at[~opens & (depth == 0) & (data[at] == 125)] + 1
    held = _Rows(starts[: len(ends)].astype(np.int64), ends.astype(np.int64), None)
    _write(data, held, 0, True, sink, tally)
    sink.tick(len(data), tally.lines)
    return tally


def _tables(data: Bytes) -> Iterator[_Rows]:
    """Find the tables of an answer."""
    at, opens, depth = brackets(data)
    frames = data[at[0]] == 91 if len(at) else False
    head = data[:4096].tobytes().removeprefix(b"\xef\xbb\xbf")
    wrapped = not frames and re.match(rb'\s*\{\s*"[tT]ables"', head) is None
    level = 2 if wrapped else 3 if frames else 4
    columns: list[str] | None = None
    for begin in np.flatnonzero(opens & (depth == level) & (data[at] == 91)):
        key = _KEY.search(data[max(int(at[begin]) - 60, 0) : int(at[begin])].tobytes())
        name = key.group(1).lower() if key else b""
        close = begin + 1 + np.flatnonzero(~opens[begin + 1 :] & (depth[begin + 1 :] == level - 1))
        end = int(close[0]) if len(close) else len(at)
        if name == b"columns" and end < len(at):
            columns = _columns(data[at[begin] : at[end] + 1].tobytes())
        elif name == (b"value" if wrapped else b"rows"):
            if frames and not _is_primary(data, at, opens, depth, int(begin)):
                continue
            mark = 123 if wrapped else 91
            inner = slice(begin + 1, end)
            starts = at[inner][
                opens[inner] & (depth[inner] == level + 1) & (data[at[inner]] == mark)
            ]
            ends = at[inner][~opens[inner] & (depth[inner] == level)] + 1
            count = min(len(starts), len(ends))
            first, last = starts[:count].astype(np.int64), ends[:count].astype(np.int64)
            yield _Rows(first, last, None if wrapped else columns or [])
            if not frames:  # tables behind the first say how the query went
                return


def _is_primary(data: Bytes, at: Ints, opens: np.ndarray, depth: np.ndarray, begin: int) -> bool:
    """Whether a frame's rows are the answer; the kind stands before them."""
    frame = np.flatnonzero(opens[:begin] & (depth[:begin] == 2))
    if not len(frame):
        return False
    before = data[int(at[frame[-1]]) : int(at[begin])].tobytes()
    return re.search(rb'"TableKind"\s*:\s*"PrimaryResult"', before) is not None


def _columns(text: bytes) -> list[str]:
    """Return the names of columns."""
    try:
        held = json.loads(text)
    except ValueError:
        return []
    named = [column for column in held if isinstance(column, dict)]
    return [plain(str(column.get("ColumnName") or column.get("name") or "")) for column in named]


def _write(data: Bytes, held: _Rows, before: int, last: bool, sink: Sink, tally: Tally) -> int:
    """Write the rows of a table; return how many there are up to here."""
    if not len(held.starts):
        return before
    numbers = pa.array(np.arange(before + 1, before + 1 + len(held.starts)))
    begin = 0 if before == 0 else int(held.starts[0])
    closing = len(data) if last else int(held.ends[-1])
    bounds = np.concatenate([[begin], held.ends[:-1], [closing]]).astype(np.int64)
    sink.store(numbers, blobs(data, bounds))
    text = pieces(data, held.starts, held.ends)
    try:
        text = text.cast(pa.large_string())
    except pa.ArrowInvalid:
        spans = zip(held.starts, held.ends, strict=True)
        text = pa.array([shown(data[s:e]) for s, e in spans], pa.large_string())
    tally.lines += len(held.starts)
    if held.names is None:
        read_objects(numbers, text, sink, tally)
        return before + len(held.starts)
    pointers = ", ".join(f"'/{place}'" for place in range(len(held.names)))
    part = nul_safe(f"json_extract_string(text, [{pointers}])", text)
    sink.con.register("answered", pa.table({"line": numbers, "text": text}))
    good = "coalesce(try(json_array_length(text)) = " + f"{len(held.names)}, false)"
    bad = sink.con.sql(
        f"SELECT line, text, 'not {len(held.names)} values' AS reason FROM answered"
        f" WHERE NOT {good} ORDER BY line"
    ).to_arrow_table()
    if len(bad):
        sink.reject(*bad.columns)
        tally.rejected += len(bad)
    parts = sink.con.sql(
        f"SELECT line AS {NUMBER}, {part} AS part FROM answered WHERE {good} ORDER BY line"
    ).to_arrow_table()
    sink.con.unregister("answered")
    places = {name: f"part[{place + 1}]" for place, name in enumerate(held.names) if name}
    write(parts, places, sink, tally)
    return before + len(held.starts)
