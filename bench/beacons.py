"""How well beacons are told from a working host's traffic, on traffic that is made up.

    python bench/beacons.py [--trials 5] [--seed 1] [--counts 20,60,200] [--csv FILE]

Each trial is a host of its own for some days: time servers, name servers, package updates,
monitoring, backups, jobs, people, mail, visitors; and one implant that begins later on and calls
home. Prints, for each cell of period, jitter, loss and calls: recall (the implant is a finding of
Medium or above), how often its rhythm was seen at all, and precision (of all findings of Medium or
above, those that are the implant). Then each kind of ordinary traffic with its findings.

The traffic is made by sleeping, losing and calling as implants do, and knows nothing of how the
detector measures.
"""

from __future__ import annotations

import argparse
import itertools
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pandas as pd

from linuxhunt.schema import conform
from linuxhunt.sections.beacons import Beaconing
from linuxhunt.sections.net_common import sides

HOST, HOUR, DAY = "198.51.100.10", 3600.0, 86_400.0
IMPLANT = "implant"
PERIODS = (10.0, 60.0, 600.0, 3600.0)
JITTERS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
LOSSES = (0.0, 0.1, 0.2, 0.3)

Flow = tuple[float, str, int, str, str, int, int, str]
"""Time, address, port, protocol, direction, bytes sent by the opener, bytes back, whose."""


class Cell(NamedTuple):
    """One kind of implant."""

    period: float
    jitter: float
    loss: float
    count: int


def address(random: Random) -> str:
    """Draw an address of the Internet."""
    first = random.choice((23, 45, 62, 77, 88, 91, 104, 131, 145, 152, 185, 193, 205, 212))
    return f"{first}.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"


def implant(random: Random, cell: Cell, start: float) -> Iterator[Flow]:
    """Call home: sleep, perhaps lose a call, perhaps make several at a time."""
    home, port = address(random), random.choice((443, 443, 443, 80, 8443, 4444, 53211))
    shorter = random.random() < 0.4  # sleeps at most the period, as some frameworks do
    burst = random.choice((1, 1, 1, 2, 3))
    size, answer = random.randrange(150, 1800), random.randrange(100, 3000)
    interactive = random.random() < 0.2
    now = start
    for _ in range(cell.count):
        if random.random() >= cell.loss:
            for part in range(burst):
                late = random.lognormvariate(-1.5, 0.7) + part * random.uniform(0.1, 0.8)
                yield (now + late, home, port, "TCP", "Outbound", size + random.randrange(-12, 13),
                       answer + random.randrange(0, 60), IMPLANT)  # fmt: skip
        if cell.jitter:
            low, high = (-cell.jitter, 0.0) if shorter else (-cell.jitter, cell.jitter)
            now += cell.period * (1 + random.uniform(low, high))
        else:
            now += cell.period
    if interactive:  # somebody at the other end has the host do something
        when = start + random.random() * (now - start)
        for _ in range(random.randrange(3, 12)):
            when += random.lognormvariate(1.5, 1.0)
            yield (when, home, port, "TCP", "Outbound", random.randrange(500, 90_000),
                   random.randrange(500, 9_000), IMPLANT)  # fmt: skip


def every(
    random: Random, start: float, end: float, period: float, spread: float
) -> Iterator[float]:
    """Yield moments about a period apart."""
    now = start + random.random() * period
    while now < end:
        yield now
        now += period * (1 + random.uniform(-spread, spread))


def crowd(random: Random, start: float, end: float, pause: float) -> Iterator[float]:
    """Yield moments as people make them: in sittings, by day rather than by night."""
    now = start
    while now < end:
        now += random.expovariate(1 / pause)
        if random.random() < (0.9 if 7 <= now % DAY / HOUR < 20 else 0.15):
            sitting = now
            for _ in range(1 + int(random.expovariate(1 / 12))):
                yield sitting
                sitting += random.lognormvariate(1.6, 1.4)


def ordinary(random: Random, end: float) -> Iterator[Flow]:
    """Yield what a working host does in a window that begins at zero."""
    for _ in range(4):  # ntpd: the poll interval climbs, each server for itself
        server = address(random)
        for t in every(random, 0, end, random.choice((64, 256, 1024)), 0.02):
            yield t, server, 123, "UDP", "Outbound", 48, 48, "time"
    for resolver in ("10.0.0.2", address(random)):
        for t in every(random, 0, end, 45, 0.9):
            yield t, resolver, 53, "UDP", "Outbound", random.randrange(34, 70), 180, "names"
    mirrors = [address(random) for _ in range(3)]
    for day in range(math.ceil(end / DAY)):  # apt-daily: 12 h of random delay, twice a day
        for base in (6, 18):
            begin = day * DAY + base * HOUR + random.random() * 12 * HOUR
            for k in range(random.randrange(2, 9)):
                yield (begin + k * random.uniform(0.5, 6), random.choice(mirrors), 80, "TCP",
                       "Outbound", 2_400, random.randrange(10_000, 9_000_000),
                       "packages")  # fmt: skip
    for t in every(random, 0, end, 30, 0.01):
        yield t, "10.0.0.40", 10050, "TCP", "Inbound", 90, 200, "monitoring in"
    for t in every(random, 0, end, 60, 0.02):
        yield t, "10.0.0.41", 8086, "TCP", "Outbound", random.randrange(800, 900), 90, "monitoring"
    later = random.uniform(0.2, 0.6) * end  # a second agent is installed, within
    for t in every(random, later, end, 60, 0.02):
        yield t, "10.0.0.42", 9999, "TCP", "Outbound", 640, 90, "monitoring, new"
    service = address(random)
    for t in every(random, 0, end, 15, 0.05):
        yield (
            t,
            service,
            443,
            "TCP",
            "Outbound",
            random.randrange(900, 2_000),
            400,
            "monitoring out",
        )
    forge = address(random)
    for t in range(0, int(end), 300):  # cron: on the minute
        yield t + 1.0 + random.random(), forge, 443, "TCP", "Outbound", 1_900, 4_000, "job"
    store = address(random)
    for day in range(math.ceil(end / DAY)):
        begin = day * DAY + random.choice((2, 14)) * HOUR
        for k in range(40):
            yield (begin + k * random.uniform(8, 12), store, 443, "TCP", "Outbound", 60_000_000,
                   9_000, "backup")  # fmt: skip
    for _ in range(4):
        place = address(random)
        begin = random.random() * end * 0.7
        for t in crowd(random, begin, end, 4 * HOUR):
            yield (t, place, 443, "TCP", "Outbound", int(random.lognormvariate(7, 1)),
                   int(random.lognormvariate(9, 2)), "people")  # fmt: skip
    api, begin = address(random), random.random() * end * 0.7
    for t in itertools.takewhile(lambda t: t < end, _random(random, begin, 90)):
        yield (t, api, 443, "TCP", "Outbound", int(random.lognormvariate(6.5, 0.4)), 900,
               "calls by visitors")  # fmt: skip
    for _ in range(60):
        exchange = address(random)
        for t in crowd(random, random.random() * end, end, 30 * HOUR):
            yield t, exchange, 25, "TCP", "Outbound", int(random.lognormvariate(9, 1)), 900, "mail"
    for t in crowd(random, 0, end, HOUR / 2):
        yield t, address(random), 443, "TCP", "Inbound", 900, 40_000, "visitors"


def _random(random: Random, start: float, pause: float) -> Iterator[float]:
    while True:
        start += random.expovariate(1 / pause)
        yield start


def host(random: Random, cell: Cell) -> list[Flow]:
    """Make one host's flows: a day or two of nothing but work, then an implant as well."""
    lead = random.uniform(0.4, 1.5) * DAY
    length = min(cell.period * cell.count, 6 * DAY)
    end = lead + max(length, 4 * HOUR)
    return [*ordinary(random, end), *(f for f in implant(random, cell, lead) if f[0] < end)]


def frame(flows: list[Flow]) -> pd.DataFrame:
    """Return flows as the ``flows`` table; times are those of a sensor, to the microsecond."""
    names = ("time", "RemoteIpAddr", "DstPortNumber", "NetworkProtocol", "NetworkDirection",
             "SrcBytes", "DstBytes", "whose")  # fmt: skip
    made = pd.DataFrame(flows, columns=list(names))
    start = pd.Timestamp("2026-03-01", tz="UTC")
    made["EventStartTime"] = start + pd.to_timedelta((made["time"] * 1e6).round(), unit="us")
    inbound = made["NetworkDirection"] == "Inbound"
    made["SrcIpAddr"] = made["RemoteIpAddr"].where(inbound, HOST)
    made["DstIpAddr"] = made["RemoteIpAddr"].where(~inbound, HOST)
    made["EventUid"] = [f"conn.log:{n}" for n in range(1, len(made) + 1)]
    made["DvcHostname"], made["DvcAction"] = "host", "Allow"
    return conform(made, "flows")


def trial(random: Random, cell: Cell) -> tuple[bool, bool, Counter[str]]:
    """Judge one host.

    Returns:
        Whether the implant became a finding of Medium or above; whether its rhythm was seen at
        all; and whose traffic became such a finding beside it.
    """
    flows = host(random, cell)
    whose = {flow[1]: flow[7] for flow in flows}
    found = Beaconing().run({"sides": sides({"flows": frame(flows)})})
    grave = [whose[str(f.address)] for f in found if f.severity in ("Medium", "High")]
    seen = IMPLANT in {whose[str(f.address)] for f in found}
    return IMPLANT in grave, seen, Counter(name for name in grave if name != IMPLANT)


def measure(cells: list[Cell], trials: int, seed: int) -> pd.DataFrame:
    """Judge some hosts for each cell.

    Returns:
        One row a cell: its fields, Trials, Found, Seen, False (findings), and FalseBy (Counter).
    """
    rows: list[dict[str, Any]] = []
    for number, cell in enumerate(cells):
        random = Random(f"{seed}/{number}")
        judged = [trial(random, cell) for _ in range(trials)]
        wrong = sum((j[2] for j in judged), Counter[str]())
        rows.append(
            {**cell._asdict(), "Trials": trials, "Found": sum(j[0] for j in judged),
             "Seen": sum(j[1] for j in judged), "False": wrong.total(), "FalseBy": wrong}
        )  # fmt: skip
    return pd.DataFrame(rows)


def summed(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Add cells up: recall, seen and precision by some of their fields."""
    sums = rows.groupby(by)[["Trials", "Found", "Seen", "False"]].sum()
    sums["recall"] = (sums["Found"] / sums["Trials"]).round(3)
    sums["seen"] = (sums["Seen"] / sums["Trials"]).round(3)
    told = sums["Found"] + sums["False"]
    sums["precision"] = (sums["Found"] / told.where(told > 0)).round(3)
    return sums[["Trials", "recall", "seen", "precision", "False"]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--counts", default="20,60,200")
    parser.add_argument("--csv", type=Path)
    arguments = parser.parse_args()
    counts = [int(text) for text in arguments.counts.split(",")]
    cells = [Cell(*v) for v in itertools.product(PERIODS, JITTERS, LOSSES, counts)]
    rows = measure(cells, arguments.trials, arguments.seed)
    if arguments.csv:
        rows.to_csv(arguments.csv, index=False)
    for count, part in rows.groupby("count"):
        table = summed(part, ["jitter", "loss"])
        print(f"\n{count} calls, all periods: recall (and seen at all) by jitter and loss")
        said = table.apply(lambda r: f"{r['recall']:.2f} ({r['seen']:.2f})", axis=1)
        print(said.unstack("loss").to_string())
    for by in (["period"], ["count"], ["jitter"], ["loss"]):
        print("\n" + summed(rows, by).to_string())
    print("\nall", summed(rows.assign(all="all"), ["all"]).to_string(header=True))
    wrong = sum(rows["FalseBy"], Counter[str]())
    print("\nfalse findings by kind of traffic:", dict(wrong) or "none")


if __name__ == "__main__":
    main()
