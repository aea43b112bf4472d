"""Addresses that somebody knows for bad, and shells that hold connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from linuxhunt.sections.finding import SEVERITIES, Finding, Tables
from linuxhunt.sections.net_common import (
    ANYWHERE,
    SHELLS,
    between,
    bytes_text,
    first,
    flows_text,
    grouped,
    known,
    records,
    sides,
)

__all__ = ["KnownAddress", "ShellConnection"]

_CONNECTORS = frozenset({"nc", "nc.openbsd", "nc.traditional", "ncat", "netcat", "socat", "telnet"})


@dataclass(frozen=True)
class KnownAddress:
    """Was somebody talked to whom threat intelligence knows?

    Needs a table ``hits``: Indicator, Source, Severity (of the finding, where it is one of
    SEVERITIES), RecordIds. Without it nothing is found. An address that merely knocked (every
    flow of its came to nothing) is Low.
    """

    techniques: ClassVar[tuple[str, ...]] = ("T1071",)
    needs: ClassVar[tuple[str, ...]] = ("flows", "hits")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each known address that flows name."""
        hits = tables.get("hits")
        if hits is None or hits.empty:
            return []
        flows = sides(tables)
        found = flows[flows["RemoteIpAddr"].isin(hits["Indicator"].dropna())]
        return [
            self._finding(known(host), str(address), rows, hits[hits["Indicator"] == address])
            for (host, address), rows in grouped(found, ["DvcHostname", "RemoteIpAddr"])
        ]

    def _finding(
        self, host: str | None, address: str, rows: pd.DataFrame, hits: pd.DataFrame
    ) -> Finding:
        ranks = [SEVERITIES.index(s) for s in hits["Severity"].dropna() if s in SEVERITIES]
        severity = SEVERITIES[max(ranks)] if ranks else "Medium"
        if rows["Failed"].all():
            severity = min(severity, "Low", key=SEVERITIES.index)
        more = tuple(
            uid for ids in hits["RecordIds"] if isinstance(ids, (list, tuple)) for uid in ids
        )
        sources = ", ".join(dict.fromkeys(hits["Source"].dropna().astype(str)))
        failed = int(rows["Failed"].sum())
        return Finding(
            "network",
            f"Known address {address}",
            severity,
            self.techniques,
            f"{sources or 'an indicator'} knows it; {flows_text(len(rows))}"
            + (f", of which {failed:,} came to nothing" if failed else "")
            + f", {bytes_text(rows['Sent'].sum())} out,"
            f" {bytes_text(rows['Received'].sum())} in",
            *between(rows),
            tuple(dict.fromkeys((*records(rows), *more))),
            host=host,
            address=address,
            session=first(rows, "LogonSessionId"),
            process=first(rows, "TargetProcessGuid"),
        )


@dataclass(frozen=True)
class ShellConnection:
    """Does a shell hold a connection, or a program from a place that anybody may write to?

    Only sources that name processes tell (``ss``, Defender, VM insights). A shell itself connects
    to nobody in ordinary work: High. Netcat and its like, to the Internet: Medium; programs in
    /tmp and its like: Medium, High where it is the Internet that they talk to.
    """

    techniques: ClassVar[tuple[str, ...]] = ("T1059.004", "T1071")
    needs: ClassVar[tuple[str, ...]] = ("flows",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each program and address."""
        flows = sides(tables)
        held = flows[
            flows["TargetProcessName"].notna()
            & flows["RemoteIpAddr"].notna()
            & flows["NetworkDirection"].isin(["Inbound", "Outbound"])
        ]
        names = held["TargetProcessName"].str.rsplit("/", n=1).str[-1]
        anywhere = held["TargetProcessName"].str.startswith(ANYWHERE)
        odd = names.isin(SHELLS) | names.isin(_CONNECTORS) | anywhere
        findings = []
        keys = ["DvcHostname", "TargetProcessName", "RemoteIpAddr"]
        for (host, path, address), rows in grouped(held[odd], keys):
            name, outside = str(path).rpartition("/")[2], bool(rows["Outside"].iloc[0])
            placed = str(path).startswith(ANYWHERE)
            if name in _CONNECTORS and not placed and not outside:
                continue
            grave = name in SHELLS or (placed and outside)
            why = (
                "a shell connects to nobody in ordinary work"
                if name in SHELLS
                else "anybody may write to where it stands"
                if placed
                else "it hands a connection to whatever it is told to"
            )
            findings.append(
                Finding(
                    "network",
                    f"{path} holds a connection with {address}",
                    "High" if grave else "Medium",
                    self.techniques,
                    f"{flows_text(len(rows))}, {bytes_text(rows['Sent'].sum())} out,"
                    f" {bytes_text(rows['Received'].sum())} in; {why}",
                    *between(rows),
                    records(rows),
                    host=known(host),
                    address=str(address),
                    session=first(rows, "LogonSessionId"),
                    process=first(rows, "TargetProcessGuid"),
                )
            )
        return findings
