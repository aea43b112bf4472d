"""Did a user become root outright who never had?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.people import by_time, doubts, known
from linuxhunt.sections.user_habits import Past, found_in

__all__ = ["FirstRootShell"]

_SHELL = (
    r"^(?:\S*/)?(?:(?:ba|da|z|k|mk|c|tc|fi|a)?sh(?: -[il]+)*"
    r"|su(?: -l?| --login)?(?: root)?)$"
)
"""Commands of sudo's that give root's shell."""


@dataclass(frozen=True)
class FirstRootShell:
    """Did a user take root's shell, by su or sudo, who had been there often without it?

    Attributes:
        sessions: of the user before, on as many days as ``days``, without it.
        days: see ``sessions``.
    """

    sessions: int = 5
    days: int = 2
    techniques: ClassVar[tuple[str, ...]] = ("T1548.003", "T1078.003")
    needs: ClassVar[tuple[str, ...]] = ("sudo", "sessions", "logons")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each user: Low, Medium where a finding is about the logon of the
        session. The first sudo of a user is left to :class:`FirstSudo`.
        """
        taken = self._taken(tables)
        firsts = taken.drop_duplicates(["DvcHostname", "ActorUsername"])
        if firsts.empty:
            return []
        odd, past = doubts(tables), Past(tables, self.sessions)
        found = []
        for place, row in zip(firsts.index, firsts.to_dict("records"), strict=True):
            before = past.before(row)
            days = before["EventStartTime"].dt.date.nunique()
            if row["FirstSudo"] or len(before) <= self.sessions or days < self.days:
                continue
            why = _doubted(row, before, odd)
            found.append(
                found_in(
                    firsts.loc[[place]], f"First root shell of {row['ActorUsername']}",
                    "Medium" if why else "Low", self.techniques,
                    f"{row['ActorUsername']} had {len(before):,} sessions on {days:,} days in the"
                    f" window before and took no root shell; then: {row['CommandLine']}"
                    + "".join(f"; {text}" for text in why),
                    user="ActorUsername", session=known(row["LogonSessionId"]),
                )
            )  # fmt: skip
        return found

    @staticmethod
    def _taken(tables: Tables) -> pd.DataFrame:
        """Return by time how root's shell was taken, by sudo and by su."""
        sudo = by_time(tables["sudo"])
        sudo = sudo[sudo["EventResult"].eq("Success").fillna(False) & sudo["ActorUsername"].notna()]
        sudo = sudo.assign(FirstSudo=~sudo.duplicated(["DvcHostname", "ActorUsername"]))
        sudo = sudo[
            sudo["TargetUsername"].eq("root").fillna(False)
            & sudo["CommandLine"].fillna("").str.contains(_SHELL)
        ]
        su = by_time(tables["sessions"], "EventStartTime")
        su = su[
            su["LogonProtocol"].eq("su").fillna(False)
            & su["TargetUsername"].eq("root").fillna(False)
            & su["ActorUsername"].notna()
            & su["ActorUsername"].ne("root")
        ]
        su = su.assign(TimeGenerated=su["EventStartTime"], CommandLine="su", FirstSudo=False)
        columns = ["TimeGenerated", "DvcHostname", "ActorUsername", "CommandLine", "LogonSessionId",
                   "RecordIds", "EventUid", "FirstSudo"]  # fmt: skip
        parts = [part[columns] for part in (sudo, su) if len(part)]
        if not parts:
            return sudo.head(0)[columns]
        return by_time(pd.concat(parts, ignore_index=True))


def _doubted(row: dict[Any, Any], before: pd.DataFrame, odd: dict[str, list[str]]) -> list[str]:
    """Return what findings are about the logon; that of any session then, where su's is unknown."""
    why = odd.get(str(row["LogonSessionId"]))
    if why is None:
        still = before[
            before["EventEndTime"].isna() | (before["EventEndTime"] >= row["TimeGenerated"])
        ]
        every = [odd.get(str(session), []) for session in still["LogonSessionId"]]
        why = every[0] if every and all(every) else []
    return [text for text in why if "finding" in text or "programs run as" in text]
