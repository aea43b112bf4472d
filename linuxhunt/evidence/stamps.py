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
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_CODES = np.array([int.from_bytes(name.encode()) for name in _MONTHS])
_ORDER = np.argsort(_CODES)


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
        body: how many characters of the line's text come before the host name.
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
    head = windows[starts]
    priority, body, versioned = _priorities(head)
    moved = np.flatnonzero(body)
    if len(moved):
        head[moved] = windows[starts[moved] + body[moved]]
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
    return out


def _after_nuls(data: Bytes, bounds: Ints) -> Ints:
    starts = bounds[:-1].copy()
    bom = data[:3].tobytes() == b"\xef\xbb\xbf"
    nul = data[starts] == 0
    if nul.any():
        solid = np.append(np.flatnonzero(data != 0), len(data))
        starts[nul] = np.minimum(solid[np.searchsorted(solid, starts[nul])], bounds[1:][nul] - 1)
    if bom and len(starts):
        starts[0] = min(3, int(bounds[1]) - 1)
    return starts


def _digits(head: Bytes, *columns: int) -> npt.NDArray[np.bool_]:
    good = np.ones(len(head), np.bool_)
    for column in columns:
        good &= (head[:, column] >= 48) & (head[:, column] <= 57)
    return good


def _number(head: Bytes, *columns: int) -> Ints:
    value = np.zeros(len(head), np.int64)
    for column in columns:
        value = value * 10 + (head[:, column].astype(np.int64) - 48)
    return value


def _priorities(head: Bytes) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Read ``<N>`` and the version of RFC 5424; return priority, length, whether versioned."""
    priority = np.full(len(head), -1, np.int64)
    length = np.zeros(len(head), np.int64)
    versioned = np.zeros(len(head), np.bool_)
    if not (head[:, 0] == 60).any():
        return priority, length, versioned
    for width in (1, 2, 3):
        columns = range(1, 1 + width)
        fits = (head[:, 0] == 60) & (head[:, width + 1] == 62) & _digits(head, *columns)
        value = _number(head, *columns)
        fits &= value <= 191
        priority = np.where(fits, value, priority)
        length = np.where(fits, width + 2, length)
        ietf = fits & (head[:, width + 2] == 49) & (head[:, width + 3] == 32)
        versioned |= ietf
        length = np.where(ietf, width + 4, length)
    return priority, length, versioned


def _time_of_day(head: Bytes, at: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
    hour, minute, second = (_number(head, at + i, at + i + 1) for i in (0, 3, 6))
    sound = (hour < 24) & (minute < 60) & (second <= 60)  # 60: a leap second
    return ((hour * 60 + minute) * 60 + second) * SECOND, sound


def _fraction(head: Bytes, at: int) -> tuple[Ints, Ints]:
    """Read ``.ddd`` at a column; return microseconds and where the fraction ends."""
    micros = np.zeros(len(head), np.int64)
    end = np.full(len(head), at, np.int64)
    going = np.isin(head[:, at], (44, 46)) & _digits(head, at + 1)
    end[going] += 1
    scale = 100_000
    for column in range(at + 1, at + 10):
        going = going & _digits(head, column)
        micros += np.where(going, (head[:, column].astype(np.int64) - 48) * scale, 0)
        end[going] += 1
        scale //= 10
    return micros, end


def _at(head: Bytes, column: Ints) -> npt.NDArray[np.int64]:
    return np.take_along_axis(head, column[:, None], 1)[:, 0].astype(np.int64)


def _bsd(head: Bytes, out: Stamps, allowed: npt.NDArray[np.bool_]) -> None:
    code = (head[:, 0].astype(np.int64) << 16) | (head[:, 1].astype(np.int64) << 8) | head[:, 2]
    place = _ORDER[np.minimum(np.searchsorted(_CODES, code, sorter=_ORDER), 11)]
    fits = allowed & (_CODES[place] == code) & (head[:, 3] == 32) & (head[:, 6] == 32)
    fits &= (head[:, 9] == 58) & (head[:, 12] == 58) & ((head[:, 4] == 32) | _digits(head, 4))
    fits &= _digits(head, 5, 7, 8, 10, 11, 13, 14)
    rows = np.flatnonzero(fits)
    if not len(rows):
        return
    head = head[rows]
    micros, end = _fraction(head, 15)
    after = _at(head, end)
    sound = (after == 32) | (after == 58)
    rows, head, micros, end = rows[sound], head[sound], micros[sound], end[sound]
    month = place[rows] + 1
    day = _number(np.where(head == 32, 48, head).astype(np.uint8), 4, 5)
    clock, valid = _time_of_day(head, 7)
    valid &= (day >= 1) & (day <= _MONTH_DAYS[month])
    out.kind[rows] = np.where(valid, BSD, BAD)
    out.month[rows], out.day[rows], out.clock[rows] = month, day, clock + micros
    out.body[rows] += end + 1


def _iso(head: Bytes, out: Stamps, versioned: npt.NDArray[np.bool_]) -> None:
    fits = (head[:, 4] == 45) & (head[:, 7] == 45) & (head[:, 10] == 84)
    fits &= (head[:, 13] == 58) & (head[:, 16] == 58)
    fits &= _digits(head, 0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
    rows = np.flatnonzero(fits)
    if not len(rows):
        return
    head = head[rows]
    micros, end = _fraction(head, 19)
    sign = _at(head, end)
    signed = (sign == 43) | (sign == 45)
    colon = _at(head, end + 3) == 58
    gap = np.where(colon, 4, 3)
    zone = np.stack([_at(head, end + 1), _at(head, end + 2), _at(head, end + gap)], 1) - 48
    zone = np.column_stack([zone, _at(head, end + gap + 1) - 48])
    numeric = ((zone >= 0) & (zone <= 9)).all(1)
    seconds = (zone @ np.array([10, 1, 0, 0])) * 3600 + (zone @ np.array([0, 0, 10, 1])) * 60
    zulu = (sign == 90) | (sign == 122)
    zoned = zulu | (signed & numeric)
    end += np.where(zulu, 1, np.where(signed & numeric, gap + 2, 0))
    ended = _at(head, end) == 32
    year, month, day = (_number(head, *c) for c in ((0, 1, 2, 3), (5, 6), (8, 9)))
    clock, valid = _time_of_day(head, 11)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    valid &= (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1900) & (year < 2262)
    valid &= day <= _MONTH_DAYS[np.clip(month, 0, 12)] - ((month == 2) & ~leap)
    kind = np.where(valid, np.where(versioned[rows], IETF, ISO), BAD)
    out.kind[rows] = np.where(ended, kind, NONE)
    out.year[rows], out.month[rows], out.day[rows] = year, month, day
    out.clock[rows] = clock + micros
    out.offset[rows] = np.where(signed & numeric, np.where(sign == 45, -1, 1) * seconds, 0) * SECOND
    out.zoned[rows] = zoned
    out.body[rows] += end + 1
