from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from geoip2.errors import AddressNotFoundError
from geoip2.models import ASN, City, Country

from linuxhunt.enrich.geo import places
from linuxhunt.errors import SourceError
from linuxhunt.schema import STR, TIME
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


class Databases:
    """What geoip2 reads out of two .mmdb files, of which one address is known."""

    def __init__(self, path: str) -> None:
        self.kind = Path(path).stem

    def metadata(self) -> Any:
        return SimpleNamespace(database_type=self.kind, build_epoch=1_767_225_600)

    def _known(self, address: str) -> None:
        if address != "8.8.8.8":
            raise AddressNotFoundError(address)

    def city(self, address: str) -> City:
        self._known(address)
        return City(
            ["en"], city={"names": {"en": "Mountain View"}},
            country={"iso_code": "US", "names": {"en": "United States"}},
            location={"latitude": 37.4, "longitude": -122.1},
        )  # fmt: skip

    def country(self, address: str) -> Country:
        self._known(address)
        return Country(["en"], country={"iso_code": "US", "names": {"en": "United States"}})

    def asn(self, address: str) -> ASN:
        self._known(address)
        return ASN(address, autonomous_system_number=15169, autonomous_system_organization="GOOGLE")


@pytest.mark.parametrize(
    ("files", "row"),
    [
        pytest.param(
            ["GeoLite2-City", "GeoLite2-ASN"],
            ["United States", "US", "Mountain View", 37.4, -122.1, 15169, "GOOGLE",
             "GeoLite2-City", utc("2026-01-01")], id="city and network",
        ),
        pytest.param(
            ["GeoLite2-Country"],
            ["United States", "US", None, 39.5, -99.1, None, None, "GeoLite2-Country",
             utc("2026-01-01")], id="country at its centroid",
        ),
        pytest.param(
            ["GeoLite2-ASN"],
            ["United States", "US", None, 39.5, -99.1, 15169, "GOOGLE", "geoip2fast", MADE],
            id="network over the bundled country",
        ),
    ],
)  # fmt: skip
def test_databases_of_geoip_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], row: list[Any]
) -> None:
    for name in files:
        (tmp_path / f"{name}.mmdb").touch()
    monkeypatch.setenv("GEOIP_PATH", str(tmp_path))
    monkeypatch.setattr("geoip2.database.Reader", Databases)
    found = places(["8.8.8.8", "192.168.0.1"])
    expected = _frame({"8.8.8.8": row, "192.168.0.1": _named("private")})
    pd.testing.assert_frame_equal(found, expected)


def test_an_address_that_the_database_does_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geoip2.database.Reader", Databases)
    for name in ("GeoLite2-City", "GeoLite2-ASN"):
        (tmp_path / f"{name}.mmdb").touch()
    found = places(["1.1.1.1"], tmp_path / "GeoLite2-City.mmdb", tmp_path / "GeoLite2-ASN.mmdb")
    row = [None] * 7 + ["GeoLite2-City", utc("2026-01-01")]
    pd.testing.assert_frame_equal(found, _frame({"1.1.1.1": row}))
