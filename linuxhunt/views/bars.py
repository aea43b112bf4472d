"""Counts by category as bars: plain HTML, so that they need no script and follow the theme."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from linuxhunt.views.base import View, block, paragraph
from linuxhunt.views.palette import Mark, marks
from linuxhunt.views.text import count, escape, listed, short, visible

__all__ = ["bars"]

LABEL, HOVER = 56, 400


def bars(
    frame: pd.DataFrame,
    category: str,
    values: Sequence[str] = ("Failure", "Success"),
    *,
    top: int = 15,
    title: str | None = None,
    noun: str = "events",
) -> View:
    """Draw counts by category, the largest first, the parts side by side.

    Args:
        frame: one row a category.
        category: the column that names it; nulls are shown as ``(none)``.
        values: the columns of counts; those named ``Failure`` and ``Success`` have fixed colours.
        top: categories shown; the rest are added up in one more bar.
        title: what the chart is, one phrase.
        noun: what is counted, for the text alternative.

    Returns:
        A table of bars; each count also stands beside it as a number.
    """
    names = list(values)
    counts = frame.groupby(frame[category].astype(object).fillna("(none)"), sort=False)[names].sum()
    counts = counts.loc[counts.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    rest = counts.iloc[top:]
    rows = [(str(label), [int(n) for n in line]) for label, line in _lines(counts.head(top))]
    if len(rest):
        rows.append((f"{count(len(rest))} others", [int(n) for n in rest.sum()]))
    head = paragraph(title, "title")
    says = f"{visible(title)}: " if title else ""
    if not rows:
        return View(block("bars", head + paragraph(f"No {noun}.")), f"{says}no {visible(noun)}")
    known = marks(names)
    longest = max(sum(line) for _, line in rows) or 1
    body = "".join(_row(label, line, names, longest, known) for label, line in rows)
    heads = "".join(
        f'<th style="width:14%;text-align:right">{_swatch(known[name].colour, i)} '
        f"{escape(name)}</th>"
        for i, name in enumerate(names)
    )
    html = (
        f'<table style="width:100%"><thead><tr><th style="width:36%"></th><th></th>{heads}'
        f"</tr></thead><tbody>{body}</tbody></table>"
    )
    first = listed(
        (f"{short(visible(label), LABEL)} {count(sum(line))}" for label, line in rows), 3
    )
    return View(
        block("bars", head + html), f"{says}{visible(noun)} by {visible(category)}: {first}"
    )


def _lines(counts: pd.DataFrame) -> zip[tuple[object, list[float]]]:
    return zip(counts.index, counts.to_numpy().tolist(), strict=True)


def _swatch(colour: str, i: int) -> str:
    """A small square for the first column of counts, a round one for the next."""
    radius = "border-radius:50%;" if i % 2 else ""
    return (
        f'<span style="display:inline-block;width:10px;height:10px;{radius}'
        f'background-color:{colour}">&nbsp;</span>'
    )


def _row(
    label: str, line: list[int], names: list[str], longest: int, known: dict[str, Mark]
) -> str:
    parts = "".join(
        f'<div title="{count(number)} {escape(name)}" style="display:inline-block;height:12px;'
        f"width:{max(100 * number / longest, 0.4):.1f}%;"
        f'background-color:{known[name].colour}"></div>'
        for name, number in zip(names, line, strict=True)
        if number
    )
    cells = "".join(
        f'<td class="lh-number" style="text-align:right">{count(number)}</td>' for number in line
    )
    return (
        '<tr><td class="lh-label" style="text-align:left;overflow-wrap:anywhere" '
        f'title="{escape(short(label, HOVER))}">{escape(short(visible(label), LABEL))}</td>'
        f'<td style="text-align:left;white-space:nowrap">{parts}</td>{cells}</tr>'
    )
