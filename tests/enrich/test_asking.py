"""Limits, retries, stop and kept answers, with questions that misbehave as they are told to."""

from __future__ import annotations

import asyncio
import json
import stat
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from linuxhunt.enrich.asking import Answer, Asker, Limits, UnansweredError
from linuxhunt.enrich.kept import Kept

QUICK = Limits(each=0.3, total=5, pause=0.01)
Ask = Callable[[str], Awaitable[dict[str, Any]]]


class Server:
    """Answers by the question's first word; it keeps what it was asked, and how many at once."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.inside = self.most = 0

    @asynccontextmanager
    async def talk(self) -> AsyncIterator[Ask]:
        yield self._answer

    async def _answer(self, question: str) -> dict[str, Any]:
        self.asked.append(question)
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            return await self._mood(question)
        finally:
            self.inside -= 1

    async def _mood(self, question: str) -> dict[str, Any]:
        mood = question.split()[0]
        if mood == "hang":
            await asyncio.sleep(60)
        if mood == "wait":
            await asyncio.sleep(0.05)
        if mood == "once" and self.asked.count(question) == 1:
            raise UnansweredError("hiccup", again=True)
        if mood == "no":
            raise UnansweredError("refused")
        if mood == "gone":
            raise UnansweredError("gone", again=True)
        if mood == "limit":
            raise UnansweredError("too often", again=True, shut=True)
        if mood == "alive":
            raise UnansweredError("failed", alive=True)
        if mood == "bug":
            raise ZeroDivisionError
        return {"is": question}


@pytest.mark.parametrize(
    ("question", "answer", "tries"),
    [
        pytest.param("yes", Answer({"is": "yes"}), 1, id="an answer"),
        pytest.param("once", Answer({"is": "once"}), 2, id="an answer at the second try"),
        pytest.param("no", Answer(None, "refused"), 1, id="no use in trying again"),
        pytest.param("gone", Answer(None, "gone"), 2, id="tried again in vain"),
        pytest.param("hang", Answer(None, "no answer within 0.3 s"), 2, id="too slow, twice"),
    ],
)
def test_one_question(question: str, answer: Answer, tries: int) -> None:
    server = Server()
    assert Asker(QUICK).ask("x", [question], server.talk) == {question: answer}
    assert server.asked == [question] * tries


def test_each_question_is_asked_once_in_order() -> None:
    server = Server()
    found = Asker(QUICK).ask("x", ["b", "no", "b", "a"], server.talk)
    assert list(found.items()) == [
        ("b", Answer({"is": "b"})), ("no", Answer(None, "refused")), ("a", Answer({"is": "a"})),
    ]  # fmt: skip
    assert sorted(server.asked) == ["a", "b", "no"]


def test_so_many_at_once_and_no_more() -> None:
    server = Server()
    Asker(Limits(at_once=3)).ask("x", [f"wait {n}" for n in range(12)], server.talk)
    assert (len(server.asked), server.most) == (12, 3)


def test_all_questions_together_have_a_limit() -> None:
    server, asker = Server(), Asker(Limits(each=30, total=1, at_once=2))
    began = time.monotonic()
    found = asker.ask("x", ["yes", "hang 1", "hang 2", "hang 3"], server.talk)
    assert time.monotonic() - began < 15
    late = Answer(None, "not done within 1 s")
    assert found == {
        "yes": Answer({"is": "yes"}), "hang 1": late, "hang 2": late, "hang 3": late,
    }  # fmt: skip
    assert asker.ask("y", ["yes"], server.talk) == {"yes": late}
    assert server.asked == ["yes", "hang 1", "hang 2"]


def test_a_stop_is_heard_while_all_wait() -> None:
    server, stop, told = Server(), threading.Event(), list[str]()

    def tell(how_far: object) -> None:
        told.append(str(how_far))
        if "1 of 2" in str(how_far):
            stop.set()

    began = time.monotonic()
    found = Asker(Limits(each=30), stop, tell).ask("things", ["yes", "hang"], server.talk)
    assert time.monotonic() - began < 15
    assert found == {"yes": Answer({"is": "yes"}), "hang": Answer(None, "stopped")}
    assert told[-1] == "things: 1 of 2 answered"


@pytest.mark.parametrize(
    ("questions", "asked", "last"),
    [
        pytest.param([f"gone {n}" for n in range(9)], 4, "not asked any more: gone",
                     id="a server that is not there"),
        pytest.param([f"limit {n}" for n in range(9)], 2, "not asked any more: too often",
                     id="a server that limits"),
        pytest.param([f"alive {n}" for n in range(9)], 9, "failed", id="a server that is there"),
        pytest.param([*(f"gone {n}" for n in range(3)), "yes", "gone 4"], 9, "gone",
                     id="failures that are not in a row"),
    ],
)  # fmt: skip
def test_a_server_is_given_up(questions: list[str], asked: int, last: str) -> None:
    server = Server()
    limits = Limits(at_once=1, tries=2, pause=0.01, give_up=2 if asked == 4 else 4)
    found = Asker(limits).ask("x", questions, server.talk)
    assert (len(server.asked), found[questions[-1]]) == (asked, Answer(None, last))


def test_another_server_is_asked_still() -> None:
    server = Server()
    found = Asker(Limits(at_once=1)).ask(
        "x", ["limit 1", "limit 2", "yes"], server.talk, lambda question: question.split()[0]
    )
    assert found == {
        "limit 1": Answer(None, "too often"),
        "limit 2": Answer(None, "not asked any more: too often"),
        "yes": Answer({"is": "yes"}),
    }


def test_a_fault_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        Asker(QUICK).ask("x", ["bug", "yes"], Server().talk)


def test_an_interrupt_stops_what_is_under_way() -> None:
    server, stop = Server(), threading.Event()

    def tell(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Asker(Limits(each=30), stop, tell).ask("x", ["hang"], server.talk)
    assert stop.is_set()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outside" / "answers.json"


def test_answers_are_kept_until_they_are_too_old(path: Path) -> None:
    now = [1_000.0]

    def asked(what: str, *questions: str) -> list[str]:
        server = Server()
        kept = Kept(path, {"x": 60, "y": 10}, now=lambda: now[0])
        found = Asker(QUICK, kept=kept).ask(what, questions, server.talk)
        assert found["yes"] == Answer({"is": "yes"})
        assert kept.fault is None
        return sorted(server.asked)

    assert asked("x", "yes", "no") == ["no", "yes"]
    assert asked("x", "yes", "no") == ["no"]  # what failed is asked again
    assert asked("y", "yes") == ["yes"]  # another thing was asked for
    now[0] += 10
    assert asked("y", "yes") == ["yes"]
    assert asked("x", "yes") == []
    now[0] += 50
    assert asked("x", "yes") == ["yes"]
    now[0] -= 5_000  # kept in the future: somebody's clock was wrong
    assert asked("x", "yes") == ["yes"]


def test_the_file_is_the_users_alone(path: Path) -> None:
    Kept(path, {"x": 60}).put("x", {"a": {"is": 1}})
    modes = [stat.S_IMODE(place.stat().st_mode) for place in (path, path.parent)]
    assert (modes, [place.name for place in path.parent.iterdir()]) == (
        [0o600, 0o700],
        ["answers.json"],
    )


def test_the_oldest_go_first(path: Path) -> None:
    for number in range(5):
        Kept(path, {"x": 60}, most=3, now=lambda n=number: 100.0 + n).put("x", {str(number): {}})
    kept = Kept(path, {"x": 60}, now=lambda: 110.0)
    assert [kept.get("x", str(number)) for number in range(5)] == [None, None, {}, {}, {}]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param('{"format": 1, "answers": {"x a": {"at"', id="cut short"),
        pytest.param("[]", id="a list"),
        pytest.param('{"format": 1}', id="nothing in it"),
        pytest.param('{"format": 1, "answers": []}', id="no map"),
        pytest.param('{"format": 1, "answers": {"x a": {"at": "now", "said": {}}}}', id="no time"),
        pytest.param(
            '{"format": 1, "answers": {"x a": {"at": 1, "said": "<b>"}}}', id="no map within"
        ),
        pytest.param('{"format": 1, "answers": {"x a": 7}}', id="a number within"),
        pytest.param("[" * 100_000, id="deep"),
        pytest.param("\x00\x01", id="binary"),
    ],
)
def test_a_broken_file_is_left_out_and_said(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    kept = Kept(path, {"x": 60})
    assert Asker(QUICK, kept=kept).ask("x", ["a"], Server().talk) == {"a": Answer({"is": "a"})}
    assert (kept.fault or "").startswith(f"{path} cannot be read and is left out: ")
    assert Kept(path, {"x": 60}).get("x", "a") == {"is": "a"}  # written anew


def test_bytes_that_are_no_utf8(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe")
    kept = Kept(path, {"x": 60})
    assert (kept.get("x", "a"), kept.fault is None) == (None, False)


def test_a_file_of_another_version_is_written_anew(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(json.dumps({"format": 0, "answers": {"x a": {"at": 1, "said": {"is": "old"}}}}))
    kept = Kept(path, {"x": 60}, now=lambda: 2.0)
    assert (kept.get("x", "a"), kept.fault) == (None, None)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept = Kept(tmp_path / "file" / "answers.json", {"x": 60})
    assert Asker(QUICK, kept=kept).ask("x", ["a"], Server().talk) == {"a": Answer({"is": "a"})}
    assert "file/answers.json cannot be" in (kept.fault or "")
