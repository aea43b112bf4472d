"""Addresses of the other side, as flows and logs name them, joined; and hours that stand out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from linuxhunt.parse.flows_hosts import plain_address
from linuxhunt.schema import STR, TIME
from linuxhunt.sections.finding import Finding, Tables, severity_rank
from linuxhunt.sections.net_common import outside, sides

__all__ = ["COLUMNS", "addresses", "hours", "out_of_line"]

COLUMNS: dict[str, Any] = {
    "Address": STR, "Severity": STR, "Findings": object, "Directions": STR, "Ports": STR,
    "Flows": "Int64", "Failed": "Int64", "Sent": "Int64", "Received": "Int64",
    "Logons": "Int64", "FailedLogons": "Int64", "Sessions": "Int64", "InFlowsAndLogs": bool,
    "FirstTime": TIME, "LastTime": TIME, "Outside": bool,
}  # fmt: skip

_PORTS = 5


def addresses(tables: Tables, findings: Iterable[Finding] = ()) -> pd.DataFrame:
    """Return every address of another side that flows, logons, sessions or audit name.

    Args:
        tables: any of ``flows``, ``logons``, ``sessions`` and ``audit``.
        findings: those that are about an address mark it.

    Returns:
        One row an address, those with the gravest findings first, then those with most bytes:
        Address, Severity (of the gravest finding, null without), Findings (list of titles),
        Directions and Ports (of flows, the most frequent first), Flows, Failed (refused or
        dropped), Sent, Received (bytes, from the host's view), Logons and FailedLogons
        (attempts), Sessions, InFlowsAndLogs, FirstTime, LastTime, Outside (on the Internet).
        Counts are 0 where a source does not name the address.
    """
    flows = sides(tables)
    flows = flows[flows["RemoteIpAddr"].notna()]
    grouped = flows.groupby("RemoteIpAddr", sort=False)
    found = grouped.agg(
        Flows=("EventUid", "size"), Failed=("Failed", "sum"), Sent=("Sent", "sum"),
        Received=("Received", "sum"), FirstTime=("EventStartTime", "min"),
        LastTime=("EventStartTime", "max"),
    )  # fmt: skip
    found["Directions"] = _listed(flows, "NetworkDirection")
    protocol = flows["NetworkProtocol"].str.lower().fillna("?")
    ports = flows.assign(Port=flows["DstPortNumber"].astype(STR).str.cat(protocol, sep="/"))
    found["Ports"] = _listed(ports, "Port")
    found = found.join(_logons(tables), how="outer").join(_sessions(tables), how="outer")
    found = found.join(_audit(tables), how="outer")
    for name in ("FirstTime", "LastTime"):
        first, *others = (
            found[column].astype(TIME) for column in found if str(column).endswith(name)
        )
        for other in others:  # of a row's times: one call for each column, not for each row
            nearer = other < first if name == "FirstTime" else other > first
            first = first.where(~nearer & first.notna(), other)
        found[name] = first
    counts = ["Flows", "Failed", "Sent", "Received", "Logons", "FailedLogons", "Sessions"]
    found[counts] = found[counts].astype("Int64").fillna(0)
    marked = _marks(findings)
    found = found.rename_axis("Address").reset_index()
    found["Severity"] = found["Address"].map({a: s for a, (s, _) in marked.items()}).astype(STR)
    found["Findings"] = [list(marked.get(address, ("", []))[1]) for address in found["Address"]]
    logged = found["Logons"] + found["FailedLogons"] + found["Sessions"] > 0
    found["InFlowsAndLogs"] = (found["Flows"] > 0) & logged
    known = dict(zip(flows["RemoteIpAddr"], flows["Outside"], strict=True))
    found["Outside"] = [
        known[address] if address in known else outside(address) for address in found["Address"]
    ]
    rank = found["Severity"].map(severity_rank, na_action="ignore").fillna(-1)
    order = found.assign(Rank=rank, Bytes=found["Sent"] + found["Received"])
    order = order.sort_values(
        ["Rank", "Bytes", "Logons", "FailedLogons", "Address"],
        ascending=[False, False, False, False, True], kind="stable",
    )  # fmt: skip
    return found.loc[order.index, list(COLUMNS)].astype(COLUMNS).reset_index(drop=True)


def _listed(rows: pd.DataFrame, column: str) -> pd.Series[Any]:
    """Return address -> its most frequent values of a column, by commas."""
    counts = rows.groupby(["RemoteIpAddr", column], sort=False).size().rename("n").reset_index()
    counts = counts.sort_values("n", ascending=False, kind="stable")
    counts["place"] = counts.groupby("RemoteIpAddr").cumcount()
    many = counts.groupby("RemoteIpAddr").size()
    said = counts[counts["place"] == 0].set_index("RemoteIpAddr")[column].reindex(many.index)
    said = said.astype(STR)
    for place in range(1, _PORTS):  # of a scan's addresses, most have one: a call a place, not each
        further = counts[counts["place"] == place].set_index("RemoteIpAddr")[column].astype(STR)
        said[further.index] = said[further.index] + ", " + further
    rest = many[many > _PORTS] - _PORTS
    said[rest.index] = said[rest.index] + rest.map(" and {:,} more".format).astype(STR)
    return said


def _logons(tables: Tables) -> pd.DataFrame:
    names = ["Logons", "FailedLogons", "LogonFirstTime", "LogonLastTime"]
    logons = tables.get("logons")
    if logons is None or logons.empty:
        return pd.DataFrame(columns=names)
    logons = logons[logons["SrcIpAddr"].notna()]
    won = logons["EventCount"].where(logons["EventResult"].eq("Success"), 0)
    lost = logons["EventCount"].where(logons["EventResult"].eq("Failure"), 0)
    tries = logons.assign(Won=won, Lost=lost).groupby("SrcIpAddr")
    return tries.agg(
        Logons=("Won", "sum"), FailedLogons=("Lost", "sum"),
        LogonFirstTime=("TimeGenerated", "min"), LogonLastTime=("TimeGenerated", "max"),
    )  # fmt: skip


def _sessions(tables: Tables) -> pd.DataFrame:
    sessions = tables.get("sessions")
    if sessions is None or sessions.empty:
        return pd.DataFrame(columns=["Sessions", "SessionFirstTime", "SessionLastTime"])
    sessions = sessions[sessions["SrcIpAddr"].notna()]
    began = sessions["EventStartTime"].fillna(sessions["EventEndTime"])
    return sessions.assign(Began=began).groupby("SrcIpAddr").agg(
        Sessions=("LogonSessionId", "nunique"),
        SessionFirstTime=("Began", "min"), SessionLastTime=("Began", "max"),
    )  # fmt: skip


def _audit(tables: Tables) -> pd.DataFrame:
    audit = tables.get("audit")
    if audit is None or audit.empty:
        return pd.DataFrame(columns=["AuditFirstTime", "AuditLastTime"])
    came = audit.loc[~audit["addr"].isin(["?", "UNKNOWN"]), ["TimeGenerated", "addr"]]
    told = audit.loc[audit["sockaddr"].notna(), ["TimeGenerated", "sockaddr"]]
    called = told.assign(addr=told["sockaddr"].map(_internet))
    named = pd.concat([came, called[["TimeGenerated", "addr"]].astype(came.dtypes)])
    return named.dropna(subset=["addr"]).groupby("addr").agg(
        AuditFirstTime=("TimeGenerated", "min"), AuditLastTime=("TimeGenerated", "max")
    )  # fmt: skip


def _internet(socket: dict[str, Any]) -> str | None:
    """Return the address of a socket's address; None for local ones and this host itself."""
    if socket.get("family") not in ("inet", "inet6") or not socket.get("addr"):
        return None
    address = plain_address(str(socket["addr"]))
    return None if address.startswith("127.") or address == "::1" else address


def _marks(findings: Iterable[Finding]) -> dict[str, tuple[str, list[str]]]:
    """Return address -> severity of its gravest finding, and all their titles."""
    marked: dict[str, tuple[str, list[str]]] = {}
    for finding in sorted(findings, key=lambda f: -severity_rank(f.severity)):
        if finding.address is not None:
            _, titles = marked.setdefault(finding.address, (finding.severity, []))
            titles.append(finding.title)
    return marked


def hours(tables: Tables, step: str = "1h") -> pd.DataFrame:
    """Return what went out and came in over time.

    Args:
        tables: ``flows``.
        step: width of a bin, as pandas writes it.

    Returns:
        Time (beginning of the bin), Sent, Received (bytes), Flows; bins without a flow between
        the first and the last are there with zeros.
    """
    flows = sides(tables)
    bins = flows["EventStartTime"].dt.floor(step)
    sums = flows.groupby(bins)[["Sent", "Received"]].sum()
    sums["Flows"] = flows.groupby(bins).size()
    if len(sums):
        every = pd.date_range(sums.index.min(), sums.index.max(), freq=step, name="EventStartTime")
        sums = sums.reindex(every, fill_value=0)
    return (
        sums.rename_axis("Time")
        .reset_index()
        .astype({"Time": TIME, "Sent": "Int64", "Received": "Int64", "Flows": "Int64"})
    )


def out_of_line(
    tables: Tables, times: float = 8.0, least: int = 50_000_000, most: int = 50
) -> pd.DataFrame:
    """Return hours in which far more went out, or came in, than in others.

    Args:
        tables: ``flows``.
        times: median absolute deviations above the median (of all hours of the host) that are
            far more; a deviation is at least a tenth of the median.
        least: bytes below which no hour is a matter.
        most: hours of a direction at most, those with most bytes.

    Returns:
        Time, Direction (``out``, ``in``), Bytes, Median (bytes in an hour), Times (deviations
        above it), Address (that had most of it) and Share (its part, 0 to 1); most first.
    """
    flows, counted = sides(tables), hours(tables)
    rows = []
    for direction, column in (("out", "Sent"), ("in", "Received")):
        volume = counted[column].astype("float64")
        median = float(volume.median()) if len(volume) else 0.0
        spread = (
            max(float((volume - median).abs().median()), median / 10, 1.0) if len(volume) else 1
        )
        away = (volume - median) / spread
        odd = volume[(away >= times) & (volume >= least)]
        for at in odd.sort_values(ascending=False, kind="stable").index[:most]:
            hour = counted.loc[at, "Time"]
            inside = flows[flows["EventStartTime"].dt.floor("1h") == hour]
            by = inside.groupby("RemoteIpAddr")[column].sum().sort_values(ascending=False)
            rows.append(
                (hour, direction, int(volume[at]), int(median), float(away[at]),
                 by.index[0] if len(by) else None,
                 float(by.iloc[0] / volume[at]) if len(by) else None)
            )  # fmt: skip
    columns: dict[str, Any] = {
        "Time": TIME, "Direction": STR, "Bytes": "Int64", "Median": "Int64", "Times": "float64",
        "Address": STR, "Share": "float64",
    }  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    return frame.sort_values("Bytes", ascending=False, kind="stable", ignore_index=True)
