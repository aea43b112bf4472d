"""Sysmon for Linux, whose events come as XML in syslog -> ``processes``.

ProcessCreate (event 1) is written for each successful execve, ProcessTerminate (5) at an exit.
Sources: SysmonForLinux's ebpfKern/sysmonProcCreate.c (what is read from the kernel),
outputxml.cpp (all on one line, each field ``<Data Name="...">``; the XML library, libxml2 and
later pugixml, encodes ``<``, ``>``, ``&`` and control characters), and its issues 84 and 238.

A ProcessGuid is the machine's id, the second in which the process began, and where its code
ends: each image of a pid has another one, and a program that is not placed at random and runs
twice within a second has the same one twice. So pid and time decide beside it.
"""

from __future__ import annotations

from datetime import timedelta

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.parse.engine import nanoseconds, quoted, to_pandas
from linuxhunt.parse.proc_link import GUID, NAMED, Window, bounds, instants, rooted, taken
from linuxhunt.parse.processes import STALE, _sessions_of
from linuxhunt.schema import empty

__all__ = ["PROGRAM", "sysmon_processes"]

PROGRAM = "sysmon"
"""The name that Sysmon has in syslog."""

# Up to the fields, nothing but the host's name is not Sysmon's own.
_HEAD = (
    r'^\s*<Event>\s*<System>\s*<Provider Name="Linux-Sysmon"[^<>]*/>\s*<EventID>([15])</EventID>'
)
_NULL_GUID = "00000000-0000-0000-0000-000000000000"
_IS_GUID = r"^\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?$"
_UNSET = 4_294_967_295
# A guid that says that its process is older than ten years was not made of a start.
_LONGEST = 3650 * 86_400_000_000_000
_ENTITIES = (
    ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"),
    *((f"&#{code};", chr(code)) for code in (*range(1, 32), 34, 39, 127)),
    *((f"&#0{code};", chr(code)) for code in range(1, 10)),
    *((f"&#x{code:X};", chr(code)) for code in (9, 10, 13)),
)  # fmt: skip
"""What the XML libraries write for a character; ``&amp;`` is undone after all of them."""


def _decoded() -> str:
    sql = "text"
    for entity, char in _ENTITIES:
        sql = f"replace({sql}, {quoted(entity)}, chr({ord(char)}))"
    return (
        f"CASE WHEN contains(text, '&') THEN replace({sql}, '&amp;', '&')"
        " WHEN text NOT IN ('', '-') THEN text END"
    )


# No value holds "<". A name that stands twice is not what Sysmon writes: neither is taken, but of
# the first fields, which stand before all that a process can choose.
_MACROS = (
    f"CREATE MACRO decoded(text) AS {_decoded()}",
    "CREATE MACRO front(data, tag) AS regexp_extract(data,"
    " '<Data Name=\"' || tag || '\">([^<]*)</Data>', 1)",
    "CREATE MACRO single(data, tag) AS CASE"
    " WHEN len(string_split(data, '<Data Name=\"' || tag || '\">')) = 2"
    " THEN front(data, tag) END",
    f"CREATE MACRO guid_in(text) AS nullif(lower(regexp_extract(text, '{_IS_GUID}', 1)), '')",
    # The second in which a process began: its guid's second and third group.
    "CREATE MACRO began(guid) AS TRY_CAST('0x' || guid[15:18] || guid[10:13] AS BIGINT)",
    GUID,
)

# The text of each field; a second step reads it, as each use of an expression would cost again.
_TEXTS = f"""
CREATE TEMP TABLE texts AS
WITH head AS MATERIALIZED (
    SELECT n, dvc, ns, uid, regexp_extract(message, {quoted(_HEAD)}, 1) AS event,
           regexp_extract(message, '<EventRecordID>(\\d+)</EventRecordID>', 1) AS record,
           substr(message, instr(message, '<EventData>')) AS data
    FROM lines WHERE contains(message, '<EventData>'))
SELECT n, dvc, ns, uid, event, record, front(data, 'UtcTime') AS utc,
       front(data, 'ProcessGuid') AS guid, front(data, 'ProcessId') AS pid,
       single(data, 'Image') AS file,
       -- a message that was cut off may end in its command line
       concat(single(data, 'CommandLine'),
              regexp_extract(data, '<Data Name="CommandLine">([^<]+)$', 1)) AS command,
       single(data, 'CurrentDirectory') AS cwd, single(data, 'LogonId') AS user_id,
       single(data, 'TerminalSessionId') AS ses,
       single(data, 'ParentProcessGuid') AS above_guid,
       single(data, 'ParentProcessId') AS above_pid, single(data, 'ParentImage') AS above_file,
       single(data, 'ParentCommandLine') AS above_command
FROM head WHERE event <> ''
"""

_FIELDS = f"""
CREATE TEMP TABLE fields AS
SELECT n, dvc, lower(coalesce(dvc, '')) AS host, uid, event, record,
       coalesce(epoch_ns(TRY_CAST(utc AS TIMESTAMP)), ns) AS moment, guid_in(guid) AS given,
       TRY_CAST(pid AS BIGINT) AS pid, decoded(file) AS file, decoded(command) AS command,
       decoded(cwd) AS cwd, TRY_CAST(user_id AS BIGINT) AS user_id,
       TRY_CAST(ses AS BIGINT) AS ses, nullif(guid_in(above_guid), '{_NULL_GUID}') AS above_guid,
       nullif(TRY_CAST(above_pid AS BIGINT), 0) AS above_pid, decoded(above_file) AS above_file,
       decoded(above_command) AS above_command
FROM texts WHERE moment >= {{start}} AND moment < {{end}}
"""

# A line that came twice is one event.
_TOLD = """
CREATE TEMP TABLE told AS
WITH once AS (
    SELECT event, host, coalesce(given, guid_of(concat_ws('|', host, pid, moment))) AS guid, pid,
           moment, record, min(n) AS n, list(uid ORDER BY n) AS ids
    FROM fields WHERE pid IS NOT NULL GROUP BY ALL)
SELECT o.*, f.* EXCLUDE (n, host, uid, event, record, moment, given, pid)
FROM once o JOIN fields f USING (n)
"""

# Images, and after them those parents that have a guid but no row.
_IMAGES = f"""
CREATE TEMP TABLE images AS
WITH seen AS (
    SELECT row_number() OVER (ORDER BY moment, n) - 1 AS i, * FROM told WHERE event = '1'),
named AS (
    SELECT c.host, c.above_guid AS guid, c.above_pid AS pid, min(c.moment) AS child,
           arg_min(c, (c.moment, c.n)) AS c
    FROM seen c ANTI JOIN seen p
        ON p.host = c.host AND p.guid = c.above_guid AND p.pid = c.above_pid
    WHERE c.above_guid IS NOT NULL AND c.above_pid IS NOT NULL GROUP BY ALL)
SELECT i, true AS seen, host, dvc, guid, pid, moment, ids, file, command, cwd, user_id,
       nullif(ses, {_UNSET}) AS ses, above_guid, above_pid
FROM seen
UNION ALL BY NAME
SELECT (SELECT count(*) FROM seen) + row_number() OVER (ORDER BY child, c.n) - 1 AS i,
       false AS seen, host, c.dvc AS dvc, guid, pid,
       CASE WHEN began(guid) * 1000000000 BETWEEN child - {_LONGEST} AND child
            THEN began(guid) * 1000000000 ELSE child END AS moment,
       c.ids[1:1] AS ids, c.above_file AS file, c.above_command AS command
FROM named
"""

_ENDS = """
CREATE TEMP TABLE ends AS
SELECT p.i, min(t.moment) AS ended
FROM (SELECT * FROM told WHERE event = '5') t ASOF JOIN images p
    ON p.host = t.host AND p.guid = t.guid AND p.pid = t.pid AND p.moment <= t.moment
GROUP BY p.i
"""

# By guid, else (Sysmon could not look at the parent any more) by pid as in audit's frame.
_PARENTS = """
CREATE TEMP TABLE parents AS
WITH earliest AS (SELECT host, guid, pid, min(i) AS i FROM images GROUP BY ALL)
SELECT c.i, coalesce(
    before.i, earliest.i,
    CASE WHEN c.above_guid IS NULL AND c.moment - same_pid.moment <= {stale}
              AND coalesce(ends.ended >= c.moment, true) THEN same_pid.i END) AS parent
FROM images c
    ASOF LEFT JOIN images before ON before.host = c.host AND before.guid = c.above_guid
         AND before.pid = c.above_pid AND before.moment <= c.moment
    LEFT JOIN earliest ON earliest.host = c.host AND earliest.guid = c.above_guid
         AND earliest.pid = c.above_pid
    ASOF LEFT JOIN images same_pid
         ON same_pid.host = c.host AND same_pid.pid = c.above_pid AND same_pid.moment < c.moment
    LEFT JOIN ends ON ends.i = same_pid.i
"""

_RESULT = """
WITH told_apart AS (
    SELECT *, row_number() OVER (PARTITION BY guid ORDER BY seen DESC, moment, i) AS nth,
           lag(i) OVER (PARTITION BY host, pid, coalesce(began(guid), -i) ORDER BY moment, seen, i)
               AS previous
    FROM images)
SELECT CASE WHEN nth = 1 THEN guid ELSE guid_of(concat_ws('|', host, guid, pid, moment, nth)) END
           AS guid, seen, dvc, pid, moment, ids, ids[1] AS uid, file, command, cwd, user_id, ses,
       above_pid, parent, previous, ended
FROM told_apart JOIN parents USING (i) LEFT JOIN ends USING (i) ORDER BY i
"""


def sysmon_processes(
    syslog: pd.DataFrame,
    sessions: pd.DataFrame | None = None,
    *,
    stale: timedelta = STALE,
    window: Window | None = None,
) -> pd.DataFrame:
    """Return the processes that Sysmon for Linux tells of.

    Args:
        syslog: rows of Syslog; those of the program ``sysmon`` are read. Anyone who may write to
            syslog can write such a line.
        sessions: ``EVENTS["sessions"]``; gives LogonSessionId, by host, audit session and time.
        stale: how long ago a pid may have executed and still be the parent that is known by its
            pid only.
        window: start and end; an event counts where its UtcTime lies in it. None takes all.

    Returns:
        ``EVENTS["processes"]`` in order of time (Sysmon's UtcTime). TargetProcessGuid is Sysmon's
        ProcessGuid, but one made of it where two executions have the same. The parent is the one
        that ParentProcessGuid and ParentProcessId name; where that did not execute in ``syslog``
        it has a row of its own (see :mod:`.proc_link`). TargetUserId is LogonId, which Sysmon for
        Linux fills with the uid; ActorSessionId is TerminalSessionId, which it fills with audit's
        session. The login uid is not in an event, nor are effective uid, terminal and arguments;
        user names (User, ParentUser) have no column. TargetProcessFilename is the file's name,
        not the kernel's comm. EventEndTime is that of the ProcessTerminate of the same guid and
        pid.
    """
    program = syslog["ProcessName"].str.lower().eq(PROGRAM).fillna(False)
    wanted = syslog[program & syslog["SyslogMessage"].notna()]
    if wanted.empty:
        return empty("processes")
    with duckdb.connect() as con:
        con.register(
            "lines",
            pa.table(
                {
                    "n": np.arange(len(wanted)),
                    "dvc": pa.array(wanted["Computer"]),
                    "ns": pa.array(nanoseconds(wanted["TimeGenerated"])),
                    "uid": pa.array(wanted["_ItemId"]),
                    "message": pa.array(wanted["SyslogMessage"]),
                }
            ),
        )
        for macro in _MACROS:
            con.execute(macro)
        con.execute(_TEXTS)
        start, end = bounds(window)
        con.execute(_FIELDS.format(start=start, end=end))
        con.execute(_TOLD)
        con.execute(_IMAGES)
        con.execute(_ENDS)
        con.execute(_PARENTS.format(stale=round(stale.total_seconds() * 1e9)))
        rows = _rows(to_pandas(con.sql(_RESULT)))
    if sessions is not None and len(sessions):
        rows["LogonSessionId"] = _sessions_of(rows, sessions)
    return rooted(rows)


def _rows(found: pd.DataFrame) -> pd.DataFrame:
    parent, previous = (
        found[name].to_numpy(dtype=float, na_value=-1).astype(np.int64)
        for name in ("parent", "previous")
    )
    records = np.empty(len(found), dtype=object)
    records[:] = [list(ids) for ids in found["ids"]]
    return pd.DataFrame(
        {
            "TargetProcessGuid": found["guid"],
            "ActingProcessGuid": taken(found["guid"], parent),
            "PreviousProcessGuid": taken(found["guid"], previous),
            "TimeGenerated": instants(found["moment"]),
            "EventEndTime": instants(found["ended"]),
            "DvcHostname": found["dvc"],
            "TargetProcessId": found["pid"],
            "ActingProcessId": found["above_pid"],
            "TargetUserId": found["user_id"],
            "ActorSessionId": found["ses"],
            "TargetProcessName": found["file"],
            "TargetProcessFilename": found["file"].str.extract(r"([^/]+)/*$", expand=False),
            "CommandLine": found["command"],
            "TargetProcessCurrentDirectory": found["cwd"],
            "EventResult": np.where(found["seen"], "Success", NAMED),
            "EventUid": found["uid"],
            "RecordIds": records,
        }
    )
