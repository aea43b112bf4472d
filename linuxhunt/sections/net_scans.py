"""Who tries many doors: others those of this host, and this host those of others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.net_common import between, first, grouped, known, records, sides

__all__ = ["ScanIn", "ScanOut"]


def _crowded(
    times: npt.NDArray[np.float64], things: pd.Series[Any], window: float
) -> tuple[int, int, int]:
    """Return the most different things within a window of time, and where it begins and ends.

    Args:
        times: seconds, ascending.
        things: what was tried at each; only its first time in the whole counts, so that who
            comes back to the same places tries nothing new.
        window: seconds.
    """
    new = ~things.duplicated().to_numpy()
    firsts = times[new]
    if not len(firsts):
        return 0, 0, 0
    ends = np.searchsorted(firsts, firsts + window, "right")
    counts = ends - np.arange(len(firsts))
    at = int(np.argmax(counts))
    left = int(np.searchsorted(times, firsts[at], "left"))
    right = int(np.searchsorted(times, firsts[at] + window, "right"))
    return int(counts[at]), left, right


@dataclass(frozen=True)
class ScanIn:
    """Did somebody try many ports of this host?

    Whoever stands on the Internet is scanned all day: that is Informational, one finding for all
    of it. One address that tried many ports is Low, from within, too: it says what that other
    host does, not what this one did.

    Attributes:
        ports: ports of this host within ``window`` that make a scan.
        window: how long it may take.
        failed: share of its flows that must have come to nothing.
        most: addresses that are named one by one.
    """

    ports: int = 12
    window: timedelta = timedelta(minutes=10)
    failed: float = 0.6
    most: int = 10
    techniques: ClassVar[tuple[str, ...]] = ("T1595.001", "T1046")
    needs: ClassVar[tuple[str, ...]] = ("flows",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each heavy scanner, and one for all others together."""
        flows = sides(tables)
        inbound = flows[flows["NetworkDirection"].eq("Inbound") & flows["DstPortNumber"].notna()]
        findings = []
        for host, rows in inbound.groupby("DvcHostname", dropna=False, sort=False):
            heavy = self._heavy(rows)
            findings += [self._scan(known(host), *scan) for scan in heavy[: self.most]]
            named = {str(scan[0]) for scan in heavy[: self.most]}
            rest = rows[rows["Failed"] & ~rows["RemoteIpAddr"].isin(named)]
            if len(rest):
                findings.append(self._background(known(host), rest))
        return findings

    def _heavy(self, rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame, int]]:
        tried = rows.groupby("RemoteIpAddr")["DstPortNumber"].nunique()
        found = []
        for address in tried[tried >= self.ports].index:
            own = rows[rows["RemoteIpAddr"] == address]
            count, left, right = _crowded(
                own["Time"].to_numpy(np.float64), own["DstPortNumber"],
                self.window.total_seconds(),
            )  # fmt: skip
            within = own.iloc[left:right]
            if count >= self.ports and within["Failed"].mean() >= self.failed:
                found.append((str(address), own, count))
        return sorted(found, key=lambda scan: -scan[2])

    def _scan(self, host: str | None, address: str, rows: pd.DataFrame, count: int) -> Finding:
        outside = bool(rows["Outside"].iloc[0])
        return Finding(
            "network",
            f"{address} tried {rows['DstPortNumber'].nunique():,} ports of this host",
            "Low",
            (self.techniques[0],) if outside else (self.techniques[1],),
            f"{count:,} different ports within {self.window.seconds // 60} minutes,"
            f" {rows['Failed'].mean():.0%} of its {len(rows):,} flows came to nothing",
            *between(rows),
            records(rows),
            host=host,
            address=address,
        )

    def _background(self, host: str | None, rows: pd.DataFrame) -> Finding:
        busiest = rows["DstPortNumber"].value_counts().head(5)
        named = ", ".join(f"{port} ({count:,})" for port, count in busiest.items())
        return Finding(
            "network",
            f"{rows['RemoteIpAddr'].nunique():,} addresses knocked in vain",
            "Informational",
            (self.techniques[0],),
            f"{len(rows):,} flows to {rows['DstPortNumber'].nunique():,} ports were refused or"
            f" dropped, most at {named}",
            *between(rows),
            records(rows),
            host=host,
        )


@dataclass(frozen=True)
class ScanOut:
    """Did this host try many hosts, or many ports of one?

    Places that it has been to before do not count, so that who watches the same hosts day after
    day scans nobody; nor does mail (25), which goes to many and often comes to nothing, nor name
    and time servers.

    Attributes:
        hosts: addresses tried on one port within ``window`` that make a scan.
        ports: ports of one address, likewise.
        window: how long it may take.
        failed: share of the flows that must have come to nothing.
        unknown: addresses or ports that are needed where the source does not tell what came of it.
        settled: within how long of the beginning all places seem new, and only ports of one
            address count.
    """

    hosts: int = 15
    ports: int = 20
    window: timedelta = timedelta(minutes=10)
    failed: float = 0.4
    unknown: int = 60
    settled: timedelta = timedelta(minutes=30)
    techniques: ClassVar[tuple[str, ...]] = ("T1046",)
    needs: ClassVar[tuple[str, ...]] = ("flows",)

    _LEFT_OUT: ClassVar[tuple[int, ...]] = (25, 53, 123)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding (High) for each port tried on many hosts, and each host tried."""
        flows = sides(tables)
        out = flows[
            flows["NetworkDirection"].eq("Outbound")
            & flows["RemoteIpAddr"].notna()
            & flows["DstPortNumber"].notna()
            & ~flows["DstPortNumber"].isin(self._LEFT_OUT)
        ]
        begin = flows["EventStartTime"].min()
        findings = []
        for (host, port), rows, count, told in self._many(
            out[out["EventStartTime"] >= begin + self.settled],
            ["DvcHostname", "DstPortNumber"], "RemoteIpAddr", self.hosts,
        ):  # fmt: skip
            findings.append(
                self._finding(known(host), None, rows, told,
                              f"This host tried port {int(port)} of {count:,} addresses")
            )  # fmt: skip
        for (host, address), rows, count, told in self._many(
            out, ["DvcHostname", "RemoteIpAddr"], "DstPortNumber", self.ports
        ):
            findings.append(
                self._finding(known(host), str(address), rows, told,
                              f"This host tried {count:,} ports of {address}")
            )  # fmt: skip
        return findings

    def _many(
        self, out: pd.DataFrame, keys: list[str], tried: str, least: int
    ) -> Iterator[tuple[Any, pd.DataFrame, int, bool]]:
        """Yield key, flows, things tried, and whether the source tells what came of them."""
        counts = out.groupby(keys, dropna=False)[tried].transform("nunique")
        for key, rows in grouped(out[counts >= least], keys):
            count, left, right = _crowded(
                rows["Time"].to_numpy(np.float64), rows[tried], self.window.total_seconds()
            )
            within = rows.iloc[left:right]
            told = bool(within["DvcAction"].notna().any())
            enough = (
                count >= least and within["Failed"].mean() >= self.failed
                if told
                else count >= self.unknown
            )
            if enough:
                yield key, within, count, told

    def _finding(
        self, host: str | None, address: str | None, rows: pd.DataFrame, told: bool, title: str
    ) -> Finding:
        came = (
            f"{rows['Failed'].mean():.0%} of {len(rows):,} flows came to nothing"
            if told
            else f"{len(rows):,} flows; the source does not tell what came of them"
        )
        return Finding(
            "network",
            title,
            "High" if told else "Medium",
            self.techniques,
            f"within {self.window.seconds // 60} minutes, none of them before; {came}",
            *between(rows),
            records(rows),
            host=host,
            address=address,
            session=first(rows, "LogonSessionId"),
            process=first(rows, "TargetProcessGuid"),
        )
