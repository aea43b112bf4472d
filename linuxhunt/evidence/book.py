"""The account while it is being kept: which files are known, and what became of each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb
import numpy as np
import pandas as pd

from linuxhunt.evidence.lines import Bytes
from linuxhunt.evidence.model import Tally
from linuxhunt.evidence.tree import Item, Opened
from linuxhunt.schema import STR, TABLES, TIME

__all__ = ["ALREADY", "Book", "sha256"]

ALREADY = "in the case already: nothing added"


@dataclass
class Book:
    """The account of one ingest.

    Attributes:
        con: the case.
        hostname: what the analyst said.
    """

    con: duckdb.DuckDBPyConnection
    hostname: str | None
    _known: dict[str, set[str | None]] = field(default_factory=dict)
    _rows: list[tuple[int, bool, dict[str, object], Tally]] = field(default_factory=list)
    _places: int = 0

    def __post_init__(self) -> None:
        for path, sha in self.con.execute(
            "SELECT FilePath, SHA256 FROM main.LinuxEvidence_CL"
        ).fetchall():
            self._known.setdefault(path, set()).add(sha)

    def __len__(self) -> int:
        return len(self._rows)

    def place(self) -> int:
        """Return the place of the next file in the account."""
        self._places += 1
        return self._places

    def prefix(self, path: str, sha: str | None) -> str | None:
        """Return what record ids begin with; None where the case has this very file."""
        there = self._known.setdefault(path, set())
        if sha in there:
            return None
        prefix = f"{path}#{sha[:8]}" if there and sha else path
        there.add(sha)
        return prefix

    def note(
        self,
        item: Item,
        opened: Opened | None,
        tally: Tally,
        sha: str | None = None,
        prefix: str | None = None,
        stored: bool = True,
        place: int = 0,
    ) -> None:
        """Put a file into the account, and into the case's unless it is there."""
        if opened is not None and sha is None:
            sha = sha256(opened.found)
        if prefix is None and stored:
            prefix = self.prefix(item.path, sha)
            stored = prefix is not None
            if not stored:
                tally.assumed.append(ALREADY)
        row: dict[str, object] = {
            "TimeGenerated": datetime.now(UTC).replace(tzinfo=None),
            "FilePath": item.path,
            "SHA256": sha,
            "FileSize": len(opened.found) if opened else None,
            "Compression": opened.compression if opened else None,
            "Type": "LinuxEvidence_CL",
            "_ItemId": f"{prefix or item.path}:0",
        }
        self._rows.append((place or self.place(), stored, row, tally))

    def finish(self) -> pd.DataFrame:
        """Write the account to the case, and return it; all tallies must be whole."""
        self._rows.sort(key=lambda row: row[0])
        frame = _frame([row | self._said(tally) for _, _, row, tally in self._rows])
        fresh = frame.loc[np.array([stored for _, stored, _, _ in self._rows], np.bool_)]
        self.con.register(
            "account",
            fresh.assign(
                **{
                    name: fresh[name].dt.tz_localize(None)
                    for name, kind in TABLES["LinuxEvidence_CL"].items()
                    if kind == "datetime"
                }
            ),
        )
        self.con.execute("INSERT INTO main.LinuxEvidence_CL BY NAME SELECT * FROM account")
        self.con.unregister("account")
        return frame

    def _said(self, tally: Tally) -> dict[str, object]:
        tally.settle()
        hosts = (name for name, _ in tally.hosts.most_common() if name)
        return {
            "Computer": self.hostname or next(hosts, None),
            "Format": tally.format,
            "TargetTable": tally.table or None,
            "LinesRead": tally.lines,
            "RowsWritten": tally.rows,
            "LinesJoined": tally.joined,
            "LinesRejected": tally.rejected,
            "FirstTime": tally.first,
            "LastTime": tally.last,
            "TimeZone": tally.zone or None,
            "Assumptions": "; ".join(tally.assumed) or None,
            "Error": tally.error,
        }


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    kinds = {"string": STR, "long": pd.Int64Dtype()}
    columns = TABLES["LinuxEvidence_CL"]
    frame = pd.DataFrame(rows, columns=list(columns), dtype=object)
    for name, kind in columns.items():
        frame[name] = (
            pd.to_datetime(frame[name], utc=True).astype(TIME)
            if kind == "datetime"
            else frame[name].astype(kinds[kind])
        )
    return frame


def sha256(data: Bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    digest = hashlib.sha256()
    for start in range(0, len(data), 1 << 24):
        digest.update(np.ascontiguousarray(data[start : start + (1 << 24)]).data)
    return digest.hexdigest()
