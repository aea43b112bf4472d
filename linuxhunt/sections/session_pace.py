"""Does somebody type faster than a person can, or at an hour that they never do?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from linuxhunt.sections.commands import commands
from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.people import by_time, doubts, known, of_people, records
from linuxhunt.sections.proc_match import hits
from linuxhunt.sections.proc_rules_look import LOOKING
from linuxhunt.sections.session_findings import by_id, finding_on, whose

__all__ = ["OddHour", "SudoBurst"]

_LAST = 200
"""Earlier sessions of a user whose hours count."""


@dataclass(frozen=True)
class SudoBurst:
    """Did sudo commands on one terminal come faster than a person types them?

    Attributes:
        commands: distinct ones.
        window: within so long.
        looking: kinds of question about the host among them that make it Medium.
    """

    commands: int = 6
    window: timedelta = timedelta(seconds=3)
    looking: int = 3
    techniques: ClassVar[tuple[str, ...]] = ("T1059.004", "T1548.003")
    needs: ClassVar[tuple[str, ...]] = ("sessions", "sudo")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each session: Low (text pasted, a script), Medium where the
        commands ask about the host or the session is to be doubted. Runs of configuration managers
        and commands without a terminal are left out.
        """
        sudo = by_time(tables["sudo"])
        typed = sudo[
            sudo["Tty"].notna()
            & sudo["LogonSessionId"].notna()
            & sudo["CommandLine"].notna()
            & ~sudo["Tty"].isin(["unknown", "?"])
            & ~sudo["CommandLine"].fillna("").str.contains("BECOME-SUCCESS-", regex=False)
        ]
        sizes = typed.groupby("LogonSessionId")["CommandLine"].transform("nunique")
        typed = typed[sizes >= self.commands]
        found: list[Finding] = []
        if typed.empty:
            return found
        held = tables["sessions"]
        sessions = by_id(held[held["LogonSessionId"].isin(typed["LogonSessionId"])])
        odd = doubts(tables)
        for session, rows in typed.groupby("LogonSessionId", sort=False):
            kept = self._burst(rows)
            if len(kept) and session in sessions:
                found.append(self._finding(sessions[str(session)], kept, odd.get(str(session), [])))
        return found

    def _burst(self, rows: pd.DataFrame) -> pd.DataFrame:
        times = pd.DatetimeIndex(rows["TimeGenerated"])
        ends = times.searchsorted(times + self.window, side="right")
        code = pd.factorize(rows["CommandLine"])[0]
        kept: set[int] = set()
        for start in np.flatnonzero(ends - np.arange(len(ends)) >= self.commands):
            if len(set(code[start : ends[start]])) >= self.commands:
                kept.update(range(start, int(ends[start])))
        return rows.iloc[sorted(kept)]

    def _finding(self, session: Mapping[Any, Any], rows: pd.DataFrame, odd: list[str]) -> Finding:
        asked = hits(commands({"sudo": rows}), LOOKING)
        kinds = sorted(set(asked["Title"])) if len(asked) else []
        distinct, user = rows["CommandLine"].nunique(), known(rows["ActorUsername"].iloc[0])
        return finding_on(
            session,
            f"sudo faster than typed: {distinct:,} commands of {user}",
            "Medium" if odd or len(kinds) >= self.looking else "Low",
            self.techniques,
            f"{distinct:,} commands on {rows['Tty'].iloc[0]}, at least {self.commands} of them"
            f" within {self.window.total_seconds():.0f} s"
            + (f", asking {', '.join(kinds)}" if kinds else "")
            + "".join(f"; {why}" for why in odd),
            rows["TimeGenerated"].min(),
            rows["TimeGenerated"].max(),
            records(rows),
        )  # fmt: skip


@dataclass(frozen=True)
class OddHour:
    """Did a person's session begin at an hour far from all of their earlier ones?

    Attributes:
        sessions: earlier ones of the user on a terminal, that show their hours.
        days: on which they lie at least.
        hours: how far from the nearest of them, around the clock.
    """

    sessions: int = 8
    days: int = 4
    hours: float = 4.0
    techniques: ClassVar[tuple[str, ...]] = ("T1078",)
    needs: ClassVar[tuple[str, ...]] = ("sessions",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding (Low) for each such session."""
        sessions = of_people(tables["sessions"])
        typed = sessions[sessions["ParentSessionId"].isna() & sessions["Tty"].notna()
                         & sessions["EventStartTime"].notna()]  # fmt: skip
        typed = typed.sort_values("EventStartTime", kind="stable")
        found = []
        for _, rows in typed.groupby(["DvcHostname", "TargetUsername"], dropna=False, sort=False):
            start = rows["EventStartTime"]
            day = start.dt.floor("D")
            hour = ((start - day).dt.total_seconds() / 3600).to_numpy()
            date = day.astype("int64").to_numpy()
            for place in range(self.sessions, len(rows)):
                since = max(0, place - _LAST)
                before = len(np.unique(date[since:place]))
                apart = np.abs(hour[since:place] - hour[place])
                nearest = float(np.minimum(apart, 24 - apart).min())
                if before >= self.days and nearest >= self.hours:
                    session = rows.iloc[place].to_dict()
                    found.append(self._finding(session, place - since, before, nearest))
        return found

    def _finding(self, session: Mapping[Any, Any], before: int, days: int, apart: float) -> Finding:
        return finding_on(
            session,
            f"Odd hour: {whose(session)}",
            "Low",
            self.techniques,
            f"began at {session['EventStartTime']:%H:%M} UTC, {apart:.1f} h from the nearest of"
            f" {before:,} earlier sessions on {days:,} days",
            session["EventStartTime"],
            session["EventStartTime"],
            tuple(session["RecordIds"]),
        )
