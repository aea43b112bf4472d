"""Servers of the tests' own on loopback, which misbehave as they are asked to: RDAP and DNS."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from linuxhunt.enrich.owners import Registries
from linuxhunt.enrich.resolving import Resolver

TXT = Mapping[str, Any]


def rdap(address: str, **more: Any) -> dict[str, Any]:
    """Return an answer of a registry, in the form of RFC 9083, about the /24 of an address."""
    net = address.rpartition(".")[0]
    mail = [["version", {}, "text", "4.0"], ["fn", {}, "text", "Abuse desk"],
            ["email", {}, "text", "abuse@carrier.example"]]  # fmt: skip
    card = [["version", {}, "text", "4.0"], ["fn", {}, "text", "Carrier Ltd"],
            ["kind", {}, "text", "org"], ["adr", {}, "text", ["", "", "", "", "", "", ""]]]  # fmt: skip
    return {
        "objectClassName": "ip network", "handle": f"NET-{net}", "ipVersion": "v4",
        "startAddress": f"{net}.0", "endAddress": f"{net}.255", "name": "CARRIER-NET",
        "country": "NL",
        "entities": [
            {"handle": "ORG-1", "roles": ["registrant"], "vcardArray": ["vcard", card],
             "entities": [{"handle": "AB-1", "roles": ["abuse"], "vcardArray": ["vcard", mail]}]},
        ],
        **more,
    }  # fmt: skip


def owner(**more: Any) -> dict[str, Any]:
    """Return what is read out of :func:`rdap`."""
    return {
        "Network": "CARRIER-NET", "Cidr": None, "Organisation": "Carrier Ltd", "Country": "NL",
        "Abuse": "abuse@carrier.example", **more,
    }  # fmt: skip


class RdapServer(ThreadingHTTPServer):
    """A registry: ``says`` gives what it does for an address; it keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.says: dict[str, Callable[[_Handler], None]] = {}
        self.hold = threading.Event()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def registries(self) -> Registries:
        return Registries({"ripencc": f"{self.base}/ip/{{0}}"}, f"{self.base}/any/{{0}}")


class _Handler(BaseHTTPRequestHandler):
    server: RdapServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        address = self.path.rpartition("/")[2]
        says = self.server.says.get(address, told(rdap(address)))
        with contextlib.suppress(OSError):  # whoever asks may have hung up
            says(self)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def told(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Callable[[_Handler], None]:
    """Answer with JSON, or with text or bytes as they are."""
    if isinstance(body, bytes):
        raw = body
    else:
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()

    def says(handler: _Handler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(raw)

    return says


def in_turn(*says: Callable[[_Handler], None]) -> Callable[[_Handler], None]:
    """Do one thing after another, the last one for good."""
    left = list(says)
    return lambda handler: (left.pop(0) if len(left) > 1 else left[0])(handler)


def hanging(handler: _Handler) -> None:
    """Say nothing until the test is over."""
    handler.server.hold.wait(20)


def dripping(part: str) -> Callable[[_Handler], None]:
    """Send ``headers`` or a ``body`` byte by byte, each within any time limit for one read."""

    def says(handler: _Handler) -> None:
        if part == "body":
            handler.send_response(200)
            handler.end_headers()
        else:
            handler.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
        while not handler.server.hold.wait(0.05):
            handler.wfile.write(b" ")

    return says


def flooding(handler: _Handler) -> None:
    """Send without end."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.hold.is_set():
        handler.wfile.write(b"[" * 65_536)


def hanging_up(handler: _Handler) -> None:
    """Cut the connection."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


class DnsServer:
    """A resolver over UDP and TCP: ``zone`` gives for a name what it does.

    A text or texts are its records (TXT or PTR, as asked); a function gets the query and whether
    it came over TCP and returns the wire bytes, or None for no answer. Names not there: NXDOMAIN.
    """

    def __init__(self) -> None:
        self.zone: dict[str, Any] = {}
        self.asked: list[str] = []
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(self.tcp.getsockname())
        for work in (self._datagrams, self._streams):
            threading.Thread(target=work, daemon=True).start()

    @property
    def resolver(self) -> Resolver:
        host, port = self.tcp.getsockname()
        return Resolver((host,), port)

    def close(self) -> None:
        self.tcp.close()
        self.udp.close()

    def _datagrams(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                wire, whence = self.udp.recvfrom(4096)
                reply = self._reply(wire, False)
                if reply is not None:
                    self.udp.sendto(reply, whence)

    def _streams(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                with self.tcp.accept()[0] as peer:
                    (length,) = struct.unpack(">H", peer.recv(2))
                    reply = self._reply(peer.recv(length), True)
                    if reply is not None:
                        peer.sendall(struct.pack(">H", len(reply)) + reply)

    def _reply(self, wire: bytes, tcp: bool) -> bytes | None:
        query = dns.message.from_wire(wire)
        name = query.question[0].name.to_text().rstrip(".")
        self.asked.append(name)
        says = self.zone.get(name)
        if callable(says):
            made: bytes | None = says(query, tcp)
            return made
        return answer(query, says).to_wire()


def answer(query: dns.message.Message, says: Any) -> dns.message.Message:
    """Return a message that answers: an rcode, records, or (None) that there is no such name."""
    response = dns.message.make_response(query)
    response.flags |= dns.flags.RA
    if says is None or isinstance(says, dns.rcode.Rcode):
        response.set_rcode(dns.rcode.NXDOMAIN if says is None else says)
        return response
    question = query.question[0]
    kind = dns.rdatatype.to_text(question.rdtype)
    texts = [says] if isinstance(says, str) else says
    data = [f'"{text}"' if kind == "TXT" else text for text in texts]
    if data:
        response.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, *data))
    return response


def wrong_id(query: dns.message.Message, tcp: bool) -> bytes:
    """Answer another question than was asked, as one who forges answers blindly does."""
    response = answer(query, "forged.example.")
    response.id ^= 1
    return response.to_wire()


def silent(query: dns.message.Message, tcp: bool) -> None:
    """Say nothing."""


def slow(query: dns.message.Message, tcp: bool) -> bytes:
    """Answer late."""
    time.sleep(0.1)
    return answer(query, "late.example.").to_wire()


def garbled(query: dns.message.Message, tcp: bool) -> bytes:
    """Answer the right question, with bytes that are no DNS behind the header."""
    return answer(query, []).to_wire()[:12] + b"\xff" * 30


def truncated(query: dns.message.Message, tcp: bool) -> bytes:
    """Say over UDP that the answer is too long, and give it over TCP."""
    response = answer(query, "long.example.")
    if not tcp:
        response.answer.clear()
        response.flags |= dns.flags.TC
    return response.to_wire()


def always_truncated(query: dns.message.Message, tcp: bool) -> bytes:
    """Say over TCP, too, that it is too long."""
    response = answer(query, [])
    response.flags |= dns.flags.TC
    return response.to_wire()


def alias_loop(query: dns.message.Message, tcp: bool) -> bytes:
    """Name an alias for the name, and the name for the alias."""
    response, name = answer(query, []), query.question[0].name.to_text()
    for here, there in ((name, "loop.example."), ("loop.example.", name)):
        response.answer.append(dns.rrset.from_text(here, 300, "IN", "CNAME", there))
    return response.to_wire()


def alias(query: dns.message.Message, tcp: bool) -> bytes:
    """Name an alias, as RFC 2317 has it for networks smaller than a /24, and its name."""
    response, name = answer(query, []), query.question[0].name.to_text()
    response.answer.append(dns.rrset.from_text(name, 300, "IN", "CNAME", "7.sub.example."))
    response.answer.append(dns.rrset.from_text("7.sub.example.", 300, "IN", "PTR", "a.example."))
    return response.to_wire()


@contextlib.contextmanager
def servers() -> Iterator[tuple[DnsServer, RdapServer]]:
    """Start one of each, and stop them."""
    by_dns, by_http = DnsServer(), RdapServer()
    thread = threading.Thread(target=by_http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield by_dns, by_http
    finally:
        by_http.hold.set()
        by_http.shutdown()
        by_http.server_close()
        by_dns.close()
