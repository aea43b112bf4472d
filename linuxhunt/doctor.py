"""What is configured, reachable and missing, one line each, with what to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from msticpy.common.wsconfig import WorkspaceConfig

from linuxhunt.enrich.geo import places
from linuxhunt.errors import LinuxHuntError
from linuxhunt.hunt import Hunt
from linuxhunt.notebook import versions
from linuxhunt.workspace import open_workspace

__all__ = ["examine"]


def examine(source: str | Sequence[str] | None = None) -> Iterator[str]:
    """Look at everything that a hunt needs; yield one line for each.

    A line begins with ``ok``, ``--`` (optional and not there) or ``!!`` (must be put right).

    Args:
        source: as :func:`linuxhunt.connect` takes it; None takes the default.
    """
    for name, held, note in versions().itertuples(index=False):
        sign = "ok" if held else "!!" if note.startswith("missing") else "--"
        yield f"{sign} {name} {held or 'is not installed'}{f': {note}' if note else ''}"
    yield _config()
    yield _geo()
    if shutil.which("journalctl"):
        yield "ok journalctl reads binary journal files"
    else:
        yield "-- journalctl is not here: export binary journals with journalctl -o export"
    yield from _source(source)


def _config() -> str:
    path = Path(os.environ.get("MSTICPYCONFIG") or "msticpyconfig.yaml")
    if not path.is_file():
        return f"-- {path} is not there: copy msticpyconfig.yaml.example to query a workspace"
    named = ", ".join(WorkspaceConfig.list_workspaces())
    return f"ok {path} names the workspaces {named}" if named else f"!! {path} names no workspace"


def _geo() -> str:
    try:
        placed = places(["9.9.9.9"]).iloc[0]
    except LinuxHuntError as error:
        return f"!! places of addresses: {error}"
    return f"ok places of addresses from {placed['Source']} of {placed['SourceDate']}"


def _source(source: str | Sequence[str] | None) -> Iterator[str]:
    try:
        workspace = open_workspace(source)
    except LinuxHuntError as error:
        yield f"!! {error}"
        return
    try:
        yield f"ok {workspace.label} is open ({workspace.environment})"
        for row in Hunt(workspace).held.to_dict("records"):
            yield (
                f"ok {row['TableName']}: {row['Rows']:,} rows,"
                f" {row['FirstTime']:%Y-%m-%d %H:%M} to {row['LastTime']:%Y-%m-%d %H:%M} UTC"
            )
    except LinuxHuntError as error:
        yield f"!! {error}"
    finally:
        workspace.close()
