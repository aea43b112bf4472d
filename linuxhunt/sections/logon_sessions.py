"""Which sessions are worth a look, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from linuxhunt.hosts import alerts_on
from linuxhunt.schema import TIME
from linuxhunt.sections.finding import Finding
from linuxhunt.sections.people import fold, folded, tops

__all__ = ["worth_a_look"]

_WEIGHTS = {"High": 100, "Medium": 40, "Low": 10}
_ALERT, _RATIO, _ROOT, _NIGHT = 30, 15, 20, 5
_FAILURES, _SHARE = 3, 0.5
"""Failures from an address as the user before the session, and their part of all tries there."""
_HABIT, _OFTEN = 8, 0.25
"""Earlier sessions on a terminal, and the part of them at night that makes night no odd hour."""
_NEAR = pd.Timedelta(minutes=1)


class _Marks:
    """Reasons and weights by session, in the order in which they were given."""

    def __init__(self, size: int) -> None:
        self.reasons: list[list[str]] = [[] for _ in range(size)]
        self.weights = [0] * size

    def add(self, place: int, weight: int, reason: str) -> None:
        if reason not in self.reasons[place]:
            self.reasons[place].append(reason)
            self.weights[place] += weight

    def where(self, marked: pd.Series[Any], weight: int, reason: str) -> None:
        for place in marked.fillna(False).astype(bool).to_numpy().nonzero()[0]:
            self.add(int(place), weight, reason)


def _kind(finding: Finding) -> str:
    """Return what a finding is, without its numbers; an address in a title has colons, too."""
    return finding.title.split(": ")[0]


def worth_a_look(
    sessions: pd.DataFrame,
    findings: Iterable[Finding],
    alerts: pd.DataFrame,
    *,
    logons: pd.DataFrame | None = None,
    ran: Iterable[Finding] = (),
    night: tuple[int, int] = (0, 5),
) -> pd.DataFrame:
    """Put the sessions that are worth a look first, each with its reasons.

    Args:
        sessions: the ``sessions`` table.
        findings: of the logons; a session of a finding's host, user and address is marked where it
            began between the finding's first and last moment, or before the log.
        alerts: rows with TimeGenerated; a session during which one was raised is marked. Where
            they state Entities and CompromisedEntity and there are several hosts, it is one that
            names the session's host.
        logons: the ``logons`` table; a session is marked where most of the tries from its address
            as its user had failed until then.
        ran: findings on what ran; those of Medium and High that name a session, or one within it,
            are counted at the session.
        night: hours of the day, UTC, from and before which an interactive logon is odd, unless
            the user works at night.

    Returns:
        The sessions with two columns before the others: Reasons (list of str, empty where there
        are none) and Weight (``Int64``, their sum of weights); highest weight first, then by time.
    """
    marks = _Marks(len(sessions))
    remote = sessions["SrcIpAddr"].fillna(sessions["SrcHostname"])
    opened = sessions["EventStartTime"]
    _by_findings(marks, sessions, remote, findings)
    _by_what_ran(marks, sessions, ran)
    _by_alerts(marks, sessions, alerts)
    is_login = sessions["ParentSessionId"].isna() & remote.notna()
    marks.where(is_login & (sessions["TargetUsername"] == "root"), _ROOT, "root from outside")
    if logons is not None:
        _by_ratio(marks, sessions[is_login], remote, logons, sessions.index)
    odd = opened.dt.hour.between(night[0], night[1] - 1) & is_login & sessions["Tty"].notna()
    odd &= ~_works_at_night(sessions, odd)
    marks.where(odd, _NIGHT, f"opened between {night[0]:02}:00 and {night[1]:02}:00 UTC")
    marked = sessions.copy()
    weights = pd.Series(marks.weights, index=sessions.index, dtype="Int64")
    marked.insert(0, "Weight", weights)
    marked.insert(0, "Reasons", pd.Series(marks.reasons, index=sessions.index, dtype=object))
    order = marked.assign(Start=opened.fillna(sessions["EventEndTime"]))
    order = order.sort_values(["Weight", "Start"], ascending=[False, True], kind="stable")
    return marked.loc[order.index].reset_index(drop=True)


def _by_findings(
    marks: _Marks, sessions: pd.DataFrame, remote: pd.Series[Any], findings: Iterable[Finding]
) -> None:
    told = [held for held in findings if held.address is not None and held.user is not None]
    asked = remote.isin({held.address for held in told})  # the rest are no finding's
    asked &= sessions["TargetUsername"].isin({held.user for held in told})
    at = asked.to_numpy(bool).nonzero()[0]
    own = sessions.iloc[at]
    places: dict[tuple[Any, Any], list[int]] = {}
    for number, key in enumerate(zip(remote.iloc[at], own["TargetUsername"], strict=True)):
        places.setdefault(key, []).append(number)
    hosts, starts = list(own["DvcHostname"]), own["EventStartTime"].to_numpy("datetime64[ns]")
    numbers = {key: np.array(held) for key, held in places.items()}
    for finding in told:
        of = numbers.get((finding.address, finding.user))
        if of is None:
            continue
        first, last = ((finding.start - _NEAR).to_datetime64(),
                       (finding.end + _NEAR).to_datetime64())  # fmt: skip
        within = np.isnat(starts[of]) | ((starts[of] >= first) & (starts[of] <= last))
        for number in of[within]:
            if finding.host in (None, hosts[number]):
                marks.add(int(at[number]), _WEIGHTS.get(finding.severity, 1), _kind(finding))


def _by_what_ran(marks: _Marks, sessions: pd.DataFrame, ran: Iterable[Finding]) -> None:
    graves = [
        (finding.session, finding.severity)
        for finding in ran
        if finding.session is not None and finding.severity in ("High", "Medium")
    ]
    if not graves:
        return
    above = tops(sessions)
    counts: dict[str, dict[str, int]] = {}
    for session, severity in graves:
        own = counts.setdefault(above.get(session, session), {})
        own[severity] = own.get(severity, 0) + 1
    ids = sessions["LogonSessionId"]
    for place in ids.isin(set(counts)).to_numpy(bool).nonzero()[0]:
        own = counts[ids.iloc[place]]
        told = " and ".join(f"{own[name]:,} {name}" for name in ("High", "Medium") if name in own)
        weight = _WEIGHTS["High" if "High" in own else "Medium"]
        marks.add(int(place), weight, f"findings on what it ran: {told}")


def _by_alerts(marks: _Marks, sessions: pd.DataFrame, alerts: pd.DataFrame) -> None:
    if alerts.empty or sessions.empty:
        return
    hosts = sessions["DvcHostname"]
    start = sessions["EventStartTime"].fillna(pd.Timestamp.min.tz_localize("UTC"))  # before the log
    end = sessions["EventEndTime"].fillna(pd.Timestamp.max.tz_localize("UTC"))
    states = {"Entities", "CompromisedEntity"} <= set(alerts.columns)
    several = states and hosts.nunique() > 1
    for host in hosts.dropna().unique() if several else (None,):
        named = alerts if host is None else alerts_on(alerts, [str(host)])
        times = pd.DatetimeIndex(named["TimeGenerated"].dropna().sort_values().astype(TIME))
        first = times.searchsorted(pd.DatetimeIndex(start.astype(TIME)))
        last = times.searchsorted(pd.DatetimeIndex(end.astype(TIME)))
        raised = pd.Series(last > first, index=sessions.index)
        if host is not None:
            raised &= hosts == host
        marks.where(raised, _ALERT, "an alert was raised during it")


def _by_ratio(
    marks: _Marks,
    logins: pd.DataFrame,
    remote: pd.Series[Any],
    logons: pd.DataFrame,
    index: pd.Index[Any],
) -> None:
    """Mark where most tries from there as that user failed until the session began."""
    tries = logons.assign(Source=logons["SrcIpAddr"].fillna(logons["SrcHostname"]))
    tries = tries[tries["Source"].notna() & tries["EventResult"].isin(["Failure", "Success"])]
    tries = tries.sort_values("TimeGenerated", kind="stable")
    failed = tries["EventResult"] == "Failure"
    keys = [folded(tries["DvcHostname"]), tries["TargetUsername"], tries["Source"]]
    counts = pd.DataFrame(
        {
            "Failed": tries["EventCount"].where(failed, 0).groupby(keys, sort=False).cumsum(),
            "All": tries["EventCount"].groupby(keys, sort=False).cumsum(),
            "TimeGenerated": tries["TimeGenerated"],
        }
    ).set_axis(tries.index)
    last = counts["Failed"].groupby(keys, sort=False).transform("last")
    many = (last >= _FAILURES).fillna(
        False
    )  # of a group: few have so many, and each group is a frame below
    counts, keys = counts[many], [key[many] for key in keys]
    groups = dict(iter(counts.groupby(keys, sort=False)))
    if not groups:
        return
    places = {label: place for place, label in enumerate(index)}
    hosts, users, sources, starts = (
        column.tolist() for column in (logins["DvcHostname"], logins["TargetUsername"],
                                       remote[logins.index], logins["EventStartTime"])
    )  # fmt: skip
    for label, host, user, source, start in zip(
        logins.index, hosts, users, sources, starts, strict=True
    ):
        rows = groups.get((fold(host), user, source))
        if rows is None or pd.isna(start):
            continue
        until = rows[rows["TimeGenerated"] <= start + _NEAR]
        if until.empty:
            continue
        failures, total = int(until["Failed"].iloc[-1]), int(until["All"].iloc[-1])
        if failures >= _FAILURES and failures >= _SHARE * total:
            reason = f"{failures:,} of {total:,} tries from there failed"
            marks.add(places[label], _RATIO, reason)


def _works_at_night(sessions: pd.DataFrame, night: pd.Series[Any]) -> pd.Series[Any]:
    """Return for each session whether its user often had opened one at night before."""
    typed = sessions["Tty"].notna() & sessions["ParentSessionId"].isna()
    order = sessions[typed & sessions["EventStartTime"].notna()].sort_values("EventStartTime")
    who = [order["DvcHostname"].fillna(""), order["TargetUsername"].fillna("")]
    before = order.groupby(who, sort=False).cumcount()
    dark = night[order.index].fillna(False).astype(int)
    at_night = dark.groupby(who, sort=False).cumsum() - dark
    often = (before >= _HABIT) & (at_night >= _OFTEN * before)
    return often.reindex(sessions.index, fill_value=False)
