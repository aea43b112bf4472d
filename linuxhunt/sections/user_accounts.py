"""Were accounts made, opened or raised, and then used, by somebody who should not?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pandas as pd

from linuxhunt.sections.account_uses import NO_SHELL, Uses, by, finding, one, session_of
from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.people import DAEMONS, PRIVILEGED, fold, folded, known, plural

__all__ = ["AccountReopened", "NewAccountUsed", "PrivilegedGroup"]

_ROOT_GROUPS = frozenset(["sudo", "wheel", "root", "admin", "docker", "lxd", "disk", "shadow"])


@dataclass(frozen=True)
class NewAccountUsed:
    """Was an account made that then logged on, used sudo, or was put into a group like root's?

    Attributes:
        soon: a first logon from a network that nobody came from counts within so long.
    """

    soon: timedelta = timedelta(hours=1)
    techniques: ClassVar[tuple[str, ...]] = ("T1136.001", "T1098.007", "T1078.003")
    needs: ClassVar[tuple[str, ...]] = ("accounts", "logons", "sessions", "sudo")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each account: Informational where it only can log on, Low where
        it did or may become root, Medium where a fact about maker or use is odd, High where it was
        made oddly and used. System accounts without a shell that nobody used give none.
        """
        made = tables["accounts"]["EventType"].eq("UserCreated")
        if not made.any():
            return []
        uses = Uses(tables)
        own = uses.changes
        new = own[own["EventType"].eq("UserCreated") & own["TargetUserId"].ne(0).fillna(True)]
        found = [self._look(row, uses) for row in new.itertuples()]
        return [held for held in found if held is not None]

    def _look(self, row: Any, uses: Uses) -> Finding | None:
        came, raised = uses.of("came", row), uses.raised(row)
        sudo = uses.of("sudo", row, "ActorUsername")
        sudo = sudo[sudo["EventResult"].eq("Success").fillna(False)]
        groups = ", ".join(dict.fromkeys(raised["GroupName"]))
        did = [
            *([f"in group {groups}"] if groups else []),
            *([f"{plural(len(came), 'logon')} from elsewhere"] if len(came) else []),
            *([plural(len(sudo), "sudo command")] if len(sudo) else []),
        ]
        shell = str((row.AdditionalFields or {}).get("Shell") or "")
        if not did and (pd.Series([shell]).str.contains(NO_SHELL).any() or not shell):
            return None
        odd = uses.made_oddly(row)
        way = uses.used_oddly(came, row, self.soon if groups or len(sudo) else timedelta(0))
        used = len(came) > 0 or len(sudo) > 0
        severity = "High" if odd and used else "Medium" if odd or way else "Low" if did else None
        changes = uses.changes
        about = changes[
            changes["TargetUsername"].eq(row.TargetUsername).fillna(False)
            & folded(changes["DvcHostname"]).eq(fold(row.DvcHostname))
            & changes["TimeGenerated"].between(row.TimeGenerated - pd.Timedelta(seconds=5),
                                               row.TimeGenerated + timedelta(days=1))
        ]  # fmt: skip
        return finding(
            row,
            f"New account {row.TargetUsername}: {', '.join(did) or 'may log on'}",
            severity or "Informational",
            ("T1136.001", *(("T1098.007",) if groups else ()), *(("T1078.003",) if used else ())),
            f"{row.TargetUsername} was made {by(row)}; {', '.join(did) or f'its shell is {shell}'}"
            + "".join(f"; {why}" for why in [*odd, *way]),
            about, came, sudo,
            address=known(came["SrcIpAddr"].iloc[0]) if len(came) else None,
            session=session_of(row),
        )  # fmt: skip


@dataclass(frozen=True)
class AccountReopened:
    """Was an account given a password or unlocked by somebody else, and then used?

    Attributes:
        within: how long after that a logon counts.
    """

    within: timedelta = timedelta(hours=24)
    techniques: ClassVar[tuple[str, ...]] = ("T1098",)
    needs: ClassVar[tuple[str, ...]] = ("accounts", "logons", "sessions", "sudo")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each account: Low, Medium where a fact about maker or use is odd,
        High where both. Who changes their own password gives none.
        """
        kinds = ("PasswordChanged", "UserEnabled", "UserUnlocked")
        if not tables["accounts"]["EventType"].isin(kinds).any():
            return []
        uses = Uses(tables)
        own = uses.changes
        new = own[own["EventType"] == "UserCreated"]
        made = {
            (fold(h), u) for h, u in zip(new["DvcHostname"], new["TargetUsername"], strict=True)
        }
        opened = own[
            own["EventType"].isin(kinds)
            & own["TargetUsername"].notna()
            & own["Maker"].ne(own["TargetUsername"]).fillna(True)
        ]
        found = []
        row: Any
        for row in opened.drop_duplicates(["DvcHostname", "TargetUsername"]).itertuples():
            came = uses.of("came", row)
            came = came[came["TimeGenerated"] <= row.TimeGenerated + self.within]
            by_password = came[came["LogonMethod"].ne("PKI").fillna(True)]
            if by_password.empty or (fold(row.DvcHostname), row.TargetUsername) in made:
                continue
            odd = uses.made_oddly(row)
            way = uses.used_oddly(by_password, row, self.within)
            found.append(
                finding(
                    row, f"Account opened, then used: {row.TargetUsername}",
                    "High" if odd and way else "Medium" if odd or way else "Low",
                    ("T1098", "T1078.003"),
                    f"{row.EventType} {by(row)}; {plural(len(by_password), 'logon')} by password"
                    f" within {self.within / timedelta(hours=1):.0f} h"
                    + "".join(f"; {why}" for why in [*odd, *way]),
                    one(own, row), by_password,
                    address=known(by_password["SrcIpAddr"].iloc[0]), session=session_of(row),
                )
            )  # fmt: skip
        return found


@dataclass(frozen=True)
class PrivilegedGroup:
    """Was an account that was there before put into a group that gives root or the logs?

    Attributes:
        within: how long after that an odd logon counts.
    """

    within: timedelta = timedelta(hours=24)
    techniques: ClassVar[tuple[str, ...]] = ("T1098.007",)
    needs: ClassVar[tuple[str, ...]] = ("accounts", "logons", "sessions", "sudo")

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each account and group: Low, Medium where the maker or what the
        account did next is odd, or a server's account gets root's rights.
        """
        added = tables["accounts"]["EventType"].eq("UserAddedToGroup")
        if not (added & tables["accounts"]["GroupName"].isin(PRIVILEGED)).any():
            return []
        uses = Uses(tables)
        own = uses.changes
        new = own[own["EventType"] == "UserCreated"]
        made = {
            (fold(h), u) for h, u in zip(new["DvcHostname"], new["TargetUsername"], strict=True)
        }
        raised = own[own["EventType"].eq("UserAddedToGroup") & own["GroupName"].isin(PRIVILEGED)]
        raised = raised.drop_duplicates(["DvcHostname", "TargetUsername", "GroupName"])
        found = []
        row: Any
        for row in raised.itertuples():
            if (fold(row.DvcHostname), row.TargetUsername) in made:
                continue
            odd = uses.made_oddly(row)
            if row.TargetUsername in DAEMONS and row.GroupName in _ROOT_GROUPS:
                odd.append("it is an account that programs run as")
            came = uses.of("came", row)
            came = came[came["TimeGenerated"] <= row.TimeGenerated + self.within]
            way = uses.used_oddly(came, row, self.within)
            odd += way
            found.append(
                finding(
                    row, f"{row.TargetUsername} put into group {row.GroupName}",
                    "Medium" if odd else "Low", self.techniques,
                    f"the group gives root, a way to it, or the logs; {by(row)}"
                    + "".join(f"; {why}" for why in odd),
                    one(own, row), came if way else came.head(0), session=session_of(row),
                )
            )  # fmt: skip
        return found
