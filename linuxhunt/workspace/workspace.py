"""One source behind msticpy's ``QueryProvider``, whichever engine it is."""

from __future__ import annotations

import contextlib
import math
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from msticpy.data import QueryProvider
from msticpy.data.drivers.driver_base import DriverProps

from linuxhunt.errors import LinuxHuntError, QueryError
from linuxhunt.schema import STR, TABLES
from linuxhunt.scope import as_time
from linuxhunt.workspace.cache import Cache
from linuxhunt.workspace.catalogue import FAMILY, Query, catalogue, queries_folder
from linuxhunt.workspace.completeness import Completeness, measure
from linuxhunt.workspace.config import config
from linuxhunt.workspace.drivers import driver_of
from linuxhunt.workspace.faults import Fault, FaultError, Kind, engine_errors, fault_of
from linuxhunt.workspace.held import Held, lacked_by, lacks
from linuxhunt.workspace.literals import formatters
from linuxhunt.workspace.local import ENVIRONMENT, LocalDriver
from linuxhunt.workspace.normalise import normalise
from linuxhunt.workspace.quiet import quiet
from linuxhunt.workspace.splitting import Chunk, Patience, Progress, fetch, spell

__all__ = ["Answer", "Workspace", "quiet"]

_COMFORTABLE = 250_000
"""Rows of a chunk where the number of all rows is known before: half of what an answer holds."""
_TRIES = 3
"""How often a query that a person wrote is asked where it fails in passing: they wait for it."""


@dataclass(frozen=True)
class Answer:
    """Rows, and how whole they are."""

    rows: pd.DataFrame
    completeness: Completeness


class Workspace:
    """A source of rows.

    Attributes:
        provider: msticpy's query provider, with our queries under ``provider.LinuxHunt`` and
            values escaped by our handler.
        label: what the source is, for a person.
        environment: msticpy's name of the engine.
        max_rows: a fetch of more rows is not begun; raise it to let one.
        patience: how hard to try where an engine fails.
        keep: whether answers of closed windows are kept on this machine.
    """

    def __init__(
        self,
        environment: str,
        label: str,
        *,
        keep: bool = True,
        progress: Callable[[Any], None] | None = None,
        driver: Any = None,
    ) -> None:
        """Prepare a provider, not connected yet but where ``driver`` is."""
        with quiet():
            self.provider = QueryProvider(
                environment,
                driver=driver or driver_of(environment),
                query_paths=[str(queries_folder())],
            )
        self.environment = environment
        self.label = label
        self.keep = keep
        self.patience = Patience()
        self._progress = progress or (lambda _: None)
        self._stop = threading.Event()
        self._driver = self.provider._query_provider
        self._driver.set_driver_property(
            DriverProps.FORMATTERS,
            {
                **self._driver.formatters,
                **formatters((q.template for q in catalogue().values()), self._tables()),
            },
        )

    @classmethod
    def of_case(cls, case: Path, label: str) -> Workspace:
        """Open a case.

        Its driver is connected before msticpy gets it: msticpy's own ``connect`` would make pivot
        functions of the queries, and load its maps and charts for them. Who wants those calls
        ``provider.connect`` once more.

        Raises:
            SourceError: the file is not there, is no case, or is being written.
        """
        driver = LocalDriver()
        driver.connect(str(case))
        return cls(ENVIRONMENT, label, driver=driver)

    def _tables(self) -> dict[str, str]:
        """Table of the queries -> the one to read in its place; a case has its own tables."""
        return {} if self.is_local else {"AuditLog_CL": config().AuditTable}

    @property
    def is_local(self) -> bool:
        """Whether the source is a case on this machine."""
        return self.environment == ENVIRONMENT

    @property
    def case(self) -> Path:
        """The file of a case."""
        return Path(self._driver.current_connection)

    @property
    def kqlmagic(self) -> str | None:
        """How Kqlmagic names this source, to sign in by a code; None for a case, which is served.

        Source: Kqlmagic's own help (``%kql --help "conn"``), version 0.1.114.
        """
        if self.is_local:
            return None
        where, _, what = self._driver.identity.rpartition("/")
        if self.environment == "Kusto":
            way = "anonymous" if where.startswith("http://") else "code"
            return f"azureDataExplorer://{way};cluster='{where}';database='{what}'"
        return f"loganalytics://code;tenant='{where}';workspace='{what}';alias='{what}'"

    @property
    def schema(self) -> dict[str, dict[str, str]]:
        """Table -> column -> KQL type, as the engine states them, else as Microsoft documents."""
        with quiet():
            stated = self.provider.schema
        return stated or TABLES

    @cached_property
    def max_rows(self) -> int:
        """A fetch of more rows is not begun; set it to let one."""
        return config().MaxRows

    @cached_property
    def held(self) -> Held | None:
        """Table -> columns of what the source has; None where it does not tell. Asked once."""
        if self.is_local:
            local: Held = self._driver.held()
            return local
        query = catalogue()["schema_held"]
        time = pd.Timestamp("2026-01-01", tz="UTC")
        chunks = self._fetch(query, {"start": time, "end": time + pd.Timedelta("1h")}, "tables")
        if not chunks[0].whole or chunks[0].rows is None:
            return None
        named = chunks[0].rows.groupby("TableName")["ColumnName"]
        return {str(table): frozenset(columns) for table, columns in named}

    @property
    def lacks(self) -> pd.DataFrame:
        """What queries read and the source does not have: TableName, ColumnName (null: all)."""
        here = [query for query in catalogue().values() if self.environment in query.environments]
        return lacks(here, self.held) if self.held is not None else lacks([], {})

    def run(self, name: str, source: str | None = None, **values: Any) -> Answer:
        """Run a query of the catalogue.

        A window that is too large for one answer is asked for in parts; what cannot be had is
        named in the completeness, so an answer is whole or says that it is not.

        Args:
            name: a query's name. One that this engine does not have gives no rows, and says so.
            source: what is asked for, in a few words, for the completeness.
            values: by parameter name.

        Raises:
            ParameterError: a value that its parameter cannot take.
            QueryError: the engine refused, or the rows are more than ``max_rows``.
        """
        query = catalogue()[name]
        what = source or name.replace("_", " ")
        none = normalise(pd.DataFrame(columns=list(query.columns)), query.columns)
        if self.environment not in query.environments:
            return Answer(none, measure(what, none, missing=("not on this engine",)))
        query.check(values)
        tables, columns = lacked_by(query, self.held) if self.held is not None else ((), ())
        if tables:
            missing = tuple(f"there is no table {table}" for table in tables)
            return Answer(none, measure(what, none, missing=missing))
        if self.is_local and query.tables and self._driver.empty(query.tables):
            return Answer(none, replace(measure(what, none), lacks=columns))
        chunks = self._fetch(query, values, what)
        frames = [chunk.rows for chunk in chunks if chunk.rows is not None and len(chunk.rows)]
        rows = pd.concat(frames, ignore_index=True) if frames else none
        state = measure(what, rows, partial=any(not c.whole and c.rows is not None for c in chunks))
        whole = sum(chunk.whole for chunk in chunks)
        state = replace(state, asked=len(chunks), answered=whole, missing=spell(chunks))
        return Answer(rows, replace(state, lacks=columns))

    def count(self, name: str, **values: Any) -> int:
        """Say how many rows a query of the catalogue would bring.

        Raises:
            QueryError: the engine refused or failed.
        """
        catalogue()[name].check(values)
        rows, why = self._ask(f"{self._text(name, values)}\n| count")
        if why or rows.empty:
            raise FaultError(Fault(Kind.TOO_LARGE, why or "the engine gave no count"))
        return int(rows["Count"].iloc[0])

    def query(self, kql: str) -> pd.DataFrame:
        """Run any KQL; types are normalised by what the columns hold.

        Raises:
            QueryError: the engine refused or failed.
        """
        if self.is_local:
            return normalise(self._ask(kql)[0])
        time = pd.Timestamp(0)  # no window is asked for, so there is none to split
        how = replace(self.patience, tries=min(self.patience.tries, _TRIES))
        (chunk,) = fetch(
            lambda *_: self._ask(kql), time, time, split=False, patience=how, stop=threading.Event()
        )
        if chunk.fault is not None and chunk.fault.kind is Kind.DROPPED:
            raise QueryError(
                f"{self.label} cannot be reached; is it running, and is the network there?"
                f" ({chunk.fault.text})"
            )
        if chunk.rows is None:
            raise FaultError(chunk.fault or Fault(Kind.DROPPED, chunk.why))
        if chunk.why:
            warnings.warn(f"this answer is partial: {chunk.why}", stacklevel=2)
        return normalise(chunk.rows)

    def stop(self) -> None:
        """Ask nothing more for the window that is being fetched; called from another thread."""
        self._stop.set()

    def facts(self, computers: Sequence[str]) -> pd.DataFrame:
        """Return Fact and Value that raw evidence states about a host; none elsewhere."""
        held = self._driver.facts(computers) if self.is_local else []
        return pd.DataFrame(held, columns=["Fact", "Value"]).astype(STR)

    def close(self) -> None:
        """Let go of what the driver holds open."""
        if hasattr(self._driver, "close"):
            self._driver.close()

    def _fetch(self, query: Query, values: Mapping[str, Any], what: str) -> list[Chunk]:
        """Ask for a window: whole, and in parts where that is too much."""
        whole = self._text(query.name, values)
        start, end = as_time(values["start"], "start"), as_time(values["end"], "end")
        cache = self._cache(end)
        asked: list[str] = []

        def ask(first: pd.Timestamp, last: pd.Timestamp) -> tuple[pd.DataFrame, str | None]:
            text = self._text(query.name, {**values, "start": first, "end": last})
            kept = cache.get(text, query.columns) if cache else None
            if kept is not None:
                return kept, None
            rows, why = self._ask(text, hushed=True)
            rows = normalise(rows, query.columns)
            if cache and not why:
                cache.put(text, rows)
                asked.append(text)
            return rows, why

        def tell(done: list[Chunk]) -> None:
            share = sum(((c.end - c.start) / (end - start) for c in done), 0.0)
            rows = sum(len(c.rows) for c in done if c.rows is not None)
            self._progress(Progress(what, share, rows, len(done)))

        self._stop = threading.Event()
        how: dict[str, Any] = {"patience": self.patience, "stop": self._stop}
        # what can be halved is halved, not asked for again as a whole
        first = replace(self.patience, partials=1) if query.split else self.patience
        if self.is_local:
            return [Chunk(start, end, normalise(self._ask(whole)[0], query.columns))]
        with quiet():
            chunks = fetch(ask, start, end, split=False, **{**how, "patience": first})
            if not query.split or not _too_much(chunks[0]):
                return chunks
            pieces = self._pieces(query, values, what)
            chunks = fetch(ask, start, end, split=True, pieces=pieces, tell=tell, **how)
        if cache and all(chunk.whole for chunk in chunks):
            held = [chunk.rows for chunk in chunks if chunk.rows is not None]
            cache.put(whole, pd.concat(held, ignore_index=True))
            cache.forget(asked)
        return chunks

    def _cache(self, end: pd.Timestamp) -> Cache | None:
        """Return where answers of a window that ends then are kept, if they are."""
        if self.is_local or not self.keep:
            return None
        held = config()
        cache = Cache(self._driver.identity, held.delay, held.CacheMegabytes * 2**20)
        return cache if cache.closed(end) else None

    def _pieces(self, query: Query, values: Mapping[str, Any], what: str) -> int:
        """Say into how many parts to cut a window that is too large for one answer."""
        try:
            rows = self.count(query.name, **values)
        except FaultError:  # counting is too much, too; halves will tell
            return 2
        if rows > self.max_rows:
            raise QueryError(
                f"{what}: {rows:,} rows are in this window, more than the {self.max_rows:,} that"
                " are fetched at once; choose a host or a shorter window, or allow it with"
                f" hunt.workspace.max_rows = {rows}"
            )
        return max(2, 1 << max(0, math.ceil(math.log2(max(rows, 1) / _COMFORTABLE))))

    def _text(self, name: str, values: Mapping[str, Any]) -> str:
        """Write a query of the catalogue with its values."""
        return str(getattr(getattr(self.provider, FAMILY), name)("print", **values))

    def _ask(self, kql: str, *, hushed: bool = False) -> tuple[pd.DataFrame, str | None]:
        """Return rows, and why the engine left some out, where it did.

        Args:
            kql: the query.
            hushed: whether the caller keeps msticpy quiet: that is of the whole process, not of
                one thread.
        """
        try:
            with contextlib.nullcontext() if hushed else quiet():
                rows, status = self._driver.query_with_results(kql)
        except LinuxHuntError:
            raise
        except engine_errors() as error:
            raise FaultError(fault_of(error)) from error
        if str(status.get("status", "")).upper() != "PARTIAL":
            return rows, None
        why = status.get("why")
        return rows, f"the engine left rows out{f' ({why})' if why else ''}"


def _too_much(chunk: Chunk) -> bool:
    """Tell whether halves of a window may give what the whole did not."""
    if chunk.fault is None:
        return not chunk.whole and chunk.rows is not None
    return chunk.fault.kind in (Kind.TOO_LARGE, Kind.TIMEOUT)
