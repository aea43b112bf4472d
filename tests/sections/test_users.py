"""Accounts that act otherwise: made, opened, raised, used from where nobody came."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from linuxhunt.sections import Finding, findings_frame
from linuxhunt.sections.finding import Check
from linuxhunt.sections.logons import CHECKS as LOGON_CHECKS
from linuxhunt.sections.session import CHECKS as SESSION_CHECKS
from linuxhunt.sections.user_accounts import AccountReopened, NewAccountUsed, PrivilegedGroup
from linuxhunt.sections.user_first_root import FirstRootShell
from linuxhunt.sections.user_habits import DormantUsed, FirstSudo, SudoRefused
from linuxhunt.sections.user_places import ManyNetworks, TooFast
from linuxhunt.sections.user_roots import SecondRoot, ServiceLogon
from linuxhunt.sections.users import CHECKS
from tests.made import utc
from tests.sections.people_made import (
    HOME,
    OFFICE,
    STRANGER,
    came,
    change,
    failed,
    ordinary_week,
    session,
    sudo,
    tables,
    together,
    told,
    visit,
    where,
)


def test_an_ordinary_week_is_low_at_most() -> None:
    week: dict[str, Any] = dict(ordinary_week())
    held = tables(**week)
    logons = [finding for check in LOGON_CHECKS for finding in check.run(held)]
    held["findings"] = findings_frame(logons)
    found = [finding for check in (*CHECKS, *SESSION_CHECKS) for finding in check.run(held)]
    assert told([*logons, *found]) == [
        "Low: First logon of ann from 198.51.100.40",
        "Low: New account finn: in group sudo, 1 logon from elsewhere",
        "Low: Account opened, then used: ben",
        "Low: Changes in the session of ann from 203.0.113.20: UserCreated finn,"
        " PasswordChanged finn, UserAddedToGroup finn",
        "Low: Changes in the session of ann from 203.0.113.20: PasswordChanged ben",
        "Low: Odd hour: ann from 198.51.100.40",
    ]


SETTLED = [
    came(f"2026-03-09 {hour:02}:{minute:02}", user, OFFICE)
    for hour in range(8, 14)
    for minute, user in ((0, "ann"), (20, "ben"))
]
"""Twelve logons from one network: a host where a stranger is one."""
MADE = change("2026-03-10 10:00", "UserCreated", "svc", TargetUserId=1010,
              AdditionalFields={"Shell": "/bin/bash"})  # fmt: skip
RAISED = change("2026-03-10 10:01", "UserAddedToGroup", "svc", GroupName="wheel",
                ActingAppName="usermod")  # fmt: skip
BY_ANN = sudo("2026-03-10 09:59:50", "ann", "/usr/sbin/useradd -m svc", "s1")
ANN = session("s1", "ann", "2026-03-10 09:50", "2026-03-10 10:30", OFFICE)


def guessed(user: str = "ann", address: str = OFFICE) -> pd.DataFrame:
    """Return a finding of High on the way in."""
    moment = utc("2026-03-10 09:50")
    return findings_frame(
        [Finding("logons", "Guessed password: 40 failures", "High", ("T1110.001",), "", moment,
                 moment, (), host="web01", user=user, address=address)]
    )  # fmt: skip


def only(check: Check, **rows: Any) -> list[str]:
    return told(check.run(tables(**rows)))


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param({"accounts": [MADE]}, ["Informational: New account svc: may log on"],
                     id="nobody used it"),
        pytest.param({"accounts": [{**MADE, "AdditionalFields": {"Shell": "/usr/sbin/nologin"}}]},
                     [], id="a package's account"),
        pytest.param({"accounts": [{**MADE, "AdditionalFields": None}]}, [], id="no shell stated"),
        pytest.param({"accounts": [{**MADE, "EventResult": "Failure"}]}, [], id="not made"),
        pytest.param({"accounts": [MADE, RAISED], "sudo": [BY_ANN], "sessions": [ANN]},
                     ["Low: New account svc: in group wheel"], id="with sudo, by an administrator"),
        pytest.param({"accounts": [MADE, RAISED], "sudo": [BY_ANN], "sessions": [ANN],
                      "findings": guessed()}, ["Medium: New account svc: in group wheel"],
                     id="by a session that came in by guessing"),
        pytest.param({"accounts": [MADE, RAISED], "sudo": [BY_ANN], "sessions": [ANN],
                      "findings": guessed(), "logons": [came("2026-03-11 10:00", "svc", OFFICE)]},
                     ["High: New account svc: in group wheel, 1 logon from elsewhere"],
                     id="and then used"),
        pytest.param({"accounts": [MADE, RAISED], "sessions": [ANN], "findings": guessed(),
                      "logons": [came("2026-03-11 10:00", "svc", HOME)]},
                     ["Low: New account svc: in group wheel, 1 logon from elsewhere"],
                     id="what is not tied to that session"),
        pytest.param({"accounts": [MADE, RAISED], "sessions": [ANN], "findings": guessed(),
                      "logons": [came("2026-03-11 10:00", "svc", OFFICE)]},
                     ["Medium: New account svc: in group wheel, 1 logon from elsewhere"],
                     id="used from where somebody guessed in"),
        pytest.param({"accounts": [MADE, RAISED],
                      "logons": [*SETTLED, came("2026-03-10 10:30", "svc", STRANGER)]},
                     ["Medium: New account svc: in group wheel, 1 logon from elsewhere"],
                     id="soon from where nobody came, with sudo"),
        pytest.param({"accounts": [MADE, RAISED],
                      "logons": [*SETTLED, came("2026-03-10 11:31", "svc", STRANGER)]},
                     ["Low: New account svc: in group wheel, 1 logon from elsewhere"],
                     id="an hour and a half later"),
        pytest.param({"accounts": [MADE],
                      "logons": [*SETTLED, came("2026-03-10 10:30", "svc", STRANGER)]},
                     ["Low: New account svc: 1 logon from elsewhere"], id="without sudo"),
        pytest.param({"accounts": [MADE, RAISED],
                      "logons": [*SETTLED, came("2026-03-10 10:30", "svc", "203.0.113.99")]},
                     ["Low: New account svc: in group wheel, 1 logon from elsewhere"],
                     id="from the office's network"),
        pytest.param({"accounts": [MADE, RAISED],
                      "logons": [came("2026-03-10 10:30", "svc", STRANGER)]},
                     ["Low: New account svc: in group wheel, 1 logon from elsewhere"],
                     id="on a host where nothing is known to be usual"),
        pytest.param({"accounts": [MADE], "logons": [came("2026-03-09 10:00", "svc", STRANGER)]},
                     ["Informational: New account svc: may log on"],
                     id="a logon before is an older account's"),
        pytest.param({"accounts": [MADE],
                      "logons": [came("2026-03-11 10:00", "svc", OFFICE, DvcHostname="db01")]},
                     ["Informational: New account svc: may log on"], id="a logon on another host"),
        pytest.param({"accounts": [MADE], "sudo": [sudo("2026-03-10 11:00", "svc", "/usr/bin/id")]},
                     ["Low: New account svc: 1 sudo command"], id="used sudo"),
        pytest.param({"accounts": [MADE, RAISED], "sessions": [
                          session("s1", "www-data", "2026-03-10 09:50", "2026-03-10 10:30")],
                      "processes": [{"TimeGenerated": utc("2026-03-10 09:59:59"),
                                     "DvcHostname": "web01", "TargetProcessId": 77,
                                     "LogonSessionId": "s1", "TargetProcessGuid": "g"}],
                      "accounts_pid": 77}, ["Medium: New account svc: in group wheel"],
                     id="by a server's account"),
    ],
)  # fmt: skip
def test_new_account(rows: dict[str, Any], found: list[str]) -> None:
    pid = rows.pop("accounts_pid", None)
    rows["accounts"] = [{**row, "ActingAppId": pid} for row in rows["accounts"]]
    assert only(NewAccountUsed(), **rows) == found


def test_a_new_account_whole() -> None:
    held = tables(
        accounts=[MADE, RAISED], sudo=[BY_ANN], sessions=[ANN], findings=guessed(),
        logons=[came("2026-03-11 10:00", "svc", STRANGER)],
    )  # fmt: skip
    assert NewAccountUsed().run(held) == [
        Finding(
            "users",
            "New account svc: in group wheel, 1 logon from elsewhere",
            "High",
            ("T1136.001", "T1098.007", "T1078.003"),
            "svc was made by ann (by sudo); in group wheel, 1 logon from elsewhere; made in a"
            " session of ann: its logon is a finding (Guessed password)",
            utc("2026-03-10 10:00"),
            utc("2026-03-11 10:00"),
            ("UserCreated 2026-03-10 10:00", "UserAddedToGroup 2026-03-10 10:01",
             "in svc 2026-03-11 10:00"),
            host="web01",
            user="svc",
            address=STRANGER,
            session="s1",
        )
    ]  # fmt: skip


RESET = change("2026-03-10 10:00", "PasswordChanged", "old", ActingAppName="passwd")
BY_PASSWORD = {"LogonMethod": "Username & Password"}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param({"accounts": [RESET]}, [], id="not used"),
        pytest.param({"accounts": [RESET],
                      "logons": [came("2026-03-10 11:00", "old", OFFICE, **BY_PASSWORD)]},
                     ["Low: Account opened, then used: old"], id="a password that was reset"),
        pytest.param({"accounts": [RESET], "logons": [came("2026-03-10 11:00", "old", OFFICE)]},
                     [], id="by key"),
        pytest.param({"accounts": [RESET],
                      "logons": [came("2026-03-11 10:01", "old", OFFICE, **BY_PASSWORD)]},
                     [], id="a day later"),
        pytest.param({"accounts": [{**RESET, "ActorUsername": "old"}],
                      "logons": [came("2026-03-10 11:00", "old", OFFICE, **BY_PASSWORD)]},
                     [], id="their own password"),
        pytest.param({"accounts": [RESET],
                      "logons": [*SETTLED, came("2026-03-10 11:00", "old", STRANGER, **BY_PASSWORD)]},
                     ["Medium: Account opened, then used: old"], id="from where nobody came"),
        pytest.param({"accounts": [{**RESET, "EventType": "UserUnlocked"}], "sessions": [ANN],
                      "sudo": [sudo("2026-03-10 09:59:59", "ann", "/usr/bin/passwd -u old", "s1")],
                      "findings": guessed(),
                      "logons": [*SETTLED, came("2026-03-10 11:00", "old", STRANGER, **BY_PASSWORD)]},
                     ["High: Account opened, then used: old"], id="by a session that guessed"),
        pytest.param({"accounts": [{**MADE, "TargetUsername": "old"}, RESET],
                      "logons": [came("2026-03-10 11:00", "old", OFFICE, **BY_PASSWORD)]},
                     [], id="a new account's first password"),
    ],
)  # fmt: skip
def test_account_reopened(rows: dict[str, Any], found: list[str]) -> None:
    assert only(AccountReopened(), **rows) == found


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param({"accounts": [RAISED]}, ["Low: svc put into group wheel"], id="ordinary"),
        pytest.param({"accounts": [{**RAISED, "GroupName": "developers"}]}, [], id="no such group"),
        pytest.param({"accounts": [MADE, RAISED]}, [], id="a new account's is told of there"),
        pytest.param({"accounts": [{**RAISED, "TargetUsername": "www-data"}]},
                     ["Medium: www-data put into group wheel"], id="a server's account"),
        pytest.param({"accounts": [{**RAISED, "TargetUsername": "syslog", "GroupName": "adm"}]},
                     ["Low: syslog put into group adm"], id="a package does that"),
        pytest.param({"accounts": [RAISED], "sessions": [ANN], "findings": guessed(),
                      "sudo": [sudo("2026-03-10 10:00:59", "ann", "/usr/sbin/usermod -aG wheel svc",
                                    "s1")]},
                     ["Medium: svc put into group wheel"], id="by a session that guessed"),
        pytest.param({"accounts": [RAISED, {**RAISED, "GroupName": "docker"}]},
                     ["Low: svc put into group wheel", "Low: svc put into group docker"],
                     id="one for each group"),
    ],
)  # fmt: skip
def test_privileged_group(rows: dict[str, Any], found: list[str]) -> None:
    assert only(PrivilegedGroup(), **rows) == found


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param({"accounts": [{**MADE, "TargetUserId": 0}]},
                     ["High: Second root account: svc"], id="made with uid 0"),
        pytest.param({"accounts": [change("2026-03-10 10:00", "UserModified", "svc",
                                          EventSubType="UserId", PreviousPropertyValue="1010",
                                          NewPropertyValue="0")]},
                     ["High: Second root account: svc"], id="changed to uid 0"),
        pytest.param({"sessions": [session("s", "svc", "2026-03-10 10:00", None, OFFICE,
                                           TargetUserId=0)]},
                     ["High: Second root account: svc"], id="a session of uid 0"),
        pytest.param({"sessions": [session("s", "root", "2026-03-10 10:00", None, OFFICE,
                                           TargetUserId=0)]}, [], id="root itself"),
        pytest.param({"accounts": [{**MADE, "TargetUserId": 0, "EventResult": "Failure"}]}, [],
                     id="refused"),
        pytest.param({"accounts": [{**MADE, "TargetUserId": 0, "TargetUsername": None}]},
                     ["High: Second root account: an account that no record names"],
                     id="a name that audit does not tell"),
        pytest.param({"sessions": [session("s", None, "2026-03-10 10:00", None, OFFICE,
                                           TargetUserId=0)]}, [], id="a session of nobody named"),
    ],
)  # fmt: skip
def test_second_root(rows: dict[str, Any], found: list[str]) -> None:
    assert only(SecondRoot(), **rows) == found


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param({"logons": [came("2026-03-10 10:00", "www-data", STRANGER)]},
                     ["Medium: Service account logged on: www-data"], id="a web server's account"),
        pytest.param({"logons": [came(f"2026-03-{9 + n // 8:02} {n % 8 + 8:02}:00", "ftp", OFFICE)
                                 for n in range(24)]},
                     ["Low: Service account logged on: ftp"], id="habitually"),
        pytest.param({"logons": [failed("2026-03-10 10:00", "www-data", STRANGER)]}, [],
                     id="in vain"),
        pytest.param({"logons": [came("2026-03-10 10:00", "git", STRANGER)]}, [],
                     id="an account that is logged on to"),
        pytest.param({"accounts": [change("2026-03-10 10:00", "UserModified", "www-data",
                                          EventSubType="Shell", NewPropertyValue="/bin/bash")]},
                     ["Medium: Service account given a shell: www-data"], id="a shell"),
        pytest.param({"accounts": [change("2026-03-10 10:00", "UserModified", "www-data",
                                          EventSubType="Shell",
                                          NewPropertyValue="/usr/sbin/nologin")]}, [],
                     id="a shell that is none"),
    ],
)  # fmt: skip
def test_service_logon(rows: dict[str, Any], found: list[str]) -> None:
    assert only(ServiceLogon(), **rows) == found


def visits(count: int, user: str = "kim", address: str = OFFICE) -> dict[str, Any]:
    return together(*(visit(9 + place // 2, f"{9 + place % 2:02}:00", user, address)
                      for place in range(count)))  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param(together(visits(6), visit(12, "09:00", "kim", OFFICE, ["/usr/bin/id"])),
                     ["Low: First sudo of kim"], id="after six sessions"),
        pytest.param(together(visits(4), visit(12, "09:00", "kim", OFFICE, ["/usr/bin/id"])), [],
                     id="after few"),
        pytest.param(together(visits(6), visit(12, "09:00", "kim", STRANGER, ["/usr/bin/id"])),
                     ["Medium: First sudo of kim"], id="from a network that is new to them"),
        pytest.param(together(visit(9, "08:00", "kim", OFFICE, ["/usr/bin/id"]), visits(6),
                              visit(12, "09:00", "kim", OFFICE, ["/usr/bin/id"])), [],
                     id="not the first"),
        pytest.param(visits(8), [], id="none at all"),
    ],
)  # fmt: skip
def test_first_sudo(rows: dict[str, Any], found: list[str]) -> None:
    assert only(FirstSudo(), **rows) == found


def refusals(count: int, user: str = "kim", step: str = "1min", **more: Any) -> dict[str, Any]:
    start = pd.Timestamp("2026-03-10 10:00")
    return {"sudo": [sudo(str(start + place * pd.Timedelta(step)), user, f"/usr/bin/cmd{place}",
                          EventResult="Failure", EventOriginalResultDetails="user NOT in sudoers")
                     | more for place in range(count)]}  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param(refusals(2), [], id="a mistyped password or two"),
        pytest.param(refusals(3), ["Low: sudo refused kim"], id="three"),
        pytest.param(refusals(5, step="6min"), [], id="over a day's work"),
        pytest.param(refusals(4), ["Medium: sudo refused kim"], id="tries what it may"),
        pytest.param(refusals(9, CommandLine="/usr/bin/check"), ["Low: sudo refused kim"],
                     id="a monitor without its rule"),
        pytest.param(refusals(1, "www-data"), ["Medium: sudo refused www-data"],
                     id="a server's account"),
    ],
)  # fmt: skip
def test_sudo_refused(rows: dict[str, Any], found: list[str]) -> None:
    assert only(SudoRefused(), **rows) == found


PLACES = where(
    (OFFICE, "Germany", "Berlin", 52.5, 13.4, "Office"),
    (HOME, "Germany", "Potsdam", 52.4, 13.1, "Home"),
    (STRANGER, "Australia", "Perth", -31.9, 115.9, "Far"),
    ("192.0.2.99", "Germany", "Munich", 48.1, 11.6, "Near"),
    ("192.0.2.77", "Norway", None, 62.0, 10.0, "Rough"),
)
DAILY = [came(f"2026-03-{day:02} 08:00", "kim", OFFICE) for day in range(2, 10)]


@pytest.mark.parametrize(
    ("logons", "found"),
    [
        pytest.param([*DAILY, came("2026-03-09 09:00", "kim", STRANGER)],
                     ["Medium: Too fast: kim from Germany and Australia"], id="a new country"),
        pytest.param([*DAILY[-2:], came("2026-03-09 09:00", "kim", STRANGER)],
                     ["Low: Too fast: kim from Germany and Australia"], id="without a past"),
        pytest.param([*DAILY, came("2026-03-10 09:00", "kim", STRANGER)], [], id="by aeroplane"),
        pytest.param([*DAILY, came("2026-03-09 08:05", "kim", HOME)], [], id="next town"),
        pytest.param([*DAILY, came("2026-03-09 08:10", "kim", "192.0.2.99")],
                     ["Low: Too fast: kim from Germany and Germany"], id="500 km in 10 minutes"),
        pytest.param([*DAILY, came("2026-03-09 08:10", "kim", "192.0.2.77")], [],
                     id="a country is a rough place"),
        pytest.param([*DAILY, came("2026-03-09 08:10", "kim", "192.0.2.1")], [],
                     id="an unknown place"),
        pytest.param([*DAILY, failed("2026-03-09 09:00", "kim", STRANGER)], [], id="refused"),
        pytest.param([*DAILY, came("2026-03-09 09:00", "lea", STRANGER)], [], id="two people"),
    ],
)  # fmt: skip
def test_too_fast(logons: list[Any], found: list[str]) -> None:
    assert only(TooFast(), logons=logons, places=PLACES) == found
    assert only(TooFast(), logons=logons) == []


@pytest.mark.parametrize(
    ("logons", "found"),
    [
        pytest.param([came("2026-01-01 10:00", "kim", OFFICE), came("2026-03-09 10:00", "kim", OFFICE)],
                     ["Low: Used again: kim"], id="67 days later"),
        pytest.param([came("2026-02-20 10:00", "kim", OFFICE), came("2026-03-09 10:00", "kim", OFFICE)],
                     [], id="17 days later"),
        pytest.param([came("2026-01-01 10:00", "kim", OFFICE), *SETTLED,
                      came("2026-03-10 10:00", "kim", STRANGER)],
                     ["Medium: Used again: kim"], id="from where nobody came"),
        pytest.param([came("2026-03-09 10:00", "kim", OFFICE)], [], id="the first at all"),
    ],
)  # fmt: skip
def test_dormant(logons: list[Any], found: list[str]) -> None:
    assert only(DormantUsed(), logons=logons) == found


LANDS = where(*((f"10.{n}.0.1", f"Land {n % 4}", None, None, None, f"Net {n}") for n in range(5)))
ROUND = [came(f"2026-03-10 1{n}:00", "kim", f"10.{n}.0.1") for n in range(5)]


@pytest.mark.parametrize(
    ("logons", "places", "found"),
    [
        pytest.param(ROUND, None, ["Low: kim from 5 networks in a day"], id="five networks"),
        pytest.param(ROUND, LANDS, ["Medium: kim from 5 networks in a day"], id="four countries"),
        pytest.param(ROUND[:4], LANDS, [], id="four networks"),
        pytest.param([{**row, "TimeGenerated": utc(f"2026-03-1{n} 10:00")}
                      for n, row in enumerate(ROUND)], None, [], id="over days"),
    ],
)  # fmt: skip
def test_many_networks(logons: list[Any], places: Any, found: list[str]) -> None:
    assert only(ManyNetworks(), logons=logons, places=places) == found


def test_nothing_from_nothing() -> None:
    assert [check.run(tables()) for check in CHECKS] == [[] for _ in CHECKS]


def test_hosts_are_told_apart() -> None:
    held = tables(accounts=[MADE, {**MADE, "DvcHostname": "db01"}])
    first, second = NewAccountUsed().run(held)
    assert second == replace(first, host="db01")


EARLIER = [
    session(f"b{day}{hour}", "ben", f"2026-03-{day:02} {hour}:00", f"2026-03-{day:02} {hour}:20",
            OFFICE)
    for day in (9, 10, 11)
    for hour in (10, 14)
]  # fmt: skip
NOW = session("b9", "ben", "2026-03-12 10:00", "2026-03-12 11:00", STRANGER)
SU = session("b9su", "root", "2026-03-12 10:10", "2026-03-12 10:50", None, LogonProtocol="su",
             ActorUsername="ben", ParentSessionId="b9")  # fmt: skip
USED = sudo("2026-03-09 10:05", "ben", "/usr/bin/id", "b910")
BASH = sudo("2026-03-12 10:10", "ben", "/bin/bash", "b9")


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param({"sessions": [*EARLIER, NOW, SU]}, ["Low: First root shell of ben"], id="su"),
        pytest.param({"sessions": [*EARLIER, NOW, SU], "findings": guessed("ben", STRANGER)},
                     ["Medium: First root shell of ben"], id="su, by who guessed in"),
        pytest.param({"sessions": [*EARLIER, NOW, {**SU, "ParentSessionId": None}],
                      "findings": guessed("ben", STRANGER)},
                     ["Medium: First root shell of ben"], id="su, its session only open then"),
        pytest.param({"sessions": [*EARLIER, NOW,
                                   session("b8", "ben", "2026-03-12 09:00", None, OFFICE),
                                   {**SU, "ParentSessionId": None}],
                      "findings": guessed("ben", STRANGER)},
                     ["Low: First root shell of ben"], id="su, from either of two sessions"),
        pytest.param({"sessions": [*EARLIER, NOW], "sudo": [USED, BASH]},
                     ["Low: First root shell of ben"], id="sudo's shell"),
        pytest.param({"sessions": [*EARLIER, NOW],
                      "sudo": [USED, {**BASH, "CommandLine": "/usr/bin/su - root"}]},
                     ["Low: First root shell of ben"], id="su by sudo"),
        pytest.param({"sessions": [*EARLIER, NOW],
                      "sudo": [USED, {**BASH, "CommandLine": "/bin/bash /srv/deploy.sh"}]},
                     [], id="a script is no shell"),
        pytest.param({"sessions": [*EARLIER, NOW], "sudo": [BASH]}, [], id="first sudo at all"),
        pytest.param({"sessions": [*EARLIER, NOW, SU,
                                   {**SU, "LogonSessionId": "old", "ParentSessionId": "b910",
                                    "EventStartTime": utc("2026-03-09 10:01")}]},
                     [], id="had done so on the first day"),
        pytest.param({"sessions": [*EARLIER[:3], NOW, SU]}, [], id="no past"),
    ],
)  # fmt: skip
def test_first_root_shell(rows: dict[str, Any], found: list[str]) -> None:
    assert only(FirstRootShell(), **rows) == found


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param({}, ["Low: ben put into group wheel"], id="and no logon"),
        pytest.param({"logons": [came("2026-03-10 12:00", "ben", OFFICE)]},
                     ["Low: ben put into group wheel"], id="in as ever"),
        pytest.param({"logons": [*SETTLED, came("2026-03-10 12:00", "ben", STRANGER)]},
                     ["Medium: ben put into group wheel"], id="in from where nobody came from"),
        pytest.param({"logons": [came("2026-03-10 12:00", "ben", "192.0.2.70")],
                      "findings": guessed("carol", STRANGER)},
                     ["Medium: ben put into group wheel"], id="in from a guesser's network"),
        pytest.param({"logons": [came("2026-03-12 12:00", "ben", "192.0.2.70")],
                      "findings": guessed("carol", STRANGER)},
                     ["Low: ben put into group wheel"], id="in from there two days later"),
    ],
)  # fmt: skip
def test_raised_then_used(rows: dict[str, Any], found: list[str]) -> None:
    raised = {**RAISED, "TargetUsername": "ben"}
    assert only(PrivilegedGroup(), accounts=[raised], **rows) == found
