"""Messages -> templates: what a program prints, without what differs from line to line.

A template is the message with its variable tokens masked by fixed expressions, the preprocessing
step of Drain (He, Zhu, Zheng, Lyu: "Drain: An Online Log Parsing Approach with Fixed Depth Tree",
ICWS 2017) taken alone; names that remain are merged as in its tree: where a program has many
templates of one number of words that differ in one word only, that word is a variable, too.
Everything runs in RE2 and SQL: the time is linear in the text.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from linuxhunt.schema import STR, TIME

__all__ = ["MASKS", "rare", "templates"]

MASKS: tuple[tuple[str, str], ...] = (
    (r'"[^"]*"|\'[^\']*\'|‘[^’]*’|`[^`\']*\'', "<text>"),
    (r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>)\],]+", "<url>"),
    (r"[\w.+-]+@[\w.-]+\.\w+", "<mail>"),
    (r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b", "<id>"),
    (r"\b(?:[0-9a-fA-F]{2}:){5,}[0-9a-fA-F]{2}\b", "<mac>"),
    (r"\b(?:SHA256|MD5):[\w+/:=]+", "<key>"),
    (r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?\b", "<address>"),
    (r"\b[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){3,7}(?:%\w+)?", "<address>"),
    (r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?", "<time>"),
    (r"\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b", "<time>"),
    (r"(^|[\s=(:,\[])(?:~|\.{1,2})?/[^\s:,;)\]'\"]*", r"\1<path>"),
    (r"\b0x[0-9a-fA-F]+\b", "<hex>"),
    (r"\b[0-9a-fA-F]*[0-9][0-9a-fA-F]{7,}\b", "<hex>"),
    (r"\d+", "<n>"),
    (r"(?:<n>[.,])+<n>", "<n>"),
)
r"""RE2 and what stands for it, in this order (\1 is the first group)."""
_LONGEST = 2_000
_WORDS = 40
_VARIANTS = 12
"""Templates that differ in one word only and are so many are one: the word is a variable."""
_COLUMNS: dict[Any, Any] = {
    "Template": STR, "Count": "Int64", "FirstTime": TIME, "LastTime": TIME, "ProcessName": STR,
    "Example": STR, "EventUid": STR,
}  # fmt: skip


def _sql(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def templates(messages: pd.DataFrame) -> pd.DataFrame:
    """Count the messages of each template.

    Args:
        messages: rows of Syslog: TimeGenerated, ProcessName, SyslogMessage, _ItemId.

    Returns:
        Template, Count, FirstTime, LastTime, ProcessName, Example (the first message) and EventUid
        (its record); rarest first, then by time. Messages that are null are left out.
    """
    held = messages[messages["SyslogMessage"].notna()]
    if held.empty:
        return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in _COLUMNS.items()})
    masked = f"left(SyslogMessage, {_LONGEST})"
    for pattern, word in MASKS:
        masked = (
            f"regexp_replace({masked}, {_sql(pattern)}, {_sql(word.replace('$', chr(92)))}, 'g')"
        )
    columns = {
        "program": pa.array(held["ProcessName"].fillna("")),
        "SyslogMessage": pa.array(held["SyslogMessage"]),
        "time": pa.array(held["TimeGenerated"].astype("int64")),
        "uid": pa.array(held["_ItemId"]),
    }
    with duckdb.connect() as con:
        con.register("messages", pa.table(columns))
        con.execute(
            f"""CREATE TEMP TABLE kinds AS
            SELECT program, template, count(*) AS n, min(time) AS first, max(time) AS last,
                arg_min(SyslogMessage, (time, uid)) AS example, arg_min(uid, (time, uid)) AS uid
            FROM (SELECT *, {masked} AS template FROM messages) GROUP BY ALL"""
        )
        merged = con.sql(_MERGE).to_arrow_table().to_pandas()
    found = pd.DataFrame(
        {
            "Template": merged["template"],
            "Count": merged["n"],
            "FirstTime": pd.to_datetime(merged["first"], utc=True),
            "LastTime": pd.to_datetime(merged["last"], utc=True),
            "ProcessName": merged["program"],
            "Example": merged["example"],
            "EventUid": merged["uid"],
        }
    )
    return found.astype(_COLUMNS)


# A key for each word of a template: the template without that word. Where a key has many
# templates, the word is a variable; the key of most templates is taken for each.
_MERGE = f"""
WITH worded AS (
    SELECT row_number() OVER () AS k, *, string_split(template, ' ') AS words FROM kinds
), places AS (
    SELECT k, program, words, unnest(range(1, len(words) + 1)) AS place FROM worded
    WHERE len(words) BETWEEN 2 AND {_WORDS}
), keyed AS (
    SELECT k, program, array_to_string(list_concat(list_slice(words, 1, place - 1), ['<word>'],
        list_slice(words, place + 1, len(words))), ' ') AS key FROM places
    WHERE NOT regexp_matches(words[place], '<') AND NOT regexp_full_match(words[place], '[^\\w]*')
), sized AS (
    SELECT *, count(*) OVER (PARTITION BY program, key) AS variants FROM keyed
), best AS (
    SELECT k, arg_max(key, variants) AS key FROM sized WHERE variants >= {_VARIANTS} GROUP BY k
)
SELECT program, coalesce(key, template) AS template, sum(n)::BIGINT AS n, min(first) AS first,
    max(last) AS last, arg_min(example, (first, uid)) AS example, arg_min(uid, (first, uid)) AS uid
FROM worded LEFT JOIN best USING (k) GROUP BY ALL ORDER BY n, first, template, program
"""


def rare(found: pd.DataFrame, *, most: int = 3, share: float = 0.001) -> pd.DataFrame:
    """Return the templates that occur seldom.

    Args:
        found: of :func:`templates`.
        most: so many messages at most, or
        share: so small a part of the program's messages at most.
    """
    whole = found.groupby("ProcessName")["Count"].transform("sum")
    seldom = (found["Count"] <= most) | (found["Count"] <= share * whole)
    return found[seldom.fillna(False)].reset_index(drop=True)
