"""What the sections find of a sample incident, act by act.

    python bench/detections.py [--seeds 1 2 3] [--scales 0.5 1] [--records]

Writes the sample for each seed and scale, opens it, and runs all sections that answer a hypothesis.
For each act of the sample's truth.json it prints the share of the act's records that are inside
findings of Medium or above. An act is found where all of them are; one that is not is shown where
its records are inside the rows that a section shows or in a lower finding. What the findings say of
the quiet hosts, above Low, is printed in full. ``--records`` prints the log lines that are missed.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import linuxhunt
from linuxhunt.events import KINDS
from linuxhunt.evidence.sample import write_sample

HIGH = ("Medium", "High")
SHOWN = ("logons", "sessions", "sudo", "cron", "accounts", "audit", "processes", "flows")
"""Kinds of events that sections show, row by row."""


@dataclass(frozen=True)
class Act:
    """One act of the intruder, and what became of it.

    Attributes:
        name: of the act.
        technique: MITRE ATT&CK id.
        records: how many log records show it.
        inside: how many of them are inside findings of Medium or above.
        shown: how many of the others are inside lower findings or the rows of a section.
        missed: those that are inside no finding of Medium or above.
    """

    name: str
    technique: str
    records: int
    inside: int
    shown: int
    missed: tuple[str, ...]

    @property
    def found(self) -> bool:
        """Whether all its records are inside findings of Medium or above."""
        return self.inside == self.records


def records_of(rows: pd.DataFrame) -> Iterator[str]:
    """Yield the record ids of events or findings."""
    if "RecordIds" in rows:
        for ids in rows["RecordIds"]:
            yield from ids if ids is not None else ()
    elif "EventUid" in rows:
        yield from rows["EventUid"].dropna()


def measured(hunt: linuxhunt.Hunt, acts: Iterable[dict[str, object]]) -> list[Act]:
    """Return each act of a truth against the findings of a hunt on all its hosts."""
    findings = hunt.findings
    grave = set(records_of(findings[findings["EventSeverity"].isin(HIGH)]))
    shown = set(records_of(findings))
    for kind in (kind for kind in SHOWN if kind in KINDS):
        shown.update(records_of(hunt.events[kind]))
    rows = []
    for act in acts:
        ids = [str(uid) for uid in act["records"]]  # type: ignore[attr-defined]
        missed = tuple(uid for uid in ids if uid not in grave)
        rows.append(
            Act(
                str(act["act"]), str(act["technique"]), len(ids), len(ids) - len(missed),
                sum(uid in shown for uid in missed), missed,
            )
        )  # fmt: skip
    return rows


def noise(hunt: linuxhunt.Hunt, host: str) -> pd.DataFrame:
    """Return the findings above Low that are not about the intruder's host."""
    findings = hunt.findings
    elsewhere = findings["DvcHostname"].fillna("").str.lower() != host.lower()
    return findings[elsewhere & findings["EventSeverity"].isin(HIGH)]


def kinds(lines: Iterable[str], most: int = 15) -> Iterator[str]:
    """Yield the first line of each kind: lines that differ in numbers only are of one."""
    seen: set[str] = set()
    for line in lines:
        kind = re.sub(r"[0-9a-f]*[0-9][0-9a-f.:]*", "0", line)[:110]
        if kind not in seen and len(seen) < most:
            seen.add(kind)
            yield line


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--scales", type=float, nargs="+", default=[0.3, 1.0])
    parser.add_argument("--records", action="store_true", help="print the lines that are missed")
    options = parser.parse_args()
    all_acts = all_found = 0
    for seed in options.seeds:
        for scale in options.scales:
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch) / "sample"
                write_sample(folder, seed=seed, scale=scale)
                truth = json.loads((folder / "truth.json").read_text())
                before = time.perf_counter()
                hunt = linuxhunt.connect(folder, keep=False)
                acts = measured(hunt, truth["acts"])
                took = time.perf_counter() - before
                quiet = noise(hunt, truth["host"])
                found = sum(act.found for act in acts)
                all_acts, all_found = all_acts + len(acts), all_found + found
                share = sum(act.inside for act in acts) / sum(act.records for act in acts)
                print(f"seed {seed} scale {scale:g}: {found} of {len(acts)} acts found,"
                      f" {share:.1%} of their records; {len(quiet)} findings above Low on quiet"
                      f" hosts; {took:.0f} s")  # fmt: skip
                for act in acts:
                    if act.found:
                        continue
                    left = act.records - act.inside
                    print(f"  {act.name} ({act.technique}): {act.inside} of {act.records} records;"
                          f" of the other {left}, {act.shown} shown in a section")  # fmt: skip
                    if options.records:
                        for line in kinds(hunt.lines(act.missed).values()):
                            print(f"      {line[:200]}")
                for row in quiet.to_dict("records"):
                    print(f"  quiet: {row['EventSeverity']} {row['DvcHostname']} {row['Title']}")
                hunt.workspace.close()
    print(f"all: {all_found} of {all_acts} acts ({all_found / all_acts:.1%})")


if __name__ == "__main__":
    main()
