"""Logons from a country, a network and at an hour that are all new to the user."""

from __future__ import annotations

from typing import Any

import pytest

from linuxhunt.sections.logon_keys import OddPlaceAndHour
from tests.sections.people_made import HOME, OFFICE, STRANGER, came, tables, told, where

PLACES = where(
    (OFFICE, "Norway", None, None, None, "Office AS"),
    (HOME, "Norway", None, None, None, "Home AS"),
    (STRANGER, "Chile", None, None, None, "Far AS"),
)
PAST = [came(f"2026-03-{day:02} {hour}:00", "ben", OFFICE) for day in (9, 10, 11) for hour in
        ("09", "15")]  # fmt: skip
NIGHT = came("2026-03-12 03:10", "ben", STRANGER)
ODD = [f"Medium: Odd place and hour: ben from {STRANGER}"]


@pytest.mark.parametrize(
    ("rows", "places", "found"),
    [
        pytest.param([*PAST, NIGHT], PLACES, ODD, id="country, network and hour"),
        pytest.param([*PAST, {**NIGHT, "LogonMethod": "Username & Password"}], PLACES, ODD,
                     id="by password"),
        pytest.param([*PAST, came("2026-03-12 14:10", "ben", STRANGER)], PLACES, [],
                     id="at an hour as ever"),
        pytest.param([*PAST[1:], came("2026-03-08 23:50", "ben", OFFICE),
                      came("2026-03-12 00:30", "ben", STRANGER)], PLACES, [],
                     id="at an hour as ever, around midnight"),
        pytest.param([*PAST, came("2026-03-12 03:10", "ben", HOME)], PLACES, [], id="same country"),
        pytest.param([came("2026-03-08 12:00", "ann", STRANGER), *PAST, NIGHT], PLACES, [],
                     id="a colleague comes from there"),
        pytest.param([*PAST[:4], NIGHT], PLACES, [], id="too few before"),
        pytest.param([came(f"2026-03-11 {hour:02}:00", "ben", OFFICE) for hour in range(9, 16)]
                     + [NIGHT], PLACES, [], id="a past of one day"),
        pytest.param([*PAST, NIGHT], None, [], id="places unknown"),
        pytest.param([*PAST, NIGHT], PLACES[PLACES["address"] == STRANGER], [],
                     id="only the new place known"),
    ],
)  # fmt: skip
def test_odd_place_and_hour(rows: list[dict[str, Any]], places: Any, found: list[str]) -> None:
    assert told(OddPlaceAndHour().run(tables(logons=rows, places=places))) == found
