"""Flows to the sessions and processes that they belong to.

A connection's own keys tie it: host, remote address and remote port to a session, host and pid to
a process, host, remote address, port and moment to a connect() that audit recorded.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.parse.engine import nanoseconds, to_pandas
from linuxhunt.parse.flows_hosts import plain
from linuxhunt.schema import STR

__all__ = ["by_sessions", "tied"]

_SECOND = 1_000_000_000
# A connection is made before its session opens: as long as sshd's LoginGraceTime lets it.
_GRACE = 120 * _SECOND
# What a sensor's clock, or a close that is logged late, may differ by.
_SLACK = 60 * _SECOND
# A connect() and the flow that it makes, by two clocks.
_NEAR = 5 * _SECOND
# A session whose end is not known is not looked for in the flows of later days than these.
_MOST = 7 * 24 * 3600 * _SECOND
# A pid that executed longer ago may have been handed out again.
_STALE = 24 * 3600 * _SECOND

_SESSIONS = """
SELECT f.n, arg_min(s.id, (abs(f.start - coalesce(s.start, f.start)), s.id)) AS id
FROM flows AS f JOIN sessions AS s
    ON s.host = f.host AND s.address = f.remote AND s.port = f.port
    AND f.finish >= coalesce(s.start, f.start) - {grace}
    AND f.start <= coalesce(s.finish, f.start) + {slack}
    AND (s.finish IS NOT NULL OR f.start <= coalesce(s.start + {most}, f.start))
GROUP BY f.n
"""

_CONNECTS = """
WITH near AS (
    SELECT f.n, c.pid, c.start AS moment, abs(f.start - c.start) AS apart
    FROM flows AS f ASOF JOIN connects AS c
        ON c.host = f.host AND c.address = f.remote AND c.port = f.port AND c.start <= f.start
    UNION ALL
    SELECT f.n, c.pid, c.start, abs(f.start - c.start)
    FROM flows AS f ASOF JOIN connects AS c
        ON c.host = f.host AND c.address = f.remote AND c.port = f.port AND c.start >= f.start
)
SELECT n, arg_min(pid, (apart, pid)) AS pid, arg_min(moment, (apart, pid)) AS moment
FROM near WHERE apart <= {near} GROUP BY n
"""

# The last image that the pid ran when the flow ended, if it had not exited before the flow began.
_PROCESSES = """
SELECT f.n, p.guid, p.name
FROM flows AS f ASOF JOIN processes AS p
    ON p.host = f.host AND p.pid = f.pid AND p.start <= f.finish + {second}
WHERE f.start <= coalesce(p.finish, p.start + {stale}) + {second}
    AND (f.name IS NULL OR p.name IS NULL
        OR left(string_split(f.name, '/')[-1], 15) = left(string_split(p.name, '/')[-1], 15)
        OR left(string_split(f.name, '/')[-1], 15) = left(p.comm, 15))
"""


def tied(
    flows: pd.DataFrame,
    sessions: pd.DataFrame | None = None,
    processes: pd.DataFrame | None = None,
    audit: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return flows with LogonSessionId, TargetProcessGuid, -Name and -Id as far as they are known.

    Args:
        flows: ``EVENTS["flows"]``.
        sessions: ``EVENTS["sessions"]``. An inbound flow is a session's where it has its host,
            remote address and port, and their times overlap: the connection may begin two minutes
            before the session opens. Of several sessions the one that opened nearest counts.
        processes: ``EVENTS["processes"]``. A flow with a pid is that of the image which the pid ran
            last, unless the two have different names. TargetProcessName becomes its file.
        audit: ``EVENTS["audit"]``. An outbound flow of one connection without a pid is that of the
            nearest connect() to the same address and port, at most five seconds away. One that has
            not succeeded yet (EINPROGRESS) counts, too.

    Returns:
        A new frame in the same order; a flow with a process and no session takes the process's.
    """
    flows = flows.copy()
    if flows.empty:
        return flows
    if sessions is not None and len(sessions):
        flows["LogonSessionId"] = flows["LogonSessionId"].fillna(_sessions(flows, sessions))
    moment = pd.Series(pd.NA, index=flows.index, dtype="Int64")
    if audit is not None and len(audit):
        pid, moment = _connects(flows, audit)
        flows["TargetProcessId"] = flows["TargetProcessId"].fillna(pid)
    if processes is not None and len(processes):
        guid, name = _processes(flows, processes, moment)
        flows["TargetProcessGuid"] = flows["TargetProcessGuid"].fillna(guid)
        flows["TargetProcessName"] = name.fillna(flows["TargetProcessName"])
        of = processes.drop_duplicates("TargetProcessGuid").set_index("TargetProcessGuid")
        session = flows["TargetProcessGuid"].map(of["LogonSessionId"]).astype(STR)
        flows["LogonSessionId"] = flows["LogonSessionId"].fillna(session)
    return flows


def by_sessions(rows: pd.DataFrame, sessions: pd.DataFrame) -> list[tuple[str, str]]:
    """Return (host, address) of hosts that sensors saw somebody log on to.

    A session's remote address and port, at its time, are those of one connection alone: where that
    one went to is the host.

    Args:
        rows: of the query ``flows_asim``.
        sessions: ``EVENTS["sessions"]``.
    """
    held = sessions[sessions["SrcIpAddr"].notna() & sessions["SrcPortNumber"].notna()]
    held = held.assign(SrcIpAddr=plain(held["SrcIpAddr"]))
    rows = rows.assign(SrcIpAddr=plain(rows["SrcIpAddr"]), DstIpAddr=plain(rows["DstIpAddr"]))
    both = rows.merge(held, on=["SrcIpAddr", "SrcPortNumber"], suffixes=("", "_session"))
    start = both["EventStartTime"].fillna(both["TimeGenerated"])
    apart = both["EventStartTime_session"].fillna(start) - start
    near = (apart >= -pd.Timedelta(_SLACK, "ns")) & (apart <= pd.Timedelta(_GRACE, "ns"))
    found = both.loc[near, ["DvcHostname_session", "DstIpAddr"]].dropna().drop_duplicates()
    return list(found.itertuples(index=False, name=None))


def _host(names: pd.Series[Any]) -> pa.Array:
    return pa.array(names.str.lower())


def _spread(found: pd.DataFrame, column: str, like: pd.DataFrame, dtype: Any) -> pd.Series[Any]:
    """Return a column of ``n`` and values as one over the rows of ``like``."""
    values = pd.Series(found[column].array, index=found["n"].to_numpy(dtype=int))
    return pd.Series(values.reindex(range(len(like))).array, index=like.index).astype(dtype)


def _table(flows: pd.DataFrame, chosen: np.ndarray[Any, Any], port: str) -> pa.Table:
    rows = flows[chosen]
    return pa.table(
        {
            "n": np.flatnonzero(chosen),
            "host": _host(rows["DvcHostname"]),
            "remote": pa.array(rows["RemoteIpAddr"]),
            "port": pa.array(rows[port]),
            "start": pa.array(nanoseconds(rows["EventStartTime"])),
            "finish": pa.array(nanoseconds(rows["EventEndTime"])),
        }
    )


def _known(flows: pd.DataFrame, *names: str) -> np.ndarray[Any, Any]:
    known = flows[["DvcHostname", *names]].notna().all(axis=1)
    return known.to_numpy(dtype=bool)


def _sessions(flows: pd.DataFrame, sessions: pd.DataFrame) -> pd.Series[Any]:
    held = sessions[sessions["SrcIpAddr"].notna() & sessions["SrcPortNumber"].notna()]
    inward = flows["NetworkDirection"].isin(["Inbound", "Local"]).to_numpy(dtype=bool)
    flows = flows.assign(RemoteIpAddr=flows["SrcIpAddr"])  # null where a host logs on to itself
    chosen = inward & _known(flows, "RemoteIpAddr", "SrcPortNumber", "EventStartTime")
    with duckdb.connect() as con:
        con.register("flows", _table(flows, chosen, "SrcPortNumber"))
        con.register(
            "sessions",
            pa.table(
                {
                    "id": pa.array(held["LogonSessionId"]),
                    "host": _host(held["DvcHostname"]),
                    "address": pa.array(plain(held["SrcIpAddr"])),
                    "port": pa.array(held["SrcPortNumber"]),
                    "start": pa.array(nanoseconds(held["EventStartTime"])),
                    "finish": pa.array(nanoseconds(held["EventEndTime"])),
                }
            ),
        )
        found = to_pandas(con.sql(_SESSIONS.format(grace=_GRACE, slack=_SLACK, most=_MOST)))
    return _spread(found, "id", flows, STR)


def _connects(flows: pd.DataFrame, audit: pd.DataFrame) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Return the pid whose connect() made each flow, and when that was (nanoseconds)."""
    calls = audit[audit["syscall"].eq("connect").fillna(False) & audit["pid"].notna()]
    inet = [
        (found["addr"], found["port"]) if found and "addr" in found and "port" in found else None
        for found in calls["sockaddr"]
    ]
    calls = calls[np.array([pair is not None for pair in inet], dtype=bool)]
    pairs = [pair for pair in inet if pair is not None]
    chosen = (
        (flows["NetworkDirection"].isin(["Outbound", "Local"]) & (flows["EventCount"] <= 1))
        .fillna(False)
        .to_numpy(dtype=bool)
    )
    flows = flows.assign(RemoteIpAddr=flows["DstIpAddr"])
    chosen &= flows["TargetProcessId"].isna().to_numpy(dtype=bool)
    chosen &= _known(flows, "RemoteIpAddr", "DstPortNumber", "EventStartTime")
    with duckdb.connect() as con:
        con.register("flows", _table(flows, chosen, "DstPortNumber"))
        con.register(
            "connects",
            pa.table(
                {
                    "host": _host(calls["DvcHostname"]),
                    "address": pa.array(plain(pd.Series([p[0] for p in pairs], dtype=STR))),
                    "port": pa.array([int(p[1]) for p in pairs], pa.int64()),
                    "pid": pa.array(calls["pid"]),
                    "start": pa.array(nanoseconds(calls["TimeGenerated"])),
                }
            ),
        )
        found = to_pandas(con.sql(_CONNECTS.format(near=_NEAR)))
    pid, moment = (_spread(found, name, flows, "Int64") for name in ("pid", "moment"))
    return pid, moment


def _processes(
    flows: pd.DataFrame, processes: pd.DataFrame, moment: pd.Series[Any]
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Return guid and file of the process of each flow that has a pid."""
    chosen = _known(flows, "TargetProcessId", "EventStartTime")
    rows = flows[chosen]
    start, finish = (nanoseconds(rows[f"Event{name}Time"]) for name in ("Start", "End"))
    called = moment[chosen]
    ran = processes[processes["EventResult"].ne("Failure").fillna(True)]
    ran = ran[ran["TargetProcessId"].notna()]
    with duckdb.connect() as con:
        con.register(
            "flows",
            pa.table(
                {
                    "n": np.flatnonzero(chosen),
                    "host": _host(rows["DvcHostname"]),
                    "pid": pa.array(rows["TargetProcessId"]),
                    "name": pa.array(rows["TargetProcessName"]),
                    # A connect() has its moment; the process may exit before the flow ends.
                    "start": pa.array(called.fillna(start)),
                    "finish": pa.array(called.fillna(finish)),
                }
            ),
        )
        con.register(
            "processes",
            pa.table(
                {
                    "guid": pa.array(ran["TargetProcessGuid"]),
                    "host": _host(ran["DvcHostname"]),
                    "pid": pa.array(ran["TargetProcessId"]),
                    "name": pa.array(ran["TargetProcessName"]),
                    "comm": pa.array(ran["TargetProcessFilename"]),
                    "start": pa.array(nanoseconds(ran["TimeGenerated"])),
                    "finish": pa.array(nanoseconds(ran["EventEndTime"])),
                }
            ),
        )
        found = to_pandas(con.sql(_PROCESSES.format(second=_SECOND, stale=_STALE)))
    return _spread(found, "guid", flows, STR), _spread(found, "name", flows, STR)
