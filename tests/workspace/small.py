"""One small case with rows that tell the queries apart: edges of the window, names alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

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
            "SyslogMessage": ("pam_unix: x", "Failed y", "new user z", "other")[number // 2 % 4],
            "HostIP": "198.51.100.1" if number % 2 else "",
            "Type": "Syslog",
            "_ItemId": f"var/log/auth.log:{name}",
        }


def small_case(path: Path) -> Path:
    """Write the case."""
    entities = '[{"Type":"host","HostName":"%s"},{"Type":"ip","Address":"203.0.113.9"}]'
    tables: dict[str, Any] = {
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
                "StartTime": row["TimeGenerated"],
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
    return make_case(path, tables, facts)
