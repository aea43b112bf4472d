"""A working host's ordinary commands: administrators, packages, jobs, servers, builds.

One block an actor; one line a command, written for a shell (the frame gets its argv). Lines that
begin with ``$ `` are text that ``sh -c`` was given. Nothing in here may be above Low.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pandas as pd

from tests.made import events, utc
from tests.sections import ordinary_machines, ordinary_people
from tests.sections.actors import Actor

BLOCKS: tuple[tuple[Actor, str], ...] = (*ordinary_people.BLOCKS, *ordinary_machines.BLOCKS)


def argv_of(line: str) -> list[str]:
    """Return the arguments of one line of a block."""
    return ["/bin/sh", "-c", line[2:]] if line.startswith("$ ") else shlex.split(line)


def rows(blocks: tuple[tuple[Actor, str], ...] = BLOCKS) -> Iterator[dict[str, Any]]:
    """Yield a process for each parent and each command."""
    moment = utc("2026-03-12 08:00:00")
    pid = 5_000
    for number, (actor, text) in enumerate(blocks):
        parent = f"parent-{number}"
        seat = None if actor.auid is None else 100 + number
        common = {
            "DvcHostname": "web01",
            "ActorUserId": actor.auid,
            "ActorSessionId": seat,
            "LogonSessionId": None if seat is None else f"session-{seat}",
            "Tty": actor.tty,
            "EventResult": "Success",
        }
        pid += 1
        above = pid
        start = "-bash" if actor.parent.endswith("/bash") else actor.parent
        yield {
            **common, "TimeGenerated": moment, "TargetProcessGuid": parent,
            "TargetProcessId": above, "TargetUserId": actor.uid,
            "TargetProcessName": actor.parent, "CommandLine": start, "Argv": [start],
            "TargetProcessCurrentDirectory": actor.cwd, "RecordIds": [f"{parent}:0"],
        }  # fmt: skip
        for line in filter(None, (line.strip() for line in text.splitlines())):
            argv = argv_of(line)
            moment += pd.Timedelta(seconds=actor.pace)
            pid += 1
            yield {
                **common, "TimeGenerated": moment, "TargetProcessGuid": f"guid-{pid}",
                "ActingProcessGuid": parent, "ActingProcessId": above, "TargetProcessId": pid,
                "TargetUserId": actor.uid, "TargetProcessName": program_of(argv[0], actor.cwd),
                "CommandLine": " ".join(argv), "Argv": argv,
                "TargetProcessCurrentDirectory": actor.cwd, "RecordIds": [f"{actor.name}:{pid}"],
            }  # fmt: skip
        moment += pd.Timedelta(minutes=30)


def program_of(name: str, cwd: str) -> str:
    """Return the file that a shell would find."""
    if name.startswith("/"):
        return name
    if "/" in name:
        return f"{cwd}/{name.removeprefix('./')}"
    return f"/usr/bin/{name.lstrip('-')}"


def processes() -> pd.DataFrame:
    """Return all blocks as ``processes``."""
    return events("processes", rows())
