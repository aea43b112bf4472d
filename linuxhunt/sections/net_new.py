"""What was not there before: networks, ports, listeners; and what nobody should speak any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pandas as pd

from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.net_common import (
    ANYWHERE,
    COMMON_PORTS,
    FROM_ANYWHERE,
    SHELLS,
    between,
    bytes_text,
    first,
    flows_text,
    grouped,
    known,
    length_text,
    records,
    sides,
)

__all__ = ["CleartextAccess", "FirstContact", "NewListener", "RarePort", "new_ports"]

_TOLD = {
    1080: "SOCKS", 3333: "mining pools (Stratum)", 4444: "Metasploit's handler",
    5555: "mining pools, and Android's debug bridge", 6660: "IRC", 6666: "IRC", 6667: "IRC",
    6697: "IRC", 7777: "mining pools (Stratum)", 9001: "Tor relays", 9030: "Tor directories",
    9050: "Tor's SOCKS", 14444: "mining pools (Stratum)", 31337: "Back Orifice, and many after it",
    45700: "mining pools (Stratum)", 50050: "Cobalt Strike's team server",
}  # fmt: skip
"""Ports known for what is seldom meant on a server (IANA's registry for SOCKS and IRC, the manuals
of Metasploit, Cobalt Strike, Tor and XMRig for the others)."""

_CLEAR = {
    21: "FTP", 23: "telnet", 69: "TFTP", 512: "rexec", 513: "rlogin", 514: "rsh", 2323: "telnet",
    5800: "VNC", 5900: "VNC", 5901: "VNC", 5902: "VNC", 5903: "VNC", 6000: "X11", 6001: "X11",
}  # fmt: skip
"""TCP ports (69: UDP) of access that passes names, passwords and screens in the clear (IANA)."""
_LOGINS = frozenset({"telnet", "rexec", "rlogin", "rsh"})
_EPHEMERAL = 32_768
"""Where Linux begins to take ports for a client's end, and for data of FTP and RPC."""


def _there(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the flows that came to be: not refused, and with an answer where those are counted."""
    silent = rows["DstBytes"].eq(0).fillna(False) & rows["DstPackets"].fillna(0).eq(0)
    return rows[~rows["Failed"] & ~silent.astype(bool)]


def _direction(flows: pd.DataFrame, direction: str) -> pd.DataFrame:
    return flows[flows["NetworkDirection"].isin([direction])]


def _first(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the first flow of each key: the row that says when it began."""
    return rows.drop_duplicates(keys)


def new_ports(tables: Tables, quiet: timedelta = timedelta(hours=6)) -> pd.DataFrame:
    """Return ports that came into use after a time in which they were not.

    Args:
        tables: ``flows``.
        quiet: how long a host must have been watched before a port is new.

    Returns:
        NetworkDirection, DstPortNumber, NetworkProtocol, FirstTime, Flows, Addresses (different
        ones), Sent, Received (bytes); the latest first. Ports of clients (32768 and above) that
        only one address used are left out.
    """
    flows = _there(sides(tables))
    flows = flows[
        flows["NetworkDirection"].isin(["Inbound", "Outbound", "Listen"])
        & flows["DstPortNumber"].notna()
    ]
    keys = ["NetworkDirection", "DstPortNumber", "NetworkProtocol"]
    grouped = flows.groupby(keys, dropna=False)
    used = grouped.agg(
        FirstTime=("EventStartTime", "min"), Flows=("EventUid", "size"),
        Addresses=("RemoteIpAddr", "nunique"), Sent=("Sent", "sum"), Received=("Received", "sum"),
    ).reset_index()  # fmt: skip
    begin = flows["EventStartTime"].min()
    ephemeral = (used["DstPortNumber"] >= _EPHEMERAL) & (used["Addresses"] < 2)
    new = used[(used["FirstTime"] - begin >= quiet) & ~ephemeral.fillna(False).astype(bool)]
    found: pd.DataFrame = new.sort_values(
        "FirstTime", ascending=False, kind="stable", ignore_index=True
    )
    return found


@dataclass(frozen=True)
class FirstContact:
    """Was somebody talked to, late, of a network that nobody had talked to before?

    A network is an AS where ``places`` (address, ASN, ASName) knows it, else a /24 or /48. A host
    that meets new networks all the time (a mail server, a crawler) says nothing with one more:
    beyond ``few`` there is one Informational finding for all.

    Attributes:
        quiet: how long a host must have been watched before a network is new.
        few: new networks that are named one by one.
    """

    quiet: timedelta = timedelta(hours=24)
    few: int = 5
    techniques: ClassVar[tuple[str, ...]] = ("T1071",)
    needs: ClassVar[tuple[str, ...]] = ("flows",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding (Low) for each new network, or one for all where there are many."""
        flows = sides(tables)
        out = _there(_direction(flows, "Outbound"))
        out = out[out["Outside"]]
        places = tables.get("places")
        owner = pd.Series(pd.NA, index=out.index, dtype=object)
        if places is not None and len(places):
            named = places.dropna(subset=["ASName"]).drop_duplicates("address")
            names = dict(zip(named["address"], named["ASName"], strict=True))
            owner = out["RemoteIpAddr"].map(names).astype(object)
        out = out.assign(Owner=owner.where(owner.notna(), out["Network"]))
        findings = []
        for host, rows in out.groupby("DvcHostname", dropna=False, sort=False):
            begin = flows["EventStartTime"].min()
            begun = _first(rows, ["Owner"])
            late = begun[begun["EventStartTime"] - begin >= self.quiet]
            own = rows[rows["Owner"].isin(late["Owner"])]
            if not len(late):
                continue
            if len(late) <= self.few:
                for owner_name, part in own.groupby("Owner", sort=False):
                    findings.append(self._one(known(host), str(owner_name), part, begin))
            else:
                findings.append(
                    Finding(
                        "network",
                        f"{len(late):,} networks talked to for the first time",
                        "Informational",
                        self.techniques,
                        f"not talked to in the first {length_text(self.quiet.total_seconds())};"
                        f" {flows_text(len(own))}, {bytes_text(own['Sent'].sum())} out",
                        *between(own),
                        records(begun[begun["Owner"].isin(late["Owner"])]),
                        host=known(host),
                    )
                )
        return findings

    def _one(self, host: str | None, owner: str, rows: pd.DataFrame, begin: Any) -> Finding:
        late = (rows["EventStartTime"].min() - begin).total_seconds()
        address = str(rows["RemoteIpAddr"].iloc[0])
        others = rows["RemoteIpAddr"].nunique() - 1
        return Finding(
            "network",
            f"First contact with {owner}",
            "Low",
            self.techniques,
            f"{address}" + (f" and {others:,} others" if others else "")
            + f" of it, {length_text(late)} after watching began; {flows_text(len(rows))},"
            f" {bytes_text(rows['Sent'].sum())} out, {bytes_text(rows['Received'].sum())} in",
            *between(rows),
            records(rows),
            host=host,
            address=address,
            session=first(rows, "LogonSessionId"),
            process=first(rows, "TargetProcessGuid"),
        )  # fmt: skip


@dataclass(frozen=True)
class RarePort:
    """Does the host call a port that hardly anybody calls?

    Low; Medium where the port is known for what a server seldom means (IRC, Tor, mining, default
    handlers of attack tools) and the call was answered, or where a program in a place that
    anybody may write to makes it.

    Attributes:
        share: of the addresses called, those on a port that is rare.
        most: ports that are named one by one.
    """

    share: float = 0.02
    most: int = 10
    techniques: ClassVar[tuple[str, ...]] = ("T1571",)
    needs: ClassVar[tuple[str, ...]] = ("flows",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each address called on a rare port."""
        flows = sides(tables)
        out = _there(_direction(flows, "Outbound"))
        out = out[out["Outside"] & out["DstPortNumber"].notna()]
        rare = out[~out["DstPortNumber"].isin(COMMON_PORTS)]
        findings = []
        keys = ["DvcHostname", "RemoteIpAddr", "DstPortNumber"]
        callers = out.groupby("DstPortNumber")["RemoteIpAddr"].nunique()
        everybody = max(out["RemoteIpAddr"].nunique(), 1)
        for (host, address, port), rows in grouped(rare, keys):
            told, path = _TOLD.get(int(port)), first(rows, "TargetProcessName")
            odd = path is not None and path.startswith(ANYWHERE)
            same = int(callers[port])
            if not (told or odd) and same > 2 and same / everybody > self.share:
                continue
            said = f"{same:,} of {everybody:,} addresses are called on port {int(port)}"
            said += f", which is known for {told}" if told else ""
            said += f"; {path} calls, which {FROM_ANYWHERE}" if odd else ""
            said += (
                f"; {bytes_text(rows['Sent'].sum())} out, {bytes_text(rows['Received'].sum())} in"
            )
            findings.append(
                Finding(
                    "network", f"Rare port {int(port)} of {address}",
                    "Medium" if told or odd else "Low", self.techniques,
                    f"{flows_text(len(rows))}; {said}", *between(rows), records(rows),
                    host=known(host), address=str(address),
                    session=first(rows, "LogonSessionId"),
                    process=first(rows, "TargetProcessGuid"),
                )
            )  # fmt: skip
        findings.sort(key=lambda f: (f.severity != "Medium", f.start))
        return findings[: self.most]


@dataclass(frozen=True)
class NewListener:
    """Was a port of this host answered on, or listened to, that was not before?

    A common service's port is Low; another that somebody on the Internet got an answer on, or
    that a shell or a program in a place that anybody may write to listens on, is Medium.

    Attributes:
        quiet: how long a host must have been watched before a port is new.
        most: ports that are named one by one.
    """

    quiet: timedelta = timedelta(hours=12)
    most: int = 10
    techniques: ClassVar[tuple[str, ...]] = ("T1571", "T1205")
    needs: ClassVar[tuple[str, ...]] = ("flows",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each port that came into use."""
        flows = sides(tables)
        answered = _there(flows[flows["NetworkDirection"].isin(["Inbound", "Listen"])])
        answered = answered[answered["DstPortNumber"].notna()]
        answered = answered[answered["NetworkProtocol"].eq("TCP").fillna(False).astype(bool)
                            | answered["NetworkDirection"].eq("Listen")]  # fmt: skip
        findings = []
        keys = ["DvcHostname", "DstPortNumber"]
        begin = flows["EventStartTime"].min()
        for (host, port), rows in grouped(answered, keys):
            since = rows["EventStartTime"].min() - begin
            used = rows["RemoteIpAddr"].nunique()
            listed = rows["NetworkDirection"].eq("Listen").any()
            if since < self.quiet or (int(port) >= _EPHEMERAL and used < 2 and not listed):
                continue
            path = first(rows, "TargetProcessName")
            odd = path is not None and (
                path.startswith(ANYWHERE) or path.rpartition("/")[2] in SHELLS
            )  # fmt: skip
            open_to_all = int(port) not in COMMON_PORTS and bool(rows["Outside"].any())
            said = f"first {length_text(since.total_seconds())} after watching began"
            said += f", {len(rows):,} flows from {used:,} addresses" if used else ""
            said += f"; {path} listens" if path else ""
            findings.append(
                Finding(
                    "network", f"Port {int(port)} of this host is new",
                    "Medium" if odd or open_to_all else "Low", self.techniques[:1],
                    said, *between(rows), records(rows), host=known(host),
                    address=first(rows[rows["Outside"]], "RemoteIpAddr")
                    or first(rows, "RemoteIpAddr"),
                    process=first(rows, "TargetProcessGuid"),
                )
            )  # fmt: skip
        findings.sort(key=lambda f: (f.severity != "Medium", f.start))
        return findings[: self.most]


@dataclass(frozen=True)
class CleartextAccess:
    """Did somebody work remotely by what passes everything in the clear?

    Telnet and the r-commands that the Internet got an answer on are Medium, and Medium is what
    this host does so to the Internet; VNC and X11 from there likewise where they came after
    ``quiet``; the rest is Low: an FTP server is one's own business.

    Attributes:
        quiet: how long a host must have been watched before a use is new.
    """

    quiet: timedelta = timedelta(hours=12)
    techniques: ClassVar[tuple[str, ...]] = ("T1021", "T1040")
    needs: ClassVar[tuple[str, ...]] = ("flows",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each address and way."""
        flows = sides(tables)
        used = _there(flows[flows["NetworkDirection"].isin(["Inbound", "Outbound"])])
        used = used[used["RemoteIpAddr"].notna()]
        way = used["DstPortNumber"].map(_CLEAR)
        proto = used["NetworkProtocol"].fillna("TCP")
        right = way.notna() & ((proto == "UDP") == way.eq("TFTP"))
        used = used.assign(Way=way)[right]
        begin = flows["EventStartTime"].min()
        keys = ["DvcHostname", "RemoteIpAddr", "NetworkDirection", "Way"]
        return [
            self._finding(known(host), str(address), str(direction), str(name), rows, begin)
            for (host, address, direction, name), rows in grouped(used, keys)
        ]

    def _finding(
        self, host: str | None, address: str, direction: str, way: str, rows: pd.DataFrame,
        begin: Any,
    ) -> Finding:  # fmt: skip
        outside = bool(rows["Outside"].iloc[0])
        new = rows["EventStartTime"].min() - begin >= self.quiet
        grave = outside and (way in _LOGINS or (way in ("VNC", "X11") and new))
        to = "from" if direction == "Inbound" else "to"
        return Finding(
            "network",
            f"{way} {to} {address}, in the clear",
            "Medium" if grave else "Low",
            self.techniques,
            f"{flows_text(len(rows))}, {bytes_text(rows['Sent'].sum())} out,"
            f" {bytes_text(rows['Received'].sum())} in; whoever listens reads names and passwords",
            *between(rows),
            records(rows),
            host=host,
            address=address,
            session=first(rows, "LogonSessionId"),
            process=first(rows, "TargetProcessGuid"),
        )
