"""Where the objects of a JSON text lie, found without reading it value by value."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linuxhunt.evidence.lines import Bytes, Ints

__all__ = ["brackets", "elements", "escaped_at", "first_object", "nul_safe"]


def first_object(head: bytes) -> dict[str, object] | None:
    """Return the first object of JSON lines, or of a JSON array, if that is what begins here."""
    text = head.decode("utf-8", "backslashreplace").lstrip("\0\ufeff \t\r\n")
    text = text.removeprefix("[").lstrip()
    try:
        found, _ = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def elements(data: Bytes) -> tuple[Ints, Ints]:
    """Return where the objects directly inside a JSON array begin and end.

    Brackets inside strings do not count. Of an array that ends early, the whole objects are
    returned.
    """
    at, opens, depth = brackets(data)
    starts = at[opens & (depth == 2) & (data[at] == 123)]
    ends = at[~opens & (depth == 1) & (data[at] == 125)] + 1
    return starts[: len(ends)].astype(np.int64), ends.astype(np.int64)


def brackets(data: Bytes) -> tuple[Ints, np.ndarray, Ints]:
    """Return where brackets lie that are in no string, whether each opens, and the depth after."""
    marks = np.flatnonzero(np.isin(data, np.frombuffer(b'"[]{}', np.uint8)))
    marks = marks[~escaped_at(data, marks)]
    kind = data[marks]
    inside = np.cumsum(kind == 34) % 2 == 1
    at = marks[~inside & (kind != 34)]
    opens = np.isin(data[at], np.frombuffer(b"[{", np.uint8))
    return at, opens, np.cumsum(np.where(opens, 1, -1))


def nul_safe(values: str, text: pa.Array) -> str:
    r"""Return SQL of a list of texts in which a NUL is written ``\x00``, as everywhere here.

    Args:
        values: SQL of the list, of values taken out of ``text``.
        text: the JSON; where no ``\u0000`` is in it, nothing needs to be done.
    """
    if not pc.any(pc.match_substring(text, "\\u0000")).as_py():
        return values
    return f"list_transform({values}, lambda part: replace(part, chr(0), '\\x00'))"


def escaped_at(data: Bytes, at: Ints) -> np.ndarray:
    """Whether each place follows an odd number of backslashes."""
    slashes = np.flatnonzero(data == 92)
    if not len(slashes):
        return np.zeros(len(at), np.bool_)
    # Where the run of backslashes that each one belongs to began.
    fresh = np.diff(slashes, prepend=-2) > 1
    began = slashes[np.maximum.accumulate(np.where(fresh, np.arange(len(slashes)), 0))]
    before = np.searchsorted(slashes, at) - 1
    touching = (before >= 0) & (slashes[np.maximum(before, 0)] == at - 1)
    return np.asarray(touching & ((at - began[np.maximum(before, 0)]) % 2 == 1))
