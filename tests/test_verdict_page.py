"""Section 10 in the notebook: what it shows, notes, exports, and how whole the data was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from linuxhunt.events import KINDS, Events
from linuxhunt.hunt import Hunt, connect
from linuxhunt.pages.stood_on import SOURCES
from linuxhunt.scope import Scope
from linuxhunt.workspace.workspace import Workspace
from tests.made import utc
from tests.views.pages import Faults

ON_HOSTS = {
    "addresses in syslog", "heartbeats of hosts", "devices that Defender knows",
    "network sessions of logons",
}  # fmt: skip
"""What flows ask about hosts, not about flows."""

LINES = "".join(
    f"2026-03-12T10:00:{second:02}+00:00 web sshd[{second}]: {said} deploy from 203.0.113.9 port 22"
    " ssh2\n"
    for second, said in enumerate(["Failed password for"] * 20 + ["Accepted password for"])
)


@pytest.fixture
def hunt(tmp_path: Path) -> Iterator[Hunt]:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "auth.log").write_text(LINES)
    held = connect(tmp_path / "logs", host="web")
    yield held
    held.workspace.close()


def test_it_shows_verdicts_matrix_incident_entities_and_findings(hunt: Hunt) -> None:
    view = hunt.verdict.view()
    assert Faults(view).found == []
    said = view.text.split("\n")
    assert said[0].endswith(f"[{hunt.scope}]")
    first = next(line for line in said if "Host logon events" in line)
    assert first.startswith("■ Supported: Host logon events: Somebody used credentials")
    assert any(line.startswith("Techniques by tactic: Initial access: T1078") for line in said)
    assert any(line.startswith("Findings by section: ") for line in said)
    assert any("203.0.113.9" in line and "→" in line for line in said)
    assert view.html.count('href="#logons"') >= 2
    assert "lh-notes" not in view.html


def test_notes_are_shown_exported_and_kept_for_each_host(hunt: Hunt, tmp_path: Path) -> None:
    box = hunt.verdict.notes()
    hunt.verdict.note("  Called <the owner>. ")
    hunt.verdict.note("Disk imaged.")
    assert box.value == hunt.verdict.noted == "Called <the owner>.\n\nDisk imaged."
    assert "Called &lt;the owner&gt;.</p>" in hunt.verdict.view().html
    box.value = "Called."
    hunt.verdict.export_json(tmp_path / "f.json")
    held = json.loads((tmp_path / "f.json").read_text("utf-8"))
    assert (hunt.verdict.noted, held["notes"]) == ("Called.", "Called.")
    hunt.select("all")
    assert (hunt.verdict.noted, box.value) == ("", "")
    hunt.select("web")
    assert (hunt.verdict.noted, box.value) == ("Called.", "Called.")


def test_exports_say_where_they_are(hunt: Hunt, tmp_path: Path) -> None:
    said = hunt.verdict.export(tmp_path / "out")
    names = [str(tmp_path / "out" / name) for name in
             ("findings.json", "findings.csv", "bookmarks.json")]  # fmt: skip
    assert said.text == f"Written: {', '.join(names)}."
    held = json.loads(Path(names[0]).read_text("utf-8"))
    assert held == hunt.verdict.document()
    assert (held["source"], held["host"]) == (hunt.workspace.label, "web")
    logons = next(each for each in held["hypotheses"] if each["section"] == "logons")
    assert logons["verdict"] == "supported"
    assert (logons["completeness"]["rows"], logons["completeness"]["partial"]) == (21, False)
    assert [each["FindingId"] for each in held["findings"]] == list(hunt.findings["FindingId"])
    assert hunt.verdict.export().text.startswith('hunt.verdict.export("folder") writes')


def test_a_section_that_fails_stops_no_other(hunt: Hunt, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> object:
        raise KeyError("TargetUsername")

    monkeypatch.setattr(type(hunt.network), "found", fail)
    held = hunt.verdict.document()
    network = next(each for each in held["hypotheses"] if each["section"] == "network")
    assert network["verdict"] == "cannot tell"
    assert network["missing"] == ["this section failed: KeyError: 'TargetUsername'"]
    assert "KeyError" in hunt.verdict.view().text
    assert [each["Section"] for each in held["findings"]].count("logons") >= 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_events_names_what_it_asks_for(kind: str, workspace: Workspace) -> None:
    scope = Scope(utc("2000-01-01"), utc("2100-01-01"))
    events = Events(workspace, scope, {})
    _ = events[kind]
    own = {name for other in ("sessions", "processes") for name in SOURCES[other]}
    known = {*SOURCES[kind], *(ON_HOSTS | own if kind == "flows" else ())}
    assert set(events.completeness) - known == set()
