"""The installed package, as somebody without a clone has it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CLONE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built of this clone and unpacked; what it depends on is this environment's."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", build, str(folder)], cwd=CLONE, check=True)
    (wheel,) = folder.glob("linuxhunt-*.whl")
    with zipfile.ZipFile(wheel) as held:
        held.extractall(folder / "site")
    return folder / "site"


def _run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "linuxhunt.cli", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_brings_notebook_and_queries(installed: Path, tmp_path: Path) -> None:
    done = _run(installed, tmp_path, "notebook", "mine")
    queries = installed / "linuxhunt" / "_packed" / "queries"
    assert (
        done.returncode,
        (tmp_path / "mine" / "linux_host_explorer.ipynb").read_bytes(),
        sorted(path.name for path in queries.iterdir()),
    ) == (
        0,
        (CLONE / "notebooks" / "linux_host_explorer.ipynb").read_bytes(),
        sorted(path.name for path in (CLONE / "queries").glob("*.yaml")),
    )


def test_report_without_a_clone(installed: Path, case: Path, tmp_path: Path) -> None:
    done = _run(installed, tmp_path, "report", str(case), "-o", "report.html")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "Host logon events" in (tmp_path / "report.html").read_text("utf-8")
