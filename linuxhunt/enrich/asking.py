"""Asking servers outside many questions: several at once, within limits, with retries and a stop.

What is asked, and of whom, is somebody else's (:mod:`linuxhunt.enrich.owners`,
:mod:`linuxhunt.enrich.names`); nothing here knows an address. The questions run in an event loop
of their own, in a thread of their own, as a notebook has a loop already: so one time limit holds
for a whole question (the server's name, the connection, each byte that drips in), and a stop is
heard while all of them wait.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from linuxhunt.enrich.kept import Kept

__all__ = ["Answer", "Asker", "Limits", "Talk", "UnansweredError"]

Talk = Callable[[], AbstractAsyncContextManager[Callable[[str], Awaitable[dict[str, Any]]]]]
"""Opens what questions need (connections), and gives what asks one: it raises UnansweredError."""


@dataclass(frozen=True)
class Limits:
    """How long and how hard to ask.

    Attributes:
        each: seconds for one try of one question.
        total: seconds for all questions of one :class:`Asker`.
        at_once: questions that are under way at the same time.
        tries: how often a question is tried where trying again may help.
        pause: seconds before the second try; each further pause is twice as long.
        give_up: so many failures of one server in a row, and it is asked nothing more.
    """

    each: float = 6
    total: float = 180
    at_once: int = 8
    tries: int = 2
    pause: float = 0.5
    give_up: int = 8


class UnansweredError(Exception):
    """Why a question has no answer, in a few words.

    Attributes:
        again: whether another try may help.
        wait: seconds that the server wants to be left alone.
        shut: whether it should be asked nothing more.
        alive: whether the server did say something; one that does is not given up.
    """

    def __init__(
        self,
        reason: str,
        *,
        again: bool = False,
        wait: float = 0,
        shut: bool = False,
        alive: bool = False,
    ) -> None:
        super().__init__(reason)
        self.again, self.wait, self.shut, self.alive = again, wait, shut, alive


@dataclass(frozen=True)
class Answer:
    """What became of a question: what the server said, or why it said nothing."""

    said: dict[str, Any] | None
    problem: str | None = None


@dataclass
class Asker:
    """One round of questions, or several that share a time limit and a stop.

    Attributes:
        limits: how long and how hard to ask.
        stop: once it is set, nothing more is asked, and what is under way is dropped.
        tell: is told how far it is, a few times a second.
        kept: answers of before; those that are too old do not count.
        asked: questions that were sent, not counting kept ones.
    """

    limits: Limits = field(default_factory=Limits)
    stop: threading.Event = field(default_factory=threading.Event)
    tell: Callable[[object], None] = lambda _: None
    kept: Kept | None = None
    asked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.limits.total
        self._failures: Counter[str] = Counter()
        self._shut: dict[str, str] = {}

    def ask(
        self,
        what: str,
        questions: Iterable[str],
        talk: Talk,
        server: Callable[[str], str] = lambda _: "",
    ) -> dict[str, Answer]:
        """Ask all, and return question -> answer, in order; each question once.

        Args:
            what: what is asked for; answers are kept under it.
            questions: what tells one question from another, in a text.
            talk: asks one.
            server: which server a question is for: failures in a row are counted by it.
        """
        distinct = list(dict.fromkeys(questions))
        held = {q: self.kept.get(what, q) if self.kept else None for q in distinct}
        done = {q: Answer(said) for q, said in held.items() if said is not None}
        left = [q for q in distinct if q not in done]
        if left and not self._over():
            try:
                self._in_thread(what, left, talk, server, done)
            finally:  # also where the analyst interrupts it
                fresh = {q: done[q].said for q in left if q in done}
                if self.kept:
                    self.kept.put(what, {q: said for q, said in fresh.items() if said is not None})
        return {q: done.get(q) or Answer(None, self._why_not()) for q in distinct}

    def _over(self) -> bool:
        return self.stop.is_set() or time.monotonic() >= self._end

    def _why_not(self) -> str:
        return "stopped" if self.stop.is_set() else f"not done within {self.limits.total:g} s"

    def _in_thread(
        self,
        what: str,
        left: list[str],
        talk: Talk,
        server: Callable[[str], str],
        done: dict[str, Answer],
    ) -> None:
        failed: list[BaseException] = []

        def run() -> None:
            loop = asyncio.new_event_loop()
            try:
                loop.run_until_complete(self._all(what, left, talk, server, done))
            except BaseException as error:  # told by the thread that waits
                failed.append(error)
            finally:
                loop.close()  # does not wait for a name that the system still looks for

        thread = threading.Thread(target=run, daemon=True, name=f"ask for {what}")
        before = len(done)
        thread.start()
        try:
            while thread.is_alive():
                self.tell(f"{what}: {len(done) - before:,} of {len(left):,} answered")
                thread.join(0.05)
        except BaseException:  # the analyst's interrupt: nothing goes on behind their back
            self.stop.set()
            thread.join(1)
            raise
        if failed:
            raise failed[0]

    async def _all(
        self,
        what: str,
        left: list[str],
        talk: Talk,
        server: Callable[[str], str],
        done: dict[str, Answer],
    ) -> None:
        room = asyncio.Semaphore(self.limits.at_once)

        async def one(question: str, ask: Callable[[str], Awaitable[dict[str, Any]]]) -> None:
            async with room:
                who = server(question)
                if who in self._shut:
                    done[question] = Answer(None, f"not asked any more: {self._shut[who]}")
                    return
                self.asked[what] += 1
                try:
                    said = await self._tried(question, ask)
                except UnansweredError as problem:
                    done[question] = Answer(None, str(problem))
                    self._failures[who] = 0 if problem.alive else self._failures[who] + 1
                    if problem.shut or self._failures[who] >= self.limits.give_up:
                        self._shut.setdefault(who, str(problem))
                else:
                    self._failures[who] = 0
                    done[question] = Answer(said)

        async with talk() as ask:
            tasks = [asyncio.create_task(one(question, ask)) for question in left]
            pending = set(tasks)
            while pending and not self._over():
                _, pending = await asyncio.wait(pending, timeout=0.05)
            for task in pending:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for result in ended:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                raise result

    async def _tried(
        self, question: str, ask: Callable[[str], Awaitable[dict[str, Any]]]
    ) -> dict[str, Any]:
        limits = self.limits
        for number in range(1, limits.tries + 1):
            try:
                async with asyncio.timeout(limits.each):
                    return await ask(question)
            except TimeoutError:
                problem = UnansweredError(f"no answer within {limits.each:g} s", again=True)
            except UnansweredError as error:
                problem = error
            if not problem.again or number == limits.tries:
                break
            await asyncio.sleep(max(problem.wait, limits.pause * 2 ** (number - 1)))
        raise problem
