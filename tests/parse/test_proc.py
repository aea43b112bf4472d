"""Process trees from audit events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from linuxhunt.parse.audit import audit
from linuxhunt.parse.proc_tree import ancestors, depths, descendants, roots, siblings, tree
from linuxhunt.parse.processes import processes
from linuxhunt.schema import EVENTS, conform, empty
from tests.parse.audit_lines import known, line, lines, syscall

T = 1_700_000_000.0
DAY = 86_400.0


def ran(*texts: str, **options: Any) -> pd.DataFrame:
    return processes(audit(lines(*texts)), **options)


def execute(pid: int, ppid: int, name: str, time: float, **more: Any) -> str:
    serial = more.pop("serial", round(time * 10) % 100_000 + 1)
    return syscall(
        59, pid, ppid, time=T + time, serial=serial, comm=name, exe=f"/bin/{name}", **more
    )


def fork(
    pid: int, child: int, time: float, *, call: int = 56, a0: str = "1200011", **more: Any
) -> str:
    more = {"ppid": 1, "comm": "sh", "exe": "/bin/sh", **more}
    serial = more.pop("serial", round(time * 10) % 100_000 + 1)
    return syscall(call, pid, time=T + time, serial=serial, exit=child, a0=a0, **more)


def leave(pid: int, time: float, a0: str = "0") -> str:
    return syscall(231, pid, 1, time=T + time, serial=round(time * 10) % 100_000 + 1, a0=a0)


def boot(time: float) -> str:
    body = (
        "pid=1 uid=0 auid=4294967295 ses=4294967295 msg=' comm=\"systemd-update-utmp\" res=success'"
    )
    return line("SYSTEM_BOOT", body, f"{T + time:.3f}", 7)


def shape(found: pd.DataFrame) -> list[tuple[str, str | None, str | None]]:
    """Name each process, its parent and what its pid ran before."""
    names = dict(zip(found["TargetProcessGuid"], found["TargetProcessFilename"], strict=True))
    return [
        (None if pd.isna(name) else name, names.get(parent), names.get(before))
        for name, parent, before in zip(
            found["TargetProcessFilename"],
            found["ActingProcessGuid"],
            found["PreviousProcessGuid"],
            strict=True,
        )
    ]


TREES = [
    pytest.param([execute(10, 1, "sh", 0), execute(11, 10, "ls", 1), execute(12, 11, "cat", 2)],
                 [("sh", None, None), ("ls", "sh", None), ("cat", "ls", None)], id="a chain"),
    pytest.param([execute(10, 1, "sh", 0), execute(11, 10, "env", 1), execute(11, 10, "ls", 2),
                  execute(12, 11, "cat", 3)],
                 [("sh", None, None), ("env", "sh", None), ("ls", "sh", "env"),
                  ("cat", "ls", None)], id="exec after exec: one parent, the child is the last's"),
    pytest.param([execute(10, 1, "sh", 0), execute(11, 10, "ls", 1), leave(11, 2),
                  execute(11, 10, "ps", 3)],
                 [("sh", None, None), ("ls", "sh", None), ("ps", "sh", None)],
                 id="pid reused after an exit, same parent"),
    pytest.param([execute(10, 1, "sh", 0), execute(20, 1, "zsh", 0.5), execute(11, 10, "ls", 1),
                  execute(11, 20, "ps", 3)],
                 [("sh", None, None), ("zsh", None, None), ("ls", "sh", None), ("ps", "zsh", None)],
                 id="pid reused under another parent"),
    pytest.param([execute(10, 1, "sh", 0), leave(10, 1), execute(11, 10, "ls", 2)],
                 [("sh", None, None), ("ls", None, None)], id="the parent had exited"),
    pytest.param([execute(10, 1, "sh", 0), leave(10, 1), execute(10, 1, "dash", 2),
                  execute(11, 10, "ls", 3)],
                 [("sh", None, None), ("dash", None, None), ("ls", "dash", None)],
                 id="the last that had the pid"),
    pytest.param([execute(10, 1, "sh", 0), boot(5), execute(11, 10, "ls", 6)],
                 [("sh", None, None), ("ls", None, None)], id="booted since"),
    pytest.param([execute(10, 1, "sh", 0), execute(11, 10, "ls", DAY + 3600)],
                 [("sh", None, None), ("ls", None, None)], id="25 hours after the pid's last use"),
    pytest.param([execute(10, 1, "sh", 0), execute(12, 10, "id", 20 * 3600),
                  execute(11, 10, "ls", DAY + 3600)],
                 [("sh", None, None), ("id", "sh", None), ("ls", "sh", None)],
                 id="25 hours, but it was at work in between"),
    pytest.param([execute(10, 1, "sh", 0), execute(12, 10, "id", 25 * 3600),
                  execute(11, 10, "ls", 26 * 3600)],
                 [("sh", None, None), ("id", None, None), ("ls", None, None)],
                 id="a use after the silence does not bridge it"),
    pytest.param([execute(10, 1, "sh", 0), execute(10, 1, "ls", DAY + 3600)],
                 [("sh", None, None), ("ls", None, None)], id="exec 25 hours later is another"),
    pytest.param([execute(10, 1, "sh", 0), fork(10, 11, 1), execute(10, 1, "zsh", 2),
                  execute(11, 10, "ls", 3)],
                 [("sh", None, None), ("zsh", None, "sh"), ("ls", "sh", None)],
                 id="the fork tells which image was the parent"),
    pytest.param([execute(10, 1, "sh", 0), fork(10, 11, 1), execute(11, 1, "daemon", 3)],
                 [("sh", None, None), ("daemon", "sh", None)], id="orphaned before it executed"),
    pytest.param([execute(10, 1, "bash", 0), fork(10, 11, 1, exe="/bin/bash", comm="bash"),
                  execute(12, 11, "ls", 2)],
                 [("bash", None, None), ("bash", "bash", None), ("ls", "bash", None)],
                 id="a subshell that executed nothing itself"),
    pytest.param([execute(10, 1, "sh", 0), fork(10, 11, 1), execute(11, 10, "ls", 2)],
                 [("sh", None, None), ("ls", "sh", None)], id="a fork that executes is one row"),
    pytest.param([execute(10, 1, "sh", 0), fork(10, 11, 1, call=58, a0="0", serial=50),
                  execute(11, 10, "ls", 1, serial=49), execute(12, 11, "cat", 2)],
                 [("sh", None, None), ("ls", "sh", None), ("cat", "ls", None)],
                 id="vfork returns after the child executed"),
    pytest.param([execute(10, 1, "sh", 0), execute(11, 10, "java", 1),
                  fork(11, 99, 2, a0="3d0f00", exe="/bin/java", comm="java"),
                  execute(12, 99, "x", 3)],
                 [("sh", None, None), ("java", "sh", None), ("x", None, None)],
                 id="a thread is no process"),
    pytest.param([execute(9, 1, "top", 0), execute(10, 9, "sh", 1), execute(10, 1, "late", 2),
                  execute(11, 10, "ls", 3)],
                 [("top", None, None), ("sh", "top", None), ("late", "top", "sh"),
                  ("ls", "late", None)], id="init's since it executed first, and executes again"),
    pytest.param([execute(9, 1, "top", 0, ses=-1), execute(10, 9, "sh", 1, ses=-1),
                  execute(10, 1, "late", 7200, ses=-1)],
                 [("top", None, None), ("sh", "top", None), ("late", None, None)],
                 id="init's own, hours later, in no session"),
    pytest.param([execute(9, 1, "top", 0), execute(8, 1, "user manager", 0.5),
                  fork(9, 10, 1), execute(10, 9, "sh", 2), leave(9, 3), execute(10, 8, "late", 4)],
                 [("top", None, None), ("user manager", None, None), ("sh", "top", None),
                  ("late", "top", "sh")], id="adopted by another reaper: its fork was seen"),
    pytest.param([execute(10, 5, "a", 0), fork(10, 11, 1, a0="8011", ppid=5),
                  execute(5, 1, "top", 0.5), execute(11, 5, "b", 2)],
                 [("a", None, None), ("top", None, None), ("b", "top", None)],
                 id="CLONE_PARENT makes a sibling"),
    pytest.param([execute(10, 1, "sh", 0), execute(11, 10, "no", 1, success="no", exit=-2),
                  execute(11, 10, "ls", 2), execute(12, 11, "cat", 3)],
                 [("sh", None, None), (None, "sh", None), ("ls", "sh", None), ("cat", "ls", None)],
                 id="an execution that failed is nobody's parent"),
    pytest.param([execute(10, 1, "sh", 0, serial=9), execute(11, 10, "ls", 0, serial=10)],
                 [("sh", None, None), ("ls", "sh", None)], id="one millisecond"),
    pytest.param([execute(10, 1, "sh", 0, ses=1), execute(10, 1, "cron", 5, ses=2)],
                 [("sh", None, None), ("cron", None, None)], id="another session, same pid"),
    pytest.param([execute(10, 1, "login", 0, ses=-1), execute(10, 1, "sh", 5, ses=2)],
                 [("login", None, None), ("sh", None, "login")], id="a session is set"),
    pytest.param([*(execute(300 + n, 10, f"a{n}", n) for n in range(6)),
                  *(execute(100 + n, 10, f"b{n}", 100 + n) for n in range(6)),
                  execute(300, 10, "late", 200)],
                 [*((f"a{n}", None, None) for n in range(6)),
                  *((f"b{n}", None, None) for n in range(6)), ("late", None, None)],
                 id="pids wrapped around"),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "expected"), TREES)
def test_trees(texts: list[str], expected: list[tuple[str, str | None, str | None]]) -> None:
    assert shape(ran(*texts)) == expected


def test_other_hosts_do_not_mix() -> None:
    here = lines(execute(10, 1, "sh", 0))
    there = lines(execute(11, 10, "ls", 1), host="db01", file="b.log")
    found = processes(audit(pd.concat([here, there], ignore_index=True)))
    assert shape(found) == [("sh", None, None), ("ls", None, None)]
    assert found["ActingProcessInferred"].tolist() == [True, True]


def test_whole_rows() -> None:
    found = ran(
        execute(10, 1, "sh", 0, ses=-1, auid=-1, serial=5),
        execute(11, 10, "ls", 1, serial=6),
        line("EXECVE", 'argc=2 a0="ls" a1="-l"', f"{T + 1:.3f}", 6),
        line("CWD", 'cwd="/root"', f"{T + 1:.3f}", 6),
        leave(11, 2, "ff02"),
    )
    assert list(found.columns) == list(EVENTS["processes"])
    pd.testing.assert_series_equal(found.dtypes, empty("processes").dtypes)
    shell, ls = found["TargetProcessGuid"]
    common = {
        "DvcHostname": "web01", "TargetUserId": 0, "EffectiveUserId": 0, "Tty": "pts0",
        "EventResult": "Success", "RootGuid": shell,
    }  # fmt: skip
    assert known(found) == [
        {
            "TargetProcessGuid": shell, "TimeGenerated": pd.Timestamp(T, unit="s", tz="UTC"),
            "TargetProcessId": 10, "ActingProcessId": 1, "ActingProcessInferred": True,
            "TargetProcessName": "/bin/sh", "TargetProcessFilename": "sh", "Depth": 0,
            "EventUid": "audit.log:1", "RecordIds": ["audit.log:1"], **common,
        },
        {
            "TargetProcessGuid": ls, "ActingProcessGuid": shell,
            "TimeGenerated": pd.Timestamp(T + 1, unit="s", tz="UTC"),
            "EventEndTime": pd.Timestamp(T + 2, unit="s", tz="UTC"), "ExitCode": 2,
            "TargetProcessId": 11, "ActingProcessId": 10, "ActingProcessInferred": False,
            "ActorUserId": 1000, "ActorSessionId": 3, "TargetProcessName": "/bin/ls",
            "TargetProcessFilename": "ls", "CommandLine": "ls -l", "Argv": ["ls", "-l"],
            "TargetProcessCurrentDirectory": "/root", "Depth": 1, "EventUid": "audit.log:2",
            "RecordIds": ["audit.log:2", "audit.log:3", "audit.log:4"], **common,
        },
    ]  # fmt: skip


def test_guids_do_not_depend_on_the_rest_of_the_log() -> None:
    texts = [execute(10, 1, "sh", 0, serial=5), execute(11, 10, "ls", 1, serial=6)]
    assert (
        ran(texts[1])["TargetProcessGuid"].tolist() == ran(*texts)["TargetProcessGuid"][1:].tolist()
    )


def test_a_failed_execution_names_what_was_tried() -> None:
    found = ran(
        execute(10, 1, "sh", 0, success="no", exit=-13, serial=5),
        line("PATH", 'item=0 name="/opt/x y" nametype=NORMAL', f"{T:.3f}", 5),
    )
    assert found[
        ["TargetProcessName", "TargetProcessFilename", "EventResult"]
    ].to_numpy().tolist() == [["/opt/x y", "x y", "Failure"]]


def test_without_arguments_the_title_is_the_command_line() -> None:
    found = ran(
        execute(10, 1, "sh", 0, serial=5), line("PROCTITLE", "proctitle=6C73002D6C", f"{T:.3f}", 5)
    )
    assert found[["CommandLine", "Argv"]].to_numpy().tolist() == [["ls -l", None]]


def test_a_shorter_patience() -> None:
    texts = [execute(10, 1, "sh", 0), execute(11, 10, "ls", 7200)]
    assert shape(ran(*texts, stale=timedelta(hours=1)))[1] == ("ls", None, None)


def test_sessions() -> None:
    known_sessions = conform(
        pd.DataFrame(
            {
                "LogonSessionId": ["first", "second", "su in second", "elsewhere"],
                "ParentSessionId": [None, None, "second", None],
                "DvcHostname": ["WEB01", "web01", "web01", "db01"],
                "AuditSession": [3, 3, 3, 3],
                "EventStartTime": pd.to_datetime(
                    [T - 90, T + 5000, T + 5100, T], unit="s", utc=True
                ),
            }
        ),
        "sessions",
    )
    found = ran(
        execute(10, 1, "early", -3600), execute(11, 1, "sh", 0), execute(12, 1, "late", 4990),
        execute(13, 1, "root", 5200), execute(14, 1, "other", 5300, ses=4),
        sessions=known_sessions,
    )  # fmt: skip
    assert found["LogonSessionId"].fillna("-").tolist() == ["-", "first", "second", "second", "-"]


def test_a_session_of_a_log_that_names_no_host() -> None:
    session = conform(
        pd.DataFrame({"LogonSessionId": ["one"], "DvcHostname": [None], "AuditSession": [3],
                      "EventStartTime": pd.to_datetime([T], unit="s", utc=True)}), "sessions",
    )  # fmt: skip
    found = processes(audit(lines(execute(10, 1, "sh", 0), host=None)), session)
    assert found["LogonSessionId"].tolist() == ["one"]


def test_nothing_ran() -> None:
    pd.testing.assert_frame_equal(processes(empty("audit")), empty("processes"))
    pd.testing.assert_frame_equal(ran(leave(5, 0)), empty("processes"))


@pytest.fixture(scope="module")
def family() -> pd.DataFrame:
    return ran(
        execute(10, 1, "sh", 0), execute(11, 10, "a", 1), execute(12, 10, "b", 2),
        execute(13, 11, "c", 3), execute(14, 13, "d", 4), execute(20, 1, "lone", 5),
        execute(21, 77, "x", 6), execute(22, 77, "y", 7),
    )  # fmt: skip


WALKS = [
    pytest.param(ancestors, ["d"], ["sh", "a", "c"], id="ancestors"),
    pytest.param(ancestors, ["d", "b", "lone"], ["sh", "a", "c"], id="ancestors of several"),
    pytest.param(ancestors, ["c", "d"], ["sh", "a", "c"], id="one asked for is above another"),
    pytest.param(descendants, ["sh"], ["a", "b", "c", "d"], id="descendants"),
    pytest.param(descendants, ["a", "c"], ["c", "d"], id="descendants within one another"),
    pytest.param(descendants, ["d"], [], id="no descendants"),
    pytest.param(siblings, ["a"], ["b"], id="siblings"),
    pytest.param(siblings, ["x"], ["y"], id="siblings of a parent not seen"),
    pytest.param(roots, ["d", "lone"], ["sh", "lone"], id="roots above some"),
    pytest.param(roots, None, ["sh", "lone", "x", "y"], id="all roots"),
    pytest.param(ancestors, ["unknown"], [], id="unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("walk", "names", "expected"), WALKS)
def test_walks(
    family: pd.DataFrame, walk: Any, names: list[str] | None, expected: list[str]
) -> None:
    asked = None
    if names is not None:
        asked = family["TargetProcessGuid"][family["TargetProcessFilename"].isin(names)].tolist()
    assert walk(family, asked)["TargetProcessFilename"].tolist() == expected


def test_graph(family: pd.DataFrame) -> None:
    graph = tree(family)
    names = nx.get_node_attributes(graph, "TargetProcessFilename")
    assert sorted((names[a], names[b]) for a, b in graph.edges) == [
        ("a", "c"), ("c", "d"), ("sh", "a"), ("sh", "b"),
    ]  # fmt: skip
    assert sorted(names.values()) == ["a", "b", "c", "d", "lone", "sh", "x", "y"]


FORGED = [
    pytest.param("a<b b<c c<a d<a", "b", ["a", "b", "c"], ["a", "b", "c", "d"], id="a circle"),
    pytest.param("a<a b<a c<b", "b", ["a"], ["c"], id="its own parent"),
    pytest.param("a< b<a b<b c<b", "b", ["a"], ["b", "c"], id="one guid twice"),
]


@pytest.mark.parametrize(("links", "guid", "above", "below"), FORGED)
def test_walks_of_what_no_kernel_writes_end(
    links: str, guid: str, above: list[str], below: list[str]
) -> None:
    pairs = [link.split("<") for link in links.split()]
    frame = pd.DataFrame(pairs, columns=["TargetProcessGuid", "ActingProcessGuid"])
    found = conform(frame.replace("", None), "processes")
    assert ancestors(found, [guid])["TargetProcessGuid"].tolist() == above
    assert descendants(found, [guid])["TargetProcessGuid"].tolist() == below


DEPTHS = [
    pytest.param([1, 2, 0, 0], [0, 0, 1, 1], [0, 1, 0, 0], id="a circle"),
    pytest.param([0, 0, 1], [0, 1, 2], [0, 0, 0], id="its own parent"),
]


@pytest.mark.parametrize(("parent", "depth", "root"), DEPTHS)
def test_depths_of_what_no_kernel_writes(
    parent: list[int], depth: list[int], root: list[int]
) -> None:
    assert [values.tolist() for values in depths(np.array(parent))] == [depth, root]


def test_depth_of_a_long_chain() -> None:
    depth, root = depths(np.arange(-1, 99_999))
    assert depth.tolist() == list(range(100_000))
    assert set(root.tolist()) == {0}
