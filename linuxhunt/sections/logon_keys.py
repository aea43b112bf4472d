"""Did a key come from a network of nobody's while its owner was logged on from elsewhere?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.people import (
    arrivals,
    fold,
    folded,
    known,
    networks,
    of_people,
    records,
)

__all__ = ["KeyFromElsewhere"]


@dataclass(frozen=True)
class KeyFromElsewhere:
    """Did a user's key log on from a new network while the user had a session from another?

    Attributes:
        known: logons of the user before, all from other networks.
    """

    known: int = 3
    techniques: ClassVar[tuple[str, ...]] = ("T1078", "T1552.004")
    needs: ClassVar[tuple[str, ...]] = ("logons", "sessions")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each user and network: Medium where the country is new to the
        user as well, else Low (a second machine, a VPN, an unknown place).
        """
        came = arrivals(tables)
        places = tables.get("places")
        country: dict[str, Any] = {}
        if places is not None:
            country = dict(zip(places["address"], places["Country"], strict=True))
        came["Country"] = came["SrcIpAddr"].map(country)
        new = came[
            came["NewNetwork"]
            & (came["Before"] >= self.known)
            & came["LogonMethod"].eq("PKI").fillna(False)
        ]
        if new.empty:
            return []
        sessions = of_people(tables["sessions"])
        remote = sessions["SrcIpAddr"].fillna(sessions["SrcHostname"])
        sessions = sessions.assign(Source=remote, Network=networks(remote, places))
        sessions = sessions[sessions["Source"].notna()]
        found = []
        for place in new.index:
            row = new.loc[place]
            time = row["TimeGenerated"]
            others = sessions[
                sessions["TargetUsername"].eq(row["TargetUsername"]).fillna(False)
                & folded(sessions["DvcHostname"]).eq(fold(row["DvcHostname"]))
                & sessions["Network"].ne(row["Network"]).fillna(False)
                & (sessions["EventStartTime"] < time)
                & ((sessions["EventEndTime"] > time) | sessions["EndReason"].eq("open"))
            ]
            if len(others):
                own = came["TargetUsername"].eq(row["TargetUsername"]).fillna(False)
                past = came[own & (came["TimeGenerated"] < time)]
                lands = set(past["Country"].dropna())
                strange = bool(lands) and pd.notna(row["Country"]) and row["Country"] not in lands
                found.append(self._finding(row, others, came.loc[[place]], strange))
        return found

    def _finding(self, row: Any, others: pd.DataFrame, own: pd.DataFrame, strange: bool) -> Finding:
        held = ", ".join(others["Source"].unique()[:3])
        return Finding(
            "logons",
            f"Key of {row['TargetUsername']} from elsewhere: {row['Source']}",
            "Medium" if strange else "Low",
            self.techniques,
            f"a key logged on from {row['Source']} ({row['Network']}), a network that none of"
            f" {row['Before']:,} logons before came from, while the user had a session from {held}"
            + (f"; {row['Country']} is new to the user, too" if strange else ""),
            row["TimeGenerated"],
            row["TimeGenerated"],
            records(own, others),
            host=known(row["DvcHostname"]),
            user=known(row["TargetUsername"]),
            address=str(row["Source"]),
        )
