"""Every query of queries/*.yaml on three engines: rows of each, and whether they are equal.

    python bench/engines.py [CASE] [--scale 0.05] [--small] [--csv FILE]

The engines are those of the tests: in process; Azure Data Explorer's client over HTTP to
``linuxhunt serve``; Log Analytics' client over TLS to the endpoint of tests/workspace. Without a
case, the sample incident of that scale is made; ``--small`` takes the small case of the tests,
which holds rows for every query. Each query is asked for all hosts and all of the
case's time, with names, addresses and record ids that the case holds, so that it brings rows.
Frames are compared whole, types included, in an order that says nothing of the engine.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from linuxhunt.evidence import ingest
from linuxhunt.evidence.sample import write_sample
from linuxhunt.hosts import counted
from linuxhunt.hunt import Hunt
from linuxhunt.workspace import Workspace, catalogue, open_workspace, serve
from linuxhunt.workspace.catalogue import Query
from tests.workspace.cloud import in_order, point_at, signed_in
from tests.workspace.endpoint import endpoint
from tests.workspace.small import small_case

ENGINES = ("local", "Kusto", "Sentinel")
OF_SMALL_CASE = "203.0.113.9"
"""The address that its indicators are about."""
_WORDS = ["session", "failed", "error", "other"]


@contextmanager
def engines(case: Path, folder: Path) -> Iterator[dict[str, Workspace]]:
    """Open a case as each engine reads it."""
    with ExitStack() as stack:
        local = open_workspace(str(case))
        stack.callback(local.close)
        server = stack.enter_context(serve(case))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        stack.callback(server.shutdown)
        kusto = open_workspace(f"kusto:{server.url}/{server.database}", keep=False)
        stack.callback(kusto.close)
        service, bundle = stack.enter_context(endpoint(case, folder))
        point_at(service, bundle, stack.enter_context(pytest.MonkeyPatch.context()))
        yield dict(zip(ENGINES, (local, kusto, signed_in()), strict=True))


def given(query: Query, held: dict[str, Any]) -> dict[str, Any]:
    """Return values for the parameters of a query, of what the case holds."""
    values = {**held, **(counted() if query.name == "hosts_syslog" else {})}
    if query.name == "risky_messages":  # there, programs are those that are left out
        values["programs"] = []
    if query.name.startswith(("audit_lines_by", "audit_records_by")):
        values["ids"] = held["audit"]
    return {
        name: values[name]
        for name, stated in query.parameters.items()
        if name in values or "default" not in stated
    }


def known(local: Workspace) -> dict[str, Any]:
    """Return what to ask for: times, programs, addresses, record ids that the case holds."""
    start, end = Hunt(local).scope.start, Hunt(local).scope.end
    window: dict[str, Any] = {
        "start": start.to_pydatetime(), "end": end.to_pydatetime(), "all_hosts": True,
    }  # fmt: skip
    programs = local.run("programs", **window).rows["ProcessName"].dropna().tolist()
    lines = local.run("auth_messages", **window).rows["_ItemId"].head(100).tolist()
    audit = local.run("audit_lines", **window).rows["_ItemId"].head(100).tolist()
    flows = local.run("flows_asim", **window).rows["DstIpAddr"].dropna()
    return {
        **window,
        "all_programs": True,
        "programs": programs,
        "words": _WORDS,
        "ids": lines,
        "audit": audit,
        "observables": [*flows.unique()[:500], OF_SMALL_CASE],
        "sieve_pattern": "(?i)failed|curl",
    }


def measured(held: dict[str, Workspace]) -> pd.DataFrame:
    """Return Query, rows of each engine (null where it has no such query), Equal, and seconds."""
    values = known(held["local"])
    rows = []
    for name, query in sorted(catalogue().items()):
        frames, took = {}, {}
        for engine, workspace in held.items():
            if workspace.environment in query.environments:
                began = time.monotonic()
                frames[engine] = workspace.run(name, **given(query, values)).rows
                took[f"{engine} s"] = round(time.monotonic() - began, 2)
        first, *others = (in_order(frame) for frame in frames.values())
        equal = all(first.equals(other) for other in others) if others else None
        rows.append(
            {
                "Query": name,
                **{e: len(frame) for e, frame in frames.items()},
                "Equal": equal,
                **took,
            }
        )
    columns = ["Query", *ENGINES, "Equal", *(f"{engine} s" for engine in ENGINES)]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(ENGINES, "Int64"))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("case", nargs="?", type=Path)
    parser.add_argument("--scale", type=float, default=0.05)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--csv", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        folder = Path(passing)
        case = asked.case
        if asked.small:
            case = small_case(folder / "small.duckdb")
        elif case is None:
            write_sample(folder / "evidence", scale=asked.scale)
            case = folder / "sample.duckdb"
            ingest([folder / "evidence"], case)
        with engines(case, folder) as held:
            table = measured(held)
    if asked.csv:
        table.to_csv(asked.csv, index=False)
    print(table.astype(object).where(table.notna(), "-").to_string(index=False))


if __name__ == "__main__":
    main()
