"""A real kernel's audit and a real auditd: what ssh sessions ran, read through linuxhunt."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from .acts_audit import AWKWARD, audited_plan, executions, sessions_planned
from .auditing import Auditing, audit_state
from .host import LiveError, LiveHost, Seen
from .plan import Act, Between, Row, said, terminal

pytestmark = pytest.mark.live

Events = dict[str, pd.DataFrame]


# Audit is left as it was.


@pytest.fixture(scope="module", autouse=True)
def unchanged() -> Iterator[None]:
    before = audit_state()
    yield
    assert audit_state() == before


def fail_while_auditing(work: Path) -> None:
    with Auditing(work):
        raise AssertionError("stop here")


def test_an_error_leaves_audit_as_it_was(tmp_path: Path) -> None:
    before = audit_state()
    with pytest.raises(AssertionError, match="stop here"):
        fail_while_auditing(tmp_path)
    assert audit_state() == before


def test_a_killed_run_leaves_audit_as_it_was(tmp_path: Path) -> None:
    before = audit_state()
    script = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); from pathlib import Path;"
        f"from {__package__}.auditing import Auditing;"
        "Auditing(Path(sys.argv[2])).__enter__(); print('ready', flush=True); time.sleep(60)"
    )
    root = Path(__file__).parents[len(str(__package__).split("."))]
    command = [sys.executable, "-c", script, str(root), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"ready\n"
        changed = audit_state()
        run.kill()
    for _ in range(100):
        if audit_state() == before:
            break
        time.sleep(0.05)
    assert audit_state() == before
    assert changed != before


def test_another_auditd_is_not_pushed_aside(tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    with Auditing(tmp_path):
        state = audit_state()
        with pytest.raises(LiveError, match=r"an auditd is running already \(pid \d+\): stop it"):
            Auditing(second).__enter__()
        assert audit_state() == state


# The rows are those of the plan.


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory, unchanged: None) -> tuple[Seen, Path]:
    work = tmp_path_factory.mktemp("audited")
    evidence = work / "evidence"
    evidence.mkdir()
    with Auditing(work) as auditing, LiveHost(work / "host") as host:
        host.start(audited_plan())
        seen = host.finish()
    (evidence / "audit.log").write_bytes(auditing.log.read_bytes())
    return seen, evidence


@pytest.fixture(scope="module")
def seen(driven: tuple[Seen, Path]) -> Seen:
    return driven[0]


@pytest.fixture(scope="module")
def read(driven: tuple[Seen, Path]) -> Events:
    from linuxhunt.hunt import connect  # slow, and needed only where the live tests run

    hunt = connect(str(driven[1]), tz="UTC", keep=False)
    return {kind: hunt.events[kind] for kind in ("audit", "processes", "sessions", "logons")}


def ran(read: Events, ses: int) -> list[Row]:
    """Return what an audit session ran: arguments, user, whose login, session, parent's."""
    rows = read["processes"]
    argv = {guid: tuple(words) for guid, words in rows[["TargetProcessGuid", "Argv"]].to_numpy()}
    sessions = read["sessions"]
    held = sessions[sessions["LogonProtocol"] == "SSH"].set_index("LogonSessionId")["AuditSession"]
    return [
        {
            "argv": tuple(row.Argv),
            "user": row.TargetUserId,
            "login": row.ActorUserId,
            "session": held.get(row.LogonSessionId),
            "parent": argv.get(row.ActingProcessGuid),
        }
        for row in rows[rows["ActorSessionId"] == ses].itertuples()
    ]


ACTS = {act.id: act for act in sessions_planned()}


@pytest.mark.parametrize("name", ACTS)
def test_processes_are_those_of_the_plan(name: str, seen: Seen, read: Events) -> None:
    ses = said(name, "ses")(seen)
    runs = executions()[name]
    assert ran(read, ses) == [
        {
            "argv": run.argv,
            "user": run.user,
            "login": runs[0].user,
            "session": ses,
            "parent": run.parent,
        }
        for run in runs
    ]


def test_the_plan_has_what_is_awkward() -> None:
    assert {name: (len(words), max(map(len, words))) for name, words in AWKWARD.items()} == {
        "spaces": (4, 9), "quotes": (4, 9), "newlines": (3, 8), "empty": (3, 1), "utf-8": (3, 5),
        "5000 bytes": (1, 5000), "9000 bytes of text": (1, 9000), "300 arguments": (300, 4),
        "looks like a record": (4, 31),
    }  # fmt: skip


def held(act: Act, seen: Seen) -> Row:
    during = Between(seen.acts[act.id]["began"], seen.acts[act.id]["ended"] + 2)
    return {
        "TargetUsername": act.user,
        "TargetUserId": executions()[act.id][0].user,
        "SrcIpAddr": act.source,
        "LogonProtocol": "SSH",
        "EventStartTime": during,
        "EventEndTime": during,
        "EndReason": "closed",
        "TargetAppName": "sshd",
        "AuditSession": said(act.id, "ses")(seen),
        "Tty": terminal(act.id)(seen) if act.tty else None,
        "Witnesses": ["audit"],
    }


def rows(frame: pd.DataFrame, names: list[str]) -> list[Row]:
    return [
        {name: _plain(value) for name, value in zip(names, row, strict=True)}
        for row in frame[names].itertuples(index=False, name=None)
    ]


def _plain(value: Any) -> Any:
    return value if isinstance(value, list) or pd.notna(value) else None


def test_sessions_are_those_of_the_plan(seen: Seen, read: Events) -> None:
    want = sorted(
        (held(act, seen) for act in ACTS.values()), key=lambda row: int(row["AuditSession"])
    )
    found = read["sessions"]
    ssh = found[found["LogonProtocol"] == "SSH"].sort_values("AuditSession")
    assert rows(ssh, list(want[0])) == want


def test_sudo_is_a_session_within_the_session(seen: Seen, read: Events) -> None:
    found = read["sessions"]
    protocols = found.set_index("LogonSessionId")["LogonProtocol"]
    inner = found[found["LogonProtocol"] == "sudo"]
    assert [
        (row.TargetUsername, row.AuditSession, protocols.get(row.ParentSessionId))
        for row in inner.itertuples()
    ] == [("root", said("sudo", "ses")(seen), "SSH")]


def test_attempts_are_those_of_the_plan(read: Events) -> None:
    names = ["TargetUsername", "SrcIpAddr", "EventResult", "EventResultDetails"]
    failed = [
        ("lh_bob", "203.0.113.5", "Failure", "Other"),
        ("lh_bob", "203.0.113.5", "Failure", "Other"),
        ("lh_nobody", "203.0.113.5", "Failure", "No such user"),
    ]
    want = failed + [(act.user, act.source, "Success", None) for act in ACTS.values()]
    got = [tuple(row.values()) for row in rows(read["logons"], names)]
    assert sorted(map(repr, got)) == sorted(map(repr, want))


def test_no_record_is_lost(driven: tuple[Seen, Path], read: Events) -> None:
    """As many events as the system's own tool finds."""
    log = driven[1] / "audit.log"
    said = subprocess.run(
        ["ausearch", "-if", str(log), "--raw"], capture_output=True, text=True, check=True
    ).stdout
    events = {line.partition("msg=audit(")[2].partition(")")[0] for line in said.splitlines()}
    assert len(read["audit"]) == len(events - {""})


# The system's own tools on the same file.


def tool(*words: str) -> list[str]:
    """Return what a tool of auditd says of the log, without its headings."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.splitlines()


def table(lines: list[str]) -> list[list[str]]:
    """Return the numbered lines of a report, without their numbers, dates and times."""
    return [words[3:] for words in map(str.split, lines) if words and words[0].endswith(".")]


def summed(lines: list[str]) -> dict[str, int]:
    """Return the counts of a summary."""
    pairs = [words for words in map(str.split, lines) if len(words) == 2 and words[0].isdigit()]
    return {name: int(count) for count, name in pairs}


def counted(values: pd.Series[Any]) -> dict[str, int]:
    return {str(name): int(count) for name, count in values.value_counts().items()}


def told(audit: pd.DataFrame, kind: str, account: str) -> list[list[str]]:
    """Return events of a type as aureport lists them."""
    rows = audit[audit["type"] == kind]
    good = rows["res"].eq("success").map({True: "yes", False: "no"})
    columns = [rows[account], rows["addr"].fillna(rows["hostname"]), rows["terminal"], rows["exe"],
               good, rows["serial"].astype("string")]  # fmt: skip
    return [["?" if pd.isna(v) else str(v) for v in row] for row in zip(*columns, strict=True)]


def in_order(rows: list[list[str]]) -> list[list[str]]:
    return sorted(rows, key=lambda row: int(row[-1]))


def test_events_are_those_of_ausearch(driven: tuple[Seen, Path], read: Events) -> None:
    """ausearch takes a LOGIN for whole as it comes, and what else is of its event for another."""
    log = str(driven[1] / "audit.log")
    apart = read["audit"]["types"].map(lambda types: "LOGIN" in types and "SYSCALL" in types)
    want = len(read["audit"]) + int(apart.sum())
    for form in ("csv", "text"):
        heading = form == "csv"
        assert len(tool("ausearch", "-if", log, "--format", form)) - heading == want


def test_executables_are_those_of_aureport(driven: tuple[Seen, Path], read: Events) -> None:
    log = str(driven[1] / "audit.log")
    assert summed(tool("aureport", "-if", log, "-x", "--summary")) == counted(read["audit"]["exe"])


def test_judged_credentials_are_those_of_aureport(driven: tuple[Seen, Path], read: Events) -> None:
    log = str(driven[1] / "audit.log")
    said = in_order(table(tool("aureport", "-if", log, "-au")))
    assert said == in_order(told(read["audit"], "USER_AUTH", "acct"))


def test_logins_are_those_of_aureport(driven: tuple[Seen, Path], read: Events) -> None:
    """aureport names who logged in by auid, and has a bracketed name in two words."""
    log = str(driven[1] / "audit.log")
    said = [row[-5:] for row in in_order(table(tool("aureport", "-if", log, "-l")))]
    rows = in_order(told(read["audit"], "USER_LOGIN", "acct"))
    assert said == [row[-5:] for row in rows]


def test_terminals_are_those_of_aulast(driven: tuple[Seen, Path], read: Events) -> None:
    """aulast lists sessions that have a terminal: others log no USER_LOGIN that succeeds."""
    log = str(driven[1] / "audit.log")
    found = read["sessions"]
    seated = found[(found["LogonProtocol"] == "SSH") & found["Tty"].notna()]
    names = [line.split() for line in tool("aulast", "-f", log) if line.strip()]
    assert [[w for w in words if "." in w or w.startswith("pts")] for words in names] == [
        [row.Tty, row.SrcIpAddr] for row in seated.itertuples()
    ]


def test_keystrokes_are_those_of_aureport(driven: tuple[Seen, Path], read: Events) -> None:
    log = str(driven[1] / "audit.log")
    typed = read["audit"]["type"].isin(["TTY", "USER_TTY"])
    assert len(table(tool("aureport", "-if", log, "--tty"))) == int(typed.sum())
