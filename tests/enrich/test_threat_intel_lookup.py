"""Asking providers outside: of the test's own, on loopback; and what never leaves."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pandas as pd
import pytest
from msticpy.context.http_provider import APILookupParams
from msticpy.context.tilookup import TILookup
from msticpy.context.tiproviders.result_severity import ResultSeverity
from msticpy.context.tiproviders.ti_http_provider import HttpTIProvider

from linuxhunt.enrich.threat_intel import ANSWERS, known_frame
from linuxhunt.enrich.threat_intel_lookup import ask, providers
from linuxhunt.enrich.threat_intel_private import Own, may_be_sent
from linuxhunt.errors import ParameterError, SourceError
from linuxhunt.schema import STR

ITEMS = [("8.8.4.4", "ipv4"), ("1.1.1.1", "ipv4"), ("evil.com", "dns"), ("/tmp/x", "linux_path")]


class Server(ThreadingHTTPServer):
    """A server whose first path part says how it behaves; it keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.hold = threading.Event()


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        _, mood, item = self.path.split("/", 2)
        if mood == "slow":
            self.server.hold.wait(10)
        status = int(mood) if mood.isdigit() else 200
        bad = item in ("8.8.4.4", "evil.com")
        body = {"bad": bad, "tags": ["c2"], "last_seen": "2026-03-01", "who": "x"}
        text = "<html>no" if mood == "garbage" else "[1]" if mood == "odd" else json.dumps(body)
        if mood == "notfound" and not bad:
            status = 404
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Feed(HttpTIProvider):
    """A provider of the test's own; ``AuthKey`` is its mood."""

    _BASE_URL: ClassVar[str] = ""
    _QUERIES: ClassVar[dict[str, Any]] = {
        kind: APILookupParams(path="/{AuthKey}/{observable}") for kind in ("ipv4", "dns")
    }

    def parse_results(self, response: dict[str, Any]) -> tuple[bool, ResultSeverity, Any]:
        raw = response["RawResult"]
        return raw["bad"], ResultSeverity.high if raw["bad"] else ResultSeverity.information, raw


class Broken(Feed):
    """A provider whose code fails."""

    def parse_results(self, response: dict[str, Any]) -> tuple[bool, ResultSeverity, Any]:
        raise AttributeError(str(response["Status"]))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    held = Server()
    thread = threading.Thread(target=held.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{held.server_port}"
    monkeypatch.setattr(Feed, "_BASE_URL", base)
    yield held
    held.hold.set()
    held.shutdown()
    held.server_close()


def answers(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(ANSWERS)).astype(ANSWERS)


def row(value: str, kind: str, by: str, link: str | None = None) -> dict[str, Any]:
    details = {"bad": True, "tags": ["c2"], "last_seen": "2026-03-01", "who": "x"}
    return {
        "Value": value, "Type": kind, "Match": "exact", "Source": by, "Severity": "High",
        "LastSeen": "2026-03-01", "Tags": ["c2"], "Description": json.dumps(details), "Link": link,
    }  # fmt: skip


def test_a_provider_says_what_it_knows(server: Server) -> None:
    asked = ask(ITEMS, {"good": Feed(AuthKey="fine")})
    pd.testing.assert_frame_equal(
        asked.known, known_frame([row("8.8.4.4", "ipv4", "good"), row("evil.com", "dns", "good")])
    )
    pd.testing.assert_frame_equal(asked.answers, answers(("good", 3, 3, 2, None)))
    assert server.asked == ["/fine/8.8.4.4", "/fine/1.1.1.1", "/fine/evil.com"]


def test_what_it_does_not_know_is_an_answer(server: Server) -> None:
    asked = ask(ITEMS, {"p": Feed(AuthKey="notfound")})
    pd.testing.assert_frame_equal(asked.answers, answers(("p", 3, 3, 2, None)))


@pytest.mark.parametrize(
    ("mood", "sent", "problem"),
    [
        pytest.param("429", 1, "answers 429 Too Many Requests; 2 not asked", id="it limits"),
        pytest.param("401", 1, "answers 401 Authorization failed. Check account and key details.;"
                     " 2 not asked", id="it refuses"),
        pytest.param("403", 1, "answers 403 Request forbidden. Allowed query rate may have been"
                     " exceeded.; 2 not asked", id="it forbids"),
        pytest.param("500", 3, "answers 500 Internal Server Error", id="it fails"),
        pytest.param("garbage", 3, "an answer that msticpy does not understand", id="garbage"),
        pytest.param("odd", 3, "an answer that msticpy does not understand (TypeError)",
                     id="JSON of another form"),
    ],
)  # fmt: skip
def test_failures_are_named_beside_the_hits_of_others(
    mood: str, sent: int, problem: str, server: Server
) -> None:
    asked = ask(ITEMS, {"bad": Feed(AuthKey=mood), "good": Feed(AuthKey="fine")})
    pd.testing.assert_frame_equal(
        asked.answers, answers(("bad", sent, 0, 0, problem), ("good", 3, 3, 2, None))
    )
    assert set(asked.known["Source"]) == {"good"}


def test_a_provider_whose_code_fails_is_named(server: Server) -> None:
    asked = ask(ITEMS, {"broken": Broken(AuthKey="fine")})
    problem = "an answer that msticpy does not understand (AttributeError)"
    pd.testing.assert_frame_equal(asked.answers, answers(("broken", 3, 0, 0, problem)))


def test_a_provider_that_does_not_answer_holds_up_nobody(server: Server) -> None:
    began = time.monotonic()
    asked = ask(ITEMS[:1], {"slow": Feed(AuthKey="slow"), "good": Feed(AuthKey="fine")}, limit=1.5)
    assert time.monotonic() - began < 15
    pd.testing.assert_frame_equal(
        asked.answers, answers(("slow", 1, 0, 0, "no answer in 1.5 s"), ("good", 1, 1, 1, None))
    )


def test_all_together_take_no_longer_than_allowed(server: Server) -> None:
    began = time.monotonic()
    asked = ask(ITEMS, {"slow": Feed(AuthKey="slow"), "good": Feed(AuthKey="fine")}, total=2)
    assert time.monotonic() - began < 15
    pd.testing.assert_frame_equal(
        asked.answers, answers(("slow", 1, 0, 0, "did not finish in 2 s"), ("good", 3, 3, 2, None))
    )


def test_after_three_failures_a_provider_is_left_alone(server: Server) -> None:
    many = [(f"8.8.8.{n}", "ipv4") for n in range(10)]
    asked = ask(many, {"p": Feed(AuthKey="500")})
    problem = "answers 500 Internal Server Error; 7 not asked"
    pd.testing.assert_frame_equal(asked.answers, answers(("p", 3, 0, 0, problem)))
    own = [path for path in server.asked if path.startswith("/500/")]
    assert own == ["/500/8.8.8.0", "/500/8.8.8.1", "/500/8.8.8.2"]


def test_a_network_that_is_cut_off_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Feed, "_BASE_URL", "http://127.0.0.1:9")
    began = time.monotonic()
    asked = ask(ITEMS, {"p": Feed(AuthKey="fine")})
    assert time.monotonic() - began < 15
    (problem,) = asked.answers["Problem"]
    assert problem.startswith("cannot be reached: ")


def test_a_provider_that_takes_none_of_the_types_is_asked_nothing(server: Server) -> None:
    asked = ask([("/tmp/x", "linux_path")], {"p": Feed(AuthKey="fine")})
    pd.testing.assert_frame_equal(
        asked.answers, answers(("p", 0, 0, 0, "takes none of these types"))
    )
    assert server.asked == []


def test_failures_are_not_kept(server: Server) -> None:
    """msticpy keeps each answer of a provider for good, also a failure."""
    provider = Feed(AuthKey="500")
    ask(ITEMS[:1], {"p": provider})
    provider._request_params["AuthKey"] = "fine"
    assert list(ask(ITEMS[:1], {"p": provider}).answers["Known"]) == [1]


def test_no_provider_is_no_question() -> None:
    with pytest.raises(ParameterError, match="name the providers to ask"):
        ask(ITEMS, {})


def test_providers_are_those_of_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    assert providers() == {}
    monkeypatch.setattr("linuxhunt.enrich.threat_intel_lookup.get_config", lambda *_: {"x": 1})
    loaded = TILookup(primary_providers=[Feed(AuthKey="fine")])
    monkeypatch.setattr("linuxhunt.enrich.threat_intel_lookup.TILookup", lambda: loaded)
    assert list(providers()) == ["Feed"]

    def fails() -> Any:
        raise ValueError("no such provider")

    monkeypatch.setattr("linuxhunt.enrich.threat_intel_lookup.TILookup", fails)
    with pytest.raises(SourceError, match="TIProviders: no such provider"):
        providers()


OWN = Own.of(
    addresses=["52.1.2.3", " 2A00:1450:0::1 "], names=["Web01", "db01.corp.net"],
    domains=["mine.org"], users=["Max.li", "alice"],
)  # fmt: skip


@pytest.mark.parametrize(
    ("value", "kind", "why"),
    [
        ("8.8.4.4", "ipv4", None),
        ("2001:4860::8888", "ipv6", None),
        ("evil.com", "dns", None),
        ("http://evil.com/x", "url", None),
        ("http://8.8.4.4:8080/x", "url", None),
        ("bob@evil.com", "email", None),
        ("d41d8cd98f00b204e9800998ecf8427e", "md5_hash", None),
        ("10.0.0.1", "ipv4", "is not public"),
        ("192.168.1.1", "ipv4", "is not public"),
        ("172.16.0.1", "ipv4", "is not public"),
        ("127.0.0.1", "ipv4", "is not public"),
        ("169.254.1.1", "ipv4", "is not public"),
        ("100.64.0.1", "ipv4", "is not public"),
        ("224.0.0.1", "ipv4", "is not public"),
        ("240.0.0.1", "ipv4", "is not public"),
        ("203.0.113.9", "ipv4", "is not public"),
        ("198.18.0.1", "ipv4", "is not public"),
        ("::1", "ipv6", "is not public"),
        ("fe80::1", "ipv6", "is not public"),
        ("fd00::1", "ipv6", "is not public"),
        ("ff02::1", "ipv6", "is not public"),
        ("2002:a00:1::1", "ipv6", "is not public"),
        ("64:ff9b::a00:1", "ipv6", "is not public"),
        ("52.1.2.3", "ipv4", "is the workspace's own"),
        ("2a00:1450::1", "ipv6", "is the workspace's own"),
        ("web01", "dns", "is the workspace's own"),
        ("db01.corp.net", "dns", "is the workspace's own"),
        ("mail.corp.net", "dns", "is of a domain of the workspace's own"),
        ("mine.org", "dns", "is of a domain of the workspace's own"),
        ("a.mine.org", "dns", "is of a domain of the workspace's own"),
        ("notmine.org", "dns", None),
        ("max.li", "dns", "is a user's name"),
        ("db01.internal", "dns", "has no public suffix"),
        ("host.local", "dns", "has no public suffix"),
        ("evil.example", "dns", "has no public suffix"),
        ("alice@corp.net", "email", "is of a domain of the workspace's own"),
        ("alice@evil.com", "email", "is the workspace's own"),
        ("http://10.0.0.1/x", "url", "is not public"),
        ("http://52.1.2.3/x", "url", "is the workspace's own"),
        ("http://[fd00::1]/x", "url", "is not public"),
        ("http://web01/x", "url", "is the workspace's own"),
        ("http://intranet/x", "url", "has no public suffix"),
        ("http://www.corp.net/x", "url", "is of a domain of the workspace's own"),
        ("http://alice:pw@evil.com/x", "url", "holds a user's name"),
        ("http://evil.com/alice/x", "url", "holds a user's name"),
        ("http://evil.com/x?u=1", "url", "holds a query, which may hold what is yours; send its host"),
        ("ldap://evil.com/x", "url", "is of the scheme ldap"),
        ("/home/alice/x", "linux_path", "a path"),
        ("x.onion", "onion", "no provider takes it"),
    ],
)  # fmt: skip
def test_what_never_leaves(value: str, kind: str, why: str | None) -> None:
    frame = pd.DataFrame({"Indicator": [value], "Type": [kind]}, dtype=STR)
    expected = frame.assign(Withheld=pd.Series([why], dtype=STR))
    pd.testing.assert_frame_equal(may_be_sent(frame, OWN), expected)
