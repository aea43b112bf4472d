"""What an analyst may name as the source, and what is said where it is none."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msticpy.common import pkg_config

import linuxhunt.evidence
from linuxhunt.errors import EvidenceError, QueryError, SourceError
from linuxhunt.workspace import cases, connect, open_workspace
from linuxhunt.workspace.workspace import Workspace

LINE = "Mar 12 10:00:00 web sshd[7]: Failed password for root from 203.0.113.9 port 22 ssh2\n"
TENANT = "00000000-0000-4000-8000-000000000001"
FIRST, SECOND = (f"00000000-0000-4000-8000-00000000000{n}" for n in (2, 3))


def config(*names: str) -> str:
    spaces = "".join(
        f"    {name}:\n      WorkspaceId: {FIRST}\n      TenantId: {TENANT}\n" for name in names
    )
    return f"AzureSentinel:\n  Workspaces:\n{spaces}" if names else "AzureSentinel: {}\n"


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a function that gives msticpy a configuration of its own with workspaces."""

    def write(*names: str) -> None:
        path = tmp_path / "config.yaml"
        path.write_text(config(*names))
        monkeypatch.setenv("MSTICPYCONFIG", str(path))
        pkg_config.refresh_config()

    write()
    yield write
    monkeypatch.undo()
    pkg_config.refresh_config()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Keep msticpy from signing in; return what it was asked to connect to."""
    asked: list[tuple[str, dict[str, Any]]] = []

    def record(self: Any, *args: Any, **kwargs: Any) -> None:
        del self
        asked.append((" ".join(args), kwargs))

    monkeypatch.setattr("msticpy.data.core.data_providers.QueryProvider.connect", record)
    return asked


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "auth.log").write_text(LINE)
    return folder


@pytest.mark.parametrize(
    ("source", "environment", "label", "target"),
    [
        pytest.param("kusto:https://help.example/Logs", "Kusto", "Logs on https://help.example",
                     ("", {"cluster": "https://help.example", "database": "Logs"}), id="cluster"),
        pytest.param("kusto:http://127.0.0.1:7/case", "Kusto", "case on http://127.0.0.1:7",
                     ("Data Source=http://127.0.0.1:7", {"database": "case"}), id="loopback"),
        pytest.param("kusto:http://127.0.0.1.evil.example/case", "Kusto",
                     "case on http://127.0.0.1.evil.example",
                     ("", {"cluster": "http://127.0.0.1.evil.example", "database": "case"}),
                     id="a name that begins like loopback"),
        pytest.param("Second", "MSSentinel", "Second", ("", {"workspace": "Second"}), id="by name"),
    ],
)  # fmt: skip
def test_engines_by_name(
    source: str, environment: str, label: str, target: Any, configured: Any, opened: Any
) -> None:
    configured("Default", "Second")
    held = open_workspace(source)
    assert (held.environment, held.label, held.is_local) == (environment, label, False)
    assert opened == [target]


def test_a_workspace_by_id(configured: Any, opened: Any) -> None:
    held = open_workspace(f"workspace:{SECOND}@{TENANT}", auth_types=["devicecode"])
    ((_, given),) = opened
    assert held.label == f"workspace:{SECOND}@{TENANT}"
    assert given["auth_types"] == ["devicecode"]
    assert dict(given["connection_str"]._config) == {"WorkspaceId": SECOND, "TenantId": TENANT}


@pytest.mark.parametrize(
    ("names", "label"),
    [
        pytest.param(["Default", "Second"], "Default", id="a default workspace"),
        pytest.param(["Second"], "the sample incident", id="none is the default"),
        pytest.param([], "the sample incident", id="no workspace"),
    ],
)
def test_without_a_source(
    names: list[str], label: str, configured: Any, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(*names)
    monkeypatch.setattr(connect, "sample_folder", lambda: Path("sample"))
    monkeypatch.setattr(connect, "_evidence", lambda *args: Workspace("LinuxHuntLocal", args[3]))
    assert open_workspace().label == label


@pytest.mark.parametrize(
    ("value", "label"),
    [
        pytest.param("{evidence}", "{evidence}", id="one"),
        pytest.param("{evidence}\n{evidence}/auth.log", "{evidence}, {evidence}/auth.log",
                     id="several"),
        pytest.param("{evidence}\n", "{evidence}", id="a line's end at the end"),
    ],
)  # fmt: skip
def test_the_environment_names_the_source(
    value: str, label: str, evidence: Path, configured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured("Default")
    monkeypatch.setenv("LINUXHUNT_SOURCE", value.replace("{evidence}", str(evidence)))
    held = open_workspace(year=2026)
    assert held.label == label.replace("{evidence}", str(evidence))
    assert held.is_local
    held.close()


def test_a_case_is_opened_as_it_is(case: Path) -> None:
    held = open_workspace(case)
    assert (held.label, held.environment) == (str(case), "LinuxHuntLocal")
    held.close()
    named = open_workspace(str(case), label="Friday's")
    assert named.label == "Friday's"
    named.close()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        pytest.param("nowhere", "nowhere is not there: no file or folder of that name, and no"
                     " workspace in msticpyconfig.yaml", id="nothing of that name"),
        pytest.param("kusto:nodatabase", "kusto:nodatabase is not there", id="no database"),
        pytest.param("workspace:x@y", "workspace:x@y is not there", id="no ids"),
        pytest.param(["nowhere", "{evidence}"], "nowhere is not there; give a folder", id="one of"),
        pytest.param(["{case}", "{evidence}"], "is a case; a case is opened alone", id="case with"),
        pytest.param("", "an empty source was given", id="empty"),
        pytest.param([], "an empty source was given", id="none"),
    ],
)  # fmt: skip
def test_what_is_no_source_is_said_in_one_line(
    source: Any, said: str, evidence: Path, case: Path, configured: Any
) -> None:
    def put(text: str) -> str:
        return text.replace("{evidence}", str(evidence)).replace("{case}", str(case))

    given = put(source) if isinstance(source, str) else [put(part) for part in source]
    with pytest.raises(SourceError, match=said) as caught:
        open_workspace(given)
    assert "\n" not in str(caught.value)


def test_a_cluster_that_is_not_there_is_said_when_it_is_asked() -> None:
    held = open_workspace("kusto:http://127.0.0.1:9/case")
    with pytest.raises(QueryError, match=r"^case on http://127.0.0.1:9 cannot be reached;"):
        held.query("print 1")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the list of cases that evidence was read into."""
    made: list[Path] = []
    read = linuxhunt.evidence.ingest

    def ingest(sources: Any, case: Path, **options: Any) -> Any:
        made.append(case)
        return read(sources, case, **options)

    monkeypatch.setattr(linuxhunt.evidence, "ingest", ingest)
    return made


def touch(path: Path) -> None:
    stamp = path.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(stamp, stamp))


def grow(path: Path) -> None:
    held = path.stat()
    path.write_text(LINE * 2)
    os.utime(path, ns=(held.st_atime_ns, held.st_mtime_ns))


def add(path: Path) -> None:
    (path.parent / "secure").write_text(LINE)


@pytest.mark.parametrize(
    ("change", "options", "again"),
    [
        pytest.param(lambda path: None, {}, False, id="the same"),
        pytest.param(lambda path: None, {"year": 2026}, False, id="nothing said of the zone"),
        pytest.param(touch, {}, True, id="changed later"),
        pytest.param(grow, {}, True, id="another size"),
        pytest.param(add, {}, True, id="one file more"),
        pytest.param(lambda path: None, {"year": 2025}, True, id="another year"),
        pytest.param(lambda path: None, {"tz": "Europe/Berlin"}, True, id="another zone"),
        pytest.param(lambda path: None, {"keep": False}, True, id="keep none"),
    ],
)
def test_evidence_is_read_again_only_where_it_would_differ(
    change: Any, options: dict[str, Any], again: bool, evidence: Path, reads: list[Path],
    configured: Any,
) -> None:  # fmt: skip
    first = open_workspace(evidence, year=2026, tz=None)
    first.close()
    change(evidence / "auth.log")
    second = open_workspace(evidence, **{"year": 2026, **options})
    assert second.query("Syslog | count")["Count"].iloc[0] >= 1
    second.close()
    assert len(reads) == (2 if again else 1)


def test_a_case_that_is_not_kept_goes_with_the_process(
    evidence: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[Any] = []
    monkeypatch.setattr(
        "atexit.register", lambda function, *args, **_: gone.append((function, args))
    )
    open_workspace(evidence, keep=False, year=2026).close()
    (case,) = reads
    assert case.is_file()
    assert cases.cache_folder() not in case.parents
    ((remove, args),) = gone
    remove(*args)
    assert not case.parent.exists()


def test_the_cache_is_its_users_alone(
    evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "cache" / "linuxhunt").mkdir(parents=True, mode=0o755)
    open_workspace(evidence, year=2026).close()
    folders = [cases.cache_folder(), cases.cache_folder() / "cases"]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700, 0o700]


def test_cases_that_nobody_opens_are_forgotten(evidence: Path, reads: list[Path]) -> None:
    open_workspace(evidence, year=2026).close()
    (old,) = reads
    os.utime(old, (0, 0))
    open_workspace(evidence, year=2026).close()
    assert len(reads) == 1, "it was used, so it is young again"
    os.utime(old, (0, 0))
    open_workspace(evidence, year=2024).close()
    assert not old.exists()
    assert reads[1].is_file()


def test_evidence_of_which_nothing_can_be_read_leaves_no_case(tmp_path: Path) -> None:
    folder = tmp_path / "none"
    folder.mkdir()
    with pytest.raises(EvidenceError, match="no files in it"):
        open_workspace(folder)
    (folder / "noise").write_bytes(bytes(range(256)) * 50)
    with pytest.raises(EvidenceError) as caught:
        open_workspace(folder)
    assert "\n" not in str(caught.value)
