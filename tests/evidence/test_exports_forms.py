"""Exports as tools on other machines write them: APIs, PowerShell, spreadsheets, the portal."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from linuxhunt.errors import EvidenceError
from linuxhunt.evidence import raw, rebuild

from .conftest import Read

NAMES = ("TimeGenerated", "Computer", "Facility", "SyslogMessage", "ProcessID", "ProcessName")
AT = "2026-03-12T16:05:06.789Z"
SAID = 'said "no" [}, then\nleft'
VALUES: list[Any] = [AT, "web01", "auth", SAID, 811, "sshd"]
OBJECT = dict(zip(NAMES, VALUES, strict=True))
ROW = OBJECT | {"TimeGenerated": datetime(2026, 3, 12, 16, 5, 6, 789000), "Type": "Syslog"}
API = [{"name": name, "type": "string"} for name in NAMES]
KUSTO = [{"ColumnName": name, "DataType": "String", "ColumnType": "string"} for name in NAMES]
MARK = b"\xef\xbb\xbf"


def api(columns: list[Any], rows: list[Any], **more: Any) -> dict[str, Any]:
    return {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": rows}], **more}


V1 = {"Tables": [
    {"TableName": "Table_0", "Columns": KUSTO, "Rows": [VALUES, VALUES]},
    {"TableName": "Table_1", "Columns": [{"ColumnName": "Value"}], "Rows": [["[{}]"]]},
]}  # fmt: skip
V2 = [
    {"FrameType": "DataSetHeader", "IsProgressive": False, "Version": "v2.0"},
    {"FrameType": "DataTable", "TableId": 0, "TableKind": "QueryProperties",
     "Columns": [{"ColumnName": "TableId", "ColumnType": "int"}], "Rows": [[1], [2]]},
    {"FrameType": "DataTable", "TableId": 1, "TableKind": "PrimaryResult", "TableName": "Syslog",
     "Columns": KUSTO, "Rows": [VALUES, VALUES]},
    {"FrameType": "DataSetCompletion", "HasErrors": False, "Cancelled": False},
]  # fmt: skip
DATED = json.dumps([OBJECT | {"TimeGenerated": "/Date(1773331506789)/"}] * 2, indent=4)
ANSWERS = [
    pytest.param(json.dumps(api(API, [VALUES] * 2)), "json-answer", None, id="Log Analytics"),
    pytest.param(json.dumps(api(API, [VALUES] * 2), indent=1), "json-answer", None,
                 id="az rest lays it out"),
    pytest.param(json.dumps(V1), "json-answer", None, id="Kusto, version 1"),
    pytest.param(json.dumps(V2), "json-answer", None, id="Kusto, version 2"),
    pytest.param(json.dumps([*V2[:3], V2[3] | {"HasErrors": True}]), "json-answer",
                 "the engine says that this answer is partial", id="Kusto, with errors"),
    pytest.param(json.dumps(api(API, [VALUES] * 2, error={"code": "PartialError"})), "json-answer",
                 "the engine says that this answer is partial", id="Log Analytics, partial"),
    pytest.param(json.dumps([OBJECT | {"ProcessID": "811", "TableName": "PrimaryResult"}] * 2),
                 "json", "Syslog has no column TableName", id="az monitor log-analytics query"),
    pytest.param(json.dumps({"Count": 2, "value": [OBJECT] * 2}, indent=4).replace("\n", "\r\n"),
                 "json-answer", None, id="PowerShell wraps an array"),
    pytest.param(DATED.replace("/", "\\/"), "json", None, id="dates of PowerShell"),
    pytest.param("\n".join([json.dumps(OBJECT, indent=2)] * 2), "json", None, id="jq lays it out"),
    pytest.param("\n".join([json.dumps(OBJECT)] * 2), "jsonl", None, id="lines"),
    pytest.param("\n".join([json.dumps({k.upper(): v for k, v in OBJECT.items()})] * 2), "jsonl",
                 None, id="names in capitals"),
]  # fmt: skip


@pytest.mark.parametrize("mark", [pytest.param(b"", id="plain"), pytest.param(MARK, id="marked")])
@pytest.mark.parametrize(("text", "format_", "note"), ANSWERS)
def test_json(
    read: Callable[..., Read], text: str, format_: str, note: str | None, mark: bytes
) -> None:
    content = mark + text.encode()
    result = read({"x": content})
    assert result.rows("Syslog") == [ROW | {"_ItemId": f"x:{number}"} for number in (1, 2)]
    assert result.counts() == [("x", format_, 2, 2, 0, 0)]
    assert result.account.files.loc[0, "Assumptions"] == note or note is None
    assert rebuild(result.con, "x") == content
    assert raw(result.con, ["x:2"])["x:2"].count(b"sshd") == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
@pytest.mark.parametrize("text", [json.dumps([OBJECT] * 2), json.dumps(api(API, [VALUES] * 2))])
def test_json_of_windows(read: Callable[..., Read], text: str, encoding: str) -> None:
    result = read({"x": text.encode(encoding)})
    assert result.rows("Syslog") == [ROW | {"_ItemId": f"x:{number}"} for number in (1, 2)]


def test_rows_of_an_answer_that_do_not_fit(read: Callable[..., Read]) -> None:
    rows = [VALUES, VALUES[:3], ["yesterday", *VALUES[1:]], [None] * 6]
    result = read({"x": json.dumps(api(API, rows)).encode()})
    assert [row["_ItemId"] for row in result.rows("Syslog")] == ["x:1", "x:4"]
    assert [(r["LineNumber"], r["Reason"]) for r in result.rows("LinuxReject_CL")] == [
        (2, "not 6 values"),
        (3, "TimeGenerated: yesterday is no datetime"),
    ]
    assert result.counts() == [("x", "json-answer", 4, 2, 0, 2)]


def test_an_answer_that_ends_early(read: Callable[..., Read]) -> None:
    content = json.dumps(api(API, [VALUES] * 3)).encode()[:-30]
    result = read({"x": content})
    assert [row["_ItemId"] for row in result.rows("Syslog")] == ["x:1", "x:2"]
    assert rebuild(result.con, "x") == content


def record(at: str, mark: str = ",") -> str:
    return mark.join(f'"{value}"' for value in [at, "web01", "auth", "said; no,\r\nleft", 811,
                                                "sshd"])  # fmt: skip


def export(at: str, mark: str = ",", *names: str) -> str:
    return mark.join(names or NAMES) + "\r\n" + record(at, mark) + "\r\n"


MONTHS = "times like 7/8/2019 16:08 have the month first, and are UTC"
SECOND, MINUTE = datetime(2026, 3, 12, 16, 5, 6), datetime(2026, 3, 12, 16, 5)
SHARP = datetime(2026, 3, 12, 16, 5, 6, 789000)
TYPE = "#TYPE Selected.System.Management.Automation.PSCustomObject\r\n"
TABLES = [
    pytest.param(export(AT), SHARP, 2, None, id="plain"),
    pytest.param(export(AT, ";"), SHARP, 2, None, id="semicolons"),
    pytest.param("sep=;\r\n" + export(AT, ";"), SHARP, 3, None, id="Excel says what separates"),
    pytest.param(TYPE + export("3/12/2026 4:05:06 PM"), SECOND, 3, MONTHS, id="PowerShell"),
    pytest.param(export("3/12/2026 16:05", "\t"), MINUTE, 2, MONTHS, id="Excel's Unicode text"),
    pytest.param(export("3/12/2026, 4:05:06.789 PM", ",", "TimeGenerated [UTC]", *NAMES[1:]),
                 SHARP, 2, MONTHS, id="the portal"),
    pytest.param(export("2026-03-12T16:05:06.789", ",", "TimeGenerated [Local Time]", *NAMES[1:]),
                 SHARP, 2, "times in [Local Time] of who exported them are taken as UTC",
                 id="the portal, set to local time"),
    pytest.param(export("12.3.2026, 16:05:06,789", ";"), SHARP, 2, None, id="a German portal"),
    pytest.param(export("2026-03-12 16:05:06.7890000"), SHARP, 2, None, id="Kusto Explorer"),
    pytest.param(export(AT, ",", *(name.lower() for name in NAMES)), SHARP, 2, None,
                 id="names in lower case"),
]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(("text", "time", "line", "note"), TABLES)
def test_csv(
    read: Callable[..., Read], text: str, time: datetime, line: int, note: str | None,
    encoding: str,
) -> None:  # fmt: skip
    result = read({"x.csv": text.encode(encoding)})
    assert result.rows("Syslog") == [
        ROW
        | {"TimeGenerated": time, "SyslogMessage": "said; no,\r\nleft", "_ItemId": f"x.csv:{line}"}
    ]
    assert result.counts() == [("x.csv", "csv", line + 1, 1, line, 0)]
    assumed = result.account.files.loc[0, "Assumptions"]
    assert (assumed if isinstance(assumed, str) else None) == note
    if encoding != "utf-16":
        assert rebuild(result.con, "x.csv") == text.encode(encoding)


DAYS = [
    pytest.param(["13/03/2026, 16:05:06.789", "12/03/2026, 16:05:06.789"], [13, 12],
                 "times like 13/3/2026 16:08 have the day first, and are UTC", id="day first"),
    pytest.param(["03/13/2026, 16:05:06.789", "03/12/2026, 16:05:06.789"], [13, 12], MONTHS,
                 id="month first"),
    pytest.param(["03/03/2026 16:05:06", "03/12/2026 16:05:06"], [3, 12], MONTHS,
                 id="either: month first, and that is said"),
]  # fmt: skip


@pytest.mark.parametrize(("times", "days", "note"), DAYS)
def test_which_comes_first(
    read: Callable[..., Read], times: list[str], days: list[int], note: str
) -> None:
    text = ",".join(NAMES) + "\n" + "\n".join(record(at) for at in times)
    result = read({"x.csv": text.encode()})
    stamps = [row["TimeGenerated"] for row in result.rows("Syslog")]
    assert [(stamp.month, stamp.day) for stamp in stamps] == [(3, day) for day in days]
    assert result.account.files.loc[0, "Assumptions"] == note


LOG = "Mar 12 10:00:00 web sshd[5]: Accepted password for eve from 203.0.113.5 port 22 ssh2\n"
REFUSED = [
    pytest.param(
        b"TimeGenerated                 Computer    SyslogMessage    TableName\n"
        b"----------------------------  ----------  ---------------  -------------\n"
        b"2026-03-12T16:05:06.789Z      web01       Accepted         PrimaryResult\n",
        "a table laid out for people: have az print it with -o json", id="az -o table"),
    pytest.param((LOG * 3).replace("\n", "\r").encode(),
                 "lines end in CR alone, as old Macs have it: make them LF", id="CR alone"),
    pytest.param((LOG * 3).encode("utf-16-le"), "UTF-16 without its mark: convert it to UTF-8",
                 id="UTF-16 without a mark"),
    pytest.param((LOG * 3).encode("utf-16") + b"x",
                 "UTF-16 that ends inside a character, or is damaged", id="UTF-16, cut"),
    pytest.param(json.dumps(api([{"name": "count_"}], [[7]])).encode(),
                 "an answer of a query, but its columns are those of no table known here",
                 id="an answer that counts"),
    pytest.param(json.dumps(api([], [])).encode(), "an answer of a query, but its columns are"
                 " those of no table known here", id="an answer without columns"),
    pytest.param(b'{"tables": []}', "an answer of a query, but it has no rows", id="no tables"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "reason"), REFUSED)
def test_what_is_not_read_says_why(read: Callable[..., Read], content: bytes, reason: str) -> None:
    with pytest.raises(EvidenceError, match=reason.replace("(", r"\(")):
        read({"x": content})


def test_a_log_behind_many_nuls(read: Callable[..., Read]) -> None:
    content = bytes(300_000) + LOG.encode() * 2
    result = read({"auth.log": content}, year=2026)
    assert result.counts() == [("auth.log", "rfc3164", 2, 2, 0, 0)]
    assert rebuild(result.con, "auth.log") == content
