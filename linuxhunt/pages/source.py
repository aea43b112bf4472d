"""What the source holds, as the notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from linuxhunt import views
from linuxhunt.shown import Shown
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["SourcePage"]


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
        strange = account["Format"] == "unknown"
        rejected = account["LinesRejected"].fillna(0)
        broken = (account["Error"].notna() & ~strange) | (rejected > 0)
        said = [
            f"{len(account):,} files, {int(account['LinesRead'].sum()):,} lines: each is a row,"
            f" joined to one, or rejected ({int(rejected.sum()):,})"
        ]
        if broken.any():
            said.append(f"{int(broken.sum()):,} files could not be read, or not wholly")
        if strange.any():
            said.append(f"{int(strange.sum()):,} files are of no format known here")
        ordered = account.assign(Notes=account["Error"].fillna(account["Assumptions"]))
        ordered = pd.concat([ordered[broken], ordered[~broken & ~strange], ordered[strange]])
        return views.stack(
            views.message(f"Connected to {hunt.workspace.label}.", "good"),
            held,
            views.message(f"{'; '.join(said)}.", "warning" if broken.any() else "good"),
            views.table(
                ordered,
                "Account of the evidence, files with trouble first",
                columns=[
                    "FilePath",
                    "Format",
                    "LinesRead",
                    "RowsWritten",
                    "LinesRejected",
                    "Notes",
                ],
            ),
        )

    def show(self) -> Shown:
        """Show it in the notebook."""
        return Shown(self.view)
