"""Which names are one host, and which hosts are worth a look."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from linuxhunt.errors import HostError
from linuxhunt.parse.auth import TABLES as AUTH_TABLES
from linuxhunt.parse.counting import pattern
from linuxhunt.parse.shadow import SHADOW
from linuxhunt.parse.shape import Shape, Table
from linuxhunt.schema import STR

__all__ = [
    "RANKING",
    "alerts_on",
    "by_name",
    "called",
    "counted",
    "marked_on",
    "one_name",
    "ranked",
]

RANKING = (
    "Host", "Reasons", "Alerts", "FailedLogons", "NewAccounts", "Rows", "FirstTime", "LastTime",
    "Computers",
)  # fmt: skip
"""Columns of the ranking, in order."""


def one_name(rows: Mapping[str, int]) -> dict[str, str]:
    """Say under which name each spelling of a host is shown.

    Names are compared without case; a short name and its FQDN are one host unless two FQDNs share
    the short name. The spelling with the most rows is shown; of equal ones the longest.

    Args:
        rows: spelling -> number of rows that use it.

    Returns:
        Spelling -> the name that is shown.
    """
    lower = {name: name.casefold().rstrip(".") for name in rows}
    fqdns: dict[str, set[str]] = {}
    for name in lower.values():
        short, dot, _domain = name.partition(".")
        if dot and not _is_address(name):
            fqdns.setdefault(short, set()).add(name)
    groups: dict[str, list[str]] = {}
    for name, low in lower.items():
        known = fqdns.get(low, set())
        key = next(iter(known)) if len(known) == 1 else low
        groups.setdefault(key, []).append(name)
    shown = {}
    for names in groups.values():
        best = max(names, key=lambda name: (rows[name], len(name), name))
        shown.update(dict.fromkeys(names, best))
    return shown


def _is_address(name: str) -> bool:
    return ":" in name or all(part.isdigit() for part in name.split("."))


def _short(name: str) -> str:
    """Return a name without its domain; an address has none."""
    return name if _is_address(name) else name.partition(".")[0]


def by_name(hosts: pd.DataFrame, name: str) -> tuple[str, tuple[str, ...]]:
    """Find a host in the ranking.

    Args:
        hosts: what :func:`ranked` returned.
        name: any spelling of the host, in any case; a short name where only one host has it, or
            an FQDN where the source knows the host by its short name only.

    Returns:
        The name that is shown, and every spelling of it.

    Raises:
        HostError: no host has that name, or several do.
    """
    wanted = name.casefold().rstrip(".")
    exact = [
        (str(host), tuple(spellings))
        for host, spellings in zip(hosts["Host"], hosts["Computers"], strict=True)
        if any(wanted == spelling.casefold().rstrip(".") for spelling in spellings)
    ]
    if len(exact) == 1:
        return exact[0]
    short = [
        (str(host), tuple(spellings))
        for host, spellings in zip(hosts["Host"], hosts["Computers"], strict=True)
        if wanted in {_short(spelling.casefold()) for spelling in spellings}
        or {_short(wanted)} == {spelling.casefold() for spelling in spellings}
    ]
    if len(short) == 1:
        return short[0]
    held = ", ".join(str(host) for host in hosts["Host"].head(8)) or "none"
    if short:
        several = ", ".join(host for host, _ in short)
        raise HostError(f"several hosts are called {name}: {several}; give the whole name")
    raise HostError(f"no host {name} in this window; there are: {held}")


@cache
def counted() -> dict[str, str]:
    """Return the expressions by which an engine counts what makes a host worth a look.

    Failed logons are the lines in which a program (not a PAM module, which says it once more)
    states that a credential was refused; new accounts are those of useradd and its like. They
    are the parameters of the query ``hosts_syslog``.
    """
    failures, no_failures = pattern(AUTH_TABLES, _is_failure)
    accounts, no_accounts = pattern((SHADOW,), _is_new_account)
    return {
        "failures": failures,
        "no_failures": no_failures,
        "accounts": accounts,
        "no_accounts": no_accounts,
    }


def _is_failure(table: Table, shape: Shape) -> bool:
    stated = {**table.common, **shape.constants}
    logon = ("Logon", "Authentication", "Failure")
    kind = tuple(stated.get(name) for name in ("EventType", "EventSubType", "EventResult"))
    return bool(table.programs) and kind == logon


def _is_new_account(table: Table, shape: Shape) -> bool:
    return {**table.common, **shape.constants}.get("EventType") == "UserCreated"


def ranked(syslog: pd.DataFrame, other: pd.DataFrame, alerts: pd.DataFrame) -> pd.DataFrame:
    """Rank hosts by alerts, failed logons, new accounts and when they were last seen.

    Args:
        syslog: answer of the query ``hosts_syslog``.
        other: answer of ``hosts_other``.
        alerts: answer of ``hosts_alerts``. A host that only an alert names is listed, too.

    Returns:
        One row a host, columns RANKING: Reasons is text, Computers the list of spellings.
    """
    parts = pd.concat([syslog, other, alerts.assign(Rows=0)], ignore_index=True)
    parts = parts[parts["Computer"].notna() & (parts["Computer"] != "")]
    counts = parts.groupby("Computer", sort=True)["Rows"].sum()
    shown = one_name({str(name): int(rows) for name, rows in counts.items()})
    parts = parts.assign(Host=parts["Computer"].map(shown))
    for name in ("Alerts", "FailedLogons", "NewAccounts"):
        parts[name] = parts[name].fillna(0).astype("Int64") if name in parts else 0
    hosts = parts.groupby("Host", sort=True).agg(
        Alerts=("Alerts", "sum"),
        FailedLogons=("FailedLogons", "sum"),
        NewAccounts=("NewAccounts", "sum"),
        Rows=("Rows", "sum"),
        FirstTime=("FirstTime", "min"),
        LastTime=("LastTime", "max"),
        Computers=("Computer", lambda names: sorted(set(names))),
    )
    hosts = hosts.reset_index().astype({"Host": STR})
    hosts["Reasons"] = pd.Series(
        [_reasons(row) for row in hosts.to_dict("records")], index=hosts.index, dtype=STR
    )
    order = ["Alerts", "FailedLogons", "NewAccounts", "LastTime", "Rows"]
    hosts = hosts.sort_values([*order, "Host"], ascending=[False] * len(order) + [True])
    return hosts[list(RANKING)].reset_index(drop=True)


def _reasons(row: Mapping[object, int]) -> str:
    """Say in words what makes a host worth a look."""
    named: Iterable[tuple[str, str, str]] = (
        ("Alerts", "alert", "alerts"),
        ("FailedLogons", "failed logon line", "failed logon lines"),
        ("NewAccounts", "new account", "new accounts"),
    )
    counts = [(int(row[column]), one, many) for column, one, many in named]
    words = [f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count]
    return ", ".join(words) or "nothing that stands out"


def called(computers: Iterable[str]) -> list[str]:
    """Return the spellings of a host and their short names, as alerts may call it by either."""
    return sorted({name for spelling in computers for name in (spelling, _short(spelling))})


def alerts_on(alerts: pd.DataFrame, computers: Sequence[str]) -> pd.DataFrame:
    """Keep the alerts that name a host, as an entity or as the compromised one.

    Args:
        alerts: answer of the query ``alerts``, which looks for the name anywhere in the entities.
        computers: every spelling of the host.
    """
    wanted = {name.casefold().rstrip(".") for name in computers}
    named = [
        any(_is_called(name, wanted) for name in _named(entities, compromised))
        for entities, compromised in zip(
            alerts["Entities"], alerts["CompromisedEntity"], strict=True
        )
    ]
    return alerts[pd.Series(named, index=alerts.index, dtype=bool)].reset_index(drop=True)


def marked_on(bookmarks: pd.DataFrame, computers: Sequence[str]) -> pd.DataFrame:
    """Keep the bookmarks that name a host, as an entity or as a value of the row they mark.

    Args:
        bookmarks: answer of the query ``bookmarks``, which looks for the name anywhere in them.
        computers: every spelling of the host.
    """
    wanted = {name.casefold().rstrip(".") for name in computers}
    named = [
        any(_is_called(text.casefold().rstrip("."), wanted) for text in _texts(entities, row))
        for entities, row in zip(bookmarks["Entities"], bookmarks["QueryResultRow"], strict=True)
    ]
    return bookmarks[pd.Series(named, index=bookmarks.index, dtype=bool)].reset_index(drop=True)


def _texts(*columns: Any) -> set[str]:
    """Return the texts that stand as values in JSON, and what of them is a host's whole name."""
    found: set[str] = set()
    for column in columns:
        try:
            waiting = [json.loads(column)] if isinstance(column, str) else []
        except (ValueError, RecursionError):
            continue
        while waiting:
            item = waiting.pop()
            if isinstance(item, dict):
                lower = {str(key).lower(): value for key, value in item.items()}
                name, domain = lower.get("hostname"), lower.get("dnsdomain")
                if isinstance(name, str) and isinstance(domain, str) and domain:
                    found.add(name if "." in name else f"{name}.{domain}")
                    lower.pop("hostname")
                waiting += lower.values()
            elif isinstance(item, list):
                waiting += item
            elif isinstance(item, str):
                found.add(item)
    return found


def _is_called(name: str, wanted: set[str]) -> bool:
    """Tell whether a name is one of a host's, whole or short; another FQDN is another host."""
    shorts = {_short(known) for known in wanted}
    if name in wanted or name in shorts:
        return True
    return _short(name) in shorts and wanted == shorts


def _named(entities: Any, compromised: Any) -> set[str]:
    """Return the hosts that an alert names, in lower case, with their domains where stated."""
    names = [compromised]
    try:
        listed = json.loads(entities) if isinstance(entities, str) else []
    except (ValueError, RecursionError):
        listed = []
    for entity in listed if isinstance(listed, list) else []:
        if isinstance(entity, dict) and str(entity.get("Type", "")).casefold() == "host":
            name, domain = entity.get("HostName"), entity.get("DnsDomain")
            has_domain = isinstance(name, str) and "." not in name and domain
            names += [f"{name}.{domain}" if has_domain else name, entity.get("NetBiosName")]
    return {name.casefold().rstrip(".") for name in names if isinstance(name, str) and name}
