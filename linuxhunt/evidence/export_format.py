"""systemd's journal export format: its fields, found without a loop over lines.

Source: systemd's "Journal Export Formats". An entry is a run of fields that an empty line ends.
A field is ``NAME=value`` on one line or, where the value is not plain text, ``NAME``, a line
end, the value's length as 64 bits little endian, the value, a line end. Only fields of the
latter form are visited one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linuxhunt.evidence.lines import CHUNK, Bytes, Ints, blobs, escaped, pieces, split

__all__ = ["Entries", "entries"]


@dataclass(frozen=True)
class Entries:
    """A run of entries.

    Attributes:
        fields: ``entry`` (from 0), ``key``, ``value`` as text, in the order of the file.
        raw: the bytes of each entry, with the empty line that ends it.
        lines: number of the line that each entry begins on, from 1.
        end: how many bytes of the file are done.
        amount: how many lines these entries have.
        broken: of the last entry, why it is not whole; empty where it is.
    """

    fields: pa.Table
    raw: pa.Array
    lines: Ints
    end: int
    amount: int
    broken: str


def entries(data: Bytes, keys: list[str], size: int | None = None) -> Iterator[Entries]:
    """Read an export, some entries at a time.

    Args:
        data: the file.
        keys: the fields that are wanted.
        size: bytes to read at a time (default :data:`linuxhunt.evidence.lines.CHUNK`).
    """
    offset, line = 0, 1
    size = size or CHUNK
    while offset < len(data):
        end = offset + size
        while True:
            piece = np.ascontiguousarray(data[offset:end])
            found = _entries(piece, keys, line, offset, end >= len(data))
            if found is not None:
                break
            end += size  # an entry longer than this
        yield found
        offset, line = found.end, line + found.amount


def _binary(piece: Bytes, starts: Ints, ends: Ints, plain: np.ndarray) -> tuple[list[Ints], str]:
    """Return (line, value start, value end) of binary fields, and what is wrong with the last."""
    fields: list[Ints] = []
    at = 0
    for number in np.flatnonzero(~plain & (ends > starts)):
        if starts[number] < at:
            continue  # inside the value of the field before
        begin = int(ends[number]) + 9
        if begin > len(piece):
            return fields, "a binary field ends early"
        stop = begin + int.from_bytes(piece[begin - 8 : begin].tobytes(), "little")
        if stop >= len(piece) or piece[stop] != 10:
            return fields, "a binary field is not as long as it says, or ends early"
        fields.append(np.array([number, begin, stop], np.int64))
        at = stop + 1
    return fields, ""


def _entries(piece: Bytes, keys: list[str], first: int, offset: int, last: bool) -> Entries | None:
    bounds = split(piece)
    starts = bounds[:-1]
    ends = bounds[1:] - (piece[bounds[1:] - 1] == 10)
    signs = np.append(np.flatnonzero(piece == 61), len(piece))
    sign = signs[np.searchsorted(signs, starts)]
    plain = sign < ends
    binary, broken = _binary(piece, starts, ends, plain)
    table = np.array(binary, np.int64).reshape(-1, 3)
    covered = np.zeros(len(starts) + 1, np.int64)  # lines that lie inside a binary field
    np.add.at(covered, table[:, 0] + 1, 1)
    np.add.at(covered, np.searchsorted(starts, table[:, 2], "right"), -1)
    free = np.cumsum(covered[:-1]) == 0
    blank = np.flatnonzero(free & (ends == starts))
    if broken:
        # What follows the broken field cannot be told apart: the entry ends the run.
        reached = np.flatnonzero(
            ~plain & free & (ends > starts) & ~np.isin(np.arange(len(starts)), table[:, 0])
        )[0]
        blank = blank[blank < reached]
        free &= np.arange(len(starts)) < reached
    if not last:
        if not len(blank):
            return None
        stop, broken = int(blank[-1]) + 1, ""
    else:
        stop = len(starts)
    breaks = blank[blank < stop]
    begin = np.append(0, breaks + 1)
    begin = begin[begin < stop]
    size = int(bounds[stop])
    entry = np.searchsorted(begin, np.arange(len(starts)), "right") - 1
    rows = np.flatnonzero(free & plain & (np.arange(len(starts)) < stop))
    table = table[table[:, 0] < stop]
    fields = _fields(piece, starts, ends, sign, rows, table, entry, keys)
    raw = blobs(piece[:size], np.append(bounds[begin], size))
    return Entries(fields, raw, begin + first, offset + size, stop, broken if last else "")


def _fields(
    piece: Bytes,
    starts: Ints,
    ends: Ints,
    sign: Ints,
    rows: Ints,
    table: Ints,
    entry: Ints,
    keys: list[str],
) -> pa.Table:
    names = pc.cast(_safe(pieces(piece, starts[rows], sign[rows])), pa.string())
    wanted = pc.is_in(names, pa.array(keys))
    picked = rows[np.asarray(wanted)]
    values = _safe(pieces(piece, sign[picked] + 1, ends[picked]))
    odd = [
        (int(entry[number]), _text(piece[starts[number] : ends[number]]), _text(piece[begin:stop]))
        for number, begin, stop in table
    ]
    odd = [row for row in odd if row[1] in keys]
    return pa.table(
        {
            "entry": pa.concat_arrays(
                [pa.array(entry[picked]), pa.array([row[0] for row in odd], pa.int64())]
            ),
            "key": pa.concat_arrays(
                [names.filter(wanted), pa.array([row[1] for row in odd], pa.string())]
            ),
            "value": pa.concat_arrays(
                [values, pa.array([row[2] for row in odd], pa.large_string())]
            ),
        }
    )


def _text(data: Bytes) -> str:
    return escaped(data).tobytes().decode()


def _safe(values: pa.Array) -> pa.Array:
    """Binary to text; a damaged file's plain fields may hold what is not UTF-8."""
    try:
        return pc.cast(values, pa.large_string())
    except pa.ArrowInvalid:
        texts = [_text(np.frombuffer(v or b"", np.uint8)) for v in values.to_pylist()]
        return pa.array(texts, pa.large_string())
