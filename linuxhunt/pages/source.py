"""What the source holds and what it lacks, as the notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from linuxhunt import views
from linuxhunt.pages.connecting import Connecting
from linuxhunt.schema import STR, TIME
from linuxhunt.shown import Shown
from linuxhunt.views import View
from linuxhunt.views.text import plural

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["DATA", "SourcePage"]

DATA: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("Host logon events, Session, User activity", "messages of programs", ("Syslog",),
     "logons, sessions, sudo and cron cannot be told from messages"),
    ("Application activity, Session", "executions",
     ("AuditLog_CL", "LinuxAuditLog", "DeviceProcessEvents", "ASimProcessEventLogs"),
     "process trees only from sudo and cron"),
    ("Host logon events", "logons by another witness",
     ("LinuxLogin_CL", "DeviceLogonEvents", "ASimAuthenticationEventLogs"),
     "nothing beside the messages bears logons out"),
    ("Network activity", "flows",
     ("ASimNetworkSessionLogs", "NTANetAnalytics", "AzureNetworkAnalytics_CL", "VMConnection",
      "CommonSecurityLog", "DeviceNetworkEvents"),
     "remote addresses only from what logs mention"),
    ("Alerts and bookmarks", "alerts", ("SecurityAlert",),
     "whether another product noticed anything cannot be told"),
    ("Alerts and bookmarks", "bookmarks", ("HuntingBookmark",),
     "no notes of other analysts"),
    ("Host summary", "facts about the host", ("Heartbeat", "DeviceInfo"),
     "system and addresses only from the evidence's own files and messages"),
    ("Indicators in every section", "threat intelligence",
     ("ThreatIntelIndicators", "ThreatIntelligenceIndicator"),
     "indicators are known only by what you look up or bring along"),
)  # fmt: skip
"""Section, data, the tables that may hold it, and what it means where none of them does."""


class SourcePage:
    """What the source holds."""

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        self._shown = Shown(self.view)
        self._turn = hunt.scope.turn
        hunt.on_change(self._changed)

    def _changed(self) -> None:
        """Draw again where the hunt is on another source; the window is no matter here."""
        if self._turn != self._hunt.scope.turn:
            self._turn = self._hunt.scope.turn
            self._shown.refresh()

    @property
    def coverage(self) -> pd.DataFrame:
        """Data that sections stand on: Section, Data, Rows, From, To, Tables, Means.

        Means says what it means where no table holds any; it is null where one does.
        """
        held = self._hunt.held.set_index("TableName")
        rows: list[dict[str, Any]] = []
        for section, data, tables, means in DATA:
            here = held[held.index.isin(tables)]
            rows.append(
                {
                    "Section": section, "Data": data, "Rows": int(here["Rows"].sum()),
                    "From": here["FirstTime"].min() if len(here) else pd.NaT,
                    "To": here["LastTime"].max() if len(here) else pd.NaT,
                    "Tables": ", ".join(here.index) or f"none of {', '.join(tables)}",
                    "Means": means if here.empty else None,
                }
            )  # fmt: skip
        kinds: dict[str, Any] = dict.fromkeys(("Section", "Data", "Tables", "Means"), STR)
        return pd.DataFrame(rows).astype(kinds | {"From": TIME, "To": TIME, "Rows": "Int64"})

    @property
    def schema(self) -> pd.DataFrame:
        """Table, Column and Type of all that the source has."""
        columns = [
            (table, column, kind)
            for table, held in self._hunt.workspace.schema.items()
            for column, kind in held.items()
        ]
        return pd.DataFrame(columns, columns=["Table", "Column", "Type"]).astype(STR)

    def pick(self) -> Any:
        """Return a form that connects to another source; what is shown follows."""
        return Connecting(self._hunt).widget

    def view(self) -> View:
        """Return the tables that the source holds, what it lacks, and the account of its files."""
        hunt = self._hunt
        coverage, lacks = self.coverage, hunt.workspace.lacks
        without = coverage[coverage["Means"].notna()]
        said = [
            f"No {data}: {means}."
            for data, means in zip(without["Data"], without["Means"], strict=True)
        ]
        columns = lacks[lacks["ColumnName"].notna()]
        return views.stack(
            views.message(f"Connected to {hunt.workspace.label}.", "good"),
            *(views.message(text, "warning") for text in said),
            views.table(
                coverage, "What sections stand on",
                columns=["Section", "Data", "Rows", "From", "To", "Tables"],
            ),
            views.fold(
                f"Tables that {hunt.workspace.label} holds: {len(hunt.held):,}",
                views.table(hunt.held, "Rows and span of each table"),
            ),
            views.fold(
                f"{plural(len(columns), 'column')} that queries read and this source lacks",
                views.table(columns, "They are taken as empty"),
            )
            if len(columns)
            else None,
            *self._account(),
        )  # fmt: skip

    def _account(self) -> list[View]:
        """Return what became of the evidence's files; nothing for a workspace."""
        account = self._hunt.account
        if account.empty:
            return []
        strange = account["Format"] == "unknown"
        rejected = account["LinesRejected"].fillna(0)
        broken = (account["Error"].notna() & ~strange) | (rejected > 0)
        said = [
            f"{plural(len(account), 'file')}, {plural(int(account['LinesRead'].sum()), 'line')}:"
            f" each is a row, joined to one, or rejected ({int(rejected.sum()):,})"
        ]
        if broken.any():
            said.append(f"{plural(int(broken.sum()), 'file')} could not be read, or not wholly")
        if strange.any():
            said.append(f"{plural(int(strange.sum()), 'file')} of no format known here")
        ordered = account.assign(Notes=account["Error"].fillna(account["Assumptions"]))
        ordered = pd.concat([ordered[broken], ordered[~broken & ~strange], ordered[strange]])
        return [
            views.message(f"{'; '.join(said)}.", "warning" if broken.any() else "good"),
            views.table(
                ordered, "Account of the evidence, files with trouble first",
                columns=[
                    "FilePath", "Format", "LinesRead", "RowsWritten", "LinesRejected", "Notes",
                ],
            ),
        ]  # fmt: skip

    def show(self) -> Shown:
        """Show it in the notebook; it follows the source."""
        return self._shown
