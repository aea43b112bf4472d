"""Audit events -> processes: what was executed, by whom, under which parent.

One row an image: a successful execution, an execution that failed, or a fork that did not
execute anything before it became a parent itself. Microsoft's ASIM ProcessEvent gives the names.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.schema import STR, conform, empty

from .audit_values import uncollected
from .proc_lives import lives
from .proc_tree import depths

__all__ = ["STALE", "processes"]

STALE = timedelta(hours=24)
"""A pid that nothing named for longer than this may have been handed out again."""

_FORKS = ("clone", "clone3", "fork", "vfork")
_CLONE_THREAD = 0x10000

_SEEN = """
CREATE TEMP TABLE seen AS
SELECT n, lower(host) AS host, ms, serial, pid, ppid, ses, child, flags,
       CASE WHEN type = 'SYSTEM_BOOT' THEN 'boot'
            WHEN pid IS NULL THEN NULL
            WHEN syscall IN ('execve', 'execveat') OR type = 'AUOMS_EXECVE'
            THEN CASE WHEN success = 'no' THEN 'failed' ELSE 'exec' END
            WHEN syscall = 'exit_group' OR type = 'ANOM_ABEND' THEN 'exit'
            WHEN child IS NOT NULL THEN 'fork' END AS kind
FROM events
"""


def processes(
    audit: pd.DataFrame, sessions: pd.DataFrame | None = None, *, stale: timedelta = STALE
) -> pd.DataFrame:
    """Return the processes that audit events tell of.

    Args:
        audit: ``EVENTS["audit"]``, of any number of hosts.
        sessions: ``EVENTS["sessions"]``; gives LogonSessionId, by host, audit session and time.
        stale: how long a pid may go unnamed and still be taken for the same process.

    Returns:
        ``EVENTS["processes"]`` in order of time. TargetProcessGuid is made of host, pid, time
        and serial, so it is the same in every run. TargetProcessName is ``exe``; of a failed
        execution, the file that was tried. CommandLine is the arguments joined by blanks, else
        the process title, which the kernel cuts at 128 bytes. ActingProcessId is the parent's
        pid when the process began. ActingProcessInferred is true where that pid is all that is
        known of the parent: ActingProcessGuid is null then. EventEndTime and ExitCode are those
        of exit_group, at the last image of a process. A crash (ANOM_ABEND) ends it too.
    """
    wanted = audit.reset_index(drop=True)
    if wanted.empty:
        return empty("processes")
    wanted = wanted.sort_values(["TimeGenerated", "serial"], kind="stable", ignore_index=True)
    with uncollected():
        with duckdb.connect() as con:
            con.register("events", _events(wanted))
            con.execute(_SEEN)
            found = lives(con, stale).df()
        rows = _rows(wanted, _linked(found))
        if sessions is not None and len(sessions):
            rows["LogonSessionId"] = _sessions_of(rows, sessions)
        return conform(rows, "processes")


def _events(audit: pd.DataFrame) -> pa.Table:
    """Return the plain columns that the tree is made of, and a fork's child and flags."""
    forks = (audit["syscall"].isin(_FORKS) & (audit["exit"] > 0).fillna(False)).to_numpy()
    flags = np.zeros(len(audit), dtype=np.int64)
    flags[forks] = [
        _hexadecimal(fields) if call == "clone" else 0
        for fields, call in zip(audit["fields"][forks], audit["syscall"][forks], strict=True)
    ]
    child = audit["exit"].where(forks & (flags & _CLONE_THREAD == 0))
    plain = {name: pa.array(audit[name]) for name in ("serial", "pid", "ppid", "ses")}
    text = {name: pa.array(audit[name]) for name in ("type", "syscall", "success")}
    return pa.table(
        {
            "n": np.arange(len(audit)),
            "host": pa.array(audit["DvcHostname"].fillna("")),
            "ms": audit["TimeGenerated"].astype("int64").to_numpy() // 1_000_000,
            "child": pa.array(child),
            "flags": flags,
            **plain,
            **text,
        }
    )


def _hexadecimal(fields: dict[str, Any] | None) -> int:
    """Return the first argument of a system call, 0 where it is not there."""
    try:
        return int((fields or {}).get("a0", "0"), 16) & 0xFFFFFFFF
    except (TypeError, ValueError):
        return 0


def _linked(found: pd.DataFrame) -> pd.DataFrame:
    """Keep executions, and those forks that are a parent of what is kept.

    Returns:
        n, kind, ppid, exit_n, and parent and previous as row numbers (-1 for none), by time.
    """
    images = found["image"].to_numpy(dtype=float, na_value=-1).astype(np.int64)
    parent = found["parent"].to_numpy(dtype=float, na_value=-1).astype(np.int64)
    previous = found["previous"].to_numpy(dtype=float, na_value=-1).astype(np.int64)
    row_of = np.full(images.max(initial=-1) + 2, -1)
    row_of[images[images >= 0]] = np.flatnonzero(images >= 0)
    row_of[-1] = -1
    parent, previous = row_of[parent], row_of[previous]
    kept = (found["kind"] != "fork").to_numpy()
    while True:
        above = np.unique(parent[kept & (parent >= 0)])
        above = above[~kept[above]]
        if not len(above):
            break
        kept[above] = True
    order = np.flatnonzero(kept)
    order = order[np.argsort(found["n"].to_numpy()[order], kind="stable")]
    place = np.full(len(found) + 1, -1)
    place[order] = np.arange(len(order))
    linked = found.loc[order, ["n", "kind", "ppid", "exit_n"]].reset_index(drop=True)
    linked["parent"] = place[parent[order]]
    linked["previous"] = place[previous[order]]
    return linked


def _rows(audit: pd.DataFrame, linked: pd.DataFrame) -> pd.DataFrame:
    at = linked["n"].to_numpy(dtype=np.int64)
    event = audit.iloc[at].reset_index(drop=True)
    forked = (linked["kind"] == "fork").to_numpy()
    failed = (linked["kind"] == "failed").to_numpy()
    parent, previous = linked["parent"].to_numpy(), linked["previous"].to_numpy()
    pid = event["pid"].where(~forked, event["exit"])
    guid = _guids(event, pid, forked)
    depth, root = depths(parent)
    tried = _tried(event, failed)
    ended = linked["exit_n"].to_numpy(dtype=float, na_value=-1).astype(np.int64)
    gone = audit.iloc[ended].reset_index(drop=True)
    exited = pd.Series(ended >= 0)
    return pd.DataFrame(
        {
            "TargetProcessGuid": guid,
            "ActingProcessGuid": _taken(guid, parent),
            "PreviousProcessGuid": _taken(guid, previous),
            "TimeGenerated": event["TimeGenerated"],
            "EventEndTime": gone["TimeGenerated"].where(exited),
            "DvcHostname": event["DvcHostname"],
            "TargetProcessId": pid,
            "ActingProcessId": linked["ppid"].astype("Int64"),
            "ActingProcessInferred": (parent < 0) & linked["ppid"].notna().to_numpy(),
            "ActorUserId": event["auid"],
            "TargetUserId": event["uid"],
            "EffectiveUserId": event["euid"],
            "ActorSessionId": event["ses"],
            "Tty": event["tty"],
            "TargetProcessName": event["exe"].where(~failed, tried),
            "TargetProcessFilename": event["comm"].where(
                ~failed, tried.str.extract(r"([^/]+)/*$", expand=False)
            ),
            "CommandLine": event["cmdline"].fillna(event["proctitle"]).where(~(forked | failed)),
            "Argv": event["argv"].where(~forked, None),
            "TargetProcessCurrentDirectory": event["cwd"].where(~forked),
            "EventResult": np.where(failed, "Failure", "Success"),
            "ExitCode": _codes(gone, exited),
            "Depth": depth,
            "RootGuid": _taken(guid, root),
            "EventUid": event["EventUid"],
            "RecordIds": event["RecordIds"],
        }
    )


def _taken(guid: pd.Series[Any], at: np.ndarray[Any, Any]) -> pd.Series[Any]:
    return guid.reindex(np.where(at >= 0, at, len(guid))).reset_index(drop=True)


def _tried(event: pd.DataFrame, failed: np.ndarray[Any, Any]) -> pd.Series[Any]:
    """Return the file that an execution that failed was to run: its first PATH, else argv[0]."""
    tried = pd.Series(np.nan, index=event.index, dtype=STR)
    names = [
        paths[0].get("name") if paths else argv[0] if argv else None
        for paths, argv in zip(event["paths"][failed], event["argv"][failed], strict=True)
    ]
    tried[failed] = pd.array(names, dtype=STR)
    return tried


def _codes(gone: pd.DataFrame, exited: pd.Series[Any]) -> pd.Series[Any]:
    codes = pd.Series(pd.NA, index=gone.index, dtype="Int64")
    by_itself = exited & (gone["syscall"] == "exit_group").fillna(False)
    codes[by_itself] = [_hexadecimal(fields) & 0xFF for fields in gone["fields"][by_itself]]
    return codes


def _guids(
    event: pd.DataFrame, pid: pd.Series[Any], forked: np.ndarray[Any, Any]
) -> pd.Series[Any]:
    """Return a GUID of host, pid, time and serial (a fork and an exec may share the rest)."""
    made = pa.table(
        {
            "n": np.arange(len(event)),
            "host": pa.array(event["DvcHostname"].fillna("")),
            "pid": pa.array(pid),
            "ms": event["TimeGenerated"].astype("int64").to_numpy() // 1_000_000,
            "serial": pa.array(event["serial"]),
            "forked": forked,
        }
    )
    with duckdb.connect() as con:
        con.register("made", made)
        table = con.sql(
            """
            SELECT n, md5[:8] || '-' || md5[9:12] || '-' || md5[13:16] || '-' || md5[17:20] || '-'
                   || md5[21:32] AS guid
            FROM (SELECT n, md5(concat_ws('|', lower(host), pid, ms, serial, forked)) AS md5
                  FROM made) ORDER BY n
            """
        ).to_arrow_table()
    return pd.Series(table["guid"].to_pandas(), dtype=STR)


def _sessions_of(rows: pd.DataFrame, sessions: pd.DataFrame) -> pd.Series[Any]:
    """Return each process's session: the last of its audit session that had begun by then.

    Audit numbers sessions from 1 after every boot, so time decides between equal numbers. A
    session opens shortly after its number is set, and what it leaves running outlives it. Of
    sessions within one another (su in ssh) the outermost counts.
    """
    with duckdb.connect() as con:
        known = sessions[sessions["AuditSession"].notna()]
        con.register(
            "known",
            known[["LogonSessionId", "ParentSessionId", "DvcHostname", "AuditSession"]].assign(
                start=known["EventStartTime"].astype("int64") // 1_000_000 - 60_000
            ),
        )
        con.register(
            "ran",
            pa.table(
                {
                    "n": np.arange(len(rows)),
                    "host": pa.array(rows["DvcHostname"]),
                    "ses": pa.array(rows["ActorSessionId"]),
                    "ms": rows["TimeGenerated"].astype("int64").to_numpy() // 1_000_000,
                }
            ),
        )
        table = con.sql(
            """
            SELECT r.n, s.id FROM ran r ASOF LEFT JOIN (
                SELECT lower("DvcHostname") AS host, "AuditSession" AS ses, "LogonSessionId" AS id,
                       start
                FROM known k WHERE "ParentSessionId" IS NULL OR NOT EXISTS (
                    SELECT 1 FROM known o WHERE o."LogonSessionId" = k."ParentSessionId"
                    AND o."AuditSession" = k."AuditSession")) s
            ON s.host = lower(r.host) AND s.ses = r.ses AND s.start <= r.ms ORDER BY r.n
            """
        ).to_arrow_table()
    return pd.Series(table["id"].to_pandas(), dtype=STR)
