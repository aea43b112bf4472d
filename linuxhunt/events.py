"""From a workspace's rows to event frames: what each kind is made of, asked for once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import pandas as pd

from linuxhunt import parse
from linuxhunt.errors import ParameterError, QueryError
from linuxhunt.parse.account_audit import audit_accounts
from linuxhunt.parse.account_ops import TYPES as ACCOUNT_TYPES
from linuxhunt.parse.account_witness import with_audit
from linuxhunt.parse.audit import audit
from linuxhunt.parse.audit_auth import audit_auth
from linuxhunt.parse.audit_records import records
from linuxhunt.parse.flows import (
    FIREWALL_PROGRAMS,
    Hosts,
    by_sessions,
    common,
    flows,
    flows_asim,
    flows_defender,
    flows_firewall,
    flows_nsg,
    flows_syslog,
    flows_vm,
    flows_vnet,
    learned,
    stated,
)
from linuxhunt.parse.logon_logins import with_logins
from linuxhunt.parse.logon_other import (
    asim_auth,
    asim_processes,
    defender_auth,
    other_logons,
    other_sessions,
)
from linuxhunt.parse.proc_defender import defender_processes
from linuxhunt.parse.proc_link import merged
from linuxhunt.parse.proc_sysmon import PROGRAM, sysmon_processes
from linuxhunt.parse.processes import processes
from linuxhunt.schema import STR, empty, in_order
from linuxhunt.scope import Scope
from linuxhunt.sections.commands import user_names
from linuxhunt.workspace import Completeness, Workspace, catalogue, combine
from linuxhunt.workspace.normalise import normalise

__all__ = ["KINDS", "Events"]

KINDS = ("auth", "logons", "sessions", "sudo", "cron", "accounts", "audit", "processes", "flows")
"""Kinds of events that can be had, in the order of the contract."""

_AUDIT = {
    "audit_lines": "audit.log lines",
    "audit_syslog": "audit records in syslog",
    "audit_records": "LinuxAuditLog records",
}
"""Query -> what it asks for."""

_ASIM_LOGONS = {
    "logons_asim": "logons in ASIM's table",
    "logons_im": "logons by ASIM's parser",
}
_ASIM_PROCESSES = {
    "processes_asim": "processes in ASIM's table",
    "processes_im": "processes by ASIM's parser",
}
"""Query -> what it asks for, where nothing else tells."""

_ON_HOSTS = {
    "flows_vm": ("connections that VM insights counted", flows_vm),
    "flows_defender": ("connections that Defender saw", flows_defender),
    "flows_syslog": ("packets that the host's firewall logged", flows_syslog),
}
_BY_SENSORS = {
    "flows_asim": ("network sessions", flows_asim),
    "flows_vnet": ("VNet flow logs", flows_vnet),
    "flows_nsg": ("NSG flow logs", flows_nsg),
    "flows_firewall": ("firewalls by CEF", flows_firewall),
}
"""Query -> what it asks for, and what reads its rows."""

_ASIM_FLOWS = "network sessions by ASIM's parser"
"""What the query ``flows_im`` asks for, where nothing else tells."""

_LOGON_ADDRESSES = 500  # a query's text has its limits

_EARLY, _LATE = pd.Timedelta(minutes=1), pd.Timedelta(hours=6)
"""How far the row of an event may lie from the event's own stamp: a relay's clock and whole
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

    @property
    def flow_sources(self) -> tuple[str, ...]:
        """What was asked for when flows were, as :meth:`seen` takes it."""
        held = (source for source, _ in (*_ON_HOSTS.values(), *_BY_SENSORS.values()))
        return (*held, *((_ASIM_FLOWS,) if _ASIM_FLOWS in self.completeness else ()))

    def seen(self, *sources: str) -> Completeness:
        """Return how whole the answers to several questions are together.

        Where one table of several that could hold the data is there, the others are not missed.
        """
        parts = [self.completeness[name] for name in sources]
        held = [part for part in parts if not part.absent] or parts
        told = [part.source for part in held if part.rows or not part.whole]
        return combine(", ".join(told or sources), held)

    def _renamed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Write each host under the one name that it is shown by."""
        for name in ("Computer", "DeviceName", "DvcHostname"):
            if name in rows and any(self._names.get(n, n) != n for n in rows[name].unique()):
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

    @cached_property
    def _elsewhere(self) -> tuple[pd.DataFrame, str]:
        """Auth rows of Defender or ASIM, asked where no line and no record tells; who saw them."""
        if len(self._told) or len(self._audited):
            return empty("auth"), ""
        found = defender_auth(self.beside("logons_defender", "logons that Defender saw"))
        if len(found):
            return found, "defender"
        for name, source in _ASIM_LOGONS.items():
            found = asim_auth(self.beside(name, source))
            if len(found):
                break
        return found, "asim"

    def _auth(self) -> pd.DataFrame:
        parts = [part for part in (self._told, self._audited, self._elsewhere[0]) if len(part)]
        if len(parts) < 2:
            return parts[0] if parts else self._told
        return in_order(pd.concat(parts, ignore_index=True), ("TimeGenerated",))

    def _logons(self) -> pd.DataFrame:
        if len(self._elsewhere[0]):
            return other_logons(self._elsewhere[0])
        told = parse.logons(self._told, self._audited)
        logins = self.beside("login_records", "wtmp records")
        return told if logins.empty else with_logins(told, logins, self["sessions"])

    def _sessions(self) -> pd.DataFrame:
        if len(self._elsewhere[0]):
            return other_sessions(*self._elsewhere)
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
        told = parse.accounts(self.messages())
        if not self["audit"]["type"].isin(ACCOUNT_TYPES).any():
            return told
        known = {"sessions": self["sessions"], "accounts": told, "audit": self["audit"]}
        audited = audit_accounts(self["audit"], self.audit_records(), user_names(known))
        return with_audit(told, audited)

    def audit_records(self) -> pd.DataFrame:
        """Return the audit records of the window and of what may have come late, one row each."""
        window = {"start": self.scope.start - _EARLY, "end": self.scope.end + _LATE}
        parts = [records(self.beside(name, source, **window)) for name, source in _AUDIT.items()]
        held = [part for part in parts if len(part)] or parts[:1]
        return held[0] if len(held) == 1 else pd.concat(held, ignore_index=True)

    def _audit(self) -> pd.DataFrame:
        events = audit(self.audit_records())
        time = events["TimeGenerated"]
        inside = (time >= self.scope.start) & (time < self.scope.end)
        return events if inside.all() else events[inside].reset_index(drop=True)

    def _processes(self) -> pd.DataFrame:
        sessions = self["sessions"]
        asked = {"start": self.scope.start - _EARLY, "end": self.scope.end + _LATE}
        sysmon = self.beside("sysmon_messages", "Sysmon lines", programs=[PROGRAM], **asked)
        defender = self.beside("processes_defender", "processes that Defender saw", **asked)
        window = (self.scope.start, self.scope.end)
        found = merged(
            processes(self["audit"], sessions),
            sysmon_processes(sysmon, sessions, window=window),
            defender_processes(defender, window=window),
        )
        for name, source in _ASIM_PROCESSES.items():
            if found.empty:
                found = defender_processes(asim_processes(self.beside(name, source)))
        return found

    def _flows(self) -> pd.DataFrame:
        sessions, known = self["sessions"], self._stated_addresses()
        hosts, parts = self._hosts(known), []
        for name, (source, read) in _ON_HOSTS.items():
            values = {"programs": list(FIREWALL_PROGRAMS)} if name == "flows_syslog" else {}
            parts.append(read(self.beside(name, source, **values), hosts))
        known = [*known, *learned(*parts)]
        if self._workspace.is_local or not self._hosts(known).addresses:
            known += self._by_logons(sessions)
        hosts = self._hosts(known)
        addresses = list(hosts.addresses) if self.scope.host is not None else []
        for name, (source, read) in _BY_SENSORS.items():
            parts.append(read(self.beside(name, source, addresses=addresses), hosts))
        if not any(map(len, parts)):
            rows = self.beside("flows_im", _ASIM_FLOWS, addresses=addresses)
            parts.append(flows_asim(rows, self._hosts([*known, *_shown_by(rows)])))
        return flows(*parts, sessions=sessions, processes=self["processes"], audit=self["audit"])

    def _hosts(self, pairs: Sequence[tuple[str | None, str]]) -> Hosts:
        return Hosts.of(pairs, self._names, self.scope.host)

    def _stated_addresses(self) -> list[tuple[str | None, str]]:
        """Return the addresses that hosts call their own."""
        syslog = pd.DataFrame({"HostIP": pd.Series(dtype=STR)})
        if self.scope.host is not None:
            syslog = self.beside("syslog_addresses", "addresses in syslog")
        heartbeat = self.beside("heartbeat", "heartbeats of hosts")
        return stated(heartbeat, self.beside("device_info", "devices that Defender knows"), syslog)

    def _by_logons(self, sessions: pd.DataFrame) -> list[tuple[str, str]]:
        """Return addresses of hosts as sensors saw logons to them and as their sockets show."""
        source, remote = _BY_SENSORS["flows_asim"][0], []  # which are all, where all hosts are
        if self.scope.host is not None:
            source = "network sessions of logons"
            remote = sessions["SrcIpAddr"].dropna().unique()[:_LOGON_ADDRESSES].tolist()
        rows = self.beside("flows_asim", source, addresses=remote)
        return [*by_sessions(rows, sessions), *_shown_by(rows)]


def _shown_by(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Return addresses of hosts as network sessions show them: their sockets', their sensors'."""
    own = flows_asim(rows[rows["EventType"] == "EndpointNetworkSession"], Hosts())
    return [*learned(own), *common(rows)]
