"""Records on their way to the case, of many files in one statement.

A statement costs DuckDB some milliseconds whether it writes ten rows or ten million. So readers
hand their records over with :meth:`Pending.add`, and what has to be asked of DuckDB is asked for
all files at once, when enough has come together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linuxhunt.evidence.model import Tally

__all__ = ["Batch", "Party", "Pending", "Write", "quoted"]

_ENOUGH = 16 << 20
"""Bytes that wait at most; a chunk of a large file is more, and written at once."""
_REJECTS = pa.schema(
    [
        ("file", pa.int32()),
        ("line", pa.int64()),
        ("text", pa.large_string()),
        ("reason", pa.large_string()),
    ]
)


def quoted(text: str) -> str:
    """Return a text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class Party:
    """A file that records of a batch are of.

    Attributes:
        path: of the file, for rejects.
        prefix: for record ids.
        tally: what became of it; None where nothing is counted.
        host: the name for records that name none.
        carried: what its reader hands on from chunk to chunk.
    """

    path: str
    prefix: str
    tally: Tally | None = None
    host: str | None = None
    carried: dict[str, str] | None = None


@dataclass(frozen=True)
class Batch:
    """Records of one or many files.

    Attributes:
        con: the case, in a transaction.
        table: the records; column ``file`` is the number in evidence.files. With more than one
            file, columns ``prefix`` and ``host_around`` are those of the file's :class:`Party`.
        parties: file to what is known of it.
        pending: takes rejects.
    """

    con: duckdb.DuckDBPyConnection
    table: pa.Table
    parties: dict[int, Party]
    pending: Pending

    @property
    def one(self) -> Party | None:
        """The only file, if there is one only: SQL of constants is faster than columns."""
        return next(iter(self.parties.values())) if len(self.parties) == 1 else None

    @property
    def named(self) -> str:
        """The columns that SQL must hand on for :meth:`item` and :attr:`host`, with a comma."""
        return "file, " if self.one else "file, prefix, host_around, "

    def item(self, number: str = "line") -> str:
        """Return the SQL of a record id, given the column of a record's number."""
        if self.one is None:
            return f"prefix || ':' || {number}"
        return f"{quoted(self.one.prefix + ':')} || {number}"

    @property
    def host(self) -> str:
        """SQL of the host for records that name none."""
        if self.one is None:
            return "host_around"
        return quoted(self.one.host) if self.one.host else "NULL"

    def of(self, table: pa.Table, files: Collection[int]) -> Batch:
        """Return records taken from those of some of the files, with their columns."""
        return Batch(self.con, table, {file: self.parties[file] for file in files}, self.pending)

    def tally(self, file: int) -> Tally:
        """Return the tally of a file."""
        tally = self.parties[file].tally
        if tally is None:
            raise LookupError(f"nothing is counted of file {file}")
        return tally

    def reject(self, sql: str) -> None:
        """Name the records that SQL gives (file, line, text, reason), and count them."""
        bad = self.con.sql(sql).to_arrow_table()
        if not len(bad):
            return
        self.pending.rejects(bad, self.parties)
        for count in pc.value_counts(bad["file"]).to_pylist():
            self.tally(count["values"]).rejected += count["counts"]


Write = Callable[[Batch], None]


class Pending:
    """What waits to be written.

    Args:
        con: the case, in a transaction.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._waiting: dict[Write, list[tuple[int, Party, pa.Table]]] = {}
        self._rejects: list[pa.Table] = []
        self._refused: dict[int, Party] = {}
        self._size = 0

    def add(self, write: Write, file: int, party: Party, table: pa.Table) -> None:
        """Take records of a file; what is equal and hashed alike writes them together.

        Args:
            write: writes them. Records of one ``write`` have the same columns.
            file: number in evidence.files.
            party: what is known of the file.
            table: the records.
        """
        self._waiting.setdefault(write, []).append((file, party, table))
        self._size += table.nbytes
        if self._size > _ENOUGH:
            self.flush()

    def rejects(self, table: pa.Table, parties: dict[int, Party]) -> None:
        """Take records that were not understood: file, line, text, reason.

        Null text is taken from the bytes kept.
        """
        self._rejects.append(table.select(_REJECTS.names).cast(_REJECTS))
        self._refused.update(parties)

    def flush(self) -> None:
        """Write all that waits."""
        while self._waiting:
            write = next(iter(self._waiting))
            waiting = self._waiting.pop(write)
            parties = {file: party for file, party, _ in waiting}
            write(Batch(self._con, _joined(waiting, parties), parties, self))
        self._size = 0
        if self._rejects:
            self._reject()

    def _reject(self) -> None:
        """Write rejects in the order of files; those of one file in the order they came."""
        rows = pa.concat_tables(self._rejects).combine_chunks()
        order = np.argsort(rows["file"].to_numpy(), kind="stable")
        rows = rows.take(pa.array(order))
        files = list(self._refused)
        names = pa.table(
            {
                "file": pa.array(files, pa.int32()),
                "path": pa.array([self._refused[f].path for f in files], pa.large_string()),
                "prefix": pa.array([self._refused[f].prefix for f in files], pa.large_string()),
            }
        )
        self._rejects, self._refused = [], {}
        rows = rows.append_column("place", pa.array(np.arange(len(rows))))
        self._con.register("reject_batch", rows)
        self._con.register("reject_names", names)
        text, kept = "text", ""
        if rows["text"].null_count:
            text = "coalesce(text, try(decode(bytes)))"
            kept = f"""LEFT JOIN (SELECT file, line, bytes FROM evidence.lines
                WHERE file BETWEEN {min(files)} AND {max(files)}) USING (file, line)"""
        self._con.execute(
            f"""INSERT INTO main.LinuxReject_CL BY NAME
            SELECT path AS FilePath, line AS LineNumber, reason AS Reason,
                rtrim({text}, chr(13) || chr(10)) AS RawData, 'LinuxReject_CL' AS Type,
                prefix || ':' || line AS _ItemId
            FROM reject_batch JOIN reject_names USING (file) {kept} ORDER BY place"""
        )
        self._con.unregister("reject_batch")
        self._con.unregister("reject_names")


def _joined(waiting: list[tuple[int, Party, pa.Table]], parties: dict[int, Party]) -> pa.Table:
    """Return the records of all files as one table, each with its file."""
    lengths = [len(table) for _, _, table in waiting]
    tables = [table for _, _, table in waiting]
    # DuckDB takes as long for a piece of ten rows as for one of thousands.
    joined = tables[0] if len(tables) == 1 else pa.concat_tables(tables).combine_chunks()
    files = np.repeat(np.array([file for file, _, _ in waiting], np.int32), lengths)
    joined = joined.append_column("file", pa.array(files))
    if len(parties) > 1:
        at = pa.array(np.repeat(np.arange(len(waiting)), lengths))
        for name, texts in (
            ("prefix", [party.prefix for _, party, _ in waiting]),
            ("host_around", [party.host for _, party, _ in waiting]),
        ):
            joined = joined.append_column(name, pa.array(texts, pa.large_string()).take(at))
    return joined
