"""Cases made on the way: where they are kept, and when one that was made before still holds."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

__all__ = ["cache_folder", "case_of", "is_case", "sample_folder"]

_KEPT_DAYS = 30
_FORMAT = "2"  # counts up when the same evidence would give other rows


def cache_folder() -> Path:
    """Return the folder that is this user's alone, made where it is not there."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "linuxhunt"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)  # also where it was there before
    return folder


def is_case(path: Path) -> bool:
    """Tell whether a file is a DuckDB file, by its magic bytes at offset 8."""
    try:
        with path.open("rb") as file:
            return file.read(12)[8:] == b"DUCK"
    except OSError:  # a folder, or without rights: whoever reads evidence says which
        return False


def sample_folder(seed: int = 1) -> Path:
    """Return the sample incident's folder, written when it is first needed."""
    folder = cache_folder() / f"sample-{_FORMAT}-{seed}"
    if not (folder / "truth.json").is_file():
        from linuxhunt.evidence.sample import write_sample

        write_sample(folder, seed=seed)
    return folder


def case_of(
    sources: Sequence[Path],
    *,
    keep: bool = True,
    progress: Callable[[Any], None] | None = None,
    **options: Any,
) -> Path:
    """Return a case that holds the evidence, made if none of the same files is kept.

    Args:
        sources: files and folders of evidence.
        keep: whether to keep the case and to use one that was kept.
        progress: told how far it is.
        options: ``year``, ``tz``, ``hostname``, as :func:`linuxhunt.evidence.ingest` takes them.
    """
    if not keep:
        passing = tempfile.mkdtemp(prefix="linuxhunt-")
        atexit.register(shutil.rmtree, passing, ignore_errors=True)
        case = Path(passing) / "case.duckdb"
        _read(sources, case, progress, options)
        return case
    folder = cache_folder() / "cases"
    folder.mkdir(mode=0o700, exist_ok=True)
    case = folder / f"{_key(sources, options)}.duckdb"
    if case.is_file():
        os.utime(case)
        return case
    _forget_old(folder)
    _read(sources, case, progress, options)
    return case


def _read(
    sources: Sequence[Path],
    case: Path,
    progress: Callable[[Any], None] | None,
    options: dict[str, Any],
) -> None:
    """Read evidence into a case; what reads it loads here, as a case that was kept needs none."""
    from linuxhunt.evidence import ingest

    ingest(sources, case, progress=progress, **options)


def _key(sources: Sequence[Path], options: dict[str, Any]) -> str:
    """Name evidence by path, size and time of change of each file, and by how it is read."""
    said = {name: value for name, value in options.items() if value is not None}
    digest = hashlib.sha256(repr((_FORMAT, sorted(said.items()))).encode())
    for source in sources:
        for path in _files(source.resolve()):
            stat = path.lstat()
            digest.update(repr((str(path), stat.st_size, stat.st_mtime_ns)).encode())
    return digest.hexdigest()[:32]


def _files(source: Path) -> Iterator[Path]:
    if not source.is_dir():
        yield source
        return
    for folder, folders, names in os.walk(source):
        folders.sort()
        yield from (Path(folder, name) for name in sorted(names))


def _forget_old(folder: Path) -> None:
    """Remove cases that nobody opened for a month; they can be made again."""
    oldest = time.time() - _KEPT_DAYS * 86_400
    for case in folder.glob("*.duckdb"):
        if case.stat().st_mtime < oldest:
            case.unlink(missing_ok=True)
