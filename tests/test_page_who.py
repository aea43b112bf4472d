"""Owners and names of addresses: what is sent, what never is, and what a notebook shows of it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd
import pytest

from linuxhunt import Hunt, connect
from linuxhunt.enrich.asking import Limits
from linuxhunt.errors import ParameterError, QueryError
from linuxhunt.pages.who import ANSWERS, WhoPage
from linuxhunt.views.base import View
from tests.enrich.outside import DnsServer, RdapServer, hanging, rdap, servers, silent, told
from tests.made import make_case
from tests.views.pages import HOSTILE, Faults

TIME = datetime(2026, 3, 12, 12)
LINE = "Failed password for alice from {} port 1 ssh2"
FROM = ("8.8.4.7", "9.9.9.9", "10.0.0.1", "203.0.113.9", "52.1.2.3")
EVIL = "<img\\032src=x\\032onerror=pwned>.example."


def flow(direction: str, source: str, target: str) -> dict[str, Any]:
    return {
        "TimeGenerated": TIME, "EventStartTime": TIME, "EventEndTime": TIME, "DvcHostname": "web01",
        "SrcIpAddr": source, "DstIpAddr": target, "NetworkDirection": direction,
        "DstPortNumber": 443, "NetworkProtocol": "TCP", "_ItemId": f"conn.log:{source}:{target}",
    }  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = [
        {"TimeGenerated": TIME, "Computer": "web01", "Facility": "auth", "HostIP": "52.1.2.3",
         "ProcessName": "sshd", "ProcessID": n, "SyslogMessage": LINE.format(address),
         "_ItemId": f"auth.log:{n}"}
        for n, address in enumerate(FROM)
    ]  # fmt: skip
    flows = [flow("Outbound", "52.9.9.9", "8.8.4.7"), flow("Inbound", "9.9.9.9", "52.9.9.8")]
    tables = {"Syslog": lines, "ASimNetworkSessionLogs": flows}
    return make_case(tmp_path_factory.mktemp("who") / "case.duckdb", tables)


@pytest.fixture
def outside() -> Iterator[tuple[DnsServer, RdapServer]]:
    with servers() as both:
        by_dns, by_http = both
        by_dns.zone |= {
            "7.4.8.8.in-addr.arpa": "dns.example.",
            "9.9.9.9.in-addr.arpa": EVIL,
            "7.4.8.8.origin.asn.cymru.com": "15169 | 8.8.4.0/24 | US | ripencc | x",
            "AS15169.asn.cymru.com": "15169 | US | arin | 2000-03-30 | GOOGLE",
        }
        by_http.says |= {"9.9.9.9": told("", 404)}
        yield both


@pytest.fixture(scope="module")
def opened(case: Path) -> Hunt:
    return connect(case)


@pytest.fixture
def hunt(
    opened: Hunt, outside: tuple[DnsServer, RdapServer], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Hunt:  # fmt: skip
    """Return the hunt with a page that was asked nothing, and a cache that holds nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    opened.who = WhoPage(opened)
    by_dns, by_http = outside
    opened.who.limits = Limits(each=5, total=20, pause=0.01)
    opened.who.resolver, opened.who.registries = by_dns.resolver, by_http.registries
    return opened


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{**dict.fromkeys(ANSWERS), "Names": [], **row} for row in rows]).astype(
        ANSWERS
    )


GOOGLE = {
    "Address": "8.8.4.7", "Names": ["dns.example"], "ASN": 15169, "ASName": "GOOGLE",
    "Prefix": "8.8.4.0/24", "Organisation": "Carrier Ltd", "Network": "CARRIER-NET",
    "Cidr": "8.8.4.0/24", "Country": "NL", "Abuse": "abuse@carrier.example", "Registry": "ripencc",
}  # fmt: skip
UNKNOWN = {
    "Address": "9.9.9.9", "Names": ["<img\\032src=x\\032onerror=pwned>.example"],
    "Problems": "AS number: nobody announces it; owner: no registry knows it",
}  # fmt: skip
WITHHELD = [
    ("10.0.0.1", "is not public"),
    ("203.0.113.9", "is not public"),
    ("52.1.2.3", "is the workspace's own"),
    ("52.9.9.9", "is the workspace's own"),
    ("52.9.9.8", "is the workspace's own"),
    ("127.0.0.1", "is not public"),
    ("::ffff:10.1.1.1", None),
    ("169.254.169.254", "is not public"),
    ("100.64.0.1", "is not public"),
    ("224.0.0.1", "is not public"),
    ("fe80::1%eth0", None),
    ("64:ff9b::a00:1", "is not public"),
    ("2002:3401:203::1", "is the workspace's own"),
    ("web01.corp.net", "is no address"),
    ("<b>", "is no address"),
]


def test_owners_and_names(hunt: Hunt, outside: tuple[DnsServer, RdapServer]) -> None:
    found = hunt.who.lookup(["8.8.4.7", None, "9.9.9.9", "8.8.4.7", "10.0.0.1"])
    expected = frame(GOOGLE, UNKNOWN)
    pd.testing.assert_frame_equal(found, expected)
    pd.testing.assert_frame_equal(hunt.who.answers, expected)
    by_dns, by_http = outside
    assert sorted(by_http.asked) == ["/any/9.9.9.9", "/ip/8.8.4.7"]
    assert len(by_dns.asked) == 5
    again = hunt.who.lookup("8.8.4.7")  # kept on disk: nobody is asked
    pd.testing.assert_frame_equal(again, frame(GOOGLE))
    assert (len(by_http.asked), len(by_dns.asked)) == (2, 5)


def test_what_never_leaves(hunt: Hunt, outside: tuple[DnsServer, RdapServer]) -> None:
    found = hunt.who.lookup([address for address, _ in WITHHELD])
    assert found.empty
    named = {"::ffff:10.1.1.1": "10.1.1.1", "fe80::1%eth0": "fe80::1"}
    assert list(hunt.who.withheld.itertuples(index=False, name=None)) == [
        (named.get(address, address), why or "is not public") for address, why in WITHHELD
    ]
    assert (outside[0].asked, outside[1].asked) == ([], [])


def test_names_alone_ask_no_registry(hunt: Hunt, outside: tuple[DnsServer, RdapServer]) -> None:
    found = hunt.who.lookup(["8.8.4.7"], owners=False)
    pd.testing.assert_frame_equal(found, frame({"Address": "8.8.4.7", "Names": ["dns.example"]}))
    assert (outside[0].asked, outside[1].asked) == (["7.4.8.8.in-addr.arpa"], [])
    whole = hunt.who.lookup(["8.8.4.7"], names=False)  # what was known stays
    pd.testing.assert_frame_equal(whole, frame(GOOGLE))
    assert "7.4.8.8.in-addr.arpa" not in outside[0].asked[1:]


def test_nothing_to_ask_for(hunt: Hunt) -> None:
    with pytest.raises(ParameterError, match="ask for owners, for names, or for both"):
        hunt.who.lookup(["8.8.4.7"], owners=False, names=False)


def test_nothing_is_sent_where_it_is_not_known_what_is_own(
    hunt: Hunt, outside: tuple[DnsServer, RdapServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: Any) -> None:
        raise QueryError("nothing is sent, as it is not known what is the workspace's own: x")

    monkeypatch.setattr("linuxhunt.pages.who.own_of", unknown)
    with pytest.raises(QueryError, match="nothing is sent"):
        hunt.who.lookup(["8.8.4.7"])
    assert (outside[0].asked, outside[1].asked) == ([], [])


def test_failures_are_named_by_address(hunt: Hunt, outside: tuple[DnsServer, RdapServer]) -> None:
    outside[0].zone["7.4.8.8.in-addr.arpa"] = silent
    outside[1].says["8.8.4.7"] = told("", 500)
    hunt.who.limits = Limits(each=0.3, tries=1)
    found = hunt.who.lookup(["8.8.4.7", "1.1.1.1"])
    failed = {
        **dict.fromkeys(("Organisation", "Network", "Cidr", "Abuse")), "Names": [], "Country": "US",
        "Problems": "names: no answer within 0.3 s;"
        " owner: the server answers 500 Internal Server Error",
    }  # fmt: skip
    other = {
        "Address": "1.1.1.1", "Organisation": "Carrier Ltd", "Network": "CARRIER-NET",
        "Cidr": "1.1.1.0/24", "Country": "NL", "Abuse": "abuse@carrier.example",
        "Problems": "AS number: nobody announces it",
    }  # fmt: skip
    pd.testing.assert_frame_equal(found, frame({**GOOGLE, **failed}, other))


def test_a_broken_file_of_answers_is_said(hunt: Hunt, tmp_path: Path) -> None:
    path = tmp_path / "linuxhunt" / "outside" / "answers.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")
    pd.testing.assert_frame_equal(hunt.who.lookup(["8.8.4.7"]), frame(GOOGLE))
    assert (hunt.who.fault or "").startswith(f"{path} cannot be read and is left out")
    assert "cannot be read and is left out" in hunt.who.view().text


def parts(form: Any) -> dict[str, Any]:
    """Return the form's controls by what they are for."""
    boxes = {child.description[:6].rstrip(":"): child for child in form.children
             if isinstance(child, widgets.Checkbox)}  # fmt: skip
    row = next(child for child in form.children if isinstance(child, widgets.HBox))
    preview, outcome = (child for child in form.children if isinstance(child, widgets.HTML))
    select = next(child for child in form.children if isinstance(child, widgets.SelectMultiple))
    return {
        **boxes, **{child.description: child for child in row.children[:3]},
        "progress": row.children[3], "preview": preview, "outcome": outcome, "select": select,
    }  # fmt: skip


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def done(form: dict[str, Any]) -> None:
    until(lambda: bool(form["Stop"].disabled) and not form["Send"].disabled)


def test_the_form_sends_what_is_picked_and_nothing_before(
    hunt: Hunt, outside: tuple[DnsServer, RdapServer]
) -> None:
    by_dns, by_http = outside
    widget = hunt.who.ask()
    form = parts(widget)
    assert list(form["select"].options) == ["8.8.4.7", "9.9.9.9"]
    assert "Withheld: 2 is not public; 1 is the workspace's own" in [
        child.value for child in widget.children if isinstance(child, widgets.Label)
    ]
    assert (form["preview"].value, form["Send"].disabled) == ("Nothing will be sent.", True)
    form["Pick all"].click()
    assert (form["preview"].value, form["Send"].disabled) == ("Nothing will be sent.", True)
    form["Owners"].value = form["Names"].value = True
    assert form["preview"].value == (
        "To <b>the resolver 127.0.0.1</b>, which asks Team Cymru (asn.cymru.com): 8.8.4.7, 9.9.9.9"
        "<br>To <b>the registries</b> (127.0.0.1), each what it registered, and servers that they"
        " refer to: 8.8.4.7, 9.9.9.9<br>To <b>the resolver 127.0.0.1</b>, which asks the name"
        " servers of whoever holds the address (they can see it): 8.8.4.7, 9.9.9.9"
    )
    assert (by_dns.asked, by_http.asked) == ([], [])
    form["Send"].click()
    done(form)
    assert "2 addresses asked for, 1 answered in all parts." in form["outcome"].value
    assert Faults(View(form["outcome"].value, "")).found == []
    assert "&lt;img\\032src=x" in form["outcome"].value
    assert "<img\\032" not in form["outcome"].value
    pd.testing.assert_frame_equal(hunt.who.answers, frame(GOOGLE, UNKNOWN))


def test_the_form_stops(hunt: Hunt, outside: tuple[DnsServer, RdapServer]) -> None:
    outside[1].says["8.8.4.7"] = hanging
    hunt.who.limits = Limits(each=60, total=60)
    form = parts(hunt.who.ask(["8.8.4.7"]))
    form["Owners"].value = True
    form["Pick all"].click()
    form["Send"].click()
    until(lambda: form["progress"].value == "owners: 0 of 1 answered")
    assert (form["Send"].disabled, form["Stop"].disabled) == (True, False)
    began = time.monotonic()
    form["Stop"].click()
    done(form)
    assert time.monotonic() - began < 15
    assert form["progress"].value == "Stopped."
    assert list(hunt.who.answers["Problems"]) == ["owner: stopped"]


def test_a_stop_before_anything_is_sent(hunt: Hunt, outside: tuple[DnsServer, RdapServer]) -> None:
    stop = threading.Event()
    stop.set()
    found = hunt.who.lookup(["8.8.4.7"], stop=stop)
    problem = "AS number: stopped; names: stopped; owner: stopped"
    pd.testing.assert_frame_equal(found, frame({"Address": "8.8.4.7", "Problems": problem}))
    assert (outside[0].asked, outside[1].asked) == ([], [])


def test_the_view_follows_and_says_what_was_not_sent(hunt: Hunt) -> None:
    heard = []
    hunt.who.on_change(lambda: heard.append(len(hunt.who.answers)))
    before = repr(hunt.who.show())
    hunt.who.lookup(["8.8.4.7", "10.0.0.1"])
    assert (before, hunt.who.view().text, heard) == (
        "Nobody outside was asked. hunt.who.ask() shows what would be sent to whom.",
        "1 address asked for, 1 answered in all parts. What follows is said by registries and by"
        " those who hold the networks; names are not checked.\nWho is behind the addresses: 1 row,"
        " 11 columns\nNot sent, and why: 1 row, 2 columns",
        [1],
    )


def test_the_street_map_is_of_the_network_section(hunt: Hunt, outside: Any) -> None:
    view = hunt.who.street_map()
    assert view.text.splitlines()[1] == (
        "Places, the busiest first; 2 addresses without a place: 1 row, 8 columns"
    )
    assert "3 failed and 2 successful contacts from 3 addresses" in view.html
    assert (outside[0].asked, outside[1].asked) == ([], [])


def test_no_section_opens_a_socket(hunt: Hunt) -> None:
    opened: list[str] = []
    here = threading.get_ident()

    def heard(event: str, _: Any) -> None:
        asks = event in ("socket.connect", "socket.getaddrinfo", "socket.sendto")
        if asks and watching and threading.get_ident() == here:
            opened.append(event)

    watching = [True]
    sys.addaudithook(heard)  # there is no way to take it off again
    pages = (hunt.source, hunt.host, hunt.logons, hunt.users, hunt.network, hunt.verdict, hunt.who)
    shown = [page.view().text for page in pages]
    hunt.who.ask()
    watching.clear()
    assert (opened, [text for text in shown if not text]) == ([], [])


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_texts_of_strangers_stay_texts(
    text: str, hunt: Hunt, outside: tuple[DnsServer, RdapServer]
) -> None:
    body = rdap("8.8.4.7", name=text, remarks=[{"description": [text]}], entities=[])
    outside[1].says["8.8.4.7"] = told(body)
    hunt.who.lookup(["8.8.4.7", text])
    assert Faults(hunt.who.view()).found == []
