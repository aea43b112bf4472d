"""The host summary: facts out of several tables, and the verdict on its logs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linuxhunt import connect
from linuxhunt.hunt import Hunt
from tests.made import make_case
from tests.views.pages import Faults

BEGIN = datetime(2026, 3, 12)
ORIGIN = '[origin software="rsyslogd" swVersion="8.2112.0" x-pid="8" x-info="https://x"]'


def line(host: str, time: datetime, program: str, text: str, facility: str) -> dict[str, Any]:
    return {
        "TimeGenerated": time, "Computer": host, "Facility": facility, "ProcessName": program,
        "SyslogMessage": text, "HostIP": "10.0.0.4", "_ItemId": f"{host}:{program}:{time}",
    }  # fmt: skip


def lines() -> Iterator[dict[str, Any]]:
    """Yield a day of two hosts, one of whose syslog daemon is stopped from 10:00 to 14:00."""
    for minute in range(0, 24 * 60, 2):
        time = BEGIN + timedelta(minutes=minute, seconds=30)
        for host in ("quiet", "silent"):
            if host == "quiet" or not 10 <= time.hour < 14:
                yield line(host, time, "myapp", "worked", "daemon")
    yield line("silent", datetime(2026, 3, 12, 10), "rsyslogd", f"{ORIGIN} exiting on signal 15.",
               "syslog")  # fmt: skip
    yield line("silent", datetime(2026, 3, 12, 14), "rsyslogd", f"{ORIGIN} start", "syslog")


TABLES: dict[str, Any] = {
    "Syslog": lines(),
    "Heartbeat": [
        {
            "TimeGenerated": datetime(2026, 3, 12, 9), "Computer": "silent", "OSName": "Debian",
            "OSMajorVersion": "12", "ComputerIP": "8.8.8.8", "Category": "Azure Monitor Agent",
            "ComputerEnvironment": "Azure", "ResourceGroup": "rg", "Solutions": "security",
        }
    ],
    "DeviceInfo": [
        {
            "TimeGenerated": datetime(2026, 3, 12, 8 + n), "DeviceName": "silent",
            "OSDistribution": "Debian", "OSVersion": f"12.{n}", "IsInternetFacing": True,
        }
        for n in range(2)
    ],
    "DeviceNetworkEvents": [
        {"TimeGenerated": datetime(2026, 3, 12, 9), "DeviceName": "silent", "LocalIP": "10.0.0.9"}
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_case(tmp_path_factory.mktemp("host") / "host.duckdb", TABLES)


@pytest.fixture
def hunt(case: Path) -> Iterator[Hunt]:
    held = connect(case)
    yield held
    held.workspace.close()


def test_facts(hunt: Hunt) -> None:
    hunt.select("silent")
    facts = dict(hunt.host.facts.values.tolist())
    located = facts.pop("Location of 8.8.8.8")
    assert located.startswith("United States")
    assert facts == {
        "Names": "silent",
        "First seen": "2026-03-12 00:00:30 UTC",
        "Last seen": "2026-03-12 23:58:30 UTC",
        "Worth a look for": "nothing that stands out",
        "Operating system": "Debian 12",
        "Environment": "Azure",
        "Azure resource group": "rg",
        "Agent": "Azure Monitor Agent",
        "Installed solutions": "security",
        "Last heartbeat": "2026-03-12 09:00:00 UTC",
        "Operating system, by Defender": "Debian 12.1",
        "Reached from the internet, by Defender": "yes",
        "Last device report": "2026-03-12 09:00:00 UTC",
        "Private addresses": "10.0.0.4, 10.0.0.9",
        "Public addresses": "8.8.8.8",
    }


def test_a_silenced_host(hunt: Hunt) -> None:
    hunt.select("silent")
    found = hunt.host.findings[
        ["Section", "EventSeverity", "Title", "AttackTechniques", "DvcHostname"]
    ]
    assert found.values.tolist() == [
        ["overview", "High", "The syslog daemon stopped, and its log is silent", ["T1562.001"],
         "silent"],
        ["overview", "Low", "The system log is silent", ["T1562.006"], "silent"],
    ]  # fmt: skip
    assert hunt.host.verdict.verdict == "supported"
    assert Faults(hunt.host.view()).found == []


def test_a_quiet_host(hunt: Hunt) -> None:
    hunt.select("quiet")
    assert hunt.host.findings.empty
    assert (hunt.host.verdict.verdict, hunt.host.verdict.missing) == ("not supported", ())
    text = hunt.host.view().text
    assert "No daemon that keeps logs was stopped, and no clock set." in text
    assert "Seen: 720 rows of Syslog · 12 Mar 00:00 – 13 Mar 00:00" in text


def test_all_hosts_and_none(hunt: Hunt) -> None:
    verdict = hunt.host.verdict
    assert (verdict.verdict, verdict.missing) == (
        "cannot tell", ("a host: pick one, the logs of several are not looked at together",),
    )  # fmt: skip
    assert "Hosts, those worth a look first: 2 rows" in hunt.host.view().text
    hunt.select("quiet", "2026-03-12T11:00Z", "2026-03-12T13:00Z")
    hunt.look_at(hunt.scope.on("silent", ("silent",)))
    assert (hunt.host.verdict.verdict, hunt.host.verdict.missing) == (
        "cannot tell", ("logs of this host",),
    )  # fmt: skip


AUDIT = (
    "type=SYSCALL msg=audit(1763000000.001:1): arch=c000003e syscall=59 success=yes exit=0 ppid=1"
    ' pid=2 auid=1000 uid=0 ses=3 comm="id" exe="/usr/bin/id"\n'
    'type=EXECVE msg=audit(1763000000.001:1): argc=1 a0="id"\n'
)
AUTH = "2025-11-13T02:13:20+00:00 {} sshd[5]: Server listening on 0.0.0.0 port 22.\n"
HOW = 'name it: linuxhunt.connect(folder, hostname="web01")'
NAMELESS = [
    pytest.param({"audit.log": AUDIT}, {}, None, [f"a host: no log names one; {HOW}"],
                 id="nothing names the host"),
    pytest.param({"audit.log": AUDIT}, {"hostname": "db01"}, "db01", [], id="its name is given"),
    pytest.param({"audit.log": AUDIT, "auth.log": AUTH.format("db01")}, {}, "db01", [],
                 id="the log beside it names the host"),
    pytest.param({"audit.log": AUDIT, "a.log": AUTH.format("db01"), "b.log": AUTH.format("db02")},
                 {}, "db01", [f"1 file (audit.log): seen with all hosts alone; {HOW}"],
                 id="the logs beside it name two"),
    pytest.param({"db01/etc/hostname": "db01\n", "db01/var/log/audit.log": AUDIT,
                  "db02/etc/hostname": "db02\n", "db02/var/log/audit.log": AUDIT}, {}, "db02", [],
                 id="two hosts, each in a folder of its own"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "options", "host", "missing"), NAMELESS)
def test_logs_that_name_no_host(
    tmp_path: Path,
    files: dict[str, str],
    options: dict[str, str],
    host: str | None,
    missing: list[str],
) -> None:
    for name, text in files.items():
        path = tmp_path / "evidence" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    hunt = connect(tmp_path / "evidence", keep=False, host=host, **options)
    told = [text for text in hunt.host.seen()[1] if "host" in text]
    assert [text.split(", --hostname")[0] for text in told] == missing
    assert ("of no host that could be told" in hunt.host.view().html) == (host is None)
