"""Names and AS numbers by DNS, from servers on loopback: true, late, refusing, lying, garbled."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import dns.rcode
import dns.resolver
import pytest

from linuxhunt.enrich.asking import Answer, Asker, Limits
from linuxhunt.enrich.names import names
from linuxhunt.enrich.origins import Origin, origins
from linuxhunt.enrich.resolving import Resolver
from tests.enrich.outside import (
    DnsServer,
    alias,
    alias_loop,
    always_truncated,
    garbled,
    servers,
    silent,
    slow,
    truncated,
    wrong_id,
)

QUICK = Limits(each=0.5, total=10, tries=2, pause=0.01)
ADDRESS, NAME = "8.8.4.7", "7.4.8.8.in-addr.arpa"
LATE = "no answer within 0.5 s"


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with servers() as (by_dns, _):
        yield by_dns


def said(*texts: str) -> Answer:
    return Answer({"records": list(texts)})


@pytest.mark.parametrize(
    ("says", "answer"),
    [
        pytest.param("dns.example.", said("dns.example"), id="a name"),
        pytest.param(["b.example.", "a.example."], said("a.example", "b.example"), id="several"),
        pytest.param(None, said(), id="no such name"),
        pytest.param([], said(), id="a name without a record"),
        pytest.param(alias, said("a.example"), id="an alias"),
        pytest.param(slow, said("late.example"), id="late, but in time"),
        pytest.param(truncated, said("long.example"), id="too long for a datagram"),
        pytest.param(always_truncated, said(), id="too long for a stream as well"),
        pytest.param("<b>x.example.", said("<b>x.example"), id="markup"),
        pytest.param("a\\027[31m\\000\\226\\128\\174b.example.",
                     said("a\\027[31m\\000\\226\\128\\174b.example"), id="signs that hide"),
        pytest.param("%2f.`id`.\\$\\(id\\).example.", said("%2f.`id`.\\$\\(id\\).example"),
                     id="a shell's"),
        pytest.param(dns.rcode.REFUSED, Answer(None, "the resolver answers REFUSED"), id="refused"),
        pytest.param(dns.rcode.SERVFAIL, Answer(None, "the resolver answers SERVFAIL"),
                     id="its own server fails"),
        pytest.param(dns.rcode.YXDOMAIN, Answer(None, "the resolver answers YXDOMAIN"), id="yxdomain"),
        pytest.param(alias_loop, Answer(None, "an alias leads to an alias without end"),
                     id="aliases in a circle"),
        pytest.param(wrong_id, Answer(None, LATE), id="the answer to another question"),
        pytest.param(silent, Answer(None, LATE), id="silence"),
        pytest.param(garbled, Answer(None, LATE), id="no DNS behind the header"),
    ],
)  # fmt: skip
def test_a_name(says: Any, answer: Answer, server: DnsServer) -> None:
    server.zone[NAME] = says
    began = time.monotonic()
    assert names([ADDRESS], Asker(QUICK), server.resolver) == {ADDRESS: answer}
    assert time.monotonic() - began < 15


def test_the_names_that_are_asked_for(server: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No search domain of this machine comes behind a name."""
    v6 = "2001:4860:4860::8888"
    names([ADDRESS, v6], Asker(QUICK), server.resolver)
    assert sorted(server.asked) == [
        NAME,
        "8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2.ip6.arpa",
    ]


def test_a_name_of_many_names_is_cut(server: DnsServer) -> None:
    server.zone[NAME] = [f"n{number:03}.example." for number in range(50)]
    found = names([ADDRESS], Asker(QUICK), server.resolver)
    assert found == {ADDRESS: said(*(f"n{number:03}.example" for number in range(20)))}


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    addresses = [f"8.8.4.{n}" for n in range(100)]
    began = time.monotonic()
    limits = Limits(each=0.5, pause=0.01, give_up=4, at_once=4)
    found = names(addresses, Asker(limits), Resolver(("127.0.0.1",), port))
    assert time.monotonic() - began < 15
    assert (found["8.8.4.0"], found["8.8.4.99"]) == (
        Answer(None, LATE),
        Answer(None, f"not asked any more: {LATE}"),
    )


def test_a_machine_without_a_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any) -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver.BaseResolver, "read_resolv_conf", none)
    assert str(Resolver()) == "none that this machine has"
    found = names([ADDRESS], Asker(QUICK))
    assert found == {ADDRESS: Answer(None, "this machine has no resolver")}


ZONE = "7.4.8.8.origin.asn.cymru.com"
LINE = "15169 | 8.8.4.0/24 | US | arin | 2023-12-28"
FORM = "AS number: an answer that is not of the form which Team Cymru gives"


def origin(**more: Any) -> Origin:
    held: dict[str, Any] = {
        "asns": (15169,), "name": "GOOGLE - Google LLC, US", "prefix": "8.8.4.0/24",
        "country": "US", "registry": "arin", "problem": None,
    }  # fmt: skip
    return Origin(**{**held, **more})


@pytest.mark.parametrize(
    ("says", "found"),
    [
        pytest.param(LINE, origin(), id="one"),
        pytest.param(["23 | 8.0.0.0/9 | US | arin | 1992-12-01", LINE], origin(), id="the narrower"),
        pytest.param("15169 23028 | 8.8.4.0/24 | us | arin | x", origin(asns=(15169, 23028)),
                     id="two announce it"),
        pytest.param("15169 | 8.8.4.0/24 | | other | ", origin(country=None, registry=None),
                     id="no registry"),
        pytest.param(["garbage", LINE], origin(), id="garbage beside it"),
        pytest.param(None, Origin(problem="AS number: nobody announces it"), id="nobody"),
        pytest.param("15169 | 9.9.9.0/24 | US | arin | x", Origin(problem=FORM),
                     id="of another network"),
        pytest.param("15169 | 2001:db8::/32 | US | arin | x", Origin(problem=FORM), id="of IPv6"),
        pytest.param("-1 | 8.8.4.0/24 | US | arin | x", Origin(problem=FORM), id="no number"),
        pytest.param("99999999999 | 8.8.4.0/24 | US | arin | x", Origin(problem=FORM),
                     id="a number too large"),
        pytest.param("٣ | 8.8.4.0/24 | US | arin | x", Origin(problem=FORM), id="a digit elsewhere"),
        pytest.param(" | 8.8.4.0/24 | US | arin | x", Origin(problem=FORM), id="no number at all"),
        pytest.param("<script>|<b>|<i>|<u>|x", Origin(problem=FORM), id="markup"),
        pytest.param("|", Origin(problem=FORM), id="a bar"),
        pytest.param(dns.rcode.REFUSED, Origin(problem="AS number: the resolver answers REFUSED"),
                     id="refused"),
        pytest.param(silent, Origin(problem=f"AS number: {LATE}"), id="silence"),
    ],
)  # fmt: skip
def test_an_origin(says: Any, found: Origin, server: DnsServer) -> None:
    name = "15169 | US | arin | 2000-03-30 | GOOGLE - Google LLC, US"
    server.zone |= {ZONE: says, "AS15169.asn.cymru.com": name}
    assert origins([ADDRESS], Asker(QUICK), server.resolver) == {ADDRESS: found}


@pytest.mark.parametrize(
    ("says", "problem"),
    [
        pytest.param(None, "AS name: an answer of another form", id="unknown"),
        pytest.param("garbage", "AS name: an answer of another form", id="garbage"),
        pytest.param(dns.rcode.REFUSED, "AS name: the resolver answers REFUSED", id="refused"),
    ],
)
def test_an_origin_without_a_name(says: Any, problem: str, server: DnsServer) -> None:
    server.zone |= {ZONE: LINE, "AS15169.asn.cymru.com": says}
    found = origins([ADDRESS], Asker(QUICK), server.resolver)
    assert found == {ADDRESS: origin(name=None, problem=problem)}


def test_a_name_is_asked_for_once_and_half_of_an_ipv6_address_is_sent(server: DnsServer) -> None:
    server.zone |= {ZONE: LINE, "8.4.8.8.origin.asn.cymru.com": LINE}
    origins([ADDRESS, "8.8.4.8", "2001:4860:4860:0:1:2:3:4"], Asker(QUICK), server.resolver)
    assert sorted(server.asked) == [
        "0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2.origin6.asn.cymru.com",
        ZONE,
        "8.4.8.8.origin.asn.cymru.com",
        "AS15169.asn.cymru.com",
    ]
