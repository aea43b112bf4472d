"""`linuxhunt events processes` of a host that auditd, Sysmon and Defender tell of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.parse.proc_rows import NONE, created, guid, ran
from tests.test_cli import Run, run

__all__ = ["run"]

CAT, LS = guid("10:00:00", 0x2C0), guid("10:00:02", 0x3C0)
SYSCALL = (
    "arch=c000003e syscall=59 success=yes exit=0 items=2 ppid=10 pid=11 auid=1000 uid=1000"
    " gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=pts0 ses=5"
    ' comm="cat" exe="/usr/bin/cat" key="x"'
)
AUDIT = f"""\
type=SYSCALL msg=audit(1773309600.000:5): {SYSCALL}
type=EXECVE msg=audit(1773309600.000:5): argc=2 a0="cat" a1="x"
"""
A, D, S = "var/log/audit/audit.log", "device.jsonl", "var/log/syslog"


def _line(time: str, *args: object, came: str | None = None, **fields: object) -> str:
    """Write an event as a line of syslog, by the host's full name."""
    _, _, rest = ran(time, *args, **fields).partition(" @web01 ")  # type: ignore[arg-type]
    return f"2026-03-12T{came or time}.000000+00:00 web01.example {rest}\n"


def _exported(row: dict[str, Any]) -> str:
    times = {key: f"{value}Z" for key, value in row.items() if "Time" in key and value}
    return json.dumps({**row, "Type": "DeviceProcessEvents", **times}) + "\n"


def test_what_three_saw(run: Run, tmp_path: Path) -> None:
    syslog = _line("10:00:00", 11, "cat", CAT, 10, NONE, CommandLine="cat x") + _line(
        "10:00:02", 12, "ls", LS, 11, CAT
    )
    rows = [
        created("10:00:02", 12, "ls", (11, "cat", "10:00:00"), (10, "bash", "09:59:00")),
        created("10:00:04", 13, "id", (11, "cat", "10:00:00"), (10, "bash", "09:59:00")),
    ]
    texts = {
        "etc/hostname": "web01\n",
        A: AUDIT,
        S: syslog,
        D: "".join(map(_exported, rows)),
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    held = [json.loads(line) for line in run("events", "processes", tmp_path).out.splitlines()]
    guids = {row["TargetProcessGuid"]: row["TargetProcessFilename"] for row in held}
    assert [
        [row["CommandLine"], guids.get(row["ActingProcessGuid"]), row["Depth"], row["RecordIds"]]
        for row in held
    ] == [
        [None, None, 0, [f"{D}:1"]],
        ["cat x", "bash", 1, [f"{A}:1", f"{A}:2", f"{S}:1"]],
        ["ls", "cat", 2, [f"{S}:2", f"{D}:1"]],
        ["id", "cat", 2, [f"{D}:2"]],
    ]
    assert {row["DvcHostname"] for row in held} == {"web01"}


INIT = (1, "systemd", None)


def test_the_window_is_that_of_the_events_own_stamps(run: Run, tmp_path: Path) -> None:
    """Rows that came later, or by another clock, are asked for, and are told apart after."""
    told = [
        ("09:59:59", "before", "10:00:01"),
        ("10:00:00", "first", "09:59:59"),
        ("10:59:59", "last", "12:30:00"),
        ("11:00:00", "after", "11:00:00"),
    ]
    day = "2026-03-12"
    syslog = "".join(
        _line(time, 20 + n, f"s-{name}", guid(time, 0x100 + n), 1, NONE, came=came)
        for n, (time, name, came) in enumerate(told)
    )
    device = "".join(
        _exported(
            created(time, 40 + n, f"d-{name}", INIT)
            | {"TimeGenerated": f"{day} {came}", "Timestamp": f"{day} {time}"}
        )
        for n, (time, name, came) in enumerate(told)
    )
    for name, text in {"etc/hostname": "web01\n", S: syslog, D: device}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    window = ("--start", f"{day}T10:00:00Z", "--end", f"{day}T11:00:00Z")
    found = run("events", "processes", tmp_path, *window).out.splitlines()
    assert [
        (row["TimeGenerated"], row["TargetProcessFilename"]) for row in map(json.loads, found)
    ] == [
        (f"{day}T10:00:00.000000Z", "d-first"),
        (f"{day}T10:00:00.000000Z", "s-first"),
        (f"{day}T10:59:59.000000Z", "d-last"),
        (f"{day}T10:59:59.000000Z", "s-last"),
    ]
