"""One session, as the notebook shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from linuxhunt import views
from linuxhunt.pages.choice import Choice
from linuxhunt.pages.judged import JudgedPage
from linuxhunt.pages.people import KINDS, people_tables
from linuxhunt.pages.session_view import label, labels, session_facts, session_view
from linuxhunt.pages.sudo_session import SudoSessionPage
from linuxhunt.sections import findings_frame, session
from linuxhunt.sections.bad_session import told_once
from linuxhunt.sections.finding import Check, Finding, Tables
from linuxhunt.sections.people import fold, of_people
from linuxhunt.sections.session_parts import family, span
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["SessionPage"]

_RECORDS = 40
"""Log lines fetched for each finding shown."""


class SessionPage(JudgedPage):
    """Session: the verdict is on all sessions of people, what is shown is the picked one.

    Attributes:
        choice: which session.
        padding: how much is shown before it and after it.
        sudo: the sudo session picked in it.
    """

    section: ClassVar[str] = "session"
    title: ClassVar[str] = "Session"
    hypothesis: ClassVar[str] = session.HYPOTHESIS
    checks: ClassVar[tuple[Check, ...]] = session.CHECKS
    kinds: ClassVar[tuple[str, ...]] = KINDS

    def __init__(self, hunt: Hunt) -> None:
        super().__init__(hunt)
        self._made: dict[object, tuple[Tables, list[tuple[str, str]]]] = {}
        self._told: dict[object, list[Finding]] = {}
        self.padding = pd.Timedelta(minutes=10)
        self.choice = Choice(hunt, "Session", self._options)
        self.choice.on_change(self._shown.refresh)
        self.sudo = SudoSessionPage(hunt, self)

    @property
    def id(self) -> str | None:
        """Id of the picked session; the one most worth a look where none was picked."""
        return self.choice.value

    def _options(self) -> list[tuple[str, str]]:
        """Return (label, id) of the sessions, those worth a look first."""
        return self._once()[1]

    def _once(self) -> tuple[Tables, list[tuple[str, str]]]:
        """Return the tables and the options, made once a scope."""
        scope = self._hunt.scope
        if scope not in self._made:
            people = of_people(self._hunt.logons.sessions)
            ids = people["LogonSessionId"].astype(str)
            options = list(zip(labels(people), ids, strict=True))
            self._made[scope] = (people_tables(self._hunt, self.kinds), options)
        return self._made[scope]

    def pick(self, session: str | None = None) -> Any:
        """Return a picker of the sessions; the first is the one most worth a look.

        Args:
            session: the LogonSessionId to begin with.
        """
        return self.choice.picker(session)

    def pick_sudo(self, value: str | None = None) -> Any:
        """Return a picker of the sudo sessions in the picked session.

        Args:
            value: the SudoSessionId to begin with.
        """
        return self.sudo.choice.picker(value)

    @property
    def row(self) -> pd.DataFrame:
        """The picked session's row, or none."""
        sessions = self._hunt.events["sessions"]
        return sessions[sessions["LogonSessionId"] == self.id].reset_index(drop=True)

    @property
    def family(self) -> list[str]:
        """Ids of the picked session and of those within it."""
        picked = self.id
        return [] if picked is None else family(self._hunt.events["sessions"], picked)

    @property
    def span(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last time of the picked session; the window where there is none."""
        picked, scope = self.id, self._hunt.scope
        if picked is None:
            return scope.start, scope.end
        return span(self._hunt.events["sessions"], picked, scope.end)

    @property
    def sudo_rows(self) -> pd.DataFrame:
        """Rows of ``sudo`` in the picked session and those within it."""
        sudo = self._hunt.events["sudo"]
        return sudo[sudo["LogonSessionId"].isin(self.family)].reset_index(drop=True)

    def tables(self) -> Tables:
        """Return what the checks are given."""
        return self._once()[0]

    def found(self) -> list[Finding]:
        """Return what the checks found, with all that happened in sessions to distrust."""
        scope = self._hunt.scope
        if scope not in self._told:
            self._told[scope] = told_once(super().found(), self._hunt.applications.whole)
        return self._told[scope]

    @property
    def about(self) -> pd.DataFrame:
        """Findings of all sections on people that are about the picked session."""
        row, own = self.row, set(self.family)
        if row.empty:
            return findings_frame([])
        first = row.to_dict("records")[0]
        pages = (self, self._hunt.logons, self._hunt.users, self._hunt.applications)
        return findings_frame(
            finding
            for page in pages
            for finding in page.found()
            if finding.session in own or self._came_so(finding, first)
        )

    def _came_so(self, finding: Finding, session: Mapping[Any, Any]) -> bool:
        """Tell whether a finding on logons is on the one that the session began with."""
        start, near = session["EventStartTime"], pd.Timedelta(minutes=1)
        return (
            finding.section == "logons"
            and finding.address is not None
            and finding.address in (session["SrcIpAddr"], session["SrcHostname"])
            and finding.user in (session["TargetUsername"], None)
            and fold(finding.host) in ("", fold(session["DvcHostname"]))
            and (pd.isna(start) or finding.start - near <= start <= finding.end + near)
        )

    def seen(self) -> tuple[int, Sequence[str]]:
        """Return how many rows the checks stood on, and what data is missing, in words."""
        _, missing = self._hunt.logons.seen()
        ran = len(self._hunt.events["processes"]) > 0
        unseen = [] if ran else ["records of executions (audit, Sysmon, Defender)"]
        return len(self._hunt.events["sessions"]), [*missing, *unseen]

    def said(self) -> list[str]:
        """Return what data there was, one phrase each."""
        events = self._hunt.events
        people = of_people(events["sessions"])
        tied = int(events["processes"]["LogonSessionId"].notna().sum())
        return [
            f"{len(people):,} sessions of people",
            f"{tied:,} executions in sessions",
            f"{int(events['sudo']['LogonSessionId'].notna().sum()):,} sudo commands in sessions",
        ]

    def entities(self) -> dict[tuple[str, str], str]:
        """Return what can be sent to its section: the session's user and address, then findings."""
        offered: dict[tuple[str, str], str] = {}
        for row in self.row.to_dict("records"):
            named = {"user": row["TargetUsername"], "address": row["SrcIpAddr"]}
            offered |= {
                (kind, value): f"{kind} {value}"
                for kind, value in named.items()
                if isinstance(value, str)
            }
        sessions = self._hunt.events["sessions"]
        for row in sessions[sessions["LogonSessionId"].isin(self.family[1:])].to_dict("records"):
            offered["session", str(row["LogonSessionId"])] = f"session within it: {label(row)}"
        return offered | super().entities()

    def view(self) -> View:
        """Return the verdict on all sessions, then findings on the picked one, then what it did."""
        verdict, frame, about = self.verdict, self.findings, self.about
        head = views.section_header(
            self.title, self.hypothesis, str(self._hunt.scope), verdict.verdict,
            dict(Counter(frame["EventSeverity"])), self.said(), list(verdict.missing),
        )  # fmt: skip
        if self.row.empty:
            return views.stack(head, views.message("There is no session in this window.", "info"))
        elsewhere = len(frame) - int(frame["FindingId"].isin(set(about["FindingId"])).sum())
        note = None
        if elsewhere:
            note = views.message(f"{elsewhere:,} findings of this section are on other sessions.")
        wanted = [uid for ids in about["RecordIds"] for uid in ids[:_RECORDS]]
        links = {
            str(row["FindingId"]): self.jumps({str(key): value for key, value in row.items()})
            for row in about.to_dict("records")
        }
        shown = views.findings(about, evidence=self._hunt.lines(wanted), links=links)
        return views.stack(head, session_facts(self._hunt, self), shown, note, self.body())

    def body(self) -> View:
        """Return what the picked session did."""
        return session_view(self._hunt, self)
