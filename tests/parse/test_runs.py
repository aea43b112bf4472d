"""What stands before, behind and first in runs of sorted rows."""

from __future__ import annotations

import numpy as np
import pytest

from linuxhunt.parse.runs import Runs, combined

# three runs: of four rows, of two, of one
FOUND = [1, 0, 1, 0, 0, 0, 1]
STARTS = [1, 0, 0, 0, 1, 0, 1]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        pytest.param("before", [-1, 0, 0, 2, -1, -1, -1], id="last before, not itself"),
        pytest.param("behind", [2, 2, -1, -1, -1, -1, -1], id="next behind, not itself"),
        pytest.param("first", [0, 0, 0, 0, -1, -1, 6], id="first of the run"),
        pytest.param("last", [2, 2, 2, 2, -1, -1, 6], id="last of the run"),
        pytest.param("until", [1, 1, 2, 2, 0, 0, 1], id="sum up to each"),
        pytest.param("total", [2, 2, 2, 2, 0, 0, 1], id="sum of the run"),
    ],
)
def test_runs_do_not_look_beyond_their_ends(what: str, expected: list[int]) -> None:
    runs = Runs.of(np.array(STARTS, bool))
    assert getattr(runs, what)(np.array(FOUND, bool)).tolist() == expected


def test_no_rows_have_no_runs() -> None:
    none = np.empty(0, bool)
    runs = Runs.of(none)
    told = [runs.before(none), runs.behind(none), runs.first(none), runs.last(none)]
    assert [found.tolist() for found in (*told, runs.until(none), runs.heads)] == [[]] * 6


def test_combinations_are_numbered_as_they_come() -> None:
    one, two = np.array([5, -1, 5, -1]), np.array([2**62, 0, 2**62, 1])
    assert combined(one, two).tolist() == [0, 1, 0, 2]
