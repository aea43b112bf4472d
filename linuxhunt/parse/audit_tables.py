"""The tables of an event's parts: its own columns, its arguments, its paths, its single values.

Records of one kind have few shapes (sequences of keys). Each shape is looked at once, to find
where every column stands; the rows are then read by position.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from .audit_names import ARCHES, ERRORS, names_table, syscalls_table
from .audit_sql import NAMES, NUMBERS, TEXTS, UNTRUSTED

__all__ = ["tables"]

_CLEAN = "string_split(words, ' ')"
_ANY = "tokens(words, clean)"
_PATH = ("item", "name", "nametype", "mode", "ouid", "ogid", "inode")
# Several records of an event may state a column: the SYSCALL's word counts first.
# Most records are clean, and what all rows share costs less than what some rows choose: the few
# others are read again.
_WORDS = """
CREATE TEMP TABLE {name} AS
SELECT *, is_clean(words) AND NOT has_bare(shape) AS clean
FROM (SELECT *, keys(string_split(words, ' ')) AS shape
      FROM (SELECT eid, place, role, opened(substr(raw, size + 1)) AS words
            FROM parts WHERE role IN {roles}))
"""

# Events that take more than reading one clean record.
_CROWDED = """
CREATE TEMP TABLE crowded AS
SELECT eid FROM words GROUP BY eid HAVING count(*) > 1 OR NOT bool_and(clean)
"""

_MERGED = """
SELECT eid, {columns}, string_agg(rest, chr(29) ORDER BY role, place) AS rest
FROM ({states}) GROUP BY eid
"""

# The usual EXECVE: argc, then every argument whole and in order.
_ARGVS = r"""
CREATE TEMP TABLE argvs AS
WITH records AS (
    SELECT eid, rtrim(split_part(substr(raw, size + 1), chr(29), 1)) AS words
    FROM parts WHERE role = 3),
split AS (
    SELECT eid, words, string_split(words, ' ') AS t,
           try_cast(substr(t[1], 6) AS BIGINT) AS argc,
           argc = len(t) - 1 AND starts_with(t[-1], 'a' || (argc - 1) || '=') AS whole
    FROM records),
usual AS (
    SELECT eid, any_value(t) AS t FROM split GROUP BY eid HAVING count(*) = 1 AND bool_and(whole)),
odd AS (
    SELECT eid, words FROM split WHERE eid NOT IN (SELECT eid FROM usual)),
pieces AS (
    SELECT eid, split_part(piece, '=', 1) AS name, substr(piece, instr(piece, '=') + 1) AS value,
           regexp_extract(name, '^a(\d+)', 1)::INTEGER AS place,
           coalesce(try_cast(regexp_extract(name, '\[(\d+)\]', 1) AS INTEGER), 0) AS part
    FROM (SELECT eid, unnest(regexp_extract_all(words,
                 '(?:^|\s)(a\d{1,6}(?:\[\d{1,6}\])?=(?:"[^"]*"|\S*))', 1)) AS piece FROM odd)),
arguments AS (
    SELECT eid, place, CASE WHEN bool_and(is_hex(value))
           -- a character may be split between two parts
           THEN unhexed(string_agg(value, '' ORDER BY part))
           ELSE string_agg(argument(value), '' ORDER BY part) END AS argument
    FROM pieces GROUP BY eid, place),
lengths AS (
    SELECT eid, max(try_cast(regexp_extract(words, 'argc=(\d{1,6})', 1) AS INTEGER)) AS argc
    FROM odd GROUP BY eid),
listed AS (
    SELECT eid, map(list(place), list(argument)) AS placed, max(place) + 1 AS seen
    FROM arguments GROUP BY eid)
SELECT eid, list_transform(t[2:], lambda x: argument(substr(x, instr(x, '=') + 1))) AS argv
FROM usual
UNION ALL
SELECT eid, list_transform(range(greatest(coalesce(argc, 0), seen)), lambda i: placed[i::INTEGER])
FROM listed JOIN lengths USING (eid)
"""

_SINGLES = """
CREATE TEMP TABLE singles AS
SELECT eid, any_value(untrusted(value)) FILTER (type = 'CWD') AS cwd,
       any_value(rtrim(replace(untrusted(value), chr(0), ' '))) FILTER (type = 'PROCTITLE')
           AS proctitle,
       any_value(value) FILTER (type = 'SOCKADDR') AS saddr
FROM (SELECT eid, type, substr(words, instr(words, '=') + 1) AS value
      FROM (SELECT eid, type, rtrim(split_part(substr(raw, size + 1), chr(29), 1)) AS words
            FROM parts JOIN kinds USING (kind) WHERE role = 5))
GROUP BY eid
"""

_PATHS = """
CREATE TEMP TABLE paths AS
SELECT eid, to_json(list(path ORDER BY path.item, place))::VARCHAR AS paths
FROM (SELECT eid, place, {{
          'item': identity({item}), 'name': untrusted({name}),
          'nametype': plain(coalesce({nametype}, {objtype})), 'mode': plain({mode}),
          'ouid': identity({ouid}), 'ogid': identity({ogid}), 'inode': identity({inode})}} AS path
      FROM (SELECT *, {tokens} AS t FROM path_words) JOIN path_shapes USING (shape))
GROUP BY eid
"""


def tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``states``, ``argvs``, ``singles`` and ``paths`` of the staged ``parts``."""
    con.register("arch_names", names_table(ARCHES))
    con.register("error_names", names_table(ERRORS))
    con.register("call_names", syscalls_table())
    _words(con, "words", "(0, 1, 2)")
    _shapes(con, "words", "shapes", (*NAMES, "result", "cmd"))
    con.execute(_CROWDED)
    columns = ", ".join(f"min_by({name}, (role, place)) AS {name}" for name in NAMES)
    some = _states("(FROM words SEMI JOIN crowded USING (eid))", _ANY)
    con.execute(f"CREATE TEMP TABLE merged AS {_MERGED.format(columns=columns, states=some)}")
    one = _states("(FROM words ANTI JOIN crowded USING (eid))", _CLEAN)
    con.execute(
        f"CREATE TEMP VIEW states AS SELECT * EXCLUDE (role, place) FROM ({one})"
        " UNION ALL BY NAME FROM merged"
    )
    con.execute(_ARGVS)
    con.execute(_SINGLES)
    odd = _words(con, "path_words", "(4)")
    _shapes(con, "path_words", "path_shapes", (*_PATH, "objtype"))
    values = {name: _value(name) for name in (*_PATH, "objtype")}
    con.execute(_PATHS.format(tokens=_ANY if odd else _CLEAN, **values))


def _words(con: duckdb.DuckDBPyConnection, name: str, roles: str) -> bool:
    """Make ``name``: eid, place, role, words, shape, clean. Return whether some are not clean."""
    con.execute(_WORDS.format(name=name, roles=roles))
    ((odd,),) = con.sql(f"SELECT count(*) > 0 FROM {name} WHERE NOT clean").fetchall()
    if odd:
        con.execute(f"UPDATE {name} SET shape = keys(loose(words)) WHERE NOT clean")
    return bool(odd)


def _value(name: str) -> str:
    """Return SQL of the value of a key, by its place in the shape."""
    return f"substr(t[at_{name}], {len(name) + 2})"


def _shapes(con: duckdb.DuckDBPyConnection, words: str, target: str, names: Iterable[str]) -> None:
    """Make ``target``: for each shape, the place of every name, and the places of the rest."""
    names = tuple(names)
    known = tuple(f"{name}=" for name in (*NAMES, "result"))
    places = ", ".join(f"list_position(k, '{name}=') AS at_{name}" for name in names)
    con.execute(
        f"""
        CREATE TEMP TABLE {target} AS
        SELECT shape, {places},
               list_filter(range(1, len(k) + 1),
                           lambda i: k[i] <> '' AND k[i] NOT IN {known}) AS places
        FROM (SELECT shape, string_split(shape, ' ') AS k
              FROM (SELECT DISTINCT shape FROM {words}))
        """
    )


def _states(words: str, tokens: str) -> str:
    """Return SQL of the columns that each record of ``words`` states."""
    raw = ", ".join(f"{_value(name)} AS {name}" for name in (*NAMES, "result", "cmd"))
    columns = [f"identity({name}) AS {name}" for name in NUMBERS if name != "exit"]
    columns.append("try_cast(exit AS BIGINT) AS exit")
    for name in TEXTS:
        value = f"untrusted({name})" if name in UNTRUSTED else f"plain({name})"
        match name:
            case "key":  # several keys of one rule are joined by 0x01
                value = f"replace({value}, chr(1), ',')"
            case "res":
                value = "coalesce(plain(res), plain(result))"
            case "cmdline":
                value = "untrusted(coalesce(cmdline, cmd))"
            case "proctitle":
                value = f"rtrim(replace({value}, chr(0), ' '))"
        columns.append(f"{value} AS {name}")
    return f"""
        SELECT eid, place, role, {", ".join(columns)}, nullif(rest, '') AS rest
        FROM (SELECT eid, place, role, {raw},
                     array_to_string(list_select(t, places), chr(30)) AS rest
              FROM (SELECT *, {tokens} AS t FROM {words}) JOIN shapes USING (shape))
    """
