r"""Bytes to lines: where each line begins and ends, and its text, without touching a byte.

Lines end at ``\n`` and nowhere else. Text is the bytes as UTF-8; a byte that is not UTF-8 is
written ``\xNN``, and so is a NUL, except that NULs which begin a line (what a crash leaves in
a file) are left out of the text. The raw bytes are kept beside it as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "CHUNK",
    "Bytes",
    "Chunk",
    "Ints",
    "blobs",
    "chunks",
    "escaped",
    "pieces",
    "split",
    "texts",
    "told",
]

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Begins = Callable[[Bytes, Ints], npt.NDArray[np.bool_]]

CHUNK = 32 << 20
"""Bytes that are parsed at a time; memory in use is some ten times this."""

_LEADING_NULS = re.compile(rb"(?m)^\x00+")


@dataclass(frozen=True)
class Chunk:
    """A run of whole lines of one file.

    Attributes:
        data: the bytes.
        bounds: where lines begin; one more entry than there are lines, the last is the end.
        first: number of the first line in its file, from 1.
        offset: where the chunk begins in its file.
        last: whether the file ends here.
    """

    data: Bytes
    bounds: Ints
    first: int
    offset: int
    last: bool

    def __len__(self) -> int:
        return len(self.bounds) - 1


def split(data: Bytes) -> Ints:
    """Return where each line begins, and the end of the last one."""
    ends = np.flatnonzero(data == 10).astype(np.int64) + 1
    tail = [] if (len(ends) and ends[-1] == len(data)) or not len(data) else [len(data)]
    return np.concatenate([[0], ends, tail]).astype(np.int64)


def chunks(
    data: Bytes, begins: Begins | None = None, size: int | None = None, *, tail: bool = True
) -> Iterator[Chunk]:
    """Cut a file into runs of whole records of about ``size`` bytes (default :data:`CHUNK`).

    Args:
        data: the file.
        begins: tells for each of some lines (their bytes, where they begin) whether it begins a
            record; without it every line does.
        size: bytes.
        tail: whether ``begins`` can tell from some lines at the end, without those before.
    """
    offset, first = 0, 1
    size = size or CHUNK
    while offset < len(data):
        end = offset + size
        while True:
            piece = np.ascontiguousarray(data[offset:end])
            bounds = split(piece)
            last = end >= len(data)
            keep = len(bounds) - 1 if last else _whole(piece, bounds, begins, tail)
            if keep:
                break
            end += end - offset  # a record longer than this; by doubling, so that time is linear
        piece, bounds = piece[: bounds[keep]], bounds[: keep + 1]
        yield Chunk(piece, bounds, first, offset, last)
        first += keep
        offset += len(piece)


def _whole(piece: Bytes, bounds: Ints, begins: Begins | None, tail: bool) -> int:
    """Return how many lines come before the last record, which may go on in the next chunk."""
    lines = len(bounds) - 1
    if begins is None:
        return lines if piece[-1] == 10 else lines - 1
    for look in (256, lines) if tail else (lines,):
        start = max(lines - look, 0)
        found = np.flatnonzero(begins(piece[bounds[start] :], bounds[start:] - bounds[start]))
        if len(found) and start + found[-1] > 0:
            return int(start + found[-1])
    return 0


def blobs(data: Bytes, bounds: Ints) -> pa.Array:
    """Return ``data[bounds[i]:bounds[i + 1]]`` as an Arrow binary array over the same memory."""
    return pa.Array.from_buffers(
        pa.large_binary(),
        len(bounds) - 1,
        [None, pa.py_buffer(np.ascontiguousarray(bounds, np.int64)), pa.py_buffer(data)],
    )


def pieces(data: Bytes, starts: Ints, ends: Ints) -> pa.Array:
    """Return ``data[starts[i]:ends[i]]`` as an Arrow binary array; spans in order, none overlap."""
    if not len(starts):
        return pa.array([], pa.large_binary())
    bounds = np.empty(2 * len(starts), np.int64)
    bounds[0::2], bounds[1::2] = starts, ends
    every = blobs(data, bounds)
    return every.take(pa.array(np.arange(0, len(bounds), 2)))


def escaped(data: Bytes) -> Bytes:
    r"""Return the bytes as UTF-8 text: what is not UTF-8, and NUL, written ``\xNN``."""
    text = _LEADING_NULS.sub(b"", data.tobytes())
    text = text.decode("utf-8", "backslashreplace").replace("\0", "\\x00").encode()
    return np.frombuffer(text, np.uint8)


def plain(data: Bytes, bounds: Ints) -> tuple[Bytes, Ints]:
    """Return the text of a chunk's lines as UTF-8, and where each begins in it.

    Args:
        data: the bytes of a chunk.
        bounds: where its lines begin, as :func:`split` gives it.
    """
    if not (data == 0).any():
        try:
            pc.cast(blobs(data, bounds[[0, -1]]), pa.large_string())
            return data, bounds
        except pa.ArrowInvalid:
            pass  # a byte that is not UTF-8: the slower way
    text = escaped(data)
    # Escaping neither adds nor removes a line end, so lines keep their numbers. A last line of
    # nothing but NULs loses all of its bytes, yet stays a line.
    fresh = split(text)
    missing = len(bounds) - len(fresh)
    return text, np.concatenate([fresh, np.full(max(missing, 0), len(text), np.int64)])


def trimmed(data: Bytes, starts: Ints, ends: Ints) -> Ints:
    r"""Return the ends of spans without the line ends (``\n``, ``\r``) at their end."""
    ends = ends.copy()
    rows = np.arange(len(ends))
    while len(rows):
        rows = rows[ends[rows] > starts[rows]]
        last = data[ends[rows] - 1]
        rows = rows[(last == 10) | (last == 13)]
        ends[rows] -= 1
    return ends


def texts(data: Bytes, bounds: Ints) -> pa.Array:
    """Return the text of each line, without its line end, as an Arrow string array."""
    data, bounds = plain(data, bounds)
    ends = trimmed(data, bounds[:-1], bounds[1:])
    return pc.cast(pieces(data, bounds[:-1], ends), pa.large_string())


def told(data: Bytes, bounds: Ints) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    r"""Return what :func:`texts` does, and whether that and ``\n`` are all bytes of the line."""
    clean, starts = plain(data, bounds)
    ends = trimmed(clean, starts[:-1], starts[1:])
    text = pc.cast(pieces(clean, starts[:-1], ends), pa.large_string())
    if clean is data:  # nothing was escaped: only the line ends can differ
        lasts = bounds[1:] - 1
        return text, (ends == lasts) & (data[lasts] == 10)
    empty, end = (pa.scalar(part, pa.large_binary()) for part in (b"", b"\n"))
    again = pc.binary_join_element_wise(pc.cast(text, pa.large_binary()), empty, end)
    return text, pc.equal(again, blobs(data, bounds)).to_numpy(zero_copy_only=False)


def shown(data: Bytes) -> str:
    """Return the text of one record, for people; very long ones are cut."""
    return escaped(data[:65_536]).tobytes().decode()
