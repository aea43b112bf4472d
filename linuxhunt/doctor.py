"""What is configured, reachable and missing, one line each, with what to do."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from linuxhunt.enrich.geo import places
from linuxhunt.errors import LinuxHuntError, QueryError
from linuxhunt.hunt import Hunt
from linuxhunt.notebook import versions
from linuxhunt.workspace import open_workspace
from linuxhunt.workspace.cases import cache_folder
from linuxhunt.workspace.config import config

__all__ = ["examine"]

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SECRET = ("AuthKey", "ApiKey", "ApiID", "ClientSecret", "CertificatePassword", "Password")


def examine(source: str | Sequence[str] | None = None) -> Iterator[str]:
    """Look at everything that a hunt needs; yield one line for each.

    A line begins with ``ok``, ``--`` (optional and not there) or ``!!`` (must be put right).

    Args:
        source: as :func:`linuxhunt.connect` takes it; None takes the default.
    """
    for name, held, note in versions().itertuples(index=False):
        sign = "ok" if held else "!!" if note.startswith("missing") else "--"
        yield f"{sign} {name} {held or 'is not installed'}{f': {note}' if note else ''}"
    yield from _configuration()
    yield _geo()
    if find_spec("Kqlmagic"):
        yield "ok Kqlmagic: %load_ext Kqlmagic gives %kql"
    else:
        yield "-- Kqlmagic is not installed: pip install linuxhunt[kqlmagic] for %kql"
    if shutil.which("journalctl"):
        yield "ok journalctl reads binary journal files"
    else:
        yield "-- journalctl is not here: export binary journals with journalctl -o export"
    yield from _source(source)


def _configuration() -> Iterator[str]:
    """Say what is wrong with msticpyconfig.yaml."""
    path = Path(os.environ.get("MSTICPYCONFIG") or "msticpyconfig.yaml")
    if not path.is_file():
        yield f"-- {path} is not there: copy msticpyconfig.yaml.example to query a workspace"
        return
    try:
        stated = yaml.safe_load(path.read_text("utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        yield f"!! {path} cannot be read: {' '.join(str(error).split())[:200]}"
        return
    if not isinstance(stated, dict):
        yield f"!! {path} is no map of settings: begin with a copy of msticpyconfig.yaml.example"
        return
    spaces = (stated.get("AzureSentinel") or {}).get("Workspaces") or {}
    if spaces:
        yield f"ok {path} names the workspaces {', '.join(map(str, spaces))}"
    else:
        yield f"!! {path} names no workspace: put one under AzureSentinel: Workspaces"
    for name, settings in spaces.items():
        for key in ("WorkspaceId", "TenantId"):
            value = str((settings or {}).get(key, ""))
            if not _GUID.fullmatch(value) or not value.strip("0-"):
                yield f"!! workspace {name}: {key} is not filled in; the portal shows it"
    yield from _secrets(stated, bool(stated.get("KeyVault")))
    try:
        held = config()
    except LinuxHuntError as error:
        yield f"!! {error}"
        return
    yield (
        f"ok answers of windows that ended {held.IngestionDelayMinutes} minutes ago are kept, in"
        f" {cache_folder()}, {held.CacheMegabytes:,} MB at most; fetches of more than"
        f" {held.MaxRows:,} rows say so first"
    )


def _secrets(settings: Any, vault: bool, where: str = "") -> Iterator[str]:
    """Look for keys that stand in clear, or that nobody set."""
    if not isinstance(settings, dict):
        return
    for key, value in settings.items():
        place = f"{where}{key}"
        if str(key) in _SECRET and isinstance(value, str):
            yield f"!! {place} stands in clear: name an EnvironmentVar or a KeyVault secret"
        elif str(key) == "EnvironmentVar" and str(value) not in os.environ:
            yield f"-- {where.rstrip('.')}: the environment variable {value} is not set"
        elif str(key) == "KeyVault" and where and not vault:
            yield f"!! {where.rstrip('.')} names a KeyVault secret, and there is no KeyVault part"
        else:
            yield from _secrets(value, vault, f"{place}.")


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
        began = time.monotonic()
        workspace.query("print 1")
        if not workspace.is_local:
            yield f"ok signed in; a query takes {time.monotonic() - began:.1f} s"
            yield (
                "ok limits: what is more than 500,000 rows, 100 MiB or the time of one answer is"
                f" asked for in parts, {workspace.patience.at_once} at once"
            )
        for row in Hunt(workspace).held.to_dict("records"):
            yield (
                f"ok {row['TableName']}: {row['Rows']:,} rows,"
                f" {row['FirstTime']:%Y-%m-%d %H:%M} to {row['LastTime']:%Y-%m-%d %H:%M} UTC"
            )
        lacking = workspace.lacks
        columns = lacking[lacking["ColumnName"].notna()].groupby("TableName")["ColumnName"]
        for table in lacking[lacking["ColumnName"].isna()]["TableName"]:
            yield f"-- {table} is not there, or not for you to read: its queries bring nothing"
        for name, names in columns:
            yield f"-- {name!s} lacks {', '.join(names)}: these columns stay empty"
    except QueryError as error:
        yield f"!! {_advice(str(error))}"
    except LinuxHuntError as error:
        yield f"!! {error}"
    finally:
        workspace.close()


def _advice(said: str) -> str:
    """Add to what an engine said what a person can do about it."""
    if "InsufficientAccess" in said or "Forbidden" in said:
        return f"no permission: ask for the role Log Analytics Reader on the workspace ({said})"
    if "PathNotFound" in said or "WorkspaceNotFound" in said:
        return f"no such workspace: look at WorkspaceId and the cloud ({said})"
    if "InvalidToken" in said or "signed in" in said:
        return f"nobody is signed in: run `az login`, or pass auth_types=['devicecode'] ({said})"
    return said
