"""The live host's logs, read through linuxhunt: by the command line and by the package."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pandas as pd
from typer.testing import CliRunner

from linuxhunt.cli import app
from linuxhunt.output import render

from .plan import Row

__all__ = ["KINDS", "by_command", "by_package", "not_understood", "rotate", "with_login_records"]

KINDS = ("auth", "logons", "sessions", "sudo", "cron", "accounts")
TIMES = ("TimeGenerated", "EventStartTime", "EventEndTime")

Events = dict[str, list[Row]]
"""Event kind -> rows, times as timestamps."""


def by_command(folder: Path) -> Events:
    """Run ``linuxhunt events KIND FOLDER`` for every kind (in this process: its start is slow)."""
    return {kind: _command(kind, folder) for kind in KINDS}


def not_understood(folder: Path) -> list[Row]:
    """Run ``linuxhunt events auth FOLDER --explain``."""
    return _command("auth", folder, "--explain")


def _command(kind: str, folder: Path, *more: str) -> list[Row]:
    options = ["--format", "jsonl", "--tz", "UTC", "--no-cache", *more]
    done = CliRunner().invoke(app, ["events", kind, str(folder), *options])
    assert done.exit_code == 0, done.output
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
    """Write a log as logrotate leaves it: the older half compressed, cut in mid-session.

    It is cut where a second ends: within one second an RFC 3164 log says no order of files.
    """
    lines = log.read_bytes().splitlines(keepends=True)
    stamps = [line[:15] for line in lines]
    cut = next(n for n in range(len(lines) // 2, len(lines)) if stamps[n] != stamps[n - 1])
    folder.mkdir()
    with gzip.open(folder / "auth.log.1.gz", "wb") as older:
        older.writelines(lines[:cut])
    (folder / "auth.log").write_bytes(b"".join(lines[cut:]))
    return folder


def with_login_records(log: Path, records: Path, folder: Path) -> Path:
    """Put wtmp and btmp beside a log."""
    folder.mkdir()
    shutil.copy(log, folder)
    for name in ("wtmp", "btmp"):
        shutil.copy(records / name, folder)
    return folder
