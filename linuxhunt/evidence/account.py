"""The account of an ingest: what became of every file and every line."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from linuxhunt.evidence.model import UNKNOWN_BINARY, UNKNOWN_TEXT

__all__ = ["Account", "Progress"]

_SHOWN = 12  # files of no known format that are named one by one
_HEADINGS = ("file", "format", "lines", "rows", "joined", "rejected", "first", "last", "notes")


@dataclass(frozen=True)
class Progress:
    """How far an ingest is.

    Attributes:
        path: the file that is being read.
        done: bytes of it that are done, decompressed.
        size: bytes that it has.
        lines: lines of all files so far.
        files: files that are finished.
        seconds: since the ingest began.
    """

    path: str
    done: int
    size: int
    lines: int
    files: int
    seconds: float

    @property
    def rate(self) -> float:
        """Lines a second, since the ingest began."""
        return self.lines / self.seconds if self.seconds > 0 else 0.0

    def __str__(self) -> str:
        share = self.done / self.size if self.size else 1.0
        return (
            f"{self.path}: {share:.0%} of {self.size / 1e6:,.1f} MB · {self.lines:,} lines"
            f" · {self.rate:,.0f} lines/s"
        )


@dataclass(frozen=True)
class Account:
    """What an ingest read.

    Attributes:
        files: one row a file, with the columns of LinuxEvidence_CL; files that were in the case
            already are rows here (RowsWritten 0) but not there.
        seconds: how long it took.
    """

    files: pd.DataFrame
    seconds: float

    @property
    def totals(self) -> dict[str, int]:
        """Files, lines, rows, joined and rejected lines, bytes as found."""
        names = {
            "lines": "LinesRead",
            "rows": "RowsWritten",
            "joined": "LinesJoined",
            "rejected": "LinesRejected",
            "bytes": "FileSize",
        }
        sums = {key: int(self.files[name].fillna(0).sum()) for key, name in names.items()}
        return {"files": len(self.files), **sums}

    @property
    def problems(self) -> pd.DataFrame:
        """The files that could not be read, or not wholly, each with its Error."""
        return self.files[self.files["Error"].notna()].reset_index(drop=True)

    def lines(self) -> list[str]:
        """Return the account as lines of a table, for a terminal."""
        dull = [UNKNOWN_TEXT, UNKNOWN_BINARY]
        unknown = self.files["Error"].isin(dull) | self.files["Format"].isin(["empty", "link"])
        shown = self.files[~unknown | (unknown.cumsum() <= _SHOWN)]
        cells = [_HEADINGS, *(_cells(row) for row in shown.to_dict("records"))]
        widths = [max(len(row[i]) for row in cells) for i in range(len(_HEADINGS) - 1)]
        out = []
        for row in cells:
            left = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
            counts = [cell.rjust(width) for cell, width in zip(row[2:6], widths[2:6], strict=True)]
            times = [cell.ljust(width) for cell, width in zip(row[6:8], widths[6:8], strict=True)]
            out.append("  ".join([*left, *counts, *times, row[8]]).rstrip())
        hidden = len(self.files) - len(shown)
        if hidden:
            out.append(f"and {hidden:,} more files that are no logs known here")
        t = self.totals
        rate = t["lines"] / self.seconds if self.seconds > 0 else 0
        out.append(
            f"{t['files']:,} files, {t['bytes'] / 1e6:,.1f} MB: {t['lines']:,} lines ="
            f" {t['rows']:,} rows + {t['joined']:,} joined + {t['rejected']:,} rejected,"
            f" {self.seconds:,.1f} s ({rate:,.0f} lines/s)"
        )
        return out

    def __str__(self) -> str:
        return "\n".join(self.lines())


def _cells(row: Mapping[Hashable, Any]) -> tuple[str, ...]:
    counts = (row[name] for name in ("LinesRead", "RowsWritten", "LinesJoined", "LinesRejected"))
    times = (row[name] for name in ("FirstTime", "LastTime"))
    format_ = str(row["Format"])
    if isinstance(row["Compression"], str):
        format_ += f" ({row['Compression']})"
    notes = [str(row[name]) for name in ("Error", "Assumptions") if isinstance(row[name], str)]
    return (
        _plain(str(row["FilePath"])),
        format_,
        *(f"{count:,}" for count in counts),
        *("" if pd.isna(time) else f"{time:%Y-%m-%d %H:%M:%S}" for time in times),
        _plain("; ".join(notes)),
    )


def _plain(text: str) -> str:
    """Escape what would steer a terminal: names of files belong to the intruder, too."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
