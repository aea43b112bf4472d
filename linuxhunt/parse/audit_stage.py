"""Staging audit records: what each line's header says, and which lines are one event.

One pass of RE2 over the headers gives numbers; numbering the events is sorting those. The text
of the lines is not copied: the tables of an event's parts read it where it lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .audit_names import TYPES
from .audit_sql import HEADER, MACROS

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
# What only ever explains another record of the same event.
_ROLE_OF |= dict.fromkeys(
    "BPRM_FCAPS CAPSET FD_PAIR IPC IPC_SET_PERM KERNEL_OTHER MMAP MQ_GETSETATTR MQ_NOTIFY MQ_OPEN"
    " MQ_SENDRECV OBJ_PID OPENAT2 SOCKETCALL MAC_TASK_CONTEXTS MAC_OBJ_CONTEXTS TIME_ADJNTPVAL"
    " TIME_INJOFFSET URINGOP".split(),
    "context",
)

# A record that stops early: a quote or msg=' left open, a key without its value, hex of half a
# byte, a SYSCALL that does not come to exe=.
_CUT = r"""
CASE WHEN length(raw) <= size THEN role <> 6
     WHEN (length(raw) - length(replace(raw, '"', ''))) % 2 = 1 THEN true
     WHEN role = 0 THEN NOT contains(raw, ' exe=')
     WHEN role IN (3, 4) THEN regexp_matches(raw, ' (?:[^= ]+|[^= ]+=|argc=\d*)$')
     WHEN role = 5 THEN regexp_matches(raw, '(?:=|: *[a-z]*|=(?:[0-9A-F]{2})*[0-9A-F])$')
     WHEN role = 6 THEN false
     ELSE contains(raw, 'msg=''') AND NOT regexp_matches(raw, '''[\s)]*(?:\x1d.*)?$') END
"""

_HEADS = f"""
SELECT length(x.head) AS size, x.node AS node, x.type AS type,
       try_cast(replace(split_part(x.stamp, ':', 1), '.', '') AS BIGINT) AS ms,
       try_cast(split_part(x.stamp, ':', 2) AS BIGINT) AS serial
FROM (SELECT regexp_extract(raw, '{HEADER.replace("^", "^(", 1)})',
             ['head', 'node', 'type', 'stamp']) AS x FROM lines)
"""

_BODIES = f"""
SELECT {_CUT} AS cut, hash(type, split_part(rtrim(raw[size + 1:]), chr(29), 1)) AS content
FROM headed
"""


@dataclass(frozen=True)
class Heads:
    """What the header of each line says, in the order of the evidence.

    Attributes:
        items: record ids.
        raw: the lines.
        computer: the host that the table names.
        table: size (of the header, in characters), node, type, ms, serial, role, cut, content
            (a hash of what the record states); ms is null where there is no header.
    """

    items: pa.Array
    raw: pa.Array
    computer: pa.Array
    table: pa.Table

    def hosts(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Return each record's host as a number, and the hosts' names by number.

        ``node=`` counts before the table's Computer. Names that differ in case are one host,
        spelled as it is first.
        """
        node = self.table["node"].combine_chunks()
        named = pc.if_else(pc.fill_null(pc.not_equal(node, ""), False), node, self.computer)
        codes, names = pd.factorize(named.to_pandas(), use_na_sentinel=True)
        lower, _ = pd.factorize(pd.Series(names, dtype=object).str.lower())
        first = np.unique(lower, return_index=True)[1]
        spelled = np.append(np.asarray(names, dtype=object)[first], None)
        return np.append(lower, len(first))[codes], spelled


@dataclass(frozen=True)
class Members:
    """The records of each event, by event number.

    Attributes:
        keys: eid (event numbers, 0..n-1, in order of time, then first record), ms, serial, host.
        type: the type of the record that an event is named after.
        first: id of each event's first record.
        ids: ids of all its records, as lists.
        types: types of all its records, as lists.
    """

    keys: pa.Table
    type: np.ndarray[Any, Any]
    first: np.ndarray[Any, Any]
    ids: np.ndarray[Any, Any]
    types: np.ndarray[Any, Any]


def heads(con: duckdb.DuckDBPyConnection, lines: pd.DataFrame) -> Heads:
    """Read the headers of a frame of records."""
    for macro in MACROS:
        con.execute(macro)
    columns = {name: _flat(lines[name]) for name in ("_ItemId", "RawData", "Computer")}
    order = _evidence_order(columns["_ItemId"])
    if (order[1:] < order[:-1]).any():
        columns = {name: values.take(pa.array(order)) for name, values in columns.items()}
    con.register("lines", pa.table({"raw": columns["RawData"]}))
    table = con.sql(_HEADS).to_arrow_table()
    kinds = table["type"].combine_chunks().dictionary_encode()
    names = [_type_name(kind) for kind in kinds.dictionary.to_pylist()]
    type_ = pa.array(names, pa.string()).take(kinds.indices)
    role = pa.array([_role(name) for name in names], pa.int8()).take(kinds.indices)
    table = table.set_column(2, "type", type_).append_column("role", role)
    con.register("headed", table.append_column("raw", columns["RawData"]))
    bodies = con.sql(_BODIES).to_arrow_table()
    for name in bodies.column_names:
        table = table.append_column(name, bodies[name])
    return Heads(columns["_ItemId"], columns["RawData"], columns["Computer"], table)


def _type_name(kind: str) -> str:
    """Name a type that the kernel (``1309``) or an old auditd (``UNKNOWN[1327]``) numbers."""
    number = kind.removeprefix("UNKNOWN[").removesuffix("]")
    return TYPES.get(number, kind)


def _role(type_: str) -> int:
    return ROLES.index(_ROLE_OF.get(type_, "special"))


def stage(con: duckdb.DuckDBPyConnection, lines: pd.DataFrame) -> Members:
    """Register ``parts`` (eid, place, type, role, raw, size), and say what belongs together."""
    found = heads(con, lines)
    hid, names = found.hosts()
    used = np.flatnonzero(
        pc.and_(pc.is_valid(found.table["ms"]), pc.invert(found.table["cut"])).to_numpy()
    )
    table = found.table.take(pa.array(used))
    ms, serial, content = (table[name].to_numpy() for name in ("ms", "serial", "content"))
    role, hid = table["role"].to_numpy(), hid[used]
    order = np.lexsort((serial, hid, ms))  # stable: the evidence's order within an event
    starts = np.zeros(len(order), dtype=bool)
    starts[:1] = True
    for values in (ms, hid, serial):
        ordered = values[order]
        starts[1:] |= ordered[1:] != ordered[:-1]
    at = np.flatnonzero(starts)
    # Events are numbered by time, then by where they begin in the evidence.
    by_place = np.lexsort((order[at], ms[order[at]]))
    number = np.empty(len(at), dtype=np.int64)
    number[by_place] = np.arange(len(at))
    eid = np.empty(len(order), dtype=np.int64)
    eid[order] = number[np.cumsum(starts) - 1]

    once = _once(eid, content)
    types = table["type"].combine_chunks()
    con.register(
        "parts",
        pa.table(
            {
                "eid": eid[once],
                "place": once,
                "type": types.take(pa.array(once)),
                "role": role[once],
                "raw": found.raw.take(pa.array(used[once])),
                "size": table["size"].take(pa.array(once)),
            }
        ),
    )
    first = order[at[by_place]]
    ends = np.append(at[1:], len(order))
    spans = list(zip(at[by_place].tolist(), ends[by_place].tolist(), strict=True))
    # A special record names the event, else the SYSCALL, else the first of what is left.
    rank = np.array([1, 0, 2, 3, 4, 5, 6])[role]
    leads = np.lexsort((np.arange(len(rank)), rank, eid))
    leader = leads[np.unique(eid[leads], return_index=True)[1]]
    named = types.to_numpy(zero_copy_only=False)
    items = found.items.take(pa.array(used)).to_numpy(zero_copy_only=False)
    return Members(
        keys=pa.table(
            {
                "eid": np.arange(len(at)),
                "ms": ms[first],
                "serial": serial[first],
                "host": pa.array(names[hid[first]], pa.string()),
            }
        ),
        type=named[leader],
        first=items[first],
        ids=_slices(items[order].tolist(), spans),
        types=_slices(named[order].tolist(), spans),
    )


def _once(eid: np.ndarray[Any, Any], content: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the places of records without those that repeat one of the same event."""
    order = np.lexsort((content, eid))
    repeats = (eid[order][1:] == eid[order][:-1]) & (content[order][1:] == content[order][:-1])
    if not repeats.any():
        return np.arange(len(eid))
    return np.sort(order[np.append(True, ~repeats)])


def _slices(values: list[Any], spans: list[tuple[int, int]]) -> np.ndarray[Any, Any]:
    cut = (values[start:end] for start, end in spans)
    return np.fromiter(cut, dtype=object, count=len(spans))


def _flat(values: pd.Series[Any]) -> pa.Array:
    array = pa.array(values)
    flat = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return flat.cast(pa.large_string())


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
