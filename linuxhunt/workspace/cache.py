"""Answers that cannot change any more, kept so that running a cell again asks nothing.

An answer is kept where its window is closed: its end lies further back than rows take to arrive
at the workspace. Files lie in the user's own cache folder, readable by nobody else, and the ones
unused for the longest go first when they take too much room.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from linuxhunt.workspace.cases import cache_folder
from linuxhunt.workspace.normalise import from_arrow, normalise

__all__ = ["Cache"]

_FORMAT = "1"  # counts up when what is kept is read differently


@dataclass(frozen=True)
class Cache:
    """Answers of one workspace.

    Attributes:
        identity: what tells the workspace from others.
        delay: how long rows take to arrive; a window that ends earlier than that is closed.
        room: bytes that the files of all workspaces may take.
    """

    identity: str
    delay: pd.Timedelta
    room: int

    @property
    def folder(self) -> Path:
        """Where the files are; this user's alone."""
        folder = cache_folder() / "answers"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def closed(self, end: pd.Timestamp) -> bool:
        """Tell whether no more rows will arrive for a window that ends then."""
        return end <= pd.Timestamp.now(tz="UTC") - self.delay

    def get(self, kql: str, columns: Mapping[str, str]) -> pd.DataFrame | None:
        """Return the rows that a query brought before, or None."""
        path = self._path(kql)
        try:
            with path.open("rb") as file:
                table = pq.read_table(file)
            os.utime(path)  # unused for the longest goes first
        except FileNotFoundError:
            return None
        except (OSError, pa.ArrowException):  # cut short, or not ours
            path.unlink(missing_ok=True)
            return None
        return normalise(from_arrow(table), columns)

    def put(self, kql: str, rows: pd.DataFrame) -> None:
        """Keep the rows of a query; a disk that is full keeps nothing."""
        path = self._path(kql)
        handle, name = tempfile.mkstemp(dir=self.folder)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), file)
            os.replace(name, path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            return
        self._make_room()

    def forget(self, queries: Iterable[str]) -> None:
        """Remove the rows of queries."""
        for kql in queries:
            self._path(kql).unlink(missing_ok=True)

    def _path(self, kql: str) -> Path:
        key = hashlib.sha256("\0".join((_FORMAT, self.identity, kql)).encode()).hexdigest()
        return self.folder / f"{key[:40]}.parquet"

    def _make_room(self) -> None:
        held = []
        for path in self.folder.glob("*"):
            with contextlib.suppress(FileNotFoundError):  # another process made room, too
                stat = path.stat()
                held.append((stat.st_mtime_ns, stat.st_size, path))
        taken = sum(size for _, size, _ in held)
        for _, size, path in sorted(held):
            if taken <= self.room:
                return
            path.unlink(missing_ok=True)
            taken -= size
