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

import pandas as pd
import yaml

from linuxhunt.enrich.geo import places
from linuxhunt.enrich.threat_intel_files import files_under, read_files
from linuxhunt.enrich.threat_intel_lookup import providers
from linuxhunt.errors import LinuxHuntError, QueryError
from linuxhunt.hunt import Hunt
from linuxhunt.notebook import versions
from linuxhunt.workspace import open_workspace
from linuxhunt.workspace.cases import cache_folder
from linuxhunt.workspace.config import config

__all__ = ["examine"]

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OLD = pd.Timedelta(days=365)
_EVER = pd.Timestamp("1970-01-01", tz="UTC")
_ASK = "ask who runs the workspace for it"
_AMA = "send it by a data collection rule of the Azure Monitor agent"
_DEFENDER = "Defender for Endpoint on the hosts and Sentinel's connector of Defender XDR fill it"
_NORMAL = "what normalises on ingestion to ASIM fills it; ASIM's parsers are asked without it"
_FILLED_BY = {
    "Syslog": f"syslog of the hosts: {_AMA}",
    "AuditLog_CL": (
        "lines of /var/log/audit/audit.log: collect them as a custom text log, and name its table"
        " in AuditTable of msticpyconfig.yaml"
    ),
    "LinuxAuditLog": "audit records, where Defender for Cloud collects them; AuditLog_CL is alike",
    "Heartbeat": "the Azure Monitor agent fills it: install it on the hosts",
    "SecurityAlert": "alerts of Sentinel's analytics and of Defender: switch on some",
    "HuntingBookmark": "bookmarks that analysts make in Sentinel: there are none yet",
    "VMConnection": "connections by process: switch on the map of VM insights",
    "NTANetAnalytics": "VNet flow logs: switch on traffic analytics",
    "AzureNetworkAnalytics_CL": "NSG flow logs, which end in 2027: VNet flow logs do without it",
    "CommonSecurityLog": "firewalls and proxies that speak CEF: connect them",
    "ThreatIntelIndicators": "indicators: connect a feed of threat intelligence",
    "ThreatIntelligenceIndicator": "the older table of indicators: ThreatIntelIndicators will do",
    **dict.fromkeys(
        ("DeviceProcessEvents", "DeviceLogonEvents", "DeviceNetworkEvents", "DeviceInfo"), _DEFENDER
    ),
    **dict.fromkeys(
        ("ASimAuthenticationEventLogs", "ASimProcessEventLogs", "ASimNetworkSessionLogs"), _NORMAL
    ),
}
"""Table that a source lacks -> what it would hold, and what to do for it."""
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
    yield _geo(pd.Timestamp.now(tz="UTC"))
    yield from _intel()
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


def _geo(now: pd.Timestamp) -> str:
    """Say where places of addresses come from, and whether that is old."""
    try:
        placed = places(["9.9.9.9"]).iloc[0]
    except LinuxHuntError as error:
        return f"!! places of addresses: {error}"
    if pd.isna(placed["SourceDate"]):
        return f"ok places of addresses from {placed['Source']}, which does not say of when"
    said = f"places of addresses from {placed['Source']} of {placed['SourceDate']:%Y-%m-%d}"
    if now - placed["SourceDate"] < _OLD:
        return f"ok {said}"
    return (
        f"-- {said}: networks have moved since; put newer GeoLite2 files (.mmdb) where GEOIP_PATH"
        " says, which also know cities"
    )


def _intel() -> Iterator[str]:
    """Say which files of indicators are read, and who can be asked about what was found."""
    try:
        stated = os.environ.get("LINUXHUNT_INTEL") or config().IndicatorFiles
    except LinuxHuntError:
        stated = ""  # said already
    if not stated:
        yield (
            "-- no files of indicators: name some in IndicatorFiles of msticpyconfig.yaml, or in"
            " LINUXHUNT_INTEL, to have them looked for"
        )
    for name in filter(None, stated.split(os.pathsep)):
        try:
            read = read_files(files_under(Path(name)), _EVER)
        except LinuxHuntError as error:
            yield f"!! {error}: correct LINUXHUNT_INTEL or IndicatorFiles"
            continue
        amount, files = int(read.files["Indicators"].sum()), len(read.files)
        left = len(read.left_out)
        yield (
            f"{'ok' if amount else '!!'} {name}: {amount:,} indicators in {files:,} files"
            f"{f', {left:,} entries left out' if left else ''}"
            f"{'' if amount else '; what is read: STIX 2.1, MISP, CSV, plain lists'}"
        )
    try:
        asked = providers()
    except LinuxHuntError as error:
        yield f"!! {error}"
        return
    if asked:
        yield f"ok who can be asked about indicators, where you say so: {', '.join(asked)}"
    else:
        yield "-- nobody can be asked about indicators: fill in TIProviders of msticpyconfig.yaml"


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
        held = Hunt(workspace).held
        if held.empty:
            row = "a row" if workspace.is_local else "a row of the last 30 days"
            yield f"!! none of the tables that are read holds {row}: is it the right source?"
        for there in held.to_dict("records"):
            yield (
                f"ok {there['TableName']}: {there['Rows']:,} rows,"
                f" {there['FirstTime']:%Y-%m-%d %H:%M} to {there['LastTime']:%Y-%m-%d %H:%M} UTC"
            )
        lacking = workspace.lacks
        columns = lacking[lacking["ColumnName"].notna()].groupby("TableName")["ColumnName"]
        for table in lacking[lacking["ColumnName"].isna()]["TableName"]:
            yield f"-- {table} is not there, or not for you to read: {_FILLED_BY.get(table, _ASK)}"
        for name, names in columns:
            yield (
                f"-- {name!s} lacks {', '.join(names)}: these columns stay empty; what fills the"
                " table is older than this, or drops them in a data collection rule"
            )
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
