"""Where addresses are, on a map that needs no network."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, Range1d, WheelZoomTool

from linuxhunt.views.base import View, block, live, paragraph
from linuxhunt.views.charts import item, legend, quiet
from linuxhunt.views.faces import map_face
from linuxhunt.views.palette import FAILURE, GRID, INK, LAND, SUCCESS, marks
from linuxhunt.views.text import count, listed, plural, short, visible, visibly

__all__ = ["geo_map"]

PLACES, NAMED = 3_000, 8
"""Places drawn; texts on the map, and addresses in one place's hover."""
SMALLEST, LARGEST = 9.0, 34.0

_TIP = (
    '<div style="max-width:420px;overflow-wrap:anywhere;font-size:12px"><b>@name</b><br>'
    "@failure{0,0} failed · @success{0,0} succeeded<br>@says</div>"
)


def geo_map(
    frame: pd.DataFrame,
    *,
    failure: str = "Failure",
    success: str = "Success",
    noun: str = "logon",
    source: str | None = None,
) -> View:
    """Draw addresses where they are, failures and successes told apart by shape and colour.

    Addresses of one place (a tenth of a degree) are one mark, the larger the more they did.

    Args:
        frame: one row an address: ``address``, ``Country``, ``City`` (may be left out),
            ``Latitude`` and ``Longitude`` in degrees, null where unknown, and two counts. Those of
            :func:`linuxhunt.enrich.geo.places`, merged with counts, will do.
        failure: the column of failures.
        success: the column of successes.
        noun: what is counted.
        source: where the places come from, for the caption.

    Returns:
        A map that the wheel zooms; addresses without a place are counted in its caption.
    """
    placed = frame[frame["Latitude"].notna() & frame["Longitude"].notna()]
    missing = len(frame) - len(placed)
    places = _places(placed, failure, success)
    says = _says(frame, placed, places, missing, failure, success, noun)
    says = visible(f"{says} Places: {source}." if source else says)
    if places.empty:
        return View(block("view", paragraph(says)), says)
    places = places.head(PLACES)
    face = map_face(_land(), places, says)
    body = live("chart", face, item(_chart(places)), "").html
    known = marks(["Failure", "Success"])
    return View(block("view", legend(known) + body + paragraph(says)), says)


@lru_cache(maxsize=1)
def _land() -> list[list[list[int]]]:
    """Outlines of land, as make_land.py writes them."""
    held = json.loads(files(__package__).joinpath("land.json").read_text("utf-8"))
    polygons: list[list[list[int]]] = held["polygons"]
    return polygons


def _places(placed: pd.DataFrame, failure: str, success: str) -> pd.DataFrame:
    """One row a place: name, longitude, latitude, counts, sizes (pixels), its addresses."""
    country = visibly(placed["Country"].astype(object).fillna("somewhere"))
    name = country
    if "City" in placed:
        city = visibly(placed["City"].astype(object).fillna(""))
        name = city.where(city == "", city + ", ") + country
    rows = pd.DataFrame(
        {
            "name": name,
            "latitude": placed["Latitude"].astype(float).round(1),
            "longitude": placed["Longitude"].astype(float).round(1),
            "failure": placed[failure].fillna(0).astype(int),
            "success": placed[success].fillna(0).astype(int),
            "address": visibly(placed["address"].astype(object)),
        }
    )
    rows["all"] = rows["failure"] + rows["success"]
    rows = rows.sort_values("all", ascending=False, kind="stable")
    grouped = rows.groupby(["latitude", "longitude"], sort=False)
    places = grouped[["failure", "success", "all"]].sum()
    places["name"] = grouped["name"].first()
    at: dict[tuple[float, float], dict[str, None]] = {}
    for key, text in zip(
        zip(rows["latitude"], rows["longitude"], strict=True), rows["address"], strict=True
    ):
        at.setdefault(key, {})[text] = None
    texts = [at[key] for key in places.index]
    places["addresses"] = [len(each) for each in texts]
    places["says"] = [listed(each, NAMED) for each in texts]
    places = places.reset_index().sort_values("all", ascending=False, kind="stable")
    largest = max(int(places["all"].max()), 1) if len(places) else 1
    places["label"] = _labels(places)
    for side in ("failure", "success"):
        share = np.sqrt(places[side] / largest)
        places[f"size_{side}"] = SMALLEST + (LARGEST - SMALLEST) * share
    return places.reset_index(drop=True)


def _labels(places: pd.DataFrame) -> list[str]:
    """Text beside the busiest places, where no busier one's text is in the way."""
    taken: list[tuple[float, float]] = []
    labels: list[str] = []
    for text, x, y in zip(_named(places), places["longitude"], places["latitude"], strict=True):
        free = all(abs(x - left) > 45 or abs(y - low) > 7 for left, low in taken)
        labels.append(text if free and len(taken) < NAMED else "")
        if labels[-1]:
            taken.append((x, y))
    return labels


def _named(places: pd.DataFrame) -> list[str]:
    pairs = zip(places["name"], places["all"], strict=True)
    return [f"{short(name, 30)} {count(number)}" for name, number in pairs]


def _says(
    frame: pd.DataFrame,
    placed: pd.DataFrame,
    places: pd.DataFrame,
    missing: int,
    failure: str,
    success: str,
    noun: str,
) -> str:
    if frame.empty:
        return "No addresses."
    without = f"{plural(missing, 'address', 'addresses')} without a place (not public, or unknown)"
    if places.empty:
        return f"{without}; none to draw."
    first = listed(_named(places.head(3)))
    text = (
        f"{plural(len(placed), 'address', 'addresses')} in {plural(len(places), 'place')}: "
        f"{count(int(placed[failure].fillna(0).sum()))} failed and "
        f"{count(int(placed[success].fillna(0).sum()))} successful {noun}s; most from {first}."
    )
    if len(places) > PLACES:
        text += f" The {count(PLACES)} busiest places are drawn."
    return f"{text} {without}." if missing else text


def _chart(places: pd.DataFrame) -> Any:
    chart = quiet(
        height=430,
        x_range=Range1d(start=-180, end=191),
        y_range=Range1d(start=-60, end=85),
        match_aspect=True,
        tools="pan,box_zoom,reset",
    )
    wheel = WheelZoomTool()
    chart.add_tools(wheel)
    chart.toolbar.active_scroll = wheel
    chart.axis.visible = False
    chart.xgrid.grid_line_color = None
    polygons = [[[x / 10 for x in ring] for ring in rings] for rings in _land()]
    chart.multi_polygons(
        xs=[[[ring[0::2] for ring in rings]] for rings in polygons],
        ys=[[[ring[1::2] for ring in rings]] for rings in polygons],
        fill_color=LAND,
        line_color=GRID,
        line_width=0.7,
    )
    columns = ["name", "longitude", "latitude", "failure", "success", "says"]
    for side, shape, colour in (("failure", "x", FAILURE), ("success", "circle", SUCCESS)):
        of = places[places[side] > 0]
        data = {name: of[name].tolist() for name in columns} | {"size": of[f"size_{side}"].tolist()}
        drawn = chart.scatter(
            "longitude", "latitude", size="size", marker=shape, source=ColumnDataSource(data=data),
            line_color=colour, line_width=3, fill_color=None if side == "failure" else colour,
            fill_alpha=0.15,
        )  # fmt: skip
        chart.add_tools(HoverTool(renderers=[drawn], tooltips=_TIP, limit=3))
    first = places[places["label"] != ""]
    source = ColumnDataSource(
        data={
            "x": first["longitude"].tolist(),
            "y": first["latitude"].tolist(),
            "text": first["label"].tolist(),
        }
    )
    chart.text(
        "x", "y", "text", source=source, x_offset=9, y_offset=-6, text_color=INK,
        text_font_size="11px",
    )  # fmt: skip
    return chart
