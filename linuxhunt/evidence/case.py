"""The case: one DuckDB file with every table of :data:`linuxhunt.schema.TABLES`.

Schema ``main`` is what KQL sees. Schema ``evidence`` holds the raw bytes:

* ``evidence.files``: id, prefix (what record ids begin with), path, sha256 and size of the file
  as it was found, size of its bytes unpacked, encoding, record_size (for files of fixed
  records), whether it can be put together again, told: the table of schema main, if any, whose
  RawData and a line end are the bytes of those of its lines that evidence.lines does not hold
* ``evidence.lines``: file, line, bytes: each record's bytes with their terminators, also of
  continuation lines; records follow one another, so that all of them are the file
* ``evidence.facts``: what a host's own etc/ says
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from linuxhunt.errors import EvidenceError
from linuxhunt.evidence import programs
from linuxhunt.evidence.model import Tally
from linuxhunt.evidence.pending import Batch, Party, Pending, Write, quoted
from linuxhunt.schema import DUCKDB_TYPES, TABLES

__all__ = ["Sink", "count", "first_line", "quoted", "writing"]

# What differs in each row: DuckDB left to choose takes three times as long to try what fits, and
# what it chooses is four times as large.
_RAW = pa.schema([("line", pa.int64()), ("bytes", pa.large_binary())])
_LONG = ("RawData", "SyslogMessage", "Message", "_ItemId")
_ZSTD = "USING COMPRESSION zstd"
_EVIDENCE = f"""
CREATE SCHEMA IF NOT EXISTS evidence;
CREATE TABLE IF NOT EXISTS evidence.files (
    id INTEGER, prefix VARCHAR, path VARCHAR, sha256 VARCHAR, size BIGINT, unpacked BIGINT,
    encoding VARCHAR, record_size INTEGER, whole BOOLEAN, told VARCHAR
);
ALTER TABLE evidence.files ADD COLUMN IF NOT EXISTS told VARCHAR;
CREATE TABLE IF NOT EXISTS evidence.lines (file INTEGER, line BIGINT, bytes BLOB {_ZSTD});
CREATE TABLE IF NOT EXISTS evidence.facts (
    root VARCHAR, fact VARCHAR, value VARCHAR, source VARCHAR
);
"""


def _schema(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(_EVIDENCE)
    there = set(
        con.execute(
            "SELECT table_name, column_name FROM duckdb_columns()"
            " WHERE database_name = current_database() AND schema_name = 'main'"
        ).fetchall()
    )
    for table, columns in TABLES.items():
        if (table, "Type") not in there:
            defined = ", ".join(
                f'"{name}" {_type(kind)}{_packed(name)}' for name, kind in columns.items()
            )
            con.execute(f'CREATE TABLE main."{table}" ({defined})')
            continue
        for name, kind in columns.items():  # a case that an older version made
            if (table, name) not in there:
                con.execute(f'ALTER TABLE main."{table}" ADD COLUMN "{name}" {_type(kind)}')


def _packed(name: str) -> str:
    return f" {_ZSTD}" if name in _LONG else ""


def _type(kind: str) -> str:
    return DUCKDB_TYPES[kind] + (" DEFAULT false" if kind == "bool" else "")


@contextmanager
def writing(case: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a case to write to it, in one transaction; a new case appears when that is done.

    Raises:
        EvidenceError: the file is no case, or another program has it open.
    """
    fresh = not case.exists()
    target = case.with_name(f".{case.name}.{os.getpid()}.part") if fresh else case
    try:
        con = duckdb.connect(str(target))
    except duckdb.Error as error:
        raise EvidenceError(f"{case}: {first_line(error)}") from error
    done = False
    try:
        con.execute("SET TimeZone = 'UTC'")
        con.execute("SET preserve_insertion_order = true")
        # Each thread ends with a row group of its own that is not full, and closing the case
        # would write all of them again.
        con.execute("SET threads = 1")
        con.execute("BEGIN")
        _schema(con)
        con.register("program_table", programs.table())
        yield con
        con.execute("COMMIT")
        done = True
    except duckdb.Error as error:
        raise EvidenceError(f"{case}: {first_line(error)}") from error
    finally:
        con.close()  # without COMMIT this leaves the case as it was
        if fresh and done:
            target.replace(case)
        elif fresh:
            target.unlink(missing_ok=True)
            Path(f"{target}.wal").unlink(missing_ok=True)


def first_line(error: Exception) -> str:
    """Return what an engine says, without its drawing of the place."""
    return str(error).splitlines()[0]


def count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    """Run an INSERT, or a query of one number, and return that number."""
    rows = con.execute(sql).fetchall()  # all of it: an unfinished result blocks the connection
    return int(rows[0][0]) if rows and rows[0][0] is not None else 0


@dataclass
class Sink:
    """Where a reader puts the records of one file.

    Attributes:
        con: the case, in a transaction.
        file: the file's number in evidence.files.
        path: for rejects.
        prefix: for record ids.
        tick: told after each chunk how many bytes and lines of the file are done.
        pending: what waits to be written, with that of other files.
        host: the name for records that name none.
    """

    con: duckdb.DuckDBPyConnection
    file: int
    path: str
    prefix: str
    tick: Callable[[int, int], None]
    pending: Pending
    host: str | None = None

    def item(self, number: str = "line") -> str:
        """Return the SQL of a record id, given the column of a record's number."""
        return f"{quoted(self.prefix + ':')} || {number}"

    def store(self, lines: pa.Array, raw_bytes: pa.Array) -> None:
        """Keep the bytes of records, by the number of their first line."""
        table = pa.table({"line": lines, "bytes": raw_bytes}).cast(_RAW)
        self.pending.add(_store, self.file, Party(self.path, self.prefix), table)

    def later(
        self, write: Write, table: pa.Table, tally: Tally, carried: dict[str, str] | None = None
    ) -> None:
        """Write records with those of other files; only then are they in the tally.

        Args:
            write: writes them; see :meth:`Pending.add`.
            table: the records.
            tally: of the file.
            carried: what the reader hands on from chunk to chunk.
        """
        party = Party(self.path, self.prefix, tally, self.host, carried)
        self.pending.add(write, self.file, party, table)

    def reject(self, lines: pa.Array, text: pa.Array, reasons: pa.Array) -> None:
        """Name records that were not understood; null text is taken from the bytes kept."""
        files = pa.array(np.full(len(lines), self.file, np.int32))
        table = pa.table({"file": files, "line": lines, "text": text, "reason": reasons})
        self.pending.rejects(table, {self.file: Party(self.path, self.prefix)})


def _store(batch: Batch) -> None:
    batch.con.register("raw_batch", batch.table)
    batch.con.execute("INSERT INTO evidence.lines SELECT file, line, bytes FROM raw_batch")
    batch.con.unregister("raw_batch")
