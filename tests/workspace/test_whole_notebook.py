"""The whole notebook on a Log Analytics endpoint with low limits and faults, beside a local case.

The cells are the notebook's own, run in order in one IPython. What passes must cost nothing: every
frame equals the local case's. What lasts must be said where it counts, and stop nothing else.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import duckdb
import jupytext
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from pandas.testing import assert_frame_equal
from traitlets.config import Config

from linuxhunt.events import KINDS
from linuxhunt.evidence import ingest
from linuxhunt.evidence.sample import write_sample
from linuxhunt.hunt import Hunt
from tests.workspace.cloud import QUICK, SPACE, TENANT, point_at
from tests.workspace.endpoint import Endpoint, endpoint

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "linux_host_explorer.py"
ROWS = 5_000
"""Rows of one answer; the largest window of the incident holds several times as many."""
PASSING = ("429", "503", "partial", "drop", "garbage", "504", "401", "broken json", "half", "500")
_WHOLE = re.compile(r"\b(summarize|top|getschema|distinct)\b")
"""Queries of which two halves of the window do not give the rows of the whole."""


@dataclass(frozen=True)
class Run:
    """The notebook after its last cell.

    Attributes:
        hunt: what the cells made.
        said: a cell's code -> what it showed, as text.
        failed: cells that raised, or of which a section did.
    """

    hunt: Hunt
    said: dict[str, str]
    failed: dict[str, str]


def run(shell: InteractiveShell, **parameters: Any) -> Run:
    """Run every cell, with parameters as papermill would put them."""
    said, failed = {}, {}
    for cell in jupytext.read(NOTEBOOK).cells:
        if cell.cell_type != "code":
            continue
        code = cell.source
        if "parameters" in cell.metadata.get("tags", ()):
            code = "\n".join([code, *(f"{name} = {value!r}" for name, value in parameters.items())])
        with capture_output() as shown:
            done = shell.run_cell(code)
        texts = [str(out.data.get("text/plain", "")) for out in shown.outputs]
        said[cell.source] = "\n".join([*texts, repr(done.result)])
        if not done.success or "This section failed" in said[cell.source]:
            failed[cell.source] = said[cell.source][-500:] + str(done.error_in_exec)
    return Run(shell.user_ns["hunt"], said, failed)


@pytest.fixture(scope="module")
def incident(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sample incident, without what a workspace has no table for."""
    folder = tmp_path_factory.mktemp("incident")
    write_sample(folder / "evidence", scale=0.05)
    ingest([folder / "evidence"], folder / "incident.duckdb")
    with duckdb.connect(str(folder / "incident.duckdb")) as con:
        for table in ("LinuxLogin_CL", "LinuxJournal_CL", "evidence.facts"):
            con.execute(f"DELETE FROM {table}")
    return folder / "incident.duckdb"


@pytest.fixture(scope="module")
def patch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as held:
        held.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        held.setattr("linuxhunt.hunt._LOOK_BACK", pd.Timedelta(days=3_650))
        held.setattr("linuxhunt.workspace.workspace.Patience", lambda: QUICK)
        yield held


@pytest.fixture(scope="module")
def shell(patch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    config = Config()
    config.HistoryManager.enabled = False
    yield InteractiveShell.instance(config=config)
    InteractiveShell.clear_instance()


@pytest.fixture(scope="module")
def here(incident: Path, shell: InteractiveShell) -> Run:
    """Return the notebook on the local case."""
    return run(shell, SOURCE=str(incident))


@pytest.fixture(scope="module")
def service(
    incident: Path, patch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Endpoint]:
    with endpoint(incident, tmp_path_factory.mktemp("tls")) as (held, bundle):
        point_at(held, bundle, patch)
        yield held


def there(service: Endpoint, shell: InteractiveShell, local: Run) -> Run:
    """Run the notebook on the endpoint, on the local case's window and host."""
    scope = local.hunt.scope
    service.row_cap = ROWS
    return run(
        shell,
        SOURCE=f"workspace:{SPACE}@{TENANT}",
        START=str(scope.start),
        END=str(scope.end),
        OPTIONS={"keep": False},
    )


def passing() -> Any:
    """Return a plan by which each third query fails the first time that it is asked."""
    lock, asked, faults = threading.Lock(), set(), cycle(PASSING)

    def plan(kql: str) -> str | None:
        with lock:
            if kql in asked:
                return None
            asked.add(kql)
            if len(asked) % 3:
                return None
            fault = next(faults)
            # What is left out of such an answer stays out, and is named: see test_sentinel.
            return "503" if fault in ("partial", "504") and _WHOLE.search(kql) else fault

    return plan


@pytest.fixture(scope="module")
def healed(service: Endpoint, shell: InteractiveShell, here: Run) -> Run:
    """Return the notebook on the endpoint with low limits, where every failure passes."""
    service.reset()
    service.plan = passing()
    return there(service, shell, here)


def test_no_cell_fails(healed: Run) -> None:
    assert healed.failed == {}
    assert healed.hunt.workspace.environment == "MSSentinel"


@pytest.mark.parametrize("kind", KINDS)
def test_frames_are_those_of_the_local_case(kind: str, healed: Run, here: Run) -> None:
    expected = here.hunt.events[kind]
    assert len(expected)
    assert_frame_equal(healed.hunt.events[kind], expected)


def test_findings_and_verdicts_are_those_of_the_local_case(healed: Run, here: Run) -> None:
    assert len(here.hunt.findings)
    assert_frame_equal(healed.hunt.findings, here.hunt.findings)
    told = [[(v.section, v.hypothesis, v.verdict) for v in r.hunt.verdicts] for r in (healed, here)]
    assert told[0] == told[1]


def test_every_answer_is_whole_and_some_came_in_parts(healed: Run) -> None:
    asked = healed.hunt.events.completeness
    there_at_all = {name: state for name, state in asked.items() if not state.absent}
    assert {name: str(state) for name, state in there_at_all.items() if not state.whole} == {}
    parts = {name for name, state in asked.items() if state.asked > 1}
    assert {"audit.log lines", "processes that Defender saw"} <= parts


LASTING = {r"\(ASimNetworkSessionLogs\s+\| where": "500", r"\(HuntingBookmark\s+\| where": "403"}
"""What a query reads -> how it fails, each time: most of the flows, and what analysts marked."""


@pytest.fixture(scope="module")
def broken(service: Endpoint, shell: InteractiveShell, here: Run) -> Run:
    """Return the notebook on the endpoint where two tables never answer."""
    service.reset()
    service.plan = lambda kql: next(
        (fault for read, fault in LASTING.items() if re.search(read, kql)), None
    )
    return there(service, shell, here)


def test_no_cell_fails_for_tables_that_never_answer(broken: Run) -> None:
    assert broken.failed == {}


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_stands_on_those_tables_is_missing(kind: str, broken: Run, here: Run) -> None:
    held, expected = broken.hunt.events[kind], here.hunt.events[kind]
    if kind == "flows":  # those of the host's own firewall are there, as syslog tells of them
        expected = expected[expected["EventProduct"] == "ufw"].reset_index(drop=True)
        assert len(expected)
    assert_frame_equal(held, expected)


def test_sections_that_stand_on_them_say_so(broken: Run, here: Run) -> None:
    told = {verdict.section: verdict for verdict in broken.hunt.verdicts}
    whole = {verdict.section: verdict.verdict for verdict in here.hunt.verdicts}
    assert {name: v.verdict for name, v in told.items()} == {**whole, "network": "cannot tell"}
    span = broken.hunt.scope
    flows = (
        f"PARTIAL: {span.start:%Y-%m-%d %H:%M} to {span.end:%Y-%m-%d %H:%M} UTC: the connection"
        " failed (Something went wrong (InternalServerError))"
    )
    (lost, *_) = told["network"].missing
    assert "packets that the host's firewall logged, network sessions" in lost
    assert lost.endswith(flows)
    (marked,) = told["alerts"].missing
    assert marked.startswith("no bookmarks (The provided credentials have insufficient access")
    assert {name for name, v in told.items() if v.missing} == {"network", "alerts"}
    assert flows in broken.said["hunt.network.show()"]
    assert "no bookmarks (" in broken.said["hunt.alerts.show()"]


def test_findings_of_the_other_sections_are_there(broken: Run, here: Run) -> None:
    def others(run: Run) -> pd.DataFrame:
        found = run.hunt.findings
        return found[~found["Section"].isin(("network", "alerts"))].reset_index(drop=True)

    assert len(others(here))
    assert_frame_equal(others(broken), others(here))
