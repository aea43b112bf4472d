"""What never leaves this machine: which indicators may be sent, and which not, and why."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import pandas as pd

from linuxhunt.enrich.indicators_checks import public_name, registered
from linuxhunt.enrich.special import carried, special
from linuxhunt.schema import STR

__all__ = ["Own", "may_be_sent"]

_NEVER = {"linux_path": "a path", "onion": "no provider takes it"}
_OURS = ("is the workspace's own", "is of a domain of the workspace's own")


@dataclass(frozen=True)
class Own:
    """What is the workspace's own, in lower case.

    Attributes:
        addresses: of its hosts.
        names: of its hosts.
        domains: registered domains of its hosts, and those that the analyst named.
        users: accounts.
    """

    addresses: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        addresses: Iterable[str] = (),
        names: Iterable[str] = (),
        domains: Iterable[str] = (),
        users: Iterable[str] = (),
    ) -> Own:
        """Make it; the registered domain of a host's full name is one of the own domains."""
        hosts = frozenset(name.lower().rstrip(".") for name in names)
        above = {registered(name) for name in hosts}
        given = {name.lower().strip(".") for name in domains}
        return cls(
            frozenset(map(_canonical, addresses)),
            hosts,
            frozenset(name for name in above | given if name),
            frozenset(user.lower() for user in users),
        )

    def why_not(self, value: str, kind: str) -> str | None:
        """Return why an indicator must not be sent; None where it may be."""
        if kind in _NEVER:
            return _NEVER[kind]
        if kind in ("ipv4", "ipv6"):
            return self._address(value)
        if kind == "dns":
            return self._name(value)
        if kind == "url":
            return self._url(value)
        if kind == "email":
            user, _, host = value.rpartition("@")
            return self._name(host) or (_OURS[0] if user in self.users else None)
        return None

    def _address(self, value: str) -> str | None:
        address = ipaddress.ip_address(value)
        if special(address):
            return "is not public"
        held = {str(address), str(carried(address))}
        return _OURS[0] if held & self.addresses else None

    def _name(self, value: str) -> str | None:
        name = value.lower().rstrip(".")
        if name in self.users:
            return "is a user's name"
        if name in self.names:
            return _OURS[0]
        if any(name == domain or name.endswith(f".{domain}") for domain in self.domains):
            return _OURS[1]
        return None if public_name(name) else "has no public suffix"

    def _url(self, value: str) -> str | None:
        parts = urlsplit(value)
        host = parts.hostname or ""
        told = set(re.split(r"[/&=;~_@:.-]+", parts.path.lower()))
        if "@" in parts.netloc or told & self.users:
            return "holds a user's name"
        if parts.scheme not in ("http", "https", "ftp"):
            return f"is of the scheme {parts.scheme}"
        try:
            ipaddress.ip_address(host)
        except ValueError:
            why = self._name(host)
        else:
            why = self._address(host)
        if why is None and parts.query:
            return "holds a query, which may hold what is yours; send its host"
        return why


def _canonical(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return text.strip().lower()


def may_be_sent(found: pd.DataFrame, own: Own) -> pd.DataFrame:
    """Tell of each indicator whether it may leave.

    Args:
        found: Indicator and Type, from :func:`linuxhunt.enrich.indicators.indicators`.
        own: what is the workspace's own.

    Returns:
        Indicator, Type, Withheld (why it stays; null where it may be sent), each indicator once.
    """
    distinct = found[["Indicator", "Type"]].drop_duplicates(ignore_index=True)
    why = [
        own.why_not(value, kind)
        for value, kind in zip(distinct["Indicator"], distinct["Type"], strict=True)
    ]
    return distinct.assign(Withheld=pd.Series(why, index=distinct.index, dtype=STR))
