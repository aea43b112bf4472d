"""What agents on the host say of its connections: VM insights, and Defender for Endpoint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from linuxhunt.parse.flows_hosts import Hosts
from linuxhunt.parse.flows_seen import as_seen
from linuxhunt.schema import STR

__all__ = ["flows_defender", "flows_vm"]

_MINUTE = pd.Timedelta(minutes=1)

_ACTION_TYPES = {
    "ConnectionSuccess": ("Outbound", "Allow"),
    "ConnectionFailed": ("Outbound", "Deny"),
    "ConnectionRequest": ("Outbound", None),
    "ConnectionAttempt": ("Outbound", None),
    "ConnectionAcknowledged": ("Outbound", "Allow"),
    "InboundConnectionAccepted": ("Inbound", "Allow"),
    "InboundConnectionAttempt": ("Inbound", None),
    "InboundConnectionBlocked": ("Inbound", "Deny"),
    "InboundInternetScanInspected": ("Inbound", None),
    "ListeningConnectionCreated": ("Listen", None),
    "ConnectionFound": (None, "Allow"),
}
"""ActionType -> direction and action; others say neither."""

_INSPECTED = r"^(Dns|Ssl|Http|Icmp|Ssh|Ftp|Smtp|Smb|Ntlm|Kerberos)ConnectionInspected$"


def flows_vm(rows: pd.DataFrame, hosts: Hosts) -> pd.DataFrame:
    """Return ``EVENTS["flows"]`` of VMConnection (the query ``flows_vm``).

    Source: Microsoft's "How to query logs from VM insights". A row sums up a minute that begins at
    TimeGenerated: the connections of one process (or group of them) with one address and port, TCP
    over IPv4 only. An accepted connection is inbound, one made is outbound. Bytes sent and received
    are the machine's: of an inbound row, what it sent is DstBytes. EventCount is the number of
    connections that were established, failed, ended or still open in that minute, whichever is
    most, at least 1; where some failed and none was established or open, DvcAction is Deny. Source
    ports and pids are not in the table, durations do not follow from it.
    """
    inward = rows["Direction"].str.lower().eq("inbound").fillna(False)
    sent, received = rows["BytesSent"], rows["BytesReceived"]
    links = rows[["LinksEstablished", "LinksFailed", "LinksTerminated", "LinksLive"]].fillna(0)
    made = links[["LinksEstablished", "LinksLive", "LinksTerminated"]].sum(axis=1) > 0
    failed = ~made & (links["LinksFailed"] > 0)
    seen = pd.Series(np.where(inward, "Inbound", "Outbound"), index=rows.index)
    frame = pd.DataFrame(
        {
            "EventStartTime": rows["TimeGenerated"],
            "EventEndTime": rows["TimeGenerated"] + _MINUTE,
            "DvcHostname": rows["Computer"],
            "SrcIpAddr": rows["SourceIp"].fillna(rows["RemoteIp"].where(inward)),
            "DstIpAddr": rows["DestinationIp"].fillna(rows["RemoteIp"].where(~inward)),
            "DstPortNumber": rows["DestinationPort"],
            "NetworkProtocol": rows["Protocol"].str.upper(),
            "NetworkDirection": seen.where(rows["Direction"].notna()),
            "DvcAction": pd.Series(np.where(failed, "Deny", "Allow"), index=rows.index),
            "SrcBytes": sent.where(~inward, received),
            "DstBytes": received.where(~inward, sent),
            "EventCount": links.max(axis=1).clip(lower=1),
            "TargetProcessName": rows["ProcessName"],
            "EventProduct": "VMConnection",
            "EventUid": rows["_ItemId"],
        }
    )
    return as_seen(frame, hosts, agent=True)


def flows_defender(rows: pd.DataFrame, hosts: Hosts) -> pd.DataFrame:
    """Return ``EVENTS["flows"]`` of DeviceNetworkEvents (the query ``flows_defender``).

    Source: Microsoft's reference of the table, and Azure-Sentinel's ASIM parser of it for what an
    ActionType means. LocalIP is the device's, RemoteIP the other end; outbound connections run from
    local to remote, all others from remote to local. What network inspection saw (DnsConnection-
    Inspected and the like) has its direction in AdditionalFields, where it is there. Each row is
    one event at one moment: no bytes, no duration. A protocol ``TcpV4`` is TCP; a listening socket
    has no remote end.
    """
    kind = rows["ActionType"].astype(STR)
    seen = kind.map({name: said[0] for name, said in _ACTION_TYPES.items()}).astype(STR)
    more = (
        rows["AdditionalFields"]
        .astype(STR)
        .str.extract(r'"[Dd]irection"\s*:\s*"(In|Out)', expand=False)
    )
    seen = seen.fillna(more.map({"In": "Inbound", "Out": "Outbound"}).astype(STR))
    outward = seen.eq("Outbound").fillna(False)
    listens = seen.eq("Listen").fillna(False)
    local, remote = rows["LocalIP"], rows["RemoteIP"].where(~listens)
    here, there = rows["LocalPort"], _port(rows["RemotePort"]).where(~listens)
    protocol = rows["Protocol"].str.upper().str.replace(r"V[46]$", "", regex=True)
    folder, file = rows["InitiatingProcessFolderPath"], rows["InitiatingProcessFileName"]
    whole = folder.str.endswith("/") & file.notna()
    frame = pd.DataFrame(
        {
            "EventStartTime": rows["TimeGenerated"],
            "EventEndTime": rows["TimeGenerated"],
            "DvcHostname": rows["DeviceName"],
            "SrcIpAddr": local.where(outward, remote),
            "SrcPortNumber": here.where(outward, there),
            "DstIpAddr": remote.where(outward, local),
            "DstPortNumber": there.where(outward, here),
            "NetworkProtocol": protocol.where(protocol != "UNKNOWN"),
            "NetworkApplicationProtocol": kind.str.extract(_INSPECTED, expand=False).str.upper(),
            "NetworkDirection": seen,
            "DvcAction": kind.map({n: said[1] for n, said in _ACTION_TYPES.items()}).astype(STR),
            "EventCount": 1,
            "TargetProcessName": folder.where(~whole.fillna(False), folder + file).fillna(file),
            "TargetProcessId": rows["InitiatingProcessId"].where(rows["InitiatingProcessId"] > 0),
            "EventProduct": "Defender for Endpoint",
            "EventUid": rows["_ItemId"],
        }
    )
    return as_seen(frame, hosts, agent=True)


def _port(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return ports, null for 0, which stands for none."""
    return values.where(values > 0)
