"""Counts per bin of time."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from linuxhunt.views import bin_width, volume
from tests.made import utc

START, END = utc("2026-03-12 10:00"), utc("2026-03-12 12:00")
COUNTS = pd.DataFrame({"Bin": [START, START, utc("2026-03-12 11:00")],
                       "other": [3, 0, 2], "severe": [0, 1, 0]})  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "width"), [(0.01, 1), (1, 30), (2, 60), (24, 600), (72, 1_800), (24 * 400, 604_800)]
)
def test_a_window_has_at_most_160_bins(hours: float, width: int) -> None:
    assert bin_width(START, START + pd.Timedelta(hours=hours)) == width


def test_each_bin_says_its_numbers() -> None:
    view = volume(
        COUNTS, ("other", "severe"), start=START, end=END, width=1_800, title="<b>Volume</b>"
    )
    assert re.findall(r' title="([^"]*)"', view.html) == [
        "12 Mar 2026 10:00:00 UTC: 3 other, 1 severe",
        "12 Mar 2026 10:30:00 UTC: none",
        "12 Mar 2026 11:00:00 UTC: 2 other",
        "12 Mar 2026 11:30:00 UTC: none",
    ]
    assert "<b>Volume" not in view.html
    assert view.text == (
        "<b>Volume</b>: 6 lines (5 other, 1 severe) from 12 Mar 2026 10:00:00 to"
        " 12 Mar 2026 12:00:00 UTC, per 30 minutes; most, 4, from 12 Mar 2026 10:00:00."
    )


def test_no_line_is_said_in_one_line() -> None:
    view = volume(COUNTS.head(0), ("other",), start=START, end=END, width=60, title="Volume")
    assert view.text == "Volume: no lines."
