"""What one session did, view by view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from linuxhunt import views
from linuxhunt.schema import STR
from linuxhunt.sections.makers import makers
from linuxhunt.sections.people import fold, folded, of_people
from linuxhunt.sections.session_parts import IN_IT, LANES, happened
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt
    from linuxhunt.pages.session import SessionPage

__all__ = ["label", "labels", "session_facts", "session_view"]

_NOBODY = "?"
MESSAGES, FOLDS = 5_000, 25
"""Log lines of all programs that are fetched for one session, and folds of one kind shown."""


def label(row: Mapping[Any, Any]) -> str:
    """Name a session in one line."""
    start = row["EventStartTime"]
    when = f"{start:%d %b %H:%M:%S}" if pd.notna(start) else "before the log"
    source = row["SrcIpAddr"] if pd.notna(row["SrcIpAddr"]) else row["SrcHostname"]
    from_where = f" from {source}" if pd.notna(source) else ""
    reasons = f" ({', '.join(row['Reasons'])})" if row.get("Reasons") else ""
    user, way = (row[name] if pd.notna(row[name]) else _NOBODY
                 for name in ("TargetUsername", "LogonProtocol"))  # fmt: skip
    return f"{when} {user}{from_where}, {way}{reasons}"


def labels(sessions: pd.DataFrame) -> list[str]:
    """Name sessions as :func:`label` does, hundreds of thousands in a moment.

    Args:
        sessions: with Reasons (list of str), those that people began.
    """
    start = pa.Array.from_pandas(sessions["EventStartTime"].dt.tz_localize(None))
    when = pd.Series(pc.strftime(start.cast(pa.timestamp("s"), safe=False), "%d %b %H:%M:%S"),
                     index=sessions.index, dtype=STR).fillna("before the log")  # fmt: skip
    source = " from " + sessions["SrcIpAddr"].fillna(sessions["SrcHostname"])
    user, way = (sessions[name].fillna(_NOBODY) for name in ("TargetUsername", "LogonProtocol"))
    why = [f" ({', '.join(given)})" if given else "" for given in sessions["Reasons"]]
    text = when + " " + user + source.fillna("") + ", " + way
    return [said + reasons for said, reasons in zip(text, why, strict=True)]


def session_view(hunt: Hunt, page: SessionPage) -> View:
    """Return timeline, counts, changes, what ran and the log lines of the picked session."""
    start, end = page.span
    return views.stack(
        _timeline(hunt, page, start, end),
        views.row(
            _counts(page.sudo_rows, "CommandLine", "sudo commands in it"),
            _cron(hunt, page, start, end),
        ),
        _changes(hunt, page, start, end),
        _tree(hunt, page),
        _by_command(hunt, page.sudo_rows),
        _messages(hunt, page, start, end),
        _lines(hunt, page),
    )


def _known(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def session_facts(hunt: Hunt, page: SessionPage) -> View:
    """Return who, from where, how, how long, and what else there was at the time."""
    start, end = page.span
    row = page.row.to_dict("records")[0]
    sessions = of_people(hunt.events["sessions"])
    others = sessions[
        folded(sessions["DvcHostname"]).eq(fold(row["DvcHostname"]))
        & ~sessions["LogonSessionId"].isin(page.family)
        & sessions["ParentSessionId"].isna()
        & (sessions["EventStartTime"].isna() | (sessions["EventStartTime"] <= end))
        & (sessions["EventEndTime"].isna() | (sessions["EventEndTime"] >= start))
    ]
    of_others = others[others["TargetUsername"].ne(row["TargetUsername"]).fillna(True)]
    alerts = hunt.alerts.alerts
    raised = alerts[(alerts["TimeGenerated"] >= start) & (alerts["TimeGenerated"] <= end)]
    within = hunt.events["sessions"]
    within = within[within["LogonSessionId"].isin(page.family[1:])]
    uid = f" (uid {row['TargetUserId']})" if pd.notna(row["TargetUserId"]) else ""
    by = f", opened by {row['ActorUsername']}" if _known(row["ActorUsername"]) else ""
    port = f" port {row['SrcPortNumber']}" if pd.notna(row["SrcPortNumber"]) else ""
    tie = [("logind session", row["LogindSession"]), ("audit ses", row["AuditSession"]),
           ("terminal", row["Tty"]), ("pid", row["TargetAppId"]),
           ("seen by", ", ".join(row["Witnesses"] or []))]  # fmt: skip
    facts = [
        ("Who", f"{_known(row['TargetUsername'])}{uid}{by} on {_known(row['DvcHostname'])}"),
        ("From", f"{_known(row['SrcIpAddr']) or _known(row['SrcHostname'])}{port}"
                 f"{_place(page, row['SrcIpAddr'])}" if _known(row["SrcIpAddr"])
                 or _known(row["SrcHostname"]) else "this host itself, or not stated"),
        ("How", ", ".join(filter(None, map(_known, (row["LogonProtocol"], row["LogonMethod"],
                                                    row["KeyFingerprint"]))))),
        ("How long", _length(row)),
        ("Known as", ", ".join(f"{name} {_known(value)}" for name, value in tie if _known(value))),
        ("Within", _known(row["ParentSessionId"])),
        ("Sessions within it", "; ".join(label(held) for held in within.to_dict("records"))),
        ("Others at the time", _others(of_others)),
        ("The same user's others", _others(others.drop(of_others.index))),
        ("Alerts at the time", "; ".join(raised["AlertName"].dropna().unique()[:5])),
        ("Session id", str(row["LogonSessionId"])),
    ]  # fmt: skip
    frame = pd.DataFrame([fact for fact in facts if fact[1]], columns=["Fact", "Value"])
    return views.table(frame, label(row))


def _place(page: SessionPage, address: Any) -> str:
    places = page.tables()["places"]
    held = places[places["address"] == address].to_dict("records")
    if not held:
        return ""
    names = [_known(held[0][name]) for name in ("City", "Country", "ASName")]
    asn = f"AS{held[0]['ASN']}" if pd.notna(held[0]["ASN"]) else ""
    text = ", ".join(filter(None, [*names, asn])) or _known(held[0]["Source"])
    return f" ({text})" if text else ""


def _length(row: Mapping[Any, Any]) -> str:
    start, end = row["EventStartTime"], row["EventEndTime"]
    began = f"{start:%d %b %Y %H:%M:%S}" if pd.notna(start) else "before the log"
    if pd.isna(end):
        return f"from {began} UTC, {_known(row['EndReason']) or 'open'}"
    if pd.isna(start):
        return f"began {began}, until {end:%d %b %Y %H:%M:%S} UTC ({row['EndReason']})"
    long = str((end - start).round("s")).replace("0 days ", "")
    return f"{long}: {began} to {end:%d %b %Y %H:%M:%S} UTC ({row['EndReason']})"


def _others(sessions: pd.DataFrame) -> str:
    texts = [label(row) for row in sessions.head(6).to_dict("records")]
    rest = len(sessions) - len(texts)
    return "; ".join(texts) + (f" and {rest:,} more" if rest > 0 else "")


def _timeline(hunt: Hunt, page: SessionPage, start: pd.Timestamp, end: pd.Timestamp) -> View:
    """All that happened on the host from a little before the session until a little after it."""
    first = max(start - page.padding, hunt.scope.start)
    last = min(end + page.padding, hunt.scope.end)
    last = max(last, first + pd.Timedelta(seconds=1))
    alerts = hunt.alerts.alerts
    rows = happened({**page.tables(), "alerts": alerts}, str(page.id), first, last)
    rows["Lane"] = pd.Categorical(rows["Lane"], categories=list(LANES), ordered=True)
    return views.timeline(
        rows, "TimeGenerated", "Lane", "EventMessage", colour_by="Belongs", start=first, end=last,
        alerts=alerts, title="The session and what else happened at the time",
    )  # fmt: skip


def _counts(rows: pd.DataFrame, column: str, title: str) -> View:
    """Count by text, successes and failures; what states no result was no failure."""
    failed = rows["EventResult"].eq("Failure").fillna(False)
    counted = pd.DataFrame({column: rows[column], "Failure": failed, "Success": ~failed})
    counts = counted.groupby(column, as_index=False, observed=True)[["Failure", "Success"]].sum()
    return views.bars(counts, column, title=title, noun="commands")


def _on_host(
    frame: pd.DataFrame, page: SessionPage, start: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    host = fold(page.row["DvcHostname"].iloc[0])
    inside = frame[(frame["TimeGenerated"] >= start) & (frame["TimeGenerated"] <= end)]
    return inside[folded(inside["DvcHostname"]) == host]


def _cron(hunt: Hunt, page: SessionPage, start: pd.Timestamp, end: pd.Timestamp) -> View:
    cron = _on_host(hunt.events["cron"], page, start, end)
    ran = cron[cron["EventType"].eq("Run").fillna(False)]
    return _counts(ran, "CommandLine", "cron commands at the same time")


def _changes(hunt: Hunt, page: SessionPage, start: pd.Timestamp, end: pd.Timestamp) -> View | None:
    """Changes of accounts, groups and crontabs, and whether the session made them."""
    cron = _on_host(hunt.events["cron"], page, start, end)
    edits = cron[cron["EventType"].isin(["Edit", "Replace", "Delete"])]
    edits = edits.assign(EventType="crontab " + edits["EventType"])
    made = []
    for rows in (_on_host(hunt.events["accounts"], page, start, end), edits):
        if len(rows):
            made.append(rows.join(makers(rows, page.tables())))
    if not made:
        return views.message("No account, group or crontab was changed in that time.")
    rows = pd.concat(made, ignore_index=True).sort_values("TimeGenerated", kind="stable")
    sure = rows["MakerSession"].isin(page.family) & rows["How"].isin(["pid", "sudo"])
    rows["Belongs"] = sure.map({True: IN_IT, False: "at the same time"})
    shown = ["TimeGenerated", "Belongs", "EventType", "TargetUsername", "GroupName", "Maker", "How"]
    return views.table(
        rows, "Accounts, groups and crontabs changed in that time",
        columns=[name for name in shown if name in rows],
    )  # fmt: skip


def _tree(hunt: Hunt, page: SessionPage) -> View:
    """The tree of what the session ran."""
    processes = hunt.events["processes"]
    own = processes[processes["LogonSessionId"].isin(page.family)]
    if own.empty:
        return views.message("No execution is recorded for this session.", "info")
    of_own = set(own["TargetProcessGuid"])
    marks = {guid: text for guid, text in hunt.applications.marks().items() if guid in of_own}
    return views.process_tree(
        own, focus=list(own["TargetProcessGuid"]), marks=marks,
        title=f"What it ran: {len(own):,} executions",
    )  # fmt: skip


def _by_command(hunt: Hunt, sudo: pd.DataFrame) -> View | None:
    """The log lines of each sudo command, under a line that a click opens."""
    if sudo.empty:
        return None
    lines = hunt.lines(uid for ids in sudo["RecordIds"].head(500) for uid in ids)
    groups = sudo.groupby("CommandLine", sort=False, dropna=False)["RecordIds"]
    folds = []
    for command, ids in list(groups)[:FOLDS]:
        held = [lines[uid] for own in ids for uid in own if uid in lines]
        frame = pd.DataFrame({"Line": held}, dtype="string")
        folds.append(views.fold(f"{len(ids):,} × {command}"[:160], views.table(frame)))
    rest = len(groups) - len(folds)
    more = views.message(f"{rest:,} more commands are in hunt.session.sudo_rows.") if rest else None
    return views.stack(views.message("Log lines by sudo command:"), *folds, more)


def _messages(hunt: Hunt, page: SessionPage, start: pd.Timestamp, end: pd.Timestamp) -> View:
    """All log lines of the host in that time by facility, where they are not too many."""
    host = page.row["DvcHostname"].iloc[0]
    named = hunt.hosts[hunt.hosts["Host"] == host]
    spellings = list(named["Computers"].iloc[0]) if len(named) else [str(host)]
    asked: dict[str, Any] = {
        "start": start.to_pydatetime(),
        "end": (end + pd.Timedelta(seconds=1)).to_pydatetime(),
        "hosts": spellings,
        "all_hosts": pd.isna(host),
    }
    between = f"of {host} from {asked['start']:%d %b %H:%M:%S} to {asked['end']:%d %b %H:%M:%S} UTC"
    count = int(hunt.events.beside("programs", f"programs {between}", **asked)["Rows"].sum())
    if count > MESSAGES:
        return views.message(
            f"{count:,} syslog lines {between} are more than the {MESSAGES:,} that are fetched for"
            " a session; narrow the window to see them."
        )
    rows = hunt.events.beside("messages", f"syslog lines {between}", all_programs=True, **asked)
    columns = ["TimeGenerated", "ProcessName", "ProcessID", "SeverityLevel", "SyslogMessage"]
    folds = [
        views.fold(
            f"{facility}: {len(own):,} lines",
            views.table(own.sort_values("TimeGenerated", kind="stable"), columns=columns),
        )
        for facility, own in rows.groupby(rows["Facility"].fillna("(no facility)"), sort=True)
    ]
    return views.stack(views.message(f"All {count:,} syslog lines {between}, by facility:"), *folds)


def _lines(hunt: Hunt, page: SessionPage) -> View:
    """The records that the sessions were put together from."""
    sessions = hunt.events["sessions"]
    own = sessions[sessions["LogonSessionId"].isin(page.family)]
    lines = hunt.lines(uid for ids in own["RecordIds"] for uid in ids)
    raw = pd.DataFrame({"Record": list(lines), "Line": list(lines.values())}, dtype="string")
    return views.fold(
        f"Its own log lines, and those of sessions within it: {len(raw):,}", views.table(raw)
    )
