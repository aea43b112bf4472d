"""The command line of reports and findings, without a kernel: options, statuses, what is said."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linuxhunt import cli
from linuxhunt.errors import LinuxHuntError
from linuxhunt.hunt import connect
from linuxhunt.output import render

HELD: dict[str, Any] = {
    "source": "logs", "host": "web", "start": "2026-03-12T10:00:00.000000Z",
    "end": "2026-03-12T11:00:00.000000Z",
    "hypotheses": [{"section": "logons", "verdict": "not supported"}],
    "findings": [{"EventSeverity": "Medium"}],
}  # fmt: skip
UNTOLD = {**HELD, "hypotheses": [{"section": "network", "verdict": "cannot tell"}]}

LINES = "".join(
    f"2026-03-12T10:00:{second:02}+00:00 web sshd[{second}]: {said} root from 203.0.113.9 port 22"
    " ssh2\n"
    for second, said in enumerate(["Failed password for"] * 20 + ["Accepted password for"])
)


class Ran:
    """What the command line was, did and said."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def running(*arguments: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["linuxhunt", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Ran(int(ended.value.code or 0), out, err)

    return running


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """How the two functions that write reports were called; they find UNTOLD."""
    calls: list[dict[str, Any]] = []

    def write(sources: list[str], output: Path, **more: Any) -> dict[str, Any]:
        calls.append({"sources": sources, "output": output, **more})
        return UNTOLD

    def write_all(
        sources: list[str], output: Path, **more: Any
    ) -> tuple[dict[str, Any], list[str]]:
        return write(sources, output, **more), ["db: cell 4 failed"] if more["most"] == 2 else []

    monkeypatch.setattr("linuxhunt.report.write_report", write)
    monkeypatch.setattr("linuxhunt.report.write_reports", write_all)
    return calls


def test_options_reach_the_report(
    run: Callable[..., Ran], asked: list[dict[str, Any]], tmp_path: Path
) -> None:
    found = tmp_path / "new" / "f.json"
    done = run(
        "report", "a", "b", "-o", "x.html", "--host", "web", "--start", "2026-03-12", "--session",
        "s1", "--user", "deploy", "--program", "sshd", "--findings", found, "--no-mask",
        "--no-cache", "--year", "2026", "--tz", "UTC", "--hostname", "web",
    )  # fmt: skip
    assert done.status == 0, done.err
    assert asked == [
        {
            "sources": ["a", "b"], "output": Path("x.html"), "host": "web", "start": "2026-03-12",
            "end": None, "picks": {"session": "s1", "user": "deploy", "program": "sshd"},
            "mask": False, "keep": False, "year": 2026, "tz": "UTC", "hostname": "web",
        }
    ]  # fmt: skip
    assert json.loads(found.read_text("utf-8")) == UNTOLD
    assert f"1 findings written to {found}" in done.err


@pytest.mark.parametrize(
    ("more", "status"),
    [
        pytest.param([], 0, id="nobody asked"),
        pytest.param(["--fail-on", "medium"], 3, id="reached, in any case of letters"),
        pytest.param(["--fail-on", "High"], 4, id="not reached, cannot tell"),
        pytest.param(["--host", "all", "--fail-on", "High"], 4, id="all hosts"),
        pytest.param(["--host", "all", "--most", "2"], 1, id="a report of several failed"),
        pytest.param(["--host", "all", "--most", "2", "--fail-on", "High"], 1,
                     id="a report failed, nothing found"),
        pytest.param(["--host", "all", "--most", "2", "--fail-on", "Low"], 3,
                     id="a report failed, and a finding counts for more"),
    ],
)  # fmt: skip
def test_statuses(
    more: list[str], status: int, run: Callable[..., Ran], asked: list[dict[str, Any]]
) -> None:
    done = run("report", "logs", *more)
    assert (done.status, len(asked)) == (status, 1)
    assert ("no report of db: cell 4 failed" in done.err) == ("--most" in more)


def test_all_told_and_nothing_reached_is_status_0(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linuxhunt.report.write_report", lambda *_, **__: HELD)
    assert run("report", "logs", "--fail-on", "High").status == 0


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        pytest.param(["--fail-on", "Severe"], 2, "Severe is none of Informational, Low", id="fail"),
        pytest.param(["--host", "all", "--user", "root"], 2, "--user chooses within one host",
                     id="a pick of all hosts"),
        pytest.param(["--most", "0"], 2, "--most", id="no host"),
        pytest.param(["--tz", "Mars"], 2, "there is no zone 'Mars'", id="zone"),
    ],
)  # fmt: skip
def test_wrong_usage_is_status_2(
    arguments: list[str],
    status: int,
    said: str,
    run: Callable[..., Ran],
    asked: list[dict[str, Any]],
) -> None:
    done = run("report", "logs", *arguments)
    assert (done.status, asked) == (status, [])
    assert said in " ".join(done.err.split())


def test_a_source_that_is_not_there_is_status_1(run: Callable[..., Ran], tmp_path: Path) -> None:
    for more in ([], ["--host", "all"]):
        done = run("report", tmp_path / "nowhere", "-o", tmp_path / "r.html", *more)
        assert (done.status, done.err.count("\n")) == (1, 1)
        assert done.err.startswith(f"linuxhunt: {tmp_path / 'nowhere'} is not there")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_cell_is_status_1(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise LinuxHuntError("cell 4 of the notebook failed: HostError: no host db")

    monkeypatch.setattr("linuxhunt.report.write_report", fail)
    done = run("report", "logs", "--fail-on", "High")
    assert (done.status, done.err) == (
        1,
        "linuxhunt: cell 4 of the notebook failed: HostError: no host db\n",
    )


def test_findings_are_a_kind_of_events(run: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "auth.log").write_text(LINES)
    done = run("events", "findings", tmp_path, "--host", "web")
    hunt = connect(tmp_path, host="web")
    assert (done.status, done.out) == (0, render(hunt.findings, "jsonl"))
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert ("logons", "High", "root", "203.0.113.9", "web") in [
        (row["Section"], row["EventSeverity"], row["TargetUsername"], row["SrcIpAddr"],
         row["DvcHostname"])
        for row in rows
    ]  # fmt: skip
    for verdict in hunt.verdicts:
        assert f"\n{verdict.section}: {verdict.verdict}" in done.err
    hunt.workspace.close()


def test_findings_have_nothing_to_explain(run: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "auth.log").write_text(LINES)
    done = run("events", "findings", tmp_path, "--explain")
    assert (done.status, done.out) == (2, "")
    assert "events of kind findings have nothing to explain" in done.err


def test_findings_to_a_file_and_strict(run: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "auth.log").write_text(LINES)
    done = run("events", "findings", tmp_path / "logs", "-o", tmp_path / "f.csv", "--strict")
    assert done.status == 0, done.err
    assert (tmp_path / "f.csv").read_bytes().startswith(b"FindingId,Section,Title,EventSeverity")
    assert "21 auth lines" in done.err
