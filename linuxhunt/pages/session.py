"""One session, as the notebook shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from linuxhunt import views
from linuxhunt.pages.choice import Choice
from linuxhunt.schema import EVENTS
from linuxhunt.shown import Shown
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["SessionPage", "of_people"]


class SessionPage:
    """One session: its facts and its log lines.

    Attributes:
        choice: which session.
    """

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        self.choice = Choice(hunt, "Session", self._options)
        self._shown = Shown(self.view)
        self.choice.on_change(self._shown.refresh)

    @property
    def id(self) -> str | None:
        """Id of the picked session; the one most worth a look where none was picked."""
        return self.choice.value

    def _options(self) -> list[tuple[str, str]]:
        """Return (label, id) of the sessions, those worth a look first."""
        sessions = of_people(self._hunt.logons.sessions)
        return [(_label(row), str(row["LogonSessionId"])) for row in sessions.to_dict("records")]

    def pick(self, session: str | None = None) -> Any:
        """Return a picker of the sessions; the first is the one most worth a look.

        Args:
            session: the LogonSessionId to begin with.
        """
        return self.choice.picker(session)

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
            self._ran(str(first["LogonSessionId"])),
            views.table(raw, "Its log lines, and those of sessions within it"),
        )

    def _ran(self, session: str) -> View | None:
        """Return the tree of what the session ran; nothing where no execution is recorded."""
        processes = self._hunt.events["processes"]
        own = processes["LogonSessionId"] == session
        if not own.any():
            return None
        focus = list(processes.loc[own, "TargetProcessGuid"])
        return views.process_tree(
            processes[own], focus=focus, title=f"What it ran: {int(own.sum()):,} executions"
        )

    def show(self) -> Shown:
        """Show it in the notebook; it follows the pickers."""
        return self._shown


def of_people(sessions: pd.DataFrame) -> pd.DataFrame:
    """Leave out the sessions that cron and the user's systemd open by themselves."""
    return sessions[~sessions["LogonProtocol"].isin(["cron", "systemd-user"])]


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
