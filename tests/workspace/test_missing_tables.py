"""A workspace that lacks a table, or a column of one: no query fails, and what lacks is said."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pandas.testing import assert_frame_equal

from linuxhunt.schema import TABLES
from linuxhunt.workspace import Workspace, catalogue
from tests.workspace.cloud import point_at, signed_in
from tests.workspace.endpoint import Endpoint, endpoint
from tests.workspace.small import read_columns
from tests.workspace.test_catalogue import values

SURE = ("TimeGenerated", "Computer")
CLOUD = sorted(n for n, query in catalogue().items() if "MSSentinel" in query.environments)
COUNTING = [n for n in CLOUD if not catalogue()[n].tables and "_Im_" not in catalogue()[n].template]
"""Queries that count the rows of whatever tables are there."""
READ = {
    table: columns
    for table, columns in read_columns().items()
    if any(table in catalogue()[name].tables for name in CLOUD)
}


@pytest.fixture(scope="module")
def served(case: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, ...]]:
    """Return an endpoint on a copy of the small case that can be changed under it."""
    folder = tmp_path_factory.mktemp("less")
    with endpoint(case, folder) as (service, bundle):
        copy = folder / "copy.duckdb"
        shutil.copyfile(case, copy)
        connection = duckdb.connect(str(copy))
        service.connection = connection
        yield service, bundle, connection
        connection.close()


@pytest.fixture
def changed(
    served: tuple[Endpoint, Path, duckdb.DuckDBPyConnection], monkeypatch: pytest.MonkeyPatch
) -> duckdb.DuckDBPyConnection:
    service, bundle, connection = served
    service.reset()
    point_at(service, bundle, monkeypatch)
    return connection


@pytest.fixture(scope="module")
def opened() -> list[Workspace]:
    """Hold the one workspace that the tests share, as msticpy takes a while to make one."""
    return []


@pytest.fixture
def held(changed: duckdb.DuckDBPyConnection, opened: list[Workspace]) -> Workspace:
    """Return the workspace, which has not been asked what it holds."""
    if not opened:
        opened.append(signed_in())
    vars(opened[0]).pop("held", None)
    return opened[0]


@pytest.mark.parametrize("table", sorted(READ))
def test_a_table_that_is_not_there(
    table: str, changed: duckdb.DuckDBPyConnection, held: Workspace
) -> None:
    names = [n for n in CLOUD if table in catalogue()[n].tables or n in COUNTING]
    changed.execute(f'ALTER TABLE "{table}" RENAME TO gone')
    try:
        answers = {name: held.run(name, **values(name, all_hosts=True)) for name in names}
        lacking = held.lacks
    finally:
        changed.execute(f'ALTER TABLE gone RENAME TO "{table}"')
    assert lacking.fillna("").to_dict("records") == [{"TableName": table, "ColumnName": ""}]
    for name, answer in answers.items():
        if table in catalogue()[name].tables:
            assert answer.rows.empty
            assert answer.completeness.missing == (f"there is no table {table}",)
            assert not answer.completeness.whole
        else:  # it counts what is there
            assert answer.completeness.whole
            assert len(answer.rows)


@pytest.mark.parametrize("table", sorted(READ))
def test_each_optional_column_that_is_not_there(
    table: str, without: Callable[[str, str], None], held: Workspace
) -> None:
    all_held = {name: frozenset(columns) for name, columns in TABLES.items()}
    for column in (name for name in READ[table] if name not in SURE):
        vars(held)["held"] = {**all_held, table: all_held[table] - {column}}
        without(table, column)
        for name in (n for n in CLOUD if column in catalogue()[n].tables.get(table, ())):
            answer = held.run(name, **values(name, all_hosts=True))
            assert answer.completeness.whole
            assert answer.completeness.lacks == (f"{table}.{column}",)
            assert len(answer.rows) == 0 or (
                f", without {table}.{column}" in str(answer.completeness)
            )
            assert list(answer.rows.columns) == list(catalogue()[name].columns)


@pytest.fixture
def without(
    case: Path, held: Workspace, served: tuple[Endpoint, Path, duckdb.DuckDBPyConnection]
) -> Iterator[Callable[[str, str], None]]:
    """Return a function that leaves the endpoint one table of the case, but for a column."""
    service, _, everything = served

    def leave(table: str, column: str) -> None:
        connection = duckdb.connect()  # a new one, as duckdb-kql remembers a table's columns
        connection.execute(f"ATTACH '{case}' AS whole (READ_ONLY)")
        connection.execute(
            f'CREATE TABLE "{table}" AS SELECT * EXCLUDE ("{column}") FROM whole.main."{table}"'
        )
        connection.execute("DETACH whole")
        service.connection = connection

    yield leave
    service.connection = everything


def test_what_columns_are_lacking_is_found_out(
    changed: duckdb.DuckDBPyConnection, held: Workspace
) -> None:
    changed.execute('ALTER TABLE "Syslog" RENAME COLUMN "HostIP" TO gone')
    try:
        lacking = held.lacks
    finally:
        changed.execute('ALTER TABLE "Syslog" RENAME COLUMN gone TO "HostIP"')
    assert lacking.to_dict("records") == [{"TableName": "Syslog", "ColumnName": "HostIP"}]


def test_a_custom_table_without_a_computer_is_known_by_its_resource(
    changed: duckdb.DuckDBPyConnection, held: Workspace
) -> None:
    changed.execute('ALTER TABLE "AuditLog_CL" RENAME COLUMN "Computer" TO gone')
    changed.execute(
        "UPDATE \"AuditLog_CL\" SET _ResourceId = '/subscriptions/x/virtualmachines/web'"
    )
    try:
        rows = held.run("audit_lines", **values("audit_lines", hosts=["WEB"])).rows
    finally:
        changed.execute('ALTER TABLE "AuditLog_CL" RENAME COLUMN gone TO "Computer"')
        changed.execute('UPDATE "AuditLog_CL" SET _ResourceId = NULL')
    assert rows["Computer"].tolist() == ["web"] * 12


def test_a_custom_table_of_another_name(
    changed: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    stated = {"LinuxHunt": {"AuditTable": "MyAudit_CL"}}
    monkeypatch.setattr(
        "linuxhunt.workspace.config.get_config", lambda name, default: stated.get(name, default)
    )
    changed.execute('ALTER TABLE "AuditLog_CL" RENAME TO "MyAudit_CL"')
    try:
        workspace = signed_in()
        rows = workspace.run("audit_lines", **values("audit_lines", hosts=["WEB"])).rows
        own = workspace.provider.LinuxHunt.audit_lines(**values("audit_lines", hosts=["WEB"]))
        lacking = workspace.lacks
    finally:
        changed.execute('ALTER TABLE "MyAudit_CL" RENAME TO "AuditLog_CL"')
    names = [f"{spelt}:{word}" for spelt in ("web", "WEB") for word in ("first", "inside", "last")]
    assert sorted(rows["_ItemId"]) == sorted(own["_ItemId"]) == sorted(names)
    assert lacking.empty


def test_a_workspace_with_no_table_at_all(
    changed: duckdb.DuckDBPyConnection, held: Workspace
) -> None:
    for table in TABLES:
        changed.execute(f'ALTER TABLE "{table}" RENAME TO "gone{table}"')
    try:
        answers = [held.run(name, **values(name, all_hosts=True)) for name in CLOUD]
        assert sorted(held.lacks["TableName"]) == sorted(READ)
    finally:
        for table in TABLES:
            changed.execute(f'ALTER TABLE "gone{table}" RENAME TO "{table}"')
    assert all(answer.rows.empty for answer in answers)


def test_what_is_lacking_is_asked_once(held: Workspace, served: tuple[Endpoint, Path, Any]) -> None:
    served[0].asked.clear()
    vars(held).pop("held", None)
    for _ in range(2):
        held.run("heartbeat", **values("heartbeat", all_hosts=True))
    assert [kql.count("getschema") > 0 for kql in served[0].asked] == [True, False, False]


def test_a_workspace_that_does_not_tell_is_asked_all_the_same(
    held: Workspace, served: tuple[Endpoint, Path, Any], workspace: Workspace
) -> None:
    served[0].plan = lambda kql: "503" if "getschema" in kql else None
    answer = held.run("heartbeat", **values("heartbeat", all_hosts=True))
    expected = workspace.run("heartbeat", **values("heartbeat", all_hosts=True))
    assert_frame_equal(answer.rows, expected.rows)
    assert held.lacks.empty


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_what_a_query_reads_is_typed_as_the_table_is(name: str) -> None:
    """A column of another type would stand beside the real one under another name."""
    for table, columns in catalogue()[name].tables.items():
        assert columns == {column: TABLES[table][column] for column in columns}
        assert f"({table} | getschema\n" in catalogue()["schema_held"].template
