"""How users are ranked, and how one differs from their past and from the others."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.sections import Finding, findings_frame
from linuxhunt.sections.commands import commands
from linuxhunt.sections.user_profile import OTHERS, OWN_PAST, differs, programs
from linuxhunt.sections.user_ranking import RANKED, ranked_users
from tests.made import utc
from tests.sections.people_made import (
    HOME,
    OFFICE,
    STRANGER,
    came,
    change,
    failed,
    session,
    sudo,
    tables,
    where,
)


def found(user: str, title: str, severity: str) -> Finding:
    moment = utc("2026-03-10 10:00")
    return Finding("users", title, severity, (), "", moment, moment, (title,), user=user)


def test_ranking() -> None:
    held = tables(
        logons=[came("2026-03-10 10:00", "ann", OFFICE), failed("2026-03-10 09:00", "ann", OFFICE),
                failed("2026-03-10 01:00", "oracle", STRANGER, EventCount=40)],
        sessions=[session("s1", "ann", "2026-03-10 10:00", None, OFFICE)],
        sudo=[sudo("2026-03-10 10:05", "ann", "/usr/bin/id", "s1")],
        cron=[{"TimeGenerated": utc("2026-03-10 03:00"), "EventType": "Run",
               "TargetUsername": "root", "CommandLine": "backup", "EventUid": "c"}],
        accounts=[change("2026-03-10 11:00", "UserCreated", "eve")],
    )  # fmt: skip
    findings = findings_frame(
        [found("eve", "New account eve: used", "High"), found("eve", "New account eve: more", "Low"),
         found("root", "Job: backup", "Low")]
    )  # fmt: skip
    frame = ranked_users(held, commands(held), findings)
    assert list(frame.columns) == list(RANKED)
    assert frame[list(RANKED[:10])].values.tolist() == [
        ["eve", ["New account eve"], 100, 0, 0, 0, 0, 0, 0, 1],
        ["root", ["Job"], 5, 0, 0, 0, 0, 1, 0, 0],
        ["ann", [], 0, 1, 1, 1, 1, 0, 0, 0],
        ["oracle", [], 0, 0, 40, 0, 0, 0, 0, 0],
    ]
    assert frame[["FirstTime", "LastTime"]].iloc[2].tolist() == [
        utc("2026-03-10 09:00"), utc("2026-03-10 10:05"),
    ]  # fmt: skip


def test_nobody() -> None:
    frame = ranked_users(tables(), commands(tables()), findings_frame([]))
    assert (list(frame.columns), len(frame)) == (list(RANKED), 0)


def test_programs() -> None:
    texts = ["/usr/bin/id -u", "-bash", '"/opt/a b" x', "", None, "  ls", "./run.sh"]
    named = programs(pd.Series(texts, dtype="str"))
    assert named.astype(object).where(named.notna(), None).tolist() == [
        "id", "bash", "a", None, None, "ls", "run.sh",
    ]  # fmt: skip
    assert programs(pd.Series([], dtype="str")).tolist() == []


def told(user: str, **rows: Any) -> list[tuple[str, str, str]]:
    held = tables(**rows)
    frame = differs(user, held, commands(held))
    return list(zip(frame["Compared"], frame["What"], frame["Value"], strict=True))


PLACES = where((OFFICE, "Germany", None, None, None, "Office"),
               (HOME, "Germany", None, None, None, "Home"),
               (STRANGER, "Brazil", None, None, None, "Far"))  # fmt: skip
USUAL = [came(f"2026-03-{day:02} 09:00", "ann", OFFICE) for day in (2, 3, 4)]


@pytest.mark.parametrize(
    ("logons", "expected"),
    [
        pytest.param([*USUAL, came("2026-03-10 09:00", "ann", STRANGER)],
                     [(OWN_PAST, "first address", STRANGER), (OWN_PAST, "first network", "Far"),
                      (OWN_PAST, "first country", "Brazil")], id="from afar"),
        pytest.param([*USUAL, came("2026-03-10 09:00", "ann", HOME, LogonMethod="MFA")],
                     [(OWN_PAST, "first address", HOME), (OWN_PAST, "first network", "Home"),
                      (OWN_PAST, "first way to log on", "MFA")], id="in another way"),
        pytest.param([*USUAL[:2], came("2026-03-10 09:00", "ann", STRANGER)], [],
                     id="two logons are no past"),
        pytest.param([*USUAL, failed("2026-03-10 09:00", "ann", STRANGER)], [], id="in vain"),
        pytest.param([*USUAL, came("2026-03-10 09:00", "ben", STRANGER)], [], id="somebody else"),
    ],
)  # fmt: skip
def test_first_places(logons: list[Any], expected: list[Any]) -> None:
    assert told("ann", logons=logons, places=PLACES) == expected


def daily(user: str, command: str, count: int, day: int) -> list[dict[str, Any]]:
    return [sudo(f"2026-03-{day:02} 09:{n:02}", user, command) for n in range(count)]


def test_programs_never_used_before() -> None:
    past = [*daily("ann", "/usr/bin/id", 10, 2), *daily("ann", "/usr/bin/ls", 10, 3)]
    new = daily("ann", "/usr/bin/nmap -sV 10.0.0.0/8", 1, 4)
    assert told("ann", sudo=[*past, *new]) == [(OWN_PAST, "first use of program", "nmap")]
    assert told("ann", sudo=[*past[1:], *new]) == []


def test_a_day_of_much_more() -> None:
    days = [row for day in range(2, 8) for row in daily("ann", "/usr/bin/id", 3 + day % 2, day)]
    assert told("ann", sudo=[*days, *daily("ann", "/usr/bin/id", 30, 9)]) == [
        (OWN_PAST, "many sudo commands", "30 on 09 Mar"),
    ]  # fmt: skip
    assert told("ann", sudo=[*days, *daily("ann", "/usr/bin/id", 7, 9)]) == []
    assert told("ann", sudo=[*days[:10], *daily("ann", "/usr/bin/id", 30, 9)]) == []


def test_what_only_they_use() -> None:
    others = [row for user in ("ben", "eva", "kim") for row in daily(user, "/usr/bin/id", 2, 2)]
    own = [*daily("ann", "/usr/bin/id", 1, 2), *daily("ann", "/usr/bin/socat - -", 1, 2)]
    assert told("ann", sudo=[*own, *others]) == [
        (OTHERS, "program only they use", "socat"),
        (OTHERS, "sudo command only they use", "/usr/bin/socat - -"),
    ]
    assert told("ann", sudo=[*own, *others[2:]]) == []


def test_rate_of_failures() -> None:
    others = [row for user in ("ben", "eva", "kim") for n in range(10)
              for row in [came(f"2026-03-0{1 + n % 5} 1{n % 10}:00", user, OFFICE)]]  # fmt: skip
    own = [came("2026-03-02 09:00", "ann", OFFICE),
           *(failed(f"2026-03-02 10:0{n}", "ann", OFFICE) for n in range(9))]  # fmt: skip
    assert told("ann", logons=[*own, *others]) == [(OTHERS, "rate of failed logons", "90%")]
    assert told("ann", logons=[*own[:9], *others]) == []
    assert told("ben", logons=[*own, *others]) == []


def test_hours_of_theirs_alone() -> None:
    others = [session(f"{user}{day}", user, f"2026-03-{day:02} 09:30", None, OFFICE)
              for user in ("ben", "eva", "kim") for day in (2, 3, 4)]  # fmt: skip
    own = [session(f"ann{day}", "ann", f"2026-03-{day:02} {hour}:00", None, OFFICE)
           for day, hour in ((2, "09"), (3, "10"), (4, "03"))]  # fmt: skip
    assert told("ann", sessions=[*own, *others]) == [(OTHERS, "hours of sessions", "03:00")]
    assert told("ann", sessions=[*own, *others[3:]]) == []
