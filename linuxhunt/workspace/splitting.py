"""A window too large for one answer, asked for in halves.

Windows are half-open and halves meet in one microsecond-exact instant, so no row is asked for
twice and none is missed. Each chunk keeps its place in time, whenever it comes. What fails in
passing is asked for again; what is too large is halved; what still fails is named.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

import pandas as pd

from linuxhunt.workspace.faults import Fault, FaultError, Kind

__all__ = ["Chunk", "Patience", "Progress", "fetch", "spell"]

Ask = Callable[[pd.Timestamp, pd.Timestamp], tuple[pd.DataFrame, str | None]]


@dataclass(frozen=True)
class Patience:
    """How hard to try.

    Attributes:
        at_once: queries that run at the same time; the service takes five.
        tries: how often one chunk is asked for where it fails in passing.
        partials: how often, where the answer is partial and halves would not give the whole.
        first: seconds before the second try; doubled for each further one.
        longest: most seconds between two tries, unless the engine asks for more.
        smallest: a chunk of this length is not halved any more.
        timeouts: how often a chunk that the engine cannot finish in time is halved.
        chunks: most chunks of one window.
    """

    at_once: int = 4
    tries: int = 5
    partials: int = 3
    first: float = 1.0
    longest: float = 60.0
    smallest: pd.Timedelta = field(default_factory=lambda: pd.Timedelta("1s"))
    timeouts: int = 5
    chunks: int = 1_024


@dataclass(frozen=True)
class Chunk:
    """One part of the window.

    Attributes:
        start: first instant.
        end: first instant after it.
        rows: what came; None where nothing did.
        why: why rows are missing; empty where the chunk is whole.
        fault: the failure behind that, where there was one.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    rows: pd.DataFrame | None = None
    why: str = ""
    fault: Fault | None = None
    timeouts: int = 0

    @property
    def whole(self) -> bool:
        """Whether all of its rows came."""
        return self.rows is not None and not self.why

    def halves(self) -> tuple[Chunk, Chunk]:
        """Return the two halves, with nothing between them and nothing twice."""
        middle = (self.start + (self.end - self.start) / 2).floor("us")
        late = self.timeouts + (self.fault is not None and self.fault.kind is Kind.TIMEOUT)
        return Chunk(self.start, middle, timeouts=late), Chunk(middle, self.end, timeouts=late)


@dataclass(frozen=True)
class Progress:
    """How far a fetch is; its text is one line for a person."""

    source: str
    done: float
    rows: int
    chunks: int

    def __str__(self) -> str:
        return f"{self.source}: {self.done:.0%} of the window, {self.rows:,} rows"


def fetch(
    ask: Ask,
    start: pd.Timestamp,
    end: pd.Timestamp,
    *,
    split: bool,
    pieces: int = 1,
    patience: Patience,
    stop: threading.Event,
    tell: Callable[[list[Chunk]], None] = lambda chunks: None,
) -> list[Chunk]:
    """Ask for a window, in halves where it must be.

    Args:
        ask: brings the rows of a window, and why some are missing (None where none is); raises
            FaultError.
        start: first instant of the window.
        end: first instant after it.
        split: whether halves of the window give the rows of the whole.
        pieces: into how many equal parts to cut it before anything is asked.
        patience: how hard to try.
        stop: set it to ask nothing more; what was not asked for is named.
        tell: called with the chunks that are done, each time one is.

    Returns:
        The chunks in order of time; together they are the window.

    Raises:
        FaultError: the engine refused the query itself.
    """
    waiting = _cut(Chunk(start, end), pieces)
    done: list[Chunk] = []
    gate = _Gate(patience, stop)
    pool = ThreadPoolExecutor(patience.at_once, thread_name_prefix="linuxhunt-ask")
    running: set[Future[Chunk]] = set()
    try:
        while waiting or running:
            while waiting and len(running) < patience.at_once and not stop.is_set():
                running.add(pool.submit(gate.attempt, ask, waiting.pop(0), split))
            if not running:  # stopped
                done += [replace(chunk, why="not asked for: stopped") for chunk in waiting]
                break
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                chunk = future.result()
                known = len(done) + len(running) + len(waiting)
                if split and known < patience.chunks and _worth_halving(chunk, patience):
                    waiting[:0] = chunk.halves()
                else:
                    done.append(chunk)
                tell(done)
    except BaseException:
        stop.set()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return sorted(done, key=lambda chunk: chunk.start)


def _cut(whole: Chunk, pieces: int) -> list[Chunk]:
    parts = [whole]
    while len(parts) < pieces:
        parts = [half for part in parts for half in part.halves()]
    return parts


def _worth_halving(chunk: Chunk, patience: Patience) -> bool:
    """Tell whether a chunk is too large, and not so small already that halves would be no use."""
    if chunk.whole or (chunk.end - chunk.start) < 2 * patience.smallest:
        return False
    if chunk.fault is None:
        return chunk.rows is not None
    return chunk.fault.kind is Kind.TOO_LARGE or (
        chunk.fault.kind is Kind.TIMEOUT and chunk.timeouts < patience.timeouts
    )


class _Gate:
    """What the chunks of one fetch share: when to go on after the engine asked to wait."""

    def __init__(self, patience: Patience, stop: threading.Event) -> None:
        self._patience = patience
        self._stop = stop
        self._open_at = 0.0

    def attempt(self, ask: Ask, chunk: Chunk, split: bool = True) -> Chunk:
        """Ask for a chunk, again where it fails in passing, or is partial and cannot be halved."""
        fault = Fault(Kind.DROPPED, "not tried")
        part: Chunk | None = None
        for turn in range(self._patience.tries):
            self._stop.wait(max(0.0, self._open_at - time.monotonic()))
            if self._stop.is_set():
                return part or replace(chunk, why="not asked for: stopped")
            try:
                rows, why = ask(chunk.start, chunk.end)
            except FaultError as error:
                fault = error.fault
                if fault.kind is Kind.REFUSED:
                    raise
                if fault.kind in (Kind.TOO_LARGE, Kind.TIMEOUT):
                    break  # the same question would end alike; a smaller one may not
                if turn + 1 < self._patience.tries:
                    self._pause(fault, turn)
            else:
                part = replace(chunk, rows=rows, why=why or "")
                if split or not why or turn + 1 >= self._patience.partials:
                    return part
                self._pause(Fault(Kind.DROPPED, why), turn)
        return part or replace(chunk, why=str(fault), fault=fault)

    def _pause(self, fault: Fault, turn: int) -> None:
        """Wait before the next try; where the engine said how long, everyone waits."""
        seconds = min(self._patience.longest, self._patience.first * 2**turn)
        seconds *= random.uniform(0.75, 1.25)  # so that four do not come back together
        if fault.kind is Kind.BUSY:
            self._open_at = time.monotonic() + (seconds if fault.wait is None else fault.wait)
        else:
            self._stop.wait(seconds)


def spell(chunks: list[Chunk]) -> tuple[str, ...]:
    """Name the time ranges that are missing, neighbours that fail alike as one."""
    ranges: list[list[Chunk]] = []
    for chunk in (chunk for chunk in chunks if not chunk.whole):
        last = ranges[-1][-1] if ranges else None
        if last and last.end == chunk.start and last.why == chunk.why:
            ranges[-1].append(chunk)
        else:
            ranges.append([chunk])
    return tuple(
        f"{_time(parts[0].start)} to {_time(parts[-1].end)} UTC: {parts[0].why}" for parts in ranges
    )


def _time(time: pd.Timestamp) -> str:
    text = time.strftime("%Y-%m-%d %H:%M:%S.%f")
    return text.removesuffix(".000000").removesuffix(":00")
