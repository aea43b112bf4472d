from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from linuxhunt.evidence import ingest, raw, rebuild

from .conftest import Read, lay

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


ODD = [
    pytest.param(f"{RAW}\n{RAW}\n".encode(), [], id="whole-in-RawData"),
    pytest.param(f"{RAW}\r\n{RAW}\n".encode(), [(1, f"{RAW}\r\n".encode())], id="crlf"),
    pytest.param(f"{RAW}\n{RAW}".encode(), [(2, RAW.encode())], id="no-line-end"),
    pytest.param(f"{RAW}\n{RAW}\r".encode(), [(2, f"{RAW}\r".encode())], id="ends-in-cr"),
    pytest.param(f"{RAW}\nx\n{RAW}\n".encode(), [(2, b"x\n")], id="reject"),
    pytest.param(f"{RAW} a\0\n{RAW}\n".encode(), [(1, f"{RAW} a\0\n".encode())], id="nul"),
    pytest.param(f"{RAW} \\x00\n{RAW}\0\n".encode(), [(2, f"{RAW}\0\n".encode())], id="as-escaped"),
    pytest.param(
        b"\0\0\0" + RAW.encode() + b"\xff\n" + RAW.encode() + b"\n",
        [(1, b"\0\0\0" + RAW.encode() + b"\xff\n")],
        id="as-long-as-its-text",
    ),
    pytest.param(f"{RAW} caf\u00e9 \u2028\n{RAW}\n".encode(), [], id="not-ascii"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "kept"), ODD)
def test_only_lines_that_no_row_tells_are_kept_beside(
    read: Callable[..., Read], content: bytes, kept: list[tuple[int, bytes]]
) -> None:
    result = read({"audit.log": content})
    found = result.con.execute("SELECT line, bytes FROM evidence.lines ORDER BY line").fetchall()
    assert found == kept
    lines = [line for line in re.split(rb"(?<=\n)", content) if line]
    ids = [f"audit.log:{number}" for number in range(1, len(lines) + 1)]
    assert raw(result.con, ids) == dict(zip(ids, lines, strict=True))
    assert rebuild(result.con, "audit.log") == content


def test_utf_16(read: Callable[..., Read]) -> None:
    content = f"\ufeff{RAW}\n{RAW}\n".encode("utf-16-le")
    assert rebuild(read({"audit.log": content}).con, "audit.log") == content


def test_a_path_that_goes_on_as_a_record_id_does(read: Callable[..., Read]) -> None:
    files = {"a": f"{RAW} 1\n".encode(), "a:1": f"{RAW} 2\n{RAW} 3\n".encode()}
    con = read(files).con
    assert {path: rebuild(con, path) for path in files} == files
    assert raw(con, ["a:1", "a:1:2"]) == {
        "a:1": f"{RAW} 1\n".encode(),
        "a:1:2": f"{RAW} 3\n".encode(),
    }


def test_a_case_that_keeps_all_lines(tmp_path: Path) -> None:
    """As versions made it that kept the bytes of every line, and as it is added to today."""
    case = tmp_path / "case.duckdb"
    content, later = f"{RAW}\n{RAW} 2\n".encode(), f"{RAW} 3\n".encode()
    ingest([lay(tmp_path / "a", {"audit.log": content})], case)
    with duckdb.connect(str(case)) as con:
        con.execute("ALTER TABLE evidence.files DROP COLUMN told")
        con.execute("INSERT INTO evidence.lines SELECT 1, 1, encode(?)", [f"{RAW}\n"])
        con.execute("INSERT INTO evidence.lines SELECT 1, 2, encode(?)", [f"{RAW} 2\n"])
    assert rebuild(case, "audit.log") == content
    assert raw(case, ["audit.log:2"]) == {"audit.log:2": f"{RAW} 2\n".encode()}
    ingest([lay(tmp_path / "b", {"more.log": later})], case)
    assert (rebuild(case, "audit.log"), rebuild(case, "more.log")) == (content, later)
    ids = ["audit.log:1", "more.log:1"]
    assert raw(case, ids) == {"audit.log:1": f"{RAW}\n".encode(), "more.log:1": later}
