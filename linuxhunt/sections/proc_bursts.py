"""Did somebody look around, or type faster than a person can?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pandas as pd

from linuxhunt.sections.commands import commands
from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.proc_findings import finding, place
from linuxhunt.sections.proc_match import hits
from linuxhunt.sections.proc_rules_look import LOOKING

__all__ = ["DiscoveryBurst", "FasterThanTyped"]

_INVENTORY = (
    r"/\.ansible/tmp/|AnsiballZ_|/(?:facter|ohai|chef-client|puppet|salt-minion|salt-call|lynis"
    r"|sosreport|sos|cloud-init|landscape-sysinfo|hardinfo|inxi|glpi-agent|fusioninventory-agent"
    r"|ocsinventory-agent|oscap|openscap|rudder|cf-agent)\b|/update-motd\.d|/etc/profile"
)
"""Programs that make an inventory of a host by asking all of this."""


def _windows(rows: pd.DataFrame, window: timedelta, least: int) -> list[tuple[int, int]]:
    """Return the stretches (start, end) of rows in order of time that lie within a window, hold
    at least so many rows, and are not part of another.
    """
    times = rows["TimeGenerated"].astype("int64").to_numpy()
    width = int(window.total_seconds() * 1e9)
    ends = times.searchsorted(times + width, side="right")
    return [
        (start, int(end))
        for start, end in enumerate(ends)
        if end - start >= least and (start == 0 or end > ends[start - 1])
    ]


@dataclass(frozen=True)
class DiscoveryBurst:
    """Did one session ask many kinds of question about the host in a short time?

    Attributes:
        window: the time.
        commands: distinct commands of that kind.
        kinds: kinds of question, of which "who am I" and "accounts and rights" must be two.
    """

    window: timedelta = timedelta(minutes=5)
    commands: int = 6
    kinds: int = 4
    techniques: ClassVar[tuple[str, ...]] = ("T1033", "T1082", "T1087.001")
    needs: ClassVar[tuple[str, ...]] = ("processes",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each session: Medium; Low where root does it with nobody logged on
        and no terminal, as agents of management do (a server's own account is no root).
        """
        ran = commands({**tables, "cron": None})  # type: ignore[dict-item]
        ran = ran[~_by_inventory(ran)].reset_index(drop=True)
        found = hits(ran, LOOKING)
        if found.empty:
            return []
        rows = ran.loc[found["Command"]].reset_index(drop=True)
        rows["Kind"], rows["Line"], rows["Command"] = (
            found["Title"],
            found["Line"],
            found["Command"],
        )
        rows["Technique"] = [LOOKING[number].techniques for number in found["Rule"]]
        rows = rows.sort_values("TimeGenerated", kind="stable")
        made = []
        for _, session in rows.groupby(place(rows), sort=False):
            best = self._best(session)
            if best is not None:
                made.append(self._finding(best))
        return made

    def _best(self, session: pd.DataFrame) -> pd.DataFrame | None:
        """Return the rows of all windows that hold a burst; None where none does."""
        if session["Line"].nunique() < self.commands or session["Kind"].nunique() < self.kinds:
            return None
        kept: set[int] = set()
        kind, line = session["Kind"].to_numpy(), pd.factorize(session["Line"])[0]
        for start, end in _windows(session, self.window, self.commands):
            kinds = set(kind[start:end])
            if (
                len(kinds) >= self.kinds
                and {"who am I", "accounts and rights"} <= kinds
                and len(set(line[start:end])) >= self.commands
            ):
                kept.update(range(start, end))
        return session.iloc[sorted(kept)] if kept else None

    def _finding(self, rows: pd.DataFrame) -> Finding:
        lines = list(dict.fromkeys(rows["Line"].str.replace("␣", " ")))
        is_agent = rows["ActorUserId"].isna() & rows["TargetUserId"].eq(0).fillna(False)
        return finding(
            rows.drop_duplicates("Command"),
            f"Looks around: {len(lines)} commands",
            "Low" if is_agent.all() and rows["Tty"].isna().all() else "Medium",
            tuple(dict.fromkeys(rows["Technique"])),
            f"{len(lines)} distinct commands of {rows['Kind'].nunique()} kinds within"
            f" {self.window.total_seconds() / 60:.0f} min: {'; '.join(lines[:12])}",
        )


def _by_inventory(ran: pd.DataFrame) -> pd.Series[Any]:
    """Return which commands were started by a program that makes an inventory."""
    text = ran["CommandLine"].fillna("")
    guids = set(
        ran.loc[
            text.str.contains(_INVENTORY, regex=True).astype(bool), "TargetProcessGuid"
        ].dropna()
    )
    marked = pd.Series(False, index=ran.index)
    for _ in range(6):
        new = ran["ActingProcessGuid"].isin(guids).astype(bool) & ~marked
        if not guids or not new.any():
            break
        marked |= new
        guids = set(ran.loc[new, "TargetProcessGuid"].dropna())
    return marked


@dataclass(frozen=True)
class FasterThanTyped:
    """Did commands on a terminal come faster than a person types them?

    Attributes:
        commands: distinct programs that one shell started on a terminal.
        window: within so long.
        looking: kinds of question about the host among them that make it Medium, if accounts are
            one, or
        sizing: so many ask what the machine is: who mines wants to know.
        start: what a shell runs so soon after its start comes from its own start files.
    """

    commands: int = 8
    window: timedelta = timedelta(seconds=4)
    looking: int = 3
    sizing: int = 3
    start: timedelta = timedelta(seconds=3)
    techniques: ClassVar[tuple[str, ...]] = ("T1059.004",)
    needs: ClassVar[tuple[str, ...]] = ("processes",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each shell: Low (text pasted, a loop), Medium where it asks."""
        ran = commands({**tables, "sudo": None, "cron": None, "audit": None})  # type: ignore[dict-item]
        ran = ran[~_by_inventory(ran)].reset_index(drop=True)
        shells = self._shells(ran)
        began = ran.set_index("TargetProcessGuid")["TimeGenerated"]
        began = began[~began.index.duplicated() & began.index.notna()]
        since = ran["TimeGenerated"] - ran["ActingProcessGuid"].map(began)
        typed = ran[
            ran["Tty"].notna() & ran["ActingProcessGuid"].isin(shells) & (since > self.start)
        ]
        if len(typed) < self.commands:
            return []
        sizes = typed.groupby("ActingProcessGuid")["CommandLine"].transform("nunique")
        typed = typed[sizes >= self.commands]
        made = []
        for _, own in typed.groupby("ActingProcessGuid", sort=False):
            own = own.sort_values("TimeGenerated", kind="stable")
            kept: set[int] = set()
            programs = pd.factorize(own["TargetProcessName"])[0]
            for start, end in _windows(own, self.window, self.commands):
                if len(set(programs[start:end])) >= self.commands:
                    kept.update(range(start, end))
            if kept:
                made.append(self._finding(own.iloc[sorted(kept)]))
        return made

    @staticmethod
    def _shells(ran: pd.DataFrame) -> set[str]:
        """Return the shells that a person types into: on a terminal, without a script."""
        interactive = ran["CommandLine"].str.fullmatch(
            r"(?:\S*/)?-?(?:ba|da|z|k|c|tc|fi)?sh(?: -\w*[il]\w*)*"
        )
        return set(ran.loc[interactive.fillna(False).astype(bool) & ran["Tty"].notna(),
                           "TargetProcessGuid"].dropna())  # fmt: skip

    def _finding(self, rows: pd.DataFrame) -> Finding:
        asked = hits(rows.reset_index(drop=True), LOOKING)
        kinds = set(asked["Title"]) if len(asked) else set()
        sizes = asked.loc[asked["Title"] == "system", "Line"].nunique() if len(asked) else 0
        telling = len(kinds) >= self.looking and (
            "accounts and rights" in kinds or sizes >= self.sizing
        )
        return finding(
            rows,
            "Faster than typed",
            "Medium" if telling else "Low",
            (*self.techniques, *(LOOKING[rule].techniques for rule in asked["Rule"])),
            f"{rows['TargetProcessName'].nunique()} programs started from one shell, at least"
            f" {self.commands} of them within {self.window.total_seconds():.0f} s"
            + (f", asking {', '.join(sorted(kinds))}" if kinds else ""),
        )
