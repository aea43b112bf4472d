"""The notebook, headless, to one HTML file that asks nothing of any network."""

from __future__ import annotations

import json
import logging
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError

from linuxhunt.errors import LinuxHuntError
from linuxhunt.exports import joined
from linuxhunt.hunt import connect
from linuxhunt.lab import notebook_path
from linuxhunt.report_page import Reported, index_page, report_page
from linuxhunt.workspace import open_workspace

__all__ = ["MOST", "write_report", "write_reports"]

_LAST_CELL = "hunt.verdict.export_json(FINDINGS)"
"""Run after the notebook's own cells: what it found, in the words of the contract."""

MOST = 10
"""Hosts that get a report with ``--host all``."""

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")


def write_report(
    sources: Sequence[str],
    output: Path,
    *,
    host: str | None = None,
    start: str | None = None,
    end: str | None = None,
    keep: bool = True,
    picks: Mapping[str, str | None] | None = None,
    mask: bool = True,
    **options: Any,
) -> dict[str, Any]:
    """Run the notebook on a source and write it as HTML.

    Args:
        sources: as :func:`linuxhunt.connect` takes them; none for the default.
        output: the file to write.
        host: the host to look at; None takes the one most worth a look.
        start: first instant of the window.
        end: first instant after the window.
        keep: whether to keep the case that is made of evidence.
        picks: ``session``, ``user``, ``program``: what the sections about them show; they choose
            where it is None.
        mask: whether secrets in commands are masked.
        options: ``year``, ``tz``, ``hostname`` for evidence that does not state them.

    Returns:
        What FINDINGS.json holds; the run notebook itself wrote it, so that it says what the
        report says.

    Raises:
        LinuxHuntError: the source cannot be opened, or a cell failed.
    """
    source, label = _opened(sources, keep, options)
    return _written(source, label, output, host, (start, end), picks or {}, mask)


def write_reports(
    sources: Sequence[str],
    output: Path,
    *,
    start: str | None = None,
    end: str | None = None,
    keep: bool = True,
    mask: bool = True,
    most: int = MOST,
    tell: Callable[[str], object] = lambda text: None,
    **options: Any,
) -> tuple[dict[str, Any], list[str]]:
    """Write a report for each of the hosts most worth a look, and an index of them.

    The index is ``output``; the reports are beside it in the folder ``<stem>-hosts``, named by
    rank and host.

    Args:
        sources: as for :func:`write_report`, as is what is not listed here.
        output: the file of the index.
        start: first instant of the window.
        end: first instant after the window.
        keep: whether to keep the case that is made of evidence.
        mask: whether secrets in commands are masked.
        most: how many hosts get a report; the index names the others.
        tell: told how far the work is, one line at a time.
        options: as for :func:`write_report`.

    Returns:
        What FINDINGS.json holds for all of them, and one line for each host whose report failed.

    Raises:
        LinuxHuntError: the source cannot be opened, holds no host, or every report failed.
    """
    source, label = _opened(sources, keep, options)
    hunt = connect(source, start=start, end=end, label=label)
    hosts = [str(name) for name in hunt.hosts["Host"]]
    window = (hunt.scope.start.isoformat(), hunt.scope.end.isoformat())
    hunt.workspace.close()
    if not hosts:
        raise LinuxHuntError(f"{label} holds no host in this window; give --start and --end")
    folder = output.with_name(f"{output.stem}-hosts")
    reported: list[Reported] = []
    for rank, host in enumerate(hosts[:most], 1):
        tell(f"report {rank} of {len(hosts[:most])}: {host}")
        file = folder / f"{rank:02}-{_UNSAFE.sub('_', host)[:80]}.html"
        try:
            held = _written(source, label, file, host, window, {}, mask)
        except LinuxHuntError as failure:
            reported.append(Reported(host, "", None, str(failure)))
        else:
            reported.append(Reported(host, f"{folder.name}/{file.name}", held))
    done = [each.held for each in reported if each.held is not None]
    if not done:
        raise LinuxHuntError(f"no report could be written; of {hosts[0]}: {reported[0].failure}")
    output.write_text(index_page(reported, hosts[most:], label), "utf-8")
    failures = [f"{each.host}: {each.failure}" for each in reported if each.failure]
    return joined(done), failures


def _opened(sources: Sequence[str], keep: bool, options: Mapping[str, Any]) -> tuple[Any, str]:
    """Return what a kernel connects to, and its label.

    Evidence is read once, here, where its errors can be told plainly.
    """
    source: Any = sources[0] if len(sources) == 1 else list(sources) or None
    workspace = open_workspace(source, keep=keep, **options)
    label = workspace.label
    if workspace.is_local:
        source = workspace.provider._query_provider.current_connection
    workspace.close()
    return source, label


def _written(
    source: Any,
    label: str,
    output: Path,
    host: str | None,
    window: tuple[str | None, str | None],
    picks: Mapping[str, str | None],
    mask: bool,
) -> dict[str, Any]:
    """Run the notebook once, write its page, and return what it found."""
    output.parent.mkdir(parents=True, exist_ok=True)
    logging.getLogger("papermill").setLevel(logging.ERROR)  # START = END is not for it to read
    with tempfile.TemporaryDirectory(prefix="linuxhunt-report-") as folder:
        notebook, done, found = (
            Path(folder, name) for name in ("notebook.ipynb", "done.ipynb", "findings.json")
        )
        cells = nbformat.read(notebook_path(), as_version=4)
        cells.cells.append(nbformat.v4.new_code_cell(_LAST_CELL))
        nbformat.write(cells, notebook)
        parameters = {
            "SOURCE": source,
            "HOST": host,
            "START": window[0],
            "END": window[1],
            **{name.upper(): value for name, value in picks.items()},
            "FINDINGS": str(found),
            "OPTIONS": {"label": label} if mask else {"label": label, "mask": False},
        }
        try:
            papermill.execute_notebook(
                str(notebook),
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
        held: dict[str, Any] = json.loads(found.read_text("utf-8"))
        cells = nbformat.read(done, as_version=4)
        cells.cells.pop()
        page = report_page(cells, held, label)
    output.write_text(page, "utf-8")
    return held
