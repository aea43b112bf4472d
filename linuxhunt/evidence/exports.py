"""Exports of Log Analytics tables, CSV, JSON or Parquet, back into the tables they came from.

The table is told by the ``Type`` column, row by row, or by the columns: the one table that has
most of them. Values that do not fit their column's type reject the row. Times are UTC, as Log
Analytics exports them, in ISO 8601 or the forms that the portal and spreadsheets write
(``7/8/2019 16:08``, ``7/10/2019, 3:13:25.813 PM``; month first). The record id is ours, so that
it leads to the line; a column that the table does not have is dropped and named in the account.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from linuxhunt.evidence.case import Sink, quoted
from linuxhunt.evidence.model import Tally
from linuxhunt.evidence.pending import Batch
from linuxhunt.schema import DUCKDB_TYPES, TABLES

__all__ = ["NUMBER", "chosen_files", "plain", "tell", "write", "write_batch"]

_FORMATS = [
    *("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S.%g", "%m/%d/%Y %I:%M:%S %p"),
    *("%m/%d/%Y, %I:%M:%S.%g %p", "%m/%d/%Y, %I:%M:%S %p", "%m/%d/%Y, %H:%M:%S.%g"),
    "%m/%d/%Y, %H:%M:%S",
]
_DOTTED = [
    *("%d.%m.%Y, %H:%M:%S,%g", "%d.%m.%Y, %H:%M:%S.%g", "%d.%m.%Y, %H:%M:%S"),
    *("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M"),
]
_DAY_FIRST = "times like 13/3/2026 16:08 have the day first, and are UTC"
_MONTH_FIRST = "times like 7/8/2019 16:08 have the month first, and are UTC"
_DATE = r"^/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/$"
"""Milliseconds since 1970, as PowerShell's ConvertTo-Json writes them."""
_NULLS = "('', 'null', 'NULL', 'None', 'nan', 'NaN', 'NaT', '<NA>')"
_COMMON = {
    "TenantId",
    "TimeGenerated",
    "Type",
    "Computer",
    "SourceSystem",
    "_ResourceId",
    "_ItemId",
}
_SHARE = 0.6

NUMBER = "__record"
"""Column of a record's number; no table has one of that name (LinuxLogin_CL has a Line)."""


def plain(name: str) -> str:
    """``TimeGenerated [UTC]``, as the portal's CSV has it, is TimeGenerated."""
    return name.strip().removesuffix(" [UTC]").removesuffix(" [Local Time]")


def _cased(names: Iterable[str]) -> dict[str, str]:
    """Return name -> name of the table's column that differs from it in case alone.

    Spreadsheets and scripts write names in their own case; the table is told without it then.
    """
    given = [plain(name) for name in names]
    table = _best(set(given))[0]
    if table is None:
        lower = {name.lower() for name in given if name}
        table = _best(lower, {known: {c.lower() for c in columns}
                              for known, columns in TABLES.items()})[0]  # fmt: skip
    if table is None:
        return {}
    columns = {name.lower(): name for name in TABLES[table]}
    there = set(given)
    return {
        name: columns[name.lower()]
        for name in given
        if name not in TABLES[table] and columns.get(name.lower(), name) not in there
        and name.lower() in columns
    }  # fmt: skip


def tell(columns: list[str], type_: object = None) -> tuple[str | None, str]:
    """Tell the table of an export.

    Args:
        columns: its columns.
        type_: what its first row has as Type.

    Returns:
        The table, or None and the reason.
    """
    if isinstance(type_, str) and type_ in TABLES:
        return type_, ""
    cased = _cased(columns)
    return _best({cased.get(plain(name), plain(name)) for name in columns if name.strip()})


def _best(
    names: set[str], tables: Mapping[str, Collection[str]] = TABLES
) -> tuple[str | None, str]:
    """Return the one table that has most of some names, or None and the reason."""
    common = _COMMON if tables is TABLES else {name.lower() for name in _COMMON}
    # A column of its own counts for a table, those that all have do not.
    scores = {
        table: len(names & {*known})
        for table, known in tables.items()
        if (names & {*known}) - common
    }
    best = sorted(scores, key=lambda table: (-scores[table], len(TABLES[table])))
    if not best or scores[best[0]] < max(_SHARE * len(names), 2):
        return None, "its columns are those of no table known here"
    tied = [t for t in best if scores[t] == scores[best[0]]]
    if len(tied) > 1:
        return None, f"its columns fit several tables alike ({', '.join(sorted(tied)[:4])})"
    return best[0], ""


@dataclass(frozen=True)
class _Write:
    """Writes the rows of files that have the same columns, to be told by them."""

    schema: pa.Schema
    values: tuple[tuple[str, str], ...]

    def __call__(self, batch: Batch) -> None:
        write_batch(batch, dict(self.values))


def write(batch: pa.Table, values: dict[str, str], sink: Sink, tally: Tally) -> None:
    """Write rows to the tables that they are of.

    Args:
        batch: :data:`NUMBER` and whatever the expressions of ``values`` need.
        values: column of the export to the SQL of its text.
        sink: where to.
        tally: what became of them.
    """
    sink.later(_Write(batch.schema, tuple(values.items())), batch, tally)


def write_batch(batch: Batch, values: dict[str, str]) -> None:
    """Write rows of one or many files to the tables that they are of, as :func:`write` does."""
    con = batch.con
    cased = _cased(values)
    values = {cased.get(name, name): sql for name, sql in values.items()}
    known: dict[str, str] = {}  # DuckDB takes two names that differ in case for one
    for name in values:
        if any(name in columns for columns in TABLES.values()):
            known.setdefault(name.lower(), name)
    columns = "".join(f", nullif({values[name]}, '') AS {_id(name)}" for name in known.values())
    con.register("export_batch", batch.table)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE parsed AS
        SELECT {batch.named}{NUMBER}{columns} FROM export_batch"""
    )
    con.unregister("export_batch")
    fallback, why = tell(list(values))
    files: dict[str | None, list[int]] = {fallback: list(batch.parties)}
    if "Type" in values:
        files = dict(
            con.execute(
                "SELECT Type, list(DISTINCT file) FROM parsed GROUP BY Type ORDER BY Type"
            ).fetchall()
        )
    for type_, of in files.items():
        table = type_ if type_ in TABLES else fallback
        chosen = (
            "true"
            if "Type" not in values
            else (f"Type = {quoted(type_)}" if type_ is not None else "Type IS NULL")
        )
        if table is None:
            unknown = f"no table {type_} known here" if type_ else why
            batch.reject(_refused(f"{quoted(unknown)}", f"parsed WHERE {chosen}"))
            continue
        times = [n for n in values if n in known.values() and TABLES[table].get(n) == "datetime"]
        inverted = _day_first(times, chosen, batch)
        for day_first in (False, True):
            some = sorted(file for file in of if (file in inverted) == day_first)
            if some:
                part = f"{chosen} AND {chosen_files(batch, some)}"
                _insert(table, [*values], set(known.values()), part, batch, some, day_first)


def chosen_files(batch: Batch, files: Collection[int]) -> str:
    """Return the SQL that takes rows of some of the files of a batch."""
    if len(files) == len(batch.parties):
        return "true"
    return f"file IN ({', '.join(map(str, files))})"


def _id(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cast(name: str, kind: str, *, day_first: bool = False) -> str:
    """Return the SQL of a value in its column's type; null where it does not fit."""
    text = _id(name)
    match kind:
        case "datetime":
            slashed = [form.replace("%m/%d", "%d/%m") for form in _FORMATS]
            forms = ", ".join(map(quoted, [*(slashed if day_first else _FORMATS), *_DOTTED]))
            since = f"TRY_CAST(regexp_extract({text}, {quoted(_DATE)}, 1) AS BIGINT)"
            return (
                f"coalesce(timezone('UTC', TRY_CAST({text} AS TIMESTAMPTZ)),"
                f" try_strptime({text}, [{forms}]), make_timestamp({since} * 1000))"
            )
        case "int" | "long":
            return (
                f"CASE WHEN TRY_CAST({text} AS DOUBLE) = floor(TRY_CAST({text} AS DOUBLE))"
                f" THEN TRY_CAST({text} AS {DUCKDB_TYPES[kind]}) END"
            )
        case "real" | "decimal":
            return f"TRY_CAST({text} AS DOUBLE)"
        case "bool":
            return f"TRY_CAST({text} AS BOOLEAN)"
        case "dynamic":
            return f"CASE WHEN json_valid({text}) THEN {text}::JSON ELSE to_json({text}) END"
        case _:
            return text


def _misfit(name: str, value: str) -> str:
    """Return the SQL of whether a value does not fit its column."""
    if name == "TimeGenerated":  # nanoseconds in 64 bits, as frames hold times, end in 2262
        return f"NOT coalesce(year({value}) BETWEEN 1900 AND 2261, false)"
    return f"{value} IS NULL"


def _insert(
    table: str,
    names: list[str],
    known: set[str],
    chosen: str,
    batch: Batch,
    files: list[int],
    day_first: bool,
) -> None:
    con, kinds = batch.con, TABLES[table]
    used = [n for n in names if n in kinds and n in known and n not in ("Type", "_ItemId")]
    typed = [name for name in used if kinds[name] not in ("string", "guid", "dynamic")]
    blank = ", ".join(
        f"CASE WHEN {_id(n)} IN {_NULLS} THEN NULL ELSE {_id(n)} END AS {_id(n)}" for n in typed
    )
    times = [name for name in typed if kinds[name] == "datetime"]

    def cast(name: str, kind: str) -> str:
        return _cast(name, kind, day_first=day_first)

    misfits = " ".join(
        f"WHEN {_id(n)} IS NOT NULL AND {_misfit(n, cast(n, kinds[n]))}"
        f" THEN '{n}: ' || {_id(n)} || ' is no {kinds[n]}'"
        for n in typed
    )
    replaced = f"REPLACE ({blank})" if blank else ""
    why = f"CASE {misfits} END" if misfits else "NULL::VARCHAR"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE checked AS
        SELECT *, {why} AS reason FROM (SELECT * {replaced} FROM parsed WHERE {chosen})"""
    )
    values = ", ".join(
        (f"coalesce({cast(n, 'bool')}, false)" if kinds[n] == "bool" else cast(n, kinds[n]))
        + f" AS {_id(n)}"
        for n in used
    )
    con.execute(
        f"""INSERT INTO main.{_id(table)} BY NAME
        SELECT {values}, {quoted(table)} AS Type, {batch.item(NUMBER)} AS _ItemId
        FROM checked WHERE reason IS NULL ORDER BY file, {NUMBER}"""
    )
    batch.reject(_refused("reason", "checked WHERE reason IS NOT NULL"))
    unknown = [name for name in names if name and name not in kinds]
    for file in files:
        tally = batch.tally(file)
        tables = [*filter(None, tally.table.split(", "))]
        tally.table = ", ".join(dict.fromkeys([*tables, table]))
        if unknown:
            tally.assume(f"{table} has no column {', '.join(unknown)}")
    _count(used, times, cast("TimeGenerated", "datetime"), day_first, batch)


def _count(used: list[str], times: list[str], time: str, day_first: bool, batch: Batch) -> None:
    """Put the rows that were written into the tallies of their files."""
    odd = " OR ".join(rf"regexp_matches({_id(n)}, '^\d+/\d+/\d')" for n in times) or "false"
    span = f"min({time}), max({time})" if "TimeGenerated" in used else "NULL, NULL"
    for file, amount, slashed, first, last in batch.con.execute(
        f"SELECT file, count(*), bool_or({odd}), {span} FROM checked WHERE reason IS NULL"
        " GROUP BY file"
    ).fetchall():
        tally = batch.tally(file)
        tally.rows += amount
        if slashed:
            tally.assume(_DAY_FIRST if day_first else _MONTH_FIRST)
        tally.saw(first, last)
    if "Computer" in used:
        for file, name, amount in batch.con.execute(
            f"""SELECT file, Computer, count(*) FROM checked WHERE reason IS NULL
            GROUP BY file, Computer ORDER BY file, min({NUMBER})"""
        ).fetchall():
            batch.tally(file).hosts[name] += amount


def _day_first(times: list[str], chosen: str, batch: Batch) -> set[int]:
    """Return files of which a time has a first number that is no month, and none a second one."""
    found = {file for file in batch.parties if _DAY_FIRST in batch.tally(file).assumed}
    no_month = "(?:1[3-9]|2[0-9]|3[01])"
    tests = [
        tuple(
            f"coalesce(bool_or(regexp_matches({_id(name)}, {quoted(form)})), false)"
            for form in (f"^{no_month}/[0-9]", f"^[0-9]+/{no_month}/")
        )
        for name in times
    ]
    if tests:
        either = " OR ".join(f"({first} AND NOT {second})" for first, second in tests)
        rows = batch.con.execute(
            f"SELECT file FROM parsed WHERE {chosen} GROUP BY file HAVING {either}"
        ).fetchall()
        found.update(file for (file,) in rows)
    return found


def _refused(reason: str, rows: str) -> str:
    """Return the SQL of rejects whose text is that of the bytes kept."""
    return (
        f"SELECT file, {NUMBER} AS line, NULL::VARCHAR AS text, {reason} AS reason"
        f" FROM {rows} ORDER BY file, {NUMBER}"
    )
