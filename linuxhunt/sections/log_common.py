"""What the checks of the logs themselves have in common."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd

from linuxhunt.sections.finding import Tables

__all__ = ["CALLED", "LOGS", "TECHNIQUES", "acts_in", "host_of", "in_words", "went_down", "window"]

LOGS = {"syslog": ("auth", "system", "cron"), "audit": ("AuditLog_CL", "LinuxAuditLog")}
"""Daemon -> the logs that it writes, as the query ``volume`` names them."""
CALLED = {"syslog": "The syslog daemon", "audit": "Auditing", "journal": "The journal"}
TECHNIQUES = {"audit": ("T1562.012",)}
"""Daemon -> techniques of stopping it, where they are others than T1562.001."""
_SETTLING = pd.Timedelta("5min")


def host_of(tables: Tables) -> str | None:
    """Return the host that the tables are about, null for several."""
    names = tables["scope"]["Host"].dropna()
    return str(names.iloc[0]) if len(names) == 1 else None


def window(tables: Tables) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return first and last instant of what is looked at."""
    row = tables["scope"].iloc[0]
    return row["Start"], row["End"]


def went_down(events: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> bool:
    """Tell whether the host went down or came up at the time, or five minutes from it."""
    times = events.loc[events["What"].isin(["boot", "shutdown"]), "TimeGenerated"]
    return bool(((times >= first - _SETTLING) & (times <= last + _SETTLING)).any())


def in_words(length: Any) -> str:
    """Write a span of time."""
    minutes = length / timedelta(minutes=1)
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.1f} hours"


def acts_in(acts: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Return the acts against logs that lie in a span."""
    return acts[(acts["EventStartTime"] >= first) & (acts["EventStartTime"] <= last)]
