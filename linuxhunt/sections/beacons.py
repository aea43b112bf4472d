"""Does the host call somebody at regular intervals, and is there reason to mind?

That calls are regular says little: clocks, package managers, agents and jobs are regular. Whom they
go to, since when, and by what says more. :mod:`linuxhunt.sections.net_rhythm` tells the first,
:class:`Beaconing` weighs the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from linuxhunt.schema import STR, TIME
from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.net_calls import (
    alike,
    calls,
    program_of,
    rhythm_of,
    serves_names_or_time,
)
from linuxhunt.sections.net_common import (
    ANYWHERE,
    COMMON_PORTS,
    FROM_ANYWHERE,
    SHELLS,
    between,
    bytes_text,
    first,
    grouped,
    length_text,
    records,
    sides,
)
from linuxhunt.sections.net_rhythm import Rhythm

__all__ = ["Beaconing", "rhythms"]

KEYS = ["DvcHostname", "RemoteIpAddr", "DstPortNumber", "NetworkProtocol"]
COLUMNS: dict[str, Any] = {
    "DvcHostname": STR, "RemoteIpAddr": STR, "DstPortNumber": "Int64", "NetworkProtocol": STR,
    "Period": "float64", "Jitter": "float64", "Missed": "float64", "Regular": "float64",
    "Evidence": "float64", "Beats": "Int64", "Flows": "Int64", "Sent": "Int64",
    "Received": "Int64", "FirstTime": TIME, "LastTime": TIME,
}  # fmt: skip

_OWN = ("/usr/lib/systemd/", "/lib/systemd/", "/usr/lib/apt/", "/usr/lib/snapd/")
_SERVICES = frozenset(
    {"apt", "apt-get", "apt-check", "azuremonitoragent", "chronyd", "cloud-init", "collectd",
     "containerd", "dnf", "dockerd", "filebeat", "fluent-bit", "fluentd", "fwupdmgr", "mdatp",
     "mdsd", "metricbeat", "node_exporter", "ntpd", "otelcol", "packagekitd", "puppet",
     "salt-minion", "snapd", "sssd", "systemd-resolved", "systemd-timesyncd", "telegraf",
     "unattended-upgrade", "waagent", "wdavdaemon", "yum", "zabbix_agent2", "zabbix_agentd"}
)  # fmt: skip
"""Programs whose work is to call at regular intervals; believed where they stand under /usr or
/opt, where only root puts things."""


@dataclass(frozen=True)
class Beaconing:
    """Does the host call an address on the Internet at regular intervals?

    Flows that a host opened are looked at by host, address, port and protocol. Each that is
    regular (see :func:`linuxhunt.sections.net_rhythm.rhythm`) is weighed by the reasons there are
    to mind it, one weight each, and from ``medium`` and ``high`` on is more than Low:

    * 3: begun after the host had been watched for ``quiet`` (a quarter of a window that is shorter
      than four times that) without a call to that address, and longer than it was silent later on:
      what comes daily has not begun on the first day;
    * 3: a shell made the calls, or a program in a place that anybody may write to;
    * 2: the address has tried to log on to this host and failed, or is a known indicator;
    * 1: no other address of its network was called;
    * 1: the port is no common service's;
    * 1: all calls send as much as one another, and little (a score after RITA's of data sizes);
    * -3: a program whose work that is made them, where a source names it;
    * -2: each call sends a ``transfer`` or more: LargeUpload judges those;
    * -2: they are mail (25): a queue tries again at regular intervals;
    * -2: three and more hosts call there alike, when several are looked at.

    Time servers (123/udp with as little as NTP sends), name servers and addresses within are no
    findings: :func:`rhythms` shows them.

    Attributes:
        least: beats below which nothing is said.
        kappa: regular share beyond chance that counts as regular.
        bits: evidence against chance that is needed.
        sure_kappa: as ``kappa``, where there is much evidence.
        sure_bits: how much that is.
        alike_bits: as ``bits``, where also the sizes are alike.
        among_kappa: as ``kappa``, for beats among other traffic.
        among_bits: as ``bits``, likewise.
        quiet: for how long a host must have been watched before a first call is new.
        longer: how many times as long as any later silence that must have been.
        fresh: periods that it must have been, at least.
        small: bytes up to which a call is small.
        transfer: bytes from which a call is no call but a transfer.
        medium: weight from which a finding is Medium.
        high: weight from which it is High.
    """

    least: int = 6
    kappa: float = 0.6
    bits: float = 14.0
    sure_kappa: float = 0.5
    sure_bits: float = 40.0
    alike_bits: float = 8.0
    among_kappa: float = 0.3
    among_bits: float = 50.0
    quiet: timedelta = timedelta(hours=6)
    longer: float = 1.5
    fresh: int = 10
    small: int = 20_000
    transfer: int = 1_000_000
    medium: int = 4
    high: int = 7
    techniques: ClassVar[tuple[str, ...]] = ("T1071", "T1571")
    needs: ClassVar[tuple[str, ...]] = ("flows",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each address, port and protocol that is called regularly."""
        flows = sides(tables)
        out = calls(flows)
        watched = {
            host: (rows["EventStartTime"].min(), rows["EventStartTime"].max())
            for host, rows in flows.groupby(flows["DvcHostname"].fillna(""))
        }
        hosts = out.groupby("RemoteIpAddr")["DvcHostname"].nunique(dropna=False)
        alone = out.groupby("Network")["RemoteIpAddr"].nunique()
        minded = _minded(tables)
        findings = []
        for key, rows in self._candidates(out[out["Outside"]]):
            found = self.regular(rows)
            if found is None:
                continue
            address, port = key[1], key[2]
            weight, reasons = 0, [_said(found)]
            window = watched[key[0] if pd.notna(key[0]) else ""]
            for extra, reason in self._reasons(
                rows,
                found,
                window,
                int(hosts[address]),
                int(alone[rows["Network"].iloc[0]]),
                minded,
            ):
                weight += extra
                reasons.append(reason)
            severity = (
                "High" if weight >= self.high else "Medium" if weight >= self.medium else "Low"
            )
            common = pd.isna(port) or int(port) in COMMON_PORTS
            findings.append(
                Finding(
                    "network",
                    f"Regular calls to {address}{_port(port, key[3])}, about every"
                    f" {length_text(found.period)}",
                    severity,
                    ("T1071",) if common else self.techniques,
                    "; ".join(reasons),
                    *between(rows),
                    records(rows),
                    host=None if pd.isna(key[0]) else str(key[0]),
                    address=str(address),
                    session=first(rows, "LogonSessionId"),
                    process=first(rows, "TargetProcessGuid"),
                )
            )
        return findings

    def _candidates(self, out: pd.DataFrame) -> Iterator[tuple[Any, pd.DataFrame]]:
        for key, rows in grouped(out, KEYS):
            if len(rows) >= self.least and not serves_names_or_time(rows, key[2]):
                yield key, rows

    def regular(self, rows: pd.DataFrame) -> Rhythm | None:
        """Return the rhythm of flows of one address, port and protocol; None where there is none.

        Args:
            rows: flows as :func:`linuxhunt.sections.net_common.sides` gives them.
        """
        found = rhythm_of(rows, self.least)
        if found is None:
            return None
        if found.among:
            enough = found.kappa >= self.among_kappa and found.evidence >= self.among_bits
        else:
            needed = self.alike_bits if alike(rows) >= 0.9 else self.bits
            share = self.sure_kappa if found.evidence >= self.sure_bits else self.kappa
            enough = found.kappa >= share and found.evidence >= needed
        return found if enough else None

    def _reasons(
        self, rows: pd.DataFrame, found: Rhythm, window: tuple[Any, Any], hosts: int,
        of_network: int, minded: dict[str, str],
    ) -> Iterator[tuple[int, str]]:  # fmt: skip
        """Yield weight and words of each reason to mind regular calls, or not to."""
        address, port = str(rows["RemoteIpAddr"].iloc[0]), rows["DstPortNumber"].iloc[0]
        before = (rows["EventStartTime"].min() - window[0]).total_seconds()
        said = f"first called {length_text(before)} after watching began"
        yield 3 if self._is_new(rows, found, before, window) else 0, said
        program, place = program_of(rows)
        if program in SHELLS:
            yield 3, f"{place} calls, a shell"
        elif place and place.startswith(ANYWHERE):
            yield 3, f"{place} calls, which {FROM_ANYWHERE}"
        elif program in _SERVICES and place and place.startswith(("/usr/", "/opt/", "/lib/")):
            yield -3, f"{place} calls, whose work that is"
        elif place and place.startswith(_OWN):
            yield -3, f"{place} calls, a part of the system"
        elif place:
            yield 0, f"{place} calls"
        if address in minded:
            yield 2, minded[address]
        if of_network == 1:
            yield 1, "nothing else of its network is called"
        if pd.notna(port) and int(port) not in COMMON_PORTS:
            yield 1, f"port {int(port)} is no common service's"
        sent = float(rows["Sent"].median()) if rows["Sent"].notna().any() else None
        if sent is not None and 0 < sent <= self.small and alike(rows) >= 0.8:
            yield 1, f"each call sends about {bytes_text(sent)}"
        elif sent is not None and sent >= self.transfer:
            yield -2, f"each call sends about {bytes_text(sent)}, a transfer"
        if pd.notna(port) and int(port) == 25:
            yield -2, "mail is tried again at regular intervals"
        if hosts >= 3:
            yield -2, f"{hosts} hosts call there"

    def _is_new(
        self, rows: pd.DataFrame, found: Rhythm, before: float, window: tuple[Any, Any]
    ) -> bool:
        """Whether calls began after so long a silence that it says something."""
        whole = (window[1] - window[0]).total_seconds()
        pause = float(np.diff(rows["Time"].to_numpy(np.float64)).max())
        return (
            before >= min(self.quiet.total_seconds(), whole / 4)
            and before >= self.longer * pause
            and before >= self.fresh * found.period
        )


def rhythms(tables: Tables, least: int = 6) -> pd.DataFrame:
    """Return what is called at regular intervals, also within and where nobody need mind.

    Args:
        tables: ``flows``.
        least: beats below which nothing is said.

    Returns:
        One row a host, address, port and protocol: these, then Period (seconds), Jitter, Missed,
        Regular (shares), Evidence (bits against chance), Beats, Flows, Sent and Received (bytes),
        FirstTime, LastTime; the most regular first.
    """
    check = Beaconing(least=least)
    rows = []
    for key, flows in calls(sides(tables)).groupby(KEYS, dropna=False, sort=False):
        found = check.regular(flows) if len(flows) >= least else None
        if found is not None:
            rows.append(
                (*key, found.period, found.jitter, found.missed, found.share, found.evidence,
                 found.beats, len(flows), flows["Sent"].sum(), flows["Received"].sum(),
                 *between(flows))
            )  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    return frame.sort_values("Evidence", ascending=False, kind="stable", ignore_index=True)


def _minded(tables: Tables) -> dict[str, str]:
    """Return address -> why it is not any address: it failed to log on, or is an indicator."""
    found: dict[str, str] = {}
    logons = tables.get("logons")
    if logons is not None and len(logons):
        failed = logons[logons["EventResult"].eq("Failure")]
        tries = failed.groupby("SrcIpAddr")["EventCount"].sum()
        found |= {str(a): f"it failed to log on here {int(n):,} times" for a, n in tries.items()}
    hits = tables.get("hits")
    if hits is not None and len(hits):
        found |= {str(value): "it is a known indicator" for value in hits["Indicator"].dropna()}
    return found


def _port(port: Any, protocol: Any) -> str:
    if pd.isna(port):
        return ""
    return f" port {int(port)}" + ("" if pd.isna(protocol) else f"/{str(protocol).lower()}")


def _said(found: Rhythm) -> str:
    """Say how regular calls are, with the numbers."""
    if found.among:
        return (
            f"{found.beats:,} of the calls are followed by another after"
            f" {length_text(found.period)}, far more than chance would have"
            f" ({found.evidence:,.0f} bits)"
        )
    lost = f", {found.missed:.0%} of the beats missing" if found.missed >= 0.005 else ""
    return (
        f"{found.beats:,} beats about {length_text(found.period)} apart, {found.jitter:.0%}"
        f" jitter{lost}; {found.share:.0%} of the intervals are regular"
        f" ({found.evidence:,.0f} bits against chance)"
    )
