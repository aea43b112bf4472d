"""Writes small .mmdb files, by the MaxMind DB File Format Specification, version 2.0.

A binary search tree over the bits of addresses (records of 24 bits), sixteen zero bytes, the data
section, and the metadata behind its marker. Enough types for GeoIP databases: maps, texts, doubles,
unsigned integers, arrays, booleans.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

_MARKER = b"\xab\xcd\xefMaxMind.com"


def write_mmdb(
    path: Path,
    kind: str,
    networks: Mapping[str, Any],
    *,
    version: int = 6,
    epoch: int = 1_767_225_600,
) -> Path:
    """Write a database of one type (``GeoLite2-City``): network -> what it says of it."""
    tree: list[list[int | None]] = [[None, None]]
    ends: dict[tuple[int, int], int] = {}
    data = b""
    for text, held in networks.items():
        bits = _bits(text, version)
        node = 0
        for bit in bits[:-1]:
            below = tree[node][bit]
            if below is None:
                tree.append([None, None])
                below = tree[node][bit] = len(tree) - 1
            node = below
        ends[node, bits[-1]] = len(data)
        data += _encoded(held)
    count = len(tree)
    records = b""
    for node, sides in enumerate(tree):
        for bit, below in enumerate(sides):
            value = count if below is None else below
            if (node, bit) in ends:
                value = count + 16 + ends[node, bit]
            records += value.to_bytes(3, "big")
    about = {
        "binary_format_major_version": (5, 2), "binary_format_minor_version": (5, 0),
        "build_epoch": (9, epoch), "database_type": kind, "description": {"en": kind},
        "ip_version": (5, version), "languages": ["en"], "node_count": (6, count),
        "record_size": (5, 24),
    }  # fmt: skip
    path.write_bytes(records + b"\0" * 16 + data + _MARKER + _encoded(about))
    return path


def _bits(text: str, version: int) -> list[int]:
    """Return the bits of a network; in a database of IPv6, IPv4 lies below ::/96."""
    net = ip_network(text)
    value, length = int(net.network_address), net.prefixlen
    width = 128 if version == 6 else 32
    if net.version == 4 and version == 6:
        length += 96
    return [value >> (width - 1 - place) & 1 for place in range(length)]


def _encoded(value: Any) -> bytes:
    """Encode a value; an integer is a pair of its type's number and itself."""
    if isinstance(value, bool):
        return _head(14, int(value))
    if isinstance(value, str):
        return _head(2, len(value.encode())) + value.encode()
    if isinstance(value, float):
        return _head(3, 8) + struct.pack(">d", value)
    if isinstance(value, tuple):
        raw = value[1].to_bytes((value[1].bit_length() + 7) // 8, "big")
        return _head(value[0], len(raw)) + raw
    if isinstance(value, list):
        return _head(11, len(value)) + b"".join(map(_encoded, value))
    parts = (_encoded(key) + _encoded(held) for key, held in value.items())
    return _head(7, len(value)) + b"".join(parts)


def _head(kind: int, size: int) -> bytes:
    """Write the control byte: three bits of type (0: the next byte has it), five of size."""
    first, more = (kind << 5, b"") if kind <= 7 else (0, bytes([kind - 7]))
    if size < 29:
        return bytes([first | size]) + more
    if size < 285:
        return bytes([first | 29]) + more + bytes([size - 29])
    return bytes([first | 30]) + more + (size - 285).to_bytes(2, "big")
