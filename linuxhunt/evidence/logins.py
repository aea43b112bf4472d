"""wtmp, btmp and utmp (login records), and lastlog (each user's last login).

Layouts: ``struct utmp`` and ``struct lastlog`` of glibc (utmp.h, bits/utmp.h). On x86_64 and
other systems with 32-bit compatible records utmp has 384 bytes and lastlog 292; on arm64 and
others with 64-bit times, 400 and 296. The files have no magic, so every field that cannot hold
just anything is checked. lastlog is sparse: a record's place is its user's uid, and record
number n is that of uid n - 1.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.evidence.case import Sink, count
from linuxhunt.evidence.lines import Bytes, Ints, blobs
from linuxhunt.evidence.model import Source, Tally

__all__ = ["RECORD_TYPES", "is_lastlog", "is_utmp", "read_lastlog", "read_utmp", "record_size"]

RECORD_TYPES = (
    *("EMPTY", "RUN_LVL", "BOOT_TIME", "NEW_TIME", "OLD_TIME", "INIT_PROCESS"),
    *("LOGIN_PROCESS", "USER_PROCESS", "DEAD_PROCESS", "ACCOUNTING"),
)
"""ut_type by number, in the words of utmp.h."""

_COMMON = [
    *(("type", "<i2"), ("pad", "<i2"), ("pid", "<i4"), ("line", "S32"), ("id", "S4")),
    *(("user", "S32"), ("host", "S256"), ("termination", "<i2"), ("exit", "<i2")),
]
_UTMP = np.dtype(
    [
        *_COMMON,
        ("session", "<i4"),
        ("sec", "<i4"),
        ("usec", "<i4"),
        ("addr", "u1", 16),
        ("unused", "V20"),
    ]
)
_UTMP64 = np.dtype(
    [
        *_COMMON,
        ("session", "<i8"),
        ("sec", "<i8"),
        ("usec", "<i8"),
        ("addr", "u1", 16),
        ("unused", "V24"),
    ]
)
_LASTLOG = np.dtype([("sec", "<u4"), ("line", "S32"), ("host", "S256")])
_LASTLOG64 = np.dtype([("sec", "<u8"), ("line", "S32"), ("host", "S256")])
_LOOK = 64  # records
_HEAD = _LOOK * 400  # bytes
_SINCE, _UNTIL = 315_532_800, 4_102_444_800  # 1980 to 2100


def _text(values: np.ndarray) -> bool:
    """Whether fields of a record hold text up to their first NUL."""
    allowed = np.isin(np.arange(256), [*range(32, 127), *range(128, 256), 0, 9])
    raw = np.ascontiguousarray(values).view(np.uint8)
    return bool(allowed[raw].all())


def _utmp(head: Bytes) -> np.dtype | None:
    for dtype in (_UTMP, _UTMP64):
        amount = min(len(head) // dtype.itemsize, _LOOK)
        if not amount:
            continue
        records = head[: amount * dtype.itemsize].view(dtype)
        used = records[records["type"] > 0]
        if not len(used) or not ((records["type"] >= 0) & (records["type"] <= 9)).all():
            continue
        when = used["sec"].astype(np.int64) & 0xFFFFFFFF
        timed = ((when == 0) | ((when > _SINCE) & (when < _UNTIL))).all() and (when > 0).any()
        plain = ((used["usec"] >= 0) & (used["usec"] < 1_000_000)).all() and (
            used["pid"] >= 0
        ).all()
        if timed and plain and all(_text(used[name]) for name in ("line", "user", "host")):
            return dtype
    return None


def is_utmp(head: Bytes) -> bool:
    """Whether a file's first bytes are login records."""
    return _utmp(head) is not None


def _lastlog(data: Bytes) -> np.dtype | None:
    for dtype in (_LASTLOG, _LASTLOG64):
        if not len(data) or len(data) % dtype.itemsize:
            continue
        records = np.asarray(data).view(dtype)
        used = records[_used(data, dtype.itemsize)]
        if not len(used):
            continue
        when = used["sec"].astype(np.int64)
        if (
            ((when > _SINCE) & (when < _UNTIL)).all()
            and _text(used["line"])
            and _text(used["host"])
        ):
            return dtype
    return None


def _used(data: Bytes, size: int) -> Ints:
    solid = np.flatnonzero(np.asarray(data))
    return np.unique(solid // size)


def is_lastlog(data: Bytes) -> bool:
    """Whether a file is a lastlog."""
    return _lastlog(data) is not None


def record_size(format_: str, data: Bytes) -> int:
    """Return the bytes of one record of a file that was recognised as ``format_``."""
    dtype = _lastlog(data) if format_ == "lastlog" else _utmp(data[:_HEAD])
    return dtype.itemsize if dtype is not None else 0


def _strings(values: np.ndarray) -> list[str | None]:
    return [
        value.split(b"\0", 1)[0].decode("utf-8", "backslashreplace") or None for value in values
    ]


def _address(raw: Sequence[int]) -> str | None:
    packed = bytes(raw)
    if not any(packed):
        return None
    return str(ipaddress.ip_address(packed if any(packed[4:]) else packed[:4]))


def read_utmp(source: Source, sink: Sink) -> Tally:
    """Read login records into LinuxLogin_CL; which of the three files it is, its name says."""
    dtype = _utmp(source.data[:_HEAD]) or _UTMP
    name = next((n for n in ("btmp", "utmp") if n in source.name.lower()), "wtmp")
    whole = len(source.data) // dtype.itemsize * dtype.itemsize
    records = np.asarray(source.data[:whole]).view(dtype)
    tally = Tally(name, "LinuxLogin_CL", lines=len(records))
    numbers = np.arange(1, len(records) + 1)
    _store(source.data, dtype.itemsize, numbers, sink)
    if whole < len(source.data):
        tally.lines += 1
        tally.rejected += 1
        rest = source.data[whole:].tobytes().decode("utf-8", "backslashreplace")
        reason = f"the last record ends after {len(source.data) - whole} bytes of {dtype.itemsize}"
        sink.reject(*(pa.array([v]) for v in (len(records) + 1, rest.replace("\0", ""), reason)))
    # ut_tv is unsigned in newer glibc, and a negative time makes no sense here.
    seconds = records["sec"].astype(np.int64) & 0xFFFFFFFF
    odd = (records["type"] < 0) | (records["type"] > 9)
    frame = pd.DataFrame(
        {
            "number": numbers,
            "TimeGenerated": seconds * 1_000_000 + np.clip(records["usec"], 0, 999_999),
            "Source": name,
            "RecordType": np.array([*RECORD_TYPES, None], object)[
                np.where(odd, 10, records["type"])
            ],
            "ProcessID": records["pid"].astype(np.int64),
            "Line": _strings(records["line"]),
            "Id": _strings(records["id"]),
            "UserName": _strings(records["user"]),
            "UserId": pd.array([None] * len(records), "Int64"),
            "HostName": _strings(records["host"]),
            "SrcIpAddr": [_address(raw) for raw in records["addr"]],
            "SessionID": records["session"].astype(np.int64),
            "ExitTermination": records["termination"].astype(np.int32),
            "ExitStatus": records["exit"].astype(np.int32),
        }
    )
    return _insert(frame, odd, source, sink, tally)


def read_lastlog(source: Source, sink: Sink) -> Tally:
    """Read each user's last login into LinuxLogin_CL; names are those of the host's etc/passwd."""
    dtype = _lastlog(source.data) or _LASTLOG
    used = _used(source.data, dtype.itemsize)
    records = np.asarray(source.data).view(dtype)[used]
    tally = Tally("lastlog", "LinuxLogin_CL", lines=len(records))
    _store(source.data, dtype.itemsize, used + 1, sink)
    users = source.facts.users
    frame = pd.DataFrame(
        {
            "number": used + 1,
            "TimeGenerated": records["sec"].astype(np.int64) * 1_000_000,
            "Source": "lastlog",
            "RecordType": None,
            "ProcessID": pd.array([None] * len(used), "Int64"),
            "Line": _strings(records["line"]),
            "Id": None,
            "UserName": [users.get(int(uid)) for uid in used],
            "UserId": pd.array(used, "Int64"),
            "HostName": _strings(records["host"]),
            "SrcIpAddr": [_literal(host) for host in _strings(records["host"])],
            "SessionID": pd.array([None] * len(used), "Int64"),
            "ExitTermination": pd.array([None] * len(used), "Int32"),
            "ExitStatus": pd.array([None] * len(used), "Int32"),
        }
    )
    return _insert(frame, np.zeros(len(used), bool), source, sink, tally)


def _literal(host: str | None) -> str | None:
    try:
        return str(ipaddress.ip_address(host)) if host else None
    except ValueError:
        return None


def _store(data: Bytes, size: int, numbers: Ints, sink: Sink) -> None:
    amount = -(-len(data) // size)
    bounds = np.minimum(np.arange(amount + 1, dtype=np.int64) * size, len(data))
    every = blobs(np.ascontiguousarray(data), bounds)
    places = np.append(numbers - 1, [amount - 1] if len(data) % size else []).astype(np.int64)
    sink.store(pa.array(places + 1), every.take(pa.array(places)))


def _insert(
    frame: pd.DataFrame, odd: np.ndarray, source: Source, sink: Sink, tally: Tally
) -> Tally:
    if odd.any():
        lines = pa.array(frame.loc[odd, "number"])
        nothing = pa.nulls(len(lines), pa.string())
        sink.reject(lines, nothing, pa.array(["ut_type is none of 0 to 9"] * len(lines)))
        tally.rejected += int(odd.sum())
    columns = ", ".join(
        f'"{name}"' for name in frame.columns if name not in ("number", "TimeGenerated")
    )
    frame = frame[~odd].assign(Computer=pd.array([source.host] * int((~odd).sum()), "string"))
    for name in ("Line", "Id", "UserName", "HostName", "SrcIpAddr", "RecordType"):
        frame[name] = frame[name].astype("string")
    sink.con.register("batch", pa.Table.from_pandas(frame, preserve_index=False))
    tally.rows = count(
        sink.con,
        f"""INSERT INTO main.LinuxLogin_CL BY NAME
        SELECT make_timestamp(nullif(TimeGenerated, 0)) AS TimeGenerated, Computer, {columns},
            'LinuxLogin_CL' AS Type, {sink.item("number")} AS _ItemId
        FROM batch ORDER BY number""",
    )
    sink.con.unregister("batch")
    timed = frame.loc[frame["TimeGenerated"] > 0, "TimeGenerated"] // 1_000_000
    if len(timed):
        tally.saw_seconds(int(timed.min()), int(timed.max()))
    tally.hosts[source.host] += tally.rows
    return tally
