"""The host summary, as the notebook shows it: what it is, and whether its logs can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from linuxhunt import views
from linuxhunt.enrich.geo import places
from linuxhunt.pages.judged import JudgedPage
from linuxhunt.pages.together import tried
from linuxhunt.schema import STR, TIME
from linuxhunt.sections import Tables, findings_frame, host, log_checks
from linuxhunt.sections.finding import Check
from linuxhunt.sections.log_events import COLUMNS, PROGRAMS, log_events
from linuxhunt.sections.silence import STEP, hourly
from linuxhunt.views import View
from linuxhunt.views.text import plural

if TYPE_CHECKING:
    from linuxhunt.scope import Scope

__all__ = ["HostPage"]

_ON_LOGS = frozenset(["T1070.002", "T1562.001", "T1562.006", "T1562.012"])
"""Techniques of acts against logs."""
_LINES, _VOLUME = "lines about logs", "counts of rows"
_HOSTLESS = ("audit", "wtmp", "btmp", "utmp", "lastlog", "sockets")
"""Formats whose records may name no host, though they are one's own."""
_NAME_IT = (
    'name it: linuxhunt.connect(folder, hostname="web01"), --hostname, or Host name in the form;'
    " or put its etc/hostname beside its logs, each host in a folder of its own"
)


class HostPage(JudgedPage):
    """The host summary."""

    section: ClassVar[str] = "overview"
    title: ClassVar[str] = "Host summary"
    hypothesis: ClassVar[str] = log_checks.HYPOTHESIS
    checks: ClassVar[tuple[Check, ...]] = log_checks.CHECKS
    kinds: ClassVar[tuple[str, ...]] = ()

    @property
    def facts(self) -> pd.DataFrame:
        """Fact and Value of the host."""
        events, hunt = self._hunt.events, self._hunt
        heartbeat = events.rows("heartbeat", "heartbeats")
        device = events.beside("device_info", "device reports")
        known = host.addresses(
            heartbeat,
            events.rows("syslog_addresses", "syslog addresses"),
            events.beside("flow_addresses", "addresses in flows")["Address"],
            device["PublicIP"],
        )
        ranking = hunt.hosts
        if hunt.scope.host is not None:
            ranking = ranking[ranking["Host"] == hunt.scope.host]
        placed = places(address for address in known if not host.is_private(address))
        return host.facts(ranking, heartbeat, known, hunt.stated, device, placed)

    @property
    def volume(self) -> pd.DataFrame:
        """Rows by log in ten minutes: TableName, Log, TimeGenerated, Rows."""
        return self._hunt.events.rows("volume", _VOLUME)

    @property
    def log_events(self) -> pd.DataFrame:
        """What happened to the logs themselves (sections.log_events)."""
        return log_events(self._messages(), self._hunt.events["audit"])

    def _messages(self) -> pd.DataFrame:
        return self._hunt.events.rows("logging_messages", _LINES, programs=list(PROGRAMS))

    @property
    def gaps(self) -> pd.DataFrame:
        """Silences of the logs that stand out, whole hours (sections.host.gaps)."""
        return host.gaps(hourly(self.volume), *self._reach())

    @property
    def programs(self) -> pd.DataFrame:
        """Programs beyond the distribution's own that wrote to syslog."""
        return host.own_programs(self._hunt.events.rows("programs", "programs"))

    def _reach(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Return the part of the window that the source has data of."""
        scope, (first, last) = self._hunt.scope, self._hunt.span
        return max(scope.start, first.floor("h")), min(scope.end, last.ceil("h"))

    def tables(self) -> Tables:
        """Return what the checks are given; with all hosts in scope, nothing is asked of logs."""
        scope, reach = self._hunt.scope, self._reach()
        volume, events = self.volume, self.log_events
        if scope.host is None or not reach[0] < reach[1]:
            volume, events = volume.iloc[:0], events.iloc[:0]
        acts = findings_frame(tried(self._hunt.applications.found)[0] or ())
        grave = acts["EventSeverity"].isin(["Medium", "High"]) & (scope.host is not None)
        about = acts["AttackTechniques"].map(lambda names: bool(_ON_LOGS & set(names)))
        return {
            "volume": volume,
            "log_events": events,
            "acts": acts[grave & about.astype(bool)].reset_index(drop=True),
            "scope": _span(scope),
            "reach": pd.DataFrame({"Start": [reach[0]], "End": [reach[1]]}).astype(TIME),
        }

    def seen(self) -> tuple[int, Sequence[str]]:
        """Return how many rows the checks stood on, and what data is missing, in words."""
        events = self._hunt.events
        rows = int(self.volume["Rows"].sum())
        self._messages()
        if self._hunt.scope.host is None:
            if self._hunt.hosts.empty and self._nameless:
                return 0, [f"a host: no log names one; {_NAME_IT}"]
            return 0, ["a host: pick one, the logs of several are not looked at together"]
        if not rows:
            return 0, ["logs of this host"]
        missing = [str(events.seen(name)) for name in (_LINES, _VOLUME) if not self._whole(name)]
        why = tried(self._hunt.applications.found)[1]
        if why:
            missing.append(f"what was done to logs: {why}")
        account = self._hunt.account
        own = account["Computer"].isin([*self._hunt.scope.computers]) | account["Computer"].isna()
        unread = account[own & account["Error"].notna() & (account["Format"] != "unknown")]
        if len(unread):
            missing.append(f"{plural(len(unread), 'file')} that could not be read, or not wholly")
        if self._nameless:
            missing.append(f"{_files(self._nameless)}: seen with all hosts alone; {_NAME_IT}")
        return rows, missing

    @property
    def _nameless(self) -> list[str]:
        """Files of the evidence that some host's own tools wrote, and that do not say which."""
        account = self._hunt.account
        own = account["Format"].isin(_HOSTLESS) & account["Computer"].isna()
        return account.loc[own & account["RowsWritten"].gt(0).fillna(False), "FilePath"].tolist()

    def _whole(self, name: str) -> bool:
        state = self._hunt.events.seen(name)
        return state.whole or state.absent

    def said(self) -> list[str]:
        """Return what data there was, one phrase each."""
        counts = self.volume.groupby("TableName")["Rows"].sum()
        said = [f"{int(rows):,} rows of {table}" for table, rows in counts.items()]
        lasts = self.volume["TimeGenerated"]
        if len(lasts):
            said.append(f"{lasts.min():%d %b %H:%M} – {lasts.max() + STEP:%d %b %H:%M}")
        rejected = self._rejected()
        return [*said, f"{plural(rejected, 'line')} not understood"] if rejected else said

    def _rejected(self) -> int:
        account = self._hunt.account
        own = account["Computer"].isin([*self._hunt.scope.computers])
        return int(account.loc[own, "LinesRejected"].fillna(0).sum())

    def body(self) -> View:
        """Return facts, coverage, what happened to the logs, and programs."""
        scope = self._hunt.scope
        if scope.host is None:
            said = [views.message("No host is picked; this is all of them.", "warning")]
            if self._nameless:
                told = f"{_files(self._nameless)} of no host that could be told; {_NAME_IT}."
                said = [views.message(told, "warning")]
            return views.stack(
                *said, views.table(self._hunt.hosts, "Hosts, those worth a look first")
            )
        coverage = self.volume.groupby(["TableName", "Log"], as_index=False).agg(
            Rows=("Rows", "sum"), From=("TimeGenerated", "min"), To=("TimeGenerated", "max"),
        )  # fmt: skip
        coverage["To"] += STEP
        happened = self.log_events
        return views.stack(
            views.table(self.facts, f"What is known of {scope.host}"),
            views.table(coverage, "Logs of this host, by ten minutes"),
            views.table(happened, "What happened to the logs", columns=list(COLUMNS)[:5])
            if len(happened)
            else views.message("No daemon that keeps logs was stopped, and no clock set.", "good"),
            views.table(self.programs, "Programs beyond the distribution's own"),
        )


def _files(paths: Sequence[str]) -> str:
    """Return how many files, and the first few by name."""
    named = ", ".join(paths[:3]) + (", ..." if len(paths) > 3 else "")
    return f"{plural(len(paths), 'file')} ({named})"


def _span(scope: Scope) -> pd.DataFrame:
    frame = pd.DataFrame({"Host": [scope.host], "Start": [scope.start], "End": [scope.end]})
    return frame.astype({"Host": STR, "Start": TIME, "End": TIME})
