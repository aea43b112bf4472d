"""What a file is, told from its content and never from its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from linuxhunt.evidence import (
    answers,
    audit,
    captures,
    delimited,
    flow_logs,
    flows,
    journal,
    jsons,
    logins,
    objects,
    sockets,
    syslog,
)
from linuxhunt.evidence.case import Sink
from linuxhunt.evidence.lines import Bytes
from linuxhunt.evidence.model import UNKNOWN_BINARY, UNKNOWN_TEXT, Source, Tally

__all__ = ["Format", "Refused", "recognise"]

_HEAD = 1 << 18
_BY_LINES = ("syslog", "audit", "csv", "jsonl", "zeek-tsv", "zeek-json")


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Attributes:
        name: in the account, until the reader says it more exactly.
        read: reads one file into the case.
        hostless: whether records name no host, so that the logs around are asked for it.
        whole: whether the case keeps the bytes, so that the file can be put together again.
        told: the table whose RawData and a line end are the bytes of lines that are not kept
            beside it.
    """

    name: str
    read: Callable[[Source, Sink], Tally]
    hostless: bool = False
    whole: bool = True
    told: str | None = None


@dataclass(frozen=True)
class Refused:
    """A file that is not read.

    Attributes:
        name: what it seems to be.
        reason: why it is not read.
    """

    name: str
    reason: str


_FORMATS = {
    format_.name: format_
    for format_ in (
        Format("syslog", syslog.read),
        Format("audit", audit.read, hostless=True, told=audit.TABLE),
        Format("journal-json", journal.read_json),
        Format("journal-export", journal.read_export),
        Format("journal", journal.read_binary, whole=False),
        Format("wtmp", logins.read_utmp, hostless=True),
        Format("lastlog", logins.read_lastlog, hostless=True),
        Format("zeek-tsv", flows.read_tsv, hostless=True),
        Format("zeek-json", flows.read_json, hostless=True),
        Format("pcap", captures.read, hostless=True, whole=False),
        Format("flow-log", flow_logs.read),
        Format("sockets", sockets.read, hostless=True),
        Format("csv", delimited.read),
        Format("jsonl", objects.read_jsonl),
        Format("json", objects.read_json),
        Format("json-answer", answers.read),
        Format("json-objects", answers.read_laid_out),
        Format("parquet", objects.read_parquet, whole=False),
    )
}


def recognise(data: Bytes) -> Format | Refused:
    """Tell what a file is.

    Args:
        data: its bytes, decompressed, UTF-16 already turned into UTF-8.
    """
    head = np.ascontiguousarray(data[:_HEAD])
    if len(head) and not head.any() and _binary(head, data) is None:
        head = _behind_nuls(data)
    text = head.tobytes().lstrip(b"\0").removeprefix(b"\xef\xbb\xbf")
    name = _binary(head, data) or _text(text, head)
    if name in _BY_LINES and b"\n" not in text and text.rstrip(b"\r").count(b"\r") > 1:
        return Refused(name, "lines end in CR alone, as old Macs have it: make them LF")
    return _FORMATS[name] if name else _refused(text, head)


def _behind_nuls(data: Bytes) -> Bytes:
    """Return the head of what stands behind NULs, which a crash leaves where a log was to be."""
    for at in range(0, len(data), _HEAD):
        solid = np.flatnonzero(data[at : at + _HEAD])
        if len(solid):
            begin = at + int(solid[0])
            return np.ascontiguousarray(data[begin : begin + _HEAD])
    return np.ascontiguousarray(data[:_HEAD])


def _binary(head: Bytes, data: Bytes) -> str | None:
    start = head[:16].tobytes()
    if start.startswith(journal.MAGIC):
        return "journal"
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(captures.MAGICS):
        return "pcap"
    # Login records hold NULs, and any byte of them may look like text: they come before text.
    if not (head == 0).any():
        return None
    if logins.is_utmp(head):
        return "wtmp"
    return "lastlog" if logins.is_lastlog(data) else None


def _refused(text: bytes, head: Bytes) -> Refused:
    if head[8:12].tobytes() == b"DUCK":
        return Refused("duckdb", "a DuckDB file: give a case as a source of its own")
    if not text.strip(b"\0 \t\r\n"):
        return Refused("unknown", "nothing but blanks or NUL bytes")
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Refused("utf-16", "UTF-16 that ends inside a character, or is damaged")
    if head[:400].any() and _is_wide(head):
        return Refused("utf-16", "UTF-16 without its mark: convert it to UTF-8")
    if text.startswith(b"#separator"):
        return Refused("zeek", "a Zeek log other than conn.log")
    if re.match(rb"[^\n]*TableName\s*\n-+(?: +-+)*\s*\n", text):
        return Refused("az-table", "a table laid out for people: have az print it with -o json")
    why = delimited.reason(text)
    if why:
        return Refused("csv", why)
    return Refused("unknown", UNKNOWN_BINARY if b"\0" in text[:4096] else UNKNOWN_TEXT)


def _is_wide(head: Bytes) -> bool:
    """Whether every other byte is NUL, as in UTF-16 of plain text."""
    pairs = head[: min(len(head), 4096) // 2 * 2].reshape(-1, 2) == 0
    shares = pairs.mean(axis=0)
    return bool(len(pairs) > 8 and shares.max() > 0.9 and shares.min() < 0.1)


def _text(text: bytes, head: Bytes) -> str | None:
    if flows.is_tsv(text):
        return "zeek-tsv"
    if flow_logs.looks_like(text):
        return "flow-log"
    if answers.is_answer(text):
        return "json-answer"
    if text.lstrip()[:1] == b"{":
        first = jsons.first_object(text)
        if first is None:
            return None
        if "__REALTIME_TIMESTAMP" in first:
            return "journal-json"
        if flows.is_json(first):
            return "zeek-json"
        if not objects.is_row(first):
            return None
        return "json-objects" if answers.is_laid_out(text) else "jsonl"
    if text.lstrip()[:1] == b"[" and objects.is_array(text):
        return "json"
    if journal.is_export(text):
        return "journal-export"
    if audit.looks_like(text):
        return "audit"
    if syslog.looks_like(head, cut=len(head) == _HEAD):
        return "syslog"
    if sockets.looks_like(text):
        return "sockets"
    return "csv" if delimited.is_csv(text) else None
