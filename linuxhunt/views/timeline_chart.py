"""A timeline as Bokeh draws it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from bokeh.layouts import column
from bokeh.models import (
    ColumnDataSource,
    CustomJS,
    DatetimeTickFormatter,
    HoverTool,
    Range1d,
    WheelZoomTool,
)

from linuxhunt.views.charts import label_axis, quiet
from linuxhunt.views.lanes import LABEL, Lanes
from linuxhunt.views.palette import ALERT, INK, PAPER
from linuxhunt.views.text import plural, short

__all__ = ["layout"]

ZOOMED = 1_500
"""Up to so many events within the visible range, counted ones are drawn one by one."""

_TIP = '<div style="max-width:560px;overflow-wrap:anywhere;white-space:pre-wrap;font-size:12px">'
_DOT = f"{_TIP}<b>@ms{{%F %T}} UTC</b> · @what<br>@text</div>"
_BAR = f"{_TIP}<b>@count{{0,0}}</b> @what<br>from @left{{%F %T}} UTC</div>"
_ALERT = f"{_TIP}<b>Alert @ms{{%F %T}} UTC</b><br>@text</div>"

_ZOOM = """
const at = (list, x) => { let a = 0, b = list.length;
  while (a < b) { const m = (a + b) >> 1; if (list[m] < x) a = m + 1; else b = m; } return a; };
const say = (n) => n.toLocaleString("en-US");
const span = range.end - range.start;
const single = dots.ms && at(dots.ms, range.end) - at(dots.ms, range.start);
let state;
if (dots.ms && single <= most) {
  const from = at(dots.ms, range.start), to = at(dots.ms, range.end);
  state = `dots ${from} ${to}`;
  if (chart.tags[0] !== state) {
    const cut = ([k, v]) => [k, v.slice(from, to)];
    dot_source.data = Object.fromEntries(Object.entries(dots).map(cut));
    bar_source.data = Object.fromEntries(Object.keys(bar_source.data).map((k) => [k, []]));
    chart.title.text = `${title}${say(to - from)} event${to - from === 1 ? "" : "s"}, one by one`;
  }
} else {
  let i = levels.findLastIndex((level) => span / level.step <= 240);
  if (i < 0) i = 0;
  state = `bars ${i}`;
  if (chart.tags[0] !== state) {
    bar_source.data = levels[i].data;
    dot_source.data = Object.fromEntries(Object.keys(dot_source.data).map((k) => [k, []]));
    chart.title.text = `${title}events per ${levels[i].says}, each lane to its own scale`;
  }
}
chart.tags = [state];
"""


def layout(
    placed: Sequence[Lanes], window: tuple[float, float], marked: pd.DataFrame, kept: bool
) -> Any:
    """Charts below one another that share one range of time.

    Args:
        placed: what to draw.
        window: first and last millisecond.
        marked: alerts: ms, text.
        kept: whether counted events are sent along, to be drawn one by one when zoomed in.
    """
    shared = Range1d(start=window[0], end=window[1], bounds=window, min_interval=1_000)
    charts = [_chart(track, shared, kept) for track in placed]
    for i, chart in enumerate(charts):
        _mark_alerts(chart, marked, len(placed[i].names))
    return column(charts, sizing_mode="stretch_width")


def _chart(track: Lanes, shared: Range1d, kept: bool) -> Any:
    chart = quiet(
        height=26 * max(len(track.names), 1) + 78,
        x_range=shared,
        y_range=Range1d(start=-0.6, end=max(len(track.names), 1) - 0.4),
        x_axis_type="datetime",
        tools="xpan,xbox_zoom,reset",
        min_border_left=160,
        min_border_right=16,
    )
    wheel = WheelZoomTool(dimensions="width")
    chart.add_tools(wheel)
    chart.toolbar.active_scroll = wheel
    label_axis(chart.yaxis[0], [short(name, LABEL) for name in track.names])
    chart.xaxis.formatter = DatetimeTickFormatter(
        days="%d %b", hours="%H:%M", hourmin="%H:%M", minutes="%H:%M", minsec="%H:%M:%S",
        seconds="%H:%M:%S", months="%b %Y",
        context=DatetimeTickFormatter(days="%Y UTC", hours="%d %b UTC", hourmin="%d %b UTC",
                                      minutes="%d %b UTC", minsec="%d %b %H:%M UTC",
                                      seconds="%d %b %H:%M UTC"),
        context_which="start",
    )  # fmt: skip
    title = f"{track.title}: " if track.title else ""
    dots = _dots(track, track.events if kept or not track.levels else track.events.head(0))
    nothing = {name: values[:0] for name, values in dots.items()}
    dot_source = ColumnDataSource(data=nothing if track.levels else dots)
    dotted = chart.scatter(
        "ms", "y", source=dot_source, marker="shape", size=8 if track.levels else track.size,
        fill_color="colour", line_color="line", line_width="width", fill_alpha=0.8, line_alpha=0.85,
    )  # fmt: skip
    chart.add_tools(_hover(dotted, _DOT, "ms"))
    chart.title.text = f"{title}{plural(len(track.events), 'event')}"
    if track.levels:
        counted = [_columns(level.bars, track) for level in track.levels]
        levels = [
            {"step": level.step, "says": level.says, "data": data}
            for level, data in zip(track.levels, counted, strict=True)
        ]
        bar_source = ColumnDataSource(data=counted[0])
        barred = chart.quad(
            "left", "right", "top", "bottom", source=bar_source, fill_color="colour",
            line_color=PAPER, line_width=0.3, hatch_pattern="hatch", hatch_color=PAPER,
            hatch_alpha=0.6, hatch_scale=7,
        )  # fmt: skip
        chart.add_tools(_hover(barred, _BAR, "left"))
        chart.title.text = f"{title}events per {levels[0]['says']}, each lane to its own scale"
        zoom = CustomJS(
            args={
                "range": shared, "chart": chart, "bar_source": bar_source, "title": title,
                "dot_source": dot_source, "levels": levels, "dots": dots if kept else {},
                "most": ZOOMED,
            },
            code=_ZOOM,
        )  # fmt: skip
        shared.js_on_change("start", zoom)
        shared.js_on_change("end", zoom)
    return chart


def _hover(renderer: Any, template: str, time: str) -> HoverTool:
    return HoverTool(
        renderers=[renderer], tooltips=template, formatters={f"@{time}": "datetime"}, limit=4
    )


def _dots(track: Lanes, events: pd.DataFrame) -> dict[str, list[Any]]:
    """Single events as columns; an x is all line, other shapes have a thin dark one."""
    of = [track.known[name] for name in events["category"]]
    return {
        "ms": events["ms"].tolist(),
        "y": (events["lane"] + events["shift"]).tolist(),
        "what": _what(track, events),
        "text": events["text"].tolist(),
        "shape": [mark.shape for mark in of],
        "colour": [mark.colour for mark in of],
        "line": [mark.colour if mark.shape == "x" else INK for mark in of],
        "width": [2.0 if mark.shape == "x" else 0.5 for mark in of],
    }


def _what(track: Lanes, frame: pd.DataFrame) -> list[str]:
    """Lane and category, once where they are the same."""
    pairs = zip((track.names[i] for i in frame["lane"]), frame["category"], strict=True)
    return [lane if lane == category else f"{lane} · {category}" for lane, category in pairs]


def _columns(bars: pd.DataFrame, track: Lanes) -> dict[str, list[Any]]:
    of = [track.known[name] for name in bars["category"]]
    hatched = track.mixed
    data: dict[str, list[Any]] = {
        name: bars[name].tolist() for name in ("left", "right", "bottom", "top", "count")
    }
    return data | {
        "what": _what(track, bars),
        "colour": [mark.colour for mark in of],
        "hatch": [mark.hatch if hatched else "blank" for mark in of],
    }


def _mark_alerts(chart: Any, marked: pd.DataFrame, height: int) -> None:
    if marked.empty:
        return
    top = [max(height, 1) - 0.5] * len(marked)
    source = ColumnDataSource(
        {"ms": marked["ms"].tolist(), "text": marked["text"].tolist(), "top": top}
    )
    chart.vspan("ms", source=source, line_color=INK, line_width=3)
    chart.vspan("ms", source=source, line_color=ALERT, line_width=1.4)
    head = chart.scatter(
        "ms", "top", source=source, marker="inverted_triangle", size=12, fill_color=ALERT,
        line_color=INK,
    )  # fmt: skip
    chart.add_tools(_hover(head, _ALERT, "ms"))
