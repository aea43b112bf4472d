"""Frames are given the columns and types of their kind, and are put in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from linuxhunt.schema import DUCKDB_TYPES, EVENTS, STR, TABLES, TIME, conform, empty, in_order
from tests.made import utc

DTYPES: dict[str, Any] = {
    "str": STR, "Int64": pd.Int64Dtype(), "time": TIME, "bool": np.dtype(bool),
    "list": np.dtype(object), "map": np.dtype(object),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_every_kind_has_its_types_with_and_without_rows(kind: str) -> None:
    stated = {name: DTYPES[type_] for name, type_ in EVENTS[kind].items()}
    nulls = conform(pd.DataFrame(index=[7, 9]), kind)
    assert dict(empty(kind).dtypes) == dict(nulls.dtypes) == stated
    assert list(nulls.index) == [0, 1]
    for name, type_ in EVENTS[kind].items():
        assert nulls[name].isna().all() or (type_ == "bool" and not nulls[name].any())
        if type_ in ("list", "map"):
            assert nulls[name].tolist() == [None, None]
    assert_frame_equal(conform(empty(kind), kind), empty(kind))
    assert_frame_equal(conform(nulls, kind), nulls)


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        pytest.param("SrcPortNumber", [22.0, np.nan], [22, None], id="integers as reals"),
        pytest.param("SrcPortNumber", ["22", None], [22, None], id="integers as text"),
        pytest.param("TargetUserId", [2**63 - 1, None], [2**63 - 1, None], id="large"),
        pytest.param("TimeGenerated", [pd.Timestamp("2026-03-12"), pd.NaT],
                     [utc("2026-03-12"), None], id="naive times are UTC"),
        pytest.param("TimeGenerated", [pd.Timestamp("2026-03-12T01:00+01:00"), None],
                     [utc("2026-03-12"), None], id="another zone"),
        pytest.param("TargetUsername", ["", None], ["", None], id="null is not the empty text"),
        pytest.param("AdditionalFields", [{"a": 1}, np.nan], [{"a": 1}, None], id="map"),
    ],
)  # fmt: skip
def test_values_are_conformed(column: str, values: list[Any], expected: list[Any]) -> None:
    frame = conform(pd.DataFrame({"dropped": 1, column: pd.Series(values, dtype=object)}), "auth")
    held = frame[column].astype(object)
    assert held.where(held.notna(), None).tolist() == expected
    assert list(frame.columns) == list(EVENTS["auth"])


def test_bools_have_no_nulls() -> None:
    held = pd.DataFrame({"ActingProcessInferred": pd.Series([True, None], dtype="boolean")})
    assert conform(held, "processes")["ActingProcessInferred"].tolist() == [True, False]


@pytest.mark.parametrize(
    ("rows", "order"),
    [
        pytest.param([("b:1", "2026-03-12", None), ("a:1", "2026-03-11", None)], ["a:1", "b:1"],
                     id="by time"),
        pytest.param([("b:1", "2026-03-12", None), ("a:2", "2026-03-12", None)], ["a:2", "b:1"],
                     id="then file"),
        pytest.param([("a:10", "2026-03-12", None), ("a:9", "2026-03-12", None)], ["a:9", "a:10"],
                     id="then line, as a number"),
        pytest.param([("a:1", None, "2026-03-12"), ("a:2", "2026-03-11", "2026-03-13")],
                     ["a:2", "a:1"], id="the first time that is known"),
        pytest.param([("a:1", None, None), ("a:2", "2026-03-11", None)], ["a:2", "a:1"],
                     id="no time is last"),
        pytest.param([("b:x", "2026-03-12", None), ("a!>c:1", "2026-03-12", None),
                      ("a", "2026-03-12", None)], ["a", "a!>c:1", "b:x"], id="other ids as text"),
        pytest.param([("a:b\nc:2", "2026-03-12", None), ("a:b\nc:1", "2026-03-12", None)],
                     ["a:b\nc:1", "a:b\nc:2"], id="a line's end in a path"),
        pytest.param([], [], id="none"),
    ],
)  # fmt: skip
def test_rows_are_in_order(rows: list[Any], order: list[str]) -> None:
    frame = pd.DataFrame(rows, columns=["EventUid", "EventStartTime", "EventEndTime"])
    for name in ("EventStartTime", "EventEndTime"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype(TIME)
    held = in_order(frame, ["EventStartTime", "EventEndTime"])
    assert held["EventUid"].tolist() == order
    assert list(held.index) == list(range(len(order)))


def test_tables_have_known_types_and_ids() -> None:
    kinds = {kind for columns in TABLES.values() for kind in columns.values()}
    assert kinds <= set(DUCKDB_TYPES)
    assert [name for name, columns in TABLES.items() if "_ItemId" not in columns] == []
    assert [name for name, held in TABLES.items() if held.get("TimeGenerated") != "datetime"] == []
