"""Events of a host that only ASIM's or only Defender's tables tell of, from the TLS endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from linuxhunt.hunt import Hunt
from linuxhunt.schema import TABLES
from tests.made import make_case, utc
from tests.workspace.cloud import point_at, signed_in
from tests.workspace.endpoint import endpoint

DAY = "2026-03-12"
HERE, OUT, OTHER = "10.0.0.5", "198.51.100.7", "203.0.113.9"
VENDOR = {"EventVendor": "Example", "EventProduct": "Sensor"}


def at(time: str, **values: Any) -> dict[str, Any]:
    """Return a row of a time of the day."""
    return {"TimeGenerated": pd.Timestamp(f"{DAY} {time}").to_pydatetime(), **values}


def logon(time: str, result: str, **more: Any) -> dict[str, Any]:
    return at(
        time, DvcHostname="web01", EventType="Logon", EventResult=result, EventCount=1,
        TargetUsername="ada", SrcIpAddr=OTHER, SrcPortNumber=50514, LogonProtocol="SSH",
        TargetSessionId="7", **VENDOR, **more,
    )  # fmt: skip


ASIM: dict[str, list[dict[str, Any]]] = {
    "ASimAuthenticationEventLogs": [
        logon("09:59", "Failure", EventResultDetails="Incorrect password", _ItemId="a1"),
        logon("10:00", "Success", _ItemId="a2"),
        {**logon("10:20", "Success", _ItemId="a3"), "EventType": "Logoff"},
        {**logon("10:00", "Success", _ItemId="a4"), "DvcHostname": "db01"},
    ],
    "ASimProcessEventLogs": [
        at("10:05", DvcHostname="web01", EventType="ProcessCreated", ActorUsername="ada",
           TargetProcessName="/usr/bin/curl", TargetProcessId="77", ActingProcessId="9",
           ActingProcessName="/usr/bin/bash", TargetProcessCommandLine="curl -O http://x/y",
           _ItemId="p1", **VENDOR),
        at("10:06", DvcHostname="db01", EventType="ProcessCreated",
           TargetProcessName="/usr/bin/id", TargetProcessId="5", _ItemId="p2", **VENDOR),
    ],
    "ASimNetworkSessionLogs": [
        at("10:05:01", EventType="EndpointNetworkSession", Dvc="web01", DvcHostname="web01",
           NetworkDirection="Outbound", SrcIpAddr=HERE, SrcPortNumber=40000, DstIpAddr=OUT,
           DstPortNumber=80, NetworkProtocol="TCP", DvcAction="Allow", SrcBytes=100,
           DstBytes=2_000, EventCount=1, _ItemId="f1", **VENDOR),
        at("10:05:02", EventType="EndpointNetworkSession", Dvc="db01", DvcHostname="db01",
           NetworkDirection="Outbound", SrcIpAddr="10.0.0.6", DstIpAddr=OUT, DstPortNumber=443,
           NetworkProtocol="TCP", EventCount=1, _ItemId="f2", **VENDOR),
    ],
}  # fmt: skip
DEFENDER: dict[str, list[dict[str, Any]]] = {
    "DeviceInfo": [at("10:00", DeviceName="web01", PublicIP="192.0.2.5", _ItemId="d1")],
    "DeviceLogonEvents": [
        at("09:59", DeviceName="web01", ActionType="LogonFailed", AccountName="ada",
           FailureReason="InvalidUserNameOrPassword", RemoteIP=OTHER, RemotePort=50513,
           InitiatingProcessFileName="sshd", InitiatingProcessId=7, _ItemId="a1"),
        at("10:00", DeviceName="web01", ActionType="LogonSuccess", AccountName="ada",
           RemoteIP=OTHER, RemotePort=50514, LogonId=7, LogonType="Network",
           InitiatingProcessFileName="sshd", InitiatingProcessId=8, _ItemId="a2"),
        at("10:00", DeviceName="db01", ActionType="LogonSuccess", AccountName="eve",
           InitiatingProcessFileName="sshd", InitiatingProcessId=8, _ItemId="a4"),
    ],
    "DeviceProcessEvents": [
        at("10:05", DeviceName="web01", ActionType="ProcessCreated", AccountName="ada",
           FileName="curl", FolderPath="/usr/bin/curl", ProcessId=77,
           ProcessCommandLine="curl -O http://x/y",
           ProcessCreationTime=pd.Timestamp(f"{DAY} 10:05").to_pydatetime(),
           InitiatingProcessFileName="bash", InitiatingProcessFolderPath="/usr/bin/bash",
           InitiatingProcessId=9, _ItemId="p1"),
    ],
    "DeviceNetworkEvents": [
        at("10:05:01", DeviceName="web01", ActionType="ConnectionSuccess", LocalIP=HERE,
           LocalPort=40000, RemoteIP=OUT, RemotePort=80, Protocol="Tcp",
           InitiatingProcessFileName="curl", InitiatingProcessFolderPath="/usr/bin/curl",
           InitiatingProcessId=77,
           InitiatingProcessCreationTime=pd.Timestamp(f"{DAY} 10:05").to_pydatetime(),
           _ItemId="f1"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module", params=["asim", "parsers", "defender"])
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Hunt]]:
    """Return who tells, and a hunt for web01 in a workspace with nothing but their tables."""
    folder = tmp_path_factory.mktemp("elsewhere")
    case = make_case(folder / "case.duckdb", DEFENDER if request.param == "defender" else ASIM)
    with pytest.MonkeyPatch.context() as patch, endpoint(case, folder) as (service, bundle):
        point_at(service, bundle, patch)
        workspace = signed_in()
        if request.param == "parsers":  # which bring what they read elsewhere, too
            service.plan = lambda kql: None if "_Im_" in kql or "print" in kql else "no rows"
            vars(workspace)["held"] = {t: c for t, c in TABLES.items() if t not in ASIM}
        hunt = Hunt(workspace)
        hunt.select("WEB01", f"{DAY} 09:00", f"{DAY} 12:00")
        yield request.param, hunt


def rows(told: tuple[str, Hunt], kind: str, *columns: str) -> list[list[Any]]:
    """Return columns of the events of web01, absent values None."""
    frame = told[1].events[kind][[*columns]]
    return frame.astype(object).where(frame.notna(), None).to_numpy().tolist()


def test_the_host_is_found(told: tuple[str, Hunt]) -> None:
    assert (told[1].scope.host, sorted(told[1].hosts["Host"])) == ("web01", ["db01", "web01"])


def test_logons(told: tuple[str, Hunt]) -> None:
    assert rows(
        told, "logons", "TimeGenerated", "DvcHostname", "EventResult", "EventResultDetails",
        "TargetUsername", "SrcIpAddr", "LogonProtocol", "EventUid",
    ) == [
        [utc(f"{DAY} 09:59"), "web01", "Failure", "Incorrect password", "ada", OTHER, "SSH", "a1"],
        [utc(f"{DAY} 10:00"), "web01", "Success", None, "ada", OTHER, "SSH", "a2"],
    ]  # fmt: skip


def test_sessions(told: tuple[str, Hunt]) -> None:
    """ASIM tells of the logoff, Defender does not."""
    end = (None, "unknown") if told[0] == "defender" else (utc(f"{DAY} 10:20"), "closed")
    assert rows(
        told, "sessions", "LogonSessionId", "TargetUsername", "SrcIpAddr", "EventStartTime",
        "EventEndTime", "EndReason", "Witnesses",
    ) == [
        ["a2", "ada", OTHER, utc(f"{DAY} 10:00"), *end,
         ["defender" if told[0] == "defender" else "asim"]],
    ]  # fmt: skip


def test_processes(told: tuple[str, Hunt]) -> None:
    assert rows(
        told, "processes", "TimeGenerated", "DvcHostname", "TargetProcessId", "ActingProcessId",
        "TargetProcessName", "CommandLine", "EventUid",
    ) == [
        [utc(f"{DAY} 10:05"), "web01", 77, 9, "/usr/bin/curl", "curl -O http://x/y", "p1"],
    ]  # fmt: skip


def test_flows(told: tuple[str, Hunt]) -> None:
    program = "/usr/bin/curl" if told[0] == "defender" else None
    assert rows(
        told, "flows", "EventStartTime", "DvcHostname", "NetworkDirection", "SrcIpAddr",
        "RemoteIpAddr", "DstPortNumber", "NetworkProtocol", "TargetProcessName", "EventUid",
    ) == [
        [utc(f"{DAY} 10:05:01"), "web01", "Outbound", HERE, OUT, 80, "TCP", program, "f1"],
    ]  # fmt: skip


def test_who_told_is_said(told: tuple[str, Hunt]) -> None:
    hunt = told[1]
    assert {kind: len(hunt.events[kind]) for kind in ("logons", "flows")} == {
        "logons": 2, "flows": 1,
    }  # fmt: skip
    held = {name: state.rows for name, state in hunt.events.completeness.items() if state.rows}
    expected = {
        "asim": {
            "logons in ASIM's table": 3, "processes in ASIM's table": 1, "network sessions": 1,
            "network sessions of logons": 1,
        },
        "parsers": {
            "logons by ASIM's parser": 3, "processes by ASIM's parser": 1,
            "network sessions by ASIM's parser": 1,
        },
        "defender": {
            "devices that Defender knows": 1, "logons that Defender saw": 2,
            "processes that Defender saw": 1, "connections that Defender saw": 1,
        },
    }[told[0]]  # fmt: skip
    assert held == expected
