"""One run of sudo commands within the picked session, as the notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from linuxhunt import views
from linuxhunt.pages.choice import Choice
from linuxhunt.sections import findings_frame
from linuxhunt.sections.sudo_runs import sudo_runs
from linuxhunt.shown import Shown
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt
    from linuxhunt.pages.session import SessionPage

__all__ = ["SudoSessionPage"]

_COLUMNS = ["TimeGenerated", "CommandLine", "TargetUsername", "EventResult",
            "TargetProcessCurrentDirectory"]  # fmt: skip


class SudoSessionPage:
    """A sudo session: commands of one user on one terminal that follow one another.

    Attributes:
        choice: which one, of the picked session.
        gap: how long after a command the next one belongs to it.
    """

    def __init__(self, hunt: Hunt, session: SessionPage) -> None:
        self._hunt, self._session = hunt, session
        self.gap = pd.Timedelta(minutes=10)
        self.choice = Choice(hunt, "Sudo session", self._options)
        self._shown = Shown(self.view)
        session.choice.on_change(self.choice.forget)
        self.choice.on_change(self._shown.refresh)

    @property
    def runs(self) -> pd.DataFrame:
        """Sudo sessions of the picked session (columns sudo_runs.SUDO_RUNS)."""
        return sudo_runs(self._session.sudo_rows, self.gap.to_pytimedelta())

    @property
    def commands(self) -> pd.DataFrame:
        """Rows of ``sudo`` in the picked sudo session."""
        picked = self.runs[self.runs["SudoSessionId"] == self.choice.value]
        mine = {uid for ids in picked["RecordIds"] for uid in ids}
        rows = self._session.sudo_rows
        return rows[rows["EventUid"].isin(mine)].reset_index(drop=True)

    def _options(self) -> list[tuple[str, str]]:
        return [
            (
                f"{row['EventStartTime']:%d %b %H:%M:%S} {row['ActorUsername']}"
                + (f" on {row['Tty']}" if pd.notna(row["Tty"]) else "")
                + f": {row['Commands']:,} commands"
                + (f", {row['Refused']:,} refused" if row["Refused"] else "")
                + f" ({', '.join(row['Programs'][:4])})",
                str(row["SudoSessionId"]),
            )
            for row in self.runs.to_dict("records")
        ]

    def view(self) -> View:
        """Return its commands, findings on them, and the indicators in them."""
        rows = self.commands
        if rows.empty:
            return views.message("No sudo command is known to be of this session.", "info")
        mine = {uid for ids in rows["RecordIds"] for uid in ids}
        found = [
            finding
            for finding in [*self._hunt.applications.found(), *self._hunt.users.found()]
            if mine & set(finding.records)
        ]
        first, last = rows["TimeGenerated"].min(), rows["TimeGenerated"].max()
        who, tty = rows["ActorUsername"].iloc[0], rows["Tty"].iloc[0]
        title = (
            f"sudo of {who}" + (f" on {tty}" if pd.notna(tty) else "")
            + f", {first:%d %b %H:%M:%S} to {last:%H:%M:%S} UTC"
        )  # fmt: skip
        return views.stack(
            views.table(rows, title, columns=_COLUMNS),
            views.findings(findings_frame(found), evidence=self._hunt.lines(sorted(mine)[:400])),
            self._hunt.intel.view(rows, ["CommandLine"], title="Indicators in these commands"),
        )

    def show(self) -> Shown:
        """Show it in the notebook; it follows the pickers."""
        return self._shown
