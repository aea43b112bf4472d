"""Much that goes out, connections that last, and name servers that are told too much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

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

__all__ = ["DnsTunnel", "LargeUpload", "LongConnection"]

_CARRIERS = frozenset(
    {"aws", "azcopy", "curl", "ftp", "gsutil", "lftp", "nc", "ncat", "rclone", "rsync", "scp",
     "sftp", "socat", "wget"}
)  # fmt: skip
_KEEPERS = frozenset(
    {"bareos-fd", "barman", "borg", "borgmatic", "dnf", "dockerd", "duplicity", "kopia",
     "pgbackrest", "postgres", "restic", "snapd", "veeamagent", "waagent", "wal-g"}
)  # fmt: skip


def _program(rows: pd.DataFrame) -> tuple[str, str] | None:
    """Return name and path of the program that made the flows; None where nothing names it."""
    path = first(rows, "TargetProcessName")
    return None if path is None else (path.rpartition("/")[2], path)


@dataclass(frozen=True)
class LargeUpload:
    """Did much go out to somebody on the Internet, more than came back?

    Flows that the host opened are added up by host, address and port, and those that others
    opened to the host where they carried files (SSH, FTP). Each sum that is large is weighed, one
    weight each, and from ``medium`` on is Medium, from ``high`` on High:

    * 2: to an address that was not talked to for ``quiet`` before;
    * 1: that ``quiet`` was a day or more;
    * 1: ``huge`` bytes or more;
    * 1: no other address of its network was talked to;
    * 1: a program that carries files made them (curl, rclone, ...); 3: one in a place that
      anybody may write to;
    * -2: a program that keeps backups did;
    * -3: as much went there on other days, too.

    Attributes:
        least: bytes sent that are many.
        huge: bytes that are very many.
        ratio: times as many as came back.
        quiet: for how long an address must not have been talked to, to be new.
        medium: weight from which a finding is Medium.
        high: weight from which it is High.
    """

    least: int = 100_000_000
    huge: int = 1_000_000_000
    ratio: float = 3.0
    quiet: timedelta = timedelta(hours=6)
    medium: int = 4
    high: int = 7
    techniques: ClassVar[tuple[str, ...]] = ("T1048", "T1041")
    needs: ClassVar[tuple[str, ...]] = ("flows",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each address and port that much went out to."""
        flows = sides(tables)
        talk = flows[flows["Outside"] & ~flows["Failed"]]
        carried = talk["NetworkDirection"].eq("Outbound") | (
            talk["NetworkDirection"].eq("Inbound") & talk["DstPortNumber"].isin([20, 21, 22, 990])
        )
        sent = talk[carried.fillna(False).astype(bool) & talk["Sent"].notna()]
        keys = ["DvcHostname", "RemoteIpAddr", "DstPortNumber"]
        sums = sent.groupby(keys, dropna=False)[["Sent", "Received"]].transform("sum")
        large = sent[
            (sums["Sent"] >= self.least)
            & (sums["Sent"] >= self.ratio * sums["Received"].fillna(0))
        ]  # fmt: skip
        alone = talk.groupby("Network")["RemoteIpAddr"].nunique()
        begin = flows["EventStartTime"].min()
        findings = []
        for (host, address, port), rows in grouped(large, keys):
            earlier = talk.loc[talk["RemoteIpAddr"] == address, "EventStartTime"].min()
            weight = 0
            said = [
                f"{bytes_text(rows['Sent'].sum())} went out to {address} in"
                f" {flows_text(len(rows))}, {bytes_text(rows['Received'].sum())} came back"
            ]
            single = int(alone.get(rows["Network"].iloc[0], 1)) == 1
            for extra, reason in self._reasons(rows, earlier - begin, single):
                weight += extra
                said.append(reason)
            findings.append(
                Finding(
                    "network",
                    f"{bytes_text(rows['Sent'].sum())} sent to {address}"
                    + (f" port {int(port)}" if pd.notna(port) else ""),
                    "High" if weight >= self.high else "Medium" if weight >= self.medium else "Low",
                    self.techniques,
                    "; ".join(said),
                    *between(rows),
                    records(rows),
                    host=known(host),
                    address=str(address),
                    session=first(rows, "LogonSessionId"),
                    process=first(rows, "TargetProcessGuid"),
                )
            )
        return findings

    def _reasons(
        self, rows: pd.DataFrame, before: pd.Timedelta, single: bool
    ) -> Iterator[tuple[int, str]]:
        length = length_text(before.total_seconds())
        if before >= max(pd.Timedelta(self.quiet), pd.Timedelta(days=1)):
            yield 3, f"never talked to in the {length} before"
        elif before >= self.quiet:
            yield 2, f"not talked to in the {length} before, less than a day of watching"
        else:
            yield 0, "talked to since watching began"
        if rows["Sent"].sum() >= self.huge:
            yield 1, f"more than {bytes_text(self.huge)}"
        if single:
            yield 1, "nothing else of its network is talked to"
        program = _program(rows)
        if program and program[1].startswith(ANYWHERE):
            yield 3, f"{program[1]} sent it, which {FROM_ANYWHERE}"
        elif program and program[0] in _CARRIERS:
            yield 1, f"{program[1]} sent it"
        elif program and program[0] in _KEEPERS:
            yield -2, f"{program[1]} sent it, which keeps backups"
        days = rows.groupby(rows["EventStartTime"].dt.floor("D"))["Sent"].sum()
        often = days[days >= days.max() / 5]
        if len(often) >= 3 or (len(often) == 2 and before < pd.Timedelta(days=1)):
            yield -3, f"as much went there on {len(often)} days"


@dataclass(frozen=True)
class LongConnection:
    """Is one connection to somebody on the Internet kept open for hours?

    It is Low where the address has been talked to since watching began or the port is a common
    service's, Medium where the address is new and the port is not, or a shell holds it.

    Attributes:
        least: how long a connection lasts that is long.
        quiet: for how long an address must not have been talked to, to be new.
        most: addresses that are named one by one, those with the longest first.
    """

    least: timedelta = timedelta(hours=4)
    quiet: timedelta = timedelta(hours=6)
    most: int = 20
    techniques: ClassVar[tuple[str, ...]] = ("T1071", "T1572")
    needs: ClassVar[tuple[str, ...]] = ("flows",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each address and port with a connection that lasts."""
        flows = sides(tables)
        out = flows[flows["Outside"] & flows["NetworkDirection"].eq("Outbound")]
        least = self.least.total_seconds() * 1000
        long = out[(out["NetworkDuration"] >= least).fillna(False).astype(bool)]
        begin = flows["EventStartTime"].min()
        keys = ["DvcHostname", "RemoteIpAddr", "DstPortNumber"]
        groups = sorted(
            grouped(long, keys),
            key=lambda group: -float(group[1]["NetworkDuration"].max()),
        )
        findings = []
        for (host, address, port), rows in groups[: self.most]:
            longest = float(rows["NetworkDuration"].max()) / 1000
            before = out.loc[out["RemoteIpAddr"] == address, "EventStartTime"].min() - begin
            new = before >= self.quiet
            odd = pd.notna(port) and int(port) not in COMMON_PORTS
            program = _program(rows)
            held = program is not None and (
                program[0] in SHELLS or program[1].startswith(ANYWHERE)
            )  # fmt: skip
            said = (
                f"open for {length_text(longest)}, {bytes_text(rows['Sent'].sum())} out and"
                f" {bytes_text(rows['Received'].sum())} in; first talked to"
                f" {length_text(before.total_seconds())} after watching began"
                + (f"; port {int(port)} is no common service's" if odd else "")
                + (f"; {program[1]} holds it" if program else "")
            )
            findings.append(
                Finding(
                    "network",
                    f"Connection to {address}"
                    + (f" port {int(port)}" if pd.notna(port) else "")
                    + f" open for {length_text(longest)}",
                    "Medium" if held or (new and odd) else "Low",
                    self.techniques,
                    said,
                    *between(rows),
                    records(rows),
                    host=known(host),
                    address=str(address),
                    session=first(rows, "LogonSessionId"),
                    process=first(rows, "TargetProcessGuid"),
                )
            )
        return findings


@dataclass(frozen=True)
class DnsTunnel:
    """Is something carried in questions to a name server?

    Flows tell only sizes. A question of DNS is some 30 to 80 bytes (RFC 1035 has names end at
    255); tools that tunnel fill the names up. So what counts is how much one packet sends on
    average, over so much that it is no oddity. Where a table ``dns`` is there (TimeGenerated,
    DvcHostname, DnsQuery, EventUid), long names that are new each time under one domain count,
    too.

    Attributes:
        least: bytes sent to port 53 of one address that are worth a look.
        each: bytes a packet (without headers) from which questions are not questions.
        flow: bytes sent in one flow from which it is no exchange of questions.
        names: different long names under one domain that are a tunnel.
        length: signs from which a name, without its domain, is long.
    """

    least: int = 200_000
    each: int = 110
    flow: int = 100_000
    names: int = 100
    length: int = 40
    techniques: ClassVar[tuple[str, ...]] = ("T1071.004", "T1048.003")
    needs: ClassVar[tuple[str, ...]] = ("flows",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding (Medium) for each name server, and each domain, told too much."""
        return [*self._sizes(sides(tables)), *self._names(tables.get("dns"))]

    def _sizes(self, flows: pd.DataFrame) -> Iterator[Finding]:
        asked = flows[
            flows["NetworkDirection"].eq("Outbound")
            & flows["DstPortNumber"].isin([53, 5353])
            & flows["Sent"].notna()
        ]
        keys = ["DvcHostname", "RemoteIpAddr", "NetworkProtocol"]
        for (host, address, _), rows in grouped(asked, keys):
            sent = int(rows["Sent"].sum())
            if sent < self.least:
                continue
            counted = rows["SrcPackets"].fillna(1).clip(lower=1)
            each, most = sent / float(counted.sum()), int(rows["Sent"].max())
            if each < self.each and most < self.flow:
                continue
            yield Finding(
                "network",
                f"{bytes_text(sent)} sent to the name server {address}",
                "Medium",
                self.techniques,
                f"{len(rows):,} flows sent {each:,.0f} bytes a packet, {bytes_text(most)} at most"
                f" in one; a question of DNS is 30 to 80 bytes",
                *between(rows),
                records(rows),
                host=known(host),
                address=str(address),
                process=first(rows, "TargetProcessGuid"),
            )

    def _names(self, dns: pd.DataFrame | None) -> Iterator[Finding]:
        if dns is None or dns.empty:
            return
        names = dns["DnsQuery"].fillna("").str.rstrip(".").str.lower()
        parts = names.str.extract(r"^(?P<Labels>.+)\.(?P<Domain>[^.]+\.[^.]+)$")
        asked = dns.assign(Labels=parts["Labels"], Domain=parts["Domain"], Name=names)
        asked = asked[asked["Labels"].str.len() >= self.length]
        for (host, domain), rows in grouped(asked, ["DvcHostname", "Domain"]):
            if rows["Name"].nunique() < self.names:
                continue
            yield Finding(
                "network",
                f"Long names under {domain}, new each time",
                "Medium",
                self.techniques,
                f"{rows['Name'].nunique():,} different names of {self.length} signs and more under"
                f" {domain}, {len(rows):,} questions",
                rows["TimeGenerated"].min(),
                rows["TimeGenerated"].max(),
                tuple(dict.fromkeys(rows["EventUid"].dropna())),
                host=known(host),
            )
