"""Does an account do what it has not done before?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.people import (
    DAEMONS,
    arrivals,
    by_time,
    doubts,
    fold,
    folded,
    known,
    of_people,
    records,
)

__all__ = ["DormantUsed", "FirstSudo", "Past", "SudoRefused", "found_in"]

_MOST = 200
"""Rows whose records a finding takes along."""


def found_in(
    rows: pd.DataFrame,
    title: str,
    severity: str,
    techniques: tuple[str, ...],
    reason: str,
    *,
    user: str = "TargetUsername",
    session: str | None = None,
) -> Finding:
    """Make a finding of rows in order of time; its address is that of the last one."""
    first = rows.iloc[0]
    return Finding(
        "users", title, severity, techniques, reason, rows["TimeGenerated"].min(),
        rows["TimeGenerated"].max(), records(rows.head(_MOST)), host=known(first["DvcHostname"]),
        user=known(first[user]), address=known(rows.iloc[-1].get("SrcIpAddr")), session=session,
    )  # fmt: skip


class Past:
    """Sessions of each user on each host, none within another; grouped once, for many users.

    Users of no more than ``few`` sessions have no past: there may be ten thousand of them.
    """

    def __init__(self, tables: Tables, few: int) -> None:
        sessions = of_people(tables["sessions"])
        sessions = sessions[sessions["ParentSessionId"].isna()]
        keys = [folded(sessions["DvcHostname"]), sessions["TargetUsername"]]
        self._none = sessions.head(0)
        many = sessions.groupby(keys, sort=False)["LogonSessionId"].transform("size") > few
        sessions, keys = sessions[many], [key[many] for key in keys]
        self._own: dict[Any, pd.DataFrame] = dict(iter(sessions.groupby(keys, sort=False)))

    def before(self, row: Mapping[Any, Any]) -> pd.DataFrame:
        """Return the sessions that an actor had opened before they acted."""
        own = self._own.get((fold(row["DvcHostname"]), row["ActorUsername"]), self._none)
        return own if own.empty else own[own["EventStartTime"] < row["TimeGenerated"]]


@dataclass(frozen=True)
class FirstSudo:
    """Did a user use sudo who had been there often without it?

    Attributes:
        sessions: of the user before, on as many days as ``days``, without sudo.
        days: see ``sessions``.
    """

    sessions: int = 5
    days: int = 2
    techniques: ClassVar[tuple[str, ...]] = ("T1548.003",)
    needs: ClassVar[tuple[str, ...]] = ("sudo", "sessions", "logons")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each user: Low, Medium where the session is to be doubted."""
        sudo = by_time(tables["sudo"])
        sudo = sudo[sudo["EventResult"].eq("Success").fillna(False) & sudo["ActorUsername"].notna()]
        firsts = sudo.drop_duplicates(["DvcHostname", "ActorUsername"])
        if firsts.empty:
            return []
        odd, past = doubts(tables), Past(tables, self.sessions)
        found = []
        for place, row in zip(firsts.index, firsts.to_dict("records"), strict=True):
            before = past.before(row)
            days = before["EventStartTime"].dt.date.nunique()
            if len(before) <= self.sessions or days < self.days:
                continue
            why = odd.get(str(row["LogonSessionId"]), [])
            found.append(
                found_in(
                    firsts.loc[[place]], f"First sudo of {row['ActorUsername']}",
                    "Medium" if why else "Low", self.techniques,
                    f"{row['ActorUsername']} had {len(before):,} sessions on {days:,} days in the"
                    f" window before and used no sudo; then: {row['CommandLine']}"
                    + "".join(f"; {text}" for text in why),
                    user="ActorUsername", session=known(row["LogonSessionId"]),
                )
            )  # fmt: skip
        return found


@dataclass(frozen=True)
class SudoRefused:
    """Did sudo refuse somebody again and again?

    Attributes:
        refusals: within ``window`` that count.
        window: the time.
        commands: distinct commands among them that make it trying out.
    """

    refusals: int = 3
    window: timedelta = timedelta(minutes=10)
    commands: int = 4
    techniques: ClassVar[tuple[str, ...]] = ("T1548.003",)
    needs: ClassVar[tuple[str, ...]] = ("sudo",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each user: Low, Medium where many commands were tried out or the
        account is one that programs run as (then one refusal is enough).
        """
        sudo = by_time(tables["sudo"])
        refused = sudo[sudo["EventResult"].eq("Failure").fillna(False)]
        found = []
        for (_, user), rows in refused.groupby(["DvcHostname", "ActorUsername"], dropna=False,
                                               sort=False):  # fmt: skip
            daemon = user in DAEMONS
            best = self._best(rows)
            if len(best) < self.refusals and not daemon:
                continue
            rows = rows if daemon else best
            distinct = rows["CommandLine"].nunique()
            grave = daemon or distinct >= self.commands
            why = ", ".join(rows["EventOriginalResultDetails"].dropna().unique()[:3])
            found.append(
                found_in(
                    rows, f"sudo refused {known(user) or 'somebody'}", "Medium" if grave else "Low",
                    self.techniques,
                    f"{len(rows):,} refusals"
                    + ("" if daemon else f" within {self.window / timedelta(minutes=1):.0f} min")
                    + f", {distinct:,} commands ({why or 'no reason stated'})"
                    + ("; it is an account that programs run as" if daemon else ""),
                    user="ActorUsername",
                )
            )  # fmt: skip
        return found

    def _best(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the window with the most refusals."""
        times = pd.DatetimeIndex(rows["TimeGenerated"])
        ends = times.searchsorted(times + self.window, side="right")
        start = int(np.argmax(ends - np.arange(len(times))))
        return rows.iloc[start : ends[start]]


@dataclass(frozen=True)
class DormantUsed:
    """Was an account used again after a long silence?

    Attributes:
        silence: without any logon from elsewhere.
    """

    silence: timedelta = timedelta(days=30)
    techniques: ClassVar[tuple[str, ...]] = ("T1078",)
    needs: ClassVar[tuple[str, ...]] = ("logons",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each user: Low, Medium where they came from a network of their
        own that was never seen on the host.
        """
        came = arrivals(tables)
        user = came.groupby(["DvcHostname", "TargetUsername"], dropna=False, sort=False)
        gap = came["TimeGenerated"] - user["TimeGenerated"].shift()
        found = []
        for place in came.index[gap > self.silence]:
            row = came.loc[place]
            found.append(
                found_in(
                    came.loc[[place]], f"Used again: {row['TargetUsername']}",
                    "Medium" if row["Strange"] else "Low", self.techniques,
                    f"no logon for {gap[place].days:,} days, then from {row['Source']}"
                    + (", of a network that nobody had come from" if row["Strange"] else ""),
                )
            )  # fmt: skip
        return found
