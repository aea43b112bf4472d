from __future__ import annotations

import os
import time
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from msticpy.common import pkg_config

from linuxhunt.enrich.geo import places
from linuxhunt.enrich.special import special
from linuxhunt.errors import SourceError
from linuxhunt.schema import STR, TIME
from tests.enrich.mmdb import write_mmdb
from tests.made import utc

MADE = utc("2024-06-18")


@pytest.fixture(autouse=True)
def no_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEOIP_PATH", raising=False)


def _frame(rows: dict[str, list[Any]]) -> pd.DataFrame:
    """Rows as ``places`` returns them, in the order Country ... SourceDate."""
    dtypes = {
        "address": STR, "Country": STR, "CountryCode": STR, "City": STR, "Latitude": "float64",
        "Longitude": "float64", "ASN": "Int64", "ASName": STR, "Source": STR, "SourceDate": TIME,
    }  # fmt: skip
    held = pd.DataFrame([[key, *row] for key, row in rows.items()], columns=list(dtypes))
    held["SourceDate"] = pd.to_datetime(held["SourceDate"], utc=True)
    return held.astype(dtypes)


def _named(source: str | None) -> list[Any]:
    return [None] * 7 + [source, None]


@pytest.mark.parametrize(
    ("address", "row"),
    [
        pytest.param(
            "8.8.8.8",
            ["United States", "US", None, 39.5, -99.1, None, "GOOGLE", "geoip2fast", MADE], id="v4",
        ),
        pytest.param(
            "2001:4860:4860::8888",
            ["United States", "US", None, 39.5, -99.1, None, "GOOGLE", "geoip2fast", MADE], id="v6",
        ),
        pytest.param(
            "::ffff:8.8.8.8",
            ["United States", "US", None, 39.5, -99.1, None, "GOOGLE", "geoip2fast", MADE],
            id="v4 in v6",
        ),
        pytest.param("10.0.0.1", _named("private"), id="private"),
        pytest.param("fd00::1", _named("private"), id="unique local"),
        pytest.param("127.0.0.53", _named("loopback"), id="loopback"),
        pytest.param("::1", _named("loopback"), id="loopback v6"),
        pytest.param("169.254.169.254", _named("link-local"), id="link-local"),
        pytest.param("fe80::1%eth0", _named("link-local"), id="scoped"),
        pytest.param("100.64.0.1", _named("shared (carrier-grade NAT)"), id="CGNAT"),
        pytest.param("203.0.113.9", _named("documentation"), id="documentation"),
        pytest.param("2001:db8::7", _named("documentation"), id="documentation v6"),
        pytest.param("::ffff:10.0.0.1", _named("private"), id="private in v6"),
        pytest.param("224.0.0.251", _named("multicast"), id="multicast"),
        pytest.param("255.255.255.255", _named("reserved"), id="broadcast"),
        pytest.param("0.0.0.0", _named("unspecified"), id="unspecified"),
        pytest.param("198.18.0.1", _named("benchmarking"), id="benchmarking"),
        pytest.param("999.300.1.2", _named(None), id="out of range"),
        pytest.param("web01.example.org", _named(None), id="a name"),
        pytest.param("1", _named(None), id="what inet_aton would take"),
        pytest.param("", _named(None), id="empty"),
        pytest.param("<script>\x00", _named(None), id="hostile"),
        pytest.param("12:34:56", _named(None), id="a time"),
    ],
)  # fmt: skip
def test_places(address: str, row: list[Any]) -> None:
    pd.testing.assert_frame_equal(places([address]), _frame({address: row}))


def test_one_row_a_text_in_order_of_appearance() -> None:
    found = places(pd.Series(["::1", None, "10.0.0.1", "::1"], dtype=STR))
    pd.testing.assert_frame_equal(
        found, _frame({"::1": _named("loopback"), "10.0.0.1": _named("private")})
    )


def test_no_addresses() -> None:
    pd.testing.assert_frame_equal(places([]), _frame({}))


def test_a_million_repeats_take_seconds() -> None:
    addresses = [f"8.8.{i % 250}.{j % 40}" for i in range(1_000) for j in range(1_000)]
    began = time.perf_counter()
    assert len(places(addresses)) == 10_000
    assert time.perf_counter() - began < 20


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(None, "No GeoIP database at", id="missing"),
        pytest.param(b"not a database", "is not a readable GeoIP database", id="unreadable"),
    ],
)
def test_a_database_that_cannot_be_read(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "GeoLite2-City.mmdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=says):
        places(["8.8.8.8"], city_db=path)


CITY = {
    "8.8.0.0/16": {
        "city": {"names": {"en": "Mountain View"}},
        "country": {"iso_code": "US", "names": {"en": "United States"}},
        "location": {"latitude": 37.4, "longitude": -122.1},
    },
    "9.9.9.0/24": {"country": {"iso_code": "DE", "names": {"en": "Germany"}}},
    "2001:4860::/32": {
        "city": {"names": {"en": "Z\u00fcrich"}},
        "country": {"iso_code": "CH", "names": {"en": "Switzerland"}},
        "location": {"latitude": 47.4, "longitude": 8.5},
    },
    "1.1.1.0/24": {"location": {"latitude": -33.5, "longitude": 143.2}},
}
COUNTRY = {net: {"country": held["country"]} for net, held in CITY.items() if "country" in held}
ASN = {
    "8.8.8.0/24": {
        "autonomous_system_number": (6, 15169),
        "autonomous_system_organization": "GOOGLE",
    },
    "2001:4860::/32": {"autonomous_system_number": (6, 4_294_967_294)},
}
DATABASES = {"GeoLite2-City": CITY, "GeoLite2-Country": COUNTRY, "GeoLite2-ASN": ASN}
JAN = utc("2026-01-01")


def _made(folder: Path, *names: str, **more: Any) -> Path:
    for name in names:
        write_mmdb(folder / f"{name}.mmdb", name, DATABASES[name], **more)
    return folder


@pytest.mark.parametrize(
    ("files", "row"),
    [
        pytest.param(
            ["GeoLite2-City", "GeoLite2-ASN"],
            ["United States", "US", "Mountain View", 37.4, -122.1, 15169, "GOOGLE",
             "GeoLite2-City", JAN], id="city and network",
        ),
        pytest.param(
            ["GeoLite2-Country"],
            ["United States", "US", None, 39.5, -99.1, None, None, "GeoLite2-Country", JAN],
            id="country at its centroid",
        ),
        pytest.param(
            ["GeoLite2-ASN"],
            ["United States", "US", None, 39.5, -99.1, 15169, "GOOGLE", "geoip2fast", MADE],
            id="network over the bundled country",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("named", ["GEOIP_PATH", "msticpyconfig"])
def test_databases_of_maxmind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], row: list[Any], named: str
) -> None:
    _made(tmp_path, *files)
    if named == "GEOIP_PATH":
        monkeypatch.setenv("GEOIP_PATH", str(tmp_path))
    else:
        folder = {"GeoIPLite": {"Args": {"DBFolder": str(tmp_path)}}}
        monkeypatch.setitem(pkg_config._settings, "OtherProviders", folder)
    found = places(["8.8.8.8", "192.168.0.1"])
    expected = _frame({"8.8.8.8": row, "192.168.0.1": _named("private")})
    pd.testing.assert_frame_equal(found, expected)


def test_what_a_city_database_holds(tmp_path: Path) -> None:
    _made(tmp_path, "GeoLite2-City", "GeoLite2-ASN")
    city, asn = (tmp_path / f"GeoLite2-{name}.mmdb" for name in ("City", "ASN"))
    rows = {
        "2001:4860:4860::8888": ["Switzerland", "CH", "Z\u00fcrich", 47.4, 8.5, 4_294_967_294, None,
                                 "GeoLite2-City", JAN],
        "::ffff:8.8.8.8": ["United States", "US", "Mountain View", 37.4, -122.1, 15169, "GOOGLE",
                           "GeoLite2-City", JAN],
        "8.8.4.4": ["United States", "US", "Mountain View", 37.4, -122.1, None, None,
                    "GeoLite2-City", JAN],
        "9.9.9.9": ["Germany", "DE", None, 51.1, 10.4, None, None, "GeoLite2-City", JAN],
        "1.1.1.1": [None, None, None, -33.5, 143.2, None, None, "GeoLite2-City", JAN],
        "5.5.5.5": [None] * 7 + ["GeoLite2-City", JAN],
        "10.0.0.1": _named("private"),
        "8.8.8.8.8": _named(None),
    }  # fmt: skip
    found = places(list(rows), city, asn)
    germany = found.loc[found["address"] == "9.9.9.9", ["Latitude", "Longitude"]].iloc[0]
    rows["9.9.9.9"][3:5] = list(germany)  # the centroid, as countries.json has it
    assert (germany.notna().all(), 47 < germany["Latitude"] < 55) == (True, True)
    pd.testing.assert_frame_equal(found, _frame(rows))


def test_a_database_of_ipv4_says_nothing_of_ipv6(tmp_path: Path) -> None:
    four = {net: held for net, held in CITY.items() if ":" not in net}
    city = write_mmdb(tmp_path / "GeoLite2-City.mmdb", "GeoLite2-City", four, version=4)
    none = {net: held for net, held in ASN.items() if ":" not in net}
    asn = write_mmdb(tmp_path / "GeoLite2-ASN.mmdb", "GeoLite2-ASN", none, version=4)
    found = places(["2001:4860::1", "8.8.8.8"], city, asn)
    pd.testing.assert_frame_equal(found, _frame({
        "2001:4860::1": [None] * 7 + ["GeoLite2-City", JAN],
        "8.8.8.8": ["United States", "US", "Mountain View", 37.4, -122.1, 15169, "GOOGLE",
                    "GeoLite2-City", JAN],
    }))  # fmt: skip


def test_a_database_that_was_fetched_anew_is_read_anew(tmp_path: Path) -> None:
    path = _made(tmp_path, "GeoLite2-City") / "GeoLite2-City.mmdb"
    first = places(["8.8.8.8"], path)
    path.unlink()
    write_mmdb(path, "GeoLite2-City", CITY, epoch=1_769_904_000)
    os.utime(path, ns=(1, 1))
    second = places(["8.8.8.8"], path)
    assert [*first["SourceDate"], *second["SourceDate"]] == [JAN, utc("2026-02-01")]


@pytest.mark.parametrize(
    "cut", [pytest.param(0.5, id="data cut"), pytest.param(0.05, id="tree cut")]
)
def test_a_database_that_breaks_while_it_is_read(tmp_path: Path, cut: float) -> None:
    path = _made(tmp_path, "GeoLite2-City") / "GeoLite2-City.mmdb"
    raw = path.read_bytes()
    body, about = raw.split(b"\xab\xcd\xefMaxMind.com")
    kept = int(len(body) * cut)
    path.write_bytes(
        body[:kept] + b"\xff" * (len(body) - kept) + b"\xab\xcd\xefMaxMind.com" + about
    )
    with pytest.raises(SourceError, match="is not a readable GeoIP database"):
        places(["8.8.8.8", "2001:4860::1"], path)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        pytest.param("192.0.0.9", None, id="an anycast address within a reserved network"),
        pytest.param("192.0.0.8", "reserved", id="its neighbour"),
        pytest.param("192.88.99.1", "reserved", id="6to4 relays of old"),
        pytest.param("100.127.255.255", "shared (carrier-grade NAT)", id="last of CGNAT"),
        pytest.param("100.128.0.0", None, id="first after CGNAT"),
        pytest.param("172.32.0.0", None, id="first after a private network"),
        pytest.param("3fff:fff::1", "documentation", id="documentation of 2024"),
        pytest.param("64:ff9b:1::1", "private", id="local NAT64"),
        pytest.param("64:ff9b::808:808", None, id="NAT64 of a public address"),
        pytest.param("64:ff9b::a00:1", "private", id="NAT64 of a private one"),
        pytest.param("2002:a00:1::1", "private", id="6to4 of a private one"),
        pytest.param("2002:808:808::1", None, id="6to4 of a public one"),
        pytest.param("2001:0:1::1", "reserved", id="Teredo"),
        pytest.param("5f00::1", "reserved", id="segment routing"),
        pytest.param("fec0::1", "reserved", id="site-local"),
        pytest.param("2a00::1", None, id="public"),
    ],
)
def test_what_is_not_public(address: str, kind: str | None) -> None:
    assert special(ip_address(address)) == kind
