"""Application activity, as the notebook shows it: findings, programs, the process tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from linuxhunt import views
from linuxhunt.errors import ParameterError
from linuxhunt.pages.choice import Choice
from linuxhunt.pages.judged import JudgedPage
from linuxhunt.pages.program import ProgramPage
from linuxhunt.sections import processes
from linuxhunt.sections.bad_session import Distrusted, distrusted, whole_sessions
from linuxhunt.sections.finding import Check, Finding, Tables, severity_rank
from linuxhunt.sections.program_risks import SIEVE
from linuxhunt.sections.programs import (
    LEFT_OUT,
    SEVERE,
    RiskyMessages,
    label,
    ranked,
    risky,
)
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["ApplicationsPage"]

_RISKY = "messages that may be risky"
_MOST = 50_000


class ApplicationsPage(JudgedPage):
    """Application activity.

    Attributes:
        choice: which program.
        program: the picked program.
    """

    section: ClassVar[str] = "applications"
    title: ClassVar[str] = "Application activity"
    hypothesis: ClassVar[str] = processes.HYPOTHESIS
    checks: ClassVar[tuple[Check, ...]] = (*processes.CHECKS, RiskyMessages())
    kinds: ClassVar[tuple[str, ...]] = (
        "processes", "audit", "sudo", "cron", "accounts", "sessions", "logons",
    )  # fmt: skip

    def __init__(self, hunt: Hunt) -> None:
        super().__init__(hunt)
        self.choice = Choice(hunt, "Program", self._options)
        self._focus: str | None = None
        self._whole: dict[object, list[Finding]] = {}
        self._ranked: dict[object, pd.DataFrame] = {}
        self._risky: dict[object, pd.DataFrame] = {}
        self.program = ProgramPage(hunt, self)
        hunt.on_change(self._unfocus)

    def _unfocus(self) -> None:
        self._focus = None

    def pick(self, program: str | None = None) -> Any:
        """Return a picker of the programs; the first is the one most worth a look.

        Args:
            program: the name to begin with.
        """
        return self.choice.picker(program)

    def _options(self) -> list[tuple[str, str]]:
        return [(label(row), str(row["Program"])) for row in self.programs.to_dict("records")]

    @property
    def wrote(self) -> pd.DataFrame:
        """Programs that wrote to syslog: ProcessName, Rows, Severe, FirstTime, LastTime."""
        events = self._hunt.events
        return events.rows("programs_ranked", "lines by program", severe_pattern=SEVERE)

    @property
    def messages(self) -> pd.DataFrame:
        """Syslog rows that may be risky, of all programs: the first 50,000 of them."""
        return self._hunt.events.beside(
            "risky_messages",
            _RISKY,
            sieve_pattern=f"(?i){SIEVE}",
            programs=list(LEFT_OUT),
            most=_MOST,
        )

    @property
    def risky(self) -> pd.DataFrame:
        """Messages that are worth a look, with the number of their risk (Risk)."""
        scope = self._hunt.scope
        if scope not in self._risky:
            self._risky[scope] = risky(self.messages)
        return self._risky[scope]

    def tables(self) -> Tables:
        """Return what the checks are given: the events, and the messages that may be risky."""
        return {**super().tables(), "risky messages": self.messages}

    @property
    def programs(self) -> pd.DataFrame:
        """All that wrote to syslog or ran, those worth a look first (sections.programs.ranked)."""
        scope = self._hunt.scope
        if scope not in self._ranked:
            self._ranked[scope] = ranked(self.wrote, self.processes, self.risky, self.found())
        return self._ranked[scope]

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
    def whole(self) -> list[Finding]:
        """All that happened in the sessions that grave findings are about, for their section."""
        scope = self._hunt.scope
        if scope not in self._whole:
            bad = distrusted(self.found(), self._hunt.events["sessions"])
            logins = self._hunt.events.beside("login_records", "wtmp records")
            tables = {**self.tables(), "logins": logins}
            self._whole[scope] = whole_sessions(bad, tables, self._systemd(bad))
        return self._whole[scope]

    def _systemd(self, bad: Sequence[Distrusted]) -> pd.DataFrame:
        """Return what systemd said about sessions, and what their users' managers said."""
        return self._hunt.events.beside(
            "manager_messages",
            "systemd's lines about sessions",
            programs=["systemd"],
            pids=sorted({pid for each in bad for pid in each.pids}),
            words=sorted({word for each in bad for word in each.words}),
        )

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
        risky = events.seen(_RISKY)
        if risky.rows >= _MOST:
            missing.append(f"risky messages beyond the first {_MOST:,}")
        elif not risky.whole:
            missing.append(str(risky))
        return rows + risky.rows, missing

    def said(self) -> list[str]:
        """Return what data there was, one phrase each."""
        events = self._hunt.events
        return [
            f"{int((self.processes['EventResult'] != 'NA').sum()):,} executions",
            f"{len(events['sudo']):,} sudo commands",
            f"{len(events['cron']):,} cron lines",
        ]

    def marks(self) -> dict[str, str]:
        """Return process -> the title of the gravest finding about it, the gravest of all first."""
        marks: dict[str, str] = {}
        for each in sorted(self.found(), key=lambda each: -severity_rank(each.severity)):
            if each.process is not None:
                marks.setdefault(each.process, each.title)
        return marks

    def body(self) -> View:
        """Return the programs, and the process tree, open at what the findings are about."""
        frame = self.processes
        programs = views.table(
            self.programs.drop(columns=["Weight"]),
            "Programs that wrote to syslog or ran, those worth a look first",
        )
        if frame.empty:
            return views.stack(
                programs,
                views.message(
                    "No record of an execution: what ran can only be told from sudo and cron.",
                    "warning",
                ),
            )
        tree = views.process_tree(
            frame, focus=[self._focus] if self._focus else (), marks=self.marks(),
            title="Processes, open at the findings", colour="finding",
        )  # fmt: skip
        return views.stack(programs, tree)

    def entities(self) -> dict[tuple[str, str], str]:
        """Return (kind, value) -> label of what can be sent to its section, programs after it."""
        programs = {
            ("program", str(name)): f"program {name}" for name in self.programs["Program"].head(50)
        }
        return {**super().entities(), **programs}
