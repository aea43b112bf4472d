"""One address of the other side: everything that any source says of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from linuxhunt import views
from linuxhunt.pages.network_view import flow_track
from linuxhunt.parse.flows_hosts import plain_address
from linuxhunt.schema import STR
from linuxhunt.sections.net_common import bytes_text, process_text
from linuxhunt.sections.net_graph import activity_graph
from linuxhunt.shown import Shown
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt
    from linuxhunt.pages.network import NetworkPage

__all__ = ["AddressPage"]

_BEFORE, _AFTER = r"(?:^|[^0-9a-f:.]|::ffff:)", r"(?:$|[^0-9a-f:.]|[.:](?:\D|$)|:\d)"
"""What an address stands between in a text: 10.0.0.1 is neither in 10.0.0.10 nor in 1.10.0.0.1."""
_ROWS = 2_000
"""Rows of a table that are shown at most: several stand in one view."""


class AddressPage:
    """The address that is picked in the network section."""

    def __init__(self, hunt: Hunt, page: NetworkPage) -> None:
        self._hunt = hunt
        self._page = page
        self._shown = Shown(self.view)
        page.choice.on_change(self._shown.refresh)

    @property
    def value(self) -> str | None:
        """The picked address; None where nothing names one."""
        return self._page.choice.value

    @property
    def flows(self) -> pd.DataFrame:
        """Its flows, as the host sees them."""
        flows = self._page.sides
        return flows[flows["RemoteIpAddr"] == self.value].reset_index(drop=True)

    @property
    def logons(self) -> pd.DataFrame:
        """Attempts to log on from it."""
        return self._named("logons", "SrcIpAddr")

    @property
    def sessions(self) -> pd.DataFrame:
        """Sessions opened from it."""
        return self._named("sessions", "SrcIpAddr")

    @property
    def audit(self) -> pd.DataFrame:
        """Audit events that name it: as where somebody came from, or in a socket's address."""
        audit, value = self._hunt.events["audit"], self.value or ""
        told = audit.loc[audit["sockaddr"].notna(), "sockaddr"]
        address = told.map(lambda held: plain_address(str(held.get("addr"))))
        called = told.index[address == value]
        named = audit["addr"].eq(value).fillna(False).astype(bool) | audit.index.isin(called)
        return audit[named].reset_index(drop=True)

    @property
    def messages(self) -> pd.DataFrame:
        """Syslog messages that name it, whole (10.0.0.1 is not in 10.0.0.10)."""
        if self.value is None:
            return pd.DataFrame({"SyslogMessage": pd.Series(dtype=STR)})
        rows = self._hunt.events.rows(
            "messages_about", f"messages about {self.value}", words=[self.value]
        )
        whole = _BEFORE + re.escape(self.value) + _AFTER
        return rows[rows["SyslogMessage"].str.contains(whole, case=False)].reset_index(drop=True)

    def _named(self, kind: str, column: str) -> pd.DataFrame:
        rows = self._hunt.events[kind]
        return rows[rows[column] == self.value].reset_index(drop=True)

    @property
    def facts(self) -> pd.DataFrame:
        """Fact and Value: place, owner, times, ports by direction, programs, sessions."""
        found = self._page.addresses
        row = found[found["Address"] == self.value]
        if row.empty:
            return pd.DataFrame({"Fact": [], "Value": []}, dtype=STR)
        held, flows = row.to_dict("records")[0], self.flows
        place = ", ".join(str(held[n]) for n in ("City", "Country") if pd.notna(held[n]))
        facts = [
            ("Address", held["Address"]),
            ("Place", place or None),
            ("Owner", held["Owner"]),
            ("AS number", held["ASN"] if pd.notna(held["ASN"]) else None),
            ("Places from", _source(held)),
            ("First and last", _span(held["FirstTime"], held["LastTime"])),
            ("Findings", "; ".join(held["Findings"])),
            *(
                (f"{direction} flows", _ports(part))
                for direction, part in flows.groupby("NetworkDirection", sort=False)
            ),
            ("Programs", process_text(flows["TargetProcessName"])),
            ("Logons", f"{held['Logons']:,} and {held['FailedLogons']:,} failed"
             if held["Logons"] + held["FailedLogons"] else None),
            ("Sessions", ", ".join(self.sessions["LogonSessionId"].dropna().head(10))),
        ]  # fmt: skip
        known = [(fact, str(value)) for fact, value in facts if value]
        return pd.DataFrame(known, columns=["Fact", "Value"]).astype(STR)

    def view(self) -> View:
        """Return facts, time line, intelligence, and every row that names the address."""
        if self.value is None:
            return views.message("Nothing in this window names an address of another side.", "info")
        return views.stack(
            views.table(self.facts, f"Address {self.value}"),
            self._timeline(),
            self._intel(),
            self._rows("Flows", self.flows, [
                "EventStartTime", "NetworkDirection", "DstPortNumber", "NetworkProtocol",
                "DvcAction", "Sent", "Received", "NetworkDuration", "TargetProcessName"]),
            self._rows("Logons", self.logons, [
                "TimeGenerated", "EventResult", "TargetUsername", "LogonProtocol", "LogonMethod"]),
            self._rows("Sessions", self.sessions, [
                "EventStartTime", "EventEndTime", "TargetUsername", "LogonProtocol", "EndReason"]),
            self._rows("Messages", self.messages, [
                "TimeGenerated", "ProcessName", "SyslogMessage"]),
            self._rows("Audit events", self.audit, [
                "TimeGenerated", "type", "success", "acct", "exe", "syscall"]),
            self._graph(),
        )  # fmt: skip

    def show(self) -> Shown:
        """Show it in the notebook; it follows the pickers."""
        return self._shown

    def _timeline(self) -> View | None:
        flows, logons, scope = self.flows, self.logons, self._hunt.scope
        tracks = []
        if len(flows):
            tracks.append(flow_track(flows, "Its flows"))
        if len(logons):
            tries = pd.DataFrame(
                {
                    "TimeGenerated": logons["TimeGenerated"],
                    "Lane": logons["EventResult"].fillna("NA"),
                    "Text": logons["EventMessage"],
                }
            )
            tracks.append(views.Track(tries, "TimeGenerated", "Lane", "Text", None, "Its logons"))
        if not tracks:
            return None
        return views.timelines(
            tracks, start=scope.start, end=scope.end, alerts=self._hunt.alerts.alerts
        )

    def _intel(self) -> View:
        rows = pd.DataFrame({"Address": [self.value], "EventUid": [None]}, dtype=STR)
        flows = self.flows["EventUid"]
        if len(flows):
            rows["EventUid"] = flows.iloc[0]
        return self._hunt.intel.view(rows, ["Address"], title="Threat intelligence")

    @staticmethod
    def _rows(name: str, rows: pd.DataFrame, columns: list[str]) -> View | None:
        if rows.empty:
            return None
        many = f"{name} that name it ({len(rows):,})"
        return views.fold(many, views.table(rows, columns=columns, most=_ROWS))

    def _graph(self) -> View:
        events = self._hunt.events
        tables = {
            "sides": self._page.sides,
            "sessions": events["sessions"],
            "logons": events["logons"],
        }
        found = [*self._page.found(), *self._hunt.logons.found()]
        return views.graph(
            activity_graph(tables, found, focus=self.value, most=12),
            title=f"What {self.value} is linked to",
        )


def _ports(rows: pd.DataFrame) -> str:
    """Say how many flows went to which ports, and how much they carried."""
    ports = rows["DstPortNumber"].astype(STR) + "/" + rows["NetworkProtocol"].fillna("").str.lower()
    counts = ports.value_counts().head(8)
    named = ", ".join(f"{port} ({count:,})" for port, count in counts.items())
    failed = int(rows["Failed"].sum())
    return (
        f"{len(rows):,}{f', of which {failed:,} came to nothing' if failed else ''}; ports"
        f" {named or 'unknown'};"
        f" {bytes_text(rows['Sent'].sum())} out, {bytes_text(rows['Received'].sum())} in"
    )


def _source(held: dict[Any, Any]) -> str | None:
    if pd.isna(held["Source"]):
        return None
    date = held["SourceDate"]
    return f"{held['Source']}, {date:%Y-%m-%d}" if pd.notna(date) else str(held["Source"])


def _span(first: Any, last: Any) -> str | None:
    if pd.isna(first):
        return None
    return f"{first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S} UTC"
