"""Who holds the network of an address: the registries' answers by RDAP (RFC 9082, RFC 9083).

ipwhois 1.3.0 knows the registries' servers and reads their answers. It does not fetch them here:
its own fetching reads a body to the end however large and slow it is, follows redirects anywhere,
sleeps two minutes where a server limits, and gives no reason for a failure.
"""

from __future__ import annotations

import ipaddress
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import dns.exception
import httpx
from ipwhois.exceptions import BaseIpwhoisException
from ipwhois.net import Net
from ipwhois.rdap import BOOTSTRAP_URL, RDAP, RIR_RDAP

from linuxhunt.enrich.asking import Answer, Asker, UnansweredError
from linuxhunt.enrich.indicators_checks import public_name

__all__ = ["WHAT", "Registries", "owners"]

WHAT = "owners"
_LARGEST, _HOPS, _ENTITIES, _LONG, _MOST_WAIT = 1_000_000, 4, 200, 300, 10.0
_REFUSED = (403, 429)


@dataclass(frozen=True)
class Registries:
    """RDAP servers.

    Attributes:
        urls: registry, as :mod:`linuxhunt.enrich.origins` names it -> URL; ``{0}`` is the address.
        other: where an address is asked for whose registry is not known: it refers to the right
            one.
    """

    urls: Mapping[str, str] = field(
        default_factory=lambda: {name: str(held["ip_url"]) for name, held in RIR_RDAP.items()}
    )
    other: str = f"{BOOTSTRAP_URL}/ip/{{0}}"

    def url(self, address: str, registry: str | None) -> str:
        """Return where to ask for an address."""
        return self.urls.get(registry or "", self.other).format(address)

    @property
    def hosts(self) -> list[str]:
        """Names of the servers."""
        urls = [*self.urls.values(), self.other]
        return sorted({urlsplit(url.format("")).hostname or "" for url in urls})


def owners(
    registered: Mapping[str, str | None], asker: Asker, registries: Registries | None = None
) -> dict[str, Answer]:
    """Ask the registries who holds the networks of addresses.

    Whoever calls this has made sure that the addresses may leave
    (:mod:`linuxhunt.enrich.threat_intel_private`), and that the analyst wants it.

    Args:
        registered: canonical address -> its registry, None where it is not known.
        asker: limits, stop, and what is kept.
        registries: None takes the five there are.

    Returns:
        Address -> Network (its name), Cidr (networks, comma between), Organisation, Country (two
        letters), Abuse (mail address), each None where it is not stated, and all of them where no
        registry knows it; else the problem.
    """
    servers = registries or Registries()
    urls = {address: servers.url(address, held) for address, held in registered.items()}
    return asker.ask(
        WHAT, urls, lambda: _talk(urls), lambda address: urlsplit(urls[address]).netloc
    )


@asynccontextmanager
async def _talk(
    urls: Mapping[str, str],
) -> AsyncIterator[Callable[[str], Awaitable[dict[str, Any]]]]:
    async with httpx.AsyncClient(follow_redirects=False, timeout=None) as client:  # Asker's is one

        async def ask(address: str) -> dict[str, Any]:
            try:
                body = await _fetched(client, urls[address])
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                reason = f"cannot be reached: {str(error)[:120] or type(error).__name__}"
                raise UnansweredError(reason, again=True) from error
            return _read(address, body)

        yield ask


async def _fetched(client: httpx.AsyncClient, url: str) -> bytes | None:
    """Return the body; None where the server knows nothing of the address."""
    headers = {"Accept": "application/rdap+json", "Accept-Encoding": "gzip"}
    for _ in range(_HOPS):
        async with client.stream("GET", url, headers=headers) as response:
            if response.next_request is not None:
                url = _referred(url, str(response.next_request.url))
                continue
            if response.status_code == 404:
                return None
            if response.status_code != 200:
                raise _refusal(response)
            raw = bytearray()
            async for chunk in response.aiter_raw():
                raw += chunk
                if len(raw) > _LARGEST:
                    raise UnansweredError("an answer of more than a megabyte")
            return _plain(bytes(raw), response.headers.get("Content-Encoding", ""))
    raise UnansweredError("one server refers to the other without end")


def _plain(raw: bytes, encoding: str) -> bytes:
    if encoding not in ("gzip", "x-gzip"):
        return raw
    try:
        body = zlib.decompressobj(wbits=31).decompress(raw, _LARGEST + 1)
    except zlib.error as error:
        raise UnansweredError("an answer that is no RDAP") from error
    if len(body) > _LARGEST:
        raise UnansweredError("an answer of more than a megabyte")
    return body


def _referred(here: str, there: str) -> str:
    """Return where a server sends us; to a public name under TLS, or elsewhere on itself."""
    old, new = urlsplit(here), urlsplit(there)
    if (old.scheme, old.netloc) == (new.scheme, new.netloc):
        return there
    if new.scheme == "https" and "@" not in new.netloc and public_name(new.hostname or ""):
        return there
    raise UnansweredError(f"refers to {there[:80]}, which is not asked")


def _refusal(response: httpx.Response) -> UnansweredError:
    status = response.status_code
    wait = response.headers.get("Retry-After", "")
    seconds = min(float(wait), _MOST_WAIT) if wait.isdigit() and len(wait) < 9 else 0.0
    return UnansweredError(
        f"the server answers {status} {response.reason_phrase}"[:80].rstrip(),
        again=status == 429 or status >= 500,
        wait=seconds,
        shut=status in _REFUSED,
    )


def _read(address: str, body: bytes | None) -> dict[str, Any]:
    nothing = dict.fromkeys(("Network", "Cidr", "Organisation", "Country", "Abuse"))
    if body is None:
        return nothing
    try:
        held = json.loads(body)
        if not isinstance(held, dict):
            raise ValueError("no object")
        if _limited(held):
            raise UnansweredError("the server limits how often it is asked", again=True, shut=True)
        response = {**held, "entities": _flat(held.get("entities"))}
        told = RDAP(Net(address)).lookup(response=response, bootstrap=True, root_ent_check=False)
        network: dict[str, Any] = told["network"]
        first, last = (ipaddress.ip_address(network[f"{end}_address"]) for end in ("start", "end"))
        if not int(first) <= int(ipaddress.ip_address(address)) <= int(last):
            raise UnansweredError("an answer about another network")
    except (
        ValueError, TypeError, LookupError, AttributeError, RecursionError, BaseIpwhoisException,
        dns.exception.DNSException,
    ) as error:  # fmt: skip
        raise UnansweredError(f"an answer that is no RDAP ({type(error).__name__})") from error
    country = _text(network.get("country"))
    return {
        **nothing,
        "Network": _text(network.get("name")),
        "Cidr": _text(network.get("cidr")),
        "Organisation": _holder(network, told["objects"]),
        "Country": country.upper() if country and len(country) == 2 else None,
        "Abuse": _abuse(told["objects"]),
    }


def _limited(held: Mapping[str, Any]) -> bool:
    """Tell whether it says, as some do in place of an answer, that it is asked too often."""
    notices = held.get("notices")
    return isinstance(notices, list) and any(
        isinstance(notice, dict) and notice.get("title") == "Rate Limit Notice"
        for notice in notices
    )


def _flat(entities: Any) -> list[dict[str, Any]]:
    """Put entities within entities beside them, roles of one handle together; ipwhois reads those.

    It asks the server again for those within, and stops at one that has no handle.
    """
    found: dict[str, dict[str, Any]] = {}
    ahead = list(entities) if isinstance(entities, list) else []
    while ahead and len(found) < _ENTITIES:
        entity = ahead.pop(0)
        if not isinstance(entity, dict):
            continue
        within = entity.get("entities")
        ahead += within[:_ENTITIES] if isinstance(within, list) else []
        handle = entity.get("handle")
        key = handle if isinstance(handle, str) and handle else f"entity {len(found)}"
        roles = entity.get("roles")
        texts = [role for role in roles if isinstance(role, str)] if isinstance(roles, list) else []
        held = {"handle": key, "roles": texts, "vcardArray": _card(entity.get("vcardArray"))}
        before = found.setdefault(key, held)
        if before is not held:
            before["roles"] = [*before["roles"], *texts]
    return list(found.values())


def _card(card: Any) -> list[Any]:
    """Keep the lines of a contact (jCard, RFC 7095) that ipwhois can read."""
    lines = card[1] if isinstance(card, list) and len(card) > 1 else []
    sound = [
        [line[0], line[1] if isinstance(line[1], dict) else {}, line[2], line[3]]
        for line in (lines if isinstance(lines, list) else [])
        if isinstance(line, list) and len(line) > 3
        and isinstance(line[0], str) and isinstance(line[3], str)
    ]  # fmt: skip
    return ["vcard", sound]


def _holder(network: Mapping[str, Any], objects: Mapping[str, Any]) -> str | None:
    """Name the organisation: the registrant's name, else what the network says of itself."""
    named = [
        (contact.get("kind") != "org", name)
        for handle, held in objects.items()
        if "registrant" in (held.get("roles") or [])
        and (contact := held.get("contact") or {})
        and (name := _text(contact.get("name")))
        and name.lower() != handle.lower()
    ]
    if named:
        return min(named, key=lambda pair: pair[0])[1]
    remarks = network.get("remarks")
    for remark in remarks if isinstance(remarks, list) else []:
        said = _text(remark.get("description")) if isinstance(remark, dict) else None
        if said:
            return said.splitlines()[0].strip()
    return None


def _abuse(objects: Mapping[str, Any]) -> str | None:
    for held in objects.values():
        mails = (held.get("contact") or {}).get("email")
        if "abuse" in (held.get("roles") or []) and isinstance(mails, list):
            for mail in mails:
                if said := _text(mail.get("value")):
                    return said
    return None


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    whole = value.encode("utf-8", "backslashreplace").decode()  # JSON may hold half a sign
    return whole.strip()[:_LONG] or None
