"""What ran, as the notebook shows it: findings on processes and commands, and the process tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from linuxhunt import views
from linuxhunt.errors import ParameterError
from linuxhunt.pages.choice import Choice
from linuxhunt.pages.judged import JudgedPage
from linuxhunt.sections import processes
from linuxhunt.sections.finding import Check
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["ApplicationsPage"]


class ApplicationsPage(JudgedPage):
    """Application activity."""

    section: ClassVar[str] = "applications"
    title: ClassVar[str] = "Application activity"
    hypothesis: ClassVar[str] = processes.HYPOTHESIS
    checks: ClassVar[tuple[Check, ...]] = processes.CHECKS
    kinds: ClassVar[tuple[str, ...]] = (
        "processes", "audit", "sudo", "cron", "accounts", "sessions", "logons",
    )  # fmt: skip

    def __init__(self, hunt: Hunt) -> None:
        super().__init__(hunt)
        self.choice = Choice(hunt, "Program", self._programs)
        self._focus: str | None = None

    def _programs(self) -> list[tuple[str, str]]:
        rows = self._hunt.events.rows("programs", "programs")
        return [(name, name) for name in rows["ProcessName"].dropna()]

    def focus(self, process: str) -> None:
        """Open the process tree at one process.

        Raises:
            ParameterError: there is none with that guid.
        """
        if process not in set(self.processes["TargetProcessGuid"]):
            raise ParameterError(f"no process {process} in {self._hunt.scope}")
        self._focus = process
        self._shown.refresh()

    @property
    def processes(self) -> pd.DataFrame:
        """Executions, one row each."""
        return self._hunt.events["processes"]

    def seen(self) -> tuple[int, Sequence[str]]:
        """Return how many rows the checks stood on, and what data is missing, in words."""
        events = self._hunt.events
        rows = sum(len(events[kind]) for kind in ("processes", "sudo", "cron"))
        missing = [] if len(self.processes) else ["records of executions (audit, Sysmon, Defender)"]
        audit = events.seen(*events.audit_sources)
        if not audit.whole and audit.rows:
            missing.append(str(audit))
        return rows, missing

    def said(self) -> list[str]:
        """Return what data there was, one phrase each."""
        events = self._hunt.events
        return [
            f"{int((self.processes['EventResult'] != 'NA').sum()):,} executions",
            f"{len(events['sudo']):,} sudo commands",
            f"{len(events['cron']):,} cron lines",
        ]

    def body(self) -> View:
        """Return the process tree, open at what the findings are about."""
        frame = self.processes
        if frame.empty:
            return views.message(
                "No record of an execution: what ran can only be told from sudo and cron.",
                "warning",
            )
        marks = {
            finding.process: finding.title
            for finding in reversed(self.found())
            if finding.process is not None
        }
        return views.process_tree(
            frame, marks=marks, title="Processes, open at the findings", colour="finding"
        )
