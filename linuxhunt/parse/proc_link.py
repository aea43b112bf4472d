"""What process frames of all sources share: guids, depth and root, one frame of several.

Defender and Sysmon name the parent in the child's own row. Where they name what tells it apart
from others of its pid (a start, a guid), and no row of theirs shows it executing, it gets a row
all the same: EventResult ``NA``, EventUid of the first record that names it, TimeGenerated when it
began, be that before the window. A parent known only by its pid gets none, as in audit's frame.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.parse.engine import nanoseconds
from linuxhunt.parse.proc_tree import depths
from linuxhunt.schema import STR, conform, empty, in_order

__all__ = ["GUID", "NAMED", "Window", "bounds", "instants", "merged", "rooted", "taken"]

GUID = """
CREATE MACRO guid_of(text) AS (
    SELECT md5[:8] || '-' || md5[9:12] || '-' || md5[13:16] || '-' || md5[17:20] || '-' || md5[21:]
    FROM (SELECT md5(text) AS md5))
"""
"""A guid made of a text, in the form of those of audit's processes."""

NAMED = "NA"
"""EventResult of a process that was named as a parent, not seen executing."""

Window = tuple[pd.Timestamp, pd.Timestamp]
"""First instant, and first instant after."""

_Array = np.ndarray[Any, Any]

# Executions that two sources saw are at most this far apart, in nanoseconds.
_APART = 2_000_000_000
# The kernel cuts a process title at 128 bytes, Sysmon and syslog cut elsewhere: two command lines
# of which the shorter is at least this long are one where it begins the other.
_CUT = 100

_LENT = (
    "EventEndTime",
    "TargetUserId",
    "ActorSessionId",
    "LogonSessionId",
    "CommandLine",
    "TargetProcessCurrentDirectory",
)
"""What a row takes from another source's of the same execution where it is null."""

_PAIRS = """
WITH near AS (
    SELECT a.n AS base, b.n AS other, abs(a.ns - b.ns) AS apart
    FROM base a JOIN other b ON a.host = b.host AND a.pid = b.pid
    WHERE apart <= {apart} AND CASE
        WHEN a.command IS NULL OR b.command IS NULL OR a.command = '' OR b.command = ''
        THEN a.file = b.file
        WHEN least(length(a.command), length(b.command)) >= {cut}
        THEN starts_with(a.command, b.command) OR starts_with(b.command, a.command)
        ELSE a.command = b.command END),
first AS (
    SELECT * FROM near QUALIFY row_number() OVER (PARTITION BY other ORDER BY apart, base) = 1)
SELECT base, other FROM first
QUALIFY row_number() OVER (PARTITION BY base ORDER BY apart, other) = 1
"""


def taken(values: pd.Series[Any], at: np.ndarray[Any, Any]) -> pd.Series[Any]:
    """Return values by place, null where the place is negative."""
    return values.reset_index(drop=True).reindex(np.where(at >= 0, at, -1)).reset_index(drop=True)


def bounds(window: Window | None) -> tuple[int, int]:
    """Return a window in nanoseconds since 1970; None is all the time there is."""
    if window is None:
        return -(2**63) + 1, 2**63 - 1
    return window[0].as_unit("ns").value, window[1].as_unit("ns").value


def instants(ns: pd.Series[Any]) -> pd.Series[Any]:
    """Return nanoseconds since 1970 as times in UTC."""
    return pd.to_datetime(ns.astype("Int64"), unit="ns", utc=True)


def rooted(rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``EVENTS["processes"]`` in order of time, with Depth and RootGuid as audit's are.

    A parent that has no row is not seen: its guid becomes null, and it is inferred where its pid
    is known. So it is where parents go round in a circle, which only a forged record can state.
    """
    frame = in_order(conform(rows, "processes"), ("TimeGenerated",))
    guids = pd.Index(frame["TargetProcessGuid"])
    parent = guids.get_indexer(pd.Index(frame["ActingProcessGuid"]))
    while True:
        above = np.where(parent >= 0, parent, np.arange(len(parent)))
        for _ in range(len(parent).bit_length() + 1):
            above = above[above]
        round_ = np.unique(above[parent[above] >= 0]) if len(parent) else above
        if not len(round_):
            break
        parent[round_[parent[round_] >= round_]] = -1  # the link that goes forward in time
    depth, root = depths(parent)
    frame["ActingProcessGuid"] = taken(frame["TargetProcessGuid"], parent)
    frame["ActingProcessInferred"] = (parent < 0) & frame["ActingProcessId"].notna().to_numpy()
    frame["Depth"] = pd.array(depth, dtype="Int64")
    frame["RootGuid"] = taken(frame["TargetProcessGuid"], root)
    return frame


def merged(*frames: pd.DataFrame) -> pd.DataFrame:
    """Return the processes of several sources as one frame.

    An execution that an earlier source saw (same host and pid, within two seconds, the same
    command but for quotes and blanks, else the same file) is one row: the earlier source's, which
    takes from the later what it lacks: its parent, session, exit, working directory, and record
    ids. A parent that only a later source names is the one that the earlier source shows above
    the same child.

    Args:
        frames: ``EVENTS["processes"]``, the one that is to be believed first.
    """
    held = [frame for frame in frames if len(frame)]
    if not held:
        return empty("processes")
    result = held[0]
    for frame in held[1:]:
        result = _joined(result.reset_index(drop=True), frame.reset_index(drop=True))
    return result


def _joined(base: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    with duckdb.connect() as con:
        con.register("base", _keys(base))
        con.register("other", _keys(other))
        pairs = con.sql(_PAIRS.format(apart=_APART, cut=_CUT)).df()
    if pairs.empty:
        return rooted(pd.concat([base, other], ignore_index=True))
    same = _same(base, other, pairs["base"].to_numpy(), pairs["other"].to_numpy())
    held = np.flatnonzero(same >= 0)
    guids = pd.Series(
        base["TargetProcessGuid"].to_numpy()[same[held]],
        other["TargetProcessGuid"].to_numpy()[held],
    )
    both = pd.concat([_filled(base, other, same), other[same < 0]], ignore_index=True)
    for name in ("ActingProcessGuid", "PreviousProcessGuid"):
        both[name] = both[name].map(guids).astype(STR).fillna(both[name])
    return rooted(_needed(both))


def _same(base: pd.DataFrame, other: pd.DataFrame, mine: _Array, theirs: _Array) -> _Array:
    """Return for each of the later source's rows the earlier one's that is the same, or -1.

    From the executions that both saw, those above them that the later source only names follow:
    one child has one parent.
    """
    up_base, up_other = (
        pd.Index(frame["TargetProcessGuid"]).get_indexer(pd.Index(frame["ActingProcessGuid"]))
        for frame in (base, other)
    )
    pid_base, pid_other = (
        frame["TargetProcessId"].to_numpy(dtype=float, na_value=-1) for frame in (base, other)
    )
    named = (other["EventResult"] == NAMED).to_numpy(dtype=bool)
    same = np.full(len(other), -1)
    same[theirs] = mine
    while len(theirs):
        above, below = up_other[theirs], up_base[same[theirs]]
        known = (above >= 0) & (below >= 0)
        known &= named[above] & (same[above] < 0) & (pid_other[above] == pid_base[below])
        theirs, first = np.unique(above[known], return_index=True)
        same[theirs] = below[known][first]
    return same


def _keys(frame: pd.DataFrame) -> pa.Table:
    """Return what executions that succeeded are told apart by, under their row numbers."""
    ran = (frame["EventResult"] == "Success") & frame["TargetProcessId"].notna()
    rows = frame[ran.fillna(False)]
    return pa.table(
        {
            "n": rows.index.to_numpy(),
            "host": pa.array(rows["DvcHostname"].fillna("").str.lower()),
            "pid": pa.array(rows["TargetProcessId"]),
            "ns": pa.array(nanoseconds(rows["TimeGenerated"])),
            "command": pa.array(rows["CommandLine"].str.replace(r"[\s\"'\\]+", "", regex=True)),
            "file": pa.array(rows["TargetProcessName"]),
        }
    )


def _filled(base: pd.DataFrame, other: pd.DataFrame, same: _Array) -> pd.DataFrame:
    """Return the earlier source's rows, with what only the later one knows of the same ones."""
    base = base.copy()
    saw = (other["EventResult"] != NAMED).to_numpy(dtype=bool)
    named, seen = np.flatnonzero((same >= 0) & ~saw), np.flatnonzero((same >= 0) & saw)
    at = np.full(len(base), -1)
    at[same[named]] = named
    at[same[seen]] = seen
    pid = taken(other["ActingProcessId"], at)
    base["ActingProcessId"] = base["ActingProcessId"].fillna(pid)
    agreed = (base["ActingProcessId"] == pid).fillna(False)
    found = taken(other["ActingProcessGuid"], at).where(agreed)
    base["ActingProcessGuid"] = base["ActingProcessGuid"].fillna(found)
    for name in _LENT:
        base[name] = base[name].fillna(taken(other[name], at))
    ids, more = (frame["RecordIds"].to_numpy(dtype=object, copy=True) for frame in (base, other))
    ids[same[seen]] = [
        [*(a or []), *(b or [])] for a, b in zip(ids[same[seen]], more[seen], strict=True)
    ]
    base["RecordIds"] = ids
    return base


def _needed(rows: pd.DataFrame) -> pd.DataFrame:
    """Drop processes that were only named, and that no row has for its parent any more."""
    while True:
        used = rows["TargetProcessGuid"].isin(
            pd.concat([rows["ActingProcessGuid"], rows["PreviousProcessGuid"]]).dropna()
        )
        idle = (rows["EventResult"] == NAMED).fillna(False) & ~used
        if not idle.any():
            return rows
        rows = rows[~idle].reset_index(drop=True)
