"""How many messages a second are searched for indicators, beside msticpy's IoCExtract.

    python bench/indicators.py LOG_OR_FOLDER... [--messages 1000000] [--theirs 20000]

Reads text, CSV and audit logs line by line, repeats the lines to the number of messages with a
number of its own in each (so that no two texts are equal), and times ``enrich.indicators`` on all
of them. IoCExtract (which compares paths by priority, as it does by default) is timed on the first
lines. Both are then run on the lines as they are, and what one finds and the other does not is
listed by kind.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd
from msticpy.transform.iocextract import IoCExtract

from linuxhunt.enrich.indicators import indicators
from linuxhunt.schema import STR

KINDS = ("ipv4", "ipv6", "dns", "url", "email", "md5_hash", "sha1_hash", "sha256_hash")
"""Types that both know; paths are only counted: to IoCExtract most texts with a slash are one."""

Pairs = set[tuple[str, str]]


def lines_of(paths: Iterable[Path]) -> list[str]:
    """Return all lines of files and of the files in folders."""
    files = [
        file
        for path in paths
        for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
        if file.suffix in (".log", ".txt", ".csv") and file.is_file()
    ]
    return [line for file in files for line in file.read_text("utf-8", "replace").splitlines()]


def ours(texts: Iterable[str]) -> pd.DataFrame:
    """Return what linuxhunt finds."""
    frame = pd.DataFrame({"Text": list(texts)}, dtype=STR)
    return indicators(frame.assign(EventUid=frame.index.astype(STR)), ["Text"])


def theirs(texts: Iterable[str]) -> pd.DataFrame:
    """Return what IoCExtract finds."""
    return IoCExtract().extract_df(pd.DataFrame({"Text": list(texts)}), columns=["Text"])


def timed(
    work: Callable[[Iterable[str]], pd.DataFrame], texts: list[str]
) -> tuple[pd.DataFrame, float, float]:
    """Return what the work made, and its wall and processor seconds."""
    began, used = time.perf_counter(), time.process_time()
    made = work(texts)
    return made, time.perf_counter() - began, time.process_time() - used


def pairs(values: Iterable[str], kinds: Iterable[str]) -> Pairs:
    """Return (value in lower case, kind)."""
    return {(str(value).lower(), kind) for value, kind in zip(values, kinds, strict=True)}


def listed(title: str, found: Pairs, most: int) -> None:
    """Print what one found alone, by kind."""
    print(f"\n{title}")
    for kind, number in Counter(kind for _, kind in found).most_common():
        some = sorted(value for value, held in found if held == kind)[:most]
        print(f"  {kind:12}{number:7,}  {'  '.join(text[:60] for text in some)}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log", type=Path, nargs="+")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--theirs", type=int, default=20_000)
    parser.add_argument("--most", type=int, default=12, help="examples shown of a kind")
    arguments = parser.parse_args()
    lines = lines_of(arguments.log)
    many = [f"{lines[n % len(lines)]} #{n}" for n in range(arguments.messages)]
    few = many[: arguments.theirs]
    found, wall, used = timed(ours, many)
    _, their_wall, their_used = timed(theirs, few)
    print(f"{len(lines):,} lines; {len(many):,} messages, no two alike: {len(found):,} indicators")
    print(f"{'':14}{'messages':>10}{'messages/s':>12}{'processor s/million':>21}")
    for name, number, seconds, processor in (
        ("linuxhunt", len(many), wall, used),
        ("IoCExtract", len(few), their_wall, their_used),
    ):
        print(f"{name:14}{number:10,}{number / seconds:12,.0f}{processor / number * 1e6:21,.1f}")
    print(f"ratio of messages a second: {len(many) / wall * their_wall / len(few):.1f}")

    mine, other = ours(lines), theirs(lines)
    print(f"\n{'':14}{'linuxhunt':>10}{'IoCExtract':>12}")
    for kind in (*KINDS, "linux_path"):
        held = mine.loc[mine["Type"] == kind, "Indicator"].nunique()
        print(
            f"{kind:14}{held:10,}{other.loc[other['IoCType'] == kind, 'Observable'].nunique():12,}"
        )
    a = mine[mine["Type"].isin(KINDS)]
    b = other[other["IoCType"].isin(KINDS)]
    first, second = pairs(a["Indicator"], a["Type"]), pairs(b["Observable"], b["IoCType"])
    listed("linuxhunt alone", first - second, arguments.most)
    listed("IoCExtract alone", second - first, arguments.most)


if __name__ == "__main__":
    main()
