"""Charts as PNG: what stays where no script runs. Figure objects only, no pyplot state."""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import dates
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from linuxhunt.views.graph_layout import Laid
from linuxhunt.views.lanes import LABEL, Lanes
from linuxhunt.views.palette import (
    ALERT,
    FAILURE,
    GRID,
    INK,
    LAND,
    NEUTRAL,
    PAPER,
    SUCCESS,
    kind_mark,
)
from linuxhunt.views.text import escape, short

__all__ = ["graph_face", "map_face", "timeline_face"]

DPI, WIDTH = 100, 11.0
DAY = 86_400_000.0
_FORMATS = ["%Y", "%b %Y", "%d %b", "%H:%M", "%H:%M", "%H:%M:%S"]
_ZEROS = ["", "%Y", "%b %Y", "%d %b", "%H:%M", "%H:%M"]


def _png(figure: Figure, alt: str) -> str:
    """A figure as an <img>; glyphs that no font here has are boxes, not warnings."""
    FigureCanvasAgg(figure)
    data = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        figure.savefig(data, format="png", facecolor=PAPER)
    text = base64.b64encode(data.getvalue()).decode()
    return (
        f'<img alt="{escape(alt)}" style="max-width:100%;height:auto" '
        f'src="data:image/png;base64,{text}">'
    )


def _clean(axes: Any) -> None:
    axes.set_facecolor(PAPER)
    axes.tick_params(colors=INK, labelsize=9, length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def timeline_face(
    tracks: Sequence[Lanes], window: tuple[float, float], alerts: Iterable[float], alt: str
) -> str:
    """Draw tracks below one another over one window of milliseconds; alerts are vertical lines."""
    heights = [0.34 * max(len(t.names), 1) + 0.5 + (0.25 if t.title else 0) for t in tracks]
    figure = Figure(figsize=(WIDTH, sum(heights) + 0.2), dpi=DPI, layout="constrained")
    grid = figure.subplots(
        len(tracks), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights}
    )
    for axes, track in zip(grid[:, 0], tracks, strict=True):
        _clean(axes)
        axes.set_xlim(window[0] / DAY, window[1] / DAY)
        axes.set_ylim(-0.6, max(len(track.names), 1) - 0.4)
        axes.set_yticks(range(len(track.names)))
        axes.set_yticklabels([short(name, LABEL) for name in track.names], parse_math=False)
        axes.set_axisbelow(True)
        axes.grid(axis="x", color=GRID, linewidth=0.6)
        if track.title:
            axes.set_title(track.title, loc="left", fontsize=10, color=INK, parse_math=False)
        _bars(axes, track) if track.levels else _dots(axes, track)
        for when in alerts:
            axes.axvline(when / DAY, color=INK, linewidth=2.6, zorder=3)
            axes.axvline(when / DAY, color=ALERT, linewidth=1.4, zorder=4)
        _dated(axes.xaxis)
        axes.tick_params(axis="x", labelbottom=True)
    grid[-1, 0].set_xlabel("UTC", fontsize=9, color=INK)
    return _png(figure, alt)


def _dated(axis: Any) -> None:
    locator: Any = dates.AutoDateLocator(tz=UTC, maxticks=9)  # type: ignore[no-untyped-call]
    axis.set_major_locator(locator)
    axis.set_major_formatter(
        dates.ConciseDateFormatter(  # type: ignore[no-untyped-call]
            locator, tz=UTC, formats=_FORMATS, zero_formats=_ZEROS, show_offset=False
        )
    )


def _dots(axes: Any, track: Lanes) -> None:
    for name, mark in track.known.items():
        of = track.events[track.events["category"] == name]
        line = mark.plain_shape == "x"
        axes.scatter(
            of["ms"] / DAY, of["lane"] + of["shift"], s=(track.size * 0.62) ** 2,
            marker=mark.plain_shape, c=mark.colour, alpha=0.8,
            linewidths=1.3 if line else 0.6, edgecolors=None if line else INK, zorder=2,
        )  # fmt: skip


def _bars(axes: Any, track: Lanes) -> None:
    bars, hatched = track.levels[0].bars, track.mixed
    for name, mark in track.known.items():
        of = bars[bars["category"] == name]
        boxes = [
            Rectangle((left / DAY, low), (right - left) / DAY, high - low)
            for left, right, low, high in zip(
                of["left"], of["right"], of["bottom"], of["top"], strict=True
            )
        ]
        axes.add_collection(
            PatchCollection(
                boxes, facecolor=mark.colour, edgecolor=PAPER, linewidth=0.3,
                hatch=mark.plain_hatch if hatched else None, zorder=2,
            )
        )  # fmt: skip


def map_face(land: Sequence[Sequence[Sequence[int]]], places: pd.DataFrame, alt: str) -> str:
    """Draw places on land; for their columns see :func:`linuxhunt.views.geo_map`'s ``_places``."""
    figure = Figure(figsize=(WIDTH, 4.9), dpi=DPI, layout="constrained")
    axes = figure.subplots()
    _clean(axes)
    for rings in land:
        points = [np.array(ring, float).reshape(-1, 2) / 10 for ring in rings]
        codes = [[Path.MOVETO] + [Path.LINETO] * (len(ring) - 1) for ring in points]
        path = Path(np.concatenate(points), np.concatenate(codes))
        axes.add_patch(PathPatch(path, facecolor=LAND, edgecolor=GRID, linewidth=0.5))
    axes.set_xlim(-180, 191)
    axes.set_ylim(-60, 85)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for side, marker, colour in (("failure", "x", FAILURE), ("success", "o", SUCCESS)):
        of = places[places[side] > 0]
        cross = marker == "x"
        axes.scatter(
            of["longitude"], of["latitude"], s=of[f"size_{side}"] ** 2 * 0.5, marker=marker,
            c=colour if cross else "none", edgecolors=None if cross else colour,
            linewidths=2.2, zorder=3,
        )  # fmt: skip
    for place in places[places["label"] != ""].to_dict("records"):
        axes.annotate(
            place["label"],
            (place["longitude"], place["latitude"]), (8, 6), textcoords="offset points",
            fontsize=8.5, color=INK, parse_math=False, zorder=4,
        )  # fmt: skip
    return _png(figure, alt)


def graph_face(laid: Laid, alt: str) -> str:
    """Draw a graph that :func:`linuxhunt.views.graph_layout.lay` laid out."""
    figure = Figure(figsize=(WIDTH, 0.25 * laid.rows + 0.6), dpi=DPI, layout="constrained")
    axes = figure.subplots()
    _clean(axes)
    axes.set_xticks([])
    axes.set_yticks([])
    ys = [node.y for node in laid.nodes]
    axes.set_xlim(-3, laid.width)
    axes.set_ylim(min(ys) - 0.8, max(ys) + (1.9 if laid.heads else 0.8))
    for link in laid.links:
        axes.plot(link.xs, link.ys, color=NEUTRAL, linewidth=1.0, alpha=0.75, zorder=1)
    for node in laid.nodes:
        mark, grave = kind_mark(node.kind), node.severity in ("High", "Medium")
        line = mark.plain_shape == "x"
        axes.scatter(
            [node.x], [node.y], s=80 if grave else 48, marker=mark.plain_shape, c=mark.colour,
            edgecolors=None if line else FAILURE if grave else INK,
            linewidths=2.0 if grave else 1.3 if line else 0.6, zorder=3,
        )  # fmt: skip
        axes.annotate(
            node.label, (node.x, node.y), (8, 0), textcoords="offset points", va="center",
            fontsize=8, color=INK, parse_math=False, zorder=2,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
        )  # fmt: skip
    for x, head in laid.heads:
        axes.annotate(
            head, (x, max(ys) + 1.2), (-5, 0), textcoords="offset points", va="center",
            fontsize=8.5, fontweight="bold", color=INK, parse_math=False,
        )  # fmt: skip
    return _png(figure, alt)
