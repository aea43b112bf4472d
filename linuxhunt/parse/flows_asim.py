"""Sensors and firewalls to ``flows``: ASIM's table of network sessions, and firewalls by CEF.

Local evidence comes by way of the first: Zeek, Azure's raw flow logs, socket lists.
"""

from __future__ import annotations

import duckdb
import pandas as pd
import pyarrow as pa

from linuxhunt.parse.engine import nanoseconds, to_pandas
from linuxhunt.parse.flows_azure import NUMBERS
from linuxhunt.parse.flows_hosts import Hosts
from linuxhunt.parse.flows_seen import as_seen
from linuxhunt.parse.proc_link import instants
from linuxhunt.schema import STR

__all__ = ["flows_asim", "flows_firewall"]

_MILLI = 1_000_000  # nanoseconds
_TUPLES = ["NSG flow logs", "VNet flow logs"]
_COUNTS = ("SrcBytes", "DstBytes", "SrcPackets", "DstPackets")
_KEPT = (
    *("SrcIpAddr", "SrcPortNumber", "DstIpAddr", "DstPortNumber", "SrcHostname", "DstHostname"),
    *("DvcAction", "NetworkDuration", *_COUNTS),
)

# The tuples of one connection: from its beginning (or the first that was seen) to its end.
_CONNECTIONS = """
WITH placed AS (
    SELECT *, state IS NULL OR state NOT IN ('C', 'E')
        OR coalesce(lag(state) OVER w IN ('E', 'D'), true) AS begins
    FROM given
    WINDOW w AS (PARTITION BY key ORDER BY start, n)
), numbered AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY key ORDER BY start, n) AS connection
    FROM placed
)
SELECT min(n) AS n, min(start) AS start, max(finish) AS finish, count(*) AS tuples,
    {sums}
FROM numbered GROUP BY key, connection ORDER BY 1
"""

_CEF = [
    (r"reset.*(?:client|source)|client-rst", "Reset Source"),
    (r"reset.*(?:server|dest)|server-rst", "Reset Destination"),
    (r"reset|rst\b", "Reset"),
    (r"\bdrop|discard|silent", "Drop"),
    (r"den(?:y|ied)|block|reject|prevent|refus", "Deny"),
    (r"allow|accept|permit|pass|built|bypass", "Allow"),
]
"""Words of DeviceAction, the first that fits; vendors write it as they like."""


def flows_asim(rows: pd.DataFrame, hosts: Hosts) -> pd.DataFrame:
    """Return ``EVENTS["flows"]`` of ASimNetworkSessionLogs (the query ``flows_asim``).

    Source: Microsoft's ASIM NetworkSession schema: the source made the connection, bytes and
    packets are those that each end sent, NetworkDuration is in milliseconds. EventType
    EndpointNetworkSession is told by the host itself, anything else by a sensor. Zeek's bytes are
    payload, Azure's whole packets.

    A raw NSG or VNet flow log has several tuples for one connection (EventOriginalSubType B begin,
    C continuing each five minutes, E end, each with the bytes since the one before): they become
    one row, from first to last tuple, with the sums, its EventUid the first tuple's. Where a log
    begins in the middle of a connection, so does the row.
    """
    rows = _connections(rows.reset_index(drop=True))
    start = rows["EventStartTime"].fillna(rows["TimeGenerated"])
    lasted = pd.to_timedelta(rows["NetworkDuration"].astype("Float64"), unit="ms")
    agent = rows["EventType"].eq("EndpointNetworkSession").fillna(False).to_numpy(dtype=bool)
    seen = rows["NetworkDirection"].str.capitalize()
    outward = seen.eq("Outbound").fillna(False)
    program, number = (
        rows[f"Src{name}"].where(outward, rows[f"Dst{name}"]).where(agent)
        for name in ("AppName", "AppId")
    )
    pid = pd.to_numeric(number.where(number.str.fullmatch(r"\d{1,9}").fillna(False)))
    frame = rows[[*_KEPT]].assign(
        EventStartTime=start,
        EventEndTime=rows["EventEndTime"].fillna(start + lasted).fillna(start),
        DvcHostname=rows["DvcHostname"].fillna(hosts.named(rows["Dvc"])),
        NetworkProtocol=rows["NetworkProtocol"].str.upper(),
        NetworkApplicationProtocol=rows["NetworkApplicationProtocol"].str.upper(),
        NetworkDirection=seen,
        EventCount=rows["EventCount"].fillna(1).clip(lower=1),
        TargetProcessName=program,
        TargetProcessId=pid.astype("Int64"),
        EventProduct=rows["EventProduct"].fillna(rows["EventVendor"]),
        EventUid=rows["_ItemId"],
    )
    return as_seen(frame, hosts, agent=agent)


def _connections(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the tuples of one connection together; other rows stay as they are."""
    parts = rows["EventProduct"].isin(_TUPLES).to_numpy(dtype=bool)
    if not parts.any():
        return rows
    tuples = rows[parts].reset_index(drop=True)
    key = tuples.groupby(
        ["EventProduct", "DvcMacAddr", "NetworkProtocol", "SrcIpAddr", "SrcPortNumber",
         "DstIpAddr", "DstPortNumber", "NetworkDirection"],
        dropna=False, sort=False,
    ).ngroup()  # fmt: skip
    start = tuples["EventStartTime"].fillna(tuples["TimeGenerated"])
    given = {
        "n": range(len(tuples)),
        "key": key.to_numpy(),
        "start": pa.array(nanoseconds(start)),
        "finish": pa.array(nanoseconds(tuples["EventEndTime"].fillna(start))),
        "state": pa.array(tuples["EventOriginalSubType"]),
        **{name: pa.array(tuples[name]) for name in _COUNTS},
    }
    sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in _COUNTS)
    with duckdb.connect() as con:
        con.register("given", pa.table(given))
        found = to_pandas(con.sql(_CONNECTIONS.format(sums=sums)))
    whole = tuples.iloc[found["n"].to_numpy(dtype=int)].reset_index(drop=True)
    whole["EventStartTime"] = instants(found["start"])
    whole["EventEndTime"] = instants(found["finish"])
    lasted = (found["finish"] - found["start"]) // _MILLI
    whole["NetworkDuration"] = lasted.where(found["tuples"] > 1)
    for name in _COUNTS:
        whole[name] = found[name]
    return pd.concat([rows[~parts], whole], ignore_index=True)


def flows_firewall(rows: pd.DataFrame, hosts: Hosts) -> pd.DataFrame:
    """Return ``EVENTS["flows"]`` of CommonSecurityLog (the query ``flows_firewall``).

    Source: Microsoft's reference of the table, and Azure-Sentinel's ASIM parsers of firewalls that
    speak CEF for what its bytes mean: SentBytes went from source to destination, ReceivedBytes
    back. Times are StartTime and EndTime where the device states them, else TimeGenerated, when the
    record came in. DvcAction is told by the words of DeviceAction, null where they are none that
    is known. CommunicationDirection (0 or inbound, 1 or outbound) is that of the firewall's
    network, so whose the addresses are comes first.
    """
    start = rows["StartTime"].fillna(rows["EndTime"]).fillna(rows["TimeGenerated"])
    end = rows["EndTime"].fillna(start)
    end = end.where(end >= start, start)
    stated = rows["StartTime"].notna() & rows["EndTime"].notna()
    lasted = (end - start) // pd.Timedelta(milliseconds=1)  # type: ignore[operator]  # the stubs'
    protocol = rows["Protocol"].str.upper()
    product = rows["DeviceVendor"].str.cat(rows["DeviceProduct"], sep=" ", na_rep="").str.strip()
    words = {"0": "Inbound", "inbound": "Inbound", "1": "Outbound", "outbound": "Outbound"}
    frame = pd.DataFrame(
        {
            "EventStartTime": start,
            "EventEndTime": end,
            "DvcHostname": hosts.named(rows["DeviceName"].fillna(rows["Computer"])),
            "SrcIpAddr": rows["SourceIP"],
            "SrcPortNumber": rows["SourcePort"],
            "DstIpAddr": rows["DestinationIP"],
            "DstPortNumber": rows["DestinationPort"],
            "NetworkProtocol": protocol.map(NUMBERS).astype(STR).fillna(protocol),
            "NetworkApplicationProtocol": rows["ApplicationProtocol"].str.upper(),
            "NetworkDirection": rows["CommunicationDirection"].str.lower().map(words).astype(STR),
            "DvcAction": _action(rows["DeviceAction"]),
            "SrcBytes": rows["SentBytes"],
            "DstBytes": rows["ReceivedBytes"],
            "NetworkDuration": lasted.where(stated),
            "EventCount": rows["EventCount"].fillna(1).clip(lower=1),
            "SrcHostname": rows["SourceHostName"],
            "DstHostname": rows["DestinationHostName"],
            "EventProduct": product.where(product != ""),
            "EventUid": rows["_ItemId"],
        }
    )
    return as_seen(frame, hosts, agent=False)


def _action(words: pd.Series[str]) -> pd.Series[str]:
    codes, distinct = pd.factorize(words.str.lower())
    texts = pd.Series(distinct, dtype=STR)
    found = pd.Series(None, index=texts.index, dtype=STR)
    for pattern, action in _CEF:
        fits = texts.str.contains(pattern, regex=True).fillna(False) & found.isna()
        found[fits.to_numpy(dtype=bool)] = action
    return pd.Series(found.array.take(codes, allow_fill=True), index=words.index, dtype=STR)
