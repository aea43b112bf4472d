"""Who talked to the host, as the notebook shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from linuxhunt import views
from linuxhunt.pages.choice import Choice
from linuxhunt.pages.judged import JudgedPage
from linuxhunt.sections.finding import Check
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["NetworkPage"]


class NetworkPage(JudgedPage):
    """Network activity.

    Attributes:
        choice: which one.
    """

    section: ClassVar[str] = "network"
    title: ClassVar[str] = "Network activity"
    hypothesis: ClassVar[str] = "The host talks to somebody whom it should not talk to."
    checks: ClassVar[tuple[Check, ...]] = ()
    kinds: ClassVar[tuple[str, ...]] = ()

    def __init__(self, hunt: Hunt) -> None:
        super().__init__(hunt)
        self.choice = Choice(hunt, "Address", list)

    def seen(self) -> tuple[int, Sequence[str]]:
        """Return how many rows the checks stood on, and what data is missing, in words."""
        return 0, []

    def said(self) -> list[str]:
        """Return what data there was, one phrase each."""
        return []

    def body(self) -> View:
        """Return what stands below the findings."""
        return views.message("Not built yet.", "info")
