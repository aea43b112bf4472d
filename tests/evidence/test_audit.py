from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from .conftest import Read

WHEN = datetime(2026, 3, 1, 9, 5, 0, 123_000)
RAW = "type=SYSCALL msg=audit(1772355900.123:77): arch=c000003e syscall=59 success=yes exit=0"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(RAW.encode(), {"TimeGenerated": WHEN, "RawData": RAW}, id="raw"),
        pytest.param(
            f'{RAW} uid=0\x1dUID="root"\r\n'.encode(),
            {"TimeGenerated": WHEN, "RawData": f'{RAW} uid=0\x1dUID="root"'},
            id="enriched",
        ),
        pytest.param(
            f"node=web01 {RAW}".encode(),
            {"TimeGenerated": WHEN, "Computer": "web01", "RawData": f"node=web01 {RAW}"},
            id="node",
        ),
        pytest.param(
            b"type=DAEMON_CONFIG msg=audit(1772355900.123:34) config changed, auid=0",
            {
                "TimeGenerated": WHEN,
                "RawData": "type=DAEMON_CONFIG msg=audit(1772355900.123:34) config changed, auid=0",
            },
            id="no-colon",
        ),
        pytest.param(
            RAW.encode() + b" name=\xff\0",
            {"TimeGenerated": WHEN, "RawData": f"{RAW} name=\\xff\\x00"},
            id="bytes",
        ),
    ],
)
def test_record(read: Callable[..., Read], line: bytes, expected: dict[str, Any]) -> None:
    result = read({"audit.log": line})
    assert result.rows("AuditLog_CL") == [
        {**expected, "Type": "AuditLog_CL", "_ItemId": "audit.log:1"}
    ]


def test_what_is_no_record_is_rejected(read: Callable[..., Read]) -> None:
    result = read(
        {
            "audit.log": f"{RAW}\n\ntype=PATH msg=audit(99999999999.1:1): x\n{RAW}\n".encode()
            + b"type=SYSCALL msg=audit(17723"
        }
    )
    assert result.counts() == [("audit.log", "audit", 5, 2, 0, 3)]
    assert [(r["LineNumber"], r["RawData"]) for r in result.rows("LinuxReject_CL")] == [
        (2, ""),
        (3, "type=PATH msg=audit(99999999999.1:1): x"),
        (5, "type=SYSCALL msg=audit(17723"),
    ]


@pytest.mark.parametrize(
    ("files", "options", "host", "assumed"),
    [
        pytest.param({}, {"hostname": "db01"}, "db01", "host db01 as given", id="given"),
        pytest.param(
            {"etc/hostname": b"web02\n"}, {}, "web02", "host web02 as in etc/hostname", id="etc"
        ),
        pytest.param(
            {"var/log/syslog": b"Mar  1 09:00:00 web03 a: x\n"},
            {},
            "web03",
            "host web03 as in the logs beside it",
            id="beside",
        ),
        pytest.param(
            {"a.log": b"Mar  1 09:00:00 web03 a: x\n", "b.log": b"Mar  1 09:00:00 web04 a: x\n"},
            {},
            None,
            None,
            id="several-hosts-beside",
        ),
        pytest.param(
            {"a.log": b"Mar  1 09:00:00 web03 a: x\nMar  1 09:00:00 WEB03.example.org a: x\n"},
            {},
            "WEB03.example.org",
            "host WEB03.example.org as in the logs beside it",
            id="one-host-by-two-names",
        ),
        pytest.param({}, {}, None, None, id="nothing-known"),
    ],
)
def test_host(
    read: Callable[..., Read],
    files: dict[str, bytes],
    options: dict[str, str],
    host: str | None,
    assumed: str | None,
) -> None:
    result = read({**files, "var/log/audit/audit.log": RAW.encode()}, **options)
    row = result.rows("AuditLog_CL")[0]
    said = result.account.files.set_index("FilePath").loc["var/log/audit/audit.log"]
    assert row.get("Computer") == host
    assert (said["Assumptions"] if isinstance(said["Assumptions"], str) else None) == assumed
