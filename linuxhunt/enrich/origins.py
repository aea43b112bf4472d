"""Who announces an address: AS number, prefix, registry and AS name, from Team Cymru by DNS.

Source of the zones and the answers' form: Team Cymru, "IP to ASN Mapping Service":
``15169 | 8.8.8.0/24 | US | arin | 2023-12-28`` for ``8.8.8.8.origin.asn.cymru.com`` (several
numbers where several announce it, one record for each prefix), and for
``AS15169.asn.cymru.com`` ``15169 | US | arin | 2000-03-30 | GOOGLE - Google LLC, US``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from linuxhunt.enrich.asking import Answer, Asker
from linuxhunt.enrich.resolving import Resolver, records

__all__ = ["ASNS", "ORIGINS", "ZONE", "Origin", "origins"]

ORIGINS, ASNS = "origins", "asns"
ZONE = "asn.cymru.com"
_REGISTRIES = frozenset({"arin", "ripencc", "apnic", "lacnic", "afrinic"})


@dataclass(frozen=True)
class Origin:
    """Who announces an address.

    Attributes:
        asns: AS numbers, the one that is named first is the one that has a name here.
        name: of the first.
        prefix: the most specific network that is announced.
        country: of its registration, two letters.
        registry: where it is registered, as ipwhois names it; None where none is stated.
        problem: why something is missing.
    """

    asns: tuple[int, ...] = ()
    name: str | None = None
    prefix: str | None = None
    country: str | None = None
    registry: str | None = None
    problem: str | None = None


def origins(
    addresses: Iterable[str], asker: Asker, resolver: Resolver | None = None
) -> dict[str, Origin]:
    """Ask who announces addresses; of an IPv6 address only the first half is sent.

    Whoever calls this has made sure that the addresses may leave, and that the analyst wants it.

    Args:
        addresses: canonical ones.
        asker: limits, stop, and what is kept.
        resolver: None takes that of this machine.
    """
    held = resolver or Resolver()
    ask = partial(records, held, "TXT", patience=asker.limits.each)
    told = asker.ask(ORIGINS, addresses, lambda: ask(name_of=_zone), lambda _: "resolver")
    found = {address: _origin(address, answer) for address, answer in told.items()}
    numbers = [f"AS{origin.asns[0]}" for origin in found.values() if origin.asns]
    named = asker.ask(ASNS, numbers, lambda: ask(name_of=_named), lambda _: "resolver")
    return {address: _with_name(origin, named) for address, origin in found.items()}


def _zone(text: str) -> str:
    address = ipaddress.ip_address(text)
    if address.version == 4:
        return f"{'.'.join(reversed(text.split('.')))}.origin.{ZONE}."
    nibbles = address.exploded.replace(":", "")[:16]
    return f"{'.'.join(reversed(nibbles))}.origin6.{ZONE}."


def _named(number: str) -> str:
    return f"{number}.{ZONE}."


def _origin(text: str, answer: Answer) -> Origin:
    if answer.said is None:
        return Origin(problem=f"AS number: {answer.problem}")
    lines = [str(line) for line in answer.said.get("records", [])]
    address = ipaddress.ip_address(text)
    sound = [
        (length, origin)
        for length, origin in map(_line, lines)
        if origin.prefix and address in ipaddress.ip_network(origin.prefix)
    ]
    if sound:
        return max(sound, key=lambda held: held[0])[1]
    if lines:
        return Origin(problem="AS number: an answer that is not of the form which Team Cymru gives")
    return Origin(problem="AS number: nobody announces it")


def _line(text: str) -> tuple[int, Origin]:
    """Read one record: length of its prefix, and who announces it; no prefix where it is none."""
    parts = [part.strip() for part in text.split("|")]
    if len(parts) < 4:
        return -1, Origin()
    try:
        asns = tuple(_number(word) for word in parts[0].split())
        network = ipaddress.ip_network(parts[1])
    except ValueError:
        return -1, Origin()
    if not asns:
        return -1, Origin()
    registry = parts[3].lower()
    return network.prefixlen, Origin(
        asns, None, str(network), _country(parts[2]),
        registry if registry in _REGISTRIES else None,
    )  # fmt: skip


def _number(word: str) -> int:
    number = int(word) if word.isascii() and word.isdigit() and len(word) <= 10 else -1
    if not 0 < number < 2**32:
        raise ValueError(word)
    return number


def _country(text: str) -> str | None:
    return text.upper() if len(text) == 2 and text.isascii() and text.isalpha() else None


def _with_name(origin: Origin, named: dict[str, Answer]) -> Origin:
    if not origin.asns:
        return origin
    answer = named[f"AS{origin.asns[0]}"]
    lines = [str(line) for line in answer.said.get("records", [])] if answer.said else []
    parts = [line.split("|") for line in lines]
    name = next((held[4].strip() for held in parts if len(held) >= 5), None)
    problem = None
    if name is None:
        problem = f"AS name: {answer.problem or 'an answer of another form'}"
    return Origin(
        origin.asns, name, origin.prefix, origin.country, origin.registry, problem
    )  # fmt: skip
