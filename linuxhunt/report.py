"""The notebook, headless, to one HTML file that asks nothing of any network."""

from __future__ import annotations

import html
import logging
import tempfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbconvert.exporters import HTMLExporter
from papermill.exceptions import PapermillExecutionError

from linuxhunt.errors import LinuxHuntError
from linuxhunt.lab import notebook_path
from linuxhunt.workspace import open_workspace

__all__ = ["write_report"]

_WIDGET = "application/vnd.jupyter.widget-view+json"


def write_report(
    sources: Sequence[str],
    output: Path,
    *,
    host: str | None = None,
    start: str | None = None,
    end: str | None = None,
    session: str | None = None,
    keep: bool = True,
    **options: Any,
) -> None:
    """Run the notebook on a source and write it as HTML.

    Args:
        sources: as :func:`linuxhunt.connect` takes them; none for the default.
        output: the file to write.
        host: the host to look at; None takes the one most worth a look.
        start: first instant of the window.
        end: first instant after the window.
        session: id of a session to show.
        keep: whether to keep the case that is made of evidence.
        options: ``year``, ``tz``, ``hostname`` for evidence that does not state them.

    Raises:
        LinuxHuntError: the source cannot be opened, or a cell failed.
    """
    source: Any = sources[0] if len(sources) == 1 else list(sources) or None
    workspace = open_workspace(source, keep=keep, **options)
    label = workspace.label
    if workspace.is_local:  # evidence is read once, here, where its errors can be told plainly
        source = workspace.provider._query_provider.current_connection
    workspace.close()
    parameters = {
        "SOURCE": source,
        "HOST": host,
        "START": start,
        "END": end,
        "SESSION": session,
        "OPTIONS": {"label": label},
    }
    logging.getLogger("papermill").setLevel(logging.ERROR)  # START = END is not for it to read
    with tempfile.TemporaryDirectory(prefix="linuxhunt-report-") as folder:
        done = Path(folder, "done.ipynb")
        try:
            papermill.execute_notebook(
                str(notebook_path()),
                str(done),
                parameters=parameters,
                progress_bar=False,
                kernel_name="python3",
                extra_arguments=["--log-level=ERROR"],
            )
        except PapermillExecutionError as error:
            raise LinuxHuntError(
                f"cell {error.exec_count} of the notebook failed: {error.ename}: {error.evalue}"
            ) from error
        page = _page(nbformat.read(done, as_version=4), label)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(page, "utf-8")


def _page(notebook: Any, label: str) -> str:
    """Write a run notebook as one page: no code, no prompts, no widgets, nothing from outside."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if _WIDGET not in out.get("data", {})]
    exporter = HTMLExporter(template_name="basic")
    exporter.exclude_input = True
    exporter.exclude_input_prompt = True
    exporter.exclude_output_prompt = True
    exporter.exclude_anchor_links = True
    exporter.sanitize_html = False
    body, _resources = exporter.from_notebook_node(notebook)
    css = files(__package__).joinpath("report.css").read_text("utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>linuxhunt: {html.escape(label)}</title>\n<style>{css}</style></head>\n"
        f"<body><main>{body}</main></body></html>\n"
    )
