"""Spraying, guessing from many addresses, keys from elsewhere; sessions by ratio and what ran."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.sections import Finding
from linuxhunt.sections.logon_guesses import DistributedGuessing, PasswordSpraying
from linuxhunt.sections.logon_keys import KeyFromElsewhere
from linuxhunt.sections.logon_sessions import worth_a_look
from linuxhunt.sections.logons import CHECKS
from tests.made import events, utc
from tests.sections.people_made import (
    HOME,
    OFFICE,
    STRANGER,
    came,
    failed,
    session,
    tables,
    told,
    visit,
    where,
)


def spray(users: int, each: int = 1, step: str = "7min") -> list[dict[str, Any]]:
    """Return tries of each user in turn, at even distances."""
    start = pd.Timestamp("2026-03-10 01:00")
    order = [f"user{number}" for _ in range(each) for number in range(users)]
    return [failed(str(start + place * pd.Timedelta(step)), user, STRANGER)
            for place, user in enumerate(order)]  # fmt: skip


IN = came("2026-03-10 04:00", "zoe", STRANGER)
SPRAYED = f"Password spraying: {{}} users tried from {STRANGER}"


@pytest.mark.parametrize(
    ("logons", "found"),
    [
        pytest.param(spray(10), [f"Low: {SPRAYED.format(10)}, in vain"], id="ten users"),
        pytest.param(spray(9), [], id="nine users"),
        pytest.param(spray(10, 3), [f"Low: {SPRAYED.format(10)}, in vain"], id="three tries each"),
        pytest.param(spray(10, 4), [], id="four tries each are guessing"),
        pytest.param(spray(10, step="3h"), [], id="slower than a day"),
        pytest.param([*spray(10), IN], [f"High: {SPRAYED.format(10)}, then in as zoe"],
                     id="and in as another"),
        pytest.param([*spray(5), IN], [f"Medium: {SPRAYED.format(5)}, then in as zoe"],
                     id="five, and in"),
        pytest.param([*spray(4), IN], [], id="four, and in"),
        pytest.param([*spray(5), {**IN, "TimeGenerated": utc("2026-03-10 01:10")}], [],
                     id="in before most were tried"),
        pytest.param([came("2026-03-09 20:00", "zoe", STRANGER), *spray(5), IN], [],
                     id="who came from there before"),
        pytest.param([*spray(5), *(came(f"2026-03-10 06:0{n}", f"user{n}", STRANGER)
                                   for n in range(5))], [], id="colleagues who mistype"),
        pytest.param([*spray(10), {**IN, "SrcIpAddr": OFFICE}],
                     [f"Low: {SPRAYED.format(10)}, in vain"], id="in from elsewhere"),
        pytest.param([], [], id="nothing"),
    ],
)  # fmt: skip
def test_spraying(logons: list[Any], found: list[str]) -> None:
    assert told(PasswordSpraying().run(tables(logons=logons))) == found


def test_what_guessing_reports_is_not_told_twice() -> None:
    held = tables(logons=spray(12, step="10s"))
    found = [finding for check in CHECKS for finding in check.run(held)]
    assert [(finding.title, finding.techniques) for finding in found] == [
        (f"Guessing in vain: 12 failures from {STRANGER}", ("T1110.003",)),
    ]  # fmt: skip


def many(count: int, sources: int, start: str = "2026-03-10 10:00") -> list[dict[str, Any]]:
    first = pd.Timestamp(start)
    return [failed(str(first + pd.Timedelta(minutes=place)), "kim", f"10.{place % sources}.0.9")
            for place in range(count)]  # fmt: skip


PAST = came("2026-03-09 09:00", "kim", OFFICE)
GOT_IN = came("2026-03-10 10:21", "kim", STRANGER, LogonMethod="Username & Password")
LATER = came("2026-03-10 12:30", "ann", OFFICE)
TITLE = f"Guessed from many addresses: kim, then in from {STRANGER}"


@pytest.mark.parametrize(
    ("logons", "found"),
    [
        pytest.param([PAST, *many(20, 5), GOT_IN, LATER], [f"High: {TITLE}"], id="and they cease"),
        pytest.param([PAST, *many(60, 5), GOT_IN, LATER], [f"Medium: {TITLE}"], id="and they go on"),
        pytest.param([PAST, *many(20, 5), GOT_IN], [f"Medium: {TITLE}"],
                     id="the log ends before that can be told"),
        pytest.param([PAST, *many(19, 5), GOT_IN, LATER], [], id="19 failures"),
        pytest.param([PAST, *many(20, 4), GOT_IN, LATER], [], id="four addresses"),
        pytest.param([PAST, *many(20, 5), {**GOT_IN, "LogonMethod": "PKI"}, LATER], [], id="by key"),
        pytest.param([PAST, *many(20, 5), {**GOT_IN, "SrcIpAddr": OFFICE}, LATER], [],
                     id="from where they come from"),
        pytest.param([*many(20, 5), GOT_IN, LATER], [], id="nothing is known of the user"),
        pytest.param([*many(20, 5), failed("2026-03-10 10:20", "kim", STRANGER), GOT_IN, LATER],
                     [f"High: {TITLE}"], id="but the address had failed, too"),
        pytest.param([PAST, *many(20, 5, "2026-03-10 08:00"), GOT_IN, LATER], [],
                     id="two hours before"),
        pytest.param([], [], id="nothing"),
    ],
)  # fmt: skip
def test_distributed_guessing(logons: list[Any], found: list[str]) -> None:
    assert told(DistributedGuessing().run(tables(logons=logons))) == found


PLACES = where((OFFICE, "Germany", None, None, None, "Office"),
               (HOME, "Germany", None, None, None, "Home"),
               (STRANGER, "Brazil", None, None, None, "Far"))  # fmt: skip
USUAL = [row for day in (2, 3, 4) for row in visit(day, "09:00", "kim", OFFICE)["logons"]]
OPEN = session("open", "kim", "2026-03-10 09:00", "2026-03-10 17:00", OFFICE)


@pytest.mark.parametrize(
    ("address", "sessions", "known", "found"),
    [
        pytest.param(STRANGER, [OPEN], True, ["Medium: Key of kim from elsewhere: 192.0.2.66"],
                     id="another country"),
        pytest.param(STRANGER, [OPEN], False, ["Low: Key of kim from elsewhere: 192.0.2.66"],
                     id="places unknown"),
        pytest.param(HOME, [OPEN], True, ["Low: Key of kim from elsewhere: 198.51.100.40"],
                     id="a second machine"),
        pytest.param(STRANGER, [], True, [], id="no other session"),
        pytest.param(STRANGER, [{**OPEN, "EventEndTime": None, "EndReason": "open"}], True,
                     ["Medium: Key of kim from elsewhere: 192.0.2.66"], id="one that is still open"),
        pytest.param(STRANGER, [{**OPEN, "EventEndTime": utc("2026-03-10 11:59")}], True, [],
                     id="one that is over"),
        pytest.param(STRANGER, [{**OPEN, "TargetUsername": "ann"}], True, [], id="somebody else's"),
        pytest.param(OFFICE, [OPEN], True, [], id="where they come from"),
    ],
)  # fmt: skip
def test_key_from_elsewhere(
    address: str, sessions: list[Any], known: bool, found: list[str]
) -> None:
    held = tables(logons=[*USUAL, came("2026-03-10 12:00", "kim", address)], sessions=sessions,
                  places=PLACES if known else None)  # fmt: skip
    assert told(KeyFromElsewhere().run(held)) == found
    by_password = [{**row, "LogonMethod": "Username & Password"} for row in
                   [*USUAL, came("2026-03-10 12:00", "kim", address)]]  # fmt: skip
    assert KeyFromElsewhere().run({**held, "logons": events("logons", by_password)}) == []


NO_ALERTS = pd.DataFrame({"TimeGenerated": []})
SEAT = session("s1", "kim", "2026-03-10 10:30", "2026-03-10 11:00", STRANGER)


def tries(failures: int, successes: int = 1) -> list[dict[str, Any]]:
    return [*(failed(f"2026-03-10 10:{n:02}", "kim", STRANGER) for n in range(failures)),
            *(came(f"2026-03-10 10:30:{n:02}", "kim", STRANGER) for n in range(successes))]  # fmt: skip


@pytest.mark.parametrize(
    ("logons", "reasons"),
    [
        pytest.param(tries(3), ["3 of 4 tries from there failed"], id="most"),
        pytest.param(tries(2), [], id="two mistyped"),
        pytest.param(tries(3, 4), [], id="fewer than half"),
        pytest.param([{**row, "TargetUsername": "ann"} for row in tries(9)], [], id="another user's"),
        pytest.param([*tries(1), *(failed(f"2026-03-10 12:0{n}", "kim", STRANGER)
                                   for n in range(9))], [], id="afterwards"),
        pytest.param([], [], id="none known"),
    ],
)  # fmt: skip
def test_ratio_of_failures(logons: list[Any], reasons: list[str]) -> None:
    held = tables(sessions=[SEAT], logons=logons)
    marked = worth_a_look(held["sessions"], [], NO_ALERTS, logons=held["logons"])
    assert marked["Reasons"].tolist() == [reasons]


def finding(title: str, severity: str, seat: str | None, **more: Any) -> Finding:
    held = {"start": utc("2026-03-10 10:30"), "end": utc("2026-03-10 10:30"), **more}
    return Finding("x", title, severity, (), "", records=(), session=seat, **held)


def test_what_ran_counts_at_the_session_it_began_in() -> None:
    inner = session("s2", "root", "2026-03-10 10:31", None, None, ParentSessionId="s1",
                    LogonProtocol="sudo")  # fmt: skip
    held = tables(sessions=[inner, SEAT])
    ran = [finding("a", "High", "s2"), finding("b", "Medium", "s1"), finding("c", "Low", "s1"),
           finding("d", "High", None)]  # fmt: skip
    marked = worth_a_look(held["sessions"], [], NO_ALERTS, ran=ran)
    assert marked[["LogonSessionId", "Reasons", "Weight"]].values.tolist() == [
        ["s1", ["findings on what it ran: 1 High and 1 Medium"], 100], ["s2", [], 0],
    ]  # fmt: skip


def test_a_first_logon_marks_its_own_session_only() -> None:
    again = {**SEAT, "LogonSessionId": "s2", "EventStartTime": utc("2026-03-10 15:00")}
    first = finding("First logon of kim", "Low", None, user="kim", address=STRANGER)
    marked = worth_a_look(events("sessions", [SEAT, again]), [first], NO_ALERTS)
    assert marked[["LogonSessionId", "Reasons"]].values.tolist() == [
        ["s1", ["First logon of kim"]], ["s2", []],
    ]  # fmt: skip


def test_who_works_at_night_has_no_odd_hour() -> None:
    nights = [session(f"n{day}", "kim", f"2026-03-{day:02} 02:00", f"2026-03-{day:02} 03:00", OFFICE)
              for day in range(1, 11)]  # fmt: skip
    marked = worth_a_look(events("sessions", nights), [], NO_ALERTS)
    odd = ["opened between 00:00 and 05:00 UTC"]
    assert [bool(held) for held in marked["Reasons"]] == [True] * 8 + [False] * 2
    assert marked["Reasons"].iloc[0] == odd


def test_an_alert_marks_sessions_of_the_host_that_it_names() -> None:
    other = {**SEAT, "LogonSessionId": "s2", "DvcHostname": "db01"}
    alerts = pd.DataFrame({"TimeGenerated": [utc("2026-03-10 10:40")], "Entities": [None],
                           "CompromisedEntity": ["db01"]})  # fmt: skip
    marked = worth_a_look(events("sessions", [SEAT, other]), [], alerts)
    assert marked[["LogonSessionId", "Reasons"]].values.tolist() == [
        ["s2", ["an alert was raised during it"]], ["s1", []],
    ]  # fmt: skip
