"""How long commands take to begin, and rows to be written, beside what they stand on.

    python bench/start.py SOURCE [--kind audit] [--times 3]

SOURCE is evidence or a case; the first run keeps a case of it, so that no command is measured while
it reads evidence. For each command, in processes of their own, the fastest of ``--times``: seconds
of processor time of its imports and of the whole, and the ratio of the whole to
``python -c 'import msticpy.data, pandas'``, which nothing on msticpy can do without. Then the
events of ``--kind`` as each format, beside pandas' ``to_json``, ``to_csv`` and ``to_parquet`` of
the same frame, which write lists and maps otherwise, but as many.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

import linuxhunt
from linuxhunt.output import write

IMPORTS = {
    "--help": "import linuxhunt.cli",
    "ingest": "import linuxhunt.cli, linuxhunt.evidence, linuxhunt.progress",
    "hosts": "import linuxhunt.cli, linuxhunt.hunt, linuxhunt.output",
    "query": "import linuxhunt.cli, linuxhunt.hunt, linuxhunt.output",
    "events sessions": "import linuxhunt.cli, linuxhunt.hunt, linuxhunt.output",
    "doctor": "import linuxhunt.cli, linuxhunt.doctor",
}
"""Command -> what it imports before it does anything."""


def spent(*arguments: str) -> float:
    """Return seconds of processor time of a Python process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def fastest(times: int, run: Callable[[], float]) -> float:
    return min(run() for _ in range(times))


def took(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def starts(source: str, times: int, folder: Path) -> None:
    """Print how long each command takes to begin."""
    given = {
        "--help": ["--help"],
        "ingest": ["ingest", source, "-o", str(folder / "case.duckdb")],
        "hosts": ["hosts", source],
        "query": ["query", source, "Syslog | count"],
        "events sessions": ["events", "sessions", source],
        "doctor": ["doctor", source],
    }
    base = fastest(times, lambda: spent("-c", "import msticpy.data, pandas"))
    print(f"{'import msticpy.data, pandas':28}{base:8.2f}")
    print(f"{'command':28}{'imports':>8}{'whole':>8}{'ratio':>8}")
    for name, arguments in given.items():
        imports = fastest(times, lambda code=IMPORTS[name]: spent("-c", code))  # type: ignore[misc]
        whole = fastest(times, lambda a=arguments: spent("-m", "linuxhunt.cli", *a))  # type: ignore[misc]
        print(f"{name:28}{imports:8.2f}{whole:8.2f}{whole / base:8.1f}")


def writers(frame: pd.DataFrame, times: int, folder: Path) -> None:
    """Print how long a frame takes to be written."""
    pandas: dict[str, Callable[[Path], object]] = {
        "jsonl": lambda path: frame.to_json(path, orient="records", lines=True),
        "csv": lambda path: frame.to_csv(path, index=False),
        "parquet": lambda path: frame.astype(
            {name: str for name in frame.columns if frame[name].dtype == object}
        ).to_parquet(path),
    }
    print(f"{len(frame):,} rows{'linuxhunt':>20}{'pandas':>8}{'ratio':>8}")
    for kind, other in pandas.items():
        path = folder / f"rows.{kind}"
        ours = fastest(times, lambda p=path, k=kind: took(lambda: write(frame, p, k)))  # type: ignore[misc]
        theirs = fastest(times, lambda p=path, o=other: took(lambda: o(p)))  # type: ignore[misc]
        print(f"{kind:28}{ours:8.2f}{theirs:8.2f}{ours / theirs:8.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("source")
    parser.add_argument("--kind", default="audit")
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    hunt = linuxhunt.connect(options.source)
    with tempfile.TemporaryDirectory() as folder:
        starts(options.source, options.times, Path(folder))
        writers(hunt.events[options.kind], options.times, Path(folder))


if __name__ == "__main__":
    main()
