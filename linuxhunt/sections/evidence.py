"""What else the logs hold on the acts that findings show: the other lines of the same program run.

A line of sudo's log has PAM's lines about the session that it opened; a failed password has the
lines of its connection; a command in audit has what the program told audit itself; a cron job has
the lines of its session. They are told by their own keys (host, pid, program, session), never by
order alone, and belong to the evidence of a finding that holds one of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import pandas as pd

from linuxhunt.sections.finding import Finding

__all__ = ["widened"]

_PAUSE = pd.Timedelta(minutes=10)
"""Lines of one pid that lie further apart are of two runs: sshd gives a client two minutes."""
_DAEMONS = ("systemd-logind", "systemd", "polkit")
"""Programs of which one process speaks of everybody: its pid ties nothing together, only the
number of the session that a line is about does."""
_SKEW = pd.Timedelta(seconds=10)
_SECOND = pd.Timedelta(seconds=1)
_CRON_PIDS = 3
"""cron opens the session in a child, whose own child logs the command under a pid just above."""
_LIFE = pd.Timedelta(hours=12)
_RELOAD = pd.Timedelta(minutes=2)
_CRONTAB = re.compile(r"\bcrontab\b")
_OF_USER = re.compile(r"\bcrontab\b.*? -u ?(\S+)")
_TABLE = re.compile(r"/etc/cron\.d/([\w.-]+)|/cron(?:tabs)?/([\w.-]+)")
_HELD = ["Finding", "Record"]


class Frames(Protocol):
    """Kind of event -> its frame, made when it is asked for."""

    def __getitem__(self, kind: str, /) -> pd.DataFrame:
        """Return the frame of a kind."""
        ...


def widened(findings: Sequence[Finding], tables: Frames) -> list[Finding]:
    """Return findings with the further records of the program runs that theirs belong to.

    Args:
        findings: of any section.
        tables: ``auth``, ``sessions``, ``processes``, ``audit``, ``accounts`` and ``cron``.

    Returns:
        The same findings in their order, their records first.
    """
    held = pd.DataFrame(
        [(number, record) for number, each in enumerate(findings) for record in each.records],
        columns=_HELD,
    )
    if held.empty:
        return list(findings)
    lines = _lines(tables["auth"])
    more = [
        _of_connections(held, lines),
        _of_processes(held, tables, lines),
        _of_sessions(held, tables, lines),
        _of_tables(findings, tables["cron"]),
    ]
    added = _with_all_records(
        pd.concat([part for part in more if len(part)] or more[:1], ignore_index=True),
        tables["audit"],
    )
    known: dict[Any, list[str]] = (
        added.drop_duplicates().groupby("Finding")["Record"].agg(list).to_dict()
    )
    return [
        replace(each, records=tuple(dict.fromkeys([*each.records, *known.get(number, ())])))
        for number, each in enumerate(findings)
    ]


def _lines(auth: pd.DataFrame) -> pd.DataFrame:
    """Return the lines that state a pid, in order of time.

    Returns:
        Host, Program, Pid, Session (of logind's, "" where a line names none), Time, Record.
    """
    stated = auth[auth["TargetAppId"].notna()]
    return pd.DataFrame(
        {
            "Host": stated["DvcHostname"].fillna(""),
            "Program": stated["LogonProtocol"].fillna(stated["TargetAppName"]).fillna(""),
            "Pid": stated["TargetAppId"].astype("int64"),
            "Session": [
                (held or {}).get("LogindSession", "") for held in stated["AdditionalFields"]
            ],
            "Time": stated["TimeGenerated"],
            "Record": stated["EventUid"],
        }
    ).sort_values("Time", kind="stable", ignore_index=True)


def _of_connections(held: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of the same pid of the same program without a pause between them."""
    by = ["Host", "Program", "Pid", "Of"]
    daemon = lines["Program"].isin(_DAEMONS)
    lines = lines.assign(Of=lines["Session"].where(daemon, ""))[~daemon | (lines["Session"] != "")]
    hit = lines["Record"].isin(held["Record"].unique())
    own = lines.merge(lines.loc[hit, by].drop_duplicates(), on=by)
    if own.empty:
        return _none()
    pauses = (own.groupby(by, sort=False)["Time"].diff() > _PAUSE) & (own["Of"] == "")
    own["Run"] = pauses.groupby([own[name] for name in by], sort=False).cumsum()
    own["Run"] = own.groupby([*by, "Run"], sort=False).ngroup()
    runs = held.merge(own[["Record", "Run"]], on="Record")[["Finding", "Run"]].drop_duplicates()
    return runs.merge(own[["Run", "Record"]], on="Run")[_HELD]


def _of_processes(held: pd.DataFrame, tables: Frames, lines: pd.DataFrame) -> pd.DataFrame:
    """Return what audit, PAM and the account programs logged under the pid of a process."""
    ran = tables["processes"]
    ran = ran[ran["TargetProcessId"].notna() & (ran["EventResult"] != "NA").fillna(True)]
    records = ran[["TargetProcessGuid", "RecordIds"]].explode("RecordIds")
    hit = held.merge(records, left_on="Record", right_on="RecordIds")
    hit = hit[["Finding", "TargetProcessGuid"]].drop_duplicates()
    pids = ran.loc[ran["TargetProcessGuid"].isin(hit["TargetProcessGuid"]), "TargetProcessId"]
    lives = _keyed(ran[ran["TargetProcessId"].isin(pids)], "TargetProcessId", "TargetProcessGuid")
    accounts = tables["accounts"].explode("RecordIds")
    accounts = _keyed(accounts, "ActingAppId", "RecordIds")
    audit = _keyed(tables["audit"], "pid", "EventUid")
    edits = _keyed(tables["cron"], "TargetAppId", "EventUid")
    parts = [audit, accounts, edits, lines[["Host", "Pid", "Time", "Record"]]]
    said = pd.concat([part for part in parts if len(part)] or parts[:1])
    said = said[said["Pid"].isin(pids)]
    if said.empty or lives.empty:
        return _none()
    said["Time"] += _SECOND  # syslog's stamps may be whole seconds
    owned = pd.merge_asof(
        said.sort_values("Time", kind="stable"),
        lives.rename(columns={"Record": "TargetProcessGuid"}),
        on="Time", by=["Host", "Pid"], direction="backward", tolerance=_LIFE,
    )  # fmt: skip
    return hit.merge(owned[["TargetProcessGuid", "Record"]], on="TargetProcessGuid")[_HELD]


def _keyed(frame: pd.DataFrame, pid: str, record: str) -> pd.DataFrame:
    """Return Host, Pid, Time, Record of the rows that state a pid, in order of time."""
    stated = frame[frame[pid].notna() & frame["TimeGenerated"].notna()]
    return pd.DataFrame(
        {
            "Host": stated["DvcHostname"].fillna(""),
            "Pid": stated[pid].astype("int64"),
            "Time": stated["TimeGenerated"],
            "Record": stated[record],
        }
    ).sort_values("Time", kind="stable", ignore_index=True)


def _of_sessions(held: pd.DataFrame, tables: Frames, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the records of the sessions that records belong to, and of cron's that ran a job."""
    sessions = tables["sessions"]
    records = sessions[["LogonSessionId", "RecordIds"]].explode("RecordIds")
    records = records.rename(columns={"RecordIds": "Record"})
    hit = pd.concat(
        [
            held.merge(records, on="Record")[["Finding", "LogonSessionId"]],
            _jobs_of_processes(held, sessions, tables["processes"]),
            _jobs_of_lines(held, sessions, tables["cron"]),
        ]
    ).drop_duplicates()
    if hit.empty:
        return _none()
    own = sessions[sessions["LogonSessionId"].isin(hit["LogonSessionId"])]
    stated = own[own["TargetAppId"].notna() & own["EventStartTime"].notna()]
    keys = pd.DataFrame(
        {
            "LogonSessionId": stated["LogonSessionId"],
            "Host": stated["DvcHostname"].fillna(""),
            "Program": stated["LogonProtocol"].fillna(""),
            "Pid": stated["TargetAppId"].astype("int64"),
            "From": stated["EventStartTime"] - _SKEW,
            "To": stated["EventEndTime"].fillna(stated["EventStartTime"]) + _SKEW,
        }
    )
    said = keys.merge(lines, on=["Host", "Program", "Pid"])
    said = said[(said["Time"] >= said["From"]) & (said["Time"] <= said["To"])]
    whole = pd.concat([records, said[["LogonSessionId", "Record"]]])
    return hit.merge(whole, on="LogonSessionId")[_HELD]


def _jobs_of_processes(
    held: pd.DataFrame, sessions: pd.DataFrame, ran: pd.DataFrame
) -> pd.DataFrame:
    """Return the cron sessions in which processes of findings ran."""
    jobs = sessions.loc[sessions["LogonProtocol"] == "cron", "LogonSessionId"]
    own = ran[ran["LogonSessionId"].isin(jobs)][["LogonSessionId", "RecordIds"]]
    own = own.explode("RecordIds").rename(columns={"RecordIds": "Record"})
    return held.merge(own, on="Record")[["Finding", "LogonSessionId"]]


def _jobs_of_lines(held: pd.DataFrame, sessions: pd.DataFrame, cron: pd.DataFrame) -> pd.DataFrame:
    """Return the cron sessions of the jobs whose lines are held."""
    wanted: Any = held["Record"].unique() if len(cron) else []
    runs = cron[cron["EventUid"].isin(wanted) & cron["TargetAppId"].notna()]
    jobs = sessions[(sessions["LogonProtocol"] == "cron") & sessions["TargetAppId"].notna()]
    # those of neighbouring spans of time only: root's jobs of a year are many
    runs = runs.assign(Run=range(len(runs)), Span=runs["TimeGenerated"].dt.floor(_SKEW))
    jobs = jobs.assign(Job=range(len(jobs)), Span=jobs["EventStartTime"].dt.floor(_SKEW))
    on = ["DvcHostname", "TargetUsername", "Span"]
    beside = [runs.assign(Span=runs["Span"] + place * _SKEW) for place in (-1, 0, 1)]
    both = pd.concat([part.merge(jobs, on=on, suffixes=("", "Session")) for part in beside])
    both = both.sort_values(["Run", "Job"], ignore_index=True)
    apart = both["TimeGenerated"] - both["EventStartTime"]
    above = both["TargetAppId"] - both["TargetAppIdSession"]
    near = apart.abs().le(_SKEW) & above.between(0, _CRON_PIDS)
    both = both[near.fillna(False)]
    lines = both[["EventUid", "LogonSessionId"]].rename(columns={"EventUid": "Record"})
    return held.merge(lines, on="Record")[["Finding", "LogonSessionId"]]


def _of_tables(findings: Sequence[Finding], cron: pd.DataFrame) -> pd.DataFrame:
    """Return cron's lines about having read again a table of jobs that a finding's command names.

    Debian's cron writes ``(*system*name) RELOAD (/etc/cron.d/name)``, others ``(user) RELOAD
    (crontabs/user)``, within the minute.
    """
    read = cron[cron["EventType"].eq("Reload").fillna(False)]
    held: list[tuple[int, str]] = []
    for number, each in enumerate(findings):
        command = each.command or ""
        names = {name for pair in _TABLE.findall(command) for name in pair if name}
        if _CRONTAB.search(command):  # who edits by sudo or in a root shell edits root's
            names |= {each.user or "root", "root", *_OF_USER.findall(command)}
        if not names or read.empty:
            continue
        late = read["TimeGenerated"].between(each.start - _SKEW, each.end + _RELOAD)
        own = read["TargetUsername"].fillna("").str.removeprefix("*system*")
        same = own.isin(names)
        if each.host is not None:
            same &= read["DvcHostname"].eq(each.host).fillna(False)
        held += [(number, uid) for uid in read.loc[late & same, "EventUid"]]
    return pd.DataFrame(held, columns=_HELD) if held else _none()


def _with_all_records(added: pd.DataFrame, audit: pd.DataFrame) -> pd.DataFrame:
    """Put the other records of an audit event beside its first."""
    if audit.empty:
        return added
    hit = audit["EventUid"].isin(added["Record"].unique())
    own: Any = audit.loc[hit, ["EventUid", "RecordIds"]]
    own = own.explode("RecordIds").rename(columns={"EventUid": "Record"})
    rest = added.merge(own, on="Record")[["Finding", "RecordIds"]]
    rest = rest.rename(columns={"RecordIds": "Record"})
    return pd.concat([added, rest], ignore_index=True) if len(rest) else added


def _none() -> pd.DataFrame:
    return pd.DataFrame({"Finding": pd.Series([], dtype="int64"), "Record": []}).astype(
        {"Record": object}
    )
