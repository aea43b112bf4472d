"""Programs that wrote or ran: what they said that is worth a look, and which to look at first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import duckdb
import pandas as pd
import pyarrow as pa

from linuxhunt.schema import STR
from linuxhunt.sections.finding import Finding, Tables, severity_rank
from linuxhunt.sections.proc_findings import SECTION, known
from linuxhunt.sections.program_risks import RISKS

__all__ = [
    "LEFT_OUT",
    "SEVERE",
    "SEVERE_LEVELS",
    "RiskyMessages",
    "basename",
    "label",
    "named",
    "ranked",
    "risky",
]

SEVERE = r"(?i)\b(?:emerg(?:ency)?|alert|crit(?:ical)?|err(?:or)?|fatal|panic|segfault)\b"
"""RE2 for lines that state no severity: the words of the levels from err to emerg."""
SEVERE_LEVELS = ("emerg", "emergency", "alert", "crit", "critical", "err", "error", "by its words")
LEFT_OUT = (
    "sudo", "su", "cron", "CRON", "crond", "CROND", "anacron", "audit", "audispd", "auditd",
    "audisp-syslog", "auoms", "sysmon", "doas",
)  # fmt: skip
"""Programs whose lines are commands or audit records: their own rules read them."""
_WEIGHTS = {"High": 100, "Medium": 40, "Low": 5, "Informational": 1}


def _sql(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def basename(names: pd.Series[Any]) -> pd.Series[Any]:
    """Return the names of programs without their folders."""
    return names.astype(STR).str.replace(r"^.*/([^/]+)$", r"\1", regex=True)


def risky(messages: pd.DataFrame) -> pd.DataFrame:
    """Return the messages that are worth a look.

    Args:
        messages: rows of Syslog.

    Returns:
        The rows that fit a risk, with Risk (its number in RISKS): one row for each message and
        title, of the most severe risk; in the order of the messages.
    """
    held = messages[messages["SyslogMessage"].notna()].reset_index(drop=True)
    if held.empty:
        return held.assign(Risk=pd.Series([], dtype="Int64"))
    selects = []
    for number, risk in enumerate(RISKS):
        tests = [f"regexp_matches(message, {_sql('(?i)' + risk.pattern)})"]
        if risk.programs:
            tests.insert(0, f"regexp_full_match(program, {_sql(risk.programs)})")
        if risk.but:
            tests.append(f"NOT regexp_matches(message, {_sql('(?i)' + risk.but)})")
        selects.append(f"SELECT n, {number} AS risk FROM messages WHERE {' AND '.join(tests)}")
    columns = {
        "n": pa.array(range(len(held))),
        "program": pa.array(basename(held["ProcessName"]).fillna("")),
        "message": pa.array(held["SyslogMessage"]),
    }
    with duckdb.connect() as con:
        con.register("messages", pa.table(columns))
        fits = con.sql(" UNION ALL ".join(selects)).to_arrow_table().to_pandas()
    fits["Title"] = [RISKS[number].title for number in fits["risk"]]
    fits["Rank"] = [severity_rank(RISKS[number].severity) for number in fits["risk"]]
    fits = fits.sort_values(["n", "Rank", "risk"], ascending=[True, False, True], kind="stable")
    fits = fits.drop_duplicates(["n", "Title"])
    found: pd.DataFrame = held.loc[fits["n"]].assign(Risk=fits["risk"].to_numpy())
    return found.reset_index(drop=True)


@dataclass(frozen=True)
class RiskyMessages:
    """Did a program say what speaks of an exploit, a rootkit, or a guard switched off?"""

    techniques: ClassVar[tuple[str, ...]] = tuple(
        sorted({technique for risk in RISKS for technique in risk.techniques.split()})
    )
    needs: ClassVar[tuple[str, ...]] = ("risky messages",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each host, program and risk, with all its lines."""
        rows = risky(tables["risky messages"])
        if rows.empty:
            return []
        rows["Program"] = basename(rows["ProcessName"]).fillna("")
        groups = rows.groupby(["Computer", "Program", "Risk"], sort=False, dropna=False)
        return [self._finding(group) for _, group in groups]

    @staticmethod
    def _finding(rows: pd.DataFrame) -> Finding:
        first = rows.sort_values(["TimeGenerated", "_ItemId"], kind="stable").iloc[0]
        risk, count = RISKS[int(first["Risk"])], len(rows)
        said = " ".join(str(first["SyslogMessage"]).split())
        said = said if len(said) <= 160 else said[:159] + "…"
        return Finding(
            SECTION,
            f"{risk.title}: {first['Program'] or 'no program'}",
            risk.severity if count >= risk.burst else "Informational",
            tuple(risk.techniques.split()),
            f"{risk.reason}; {count:,} {'line' if count == 1 else 'lines'}, the first: {said}",
            rows["TimeGenerated"].min(),
            rows["TimeGenerated"].max(),
            tuple(rows["_ItemId"].dropna()),
            host=known(first["Computer"]),
        )


def ranked(
    programs: pd.DataFrame,
    processes: pd.DataFrame,
    said: pd.DataFrame,
    findings: Iterable[Finding],
) -> pd.DataFrame:
    """Return all programs that wrote to syslog or ran, those worth a look first.

    Args:
        programs: ProcessName, Rows, Severe (the query ``programs_ranked``).
        processes: the ``processes`` table.
        said: of :func:`risky`.
        findings: on processes; each counts for the program that it names.

    Returns:
        Program, Weight, Rows (log lines), Severe (of those, errors and worse), Risky (messages
        with a risk above Informational), Runs (executions), Findings; highest weight first, then
        most lines.
    """
    wrote = programs.assign(Program=basename(programs["ProcessName"]))
    wrote = wrote.groupby("Program")[["Rows", "Severe"]].sum()
    ran = processes[(processes["EventResult"] != "NA").fillna(True)]
    names = basename(ran["TargetProcessName"].fillna(ran["TargetProcessFilename"]))
    runs = names.dropna().value_counts()
    own = pd.Series(names.to_numpy(), index=ran["TargetProcessGuid"])
    of_process = own[~own.index.duplicated()].dropna().to_dict()
    weight: dict[str, int] = {}
    found: dict[str, int] = {}
    for each in findings:
        name = of_process.get(each.process)
        if name is not None:
            weight[name] = max(weight.get(name, 0), _WEIGHTS[each.severity])
            found[name] = found.get(name, 0) + 1
    spoke: dict[str, int] = {}
    counts = said.assign(Program=basename(said["ProcessName"])).value_counts(["Program", "Risk"])
    for program, number, count in counts.reset_index().itertuples(index=False):
        risk = RISKS[int(number)]
        severity = risk.severity if count >= risk.burst else "Informational"
        weight[program] = max(weight.get(program, 0), _WEIGHTS[severity])
        spoke[program] = spoke.get(program, 0) + (count if severity != "Informational" else 0)
    index = pd.Index(sorted({*wrote.index, *runs.index}), dtype=STR)
    table = pd.DataFrame(
        {
            "Program": index,
            "Weight": [weight.get(name, 0) for name in index],
            "Rows": wrote["Rows"].reindex(index).to_numpy(),
            "Severe": wrote["Severe"].reindex(index).to_numpy(),
            "Risky": [spoke.get(name, 0) for name in index],
            "Runs": runs.reindex(index).to_numpy(),
            "Findings": [found.get(name, 0) for name in index],
        }
    )
    numbers = ["Weight", "Rows", "Severe", "Risky", "Runs", "Findings"]
    table[numbers] = table[numbers].fillna(0).astype("Int64")
    return table.sort_values(
        ["Weight", "Severe", "Rows", "Runs", "Program"],
        ascending=[False, False, False, False, True], kind="stable", ignore_index=True,
    )  # fmt: skip


def label(row: Any) -> str:
    """Name a program with its counts in one line."""
    parts = [
        f"{int(row[column]):,} {word if row[column] != 1 else word.removesuffix('s')}"
        for column, word in (
            ("Findings", "findings"), ("Risky", "risky messages"), ("Rows", "lines"),
            ("Severe", "errors"), ("Runs", "runs"),
        )
        if row[column]
    ]  # fmt: skip
    return f"{row['Program']} ({', '.join(parts)})"


def named(programs: pd.DataFrame, program: str) -> list[str]:
    """Return all spellings under which a program wrote: with its folder, and in other cases."""
    names = programs["ProcessName"].dropna()
    same = basename(names).str.fullmatch(re.escape(program), case=False)
    return sorted({program, *names[same.fillna(False).astype(bool)]})
