"""Azure's traffic analytics to ``flows``: NTANetAnalytics, and AzureNetworkAnalytics_CL before it.

Source: Microsoft's "Traffic analytics schema and data aggregation" (azure-docs,
articles/network-watcher/traffic-analytics-schema.md). A row sums up the flows of a processing
interval (10 or 60 minutes) that share addresses, destination port, rule, direction and protocol;
source ports are left out. FlowStartTime is when the first of them began, FlowEndTime when the
last of them began, so no duration follows from them. Inbound bytes and packets are those from the
destination to the source of the flow, outbound ones the other way, whatever the flow's direction.

Of flows with public addresses the address column is blank, and SrcPublicIps or DestPublicIps
holds entries ``address|flows started|flows ended|outbound packets|inbound packets|outbound
bytes|inbound bytes``, one after another. Each becomes a row of its own with its own counts; all
of them keep the record id. FlowDirection is that at the network card where it was captured.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd

from linuxhunt.parse.engine import to_arrow, to_pandas
from linuxhunt.parse.flows_hosts import Hosts
from linuxhunt.parse.flows_seen import as_seen
from linuxhunt.schema import STR

__all__ = ["flows_nsg", "flows_vnet"]

NUMBERS = {"1": "ICMP", "6": "TCP", "17": "UDP", "T": "TCP", "U": "UDP", "58": "ICMPV6"}
"""Protocols as flow logs write them."""

_DIRECTIONS = {"i": "Inbound", "inbound": "Inbound", "o": "Outbound", "outbound": "Outbound"}
_ACTIONS = {"a": "Allow", "allowed": "Allow", "d": "Deny", "denied": "Deny"}

# An address holds a dot or a colon, a count neither: so entries are told apart whatever stands
# between them.
_ENTRIES = r"""
CREATE TEMP TABLE entries AS
WITH tokens AS (
    SELECT n, unnest(token) AS token, unnest(range(len(token))) AS k
    FROM (SELECT n, string_split_regex(packed, '[|\s,;]+') AS token FROM given
        WHERE packed IS NOT NULL)
), counted AS (
    SELECT n, k, token, sum(regexp_matches(token, '[.:]')::INTEGER)
        OVER (PARTITION BY n ORDER BY k ROWS UNBOUNDED PRECEDING) AS e
    FROM tokens WHERE token <> ''
)
SELECT n, e, list(token ORDER BY k) AS part, count(*) OVER (PARTITION BY n) AS together
FROM counted WHERE e > 0 GROUP BY n, e
"""
_UNPACKED = """
SELECT given.n, e.part[1] AS remote, coalesce(e.together, 0) AS together,
    coalesce(len(e.part) >= 7, false) AS counted,
    greatest(TRY_CAST(part[2] AS BIGINT), TRY_CAST(part[3] AS BIGINT), 1) AS flows,
    TRY_CAST(part[-4] AS BIGINT) AS out_packets, TRY_CAST(part[-3] AS BIGINT) AS in_packets,
    TRY_CAST(part[-2] AS BIGINT) AS out_bytes, TRY_CAST(part[-1] AS BIGINT) AS in_bytes
FROM given LEFT JOIN entries AS e USING (n) ORDER BY given.n, e.e
"""


def flows_vnet(rows: pd.DataFrame, hosts: Hosts) -> pd.DataFrame:
    """Return ``EVENTS["flows"]`` of NTANetAnalytics (the query ``flows_vnet``).

    EventCount is the number of flows that a row, or an entry of packed addresses, stands for, at
    least 1. SrcPortNumber is given where SrcPorts (newer rows) names one port alone.
    """
    told = pd.DataFrame(
        {
            "start": rows["FlowStartTime"].fillna(rows["TimeGenerated"]),
            "end": rows["FlowEndTime"],
            "source": rows["SrcIp"],
            "target": rows["DestIp"],
            "sources": rows["SrcPublicIps"],
            "targets": rows["DestPublicIps"],
            "source_vm": rows["SrcVm"],
            "target_vm": rows["DestVm"],
            "source_port": rows["SrcPorts"].where(rows["SrcPorts"].str.fullmatch(r"\d{1,5}")),
            "port": rows["DestPort"],
            "protocol": rows["L4Protocol"],
            "application": rows["L7Protocol"],
            "direction": rows["FlowDirection"],
            "status": rows["FlowStatus"],
            "out_bytes": rows["BytesSrcToDest"],
            "in_bytes": rows["BytesDestToSrc"],
            "out_packets": rows["PacketsSrcToDest"],
            "in_packets": rows["PacketsDestToSrc"],
            "flows": _total(rows, "AllowedInFlows", "DeniedInFlows", "AllowedOutFlows",
                            "DeniedOutFlows").fillna(rows["CompletedFlows"]),
            "uid": rows["_ItemId"],
        }
    )  # fmt: skip
    return _flows(told, hosts, "VNet flow logs")


def flows_nsg(rows: pd.DataFrame, hosts: Hosts) -> pd.DataFrame:
    """Return ``EVENTS["flows"]`` of AzureNetworkAnalytics_CL (the query ``flows_nsg``).

    Of flows with public addresses, the machine's own is VMIP_s. PublicIPs_s, of the schema before
    August 2019, is read where the newer columns are empty.
    """
    outward = rows["FlowDirection_s"].str.lower().isin(["o", "outbound"])
    old = rows["PublicIPs_s"].where(rows["SrcPublicIPs_s"].isna() & rows["DestPublicIPs_s"].isna())
    public = old.notna()
    told = pd.DataFrame(
        {
            "start": rows["FlowStartTime_t"].fillna(rows["TimeGenerated"]),
            "end": rows["FlowEndTime_t"],
            "source": rows["SrcIP_s"].fillna(rows["VMIP_s"].where(
                outward & (rows["DestPublicIPs_s"].notna() | public))),
            "target": rows["DestIP_s"].fillna(rows["VMIP_s"].where(
                ~outward & (rows["SrcPublicIPs_s"].notna() | public))),
            "sources": rows["SrcPublicIPs_s"].fillna(old.where(~outward)),
            "targets": rows["DestPublicIPs_s"].fillna(old.where(outward)),
            "source_vm": rows["VM1_s"].fillna(rows["VM_s"].where(outward)),
            "target_vm": rows["VM2_s"].fillna(rows["VM_s"].where(~outward)),
            "source_port": pd.Series(None, index=rows.index, dtype=STR),
            "port": rows["DestPort_d"].round().astype("Int64"),
            "protocol": rows["L4Protocol_s"],
            "application": rows["L7Protocol_s"],
            "direction": rows["FlowDirection_s"],
            "status": rows["FlowStatus_s"],
            "out_bytes": _whole(rows["OutboundBytes_d"]),
            "in_bytes": _whole(rows["InboundBytes_d"]),
            "out_packets": _whole(rows["OutboundPackets_d"]),
            "in_packets": _whole(rows["InboundPackets_d"]),
            "flows": _total(rows, "AllowedInFlows_d", "DeniedInFlows_d", "AllowedOutFlows_d",
                            "DeniedOutFlows_d").fillna(_whole(rows["FlowCount_d"])),
            "uid": rows["_ItemId"],
        }
    )  # fmt: skip
    return _flows(told, hosts, "NSG flow logs")


def _whole(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.round().astype("Int64")


def _total(rows: pd.DataFrame, *names: str) -> pd.Series[Any]:
    """Return the sum of counts, null where none is there."""
    counts = rows[list(names)].astype("Float64").sum(axis=1, min_count=1)
    return counts.round().astype("Int64")


def _flows(told: pd.DataFrame, hosts: Hosts, product: str) -> pd.DataFrame:
    targets = told["targets"].notna()
    packed = told["targets"].fillna(told["sources"])
    with duckdb.connect() as con:
        texts = pd.DataFrame({"n": range(len(told)), "packed": packed.array})
        con.register("given", to_arrow(texts.astype({"packed": STR})))
        con.execute(_ENTRIES)
        found = to_pandas(con.sql(_UNPACKED))
    at = found["n"].to_numpy(dtype=int)
    rows = told.iloc[at].reset_index(drop=True)
    outward = targets.iloc[at].reset_index(drop=True)
    single = found["together"] <= 1
    alone = _alone(rows["sources"]).where(outward)
    own = found["counted"]  # its own counts; else a row's, where it has one address
    counts = {
        name: found[name].where(own, rows[name].where(single))
        for name in ("flows", "out_bytes", "in_bytes", "out_packets", "in_packets")
    }
    protocol = rows["protocol"].str.upper()
    frame = pd.DataFrame(
        {
            "EventStartTime": rows["start"],
            "EventEndTime": rows["end"].fillna(rows["start"]),
            "DvcHostname": pd.Series(None, index=rows.index, dtype=STR),
            "SrcIpAddr": rows["source"].fillna(found["remote"].where(~outward)).fillna(alone),
            "SrcPortNumber": pd.to_numeric(rows["source_port"]).astype("Int64"),
            "DstIpAddr": rows["target"].fillna(found["remote"].where(outward)),
            "DstPortNumber": rows["port"],
            "NetworkProtocol": protocol.map(NUMBERS).astype(STR).fillna(protocol),
            "NetworkApplicationProtocol": rows["application"].str.upper(),
            "NetworkDirection": rows["direction"].str.lower().map(_DIRECTIONS).astype(STR),
            "DvcAction": rows["status"].str.lower().map(_ACTIONS).astype(STR),
            "SrcBytes": counts["out_bytes"],
            "DstBytes": counts["in_bytes"],
            "SrcPackets": counts["out_packets"],
            "DstPackets": counts["in_packets"],
            "EventCount": counts["flows"].fillna(1).clip(lower=1),
            "SrcHostname": rows["source_vm"].str.extract(r"([^/]+)$", expand=False),
            "DstHostname": rows["target_vm"].str.extract(r"([^/]+)$", expand=False),
            "EventProduct": product,
            "EventUid": rows["uid"],
        }
    )
    return as_seen(frame, hosts, agent=False)


def _alone(packed: pd.Series[Any]) -> pd.Series[Any]:
    """Return the address of packed ones that hold a single one."""
    return packed.str.extract(r"^\s*([0-9A-Fa-f:.]*[:.][0-9A-Fa-f:.]*)[|\d]*\s*$", expand=False)
