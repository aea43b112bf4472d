"""Microsoft Defender for Linux: ``DeviceProcessEvents`` -> ``processes``.

Source: Microsoft's reference of the table in advanced hunting. A process is its host, pid and
ProcessCreationTime. The initiating process (with its own creation time, file and command line)
and that one's parent (pid, creation time and file name) stand in each row. Where the initiating
process is the process itself, which so executes another file, the next one up is the parent.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.parse.engine import nanoseconds, to_pandas
from linuxhunt.parse.proc_link import GUID, NAMED, Window, bounds, instants, rooted, taken
from linuxhunt.parse.processes import STALE
from linuxhunt.schema import STR, empty

__all__ = ["defender_processes"]

# Creation times of one process, as told by its own row and by its children's, differ by less.
_SAME = 2_000_000_000

_CREATED = """
CREATE TEMP TABLE created AS
WITH once AS (  -- a row that was sent twice is one event
    SELECT lower(coalesce(dvc, '')) AS host, pid, coalesce(created, moment) AS created, moment,
           acting_pid, acting_created, above_pid, above_created, command, file,
           min(n) AS n, list(uid ORDER BY n) AS ids
    FROM given WHERE pid > 0 GROUP BY ALL)
SELECT row_number() OVER (ORDER BY moment, n) - 1 AS i, n, ids, host, pid, created, moment,
       acting_pid <> pid AS forked,
       CASE WHEN acting_pid <> pid AND acting_pid > 0 THEN acting_pid
            WHEN acting_pid = pid AND above_pid > 0 THEN above_pid END AS parent_pid,
       CASE WHEN acting_pid = pid THEN above_created ELSE acting_created END AS parent_created,
       CASE WHEN acting_pid <> pid AND above_pid > 0 THEN above_pid END AS third_pid,
       above_created AS third_created
FROM once
"""

# All pids with a creation time, and which of them are one process.
_KNOWN = """
CREATE TEMP TABLE known AS
WITH told AS (
    SELECT host, pid, created FROM created
    UNION SELECT host, parent_pid, parent_created FROM created
    UNION SELECT host, third_pid, third_created FROM created),
steps AS (
    SELECT *, coalesce(created - lag(created) OVER w > {same}, true) AS begins FROM told
    WHERE pid IS NOT NULL AND created IS NOT NULL
    WINDOW w AS (PARTITION BY host, pid ORDER BY created))
SELECT host, pid, created,
       sum(begins::INTEGER) OVER (ORDER BY host, pid, created)::BIGINT AS process
FROM steps
"""

# How each process is told of: by itself (0), as an initiating process (1), as that one's parent.
_TOLD = """
CREATE TEMP TABLE told AS
WITH listed AS (
    SELECT 0 AS role, i, n, ids, moment, host, pid, created, parent_pid, parent_created FROM created
    UNION ALL
    SELECT CASE WHEN forked THEN 1 ELSE 2 END, i, n, ids, moment, host, parent_pid, parent_created,
           third_pid, third_created
    FROM created
    UNION ALL
    SELECT 2, i, n, ids, moment, host, third_pid, third_created, NULL, NULL FROM created)
SELECT l.*, k.process, p.process AS parent
FROM listed l JOIN known k USING (host, pid, created)
LEFT JOIN known p ON p.host = l.host AND p.pid = l.parent_pid AND p.created = l.parent_created
"""

_BEGUN = """
CREATE TEMP TABLE begun AS
SELECT process, host, pid, min(created) AS created,
       min(moment) FILTER (role = 0) AS first_at,
       arg_min(parent, (role, moment, n)) FILTER (parent_pid IS NOT NULL) AS parent,
       arg_min(parent_pid, (role, moment, n)) FILTER (parent_pid IS NOT NULL) AS parent_pid,
       arg_min(role, (role, moment, n)) FILTER (role > 0) AS role,
       arg_min(n, (role, moment, n)) FILTER (role > 0) AS n,
       arg_min(ids[:1], (role, moment, n)) FILTER (role > 0) AS ids
FROM told GROUP BY process, host, pid
"""

# Executions, and before them what a parent ran at the time where no row tells of it.
_IMAGES = """
CREATE TEMP TABLE images AS
WITH children AS (
    SELECT parent AS process, min(coalesce(first_at, created)) AS moment FROM begun
    WHERE parent IS NOT NULL GROUP BY parent)
SELECT t.i, 0 AS role, t.n, t.ids, t.host, t.pid, t.process, t.moment, t.created
FROM told t WHERE role = 0
UNION ALL
SELECT (SELECT count(*) FROM created) + row_number() OVER (ORDER BY b.created, b.process) - 1,
       b.role, b.n, b.ids, b.host, b.pid, b.process,
       least(b.created, c.moment, coalesce(b.first_at, b.created)), b.created
FROM begun b JOIN children c USING (process)
WHERE b.role IS NOT NULL AND (b.first_at IS NULL OR b.first_at > c.moment)
"""

_RESULT = """
WITH placed AS (
    SELECT m.*, b.parent_pid, coalesce(b.first_at, b.created) AS since,
           b.parent AS parent_process,
           lag(m.i) OVER w AS previous
    FROM images m JOIN begun b USING (process)
    WINDOW w AS (PARTITION BY m.process ORDER BY m.role = 0, m.moment, m.i))
SELECT guid_of(concat_ws('|', 'defender', c.host, c.pid, c.created, c.moment, c.role = 0,
                         row_number() OVER (PARTITION BY c.host, c.pid, c.created, c.moment,
                                                         c.role = 0 ORDER BY c.i)))
           AS guid,
       c.role, c.n, c.ids, c.ids[1] AS uid, c.pid, c.moment, c.parent_pid, c.previous,
       coalesce(p.i, CASE WHEN c.parent_process IS NULL AND c.since - q.moment <= {stale}
                          THEN q.i END) AS parent
FROM placed c
    ASOF LEFT JOIN images p ON p.process = c.parent_process AND p.moment <= c.since
    ASOF LEFT JOIN images q ON q.host = c.host AND q.pid = c.parent_pid AND q.moment < c.since
ORDER BY c.i
"""


def defender_processes(
    rows: pd.DataFrame, *, stale: timedelta = STALE, window: Window | None = None
) -> pd.DataFrame:
    """Return the processes that Defender for Linux tells of.

    Args:
        rows: of the query ``processes_defender``; those of ActionType ``ProcessCreated`` count.
            The time of an event is its Timestamp, which Defender gave it, where there is one.
        stale: how long ago a pid may have executed and still be the parent that is known by its
            pid only.
        window: start and end; an event counts where its time lies in it. None takes all.

    Returns:
        ``EVENTS["processes"]`` in order of time. TargetProcessGuid is made of host, pid, creation
        time and time. A parent (initiating process) with a creation time that has no row of its
        own gets one, and so does its parent (see :mod:`.proc_link`). Defender names users, and no
        column takes a name: ids of users and sessions are null, as are arguments, working
        directory, terminal and exit. TargetProcessFilename is FileName, TargetProcessName the
        file's whole path.
    """
    created = rows["ActionType"].str.lower().eq("processcreated").fillna(False)
    own = rows["Timestamp"] if "Timestamp" in rows else rows["TimeGenerated"]
    rows = rows.assign(TimeGenerated=own.fillna(rows["TimeGenerated"]))
    start, end = bounds(window)
    moment = nanoseconds(rows["TimeGenerated"])
    inside = ((moment >= start) & (moment < end)).fillna(False)
    wanted = rows[created & rows["ProcessId"].notna() & inside].reset_index(drop=True)
    if wanted.empty:
        return empty("processes")
    with duckdb.connect() as con:
        con.register("given", _given(wanted))
        con.execute(GUID)
        con.execute(_CREATED)
        con.execute(_KNOWN.format(same=_SAME))
        con.execute(_TOLD)
        con.execute(_BEGUN)
        con.execute(_IMAGES)
        found = to_pandas(con.sql(_RESULT.format(stale=round(stale.total_seconds() * 1e9))))
    return rooted(_rows(wanted, found))


def _given(rows: pd.DataFrame) -> pa.Table:
    times = {
        "moment": "TimeGenerated",
        "created": "ProcessCreationTime",
        "acting_created": "InitiatingProcessCreationTime",
        "above_created": "InitiatingProcessParentCreationTime",
    }
    plain = {
        "dvc": "DeviceName",
        "pid": "ProcessId",
        "acting_pid": "InitiatingProcessId",
        "above_pid": "InitiatingProcessParentId",
        "command": "ProcessCommandLine",
        "file": "FolderPath",
        "uid": "_ItemId",
    }
    return pa.table(
        {
            "n": np.arange(len(rows)),
            **{name: pa.array(nanoseconds(rows[column])) for name, column in times.items()},
            **{name: pa.array(rows[column]) for name, column in plain.items()},
        }
    )


def _rows(rows: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    event = rows.iloc[found["n"].to_numpy(dtype=np.int64)].reset_index(drop=True)
    itself, acting = found["role"] == 0, found["role"] == 1
    parent, previous = (
        found[name].to_numpy(dtype=float, na_value=-1).astype(np.int64)
        for name in ("parent", "previous")
    )

    def told(own: str, initiating: str, above: str | None = None) -> pd.Series[Any]:
        further = event[above] if above else pd.Series(np.nan, index=event.index, dtype=STR)
        values = event[own].where(itself, event[initiating].where(acting, further))
        return values.where(values != "")

    file = told("FileName", "InitiatingProcessFileName", "InitiatingProcessParentFileName")
    records = np.empty(len(found), dtype=object)
    records[:] = [list(ids) for ids in found["ids"]]
    return pd.DataFrame(
        {
            "TargetProcessGuid": found["guid"],
            "ActingProcessGuid": taken(found["guid"], parent),
            "PreviousProcessGuid": taken(found["guid"], previous),
            "TimeGenerated": instants(found["moment"]),
            "DvcHostname": event["DeviceName"],
            "TargetProcessId": found["pid"],
            "ActingProcessId": found["parent_pid"],
            "TargetProcessName": _whole(told("FolderPath", "InitiatingProcessFolderPath"), file),
            "TargetProcessFilename": file,
            "CommandLine": told("ProcessCommandLine", "InitiatingProcessCommandLine"),
            "EventResult": np.where(itself, "Success", NAMED),
            "EventUid": found["uid"],
            "RecordIds": records,
        }
    )


def _whole(folder: pd.Series[Any], file: pd.Series[Any]) -> pd.Series[Any]:
    """Return whole paths: FolderPath is one on Linux, the folder by Microsoft's reference."""
    name = folder.str.extract(r"([^/]*)$", expand=False)
    return folder.where(
        (name == file).fillna(True) | file.isna(), folder.str.rstrip("/") + "/" + file
    )
