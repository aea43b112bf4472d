"""The log lines behind record ids; of records that are no line of text, what they say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from linuxhunt.schema import STR

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["lines_of"]


def lines_of(hunt: Hunt, records: Iterable[str]) -> dict[str, str]:
    """Return record id -> line, of syslog and of audit, in the window.

    Flows, processes that Defender saw, and alerts are put into words. What is none of these is left
    out.
    """
    ids = list(dict.fromkeys(records))
    window: dict[str, Any] = {"start": hunt.scope.start, "end": hunt.scope.end}
    rows = hunt.workspace.run("lines_by_id", ids=ids, **window).rows
    audit = pd.concat(
        hunt.workspace.run(name, ids=ids, **window).rows
        for name in ("audit_lines_by_id", "audit_records_by_id")
    )
    program = rows["ProcessName"].fillna("")
    pid = ("[" + rows["ProcessID"].astype("Int64").astype(STR) + "]").fillna("")
    text = (
        rows["TimeGenerated"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").astype(STR)
        + " " + rows["Computer"].fillna("-") + " " + program + pid + ": "
        + rows["SyslogMessage"].fillna("")
    )  # fmt: skip
    found = dict(zip(rows["_ItemId"], text, strict=True))
    found |= dict(zip(audit["_ItemId"], audit["RawData"], strict=True))
    rest = {record for record in ids if record not in found}
    for words in (_flows, _processes, _alerts):
        if rest:
            said = words(hunt, rest)
            found |= said
            rest -= said.keys()
    return {record: found[record] for record in ids if record in found}


def _flows(hunt: Hunt, ids: set[str]) -> dict[str, str]:
    rows = hunt.events["flows"]
    return {
        row["EventUid"]: f"{_stamp(row['EventStartTime'])} {_end(row, 'Src')} → {_end(row, 'Dst')}"
        f" {_listed(row, 'NetworkProtocol', 'NetworkApplicationProtocol', 'NetworkDirection')}"
        f" {_sum(row['SrcBytes'])} there, {_sum(row['DstBytes'])} back"
        f" {_listed(row, 'DvcAction', 'TargetProcessName', 'EventProduct')}"
        for row in rows[rows["EventUid"].isin(ids)].to_dict("records")
    }


def _processes(hunt: Hunt, ids: set[str]) -> dict[str, str]:
    rows = hunt.events["processes"]
    return {
        row["EventUid"]: f"{_stamp(row['TimeGenerated'])} process {row['TargetProcessId']}:"
        f" {_listed(row, 'CommandLine', 'TargetProcessName')}"
        for row in rows[rows["EventUid"].isin(ids)].to_dict("records")
    }


def _alerts(hunt: Hunt, ids: set[str]) -> dict[str, str]:
    rows = hunt.alerts.alerts
    return {
        row["_ItemId"]: f"{_stamp(row['TimeGenerated'])} alert:"
        f" {_listed(row, 'AlertName', 'AlertSeverity', 'ProviderName', 'Description')}"
        for row in rows[rows["_ItemId"].isin(ids)].to_dict("records")
    }


def _stamp(time: pd.Timestamp) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}" if pd.notna(time) else "-"


def _end(row: dict[Any, Any], side: str) -> str:
    port = row[f"{side}PortNumber"]
    address = row[f"{side}IpAddr"] if pd.notna(row[f"{side}IpAddr"]) else "?"
    return f"{address} port {port}" if pd.notna(port) else str(address)


def _listed(row: dict[Any, Any], *names: str) -> str:
    held = (row.get(name) for name in names)
    return ", ".join(str(value) for value in held if value is not None and pd.notna(value))


def _sum(number: Any) -> str:
    return f"{number:,} bytes" if pd.notna(number) else "unknown bytes"
