"""Each source's rows as flows, whole: addresses, direction, bytes and counts as its vendor means."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.parse.flows import (
    Hosts,
    common,
    flows_asim,
    flows_defender,
    flows_firewall,
    flows_nsg,
    flows_vm,
    flows_vnet,
    learned,
    stated,
)
from linuxhunt.parse.flows_hosts import plain_address
from linuxhunt.schema import empty
from tests.made import utc
from tests.parse.flow_rows import BOTH, DAY, NOBODY, OWN, WEB, rows
from tests.parse.syslog_rows import known

FAR = "203.0.113.80"


def at(time: str) -> pd.Timestamp:
    return utc(f"{DAY} {time}")


ZEEK = {
    "EventStartTime": f"{DAY} 10:00:00.5", "EventEndTime": f"{DAY} 10:00:02", "EventCount": 1,
    "SrcIpAddr": OWN, "SrcPortNumber": 50000, "DstIpAddr": FAR, "DstPortNumber": 443,
    "NetworkProtocol": "TCP", "NetworkApplicationProtocol": "ssl", "NetworkDirection": "Outbound",
    "DvcAction": "Allow", "SrcBytes": 10, "DstBytes": 20, "SrcPackets": 1, "DstPackets": 2,
    "NetworkDuration": 1500, "EventProduct": "Zeek", "EventVendor": "Zeek",
}  # fmt: skip


def test_asim_whole_row() -> None:
    found = flows_asim(rows("flows_asim", ZEEK), WEB)
    assert dict(found.dtypes) == dict(empty("flows").dtypes)
    assert known(found) == [
        {
            "EventStartTime": at("10:00:00.5"),
            "EventEndTime": at("10:00:02"),
            "DvcHostname": "web01",
            "SrcIpAddr": OWN,
            "SrcPortNumber": 50000,
            "DstIpAddr": FAR,
            "DstPortNumber": 443,
            "NetworkProtocol": "TCP",
            "NetworkApplicationProtocol": "SSL",
            "NetworkDirection": "Outbound",
            "DvcAction": "Allow",
            "SrcBytes": 10,
            "DstBytes": 20,
            "SrcPackets": 1,
            "DstPackets": 2,
            "NetworkDuration": 1500,
            "EventCount": 1,
            "RemoteIpAddr": FAR,
            "EventProduct": "Zeek",
            "EventUid": "t:1",
        }
    ]


@pytest.mark.parametrize(
    ("hosts", "source", "target", "told", "expected"),
    [
        pytest.param(WEB, OWN, FAR, None, ("web01", "Outbound", FAR), id="from-the-host"),
        pytest.param(WEB, FAR, OWN, "Outbound", ("web01", "Inbound", FAR), id="to-the-host"),
        pytest.param(WEB, "10.0.0.6", OWN, "Local", ("web01", "Inbound", "10.0.0.6"), id="inside"),
        pytest.param(BOTH, OWN, "10.0.0.6", "Local", ("web01", "Outbound", "10.0.0.6"), id="hosts"),
        pytest.param(BOTH, FAR, "10.0.0.6", None, ("db01", "Inbound", FAR), id="second-host"),
        pytest.param(WEB, OWN, OWN, None, ("web01", "Local", None), id="to-itself"),
        pytest.param(WEB, "127.0.0.1", "127.0.0.1", None, (None, "Local", None), id="loopback"),
        pytest.param(WEB, "10.0.0.8", FAR, "Outbound", (None, "NA", FAR), id="others-traffic"),
        pytest.param(WEB, "10.0.0.8", "10.0.0.9", None, (None, "NA", None), id="others-inside"),
        pytest.param(NOBODY, "10.0.0.8", FAR, None, (None, "Outbound", FAR), id="private-to-public"),
        pytest.param(NOBODY, FAR, "fd00::1", None, (None, "Inbound", FAR), id="public-to-private"),
        pytest.param(NOBODY, FAR, "192.0.2.1", "Inbound", (None, "Inbound", FAR), id="as-told"),
        pytest.param(NOBODY, FAR, "192.0.2.1", None, (None, "NA", None), id="two-public"),
        pytest.param(NOBODY, "10.0.0.8", "224.0.0.251", None, (None, "NA", None), id="multicast"),
        pytest.param(NOBODY, None, None, None, (None, "NA", None), id="no-address"),
        pytest.param(WEB, "::ffff:10.0.0.5", FAR, None, ("web01", "Outbound", FAR), id="mapped"),
    ],
)  # fmt: skip
def test_direction_is_the_hosts(
    hosts: Hosts, source: str | None, target: str | None, told: str | None, expected: Any
) -> None:
    row = {**ZEEK, "SrcIpAddr": source, "DstIpAddr": target, "NetworkDirection": told}
    found = known(flows_asim(rows("flows_asim", row), hosts))[0]
    names = ("DvcHostname", "NetworkDirection", "RemoteIpAddr")
    assert tuple(found.get(name) for name in names) == expected


def test_names_tell_the_host_where_addresses_do_not() -> None:
    row = {**ZEEK, "SrcIpAddr": "10.9.9.9", "SrcHostname": "WEB01.EXAMPLE"}
    found = known(flows_asim(rows("flows_asim", row), WEB))[0]
    assert (found["DvcHostname"], found["NetworkDirection"]) == ("web01", "Outbound")


def test_an_endpoint_knows_its_direction_and_process() -> None:
    row = {
        **ZEEK, "EventType": "EndpointNetworkSession", "DvcHostname": "web01", "SrcIpAddr": FAR,
        "DstIpAddr": "10.0.0.7", "NetworkDirection": "Inbound", "DstAppName": "sshd",
        "DstAppId": "811", "SrcAppName": "other", "SrcAppId": "1",
    }  # fmt: skip
    found = known(flows_asim(rows("flows_asim", row), WEB))[0]
    names = ("NetworkDirection", "RemoteIpAddr", "TargetProcessName", "TargetProcessId")
    assert [found[name] for name in names] == ["Inbound", FAR, "sshd", 811]


def tuple_row(time: str, state: str | None, sent: int | None, **more: Any) -> dict[str, Any]:
    moment = f"{DAY} {time}"
    return {
        **ZEEK, "TimeGenerated": moment, "EventStartTime": moment, "EventEndTime": moment,
        "EventType": "Flow", "EventProduct": "VNet flow logs", "EventVendor": "Microsoft",
        "NetworkApplicationProtocol": None, "NetworkDuration": None, "DvcMacAddr": "00224871C205",
        "EventOriginalSubType": state, "SrcBytes": sent, "DstBytes": sent, "SrcPackets": None,
        "DstPackets": None, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tuples", "expected"),
    [
        pytest.param(
            [("10:00:00", "B", 0), ("10:05:00", "C", 5), ("10:06:00", "E", 7)],
            [("10:00:00", "10:06:00", 12, 360_000, "t:1")],
            id="one-connection",
        ),
        pytest.param(
            [("10:00:00", "B", 0), ("10:00:01", "E", 5), ("10:01:00", "B", 0), ("10:01:02", "E", 6)],
            [("10:00:00", "10:00:01", 5, 1000, "t:1"), ("10:01:00", "10:01:02", 6, 2000, "t:3")],
            id="the-same-ports-again",
        ),
        pytest.param(
            [("10:00:00", "C", 5), ("10:05:00", "C", 6)],
            [("10:00:00", "10:05:00", 11, 300_000, "t:1")],
            id="begun-before-not-ended",
        ),
        pytest.param(
            [("10:00:00", "D", 0), ("10:00:01", "D", 0)],
            [("10:00:00", "10:00:00", 0, None, "t:1"), ("10:00:01", "10:00:01", 0, None, "t:2")],
            id="denied-twice",
        ),
        pytest.param(
            [("10:00:00", None, None), ("10:00:01", None, None)],
            [("10:00:00", "10:00:00", None, None, "t:1"),
             ("10:00:01", "10:00:01", None, None, "t:2")],
            id="nsg-version-1",
        ),
    ],
)  # fmt: skip
def test_tuples_of_a_connection_are_one_flow(tuples: Any, expected: Any) -> None:
    given = rows("flows_asim", *(tuple_row(*one) for one in tuples))
    found = flows_asim(given, WEB)
    assert [
        (row["EventStartTime"], row["EventEndTime"], row.get("SrcBytes"),
         row.get("NetworkDuration"), row["EventUid"])
        for row in known(found)
    ] == [(at(start), at(end), *rest) for start, end, *rest in expected]  # fmt: skip
    assert found["DstBytes"].sum() == given["DstBytes"].sum()


VNET = {
    "FlowStartTime": f"{DAY} 09:00:00", "FlowEndTime": f"{DAY} 09:40:00", "DestPort": 443,
    "L4Protocol": "T", "L7Protocol": "https", "FlowDirection": "O", "FlowStatus": "A",
    "BytesSrcToDest": 1000, "BytesDestToSrc": 2000, "PacketsSrcToDest": 10,
    "PacketsDestToSrc": 20, "AllowedInFlows": 0, "DeniedInFlows": 0, "AllowedOutFlows": 3,
    "DeniedOutFlows": 0,
}  # fmt: skip
VNET_FLOW = {
    "EventStartTime": at("09:00:00"), "EventEndTime": at("09:40:00"), "DvcHostname": "web01",
    "SrcIpAddr": OWN, "DstPortNumber": 443, "NetworkProtocol": "TCP",
    "NetworkApplicationProtocol": "HTTPS", "NetworkDirection": "Outbound", "DvcAction": "Allow",
    "EventProduct": "VNet flow logs", "EventUid": "t:1",
}  # fmt: skip


def test_vnet_whole_row() -> None:
    row = {**VNET, "SrcIp": OWN, "DestIp": "10.0.0.6", "FlowType": "IntraVNet"}
    assert known(flows_vnet(rows("flows_vnet", row), WEB)) == [
        {
            **VNET_FLOW, "DstIpAddr": "10.0.0.6", "RemoteIpAddr": "10.0.0.6", "SrcBytes": 1000,
            "DstBytes": 2000, "SrcPackets": 10, "DstPackets": 20, "EventCount": 3,
        }
    ]  # fmt: skip


def test_vnet_packed_addresses_have_their_own_counts() -> None:
    packed = "203.0.113.80|2|1|7|8|700|800 2001:db8::9|0|1|1|0|60|0 198.51.100.7|1|1|2|12|80|1200"
    row = {**VNET, "SrcIp": OWN, "DestPublicIps": packed, "FlowType": "ExternalPublic"}
    assert known(flows_vnet(rows("flows_vnet", row), WEB)) == [
        {
            **VNET_FLOW, "DstIpAddr": address, "RemoteIpAddr": address, "EventCount": count,
            "SrcPackets": out, "DstPackets": back, "SrcBytes": sent, "DstBytes": received,
        }
        for address, count, out, back, sent, received in [
            ("203.0.113.80", 2, 7, 8, 700, 800),
            ("2001:db8::9", 1, 1, 0, 60, 0),
            ("198.51.100.7", 1, 2, 12, 80, 1200),
        ]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("packed", "expected"),
    [
        ("203.0.113.80|1|1|7|8|700|800|198.51.100.7|2|0|1|1|9|9",
         [("203.0.113.80", 700, 1), ("198.51.100.7", 9, 2)]),
        ("203.0.113.80", [("203.0.113.80", 1000, 3)]),
        ("203.0.113.80 198.51.100.7", [("203.0.113.80", None, 1), ("198.51.100.7", None, 1)]),
        ("7|7 203.0.113.80|1|1|7|8|700|800", [("203.0.113.80", 700, 1)]),
        ("nothing", [(None, None, 3)]),
    ],
    ids=["bars-between", "one-without-counts", "two-without-counts", "cut-at-the-front", "none"],
)  # fmt: skip
def test_vnet_packed_odd(packed: str, expected: Any) -> None:
    row = {**VNET, "SrcIp": OWN, "DestPublicIps": packed}
    held = known(flows_vnet(rows("flows_vnet", row), WEB))
    names = ("DstIpAddr", "SrcBytes", "EventCount")
    wanted = [(a, 1000 if a is None else b, c) for a, b, c in expected]
    assert [tuple(one.get(name) for name in names) for one in held] == wanted


def test_vnet_inbound_from_packed_addresses_by_the_machines_name() -> None:
    row = {
        **VNET, "DestVm": "group/WEB01", "DestPort": 22, "FlowDirection": "Inbound",
        "FlowStatus": "Denied", "SrcPublicIps": "203.0.113.80|1|0|1|0|60|0", "SrcPorts": "50000",
    }  # fmt: skip
    found = known(flows_vnet(rows("flows_vnet", row), WEB))[0]
    names = ("DvcHostname", "SrcIpAddr", "SrcPortNumber", "NetworkDirection", "DvcAction")
    assert [found[name] for name in names] == ["web01", "203.0.113.80", 50000, "Inbound", "Deny"]
    assert "DstIpAddr" not in found


NSG = {
    "FlowStartTime_t": f"{DAY} 09:00:00", "FlowEndTime_t": f"{DAY} 09:40:00", "VMIP_s": OWN,
    "DestPort_d": 443.0, "L4Protocol_s": "T", "L7Protocol_s": "https", "FlowDirection_s": "O",
    "FlowStatus_s": "A", "InboundBytes_d": 2000.0, "OutboundBytes_d": 1000.0,
    "InboundPackets_d": 20.0, "OutboundPackets_d": 10.0, "AllowedOutFlows_d": 3.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param(
            {"SrcIP_s": OWN, "DestIP_s": "10.0.0.6"},
            (OWN, "10.0.0.6", "Outbound", 1000, 2000, 10, 20, 3),
            id="addresses",
        ),
        pytest.param(
            {"DestPublicIPs_s": "203.0.113.80|1|1|7|8|700|800"},
            (OWN, FAR, "Outbound", 700, 800, 7, 8, 1),
            id="packed",
        ),
        pytest.param(
            {"PublicIPs_s": "203.0.113.80|1|1|7|8|700|800"},
            (OWN, FAR, "Outbound", 700, 800, 7, 8, 1),
            id="before-2019",
        ),
        pytest.param(
            {"SrcPublicIPs_s": "203.0.113.80|1|1|7|8|700|800", "FlowDirection_s": "I"},
            (FAR, OWN, "Inbound", 700, 800, 7, 8, 1),
            id="inbound",
        ),
    ],
)
def test_nsg(more: dict[str, Any], expected: Any) -> None:
    found = known(flows_nsg(rows("flows_nsg", {**NSG, **more}), WEB))
    names = ("SrcIpAddr", "DstIpAddr", "NetworkDirection", "SrcBytes", "DstBytes", "SrcPackets",
             "DstPackets", "EventCount")  # fmt: skip
    assert [tuple(one[name] for name in names) for one in found] == [expected]
    assert found[0]["EventProduct"] == "NSG flow logs"


@pytest.mark.parametrize(
    ("direction", "ends", "expected"),
    [
        ("outbound", (OWN, FAR), {"SrcBytes": 70, "DstBytes": 90, "NetworkDirection": "Outbound"}),
        ("inbound", (FAR, OWN), {"SrcBytes": 90, "DstBytes": 70, "NetworkDirection": "Inbound"}),
    ],
)
def test_vm_whole_row(direction: str, ends: tuple[str, str], expected: dict[str, Any]) -> None:
    row = {
        "Computer": "web01.example", "Direction": direction, "ProcessName": "nginx",
        "SourceIp": ends[0], "DestinationIp": ends[1], "DestinationPort": 443, "Protocol": "tcp",
        "RemoteIp": FAR, "BytesSent": 70, "BytesReceived": 90, "LinksEstablished": 2,
        "LinksLive": 3, "LinksTerminated": 1, "LinksFailed": 0,
    }  # fmt: skip
    assert known(flows_vm(rows("flows_vm", row), WEB)) == [
        {
            "EventStartTime": at("10:00:00"), "EventEndTime": at("10:01:00"),
            "DvcHostname": "web01", "SrcIpAddr": ends[0], "DstIpAddr": ends[1],
            "DstPortNumber": 443, "NetworkProtocol": "TCP", "DvcAction": "Allow", "EventCount": 3,
            "RemoteIpAddr": FAR, "TargetProcessName": "nginx", "EventProduct": "VMConnection",
            "EventUid": "t:1", **expected,
        }
    ]  # fmt: skip


def test_vm_only_failed() -> None:
    row = {"Computer": "web01", "Direction": "outbound", "RemoteIp": FAR, "LinksFailed": 4}
    found = known(flows_vm(rows("flows_vm", row), WEB))[0]
    assert (found["DvcAction"], found["EventCount"], found["DstIpAddr"]) == ("Deny", 4, FAR)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("ConnectionSuccess", (OWN, 50000, FAR, 443, "Outbound", "Allow", None)),
        ("ConnectionFailed", (OWN, 50000, FAR, 443, "Outbound", "Deny", None)),
        ("ConnectionRequest", (OWN, 50000, FAR, 443, "Outbound", None, None)),
        ("InboundConnectionAccepted", (FAR, 443, OWN, 50000, "Inbound", "Allow", None)),
        ("ListeningConnectionCreated", (None, None, OWN, 50000, "Listen", None, None)),
        ("SslConnectionInspected", (OWN, 50000, FAR, 443, "Outbound", None, "SSL")),
    ],
)
def test_defender(kind: str, expected: Any) -> None:
    row = {
        "DeviceName": "web01.example", "ActionType": kind, "LocalIP": OWN, "LocalPort": 50000,
        "Protocol": "TcpV4", "RemoteIP": FAR, "RemotePort": 443, "InitiatingProcessId": 77,
        "InitiatingProcessFileName": "curl", "InitiatingProcessFolderPath": "/usr/bin/curl",
        "AdditionalFields": '{"direction":"Out"}' if kind.endswith("Inspected") else None,
    }  # fmt: skip
    found = known(flows_defender(rows("flows_defender", row), WEB))[0]
    names = ("SrcIpAddr", "SrcPortNumber", "DstIpAddr", "DstPortNumber", "NetworkDirection",
             "DvcAction", "NetworkApplicationProtocol")  # fmt: skip
    assert tuple(found.get(name) for name in names) == expected
    assert {name: value for name, value in found.items() if name not in names} == {
        "EventStartTime": at("10:00:00"), "EventEndTime": at("10:00:00"), "DvcHostname": "web01",
        "NetworkProtocol": "TCP", "EventCount": 1, "TargetProcessName": "/usr/bin/curl",
        "TargetProcessId": 77, "EventProduct": "Defender for Endpoint", "EventUid": "t:1",
        **({} if kind.startswith("Listen") else {"RemoteIpAddr": FAR}),
    }  # fmt: skip


CEF = {
    "DeviceVendor": "Maker", "DeviceProduct": "Wall", "DeviceName": "fw1", "DeviceAction": "allow",
    "ApplicationProtocol": "ssl", "Protocol": "6", "CommunicationDirection": "0", "SourceIP": OWN,
    "SourcePort": 50000, "DestinationIP": FAR, "DestinationPort": 443, "SentBytes": 10,
    "ReceivedBytes": 20, "StartTime": f"{DAY} 09:59:00", "EndTime": f"{DAY} 09:59:02",
}  # fmt: skip


def test_firewall_whole_row() -> None:
    assert known(flows_firewall(rows("flows_firewall", CEF), WEB)) == [
        {
            "EventStartTime": at("09:59:00"), "EventEndTime": at("09:59:02"),
            "DvcHostname": "web01", "SrcIpAddr": OWN, "SrcPortNumber": 50000, "DstIpAddr": FAR,
            "DstPortNumber": 443, "NetworkProtocol": "TCP", "NetworkApplicationProtocol": "SSL",
            "NetworkDirection": "Outbound", "DvcAction": "Allow", "SrcBytes": 10, "DstBytes": 20,
            "NetworkDuration": 2000, "EventCount": 1, "RemoteIpAddr": FAR,
            "EventProduct": "Maker Wall", "EventUid": "t:1",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("Accept", "Allow"), ("permitted", "Allow"), ("denied", "Deny"), ("blocked", "Deny"),
        ("drop", "Drop"), ("reset-both", "Reset"), ("reset client", "Reset Source"),
        ("server-rst", "Reset Destination"), ("close", None), (None, None),
    ],
)  # fmt: skip
def test_firewall_action(words: str | None, action: str | None) -> None:
    found = known(flows_firewall(rows("flows_firewall", {**CEF, "DeviceAction": words}), WEB))[0]
    assert found.get("DvcAction") == action


@pytest.mark.parametrize("query", ["asim", "vnet", "nsg", "vm", "firewall", "defender"])
def test_no_rows(query: str) -> None:
    read = {
        "asim": flows_asim, "vnet": flows_vnet, "nsg": flows_nsg, "vm": flows_vm,
        "firewall": flows_firewall, "defender": flows_defender,
    }[query]  # fmt: skip
    pd.testing.assert_frame_equal(read(rows(f"flows_{query}"), WEB), empty("flows"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2001:0db8:0000:0000:0000:0000:0000:0009", "2001:db8::9"),
        ("[::1]", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::FFFF:192.0.2.1", "192.0.2.1"),
        ("10.0.0.5", "10.0.0.5"),
        ("999.1.1.1", "999.1.1.1"),
    ],
)
def test_addresses_have_one_spelling(text: str, expected: str) -> None:
    assert plain_address(text) == expected


def test_an_address_of_two_hosts_says_nothing() -> None:
    pairs = [("web01", OWN), ("db01", "10.0.0.6"), ("WEB01", "172.17.0.1"), ("db01", "172.17.0.1"),
             ("db01", "127.0.0.1"), ("db01", "no address"), (None, "10.0.0.9")]  # fmt: skip
    names = {"web01": "web01", "db01": "db01"}
    assert Hosts.of(pairs, names).addresses == {OWN: "web01", "10.0.0.6": "db01"}
    assert Hosts.of(pairs, names, "web01").addresses == {
        OWN: "web01", "172.17.0.1": "web01", "10.0.0.9": "web01",
    }  # fmt: skip


def test_what_hosts_call_their_own() -> None:
    heartbeat = rows("heartbeat", {"Computer": "web01", "ComputerIP": "192.0.2.1",
                                   "ComputerPrivateIPs": '["10.0.0.5", "fd00::5"]'},
                     {"Computer": "db01", "ComputerPrivateIPs": "10.0.0.6"})  # fmt: skip
    devices = pd.DataFrame({"DeviceName": ["web01"], "PublicIP": ["192.0.2.2"]})
    syslog = pd.DataFrame({"HostIP": ["10.0.0.7", None]})
    assert stated(heartbeat, devices, syslog) == [
        ("web01", "192.0.2.1"), ("web01", "192.0.2.2"), (None, "10.0.0.7"),
        ("web01", "10.0.0.5"), ("web01", "fd00::5"), ("db01", "10.0.0.6"),
    ]  # fmt: skip


def pair(host: str | None, source: str, target: str) -> dict[str, Any]:
    return {**ZEEK, "DvcHostname": host, "SrcIpAddr": source, "DstIpAddr": target}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param([("a", OWN, FAR), ("a", "192.0.2.1", OWN), ("a", OWN, OWN)], [("a", OWN)],
                     id="one-in-all"),
        pytest.param([("a", OWN, FAR), ("a", FAR, OWN)], [], id="always-the-same-pair"),
        pytest.param([("a", OWN, FAR), ("a", OWN, "192.0.2.1"), ("a", FAR, "192.0.2.1")], [],
                     id="a-network"),
        pytest.param([(None, OWN, FAR), (None, OWN, "192.0.2.1")], [], id="nameless"),
        pytest.param([], [], id="nothing"),
    ],
)  # fmt: skip
def test_a_sensor_that_sees_one_address_in_all(given: Any, expected: Any) -> None:
    assert common(rows("flows_asim", *(pair(*one) for one in given))) == expected


def test_a_reporter_that_nobody_knows_keeps_its_name_but_no_others_flows() -> None:
    given = rows("flows_asim", pair("gw", "10.0.0.8", FAR), pair("web01", "10.0.0.8", FAR),
                 {**pair(None, "10.0.0.8", FAR), "Dvc": "NSG-1"})  # fmt: skip
    found = flows_asim(given, BOTH)
    assert [row.get("DvcHostname") for row in known(found)] == ["gw", None, None]


def test_agents_show_the_hosts_addresses() -> None:
    given = [
        {"Computer": "web01", "Direction": "outbound", "SourceIp": "10.0.0.9", "RemoteIp": FAR},
        {"Computer": "web01", "Direction": "inbound", "DestinationIp": OWN, "SourceIp": FAR},
        {"Computer": "web01", "Direction": "inbound", "DestinationIp": "10.0.0.255"},
    ]
    seen = flows_vm(rows("flows_vm", *given), NOBODY)
    assert learned(seen) == [("web01", "10.0.0.9"), ("web01", OWN)]
