"""Where addresses are: country, city and network, from databases on this machine.

Nothing is asked of any network, and an address that is not public is not looked up at all.
Databases, the first that is there:

1. MaxMind's ``.mmdb`` files (City or Country, and ASN), given as arguments or found in the folder
   or file that the environment variable ``GEOIP_PATH`` names, else in the ``DBFolder`` of
   msticpyconfig.yaml's GeoIPLite;
2. the one that geoip2fast carries: country and network name, no city and no AS number (GeoLite2
   data, its date in ``SourceDate``).

A country without a city is placed at the centroid of its largest polygon (countries.json, from
Natural Earth; linuxhunt/views/make_land.py makes it).
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import geoip2.database
import maxminddb
import pandas as pd
from geoip2fast import GeoIP2Fast
from msticpy.common.pkg_config import get_config

from linuxhunt.enrich.special import special
from linuxhunt.errors import SourceError
from linuxhunt.schema import STR, TIME

__all__ = ["places"]

BUNDLED = "geoip2fast-asn-ipv6.dat.gz"
CACHE_SIZE = 200_000
_FOLDER = "OtherProviders.GeoIPLite.Args.DBFolder"


_FAULTS = (maxminddb.InvalidDatabaseError, OSError, ValueError, TypeError, LookupError)
"""What the readers raise at a file that is cut short, or whose values have other types."""


class Place(NamedTuple):
    """What is known of one address; None where nothing is."""

    Country: str | None = None
    CountryCode: str | None = None
    City: str | None = None
    Latitude: float | None = None
    Longitude: float | None = None
    ASN: int | None = None
    ASName: str | None = None
    Source: str | None = None
    SourceDate: datetime | None = None


_DTYPES: dict[str, Any] = {
    "address": STR,
    "Country": STR,
    "CountryCode": STR,
    "City": STR,
    "Latitude": "float64",
    "Longitude": "float64",
    "ASN": "Int64",
    "ASName": STR,
    "Source": STR,
    "SourceDate": TIME,
}


def places(
    addresses: Iterable[str | None], city_db: Path | None = None, asn_db: Path | None = None
) -> pd.DataFrame:
    """Place addresses, each distinct one once.

    Args:
        addresses: IPv4 and IPv6 addresses in any number and order; repeats and nulls are fine.
        city_db: a GeoIP2 or GeoLite2 City or Country ``.mmdb`` file.
        asn_db: a GeoIP2 ISP or GeoLite2 ASN ``.mmdb`` file.

    Returns:
        One row for each distinct text in ``addresses``, in order of first appearance: address,
        Country, CountryCode (ISO 3166 alpha-2), City, Latitude and Longitude (degrees), ASN,
        ASName, Source (database; for an address that is not public what it is, such as
        ``private``), SourceDate (when the database was made). All but address are null where
        nothing is known, also for texts that are no address.

    Raises:
        SourceError: a database was named and cannot be read.
    """
    held = addresses if isinstance(addresses, pd.Series) else pd.Series(addresses, dtype=object)
    distinct = [str(text) for text in held.dropna().unique()]
    city, asn = _databases(city_db, asn_db)
    look_up = _lookup(_stamped(city), _stamped(asn))
    rows = [(text, *look_up(text)) for text in distinct]
    frame = pd.DataFrame(rows, columns=list(_DTYPES), dtype=object)
    frame["SourceDate"] = pd.to_datetime(frame["SourceDate"], utc=True)
    return frame.astype(_DTYPES)


def _databases(city_db: Path | None, asn_db: Path | None) -> tuple[Path | None, Path | None]:
    """The .mmdb files to use: those named, else those of GEOIP_PATH or of msticpy's folder."""
    for given in (city_db, asn_db):
        if given is not None and not Path(given).is_file():
            raise SourceError(f"No GeoIP database at {given}; name an .mmdb file, or none.")
    named = os.environ.get("GEOIP_PATH") or get_config(_FOLDER, None)
    found: list[Path] = []
    if named:
        root = Path(str(named)).expanduser()
        found = sorted(root.glob("*.mmdb")) if root.is_dir() else [root] if root.is_file() else []
    city = city_db or next((p for p in found if re.search(r"City|Country", p.name)), None)
    asn = asn_db or next((p for p in found if re.search(r"ASN|ISP", p.name)), None)
    return city, asn


def _stamped(path: Path | None) -> tuple[str, int] | None:
    """A file as it is now: one that is fetched anew is opened anew."""
    return None if path is None else (str(path), path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _lookup(
    city_db: tuple[str, int] | None, asn_db: tuple[str, int] | None
) -> Callable[[str], Place]:
    """A cached function of address text, one for each pair of databases."""
    by_country = _city_reader(city_db[0]) if city_db else _bundled_reader()
    by_asn = _asn_reader(asn_db[0]) if asn_db else None

    @lru_cache(maxsize=CACHE_SIZE)
    def look_up(text: str) -> Place:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return Place()
        if isinstance(address, ipaddress.IPv6Address):
            address = address.ipv4_mapped or address
        if kind := special(address):
            return Place(Source=kind)
        place = by_country(str(address))
        return place if by_asn is None else by_asn(str(address), place)

    return look_up


def _bundled_reader() -> Callable[[str], Place]:
    reader = GeoIP2Fast(geoip2fast_data_file=str(files("geoip2fast").joinpath(BUNDLED)))
    stamp = re.search(r"(\d{8})$", reader.source_info)
    made = datetime.strptime(stamp[1], "%Y%m%d").replace(tzinfo=UTC) if stamp else None
    centroids = _centroids()

    def read(text: str) -> Place:
        found = reader.lookup(text)
        network = found.asn_name if found.asn_name != "<unknown>" else None
        if found.is_private or not re.fullmatch(r"[A-Z]{2,4}", found.country_code):
            return Place(ASName=network or None, Source="geoip2fast", SourceDate=made)
        latitude, longitude = centroids.get(found.country_code, (None, None))
        return Place(
            Country=found.country_name,
            CountryCode=found.country_code,
            Latitude=latitude,
            Longitude=longitude,
            ASName=network or None,
            Source="geoip2fast",
            SourceDate=made,
        )

    return read


def _city_reader(path: str) -> Callable[[str], Place]:
    reader = _open(path)
    meta = reader.metadata()
    made = datetime.fromtimestamp(meta.build_epoch, UTC)
    ask = reader.city if "City" in meta.database_type else reader.country
    centroids = _centroids()

    def read(text: str) -> Place:
        if meta.ip_version == 4 and ":" in text:
            return Place(Source=meta.database_type, SourceDate=made)
        try:
            found = ask(text)
        except geoip2.errors.AddressNotFoundError:
            return Place(Source=meta.database_type, SourceDate=made)
        except _FAULTS as error:
            raise _broken(path, error) from error
        location = getattr(found, "location", None)
        point = (location.latitude, location.longitude) if location else (None, None)
        if point[0] is None:
            point = centroids.get(found.country.iso_code or "", (None, None))
        return Place(
            Country=found.country.name,
            CountryCode=found.country.iso_code,
            City=found.city.name if hasattr(found, "city") else None,
            Latitude=point[0],
            Longitude=point[1],
            Source=meta.database_type,
            SourceDate=made,
        )

    return read


def _asn_reader(path: str) -> Callable[[str, Place], Place]:
    reader = _open(path)
    meta = reader.metadata()
    ask = reader.isp if "ISP" in meta.database_type else reader.asn

    def read(text: str, place: Place) -> Place:
        if meta.ip_version == 4 and ":" in text:
            return place
        try:
            found = ask(text)
        except geoip2.errors.AddressNotFoundError:
            return place
        except _FAULTS as error:
            raise _broken(path, error) from error
        return place._replace(
            ASN=found.autonomous_system_number, ASName=found.autonomous_system_organization
        )

    return read


def _open(path: str) -> Any:
    try:
        return geoip2.database.Reader(path)
    except _FAULTS as error:
        raise _broken(path, error) from error


def _broken(path: str, error: Exception) -> SourceError:
    return SourceError(f"{path} is not a readable GeoIP database: {error}")


@lru_cache(maxsize=1)
def _centroids() -> dict[str, tuple[float, float]]:
    held = json.loads(files(__package__).joinpath("countries.json").read_text("utf-8"))
    return {code: (point[0], point[1]) for code, point in held["places"].items()}
