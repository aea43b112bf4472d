"""How fast audit records become events and processes, beside ausearch and msticpy.

    python bench/audit.py AUDIT_LOG [--records 1000000] [--msticpy-records 100000]
                          [--executions 100000]

Repeats AUDIT_LOG (raw auditd text) with stamps and serials shifted, so that the copies are
events of their own, and times in one run: ``linuxhunt.parse.audit`` on the records as a frame;
``ausearch --format csv`` on the file (Debian package auditd); msticpy's ``read_from_file``. msticpy
gets fewer records, its time is taken as proportional. Then ``linuxhunt.parse.processes`` on made-up
executions, ten times as many, and msticpy's process tree of the smaller number. Prints seconds of
wall and of processor time, and the ratios of both.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import resource
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from linuxhunt.parse.audit import audit
from linuxhunt.parse.processes import processes
from linuxhunt.schema import STR, conform

STAMP = re.compile(r"audit\((\d+)(\.\d+:)(\d+)\)")
Spent = tuple[float, float]


def repeated(source: Path, count: int) -> list[str]:
    """Return whole copies of a log's lines, at least ``count``, each later than the last."""
    lines = source.read_text("utf-8", "backslashreplace").splitlines()
    found = [STAMP.search(line) for line in lines]
    parts = [
        (line[: m.start()], int(m[1]), m[2], int(m[3]), line[m.end() :])
        for line, m in zip(lines, found, strict=True)
        if m
    ]
    seconds = max(part[1] for part in parts) - min(part[1] for part in parts) + 1
    serials = max(part[3] for part in parts) + 1
    return [
        f"{before}audit({second + n * seconds}{dot}{(serial + n * serials) % 2**32}){after}"
        for n in range(-(-count // len(parts)))
        for before, second, dot, serial, after in parts
    ]


def frame(lines: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "TimeGenerated": pd.Timestamp("2026-03-12", tz="UTC"),
            "Computer": pd.array(["web01"] * len(lines), dtype=STR),
            "RawData": pd.array(lines, dtype=STR),
            "_ItemId": pd.array([f"audit.log:{n + 1}" for n in range(len(lines))], dtype=STR),
        }
    )


def executions(count: int) -> pd.DataFrame:
    """Make executions whose parents are among the last forty, or a daemon not seen."""
    random = np.random.default_rng(1)
    number = np.arange(count)
    pid = 2000 + number % 30_000
    near = np.maximum(number - random.integers(1, 40, count), 0)
    uid = [f"audit.log:{n}" for n in number]
    made = pd.DataFrame(
        {
            "TimeGenerated": pd.Timestamp("2026-03-12", tz="UTC")
            + pd.to_timedelta(number * 50, unit="ms"),
            "DvcHostname": "web01",
            "serial": number + 100,
            "type": "SYSCALL",
            "success": "yes",
            "pid": pid,
            "ppid": np.where(number % 5 == 0, 900, pid[near]),
            "auid": 1000,
            "uid": 0,
            "euid": 0,
            "ses": 3,
            "syscall": "execve",
            "exit": 0,
            "comm": "ls",
            "exe": "/usr/bin/ls",
            "cmdline": "ls -l",
            "EventUid": uid,
            "RecordIds": [[text] for text in uid],
        }
    )
    return conform(made, "audit")


def spent(work: Callable[[], Any]) -> Spent:
    """Return seconds of wall and of processor time, those of child processes included."""
    before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    start = time.perf_counter()
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        work()
    wall = time.perf_counter() - start
    after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    used = sum(
        b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime
        for a, b in zip(before, after, strict=True)
    )
    return wall, used


def tell(what: str, cost: Spent) -> None:
    print(f"{what:<54}{cost[0]:>9.2f} s wall {cost[1]:>9.2f} s processor")


def compare(what: str, ours: Spent, theirs: Spent) -> None:
    print(f"{what:<54}{theirs[0] / ours[0]:>9.2f}   wall {theirs[1] / ours[1]:>9.2f}   processor")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log", type=Path)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--msticpy-records", type=int, default=100_000)
    parser.add_argument("--executions", type=int, default=100_000)
    options = parser.parse_args()

    from msticpy.transform.auditdextract import read_from_file
    from msticpy.transform.proc_tree_builder import build_process_tree
    from msticpy.transform.proc_tree_schema import LX_EVENT_SCH

    lines = repeated(options.log, options.records)
    records = frame(lines)
    audit(records[:1000])
    ours = spent(lambda: audit(records))
    tell(f"linuxhunt audit, {len(lines):,} records", ours)
    with tempfile.TemporaryDirectory() as folder:
        whole, part = Path(folder, "audit.log"), Path(folder, "part.log")
        whole.write_text("\n".join(lines) + "\n", "utf-8")
        few = lines[: options.msticpy_records]
        part.write_text("\n".join(few) + "\n", "utf-8")
        if ausearch := shutil.which("ausearch", path="/usr/sbin:/sbin:/usr/bin:/bin"):
            command = [ausearch, "--format", "csv", "-if", str(whole)]
            theirs = spent(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
            tell("ausearch --format csv, the same", theirs)
            compare("  its time as a multiple of ours", ours, theirs)
        else:
            print("ausearch is not installed (Debian package auditd)")
        wall, used = spent(lambda: read_from_file(str(part)))
        times = len(lines) / len(few)
        tell(f"msticpy read_from_file, {len(few):,} records", (wall, used))
        compare("  its time, for all, as a multiple of ours", ours, (wall * times, used * times))

    small, large = executions(options.executions), executions(options.executions * 10)
    processes(small[:1000])
    ours = spent(lambda: processes(small))
    tell(f"linuxhunt processes, {len(small):,} executions", ours)
    more = spent(lambda: processes(large))
    tell(f"linuxhunt processes, {len(large):,} executions", more)
    compare("  ten times as many take", ours, more)
    names = {"DvcHostname": "Computer", "type": "EventType"}
    flat = ["TimeGenerated", "type", "pid", "ppid", "ses", "uid", "exe", "cmdline", "acct"]
    table = small[[*flat, "DvcHostname"]].rename(columns=names)
    table = table.assign(EventType="SYSCALL_EXECVE")
    plain = table.astype(dict.fromkeys(table.columns[2:], object))
    for name in ("pid", "ppid", "ses", "uid"):
        plain[name] = plain[name].astype(str)
    theirs = spent(lambda: build_process_tree(plain, schema=LX_EVENT_SCH))
    tell(f"msticpy build_process_tree, {len(small):,} executions", theirs)
    compare("  its time as a multiple of ours", ours, theirs)


if __name__ == "__main__":
    main()
