"""Kqlmagic on a case that is served: the optional cell of the notebook, in a fresh IPython."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from linuxhunt.workspace import Workspace
from tests.workspace.cloud import SPACE, TENANT, kusto, sentinel, served, service

__all__ = ["kusto", "sentinel", "served", "service"]

SCRIPT = """
import os, sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for cell in (
    "import linuxhunt",
    f"hunt = linuxhunt.connect({sys.argv[1]!r})",
    "said = linuxhunt.kqlmagic(True)",
    "rows = %kql Syslog | summarize Rows = count() by Computer | order by Computer asc",
    "print('ROWS', rows.to_dataframe().to_json(orient='records'), flush=True)",
    "print('SAID', said.text.replace(chr(10), ' '), flush=True)",
):
    shell.run_cell(cell).raise_error()
os._exit(0)  # Kqlmagic leaves threads behind
"""


def test_the_cell_connects_kqlmagic_to_the_case(case: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(case)],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    (line,) = [text for text in done.stdout.splitlines() if text.startswith("ROWS ")] or [
        done.stdout[-500:] + done.stderr[-1500:]
    ]
    assert json.loads(line.removeprefix("ROWS ")) == [
        {"Computer": name, "Rows": 5} for name in ("WEB", "web", "web-01", "web.example")
    ]
    assert "Kqlmagic is loaded; write %kql before a line of KQL" in done.stdout


def test_how_kqlmagic_names_a_source(
    workspace: Workspace, kusto: Workspace, sentinel: Workspace
) -> None:
    assert workspace.kqlmagic is None
    named = kusto.kqlmagic or ""
    assert re.fullmatch(
        r"azureDataExplorer://anonymous;cluster='http://127.0.0.1:\d+';database='\w+'", named
    )
    assert sentinel.kqlmagic == (
        f"loganalytics://code;tenant='{TENANT}';workspace='{SPACE}';alias='{SPACE}'"
    )
