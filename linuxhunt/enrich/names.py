"""Reverse names: what the holder of an address's network calls it (PTR, RFC 1035, RFC 3596).

Whoever holds the network writes what they like, so a name proves nothing; and they see that
somebody asks, as the question reaches their own name server by way of the resolver. The name
itself is not looked up to check it: that would tell the holder of the name's domain, too.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from linuxhunt.enrich.asking import Answer, Asker
from linuxhunt.enrich.resolving import Resolver, records

__all__ = ["WHAT", "names"]

WHAT = "names"
_MOST = 20
"""Names of one address that are kept: some have hundreds."""


def names(
    addresses: Iterable[str], asker: Asker, resolver: Resolver | None = None
) -> dict[str, Answer]:
    r"""Ask for the names of addresses.

    Whoever calls this has made sure that the addresses may leave
    (:mod:`linuxhunt.enrich.threat_intel_private`), and that the analyst wants it.

    Args:
        addresses: canonical ones.
        asker: limits, stop, and what is kept.
        resolver: None takes that of this machine.

    Returns:
        Address -> ``{"records": names}``, in order, without the last dot, signs that are no
        printable ASCII as ``\DDD``; an empty list where it has none; else the problem.
    """
    held = resolver or Resolver()
    found = asker.ask(
        WHAT, addresses, lambda: records(held, "PTR", _reverse, asker.limits.each),
        lambda _: "resolver",
    )  # fmt: skip
    return {address: _sorted(answer) for address, answer in found.items()}


def _reverse(address: str) -> str:
    return f"{ipaddress.ip_address(address).reverse_pointer}."


def _sorted(answer: Answer) -> Answer:
    if answer.said is None:
        return answer
    texts = [str(text) for text in answer.said.get("records", [])]
    return Answer({"records": sorted(dict.fromkeys(texts))[:_MOST]})
