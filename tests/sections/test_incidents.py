"""The measure: what the sections find of an incident, act by act, and of quiet hosts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import linuxhunt
from bench import detections
from linuxhunt.evidence.sample import write_sample


@pytest.mark.parametrize("seed", [2, 8])
def test_nine_in_ten_acts_are_found_and_quiet_hosts_are_quiet(seed: int, tmp_path: Path) -> None:
    folder = write_sample(tmp_path / "case", seed=seed, scale=0.05)
    truth = json.loads((folder / "truth.json").read_text())
    hunt = linuxhunt.connect(folder, keep=False)
    try:
        acts = detections.measured(hunt, truth["acts"])
        noise = detections.noise(hunt, truth["host"])["Title"].tolist()
    finally:
        hunt.workspace.close()
    missed = {act.name: (act.inside, act.shown, act.records) for act in acts if not act.found}
    assert len(missed) <= 0.1 * len(acts), missed
    assert {name: held for name, held in missed.items() if held[0] + held[1] < held[2]} == {}, (
        "what is not in a finding is in its section"
    )
    assert noise == []
