"""Walking the process tree, by guid, whole columns at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["ancestors", "depths", "descendants", "roots", "siblings", "tree"]

_Array = np.ndarray[Any, Any]


def depths(parent: _Array) -> tuple[_Array, _Array]:
    """Return how deep each row lies and the row of its root.

    Each round doubles the distance looked up, so a chain of n takes log2(n) rounds.

    Args:
        parent: row number of each row's parent, -1 for none.

    Returns:
        Depth (0 for a root) and the root's row number.
    """
    rows = np.arange(len(parent))
    above = np.where(parent >= 0, parent, rows)
    depth = (above != rows).astype(np.int64)
    for _ in range(len(parent).bit_length() + 1):
        further = above[above]
        if (further == above).all():
            return depth, above
        depth = depth + depth[above]
        above = further
    # A circle, which only a forged record can state, is cut where it goes on to a later row.
    circle = np.unique(above[parent[above] >= 0])
    cut = parent.copy()
    cut[circle[cut[circle] >= circle]] = -1
    return depths(cut)


def roots(processes: pd.DataFrame, guids: Iterable[str] | None = None) -> pd.DataFrame:
    """Return the processes whose parent was not seen: of all, or above ``guids``."""
    if guids is None:
        return processes[processes["ActingProcessGuid"].isna()]
    rows = processes["TargetProcessGuid"].isin(set(guids))
    return processes[processes["TargetProcessGuid"].isin(set(processes["RootGuid"][rows]))]


def ancestors(processes: pd.DataFrame, guids: Iterable[str]) -> pd.DataFrame:
    """Return the parents of ``guids``, theirs, and so on up; not ``guids`` themselves.

    Args:
        processes: ``EVENTS["processes"]``.
        guids: TargetProcessGuid of one or more; unknown ones are passed over.

    Returns:
        Rows of ``processes``, in its order.
    """
    parent = _parents(processes)
    level = _rows(processes, guids)
    found = np.zeros(len(processes), dtype=bool)
    while len(level):
        above = np.unique(parent[level])
        level = above[(above >= 0)]
        level = level[~found[level]]
        found[level] = True
    return processes[found]


def descendants(processes: pd.DataFrame, guids: Iterable[str]) -> pd.DataFrame:
    """Return the children of ``guids``, theirs, and so on down; not ``guids`` themselves.

    Args:
        processes: ``EVENTS["processes"]``.
        guids: TargetProcessGuid of one or more; unknown ones are passed over.

    Returns:
        Rows of ``processes``, in its order.
    """
    parent = _parents(processes)
    given = np.zeros(len(processes) + 1, dtype=bool)
    given[_rows(processes, guids)] = True
    above = np.where(parent >= 0, parent, len(processes))
    above = np.append(above, len(processes))
    # Whoever has a marked row above: marks travel 1, 2, 4, ... levels down.
    marked = given[above]
    for _ in range(len(processes).bit_length() + 1):  # more only where parents form a circle
        further = above[above]
        if (further == above).all():
            break
        marked = marked | marked[above]
        above = further
    below: pd.DataFrame = processes[marked[:-1]]
    return below


def siblings(processes: pd.DataFrame, guids: Iterable[str]) -> pd.DataFrame:
    """Return the other children of the parents of ``guids``.

    Where a parent was not seen, the children of its pid on the same host that no parent was
    seen of either are siblings.
    """
    known = processes["ActingProcessGuid"]
    unseen = (
        processes["DvcHostname"].str.lower() + " " + processes["ActingProcessId"].astype("string")
    )
    above = known.astype(object).where(known.notna(), unseen.astype(object))
    rows = processes["TargetProcessGuid"].isin(set(guids))
    return processes[above.isin(set(above[rows].dropna())) & ~rows]


def tree(processes: pd.DataFrame) -> nx.DiGraph[str]:
    """Return the tree as a graph: guids with their rows as attributes, parent -> child."""
    import networkx as nx  # slow to load, and only who draws a tree needs it

    graph: nx.DiGraph[str] = nx.DiGraph()
    names = [name for name in processes.columns if name != "TargetProcessGuid"]
    columns = [processes[name].tolist() for name in names]
    graph.add_nodes_from(
        (guid, dict(zip(names, values, strict=True)))
        for guid, *values in zip(processes["TargetProcessGuid"].tolist(), *columns, strict=True)
    )
    seen = processes["ActingProcessGuid"].notna()
    graph.add_edges_from(
        zip(
            processes["ActingProcessGuid"][seen].tolist(),
            processes["TargetProcessGuid"][seen].tolist(),
            strict=True,
        )
    )
    return graph


def _parents(processes: pd.DataFrame) -> _Array:
    """Return the row number of each row's parent, -1 for none in the frame."""
    return _places(processes, pd.Index(processes["ActingProcessGuid"]))


def _rows(processes: pd.DataFrame, guids: Iterable[str]) -> _Array:
    at = _places(processes, pd.Index(list(guids)))
    return np.unique(at[at >= 0])


def _places(processes: pd.DataFrame, guids: pd.Index[Any]) -> _Array:
    """Return the row number of each guid, -1 for none; of rows that share one, the first."""
    index = pd.Index(processes["TargetProcessGuid"])
    if index.is_unique:
        only: _Array = index.get_indexer(guids)
        return only
    first = np.flatnonzero(~index.duplicated())
    at = index[first].get_indexer(guids)
    return np.where(at >= 0, first[at], -1)
