"""How a user differs: from their own past in the window, and from the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from linuxhunt.schema import STR, TIME
from linuxhunt.sections.finding import Tables
from linuxhunt.sections.people import arrivals, of_people

__all__ = ["DIFFERS", "OTHERS", "OWN_PAST", "differs", "programs"]

DIFFERS = ("Compared", "What", "Value", "Detail", "Time")
"""Columns of :func:`differs`: what it is compared with (OWN_PAST or OTHERS), what kind of thing,
the thing, the numbers in words, and when it was first seen (null where it is no moment)."""

OWN_PAST, OTHERS = "own past", "the others"

_LOGONS, _COMMANDS, _DAYS, _PEOPLE, _TRIES = 3, 20, 5, 3, 10
"""So many logons, commands, days, other users and tries make a comparison worth anything."""
_SCORE, _MORE, _RATE = 3.5, 5, 3.0
"""Robust score, count above the median, and factor of a rate from which it is told."""
_MOST = 30
_NORMAL = 0.6745
"""Median absolute deviation of a normal distribution, in standard deviations
(Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993: scores above 3.5)."""


def programs(commands: pd.Series[Any]) -> pd.Series[Any]:
    """Return the name of the program that each command begins with, without its folder."""
    first = commands.astype(STR).str.extract(r"^\s*(\S+)", expand=False).str.strip("\"'")
    named: pd.Series[Any] = first.str.replace(r"^.*/", "", regex=True).str.removeprefix("-")
    return named.astype(STR)


def differs(user: str, tables: Tables, ran: pd.DataFrame) -> pd.DataFrame:
    """Compare a user.

    Args:
        user: a name.
        tables: ``logons`` and ``sessions``; ``places`` may be absent.
        ran: :func:`linuxhunt.sections.commands.commands` of the same scope.

    Returns:
        Rows of DIFFERS; none where there is too little to compare, or no difference.
    """
    came = arrivals(tables)
    places = tables.get("places")
    country: dict[str, Any] = {}
    if places is not None:
        country = dict(zip(places["address"], places["Country"], strict=True))
    came["Country"] = came["SrcIpAddr"].map(country).astype(STR)

    ran = ran.assign(Program=programs(ran["CommandLine"]))
    rows = [
        *_firsts(came[came["TargetUsername"] == user]),
        *_new_programs(ran[ran["User"] == user]),
        *_volumes(user, tables["logons"], ran),
        *_only_theirs(user, ran),
        *_failure_rate(user, tables["logons"]),
        *_hours(user, of_people(tables["sessions"])),
    ]
    frame = pd.DataFrame(rows, columns=list(DIFFERS))
    for name in DIFFERS[:4]:
        frame[name] = frame[name].astype(STR)
    frame["Time"] = pd.to_datetime(frame["Time"], utc=True).astype(TIME)
    return frame


def _firsts(came: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """First addresses, networks, countries, methods and hours after a habit."""
    kinds = (("address", "Source"), ("network", "Network"), ("country", "Country"),
             ("way to log on", "LogonMethod"))  # fmt: skip
    for what, column in kinds:
        known = came[came[column].notna()]
        first = known[~known.duplicated(column) & (known["Before"] >= _LOGONS)]
        for row in first.head(_MOST).to_dict("records"):
            others = known.loc[known["TimeGenerated"] < row["TimeGenerated"], column].nunique()
            detail = f"after {row['Before']:,} logons with {others:,} others"
            yield OWN_PAST, f"first {what}", row[column], detail, row["TimeGenerated"]


def _new_programs(own: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Programs never used before, once there is a past of enough commands on two days."""
    own = own[own["Program"].notna() & own["Program"].ne("")].reset_index(drop=True)
    day = own["TimeGenerated"].dt.floor("D")
    first = own[~own.duplicated("Program") & (own.index >= _COMMANDS) & (day > day.min())]
    for place, row in first.head(_MOST).iterrows():
        detail = f"after {int(str(place)):,} commands: {row['CommandLine']}"
        yield OWN_PAST, "first use of program", row["Program"], detail, row["TimeGenerated"]


def _volumes(user: str, logons: pd.DataFrame, ran: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Days on which much more was done than on the others, by median and absolute deviation."""
    parts = (
        ("logons", logons[logons["TargetUsername"].eq(user) & logons["EventResult"].eq("Success")]),
        ("failed logons", logons[logons["TargetUsername"].eq(user)
                                 & logons["EventResult"].eq("Failure")]),
        ("sudo commands", ran[ran["User"].eq(user) & ran["Source"].eq("sudo")]),
        ("executions", ran[ran["User"].eq(user) & ran["Source"].eq("process")]),
    )  # fmt: skip
    for what, rows in parts:
        days = rows["TimeGenerated"].dt.floor("D").value_counts().sort_index()
        if len(days) < _DAYS:
            continue
        middle = float(days.median())
        spread = max(float((days - middle).abs().median()), 1.0)
        score = _NORMAL * (days - middle) / spread
        for day in days.index[(score > _SCORE) & (days >= middle + _MORE)]:
            yield (OWN_PAST, f"many {what}", f"{days[day]:,} on {day:%d %b}",
                   f"a median of {middle:,.0f} on {len(days):,} days", day)  # fmt: skip


def _only_theirs(user: str, ran: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Programs, and commands under sudo, that none of the other users has used."""
    others = ran[ran["User"].ne(user) & ran["User"].notna()]
    if others["User"].nunique() < _PEOPLE:
        return
    sudo = ran["Source"] == "sudo"
    told = (("program only they use", "Program", ran), ("sudo command only they use", "CommandLine",
                                                       ran[sudo]))  # fmt: skip
    for what, column, rows in told:
        own = rows[rows["User"].eq(user) & rows[column].notna() & rows[column].ne("")]
        theirs = set(rows.loc[rows["User"].ne(user), column].dropna())
        alone = own[~own[column].isin(theirs)]
        counts = alone.groupby(column, sort=False)["TimeGenerated"].agg(["size", "min"])
        for name, row in counts.sort_values("size", kind="stable").head(_MOST).iterrows():
            detail = f"{row['size']:,} times; none of {others['User'].nunique():,} others"
            yield OTHERS, what, name, detail, row["min"]


def _failure_rate(user: str, logons: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """A part of failed logons that is far above the others'; of users that ever got in."""
    tries = logons[logons["EventResult"].isin(["Failure", "Success"])]
    failed = tries["EventCount"].where(tries["EventResult"] == "Failure", 0)
    sums = pd.DataFrame({"all": tries["EventCount"], "failed": failed}).groupby(
        tries["TargetUsername"]
    ).sum()  # fmt: skip
    sums = sums[(sums["all"] >= _TRIES) & ((sums["failed"] < sums["all"]) | (sums.index == user))]
    rest = sums.drop(index=user, errors="ignore")
    if user not in sums.index or len(rest) < _PEOPLE:
        return
    rates = (sums["failed"] / sums["all"]).astype(float)
    own, middle = float(rates[user]), float(rates.drop(index=user).median())
    failures, tries_made = int(sums["failed"][user]), int(sums["all"][user])
    if own > _RATE * max(middle, 0.02):
        detail = (
            f"{failures:,} of {tries_made:,} tries; the median of {len(rest):,} others is"
            f" {middle:.0%}"
        )
        yield OTHERS, "rate of failed logons", f"{own:.0%}", detail, pd.NaT


def _hours(user: str, sessions: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Hours at which only this user opens sessions, of enough people with enough sessions."""
    held = sessions[sessions["ParentSessionId"].isna() & sessions["EventStartTime"].notna()]
    counts = held["TargetUsername"].value_counts()
    people = counts.index[counts >= _LOGONS].drop(user, errors="ignore")
    own = held[held["TargetUsername"] == user]
    if len(people) < _PEOPLE or len(own) < _LOGONS:
        return
    theirs = set(held.loc[held["TargetUsername"].isin(people), "EventStartTime"].dt.hour)
    near = {(hour + shift) % 24 for hour in theirs for shift in (-1, 0, 1)}
    alone = own[~own["EventStartTime"].dt.hour.isin(near)]
    if len(alone):
        hours = np.unique(alone["EventStartTime"].dt.strftime("%H:00"))
        yield (OTHERS, "hours of sessions", ", ".join(hours),
               f"{len(alone):,} of {len(own):,} sessions, none of {len(people):,} others within an"
               " hour of it", alone["EventStartTime"].min())  # fmt: skip
