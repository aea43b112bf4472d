"""Does a log say nothing where it ought to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pandas as pd

from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.host import gaps
from linuxhunt.sections.log_common import acts_in, host_of, in_words, went_down, window
from linuxhunt.sections.silence import Silence, hourly, silence_after

__all__ = ["LogSilent"]


@dataclass(frozen=True)
class LogSilent:
    """Does a log say nothing where it ought to, or from the moment that it was tampered with?

    A silence alone is Low, one in which the host went down or came up Informational. It is High
    where a command destroyed or stopped a log as it began.

    Attributes:
        expected: rows that must be missing for a silence to stand out.
        near: how long before a silence an act may lie that explains it.
    """

    expected: int = 20
    near: timedelta = timedelta(minutes=30)
    techniques: ClassVar[tuple[str, ...]] = ("T1562.006", "T1070.002")
    needs: ClassVar[tuple[str, ...]] = ("volume", "log_events", "acts", "scope", "reach")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each silence."""
        found = self._after_acts(tables)
        told = {(finding.title, finding.start.floor("h")) for finding in found}
        reach = tables["reach"].iloc[0]
        silent = gaps(
            hourly(tables["volume"]), reach["Start"], reach["End"], expected=self.expected
        )
        logs = tables["volume"]["Log"].nunique()
        for row in silent.to_dict("records"):
            log, start, end = row["TableName"], row["GapStart"], row["GapEnd"]
            same = silent[(silent["GapStart"] < end) & (silent["GapEnd"] > start)]
            down = went_down(tables["log_events"], start - pd.Timedelta("1h"), end)
            if any(title == _title(log) and first <= end for title, first in told):
                continue
            acts = acts_in(tables["acts"], start - pd.Timedelta("1h"), start + self.near)
            why = (
                "the host went down or came up at the time"
                if down
                else f"so is every log of the host ({logs}): it may have been off"
                if logs > 1 and same["TableName"].nunique() == logs
                else "other logs of the host go on"
                if logs > 1
                else "there is no other log to compare it with"
            )
            found.append(
                self._finding(tables, log, Silence(start, end, int(row["Expected"]), False),
                              acts.iloc[:0] if down else acts, why,
                              "Informational" if down else "Low")
            )  # fmt: skip
        return found

    def _after_acts(self, tables: Tables) -> list[Finding]:
        """Return silences that begin with an act, also those that are too short for the rest."""
        found: dict[tuple[str, pd.Timestamp], Finding] = {}
        acts, end = tables["acts"], window(tables)[1]
        for log in tables["volume"]["Log"].unique():
            for act in acts.to_dict("records"):
                time = act["EventStartTime"]
                silence = silence_after(tables["volume"], log, time, end)
                if silence is None or silence.expected < self.expected:
                    continue
                if went_down(tables["log_events"], time, silence.end):
                    continue
                found.setdefault((log, silence.end), self._finding(
                    tables, log, silence, acts_in(acts, time, silence.start),
                    "it falls silent as the act is done", "Low",
                ))  # fmt: skip
        return list(found.values())

    def _finding(
        self, tables: Tables, log: str, silence: Silence, acts: pd.DataFrame, why: str, base: str
    ) -> Finding:
        reason = (
            f"{log} says nothing for {in_words(silence.end - silence.start)}, where about"
            f" {silence.expected:,} rows were to be expected; {why}"
        )
        records: list[str] = []
        if len(acts):
            reason += f"; just before: {', '.join(acts['Title'].head(3))}"
            records = [uid for ids in acts["RecordIds"] for uid in ids]
        return Finding(
            "overview",
            _title(log),
            "High" if len(acts) else base,
            ("T1562.006", "T1070.002") if len(acts) else ("T1562.006",),
            f"{reason}.",
            silence.start,
            silence.end,
            tuple(dict.fromkeys(records)),
            host=host_of(tables),
        )


def _title(log: str) -> str:
    names = {"auth": "The authentication log", "cron": "The cron log", "system": "The system log",
             "AuditLog_CL": "The audit log", "LinuxAuditLog": "The audit log"}  # fmt: skip
    return f"{names.get(log, log)} is silent"
