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

from linuxhunt.parse.audit_values import uncollected
from linuxhunt.parse.proc_lives import BOOT, EXEC, EXIT, FAILED, FORK, NULL, Seen, lives
from linuxhunt.parse.proc_tree import depths
from linuxhunt.schema import STR, empty

__all__ = ["STALE", "processes"]

STALE = timedelta(hours=24)
"""A pid that nothing named for longer than this may have been handed out again."""

_FORKS = ("clone", "clone3", "fork", "vfork")
_CLONE_THREAD = 0x10000
_RESULTS = pd.array(["Success", "Failure"], dtype=STR)
_Columns = dict[str, "pd.Series[Any]"]
_NEEDED = (
    *("TimeGenerated", "DvcHostname", "serial", "pid", "auid", "uid", "euid", "ses", "tty"),
    *("comm", "exe", "cmdline", "argv", "cwd", "exit", "paths", "proctitle", "EventUid"),
    "RecordIds",
)


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
    if audit.empty:
        return empty("processes")
    serial = audit["serial"].to_numpy(dtype=np.int64, na_value=np.iinfo(np.int64).max)
    order = np.lexsort((serial, _ms(audit["TimeGenerated"])))
    with uncollected():
        found = lives(_seen(audit, order), round(stale.total_seconds() * 1000))
        rows = _rows(audit, order, _linked(found))
        if sessions is not None and len(sessions):
            rows["LogonSessionId"] = _sessions_of(rows, sessions)
        return rows


def _ms(times: pd.Series[Any]) -> np.ndarray[Any, Any]:
    return times.astype("int64").to_numpy() // 1_000_000


def _seen(audit: pd.DataFrame, order: np.ndarray[Any, Any]) -> Seen:
    """Return what the tree is made of; a thread that starts is no fork."""
    pid, ppid, ses, child = (
        audit[name].to_numpy(dtype=np.int64, na_value=NULL)
        for name in ("pid", "ppid", "ses", "exit")
    )
    call, type_, known = audit["syscall"], audit["type"], pid != NULL
    forks = known & call.isin(_FORKS).to_numpy() & (child > 0)
    flags = np.zeros(len(audit), dtype=np.int64)
    flags[forks] = [
        _hexadecimal(fields) if name == "clone" else 0
        for fields, name in zip(audit["fields"][forks], call[forks], strict=True)
    ]
    kind = np.zeros(len(audit), dtype=np.int8)
    kind[forks & (flags & _CLONE_THREAD == 0)] = FORK
    kind[known & (call.isin(["exit_group"]) | type_.isin(["ANOM_ABEND"])).to_numpy()] = EXIT
    executes = known & (call.isin(["execve", "execveat"]) | type_.isin(["AUOMS_EXECVE"])).to_numpy()
    failed = audit["success"].isin(["no"]).to_numpy()
    kind[executes] = np.where(failed[executes], FAILED, EXEC)
    kind[type_.isin(["SYSTEM_BOOT"]).to_numpy()] = BOOT
    names = audit["DvcHostname"].fillna("")
    host = pd.factorize(names.str.lower())[0].astype(np.int64)
    columns = (host, _ms(audit["TimeGenerated"]), pid, ppid, ses, child, flags, kind)
    return Seen(*(values[order] for values in columns))


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
    images, parent, previous = (found[name].to_numpy() for name in ("image", "parent", "previous"))
    row_of = np.full(images.max(initial=-1) + 2, -1)
    row_of[images[images >= 0]] = np.flatnonzero(images >= 0)
    row_of[-1] = -1
    parent, previous = row_of[parent], row_of[previous]
    kept = (found["kind"] != FORK).to_numpy()
    while not kept.all():
        above = np.unique(parent[kept & (parent >= 0)])
        above = above[~kept[above]]
        if not len(above):
            break
        kept[above] = True
    order = np.flatnonzero(kept)
    order = order[np.argsort(found["n"].to_numpy()[order], kind="stable")]
    place = np.full(len(found) + 1, -1)
    place[order] = np.arange(len(order))
    linked = {name: found[name].to_numpy()[order] for name in ("n", "kind", "ppid", "exit_n")}
    linked |= {"parent": place[parent[order]], "previous": place[previous[order]]}
    return pd.DataFrame(linked, copy=False)


def _rows(audit: pd.DataFrame, order: np.ndarray[Any, Any], linked: pd.DataFrame) -> pd.DataFrame:
    at = order[linked["n"].to_numpy()]
    event = {name: pd.Series(audit[name].array.take(at), copy=False) for name in _NEEDED}
    forked = (linked["kind"] == FORK).to_numpy()
    failed = (linked["kind"] == FAILED).to_numpy()
    parent, previous = linked["parent"].to_numpy(), linked["previous"].to_numpy()
    pid = event["pid"].where(~forked, event["exit"])
    guid = _guids(event, pid, forked)
    depth, root = depths(parent)
    exe, comm = event["exe"].copy(), event["comm"].copy()
    if failed.any():
        tried = _tried(event, failed)
        exe[failed] = tried.array
        comm[failed] = tried.str.extract(r"([^/]+)/*$", expand=False).array
    above = linked["ppid"].astype("Int64").where(linked["ppid"] != NULL)
    ended = linked["exit_n"].to_numpy()
    gone = audit[["TimeGenerated", "syscall", "fields"]].take(order[ended]).reset_index(drop=True)
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
            "ActingProcessId": above,
            "ActingProcessInferred": (parent < 0) & above.notna().to_numpy(),
            "ActorUserId": event["auid"],
            "TargetUserId": event["uid"],
            "EffectiveUserId": event["euid"],
            "LogonSessionId": pd.array([None], dtype=STR).take(np.zeros(len(at), dtype=np.int64)),
            "ActorSessionId": event["ses"],
            "Tty": event["tty"],
            "TargetProcessName": exe,
            "TargetProcessFilename": comm,
            "CommandLine": event["cmdline"].fillna(event["proctitle"]).where(~(forked | failed)),
            "Argv": event["argv"].where(~forked, None),
            "TargetProcessCurrentDirectory": event["cwd"].where(~forked),
            "EventResult": _RESULTS.take(failed.astype(np.int64)),
            "ExitCode": _codes(gone, exited),
            "Depth": pd.array(depth, dtype="Int64"),
            "RootGuid": _taken(guid, root),
            "EventUid": event["EventUid"],
            "RecordIds": event["RecordIds"],
        },
        copy=False,
    )


def _taken(guid: pd.Series[Any], at: np.ndarray[Any, Any]) -> pd.Series[Any]:
    if not (at >= 0).any():
        return pd.Series(pd.array([None], dtype=STR).take(np.zeros(len(at), dtype=np.int64)))
    return pd.Series(guid.array.take(at, allow_fill=True), copy=False)


def _tried(event: _Columns, failed: np.ndarray[Any, Any]) -> pd.Series[Any]:
    """Return the file that an execution that failed was to run: its first PATH, else argv[0]."""
    names = [
        paths[0].get("name") if paths else argv[0] if argv else None
        for paths, argv in zip(event["paths"][failed], event["argv"][failed], strict=True)
    ]
    return pd.Series(pd.array(names, dtype=STR))


def _codes(gone: pd.DataFrame, exited: pd.Series[Any]) -> pd.Series[Any]:
    codes = pd.Series(pd.NA, index=gone.index, dtype="Int64")
    by_itself = exited & (gone["syscall"] == "exit_group").fillna(False)
    codes[by_itself] = [_hexadecimal(fields) & 0xFF for fields in gone["fields"][by_itself]]
    return codes


def _guids(event: _Columns, pid: pd.Series[Any], forked: np.ndarray[Any, Any]) -> pd.Series[Any]:
    """Return a GUID of host, pid, time and serial (a fork and an exec may share the rest)."""
    made = pa.table(
        {
            "host": pa.array(event["DvcHostname"].fillna("")),
            "pid": pa.array(pid),
            "ms": _ms(event["TimeGenerated"]),
            "serial": pa.array(event["serial"]),
            "forked": forked,
        }
    )
    with duckdb.connect() as con:
        con.register("made", made)
        table = con.sql(
            """
            SELECT md5(concat_ws('|', lower(host), pid, ms, serial, forked)) AS hex FROM made
            """
        ).to_arrow_table()
    return pd.Series(pd.array(_dashed(table["hex"].combine_chunks()), dtype=STR))


def _dashed(hexes: pa.Array) -> pa.Array:
    """Write 32 digits each as a GUID; DuckDB's UUID takes longer than its MD5."""
    digits = np.frombuffer(hexes.buffers()[2] or b"", np.uint8)
    digits = digits[32 * hexes.offset :][: 32 * len(hexes)].reshape(-1, 32)
    made = np.full((len(digits), 36), ord("-"), np.uint8)
    for dashes, (start, end) in enumerate(((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))):
        made[:, start + dashes : end + dashes] = digits[:, start:end]
    bounds = np.arange(0, made.size + 1, 36)
    buffers = pa.py_buffer(bounds), pa.py_buffer(made)
    return pa.LargeStringArray.from_buffers(len(digits), *buffers)


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
                    "ms": _ms(rows["TimeGenerated"]),
                }
            ),
        )
        table = con.sql(
            """
            SELECT r.n, s.id FROM ran r ASOF LEFT JOIN (
                SELECT lower(coalesce("DvcHostname", '')) AS host,
                       "AuditSession" AS ses, "LogonSessionId" AS id,
                       start
                FROM known k WHERE "ParentSessionId" IS NULL OR NOT EXISTS (
                    SELECT 1 FROM known o WHERE o."LogonSessionId" = k."ParentSessionId"
                    AND o."AuditSession" = k."AuditSession")) s
            ON s.host = lower(coalesce(r.host, '')) AND s.ses = r.ses AND s.start <= r.ms
            ORDER BY r.n
            """
        ).to_arrow_table()
    ids: pd.Series[Any] = table["id"].to_pandas(types_mapper={pa.string(): STR}.get)
    return ids
