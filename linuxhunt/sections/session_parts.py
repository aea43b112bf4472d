"""What belongs to a session, and what only happened at the same time."""

from __future__ import annotations

import pandas as pd

from linuxhunt.schema import STR
from linuxhunt.sections.finding import Tables
from linuxhunt.sections.makers import makers
from linuxhunt.sections.people import fold, folded

__all__ = ["AT_THE_TIME", "HAPPENED", "IN_IT", "LANES", "family", "happened", "span"]

IN_IT, AT_THE_TIME = "in it", "at the same time"

HAPPENED = ("TimeGenerated", "Lane", "Belongs", "User", "EventMessage", "EventUid")
"""Columns of :func:`happened`. Lane is one of LANES, Belongs is IN_IT or AT_THE_TIME."""

LANES = ("alerts", "logons", "account changes", "cron edits", "cron runs", "sudo", "processes")


def family(sessions: pd.DataFrame, session: str) -> list[str]:
    """Return a session and those that began within it (su, sudo), and within these, in order."""
    found, step = [session], [session]
    while step:
        below = sessions.loc[sessions["ParentSessionId"].isin(step), "LogonSessionId"]
        step = [own for own in below if own not in found]
        found += step
    return found


def span(
    sessions: pd.DataFrame, session: str, end: pd.Timestamp
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and last time of a session that are known.

    Args:
        sessions: all.
        session: an id of them.
        end: the window's end, for a session that is open.
    """
    own = sessions[sessions["LogonSessionId"].isin(family(sessions, session))]
    first = own["EventStartTime"].fillna(own["EventEndTime"]).min()
    top = own[own["LogonSessionId"] == session].iloc[0]
    last = end if pd.isna(top["EventEndTime"]) else own["EventEndTime"].max()
    return (end if pd.isna(first) else first), last


def happened(tables: Tables, session: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Return all that happened on a session's host in a stretch of time, on one scale.

    sudo and processes belong to a session by its id. Changes of accounts and edits of crontabs do
    by the process that made them, or a sudo command that names them just before. Nothing ties
    logons, cron's runs and alerts to a session; of executions only the session's own are taken.

    Args:
        tables: ``sessions``; ``logons``, ``sudo``, ``cron``, ``accounts``, ``processes`` and
            ``alerts`` may be absent.
        session: an id of ``sessions``.
        start: first instant.
        end: first instant after it.

    Returns:
        Rows of HAPPENED by time.
    """
    sessions = tables["sessions"]
    own = family(sessions, session)
    host = fold(sessions.loc[sessions["LogonSessionId"] == session, "DvcHostname"].iloc[0])
    kinds = ("logons", "sudo", "cron", "accounts", "processes")
    held = {kind: _between(tables[kind], host, start, end) for kind in kinds if kind in tables}
    parts = []
    if "logons" in held:
        rows = held["logons"]
        text = _joined(rows["EventResult"], "of", rows["TargetUsername"], "from", rows["SrcIpAddr"])
        first = sessions.loc[sessions["LogonSessionId"].isin(own), "RecordIds"]
        mine = {uid for ids in first for uid in ids}
        ids = [bool(mine & set(held or ())) for held in rows["RecordIds"]]
        parts.append(
            _part(rows, "logons", pd.Series(ids, index=rows.index), "TargetUsername", text)
        )
    if "sudo" in held:
        rows = held["sudo"]
        refused = rows["EventResult"].eq("Failure").fillna(False)
        text = (
            rows["CommandLine"]
            .fillna("(no command)")
            .where(~refused, "refused: " + rows["CommandLine"].fillna(""))
        )
        mine_too = rows["LogonSessionId"].isin(own)
        parts.append(_part(rows, "sudo", mine_too, "ActorUsername", text))
    if "cron" in held:
        rows = held["cron"]
        ran = rows["EventType"].eq("Run").fillna(False)
        text = rows["CommandLine"].fillna("")
        none = pd.Series(False, index=rows.index)
        parts.append(_part(rows[ran], "cron runs", none[ran], "TargetUsername", text[ran]))
        edits = rows[~ran]
        made = makers(edits, tables)
        text = _joined(edits["EventType"], "crontab of", edits["TargetUsername"])
        sure = made["MakerSession"].isin(own) & made["How"].isin(["pid", "sudo"])
        parts.append(_part(edits, "cron edits", sure, "ActorUsername", text))
    if "accounts" in held:
        rows = held["accounts"]
        made = makers(rows, tables)
        sure = made["MakerSession"].isin(own) & made["How"].isin(["pid", "sudo"])
        text = _joined(rows["EventType"], rows["TargetUsername"], rows["GroupName"])
        parts.append(_part(rows, "account changes", sure, "TargetUsername", text))
    if "processes" in held:
        rows = held["processes"]
        rows = rows[rows["LogonSessionId"].isin(own)]
        yes = pd.Series(True, index=rows.index)
        text = rows["CommandLine"].fillna(rows["TargetProcessName"])
        parts.append(_part(rows.assign(User=None), "processes", yes, "User", text))
    alerts = tables.get("alerts")
    if alerts is not None and len(alerts):
        rows = alerts[(alerts["TimeGenerated"] >= start) & (alerts["TimeGenerated"] < end)]
        rows = rows.assign(User=None, EventUid=rows.get("_ItemId"))
        no = pd.Series(False, index=rows.index)
        parts.append(_part(rows, "alerts", no, "User", rows["AlertName"]))
    given = [part for part in parts if len(part)]
    if not given:
        nothing = tables["sessions"].head(0).rename(columns={"EventStartTime": "TimeGenerated"})
        return _part(nothing, "", None, None, None)
    whole = pd.concat(given, ignore_index=True)
    return whole.sort_values("TimeGenerated", kind="stable", ignore_index=True)


def _between(
    frame: pd.DataFrame, host: str, start: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    time = frame["TimeGenerated"]
    inside = frame[(time >= start) & (time < end)]
    return inside[folded(inside["DvcHostname"]) == host]


def _joined(*parts: pd.Series[str] | str) -> pd.Series[str]:
    """Put words and columns together, a null being nothing; a word before a null is left out."""
    text: pd.Series[str] | None = None
    word = ""
    for part in parts:
        if isinstance(part, str):
            word = f"{part} "
            continue
        held = part.astype(STR)
        piece = (word + held).fillna("")
        word = ""
        text = piece if text is None else text + (" " + piece).where(piece != "", "")
    return pd.Series(dtype=STR) if text is None else text


def _part(
    rows: pd.DataFrame,
    lane: str,
    belongs: pd.Series[bool] | None,
    user: str | None,
    text: pd.Series[str] | None,
) -> pd.DataFrame:
    none = pd.Series(None, index=rows.index, dtype=STR)
    inside = pd.Series(AT_THE_TIME, index=rows.index, dtype=STR)
    if belongs is not None:
        inside = inside.where(~belongs.astype(bool), IN_IT)
    return pd.DataFrame(
        {
            "TimeGenerated": rows["TimeGenerated"],
            "Lane": pd.Series(lane, index=rows.index, dtype=STR),
            "Belongs": inside,
            "User": none if user is None else rows[user].astype(STR),
            "EventMessage": none if text is None else text.astype(STR),
            "EventUid": rows["EventUid"].astype(STR),
        }
    )
