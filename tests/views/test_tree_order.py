"""The order of a process tree, also for families that cannot be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from linuxhunt.schema import empty
from linuxhunt.views.tree_order import above, tree_order
from tests.made import events, utc

START = utc("2026-03-13 02:14:07")


def _process(guid: str | None, parent: str | None = None, second: float = 0.0) -> dict[str, Any]:
    return {
        "TargetProcessGuid": guid,
        "ActingProcessGuid": parent,
        "TimeGenerated": START + pd.Timedelta(seconds=second),
        "ActingProcessInferred": False,
    }


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return events("processes", rows) if rows else empty("processes")


def test_parents_come_first_and_siblings_by_start() -> None:
    rows = [
        _process("shell", "gone", 1.25), _process("sudo", "shell", 2), _process("id", "shell", 1.5),
        _process("sh", "shell", 2.5), {**_process("bare"), "TimeGenerated": pd.NaT},
        _process("other"),
    ]  # fmt: skip
    frame = _frame(rows)
    order = tree_order(frame)
    names = frame["TargetProcessGuid"].iloc[order.rows]
    assert list(zip(names, order.depth.tolist(), strict=True)) == [
        ("other", 0), ("shell", 0), ("id", 1), ("sudo", 1), ("sh", 1), ("bare", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected", "looped"),
    [
        pytest.param([], [], [], id="none"),
        pytest.param([_process("a", "a")], [("a", -1)], ["a"], id="its own parent"),
        pytest.param(
            [_process("a", "b", 2), _process("b", "a", 1), _process("c", "a", 3)],
            [("b", -1), ("a", 0), ("c", 1)],
            ["b"],
            id="a loop of two and a child",
        ),
        pytest.param(
            [_process("c", "b", 0), _process("b", "d", 2), _process("d", "b", 1)],
            [("d", -1), ("b", 0), ("c", 1)],
            ["d"],
            id="a child that is older than its loop",
        ),
        pytest.param(
            [_process("b", "x", 2), _process("a", "x", 1)], [("a", -1), ("b", -1)], [], id="orphans"
        ),
        pytest.param(
            [_process("a", None, 1), _process("a", None, 2), _process("b", "a", 3)],
            [("a", -1), ("b", 0), ("a", -1)],
            [],
            id="one guid twice",
        ),
        pytest.param(
            [_process(None, None, 1), _process(None, None, 2), _process("b", None, 0)],
            [("b", -1), (np.nan, -1), (np.nan, -1)],
            [],
            id="no guid at all",
        ),
    ],
)
def test_families_that_cannot_be(rows: Any, expected: Any, looped: list[str]) -> None:
    frame = _frame(rows)
    order = tree_order(frame)
    names = frame["TargetProcessGuid"].iloc[order.rows].reset_index(drop=True)
    found = pd.DataFrame({"guid": names, "parent": order.parent})
    wanted = pd.DataFrame(expected, columns=["guid", "parent"])
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False)
    assert names[order.looped].tolist() == looped


def test_what_lies_above() -> None:
    parent = np.array([-1, 0, 1, 1, -1, 4])
    assert [above(parent, places) for places in ([], [3], [3, 5, 5])] == [
        set(), {0, 1, 3}, {0, 1, 3, 4, 5},
    ]  # fmt: skip
