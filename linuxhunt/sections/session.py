"""Did somebody's session do what its owner would not?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from linuxhunt.sections.finding import Check, Finding, Tables, severity_rank
from linuxhunt.sections.makers import makers
from linuxhunt.sections.people import doubts, known, records, tops
from linuxhunt.sections.session_findings import SUM, by_id, finding_on, whose
from linuxhunt.sections.session_pace import OddHour, SudoBurst

__all__ = ["CHECKS", "HYPOTHESIS", "ChangesWithin", "OddHour", "SudoBurst", "SumOfFindings"]

HYPOTHESIS = "Somebody's session did what its owner would not."


@dataclass(frozen=True)
class SumOfFindings:
    """Do several findings on what ran belong to one session?

    Attributes:
        findings: of Medium or above, that are worth one of their own.
        named: kinds of finding that the reason names.
    """

    findings: int = 2
    named: int = 10
    techniques: ClassVar[tuple[str, ...]] = ("T1078",)
    needs: ClassVar[tuple[str, ...]] = ("sessions", "findings")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each session, with those in su and sudo beneath it: of the
        severity of its gravest finding, with who came in and how. A session with fewer gives none.
        """
        found = tables["findings"]
        grave = found[
            found["LogonSessionId"].notna()
            & found["EventSeverity"].isin(["Medium", "High"])
            & ~found["Section"].isin(["session", "logons"])
        ]
        if grave.empty:
            return []
        above, sessions = tops(tables["sessions"]), by_id(tables["sessions"])
        odd = doubts(tables)
        place = grave["LogonSessionId"].map(lambda own: above.get(own, own))
        return [
            self._sum(sessions[str(session)], rows, odd.get(str(session), []))
            for session, rows in grave.groupby(place, sort=False)
            if session in sessions and len(rows) >= self.findings
        ]

    def _sum(self, session: Mapping[Any, Any], rows: pd.DataFrame, odd: list[str]) -> Finding:
        counts = rows["EventSeverity"].value_counts()
        told = " and ".join(f"{counts[name]:,} {name}" for name in ("High", "Medium")
                            if name in counts)  # fmt: skip
        order = rows.assign(rank=rows["EventSeverity"].map(severity_rank))
        order = order.sort_values(["rank", "EventStartTime"], ascending=[False, True])
        kinds = list(dict.fromkeys(title.split(": ")[0] for title in order["Title"]))
        techniques = dict.fromkeys(held for own in order["AttackTechniques"] for held in own)
        rest = len(kinds) - self.named
        return finding_on(
            session,
            f"{SUM}{whose(session)}: {told} findings",
            "High" if "High" in counts else "Medium",
            tuple(techniques) or self.techniques,
            f"{known(session['LogonProtocol']) or 'session'} by"
            f" {known(session['LogonMethod']) or 'an unknown method'};"
            f" {', '.join(kinds[: self.named])}"
            + (f" and {rest:,} more" if rest > 0 else "")
            + "".join(f"; {why}" for why in odd),
            min(filter(pd.notna, [session["EventStartTime"], rows["EventStartTime"].min()])),
            rows["EventEndTime"].max(),
            tuple(dict.fromkeys([*session["RecordIds"], *records(rows)])),
        )  # fmt: skip


@dataclass(frozen=True)
class ChangesWithin:
    """Were accounts changed or crontabs edited in a session?

    Only changes that the process or a sudo command ties to the session count.
    """

    techniques: ClassVar[tuple[str, ...]] = ("T1098", "T1136.001", "T1053.003")
    needs: ClassVar[tuple[str, ...]] = ("sessions", "accounts", "cron")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each session: Informational where a user's own password or
        crontab changed, Low where others' accounts did, Medium where the session is to be doubted.
        """
        cron = tables["cron"]
        edits = cron[cron["EventType"].isin(["Edit", "Replace", "Delete"])]
        parts = []
        for rows, what in ((tables["accounts"], "account"), (edits, "crontab")):
            rows = rows[rows["EventResult"].ne("Failure").fillna(True)]
            if len(rows):
                made = rows.join(makers(rows, tables)).assign(What=what)
                parts.append(made[made["How"].isin(["pid", "sudo"]) & made["MakerSession"].notna()])
        parts = [part for part in parts if len(part)]
        if not parts:
            return []
        whole = pd.concat(parts, ignore_index=True)
        above, sessions = tops(tables["sessions"]), by_id(tables["sessions"])
        odd = doubts(tables)
        place = whole["MakerSession"].map(lambda own: above.get(own, own))
        return [
            self._changes(sessions[str(session)], rows, odd.get(str(session), []))
            for session, rows in whole.groupby(place, sort=False)
            if session in sessions
        ]

    def _changes(self, session: Mapping[Any, Any], rows: pd.DataFrame, odd: list[str]) -> Finding:
        user = known(session["TargetUsername"])
        own = rows["TargetUsername"].eq(user or "").fillna(False)
        label = rows["EventType"].where(rows["What"] == "account", "crontab " + rows["EventType"])
        named = rows["TargetUsername"]
        if "GroupName" in rows:
            named = named.fillna(rows["GroupName"])
        told = list(dict.fromkeys(f"{kind} {known(name) or ''}".strip()
                                  for kind, name in zip(label, named, strict=True)))  # fmt: skip
        made, cron = rows["EventType"].eq("UserCreated"), rows["What"].eq("crontab")
        techniques = (
            *(("T1136.001",) if made.any() else ()),
            *(("T1053.003",) if cron.any() else ()),
            *(("T1098",) if not (made | cron).all() else ()),
        )
        held = rows.get("RecordIds", rows["EventUid"])
        pairs = zip(held, rows["EventUid"], strict=True)
        lists = [ids if isinstance(ids, list) else [uid] for ids, uid in pairs]
        evidence = dict.fromkeys(uid for ids in [*lists, session["RecordIds"]] for uid in ids)
        return finding_on(
            session,
            f"Changes in the session of {whose(session)}: {', '.join(told[:3])}"
            + (f" and {len(told) - 3:,} more" if len(told) > 3 else ""),
            "Medium" if odd else "Informational" if own.all() else "Low",
            techniques,
            f"{len(rows):,} changes: {', '.join(told[:10])}" + "".join(f"; {why}" for why in odd),
            rows["TimeGenerated"].min(),
            rows["TimeGenerated"].max(),
            tuple(evidence),
        )


CHECKS: tuple[Check, ...] = (SumOfFindings(), ChangesWithin(), SudoBurst(), OddHour())
