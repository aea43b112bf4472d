r"""Encoded payloads in command lines -> their text, so that it can be looked into.

Base64 (also URL-safe), hexadecimal and ``\x41`` escapes, what is compressed within them, and
reversed text. Everything is bounded; nothing is run.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import codecs
import lzma
import re
import zlib
from collections.abc import Iterator

__all__ = ["decoded", "payloads"]

_LARGEST = 65_536  # bytes that are kept of a payload
_MOST = 8  # payloads of one command line
_ROUNDS = 3  # encodings within one another
_DECODES = re.compile(
    r"(?i)base64|b64|xxd|openssl\s+enc|fromhex|unhexlify|hex2bin|pack\b|rot13|\brev\b|\\x[0-9a-f]{2}"
    r"|\bprintf\b|\becho\b|basenc|base32|uudecode|decode\("
)
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{8,}={0,2}(?![A-Za-z0-9+/_=-])")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{2}){6,}(?![0-9A-Za-z])")
_ESCAPED = re.compile(r"(?:\\?\\x[0-9a-fA-F]{2}){4,}|(?:\\?\\0?[0-7]{3}){4,}")
_ONE = re.compile(r"\\?\\(x[0-9a-fA-F]{2}|0?[0-7]{3})")
_ROT13 = re.compile(r"(?i)rot13|tr A-Za-z N-ZA-Mn-za-m|tr .*n-za-m")


def payloads(line: str) -> list[str]:
    """Return the texts that a canonical command line decodes, the largest first.

    Args:
        line: a command or a pipeline; blanks within arguments are ``␣``.

    Returns:
        Readable texts only, at most 8; [] where the line decodes nothing.
    """
    if not _DECODES.search(line):
        return []
    found: dict[str, None] = {}
    for text in _candidates(line.replace("␣", " ")):
        found.setdefault(text)
        if len(found) >= _MOST:
            break
    return sorted(found, key=len, reverse=True)


def _candidates(line: str) -> Iterator[str]:
    for match in _ESCAPED.finditer(line):
        yield _ONE.sub(_character, match.group())
    if re.search(r"(?i)xxd|hex|pack\b", line):
        for match in _HEX.finditer(line):
            yield from _texts(binascii.unhexlify(match.group()))
    if re.search(r"(?i)base64|b64|openssl|basenc", line):
        for match in _BASE64.finditer(line):
            plain = decoded(match.group())
            if plain is not None:
                yield from _texts(plain)
    if re.search(r"\brev\b", line):
        for part in re.findall(r"(?:echo|printf|<<<)\s?(?:-\w+ )?([^¦]{6,2000})", line):
            yield part.strip()[::-1]
    if _ROT13.search(line):
        for part in re.findall(r"(?:echo|printf|<<<)\s?(?:-\w+ )?([^¦]{6,2000})", line):
            yield codecs.decode(part.strip(), "rot13")


def _character(match: re.Match[str]) -> str:
    code = match.group(1)
    return chr(int(code[1:], 16) if code[0] == "x" else int(code, 8) & 0xFF)


def decoded(text: str) -> bytes | None:
    """Return what base64 text holds; None where it is none."""
    text = text.rstrip("=").replace("-", "+").replace("_", "/")[: _LARGEST * 2]
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return None


def _texts(data: bytes) -> Iterator[str]:
    """Yield the readable text in decoded bytes, looking into what is compressed or encoded."""
    for _ in range(_ROUNDS):
        data = _unpacked(data)
        text = _readable(data)
        if text is None:
            return
        yield text
        whole = "".join(text.split())
        again = decoded(whole) if _BASE64.fullmatch(whole) and len(whole) >= 16 else None
        if again is None:
            return
        data = again


def _unpacked(data: bytes) -> bytes:
    try:
        if data[:2] == b"\x1f\x8b":
            return zlib.decompressobj(31).decompress(data, _LARGEST)
        if data[:1] == b"\x78":
            return zlib.decompressobj().decompress(data, _LARGEST)
        if data[:3] == b"BZh":
            return bz2.BZ2Decompressor().decompress(data, _LARGEST)
        if data[:6] == b"\xfd7zXZ\0":
            return lzma.LZMADecompressor(memlimit=64 << 20).decompress(data, _LARGEST)
    except (zlib.error, OSError, EOFError, lzma.LZMAError):
        return data
    return data


def _readable(data: bytes) -> str | None:
    """Return bytes as text where a person could have written it."""
    if len(data) < 2:
        return None
    try:
        text = data[:_LARGEST].decode("utf-8", "strict")
    except UnicodeDecodeError:
        return None
    control = sum(1 for sign in text if ord(sign) < 32 and sign not in "\n\r\t")
    return text if control == 0 else None
