"""Did somebody log on with a user's key or password from where the user is not?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
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

__all__ = ["KeyFromElsewhere", "OddPlaceAndHour"]


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
        came, places = _with_country(tables), tables.get("places")
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


@dataclass(frozen=True)
class OddPlaceAndHour:
    """Did a user come from a country and a network that were new, at an hour that was, too?

    Attributes:
        known: logons of the user before, all from other countries.
        days: days on which these were.
        hours: the user had never come within so many hours of that time of day.
    """

    known: int = 5
    days: int = 3
    hours: float = 3.0
    techniques: ClassVar[tuple[str, ...]] = ("T1078",)
    needs: ClassVar[tuple[str, ...]] = ("logons",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding (Medium) for each such logon: one of the three alone is ordinary.

        Nothing where places are unknown.
        """
        came = _with_country(tables)
        first_on_host = ~came.duplicated(["DvcHostname", "Network"])
        new = came[came["NewNetwork"] & first_on_host & (came["Before"] >= self.known)
                   & came["Country"].notna()]  # fmt: skip
        found = []
        for place in new.index:
            row = new.loc[place]
            past = came[
                came["TargetUsername"].eq(row["TargetUsername"]).fillna(False)
                & folded(came["DvcHostname"]).eq(fold(row["DvcHostname"]))
                & (came["TimeGenerated"] < row["TimeGenerated"])
            ]
            lands = set(past["Country"].dropna())
            if not lands or row["Country"] in lands:
                continue
            if past["TimeGenerated"].dt.date.nunique() < self.days:
                continue
            away = _hours_apart(past["TimeGenerated"], row["TimeGenerated"]).min()
            if away < self.hours:
                continue
            found.append(
                Finding(
                    "logons", f"Odd place and hour: {row['TargetUsername']} from {row['Source']}",
                    "Medium", self.techniques,
                    f"{row['Country']} and {row['Network']} are new to the user after"
                    f" {row['Before']:,} logons, nobody had come from there, and none was within"
                    f" {away:.0f} hours of {row['TimeGenerated']:%H:%M} UTC",
                    row["TimeGenerated"], row["TimeGenerated"], records(came.loc[[place]]),
                    host=known(row["DvcHostname"]), user=known(row["TargetUsername"]),
                    address=str(row["Source"]),
                )
            )  # fmt: skip
        return found


def _with_country(tables: Tables) -> pd.DataFrame:
    """Return :func:`arrivals` with Country, null where it is unknown."""
    came, places = arrivals(tables), tables.get("places")
    country: dict[str, Any] = {}
    if places is not None:
        country = dict(zip(places["address"], places["Country"], strict=True))
    return came.assign(Country=came["SrcIpAddr"].map(country))


def _hours_apart(times: pd.Series[Any], moment: pd.Timestamp) -> pd.Series[Any]:
    """Return how many hours times of day are from another's, around the clock."""
    apart: pd.Series[Any] = (times - moment).dt.total_seconds() / 3600 % 24
    return pd.Series(np.minimum(apart, 24 - apart), index=times.index)
