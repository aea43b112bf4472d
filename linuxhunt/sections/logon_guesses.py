"""Did somebody try one password on many users, or guess one user's from many addresses?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pandas as pd

from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.logon_tries import by_source, split
from linuxhunt.sections.people import known, records

__all__ = ["DistributedGuessing", "PasswordSpraying"]


@dataclass(frozen=True)
class PasswordSpraying:
    """Did one address try many users with a few passwords each?

    Many tries in a short time are guessing, which :class:`GuessedPassword` reports; this finds
    those that stay below it. Users who got in from the address are not counted: colleagues behind
    one address mistype, too.

    Attributes:
        users: who were tried first within ``window``, that count where it was in vain.
        certain: likewise, that make a success High.
        likely: likewise, that make a success Medium.
        tries: failures for each user at most, on average.
        window: the time.
    """

    users: int = 10
    certain: int = 10
    likely: int = 5
    tries: float = 3.0
    window: timedelta = timedelta(hours=24)
    techniques: ClassVar[tuple[str, ...]] = ("T1110.003",)
    needs: ClassVar[tuple[str, ...]] = ("logons",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each address: High or Medium where it got in afterwards as a user
        whom it had not got in as before, Low where it was in vain.
        """
        failed, succeeded = split(tables["logons"])
        found = []
        keys = ["DvcHostname", "Source"]
        tries = failed.groupby(keys, dropna=False)["TargetUsername"].transform("nunique")
        failed = failed[tries >= self.likely]
        here = succeeded["Source"].isin(failed["Source"].unique())  # the rest sprayed nothing
        succeeded_by = by_source(succeeded[here])
        for key, tried in by_source(failed).items():
            came = succeeded_by.get(key, succeeded.head(0))
            found += self._look(tried, came)
        return found

    def _look(self, tried: pd.DataFrame, came: pd.DataFrame) -> list[Finding]:
        strangers = tried[~tried["TargetUsername"].isin(came["TargetUsername"])]
        strangers = strangers[strangers["TargetUsername"].notna()]
        firsts = strangers.drop_duplicates("TargetUsername")
        if firsts.empty or strangers["EventCount"].sum() > self.tries * len(firsts):
            return []
        times = pd.DatetimeIndex(firsts["TimeGenerated"])
        ends = times.searchsorted(times + self.window, side="right")
        sizes = [int(end) - start for start, end in enumerate(ends)]
        start = max(range(len(sizes)), key=sizes.__getitem__)
        users = sizes[start]
        begin, end = times[start], times[start] + self.window
        inside = strangers[strangers["TimeGenerated"].between(begin, end)]
        after = came[
            came["TimeGenerated"].between(begin, end)
            & ~came["TargetUsername"].isin(
                came.loc[came["TimeGenerated"] < begin, "TargetUsername"]
            )
        ]
        # Whoever gets in before many others were tried was not found by the spraying.
        before = firsts["TimeGenerated"].between(begin, end)
        tried_by = [int((times[before.to_numpy()] < time).sum()) for time in after["TimeGenerated"]]
        after = after[pd.Series(tried_by, index=after.index, dtype="int64") >= self.likely]
        if len(after):
            severity = "High" if max(tried_by) >= self.certain else "Medium"
        elif users >= self.users:
            severity = "Low"
        else:
            return []
        first = inside.iloc[0]
        who = ", ".join(after["TargetUsername"].dropna().unique()[:3])
        count = int(inside["EventCount"].sum())
        return [
            Finding(
                "logons",
                f"Password spraying: {users:,} users tried from {first['Source']}"
                + (f", then in as {who or 'somebody'}" if len(after) else ", in vain"),
                severity,
                self.techniques if after.empty else (*self.techniques, "T1078"),
                f"{count:,} failures against {users:,} users within"
                f" {self.window / timedelta(hours=1):.0f} h, {count / users:.1f} each"
                + (f"; then {len(after):,} logons from there as {who}" if len(after) else ""),
                begin,
                max(inside["TimeGenerated"].max(), after["TimeGenerated"].max())
                if len(after)
                else inside["TimeGenerated"].max(),
                records(after, inside),
                host=known(first["DvcHostname"]),
                user=known(after["TargetUsername"].iloc[0]) if len(after) else None,
                address=str(first["Source"]),
            )
        ]


@dataclass(frozen=True)
class DistributedGuessing:
    """Did a user log on from a new address right after many addresses had failed as them?

    Attributes:
        failures: of the user within ``window`` before, from other addresses.
        addresses: that these came from.
        window: the time.
        ceased: part of them that may go on afterwards where the guessing ended with the success.
    """

    failures: int = 20
    addresses: int = 5
    window: timedelta = timedelta(hours=1)
    ceased: float = 0.2
    techniques: ClassVar[tuple[str, ...]] = ("T1110.001", "T1078")
    needs: ClassVar[tuple[str, ...]] = ("logons",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each such logon by password: Medium, High where the failures then
        ceased. The address counts as new where the user had come from others, or where it had
        failed as well.
        """
        failed, succeeded = split(tables["logons"])
        sums = failed.groupby(["DvcHostname", "TargetUsername"], dropna=False)["EventCount"].sum()
        users = set(sums.index[sums >= self.failures].get_level_values("TargetUsername").dropna())
        came = succeeded[succeeded["TargetUsername"].isin(users)]
        who = ["DvcHostname", "TargetUsername"]
        past = came.groupby(who, dropna=False, sort=False).cumcount()
        is_new = ~came.duplicated([*who, "Source"]) & came["LogonMethod"].ne("PKI").fillna(True)
        last = tables["logons"]["TimeGenerated"].max()
        found = []
        for place in came.index[is_new]:
            row = came.loc[place]
            host = failed["DvcHostname"]
            mine = failed[
                failed["TargetUsername"].eq(row["TargetUsername"])
                & (host.isna() if pd.isna(row["DvcHostname"]) else host.eq(row["DvcHostname"]))
            ]
            finding = self._look(row, mine, int(past[place]), last)
            found += [finding] if finding is not None else []
        return found

    def _look(self, row: Any, mine: pd.DataFrame, past: int, last: pd.Timestamp) -> Finding | None:
        time = row["TimeGenerated"]
        before = mine[mine["TimeGenerated"].between(time - self.window, time)]
        others = before[before["Source"] != row["Source"]]
        count, sources = int(others["EventCount"].sum()), others["Source"].nunique()
        tried = bool(mine["Source"].eq(row["Source"]).any())
        if count < self.failures or sources < self.addresses or not (past or tried):
            return None
        after = mine[(mine["TimeGenerated"] > time) & (mine["TimeGenerated"] <= time + self.window)]
        rest = int(after["EventCount"].sum())
        ended = rest <= self.ceased * count and last >= time + self.window
        return Finding(
            "logons",
            f"Guessed from many addresses: {row['TargetUsername']}, then in from {row['Source']}",
            "High" if ended else "Medium",
            self.techniques,
            f"{count:,} failures as {row['TargetUsername']} from {sources:,} other addresses within"
            f" {self.window / timedelta(minutes=1):.0f} min, then a logon by password from an"
            f" address that the user had not come from; {rest:,} failures in as long afterwards",
            before["TimeGenerated"].min(),
            time,
            tuple(dict.fromkeys([*row["RecordIds"], *records(before)])),
            host=known(row["DvcHostname"]),
            user=known(row["TargetUsername"]),
            address=str(row["Source"]),
        )
