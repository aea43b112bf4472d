r"""Indicators in texts: addresses, names, URLs, hashes, mail, paths, onion services, wallets.

Texts are cut into words by RE2 in DuckDB, each distinct text once; each distinct word is then read
once (:mod:`linuxhunt.enrich.indicators_words`), also what it holds in base64, hexadecimal or
``%41``. Types carry msticpy's names (``IoCType``), which its lookups take: ``ipv4``, ``ipv6``,
``dns``, ``url``, ``email``, ``md5_hash``, ``sha1_hash``, ``sha256_hash``, ``linux_path``; ours,
in the same manner, are ``sha512_hash``, ``onion``, ``bitcoin``, ``ethereum`` and ``monero``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from linuxhunt.enrich.indicators_words import BEFORE, in_word
from linuxhunt.parse.engine import quoted, to_pandas
from linuxhunt.schema import STR

__all__ = ["COLUMNS", "TYPES", "indicators"]

COLUMNS = ("Indicator", "Type", "Count", "RecordIds", "Observed", "DecodedFrom")
TYPES = (
    "ipv4", "ipv6", "dns", "url", "email", "md5_hash", "sha1_hash", "sha256_hash", "sha512_hash",
    "onion", "bitcoin", "ethereum", "monero", "linux_path",
)  # fmt: skip
"""All types, in the order in which they are shown."""

_SIGN = r"""(?:[^\s"'<>|;,`]|\s?[\[({](?:\.|dot|at|@|:|://)[\])}]\s?)"""
_WORD = (
    rf"(?i:{BEFORE})?(?:{_SIGN}*(?:[.@/%]|\s?[\[({{](?:dot|at)[\])}}]\s?|\\x){_SIGN}+"
    rf"|{_SIGN}*:{_SIGN}*:{_SIGN}*|[\w+/=-]{{16,}})"
)


def indicators(
    rows: pd.DataFrame, text: Sequence[str], uid: str | None = "EventUid"
) -> pd.DataFrame:
    """Return the indicators in texts, those in most rows first.

    Args:
        rows: of anything; columns in ``schema.STR`` are not copied.
        text: the columns to look into; those that ``rows`` does not have are left out.
        uid: the column of record ids; None, or a column that is not there, where rows have none.

    Returns:
        One row for each indicator and way that it was encoded: Indicator (names in lower case and
        punycode, addresses canonical, URLs with scheme and host in lower case, hashes in lower
        case), Type (:data:`TYPES`), Count (rows that hold it), RecordIds (list of theirs, in order
        of the rows), Observed (as written first, e.g. ``hxxp://203[.]0[.]113[.]9``; what was
        decoded where it was encoded), DecodedFrom (null, ``base64``, ``hex``, ``url``; nested
        ``base64 > hex``).
    """
    held = [name for name in text if name in rows.columns]
    if rows.empty or not held:
        return _frame([])
    with duckdb.connect(config={"enable_external_access": "false"}) as con:
        _cut(con, rows, held, uid)
        distinct = con.sql("SELECT w, word FROM words ORDER BY w").to_arrow_table()
        found = [
            (w, *hit)
            for w, word in zip(*(column.to_pylist() for column in distinct.columns), strict=True)
            for hit in in_word(word)
        ]
        if not found:
            return _frame([])
        names = ("w", "Indicator", "Type", "Observed", "DecodedFrom")
        columns = dict(zip(names, zip(*found, strict=True), strict=True))
        types = [pa.int64(), *[pa.string()] * 4]
        con.register("found", pa.table({
            name: pa.array(columns[name], kind) for name, kind in zip(names, types, strict=True)
        }))  # fmt: skip
        return _counted(con)


def _cut(
    con: duckdb.DuckDBPyConnection, rows: pd.DataFrame, held: Sequence[str], uid: str | None
) -> None:
    """Make tables ``said`` (r, uid, t), ``places`` (t, w) and ``words`` (w, word)."""
    named = uid is not None and uid in rows
    ids = rows[uid].astype(STR) if named else pd.Series(None, index=rows.index, dtype=STR)
    parts = []
    for number, name in enumerate(held):
        con.register(f"part{number}", pa.table({
            "uid": pa.Array.from_pandas(ids), "text": pa.Array.from_pandas(rows[name].astype(STR)),
        }))  # fmt: skip
        parts.append(
            f"SELECT row_number() OVER () AS r, uid, left(text, 65536) AS text FROM part{number}"
        )
    con.execute(
        f"CREATE TEMP TABLE lines AS SELECT * FROM ({' UNION ALL '.join(parts)})"
        " WHERE text IS NOT NULL"
    )
    con.execute(
        "CREATE TEMP TABLE texts AS SELECT row_number() OVER () AS t, text FROM"
        " (SELECT DISTINCT text FROM lines)"
    )
    con.execute(
        f"CREATE TEMP TABLE cut AS SELECT t, unnest(list_distinct("
        f"regexp_extract_all(text, {quoted(_WORD)}))) AS word FROM texts"
    )
    con.execute(
        "CREATE TEMP TABLE words AS SELECT row_number() OVER (ORDER BY word) AS w, word FROM"
        " (SELECT DISTINCT word FROM cut)"
    )


def _counted(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Join what words hold to the rows that hold them."""
    frame = to_pandas(con.sql(
        """
        WITH held AS (
            SELECT r, min(uid) AS uid, Indicator, Type, DecodedFrom,
                   arg_min(Observed, r) AS Observed
            FROM found JOIN words USING (w) JOIN cut USING (word) JOIN texts USING (t)
            JOIN lines USING (text)
            GROUP BY r, Indicator, Type, DecodedFrom
        )
        SELECT Indicator, Type, count(*)::BIGINT AS Count,
               list(uid ORDER BY r) FILTER (uid IS NOT NULL) AS RecordIds,
               arg_min(Observed, r) AS Observed, DecodedFrom
        FROM held GROUP BY Indicator, Type, DecodedFrom
        ORDER BY Count DESC, Indicator, Type, DecodedFrom
        """
    ))  # fmt: skip
    frame["RecordIds"] = [[] if ids is None else list(ids) for ids in frame["RecordIds"]]
    return frame[list(COLUMNS)]


def _frame(rows: list[Any]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    kinds: dict[str, Any] = dict.fromkeys(("Indicator", "Type", "Observed", "DecodedFrom"), STR)
    return frame.astype(kinds | {"Count": "Int64"})
