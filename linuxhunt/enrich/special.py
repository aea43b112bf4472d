"""What an address is that is not public, by IANA's registries of special-purpose addresses.

Sources: IANA, "IPv4 Special-Purpose Address Registry" and "IPv6 Special-Purpose Address Registry"
(RFC 6890 and what it was amended by), "IPv6 Address Space" (all but 2000::/3 is not for hosts).
Python's own :mod:`ipaddress` is a few years of registry behind, and asks one network after another.
"""

from __future__ import annotations

from bisect import bisect_right
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

__all__ = ["carried", "special"]

_REGISTRY: tuple[tuple[str | None, tuple[str, ...]], ...] = (
    ("unspecified", ("0.0.0.0/8", "::/128")),
    ("private", ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "64:ff9b:1::/48")),
    ("shared (carrier-grade NAT)", ("100.64.0.0/10",)),
    ("loopback", ("127.0.0.0/8", "::1/128")),
    ("link-local", ("169.254.0.0/16", "fe80::/10")),
    ("documentation", ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32",
                       "3fff::/20")),
    ("benchmarking", ("198.18.0.0/15", "2001:2::/48")),
    ("multicast", ("224.0.0.0/4", "ff00::/8")),
    ("reserved", ("192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4", "::/3", "2001::/23",
                  "4000::/2", "8000::/1")),
    (None, ("0.0.0.0/0", "::/0", "192.0.0.9/32", "192.0.0.10/32", "2001:1::1/128", "2001:1::2/128",
            "2001:3::/32", "2001:4:112::/48", "2001:20::/28", "2001:30::/28", "64:ff9b::/96")),
)  # fmt: skip
"""What it is, or None for what is public after all; the most specific network counts."""

_NAT64 = IPv6Network("64:ff9b::/96")


def _segments(version: int) -> tuple[list[int], list[str | None]]:
    """Cut the address space where a network begins or ends: first address of each piece, kind."""
    networks = sorted(
        (
            (net.prefixlen, int(net.network_address), int(net.broadcast_address), kind)
            for kind, texts in _REGISTRY
            for net in map(ip_network, texts)
            if net.version == version
        ),
        key=lambda net: -net[0],
    )
    starts = sorted({edge for _, first, last, _ in networks for edge in (first, last + 1)})[:-1]
    kinds = [
        next(kind for _, first, last, kind in networks if first <= start <= last)
        for start in starts
    ]
    return starts, kinds


_SEGMENTS = {version: _segments(version) for version in (4, 6)}


def carried(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 one stands for (mapped, 6to4, NAT64), else itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def special(address: IPv4Address | IPv6Address) -> str | None:
    """Say what an address is that is not public; None for one that is.

    An address that carries another is what the other is.

    Returns:
        ``private``, ``loopback``, ``link-local``, ``multicast``, ``unspecified``, ``reserved``,
        ``documentation``, ``benchmarking``, ``shared (carrier-grade NAT)`` or None.
    """
    address = carried(address)
    starts, kinds = _SEGMENTS[address.version]
    return kinds[bisect_right(starts, int(address)) - 1]
