"""From a workspace's rows to event frames: what each kind is made of, asked for once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import pandas as pd

from linuxhunt import parse
from linuxhunt.errors import ParameterError, QueryError
from linuxhunt.parse.audit import audit
from linuxhunt.parse.audit_auth import audit_auth
from linuxhunt.parse.audit_records import records
from linuxhunt.parse.proc_defender import defender_processes
from linuxhunt.parse.proc_link import merged
from linuxhunt.parse.proc_sysmon import PROGRAM, sysmon_processes
from linuxhunt.parse.processes import processes
from linuxhunt.schema import STR, in_order
from linuxhunt.scope import Scope
from linuxhunt.workspace import Completeness, Workspace, catalogue, combine
from linuxhunt.workspace.normalise import normalise

__all__ = ["KINDS", "Events"]

KINDS = ("auth", "logons", "sessions", "sudo", "cron", "accounts", "audit", "processes")
"""Kinds of events that can be had, in the order of the contract."""

_AUDIT = {
    "audit_lines": "audit.log lines",
    "audit_syslog": "audit records in syslog",
    "audit_records": "LinuxAuditLog records",
}
"""Query -> what it asks for."""

_EARLY, _LATE = pd.Timedelta(minutes=1), pd.Timedelta(hours=6)
"""How far the row of an audit record may lie from the record's own stamp: a relay's clock and whole
seconds before it, an agent that was cut off after it."""


class Events:
    """The events of one window on one host or all, each kind made when it is first asked for.

    Attributes:
        scope: the window and the host.
        completeness: by what was asked, how whole the answer was.
    """

    def __init__(self, workspace: Workspace, scope: Scope, names: Mapping[str, str]) -> None:
        """Prepare to ask.

        Args:
            workspace: who answers.
            scope: what for.
            names: spelling of a host -> the name under which it is shown.
        """
        self._workspace = workspace
        self._names = names
        self._rows: dict[str, pd.DataFrame] = {}
        self._frames: dict[str, pd.DataFrame] = {}
        self.scope = scope
        self.completeness: dict[str, Completeness] = {}

    def __getitem__(self, kind: str) -> pd.DataFrame:
        """Return the frame of a kind, with the columns of ``schema.EVENTS[kind]``.

        Raises:
            ParameterError: there is no such kind.
            QueryError: the engine refused or failed.
        """
        if kind not in KINDS:
            raise ParameterError(
                f"there are no events of kind {kind}; there are {', '.join(KINDS)}"
            )
        if kind not in self._frames:
            self._frames[kind] = getattr(self, f"_{kind}")()
        return self._frames[kind]

    def rows(self, name: str, source: str, **values: Any) -> pd.DataFrame:
        """Return the rows of a query for this window and host, each asked for once.

        Args:
            name: of a query that takes start, end, hosts and all_hosts.
            source: what is asked for, in a few words; the key of its completeness.
            values: further parameters, or others in place of the window's and the host's.
        """
        if source not in self._rows:
            asked = {
                "start": self.scope.start.to_pydatetime(),
                "end": self.scope.end.to_pydatetime(),
                "hosts": list(self.scope.computers),
                "all_hosts": self.scope.host is None,
                **values,
            }
            answer = self._workspace.run(name, source, **asked)
            self.completeness[source] = answer.completeness
            self._rows[source] = self._renamed(answer.rows)
        return self._rows[source]

    def beside(self, name: str, source: str, **values: Any) -> pd.DataFrame:
        """Return the rows of a further witness: where asking it fails, none, and that is said."""
        try:
            return self.rows(name, source, **values)
        except QueryError as error:
            columns = catalogue()[name].columns
            self._rows[source] = normalise(pd.DataFrame(columns=list(columns)), columns)
            self.completeness[source] = Completeness(source, answered=0, missing=(str(error),))
            return self._rows[source]

    def unparsed(self, kind: str) -> pd.DataFrame:
        """Count the lines of authentication programs that no shape understood.

        Raises:
            ParameterError: the events of this kind are not made of such lines.
        """
        if kind != "auth":
            raise ParameterError(f"events of kind {kind} have nothing to explain; auth has")
        return parse.unparsed(self.messages())

    @property
    def audit_sources(self) -> tuple[str, ...]:
        """What is asked for when audit records are, as :meth:`seen` takes it."""
        return tuple(_AUDIT.values())

    def seen(self, *sources: str) -> Completeness:
        """Return how whole the answers to several questions are together.

        Where one table of several that could hold the data is there, the others are not missed.
        """
        parts = [self.completeness[name] for name in sources]
        return combine(", ".join(sources), [p for p in parts if not p.absent] or parts)

    def _renamed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Write each host under the one name that it is shown by."""
        for name in ("Computer", "DeviceName"):
            if name in rows:
                shown = rows[name].map(self._names).astype(STR)
                rows = rows.assign(**{name: shown.fillna(rows[name])})
        return rows

    def messages(self) -> pd.DataFrame:
        """Return the Syslog rows of the programs that admit people."""
        return self.rows("auth_messages", "auth lines", programs=list(parse.AUTH_PROGRAMS))

    @cached_property
    def _told(self) -> pd.DataFrame:
        return parse.auth(self.messages())

    @cached_property
    def _audited(self) -> pd.DataFrame:
        return audit_auth(self["audit"], self.audit_records())

    def _auth(self) -> pd.DataFrame:
        parts = [part for part in (self._told, self._audited) if len(part)]
        if len(parts) < 2:
            return parts[0] if parts else self._told
        return in_order(pd.concat(parts, ignore_index=True), ("TimeGenerated",))

    def _logons(self) -> pd.DataFrame:
        return parse.logons(self._told, self._audited)

    def _sessions(self) -> pd.DataFrame:
        return parse.sessions(
            self._told,
            audit=self._audited,
            logins=self.beside("login_records", "wtmp records"),
            journal=self.beside("journal_fields", "journal entries"),
        )

    def _sudo(self) -> pd.DataFrame:
        return parse.sudo(self.messages(), self["sessions"])

    def _cron(self) -> pd.DataFrame:
        return parse.cron(
            self.rows("cron_messages", "cron lines", programs=list(parse.CRON_PROGRAMS))
        )

    def _accounts(self) -> pd.DataFrame:
        return parse.accounts(self.messages())

    def audit_records(self) -> pd.DataFrame:
        """Return the audit records of the window and of what may have come late, one row each."""
        window = {"start": self.scope.start - _EARLY, "end": self.scope.end + _LATE}
        parts = [records(self.beside(name, source, **window)) for name, source in _AUDIT.items()]
        return pd.concat(parts, ignore_index=True)

    def _audit(self) -> pd.DataFrame:
        events = audit(self.audit_records())
        time = events["TimeGenerated"]
        inside = (time >= self.scope.start) & (time < self.scope.end)
        return events[inside].reset_index(drop=True)

    def _processes(self) -> pd.DataFrame:
        sessions = self["sessions"]
        return merged(
            processes(self["audit"], sessions),
            sysmon_processes(
                self.beside("sysmon_messages", "Sysmon lines", programs=[PROGRAM]), sessions
            ),
            defender_processes(self.beside("processes_defender", "processes that Defender saw")),
        )
