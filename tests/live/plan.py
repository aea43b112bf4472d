"""What a plan is made of: acts on the live host, and the rows that linuxhunt must read from them.

An :class:`Act` says both. Expected rows are dicts of contract columns; where a value is known
only once the act was done (a pid, a fingerprint, a time) the plan holds a function of
:class:`~.host.Seen`, which :func:`resolve` calls. Nothing in ``Seen`` comes from a log.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

__all__ = [
    "INFO",
    "OFFICE",
    "OUTSIDE",
    "PASSWORD",
    "UIDS",
    "VERBOSE",
    "Act",
    "Between",
    "Later",
    "Row",
    "closed",
    "daemon",
    "during",
    "fingerprint",
    "job",
    "opened",
    "program",
    "resolve",
    "said",
    "terminal",
]

Row = dict[str, Any]
Later = Callable[[Any], Any]

SERVER = "192.0.2.10"
OFFICE, OUTSIDE = "198.51.100.7", "203.0.113.5"
VERBOSE, INFO = 2222, 2223
PASSWORD = "Winter-2026"
"""Every user's."""

UIDS = {
    "lh_mara": 3101,
    "lh_bob": 3102,
    "lh_deploy.user": 3103,
    "lh_svc-backup": 3104,
    "lh_dora": 3105,
    "lh_old": 3106,
    "lh_sue": 3107,
    "lh_tom": 3108,
    "lh_ned": 3109,
    "lh_cora": 3110,
}


class Between:
    """Equal to every time from ``first`` to ``last`` (Unix seconds)."""

    def __init__(self, first: float, last: float) -> None:
        self.first = pd.Timestamp(first, unit="s", tz="UTC")
        self.last = pd.Timestamp(last, unit="s", tz="UTC")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, pd.Timestamp) and self.first <= other <= self.last

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{self.first:%H:%M:%S.%f}..{self.last:%H:%M:%S.%f}"


@dataclass(frozen=True)
class Act:
    """One thing done on the host.

    Attributes:
        id: its name, unique.
        phase: ``before`` sshd runs, ``schedule`` (before cron's minute), ``crowd`` (all at the
            same time), ``climb`` (one after another, beside the crowd), ``after``, ``last``.
        do: ``ssh``, ``knock`` (a scanner's connection) or ``run`` (a program, as root).
        user, source, port, host, door: the ssh client's, its own port among them.
        passwords, keys: tried in this order.
        command: what the session runs after saying ``in``.
        tty: with a terminal.
        channels: sessions multiplexed over the one connection; 0 is an ordinary connection.
        left_open: the session goes on when the log ends.
        reuse: the client port of an earlier act; sshd's process gets the pid that it had then.
        argv, input: of ``run``.
        answers: (prompt, answer) pairs; None in place of an answer ends the program.
        expect: event kind -> rows.
    """

    id: str
    phase: str
    do: str
    user: str = ""
    source: str = ""
    port: int = 0
    host: str = SERVER
    door: int = VERBOSE
    passwords: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    command: str = "true"
    tty: bool = False
    channels: int = 0
    left_open: bool = False
    reuse: int = 0
    argv: tuple[str, ...] = ()
    input: str = ""
    answers: tuple[tuple[str, str | None], ...] = ()
    expect: dict[str, list[Row]] = field(default_factory=dict, compare=False)


def resolve(value: Any, seen: Any) -> Any:
    """Put what was seen in place of the functions in a value, row or list of rows."""
    match value:
        case dict():
            return {key: resolve(item, seen) for key, item in value.items()}
        case list():
            return [resolve(item, seen) for item in value]
        case _ if callable(value):
            return value(seen)
        case _:
            return value


# Values that are known later.


def during(act: str) -> Later:
    """While the act was done; a text log cuts to whole seconds, sshd's last words come late."""
    return lambda seen: Between(seen.acts[act]["began"] - 1, seen.acts[act]["ended"] + 2)


def opened(act: str) -> Later:
    return lambda seen: Between(seen.acts[act]["began"] - 1, seen.acts[act]["answered"] + 0.1)


def closed(act: str, held: float) -> Later:
    """Once the command held so long; on a busy machine the client hears and is heard of late."""
    return lambda seen: Between(
        seen.acts[act]["answered"] + held - 2.5, seen.acts[act]["ended"] + 2
    )


def daemon(port: int) -> Later:
    """The pid of the sshd process that held the connection from this client port."""
    return lambda seen: seen.daemons[port]


def program(act: str) -> Later:
    return lambda seen: seen.acts[act]["pid"]


def said(act: str, word: str) -> Later:
    """The number in ``<word>=<number>`` of the act's output."""
    return lambda seen: int(re.search(rf"{word}=(\d+)", seen.acts[act]["output"])[1])  # type: ignore[index]


def terminal(act: str) -> Later:
    """The terminal that the act's ``tty`` printed, without /dev/."""
    return lambda seen: re.search(r"/dev/(pts/\d+)", seen.acts[act]["output"])[1]  # type: ignore[index]


def fingerprint(key: str) -> Later:
    return lambda seen: seen.keys[key]


def job(name: str, which: int) -> Later:
    """The pid of a cron job's shell (0) or of its parent, the cron that opened its session (1)."""
    return lambda seen: int(seen.jobs[name].split()[which])
