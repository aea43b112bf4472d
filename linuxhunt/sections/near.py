"""What else happened on a host at the time of something: events of all kinds in one frame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from linuxhunt.schema import STR, TIME
from linuxhunt.sections.finding import Tables

__all__ = ["KINDS", "near"]

KINDS = ("logons", "sudo", "cron", "accounts", "processes")
"""Kinds of events that :func:`near` reads."""

_COLUMNS: dict[str, Any] = {
    "TimeGenerated": TIME, "What": STR, "User": STR, "Address": STR, "Message": STR,
    "Names": STR, "EventUid": STR,
}  # fmt: skip


def near(
    tables: Tables, start: pd.Timestamp, end: pd.Timestamp, names: Iterable[str] = ()
) -> pd.DataFrame:
    """Put the events of a span of time into one frame.

    Cron's ordinary runs are left out; what a job ran is among the processes where they are seen.

    Args:
        tables: frames of KINDS; a kind that is absent is left out.
        start: first instant.
        end: last instant.
        names: users, addresses and commands to look out for, whole.

    Returns:
        TimeGenerated, What (``logon``, ``failed logon``, ``sudo``, ``cron``, ``account``,
        ``process``), User, Address, Message, Names (which of ``names`` the event states, null for
        none), EventUid; by time.
    """
    parts = [_part(kind, _between(tables[kind], start, end)) for kind in KINDS if kind in tables]
    held = [part for part in parts if len(part)]
    if not held:
        return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in _COLUMNS.items()})
    frame = pd.concat(held, ignore_index=True)
    wanted = [name for name in dict.fromkeys(names) if name]
    named = pd.Series(pd.NA, index=frame.index, dtype=STR)
    for name in wanted:
        hit = (frame["User"] == name) | (frame["Address"] == name) | (frame["Message"] == name)
        hit = hit.fillna(False).astype(bool)
        named = named.where(~hit, (named + ", ").fillna("") + name)
    frame["Names"] = named
    frame = frame[list(_COLUMNS)].astype(_COLUMNS)
    return frame.sort_values("TimeGenerated", kind="stable").reset_index(drop=True)


def _between(frame: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    time = frame["TimeGenerated"]
    return frame[(time >= start) & (time <= end)]


def _part(kind: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Bring the rows of one kind into the common columns."""
    if kind == "cron":
        rows = rows[rows["EventType"] != "Run"]
    none = pd.Series(pd.NA, index=rows.index, dtype=STR)
    what: Any = {"sudo": "sudo", "cron": "cron", "accounts": "account"}.get(kind, "process")
    address, user, message = none, none, none
    match kind:
        case "logons":
            what = rows["EventResult"].map({"Success": "logon", "Failure": "failed logon"})
            user, address = rows["TargetUsername"], rows["SrcIpAddr"]
            message = rows["EventMessage"]
        case "sudo":
            user, message = rows["ActorUsername"], rows["CommandLine"]
        case "cron":
            user = rows["ActorUsername"].fillna(rows["TargetUsername"])
            message = (rows["EventType"] + " " + rows["CommandLine"].fillna("")).str.strip()
        case "accounts":
            user = rows["TargetUsername"]
            message = rows["EventMessage"].fillna(rows["EventType"])
        case _:
            message = rows["CommandLine"].fillna(rows["TargetProcessName"])
    return pd.DataFrame(
        {
            "TimeGenerated": rows["TimeGenerated"], "What": what, "User": user,
            "Address": address, "Message": message, "EventUid": rows["EventUid"],
        }
    )  # fmt: skip
