"""What audit says beyond command lines."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.sections.proc_events import AuditSwitchedOff, FileTouched, ShellConnects
from tests.made import events, utc

START = utc("2026-03-12 10:00:00")


def event(second: float, type_: str = "SYSCALL", **more: Any) -> dict[str, Any]:
    return {
        "TimeGenerated": START + pd.Timedelta(seconds=second), "DvcHostname": "web01",
        "type": type_, "auid": 1001, "uid": 0, "RecordIds": [f"audit:{second}"], **more,
    }  # fmt: skip


def opened(path: str, exe: str, flags: str = "0", **more: Any) -> dict[str, Any]:
    return event(
        0, syscall="openat", success="yes", exe=exe, cwd="/root", fields={"a2": flags},
        paths=[{"name": path, "nametype": "NORMAL"}], **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [event(0, "CONFIG_CHANGE", fields={"audit_enabled": "0", "old": "1"})],
            [("High", ("audit:0",))],
            id="disabled",
        ),
        pytest.param(
            [event(0, "CONFIG_CHANGE", fields={"audit_enabled": "1", "old": "0"})], [], id="enabled"
        ),
        pytest.param(
            [event(0, "DAEMON_END"), event(9_000, "USER_LOGIN")],
            [("Medium", ("audit:0",))],
            id="daemon ended",
        ),
        pytest.param(
            [event(0, "DAEMON_END"), event(2, "DAEMON_START"), event(9_000, "USER_LOGIN")],
            [],
            id="restarted",
        ),
        pytest.param(
            [event(-3, "SYSTEM_SHUTDOWN"), event(0, "DAEMON_END"), event(9_000, "USER_LOGIN")],
            [],
            id="shut down",
        ),
        pytest.param([event(0, "DAEMON_END")], [], id="the evidence ends there"),
    ],
)
def test_audit_switched_off(rows: list[dict[str, Any]], expected: list[Any]) -> None:
    found = AuditSwitchedOff().run({"audit": events("audit", rows)})
    assert [(f.severity, f.records) for f in found] == expected


@pytest.mark.parametrize(
    ("exe", "address", "expected"),
    [
        pytest.param("/usr/bin/bash", "8.8.8.8", ["High"], id="public"),
        pytest.param("/usr/bin/bash", "10.20.0.4", ["Low"], id="private"),
        pytest.param("/usr/bin/curl", "8.8.8.8", [], id="a program that connects"),
    ],
)
def test_shell_connects(exe: str, address: str, expected: list[str]) -> None:
    socket = {"family": "inet", "addr": address, "port": 443}
    rows = [event(0, syscall="connect", exe=exe, sockaddr=socket)]
    found = ShellConnects().run({"audit": events("audit", rows)})
    assert [finding.severity for finding in found] == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(
            opened("/etc/shadow", "/usr/bin/python3.11"),
            [("Medium", "Password hashes opened: /etc/shadow by python3.11")],
            id="shadow by an interpreter",
        ),
        pytest.param(opened("/etc/shadow", "/usr/bin/passwd"), [], id="shadow by passwd"),
        pytest.param(
            opened("../etc/ld.so.preload", "/usr/bin/vim", "241"),
            [("High", "Library loaded into every program: /etc/ld.so.preload by vim")],
            id="preload written, by a relative path",
        ),
        pytest.param(opened("/etc/ld.so.preload", "/usr/bin/cat"), [], id="preload read"),
        pytest.param(opened("/etc/hosts", "/usr/bin/cat"), [], id="another file"),
    ],
)
def test_file_touched(row: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    found = FileTouched().run({"audit": events("audit", [row])})
    assert [(f.severity, f.title) for f in found] == expected
    assert {f.user for f in found} <= {"uid 1001"}
