"""What the records of an event say in columns of its own: ids, names, results, and the rest.

Records have few shapes (sequences of keys). Each shape is looked at once, to find where every
column stands; the rows are then read by position.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from linuxhunt.parse.audit_names import ARCHES, ERRORS, names_table, syscalls_table
from linuxhunt.parse.audit_sql import NAMES, NUMBERS, UNTRUSTED
from linuxhunt.parse.audit_stage import Members
from linuxhunt.parse.audit_values import column_of, fields_of

__all__ = ["states"]

_ALSO = {"res": "result", "cmdline": "cmd"}
"""Other names of columns; the first that is stated counts."""

_READ = (*NAMES, *_ALSO.values())
_KNOWN = (*NAMES, "result")
_SAMPLE = 4000
"""Of so many records the common shapes are taken; with fewer, all are read one by one."""

_OPENED = "opened(body) AS words FROM texts WHERE role IN (0, 1, 2)"

_COMMON = f"""
SELECT shape FROM (SELECT words, keys(string_split(words, ' ')) AS shape
                   FROM (SELECT {_OPENED} AND code % {{step}} = 0))
WHERE is_clean(words) AND regexp_full_match(shape, '[A-Za-z0-9_ =-]*')
GROUP BY shape HAVING count(*) > {_SAMPLE // 40} ORDER BY count(*) DESC, shape
"""

# The number of the common shape that a text has; null where it has another, is not clean, or is
# not alone in its event.
_WORDS = f"""
CREATE TEMP TABLE words AS
SELECT *, CASE WHEN code IN (SELECT code FROM crowded) THEN NULL {{tests}} END AS common
FROM (SELECT code, {_OPENED})
"""

# Most texts have a common shape, and what all rows share costs less than what some rows choose:
# the few others are read apart.
_OTHERS = """
CREATE TEMP TABLE others AS
SELECT *, is_clean(words) AND NOT has_bare(shape) AS clean
FROM (SELECT *, keys(string_split(words, ' ')) AS shape FROM words WHERE common IS NULL)
"""

_LOOSE = "UPDATE others SET shape = keys(loose(words)) WHERE NOT clean"

_SHAPES = f"""
CREATE TEMP TABLE shapes AS
SELECT shape, {", ".join(f"list_position(k, '{name}=') AS at_{name}" for name in _READ)},
       list_filter(range(1, len(k) + 1), lambda i: k[i] <> '' AND (list_position(k, k[i]) <> i
                   OR k[i] NOT IN {tuple(f"{name}=" for name in _KNOWN)})) AS places
FROM (SELECT shape, string_split(shape, ' ') AS k FROM (SELECT DISTINCT shape FROM others))
"""

_STATED = """
CREATE TEMP TABLE stated AS
SELECT code, {columns}, {rest}
FROM (SELECT *, tokens(words, clean) AS t FROM others JOIN shapes USING (shape))
"""

# Several records of an event may state a column: the SYSCALL's word counts first.
_MERGED = f"""
SELECT -1 - eid AS code, {", ".join(f"min_by({name}, (role, place)) AS {name}" for name in NAMES)},
       string_agg(rest, chr(29) ORDER BY role, place) AS rest
FROM crowded JOIN stated USING (code) GROUP BY eid
"""

_STATES = """
SELECT m.* EXCLUDE (arch, syscall, rest),
       coalesce(c.name, m.syscall) AS syscall, coalesce(n.name, m.arch) AS arch,
       CASE WHEN m.exit < 0 THEN x.name END AS errno, m.rest AS fields
FROM ({}) m
     LEFT JOIN arch_names n ON n.number = m.arch
     LEFT JOIN call_names c ON c.arch = n.name AND c.number = m.syscall
     LEFT JOIN error_names x ON x.number = (-m.exit)::VARCHAR
"""


def states(con: duckdb.DuckDBPyConnection, members: Members) -> dict[str, Any]:
    """Read the records that state an event's own columns.

    Args:
        con: where ``texts`` are registered.
        members: what is whose.

    Returns:
        The columns, and fields (maps of what has no column): a value for each event.
    """
    con.register("arch_names", names_table(ARCHES))
    con.register("error_names", names_table(ERRORS))
    con.register("call_names", syscalls_table())
    own = np.flatnonzero(members.role < 3)
    lone = np.bincount(members.eid[own], minlength=members.count)[members.eid[own]] == 1
    crowd = own[~lone]
    crowded = {"eid": members.eid[crowd], "role": members.role[crowd], "place": crowd}
    con.register("crowded", pa.table(crowded | {"code": members.text[crowd]}))
    shapes = _words(con)
    con.execute(_OTHERS)
    con.execute(_LOOSE)
    con.execute(_SHAPES)
    values = {name: f"substr(t[at_{name}], {len(name) + 2})" for name in _READ}
    con.execute(_STATED.format(columns=_columns(values), rest=_rest("places")))
    rows = [_common(number, shape) for number, shape in enumerate(shapes)]
    stated = " UNION ALL ".join([*rows, "FROM stated", _MERGED])
    table = con.sql(_STATES.format(stated)).to_arrow_table()
    at = np.full(members.count, -1)
    code = table["code"].to_numpy()
    row = np.full(int(code.max(initial=-1)) + 1, -1)
    row[code[code >= 0]] = np.flatnonzero(code >= 0)
    at[members.eid[own[lone]]] = row[members.text[own[lone]]]
    at[-1 - code[code < 0]] = np.flatnonzero(code < 0)
    return _taken(table, at)


def _taken(table: pa.Table, at: Any) -> dict[str, Any]:
    """Return the columns of ``table`` at these rows, null at -1."""
    places = pa.array(at, mask=at < 0)
    names = [name for name in table.column_names if name not in ("code", "fields")]
    with ThreadPoolExecutor() as pool:  # Arrow lets go of the interpreter
        taken = pool.map(lambda name: column_of(table, name).take(places), names)
        made = fields_of(table["fields"].to_pylist())
    return dict(zip(names, taken, strict=True)) | {"fields": made[at]}


def _words(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Make ``words``: code, words, common. Return the common shapes."""
    ((count,),) = con.sql("SELECT count(*) FROM texts").fetchall()
    found = con.sql(_COMMON.format(step=count // _SAMPLE)).fetchall() if count > _SAMPLE else []
    shapes = [shape for (shape,) in found]
    tests = " ".join(
        f"WHEN regexp_matches(words, {_quoted(_pattern(shape))}) THEN {number}"
        for number, shape in enumerate(shapes)
    )
    con.execute(_WORDS.format(tests=tests))
    return shapes


def _pattern(shape: str) -> str:
    """Return RE2 of the clean words with these keys."""
    value = r"""(?:"[^" \t\n]*"|[^ "'\t\n]*)"""
    return "^" + " ".join(key + value if key else "" for key in shape.split(" ")) + "$"


def _common(number: int, shape: str) -> str:
    """Return SQL of the columns of the texts of one common shape."""
    keys = [key.removesuffix("=") for key in shape.split(" ")]
    values = {
        name: f"substr(t[{keys.index(name) + 1}], {len(name) + 2})"
        for name in _READ
        if name in keys
    }
    places = [
        place
        for place, key in enumerate(keys, 1)
        if key and (key not in _KNOWN or keys.index(key) < place - 1)  # or it is said again
    ]
    return f"""
        SELECT code, {_columns(values)}, {_rest(str(places))}
        FROM (SELECT code, string_split(words, ' ') AS t FROM words WHERE common = {number})
    """


def _rest(places: str) -> str:
    return f"nullif(array_to_string(list_select(t, {places}), chr(30)), '') AS rest"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _columns(values: dict[str, str]) -> str:
    """Return SQL of all columns, of SQL of the values as printed; null where there is none."""
    return ", ".join(f"{_column(name, values)} AS {name}" for name in NAMES)


def _column(name: str, values: dict[str, str]) -> str:
    found = [values[key] for key in (name, _ALSO.get(name)) if key in values]
    if not found:
        return "NULL::BIGINT" if name in NUMBERS else "NULL::VARCHAR"
    value = found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"
    match name:
        case "exit":
            # auparse's reading, which auoms writes, adds the error's words in parentheses
            return f"try_cast(regexp_extract({value}, '^\"?(-?[0-9]+)', 1) AS BIGINT)"
        case "res":
            return f"coalesce({', '.join(f'plain({one})' for one in found)})"
        case "key":  # several keys of one rule are joined by 0x01
            return f"replace(untrusted({value}), chr(1), ',')"
        case "proctitle":
            return f"rtrim(replace(untrusted({value}), chr(0), ' '))"
        case _ if name in NUMBERS:
            return f"identity({value})"
        case _:
            return f"untrusted({value})" if name in UNTRUSTED else f"plain({value})"
