"""The command line: data on stdout, the rest on stderr, statuses, one line for what is wrong."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from linuxhunt import cli

GOOD = (
    "Mar 12 10:00:00 web sshd[7]: Failed password for root from 203.0.113.9 port 22 ssh2\n"
    "Mar 12 10:00:01 web sshd[7]: Connection closed by 203.0.113.9 port 22 [preauth]\n"
    "Mar 12 10:00:02 web sshd[8]: Accepted password for root from 203.0.113.9 port 23 ssh2\n"
)
COUNT = "Syslog | count"
THREE = '{"Count":3}\n'


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command line and says how it ended."""

    def running(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["linuxhunt", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Done(int(ended.value.code or 0), out, err)

    return running


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "auth.log").write_text(GOOD)
    return folder


def last(text: str) -> str:
    return text.splitlines()[-1] if text else ""


def empty(folder: Path) -> list[Any]:
    (folder / "none").mkdir()
    return [folder / "none"]


def binary(folder: Path) -> list[Any]:
    (folder / "noise").write_bytes(bytes(range(256)) * 64)
    return [folder / "noise"]


def nowhere(folder: Path) -> list[Any]:
    return [folder / "nowhere"]


def only_empty(folder: Path) -> list[Any]:
    (folder / "auth.log").write_bytes(b"")
    return [folder / "auth.log"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(empty, "no files in it", id="empty folder"),
        pytest.param(binary, "noise", id="binary file"),
        pytest.param(nowhere, "nowhere", id="no such path"),
        pytest.param(only_empty, "auth.log", id="empty file"),
    ],
)
@pytest.mark.parametrize("command", ["query", "ingest"])
def test_nothing_that_can_be_read_is_one_line(
    command: str, make: Callable[[Path], list[Any]], said: str, run: Run, tmp_path: Path
) -> None:
    more = [COUNT] if command == "query" else ["-o", tmp_path / "x.duckdb"]
    done = run(command, *make(tmp_path), *more)
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("linuxhunt: ")
    assert done.err.count("\n") == 1
    assert said in done.err
    assert not (tmp_path / "x.duckdb").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        pytest.param(["nonsense"], 2, "No such command", id="no such command"),
        pytest.param(["events"], 2, "kind", id="no kind"),
        pytest.param(["events", "nope", "{logs}"], 2, "nope is none of auth, logons", id="kind"),
        pytest.param(["hosts", "--nope"], 2, "--nope", id="no such option"),
        pytest.param(["query", "--format", "xml", "{logs}", COUNT], 2, "xml is none of", id="form"),
        pytest.param(["query", "--format", "parquet", "{logs}", COUNT], 2, "give -o FILE",
                     id="parquet on stdout"),
        pytest.param(["query", "--year", "soon", "{logs}", COUNT], 2, "--year", id="no year"),
        pytest.param(["query", "--tz", "Mars/Base", "{logs}", COUNT], 2,
                     "there is no zone 'Mars/Base'; write it as Europe/Berlin or UTC", id="zone"),
        pytest.param(["query", "--tz", "../etc/passwd", "{logs}", COUNT], 2, "there is no zone",
                     id="zone that is a path"),
        pytest.param(["ingest", "--tz", "Mars", "{logs}", "-o", "x.duckdb"], 2, "no zone 'Mars'",
                     id="zone of ingest"),
        pytest.param(["ingest", "{logs}"], 2, "-o", id="no case"),
        pytest.param(["hosts", "{logs}", "--start", "2026-03-13", "--end", "2026-03-12"], 2,
                     "before it starts", id="end before start"),
        pytest.param(["hosts", "{logs}", "--year", "2026", "--start", "2027-01-01"], 2,
                     "before it starts", id="start after all that is held"),
        pytest.param(["hosts", "{logs}", "--start", "noon"], 2, "start 'noon' is no time",
                     id="no time"),
        pytest.param(["events", "auth", "{logs}", "--host", "db"], 1,
                     "no host db in this window; there are: web", id="host that is not there"),
        pytest.param(["query", "{logs}", "Syslog |"], 1, "could not parse KQL", id="bad KQL"),
        pytest.param(["query", "{logs}", "Nope"], 1, "does not exist in the case", id="no table"),
        pytest.param(["query", "{logs}", ".drop table Syslog"], 1, "unsupported", id="writing"),
        pytest.param(["query", "{logs}", COUNT, "-o", "/nowhere/x.jsonl"], 1,
                     "/nowhere/x.jsonl: No such file or directory", id="no folder to write to"),
        pytest.param(["query", "", COUNT], 1, "an empty source was given", id="empty source"),
        pytest.param(["query", "kusto:http://127.0.0.1:9/x", COUNT], 1, "the connection failed",
                     id="no server"),
        pytest.param(["serve", "nowhere.duckdb"], 1, "is not there", id="no case to serve"),
        pytest.param(["serve", "{logs}/auth.log"], 1, "cannot be opened as a case", id="a log"),
        pytest.param(["notebook", "{logs}/auth.log/x"], 1, "Not a directory", id="no folder"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(
    arguments: list[str], status: int, said: str, run: Run, logs: Path
) -> None:
    done = run(*(part.replace("{logs}", str(logs)) for part in arguments))
    assert (done.status, done.out) == (status, "")
    assert said in " ".join(done.err.split())


@pytest.mark.parametrize(
    ("more", "out"),
    [
        pytest.param([], THREE, id="jsonl where nobody looks"),
        pytest.param(["--format", "csv"], "Count\r\n3\r\n", id="csv"),
        pytest.param(["--format", "table"], "Count\n    3\n1 rows\n", id="table"),
    ],
)
def test_stdout_holds_data_only(more: list[str], out: str, run: Run, logs: Path) -> None:
    done = run("query", logs, COUNT, "--year", "2026", *more)
    assert (done.status, done.out) == (0, out)
    assert f"source: {logs}; all hosts · 12 Mar 10:00 – 12 Mar 2026 11:00 UTC" in done.err


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.parquet", "x"])
def test_a_file_is_written_in_the_format_of_its_name(name: str, run: Run, logs: Path) -> None:
    done = run("query", logs, COUNT, "-o", logs.parent / name)
    assert (done.status, done.out) == (0, "")
    assert last(done.err) == f"1 rows written to {logs.parent / name}"
    held = (logs.parent / name).read_bytes()
    assert held[:4] == {"x.csv": b"Coun", "x.parquet": b"PAR1"}.get(name, b'{"Co')


def test_several_sources_are_one(run: Run, logs: Path, tmp_path: Path) -> None:
    (tmp_path / "more.log").write_text(GOOD)
    done = run("query", logs, tmp_path / "more.log", COUNT)
    assert (done.status, done.out) == (0, '{"Count":6}\n')


def cut(folder: Path) -> None:
    whole = gzip.compress("".join(GOOD.replace("[7]", f"[{n}]") for n in range(999)).encode())
    (folder / "old.log.gz").write_bytes(whole[: len(whole) // 2])


def noise(folder: Path) -> None:
    (folder / "noise").write_bytes(bytes(range(256)) * 64)


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        pytest.param(cut, "old.log.gz", id="truncated gzip"),
        pytest.param(noise, "noise", id="noise"),
    ],
)
def test_the_rest_is_read_and_what_is_not_is_named(
    spoil: Callable[[Path], None], named: str, run: Run, logs: Path, tmp_path: Path
) -> None:
    spoil(logs)
    done = run("ingest", logs, "-o", tmp_path / "a.duckdb")
    assert (done.status, done.out) == (0, "")
    assert named in done.err
    asked = run(
        "query", tmp_path / "a.duckdb", "Syslog | where _ItemId startswith 'auth.log' | count"
    )
    assert (asked.status, asked.out) == (0, THREE)


def test_strict_fails_where_something_was_rejected(run: Run, logs: Path, tmp_path: Path) -> None:
    assert run("ingest", logs, "-o", tmp_path / "a.duckdb", "--strict").status == 0
    cut(logs)
    done = run("ingest", logs, "-o", tmp_path / "b.duckdb", "--strict")
    assert (done.status, done.out) == (1, "")
    assert last(done.err) == (
        "linuxhunt: something was rejected (see above), and --strict was given"
    )


def test_a_file_is_read_into_a_case_once(run: Run, logs: Path, tmp_path: Path) -> None:
    case = tmp_path / "a.duckdb"
    for _ in range(2):
        assert run("ingest", logs, "-o", case).status == 0
    assert run("query", case, COUNT).out == THREE


@pytest.fixture
def without_rights(tmp_path: Path) -> Iterator[Callable[[Path], None]]:
    """Return a function that takes the rights to a path away, from root, too."""
    dropped = os.geteuid() == 0
    taken: list[Path] = []

    def take(path: Path) -> None:
        path.chmod(0)
        taken.append(path)
        if dropped:
            for folder in (tmp_path, *tmp_path.parents):
                if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
                    folder.chmod(folder.stat().st_mode | 0o055)
            tmp_path.chmod(0o777)
            os.seteuid(65534)

    yield take
    if dropped:
        os.seteuid(0)
    for path in taken:
        path.chmod(0o700)


@pytest.mark.parametrize("place", ["logs", "logs/auth.log", "logs/sub"])
def test_without_rights(
    place: str, run: Run, logs: Path, without_rights: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(logs.parent / "cache"))
    monkeypatch.setenv("TMPDIR", str(logs.parent))
    (logs / "sub").mkdir()
    (logs / "sub" / "x.log").write_text(GOOD)
    run("query", logs, COUNT, "--no-cache")  # what is imported late is imported now
    without_rights(logs.parent / place)
    done = run("query", logs.parent / place, COUNT, "--no-cache")
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith(f"linuxhunt: {logs.parent / place}")
    assert done.err.count("\n") == 1


def test_what_is_without_rights_leaves_the_rest(
    run: Run, logs: Path, without_rights: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(logs.parent))
    (logs / "sub").mkdir()
    (logs / "other.log").write_text(GOOD)
    run("query", logs, COUNT, "--no-cache")
    (logs / "other.log").chmod(0)
    without_rights(logs / "sub")
    done = run("query", logs, COUNT, "--no-cache")
    assert (done.status, done.out) == (0, THREE)


def test_whoever_reads_may_have_had_enough(logs: Path, tmp_path: Path) -> None:
    (logs / "auth.log").write_text(GOOD * 20_000)
    command = f"{sys.executable} -m linuxhunt.cli query '{logs}' Syslog --no-cache"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -n 1"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["Computer"] == "web"
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_stdout_is_utf_8_whatever_the_terminal(logs: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "linuxhunt.cli", "query", str(logs), "print x='ü\U0001f642'"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout.decode() == '{"x":"ü\U0001f642"}\n'
