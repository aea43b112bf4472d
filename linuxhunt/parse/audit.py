"""Audit records -> events: one row for each (host, time, serial).

The kernel writes one event as several records (SYSCALL, EXECVE, CWD, PATH, PROCTITLE, ...) that
share a stamp, ``audit(seconds.milliseconds:serial)``; other events come between them, lines may
arrive in any order, twice, or not at all. Events are put together by host, stamp and serial and
by nothing else.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from linuxhunt.parse.audit_parts import parts
from linuxhunt.parse.audit_records import records as _records
from linuxhunt.parse.audit_stage import stage
from linuxhunt.parse.audit_tables import states
from linuxhunt.parse.audit_values import uncollected
from linuxhunt.schema import EVENTS, STR, empty

__all__ = ["audit"]

_TYPES = {
    pa.string(): STR,
    pa.large_string(): STR,
    pa.int64(): pd.Int64Dtype(),
    pa.int32(): pd.Int64Dtype(),
}


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
        if not members.count:
            return empty("audit")
        values = states(con, members)
        for name, other in parts(con, members).items():
            values[name] = pc.coalesce(other, values[name]) if name in values else other
        values |= members.columns
        return pd.DataFrame({name: _series(values[name]) for name in EVENTS["audit"]}, copy=False)


def _series(values: Any) -> Any:
    return values.to_pandas(types_mapper=_TYPES.get) if isinstance(values, pa.Array) else values
