from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt import views
from linuxhunt.schema import TIME
from linuxhunt.views.base import LIMIT, View
from linuxhunt.views.lanes import Level, Track, lanes, steps
from tests.made import utc
from tests.views.pages import named, payloads

START, END = utc("2026-03-12"), utc("2026-03-13")
MS = START.value / 1e6
HOUR = 3_600_000.0


def _events(**columns: list[Any]) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    return frame.assign(time=pd.Series(frame["time"], dtype=TIME))


EVENTS = _events(
    time=["2026-03-12 02:00", "2026-03-12 01:00", None, "2026-03-13 00:00", "2026-03-12 03:00"],
    lane=["Failure", "Success", "Failure", "Failure", None],
    text=["a <b>", "b", "c", "d", None],
)


def _sources(view: View) -> list[dict[str, Any]]:
    """Return the columns of each data source of a chart, in the order drawn."""
    held = named(payloads(view), "ColumnDataSource")
    return [dict(source["data"]["entries"]) for source in held]


@pytest.mark.parametrize(
    ("hours", "first", "last"),
    [
        pytest.param(1, 30, 1, id="an hour"),
        pytest.param(72, 1_800, 1, id="three days"),
        pytest.param(24 * 365, 604_800, 1, id="a year"),
        pytest.param(24 * 365 * 40, 2_592_000, 1, id="more than any step"),
    ],
)
def test_steps(hours: int, first: int, last: int) -> None:
    found = steps(hours * HOUR)
    assert (found[0], found[-1]) == (first * 1_000, last * 1_000)
    assert found == sorted(found, reverse=True)


def test_events_one_by_one() -> None:
    view = views.timeline(EVENTS, "time", "lane", "text", start=START, end=END)
    assert _sources(view) == [
        {
            "ms": [MS + HOUR, MS + 2 * HOUR, MS + 3 * HOUR],
            "y": [1.0, 2.0, 0.0],
            "what": ["Success", "Failure", "other"],
            "text": ["b", "a <b>", ""],
            "shape": ["circle", "x", "hex"],
            "colour": ["#0072B2", "#D55E00", "#8A8A8A"],
            "line": ["#1A1A1B", "#D55E00", "#1A1A1B"],
            "width": [0.5, 2.0, 0.5],
        }
    ]
    assert view.text == (
        "3 events (Failure 1, Success 1, other 1), from 12 Mar 2026 00:00:00 to "
        "13 Mar 2026 00:00:00 UTC. 1 event outside the window not drawn. "
        "1 event without a time not drawn."
    )


def test_charts_share_one_range() -> None:
    track = Track(EVENTS, "time", "lane", "text")
    view = views.timelines([track, track], start=START, end=END)
    ranges = [figure["x_range"]["id"] for figure in named(payloads(view), "Figure")]
    assert ranges == [ranges[0]] * 2


def test_alerts_are_drawn_and_named() -> None:
    alerts = pd.DataFrame(
        {"TimeGenerated": [utc("2026-03-12 05:00"), utc("2026-03-14")], "AlertName": ["A", "late"]}
    )
    view = views.timeline(EVENTS, "time", "lane", "text", start=START, end=END, alerts=alerts)
    assert _sources(view)[-1] == {"ms": [MS + 5 * HOUR], "text": ["A"], "top": [2.5]}
    assert "UTC. 1 alert: A." in view.text


def test_bars_whole() -> None:
    frame = _events(
        time=["2026-03-12 01:00", "2026-03-12 01:20", "2026-03-12 01:29:59.999", "2026-03-12 02:00"]
        * 1_000,
        lane=["ssh", "ssh", "su", "ssh"] * 1_000,
        text=["t"] * 4_000,
        result=["Failure", "Success", "Failure", "Failure"] * 1_000,
    )
    track = lanes(Track(frame, "time", "lane", "text", "result"), START, END)
    assert (track.names, track.mixed, [level.says for level in track.levels][:2]) == (
        ["su", "ssh"],
        True,
        ["10 minutes", "5 minutes"],
    )
    level = Level(track.levels[0].step, track.levels[0].bars.round(6))
    half = 600_000.0
    expected = pd.DataFrame(
        {
            "left": [MS + 6 * half, MS + 8 * half, MS + 8 * half, MS + 12 * half],
            "lane": [1, 0, 1, 1],
            "category": ["Failure", "Failure", "Success", "Failure"],
            "count": [1_000] * 4,
            "right": [MS + 7 * half, MS + 9 * half, MS + 9 * half, MS + 13 * half],
            "bottom": [0.6, -0.4, 0.6, 0.6],
            "top": [1.4, 0.4, 1.4, 1.4],
        }
    )
    pd.testing.assert_frame_equal(level.bars, expected, check_dtype=False)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        pytest.param(
            3_001, "Counted per 10 minutes; zoom in to see single events.", id="sent along"
        ),
        pytest.param(
            150_000,
            "Counted per 10 minutes; zoom in for counts per 30 seconds; "
            "for single events narrow the window.",
            id="too many to send",
        ),
    ],
)
def test_many_events_are_counted(number: int, says: str) -> None:
    times = pd.date_range(START, END, periods=number + 1, inclusive="left")
    frame = pd.DataFrame({"time": times, "lane": "Failure", "text": "x" * 300})
    view = views.timeline(frame, "time", "lane", "text", start=START, end=END)
    assert says in view.html
    assert len(view.html) < LIMIT


def test_many_lanes_share_one() -> None:
    frame = pd.DataFrame({"time": START, "lane": [f"user{i:02}" for i in range(40)], "text": ""})
    track = lanes(Track(frame, "time", "lane", "text"), START, END)
    assert track.names == ["other", *(f"user{i:02}" for i in reversed(range(11)))]
    assert track.events["lane"].value_counts()[0] == 29


def test_a_categorical_keeps_its_order_and_rare_categories_share_a_mark() -> None:
    users = [f"user{i}" for i in range(6) for _ in range(7 - i)]
    order = pd.CategoricalDtype(["late", "early", "unseen"])
    frame = pd.DataFrame({"time": START, "text": "", "user": users})
    frame["lane"] = pd.Series(["early"] * 20 + ["late"] * 7, dtype=order)
    track = lanes(Track(frame, "time", "lane", "text", "user"), START, END)
    assert track.names == ["early", "late"]
    assert {name: (mark.colour, mark.shape) for name, mark in track.known.items()} == {
        "user0": ("#009E73", "square"),
        "user1": ("#CC79A7", "diamond"),
        "user2": ("#E69F00", "triangle"),
        "user3": ("#56B4E9", "cross"),
        "other": ("#8A8A8A", "hex"),
    }
    assert track.events["category"].value_counts()["other"] == 5


def test_nothing_in_the_window_is_said_in_a_line() -> None:
    view = views.timeline(EVENTS.head(0), "time", "lane", "text", start=START, end=END)
    assert (payloads(view), view.text) == (
        [],
        "0 events, from 12 Mar 2026 00:00:00 to 13 Mar 2026 00:00:00 UTC.",
    )


def test_a_window_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        views.timeline(EVENTS, "time", "lane", "text", start=END, end=END)


def test_the_few_stand_above_a_crowd_of_another_kind() -> None:
    """The logon that a session began with is seen among hundreds of failures."""
    minutes = pd.Series(pd.date_range(START, periods=201, freq="min"))
    frame = pd.DataFrame({"time": minutes, "lane": "logons", "text": "", "kind": "beside"})
    frame.loc[100, "kind"] = "own"
    found = lanes(Track(frame, "time", "lane", "text", "kind"), START, END).events
    assert found.loc[found["category"] == "own", "shift"].tolist() == [0.5]
    crowd = found.loc[found["category"] == "beside", "shift"]
    assert (crowd.min() >= -0.35, crowd.max() <= 0.35) == (True, True)
