"""Staging audit records: header, host, event number, and one table for each kind of record.

What is made, in an in-memory DuckDB, from a frame of records:

=========  ============================================================================
``hosts``  hid, host
``heads``  rid (order in the evidence), item (record id), hid, ms, serial, kind, body, cut
``kinds``  kind, type (its name), role
``parts``  rid, eid, type, role, body: the records of events, without duplicates
=========  ============================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .audit_names import TYPES, names_table
from .audit_sql import HEADER, MACROS

__all__ = ["Members", "head", "stage"]

_SINGLES = ("CWD", "PROCTITLE", "SOCKADDR")
# What only ever explains another record of the same event.
_CONTEXT = (
    "BPRM_FCAPS CAPSET FD_PAIR IPC IPC_SET_PERM KERNEL_OTHER MMAP MQ_GETSETATTR MQ_NOTIFY MQ_OPEN"
    " MQ_SENDRECV OBJ_PID OPENAT2 SOCKETCALL MAC_TASK_CONTEXTS MAC_OBJ_CONTEXTS TIME_ADJNTPVAL"
    " TIME_INJOFFSET URINGOP"
).split()

# The order in which a record's type is taken for the event's.
_ROLES = f"""
CASE WHEN type = 'SYSCALL' THEN 'syscall' WHEN type = 'EXECVE' THEN 'execve'
     WHEN type = 'PATH' THEN 'path' WHEN type = 'EOE' THEN 'end'
     WHEN type IN {_SINGLES} THEN 'single' WHEN type IN {tuple(_CONTEXT)} THEN 'context'
     ELSE 'special' END
"""

_HEADS = f"""
CREATE TEMP TABLE heads AS
SELECT rid, item, computer, x.node AS node, x.type AS kind, x.stamp AS stamp,
       raw[length(x.head) + 1:] AS body, x.stamp <> '' AS readable
FROM (SELECT *, regexp_extract(raw, '{HEADER.replace("^", "^(", 1)})',
             ['head', 'node', 'type', 'stamp']) AS x FROM lines)
"""

# A record that stops early: a quote or msg=' left open, a key without its value, hex of half a
# byte, a SYSCALL that does not come to exe=.
_CUT = r"""
CASE WHEN body = '' THEN role <> 'end'
     WHEN (length(body) - length(replace(body, '"', ''))) % 2 = 1 THEN true
     WHEN role = 'syscall' THEN NOT contains(body, ' exe=')
     WHEN role = 'execve' THEN regexp_matches(body, ' (?:[^= ]+|[^= ]+=)$|argc=\d*$')
     WHEN role = 'path' THEN regexp_matches(body, ' (?:[^= ]+|[^= ]+=)$') OR NOT contains(body, '=')
     WHEN role = 'single' THEN NOT regexp_matches(body,
         '^[a-z]+=(?:"[^"]*"|(?:[0-9A-Fa-f]{2})+|\((?:null|none)\)|[^"]*[^0-9A-F"].*)\s*(?:\x1d.*)?$')
     WHEN role = 'end' THEN false
     ELSE contains(body, 'msg=''') AND NOT regexp_matches(body, '''[\s)]*(?:\x1d.*)?$') END
"""


@dataclass(frozen=True)
class Members:
    """The records of each event, by event number.

    Attributes:
        eid: event numbers, 0..n-1, in order of time, then first record.
        first: id of each event's first record.
        ids: ids of all its records, as lists.
        types: types of all its records, as lists.
    """

    eid: np.ndarray[Any, Any]
    first: np.ndarray[Any, Any]
    ids: np.ndarray[Any, Any]
    types: np.ndarray[Any, Any]


def head(con: duckdb.DuckDBPyConnection, lines: pd.DataFrame) -> None:
    """Make ``hosts``, ``kinds`` and ``heads`` of records; headless ones have no ``ms``."""
    for macro in MACROS:
        con.execute(macro)
    con.register(
        "lines",
        pa.table(
            {
                "rid": _evidence_order(pa.array(lines["_ItemId"])),
                "item": pa.array(lines["_ItemId"]),
                "computer": pa.array(lines["Computer"]),
                "raw": pa.array(lines["RawData"]),
            }
        ),
    )
    con.register("type_names", names_table(TYPES))
    con.execute(_HEADS)
    con.execute(
        """
        CREATE TEMP TABLE hosts AS
        SELECT row_number() OVER (ORDER BY node, computer) AS hid, node, computer,
               coalesce(nullif(node, ''), computer) AS host
        FROM (SELECT DISTINCT node, computer FROM heads)
        """
    )
    # One host under two spellings, or with and without node=, is one host.
    con.execute(
        """
        UPDATE hosts SET hid = same.hid FROM
        (SELECT lower(host) AS name, min(hid) AS hid FROM hosts GROUP BY 1) AS same
        WHERE lower(host) = same.name
        """
    )
    con.execute(
        f"""
        CREATE TEMP TABLE kinds AS SELECT *, {_ROLES} AS role FROM (
            SELECT kind, coalesce(n.name, kind) AS type
            FROM (SELECT DISTINCT kind FROM heads WHERE readable) k
            LEFT JOIN type_names n
            ON n.number = regexp_extract(kind, '^(?:UNKNOWN\\[)?(\\d+)\\]?$', 1))
        """
    )
    con.execute(
        f"""
        CREATE TEMP TABLE records AS
        SELECT rid, item, hid, replace(split_part(stamp, ':', 1), '.', '')::BIGINT AS ms,
               split_part(stamp, ':', 2)::BIGINT AS serial, type, role, body, {_CUT} AS cut
        FROM heads JOIN kinds USING (kind)
             JOIN hosts ON heads.node = hosts.node
                       AND heads.computer IS NOT DISTINCT FROM hosts.computer
        WHERE readable ORDER BY rid
        """
    )


def stage(con: duckdb.DuckDBPyConnection, lines: pd.DataFrame) -> Members:
    """Make ``parts`` of records, and say which belong together."""
    head(con, lines)
    found = con.sql(
        "SELECT rid, ms, hid, serial, item, type FROM records WHERE NOT cut ORDER BY rid"
    ).to_arrow_table()
    ms, hid, serial = (found[name].to_numpy() for name in ("ms", "hid", "serial"))
    order = np.lexsort((serial, hid, ms))  # stable: the evidence's order within an event
    ms, hid, serial = ms[order], hid[order], serial[order]
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = (ms[1:] != ms[:-1]) | (hid[1:] != hid[:-1]) | (serial[1:] != serial[:-1])
    at = np.flatnonzero(starts)
    # Events are numbered by time, then by where they begin in the evidence.
    by_place = np.lexsort((order[at], ms[at]))
    number = np.empty(len(at), dtype=np.int64)
    number[by_place] = np.arange(len(at))
    eid = np.empty(len(order), dtype=np.int64)
    eid[order] = number[np.cumsum(starts) - 1]
    con.register("numbered", pa.table({"rid": found["rid"], "eid": eid}))
    _parts(con)
    ends = np.append(at[1:], len(order))
    items = found["item"].to_numpy(zero_copy_only=False)[order]
    types = found["type"].to_numpy(zero_copy_only=False)[order]
    spans = list(zip(at[by_place].tolist(), ends[by_place].tolist(), strict=True))
    return Members(
        eid=np.arange(len(at)),
        first=items[at[by_place]],
        ids=_slices(items.tolist(), spans),
        types=_slices(types.tolist(), spans),
    )


def _parts(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``parts`` and ``events_of`` (ms, hid, serial by eid), each record once."""
    con.execute(
        """
        CREATE TEMP TABLE parts AS
        SELECT r.rid, n.eid, r.ms, r.hid, r.serial, r.type, r.role, r.body
        FROM records r JOIN numbered n USING (rid)
        """
    )
    # The same record from two sources: one may have lost the names that ENRICHED appends.
    key = "hash(eid, type, split_part(rtrim(body), chr(29), 1))"
    total, distinct = con.sql(f"SELECT count(*), count(DISTINCT {key}) FROM parts").fetchall()[0]
    if total != distinct:
        con.execute(
            f"""
            DELETE FROM parts WHERE rid NOT IN (
                SELECT min_by(rid, (length(split_part(body, chr(29), 2)) = 0, rid))
                FROM parts GROUP BY {key})
            """
        )


def _slices(values: list[Any], spans: list[tuple[int, int]]) -> np.ndarray[Any, Any]:
    cut = (values[start:end] for start, end in spans)
    return np.fromiter(cut, dtype=object, count=len(spans))


def _evidence_order(items: pa.Array) -> np.ndarray[Any, Any]:
    """Return each record's place: by file and line number where its id states them.

    Within one file, ids grow in length first and then as text, so that order is seen cheaply.
    """
    count = len(items)
    before, after = items[:-1], items[1:]
    longer = pc.greater(pc.binary_length(after), pc.binary_length(before))
    same = pc.equal(pc.binary_length(after), pc.binary_length(before))
    grows = pc.or_(longer, pc.and_(same, pc.greater_equal(after, before)))
    if count < 2 or pc.all(grows).as_py():
        return np.arange(count)
    parts = pd.Series(items.to_pandas(), dtype="str").str.extract(r"^(?s:(?P<file>.*)):(?P<line>\d{1,18})$")
    keys = pd.DataFrame(
        {
            "file": parts["file"].fillna(pd.Series(items.to_pandas())),
            "line": pd.to_numeric(parts["line"]).fillna(0),
        }
    )
    place = np.empty(count, dtype=np.int64)
    place[keys.sort_values(["file", "line"], kind="stable").index] = np.arange(count)
    return place
