"""`linuxhunt events processes` of a host that auditd, Sysmon and Defender tell of."""

from __future__ import annotations

import json
from pathlib import Path

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


def _line(time: str, *args: object, **fields: object) -> str:
    """Write an event as a line of syslog, by the host's full name."""
    _, _, rest = ran(time, *args, **fields).partition(" @web01 ")  # type: ignore[arg-type]
    return f"2026-03-12T{time}.000000+00:00 web01.example {rest}\n"


def test_what_three_saw(run: Run, tmp_path: Path) -> None:
    syslog = _line("10:00:00", 11, "cat", CAT, 10, NONE, CommandLine="cat x") + _line(
        "10:00:02", 12, "ls", LS, 11, CAT
    )
    rows = [
        created("10:00:02", 12, "ls", (11, "cat", "10:00:00"), (10, "bash", "09:59:00")),
        created("10:00:04", 13, "id", (11, "cat", "10:00:00"), (10, "bash", "09:59:00")),
    ]
    exported = [
        {
            **row,
            "Type": "DeviceProcessEvents",
            **{key: f"{value}Z" for key, value in row.items() if "Time" in key},
        }
        for row in rows
    ]
    texts = {
        "etc/hostname": "web01\n",
        A: AUDIT,
        S: syslog,
        D: "".join(json.dumps(row) + "\n" for row in exported),
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
