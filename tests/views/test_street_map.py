"""The map of tiles: what it says, what it fetches, and that no text of data becomes script."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

from linuxhunt import views
from linuxhunt.views.base import LIMIT, View
from tests.views.pages import HIDDEN, HOSTILE, Faults
from tests.views.test_geo_map import PLACES


def inside(view: View) -> str:
    """Return the document within the map's frame; it would load tiles, and no test does."""
    (found,) = re.findall(r'srcdoc="([^"]*)"', view.html)
    return html.unescape(found)


def literals(document: str) -> list[str]:
    """Return the template literals of the map's script: HTML of popups and tooltips."""
    return [" ".join(text.split()) for text in re.findall(r"`([^`]*)`", document)]


def test_a_place_is_a_mark_with_what_happened_there() -> None:
    view = views.street_map(PLACES)
    document = inside(view)
    centres = re.findall(r"L\.circleMarker\(\s*\[([-\d.]+), ([-\d.]+)\]", document)
    assert centres == [("52.52", "13.4"), ("52.51", "13.41"), ("-10.8", "-53.1")]
    said = [re.sub(r"<[^>]+>", "|", text).strip("| ") for text in literals(document)]
    assert said == [
        "Berlin, Germany||300 failed and 0 successful logons from 1 address|198.51.100.1",
        "Berlin, Germany: 300 failed and 0 successful logons from 1 address",
        "Berlin, Germany||100 failed and 1 successful logons from 1 address|198.51.100.2",
        "Berlin, Germany: 100 failed and 1 successful logons from 1 address",
        "Brazil||0 failed and 2 successful logons from 1 address|203.0.113.9",
        "Brazil: 0 failed and 2 successful logons from 1 address",
    ]


def test_it_says_what_it_needs_and_has_a_table_beneath() -> None:
    view = views.street_map(PLACES)
    assert view.text == (
        "This map needs a network: scripts come from CDNs and tiles from OpenStreetMap, which see"
        " which part of the world is looked at (no address is sent). It stays blank without, and"
        " in a notebook that is not trusted; the table beneath says the same.\n"
        "Places, the busiest first; 1 address without a place: 3 rows, 8 columns"
    )
    assert view.html.index("<iframe") < view.html.index('<table class="lh-table"')


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(PLACES.head(0), id="none"),
        pytest.param(PLACES.tail(1), id="none with a place"),
        pytest.param(
            PLACES.assign(Latitude=[91.0, None, float("nan"), -100.0]), id="none on Earth"
        ),
    ],
)
def test_without_a_place_nothing_is_fetched(frame: pd.DataFrame) -> None:
    view = views.street_map(frame)
    assert ("<iframe" in view.html, "No rows." in view.html) == (False, True)
    assert Faults(view).found == []


def test_thousands_of_addresses_are_grouped_and_fit() -> None:
    number = 20_000
    frame = pd.DataFrame(
        {
            "address": [f"8.{n // 62_500}.{n // 250 % 250}.{n % 250}" for n in range(number)],
            "Country": "Germany", "City": [f"Town {n % 900}" for n in range(number)],
            "Latitude": [40 + n % 900 / 100 for n in range(number)], "Longitude": 10.0,
            "Failure": 1, "Success": [n % 900 for n in range(number)],
        }
    )  # fmt: skip
    view = views.street_map(frame, noun="flow")
    assert len(view.html) < LIMIT
    assert inside(view).count("L.circleMarker(") == 400
    assert "The 400 busiest places are drawn." in view.text
    assert view.text.endswith("Places, the busiest first: 900 rows, 8 columns")


class _Read(HTMLParser):
    """What a browser would make of a popup."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[Any]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[Any]) -> None:
        self.tags.append((tag, [name for name, _ in attrs]))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_text_stays_text(text: str) -> None:
    hostile = pd.DataFrame(
        {
            "address": [text, "`${window.pwned=1}`\\"], "Country": [text, "`+alert(1)+`"],
            "City": [text, "\\${x}"], "Latitude": [51.0, 52.0], "Longitude": [10.0, 11.0],
            "Failure": [3, 1], "Success": [1, 0],
        }
    )  # fmt: skip
    view = views.street_map(hostile, noun=text)
    plain = views.street_map(hostile.assign(address="a", Country="b", City="c"), noun="d")
    document, usual = inside(view), inside(plain)
    assert len(literals(document)) == len(literals(usual)) == 4
    for mine, theirs in zip(literals(document), literals(usual), strict=True):
        assert not re.search(r"[$\\{}]", mine)
        assert _Read(mine).tags == _Read(theirs).tags
    # outside the literals nothing differs but the ids that folium makes up
    stripped = [
        re.sub(r"[0-9a-f]{32}", "ID", re.sub(r"`[^`]*`", "", text)) for text in (document, usual)
    ]
    assert stripped[0] == stripped[1]
    assert not HIDDEN.search(view.html)
    assert not HIDDEN.search(view.text)
