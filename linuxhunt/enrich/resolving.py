"""Asking the resolver of this machine, by dnspython."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.resolver

from linuxhunt.enrich.asking import UnansweredError

__all__ = ["Resolver", "records"]


@dataclass(frozen=True)
class Resolver:
    """Whom to ask for names.

    Attributes:
        addresses: of name servers; none takes those of this machine.
        port: theirs.
    """

    addresses: tuple[str, ...] = ()
    port: int = 53

    def opened(self, patience: float) -> dns.asyncresolver.Resolver | None:
        """Return dnspython's resolver, which asks each server again until ``patience`` is over.

        None where this machine has none.
        """
        try:
            resolver = dns.asyncresolver.Resolver(configure=not self.addresses)
        except (dns.exception.DNSException, OSError):
            return None
        if self.addresses:
            resolver.nameservers = list(self.addresses)
            resolver.port = self.port
        resolver.lifetime = patience * 2  # whoever asks stops it before
        resolver.timeout = patience / 2
        return resolver

    def __str__(self) -> str:
        if self.addresses:
            return ", ".join(self.addresses)
        try:
            held = dns.resolver.Resolver().nameservers
        except (dns.exception.DNSException, OSError):
            return "none that this machine has"
        return ", ".join(map(str, held))


@asynccontextmanager
async def records(
    resolver: Resolver, kind: str, name_of: Callable[[str], str], patience: float
) -> AsyncIterator[Callable[[str], Awaitable[dict[str, Any]]]]:
    """Open a resolver, and give what asks it one question.

    Args:
        resolver: whom to ask.
        kind: type of record, ``PTR`` or ``TXT``.
        name_of: the name for a question; it is asked as it is, with no search domain behind.
        patience: seconds for one question.

    Yields:
        A function of a question. It gives ``{"records": texts}``, none where the name has no
        such record, which is an answer; and raises UnansweredError.
    """
    opened = resolver.opened(patience)

    async def ask(question: str) -> dict[str, Any]:
        if opened is None:
            raise UnansweredError("this machine has no resolver", shut=True)
        try:
            name = dns.name.from_text(name_of(question), dns.name.root)
            answer = await opened.resolve(name, kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return {"records": []}
        except dns.exception.DNSException as error:
            raise _no_answer(error) from error
        except (OSError, ValueError) as error:
            raise UnansweredError(f"resolver: {str(error)[:120]}", again=True) from error
        return {"records": [_text(record, kind) for record in answer]}

    yield ask


def _text(record: Any, kind: str) -> str:
    if kind == "TXT":
        return b"".join(record.strings).decode("utf-8", "backslashreplace")
    return str(record.target.to_text(omit_final_dot=True))


def _no_answer(error: dns.exception.DNSException) -> UnansweredError:
    if isinstance(error, dns.resolver.LifetimeTimeout):
        return UnansweredError("the resolver does not answer in time", again=True)
    if isinstance(error, dns.resolver.NoNameservers):
        # One entry a try: server, over TCP, port, error, response.
        errors = error.kwargs.get("errors") or [(None, None, None, error, None)]
        fault, response = errors[-1][3], errors[-1][4]
        if isinstance(fault, OSError):
            return UnansweredError(
                f"resolver: {fault.strerror or type(fault).__name__}", again=True
            )
        if isinstance(fault, dns.message.ChainTooLong):
            return UnansweredError("an alias leads to an alias without end", alive=True)
        if response is not None and response.rcode() != dns.rcode.NOERROR:
            code = dns.rcode.to_text(response.rcode())
            again = code == "SERVFAIL"
            return UnansweredError(f"the resolver answers {code}", again=again, alive=again)
        return UnansweredError("an answer of the resolver that cannot be read", again=True)
    if isinstance(error, dns.resolver.YXDOMAIN):
        return UnansweredError("the resolver answers YXDOMAIN", alive=True)
    return UnansweredError(f"the resolver's answer is no DNS ({type(error).__name__})")
