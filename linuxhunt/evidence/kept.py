"""The bytes of evidence, out of a case as they stood in its files.

They lie in ``evidence.lines``; lines of a file that a table of the case tells whole (see
:mod:`linuxhunt.evidence.case`) are that table's RawData and a line end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from linuxhunt.errors import EvidenceError
from linuxhunt.evidence.case import first_line, quoted
from linuxhunt.schema import TABLES

__all__ = ["raw", "rebuild"]

_TOLD = "encode(RawData || chr(10))"
_WANTED = """(SELECT unnest(?::VARCHAR[]) AS id, unnest(?::VARCHAR[]) AS prefix,
    unnest(?::BIGINT[]) AS line) AS wanted JOIN evidence.files AS f USING (prefix)"""


@contextmanager
def _reading(case: Path | duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    if isinstance(case, duckdb.DuckDBPyConnection):
        yield case
        return
    try:
        con = duckdb.connect(str(case), read_only=True)
    except duckdb.Error as error:
        raise EvidenceError(f"{case}: {first_line(error)}") from error
    with con:
        yield con


def _tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the tables that tell lines of any file; older cases have none."""
    column = """SELECT 1 FROM duckdb_columns() WHERE schema_name = 'evidence'
        AND table_name = 'files' AND column_name = 'told'"""
    if not con.execute(column).fetchall():
        return []
    rows = con.execute("SELECT DISTINCT told FROM evidence.files").fetchall()
    return [table for (table,) in rows if table in TABLES]


def raw(case: Path | duckdb.DuckDBPyConnection, record_ids: Iterable[str]) -> dict[str, bytes]:
    """Return the bytes of records as they stand in the evidence.

    Args:
        case: the case, or a connection to it.
        record_ids: ``_ItemId`` of any table. Ids that the case has no bytes for (a row of a
            Parquet file, an id of another case) are left out.

    Returns:
        Record id to bytes, with the line's terminator and its continuation lines.
    """
    parts = [(i, *i.rpartition(":")[::2]) for i in dict.fromkeys(record_ids)]
    wanted = [(i, prefix, int(n)) for i, prefix, n in parts if n.isascii() and n.isdigit()]
    if not wanted:
        return {}
    ids, prefixes, numbers = zip(*wanted, strict=True)
    asked = [list(ids), list(prefixes), list(numbers)]
    found: dict[str, bytes] = {}
    with _reading(case) as con:
        queries = [
            f"""SELECT wanted.id, {_TOLD} FROM {_WANTED}
            JOIN main."{table}" AS t ON t._ItemId = prefix || ':' || wanted.line
            WHERE f.told = {quoted(table)}"""
            for table in _tables(con)
        ]
        # Last: where the bytes are kept, these are they.
        queries.append(
            f"""SELECT wanted.id, l.bytes FROM {_WANTED}
            JOIN evidence.lines AS l ON l.file = f.id AND l.line = wanted.line"""
        )
        for query in queries:
            found.update(con.execute(query, asked).fetchall())
    return {record: bytes(found[record]) for record in ids if record in found}


def rebuild(case: Path | duckdb.DuckDBPyConnection, path: str) -> bytes:
    """Put a file together again from the records of the case.

    Args:
        case: the case, or a connection to it.
        path: as in record ids, without the line.

    Returns:
        The bytes of the file; of a compressed one, decompressed.

    Raises:
        EvidenceError: the case has no such file, or it was read by way of another program
            (a binary journal) or without its bytes (Parquet).
    """
    with _reading(case) as con:
        known = con.execute(
            "SELECT id, unpacked, encoding, record_size, whole FROM evidence.files"
            " WHERE prefix = ?",
            [path],
        ).fetchall()
        if not known:
            raise EvidenceError(f"the case holds no file {path!r}")
        number, size, encoding, record_size, whole = known[0]
        if not whole:
            raise EvidenceError(f"the bytes of {path!r} are not kept in the case, only its rows")
        lines = _lines(con, number, path)
    if record_size:
        out = bytearray(size)
        for line, content in lines:
            out[(line - 1) * record_size : (line - 1) * record_size + len(content)] = content
        return bytes(out)
    text = b"".join(content for _, content in lines)
    return text.decode().encode(encoding) if encoding else text


def _lines(con: duckdb.DuckDBPyConnection, number: int, path: str) -> list[tuple[int, bytes]]:
    """Return number and bytes of a file's records, in order."""
    found: dict[int, bytes] = {}
    for table in _tables(con):
        found.update(
            con.execute(
                f"""SELECT TRY_CAST(substr(_ItemId, length($path) + 2) AS BIGINT) AS line, {_TOLD}
                FROM main."{table}"
                WHERE starts_with(_ItemId, $path || ':') AND line IS NOT NULL AND EXISTS (
                    FROM evidence.files WHERE id = $number AND told = {quoted(table)})""",
                {"path": path, "number": number},
            ).fetchall()
        )
    # Last: where the bytes are kept, these are they.
    kept = "SELECT line, bytes FROM evidence.lines WHERE file = ?"
    found.update(con.execute(kept, [number]).fetchall())
    return sorted(found.items())
