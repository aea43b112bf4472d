"""Answers of closed windows are kept; those of open ones, and those with gaps, are not."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from linuxhunt.errors import SourceError
from linuxhunt.workspace import Workspace, catalogue
from linuxhunt.workspace.cache import Cache
from linuxhunt.workspace.cases import cache_folder
from linuxhunt.workspace.config import Config, config
from tests.workspace.cloud import sentinel, served, service
from tests.workspace.endpoint import Endpoint
from tests.workspace.test_catalogue import WINDOW, values

__all__ = ["sentinel", "served", "service"]

LINES: dict[str, Any] = {**WINDOW, "all_hosts": True, "all_programs": True}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.fixture
def keeping(sentinel: Workspace) -> Workspace:
    sentinel.keep = True
    return sentinel


@pytest.mark.parametrize(
    "name", sorted(n for n, query in catalogue().items() if "MSSentinel" in query.environments)
)
def test_a_cell_run_again_asks_nothing(name: str, keeping: Workspace, service: Endpoint) -> None:
    given = values(name, all_hosts=True)
    first = keeping.run(name, **given)
    asked = len(service.asked)
    second = keeping.run(name, **given)
    assert len(service.asked) == asked == 1
    assert_frame_equal(first.rows, second.rows)
    assert first.completeness == second.completeness


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"start": WINDOW["start"] + pd.Timedelta("1us")}, id="another window"),
        pytest.param({"all_hosts": False, "hosts": ["web"]}, id="another host"),
        pytest.param({"all_programs": False, "programs": ["sshd"]}, id="another program"),
    ],
)
def test_another_question_is_asked(
    change: dict[str, Any], keeping: Workspace, service: Endpoint
) -> None:
    keeping.run("messages", **LINES)
    keeping.run("messages", **{**LINES, **change})
    assert len(service.asked) == 2


def test_another_workspace_is_asked(keeping: Workspace, service: Endpoint) -> None:
    keeping.run("messages", **LINES)
    keeping._driver._workspace_id = "00000000-0000-4000-8000-00000000000f"
    keeping.run("messages", **LINES)
    assert len(service.asked) == 2


@pytest.mark.parametrize("keep", [True, False], ids=["open window", "--no-cache"])
def test_what_may_change_is_not_kept(keep: bool, sentinel: Workspace, service: Endpoint) -> None:
    sentinel.keep = keep
    now = pd.Timestamp.now(tz="UTC")
    window = {"start": now - pd.Timedelta("1h"), "end": now} if keep else {}
    for _ in range(2):
        sentinel.run("messages", **{**LINES, **window})
    assert len(service.asked) == 2
    assert not list((cache_folder() / "answers").glob("*")) if keep else True


def test_a_window_that_was_split_is_kept_as_one(keeping: Workspace, service: Endpoint) -> None:
    service.row_cap = 4
    first = keeping.run("messages", **LINES)
    asked = len(service.asked)
    second = keeping.run("messages", **LINES)
    assert len(service.asked) == asked > 3
    assert_frame_equal(first.rows, second.rows)
    assert second.completeness.whole
    assert len(list((cache_folder() / "answers").glob("*"))) == 1


def test_after_a_failure_only_what_failed_is_asked_again(
    keeping: Workspace, service: Endpoint
) -> None:
    service.row_cap = 8
    later = "2026-03-12T11:00:00"
    service.plan = lambda kql: "503" if kql.partition(" >= datetime(")[2] >= later else None
    assert len(keeping.run("messages", **LINES).rows) == 4
    service.plan = lambda kql: None
    service.asked.clear()
    again = keeping.run("messages", **LINES)
    assert len(again.rows) == 12
    assert again.completeness.whole
    starts = [kql.partition(" >= datetime(")[2][:16] for kql in service.asked]
    assert starts == ["2026-03-12T10:00", "2026-03-12T10:00", "2026-03-12T11:00"]
    assert [kql.endswith("| count") for kql in service.asked] == [False, True, False]


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"\0" * 999], ids=["empty", "cut", "noise"])
def test_a_file_that_is_broken_is_asked_for_again(
    damage: bytes, keeping: Workspace, service: Endpoint
) -> None:
    first = keeping.run("messages", **LINES)
    (path,) = (cache_folder() / "answers").glob("*")
    path.write_bytes(damage)
    second = keeping.run("messages", **LINES)
    assert len(service.asked) == 2
    assert_frame_equal(first.rows, second.rows)


def test_files_are_their_users_alone(keeping: Workspace) -> None:
    os.umask(0)
    keeping.run("messages", **LINES)
    folder = cache_folder() / "answers"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]
    os.umask(0o022)


def test_what_was_unused_for_the_longest_goes_first() -> None:
    cache = Cache("a", pd.Timedelta(0), 10**9)
    rows = pd.DataFrame({"a": ["x" * 100]})
    for number in range(4):
        cache.put(f"query {number}", rows)
        os.utime(cache._path(f"query {number}"), (number, number))
    assert cache.get("query 0", {"a": "string"}) is not None  # used, so it is young
    size = cache._path("query 0").stat().st_size
    Cache("a", pd.Timedelta(0), size * 3).put("query 4", rows)
    held = [n for n in range(5) if cache.get(f"query {n}", {"a": "string"}) is not None]
    assert held == [0, 3, 4]


@pytest.mark.parametrize(
    ("stated", "held"),
    [
        pytest.param(None, Config(), id="nothing said"),
        pytest.param({"IngestionDelayMinutes": 30}, Config(30), id="a delay"),
        pytest.param({"CacheMegabytes": 0, "MaxRows": 5}, Config(180, 0, 5), id="others"),
        pytest.param({"AuditTable": "A_CL"}, Config(AuditTable="A_CL"), id="a table"),
    ],
)
def test_settings(stated: Any, held: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linuxhunt.workspace.config.get_config", lambda *_: stated)
    assert config() == held


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        pytest.param(
            {"Cache": 1}, "has no setting Cache; there are AuditTable, CacheMegabytes,", id="name"
        ),
        pytest.param({"AuditTable": "Syslog | x"}, "which ends with _CL, not 'Syslog", id="table"),
        pytest.param({"MaxRows": "many"}, "MaxRows takes a number, not 'many'", id="text"),
        pytest.param({"MaxRows": -1}, "takes a number, not -1", id="negative"),
    ],
)
def test_settings_that_are_none(stated: Any, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linuxhunt.workspace.config.get_config", lambda *_: stated)
    with pytest.raises(SourceError, match=said):
        config()
