"""Is it an address, a host name, a hash? What looks like one in a log is often none.

A version number is no address, a time or a C++ name no IPv6 address, a file no host name, and
the id of a machine or a container no hash. Where the text alone cannot tell, the rule that is
wrong less often on logs stands, and its docstring says so.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

import tldextract

from linuxhunt.enrich.indicators_wallets import onion

__all__ = ["EXTENSIONS", "HASHES", "address", "hash_kind", "host_name", "public_name", "registered"]

HASHES = {32: "md5_hash", 40: "sha1_hash", 64: "sha256_hash", 128: "sha512_hash"}
"""Hexadecimal digits -> type of indicator."""

_ENDINGS = """
    ar bar cab cat foo gs in ink java js la link lock lua map md mk ml mm mo mov name network new pa
    pm ps pub py rs save sc sh shell so sv tc target tm ws zip
    build call data got here like open play post read run search select show
"""
EXTENSIONS = frozenset(_ENDINGS.split())
"""Top-level domains that are also endings of files and units on Linux, or words of programs
(``self.data``): such a name counts as a host's only where something beside it says so (a scheme, an
``@``, a path after it, defanging)."""

_COUNTRIES = frozenset(
    "ac ad ai am as ax bz cc cd cf cx do fm id im ms pe ph pk pl st tf th vi".split()  # noqa: SIM905
)
"""Likewise, but of a name of two parts only: ``x.pl`` is a script, ``mail.x.pl`` a host."""

_DOCUMENTATION = ("example",)  # RFC 2606; never a public name, so it stays on this machine
_PACKAGES = ("org", "com", "net", "io", "edu", "gov")
"""First labels of D-Bus, Java and Android names, which are host names written backwards."""

_GLOBAL6 = [
    ipaddress.ip_network(text)
    for text in ("2000::/3", "fc00::/7", "fe80::/10", "ff00::/8", "64:ff9b::/96", "::1/128")
]
"""What of IPv6 is allocated (IANA's registry): ``a::b`` of a program's text lies outside."""


def address(text: str) -> tuple[str, str] | None:
    """Return (address as canonical text, ``ipv4`` or ``ipv6``); None for what is no address.

    The unspecified address and network masks count as none; a mapped one is its IPv4 address.
    """
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        if mapped is None:
            inside = any(found in network for network in _GLOBAL6)
            return (str(found), "ipv6") if inside else None
        found = mapped
    mask = found.packed[0] == 255 or int(found) == 0
    return None if mask else (str(found), "ipv4")


@lru_cache(maxsize=1)
def _suffixes() -> tldextract.TLDExtract:
    """The public suffix list that ships with tldextract: nothing is fetched, nothing written."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=200_000)
def registered(name: str) -> str | None:
    """Return the registered domain of a host name in lower case, None without a public suffix."""
    found = _suffixes().extract_str(name, include_psl_private_domains=False)
    return f"{found.domain}.{found.suffix}" if found.domain and found.suffix else None


def public_name(name: str) -> bool:
    """Tell whether a host name is one of the public internet's, or an onion service's."""
    return registered(name) is not None or onion(name) is not None


def _labels(name: str) -> list[str] | None:
    """Return the labels of a host name in lower case (RFC 1123, ``_`` allowed), or None."""
    name = name.rstrip(".").lower()
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    labels = name.split(".")
    if len(name) > 253 or len(labels) < 2 or labels[-1].isdigit():
        return None
    fine = all(
        0 < len(label) <= 63 and label[0] != "-" and label[-1] != "-"
        and label.replace("-", "").replace("_", "").isalnum()
        for label in labels
    )  # fmt: skip
    return labels if fine and "_" not in labels[-1] and "_" not in labels[-2] else None


def host_name(text: str, *, sure: bool = False) -> tuple[str, str] | None:
    """Return (name in lower case, ``dns`` or ``onion``); None for what is no host's.

    Args:
        text: a dotted name as written.
        sure: something beside it says that it is a host's name (a scheme, an ``@``).

    A name that stands alone must have a public suffix that is no file's ending, and must not be
    written backwards, as those of D-Bus and Java are.
    """
    labels = _labels(text)
    if labels is None:
        return None
    name = ".".join(labels)
    if labels[-1] == "onion":
        service = onion(name)
        return (service, "onion") if service else None
    if labels[-1] in _DOCUMENTATION:
        return name, "dns"
    if labels[-1] == "arpa" or registered(name) is None:
        return None
    if not sure and (_is_file(labels) or _backwards(text, labels) or _camel(text)):
        return None
    return name, "dns"


def _is_file(labels: list[str]) -> bool:
    return labels[-1] in EXTENSIONS or (labels[-1] in _COUNTRIES and len(labels) == 2)


def _backwards(text: str, labels: list[str]) -> bool:
    if len(labels) < 3 or labels[0] not in _PACKAGES:
        return False
    words = len(labels[-1]) > 2 and labels[-1] not in ("com", "net", "org", "info", "biz")
    return labels[0] in ("org", "com") or words or text != text.lower()


def _camel(text: str) -> bool:
    """Tell names of a program's parts: ``System.Net``, ``java.lang.String.format``."""
    return any(
        part[:1].islower() and part[1:] not in ("", part[1:].lower()) for part in text.split(".")
    ) or (
        text[0].isupper()
        and text != text.upper()
        and text.count(".") == 1
        and text.partition(".")[2][:1].isupper()
    )


def hash_kind(text: str, before: str, after: str) -> str | None:
    """Return the type of a hash; None for what is an id, a serial number, or text in hexadecimal.

    Args:
        text: 32, 40, 64 or 128 hexadecimal digits.
        before: the word up to it.
        after: the word from it on.

    A random (version 4) UUID without hyphens is a machine's, boot's or unit's id where it lies in
    a path or is called an id: one in 64 MD5 sums has that form, too, and is lost there only.
    """
    kind = HASHES.get(len(text))
    if kind is None or len(set(text.lower())) < 6 or text.isdigit():
        return None
    key = before.lower()
    if key.endswith(("id=", "id:", "uuid=", "serial=", "guid=", "session=", "token=", "cookie=")):
        return None
    if any(
        word in key
        for word in (
            "docker",
            "containerd",
            "kubepods",
            "crio",
            "overlay",
            "libpod",
            "podman",
            "container",
        )
    ):
        return None
    random_uuid = len(text) == 32 and text[12] == "4" and text[16].lower() in "89ab"
    if random_uuid and (key.endswith("/") or after.startswith((".", "/"))):
        return None
    return kind
