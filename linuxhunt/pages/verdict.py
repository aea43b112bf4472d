"""The verdict on every hypothesis, as the notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linuxhunt import views
from linuxhunt.shown import Shown
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["VerdictPage"]


class VerdictPage:
    """The verdict."""

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        self._shown = Shown(self.view)
        hunt.on_change(self._shown.refresh)

    def view(self) -> View:
        """Return each hypothesis with its verdict, and what they stand on."""
        return views.message("Not built yet.", "info")

    def show(self) -> Shown:
        """Show it in the notebook; it follows the pickers."""
        return self._shown
