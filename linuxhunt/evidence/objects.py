"""Exports of tables as JSON lines, JSON arrays and Parquet."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from linuxhunt.evidence.case import Sink, quoted
from linuxhunt.evidence.exports import NUMBER, chosen_files, plain, tell, write, write_batch
from linuxhunt.evidence.jsons import elements, first_object, nul_safe
from linuxhunt.evidence.lines import blobs, chunks, pieces, shown, texts
from linuxhunt.evidence.model import Source, Tally
from linuxhunt.evidence.pending import Batch

__all__ = ["is_array", "is_row", "read_json", "read_jsonl", "read_objects", "read_parquet"]


def is_row(found: dict[str, object]) -> bool:
    """Whether a JSON object is a row of a table."""
    return tell(list(found), found.get("Type"))[0] is not None


def is_array(text: bytes) -> bool:
    """Whether a file is a JSON array of rows of a table."""
    first = first_object(text)
    return first is not None and is_row(first)


def read_jsonl(source: Source, sink: Sink) -> Tally:
    """Read JSON lines, one row an object."""
    tally = Tally("jsonl")
    for chunk in chunks(source.data):
        numbers = pa.array(range(chunk.first, chunk.first + len(chunk)), pa.int64())
        sink.store(numbers, blobs(chunk.data, chunk.bounds))
        tally.lines += len(chunk)
        text = texts(chunk.data, chunk.bounds)
        if chunk.first == 1:  # the mark that Windows' tools begin a file with is no part of it
            text = pc.utf8_ltrim(text, "\ufeff")
        read_objects(numbers, text, sink, tally)
        sink.tick(chunk.offset + len(chunk.data), tally.lines)
    return tally


def read_json(source: Source, sink: Sink) -> Tally:
    """Read a JSON array of objects; a record's number is its place in the array, from 1."""
    tally = Tally("json")
    data = np.ascontiguousarray(source.data)
    starts, ends = elements(data)
    # The bytes between elements go with the element after them, the closing ones with the last.
    bounds = np.concatenate([[0], ends[:-1], [len(data)]]).astype(np.int64)
    numbers = pa.array(np.arange(1, len(starts) + 1))
    sink.store(numbers, blobs(data, bounds))
    text = pieces(data, starts, ends)
    try:
        text = text.cast(pa.large_string())
    except pa.ArrowInvalid:
        text = pa.array([shown(data[s:e]) for s, e in zip(starts, ends, strict=True)])
    tally.lines = len(starts)
    read_objects(numbers, text, sink, tally)
    sink.tick(len(data), tally.lines)
    return tally


def read_objects(numbers: pa.Array, text: pa.Array, sink: Sink, tally: Tally) -> None:
    """Write JSON objects, whatever file they are from."""
    table = pa.table({"line": numbers, "text": text.cast(pa.large_string())})
    sink.later(_write, table, tally)


def _write(batch: Batch) -> None:
    con = batch.con
    con.register("objects_batch", batch.table)
    con.execute(
        """CREATE OR REPLACE TEMP TABLE objects AS
        SELECT *, coalesce(try(json_type(text)) = 'OBJECT', false) AS good
        FROM objects_batch"""
    )
    con.unregister("objects_batch")
    batch.reject(
        "SELECT file, line, text, 'no JSON object' AS reason FROM objects WHERE NOT good"
        " ORDER BY file, line"
    )
    # The names are a file's own: its table is told by them.
    files: dict[tuple[str, ...], list[int]] = {}
    for file, keys in con.execute(
        """SELECT file, list(key ORDER BY key) FROM (
            SELECT DISTINCT file, unnest(json_keys(text)) AS key FROM objects WHERE good
        ) GROUP BY file ORDER BY file"""
    ).fetchall():
        files.setdefault(tuple(keys), []).append(file)
    for keys, of in files.items():
        _write_alike(batch, keys, of)


def _write_alike(batch: Batch, keys: tuple[str, ...], files: list[int]) -> None:
    """Write the objects of files that have the same keys."""
    # JSON pointers: any key can be written as one, unlike as a path.
    pointers = ["/" + key.replace("~", "~0").replace("/", "~1") for key in keys]
    listed = ", ".join(quoted(pointer) for pointer in pointers)
    part = nul_safe(f"json_extract_string(text, [{listed}])", batch.table["text"])
    parts = batch.con.sql(
        f"""SELECT {batch.named}line AS {NUMBER}, {part} AS part FROM objects
        WHERE good AND {chosen_files(batch, files)} ORDER BY file, line"""
    ).to_arrow_table()
    values = {plain(key): f"part[{i + 1}]" for i, key in enumerate(keys)}
    write_batch(batch.of(parts, files), values)


def read_parquet(source: Source, sink: Sink) -> Tally:
    """Read a Parquet file; a record's number is its row, from 1."""
    tally = Tally("parquet")
    try:
        file = pa.parquet.ParquetFile(pa.BufferReader(pa.py_buffer(source.data)))
        nested = {f.name for f in file.schema_arrow if pa.types.is_nested(f.type)}
        names = {
            plain(name): f'to_json("{name}")::VARCHAR' if name in nested else f'"{name}"::VARCHAR'
            for name in (name.replace('"', '""') for name in file.schema_arrow.names)
        }
        for batch in file.iter_batches(batch_size=100_000):
            numbers = pa.array(np.arange(tally.lines + 1, tally.lines + 1 + len(batch)))
            tally.lines += len(batch)
            write(pa.Table.from_batches([batch]).append_column(NUMBER, numbers), names, sink, tally)
            sink.tick(len(source.data), tally.lines)
    except (pa.ArrowInvalid, OSError) as error:
        tally.error = f"Parquet is damaged ({str(error).splitlines()[0]})"
    return tally
