from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import pytest

from linuxhunt.evidence import rebuild

from .conftest import Read

NAMES = [
    *("ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "service"),
    *("duration", "orig_bytes", "resp_bytes", "conn_state", "local_orig", "local_resp"),
    *("missed_bytes", "history", "orig_pkts", "orig_ip_bytes", "resp_pkts", "resp_ip_bytes"),
    "tunnel_parents",
]
VALUES = [
    *("1772355900.123456", "CHhAvVGS1DHFjwGM9", "192.0.2.10", "50514", "198.51.100.7", "443"),
    *("tcp", "ssl", "1.500250", "1000", "2000", "SF", "T", "F", "0", "ShADadfF", "10", "1500"),
    *("12", "2500", "(empty)"),
]
ROW = {
    "TimeGenerated": datetime(2026, 3, 1, 9, 5, 0, 123_456),
    "EventStartTime": datetime(2026, 3, 1, 9, 5, 0, 123_456),
    "EventEndTime": datetime(2026, 3, 1, 9, 5, 1, 623_706),
    "EventType": "NetworkSession",
    "EventCount": 1,
    "EventProduct": "Zeek",
    "EventVendor": "Zeek",
    "EventSchemaVersion": "0.2.6",
    "EventResult": "Success",
    "EventOriginalResultDetails": "SF",
    "EventOriginalUid": "CHhAvVGS1DHFjwGM9",
    "NetworkSessionId": "CHhAvVGS1DHFjwGM9",
    "SrcIpAddr": "192.0.2.10",
    "SrcPortNumber": 50514,
    "DstIpAddr": "198.51.100.7",
    "DstPortNumber": 443,
    "NetworkProtocol": "TCP",
    "NetworkApplicationProtocol": "SSL",
    "NetworkDirection": "Outbound",
    "DvcAction": "Allow",
    "SrcBytes": 1000,
    "DstBytes": 2000,
    "NetworkBytes": 3000,
    "SrcPackets": 10,
    "DstPackets": 12,
    "NetworkPackets": 22,
    "NetworkDuration": 1500,
    "NetworkConnectionHistory": "ShADadfF",
    "AdditionalFields": '{"missed_bytes":"0","orig_ip_bytes":"1500","resp_ip_bytes":"2500"}',
    "Type": "ASimNetworkSessionLogs",
}
FLAGS = dict.fromkeys(
    [*(f"TcpFlags{flag}" for flag in ("Ack", "Fin", "Psh", "Rst", "Urg", "Syn")), "ThreatIsActive"],
    False,
)


def tsv(*rows: list[str]) -> bytes:
    head = [
        "#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-",
        "#path\tconn", "\t".join(["#fields", *NAMES]), "#types\ttime",
    ]  # fmt: skip
    return "\n".join([*head, *("\t".join(row) for row in rows), "#close\t2026", ""]).encode()


def test_tsv(read: Callable[..., Read]) -> None:
    content = tsv(VALUES, VALUES[:5], ["x", *VALUES[1:]])
    result = read({"conn.log": content}, hostname="web01")
    named = {"Dvc": "web01", "DvcHostname": "web01", "_ItemId": "conn.log:8"}
    assert result.rows("ASimNetworkSessionLogs") == [ROW | FLAGS | named]
    assert result.counts() == [("conn.log", "zeek-tsv", 11, 1, 8, 2)]
    assert [(r["LineNumber"], r["Reason"]) for r in result.rows("LinuxReject_CL")] == [
        (9, "it has 5 fields, not 21"),
        (10, "ts is no time"),
    ]
    assert rebuild(result.con, "conn.log") == content


@pytest.mark.parametrize(
    ("rename", "ts"),
    [
        pytest.param(lambda name: name, 1772355900.123456, id="dots"),
        pytest.param(lambda name: name.replace(".", "_"), 1772355900.123456, id="underscores"),
        pytest.param(lambda name: name, "2026-03-01T09:05:00.123456Z", id="iso8601"),
    ],
)
def test_json(read: Callable[..., Read], rename: Callable[[str], str], ts: float | str) -> None:
    values = dict(zip(map(rename, NAMES), VALUES, strict=True)) | {"ts": ts, "@system": "gw01"}
    del values["tunnel_parents"]
    result = read({"conn.log": json.dumps(values).encode() + b'\n{"ts": 1}\nnonsense\n'})
    named = {"Dvc": "gw01", "DvcHostname": "gw01", "_ItemId": "conn.log:1"}
    assert result.rows("ASimNetworkSessionLogs") == [ROW | FLAGS | named]
    assert [(r["LineNumber"], r["Reason"]) for r in result.rows("LinuxReject_CL")] == [
        (2, "an address is missing"),
        (3, "no JSON object"),
    ]


@pytest.mark.parametrize(
    ("state", "action", "result"),
    [
        ("S1", "Allow", "Success"),
        ("RSTO", "Allow", "Success"),
        ("OTH", "Allow", "Success"),
        ("REJ", "Deny", "Failure"),
        ("RSTOS0", "Reset", "Failure"),
        ("S0", "Drop", "Failure"),
        ("-", None, "NA"),
    ],
)
def test_state(read: Callable[..., Read], state: str, action: str | None, result: str) -> None:
    unset = ["-" if name in ("service", "duration", "orig_bytes", "local_resp") else value
             for name, value in zip(NAMES, VALUES, strict=True)]  # fmt: skip
    unset[NAMES.index("conn_state")] = state
    row = read({"conn.log": tsv(unset)}).rows("ASimNetworkSessionLogs")[0]
    assert (row.get("DvcAction"), row["EventResult"]) == (action, result)
    assert row["EventEndTime"] == row["EventStartTime"]
    absent = {"NetworkApplicationProtocol", "SrcBytes", "NetworkBytes", "NetworkDirection"}
    assert not absent & row.keys()
