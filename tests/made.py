"""Cases, event frames and rows that tests make by hand, a few lines each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from linuxhunt.schema import DUCKDB_TYPES, TABLES, conform

Rows = Mapping[str, Iterable[Mapping[str, Any]]]


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC").as_unit("ns")


def make_case(path: Path, tables: Rows, facts: Iterable[tuple[str, str, str, str]] = ()) -> Path:
    """Write a case: every table of TABLES, the rows given, and the schema of raw bytes."""
    with duckdb.connect(str(path)) as con:
        for table, columns in TABLES.items():
            defined = ", ".join(
                f'"{name}" {DUCKDB_TYPES[kind]}{" DEFAULT false" if kind == "bool" else ""}'
                for name, kind in columns.items()
            )
            con.execute(f'CREATE TABLE main."{table}" ({defined})')
            for row in tables.get(table, ()):
                names = ", ".join(f'"{name}"' for name in row)
                places = ", ".join("?" * len(row))
                con.execute(f'INSERT INTO "{table}" ({names}) VALUES ({places})', [*row.values()])
        con.execute("CREATE SCHEMA evidence")
        con.execute("CREATE TABLE evidence.lines (file INTEGER, line BIGINT, bytes BLOB)")
        con.execute("INSERT INTO evidence.lines VALUES (1, 1, 'raw bytes'::BLOB)")
        con.execute("CREATE TABLE evidence.facts (root TEXT, fact TEXT, value TEXT, source TEXT)")
        con.executemany(
            "INSERT INTO evidence.facts VALUES (?, ?, ?, ?)", [*facts, ("-", "-", "-", "-")]
        )
    return path


def events(kind: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a frame of one kind of events; columns that a row does not name are null."""
    return conform(pd.DataFrame([dict(row) for row in rows]), kind)


def logon(
    time: str,
    result: str = "Success",
    user: str | None = "deploy",
    address: str | None = "203.0.113.9",
    **more: Any,
) -> dict[str, Any]:
    """Return one row of ``logons``; its record is named by its time and result."""
    return {
        "TimeGenerated": utc(time),
        "DvcHostname": "web01",
        "EventType": "Logon",
        "EventResult": result,
        "EventCount": 1,
        "TargetUsername": user,
        "SrcIpAddr": address,
        "LogonProtocol": "SSH",
        "LogonMethod": "Username & Password",
        "RecordIds": [f"{time[11:]} {result}"],
        **more,
    }
