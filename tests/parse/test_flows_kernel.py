"""Lines that the host's firewall logged, as the kernel prints them."""

from __future__ import annotations

from typing import Any

import pytest

from linuxhunt.parse.flows import flows_syslog
from linuxhunt.schema import empty
from tests.made import utc
from tests.parse.flow_rows import DAY, WEB
from tests.parse.syslog_rows import known, syslog

MAC = "MAC=52:54:00:7c:d8:0f:fe:54:00:7c:d8:0f:08:00"
TCP = (
    f"[3217949.737464] [UFW BLOCK] IN=eth0 OUT= {MAC} SRC=203.0.113.7 DST=10.0.0.5 LEN=40 TOS=0x00"
    " PREC=0x00 TTL=240 ID=57645 PROTO=TCP SPT=51638 DPT=2106 WINDOW=1024 RES=0x00 SYN URGP=0 "
)
ROW = {
    "EventStartTime": utc(f"{DAY} 10:00:00"), "EventEndTime": utc(f"{DAY} 10:00:00"),
    "DvcHostname": "web01", "SrcIpAddr": "203.0.113.7", "SrcPortNumber": 51638,
    "DstIpAddr": "10.0.0.5", "DstPortNumber": 2106, "NetworkProtocol": "TCP",
    "NetworkDirection": "Inbound", "DvcAction": "Deny", "SrcBytes": 40, "SrcPackets": 1,
    "EventCount": 1, "RemoteIpAddr": "203.0.113.7", "EventProduct": "ufw",
    "EventUid": "auth.log:1",
}  # fmt: skip


def seen(message: str, program: str = "kernel") -> list[dict[str, Any]]:
    return known(flows_syslog(syslog(f"10:00:00 {program}: {message}"), WEB))


def test_whole_row() -> None:
    found = flows_syslog(syslog(f"10:00:00 kernel: {TCP}"), WEB)
    assert dict(found.dtypes) == dict(empty("flows").dtypes)
    assert known(found) == [ROW]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            "OUT-DROP IN= OUT=eth0 SRC=10.0.0.5 DST=198.51.100.9 LEN=60 TOS=0x00 PREC=0x00 TTL=64"
            " ID=1 DF PROTO=UDP SPT=5353 DPT=53 LEN=40 ",
            {"SrcIpAddr": "10.0.0.5", "SrcPortNumber": 5353, "DstIpAddr": "198.51.100.9",
             "DstPortNumber": 53, "NetworkProtocol": "UDP", "NetworkDirection": "Outbound",
             "DvcAction": "Drop", "SrcBytes": 60, "RemoteIpAddr": "198.51.100.9"},
            id="outbound-udp",
        ),
        pytest.param(
            f"[UFW BLOCK] IN=eth0 OUT= {MAC} SRC=2001:0db8:0000:0000:0000:0000:0000:0007"
            " DST=2001:0db8:0000:0000:0000:0000:0000:0005 LEN=72 TC=0 HOPLIMIT=255 FLOWLBL=0"
            " PROTO=ICMPv6 TYPE=135 CODE=0 ",
            {"SrcIpAddr": "2001:db8::7", "DstIpAddr": "2001:db8::5", "NetworkProtocol": "ICMPV6",
             "NetworkDirection": "Inbound", "DvcAction": "Deny", "SrcBytes": 72,
             "RemoteIpAddr": "2001:db8::7", "EventProduct": "ufw"},
            id="ipv6-icmp",
        ),
        pytest.param(
            f"fw: IN=eth0 OUT= {MAC} SRC=203.0.113.7 DST=10.0.0.5 LEN=88 TOS=0x00 PREC=0x00 TTL=50"
            " ID=5 PROTO=ICMP TYPE=3 CODE=3 [SRC=10.0.0.5 DST=198.51.100.66 LEN=60 TOS=0x00"
            " PREC=0x00 TTL=60 ID=6 PROTO=TCP SPT=1 DPT=2 INCOMPLETE [8 bytes] ] ",
            {"SrcIpAddr": "203.0.113.7", "DstIpAddr": "10.0.0.5", "NetworkProtocol": "ICMP",
             "NetworkDirection": "Inbound", "SrcBytes": 88, "RemoteIpAddr": "203.0.113.7"},
            id="icmp-error-about-another-packet",
        ),
        pytest.param(
            "filter_IN_public_REJECT: IN=br0 OUT= PHYSIN=eth1 MAC= SRC=203.0.113.7 DST=10.0.0.5"
            " LEN=20 TTL=1 PROTO=2 ",
            {"SrcIpAddr": "203.0.113.7", "DstIpAddr": "10.0.0.5", "NetworkProtocol": "2",
             "NetworkDirection": "Inbound", "DvcAction": "Deny", "SrcBytes": 20,
             "RemoteIpAddr": "203.0.113.7"},
            id="bridge-protocol-by-number",
        ),
        pytest.param(
            "[UFW ALLOW] IN=eth0 OUT=docker0 SRC=203.0.113.7 DST=172.17.0.2 LEN=60 PROTO=TCP"
            " SPT=1 DPT=80 WINDOW=1 ",
            {"SrcIpAddr": "203.0.113.7", "SrcPortNumber": 1, "DstIpAddr": "172.17.0.2",
             "DstPortNumber": 80, "NetworkProtocol": "TCP", "NetworkDirection": "Inbound",
             "DvcAction": "Allow", "SrcBytes": 60, "RemoteIpAddr": "203.0.113.7",
             "EventProduct": "ufw"},
            id="forwarded-to-a-container",
        ),
        pytest.param(
            "BACKDROP IN=lo OUT= SRC=127.0.0.1 DST=127.0.0.1 LEN=60 PROTO=TCP SPT=1 DPT=80 X ",
            {"SrcIpAddr": "127.0.0.1", "SrcPortNumber": 1, "DstIpAddr": "127.0.0.1",
             "DstPortNumber": 80, "NetworkProtocol": "TCP", "NetworkDirection": "Local",
             "SrcBytes": 60},
            id="loopback-no-verdict-in-the-prefix",
        ),
        pytest.param(
            TCP[: TCP.index("06 WINDOW")],
            {**{name: ROW[name] for name in ("SrcIpAddr", "SrcPortNumber", "DstIpAddr",
                "NetworkProtocol", "NetworkDirection", "DvcAction", "SrcBytes", "RemoteIpAddr")},
             "EventProduct": "ufw"},
            id="cut-in-the-port",
        ),
        pytest.param(TCP[: TCP.index("0.5 LEN")], None, id="cut-in-the-destination"),
        pytest.param(TCP[: TCP.index("DST=")], None, id="cut-before-the-destination"),
        pytest.param("IN=eth0 OUT= SRC=localhost DST=10.0.0.5 LEN=1 ", None, id="no-address"),
    ],
)  # fmt: skip
def test_lines(message: str, expected: dict[str, Any] | None) -> None:
    shared = {name: ROW[name] for name in ("EventStartTime", "EventEndTime", "DvcHostname",
              "SrcPackets", "EventCount", "EventUid")}  # fmt: skip
    wanted = [] if expected is None else [{"EventProduct": "netfilter", **shared, **expected}]
    assert seen(message) == wanted


@pytest.mark.parametrize(("program", "rows"), [("ulogd", [ROW]), ("sshd", []), ("logger", [])])
def test_only_the_kernels_lines(program: str, rows: list[dict[str, Any]]) -> None:
    assert seen(TCP, program) == rows
