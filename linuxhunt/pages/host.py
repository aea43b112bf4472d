"""The host summary, as the notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from linuxhunt import views
from linuxhunt.sections import host
from linuxhunt.shown import Shown
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["HostPage"]


class HostPage:
    """The host summary."""

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        self._shown = Shown(self.view)
        hunt.on_change(self._shown.refresh)

    @property
    def facts(self) -> pd.DataFrame:
        """Fact and Value of the host."""
        events, hunt = self._hunt.events, self._hunt
        heartbeat = events.rows("heartbeat", "heartbeats")
        known = host.addresses(heartbeat, events.rows("syslog_addresses", "syslog addresses"))
        ranking = hunt.hosts
        if hunt.scope.host is not None:
            ranking = ranking[ranking["Host"] == hunt.scope.host]
        return host.facts(ranking, heartbeat, known, hunt.stated)

    @property
    def gaps(self) -> pd.DataFrame:
        """Silences in the logs that stand out (sections.host.gaps)."""
        scope = self._hunt.scope
        volume = self._hunt.events.rows("volume", "rows an hour")
        first, last = self._hunt.span
        return host.gaps(volume, max(scope.start, first.floor("h")), min(scope.end, last.ceil("h")))

    @property
    def programs(self) -> pd.DataFrame:
        """Programs beyond the distribution's own that wrote to syslog."""
        return host.own_programs(self._hunt.events.rows("programs", "programs"))

    def view(self) -> View:
        """Return facts, programs, coverage and gaps."""
        scope = self._hunt.scope
        if scope.host is None:
            return views.stack(
                views.message("No host is picked; this is all of them.", "warning"),
                views.table(self._hunt.hosts, "Hosts, those worth a look first"),
            )
        volume = self._hunt.events.rows("volume", "rows an hour")
        coverage = volume.groupby("TableName", as_index=False).agg(
            Rows=("Rows", "sum"), FirstHour=("TimeGenerated", "min"),
            LastHour=("TimeGenerated", "max"), HoursWithRows=("TimeGenerated", "nunique"),
        )  # fmt: skip
        silent = self.gaps
        said = [
            f"{row['TableName']} says nothing from {row['GapStart']:%d %b %H:%M} to"
            f" {row['GapEnd']:%d %b %H:%M} UTC; about {row['Expected']:,} rows are missing"
            for row in silent.to_dict("records")
        ]
        notes = [views.message(text, "warning") for text in said[:10]]
        if len(said) > 10:
            notes.append(views.message(f"and {len(said) - 10:,} more gaps", "warning"))
        if not said:
            notes = [views.message("The logs of this host have no gaps that stand out.", "good")]
        return views.stack(
            views.table(self.facts, f"{scope}"),
            *notes,
            views.table(coverage, "Data coverage by table"),
            views.table(self.programs, "Programs beyond the distribution's own"),
        )

    def show(self) -> Shown:
        """Show it in the notebook; it follows the pickers."""
        return self._shown
