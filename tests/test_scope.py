"""Windows are half-open, times aware and UTC; what makes no sense is said."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pandas as pd
import pytest

from linuxhunt.errors import ScopeError
from linuxhunt.scope import Scope, as_time
from tests.made import utc

NOON = utc("2026-03-12 12:00")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("2026-03-12T12:00", id="no zone is UTC"),
        pytest.param("2026-03-12 12:00:00", id="a space"),
        pytest.param("2026-03-12T12:00Z", id="Z"),
        pytest.param("2026-03-12T14:00+02:00", id="another zone"),
        pytest.param("2026-03-12T12:00:00.000000000Z", id="nanoseconds"),
        pytest.param("20260312T120000Z", id="basic form"),
        pytest.param(datetime(2026, 3, 12, 12), id="naive datetime"),
        pytest.param(datetime(2026, 3, 12, 7, tzinfo=timezone(timedelta(hours=-5))), id="aware"),
        pytest.param(pd.Timestamp("2026-03-12 12:00", tz="UTC").as_unit("s"), id="seconds"),
    ],
)
def test_a_time_is_read(value: Any) -> None:
    time = as_time(value)
    assert (time, str(time.tz), time.unit) == (NOON, "UTC", "ns")


def test_a_day_is_its_first_instant() -> None:
    assert as_time("2026-03-12") == as_time(date(2026, 3, 12)) == utc("2026-03-12")


@pytest.mark.parametrize(
    "value",
    [
        "yesterday", "now", "today", "12:00", "20", "12/03/2026", "12.03.2026", "12 Mar 2026",
        "2026-13-01", "2026-02-30", "2026-03-12T25:00", "9999-12-31", "0001-01-01", "x" * 9,
    ],
)  # fmt: skip
def test_what_is_no_time_is_said(value: str) -> None:
    with pytest.raises(ScopeError) as caught:
        as_time(value, "start")
    assert str(caught.value) == (
        f"start {value!r} is no time; write it as 2026-03-12 or 2026-03-12T14:30Z"
    )


@pytest.mark.parametrize("value", ["", None, pd.NaT, "NaT"])
def test_no_time_is_said(value: Any) -> None:
    with pytest.raises(ScopeError, match=r"^end is empty; write it as"):
        as_time(value, "end")


@pytest.mark.parametrize("end", ["2026-03-12T12:00", "2026-03-12T11:59:59.999999", "2025-01-01"])
def test_a_window_has_a_length(end: str) -> None:
    with pytest.raises(ScopeError, match="before it starts") as caught:
        Scope(NOON, as_time(end))
    assert "give an end after the start" in str(caught.value)


def test_scopes_are_values() -> None:
    scope = Scope(NOON, as_time("2026-03-13"))
    assert scope == Scope(as_time("2026-03-12T13:00+01:00"), as_time("2026-03-13"))
    assert hash(scope) == hash(scope.between("2026-03-12T12:00Z", "2026-03-13"))
    assert scope.on("web", ("web", "WEB")) == Scope(
        NOON, as_time("2026-03-13"), "web", ("web", "WEB")
    )
    assert scope.on("web").between("2026-03-14", "2026-03-15").host == "web"
    with pytest.raises(ScopeError, match="before it starts"):
        scope.between("2026-03-14", "2026-03-13")
    with pytest.raises(ScopeError, match="start 'x' is no time"):
        scope.between("x", "2026-03-13")


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        pytest.param(Scope(NOON, as_time("2026-03-13"), "web"),
                     "web · 12 Mar 12:00 – 13 Mar 2026 00:00 UTC", id="one year"),
        pytest.param(Scope(as_time("2025-12-31"), as_time("2026-01-01")),
                     "all hosts · 31 Dec 2025 00:00 – 01 Jan 2026 00:00 UTC", id="two years"),
    ],
)  # fmt: skip
def test_a_scope_is_said(scope: Scope, text: str) -> None:
    assert str(scope) == text
