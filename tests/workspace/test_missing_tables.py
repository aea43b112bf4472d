"""A workspace that lacks a table, or a column of one: no query fails, and what lacks is said."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
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


@pytest.mark.parametrize("table", sorted(READ))
def test_a_table_that_is_not_there(
    table: str, changed: duckdb.DuckDBPyConnection, workspace: Workspace
) -> None:
    changed.execute(f'ALTER TABLE "{table}" RENAME TO gone')
    try:
        held = signed_in()
        answers = {name: held.run(name, **values(name, all_hosts=True)) for name in CLOUD}
        lacking = held.lacks
    finally:
        changed.execute(f'ALTER TABLE gone RENAME TO "{table}"')
    assert lacking.to_dict("records") == [{"TableName": table, "ColumnName": lacking.iat[0, 1]}]
    assert pd.isna(lacking.iat[0, 1])
    for name, answer in answers.items():
        if table in catalogue()[name].tables:
            assert answer.rows.empty
            assert answer.completeness.missing == (f"there is no table {table}",)
            assert not answer.completeness.whole
        elif not catalogue()[name].tables:  # it counts what is there
            assert answer.completeness.whole
        else:
            whole = workspace.run(name, **values(name, all_hosts=True))
            assert len(answer.rows) == len(whole.rows)
            assert answer.completeness == whole.completeness


@pytest.mark.parametrize("table", sorted(READ))
def test_each_optional_column_that_is_not_there(
    table: str, changed: duckdb.DuckDBPyConnection, workspace: Workspace
) -> None:
    """What is not of the column stays as it is, unless the column is what a query asks by."""
    for column in (name for name in READ[table] if name not in SURE):
        names = [name for name in CLOUD if column in catalogue()[name].tables.get(table, ())]
        changed.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO gone')
        try:
            held = signed_in()
            for name in names:
                answer = held.run(name, **values(name, all_hosts=True))
                assert answer.completeness.whole
                assert answer.completeness.lacks == (f"{table}.{column}",)
                if len(answer.rows):
                    assert f", without {table}.{column}" in str(answer.completeness)
                assert list(answer.rows.columns) == list(catalogue()[name].columns)
            assert held.lacks.to_dict("records") == [{"TableName": table, "ColumnName": column}]
        finally:
            changed.execute(f'ALTER TABLE "{table}" RENAME COLUMN gone TO "{column}"')


def test_a_custom_table_without_a_computer_is_known_by_its_resource(
    changed: duckdb.DuckDBPyConnection,
) -> None:
    changed.execute('ALTER TABLE "AuditLog_CL" RENAME COLUMN "Computer" TO gone')
    changed.execute(
        "UPDATE \"AuditLog_CL\" SET _ResourceId = '/subscriptions/x/virtualmachines/web'"
    )
    try:
        rows = signed_in().run("audit_lines", **values("audit_lines", hosts=["WEB"])).rows
    finally:
        changed.execute('ALTER TABLE "AuditLog_CL" RENAME COLUMN gone TO "Computer"')
        changed.execute('UPDATE "AuditLog_CL" SET _ResourceId = NULL')
    assert rows["Computer"].tolist() == ["web"] * 12


def test_a_workspace_with_no_table_at_all(changed: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        changed.execute(f'ALTER TABLE "{table}" RENAME TO "gone{table}"')
    try:
        held = signed_in()
        answers = [held.run(name, **values(name, all_hosts=True)) for name in CLOUD]
        assert sorted(held.lacks["TableName"]) == sorted(READ)
    finally:
        for table in TABLES:
            changed.execute(f'ALTER TABLE "gone{table}" RENAME TO "{table}"')
    assert all(answer.rows.empty for answer in answers)


def test_what_is_lacking_is_asked_once(
    changed: duckdb.DuckDBPyConnection, served: tuple[Endpoint, Path, Any]
) -> None:
    held = signed_in()
    for _ in range(2):
        held.run("heartbeat", **values("heartbeat", all_hosts=True))
    assert [kql.count("getschema") > 0 for kql in served[0].asked] == [True, False, False]


def test_a_workspace_that_does_not_tell_is_asked_all_the_same(
    changed: duckdb.DuckDBPyConnection, served: tuple[Endpoint, Path, Any], workspace: Workspace
) -> None:
    served[0].plan = lambda kql: "503" if "getschema" in kql else None
    held = signed_in()
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
