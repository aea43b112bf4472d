"""Host logon events, as the notebook shows them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pandas as pd

from linuxhunt import views
from linuxhunt.enrich.geo import places
from linuxhunt.pages.session import SessionPage, of_people
from linuxhunt.sections import Finding, Verdict, findings_frame, judge, logons
from linuxhunt.shown import Shown
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["LogonsPage"]


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
        sessions = of_people(self._hunt.events["sessions"])
        sessions = sessions.rename(columns={"EventStartTime": "TimeGenerated"})
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
        return views.geo_map(placed.merge(counts, left_on="address", right_on="SrcIpAddr"))

    def _table(self) -> View:
        shown = of_people(self.sessions)
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
