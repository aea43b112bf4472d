"""The order in which a process tree is drawn: parents before children, by start time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["Order", "above", "tree_order"]

_Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Order:
    """Rows of a frame in pre-order: roots and siblings by start time, each before its children.

    Attributes:
        rows: the frame's row number of each place.
        parent: the place of the parent, always an earlier one; -1 for none.
        depth: 0 for a root.
        looped: places whose parents form a loop in the frame; each is shown as a root.
    """

    rows: _Array
    parent: _Array
    depth: _Array
    looped: _Array


def tree_order(processes: pd.DataFrame) -> Order:
    """Put processes in order, whatever their parents are.

    A parent that is not in the frame makes a root. Of a loop of parents, the process that started
    first is a root. Where two rows have one guid, children belong to the first of them.

    Args:
        processes: ``EVENTS["processes"]``.
    """
    parent = _parents(processes)
    count = len(parent)
    started = processes["TimeGenerated"].astype("int64").to_numpy().copy()
    started[processes["TimeGenerated"].isna().to_numpy()] = np.iinfo(np.int64).max
    by_time = np.argsort(started, kind="stable")
    rank = np.empty(count, dtype=np.int64)
    rank[by_time] = np.arange(count)
    parent[_loop_heads(parent, rank)] = -2

    above = parent[by_time]
    children = by_time[np.argsort(above, kind="stable")]
    held = np.sort(above, kind="stable")
    first = np.searchsorted(held, np.arange(count), "left").tolist()
    last = np.searchsorted(held, np.arange(count), "right").tolist()
    line = children.tolist()
    roots = by_time[parent[by_time] < 0].tolist()
    found = []
    waiting = roots[::-1]
    while waiting:
        row = waiting.pop()
        found.append(row)
        waiting.extend(reversed(line[first[row] : last[row]]))

    rows = np.array(found, dtype=np.int64)
    place = np.empty(count, dtype=np.int64)
    place[rows] = np.arange(count)
    moved = parent[rows]
    at = np.where(moved >= 0, place[np.maximum(moved, 0)], -1) if count else moved
    return Order(rows, at, _depths(at), np.flatnonzero(moved == -2))


def above(parent: _Array, places: Iterable[int]) -> set[int]:
    """Return ``places`` and all that lie above them."""
    kept: set[int] = set()
    for place in places:
        while place >= 0 and place not in kept:
            kept.add(place)
            place = int(parent[place])
    return kept


def _parents(processes: pd.DataFrame) -> _Array:
    """Return the row number of each row's parent, -1 for none in the frame."""
    guid = pd.Series(processes["TargetProcessGuid"].to_numpy(dtype=object))
    named = guid[guid.notna() & ~guid.duplicated()]
    at = pd.Index(named).get_indexer(pd.Index(processes["ActingProcessGuid"].to_numpy(object)))
    rows = named.index.to_numpy()
    found = np.where(at >= 0, rows[np.maximum(at, 0)], -1) if len(rows) else at
    return np.asarray(found, dtype=np.int64)


def _loop_heads(parent: _Array, rank: _Array) -> _Array:
    """Return of each loop of parents the row that comes first in time."""
    up, when = parent.tolist(), rank.tolist()
    walk = [0] * len(up)
    """By which walk a row was passed first; a walk that meets itself has gone round."""
    heads = []
    for start in range(len(up)):
        row = start
        while row >= 0 and not walk[row]:
            walk[row] = start + 1
            row = up[row]
        if row >= 0 and walk[row] == start + 1:
            loop, other = [row], up[row]
            while other != row:
                loop.append(other)
                other = up[other]
            heads.append(min(loop, key=when.__getitem__))
    return np.array(heads, dtype=np.int64)


def _depths(parent: _Array) -> _Array:
    depths: list[int] = []
    for place in parent.tolist():
        depths.append(depths[place] + 1 if place >= 0 else 0)
    return np.array(depths, dtype=np.int64)
