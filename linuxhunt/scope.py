"""What a hunt looks at: one host or all, from a time to a time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pandas as pd

from linuxhunt.errors import ScopeError

__all__ = ["AFTER", "BEFORE", "Scope", "Span", "as_time"]

Span = str | int | timedelta
"""``1h``, ``90min``, ``2 days``, a number of minutes, or a timedelta."""

BEFORE, AFTER = "1h", "2h"
"""How much of the time around something is looked at where nothing else is said."""


def as_time(value: str | datetime, what: str = "time") -> pd.Timestamp:
    """Read a time; one that states no zone is UTC.

    Args:
        value: ISO 8601 text (``2026-03-12``, ``2026-03-12T01:00Z``) or a datetime.
        what: the name of the value, for the message.

    Raises:
        ScopeError: the text is no time.
    """
    try:
        text = isinstance(value, str)  # pandas would guess at 12/03/2026, and take "20" for a day
        if value in ("now", "today"):  # pandas knows these words, too
            raise ValueError(value)
        time = pd.to_datetime(value, format="ISO8601") if text else pd.Timestamp(value)
        time = time.as_unit("ns") if pd.notna(time) else time
    except (ValueError, TypeError, OverflowError) as error:
        raise ScopeError(
            f"{what} {str(value)!r} is no time; write it as 2026-03-12 or 2026-03-12T14:30Z"
        ) from error
    if pd.isna(time):
        raise ScopeError(f"{what} is empty; write it as 2026-03-12 or 2026-03-12T14:30Z")
    return time.tz_localize("UTC") if time.tzinfo is None else time.tz_convert("UTC")


@dataclass(frozen=True)
class Scope:
    """A window of time on one host, or on all.

    Attributes:
        start: first instant of the window, aware, UTC.
        end: first instant after the window, aware, UTC.
        host: the name of the host as shown, or None for all hosts.
        computers: every spelling of the host in the source; empty for all hosts.
        around: what the window was narrowed to, such as ``alert Brute force``; None where it is
            the window that was chosen at first.
        full: that window, where this one is narrower.
        turn: which source of the hunt this is about, counted from 0, so that what is kept for one
            source is never taken for another's.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    host: str | None = None
    computers: tuple[str, ...] = ()
    around: str | None = field(default=None, compare=False)
    full: tuple[pd.Timestamp, pd.Timestamp] | None = field(default=None, compare=False)
    turn: int = 0

    def __post_init__(self) -> None:
        """Hold times in UTC and refuse a window of no length."""
        object.__setattr__(self, "start", as_time(self.start, "start"))
        object.__setattr__(self, "end", as_time(self.end, "end"))
        if self.end <= self.start:
            raise ScopeError(
                f"the window ends ({self.end:%Y-%m-%d %H:%M:%S}) before it starts "
                f"({self.start:%Y-%m-%d %H:%M:%S}); give an end after the start"
            )

    def on(self, host: str | None, computers: tuple[str, ...] = ()) -> Scope:
        """Return the same window on another host."""
        return replace(self, host=host, computers=computers)

    def between(self, start: str | datetime, end: str | datetime) -> Scope:
        """Return another window on the same host."""
        first, last = as_time(start, "start"), as_time(end, "end")
        return replace(self, start=first, end=last, around=None, full=None)

    def narrowed(self, start: pd.Timestamp, end: pd.Timestamp, around: str) -> Scope:
        """Return a window around something on the same host, which knows the full one."""
        full = self.full or (self.start, self.end)
        return replace(self, start=start, end=end, around=around, full=full)

    def __str__(self) -> str:
        shown = f"{self.host or 'all hosts'} · {_span(self.start, self.end)}"
        if self.around is None or self.full is None:
            return shown
        return f"{shown} · around {self.around} (full window: {_span(*self.full)})"


def _span(start: pd.Timestamp, end: pd.Timestamp) -> str:
    first = f"{start:%d %b %H:%M}" if start.year == end.year else f"{start:%d %b %Y %H:%M}"
    return f"{first} – {end:%d %b %Y %H:%M} UTC"
