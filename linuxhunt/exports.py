"""Findings and verdicts into files: JSON for scripts, CSV for spreadsheets, Sentinel's bookmarks.

FINDINGS.json is as the contract says::

    {"source", "host", "start", "end",
     "hypotheses": [{"section", "hypothesis", "verdict", "missing", "completeness"}, ...],
     "findings": [...]}

Findings are what ``linuxhunt events findings`` writes as jsonl: the same keys, nulls and times. The
host is ``all`` where all were looked at at once. ``notes`` follows where the analyst took any.

bookmarks.json is a list of ``{"name", "properties"}``, resources of Sentinel's bookmarks API
(Microsoft.SecurityInsights/bookmarks; entityMappings, tactics and techniques need a preview version
of it): the table HuntingBookmark is what Sentinel logs of them, and takes no rows from outside.
``PUT .../bookmarks/<name>`` with ``{"properties": ...}`` as its body makes or updates one. The name
is made of source, host and finding, so that a second export gives the same bookmarks.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from linuxhunt.output import render
from linuxhunt.scope import Scope
from linuxhunt.sections.attack import OTHER, technique
from linuxhunt.sections.finding import CANNOT_TELL, Verdict, severity_rank
from linuxhunt.workspace import Completeness
from linuxhunt.workspace.literals import list_literal, time_text

__all__ = ["bookmarks", "document", "joined", "status", "text_of", "write_all"]

_NAMES = uuid.UUID("5d3ac8a3-8a5b-5b0e-9d59-0d4d4e4a2f6b")
"""The namespace of the names of bookmarks."""

_RECORDS, _NAME = 100, 250
"""Record ids in the query of one bookmark, and signs of its name."""

_MAPPINGS = (
    ("DvcHostname", "Host", "HostName"),
    ("TargetUsername", "Account", "Name"),
    ("SrcIpAddr", "IP", "Address"),
    ("CommandLine", "Process", "CommandLine"),
)
"""Column of a finding -> entity type and identifier of a bookmark."""


def _stamp(time: datetime | None) -> str | None:
    return None if time is None else time_text(time)


def _rows(findings: pd.DataFrame) -> list[dict[str, Any]]:
    return [json.loads(line) for line in render(findings, "jsonl").splitlines()]


def document(
    source: str,
    scope: Scope,
    verdicts: Iterable[tuple[Verdict, Completeness]],
    findings: pd.DataFrame,
    notes: str = "",
) -> dict[str, Any]:
    """Return what FINDINGS.json holds.

    Args:
        source: what the hunt was on.
        scope: host and window.
        verdicts: of each hypothesis, with how whole the data is that it stands on.
        findings: the ``findings`` table.
        notes: the analyst's, "" where there are none.
    """
    held: dict[str, Any] = {
        "source": source,
        "host": scope.host or "all",
        "start": _stamp(scope.start),
        "end": _stamp(scope.end),
        "hypotheses": [
            {
                "section": verdict.section,
                "hypothesis": verdict.hypothesis,
                "verdict": verdict.verdict,
                "missing": list(verdict.missing),
                "completeness": whole.as_dict()
                | {"first": _stamp(whole.first), "last": _stamp(whole.last)},
            }
            for verdict, whole in verdicts
        ],
        "findings": _rows(findings),
    }
    return held | ({"notes": notes} if notes else {})


def joined(documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Put the documents of several hosts of one source together, in their order.

    Each hypothesis names its ``host`` as its last key; findings name theirs anyway.
    """
    first = documents[0]
    return {
        "source": first["source"],
        "host": "all",
        "start": min(held["start"] for held in documents),
        "end": max(held["end"] for held in documents),
        "hypotheses": [
            {**hypothesis, "host": held["host"]}
            for held in documents
            for hypothesis in held["hypotheses"]
        ],
        "findings": [finding for held in documents for finding in held["findings"]],
    }


def text_of(held: Any) -> str:
    """Return JSON as it is written to a file."""
    return json.dumps(held, ensure_ascii=False, indent=1) + "\n"


def status(held: Mapping[str, Any], fail_on: str) -> int:
    """Return the exit status of ``--fail-on`` for what FINDINGS.json holds.

    Args:
        held: as :func:`document` gives it.
        fail_on: a severity.

    Returns:
        3 where a finding reached the severity, else 4 where a hypothesis cannot be told, else 0.
    """
    least = severity_rank(fail_on)
    if any(severity_rank(finding["EventSeverity"]) >= least for finding in held["findings"]):
        return 3
    return 4 if any(each["verdict"] == CANNOT_TELL for each in held["hypotheses"]) else 0


def bookmarks(held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return findings as bookmarks of Sentinel.

    Args:
        held: as :func:`document` gives it.
    """
    return [
        {
            "name": str(
                uuid.uuid5(_NAMES, f"{held['source']}\n{held['host']}\n{row['FindingId']}")
            ),
            "properties": _properties(row, held),
        }
        for row in held["findings"]
    ]


def _properties(row: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    names = row["AttackTechniques"] or []
    served = dict.fromkeys(tactic for name in names for tactic in technique(name).tactics)
    properties = {
        "displayName": f"{row['EventSeverity']}: {row['Title']}"[:_NAME],
        "notes": "\n".join(filter(None, (row["Reason"], held.get("notes")))),
        "query": _query(row),
        "queryResult": json.dumps(row, ensure_ascii=False),
        "queryStartTime": held["start"],
        "queryEndTime": held["end"],
        "eventTime": row["EventStartTime"],
        "labels": ["linuxhunt", row["Section"], row["EventSeverity"]],
        "tactics": ["".join(map(str.capitalize, name.split())) for name in served if name != OTHER],
        "techniques": list(dict.fromkeys(name.partition(".")[0] for name in names)),
        "entityMappings": [
            {"entityType": kind, "fieldMappings": [{"identifier": identifier, "value": row[name]}]}
            for name, kind, identifier in _MAPPINGS
            if row[name]
        ],
    }
    return {name: value for name, value in properties.items() if value is not None}


def _query(row: Mapping[str, Any]) -> str:
    """KQL that gives the records of a finding, or as many as a query should name."""
    ids = list_literal((row["RecordIds"] or [])[:_RECORDS])
    return f"union isfuzzy=true Syslog, AuditLog_CL, SecurityAlert\n| where _ItemId in ({ids})"


def write_all(folder: Path, held: Mapping[str, Any], findings: pd.DataFrame) -> list[Path]:
    """Write findings.json, findings.csv and bookmarks.json into a folder, made where needed.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "findings.json": text_of(held),
        "findings.csv": render(findings, "csv"),
        "bookmarks.json": text_of(bookmarks(held)),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8", newline="")
    return [folder / name for name in texts]
