"""How whole an answer is. "No data" must never be shown as "nothing found"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

__all__ = ["Completeness", "combine", "measure"]


@dataclass(frozen=True)
class Completeness:
    """What came back of what was asked.

    Attributes:
        source: the table, or what else was asked.
        rows: rows that came back.
        first: time of the first row, UTC; None where there are none.
        last: time of the last row.
        asked: chunks that were asked for.
        answered: chunks that came back whole.
        partial: whether an engine said that it left rows out.
        missing: why there is no answer, or what is missing of it; empty where nothing is.
        lacks: columns that were asked for and that the source does not have, as Table.Column.
    """

    source: str
    rows: int = 0
    first: pd.Timestamp | None = None
    last: pd.Timestamp | None = None
    asked: int = 1
    answered: int = 1
    partial: bool = False
    missing: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether all that was asked for came back."""
        return not self.partial and self.answered == self.asked and not self.missing

    @property
    def absent(self) -> bool:
        """Whether the source has no such table, so that nothing could come back."""
        nothing = ("there is no table", "not on this engine")
        return not self.rows and all(text.startswith(nothing) for text in self.missing or ("",))

    @property
    def elsewhere(self) -> bool:
        """Whether only another engine could answer, so that nothing is missing here."""
        return self.missing == ("not on this engine",)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as JSON can hold them, times as ISO 8601."""
        return {
            "source": self.source,
            "rows": self.rows,
            "first": self.first.isoformat() if self.first is not None else None,
            "last": self.last.isoformat() if self.last is not None else None,
            "asked": self.asked,
            "answered": self.answered,
            "partial": self.partial,
            "missing": list(self.missing),
            "lacks": list(self.lacks),
        }

    def __str__(self) -> str:
        if self.missing and not self.rows:
            return f"no {self.source} ({'; '.join(self.missing)})"
        if not self.rows:
            return f"no {self.source}"
        span = ""
        if self.first is not None and self.last is not None:
            span = f", {self.first:%d %b %H:%M} – {self.last:%d %b %H:%M}"
        state = "whole" if self.whole else "PARTIAL"
        why = f": {'; '.join(self.missing)}" if self.missing else ""
        without = f", without {', '.join(self.lacks)}" if self.lacks else ""
        return f"{self.rows:,} {self.source}{span}, {state}{why}{without}"


def measure(
    source: str,
    frame: pd.DataFrame,
    time: str = "TimeGenerated",
    *,
    partial: bool = False,
    missing: tuple[str, ...] = (),
) -> Completeness:
    """Say how whole a frame is that one chunk brought.

    Args:
        source: what was asked, in a few words.
        frame: the rows.
        time: the column of times, where there is one.
        partial: whether the engine said that rows are left out.
        missing: what is missing, in words; an answer with none and no partiality is whole.
    """
    times = frame[time].dropna() if time in frame else pd.Series(dtype="datetime64[ns, UTC]")
    answered = 0 if missing and frame.empty else 1
    return Completeness(
        source,
        len(frame),
        times.min() if len(times) else None,
        times.max() if len(times) else None,
        answered=answered,
        partial=partial,
        missing=missing,
    )


def combine(source: str, parts: Iterable[Completeness]) -> Completeness:
    """Say how whole several answers are together."""
    parts = list(parts)
    firsts = [part.first for part in parts if part.first is not None]
    lasts = [part.last for part in parts if part.last is not None]
    return Completeness(
        source,
        sum(part.rows for part in parts),
        min(firsts, default=None),
        max(lasts, default=None),
        sum(part.asked for part in parts),
        sum(part.answered for part in parts),
        any(part.partial for part in parts),
        tuple(dict.fromkeys(text for part in parts for text in part.missing)),
        tuple(dict.fromkeys(name for part in parts for name in part.lacks)),
    )
