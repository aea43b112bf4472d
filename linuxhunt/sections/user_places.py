"""Does an account come from places that one person cannot be in?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.people import arrivals
from linuxhunt.sections.user_habits import found_in

__all__ = ["ManyNetworks", "TooFast"]

_EARTH = 6371.0
"""Its mean radius in km."""


@dataclass(frozen=True)
class TooFast:
    """Did an account come from two places that nobody travels between in that time?

    Attributes:
        speed: km an hour that nobody travels.
        distance: km that count where both cities are known.
        rough: km that count where a place is only a country.
        known: earlier logons of the user, all from other countries, that make it Medium.
    """

    speed: float = 1000.0
    distance: float = 500.0
    rough: float = 2500.0
    known: int = 5
    techniques: ClassVar[tuple[str, ...]] = ("T1078",)
    needs: ClassVar[tuple[str, ...]] = ("logons",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each user: Low (a VPN does it), Medium where one of the two
        countries is new to an account with a past. Nothing where places are unknown.
        """
        places = tables.get("places")
        if places is None or places.empty:
            return []
        held = places[places["Latitude"].notna() & places["Longitude"].notna()]
        came = arrivals(tables).merge(
            held[["address", "Country", "City", "Latitude", "Longitude"]],
            left_on="SrcIpAddr", right_on="address",
        )  # fmt: skip
        came = came.sort_values("TimeGenerated", kind="stable", ignore_index=True)
        user = ["DvcHostname", "TargetUsername"]
        came["NewCountry"] = ~came.duplicated([*user, "Country"]) & (came["Before"] >= self.known)
        found = []
        for (_, name), rows in came.groupby(user, dropna=False, sort=False):
            pairs = self._pairs(rows)
            if not pairs:
                continue
            grave = any(row["NewCountry"] for _, row, *_ in pairs)
            told = max(pairs, key=lambda pair: bool(pair[1]["NewCountry"]))
            before, after, km, gap = told
            found.append(
                found_in(
                    rows.loc[[place for pair in pairs for place in (pair[0].name, pair[1].name)]]
                    .drop_duplicates("EventUid"),
                    f"Too fast: {name} from {before['Country']} and {after['Country']}",
                    "Medium" if grave else "Low", self.techniques,
                    f"{km:,.0f} km in {gap / pd.Timedelta(minutes=1):,.0f} min, from"
                    f" {before['Source']} to {after['Source']}; {len(pairs):,} such in the window"
                    + ("; the user had not come from that country before" if grave else ""),
                )
            )  # fmt: skip
        return found

    def _pairs(self, rows: pd.DataFrame) -> list[tuple[Any, Any, float, pd.Timedelta]]:
        """Return logons that followed one another too fast: before, after, km, time between."""
        if rows["Country"].nunique() < 2 and rows["City"].nunique() < 2:
            return []
        moved = rows[rows["SrcIpAddr"].ne(rows["SrcIpAddr"].shift())
                     | rows["SrcIpAddr"].ne(rows["SrcIpAddr"].shift(-1))]  # fmt: skip
        before = moved.shift()
        km = _distance(before, moved)
        hours = moved["TimeGenerated"].diff().dt.total_seconds() / 3600
        both = moved["City"].notna() & before["City"].notna()
        least = np.where(both, self.distance, self.rough)
        fast = (km >= least) & (km > self.speed * hours)
        return [
            (moved.iloc[place - 1], moved.iloc[place], float(km.iloc[place]),
             moved["TimeGenerated"].iloc[place] - moved["TimeGenerated"].iloc[place - 1])
            for place in np.flatnonzero(fast.fillna(False).to_numpy(dtype=bool))
        ]  # fmt: skip


def _distance(one: pd.DataFrame, other: pd.DataFrame) -> pd.Series[Any]:
    """Return the way along a great circle in km (haversine); null where a place is unknown."""
    lat1, lat2 = np.radians(one["Latitude"].astype(float)), np.radians(other["Latitude"])
    dlon = np.radians(other["Longitude"] - one["Longitude"].astype(float))
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin(dlon / 2) ** 2
    way: pd.Series[Any] = 2 * _EARTH * np.arcsin(np.sqrt(half.clip(0, 1)))
    return way


@dataclass(frozen=True)
class ManyNetworks:
    """Was one account used from many networks within a day?

    Attributes:
        networks: within ``window`` that count.
        countries: among them that make it Medium, where countries are known.
        window: the time.
    """

    networks: int = 5
    countries: int = 4
    window: timedelta = timedelta(hours=24)
    techniques: ClassVar[tuple[str, ...]] = ("T1078",)
    needs: ClassVar[tuple[str, ...]] = ("logons",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each user: Low, Medium where the networks are of many
        countries.
        """
        came = arrivals(tables)
        places = tables.get("places")
        country: dict[str, Any] = {}
        if places is not None:
            country = dict(zip(places["address"], places["Country"], strict=True))
        came["Country"] = came["SrcIpAddr"].map(country)
        user = ["DvcHostname", "TargetUsername"]
        seen_from = came.groupby(user, dropna=False)["Network"].transform("nunique")
        came = came[seen_from >= self.networks]
        found = []
        for (_, name), rows in came.groupby(["DvcHostname", "TargetUsername"], dropna=False,
                                            sort=False):  # fmt: skip
            best = self._best(rows)
            seen, lands = best["Network"].nunique(), best["Country"].dropna().unique()
            if seen < self.networks:
                continue
            found.append(
                found_in(
                    best, f"{name} from {seen:,} networks in a day",
                    "Medium" if len(lands) >= self.countries else "Low", self.techniques,
                    f"{len(best):,} logons within {self.window / timedelta(hours=1):.0f} h from"
                    f" {', '.join(best['Network'].unique()[:8])}"
                    + (f"; countries: {', '.join(sorted(lands))}" if len(lands) else ""),
                )
            )  # fmt: skip
        return found

    def _best(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the window with the most networks, of those that begin at a change of network."""
        times = pd.DatetimeIndex(rows["TimeGenerated"])
        ends = times.searchsorted(times + self.window, side="right")
        starts = np.flatnonzero(rows["Network"].ne(rows["Network"].shift()).to_numpy())
        code = pd.factorize(rows["Network"])[0]
        counts = [len(np.unique(code[start : ends[start]])) for start in starts[:5_000]]
        start = int(starts[int(np.argmax(counts))])
        return rows.iloc[start : ends[start]]
