"""What one user did, view by view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from linuxhunt import views
from linuxhunt.enrich.geo import places
from linuxhunt.sections import findings_frame
from linuxhunt.sections.makers import makers
from linuxhunt.sections.people import of_people
from linuxhunt.sections.user_profile import programs
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt
    from linuxhunt.pages.users import UsersPage

__all__ = ["user_view"]

TREE = 2_000
"""Executions that a tree shows at most; the table has up to 5,000."""
_LANES = ("session", "sudo", "account change", "cron run", "execution", "typed")
_RECORDS = 40


def user_view(hunt: Hunt, page: UsersPage, user: str) -> View:
    """Return findings, timelines, counts, map, differences, tables and indicators of a user."""
    events = hunt.events
    logons = events["logons"]
    logons = logons[logons["TargetUsername"].eq(user).fillna(False)]
    ran = page.commands
    ran = ran[ran["User"].eq(user).fillna(False)]
    accounts = _changes(page, user)
    return views.stack(
        _findings(hunt, page, user),
        _timelines(hunt, user, logons, ran, accounts),
        views.row(_programs(logons), _commands(ran)),
        _map(logons),
        _differs(page, user),
        _sessions(hunt, user),
        _sudo(hunt, user),
        _accounts(accounts, user),
        _executions(hunt, ran, user),
        hunt.intel.view(
            ran.assign(EventUid=ran["RecordIds"].str[0]),
            ["CommandLine"],
            title=f"Indicators in what {user} ran",
        ),
    )


def _findings(hunt: Hunt, page: UsersPage, user: str) -> View:
    frame = findings_frame(page.about)
    if frame.empty:
        return views.message(f"No finding of any section is about {user}.", "info")
    lines = hunt.lines(uid for ids in frame["RecordIds"] for uid in ids[:_RECORDS])
    links = {
        str(row["FindingId"]): page.jumps({str(key): value for key, value in row.items()})
        for row in frame.to_dict("records")
    }
    counts = frame["EventSeverity"].value_counts(sort=False)  # the gravest come first
    told = ", ".join(f"{number:,} {name}" for name, number in counts.items())
    return views.fold(
        f"Findings of all sections that are about {user}: {told}",
        views.findings(frame, evidence=lines, links=links),
    )


def _timelines(
    hunt: Hunt, user: str, logons: pd.DataFrame, ran: pd.DataFrame, accounts: pd.DataFrame
) -> View:
    """Logons over failures, and beneath them what else they did, on one range of time."""
    tries = logons.assign(
        Lane=logons["EventResult"].map({"Success": "success", "Failure": "failure"})
    )
    sessions = of_people(hunt.events["sessions"])
    sessions = sessions[sessions["TargetUsername"].eq(user).fillna(False)]
    told = ran.assign(EventMessage=ran["CommandLine"])
    parts = [
        sessions.assign(
            TimeGenerated=sessions["EventStartTime"], Lane="session",
            EventMessage=sessions["LogonProtocol"].fillna("") + " session from "
            + sessions["SrcIpAddr"].fillna("this host"),
        ),
        accounts.assign(Lane="account change"),
        *(
            told[told["Source"] == source].assign(Lane=lane)
            for source, lane in (("sudo", "sudo"), ("cron", "cron run"), ("process", "execution"),
                                 ("typed", "typed"))
        ),
    ]  # fmt: skip
    columns = ["TimeGenerated", "Lane", "EventMessage"]
    did = pd.concat([part[columns] for part in parts if len(part)] or [tries.head(0)[columns]])
    did["Lane"] = pd.Categorical(did["Lane"], categories=list(_LANES), ordered=True)
    return views.timelines(
        [
            views.Track(tries, "TimeGenerated", "Lane", "EventMessage", None, f"Logons of {user}"),
            views.Track(did, "TimeGenerated", "Lane", "EventMessage", None, f"What {user} did"),
        ],
        start=hunt.scope.start,
        end=hunt.scope.end,
        alerts=hunt.alerts.alerts,
    )


def _programs(logons: pd.DataFrame) -> View:
    failed = logons["EventCount"].where(logons["EventResult"] == "Failure", 0)
    came = logons["EventCount"].where(logons["EventResult"] == "Success", 0)
    counts = pd.DataFrame({"Program": logons["TargetAppName"], "Failure": failed, "Success": came})
    counts = counts.groupby("Program", as_index=False, dropna=False)[["Failure", "Success"]].sum()
    return views.bars(counts, "Program", title="Logons by program", noun="logon attempts")


def _commands(ran: pd.DataFrame) -> View:
    counts = programs(ran["CommandLine"]).value_counts().rename("Commands")
    frame = counts.rename_axis("Program").reset_index()
    return views.bars(
        frame, "Program", ["Commands"], title="Programs that they ran", noun="commands"
    )


def _map(logons: pd.DataFrame) -> View:
    tries = logons[logons["SrcIpAddr"].notna()]
    failed = tries["EventCount"].where(tries["EventResult"] == "Failure", 0)
    counts = tries.assign(Failure=failed, Success=tries["EventCount"] - failed)
    sums = counts.groupby("SrcIpAddr", as_index=False)[["Failure", "Success"]].sum()
    placed = places(sums["SrcIpAddr"])
    return views.geo_map(placed.merge(sums, left_on="address", right_on="SrcIpAddr"))


def _differs(page: UsersPage, user: str) -> View:
    frame = page.differs
    title = f"How {user} differs from their own past in the window and from the others"
    if frame.empty:
        return views.message(
            f"{title}: nothing that stands out, or too little to compare (three logons, twenty"
            " commands on two days, five days, three other users).", "info",
        )  # fmt: skip
    return views.table(frame, title, columns=["Compared", "What", "Value", "Detail", "Time"])


def _sessions(hunt: Hunt, user: str) -> View:
    ranked = of_people(hunt.logons.sessions)
    own = ranked[ranked["TargetUsername"].eq(user).fillna(False)]
    by_them = ranked[
        ranked["ActorUsername"].eq(user).fillna(False)
        & ranked["TargetUsername"].ne(user).fillna(True)
    ]
    columns = ["Reasons", "TargetUsername", "SrcIpAddr", "LogonProtocol", "LogonMethod",
               "EventStartTime", "EventEndTime", "EndReason"]  # fmt: skip
    return views.stack(
        views.table(own.drop(columns=["Weight"]), f"Sessions of {user}", columns=columns),
        views.table(
            by_them.drop(columns=["Weight"]),
            f"Sessions of others that {user} opened (su, sudo)",
            columns=columns,
        )
        if len(by_them)
        else None,
    )


def _sudo(hunt: Hunt, user: str) -> View:
    sudo = hunt.events["sudo"]
    own = sudo[sudo["ActorUsername"].eq(user).fillna(False)]
    return views.table(
        own, f"sudo commands of {user}",
        columns=["TimeGenerated", "CommandLine", "TargetUsername", "Tty", "EventResult",
                 "EventOriginalResultDetails"],
    )  # fmt: skip


def _changes(page: UsersPage, user: str) -> pd.DataFrame:
    """Changes of the user's account, and those that the user made of others'."""
    rows = page.tables()["accounts"]
    rows = rows.join(makers(rows, page.tables()))
    mine = rows["TargetUsername"].eq(user).fillna(False)
    by_them = rows["Maker"].eq(user).fillna(False) | rows["ActorUsername"].eq(user).fillna(False)
    return rows[mine | by_them]


def _accounts(changes: pd.DataFrame, user: str) -> View:
    return views.table(
        changes,
        f"Account changes that concern {user} or were made by them (How: what ties the maker to it;"
        " time proves nothing)",
        columns=["TimeGenerated", "EventType", "TargetUsername", "GroupName", "Maker", "How",
                 "EventMessage"],
    )  # fmt: skip


def _executions(hunt: Hunt, ran: pd.DataFrame, user: str) -> View:
    """All commands as a table, and the executions as a tree where they are not too many."""
    table = views.table(
        ran.sort_values("TimeGenerated", kind="stable"),
        f"What {user} ran, as executions, sudo, cron and typed keys tell",
        columns=["TimeGenerated", "Source", "CommandLine", "TargetUserId", "Tty", "Session"],
    )
    guids = ran.loc[ran["Source"] == "process", "TargetProcessGuid"].dropna()
    if guids.empty:
        return table
    if len(guids) > TREE:
        return views.stack(
            table,
            views.message(
                f"{len(guids):,} executions are too many for a tree here; narrow the window, or see"
                " the tree of one session or program.", "info",
            ),
        )  # fmt: skip
    processes = hunt.events["processes"]
    own = processes[processes["TargetProcessGuid"].isin(set(guids))]
    of_own = set(own["TargetProcessGuid"])
    marks = {guid: text for guid, text in hunt.applications.marks().items() if guid in of_own}
    return views.stack(
        table, views.process_tree(own, marks=marks, title=f"Processes of {user}", colour="finding")
    )
