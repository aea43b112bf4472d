"""The notebook itself: where it is, a copy of it, JupyterLab on it."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

import typer

from linuxhunt.errors import SourceError

__all__ = ["NOTEBOOK", "copy_notebook", "notebook_path", "open_lab"]

NOTEBOOK = "linux_host_explorer.ipynb"
_OFFLINE = (
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)
"""JupyterLab asks the network for news, updates and extensions, unless told not to; the folder
jupyter/ of this package holds the settings that no option has."""


def notebook_path() -> Path:
    """Return the notebook: the clone's, else the one packed into the wheel."""
    clone = Path(__file__).resolve().parents[1] / "notebooks" / NOTEBOOK
    if clone.is_file():
        return clone
    with as_file(files("linuxhunt").joinpath("_packed", NOTEBOOK)) as packed:
        return packed


def copy_notebook(folder: Path) -> Path:
    """Copy the notebook into a folder, made where it is not there.

    Raises:
        SourceError: the folder holds one already, perhaps with somebody's work in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / NOTEBOOK
    if copy.exists():
        raise SourceError(f"{copy} is there already; move it away or choose another folder")
    shutil.copyfile(notebook_path(), copy)
    return copy


def open_lab(sources: Sequence[str], *, port: int, browser: bool) -> int:
    """Run JupyterLab on the notebook until it is stopped; the address to open goes to stderr.

    The notebook is the one in the current folder, else the clone's, else a copy of the packed one
    is put into the current folder.

    Args:
        sources: what the notebook connects to; none for the default.
        port: of 127.0.0.1; the next free one where it is taken.
        browser: whether to open a browser.

    Returns:
        JupyterLab's exit status.

    Raises:
        SourceError: a path is not there.
    """
    named = [_absolute(source) for source in sources]
    notebook = Path.cwd() / NOTEBOOK
    if not notebook.exists():
        clone = notebook_path()
        notebook = clone if "_packed" not in clone.parts else copy_notebook(Path.cwd())
    settings = [str(Path(__file__).with_name("jupyter")), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    environment = {
        **os.environ,
        "JUPYTER_TOKEN": secrets.token_hex(24),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, settings)),
    }
    if named:
        environment["LINUXHUNT_SOURCE"] = "\n".join(named)
    port = _free_port(port)
    command = [sys.executable, "-m", "jupyterlab", str(notebook), *_OFFLINE]
    command += ["--ServerApp.ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    address = f"http://127.0.0.1:{port}/lab/tree/{NOTEBOOK}?token={environment['JUPYTER_TOKEN']}"
    typer.echo(f"open {address}", err=True)
    try:
        return subprocess.run(command, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 0


def _free_port(first: int) -> int:
    """Return the first port of 127.0.0.1, from one on, that nobody listens on."""
    for port in range(first, first + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SourceError(f"no port from {first} to {first + 49} is free; give another --port")


def _absolute(source: str) -> str:
    """JupyterLab runs in the notebook's folder, so a path must not depend on this one."""
    return str(Path(source).resolve()) if Path(source).exists() else source
