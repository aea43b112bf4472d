"""Was an application or service exploited, and does the host run what it should not?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pandas as pd

from linuxhunt.schema import STR
from linuxhunt.sections.commands import commands
from linuxhunt.sections.finding import Check, Finding, Tables
from linuxhunt.sections.proc_bursts import DiscoveryBurst, FasterThanTyped
from linuxhunt.sections.proc_downloads import DownloadAndRun
from linuxhunt.sections.proc_eased import eased
from linuxhunt.sections.proc_events import AuditSwitchedOff, FileTouched, ShellConnects
from linuxhunt.sections.proc_findings import adopt, children_of, finding, place
from linuxhunt.sections.proc_kin import PipedToShell, ShellOfTool
from linuxhunt.sections.proc_match import hits
from linuxhunt.sections.proc_rules import RULES
from linuxhunt.sections.proc_servers import ServiceShell, served
from linuxhunt.sections.proc_written import JobWritten, ServerWroteScript

__all__ = [
    "CHECKS",
    "HYPOTHESIS",
    "AuditSwitchedOff",
    "DiscoveryBurst",
    "DownloadAndRun",
    "FasterThanTyped",
    "FileTouched",
    "JobWritten",
    "PipedToShell",
    "RiskyCommand",
    "ServerWroteScript",
    "ServiceShell",
    "ShellConnects",
    "ShellOfTool",
]

HYPOTHESIS = "An application or service on the host was exploited and runs what it should not."


_GIVEN = (
    r"^(?:(?:useradd|adduser|usermod|gpasswd) .*?([a-z_][\w.-]*\$?)(?: sudo| wheel| root)?$"
    r"|.*/home/([^/ ]+)/\.ssh/authorized_keys)"
)
"""The account that a command makes, raises, or gives a key."""


@dataclass(frozen=True)
class RiskyCommand:
    """Does a command line have a shape that intruders' have?

    Attributes:
        company: titles of Medium in one session that make it one to distrust; one of High does.
        before: what is ordinary alone counts in such a session from so long before its first
            High or Medium command (and, where no session is known, until so long after the last).
    """

    company: int = 2
    before: timedelta = timedelta(minutes=30)
    techniques: ClassVar[tuple[str, ...]] = tuple(
        sorted({technique for rule in RULES for technique in rule.techniques.split()})
    )
    needs: ClassVar[tuple[str, ...]] = ("processes", "sudo", "cron", "audit")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each rule, user, session and command line (Low: for each rule,
        user and session).

        The process, the sudo line and the cron line of one command are one, with all records. What
        is Low alone is Medium in a session (or of a server) that holds worse.
        """
        ran = commands(tables)
        found = hits(ran, RULES)
        if found.empty:
            return []
        rows = ran.loc[found["Command"]].reset_index(drop=True)
        for name in ("Rule", "Title", "Line", "Decoded", "Severity", "Command"):
            rows[name] = found[name]
        rows.loc[rows["Decoded"] & (rows["Severity"] == "Low"), "Severity"] = "Medium"
        rows = eased(adopt(rows), ran, tables)
        rows = self._raised(rows, served(ran).loc[found["Command"]].to_numpy())
        below = children_of(ran, rows.loc[self._is_script(rows), "TargetProcessGuid"].dropna())
        made = [self._finding(group, ran, below) for group in self._groups(rows)]
        return made + self._accounts_used(rows, ran)

    def _accounts_used(self, rows: pd.DataFrame, ran: pd.DataFrame) -> list[Finding]:
        """Report what an account ran that was made, or given a key, in bad company."""
        bad = rows[rows["Company"].gt(0) | rows["Severity"].eq("High")]
        parts = bad["Line"].astype(STR).str.extract(_GIVEN)
        given = parts[0].fillna(parts[1]).dropna()
        made = []
        for name, lines in given.groupby(given, sort=False):
            makers = bad.loc[lines.index]
            own = ran[
                (ran["User"] == name)
                & (ran["TimeGenerated"] > makers["TimeGenerated"].min())
                & ran["DvcHostname"].isin(makers["DvcHostname"])
                & ~ran["Session"].isin(makers["Session"].dropna())
            ]
            if name != "root" and len(own):
                made.append(
                    finding(
                        own,
                        f"Account made in bad company used: {name}",
                        "High",
                        ("T1078.003", "T1136.001"),
                        f"{name} was made or given a key in a session that holds"
                        f" {int(makers['Company'].max()) or 1} kinds of finding of Medium or High",
                    )
                )
        return made

    def _raised(self, rows: pd.DataFrame, kind: Any) -> pd.DataFrame:
        """Raise what is Low where it is in bad company."""
        rows = rows.assign(Place=place(rows), Kind=kind, Company=0)
        worse = rows[rows["Severity"] != "Low"]
        high = worse.groupby("Place")["Severity"].agg(lambda held: "High" in set(held))
        many = worse.groupby("Place")["Title"].nunique() >= self.company
        bad = high.index[high | many]
        since = worse[worse["Place"].isin(bad)].groupby("Place")["TimeGenerated"].min()
        start = rows["Place"].map(since) - self.before
        until = worse[worse["Place"].isin(bad)].groupby("Place")["TimeGenerated"].max()
        end = rows["Place"].map(until) + self.before
        in_company = (rows["TimeGenerated"] >= start) & (
            rows["Session"].notna() | (rows["TimeGenerated"] <= end)
        )
        rows["Company"] = rows["Place"].map(worse.groupby("Place")["Title"].nunique()).fillna(0)
        low = rows["Severity"] == "Low"
        rows["Company"] = rows["Company"].where(low & in_company, 0).astype(int)
        rows.loc[low & (in_company | (rows["Kind"] == "server")), "Severity"] = "Medium"
        return rows

    @staticmethod
    def _is_script(rows: pd.DataFrame) -> pd.Series[bool]:
        is_shell = rows["CommandLine"].str.contains(r"^\S*sh (?:-\w+ )*-\w*c ", regex=True)
        return (is_shell.astype(bool)) & (rows["Severity"] != "Low")

    @staticmethod
    def _groups(rows: pd.DataFrame) -> list[pd.DataFrame]:
        seat = rows["Session"].where(rows["Tty"].notna()).fillna("")
        low = rows["Severity"] == "Low"
        line = rows["Line"].where(~low & (rows["Company"] == 0), "")
        keys = [rows["DvcHostname"], rows["Title"], rows["User"], seat, line, rows["Severity"],
                rows["Eased"] != ""]  # fmt: skip
        return [group for _, group in rows.groupby(keys, sort=False, dropna=False)]

    @staticmethod
    def _finding(group: pd.DataFrame, ran: pd.DataFrame, below: dict[str, list[int]]) -> Finding:
        rule = RULES[int(group["Rule"].iloc[0])]
        why = rule.why or "a command of that shape"
        if group["Decoded"].any():
            why += "; it was found in an encoded payload"
        if group["Eased"].iloc[0]:
            why += f", but {group['Eased'].iloc[0]}"
        company = int(group["Company"].max())
        if company:
            why += f"; in the same session: {company} kinds of finding of Medium or High"
        elif (group["Kind"] == "server").any():
            why += "; a server ran it"
        children = [
            row for guid in group["TargetProcessGuid"].dropna() for row in below.get(guid, ())
        ]
        return finding(
            group.drop_duplicates("Command"),
            rule.title,
            group["Severity"].iloc[0],
            rule.techniques.split(),
            why,
            more=ran.loc[list(dict.fromkeys(children))],
        )


CHECKS: tuple[Check, ...] = (
    ServiceShell(),
    RiskyCommand(),
    DownloadAndRun(),
    PipedToShell(),
    ShellOfTool(),
    DiscoveryBurst(),
    FasterThanTyped(),
    AuditSwitchedOff(),
    ShellConnects(),
    FileTouched(),
    ServerWroteScript(),
    JobWritten(),
)
