"""The entities that findings are about, and what links them, as a graph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import networkx as nx
import pandas as pd

from linuxhunt.sections.finding import severity_rank

__all__ = ["entity_graph", "files_named"]

FINDINGS, FILES, ABOVE = 200, 6, 100
"""Findings taken, files of one command, and parents looked at above one process."""

_BREAKS = re.compile(r"[\s'\"=<>|;&(){}\[\],`:]+")
_ORDINARY = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/proc/", "/sys/", "/dev/")
_KEPT = ("/dev/shm/",)
_TITLE = 80

Node = tuple[str, str]
"""Kind and value."""


def files_named(command: str | None) -> list[str]:
    """Return the absolute paths that a command names, at most six, without programs and devices."""
    found = (
        word.rstrip("/.")
        for word in _BREAKS.split(command or "")
        if word.startswith("/") and not word.startswith("//")
    )
    return [
        word
        for word in dict.fromkeys(found)
        if len(word) > 3 and (word.startswith(_KEPT) or not f"{word}/".startswith(_ORDINARY))
    ][:FILES]


def entity_graph(
    findings: pd.DataFrame, sessions: pd.DataFrame, processes: pd.DataFrame
) -> nx.DiGraph[Node]:
    """Link what the findings of Medium or above are about; without one, what any is about.

    A session hangs below its address and its user, a process below the nearest process above it
    that is in the graph, else its session, else its user, else the host. A host that nothing
    hangs below is left out.

    Args:
        findings: the ``findings`` table.
        sessions: ``EVENTS["sessions"]``.
        processes: ``EVENTS["processes"]``.

    Returns:
        Nodes (kind, value) with ``kind``, ``label`` and ``severity`` (of the gravest finding
        about it); links with ``label``.
    """
    grave = findings["EventSeverity"].isin(["High", "Medium"])
    rows = (findings[grave] if grave.any() else findings).head(FINDINGS)
    drawn = _Drawing(rows, sessions, processes)
    for row in rows.to_dict("records"):
        drawn.add({str(key): value for key, value in row.items()})
    drawn.join_processes()
    graph = drawn.graph
    for node in [node for node in graph if node[0] == "host"]:
        if len(graph) > 1 and graph.degree(node) == 0:
            graph.remove_node(node)
    return graph


class _Drawing:
    """A graph in the making."""

    def __init__(
        self, findings: pd.DataFrame, sessions: pd.DataFrame, processes: pd.DataFrame
    ) -> None:
        self.graph: nx.DiGraph[Node] = nx.DiGraph()
        known = processes["TargetProcessGuid"]
        above = processes["PreviousProcessGuid"].fillna(processes["ActingProcessGuid"])
        self._above: dict[str, Any] = dict(zip(known, above, strict=True))
        about = set(findings["TargetProcessGuid"].dropna())
        self._processes = _by(processes[known.isin(about)], "TargetProcessGuid")
        named = set(findings["LogonSessionId"].dropna()) | {
            row["LogonSessionId"] for row in self._processes.values()
        }
        self._sessions = _by(sessions[sessions["LogonSessionId"].isin(named)], "LogonSessionId")
        self._below: dict[Node, tuple[Node, str] | None] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        """Add what one finding is about."""
        session, process = _text(row["LogonSessionId"]), _text(row["TargetProcessGuid"])
        user, address = _text(row["TargetUsername"]), _text(row["SrcIpAddr"])
        host = self._node("host", _text(row["DvcHostname"]), row)
        who = self._node("user", user, row)
        place = self._node("address", address, row)
        if process is not None and session is None:
            session = _text(self._processes.get(process, {}).get("LogonSessionId"))
        logon = self._session(session, row) if session is not None else None
        title = str(row["Title"])[:_TITLE]
        if logon is not None:
            self._link(who, logon, "opened")
            self._link(place, logon, "seen with")
        elif place is not None:
            self._link(place, who or host, title)
        run = self._process(process, row) if process is not None else None
        if run is not None:
            upper = logon or who or host
            self._below.setdefault(run, (upper, "ran") if upper is not None else None)
        last = run or logon or who or place or host
        if last == who and place is None:
            self._link(host, who, title)
        for path in files_named(_text(row["CommandLine"])):
            self._link(last, self._node("file", path, row), "names")

    def join_processes(self) -> None:
        """Hang each process below the nearest one above it, else below who ran it."""
        for run, upper in self._below.items():
            for steps, guid in enumerate(self._ancestors(run[1])):
                if ("process", guid) in self._below:
                    said = "ran" if steps == 0 else f"ran, {steps} between"
                    self._link(("process", guid), run, said)
                    break
            else:
                if upper is not None:
                    self._link(upper[0], run, upper[1])

    def _ancestors(self, guid: str) -> Iterator[str]:
        seen = {guid}
        for _ in range(ABOVE):
            above = _text(self._above.get(guid))
            if above is None or above in seen:
                return
            seen.add(above)
            guid = above
            yield guid

    def _session(self, session: str, row: Mapping[str, Any]) -> Node | None:
        held = self._sessions.get(session, {})
        start, user = held.get("EventStartTime"), _text(held.get("TargetUsername"))
        when = f"{start:%d %b %H:%M}" if start is not None and pd.notna(start) else ""
        label = " ".join(filter(None, (when, _text(held.get("LogonProtocol")), user))) or session
        node = self._node("session", session, row, label)
        self._link(self._node("address", _text(held.get("SrcIpAddr"))), node, "logged on")
        self._link(self._node("user", user), node, "opened")
        return node

    def _process(self, guid: str, row: Mapping[str, Any]) -> Node | None:
        held = self._processes.get(guid, {})
        names = (row["CommandLine"], held.get("CommandLine"), held.get("TargetProcessName"))
        return self._node("process", guid, row, next(filter(None, map(_text, names)), guid))

    def _node(
        self,
        kind: str,
        value: str | None,
        row: Mapping[str, Any] | None = None,
        label: str | None = None,
    ) -> Node | None:
        """Add an entity, or note that a finding about one that is there is graver."""
        if value is None:
            return None
        node = (kind, value)
        if node not in self.graph:
            self.graph.add_node(node, kind=kind, label=label or value)
        if row is not None:
            held, severity = self.graph.nodes[node], str(row["EventSeverity"])
            if severity_rank(severity) > severity_rank(held.get("severity", "Informational")):
                held["severity"] = severity
        return node

    def _link(self, start: Node | None, end: Node | None, label: str) -> None:
        """Add a link; the first that is said about a pair stays."""
        if start is None or end is None or start == end or self.graph.has_edge(start, end):
            return
        self.graph.add_edge(start, end, label=label)


def _by(frame: pd.DataFrame, key: str) -> dict[str, dict[str, Any]]:
    """Return the first row of each key."""
    rows = frame.drop_duplicates(key).to_dict("records")
    return {str(row[key]): {str(name): value for name, value in row.items()} for row in rows}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
