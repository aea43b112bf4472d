"""The header of a record as auditd writes it today, read by position.

Nearly all records begin ``type=SYSCALL msg=audit(1551485405.594:7507): `` and go on with a word.
Where every sign of that stands is known but for the lengths of the type and the serial number, so
eight bytes of many lines at once, taken as one number each, tell what an expression would, in a
fifth of its time. Lines that begin otherwise are left to the expression.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Usual", "usual"]

_PART = 1 << 16
_LONGEST = 24
"""Bytes of a type's name; of longer ones the expression reads the header."""
_WINDOW = 5 + _LONGEST + 50

_Words = npt.NDArray[np.uint64]
_Ints = npt.NDArray[np.int64]


def _word(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text, "little"))


# what stands there, and which bytes of the eight it is
_TYPE = _word(b"type="), _word(b"\xff" * 5)
_MSG = _word(b" msg=aud")
_STAMP = _word(b"it("), _word(b"\xff" * 3)
_POINTS = _word(b"\0\0.\0\0\0:\0"), _word(b"\0\0\xff\0\0\0\xff\0")
_AFTER = _word(b"): "), _word(b"\xff" * 3)
_NEXT = np.uint64(24), np.uint64(0xFF), np.uint64(0x20)

_TWO, _THREE, _FILL = _word(b"\xff\xff"), _word(b"\0\0\0\xff\xff\xff"), _word(b"000")
_CLOSED, _ONES, _TOPS = _word(b")" * 8), _word(b"\1" * 8), _word(b"\x80" * 8)
_ZEROS, _HIGH, _SIXES = _word(b"0" * 8), _word(b"\xf0" * 8), _word(b"\6" * 8)
_SHIFTS = np.array([0, 56, 48, 40, 32, 24, 16, 8, 0], np.uint64)
_FILLS = np.array([0, *(int(_word(b"0" * (8 - n))) for n in range(1, 9))], np.uint64)
_QUARTERS = _word(b"\xff\0\0\0" * 2)
_MILLIONS, _TENTHS = np.uint64(0x000F424000000064), np.uint64(0x0000271000000001)
_NAME = re.compile(r"[A-Za-z0-9_\[\]-]*").fullmatch


@dataclass(frozen=True)
class Usual:
    """What the header of each line says; of an unusual one nothing.

    Attributes:
        size: bytes of the header, 0 for an unusual one.
        ms: milliseconds since 1970.
        serial: serial number.
        type: names of types, as a dictionary array; "" for an unusual one.
    """

    size: _Ints
    ms: _Ints
    serial: _Ints
    type: pa.DictionaryArray


def usual(lines: pa.Array | pa.ChunkedArray) -> Usual:
    """Read the headers of lines, which are ``large_string`` without nulls."""
    chunks = lines.chunks if isinstance(lines, pa.ChunkedArray) else [lines]
    lengths = list(range(1, _LONGEST + 1))
    parts = [
        _part(chunk[start : start + _PART], lengths)
        for chunk in chunks
        for start in range(0, len(chunk), _PART)
    ]
    numbers = [np.empty((3, 0), np.int64), *(found for found, _ in parts)]
    size, ms, serial = np.concatenate(numbers, axis=1)
    none = pa.array([], pa.large_string()).dictionary_encode()
    kinds = pa.chunked_array([none, *(kind for _, kind in parts)])
    return Usual(size, ms, serial, kinds.unify_dictionaries().combine_chunks())


def _part(lines: pa.Array, lengths: list[int]) -> tuple[npt.NDArray[np.int64], pa.DictionaryArray]:
    """Return size, ms and serial of each line, and its type; sort ``lengths`` for the next part."""
    count = len(lines)
    bounds = np.frombuffer(lines.buffers()[1], np.int64)[lines.offset :][: count + 1]
    data = np.frombuffer(lines.buffers()[2] or b"", np.uint8)
    found = np.zeros((3, count), np.int64)
    types = np.repeat(bounds, 2)[:-1]  # begin and end of a type's name, and so on
    at = np.flatnonzero(bounds[:-1] + _WINDOW <= len(data))
    if not len(at):
        return found, _between(lines, types)
    # the number that begins at every byte
    words = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))
    at = at[words[bounds[at]] & _TYPE[1] == _TYPE[0]]
    length = _lengths(words, bounds[at] + 5, lengths)
    at, length = at[length > 0], length[length > 0]
    stamp = bounds[at] + length + 13
    ms, serial, size = _stamps(words, stamp)
    ends = stamp + size
    good = (size > 0) & (ends < bounds[at + 1])
    at = at[good]
    found[:, at] = ends[good] - bounds[at], ms[good], serial[good]
    types[2 * at] += 5
    types[2 * at + 1] = types[2 * at] + length[good]
    kinds = _between(lines, types)
    odd = [n for n, name in enumerate(kinds.dictionary.to_pylist()) if not _NAME(name)]
    if odd:
        rows = np.flatnonzero(np.isin(kinds.indices.to_numpy(), odd))
        found[:, rows] = 0
        types[2 * rows + 1] = types[2 * rows]
        kinds = _between(lines, types)
    return found, kinds


def _between(lines: pa.Array, bounds: _Ints) -> pa.DictionaryArray:
    """Return what stands between every second bound and the next."""
    both = pa.LargeStringArray.from_buffers(
        len(bounds) - 1, pa.py_buffer(bounds), lines.buffers()[2]
    )
    return both.take(pa.array(np.arange(0, len(bounds) - 1, 2))).dictionary_encode()


def _lengths(words: _Words, begins: _Ints, lengths: list[int]) -> _Ints:
    """Return how many bytes come before `` msg=aud``; 0 where it does not come."""
    found = np.zeros(len(begins), np.int64)
    left, counts = np.arange(len(begins)), dict.fromkeys(lengths, 0)
    for length in lengths:
        if not len(left):
            break
        here = words[begins[left] + length] == _MSG
        found[left[here]] = length
        counts[length] = int(np.count_nonzero(here))
        left = left[~here]
    lengths.sort(key=counts.__getitem__, reverse=True)
    return found


def _stamps(words: _Words, at: _Ints) -> tuple[_Ints, _Ints, _Ints]:
    """Read ``it(1551485405.594:7507): ``; return ms, serial and its size, 0 where it is not so."""
    first, second, third = words[at + 3], words[at + 11], words[at + 18]
    good = words[at] & _STAMP[1] == _STAMP[0]
    good &= _digits(first) & (second & _POINTS[1] == _POINTS[0])
    tail = (second & _TWO) << np.uint64(24) | (second & _THREE) << np.uint64(16) | _FILL
    good &= _digits(tail)
    ms = _value(first) * 100_000 + _value(tail)
    long, many = _run(third)
    good &= long > 0
    serial = _value(many)
    more = np.flatnonzero(good & (long == 8))
    if len(more):
        rest, few = _run(words[at[more] + 26])
        good[more] &= (rest >= 0) & (rest <= 2)
        rest = np.clip(rest, 0, 2)
        serial[more] = serial[more] * 10**rest + np.where(rest > 0, _value(few), 0)
        long[more] += rest
    after = words[at + 18 + long]
    good &= after & _AFTER[1] == _AFTER[0]
    good &= after >> _NEXT[0] & _NEXT[1] > _NEXT[2]  # a blank would belong to the header
    return ms, serial, np.where(good, 21 + long, 0)


def _run(words: _Words) -> tuple[_Ints, _Words]:
    """Return how many digits come before ``)``, and these as eight; 8 where it does not come.

    -1 where something else than digits comes before it.
    """
    other = words ^ _CLOSED
    zero = (other - _ONES) & ~other & _TOPS  # its lowest bit is that of the first )
    lowest = zero & (~zero + np.uint64(1))
    place = np.log2(np.maximum(lowest, np.uint64(1)).astype(np.float64)).astype(np.int64) >> 3
    long = np.where(zero == 0, 8, place)
    eight = words << _SHIFTS[long] | _FILLS[long]
    return np.where(_digits(eight) | (long == 0), long, -1), eight


def _digits(words: _Words) -> npt.NDArray[np.bool_]:
    """Tell where all eight bytes are digits."""
    good: npt.NDArray[np.bool_] = (words & _HIGH == _ZEROS) & ((words + _SIXES) & _HIGH == _ZEROS)
    return good


def _value(words: _Words) -> _Ints:
    """Return the number that eight digits are: pairs of them, fours, all."""
    pairs = words - _ZEROS
    pairs = pairs * np.uint64(10) + (pairs >> np.uint64(8))
    first = (pairs & _QUARTERS) * _MILLIONS
    second = (pairs >> np.uint64(16) & _QUARTERS) * _TENTHS
    return (first + second >> np.uint64(32)).astype(np.int64)
