"""Where the queries are, and what each takes and brings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import yaml

from linuxhunt.errors import ParameterError

__all__ = ["FAMILY", "Query", "catalogue", "queries_folder"]

FAMILY = "LinuxHunt"
_READ = re.compile(r"\(datatable\((?P<columns>[^)]*)\)\[\]\),\s*\((?P<table>\w+)")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's safe loader, ten times as fast, where PyYAML was built with it."""
_TYPES: dict[str, Any] = {"datetime": datetime, "list": list, "bool": bool, "str": str, "int": int}


@dataclass(frozen=True)
class Query:
    """One query of queries/*.yaml.

    Attributes:
        name: as msticpy names it: ``provider.LinuxHunt.<name>()``.
        description: what it brings.
        template: KQL with ``{parameter}`` places.
        parameters: name -> msticpy's definition (``type``, ``default``).
        columns: column -> KQL type of what comes back.
        environments: msticpy's names of the engines that it runs on.
        tables: table -> column -> KQL type of what it reads, as its ``datatable`` states it: the
            empty table beside which the real one stands, so that one that a workspace lacks, or
            a column of it, is empty and no error.
        split: whether it brings rows of a window, so that two halves of the window give the same
            rows as the whole; not so where it aggregates.
    """

    name: str
    description: str
    template: str
    parameters: dict[str, dict[str, Any]]
    columns: dict[str, str]
    environments: tuple[str, ...]
    tables: dict[str, dict[str, str]]
    split: bool = False

    def check(self, values: Mapping[str, Any]) -> None:
        """Refuse values that msticpy would guess at: it takes a text that is no time for now.

        Raises:
            ParameterError: a parameter is not there, not given, or of another type.
        """
        if unknown := sorted(set(values) - set(self.parameters)):
            raise ParameterError(f"query {self.name} has no parameter {', '.join(unknown)}")
        for name, stated in self.parameters.items():
            value = values.get(name, stated.get("default"))
            kind = stated["type"]
            fits = isinstance(value, _TYPES[kind])
            if not fits or (kind == "int" and isinstance(value, bool)):  # which Python takes for 1
                raise ParameterError(
                    f"parameter {name} of query {self.name} takes a {kind}, not {value!r}"
                )


def _tables(template: str) -> dict[str, dict[str, str]]:
    """Tell which table and columns a query reads; one that only counts rows names none.

    ASIM's parsers (``_Im_...``) are functions, which a workspace has or, in a fuzzy union, has not.
    """
    tables = {}
    for match in _READ.finditer(template):
        pairs = (pair.split(":") for pair in match["columns"].replace(" ", "").split(","))
        columns = {name.strip(): kind.strip() for name, kind in pairs}
        if "TableName" not in columns and not match["table"].startswith("_Im_"):
            tables[match["table"]] = columns
    return tables


@cache
def queries_folder() -> Path:
    """Return the folder of query files: the clone's, else the one packed into the wheel."""
    clone = Path(__file__).resolve().parents[2] / "queries"
    if clone.is_dir():
        return clone
    with as_file(files("linuxhunt").joinpath("_packed", "queries")) as packed:
        return packed


@cache
def catalogue() -> dict[str, Query]:
    """Read all query files; name -> query."""
    queries = {}
    for path in sorted(queries_folder().glob("*.yaml")):
        document = yaml.load(path.read_text("utf-8"), _LOADER)
        defaults = document.get("defaults", {})
        for name, source in document["sources"].items():
            metadata = {**defaults.get("metadata", {}), **source.get("metadata", {})}
            queries[name] = Query(
                name,
                source["description"],
                source["args"]["query"],
                {**defaults.get("parameters", {}), **source.get("parameters", {})},
                metadata["columns"],
                tuple(document["metadata"]["data_environments"]),
                _tables(source["args"]["query"]),
                metadata.get("split", False),
            )
    return queries
