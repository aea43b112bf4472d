from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from linuxhunt.errors import EvidenceError
from linuxhunt.evidence import raw, rebuild

from .conftest import Read

RECEIVED = datetime(2026, 3, 1, 9, 5, 0, 5)
MADE = datetime(2026, 3, 1, 9, 5)
ENTRY = {
    "__CURSOR": "s=1;i=2",
    "__REALTIME_TIMESTAMP": "1772355900000005",
    "_SOURCE_REALTIME_TIMESTAMP": "1772355900000000",
    "_HOSTNAME": "web01",
    "_TRANSPORT": "syslog",
    "PRIORITY": "6",
    "SYSLOG_FACILITY": "10",
    "SYSLOG_IDENTIFIER": "sshd",
    "SYSLOG_PID": "811",
    "_PID": "811",
    "_UID": "0",
    "_COMM": "sshd",
    "_EXE": "/usr/sbin/sshd",
    "_AUDIT_SESSION": "4",
    "_BOOT_ID": "b1",
    "MESSAGE": "Accepted password for mara",
    "UNKNOWN_FIELD": "x",
}
SYSLOG = {
    "TimeGenerated": RECEIVED,
    "EventTime": MADE,
    "Computer": "web01",
    "HostName": "web01",
    "Facility": "authpriv",
    "SeverityLevel": "info",
    "ProcessName": "sshd",
    "ProcessID": 811,
    "SyslogMessage": "Accepted password for mara",
    "Type": "Syslog",
    "_ItemId": "log:1",
}
JOURNAL = {
    "TimeGenerated": RECEIVED,
    "Computer": "web01",
    "MESSAGE": "Accepted password for mara",
    "PRIORITY": 6,
    "SYSLOG_FACILITY": 10,
    "SYSLOG_IDENTIFIER": "sshd",
    "SYSLOG_PID": 811,
    "_TRANSPORT": "syslog",
    "_PID": 811,
    "_UID": 0,
    "_COMM": "sshd",
    "_EXE": "/usr/sbin/sshd",
    "_AUDIT_SESSION": 4,
    "_BOOT_ID": "b1",
    "_HOSTNAME": "web01",
    "__CURSOR": "s=1;i=2",
    "Type": "LinuxJournal_CL",
    "_ItemId": "log:1",
}


def as_json(entry: dict[str, Any]) -> bytes:
    """An entry as ``journalctl -o json`` writes it: values that are not plain as arrays."""
    plain = {k: list(v) if isinstance(v, bytes) else v for k, v in entry.items()}
    return json.dumps(plain).encode() + b"\n"


def as_export(entry: dict[str, Any]) -> bytes:
    """An entry as ``journalctl -o export`` writes it."""
    out = b""
    for key, value in entry.items():
        if isinstance(value, bytes):
            out += key.encode() + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"
        else:
            out += f"{key}={value}\n".encode()
    return out + b"\n"


@pytest.mark.parametrize("write", [as_json, as_export], ids=["json", "export"])
def test_entry(read: Callable[..., Read], write: Callable[..., bytes]) -> None:
    result = read({"log": write(ENTRY)})
    assert result.rows("Syslog") == [SYSLOG]
    assert result.rows("LinuxJournal_CL") == [JOURNAL]
    assert rebuild(result.con, "log") == write(ENTRY)


@pytest.mark.parametrize("write", [as_json, as_export], ids=["json", "export"])
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"MESSAGE": b"caf\xe9\n\nMESSAGE=forged\x00"},
            {"SyslogMessage": "caf\\xe9\n\nMESSAGE=forged\\x00"},
            id="binary-message",
        ),
        pytest.param({"MESSAGE": b"0123456789"}, {"SyslogMessage": "0123456789"},
                     id="length-is-a-line-end"),
        pytest.param(
            {"SYSLOG_FACILITY": None, "SYSLOG_IDENTIFIER": None, "SYSLOG_PID": None},
            {"Facility": "auth", "ProcessName": "sshd", "ProcessID": 811},
            id="not-through-syslog",
        ),
        pytest.param(
            {"SYSLOG_FACILITY": None, "_SOURCE_REALTIME_TIMESTAMP": None, "_COMM": "x",
             "SYSLOG_IDENTIFIER": "systemd", "PRIORITY": None, "MESSAGE": "Started: x"},
            {"Facility": "daemon", "ProcessName": "systemd", "SyslogMessage": "Started: x",
             "EventTime": RECEIVED, "SeverityLevel": None},
            id="systemd-itself",
        ),
    ],
)  # fmt: skip
def test_entry_of_another_kind(
    read: Callable[..., Read],
    write: Callable[..., bytes],
    changes: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    entry = {k: v for k, v in (ENTRY | changes).items() if v is not None}
    result = read({"log": write(ENTRY) + write(entry)})
    found = result.rows("Syslog")[1]
    assert found.pop("_ItemId") != "log:1"
    want = {k: v for k, v in (SYSLOG | expected).items() if v is not None and k != "_ItemId"}
    assert found == want
    assert rebuild(result.con, "log") == write(ENTRY) + write(entry)


def test_audit_record(read: Callable[..., Read]) -> None:
    entry = ENTRY | {
        "_TRANSPORT": "audit",
        "_AUDIT_TYPE_NAME": "USER_AUTH",
        "_AUDIT_ID": "77",
        "MESSAGE": "USER_AUTH pid=1 uid=0 msg='op=PAM:authentication res=success'",
    }
    assert read({"log": as_json(entry)}).rows("AuditLog_CL") == [
        {
            "TimeGenerated": MADE,
            "Computer": "web01",
            "RawData": "type=USER_AUTH msg=audit(1772355900.000:77): pid=1 uid=0"
            " msg='op=PAM:authentication res=success'",
            "Type": "AuditLog_CL",
            "_ItemId": "log:1",
        }
    ]


def test_a_nul_by_its_number(read: Callable[..., Read]) -> None:
    row = read({"log": as_json(ENTRY | {"MESSAGE": "a\0b"})}).rows("Syslog", "SyslogMessage")
    assert row == [{"SyslogMessage": "a\\x00b"}]


def test_a_field_with_several_values_gives_the_first(read: Callable[..., Read]) -> None:
    row = read({"log": as_json(ENTRY | {"_COMM": ["a", "b"], "SYSLOG_IDENTIFIER": ["c", [100]]})})
    assert row.rows("Syslog", "ProcessName") == [{"ProcessName": "c"}]
    assert row.rows("LinuxJournal_CL", "_COMM") == [{"_COMM": "a"}]


@pytest.mark.parametrize("chunk", [1 << 25, 64], ids=["whole", "chunks"])
def test_export_is_counted_in_lines(
    read: Callable[..., Read], monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr("linuxhunt.evidence.export_format.CHUNK", chunk)
    small = {k: ENTRY[k] for k in ("__REALTIME_TIMESTAMP", "_HOSTNAME", "_COMM")}
    content = (
        as_export(small | {"MESSAGE": "one"})
        + as_export(small | {"MESSAGE": b"two\n\nx=y\nand more"})
        + as_export({"MESSAGE": "no time"})
        + as_export(small | {"MESSAGE": "four"})
        + b"__REALTIME_TIMESTAMP=1772355900000005\nMESSAGE\n\x20\0\0\0\0\0\0\0cut off"
    )
    result = read({"log": content})
    assert result.rows("Syslog", "SyslogMessage", "_ItemId") == [
        {"SyslogMessage": "one", "_ItemId": "log:1"},
        {"SyslogMessage": "two\n\nx=y\nand more", "_ItemId": "log:6"},
        {"SyslogMessage": "four", "_ItemId": "log:17"},
    ]
    assert [(r["LineNumber"], r["Reason"]) for r in result.rows("LinuxReject_CL")] == [
        (15, "no __REALTIME_TIMESTAMP in it"),
        (22, "a binary field is not as long as it says, or ends early"),
    ]
    lines = content.count(b"\n") + 1
    assert result.counts() == [("log", "journal-export", lines, 3, lines - 5, 2)]
    assert rebuild(result.con, "log") == content
    assert raw(result.con, ["log:6"])["log:6"].count(b"two") == 1


def fake_journalctl(folder: Path, script: str) -> None:
    program = folder / "journalctl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_binary_journal_by_journalctl(
    read: Callable[..., Read], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").write_bytes(as_export(ENTRY) + as_export(ENTRY | {"MESSAGE": b"a\nb"}))
    fake_journalctl(tmp_path, f'cat {tmp_path}/out; echo "cannot read $2" >&2; exit 1')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    result = read({"system.journal": b"LPKSHHRH" + bytes(300)})
    assert result.rows("Syslog", "SyslogMessage", "_ItemId") == [
        {"SyslogMessage": "Accepted password for mara", "_ItemId": "system.journal:1"},
        {"SyslogMessage": "a\nb", "_ItemId": "system.journal:2"},
    ]
    assert result.counts() == [("system.journal", "journal", 2, 2, 0, 0)]
    assert result.account.files.loc[0, "Error"] == "journalctl: cannot read system.journal"
    with pytest.raises(EvidenceError, match="not kept in the case"):
        rebuild(result.con, "system.journal")


def test_binary_journal_without_journalctl(
    read: Callable[..., Read], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    files = {"a.log": b"Mar  1 09:05:00 web01 a: x\n", "system.journal": b"LPKSHHRH" + bytes(300)}
    result = read(files)
    assert result.account.files.loc[1, "Error"] == (
        "a binary journal needs journalctl, which is not installed here: export it where it is"
        " (journalctl --file ... -o export) and give that file"
    )
    assert len(result.rows("Syslog")) == 1
