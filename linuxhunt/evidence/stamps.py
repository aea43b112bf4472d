"""Time stamps that begin log lines, read for a whole chunk at once.

Three shapes, each may follow a priority ``<N>``:

* RFC 3164, ``Mar  1 09:05:00`` (also with a fraction, as ``journalctl -o short-precise``)
* RFC 3339, ``2026-03-01T09:05:00.123456+02:00`` (rsyslog's file format; ``+0200`` or no zone at
  all as in ``journalctl -o short-iso``)
* RFC 5424, ``<34>1 2026-03-01T09:05:00Z``
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linuxhunt.evidence.lines import Bytes, Ints

__all__ = ["BAD", "BSD", "DAY", "IETF", "ISO", "NONE", "SECOND", "Stamps", "days", "read"]

NONE, BSD, ISO, IETF, BAD = 0, 1, 2, 3, -1
"""What a line begins with; BAD is a stamp by its shape, of a time that does not exist."""

SECOND = 1_000_000
DAY = 86_400 * SECOND

_WIDTH = 48
_BOM = b"\xef\xbb\xbf"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_FIRST = np.array([0, *(ord(name[0]) for name in _MONTHS)], np.uint8)
_MONTH_OF = np.zeros(1 << 16, np.int8)
_MONTH_OF[[ord(name[1]) << 8 | ord(name[2]) for name in _MONTHS]] = range(1, 13)


@dataclass(frozen=True)
class Stamps:
    """What each line of a chunk begins with; arrays of one entry a line.

    Attributes:
        kind: NONE, BSD, ISO, IETF or BAD.
        priority: the number in ``<N>``, -1 where there is none.
        year: 0 where the stamp has none.
        month: 1 to 12.
        day: 1 to 31.
        clock: microseconds since midnight, as written.
        offset: what to subtract to get UTC, in microseconds.
        zoned: whether the stamp says its zone.
        body: how many bytes of the line's text come before the host name.
    """

    kind: npt.NDArray[np.int8]
    priority: Ints
    year: Ints
    month: Ints
    day: Ints
    clock: Ints
    offset: Ints
    zoned: npt.NDArray[np.bool_]
    body: Ints


def days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Return days since 1970-01-01 of dates of the Gregorian calendar."""
    y = year - (month <= 2)
    era = y // 400
    in_era = y - era * 400
    in_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    return np.asarray(
        era * 146_097 + in_era * 365 + in_era // 4 - in_era // 100 + in_year - 719_468, np.int64
    )


def read(data: Bytes, bounds: Ints) -> Stamps:
    """Read the stamp that each line begins with.

    Args:
        data: the bytes of a chunk.
        bounds: where its lines begin, and the end.
    """
    starts = _after_nuls(data, bounds)
    padded = np.concatenate([data, np.zeros(2 * _WIDTH, np.uint8)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WIDTH)
    # One row a character, one column a line: every step below runs over contiguous memory.
    head = np.ascontiguousarray(windows[starts].T)
    priority, body, versioned = _priorities(head)
    moved = np.flatnonzero(body)
    if len(moved):
        head[:, moved] = windows[starts[moved] + body[moved]].T
    size = len(starts)
    out = Stamps(
        np.zeros(size, np.int8),
        priority,
        year=np.zeros(size, np.int64),
        month=np.zeros(size, np.int64),
        day=np.zeros(size, np.int64),
        clock=np.zeros(size, np.int64),
        offset=np.zeros(size, np.int64),
        zoned=np.zeros(size, np.bool_),
        body=body,
    )
    _bsd(head, out, ~versioned)
    _iso(head, out, versioned)
    out.kind[versioned & (out.kind == NONE)] = BAD  # RFC 5424 allows "-", which places nothing
    if data[:3].tobytes() == _BOM and size:
        out.body[0] += 3
    return out


def _after_nuls(data: Bytes, bounds: Ints) -> Ints:
    starts = bounds[:-1].copy()
    nul = data[starts] == 0
    if nul.any():
        solid = np.append(np.flatnonzero(data != 0), len(data))
        starts[nul] = np.minimum(solid[np.searchsorted(solid, starts[nul])], bounds[1:][nul] - 1)
    if data[:3].tobytes() == _BOM and len(starts):
        starts[0] = min(3, int(bounds[1]) - 1)
    return starts


def _digits(head: Bytes, *places: int) -> npt.NDArray[np.bool_]:
    good = np.ones(head.shape[1], np.bool_)
    for place in places:
        good &= head[place] - np.uint8(48) < 10  # wraps below "0"
    return good


def _number(head: Bytes, *places: int) -> npt.NDArray[np.int16]:
    value = np.zeros(head.shape[1], np.int16)
    for place in places:
        value = value * 10 + (head[place].astype(np.int16) - 48)
    return value


def _priorities(head: Bytes) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Read ``<N>`` and the version of RFC 5424; return priority, length, whether versioned."""
    priority = np.full(head.shape[1], -1, np.int64)
    length = np.zeros(head.shape[1], np.int64)
    versioned = np.zeros(head.shape[1], np.bool_)
    if not (head[0] == 60).any():
        return priority, length, versioned
    for width in (1, 2, 3):
        columns = range(1, 1 + width)
        fits = (head[0] == 60) & (head[width + 1] == 62) & _digits(head, *columns)
        value = _number(head, *columns).astype(np.int64)
        fits &= value <= 191
        priority = np.where(fits, value, priority)
        length = np.where(fits, width + 2, length)
        ietf = fits & (head[width + 2] == 49) & (head[width + 3] == 32)
        versioned |= ietf
        length = np.where(ietf, width + 4, length)
    return priority, length, versioned


def _time_of_day(head: Bytes, at: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
    hour, minute, second = (_number(head, at + i, at + i + 1) for i in (0, 3, 6))
    sound = (hour < 24) & (minute < 60) & (second <= 60)  # 60: a leap second
    return ((hour.astype(np.int64) * 60 + minute) * 60 + second) * SECOND, sound


def _fraction(head: Bytes, at: int) -> tuple[Ints, Ints]:
    """Read ``.ddd`` at a place; return microseconds and where the fraction ends."""
    micros = np.zeros(head.shape[1], np.int64)
    end = np.full(head.shape[1], at, np.int64)
    going = ((head[at] == 44) | (head[at] == 46)) & _digits(head, at + 1)
    if not going.any():
        return micros, end
    end[going] += 1
    scale = 100_000
    for place in range(at + 1, at + 10):
        going = going & _digits(head, place)
        micros += np.where(going, (head[place].astype(np.int64) - 48) * scale, 0)
        end[going] += 1
        scale //= 10
    return micros, end


def _at(head: Bytes, place: Ints) -> Ints:
    return head[place, np.arange(head.shape[1])].astype(np.int64)


def _only(head: Bytes, rows: npt.NDArray[np.bool_]) -> Bytes:
    return head if rows.all() else head[:, rows]


def _bsd(head: Bytes, out: Stamps, allowed: npt.NDArray[np.bool_]) -> None:
    # The second and third letter tell the month, the first must be its own.
    month = _MONTH_OF[(head[1].astype(np.uint16) << 8) | head[2]]
    fits = allowed & (month > 0) & (_FIRST[month] == head[0]) & (head[3] == 32) & (head[6] == 32)
    fits &= (head[9] == 58) & (head[12] == 58) & ((head[4] == 32) | _digits(head, 4))
    fits &= _digits(head, 5, 7, 8, 10, 11, 13, 14)
    if not fits.any():
        return
    head = _only(head, fits)
    micros, end = _fraction(head, 15)
    after = _at(head, end)
    ended = (after == 32) | (after == 58)
    rows = np.flatnonzero(fits)[ended]
    head, micros, end = _only(head, ended), micros[ended], end[ended]
    month = month[rows]
    tens = np.where(head[4] == 32, 0, head[4].astype(np.int16) - 48)
    day = tens * 10 + _number(head, 5)
    clock, valid = _time_of_day(head, 7)
    valid &= (day >= 1) & (day <= _MONTH_DAYS[month])
    out.kind[rows] = np.where(valid, BSD, BAD)
    out.month[rows], out.day[rows], out.clock[rows] = month, day, clock + micros
    out.body[rows] += end + 1


def _iso(head: Bytes, out: Stamps, versioned: npt.NDArray[np.bool_]) -> None:
    fits = (head[4] == 45) & (head[7] == 45) & (head[10] == 84)
    fits &= (head[13] == 58) & (head[16] == 58)
    fits &= _digits(head, 0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
    if not fits.any():
        return
    rows, head = np.flatnonzero(fits), _only(head, fits)
    micros, end = _fraction(head, 19)
    sign = _at(head, end)
    gap = np.where(_at(head, end + 3) == 58, 4, 3)
    zone = np.stack([_at(head, end + at) - 48 for at in (1, 2, gap, gap + 1)])
    signed = ((sign == 43) | (sign == 45)) & ((zone >= 0) & (zone <= 9)).all(0)
    seconds = (zone[0] * 10 + zone[1]) * 3600 + (zone[2] * 10 + zone[3]) * 60
    zulu = (sign == 90) | (sign == 122)
    end += np.where(zulu, 1, np.where(signed, gap + 2, 0))
    year, month, day = (
        _number(head, *places).astype(np.int64) for places in ((0, 1, 2, 3), (5, 6), (8, 9))
    )
    clock, valid = _time_of_day(head, 11)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    valid &= (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1900) & (year < 2262)
    valid &= day <= _MONTH_DAYS[np.where(valid, month, 0)] - ((month == 2) & ~leap)
    kind = np.where(valid, np.where(versioned[rows], IETF, ISO), BAD)
    out.kind[rows] = np.where(_at(head, end) == 32, kind, NONE)
    out.year[rows], out.month[rows], out.day[rows] = year, month, day
    out.clock[rows] = clock + micros
    out.offset[rows] = np.where(signed, np.where(sign == 45, -1, 1) * seconds, 0) * SECOND
    out.zoned[rows] = zulu | signed
    out.body[rows] += end + 1
