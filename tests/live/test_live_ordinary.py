"""Ordinary administration under a real kernel's audit: all of it is seen, none of it is alarming."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from .acts_ordinary import ordinary_executions, ordinary_plan, planned
from .auditing import Auditing, audit_state
from .host import LiveHost, Seen
from .plan import said


@pytest.mark.parametrize(
    ("line", "programs"),
    [
        ("cd /tmp", []),
        ("sort a | uniq -c > b", ["sort", "uniq"]),
        ("echo x | sudo -S -p '' -v", ["sudo"]),
        ("sudo -u lh_bob ls -la /", ["sudo", "ls"]),
        ("sudo tar -cf 'a|b' /etc", ["sudo", "tar"]),
    ],
)
def test_what_a_line_executes(line: str, programs: list[str]) -> None:
    assert planned(line) == programs


@pytest.fixture(scope="module")
def unchanged() -> Iterator[None]:
    before = audit_state()
    yield
    assert audit_state() == before


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory, unchanged: None) -> tuple[Seen, Any]:
    from linuxhunt.hunt import connect  # slow, and needed only where the live tests run

    work = tmp_path_factory.mktemp("ordinary")
    evidence = work / "evidence"
    evidence.mkdir()
    with Auditing(work) as auditing, LiveHost(work / "host") as host:
        host.start(ordinary_plan())
        seen = host.finish()
    (evidence / "audit.log").write_bytes(auditing.log.read_bytes())
    return seen, connect(str(evidence), tz="UTC", keep=False)


@pytest.mark.live
@pytest.mark.parametrize("name", ordinary_executions())
def test_all_is_seen(name: str, driven: tuple[Seen, Any]) -> None:
    seen, hunt = driven
    rows = hunt.events["processes"]
    ses = said(name, "ses")(seen)
    done = (rows["ActorSessionId"] == ses) & (rows["EventResult"] == "Success")
    ran = Counter(rows[done]["TargetProcessFilename"])  # a script's name, not its shell's
    assert ordinary_executions()[name] - ran == Counter(), seen.acts[name]["output"]


@pytest.mark.live
def test_a_hundred_and_more(driven: tuple[Seen, Any]) -> None:
    least = sum(sum(runs.values()) for runs in ordinary_executions().values())
    assert len(driven[1].events["processes"]) >= least >= 100


@pytest.mark.live
def test_nothing_is_above_low(driven: tuple[Seen, Any]) -> None:
    from linuxhunt.sections.processes import CHECKS

    hunt = driven[1]
    tables = {kind: hunt.events[kind] for kind in hunt.applications.kinds}
    found = [finding for check in CHECKS for finding in check.run(tables)]
    assert [
        (finding.severity, finding.title, finding.command, finding.reason)
        for finding in found
        if finding.severity in ("Medium", "High")
    ] == []
