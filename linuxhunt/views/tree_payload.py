"""What a process tree sends: columns, texts once each, numbers as differences, within a budget.

Rows are in pre-order, so that depths alone tell who is whose parent. Every text stands once in
the dictionary of its column. Fields, all of them lists of one entry a row if not said otherwise:

========== ========================================================================================
rows       how many
depth      levels below a root
pid        difference to the pid of the row before (of the last that is known); null is unknown
ppid       difference to the parent row's pid (to 0 for a root); null is unknown
start, ns  milliseconds after the start of the row before, and nanoseconds beyond those
end, endns milliseconds after the row's own start, and nanoseconds beyond those
who        entry of ``whos``: [host, uid, auid, euid, ses, tty, session, name, auid's name, mark]
exit       exit code
inferred   places where the parent is known by its pid only
looped     places that are roots because their parents form a loop
previous   [place, place of the image that the same pid ran before]
line       difference to the line of the row before
texts      column -> {texts, codes (-1 for null), cut: {code: length in full}}; ``record`` is the
           file of the row's record, its line is in ``line``
marked     number of the colour of each text of ``mark``
focus      places of the picked processes
========== ========================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from linuxhunt.views.base import LIMIT, packed
from linuxhunt.views.text import visible
from linuxhunt.views.tree_order import Order, above

__all__ = ["BUDGET", "SHORTEST", "Sent", "sent", "user_name"]

BUDGET = LIMIT * 9 // 10
SHORTEST = 160
"""Texts are not cut below this many signs; rows are left out instead."""

TEXTS = {
    "command": "CommandLine",
    "exe": "TargetProcessName",
    "comm": "TargetProcessFilename",
    "cwd": "TargetProcessCurrentDirectory",
    "result": "EventResult",
}
_WHO = (
    "DvcHostname", "TargetUserId", "ActorUserId", "EffectiveUserId", "ActorSessionId", "Tty",
    "LogonSessionId", "TargetUsername", "ActorUsername",
)  # fmt: skip
_RECORD = r"(?s)^(?P<file>.*):(?P<line>0|[1-9]\d{0,14})$"

_Numbers = list[int | None]


@dataclass(frozen=True)
class Sent:
    """A payload and what it leaves out.

    Attributes:
        payload: the packed text.
        rows: processes in it.
        cut: texts in it that are shortened.
        most: signs that a shortened text keeps.
    """

    payload: str
    rows: int
    cut: int
    most: int


def sent(
    frame: pd.DataFrame,
    order: Order,
    marks: Sequence[str | None],
    focus: Sequence[int],
    look: Mapping[str, Any],
    groups: Mapping[str, Mapping[str, int]],
) -> Sent:
    """Pack processes into at most :data:`BUDGET` bytes.

    All is sent where it fits. Else the longest texts are shortened, all to one length; where even
    :data:`SHORTEST` signs of each are too much, the last rows are left out, picked and marked
    ones and what lies above them after all others.

    Args:
        frame: processes in the order of ``order``.
        order: as :func:`linuxhunt.views.tree_order.tree_order` gives it.
        marks: the text of each row's finding.
        focus: places of the picked rows.
        look: whatever else the view is to know.
        groups: ``user`` (as :func:`user_name` says them) and ``finding`` (the texts of
            ``marks``), each name to the number of its colour.
    """
    whole = _Columns(frame, order, marks, focus, groups)
    lengths = whole.lengths
    most, rows = int(lengths.max(initial=0)), len(frame)
    wanted = above(order.parent, [*focus, *(i for i, mark in enumerate(marks) if mark)])
    columns = whole
    while True:
        payload = packed({**look, **columns.fields(most)})
        share = 0.95 * BUDGET / len(payload)
        if len(payload) <= BUDGET:
            return Sent(payload, len(columns.frame), int((columns.lengths > most).sum()), most)
        if most > SHORTEST:
            most = max(SHORTEST, _level(lengths, share * np.minimum(lengths, most).sum()))
        else:
            if rows:
                rows = int(rows * share)
            else:
                wanted = set(sorted(wanted)[: int(len(wanted) * share)])
            columns = whole.only(sorted(wanted | set(range(rows))))


def _level(lengths: np.ndarray[Any, Any], room: float) -> int:
    """Return the length to which the longest texts shrink so that all take ``room`` signs."""
    low, high = 0, int(lengths.max(initial=0))
    while low < high:
        middle = (low + high + 1) // 2
        if np.minimum(lengths, middle).sum() <= room:
            low = middle
        else:
            high = middle - 1
    return low


def user_name(name: Any, uid: Any) -> str:
    """Return a user as the view's legend calls them."""
    number = "uid unknown" if pd.isna(uid) else f"uid {uid}"
    return number if pd.isna(name) else f"{name} ({number})"


@dataclass(frozen=True)
class _Columns:
    frame: pd.DataFrame
    order: Order
    marks: Sequence[str | None]
    focus: Sequence[int]
    groups: Mapping[str, Mapping[str, int]]

    def only(self, kept: list[int]) -> _Columns:
        """Return the columns of some places; with each, all above it must be among them."""
        at = np.full(len(self.frame) + 1, -1)
        at[np.array(kept)] = np.arange(len(kept))
        order = Order(
            self.order.rows[kept],
            at[self.order.parent[kept]],
            self.order.depth[kept],
            at[[place for place in self.order.looped if at[place] >= 0]],
        )
        focus = [int(at[place]) for place in self.focus if at[place] >= 0]
        marks = [self.marks[place] for place in kept]
        return _Columns(
            self.frame.iloc[kept].reset_index(drop=True), order, marks, focus, self.groups
        )

    @cached_property
    def lengths(self) -> np.ndarray[Any, Any]:
        return np.array([len(text) for _, texts in self.texts.values() for text in texts], int)

    @cached_property
    def texts(self) -> dict[str, tuple[list[int], list[str]]]:
        columns = {name: self.frame[column] for name, column in TEXTS.items()}
        columns["record"] = self._record["file"]
        columns["mark"] = pd.Series(list(self.marks), dtype=object)
        return {name: _coded(values) for name, values in columns.items()}

    def fields(self, most: int) -> dict[str, Any]:
        frame, order = self.frame, self.order
        pid = _numbers(frame["TargetProcessId"])
        above = [pid[place] or 0 if place >= 0 else 0 for place in order.parent.tolist()]
        ppid = _numbers(frame["ActingProcessId"])
        start, ns = _time(frame["TimeGenerated"])
        end, endns = _time(frame["EventEndTime"])
        who, whos = self._who()
        texts = {}
        for name, (codes, held) in self.texts.items():
            cut = {code: len(text) for code, text in enumerate(held) if len(text) > most}
            texts[name] = {"codes": codes, "texts": [text[:most] for text in held], "cut": cut}
        groups = self.groups["finding"]
        marked = pd.Series([mark for mark in self.marks if mark], dtype=object).unique()
        return {
            "rows": len(frame),
            "depth": order.depth.tolist(),
            "pid": _steps(pid),
            "ppid": _less(ppid, above),
            "start": _steps(start),
            "ns": ns,
            "end": _less(end, [ms or 0 for ms in start]),
            "endns": endns,
            "who": who,
            "whos": whos,
            "exit": _numbers(frame["ExitCode"]),
            "inferred": np.flatnonzero(frame["ActingProcessInferred"]).tolist(),
            "looped": order.looped.tolist(),
            "previous": self._previous(),
            "line": _steps(_numbers(self._record["line"].astype("Int64"))),
            "texts": texts,
            "marked": [groups[mark] for mark in marked],
            "focus": list(self.focus),
        }

    @cached_property
    def _record(self) -> pd.DataFrame:
        uid = self.frame["EventUid"]
        parts = uid.str.extract(_RECORD)
        return parts.assign(file=parts["file"].where(parts["line"].notna(), uid))

    def _previous(self) -> list[list[int]]:
        place: dict[Any, int] = {}
        for i, guid in enumerate(self.frame["TargetProcessGuid"].tolist()):
            place.setdefault(guid, i)
        named = self.frame["PreviousProcessGuid"]
        rows = np.flatnonzero(named.notna()).tolist()
        return [[i, place[named.iat[i]]] for i in rows if named.iat[i] in place]

    def _who(self) -> tuple[list[int], list[list[Any]]]:
        held = [
            self.frame[name].astype(object).where(self.frame[name].notna(), None).tolist()
            if name in self.frame
            else [None] * len(self.frame)
            for name in _WHO
        ]
        known: dict[tuple[Any, ...], int] = {}
        codes = [known.setdefault(key, len(known)) for key in zip(*held, strict=True)]
        whos = [
            [visible(item) if isinstance(item, str) else item for item in key]
            + [self.groups["user"][user_name(key[7], key[1])]]
            for key in known
        ]
        return codes, whos


def _coded(values: pd.Series[Any]) -> tuple[list[int], list[str]]:
    codes, held = pd.factorize(values)
    return codes.tolist(), [visible(text) for text in held]


def _numbers(values: pd.Series[Any]) -> _Numbers:
    return values.astype(object).where(values.notna(), None).tolist()


def _steps(values: _Numbers) -> _Numbers:
    """Each number as the difference to the last one that is known."""
    steps: _Numbers = []
    last = 0
    for value in values:
        steps.append(None if value is None else value - last)
        last = last if value is None else value
    return steps


def _less(values: _Numbers, base: Sequence[int]) -> _Numbers:
    return [None if v is None else v - b for v, b in zip(values, base, strict=True)]


def _time(values: pd.Series[Any]) -> tuple[_Numbers, list[int]]:
    """Milliseconds, and the nanoseconds beyond them; no list of those where all are 0."""
    since = values.astype("int64")
    rest = (since % 1_000_000).where(values.notna(), 0)
    return _numbers(
        (since // 1_000_000).where(values.notna()).astype("Int64")
    ), rest.tolist() if rest.any() else []
