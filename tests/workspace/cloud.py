"""Fixtures: one case as Sentinel's, Azure Data Explorer's and our own client read it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from msticpy.data.drivers import azure_monitor_driver

from linuxhunt.workspace import Workspace, open_workspace, serve
from linuxhunt.workspace.splitting import Patience
from tests.workspace.endpoint import Endpoint, endpoint

TENANT = "00000000-0000-4000-8000-000000000001"
SPACE = "00000000-0000-4000-8000-000000000002"
QUICK = Patience(first=0.001, longest=0.002)
"""As patient as the real one, but quick about it."""


@pytest.fixture(scope="module")
def served(case: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Endpoint, Path]]:
    """Return the Log Analytics endpoint on the small case, and its authority's certificate."""
    with endpoint(case, tmp_path_factory.mktemp("tls")) as held:
        yield held


@pytest.fixture
def service(served: tuple[Endpoint, Path], monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """Return the endpoint, which msticpy takes for Azure's until the test ends."""
    held, bundle = served
    held.reset()
    point_at(held, bundle, monkeypatch)
    return held


def point_at(service: Endpoint, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have msticpy take an endpoint for Azure's, and sign in there."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    monkeypatch.setattr(
        azure_monitor_driver, "az_connect", lambda **_: SimpleNamespace(modern=service)
    )
    driver = azure_monitor_driver.AzureMonitorDriver
    monkeypatch.setattr(driver, "url_endpoint", property(lambda _: f"{service.url}/v1"))


def signed_in(**options: Any) -> Workspace:
    """Open the workspace that the endpoint is."""
    held = open_workspace(f"workspace:{SPACE}@{TENANT}", **{"keep": False, **options})
    held.patience = QUICK
    return held


@pytest.fixture
def sentinel(service: Endpoint) -> Workspace:
    """Return the small case as azure-monitor-query's client reads it, its schema known."""
    held = signed_in()
    assert held.held is not None
    service.asked.clear()
    return held


@pytest.fixture(scope="module")
def kusto(case: Path) -> Iterator[Workspace]:
    """Return the small case as azure-kusto-data's client reads it."""
    with serve(case) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        held = open_workspace(f"kusto:{server.url}/{server.database}", keep=False)
        yield held
        server.shutdown()
        thread.join()
        held.close()


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows in an order that says nothing of the engine."""
    return rows.sort_values(list(rows.columns), ignore_index=True)
