"""Runs of sudo commands: sudo sessions."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from linuxhunt.schema import STR
from linuxhunt.sections.people import by_time, folded, records

__all__ = ["SUDO_RUNS", "sudo_runs"]

SUDO_RUNS = (
    "SudoSessionId", "DvcHostname", "ActorUsername", "Tty", "LogonSessionId", "EventStartTime",
    "EventEndTime", "Commands", "Refused", "Programs", "RecordIds",
)  # fmt: skip
"""Columns of :func:`sudo_runs`."""


def sudo_runs(sudo: pd.DataFrame, gap: timedelta = timedelta(minutes=10)) -> pd.DataFrame:
    """Put sudo commands together that follow one another: sudo sessions.

    Args:
        sudo: the ``sudo`` table.
        gap: commands of one user on one terminal further apart than this are two sessions. Where
            no terminal is known, the logon session counts as one.

    Returns:
        Rows of SUDO_RUNS by time. SudoSessionId is the record of its first command, Commands and
        Refused are counts, Programs the distinct programs in order, LogonSessionId null where its
        commands have several.
    """
    rows = by_time(sudo)
    seat = rows["Tty"].fillna(rows["LogonSessionId"]).fillna("")
    keys = [folded(rows["DvcHostname"]), rows["ActorUsername"].fillna(""), seat]
    since = rows.groupby(keys, sort=False)["TimeGenerated"].diff()
    run = (since.isna() | (since > gap)).groupby(keys, sort=False).cumsum()
    made = [
        {
            "SudoSessionId": own["EventUid"].iloc[0],
            "DvcHostname": own["DvcHostname"].iloc[0],
            "ActorUsername": own["ActorUsername"].iloc[0],
            "Tty": own["Tty"].iloc[0],
            "LogonSessionId": own["LogonSessionId"].iloc[0]
            if own["LogonSessionId"].nunique(dropna=False) == 1
            else None,
            "EventStartTime": own["TimeGenerated"].iloc[0],
            "EventEndTime": own["TimeGenerated"].iloc[-1],
            "Commands": len(own),
            "Refused": int(own["EventResult"].eq("Failure").fillna(False).sum()),
            "Programs": list(dict.fromkeys(own["CommandLine"].dropna().map(_program))),
            "RecordIds": list(records(own)),
        }
        for _, own in rows.groupby([*keys, run], sort=False)
    ]
    frame = pd.DataFrame(made, columns=list(SUDO_RUNS))
    for name in ("SudoSessionId", "DvcHostname", "ActorUsername", "Tty", "LogonSessionId"):
        frame[name] = frame[name].astype(STR)
    return frame.sort_values("EventStartTime", kind="stable", ignore_index=True)


def _program(command: str) -> str:
    words = command.split()
    return words[0].rpartition("/")[2] if words else ""
