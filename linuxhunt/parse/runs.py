"""Rows that lie in runs: what stands before, behind or first in each, without a loop.

What SQL's windows tell of rows that are partitioned and ordered, numpy tells of rows that are
sorted once, at a tenth of the cost. A run is a stretch of rows, given by where it begins and ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Flags", "Numbers", "Runs", "codes", "combined"]

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Runs:
    """Runs of sorted rows.

    Attributes:
        begins: for each row, the position at which its run begins.
        ends: for each row, the position at which its run ends, the last of it.
    """

    begins: Numbers
    ends: Numbers

    @classmethod
    def of(cls, starts: Flags) -> Runs:
        """Make runs of flags of the rows that begin one; the first row always does."""
        size = len(starts)
        heads = np.flatnonzero(starts) if size else np.empty(0, np.int64)
        if size and (not len(heads) or heads[0]):
            heads = np.concatenate([[0], heads])
        lengths = np.diff(np.append(heads, size))
        return cls(np.repeat(heads, lengths), np.repeat(heads + lengths - 1, lengths))

    @property
    def heads(self) -> Numbers:
        """Positions of the first row of each run."""
        return np.flatnonzero(self.begins == np.arange(len(self.begins)))

    def before(self, found: Flags) -> Numbers:
        """Return the position of the last row found before each row in its run, else -1."""
        last = np.maximum.accumulate(np.where(found, np.arange(len(found)), -1))
        last = np.concatenate([[-1], last])[:-1]
        return np.where(last >= self.begins, last, -1)

    def behind(self, found: Flags) -> Numbers:
        """Return the position of the next row found behind each row in its run, else -1."""
        following = np.append(self._next(found), len(found))[1:]
        return np.where(following <= self.ends, following, -1)

    def first(self, found: Flags) -> Numbers:
        """Return the position of the first row found in the run of each row, else -1."""
        if not len(found):
            return np.empty(0, np.int64)
        following = self._next(found)[self.begins]
        return np.where(following <= self.ends, following, -1)

    def last(self, found: Flags) -> Numbers:
        """Return the position of the last row found in the run of each row, else -1."""
        if not len(found):
            return np.empty(0, np.int64)
        last = np.maximum.accumulate(np.where(found, np.arange(len(found)), -1))[self.ends]
        return np.where(last >= self.begins, last, -1)

    def until(self, values: npt.NDArray[Any]) -> Numbers:
        """Return the sum of the values of the run up to each row and with it."""
        sums: Numbers = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
        summed: Numbers = sums[1:] - sums[self.begins]
        return summed

    def total(self, values: npt.NDArray[Any]) -> Numbers:
        """Return the sum of the values of the run of each row."""
        sums: Numbers = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
        summed: Numbers = sums[self.ends + 1] - sums[self.begins]
        return summed

    @staticmethod
    def _next(found: Flags) -> Numbers:
        at = np.where(found, np.arange(len(found)), len(found))
        return np.minimum.accumulate(at[::-1])[::-1]


def codes(values: pd.Series[Any]) -> Numbers:
    """Return a number for each distinct value, -1 for null."""
    return np.asarray(pd.factorize(values)[0], np.int64)


def combined(*parts: Numbers) -> Numbers:
    """Return a number, from 0, for each distinct combination of numbers."""
    made = np.zeros(len(parts[0]), np.int64)
    for part in parts:
        found, distinct = pd.factorize(part)
        # made anew at each step, so that no product leaves 64 bits
        made = np.asarray(pd.factorize(made * max(len(distinct), 1) + found)[0], np.int64)
    return made
