"""Bytes over time, a chart a direction, on one range of time and one scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from bokeh.layouts import column
from bokeh.models import (
    ColumnDataSource,
    CustomJSTickFormatter,
    DatetimeTickFormatter,
    FixedTicker,
    HoverTool,
    Range1d,
    WheelZoomTool,
)
from matplotlib.figure import Figure

from linuxhunt.views.base import View, block, live, paragraph
from linuxhunt.views.charts import item, quiet
from linuxhunt.views.faces import DAY, DPI, WIDTH, _clean, _dated, _png
from linuxhunt.views.palette import INK, NEUTRAL
from linuxhunt.views.text import moment, visible

__all__ = ["volumes"]

BINS = 4_000
"""Bins drawn, the latest."""
_UNITS = ("1 kB", "10 kB", "100 kB", "1 MB", "10 MB", "100 MB", "1 GB", "10 GB", "100 GB", "1 TB",
          "10 TB")  # fmt: skip
_TIP = '<div style="font-size:12px"><b>@says</b> @what<br>from @left{%F %T} UTC</div>'


def volumes(
    frame: pd.DataFrame,
    time: str,
    directions: Mapping[str, str],
    *,
    step: pd.Timedelta,
    start: pd.Timestamp,
    end: pd.Timestamp,
    title: str | None = None,
) -> View:
    """Draw bytes over time; the scale is of powers of ten, so that an hour of much is told from
    an hour of little beside an hour of very much.

    Args:
        frame: one row a bin.
        time: its column of the bins' beginnings.
        directions: column of bytes -> what it is called (``out``, ``in``).
        step: width of a bin.
        start: the window, half-open; bins outside it are left out.
        end: its end.
        title: what the chart is, one phrase.

    Returns:
        A chart that the wheel zooms; its face is a picture.
    """
    inside = frame[(frame[time] + step > start) & (frame[time] < end)].tail(BINS)
    totals = {word: float(inside[name].sum()) for name, word in directions.items()}
    says = ", ".join(f"{_bytes(total)} {visible(word)}" for word, total in totals.items())
    head = f"{visible(title)}: " if title else ""
    if not sum(totals.values()):
        return View(block("view", paragraph(f"{head}none counted.")), f"{head}none counted.")
    text = f"{head}{says}, from {moment(start)} to {moment(end)} UTC."
    for name, word in directions.items():
        at = int(inside[name].astype(float).to_numpy().argmax())
        most, when = inside[name].iloc[at], inside[time].iloc[at]
        if most > 0:
            text += f" Most {visible(word)}: {_bytes(most)} from {moment(when)}."
    parts = {word: _bars(inside, time, name, step) for name, word in directions.items()}
    window = (start.timestamp() * 1000, end.timestamp() * 1000)
    body = live("chart", _face(parts, window, text), item(_layout(parts, window)), "").html
    return View(block("view", paragraph(title, "title") + body + paragraph(text)), text)


def _bytes(count: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{int(count):,} B"


def _bars(frame: pd.DataFrame, time: str, name: str, step: pd.Timedelta) -> pd.DataFrame:
    """Return left and right (ms), top (powers of ten above 100 bytes) and says of each bin."""
    counted = frame[frame[name] > 0]
    times = counted[time].dt.tz_convert("UTC").dt.tz_localize(None)
    left = times.to_numpy("datetime64[ms]").astype(float)
    value = counted[name].astype(float)
    return pd.DataFrame(
        {"left": left, "right": left + step / pd.Timedelta(milliseconds=1),
         "top": np.maximum(np.log10(value.to_numpy()) - 2, 0.1),
         "says": [_bytes(count) for count in value]}
    )  # fmt: skip


def _highest(parts: Mapping[str, pd.DataFrame]) -> float:
    return max(float(bars["top"].max()) for bars in parts.values() if len(bars)) + 0.3


def _ticks(highest: float) -> list[int]:
    every = 1 if highest <= 4 else 2
    return list(range(1, min(int(highest), len(_UNITS)) + 1, every))


def _layout(parts: Mapping[str, pd.DataFrame], window: tuple[float, float]) -> Any:
    shared = Range1d(start=window[0], end=window[1], bounds=window, min_interval=1_000)
    highest = _highest(parts)
    charts = []
    for word, bars in parts.items():
        chart = quiet(
            height=130, x_range=shared, y_range=Range1d(start=0, end=highest),
            x_axis_type="datetime", tools="xpan,xbox_zoom,reset", min_border_left=160,
            min_border_right=16,
        )  # fmt: skip
        wheel = WheelZoomTool(dimensions="width")
        chart.add_tools(wheel)
        chart.toolbar.active_scroll = wheel
        chart.xaxis.formatter = DatetimeTickFormatter(
            days="%d %b", hours="%H:%M", hourmin="%H:%M", minutes="%H:%M", minsec="%H:%M:%S",
            context=DatetimeTickFormatter(days="%Y UTC", hours="%d %b UTC", hourmin="%d %b UTC",
                                          minutes="%d %b UTC"),
            context_which="start",
        )  # fmt: skip
        chart.yaxis.ticker = FixedTicker(ticks=_ticks(highest))
        chart.yaxis.formatter = CustomJSTickFormatter(
            args={"names": list(_UNITS)}, code="return names[tick - 1] ?? ''"
        )
        chart.title.text = visible(word)
        source = ColumnDataSource(
            data={**bars.to_dict("list"), "what": [visible(word)] * len(bars)}
        )
        drawn = chart.quad("left", "right", "top", 0, source=source, fill_color=NEUTRAL,
                           line_color=None)  # fmt: skip
        chart.add_tools(
            HoverTool(renderers=[drawn], tooltips=_TIP, formatters={"@left": "datetime"})
        )
        charts.append(chart)
    return column(charts, sizing_mode="stretch_width")


def _face(parts: Mapping[str, pd.DataFrame], window: tuple[float, float], alt: str) -> str:
    figure = Figure(figsize=(WIDTH, 1.25 * len(parts) + 0.3), dpi=DPI, layout="constrained")
    grid = figure.subplots(len(parts), 1, sharex=True, squeeze=False)
    highest = _highest(parts)
    for axes, (word, bars) in zip(grid[:, 0], parts.items(), strict=True):
        _clean(axes)
        axes.set_xlim(window[0] / DAY, window[1] / DAY)
        axes.set_ylim(0, highest)
        axes.set_yticks(_ticks(highest))
        axes.set_yticklabels([_UNITS[tick - 1] for tick in _ticks(highest)])
        axes.set_title(visible(word), loc="left", fontsize=10, color=INK, parse_math=False)
        axes.bar(bars["left"] / DAY, bars["top"], (bars["right"] - bars["left"]) / DAY,
                 align="edge", color=NEUTRAL)  # fmt: skip
        _dated(axes.xaxis)
    grid[-1, 0].set_xlabel("UTC", fontsize=9, color=INK)
    return _png(figure, alt)
