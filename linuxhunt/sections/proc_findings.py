"""Commands that a check picked -> findings: one for each question, user and session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from linuxhunt.sections.finding import Finding

__all__ = ["SECTION", "adopt", "children_of", "finding", "known", "place"]

SECTION = "applications"
_LEVELS = 6
_MOST_CHILDREN = 5_000
_CUT = 120
_LOGS = {"sudo": "sudo's log", "cron": "cron's log", "typed": "keys typed"}
_NEAR = pd.Timedelta(seconds=5)


def known(value: Any) -> str | None:
    """Return a cell's text; None where it is null."""
    return str(value) if pd.notna(value) else None


def place(rows: pd.DataFrame) -> pd.Series[Any]:
    """Return where somebody was at work: host and session, else host, user and day."""
    day = rows["User"].fillna("?") + rows["TimeGenerated"].dt.strftime(" %Y-%m-%d").astype("str")
    return rows["DvcHostname"].fillna("").str.lower() + "|" + rows["Session"].fillna(day)


def adopt(found: pd.DataFrame) -> pd.DataFrame:
    """Give what sudo and cron logged the user and session of the process that it became.

    Args:
        found: columns of commands, and Title and Line. A process of the same line within 5 s of
            the log line on the same host is the same command.
    """
    processes = found[found["Source"] == "process"]
    logged = found[found["Source"] != "process"]
    if processes.empty or logged.empty:
        return found
    by = ["DvcHostname", "Title", "Line"]
    taken = ["User", "Session", "LogonSessionId", "Tty", "TargetProcessGuid"]
    near = pd.merge_asof(
        logged[["TimeGenerated", *by]].reset_index().sort_values("TimeGenerated", kind="stable"),
        processes[["TimeGenerated", *by, *taken]].sort_values("TimeGenerated", kind="stable"),
        on="TimeGenerated", by=by, direction="nearest", tolerance=_NEAR,
    ).set_index("index")  # fmt: skip
    matched = near[near["User"].notna()]
    adopted = found.copy()
    for name in taken:
        adopted.loc[matched.index, name] = matched[name]
    return adopted


def children_of(commands: pd.DataFrame, guids: Iterable[str]) -> dict[str, list[int]]:
    """Return for each guid the rows of the processes that descend from it (at most 5,000)."""
    above = pd.DataFrame({"Top": list(dict.fromkeys(guids))})
    if above.empty:
        return {}
    above["Guid"] = above["Top"]
    links = (
        commands.loc[
            commands["ActingProcessGuid"].notna(), ["TargetProcessGuid", "ActingProcessGuid"]
        ]
        .rename_axis("Row")
        .reset_index()
    )
    below: dict[str, list[int]] = {}
    for _ in range(_LEVELS):
        step = above.merge(links, left_on="Guid", right_on="ActingProcessGuid")
        if step.empty or len(step) > _MOST_CHILDREN:
            break
        for top, row in zip(step["Top"], step["Row"], strict=True):
            below.setdefault(top, []).append(int(row))
        above = step[["Top", "TargetProcessGuid"]].set_axis(["Top", "Guid"], axis=1)
    return below


def _records(rows: pd.DataFrame) -> Iterator[str]:
    for ids in rows["RecordIds"]:
        yield from ids if ids is not None else ()


def finding(
    rows: pd.DataFrame,
    title: str,
    severity: str,
    techniques: Iterable[str],
    why: str,
    *,
    more: pd.DataFrame | None = None,
) -> Finding:
    """Make a finding of commands.

    Args:
        rows: the commands that it is about, not none.
        title: without the command.
        severity: of it.
        techniques: MITRE ATT&CK ids.
        why: a clause.
        more: further commands whose records belong to the evidence.
    """
    ordered = rows.sort_values("TimeGenerated", kind="stable")
    is_process = ordered["Source"] == "process"
    shown = ordered[is_process].iloc[0] if is_process.any() else ordered.iloc[0]
    first, last = ordered["TimeGenerated"].min(), ordered["TimeGenerated"].max()
    command = " ".join(str(shown["CommandLine"]).split())
    short = command if len(command) <= _CUT else command[: _CUT - 1] + "…"
    ran = _times(ordered)
    records = [*_records(ordered), *(_records(more) if more is not None else ())]
    sessions = ordered["LogonSessionId"].dropna().unique()
    return Finding(
        SECTION,
        f"{title}: {short}",
        severity,
        tuple(dict.fromkeys(techniques)),
        f"{why}; {ran}",
        first,
        last,
        tuple(dict.fromkeys(records)),
        host=known(shown["DvcHostname"]),
        user=known(shown["User"]),
        session=str(sessions[0]) if len(sessions) == 1 else known(shown["LogonSessionId"]),
        process=known(shown["TargetProcessGuid"]),
        command=known(shown["CommandLine"]),
    )


def _times(rows: pd.DataFrame) -> str:
    """Say how often, by whom, as whom, from where."""
    shown = rows.iloc[0]
    sources = rows["Source"]
    count = int((sources == "process").sum()) or int(sources.value_counts().iloc[0])
    distinct = rows["CommandLine"].nunique()
    text = f"seen {count:,} {'time' if count == 1 else 'times'}"
    if distinct > 1 and count > 1:
        text += f" in {distinct:,} command lines"
    text += f", by {known(shown['User']) or 'an unknown user'}"
    as_user = shown["TargetUserId"]
    if pd.notna(as_user) and pd.notna(shown["ActorUserId"]) and as_user != shown["ActorUserId"]:
        text += " as root" if as_user == 0 else f" as uid {as_user}"
    if pd.notna(shown["Tty"]):
        text += f" on {shown['Tty']}"
    if pd.notna(shown["TargetProcessCurrentDirectory"]):
        text += f" in {shown['TargetProcessCurrentDirectory']}"
    logs = ", ".join(_LOGS[name] for name in sorted(set(sources) - {"process"}))
    if not logs:
        return text
    return f"{text} ({'also ' if (sources == 'process').any() else ''}in {logs})"
