"""All that happened in a session which grave findings are about, as one finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.people import known
from linuxhunt.sections.session_findings import SUM

__all__ = ["Distrusted", "distrusted", "told_once", "whole_sessions"]

_DEPTH = 6
"""Sessions within sessions that are followed: ssh, sudo, su, sudo, ..."""
_UNATTENDED = ("cron", "systemd-user")
_NEAR = pd.Timedelta(seconds=5)
_LINGER = pd.Timedelta(seconds=15)
"""systemd ends a user's manager ten seconds after the last session."""
_MINUTE = pd.Timedelta(minutes=1)


@dataclass(frozen=True)
class Distrusted:
    """A person's session that findings of High are about.

    Attributes:
        row: its row of ``sessions``.
        members: ids of it, of the sessions within it, and of the user's manager that it started.
        findings: those of High.
        pids: of the user's managers.
        words: texts that systemd's lines about it hold.
    """

    row: dict[Any, Any]
    members: frozenset[str]
    findings: tuple[Finding, ...]
    pids: tuple[int, ...]
    words: tuple[str, ...]


def distrusted(findings: Sequence[Finding], sessions: pd.DataFrame) -> list[Distrusted]:
    """Return the persons' sessions that a finding of High is about.

    Args:
        findings: of the section; those that name a session count.
        sessions: the ``sessions`` table.
    """
    top = _tops(sessions)
    high: dict[str, list[Finding]] = {}
    for each in findings:
        if each.severity == "High" and each.session in top:
            high.setdefault(top[each.session], []).append(each)
    rows = sessions[sessions["LogonSessionId"].isin(high)]
    rows = rows[~rows["LogonProtocol"].isin(_UNATTENDED)]
    managers = sessions[sessions["LogonProtocol"].eq("systemd-user").fillna(False)]
    within = pd.Series(top)
    made = []
    for row in rows.to_dict("records"):
        own = str(row["LogonSessionId"])
        started = managers[
            managers["DvcHostname"].eq(row["DvcHostname"]).fillna(False)
            & managers["TargetUsername"].eq(row["TargetUsername"]).fillna(False)
            & (managers["EventStartTime"] - row["EventStartTime"]).abs().le(_NEAR)
        ]
        uid, number = row["TargetUserId"], row["LogindSession"]
        words = [] if pd.isna(uid) else [f"UID {uid}.", f"UID {uid}...", f"UID {uid}"]
        words += [] if pd.isna(uid) else [f"/run/user/{uid}", f"user@{uid}.service"]
        words += [] if pd.isna(number) else [f"session-{number}.scope", f"Session {number} of"]
        made.append(
            Distrusted(
                row,
                frozenset({*within.index[within == own], *started["LogonSessionId"]}),
                tuple(high[own]),
                tuple(int(pid) for pid in started["TargetAppId"].dropna()),
                tuple(words),
            )
        )
    return made


def whole_sessions(
    bad: Sequence[Distrusted], tables: Tables, systemd: pd.DataFrame
) -> list[Finding]:
    """Return one finding (Medium) for each distrusted session.

    Who did one thing that only an intruder does is the intruder in the rest of the session, too:
    what is ordinary by itself (a folder made, an owner changed) is evidence there.

    Args:
        bad: of :func:`distrusted`.
        tables: ``sessions``, ``processes``, ``audit``, ``sudo``, ``cron``, ``accounts``, and
            ``logins`` (the query ``login_records``).
        systemd: rows of Syslog with systemd's lines about users' managers and sessions.

    Returns:
        Findings whose records are those of the session itself, of the sessions within it, and of
        all commands, elevations and account changes in it.
    """
    made = []
    for each in bad:
        row = each.row
        records, commands = _records(each, tables, systemd)
        name = known(row["TargetUsername"]) or "somebody"
        came = known(row["SrcIpAddr"]) or known(row["SrcHostname"])
        times = [one.start for one in each.findings] + [one.end for one in each.findings]
        start, end = row["EventStartTime"], row["EventEndTime"]
        used = [technique for one in each.findings for technique in one.techniques]
        made.append(
            Finding(
                "session",
                f"A session to distrust as a whole: {name}{f' from {came}' if came else ''}",
                "Medium",
                tuple(dict.fromkeys(("T1078", *used))),
                f"{_count(len(each.findings))} of High about this session; it has"
                f" {commands:,} commands and {len(each.members):,} sessions, sudo's, su's and the"
                " user's manager included",
                min([*times, start]) if pd.notna(start) else min(times),
                max([*times, end]) if pd.notna(end) else max(times),
                records,
                host=known(row["DvcHostname"]),
                user=known(row["TargetUsername"]),
                address=known(row["SrcIpAddr"]),
                session=str(row["LogonSessionId"]),
            )
        )
    return made


def told_once(own: Sequence[Finding], whole: Sequence[Finding]) -> list[Finding]:
    """Return the findings of the session section, with all that happened in distrusted sessions.

    Where several findings on one session are summed up already, that sum gets the records; only a
    session with a single grave finding has none.

    Args:
        own: of the section's checks.
        whole: of :func:`whole_sessions`.
    """
    left = {one.session: one for one in whole}
    told = []
    for one in own:
        rest = left.pop(one.session, None) if one.title.startswith(SUM) else None
        if rest is not None:
            records = tuple(dict.fromkeys([*one.records, *rest.records]))
            start, end = min(one.start, rest.start), max(one.end, rest.end)
            one = replace(one, records=records, start=start, end=end)
        told.append(one)
    return [*told, *left.values()]


def _count(findings: int) -> str:
    return f"{findings:,} finding{'s' if findings != 1 else ''}"


def _tops(sessions: pd.DataFrame) -> dict[str, str]:
    """Return session id -> id of the outermost session that it is in."""
    # few of many sessions are within others, and a series that asks for all is slow
    tops = {str(own): str(own) for own in sessions["LogonSessionId"]}
    within = sessions.drop_duplicates("LogonSessionId").dropna(subset=["ParentSessionId"])
    parent = dict(zip(within["LogonSessionId"], within["ParentSessionId"], strict=True))
    for own in parent:
        top = own
        for _ in range(_DEPTH):
            above = parent.get(top)
            top = above if above in tops else top
        tops[own] = top
    return tops


def _records(bad: Distrusted, tables: Tables, systemd: pd.DataFrame) -> tuple[tuple[str, ...], int]:
    """Return the records of all that happened in sessions, and how many commands that were."""
    sessions, ran = tables["sessions"], tables["processes"]
    own = sessions[sessions["LogonSessionId"].isin(bad.members)]
    ran = ran[ran["LogonSessionId"].isin(bad.members)]
    sudo = tables["sudo"]
    elevated = sudo[sudo["LogonSessionId"].isin(bad.members)]
    changed = _by_process(tables["accounts"], "ActingAppId", ran)
    edited = _by_process(tables["cron"], "TargetAppId", ran)
    commands = len(ran) or len(elevated)
    ids = [
        *_ids(own, elevated, changed, _audited(bad, own, tables["audit"]), ran),
        *edited["EventUid"],
        *_said(bad, systemd)["_ItemId"],
        *_logins(own, tables["logins"])["_ItemId"],
    ]
    return tuple(dict.fromkeys(ids)), commands


def _span(own: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return from when to when sessions were; far away where that is not known."""
    start, end = own["EventStartTime"].min(), own["EventEndTime"].max()
    never = pd.Timestamp("1970-01-01", tz="UTC"), pd.Timestamp("2200-01-01", tz="UTC")
    is_open = own["EventEndTime"].isna() & ~own["LogonProtocol"].eq("systemd-user").fillna(False)
    return (
        never[0] if pd.isna(start) else start,
        never[1] if pd.isna(end) or is_open.any() else end,
    )


def _audited(bad: Distrusted, own: pd.DataFrame, audit: pd.DataFrame) -> pd.DataFrame:
    """Return what audit has under the sessions' numbers, and about the user's manager."""
    start, end = _span(own)  # numbers of sessions begin again when a host does
    seats = own[["DvcHostname", "AuditSession"]].dropna().drop_duplicates()
    seats = seats.rename(columns={"AuditSession": "ses"}).astype({"ses": "Int64"})
    here = audit[audit["TimeGenerated"].between(start - _MINUTE, end + _MINUTE)]
    numbered = here[here["ses"].notna()].merge(seats, on=["DvcHostname", "ses"])
    hosts = own["DvcHostname"].unique()
    time = here["TimeGenerated"]
    soon = time.between(start - _NEAR, start + _NEAR) | time.between(end - _NEAR, end + _LINGER)
    managers = here[here["pid"].isin(bad.pids) & here["DvcHostname"].isin(hosts) & soon]
    return pd.concat([numbered, managers])


def _by_process(rows: pd.DataFrame, pid: str, ran: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that the processes of a session wrote: same pid, within a minute."""
    acted = pd.DataFrame(
        {
            "DvcHostname": ran["DvcHostname"],
            pid: ran["TargetProcessId"],
            "Ran": ran["TimeGenerated"],
        }
    ).dropna()
    wrote = rows[rows[pid].notna()].merge(acted, on=["DvcHostname", pid])
    return wrote[(wrote["TimeGenerated"] - wrote["Ran"]).abs() <= _MINUTE]


def _logins(own: pd.DataFrame, logins: pd.DataFrame) -> pd.DataFrame:
    """Return the login records of the sessions' pids: also of one whose begin was wiped."""
    start, end = _span(own)
    return logins[
        logins["ProcessID"].isin(own["TargetAppId"].dropna())
        & logins["Computer"].isin(own["DvcHostname"].dropna())
        & logins["TimeGenerated"].between(start - _NEAR, end + _LINGER)
    ]


def _said(bad: Distrusted, systemd: pd.DataFrame) -> pd.DataFrame:
    """Return systemd's lines about the session and the user's manager, near its begin and end."""
    start, end = bad.row["EventStartTime"], bad.row["EventEndTime"]
    time, text = systemd["TimeGenerated"], systemd["SyslogMessage"].fillna("")
    near = time.between(start - _NEAR, start + _NEAR)
    if pd.notna(end):
        near |= time.between(end - _NEAR, end + _LINGER)
    about = systemd["ProcessID"].isin(bad.pids)
    for word in bad.words:
        about |= text.str.contains(word, regex=False)
    same = systemd["Computer"].eq(bad.row["DvcHostname"]).fillna(False)
    return systemd[(near & about & same).fillna(False).astype(bool)]


def _ids(*frames: pd.DataFrame) -> Iterable[str]:
    for frame in frames:
        for ids in frame["RecordIds"]:
            yield from ids if ids is not None else ()
