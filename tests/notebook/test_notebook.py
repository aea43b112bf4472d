"""The notebook as a file, and run without a screen."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import nbformat
import pytest

from linuxhunt.errors import LinuxHuntError
from linuxhunt.lab import NOTEBOOK, copy_notebook, notebook_path
from linuxhunt.report import write_report

TEXT = Path(__file__).parents[2] / "notebooks" / "linux_host_explorer.py"


@pytest.fixture(scope="module")
def notebook() -> nbformat.NotebookNode:
    return nbformat.read(notebook_path(), as_version=4)


def _cells(notebook: nbformat.NotebookNode) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        (cell.cell_type, cell.source, tuple(cell.metadata.get("tags", ())))
        for cell in notebook.cells
    ]


def test_pair_is_one_notebook(notebook: nbformat.NotebookNode) -> None:
    assert _cells(notebook) == _cells(jupytext.read(TEXT))


def test_holds_no_outputs(notebook: nbformat.NotebookNode) -> None:
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [(cell.outputs, cell.execution_count) for cell in code] == [([], None)] * len(code)


def test_cells_are_short_and_define_nothing(notebook: nbformat.NotebookNode) -> None:
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    long = [text for text in code if len(text.splitlines()) > 5]
    defining = [text for text in code if re.search(r"^\s*(def|class|lambda)\b", text, re.M)]
    assert (long, defining) == ([], [])


def test_links_lead_to_anchors(notebook: nbformat.NotebookNode) -> None:
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    links = set(re.findall(r"\]\(#([\w-]+)\)", text))
    anchors = re.findall(r'<a id="([\w-]+)"></a>', text)
    assert (links - set(anchors), len(anchors) - len(set(anchors))) == (set(), 0)


def test_copy_does_not_overwrite(tmp_path: Path) -> None:
    assert copy_notebook(tmp_path).read_bytes() == notebook_path().read_bytes()
    with pytest.raises(LinuxHuntError, match=f"{NOTEBOOK} is there already"):
        copy_notebook(tmp_path)


def test_report_runs_every_cell_and_asks_no_network(case: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    write_report([str(case)], page)
    html = page.read_text("utf-8")
    headings = re.findall(r"<h2[^>]*>(?:<a[^>]*></a>)?\s*([^<]+)", html)
    outside = re.findall(
        r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']?(https?:[^\"' >]+)", html
    )
    failed = re.findall(r"This section failed[^<]*", html)
    assert (headings, outside, failed, page.stat().st_size < 20_000_000) == (
        [
            "Set-up",
            "Host summary",
            "How to use this notebook",
            "Alerts and bookmarks",
            "Host logon events",
            "Session",
            "User activity",
            "Application activity",
            "Network activity",
            "Verdict",
            "Your own KQL",
            "Configuration",
        ],
        [],
        [],
        True,
    )
    assert "Guessed password" in html


def test_report_of_a_host_that_is_not_there_says_so(case: Path, tmp_path: Path) -> None:
    with pytest.raises(LinuxHuntError, match="no host nobody in this window"):
        write_report([str(case)], tmp_path / "report.html", host="nobody")
