"""A frame of many processes as a busy server's audit log gives it, from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pandas as pd

from tests.made import events

_PLACES = ("var/www/html", "opt/app", "srv/data", "home/deploy", "usr/share", "var/lib/app")
_WORDS = (
    "api", "backup", "cache", "config", "daily", "deploy", "image", "index", "metrics", "node",
    "queue", "report", "session", "static", "user", "vendor",
)  # fmt: skip


def many_processes(count: int, seed: int = 1) -> pd.DataFrame:
    """Return ``EVENTS["processes"]``: nine kinds of commands, two in three unlike any other.

    They are nested up to some seventy levels deep; the parent of one in fourteen was not seen.
    """
    rng = random.Random(seed)
    kinds = _kinds(rng)
    rows: list[dict[str, Any]] = []
    alive: list[tuple[str, int]] = []
    ms = 1_773_360_000_000
    for i in range(count):
        ms += rng.randint(1, 5_000)
        exe, command, uid, auid = rng.choices(kinds, (6, 9, 5, 8, 6, 4, 3, 2, 5))[0]
        guid, pid, session = f"{rng.getrandbits(128):032x}", 1_000 + i % 30_000, i // 900
        above = rng.choice(alive[-12:]) if alive and rng.random() < 0.93 else None
        if rng.random() < 0.25:
            alive.append((guid, pid))
        if rng.random() < 0.05:
            del alive[-3:]
        ended = ms + rng.randint(2, 4_000) if rng.random() < 0.7 else None
        row = {
            "TargetProcessGuid": guid,
            "TimeGenerated": pd.Timestamp(ms, unit="ms", tz="UTC"),
            "EventEndTime": pd.Timestamp(ended, unit="ms", tz="UTC") if ended else None,
            "DvcHostname": "web01",
            "TargetProcessId": pid,
            "ActingProcessGuid": above[0] if above else None,
            "ActingProcessId": above[1] if above else 1,
            "ActingProcessInferred": above is None,
            "TargetUserId": uid,
            "EffectiveUserId": uid,
            "TargetProcessName": exe,
            "TargetProcessFilename": exe.rsplit("/", 1)[1][:15],
            "CommandLine": command(),
            "TargetProcessCurrentDirectory": rng.choice(("/", "/root", "/srv/app", _path(rng))),
            "EventResult": "Failure" if rng.random() < 0.02 else "Success",
            "ExitCode": rng.choice((0, 0, 0, 1, 2)) if ended else None,
            "EventUid": f"var/log/audit/audit.log:{i * 7 + rng.randint(1, 5)}",
        }
        if auid is not None:
            row |= {"ActorUserId": auid, "ActorSessionId": session, "Tty": f"pts{session % 4}"}
            row["LogonSessionId"] = f"web01-{session}"
        rows.append(row)
    return events("processes", rows)


def _path(rng: random.Random) -> str:
    names = (rng.choice(_WORDS) for _ in range(rng.randint(1, 3)))
    return "/".join(("", rng.choice(_PLACES), *names)) + rng.choice((".php", ".json", ".py", ""))


def _kinds(rng: random.Random) -> list[tuple[str, Callable[[], str], int, int | None]]:
    def word() -> str:
        return rng.choice(_WORDS)

    def path() -> str:
        return _path(rng)

    return [
        ("/usr/sbin/php-fpm8.2", lambda: "php-fpm: pool www", 33, None),
        ("/usr/bin/bash", lambda: f"/bin/bash -c test -f {path()} && /usr/bin/find {path()} "
                                  f"-name *.{word()} -mmin +{rng.randint(1, 999)}", 0, None),
        ("/usr/bin/curl", lambda: f"curl -fsS --max-time {rng.randint(1, 60)} "
                                  f"https://{word()}.example.net{path()}?id={rng.getrandbits(40):x}",
         1000, 1000),
        ("/usr/bin/sed", lambda: f"sed -n s/^{word()}={rng.randint(1, 99_999)}//p {path()}",
         1000, 1000),
        ("/usr/bin/dpkg-query", lambda: f"dpkg-query -W -f ${{Status}} lib{word()}"
                                        f"{rng.randint(1, 99)}", 0, 1000),
        ("/usr/bin/git", lambda: f"git --git-dir={path()} rev-list --max-count="
                                 f"{rng.randint(1, 500)} {rng.getrandbits(160):040x}", 1001, 1001),
        ("/usr/bin/id", lambda: "id -u", 1000, 1000),
        ("/usr/sbin/cron", lambda: "/usr/sbin/CRON -f", 0, None),
        ("/usr/bin/python3.11", lambda: f"/usr/bin/python3 {path()} --host "
                                        f"web{rng.randint(1, 40):02} --since "
                                        f"{rng.randint(1_700_000_000, 1_780_000_000)}", 1002, 1002),
    ]  # fmt: skip
