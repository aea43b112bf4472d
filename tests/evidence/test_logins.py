from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable
from datetime import datetime

import pytest

from linuxhunt.evidence import rebuild

from .conftest import Read

WHEN = 1_772_355_900  # 2026-03-01 09:05:00 UTC


def utmp(kind: int, pid: int, line: str, user: str, host: str = "", address: str = "") -> bytes:
    """One record as glibc on x86_64 lays it out."""
    packed = ipaddress.ip_address(address).packed if address else b""
    return struct.pack(
        "<hxxi32s4s32s256shhiii16s20x",
        *(kind, pid, line.encode(), line[-4:].encode(), user.encode(), host.encode()),
        *(0, 0, pid, WHEN, 250_000, packed),
    )


def utmp64(kind: int, pid: int, line: str, user: str, host: str) -> bytes:
    """One record as glibc on arm64 lays it out."""
    return struct.pack(
        "<hxxi32s4s32s256shhqqq16s20x4x",
        *(kind, pid, line.encode(), b"", user.encode(), host.encode(), 0, 0, 0, WHEN, 0, b""),
    )


def test_wtmp(read: Callable[..., Read]) -> None:
    content = (
        utmp(2, 0, "~", "reboot", "6.1.0-18-amd64")
        + utmp(7, 811, "pts/0", "mara", "192.0.2.7", "192.0.2.7")
        + utmp(8, 811, "pts/0", "")
        + utmp(7, 812, "pts/1", "caf\u00e9", "gw.example.org", "2001:db8::7")
        + utmp(7, 813, "pts/2", "x")[:100]
    )
    result = read({"wtmp": content}, hostname="web01")
    common = {
        "TimeGenerated": datetime(2026, 3, 1, 9, 5, 0, 250_000),
        "Computer": "web01",
        "Source": "wtmp",
        "ExitTermination": 0,
        "ExitStatus": 0,
        "Type": "LinuxLogin_CL",
    }
    assert result.rows("LinuxLogin_CL") == [
        {**common, "RecordType": "BOOT_TIME", "ProcessID": 0, "Line": "~", "Id": "~",
         "UserName": "reboot", "HostName": "6.1.0-18-amd64", "SessionID": 0, "_ItemId": "wtmp:1"},
        {**common, "RecordType": "USER_PROCESS", "ProcessID": 811, "Line": "pts/0", "Id": "ts/0",
         "UserName": "mara", "HostName": "192.0.2.7", "SrcIpAddr": "192.0.2.7", "SessionID": 811,
         "_ItemId": "wtmp:2"},
        {**common, "RecordType": "DEAD_PROCESS", "ProcessID": 811, "Line": "pts/0", "Id": "ts/0",
         "SessionID": 811, "_ItemId": "wtmp:3"},
        {**common, "RecordType": "USER_PROCESS", "ProcessID": 812, "Line": "pts/1", "Id": "ts/1",
         "UserName": "caf\u00e9", "HostName": "gw.example.org", "SrcIpAddr": "2001:db8::7",
         "SessionID": 812, "_ItemId": "wtmp:4"},
    ]  # fmt: skip
    assert result.counts() == [("wtmp", "wtmp", 5, 4, 0, 1)]
    assert [(r["LineNumber"], r["Reason"]) for r in result.rows("LinuxReject_CL")] == [
        (5, "the last record ends after 100 bytes of 384")
    ]
    assert rebuild(result.con, "wtmp") == content


@pytest.mark.parametrize(
    ("name", "content", "source", "user"),
    [
        pytest.param("btmp.1", utmp(6, 9, "ssh:notty", "root", "192.0.2.9"), "btmp", "root",
                     id="btmp"),
        pytest.param("run/utmp", utmp(7, 9, "pts/0", "mara"), "utmp", "mara", id="utmp"),
        pytest.param("wtmp", utmp64(7, 9, "pts/0", "mara", "h") * 3, "wtmp", "mara", id="arm64"),
        pytest.param("old.bin", utmp(0, 0, "", "") + utmp(7, 9, "pts/0", "mara"), "wtmp", None,
                     id="empty-record-and-any-name"),
    ],
)  # fmt: skip
def test_which_file(
    read: Callable[..., Read], name: str, content: bytes, source: str, user: str | None
) -> None:
    result = read({name: content})
    first = result.rows("LinuxLogin_CL")[0]
    assert (first["Source"], first.get("UserName")) == (source, user)
    assert rebuild(result.con, name) == content


def test_lastlog_is_sparse_and_numbered_by_uid(read: Callable[..., Read]) -> None:
    def last(line: str, host: str) -> bytes:
        return struct.pack("<I32s256s", WHEN, line.encode(), host.encode())

    content = last("tty1", "") + b"\0" * 292 * 999 + last("pts/0", "192.0.2.7")
    passwd = (
        b"root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/:/bin/sh\nmara:x:1000:1000::/:/bin/sh\n"
    )
    result = read({"var/log/lastlog": content, "etc/passwd": passwd})
    common = {
        "TimeGenerated": datetime(2026, 3, 1, 9, 5),
        "Source": "lastlog",
        "Type": "LinuxLogin_CL",
    }
    assert result.rows("LinuxLogin_CL") == [
        {**common, "Line": "tty1", "UserName": "root", "UserId": 0,
         "_ItemId": "var/log/lastlog:1"},
        {**common, "Line": "pts/0", "UserName": "mara", "UserId": 1000, "HostName": "192.0.2.7",
         "SrcIpAddr": "192.0.2.7", "_ItemId": "var/log/lastlog:1001"},
    ]  # fmt: skip
    assert rebuild(result.con, "var/log/lastlog") == content
