"""One session, as the notebook shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from ipywidgets import VBox

from linuxhunt import views
from linuxhunt.errors import ParameterError
from linuxhunt.schema import EVENTS
from linuxhunt.shown import Shown
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt
    from linuxhunt.pages.logons import LogonsPage

__all__ = ["SessionPage", "of_people"]


class SessionPage:
    """One session: its facts and its log lines."""

    def __init__(self, hunt: Hunt, parent: LogonsPage) -> None:
        self._hunt = hunt
        self._parent = parent
        self._picked: str | None = None
        self._shown = Shown(self.view)
        hunt.on_change(self._forget)

    def _forget(self) -> None:
        self._picked = None
        self._shown.refresh()

    @property
    def id(self) -> str | None:
        """Id of the picked session; the one most worth a look where none was picked."""
        if self._picked is None:
            sessions = of_people(self._parent.sessions)
            return str(sessions["LogonSessionId"].iloc[0]) if len(sessions) else None
        return self._picked

    def select(self, session: str) -> None:
        """Pick a session by its LogonSessionId.

        Raises:
            ParameterError: there is no such session in the window.
        """
        if session not in set(self._hunt.events["sessions"]["LogonSessionId"]):
            raise ParameterError(f"no session {session} in this window; see hunt.logons.sessions")
        self._picked = session
        self._shown.refresh()

    def options(self) -> list[tuple[str, str]]:
        """Return (label, id) of the sessions, those worth a look first."""
        sessions = of_people(self._parent.sessions)
        return [(_label(row), str(row["LogonSessionId"])) for row in sessions.to_dict("records")]

    def picker(self) -> Any:
        """Return the widget that picks a session; it follows the other pickers."""
        box = VBox()

        def offer() -> None:
            box.children = (views.choice_picker(self.options(), self.id, "Session", self.select),)

        offer()
        self._hunt.on_change(offer)
        return box

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
