"""Building frames of audit records, and rows to compare them with."""

from __future__ import annotations

from typing import Any

import pandas as pd

from linuxhunt.schema import STR

SYSCALL = (
    "arch=c000003e syscall={call} success=yes exit={exit} a0={a0} a1=0 a2=0 a3=0 items=2"
    " ppid={ppid} pid={pid} auid={auid} uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0"
    ' tty=pts0 ses={ses} comm="{comm}" exe="{exe}" subj=unconfined key=(null)'
)


def lines(*texts: str, host: str | None = "web01", file: str = "audit.log") -> pd.DataFrame:
    """Return a frame of records, one a text, numbered from 1."""
    count = len(texts)
    return pd.DataFrame(
        {
            "TimeGenerated": pd.array(
                [pd.Timestamp("2026-03-12T00:00:00Z")] * count, dtype="datetime64[ns, UTC]"
            ),
            "Computer": pd.array([host] * count, dtype=STR),
            "RawData": pd.array(texts, dtype=STR),
            "_ItemId": pd.array([f"{file}:{n + 1}" for n in range(count)], dtype=STR),
        }
    )


def line(kind: str, body: str, time: str = "1700000000.123", serial: int = 100) -> str:
    return f"type={kind} msg=audit({time}:{serial}): {body}"


def syscall(
    call: int = 59,
    pid: int = 200,
    ppid: int = 100,
    *,
    time: float = 1700000000.0,
    serial: int = 100,
    ses: int | str = 3,
    auid: int | str = 1000,
    comm: str = "ls",
    exe: str = "/usr/bin/ls",
    exit: int = 0,  # noqa: A002
    a0: str = "0",
    success: str | None = "yes",
) -> str:
    body = SYSCALL.format(
        call=call, pid=pid, ppid=ppid, ses=ses, auid=auid, comm=comm, exe=exe, exit=exit, a0=a0
    )
    if success is None:
        body = body.replace(" success=yes", "")
    else:
        body = body.replace("success=yes", f"success={success}")
    return line("SYSCALL", body, f"{time:.3f}", serial)


def known(frame: pd.DataFrame, *, drop: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Return rows as dicts of what is not null."""
    rows = []
    for row in frame.to_dict("records"):
        rows.append(
            {
                str(name): value
                for name, value in row.items()
                if name not in drop and not _null(value)
            }
        )
    return rows


def _null(value: Any) -> bool:
    return value is None or (not isinstance(value, (list, dict)) and bool(pd.isna(value)))
