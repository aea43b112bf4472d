"""Flows that a host opened to one place: their rhythm, their sizes, the program that made them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from linuxhunt.sections.net_rhythm import Rhythm, rhythm

__all__ = ["alike", "calls", "program_of", "rhythm_of", "serves_names_or_time"]

_CLOCK, _NAMES = 123, (53, 853, 5353)


def calls(flows: pd.DataFrame) -> pd.DataFrame:
    """Return the flows that the host opened to somebody."""
    return flows[flows["NetworkDirection"].eq("Outbound") & flows["RemoteIpAddr"].notna()]


def serves_names_or_time(rows: pd.DataFrame, port: Any) -> bool:
    """Whether flows are NTP's or DNS's by port, and no larger than those are."""
    if pd.isna(port):
        return False
    if int(port) in _NAMES:
        return True
    sent = rows["Sent"].dropna()
    packets = rows["SrcPackets"].dropna()
    each = sent.sum() / max(int(packets.sum()), 1) if len(packets) else sent.median()
    return (
        int(port) == _CLOCK
        and rows["NetworkProtocol"].iloc[0] == "UDP"
        and (not len(sent) or each <= 120)
    )


def rhythm_of(rows: pd.DataFrame, least: int) -> Rhythm | None:
    """Read the rhythm of flows, no finer than their source counts them.

    A source that counts by the minute is regular by itself: below three of its steps nothing can
    be told.
    """
    times = rows["Time"].to_numpy(np.float64)
    resolution = 1.0
    for step in (600.0, 60.0):
        if (times % step == 0).mean() > 0.95:
            resolution = step * 1.5
            break
    return rhythm(times, resolution=resolution, least=least)


def alike(rows: pd.DataFrame) -> float:
    """Score how alike the bytes sent are, 0 to 1: RITA's data size score without its skew."""
    sent = rows["Sent"].dropna().to_numpy(np.float64)
    sent = sent[sent > 0]
    if len(sent) < 4:
        return 0.0
    median = float(np.median(sent))
    return max(0.0, 1 - float(np.median(np.abs(sent - median))) / median)


def program_of(rows: pd.DataFrame) -> tuple[str | None, str | None]:
    """Return the name of the program that made most of the flows, and its path."""
    paths = rows["TargetProcessName"].dropna()
    if not len(paths):
        return None, None
    path = str(paths.mode().iloc[0])
    return path.rpartition("/")[2], path
