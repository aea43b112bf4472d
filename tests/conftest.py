"""What several tests stand on: an environment of their own, and one small case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from linuxhunt.workspace.workspace import Workspace
from tests.workspace.small import small_case


@pytest.fixture(autouse=True)
def own_environment(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep tests away from the cache, the configuration and the source of who runs them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.delenv("LINUXHUNT_SOURCE", raising=False)


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a case that holds a row or two in each table that a query reads."""
    return small_case(tmp_path_factory.mktemp("small") / "small.duckdb")


@pytest.fixture(scope="session")
def workspace(case: Path) -> Iterator[Workspace]:
    """Return the small case, open."""
    held = Workspace("LinuxHuntLocal", "small")
    held.provider.connect(str(case))
    yield held
    held.close()
