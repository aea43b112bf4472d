"""Entities and what links them, as a graph."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from linuxhunt.schema import STR
from linuxhunt.views.base import View, block, fold, live, paragraph
from linuxhunt.views.charts import item, legend
from linuxhunt.views.faces import graph_face
from linuxhunt.views.graph_chart import chart
from linuxhunt.views.graph_layout import Laid, lay
from linuxhunt.views.palette import KINDS, OTHER, kind_mark
from linuxhunt.views.table import table
from linuxhunt.views.text import listed, plural, visible

__all__ = ["graph"]

_MANY = {"address": "addresses", "process": "processes"}
SAID = 5
"""Links that the plain text tells."""


def graph(graph: Any, *, title: str | None = None) -> View:
    """Draw entities and the links between them, a column for each kind of entity.

    Columns stand in the order of :data:`linuxhunt.views.palette.KINDS`; within one, nodes stand
    so that few links cross. A graph of one kind alone is laid out freely. The same graph is
    always drawn in the same way. At most 60 nodes are drawn (24 of a kind), those with the
    gravest findings and most links first, and 300 links; the caption counts the others.

    Args:
        graph: a networkx ``Graph`` or ``DiGraph`` (the direction is told in the table and the
            hover). Of a node: ``kind`` (``address``, ``host``, ``user``, ``session``, ``program``,
            ``process``, ``file``; any other is ``other``), ``label`` (the node itself where there
            is none), ``severity`` (of the gravest finding about it, if any). Of a link:
            ``label``, such as ``logged on`` (may be left out).
        title: what the graph shows, one sentence.

    Returns:
        A chart: a hover tells a node or link whole, a click on a node sets off its links; its
        face is a picture. A fold beneath holds the links as a table.
    """
    if len(graph) == 0:
        html = paragraph(title, "title") + paragraph("Nothing to draw.")
        return View(block("view", html), f"{visible(title)}: nothing" if title else "No graph.")
    laid = lay(graph)
    says, pairs = _says(laid), _pairs(laid)
    known = {node.kind: kind_mark(node.kind) for node in laid.nodes}
    order = [kind for kind in (*KINDS, OTHER) if kind in known]
    body = live("chart", graph_face(laid, f"{says} {pairs}"), item(chart(laid)), "").html
    html = (
        paragraph(title, "title")
        + legend({kind: known[kind] for kind in order})
        + body
        + paragraph(says)
    )
    links = _links(graph)
    if len(links):
        whole = table(links, most=1_000, more="narrow the window")
        html += fold(f"The links as a table ({len(links):,})", whole).html
    head = f"{visible(title)}: " if title else ""
    return View(block("view", html), f"{head}{says} {pairs}".rstrip())


def _name(node: Any, name: object) -> str:
    return visible(node.get("label", name))


def _says(laid: Laid) -> str:
    """What is drawn, and what is not."""
    counts = Counter(node.kind for node in laid.nodes)
    kinds = listed(
        plural(counts[kind], kind, _MANY.get(kind)) for kind in (*KINDS, OTHER) if counts[kind]
    )
    text = f"{kinds}; {plural(len(laid.links), 'link')}."
    left = [
        plural(number, one, many)
        for number, one, many in (
            (laid.nodes_left, "entity", "entities"), (laid.links_left, "link", "links"),
        )
        if number
    ]  # fmt: skip
    return f"{text} Not drawn: {' and '.join(left)} with less to say." if left else text


def _pairs(laid: Laid) -> str:
    """The first links in words, for who does not see them."""
    pairs = [
        f"{laid.nodes[link.start].whole} {link.label or '–'} → {laid.nodes[link.end].whole}"
        for link in laid.links
    ]
    rest = f" and {len(pairs) - SAID:,} more" if len(pairs) > SAID else ""
    return f"{'; '.join(pairs[:SAID])}{rest}." if pairs else ""


def _links(graph: Any) -> pd.DataFrame:
    """From, Link, To and their kinds, one row a link."""
    nodes = graph.nodes
    rows = [
        (
            _kind_of(nodes[a]), _name(nodes[a], a), visible(data.get("label", "")),
            _kind_of(nodes[b]), _name(nodes[b], b),
        )
        for a, b, data in graph.edges(data=True)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["Kind", "From", "Link", "ToKind", "To"])
    return frame.astype(STR)


def _kind_of(node: Any) -> str:
    return visible(node.get("kind", OTHER))
