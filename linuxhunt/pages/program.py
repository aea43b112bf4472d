"""The picked program: what it said, what it seldom says, what started from it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from linuxhunt import views
from linuxhunt.errors import LinuxHuntError
from linuxhunt.events import Events
from linuxhunt.schema import empty
from linuxhunt.scope import Scope
from linuxhunt.sections.program_risks import RISKS
from linuxhunt.sections.programs import SEVERE, SEVERE_LEVELS, basename, named, risky
from linuxhunt.sections.templates import rare, templates
from linuxhunt.shown import Shown
from linuxhunt.views import View
from linuxhunt.workspace import catalogue
from linuxhunt.workspace.normalise import normalise

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt
    from linuxhunt.pages.applications import ApplicationsPage

__all__ = ["ProgramPage"]

_LEVELS = 12
_COUNTED = (
    "audit_lines", "audit_syslog", "audit_records", "sysmon_messages", "processes_defender",
)  # fmt: skip
"""Queries that a tree of processes is made of."""


class ProgramPage:
    """One program.

    Attributes:
        most: log lines of the program that are fetched for rare and risky messages; a program
            that wrote more is not fetched until this is raised.
        tree_most: rows of audit and the like that are fetched for a tree in a window of its own.
    """

    def __init__(self, hunt: Hunt, page: ApplicationsPage) -> None:
        self._hunt = hunt
        self._page = page
        self.most = 200_000
        self.tree_most = 500_000
        self._window: tuple[pd.Timestamp, pd.Timestamp] | None = None
        self._elsewhere: dict[Scope, Events] = {}
        self._shown = Shown(self.view)
        page.choice.on_change(self._shown.refresh)

    @property
    def name(self) -> str | None:
        """The picked program; the one most worth a look where none was picked."""
        return self._page.choice.value

    @property
    def spellings(self) -> list[str]:
        """How the program is named in syslog."""
        return [] if self.name is None else named(self._page.wrote, self.name)

    @property
    def row(self) -> pd.Series[Any] | None:
        """Its row of the ranking (sections.programs.ranked); None where it is not there."""
        table = self._page.programs
        own = table[table["Program"] == self.name]
        return own.iloc[0] if len(own) else None

    @property
    def volume(self) -> pd.DataFrame:
        """Lines per bin: Bin, other, severe (err to emerg; by its words where none is stated)."""
        width = views.bin_width(self._hunt.scope.start, self._hunt.scope.end)
        rows = self._hunt.events.rows(
            "program_volume", f"volume of {self.name}", programs=self.spellings,
            seconds=width, severe_pattern=SEVERE,
        )  # fmt: skip
        severe = rows["SeverityLevel"].fillna("").str.lower().isin(SEVERE_LEVELS)
        return pd.DataFrame(
            {
                "Bin": rows["TimeGenerated"],
                "other": rows["Rows"].where(~severe, 0),
                "severe": rows["Rows"].where(severe, 0),
            }
        )

    @property
    def messages(self) -> pd.DataFrame:
        """Its rows of Syslog; none where they are more than :attr:`most`."""
        if self.too_many:
            columns = catalogue()["messages"].columns
            return normalise(pd.DataFrame(columns=list(columns)), columns)
        return self._hunt.events.rows(
            "messages", f"messages of {self.name}", programs=self.spellings
        )

    @property
    def too_many(self) -> int:
        """How many lines it wrote, where that is more than is fetched; else 0."""
        wrote = self._page.wrote
        rows = int(wrote.loc[wrote["ProcessName"].isin(self.spellings), "Rows"].sum())
        return rows if rows > self.most else 0

    @property
    def risky(self) -> pd.DataFrame:
        """Its messages that are worth a look, the gravest first: Severity and Reason before."""
        said = self._page.risky
        own = (
            said[said["ProcessName"].isin(self.spellings)]
            if self.too_many
            else risky(self.messages)
        )
        risks = [RISKS[int(number)] for number in own["Risk"]]
        shown = own.drop(columns=["Risk"])
        shown.insert(0, "Reason", [risk.reason for risk in risks])
        shown.insert(0, "Risk", [risk.title for risk in risks])
        shown.insert(0, "Severity", [risk.severity for risk in risks])
        rank = {"High": 0, "Medium": 1, "Low": 2, "Informational": 3}
        order = shown["Severity"].map(rank).sort_values(kind="stable").index
        return shown.loc[order].reset_index(drop=True)

    @property
    def templates(self) -> pd.DataFrame:
        """Kinds of messages and how often each occurs, the rarest first."""
        return templates(self.messages)

    @property
    def rare(self) -> pd.DataFrame:
        """Kinds of messages that occur seldom."""
        return rare(self.templates)

    @property
    def window(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """The window of the process trees: the scope's, until :meth:`between` says another."""
        return self._window or (self._hunt.scope.start, self._hunt.scope.end)

    def between(
        self,
        start: str | datetime | None = None,
        end: str | datetime | None = None,
        limit: int | None = None,
    ) -> ProgramPage:
        """Look at the process trees in a window of their own; without times, in the scope's.

        Args:
            start: first instant.
            end: first instant after it.
            limit: rows that may be fetched for it; None leaves :attr:`tree_most`.

        Raises:
            ScopeError: the window has no length.
        """
        if limit is not None:
            self.tree_most = limit
        held = self._hunt.scope
        if start is None and end is None:
            self._window = None
        else:
            own = held.between(
                start if start is not None else held.start, end if end is not None else held.end
            )
            self._window = (own.start, own.end)
        self._shown.refresh()
        return self

    @property
    def processes(self) -> pd.DataFrame:
        """What the program is, and all that started from it, in the window of the trees."""
        ran = self._ran()
        names = basename(ran["TargetProcessName"].fillna(ran["TargetProcessFilename"]))
        own = names.str.lower().eq((self.name or "").lower()).fillna(False).astype(bool)
        guids = set(ran.loc[own, "TargetProcessGuid"])
        kept = own
        for _ in range(_LEVELS):
            below = ran["ActingProcessGuid"].isin(guids) & ~kept
            if not below.any():
                break
            kept = kept | below
            guids = set(ran.loc[below, "TargetProcessGuid"])
        return ran[kept].reset_index(drop=True)

    def _ran(self) -> pd.DataFrame:
        hunt, (start, end) = self._hunt, self.window
        if hunt.scope.start <= start and end <= hunt.scope.end:
            ran = hunt.events["processes"]
            time = ran["TimeGenerated"]
            return ran[time.isna() | ((time >= start) & (time < end))]
        if self.tree_rows > self.tree_most:
            return empty("processes")
        scope = hunt.scope.between(start, end)
        if scope not in self._elsewhere:
            names = {spelling: str(scope.host) for spelling in scope.computers}
            self._elsewhere = {scope: Events(hunt.workspace, scope, names)}
        return self._elsewhere[scope]["processes"]

    @property
    def tree_rows(self) -> int:
        """Rows that are to be fetched for the trees; 0 where they are there already."""
        scope, (start, end) = self._hunt.scope, self.window
        if scope.start <= start and end <= scope.end:
            return 0
        asked: dict[str, Any] = {
            "start": start.to_pydatetime(), "end": end.to_pydatetime(),
            "hosts": list(scope.computers), "all_hosts": scope.host is None,
        }  # fmt: skip
        rows = 0
        for name in _COUNTED:
            try:
                rows += self._hunt.workspace.count(name, **asked)
            except LinuxHuntError:
                continue  # the source has no such table
        return rows

    def view(self) -> View:
        """Return all that there is about the program."""
        row = self.row
        if row is None:
            return views.message("No program wrote to syslog or ran in this window.", "info")
        scope = self._hunt.scope
        messages, ran = self.messages, self.processes
        return views.stack(
            views.message(
                f"{self.name}: {row['Rows']:,} log lines, {row['Severe']:,} of them errors or"
                f" worse, {row['Runs']:,} executions, {row['Findings']:,} findings."
            ),
            views.volume(
                self.volume, ("other", "severe"), start=scope.start, end=scope.end,
                width=views.bin_width(scope.start, scope.end),
                title="Log volume; severe is err to emerg",
            ),
            self._too_many(),
            self._risky(),
            self._rare(),
            self._tree(ran),
            self._intel(messages, ran),
        )  # fmt: skip

    def _too_many(self) -> View | None:
        rows = self.too_many
        if not rows:
            return None
        return views.message(
            f"{self.name} wrote {rows:,} lines in this window, more than the {self.most:,} that"
            " are fetched for rare messages and indicators; choose a shorter window, or fetch"
            f" them with hunt.applications.program.most = {rows}",
            "warning",
        )

    def _risky(self) -> View:
        shown = self.risky
        if shown.empty:
            return views.message("No risky message: none of its lines fits a known risk.")
        columns = ["Severity", "Risk", "TimeGenerated", "Computer", "SyslogMessage", "Reason"]
        return views.table(shown, "Risky messages, the gravest first", columns=columns)

    def _rare(self) -> View | None:
        if self.too_many:
            return None
        whole = self.templates
        seldom = rare(whole)
        if seldom.empty:
            return views.message(
                f"No rare message: {len(whole):,} kinds of message, each of them often."
            )
        columns = ["Count", "Template", "FirstTime", "Example"]
        return views.table(
            seldom,
            f"Rare messages: {len(seldom):,} of {len(whole):,} kinds (numbers, addresses, paths and"
            " quoted text masked)",
            columns=columns,
        )

    def _tree(self, ran: pd.DataFrame) -> View:
        start, end = self.window
        rows = self.tree_rows
        if rows > self.tree_most:
            return views.message(
                f"Its process trees from {start:%d %b %H:%M} to {end:%d %b %H:%M} UTC need"
                f" {rows:,} rows, more than the {self.tree_most:,} that are fetched at once;"
                " choose a shorter window, or fetch them with"
                f" hunt.applications.program.between(..., limit={rows})",
                "warning",
            )
        if ran.empty:
            return views.message(
                f"No execution of {self.name} is recorded from {start:%d %b %H:%M} to"
                f" {end:%d %b %H:%M} UTC."
            )
        own = set(ran["TargetProcessGuid"])
        marks = {guid: text for guid, text in self._page.marks().items() if guid in own}
        return views.process_tree(
            ran, marks=marks, title=f"What started from {self.name}", colour="finding"
        )

    def _intel(self, messages: pd.DataFrame, ran: pd.DataFrame) -> View:
        said = pd.DataFrame(
            {
                "TimeGenerated": messages["TimeGenerated"],
                "Text": messages["SyslogMessage"],
                "EventUid": messages["_ItemId"],
            }
        )
        typed = pd.DataFrame(
            {
                "TimeGenerated": ran["TimeGenerated"],
                "Text": ran["CommandLine"],
                "EventUid": ran["EventUid"],
            }
        )
        parts = [part for part in (said, typed) if len(part)]
        rows = pd.concat(parts, ignore_index=True) if parts else said
        title = f"Indicators in what {self.name} said and what started from it"
        return self._hunt.intel.view(rows, ["Text"], title=title)

    def show(self) -> Shown:
        """Show it in the notebook; it follows the pickers."""
        return self._shown
