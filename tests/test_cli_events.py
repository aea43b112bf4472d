"""`linuxhunt events` and `hosts`: keys, order, windows, hosts, the account of what was not read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from linuxhunt import parse
from linuxhunt.events import KINDS
from linuxhunt.schema import EVENTS
from linuxhunt.workspace import Workspace
from tests.made import make_case, utc
from tests.test_cli import Run, last, run

__all__ = ["run"]

LOG = """\
2026-03-12T10:00:00.000045+00:00 web sshd[7]: Failed password for root from 203.0.113.9 port 22 ssh2
2026-03-12T10:00:01+00:00 web sshd[7]: Connection closed by 203.0.113.9 port 22 [preauth]
2026-03-12T11:00:00+00:00 web sshd[8]: Accepted password for ada from 198.51.100.7 port 23 ssh2
2026-03-12T11:00:01+00:00 web sshd[8]: pam_unix(sshd:session): session opened for user ada(uid=1000) by (uid=0)
2026-03-12T11:05:00+00:00 web sudo[9]:      ada : TTY=pts/0 ; PWD=/home/ada ; USER=root ; COMMAND=/usr/bin/id
2026-03-12T11:06:00+00:00 web CRON[10]: (root) CMD (/usr/bin/true)
2026-03-12T11:07:00+00:00 web useradd[11]: new user: name=eve, UID=1001, GID=1001, home=/home/eve, shell=/bin/sh
2026-03-12T11:08:00+00:00 web sshd[8]: this is a line that nobody wrote
2026-03-12T12:00:00+00:00 db sshd[7]: Failed password for root from 203.0.113.9 port 24 ssh2
"""


AUDIT = """\
2026-03-12T11:09:00+00:00 web audispd: type=SYSCALL msg=audit(1773313740.000:7): arch=c000003e syscall=59 success=yes exit=0 items=2 ppid=8 pid=12 auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=pts0 ses=3 comm="id" exe="/usr/bin/id" key="exec"
2026-03-12T11:09:00+00:00 web audispd: type=EXECVE msg=audit(1773313740.000:7): argc=1 a0="id"
2026-03-12T11:10:00+00:00 web kernel: [UFW BLOCK] IN=eth0 OUT= SRC=203.0.113.7 DST=10.0.0.5 LEN=40
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "auth.log"
    path.write_text(LOG)
    return path


def rows(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("kind", KINDS)
def test_keys_are_the_columns_in_order(kind: str, run: Run, log: Path) -> None:
    log.write_text(LOG + AUDIT)
    done = run("events", kind, log)
    assert done.status == 0
    assert {tuple(row) for row in rows(done.out)} == {tuple(EVENTS[kind])}


def test_logons_whole(run: Run, log: Path) -> None:
    held = rows(run("events", "logons", log, "--host", "WEB").out)
    shown = ("TimeGenerated", "DvcHostname", "EventResult", "EventCount", "TargetUsername",
             "SrcIpAddr", "SrcPortNumber", "LogonProtocol", "EventUid")  # fmt: skip
    assert [[row[name] for name in shown] for row in held] == [
        ["2026-03-12T10:00:00.000045Z", "web", "Failure", 1, "root", "203.0.113.9", 22, "SSH",
         "auth.log:1"],
        ["2026-03-12T11:00:00.000000Z", "web", "Success", 1, "ada", "198.51.100.7", 23, "SSH",
         "auth.log:3"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "ids"),
    [
        pytest.param([], ["auth.log:1", "auth.log:3", "auth.log:9"], id="all"),
        pytest.param(["--host", "all"], ["auth.log:1", "auth.log:3", "auth.log:9"], id="all hosts"),
        pytest.param(["--host", "db"], ["auth.log:9"], id="one host"),
        pytest.param(["--start", "2026-03-12T11:00"], ["auth.log:3", "auth.log:9"],
                     id="the start is included"),
        pytest.param(["--end", "2026-03-12T12:00"], ["auth.log:1", "auth.log:3"],
                     id="the end is not"),
        pytest.param(["--start", "2026-03-12T11:00+01:00", "--end", "2026-03-12T10:30"],
                     ["auth.log:1"], id="another zone"),
        pytest.param(["--start", "2026-03-12T13:00", "--end", "2026-03-12T14:00"], [], id="none"),
    ],
)  # fmt: skip
def test_windows_and_hosts(more: list[str], ids: list[str], run: Run, log: Path) -> None:
    done = run("events", "logons", log, *more)
    assert done.status == 0
    assert [row["EventUid"] for row in rows(done.out)] == ids


def test_what_no_shape_understood_is_counted(run: Run, log: Path) -> None:
    done = run("events", "auth", log, "--explain")
    assert done.status == 0
    assert "this is a line that nobody wrote" in done.out
    assert "Failed password" not in done.out
    assert run("events", "cron", log, "--explain").status == 2


def test_strict_names_what_was_rejected(run: Run, log: Path) -> None:
    assert run("events", "auth", log, "--strict").status == 0
    log.write_text("no log line at all\n" + LOG)
    done = run("events", "auth", log, "--strict")
    assert (done.status, len(rows(done.out)) > 0) == (1, True)
    assert last(done.err) == "linuxhunt: 1 lines or files were rejected, and --strict was given"
    assert run("events", "auth", log).status == 0


def test_hosts_are_ranked(run: Run, log: Path) -> None:
    held = rows(run("hosts", log).out)
    assert [(row["Host"], row["Reasons"], row["Computers"]) for row in held] == [
        ("web", "1 failed logon line, 1 new account", ["web"]),
        ("db", "1 failed logon line", ["db"]),
    ]


def test_parquet_is_exact(run: Run, log: Path, tmp_path: Path) -> None:
    for kind in KINDS:
        done = run("events", kind, log, "-o", tmp_path / f"{kind}.parquet")
        frame = pd.read_parquet(tmp_path / f"{kind}.parquet")
        assert (done.status, done.out) == (0, "")
        assert list(frame.columns) == list(EVENTS[kind])


@pytest.mark.parametrize(
    ("query", "programs"),
    [("auth_messages", parse.AUTH_PROGRAMS), ("cron_messages", parse.CRON_PROGRAMS)],
)
def test_every_program_that_is_parsed_is_asked_for(
    query: str, programs: Any, tmp_path: Path
) -> None:
    """Also where the log names no facility, and whatever the case of the program's name."""
    spelt = sorted({name for program in programs for name in (program, program.upper())})
    time = utc("2026-03-12").to_pydatetime().replace(tzinfo=None)
    syslog = [
        {"TimeGenerated": time, "Computer": "web", "ProcessName": name, "SyslogMessage": "x"}
        for name in [*spelt, "nginx"]
    ]
    held = Workspace("LinuxHuntLocal", "programs")
    held.provider.connect(str(make_case(tmp_path / "x.duckdb", {"Syslog": syslog})))
    end = utc("2026-03-13").to_pydatetime()
    found = held.run(query, start=time, end=end, hosts=["web"], programs=list(programs)).rows
    held.close()
    assert sorted(found["ProcessName"]) == spelt
