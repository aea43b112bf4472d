"""Azure's raw flow logs, of network security groups and virtual networks, to ASIM's sessions.

Source: Microsoft's "Flow logging for network security groups" and "Virtual network flow logs"
(azure-docs, articles/network-watcher), the JSON that a storage account holds as PT1H.json. Its
flow tuples are texts of values separated by commas:

* NSG version 1: seconds, source, destination, their ports, protocol (T, U), direction (I, O),
  decision (A, D)
* NSG version 2: those, then flow state (B begin, C continuing, E end), packets and bytes sent
  (source to destination), packets and bytes received, since the last tuple of the flow
* virtual network: milliseconds, source, destination, their ports, protocol (IANA number),
  direction, flow state (also D deny), encryption, packets and bytes sent and received

Each tuple is a row of ASimNetworkSessionLogs, EventProduct tells which log it is of, and
EventOriginalSubType is its state: ``parse.flows`` puts the tuples of one flow together. Dvc is the
group or network, not a host. A record's number is that of its tuple, from 1, in the order of the
file; the bytes between tuples go with the tuple after them, those at the end with the last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from linuxhunt.evidence.case import Sink
from linuxhunt.evidence.flow_tuples import INSERT, PARSED
from linuxhunt.evidence.jsons import escaped_at
from linuxhunt.evidence.lines import Bytes, Ints, blobs, shown
from linuxhunt.evidence.model import Source, Tally
from linuxhunt.evidence.pending import Batch

__all__ = ["looks_like", "read"]

_BEGINS = re.compile(rb"\s*(?:\{|\[\s*\{)")
_TUPLES = re.compile(rb'(?<!\\)"flowTuples"\s*:\s*\[')
_CATEGORY = re.compile(rb'(?<!\\)"category"\s*:\s*"(?:NetworkSecurityGroup|FlowLog)FlowEvent"')
_RECORDS = re.compile(rb'\s*\{\s*"records"\s*:')
_BATCH = 200_000  # tuples written at a time
_CONTEXT = ("time", "category", "rule", "mac", "resource", "acl")
_NAMES = {
    "time": "time",
    "category": "category",
    "rule": "rule",
    "mac": "mac",
    "macaddress": "mac",
    "resourceid": "resource",
    "targetresourceid": "resource",
    "aclid": "acl",
}
"""Key, in lower case -> what it is called here."""

_Context = dict[str, str]


def looks_like(head: bytes) -> bool:
    """Whether a file begins as a flow log: a JSON object or array, or JSON lines."""
    return bool(_BEGINS.match(head) and (_TUPLES.search(head) or _CATEGORY.search(head)))


@dataclass
class _Batch:
    """Records on their way to the case: tuples with what surrounds them, and rejects."""

    numbers: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    contexts: list[_Context] = field(default_factory=list)
    reasons: list[str | None] = field(default_factory=list)

    def add(self, number: int, end: int, text: str, context: _Context, reason: str | None) -> None:
        """Take a record; with a reason it is a reject."""
        self.numbers.append(number)
        self.ends.append(end)
        self.texts.append(text)
        self.contexts.append(context)
        self.reasons.append(reason)


def read(source: Source, sink: Sink) -> Tally:
    """Read a flow log, record by record; what is whole of one that is cut is read, too."""
    tally = Tally("flow-log", "ASimNetworkSessionLogs", rest=True)
    data = np.ascontiguousarray(source.data)
    batch, done, number = _Batch(), 0, 0
    for end, text, context, reason in _units(data):
        if len(batch.numbers) >= _BATCH:
            _flush(data[done : batch.ends[-1]], done, batch, sink, tally)
            done, batch = batch.ends[-1], _Batch()
            sink.tick(done, number)
        number += 1
        batch.add(number, end, text, context, reason)
    if not number:  # records without a tuple: nothing flowed
        sink.store(pa.array([1]), blobs(data, np.array([0, len(data)])))
        tally.lines = 1
        return tally
    batch.ends[-1] = len(data)
    _flush(data[done:], done, batch, sink, tally)
    sink.tick(len(data), tally.lines)
    return tally


def _units(data: Bytes) -> Iterator[tuple[int, str, _Context, str | None]]:
    """Yield the end, text and surroundings of each tuple, and why what is no tuple is rejected."""
    marks = _Marks(data)
    for start, end in marks.records():
        whole = end > 0
        stop = end if whole else len(data)
        ends = marks.tuples(start, stop)
        text = data[start:stop] if whole else data[start : ends[-1]] if len(ends) else data[:0]
        closers = "" if whole else marks.closers(start, int(ends[-1])) if len(ends) else ""
        found, why = _walked(text, closers)
        if why is None and len(found) != len(ends):
            why = "its flow tuples are not all texts"
        if why is not None and (whole or len(ends)):
            yield stop, shown(data[start:stop]), {}, why
            continue
        for place, (value, context) in zip(ends.tolist(), found, strict=True):
            yield place, value, context, None
        if not whole:
            rest = data[int(ends[-1]) if len(ends) else start :]
            yield len(data), shown(rest), {}, "the file ends within a record"


def _walked(text: Bytes, closers: str) -> tuple[list[tuple[str, _Context]], str | None]:
    """Return the tuples of a record with their surroundings, or why it cannot be read."""
    found: list[tuple[str, _Context]] = []
    try:
        _walk(json.loads(text.tobytes().decode("utf-8", "backslashreplace") + closers), {}, found)
    except (ValueError, RecursionError) as error:
        return [], f"no JSON that can be read ({str(error).partition(':')[0]})"
    return found, None


def _walk(node: Any, context: _Context, found: list[tuple[str, _Context]]) -> None:
    if isinstance(node, list):
        for item in node:
            _walk(item, context, found)
    elif isinstance(node, dict):
        here = {
            _NAMES[key.lower()]: _plain(value)
            for key, value in node.items()
            if key.lower() in _NAMES and isinstance(value, str)
        }
        if isinstance(node.get("flowLogVersion"), int):
            here.setdefault("category", "FlowLogFlowEvent")
        context = {**context, **here} if here else context
        for key, value in node.items():
            if key == "flowTuples" and isinstance(value, list):
                found += [(item, context) for item in value if isinstance(item, str)]
            else:
                _walk(value, context, found)


class _Marks:
    """Where strings and brackets of a JSON text lie."""

    def __init__(self, data: Bytes) -> None:
        self._data = data
        marks = np.flatnonzero(np.isin(data, np.frombuffer(b'"[]{}', np.uint8)))
        marks = marks[~escaped_at(data, marks)]
        kind = data[marks]
        quotes = marks[kind == 34]
        inside = np.cumsum(kind == 34) % 2 == 1
        self._opened, self._closed = quotes[0::2][: len(quotes) // 2], quotes[1::2]
        self._brackets = marks[~inside & (kind != 34)]
        self._opens = np.isin(data[self._brackets], np.frombuffer(b"[{", np.uint8))
        self._depth = np.cumsum(np.where(self._opens, 1, -1))

    def records(self) -> Iterator[tuple[int, int]]:
        """Yield where each record begins and ends; the end is -1 where the file ends before."""
        head = self._data[:4096].tobytes()
        level = 3 if _RECORDS.match(head) else 2 if head.lstrip()[:1] == b"[" else 1
        braces = self._data[self._brackets] == 123
        starts = self._brackets[self._opens & braces & (self._depth == level)]
        ends = self._brackets[~self._opens & (self._depth == level - 1)]
        ends = ends[self._data[ends] == 125] + 1
        for n, start in enumerate(starts.tolist()):
            yield start, int(ends[n]) if n < len(ends) else -1

    def tuples(self, start: int, stop: int) -> Ints:
        """Return where the texts directly inside the ``flowTuples`` arrays of a record end."""
        first, last = np.searchsorted(self._opened, [start, stop])
        opened, closed = self._opened[first:last], self._closed[first:last]
        keys = np.flatnonzero(closed - opened == 11)
        named = [self._data[opened[k] + 1 : closed[k]].tobytes() == b"flowTuples" for k in keys]
        keys = keys[np.array(named, np.bool_)]
        after = np.searchsorted(self._brackets, closed[keys])
        found = []
        for key, place in zip(keys.tolist(), after.tolist(), strict=True):
            if place >= len(self._brackets) or self._data[self._brackets[place]] != 91:
                continue
            between = self._data[closed[key] + 1 : self._brackets[place]].tobytes()
            if between.strip() != b":":
                continue
            begin = self._brackets[place]
            end = self._brackets[place + 1] if place + 1 < len(self._brackets) else stop
            low, high = np.searchsorted(opened, [begin, end])
            found.append(closed[low:high] + 1)
        return np.concatenate(found).astype(np.int64) if found else np.empty(0, np.int64)

    def closers(self, start: int, stop: int) -> str:
        """Return the brackets that close what is open between two places."""
        first, last = np.searchsorted(self._brackets, [start, stop])
        open_: list[str] = []
        for place in range(first, last):
            if self._opens[place]:
                open_.append("}" if self._data[self._brackets[place]] == 123 else "]")
            elif open_:
                open_.pop()
        return "".join(reversed(open_))


def _flush(data: Bytes, offset: int, batch: _Batch, sink: Sink, tally: Tally) -> None:
    numbers = pa.array(batch.numbers, pa.int64())
    sink.store(numbers, blobs(data, np.array([0, *(end - offset for end in batch.ends)], np.int64)))
    tally.lines += len(numbers)
    columns = {
        name: pa.array([context.get(name) for context in batch.contexts], pa.string())
        for name in _CONTEXT
    }
    texts = pa.array([_plain(text) for text in batch.texts], pa.string())
    reasons = pa.array(batch.reasons, pa.string())
    table = pa.table({"line": numbers, "text": texts, "reason": reasons, **columns})
    sink.later(_write, table, tally)


def _write(batch: Batch) -> None:
    con = batch.con
    con.register("flow_batch", batch.table)
    con.execute(PARSED)
    con.unregister("flow_batch")
    con.execute(INSERT.format(item=batch.item()))
    batch.reject(
        "SELECT file, line, text, reason FROM flow_tuples WHERE reason IS NOT NULL"
        " ORDER BY file, line"
    )
    for file, amount, first, last in con.execute(
        "SELECT file, count(*), min(us) // 1000000, max(us) // 1000000 FROM flow_tuples"
        " WHERE reason IS NULL GROUP BY file"
    ).fetchall():
        tally = batch.tally(file)
        tally.rows += amount
        tally.hosts[None] += amount
        tally.saw_seconds(first, last)


def _plain(text: str) -> str:
    r"""Return text that Arrow takes: NUL and half a surrogate pair as ``\x00`` and ``\ud800``."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
