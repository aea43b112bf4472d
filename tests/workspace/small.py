"""One small case with rows that tell the queries apart: edges of the window, names alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from linuxhunt.workspace import catalogue
from tests.made import make_case

START = datetime(2026, 3, 12, 10)
END = datetime(2026, 3, 12, 12)
BEFORE, FIRST, INSIDE, LAST = (
    datetime(2026, 3, 12, 9, 59, 59, 999999),
    START,
    datetime(2026, 3, 12, 11, 30),
    datetime(2026, 3, 12, 11, 59, 59, 999999),
)
AFTER = END
TIMES = {"before": BEFORE, "first": FIRST, "inside": INSIDE, "last": LAST, "after": AFTER}
MESSAGES = ("pam_unix: x", "Failed y", "new user z", "type=X msg=audit(1:2): IN= SRC=a DST=b")
COMPUTERS = ("web", "WEB", "web-01", "web.example")


def _each() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a name and a time for each computer and each edge of the window."""
    for computer in COMPUTERS:
        for word, time in TIMES.items():
            yield f"{computer}:{word}", {"TimeGenerated": time, "Computer": computer}


def syslog() -> Iterator[dict[str, Any]]:
    for number, (name, row) in enumerate(_each()):
        yield {
            **row,
            "Facility": ("auth", "AUTHPRIV", "daemon", None)[number % 4],
            "SeverityLevel": "info",
            "ProcessName": ("sshd", "cron", None)[number % 3],
            "ProcessID": number or None,
            "SyslogMessage": MESSAGES[number // 2 % 4],
            "HostIP": "198.51.100.1" if number % 2 else "",
            "Type": "Syslog",
            "_ItemId": f"var/log/auth.log:{name}",
        }


NAMING = {
    "LinuxAuditLog": "Computer",
    "VMConnection": "Computer",
    "CommonSecurityLog": "SourceHostName",
    "ASimNetworkSessionLogs": "DvcHostname",
    "ASimAuthenticationEventLogs": "DvcHostname",
    "ASimProcessEventLogs": "DvcHostname",
    "DeviceProcessEvents": "DeviceName",
    "DeviceLogonEvents": "DeviceName",
    "DeviceNetworkEvents": "DeviceName",
    "DeviceInfo": "DeviceName",
    "NTANetAnalytics": "SrcVm",
    "AzureNetworkAnalytics_CL": "VM_s",
}
"""Tables of which every column that a query brings is filled, and their column of hosts."""
FIXED: dict[str, Any] = {
    "SubType": "FlowLog",
    "SubType_s": "FlowLog",
    "SrcPublicIps": "203.0.113.9|1|0|1|0|60|52 203.0.113.10|2|0|2|0|120|104",
    "SrcIP_s": None,
    "RemoteIP": "203.0.113.9",
    "SourceIP": "198.51.100.1",
    "LogonId": 9_007_199_254_740_993,  # what a float cannot hold
    "AdditionalFields": '{"IsInitiatingProcessRemoteSession":false,"n":[1,null]}',
}


def read_columns() -> dict[str, dict[str, str]]:
    """Return table -> column -> KQL type, of all that the queries read."""
    read: dict[str, dict[str, str]] = {}
    for query in catalogue().values():
        for table, columns in query.tables.items():
            read.setdefault(table, {}).update(columns)
    return read


def _filled(table: str, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield a row for each computer and edge; each second one holds nulls where it may."""
    for number, (name, row) in enumerate(_each()):
        machine = f"group/{row['Computer']}" if "V" in NAMING[table] else row["Computer"]
        values: dict[str, Any] = {
            column: _typed(kind, row["TimeGenerated"], f"{column} {name}", number)
            for column, kind in names.items()
        }
        values |= {column: FIXED[column] for column in names if column in FIXED and number % 4 != 3}
        if number % 2:
            values = {key: value for key, value in values.items() if not key.startswith("Sub")}
        yield values | {
            NAMING[table]: machine, "TimeGenerated": row["TimeGenerated"], "_ItemId": name,
        }  # fmt: skip


def _typed(kind: str, time: datetime, text: str, number: int) -> Any:
    if number % 4 == 3 and kind != "bool":
        return None
    match kind:
        case "datetime":
            return time
        case "int" | "long":
            return number
        case "real":
            return number + 0.5
        case "bool":
            return number % 2 == 0
        case "dynamic":
            return f'{{"k":"{text}"}}'
    return text


def bookmarks() -> Iterator[dict[str, Any]]:
    """Yield two versions of a bookmark for each computer; that of web-01 was deleted."""
    for computer in COMPUTERS:
        for time, name in ((FIRST, "first"), (LAST, "last")):
            yield {
                "TimeGenerated": time,
                "BookmarkId": f"bookmark-{computer}",
                "BookmarkName": f"{computer}:{name}",
                "CreatedTime": FIRST,
                "EventTime": None,
                "Entities": f'{{"a":{{"type":"host","hostName":"{computer}"}}}}',
                "SoftDeleted": name == "last" and computer == "web-01",
                "_ItemId": f"{computer}:{name}",
            }


def indicators() -> Iterator[dict[str, Any]]:
    """Yield the versions of three indicators: one that holds, one deleted, one revoked."""
    for identity, last in (("a", {}), ("b", {"IsDeleted": True}), ("c", {"Revoked": True})):
        for time, more in ((FIRST, {}), (LAST, last)):
            yield {
                "TimeGenerated": time,
                "Id": f"indicator--{identity}",
                "ObservableKey": "ipv4-addr:value",
                "ObservableValue": "203.0.113.9",
                "Confidence": 80,
                "IsActive": True,
                "ValidUntil": datetime(9999, 12, 31),
                "Data": '{"labels":["c2"]}',
                "_ItemId": f"{identity}:{time:%M}",
                **more,
            }


def older() -> Iterator[dict[str, Any]]:
    """Yield the versions of two indicators of the older table, of which one was deleted."""
    for identity, action in (("a", ""), ("b", "delete")):
        for time, done in ((FIRST, "create"), (LAST, action)):
            yield {
                "TimeGenerated": time,
                "IndicatorId": identity,
                "Action": done,
                "NetworkIP": "203.0.113.9",
                "ConfidenceScore": 0.5,
                "Active": True,
                "_ItemId": f"{identity}:{time:%M}",
            }


def small_case(path: Path) -> Path:
    """Write the case."""
    entities = '[{"Type":"host","HostName":"%s"},{"Type":"ip","Address":"203.0.113.9"}]'
    held: dict[str, Any] = {
        "Syslog": syslog(),
        "AuditLog_CL": ({**row, "RawData": "type=X", "_ItemId": name} for name, row in _each()),
        "Heartbeat": (
            {**row, "OSName": "Debian", "ComputerPrivateIPs": '["198.51.100.1"]'}
            for _, row in _each()
        ),
        "SecurityAlert": (
            {
                "TimeGenerated": row["TimeGenerated"],
                "SystemAlertId": f"alert-{row['Computer']}",
                "AlertName": name,
                "Entities": entities % row["Computer"],
                "StartTime": FIRST,
                "_ItemId": name,
            }
            for name, row in _each()
        ),
        "LinuxLogin_CL": (
            {**row, "Source": "wtmp", "ProcessID": None, "UserId": 0, "_ItemId": name}
            for name, row in _each()
        ),
        "LinuxJournal_CL": (
            {**row, "SYSLOG_FACILITY": 10, "_PID": 7, "_ItemId": name} for name, row in _each()
        ),
        "HuntingBookmark": bookmarks(),
        "ThreatIntelIndicators": indicators(),
        "ThreatIntelligenceIndicator": older(),
        **{table: _filled(table, read_columns()[table]) for table in NAMING},
        "LinuxEvidence_CL": [
            {"FilePath": "var/log/auth.log", "FileSize": 4_398_046_511_105, "LinesRead": 20},
            {"FilePath": "var/log/broken", "Error": "it is broken"},
        ],
    }
    facts = [
        ("", "hostname", "web", "etc/hostname"),
        ("", "system", "Debian GNU/Linux 12", "etc/os-release"),
        ("other", "hostname", "db", "etc/hostname"),
        ("other", "system", "Fedora", "etc/os-release"),
    ]
    return make_case(path, held, facts)
