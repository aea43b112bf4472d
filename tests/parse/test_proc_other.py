"""Process trees from Sysmon for Linux and from Defender, and one tree of all that saw them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.parse.audit import audit
from linuxhunt.parse.proc_defender import defender_processes
from linuxhunt.parse.proc_link import merged, rooted
from linuxhunt.parse.proc_sysmon import sysmon_processes
from linuxhunt.parse.processes import processes
from linuxhunt.schema import EVENTS, conform, empty
from tests.made import events, utc
from tests.parse.audit_lines import line, lines, syscall
from tests.parse.proc_rows import DAY, NONE, created, device, guid, left, ran
from tests.parse.syslog_rows import known, syslog

BASH, CURL, CAT = guid("09:00:00", 0x1B0), guid("10:00:00", 0x2C0), guid("10:00:01", 0x3C0)
OTHER, FAR = guid("10:00:02", 0x4C0), guid("08:00:00", 0x5C0)


def at(time: str) -> pd.Timestamp:
    return utc(f"{DAY} {time}")


def shape(found: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Name each process, its parent, what its pid ran before, and whether it is inferred."""
    names = dict(zip(found["TargetProcessGuid"], found["TargetProcessFilename"], strict=True))
    assert len(names) == len(found)
    return [
        (name, names.get(parent), names.get(before), bool(inferred))
        for name, parent, before, inferred in zip(
            found["TargetProcessFilename"],
            found["ActingProcessGuid"],
            found["PreviousProcessGuid"],
            found["ActingProcessInferred"],
            strict=True,
        )
    ]


def test_sysmon_whole_rows() -> None:
    found = sysmon_processes(
        syslog(
            ran("10:00:01.250", 12, "cat", CAT, 11, CURL, CommandLine="cat /etc/passwd"),
            left("10:00:03.5", 12, "cat", CAT),
            ran("10:00:00.125", 11, "curl", CURL, 10, BASH, TerminalSessionId=4294967295,
                LogonId=0, CurrentDirectory="-"),
        )
    )  # fmt: skip
    assert dict(found.dtypes) == dict(empty("processes").dtypes)
    assert known(found) == [
        {
            "TargetProcessGuid": BASH,
            "TimeGenerated": at("09:00:00"),
            "DvcHostname": "web01",
            "TargetProcessId": 10,
            "ActingProcessInferred": False,
            "TargetProcessName": "/usr/bin/bash",
            "TargetProcessFilename": "bash",
            "CommandLine": "-bash",
            "EventResult": "NA",
            "Depth": 0,
            "RootGuid": BASH,
            "EventUid": "auth.log:3",
            "RecordIds": ["auth.log:3"],
        },
        {
            "TargetProcessGuid": CURL,
            "ActingProcessGuid": BASH,
            "TimeGenerated": at("10:00:00.125"),
            "DvcHostname": "web01",
            "TargetProcessId": 11,
            "ActingProcessId": 10,
            "ActingProcessInferred": False,
            "TargetUserId": 0,
            "TargetProcessName": "/usr/bin/curl",
            "TargetProcessFilename": "curl",
            "CommandLine": "curl",
            "EventResult": "Success",
            "Depth": 1,
            "RootGuid": BASH,
            "EventUid": "auth.log:3",
            "RecordIds": ["auth.log:3"],
        },
        {
            "TargetProcessGuid": CAT,
            "ActingProcessGuid": CURL,
            "TimeGenerated": at("10:00:01.250"),
            "EventEndTime": at("10:00:03.5"),
            "DvcHostname": "web01",
            "TargetProcessId": 12,
            "ActingProcessId": 11,
            "ActingProcessInferred": False,
            "TargetUserId": 1000,
            "ActorSessionId": 5,
            "TargetProcessName": "/usr/bin/cat",
            "TargetProcessFilename": "cat",
            "CommandLine": "cat /etc/passwd",
            "TargetProcessCurrentDirectory": "/srv",
            "EventResult": "Success",
            "Depth": 2,
            "RootGuid": BASH,
            "EventUid": "auth.log:1",
            "RecordIds": ["auth.log:1"],
        },
    ]


SYSMON = [
    pytest.param([ran("10:00:02.5", 12, "cat", CAT, 10, BASH), ran("09:00:00", 10, "bash", BASH, 1, FAR)],
                 [("bash", None, None, False), ("bash", "bash", None, False), ("cat", "bash", None, False)],
                 id="the parent's line comes after the child's"),
    pytest.param([ran("10:00:00", 11, "curl", CURL, 1, NONE), ran("10:00:01", 11, "env", CAT, 1, NONE),
                  ran("10:00:02", 12, "ls", OTHER, 11, CAT), ran("10:00:03", 13, "ps", FAR, 11, CURL)],
                 [("curl", None, None, True), ("env", None, None, True), ("ls", "env", None, False),
                  ("ps", "curl", None, False)],
                 id="pid reused: the guid tells whose child it is"),
    pytest.param([ran("10:00:00", 11, "env", CURL, 1, NONE),
                  ran("10:00:05", 11, "ls", guid("10:00:00", 0x9F0), 1, NONE)],
                 [("env", None, None, True), ("ls", None, "env", True)],
                 id="exec after exec: the guids tell the same start"),
    pytest.param([ran("10:00:00.1", 11, "go", CURL, 1, NONE), ran("10:00:00.2", 12, "stop", CURL, 1, NONE),
                  ran("10:00:01", 13, "ls", CAT, 12, CURL)],
                 [("go", None, None, True), ("stop", None, None, True), ("ls", "stop", None, False)],
                 id="one guid for two processes: the pid decides, each has a guid of its own"),
    pytest.param([ran("10:00:00", 11, "sh", CURL, 1, NONE), ran("10:00:01", 12, "ls", CAT, 11, NONE)],
                 [("sh", None, None, True), ("ls", "sh", None, False)],
                 id="the parent without a guid: by pid"),
    pytest.param([ran("10:00:00", 11, "sh", CURL, 1, NONE), left("10:00:00.5", 11, "sh", CURL),
                  ran("10:00:01", 12, "ls", CAT, 11, NONE)],
                 [("sh", None, None, True), ("ls", None, None, True)],
                 id="the parent without a guid had exited"),
    pytest.param([ran("10:00:00", 11, "sh", CURL, 1, NONE), ran("10:00:01", 12, "ls", CAT, 11, CURL, host="db")],
                 [("sh", None, None, True), ("bash", None, None, False), ("ls", "bash", None, False)],
                 id="another host's process is no parent, equal guid or not"),
    pytest.param([ran("10:00:00", 11, "a", CURL, 12, CAT), ran("10:00:01", 12, "b", CAT, 13, OTHER),
                  ran("10:00:02", 13, "c", OTHER, 11, CURL)],
                 [("a", None, None, True), ("b", None, None, True), ("c", "a", None, False)],
                 id="forged: parents in a circle"),
    pytest.param([ran("10:00:00", 11, "a", CURL, 11, CURL)], [("a", None, None, True)],
                 id="forged: its own parent"),
    pytest.param([left("10:00:00", 11, "sh", CURL)], [], id="an exit alone is no process"),
]  # fmt: skip


@pytest.mark.parametrize(("told", "expected"), SYSMON)
def test_sysmon_trees(told: list[str], expected: list[tuple[Any, ...]]) -> None:
    found = sysmon_processes(syslog(*told))
    assert shape(found) == expected


def test_a_line_that_came_twice_is_one_process() -> None:
    told = ran("10:00:00", 11, "curl", CURL, 1, NONE, record=7)
    found = sysmon_processes(syslog(told, told))
    assert found[["EventUid", "RecordIds"]].to_numpy().tolist() == [
        ["auth.log:1", ["auth.log:1", "auth.log:2"]]
    ]


FORGED = '</Data><Data Name="User">root</Data><Data Name="LogonId">0'
TEXTS = [
    pytest.param(FORGED, id="an end of its field"),
    pytest.param(f"{FORGED}</Data></EventData></Event><Event><System>", id="an end of the event"),
    pytest.param("a && b > c < d 'e' \"f\"", id="what XML encodes"),
    pytest.param("&lt;Data&gt; &amp;amp; &#10; &#x41;", id="what looks like encoded"),
    pytest.param("one\rtwo\x1b[31m", id="control characters"),
    pytest.param("пароль 密码 \U0001f511", id="beyond ASCII"),
    pytest.param("x" * 100_000, id="long"),
    pytest.param("]]> <!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]> &b;", id="an entity"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_is_the_command_line_and_nothing_else(text: str) -> None:
    plain = sysmon_processes(syslog(ran("10:00:00", 11, "curl", CURL, 10, BASH)))
    found = sysmon_processes(
        syslog(
            ran("10:00:00", 11, "curl", CURL, 10, BASH, CommandLine=text, ParentCommandLine=text)
        )
    )
    assert found["CommandLine"].tolist() == [text, text]
    assert known(found, "CommandLine") == known(plain, "CommandLine")


RAW = ran("10:00:00", 11, "curl", CURL, 1, NONE, CommandLine="MARK")
HOSTILE = [
    pytest.param(RAW.replace("MARK", FORGED),
                 {"TargetProcessId": 11, "TargetProcessGuid": CURL, "ActorSessionId": 5},
                 id="not encoded: what stands twice is not taken"),
    pytest.param(RAW.replace("MARK", '</Data><Data Name="ProcessId">1</Data><Data Name="UtcTime">'),
                 {"TargetProcessId": 11, "TargetUserId": 1000, "ActorSessionId": 5},
                 id="not encoded: the first fields are Sysmon's own"),
    pytest.param(RAW[: RAW.index("MARK")] + "curl -s 192.0.2.1/x",
                 {"TargetProcessId": 11, "CommandLine": "curl -s 192.0.2.1/x"},
                 id="cut off in the command line"),
    pytest.param(RAW[: RAW.index("MARK") + 20], {"TargetProcessId": 11, "CommandLine": "MARK"},
                 id="cut off after it"),
    pytest.param(RAW.replace("@web01 sysmon:", "@web01 sshd:"), None, id="another program's line"),
    pytest.param(RAW.replace("sysmon: <Event>", "sysmon: I saw <Event>"), None, id="not at the start"),
    pytest.param(RAW.replace("Linux-Sysmon", "Other"), None, id="another provider"),
    pytest.param(RAW.replace("<EventID>1<", "<EventID>11<"), None, id="another event"),
    pytest.param(RAW.replace('"ProcessId">11<', '"ProcessId">eleven<'), None, id="no pid"),
    pytest.param(RAW.replace(f"{{{CURL}}}", "{nothing}"), {"TargetProcessId": 11, "ActingProcessId": 1},
                 id="no guid: one is made"),
    pytest.param("10:00:00 sysmon: Sysmon v1.3.3 - Monitors system events", None, id="no event"),
]  # fmt: skip


@pytest.mark.parametrize(("told", "expected"), HOSTILE)
def test_lines_that_sysmon_does_not_write(told: str, expected: dict[str, Any] | None) -> None:
    found = known(sysmon_processes(syslog(told)))
    assert [{key: row[key] for key in expected or {}} for row in found] == (
        [] if expected is None else [expected]
    )


def test_what_stands_twice_is_null() -> None:
    found = sysmon_processes(syslog(RAW.replace("MARK", f"x{FORGED}")))
    assert found[["CommandLine", "TargetUserId"]].isna().to_numpy().tolist() == [[False, True]]
    assert found["TargetProcessCurrentDirectory"].tolist() == ["/srv"]


def test_sessions_are_tied_by_audits_number() -> None:
    sessions = events(
        "sessions",
        [{"LogonSessionId": "var/log/auth.log:7", "DvcHostname": "web01", "AuditSession": 5,
          "EventStartTime": at("09:00:00")}],
    )  # fmt: skip
    told = [ran("10:00:00", 11, "curl", CURL, 1, NONE),
            ran("10:00:01", 12, "cat", CAT, 1, NONE, TerminalSessionId=6)]  # fmt: skip
    found = sysmon_processes(syslog(*told), sessions)
    assert found["LogonSessionId"].fillna("").tolist() == ["var/log/auth.log:7", ""]


def test_defender_whole_rows() -> None:
    found = defender_processes(
        device(
            created("10:00:05", 12, "cat", (11, "bash", "10:00:01"), (10, "sshd", "09:00:00"),
                    ProcessCommandLine="cat /etc/shadow"),
            created("10:00:01", 11, "bash", (10, "sshd", "09:00:00"), (1, "systemd", "01:00:00")),
        )
    )  # fmt: skip
    assert dict(found.dtypes) == dict(empty("processes").dtypes)
    systemd, sshd, bash, cat = found["TargetProcessGuid"]
    assert len({systemd, sshd, bash, cat}) == 4
    common = {"DvcHostname": "web01", "ActingProcessInferred": False, "RootGuid": systemd}
    assert known(found) == [
        {
            "TargetProcessGuid": systemd,
            "TimeGenerated": at("01:00:00"),
            "TargetProcessId": 1,
            "TargetProcessFilename": "systemd",
            "EventResult": "NA",
            "Depth": 0,
            "EventUid": "device:2",
            "RecordIds": ["device:2"],
            **common,
        },
        {
            "TargetProcessGuid": sshd,
            "ActingProcessGuid": systemd,
            "TimeGenerated": at("09:00:00"),
            "TargetProcessId": 10,
            "ActingProcessId": 1,
            "TargetProcessName": "/usr/bin/sshd",
            "TargetProcessFilename": "sshd",
            "CommandLine": "-sshd",
            "EventResult": "NA",
            "Depth": 1,
            "EventUid": "device:2",
            "RecordIds": ["device:2"],
            **common,
        },
        {
            "TargetProcessGuid": bash,
            "ActingProcessGuid": sshd,
            "TimeGenerated": at("10:00:01"),
            "TargetProcessId": 11,
            "ActingProcessId": 10,
            "TargetProcessName": "/usr/bin/bash",
            "TargetProcessFilename": "bash",
            "CommandLine": "bash",
            "EventResult": "Success",
            "Depth": 2,
            "EventUid": "device:2",
            "RecordIds": ["device:2"],
            **common,
        },
        {
            "TargetProcessGuid": cat,
            "ActingProcessGuid": bash,
            "TimeGenerated": at("10:00:05"),
            "TargetProcessId": 12,
            "ActingProcessId": 11,
            "TargetProcessName": "/usr/bin/cat",
            "TargetProcessFilename": "cat",
            "CommandLine": "cat /etc/shadow",
            "EventResult": "Success",
            "Depth": 3,
            "EventUid": "device:1",
            "RecordIds": ["device:1"],
            **common,
        },
    ]


INIT = (1, "systemd", None)
DEFENDER = [
    pytest.param([created("10:00:00", 11, "sh", INIT), created("10:00:09", 11, "zsh", INIT),
                  created("10:00:10", 12, "ls", (11, "zsh", "10:00:09")),
                  created("10:00:11", 13, "ps", (11, "sh", "10:00:00"))],
                 [("sh", None, None, True), ("zsh", None, None, True), ("ls", "zsh", None, False),
                  ("ps", "sh", None, False)], id="pid reused: the creation time tells"),
    pytest.param([created("10:00:00", 11, "sh", INIT),
                  created("10:00:05", 11, "ls", (11, "sh", "10:00:00"), INIT,
                          ProcessCreationTime=f"{DAY} 10:00:00")],
                 [("sh", None, None, True), ("ls", None, "sh", True)],
                 id="exec after exec: the initiating process is itself"),
    pytest.param([created("10:00:05", 11, "ls", (11, "bash", "10:00:05"), (10, "bash", "09:00:00"))],
                 [("bash", None, None, False), ("ls", "bash", None, False)],
                 id="a fork that executes: the parent is one further up"),
    pytest.param([created("10:00:05", 12, "ls", (11, "sh", "10:00:00")),
                  created("10:00:09", 11, "zsh", INIT, ProcessCreationTime=f"{DAY} 10:00:00")],
                 [("sh", None, None, True), ("ls", "sh", None, False), ("zsh", None, "sh", True)],
                 id="the parent executed something else later"),
    pytest.param([created("10:00:00", 11, "sh", INIT), created("10:00:01", 12, "ls", (11, "sh", None))],
                 [("sh", None, None, True), ("ls", "sh", None, False)],
                 id="no creation time: by pid"),
    pytest.param([created("10:00:01", 12, "ls", (11, "sh", None))], [("ls", None, None, True)],
                 id="no creation time, not seen: inferred"),
    pytest.param([created("10:00:01.0004", 11, "sh", INIT), created("10:00:02", 12, "ls", (11, "sh", "10:00:01"))],
                 [("sh", None, None, True), ("ls", "sh", None, False)],
                 id="a creation time that was rounded"),
    pytest.param([created("10:00:00", 11, "sh", INIT, DeviceName="db"),
                  created("10:00:01", 12, "ls", (11, "sh", "10:00:00"))],
                 [("sh", None, None, True), ("sh", None, None, False), ("ls", "sh", None, False)],
                 id="another host's process is no parent"),
    pytest.param([created("10:00:00", 11, "sh", INIT, ActionType="OpenProcessApiCall"),
                  created("10:00:00", 12, "ls", INIT, ProcessId=None)], [], id="nothing was created"),
    pytest.param([created("10:00:00", 11, "sh", INIT), created("10:00:00", 11, "sh", INIT)],
                 [("sh", None, None, True)], id="a row that was sent twice"),
    pytest.param([created("10:00:00", 11, "a", (12, "b", "10:00:00")),
                  created("10:00:00", 12, "b", (11, "a", "10:00:00"))],
                 [("a", None, None, True), ("b", "a", None, False)], id="forged: parents in a circle"),
]  # fmt: skip


@pytest.mark.parametrize(("told", "expected"), DEFENDER)
def test_defender_trees(told: list[dict[str, Any]], expected: list[tuple[Any, ...]]) -> None:
    assert shape(defender_processes(device(*told))) == expected


@pytest.mark.parametrize(
    ("folder", "file", "expected"),
    [
        pytest.param("/usr/bin/ls", "ls", "/usr/bin/ls", id="whole, as on Linux"),
        pytest.param("/usr/bin", "ls", "/usr/bin/ls", id="the folder, as in the reference"),
        pytest.param("/usr/bin/", "ls", "/usr/bin/ls", id="the folder and a slash"),
        pytest.param("/tmp/.x", None, "/tmp/.x", id="no file name"),
        pytest.param(None, "ls", None, id="no folder"),
    ],
)
def test_the_whole_path(folder: str | None, file: str | None, expected: str | None) -> None:
    found = defender_processes(
        device(created("10:00:00", 11, "x", INIT, FolderPath=folder, FileName=file))
    )
    assert (
        found["TargetProcessName"].astype(object).where(found["TargetProcessName"].notna(), None)[0]
        == expected
    )


def audited(*told: tuple[str, int, int, str, str]) -> pd.DataFrame:
    """Return audit's processes of (time, pid, ppid, file name, its one argument)."""
    records = []
    for serial, (time, pid, ppid, name, argument) in enumerate(told, 1):
        stamp = at(time).timestamp()
        records += [
            syscall(59, pid, ppid, time=stamp, serial=serial, comm=name, exe=f"/usr/bin/{name}"),
            line(
                "EXECVE",
                f'argc=2 a0="{name}" a1={argument.encode().hex().upper()}',
                f"{stamp:.3f}",
                serial,
            ),
        ]
    return processes(audit(lines(*records)))


def test_one_execution_that_three_saw_is_one_row() -> None:
    seen = audited(("10:00:00.100", 11, 10, "cat", "x y"), ("10:00:04", 12, 11, "id", "-u"))
    sysmon = sysmon_processes(
        syslog(
            ran("10:00:00.3", 11, "cat", CURL, 10, BASH, CommandLine="cat 'x y'"),
            ran("10:00:02", 13, "ls", CAT, 11, CURL),
            ran("10:00:03", 14, "ps", OTHER, 10, BASH),
            left("10:00:09", 11, "cat", CURL),
        )
    )
    device_rows = defender_processes(
        device(
            created("10:00:02.5", 13, "ls", (11, "cat", "10:00:00.2"), (10, "bash", "09:00:00")),
            created("10:00:06", 15, "df", (11, "cat", "10:00:00.2"), (10, "bash", "09:00:00")),
        )
    )
    found = merged(seen, sysmon, device_rows)
    assert shape(found) == [
        ("bash", None, None, False),
        ("cat", "bash", None, False),
        ("ls", "cat", None, False),
        ("ps", "bash", None, False),
        ("id", "cat", None, False),
        ("df", "cat", None, False),
    ]
    assert found["Depth"].tolist() == [0, 1, 2, 1, 2, 2]
    assert found["RecordIds"].tolist() == [
        ["auth.log:1"],
        ["audit.log:1", "audit.log:2", "auth.log:1"],
        ["auth.log:2", "device:1"],
        ["auth.log:3"],
        ["audit.log:3", "audit.log:4"],
        ["device:2"],
    ]
    cat = found.iloc[1]
    assert cat["TargetProcessGuid"] == seen["TargetProcessGuid"][0]
    assert (cat["CommandLine"], cat["Argv"]) == ("cat x y", ["cat", "x y"])
    assert cat["EventEndTime"] == at("10:00:09")
    assert cat["TargetProcessCurrentDirectory"] == "/srv"


def test_a_named_parent_is_the_one_that_audit_saw() -> None:
    seen = audited(("09:30:00", 10, 1, "bash", "-l"), ("10:00:00", 11, 10, "cat", "x"))
    later = sysmon_processes(
        syslog(
            ran("10:00:00", 11, "cat", CURL, 10, BASH, CommandLine="cat x"),
            ran("10:00:05", 12, "ls", CAT, 10, BASH),
        )
    )
    assert shape(merged(seen, later)) == [
        ("bash", None, None, True),
        ("cat", "bash", None, False),
        ("ls", "bash", None, False),
    ]


APART = [
    pytest.param("10:00:02.000", 11, "cat", {}, 1, id="two seconds apart"),
    pytest.param("10:00:02.001", 11, "cat", {}, 2, id="longer apart"),
    pytest.param("10:00:00", 12, "cat", {}, 2, id="another pid"),
    pytest.param("10:00:00", 11, "cat", {"host": "db"}, 2, id="another host"),
    pytest.param("10:00:00", 11, "cat", {"host": "WEB01"}, 1, id="case is ignored"),
    pytest.param("10:00:00", 11, "cat", {"CommandLine": "cat y"}, 2, id="another command"),
    pytest.param("10:00:00", 11, "cat", {"CommandLine": "-"}, 1, id="no command, the same file"),
    pytest.param("10:00:00", 11, "ls", {"CommandLine": "-"}, 2, id="no command, another file"),
]


@pytest.mark.parametrize(("time", "pid", "name", "more", "count"), APART)
def test_what_is_the_same_execution(
    time: str, pid: int, name: str, more: dict[str, Any], count: int
) -> None:
    seen = audited(("10:00:00", 11, 1, "cat", "x"))
    fields = {"CommandLine": f"{name} x", **more}
    other = sysmon_processes(syslog(ran(time, pid, name, CURL, 1, NONE, **fields)))
    assert merged(seen, other)["TargetProcessId"].tolist() == [11, pid][:count]


def test_a_command_that_was_cut_is_the_same() -> None:
    whole = "x" * 300
    seen = audited(("10:00:00", 11, 1, "cat", whole))
    cut = sysmon_processes(
        syslog(ran("10:00:00", 11, "cat", CURL, 1, NONE, CommandLine=f"cat {whole[:120]}"))
    )
    assert merged(seen, cut)["CommandLine"].tolist() == [f"cat {whole}"]


def test_each_execution_is_paired_once() -> None:
    seen = audited(("10:00:00", 11, 1, "cat", "x"), ("10:00:01", 11, 1, "cat", "x"))
    told = [ran(f"10:00:0{n}.1", 11, "cat", guid("10:00:00", 0x100 * n + 0x100), 1, NONE,
                CommandLine="cat x") for n in range(3)]  # fmt: skip
    found = merged(seen, sysmon_processes(syslog(*told)))
    assert found["TimeGenerated"].tolist() == [at("10:00:00"), at("10:00:01"), at("10:00:02.1")]


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([], id="none"),
        pytest.param([empty("processes")] * 3, id="empty"),
        pytest.param([sysmon_processes(syslog()), defender_processes(device())], id="nothing told"),
    ],
)
def test_nothing_is_nothing(frames: list[pd.DataFrame]) -> None:
    pd.testing.assert_frame_equal(merged(*frames), empty("processes"))


def test_audit_alone_is_as_it_was() -> None:
    seen = audited(("10:00:00", 11, 10, "cat", "x"), ("10:00:01", 12, 11, "id", "-u"))
    pd.testing.assert_frame_equal(merged(seen, empty("processes")), seen)
    pd.testing.assert_frame_equal(rooted(seen), seen)
    pd.testing.assert_frame_equal(conform(seen, "processes"), seen)
    assert list(seen) == list(EVENTS["processes"])
