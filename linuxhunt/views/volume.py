"""Counts over time that an engine made: columns of plain HTML, which need no script."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from linuxhunt.views.base import View, block, paragraph
from linuxhunt.views.palette import Mark, marks
from linuxhunt.views.text import count, escape, moment, visible

__all__ = ["bin_width", "volume"]

BINS = 160
_WIDTHS = (1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800)
_HEIGHT = 90


def bin_width(start: pd.Timestamp, end: pd.Timestamp) -> int:
    """Return the width in seconds that cuts a window into at most 160 bins."""
    span = (end - start).total_seconds()
    return next((width for width in _WIDTHS if span / width <= BINS), _WIDTHS[-1])


def volume(
    counts: pd.DataFrame,
    values: Sequence[str],
    *,
    start: pd.Timestamp,
    end: pd.Timestamp,
    width: int,
    title: str,
    noun: str = "lines",
) -> View:
    """Draw counts per bin of time, the parts on one another.

    Args:
        counts: Bin (start of the bin, UTC) and the columns of ``values``, one row a bin; bins
            without a row are empty.
        values: the columns of counts, the lowest part first.
        start: the window, half-open.
        end: its end.
        width: of a bin in seconds, as :func:`bin_width` gives it.
        title: what the chart is, one phrase.
        noun: what is counted.

    Returns:
        One column a bin, its numbers on hover; a caption with the highest bin and the sums.
    """
    step = pd.Timedelta(seconds=width)
    bins = pd.date_range(start.floor(step), end - pd.Timedelta(1, "ns"), freq=step, tz="UTC")
    held = counts.groupby("Bin")[list(values)].sum().reindex(bins, fill_value=0)
    sums = held.sum(axis=1)
    total = int(sums.sum())
    if not total:
        text = f"{title}: no {noun}."
        return View(block("volume", paragraph(title, "title") + paragraph(f"No {noun}.")), text)
    top = int(sums.max())
    known = marks(values)
    columns = "".join(
        _column(moment(bins[at]), [int(n) for n in line], values, known, top)
        for at, line in enumerate(held.to_numpy().tolist())
    )
    parts = ", ".join(f"{count(int(held[name].sum()))} {name}" for name in values)
    says = (
        f"{count(total)} {noun} ({parts}) from {moment(start)} to {moment(end)} UTC, per"
        f" {_words(width)}; most, {count(top)}, from {moment(bins[int(sums.argmax())])}."
    )
    keys = " ".join(
        f'<span style="white-space:nowrap"><span style="display:inline-block;width:10px;'
        f'height:10px;background-color:{known[name].colour}">&nbsp;</span> {escape(name)}</span>'
        for name in reversed(list(values))
    )
    body = (
        f'<table style="width:100%;table-layout:fixed;border-collapse:collapse"><tbody><tr>'
        f"{columns}</tr></tbody></table>"
        f'<div class="lh-ends"><span style="float:right">{escape(moment(end))} UTC</span>'
        f"<span>{escape(moment(start))} UTC</span></div>"
    )
    html = paragraph(title, "title") + f"<p>{keys}</p>" + body + paragraph(says)
    return View(block("volume", html), f"{visible(title)}: {says}")


def _words(width: int) -> str:
    for seconds, word in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if width % seconds == 0:
            number = width // seconds
            return word if number == 1 else f"{number} {word}s"
    return f"{width} seconds"


def _column(
    when: str, line: list[int], names: Sequence[str], known: dict[str, Mark], top: int
) -> str:
    told = ", ".join(
        f"{count(number)} {name}" for name, number in zip(names, line, strict=True) if number
    )
    parts = "".join(
        f'<div style="height:{max(round(_HEIGHT * number / top), 1)}px;'
        f'background-color:{known[name].colour}"></div>'
        for name, number in reversed(list(zip(names, line, strict=True)))
        if number
    )
    says = escape(f"{when} UTC: {told or 'none'}")
    return (
        f'<td style="vertical-align:bottom;padding:0 1px;height:{_HEIGHT}px;border:0"'
        f' title="{says}">{parts}</td>'
    )
