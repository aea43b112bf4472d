"""Socket lists of ss and netstat, with a heading and without; packets by way of zeek."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from linuxhunt.evidence import rebuild

from .conftest import Read
from .test_flow_logs import FLAGS
from .test_flows import VALUES, tsv

CHANGED = datetime(2026, 3, 1, 12)
SS = b"""\
State      Recv-Q Send-Q Local Address:Port                Peer Address:Port Process
LISTEN     0      128          0.0.0.0:22                       0.0.0.0:*     users:(("sshd",pid=811,fd=3))
LISTEN     0      128                *:80                             *:*     users:(("nginx",pid=900,fd=6),("nginx",pid=901,fd=6))
ESTAB      0      0         10.0.0.5:22                    203.0.113.9:50514 users:(("sshd",pid=1200,fd=4),("sshd",pid=1180,fd=4))
\t cubic wscale:7,7 rto:204
ESTAB      0      0      [::ffff:10.0.0.5]:41000          [::ffff:198.51.100.7]:4444 users:(("x y",pid=2002,fd=5))
SYN-SENT   0      1    [fe80::1]%eth0:40000                 [fe80::2]:443
"""
NETSTAT = b"""\
Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name    
tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN      811/sshd: /usr/sbin 
tcp6       0      0 :::80                   :::*                    LISTEN      -                   
udp        0      0 127.0.0.53:53           0.0.0.0:*                           500/systemd-resolve 
tcp        0      0 10.0.0.5:22             203.0.113.9:50514       ESTABLISHED 1200/sshd: ada [pri 
Active UNIX domain sockets (servers and established)
Proto RefCnt Flags       Type       State         I-Node   PID/Program name     Path
unix  2      [ ACC ]     STREAM     LISTENING     20000    1/init               /run/systemd/private
"""  # noqa: W291


def row(number: int, product: str, **more: Any) -> dict[str, Any]:
    return {
        "TimeGenerated": CHANGED, "EventStartTime": CHANGED, "EventEndTime": CHANGED,
        "EventType": "EndpointNetworkSession", "EventCount": 1, "EventProduct": product,
        "EventVendor": "Linux", "EventSchemaVersion": "0.2.6", "EventResult": "NA", "Dvc": "web01",
        "DvcHostname": "web01", "NetworkProtocol": "TCP", "Type": "ASimNetworkSessionLogs",
        "_ItemId": f"net.txt:{number}", **FLAGS, **more,
    }  # fmt: skip


def listens(address: str, port: int, state: str | None = "LISTEN", **more: Any) -> dict[str, Any]:
    found = {"NetworkDirection": "Listen", "DstIpAddr": address, "DstPortNumber": port, **more}
    return found | ({"EventOriginalResultDetails": state} if state else {})


def run_by(end: str, name: str, pid: int, printed: str) -> dict[str, Any]:
    return {
        f"{end}AppName": name, f"{end}AppId": str(pid), f"{end}AppType": "Process",
        "AdditionalFields": '{"process":"' + printed.replace('"', '\\"') + '"}',
    }  # fmt: skip


def made(state: str, *ends: Any) -> dict[str, Any]:
    source, source_port, target, port = ends
    return {
        "SrcIpAddr": source, "SrcPortNumber": source_port, "DstIpAddr": target,
        "DstPortNumber": port, "EventOriginalResultDetails": state,
    }  # fmt: skip


def test_ss(read: Callable[..., Read]) -> None:
    result = read({"net.txt": SS}, hostname="web01")
    two = 'users:(("sshd",pid=1200,fd=4),("sshd",pid=1180,fd=4))'
    nginx = 'users:(("nginx",pid=900,fd=6),("nginx",pid=901,fd=6))'
    assert result.rows("ASimNetworkSessionLogs") == [
        row(2, "ss", **listens("0.0.0.0", 22),
            **run_by("Dst", "sshd", 811, 'users:(("sshd",pid=811,fd=3))')),
        row(3, "ss", **listens("::", 80), **run_by("Dst", "nginx", 900, nginx)),
        row(4, "ss", NetworkDirection="Inbound", DvcAction="Allow",
            **made("ESTAB", "203.0.113.9", 50514, "10.0.0.5", 22),
            **run_by("Dst", "sshd", 1200, two)),
        row(6, "ss", NetworkDirection="Outbound", DvcAction="Allow",
            **made("ESTAB", "::ffff:10.0.0.5", 41000, "::ffff:198.51.100.7", 4444),
            **run_by("Src", "x y", 2002, 'users:(("x y",pid=2002,fd=5))')),
        row(7, "ss", NetworkDirection="Outbound",
            **made("SYN-SENT", "fe80::1", 40000, "fe80::2", 443)),
    ]  # fmt: skip
    assert result.counts() == [("net.txt", "ss", 7, 5, 2, 0)]
    assert rebuild(result.con, "net.txt") == SS
    assert result.account.files["Assumptions"][0] == (
        "taken when the file was last changed, 2026-03-01 12:00:00 UTC; host web01 as given"
    )


def test_netstat(read: Callable[..., Read]) -> None:
    result = read({"net.txt": NETSTAT}, hostname="web01")
    assert result.rows("ASimNetworkSessionLogs") == [
        row(3, "netstat", **listens("0.0.0.0", 22),
            **run_by("Dst", "sshd", 811, "811/sshd: /usr/sbin")),
        row(4, "netstat", **listens("::", 80)),
        row(5, "netstat", **listens("127.0.0.53", 53, None), NetworkProtocol="UDP")
        | run_by("Dst", "systemd-resolve", 500, "500/systemd-resolve"),
        row(6, "netstat", NetworkDirection="Inbound", DvcAction="Allow",
            **made("ESTABLISHED", "203.0.113.9", 50514, "10.0.0.5", 22),
            **run_by("Dst", "sshd", 1200, "1200/sshd: ada [pri")),
    ]  # fmt: skip
    assert result.counts() == [("net.txt", "netstat", 9, 4, 5, 0)]
    assert rebuild(result.con, "net.txt") == NETSTAT


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"tcp   ESTAB  0      0      10.0.0.5:50000   198.51.100.8:443   users:((\"curl\",3000,5))\n",
         ("TCP", "Outbound", "10.0.0.5", 50000, "198.51.100.8", 443, "curl", "3000")),
        (b"udp   UNCONN 0      0   127.0.0.53%lo:53           0.0.0.0:*\n",
         ("UDP", "Listen", None, None, "127.0.0.53", 53, None, None)),
        (b"udp   ESTAB  0      0      10.0.0.5:68        10.0.0.1:67\n",
         ("UDP", "Outbound", "10.0.0.5", 68, "10.0.0.1", 67, None, None)),
        (b"ESTAB 0 0 10.0.0.5:22 203.0.113.9:50514\n",
         ("TCP", "Inbound", "203.0.113.9", 50514, "10.0.0.5", 22, None, None)),
        (b"tcp  0  0 127.0.0.1:34000 127.0.0.1:5432 TIME_WAIT -\n",
         ("TCP", "Outbound", "127.0.0.1", 34000, "127.0.0.1", 5432, None, None)),
    ],
    ids=["old-ss-with-netid", "udp-unconnected", "udp-connected", "no-heading", "netstat-row"],
)  # fmt: skip
def test_lines_without_a_heading(read: Callable[..., Read], line: bytes, expected: Any) -> None:
    result = read({"net.txt": line})
    held = result.rows("ASimNetworkSessionLogs")[0]
    program = [
        held.get(f"{'Src' if expected[1] == 'Outbound' else 'Dst'}App{x}") for x in ("Name", "Id")
    ]
    names = ("NetworkProtocol", "NetworkDirection", "SrcIpAddr", "SrcPortNumber", "DstIpAddr",
             "DstPortNumber")  # fmt: skip
    assert (*(held.get(name) for name in names), *program) == expected


@pytest.mark.parametrize(
    ("heading", "options", "expected", "note"),
    [
        (b"Thu Mar 12 10:00:00 UTC 2026\n", {}, datetime(2026, 3, 12, 10),
         "taken at Thu Mar 12 10:00:00 UTC 2026, as its heading says"),
        (b"# 2026-03-12T10:00:00+01:00\n", {}, datetime(2026, 3, 12, 9),
         "taken at 2026-03-12T10:00:00+01:00, as its heading says"),
        (b"2026-03-12 10:00:00\n", {"tz": "Europe/Berlin"}, datetime(2026, 3, 12, 9),
         "taken at 2026-03-12 10:00:00, as its heading says"),
        (b"Thu 12 Mar 2026\n", {}, CHANGED,
         "taken when the file was last changed, 2026-03-01 12:00:00 UTC"),
    ],
)  # fmt: skip
def test_time(
    read: Callable[..., Read], heading: bytes, options: Any, expected: datetime, note: str
) -> None:
    result = read({"net.txt": heading + SS}, **options)
    held = result.rows("ASimNetworkSessionLogs", "TimeGenerated")
    assert {one["TimeGenerated"] for one in held} == {expected}
    assert note in result.account.files["Assumptions"][0].split("; ")
    assert rebuild(result.con, "net.txt") == heading + SS


def test_other_lines_are_rejected(read: Callable[..., Read]) -> None:
    result = read({"net.txt": SS + b"ESTAB 0 0 nobody knows\nESTAB 0 0 10.0.0.5:x 1.1.1.1:2\n"})
    assert [(r["LineNumber"], r["Reason"]) for r in result.rows("LinuxReject_CL")] == [
        (8, "no socket, and no heading"), (9, "no socket, and no heading"),
    ]  # fmt: skip
    assert result.counts() == [("net.txt", "ss", 9, 5, 2, 2)]


PCAP = b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + bytes(16)
PCAPNG = b"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a" + bytes(16)


@pytest.mark.parametrize("content", [PCAP, PCAPNG], ids=["pcap", "pcapng"])
def test_packets_without_zeek(
    read: Callable[..., Read], monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    result = read({"x.pcap": content, "net.txt": SS})
    told = dict(zip(result.account.files["FilePath"], result.account.files["Error"], strict=True))
    assert told["x.pcap"] == (
        "packets need zeek, which is not installed here: run it where it is (zeek -C -r ...)"
        " and give the conn.log that it writes"
    )


@pytest.mark.parametrize(
    ("script", "counts", "error"),
    [
        (b"cat > conn.log <<'E'\n" + tsv(VALUES) + b"E\n", (9, 1, 8, 0), None),
        (b"echo \"fatal error: problem with $3 (truncated)\" >&2; exit 1\n", (0, 0, 0, 0),
         "zeek: fatal error: problem with x.pcap (truncated)"),
    ],
    ids=["read", "failed"],
)  # fmt: skip
def test_packets_by_way_of_zeek(
    read: Callable[..., Read], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: bytes,
    counts: Any, error: str | None,
) -> None:  # fmt: skip
    program = tmp_path / "bin" / "zeek"
    program.parent.mkdir()
    program.write_bytes(b"#!/bin/sh\n" + script)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    result = read({"x.pcap": PCAP, "net.txt": SS}, hostname="web01")
    assert result.counts()[1] == ("x.pcap", "pcap", *counts)
    assert (result.account.files["Error"].dropna().tolist() or [None]) == [error]
    held = [r for r in result.rows("ASimNetworkSessionLogs", "DstIpAddr", "EventProduct", "_ItemId")
            if r["EventProduct"] == "Zeek"]  # fmt: skip
    wanted = {"DstIpAddr": "198.51.100.7", "EventProduct": "Zeek", "_ItemId": "x.pcap:8"}
    assert held == ([] if error else [wanted])
