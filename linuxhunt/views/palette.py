"""Colours, shapes and the few styles that survive where style sheets are stripped.

The palette is Okabe and Ito's (https://jfly.uni-koeln.de/color/), which colour-blind people can
tell apart. No meaning is carried by colour alone: every category has a shape of its own, and every
severity and verdict is also written out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

__all__ = [
    "ALERT",
    "FAILURE",
    "INK",
    "KINDS",
    "NEUTRAL",
    "OTHER",
    "SUCCESS",
    "Mark",
    "kind_mark",
    "marks",
    "severity",
]

FAILURE = "#D55E00"
SUCCESS = "#0072B2"
ALERT = "#F0E442"
NEUTRAL = "#8A8A8A"

INK, GRID, PAPER, LAND = "#1A1A1B", "#D9D9D9", "#FFFFFF", "#E6E4DD"
"""Text, lines, background and land of a chart in a light theme; views.js puts the colours of a
dark theme in their place (a chart's own data never holds these exact colours)."""

OTHER = "other"


class Mark(NamedTuple):
    """How one category is drawn: colour, shape (Bokeh's name, matplotlib's), hatch (likewise)."""

    colour: str
    shape: str
    plain_shape: str
    hatch: str
    plain_hatch: str


_NAMED = {
    "failure": Mark(FAILURE, "x", "x", "right_diagonal_line", "///"),
    "success": Mark(SUCCESS, "circle", "o", "blank", ""),
    "alert": Mark(ALERT, "inverted_triangle", "v", "dot", ".."),
    "na": Mark(NEUTRAL, "hex", "h", "horizontal_line", "--"),
    "high": Mark(FAILURE, "triangle", "^", "right_diagonal_line", "///"),
    "severe": Mark(FAILURE, "triangle", "^", "right_diagonal_line", "///"),
    "medium": Mark("#E69F00", "diamond", "D", "left_diagonal_line", "\\\\"),
    "low": Mark("#56B4E9", "square", "s", "blank", ""),
    "informational": Mark(NEUTRAL, "hex", "h", "horizontal_line", "--"),
}
_FREE = (
    Mark("#009E73", "square", "s", "blank", ""),
    Mark("#CC79A7", "diamond", "D", "vertical_line", "||"),
    Mark("#E69F00", "triangle", "^", "left_diagonal_line", "\\\\"),
    Mark("#56B4E9", "cross", "P", "cross", "++"),
)
_REST = Mark(NEUTRAL, "hex", "h", "horizontal_line", "--")


def marks(categories: Iterable[str]) -> dict[str, Mark]:
    """Give each category a colour and a shape, the same ones wherever it appears in a view.

    Args:
        categories: names, most frequent first. ``Failure``, ``Success``, ``Alert``, ``NA`` and
            the severities (in any case) have fixed marks; four others are told apart, the rest
            share one.

    Returns:
        Category to mark, in the order given, then ``other`` where some share a mark.
    """
    free = iter(_FREE)
    chosen: dict[str, Mark] = {}
    for name in dict.fromkeys(categories):
        mark = _NAMED.get(name.lower()) or (None if name == OTHER else next(free, None))
        chosen[name if mark else OTHER] = mark or _REST
    if OTHER in chosen:
        chosen[OTHER] = chosen.pop(OTHER)
    return chosen


_SEVERITY = {
    "High": ("#7A1F00", "#FFFFFF", "▲▲▲"),
    "Medium": ("#F0B27A", "#1A1A1B", "▲▲"),
    "Low": ("#F7F1A1", "#1A1A1B", "▲"),
    "Informational": ("#E3E3E3", "#1A1A1B", "•"),
}


def severity(name: str) -> tuple[str, str, str]:
    """Return background, text colour and sign of a severity (contrast is 4.5 or more)."""
    return _SEVERITY.get(name, _SEVERITY["Informational"])


KINDS = {
    "address": Mark("#CC79A7", "diamond", "D", "blank", ""),
    "host": Mark(NEUTRAL, "cross", "P", "blank", ""),
    "user": Mark(SUCCESS, "circle", "o", "blank", ""),
    "session": Mark("#009E73", "square", "s", "blank", ""),
    "program": Mark("#F0E442", "inverted_triangle", "v", "blank", ""),
    "process": Mark("#E69F00", "triangle", "^", "blank", ""),
    "file": Mark("#56B4E9", "hex", "h", "blank", ""),
}
"""Kinds of entities as a graph draws them, and its columns from left to right."""


def kind_mark(kind: str) -> Mark:
    """Return how an entity of a kind is drawn; kinds that are not in KINDS share one mark."""
    return KINDS.get(kind, Mark(NEUTRAL, "x", "x", "blank", ""))
