"""Alerts and bookmarks, as the notebook shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from linuxhunt import views
from linuxhunt.hosts import alerts_on, called, marked_on
from linuxhunt.pages.alert import AlertPage
from linuxhunt.pages.choice import Choice
from linuxhunt.pages.judged import JudgedPage
from linuxhunt.schema import STR
from linuxhunt.sections import Tables, alerts
from linuxhunt.sections.finding import SEVERITIES, Check
from linuxhunt.views import View
from linuxhunt.views.text import plural

if TYPE_CHECKING:
    from linuxhunt.events import Events
    from linuxhunt.hunt import Hunt
    from linuxhunt.scope import Scope

__all__ = ["AlertsPage"]


class AlertsPage(JudgedPage):
    """Alerts and bookmarks.

    Attributes:
        choice: which alert.
        alert: that alert, whole.
    """

    section: ClassVar[str] = "alerts"
    title: ClassVar[str] = "Alerts and bookmarks"
    hypothesis: ClassVar[str] = alerts.HYPOTHESIS
    checks: ClassVar[tuple[Check, ...]] = alerts.CHECKS
    kinds: ClassVar[tuple[str, ...]] = ()

    def __init__(self, hunt: Hunt) -> None:
        super().__init__(hunt)
        self.hunt = hunt
        self._ranked: dict[Scope, pd.DataFrame] = {}
        self.choice = Choice(hunt, "Alert", self._options)
        self.alert = AlertPage(self)

    @property
    def events(self) -> Events:
        """The events of the scope."""
        return self._hunt.events

    @property
    def alerts(self) -> pd.DataFrame:
        """Alerts that name the host in the window, the latest version of each, by time."""
        scope, events = self._hunt.scope, self._hunt.events
        rows = events.rows("alerts", "alerts", hosts=called(scope.computers))
        return rows if scope.host is None else alerts_on(rows, scope.computers)

    @property
    def ranked(self) -> pd.DataFrame:
        """The same alerts and what each comes to, the gravest first (sections.alerts.told)."""
        scope = self._hunt.scope
        if scope not in self._ranked:
            host = pd.Series(scope.host, index=self.alerts.index, dtype=STR)
            self._ranked[scope] = alerts.told(self.alerts.assign(Host=host))
        return self._ranked[scope]

    @property
    def bookmarks(self) -> pd.DataFrame:
        """Bookmarks about the host, the latest version of each (sections.alerts.bookmarked)."""
        scope, events = self._hunt.scope, self._hunt.events
        rows = events.beside("bookmarks", "bookmarks", hosts=called(scope.computers))
        return alerts.bookmarked(rows if scope.host is None else marked_on(rows, scope.computers))

    def _options(self) -> list[tuple[str, str]]:
        ranked = self.ranked
        return list(zip(ranked["Label"], ranked["SystemAlertId"].astype(str), strict=True))

    def pick(self, alert: str | None = None) -> Any:
        """Return a picker of the alerts, the gravest first.

        Args:
            alert: the SystemAlertId to begin with.
        """
        return self.choice.picker(alert)

    def tables(self) -> Tables:
        """Return what the checks are given: the alerts."""
        return {"alerts": self.ranked}

    def entities(self) -> dict[tuple[str, str], str]:
        """Return (kind, value) -> label of what can be sent to its section, the alerts first."""
        ranked = self.ranked
        own = {
            ("alert", str(name)): f"alert {label}"
            for name, label in zip(ranked["SystemAlertId"], ranked["Label"], strict=True)
        }
        return own | super().entities()

    def seen(self) -> tuple[int, Sequence[str]]:
        """Return how many rows the checks stood on, and what data is missing, in words."""
        held = self._hunt.held
        rows = int(held.loc[held["TableName"] == "SecurityAlert", "Rows"].sum())
        found, _ = max(rows, len(self.alerts)), self.bookmarks
        asked = [name for name in ("alerts", "bookmarks") if not self._answered(name)]
        missing = [str(self._hunt.events.seen(name)) for name in asked]
        if not found and "alerts" not in asked:
            missing.insert(0, "alerts of any product (SecurityAlert is empty or not there)")
        return found, missing

    def _answered(self, name: str) -> bool:
        """Tell whether all came that there is; where there is no table, nothing can."""
        state = self._hunt.events.seen(name)
        return state.whole or state.absent

    def said(self) -> list[str]:
        """Return what data there was, one phrase each."""
        held = self._hunt.held
        rows = int(held.loc[held["TableName"] == "SecurityAlert", "Rows"].sum())
        return [
            f"{plural(rows, 'row')} of alerts in the source",
            f"{plural(len(self.alerts), 'alert')} of this window and host",
            plural(len(self.bookmarks), "bookmark"),
        ]

    def body(self) -> View:
        """Return counts and timeline of the alerts, and the bookmarks."""
        ranked, marked = self.ranked, self.bookmarks
        parts: list[View | None] = []
        if len(ranked):
            parts.append(
                views.row(
                    self._bars(ranked, "Name", "By alert"),
                    self._bars(ranked, "Product", "By product"),
                )
            )
        parts.append(self._timeline(ranked, marked))
        if len(ranked):
            parts.append(
                views.table(
                    ranked.drop(columns=["Label"]), "Alerts, the gravest first",
                    columns=["Severity", "Start", "Name", "Product", "Status", "AttackTechniques"],
                )
            )  # fmt: skip
        parts.append(
            views.table(
                marked, "Bookmarks, the latest version of each",
                columns=["Time", "Name", "Notes", "Tags", "AttackTechniques", "By", "Query"],
            )
            if len(marked)
            else views.message("No bookmark names this host in the window.", "info")
        )  # fmt: skip
        return views.stack(*parts)

    def _bars(self, ranked: pd.DataFrame, column: str, title: str) -> View:
        counts = (
            ranked.assign(**{column: ranked[column].fillna("(not named)")})
            .pivot_table(index=column, columns="Severity", values="SystemAlertId", aggfunc="count",
                         fill_value=0, observed=True)
        )  # fmt: skip
        names = [name for name in reversed(SEVERITIES) if name in counts]
        return views.bars(counts.reset_index(), column, names, title=title, noun="alerts")

    def _timeline(self, ranked: pd.DataFrame, marked: pd.DataFrame) -> View | None:
        """Return alerts by severity and bookmarks over time; nothing where there is neither."""
        raised = pd.DataFrame(
            {"Time": ranked["Start"], "Lane": ranked["Severity"], "Message": ranked["Label"]}
        )
        noted = pd.DataFrame({"Time": marked["Time"], "Message": marked["Name"]})
        parts = [part for part in (raised, noted.assign(Lane="bookmark")) if len(part)]
        if not parts:
            return None
        scope = self._hunt.scope
        return views.timeline(
            pd.concat(parts, ignore_index=True), "Time", "Lane", "Message",
            start=scope.start, end=scope.end, title="Alerts and bookmarks",
        )  # fmt: skip
