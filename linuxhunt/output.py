"""Frames to text and files, for scripts: jsonl and parquet exactly, csv and table safely."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from linuxhunt.errors import ParameterError
from linuxhunt.schema import STR

__all__ = ["FORMATS", "format_of", "plain", "render", "write"]

FORMATS = ("table", "jsonl", "csv", "parquet")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_FORMULA = re.compile(r"^[=+\-@\t\r]")


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
            if frame.empty:
                return ""
            text: str = frame.to_json(
                orient="records", lines=True, date_format="iso", date_unit="us", force_ascii=False
            )
            return text.replace("\\/", "/")  # pandas escapes the slash, which JSON need not
        case "csv":
            return _flat(frame, guard=True).to_csv(index=False)
        case "table":
            shown = _flat(frame, guard=False)
            for name in shown.columns[[dtype == STR for dtype in shown.dtypes]]:
                shown[name] = shown[name].map(plain, na_action="ignore").astype(STR)
            body = shown.to_string(index=False, na_rep="", max_colwidth=60) if len(shown) else ""
            return f"{body}\n{len(frame):,} rows\n".lstrip("\n")
        case _:
            raise ParameterError(f"format {kind} is written to a file only: give -o FILE")


def _flat(frame: pd.DataFrame, *, guard: bool) -> pd.DataFrame:
    """Write times as ISO 8601 and lists and maps as JSON."""
    flat = {}
    for name in frame.columns:
        values = frame[name]
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            values = values.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ").astype(STR)
        elif values.dtype == object:
            values = values.map(_json, na_action="ignore").astype(STR)
        if guard and values.dtype == STR:
            risky = values.str.contains(_FORMULA).fillna(False).astype(bool)
            values = values.mask(risky, "'" + values)
        flat[name] = values
    return pd.DataFrame(flat, index=frame.index)


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def write(frame: pd.DataFrame, path: Path, kind: str) -> None:
    """Write a frame to a file; parquet keeps lists as lists, and maps as text to text (JSON)."""
    if kind != "parquet":
        path.write_text(render(frame, kind), "utf-8", newline="")
        return
    columns = {}
    for name in frame.columns:
        values = frame[name]
        held = values.dropna()
        if values.dtype == object and len(held) and isinstance(held.iloc[0], Mapping):
            pairs = values.map(
                lambda value: [(str(key), _json(inner)) for key, inner in value.items()],
                na_action="ignore",
            )
            columns[name] = pa.array(pairs, pa.map_(pa.string(), pa.string()), from_pandas=True)
        else:
            columns[name] = pa.Array.from_pandas(values)
    pq.write_table(pa.table(columns), path)
