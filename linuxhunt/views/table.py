"""Frames as tables: sortable and searchable where scripts run, plain HTML where not."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from linuxhunt.schema import STR
from linuxhunt.views.base import LIMIT, View, block, live, packed, paragraph
from linuxhunt.views.text import count, escape, listed, plural, show, visible

__all__ = ["table"]

ROWS = 5_000
FACE_ROWS, FEW = 10, 15
"""Rows of a face where there are many; fifteen are shown whole, also by views.js."""
WIDE = 118
"""Signs across that a notebook of 1,280 pixels holds beside its file browser."""
LONG = 22
"""Signs up to which a column is not wrapped, and a word in it not broken."""
TEXT = 26
"""Signs that a column of sentences gets at least."""
CELL, FACE_CELL = 2_000, 200
BUDGET = LIMIT * 3 // 4

# Ids, ports and the like are numbers that nobody adds up: no thousands separators.
_NAMES = re.compile(
    r"(Id|PortNumber|Port|ASN|Index|Year|[Ss]erial|[Pp]id|[a-z]*uid|[a-z]*gid|^ses|exit|ExitCode)$"
)


_BREAK = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a column's name may go on in a new line."""


@dataclass(frozen=True)
class _Column:
    name: Hashable
    title: str
    number: str
    """How its numbers are written: ``grouped``, ``plain``, or "" for text."""
    cells: list[Any]
    tight: bool = False
    """Whether it stands beside more columns than fit in one line, and so is wrapped."""

    @property
    def head(self) -> int:
        """Signs of the longest word of its title, with the sign that sorts."""
        return max(map(len, _BREAK.sub(" ", self.title).split()), default=0) + 2

    @cached_property
    def width(self) -> int:
        """Signs of its longest cell or word of its title, with room around."""
        return max(self.head, max(map(len, self._texts()), default=0)) + 2

    @cached_property
    def word(self) -> int:
        """Signs of the longest word in its cells."""
        return max((len(word) for text in self._texts() for word in text.split()), default=0)

    @property
    def least(self) -> int:
        """Signs that it needs to be read where it is wrapped, digits being broader than letters."""
        if self.number:
            return self.width + 1
        text = min(self.width - 2, TEXT) if self.width > 2 * LONG else min(self.word, LONG)
        return max(self.head, text) + 3

    def _texts(self) -> Iterator[str]:
        for cell in self.cells:
            if cell is not None:
                yield f"{cell:,}" if self.number == "grouped" else str(cell)

    @property
    def look(self) -> str:
        """Its class: a number, text short enough to stay in one line, or text that is wrapped."""
        if self.number:
            return "lh-number"
        if self.tight:
            return "lh-words" if self.word <= LONG else "lh-tight"
        return "lh-short" if self.width <= LONG + 6 else "lh-long"


def table(
    frame: pd.DataFrame,
    caption: str | None = None,
    order: tuple[str, str] | None = None,
    *,
    columns: Sequence[str] | None = None,
    most: int = ROWS,
    more: str = "narrow the window",
) -> View:
    """Show a frame.

    All text is escaped and signs that cannot be seen are written out. Times are UTC, numbers have
    thousands separators (ids and ports have none), nulls are empty, lists are joined.

    Args:
        frame: any frame; the index is not shown.
        caption: what the table is, one sentence.
        order: a column and ``asc`` or ``desc``; the rows are sorted by it, else left as they are.
        columns: those to show beside one another, the most telling first; without it, the
            first. Only those that hold anything are shown, and as many as fit. All others that
            hold anything are in the row that a click opens, in search and in CSV.
        most: rows that are sent at most (fewer where they are large).
        more: how to see the others, for the sentence that says that not all are sent.

    Returns:
        A table; its face is the first ten rows, or all where they are at most fifteen.

    Raises:
        KeyError: ``order`` or ``columns`` name a column that the frame does not have.
    """
    frame = _distinct(frame)
    if order is not None:
        frame = frame.sort_values(order[0], ascending=order[1] != "desc", kind="stable")
    total = len(frame)
    says = f"{visible(caption)}: " if caption else ""
    if frame.empty:
        html = paragraph(caption, "title") + paragraph("No rows.")
        return View(block("view", html), f"{says}no rows")

    sent = frame.head(most)
    held = [name for name in frame.columns if _any_held(sent[name])]
    named = [name for name in columns or () if name in held or name not in sent]
    kept = [_column(sent[name]) for name in dict.fromkeys([*named, *held])]
    across = _across(kept)
    if across < len(named):
        across = _squeezed(kept[: len(named)])
        kept = [replace(column, tight=True) for column in kept]
    elif columns is not None:
        across = len(named) or across
    rows, payload = _fitting(kept, across, order)
    face = _face(kept[:across], rows, total)
    if len(kept) > across:
        face += paragraph(f"Not shown here: {listed((c.title for c in kept[across:]), 6)}.")
    note = f"First {count(rows)} of {plural(total, 'row')}; {more} to see the others."
    html = paragraph(caption, "title") + live("table", face, payload, "").html
    html += paragraph(note if rows < total else None)
    return View(block("view", html), f"{says}{plural(total, 'row')}, {plural(len(kept), 'column')}")


def _distinct(frame: pd.DataFrame) -> pd.DataFrame:
    """A second column of one name (a join leaves such) gets a number."""
    seen: dict[Hashable, int] = {}
    names: list[Hashable] = []
    for name in frame.columns:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return frame.set_axis(names, axis=1)


def _any_held(values: pd.Series[Any]) -> bool:
    """Whether any cell of a column holds something."""
    if values.dtype == STR:
        return bool((values.fillna("") != "").any())
    if values.dtype.kind in "biufmM" or isinstance(values.dtype, pd.DatetimeTZDtype):
        return bool(values.notna().any())
    return bool(values.map(_holds).any())


def _holds(value: Any) -> bool:
    if isinstance(value, (list, dict, tuple, str)):
        return bool(value)
    return not pd.api.types.is_scalar(value) or bool(pd.notna(value))


def _column(values: pd.Series[Any]) -> _Column:
    kind, name = values.dtype, visible(values.name)
    time = pd.api.types.is_datetime64_any_dtype(kind)
    number = ""
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind):
        number = "plain" if _NAMES.search(name) else "grouped"
    cells = [_number(v) for v in values] if number else [_cut(t, CELL) for t in show(values)]
    return _Column(values.name, f"{name} (UTC)" if time else name, number, cells)


def _number(value: Any) -> int | float | None:
    if pd.isna(value) or math.isinf(value):
        return None
    return int(value) if float(value).is_integer() else round(float(value), 3)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({count(len(text) - most)} more signs)"


def _across(columns: list[_Column]) -> int:
    """How many columns fit beside one another; a long one takes what it needs to be read."""
    room = WIDE
    for i, column in enumerate(columns):
        room -= min(column.width, LONG * 2)
        if room < 0:
            return max(i, 1)
    return len(columns)


def _squeezed(columns: list[_Column]) -> int:
    """How many columns fit beside one another where all are wrapped."""
    room = WIDE
    for i, column in enumerate(columns):
        room -= column.least
        if room < 0:
            return max(i, 1)
    return len(columns)


def _fitting(columns: list[_Column], shown: int, order: tuple[str, str] | None) -> tuple[int, str]:
    """As many rows as a view may send, and their payload."""
    names = [column.name for column in columns]
    head = [
        {"title": c.title, "number": c.number, "look": c.look, "detail": i >= shown}
        for i, c in enumerate(columns)
    ]
    first = [[names.index(order[0]), order[1]]] if order and order[0] in names else []
    rows = [list(row) for row in zip(*(column.cells for column in columns), strict=True)]
    while True:
        payload = packed({"columns": head, "rows": rows, "order": first})
        if len(payload) <= BUDGET or len(rows) <= 1:
            return len(rows), payload
        rows = rows[: max(1, int(len(rows) * 0.9 * BUDGET / len(payload)))]


def _face(columns: list[_Column], rows: int, total: int) -> str:
    """The first rows as plain HTML."""
    styles = ["text-align:right" if c.number else "text-align:left" for c in columns]
    looks = [
        f'class="{column.look}" style="{style}"'
        for column, style in zip(columns, styles, strict=True)
    ]
    head = "".join(
        f"<th {look}>{_BREAK.sub('<wbr>', escape(column.title))}</th>"
        for look, column in zip(looks, columns, strict=True)
    )
    lines = []
    for i in range(rows if total <= FEW else min(rows, FACE_ROWS)):
        cells = (
            f"<td {look}>{escape(_text(column, i))}</td>"
            for look, column in zip(looks, columns, strict=True)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    rest = total - len(lines)
    foot = paragraph(f"… {count(rest)} more" if rest else None)
    return (
        f'<table class="lh-table" style="table-layout:auto"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table>{foot}"
    )


def _text(column: _Column, i: int) -> str:
    value = column.cells[i]
    if value is None:
        return ""
    if column.number:
        return f"{value:,}" if column.number == "grouped" else str(value)
    return _cut(value, FACE_CELL)
