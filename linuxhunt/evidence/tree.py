"""Folders and archives as one tree of files.

Nothing is ever extracted to a path that an archive names: members are read as streams, so a
name such as ``../../etc/passwd`` is a name and nothing else. Symbolic links are not followed.
"""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from linuxhunt.errors import SourceError
from linuxhunt.evidence.lines import Bytes
from linuxhunt.evidence.unpack import LIMITS, Limits, codec, collect, copied, load, spool

__all__ = ["Item", "Opened", "items", "members", "opened"]


@dataclass(frozen=True)
class Item:
    """A file that is there, not yet read.

    Attributes:
        path: under the evidence root; archive members after ``!``.
        read: gives its bytes, and why they are not all.
        changed: when it was last changed.
        link: where it points to, for a symbolic link.
        skip: why it is not read at all.
    """

    path: str
    read: Callable[[], tuple[Bytes, str | None]]
    changed: datetime | None = None
    link: str | None = None
    skip: str | None = None


@dataclass(frozen=True)
class Opened:
    """A file's bytes.

    Attributes:
        found: as it was found.
        data: decompressed.
        compression: of ``found``; null where it is not compressed.
        changed: when it was last changed, the compressed stream's own word first.
        problem: why ``data`` is not all of it.
        kind: ``tar`` or ``zip`` for an archive, else empty.
    """

    found: Bytes
    data: Bytes
    compression: str | None
    changed: datetime | None
    problem: str | None
    kind: str


def _nothing() -> tuple[Bytes, str | None]:
    return np.empty(0, np.uint8), None


def _when(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (OverflowError, OSError, ValueError):
        return None


def items(source: Path, limits: Limits = LIMITS) -> list[Item]:
    """List the files of a source: a folder, recursively and by name, or a single file.

    Raises:
        SourceError: there is no such path, or the folder cannot be listed.
    """
    if source.is_file():
        return [_file(source, source.name, source, limits)]
    if not source.is_dir():
        what = "is neither a file nor a folder" if source.exists() else "does not exist"
        raise SourceError(f"{source} {what}: give a file, folder or archive of evidence")
    try:
        os.listdir(source)
    except OSError as error:
        raise SourceError(f"{source} cannot be listed: {error.strerror}") from error
    return list(_folder(source, limits))


def _folder(root: Path, limits: Limits) -> Iterator[Item]:
    broken: list[OSError] = []
    for folder, names, files in os.walk(root, onerror=broken.append):
        names.sort()
        here = Path(folder)
        for name in sorted(files + [name for name in names if (here / name).is_symlink()]):
            yield _file(here / name, (here / name).relative_to(root).as_posix(), root, limits)
    for error in broken:
        path = Path(os.fsdecode(error.filename)).relative_to(root).as_posix()
        yield Item(path, _nothing, skip=f"folder cannot be listed: {error.strerror}")


def _file(path: Path, name: str, root: Path, limits: Limits) -> Item:
    name = os.fsencode(name).decode("utf-8", "backslashreplace")
    try:
        status = path.stat() if path == root else path.lstat()
        if stat.S_ISLNK(status.st_mode):
            return Item(name, _nothing, link=os.readlink(path), skip="symbolic link, not followed")
        if not stat.S_ISREG(status.st_mode):
            return Item(name, _nothing, skip="no regular file (device, pipe or socket)")
    except OSError as error:
        return Item(name, _nothing, skip=f"cannot be read: {error.strerror}")
    return Item(name, lambda: (load(path, limits), None), _when(status.st_mtime))


def opened(item: Item, folder: Path, limits: Limits = LIMITS) -> Opened:
    """Read a file, and decompress it where it is compressed.

    Raises:
        OSError: it cannot be read.
    """
    found, problem = item.read()
    data, changed = found, item.changed
    compression = codec(found[:8].tobytes())
    if compression == "gzip":
        changed = _when(int.from_bytes(found[4:8].tobytes(), "little")) or changed
    if compression:
        data, trouble = spool(compression, found, folder, limits)
        problem = problem or trouble
    return Opened(found, data, compression, changed, problem, _archive(data))


def _archive(data: Bytes) -> str:
    head = data[:512].tobytes()
    if head[:4] in (b"PK\3\4", b"PK\5\6"):
        return "zip"
    if len(head) == 512 and head[0]:
        try:  # checks the header's sum, so that old archives without a magic are seen as well
            tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            return ""
        return "tar"
    return ""


def members(
    kind: str, data: Bytes, path: str, folder: Path, limits: Limits = LIMITS
) -> tuple[list[Item], str | None]:
    """List the members of an archive, and say why the list is not whole, if it is not."""
    return (_tar if kind == "tar" else _zip)(data, path, folder, limits)


def _name(name: str) -> str:
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return name.removeprefix("./")


def _tar(data: Bytes, path: str, folder: Path, limits: Limits) -> tuple[list[Item], str | None]:
    found: list[Item] = []
    problem = None
    try:
        archive = tarfile.TarFile(fileobj=io.BufferedReader(_Window(data)))
        for member in archive:
            if member.isdir():
                continue
            name, when = f"{path}!{_name(member.name)}", _when(member.mtime)
            if member.issym() or member.islnk():
                why = "link, not followed"
                found.append(Item(name, _nothing, when, link=member.linkname, skip=why))
            elif not member.isfile():
                found.append(Item(name, _nothing, when, skip="no regular file"))
            else:
                found.append(Item(name, _tar_reader(archive, member, data, folder, limits), when))
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        problem = f"tar archive ends early or is damaged ({error})"
    return found, problem


def _tar_reader(
    archive: tarfile.TarFile, member: tarfile.TarInfo, data: Bytes, folder: Path, limits: Limits
) -> Callable[[], tuple[Bytes, str | None]]:
    def read() -> tuple[Bytes, str | None]:
        if member.issparse():
            stream = archive.extractfile(member)
            blocks = copied(stream) if stream else iter(())
            return collect(blocks, len(data), folder, limits)
        piece = data[member.offset_data : member.offset_data + member.size]
        short = member.size - len(piece)
        return piece, f"archive ends {short:,} bytes before this member does" if short else None

    return read


class _Window(io.RawIOBase):
    """The bytes of an archive as a file to seek in, without a copy."""

    def __init__(self, data: Bytes) -> None:
        self._data, self._at = data, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._data[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece.tobytes()
        self._at += len(piece)
        return len(piece)


def _zip(data: Bytes, path: str, folder: Path, limits: Limits) -> tuple[list[Item], str | None]:
    found: list[Item] = []
    try:
        archive = zipfile.ZipFile(io.BufferedReader(_Window(data)))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        return [], f"zip archive ends early or is damaged ({error})"
    for member in archive.infolist():
        if member.is_dir():
            continue
        name = f"{path}!{_name(member.filename)}"
        try:
            when = datetime(*member.date_time, tzinfo=UTC)
        except ValueError:
            when = None
        mode = member.external_attr >> 16
        skip = "encrypted: unpack it with its password first" if member.flag_bits & 1 else None
        if stat.S_ISLNK(mode):
            skip = "link, not followed"
        found.append(Item(name, _zip_reader(archive, member, folder, limits), when, skip=skip))
    return found, None


def _zip_reader(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, limits: Limits
) -> Callable[[], tuple[Bytes, str | None]]:
    def read() -> tuple[Bytes, str | None]:
        try:
            stream = archive.open(member)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            return np.empty(0, np.uint8), f"zip member cannot be read ({error})"
        with stream:
            return collect(copied(stream), member.compress_size, folder, limits)

    return read
