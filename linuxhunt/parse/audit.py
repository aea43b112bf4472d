"""Audit records -> events: one row for each (host, time, serial).

The kernel writes one event as several records (SYSCALL, EXECVE, CWD, PATH, PROCTITLE, ...) that
share a stamp, ``audit(seconds.milliseconds:serial)``; other events come between them, lines may
arrive in any order, twice, or not at all. Events are put together by host, stamp and serial and
by nothing else.
"""

from __future__ import annotations

import json

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.schema import EVENTS, STR, empty

from .audit_records import records as _records
from .audit_stage import stage
from .audit_tables import tables
from .audit_values import fields_of, lists_of, path_rows, sockets_of, uncollected

__all__ = ["audit"]

_TYPES = {pa.string(): STR, pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int64Dtype()}

_EVENTS = """
SELECT k.eid, make_timestamp_ns(k.ms * 1000000) AS "TimeGenerated", k.host AS "DvcHostname",
       k.serial, k.type, k.uid AS "EventUid", m.success, m.res, m.pid, m.ppid, m.auid, m.uid,
       m.gid, m.euid, m.suid, m.fsuid,
       m.egid, m.ses, m.tty, m.comm, m.exe,
       coalesce(array_to_string(a.argv, ' '), m.cmdline) AS cmdline,
       to_json(a.argv)::VARCHAR AS argv, coalesce(s.cwd, m.cwd) AS cwd,
       coalesce(c.name, m.syscall) AS syscall, coalesce(n.name, m.arch) AS arch, m.exit,
       CASE WHEN m.exit < 0 THEN x.name END AS errno, m.key, m.acct, m.addr, m.hostname,
       m.terminal, m.op, p.paths, s.saddr AS sockaddr,
       coalesce(s.proctitle, m.proctitle) AS proctitle, m.rest AS fields
FROM keys k LEFT JOIN states m USING (eid) LEFT JOIN argvs a USING (eid)
     LEFT JOIN singles s USING (eid) LEFT JOIN paths p USING (eid)
     LEFT JOIN arch_names n ON n.number = m.arch
     LEFT JOIN call_names c ON c.arch = n.name AND c.number = m.syscall
     LEFT JOIN error_names x ON x.number = (-m.exit)::VARCHAR
"""


def audit(records: pd.DataFrame) -> pd.DataFrame:
    """Return audit events.

    Args:
        records: audit records as :func:`linuxhunt.parse.audit_records.records` returns them, or
            rows of a table that it reads.

    Returns:
        One row an event, with the columns of ``EVENTS["audit"]``, in order of time, file, line.
        ``type`` is the type of the record that says why the event is there (an AVC, a LOGIN),
        SYSCALL where there is none such. ``types`` and ``RecordIds`` list all records, in the
        order of the evidence, ``EventUid`` is the first. ``res`` and ``success`` are as printed.
        What stands in several records with different values is a list in ``fields``. An argument
        that was lost is None in ``argv``. Records that are cut off are left out:
        :func:`~linuxhunt.parse.audit_account.audit_account` counts them.
    """
    lines = _records(records)
    if lines.empty:
        return empty("audit")
    with uncollected(), duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        members = stage(con, lines)
        if not len(members.ids):
            return empty("audit")
        tables(con)
        con.register("keys", members.keys)
        found = con.sql(_EVENTS).to_arrow_table()
        eid = found["eid"].to_numpy()
        if (eid[1:] < eid[:-1]).any():
            found = found.take(pa.array(np.argsort(eid)))
        rows = found.to_pandas(types_mapper=_TYPES.get)
        rows["TimeGenerated"] = rows["TimeGenerated"].dt.tz_localize("UTC")
        rows["types"] = members.types
        rows["RecordIds"] = members.ids
        rows["argv"] = lists_of(rows["argv"], json.loads)
        rows["paths"] = lists_of(rows["paths"], path_rows)
        rows["sockaddr"] = sockets_of(rows["sockaddr"])
        rows["fields"] = fields_of(rows["fields"])
    events: pd.DataFrame = rows[list(EVENTS["audit"])]
    return events
