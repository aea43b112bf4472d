from __future__ import annotations

import pytest

from linuxhunt.views.palette import ALERT, INK, LAND, PAPER, Mark, marks, severity


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["High", "Medium", "Low", "Informational", "unheard of"])
def test_severities_can_be_read(name: str) -> None:
    back, ink, sign = severity(name)
    assert _contrast(back, ink) >= 4.5
    assert sign != ""


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        pytest.param(INK, PAPER, 4.5, id="text on paper"),
        pytest.param(INK, LAND, 4.5, id="text on land"),
        pytest.param("#D55E00", PAPER, 3.0, id="failure on light"),
        pytest.param("#D55E00", "#111111", 3.0, id="failure on dark"),
        pytest.param("#0072B2", PAPER, 3.0, id="success on light"),
        pytest.param("#0072B2", "#111111", 3.0, id="success on dark"),
        pytest.param("#0072B2", LAND, 3.0, id="success on land"),
        pytest.param("#D55E00", LAND, 3.0, id="failure on land"),
        pytest.param(ALERT, INK, 3.0, id="alert and its outline"),
    ],
)
def test_marks_can_be_seen(one: str, other: str, least: float) -> None:
    assert _contrast(one, other) >= least


def test_no_two_categories_look_alike() -> None:
    chosen = marks(["Failure", "success", "ALERT", "NA", "a", "b", "c", "d", "e", "f"])
    assert list(chosen) == ["Failure", "success", "ALERT", "NA", "a", "b", "c", "d", "other"]
    # Where four free marks are used up, what is left and NA share the neutral one.
    distinct = {name: mark for name, mark in chosen.items() if name != "other"}
    for field in Mark._fields[:3]:
        assert len({getattr(mark, field) for mark in distinct.values()}) == len(distinct)
