"""Frames to text and files, for scripts: jsonl and parquet exactly, csv and table safely."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from linuxhunt.errors import ParameterError
from linuxhunt.schema import EVENTS, STR

__all__ = ["FORMATS", "format_of", "plain", "render", "write"]

FORMATS = ("table", "jsonl", "csv", "parquet")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_ISO = "%Y-%m-%dT%H:%M:%S.%fZ"
_FORMULA = re.compile(r"^[=+\-@\t\r\n]")


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
    """Return a frame as text that ends with a newline; "" where it has no rows but for table.

    Args:
        frame: any frame.
        kind: ``jsonl`` (one object a row, null for what is absent, times ISO 8601 UTC with
            microseconds), ``csv`` (a text that would start a formula gets an apostrophe before
            it) or ``table`` (for a person: long cells are cut).
    """
    match kind:
        case "jsonl":
            return _jsonl(frame)
        case "csv":
            # a cell with a lone CR is quoted only where CR is a part of the line's end
            return _flat(frame, guard=True).to_csv(index=False, lineterminator="\r\n")
        case "table":
            shown = _flat(frame, guard=False)
            for name in shown.columns:
                text = shown[name].astype(STR).fillna("")
                shown[name] = text.map(plain).astype(STR) if shown[name].dtype == STR else text
            shown.columns = pd.Index([plain(str(name)) for name in shown.columns])
            body = shown.to_string(index=False, max_colwidth=60) if len(shown) else ""
            return f"{body}\n{len(frame):,} rows\n".lstrip("\n")
        case _:
            raise ParameterError(f"format {kind} is written to a file only: give -o FILE")


def _jsonl(frame: pd.DataFrame) -> str:
    """Write rows as JSON. pandas' own writer rounds reals, and escapes the slash."""
    columns = {}
    for name in frame.columns:
        values = frame[name]
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            values = values.dt.strftime(_ISO)
        elif values.dtype.kind == "f":
            values = values.replace([float("inf"), float("-inf")], float("nan"))
        columns[str(name)] = values.astype(object).where(values.notna(), None).tolist()
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_other).encode
    rows = zip(*columns.values(), strict=True)
    return "".join(f"{encode(dict(zip(columns, row, strict=True)))}\n" for row in rows)


def _other(value: Any) -> Any:
    """Turn what JSON does not know into what it does: numpy's scalars, times, spans."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _flat(frame: pd.DataFrame, *, guard: bool) -> pd.DataFrame:
    """Write times as ISO 8601 and lists and maps as JSON."""
    flat = {}
    for name in frame.columns:
        values = frame[name]
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            values = values.dt.strftime(_ISO).astype(STR)
        elif values.dtype == object:
            values = values.map(_json, na_action="ignore").astype(STR)
        if guard and values.dtype == STR:
            risky = values.str.contains(_FORMULA).fillna(False).astype(bool)
            values = values.mask(risky, "'" + values)
        flat[f"'{name}" if guard and _FORMULA.match(str(name)) else name] = values
    return pd.DataFrame(flat, index=frame.index)


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def write(frame: pd.DataFrame, path: Path, kind: str) -> None:
    """Write a frame to a file; parquet keeps lists as lists, and maps as text to text (JSON)."""
    if kind != "parquet":
        path.write_text(render(frame, kind), "utf-8", newline="")
        return
    columns = {str(name): _arrow(str(name), frame[name]) for name in frame.columns}
    pq.write_table(pa.table(columns), path)


def _arrow(name: str, values: pd.Series[Any]) -> pa.Array:
    """Return a column for Parquet, of the same type also where all of it is null."""
    kind = _KINDS.get(name) if values.dtype == object else None
    if kind == "list":
        listed = pa.list_(_PATH if name == "paths" else pa.string())
        return pa.array(values.tolist(), listed, from_pandas=True)
    if kind == "map":
        pairs = values.map(
            lambda value: [(str(key), _json(inner)) for key, inner in value.items()],
            na_action="ignore",
        )
        return pa.array(pairs, pa.map_(pa.string(), pa.string()), from_pandas=True)
    return pa.Array.from_pandas(values)
