"""What the source holds and lacks; the form that connects to another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msticpy.common import pkg_config

from linuxhunt import connect
from linuxhunt.errors import SourceError
from linuxhunt.hunt import Hunt
from linuxhunt.pages.connecting import SIGN_INS, Connecting
from tests.made import make_case
from tests.test_page_alerts import TABLES
from tests.views.pages import Faults

TENANT, FIRST = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2))


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return make_case(tmp_path / "one.duckdb", {"Syslog": TABLES["Syslog"]})


@pytest.fixture
def hunt(case: Path) -> Iterator[Hunt]:
    held = connect(case)
    yield held
    held.workspace.close()


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a function that gives msticpy a configuration of its own with workspaces."""

    def write(*names: str) -> None:
        spaces = "".join(
            f"    {name}:\n      WorkspaceId: {FIRST}\n      TenantId: {TENANT}\n" for name in names
        )
        path = tmp_path / "config.yaml"
        path.write_text(f"AzureSentinel:\n  Workspaces:\n{spaces}" if names else "X: {}\n")
        monkeypatch.setenv("MSTICPYCONFIG", str(path))
        pkg_config.refresh_config()

    write()
    yield write
    monkeypatch.undo()
    pkg_config.refresh_config()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Keep the hunt where it is; return what it was asked to connect to."""
    held: list[Any] = []
    monkeypatch.setattr(Hunt, "reconnect", lambda self, source, **more: held.append((source, more)))
    return held


def test_what_is_held_and_what_its_lack_means(hunt: Hunt) -> None:
    held = hunt.source.coverage.astype(object)
    assert held.where(held.notna(), None)[["Data", "Rows", "Tables", "Means"]].values.tolist() == [
        ["messages of programs", 9, "Syslog", None],
        ["executions", 0,
         "none of AuditLog_CL, LinuxAuditLog, DeviceProcessEvents, ASimProcessEventLogs",
         "process trees only from sudo and cron"],
        ["logons by another witness", 0,
         "none of LinuxLogin_CL, DeviceLogonEvents, ASimAuthenticationEventLogs",
         "nothing beside the messages bears logons out"],
        ["flows", 0,
         "none of ASimNetworkSessionLogs, NTANetAnalytics, AzureNetworkAnalytics_CL,"
         " VMConnection, CommonSecurityLog, DeviceNetworkEvents",
         "remote addresses only from what logs mention"],
        ["alerts", 0, "none of SecurityAlert",
         "whether another product noticed anything cannot be told"],
        ["bookmarks", 0, "none of HuntingBookmark", "no notes of other analysts"],
        ["facts about the host", 0, "none of Heartbeat, DeviceInfo",
         "system and addresses only from the evidence's own files and messages"],
        ["threat intelligence", 0, "none of ThreatIntelIndicators, ThreatIntelligenceIndicator",
         "indicators are known only by what you look up or bring along"],
    ]  # fmt: skip
    text = hunt.source.view().text
    assert "No executions: process trees only from sudo and cron." in text.split("\n")
    assert Faults(hunt.source.view()).found == []


def test_shown_source_follows(hunt: Hunt, tmp_path: Path) -> None:
    shown, drawn = hunt.source.show(), []
    shown.refresh = lambda: drawn.append(hunt.workspace.label)  # type: ignore[method-assign]
    hunt.select("web01")
    other = make_case(tmp_path / "two.duckdb", TABLES)
    hunt.reconnect(other)
    assert drawn == [str(other)]


def labels(form: Connecting) -> list[str]:
    return [field.description for field in form.widget.children[1].children]


def test_asks_for_what_a_source_needs(hunt: Hunt, configured: Any) -> None:
    configured("Default", "Second")
    form = Connecting(hunt)
    seen = {}
    for _, kind in form.kind.options:
        form.kind.value = kind
        seen[kind] = labels(form)
    assert seen == {
        "folder": ["Path", "Year", "Time zone", "Host name"],
        "named": ["Workspace", "Sign in by"],
        "by id": ["Workspace id", "Tenant id", "Sign in by"],
        "cluster": ["Cluster", "Database", "Sign in by"],
        "sample": [],
    }
    assert form.fields["name"].options == ("Default", "Second")


def test_without_a_configuration_no_workspace_is_offered_by_name(
    hunt: Hunt, configured: Any
) -> None:
    configured()
    assert [kind for _, kind in Connecting(hunt).kind.options] == [
        "folder", "by id", "cluster", "sample",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        pytest.param("folder", {"path": " /evidence "}, ("/evidence", {}), id="folder"),
        pytest.param("folder", {"path": "/e", "year": "2026", "tz": "Europe/Berlin",
                                "hostname": "web01"},
                     ("/e", {"year": 2026, "tz": "Europe/Berlin", "hostname": "web01"}),
                     id="what evidence does not state"),
        pytest.param("named", {"name": "Default"}, ("Default", {}), id="named"),
        pytest.param("named", {"name": "Default", "sign_in": "devicecode"},
                     ("Default", {"auth_types": ["devicecode"]}), id="device code"),
        pytest.param("by id", {"id": FIRST, "tenant": TENANT, "sign_in": "msi"},
                     (f"workspace:{FIRST}@{TENANT}", {"auth_types": ["msi"]}), id="by id"),
        pytest.param("cluster", {"cluster": "https://c.example", "database": "Logs",
                                 "sign_in": "cli"},
                     ("kusto:https://c.example/Logs", {"auth_types": ["cli"]}), id="cluster"),
        pytest.param("sample", {}, ("sample", {}), id="sample"),
    ],
)  # fmt: skip
def test_connects(
    kind: str, fields: dict[str, str], expected: Any, hunt: Hunt, configured: Any, asked: list[Any]
) -> None:
    configured("Default")
    form = Connecting(hunt)
    form.kind.value = kind
    for name, value in fields.items():
        form.fields[name].value = value
    form.button.click()
    assert asked == [expected]
    assert "Connected to" in form.says.value
    assert form.button.disabled is False


@pytest.mark.parametrize(
    ("kind", "fields", "says"),
    [
        pytest.param("folder", {}, "Path is empty", id="no path"),
        pytest.param("folder", {"path": "/e", "year": "26"}, "Year &#x27;26&#x27; is no year",
                     id="no year"),
        pytest.param("by id", {"id": "mine", "tenant": TENANT},
                     "Workspace id &#x27;mine&#x27; is no id", id="no id"),
        pytest.param("by id", {"id": FIRST}, "Tenant id is empty", id="no tenant"),
        pytest.param("cluster", {"cluster": "https://c.example"}, "Database is empty",
                     id="no database"),
        pytest.param("folder", {"path": "/no/such<b>"}, "/no/such&lt;b&gt; is not there",
                     id="no such folder"),
    ],
)  # fmt: skip
def test_tells_errors_in_place(
    kind: str, fields: dict[str, str], says: str, hunt: Hunt, configured: Any
) -> None:
    configured()
    form = Connecting(hunt)
    form.kind.value = kind
    for name, value in fields.items():
        form.fields[name].value = value
    form.button.click()
    assert says in form.says.value
    assert form.button.disabled is False
    assert len(hunt.query("Syslog | take 1")) == 1


def test_no_secret_is_typed(hunt: Hunt, configured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    configured()
    form = Connecting(hunt)
    form.kind.value = "by id"
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID"):
        monkeypatch.setenv(name, "value-of-it")
    monkeypatch.delenv("AZURE_CLIENT_SECRET", raising=False)
    form.fields["sign_in"].value = "env"
    assert "not set in this environment: AZURE_CLIENT_SECRET" in form.says.value
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "the-secret")
    form.fields["sign_in"].value = ""
    form.fields["sign_in"].value = "env"
    assert "AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_TENANT_ID are set" in form.says.value
    states = [str(widget.get_state()) for widget in (*form.fields.values(), form.says)]
    assert not [text for text in states if "the-secret" in text or "value-of-it" in text]
    assert not [name for name in form.fields if "secret" in name or "password" in name]


def test_ways_to_sign_in_are_msticpys() -> None:
    from msticpy.auth.azure_auth_core import list_auth_methods

    assert {way for _, way in SIGN_INS if way} <= set(list_auth_methods())


def test_the_code_of_a_device_is_shown_while_it_waits(
    hunt: Hunt, configured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linuxhunt.workspace.workspace import quiet

    configured()
    form, told = Connecting(hunt), []

    def sign_in(self: Hunt, source: str, **more: Any) -> None:
        with quiet():
            sys.stdout.write("checking environment")
            sys.stdout.write("To sign in, open https://x.example/login and enter the code ABC123.")
            told.append(form.says.value)
        raise SourceError("nobody signed in")

    monkeypatch.setattr(Hunt, "reconnect", sign_in)
    form.kind.value = "sample"
    form.button.click()
    assert len(told) == 1
    assert "enter the code ABC123" in told[0]
    assert "checking" not in told[0]
    assert "nobody signed in" in form.says.value
