"""`linuxhunt events flows` of a host that syslog, audit, Zeek, Azure and a collector tell of."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.evidence.test_flow_logs import file, vnet
from tests.evidence.test_flows import NAMES, VALUES, tsv
from tests.test_cli import Run, run

__all__ = ["run"]

DAY = 1773273600  # 2026-03-12
ZEEK, AZURE, LIST = "sensor/conn.log", "azure/PT1H.json", "live/ss.txt"
SYSLOG, AUDIT = "var/log/syslog", "var/log/audit/audit.log"
LINES = """\
2026-03-12T10:00:03.000000+00:00 web01 sshd[8]: Accepted password for ada from 203.0.113.9 port 50514 ssh2
2026-03-12T10:00:03.100000+00:00 web01 sshd[8]: pam_unix(sshd:session): session opened for user ada(uid=1000) by (uid=0)
2026-03-12T10:30:00.000000+00:00 web01 kernel: [12.5] [UFW BLOCK] IN=eth0 OUT= MAC=52:54:00:7c:d8:0f:fe:54:00:7c:d8:0f:08:00 SRC=203.0.113.7 DST=10.0.0.5 LEN=40 TOS=0x00 PREC=0x00 TTL=240 ID=57645 PROTO=TCP SPT=51638 DPT=2106 WINDOW=1024 RES=0x00 SYN URGP=0 
"""  # noqa: W291
CALL = "auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000"
RECORDS = f"""\
type=USER_START msg=audit({DAY + 36003}.102:9): pid=8 uid=0 auid=1000 ses=5 msg='op=PAM:session_open grantors=pam_unix acct="ada" exe="/usr/sbin/sshd" hostname=203.0.113.9 addr=203.0.113.9 terminal=ssh res=success'
type=SYSCALL msg=audit({DAY + 36600}.000:1): arch=c000003e syscall=59 success=yes exit=0 items=2 ppid=9 pid=77 {CALL} tty=pts0 ses=5 comm="curl" exe="/usr/bin/curl" key="x"
type=EXECVE msg=audit({DAY + 36600}.000:1): argc=2 a0="curl" a1="http://x/"
type=SYSCALL msg=audit({DAY + 36601}.000:2): arch=c000003e syscall=42 success=no exit=-115 a0=3 items=0 ppid=9 pid=77 {CALL} tty=pts0 ses=5 comm="curl" exe="/usr/bin/curl" key="net"
type=SOCKADDR msg=audit({DAY + 36601}.000:2): saddr=020001BBC63364070000000000000000
"""
SS = """\
State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process
LISTEN 0      128          0.0.0.0:22        0.0.0.0:*     users:(("sshd",pid=811,fd=3))
"""


def zeek(**more: str) -> list[str]:
    return [
        more.get(name.replace(".", "_"), value) for name, value in zip(NAMES, VALUES, strict=True)
    ]


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    seen = tsv(
        zeek(ts=f"{DAY + 36000}.0", id_orig_h="203.0.113.9", id_orig_p="50514", id_resp_h="10.0.0.5",
             id_resp_p="22", service="ssh", duration="60.0", local_orig="F", local_resp="T"),
        zeek(ts=f"{DAY + 36601}.5", id_orig_h="10.0.0.5", id_orig_p="40000"),
        zeek(ts=f"{DAY + 36602}.0", id_orig_h="10.0.0.6", id_orig_p="40000"),
    )  # fmt: skip
    tuples = [
        f"{DAY + 36700}000,10.0.0.5,198.51.100.8,41000,443,6,O,B,NX,0,0,0,0",
        f"{DAY + 36705}000,10.0.0.5,198.51.100.8,41000,443,6,O,E,NX,3,767,2,1580",
    ]
    files = {
        "etc/hostname": b"web01\n", SYSLOG: LINES.encode(), AUDIT: RECORDS.encode(), ZEEK: seen,
        AZURE: file(vnet(tuples)), LIST: SS.encode(),
    }  # fmt: skip
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (DAY + 39000, DAY + 39000))
    return tmp_path


SHOWN = ("EventStartTime", "NetworkDirection", "RemoteIpAddr", "DstPortNumber", "DvcAction",
         "LogonSessionId", "TargetProcessName", "EventProduct", "EventUid")  # fmt: skip
SESSION = f"{SYSLOG}:1"
HOSTS = [
    ["10:00:00.000000", "Inbound", "203.0.113.9", 22, "Allow", SESSION, None, "Zeek", f"{ZEEK}:8"],
    ["10:10:01.500000", "Outbound", "198.51.100.7", 443, "Allow", SESSION, "/usr/bin/curl", "Zeek",
     f"{ZEEK}:9"],
    ["10:11:40.000000", "Outbound", "198.51.100.8", 443, "Allow", None, None, "VNet flow logs",
     f"{AZURE}:1"],
    ["10:30:00.000000", "Inbound", "203.0.113.7", 2106, "Deny", None, None, "ufw", f"{SYSLOG}:3"],
    ["10:50:00.000000", "Listen", None, 22, None, None, "sshd", "ss", f"{LIST}:2"],
]  # fmt: skip
OTHER = ["10:10:02.000000", "Outbound", "198.51.100.7", 443, "Allow", None, None, "Zeek",
         f"{ZEEK}:10"]  # fmt: skip


def shown(out: str) -> list[list[Any]]:
    rows = [json.loads(line) for line in out.splitlines()]
    return [
        [row[name] if name != "EventStartTime" else row[name][11:-1] for name in SHOWN]
        for row in rows
    ]


def test_flows_of_a_host(run: Run, evidence: Path) -> None:
    """Nobody states its address: a logon that the sensor saw, and a packet to it, show it."""
    held = shown(run("events", "flows", evidence, "--host", "web01").out)
    assert [row for row in held if row[-1] != f"{ZEEK}:10"] == HOSTS
    assert [row[:4] for row in held if row[-1] == f"{ZEEK}:10"] == [
        ["10:10:02.000000", "NA", "198.51.100.7", 443]
    ]


def test_flows_of_all_hosts(run: Run, evidence: Path) -> None:
    done = run("events", "flows", evidence)
    assert done.status == 0
    assert shown(done.out) == [*HOSTS[:2], OTHER, *HOSTS[2:]]
