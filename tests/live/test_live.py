"""Real sshd, rsyslogd, sudo, su, useradd and cron, driven by the plan, read through linuxhunt.

The tests that need no log come first: they run while the plan is being driven.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import acts_admin, acts_become, acts_logons, reading
from .host import LiveError, LiveHost, Seen
from .plan import Act, Row, resolve, terminal

pytestmark = pytest.mark.live

FORMS = ("rfc3164", "rfc3339", "rotated", "with-wtmp")
PLANNED = tuple(kind for kind in reading.KINDS if kind != "auth")
MACHINE = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/sudoers.d", "/home", "/dev/log")


def whole_plan() -> list[Act]:
    return [
        *acts_admin.accounts_before(),
        *acts_admin.crontabs(),
        *acts_logons.crowd(),
        *acts_logons.oddly_made(),
        *acts_logons.refused(),
        *acts_become.climb(),
        *acts_logons.console(),
        *acts_admin.crontabs_after(),
        *acts_admin.accounts_after(),
        *acts_logons.reused(),
        *acts_logons.last(),
    ]


# The machine is left as it was.


def machine() -> dict[str, Any]:
    """What of the machine a live test might leave changed."""
    state: dict[str, Any] = {}
    for path in map(Path, MACHINE):
        if path.is_dir():
            state[str(path)] = sorted(os.listdir(path))
        else:
            state[str(path)] = path.read_bytes() if path.is_file() else path.exists()
    state["mounts"] = Path("/proc/self/mounts").read_text("utf-8")
    state["hostname"] = os.uname().nodename
    return state


def processes(work: Path) -> list[str]:
    """Command lines of the processes that were started for a live host in ``work``."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:  # it ended while we looked
            continue
        if str(work) in words:
            found.append(words)
    return found


@pytest.fixture(scope="module", autouse=True)
def driven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHost]:
    """A live host on which the plan is being driven; the machine is as before when it is gone."""
    before = machine()
    work = tmp_path_factory.mktemp("live") / "host"
    with LiveHost(work) as host:
        host.start(whole_plan())
        yield host
    assert machine() == before
    assert processes(work) == []


def wait_until_driving(work: Path) -> None:
    for _ in range(400):
        if (work / "logs" / "rfc3339" / "auth.log").exists():
            return
        time.sleep(0.05)
    pytest.fail(f"the plan was not begun: {(work / 'inside.out').read_text('utf-8')}")


def fail_while_driving(work: Path) -> None:
    with LiveHost(work) as host:
        host.start(whole_plan())
        wait_until_driving(work)
        raise AssertionError("stop here")


def test_an_error_leaves_nothing_behind(tmp_path: Path) -> None:
    before = machine()
    with pytest.raises(AssertionError, match="stop here"):
        fail_while_driving(tmp_path / "host")
    assert machine() == before
    assert processes(tmp_path) == []


def test_a_killed_run_leaves_nothing_behind(tmp_path: Path) -> None:
    before = machine()
    script = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); from pathlib import Path;"
        f"from {__package__} import host, test_live;"
        "live = host.LiveHost(Path(sys.argv[2])).__enter__();"
        "live.start(test_live.whole_plan()); time.sleep(60)"
    )
    root = Path(__file__).parents[len(str(__package__).split("."))]
    work = tmp_path / "host"
    with subprocess.Popen([sys.executable, "-c", script, str(root), str(work)]) as run:
        wait_until_driving(work)
        run.kill()
    for _ in range(100):
        if not processes(work):
            break
        time.sleep(0.05)
    assert processes(work) == []
    assert machine() == before


def test_a_plan_that_cannot_be_driven_says_what_failed(tmp_path: Path) -> None:
    with LiveHost(tmp_path / "host") as host:
        host.start([Act("wrong", "before", "no-such-verb")])
        with pytest.raises(LiveError, match="no-such-verb"):
            host.finish()


# The rows are those of the plan.


@pytest.fixture(scope="module")
def seen(driven: LiveHost) -> Seen:
    return driven.finish()


@pytest.fixture(scope="module")
def read(seen: Seen) -> dict[str, reading.Events]:
    """Form of the log -> the events that linuxhunt reads in it."""
    log = seen.logs / "rfc3164" / "auth.log"
    return {
        "rfc3164": reading.by_command(log.parent),
        "rfc3339": reading.by_package(seen.logs / "rfc3339"),
        "rotated": reading.by_package(reading.rotate(log, seen.logs / "rotated")),
        "with-wtmp": reading.by_package(
            reading.with_login_records(
                seen.logs / "rfc3339" / "auth.log", seen.logs, seen.logs / "with-wtmp"
            )
        ),
    }


def test_the_crowd_was_in_at_the_same_time(seen: Seen) -> None:
    crowd = [seen.acts[act.id] for act in acts_logons.crowd()]
    together = max(
        sum(other["answered"] <= act["answered"] < other["ended"] for other in crowd)
        for act in crowd
    )
    assert len(crowd) == 21
    assert together >= 12


def expected(kind: str, form: str, seen: Seen) -> list[Row]:
    """The plan's rows; wtmp is a witness of the sessions that had a terminal."""
    rows = []
    for act in whole_plan():
        more = {"Witnesses": ["syslog", "wtmp"], "Tty": terminal(act.id)} if act.tty else {}
        for row in act.expect.get(kind, []):
            recorded = kind == "sessions" and row["LogonProtocol"] in ("SSH", "login")
            rows.append(resolve(row | more if recorded and form == "with-wtmp" else row, seen))
    return rows


def name_of(session: Row) -> Any:
    """What the plan calls a session by: the client's port, or protocol and user."""
    return session["SrcPortNumber"] or f"{session['LogonProtocol']} {session['TargetUsername']}"


def difference(got: list[Row], want: list[Row]) -> list[Row]:
    """Return the rows that only one side has; beside a missing one, where the likest differs."""
    extra, missing = list(got), []
    for row in want:
        if row in extra:
            extra.remove(row)
        else:
            missing.append(row)
    likest = [max(extra, key=lambda one: alike(one, row), default={}) for row in missing]
    return [
        *[{"not in the plan": row} for row in extra],
        *[
            {
                "missing": row,
                "got, want": {k: (one.get(k), row[k]) for k in row if one.get(k) != row[k]},
            }
            for row, one in zip(missing, likest, strict=True)
        ],
    ]


def alike(one: Row, other: Row) -> int:
    return sum(one[name] == other[name] for name in other)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", PLANNED)
def test_rows_are_those_of_the_plan(
    kind: str, form: str, seen: Seen, read: dict[str, reading.Events]
) -> None:
    want = expected(kind, form, seen)
    named = {row["LogonSessionId"]: name_of(row) for row in read[form]["sessions"]}
    link = "ParentSessionId" if kind == "sessions" else "LogonSessionId"
    got = [{**row, "parent": named.get(row.get(link))} for row in read[form][kind]]
    got = [{name: row[name] for name in want[0]} for row in got]
    assert difference(got, want) == []


@pytest.mark.parametrize("form", ["rfc3164", "rfc3339"])
def test_no_line_of_an_authentication_program_is_not_understood(form: str, seen: Seen) -> None:
    assert reading.not_understood(seen.logs / form) == []


@pytest.mark.parametrize("form", ["rfc3164", "rfc3339"])
def test_rows_point_at_the_lines_they_come_from(
    form: str, seen: Seen, read: dict[str, reading.Events]
) -> None:
    lines = (seen.logs / form / "auth.log").read_text("utf-8").splitlines()
    astray = [
        (row["EventUid"], row["EventMessage"])
        for row in read[form]["auth"]
        if not lines[int(row["EventUid"].rpartition(":")[2]) - 1].endswith(row["EventMessage"])
    ]
    assert astray == []
