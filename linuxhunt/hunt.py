"""The one object that the notebook holds: a workspace, a scope, the sections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from ipywidgets import VBox

from linuxhunt import views
from linuxhunt.errors import HostError, SourceError
from linuxhunt.events import Events
from linuxhunt.hosts import by_name, counted, ranked
from linuxhunt.pages import (
    AlertsPage,
    ApplicationsPage,
    HostPage,
    IntelPage,
    LogonsPage,
    NetworkPage,
    SessionPage,
    SourcePage,
    UsersPage,
    VerdictPage,
)
from linuxhunt.pages.jumps import investigate
from linuxhunt.progress import teller
from linuxhunt.schema import STR
from linuxhunt.scope import Scope, as_time
from linuxhunt.views import View
from linuxhunt.workspace import Workspace, open_workspace

__all__ = ["Hunt", "connect", "current"]

_EVER = (pd.Timestamp("1970-01-01", tz="UTC"), pd.Timestamp("2200-01-01", tz="UTC"))
_SPAN_TABLES = ("Syslog", "AuditLog_CL", "LinuxAuditLog", "DeviceProcessEvents", "LinuxLogin_CL")
_LOOK_BACK = pd.Timedelta(days=30)
_FIRST_WINDOW = pd.Timedelta(days=1)


class Hunt:
    """A hunt on one source.

    Attributes:
        workspace: the source.
        scope: the window and the host; change it with :meth:`select`.
        held: what the source holds: TableName, Rows, FirstTime, LastTime.
        source, host, alerts, logons, session, users, applications, network, verdict: the sections;
            ``show()`` shows one.
        intel: indicators, and who is known for them.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._listeners: list[Callable[[], None]] = []
        self._events: dict[Scope, Events] = {}
        self._hosts: dict[tuple[pd.Timestamp, pd.Timestamp], pd.DataFrame] = {}
        now = pd.Timestamp.now(tz="UTC").floor("s")
        reach = _EVER if workspace.is_local else (now - _LOOK_BACK, now)
        held = workspace.run("tables_held", start=reach[0], end=reach[1])
        if not held.completeness.answered:
            raise SourceError(f"{workspace.label} gives no answer: {held.completeness.missing[0]}")
        self.held = held.rows
        self.scope = Scope(*self._first_window())
        self.source = SourcePage(self)
        self.host = HostPage(self)
        self.alerts = AlertsPage(self)
        self.logons = LogonsPage(self)
        self.session = SessionPage(self)
        self.users = UsersPage(self)
        self.applications = ApplicationsPage(self)
        self.network = NetworkPage(self)
        self.intel = IntelPage(self)
        self.verdict = VerdictPage(self)

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
            self._hosts[start, end] = ranked(
                self.workspace.run(
                    "hosts_syslog",
                    start=start,
                    end=end,
                    **counted(),
                ).rows,
                self.workspace.run("hosts_other", start=start, end=end).rows,
                self.workspace.run("hosts_alerts", start=start, end=end).rows,
            )
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
        scope = self.scope.between(
            start if start is not None else self.scope.start,
            end if end is not None else self.scope.end,
        )
        name = host if host is not None else scope.host
        if name is None or name == "all":
            self.scope = scope.on(None)
        else:
            self.scope = scope.on(*by_name(self._hosts_between(scope.start, scope.end), name))
        for listener in self._listeners:
            listener()
        return self.scope

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
            self._events[self.scope] = Events(self.workspace, self.scope, names)
        return self._events[self.scope]

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
        columns = [
            (table, column, kind)
            for table, held in self.workspace.schema.items()
            for column, kind in held.items()
        ]
        frame = pd.DataFrame(columns, columns=["Table", "Column", "Type"]).astype(STR)
        return views.table(frame, f"Tables and columns of {self.workspace.label}")

    def pick_window(self) -> Any:
        """Return a widget that picks the window; sections that are shown follow it."""
        return views.window_picker(
            self.scope.start,
            self.scope.end,
            self.span,
            lambda start, end: self._pick(None, start, end),
        )

    def pick_host(self, host: str | None = None) -> Any:
        """Return a widget that picks the host; the one most worth a look is picked at first.

        Args:
            host: any spelling of the host to begin with; None takes the first of the ranking.
        """
        if host is not None:
            self.select(host)
        elif self.scope.host is None and len(self.hosts):
            self.select(str(self.hosts["Host"].iloc[0]))
        box = VBox()
        offered: list[pd.DataFrame] = []

        def offer() -> None:
            if not offered or offered[-1] is not self.hosts:
                offered[:] = [self.hosts]
                box.children = (
                    views.host_picker(self.hosts, self.scope.host, self._pick, host="Host"),
                )

        offer()
        self.on_change(offer)
        return box

    def _pick(
        self, host: str | None, start: pd.Timestamp | None = None, end: pd.Timestamp | None = None
    ) -> None:
        """Follow a widget; a host that the new window does not hold gives way to all hosts."""
        try:
            self.select(host, start, end)
        except HostError:
            self.select("all", start, end)

    def investigate(self, kind: str, value: str) -> View:
        """Set the picker of the section about something, and return the link to it.

        Args:
            kind: ``user``, ``address``, ``session``, ``process``, ``program`` or ``alert``.
            value: its name, address, id or guid.

        Raises:
            ParameterError: there is no such kind, or nothing like it in the scope.
        """
        return investigate(self, kind, value)

    def query(self, kql: str) -> pd.DataFrame:
        """Run any KQL on the source; types are normalised."""
        return self.workspace.query(kql)

    def lines(self, records: Iterable[str]) -> dict[str, str]:
        """Return the log lines behind record ids: of syslog, and audit records, in the window."""
        ids = list(dict.fromkeys(records))
        window: dict[str, Any] = {"start": self.scope.start, "end": self.scope.end}
        rows = self.workspace.run("lines_by_id", ids=ids, **window).rows
        audit = pd.concat(
            self.workspace.run(name, ids=ids, **window).rows
            for name in ("audit_lines_by_id", "audit_records_by_id")
        )
        program = rows["ProcessName"].fillna("")
        pid = rows["ProcessID"].map(lambda value: "" if pd.isna(value) else f"[{value}]")
        text = (
            rows["TimeGenerated"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
            + " " + rows["Computer"].fillna("-") + " " + program + pid + ": "
            + rows["SyslogMessage"].fillna("")
        )  # fmt: skip
        found = dict(zip(rows["_ItemId"], text, strict=True))
        found |= dict(zip(audit["_ItemId"], audit["RawData"], strict=True))
        return {record: found[record] for record in ids if record in found}


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
            ``keep=False`` keeps no case; ``auth_types`` are msticpy's ways to sign in.

    Raises:
        LinuxHuntError: one line that says what is wrong and what to do.
    """
    if (start is not None) and (end is not None):
        Scope(as_time(start, "start"), as_time(end, "end"))
    options.setdefault("progress", teller())
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
