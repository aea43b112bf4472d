"""Findings as a table, and when a hypothesis is supported, is not, or cannot be told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pandas.testing import assert_frame_equal

from linuxhunt.schema import empty
from linuxhunt.sections import Finding, Verdict, findings_frame, judge
from tests.made import events, utc

FINDING = Finding(
    "logons",
    "Direct root logon from 8.8.8.8",
    "Medium",
    ("T1078.003",),
    "root logged on 1 time",
    utc("2026-03-12 10:00"),
    utc("2026-03-12 11:00"),
    ("auth.log:7", "auth.log:9"),
    host="web01",
    user="root",
    address="8.8.8.8",
)
LOW = replace(FINDING, severity="Low")


@pytest.mark.parametrize(
    ("findings", "seen", "missing", "verdict"),
    [
        pytest.param([FINDING], 9, (), "supported", id="a medium finding"),
        pytest.param([LOW, replace(FINDING, severity="High")], 9, (), "supported", id="a high one"),
        pytest.param([FINDING], 9, ("audit",), "supported", id="though data is missing"),
        pytest.param([], 9, (), "not supported", id="seen, and nothing found"),
        pytest.param([LOW, replace(FINDING, severity="Informational")], 9, (), "not supported",
                     id="low ones are not enough"),
        pytest.param([], 0, (), "cannot tell", id="nothing seen is not nothing found"),
        pytest.param([LOW], 9, ("auth lines: partial",), "cannot tell", id="partly seen"),
        pytest.param([], 0, ("there is no table Syslog",), "cannot tell", id="no table"),
    ],
)  # fmt: skip
def test_a_verdict(
    findings: list[Finding], seen: int, missing: tuple[str, ...], verdict: str
) -> None:
    assert judge("logons", "X.", iter(findings), seen=seen, missing=list(missing)) == Verdict(
        "logons", "X.", verdict, missing
    )


@pytest.mark.parametrize(
    ("change", "same"),
    [
        pytest.param({"title": "x", "reason": "y", "severity": "Low"}, True, id="other words"),
        pytest.param({"end": utc("2026-03-13")}, True, id="a later end"),
        pytest.param({"records": ("auth.log:7", "auth.log:8")}, True, id="more records"),
        pytest.param({"records": ("auth.log:8",)}, False, id="another first record"),
        pytest.param({"section": "users"}, False, id="another section"),
        pytest.param({"techniques": ("T1110",)}, False, id="another technique"),
        pytest.param({"host": "web02"}, False, id="another host"),
        pytest.param({"user": "x"}, False, id="another user"),
        pytest.param({"address": None}, False, id="no address"),
        pytest.param({"start": utc("2026-03-13")}, False, id="another start"),
        pytest.param({"session": "s"}, False, id="another session"),
        pytest.param({"process": "p"}, False, id="another process"),
    ],
)
def test_an_id_is_what_a_finding_is_about(change: dict[str, Any], same: bool) -> None:
    assert (replace(FINDING, **change).id == FINDING.id) == same
    assert FINDING.id.startswith("logons-")


def test_findings_as_a_table() -> None:
    later = replace(FINDING, start=utc("2026-03-12 10:30"))
    high = replace(LOW, severity="High", techniques=(), records=(), host=None, session="s",
                   process="p", command="id", user=None, address=None)  # fmt: skip
    whole = {
        "FindingId": FINDING.id,
        "Section": "logons",
        "Title": "Direct root logon from 8.8.8.8",
        "EventSeverity": "Medium",
        "AttackTechniques": ["T1078.003"],
        "Reason": "root logged on 1 time",
        "EventStartTime": utc("2026-03-12 10:00"),
        "EventEndTime": utc("2026-03-12 11:00"),
        "DvcHostname": "web01",
        "TargetUsername": "root",
        "SrcIpAddr": "8.8.8.8",
        "EvidenceCount": 2,
        "RecordIds": ["auth.log:7", "auth.log:9"],
    }
    expected = [
        {**whole, "FindingId": high.id, "EventSeverity": "High", "AttackTechniques": [],
         "DvcHostname": None, "TargetUsername": None, "SrcIpAddr": None, "EvidenceCount": 0,
         "RecordIds": [], "LogonSessionId": "s", "TargetProcessGuid": "p", "CommandLine": "id"},
        whole,
        {**whole, "FindingId": later.id, "EventStartTime": later.start},
        {**whole, "FindingId": LOW.id, "EventSeverity": "Low"},
    ]  # fmt: skip
    assert_frame_equal(findings_frame([LOW, later, FINDING, high]), events("findings", expected))


def test_no_findings_are_an_empty_table() -> None:
    assert_frame_equal(findings_frame(iter(())), empty("findings"))
