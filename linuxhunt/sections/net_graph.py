"""Users, addresses, sessions and programs that belong together, as a graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import networkx as nx
import pandas as pd

from linuxhunt.sections.finding import Finding, Tables, severity_rank
from linuxhunt.sections.net_common import bytes_text, sides

__all__ = ["activity_graph"]

_GRAVE = "Medium"


def activity_graph(
    tables: Tables, findings: Iterable[Finding] = (), *, focus: str | None = None, most: int = 40
) -> nx.DiGraph[Any]:
    """Join who came from where, into which session, and who was talked to by what.

    Args:
        tables: any of ``flows``, ``sessions`` and ``logons``.
        findings: of any section; their addresses, users and sessions are in the graph, the
            gravest first, with their severity.
        focus: an address; the graph then has it and what it is linked to, by two steps, though
            not by way of a host.
        most: addresses in the graph at most.

    Returns:
        A directed graph. A node is (kind, value); its attributes are ``kind`` (``host``,
        ``address``, ``user``, ``session``, ``program``), ``label`` and ``severity`` (null where no
        finding is about it). Links have a ``label``: ``logged on``, ``failed to log on``,
        ``opened``, ``called``, ``was called by``.
    """
    graph: nx.DiGraph[Any] = nx.DiGraph()
    marks = _marks(findings)
    flows = sides(tables)
    flows = flows[flows["RemoteIpAddr"].notna() & ~flows["Failed"]]
    kept = _addresses(flows, tables, marks, focus, most)
    _add_flows(graph, flows[flows["RemoteIpAddr"].isin(kept)], marks)
    _add_sessions(graph, tables, kept, marks)
    _add_failures(graph, tables, kept, marks)
    for address in kept:
        _node(graph, "address", address, marks)
    if focus is not None and ("address", focus) in graph:
        linked = graph.to_undirected(as_view=True)
        near = {("address", focus), *linked[("address", focus)]}
        further = [node for node in near if node[0] != "host"]  # a host is linked to everybody
        near.update(*(linked[node] for node in further))
        sub: nx.DiGraph[Any] = graph.subgraph(near).copy()
        return sub
    return graph


def _marks(findings: Iterable[Finding]) -> dict[tuple[str, str], str]:
    """Return (kind, value) -> severity of the gravest finding about it."""
    marks: dict[tuple[str, str], str] = {}
    for finding in sorted(findings, key=lambda f: -severity_rank(f.severity)):
        for kind, value in (
            ("address", finding.address), ("user", finding.user), ("session", finding.session),
        ):  # fmt: skip
            if value is not None:
                marks.setdefault((kind, value), finding.severity)
    return marks


def _addresses(
    flows: pd.DataFrame, tables: Tables, marks: dict[tuple[str, str], str], focus: str | None,
    most: int,
) -> list[str]:  # fmt: skip
    """Return the addresses worth drawing: the picked one, those of findings, then the busiest."""
    order = [focus] if focus is not None else []
    order += [value for kind, value in marks if kind == "address"]
    sessions = tables.get("sessions")
    if sessions is not None:
        order += list(sessions["SrcIpAddr"].dropna().value_counts().index)
    volume = flows.groupby("RemoteIpAddr")[["Sent", "Received"]].sum().sum(axis=1)
    order += list(volume.sort_values(ascending=False, kind="stable").index[: most // 4])
    return list(dict.fromkeys(map(str, order)))[:most]


def _node(
    graph: nx.DiGraph[Any], kind: str, value: str, marks: dict[tuple[str, str], str],
    label: str | None = None,
) -> tuple[str, str]:  # fmt: skip
    if (kind, value) not in graph:
        graph.add_node(
            (kind, value), kind=kind, label=label or value, severity=marks.get((kind, value))
        )
    return kind, value


def _add_flows(
    graph: nx.DiGraph[Any], flows: pd.DataFrame, marks: dict[tuple[str, str], str]
) -> None:
    keys = ["DvcHostname", "TargetProcessName", "RemoteIpAddr", "NetworkDirection"]
    sums = flows.groupby(keys, dropna=False)[["Sent", "Received"]].sum()
    for name, path, address, direction, sent, received in sums.reset_index().itertuples(
        index=False
    ):
        other = _node(graph, "address", str(address), marks)
        machine = _node(graph, "host", str(name) if pd.notna(name) else "this host", marks)
        own = machine
        if pd.notna(path):
            own = _node(graph, "program", str(path), marks, str(path).rpartition("/")[2])
            graph.add_edge(machine, own, label="ran")
        volume = bytes_text(float(sent if direction == "Outbound" else received))
        if direction == "Inbound":
            graph.add_edge(other, own, label=f"called ({volume})")
        elif direction == "Outbound":
            graph.add_edge(own, other, label=f"called ({volume})")


def _add_sessions(
    graph: nx.DiGraph[Any], tables: Tables, kept: list[str], marks: dict[tuple[str, str], str]
) -> None:
    sessions = tables.get("sessions")
    if sessions is None:
        return
    graves = {
        value
        for (kind, value), severity in marks.items()
        if kind == "session" and severity_rank(severity) >= severity_rank(_GRAVE)
    }
    ours = sessions[sessions["SrcIpAddr"].isin(kept)]
    names = ["SrcIpAddr", "TargetUsername", "LogonSessionId", "EventStartTime"]
    grave = ours["LogonSessionId"].isin(graves)
    ours = ours.loc[grave | ~ours.assign(Grave=grave).duplicated([*names[:2], "Grave"]), names]
    for address, user, id_, start in ours.itertuples(index=False):
        source = _node(graph, "address", str(address), marks)
        who = _node(graph, "user", str(user) if pd.notna(user) else "somebody", marks)
        if pd.notna(id_) and str(id_) in graves:
            began = f"{start:%d %b %H:%M}" if pd.notna(start) else "before the log"
            held = _node(graph, "session", str(id_), marks, f"{began} {who[1]}")
            graph.add_edge(source, held, label="opened")
            graph.add_edge(held, who, label="as")
        else:  # ordinary sessions are many: who came from where is enough
            graph.add_edge(source, who, label="logged on as")


def _add_failures(
    graph: nx.DiGraph[Any], tables: Tables, kept: list[str], marks: dict[tuple[str, str], str]
) -> None:
    logons = tables.get("logons")
    if logons is None:
        return
    failed = logons[logons["SrcIpAddr"].isin(kept) & logons["EventResult"].eq("Failure")]
    tries = failed.groupby(["SrcIpAddr", "TargetUsername"])["EventCount"].sum()
    for address, user, count in tries.reset_index().itertuples(index=False):
        source = _node(graph, "address", str(address), marks)
        who = ("user", str(user))
        if who in graph and not graph.has_edge(source, who):
            graph.add_edge(source, who, label=f"failed to log on ({int(count):,})")
