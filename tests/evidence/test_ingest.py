from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from linuxhunt.errors import EvidenceError, LinuxHuntError, SourceError
from linuxhunt.evidence import Progress, ingest, raw, rebuild
from linuxhunt.schema import DUCKDB_TYPES, TABLES

from .conftest import Read, lay

LOG = b"Mar  1 09:05:00 web01 a: one\nMar  1 09:05:01 web01 a: two\n"
OTHER = b"Mar  1 09:05:02 web01 a: three\n"


def dump(case: Path) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(case), read_only=True) as con:
        tables = [
            f'{schema}."{name}"'
            for schema, name in con.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL"
            ).fetchall()
        ]
        return {name: con.execute(f"SELECT * FROM {name}").fetchall() for name in tables}


def test_case_has_every_table_and_column(read: Callable[..., Read]) -> None:
    result = read({"log": LOG})
    found: dict[str, dict[str, str]] = {}
    for table, column, type_ in result.con.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'main'"
        " AND NOT internal"
        " ORDER BY table_name, column_index"
    ).fetchall():
        found.setdefault(table, {})[column] = type_
    assert found == {
        table: {name: DUCKDB_TYPES[kind] for name, kind in columns.items()}
        for table, columns in TABLES.items()
    }


def test_account(read: Callable[..., Read]) -> None:
    result = read({"log": LOG})
    row = result.account.files.iloc[0].drop("TimeGenerated")
    assert row[row.notna()].to_dict() == {
        "Computer": "web01",
        "FilePath": "log",
        "SHA256": hashlib.sha256(LOG).hexdigest(),
        "FileSize": 58,
        "Format": "rfc3164",
        "TargetTable": "Syslog",
        "LinesRead": 2,
        "RowsWritten": 2,
        "LinesJoined": 0,
        "LinesRejected": 0,
        "FirstTime": pd.Timestamp("2026-03-01 09:05:00", tz="UTC"),
        "LastTime": pd.Timestamp("2026-03-01 09:05:01", tz="UTC"),
        "TimeZone": "UTC, for want of any other",
        "Assumptions": "year 2026 from its modification time 2026-03-01;"
        " zone UTC, for want of any other",
        "Type": "LinuxEvidence_CL",
        "_ItemId": "log:0",
    }
    kept = result.con.sql("FROM LinuxEvidence_CL").df()
    assert kept["SHA256"].tolist() == result.account.files["SHA256"].tolist()
    lines = result.account.lines()
    assert lines[0].split() == [
        *("file", "format", "lines", "rows", "joined", "rejected", "first", "last", "notes")
    ]
    assert lines[1].split()[:6] == ["log", "rfc3164", "2", "2", "0", "0"]
    assert lines[2].startswith("1 files, 0.0 MB: 2 lines = 2 rows + 0 joined + 0 rejected, ")
    assert str(result.account) == "\n".join(lines)


def test_account_cannot_steer_a_terminal(read: Callable[..., Read]) -> None:
    text = str(read({"a\x1b[2J\nb": LOG}).account)
    assert "\x1b" not in text
    assert "a\\x1b[2J\\nb" in text


def test_twice_adds_nothing(tmp_path: Path) -> None:
    root, case = lay(tmp_path / "e", {"log": LOG, "note": b"hello\n", "void": b""}), tmp_path / "c"
    ingest([root], case)
    before = dump(case)
    again = ingest([root], case)
    assert dump(case) == before
    assert again.files[["FilePath", "RowsWritten", "Assumptions"]].values.tolist() == [
        ["log", 0, "in the case already: nothing added"],
        ["note", 0, "in the case already: nothing added"],
        ["void", 0, "in the case already: nothing added"],
    ]


def test_another_file_of_the_same_path(tmp_path: Path) -> None:
    case = tmp_path / "c"
    ingest([lay(tmp_path / "a", {"log": LOG}), lay(tmp_path / "b", {"log": OTHER})], case)
    other = f"log#{hashlib.sha256(OTHER).hexdigest()[:8]}"
    ids = ["log:1", "log:2", f"{other}:1", "log:7", "nothing", "log:x", "log:1"]
    assert raw(case, ids) == {"log:1": LOG[:29], "log:2": LOG[29:], f"{other}:1": OTHER}
    assert (rebuild(case, "log"), rebuild(case, other)) == (LOG, OTHER)
    with duckdb.connect(str(case), read_only=True) as con:
        rows = con.execute("SELECT _ItemId, SyslogMessage FROM Syslog ORDER BY ALL").fetchall()
    assert rows == [(f"{other}:1", "three"), ("log:1", "one"), ("log:2", "two")]
    with pytest.raises(EvidenceError, match="holds no file 'nothing'"):
        rebuild(case, "nothing")


def test_case_may_lie_among_its_evidence(tmp_path: Path) -> None:
    root = lay(tmp_path, {"log": LOG})
    ingest([root], root / "case.duckdb")
    assert ingest([root], root / "case.duckdb").files["FilePath"].tolist() == ["log"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param({}, "no files in it, so there is no evidence to read", id="empty-folder"),
        pytest.param({"x": bytes(range(256)) * 9},
                     "a binary file of no kind known here", id="binary"),
        pytest.param({"x": b"", "y": b"hello"},
                     "none of 2 files could be read, e.g. y: text of no format known here",
                     id="nothing"),
        pytest.param({"x": b"Feb 30 09:05:00 web01 a: x\n"}, "no line of it was understood",
                     id="rejected-all"),
    ],
)  # fmt: skip
def test_nothing_to_read(tmp_path: Path, files: dict[str, bytes], message: str) -> None:
    (tmp_path / "e").mkdir()
    root, case = lay(tmp_path / "e", files), tmp_path / "case.duckdb"
    with pytest.raises(EvidenceError) as error:
        ingest([root], case)
    assert str(error.value) == f"{root}: {message}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e"]


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("missing", SourceError, "does not exist"),
        ("pipe", SourceError, "is neither a file nor a folder"),
    ],
)
def test_no_such_source(
    tmp_path: Path, name: str, kind: type[LinuxHuntError], message: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(kind, match=message):
        ingest([tmp_path / name], tmp_path / "case.duckdb")
    assert not (tmp_path / "case.duckdb").exists()


def test_a_case_that_is_none_is_left_alone(tmp_path: Path) -> None:
    case = tmp_path / "case.duckdb"
    case.write_bytes(b"hello" * 1000)
    with pytest.raises(EvidenceError, match=r"case\.duckdb"):
        ingest([lay(tmp_path / "e", {"log": LOG})], case)
    assert case.read_bytes() == b"hello" * 1000


def test_a_failure_leaves_the_case_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = tmp_path / "case.duckdb"
    ingest([lay(tmp_path / "a", {"log": LOG})], case)
    before = dump(case)

    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    for target in (case, tmp_path / "new.duckdb"):
        with pytest.raises(KeyboardInterrupt):
            ingest([lay(tmp_path / "b", {"log": OTHER})], target, progress=stop)
    assert dump(case) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "case.duckdb"]


def test_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linuxhunt.evidence.lines.CHUNK", 50)
    told: list[Progress] = []
    ingest([lay(tmp_path / "e", {"a": LOG, "b": LOG})], tmp_path / "c", progress=told.append)
    assert [(p.path, p.done, p.size, p.lines, p.files) for p in told] == [
        ("a", 29, 58, 1, 0),
        ("a", 58, 58, 2, 0),
        ("b", 29, 58, 3, 1),
        ("b", 58, 58, 4, 1),
    ]
    assert all(p.rate > 0 and p.path in str(p) and "lines/s" in str(p) for p in told)
