"""Where the nodes of a graph stand: a column for each kind, in an order with few crossings."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np

from linuxhunt.views.palette import KINDS, OTHER, severity
from linuxhunt.views.text import short, visible

__all__ = ["LINKS", "Laid", "Link", "Node", "lay"]

NODES, COLUMN, LINKS = 60, 24, 300
"""Nodes drawn at most, in all and in one column, and links."""

LABEL, LEAST, MOST, WHOLE = 136, 10, 60, 600
"""Signs that all columns of labels share, what one gets at least and at most, and signs of the
text that a hover shows."""
GAP = 6
"""Signs between a label and the next column, where links run."""

_RANKS = {"High": 3, "Medium": 2, "Low": 1, "Informational": 0}
_SWEEPS = 6
_STEPS = np.linspace(0.0, 1.0, 17)
_SPREAD = 2.0
"""How far apart, in rows, the nodes of a short column may stand."""


@dataclass(frozen=True)
class Node:
    """A node that is drawn.

    Attributes:
        x: where its column begins, in signs of text.
        y: its row, 0 in the middle, upwards.
        kind: what it is; OTHER for kinds without a mark.
        label: what stands beside it.
        whole: what a hover says.
        severity: of the gravest finding about it, or "".
    """

    x: float
    y: float
    kind: str
    label: str
    whole: str
    severity: str


@dataclass(frozen=True)
class Link:
    """A link that is drawn: its ends (indices of nodes), its words, its line."""

    start: int
    end: int
    label: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]


@dataclass(frozen=True)
class Laid:
    """A graph, laid out.

    Attributes:
        nodes: those drawn.
        links: those drawn.
        heads: x and title of each column; none where the graph stands in no columns.
        width: how many signs wide it is.
        nodes_left: nodes that are not drawn.
        links_left: links between drawn nodes that are not drawn.
        rows: how high it is.
    """

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    heads: tuple[tuple[float, str], ...]
    width: float
    nodes_left: int
    links_left: int
    rows: float


def _kind(node: Any) -> str:
    kind = str(node.get("kind", OTHER))
    return kind if kind in KINDS else OTHER


def _columns(graph: Any) -> list[list[Hashable]]:
    """Keep the gravest and best connected nodes of each kind; kinds in the palette's order."""
    place = {name: i for i, name in enumerate(graph)}

    def worth(name: Hashable) -> tuple[int, int, int]:
        rank = _RANKS.get(str(graph.nodes[name].get("severity")), -1)
        return -rank, -graph.degree(name), place[name]

    by_kind: dict[str, list[Hashable]] = {kind: [] for kind in (*KINDS, OTHER)}
    for name in sorted(graph, key=worth):
        by_kind[_kind(graph.nodes[name])].append(name)
    kept = {name for names in by_kind.values() for name in names[:COLUMN]}
    kept = set(sorted(kept, key=worth)[:NODES])
    columns = [sorted(kept.intersection(names), key=place.__getitem__)
               for names in by_kind.values()]  # fmt: skip
    return [column for column in columns if column]


def _sorted(graph: Any, columns: list[list[Hashable]]) -> list[list[Hashable]]:
    """Order each column by where the neighbours of its nodes stand, back and forth."""
    near = graph.to_undirected(as_view=True) if graph.is_directed() else graph
    spot = {name: (i + 0.5) / len(column) for column in columns for i, name in enumerate(column)}
    for sweep in range(_SWEEPS):
        for at in range(1, len(columns)) if sweep % 2 == 0 else range(len(columns) - 2, -1, -1):

            def middle(name: Hashable) -> float:
                spots = [spot[other] for other in near[name] if other in spot]
                return sum(spots) / len(spots) if spots else spot[name]

            columns[at] = sorted(columns[at], key=middle)
            for i, name in enumerate(columns[at]):
                spot[name] = (i + 0.5) / len(columns[at])
    return columns


def _rooms(graph: Any, columns: Sequence[Sequence[Hashable]]) -> list[int]:
    """Share the width out: a column of short labels leaves the rest of its share to others."""
    wanted = [
        min(MOST, max(LEAST, *(len(_text(graph.nodes[name], name)) for name in column)))
        for column in columns
    ]
    rooms, left = [0] * len(columns), LABEL - GAP * len(columns)
    for done, i in enumerate(sorted(range(len(columns)), key=wanted.__getitem__)):
        rooms[i] = max(LEAST, min(wanted[i], left // (len(columns) - done)))
        left -= rooms[i]
    return rooms


def _text(node: Any, name: object) -> str:
    """The label whole, after the sign of a severity that matters."""
    grave = str(node.get("severity") or "")
    sign = f"{severity(grave)[2]} " if grave in ("High", "Medium") else ""
    return sign + visible(node.get("label", name))


def _spots(
    columns: Sequence[Sequence[Hashable]], lefts: Sequence[float]
) -> dict[Hashable, tuple[float, float]]:
    most = max(map(len, columns))
    spots = {}
    for x, column in zip(lefts, columns, strict=True):
        step = min(_SPREAD, most / len(column))
        for i, name in enumerate(column):
            spots[name] = (x, ((len(column) - 1) / 2 - i) * step)
    return spots


def _sprung(graph: Any, names: Sequence[Hashable]) -> dict[Hashable, tuple[float, float]]:
    """Lay out a graph of one kind, which columns would say nothing about."""
    if len(names) == 1:
        return {names[0]: (0.0, 0.0)}
    part = nx.Graph(graph.subgraph(names))
    found = nx.spring_layout(part, seed=1, k=2 / len(names) ** 0.5)
    high = max(4.0, len(names) * 0.6)
    half = (LABEL - MOST / 2) / 2
    return {name: ((1 + float(x)) * half, float(y) * high / 2) for name, (x, y) in found.items()}


def _line(
    start: tuple[float, float], end: tuple[float, float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A curve between two nodes that leaves and enters sideways; a bow within a column."""
    (x0, y0), (x1, y1) = start, end
    if x0 == x1:
        bow = min(5.0, 1.5 + 0.5 * abs(y1 - y0))
        controls = (x0 - bow, x1 - bow)
    else:
        controls = (x0 + (x1 - x0) * 0.55, x1 - (x1 - x0) * 0.55)
    t = _STEPS
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    xs = sum(w * x for w, x in zip(weights, (x0, *controls, x1), strict=True))
    ys = sum(w * y for w, y in zip(weights, (y0, y0, y1, y1), strict=True))
    return tuple(np.round(xs, 3).tolist()), tuple(np.round(ys, 3).tolist())


def lay(graph: Any) -> Laid:
    """Lay a graph out; the same graph always stands in the same way.

    Args:
        graph: a networkx graph, directed or not, with at least one node; nodes have ``kind``,
            ``label`` and perhaps ``severity``, links perhaps ``label``.
    """
    columns = _columns(graph)
    if len(columns) > 1:
        columns = _sorted(graph, columns)
        rooms = _rooms(graph, columns)
        lefts = [float(sum(rooms[:i]) + GAP * i) for i in range(len(columns))]
        spots = _spots(columns, lefts)
        kinds = [_kind(graph.nodes[column[0]]) for column in columns]
        heads = tuple(
            (left, f"{kind} ({len(column):,})")
            for left, kind, column in zip(lefts, kinds, columns, strict=True)
        )
        width = float(sum(rooms) + GAP * len(rooms))
    else:
        rooms, heads, width = [MOST // 2], (), float(LABEL)
        spots = _sprung(graph, columns[0])
    nodes = [
        _node(graph.nodes[name], name, spots[name], room)
        for column, room in zip(columns, rooms, strict=True)
        for name in column
    ]
    at = {name: i for i, name in enumerate(name for column in columns for name in column)}
    inside = [(a, b, data) for a, b, data in graph.edges(data=True) if a in at and b in at]
    links = tuple(
        Link(at[a], at[b], short(visible(data.get("label", "")), WHOLE), *_line(spots[a], spots[b]))
        for a, b, data in inside[:LINKS]
    )
    ys = [node.y for node in nodes]
    return Laid(
        tuple(nodes), links, heads, width, len(graph) - len(nodes), len(inside) - len(links),
        max(ys) - min(ys) + 1,
    )  # fmt: skip


def _node(held: Any, name: object, spot: tuple[float, float], room: int) -> Node:
    return Node(
        *spot, _kind(held), short(_text(held, name), room),
        short(visible(held.get("label", name)), WHOLE), str(held.get("severity") or ""),
    )  # fmt: skip
