"""Frames to text and files, for scripts: jsonl and parquet exactly, csv and table safely."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from linuxhunt.cells import (
    FORMULA,
    csv_cells,
    distinct,
    flat_json,
    iso,
    joined,
    json_cells,
    text_bytes,
)
from linuxhunt.errors import ParameterError
from linuxhunt.schema import EVENTS, STR

__all__ = ["FORMATS", "chunks", "format_of", "plain", "render", "write"]

FORMATS = ("table", "jsonl", "csv", "parquet")
_SIGNS = r"[\x00-\x1f\x7f-\x9f" + "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
_CONTROL = re.compile(_SIGNS)
_ROWS = 32_768
"""Rows that are written at a time, so that a long frame is never in memory as text as a whole."""

_KINDS = {name: kind for columns in EVENTS.values() for name, kind in columns.items()}
_PATH = pa.struct(
    {
        "item": pa.int64(),
        "name": pa.string(),
        "nametype": pa.string(),
        "mode": pa.string(),
        "ouid": pa.int64(),
        "ogid": pa.int64(),
        "inode": pa.int64(),
    }
)


def format_of(path: Path) -> str:
    """Tell the format from a file's name; jsonl where it says none."""
    ending = path.suffix.lower().lstrip(".")
    return ending if ending in ("csv", "parquet") else "jsonl"


def plain(text: str) -> str:
    """Show control and direction characters as escapes, so that no log line drives a terminal."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def render(frame: pd.DataFrame, kind: str) -> str:
    """Return a frame as text; see :func:`chunks`."""
    return b"".join(chunks(frame, kind)).decode()


def chunks(frame: pd.DataFrame, kind: str) -> Iterator[bytes | memoryview]:
    """Yield a frame as UTF-8 text that ends with a newline; nothing where jsonl has no rows.

    Args:
        frame: any frame.
        kind: ``jsonl`` (one object a row, null for what is absent, times ISO 8601 UTC with
            microseconds), ``csv`` (a text that would start a formula gets an apostrophe before
            it) or ``table`` (for a person: long cells are cut).

    Raises:
        ParameterError: the format is no text.
    """
    match kind:
        case "jsonl":
            return _jsonl(frame)
        case "csv":
            return _csv(frame)
        case "table":
            return iter([_table(frame).encode()])
        case _:
            raise ParameterError(f"format {kind} is written to a file only: give -o FILE")


def _jsonl(frame: pd.DataFrame) -> Iterator[memoryview]:
    names = [json.dumps(str(name), ensure_ascii=False) for name in frame.columns]
    for part in _parts(frame):
        pieces: list[pa.Array | str] = ["{"]
        for name, key in zip(part.columns, names, strict=True):
            cells = json_cells(part[name])
            pieces[-1:] = [f"{pieces[-1]}{key}:", cells, ","]
            if cells.null_count == len(cells):  # as most columns of most logs are
                pieces[-3:] = [f"{pieces[-3]}null,"]
        pieces[-1] = f"{str(pieces[-1]).removesuffix(',')}}}\n"
        if len(pieces) > 1:
            yield text_bytes(joined(*pieces, null="null"))
        else:  # nothing but nulls
            yield memoryview(str(pieces[0]).encode() * len(part))


def _csv(frame: pd.DataFrame) -> Iterator[bytes | memoryview]:
    head = io.StringIO()
    names = [f"'{name}" if re.match(FORMULA, str(name)) else str(name) for name in frame.columns]
    csv.writer(head, lineterminator="\r\n").writerow(names)
    yield head.getvalue().encode()
    # pandas writes spans and times without a zone in the form that suits the whole column
    whole = {
        name: csv_cells(frame[name]) for name in frame.columns if frame[name].dtype.kind in "mM"
    }
    start = 0
    for part in _parts(frame):
        cells = [
            whole[name].slice(start, len(part)) if name in whole else csv_cells(part[name])
            for name in part.columns
        ]
        start += len(part)
        if len(cells) == 1:  # an empty line would be no row
            filled = pc.fill_null(cells[0], "")
            cells = [pc.if_else(pc.equal(filled, ""), '""', filled)]
        after = [*["," for _ in cells[1:]], "\r\n"]
        pairs = (piece for pair in zip(cells, after, strict=True) for piece in pair)
        yield text_bytes(joined(*pairs, null=""))


def _parts(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    rows = len(frame) if len(frame.columns) else 0
    for start in range(0, rows, _ROWS):
        yield frame.iloc[start : start + _ROWS]


def _table(frame: pd.DataFrame) -> str:
    shown = {plain(str(name)): _shown(frame[name]) for name in frame.columns}
    body = ""
    if len(frame) and shown:
        body = pd.DataFrame(shown, index=frame.index).to_string(index=False, max_colwidth=60)
    return f"{body}\n{len(frame):,} rows\n".lstrip("\n")


def _shown(values: pd.Series[Any]) -> pd.Series[Any]:
    """Write a column for a person, with what drives a terminal as escapes."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        text = pd.Series(iso(values), index=values.index, dtype=STR)
    elif values.dtype == object:
        text = values.map(flat_json, na_action="ignore").astype(STR)
    elif values.dtype != STR:
        return values.astype(STR).fillna("")
    else:
        text = values
    text = text.fillna("")
    risky = text.str.contains(_SIGNS, regex=True)
    return text.mask(risky, text[risky].map(plain).astype(STR)) if risky.any() else text


def write(frame: pd.DataFrame, path: Path, kind: str) -> None:
    """Write a frame to a file; parquet keeps lists as lists, and maps as text to text (JSON)."""
    if kind != "parquet":
        with path.open("wb") as file:
            for chunk in chunks(frame, kind):
                file.write(chunk)
        return
    columns = {str(name): _arrow(str(name), frame[name]) for name in frame.columns}
    pq.write_table(pa.table(columns), path)


def _arrow(name: str, values: pd.Series[Any]) -> pa.Array:
    """Return a column for Parquet, of the same type also where all of it is null."""
    kind = _KINDS.get(name) if values.dtype == object else None
    if kind == "list":
        if name == "paths":
            return _once(values, pa.list_(_PATH), lambda value: value)
        return pa.array(values.tolist(), pa.list_(pa.string()), from_pandas=True)
    if kind == "map":
        return _once(
            values,
            pa.map_(pa.string(), pa.string()),
            lambda value: [(str(key), flat_json(inner)) for key, inner in value.items()],
        )
    return pa.Array.from_pandas(values)


def _once(values: pd.Series[Any], kind: pa.DataType, change: Callable[[Any], Any]) -> pa.Array:
    """Turn each object into Arrow's form once, however many rows hold it."""
    objects, rows = distinct(values)
    held = [None if value is None else change(value) for value in objects]
    return pa.array(held, kind).take(rows)
