"""Findings about one session, and who it is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from linuxhunt.sections.finding import Finding
from linuxhunt.sections.people import known

__all__ = ["SUM", "by_id", "finding_on", "whose"]

SUM = "Session of "
"""How the title of a sum of findings on one session begins."""


def finding_on(
    session: Mapping[Any, Any],
    title: str,
    severity: str,
    techniques: tuple[str, ...],
    reason: str,
    start: pd.Timestamp,
    end: pd.Timestamp,
    evidence: tuple[str, ...],
) -> Finding:
    """Make a finding on a row of ``sessions``."""
    return Finding(
        "session", title, severity, techniques, reason, start, end, evidence,
        host=known(session["DvcHostname"]), user=known(session["TargetUsername"]),
        address=known(session["SrcIpAddr"]), session=str(session["LogonSessionId"]),
    )  # fmt: skip


def by_id(sessions: pd.DataFrame) -> dict[str, Mapping[Any, Any]]:
    """Return each session's row by its id."""
    return dict(zip(sessions["LogonSessionId"], sessions.to_dict("records"), strict=True))


def whose(session: Mapping[Any, Any]) -> str:
    """Say whose session it is, and from where."""
    source = known(session["SrcIpAddr"]) or known(session["SrcHostname"])
    return f"{known(session['TargetUsername']) or 'somebody'}" + (
        f" from {source}" if source else ""
    )
