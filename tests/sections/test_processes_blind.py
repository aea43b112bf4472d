"""Tables of commands that were written before the rules were read."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.sections.finding import Finding
from linuxhunt.sections.processes import CHECKS
from tests.made import events, utc
from tests.sections import blind_malicious, blind_ordinary, ordinary
from tests.sections.actors import ROOT, Actor

CASES = list(blind_malicious.cases())
GRAVE = ("Medium", "High")


def apart(number: int, actor: Actor, line: str) -> list[dict[str, Any]]:
    """Return a line's processes on a host of its own, so that no line is another's company."""
    own = f"h{number}-"
    return [
        {
            **row,
            "DvcHostname": f"host{number}",
            "TargetProcessGuid": own + row["TargetProcessGuid"],
            "ActingProcessGuid": own + row["ActingProcessGuid"]
            if "ActingProcessGuid" in row
            else None,
            "LogonSessionId": row["LogonSessionId"] and own + row["LogonSessionId"],
        }
        for row in ordinary.rows(((actor, line),))
    ]


def grave(tables: dict[str, pd.DataFrame]) -> list[Finding]:
    found = [finding for check in CHECKS for finding in check.run(tables)]
    return [finding for finding in found if finding.severity in GRAVE]


@pytest.fixture(scope="module")
def hosts() -> set[str | None]:
    """Hosts with a finding of Medium or above, one host a line."""
    rows = [row for number, (actor, line) in enumerate(CASES) for row in apart(number, actor, line)]
    return {finding.host for finding in grave({"processes": events("processes", rows)})}


@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=lambda n: f"{CASES[n][0].name}: {CASES[n][1][:50]}"
)
def test_an_intruders_command_is_found(number: int, hosts: set[str | None]) -> None:
    expected = CASES[number][1] not in blind_malicious.ORDINARY_ALONE
    assert (f"host{number}" in hosts) == expected


def as_sudo(line: str, number: int) -> dict[str, Any]:
    """Return what sudo logs of a command: its arguments without their quotes."""
    argv = ordinary.argv_of(line)
    return {
        "TimeGenerated": utc("2026-03-12 10:00") + pd.Timedelta(minutes=number),
        "DvcHostname": f"host{number}", "ActorUsername": "eve", "TargetUsername": "root",
        "CommandLine": " ".join([ordinary.program_of(argv[0], "/home/eve"), *argv[1:]]),
        "EventResult": "Success", "EventUid": f"auth:{number}", "RecordIds": [f"auth:{number}"],
    }  # fmt: skip


def test_sudos_log_alone_tells_as_much() -> None:
    lines = [line for actor, line in CASES if actor is ROOT]
    rows = [as_sudo(line, number) for number, line in enumerate(lines)]
    found = {finding.host for finding in grave({"sudo": events("sudo", rows)})}
    missed = {line for number, line in enumerate(lines) if f"host{number}" not in found}
    assert missed == {line for line in lines if line in blind_malicious.ORDINARY_ALONE}


def test_crons_log_alone_tells_as_much() -> None:
    jobs = [line.removeprefix("$ ") for actor, line in CASES if actor.name == "cron"]
    rows = [
        {
            "TimeGenerated": utc("2026-03-12 10:00"), "DvcHostname": f"host{number}",
            "TargetUsername": "root", "EventType": "Run", "EventResult": "Success",
            "CommandLine": job, "TargetAppId": 700 + number, "EventUid": f"cron:{number}",
        }
        for number, job in enumerate(jobs)
    ]  # fmt: skip
    found = grave({"cron": events("cron", rows)})
    assert {(finding.host, finding.records) for finding in found} == {
        (f"host{number}", (f"cron:{number}",)) for number in range(len(jobs))
    }


@pytest.mark.parametrize("block", blind_ordinary.BLOCKS, ids=lambda block: block[0].name)
def test_ordinary_commands_are_ordinary(block: tuple[Actor, str]) -> None:
    assert grave({"processes": events("processes", ordinary.rows((block,)))}) == []


def test_ordinary_commands_are_ordinary_together_and_as_sudo_logs_them() -> None:
    frame = events("processes", ordinary.rows(blind_ordinary.BLOCKS))
    assert grave({"processes": frame}) == []
    lines = [line for _, text in blind_ordinary.BLOCKS for line in text.split("\n") if line.strip()]
    rows = [as_sudo(line.strip(), number) for number, line in enumerate(lines)]
    assert grave({"sudo": events("sudo", rows)}) == []
