"""How many addresses a second are placed, beside a plain loop and msticpy's GeoLiteLookup.

    python bench/geo.py [--addresses 1000000] [--distinct 20000] [--theirs 2000]

Draws public addresses at random (a tenth of them IPv6), repeats them to the number of addresses by
a Zipf law as scanners do, and times ``enrich.geo.places`` on all of them in a fresh cache. The
plain loop asks the same reader for one address after another. With MaxMind's files (GEOIP_PATH, or
DBFolder of msticpyconfig.yaml) msticpy's GeoLiteLookup is timed on the first of the same
addresses, and the countries of both are compared; with ``--made`` files of the benchmark's own
are written first, with a network for each /12, so that both can be timed anywhere.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import pandas as pd

from linuxhunt.enrich import geo
from linuxhunt.enrich.geo import places
from linuxhunt.enrich.special import special
from linuxhunt.schema import STR


def drawn(number: int, distinct: int, seed: int = 1) -> pd.Series[str]:
    """Return public addresses, few of them often."""
    chance = random.Random(seed)
    held: dict[str, None] = {}
    while len(held) < distinct:
        v6 = chance.random() < 0.1
        address = (
            IPv6Address((0x2001_0500 + chance.getrandbits(10) << 96) | chance.getrandbits(96))
            if v6
            else IPv4Address(chance.getrandbits(32))
        )
        if special(address) is None:
            held[str(address)] = None
    texts = list(held)
    weights = [1 / (place + 1) for place in range(distinct)]
    return pd.Series(texts + chance.choices(texts, weights, k=number - distinct), dtype=STR)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what the work made, and its seconds."""
    began = time.perf_counter()
    made = work()
    return made, time.perf_counter() - began


def loop(addresses: pd.Series[str], files: tuple[Path | None, Path | None]) -> list[Any]:
    """Ask the same reader for one address after another, as a script would."""
    look_up = geo._lookup(geo._stamped(files[0]), geo._stamped(files[1]))
    return [look_up.__wrapped__(text) for text in addresses]  # type: ignore[attr-defined]


def made_files(folder: Path) -> None:
    """Write a City database with a network for each /12."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.enrich.mmdb import write_mmdb

    city = {
        f"{a}.{b}.0.0/12": {
            "country": {"iso_code": "DE", "names": {"en": "Germany"}},
            "city": {"names": {"en": f"Town {a}"}},
            "location": {"latitude": 50.0, "longitude": a / 10},
        }
        for a in range(1, 224)
        for b in range(0, 256, 16)
    }
    write_mmdb(folder / "GeoLite2-City.mmdb", "GeoLite2-City", city)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--addresses", type=int, default=1_000_000)
    parser.add_argument("--distinct", type=int, default=20_000)
    parser.add_argument("--slow", type=int, default=20_000, help="addresses of the plain loop")
    parser.add_argument("--theirs", type=int, default=2_000, help="addresses of GeoLiteLookup")
    parser.add_argument("--made", action="store_true", help="write .mmdb files to look into")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.made:
            made_files(Path(folder))
            os.environ["GEOIP_PATH"] = folder
        measure(arguments)


def measure(arguments: argparse.Namespace) -> None:
    """Time each way and print a row for it."""
    files = geo._databases(None, None)
    addresses = drawn(arguments.addresses, arguments.distinct)
    places(addresses.head(1))  # the database is opened
    opened = geo._lookup(geo._stamped(files[0]), geo._stamped(files[1]))
    opened.cache_clear()  # type: ignore[attr-defined]
    found, ours = timed(lambda: places(addresses))
    _, again = timed(lambda: places(addresses))
    few = addresses.sample(arguments.slow, random_state=1)
    _, plain = timed(lambda: loop(few, files))
    print(
        f"{len(addresses):,} addresses, {len(found):,} distinct; {found['Country'].notna().sum():,}"
        f" of them with a country; database {found['Source'].iloc[0]},"
        f" {found['SourceDate'].max():%Y-%m-%d}"
    )
    print(f"{'':26}{'addresses':>11}{'seconds':>9}{'addresses/s':>13}{'ratio':>8}")
    best = len(addresses) / ours
    row("linuxhunt", len(addresses), ours, best)
    row("linuxhunt, asked again", len(addresses), again, best)
    row("plain loop, same reader", len(few), plain, best)
    if files[0] is None:
        print(
            "no MaxMind file: msticpy's GeoLiteLookup has nothing to look into (--made makes one)"
        )
        return
    theirs(few.head(arguments.theirs), files[0], found, best)


def row(name: str, number: int, seconds: float, best: float) -> None:
    """Print one way: its rate, and how many times faster linuxhunt is."""
    rate = number / seconds
    print(f"{name:26}{number:11,}{seconds:9.2f}{rate:13,.0f}{best / rate:8.1f}")


def theirs(few: pd.Series[str], city: Path, found: pd.DataFrame, best: float) -> None:
    """Time msticpy's GeoLiteLookup, and count where its country is another."""
    from msticpy.context.geoip import GeoLiteLookup

    logging.disable(logging.WARNING)  # a line for each address that is not there
    lookup = GeoLiteLookup(db_folder=str(city.parent), auto_update=False)
    lookup.lookup_ip(str(few.iloc[0]))
    (_, entities), seconds = timed(lambda: lookup.lookup_ip(ip_addr_list=list(few)))
    row("msticpy GeoLiteLookup", len(few), seconds, best)
    told = {
        str(entity.Address): entity.Location.CountryCode for entity in entities if entity.Location
    }
    mine = found.set_index("address")["CountryCode"].to_dict()
    other = [text for text, code in told.items() if code != mine.get(text)]
    print(f"countries compared: {len(told):,}; another one: {len(other):,}")


if __name__ == "__main__":
    main()
