"""A week of four ordinary hosts' flows, made up; nothing in here may be above Low."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from tests.made import events, utc

DAY, HOUR, WEEK = 86_400.0, 3600.0, 7 * 86_400.0
START = utc("2026-03-02")

Flow = tuple[float, str, str, int, str, str, int, int, float]
"""Time, direction, other side, port, protocol, action, bytes of the opener, of the other, seconds."""


def far(r: random.Random) -> str:
    return f"{r.choice((23, 45, 77, 91, 104, 152, 185))}.{r.randrange(256)}.{r.randrange(256)}.{r.randrange(1, 255)}"


def every(r: random.Random, period: float, spread: float = 0.01) -> Iterator[float]:
    now = r.random() * period
    while now < WEEK:
        yield now
        now += period * (1 + r.uniform(-spread, spread))


def by_chance(r: random.Random, pause: float, start: float = 0.0) -> Iterator[float]:
    now = start
    while (now := now + r.expovariate(1 / pause)) < WEEK:
        if 6 <= now % DAY / HOUR < 22 or r.random() < 0.3:
            yield now


def common(r: random.Random) -> Iterator[Flow]:
    """Time, names, packages, a monitored agent, administrators: what every host has."""
    for server in ("185.20.1.1", "91.189.4.4", "104.16.2.2", "23.10.9.9"):
        for t in every(r, 1024):
            yield t, "Outbound", server, 123, "UDP", "Allow", 48, 48, 0.02
    for t in every(r, 150, 0.9):
        yield t, "Outbound", r.choice(("10.0.0.2", "10.0.0.3")), 53, "UDP", "Allow", 45, 160, 0.01
    for day in range(7):
        for base in (0, 12):
            t = day * DAY + base * HOUR + r.random() * 12 * HOUR
            for mirror in ("91.189.91.81", "151.101.2.132"):
                for _ in range(r.randrange(1, 6)):
                    yield t, "Outbound", mirror, 80, "TCP", "Allow", 2_400, 4_000_000, 2.0
                    t += r.uniform(0.5, 6)
    for t in every(r, 60):
        yield t, "Inbound", "10.0.0.50", 9100, "TCP", "Allow", 200, 90_000, 0.1
    for t in every(r, 300):
        yield t, "Outbound", "10.0.0.51", 10051, "TCP", "Allow", 4_000, 90, 0.1
    admin = "185.44.3.2"
    for t in by_chance(r, 5 * HOUR):
        yield t, "Inbound", admin, 22, "TCP", "Allow", 9_000, 60_000, r.uniform(60, 4 * HOUR)


def scanned(r: random.Random, pause: float) -> Iterator[Flow]:
    """The Internet knocks; now and then somebody at many doors."""
    for t in by_chance(r, pause):
        port = r.choice((23, 2323, 445, 3389, 5900, 6379, 8080, 22))
        yield t, "Inbound", far(r), port, "TCP", "Drop", 0, 0, 0.0
    for _ in range(3):
        who, t = far(r), r.random() * WEEK
        for port in r.sample(range(1, 10_000), 300):
            yield t, "Inbound", who, port, "TCP", r.choice(("Drop", "Deny")), 0, 0, 0.0
            t += r.uniform(0.01, 1)


def web(r: random.Random) -> Iterator[Flow]:
    """Thousands of visitors, a database within, payment and mail services outside, a registry."""
    yield from common(r)
    yield from scanned(r, 120)
    visitors = [far(r) for _ in range(2_500)]
    for t in by_chance(r, 30):
        yield (t, "Inbound", r.choice(visitors), r.choice((443, 443, 80)), "TCP", "Allow", 1_500,
               int(r.lognormvariate(10, 2)), r.uniform(0.1, 60))  # fmt: skip
    for t in by_chance(r, 90):
        yield t, "Outbound", "10.0.0.20", 5432, "TCP", "Allow", 4_000, 90_000, r.uniform(1, 300)
    for t in by_chance(r, 600):
        yield (
            t,
            "Outbound",
            "104.18.7.7",
            443,
            "TCP",
            "Allow",
            int(r.lognormvariate(7, 1)),
            900,
            0.4,
        )
    for t in (2.5 * DAY, 5.5 * DAY):  # a release: images from a registry
        for k in range(25):
            yield (
                t + k * r.uniform(1, 9),
                "Outbound",
                "23.20.5.5",
                443,
                "TCP",
                "Allow",
                3_000,
                90_000_000,
                5.0,
            )
    for t in every(r, 15, 0.02):  # an agent of a service outside, since before the week
        yield t, "Outbound", "45.60.1.1", 443, "TCP", "Allow", r.randrange(900, 1_500), 300, 0.2


def mail(r: random.Random) -> Iterator[Flow]:
    """Mail in and out, to many, often in vain; lists of blocked hosts; users' mailboxes."""
    yield from common(r)
    yield from scanned(r, 200)
    exchanges = [far(r) for _ in range(900)]
    for t in by_chance(r, 90):
        action = r.choices(("Allow", "Drop", "Deny"), (80, 15, 5))[0]
        size = int(r.lognormvariate(9, 1.5)) if action == "Allow" else 0
        yield t, "Outbound", r.choice(exchanges), 25, "TCP", action, size, size and 900, 3.0
    for t in by_chance(r, 60):
        yield t, "Inbound", far(r), 25, "TCP", "Allow", int(r.lognormvariate(9, 1.5)), 900, 3.0
    users = [far(r) for _ in range(150)]
    for t in by_chance(r, 60):
        yield (t, "Inbound", r.choice(users), r.choice((993, 587)), "TCP", "Allow", 3_000,
               int(r.lognormvariate(10, 1.5)), r.uniform(1, 1_800))  # fmt: skip


def watcher(r: random.Random) -> Iterator[Flow]:
    """A monitoring server: the same targets day after day, within and outside, and its alarms."""
    yield from common(r)
    targets = [f"10.0.{a}.{b}" for a in range(1, 5) for b in range(10, 40)]
    for target in targets:
        for t in every(r, 900, 0.05):
            action = "Deny" if target.endswith(".39") else "Allow"
            yield (
                t,
                "Outbound",
                target,
                9100,
                "TCP",
                action,
                300,
                20_000 if action == "Allow" else 0,
                0.1,
            )
    for site in [far(r) for _ in range(12)]:
        for t in every(r, 300):
            yield t, "Outbound", site, 443, "TCP", "Allow", 900, 30_000, 0.5
    for t in by_chance(r, 6 * HOUR):
        yield t, "Outbound", "45.79.2.2", 443, "TCP", "Allow", 1_800, 500, 0.5


def database(r: random.Random) -> Iterator[Flow]:
    """Clients within, a replica, a backup each night to the same store outside."""
    yield from common(r)
    for t in by_chance(r, 60):
        yield t, "Inbound", "10.0.0.10", 5432, "TCP", "Allow", 4_000, 90_000, r.uniform(1, 300)
    yield 60.0, "Inbound", "10.0.0.21", 5432, "TCP", "Allow", 9_000, 9_000_000_000, WEEK - 120
    for day in range(7):
        t = day * DAY + 2 * HOUR + r.uniform(0, 300)
        for _ in range(40):
            yield t, "Outbound", "77.88.4.4", 443, "TCP", "Allow", 250_000_000, 20_000, 20.0
            t += r.uniform(20, 40)


HOSTS: dict[str, Callable[[random.Random], Iterator[Flow]]] = {
    "web server": web,
    "mail server": mail,
    "monitoring server": watcher,
    "database with backups": database,
}


def flows(kind: str, seed: int = 1) -> pd.DataFrame:
    """Return the week of one kind of host as the ``flows`` table."""
    made = [flow for flow in HOSTS[kind](random.Random(f"{kind}/{seed}")) if flow[0] < WEEK]
    return table(made, kind)


def table(made: list[Flow], host: str = "web01", own: str = "198.51.100.10") -> pd.DataFrame:
    """Return made flows as the ``flows`` table."""
    names = ["time", "NetworkDirection", "RemoteIpAddr", "DstPortNumber", "NetworkProtocol",
             "DvcAction", "SrcBytes", "DstBytes", "seconds"]  # fmt: skip
    rows = pd.DataFrame(made, columns=names)
    inbound = rows["NetworkDirection"] == "Inbound"
    start = START + pd.to_timedelta((rows["time"] * 1e6).round(), unit="us")
    more: dict[str, Any] = {
        "EventStartTime": start,
        "EventEndTime": start + pd.to_timedelta((rows["seconds"] * 1e6).round(), unit="us"),
        "NetworkDuration": (rows["seconds"] * 1000).round(),
        "SrcIpAddr": rows["RemoteIpAddr"].where(inbound, own),
        "DstIpAddr": rows["RemoteIpAddr"].where(~inbound, own),
        "DvcHostname": host,
        "EventCount": 1,
        "EventUid": [f"conn.log:{n}" for n in range(1, len(rows) + 1)],
    }
    return events("flows", rows.assign(**more).to_dict("records"))
