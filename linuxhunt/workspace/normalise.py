"""Rows as every engine should give them: one set of types, whatever the client made of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.schema import STR, TIME

__all__ = ["from_arrow", "normalise"]

_ARROW_TYPES: dict[Any, Any] = {
    pa.string(): STR,
    pa.large_string(): STR,
    pa.bool_(): pd.BooleanDtype(),
    # numpy has no null among integers: they would come as floats, which lose digits from 2**53 on
    **dict.fromkeys(
        (
            *(pa.int8(), pa.int16(), pa.int32(), pa.int64()),
            *(pa.uint8(), pa.uint16(), pa.uint32()),
        ),
        pd.Int64Dtype(),
    ),
}
_INTERVAL = np.dtype([("months", "<i4"), ("days", "<i4"), ("nanoseconds", "<i8")])
_EARLIEST, _LATEST = pd.Timestamp("1677-09-22", tz="UTC"), pd.Timestamp("2262-04-11", tz="UTC")


def from_arrow(table: pa.Table) -> pd.DataFrame:
    """Turn an Arrow table into a frame without a Python object for each text."""
    for place, field in enumerate(table.schema):
        if pa.types.is_interval(field.type):
            table = table.set_column(place, field.name, _spans(table.column(place)))
    frame: pd.DataFrame = table.to_pandas(types_mapper=_ARROW_TYPES.get)
    return frame


def _spans(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Turn DuckDB's intervals into durations; a month has 30 days, as in DuckDB."""
    chunks = []
    for chunk in column.chunks:
        held = np.frombuffer(
            chunk.buffers()[1], _INTERVAL, len(chunk), chunk.offset * _INTERVAL.itemsize
        )
        days = held["months"].astype("int64") * 30 + held["days"]
        spans = days * 86_400_000_000_000 + held["nanoseconds"]
        nulls = chunk.is_null().to_numpy(zero_copy_only=False)
        chunks.append(pa.array(spans.astype("timedelta64[ns]"), mask=nulls))
    return pa.chunked_array(chunks, pa.duration("ns"))


def normalise(frame: pd.DataFrame, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Give the rows of any engine the same types.

    Args:
        frame: what a driver returned.
        columns: column -> KQL type, where the query states it; other columns are typed by what
            they hold.

    Returns:
        A frame in which text and guid are ``str`` (dynamic values are JSON text; where the type is
        stated, empty text is null, as Kusto's engines cannot tell the two apart), int and long
        ``Int64``, real ``float64``, datetime ``datetime64[ns, UTC]`` (of years that this type
        does not have, such as the 9999 of an indicator that never ends, the last or first day
        that it has), bool ``bool`` (null is False, as no engine tells the two apart alike),
        timespan ``timedelta64[ns]``.
    """
    stated = columns or {}
    return pd.DataFrame(
        {str(name): _column(frame[name], stated.get(str(name))) for name in frame.columns},
        index=pd.RangeIndex(len(frame)),
    )


def _column(values: pd.Series[Any], stated: str | None) -> pd.Series[Any]:
    values = values.reset_index(drop=True)
    kind = stated or _kind_of(values)
    match kind:
        case "datetime":
            return _times(values)
        case "int" | "long":
            held = values if values.dtype != object else pd.array(list(values), pd.Int64Dtype())
            return pd.Series(held).astype("Int64")
        case "real" | "decimal":
            return pd.to_numeric(values.astype(object)).astype("float64")
        case "bool":
            return values.astype("boolean").fillna(False).astype(bool)
        case "timespan":
            return pd.to_timedelta(values)
        case "str":
            return values
        case _:
            text = values if values.dtype == STR else values.map(_text, na_action="ignore")
            text = text.astype(STR)
            empty = text == ""
            return text.mask(empty) if stated and empty.any() else text


def _times(values: pd.Series[Any]) -> pd.Series[Any]:
    try:
        times = pd.to_datetime(values, utc=True, format="ISO8601")
    except pd.errors.OutOfBoundsDatetime:  # text or objects, of which some are beyond nanoseconds
        times = values.map(_in_bounds, na_action="ignore")
        return pd.to_datetime(times, utc=True).astype(TIME)
    if times.dtype != TIME:
        times = times.mask(times < _EARLIEST, _EARLIEST).mask(times > _LATEST, _LATEST)
    return times.astype(TIME)


def _in_bounds(value: Any) -> pd.Timestamp:
    time = pd.Timestamp(value)
    time = time.tz_localize("UTC") if time.tzinfo is None else time.tz_convert("UTC")
    return min(max(time, _EARLIEST), _LATEST).as_unit("ns")


def _kind_of(values: pd.Series[Any]) -> str:
    """Tell the KQL type of a column from its dtype, and from its values where that is object."""
    kinds = pd.api.types
    if values.dtype == STR:
        return "str"
    if kinds.is_datetime64_any_dtype(values.dtype):
        return "datetime"
    if kinds.is_bool_dtype(values.dtype):
        return "bool"
    if kinds.is_integer_dtype(values.dtype):
        return "long"
    if kinds.is_float_dtype(values.dtype):
        return "real"
    if kinds.is_timedelta64_dtype(values.dtype):
        return "timespan"
    inferred = kinds.infer_dtype(values, skipna=True)
    if inferred == "decimal":
        whole = all(not isinstance(v, Decimal) or v == v.to_integral() for v in values)
        return "long" if whole else "real"
    known = {"boolean": "bool", "integer": "long", "datetime": "datetime", "timedelta": "timespan"}
    return known.get(inferred, "string")


def _text(value: Any) -> str:
    """Write a dynamic value as JSON; text is left as it is."""
    if isinstance(value, str):
        return value
    if hasattr(value, "tolist"):
        value = value.tolist()
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
