"""Are there accounts that are root beside root, or service accounts that somebody uses?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from linuxhunt.sections.account_uses import NO_SHELL, finding, one
from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.people import DAEMONS, arrivals, fold, folded, known

__all__ = ["SecondRoot", "ServiceLogon"]


@dataclass(frozen=True)
class SecondRoot:
    """Is there an account beside root that is root (uid 0)?"""

    techniques: ClassVar[tuple[str, ...]] = ("T1136.001", "T1078.003")
    needs: ClassVar[tuple[str, ...]] = ("accounts", "sessions")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding (High) for each such account."""
        own, sessions = tables["accounts"], tables["sessions"]
        made = own[
            (own["EventType"].eq("UserCreated") & own["TargetUserId"].eq(0).fillna(False))
            | (own["EventSubType"].eq("UserId").fillna(False)
               & own["NewPropertyValue"].eq("0").fillna(False))
        ]  # fmt: skip
        made = made[made["EventResult"].ne("Failure").fillna(True)]
        used = sessions[sessions["TargetUserId"].eq(0).fillna(False)]
        used = used[used["TargetUsername"].notna()]
        parts = [frame[frame["TargetUsername"].ne("root").fillna(True)] for frame in (made, used)]
        users = pd.concat([part[["DvcHostname", "TargetUsername"]] for part in parts])
        found = []
        row: Any
        for row in users.drop_duplicates().itertuples():
            own, used = (
                part[part["TargetUsername"].fillna("").eq(known(row.TargetUsername) or "")
                     & folded(part["DvcHostname"]).eq(fold(row.DvcHostname))]
                for part in parts
            )  # fmt: skip
            name = known(row.TargetUsername) or "an account that no record names"
            found.append(
                finding(
                    row, f"Second root account: {name}", "High", self.techniques,
                    f"{name} has uid 0; made or changed {len(own):,} times,"
                    f" {len(used):,} sessions", own, used,
                )
            )  # fmt: skip
        return found


@dataclass(frozen=True)
class ServiceLogon:
    """Did an account that programs run as log on, or get a shell that it can log on with?

    Attributes:
        habit: logons on at least three days that make it a use that is meant.
    """

    habit: int = 20
    techniques: ClassVar[tuple[str, ...]] = ("T1078.003",)
    needs: ClassVar[tuple[str, ...]] = ("accounts", "logons")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each account: Medium, Low where it logs on habitually."""
        came = arrivals(tables)
        came = came[came["TargetUsername"].isin(DAEMONS)]
        found = []
        for _, rows in came.groupby(["DvcHostname", "TargetUsername"], dropna=False, sort=False):
            row: Any = next(rows.itertuples())
            days = rows["TimeGenerated"].dt.date.nunique()
            habitual = len(rows) >= self.habit and days >= 3
            places = ", ".join(rows["Source"].unique()[:5])
            found.append(
                finding(
                    row, f"Service account logged on: {row.TargetUsername}",
                    "Low" if habitual else "Medium", self.techniques,
                    f"{row.TargetUsername} is an account that programs run as; {len(rows):,} logons"
                    f" on {days:,} days from {places}", rows, address=known(row.SrcIpAddr),
                )
            )  # fmt: skip
        own = tables["accounts"]
        shell = own["NewPropertyValue"].fillna("/false")
        changed = own["EventSubType"].eq("Shell").fillna(False) & ~shell.str.contains(NO_SHELL)
        shells = own[changed & own["TargetUsername"].isin(DAEMONS)]
        found += [
            finding(
                row, f"Service account given a shell: {row.TargetUsername}", "Medium",
                self.techniques, f"its shell became {row.NewPropertyValue}; programs need none",
                one(shells, row),
            )
            for row in shells.itertuples()
        ]  # fmt: skip
        return found
