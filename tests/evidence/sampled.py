"""A written sample, read back for tests."""

from __future__ import annotations

import gzip
import json
import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

SEEDS = [1, 2, 3, 11]
START, END = datetime(2026, 3, 12, tzinfo=UTC), datetime(2026, 3, 15, tzinfo=UTC)


class Sample:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())
        self.names: dict[str, Any] = self.truth["names"]

    @cached_property
    def files(self) -> dict[str, list[str]]:
        """Path -> lines; not by splitlines, for which audit's 0x1d is a line's end.

        Login records are as text, too: one of 384 characters each.
        """
        found = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                raw = path.read_bytes()
                raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
                name = path.relative_to(self.folder).as_posix()
                if path.name in ("wtmp", "btmp"):
                    text = raw.decode("latin-1")
                    found[name] = [text[n : n + 384] for n in range(0, len(text), 384)]
                else:
                    found[name] = raw.decode().split("\n")[:-1]
        return found

    @cached_property
    def acts(self) -> dict[str, list[str]]:
        """Act -> the lines that truth.json names."""
        return {act["act"]: [self.line(r) for r in act["records"]] for act in self.truth["acts"]}

    def line(self, record: str) -> str:
        path, _, number = record.rpartition(":")
        return self.files[path][int(number) - 1]

    def text(self, host: str, *names: str) -> Iterator[str]:
        """Lines of a host's logs of these names, rotated ones first."""
        for name in names:
            for suffix in (".2.gz", ".1", ""):
                yield from self.files.get(f"{host}/var/log/{name}{suffix}", [])

    @property
    def hosts(self) -> list[str]:
        return [self.names["web"], self.names["db"], self.names["app"]]


def stamp(path: str, line: str) -> datetime | None:
    if path.endswith("tmp"):
        seconds, rest = struct.unpack_from("<ii", line.encode("latin-1"), 340)
        return datetime.fromtimestamp(seconds + rest / 1e6, UTC)
    if match := re.match(r"type=\w+ msg=audit\((\d+\.\d+):", line):
        return datetime.fromtimestamp(float(match[1]), UTC)
    if path.endswith("conn.log"):
        fields = line.split("\t")
        if line.startswith("#"):
            return None
        lasted = 0.0 if fields[8] == "-" else float(fields[8])
        # A connection that failed is written a little after its only packet.
        return datetime.fromtimestamp(float(fields[0]) + (lasted or 0.01), UTC)
    if re.match(r"\d{4}-", line):
        return datetime.fromisoformat(line.split(" ")[0])
    return datetime.strptime("2026 " + line[:15], "%Y %b %d %H:%M:%S").replace(tzinfo=UTC)
