"""Beacons: rhythms of made moments, reasons that weigh, and a floor under precision and recall."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from linuxhunt.schema import empty
from linuxhunt.sections.beacons import Beaconing, rhythms
from linuxhunt.sections.net_rhythm import beats, rhythm
from tests.made import events, logon, utc

START, FAR, HOUR = utc("2026-03-10"), "203.0.113.9", 3600.0


def slept(random: Random, period: float, count: int, jitter: float, loss: float) -> list[float]:
    now, kept = 0.0, []
    for _ in range(count):
        if random.random() >= loss:
            kept.append(now)
        now += period * (1 + random.uniform(-jitter, jitter))
    return kept


def sittings(random: Random, count: int) -> list[float]:
    now, kept = 0.0, []
    while len(kept) < count:
        now += random.expovariate(1 / HOUR)
        then = now
        for _ in range(1 + int(random.expovariate(0.1))):
            then += random.lognormvariate(1, 1.2)
            kept.append(then)
    return sorted(kept)[:count]


def bursts(random: Random, count: int) -> list[float]:
    starts = slept(random, 300, count, 0.1, 0.1)
    return sorted(t + random.uniform(0, 6) for t in starts for _ in range(3))


def mixed(random: Random, count: int) -> list[float]:
    own = slept(random, 60, count, 0.02, 0.05)
    return sorted(own + [random.uniform(0, own[-1]) for _ in range(count // 2)])


@pytest.mark.parametrize(
    ("make", "period"),
    [
        pytest.param(lambda r: slept(r, 60, 30, 0.0, 0.0), 60, id="a clock"),
        pytest.param(lambda r: slept(r, 60, 60, 0.2, 0.1), 60, id="jitter and loss"),
        pytest.param(lambda r: slept(r, 3600, 60, 0.5, 0.0), 3600, id="half of jitter"),
        pytest.param(lambda r: slept(r, 10, 200, 0.1, 0.3), 10, id="a third lost"),
        pytest.param(lambda r: bursts(r, 60), 300, id="bursts"),
        pytest.param(lambda r: mixed(r, 120), 60, id="among other traffic"),
    ],
)
def test_period_is_found(make: Callable[[Random], list[float]], period: float) -> None:
    for seed in range(5):
        found = rhythm(np.array(make(Random(seed))))
        assert found is not None
        assert found.period == pytest.approx(period, rel=0.12)
        assert found.evidence >= 14


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda r: np.cumsum([r.expovariate(1 / 60) for _ in range(200)]), id="chance"),
        pytest.param(lambda r: np.cumsum([r.lognormvariate(3, 1.5) for _ in range(200)]),
                     id="log-normal pauses"),
        pytest.param(lambda r: sittings(r, 200), id="sittings"),
    ],
)  # fmt: skip
def test_people_and_chance_have_none(make: Callable[[Random], Any]) -> None:
    for seed in range(8):
        found = rhythm(np.array(make(Random(seed))))
        assert found is None or found.kappa < 0.5 or found.evidence < 14


@pytest.mark.parametrize("times", [[], [1.0], [1.0] * 50, [1.0, 2.0, 3.0]], ids=len)
def test_too_few_moments_say_nothing(times: list[float]) -> None:
    assert rhythm(np.array(times)) is None


def test_beats() -> None:
    times = np.array([0.0, 0.5, 1.2, 60.0, 60.9, 130.0])
    assert beats(times, 1.0).tolist() == [0, 3, 5]


def flows(times: list[float], **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "EventStartTime": START + pd.Timedelta(seconds=round(t, 6)),
            "DvcHostname": "web01", "NetworkProtocol": "TCP", "NetworkDirection": "Outbound",
            "DvcAction": "Allow", "SrcBytes": 900, "DstBytes": 700, "RemoteIpAddr": FAR,
            "DstPortNumber": 443, "EventUid": f"f{n}",
            **{k: v(n) if callable(v) else v for k, v in more.items()},
        }
        for n, t in enumerate(times)
    ]  # fmt: skip


BEGIN = flows([0.0], RemoteIpAddr="10.0.0.2", DstPortNumber=53)
LATE = [12 * HOUR + t for t in slept(Random(1), 60, 200, 0.1, 0.05)]
EARLY = [t - 12 * HOUR + 60 for t in LATE]
DAILY = [day * 86_400 + 12 * HOUR + 30.0 * k for day in range(4) for k in range(60)]


@pytest.mark.parametrize(
    ("times", "more", "severities"),
    [
        pytest.param(LATE, {}, ["Medium"], id="new"),
        pytest.param(LATE, {"DstPortNumber": 4444}, ["Medium"], id="new, odd port"),
        pytest.param(LATE, {"TargetProcessName": "/usr/bin/bash"}, ["High"], id="new, a shell's"),
        pytest.param(LATE, {"TargetProcessName": "/dev/shm/.a"}, ["High"], id="new, in /dev/shm"),
        pytest.param(LATE, {"TargetProcessName": "/usr/bin/telegraf"}, ["Low"], id="new agent"),
        pytest.param(LATE, {"TargetProcessName": "/tmp/telegraf"}, ["High"], id="no agent"),
        pytest.param(EARLY, {}, ["Low"], id="since watching began"),
        pytest.param(EARLY, {"TargetProcessName": "/usr/bin/bash"}, ["Medium"], id="old, a shell's"),
        pytest.param(DAILY, {}, ["Low"], id="daily, from the first day on"),
        pytest.param(LATE, {"RemoteIpAddr": "10.0.0.9"}, [], id="within"),
        pytest.param(LATE, {"NetworkDirection": "Inbound"}, [], id="inbound"),
        pytest.param(LATE, {"DstPortNumber": 123, "NetworkProtocol": "UDP", "SrcBytes": 48}, [],
                     id="ntp"),
        pytest.param(LATE, {"DstPortNumber": 123, "NetworkProtocol": "UDP"}, ["Medium"],
                     id="too much for ntp"),
        pytest.param(LATE, {"DstPortNumber": 53, "NetworkProtocol": "UDP"}, [], id="dns"),
        pytest.param(LATE, {"DstPortNumber": 25, "SrcBytes": lambda n: 500 + 977 * (n % 13)}, ["Low"],
                     id="a mail queue"),
        pytest.param(LATE, {"SrcBytes": 60_000_000}, ["Low"], id="transfers"),
        pytest.param(LATE[:5], {}, [], id="five calls"),
        pytest.param([12 * HOUR + t for t in sittings(Random(3), 200)], {}, [], id="people"),
        pytest.param([12 * HOUR + 60.0 * k + 1.25 for k in range(300)], {}, ["Medium"], id="by cron"),
    ],
)  # fmt: skip
def test_reasons_weigh(times: list[float], more: dict[str, Any], severities: list[str]) -> None:
    end = flows([5 * 86_400.0], RemoteIpAddr="10.0.0.2", DstPortNumber=53)
    made = events("flows", [*BEGIN, *flows(times, **more), *end])
    assert [finding.severity for finding in Beaconing().run({"flows": made})] == severities


def test_an_address_that_failed_to_log_on_weighs_more() -> None:
    made = events("flows", [*BEGIN, *flows(LATE, DstPortNumber=4444)])
    tries = events("logons", [logon("2026-03-10 01:00", "Failure", EventCount=9)])
    (found,) = Beaconing().run({"flows": made, "logons": tries})
    assert found.severity == "High"
    assert "it failed to log on here 9 times" in found.reason


def test_a_finding_whole() -> None:
    times = [12 * HOUR + 600.0 * k + 0.25 for k in range(20)]
    made = events("flows", [*BEGIN, *flows(times, DstPortNumber=8445, LogonSessionId="s1")])
    (found,) = Beaconing().run({"flows": made})
    assert (found.title, found.severity, found.techniques, found.reason) == (
        "Regular calls to 203.0.113.9 port 8445/tcp, about every 10 min",
        "Medium",
        ("T1071", "T1571"),
        "20 beats about 10 min apart, 0% jitter; 100% of the intervals are regular (113 bits against"
        " chance); first called 12 h after watching began; nothing else of its network is called;"
        " port 8445 is no common service's; each call sends about 900 B",
    )
    assert (found.address, found.host, found.session) == (FAR, "web01", "s1")
    assert found.records == tuple(f"f{n}" for n in range(20))
    assert (found.start, found.end) == (
        START + pd.Timedelta("12h") + pd.Timedelta("250ms"),
        START + pd.Timedelta("12h") + pd.Timedelta(seconds=11_400.25),
    )


def test_a_source_that_counts_by_the_minute_has_no_rhythm_of_a_minute() -> None:
    counted = [12 * HOUR + 60.0 * k for k in range(400) if Random(k).random() < 0.9]
    slow = [12 * HOUR + 420.0 * k for k in range(60)]
    for times, found in ((counted, []), (slow, ["Medium"])):
        made = events("flows", [*BEGIN, *flows(times)])
        assert [f.severity for f in Beaconing().run({"flows": made})] == found


def test_rhythms_are_shown_also_where_nobody_need_mind() -> None:
    near = flows(EARLY, RemoteIpAddr="10.0.0.9")
    found = rhythms({"flows": events("flows", [*BEGIN, *near])})
    assert found[["RemoteIpAddr", "DstPortNumber", "Flows"]].values.tolist() == [
        ["10.0.0.9", 443, len(EARLY)]
    ]
    assert found["Period"][0] == pytest.approx(60, rel=0.1)
    assert rhythms({"flows": empty("flows")}).empty


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    path = Path(__file__).parents[2] / "bench" / "beacons.py"
    spec = importlib.util.spec_from_file_location("bench_beacons", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_precision_and_recall_do_not_fall(bench: ModuleType) -> None:
    """The generator of bench/beacons.py on a few of its cells; the whole bench says more."""
    cells = [bench.Cell(*values) for values in itertools.product(
        (60.0, 600.0), (0.0, 0.3, 0.5), (0.0, 0.3), (60,))]  # fmt: skip
    rows = bench.measure(cells, 1, seed=5)
    wrong = sum(rows["FalseBy"], Counter[str]())
    assert rows["Found"].sum() >= 11
    assert wrong.total() <= 1
