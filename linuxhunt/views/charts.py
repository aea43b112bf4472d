"""What the live charts share: a quiet figure, plain labels, and Bokeh's JSON as a payload."""

from __future__ import annotations

from typing import Any

from bokeh.embed import json_item
from bokeh.models import CustomJSTickFormatter, FixedTicker
from bokeh.models.annotations import Title
from bokeh.plotting import figure

from linuxhunt.views.base import packed
from linuxhunt.views.palette import GRID, INK, Mark
from linuxhunt.views.text import escape

__all__ = ["item", "label_axis", "legend", "quiet"]

SIGNS = {
    "x": "✕",
    "circle": "●",
    "inverted_triangle": "▼",
    "hex": "⬢",
    "square": "■",
    "diamond": "◆",
    "triangle": "▲",
    "cross": "✚",
}


def quiet(**options: Any) -> Any:
    """A Bokeh figure without frame, logo or background, in the colours that views.js themes."""
    chart = figure(
        sizing_mode="stretch_width",
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        **options,
    )
    chart.toolbar.logo = None
    chart.toolbar.autohide = True
    chart.title = Title(text_color=INK, text_font_size="12px", text_font_style="normal")
    for axis in chart.axis:
        axis.axis_line_color = GRID
        axis.major_tick_line_color = None
        axis.minor_tick_line_color = None
        axis.major_label_text_color = INK
        axis.major_label_text_font_size = "11px"
        axis.axis_label_text_color = INK
        axis.axis_label_text_font_size = "11px"
        axis.axis_label_text_font_style = "normal"
    chart.xgrid.grid_line_color = GRID
    chart.ygrid.grid_line_color = None
    return chart


def label_axis(axis: Any, names: list[str]) -> None:
    """Write names at 0, 1, 2, ...; as they are, for a formatter's text is never read as TeX."""
    axis.ticker = FixedTicker(ticks=list(range(len(names))))
    axis.formatter = CustomJSTickFormatter(
        args={"names": names}, code="return names[Math.round(tick)] ?? ''"
    )


def item(layout: Any) -> str:
    """Bokeh's JSON of a layout as the payload of a ``chart``."""
    return packed(json_item(layout))


def legend(known: dict[str, Mark]) -> str:
    """The marks and what they mean, as text."""
    parts = (
        f'<span style="white-space:nowrap">'
        f'<span style="color:{mark.colour}" class="lh-mark-{mark.shape}">'
        f"{SIGNS[mark.shape]}</span> {escape(name)}</span>"
        for name, mark in known.items()
    )
    return f'<p class="lh-caption lh-legend" style="margin:4px 0">{" &ensp; ".join(parts)}</p>'
