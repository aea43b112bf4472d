"""A graph as Bokeh draws it."""

from __future__ import annotations

from typing import Any

from bokeh.models import BoxZoomTool, ColumnDataSource, CustomJS, HoverTool, TapTool

from linuxhunt.views.charts import quiet
from linuxhunt.views.graph_layout import Laid
from linuxhunt.views.palette import FAILURE, INK, NEUTRAL, PAPER, kind_mark

__all__ = ["chart"]

ROW = 25
"""Pixels from one row to the next."""

_TIP = '<div style="max-width:560px;overflow-wrap:anywhere;white-space:pre-wrap;font-size:12px">'
_NODE = f"{_TIP}<b>@kind</b> @severity<br>@whole</div>"
_LINK = f"{_TIP}@start <b>@label</b> → @end</div>"

_PICK = """
if (cb_obj.indices.length !== 1) {
  if (!cb_obj.indices.length) links.selected.indices = [];
  return;
}
const picked = cb_obj.indices[0], near = new Set([picked]), lines = [];
links.data.a.forEach((a, i) => { const b = links.data.b[i];
  if (a === picked || b === picked) { lines.push(i); near.add(a); near.add(b); } });
links.selected.indices = lines;
if (near.size > 1) cb_obj.indices = [...near];
"""


def chart(laid: Laid) -> Any:
    """Draw nodes by kind, links as curves; a node that is clicked leaves its links alone."""
    ys = [node.y for node in laid.nodes]
    top, low = max(ys), min(ys)
    drawn = quiet(
        height=round(ROW * laid.rows) + 70,
        x_range=(-3, laid.width),
        y_range=(low - 0.8, top + (1.9 if laid.heads else 0.8)),
        tools="pan,wheel_zoom,reset",
    )
    drawn.toolbar.active_scroll = None  # the page scrolls; who wants to zoom picks the tool
    drawn.add_tools(BoxZoomTool())
    drawn.axis.visible = False
    drawn.grid.visible = False
    links = ColumnDataSource(
        {
            "xs": [list(link.xs) for link in laid.links],
            "ys": [list(link.ys) for link in laid.links],
            "a": [link.start for link in laid.links],
            "b": [link.end for link in laid.links],
            "start": [laid.nodes[link.start].whole for link in laid.links],
            "end": [laid.nodes[link.end].whole for link in laid.links],
            "label": [link.label for link in laid.links],
        }
    )
    lines = drawn.multi_line(
        "xs", "ys", source=links, line_color=NEUTRAL, line_alpha=0.75, line_width=1.4,
        selection_line_color=INK, selection_line_alpha=1, selection_line_width=2,
        nonselection_line_alpha=0.15,
    )  # fmt: skip
    nodes = _nodes(laid)
    drawn.text(
        "x", "y", "label", source=nodes, x_offset=11, y_offset=0, text_baseline="middle",
        text_font_size="11px", text_color=INK, background_fill_color=PAPER,
        background_fill_alpha=0.8, nonselection_text_alpha=0.35,
    )  # fmt: skip
    marks = drawn.scatter(
        "x", "y", source=nodes, marker="shape", size="size", fill_color="colour",
        line_color="line", line_width="width", nonselection_fill_alpha=0.3,
        nonselection_line_alpha=0.3,
    )  # fmt: skip
    if laid.heads:
        xs, texts = zip(*laid.heads, strict=True)
        heads: dict[str, Any] = {"x": xs, "y": [top + 1.2] * len(xs), "text": texts}
        drawn.text(
            "x", "y", "text", source=ColumnDataSource(heads), x_offset=-6,
            text_baseline="middle", text_font_size="11px", text_font_style="bold", text_color=INK,
        )  # fmt: skip
    drawn.add_tools(
        HoverTool(renderers=[marks], tooltips=_NODE, limit=3),
        HoverTool(renderers=[lines], tooltips=_LINK, line_policy="interp", limit=3),
        TapTool(renderers=[marks]),
    )
    nodes.selected.js_on_change("indices", CustomJS(args={"links": links}, code=_PICK))
    return drawn


def _nodes(laid: Laid) -> ColumnDataSource:
    of = [kind_mark(node.kind) for node in laid.nodes]
    grave = [node.severity in ("High", "Medium") for node in laid.nodes]
    return ColumnDataSource(
        {
            "x": [node.x for node in laid.nodes],
            "y": [node.y for node in laid.nodes],
            "label": [node.label for node in laid.nodes],
            "whole": [node.whole for node in laid.nodes],
            "kind": [node.kind for node in laid.nodes],
            "severity": [node.severity for node in laid.nodes],
            "shape": [mark.shape for mark in of],
            "colour": [mark.colour for mark in of],
            "size": [15 if high else 11 for high in grave],
            "line": [
                FAILURE if high else mark.colour if mark.shape in ("x", "cross") else INK
                for high, mark in zip(grave, of, strict=True)
            ],
            "width": [
                2.6 if high or mark.shape in ("x", "cross") else 0.6
                for high, mark in zip(grave, of, strict=True)
            ],
        }
    )
