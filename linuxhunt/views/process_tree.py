"""Processes as a tree that folds, is searched and opens at what matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from linuxhunt.schema import conform
from linuxhunt.views.base import View, block, live, paragraph
from linuxhunt.views.charts import SIGNS
from linuxhunt.views.palette import NEUTRAL, OTHER
from linuxhunt.views.palette import marks as palette_marks
from linuxhunt.views.text import count, moment, plural, short, visible
from linuxhunt.views.tree_face import tree_face
from linuxhunt.views.tree_order import Order, tree_order
from linuxhunt.views.tree_payload import Sent, sent, user_name

__all__ = ["process_tree"]

COLOURS = ("user", "finding")
NAMES = ("TargetUsername", "ActorUsername")
LABEL = 60


def process_tree(
    processes: pd.DataFrame,
    *,
    focus: Sequence[str] = (),
    marks: Mapping[str, str] | None = None,
    title: str | None = None,
    colour: str = "user",
) -> View:
    """Show processes as a tree: one that folds, filters and lists by time where scripts run.

    Parents come before their children and siblings stand in order of their start. A process whose
    parent is not in the frame is a root; so is the first of processes whose parents form a loop.
    Each row says its command, user, start and pid; a row picked says all the rest: directory,
    file, ids, result, exit, terminal, session, parent, finding and record.

    All processes are sent in one compressed payload; the page holds the rows in sight only.
    Where a payload would be too large, the longest texts are shortened, and rows are left out if
    that is not enough; the caption and the rows say so.

    Args:
        processes: ``EVENTS["processes"]``; names of uid and auid, where there are any, in the
            further columns ``TargetUsername`` and ``ActorUsername``.
        focus: TargetProcessGuid of those that matter, such as a picked session's; the tree opens
            at them, and folds all that does not lead to them.
        marks: TargetProcessGuid to the text of a finding, the gravest first, shown at the
            process; the tree opens at these where ``focus`` is empty, the first of them picked.
        title: what the tree is of, one sentence.
        colour: ``user`` or ``finding``: by what the tree is coloured at first.

    Raises:
        ValueError: another ``colour``.
    """
    if colour not in COLOURS:
        raise ValueError(f"A tree is coloured by {' or '.join(COLOURS)}, not by {colour!r}.")
    says = f"{visible(title)}: " if title else ""
    if processes.empty:
        html = paragraph(title, "title") + paragraph("No processes.")
        return View(block("view", html), f"{says}no processes")
    frame = conform(processes, "processes").assign(
        **{name: processes[name].reset_index(drop=True) for name in NAMES if name in processes}
    )
    order = tree_order(frame)
    frame = frame.iloc[order.rows].reset_index(drop=True)
    found = (marks or {}).get
    texts = [found(guid) or None for guid in frame["TargetProcessGuid"].tolist()]
    picked = np.flatnonzero(frame["TargetProcessGuid"].isin(set(focus))).tolist()

    users = [
        user_name(name, uid)
        for name, uid in zip(
            frame.get("TargetUsername", pd.Series([None] * len(frame))).tolist(),
            frame["TargetUserId"].tolist(),
            strict=True,
        )
    ]
    by_user, legend_user = _legend(users)
    by_mark, legend_mark = _legend([text for text in texts if text])
    plain = sum(not text for text in texts)
    place = {guid: i for i, guid in enumerate(frame["TargetProcessGuid"].tolist())}
    look = {
        "colour": colour,
        "total": len(frame),
        "gravest": next((place[guid] for guid in marks or {} if guid in place), None),
        "legend": {
            "user": legend_user,
            "finding": [*legend_mark, ["no finding", NEUTRAL, "·", "none", plain]],
        },
    }
    held = sent(frame, order, texts, picked, look, {"user": by_user, "finding": by_mark})
    face = tree_face(frame, order, texts, picked or [i for i, text in enumerate(texts) if text])
    summary = _summary(frame, len(picked), len(texts) - plain)
    body = live("tree", face, held.payload, "").html
    notes = paragraph(" ".join(_notes(frame, order, held, focus, marks or {})))
    html = paragraph(title, "title") + body + notes
    return View(block("view", html), f"{says}{summary}")


def _legend(names: Iterable[str]) -> tuple[dict[str, int], list[list[Any]]]:
    """Give each name a number and each number a label, colour, sign, shape and count.

    The most frequent names are told apart, the rest share one entry.
    """
    counts = pd.Series(list(names), dtype=object).value_counts()
    known = palette_marks(counts.index)
    place = {name: i for i, name in enumerate(known)}
    groups = {name: place.get(name, place.get(OTHER, 0)) for name in counts.index}
    sums = [0] * len(known)
    for name, number in counts.items():
        sums[groups[str(name)]] += int(number)
    return groups, [
        [short(visible(name), LABEL), mark.colour, SIGNS[mark.shape], mark.shape, sums[i]]
        for i, (name, mark) in enumerate(known.items())
    ]


def _summary(frame: pd.DataFrame, picked: int, marked: int) -> str:
    parts = [plural(len(frame), "process", "processes")]
    hosts = frame["DvcHostname"].dropna().unique().tolist()
    if hosts:
        parts[0] += f" of {visible(hosts[0]) if len(hosts) == 1 else plural(len(hosts), 'host')}"
    times = frame["TimeGenerated"].dropna()
    if len(times):
        parts.append(f"{moment(times.min())} to {moment(times.max())} UTC")
    if picked:
        parts.append(f"{count(picked)} picked")
    if marked:
        parts.append(f"{count(marked)} with a finding")
    return ", ".join(parts)


def _notes(
    frame: pd.DataFrame,
    order: Order,
    held: Sent,
    focus: Sequence[str],
    marks: Mapping[str, str],
) -> list[str]:
    """Say what is not as it seems: what was left out, what was not found, what was repaired."""
    notes = []
    if held.rows < len(frame):
        notes.append(
            f"{count(held.rows)} of {plural(len(frame), 'process', 'processes')} are in this tree; "
            "narrow the window to see the others."
        )
    if held.cut:
        notes.append(
            f"{plural(held.cut, 'long text')} shortened to {plural(held.most, 'sign')}, marked "
            "where it is shown; the whole text is in the frame of processes, in the row whose "
            "EventUid is the record named."
        )
    known = set(frame["TargetProcessGuid"].dropna())
    lost = len(set(focus) - known)
    if lost:
        notes.append(f"{count(lost)} of the picked processes are not among these.")
    lost = len(set(marks) - known)
    if lost:
        notes.append(f"{plural(lost, 'finding')} at processes that are not among these.")
    if len(order.looped):
        notes.append(
            f"{plural(len(order.looped), 'process', 'processes')} shown as a root because parents "
            "form a loop."
        )
    return notes
