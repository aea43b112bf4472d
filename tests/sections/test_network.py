"""Each network check on a few flows: what is found, how grave, and what stays below."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pandas as pd
import pytest

from linuxhunt.schema import empty
from linuxhunt.sections import Finding
from linuxhunt.sections.net_addresses import addresses, hours, out_of_line
from linuxhunt.sections.net_common import bytes_text, length_text, network_of, outside, sides
from linuxhunt.sections.net_graph import activity_graph
from linuxhunt.sections.net_known import KnownAddress, ShellConnection
from linuxhunt.sections.net_new import (
    CleartextAccess,
    FirstContact,
    NewListener,
    RarePort,
    new_ports,
)
from linuxhunt.sections.net_scans import ScanIn, ScanOut
from linuxhunt.sections.net_volume import DnsTunnel, LargeUpload, LongConnection
from linuxhunt.sections.network import CHECKS
from tests.made import events, logon, utc

START, FAR, NEAR = utc("2026-03-10"), "203.0.113.9", "10.0.0.9"
HOUR, DAY = 3600.0, 86_400.0
FIRST = {"time": 0.0, "RemoteIpAddr": "10.9.9.9", "DstPortNumber": 5432}
"""A flow that watching begins with."""


def flow(time: float, address: str = FAR, port: int = 443, **more: Any) -> dict[str, Any]:
    return {"time": time, "RemoteIpAddr": address, "DstPortNumber": port, **more}


def flows(rows: list[dict[str, Any]]) -> pd.DataFrame:
    made = []
    for number, row in enumerate(rows):
        start = START + pd.Timedelta(seconds=row["time"])
        made.append(
            {"EventStartTime": start, "DvcHostname": "web01", "NetworkProtocol": "TCP",
             "NetworkDirection": "Outbound", "DvcAction": "Allow", "SrcBytes": 900, "DstBytes": 700,
             "EventUid": f"f{number}", **{k: v for k, v in row.items() if k != "time"}}
        )  # fmt: skip
    return events("flows", made)


def told(check: Any, rows: list[dict[str, Any]], **more: pd.DataFrame) -> list[str]:
    found = check.run({"flows": flows([FIRST, *rows]), **more})
    return [f"{finding.severity}: {finding.title}" for finding in found]


BIG = {"SrcBytes": 300_000_000, "DstBytes": 5_000}
SENT = "300.0 MB sent to 203.0.113.9 port 443"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([flow(30 * HOUR, **BIG)], [f"Medium: {SENT}"], id="new after a day"),
        pytest.param([flow(HOUR, **BIG)], [f"Low: {SENT}"], id="watching had just begun"),
        pytest.param([flow(HOUR), flow(30 * HOUR, **BIG)], ["Low: 300.0 MB sent to 203.0.113.9 port 443"],
                     id="talked to before"),
        pytest.param([flow(30 * HOUR, NEAR, **BIG)], [], id="within"),
        pytest.param([flow(30 * HOUR, SrcBytes=300_000_000, DstBytes=200_000_000)], [],
                     id="as much came back"),
        pytest.param([flow(30 * HOUR, SrcBytes=90_000_000)], [], id="not much"),
        pytest.param([flow(k * DAY + 20 * HOUR, **BIG) for k in range(4)],
                     ["Low: 1.2 GB sent to 203.0.113.9 port 443"], id="each night"),
        pytest.param([flow(30 * HOUR, NetworkDirection="Inbound", DstPortNumber=22,
                           SrcBytes=9_000, DstBytes=900_000_000)],
                     ["Medium: 900.0 MB sent to 203.0.113.9 port 22"], id="fetched by ssh"),
        pytest.param([flow(30 * HOUR, NetworkDirection="Inbound", SrcBytes=9_000,
                           DstBytes=900_000_000)], [], id="a visitor of the web site"),
        pytest.param([flow(30 * HOUR, SrcBytes=3_000_000_000, TargetProcessName="/tmp/.x/up")],
                     ["High: 3.0 GB sent to 203.0.113.9 port 443"], id="by a program in /tmp"),
        pytest.param([flow(30 * HOUR, **BIG, TargetProcessName="/usr/bin/restic")], [f"Low: {SENT}"],
                     id="by a program that keeps backups"),
        pytest.param([flow(30 * HOUR, DvcAction="Drop", **BIG)], [], id="refused"),
    ],
)  # fmt: skip
def test_uploads(rows: list[dict[str, Any]], found: list[str]) -> None:
    assert told(LargeUpload(), rows) == found


LONG = {"NetworkDuration": 6 * 3_600_000}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([flow(9 * HOUR, port=4433, **LONG)],
                     ["Medium: Connection to 203.0.113.9 port 4433 open for 6 h"], id="new, odd port"),
        pytest.param([flow(9 * HOUR, **LONG)],
                     ["Low: Connection to 203.0.113.9 port 443 open for 6 h"], id="new, 443"),
        pytest.param([flow(HOUR, port=4433, **LONG)],
                     ["Low: Connection to 203.0.113.9 port 4433 open for 6 h"], id="not new"),
        pytest.param([flow(HOUR, TargetProcessName="/usr/bin/bash", **LONG)],
                     ["Medium: Connection to 203.0.113.9 port 443 open for 6 h"], id="a shell's"),
        pytest.param([flow(9 * HOUR, NEAR, 5432, **LONG)], [], id="within"),
        pytest.param([flow(9 * HOUR, NetworkDirection="Inbound", **LONG)], [], id="inbound"),
        pytest.param([flow(9 * HOUR, NetworkDuration=3_600_000)], [], id="an hour"),
        pytest.param([flow(9 * HOUR)], [], id="no length"),
    ],
)  # fmt: skip
def test_long_connections(rows: list[dict[str, Any]], found: list[str]) -> None:
    assert told(LongConnection(), rows) == found


def swept(
    count: int, *, start: float = 5 * HOUR, action: str | None = "Drop"
) -> list[dict[str, Any]]:
    return [flow(start + k, f"10.0.1.{k + 1}", 445, DvcAction=action) for k in range(count)]


def probed(count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        flow(5 * HOUR + k, NEAR, 100 + k, **{"DvcAction": "Deny", **more}) for k in range(count)
    ]


OF_445 = "High: This host tried port 445 of 15 addresses"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param(swept(15), [OF_445], id="15 hosts"),
        pytest.param(swept(14), [], id="14 hosts"),
        pytest.param(swept(15, action="Allow"), [], id="all answered"),
        pytest.param(swept(15, action=None), [], id="15, nothing told"),
        pytest.param(swept(60, action=None),
                     ["Medium: This host tried port 445 of 60 addresses"], id="60, nothing told"),
        pytest.param(swept(15, start=HOUR) + swept(15), [OF_445], id="again: the first time counts"),
        pytest.param(swept(15, start=60.0), [], id="as watching begins"),
        pytest.param([{**row, "DstPortNumber": 25} for row in swept(40)], [], id="mail"),
        pytest.param([flow(5 * HOUR + 120 * k, f"10.0.1.{k + 1}", 445, DvcAction="Drop")
                      for k in range(15)], [], id="slower"),
        pytest.param(probed(20), ["High: This host tried 20 ports of 10.0.0.9"], id="20 ports"),
        pytest.param(probed(19), [], id="19 ports"),
        pytest.param(probed(20, DvcAction="Allow"), [], id="20 ports that answered"),
    ],
)  # fmt: skip
def test_scans_by_this_host(rows: list[dict[str, Any]], found: list[str]) -> None:
    assert told(ScanOut(), rows) == found


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param(probed(12, NetworkDirection="Inbound", RemoteIpAddr=FAR),
                     ["Low: 203.0.113.9 tried 12 ports of this host"], id="12 ports"),
        pytest.param(probed(11, NetworkDirection="Inbound", RemoteIpAddr=FAR),
                     ["Informational: 1 addresses knocked in vain"], id="11 ports"),
        pytest.param([flow(k, f"203.0.113.{k}", 23, NetworkDirection="Inbound", DvcAction="Drop")
                      for k in range(1, 40)],
                     ["Informational: 39 addresses knocked in vain"], id="the Internet"),
        pytest.param(probed(30, NetworkDirection="Inbound", DvcAction="Allow"), [], id="answered"),
    ],
)  # fmt: skip
def test_scans_of_this_host(rows: list[dict[str, Any]], found: list[str]) -> None:
    assert told(ScanIn(), rows) == found


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([flow(30 * HOUR)], ["Low: First contact with 203.0.113.0/24"], id="late"),
        pytest.param(
            [flow(HOUR), flow(30 * HOUR, "203.0.113.77")], [], id="another of the network"
        ),
        pytest.param([flow(30 * HOUR, DvcAction="Drop")], [], id="refused"),
        pytest.param([flow(30 * HOUR, DstBytes=0, DstPackets=0)], [], id="never answered"),
        pytest.param(
            [flow(30 * HOUR + k, f"23.4.{k}.1") for k in range(6)],
            ["Informational: 6 networks talked to for the first time"],
            id="many",
        ),
    ],
)
def test_first_contact(rows: list[dict[str, Any]], found: list[str]) -> None:
    assert told(FirstContact(), rows) == found


def test_first_contact_by_owner() -> None:
    places = pd.DataFrame({"address": [FAR], "ASName": ["Example Hosting"]})
    assert told(FirstContact(), [flow(30 * HOUR)], places=places) == [
        "Low: First contact with Example Hosting"
    ]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([flow(HOUR, port=6667)], ["Medium: Rare port 6667 of 203.0.113.9"], id="IRC"),
        pytest.param([flow(HOUR, port=31999)], ["Low: Rare port 31999 of 203.0.113.9"], id="odd"),
        pytest.param([flow(HOUR, port=6667, DvcAction="Drop")], [], id="refused"),
        pytest.param([flow(HOUR, port=31999, TargetProcessName="/dev/shm/a")],
                     ["Medium: Rare port 31999 of 203.0.113.9"], id="by a program in /dev/shm"),
        pytest.param([flow(HOUR, port=5222)], [], id="a service's"),
        pytest.param([flow(HOUR, NEAR, 31999)], [], id="within"),
        pytest.param([flow(HOUR + k, f"23.4.{k}.1", 31999) for k in range(5)], [], id="not rare"),
    ],
)  # fmt: skip
def test_rare_ports(rows: list[dict[str, Any]], found: list[str]) -> None:
    assert told(RarePort(), rows) == found


IN = {"NetworkDirection": "Inbound"}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([flow(20 * HOUR, port=4321, **IN)], ["Medium: Port 4321 of this host is new"],
                     id="odd port, from the Internet"),
        pytest.param([flow(20 * HOUR, port=8080, **IN)], ["Low: Port 8080 of this host is new"],
                     id="a service's"),
        pytest.param([flow(20 * HOUR, NEAR, 4321, **IN)], ["Low: Port 4321 of this host is new"],
                     id="from within"),
        pytest.param([flow(HOUR, port=4321, **IN), flow(20 * HOUR, port=4321, **IN)], [], id="old"),
        pytest.param([flow(20 * HOUR, port=4321, DvcAction="Drop", **IN)], [], id="refused"),
        pytest.param([flow(20 * HOUR, port=40_001, **IN)], [], id="a client's port"),
        pytest.param([flow(20 * HOUR, port=8080, NetworkDirection="Listen", RemoteIpAddr=None,
                           DstBytes=None, TargetProcessName="/tmp/x")],
                     ["Medium: Port 8080 of this host is new"], id="a listener in /tmp"),
    ],
)  # fmt: skip
def test_new_listeners(rows: list[dict[str, Any]], found: list[str]) -> None:
    assert told(NewListener(), rows) == found


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([flow(HOUR, port=23, **IN)], ["Medium: telnet from 203.0.113.9, in the clear"],
                     id="telnet"),
        pytest.param([flow(HOUR, NEAR, 23, **IN)], ["Low: telnet from 10.0.0.9, in the clear"],
                     id="telnet within"),
        pytest.param([flow(HOUR, port=21, **IN)], ["Low: FTP from 203.0.113.9, in the clear"],
                     id="ftp"),
        pytest.param([flow(HOUR, port=5900, **IN)], ["Low: VNC from 203.0.113.9, in the clear"],
                     id="vnc since watching began"),
        pytest.param([flow(20 * HOUR, port=5900, **IN)],
                     ["Medium: VNC from 203.0.113.9, in the clear"], id="vnc, new"),
        pytest.param([flow(HOUR, port=513)], ["Medium: rlogin to 203.0.113.9, in the clear"],
                     id="rlogin out"),
        pytest.param([flow(HOUR, port=23, DvcAction="Drop", **IN)], [], id="refused"),
        pytest.param([flow(HOUR, port=514, NetworkProtocol="UDP")], [], id="syslog by UDP"),
        pytest.param([flow(HOUR, port=69, NetworkProtocol="UDP")],
                     ["Low: TFTP to 203.0.113.9, in the clear"], id="tftp"),
    ],
)  # fmt: skip
def test_cleartext(rows: list[dict[str, Any]], found: list[str]) -> None:
    assert told(CleartextAccess(), rows) == found


def asked(count: int, size: int, packets: int | None = None) -> list[dict[str, Any]]:
    return [flow(k, NEAR, 53, NetworkProtocol="UDP", SrcBytes=size, SrcPackets=packets)
            for k in range(count)]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param(asked(2_000, 220), ["Medium: 440.0 kB sent to the name server 10.0.0.9"],
                     id="filled names"),
        pytest.param(asked(9_000, 45), [], id="questions"),
        pytest.param(asked(100, 4_500, 100), [], id="questions, many to a flow"),
        pytest.param(asked(800, 400, 2), ["Medium: 320.0 kB sent to the name server 10.0.0.9"],
                     id="filled names, two to a flow"),
        pytest.param(asked(100, 220), [], id="few"),
        pytest.param(asked(1, 900_000, 9_000), ["Medium: 900.0 kB sent to the name server 10.0.0.9"],
                     id="one long flow"),
    ],
)  # fmt: skip
def test_dns_by_size(rows: list[dict[str, Any]], found: list[str]) -> None:
    assert told(DnsTunnel(), rows) == found


def test_dns_by_names_where_a_table_has_them() -> None:
    names = [f"{'ab12' * 12}{n}.t.evil.example." for n in range(120)] + ["www.good.example"] * 300
    dns = pd.DataFrame(
        {"TimeGenerated": START, "DvcHostname": "web01", "DnsQuery": names,
         "EventUid": [f"d{n}" for n in range(len(names))]}
    )  # fmt: skip
    (found,) = DnsTunnel().run({"flows": empty("flows"), "dns": dns})
    assert (found.severity, found.title, len(found.records)) == (
        "Medium", "Long names under evil.example, new each time", 120
    )  # fmt: skip


def hits(severity: str | None) -> pd.DataFrame:
    return pd.DataFrame(
        {"Indicator": [FAR], "Source": ["a list"], "Severity": [severity], "RecordIds": [["m1"]]}
    )


@pytest.mark.parametrize(
    ("rows", "known", "found"),
    [
        pytest.param([flow(1)], hits("High"), ["High: Known address 203.0.113.9"], id="high"),
        pytest.param([flow(1)], hits(None), ["Medium: Known address 203.0.113.9"], id="not said"),
        pytest.param([flow(1, DvcAction="Drop", **IN)], hits("High"),
                     ["Low: Known address 203.0.113.9"], id="it only knocked"),
        pytest.param([flow(1, "203.0.113.8")], hits("High"), [], id="another"),
    ],
)  # fmt: skip
def test_known_addresses(rows: list[dict[str, Any]], known: pd.DataFrame, found: list[str]) -> None:
    assert told(KnownAddress(), rows, hits=known) == found


def test_a_known_address_has_the_records_of_both() -> None:
    (found,) = KnownAddress().run({"flows": flows([flow(1), flow(2)]), "hits": hits("High")})
    assert found.records == ("f0", "f1", "m1")


@pytest.mark.parametrize(
    ("path", "address", "found"),
    [
        ("/usr/bin/bash", FAR, ["High: /usr/bin/bash holds a connection with 203.0.113.9"]),
        ("/bin/sh", NEAR, ["High: /bin/sh holds a connection with 10.0.0.9"]),
        ("/usr/bin/nc.openbsd", FAR,
         ["Medium: /usr/bin/nc.openbsd holds a connection with 203.0.113.9"]),
        ("/usr/bin/nc.openbsd", NEAR, []),
        ("/tmp/.x", FAR, ["High: /tmp/.x holds a connection with 203.0.113.9"]),
        ("/tmp/.x", NEAR, ["Medium: /tmp/.x holds a connection with 10.0.0.9"]),
        ("/usr/bin/python3", FAR, []),
        (None, FAR, []),
    ],
)  # fmt: skip
def test_shells_that_hold_connections(path: str | None, address: str, found: list[str]) -> None:
    assert told(ShellConnection(), [flow(1, address, TargetProcessName=path)]) == found


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: type(check).__name__)
def test_no_flows_are_no_findings(check: Any) -> None:
    assert check.run({"flows": empty("flows")}) == []


def test_a_finding_whole() -> None:
    rows = [FIRST, flow(30 * HOUR, **BIG, LogonSessionId="s1", TargetProcessGuid="p1",
                        EventEndTime=START + pd.Timedelta("31h"))]  # fmt: skip
    assert LargeUpload().run({"flows": flows(rows)}) == [
        Finding(
            "network", SENT, "Medium", ("T1048", "T1041"),
            "300.0 MB went out to 203.0.113.9 in 1 flow, 5.0 kB came back; never talked to in the"
            " 30 h before; nothing else of its network is talked to",
            START + pd.Timedelta("30h"), START + pd.Timedelta("31h"), ("f1",), host="web01",
            address=FAR, session="s1", process="p1",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [("8.8.8.8", True), ("203.0.113.9", True), ("10.1.2.3", False), ("100.64.0.1", False),
     ("169.254.169.254", False), ("168.63.129.16", False), ("::1", False), ("fe80::1%eth0", False),
     ("2a00::1", True), ("::ffff:10.0.0.1", False), ("::ffff:8.8.8.8", True), ("nobody", False),
     (None, False)],
)  # fmt: skip
def test_outside(text: str | None, expected: bool) -> None:
    assert outside(text) is expected


def test_words() -> None:
    assert [bytes_text(n) for n in (0, 999, 1_000, 1_500_000, 2e9)] == [
        "0 B", "999 B", "1.0 kB", "1.5 MB", "2.0 GB"
    ]  # fmt: skip
    assert [length_text(n) for n in (5, 600, 7_200, 259_200)] == ["5 s", "10 min", "2 h", "3 days"]
    assert [network_of(a) for a in ("203.0.113.9", "2a00:1:2:3::4", "x")] == [
        "203.0.113.0/24", "2a00:1:2::/48", None
    ]  # fmt: skip


def test_sides_are_the_hosts() -> None:
    made = sides({"flows": flows([flow(5), flow(1, **IN), flow(2, NEAR, DvcAction="Drop")])})
    columns = ["RemoteIpAddr", "Sent", "Received", "Failed", "Outside", "Network"]
    assert made[columns].values.tolist() == [
        [FAR, 700, 900, False, True, "203.0.113.0/24"],
        [NEAR, 900, 700, True, False, "10.0.0.0/24"],
        [FAR, 900, 700, False, True, "203.0.113.0/24"],
    ]


def test_addresses_of_flows_and_logs_are_joined() -> None:
    made = {
        "flows": flows([flow(0), flow(60, NEAR, 5432), flow(90, NEAR, 22, **IN)]),
        "logons": events("logons", [logon("2026-03-10 01:00", "Failure", address="192.0.2.4"),
                                    logon("2026-03-10 02:00", address=NEAR)]),
    }  # fmt: skip
    finding = Finding("network", "Odd", "Medium", ("T1071",), "why", START, START, (), address=FAR)
    found = addresses(made, [finding])
    columns = ["Address", "Severity", "Findings", "Directions", "Ports", "Flows", "Logons",
               "FailedLogons", "InFlowsAndLogs"]  # fmt: skip
    rows = found[columns].astype(object).where(found[columns].notna(), None).values.tolist()
    assert rows == [
        [FAR, "Medium", ["Odd"], "Outbound", "443/tcp", 1, 0, 0, False],
        [NEAR, None, [], "Outbound, Inbound", "5432/tcp, 22/tcp", 2, 1, 0, True],
        ["192.0.2.4", None, [], None, None, 0, 0, 1, False],
    ]
    assert list(found["FirstTime"]) == [
        START, START + pd.Timedelta("1min"), START + pd.Timedelta("1h")
    ]  # fmt: skip


def test_hours_have_no_gaps_and_those_with_far_more_are_told() -> None:
    rows = [flow(k * HOUR, NEAR, SrcBytes=1_000_000, DstBytes=0) for k in range(10)]
    made = {"flows": flows([*rows, flow(12 * HOUR, SrcBytes=500_000_000, DstBytes=0)])}
    assert list(hours(made)["Sent"]) == [1_000_000] * 10 + [0, 0, 500_000_000]
    odd = out_of_line(made)[["Time", "Direction", "Bytes", "Address", "Share"]]
    assert odd.values.tolist() == [[START + pd.Timedelta("12h"), "out", 500_000_000, FAR, 1.0]]


def test_new_ports() -> None:
    made = {"flows": flows([FIRST, flow(HOUR, port=80), flow(9 * HOUR, port=80),
                            flow(9 * HOUR, port=8443)])}  # fmt: skip
    found = new_ports(made)[["NetworkDirection", "DstPortNumber", "Flows", "Addresses"]]
    assert found.values.tolist() == [["Outbound", 8443, 1, 1]]


def test_graph() -> None:
    session = {"LogonSessionId": "s1", "TargetUsername": "eve", "SrcIpAddr": FAR}
    finding = Finding("network", "Odd", "High", (), "why", START, START, (), address=FAR,
                      user="eve", session="s1")  # fmt: skip
    made = {
        "flows": flows([flow(1, TargetProcessName="/tmp/x")]),
        "sessions": events("sessions", [session]),
        "logons": events("logons", []),
    }
    graph = activity_graph(made, [finding])
    assert nx.get_node_attributes(graph, "severity") == {
        ("address", FAR): "High", ("host", "web01"): None, ("program", "/tmp/x"): None,
        ("user", "eve"): "High", ("session", "s1"): "High",
    }  # fmt: skip
    assert sorted((a[1], b[1], label) for a, b, label in graph.edges(data="label")) == [
        ("/tmp/x", FAR, "called (900 B)"),
        (FAR, "s1", "opened"),
        ("s1", "eve", "as"),
        ("web01", "/tmp/x", "ran"),
    ]


def test_graph_of_one_address_leaves_out_what_only_the_host_links() -> None:
    made = {"flows": flows([flow(1), flow(2, NEAR), flow(3, "192.0.2.4")])}
    assert sorted(activity_graph(made, focus=FAR)) == [("address", FAR), ("host", "web01")]
