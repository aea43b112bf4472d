"""Staging audit records: what each line's header says, and which lines are one event.

One pass of RE2 over the headers gives numbers; numbering the events is sorting those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from linuxhunt.parse.audit_bodies import bodies
from linuxhunt.parse.audit_header import usual
from linuxhunt.parse.audit_names import TYPES
from linuxhunt.parse.audit_sql import HEADER, MACROS
from linuxhunt.parse.audit_values import column_of

__all__ = ["ROLES", "Heads", "Members", "heads", "stage"]

ROLES = ("syscall", "special", "context", "execve", "path", "single", "end")
"""What a record is to its event, by its number in SQL."""

_ROLE_OF = {
    "SYSCALL": "syscall",
    "EXECVE": "execve",
    "PATH": "path",
    "CWD": "single",
    "PROCTITLE": "single",
    "SOCKADDR": "single",
    "EOE": "end",
}
_RANK = np.array([1, 0, 2, 3, 4, 5, 6])
# What only ever explains another record of the same event.
_CONTEXT = """
    BPRM_FCAPS CAPSET FD_PAIR IPC IPC_SET_PERM KERNEL_OTHER MAC_OBJ_CONTEXTS MAC_TASK_CONTEXTS MMAP
    MQ_GETSETATTR MQ_NOTIFY MQ_OPEN MQ_SENDRECV OBJ_PID OPENAT2 SOCKETCALL URINGOP
"""
_ROLE_OF |= dict.fromkeys(_CONTEXT.split(), "context")

_HEADS = f"""
SELECT strlen(x.head) AS size, x.node AS node, x.type AS type,
       try_cast(replace(split_part(x.stamp, ':', 1), '.', '') AS BIGINT) AS ms,
       try_cast(split_part(x.stamp, ':', 2) AS BIGINT) AS serial
FROM (SELECT regexp_extract(raw, '{HEADER.replace("^", "^(", 1)})',
             ['head', 'node', 'type', 'stamp']) AS x FROM lines)
"""


@dataclass(frozen=True)
class Heads:
    """What the header of each line says, in the order of the evidence.

    Attributes:
        items: record ids.
        computer: the host that the table names.
        table: node, kind (place in types), ms, serial, role, text, cut and content (see
            :func:`~linuxhunt.parse.audit_bodies.bodies`); ms is null where there is no header.
        types: names of the types that occur.
    """

    items: pa.Array
    computer: pa.Array
    table: pa.Table
    types: np.ndarray[Any, Any]

    def hosts(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Return each record's host as a number, and the hosts' names by number.

        ``node=`` counts before the table's Computer. Names that differ in case are one host,
        spelled as it is first.
        """
        node = self.table["node"].combine_chunks()
        by_node = pc.fill_null(pc.not_equal(node, ""), False)
        named = (
            pc.if_else(by_node, node, self.computer) if pc.any(by_node).as_py() else self.computer
        )
        coded = named.dictionary_encode()
        names = np.array([*coded.dictionary.to_pylist(), None], dtype=object)
        lower = pd.factorize(pd.Series(names[:-1], dtype=object).str.lower())[0]
        first = np.unique(lower, return_index=True)[1]
        number = np.concatenate([lower, [len(first)]])
        return number[coded.indices.fill_null(-1).to_numpy()], names[[*first, -1]]


@dataclass(frozen=True)
class Members:
    """The records of each event, by event number: 0..n-1 in order of time, then first record.

    Attributes:
        columns: TimeGenerated, DvcHostname, serial, type (of the record that an event is named
            after), EventUid (id of its first record), and lists of all: types and RecordIds.
        count: how many events there are.
        kinds: names of the types that occur.
        eid, kind, role, text: event, type, role and text of each record, in the order of the
            evidence, without those that say again what one of the same event said.
    """

    columns: dict[str, Any]
    count: int
    kinds: np.ndarray[Any, Any]
    eid: np.ndarray[Any, Any]
    kind: np.ndarray[Any, Any]
    role: np.ndarray[Any, Any]
    text: np.ndarray[Any, Any]


def heads(con: duckdb.DuckDBPyConnection, lines: pd.DataFrame) -> Heads:
    """Read the headers of a frame of records."""
    for macro in MACROS:
        con.execute(macro)
    columns = {name: _large(lines[name]) for name in ("_ItemId", "RawData", "Computer")}
    columns |= {name: columns[name].combine_chunks() for name in ("_ItemId", "Computer")}
    order = _evidence_order(columns["_ItemId"])
    if (order[1:] < order[:-1]).any():
        columns = {name: values.take(pa.array(order)) for name, values in columns.items()}
    said, names = _said(con, columns["RawData"].fill_null(""))
    types = np.array([_type_name(name) for name in names], dtype=object)
    role = np.array([ROLES.index(_ROLE_OF.get(name, "special")) for name in types], dtype=np.int8)
    kind = said["kind"]
    read = bodies(con, columns["RawData"], said.pop("size"), role[kind], kind)
    table = pa.table(said | {"role": role[kind]} | read)
    return Heads(columns["_ItemId"], columns["Computer"], table, types)


def _said(con: duckdb.DuckDBPyConnection, raw: pa.ChunkedArray) -> tuple[dict[str, Any], list[str]]:
    """Return what each line's header says: node, kind, ms, serial, size; and the types' names.

    A line without one has a kind of its own, "", and no ms.
    """
    read = usual(raw)
    names, kind = read.type.dictionary.to_pylist(), read.type.indices.to_numpy()
    said = {"ms": read.ms, "serial": read.serial, "size": read.size}
    node = pa.nulls(len(raw), pa.large_string())
    others = np.flatnonzero(read.size == 0)
    if not len(others):
        return said | {"node": node, "kind": kind}, names
    con.register("lines", pa.table({"raw": raw.take(pa.array(others))}))
    table = con.sql(_HEADS).to_arrow_table()
    for name, values in said.items():
        values[others] = table[name].fill_null(0).to_numpy()
    unread = np.zeros(len(raw), dtype=bool)
    unread[others] = table["ms"].is_null().to_numpy()
    said["ms"] = pa.array(read.ms, mask=unread)
    other = table["type"].fill_null("").combine_chunks().dictionary_encode()
    kind = kind.copy()
    kind[others] = other.indices.to_numpy() + len(names)
    names += other.dictionary.to_pylist()
    if pc.any(pc.not_equal(table["node"], "")).as_py():
        place = np.full(len(raw), -1)
        place[others] = np.arange(len(others))
        node = column_of(table, "node").take(pa.array(place, mask=place < 0))
    return said | {"node": node, "kind": kind}, names


def _type_name(kind: str) -> str:
    """Name a type that the kernel (``1309``) or an old auditd (``UNKNOWN[1327]``) numbers."""
    number = kind.removeprefix("UNKNOWN[").removesuffix("]")
    return TYPES.get(number, kind)


def stage(con: duckdb.DuckDBPyConnection, lines: pd.DataFrame) -> Members:
    """Register ``texts`` (see :func:`~linuxhunt.parse.audit_bodies.bodies`), say what is whose."""
    found = heads(con, lines)
    hosts, names = found.hosts()
    good = pc.and_(pc.is_valid(found.table["ms"]), pc.invert(found.table["cut"]))
    used = np.flatnonzero(good.to_numpy())
    ms, serial, content, kind, role, text = (
        found.table[name].fill_null(0).to_numpy()[used]
        for name in ("ms", "serial", "content", "kind", "role", "text")
    )
    hid = hosts[used]
    order = _order(serial, hid, ms)  # stable: the evidence's order within an event
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = False
    for values in (ms, hid, serial):
        ordered = values[order]
        starts[1:] |= ordered[1:] != ordered[:-1]
    begins = np.flatnonzero(starts)
    # Events are numbered by time, then by where they begin in the evidence.
    by_place = _order(order[begins], ms[order[begins]])
    number = np.empty(len(begins), dtype=np.int64)
    number[by_place] = np.arange(len(begins))
    eid = np.empty(len(order), dtype=np.int64)
    eid[order] = number[np.cumsum(starts) - 1]
    once = _once(eid, content)
    first = order[begins[by_place]]
    ends = np.append(begins, len(order))[1:]
    spans = list(zip(begins[by_place].tolist(), ends[by_place].tolist(), strict=True))
    # A special record names the event, else the SYSCALL, else the first of what is left.
    rank = _RANK[role[order]] * len(order) + np.arange(len(order))
    leader = (
        order[(np.minimum.reduceat(rank, begins) % len(order))[by_place]] if len(order) else first
    )
    items = found.items.to_numpy(zero_copy_only=False)[used]
    return Members(
        columns={
            "TimeGenerated": pd.DatetimeIndex(ms[first] * 1_000_000, tz="UTC"),
            "DvcHostname": pa.array(names, pa.large_string()).take(pa.array(hid[first])),
            "serial": pa.array(serial[first]),
            "type": pa.array(found.types, pa.large_string()).take(pa.array(kind[leader])),
            "types": _slices(found.types[kind[order]].tolist(), spans),
            "EventUid": found.items.take(pa.array(used[first])),
            "RecordIds": _slices(items[order].tolist(), spans),
        },
        count=len(begins),
        kinds=found.types,
        eid=eid[once],
        kind=kind[once],
        role=role[once],
        text=text[once],
    )


def _order(*keys: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return np.lexsort of the keys; logs are mostly in order, which is seen cheaply."""
    level = np.ones(max(len(keys[0]) - 1, 0), dtype=bool)
    for key in keys:
        level = (key[1:] > key[:-1]) | ((key[1:] == key[:-1]) & level)
    return np.arange(len(keys[0])) if level.all() else np.lexsort(keys)


def _once(eid: np.ndarray[Any, Any], content: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the places of records without those that repeat one of the same event."""
    # whatever repeats is equal here too, and sorting values costs a tenth of sorting places
    mixed = np.sort(eid * (content.max(initial=0) + 1) + content)
    if not (mixed[1:] == mixed[:-1]).any():
        return np.arange(len(eid))
    order = np.lexsort((content, eid))
    repeats = (eid[order][1:] == eid[order][:-1]) & (content[order][1:] == content[order][:-1])
    return np.sort(order[np.append(True, ~repeats)])


def _slices(values: list[Any], spans: list[tuple[int, int]]) -> np.ndarray[Any, Any]:
    """Return a list of values for each span."""
    cut = (values[start:end] for start, end in spans)
    return np.fromiter(cut, dtype=object, count=len(spans))


def _large(values: pd.Series[Any]) -> pa.ChunkedArray:
    array = pa.array(values)
    chunked = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
    return chunked.cast(pa.large_string())


def _evidence_order(items: pa.Array) -> np.ndarray[Any, Any]:
    """Return the rows in the order of file and line number; as given where ids state neither.

    Within one file, ids grow in length first and then as text, so that order is seen cheaply.
    """
    count = len(items)
    if count > 1:
        size = pc.binary_length(items)
        longer = pc.greater(size[1:], size[:-1])
        level = pc.equal(size[1:], size[:-1])
        grows = pc.or_(longer, pc.and_(level, pc.greater_equal(items[1:], items[:-1])))
        if not pc.all(grows).as_py():
            text = pd.Series(items.to_pandas(), dtype=object)
            parts = text.str.extract(r"^(?s:(?P<file>.*)):(?P<line>\d{1,18})$")
            file = pd.factorize(parts["file"].fillna(""), sort=True)[0]
            line = pd.to_numeric(parts["line"]).fillna(0).to_numpy()
            return np.lexsort((line, file))
    return np.arange(count)
