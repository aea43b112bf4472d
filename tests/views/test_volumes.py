"""Bytes over time: what is said, what is drawn, and that nothing of it is unsound."""

from __future__ import annotations

import pandas as pd
import pytest

from linuxhunt.views.base import LIMIT
from linuxhunt.views.volumes import volumes
from tests.made import utc
from tests.views.pages import HOSTILE, Faults, payloads

START, END = utc("2026-03-12"), utc("2026-03-13")


def counted(sent: list[int], received: list[int]) -> pd.DataFrame:
    times = pd.date_range(START, periods=len(sent), freq="1h")
    return pd.DataFrame({"Time": times, "Sent": sent, "Received": received})


def shown(frame: pd.DataFrame, title: str = "Bytes") -> str:
    view = volumes(frame, "Time", {"Sent": "out", "Received": "in"}, step=pd.Timedelta("1h"),
                   start=START, end=END, title=title)  # fmt: skip
    assert Faults(view).found == []
    assert len(view.html) < LIMIT
    assert len(payloads(view)) == (0 if "none counted" in view.text else 1)
    return view.text


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        pytest.param(counted([10, 0, 1_500_000], [0, 900, 100]),
                     "Bytes: 1.5 MB out, 1.0 kB in, from 12 Mar 2026 00:00:00 to 13 Mar 2026 00:00:00 UTC."
                     " Most out: 1.5 MB from 12 Mar 2026 02:00:00. Most in: 900 B from 12 Mar 2026 01:00:00.",
                     id="both"),
        pytest.param(counted([5_000], [0]),
                     "Bytes: 5.0 kB out, 0 B in, from 12 Mar 2026 00:00:00 to 13 Mar 2026 00:00:00 UTC."
                     " Most out: 5.0 kB from 12 Mar 2026 00:00:00.", id="one"),
        pytest.param(counted([0], [0]), "Bytes: none counted.", id="zeros"),
        pytest.param(counted([], []), "Bytes: none counted.", id="no rows"),
    ],
)  # fmt: skip
def test_says(frame: pd.DataFrame, text: str) -> None:
    assert shown(frame) == text


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_text_is_escaped(title: str) -> None:
    shown(counted([1], [2]), title)
