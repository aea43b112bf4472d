"""What the notebook's first and last cells call: versions, resources, the magic, the config."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.core.getipython import get_ipython
from msticpy.common.wsconfig import WorkspaceConfig

from linuxhunt import views
from linuxhunt.hunt import current
from linuxhunt.schema import STR
from linuxhunt.views import View
from linuxhunt.workspace import Workspace, serve

__all__ = ["configuration", "hunt_kql", "kqlmagic", "setup", "versions"]

_NEEDED = (
    "linuxhunt", "msticpy", "duckdb", "duckdb-kql", "pandas", "pyarrow", "bokeh", "ipywidgets",
    "itables", "networkx", "folium", "geoip2", "geoip2fast", "ipwhois", "dnspython",
)  # fmt: skip
_OPTIONAL = {"Kqlmagic": "for %kql: pip install 'linuxhunt[kqlmagic]'"}


def version_of(package: str) -> str | None:
    """Return the version of a package; None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def versions() -> pd.DataFrame:
    """Return Package, Version and Note of Python and of what linuxhunt stands on."""
    rows = [("Python", ".".join(map(str, sys.version_info[:3])), "")]
    for name in (*_NEEDED, *_OPTIONAL):
        held = version_of(name)
        missing = _OPTIONAL.get(name, "missing; run: pip install linuxhunt")
        rows.append((name, held or "", "" if held else missing))
    return pd.DataFrame(rows, columns=["Package", "Version", "Note"]).astype(STR)


def setup() -> View:
    """Check versions, load what the views need, and register ``%%hunt_kql``.

    Returns:
        What the set-up cell shows: the views' resources, and a plain word on the versions.
    """
    held = versions()
    missing = held[held["Note"].str.startswith("missing")]["Package"]
    if len(missing):
        said = views.message(
            f"Packages are missing: {', '.join(missing)}. Run: pip install linuxhunt", "error"
        )
    else:
        said = views.message(
            f"linuxhunt {held['Version'].iloc[1]} on Python {held['Version'].iloc[0]}: all packages"
            " are here.",
            "good",
        )
    shell: Any = get_ipython()
    if shell is not None:
        shell.register_magic_function(hunt_kql, "cell", "hunt_kql")
    return views.stack(views.resources(), said, views.fold("Versions", views.table(held)))


def hunt_kql(line: str, cell: str) -> pd.DataFrame:
    """Run the cell as KQL on what the hunt is connected to: ``%%hunt_kql [name]``.

    Args:
        line: a name for the DataFrame in the notebook, or nothing.
        cell: the query.
    """
    frame = current().query(cell)
    shell: Any = get_ipython()
    if line.strip() and shell is not None:
        shell.push({line.strip(): frame})
    return frame


def kqlmagic(load: bool = False) -> View:
    """Load Kqlmagic and connect its ``%kql`` to what the hunt is connected to.

    A case is served on loopback for it, as a snapshot, as long as the kernel lives.

    Args:
        load: False only says what would be run.

    Returns:
        The lines that were run, or that would be.
    """
    hunt = current()
    if not load:
        said = "Kqlmagic is not loaded. linuxhunt.kqlmagic(True) would run:"
        target = hunt.workspace.kqlmagic or "azureDataExplorer://anonymous;cluster='<loopback>'"
    elif version_of("Kqlmagic") is None:
        return views.message(f"Kqlmagic is missing; {_OPTIONAL['Kqlmagic']}", "error")
    else:
        target = hunt.workspace.kqlmagic or _served(hunt.workspace)
        said = "Kqlmagic is loaded; write %kql before a line of KQL, or %%kql above a cell. It ran:"
    lines = [*_KQLMAGIC, f"%kql {target}"]
    shell: Any = get_ipython()
    if load and shell is not None:
        for line in lines:
            shell.run_cell(line).raise_error()
    frame = pd.DataFrame({"Line": lines}, dtype=STR)
    return views.stack(views.message(said, "info"), views.table(frame, "Kqlmagic"))


_KQLMAGIC = (
    "%load_ext Kqlmagic",
    "%config Kqlmagic.auto_popup_schema = False",
    "%config Kqlmagic.table_package = 'pandas'",
)
_serving = contextlib.ExitStack()


def _served(workspace: Workspace) -> str:
    """Serve a case from a thread of this process; return Kqlmagic's name for it."""
    server = _serving.enter_context(serve(workspace.case))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"azureDataExplorer://anonymous;cluster='{server.url}';database='{server.database}'"


def configuration(source: object = None) -> View:
    """Say where configuration is read from and what it names; no secret is shown.

    Args:
        source: what the notebook was told to connect to.
    """
    found = os.environ.get("MSTICPYCONFIG") or "msticpyconfig.yaml"
    rows = [
        ("SOURCE", "the default" if source is None else str(source)),
        ("msticpyconfig.yaml", found if Path(found).is_file() else f"{found} is not there"),
        ("workspaces", ", ".join(WorkspaceConfig.list_workspaces()) or "none"),
        ("GEOIP_PATH", os.environ.get("GEOIP_PATH") or "not set: bundled country and ASN data"),
    ]
    frame = pd.DataFrame(rows, columns=["Setting", "Value"]).astype(STR)
    return views.table(frame, "Configuration")
