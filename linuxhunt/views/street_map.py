"""Where addresses are, down to the street, on tiles from the network; a table where there is none.

The one view that fetches anything: folium's map loads scripts from CDNs and tiles from
OpenStreetMap, which see who looks and at what part of the world. So it is made only when called
for by name. In a notebook that is not trusted, or without a network, the table beneath it stays.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from linuxhunt.views.base import View, message, stack
from linuxhunt.views.palette import FAILURE, SUCCESS
from linuxhunt.views.table import table
from linuxhunt.views.text import count, escape, listed, plural, short

if TYPE_CHECKING:
    import folium

__all__ = ["street_map"]

MARKS, NAMED, LARGEST = 400, 12, 24.0
"""Places drawn (each is a kilobyte of script), addresses in one's popup, pixels of radius."""

_LITERAL = str.maketrans({"`": "&#96;", "$": "&#36;", "\\": "&#92;", "{": "&#123;", "}": "&#125;"})
"""folium puts HTML of popups and tooltips into template literals of JavaScript, as it is."""


def street_map(
    frame: pd.DataFrame, *, failure: str = "Failure", success: str = "Success", noun: str = "logon"
) -> View:
    """Draw addresses on a map of tiles that needs a network; a click says what is at a place.

    Addresses of one place (four decimals of a degree, ten metres) are one mark, the larger the
    more they did. Places of addresses are often only a country's or a provider's; the map cannot
    be more exact than the database.

    Args:
        frame: one row an address: ``address``, ``Country``, ``City`` (may be left out),
            ``Latitude`` and ``Longitude`` in degrees, null where unknown, and two counts. Those of
            :func:`linuxhunt.enrich.geo.places`, merged with counts, will do.
        failure: the column of failures.
        success: the column of successes.
        noun: what is counted.

    Returns:
        A line that says what is fetched, the map, and a table of all places; the table alone
        where no address has a place.
    """
    places = _places(frame, failure, success)
    missing = len(frame) - int(places["Addresses"].sum())
    without = f"; {plural(missing, 'address', 'addresses')} without a place" if missing else ""
    rows = table(
        places, f"Places, the busiest first{without}",
        columns=["Place", "Latitude", "Longitude", "Addresses", "Failed", "Succeeded", "Named"],
    )  # fmt: skip
    if places.empty:
        return rows
    drawn = places.head(MARKS)
    some = f" The {count(MARKS)} busiest places are drawn." if len(places) > MARKS else ""
    says = message(
        "This map needs a network: scripts come from CDNs and tiles from OpenStreetMap, which see"
        " which part of the world is looked at (no address is sent). It stays blank without, and"
        f" in a notebook that is not trusted; the table beneath says the same.{some}",
        "warning",
    )
    return stack(says, View(_map(drawn, noun)._repr_html_(), ""), rows)


def _places(frame: pd.DataFrame, failure: str, success: str) -> pd.DataFrame:
    """One row a place, the busiest first: Place, where, counts, Named (its first addresses)."""
    placed = frame[_degrees(frame["Latitude"], 90) & _degrees(frame["Longitude"], 180)]
    country = placed["Country"].astype(object).fillna("somewhere")
    name = country
    if "City" in placed:
        city = placed["City"].astype(object).fillna("")
        name = city.where(city == "", city + ", ") + country
    rows = pd.DataFrame(
        {
            "Place": name,
            "Latitude": placed["Latitude"].astype(float).round(4),
            "Longitude": placed["Longitude"].astype(float).round(4),
            "Failed": placed[failure].fillna(0).astype(int),
            "Succeeded": placed[success].fillna(0).astype(int),
            "address": placed["address"].astype(object),
        }
    )
    rows["All"] = rows["Failed"] + rows["Succeeded"]
    rows = rows.sort_values("All", ascending=False, kind="stable")
    grouped = rows.groupby(["Latitude", "Longitude"], sort=False)
    places = grouped[["Failed", "Succeeded", "All"]].sum()
    places["Place"] = grouped["Place"].first()
    places["Addresses"] = grouped["address"].size()
    places["Named"] = grouped["address"].agg(lambda texts: listed(texts.unique(), NAMED))
    return places.reset_index().sort_values(
        "All", ascending=False, kind="stable", ignore_index=True
    )


def _degrees(values: pd.Series[Any], most: int) -> pd.Series[bool]:
    return values.notna() & (values.abs() <= most)


def _map(places: pd.DataFrame, noun: str) -> folium.Map:
    import folium  # half a second to load, and most hunts draw no such map

    drawn = folium.Map(tiles="OpenStreetMap", prefer_canvas=True, height=520)
    largest = max(int(places["All"].max()), 1)
    for row in places.to_dict("records"):
        what = (
            f"{count(row['Failed'])} failed and {count(row['Succeeded'])} successful {noun}s from"
            f" {plural(row['Addresses'], 'address', 'addresses')}"
        )
        place = short(row["Place"], 200)
        folium.CircleMarker(
            (row["Latitude"], row["Longitude"]),
            radius=4 + (LARGEST - 4) * math.sqrt(row["All"] / largest),
            color=FAILURE if row["Failed"] >= row["Succeeded"] else SUCCESS,
            fill=True,
            fill_opacity=0.35,
            popup=folium.Popup(
                f"<b>{_safe(place)}</b><br>{_safe(what)}<br>{_safe(short(row['Named'], 600))}",
                max_width=420,
            ),
            tooltip=folium.Tooltip(f"{_safe(place)}: {_safe(what)}"),
        ).add_to(drawn)
    south, north = places["Latitude"].min(), places["Latitude"].max()
    west, east = places["Longitude"].min(), places["Longitude"].max()
    drawn.fit_bounds([(south, west), (north, east)], max_zoom=12)
    return drawn


def _safe(text: str) -> str:
    """Escape for HTML inside a template literal of JavaScript."""
    return escape(text).translate(_LITERAL)
