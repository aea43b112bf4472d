"""Rows of ``processes`` made by hand, one command each."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.made import utc
from tests.sections.ordinary import program_of

START = utc("2026-03-12 10:00:00")


def ran(
    second: float, command: str, guid: str, parent: str = "shell", **more: Any
) -> dict[str, Any]:
    """Return a row of ``processes``; argv is the command split at blanks unless given."""
    argv = more.pop("argv", command.split())
    cwd = more.get("TargetProcessCurrentDirectory", "/home/eve")
    return {
        "TimeGenerated": START + pd.Timedelta(seconds=second),
        "DvcHostname": "web01",
        "TargetProcessGuid": guid,
        "ActingProcessGuid": parent,
        "ActingProcessId": 50,
        "ActorUserId": 1001,
        "TargetUserId": 1001,
        "ActorSessionId": 7,
        "LogonSessionId": "s7",
        "Tty": "pts0",
        "TargetProcessName": program_of(argv[0], cwd),
        "CommandLine": " ".join(argv),
        "Argv": argv,
        "TargetProcessCurrentDirectory": cwd,
        "EventResult": "Success",
        "RecordIds": [f"audit:{guid}"],
        **more,
    }
