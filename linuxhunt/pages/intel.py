"""Indicators in what a section shows, and who is known for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from linuxhunt import views
from linuxhunt.views import View

if TYPE_CHECKING:
    import pandas as pd

    from linuxhunt.hunt import Hunt

__all__ = ["IntelPage"]


class IntelPage:
    """Indicators and threat intelligence; nothing leaves unless the analyst sends it."""

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt

    def view(
        self,
        rows: pd.DataFrame,
        text: Sequence[str],
        *,
        uid: str = "EventUid",
        title: str = "Indicators",
    ) -> View:
        """Return indicators in texts, what is known of them, and the messages that hold a hit.

        Args:
            rows: of anything.
            text: columns to look into.
            uid: the column of record ids.
            title: what was looked into, one phrase.
        """
        del rows, text, uid, title
        return views.message("Not built yet.", "info")
