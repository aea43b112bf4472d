"""What a section answers with: findings, each with its records, and one verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import pandas as pd

from linuxhunt.masking import mask
from linuxhunt.schema import conform, empty

__all__ = [
    "CANNOT_TELL",
    "NOT_SUPPORTED",
    "SEVERITIES",
    "SUPPORTED",
    "Check",
    "Finding",
    "Tables",
    "Verdict",
    "findings_frame",
    "judge",
    "severity_rank",
]

SEVERITIES = ("Informational", "Low", "Medium", "High")
SUPPORTED = "supported"
NOT_SUPPORTED = "not supported"
CANNOT_TELL = "cannot tell"

Tables = Mapping[str, pd.DataFrame]
"""Kind of event -> its frame, as :data:`linuxhunt.schema.EVENTS` says."""


def severity_rank(severity: str) -> int:
    """Return 0 for Informational to 3 for High."""
    return SEVERITIES.index(severity)


@dataclass(frozen=True)
class Finding:
    """Something that speaks for a hypothesis.

    Attributes:
        section: ``logons``, ``session``, ``users``, ... (CONTRACT of the findings table).
        title: one line.
        severity: one of SEVERITIES.
        techniques: MITRE ATT&CK ids.
        reason: why it is one, with the numbers.
        start: first moment, UTC.
        end: last moment, UTC.
        records: ids of all log records that show it.
        host: and the other entities that it is about, where known.
    """

    section: str
    title: str
    severity: str
    techniques: tuple[str, ...]
    reason: str
    start: pd.Timestamp
    end: pd.Timestamp
    records: tuple[str, ...]
    host: str | None = None
    user: str | None = None
    address: str | None = None
    session: str | None = None
    process: str | None = None
    command: str | None = None
    id: str = field(init=False)

    def __post_init__(self) -> None:
        """Name the finding by what it is about, so that a second run gives the same id."""
        about = (self.section, self.techniques, self.host, self.user, self.address, self.start)
        digest = hashlib.sha256(
            repr((*about, self.session, self.process, self.records[:1])).encode()
        )
        object.__setattr__(self, "id", f"{self.section}-{digest.hexdigest()[:10]}")


@dataclass(frozen=True)
class Verdict:
    """What was seen says about a hypothesis.

    Attributes:
        section: whose hypothesis it is.
        hypothesis: in one sentence.
        verdict: SUPPORTED, NOT_SUPPORTED (by what was seen) or CANNOT_TELL.
        missing: data that would be needed and is not there, in words.
    """

    section: str
    hypothesis: str
    verdict: str
    missing: tuple[str, ...] = ()


class Check(Protocol):
    """A question asked of tables; a frozen dataclass whose fields are its thresholds."""

    techniques: ClassVar[tuple[str, ...]]
    needs: ClassVar[tuple[str, ...]]

    def run(self, tables: Tables) -> list[Finding]:
        """Return what speaks for the hypothesis."""
        ...


def judge(
    section: str,
    hypothesis: str,
    findings: Iterable[Finding],
    *,
    seen: int,
    missing: Sequence[str] = (),
) -> Verdict:
    """Come to a verdict.

    Args:
        section: whose hypothesis it is.
        hypothesis: in one sentence.
        findings: of the section's checks. One of Medium or above supports the hypothesis.
        seen: rows of data that the checks stood on.
        missing: data that is not there or partial. Without a finding, and with no data or
            partial data, nobody can tell.
    """
    if any(severity_rank(finding.severity) >= severity_rank("Medium") for finding in findings):
        verdict = SUPPORTED
    elif seen == 0 or missing:
        verdict = CANNOT_TELL
    else:
        verdict = NOT_SUPPORTED
    return Verdict(section, hypothesis, verdict, tuple(missing))


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as the ``findings`` table, highest severity first, then by time.

    Secrets in their texts are masked.
    """
    ordered = sorted(findings, key=lambda f: (-severity_rank(f.severity), f.start, f.id))
    rows: list[dict[str, Any]] = [
        {
            "FindingId": finding.id,
            "Section": finding.section,
            "Title": mask(finding.title),
            "EventSeverity": finding.severity,
            "AttackTechniques": list(finding.techniques),
            "Reason": mask(finding.reason),
            "EventStartTime": finding.start,
            "EventEndTime": finding.end,
            "DvcHostname": finding.host,
            "TargetUsername": finding.user,
            "SrcIpAddr": finding.address,
            "LogonSessionId": finding.session,
            "TargetProcessGuid": finding.process,
            "CommandLine": None if finding.command is None else mask(finding.command),
            "EvidenceCount": len(finding.records),
            "RecordIds": list(finding.records),
        }
        for finding in ordered
    ]
    return conform(pd.DataFrame(rows), "findings") if rows else empty("findings")
