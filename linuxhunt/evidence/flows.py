"""Zeek's conn.log, as TSV or JSON, to ASimNetworkSessionLogs.

Field names are those of Zeek's ``Conn::Info`` (base/protocols/conn/main.zeek); columns those of
ASIM's NetworkSession schema. The originator is the source. What Zeek's conn_state says of an
attempt becomes DvcAction:

* Allow: SF, S1, S2, S3, RSTO, RSTR, OTH (a connection was established, or was already)
* Deny: REJ (refused by the other side)
* Reset: RSTOS0, RSTRH (reset before it was established)
* Drop: S0, SH, SHR (never answered)

The state itself is EventOriginalResultDetails. A service that Zeek lists several names for keeps
them all, by commas.
"""

from __future__ import annotations

import re

import pyarrow as pa

from linuxhunt.evidence.case import Sink, count, quoted
from linuxhunt.evidence.lines import Chunk, blobs, chunks, texts
from linuxhunt.evidence.model import Source, Tally

__all__ = ["is_json", "is_tsv", "read_json", "read_tsv"]

_FIELDS = (
    *("ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "service"),
    *("duration", "orig_bytes", "resp_bytes", "conn_state", "local_orig", "local_resp"),
    *("missed_bytes", "history", "orig_pkts", "orig_ip_bytes", "resp_pkts", "resp_ip_bytes"),
    *("tunnel_parents", "vlan", "orig_l2_addr", "resp_l2_addr", "community_id"),
)
_MORE = ("missed_bytes", "orig_ip_bytes", "resp_ip_bytes", "tunnel_parents", "community_id")
_HEADER = re.compile(rb"(?m)^#(separator|fields|path)[ \t](.*)$")

_ACTIONS = {
    "Allow": ("SF", "S1", "S2", "S3", "RSTO", "RSTR", "OTH"),
    "Deny": ("REJ",),
    "Reset": ("RSTOS0", "RSTRH"),
    "Drop": ("S0", "SH", "SHR"),
}


def is_tsv(head: bytes) -> bool:
    """Whether a file begins as a Zeek log of connections."""
    header = dict(_HEADER.findall(head[:8192]))
    return (
        head.startswith(b"#")
        and b"id.orig_h" in header.get(b"fields", b"")
        and (b"conn_state" in header[b"fields"])
    )


def is_json(first: dict[str, object]) -> bool:
    """Whether a JSON object is a Zeek connection."""
    return "conn_state" in first and ("id.orig_h" in first or "id_orig_h" in first)


def read_tsv(source: Source, sink: Sink) -> Tally:
    """Read conn.log as Zeek's ASCII writer leaves it; its own header names the fields."""
    tally = Tally("zeek-tsv", "ASimNetworkSessionLogs")
    header = {
        key.decode(): value.decode("utf-8", "backslashreplace").rstrip("\r")
        for key, value in _HEADER.findall(source.data[:8192].tobytes())
    }
    code = re.fullmatch(r"\\x([0-9a-fA-F]{2})", header.get("separator", "\\x09").strip())
    separator = chr(int(code[1], 16)) if code else "\t"
    names = header["fields"].split(separator)
    picked = {name: f"part[{names.index(name) + 1}]" for name in _FIELDS if name in names}
    values = ", ".join(
        f"nullif(nullif({picked[n]}, '-'), '(empty)') AS \"{n}\""
        if n in picked
        else f'NULL::VARCHAR AS "{n}"'
        for n in _FIELDS
    )
    sql = f"""SELECT line, text, NULL::VARCHAR AS system, {values},
            CASE WHEN len(part) = {len(names)} THEN NULL
                ELSE 'it has ' || len(part) || ' fields, not {len(names)}' END AS reason
        FROM (SELECT line, text, string_split(text, {quoted(separator)}) AS part FROM texts
            WHERE NOT starts_with(text, '#'))"""
    for chunk in chunks(source.data):
        _write(chunk, sql, source, sink, tally)
    return tally


def read_json(source: Source, sink: Sink) -> Tally:
    """Read conn.log as Zeek's JSON writer leaves it, one object a line."""
    tally = Tally("zeek-json", "ASimNetworkSessionLogs")
    paths: list[str] = []
    for name in ("@system", *_FIELDS):
        paths += [f'$."{name}"', f'$."{name.replace(".", "_")}"']
    values = ", ".join(
        f'coalesce(part[{2 * i + 3}], part[{2 * i + 4}]) AS "{name}"'
        for i, name in enumerate(_FIELDS)
    )
    listed = ", ".join(quoted(path) for path in paths)
    sql = f"""SELECT line, text, part[1] AS system, {values},
            CASE WHEN part IS NULL THEN 'no JSON object' END AS reason
        FROM (SELECT line, text,
            CASE WHEN json_valid(text) THEN json_extract_string(text, [{listed}]) END AS part
            FROM texts)"""
    for chunk in chunks(source.data):
        _write(chunk, sql, source, sink, tally)
    return tally


def _write(chunk: Chunk, sql: str, source: Source, sink: Sink, tally: Tally) -> None:
    con = sink.con
    numbers = pa.array(range(chunk.first, chunk.first + len(chunk)), pa.int64())
    sink.store(numbers, blobs(chunk.data, chunk.bounds))
    con.register("batch", pa.table({"line": numbers, "text": texts(chunk.data, chunk.bounds)}))
    host = quoted(source.host) if source.host else "NULL"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE parsed AS
        WITH texts AS (SELECT line, rtrim(text, chr(13) || chr(10)) AS text FROM batch),
        fields AS ({sql}),
        timed AS (
            SELECT *, coalesce(TRY_CAST(ts AS DECIMAL(18, 6))::DECIMAL(24, 6) * 1000000,
                epoch_us(TRY_CAST(ts AS TIMESTAMPTZ)))::BIGINT AS us,
                TRY_CAST(duration AS DOUBLE) AS seconds
            FROM fields
        )
        SELECT * EXCLUDE (reason), coalesce(system, {host}) AS host, CASE
                WHEN reason IS NOT NULL THEN reason
                WHEN us IS NULL THEN 'ts is no time'
                WHEN us NOT BETWEEN 0 AND 9000000000000000 THEN 'ts is no time'
                WHEN "id.orig_h" IS NULL OR "id.resp_h" IS NULL THEN 'an address is missing' END
            AS reason
        FROM timed"""
    )
    con.unregister("batch")
    tally.lines += len(chunk)
    tally.rows += count(con, _insert(sink))
    bad = con.sql(
        "SELECT line, text, reason FROM parsed WHERE reason IS NOT NULL ORDER BY line"
    ).to_arrow_table()
    if len(bad):
        sink.reject(*bad.columns)
        tally.rejected += len(bad)
    tally.joined = tally.lines - tally.rows - tally.rejected  # the header's lines
    for name, amount, first, last in con.execute(
        "SELECT host, count(*), min(us) // 1000000, max(us) // 1000000 FROM parsed"
        " WHERE reason IS NULL GROUP BY host"
    ).fetchall():
        tally.hosts[name] += amount
        tally.saw_seconds(first, last)
    sink.tick(chunk.offset + len(chunk.data), tally.lines)


def _insert(sink: Sink) -> str:
    actions = " ".join(
        "WHEN conn_state IN ({}) THEN '{}'".format(", ".join(map(quoted, states)), action)
        for action, states in _ACTIONS.items()
    )
    more = ", ".join(f"'{name}', \"{name}\"" for name in _MORE)
    truth = "lower({}) IN ('t', 'true')"
    here, there = truth.format("local_orig"), truth.format("local_resp")
    start = "make_timestamp(us)"
    return f"""INSERT INTO main.ASimNetworkSessionLogs BY NAME
    SELECT {start} AS TimeGenerated, {start} AS EventStartTime,
        make_timestamp(us + coalesce(round(seconds * 1000000), 0)::BIGINT) AS EventEndTime,
        'NetworkSession' AS EventType, 1 AS EventCount, 'Zeek' AS EventProduct,
        'Zeek' AS EventVendor, '0.2.6' AS EventSchemaVersion,
        host AS Dvc, host AS DvcHostname, uid AS NetworkSessionId, uid AS EventOriginalUid,
        "id.orig_h" AS SrcIpAddr, TRY_CAST("id.orig_p" AS INTEGER) AS SrcPortNumber,
        "id.resp_h" AS DstIpAddr, TRY_CAST("id.resp_p" AS INTEGER) AS DstPortNumber,
        upper(proto) AS NetworkProtocol, upper(service) AS NetworkApplicationProtocol,
        CASE WHEN local_orig IS NULL OR local_resp IS NULL THEN NULL
            WHEN {here} AND {there} THEN 'Local' WHEN {here} THEN 'Outbound'
            WHEN {there} THEN 'Inbound' ELSE 'External' END AS NetworkDirection,
        CASE {actions} END AS DvcAction, conn_state AS EventOriginalResultDetails,
        CASE WHEN conn_state IN ({", ".join(map(quoted, _ACTIONS["Allow"]))}) THEN 'Success'
            WHEN conn_state IS NULL THEN 'NA' ELSE 'Failure' END AS EventResult,
        TRY_CAST(orig_bytes AS BIGINT) AS SrcBytes, TRY_CAST(resp_bytes AS BIGINT) AS DstBytes,
        TRY_CAST(orig_pkts AS BIGINT) AS SrcPackets, TRY_CAST(resp_pkts AS BIGINT) AS DstPackets,
        TRY_CAST(orig_bytes AS BIGINT) + TRY_CAST(resp_bytes AS BIGINT) AS NetworkBytes,
        TRY_CAST(orig_pkts AS BIGINT) + TRY_CAST(resp_pkts AS BIGINT) AS NetworkPackets,
        TRY_CAST(round(seconds * 1000) AS INTEGER) AS NetworkDuration,
        history AS NetworkConnectionHistory,
        orig_l2_addr AS SrcMacAddr, resp_l2_addr AS DstMacAddr, vlan AS SrcVlanId,
        json_merge_patch('{{}}', json_object({more})) AS AdditionalFields,
        'ASimNetworkSessionLogs' AS Type, {sink.item()} AS _ItemId
    FROM parsed WHERE reason IS NULL ORDER BY line"""
