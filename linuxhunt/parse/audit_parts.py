"""What else belongs to an event: its arguments, its paths, its folder, its title, its socket.

Programs run again and again in the same way: the text of these records is read once for each
distinct text, and what is read is shared between the events that have it.
"""

from __future__ import annotations

import json
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.parse.audit_stage import ROLES, Members
from linuxhunt.parse.audit_values import column_of, sockets_of

__all__ = ["parts"]

_PATH = ("item", "name", "nametype", "mode", "ouid", "ogid", "inode")

_TEXTS = """
SELECT code, rtrim(split_part(body, chr(29), 1)) AS words FROM texts WHERE role = {role}
ORDER BY code
"""

# The usual EXECVE: argc, then every argument whole and in order.
_USUAL = """
SELECT to_json(argv)::VARCHAR AS argv, array_to_string(argv, ' ') AS cmdline
FROM (SELECT code, CASE WHEN argc = len(t) - 1 AND starts_with(t[-1], 'a' || (argc - 1) || '=')
             THEN list_transform(t[2:], lambda x: argument(substr(x, instr(x, '=') + 1))) END
             AS argv
      FROM (SELECT code, string_split(words, ' ') AS t,
                   try_cast(substr(t[1], 6) AS BIGINT) AS argc FROM worded))
ORDER BY code
"""

_ODD = r"""
WITH pieces AS (
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
SELECT eid, to_json(argv)::VARCHAR AS argv, array_to_string(argv, ' ') AS cmdline
FROM (SELECT eid, list_transform(range(greatest(coalesce(argc, 0), seen)),
                                 lambda i: placed[i::INTEGER]) AS argv
      FROM listed JOIN lengths USING (eid))
"""

_SINGLES = """
SELECT untrusted(value) AS cwd, rtrim(replace(untrusted(value), chr(0), ' ')) AS proctitle,
       value AS saddr
FROM (SELECT code, substr(words, instr(words, '=') + 1) AS value FROM worded) ORDER BY code
"""

_PATHS = """
SELECT identity({item}) AS item, untrusted({name}) AS name,
       plain(coalesce({nametype}, {objtype})) AS nametype, plain({mode}) AS mode,
       identity({ouid}) AS ouid, identity({ogid}) AS ogid, identity({inode}) AS inode
FROM (SELECT code, tokens(words, clean) AS t,
             string_split(CASE WHEN clean THEN shape ELSE keys(loose(words)) END, ' ') AS k
      FROM (SELECT *, keys(string_split(words, ' ')) AS shape,
                   is_clean(words) AND NOT has_bare(shape) AS clean FROM worded))
ORDER BY code
"""
_PATHS = _PATHS.format(
    **{
        name: f"substr(t[list_position(k, '{name}=')], {len(name) + 2})"
        for name in (*_PATH, "objtype")
    }
)


class _Texts:
    """The records of one role: eid and kind of each, and the number of its text among theirs."""

    def __init__(self, con: duckdb.DuckDBPyConnection, members: Members, name: str) -> None:
        self.con = con
        role = ROLES.index(name)
        mine = members.role == role
        self.eid = members.eid[mine]
        self.kind = members.kinds[members.kind[mine]]
        table = con.sql(_TEXTS.format(role=role)).to_arrow_table()
        self.code = np.searchsorted(table["code"].to_numpy(), members.text[mine])
        self.words = table["words"].combine_chunks()

    def read(self, query: str) -> pa.Table:
        """Run ``query`` on ``worded`` (code, words); it returns a row for each code, in order."""
        self.con.register(
            "worded", pa.table({"code": np.arange(len(self.words)), "words": self.words})
        )
        return self.con.sql(query).to_arrow_table()


def parts(con: duckdb.DuckDBPyConnection, members: Members) -> dict[str, Any]:
    """Read the EXECVE, PATH, CWD, PROCTITLE and SOCKADDR records.

    Args:
        con: where ``texts`` are registered.
        members: what is whose.

    Returns:
        argv, cmdline, paths, cwd, proctitle and sockaddr: a value for each event.
    """
    return (
        _arguments(_Texts(con, members, "execve"), members.count)
        | {"paths": _paths(_Texts(con, members, "path"), members.count)}
        | _singles(_Texts(con, members, "single"), members.count)
    )


def _placed(eid: Any, code: Any, count: int) -> Any:
    """Return the code of each event's first record, -1 where it has none."""
    at = np.full(count, -1, dtype=np.int64)
    at[eid[::-1]] = code[::-1]
    return at


def _objects(values: list[Any]) -> Any:
    made = np.empty(len(values) + 1, dtype=object)
    made[:-1] = pd.Series(values, dtype=object).to_numpy()
    return made


def _taken(table: pa.Table, name: str, at: Any) -> pa.Array:
    return column_of(table, name).take(pa.array(at, mask=at < 0))


def _arguments(texts: _Texts, count: int) -> dict[str, Any]:
    usual = texts.read(_USUAL)
    whole = usual["argv"].is_valid().to_numpy()[texts.code]
    whole &= np.bincount(texts.eid, minlength=count)[texts.eid] == 1
    at = _placed(texts.eid[whole], texts.code[whole], count)
    if not whole.all():
        odd = pa.array(texts.code[~whole])
        texts.con.register(
            "odd", pa.table({"eid": texts.eid[~whole], "words": texts.words.take(odd)})
        )
        found = texts.con.sql(_ODD).to_arrow_table()
        at[found["eid"].to_numpy()] = len(usual) + np.arange(len(found))
        usual = pa.concat_tables([usual, found.drop_columns(["eid"])])
    made = [None if text is None else json.loads(text) for text in usual["argv"].to_pylist()]
    return {"argv": _objects(made)[at], "cmdline": _taken(usual, "cmdline", at)}


def _paths(texts: _Texts, count: int) -> Any:
    """Return the PATH records of each event, by item, then as they stand in the evidence."""
    found = texts.read(_PATHS)
    item = found["item"].to_numpy()[texts.code]
    order = np.lexsort((item, texts.eid))  # a null is nan, which comes last
    rows = _objects(found.to_pylist())[texts.code[order]].tolist()
    eid = texts.eid[order]
    begins = np.flatnonzero(np.diff(eid, prepend=-1))
    ends = np.append(begins, len(eid))[1:]
    lists = [rows[a:b] for a, b in zip(begins.tolist(), ends.tolist(), strict=True)]
    at = _placed(eid[begins], np.arange(len(begins)), count)
    return _objects(lists)[at]


def _singles(texts: _Texts, count: int) -> dict[str, Any]:
    found = texts.read(_SINGLES)
    at = {}
    for name, type_ in (("cwd", "CWD"), ("proctitle", "PROCTITLE"), ("saddr", "SOCKADDR")):
        known = (texts.kind == type_) & found[name].is_valid().to_numpy()[texts.code]
        at[name] = _placed(texts.eid[known], texts.code[known], count)
    used, codes = np.unique(at["saddr"], return_inverse=True)
    sockets = sockets_of(pd.Series(_taken(found, "saddr", used).to_pylist(), dtype=object))
    return {
        "cwd": _taken(found, "cwd", at["cwd"]),
        "proctitle": _taken(found, "proctitle", at["proctitle"]),
        "sockaddr": sockets[codes],
    }
