"""The one object that the notebook holds: a workspace, a scope, the sections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from linuxhunt.errors import SourceError
from linuxhunt.events import Events
from linuxhunt.hosts import by_name, counted, ranked
from linuxhunt.later import later
from linuxhunt.masking import show_secrets
from linuxhunt.progress import teller
from linuxhunt.scope import AFTER, BEFORE, Scope, Span, as_time
from linuxhunt.workspace import Workspace, open_workspace

if TYPE_CHECKING:  # charts and widgets load when a section is looked at, not for `linuxhunt query`
    from linuxhunt import pages
    from linuxhunt.pages.judged import JudgedPage
    from linuxhunt.pages.rescope import Rescope
    from linuxhunt.pages.who import WhoPage
    from linuxhunt.sections import Verdict
    from linuxhunt.views import View

__all__ = ["Hunt", "connect", "current"]

_EVER = (pd.Timestamp("1970-01-01", tz="UTC"), pd.Timestamp("2200-01-01", tz="UTC"))
_SPAN_TABLES = ("Syslog", "AuditLog_CL", "LinuxAuditLog", "DeviceProcessEvents", "LinuxLogin_CL")
_LOOK_BACK, _FIRST_WINDOW = pd.Timedelta(days=30), pd.Timedelta(days=1)


class Hunt:
    """A hunt on one source.

    Attributes:
        workspace: the source.
        scope: the window and the host; change it with :meth:`select`.
        held: what the source holds: TableName, Rows, FirstTime, LastTime.
        source, host, alerts, logons, session, users, applications, network, verdict: the sections;
            ``show()`` shows one.
        intel, who: indicators and who is known for them; owners of addresses, asked outside.
        rescoped: a narrower window, and the way back.
    """

    source: pages.SourcePage = later("linuxhunt.pages", "SourcePage")
    host: pages.HostPage = later("linuxhunt.pages", "HostPage")
    alerts: pages.AlertsPage = later("linuxhunt.pages", "AlertsPage")
    logons: pages.LogonsPage = later("linuxhunt.pages", "LogonsPage")
    session: pages.SessionPage = later("linuxhunt.pages", "SessionPage")
    users: pages.UsersPage = later("linuxhunt.pages", "UsersPage")
    applications: pages.ApplicationsPage = later("linuxhunt.pages", "ApplicationsPage")
    network: pages.NetworkPage = later("linuxhunt.pages", "NetworkPage")
    intel: pages.IntelPage = later("linuxhunt.pages", "IntelPage")
    who: WhoPage = later("linuxhunt.pages.who", "WhoPage")
    verdict: pages.VerdictPage = later("linuxhunt.pages", "VerdictPage")
    rescoped: Rescope = later("linuxhunt.pages.rescope", "Rescope")

    def __init__(self, workspace: Workspace) -> None:
        self._listeners: list[Callable[[], None]] = []
        self._open(workspace, 0)

    def _open(self, workspace: Workspace, turn: int) -> None:
        """Look at all of a source that answers; nothing is kept of the one before."""
        now = pd.Timestamp.now(tz="UTC").floor("s")
        start, end = _EVER if workspace.is_local else (now - _LOOK_BACK, now)
        held = workspace.run("tables_held", start=start, end=end)
        if not held.completeness.answered:
            raise SourceError(f"{workspace.label} gives no answer: {held.completeness.missing[0]}")
        self.workspace, self.held = workspace, held.rows
        self._events: dict[Scope, Events] = {}
        self._hosts: dict[tuple[pd.Timestamp, pd.Timestamp], pd.DataFrame] = {}
        self.scope = Scope(*self._first_window(), turn=turn)

    def reconnect(self, source: str | Path | Sequence[str | Path], **options: Any) -> Scope:
        """Look at another source; sections that are shown follow.

        Args:
            source: as :func:`connect` takes it.
            options: likewise.

        Raises:
            LinuxHuntError: it cannot be opened; the hunt stays where it was.
        """
        before = self.workspace
        options.setdefault("progress", teller())
        self._open(open_workspace(source, **options), self.scope.turn + 1)
        self.rescoped.forget()
        before.close()
        return self.look_at(self.scope)

    def _first_window(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Choose all that evidence holds, or the last day of a workspace, in whole hours."""
        spans = self.held[self.held["TableName"].isin(_SPAN_TABLES[:-1])]
        spans = spans if len(spans) else self.held
        if spans.empty:
            now = pd.Timestamp.now(tz="UTC").ceil("h")
            return now - _FIRST_WINDOW, now
        first, last = spans["FirstTime"].min(), spans["LastTime"].max()
        end = (last + pd.Timedelta("1us")).ceil("h")
        return (first.floor("h") if self.workspace.is_local else end - _FIRST_WINDOW), end

    @property
    def span(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last time of the events that the source holds; the window where it is empty."""
        if self.held.empty:
            return self.scope.start, self.scope.end
        spans = self.held[self.held["TableName"].isin(_SPAN_TABLES[:-1])]
        spans = spans if len(spans) else self.held
        return spans["FirstTime"].min(), spans["LastTime"].max()

    @property
    def hosts(self) -> pd.DataFrame:
        """Hosts with data in the window, those worth a look first (columns hosts.RANKING)."""
        return self._hosts_between(self.scope.start, self.scope.end)

    def _hosts_between(self, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
        if (start, end) not in self._hosts:
            window: dict[str, Any] = {"start": start, "end": end}
            syslog = self.workspace.run("hosts_syslog", **window, **counted()).rows
            other = self.workspace.run("hosts_other", **window).rows
            if syslog.empty and other.empty:  # which would count what the tables have, once more
                other = self.workspace.run("hosts_im", **window).rows
            alerts = self.workspace.run("hosts_alerts", **window).rows
            self._hosts[start, end] = ranked(syslog, other, alerts)
        return self._hosts[start, end]

    def select(
        self,
        host: str | None = None,
        start: str | datetime | None = None,
        end: str | datetime | None = None,
    ) -> Scope:
        """Look at another host or window; what is not given stays.

        Args:
            host: any spelling of its name, or ``all``.
            start: first instant of the window, UTC where it states no zone.
            end: first instant after it.

        Raises:
            ScopeError: the window has no length.
            HostError: no host, or several, have that name; the scope stays as it was.
        """
        scope = self.scope
        if start is not None or end is not None:
            scope = scope.between(
                start if start is not None else scope.start, end if end is not None else scope.end
            )
        name = host if host is not None else scope.host
        if name is None or name == "all":
            scope = scope.on(None)
        else:
            scope = scope.on(*by_name(self._hosts_between(scope.start, scope.end), name))
        if scope.full is None and "rescoped" in vars(self):  # else nothing was narrowed yet
            self.rescoped.forget()
        return self.look_at(scope)

    def look_at(self, scope: Scope) -> Scope:
        """Take a scope as it is, and tell who listens."""
        self.scope = scope
        for listener in self._listeners:
            listener()
        return scope

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call a function each time that the scope has changed."""
        self._listeners.append(listener)

    @property
    def events(self) -> Events:
        """The events of the scope: ``hunt.events["logons"]`` and so on."""
        if self.scope not in self._events:
            names = {
                spelling: str(host)
                for host, spellings in zip(self.hosts["Host"], self.hosts["Computers"], strict=True)
                for spelling in spellings
            }
            names |= {spelling: str(self.scope.host) for spelling in self.scope.computers}
            self._events[self.scope] = Events(self.workspace, self.scope, names)
        return self._events[self.scope]

    @property
    def judged(self) -> tuple[JudgedPage, ...]:
        """The sections that answer a hypothesis, in the order of the notebook."""
        from linuxhunt.pages.judged import JudgedPage

        pages = (
            self.host, self.alerts, self.logons, self.session, self.users, self.applications,
            self.network,
        )  # fmt: skip
        return tuple(page for page in pages if isinstance(page, JudgedPage))

    @property
    def findings(self) -> pd.DataFrame:
        """Findings of all sections in the scope, the gravest first (``EVENTS["findings"]``)."""
        from linuxhunt.pages.together import all_findings

        return all_findings(self.judged)

    @property
    def verdicts(self) -> list[Verdict]:
        """What was seen says about each hypothesis, in the order of the notebook."""
        from linuxhunt.pages.together import all_verdicts

        return all_verdicts(self.judged)

    @property
    def account(self) -> pd.DataFrame:
        """Each file of the evidence and what became of its lines; no rows where there is none."""
        return self.workspace.run("evidence_account", start=_EVER[0], end=_EVER[1]).rows

    @property
    def rejected(self) -> int:
        """Lines that were not understood, and files that could not be read."""
        account = self.account
        return int(account["LinesRejected"].fillna(0).sum() + account["Error"].notna().sum())

    @property
    def stated(self) -> pd.DataFrame:
        """Fact and Value that the evidence itself states about the host; no rows elsewhere."""
        return self.workspace.facts(self.scope.computers)

    @property
    def schema(self) -> View:
        """Tables and columns of the source, as a table to search."""
        from linuxhunt import views

        return views.table(self.source.schema, f"Tables and columns of {self.workspace.label}")

    def pick_window(self) -> Any:
        """Return a widget that picks the window; sections that are shown follow it."""
        from linuxhunt.pages.window import window_widget

        return window_widget(self)

    def pick_host(self, host: str | None = None) -> Any:
        """Return a widget that picks the host, ``host`` or the one most worth a look at first."""
        from linuxhunt.pages.window import host_widget

        return host_widget(self, host)

    def rescope(
        self, around: str | datetime | None = None, before: Span = BEFORE, after: Span = AFTER
    ) -> Scope:
        """Narrow the window to the time around something; :meth:`back` widens it again.

        Args:
            around: id of an alert or a finding, or a time; None takes what is picked.
            before: how long before it begins the window starts: ``90min``, ``2h``, or minutes.
            after: how long after it ended the window ends.

        Raises:
            ParameterError: there is no such alert or finding, and it is no time.
        """
        return self.rescoped.narrow(around, before, after)

    def back(self) -> Scope:
        """Look at the window again that was narrowed last; the host stays.

        Raises:
            ScopeError: none was narrowed.
        """
        return self.rescoped.back()

    def pick_rescope(
        self, around: str | datetime | None = None, before: Span = BEFORE, after: Span = AFTER
    ) -> Any:
        """Return a widget that narrows the window to the time around an alert or a finding.

        It is narrowed at once where ``around`` is given, as :meth:`rescope` does.
        """
        return self.rescoped.picker(around, before, after)

    def investigate(self, kind: str, value: str) -> View:
        """Set the picker of the section about something, and return the link to it.

        Args:
            kind: ``user``, ``address``, ``session``, ``process``, ``program`` or ``alert``.
            value: its name, address, id or guid.

        Raises:
            ParameterError: there is no such kind, or nothing like it in the scope.
        """
        from linuxhunt.pages.jumps import investigate

        return investigate(self, kind, value)

    def query(self, kql: str) -> pd.DataFrame:
        """Run any KQL on the source; types are normalised."""
        return self.workspace.query(kql)

    def lines(self, records: Iterable[str]) -> dict[str, str]:
        """Return the log lines behind record ids: of syslog, and audit records, in the window."""
        from linuxhunt.pages.records import lines_of

        return lines_of(self, records)


def connect(
    source: str | Path | Sequence[str | Path] | None = None,
    *,
    start: str | datetime | None = None,
    end: str | datetime | None = None,
    host: str | None = None,
    **options: Any,
) -> Hunt:
    """Open a source and begin a hunt.

    Args:
        source: evidence (a folder, file or archive, or several), a case,
            ``kusto:<cluster>/<database>``, a workspace named in msticpyconfig.yaml,
            ``workspace:<id>@<tenant>``, or ``sample``. None takes LINUXHUNT_SOURCE, else the
            default workspace of msticpyconfig.yaml, else the sample.
        start: first instant of the window; None takes all that evidence holds, and the last day
            of a workspace.
        end: first instant after the window.
        host: the host to look at; None and ``all`` take all.
        options: ``year``, ``tz``, ``hostname`` for evidence that does not state them;
            ``keep=False`` keeps no case; ``mask=False`` shows secrets in views and findings;
            ``auth_types`` are msticpy's ways to sign in.

    Raises:
        LinuxHuntError: one line that says what is wrong and what to do.
    """
    if (start is not None) and (end is not None):
        Scope(as_time(start, "start"), as_time(end, "end"))
    options.setdefault("progress", teller())
    show_secrets(not options.pop("mask", True))
    hunt = Hunt(open_workspace(source, **options))
    hunt.select(host or "all", start, end)
    _open[:] = [hunt]
    return hunt


_open: list[Hunt] = []


def current() -> Hunt:
    """Return the hunt that was begun last, which the cell magic runs on.

    Raises:
        SourceError: none was begun.
    """
    if not _open:
        raise SourceError("no source is open; run: hunt = linuxhunt.connect()")
    return _open[0]
