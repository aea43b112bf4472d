"""Commands against rules: a sieve over all, a shell's reading of what stays, RE2 on its steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from linuxhunt.sections.finding import severity_rank
from linuxhunt.sections.proc_rule import Rule
from linuxhunt.sections.steps import steps_of

__all__ = ["hits"]

# Signs of a text that hides its words from the sieve: it is always read.
_OBFUSCATED = (
    r"\$[A-Za-z_]\w*\$|\$\{\w+\}\$|\$\{\w+[:#%/]|\$'|\\x[0-9a-fA-F]{2}|\\0?[0-7]{3}"
    r"|(?i:base64|b64|xxd|fromhex|unhexlify|hex2bin|rot13|gzinflate|base32)|\beval\b|\brev\b"
    r"|openssl\s+enc"
)
# What a shell takes away: quotes, backslashes, variables that are empty.
_QUOTES = r"""["'\\]|\$[@*!]|\$\{[@*0-9]\}"""
_BLANKS = r"\$\{?IFS(?:[^}]*\})?|[{},\x{09}\n]"


def _sql(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def hits(commands: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
    """Return which commands fit which rules.

    Args:
        commands: columns of :data:`linuxhunt.sections.commands.COLUMNS`, index 0..n-1.
        rules: in any number.

    Returns:
        Command (row number), Rule (number), Line (canonical, of the step that fits), Decoded,
        Severity: one row for each command and title, of the most severe rule.
    """
    distinct, number_of = _distinct(commands)
    read = _candidates(distinct, rules)
    steps = _steps(distinct.loc[read])
    if steps.empty:
        return _none()
    fits = _fits(steps, rules)
    if fits.empty:
        return _none()
    ran = pd.DataFrame({"Text": number_of, "Command": range(len(commands))})
    found = fits.merge(ran, on="Text")
    found["Severity"] = [rules[rule].severity for rule in found["Rule"]]
    is_root = _is_root(commands)[found["Command"]]
    as_root = [rules[rule].as_root for rule in found["Rule"]]
    found["Severity"] = [
        raised if root and raised else severity
        for severity, root, raised in zip(found["Severity"], is_root, as_root, strict=True)
    ]
    found["Title"] = [rules[rule].title for rule in found["Rule"]]
    found["Rank"] = [severity_rank(severity) for severity in found["Severity"]]
    found = found.sort_values(["Command", "Rank"], ascending=[True, False], kind="stable")
    found = found.drop_duplicates(["Command", "Title"])
    found["Technique"] = [rules[rule].techniques.split()[0] for rule in found["Rule"]]
    by = ["Command", "Technique"]  # a plainer rule about the same adds nothing
    found = found[found["Rank"] == found.groupby(by)["Rank"].transform("max")]
    return found.drop(columns=["Text", "Rank", "Technique"]).reset_index(drop=True)


def _is_root(commands: pd.DataFrame) -> Any:
    """Whether root runs a command; sudo itself still has the user's number when it starts."""
    sudo = r"^(?:\S*/)?sudo (?:-[A-Zbeikns]+ |--?\w[\w-]*=\S+ |-u ?root )*[^-\s]"
    by_sudo = commands["CommandLine"].str.contains(sudo).fillna(False)
    return (commands["TargetUserId"].eq(0).fillna(False) | by_sudo).to_numpy(dtype=bool)


def _none() -> pd.DataFrame:
    columns = ["Rule", "Line", "Decoded", "Command", "Severity", "Title"]
    return pd.DataFrame({name: pd.Series([], dtype=object) for name in columns})


def _distinct(commands: pd.DataFrame) -> tuple[pd.DataFrame, Any]:
    """Return the distinct texts, and the number of each command's."""
    keys = pd.DataFrame(
        {
            "Text": commands["CommandLine"],
            "Exe": commands["TargetProcessName"].fillna(""),
            "IsScript": commands["IsScript"],
            "Count": [len(argv) if isinstance(argv, list) else 0 for argv in commands["Argv"]],
        }
    )
    numbers = keys.groupby(["Text", "Exe", "IsScript", "Count"], sort=False).ngroup()
    first = ~numbers.duplicated()
    distinct = keys[first].assign(Argv=commands["Argv"][first]).reset_index(drop=True)
    return distinct, numbers.to_numpy()


def _candidates(distinct: pd.DataFrame, rules: Sequence[Rule]) -> Any:
    """Return for each text whether it may fit any rule."""
    sieve = "|".join(dict.fromkeys(f"(?:{rule.hints()})" for rule in rules))
    with duckdb.connect() as con:
        con.register(
            "texts",
            pa.table({"text": pa.array(distinct["Text"]), "exe": pa.array(distinct["Exe"])}),
        )
        table = con.sql(
            f"""
            SELECT regexp_matches(text, {_sql(_OBFUSCATED)}) OR regexp_matches(
                regexp_replace(regexp_replace(text, {_sql(_QUOTES)}, '', 'g'),
                               {_sql(_BLANKS)}, ' ', 'g') || ' ' || exe, {_sql(sieve)}) AS kept
            FROM texts
            """
        ).to_arrow_table()
    return table["kept"].to_numpy()


def _steps(distinct: pd.DataFrame) -> pd.DataFrame:
    rows: list[tuple[int, str, str, str, str, bool, str]] = []
    for number, text, exe, script, argv in zip(
        distinct.index, distinct["Text"], distinct["Exe"], distinct["IsScript"], distinct["Argv"],
        strict=True,
    ):  # fmt: skip
        for at, step in enumerate(steps_of(text, argv, is_script=bool(script))):
            program = exe if at == 0 and exe else step.program
            rows.append(
                (number, step.name, step.line, step.pipe, program, step.decoded,
                 text if at == 0 else "")
            )  # fmt: skip
    names = ["Text", "Name", "Line", "Pipe", "Program", "Decoded", "Whole"]
    return pd.DataFrame(rows, columns=names)


def _fits(steps: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
    """Try the rules on the steps, by program name first."""
    on = {"line": "line", "pipe": "pipe", "program": "program", "text": "whole"}
    selects = []
    for number, rule in enumerate(rules):
        column = on[rule.on]
        tests = [f"{column} <> ''"]
        if rule.names:
            names = ", ".join(_sql(name) for name in rule.names.split())
            tests.append(f"name IN ({names})")
        if rule.pattern:
            tests.append(f"regexp_matches({column}, {_sql(rule.pattern)})")
        if rule.unless:
            tests.append(f"NOT regexp_matches({column}, {_sql(rule.unless)})")
        shown = "pipe" if rule.on == "pipe" else "line"
        selects.append(
            f"SELECT text AS Text, {number} AS Rule, {shown} AS Line, decoded AS Decoded"
            f" FROM steps WHERE {' AND '.join(tests)}"
        )
    with duckdb.connect() as con:
        con.register(
            "steps",
            pa.table(
                {
                    "text": pa.array(steps["Text"]),
                    "decoded": pa.array(steps["Decoded"]),
                    **{
                        name.lower(): pa.array(steps[name], pa.string())
                        for name in ("Name", "Line", "Pipe", "Program", "Whole")
                    },
                }
            ),
        )
        found: pd.DataFrame = con.sql(" UNION ALL ".join(selects)).to_arrow_table().to_pandas()
    return found
