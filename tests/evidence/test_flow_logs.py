"""Azure's raw flow logs: each tuple a row or a reject, and the file's bytes come back."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from linuxhunt.evidence import rebuild

from .conftest import Read

V1 = ["1487282421,192.0.2.95,10.1.0.4,51529,5358,T,I,D"]
V2 = [
    "1542110377,10.0.0.4,203.0.113.188,44931,443,T,O,A,B,,,,",
    "1542110437,10.0.0.4,203.0.113.188,44931,443,T,O,A,E,25,4181,22,10231",
]
VNET = [
    "1663146003599,10.0.0.6,198.51.100.180,23956,443,6,O,B,NX,0,0,0,0",
    "1663146003606,10.0.0.6,198.51.100.180,23956,443,6,O,E,NX,3,767,2,1580",
    "1663145998065,2001:db8::9,10.0.0.6,55188,22,6,I,D,NX,0,0,0,0",
]
NSG_ID = (
    "/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WEB-NSG"
)
VNET_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/net1"
FLAGS = dict.fromkeys(
    [*(f"TcpFlags{flag}" for flag in ("Ack", "Fin", "Psh", "Rst", "Urg", "Syn")), "ThreatIsActive"],
    False,
)


def nsg(tuples: list[Any], version: int = 2, rule: str = "DefaultRule_Deny") -> dict[str, Any]:
    return {
        "time": "2017-02-16T22:00:32.8950000Z",
        "systemId": "55ff",
        "category": "NetworkSecurityGroupFlowEvent",
        "resourceId": NSG_ID,
        "operationName": "NetworkSecurityGroupFlowEvents",
        "properties": {
            "Version": version,
            "flows": [{"rule": rule, "flows": [{"mac": "000D3AF8801A", "flowTuples": tuples}]}],
        },
    }


def vnet(tuples: list[Any]) -> dict[str, Any]:
    group = {"rule": "AllowOut", "flowTuples": tuples}
    return {
        "time": "2022-09-14T09:00:52.5625085Z",
        "flowLogVersion": 4,
        "macAddress": "00224871C205",
        "category": "FlowLogFlowEvent",
        "flowLogResourceID": "/SUBSCRIPTIONS/S/FLOWLOGS/F",
        "targetResourceID": VNET_ID,
        "flowRecords": {"flows": [{"aclID": "a-1", "flowGroups": [group]}]},
    }


def file(*records: dict[str, Any], indent: int | None = None) -> bytes:
    return json.dumps({"records": records}, indent=indent).encode()


def row(time: datetime, number: int, **more: Any) -> dict[str, Any]:
    return {
        "TimeGenerated": time, "EventStartTime": time, "EventEndTime": time, "EventType": "Flow",
        "EventCount": 1, "EventVendor": "Microsoft", "EventSchemaVersion": "0.2.6",
        "NetworkProtocol": "TCP", "Type": "ASimNetworkSessionLogs", "_ItemId": f"PT1H.json:{number}",
        **FLAGS, **more,
    }  # fmt: skip


BY_NSG = {
    "EventProduct": "NSG flow logs", "EventOriginalType": "NetworkSecurityGroupFlowEvent",
    "Dvc": "WEB-NSG", "DvcMacAddr": "000D3AF8801A", "_ResourceId": NSG_ID.lower(),
    "NetworkRuleName": "DefaultRule_Deny", "AdditionalFields": "{}",
}  # fmt: skip
BY_VNET = {
    "EventProduct": "VNet flow logs", "EventOriginalType": "FlowLogFlowEvent", "Dvc": "net1",
    "DvcMacAddr": "00224871C205", "_ResourceId": VNET_ID.lower(), "NetworkRuleName": "AllowOut",
    "AdditionalFields": '{"encryption":"NX","aclID":"a-1"}',
}  # fmt: skip
OUT = {"NetworkDirection": "Outbound", "DvcAction": "Allow", "DvcOriginalAction": "A",
       "EventResult": "Success"}  # fmt: skip
REFUSED = {"NetworkDirection": "Inbound", "DvcAction": "Deny", "DvcOriginalAction": "D",
           "EventResult": "Failure"}  # fmt: skip


def test_nsg_version_1(read: Callable[..., Read]) -> None:
    result = read({"PT1H.json": file(nsg(V1, 1))})
    assert result.rows("ASimNetworkSessionLogs") == [
        row(
            datetime(2017, 2, 16, 22, 0, 21), 1, SrcIpAddr="192.0.2.95", SrcPortNumber=51529,
            DstIpAddr="10.1.0.4", DstPortNumber=5358, **REFUSED, **BY_NSG,
        )
    ]  # fmt: skip


def test_nsg_version_2(read: Callable[..., Read]) -> None:
    result = read({"PT1H.json": file(nsg(V2), indent=4)})
    ends = {"SrcIpAddr": "10.0.0.4", "SrcPortNumber": 44931, "DstIpAddr": "203.0.113.188",
            "DstPortNumber": 443}  # fmt: skip
    assert result.rows("ASimNetworkSessionLogs") == [
        row(datetime(2018, 11, 13, 11, 59, 37), 1, EventSubType="Start", EventOriginalSubType="B",
            **ends, **OUT, **BY_NSG),
        row(datetime(2018, 11, 13, 12, 0, 37), 2, EventSubType="End", EventOriginalSubType="E",
            SrcPackets=25, SrcBytes=4181, DstPackets=22, DstBytes=10231, **ends, **OUT, **BY_NSG),
    ]  # fmt: skip


def test_vnet(read: Callable[..., Read]) -> None:
    result = read({"PT1H.json": file(vnet(VNET))})
    ends = {"SrcIpAddr": "10.0.0.6", "SrcPortNumber": 23956, "DstIpAddr": "198.51.100.180",
            "DstPortNumber": 443}  # fmt: skip
    none = {"SrcPackets": 0, "SrcBytes": 0, "DstPackets": 0, "DstBytes": 0}
    assert result.rows("ASimNetworkSessionLogs") == [
        row(datetime(2022, 9, 14, 9, 0, 3, 599_000), 1, EventSubType="Start",
            EventOriginalSubType="B", **none, **ends, **OUT, **BY_VNET),
        row(datetime(2022, 9, 14, 9, 0, 3, 606_000), 2, EventSubType="End",
            EventOriginalSubType="E", SrcPackets=3, SrcBytes=767, DstPackets=2, DstBytes=1580,
            **ends, **OUT, **BY_VNET),
        row(datetime(2022, 9, 14, 8, 59, 58, 65_000), 3, EventOriginalSubType="D", **none,
            SrcIpAddr="2001:db8::9", SrcPortNumber=55188, DstIpAddr="10.0.0.6", DstPortNumber=22,
            **REFUSED, **BY_VNET),
    ]  # fmt: skip
    assert result.counts() == [("PT1H.json", "flow-log", 3, 3, 0, 0)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(file(nsg(V2), vnet(VNET)), id="one-object"),
        pytest.param(json.dumps([nsg(V2), vnet(VNET)]).encode(), id="array"),
        pytest.param(f"{json.dumps(nsg(V2))}\n{json.dumps(vnet(VNET))}\n".encode(), id="lines"),
        pytest.param(file({"records": [nsg(V2), vnet(VNET)]}), id="records-in-a-record"),
        pytest.param(b"\xef\xbb\xbf" + file(nsg(V2), vnet(VNET)), id="byte-order-mark"),
        pytest.param(json.dumps({"records": [nsg(V2), vnet(VNET)]}, sort_keys=True).encode(),
                     id="keys-sorted"),
    ],
)  # fmt: skip
def test_shapes(read: Callable[..., Read], content: bytes) -> None:
    result = read({"PT1H.json": content})
    held = result.rows("ASimNetworkSessionLogs", "EventProduct", "NetworkRuleName", "Dvc",
                       "EventOriginalSubType")  # fmt: skip
    assert [tuple(one.values()) for one in held] == [
        *[("NSG flow logs", "DefaultRule_Deny", "WEB-NSG", state) for state in "BE"],
        *[("VNet flow logs", "AllowOut", "net1", state) for state in "BED"],
    ]
    assert rebuild(result.con, "PT1H.json") == content


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("1542110377,10.0.0.4", "a flow tuple of 2 values, not 8 or 13"),
        ("x,10.0.0.4,203.0.113.1,1,2,T,O,A", "its stamp is no time"),
        ("-1,10.0.0.4,203.0.113.1,1,2,T,O,A", "its stamp is no time"),
        ("1542110377,somebody,203.0.113.1,1,2,T,O,A", "an address is none"),
        ("1542110377,10.0.0.4,203.0.113.1,1,99999,T,O,A", "a port is none"),
        ("1542110377,10.0.0.4,203.0.113.1,,2,T,O,A", "a port is none"),
        ("1542110377,10.0.0.4,203.0.113.1,1,2,T,X,A", "its direction is neither I nor O"),
        ("1542110377,10.0.0.4,203.0.113.1,1,2,T,O,?", "its decision is neither A nor D"),
        ("1542110377,10.0.0.4,203.0.113.1,1,2,T,O,A,Z,1,1,1,1",
         "its flow state is none of B, C, E, D"),
        ("1542110377,10.0.0.4,203.0.113.1,1,2,T,O,A,E,1,-5,1,1", "a count is no number"),
        ("1542110377,10.0.0.4,203.0.113.1,1,2,T,O,A,E,1,x,1,1", "a count is no number"),
        ("", "a flow tuple of 1 values, not 8 or 13"),
        ("a\x00b\ud800\"[{", "a flow tuple of 1 values, not 8 or 13"),
    ],
)  # fmt: skip
def test_malformed_tuples(read: Callable[..., Read], bad: str, reason: str) -> None:
    content = file(nsg([V2[0], bad, V2[1]]))
    result = read({"PT1H.json": content})
    assert [(r["LineNumber"], r["Reason"]) for r in result.rows("LinuxReject_CL")] == [(2, reason)]
    assert [r["_ItemId"] for r in result.rows("ASimNetworkSessionLogs", "_ItemId")] == [
        "PT1H.json:1", "PT1H.json:3",
    ]  # fmt: skip
    assert result.counts() == [("PT1H.json", "flow-log", 3, 2, 0, 1)]
    assert rebuild(result.con, "PT1H.json") == content


WHOLE = file(nsg(V2), vnet(VNET))


@pytest.mark.parametrize(
    ("content", "rows", "rejects"),
    [
        pytest.param(
            WHOLE[: WHOLE.index(b"1663145998065") + 6], 4,
            [(5, "the file ends within a record")], id="cut-in-a-tuple",
        ),
        pytest.param(
            WHOLE[: WHOLE.index(b"flowLogVersion")], 2,
            [(3, "the file ends within a record")], id="cut-before-the-tuples",
        ),
        pytest.param(WHOLE[:-2], 5, [], id="cut-behind-the-records"),
        pytest.param(file(nsg([*V2, 7]), vnet(VNET)), 5, [], id="a-number-among-the-tuples"),
        pytest.param(
            file(nsg(V2), vnet(VNET)).replace(b'"category"', b"category", 1), 3,
            [(1, "no JSON that can be read (Expecting property name enclosed in double quotes)")],
            id="a-record-that-is-no-json",
        ),
    ],
)  # fmt: skip
def test_damage(read: Callable[..., Read], content: bytes, rows: int, rejects: Any) -> None:
    result = read({"PT1H.json": content})
    assert len(result.rows("ASimNetworkSessionLogs", "_ItemId")) == rows
    assert [(r["LineNumber"], r["Reason"]) for r in result.rows("LinuxReject_CL")] == rejects
    assert rebuild(result.con, "PT1H.json") == content


def test_nothing_flowed(read: Callable[..., Read]) -> None:
    empty = nsg([])
    result = read({"a.json": file(empty), "b.json": file(nsg(V1, 1))})
    assert result.counts() == [
        ("a.json", "flow-log", 1, 0, 1, 0),
        ("b.json", "flow-log", 1, 1, 0, 0),
    ]
    assert rebuild(result.con, "a.json") == file(empty)


@pytest.mark.parametrize("seed", range(4))
def test_every_tuple_is_a_row_or_a_reject(
    read: Callable[..., Read], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Also where the file is written in several batches."""
    monkeypatch.setattr("linuxhunt.evidence.flow_logs._BATCH", 7)
    chance = random.Random(seed)
    good = [*V1, *V2]
    amount, records = 0, []
    for _ in range(chance.randrange(1, 9)):
        tuples = [
            chance.choice(good) if chance.random() < 0.7 else chance.choice(good)[:chance.randrange(9)]
            for _ in range(chance.randrange(12))
        ]  # fmt: skip
        amount += len(tuples)
        records.append(nsg(tuples))
    records.append(nsg(V1))
    content = file(*records, indent=chance.choice([None, 1]))
    result = read({"PT1H.json": content})
    ids = [
        int(r["_ItemId"].rpartition(":")[2])
        for table in ("ASimNetworkSessionLogs", "LinuxReject_CL")
        for r in result.rows(table, "_ItemId")
    ]
    assert sorted(ids) == list(range(1, amount + 2))
    assert rebuild(result.con, "PT1H.json") == content
