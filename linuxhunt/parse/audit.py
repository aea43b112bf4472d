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

from linuxhunt.schema import STR, conform, empty

from .audit_records import records as _records
from .audit_stage import stage
from .audit_tables import tables
from .audit_values import fields_of, lists_of, path_rows, sockets_of

__all__ = ["audit"]

_TYPES = {pa.string(): STR, pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int64Dtype()}

_EVENTS = """
SELECT make_timestamp_ns(e.ms * 1000000) AS "TimeGenerated", h.host AS "DvcHostname", e.serial,
       e.type, e.success, e.res, e.pid, e.ppid, e.auid, e.uid, e.gid, e.euid, e.suid, e.fsuid,
       e.egid, e.ses, e.tty, e.comm, e.exe,
       coalesce(array_to_string(a.argv, ' '), e.cmdline) AS cmdline,
       to_json(a.argv)::VARCHAR AS argv, coalesce(s.cwd, e.cwd) AS cwd, e.syscall, e.arch,
       e.exit, e.errno, e.key, e.acct, e.addr, e.hostname, e.terminal, e.op,
       p.paths, s.saddr AS sockaddr, coalesce(s.proctitle, e.proctitle) AS proctitle,
       e.rest AS fields, e.eid
FROM events e JOIN hosts h USING (hid)
     LEFT JOIN argvs a USING (eid) LEFT JOIN singles s USING (eid) LEFT JOIN paths p USING (eid)
ORDER BY e.eid
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
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        members = stage(con, lines)
        if not len(members.eid):
            return empty("audit")
        tables(con)
        rows = con.sql(_EVENTS).to_arrow_table().to_pandas(types_mapper=_TYPES.get)
    rows["types"] = members.types
    rows["RecordIds"] = members.ids
    rows["EventUid"] = members.first
    rows["argv"] = lists_of(rows["argv"], json.loads)
    rows["paths"] = lists_of(rows["paths"], path_rows)
    rows["sockaddr"] = sockets_of(rows["sockaddr"])
    rows["fields"] = fields_of(rows["fields"])
    return conform(rows, "audit")
