"""How long a log is silent after a moment, and whether that is out of line for it."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from linuxhunt.schema import TIME

__all__ = ["STEP", "Silence", "hourly", "silence_after"]

STEP = pd.Timedelta("10min")
"""Length of the bins of the query ``volume``."""


class Silence(NamedTuple):
    """A stretch without rows.

    Attributes:
        start: end of the last bin with rows; the log may have gone silent up to a bin earlier.
        end: start of the next bin with rows, or the end of what was looked at.
        expected: rows that the log's mean rate of the day before would have brought.
        open: whether nothing follows.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    expected: int
    open: bool


def hourly(volume: pd.DataFrame) -> pd.DataFrame:
    """Return rows an hour by log: TableName (the log), TimeGenerated, Rows."""
    frame = pd.DataFrame(
        {
            "TableName": volume["Log"],
            "TimeGenerated": volume["TimeGenerated"].dt.floor("h").astype(TIME),
            "Rows": volume["Rows"],
        }
    )
    return frame.groupby(["TableName", "TimeGenerated"], as_index=False).agg(Rows=("Rows", "sum"))


def silence_after(
    volume: pd.DataFrame, log: str, time: pd.Timestamp, end: pd.Timestamp
) -> Silence | None:
    """Say how long a log is silent after a moment.

    Args:
        volume: answer of the query ``volume``.
        log: which log.
        time: the moment.
        end: end of what the log was looked at for.

    Returns:
        The silence that begins with the bin after the moment's; None where that bin has rows, or
        the log had none in the day before.
    """
    rows = volume[(volume["Log"] == log) & (volume["Rows"] > 0)]
    bins = rows["TimeGenerated"]
    before = rows[(bins <= time) & (bins > time - pd.Timedelta("1D"))]
    if before.empty:
        return None
    start = time.floor(STEP) + STEP
    later = bins[bins >= start]
    stop = min(later.min(), end) if len(later) else end
    length = stop - start
    if length < STEP:
        return None
    span = max(time - before["TimeGenerated"].min(), STEP)
    expected = float(before["Rows"].sum()) * (length / span)
    return Silence(start, stop, round(expected), later.empty)
