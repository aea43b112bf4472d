"""What `linuxhunt doctor` says of a configuration and a workspace, one line each."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from msticpy.common import pkg_config
from msticpy.common.exceptions import MsticpyUserConfigError

from linuxhunt import doctor
from linuxhunt.workspace import Workspace, catalogue
from linuxhunt.workspace.config import Config, config
from tests.made import make_case, utc
from tests.workspace.cloud import QUICK, sentinel, served, service
from tests.workspace.endpoint import Endpoint

__all__ = ["sentinel", "served", "service"]

ROOT = Path(__file__).parents[1]
GUID = "00000000-0000-4000-8000-000000000001"
SPACE = f"{{WorkspaceId: {GUID}, TenantId: {GUID}}}"
FINE = f"AzureSentinel: {{Workspaces: {{Default: {SPACE}}}}}\n"


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function: what is said of a configuration."""
    path = tmp_path / "msticpyconfig.yaml"
    monkeypatch.setenv("MSTICPYCONFIG", str(path))

    def examine(text: str | None) -> list[str]:
        if text is not None:
            path.write_text(text)
            with contextlib.suppress(MsticpyUserConfigError, ValueError):
                pkg_config.refresh_config()
        return [line.replace(str(path), "CONFIG") for line in doctor._configuration()]

    yield examine
    monkeypatch.undo()
    pkg_config.refresh_config()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(None, ["-- CONFIG is not there: copy msticpyconfig.yaml.example to query a"
                            " workspace"], id="no file"),
        pytest.param(FINE, ["ok CONFIG names the workspaces Default"], id="fine"),
        pytest.param("a: [", ["!! CONFIG cannot be read: while parsing a flow node"], id="no YAML"),
        pytest.param("- a", ["!! CONFIG is no map of settings: begin with a copy of"
                             " msticpyconfig.yaml.example"], id="a list"),
        pytest.param("Azure: {}", ["!! CONFIG names no workspace: put one under AzureSentinel:"
                                   " Workspaces"], id="no workspace"),
        pytest.param(
            FINE.replace(GUID, "00000000-0000-0000-0000-000000000000", 1),
            ["ok CONFIG names the workspaces Default",
             "!! workspace Default: WorkspaceId is not filled in; the portal shows it"],
            id="as copied",
        ),
        pytest.param(
            FINE + "TIProviders: {OTX: {Args: {AuthKey: in-clear}}}",
            ["ok CONFIG names the workspaces Default",
             "!! TIProviders.OTX.Args.AuthKey stands in clear: name an EnvironmentVar or a KeyVault"
             " secret"],
            id="a secret in clear",
        ),
        pytest.param(
            FINE + "TIProviders: {OTX: {Args: {AuthKey: {EnvironmentVar: NOBODY_SET_IT}}}}",
            ["ok CONFIG names the workspaces Default",
             "-- TIProviders.OTX.Args.AuthKey: the environment variable NOBODY_SET_IT is not set"],
            id="a variable that is not set",
        ),
        pytest.param(
            FINE + "TIProviders: {OTX: {Args: {AuthKey: {KeyVault: key}}}}",
            ["ok CONFIG names the workspaces Default",
             "!! TIProviders.OTX.Args.AuthKey names a KeyVault secret, and there is no KeyVault"
             " part"],
            id="no vault",
        ),
        pytest.param(
            FINE + "LinuxHunt: {MaxRow: 7}",
            ["ok CONFIG names the workspaces Default",
             "!! msticpyconfig.yaml: LinuxHunt has no setting MaxRow; there are AuditTable,"
             " CacheMegabytes, IndicatorFiles, IngestionDelayMinutes, MaxRows"],
            id="a setting that there is not",
        ),
    ],
)  # fmt: skip
def test_a_configuration(text: str | None, lines: list[str], said: Any) -> None:
    got = [line for line in said(text) if "answers of windows" not in line]
    assert [line[: len(expected)] for line, expected in zip(got, lines, strict=True)] == lines


def test_the_example_is_complete(said: Any) -> None:
    """Its settings are those that hold without it; its ids are to be filled in, no more."""
    text = (ROOT / "msticpyconfig.yaml.example").read_text("utf-8")
    wrong = [line for line in said(text) if not line.startswith("ok ")]
    assert wrong == [
        f"!! workspace Default: {key} is not filled in; the portal shows it"
        for key in ("WorkspaceId", "TenantId")
    ]
    assert config() == Config()
    # what is commented out is YAML, too
    bare = re.sub(r"(?m)^( {2,6})# ", r"\1", text)
    held = yaml.safe_load(bare)
    assert held["KustoClusters"]["MyCluster"]["Args"]["Database"] == "MyDatabase"
    assert set(held["TIProviders"]) == {"OTX", "VirusTotal", "GreyNoise"}


def source(monkeypatch: pytest.MonkeyPatch, held: Workspace) -> list[str]:
    monkeypatch.setattr(doctor, "open_workspace", lambda _: held)
    held.patience = QUICK
    return list(doctor._source("x"))


def test_a_workspace(
    sentinel: Workspace, service: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = source(monkeypatch, sentinel)
    assert empty[-1] == (
        "!! none of the tables that are read holds a row of the last 30 days: is it the right"
        " source?"
    )
    monkeypatch.setattr("linuxhunt.hunt._LOOK_BACK", pd.Timedelta(days=36_500))
    lines = source(monkeypatch, sentinel)
    assert lines[0].startswith("ok workspace:")
    assert lines[1].startswith("ok signed in; a query takes ")
    assert lines[2].startswith("ok limits: ")
    assert "ok Syslog: 20 rows, 2026-03-12 09:59 to 2026-03-12 12:00 UTC" in lines
    assert all(line.startswith("ok ") for line in lines)


def test_what_a_workspace_lacks(sentinel: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sentinel.held is not None
    less = {**sentinel.held, "Syslog": sentinel.held["Syslog"] - {"HostIP"}}
    vars(sentinel)["held"] = {name: held for name, held in less.items() if name != "VMConnection"}
    assert source(monkeypatch, sentinel)[-2:] == [
        "-- VMConnection is not there, or not for you to read: connections by process: switch on"
        " the map of VM insights",
        "-- Syslog lacks HostIP: these columns stay empty; what fills the table is older than this,"
        " or drops them in a data collection rule",
    ]


def test_of_each_table_it_is_said_what_would_fill_it() -> None:
    read = {
        table
        for query in catalogue().values()
        for table in query.tables
        if "MSSentinel" in query.environments
    }
    assert read == set(doctor._FILLED_BY)


@pytest.mark.parametrize(
    ("now", "line"),
    [
        pytest.param("2025-01-01", "ok places of addresses from geoip2fast of 2024-", id="new"),
        pytest.param("2026-11-24", "-- places of addresses from geoip2fast of 2024-", id="old"),
    ],
)
def test_places_and_their_age(now: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEOIP_PATH", raising=False)
    told = doctor._geo(utc(now))
    assert told.startswith(line)
    assert told.endswith("GEOIP_PATH says, which also know cities") == line.startswith("--")


INTEL = [
    pytest.param(
        {}, ["-- no files of indicators: name some in IndicatorFiles of msticpyconfig.yaml, or in"
             " LINUXHUNT_INTEL, to have them looked for"], id="none",
    ),
    pytest.param({"a/list.txt": "203.0.113.9\nevil.example\n"},
                 ["ok FOLDER/a: 2 indicators in 1 files"], id="a list"),
    pytest.param({"a/list.txt": ""},
                 ["!! FOLDER/a: 0 indicators in 1 files; what is read: STIX 2.1, MISP, CSV, plain"
                  " lists"], id="nothing in it"),
    pytest.param({"a": None},
                 ["!! there is no file or folder of indicators at FOLDER/a: correct LINUXHUNT_INTEL"
                  " or IndicatorFiles"], id="not there"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "lines"), INTEL)
def test_files_of_indicators(
    files: dict[str, str | None],
    lines: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, text in files.items():
        if text is not None:
            (tmp_path / name).parent.mkdir()
            (tmp_path / name).write_text(text)
    monkeypatch.setenv("LINUXHUNT_INTEL", f"{tmp_path}/a" if files else "")
    assert [line.replace(str(tmp_path), "FOLDER") for line in doctor._intel()] == [
        *lines, "-- nobody can be asked about indicators: fill in TIProviders of msticpyconfig.yaml"
    ]  # fmt: skip


def test_who_can_be_asked_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "providers", lambda: {"OTX": None, "VirusTotal": None})
    assert list(doctor._intel())[-1] == (
        "ok who can be asked about indicators, where you say so: OTX, VirusTotal"
    )


def test_a_source_without_a_row(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    held = Workspace("LinuxHuntLocal", "empty")
    held.provider.connect(str(make_case(tmp_path / "empty.duckdb", {})))
    assert source(monkeypatch, held) == [
        "ok empty is open (LinuxHuntLocal)",
        "!! none of the tables that are read holds a row: is it the right source?",
    ]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        pytest.param("403", "!! no permission: ask for the role Log Analytics Reader", id="403"),
        pytest.param("404", "!! no such workspace: look at WorkspaceId", id="404"),
        pytest.param("401", "!! nobody is signed in: run `az login`", id="401"),
        pytest.param("drop", "cannot be reached; is it running", id="no network"),
    ],
)
def test_a_workspace_that_gives_nothing(
    fault: str, said: str, sentinel: Workspace, service: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.plan = lambda _: fault
    (_, line) = source(monkeypatch, sentinel)
    assert said in line
    assert "\n" not in line
