"""Columns as the cells of text formats, whole columns at a time.

A frame of a million rows has tens of millions of cells, so none is written by Python but those
that need it: texts with a sign to escape, and lists and maps that are not of texts alone. These
are written once for each object, as parse gives rows that hold the same map the same object.
"""

from __future__ import annotations

import contextlib
import json
import marshal
from collections.abc import Callable
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from linuxhunt.schema import STR

__all__ = [
    "FORMULA",
    "csv_cells",
    "distinct",
    "flat_json",
    "iso",
    "joined",
    "json_cells",
    "text_bytes",
]

FORMULA = r"^[=+\-@\t\r\n]"
"""How a text begins that a spreadsheet would take for a formula."""
_TEXT = pa.large_string()  # of which a column may hold more than 2 GiB
_ISO = "%Y-%m-%dT%H:%M:%S.%fZ"
_ESCAPED = r'["\\\x00-\x1f]'
_QUOTED = '[",\r\n]'


def joined(*parts: pa.Array | str, null: str | None = None) -> pa.Array:
    """Put texts and columns of texts together, row by row.

    Args:
        parts: at least one column, all of the same length.
        null: what to write for a null; None makes the whole row null.
    """
    held = [pa.scalar(part, _TEXT) if isinstance(part, str) else part for part in parts]
    nothing = pa.scalar("", _TEXT)
    if null is None:
        return pc.binary_join_element_wise(*held, nothing)
    return pc.binary_join_element_wise(
        *held, nothing, null_handling="replace", null_replacement=null
    )


def iso(values: pd.Series[Any], before: str = "", after: str = "") -> pa.Array:
    """Write times as ISO 8601 with microseconds and Z, between two texts; null stays null."""
    dtype: Any = values.dtype
    if dtype.unit != "ns":  # years beyond those of ns
        return joined(before, _arrow(values.dt.strftime(_ISO).astype(STR)), after)
    local = values.dt.tz_localize(None).astype("int64").to_numpy()
    micros = pa.array(local // 1000, mask=values.isna().to_numpy())
    text = micros.cast(pa.timestamp("us")).cast(_TEXT)
    return joined(before, pc.binary_replace_slice(text, 10, 11, "T"), f"Z{after}")


def json_cells(values: pd.Series[Any]) -> pa.Array:
    """Write each value as JSON, as Python's json does it, without spaces; null is null.

    Lists and maps keep their order, reals all their digits; what JSON has no number for (infinity)
    is null, and what it has no type for is written as ISO 8601 (times, spans) or as text.
    """
    dtype: Any = values.dtype
    if dtype == STR:
        return _json_texts(_arrow(values))
    if isinstance(dtype, pd.DatetimeTZDtype):
        return iso(values, '"', '"')
    if dtype.kind in "iub":
        return _arrow(values)
    if dtype.kind == "O":
        lists = _lists(values)
        if lists is not None:
            return _json_lists(lists, ",")
    elif dtype.kind == "f":
        values = values.replace([float("inf"), float("-inf")], float("nan"))
    return _each(values, json.JSONEncoder(**_COMPACT, default=_other).encode)


_COMPACT: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":")}


def _other(value: Any) -> Any:
    """Turn what JSON does not know into what it does: numpy's scalars, times, spans."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.tolist() if hasattr(value, "tolist") else str(value)


def csv_cells(values: pd.Series[Any]) -> pa.Array:
    """Write each value as a cell of a spreadsheet's CSV, quoted where it must be; null is null.

    Times are ISO 8601, lists and maps JSON; a text that would start a formula gets an apostrophe
    before it.
    """
    dtype: Any = values.dtype
    if dtype == STR:
        return _csv_texts(_arrow(values))
    if isinstance(dtype, pd.DatetimeTZDtype):
        return iso(values)
    if dtype.kind == "b":
        flags = _arrow(values.astype("boolean"), None)
        return pc.if_else(flags, pa.scalar("True", _TEXT), pa.scalar("False", _TEXT))
    if dtype.kind in "iu":
        return _arrow(values)
    if dtype.kind in "fmM":
        return _plain_csv(values)
    lists = _lists(values) if dtype.kind == "O" else None
    if lists is not None:
        return _csv_texts(_json_lists(lists, ", "))
    return _csv_texts(_each(values, flat_json))


def flat_json(value: Any) -> str:
    """Write a list or a map as JSON; text is left as it is."""
    return value if isinstance(value, str) else _SPACED(value)


_SPACED = json.JSONEncoder(ensure_ascii=False, default=str).encode


def _arrow(values: pd.Series[Any], kind: pa.DataType | None = _TEXT) -> pa.Array:
    held = pa.array(values, from_pandas=True)
    held = held.combine_chunks() if isinstance(held, pa.ChunkedArray) else held
    return held if kind is None else held.cast(kind)


def _holds(texts: pa.LargeStringArray, signs: bytes, below: int = 0) -> bool:
    """Tell whether any text has one of some ASCII signs, or one below another, in a few passes."""
    held = np.frombuffer(text_bytes(texts), np.uint8)
    return bool((held < below).any()) or any(bool((held == sign).any()) for sign in signs)


def text_bytes(texts: pa.LargeStringArray) -> memoryview:
    """Return the bytes of all texts of a column, one after the other, without a copy."""
    _, offsets, data = texts.buffers()
    if data is None:
        return memoryview(b"")
    ends = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(data)[int(ends[0]) : int(ends[-1])]


def _json_texts(texts: pa.LargeStringArray) -> pa.Array:
    if texts.null_count == len(texts):
        return texts
    if _holds(texts, b'"\\\\', below=0x20):
        escaped = pc.match_substring_regex(texts, _ESCAPED)
        encode = json.JSONEncoder(ensure_ascii=False).encode
        written = [encode(text)[1:-1] for text in texts.filter(escaped).to_pylist()]
        texts = pc.replace_with_mask(texts, escaped, pa.array(written, _TEXT))
    return joined('"', texts, '"')


def _csv_texts(texts: pa.LargeStringArray) -> pa.Array:
    if texts.null_count == len(texts):
        return texts
    risky = pc.match_substring_regex(texts, FORMULA)
    if pc.any(risky).as_py():
        texts = pc.if_else(risky, joined("'", texts), texts)
    if _holds(texts, b'",\r\n'):
        whole = joined('"', pc.replace_substring(texts, '"', '""'), '"')
        texts = pc.if_else(pc.match_substring_regex(texts, _QUOTED), whole, texts)
    return texts


def _lists(values: pd.Series[Any]) -> pa.LargeListArray | None:
    """Return a column of lists of texts and nulls; None where it holds anything else."""
    held = values.tolist()
    if not set(map(type, held)) <= {list, type(None)}:
        return None
    items = chain.from_iterable(filter(None, held))
    if not set(map(type, items)) <= {str, type(None)}:
        return None
    return pa.array(held, pa.large_list(_TEXT))


def _json_lists(lists: pa.LargeListArray, comma: str) -> pa.Array:
    if lists.null_count == len(lists):
        return pa.nulls(len(lists), _TEXT)
    cells = _json_texts(lists.values)
    cells = pc.fill_null(cells, "null") if cells.null_count else cells
    rows = pa.LargeListArray.from_arrays(lists.offsets, cells, mask=lists.is_null())
    return joined("[", pc.binary_join(rows, pa.scalar(comma, _TEXT)), "]")


def distinct(values: pd.Series[Any]) -> tuple[list[Any], pa.Array]:
    """Return each value of a column once, None for what is null, and which of them each row has.

    Objects that many rows share are told by their identity; lists and maps that only look alike
    by their bytes in marshal's form, which is exact: equality would take 1 for True.
    """
    empty = values.isna().to_numpy()
    if empty.all():
        return [None], pa.array(np.zeros(len(values), np.int64))
    objects = values.astype(object).to_numpy(object, copy=True)
    objects[empty] = None
    held = objects.tolist()
    keys = list(map(id, held))
    places: dict[bytes | int, int] = {}
    known: list[Any] = []
    of_object: dict[int, int] = {}
    for key, value in dict(zip(keys, held, strict=True)).items():
        of_object[key] = places.setdefault(_looks(value), len(known))
        if of_object[key] == len(known):
            known.append(value)
    return known, pa.array(list(map(of_object.__getitem__, keys)), pa.int64())


def _looks(value: Any) -> bytes | int:
    """Return what two values have in common only if they are written alike."""
    if type(value) in (list, dict):
        with contextlib.suppress(ValueError):  # what marshal does not know is like itself alone
            return marshal.dumps(value, 2)  # later versions mark what is used elsewhere, too
    return id(value)


def _each(values: pd.Series[Any], encode: Callable[[Any], str]) -> pa.Array:
    """Write values one by one, each once."""
    known, rows = distinct(values)
    texts = [None if value is None else encode(value) for value in known]
    return pa.array(texts, _TEXT).take(rows)


def _plain_csv(values: pd.Series[Any]) -> pa.Array:
    """Write reals, spans and times without a zone as pandas does; none of them needs quotes."""
    text = pd.DataFrame({"x": values, "y": 0}).to_csv(index=False, header=False, lineterminator=";")
    return pa.array([cell.removesuffix(",0") for cell in text.split(";")[:-1]], _TEXT)
