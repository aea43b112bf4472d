"""What every page that answers a hypothesis does: run its checks once a scope, head its view."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from ipywidgets import VBox

from linuxhunt import views
from linuxhunt.pages.jumps import ANCHORS, entities, jump_picker
from linuxhunt.sections import Finding, Tables, Verdict, findings_frame, judge
from linuxhunt.sections.evidence import widened
from linuxhunt.sections.finding import Check
from linuxhunt.shown import Shown
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["JudgedPage"]

_FINDINGS, _RECORDS = 50, 40
"""Findings whose log lines are fetched, and lines for each."""


class JudgedPage:
    """A section with a hypothesis.

    Attributes:
        section: its name in the findings table.
        title: its heading.
        hypothesis: in one sentence.
        checks: the questions asked.
        kinds: kinds of events that the checks are given.
    """

    section: ClassVar[str]
    title: ClassVar[str]
    hypothesis: ClassVar[str]
    checks: ClassVar[tuple[Check, ...]]
    kinds: ClassVar[tuple[str, ...]]

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        self._shown = Shown(self.view)
        self._checked: dict[object, list[Finding]] = {}
        hunt.on_change(self._shown.refresh)

    def found(self) -> list[Finding]:
        """Return what the checks found in the scope, each check run once."""
        scope = self._hunt.scope
        if scope not in self._checked:
            tables = self.tables()
            found = [finding for check in self.checks for finding in check.run(tables)]
            self._checked[scope] = widened(found, self._hunt.events) if found else []
        return self._checked[scope]

    def tables(self) -> Tables:
        """Return what the checks are given: the events of :attr:`kinds`, by kind."""
        return {kind: self._hunt.events[kind] for kind in self.kinds}

    @property
    def findings(self) -> pd.DataFrame:
        """Findings of this section, the gravest first."""
        return findings_frame(self.found())

    @property
    def verdict(self) -> Verdict:
        """What was seen says about the hypothesis."""
        seen, missing = self.seen()
        return judge(self.section, self.hypothesis, self.found(), seen=seen, missing=missing)

    def seen(self) -> tuple[int, Sequence[str]]:
        """Return how many rows the checks stood on, and what data is missing, in words."""
        raise NotImplementedError

    def said(self) -> list[str]:
        """Return what data there was, one phrase each."""
        raise NotImplementedError

    def body(self) -> View:
        """Return what stands below the findings."""
        raise NotImplementedError

    def jumps(self, finding: Mapping[str, object]) -> dict[str, str]:
        """Return label -> anchor for a finding: the sections about what it names."""
        return {kind: ANCHORS[kind] for kind in entities(finding)}

    def entities(self) -> dict[tuple[str, str], str]:
        """Return (kind, value) -> label of what can be sent to its section, findings' first."""
        return {
            (kind, value): f"{kind} {value}"
            for row in self.findings.to_dict("records")
            for kind, value in entities({str(key): held for key, held in row.items()}).items()
        }

    def investigate(self) -> Any:
        """Return a picker that sends what this section shows to the section about it."""
        box = VBox()

        def offer() -> None:
            box.children = (jump_picker(self._hunt, self.entities()),)

        offer()
        self._hunt.on_change(offer)
        return box

    def view(self) -> View:
        """Return verdict and findings, then the body."""
        verdict, frame = self.verdict, self.findings
        head = views.section_header(
            self.title, self.hypothesis, str(self._hunt.scope), verdict.verdict,
            dict(Counter(frame["EventSeverity"])), self.said(), list(verdict.missing),
        )  # fmt: skip
        wanted = [uid for ids in frame["RecordIds"].head(_FINDINGS) for uid in ids[:_RECORDS]]
        links = {
            str(row["FindingId"]): self.jumps({str(key): value for key, value in row.items()})
            for row in frame.to_dict("records")
        }
        lines = self._hunt.lines(wanted)
        return views.stack(head, views.findings(frame, evidence=lines, links=links), self.body())

    def show(self) -> Shown:
        """Show it in the notebook; it follows the pickers."""
        return self._shown
