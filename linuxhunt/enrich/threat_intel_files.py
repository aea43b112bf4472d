"""Files of indicators, for where no network is: STIX 2.1, MISP, CSV, plain lists.

What a file is is told from its content. What is left out of it (expired, revoked, not understood)
is named with its reason, so that a file that says nothing is no silent one.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from linuxhunt.enrich.threat_intel import known_frame
from linuxhunt.enrich.threat_intel_misp import attributes, is_misp, known_attribute
from linuxhunt.enrich.threat_intel_stix import indicator
from linuxhunt.enrich.threat_intel_table import known_line, known_record, records
from linuxhunt.errors import EvidenceError
from linuxhunt.schema import STR

__all__ = ["Read", "files_under", "read_files"]

_LARGEST = 512 * 2**20


@dataclass
class Read:
    """What files of indicators say.

    Attributes:
        known: frame of ``threat_intel.KNOWN``.
        files: Path, Format, Indicators (how many hold), LeftOut.
        left_out: Path, Place (line, or id), Reason: what was not taken.
    """

    known: pd.DataFrame
    files: pd.DataFrame
    left_out: pd.DataFrame


@dataclass
class _File:
    path: str
    format: str = "unknown"
    rows: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[tuple[str, str, str]] = field(default_factory=list)

    def take(self, place: str, made: Iterator[dict[str, Any]]) -> None:
        """Keep what an indicator says, or why it says nothing."""
        try:
            self.rows += list(made)
        except ValueError as error:
            self.left_out.append((self.path, place, str(error)))


def files_under(path: Path) -> list[Path]:
    """Return the files that a path names: itself, or those of a folder, hidden ones left out.

    Raises:
        EvidenceError: there is nothing.
    """
    path = path.expanduser()
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise EvidenceError(f"there is no file or folder of indicators at {path}")
    return [
        found
        for found in sorted(path.rglob("*"))
        if found.is_file() and not any(p.startswith(".") for p in found.relative_to(path).parts)
    ]


def read_files(paths: Iterable[Path], since: pd.Timestamp) -> Read:
    """Read files of indicators.

    Args:
        paths: of files; ``.gz`` is unpacked.
        since: what was valid until before then is left out; the start of the window that is
            looked at.
    """
    read = [_read(path, since) for path in paths]
    table = [(str(f.path), f.format, len(f.rows), len(f.left_out)) for f in read]
    files = pd.DataFrame(table, columns=["Path", "Format", "Indicators", "LeftOut"])
    left = [row for f in read for row in f.left_out]
    return Read(
        known_frame(row for f in read for row in f.rows),
        files.astype({"Path": STR, "Format": STR, "Indicators": "Int64", "LeftOut": "Int64"}),
        pd.DataFrame(left, columns=["Path", "Place", "Reason"]).astype(STR),
    )


def _read(path: Path, since: pd.Timestamp) -> _File:
    made = _File(str(path))
    try:
        text = _text(path)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        made.left_out.append((made.path, "", f"cannot be read: {error}"))
        return made
    source = path.name
    start = text.lstrip()[:1]
    if start in ("{", "["):
        try:
            held = json.loads(text)
        except (ValueError, RecursionError) as error:
            if not _stix_lines(text, made, source, since):
                made.left_out.append((made.path, "", f"is no JSON: {error}"))
            return made
        _json(held, made, source, since)
        return made
    columns, rows = records(text)
    if columns:
        made.format = "CSV"
        for number, row in rows:
            made.take(f"line {number}", known_record(row, columns, source, since))
        return made
    made.format = "list"
    for number, line in enumerate(text.splitlines(), 1):
        made.take(f"line {number}", _lines(line, source))
    return made


def _lines(line: str, source: str) -> Iterator[dict[str, Any]]:
    found = known_line(line, source)
    if found:
        yield found


def _text(path: Path) -> str:
    if os.path.getsize(path) > _LARGEST:
        raise ValueError(f"more than {_LARGEST >> 20} MB")
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        unpack = zlib.decompressobj(31)
        data = unpack.decompress(data, _LARGEST)
        if unpack.unconsumed_tail:
            raise ValueError(f"more than {_LARGEST >> 20} MB")
    return data.decode("utf-8-sig", "replace")


def _json(held: Any, made: _File, source: str, since: pd.Timestamp) -> None:
    objects = held.get("objects") if isinstance(held, dict) else held
    if isinstance(held, dict) and held.get("type") == "indicator":
        objects = [held]
    if isinstance(objects, list) and any(
        isinstance(one, dict) and one.get("type") == "indicator" for one in objects
    ):
        made.format = "STIX 2.1"
        _stix(objects, made, source, since)
    elif is_misp(held):
        made.format = "MISP"
        for attribute, event in attributes(held):
            place = str(attribute.get("uuid") or attribute.get("id") or attribute.get("value"))
            made.take(place, known_attribute(attribute, event, source))
    elif isinstance(held, dict) and held.get("type") == "bundle":
        made.format = "STIX 2.1"
        made.left_out.append((made.path, "", "the bundle holds no indicator"))
    elif isinstance(held, list) and all(isinstance(item, str) for item in held):
        made.format = "list"
        for number, item in enumerate(held, 1):
            made.take(f"item {number}", _lines(item, source))
    else:
        made.left_out.append((made.path, "", "is JSON, but neither a STIX bundle nor of MISP"))


def _stix(objects: list[Any], made: _File, source: str, since: pd.Timestamp) -> None:
    """Take the indicators of a bundle, of each only the version modified last."""
    latest: dict[str, dict[str, Any]] = {}
    for one in objects:
        if isinstance(one, dict) and one.get("type") == "indicator":
            name = str(one.get("id"))
            if name not in latest or str(one.get("modified")) >= str(latest[name].get("modified")):
                latest[name] = one
    for name, one in latest.items():
        made.take(name, indicator(one, source, since))


def _stix_lines(text: str, made: _File, source: str, since: pd.Timestamp) -> bool:
    """Take STIX objects that stand one a line, as exports have them; tell whether there were."""
    objects = []
    for line in text.splitlines():
        try:
            objects.append(json.loads(line or "null"))
        except (ValueError, RecursionError):
            return False
    made.format = "STIX 2.1"
    _stix(objects, made, source, since)
    return True
