"""What is known around a change of an account: who made it, what the account did from then on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pandas as pd

from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.makers import makers
from linuxhunt.sections.people import (
    DAEMONS,
    PRIVILEGED,
    arrivals,
    doubts,
    fold,
    folded,
    known,
    networks,
    records,
)

__all__ = ["NO_SHELL", "Uses", "by", "finding", "one", "session_of"]

NO_SHELL = r"/(?:nologin|false|sync|halt|shutdown)$"
"""Shells that nobody logs on with."""
MOST = 200
"""Rows of use whose records a finding takes along."""


@dataclass
class Uses:
    """What is known around changes of accounts.

    Attributes:
        changes: successful changes, with Maker, MakerSession and How.
        intruders: network by its prefix -> what finding of High on logons is about it.
    """

    tables: Tables
    changes: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        done = self.tables["accounts"]
        done = done[done["EventResult"].ne("Failure").fillna(True) & done["TimeGenerated"].notna()]
        self.changes = done.join(makers(done, self.tables))
        self.came = arrivals(self.tables)
        self.doubts = doubts(self.tables)
        findings = self.tables.get("findings")
        self.grave: set[str] = set()
        self.intruders: dict[str, str] = {}
        if findings is not None:
            high = findings["EventSeverity"] == "High"
            self.grave = set(findings.loc[high, "LogonSessionId"].dropna())
            ways = findings[high & findings["Section"].eq("logons") & findings["SrcIpAddr"].notna()]
            titles = ways["Title"].str.split(": ").str[0]
            self.intruders = dict(zip(networks(ways["SrcIpAddr"]), titles, strict=True))

    def of(self, kind: str, row: Any, user: str = "TargetUsername") -> pd.DataFrame:
        """Return the rows of a table that are of the account, from the change on."""
        frame: pd.DataFrame = self.came if kind == "came" else self.tables[kind]
        time = "EventStartTime" if kind == "sessions" else "TimeGenerated"
        own: pd.DataFrame = frame[
            frame[user].eq(row.TargetUsername).fillna(False)
            & folded(frame["DvcHostname"]).eq(fold(row.DvcHostname))
            & (frame[time] >= row.TimeGenerated)
        ]
        return own

    def raised(self, row: Any) -> pd.DataFrame:
        """Return how the account was put into groups that give root, from the change on."""
        own = self.changes
        raised: pd.DataFrame = own[
            own["EventType"].eq("UserAddedToGroup")
            & own["GroupName"].isin(PRIVILEGED)
            & own["TargetUsername"].eq(row.TargetUsername).fillna(False)
            & folded(own["DvcHostname"]).eq(fold(row.DvcHostname))
            & (own["TimeGenerated"] >= row.TimeGenerated - pd.Timedelta(seconds=5))
        ]
        return raised

    def made_oddly(self, row: Any) -> list[str]:
        """Say what is odd about who made the change; nothing where that is only a guess."""
        if row.How == "time" or pd.isna(row.Maker):
            return []
        odd = [f"made in a session of {row.Maker}: {why}"
               for why in self.doubts.get(str(row.MakerSession), [])]  # fmt: skip
        if row.Maker in DAEMONS:
            odd.append(f"made by {row.Maker}, an account that programs run as")
        if row.MakerSession in self.grave:
            odd.append(f"made in a session of {row.Maker} that holds a finding of High")
        return odd

    def used_oddly(self, came: pd.DataFrame, row: Any, soon: timedelta) -> list[str]:
        """Say what is odd about the logons that followed."""
        strange = came[came["Strange"] & (came["TimeGenerated"] - row.TimeGenerated <= soon)]
        odd = []
        if len(strange):
            first = strange.iloc[0]
            after = (first["TimeGenerated"] - row.TimeGenerated) / pd.Timedelta(minutes=1)
            odd.append(f"in {after:,.0f} min later from {first['Source']}, of a network that nobody"
                       " had come from")  # fmt: skip
        near = networks(came["Source"])
        bad = came[near.isin(self.intruders) & ~came["Strange"]]
        if len(bad):
            first = bad.iloc[0]
            odd.append(f"in from {first['Source']}, of a network that a finding is about"
                       f" ({self.intruders[near[bad.index[0]]]})")  # fmt: skip
        if len(came):
            sessions = self.of("sessions", row)
            odd += [why for session in sessions["LogonSessionId"]
                    for why in self.doubts.get(session, []) if "finding" in why]  # fmt: skip
        return list(dict.fromkeys(odd))


def by(row: Any) -> str:
    """Say who made a change, and how that is known."""
    if pd.isna(row.Maker):
        return "by whom is not known"
    how = {"pid": "its process was of that session", "sudo": "by sudo", "said": "as the log says",
           "time": "the only session of root's at the time, which proves nothing"}  # fmt: skip
    return f"by {row.Maker} ({how[row.How]})"


def finding(
    row: Any,
    title: str,
    severity: str,
    techniques: tuple[str, ...],
    reason: str,
    *evidence: pd.DataFrame,
    address: str | None = None,
    session: str | None = None,
) -> Finding:
    """Make a finding of a row (of accounts, or any that names host and user) and its evidence."""
    times = pd.concat(
        rows["EventStartTime" if "EventStartTime" in rows else "TimeGenerated"].dropna()
        for rows in evidence
    )
    return Finding(
        "users", title, severity, techniques, reason, times.min(), times.max(),
        records(*(rows.head(MOST) for rows in evidence)), host=known(row.DvcHostname),
        user=known(row.TargetUsername), address=address, session=session,
    )  # fmt: skip


def session_of(row: Any) -> str | None:
    """Return the session that a change was made in; None where that is only a guess."""
    return None if row.How == "time" else known(row.MakerSession)


def one(frame: pd.DataFrame, row: Any) -> pd.DataFrame:
    """Return a row of itertuples as the frame of one row that it came from."""
    return frame.loc[[row.Index]]
