"""Did somebody use credentials that are not theirs to get in?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from linuxhunt.sections.finding import Check, Finding, Tables
from linuxhunt.sections.logon_guesses import DistributedGuessing, PasswordSpraying
from linuxhunt.sections.logon_keys import KeyFromElsewhere, OddPlaceAndHour
from linuxhunt.sections.logon_sessions import worth_a_look
from linuxhunt.sections.logon_tries import by_source, split

__all__ = [
    "CHECKS",
    "HYPOTHESIS",
    "DirectRoot",
    "FirstFromAddress",
    "GuessedPassword",
    "worth_a_look",
]

_NEEDED = [
    "DvcHostname", "Source", "TimeGenerated", "EventCount", "TargetUsername", "LogonMethod",
    "RecordIds",
]  # fmt: skip
_SPRAYED = 3
"""Tries for each user, on average, up to which many users were sprayed rather than guessed."""

HYPOTHESIS = "Somebody used credentials that are not theirs to get in."


def _records(*parts: pd.DataFrame) -> tuple[str, ...]:
    return tuple(dict.fromkeys(uid for rows in parts for ids in rows["RecordIds"] for uid in ids))


def _known(value: Any) -> str | None:
    """Return a cell's text; None where it is null."""
    return str(value) if pd.notna(value) else None


def _is_public(address: Any) -> bool:
    try:
        return ip_address(str(address)).is_global
    except ValueError:
        return False


@dataclass(frozen=True)
class GuessedPassword:
    """Did one address fail to log on many times, and then succeed?

    Attributes:
        failures: failed logons from one address within ``window`` that count as guessing.
        window: how long before the success they may lie.
        slow_failures: as ``failures``, for who guesses slowly.
        slow_window: as ``window``, for who guesses slowly.
    """

    failures: int = 10
    window: timedelta = timedelta(minutes=10)
    slow_failures: int = 30
    slow_window: timedelta = timedelta(hours=24)
    techniques: ClassVar[tuple[str, ...]] = ("T1110.001",)
    needs: ClassVar[tuple[str, ...]] = ("logons",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each user whom an address got in as after guessing (High), and
        one for each address that guessed in vain (Low).
        """
        findings = []
        for failures, own in self._guessers(tables["logons"]):
            guessed = own[self._guessed(own, failures)]
            by_user = guessed.groupby("TargetUsername", sort=False, dropna=False)
            findings += [self._success(rows, failures) for _, rows in by_user]
            if guessed.empty:
                later = own["TimeGenerated"] >= failures["TimeGenerated"].min()
                findings += self._in_vain(failures, own[later])
        return findings

    def reported(self, logons: pd.DataFrame) -> set[tuple[str | None, str]]:
        """Return host and address of what :meth:`run` would report, without the findings."""
        return {
            (_known(failures["DvcHostname"].iloc[0]), failures["Source"].iloc[0])
            for failures, own in self._guessers(logons)
            if self._guessed(own, failures).any() or self._guessed(failures, failures).any()
        }

    def _guessers(self, logons: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
        """Yield failures and successes of each address that failed often enough at all."""
        failed, succeeded = (rows[_NEEDED] for rows in split(logons))
        sums = failed.groupby(["DvcHostname", "Source"], dropna=False)["EventCount"]
        failed = failed[sums.transform("sum") >= self.failures]
        guessers = failed["Source"].unique()
        tried = succeeded["Source"].isin(guessers)  # the rest guessed nothing
        came, none = by_source(succeeded[tried]), succeeded.head(0)
        for key, failures in by_source(failed).items():
            yield failures, came.get(key, none)

    def _guessed(self, tries: pd.DataFrame, failures: pd.DataFrame) -> pd.Series[Any]:
        """Tell which tries come when there were enough failures within a window."""
        return (self._before(tries, failures, self.window) >= self.failures) | (
            self._before(tries, failures, self.slow_window) >= self.slow_failures
        )

    @staticmethod
    def _before(tries: pd.DataFrame, failures: pd.DataFrame, window: timedelta) -> pd.Series[Any]:
        """Count the failures that lie within a window before each try."""
        # both are in order of time, see split; in numpy, as there may be thousands of addresses
        times = failures["TimeGenerated"].to_numpy("datetime64[ns]")
        sums = np.concatenate(([0], failures["EventCount"].to_numpy("int64").cumsum()))
        at = tries["TimeGenerated"].to_numpy("datetime64[ns]")
        starts = times.searchsorted(at - np.timedelta64(window))
        counts = sums[times.searchsorted(at, side="right")] - sums[starts]
        return pd.Series(counts, index=tries.index, dtype="int64")

    def _success(self, succeeded: pd.DataFrame, failures: pd.DataFrame) -> Finding:
        first = succeeded.iloc[0]
        # they are in order of time, see split
        times = failures["TimeGenerated"].to_numpy("datetime64[ns]")
        until = first["TimeGenerated"].to_datetime64()
        tried = failures.iloc[: times.searchsorted(until, side="right")]
        against, counts = list(tried["TargetUsername"]), list(tried["EventCount"])
        count = int(sum(counts))
        users = len({name for name in against if pd.notna(name)})
        user = _known(first["TargetUsername"])
        own = int(sum(n for name, n in zip(against, counts, strict=True)
                      if user is not None and pd.notna(name) and name == user))  # fmt: skip
        return Finding(
            "logons",
            f"Guessed password: {count:,} failures from {first['Source']},"
            f" then in as {user or 'somebody'}",
            "High",
            (*self.techniques, "T1078"),
            f"{count:,} failed logons from {first['Source']} against {users:,} user names"
            f" ({own:,} against {user or 'that user'}) before it succeeded,"
            f" by {_known(first['LogonMethod']) or 'an unknown method'}",
            tried["TimeGenerated"].min(),
            succeeded["TimeGenerated"].max(),
            _records(succeeded, tried),
            host=_known(first["DvcHostname"]),
            user=user,
            address=first["Source"],
        )

    def _in_vain(self, failures: pd.DataFrame, succeeded: pd.DataFrame) -> list[Finding]:
        """Report guessing that no success follows within the windows."""
        if not self._guessed(failures, failures).any():
            return []
        first = failures.iloc[0]
        count, users = int(failures["EventCount"].sum()), failures["TargetUsername"].nunique()
        got_in = (
            f"; {len(succeeded):,} from there succeeded, none of them right after guessing"
            if len(succeeded)
            else ", and none that succeeded"
        )
        return [
            Finding(
                "logons",
                f"{'Guessing' if len(succeeded) else 'Guessing in vain'}: {count:,} failures"
                f" from {first['Source']}",
                "Low",
                ("T1110.003" if count <= _SPRAYED * users and users >= self.failures else "T1110",),
                f"{count:,} failed logons from {first['Source']} against {users:,} user names"
                f"{got_in}",
                failures["TimeGenerated"].min(),
                failures["TimeGenerated"].max(),
                _records(failures),
                host=_known(first["DvcHostname"]),
                address=first["Source"],
            )
        ]


@dataclass(frozen=True)
class DirectRoot:
    """Did root log on from another machine, rather than through sudo?"""

    techniques: ClassVar[tuple[str, ...]] = ("T1078.003",)
    needs: ClassVar[tuple[str, ...]] = ("logons",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each address: Medium from a public one, else Low."""
        _, succeeded = split(tables["logons"])
        root = succeeded[succeeded["TargetUsername"] == "root"]
        findings = []
        for (host, source), rows in root.groupby(
            ["DvcHostname", "Source"], sort=False, dropna=False
        ):
            methods = ", ".join(sorted(rows["LogonMethod"].dropna().unique())) or "unknown method"
            findings.append(
                Finding(
                    "logons",
                    f"Direct root logon from {source}",
                    "Medium" if _is_public(source) else "Low",
                    self.techniques,
                    f"root logged on {len(rows):,} {'time' if len(rows) == 1 else 'times'}"
                    f" from {source} ({methods})",
                    rows["TimeGenerated"].min(),
                    rows["TimeGenerated"].max(),
                    _records(rows),
                    host=_known(host),
                    user="root",
                    address=str(source),
                )
            )
        return findings


@dataclass(frozen=True)
class FirstFromAddress:
    """Did a user log on from an address that they had not used before?

    Attributes:
        known: successful logons of the user before, from elsewhere, that make a habit.
    """

    known: int = 3
    techniques: ClassVar[tuple[str, ...]] = ("T1078",)
    needs: ClassVar[tuple[str, ...]] = ("logons",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding (Low) for each user and address that breaks a habit."""
        _, succeeded = split(tables["logons"])
        user = ["DvcHostname", "TargetUsername"]
        earlier = succeeded.groupby(user, sort=False, dropna=False).cumcount()
        is_first = ~succeeded.duplicated([*user, "Source"])
        return [
            self._finding(row, int(before))
            for row, before in zip(
                succeeded[is_first & (earlier >= self.known)].to_dict("records"),
                earlier[is_first & (earlier >= self.known)],
                strict=True,
            )
        ]

    def _finding(self, row: dict[Any, Any], before: int) -> Finding:
        return Finding(
            "logons",
            f"First logon of {row['TargetUsername']} from {row['Source']}",
            "Low",
            self.techniques,
            f"{row['TargetUsername']} had logged on {before:,} times before in the window, never"
            f" from {row['Source']}",
            row["TimeGenerated"],
            row["TimeGenerated"],
            tuple(row["RecordIds"]),
            host=_known(row["DvcHostname"]),
            user=_known(row["TargetUsername"]),
            address=row["Source"],
        )


@dataclass(frozen=True)
class Sprayed(PasswordSpraying):
    """Password spraying from addresses that guessing does not report already."""

    def run(self, tables: Tables) -> list[Finding]:
        """Return what :class:`PasswordSpraying` does, of other addresses."""
        found, logons = super().run(tables), tables["logons"]
        if not found:
            return []
        source = logons["SrcIpAddr"].fillna(logons["SrcHostname"])
        own = logons[source.isin({held.address for held in found})]
        reported = GuessedPassword().reported(own)
        return [held for held in found if (held.host, held.address) not in reported]


CHECKS: tuple[Check, ...] = (
    GuessedPassword(),
    Sprayed(),
    DistributedGuessing(),
    KeyFromElsewhere(),
    OddPlaceAndHour(),
    DirectRoot(),
    FirstFromAddress(),
)
