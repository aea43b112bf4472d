"""Rows as every engine should give them: one set of types, whatever the client made of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa

from linuxhunt.schema import STR, TIME

__all__ = ["from_arrow", "normalise"]

_INTEGERS = ("int", "long")


def from_arrow(table: pa.Table) -> pd.DataFrame:
    """Turn an Arrow table into a frame without a Python object for each text."""
    return table.to_pandas(types_mapper={pa.string(): STR, pa.large_string(): STR}.get)


def normalise(frame: pd.DataFrame, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Give the rows of any engine the same types.

    Args:
        frame: what a driver returned.
        columns: column -> KQL type, where the query states it; other columns are typed by what
            they hold.

    Returns:
        A frame in which text and guid are ``str`` (dynamic values are JSON text), int and long
        ``Int64``, real ``float64``, datetime ``datetime64[ns, UTC]``, bool ``bool`` (null is
        False, as no engine tells the two apart alike), timespan ``timedelta64[ns]``.
    """
    stated = columns or {}
    return pd.DataFrame(
        {str(name): _column(frame[name], stated.get(str(name))) for name in frame.columns},
        index=pd.RangeIndex(len(frame)),
    )


def _column(values: pd.Series[Any], kind: str | None) -> pd.Series[Any]:
    values = values.reset_index(drop=True)
    kind = kind or _kind_of(values)
    match kind:
        case "datetime":
            return pd.to_datetime(values, utc=True, format="ISO8601").astype(TIME)
        case "int" | "long":
            return pd.to_numeric(values.astype(object)).astype("Int64")
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
            return text.astype(STR)


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
