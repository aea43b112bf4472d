"""One command line in all its logs, and in its company."""

from __future__ import annotations

from typing import Any

import pandas as pd

from linuxhunt.sections.processes import RiskyCommand
from tests.made import events
from tests.sections.commands_made import START, ran


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
    assert [(f.severity, f.records) for f in used] == [("High", ("audit:c",))]


def test_the_reason_has_the_numbers() -> None:
    rows = [ran(n, "cat /etc/shadow", f"g{n}", TargetUserId=0) for n in range(3)]
    (found,) = RiskyCommand().run({"processes": events("processes", rows)})
    assert found.reason == (
        "every account's password hash is in it; seen 3 times, by uid 1001 as root on pts0 in"
        " /home/eve"
    )
    assert (found.start, found.end) == (START, START + pd.Timedelta(seconds=2))
    assert (found.section, found.host, found.session) == ("applications", "web01", "s7")
