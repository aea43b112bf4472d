"""Alerts and bookmarks, as the notebook shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from linuxhunt import views
from linuxhunt.hosts import alerts_on, called
from linuxhunt.pages.choice import Choice
from linuxhunt.pages.judged import JudgedPage
from linuxhunt.sections.finding import Check
from linuxhunt.views import View

if TYPE_CHECKING:
    import pandas as pd

    from linuxhunt.hunt import Hunt

__all__ = ["AlertsPage"]


class AlertsPage(JudgedPage):
    """Alerts and bookmarks.

    Attributes:
        choice: which one.
    """

    section: ClassVar[str] = "alerts"
    title: ClassVar[str] = "Alerts and bookmarks"
    hypothesis: ClassVar[str] = "Something else has already noticed an intrusion on this host."
    checks: ClassVar[tuple[Check, ...]] = ()
    kinds: ClassVar[tuple[str, ...]] = ()

    def __init__(self, hunt: Hunt) -> None:
        super().__init__(hunt)
        self.choice = Choice(hunt, "Alert", list)

    @property
    def alerts(self) -> pd.DataFrame:
        """Alerts that name the host in the window, the latest version of each, by time."""
        scope, events = self._hunt.scope, self._hunt.events
        rows = events.rows("alerts", "alerts", hosts=called(scope.computers))
        return rows if scope.host is None else alerts_on(rows, scope.computers)

    def seen(self) -> tuple[int, Sequence[str]]:
        """Return how many rows the checks stood on, and what data is missing, in words."""
        return 0, []

    def said(self) -> list[str]:
        """Return what data there was, one phrase each."""
        return []

    def body(self) -> View:
        """Return what stands below the findings."""
        return views.message("Not built yet.", "info")
