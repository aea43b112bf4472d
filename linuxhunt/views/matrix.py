"""Techniques by tactic, as a small matrix that needs no script."""

from __future__ import annotations

import pandas as pd

from linuxhunt.views.base import View, block, paragraph
from linuxhunt.views.palette import severity
from linuxhunt.views.text import count, escape, listed, plural, visible

__all__ = ["matrix"]

TACTICS, CELLS = 30, 60
"""Tactics, and techniques of one tactic, that are shown at most."""

_NAME = "white-space:nowrap;text-align:left;vertical-align:top;padding:3px 12px 3px 0"
_CELL = "text-align:left;vertical-align:top;padding:2px 0"
_CHIP = "display:inline-block;margin:1px 6px 1px 0;padding:1px 8px;border-radius:3px;font-size:12px"


def matrix(frame: pd.DataFrame, *, title: str | None = None, source: str | None = None) -> View:
    """Show techniques beside the tactic that they serve, each coloured by its gravest finding.

    Args:
        frame: ``Tactic``, ``Technique`` (its id), ``Name`` ("" where it is not known),
            ``EventSeverity`` and ``Findings`` (a count), as
            :func:`linuxhunt.sections.verdict.techniques` gives them; rows of one tactic together.
        title: what it shows, one sentence.
        source: where names and tactics come from, for the caption.

    Returns:
        A table: one row a tactic, one cell a technique.
    """
    head = f"{visible(title)}: " if title else ""
    if frame.empty:
        says = "no technique was found."
        return View(block("view", paragraph(title, "title") + paragraph("No technique.")),
                    f"{head}{says}")  # fmt: skip
    rows, texts = [], []
    names = list(dict.fromkeys(frame["Tactic"]))
    for tactic in names[:TACTICS]:
        of = frame[frame["Tactic"] == tactic].head(CELLS + 1)
        cells = [
            _chip(*held)
            for held in zip(
                of["Technique"], of["Name"], of["EventSeverity"], of["Findings"], strict=True
            )
        ]
        more = f" and {int((frame['Tactic'] == tactic).sum()) - CELLS:,} more"
        cells = [*cells[:CELLS], more] if len(cells) > CELLS else cells
        rows.append(
            f'<tr><th scope="row" style="{_NAME}">{escape(tactic)}</th>'
            f'<td style="{_CELL}">{"".join(cells)}</td></tr>'
        )
        texts.append(f"{visible(tactic)}: {listed(map(visible, of['Technique']), 8)}")
    unique = frame["Technique"].nunique()
    says = (
        f"{plural(unique, 'technique')} of {plural(len(names), 'tactic')};"
        " one that serves several tactics stands beside each."
    )
    if source:
        says += f" Names and tactics: {source}."
    html = (
        paragraph(title, "title")
        + f'<table class="lh-matrix"><tbody>{"".join(rows)}</tbody></table>'
        + paragraph(says)
    )
    return View(block("view", html), f"{head}{'; '.join(texts)}. {visible(says)}")


def _chip(technique: str, name: str, grave: str, number: int) -> str:
    back, ink, sign = severity(grave)
    said = f"{sign} {technique} {name}".rstrip() + (f" ×{count(number)}" if number > 1 else "")
    style = f"{_CHIP};background-color:{back};color:{ink}"
    hover = f"{plural(number, 'finding')}, the gravest {grave}"
    return f'<span class="lh-chip" style="{style}" title="{escape(hover)}">{escape(said)}</span>'
