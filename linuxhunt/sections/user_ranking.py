"""All users that any source tells of, those worth a look first."""

from __future__ import annotations

from typing import Any

import pandas as pd

from linuxhunt.schema import STR, TIME
from linuxhunt.sections.finding import Tables
from linuxhunt.sections.people import of_people

__all__ = ["RANKED", "ranked_users"]

RANKED = (
    "User", "Reasons", "Weight", "Successes", "Failures", "Sessions", "SudoCommands", "CronRuns",
    "Executions", "AccountChanges", "FirstTime", "LastTime",
)  # fmt: skip
"""Columns of :func:`ranked_users`; Reasons is a list of text, Weight and the counts are Int64."""

_WEIGHTS = {"High": 100, "Medium": 40, "Low": 5, "Informational": 1}
_COUNTS = RANKED[3:10]


def ranked_users(tables: Tables, ran: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Return one row a user, by weight, then by what they did, then by name.

    Args:
        tables: ``logons``, ``sessions``, ``sudo``, ``cron`` and ``accounts``.
        ran: :func:`linuxhunt.sections.commands.commands` of the same tables.
        findings: the findings table; a finding weighs for its user, the first of its kind whole.

    Returns:
        Rows of RANKED. A name that only ever failed to log on comes last: guessers make them up.
    """
    logons, cron, accounts = tables["logons"], tables["cron"], tables["accounts"]
    failed = logons["EventResult"] == "Failure"
    people = of_people(tables["sessions"])
    executed = ran[ran["Source"] == "process"]
    parts = {
        "Successes": _counted(logons[logons["EventResult"] == "Success"], "TargetUsername"),
        "Failures": logons[failed].groupby("TargetUsername")["EventCount"].sum(),
        "Sessions": _counted(people, "TargetUsername"),
        "SudoCommands": _counted(tables["sudo"], "ActorUsername"),
        "CronRuns": _counted(cron[cron["EventType"].eq("Run").fillna(False)], "TargetUsername"),
        "Executions": _counted(executed, "User"),
        "AccountChanges": _counted(accounts, "TargetUsername"),
    }
    frame = pd.DataFrame(parts).fillna(0).astype("Int64")
    frame = frame[frame.index != ""]
    times = pd.concat(
        rows[[user, time]].set_axis(["User", "Time"], axis=1)
        for rows, user, time in (
            (logons, "TargetUsername", "TimeGenerated"),
            (people, "TargetUsername", "EventStartTime"),
            (tables["sudo"], "ActorUsername", "TimeGenerated"),
            (cron, "TargetUsername", "TimeGenerated"), (executed, "User", "TimeGenerated"),
            (accounts, "TargetUsername", "TimeGenerated"),
        )
    ).groupby("User")["Time"]  # fmt: skip
    frame["FirstTime"] = times.min().reindex(frame.index).astype(TIME)
    frame["LastTime"] = times.max().reindex(frame.index).astype(TIME)
    reasons, weights = _reasons(findings)
    frame = frame.rename_axis("User").reset_index()
    frame["User"] = frame["User"].astype(STR)
    frame["Reasons"] = pd.Series([reasons.get(u, []) for u in frame["User"]], dtype=object)
    frame["Weight"] = pd.Series([weights.get(u, 0) for u in frame["User"]], dtype="Int64")
    frame["real"] = frame[[name for name in _COUNTS if name != "Failures"]].sum(axis=1) > 0
    frame["did"] = frame[list(_COUNTS)].sum(axis=1)
    order = frame.sort_values(
        ["real", "Weight", "did", "User"], ascending=[False, False, False, True], kind="stable"
    )
    return order[list(RANKED)].reset_index(drop=True)


def _counted(rows: pd.DataFrame, user: str) -> pd.Series[Any]:
    counts: pd.Series[Any] = rows[user].dropna().value_counts()
    return counts


def _reasons(findings: pd.DataFrame) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Return for each user the kinds of finding, the gravest first, and their weight."""
    reasons: dict[str, list[str]] = {}
    weights: dict[str, int] = {}
    for user, title, severity in zip(
        findings["TargetUsername"], findings["Title"], findings["EventSeverity"], strict=True
    ):
        kind = str(title).split(": ")[0]
        if isinstance(user, str) and kind not in reasons.setdefault(user, []):
            reasons[user].append(kind)
            weights[user] = weights.get(user, 0) + _WEIGHTS.get(str(severity), 0)
    return reasons, weights
