"""Where audit records come from: log tables, syslog, the journal; one frame of records out.

A record is one line of auditd::

    node=web01 type=SYSCALL msg=audit(1551485405.594:7507): arch=c000003e ...

The same text travels inside syslog (``audispd``, ``audisp-syslog``), as the kernel prints it
where no auditd runs (``audit: type=1309 audit(...): ...``), as the OMS agent's auoms writes it
(``type=AUOMS_EXECVE audit(...): ...``), and in journald's audit transport, which takes the stamp
and serial out into fields of their own.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from linuxhunt.schema import STR, TIME

__all__ = ["COLUMNS", "PROGRAMS", "records"]

COLUMNS = ("TimeGenerated", "Computer", "RawData", "_ItemId")
"""The columns of a frame of records; RawData holds the record from ``node=`` or ``type=`` on."""

PROGRAMS = (
    "audispd",
    "audisp-syslog",
    "audisp",
    "auditd",
    "audit",
    "auoms",
    "kernel",
    "tag_audit_log",
)
"""Programs whose syslog lines may carry audit records; what others print is not believed."""

# Anchored: only what syslog and the kernel put before a record may stand before it.
_CARRIED = (
    r"^\s*(?:\[[ 0-9.]+\]\s*)?(?:(?:audit|audispd|kernel)(?:\[\d+\])?:\s*)*"
    r"((?:node=\S+ )?type=\S+ (?:msg=)?audit\([0-9.]+:[0-9]+\):(?s:.*))$"
)

# auoms (SyslogEventWriter.cpp, AuditEventProcessor.cpp) escapes nothing: a command line stands bare
# or in quotes, whatever it holds, and ends where what follows it (of CWD and PATH, or its own
# remarks) begins for the last time. It is written as the kernel would, in hex.
_BARE = r"^(.*?) cmdline=((?s:.*))$"
_CWD = r'^.*( cwd=(?:"[^"]*"|\S+)(?: name=.*)?)$'
_REMARKS = r'^.*?((?: (?:cmdline_truncated|redactors|containerid)=(?:"[^"]*"|\S*))+)$'
_TAIL = f"""
coalesce(nullif(regexp_extract(rest, '{_CWD}', 1, 's'), ''),
         regexp_extract(rest, '{_REMARKS}', 1, 's'))
"""
_AUOMS = """
CASE WHEN starts_with(carried, 'type=AUOMS_') AND rest <> ''
     THEN front || ' cmdline=' || hex(encode(CASE
          WHEN starts_with(command, '"') AND ends_with(command, '"') AND strlen(command) > 1
          THEN substr(command, 2, length(command) - 2) ELSE command END)) || tail
     -- rsyslog writes the separator of auditd's ENRICHED format as an octal escape
     ELSE replace(carried, '#035', chr(29)) END
"""

_SYSLOG = f"""
SELECT "TimeGenerated", "Computer", {_AUOMS} AS "RawData", "_ItemId"
FROM (SELECT *, left(rest, length(rest) - length(tail)) AS command
FROM (SELECT *, {_TAIL} AS tail
FROM (SELECT *, regexp_extract(carried, '{_BARE}', 1) AS front,
             regexp_extract(carried, '{_BARE}', 2) AS rest
FROM (SELECT *, regexp_extract("SyslogMessage", '{_CARRIED}', 1) AS carried
      FROM frame
      WHERE lower("ProcessName") IN {PROGRAMS} AND contains("SyslogMessage", 'audit('))
WHERE carried <> '')))
"""

# systemd's journald-audit.c: MESSAGE is the type's name and the record without its stamp;
# _AUDIT_ID is the serial, the source's time is the stamp.
_JOURNAL = """
SELECT "TimeGenerated", "Computer",
       'type=' || kind || ' msg=audit(' || (ms // 1000) || '.' || lpad((ms % 1000)::VARCHAR, 3, '0')
       || ':' || serial || '): ' || "MESSAGE"[length(kind) + 2:] AS "RawData",
       "_ItemId"
FROM (SELECT *, regexp_extract("MESSAGE", '^([A-Z][A-Z0-9_]+|UNKNOWN\\[[0-9]+\\]) ', 1) AS kind,
             epoch_ms("TimeGenerated"::TIMESTAMPTZ) AS ms,
             "_AUDIT_ID"::VARCHAR AS serial
      FROM frame WHERE "_TRANSPORT" = 'audit')
WHERE kind <> '' AND serial IS NOT NULL
"""


def records(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the audit records that rows of a log table hold.

    Args:
        frame: rows of ``AuditLog_CL`` (RawData), ``LinuxAuditLog`` (RawRecord), ``Syslog``
            (ProcessName, SyslogMessage; lines of other programs are left out) or
            ``LinuxJournal_CL`` with ``_AUDIT_ID`` (entries of the audit transport), each with
            TimeGenerated, Computer and _ItemId. A frame of records comes back as it is.

    Returns:
        One row a record, with the columns of :data:`COLUMNS`, in the order of ``frame``.

    Raises:
        KeyError: the frame has none of these tables' columns.
    """
    if "MESSAGE" in frame and "_TRANSPORT" in frame:
        return _query(_JOURNAL, frame) if "_AUDIT_ID" in frame else _query(_JOURNAL, frame[:0])
    if "SyslogMessage" in frame:
        return _query(_SYSLOG, frame)
    for column in ("RawData", "RawRecord"):
        if column in frame:
            named = frame.rename(columns={column: "RawData"})
            return _typed(named[list(COLUMNS)])
    raise KeyError(
        f"no audit records in a table of columns {', '.join(map(str, frame.columns[:8]))}; "
        "expected RawData, RawRecord, SyslogMessage or MESSAGE"
    )


def _query(query: str, frame: pd.DataFrame) -> pd.DataFrame:
    if frame.empty:
        return _typed(pd.DataFrame(columns=list(COLUMNS)))
    with duckdb.connect() as con:
        con.register("frame", frame)
        con.execute("SET TimeZone = 'UTC'")
        table = con.sql(query).to_arrow_table()
    return _typed(table.to_pandas(types_mapper={pa.string(): STR}.get))


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    time = pd.to_datetime(frame["TimeGenerated"], utc=True)
    columns = {"TimeGenerated": _as(time, TIME)}
    columns |= {name: _as(frame[name], STR) for name in COLUMNS[1:]}
    return pd.DataFrame({name: values.array for name, values in columns.items()}, copy=False)


def _as(values: pd.Series[Any], dtype: Any) -> pd.Series[Any]:
    """Return values of a type, without a copy of those that are."""
    return values if values.dtype == dtype else values.astype(dtype)
