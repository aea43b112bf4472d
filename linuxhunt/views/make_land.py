"""Make views/land.json and enrich/countries.json out of npm's world-atlas.

Both hold Natural Earth data (public domain, https://www.naturalearthdata.com), which world-atlas
2.0.2 (ISC licence) carries as TopoJSON. To make them again::

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python -m linuxhunt.views.make_land package

land.json: outlines at 1:110 million; ``polygons`` is a list of polygons, each a list of rings
(the outer one, then its holes), each a flat list x, y, x, y, ... in tenths of a degree.

countries.json: ISO 3166 alpha-2 code -> [latitude, longitude] of the centroid of the country's
largest polygon at 1:50 million (the mainland, not the mean of it and its islands), in degrees.
Natural Earth counts a few territories to another country; those are in :data:`EXTRA`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from babel.core import get_global

__all__ = ["main"]

Point = tuple[float, float]
Ring = list[Point]

EXTRA: dict[str, Point] = {
    "BQ": (12.2, -68.3),
    "BV": (-54.4, 3.4),
    "CC": (-12.2, 96.8),
    "CX": (-10.5, 105.7),
    "GF": (4.0, -53.1),
    "GI": (36.1, -5.4),
    "GP": (16.2, -61.6),
    "MQ": (14.7, -61.0),
    "RE": (-21.1, 55.5),
    "SJ": (78.6, 17.0),
    "TK": (-9.2, -171.8),
    "TV": (-8.5, 179.2),
    "UM": (19.3, 166.6),
    "XK": (42.6, 20.9),
    "YT": (-12.8, 45.1),
}
"""Latitude, longitude of territories that Natural Earth's countries do not single out."""


def _arcs(topology: dict[str, Any]) -> list[Ring]:
    """Undo TopoJSON's delta encoding: every arc as longitude, latitude points."""
    (scale_x, scale_y), (left, low) = (
        topology["transform"]["scale"],
        topology["transform"]["translate"],
    )
    arcs = []
    for deltas in topology["arcs"]:
        xs, ys = accumulate(d[0] for d in deltas), accumulate(d[1] for d in deltas)
        arcs.append([(x * scale_x + left, y * scale_y + low) for x, y in zip(xs, ys, strict=True)])
    return arcs


def _ring(indexes: Iterable[int], arcs: list[Ring]) -> Ring:
    """Join arcs to one closed ring; ~i is arc i backwards, and joints are said twice."""
    ring: Ring = []
    for i in indexes:
        arc = arcs[i] if i >= 0 else arcs[~i][::-1]
        ring += arc[1 if ring else 0 :]
    return _flat(ring)


def _flat(ring: Ring) -> Ring:
    """Lay a ring of the sphere on the plane: over the antimeridian it goes on past 180 degrees.

    A ring round the pole (Antarctica) does not come back to where it began; it is closed along
    the map's lower edge.
    """
    flat, turns = [ring[0]], 0
    for (before, _), (x, y) in pairwise(ring):
        turns += (before - x > 180) - (before - x < -180)
        flat.append((x + 360 * turns, y))
    if turns:
        flat += [(flat[-1][0], -90.0), (flat[0][0], -90.0), flat[0]]
    middle = sum(x for x, _ in flat) / len(flat)
    shift = -360 * round(middle / 360)
    return [(x + shift, y) for x, y in flat]


def _polygons(geometry: dict[str, Any], arcs: list[Ring]) -> Iterator[list[Ring]]:
    match geometry["type"]:
        case "GeometryCollection":
            for member in geometry["geometries"]:
                yield from _polygons(member, arcs)
        case "MultiPolygon":
            for polygon in geometry["arcs"]:
                yield [_ring(ring, arcs) for ring in polygon]
        case "Polygon":
            yield [_ring(ring, arcs) for ring in geometry["arcs"]]


def _centroid(ring: Ring) -> tuple[float, Point]:
    """Area (square degrees, unsigned) and centroid (latitude, longitude) of a ring."""
    area = x_sum = y_sum = 0.0
    for (x0, y0), (x1, y1) in pairwise(ring):
        cross = x0 * y1 - x1 * y0
        area += cross
        x_sum += (x0 + x1) * cross
        y_sum += (y0 + y1) * cross
    if not area:
        return 0.0, (ring[0][1], ring[0][0])
    return abs(area) / 2, (y_sum / (3 * area), x_sum / (3 * area))


def _tenths(ring: Ring) -> list[int]:
    """A ring in tenths of a degree, without points that fall on the one before."""
    points = [(round(x * 10), round(y * 10)) for x, y in ring]
    kept = [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
    return [number for point in kept for number in point]


def land(topology: dict[str, Any]) -> dict[str, Any]:
    """Return what land.json holds, from land-110m.json."""
    arcs = _arcs(topology)
    polygons = [
        [flat for flat in map(_tenths, rings) if len(flat) >= 8]
        for rings in _polygons(topology["objects"]["land"], arcs)
    ]
    return {
        "source": "Natural Earth 1:110m land (public domain), from npm world-atlas 2.0.2",
        "made_by": "linuxhunt/views/make_land.py",
        "unit": "tenths of a degree, x y x y ..., per polygon the outer ring and then its holes",
        "polygons": [rings for rings in polygons if rings],
    }


def countries(topology: dict[str, Any]) -> dict[str, Any]:
    """Return what countries.json holds, from countries-50m.json."""
    arcs = _arcs(topology)
    numeric = {k: v[0] for k, v in get_global("territory_aliases").items() if k.isdigit()}
    places = dict(EXTRA)
    for geometry in topology["objects"]["countries"]["geometries"]:
        code = numeric.get(geometry.get("id", ""))
        if code is not None:
            largest = max(_centroid(rings[0]) for rings in _polygons(geometry, arcs))
            latitude, longitude = largest[1]
            places[code] = (round(latitude, 1), round((longitude + 180) % 360 - 180, 1))
    return {
        "source": "Natural Earth 1:50m countries (public domain), from npm world-atlas 2.0.2",
        "made_by": "linuxhunt/views/make_land.py",
        "unit": "degrees, [latitude, longitude] of the centroid of the largest polygon",
        "places": dict(sorted(places.items())),
    }


def main(package: str) -> None:
    """Read an unpacked world-atlas package and write both data files beside their readers."""
    here = Path(__file__).parent
    for name, made in (
        (here / "land.json", land(json.loads(Path(package, "land-110m.json").read_text("utf-8")))),
        (
            here.parent / "enrich" / "countries.json",
            countries(json.loads(Path(package, "countries-50m.json").read_text("utf-8"))),
        ),
    ):
        name.write_text(json.dumps(made, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
