"""A window in parts: half-open, each row once, in its place; what fails is told apart."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError
from azure.kusto.data.exceptions import KustoNetworkError, KustoServiceError, KustoThrottlingError
from hypothesis import given, settings
from hypothesis import strategies as st

from linuxhunt.workspace.faults import BrokenAnswerError, Fault, FaultError, Kind, fault_of
from linuxhunt.workspace.splitting import Chunk, Patience, fetch, spell
from tests.made import utc

START, END = utc("2026-03-12 10:00"), utc("2026-03-12 12:00")
QUICK = Patience(first=0.001, longest=0.002)
SPAN = int((END - START) / pd.Timedelta("1us"))


def engine(times: list[int], cap: int) -> Callable[..., tuple[pd.DataFrame, str | None]]:
    """Return an engine that holds rows at microseconds after START and gives `cap` at once."""

    def ask(start: pd.Timestamp, end: pd.Timestamp) -> tuple[pd.DataFrame, str | None]:
        stamps = [START + pd.Timedelta(microseconds=time) for time in times]
        rows = [(n, t) for n, t in enumerate(stamps) if start <= t < end]
        return (
            pd.DataFrame(rows[:cap], columns=["Row", "Time"]),
            "too many rows" if len(rows) > cap else None,
        )

    return ask


def run(ask: Any, stop: threading.Event | None = None, **options: Any) -> list[Chunk]:
    given = {"split": True, "patience": QUICK, "stop": stop or threading.Event(), **options}
    return fetch(ask, START, END, **given)


@settings(max_examples=40, deadline=None)
@given(
    times=st.lists(st.integers(0, SPAN - 1), max_size=60, unique_by=lambda t: t // 2_000_000),
    pieces=st.sampled_from([1, 2, 8]),
)
def test_each_row_comes_once_and_in_its_place(times: list[int], pieces: int) -> None:
    chunks = run(engine(times, 3), pieces=pieces)
    assert all(chunk.whole for chunk in chunks)
    assert [chunks[0].start, chunks[-1].end] == [START, END]
    assert all(a.end == b.start for a, b in pairwise(chunks))
    rows = [row for chunk in chunks if chunk.rows is not None for row in chunk.rows["Row"]]
    assert sorted(rows) == list(range(len(times)))


def test_rows_at_an_edge_are_in_one_half() -> None:
    edge = SPAN // 2
    chunks = run(engine([edge - 1, edge, edge + 1], 2))
    assert [list(chunk.rows["Row"]) for chunk in chunks if chunk.rows is not None] == [[0], [1, 2]]


@pytest.mark.parametrize("split", [True, False])
def test_a_refusal_ends_it(split: bool) -> None:
    def ask(*_: Any) -> Any:
        raise FaultError(Fault(Kind.REFUSED, "a semantic error"))

    with pytest.raises(FaultError, match="a semantic error"):
        run(ask, split=split)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        pytest.param(Kind.BUSY, QUICK.tries, id="busy: again"),
        pytest.param(Kind.DROPPED, QUICK.tries, id="dropped: again"),
        pytest.param(Kind.SIGN_IN, QUICK.tries, id="signed out: again, with a new token"),
        pytest.param(Kind.TIMEOUT, 2 ** (QUICK.timeouts + 1) - 1, id="timeout: halves"),
    ],
)
def test_how_often_a_failure_is_asked_again(kind: Kind, asked: int) -> None:
    count: list[int] = []

    def ask(*_: Any) -> Any:
        count.append(1)
        raise FaultError(Fault(kind, "x"))

    chunks = run(ask)
    assert len(count) == asked
    assert spell(chunks) == (f"2026-03-12 10:00 to 2026-03-12 12:00 UTC: {kind.value} (x)",)


@pytest.mark.parametrize(
    ("answers", "rows", "why"),
    [
        pytest.param([""], 1, "", id="whole"),
        pytest.param(["a shard was late", ""], 2, "", id="whole the second time"),
        pytest.param(["late"] * 9, QUICK.partials, "late", id="partial each time"),
        pytest.param(["late", FaultError(Fault(Kind.TIMEOUT, "x"))], 1, "late",
                     id="then it fails: what came is kept"),
    ],
)  # fmt: skip
def test_what_cannot_be_halved_is_asked_again(answers: list[Any], rows: int, why: str) -> None:
    asked = iter(enumerate(answers, 1))

    def ask(*_: Any) -> Any:
        number, answer = next(asked)
        if isinstance(answer, FaultError):
            raise answer
        return pd.DataFrame({"n": [number]}), answer or None

    (chunk,) = run(ask, split=False)
    assert chunk.rows is not None
    assert (chunk.rows["n"].tolist(), chunk.why) == ([rows], why)


def test_what_the_engine_says_of_waiting_holds_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(round(timeout or 0.0))
            return False

    first = [True]
    clock = [0.0]
    monkeypatch.setattr("linuxhunt.workspace.splitting.time.monotonic", lambda: clock[0])

    def ask(*_: Any) -> Any:
        if first.pop() if first else False:
            raise FaultError(Fault(Kind.BUSY, "x", wait=17.0))
        return pd.DataFrame(), None

    patience = Patience(at_once=1)
    assert all(chunk.whole for chunk in run(ask, Stop(), pieces=2, patience=patience))
    assert waits == [0, 17, 17]


def test_no_more_chunks_than_allowed() -> None:
    chunks = run(engine([0] * 9, 1), patience=Patience(chunks=8))
    assert len(chunks) <= 8 + QUICK.at_once
    assert not chunks[0].whole


def test_an_interrupt_stops_the_threads() -> None:
    stop = threading.Event()

    def tell(_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(engine([1, SPAN - 1], 1), stop, tell=tell)
    assert stop.is_set()


def test_neighbours_that_fail_alike_are_named_as_one() -> None:
    def part(start: str, end: str, why: str) -> Chunk:
        rows = None if why else pd.DataFrame()
        return Chunk(utc(f"2026-03-12 {start}"), utc(f"2026-03-12 {end}"), rows, why)

    chunks = [
        part("10:00", "10:30", "x"), part("10:30", "11:00:00.000001", "x"),
        part("11:00:00.000001", "11:15", ""), part("11:15", "11:30", "x"),
        part("11:30", "12:00", "y"),
    ]  # fmt: skip
    assert spell(chunks) == (
        "2026-03-12 10:00 to 2026-03-12 11:00:00.000001 UTC: x",
        "2026-03-12 11:15 to 2026-03-12 11:30 UTC: x",
        "2026-03-12 11:30 to 2026-03-12 12:00 UTC: y",
    )


class Response:
    """As much of a response as says what failed; like that of requests, it is then false."""

    def __init__(self, status: int, **headers: str) -> None:
        self.status_code = status
        self.ok = status < 400
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def __bool__(self) -> bool:
        return self.ok


def wrapped(error: Exception) -> Exception:
    outer = RuntimeError("msticpy's own words")
    outer.__cause__ = error
    return outer


def http(status: int, text: str = "x", **headers: str) -> HttpResponseError:
    error = HttpResponseError(text)
    error.status_code = status
    error.response = Response(status, **headers)
    return error


LIMIT = "Query execution has exceeded the allowed limits (80DA0003): The results of this query"


@pytest.mark.parametrize(
    ("error", "kind", "wait"),
    [
        pytest.param(http(429, Retry_After="7"), Kind.BUSY, 7.0, id="429"),
        pytest.param(http(429, Retry_After="soon"), Kind.BUSY, None, id="429, no seconds"),
        pytest.param(wrapped(http(429, Retry_After="7")), Kind.BUSY, 7.0, id="429, wrapped"),
        pytest.param(http(401), Kind.SIGN_IN, None, id="401"),
        pytest.param(http(403), Kind.REFUSED, None, id="403"),
        pytest.param(http(400), Kind.REFUSED, None, id="400"),
        pytest.param(http(413), Kind.TOO_LARGE, None, id="413"),
        pytest.param(http(400, "ResponseSizeError: too large"), Kind.TOO_LARGE, None, id="size"),
        pytest.param(http(503), Kind.DROPPED, None, id="503"),
        pytest.param(http(504), Kind.TIMEOUT, None, id="504"),
        pytest.param(ServiceRequestError("x"), Kind.DROPPED, None, id="no route"),
        pytest.param(BrokenAnswerError("x"), Kind.DROPPED, None, id="garbage"),
        pytest.param(TimeoutError("timed out"), Kind.DROPPED, None, id="socket"),
        pytest.param(KustoNetworkError("https://x.example"), Kind.DROPPED, None, id="Kusto: none"),
        pytest.param(KustoThrottlingError("x", Response(429, Retry_After="3")), Kind.BUSY, 3.0,
                     id="Kusto: throttled"),
        pytest.param(KustoServiceError(LIMIT), Kind.TOO_LARGE, None, id="Kusto: too many rows"),
        pytest.param(KustoServiceError("E_QUERY_RESULT_SET_TOO_LARGE"), Kind.TOO_LARGE, None,
                     id="Kusto: too large"),
        pytest.param(KustoServiceError("Request timed out."), Kind.TIMEOUT, None,
                     id="Kusto: timeout"),
        pytest.param(KustoServiceError("401. Missing adequate access rights.", Response(401)),
                     Kind.SIGN_IN, None, id="Kusto: 401"),
        pytest.param(KustoServiceError("Semantic error: SEM0100"), Kind.REFUSED, None,
                     id="Kusto: semantic"),
        pytest.param(ValueError("x"), Kind.REFUSED, None, id="anything else"),
    ],
)  # fmt: skip
def test_what_a_failure_means(error: Exception, kind: Kind, wait: float | None) -> None:
    fault = fault_of(error)
    assert (fault.kind, fault.wait) == (kind, wait)
    assert "\n" not in str(fault)
