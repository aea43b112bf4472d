"""How fast a text log becomes sessions, beside a plain Python loop over its lines.

    python bench/sessions.py LOG [--lines 1000000]

Repeats LOG (RFC 3164 text with sshd's lines) to the number of lines, then times, in one run:
``linuxhunt ingest`` and ``linuxhunt events sessions`` as two processes; and a loop with ``re`` that
builds the same Syslog rows and pairs sshd's session lines by pid. Prints seconds and the ratio.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

LINE = re.compile(
    r"^(?P<stamp>\w{3} [ \d]\d \d\d:\d\d:\d\d) (?P<host>\S+) "
    r"(?P<program>[^\s\[:]+)(?:\[(?P<pid>\d+)\])?: (?P<message>.*)$"
)
ACCEPTED = re.compile(
    r"^Accepted (?P<method>\S+) for (?P<user>.*?) from (?P<address>\S+) port (\d+)"
)
OPENED = re.compile(r"^pam_unix\(sshd:session\): session opened for user (?P<user>[^\s(]+)")
CLOSED = re.compile(r"^pam_unix\(sshd:session\): session closed for user (?P<user>\S+)")


def repeat(source: Path, lines: int, target: Path) -> int:
    """Write whole copies of a log until it has so many lines."""
    text = source.read_bytes()
    if not text.endswith(b"\n"):
        text += b"\n"
    copies = -(-lines // text.count(b"\n"))
    with target.open("wb") as file:
        for _ in range(copies):
            file.write(text)
    return copies * text.count(b"\n")


def loop(path: Path) -> tuple[int, int]:
    """Build the rows and pair the sessions, a line at a time."""
    rows, sessions = [], []
    open_by_pid: dict[str, dict[str, object]] = {}
    with path.open(encoding="utf-8", errors="backslashreplace") as file:
        for number, line in enumerate(file, 1):
            match = LINE.match(line.rstrip("\n"))
            if match is None:
                continue
            when = datetime.strptime(f"2026 {match['stamp']}", "%Y %b %d %H:%M:%S")
            row = {
                "TimeGenerated": when,
                "Computer": match["host"],
                "ProcessName": match["program"],
                "ProcessID": int(match["pid"]) if match["pid"] else None,
                "SyslogMessage": match["message"],
                "_ItemId": f"{path.name}:{number}",
            }
            rows.append(row)
            if not match["program"].startswith("sshd") or not match["pid"]:
                continue
            message, pid = match["message"], match["pid"]
            if accepted := ACCEPTED.match(message):
                open_by_pid[pid] = {"user": accepted["user"], "address": accepted["address"]}
            elif opened := OPENED.match(message):
                session = open_by_pid.setdefault(pid, {"user": opened["user"]})
                session["start"] = when
            elif CLOSED.match(message):
                session = open_by_pid.pop(pid, {})
                session["end"] = when
                sessions.append(session)
    return len(rows), len(sessions) + len(open_by_pid)


def timed(*command: str) -> float:
    """Run a command of linuxhunt and return its seconds."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "linuxhunt.cli", *command], check=True)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log", type=Path)
    parser.add_argument("--lines", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log, case = Path(folder, "auth.log"), Path(folder, "case.duckdb")
        lines = repeat(arguments.log, arguments.lines, log)
        began = time.perf_counter()
        rows, sessions = loop(log)
        python = time.perf_counter() - began
        ingest = timed("ingest", str(log), "-o", str(case))
        events = timed("events", "sessions", str(case), "-o", str(Path(folder, "s.parquet")))
    print(f"{lines:,} lines")
    print(f"re loop               {python:7.1f} s   ({rows:,} rows, {sessions:,} sshd sessions)")
    print(f"ingest                {ingest:7.1f} s")
    print(f"events sessions       {events:7.1f} s")
    print(f"ratio loop/linuxhunt  {python / (ingest + events):7.2f}")


if __name__ == "__main__":
    main()
