from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pandas as pd
import pytest

from linuxhunt import views
from linuxhunt.views import make_land
from tests.views.pages import named, payloads

PLACES = pd.DataFrame(
    {
        "address": ["198.51.100.1", "198.51.100.2", "203.0.113.9", "10.0.0.1"],
        "Country": ["Germany", "Germany", "Brazil", None],
        "City": ["Berlin", "Berlin", None, None],
        "Latitude": [52.52, 52.51, -10.8, None],
        "Longitude": [13.4, 13.41, -53.1, None],
        "Failure": [300, 100, 0, 7],
        "Success": [0, 1, 2, 0],
    }
)


def test_addresses_of_one_place_are_one_mark() -> None:
    view = views.geo_map(PLACES, source="a database of 18 Jun 2024")
    failed, succeeded, labels = (
        dict(source["data"]["entries"])
        for source in named(payloads(view), "ColumnDataSource")
        if len(source["data"]["entries"]) > 2
    )
    assert failed == {
        "name": ["Berlin, Germany"], "longitude": [13.4], "latitude": [52.5], "failure": [400],
        "success": [1], "says": ["198.51.100.1, 198.51.100.2"],
        "size": [pytest.approx(34, abs=0.1)],
    }  # fmt: skip
    assert (succeeded["name"], succeeded["success"]) == (["Berlin, Germany", "Brazil"], [1, 2])
    assert labels == {
        "x": [13.4, -53.1],
        "y": [52.5, -10.8],
        "text": ["Berlin, Germany 401", "Brazil 2"],
    }
    assert view.text == (
        "3 addresses in 2 places: 400 failed and 3 successful logons; most from "
        "Berlin, Germany 401, Brazil 2. 1 address without a place (not public, or unknown). "
        "Places: a database of 18 Jun 2024."
    )


def test_failures_and_successes_differ_in_shape_and_colour() -> None:
    drawn = named(payloads(views.geo_map(PLACES)), "Scatter")
    circle = {"value": "circle"}
    looks = [
        (glyph.get("marker", circle)["value"], glyph["line_color"]["value"]) for glyph in drawn
    ]
    assert list(dict.fromkeys(looks)) == [("x", "#D55E00"), ("circle", "#0072B2")]


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        pytest.param(PLACES.head(0), "No addresses.", id="none"),
        pytest.param(
            PLACES.tail(1),
            "1 address without a place (not public, or unknown); none to draw.",
            id="none with a place",
        ),
    ],
)
def test_nothing_to_draw(frame: pd.DataFrame, text: str) -> None:
    view = views.geo_map(frame)
    assert (view.text, payloads(view)) == (text, [])


def _held(name: str) -> dict[str, Any]:
    package, file = name.split("/")
    held: dict[str, Any] = json.loads(files(f"linuxhunt.{package}").joinpath(file).read_text())
    return held


def test_land_is_small_and_on_the_map() -> None:
    land = _held("views/land.json")
    xs = [x for rings in land["polygons"] for ring in rings for x in ring[0::2]]
    ys = [y for rings in land["polygons"] for ring in rings for y in ring[1::2]]
    assert (min(xs), max(xs), min(ys), max(ys)) == (-1800, 1901, -900, 836)
    assert files("linuxhunt.views").joinpath("land.json").stat().st_size < 150_000  # type: ignore[attr-defined]
    assert land["source"].startswith("Natural Earth 1:110m land (public domain)")


def test_land_is_made_from_arcs() -> None:
    topology = {
        "transform": {"scale": [1, 1], "translate": [170, 0]},
        "arcs": [[[0, 0], [20, 0]], [[0, 0], [0, 10], [20, 0], [0, -10]]],
        "objects": {"land": {"type": "MultiPolygon", "arcs": [[[0, -2]]]}},
    }
    assert make_land.land(topology)["polygons"] == [
        [[1700, 0, 1900, 0, 1900, 100, 1700, 100, 1700, 0]]
    ]
    over = {**topology, "arcs": [[[0, 0], [-340, 0]], [[0, 0], [0, 10], [-340, 0], [0, -10]]]}
    assert make_land.land(over)["polygons"] == make_land.land(topology)["polygons"]


@pytest.mark.parametrize(
    ("code", "point"),
    [
        pytest.param("US", [39.5, -99.1], id="contiguous states, not the mean with Alaska"),
        pytest.param("RU", [61.7, 99.7], id="over the antimeridian"),
        pytest.param("FR", [46.6, 2.5], id="mainland"),
        pytest.param("GF", [4.0, -53.1], id="added"),
    ],
)
def test_countries_are_where_they_are(code: str, point: list[float]) -> None:
    assert _held("enrich/countries.json")["places"][code] == point
