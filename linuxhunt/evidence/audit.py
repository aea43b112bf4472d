"""audit.log: one record a row of AuditLog_CL, its text whole in RawData.

Raw and ENRICHED (what auditd adds after 0x1d stays in RawData), with or without ``node=``.
TimeGenerated is the stamp in ``audit(...)``, which is UTC. A line without such a stamp is
rejected, which is what becomes of a last line that was cut off before it.
"""

from __future__ import annotations

import re

import pyarrow as pa

from linuxhunt.evidence.case import Sink, count, quoted
from linuxhunt.evidence.lines import blobs, chunks, texts
from linuxhunt.evidence.model import Source, Tally

__all__ = ["looks_like", "read"]

_RECORD = r"^(?:node=(\S+) )?type=(\S+) msg=audit\((\d{1,11})\.(\d{1,3}):(\d+)\)"
_HEAD = re.compile(rb"(?m)^(?:node=\S+ )?type=\S+ msg=audit\(\d+\.\d+:\d+\)")
_LATEST = 9_000_000_000  # seconds; nanoseconds in 64 bits end in 2262
_REASON = "no audit record: it does not begin with type= and msg=audit(time:serial)"


def looks_like(head: bytes) -> bool:
    """Whether the first lines of a file are audit records."""
    lines = [line for line in head.split(b"\n")[:50] if line.strip(b"\0 \r")]
    return any(_HEAD.match(line.lstrip(b"\0")) for line in lines[:20])


def read(source: Source, sink: Sink) -> Tally:
    """Read audit records into AuditLog_CL."""
    tally = Tally("audit", "AuditLog_CL")
    con = sink.con
    default = quoted(source.host) if source.host else "NULL"
    for chunk in chunks(source.data):
        numbers = pa.array(range(chunk.first, chunk.first + len(chunk)), pa.int64())
        text = texts(chunk.data, chunk.bounds)
        sink.store(numbers, blobs(chunk.data, chunk.bounds))
        con.register("batch", pa.table({"line": numbers, "text": text}))
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE parsed AS
            SELECT line, text, part, coalesce(s <= {_LATEST}, false) AS good, s,
                s * 1000000 + TRY_CAST(rpad(part.ms, 3, '0') AS BIGINT) * 1000 AS us
            FROM (SELECT *, TRY_CAST(part.s AS BIGINT) AS s FROM (
                SELECT line, rtrim(text, chr(13) || chr(10)) AS text,
                    regexp_extract(text, '{_RECORD}', ['node', 'type', 's', 'ms', 'serial'])
                        AS part
                FROM batch))"""
        )
        con.unregister("batch")
        tally.lines += len(chunk)
        tally.rows += count(
            con,
            f"""INSERT INTO main.AuditLog_CL BY NAME
            SELECT make_timestamp(us) AS TimeGenerated,
                coalesce(nullif(part.node, ''), {default}) AS Computer, text AS RawData,
                'AuditLog_CL' AS Type, {sink.item()} AS _ItemId
            FROM parsed WHERE good ORDER BY line""",
        )
        bad = con.sql(
            f"SELECT line, text, '{_REASON}' AS reason FROM parsed WHERE NOT good ORDER BY line"
        ).to_arrow_table()
        if len(bad):
            sink.reject(*bad.columns)
            tally.rejected += len(bad)
        hosts = con.execute(
            f"""SELECT coalesce(nullif(part.node, ''), {default}), count(*),
                min(s), max(s)
            FROM parsed WHERE good GROUP BY 1"""
        ).fetchall()
        for host, amount, first, last in hosts:
            tally.hosts[host] += amount
            tally.saw_seconds(first, last)
        sink.tick(chunk.offset + len(chunk.data), tally.lines)
    return tally
