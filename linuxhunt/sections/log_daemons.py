"""Did somebody stop what keeps the logs: the syslog daemon, the journal, the audit system."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pandas as pd

from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.log_common import (
    CALLED,
    LOGS,
    TECHNIQUES,
    host_of,
    in_words,
    went_down,
    window,
)
from linuxhunt.sections.silence import Silence, silence_after

__all__ = ["AuditRulesRemoved", "DaemonStopped"]

_SAID = pd.Timedelta("5min")
"""Messages of one stop lie within it."""


@dataclass(frozen=True)
class DaemonStopped:
    """Was a daemon that keeps logs stopped, and did its log go silent?

    A stop with a start soon after is a restart; one while the host goes down or comes up is the
    host's own. One that is neither is Low; where the log goes silent with it, High.

    Attributes:
        restart: a start that follows within it makes a restart.
        expected: rows that must be missing for a silence to count.
    """

    restart: timedelta = timedelta(minutes=2)
    expected: int = 5
    techniques: ClassVar[tuple[str, ...]] = ("T1562.001", "T1562.012")
    needs: ClassVar[tuple[str, ...]] = ("log_events", "volume", "scope")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each stop of a daemon that is no restart."""
        events = tables["log_events"]
        found = []
        for daemon in CALLED:
            own = events[events["Daemon"] == daemon]
            stops = own[own["What"].isin(["stop", "killed", "off"])]
            starts = own.loc[own["What"] == "start", "TimeGenerated"]
            open_until = None
            for stop in stops.to_dict("records"):
                time = stop["TimeGenerated"]
                if open_until is not None and time <= open_until:
                    continue  # said by another witness, too
                later = starts[starts >= time]
                start = later.min() if len(later) else None
                open_until = start if start is not None else pd.Timestamp.max.tz_localize("UTC")
                if start is not None and start - time <= self.restart:
                    continue
                if went_down(events, time, time) or (
                    start is not None and went_down(events, start, start)
                ):
                    continue
                said = stops[(stops["TimeGenerated"] >= time) & (stops["TimeGenerated"]
                             <= min(open_until, time + _SAID))]  # fmt: skip
                found.append(self._finding(tables, daemon, said, start))
        return found

    def _finding(
        self, tables: Tables, daemon: str, said: pd.DataFrame, start: pd.Timestamp | None
    ) -> Finding:
        time, end = said["TimeGenerated"].min(), window(tables)[1]
        until = start if start is not None else end
        silent = self._silent(tables["volume"], daemon, time, end)
        how = "switched off" if "off" in set(said["What"]) else "stopped"
        people = said["ActorUserId"].dropna()
        reason = (
            f"{CALLED[daemon]} was {how} and started again {in_words(until - time)} later"
            if start is not None
            else f"{CALLED[daemon]} was {how} and not started again in the window"
        )
        if len(people):
            reason += f", by the user with id {int(people.iloc[0])}"
        for log, silence in silent.items():
            reason += (
                f"; {log} says nothing for {in_words(silence.end - silence.start)} after it, where"
                f" about {silence.expected:,} rows were to be expected"
            )
        return Finding(
            "overview",
            f"{CALLED[daemon]} {how}" + (", and its log is silent" if silent else ""),
            "High" if silent else "Low",
            TECHNIQUES.get(daemon, ("T1562.001",)),
            f"{reason}. Neither a restart nor a reboot explains it.",
            time,
            until if silent else time,
            tuple(said["EventUid"]),
            host=host_of(tables),
        )

    def _silent(
        self, volume: pd.DataFrame, daemon: str, time: pd.Timestamp, end: pd.Timestamp
    ) -> dict[str, Silence]:
        """Return the logs that go silent; none where all of the host does, which is then off."""
        held = {
            log: silence_after(volume, log, time, end)
            for log in volume["Log"].unique()
        }  # fmt: skip
        speaking = [log for log, silence in held.items() if silence is None or not silence.open]
        return {
            log: silence
            for log, silence in held.items()
            if silence is not None and log in LOGS.get(daemon, ())
            and silence.expected >= self.expected and speaking
        }  # fmt: skip


@dataclass(frozen=True)
class AuditRulesRemoved:
    """Did a person remove audit rules that were not put back?

    Attributes:
        again: rules added within it after the removal put them back.
    """

    again: timedelta = timedelta(minutes=10)
    techniques: ClassVar[tuple[str, ...]] = ("T1562.012",)
    needs: ClassVar[tuple[str, ...]] = ("log_events", "scope")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each group of removals."""
        events = tables["log_events"]
        removed = events[(events["What"] == "rules") & events["ActorUserId"].notna()]
        added = events.loc[events["What"] == "added", "TimeGenerated"]
        found = []
        apart = removed["TimeGenerated"].diff() > pd.Timedelta("1min")
        for _, rows in removed.groupby(apart.cumsum()):
            first, last = rows["TimeGenerated"].min(), rows["TimeGenerated"].max()
            if ((added >= first) & (added <= last + self.again)).any():
                continue
            person = int(rows["ActorUserId"].iloc[0])
            what = "rule" if len(rows) == 1 else "rules"
            found.append(
                Finding(
                    "overview", f"Audit rules removed: {len(rows):,}", "Medium", self.techniques,
                    f"The user with id {person} removed {len(rows):,} audit {what}, and none was"
                    f" added in the {in_words(self.again)} after it.",
                    first, last, tuple(rows["EventUid"]), host=host_of(tables),
                )
            )  # fmt: skip
        return found
