"""How whole an answer is, alone and together; "no data" is never "nothing found"."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from linuxhunt.workspace import Completeness, combine
from linuxhunt.workspace.completeness import measure
from tests.made import utc

FIRST, LAST = utc("2026-03-12 10:00"), utc("2026-03-12 11:00")
WHOLE = Completeness("auth lines", 48_211, FIRST, LAST)
FRAME = pd.DataFrame({"TimeGenerated": [LAST, pd.NaT, FIRST]})
NONE = FRAME.iloc[:0]


@pytest.mark.parametrize(
    ("held", "whole", "text"),
    [
        pytest.param(WHOLE, True, "48,211 auth lines, 12 Mar 10:00 – 12 Mar 11:00, whole",
                     id="whole"),
        pytest.param(Completeness("auth lines", 1), True, "1 auth lines, whole", id="no times"),
        pytest.param(Completeness("auth lines"), True, "no auth lines", id="none there"),
        pytest.param(Completeness("auth lines", answered=0, missing=("no table",)), False,
                     "no auth lines (no table)", id="not to be had"),
        pytest.param(Completeness("auth lines", 2, FIRST, FIRST, 3, 2), False,
                     "2 auth lines, 12 Mar 10:00 – 12 Mar 10:00, PARTIAL", id="a chunk failed"),
        pytest.param(Completeness("auth lines", 2, partial=True, missing=("cut short",)), False,
                     "2 auth lines, PARTIAL: cut short", id="cut short"),
    ],
)  # fmt: skip
def test_completeness_is_said(held: Completeness, whole: bool, text: str) -> None:
    assert (held.whole, str(held)) == (whole, text)
    assert json.loads(json.dumps(held.as_dict()))["missing"] == list(held.missing)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param(measure("x", FRAME), Completeness("x", 3, FIRST, LAST), id="rows"),
        pytest.param(measure("x", NONE), Completeness("x"), id="none"),
        pytest.param(measure("x", pd.DataFrame({"a": [1]})), Completeness("x", 1), id="no times"),
        pytest.param(measure("x", NONE, missing=("no table",)),
                     Completeness("x", answered=0, missing=("no table",)), id="no answer"),
        pytest.param(measure("x", FRAME, partial=True, missing=("cut",)),
                     Completeness("x", 3, FIRST, LAST, partial=True, missing=("cut",)),
                     id="a partial answer is one"),
    ],
)  # fmt: skip
def test_a_frame_is_measured(held: Completeness, expected: Completeness) -> None:
    assert held == expected


def test_several_answers_are_one() -> None:
    parts = [
        WHOLE,
        Completeness("b", 1, LAST, LAST, partial=True, missing=("cut",)),
        Completeness("c", answered=0, missing=("no table", "cut")),
    ]
    assert combine("all", iter(parts)) == Completeness(
        "all", 48_212, FIRST, LAST, 3, 2, True, ("cut", "no table")
    )
    assert combine("none", []) == Completeness("none", asked=0, answered=0)
