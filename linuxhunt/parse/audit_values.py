"""Nested values of audit events as Python objects; equal texts are read once and shared."""

from __future__ import annotations

import gc
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.parse.audit_names import FAMILIES
from linuxhunt.parse.audit_sql import UNTRUSTED

__all__ = ["column_of", "decoded", "fields_of", "lists_of", "sockets_of", "uncollected"]

_HEX = re.compile(r"(?:[0-9A-F]{2})+").fullmatch
_UNSET = {"", '""', "?", '"?"', "(null)", "(none)", '"unset"', "4294967295", "-1"}


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the cycle collector, which would walk all lists made so far again and again."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def lists_of(texts: pd.Series[Any], read: Callable[[str], Any]) -> np.ndarray[Any, Any]:
    """Return ``read`` of each text, None for null; equal texts give one object."""
    codes, distinct = pd.factorize(texts)
    made = np.empty(len(distinct) + 1, dtype=object)
    for number, text in enumerate(distinct):
        made[number] = read(text)
    return made[codes]  # -1, a null, takes the last: None


def column_of(table: pa.Table, name: str) -> pa.Array:
    """Return a column in one piece, text as schema.STR holds it: what is taken of it is ready."""
    values = table[name].combine_chunks()
    return values.cast(pa.large_string()) if pa.types.is_string(values.type) else values


def fields_of(texts: list[str | None]) -> np.ndarray[Any, Any]:
    """Return maps of ``key=value`` tokens (0x1e between tokens, 0x1d between records).

    At the end stands one None more, for rows at -1.
    """
    made = np.empty(len(texts) + 1, dtype=object)
    made[:-1] = [None if text is None else _fields(text) for text in texts]
    return made


def _fields(text: str) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for record in text.split("\x1d"):
        for token in record.split("\x1e"):
            key, _, raw = token.partition("=")
            if raw in _UNSET:
                continue
            value = decoded(raw) if key in UNTRUSTED else raw.strip("\"'")
            before = found.setdefault(key, value)
            if before != value:
                found[key] = [*before, value] if isinstance(before, list) else [before, value]
    return found or None


def decoded(value: str) -> str:
    r"""Return an untrusted value: quotes taken off, hex read, bytes that are no UTF-8 as \xNN."""
    if value.startswith('"'):
        return value[1:].removesuffix('"')
    if _HEX(value):
        return bytes.fromhex(value).decode("utf-8", "backslashreplace")
    return value


def sockets_of(texts: pd.Series[Any]) -> np.ndarray[Any, Any]:
    """Return socket addresses of ``saddr`` values."""
    return lists_of(texts, _socket)


def _socket(text: str) -> dict[str, Any] | None:
    """Read a struct sockaddr in hex.

    The family is in the host's byte order, all else in the network's, but netlink's numbers.
    """
    try:
        data = bytes.fromhex(text)
    except ValueError:
        return None
    if len(data) < 2:
        return None
    order: Any = "big" if data[0] == 0 and data[1] else "little"
    number = int.from_bytes(data[:2], order)
    family = FAMILIES.get(number, str(number)) if number else "unspecified"
    found: dict[str, Any] = {"family": family}
    match family:
        case "inet" if len(data) >= 8:
            found |= {
                "addr": socket.inet_ntop(socket.AF_INET, data[4:8]),
                "port": int.from_bytes(data[2:4], "big"),
            }
        case "inet6" if len(data) >= 24:
            found |= {
                "addr": socket.inet_ntop(socket.AF_INET6, data[8:24]),
                "port": int.from_bytes(data[2:4], "big"),
            }
            if scope := int.from_bytes(data[24:28], order):
                found["scope"] = scope
        case "unix":
            # an abstract name begins with a zero byte, which tools show as @
            path = data[2:]
            name = b"@" + path[1:].rstrip(b"\0") if path[:1] == b"\0" else path.split(b"\0")[0]
            if name not in (b"", b"@"):
                found["path"] = name.decode("utf-8", "backslashreplace")
        case "netlink" if len(data) >= 12:
            found |= {
                "pid": int.from_bytes(data[4:8], order),
                "groups": int.from_bytes(data[8:12], order),
            }
        case "unspecified":
            pass
        case _:
            found["saddr"] = text
    return found
