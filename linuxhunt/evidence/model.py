"""What the parts of evidence hand to one another."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from linuxhunt.evidence.lines import Bytes

__all__ = ["UNKNOWN_BINARY", "UNKNOWN_TEXT", "HostFacts", "Options", "Source", "Tally"]

UNKNOWN_TEXT = "text of no format known here"
UNKNOWN_BINARY = "a binary file of no kind known here"

_EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Options:
    """What the analyst said about logs that do not say it themselves.

    Attributes:
        year: of a file's first stamp, where stamps have none.
        zone: of stamps that name none.
        zone_name: its name, as given.
        hostname: of logs that name no host.
    """

    year: int | None = None
    zone: tzinfo | None = None
    zone_name: str = ""
    hostname: str | None = None


@dataclass(frozen=True)
class HostFacts:
    """What a host's own ``etc/`` says of it.

    Attributes:
        root: the folder or archive that holds ``etc/``.
        hostname: from etc/hostname.
        zone: from etc/timezone, else etc/localtime.
        zone_name: the zone's name and the file that said it.
        users: uid to name, from etc/passwd.
        system: PRETTY_NAME of etc/os-release.
    """

    root: str = ""
    hostname: str | None = None
    zone: tzinfo | None = None
    zone_name: str = ""
    users: dict[int, str] = field(default_factory=dict)
    system: str | None = None


@dataclass(frozen=True)
class Source:
    """One file of evidence, unpacked, with what is known about it.

    Attributes:
        prefix: what its record ids begin with.
        path: where it lies under the evidence root, archive members after ``!``.
        data: its bytes, decompressed.
        changed: when it was last changed, as its archive or file system says.
        options: what the analyst said.
        facts: what its host's etc/ says.
        host: the name for records that name none.
        cut: whether the file is known to go on where ``data`` ends.
    """

    prefix: str
    path: str
    data: Bytes
    changed: datetime | None
    options: Options
    facts: HostFacts
    host: str | None
    cut: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.replace("!", "/").rsplit("/", 1)[-1]

    @property
    def zone(self) -> tuple[tzinfo, str]:
        """The zone for stamps that name none, and where it is from."""
        if self.options.zone is not None:
            return self.options.zone, f"{self.options.zone_name} as given"
        if self.facts.zone is not None:
            return self.facts.zone, self.facts.zone_name
        return UTC, "UTC, for want of any other"


@dataclass
class Tally:
    """What became of one file.

    Attributes:
        format: what it was read as.
        table: the table that its rows went to; several are joined by a comma.
        lines: lines (binary formats: records) in it.
        rows: rows written to the first of the tables.
        joined: lines that belong to the row of another line: continuations, headers.
        rejected: lines that were not understood.
        first: earliest time.
        last: latest time.
        zone: the zone that stamps without one were read in; empty where none was needed.
        hosts: rows by host.
        assumed: what was assumed, in words.
        error: why it could not be read, or not wholly.
        rest: whether all lines that are neither rows nor rejected are joined ones.
    """

    format: str
    table: str = ""
    lines: int = 0
    rows: int = 0
    joined: int = 0
    rejected: int = 0
    first: datetime | None = None
    last: datetime | None = None
    zone: str = ""
    hosts: Counter[str | None] = field(default_factory=Counter)
    assumed: list[str] = field(default_factory=list)
    error: str | None = None
    rest: bool = False

    def assume(self, note: str) -> None:
        """Take note of an assumption, once."""
        if note not in self.assumed:
            self.assumed.append(note)

    def settle(self) -> None:
        """Count the joined lines, once all of the file is written."""
        if self.rest:
            self.joined = self.lines - self.rows - self.rejected

    def saw(self, first: datetime | None, last: datetime | None) -> None:
        """Widen the span of times."""
        if first is not None and (self.first is None or first < self.first):
            self.first = first
        if last is not None and (self.last is None or last > self.last):
            self.last = last

    def saw_seconds(self, first: int, last: int) -> None:
        """Widen the span of times by two times in seconds since 1970."""
        self.saw(*(_EPOCH + timedelta(seconds=value) for value in (first, last)))
