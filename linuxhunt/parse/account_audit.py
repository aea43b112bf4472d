"""Audit events to ``accounts``: changes of users, groups and passwords that audit tells of.

One change is told of in several records (of passwd and of shadow, of a group and its shadow, of
the folder that was made), all of one process within seconds. A record names a user by name or by
uid, never by both, and Debian's names no group that a user is put into: what one leaves out comes
from the others of its process, from its command line (EXECVE, or sudo's USER_CMD), and from names
that are known for uids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from linuxhunt.parse.account_ops import TYPES, Change, change, said
from linuxhunt.parse.account_words import PROGRAMS, Named, named
from linuxhunt.schema import conform, empty

__all__ = ["audit_accounts"]

_GAP = pd.Timedelta(seconds=5)
"""How far apart the records of one change lie at most, and its command line before it."""
_RAN = pd.Timedelta(minutes=10)
"""How long a program that changes accounts may wait, as passwd and chfn do for who types."""
_GROUPS = ("GroupCreated", "GroupDeleted", "GroupModified")
_MEMBERS = ("UserAddedToGroup", "UserRemovedFromGroup")
_OF_ONE = ("useradd", "userdel", "usermod")
"""Programs that are about one user each time that they run."""
_NOBODY = ("unset", "")
_KEPT = ("type", "auid", "ses", "terminal")

Uids = Mapping[tuple[str, int], str]


@dataclass
class _Told:
    """One record, with what it and its process name."""

    at: int
    time: pd.Timestamp
    host: Any
    pid: Any
    program: str
    what: Change
    op: str
    result: str
    user: str | None = None
    uid: int | None = None
    shown: str | None = None
    group: str | None = None
    gid: int | None = None
    actor: str | None = None
    new: str | None = None
    extra: dict[str, Any] | None = None


def audit_accounts(
    audit: pd.DataFrame, records: pd.DataFrame | None = None, names: Uids | None = None
) -> pd.DataFrame:
    """Return changes of accounts that audit tells of.

    Args:
        audit: ``EVENTS["audit"]``, in its order.
        records: the records that the events were read from; gives EventMessage.
        names: (host in lower case, uid) -> user, as far as it is known.

    Returns:
        ``EVENTS["accounts"]``, one row a change. ActorUsername is whose ``auid`` it is, null where
        nobody is known for it. AdditionalFields holds ``type``, ``op``, ``auid``, ``ses`` and
        ``terminal`` of the first record, and what the command line names. usermod of shadow
        writes "failed" before it locks or unlocks a password: those are rows of Success.
    """
    mine = audit[audit["type"].isin(TYPES) & audit["exe"].notna()]
    mine = mine[(mine["type"] != "USER_ACCT") | ~mine["op"].str.startswith("PAM").fillna(False)]
    told = [one for one in _read(mine, names or {}) if one is not None]
    if not told:
        return empty("accounts")
    ran = _command_lines(audit, {one.program for one in told})
    by_process: dict[tuple[Any, Any], list[_Told]] = {}
    for one in told:
        by_process.setdefault((one.host, one.pid), []).append(one)
    for own in by_process.values():
        _complete(own, ran)
    _name_by_uid(told, names or {})
    changes = sorted(_changes(told), key=lambda held: held[0].at)
    frame = pd.DataFrame([_row(held, mine) for held in changes])
    if records is not None:
        lines = records[records["_ItemId"].isin(frame["EventUid"])]
        text = lines.drop_duplicates("_ItemId").set_index("_ItemId")["RawData"]
        frame["EventMessage"] = text.reindex(frame["EventUid"]).to_numpy()
    return conform(frame, "accounts")


def _read(rows: pd.DataFrame, names: Uids) -> Iterator[_Told | None]:
    columns = ("TimeGenerated", "DvcHostname", "pid", "type", "exe", "op", "res", "acct", "auid")
    parts = [rows[name].tolist() for name in columns]
    fields, ses, terminal = (rows[name].tolist() for name in ("fields", "ses", "terminal"))
    for at, (time, host, pid, kind, exe, op, res, acct, auid) in enumerate(
        zip(*parts, strict=True)
    ):
        program = str(exe).rpartition("/")[2].removesuffix(" (deleted)")
        op = op if isinstance(op, str) else ""
        what = change(kind, op, program)
        if what is None:
            continue
        held = fields[at] or {}
        failed = str(res).lower() in ("failed", "fail", "no", "0")
        # printed before it is done, with the result still at 0
        early = what[0] in ("UserLocked", "UserUnlocked") and op.startswith("updating")
        one = _Told(
            at, time, host, pid, program, what, op,
            "Failure" if failed and not early else "Success" if isinstance(res, str) else "NA",
        )  # fmt: skip
        one.actor = _actor(host, auid, held, names)
        one.extra = {"type": kind, "op": op, "auid": auid, "ses": ses[at], "terminal": terminal[at]}
        _named_by_record(one, _text(acct), held)
        yield one


def _named_by_record(one: _Told, acct: str | None, held: Mapping[str, Any]) -> None:
    """Take the user and the group that the record itself names."""
    number = _number(held.get("id"))
    shown = _text(held.get("ID"))
    shown = None if shown is None or shown.startswith("unknown(") else shown
    group = _text(held.get("grp")) or _text(held.get("group"))
    if one.what[0] in _GROUPS:
        one.group, one.gid = group or acct or shown, number
    else:
        one.user, one.uid, one.group, one.shown = acct, number, group, shown
    sentence = said(one.op)
    if sentence is not None:
        found = sentence[1]
        one.user = found.get("user") if one.what[0] in _MEMBERS else one.user
        one.group = found.get("group", one.group)
        one.actor, one.new = found.get("actor", one.actor), found.get("new")
    if one.what[1] == "UserId" and number is not None:
        one.new = str(number)  # usermod names the user by the uid that it gives
    if one.what[1] == "Role":
        one.new = _text(held.get("new-role")) or _text(held.get("new-seuser"))
        old = _text(held.get("old-role")) or _text(held.get("old-seuser"))
        one.extra = {**(one.extra or {}), **({"Previous": old} if old else {})}


def _complete(own: list[_Told], ran: _CommandLines) -> None:
    """Fill in what the records of one process leave out, from one another and from the command."""
    # useradd and userdel make and remove the group that is named as its user
    users = [one.user for one in own if one.user] + [
        one.group for one in own
        if one.group and one.program in ("useradd", "userdel") and one.what[0] in _GROUPS
    ]  # fmt: skip
    by_uid: dict[int | None, str] = {
        one.uid: one.user for one in own if one.uid is not None and one.user
    }
    by_gid: dict[int | None, str] = {
        one.gid: one.group for one in own if one.gid is not None and one.group
    }
    for one in own:
        line = ran.of(one)
        options = line.options if line else {}
        of_user = one.what[0] not in _GROUPS
        if of_user and one.user is None:
            word = line.last if line and one.program not in ("gpasswd", "groupmems") else None
            one.user = by_uid.get(one.uid) or word
            if one.user is None and one.program in _OF_ONE and len(set(users)) == 1:
                one.user = users[0]
        if not of_user and one.group is None:
            word = line.last if line and one.program.startswith("group") else None
            one.group = by_gid.get(one.gid) or word
        if line is None:
            continue
        if one.what[1] in ("Shell", "Home", "Name") and one.new is None:
            one.new = options.get({"Shell": "s", "Home": "d", "Name": "l"}[one.what[1]])
        if one.what[1] == "Name":
            one.user = line.last or one.user  # the record has the new one
        if one.what[0] == "UserCreated":
            more = {"Home": options.get("d"), "Shell": options.get("s")}
            one.extra = {**(one.extra or {}), **{key: text for key, text in more.items() if text}}
    _place_groups(own, ran)


def _name_by_uid(told: list[_Told], names: Uids) -> None:
    """Name the users that only a uid is known of: as said before, as auditd looked it up, or as
    anything else names it.
    """
    before: dict[tuple[Any, int], str] = {}
    for one in told:
        if one.what[0] in _GROUPS or one.uid is None:
            continue
        key = (str(one.host).lower(), one.uid)
        if one.user is None and not _gets_uid_of_root(one):
            one.user = before.get(key) or one.shown or names.get(key)
        if one.user is not None:
            before[key] = one.user


def _gets_uid_of_root(one: _Told) -> bool:
    """Whether uid 0 is another's too from now on: it names root, who is not the one meant."""
    return one.uid == 0 and (one.what[0] == "UserCreated" or one.what[1] == "UserId")


def _place_groups(own: list[_Told], ran: _CommandLines) -> None:
    """Tell which group each record is about that names none: those of ``-G``, one a record."""
    for words in dict.fromkeys((one.what[0], one.op) for one in own if one.what[0] in _MEMBERS):
        rows = [one for one in own if (one.what[0], one.op) == words and one.group is None]
        line = ran.of(rows[0]) if rows and rows[0].program in ("useradd", "usermod") else None
        groups = line.groups if line else []
        if len(groups) == len(rows):
            for one, name in zip(rows, groups, strict=True):
                one.group = name
        elif groups:  # in some of them before, and which is not said
            for one in rows:
                one.extra = {**(one.extra or {}), "Groups": ",".join(groups)}


class _CommandLines:
    """Command lines of programs that change accounts, by process, and by audit session."""

    def __init__(self, ran: dict[tuple[Any, ...], list[tuple[pd.Timestamp, Named]]]) -> None:
        self._ran = ran

    def of(self, one: _Told) -> Named | None:
        """Return the command line of the process of a record; sudo's, where that is not known."""
        ses = (one.extra or {}).get("ses")
        for key, within in (
            ((one.host, one.pid, one.program), _RAN),
            ((one.host, "ses", ses, one.program), _GAP),
        ):
            for time, line in reversed(self._ran.get(key, [])):
                if time <= one.time:
                    if one.time - time <= within:
                        return line
                    break
        return None


def _command_lines(audit: pd.DataFrame, programs: set[str]) -> _CommandLines:
    """Read the command lines of the programs that are asked for."""
    ran: dict[tuple[Any, ...], list[tuple[pd.Timestamp, Named]]] = {}
    wanted = programs & set(PROGRAMS)
    pattern = rf"(?:^|/|\s)(?:{'|'.join(sorted(wanted))})(?:\s|$)"
    if not wanted:
        return _CommandLines(ran)
    lines = audit[audit["cmdline"].notna()]
    lines = lines[lines["cmdline"].str.contains(pattern).fillna(False)]
    for row in lines.sort_values("TimeGenerated", kind="stable").to_dict("records"):
        by_sudo = row["type"] == "USER_CMD"
        words = str(row["cmdline"]).split() if by_sudo else row["argv"] or []
        program = str(words[0] if words else "").rpartition("/")[2]
        if program not in wanted:
            continue
        key = (
            (row["DvcHostname"], "ses", row["ses"], program)
            if by_sudo
            else (row["DvcHostname"], row["pid"], program)
        )
        ran.setdefault(key, []).append((row["TimeGenerated"], named(program, words)))
    return _CommandLines(ran)


def _changes(told: list[_Told]) -> Iterator[list[_Told]]:
    """Yield the records of each change, in their order."""
    slots: dict[tuple[Any, ...], list[_Told]] = {}
    counts: dict[tuple[Any, ...], int] = {}
    for one in told:
        group = one.group if one.what[0] in (*_GROUPS, *_MEMBERS) else None
        user = one.user or one.uid if one.what[0] not in _GROUPS else None
        slot: tuple[Any, ...] = (one.host, one.pid, one.program, one.what, one.result, user, group)
        if one.what[0] in _MEMBERS and one.group is None:
            # as many as one and the same record says
            counts[(*slot, one.op)] = counts.get((*slot, one.op), 0) + 1
            slot = (*slot, counts[(*slot, one.op)])
        held = slots.get(slot)
        if held is not None and one.time - held[-1].time > _GAP:
            yield slots.pop(slot)
            held = None
        if held is None:
            slots[slot] = held = []
        held.append(one)
    yield from slots.values()


def _row(held: list[_Told], audit: pd.DataFrame) -> dict[str, Any]:
    first = held[0]

    def known(name: str) -> Any:
        return next((value for one in held if (value := getattr(one, name)) is not None), None)

    extra = {key: value for one in reversed(held) for key, value in (one.extra or {}).items()}
    return {
        "TimeGenerated": first.time,
        "DvcHostname": first.host,
        "EventType": first.what[0],
        "EventSubType": first.what[1],
        "EventResult": first.result,
        "TargetUsername": known("user"),
        "TargetUserId": known("uid"),
        "GroupName": known("group"),
        "GroupId": known("gid"),
        "ActorUsername": known("actor"),
        "PreviousPropertyValue": extra.pop("Previous", None),
        "NewPropertyValue": known("new"),
        "ActingAppName": first.program,
        "ActingAppId": first.pid,
        "AdditionalFields": {
            key: value for key, value in extra.items() if not pd.isna(value) and value != ""
        },
        "EventUid": audit["EventUid"].iloc[first.at],
        "RecordIds": [uid for one in held for uid in audit["RecordIds"].iloc[one.at]],
    }


def _actor(host: Any, auid: Any, held: Mapping[str, Any], names: Uids) -> str | None:
    """Return whose session it was, as the record or another one names its uid."""
    if pd.isna(auid):
        return None
    shown = _text(held.get("AUID"))
    if shown is not None and shown not in _NOBODY and not shown.startswith("unknown("):
        return shown
    return names.get((str(host).lower(), int(auid)))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value not in ("", "?") else None


def _number(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) <= 10 and text != "4294967295" else None
