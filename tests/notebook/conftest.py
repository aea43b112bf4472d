"""A small sample incident, as a case, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from linuxhunt.evidence import ingest
from linuxhunt.evidence.sample import write_sample


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder / "evidence", seed=3, scale=0.1)
    ingest([folder / "evidence"], folder / "sample.duckdb")
    return folder / "sample.duckdb"
