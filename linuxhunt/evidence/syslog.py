"""Text logs of syslog daemons: RFC 3164, RFC 3339 stamps, RFC 5424, journalctl's short forms.

One file may mix them (a host whose rsyslog was upgraded). A line without a stamp belongs to the
record before it; where there is none before it, it is rejected. Whatever follows the stamp
becomes a row: programs write what they like there.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from linuxhunt.evidence import stamps as st
from linuxhunt.evidence.case import Sink, count, quoted
from linuxhunt.evidence.clock import Years, to_utc
from linuxhunt.evidence.lines import (
    Bytes,
    Chunk,
    Ints,
    blobs,
    chunks,
    pieces,
    plain,
    split,
    trimmed,
)
from linuxhunt.evidence.model import Source, Tally
from linuxhunt.evidence.pending import Batch
from linuxhunt.evidence.programs import FACILITIES, SEVERITIES, base_sql

__all__ = ["looks_like", "read"]

_NAMES = {st.BSD: "rfc3164", st.ISO: "rfc3339", st.IETF: "rfc5424"}
_EPOCH = datetime(1970, 1, 1)
_CUT = -2
_REASONS = {
    st.NONE: "no time stamp, and no record before it to belong to",
    st.BAD: "its time stamp is no date or time that exists",
    _CUT: "the file is cut off in it",
}

# What RFC 3164 calls HEADER and MSG, after the stamp: host, then the tag up to "[pid]" or ":".
# RE2 is at its fastest where each next character leaves one way to go on, and with four groups
# at most: hence the pid keeps its brackets, and the message what follows them.
_USUAL = r"^(:*[^\s:]+(?::+[^\s:]+)*) ([^\s\[:]+)(\[[^\]\s]*\]|:)((?s:.*))$"
# A line written straight to the socket names no host.
_NO_HOST = r"^()([^\s\[:]+)(\[[^\]\s]*\]|:)((?s::?\s.*))$"
# "last message repeated 3 times", "-- MARK --": no program.
_NO_TAG = r"^(\S+)()() ((?s:.*))$"
# RFC 5424: HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG
_IETF = (
    r"^(\S+) (\S+) (\S+) \S+ "
    r'(?:-|(?:\[(?:[^"\]]|"(?:[^"\\]|\\(?s:.))*")*\])+)(?s: ?\x{FEFF}?(.*))$'
)
_BLANKS = "' ' || chr(9) || chr(10)"
_TAGGED = re.compile(rb"(?:\S+ )?[^\s\[:]+(?:\[[^\]\s]*\]|:)")
_SHARE = 0.2
_LOOK = 50  # lines
_FIELDS = "['host', 'tag', 'pid', 'message']"


def looks_like(head: Bytes, *, cut: bool) -> bool:
    """Whether the first lines of a file are those of a syslog daemon.

    The first line that is not empty has a stamp, or one line in five does; and where stamps are
    in the form that other programs use, too, one line in five goes on with host and tag.

    Args:
        head: the first bytes of the file.
        cut: whether there are more.
    """
    bounds = split(head)
    if len(bounds) < 2:
        return False
    found = st.read(head, bounds)
    solid = np.diff(bounds) > 1
    if cut and len(solid) > 1:
        solid[-1] = False
    stamped = found.kind[solid] != st.NONE
    if not stamped.any() or not (stamped[0] or stamped.mean() >= _SHARE):
        return False
    # Many programs stamp their own logs as RFC 3339 has it; a syslog daemon writes host and tag.
    own = np.flatnonzero(solid & (found.kind == st.ISO))[:_LOOK]
    tagged = [_TAGGED.match(head[bounds[i] + found.body[i] : bounds[i + 1]].tobytes()) for i in own]
    others = bool(np.isin(found.kind[solid], (st.BSD, st.IETF)).any())
    return others or sum(map(bool, tagged)) >= _SHARE * len(own)


def _records(kind: npt.NDArray[np.int8]) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return the first line of each record, and whether it is a row.

    Lines without a stamp join the row before them; they are rejects of their own at the start
    of a chunk (that is: of the file) and after a line whose stamp is impossible.
    """
    stamped = kind != st.NONE
    latest = np.maximum.accumulate(np.where(stamped, np.arange(len(kind)), -1))
    joins = ~stamped & (latest >= 0) & (kind[latest] > 0)
    firsts = np.flatnonzero(~joins).astype(np.int64)
    return firsts, kind[firsts] > 0


def _begins(data: Bytes, bounds: Ints) -> npt.NDArray[np.bool_]:
    return np.asarray(st.read(data, bounds).kind != st.NONE)


def read(source: Source, sink: Sink) -> Tally:
    """Read a text log into Syslog."""
    zone, zone_name = source.zone
    years, kinds, unzoned = _survey(source)
    tally = Tally("+".join(_NAMES[kind] for kind in kinds), "Syslog")
    tally.zone = zone_name if unzoned else ""
    tally.assumed += [years.why] if years.why else []
    tally.assumed += [f"zone {zone_name}"] if unzoned else []
    programs: dict[str, str] = {}
    for chunk in chunks(source.data, _begins):
        found = st.read(chunk.data, chunk.bounds)
        if source.cut and chunk.last and chunk.data[-1] != 10 and found.kind[-1] == st.NONE:
            found.kind[-1] = _CUT  # it may be a record's first part: not to be joined
        local = st.days(years.of(found), found.month, found.day) * st.DAY + found.clock
        utc = local - found.offset
        naive = np.flatnonzero((found.kind > 0) & ~found.zoned)
        utc[naive] = to_utc(local[naive], zone)
        _write(chunk, found, utc, source, sink, tally, programs)
        sink.tick(chunk.offset + len(chunk.data), tally.lines)
    return tally


def _survey(source: Source) -> tuple[Years, list[int], bool]:
    """Read all stamps once: for the years, what kinds there are, and whether any lacks a zone."""
    years, kinds, unzoned = Years(), Counter[int](), False
    for chunk in chunks(source.data):
        found = st.read(chunk.data, chunk.bounds)
        years.scan(found)
        values, amounts = np.unique(found.kind, return_counts=True)
        kinds.update(dict(zip(values.tolist(), amounts.tolist(), strict=True)))
        unzoned |= bool(((found.kind > 0) & ~found.zoned).any())
    years.settle(source.options.year, source.changed)
    return years, [kind for kind, _ in kinds.most_common() if kind > 0], unzoned


def _write(
    chunk: Chunk,
    found: st.Stamps,
    utc: Ints,
    source: Source,
    sink: Sink,
    tally: Tally,
    programs: dict[str, str],
) -> None:
    firsts, row = _records(found.kind)
    data, bounds = plain(chunk.data, chunk.bounds)
    starts, ends = bounds[firsts], np.append(bounds[firsts[1:]], bounds[-1])
    ends = trimmed(data, starts, ends)
    numbers = pa.array(firsts + chunk.first)
    sink.store(numbers, blobs(chunk.data, np.append(chunk.bounds[firsts], chunk.bounds[-1])))
    tally.lines += len(chunk)
    tally.joined += len(chunk) - len(firsts)
    rows = firsts[row]
    if len(rows) < len(firsts):
        odd = pa.array(~row)
        reasons = [_REASONS[kind] for kind in found.kind[firsts[~row]].tolist()]
        text = pc.cast(pieces(data, starts[~row], ends[~row]), pa.large_string())
        sink.reject(numbers.filter(odd), text, pa.array(reasons))
        tally.rejected += int((~row).sum())
        numbers = numbers.filter(pa.array(row))
    if not len(rows):
        return
    batch = pa.table(
        {
            "line": numbers,
            "body": pc.cast(
                pieces(data, np.minimum(starts[row] + found.body[rows], ends[row]), ends[row]),
                pa.large_string(),
            ),
            "kind": found.kind[rows],
            "priority": found.priority[rows],
            "time": pa.array(utc[rows], pa.timestamp("us")),
            "returns": np.full(len(rows), (chunk.data == 13).any()),
        }
    )
    several = chunk.first > 1 or not chunk.last
    sink.later(_insert, batch, tally, programs if several else None)
    tally.rows += len(batch)
    tally.saw(
        *(_EPOCH + timedelta(microseconds=int(t)) for t in (utc[rows].min(), utc[rows].max()))
    )


def _insert(batch: Batch) -> None:
    con = batch.con
    con.register("syslog_batch", batch.table)
    con.execute(_parsed(batch.named, bool(pc.any(batch.table["returns"]).as_py())))
    con.unregister("syslog_batch")
    hosts = con.execute(
        "SELECT file, host, count(*) FROM syslog_parts GROUP BY ALL ORDER BY file, min(line)"
    ).fetchall()
    for file, host, amount in hosts:
        party, tally = batch.parties[file], batch.tally(file)
        tally.hosts[host or party.host] += amount
        if host is None and party.host:
            tally.assume(f"host {party.host} for lines that name none")
    _repeats(batch)
    facilities = _case(FACILITIES, "priority // 8")
    severities = _case(SEVERITIES, "priority % 8")
    con.execute(
        f"""INSERT INTO main.Syslog BY NAME
        SELECT time AS TimeGenerated, time AS EventTime, Computer, Computer AS HostName,
            CASE WHEN priority >= 0 THEN {facilities}
                WHEN starts_with(message, 'pam_') THEN 'authpriv'
                ELSE coalesce(facility, 'daemon') END AS Facility,
            CASE WHEN priority >= 0 THEN {severities} END AS SeverityLevel,
            tag AS ProcessName, pid AS ProcessID, message AS SyslogMessage, 'Syslog' AS Type,
            {batch.item()} AS _ItemId
        FROM (SELECT *, coalesce(host, {batch.host}) AS Computer FROM syslog_parts)
        LEFT JOIN program_table ON program = {base_sql("tag")}"""
    )


def _case(names: tuple[str, ...], number: str) -> str:
    return f"[{', '.join(quoted(name) for name in names)}][{number} + 1]"


def _parsed(named: str, returns: bool) -> str:
    """Return the SQL that takes lines apart: temporary table ``syslog_parts``."""
    body = "replace(body, chr(13) || chr(10), chr(10))" if returns else "body"
    null = "nullif(nullif({}, ''), '-')"
    return f"""CREATE OR REPLACE TEMP TABLE syslog_parts AS
    WITH bodies AS (
        SELECT {named}line, time, priority, kind, {body} AS body FROM syslog_batch
    ), usual AS (
        SELECT *, CASE WHEN kind = {st.IETF} THEN regexp_extract(body, '{_IETF}', {_FIELDS})
            ELSE regexp_extract(body, '{_USUAL}', {_FIELDS}) END AS part
        FROM bodies
    ), parts AS (
        SELECT {named}line, time, priority, kind, CASE
            WHEN part.host <> '' THEN part
            WHEN regexp_matches(body, '{_NO_HOST}')
                THEN regexp_extract(body, '{_NO_HOST}', {_FIELDS})
            WHEN regexp_matches(body, '{_NO_TAG}')
                THEN regexp_extract(body, '{_NO_TAG}', {_FIELDS})
            ELSE {{'host': '', 'tag': '', 'pid': '', 'message': body}} END AS part
        FROM usual
    )
    SELECT {named}line, time, priority, {null.format("part.host")} AS host,
        {null.format("part.tag")} AS tag, TRY_CAST(trim(part.pid, '[]') AS INTEGER) AS pid,
        nullif(ltrim(CASE
            WHEN kind <> {st.IETF} AND starts_with(part.message, ':') AND part.pid <> ':'
            THEN substr(part.message, 2) ELSE part.message END, {_BLANKS}), '') AS message
    FROM parts"""


def _repeats(batch: Batch) -> None:
    """Give "last message repeated n times" the program of the host's line before it.

    Files of several chunks carry the last program of each host from chunk to chunk.
    """
    con = batch.con
    repeats = count(
        con,
        "SELECT count(*) FROM syslog_parts WHERE tag IS NULL AND starts_with(message, 'last mess')",
    )
    several = {file: p.carried for file, p in batch.parties.items() if p.carried is not None}
    if repeats:
        carried = [(f, host, tag) for f, tags in several.items() for host, tag in tags.items()]
        con.register(
            "carried",
            pa.table(
                {
                    "file": pa.array([file for file, _, _ in carried], pa.int32()),
                    "line": pa.array([0] * len(carried), pa.int64()),
                    "host": pa.array([host for _, host, _ in carried], pa.string()),
                    "tag": pa.array([tag for _, _, tag in carried], pa.string()),
                }
            ),
        )
        con.execute(
            """UPDATE syslog_parts SET tag = before.tag FROM (
                SELECT file, line, message, last_value(tag IGNORE NULLS) OVER (
                    PARTITION BY file, host ORDER BY line) AS tag
                FROM (SELECT file, line, host, tag, message FROM syslog_parts
                    UNION ALL SELECT file, line, host, tag, NULL FROM carried)
            ) AS before
            WHERE syslog_parts.file = before.file AND syslog_parts.line = before.line
                AND syslog_parts.tag IS NULL
                AND starts_with(syslog_parts.message, 'last message repeated ')"""
        )
        con.unregister("carried")
    if not several:
        return
    latest = con.execute(
        "SELECT file, host, arg_max(tag, line) FROM syslog_parts"
        " WHERE tag IS NOT NULL AND host IS NOT NULL GROUP BY file, host"
    ).fetchall()
    for file, host, tag in latest:
        if file in several:
            several[file][host] = tag
