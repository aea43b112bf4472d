"""The tables: events as columns and types, and the Log Analytics tables they come from.

Event columns carry the names of Microsoft's Advanced Security Information Model (ASIM) where it
has one. Types are pandas dtypes:

==========  =====================================================================
``str``     ``pandas.StringDtype("pyarrow", na_value=nan)``; null is null, never ""
``Int64``   nullable integer (ids, ports, counts)
``time``    ``datetime64[ns, UTC]``, null is ``NaT``
``bool``    ``bool`` without nulls
``list``    ``object`` of Python lists; null is ``None``
``map``     ``object`` of Python dicts, text to JSON value; null is ``None``
==========  =====================================================================

The Log Analytics tables (:data:`TABLES`, in tables.json) are those of Microsoft's public table
reference for a Linux host, as of 2026; ``LinuxJournal_CL`` (a journal entry's trusted fields,
in journald's own names), ``LinuxLogin_CL`` (wtmp, btmp, utmp, lastlog records),
``LinuxEvidence_CL`` (the account of what was read) and ``LinuxReject_CL`` (the lines that were
not understood) are ours, and exist in a local case only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["DUCKDB_TYPES", "EVENTS", "STR", "TABLES", "TIME", "conform", "empty", "in_order"]

STR = pd.StringDtype("pyarrow", na_value=np.nan)
TIME = pd.DatetimeTZDtype("ns", "UTC")

TABLES: dict[str, dict[str, str]] = json.loads(
    files(__package__).joinpath("tables.json").read_text("utf-8")
)
"""Table -> column -> KQL type (``string``, ``datetime``, ``int``, ``long``, ``real``, ``bool``,
``dynamic``, ``guid``), in the order of Microsoft's reference."""

DUCKDB_TYPES: dict[str, str] = {
    "string": "VARCHAR",
    "guid": "VARCHAR",
    "datetime": "TIMESTAMP",  # naive UTC: bin() of a TIMESTAMPTZ would come back naive
    "int": "INTEGER",
    "long": "BIGINT",
    "real": "DOUBLE",
    "decimal": "DOUBLE",
    "bool": "BOOLEAN",  # never null in a case: the Kusto client would turn null into False
    "dynamic": "JSON",
}


def _columns(text: str) -> dict[str, str]:
    """Read ``name name:type`` words; a word without a type is ``str``."""
    pairs = (word.partition(":")[::2] for word in text.split())
    return {name: kind or "str" for name, kind in pairs}


_AUTH = """
    TimeGenerated:time DvcHostname EventType EventSubType EventResult EventResultDetails
    EventOriginalResultDetails EventCount:Int64 TargetUsername TargetUserId:Int64 ActorUsername
    ActorUserId:Int64 SrcIpAddr SrcPortNumber:Int64 SrcHostname LogonProtocol LogonMethod
    LogonMethodOriginal KeyFingerprint TargetAppName TargetAppId:Int64 AdditionalFields:map
    EventMessage EventUid
"""

EVENTS: dict[str, dict[str, str]] = {
    "auth": _columns(_AUTH),
    "logons": _columns(_AUTH + "AttemptIndex:Int64 RefusedKeys:Int64 RecordIds:list"),
    "sessions": _columns("""
        LogonSessionId ParentSessionId DvcHostname TargetUsername TargetUserId:Int64 ActorUsername
        SrcIpAddr SrcPortNumber:Int64 SrcHostname LogonProtocol LogonMethod KeyFingerprint
        EventStartTime:time EventEndTime:time EndReason TargetAppName TargetAppId:Int64
        LogindSession AuditSession:Int64 Tty ChannelCount:Int64 Witnesses:list EventUid
        RecordIds:list
    """),
    "sudo": _columns("""
        TimeGenerated:time DvcHostname ActorUsername TargetUsername TargetGroupName CommandLine
        TargetProcessCurrentDirectory Tty EventResult EventResultDetails
        EventOriginalResultDetails EventCount:Int64 TargetAppId:Int64 LogonSessionId EventUid
        RecordIds:list
    """),
    "cron": _columns("""
        TimeGenerated:time DvcHostname TargetUsername ActorUsername EventType EventResult
        CommandLine TargetAppId:Int64 EventUid
    """),
    "accounts": _columns("""
        TimeGenerated:time DvcHostname EventType EventSubType EventResult TargetUsername
        TargetUserId:Int64 GroupName GroupId:Int64 ActorUsername PreviousPropertyValue
        NewPropertyValue ActingAppName ActingAppId:Int64 AdditionalFields:map EventMessage
        EventUid RecordIds:list
    """),
    "audit": _columns("""
        TimeGenerated:time DvcHostname serial:Int64 type types:list success res pid:Int64
        ppid:Int64 auid:Int64 uid:Int64 gid:Int64 euid:Int64 suid:Int64 fsuid:Int64 egid:Int64
        ses:Int64 tty comm exe cmdline argv:list cwd syscall arch exit:Int64 errno key acct addr
        hostname terminal op paths:list sockaddr:map proctitle fields:map EventUid RecordIds:list
    """),
    "processes": _columns("""
        TargetProcessGuid ActingProcessGuid PreviousProcessGuid TimeGenerated:time
        EventEndTime:time DvcHostname TargetProcessId:Int64 ActingProcessId:Int64
        ActingProcessInferred:bool ActorUserId:Int64 TargetUserId:Int64 EffectiveUserId:Int64
        LogonSessionId ActorSessionId:Int64 Tty TargetProcessName TargetProcessFilename
        CommandLine Argv:list TargetProcessCurrentDirectory EventResult ExitCode:Int64 Depth:Int64
        RootGuid EventUid RecordIds:list
    """),
    "flows": _columns("""
        EventStartTime:time EventEndTime:time DvcHostname SrcIpAddr SrcPortNumber:Int64 DstIpAddr
        DstPortNumber:Int64 NetworkProtocol NetworkApplicationProtocol NetworkDirection DvcAction
        SrcBytes:Int64 DstBytes:Int64 SrcPackets:Int64 DstPackets:Int64 NetworkDuration:Int64
        EventCount:Int64 RemoteIpAddr LogonSessionId TargetProcessGuid TargetProcessName
        TargetProcessId:Int64 EventProduct EventUid
    """),
    "findings": _columns("""
        FindingId Section Title EventSeverity AttackTechniques:list Reason EventStartTime:time
        EventEndTime:time DvcHostname TargetUsername SrcIpAddr LogonSessionId TargetProcessGuid
        CommandLine EvidenceCount:Int64 RecordIds:list
    """),
}
"""Event kind -> column -> type. Columns may be added at the end, never renamed or moved."""

_DTYPES: Mapping[str, Any] = {
    "str": STR,
    "Int64": pd.Int64Dtype(),
    "time": TIME,
    "bool": np.dtype(bool),
    "list": np.dtype(object),
    "map": np.dtype(object),
}


def empty(kind: str) -> pd.DataFrame:
    """Return a frame of no rows with the columns and types of ``kind`` (a key of EVENTS)."""
    return pd.DataFrame(
        {name: pd.Series([], dtype=_DTYPES[type_]) for name, type_ in EVENTS[kind].items()}
    )


def conform(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Give a frame the columns, order and types of ``kind``; missing columns become null.

    Args:
        frame: any frame; columns that ``kind`` does not have are dropped. Naive times are UTC.
        kind: a key of EVENTS.

    Returns:
        A new frame with a fresh index 0..n-1.
    """
    return pd.DataFrame({name: _column(frame, name, type_) for name, type_ in EVENTS[kind].items()})


def _column(frame: pd.DataFrame, name: str, type_: str) -> pd.Series[Any]:
    if name not in frame:
        fill: Any = False if type_ == "bool" else None
        nulls: pd.Series[Any] = pd.Series([fill] * len(frame), dtype=_DTYPES[type_])
        return nulls
    values = frame[name].reset_index(drop=True)
    match type_:
        case "time":
            return pd.to_datetime(values, utc=True).astype(TIME)
        case "bool":
            return values.fillna(False).astype(bool)
        case "list" | "map":
            return values.astype(object).where(values.notna(), None)
        case _:
            return values.astype(_DTYPES[type_])


def in_order(frame: pd.DataFrame, times: Iterable[str], uid: str = "EventUid") -> pd.DataFrame:
    """Sort rows by time (the first of ``times`` that is known), then file, then line number.

    Args:
        frame: rows with the columns named.
        times: time columns, the first that is not null counts; rows without any come last.
        uid: the column of record ids, ``<path>:<line>``; ids of another form sort as text.

    Returns:
        A sorted frame with a fresh index 0..n-1.
    """
    when = pd.Series(pd.NaT, index=frame.index, dtype=TIME)
    for name in times:
        when = when.fillna(frame[name])
    parts = frame[uid].astype(STR).str.extract(r"^(?s:(?P<file>.*)):(?P<line>\d{1,18})$")
    keys = pd.DataFrame(
        {
            "when": when,
            "file": parts["file"].fillna(frame[uid].astype(STR)),
            "line": parts["line"].astype("Int64").fillna(0),
        }
    )
    order = keys.sort_values(["when", "file", "line"], kind="stable").index
    return frame.loc[order].reset_index(drop=True)
