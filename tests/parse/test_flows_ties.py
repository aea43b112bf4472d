"""Flows and the sessions and processes that they belong to."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.parse.flows import by_sessions, flows
from linuxhunt.schema import empty
from tests.made import events, utc
from tests.parse.flow_rows import DAY, OWN, rows
from tests.parse.syslog_rows import known

FAR = "203.0.113.9"


def at(time: str | None) -> pd.Timestamp | None:
    return utc(f"{DAY} {time}") if time else None


def flow(start: str, end: str, **more: Any) -> dict[str, Any]:
    return {
        "EventStartTime": at(start), "EventEndTime": at(end), "DvcHostname": "web01",
        "SrcIpAddr": FAR, "SrcPortNumber": 50514, "DstIpAddr": OWN, "DstPortNumber": 22,
        "NetworkDirection": "Inbound", "RemoteIpAddr": FAR, "EventCount": 1, "EventUid": "z:1",
        **more,
    }  # fmt: skip


def session(name: str, start: str | None, end: str | None, **more: Any) -> dict[str, Any]:
    return {
        "LogonSessionId": name, "DvcHostname": "web01", "SrcIpAddr": FAR, "SrcPortNumber": 50514,
        "EventStartTime": at(start), "EventEndTime": at(end), **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "sessions", "expected"),
    [
        pytest.param(flow("10:00:00", "10:30:00"), [("a", "10:00:03", "10:29:59")], "a", id="around"),
        pytest.param(flow("10:00:00", "10:00:00"), [("a", "10:01:50", None)], "a", id="a-packet-before"),
        pytest.param(flow("10:00:00", "10:00:00"), [("a", "10:03:00", None)], None, id="too-early"),
        pytest.param(flow("11:00:00", "11:00:01"), [("a", "10:00:00", "10:30:00")], None, id="over"),
        pytest.param(flow("11:00:00", "11:00:01"), [("a", "10:00:00", None)], "a", id="still-open"),
        pytest.param(flow("11:00:00", "11:00:01"), [("a", None, "11:30:00")], "a", id="open-before-the-log"),
        pytest.param(flow("11:00:00", "11:30:00"), [("a", "10:00:00", "11:00:30"), ("b", "11:00:02", None)],
                     "b", id="the-port-again"),
        pytest.param(flow("10:00:00", "10:30:00", SrcPortNumber=1), [("a", "10:00:03", None)], None, id="port"),
        pytest.param(flow("10:00:00", "10:30:00", SrcIpAddr=OWN, RemoteIpAddr=OWN),
                     [("a", "10:00:03", None)], None, id="address"),
        pytest.param(flow("10:00:00", "10:30:00", DvcHostname="db01"), [("a", "10:00:03", None)], None, id="host"),
        pytest.param(flow("10:00:00", "10:30:00", DvcHostname="WEB01"), [("a", "10:00:03", None)], "a", id="case"),
        pytest.param(flow("10:00:00", "10:30:00", NetworkDirection="Outbound"), [("a", "10:00:03", None)],
                     None, id="outbound"),
    ],
)  # fmt: skip
def test_sessions(given: dict[str, Any], sessions: Any, expected: str | None) -> None:
    held = events("sessions", [session(*one) for one in sessions])
    found = known(flows(events("flows", [given]), sessions=held))
    assert [row.get("LogonSessionId") for row in found] == [expected]
    assert known(events("flows", [given])) == [
        {name: value for name, value in row.items() if name != "LogonSessionId"} for row in found
    ]


OUT = {
    "SrcIpAddr": OWN, "SrcPortNumber": 40000, "DstIpAddr": FAR, "DstPortNumber": 4444,
    "NetworkDirection": "Outbound",
}  # fmt: skip


def process(guid: str, start: str, pid: int = 77, end: str | None = None, **more: Any) -> Any:
    return {
        "TargetProcessGuid": guid, "TimeGenerated": at(start), "EventEndTime": at(end),
        "DvcHostname": "web01", "TargetProcessId": pid, "TargetProcessName": "/usr/bin/curl",
        "TargetProcessFilename": "curl", "EventResult": "Success", "LogonSessionId": "s", **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("more", "ran", "expected"),
    [
        pytest.param({}, [process("a", "09:59:00")], "a", id="runs"),
        pytest.param({}, [process("a", "09:00:00"), process("b", "09:59:59")], "b", id="last-image"),
        pytest.param({}, [process("a", "09:00:00", end="09:30:00")], None, id="has-exited"),
        pytest.param({}, [process("a", "09:00:00", end="10:00:00.5")], "a", id="exits-meanwhile"),
        pytest.param({}, [process("a", "09:00:00", pid=78)], None, id="another-pid"),
        pytest.param({"TargetProcessName": "nc"}, [process("a", "09:00:00")], None, id="another-name"),
        pytest.param({"TargetProcessName": "curl"}, [process("a", "09:00:00")], "a", id="its-name"),
        pytest.param({}, [process("a", "11:00:00")], None, id="later"),
        pytest.param({}, [process("a", "09:00:00", EventResult="Failure")], None, id="failed"),
    ],
)  # fmt: skip
def test_processes(more: dict[str, Any], ran: Any, expected: str | None) -> None:
    given = flow("10:00:00", "10:00:01", **OUT, **{"TargetProcessId": 77, **more})
    row = known(flows(events("flows", [given]), processes=events("processes", ran)))[0]
    names = ("TargetProcessGuid", "TargetProcessName", "LogonSessionId")
    wanted = (
        ("a", "/usr/bin/curl", "s") if expected else (None, more.get("TargetProcessName"), None)
    )
    assert tuple(row.get(name) for name in names) == (expected, *wanted[1:])


def connect(time: str, pid: int = 77, port: int = 4444, **more: Any) -> dict[str, Any]:
    return {
        "TimeGenerated": at(time), "DvcHostname": "web01", "syscall": "connect", "pid": pid,
        "success": "no", "errno": "EINPROGRESS",
        "sockaddr": {"family": "inet", "addr": FAR, "port": port}, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("calls", "more", "expected"),
    [
        pytest.param([connect("09:59:58")], {}, 77, id="just-before"),
        pytest.param([connect("10:00:03")], {}, 77, id="just-after"),
        pytest.param([connect("09:59:56", 70), connect("10:00:01", 77)], {}, 77, id="nearest"),
        pytest.param([connect("09:59:50")], {}, None, id="long-before"),
        pytest.param([connect("10:00:00", port=53)], {}, None, id="another-port"),
        pytest.param([connect("10:00:00", sockaddr={"family": "local", "path": "/x"})], {}, None, id="unix"),
        pytest.param([connect("10:00:00", sockaddr=None)], {}, None, id="no-address"),
        pytest.param([connect("10:00:00")], {"EventCount": 3}, None, id="several-connections"),
        pytest.param([connect("10:00:00", 70)], {"TargetProcessId": 77}, 77, id="the-source-knows"),
    ],
)  # fmt: skip
def test_connect_calls(calls: Any, more: dict[str, Any], expected: int | None) -> None:
    given = events("flows", [flow("10:00:00", "10:00:09", **OUT, **more)])
    ran = events("processes", [process("a", "09:59:00", end="10:00:05")])
    row = known(flows(given, audit=events("audit", calls), processes=ran))[0]
    assert (row.get("TargetProcessId"), row.get("TargetProcessGuid")) == (
        expected, "a" if expected else None,
    )  # fmt: skip


def test_several_sources_are_in_order() -> None:
    late, early = flow("11:00:00", "11:00:01", EventUid="a:1"), flow("10:00:00", "10:00:01")
    found = flows(events("flows", [late]), empty("flows"), events("flows", [early]))
    assert known(found) == [*known(events("flows", [early])), *known(events("flows", [late]))]
    pd.testing.assert_frame_equal(flows(empty("flows")), empty("flows"))


def test_a_logon_that_a_sensor_saw_shows_the_hosts_address() -> None:
    seen = {"EventStartTime": f"{DAY} 10:00:00", "SrcIpAddr": FAR, "SrcPortNumber": 50514}
    given = rows(
        "flows_asim",
        {**seen, "DstIpAddr": "::ffff:10.0.0.5"},
        {**seen, "DstIpAddr": "10.0.0.6", "EventStartTime": f"{DAY} 08:00:00"},
        {**seen, "DstIpAddr": "10.0.0.7", "SrcPortNumber": 1},
    )
    held = events("sessions", [session("a", "10:00:03", None)])
    assert by_sessions(given, held) == [("web01", OWN)]
