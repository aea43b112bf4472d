"""Who was whose parent: pids over time, from what audit saw of exec, fork and exit.

A pid is a number that the kernel hands out again. Its life as one process begins with a fork
that was seen or, where forks are not audited, with the first execution that cannot belong to
the process before it:

* that process was seen to exit, or the host was booted since;
* the parent's pid, or the audit session, is another one (a session may be set, not changed);
* pids have wrapped around since on this host;
* nothing named the pid, as pid or as ppid, for longer than ``stale``: it may have been anybody
  in between.

A child belongs to the last image (an execution, or a fork that has not executed yet) of its
parent's pid when the child began: at the fork where it was seen, else at its first execution.
Where that process had exited, or the pid went unnamed for longer than ``stale`` since, the
parent was not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["BOOT", "EXEC", "EXIT", "FAILED", "FORK", "NULL", "Seen", "lives"]

NULL = -1
"""Stands for a pid, parent's pid or session that is not known."""

EXEC, FAILED, EXIT, FORK, BOOT = range(1, 6)
"""Kinds of events: a program executed or could not be, a process ended or began, the host did."""

# flags of clone(2), in its first argument on all architectures of audit_names.json but s390x
_CLONE_PARENT = 0x8000
_WRAP_QUIET = 60_000
_SETTLES = 3_600_000

_Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Seen:
    """What audit saw, one entry an event, in order of time and serial.

    Attributes:
        host: hosts as numbers.
        ms: milliseconds.
        pid: process; NULL where not known, as are ppid and ses.
        ppid: its parent.
        ses: its audit session.
        child: of a fork, the new process.
        flags: of a fork, those of clone.
        kind: EXEC, FAILED, EXIT, FORK, BOOT, or 0.
    """

    host: _Array
    ms: _Array
    pid: _Array
    ppid: _Array
    ses: _Array
    child: _Array
    flags: _Array
    kind: _Array


def lives(seen: Seen, stale: int) -> pd.DataFrame:
    """Return images and failed executions with their parents.

    Args:
        seen: events.
        stale: how long (ms) a pid may go unnamed and still be taken for the same process.

    Returns:
        n (place in ``seen``), image (its number, NULL for what failed), kind, parent and previous
        (image numbers), ppid (of the process when it began), exit_n (the event of its exit).
    """
    boot = _running(seen.host, seen.kind == BOOT)
    wrap = _running(seen.host, _wraps(seen))
    at = np.flatnonzero((seen.kind > 0) & (seen.kind != BOOT))
    kind, fork = seen.kind[at], seen.kind[at] == FORK
    pid = np.where(fork, seen.child[at], seen.pid[at])
    of_parent = ~fork | (seen.flags[at] & _CLONE_PARENT > 0)
    ppid = np.where(of_parent, seen.ppid[at], seen.pid[at])
    # whose life: host and pid as one number
    numbers = pd.factorize(np.concatenate([pid, ppid]))[0].astype(np.int64)
    numbers += np.tile(seen.host[at], 2) * (numbers.max(initial=0) + 1)
    own, above = np.split(pd.factorize(numbers)[0].astype(np.int64), 2)
    own_epoch, above_epoch = _epochs(seen, stale, at, of_parent)
    place = _places(at, seen.ms[at], fork, own)

    order = np.lexsort((place, own))
    at, kind, fork, ppid, own, above, place, own_epoch, above_epoch = (
        values[order]
        for values in (at, kind, fork, ppid, own, above, place, own_epoch, above_epoch)
    )
    begins = _begins(seen, at, kind, ppid, own, (boot, wrap), own_epoch)
    process = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)
    told = first.copy()  # the first point of a process that names its parent
    naming = np.flatnonzero(ppid != NULL)[::-1]
    told[process[naming]] = naming
    ended = np.full(len(first), np.iinfo(np.int64).max)
    exit_n = np.full(len(first), NULL)
    ends = np.flatnonzero(kind == EXIT)[::-1]  # the first exit counts
    ended[process[ends]], exit_n[process[ends]] = place[ends], at[ends]

    is_image = (kind == EXEC) | fork
    images = np.flatnonzero(is_image)
    number = np.full(len(at), NULL)
    number[images] = np.arange(len(images))
    same = process[images][1:] == process[images][:-1]
    previous = np.full(len(at), NULL)
    previous[images[1:][same]] = number[images[:-1][same]]
    last = np.full(len(at), NULL)
    finals = images[np.append(~same, True)] if len(images) else images
    last[finals] = exit_n[process[finals]]

    row = _before(own[images], place[images], above[told], place[first])
    row = np.append(images, NULL)[row]
    known = (row >= 0) & (ppid[told] != NULL)
    known &= boot[at[row]] == boot[at[first]]
    known &= ended[process[row]] > place[first]
    # nobody keeps account of init's silences, nor of what a fork begins
    known &= (
        fork[row] | (ppid[first] == 1) | (told != first) | (own_epoch[row] == above_epoch[first])
    )
    parent = np.where(known, number[row], NULL)
    shown = is_image | (kind == FAILED)
    return pd.DataFrame(
        {
            "n": at[shown],
            "image": number[shown],
            "kind": kind[shown],
            "parent": parent[process[shown]],
            "previous": previous[shown],
            "ppid": ppid[told][process[shown]],
            "exit_n": last[shown],
        },
        copy=False,
    )


def _running(group: _Array, flags: _Array) -> _Array:
    """Return how many flags were set in the group so far."""
    if not flags.any():
        return np.zeros(len(flags), dtype=np.int64)
    order = np.argsort(group, kind="stable")
    total = np.cumsum(flags[order])
    starts = np.diff(group[order], prepend=-1) != 0
    before = np.maximum.accumulate(np.where(starts, total - flags[order], 0))
    counted = np.empty(len(flags), dtype=np.int64)
    counted[order] = total - before
    return counted


def _wraps(seen: Seen) -> _Array:
    """Tell where a host's pids wrapped: five new ones in a row are below the five before."""
    at = np.flatnonzero(seen.kind == EXEC)
    order = at[np.lexsort((seen.pid[at], seen.host[at]))]
    again = (seen.host[order][1:] == seen.host[order][:-1]) & (
        seen.pid[order][1:] == seen.pid[order][:-1]
    )
    again &= np.diff(seen.ms[order]) <= _WRAP_QUIET
    wraps = np.zeros(len(seen.pid), dtype=bool)
    wraps[order[:1]] = True
    wraps[order[1:][~again]] = True
    fresh = np.flatnonzero(wraps)
    fresh = fresh[np.argsort(seen.host[fresh], kind="stable")]
    host, pid = seen.host[fresh], seen.pid[fresh]
    highest, lowest = pid.copy(), np.full(len(pid), np.iinfo(np.int64).min)
    for step in range(1, 6):
        near = host[step:] == host[:-step]
        if step < 5:
            highest[:-step][near] = np.maximum(highest[:-step][near], pid[step:][near])
        before = lowest[step:][near]
        nearest = pid[:-step][near]
        lowest[step:][near] = nearest if step == 1 else np.minimum(before, nearest)
    wraps[fresh] = highest < lowest
    return wraps


def _epochs(seen: Seen, stale: int, at: _Array, of_parent: _Array) -> tuple[_Array, _Array]:
    """Count the long silences of each event's pid, and of the parent's, before it."""
    count = len(seen.pid)
    if not count or np.ptp(seen.ms) <= stale:
        return np.zeros(len(at), dtype=np.int64), np.zeros(len(at), dtype=np.int64)
    pid = np.concatenate([seen.pid, seen.ppid])
    host, ms = np.tile(seen.host, 2), np.tile(seen.ms, 2)
    # init is always there
    used = np.flatnonzero((pid != NULL) & ((pid != 1) | (np.arange(2 * count) < count)))
    order = used[np.lexsort((used % count, pid[used], host[used]))]
    silent = np.diff(ms[order], prepend=0) > stale
    silent[np.diff(pid[order], prepend=NULL) != 0] = False
    silent[np.diff(host[order], prepend=NULL) != 0] = False
    epoch = np.zeros(2 * count, dtype=np.int64)
    epoch[order] = np.cumsum(silent)
    return epoch[at], epoch[np.where(of_parent, at + count, at)]


def _places(at: _Array, ms: _Array, fork: _Array, own: _Array) -> _Array:
    """Return twice the place of each point in the order of events.

    vfork returns after its child executes: the fork is put before what the child does.
    """
    place = 2 * at
    if fork.any():
        order = np.lexsort((at, ~fork, ms, own))
        following = place[order]
        following[:-1] = np.where(
            own[order][1:] == own[order][:-1], place[order][1:], place[order][:-1]
        )
        earliest = place.copy()
        earliest[order] = np.minimum(place[order], following)
        place = np.where(fork, earliest - 1, place)
    return place


def _begins(
    seen: Seen,
    at: _Array,
    kind: _Array,
    ppid: _Array,
    own: _Array,
    counts: tuple[_Array, _Array],
    epoch: _Array,
) -> _Array:
    """Tell at which points of a pid's life another process has it than before."""
    boot, wrap = (values[at] for values in counts)
    ses, ms = seen.ses[at], seen.ms[at]
    begins = np.ones(len(at), dtype=bool)
    now, before = slice(1, None), slice(None, -1)
    parent = ppid[now] != ppid[before]
    session = ses[now] != ses[before]
    soon = ms[now] - ms[before] < _SETTLES
    # An orphan is init's; where its fork was seen, another's of that pid would be, too.
    adopted = (ppid[now] == 1) & ((ses[now] != NULL) | soon) | (_forked(kind, own)[before] & soon)
    other = (parent & (session | ~adopted)) | (session & (ses[before] != NULL))
    other |= (wrap[now] != wrap[before]) | (epoch[now] != epoch[before])
    stranger = parent & (ppid[now] > 1) & (ppid[before] != NULL)
    stranger &= session | ~soon
    told = np.where(kind[before] == FORK, stranger, other) | (kind[before] == EXIT)
    told &= kind[now] != EXIT
    told |= (kind[now] == FORK) | (boot[now] != boot[before]) | (own[now] != own[before])
    begins[1:] = told
    return begins


def _forked(kind: _Array, own: _Array) -> _Array:
    """Tell at which points of a pid's life the last that began or ended it was a fork."""
    at = np.arange(len(kind))
    turn = np.maximum.accumulate(np.where(np.isin(kind, (FORK, EXIT)), at, -1))
    forked: _Array = (turn >= 0) & (kind[turn] == FORK) & (own[turn] == own)
    return forked


def _before(group: _Array, place: _Array, wanted: _Array, limit: _Array) -> _Array:
    """Return for each wanted group its last entry whose place is below the limit, or -1.

    Entries are in order of group and place.
    """
    span = max(place.max(initial=0), limit.max(initial=0)) + 2  # a place may be -1
    found = np.searchsorted(group * span + place, wanted * span + limit) - 1
    return np.where((found >= 0) & (np.append(group, NULL)[found] == wanted), found, NULL)
