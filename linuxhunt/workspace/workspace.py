"""One source behind msticpy's ``QueryProvider``, whichever engine it is."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from azure.core.exceptions import AzureError, ServiceRequestError
from azure.kusto.data.exceptions import KustoError, KustoNetworkError
from msticpy.common.exceptions import MsticpyException
from msticpy.data import QueryProvider
from msticpy.data.drivers.driver_base import DriverProps

from linuxhunt.errors import LinuxHuntError, QueryError
from linuxhunt.schema import STR, TABLES
from linuxhunt.workspace.catalogue import FAMILY, catalogue, queries_folder
from linuxhunt.workspace.completeness import Completeness, measure
from linuxhunt.workspace.literals import formatters
from linuxhunt.workspace.local import ENVIRONMENT
from linuxhunt.workspace.normalise import normalise

__all__ = ["Answer", "Workspace", "quiet"]

_NO_TABLE = re.compile(
    r"Table with name (?P<local>\w+) does not exist"
    r"|Failed to resolve (?:table or column|table|entity)[^']*'(?P<cloud>\w+)'"
)
_ENGINE_ERRORS = (MsticpyException, AzureError, KustoError, ConnectionError, TimeoutError)


_NO_NETWORK = (KustoNetworkError, ServiceRequestError, ConnectionError, TimeoutError)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what msticpy prints and warns out of an output that others read."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        level = logging.getLogger("msticpy").level
        logging.getLogger("msticpy").setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            logging.getLogger("msticpy").setLevel(level)


@dataclass(frozen=True)
class Answer:
    """Rows, and how whole they are."""

    rows: pd.DataFrame
    completeness: Completeness


class Workspace:
    """A source of rows.

    Attributes:
        provider: msticpy's query provider, with our queries under ``provider.LinuxHunt`` and
            values escaped by our handler.
        label: what the source is, for a person.
        environment: msticpy's name of the engine.
    """

    def __init__(self, environment: str, label: str) -> None:
        with quiet():
            self.provider = QueryProvider(environment, query_paths=[str(queries_folder())])
        self.environment = environment
        self.label = label
        driver = self.provider._query_provider
        driver.set_driver_property(
            DriverProps.FORMATTERS,
            {**driver.formatters, **formatters(q.template for q in catalogue().values())},
        )

    @property
    def is_local(self) -> bool:
        """Whether the source is a case on this machine."""
        return self.environment == ENVIRONMENT

    @property
    def schema(self) -> dict[str, dict[str, str]]:
        """Table -> column -> KQL type, as the engine states them, else as Microsoft documents."""
        with quiet():
            stated = self.provider.schema
        return stated or TABLES

    def run(self, name: str, source: str | None = None, **values: Any) -> Answer:
        """Run a query of the catalogue.

        Args:
            name: a query's name. One that this engine does not have gives no rows, and says so.
            source: what is asked for, in a few words, for the completeness.
            values: by parameter name.

        Raises:
            ParameterError: a value that its parameter cannot take.
            QueryError: the engine refused or failed.
        """
        query = catalogue()[name]
        what = source or name.replace("_", " ")
        columns: Mapping[str, str] = query.columns
        if self.environment not in query.environments:
            none = normalise(pd.DataFrame(columns=list(columns)), columns)
            return Answer(none, measure(what, none, missing=("not on this engine",)))
        query.check(values)
        text = getattr(getattr(self.provider, FAMILY), name)("print", **values)
        try:
            rows, partial = self._ask(text)
        except QueryError as error:
            match = _NO_TABLE.search(str(error))
            if match is None:
                raise
            none = normalise(pd.DataFrame(columns=list(columns)), columns)
            table = match["local"] or match["cloud"]
            return Answer(none, measure(what, none, missing=(f"there is no table {table}",)))
        rows = normalise(rows, columns)
        missing = ("the engine left rows out",) if partial else ()
        return Answer(rows, measure(what, rows, partial=partial, missing=missing))

    def query(self, kql: str) -> pd.DataFrame:
        """Run any KQL; types are normalised by what the columns hold.

        Raises:
            QueryError: the engine refused or failed, or left rows out.
        """
        rows, partial = self._ask(kql)
        if partial:
            warnings.warn("the engine left rows out: this answer is partial", stacklevel=2)
        return normalise(rows)

    def facts(self, computers: Sequence[str]) -> pd.DataFrame:
        """Return Fact and Value that raw evidence states about a host; none elsewhere."""
        driver = self.provider._query_provider
        held = driver.facts(computers) if self.is_local else []
        return pd.DataFrame(held, columns=["Fact", "Value"]).astype(STR)

    def close(self) -> None:
        """Let go of what the driver holds open."""
        driver = self.provider._query_provider
        if hasattr(driver, "close"):
            driver.close()

    def _ask(self, kql: str) -> tuple[pd.DataFrame, bool]:
        """Return rows and whether the engine left some out."""
        try:
            with quiet():
                rows, status = self.provider._query_provider.query_with_results(kql)
        except LinuxHuntError:
            raise
        except _ENGINE_ERRORS as error:
            if isinstance(error.__cause__ or error, _NO_NETWORK):
                raise QueryError(
                    f"{self.label} cannot be reached; is it running, and is the network there?"
                ) from error
            raise QueryError(_one_line(error)) from error
        if rows is None:
            raise QueryError(f"the engine gave no rows: {status}")
        return rows, str(status.get("status", "")).upper() == "PARTIAL"


def _one_line(error: Exception) -> str:
    parts = [str(part) for part in error.args if isinstance(part, str)] or [str(error)]
    return " ".join(" ".join(parts).split())[:600] or type(error).__name__
