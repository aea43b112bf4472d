"""One word of a log -> the indicators in it, with the reasons against each weighed.

A word here is what stands between blanks, quotes, commas and angle brackets, with the few words
before it that say what it is (``user max.li``). Every expression is linear in the word's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from linuxhunt.enrich.indicators_checks import address, hash_kind, host_name
from linuxhunt.enrich.indicators_payloads import payloads
from linuxhunt.enrich.indicators_wallets import wallet

__all__ = ["BEFORE", "Found", "in_word", "whole_url"]


class Found(NamedTuple):
    """One indicator in a word; ``decoded`` is how it was encoded, None where it was not."""

    indicator: str
    type: str
    observed: str
    decoded: str | None = None


BEFORE = (
    r"(?:\b(?i:invalid user|illegal user|unknown user|for user|of user|user|ruser|logname|acct"
    r"|account|username|login)[ =]+[\"'(]?"
    r"|(?:password|publickey|pam|none|mic|hostbased) for (?:(?:invalid|illegal) user )?"
    r"|\b(?i:version|ver|release|build|kernel|firmware|revision)[ :=]+v?"
    r"|\b(?i:message-id|msgid)[ :=]+<?"
    r"|\b(?i:machine-id|machine id|boot-id|boot id|uuid|serial|serial number)[ :=]+)"
)
"""RE2 and Python: what stands before a word and says that it is a user, a version, a message."""

_KIND = re.compile(
    r"(?i)(?P<user>(?:(?:invalid|illegal|unknown|for|of) )?(?:user|ruser|logname|acct|account"
    r"|username|login)[ =]+[\"'(]?|(?:password|publickey|pam|none|mic|hostbased) for "
    r"(?:(?:invalid|illegal) user )?)|(?P<version>(?:version|ver|release|build|kernel|firmware"
    r"|revision)[ :=]+v?)|(?P<message>(?:message-id|msgid)[ :=]+<?)"
    r"|(?P<id>(?:machine-id|machine id|boot-id|boot id|uuid|serial|serial number)[ :=]+)"
)
_DEFANGED = re.compile(
    r"(?i)(?P<scheme>\b(?:hxxp|htxp|hxtp|fxp)(?=s?(?:\[|:)))"
    r"|\s?[\[({](?P<sign>://|\.|:|@|dot|at)[\])}]\s?"
)
_SIGNS = {"dot": ".", "at": "@"}
_URL = re.compile(r"(?i)(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,15}://[^\s\"'<>`|\\^]+")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\w)")
_IPV6 = re.compile(r"(?<![\w:.%])[0-9A-Fa-f:]{2,39}(?:(?:\.\d{1,3}){3})?(?:%\w+)?(?![\w:])")
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_NAME = re.compile(r"(?<![\w.-])[\w-]+(?:\.[\w-]+)+")
_HASH = re.compile(r"(?<![\w-])[0-9A-Fa-f]{32,128}(?![\w-])")
_WALLET = re.compile(
    r"(?<!\w)(?:[13][1-9A-HJ-NP-Za-km-z]{24,34}|(?i:bc1)[0-9A-Za-z]{11,87}"
    r"|[48][1-9A-HJ-NP-Za-km-z]{94,105}|0x[0-9a-fA-F]{40})(?!\w)"
)
_PATH = re.compile(
    r"(?<![\w.~$)/%-])/(?:bin|boot|dev|etc|home|lib|lib32|lib64|media|mnt|opt|proc|root|run|sbin"
    r"|srv|sys|tmp|usr|var)(?:/[^\s/:\"'<>|;,()\[\]&*?=`]+)+"
)
_DEVICES = ("/dev/null", "/dev/pts/", "/dev/tty", "/dev/tcp/", "/dev/udp/")
_PRODUCT = re.compile(r"(?<![\w/.-])(?!(?i:tcp|udp)/)[A-Za-z][\w.-]*\)?/$")
_ALGORITHMS = frozenset({"openssh.com", "libssh.org", "lysator.liu.se", "ssh.com"})
"""Domains after which SSH's algorithms and messages are named, as if they were mail addresses."""

_NESTED = 2
_NEAR = 100
"""Signs beside an address or a hash that are looked at."""
_LONGEST = 65_536
_WORDS = re.compile(r"[^\s\"'<>|;,`]+")


def in_word(word: str) -> list[Found]:
    """Return the indicators in one word and in what it holds encoded, each once."""
    return list(dict.fromkeys(_all(word, _NESTED)))


def _all(word: str, depth: int) -> Iterator[Found]:
    stated = _KIND.match(word)
    kind = stated.lastgroup if stated else None
    text = word[stated.end() if stated else 0 :][:_LONGEST]
    plain, places = _refanged(text)
    clear = set()
    for found, start, end in _plain(plain, kind, bitten=places is not None):
        observed = text[places[start] : places[end]] if places else plain[start:end]
        clear.add(found)
        yield Found(*found, observed)
    sites = {_site(value) for value, kind in clear if kind == "url"}  # %20 in a URL hides nothing
    if depth:
        for inner, how, written in payloads(text):
            for part in _WORDS.findall(inner):
                for hit in _all(part, depth - 1):
                    if hit[:2] in clear or (how == "url" and _site(hit.indicator) in sites):
                        continue
                    within = f"{how} > {hit.decoded}" if hit.decoded else how
                    yield Found(hit.indicator, hit.type, written, within)


def whole_url(text: str) -> str | None:
    """Return a text that is a URL as a whole, defanged or not, as indicators are; else None."""
    plain, _ = _refanged(text)
    if not re.match(r"(?i)[a-z][a-z0-9+.-]{1,15}://", plain):
        return None
    return next((found[0] for found, _, _ in _url(plain, 0, len(plain))), None)


def _site(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])


def _refanged(text: str) -> tuple[str, list[int] | None]:
    """Return text with live dots and schemes, and where each sign of it stood; None: as it was."""
    if not _DEFANGED.search(text):
        return text, None
    signs: list[str] = []
    places: list[int] = []
    at = 0
    for match in _DEFANGED.finditer(text):
        signs += text[at : match.start()]
        places += range(at, match.start())
        if match["scheme"]:
            live = "ftp" if match["scheme"].lower() == "fxp" else "http"
        else:
            live = _SIGNS.get(match["sign"].lower(), match["sign"])
        signs += live
        places += [match.start()] * len(live)
        at = match.end()
    signs += text[at:]
    places += range(at, len(text) + 1)
    return "".join(signs), places


def _plain(
    text: str, kind: str | None, *, bitten: bool
) -> Iterator[tuple[tuple[str, str], int, int]]:
    """Yield ((indicator, type), start, end) of what stands in a word in clear."""
    rest = text
    if "://" in text:
        for match in _URL.finditer(text):
            end = match.start() + len(_trimmed(match[0]))
            yield from _url(text, match.start(), end)
            rest = rest[: match.start()] + " " * (end - match.start()) + rest[end:]
    if "." in rest:
        for match in _IPV4.finditer(rest):
            if found := _ipv4(rest, match, kind):
                yield found, *match.span()
        if "@" in rest:
            for match in _EMAIL.finditer(rest):
                rest_after = rest[match.end() : match.end() + 2]
                if kind != "message" and (found := _mail(match[0], rest_after)):
                    start = match.start() + (0 if found[1] == "email" else match[0].index("@") + 1)
                    yield found, start, match.end()
        for match in _NAME.finditer(rest):
            if found := _name(rest, match, kind, bitten=bitten):
                yield found, *match.span()
    if rest.count(":") > 1:
        for match in _IPV6.finditer(rest):
            written = match[0].rstrip(":") if not match[0].endswith("::") else match[0]
            if written.count(":") > 1 and (found := address(written)):
                yield found, match.start(), match.start() + len(written)
    if len(rest) >= 25:
        yield from _long(rest, kind)
    if "/" in rest:
        for match in _PATH.finditer(rest):
            path = match[0].rstrip(".}!")
            if path.count("/") > 1 and not path.startswith(_DEVICES):
                yield (path, "linux_path"), match.start(), match.start() + len(path)


def _trimmed(url: str) -> str:
    """Return a URL without what the sentence around it put at its end."""
    while url and url[-1] in ".,;:!?)]}*":
        if url[-1] == ")" and url.count("(") >= url.count(")"):
            break
        if url[-1] == "]" and url.count("[") >= url.count("]"):
            break
        url = url[:-1]
    return url


def _url(text: str, start: int, end: int) -> Iterator[tuple[tuple[str, str], int, int]]:
    """Yield a URL, scheme and host in lower case, and its host; none where it names no host."""
    written = text[start:end]
    try:
        parts = urlsplit(written)
        host, port = parts.hostname, parts.port
    except ValueError:
        return
    if not host:
        return
    at = start + written.lower().index(host.partition("%")[0], len(parts.scheme))
    found = address(host) or host_name(host, sure=True)
    if found is None and not re.fullmatch(r"[\w.-]+", host):
        return
    shown = found[0] if found and found[1] != "onion" else host
    shown = f"[{shown}]" if ":" in shown else shown
    user = parts.netloc.rpartition("@")
    place = f"{user[0]}{user[1]}{shown}" + (f":{port}" if port is not None else "")
    yield (parts._replace(scheme=parts.scheme.lower(), netloc=place).geturl(), "url"), start, end
    if found:
        yield found, at, at + len(host)


def _ipv4(text: str, match: re.Match[str], kind: str | None) -> tuple[str, str] | None:
    before = text[max(match.start() - _NEAR, 0) : match.start()]
    after = text[match.end() : match.end() + _NEAR]
    if kind == "version" or before.endswith(("_", "+", "~")):
        return None
    if _PRODUCT.search(before) or re.match(r"[-+~_][A-Za-z]|-\d+\w*(?!\S*\.)|\+", after):
        return None  # Chrome/120.0.0.0, 1.2.3.4-1ubuntu2
    if before.endswith("-") and not (re.match(r":\d", after) or re.search(r"\d-$", before)):
        return None  # a package's name before its version
    if before[-2:].lower() in (":v", "=v"):
        return None
    network = re.match(r"/(\d{1,2})(?!\w)", after)
    found = address(match[0])
    if found and network and _is_network(found[0], int(network[1])):
        return None
    return found


def _is_network(text: str, bits: int) -> bool:
    """Tell 203.0.113.0/24, which is a range, from 203.0.113.5/24, an interface's address."""
    if bits >= 32:
        return False
    number = 0
    for octet in text.split("."):
        number = number * 256 + int(octet)
    return number & ((1 << (32 - bits)) - 1) == 0


def _mail(text: str, after: str) -> tuple[str, str] | None:
    user, _, host = text.rpartition("@")
    found = host_name(host, sure=True)
    if found is None or found[0] in _ALGORITHMS or host == host.upper():  # a Kerberos realm
        return None
    if re.match(r":[~/\w]", after):  # scp and git: user@host:path
        return found
    if user.startswith(".") or user.endswith(".") or found[1] == "onion":
        return None
    return f"{user.lower()}@{found[0]}", "email"


def _name(
    text: str, match: re.Match[str], kind: str | None, *, bitten: bool
) -> tuple[str, str] | None:
    before, after = text[max(match.start() - 1, 0) : match.start()], text[match.end() :][:1]
    if kind in ("user", "message") or after in ("(", "@", "=", "\\") or before in ("@", "%", "$"):
        return None
    if before in ("/", "\\", "~", ":", "+") and not bitten:
        return None
    return host_name(match[0], sure=bitten or after == "/")


def _long(text: str, stated: str | None) -> Iterator[tuple[tuple[str, str], int, int]]:
    """Yield hashes and wallets."""
    for match in _HASH.finditer(text):
        before = text[max(match.start() - _NEAR, 0) : match.start()]
        kind = hash_kind(match[0], before, text[match.end() : match.end() + 1])
        if kind and stated != "id" and not any(how == "hex" for _, how, _ in payloads(match[0])):
            yield (match[0].lower(), kind), *match.span()
    for match in _WALLET.finditer(text):
        if kind := wallet(match[0]):
            yield (match[0], kind), *match.span()
