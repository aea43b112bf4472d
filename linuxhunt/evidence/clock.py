"""Stamps to UTC: the year that a stamp does not have, and the zone that it does not name."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from linuxhunt.errors import ScopeError
from linuxhunt.evidence import stamps as st
from linuxhunt.evidence.lines import Ints

__all__ = ["Years", "to_utc", "zone"]

_QUARTER = 900 * st.SECOND  # zones change their offset at quarters of an hour
_EPOCH = datetime(1970, 1, 1)
_Date = tuple[int, int]  # month, day
_BACK = 31  # days of falling back that are a new year, not lines out of order


def zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name.

    Raises:
        ScopeError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ScopeError(
            f"unknown time zone {name!r}: give an IANA name such as Europe/Berlin or UTC"
        ) from None


@lru_cache(maxsize=65_536)
def _offsets(where: tzinfo, quarter: int) -> tuple[int, int]:
    """Return the offsets from UTC, in microseconds, at a local time's first and second pass."""
    try:
        local = _EPOCH + timedelta(seconds=quarter * 900)
        first, second = (local.replace(tzinfo=where, fold=fold).utcoffset() for fold in (0, 1))
    except (OverflowError, ValueError):
        return 0, 0
    micro = timedelta(microseconds=1)
    return (first or timedelta()) // micro, (second or timedelta()) // micro


def to_utc(local: Ints, where: tzinfo) -> Ints:
    """Turn local times, in the order of their file, into UTC.

    A time that the clock skipped is read with the offset before the change. A time that it
    showed twice is the second one where an earlier line of that hour was ten minutes later,
    else the first.

    Args:
        local: microseconds since 1970 on the wall clock.
        where: the zone.
    """
    if not len(local) or where is UTC or getattr(where, "key", "") == "UTC":
        return local
    quarter = local // _QUARTER
    runs = np.flatnonzero(np.diff(quarter, prepend=quarter[0] - 1))
    lengths = np.diff(runs, append=len(local))
    pairs = np.array([_offsets(where, int(quarter[i])) for i in runs], np.int64)
    first, second = np.repeat(pairs[:, 0], lengths), np.repeat(pairs[:, 1], lengths)
    twice = first > second
    again = np.zeros(len(local), np.bool_)
    if twice.any():
        # The latest time seen so far in this doubled hour tells a second pass.
        peak = np.maximum.accumulate(np.where(twice, local, np.iinfo(np.int64).min))
        again = twice & (peak - local > 600 * st.SECOND)
        again |= twice & (
            np.maximum.accumulate(np.where(again, local // st.DAY, -1)) == local // st.DAY
        )
    return local - np.where(again, second, first)


@dataclass
class Years:
    """Years for the stamps of one file that have none.

    First :meth:`scan` the whole file, then :meth:`settle`, then ask :meth:`of` for each chunk
    in the same order. A year ends where the date falls back by more than a month.

    Attributes:
        found: whether any stamp lacked a year.
        base: the year of the first such stamp, once settled.
        why: where the year was taken from, in words; empty where no stamp lacked it.
    """

    found: bool = False
    base: int = 0
    why: str = ""
    _leap: set[int] = field(default_factory=set)
    _turns: int = 0
    _last: _Date = (0, 0)
    _anchor: tuple[int, int, _Date] | None = None

    def _cycles(self, read: st.Stamps, rows: Ints) -> Ints:
        """Return how many new years lie between the file's first stamp and each of ``rows``."""
        key = read.month[rows] * 31 + read.day[rows]
        month, day = self._last
        step = np.diff(key, prepend=month * 31 + day if month else key[0])
        # From the first days of January back to the last of December: lines out of order.
        turns = self._turns + np.cumsum((step < -_BACK).astype(int) - (step >= 369).astype(int))
        self._last = _date(read, rows[-1])
        self._turns = int(turns[-1])
        return np.asarray(turns, np.int64)

    def scan(self, read: st.Stamps) -> None:
        """Take note of the dates of a chunk."""
        rows = np.flatnonzero(read.kind == st.BSD)
        dated = np.flatnonzero((read.kind == st.ISO) | (read.kind == st.IETF))
        before, turns_before = self._last, self._turns
        turns = self._cycles(read, rows) if len(rows) else rows
        self._leap |= set(turns[(read.month[rows] == 2) & (read.day[rows] == 29)].tolist())
        later = dated if self.found else dated[dated > rows[0]] if len(rows) else dated[:0]
        self.found |= len(rows) > 0
        if self._anchor is None and len(later):
            # The last stamp without a year before the first with one: they are close in time.
            place = int(np.searchsorted(rows, later[0])) - 1
            known = (int(turns[place]), _date(read, rows[place])) if place >= 0 else None
            turn, date = known or (turns_before, before)
            self._anchor = (_days(int(read.year[later[0]]), _date(read, later[0])), turn, date)

    def settle(self, year: int | None, changed: datetime | None) -> None:
        """Fix the years, from what the analyst said or else from what is known.

        Args:
            year: the year of the file's first stamp.
            changed: when the file was last changed; None where that is not known.
        """
        total, last = self._turns, self._last
        self._turns, self._last = 0, (0, 0)
        if not self.found:
            return
        if year is not None:
            self.base, self.why = year, f"year {year} as given"
            return
        source = "later stamps in the file"
        if self._anchor is not None:
            limit, turn, date = self._anchor
        else:
            known = changed or datetime.now(UTC)
            limit, turn, date = (known.replace(tzinfo=None) - _EPOCH).days, total, last
            source = f"its modification time {known:%Y-%m-%d}" if changed else "today's date"
        latest = (_EPOCH + timedelta(days=limit)).year + 1
        # The stamp may lie a day after what is known: zones, and clocks that are not exact.
        while _days(latest, date) > limit + 1:
            latest -= 1
        self.base = latest - turn
        leaps = [back for back in range(9) if self._leaps(self.base - back)]
        if leaps and leaps[0]:
            self.base -= leaps[0]
            source += ", moved back to a leap year for its 29 February"
        span = f"{self.base}" if total <= 0 else f"{self.base} to {self.base + total}"
        self.why = f"year {span} from {source}"

    def _leaps(self, base: int) -> bool:
        return all(isleap(base + turn) for turn in self._leap)

    def of(self, read: st.Stamps) -> Ints:
        """Return a chunk's years, those that stamps have and those that they lack."""
        rows = np.flatnonzero(read.kind == st.BSD)
        years = read.year.copy()
        if len(rows):
            years[rows] = self.base + self._cycles(read, rows)
        return years


def _date(read: st.Stamps, row: int) -> _Date:
    return int(read.month[row]), int(read.day[row])


def _days(year: int, date: _Date) -> int:
    return int(st.days(*(np.array([part]) for part in (year, *date)))[0])
