"""Did somebody silence or alter the logs: the questions asked of what happened to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pandas as pd

from linuxhunt.sections.finding import Check, Finding, Tables
from linuxhunt.sections.log_common import CALLED, acts_in, host_of, went_down
from linuxhunt.sections.log_daemons import AuditRulesRemoved, DaemonStopped
from linuxhunt.sections.log_silent import LogSilent

__all__ = ["CHECKS", "HYPOTHESIS", "ActsAgainstLogs", "ClockMoved", "LinesLost", "NulLines"]

HYPOTHESIS = "Somebody silenced or altered this host's logs."


@dataclass(frozen=True)
class ClockMoved:
    """Was the clock set while the host was up?

    Attributes:
        step: seconds up to which a step is time-keeping; one that is not stated is longer.
    """

    step: float = 60
    techniques: ClassVar[tuple[str, ...]] = ("T1070.006",)
    needs: ClassVar[tuple[str, ...]] = ("log_events", "scope")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each step of the clock, those within a minute taken as one."""
        events = tables["log_events"]
        rows = events[events["What"] == "clock"]
        counts = [
            not abs(_seconds(text)) <= self.step and not went_down(events, time, time)
            for text, time in zip(rows["Message"], rows["TimeGenerated"], strict=True)
        ]
        rows = rows[pd.Series(counts, index=rows.index, dtype=bool)]
        apart = rows["TimeGenerated"].diff() > pd.Timedelta("1min")
        return [
            Finding(
                "overview", "Clock set while the host was up", "Low", self.techniques,
                f"{said['Message'].iloc[0]}; times in the logs before and after it do not fit"
                " together.",
                said["TimeGenerated"].min(), said["TimeGenerated"].max(), tuple(said["EventUid"]),
                host=host_of(tables),
            )
            for _, said in rows.groupby(apart.cumsum())
        ]  # fmt: skip


def _seconds(message: Any) -> float:
    """Return by how many seconds a message says that the clock was set; NaN where it does not."""
    stated = re.search(r"([-+]?\d+(?:\.\d+)?) ?s(?:econds?)?\b", str(message))
    return float(stated[1]) if stated else float("nan")


@dataclass(frozen=True)
class LinesLost:
    """Did a daemon say that it lost messages?"""

    techniques: ClassVar[tuple[str, ...]] = ("T1562.006",)
    needs: ClassVar[tuple[str, ...]] = ("log_events", "scope")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each daemon."""
        events = tables["log_events"]
        return [
            Finding(
                "overview", f"Messages lost: {CALLED.get(str(daemon), daemon)}", "Informational",
                self.techniques,
                f"{len(rows):,} messages say so, such as: {str(rows['Message'].iloc[0])[:200]}.",
                rows["TimeGenerated"].min(), rows["TimeGenerated"].max(), tuple(rows["EventUid"]),
                host=host_of(tables),
            )
            for daemon, rows in events[events["What"] == "lost"].groupby("Daemon", sort=True)
        ]  # fmt: skip


@dataclass(frozen=True)
class NulLines:
    """Are there lines full of NUL bytes, as a log has that was cut while its daemon wrote on?

    A host that lost its power leaves them, too.

    Attributes:
        near: how long before such a line an act against logs may lie that explains it.
    """

    near: timedelta = timedelta(minutes=30)
    techniques: ClassVar[tuple[str, ...]] = ("T1070.002",)
    needs: ClassVar[tuple[str, ...]] = ("log_events", "acts", "scope")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for the lines of each hour."""
        events = tables["log_events"]
        rows = events[events["What"] == "nul"]
        found = []
        for _, some in rows.groupby(rows["TimeGenerated"].dt.floor("h")):
            first, last = some["TimeGenerated"].min(), some["TimeGenerated"].max()
            down = went_down(events, first, last)
            acts = acts_in(tables["acts"], first - self.near, last)
            grave = "High" if len(acts) else "Informational" if down else "Low"
            why = (
                f"just before: {', '.join(acts['Title'].head(3))}"
                if len(acts)
                else "the host went down or came up at the time"
                if down
                else "a loss of power leaves such, and so does a log that was cut"
            )
            found.append(
                Finding(
                    "overview", f"Lines full of NUL bytes: {len(some):,}", grave, self.techniques,
                    f"The message before them goes on in NUL bytes; {why}.",
                    first, last, tuple(some["EventUid"]), host=host_of(tables),
                )
            )  # fmt: skip
        return found


@dataclass(frozen=True)
class ActsAgainstLogs:
    """Did somebody run what destroys logs or stops them, whether or not the logs show a gap?"""

    techniques: ClassVar[tuple[str, ...]] = ("T1070.002", "T1562.001", "T1562.006", "T1562.012")
    needs: ClassVar[tuple[str, ...]] = ("acts", "scope")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding that sums up the acts, as grave as the gravest of them."""
        acts = tables["acts"]  # what a session sums up is named by other techniques first
        acts = acts[[names[0] in self.techniques for names in acts["AttackTechniques"]]]
        if acts.empty:
            return []
        named = {name for names in acts["AttackTechniques"] for name in names}
        grave = "High" if (acts["EventSeverity"] == "High").any() else "Medium"
        titles = list(dict.fromkeys(acts["Title"]))
        more = f" and {len(titles) - 3:,} more" if len(titles) > 3 else ""
        records = dict.fromkeys(record for ids in acts["RecordIds"] for record in ids)
        return [
            Finding(
                "overview", f"Acts against logs: {len(acts):,}", grave,
                tuple(name for name in self.techniques if name in named),
                f"Told in Application activity: {'; '.join(titles[:3])}{more}.",
                acts["EventStartTime"].min(), acts["EventEndTime"].max(), tuple(records),
                host=host_of(tables),
            )
        ]  # fmt: skip


CHECKS: tuple[Check, ...] = (
    ActsAgainstLogs(), DaemonStopped(), LogSilent(), AuditRulesRemoved(), ClockMoved(),
    LinesLost(), NulLines(),
)  # fmt: skip
