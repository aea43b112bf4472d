"""Sections as the notebook shows them: events and findings in, views out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from ipywidgets import VBox

from linuxhunt import views
from linuxhunt.enrich.geo import places
from linuxhunt.errors import ParameterError
from linuxhunt.schema import EVENTS
from linuxhunt.sections import Finding, Verdict, findings_frame, host, judge, logons
from linuxhunt.shown import Shown
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["HostPage", "LogonsPage", "SessionPage", "SourcePage"]


class SourcePage:
    """What the source holds."""

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt

    def view(self) -> View:
        """Return the tables that the source holds, and the account of its files."""
        hunt = self._hunt
        held = views.table(hunt.held, f"{hunt.workspace.label} holds")
        account = hunt.account
        if account.empty:
            return views.stack(views.message(f"Connected to {hunt.workspace.label}.", "good"), held)
        broken = account[account["Error"].notna() | (account["LinesRejected"].fillna(0) > 0)]
        said = f"{len(account):,} files were read; every line is a row, joined to one, or rejected"
        kind = "warning" if len(broken) else "good"
        trouble = f"; {len(broken):,} files have lines that were rejected" if len(broken) else ""
        return views.stack(
            views.message(f"Connected to {hunt.workspace.label}.", "good"),
            held,
            views.message(f"{said}{trouble}.", kind),
            views.table(
                pd.concat([broken, account.drop(broken.index)]).assign(
                    Notes=account["Error"].fillna(account["Assumptions"])
                ),
                "Account of the evidence, files with trouble first",
                columns=["FilePath", "Format", "LinesRead", "RowsWritten", "LinesRejected", "Notes"],
            ),
        )  # fmt: skip

    def show(self) -> Shown:
        """Show it in the notebook."""
        return Shown(self.view)


class HostPage:
    """The host summary."""

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        self._shown = Shown(self.view)
        hunt.on_change(self._shown.refresh)

    @property
    def facts(self) -> pd.DataFrame:
        """Fact and Value of the host."""
        events, hunt = self._hunt.events, self._hunt
        heartbeat = events.rows("heartbeat", "heartbeats")
        known = host.addresses(heartbeat, events.rows("syslog_addresses", "syslog addresses"))
        ranking = hunt.hosts
        if hunt.scope.host is not None:
            ranking = ranking[ranking["Host"] == hunt.scope.host]
        return host.facts(ranking, heartbeat, known, hunt.stated)

    @property
    def gaps(self) -> pd.DataFrame:
        """Silences in the logs that stand out (sections.host.gaps)."""
        scope = self._hunt.scope
        volume = self._hunt.events.rows("volume", "rows an hour")
        first, last = self._hunt.span
        return host.gaps(volume, max(scope.start, first.floor("h")), min(scope.end, last.ceil("h")))

    @property
    def programs(self) -> pd.DataFrame:
        """Programs beyond the distribution's own that wrote to syslog."""
        return host.own_programs(self._hunt.events.rows("programs", "programs"))

    def view(self) -> View:
        """Return facts, programs, coverage and gaps."""
        scope = self._hunt.scope
        if scope.host is None:
            return views.stack(
                views.message("No host is picked; this is all of them.", "warning"),
                views.table(self._hunt.hosts, "Hosts, those worth a look first"),
            )
        volume = self._hunt.events.rows("volume", "rows an hour")
        coverage = volume.groupby("TableName", as_index=False).agg(
            Rows=("Rows", "sum"), FirstHour=("TimeGenerated", "min"),
            LastHour=("TimeGenerated", "max"), HoursWithRows=("TimeGenerated", "nunique"),
        )  # fmt: skip
        silent = self.gaps
        said = [
            f"{row['TableName']} says nothing from {row['GapStart']:%d %b %H:%M} to"
            f" {row['GapEnd']:%d %b %H:%M} UTC; about {row['Expected']:,} rows are missing"
            for row in silent.to_dict("records")
        ]
        notes = [views.message(text, "warning") for text in said[:10]]
        if len(said) > 10:
            notes.append(views.message(f"and {len(said) - 10:,} more gaps", "warning"))
        if not said:
            notes = [views.message("The logs of this host have no gaps that stand out.", "good")]
        return views.stack(
            views.table(self.facts, f"{scope}"),
            *notes,
            views.table(coverage, "Data coverage by table"),
            views.table(self.programs, "Programs beyond the distribution's own"),
        )

    def show(self) -> Shown:
        """Show it in the notebook; it follows the pickers."""
        return self._shown


class LogonsPage:
    """Host logon events.

    Attributes:
        session: the picked session's page.
    """

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        self._shown = Shown(self.view)
        self._checked: dict[object, list[Finding]] = {}
        self.session = SessionPage(hunt, self)
        hunt.on_change(self._shown.refresh)

    @property
    def logons(self) -> pd.DataFrame:
        """Attempts to log on, one row each."""
        return self._hunt.events["logons"]

    @property
    def sessions(self) -> pd.DataFrame:
        """Sessions, those worth a look first (two columns, Reasons and Weight, come before)."""
        return logons.worth_a_look(
            self._hunt.events["sessions"], self._findings(), self._hunt.alerts
        )

    def _findings(self) -> list[Finding]:
        scope = self._hunt.scope
        if scope not in self._checked:
            tables = {"logons": self.logons, "sessions": self._hunt.events["sessions"]}
            self._checked[scope] = [
                finding for check in logons.CHECKS for finding in check.run(tables)
            ]
        return self._checked[scope]

    @property
    def findings(self) -> pd.DataFrame:
        """Findings of this section, the gravest first."""
        return findings_frame(self._findings())

    @property
    def verdict(self) -> Verdict:
        """What was seen says about the hypothesis."""
        auth = len(self._hunt.events["auth"])
        seen = self._hunt.events.seen("auth lines")
        missing = [] if seen.whole else [str(seen)]
        if not auth:
            missing = ["lines about authentication"]
        return judge("logons", logons.HYPOTHESIS, self._findings(), seen=auth, missing=missing)

    def view(self) -> View:
        """Return verdict, findings, timelines, counts, map and sessions."""
        hunt, verdict, found = self._hunt, self.verdict, self.findings
        seen = [str(hunt.events.seen("auth lines")), f"{len(self.logons):,} logon attempts"]
        head = views.section_header(
            "Host logon events", logons.HYPOTHESIS, str(hunt.scope), verdict.verdict,
            dict(Counter(found["EventSeverity"])), seen, list(verdict.missing),
        )  # fmt: skip
        wanted = [uid for ids in found["RecordIds"].head(50) for uid in ids[:40]]
        links = {
            str(row["FindingId"]): {"sessions": "#lh-sessions", "pick a session": "#session"}
            for row in found.to_dict("records")
        }
        return views.stack(
            head,
            views.findings(found, evidence=hunt.lines(wanted), links=links),
            self._timeline(),
            views.row(
                self._bars("TargetUsername", "By account"),
                self._bars("TargetAppName", "By program"),
            ),
            self._map(),
            self._table(),
        )

    def _timeline(self) -> View:
        tries = self.logons.assign(
            Lane=self.logons["EventResult"].map({"Success": "success", "Failure": "failure"})
        )
        sessions = self._hunt.events["sessions"].rename(columns={"EventStartTime": "TimeGenerated"})
        sessions = sessions[sessions["TimeGenerated"].notna()].assign(Lane="session")
        sessions["EventMessage"] = (
            sessions["LogonProtocol"].fillna("")
            + " session of "
            + sessions["TargetUsername"].fillna("?")
        )
        columns = ["TimeGenerated", "Lane", "EventMessage"]
        parts = [tries[columns], sessions[columns]]
        alerts = self._hunt.alerts
        if len(alerts):
            parts.append(alerts.assign(Lane="alert", EventMessage=alerts["AlertName"])[columns])
        return views.timeline(
            pd.concat(parts, ignore_index=True), "TimeGenerated", "Lane", "EventMessage",
            start=self._hunt.scope.start, end=self._hunt.scope.end, alerts=alerts,
            title="Logons, sessions and alerts",
        )  # fmt: skip

    def _bars(self, column: str, title: str) -> View:
        tries = self.logons
        counts = tries.pivot_table(
            index=column, columns="EventResult", values="EventCount", aggfunc="sum", fill_value=0,
            observed=True,
        )  # fmt: skip
        for result in ("Failure", "Success"):
            counts[result] = counts.get(result, 0)
        return views.bars(counts.reset_index(), column, title=title, noun="logon attempts")

    def _map(self) -> View:
        tries = self.logons[self.logons["SrcIpAddr"].notna()]
        failed = tries["EventCount"].where(tries["EventResult"] == "Failure", 0)
        counts = (
            tries.assign(Failure=failed, Success=tries["EventCount"] - failed)
            .groupby("SrcIpAddr", as_index=False)[["Failure", "Success"]]
            .sum()
        )
        placed = places(counts["SrcIpAddr"])
        return views.geo_map(placed.assign(Failure=counts["Failure"], Success=counts["Success"]))

    def _table(self) -> View:
        shown = self.sessions
        shown = shown[~shown["LogonProtocol"].isin(["cron", "systemd-user"])]
        anchor = View('<a id="lh-sessions"></a>', "")
        return views.stack(
            anchor,
            views.table(
                shown.drop(columns=["Weight"]),
                "Sessions, those worth a look first (cron and systemd-user left out)",
                columns=[
                    "Reasons", "TargetUsername", "SrcIpAddr", "LogonProtocol", "LogonMethod",
                    "EventStartTime", "EventEndTime", "EndReason",
                ],
            ),
        )  # fmt: skip

    def show(self) -> Shown:
        """Show it in the notebook; it follows the pickers."""
        return self._shown

    def pick_session(self, session: str | None = None) -> Any:
        """Return a picker of the sessions; the first is the one most worth a look.

        Args:
            session: the LogonSessionId to begin with.
        """
        if session is not None:
            self.session.select(session)
        return self.session.picker()


class SessionPage:
    """One session: its facts and its log lines."""

    def __init__(self, hunt: Hunt, parent: LogonsPage) -> None:
        self._hunt = hunt
        self._parent = parent
        self._picked: str | None = None
        self._shown = Shown(self.view)
        hunt.on_change(self._forget)

    def _forget(self) -> None:
        self._picked = None
        self._shown.refresh()

    @property
    def id(self) -> str | None:
        """Id of the picked session; the one most worth a look where none was picked."""
        if self._picked is None:
            sessions = self._parent.sessions
            sessions = sessions[~sessions["LogonProtocol"].isin(["cron", "systemd-user"])]
            return str(sessions["LogonSessionId"].iloc[0]) if len(sessions) else None
        return self._picked

    def select(self, session: str) -> None:
        """Pick a session by its LogonSessionId.

        Raises:
            ParameterError: there is no such session in the window.
        """
        if session not in set(self._hunt.events["sessions"]["LogonSessionId"]):
            raise ParameterError(f"no session {session} in this window; see hunt.logons.sessions")
        self._picked = session
        self._shown.refresh()

    def options(self) -> list[tuple[str, str]]:
        """Return (label, id) of the sessions, those worth a look first."""
        sessions = self._parent.sessions
        sessions = sessions[~sessions["LogonProtocol"].isin(["cron", "systemd-user"])]
        return [(_label(row), str(row["LogonSessionId"])) for row in sessions.to_dict("records")]

    def picker(self) -> Any:
        """Return the widget that picks a session; it follows the other pickers."""
        box = VBox()

        def offer() -> None:
            box.children = (views.choice_picker(self.options(), self.id, "Session", self.select),)

        offer()
        self._hunt.on_change(offer)
        return box

    @property
    def row(self) -> pd.DataFrame:
        """The picked session's row, or none."""
        sessions = self._hunt.events["sessions"]
        return sessions[sessions["LogonSessionId"] == self.id].reset_index(drop=True)

    def view(self) -> View:
        """Return the session's facts and its lines."""
        row = self.row
        if row.empty:
            return views.message("There is no session in this window.", "info")
        first = row.to_dict("records")[0]
        facts = [(name, first[name]) for name in EVENTS["sessions"] if name != "RecordIds"]
        held = [(name, _fact(value)) for name, value in facts if _fact(value)]
        children = self._hunt.events["sessions"]
        children = children[children["ParentSessionId"] == first["LogonSessionId"]]
        records = [*first["RecordIds"], *(uid for ids in children["RecordIds"] for uid in ids)]
        lines = self._hunt.lines(records)
        raw = pd.DataFrame({"Record": list(lines), "Line": list(lines.values())}, dtype="string")
        return views.stack(
            views.table(pd.DataFrame(held, columns=["Column", "Value"]), _label(first)),
            views.table(raw, "Its log lines, and those of sessions within it"),
        )

    def show(self) -> Shown:
        """Show it in the notebook; it follows the pickers."""
        return self._shown


def _label(row: Mapping[Any, Any]) -> str:
    """Name a session in one line."""
    start = row["EventStartTime"]
    when = f"{start:%d %b %H:%M:%S}" if pd.notna(start) else "before the log"
    source = row["SrcIpAddr"] if pd.notna(row["SrcIpAddr"]) else row["SrcHostname"]
    from_where = f" from {source}" if pd.notna(source) else ""
    reasons = f" ({', '.join(row['Reasons'])})" if row.get("Reasons") else ""
    return f"{when} {row['TargetUsername']}{from_where}, {row['LogonProtocol']}{reasons}"


def _fact(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if pd.isna(value):
        return ""
    return f"{value:%Y-%m-%d %H:%M:%S.%f} UTC" if isinstance(value, pd.Timestamp) else str(value)
