"""How fast audit records become events and processes, beside ausearch and msticpy.

    python bench/audit.py AUDIT_LOG [--records 1000000] [--msticpy-records 100000] [--times 3]
                          [--serials | --pids] [--executions 100000] [--file] [--whole]

Repeats AUDIT_LOG (raw auditd text) with stamps and serials shifted, so that the copies are
events of their own (``--serials``: the serials only; ``--pids``: process ids and arguments of
system calls, too, so that few records say the same). Then times in one run, one after another and
again, the fastest of ``--times`` each:

- ``linuxhunt.parse.audit``, from the records as a frame, as a query gives them, to a frame;
- linuxhunt from the file, which it hashes, accounts for line by line and keeps as a case, to the
  same frame;
- the command line as users call it, ``linuxhunt events audit FILE --no-cache -o o.parquet``: a
  fresh interpreter, the same, and the frame written to a file;
- ``ausearch --format csv`` (Debian package auditd), from the file to text;
- msticpy's ``read_from_file``, from a file to a frame: fewer records, the time is taken as
  proportional; ``--whole``: all records, once, which takes minutes.

Then ``linuxhunt.parse.processes`` on made-up executions, ten times as many, and msticpy's process
tree of the smaller number. ``--file`` leaves out what does not begin with a file. Prints seconds
of wall and of processor time, and the ratios of both.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import resource
import shutil
import subprocess
import sys
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
PID = re.compile(r"\b(p?pid|a[0-3])=([0-9a-f]+)(?= )")
_COMMAND = (sys.executable, "-m", "linuxhunt.cli", "events", "audit")
Spent = tuple[float, float]


def repeated(source: Path, count: int, what: str = "stamps") -> list[str]:
    """Return whole copies of a log's lines, at least ``count``, as events of their own.

    Args:
        source: the log.
        count: of lines.
        what: differs between copies: ``serials``, ``stamps`` (and serials), or ``pids`` (and
            addresses in system calls, and both).
    """
    lines = source.read_text("utf-8", "backslashreplace").splitlines()
    found = [STAMP.search(line) for line in lines]
    parts = [
        (line[: m.start()], int(m[1]), m[2], int(m[3]), line[m.end() :])
        for line, m in zip(lines, found, strict=True)
        if m
    ]
    seconds = max(part[1] for part in parts) - min(part[1] for part in parts) + 1
    serials = max(part[3] for part in parts) + 1
    seconds = 0 if what == "serials" else seconds
    return [
        f"{before}audit({second + n * seconds}{dot}{(serial + n * serials) % 2**32}){after}"
        if what != "pids"
        else f"{before}audit({second + n * seconds}{dot}{(serial + n * serials) % 2**32})"
        + PID.sub(lambda m, n=n: _other(m[1], m[2], n), after)
        for n in range(-(-count // len(parts)))
        for before, second, dot, serial, after in parts
    ]


def _other(key: str, value: str, n: int) -> str:
    if key.endswith("pid"):
        return f"{key}={(int(value) + 7 * n) % 2**22}"
    return f"{key}={int(value, 16) + 16 * n:x}"


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
    print(f"{what:<62}{cost[0]:>9.2f} s wall {cost[1]:>9.2f} s processor")


def compare(what: str, ours: Spent, theirs: Spent) -> None:
    print(f"{what:<62}{theirs[0] / ours[0]:>9.2f}   wall {theirs[1] / ours[1]:>9.2f}   processor")


def fastest(works: dict[str, Callable[[], Any]], times: int) -> dict[str, Spent]:
    """Do all, one after another, again and again; return the least of each."""
    rounds = [{name: spent(work) for name, work in works.items()} for _ in range(times)]
    return {
        name: (min(r[name][0] for r in rounds), min(r[name][1] for r in rounds)) for name in works
    }


def events(options: argparse.Namespace) -> None:
    """Time records -> events."""
    from msticpy.transform.auditdextract import read_from_file

    from linuxhunt import connect

    what = "serials" if options.serials else "pids" if options.pids else "stamps"
    lines = repeated(options.log, options.records, what)
    records = frame([] if options.file else lines)
    audit(records[:1000])
    with tempfile.TemporaryDirectory() as folder:
        whole, part = Path(folder, "audit.log"), Path(folder, "part.log")
        whole.write_text("\n".join(lines) + "\n", "utf-8")
        few = lines if options.whole else lines[: options.msticpy_records]
        part.write_text("\n".join(few) + "\n", "utf-8")
        total = len(lines)
        del lines
        works: dict[str, Callable[[], Any]] = {
            "linuxhunt, file to frame": lambda: connect(
                str(whole), tz="UTC", hostname="web01", keep=False
            ).events["audit"],
            "linuxhunt audit, frame to frame": lambda: audit(records),
            "linuxhunt events audit FILE -o o.parquet": lambda: subprocess.run(
                [*_COMMAND, str(whole), "--no-cache", "-o", str(Path(folder, "o.parquet"))],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ),
        }
        peer = f"msticpy read_from_file, {len(few):,} records"
        last = {peer: lambda: read_from_file(str(part))}
        if not options.whole:
            works |= last
        if options.file:
            del works["linuxhunt audit, frame to frame"]
        if ausearch := shutil.which("ausearch", path="/usr/sbin:/sbin:/usr/bin:/bin"):
            command = [ausearch, "--format", "csv", "-if", str(whole)]
            works["ausearch --format csv"] = lambda: subprocess.run(
                command, check=True, stdout=subprocess.DEVNULL
            )
        else:
            print("ausearch is not installed (Debian package auditd)")
        costs = fastest(works, options.times)
        if options.whole:
            costs |= fastest(last, 1)
    print(f"{total:,} records; copies differ in {what}")
    for name, cost in costs.items():
        tell(name, cost)
    ours = {name: cost for name, cost in costs.items() if name.startswith("linuxhunt")}
    theirs = [cost for name, cost in costs.items() if "ausearch" in name]
    wall, used = (seconds * total / len(few) for seconds in costs[peer])
    for name, cost in ours.items():
        compare(f"msticpy / {name}", cost, (wall, used))
    for searched in theirs:
        for name, cost in ours.items():
            compare(f"{name} / ausearch", searched, cost)


def trees(options: argparse.Namespace) -> None:
    """Time events -> processes."""
    from msticpy.transform.proc_tree_builder import build_process_tree
    from msticpy.transform.proc_tree_schema import LX_EVENT_SCH

    small, large = executions(options.executions), executions(options.executions * 10)
    names = {"DvcHostname": "Computer", "type": "EventType"}
    flat = ["TimeGenerated", "type", "pid", "ppid", "ses", "uid", "exe", "cmdline", "acct"]
    table = small[[*flat, "DvcHostname"]].rename(columns=names)
    table = table.assign(EventType="SYSCALL_EXECVE")
    plain = table.astype(dict.fromkeys(table.columns[2:], object))
    for name in ("pid", "ppid", "ses", "uid"):
        plain[name] = plain[name].astype(str)
    processes(small[:1000])
    costs = fastest(
        {
            f"linuxhunt processes, {len(small):,} executions": lambda: processes(small),
            f"linuxhunt processes, {len(large):,} executions": lambda: processes(large),
            f"msticpy build_process_tree, {len(small):,} executions": lambda: build_process_tree(
                plain, schema=LX_EVENT_SCH
            ),
        },
        options.times,
    )
    for name, cost in costs.items():
        tell(name, cost)
    ours, more, theirs = costs.values()
    compare("ten times as many take", ours, more)
    compare("msticpy's time / ours", ours, theirs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log", type=Path)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--msticpy-records", type=int, default=100_000)
    parser.add_argument("--executions", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--whole", action="store_true", help="msticpy reads all records, once")
    parser.add_argument("--file", action="store_true", help="only what begins with a file")
    copies = parser.add_mutually_exclusive_group()
    copies.add_argument("--serials", action="store_true", help="copies differ in serials only")
    copies.add_argument("--pids", action="store_true", help="copies differ in process ids, too")
    options = parser.parse_args()
    events(options)
    if not options.file:
        trees(options)


if __name__ == "__main__":
    main()
