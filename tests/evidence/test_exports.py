from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd
import pytest

from linuxhunt.evidence import raw, rebuild

from .conftest import Read

ROW = {
    "SourceSystem": "Linux",
    "TimeGenerated": datetime(2026, 3, 1, 9, 5),
    "Computer": "web01",
    "Facility": "auth",
    "SyslogMessage": 'said "no", then\nleft',
    "ProcessID": 811,
    "ProcessName": "sshd",
    "Type": "Syslog",
}
HEAD = "TimeGenerated,Computer,Facility,SyslogMessage,ProcessID,ProcessName,SourceSystem,Type"
LINE = '2026-03-01T09:05:00Z,web01,auth,"said ""no"", then\nleft",811,sshd,Linux,Syslog'


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(f"{HEAD}\n{LINE}\n", 2, id="plain"),
        pytest.param(f"\ufeff{HEAD}\r\n{LINE}", 2, id="bom-crlf-no-last-newline"),
        pytest.param(
            f"{HEAD}\n{LINE}".replace(",", ";").replace("; then", ", then"), 2, id="semicolons"
        ),
        pytest.param(f"{HEAD}\n\n{LINE}\n", 3, id="empty-line"),
        pytest.param(f",{HEAD}\n0,{LINE}\n", 2, id="index-column"),
        pytest.param(f"{HEAD}\n{LINE.replace('2026-03-01T09:05:00Z', '3/1/2026 9:05')}\n", 2,
                     id="spreadsheet-time"),
        pytest.param(
            f"{HEAD.replace('TimeGenerated', 'TimeGenerated [UTC]')}\n"
            + LINE.replace("2026-03-01T09:05:00Z", '"3/1/2026, 9:05:00.000 AM"'),
            2, id="portal",
        ),
        pytest.param(f"{HEAD}\n{LINE.replace('811', '811.0')}\n", 2, id="number-by-way-of-pandas"),
        pytest.param(f"{HEAD.removesuffix(',Type')}\n{LINE.removesuffix(',Syslog')}\n", 2,
                     id="table-told-by-columns"),
        pytest.param(f"{HEAD},_ItemId\n{LINE},a-guid\n", 2, id="own-record-id"),
    ],
)  # fmt: skip
def test_csv(read: Callable[..., Read], content: str, line: int) -> None:
    result = read({"x.csv": content.encode()})
    assert result.rows("Syslog") == [ROW | {"_ItemId": f"x.csv:{line}"}]
    assert rebuild(result.con, "x.csv") == content.encode()
    assumed = result.account.files.loc[0, "Assumptions"]
    assert (isinstance(assumed, str) and "month first" in assumed) == ("3/1/2026" in content)
    assert raw(result.con, [f"x.csv:{line}"])[f"x.csv:{line}"].count(b"left") == 1


def test_csv_rows_that_do_not_fit(read: Callable[..., Read]) -> None:
    content = (
        "TimeGenerated,Computer,OSType,IsGatewayInstalled,RemoteIPLatitude,"
        "ComputerPrivateIPs,Type\n"
        '2026-03-01,web01,Linux,True,51.5,"[""192.0.2.7""]",Heartbeat\n'
        "yesterday,web01,Linux,True,51.5,,Heartbeat\n"
        "2026-03-01,web01\n"
        "2026-03-01,web01,Linux,maybe,51.5,,Heartbeat\n"
        "2026-03-01,web\xe902,,,nan,plain,Heartbeat\n"
        "2026-03-01,web01,Linux,,,,Watermelons\n"
        '2026-03-01,"web01,Linux,,,,Heartbeat\n'
    ).encode("latin-1")
    result = read({"x.csv": content})
    assert result.rows("Heartbeat") == [
        {"TimeGenerated": datetime(2026, 3, 1), "Computer": "web01", "OSType": "Linux",
         "IsGatewayInstalled": True, "RemoteIPLatitude": 51.5,
         "ComputerPrivateIPs": '["192.0.2.7"]', "Type": "Heartbeat", "_ItemId": "x.csv:2"},
        {"TimeGenerated": datetime(2026, 3, 1), "Computer": "web\\xe902",
         "IsGatewayInstalled": False, "ComputerPrivateIPs": '"plain"', "Type": "Heartbeat",
         "_ItemId": "x.csv:6"},
        {"TimeGenerated": datetime(2026, 3, 1), "Computer": "web01", "OSType": "Linux",
         "IsGatewayInstalled": False, "Type": "Heartbeat", "_ItemId": "x.csv:7"},
    ]  # fmt: skip
    rejects = result.rows("LinuxReject_CL", "LineNumber", "Reason", "RawData")
    assert [tuple(reject.values()) for reject in rejects] == [
        (3, "TimeGenerated: yesterday is no datetime",
         "yesterday,web01,Linux,True,51.5,,Heartbeat"),
        (4, "2 fields, not 7", "2026-03-01,web01"),
        (5, "IsGatewayInstalled: maybe is no bool",
         "2026-03-01,web01,Linux,maybe,51.5,,Heartbeat"),
        (8, "a quote that is not closed", '2026-03-01,"web01,Linux,,,,Heartbeat'),
    ]  # fmt: skip
    assert result.counts() == [("x.csv", "csv", 8, 3, 1, 4)]


def test_csv_of_several_tables(read: Callable[..., Read], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linuxhunt.evidence.lines.CHUNK", 90)
    result = read(
        {
            "x.csv": b"TimeGenerated,Computer,OSType,SyslogMessage,Extra,Type\n"
            b"2026-03-01,web01,Linux,,,Heartbeat\n"
            b'2026-03-01,web01,,"a\nb",,Syslog\n'
            b"2026-03-01,web01,,,,Nothing\n"
        }
    )
    assert [r["_ItemId"] for r in result.rows("Heartbeat")] == ["x.csv:2"]
    assert [(r["_ItemId"], r["SyslogMessage"]) for r in result.rows("Syslog")] == [
        ("x.csv:3", "a\nb")
    ]
    assert [(r["LineNumber"], r["Reason"]) for r in result.rows("LinuxReject_CL")] == [
        (5, "no table Nothing known here")
    ]
    row = result.account.files.iloc[0]
    assert row["TargetTable"] == "Heartbeat, Syslog"
    assert "Heartbeat has no column SyslogMessage, Extra" in row["Assumptions"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            b"Computer,TenantId\nweb01,x\n",
            "a CSV, but its columns are those of no table known here: "
            "export with the column Type, or with the table's own columns",
        ),
        (b"a,b\n1,2\n", "text of no format known here"),
    ],
)
def test_csv_of_no_table(read: Callable[..., Read], content: bytes, reason: str) -> None:
    result = read({"x.csv": content, "y.log": b"Mar  1 09:00:00 web01 a: x\n"})
    assert result.account.files.loc[0, "Error"] == reason


OBJECT: dict[str, Any] = {
    "TimeGenerated": "2026-03-01T09:05:00.5Z",
    "AlertName": 'a "name" {with] [brackets}\\',
    "Entities": [{"$id": "1", "Type": "host"}],
    "IsIncident": False,
    "ConfidenceScore": 0.5,
    "SystemAlertId": None,
    "Type": "SecurityAlert",
}
ALERT = {
    "TimeGenerated": datetime(2026, 3, 1, 9, 5, 0, 500_000),
    "AlertName": 'a "name" {with] [brackets}\\',
    "Entities": '[{"$id":"1","Type":"host"}]',
    "IsIncident": False,
    "ConfidenceScore": 0.5,
    "Type": "SecurityAlert",
}


def parquet(rows: list[dict[str, Any]]) -> bytes:
    out = io.BytesIO()
    frame = pd.DataFrame(rows)
    frame["TimeGenerated"] = pd.to_datetime(frame["TimeGenerated"])
    frame.to_parquet(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        pytest.param(json.dumps(OBJECT).encode() * 1 + b"\n" + json.dumps(OBJECT).encode(), "jsonl",
                     id="lines"),
        pytest.param(json.dumps([OBJECT, OBJECT]).encode(), "json", id="array"),
        pytest.param(json.dumps([OBJECT] * 2, indent=2).encode() + b"\n", "json", id="indent"),
        pytest.param(parquet([OBJECT, OBJECT]), "parquet", id="parquet"),
    ],
)  # fmt: skip
def test_objects(read: Callable[..., Read], content: bytes, format_: str) -> None:
    result = read({"x": content})
    assert result.rows("SecurityAlert") == [
        ALERT | {"_ItemId": "x:1"},
        ALERT | {"_ItemId": "x:2"},
    ]
    assert result.counts() == [("x", format_, 2, 2, 0, 0)]
    if format_ != "parquet":
        assert rebuild(result.con, "x") == content
        assert json.loads(raw(result.con, ["x:1"])["x:1"].strip().lstrip(b"[")) == OBJECT


def test_json_lines_that_do_not_fit(read: Callable[..., Read]) -> None:
    bad = OBJECT | {"ConfidenceScore": "high", "line": 1, "Line": 2, "a/b~c": 3}
    content = b"\n".join([json.dumps(OBJECT).encode(), json.dumps(bad).encode(), b"{", b"7", b""])
    result = read({"x": content})
    assert result.rows("SecurityAlert") == [ALERT | {"_ItemId": "x:1"}]
    assert [(r["LineNumber"], r["Reason"]) for r in result.rows("LinuxReject_CL")] == [
        (2, "ConfidenceScore: high is no real"),
        (3, "no JSON object"),
        (4, "no JSON object"),
    ]
    assert result.account.files.loc[0, "Assumptions"] == (
        "SecurityAlert has no column Line, a/b~c, line"
    )


def test_own_tables_come_back(read: Callable[..., Read]) -> None:
    """A case's own table, exported, is read again: LinuxLogin_CL has a column Line."""
    row = {"TimeGenerated": "2026-03-01T09:05:00Z", "Source": "wtmp", "Line": "pts/0",
           "UserName": "mara", "Type": "LinuxLogin_CL"}  # fmt: skip
    assert read({"x": json.dumps(row).encode()}).rows("LinuxLogin_CL") == [
        row | {"TimeGenerated": datetime(2026, 3, 1, 9, 5), "_ItemId": "x:1"}
    ]
