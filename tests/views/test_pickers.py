from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import pandas as pd
import pytest

from linuxhunt import views
from tests.made import utc

FIRST, LAST = utc("2026-03-01 10:00:00.5"), utc("2026-03-14 23:59:58.25")
START, END = utc("2026-03-12"), utc("2026-03-15")


def _parts(widget: Any) -> list[Any]:
    return [widget] + [part for child in getattr(widget, "children", ()) for part in _parts(child)]


def _of(widget: Any, kind: type[Any]) -> list[Any]:
    return [part for part in _parts(widget) if type(part) is kind]


@pytest.mark.parametrize(
    ("name", "window"),
    [
        pytest.param(
            "last 24 h", (utc("2026-03-13 23:59:59"), utc("2026-03-14 23:59:59")), id="a day"
        ),
        pytest.param(
            "last 7 days", (utc("2026-03-07 23:59:59"), utc("2026-03-14 23:59:59")), id="a week"
        ),
        pytest.param(
            "all that the source holds", (utc("2026-03-01 10:00:00"), utc("2026-03-14 23:59:59")),
            id="all",
        ),
    ],
)  # fmt: skip
def test_quick_ranges_end_with_the_data(name: str, window: tuple[Any, Any]) -> None:
    told: list[Any] = []
    picker = views.window_picker(START, END, (FIRST, LAST), lambda *times: told.append(times))
    _of(picker, widgets.ToggleButtons)[0].value = name
    assert told == [window]
    assert [field.value for field in _of(picker, widgets.Text)] == [
        time.strftime("%Y-%m-%d %H:%M:%S") for time in window
    ]


@pytest.mark.parametrize(
    ("start", "says", "told"),
    [
        pytest.param(
            "2026-03-13", "13 Mar 2026 00:00:00 to 15 Mar 2026 00:00:00 UTC, 2 days",
            [(utc("2026-03-13"), END)], id="a date",
        ),
        pytest.param(
            "2026-03-14T20:00+01:00", "14 Mar 2026 19:00:00 to 15 Mar 2026 00:00:00 UTC, 5 hours",
            [(utc("2026-03-14 19:00"), END)], id="a zone",
        ),
        pytest.param("2026-03-12 00:00", "12 Mar 2026 00:00:00 to 15 Mar 2026 00:00:00 UTC, 3 days",
                     [], id="the same"),
        pytest.param("yesterday-ish", "✗ Start is no time; write it like 2026-03-13 02:14:07.",
                     [], id="no time"),
        pytest.param("", "✗ Start is missing; write it like 2026-03-13 02:14:07.", [], id="empty"),
        pytest.param("2026-03-16", "✗ The window ends before it starts; set End after Start.", [],
                     id="backwards"),
    ],
)  # fmt: skip
def test_a_window_is_checked(start: str, says: str, told: list[Any]) -> None:
    heard: list[Any] = []
    picker = views.window_picker(START, END, (FIRST, LAST), lambda *times: heard.append(times))
    _of(picker, widgets.Text)[0].value = start
    assert (_of(picker, widgets.Label)[0].value, heard) == (says, told)


def test_hosts_are_ranked_and_say_why() -> None:
    hosts = pd.DataFrame(
        {
            "Computer": ["web01", "db01", "x"],
            "Reasons": [["412 failed logons", "1 alert"], "", None],
        }
    )
    heard: list[str] = []
    picker = views.host_picker(hosts, "web01", heard.append)
    (select,) = _of(picker, widgets.Select)
    assert (select.options, select.value) == (
        (("1. web01: 412 failed logons, 1 alert", "web01"), ("2. db01", "db01"), ("3. x", "x")),
        "web01",
    )
    select.value = "db01"
    assert heard == ["db01"]


def test_a_choice_can_be_filtered_without_changing_it() -> None:
    options = [(f"user{i:02}", i) for i in range(12)] + [("\x1b<b>", 99), ("user00", 7_000)]
    heard: list[int] = []
    picker = views.choice_picker(options, 3, "User", heard.append)
    (select,), (field,), (says,) = (
        _of(picker, kind) for kind in (widgets.Select, widgets.Text, widgets.Label)
    )
    assert (select.options[12:], says.value) == (
        (("\\x1b<b>", 99), ("user00 (2)", 7_000)),
        "14 options",
    )
    field.value = "USER 1"
    assert (select.options, select.value, says.value) == (
        (("user01", 1), ("user10", 10), ("user11", 11)),
        None,
        "3 of 14",
    )
    assert heard == []
    select.value = 10
    field.value = ""
    assert (select.value, heard) == (10, [10])


@pytest.mark.parametrize(
    ("number", "value", "shown", "picked", "says"),
    [
        pytest.param(0, None, 0, None, "Nothing to pick.", id="nothing"),
        pytest.param(2, 9, 2, None, "", id="a value that is not there"),
        pytest.param(2_000, 1, 500, 1, "500 of 2,000 shown; filter to see the others", id="many"),
    ],
)
def test_choices_at_the_edges(
    number: int, value: int | None, shown: int, picked: int | None, says: str
) -> None:
    picker = views.choice_picker([(f"o{i}", i) for i in range(number)], value, "Pick", print)
    (select,) = _of(picker, widgets.Select)
    assert (len(select.options), select.value, _of(picker, widgets.Label)[0].value) == (
        shown,
        picked,
        says,
    )
