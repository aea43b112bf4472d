"""Owners by RDAP, from a server on loopback: true, slow, refusing, lying, garbage without end."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from linuxhunt.enrich.asking import Answer, Asker, Limits
from linuxhunt.enrich.owners import Registries, owners
from tests.enrich.outside import (
    RdapServer,
    dripping,
    flooding,
    hanging,
    hanging_up,
    in_turn,
    owner,
    rdap,
    servers,
    told,
)

QUICK = Limits(each=0.7, total=10, tries=2, pause=0.01)
ADDRESS = "8.8.4.7"
LATE = "no answer within 0.7 s"
GOOD = owner(Cidr="8.8.4.0/24")
NOTHING: dict[str, Any] = dict.fromkeys(GOOD)
LIMITS = {"title": "Rate Limit Notice", "description": ["Slow down"]}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[RdapServer]:
    with servers() as (_, by_http):
        yield by_http


def person(handle: Any, name: str, *roles: str, kind: str = "individual") -> dict[str, Any]:
    card = [["fn", {}, "text", name], ["kind", {}, "text", kind]]
    return {"handle": handle, "roles": list(roles), "vcardArray": ["vcard", card]}


def zipped(body: Any) -> Any:
    return told(gzip.compress(json.dumps(body).encode()), headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize(
    ("says", "found"),
    [
        pytest.param(told(rdap(ADDRESS)), GOOD, id="an answer"),
        pytest.param(zipped(rdap(ADDRESS)), GOOD, id="compressed"),
        pytest.param(told(rdap(ADDRESS, country=None, name=None, entities=None)),
                     {**NOTHING, "Cidr": "8.8.4.0/24"}, id="nothing but the network"),
        pytest.param(told("", 404), NOTHING, id="not known"),
        pytest.param(told(rdap(ADDRESS, entities=[], remarks=[
            {"title": "x", "description": ["Carrier of Utrecht", "and more"]}])),
            owner(Cidr="8.8.4.0/24", Organisation="Carrier of Utrecht", Abuse=None),
            id="told in a remark"),
        pytest.param(told(rdap(ADDRESS, entities=[
            person("MNT-1", "MNT-1", "registrant"), person("P-1", "A Person", "registrant"),
            person("O-1", "The Org", "registrant", kind="org")])),
            owner(Cidr="8.8.4.0/24", Organisation="The Org", Abuse=None), id="several registrants"),
        pytest.param(told(rdap(ADDRESS, entities=[
            person(None, "No Handle", "registrant", kind="org"), *rdap(ADDRESS)["entities"]])),
            owner(Cidr="8.8.4.0/24", Organisation="No Handle"), id="an entity without a handle"),
        pytest.param(told(rdap(ADDRESS, entities=[
            7, None, "x", {"handle": [], "roles": 7, "vcardArray": 7, "entities": 7},
            {"handle": "A", "roles": ["abuse", 7], "vcardArray": ["vcard", [
                7, [], ["email"], ["email", {}, "text", {"a": 1}], ["email", [], "text", "a@b.example"],
            ]]}])),
            owner(Cidr="8.8.4.0/24", Organisation=None, Abuse="a@b.example"),
            id="entities of other types"),
        pytest.param(told(rdap(ADDRESS, name="<script>\x1b[31m\u202e", country="<b>")),
                     owner(Cidr="8.8.4.0/24", Network="<script>\x1b[31m\u202e", Country=None),
                     id="markup and signs that hide"),
        pytest.param(told(rdap(ADDRESS, name="x" * 9_000)),
                     owner(Cidr="8.8.4.0/24", Network="x" * 300), id="a long name"),
        pytest.param(told("", 302, {"Location": "/any/8.8.4.8"}), GOOD, id="referred to itself"),
        pytest.param(in_turn(told("", 500), told(rdap(ADDRESS))), GOOD, id="well at the second try"),
        pytest.param(in_turn(told("", 429, {"Retry-After": "0"}), told(rdap(ADDRESS))), GOOD,
                     id="limits once"),
        pytest.param(in_turn(hanging_up, told(rdap(ADDRESS))), GOOD, id="hangs up once"),
    ],
)  # fmt: skip
def test_an_owner(says: Any, found: dict[str, Any], server: RdapServer) -> None:
    server.says[ADDRESS] = says
    known = owners({ADDRESS: "ripencc"}, Asker(QUICK), server.registries)
    assert known == {ADDRESS: Answer(found)}


@pytest.mark.parametrize(
    ("says", "problem"),
    [
        pytest.param(told("<html>Captive portal"), "an answer that is no RDAP (JSONDecodeError)",
                     id="a page"),
        pytest.param(told("[1]"), "an answer that is no RDAP (ValueError)", id="a list"),
        pytest.param(told("null"), "an answer that is no RDAP (ValueError)", id="null"),
        pytest.param(told(b"\xff\xfe\x00"), "an answer that is no RDAP (UnicodeDecodeError)",
                     id="bytes"),
        pytest.param(told(""), "an answer that is no RDAP (JSONDecodeError)", id="nothing"),
        pytest.param(told({}), "an answer that is no RDAP (InvalidNetworkObject)", id="an empty map"),
        pytest.param(told("[" * 400_000), "an answer that is no RDAP (RecursionError)", id="deep"),
        pytest.param(told(rdap(ADDRESS, handle=7)), "an answer that is no RDAP (AttributeError)",
                     id="another type"),
        pytest.param(told(rdap(ADDRESS, startAddress="x")),
                     "an answer that is no RDAP (InvalidNetworkObject)", id="no address"),
        pytest.param(told(rdap("9.9.9.9")), "an answer about another network", id="a lie"),
        pytest.param(told(rdap(ADDRESS, notices=[LIMITS])),
                     "the server limits how often it is asked", id="a notice that it limits"),
        pytest.param(told("", 429), "the server answers 429 Too Many Requests", id="limits"),
        pytest.param(told("", 403), "the server answers 403 Forbidden", id="forbids"),
        pytest.param(told("", 500), "the server answers 500 Internal Server Error", id="fails"),
        pytest.param(told("", 204), "the server answers 204 No Content", id="has no content"),
        pytest.param(told("", 302, {"Location": f"/ip/{ADDRESS}"}),
                     "one server refers to the other without end", id="a circle"),
        pytest.param(told("", 302, {"Location": "http://169.254.169.254/latest"}),
                     "refers to http://169.254.169.254/latest, which is not asked",
                     id="referred inside"),
        pytest.param(told("", 301, {"Location": "https://10.0.0.1/"}),
                     "refers to https://10.0.0.1/, which is not asked", id="inside under TLS"),
        pytest.param(told("", 307, {"Location": "https://intranet/"}),
                     "refers to https://intranet/, which is not asked", id="to a name inside"),
        pytest.param(told("", 308, {"Location": "http://rdap.example.com/"}),
                     "refers to http://rdap.example.com/, which is not asked", id="without TLS"),
        pytest.param(told("", 302, {"Location": "file:///etc/passwd"}),
                     "refers to file://127.0.0.1/etc/passwd, which is not asked", id="to a file"),
        pytest.param(flooding, "an answer of more than a megabyte", id="without end"),
        pytest.param(zipped(["0" * 30_000_000]), "an answer of more than a megabyte", id="a bomb"),
        pytest.param(told(b"x" * 99, headers={"Content-Encoding": "gzip"}), "an answer that is no RDAP",
                     id="not compressed as it says"),
        pytest.param(hanging, LATE, id="silence"),
        pytest.param(dripping("body"), LATE, id="a body that drips"),
        pytest.param(dripping("headers"), LATE, id="headers that drip"),
        pytest.param(hanging_up, "cannot be reached: ReadError", id="hangs up"),
    ],
)  # fmt: skip
def test_no_owner(says: Any, problem: str, server: RdapServer) -> None:
    server.says[ADDRESS] = says
    began = time.monotonic()
    known = owners({ADDRESS: "ripencc"}, Asker(QUICK), server.registries)
    assert known == {ADDRESS: Answer(None, problem)}
    assert time.monotonic() - began < 15


def test_where_it_is_asked(server: RdapServer) -> None:
    owners(
        {"8.8.4.7": "ripencc", "9.9.9.9": None, "1.1.1.1": "odd"}, Asker(QUICK), server.registries
    )
    assert sorted(server.asked) == ["/any/1.1.1.1", "/any/9.9.9.9", "/ip/8.8.4.7"]


def test_the_registries_that_are_asked() -> None:
    assert Registries().hosts == [
        "rdap-bootstrap.arin.net", "rdap.afrinic.net", "rdap.apnic.net", "rdap.arin.net",
        "rdap.db.ripe.net", "rdap.lacnic.net",
    ]  # fmt: skip
    urls = [Registries().url(ADDRESS, registry) for registry in ("apnic", None)]
    assert urls == [
        "https://rdap.apnic.net/ip/8.8.4.7",
        "https://rdap-bootstrap.arin.net/bootstrap/ip/8.8.4.7",
    ]


def test_a_server_that_limits_is_left_alone(server: RdapServer) -> None:
    addresses = [f"8.8.4.{number}" for number in range(20)]
    server.says = dict.fromkeys(addresses, told("", 429))
    known = owners(
        dict.fromkeys(addresses, "ripencc"), Asker(Limits(pause=0.01, at_once=2)), server.registries
    )
    assert len(server.asked) <= 4
    assert known["8.8.4.19"] == Answer(
        None, "not asked any more: the server answers 429 Too Many Requests"
    )


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    gone = Registries(
        {"arin": f"http://127.0.0.1:{port}/ip/{{0}}"}, f"http://127.0.0.1:{port}/{{0}}"
    )
    began = time.monotonic()
    addresses = dict.fromkeys((f"8.8.4.{number}" for number in range(100)), "arin")
    known = owners(addresses, Asker(Limits(pause=0.01)), gone)
    assert time.monotonic() - began < 15
    assert known["8.8.4.99"] == Answer(
        None, "not asked any more: cannot be reached: All connection attempts failed"
    )
