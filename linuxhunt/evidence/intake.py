"""Evidence to a case: every file recognised, read, and accounted for."""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.errors import EvidenceError
from linuxhunt.evidence import clock, host, tree
from linuxhunt.evidence.account import Account, Progress
from linuxhunt.evidence.book import ALREADY, Book, sha256
from linuxhunt.evidence.case import Sink, count, writing
from linuxhunt.evidence.formats import Format, Refused, recognise
from linuxhunt.evidence.lines import Bytes
from linuxhunt.evidence.logins import record_size
from linuxhunt.evidence.model import HostFacts, Options, Source, Tally
from linuxhunt.evidence.pending import Pending
from linuxhunt.evidence.unpack import LIMITS
from linuxhunt.hosts import one_name

__all__ = ["ingest"]

_FILES = pa.schema(
    [
        *(("id", pa.int32()), ("prefix", pa.string()), ("path", pa.string())),
        *(("sha256", pa.string()), ("size", pa.int64()), ("unpacked", pa.int64())),
        *(("encoding", pa.string()), ("record_size", pa.int32()), ("whole", pa.bool_())),
        ("told", pa.string()),
    ]
)
_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def ingest(
    sources: Sequence[Path],
    case: Path,
    *,
    year: int | None = None,
    tz: str | None = None,
    hostname: str | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Account:
    """Read evidence into a case, which is made if it is not there.

    Files that the case holds already (same path, same SHA-256) add nothing. A failure leaves
    the case as it was.

    Args:
        sources: folders, files and archives.
        case: the case, a DuckDB file.
        year: year of the first stamp of logs whose stamps have none.
        tz: IANA name of the zone of stamps that name none; default: what the evidence's own
            etc/ says, else UTC.
        hostname: host of logs that name none; default: what the evidence's own etc/ says, else
            the one host that the logs around name.
        progress: told after every chunk.

    Returns:
        The account, one row a file.

    Raises:
        SourceError: a source does not exist or cannot be listed.
        EvidenceError: a source is empty, nothing at all could be read, or the case cannot be
            written.
        ScopeError: there is no such zone.
    """
    zone = clock.zone(tz) if tz is not None else None
    options = Options(year, zone, tz or "", hostname)
    listed = [(source, tree.items(Path(source), LIMITS)) for source in sources]
    started = time.monotonic()
    with TemporaryDirectory(prefix="linuxhunt-") as folder, writing(Path(case)) as con:
        run = _Run(
            *(con, Path(folder), options, progress, started, _own(Path(case))),
            *(Book(con, hostname), Pending(con)),
        )
        for source, items in listed:
            run.source(Path(source), items)
        run.pending.flush()
        run.write_files()
        files = run.book.finish()
        if not run.read_something():
            raise EvidenceError(_nothing(sources, files))
    return Account(files, time.monotonic() - started)


def _own(case: Path) -> set[Path]:
    """Return the files that the case itself consists of; they may lie among the evidence."""
    resolved = case.resolve()
    return {resolved, Path(f"{resolved}.wal")}


def _nothing(sources: Sequence[Path], files: pd.DataFrame) -> str:
    where = ", ".join(map(str, sources))
    if not len(files):
        return f"{where}: no files in it, so there is no evidence to read"
    reasons = files["Error"].dropna().unique()
    first = files[files["Error"].notna()].iloc[0] if len(reasons) else None
    if len(files) == 1:
        return f"{where}: {reasons[0] if len(reasons) else 'no line of it was understood'}"
    tail = "" if first is None else f", e.g. {first['FilePath']}: {first['Error']}"
    return f"{where}: none of {len(files):,} files could be read{tail}"


@dataclass(frozen=True)
class _Waiting:
    """A file whose records name no host, kept until the logs around have been read."""

    place: int
    item: tree.Item
    opened: tree.Opened
    data: Bytes
    encoding: str | None
    format: Format
    facts: HostFacts


@dataclass
class _Run:
    con: duckdb.DuckDBPyConnection
    folder: Path
    options: Options
    progress: Callable[[Progress], None] | None
    started: float
    own: set[Path]
    book: Book
    pending: Pending
    waiting: list[_Waiting] = field(default_factory=list)
    hosts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    heard: list[tuple[str, Tally]] = field(default_factory=list)
    files: list[dict[str, object]] = field(default_factory=list)
    known: bool = False
    read: list[Tally] = field(default_factory=list)
    lines: int = 0
    first: int = 0
    facts: set[tuple[str, str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.first = count(self.con, "SELECT coalesce(max(id), 0) + 1 FROM evidence.files")
        facts = self.con.execute("SELECT root, fact, value FROM evidence.facts").fetchall()
        self.facts.update(facts)

    def read_something(self) -> bool:
        """Whether any record became a row, now or in an earlier ingest."""
        return self.known or any(tally.rows for tally in self.read)

    def write_files(self) -> None:
        """Write what evidence.files says of the files that were read."""
        if self.files:
            self.con.register("read_files", pa.Table.from_pylist(self.files, _FILES))
            self.con.execute("INSERT INTO evidence.files BY NAME FROM read_files")
            self.con.unregister("read_files")

    def source(self, path: Path, items: list[tree.Item]) -> None:
        """Read a source given by the analyst."""
        if path.is_dir():
            # realpath, unlike Path.resolve, bears links that lead in a circle
            items = [i for i in items if Path(os.path.realpath(path / i.path)) not in self.own]
        self._visit(items, {}, 0)
        # Logs that name no host may learn it from the others of their source only.
        if self.waiting:
            self.pending.flush()
        for root, tally in self.heard:
            self._listen(root, tally)
        self.heard.clear()
        for waiting in self.waiting:
            self._late(waiting)
        self.waiting.clear()
        self.hosts.clear()

    def _visit(self, items: list[tree.Item], facts: host.Facts, depth: int) -> None:
        facts = facts | host.gather(items)
        self._remember(facts)
        for item in items:
            self._item(item, facts, depth)

    def _remember(self, facts: host.Facts) -> None:
        for root, fact in facts.items():
            for name, value in (
                ("hostname", fact.hostname),
                ("zone", fact.zone_name or None),
                ("system", fact.system),
            ):
                if value is not None and (root, name, value) not in self.facts:
                    self.facts.add((root, name, value))
                    self.con.execute(
                        "INSERT INTO evidence.facts VALUES (?, ?, ?, ?)",
                        [root, name, value, f"{root}etc/"],
                    )

    def _item(self, item: tree.Item, facts: host.Facts, depth: int) -> None:
        if item.skip is not None:
            inside = item.link is not None and not item.link.startswith(("/", ".."))
            if not inside:  # what a link inside the folder points to is read where it lies
                link = Tally("link", assumed=[item.skip])
                self.book.note(item, None, link if item.link else Tally("special", error=item.skip))
            return
        try:
            opened = tree.opened(item, self.folder, LIMITS)
        except OSError as error:
            why = f"cannot be read: {error.strerror or error}"
            self.book.note(item, None, Tally("unknown", error=why))
            return
        if opened.kind and depth < LIMITS.depth:
            self._archive(item, opened, facts, depth)
            return
        known = host.nearest(facts, item.path)
        data, encoding = _utf8(opened.data)
        if not len(data):
            self.book.note(item, opened, Tally("empty", error=opened.problem))
            return
        if host.is_etc(item.path):
            self.book.note(
                item, opened, Tally("etc", assumed=["read for what it says of its host"])
            )
            return
        format_ = recognise(data)
        if opened.kind:
            deep = f"archives within archives beyond {LIMITS.depth} are not opened"
            format_ = Refused(opened.kind, deep)
        if isinstance(format_, Refused):
            why = opened.problem or format_.reason
            self.book.note(item, opened, Tally(format_.name, error=why))
        elif format_.hostless and not (self.options.hostname or known.hostname):
            place = self.book.place()
            self.waiting.append(_Waiting(place, item, opened, data, encoding, format_, known))
        else:
            self._read(self.book.place(), item, opened, data, encoding, format_, known, None)

    def _archive(self, item: tree.Item, opened: tree.Opened, facts: host.Facts, depth: int) -> None:
        inside, problem = tree.members(*(opened.kind, opened.data, item.path, self.folder, LIMITS))
        tally = Tally(opened.kind, error=opened.problem or problem)
        self.book.note(item, opened, tally)
        self._visit(inside, facts, depth + 1)

    def _late(self, waiting: _Waiting) -> None:
        w = waiting
        around = _one(self.hosts[w.facts.root])
        self._read(
            w.place, w.item, w.opened, w.data, w.encoding, w.format, w.facts, around, late=True
        )

    def _read(
        self,
        place: int,
        item: tree.Item,
        opened: tree.Opened,
        data: Bytes,
        encoding: str | None,
        format_: Format,
        facts: HostFacts,
        around: str | None,
        *,
        late: bool = False,
    ) -> None:
        sha = sha256(opened.found)
        prefix = self.book.prefix(item.path, sha)
        if prefix is None:
            self.known = True
            tally = Tally(format_.name, assumed=[ALREADY])
            self.book.note(item, opened, tally, sha, stored=False, place=place)
            return
        number = self._register(item, opened, data, sha, prefix, format_, encoding)
        name = self.options.hostname or facts.hostname or around
        source = Source(
            *(prefix, item.path, data, opened.changed, self.options, facts, name),
            cut=opened.problem is not None,
        )
        sink = Sink(
            *(self.con, number, item.path, prefix, self._ticker(item.path, len(data))),
            *(self.pending, name),
        )
        tally = format_.read(source, sink)
        if name and format_.hostless:
            origin = "given" if self.options.hostname else "in etc/hostname"
            origin = origin if not around else "in the logs beside it"
            tally.assumed.append(f"host {name} as {origin}")
        if late:
            self._listen(facts.root, tally)
        else:
            self.heard.append((facts.root, tally))
        tally.error = tally.error or opened.problem
        self.lines += tally.lines
        self.read.append(tally)
        self.book.note(item, opened, tally, sha, prefix, place=place)

    def _register(
        self,
        item: tree.Item,
        opened: tree.Opened,
        data: Bytes,
        sha: str,
        prefix: str,
        format_: Format,
        encoding: str | None,
    ) -> int:
        number = self.first + len(self.files)
        size = record_size(format_.name, data) if format_.name in ("wtmp", "lastlog") else None
        values = (
            *(number, prefix, item.path, sha, len(opened.found), len(opened.data)),
            *(encoding, size, format_.whole, format_.told),
        )
        self.files.append(dict(zip(_FILES.names, values, strict=True)))
        return number

    def _listen(self, root: str, tally: Tally) -> None:
        """Take note of the hosts that a file names."""
        self.hosts[root].update({k: v for k, v in tally.hosts.items() if k})

    def _ticker(self, path: str, size: int) -> Callable[[int, int], None]:
        def tick(done: int, lines: int) -> None:
            if self.progress is not None:
                seconds = time.monotonic() - self.started
                files = len(self.book)
                self.progress(Progress(path, done, size, self.lines + lines, files, seconds))

        return tick


def _one(names: Counter[str]) -> str | None:
    """Return the host that all names mean, as it is shown everywhere, else None."""
    shown = set(one_name(names).values())
    return shown.pop() if len(shown) == 1 else None


def _utf8(data: Bytes) -> tuple[Bytes, str | None]:
    """Turn UTF-16, as Windows tools export it, into UTF-8; else leave the bytes alone."""
    encoding = _BOMS.get(data[:2].tobytes())
    if encoding is None or len(data) % 2:
        return data, None
    content = data.tobytes()
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return data, None
    return np.frombuffer(text.encode(), np.uint8), encoding
