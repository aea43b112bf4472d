"""One change of an account that both syslog and audit tell of is one row."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

import pandas as pd

from linuxhunt.schema import conform, in_order

__all__ = ["with_audit"]

_WITHIN = pd.Timedelta(seconds=5)
_FILLED = ("TargetUsername", "TargetUserId", "GroupName", "GroupId", "ActorUsername")
_ADDED = ("auid", "ses", "terminal")


def with_audit(told: pd.DataFrame, audited: pd.DataFrame) -> pd.DataFrame:
    """Return the changes that syslog told of with audit's records, and those of audit alone.

    Args:
        told: ``EVENTS["accounts"]`` of syslog, in its order.
        audited: of ``audit_accounts``, in its order.

    Returns:
        ``EVENTS["accounts"]``. Two tell of one change where host, process (the program, where a
        line has no pid), EventType and EventResult are the same, neither names another user or
        group, and they lie within five seconds. Syslog's words stay; what it leaves out comes
        from audit, as do ``auid``, ``ses`` and ``terminal`` in AdditionalFields.
    """
    if audited.empty:
        return told
    rows, changes = told.to_dict("records"), audited.to_dict("records")
    places: dict[tuple[str, str, str], list[int]] = {}
    for place, row in enumerate(rows):
        places.setdefault(_key(row), []).append(place)
    times = {key: [rows[place]["TimeGenerated"] for place in held] for key, held in places.items()}
    taken: set[int] = set()
    alone: list[int] = []
    for number, change in enumerate(changes):
        key, time = _key(change), change["TimeGenerated"]
        begin = bisect_left(times.get(key, []), time - _WITHIN)
        near = [
            place
            for place in places.get(key, [])[begin:]
            if rows[place]["TimeGenerated"] <= time + _WITHIN and _same(rows[place], change)
        ]
        # each line has a record of its own, where there are as many
        free = [place for place in near if place not in taken] or near
        if free:
            taken.add(free[0])
            _join(rows[free[0]], change)
        else:
            alone.append(number)
    parts = [conform(pd.DataFrame(rows, columns=told.columns), "accounts")] if rows else []
    parts += [audited.iloc[alone]] if alone else []
    whole = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    return in_order(whole, ("TimeGenerated",))


def _key(row: Mapping[Any, Any]) -> tuple[str, str, str]:
    return str(row["DvcHostname"]).lower(), str(row["EventType"]), str(row["EventResult"])


def _same(line: Mapping[Any, Any], change: Mapping[Any, Any]) -> bool:
    """Whether a line and a record may be of one change."""
    by = "ActingAppId" if pd.notna(line["ActingAppId"]) else "ActingAppName"
    return bool(line[by] == change[by]) and not any(
        pd.notna(line[name]) and pd.notna(change[name]) and line[name] != change[name]
        for name in ("TargetUsername", "GroupName", "EventSubType")
    )


def _join(row: dict[Any, Any], change: Mapping[Any, Any]) -> None:
    for name in _FILLED:
        if pd.isna(row[name]):
            row[name] = change[name]
    held = change["AdditionalFields"] or {}
    more = {name: held[name] for name in _ADDED if name in held}
    row["AdditionalFields"] = {**(row["AdditionalFields"] or {}), **more} or None
    row["RecordIds"] = list(dict.fromkeys([*row["RecordIds"], *change["RecordIds"]]))
