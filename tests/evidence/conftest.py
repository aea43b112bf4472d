from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from linuxhunt.evidence import Account, ingest

CHANGED = 1_772_366_400  # 2026-03-01 12:00:00 UTC


@dataclass(frozen=True)
class Read:
    """A case that was made from files, and what was said about them."""

    case: Path
    account: Account
    con: duckdb.DuckDBPyConnection

    def rows(self, table: str, *columns: str) -> list[dict[str, Any]]:
        """All rows of a table in the order of their file, without columns that are null."""
        listed = ", ".join(f'"{c}"' for c in columns) or "*"
        found = self.con.execute(
            f"""SELECT {listed} FROM {table}
            ORDER BY regexp_extract(_ItemId, '(?s)^(.*):', 1),
                regexp_extract(_ItemId, '(\\d+)$', 1)::BIGINT"""
        )
        names = [column[0] for column in found.description]
        return [
            {n: v for n, v in zip(names, row, strict=True) if v is not None}
            for row in found.fetchall()
        ]

    def counts(self) -> list[tuple[str, str, int, int, int, int]]:
        """Path, format, lines, rows, joined and rejected lines of each file."""
        columns = ["FilePath", "Format", "LinesRead", "RowsWritten", "LinesJoined", "LinesRejected"]
        return [tuple(row) for row in self.account.files[columns].itertuples(index=False)]


def lay(root: Path, files: dict[str, bytes], changed: int = CHANGED) -> Path:
    """Write files under a folder, all last changed at one time."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (changed, changed))
    return root


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Callable[..., Read]]:
    """Ingest files, given as name to content, with the options of ingest."""
    open_: list[duckdb.DuckDBPyConnection] = []

    def run(files: dict[str, bytes], changed: int = CHANGED, **options: Any) -> Read:
        root = lay(tmp_path / "evidence", files, changed)
        case = tmp_path / "case.duckdb"
        account = ingest([root], case, **options)
        open_.append(duckdb.connect(str(case), read_only=True))
        return Read(case, account, open_[-1])

    yield run
    for con in open_:
        con.close()
