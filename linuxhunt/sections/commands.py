"""What ran, from all that tells of it: audit's processes, sudo, cron, keys typed on a terminal."""

from __future__ import annotations

from typing import Any

import pandas as pd

from linuxhunt.schema import STR, TIME
from linuxhunt.sections.finding import Tables

__all__ = ["COLUMNS", "commands", "user_names"]

COLUMNS = (
    "Source", "DvcHostname", "TimeGenerated", "User", "ActorUserId", "TargetUserId", "Session",
    "LogonSessionId", "Tty", "TargetProcessGuid", "ActingProcessGuid", "ActingProcessId",
    "TargetProcessId", "TargetProcessName", "CommandLine", "Argv", "IsScript",
    "TargetProcessCurrentDirectory", "RecordIds",
)  # fmt: skip
"""Columns of :func:`commands`.

Source is ``process``, ``sudo``, ``cron`` or ``typed``. User is the person (auid) where one is
known, else the user that it ran as: a name, else ``uid 33``. Session is LogonSessionId, else
audit's number of the session. IsScript: CommandLine is text that a shell reads.
"""
_KEPT_TYPES: dict[str, Any] = {
    "TimeGenerated": TIME,
    "ActorUserId": "Int64",
    "TargetUserId": "Int64",
    "ActingProcessId": "Int64",
    "TargetProcessId": "Int64",
    "Argv": object,
    "RecordIds": object,
    "IsScript": bool,
}


def user_names(tables: Tables) -> dict[tuple[str, int], str]:
    """Return (host, uid) -> name, as far as any event states both.

    Sessions, logons and account changes state a uid with a name; enriched audit records do.
    """
    names: dict[tuple[str, int], str] = {}
    name: Any
    for kind in ("sessions", "logons", "auth", "accounts"):
        frame = tables.get(kind)
        if frame is None or frame.empty:
            continue
        pairs = [("TargetUsername", "TargetUserId")]
        if "ActorUserId" in frame:
            pairs.append(("ActorUsername", "ActorUserId"))
        for name, uid in pairs:
            stated = frame.loc[
                frame[name].notna() & frame[uid].notna(), ["DvcHostname", uid, name]
            ].drop_duplicates()
            for host, number, user in stated.itertuples(index=False):
                if kind != "accounts" or not names.get((_host(host), int(number))):
                    names.setdefault((_host(host), int(number)), user)
    audit = tables.get("audit")
    if audit is not None and len(audit):
        for own, translated in (("auid", "AUID"), ("uid", "UID")):
            first = audit[audit[own].notna()].drop_duplicates(["DvcHostname", own])
            for host, number, fields in zip(
                first["DvcHostname"], first[own], first["fields"], strict=True
            ):
                name = (fields or {}).get(translated)
                if isinstance(name, str) and name not in ("unset", f"unknown({number})"):
                    names.setdefault((_host(host), int(number)), name)
    return names


def _host(value: Any) -> str:
    return str(value).lower() if pd.notna(value) else ""


def commands(tables: Tables) -> pd.DataFrame:
    """Return all commands in order of time, with the columns COLUMNS.

    Args:
        tables: ``processes``, ``sudo``, ``cron``, ``audit`` and those that name users; any may be
            absent. Executions that failed are left out, as are sudo's refusals.
    """
    names = user_names(tables)
    parts = [
        part
        for part in (
            _processes(tables.get("processes"), names),
            _sudo(tables.get("sudo")),
            _sudo_of_audit(tables.get("audit"), names),
            _cron(tables.get("cron")),
            _typed(tables.get("audit"), names),
        )
        if part is not None and len(part)
    ]
    if not parts:
        return _shaped(pd.DataFrame({"TimeGenerated": pd.Series([], dtype=TIME)}), "process")
    whole = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    return whole.sort_values("TimeGenerated", kind="stable", ignore_index=True)


def _shaped(frame: pd.DataFrame, source: str, *, script: bool = False) -> pd.DataFrame:
    """Give a frame the columns COLUMNS and their types; what is missing is null."""
    given = frame.reset_index(drop=True).assign(Source=source, IsScript=script)
    return pd.DataFrame(
        {
            name: given[name].astype(_KEPT_TYPES.get(name, STR))
            if name in given
            else pd.Series([None] * len(given), dtype=_KEPT_TYPES.get(name, STR))
            for name in COLUMNS
        }
    ).assign(**{name: _lists(given, name) for name in ("Argv", "RecordIds")})


def _lists(given: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return a column of lists; what is none is None, also where pandas made it NaN."""
    held = given[name] if name in given else [None] * len(given)
    lists = [value if isinstance(value, list) else None for value in held]
    return pd.Series(lists, index=given.index, dtype=object)


def _named(
    host: pd.Series[Any], uid: pd.Series[Any], names: dict[tuple[str, int], str]
) -> pd.Series[Any]:
    """Return the names of users by their numbers; ``uid 33`` where none is known."""
    keys = pd.DataFrame({"host": host, "uid": uid})
    distinct = keys.drop_duplicates()
    found = {
        (h, u): None
        if pd.isna(u)
        else names.get((_host(h), int(u))) or ("root" if u == 0 else f"uid {u}")
        for h, u in distinct.itertuples(index=False)
    }
    return keys.merge(
        distinct.assign(name=pd.array(list(found.values()), dtype=STR)),
        how="left", on=["host", "uid"],
    )["name"].set_axis(host.index)  # fmt: skip


def _processes(
    frame: pd.DataFrame | None, names: dict[tuple[str, int], str]
) -> pd.DataFrame | None:
    if frame is None or frame.empty:
        return None
    ran = frame[frame["CommandLine"].notna() & (frame["EventResult"] != "Failure").fillna(True)]
    who = ran["ActorUserId"].fillna(ran["TargetUserId"])
    number = "ses " + ran["ActorSessionId"].astype(STR)
    tty = ran["Tty"].where(~ran["Tty"].isin(["(none)", "?"]).astype(bool))
    return _shaped(
        ran.assign(
            User=_named(ran["DvcHostname"], who, names),
            Session=ran["LogonSessionId"].fillna(number),
            Tty=tty,
        ),
        "process",
    )


def _sudo(frame: pd.DataFrame | None) -> pd.DataFrame | None:
    if frame is None or frame.empty:
        return None
    ran = frame[frame["CommandLine"].notna() & (frame["EventResult"] == "Success").fillna(False)]
    uid = pd.Series(0, index=ran.index, dtype="Int64").where(
        (ran["TargetUsername"] == "root").fillna(True)
    )
    return _shaped(
        ran.assign(User=ran["ActorUsername"], Session=ran["LogonSessionId"], TargetUserId=uid),
        "sudo",
    )


def _sudo_of_audit(
    audit: pd.DataFrame | None, names: dict[tuple[str, int], str]
) -> pd.DataFrame | None:
    """Return what sudo told audit that it runs (USER_CMD)."""
    if audit is None or audit.empty:
        return None
    ran = audit[
        (audit["type"] == "USER_CMD") & audit["cmdline"].notna() & (audit["res"] != "failed")
    ]
    return _shaped(
        ran.assign(
            User=_named(ran["DvcHostname"], ran["auid"].fillna(ran["uid"]), names),
            Session="ses " + ran["ses"].astype(STR),
            CommandLine=ran["cmdline"],
            ActorUserId=ran["auid"],
            TargetProcessCurrentDirectory=ran["cwd"],
            TargetProcessId=ran["pid"],
            Tty=ran["terminal"].str.removeprefix("/dev/"),
        ),
        "sudo",
    )


def _cron(frame: pd.DataFrame | None) -> pd.DataFrame | None:
    if frame is None or frame.empty:
        return None
    ran = frame[frame["CommandLine"].notna() & (frame["EventType"] == "Run").fillna(False)]
    records = pd.Series([[uid] for uid in ran["EventUid"]], index=ran.index, dtype=object)
    uid = pd.Series(0, index=ran.index, dtype="Int64").where(ran["TargetUsername"].eq("root"))
    named = ran.assign(User=ran["TargetUsername"], RecordIds=records, TargetUserId=uid)
    return _shaped(named, "cron", script=True)


def _typed(audit: pd.DataFrame | None, names: dict[tuple[str, int], str]) -> pd.DataFrame | None:
    """Return what was typed on terminals: pam_tty_audit's TTY and bash's USER_TTY records."""
    if audit is None or audit.empty:
        return None
    ran = audit[audit["type"].isin(["TTY", "USER_TTY"])]
    if ran.empty:
        return None
    text = pd.Series(
        [_line(fields) for fields in ran["fields"]], index=ran.index, dtype=STR
    ).replace("", None)
    ran = ran[text.notna()]
    return _shaped(
        ran.assign(
            CommandLine=text,
            User=_named(ran["DvcHostname"], ran["auid"].fillna(ran["uid"]), names),
            Session="ses " + ran["ses"].astype(STR),
            ActorUserId=ran["auid"],
            TargetUserId=ran["uid"],
            TargetProcessId=ran["pid"],
            Tty=ran["tty"].fillna("tty"),
        ),
        "typed",
        script=True,
    )


def _line(fields: dict[str, Any] | None) -> str:
    """Return the keys typed as text: lines by line feeds, rubbed out signs gone."""
    data = (fields or {}).get("data")
    if not isinstance(data, str):
        return ""
    kept: list[str] = []
    for sign in data.replace("\r", "\n"):
        if sign in "\x7f\b":
            del kept[-1:]
        elif sign >= " " or sign == "\n":
            kept.append(sign)
    return "".join(kept)
