"""Guessed passwords, root from outside, a first logon from an address; and sessions ranked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from linuxhunt.schema import empty
from linuxhunt.sections import Finding
from linuxhunt.sections.logons import (
    CHECKS,
    DirectRoot,
    FirstFromAddress,
    GuessedPassword,
    worth_a_look,
)
from tests.made import events, logon, utc

ADDRESS = "203.0.113.9"


def failures(
    count: int, *, first: str = "2026-03-12 10:00:00", step: str = "30s", **more: Any
) -> list[dict[str, Any]]:
    """Return failures at even distances, each with a record named by its place."""
    start = pd.Timestamp(first)
    return [
        logon(
            str(start + place * pd.Timedelta(step)),
            "Failure",
            **{"RecordIds": [f"f{place}"], **more},
        )
        for place in range(count)
    ]


def told(findings: Iterable[Finding]) -> list[str]:
    return [f"{finding.severity}: {finding.title}" for finding in findings]


def run(check: Any, rows: list[dict[str, Any]]) -> list[Finding]:
    return list(check.run({"logons": events("logons", rows)}))


GUESSED = f"High: Guessed password: 10 failures from {ADDRESS}, then in as deploy"
IN_VAIN = f"Low: Guessing in vain: 10 failures from {ADDRESS}"
NOT_RIGHT_AFTER = f"Low: Guessing: 10 failures from {ADDRESS}"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([*failures(10), logon("2026-03-12 10:06")], [GUESSED], id="10 in 10 minutes"),
        pytest.param([*failures(9), logon("2026-03-12 10:06")], [], id="9 are not enough"),
        pytest.param(failures(10), [IN_VAIN], id="no success"),
        pytest.param(failures(9), [], id="9 in vain"),
        pytest.param([*failures(10, step="1min"), logon("2026-03-12 10:10:00")], [GUESSED],
                     id="the first lies a window before, to the second"),
        pytest.param([*failures(10, step="1min"), logon("2026-03-12 10:10:00.000001")],
                     [NOT_RIGHT_AFTER], id="a microsecond too long ago"),
        pytest.param([*failures(10, step="0s"), logon("2026-03-12 10:00:00")], [GUESSED],
                     id="all in one second"),
        pytest.param([logon("2026-03-12 09:59"), *failures(10)], [IN_VAIN],
                     id="a success before is none after"),
        pytest.param([*failures(5), logon("2026-03-12 10:02:20"),
                      *failures(5, first="2026-03-12 10:03:00")], [NOT_RIGHT_AFTER],
                     id="failures after the success do not count for it"),
        pytest.param([*failures(2, EventCount=5), logon("2026-03-12 10:06")], [GUESSED],
                     id="message repeated 5 times"),
        pytest.param([*failures(10, step="2min"), logon("2026-03-12 10:20")], [],
                     id="slower than 10 in 10 minutes"),
        pytest.param([*failures(30, step="45min"), logon("2026-03-13 09:00")],
                     [f"High: Guessed password: 30 failures from {ADDRESS}, then in as deploy"],
                     id="slow guessing"),
        pytest.param([*failures(29, step="45min"), logon("2026-03-13 09:00")], [],
                     id="29 slow ones are not enough"),
        pytest.param([*failures(30, step="1h"), logon("2026-03-13 15:30")], [],
                     id="30 over more than a day"),
        pytest.param([*failures(10), logon("2026-03-12 10:06", address="198.51.100.7")], [IN_VAIN],
                     id="in from elsewhere"),
        pytest.param([*failures(5), *failures(5, SrcIpAddr="198.51.100.7"),
                      logon("2026-03-12 10:06")], [], id="two addresses of 5"),
        pytest.param([*failures(10), logon("2026-03-12 10:06", DvcHostname="db01")], [IN_VAIN],
                     id="in on another host"),
        pytest.param([*failures(5), *failures(5, DvcHostname="db01"), logon("2026-03-12 10:06")],
                     [], id="two hosts of 5"),
        pytest.param([*failures(10), logon("2026-03-12 10:06"), logon("2026-03-12 10:07"),
                      logon("2026-03-12 10:08", user="root")],
                     [GUESSED, GUESSED.replace("deploy", "root")], id="one finding for each user"),
        pytest.param([*failures(10, SrcIpAddr=None, SrcHostname="evil.example"),
                      logon("2026-03-12 10:06", address=None, SrcHostname="evil.example")],
                     [GUESSED.replace(ADDRESS, "evil.example")], id="a name for an address"),
        pytest.param([*failures(10, SrcIpAddr=None), logon("2026-03-12 10:06", address=None)], [],
                     id="on the console"),
        pytest.param([*failures(10, DvcHostname=None), logon("2026-03-12 10:06", DvcHostname=None)],
                     [GUESSED], id="logs that name no host"),
        pytest.param([*failures(10), logon("2026-03-12 10:06", user=None)],
                     [GUESSED.replace("deploy", "somebody")], id="a success that names nobody"),
        pytest.param([logon("2026-03-12 10:06"), *reversed(failures(10))], [GUESSED],
                     id="rows in another order"),
        pytest.param([*failures(10, EventResult="NA"), logon("2026-03-12 10:06")], [],
                     id="neither failure nor success"),
        pytest.param([], [], id="no rows"),
    ],
)  # fmt: skip
def test_guessed_password(rows: list[dict[str, Any]], found: list[str]) -> None:
    assert told(run(GuessedPassword(), rows)) == found
    reported = GuessedPassword().reported(events("logons", rows))
    assert reported == {(held.host, held.address) for held in run(GuessedPassword(), rows)}


def test_a_guessed_password_whole() -> None:
    rows = [
        *failures(3, first="2026-03-10 10:00", user="admin"),
        *failures(10, user="admin"),
        *failures(2, first="2026-03-12 10:05:00"),
        logon("2026-03-12 10:06"),
        logon("2026-03-12 10:07"),
        *failures(5, first="2026-03-12 11:00"),
    ]
    rows = [{**row, "RecordIds": [f"r{place}"]} for place, row in enumerate(rows)]
    assert run(GuessedPassword(), rows) == [
        Finding(
            "logons",
            f"Guessed password: 15 failures from {ADDRESS}, then in as deploy",
            "High",
            ("T1110.001", "T1078"),
            f"15 failed logons from {ADDRESS} against 2 user names (2 against deploy) before it"
            " succeeded, by Username & Password",
            utc("2026-03-10 10:00"),
            utc("2026-03-12 10:07"),
            ("r15", "r16", *(f"r{place}" for place in range(15))),
            host="web01",
            user="deploy",
            address=ADDRESS,
        )
    ]


def test_guessing_in_vain_whole() -> None:
    held = [*failures(10), logon("2026-03-12 15:00", RecordIds=["late"])]
    expected = Finding(
        "logons",
        f"Guessing in vain: 10 failures from {ADDRESS}",
        "Low",
        ("T1110",),
        f"10 failed logons from {ADDRESS} against 1 user names, and none that succeeded",
        utc("2026-03-12 10:00"),
        utc("2026-03-12 10:04:30"),
        tuple(f"f{place}" for place in range(10)),
        host="web01",
        address=ADDRESS,
    )
    assert run(GuessedPassword(), held[:10]) == [expected]
    assert run(GuessedPassword(), held) == [
        replace(
            expected,
            title=f"Guessing: 10 failures from {ADDRESS}",
            reason=f"10 failed logons from {ADDRESS} against 1 user names; 1 from there succeeded,"
            " none of them right after guessing",
        )
    ]


def test_an_unknown_method_is_said() -> None:
    (finding,) = run(
        GuessedPassword(), [*failures(10), logon("2026-03-12 10:06", LogonMethod=None)]
    )
    assert finding.reason.endswith("before it succeeded, by an unknown method")


def test_thresholds_are_fields() -> None:
    rows = [*failures(3), logon("2026-03-12 10:06")]
    assert told(run(GuessedPassword(failures=3), rows)) == [GUESSED.replace("10 f", "3 f")]


ROOT: dict[str, Any] = {"user": "root", "LogonMethod": "PKI"}


def root_finding(address: str, severity: str, reason: str, *times: str) -> Finding:
    return Finding(
        "logons",
        f"Direct root logon from {address}",
        severity,
        ("T1078.003",),
        f"root logged on {reason}",
        utc(f"2026-03-12 {times[0]}"),
        utc(f"2026-03-12 {times[-1]}"),
        tuple(f"{time} Success" for time in times),
        host="web01",
        user="root",
        address=address,
    )


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([logon("2026-03-12 10:00", address="8.8.8.8", **ROOT)],
                     [root_finding("8.8.8.8", "Medium", "1 time from 8.8.8.8 (PKI)", "10:00")],
                     id="public"),
        pytest.param([logon("2026-03-12 10:00", address="10.0.0.7", **ROOT),
                      logon("2026-03-12 10:01", user="root", address="10.0.0.7"),
                      logon("2026-03-12 10:02", user="root", address="10.0.0.7", LogonMethod=None)],
                     [root_finding("10.0.0.7", "Low", "3 times from 10.0.0.7 (PKI, Username &"
                                   " Password)", "10:00", "10:01", "10:02")], id="private"),
        pytest.param([logon("2026-03-12 10:00", address="fe80::1", **ROOT)],
                     [root_finding("fe80::1", "Low", "1 time from fe80::1 (PKI)", "10:00")],
                     id="link-local"),
        pytest.param([logon("2026-03-12 10:00", address="2001:4860:4860::8888", **ROOT)],
                     [root_finding("2001:4860:4860::8888", "Medium",
                                   "1 time from 2001:4860:4860::8888 (PKI)", "10:00")], id="IPv6"),
        pytest.param([logon("2026-03-12 10:00", address=None, SrcHostname="laptop.lan", **ROOT)],
                     [root_finding("laptop.lan", "Low", "1 time from laptop.lan (PKI)", "10:00")],
                     id="a name"),
        pytest.param([logon("2026-03-12 10:00", address="8.8.8.8", DvcHostname=None, **ROOT)],
                     [replace(root_finding("8.8.8.8", "Medium", "1 time from 8.8.8.8 (PKI)",
                                           "10:00"), host=None)], id="logs that name no host"),
        pytest.param([logon("2026-03-12 10:00", "Failure", address="8.8.8.8", **ROOT)], [],
                     id="refused"),
        pytest.param([logon("2026-03-12 10:00", address=None, **ROOT)], [], id="on the console"),
        pytest.param([logon("2026-03-12 10:00", user="Root", address="8.8.8.8")], [],
                     id="another user"),
        pytest.param([], [], id="no rows"),
    ],
)  # fmt: skip
def test_direct_root(rows: list[dict[str, Any]], found: list[Finding]) -> None:
    assert run(DirectRoot(), rows) == found


def habit(count: int = 3, **more: Any) -> list[dict[str, Any]]:
    return [logon(f"2026-03-12 0{hour}:00", **more) for hour in range(count)]


def first_finding(reason: str = "3 times", **more: Any) -> Finding:
    held = {"host": "web01", "user": "deploy", "address": "198.51.100.7", **more}
    user, address = held["user"], held["address"]
    return Finding(
        "logons",
        f"First logon of {user} from {address}",
        "Low",
        ("T1078",),
        f"{user} had logged on {reason} before in the window, never from {address}",
        utc("2026-03-12 10:00"),
        utc("2026-03-12 10:00"),
        ("10:00 Success",),
        **held,
    )


ELSEWHERE = logon("2026-03-12 10:00", address="198.51.100.7")


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([*habit(), ELSEWHERE], [first_finding()], id="breaks a habit"),
        pytest.param([*habit(), ELSEWHERE, {**ELSEWHERE, "TimeGenerated": utc("2026-03-12 11:00")}],
                     [first_finding()], id="the second from there is not the first"),
        pytest.param([ELSEWHERE, *reversed(habit())], [first_finding()], id="in another order"),
        pytest.param([*habit(2), ELSEWHERE], [], id="two logons are no habit"),
        pytest.param([*habit(EventResult="Failure"), ELSEWHERE], [], id="nor are failures"),
        pytest.param([*habit(DvcHostname="db01"), ELSEWHERE], [], id="nor those on another host"),
        pytest.param([*habit(user="root"), ELSEWHERE], [], id="nor those of another user"),
        pytest.param(habit(5), [], id="always from one address"),
        pytest.param([*habit(), {**ELSEWHERE, "EventResult": "Failure"}], [], id="refused"),
        pytest.param([{**row, "DvcHostname": None} for row in [*habit(), ELSEWHERE]],
                     [first_finding(host=None)], id="logs that name no host"),
        pytest.param([], [], id="no rows"),
    ],
)  # fmt: skip
def test_first_from_address(rows: list[dict[str, Any]], found: list[Finding]) -> None:
    assert run(FirstFromAddress(), rows) == found


def test_every_check_says_what_it_needs() -> None:
    assert [(type(check).__name__, check.needs) for check in CHECKS] == [
        ("GuessedPassword", ("logons",)),
        ("Sprayed", ("logons",)),
        ("DistributedGuessing", ("logons",)),
        ("KeyFromElsewhere", ("logons", "sessions")),
        ("OddPlaceAndHour", ("logons",)),
        ("DirectRoot", ("logons",)),
        ("FirstFromAddress", ("logons",)),
    ]


def session(name: str, start: str | None = "12:00", end: str | None = "13:00", **more: Any) -> Any:
    return {
        "LogonSessionId": name,
        "DvcHostname": "web01",
        "TargetUsername": "deploy",
        "SrcIpAddr": ADDRESS,
        "EventStartTime": start and utc(f"2026-03-12 {start}"),
        "EventEndTime": end and utc(f"2026-03-12 {end}"),
        **more,
    }


def mark(title: str = "Guessed password: 10", severity: str = "High", **about: Any) -> Finding:
    held = {"host": "web01", "user": "deploy", "address": ADDRESS, **about}
    moment = utc("2026-03-12 12:00")
    return Finding("logons", title, severity, (), "", moment, moment, (), **held)


ALERT = "an alert was raised during it"
NIGHT = "opened between 00:00 and 05:00 UTC"
V6 = "2001:db8::7"


@pytest.mark.parametrize(
    ("sessions", "findings", "alerts", "ranked"),
    [
        pytest.param([session("a"), session("b", user="x")], [], [],
                     [("a", [], 0), ("b", [], 0)], id="nothing stands out"),
        pytest.param([session("a", TargetUsername="x"), session("b")], [mark()], [],
                     [("b", ["Guessed password"], 100), ("a", [], 0)], id="a finding's session"),
        pytest.param([session("a", DvcHostname="db01"), session("b")], [mark()], [],
                     [("b", ["Guessed password"], 100), ("a", [], 0)],
                     id="another host's session is not marked"),
        pytest.param([session("a", DvcHostname="db01")], [mark(host=None)], [],
                     [("a", ["Guessed password"], 100)], id="a finding on no known host"),
        pytest.param([session("a")], [mark(user=None), mark(address=None)], [], [("a", [], 0)],
                     id="findings about nobody"),
        pytest.param([session("a", SrcIpAddr=V6)],
                     [mark(f"Direct root logon from {V6}", "Medium", address=V6)], [],
                     [("a", [f"Direct root logon from {V6}"], 40)], id="an address with colons"),
        pytest.param([session("a")], [mark(), mark("Guessed password: 11")], [],
                     [("a", ["Guessed password"], 100)], id="one reason is said once"),
        pytest.param([session("a")], [mark(severity="Low"), mark("x", "Informational")], [],
                     [("a", ["Guessed password", "x"], 11)], id="weights add up"),
        pytest.param([session("a")], [], ["12:00"], [("a", [ALERT], 30)], id="at its start"),
        pytest.param([session("a")], [], ["12:59:59.999999"], [("a", [ALERT], 30)], id="in it"),
        pytest.param([session("a")], [], ["13:00", "11:59"], [("a", [], 0)], id="at its end"),
        pytest.param([session("a", end=None)], [], ["23:00"], [("a", [ALERT], 30)], id="open"),
        pytest.param([session("a", start=None)], [], ["09:00"], [("a", [ALERT], 30)],
                     id="it was there before the log"),
        pytest.param([session("a", TargetUsername="root")], [], [],
                     [("a", ["root from outside"], 20)], id="root"),
        pytest.param([session("a", TargetUsername="root", ParentSessionId="b"),
                      session("b", TargetUsername="root", SrcIpAddr=None)], [], [],
                     [("a", [], 0), ("b", [], 0)], id="su and the console are not from outside"),
        pytest.param([session("a", "04:59:59", Tty="pts/0"), session("b", "05:00", Tty="pts/0"),
                      session("c", "00:00"), session("d", "23:59", Tty="pts/0")], [], [],
                     [("a", [NIGHT], 5), ("c", [], 0), ("b", [], 0), ("d", [], 0)],
                     id="at night, on a terminal"),
        pytest.param([session("late", "15:00"), session("cut", None, "10:00"),
                      session("never", None, None), session("early", "11:00")], [], [],
                     [("cut", [], 0), ("early", [], 0), ("late", [], 0), ("never", [], 0)],
                     id="by time"),
        pytest.param([], [mark()], ["12:00"], [], id="no sessions"),
    ],
)  # fmt: skip
def test_sessions_worth_a_look(
    sessions: list[Any], findings: list[Finding], alerts: list[str], ranked: list[Any]
) -> None:
    raised = pd.DataFrame({"TimeGenerated": [utc(f"2026-03-12 {time}") for time in alerts]})
    held = events("sessions", sessions) if sessions else empty("sessions")
    result = worth_a_look(held, findings, raised)
    assert list(result.columns) == ["Reasons", "Weight", *held.columns]
    assert result["Weight"].dtype == pd.Int64Dtype()
    assert list(
        zip(result["LogonSessionId"], result["Reasons"], result["Weight"], strict=True)
    ) == [tuple(row) for row in ranked]
