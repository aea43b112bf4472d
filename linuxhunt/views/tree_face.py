"""The first rows of a process tree as plain HTML: what stays where no script runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from linuxhunt.views.base import paragraph
from linuxhunt.views.text import count, escape, moment, plural, visible
from linuxhunt.views.tree_order import Order, above

__all__ = ["ROWS", "label", "tree_face"]

ROWS = 25
LEVELS = 12
"""Rows shown, and levels that are indented."""
SIGNS = 240

_CELL = 'style="text-align:left;vertical-align:top"'
_LINE = 'style="text-align:left;vertical-align:top;white-space:nowrap"'
_CODE = 'style="text-align:left;vertical-align:top;overflow-wrap:anywhere"'


def tree_face(
    frame: pd.DataFrame, order: Order, marks: Sequence[str | None], wanted: Sequence[int]
) -> str:
    """Draw the processes that matter and what lies above them, else the first ones.

    Args:
        frame: processes in the order of ``order``.
        order: as :func:`linuxhunt.views.tree_order.tree_order` gives it.
        marks: the text of each row's finding.
        wanted: places of those that matter.
    """
    shown = sorted(above(order.parent, wanted))[:ROWS] or list(range(min(ROWS, len(frame))))
    marked = any(marks[place] for place in shown)
    heads = ["Process", *(["Finding"] if marked else []), "User", "Started (UTC)", "PID", "Result"]
    head = "".join(f"<th {_CELL}>{name}</th>" for name in heads)
    lines = []
    for place in shown:
        row = frame.iloc[place]
        depth = int(order.depth[place])
        lead = "&emsp;" * min(depth, LEVELS) + ("└&nbsp;" if depth else "")
        lead += f"(level {count(depth + 1)}) " if depth > LEVELS else ""
        cells = [
            (_CODE, lead + escape(_cut(label(row)))),
            *([(_CELL, escape(_cut(marks[place] or "")))] if marked else []),
            (_LINE, escape(_cut(_users(row)))),
            (_LINE, escape(moment(row["TimeGenerated"]))),
            (_LINE, escape(_str(row["TargetProcessId"]))),
            (_CELL, escape(_cut(_str(row["EventResult"])))),
        ]
        lines.append("<tr>" + "".join(f"<td {look}>{cell}</td>" for look, cell in cells) + "</tr>")
    more = len(frame) - len(shown)
    return (
        f'<table class="lh-table" style="table-layout:auto"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table>"
        + paragraph(f"… {plural(more, 'more process', 'more processes')}" if more else None)
    )


def label(row: pd.Series[Any]) -> str:
    """Return what a process is called: its command line, else its file, else its name."""
    for name in ("CommandLine", "TargetProcessName"):
        if _str(row[name]):
            return _str(row[name])
    return f"[{_str(row['TargetProcessFilename']) or 'unknown'}]"


def _users(row: pd.Series[Any]) -> str:
    uid, auid = _str(row["TargetUserId"]), _str(row["ActorUserId"])
    return f"{uid or '?'} ← {auid}" if auid and auid != uid else uid


def _str(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _cut(text: str) -> str:
    text = visible(text)
    rest = len(text) - SIGNS
    return text if rest <= 0 else f"{text[:SIGNS]}… ({plural(rest, 'more sign')})"
