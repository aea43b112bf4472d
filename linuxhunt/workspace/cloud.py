"""msticpy's drivers of Sentinel and Azure Data Explorer, with exact types and one attempt.

msticpy makes a frame of the rows before it looks at their types: integers beside a null become
floats and lose digits from 2**53 on, and times beyond nanoseconds become null. These drivers type
each column by what the answer states. They ask once: when to ask again is decided where the
window can be split and the work be stopped (``splitting``), not deep in a client.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import pandas as pd
from azure.core.exceptions import HttpResponseError
from azure.kusto.data import ClientRequestProperties
from azure.monitor.query import LogsQueryPartialResult
from msticpy.data.drivers.azure_kusto_driver import AzureKustoDriver
from msticpy.data.drivers.azure_monitor_driver import AzureMonitorDriver

from linuxhunt.errors import SourceError
from linuxhunt.workspace.faults import BrokenAnswerError
from linuxhunt.workspace.normalise import normalise

__all__ = ["KustoDriver", "SentinelDriver"]

_BROKEN = (json.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError)


class SentinelDriver(AzureMonitorDriver):  # type: ignore[misc]  # msticpy carries no types
    """msticpy's driver of a Log Analytics workspace."""

    def connect(self, connection_str: Any = None, **kwargs: Any) -> bool:
        """Sign in; the client's own repeats are switched off."""
        super().connect(connection_str, **kwargs)
        self._query_client._config.retry_policy.total_retries = 0
        return True

    @property
    def identity(self) -> str:
        """What tells the workspace from others."""
        return f"{self._az_tenant_id}/{self._workspace_id}"

    def query_with_results(self, query: str, **kwargs: Any) -> tuple[pd.DataFrame, dict[str, Any]]:
        """Run KQL.

        Returns:
            The rows, types normalised, and msticpy's status: ``status`` is SUCCESS or PARTIAL,
            and ``why`` says what the engine said of a partial answer.
        """
        if self._query_client is None:
            raise SourceError("no workspace is open; call connect() first")
        try:
            result = self._query_client.query_workspace(
                workspace_id=next(iter(self._workspace_ids), None) or self._workspace_id,
                query=query,
                timespan=self._get_time_span_value(**kwargs),
                server_timeout=kwargs.get("timeout", self._def_timeout),
                additional_workspaces=self._workspace_ids[1:] or None,
            )
            cut = isinstance(result, LogsQueryPartialResult)
            table = (result.partial_data if cut else result.tables)[0]
        except HttpResponseError:
            raise
        except _BROKEN as error:
            raise BrokenAnswerError(f"the answer is not as documented: {error}") from error
        frame = _frame(zip(table.columns, table.columns_types, strict=True), table.rows)
        why = _innermost(result.partial_error.details) if cut else ""
        return frame, {"status": result.status.name, "why": why}


class KustoDriver(AzureKustoDriver):  # type: ignore[misc]
    """msticpy's driver of an Azure Data Explorer cluster.

    Attributes:
        address: of the cluster, which msticpy forgets where a connection string named it.
    """

    address: str = ""

    @property
    def identity(self) -> str:
        """What tells the database from others."""
        return f"{self.cluster_uri or self.address}/{self._default_database}"

    def query_with_results(
        self, query: str, database: str | None = None, **kwargs: Any
    ) -> tuple[pd.DataFrame, dict[str, Any]]:
        """Run KQL and return the rows, types normalised, and msticpy's status."""
        if self.client is None:
            raise SourceError("no cluster is open; call connect() first")
        properties = ClientRequestProperties()  # type: ignore[no-untyped-call]
        limit = timedelta(seconds=kwargs.get("timeout") or self._def_timeout)
        properties.set_option(ClientRequestProperties.request_timeout_option_name, limit)
        try:
            response = self.client.execute(
                self._get_query_database_name(database=database), query, properties
            )
            table = response.primary_results[0]
            kinds = [(column.column_name, column.column_type) for column in table.columns]
            frame = _frame(kinds, table.raw_rows)
        except _BROKEN as error:
            raise BrokenAnswerError(f"the answer is not as documented: {error}") from error
        return frame, {"status": "SUCCESS"}


def _frame(columns: Iterable[tuple[str, str]], rows: Iterable[Iterable[Any]]) -> pd.DataFrame:
    kinds = dict(columns)
    held = pd.DataFrame([list(row) for row in rows], columns=list(kinds), dtype=object)
    return normalise(held, kinds)


def _innermost(details: Any) -> str:
    """Return the words that say why an answer is partial; they lie nested in the error."""
    found = ""
    part = details
    while part:
        part = part[0] if isinstance(part, list) else part
        if not isinstance(part, Mapping):
            break
        found = part.get("message") or found
        part = part.get("innererror") or part.get("details")
    return found
