"""A small simulation for the sample incident: actors take turns in order of time.

An actor is a generator that yields seconds to wait. Because actors resume in order of time, what
they draw from a host's counters (pids, audit serials, session numbers) grows with time as it does
on a real host, and every log file comes out sorted.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

__all__ = ["Act", "Actor", "LogFile", "World", "at", "iso", "micros"]

Actor = Iterator[float]


def micros(when: datetime) -> int:
    """Return microseconds since 1970 of an aware time, exactly."""
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def at(microseconds: int) -> datetime:
    """Return the time of microseconds since 1970, in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def iso(microseconds: int) -> str:
    """Return microseconds since 1970 as ISO 8601 with microseconds and Z."""
    return at(microseconds).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class LogFile:
    """One file of evidence while it is being written.

    Attributes:
        path: relative to the folder of evidence; a rotation changes it.
        last: when it was last written to, microseconds since 1970.
        binary: lines are records of bytes, as Latin-1, with nothing between them.
        lines: without their newlines.
    """

    path: str
    last: int = 0
    binary: bool = False
    lines: list[str] = field(default_factory=list)

    def raw(self) -> bytes:
        """Return the file's bytes."""
        if self.binary:
            return "".join(self.lines).encode("latin-1")
        return "".join(f"{line}\n" for line in self.lines).encode()


@dataclass
class _Task:
    actor: Actor
    act: str | None


@dataclass
class Act:
    """What an intruder's act left behind, collected while it happens."""

    technique: str
    description: str
    host: str
    start: int
    marks: list[tuple[LogFile, int]] = field(default_factory=list)


class World:
    """The clock, the queue of actors, the files, and the acts that lines belong to."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start = micros(start)
        self.end = micros(end)
        self.now = self.start
        self.files: list[LogFile] = []
        self.acts: dict[str, Act] = {}
        self.at_end: list[Callable[[], None]] = []
        self._queue: list[tuple[int, int, _Task]] = []
        self._count = 0
        self._task = _Task(iter(()), None)

    @property
    def time(self) -> datetime:
        """Now, in UTC."""
        return at(self.now)

    @property
    def act(self) -> str | None:
        """The act that the actor whose turn it is belongs to; None for ordinary work."""
        return self._task.act

    def file(self, path: str) -> LogFile:
        """Open a new file of evidence."""
        made = LogFile(path)
        self.files.append(made)
        return made

    def begin(self, act: str, technique: str, description: str, host: str) -> None:
        """Let what the present actor writes from now on, and whom it spawns, belong to an act."""
        self.acts.setdefault(act, Act(technique, description, host, self.now))
        self._task.act = act

    def write(self, file: LogFile, line: str, act: str | None = None) -> None:
        """Append one line, belonging to the present actor's act, or to ``act``."""
        file.lines.append(line)
        file.last = self.now
        act = act or self._task.act
        if act is not None:
            self.acts[act].marks.append((file, len(file.lines) - 1))

    def empty(self, file: LogFile) -> None:
        """Throw away what a file holds, also from what acts left behind."""
        file.lines.clear()
        file.last = self.now
        for act in self.acts.values():
            act.marks = [mark for mark in act.marks if mark[0] is not file]

    def spawn(self, actor: Actor, delay: float = 0.0) -> None:
        """Let an actor start ``delay`` seconds from now."""
        self._push(self.now + round(delay * 1e6), _Task(actor, self._task.act))

    def until(self, when: datetime) -> float:
        """Return the seconds from now to a time."""
        return (micros(when) - self.now) / 1e6

    def run(self) -> None:
        """Run all actors to the end of the window."""
        while self._queue and self._queue[0][0] < self.end:
            self.now, _, self._task = heapq.heappop(self._queue)
            delay = next(self._task.actor, None)
            if delay is not None:
                self._push(self.now + max(1, round(delay * 1e6)), self._task)
        self._task = _Task(iter(()), None)
        for finish in self.at_end:
            finish()

    def _push(self, when: int, task: _Task) -> None:
        self._count += 1
        heapq.heappush(self._queue, (when, self._count, task))
