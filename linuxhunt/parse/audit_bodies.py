"""What follows the header of a record, once for each distinct text.

Hosts do the same things again and again: of a million records, a few hundred thousand differ in
more than their stamps, often a few hundred. Everything that is read from a text is read once.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

__all__ = ["bodies"]

_PART = 1 << 16

# A record that stops early: a quote or msg=' left open, a key without its value, hex of half a
# byte, a SYSCALL that does not come to exe=.
_CUT = r"""
CASE WHEN body = '' THEN role <> 6
     WHEN (strlen(body) - strlen(replace(body, '"', ''))) % 2 = 1
          AND regexp_matches(body, '="[^"]*$') THEN true
     WHEN role = 0 THEN NOT contains(body, ' exe=')
     WHEN role IN (3, 4) THEN regexp_matches(body, '(?:^| )(?:[^= ]+|[^= ]+=|argc=\d*)$')
     WHEN role = 5 THEN regexp_matches(body, '(?:=|^[a-z]*|=(?:[0-9A-F]{2})*[0-9A-F])$')
     WHEN role = 6 THEN false
     ELSE contains(body, 'msg=''') AND regexp_matches(body, '(?:^|\s)msg=''')
          AND NOT regexp_matches(body, '''[\s)]*(?:\x1d.*)?$') END
"""

# What ENRICHED adds states nothing new.
_READ = f"SELECT {_CUT} AS cut, split_part(body, chr(29), 1) AS stated FROM texts ORDER BY code"


def bodies(
    con: duckdb.DuckDBPyConnection, raw: pa.ChunkedArray, size: Any, role: Any, kind: Any
) -> dict[str, Any]:
    """Register ``texts``: code, role and body of each distinct text of a role.

    Args:
        con: where; the macros of :mod:`~linuxhunt.parse.audit_sql` are there.
        raw: the lines, ``large_string``.
        size: bytes of each line's header.
        role: of each record.
        kind: number of each record's type.

    Returns:
        For each record: ``text`` (a code of ``texts``), ``cut`` (it stops early) and ``content``
        (equal numbers state the same).
    """
    words, distinct_words = _coded(raw, size)
    codes, distinct = pd.factorize(words * 8 + role)
    texts = pa.table(
        {
            "code": np.arange(len(distinct)),
            "role": distinct % 8,
            "body": distinct_words.take(pa.array(distinct // 8)),
        }
    )
    con.register("texts", texts)
    read = con.sql(_READ).to_arrow_table()
    stated = read["stated"].combine_chunks().dictionary_encode().indices.to_numpy()
    return {
        "text": codes,
        "cut": read["cut"].to_numpy()[codes],
        "content": stated.astype(np.int64)[codes] * (int(kind.max(initial=0)) + 1) + kind,
    }


def _coded(raw: pa.ChunkedArray, size: Any) -> tuple[np.ndarray[Any, Any], pa.Array]:
    """Return what follows the header of each line as codes, and the text of each code."""
    parts = [pa.array([], pa.large_string()).dictionary_encode()]
    at = 0
    for chunk in raw.chunks:
        # a part at a time, so that what is copied stays small
        for start in range(0, len(chunk), _PART):
            part = chunk[start : start + _PART]
            parts.append(_after(part, size[at : at + len(part)]).dictionary_encode())
            at += len(part)
    every = pa.concat_arrays([part.dictionary for part in parts]).dictionary_encode()
    places = every.indices.to_numpy().astype(np.int64)
    begins = np.cumsum([0, *(len(part.dictionary) for part in parts)])[:-1]
    codes = [part.indices.to_numpy() + begin for part, begin in zip(parts, begins, strict=True)]
    return places[np.concatenate(codes)], every.dictionary


def _after(raw: pa.Array, size: Any) -> pa.Array:
    """Return what follows the first ``size`` bytes of each line."""
    count = len(raw)
    offsets = np.frombuffer(raw.buffers()[1], dtype=np.int64)[raw.offset : raw.offset + count + 1]
    # head, body, head, body, ...: the same bytes under twice as many offsets
    cuts = np.empty(2 * count + 1, dtype=np.int64)
    cuts[0::2] = offsets
    cuts[1::2] = offsets[:-1] + size
    both = pa.LargeStringArray.from_buffers(2 * count, pa.py_buffer(cuts), raw.buffers()[2])
    return both.take(pa.array(np.arange(1, 2 * count, 2)))
