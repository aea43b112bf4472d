"""A case behind msticpy's ``QueryProvider``: KQL on DuckDB, read-only, in this process.

msticpy calls the driver ``LinuxHuntLocal``. duckdb-kql translates each query; the file is opened
read-only, may reach no other file, and resolves no Python variable, so a query can do nothing
but read the case.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import duckdb_kql
import pandas as pd
from msticpy.data.drivers import CUSTOM_PROVIDERS
from msticpy.data.drivers.driver_base import DriverBase, DriverProps

from linuxhunt.errors import QueryError, SourceError
from linuxhunt.schema import TABLES
from linuxhunt.workspace.normalise import from_arrow, normalise

__all__ = ["ENVIRONMENT", "LocalDriver", "open_case"]

ENVIRONMENT = "LinuxHuntLocal"
_NO_TABLE = re.compile(r"Table with name (?P<name>.+?) does not exist")
_FENCES = (
    "SET enable_external_access=false",
    "SET python_enable_replacements=false",
)


def open_case(case: Path) -> duckdb.DuckDBPyConnection:
    """Open a case for reading, fenced.

    Raises:
        SourceError: the file is not there, is no case, or is being written by another process.
    """
    if not case.is_file():
        raise SourceError(
            f"{case} is not there; make a case with: linuxhunt ingest EVIDENCE -o CASE"
        )
    try:
        connection = duckdb.connect(str(case), read_only=True)
        tables = connection.sql("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'")
        held = {name for (name,) in tables.fetchall()}
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise SourceError(f"{case} cannot be opened as a case: {first}") from error
    if "LinuxEvidence_CL" not in held:
        connection.close()
        raise SourceError(f"{case} is a DuckDB file but no case; make one with: linuxhunt ingest")
    for fence in _FENCES:
        connection.execute(fence)
    return connection


class LocalDriver(DriverBase):  # type: ignore[misc]  # msticpy carries no types
    """msticpy's driver for a case."""

    def __init__(self, connection_str: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._case = connection_str
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._filled: frozenset[str] | None = None
        self._loaded = True
        self.add_query_filter("data_environments", (ENVIRONMENT,))
        self.set_driver_property(DriverProps.EFFECTIVE_ENV, ENVIRONMENT)

    def connect(self, connection_str: str | None = None, **kwargs: Any) -> bool:
        """Open a case.

        Args:
            connection_str: the path of the case.
            kwargs: taken for the sake of msticpy's interface.
        """
        del kwargs
        case = connection_str or self._case
        if not case:
            raise SourceError("no case was given; connect to the path of a case")
        self._connection, self._filled = open_case(Path(case)), None
        self.current_connection = case
        self._connected = True
        return True

    def close(self) -> None:
        """Close the case."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._connected = False

    @property
    def schema(self) -> dict[str, dict[str, str]]:
        """Tables, columns and KQL types of the case."""
        return TABLES

    def held(self) -> dict[str, frozenset[str]]:
        """Return table -> columns, as the case has them."""
        if self._connection is None:
            return {}
        rows = self._connection.cursor().execute(
            """
            SELECT table_name, list(column_name) FROM duckdb_columns()
            WHERE schema_name = 'main' AND NOT internal GROUP BY ALL
            """
        )
        return {str(table): frozenset(columns) for table, columns in rows.fetchall()}

    def empty(self, tables: Iterable[str]) -> bool:
        """Tell whether none of some tables has a row, so that what reads them alone brings none."""
        if self._filled is None and self._connection is not None:
            rows = self._connection.cursor().execute(
                """
                SELECT table_name FROM duckdb_tables()
                WHERE schema_name = 'main' AND NOT internal AND estimated_size > 0
                """
            )
            self._filled = frozenset(str(table) for (table,) in rows.fetchall())
        return self._filled is not None and self._filled.isdisjoint(tables)

    def facts(self, computers: Sequence[str]) -> list[tuple[str, str]]:
        """Return what the evidence's own etc/ states about a host: (fact, value with its file)."""
        if self._connection is None:
            return []
        rows = self._connection.cursor().execute(
            """
            SELECT DISTINCT facts.fact, facts.value || ' (' || facts.source || ')'
            FROM evidence.facts AS facts JOIN evidence.facts AS named USING (root)
            WHERE named.fact = 'hostname' AND list_contains($names, lower(named.value))
              AND facts.fact <> 'hostname'
            ORDER BY ALL
            """,
            {"names": [name.lower() for name in computers]},
        )
        return [(str(fact).capitalize(), str(value)) for fact, value in rows.fetchall()]

    def query(self, query: str, query_source: Any = None, **kwargs: Any) -> pd.DataFrame:
        """Run KQL and return its rows, types normalised."""
        return self.query_with_results(query, query_source=query_source, **kwargs)[0]

    def query_with_results(self, query: str, **kwargs: Any) -> tuple[pd.DataFrame, dict[str, Any]]:
        """Run KQL and return its rows and msticpy's status dictionary.

        Raises:
            QueryError: the query cannot be read, or names what the case does not have.
        """
        del kwargs
        if self._connection is None:
            raise SourceError("no case is open; call connect() first")
        try:
            cursor = self._connection.cursor()
            relation = duckdb_kql.kql(cursor, query, allow_write=False)
            # database("evidence").lines is a table of another schema to DuckDB
            used = cursor.get_table_names(relation.sql_query(), qualified=True)
            if any(name.casefold().startswith("evidence.") for name in used):
                raise QueryError("KQL reaches the tables of the case only, not its raw bytes")
            table = relation.to_arrow_table()
        except (duckdb_kql.KqlError, duckdb.Error) as error:
            raise QueryError(_say(error)) from error
        except RecursionError as error:
            raise QueryError(
                "the query is nested too deeply; write it with fewer parentheses"
            ) from error
        return normalise(from_arrow(table)), {"status": "success"}


def _say(error: Exception) -> str:
    """Write an engine's error as one line."""
    text = " ".join(str(error).split())
    text = text.removeprefix("Catalog Error: ").removeprefix("Binder Error: ")
    if absent := _NO_TABLE.match(text):  # DuckDB would suggest tables that KQL does not reach
        near = difflib.get_close_matches(absent["name"], TABLES, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; hunt.schema lists its tables"
        return f"{absent[0]} in the case{hint}"
    return text


CUSTOM_PROVIDERS[ENVIRONMENT] = LocalDriver
