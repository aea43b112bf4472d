"""Who made a change of an account or a crontab, as far as anything tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from linuxhunt.schema import STR
from linuxhunt.sections.finding import Tables
from linuxhunt.sections.people import by_time, fold, folded, of_people, tops

__all__ = ["makers"]

_BY_PID, _BY_SUDO = pd.Timedelta(minutes=10), pd.Timedelta(minutes=2)
_EARLY = pd.Timestamp("1970-01-01", tz="UTC")


def makers(changes: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Tell who made changes of accounts or crontabs.

    Args:
        changes: rows with TimeGenerated, DvcHostname, ActorUsername, a program's name and pid
            (ActingAppName and ActingAppId, or TargetAppId of cron) and TargetUsername.
        tables: ``processes``, ``sudo`` and ``sessions``; what is absent tells nothing.

    Returns:
        A frame of the same index: Maker (user), MakerSession, How: ``pid`` (the process is of that
        session, as its execution or audit's number of the session says), ``sudo`` (that command,
        within two minutes before), ``said`` (the log names the user, no session), ``time`` (the
        only session of root's then, which proves nothing); all null where nobody can be told.
    """
    found = pd.DataFrame(
        {name: pd.Series(None, index=changes.index, dtype=STR)
         for name in ("Maker", "MakerSession", "How")}
    )  # fmt: skip
    if changes.empty:
        return found
    sessions = tables.get("sessions")
    users: dict[str, Any] = {}
    if sessions is not None:
        users = dict(zip(sessions["LogonSessionId"], sessions["TargetUsername"], strict=True))
        above = tops(sessions)
        users = {session: users.get(above[session]) for session in users}
    pid = "ActingAppId" if "ActingAppId" in changes else "TargetAppId"
    by_pid = _by_number(changes, sessions) | _by_pid(changes, pid, tables.get("processes"))
    sudo = by_time(tables["sudo"]) if "sudo" in tables else None
    for place, row in zip(changes.index, changes.to_dict("records"), strict=True):
        session = by_pid.get(place)
        told = (users.get(session), session, "pid") if session else None
        told = told or _by_sudo(row, sudo) or _by_name(row) or _by_hour(row, sessions, users)
        if told is not None:
            found.loc[place] = list(told)
    return found.astype(STR)


def _by_pid(changes: pd.DataFrame, pid: str, processes: pd.DataFrame | None) -> dict[Any, str]:
    if processes is None or processes.empty or changes.empty:
        return {}
    ran = processes[processes["LogonSessionId"].notna() & processes["TargetProcessId"].notna()]
    asked = changes[changes[pid].notna() & changes["TimeGenerated"].notna()]
    if ran.empty or asked.empty:
        return {}
    left = pd.DataFrame(
        {"TimeGenerated": asked["TimeGenerated"] + pd.Timedelta(seconds=1),
         "host": folded(asked["DvcHostname"]), "pid": asked[pid].astype("int64"),
         "place": asked.index}
    ).sort_values("TimeGenerated", kind="stable")  # fmt: skip
    right = pd.DataFrame(
        {"TimeGenerated": ran["TimeGenerated"], "host": folded(ran["DvcHostname"]),
         "pid": ran["TargetProcessId"].astype("int64"), "session": ran["LogonSessionId"]}
    ).sort_values("TimeGenerated", kind="stable")  # fmt: skip
    near = pd.merge_asof(left, right, on="TimeGenerated", by=["host", "pid"], tolerance=_BY_PID)
    near = near[near["session"].notna()]
    return dict(zip(near["place"], near["session"], strict=True))


def _by_number(changes: pd.DataFrame, sessions: pd.DataFrame | None) -> dict[Any, str]:
    """The session that had audit's number then; numbers begin again when a host does."""
    if sessions is None or "AdditionalFields" not in changes or changes.empty:
        return {}
    numbers = changes["AdditionalFields"].str.get("ses")
    asked = changes[numbers.notna() & changes["TimeGenerated"].notna()]
    held = sessions[sessions["AuditSession"].notna()]
    if asked.empty or held.empty:
        return {}
    left = pd.DataFrame(
        {"time": asked["TimeGenerated"], "host": folded(asked["DvcHostname"]),
         "ses": numbers[asked.index].astype("int64"), "place": asked.index}
    ).sort_values("time", kind="stable")  # fmt: skip
    right = pd.DataFrame(
        {"time": held["EventStartTime"].fillna(_EARLY), "host": folded(held["DvcHostname"]),
         "ses": held["AuditSession"].astype("int64"), "session": held["LogonSessionId"],
         "end": held["EventEndTime"]}
    ).sort_values("time", kind="stable")  # fmt: skip
    near = pd.merge_asof(left, right, on="time", by=["host", "ses"])
    open_then = near["end"].isna() | (near["end"] + pd.Timedelta(seconds=5) >= near["time"])
    near = near[near["session"].notna() & open_then]
    return dict(zip(near["place"], near["session"], strict=True))


def _by_sudo(row: Mapping[Any, Any], sudo: pd.DataFrame | None) -> tuple[Any, Any, str] | None:
    """The last sudo command before a change that names its program, or whom it is about."""
    if sudo is None or sudo.empty or pd.isna(row["TimeGenerated"]):
        return None
    times = pd.DatetimeIndex(sudo["TimeGenerated"])
    start = times.searchsorted(row["TimeGenerated"] - _BY_SUDO)
    end = times.searchsorted(row["TimeGenerated"] + pd.Timedelta(seconds=1), side="right")
    near = sudo.iloc[start:end]
    names = {str(row.get("ActingAppName")), str(row.get("TargetUsername"))} - {"None", "nan", ""}
    for ran in reversed(near.to_dict("records")):
        words = str(ran["CommandLine"]).replace("/", " ").split()
        if fold(ran["DvcHostname"]) == fold(row["DvcHostname"]) and names & set(words):
            return ran["ActorUsername"], ran["LogonSessionId"], "sudo"
    return None


def _by_name(row: Mapping[Any, Any]) -> tuple[Any, Any, str] | None:
    actor = row.get("ActorUsername")
    return None if pd.isna(actor) or actor == "root" else (actor, None, "said")


def _by_hour(
    row: Mapping[Any, Any], sessions: pd.DataFrame | None, users: Mapping[str, Any]
) -> tuple[Any, Any, str] | None:
    """The only session of root's that people had open then."""
    if sessions is None or sessions.empty or pd.isna(row["TimeGenerated"]):
        return None
    time = row["TimeGenerated"]
    held = of_people(sessions)
    held = held[
        held["TargetUsername"].eq("root").fillna(False)
        & folded(held["DvcHostname"]).eq(fold(row["DvcHostname"]))
        & (held["EventStartTime"].isna() | (held["EventStartTime"] <= time))
        & (held["EventEndTime"].isna() | (held["EventEndTime"] >= time))
    ]
    if len(held) != 1:
        return None
    session = str(held["LogonSessionId"].iloc[0])
    return users.get(session), session, "time"
