"""Socket lists of a collector, ``ss -tanp``, ``ss -tunap`` or ``netstat -tunap``, to sessions.

Source: iproute2's misc/ss.c and net-tools' netstat.c. A list is a moment: its time is a date that
stands above it (as ``date`` or ISO 8601 writes one), else when the file was last changed. Who made
a connection is not in it: one to a port on which the same list shows a listener came in; where no
listener is shown, one between a low port and one that Linux hands out to clients (32768 and up)
runs from the latter; else it went out. A port that only waits is NetworkDirection Listen, with the
host as its destination; so is a UDP socket without a peer.

EventProduct is ``ss`` or ``netstat``, EventType EndpointNetworkSession, and
EventOriginalResultDetails the state as printed. Of a socket that several processes share, the
first is SrcAppName or DstAppName with its pid as -AppId; AdditionalFields has them all.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

import numpy as np
import pyarrow as pa

from linuxhunt.evidence.case import Sink, count, quoted
from linuxhunt.evidence.lines import blobs, chunks, texts
from linuxhunt.evidence.model import Source, Tally

__all__ = ["looks_like", "read"]

_STATES = (
    r"LISTEN|ESTAB(?:LISHED)?|SYN[-_]SENT|SYN[-_]RECV|FIN[-_]WAIT-?[12]|TIME[-_]WAIT|CLOSE[-_]WAIT"
    r"|LAST[-_]ACK|CLOSING|UNCONN|CLOSED?|UNKNOWN"
)
_ENDS = r"(\S+):(\d+|\*)\s+(\S+):(\d+|\*)"
_SS = rf"^(?:(tcp|udp|dccp|sctp|mptcp)\s+)?({_STATES})\s+\d+\s+\d+\s+{_ENDS}(?:\s+(.*))?$"
_NETSTAT = rf"^(tcp6?|udp6?|sctp|udplite6?)\s+\d+\s+\d+\s+{_ENDS}(?:\s+({_STATES}))?(?:\s+(.*))?$"
_HEADER = (
    r"^(?:Netid\s+)?State\s+Recv-Q\s+Send-Q\s+Local Address|^Proto\s+Recv-Q\s+Send-Q\s+Local"
    r"|^Active Internet connections"
)
# Headings, what netstat says of itself, the second line of a socket, other families, comments.
_BESIDE = (
    rf"{_HEADER}|^\s*$|^\s|^Active UNIX|^Proto RefCnt|^Netid\s|^\(|^will not be shown|^[#$]"
    r"|^unix\s+\d|^(?:u_str|u_dgr|u_seq|nl|p_raw|p_dgr|raw6?|icmp6?|v_str|v_dgr|xdp|ti_\w+)\s"
)
_OTHER = r"^(?:unix\s+\d|(?:u_str|u_dgr|u_seq|nl|p_raw|p_dgr|raw6?|icmp6?)\s)"
_SS_PARTS = ["protocol", "state", "here", "here_port", "there", "there_port", "rest"]
_NETSTAT_PARTS = ["protocol", "here", "here_port", "there", "there_port", "state", "rest"]
_USERS = r"""'users:\(\("([^"]*)",(?:pid=)?(\d+)', ['name', 'pid']"""
_PID_NAME = r"""'(?:^|\s)(\d+)/([^:\s]+)', ['pid', 'name']"""
# A star is every address, of both families.
_PLAIN = r"""CASE WHEN m.{0} = '*' THEN '::' ELSE
    nullif(regexp_replace(regexp_replace(m.{0}, '[\[\]]', '', 'g'), '%.*$', ''), '') END"""
_HEAD = 20  # lines that are looked at
_DATES = (
    r"^[#\s]*(?P<iso>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?\s?(?:Z|UTC|[+-]\d\d:?\d\d)?)\s*$",
    r"^[#\s]*[A-Z][a-z]{2}\s+(?P<month>[A-Z][a-z]{2})\s+(?P<day>\d{1,2})\s+"
    r"(?P<clock>\d\d:\d\d:\d\d)\s+(?P<half>[AP]M\s+)?(?P<zone>[A-Z]{2,5}|[+-]\d\d)\s+(?P<year>\d{4})\s*$",
)


def looks_like(head: bytes) -> bool:
    """Whether a file begins as a socket list, under a heading or without."""
    lines = head[:65_536].decode("utf-8", "replace").splitlines()[:_HEAD]
    lines = [line.rstrip() for line in lines if line.strip()]
    rows = [bool(re.match(_SS, line) or re.match(_NETSTAT, line)) for line in lines]
    if any(re.match(_HEADER, line) for line in lines[:5]):
        return True
    beside = [bool(re.match(_BESIDE, line)) or _date(line, UTC) is not None for line in lines]
    return any(rows) and all(a or b for a, b in zip(rows, beside, strict=True))


def _date(line: str, zone: tzinfo) -> datetime | None:
    """Return the time that a line states and nothing else; None where it is no such line."""
    for pattern in _DATES:
        found = re.match(pattern, line)
        if found is None:
            continue
        part = found.groupdict()
        try:
            if "iso" in part:
                text = part["iso"].replace(" UTC", "Z").replace("UTC", "Z").replace(" ", "T", 1)
                moment = datetime.fromisoformat(text.replace(" ", ""))
            else:
                clock = "%I:%M:%S %p" if part["half"] else "%H:%M:%S"
                half = f" {part['half'].strip()}" if part["half"] else ""
                moment = datetime.strptime(
                    f"{part['year']} {part['month']} {part['day']} {part['clock']}{half}",
                    f"%Y %b %d {clock}",
                )
                if part["zone"] in ("UTC", "GMT"):
                    moment = moment.replace(tzinfo=UTC)
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return None


def read(source: Source, sink: Sink) -> Tally:
    """Read a socket list, one socket a row."""
    head = source.data[:65_536].tobytes().decode("utf-8", "replace").splitlines()[:_HEAD]
    netstat = any(re.match(r"^(?:Proto|Active Int)", line) or re.match(_NETSTAT, line)
                  for line in head)  # fmt: skip
    tally = Tally("netstat" if netstat else "ss", "ASimNetworkSessionLogs")
    moment = _moment(source, head, tally)
    batches = []
    for chunk in chunks(source.data):
        numbers = pa.array(range(chunk.first, chunk.first + len(chunk)), pa.int64())
        sink.store(numbers, blobs(chunk.data, chunk.bounds))
        batches.append(pa.table({"line": numbers, "text": texts(chunk.data, chunk.bounds)}))
        tally.lines += len(chunk)
        sink.tick(chunk.offset + len(chunk.data), tally.lines)
    _write(pa.concat_tables(batches), netstat, moment, source, sink, tally)
    return tally


def _moment(source: Source, head: list[str], tally: Tally) -> datetime:
    """Return the time of a list, UTC and naive, and take note of where it is from."""
    zone, origin = source.zone
    for line in head[:5]:
        moment = _date(line, zone)
        if moment is not None:
            told = bool(re.search(r"(?:Z|UTC|GMT|[+-]\d\d:?\d\d)(?:\s+\d{4})?\s*$", line))
            tally.zone = "" if told else origin
            tally.assume(f"taken at {line.strip('# ')}, as its heading says")
            return moment.astimezone(UTC).replace(tzinfo=None)
    if source.changed is not None:
        moment = source.changed.astimezone(UTC)
        tally.assume(f"taken when the file was last changed, {moment:%Y-%m-%d %H:%M:%S} UTC")
    else:
        moment = datetime.now(UTC)
        tally.assume(f"taken today, {moment:%Y-%m-%d}, for want of any time")
    return moment.replace(tzinfo=None)


_PARSED = """
CREATE OR REPLACE TEMP TABLE parsed AS
WITH matched AS (
    SELECT line, text, regexp_extract(rtrim(text), {row}, {names}) AS m FROM batch
), parts AS (
    SELECT line, text, m.state AS state, rtrim(upper(m.protocol), '6') AS protocol,
        {local} AS here, TRY_CAST(m.here_port AS INTEGER) AS here_port,
        {peer} AS there, TRY_CAST(m.there_port AS INTEGER) AS there_port,
        m.rest AS rest, m.here <> '' AS good
    FROM matched
), shown AS (
    SELECT *, good AND (there_port IS NULL OR there_port = 0) AS listens,
        CASE WHEN protocol <> '' THEN protocol WHEN state = 'UNCONN' THEN 'UDP' ELSE 'TCP' END
            AS proto,
        regexp_extract(rest, {process}) AS p
    FROM parts
), listeners AS (
    SELECT DISTINCT proto AS l_proto, here_port AS l_port FROM shown
    WHERE listens AND here_port IS NOT NULL
)
SELECT shown.*, NOT good AND regexp_matches(text, {beside}) AS beside,
    CASE WHEN listens THEN 'Listen'
        WHEN l_port IS NOT NULL THEN 'Inbound'
        WHEN NOT EXISTS (FROM listeners) AND here_port < 32768 AND there_port >= 32768
            THEN 'Inbound'
        ELSE 'Outbound' END AS direction
FROM shown LEFT JOIN listeners ON l_proto = proto AND l_port = here_port
"""

_ROWS = """
INSERT INTO main.ASimNetworkSessionLogs BY NAME
SELECT {moment} AS TimeGenerated, {moment} AS EventStartTime, {moment} AS EventEndTime,
    'EndpointNetworkSession' AS EventType, 1 AS EventCount, {product} AS EventProduct,
    'Linux' AS EventVendor, '0.2.6' AS EventSchemaVersion, {host} AS Dvc, {host} AS DvcHostname,
    proto AS NetworkProtocol, direction AS NetworkDirection,
    CASE WHEN state LIKE 'ESTAB%' THEN 'Allow' END AS DvcAction,
    'NA' AS EventResult, nullif(state, '') AS EventOriginalResultDetails,
    CASE direction WHEN 'Outbound' THEN here WHEN 'Inbound' THEN there END AS SrcIpAddr,
    CASE direction WHEN 'Outbound' THEN here_port WHEN 'Inbound' THEN there_port END
        AS SrcPortNumber,
    CASE direction WHEN 'Outbound' THEN there ELSE here END AS DstIpAddr,
    CASE direction WHEN 'Outbound' THEN there_port ELSE here_port END AS DstPortNumber,
    CASE WHEN direction = 'Outbound' THEN nullif(p.name, '') END AS SrcAppName,
    CASE WHEN direction = 'Outbound' THEN nullif(p.pid, '') END AS SrcAppId,
    CASE WHEN direction <> 'Outbound' THEN nullif(p.name, '') END AS DstAppName,
    CASE WHEN direction <> 'Outbound' THEN nullif(p.pid, '') END AS DstAppId,
    CASE WHEN direction = 'Outbound' AND p.pid <> '' THEN 'Process' END AS SrcAppType,
    CASE WHEN direction <> 'Outbound' AND p.pid <> '' THEN 'Process' END AS DstAppType,
    CASE WHEN rest NOT IN ('', '-') THEN json_object('process', rest) END AS AdditionalFields,
    'ASimNetworkSessionLogs' AS Type, {item} AS _ItemId
FROM parsed WHERE good ORDER BY line
"""


def _write(
    batch: pa.Table, netstat: bool, moment: datetime, source: Source, sink: Sink, tally: Tally
) -> None:
    con = sink.con
    con.register("batch", batch)
    con.execute(
        _PARSED.format(
            row=quoted(_NETSTAT if netstat else _SS),
            names=_NETSTAT_PARTS if netstat else _SS_PARTS,
            local=_PLAIN.format("here"),
            peer=_PLAIN.format("there"),
            process=_PID_NAME if netstat else _USERS,
            beside=quoted(_BESIDE),
        )
    )
    con.unregister("batch")
    host = quoted(source.host) if source.host else "NULL"
    rows = _ROWS.format(
        moment=f"TIMESTAMP {quoted(moment.isoformat(sep=' '))}",
        product=quoted(tally.format),
        host=host,
        item=sink.item(),
    )
    tally.rows = count(con, rows)
    dated = np.array([_date(text, UTC) is not None for text in batch["text"][:5].to_pylist()])
    skip = ", ".join(str(n + 1) for n in np.flatnonzero(dated)) or "0"
    bad = con.sql(
        f"""SELECT line, text, 'no socket, and no heading' AS reason FROM parsed
        WHERE NOT good AND NOT beside AND line NOT IN ({skip}) ORDER BY line"""
    ).to_arrow_table()
    if len(bad):
        sink.reject(*bad.columns)
        tally.rejected = len(bad)
    tally.joined = tally.lines - tally.rows - tally.rejected
    other = count(
        con, f"SELECT count(*) FROM parsed WHERE beside AND regexp_matches(text, {quoted(_OTHER)})"
    )
    if other:
        tally.assume(f"{other:,} sockets that are no connections (unix, netlink, raw) left out")
    if tally.rows:
        tally.hosts[source.host] += tally.rows
        tally.saw(moment, moment)
