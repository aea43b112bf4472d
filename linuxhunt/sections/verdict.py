"""What all findings say together: the incident over time, and the techniques it took."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from linuxhunt.schema import STR
from linuxhunt.sections.attack import OTHER, tactics, technique
from linuxhunt.sections.finding import severity_rank

__all__ = ["incident", "span", "techniques"]

_MARGIN, _LEAST = 0.04, pd.Timedelta(minutes=1)
"""Room around the incident in a chart: a part of its length, and at least so much."""

_SUM = 6
"""Techniques that one act may show; a finding with more sums up others, whose severities differ."""


def incident(findings: pd.DataFrame, lines: Mapping[str, str]) -> pd.DataFrame:
    """Return findings as events, each with the first of its log lines.

    Args:
        findings: the ``findings`` table.
        lines: record id -> log line, of first records at least.

    Returns:
        TimeGenerated, Section, Tactic (the first that its first technique serves),
        EventSeverity, EventMessage; one row a finding, by time.
    """
    rows = [
        (
            when, section, technique(names[0]).tactics[0] if names else OTHER, severity,
            _said(title, records, lines),
        )
        for when, section, names, severity, title, records in zip(
            findings["EventStartTime"], findings["Section"], findings["AttackTechniques"],
            findings["EventSeverity"], findings["Title"], findings["RecordIds"], strict=True,
        )
    ]  # fmt: skip
    columns = ["TimeGenerated", "Section", "Tactic", "EventSeverity", "EventMessage"]
    frame = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[1:], STR))
    frame["TimeGenerated"] = pd.to_datetime(frame["TimeGenerated"], utc=True)
    return frame.sort_values("TimeGenerated", kind="stable", ignore_index=True)


def _said(title: str, records: list[str], lines: Mapping[str, str]) -> str:
    line = next((lines[record] for record in records[:1] if record in lines), "")
    return f"{title}\n{line}" if line else title


def span(
    findings: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the window of the incident, with some room around, within a window.

    Args:
        findings: the ``findings`` table; without a row, the window itself is returned.
        start: first instant of the window.
        end: first instant after it.
    """
    times = findings["EventStartTime"].dropna()
    if times.empty:
        return start, end
    first, last = times.min(), times.max()
    room = max((last - first) * _MARGIN, _LEAST)
    return max(start, first - room), min(end, last + room)


def techniques(findings: pd.DataFrame) -> pd.DataFrame:
    """Count findings by tactic and technique.

    Args:
        findings: the ``findings`` table.

    Returns:
        Tactic, Technique, Name, EventSeverity (of the gravest), Findings; in the order of
        ATT&CK's matrix, within a tactic the gravest first. A technique has a row for each tactic
        that it serves. A finding that sums others up (it names more than six techniques) counts
        for those only that no other finding names.
    """
    counts: dict[tuple[str, str], list[str]] = {}
    many = findings["AttackTechniques"].map(len) > _SUM
    named = {name for names in findings.loc[~many, "AttackTechniques"] for name in names}
    for names, severity, sums in zip(
        findings["AttackTechniques"], findings["EventSeverity"], many, strict=True
    ):
        for name in dict.fromkeys(names):
            if sums and name in named:
                continue
            for tactic in technique(name).tactics:
                counts.setdefault((tactic, name), []).append(severity)
    order = {tactic: i for i, tactic in enumerate((*tactics(), OTHER))}
    rows = [
        (tactic, name, technique(name).name, max(grave, key=severity_rank), len(grave))
        for (tactic, name), grave in counts.items()
    ]
    rows.sort(key=lambda row: (order[row[0]], -severity_rank(row[3]), -row[4], row[1]))
    columns = ["Tactic", "Technique", "Name", "EventSeverity", "Findings"]
    frame = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[:4], STR))
    return frame.astype({"Findings": "Int64"})
