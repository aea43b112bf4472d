"""One user, as the notebook shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from linuxhunt import views
from linuxhunt.pages.choice import Choice
from linuxhunt.pages.judged import JudgedPage
from linuxhunt.pages.people import KINDS, people_tables
from linuxhunt.pages.user_view import user_view
from linuxhunt.sections import findings_frame, users
from linuxhunt.sections.commands import commands
from linuxhunt.sections.finding import Check, Finding, Tables
from linuxhunt.sections.people import of_people
from linuxhunt.sections.user_profile import differs
from linuxhunt.sections.user_ranking import RANKED, ranked_users
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["UsersPage"]

_LABELS = (("Successes", "logons"), ("Failures", "failed"), ("Sessions", "sessions"),
           ("SudoCommands", "sudo"), ("CronRuns", "cron"), ("Executions", "executions"),
           ("AccountChanges", "account changes"))  # fmt: skip
_REASONS = 4
"""Reasons that a row of the ranking says."""


def _short(reasons: Sequence[str]) -> str:
    rest = len(reasons) - _REASONS
    return ", ".join(reasons[:_REASONS]) + (f" and {rest:,} more" if rest > 0 else "")


class UsersPage(JudgedPage):
    """User activity: the verdict is on all accounts, what is shown below is the picked one's.

    Attributes:
        choice: which user.
    """

    section: ClassVar[str] = "users"
    title: ClassVar[str] = "User activity"
    hypothesis: ClassVar[str] = users.HYPOTHESIS
    checks: ClassVar[tuple[Check, ...]] = users.CHECKS
    kinds: ClassVar[tuple[str, ...]] = KINDS

    def __init__(self, hunt: Hunt) -> None:
        super().__init__(hunt)
        self._held: dict[object, tuple[Tables, pd.DataFrame, pd.DataFrame]] = {}
        self._offered: dict[object, list[tuple[str, str]]] = {}
        self.choice = Choice(hunt, "User", self._options)
        self.choice.on_change(self._shown.refresh)

    def _made(self) -> tuple[Tables, pd.DataFrame, pd.DataFrame]:
        """Return the tables, all commands, and the users ranked, made once a scope."""
        scope = self._hunt.scope
        if scope not in self._held:
            tables = people_tables(self._hunt, self.kinds)
            ran = commands(tables)
            self._held[scope] = (tables, ran, pd.DataFrame())
            found = findings_frame(
                [*self.found(), *self._hunt.logons.found(), *self._hunt.applications.found()]
            )
            self._held[scope] = (tables, ran, ranked_users(tables, ran, found))
        return self._held[scope]

    def tables(self) -> Tables:
        """Return what the checks are given."""
        return self._made()[0]

    @property
    def commands(self) -> pd.DataFrame:
        """Commands of all users, as executions, sudo, cron and typed keys tell."""
        return self._made()[1]

    @property
    def users(self) -> pd.DataFrame:
        """Users that any source tells of, those worth a look first (user_ranking.RANKED)."""
        return self._made()[2]

    @property
    def user(self) -> str | None:
        """The picked user; the one most worth a look where none was picked."""
        return self.choice.value

    def _options(self) -> list[tuple[str, str]]:
        """Return (label, name) of the users, those worth a look first."""
        scope = self._hunt.scope
        if scope in self._offered:
            return self._offered[scope]
        options = self._offered[scope] = []
        columns = ["User", "Reasons", *(name for name, _ in _LABELS)]
        for row in self.users[columns].to_dict("records"):
            counts = [f"{row[name]:,} {word}" for name, word in _LABELS if row[name]]
            why = f" ({', '.join(row['Reasons'][:3])})" if row["Reasons"] else ""
            options.append((f"{row['User']}: {', '.join(counts)}{why}", str(row["User"])))
        return options

    def pick(self, user: str | None = None) -> Any:
        """Return a picker of the users; the first is the one most worth a look.

        Args:
            user: the name to begin with.
        """
        return self.choice.picker(user)

    def seen(self) -> tuple[int, Sequence[str]]:
        """Return how many rows the checks stood on, and what data is missing, in words."""
        rows, missing = self._hunt.logons.seen()
        events = self._hunt.events
        return rows + len(events["sudo"]) + len(events["accounts"]), missing

    def said(self) -> list[str]:
        """Return what data there was, one phrase each."""
        events, ranked = self._hunt.events, self.users
        real = ranked[[name for name in RANKED[3:10] if name != "Failures"]].sum(axis=1) > 0
        return [
            f"{int(real.sum()):,} users that did something",
            f"{int((~real).sum()):,} names that only failed to log on",
            f"{len(events['accounts']):,} account changes",
            f"{len(events['sudo']):,} sudo commands",
        ]

    @property
    def about(self) -> list[Finding]:
        """Findings of all sections on people that are about the picked user or their sessions."""
        user, sessions = self.user, self._hunt.events["sessions"]
        own = sessions["TargetUsername"].eq(user or "") & sessions["ParentSessionId"].isna()
        seats = set(sessions.loc[own.fillna(False), "LogonSessionId"])
        pages = (self, self._hunt.logons, self._hunt.session, self._hunt.applications)
        return [
            finding
            for page in pages
            for finding in page.found()
            if user is not None and (finding.user == user or finding.session in seats)
        ]

    @property
    def differs(self) -> pd.DataFrame:
        """How the picked user differs from their own past and from the others."""
        tables, ran, _ = self._made()
        return differs(self.user or "", tables, ran)

    def entities(self) -> dict[tuple[str, str], str]:
        """Return what can be sent to its section: the user's addresses, sessions, then findings."""
        events, user = self._hunt.events, self.user
        logons, sessions = events["logons"], of_people(events["sessions"])
        came = logons[logons["TargetUsername"].eq(user or "").fillna(False)]
        offered: dict[tuple[str, str], str] = {}
        for address, count in came["SrcIpAddr"].dropna().value_counts().head(50).items():
            offered["address", str(address)] = f"address {address}: {count:,} tries as {user}"
        own = sessions[sessions["TargetUsername"].eq(user or "").fillna(False)]
        for row in own.tail(50).to_dict("records"):
            start = row["EventStartTime"]
            when = f"{start:%d %b %H:%M:%S}" if pd.notna(start) else "before the log"
            offered["session", str(row["LogonSessionId"])] = f"session of {user}, {when}"
        ranked = [("user", name) for name in self.users["User"].head(50)]
        offered |= {key: f"user {key[1]}" for key in ranked}
        return offered | super().entities()

    def body(self) -> View:
        """Return the ranking, and what the picked user did."""
        shown = self.users.drop(columns=["Weight"])
        shown["Reasons"] = [_short(reasons) for reasons in shown["Reasons"]]
        ranked = views.table(
            shown,
            "Users, those worth a look first",
            columns=["User", "Reasons", "Successes", "Failures", "Sessions", "SudoCommands",
                     "CronRuns", "Executions", "LastTime"],
        )  # fmt: skip
        user = self.user
        if user is None:
            return views.stack(ranked, views.message("No source tells of any user.", "info"))
        return views.stack(ranked, user_view(self._hunt, self, user))
