"""Records of many files are written together: each file must fare as it does alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from linuxhunt.evidence import Account, ingest, lines, pending, rebuild
from linuxhunt.schema import TABLES
from tests.evidence.conftest import Read, lay

NAMES = "TimeGenerated,Computer,Facility,SyslogMessage,Type"
TUPLE = "1772366400,192.0.2.1,198.51.100.2,50000,{port},T,I,A"
FLOWS = (
    '{{"records":[{{"time":"2026-03-01T12:00:00Z","category":"NetworkSecurityGroupFlowEvent",'
    '"resourceId":"/GROUPS/{group}","properties":{{"Version":1,"flows":[{{"rule":"r","flows":'
    '[{{"mac":"000D3A000001","flowTuples":["{tuple}"]}}]}}]}}}}]}}'
)
FILES = {
    "a/auth.log": b"Mar  1 09:05:00 web01 sshd[811]: one\n"
    b"Mar  1 09:05:01 web01 last message repeated 3 times\n"
    b"Mar  1 09:05:02 web02 last message repeated 2 times\n",
    "a/auth.log.1": b"no stamp\nMar  1 09:05:00 web02 last message repeated 3 times\r\n"
    b"<13>Mar  1 09:05:01 web02 cron[7]: two\r\n\tlines\r\nMar  1 09:05:02 :root: bare\n",
    "a/audit.log": b"type=LOGIN msg=audit(1772366400.001:7): pid=1\nno record\n"
    b"node=web03 type=LOGIN msg=audit(1772366400.002:8): pid=2\r\n",
    "flows/1.json": FLOWS.format(group="web", tuple=TUPLE.format(port=443)).encode(),
    "flows/2.json": FLOWS.format(group="db", tuple=f"{TUPLE.format(port=22)}\",\"{TUPLE.format(port='x')}"
    ).encode(),
    "export/day_first.csv": f"{NAMES}\n13/3/2026 16:08,w,auth,x,Syslog\n"
    "1/3/2026 16:08,w,auth,y,Syslog\n".encode(),
    "export/month_first.csv": f"{NAMES}\n3/13/2026 16:08,w,auth,x,Syslog\n"
    "1/3/2026 16:08,v,auth,y,Syslog\nnever,v,auth,z,Syslog\n".encode(),
    "export/types.csv": f"{NAMES}\n2026-03-13 16:08,w,,,Heartbeat\n"
    "2026-03-13 16:08,w,auth,x,Syslog\n2026-03-13 16:08,w,auth,x,Nothing\n".encode(),
    "export/early.csv": f"{NAMES}\n0026-03-13 16:08:00,w,auth,x,Syslog\n"
    "2026-03-13 16:08:00,w,auth,y,Syslog\n9999-12-31 00:00:00,w,auth,z,Syslog\n".encode(),
    "json/nul.jsonl": b'{"TimeGenerated":"2026-03-01T00:00:00Z","Computer":"a\\u0000b",'
    b'"SyslogMessage":"x","Facility":"auth"}\nnone\n',
    "json/more.jsonl": b'{"TimeGenerated":"2026-03-01T00:00:00Z","Computer":"ab",'
    b'"SyslogMessage":"x","Facility":"auth","Other":1}\n',
}  # fmt: skip
TOLD = [name for name in TABLES["LinuxEvidence_CL"] if name != "TimeGenerated"]


def said(case: Path, account: Account) -> tuple[Any, ...]:
    """Every row of every table, the account, and the bytes of the files."""
    with duckdb.connect(str(case), read_only=True) as con:
        tables = {
            table: sorted(map(str, con.execute(f'FROM main."{table}"').fetchall()))
            for table in TABLES
            if table != "LinuxEvidence_CL"
        }
        prefixes = [p for (p,) in con.execute("SELECT prefix FROM evidence.files").fetchall()]
        content = {prefix: rebuild(con, prefix) for prefix in prefixes}
    return tables, account.files[TOLD].astype(str).to_dict("records"), content


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    """What :func:`said` tells of cases of one file each, put together."""
    tables: dict[str, list[str]] = {table: [] for table in TABLES if table != "LinuxEvidence_CL"}
    account: list[Any] = []
    content: dict[str, bytes] = {}
    folder = tmp_path_factory.mktemp("alone")
    for number, name in enumerate(sorted(FILES)):
        case = folder / f"{number}.duckdb"
        told = said(case, ingest([lay(folder / str(number), {name: FILES[name]})], case))
        for table, rows in told[0].items():
            tables[table] += rows
        account += told[1]
        content |= told[2]
    return {table: sorted(rows) for table, rows in tables.items()}, account, content


@pytest.mark.parametrize(
    ("enough", "chunk"),
    [
        pytest.param(16 << 20, 1 << 20, id="all at once"),
        pytest.param(0, 1 << 20, id="each on its own"),
        pytest.param(300, 1 << 20, id="a few at a time"),
        pytest.param(16 << 20, 60, id="all at once, in small chunks"),
    ],
)
def test_together_as_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    alone: tuple[Any, ...],
    enough: int,
    chunk: int,
) -> None:
    monkeypatch.setattr(pending, "_ENOUGH", enough)
    monkeypatch.setattr(lines, "CHUNK", chunk)
    case = tmp_path / "case.duckdb"
    found = said(case, ingest([lay(tmp_path / "evidence", FILES)], case))
    assert found == alone
    assert found[2] == FILES


def test_times_that_frames_cannot_hold(read: Callable[..., Read]) -> None:
    result = read({"x.csv": FILES["export/early.csv"]})
    assert [row["SyslogMessage"] for row in result.rows("Syslog")] == ["y"]
    assert [(r["LineNumber"], r["Reason"]) for r in result.rows("LinuxReject_CL")] == [
        (2, "TimeGenerated: 0026-03-13 16:08:00 is no datetime"),
        (4, "TimeGenerated: 9999-12-31 00:00:00 is no datetime"),
    ]
    assert result.counts() == [("x.csv", "csv", 4, 1, 1, 2)]
