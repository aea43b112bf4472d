"""One compressed stream to bytes, as far as it goes.

A stream that ends early or is damaged gives what could be read and says why it ended. What
unpacks to far more than a log can (a decompression bomb) is stopped: see :class:`Limits`.
"""

from __future__ import annotations

import bz2
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

import numpy as np
import zstandard

from linuxhunt.evidence.lines import Bytes

__all__ = ["LIMITS", "Limits", "codec", "collect", "copied", "load", "spool"]

_STEP = 8192  # small enough that one step of any of these codecs stays below 256 MB
_BLOCK = 1 << 20
_DAMAGE = (OSError, EOFError, lzma.LZMAError, zlib.error)


@dataclass(frozen=True)
class Limits:
    """When unpacking stops.

    Attributes:
        size: bytes that a member may always have.
        ratio: unpacked to packed, above which a member larger than ``size`` is stopped. Deflate
            reaches 1,032; a repetitive log under xz or zstd more, hence both conditions.
        most: bytes that no member may exceed.
        spare: bytes that stay free on the disk of temporary files.
        depth: archives within archives.
        memory: bytes below which a file is read rather than mapped.
    """

    size: int = 2 << 30
    ratio: float = 1_100
    most: int = 64 << 30
    spare: int = 1 << 30
    depth: int = 5
    memory: int = 64 << 20


LIMITS = Limits()

_CODECS: dict[str, tuple[bytes, Callable[[], Any]]] = {
    "gzip": (b"\x1f\x8b\x08", lambda: zlib.decompressobj(wbits=31)),
    "bzip2": (b"BZh", bz2.BZ2Decompressor),
    "xz": (b"\xfd7zXZ\x00", lzma.LZMADecompressor),
    "zstd": (b"\x28\xb5\x2f\xfd", lambda: zstandard.ZstdDecompressor().decompressobj()),
}


def codec(head: bytes) -> str | None:
    """Return the name of the compression that a file's first bytes tell, if any."""
    return next((name for name, (magic, _) in _CODECS.items() if head.startswith(magic)), None)


def _blocks(name: str, packed: Bytes) -> Iterator[bytes]:
    """Yield what a compressed file unpacks to.

    Raises:
        ValueError: it ends early, or is damaged; everything before has been yielded.
    """
    magic, make = _CODECS[name]
    at, engine, fed = 0, make(), False
    while at < len(packed):
        piece = packed[at : at + _STEP].tobytes()
        try:
            out = engine.decompress(piece)
        except (*_DAMAGE, zstandard.ZstdError) as error:
            raise ValueError(f"{name} stream is damaged ({error})") from None
        fed, at = True, at + len(piece)
        if out:
            yield out
        if engine.eof:
            at -= len(engine.unused_data)
            rest = packed[at : at + 4096].tobytes()
            if not rest.startswith(magic):
                if rest.strip(b"\0"):
                    raise ValueError(f"bytes after the end of the {name} stream were not read")
                return
            engine, fed = make(), False
    if fed:
        raise ValueError(f"{name} stream ends early (truncated)")


def spool(
    name: str, packed: Bytes, folder: Path, limits: Limits = LIMITS
) -> tuple[Bytes, str | None]:
    """Unpack a compressed file.

    Args:
        name: as :func:`codec` gave it.
        packed: the file.
        folder: where what is too large for memory may lie until the ingest ends.
        limits: when to stop.

    Returns:
        The bytes, and why they are not all, if they are not.
    """
    return collect(_blocks(name, packed), len(packed), folder, limits)


def collect(
    blocks: Iterator[bytes], packed: int, folder: Path, limits: Limits = LIMITS
) -> tuple[Bytes, str | None]:
    """Gather blocks in memory, or on disk where they are many, within the limits."""
    held: list[bytes] = []
    size, problem = 0, None
    out: Any = None
    try:
        for block in blocks:
            size += len(block)
            problem = _too_much(size, packed, folder, limits)
            if problem:
                size -= len(block)
                break
            if out is None and size > limits.memory:
                out = NamedTemporaryFile(dir=folder, delete=False)  # noqa: SIM115
                out.writelines(held)
                held.clear()
            if out is None:
                held.append(block)
            else:
                out.write(block)
    except ValueError as error:
        problem = f"{error}; {size:,} bytes of it were read"
    if out is None:
        return np.frombuffer(b"".join(held), np.uint8), problem
    out.close()
    data = load(Path(out.name), limits)
    with suppress(OSError):  # where the system lets a mapped file go before it is unmapped
        Path(out.name).unlink()
    return data, problem


def _too_much(size: int, packed: int, folder: Path, limits: Limits) -> str | None:
    if size > limits.most or (size > limits.size and size > limits.ratio * max(packed, 1)):
        return f"unpacks to more than {size:,} bytes from {packed:,}: stopped as a bomb"
    if size > limits.memory and shutil.disk_usage(folder).free < limits.spare:
        return f"no room on the disk of temporary files ({folder.parent}) to unpack more"
    return None


def load(path: Path, limits: Limits = LIMITS) -> Bytes:
    """Return a file's bytes; large ones are mapped.

    Raises:
        OSError: it cannot be read.
    """
    if path.stat().st_size <= limits.memory:
        return np.fromfile(path, np.uint8)
    return np.memmap(path, np.uint8, "r")


def copied(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield a stream in blocks.

    Raises:
        ValueError: it ends early, or is damaged.
    """
    while True:
        try:
            block = stream.read(_BLOCK)
        except (*_DAMAGE, zipfile.BadZipFile, ValueError) as error:
            raise ValueError(f"member is damaged ({error})") from None
        if not block:
            return
        yield block
