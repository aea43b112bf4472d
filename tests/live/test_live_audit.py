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
