"""Kqlmagic on a case that is served: the optional cell of the notebook, in a fresh IPython."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys, threading
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell
from linuxhunt.workspace import serve

shell = InteractiveShell.instance()
with serve(Path(sys.argv[1])) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for cell in (
        "%load_ext Kqlmagic",
        "%config Kqlmagic.auto_popup_schema = False",
        "%config Kqlmagic.table_package = 'pandas'",
        f"%kql azureDataExplorer://anonymous;cluster='{server.url}';database='{server.database}'",
        "rows = %kql Syslog | summarize Rows = count() by Computer | order by Computer asc",
        "print('ROWS', rows.to_dataframe().to_json(orient='records'), flush=True)",
    ):
        shell.run_cell(cell).raise_error()
    server.shutdown()
import os
os._exit(0)  # Kqlmagic leaves threads behind
"""


def test_kqlmagic_reads_a_served_case(case: Path, tmp_path: Path) -> None:
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
