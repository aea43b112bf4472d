"""Walking the process tree, by guid, whole columns at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

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
    above = np.where(parent >= 0, parent, np.arange(len(parent)))
    depth = (parent >= 0).astype(np.int64)
    while True:
        further = above[above]
        if (further == above).all():
            return depth, above
        depth = depth + depth[above]
        above = further


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
    while True:
        further = above[above]
        if (further == above).all():
            below: pd.DataFrame = processes[marked[:-1]]
            return below
        marked = marked | marked[above]
        above = further


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
    index = pd.Index(processes["TargetProcessGuid"])
    at: _Array = index.get_indexer(pd.Index(processes["ActingProcessGuid"]))
    return at


def _rows(processes: pd.DataFrame, guids: Iterable[str]) -> _Array:
    at = pd.Index(processes["TargetProcessGuid"]).get_indexer(pd.Index(list(guids)))
    return np.unique(at[at >= 0])
