"""systemd's journal, as JSON, in export format, or binary by way of ``journalctl``.

An entry is a row of Syslog (what the program said) and of LinuxJournal_CL (what journald itself
vouches for), under the same record id; an entry that came from the kernel's audit is a row of
AuditLog_CL as well, in the form that auditd would have written. TimeGenerated is when journald
received the entry, EventTime what it knows of when the entry was made.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from linuxhunt.evidence.case import Sink, count, quoted
from linuxhunt.evidence.export_format import entries
from linuxhunt.evidence.jsons import nul_safe
from linuxhunt.evidence.lines import Bytes, blobs, chunks, escaped, texts
from linuxhunt.evidence.model import Source, Tally
from linuxhunt.evidence.programs import FACILITIES, SEVERITIES, base_sql
from linuxhunt.evidence.unpack import load
from linuxhunt.schema import DUCKDB_TYPES, TABLES

__all__ = ["MAGIC", "is_export", "read_binary", "read_export", "read_json"]

MAGIC = b"LPKSHHRH"
"""What a binary journal file begins with."""

_OWN = ("TimeGenerated", "Computer", "Type", "_ItemId")
_COLUMNS = {n: k for n, k in TABLES["LinuxJournal_CL"].items() if n not in _OWN}
_STAMPS = ("__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP")
_FIELDS = [*_COLUMNS, *_STAMPS, "_AUDIT_TYPE_NAME", "_AUDIT_ID"]
_TIMEOUT = 3600  # seconds for journalctl


def is_export(text: bytes) -> bool:
    """Whether a file begins as an export of the journal."""
    head = text.lstrip(b"\n")[:4096]
    return head.startswith((b"__CURSOR=", b"__REALTIME_TIMESTAMP=")) or (
        head[:1] in b"_ABCDEFGHIJKLMNOPQRSTUVWXYZ" and b"\n__REALTIME_TIMESTAMP=" in head
    )


def read_json(source: Source, sink: Sink) -> Tally:
    """Read ``journalctl -o json``: one entry a line, binary values as arrays of bytes."""
    tally = Tally("journal-json", _TARGETS)
    con = sink.con
    paths = ", ".join(quoted(f"$.{name}") for name in _FIELDS)
    values = ", ".join(f'part[{i + 1}] AS "{name}"' for i, name in enumerate(_FIELDS))
    for chunk in chunks(source.data):
        numbers = pa.array(range(chunk.first, chunk.first + len(chunk)), pa.int64())
        sink.store(numbers, blobs(chunk.data, chunk.bounds))
        text = texts(chunk.data, chunk.bounds)
        con.register("batch", pa.table({"line": numbers, "text": text}))
        part = nul_safe(f"json_extract_string(text, [{paths}])", text)
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE parsed AS
            SELECT line, text, good, {values} FROM (
                SELECT *, CASE WHEN good THEN {part} END AS part
                FROM (SELECT line, text, coalesce(try(json_type(text)) = 'OBJECT', false) AS good
                    FROM batch))"""
        )
        con.unregister("batch")
        for name in ("MESSAGE", "SYSLOG_IDENTIFIER", "_CMDLINE", "_COMM", "_EXE"):
            _arrays(name, sink)
        tally.lines += len(chunk)
        _write(source, sink, tally, "no JSON object")
        sink.tick(chunk.offset + len(chunk.data), tally.lines)
    return tally


def _arrays(name: str, sink: Sink) -> None:
    """Decode values that journalctl wrote as arrays: of bytes, or of a field's several values."""
    con = sink.con
    rows = con.execute(
        f"""SELECT line, "{name}" FROM parsed WHERE starts_with("{name}", '[')
        AND try(json_type(text, '$.{name}')) = 'ARRAY'"""
    ).fetchall()
    if not rows:
        return
    decoded = {line: _array(json.loads(value)) for line, value in rows}
    con.register(
        "decoded",
        pa.table(
            {
                "line": pa.array(list(decoded), pa.int64()),
                "value": pa.array(list(decoded.values()), pa.string()),
            }
        ),
    )
    con.execute(
        f'UPDATE parsed SET "{name}" = decoded.value FROM decoded WHERE decoded.line = parsed.line'
    )
    con.unregister("decoded")


def _array(value: list[object]) -> str | None:
    if all(isinstance(byte, int) and 0 <= byte < 256 for byte in value):
        content = bytes(byte for byte in value if isinstance(byte, int))
        return escaped(np.frombuffer(content, np.uint8)).tobytes().decode() or None
    inner = [_array(part) if isinstance(part, list) else part for part in value]
    return next((part for part in inner if isinstance(part, str)), None)


def read_export(source: Source, sink: Sink) -> Tally:
    """Read ``journalctl -o export``; an entry's line is the one that it begins on."""
    return _export(source, source.data, sink, Tally("journal-export", _TARGETS), ordinal=False)


def _export(source: Source, data: Bytes, sink: Sink, tally: Tally, *, ordinal: bool) -> Tally:
    con = sink.con
    picks = ", ".join(
        f"min_by(value, place) FILTER (key = '{name}') AS \"{name}\"" for name in _FIELDS
    )
    done = 0
    for found in entries(data, _FIELDS):
        amount = len(found.lines)
        numbers = np.arange(done + 1, done + 1 + amount) if ordinal else found.lines
        done += amount
        sink.store(pa.array(numbers), found.raw)
        con.register(
            "batch", found.fields.append_column("place", pa.array(range(len(found.fields))))
        )
        con.register(
            "numbers",
            pa.table({"entry": pa.array(range(amount), pa.int64()), "line": pa.array(numbers)}),
        )
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE parsed AS
            SELECT line, NULL::VARCHAR AS text,
                numbers.entry < {amount - bool(found.broken)} AS good,
                picked.* EXCLUDE (entry)
            FROM numbers LEFT JOIN (SELECT entry, {picks} FROM batch GROUP BY entry) AS picked
                USING (entry)"""
        )
        con.unregister("batch")
        con.unregister("numbers")
        tally.lines += amount if ordinal else found.amount
        _write(source, sink, tally, found.broken)
        sink.tick(found.end, tally.lines)
    tally.joined = tally.lines - tally.rows - tally.rejected
    return tally


def read_binary(source: Source, sink: Sink) -> Tally:
    """Read a binary journal through ``journalctl --file``; records are counted from 1."""
    tally = Tally("journal", _TARGETS)
    program = shutil.which("journalctl")
    if program is None:
        tally.error = (
            "a binary journal needs journalctl, which is not installed here: export it where it"
            " is (journalctl --file ... -o export) and give that file"
        )
        return tally
    with TemporaryDirectory(prefix="linuxhunt-") as folder:
        file, out = Path(folder, "system.journal"), Path(folder, "export")
        np.asarray(source.data).tofile(file)
        with out.open("wb") as stream:
            try:
                done = subprocess.run(
                    [program, "--file", str(file), "--output=export", "--all", "--no-pager"],
                    stdout=stream,
                    stderr=subprocess.PIPE,
                    timeout=_TIMEOUT,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                tally.error = f"journalctl took longer than {_TIMEOUT:,} seconds"
                return tally
        _export(source, load(out), sink, tally, ordinal=True)
        words = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
        if done.returncode:
            tally.error = f"journalctl: {words[0] if words else f'exit status {done.returncode}'}"
            tally.error = tally.error.replace(str(file), source.name)
    return tally


_TARGETS = "Syslog, LinuxJournal_CL"


def _write(source: Source, sink: Sink, tally: Tally, reason: str) -> None:
    con = sink.con
    host = quoted(source.host) if source.host else "NULL"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE journal AS
        SELECT *, coalesce(_HOSTNAME, {host}) AS host,
            coalesce(SYSLOG_IDENTIFIER, _COMM) AS tag,
            coalesce(TRY_CAST(SYSLOG_PID AS INTEGER), TRY_CAST(_PID AS INTEGER)) AS pid,
            TRY_CAST(PRIORITY AS INTEGER) AS level, TRY_CAST(SYSLOG_FACILITY AS INTEGER) AS number
        FROM (SELECT *, {_time("__REALTIME_TIMESTAMP")} AS received,
            {_time("_SOURCE_REALTIME_TIMESTAMP")} AS made FROM parsed)
        ORDER BY line"""
    )
    good = "good AND received IS NOT NULL"
    facilities = ", ".join(map(quoted, FACILITIES))
    severities = ", ".join(map(quoted, SEVERITIES))
    tally.rows += count(
        con,
        f"""INSERT INTO main.Syslog BY NAME
        SELECT received AS TimeGenerated, coalesce(made, received) AS EventTime, host AS Computer,
            host AS HostName,
            CASE WHEN number BETWEEN 0 AND {len(FACILITIES) - 1} THEN [{facilities}][number + 1]
                WHEN starts_with(MESSAGE, 'pam_') THEN 'authpriv'
                ELSE coalesce(facility, 'daemon') END AS Facility,
            CASE WHEN level BETWEEN 0 AND 7 THEN [{severities}][level + 1] END AS SeverityLevel,
            tag AS ProcessName, pid AS ProcessID, nullif(MESSAGE, '') AS SyslogMessage,
            'Syslog' AS Type, {sink.item()} AS _ItemId
        FROM journal LEFT JOIN program_table ON program = {base_sql("tag")}
        WHERE {good} ORDER BY line""",
    )
    columns = ", ".join(f'{_cast(name, kind)} AS "{name}"' for name, kind in _COLUMNS.items())
    con.execute(
        f"""INSERT INTO main.LinuxJournal_CL BY NAME
        SELECT received AS TimeGenerated, host AS Computer, {columns},
            'LinuxJournal_CL' AS Type, {sink.item()} AS _ItemId
        FROM journal WHERE {good} ORDER BY line"""
    )
    _audit(good, sink, tally)
    bad = con.sql(
        f"""SELECT line, text, CASE WHEN good THEN 'no __REALTIME_TIMESTAMP in it'
            ELSE {quoted(reason)} END AS reason FROM journal WHERE NOT ({good}) ORDER BY line"""
    ).to_arrow_table()
    if len(bad):
        sink.reject(*bad.columns)
        tally.rejected += len(bad)
    for name, amount, first, last in con.execute(
        f"SELECT host, count(*), min(received), max(received) FROM journal WHERE {good} GROUP BY 1"
    ).fetchall():
        tally.hosts[name] += amount
        tally.saw(first, last)


def _audit(good: str, sink: Sink, tally: Tally) -> None:
    """Give audit records of the journal the form that auditd would have written.

    journald takes "audit(time:serial): " off and puts the type's name before the rest
    (journald-audit.c); the time of the stamp is _SOURCE_REALTIME_TIMESTAMP.
    """
    stamp = "epoch_us(coalesce(made, received))"
    written = count(
        sink.con,
        f"""INSERT INTO main.AuditLog_CL BY NAME
        SELECT coalesce(made, received) AS TimeGenerated, host AS Computer,
            format('type={{}} msg=audit({{}}.{{:03d}}:{{}}): {{}}', _AUDIT_TYPE_NAME,
                {stamp} // 1000000, ({stamp} // 1000) % 1000, coalesce(_AUDIT_ID, '0'),
                CASE WHEN starts_with(MESSAGE, _AUDIT_TYPE_NAME || ' ')
                    THEN substr(MESSAGE, length(_AUDIT_TYPE_NAME) + 2) ELSE MESSAGE END)
                AS RawData,
            'AuditLog_CL' AS Type, {sink.item()} AS _ItemId
        FROM journal
        WHERE {good} AND _TRANSPORT = 'audit' AND _AUDIT_TYPE_NAME IS NOT NULL
            AND MESSAGE IS NOT NULL ORDER BY line""",
    )
    if written and "AuditLog_CL" not in tally.table:
        tally.table += ", AuditLog_CL"


def _time(name: str) -> str:
    micros = f'TRY_CAST("{name}" AS BIGINT)'
    return f"CASE WHEN {micros} BETWEEN 0 AND 9000000000000000 THEN make_timestamp({micros}) END"


def _cast(name: str, kind: str) -> str:
    if kind == "string":
        return f"nullif(\"{name}\", '')"
    return f'TRY_CAST("{name}" AS {DUCKDB_TYPES[kind]})'
