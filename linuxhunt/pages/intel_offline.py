"""What is known of indicators without asking anybody outside: the source's tables, and files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from linuxhunt.enrich.threat_intel import known_frame
from linuxhunt.enrich.threat_intel_files import Read, files_under, read_files
from linuxhunt.enrich.threat_intel_seen import observables, portions
from linuxhunt.enrich.threat_intel_workspace import older_known, workspace_known
from linuxhunt.errors import EvidenceError, QueryError
from linuxhunt.workspace.config import config

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["Offline", "joined"]

_TABLES = {
    "ThreatIntelIndicators": ("indicators", workspace_known),
    "ThreatIntelligenceIndicator": ("indicators_older", older_known),
}
_VALUES = {
    "ThreatIntelIndicators": "indicator_values",
    "ThreatIntelligenceIndicator": "indicator_values_older",
}
_FEW = 50
"""Values up to which a case is asked about all of them."""
_REPEATED = pd.Timedelta(days=30)
"""Sentinel writes each indicator anew within that time, so that its last version is found."""
_EVER = (pd.Timestamp("1970-01-01", tz="UTC"), pd.Timestamp("2200-01-01", tz="UTC"))


class Offline:
    """Tables of the source and files of indicators, each asked once a scope.

    Attributes:
        faults: what gave no answer, one phrase each.
    """

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        self._paths: list[Path] = []
        self._named: list[Path] | None = None
        self._read: dict[tuple[object, ...], Read] = {}
        self._told: dict[object, tuple[set[str], list[pd.DataFrame]]] = {}
        self._values: dict[tuple[int, str], set[str]] = {}
        self.faults: list[str] = []

    def add(self, path: str | Path) -> Read:
        """Take a file or a folder of indicators besides those that are named already.

        Raises:
            EvidenceError: there is nothing at that path.
        """
        found = files_under(Path(path))
        self._paths += [one for one in found if one not in self._paths]
        return read_files(found, self._hunt.scope.start)

    @property
    def files(self) -> Read:
        """What the files of indicators say in this scope, and what was left out of them and why."""
        if self._named is None:
            self._named = self._configured()
        paths = [*self._named, *self._paths]
        key = (self._hunt.scope.start, *paths)
        if key not in self._read:
            self._read[key] = read_files(paths, self._hunt.scope.start)
        return self._read[key]

    def _configured(self) -> list[Path]:
        """Return the files that LINUXHUNT_INTEL or msticpyconfig.yaml name; faults are noted."""
        stated = os.environ.get("LINUXHUNT_INTEL") or config().IndicatorFiles
        found: list[Path] = []
        for name in filter(None, stated.split(os.pathsep)):
            try:
                found += files_under(Path(name))
            except EvidenceError as error:
                self.faults.append(str(error))
        return found

    @property
    def tables(self) -> dict[str, int | None]:
        """Tables of indicators that the source has -> rows in reach, None where unknown."""
        held = self._hunt.held
        rows = dict(zip(held["TableName"], held["Rows"], strict=True))
        return {name: int(rows[name]) for name in _TABLES if rows.get(name)}

    @property
    def sources(self) -> list[str]:
        """What can be asked, one phrase each; [] where nothing can."""
        said = [f"{name} ({rows:,} rows)" for name, rows in self.tables.items()]
        files = self.files.files
        return said + [
            f"{Path(path).name} ({form}, {held:,} indicators)"
            for path, form, held in zip(
                files["Path"], files["Format"], files["Indicators"], strict=True
            )
            if held
        ]

    def known(self, found: pd.DataFrame) -> pd.DataFrame:
        """Return all that is known in this scope, as ``threat_intel.KNOWN``.

        Args:
            found: indicators that were seen; the tables are asked for those that they were not
                asked for before.
        """
        scope = self._hunt.scope
        asked, told = self._told.setdefault(scope, (set(), []))
        new = [value for value in observables(found) if value not in asked]
        asked.update(new)
        for table in self.tables:
            told += self._answers(table, new)
        return joined([self.files.known, *told])

    def _answers(self, table: str, values: Iterable[str]) -> list[pd.DataFrame]:
        query, read = _TABLES[table]
        workspace, scope = self._hunt.workspace, self._hunt.scope
        start, end = _EVER
        if not workspace.is_local:
            start = scope.start - _REPEATED
            end = max(pd.Timestamp.now(tz="UTC").ceil("h"), scope.end)
        told = []
        if workspace.is_local:
            values = self._held_of(table, list(values))
        for portion in portions(values):
            given: dict[str, Any] = {"observables": portion, "start": start, "end": end}
            try:
                answer = workspace.run(query, table, **given)
            except QueryError as error:
                self.faults.append(f"{table}: {error}")
                break
            if not answer.completeness.whole:
                self.faults.append(str(answer.completeness))
            told.append(read(answer.rows, scope.start))
        return told

    def _held_of(self, table: str, values: list[str]) -> list[str]:
        """Return those of the values that a case's table names; the first where it names none.

        Translating a query takes a millisecond for each value in it, and a case is at hand: its
        own values are asked for, once, and only those in both are asked about. Ranges of addresses
        come with any question.
        """
        if len(values) < _FEW:
            return values
        key = (self._hunt.scope.turn, table)
        if key not in self._values:
            start, end = _EVER
            try:
                rows = self._hunt.workspace.run(_VALUES[table], table, start=start, end=end).rows
            except QueryError:
                return values  # asking about them says what is wrong
            self._values = {key: set(rows["Value"].dropna()), **self._values}
        known = self._values[key]
        # engines and Python agree on the lower case of ASCII only
        held = [value for value in values if value.lower() in known or not value.isascii()]
        return held or values[:1]


def joined(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put frames of ``threat_intel.KNOWN`` together, each row once."""
    held = [part for part in parts if len(part)]
    if not held:
        return known_frame([])
    frame = pd.concat(held, ignore_index=True)
    same = frame.assign(Tags=frame["Tags"].map(tuple)).duplicated()
    return frame[~same].reset_index(drop=True)
