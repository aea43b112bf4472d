"""Host logon events, as the notebook shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from linuxhunt import views
from linuxhunt.enrich.geo import places
from linuxhunt.pages.judged import JudgedPage
from linuxhunt.sections import logons
from linuxhunt.sections.finding import Check, Tables
from linuxhunt.sections.people import of_people
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["LogonsPage"]

_TOLD = "success in a finding"
"""The lane of successes that a finding of Medium or High is about."""
_OFFERED = 50
"""Sessions, users and addresses each that can be sent to their sections, beside the findings'."""


class LogonsPage(JudgedPage):
    """Host logon events."""

    section: ClassVar[str] = "logons"
    title: ClassVar[str] = "Host logon events"
    hypothesis: ClassVar[str] = logons.HYPOTHESIS
    checks: ClassVar[tuple[Check, ...]] = logons.CHECKS
    kinds: ClassVar[tuple[str, ...]] = ("logons", "sessions")

    def __init__(self, hunt: Hunt) -> None:
        super().__init__(hunt)
        self._sessions: dict[object, pd.DataFrame] = {}

    def tables(self) -> Tables:
        """Return what the checks are given; ``places`` says where successes came from."""
        came = self.logons
        addresses = came.loc[came["EventResult"] == "Success", "SrcIpAddr"]
        return {**super().tables(), "places": places(addresses)}

    @property
    def logons(self) -> pd.DataFrame:
        """Attempts to log on, one row each."""
        return self._hunt.events["logons"]

    @property
    def sessions(self) -> pd.DataFrame:
        """Sessions, those worth a look first (two columns, Reasons and Weight, come before)."""
        scope = self._hunt.scope
        if scope not in self._sessions:
            self._sessions[scope] = logons.worth_a_look(
                self._hunt.events["sessions"],
                [*self.found(), *self._hunt.users.found()],
                self._hunt.alerts.alerts,
                logons=self.logons,
                ran=self._hunt.applications.found(),
            )
        return self._sessions[scope]

    def seen(self) -> tuple[int, Sequence[str]]:
        """Return how many rows the checks stood on, and what data is missing, in words."""
        rows, events = len(self._hunt.events["auth"]), self._hunt.events
        tries = len(self.logons)
        lines, audit = events.seen("auth lines"), events.seen(*events.audit_sources)
        failed = [] if audit.whole or audit.absent else [str(audit)]
        if not rows:
            lost = [] if lines.whole or lines.absent else [str(lines)]
            only = " (only wtmp, btmp and lastlog tell)" if tries else ""
            return tries, [f"lines about authentication{only}", *lost, *failed]
        return rows, ([] if lines.whole and lines.rows else [str(lines)]) + failed

    def said(self) -> list[str]:
        """Return what data there was, one phrase each."""
        logons, events = self.logons, self._hunt.events
        audit = events.seen(*events.audit_sources)
        said = f"{audit.rows:,} audit records" if audit.rows else "no audit data"
        logins = events.seen("wtmp records") if "wtmp records" in events.completeness else None
        of_logins = [f"{logins.rows:,} login records"] if logins is not None and logins.rows else []
        tried = f"{len(logons):,} logon attempts"
        return [str(events.seen("auth lines")), said, *of_logins, tried]

    def entities(self) -> dict[tuple[str, str], str]:
        """Return what can be sent to its section: of findings, then sessions, users, addresses."""
        offered = super().entities()
        for row in of_people(self.sessions).head(_OFFERED).to_dict("records"):
            start, user = row["EventStartTime"], row["TargetUsername"]
            when = f"{start:%d %b %H:%M:%S}" if pd.notna(start) else "before the log"
            offered.setdefault(
                ("session", str(row["LogonSessionId"])), f"session of {user}, {when}"
            )
        came = self.logons[self.logons["EventResult"] == "Success"]
        for kind, column in (("user", "TargetUsername"), ("address", "SrcIpAddr")):
            for rows in (came, self.logons):
                for value in rows[column].dropna().value_counts().index[:_OFFERED]:
                    offered.setdefault((kind, str(value)), f"{kind} {value}")
        return offered

    def body(self) -> View:
        """Return timeline, counts, map and sessions."""
        return views.stack(
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
        # beside thousands of ordinary ones, those that findings are about would not be seen
        told = {uid for held in self.found() if held.severity in ("High", "Medium")
                for uid in held.records}  # fmt: skip
        odd = tries["EventUid"].isin(told) & tries["Lane"].eq("success")
        tries["Lane"] = tries["Lane"].mask(odd, _TOLD)
        columns = ["TimeGenerated", "Lane", "EventMessage"]
        parts = [tries[columns], sessions[columns]]
        alerts = self._hunt.alerts.alerts
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
