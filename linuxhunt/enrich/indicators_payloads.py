r"""What words hide: base64, hexadecimal, ``\x41`` and ``%41`` -> the text within.

Only what decodes to text that a person could have written is one: a random word of 16 signs does
so once in a hundred thousand times. Everything is bounded; nothing is run.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

__all__ = ["payloads"]

_LARGEST = 65_536  # bytes that are kept of a payload
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{16,}={0,2}(?![A-Za-z0-9+/_-])")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{2}){8,}(?![0-9A-Za-z])")
_ESCAPED = re.compile(r"(?:\\x[0-9a-fA-F]{2}){4,}")
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")


def payloads(word: str) -> Iterator[tuple[str, str, str]]:
    """Yield (text, ``base64``, ``hex`` or ``url``, as written) of what a word holds encoded."""
    if len(word) < 6:
        return
    if "%" in word and _PERCENT.search(word):
        open_text = unquote(word, errors="replace")
        if open_text != word and _readable(open_text):
            yield open_text, "url", word
    if "\\x" in word:
        for match in _ESCAPED.finditer(word):
            plain = _text_of(binascii.unhexlify(match[0].replace("\\x", "")))
            if plain:
                yield plain, "hex", match[0]
    if len(word) < 16:
        return
    for match in _HEX.finditer(word):
        plain = _text_of(binascii.unhexlify(match[0]))
        if plain:
            yield plain, "hex", match[0]
    for match in _BASE64.finditer(word):
        data = _base64(match[0])
        plain = _text_of(data) if data else None
        if plain:
            yield plain, "base64", match[0]


def _base64(text: str) -> bytes | None:
    text = text.rstrip("=").replace("-", "+").replace("_", "/")[: _LARGEST * 2]
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return None


def _text_of(data: bytes) -> str | None:
    """Return bytes as text where a person could have written it, unpacked where compressed.

    NULs between arguments, as audit's proctitle has them, become blanks; UTF-16 is what
    PowerShell takes.
    """
    if data[:2] == b"\x1f\x8b" or data[:1] == b"\x78":
        try:
            data = zlib.decompressobj(47).decompress(data, _LARGEST)
        except zlib.error:
            return None
    if len(data) > 7 and data[1::2].count(0) * 2 == len(data) - len(data) % 2:
        text = data.decode("utf-16-le", "replace")
    else:
        try:
            text = data[:_LARGEST].rstrip(b"\0").replace(b"\0", b" ").decode("utf-8")
        except UnicodeDecodeError:
            return None
    return text if len(text) >= 4 and _readable(text) else None


def _readable(text: str) -> bool:
    return all(sign.isprintable() or sign in "\n\r\t" for sign in text)
