"""How many lines a second become auth events, beside the deprecated notebook's way.

    python bench/auth.py LOG [--lines 1000000]

Repeats LOG (RFC 3164 text) to the number of lines, makes a case of it, then times in one run what
each needs to tell users, outcomes and addresses: ``linuxhunt.parse.auth`` on the rows of the query
``auth_messages``, and the logic of msticpy's three Linux logon queries (which the deprecated
notebook ran), translated by duckdb-kql on the same case. Prints lines a second and the ratio, and
how many lines each could say user and address of.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb_kql
import pandas as pd
from sessions import repeat

from linuxhunt import parse
from linuxhunt.evidence import ingest
from linuxhunt.workspace import open_workspace
from linuxhunt.workspace.local import open_case
from linuxhunt.workspace.normalise import from_arrow

EVER = {
    "start": pd.Timestamp("1970-01-01", tz="UTC"),
    "end": pd.Timestamp("2200-01-01", tz="UTC"),
    "all_hosts": True,
}
# msticpy 3.0.2, data/queries/mssentinel/kql_sent_lxsyslog_logon.yaml: its conditions and its
# extractions, without the parts that name tables and times.
WANTED = (
    "SyslogMessage contains 'Accepted' or SyslogMessage contains 'session opened'",
    "SyslogMessage contains 'failure' or SyslogMessage contains 'invalid'"
    " or SyslogMessage contains 'Unable to negotiate'"
    " or SyslogMessage contains 'authentication failures'"
    " or SyslogMessage contains 'Did not receive identification'"
    " or SyslogMessage contains ' Bad protocol version identification'"
    " or SyslogMessage matches regex '^Connection closed .* [preauth]'",
)
EXTRACTED = r"""
| extend User = iff(SyslogMessage contains "publickey",
      extract("(for )([[:alnum:]]+)", 2, SyslogMessage),
      extract("(user |user=)([[:alnum:]]+)", 2, SyslogMessage)),
    LogonType = extract("Accepted\\s+([^\\s]+)", 1, SyslogMessage),
    SourceIP = extract("((?:[0-9]{1,3}\\.){3}[0-9]{1,3})", 1, SyslogMessage),
    SourcePort = extract("port ([0-9]+)", 1, SyslogMessage),
    UID = extract("uid=([0-9]+)", 1, SyslogMessage)
| project TimeGenerated, Computer, ProcessName, SyslogMessage, User, LogonType, SourceIP,
    SourcePort, UID
"""


def theirs(case: Path) -> pd.DataFrame:
    """Run the queries of old and put their answers together."""
    parts = []
    with open_case(case) as con:
        for wanted in WANTED:
            kql = f"Syslog | where Facility in ('auth', 'authpriv') | where {wanted} {EXTRACTED}"
            parts.append(from_arrow(duckdb_kql.kql(con, kql, allow_write=False).to_arrow_table()))
    return pd.concat(parts, ignore_index=True)


def ours(case: Path) -> pd.DataFrame:
    """Fetch the lines and parse them."""
    workspace = open_workspace(case)
    rows = workspace.run("auth_messages", programs=list(parse.AUTH_PROGRAMS), **EVER).rows
    return parse.auth(rows)


def timed(work: Callable[[Path], pd.DataFrame], case: Path) -> tuple[pd.DataFrame, float, float]:
    """Return what the work made, and the least of three runs' wall and processor seconds."""
    best: tuple[float, float] = (float("inf"), float("inf"))
    made: Any = None
    for _ in range(3):
        began, used = time.perf_counter(), _processor()
        made = work(case)
        best = min(best, (time.perf_counter() - began, _processor() - used))
    return made, *best


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log", type=Path)
    parser.add_argument("--lines", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log, case = Path(folder, "auth.log"), Path(folder, "case.duckdb")
        lines = repeat(arguments.log, arguments.lines, log)
        ingest([log], case)
        auth, wall, used = timed(ours, case)
        old, old_wall, old_used = timed(theirs, case)
    known = int((auth["TargetUsername"].notna() & auth["SrcIpAddr"].notna()).sum())
    old_known = int(((old["User"].fillna("") != "") & (old["SourceIP"].fillna("") != "")).sum())
    print(f"{lines:,} lines")
    print(f"{'':16}{'lines/s':>12}{'processor s':>13}{'rows':>12}{'with user and address':>24}")
    for name, seconds, processor, rows, said in (
        ("linuxhunt", wall, used, len(auth), known),
        ("queries of old", old_wall, old_used, len(old), old_known),
    ):
        print(f"{name:16}{lines / seconds:12,.0f}{processor:13.1f}{rows:12,}{said:24,}")
    print(f"ratio of lines a second, linuxhunt to old: {old_wall / wall:.2f}")


if __name__ == "__main__":
    main()
