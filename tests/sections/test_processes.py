"""Ordinary work raises nothing above Low; each line of an intruder raises what it is."""

from __future__ import annotations

import pytest

from linuxhunt.sections.finding import Finding, Tables, judge
from linuxhunt.sections.processes import CHECKS, HYPOTHESIS
from tests.made import events
from tests.sections import malicious, ordinary
from tests.sections.actors import Actor

CASES = list(malicious.cases())


def findings(tables: Tables) -> list[Finding]:
    return [finding for check in CHECKS for finding in check.run(tables)]


@pytest.fixture(scope="module")
def by_case() -> dict[str, list[Finding]]:
    """Findings of each line, each on a host of its own."""
    rows = []
    for number, (actor, _, line) in enumerate(CASES):
        for row in ordinary.rows(((actor, line),)):
            own = {**row, "DvcHostname": f"host{number}"}
            for guid in ("TargetProcessGuid", "ActingProcessGuid"):
                own[guid] = f"{number}-{row[guid]}" if row.get(guid) else None
            rows.append(own)
    found: dict[str, list[Finding]] = {}
    for finding in findings({"processes": events("processes", rows)}):
        found.setdefault(str(finding.host), []).append(finding)
    return found


def test_ordinary_commands_raise_nothing_above_low() -> None:
    frame = ordinary.processes()
    found = findings({"processes": frame})
    assert [f.title for f in found if f.severity not in ("Low", "Informational")] == []
    assert len(frame) > 500
    verdict = judge("applications", HYPOTHESIS, found, seen=len(frame))
    assert verdict.verdict == "not supported"


@pytest.mark.parametrize("block", ordinary.BLOCKS, ids=lambda block: block[0].name)
def test_ordinary_blocks_are_ordinary_alone(block: tuple[Actor, str]) -> None:
    frame = events("processes", ordinary.rows((block,)))
    found = findings({"processes": frame})
    assert [(f.title, f.reason) for f in found if f.severity != "Low"] == []


def test_ordinary_commands_are_ordinary_where_arguments_and_people_are_not_known() -> None:
    frame = ordinary.processes().assign(Argv=None, ActorUserId=None)
    found = findings({"processes": events("processes", frame.to_dict("records"))})
    assert [(f.title, f.reason) for f in found if f.severity != "Low"] == []


def test_ordinary_commands_are_ordinary_as_sudo_and_cron_log_them() -> None:
    frame = ordinary.processes().rename(columns={"LogonSessionId": "Session"})
    common = frame.assign(
        ActorUsername="ana", TargetUsername="root", EventType="Run", EventUid="syslog:1"
    )
    common["RecordIds"] = [["syslog:1"]] * len(common)
    by_sudo = common[common["ActorUserId"].eq(1000) & common["TargetUserId"].eq(0)]
    by_cron = common[common["ActorUserId"].eq(0)].copy()
    scripts = by_cron["CommandLine"].str.removeprefix("/bin/sh -c ")
    by_cron["CommandLine"] = scripts
    found = findings(
        {
            "sudo": events("sudo", by_sudo.to_dict("records")),
            "cron": events("cron", by_cron.to_dict("records")),
        }
    )
    assert min(len(by_sudo), len(by_cron)) > 30
    assert [(f.title, f.reason) for f in found if f.severity != "Low"] == []


@pytest.mark.parametrize(
    ("number", "technique", "line"),
    [
        pytest.param(number, technique, line, id=f"{technique} {line[:60]}")
        for number, (_, technique, line) in enumerate(CASES)
    ],
)
def test_malicious(
    number: int, technique: str, line: str, by_case: dict[str, list[Finding]]
) -> None:
    found = [f for f in by_case.get(f"host{number}", []) if f.severity in ("Medium", "High")]
    named = {name for finding in found for name in finding.techniques}
    assert any(name == technique or name.startswith(f"{technique}.") for name in named), found
    assert all(finding.records and finding.process and finding.command for finding in found), line


def test_there_are_enough_lines() -> None:
    assert len(CASES) >= 150
    assert len({(technique, line) for _, technique, line in CASES}) == len(CASES)


def test_no_data_no_findings() -> None:
    assert findings({}) == []
    kinds = ("processes", "audit", "sudo", "cron", "accounts", "sessions", "logons")
    assert findings({kind: events(kind, []) for kind in kinds}) == []
