"""Did somebody use credentials that are not theirs to get in?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Any, ClassVar

import pandas as pd

from linuxhunt.sections.finding import Check, Finding, Tables

__all__ = [
    "CHECKS",
    "HYPOTHESIS",
    "DirectRoot",
    "FirstFromAddress",
    "GuessedPassword",
    "worth_a_look",
]

HYPOTHESIS = "Somebody used credentials that are not theirs to get in."


def _split(logons: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return failures and successes that came from an address or a named host."""
    remote = logons.assign(Source=logons["SrcIpAddr"].fillna(logons["SrcHostname"]))
    remote = remote[remote["Source"].notna()]
    remote = remote.sort_values("TimeGenerated", kind="stable")
    failed = remote["EventResult"] == "Failure"
    return remote[failed], remote[remote["EventResult"] == "Success"]


def _records(rows: pd.DataFrame) -> tuple[str, ...]:
    return tuple(dict.fromkeys(uid for ids in rows["RecordIds"] for uid in ids))


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
        failed, succeeded = _split(tables["logons"])
        by_source = failed.groupby(["DvcHostname", "Source"], dropna=False, sort=False)
        findings = []
        for key, failures in by_source:
            if failures["EventCount"].sum() < self.failures:
                continue
            host = succeeded["DvcHostname"]
            same = (host.isna() if key[0] != key[0] else host == key[0]) & (
                succeeded["Source"] == key[1]
            )
            got_in = self._after_guessing(succeeded[same], failures)
            findings += [self._success(rows, failures) for rows in got_in]
            if not got_in:
                later = succeeded["TimeGenerated"] >= failures["TimeGenerated"].min()
                findings += self._in_vain(failures, succeeded[same & later])
        return findings

    def _after_guessing(
        self, succeeded: pd.DataFrame, failures: pd.DataFrame
    ) -> list[pd.DataFrame]:
        """Return the successes that came after guessing, one frame for each user."""
        guessed = (self._before(succeeded, failures, self.window) >= self.failures) | (
            self._before(succeeded, failures, self.slow_window) >= self.slow_failures
        )
        by_user = succeeded[guessed].groupby("TargetUsername", sort=False, dropna=False)
        return [rows for _, rows in by_user]

    @staticmethod
    def _before(
        succeeded: pd.DataFrame, failures: pd.DataFrame, window: timedelta
    ) -> pd.Series[Any]:
        """Count the failures that lie within a window before each success."""
        ordered = failures.sort_values("TimeGenerated")
        times = pd.DatetimeIndex(ordered["TimeGenerated"])
        sums = [0, *ordered["EventCount"].cumsum()]
        ends = times.searchsorted(pd.DatetimeIndex(succeeded["TimeGenerated"]), side="right")
        starts = times.searchsorted(pd.DatetimeIndex(succeeded["TimeGenerated"] - window))
        counts = [sums[end] - sums[start] for start, end in zip(starts, ends, strict=True)]
        return pd.Series(counts, index=succeeded.index, dtype="int64")

    def _success(self, succeeded: pd.DataFrame, failures: pd.DataFrame) -> Finding:
        first = succeeded.iloc[0]
        tried = failures[failures["TimeGenerated"] <= first["TimeGenerated"]]
        count = int(tried["EventCount"].sum())
        users = tried["TargetUsername"].nunique()
        user = _known(first["TargetUsername"])
        own = int(tried.loc[tried["TargetUsername"] == first["TargetUsername"], "EventCount"].sum())
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
            _records(pd.concat([succeeded, tried])),
            host=_known(first["DvcHostname"]),
            user=user,
            address=first["Source"],
        )

    def _in_vain(self, failures: pd.DataFrame, succeeded: pd.DataFrame) -> list[Finding]:
        """Report guessing that no success follows within the windows."""
        quick = self._before(failures, failures, self.window).max() >= self.failures
        slow = self._before(failures, failures, self.slow_window).max() >= self.slow_failures
        if not (quick or slow):
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
                ("T1110",),
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
        _, succeeded = _split(tables["logons"])
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
        _, succeeded = _split(tables["logons"])
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


CHECKS: tuple[Check, ...] = (GuessedPassword(), DirectRoot(), FirstFromAddress())


def _kind(finding: Finding) -> str:
    """Return what a finding is, without its numbers; an address in a title has colons, too."""
    return finding.title.split(": ")[0]


def worth_a_look(
    sessions: pd.DataFrame,
    findings: Iterable[Finding],
    alerts: pd.DataFrame,
    *,
    night: tuple[int, int] = (0, 5),
) -> pd.DataFrame:
    """Put the sessions that are worth a look first, each with its reasons.

    Args:
        sessions: the ``sessions`` table.
        findings: of this section; a session of a finding's host, user and address is marked.
        alerts: rows with TimeGenerated; a session during which one was raised is marked.
        night: hours of the day, UTC, from and before which an interactive logon is odd.

    Returns:
        The sessions with two columns before the others: Reasons (list of str, empty where there
        are none) and Weight (``Int64``, their sum of weights); highest weight first, then by time.
    """
    marks: list[tuple[pd.Series[Any], int, str]] = []
    remote = sessions["SrcIpAddr"].fillna(sessions["SrcHostname"])
    opened = sessions["EventStartTime"]
    start = opened.fillna(pd.Timestamp.min.tz_localize("UTC"))  # it was there before the log
    end = sessions["EventEndTime"].fillna(pd.Timestamp.max.tz_localize("UTC"))
    for finding in findings:
        if finding.user is not None and finding.address is not None:
            same = (remote == finding.address) & (sessions["TargetUsername"] == finding.user)
            if finding.host is not None:
                same &= sessions["DvcHostname"] == finding.host
            weight = {"High": 100, "Medium": 40, "Low": 10}.get(finding.severity, 1)
            marks.append((same, weight, _kind(finding)))
    for time in alerts["TimeGenerated"].dropna() if len(alerts) else ():
        marks.append(((start <= time) & (time < end), 30, "an alert was raised during it"))
    is_login = sessions["ParentSessionId"].isna() & remote.notna()
    marks.append((is_login & (sessions["TargetUsername"] == "root"), 20, "root from outside"))
    odd = opened.dt.hour.between(night[0], night[1] - 1) & is_login & sessions["Tty"].notna()
    marks.append((odd, 5, f"opened between {night[0]:02}:00 and {night[1]:02}:00 UTC"))
    reasons: list[list[str]] = [[] for _ in range(len(sessions))]
    weights = [0] * len(sessions)
    for where, weight, reason in marks:
        where = where.fillna(False).astype(bool)
        for position in where.to_numpy().nonzero()[0]:
            if reason not in reasons[position]:
                reasons[position].append(reason)
                weights[position] += weight
    marked = sessions.copy()
    marked.insert(0, "Weight", pd.Series(weights, index=sessions.index, dtype="Int64"))
    marked.insert(0, "Reasons", pd.Series(reasons, index=sessions.index, dtype=object))
    order = marked.assign(Start=opened.fillna(sessions["EventEndTime"]))
    order = order.sort_values(["Weight", "Start"], ascending=[False, True], kind="stable")
    return marked.loc[order.index].reset_index(drop=True)
