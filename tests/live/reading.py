"""The live host's logs, read through linuxhunt: by the command line and by the package."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from linuxhunt.output import render

from .plan import Row

__all__ = ["KINDS", "by_command", "by_package", "rotate", "with_login_records"]

KINDS = ("auth", "logons", "sessions", "sudo", "cron", "accounts")
TIMES = ("TimeGenerated", "EventStartTime", "EventEndTime")

Events = dict[str, list[Row]]
"""Event kind -> rows, times as timestamps."""


def by_command(folder: Path) -> Events:
    """Run ``linuxhunt events KIND FOLDER`` for every kind."""
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(KINDS, pool.map(lambda kind: _command(kind, folder), KINDS), strict=True))


def _command(kind: str, folder: Path) -> list[Row]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "linuxhunt.cli", "events", kind, str(folder)),
            *("--format", "jsonl", "--tz", "UTC", "--no-cache"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return _rows(done.stdout)


def by_package(folder: Path) -> Events:
    """Connect to the folder and take the frames of every kind."""
    from linuxhunt.hunt import connect  # slow, and needed only where the live tests run

    hunt = connect(str(folder), tz="UTC", keep=False)
    return {kind: _rows(render(hunt.events[kind], "jsonl")) for kind in KINDS}


def _rows(lines: str) -> list[Row]:
    rows = [json.loads(line) for line in lines.splitlines()]
    for row in rows:
        for name in TIMES:
            if row.get(name):
                row[name] = pd.Timestamp(row[name])
    return rows


def rotate(log: Path, folder: Path) -> Path:
    """Write a log as logrotate leaves it: the older half compressed, cut in mid-session."""
    lines = log.read_bytes().splitlines(keepends=True)
    folder.mkdir()
    middle = len(lines) // 2
    with gzip.open(folder / "auth.log.1.gz", "wb") as older:
        older.writelines(lines[:middle])
    (folder / "auth.log").write_bytes(b"".join(lines[middle:]))
    return folder


def with_login_records(log: Path, records: Path, folder: Path) -> Path:
    """Put wtmp and btmp beside a log."""
    folder.mkdir()
    shutil.copy(log, folder)
    for name in ("wtmp", "btmp"):
        shutil.copy(records / name, folder)
    return folder
