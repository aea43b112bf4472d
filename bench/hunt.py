"""How long each stage of a hunt takes on a source.

    python bench/hunt.py [SOURCE] [--host HOST] [--only NAME ...] [--profile FOLDER]

Connects, makes each kind of events, then each section's findings, and then each section's view, in
the order of the notebook, so that a stage pays for what no stage before it has made already. Prints
seconds of processor time (of this process, all its threads) and of wall for each. With
``--profile``, writes one cProfile file for each stage, of which cProfile's own cost is a part.

An evidence folder is read anew if it is not in the cache of cases; for the time of the hunt alone,
give a case (``linuxhunt ingest``).
"""

from __future__ import annotations

import argparse
import cProfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import linuxhunt
from linuxhunt.events import KINDS

VIEWS = (
    "source", "schema", "host", "alerts", "alerts.alert", "logons", "session", "session.sudo",
    "users", "applications", "applications.program", "network", "network.address", "verdict",
)  # fmt: skip
WIDGETS = (
    "pick_window", "pick_host", "alerts.pick", "pick_rescope", "logons.investigate",
    "session.pick", "session.investigate", "users.pick", "users.investigate",
    "applications.pick", "applications.investigate", "network.pick", "network.investigate",
    "intel.ask", "verdict.notes", "verdict.export",
)  # fmt: skip
"""What the notebook shows, by the names of :class:`linuxhunt.hunt.Hunt`."""


def of(hunt: Any, name: str) -> Any:
    for part in name.split("."):
        hunt = getattr(hunt, part)
    return hunt


def stages(hunt: Any) -> list[tuple[str, Callable[[], Any]]]:
    """Return name and work of each stage after the connection, in order."""
    made: list[tuple[str, Callable[[], Any]]] = [
        (f"events {kind}", lambda kind=kind: hunt.events[kind]) for kind in KINDS
    ]
    made += [(f"checks {page.section}", page.found) for page in hunt.judged]
    made += [("findings", lambda: hunt.findings)]
    for name in VIEWS:
        held = of(hunt, name)
        made.append((f"view {name}", getattr(held, "view", lambda held=held: held)))
    made += [(f"widget {name}", of(hunt, name)) for name in WIDGETS]
    return made


def length(held: Any) -> str:
    html = getattr(held, "html", None)
    if isinstance(html, str):
        return f"{len(html):>14,} signs"
    return f"{len(held):>14,} rows" if hasattr(held, "__len__") else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", nargs="?", default="sample")
    parser.add_argument("--host", help="default the first of the ranking")
    parser.add_argument("--only", nargs="*", help="stages whose name holds one of these")
    parser.add_argument("--profile", type=Path, help="folder for cProfile's files")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    totals = [0.0, 0.0]

    def told(name: str, work: Callable[[], Any]) -> Any:
        profile = cProfile.Profile()
        start, used = time.perf_counter(), time.process_time()
        held = profile.runcall(work) if options.profile else work()
        wall, processor = time.perf_counter() - start, time.process_time() - used
        totals[0] += processor
        totals[1] += wall
        print(f"{name:<32}{processor:>9.2f} s processor {wall:>9.2f} s wall {length(held)}",
              flush=True)  # fmt: skip
        if options.profile:
            options.profile.mkdir(parents=True, exist_ok=True)
            profile.dump_stats(options.profile / f"{name.replace(' ', '-')}.prof")
        return held

    hunt = told("connect", lambda: linuxhunt.connect(options.source))
    told("pick host", lambda: hunt.pick_host(options.host))
    for name, work in stages(hunt):
        if not options.only or any(part in name for part in options.only):
            told(name, work)
    print(f"{'all':<32}{totals[0]:>9.2f} s processor {totals[1]:>9.2f} s wall")


if __name__ == "__main__":
    main()
