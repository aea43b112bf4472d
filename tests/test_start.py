"""What a command does not need is not loaded: charts, widgets of ours, Azure's clients, graphs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SLOW = (
    "IPython", "azure.kusto", "azure.monitor", "bokeh", "folium", "ipywidgets", "linuxhunt.evidence",
    "linuxhunt.views", "matplotlib", "msticpy", "networkx", "pandas",
)  # fmt: skip
MSTICPY = {"IPython", "ipywidgets", "msticpy", "networkx", "pandas"}
"""What msticpy loads wherever its QueryProvider is."""


def loaded(*arguments: str) -> set[str]:
    """Run a command in an interpreter of its own; return which of the slow modules it loaded."""
    code = (
        "import sys\n"
        "from linuxhunt import cli\n"
        "try: cli.main()\n"
        "except SystemExit as left: assert not left.code, left.code\n"
        f"print('loaded', *[name for name in {SLOW!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True, text=True, check=True, cwd="/",
    )  # fmt: skip
    return set(done.stderr.splitlines()[-1].split()[1:])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["--help"], set(), id="help"),
        pytest.param(["hosts", "CASE"], MSTICPY, id="hosts"),
        pytest.param(["query", "CASE", "Syslog | count"], MSTICPY, id="query"),
        pytest.param(["events", "auth", "CASE"], MSTICPY, id="events"),
        pytest.param(["ingest", "LOG", "-o", "NEW"], {"linuxhunt.evidence", "pandas"}, id="ingest"),
    ],
)
def test_a_command_loads_what_it_needs(
    arguments: list[str], expected: set[str], case: Path, tmp_path: Path
) -> None:
    log = tmp_path / "auth.log"
    log.write_text("Mar 12 10:00:00 web sshd[7]: Accepted password for a from 203.0.113.9 port 2\n")
    named = {"CASE": str(case), "LOG": str(log), "NEW": str(tmp_path / "new.duckdb")}
    assert loaded(*(named.get(word, word) for word in arguments)) == expected
