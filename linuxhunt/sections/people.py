"""Who is who: networks of addresses, sessions within sessions, odd ways in."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any

import pandas as pd

from linuxhunt.schema import STR
from linuxhunt.sections.finding import Tables

__all__ = [
    "DAEMONS",
    "PRIVILEGED",
    "arrivals",
    "by_time",
    "doubts",
    "fold",
    "folded",
    "known",
    "networks",
    "of_people",
    "plural",
    "records",
    "tops",
]

PRIVILEGED = frozenset(
    ["sudo", "wheel", "admin", "root", "docker", "lxd", "lxc", "disk", "shadow", "adm", "kvm",
     "libvirt", "podman", "systemd-journal", "sudoers", "google-sudoers", "incus-admin", "kmem"]
)  # fmt: skip
"""Groups that give root, or a way to it, or the logs."""

DAEMONS = frozenset(
    ["www-data", "apache", "apache2", "httpd", "nginx", "www", "wwwrun", "http", "lighttpd",
     "caddy", "tomcat", "jetty", "php-fpm", "nobody", "daemon", "bin", "sys", "sync", "games",
     "man", "lp", "mail", "news", "uucp", "proxy", "list", "irc", "gnats", "mysql", "mariadb",
     "redis", "memcached", "memcache", "mongodb", "mongod", "elasticsearch", "rabbitmq", "ntp",
     "chrony", "_chrony", "sshd", "messagebus", "systemd-network", "systemd-resolve",
     "systemd-timesync", "syslog", "_apt", "dnsmasq", "bind", "named", "postfix", "dovecot",
     "polkitd", "avahi", "rpc", "rpcuser", "ftp", "squid", "haproxy", "uuidd", "tcpdump",
     "landscape", "pollinate", "statd", "saned", "colord", "cups", "halt", "shutdown", "operator"]
)  # fmt: skip
"""Accounts that programs run as, and that nobody logs on with."""

_NESTED = ("sudo", "su", "runuser", "pkexec", "doas")
_HABIT, _SETTLED = 3, 10
_LEVELS = 8


def known(value: Any) -> str | None:
    """Return a cell's text; None where it is null."""
    return str(value) if pd.notna(value) else None


def plural(number: int, one: str) -> str:
    """Return a count and its noun: ``1 logon``, ``2 logons``."""
    return f"{number:,} {one if number == 1 else one + 's'}"


def fold(host: Any) -> str:
    """Return a host's name to compare by; "" where it is null."""
    return str(host).lower() if pd.notna(host) else ""


def folded(hosts: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of hosts' names to compare by, as :func:`fold` does."""
    names: pd.Series[Any] = hosts.astype(STR).str.lower().fillna("")
    return names


def records(*frames: pd.DataFrame) -> tuple[str, ...]:
    """Return the record ids of rows, each once: of RecordIds, or of EventUid where there is none.

    Rows of cron have an EventUid only.
    """
    found: dict[str, None] = {}
    for rows in frames:
        if "RecordIds" in rows:
            found.update((uid, None) for ids in rows["RecordIds"] for uid in ids or ())
        else:
            found.update((uid, None) for uid in rows["EventUid"].dropna())
    return tuple(found)


def of_people(sessions: pd.DataFrame) -> pd.DataFrame:
    """Leave out the sessions that cron and the user's systemd open by themselves."""
    return sessions[~sessions["LogonProtocol"].isin(["cron", "systemd-user"])]


def networks(addresses: pd.Series[Any], places: pd.DataFrame | None = None) -> pd.Series[Any]:
    """Return the network that each address is of, as text to compare and to show.

    Args:
        addresses: IPv4 and IPv6 addresses, and anything else that a log calls a source.
        places: columns of :func:`linuxhunt.enrich.geo.places`; its ASName names a network.

    Returns:
        The name of the network where that is known, else the prefix: /24 or /48 of a public
        address, /16 of a private one. What is no address stays as it is, null stays null.
    """
    names: dict[str, str] = {}
    if places is not None and len(places):
        held = places[places["ASName"].notna()]
        names = dict(zip(held["address"], held["ASName"], strict=True))
    texts = addresses.dropna().unique()
    found = {text: names.get(str(text)) or _prefix(str(text)) for text in texts}
    return addresses.map(found).astype(STR)


def _prefix(text: str) -> str:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return text
    size = 48 if address.version == 6 else 16 if address.is_private else 24
    return str(ip_network(f"{address}/{size}", strict=False))


def tops(sessions: pd.DataFrame) -> dict[str, str]:
    """Return for each session the one that it began in, through su and sudo; itself at the top."""
    parents = dict(zip(sessions["LogonSessionId"], sessions["ParentSessionId"], strict=True))
    found: dict[str, str] = {}
    for session in parents:
        top = session
        for _ in range(_LEVELS):
            above = parents.get(top)
            if not isinstance(above, str) or above not in parents or above == session:
                break
            top = above
        found[session] = top
    return found


def arrivals(tables: Tables) -> pd.DataFrame:
    """Return the successful logons from elsewhere, by time.

    Returns:
        Rows of ``logons`` and Source (address, else host name), Network, Before (the user's
        earlier ones on the host), NewNetwork (none of these came from its network), Strange (nobody
        had, of at least ten logons on the host before).
    """
    logons = tables["logons"]
    came = logons[logons["EventResult"] == "Success"]
    came = came.assign(Source=came["SrcIpAddr"].fillna(came["SrcHostname"]))
    came = came[came["Source"].notna()].sort_values("TimeGenerated", kind="stable")
    came = came.assign(Network=networks(came["Source"], tables.get("places")))
    user = ["DvcHostname", "TargetUsername"]
    came["Before"] = came.groupby(user, dropna=False, sort=False).cumcount()
    came["NewNetwork"] = ~came.duplicated([*user, "Network"]).to_numpy()
    host = came.groupby("DvcHostname", dropna=False, sort=False)
    came["Strange"] = ~came.duplicated(["DvcHostname", "Network"]) & (host.cumcount() >= _SETTLED)
    return came.reset_index(drop=True)


def doubts(tables: Tables) -> dict[str, list[str]]:
    """Return for each session the reasons to doubt that its user is who came in.

    Reasons are facts that are not ordinary: a finding of Medium or High on the way in, the user's
    first logon from a network where they had come from others at least three times, an account
    that programs run as. Sessions within a session have its reasons; those without any have none.

    Args:
        tables: ``sessions`` and ``logons``; ``findings`` (the findings table of the logons) and
            ``places`` may be absent.
    """
    sessions = tables["sessions"]
    if sessions.empty:
        return {}
    came = arrivals(tables)
    new = came[came["NewNetwork"] & (came["Before"] >= _HABIT)]
    firsts: dict[tuple[str, str, str], list[pd.Timestamp]] = {}
    row: Any
    for row in new.itertuples():
        key = (fold(row.DvcHostname), str(row.TargetUsername), str(row.Source))
        firsts.setdefault(key, []).append(row.TimeGenerated)
    findings = tables.get("findings")
    grave = [] if findings is None else _ways(findings)
    remote = sessions["SrcIpAddr"].fillna(sessions["SrcHostname"])
    people = of_people(sessions.assign(Source=remote))
    sources = {key[2] for key in firsts} | {str(finding["SrcIpAddr"]) for finding in grave}
    daemon = people["TargetUsername"].isin(DAEMONS) & ~people["LogonProtocol"].isin(_NESTED)
    found: dict[str, list[str]] = {}
    for row in people[people["Source"].isin(sources) | daemon].itertuples():
        reasons = _odd(row, str(row.Source), firsts, grave)
        if row.TargetUsername in DAEMONS and row.LogonProtocol not in _NESTED:
            reasons.append("it is of an account that programs run as")
        if reasons:
            found[str(row.LogonSessionId)] = reasons
    top = tops(sessions)
    return found | {own: found[above] for own, above in top.items() if above in found}


def _ways(findings: pd.DataFrame) -> list[Mapping[Any, Any]]:
    grave = findings["EventSeverity"].isin(["High", "Medium"]) & findings["SrcIpAddr"].notna()
    rows: list[Any] = findings[grave & findings["Section"].eq("logons")].to_dict("records")
    return rows


def _odd(
    row: Any,
    source: str,
    firsts: Mapping[tuple[str, str, str], list[pd.Timestamp]],
    grave: list[Mapping[Any, Any]],
) -> list[str]:
    """Say what is odd about how a session from elsewhere began."""
    start = row.EventStartTime
    near = pd.Timedelta(minutes=1)
    reasons = [
        f"its logon is a finding ({str(finding['Title']).split(': ')[0]})"
        for finding in grave
        if finding["SrcIpAddr"] == source
        and finding["TargetUsername"] in (row.TargetUsername, None)
        and fold(finding["DvcHostname"]) in ("", fold(row.DvcHostname))
        and (pd.isna(start) or start >= finding["EventStartTime"] - near)
    ]
    times = firsts.get((fold(row.DvcHostname), str(row.TargetUsername), source), [])
    if pd.notna(start) and any(abs(start - time) <= near for time in times):
        reasons.append("it is the user's first from that network")
    return list(dict.fromkeys(reasons))


def by_time(frame: pd.DataFrame, column: str = "TimeGenerated") -> pd.DataFrame:
    """Return rows that have a time, in its order."""
    return frame[frame[column].notna()].sort_values(column, kind="stable")
