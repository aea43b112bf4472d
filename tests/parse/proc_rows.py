"""Rows of ``DeviceProcessEvents`` and lines of Sysmon for Linux, a few words each."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import pandas as pd

from linuxhunt.schema import STR, TABLES, TIME

DAY = "2026-03-12"
NONE = "00000000-0000-0000-0000-000000000000"
_DTYPES: dict[str, Any] = {"long": pd.Int64Dtype(), "string": STR, "dynamic": STR}
_BROUGHT = (
    "TimeGenerated", "DeviceName", "ActionType", "AccountName", "FileName", "FolderPath",
    "ProcessId", "ProcessCommandLine", "ProcessCreationTime", "SHA256",
    "InitiatingProcessAccountName", "InitiatingProcessCommandLine",
    "InitiatingProcessCreationTime", "InitiatingProcessFileName", "InitiatingProcessFolderPath",
    "InitiatingProcessId", "InitiatingProcessParentFileName", "InitiatingProcessParentId",
    "InitiatingProcessParentCreationTime", "AdditionalFields", "Timestamp", "_ItemId",
)  # fmt: skip


def guid(start: str, key: int) -> str:
    """Make a ProcessGuid as Sysmon does: machine, second of the start, end of the code."""
    seconds = int(pd.Timestamp(f"{DAY} {start}", tz="UTC").timestamp())
    return f"c0ffee00-{seconds & 0xFFFF:04x}-{seconds >> 16:04x}-{key & 0xFF:02x}00-{key >> 8:012x}"


def sysmon(
    time: str, event: int = 1, *, host: str = "web01", record: int | None = None, **fields: Any
) -> str:
    """Write an event as a line of ``syslog_rows.syslog``; the XML is encoded as pugixml does."""
    data = "".join(
        f'<Data Name="{name}">{encoded(str(value))}</Data>' for name, value in fields.items()
    )
    number = f"<EventRecordID>{record}</EventRecordID>" if record is not None else ""
    return (
        f'{time} @{host} sysmon: <Event><System><Provider Name="Linux-Sysmon"'
        f' Guid="{{ff032593-a8d3-4f13-b0d6-01fc615a0f97}}"/><EventID>{event}</EventID>'
        f"<Version>5</Version><Level>4</Level><Task>{event}</Task><Opcode>0</Opcode>"
        f'<Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime="{DAY}T{time}Z"/>'
        f'{number}<Correlation/><Execution ProcessID="77" ThreadID="77"/>'
        f"<Channel>Linux-Sysmon/Operational</Channel><Computer>{host}</Computer>"
        f'<Security UserId="0"/></System><EventData>{data}</EventData></Event>'
    )


def encoded(text: str) -> str:
    return escape(text, {chr(code): f"&#{code};" for code in (*range(1, 9), 13, 27)})


def ran(time: str, pid: int, name: str, own: str, parent_pid: int, parent: str, **more: Any) -> str:
    """Write a ProcessCreate with all the fields that Sysmon has, in its order."""
    options = {key: more.pop(key) for key in ("host", "record") if key in more}
    fields = {
        "RuleName": "-",
        "UtcTime": f"{DAY} {time}",
        "ProcessGuid": f"{{{own}}}",
        "ProcessId": pid,
        "Image": f"/usr/bin/{name}",
        "FileVersion": "-",
        "Description": "-",
        "Product": "-",
        "Company": "-",
        "OriginalFileName": "-",
        "CommandLine": name,
        "CurrentDirectory": "/srv",
        "User": "deploy",
        "LogonGuid": "{c0ffee00-0000-0000-e803-000000000000}",
        "LogonId": 1000,
        "TerminalSessionId": 5,
        "IntegrityLevel": "no level",
        "Hashes": "-",
        "ParentProcessGuid": f"{{{parent}}}",
        "ParentProcessId": parent_pid,
        "ParentImage": "-" if parent == NONE else "/usr/bin/bash",
        "ParentCommandLine": "-" if parent == NONE else "-bash",
        "ParentUser": "deploy",
    }
    return sysmon(time, **options, **{**fields, **more})


def left(time: str, pid: int, name: str, own: str, **options: Any) -> str:
    """Write a ProcessTerminate."""
    fields = {
        "RuleName": "-",
        "UtcTime": f"{DAY} {time}",
        "ProcessGuid": f"{{{own}}}",
        "ProcessId": pid,
        "Image": f"/usr/bin/{name}",
        "User": "-",
    }
    return sysmon(time, 5, **options, **fields)


def created(
    time: str,
    pid: int,
    name: str,
    acting: tuple[int, str, str | None],
    above: tuple[int, str, str | None] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return a row of Defender's; processes above are (pid, file name, time of creation)."""
    values: dict[str, Any] = {
        "TimeGenerated": f"{DAY} {time}",
        "DeviceName": "web01",
        "ActionType": "ProcessCreated",
        "AccountName": "deploy",
        "FileName": name,
        "FolderPath": f"/usr/bin/{name}",
        "ProcessId": pid,
        "ProcessCommandLine": name,
        "ProcessCreationTime": f"{DAY} {time}",
        "InitiatingProcessId": acting[0],
        "InitiatingProcessFileName": acting[1],
        "InitiatingProcessFolderPath": f"/usr/bin/{acting[1]}",
        "InitiatingProcessCommandLine": f"-{acting[1]}",
        "InitiatingProcessCreationTime": acting[2] and f"{DAY} {acting[2]}",
    }
    if above:
        values |= {
            "InitiatingProcessParentId": above[0],
            "InitiatingProcessParentFileName": above[1],
            "InitiatingProcessParentCreationTime": above[2] and f"{DAY} {above[2]}",
        }
    return values | more


def device(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return the rows as the query brings them; ids count from 1."""
    types = {**TABLES["DeviceProcessEvents"]}
    held = [{"_ItemId": f"device:{number}", **row} for number, row in enumerate(rows, 1)]
    return pd.DataFrame(
        {
            name: pd.to_datetime(
                pd.Series([row.get(name) for row in held], dtype=object), utc=True, format="ISO8601"
            ).astype(TIME)
            if types[name] == "datetime"
            else pd.Series([row.get(name) for row in held], dtype=_DTYPES[types[name]])
            for name in _BROUGHT
        }
    )
