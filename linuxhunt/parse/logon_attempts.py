"""Which lines of a connection are one attempt to log on, and what they tell together.

Rows are sorted by connection once; what stands before or behind in it is then told by numpy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from linuxhunt.parse.runs import Flags, Numbers, Runs, codes, combined

__all__ = ["attempts"]

# A connection that says nothing for longer is over: twice the longest usual LoginGraceTime.
# (Times are in nanoseconds.)
_SILENCE = 600_000_000_000
# PAM modules of one stack speak within this time of one another.
_STACK = 3_000_000_000

_TELLING = {"No such user": 1, "Incorrect password": 2, "Incorrect key": 2, "Other": 3}
_BEHIND = 4  # pam_succeed_if stands behind who refused
_SUCCEEDED = 9


def _filled(values: pd.Series[Any]) -> tuple[Numbers, Flags]:
    """Return numbers with 0 for null, and where there are any."""
    known = values.notna().to_numpy(bool)
    return values.fillna(0).to_numpy("int64"), known


def _either(kinds: npt.NDArray[Any], words: str) -> Flags:
    found: Flags = np.isin(kinds, np.array(words.split()))
    return found


def attempts(rows: pd.DataFrame) -> tuple[pd.DataFrame, Numbers]:
    """Return one row for each attempt, and the numbers of the rows of all.

    Args:
        rows: of one kind of line each, in order: ``n time host protocol pid address port username
            tries details result pam more kind type``, text as categories; logons.py says which
            types there are.

    Returns:
        By ``n`` (the row that decides the attempt): ``n reason username address port unlogged
        refused attempt_index begins ends``; ``reason`` is the row that tells why, or -1;
        ``username`` and ``address`` are the row that knows them, or -1, where the deciding one may
        not; ``begins`` and ``ends`` (excluded) are where the attempt's rows lie in the numbers.
    """
    ssh = (rows["protocol"] == "SSH").to_numpy(bool)
    order, place = _connections(rows, ssh)
    rows, ssh = rows.iloc[order].reset_index(drop=True), ssh[order]
    episodes = Runs.of(_begins(rows, ssh, Runs.of(np.diff(place[order], prepend=-1) != 0)))
    port, has_port = _filled(rows["port"])
    said = {
        "username": rows["username"].notna().to_numpy(bool),
        "address": rows["address"].notna().to_numpy(bool),
        "port": has_port,
    }
    whole = {name: episodes.first(found) for name, found in said.items()}
    whole["username"] = np.where(ssh, whole["username"], -1)

    kinds = rows["type"].to_numpy(object).astype("U4")
    inner = np.flatnonzero(~_either(kinds, "C E"))
    runs = Runs.of(np.diff(episodes.begins[inner], prepend=-1) != 0)
    lines = rows.iloc[inner].reset_index(drop=True)
    kinds, ssh = kinds[inner], ssh[inner]
    kinds = _judged(kinds, ssh, runs)
    key, sub = _keys(lines, kinds, ssh, runs)
    tries = lines["tries"].fillna(0).to_numpy("int64")
    failed = (lines["result"] == "Failure").to_numpy(bool)
    failures = runs.total(
        np.where(_either(kinds, "A F") & failed, tries, (key[1] & (sub == 1)).astype("int64"))
    )
    refused = runs.until(kinds == "k")
    more, has_more = _filled(lines["more"])
    unlogged = more + 1 - failures
    many = kinds == "more"
    kept = np.flatnonzero(key[2] & (~many | has_more & (unlogged > 0)))

    rank = np.where(_either(kinds, "A F"), 0, np.where(lines["pam"].to_numpy(bool), 1, 2))
    # rows of one attempt stand together, the one that speaks for it first
    kept = kept[np.argsort(key[0][kept] * 3 + rank[kept], kind="stable")]
    groups = Runs.of(np.diff(key[0][kept], prepend=-(2**62)) != 0)
    heads = groups.heads
    best = kept[heads]
    n = lines["n"].to_numpy("int64")
    known = {
        name: _place(groups, heads, found[inner][kept], inner[kept], whole[name][inner][best])
        for name, found in said.items()
    }
    rows_n = rows["n"].to_numpy("int64")
    found = pd.DataFrame(
        {
            "n": n[best],
            "reason": _reasons(lines, kept, rank, groups, heads),
            "username": np.where(known["username"] < 0, -1, rows_n[known["username"]]),
            "address": np.where(known["address"] < 0, -1, rows_n[known["address"]]),
            "port": pd.array(port[known["port"]], "Int64"),
            "unlogged": pd.array(unlogged[best], "Int64"),
            "refused": pd.array(np.where(kinds[best] == "A", refused[best], 0), "Int64"),
        }
    )
    found["port"] = found["port"].where(known["port"] >= 0)
    found["unlogged"] = found["unlogged"].where(many[best])
    found["refused"] = found["refused"].where(ssh[best])
    found["attempt_index"] = _counted(runs.begins[best], found["n"].to_numpy("int64"))
    found["begins"], found["ends"] = heads, np.append(heads, len(kept))[1:]
    return found.sort_values("n", ignore_index=True), n[kept[np.lexsort((kept, groups.begins))]]


def _connections(rows: pd.DataFrame, ssh: Flags) -> tuple[Numbers, Numbers]:
    """Return the order of rows by connection, without those of none, and a number for each."""
    pid, has_pid = _filled(rows["pid"])
    address = codes(rows["address"])
    port, has_port = _filled(rows["port"])
    outside = combined(codes(rows["host"]), codes(rows["protocol"]))
    nameless = ~has_pid & (address < 0) & (ssh | rows["protocol"].isna().to_numpy(bool))
    loose = np.flatnonzero(~has_pid)
    if len(loose):
        # Without a pid, a line without a port takes that of the next line from its address.
        loose = loose[np.argsort(combined(outside[loose], address[loose]), kind="stable")]
        where = combined(outside[loose], address[loose])
        runs = Runs.of(np.diff(where, prepend=-1) != 0)
        told = has_port[loose] & ~nameless[loose]
        many = (rows["type"] == "more").to_numpy(bool)[loose]
        nearest = np.where(many, runs.before(told), runs.behind(told))
        port[loose] = np.where(
            has_port[loose],
            port[loose],
            np.where(nearest < 0, 0, port[loose][nearest]),
        )
    peers = np.where(has_pid, 0, combined(address, port) + 1)
    place = combined(outside, peers, np.where(has_pid, pid, 0))
    held = np.flatnonzero(~nameless)
    return held[np.argsort(place[held], kind="stable")], place


def _begins(rows: pd.DataFrame, ssh: Flags, connections: Runs) -> Flags:
    """Return the rows with which a connection begins, also that of a pid that is used again."""
    kinds = rows["type"].to_numpy(object).astype("U4")
    port, has_port = _filled(rows["port"])
    address = codes(rows["address"])
    last_type = connections.before(kinds != "more")
    last = np.where(last_type < 0, "", kinds[last_type])
    last_port, last_address = connections.before(has_port), connections.before(address >= 0)
    time, timed = _filled(rows["time"])
    here = np.arange(len(rows))
    silent = (here > connections.begins) & timed & np.concatenate([[False], timed])[:-1]
    silent &= np.diff(time, prepend=0) > _SILENCE
    again: Flags = (kinds == "C") & (last != "")
    again |= ~_either(kinds, "E more S") & ((last == "E") | (last == "A") & ssh | silent)
    moved = has_port & (last_port >= 0) & (port != port[last_port])
    moved |= (address >= 0) & (last_address >= 0) & (address != address[last_address])
    begins: Flags = again | (kinds != "E") & moved | (here == connections.begins)
    return begins


def _judged(kinds: npt.NDArray[Any], ssh: Flags, runs: Runs) -> npt.NDArray[Any]:
    """Return what lines are, given what else their connection holds.

    A key that was refused before a success is none (``k``); what PAM or sshd says of a try before
    the line that decides it is a part (``P``); a session that somebody was let into is none
    (``s``).
    """
    here = np.arange(len(kinds))
    admission = runs.last(_either(kinds, "A Q"))
    following = np.append(kinds, "")[1:]
    following[here == runs.ends] = ""
    made = kinds.copy()
    made[kinds == "K"] = np.where(admission > here, "k", "F")[kinds == "K"]
    made[kinds == "M"] = np.where(following == "F", "P", "F")[kinds == "M"]
    made[kinds == "Q"] = np.where(ssh, "P", "A")[kinds == "Q"]
    made[kinds == "S"] = np.where(admission < 0, "A", "s")[kinds == "S"]
    made[kinds == "I"] = "P"
    return made


def _keys(
    lines: pd.DataFrame, kinds: npt.NDArray[Any], ssh: Flags, runs: Runs
) -> tuple[tuple[Numbers, Flags, Flags], Numbers]:
    """Return the attempt of each line: its number, whether none decided it, whether it has one.

    Also returns, for a part, how many like it the same try has had with it.
    """
    size = len(kinds)
    here = np.arange(size)
    closing, part = _either(kinds, "A F"), kinds == "P"
    close, closed = runs.behind(closing), runs.before(closing)
    run = np.where(closed < 0, runs.begins, closed)  # the tries of a connection, by where they end
    sub = np.zeros(size, np.int64)
    parts = np.flatnonzero(part)
    kind = combined(run[parts], codes(lines["kind"])[parts])
    order = np.argsort(kind, kind="stable")
    alike = Runs.of(np.diff(kind[order], prepend=-1) != 0)
    sub[parts[order]] = np.arange(len(parts)) - alike.begins + 1
    # the lines of one run stand together: its parts, and the line that decides
    last_sub = np.zeros(size, np.int64)
    np.maximum.at(last_sub, run[parts], sub[parts])
    time, timed = _filled(lines["time"])
    soon = timed & timed[close] & (time[close] - time <= _STACK)
    fails = (close >= 0) & (kinds[close] == "F")
    admits = (close >= 0) & (kinds[close] == "A")
    joins = part & (fails | admits & (ssh | soon & (sub == last_sub[run])))
    alone = part & ~joins
    tried = runs.total(closing | part) > 0
    locked = (kinds == "L") & ~tried
    refused = kinds == "T"
    opened = kinds == "s"
    number = here.copy()
    number[joins] = close[joins]
    number[refused] = np.where(closed < 0, here, closed)[refused]
    number[opened] = np.where(close < 0, closed, close)[opened]
    number[alone] = (size + run * (int(sub.max(initial=0)) + 1) + sub)[alone]
    number[locked] = (-1 - runs.begins)[locked]
    has = closing | part | refused | opened | locked | (kinds == "more")
    return (number, alone, has), sub


def _place(
    groups: Runs, heads: Numbers, found: Flags, places: Numbers, otherwise: Numbers
) -> Numbers:
    """Return where the first row of each attempt that tells something stands."""
    first = groups.first(found)[heads] if len(heads) else heads
    return np.where(first < 0, otherwise, places[first])


def _reasons(
    lines: pd.DataFrame, kept: Numbers, rank: Numbers, groups: Runs, heads: Numbers
) -> Numbers:
    """Return the number of the row of each attempt that tells most, -1 where none does."""
    rows = lines.iloc[kept]
    telling = rows["details"].map(_TELLING).astype("float64").fillna(0).to_numpy("int64")
    behind = rows["kind"].str.startswith("pam_succeed_if").fillna(False).to_numpy(bool)
    telling = np.where(behind, _BEHIND, telling)
    telling[(rows["result"] == "Success").to_numpy(bool)] = _SUCCEEDED
    # rows stand by rank and number already
    order = np.argsort(groups.begins * 10 + telling, kind="stable")
    best = order[heads] if len(heads) else order
    numbers = rows["n"].to_numpy("int64")[best]
    return np.where(telling[best] == _SUCCEEDED, -1, numbers)


def _counted(connections: Numbers, numbers: Numbers) -> pd.Series[Any]:
    """Return the place of each attempt in its connection, from 1."""
    order = np.lexsort((numbers, connections))
    runs = Runs.of(np.diff(connections[order], prepend=-1) != 0)
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order)) - runs.begins + 1
    return pd.Series(pd.array(places, "Int64"))
