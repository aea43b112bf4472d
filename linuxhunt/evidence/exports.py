"""Exports of Log Analytics tables, CSV, JSON or Parquet, back into the tables they came from.

The table is told by the ``Type`` column, row by row, or by the columns: the one table that has
most of them. Values that do not fit their column's type reject the row. Times are UTC, as Log
Analytics exports them, in ISO 8601 or the forms that the portal and spreadsheets write
(``7/8/2019 16:08``, ``7/10/2019, 3:13:25.813 PM``; month first). The record id is ours, so that
it leads to the line; a column that the table does not have is dropped and named in the account.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import pyarrow as pa

from linuxhunt.evidence.case import Sink, count, quoted
from linuxhunt.evidence.model import Tally
from linuxhunt.schema import DUCKDB_TYPES, TABLES

__all__ = ["NUMBER", "plain", "tell", "write"]

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


def write(batch: pa.Table, values: dict[str, str], sink: Sink, tally: Tally) -> None:
    """Write rows to the tables that they are of.

    Args:
        batch: :data:`NUMBER` and whatever the expressions of ``values`` need.
        values: column of the export to the SQL of its text.
        sink: where to.
        tally: what became of them.
    """
    con = sink.con
    cased = _cased(values)
    values = {cased.get(name, name): sql for name, sql in values.items()}
    known: dict[str, str] = {}  # DuckDB takes two names that differ in case for one
    for name in values:
        if any(name in columns for columns in TABLES.values()):
            known.setdefault(name.lower(), name)
    columns = "".join(f", nullif({values[name]}, '') AS {_id(name)}" for name in known.values())
    con.register("batch", batch)
    con.execute(f"CREATE OR REPLACE TEMP TABLE parsed AS SELECT {NUMBER}{columns} FROM batch")
    con.unregister("batch")
    fallback, why = tell(list(values))
    types = [fallback]
    if "Type" in values:
        types = [
            row[0]
            for row in con.execute("SELECT DISTINCT Type FROM parsed ORDER BY Type").fetchall()
        ]
    for type_ in types:
        table = type_ if type_ in TABLES else fallback
        chosen = (
            "true"
            if "Type" not in values
            else (f"Type = {quoted(type_)}" if type_ is not None else "Type IS NULL")
        )
        if table is None:
            unknown = f"no table {type_} known here" if type_ else why
            _refuse(
                f"SELECT {NUMBER}, {quoted(unknown)} AS reason FROM parsed WHERE {chosen}",
                sink,
                tally,
            )
        else:
            _insert(table, [*values], set(known.values()), chosen, sink, tally)


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


def _insert(
    table: str, names: list[str], known: set[str], chosen: str, sink: Sink, tally: Tally
) -> None:
    kinds = TABLES[table]
    used = [n for n in names if n in kinds and n in known and n not in ("Type", "_ItemId")]
    typed = [name for name in used if kinds[name] not in ("string", "guid", "dynamic")]
    blank = ", ".join(
        f"CASE WHEN {_id(n)} IN {_NULLS} THEN NULL ELSE {_id(n)} END AS {_id(n)}" for n in typed
    )
    times = [name for name in typed if kinds[name] == "datetime"]
    day_first = _DAY_FIRST in tally.assumed or _is_day_first(times, chosen, sink)

    def cast(name: str, kind: str) -> str:
        return _cast(name, kind, day_first=day_first)

    misfits = " ".join(
        f"WHEN {_id(n)} IS NOT NULL AND {cast(n, kinds[n])} IS NULL"
        f" THEN '{n}: ' || {_id(n)} || ' is no {kinds[n]}'"
        for n in typed
    )
    replaced = f"REPLACE ({blank})" if blank else ""
    why = f"CASE {misfits} END" if misfits else "NULL::VARCHAR"
    sink.con.execute(
        f"""CREATE OR REPLACE TEMP TABLE checked AS
        SELECT *, {why} AS reason FROM (SELECT * {replaced} FROM parsed WHERE {chosen})"""
    )
    values = ", ".join(
        (f"coalesce({cast(n, 'bool')}, false)" if kinds[n] == "bool" else cast(n, kinds[n]))
        + f" AS {_id(n)}"
        for n in used
    )
    tally.rows += count(
        sink.con,
        f"""INSERT INTO main.{_id(table)} BY NAME
        SELECT {values}, {quoted(table)} AS Type, {sink.item(NUMBER)} AS _ItemId
        FROM checked WHERE reason IS NULL ORDER BY {NUMBER}""",
    )
    _refuse(f"SELECT {NUMBER}, reason FROM checked WHERE reason IS NOT NULL", sink, tally)
    tables = [*filter(None, tally.table.split(", "))]
    tally.table = ", ".join(dict.fromkeys([*tables, table]))
    unknown = [name for name in names if name and name not in kinds]
    if unknown:
        tally.assume(f"{table} has no column {', '.join(unknown)}")
    odd = " OR ".join(rf"regexp_matches({_id(n)}, '^\d+/\d+/\d')" for n in times)
    if odd and count(sink.con, f"SELECT count(*) FROM checked WHERE reason IS NULL AND ({odd})"):
        tally.assume(_DAY_FIRST if day_first else _MONTH_FIRST)
    if "TimeGenerated" in used:
        span = sink.con.execute(
            f"SELECT min(t), max(t) FROM (SELECT {cast('TimeGenerated', 'datetime')} AS t"
            " FROM checked WHERE reason IS NULL)"
        ).fetchall()
        tally.saw(*span[0])
    if "Computer" in used:
        tally.hosts.update(
            dict(
                sink.con.execute(
                    "SELECT Computer, count(*) FROM checked WHERE reason IS NULL GROUP BY 1"
                ).fetchall()
            )
        )


def _is_day_first(times: list[str], chosen: str, sink: Sink) -> bool:
    """Whether a time has a first number that is no month, and none has a second one."""
    no_month = "(?:1[3-9]|2[0-9]|3[01])"
    for name in times:
        first, second = (
            f"coalesce(bool_or(regexp_matches({_id(name)}, {quoted(form)})), false)"
            for form in (f"^{no_month}/[0-9]", f"^[0-9]+/{no_month}/")
        )
        sql = f"SELECT {first} AND NOT {second} FROM parsed WHERE {chosen}"
        if sink.con.execute(sql).fetchall()[0][0]:
            return True
    return False


def _refuse(sql: str, sink: Sink, tally: Tally) -> None:
    bad = sink.con.sql(
        f"SELECT {NUMBER}, NULL::VARCHAR AS text, reason FROM ({sql}) ORDER BY {NUMBER}"
    ).to_arrow_table()
    if len(bad):
        sink.reject(*bad.columns)
        tally.rejected += len(bad)
