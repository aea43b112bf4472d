"""Sessions: what they did, what belongs to them, sudo sessions in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from linuxhunt.sections import Finding, findings_frame
from linuxhunt.sections.makers import makers
from linuxhunt.sections.people import arrivals, doubts, networks, tops
from linuxhunt.sections.session import CHECKS, ChangesWithin, SumOfFindings
from linuxhunt.sections.session_pace import OddHour, SudoBurst
from linuxhunt.sections.session_parts import AT_THE_TIME, IN_IT, family, happened, span
from linuxhunt.sections.sudo_runs import SUDO_RUNS, sudo_runs
from tests.made import events, utc
from tests.sections.people_made import (
    HOME,
    OFFICE,
    STRANGER,
    came,
    change,
    session,
    sudo,
    tables,
    told,
    visit,
    where,
)

ANN = session("s1", "ann", "2026-03-10 09:50", "2026-03-10 10:30", OFFICE)
SU = session("s2", "root", "2026-03-10 09:55", "2026-03-10 10:29", None, ParentSessionId="s1",
             LogonProtocol="sudo", ActorUsername="ann")  # fmt: skip
DEEP = session("s3", "root", "2026-03-10 09:56", None, None, ParentSessionId="s2",
               LogonProtocol="su", ActorUsername="root")  # fmt: skip
BEN = session("s9", "ben", "2026-03-10 10:00", None, HOME)


def found(title: str, severity: str, seat: str | None, **more: Any) -> Finding:
    held = {"section": "applications", "techniques": ("T1003.008",), "reason": "",
            "start": utc("2026-03-10 10:00"), "end": utc("2026-03-10 10:01"),
            "records": (title,), "host": "web01", "user": "ann", **more}  # fmt: skip
    return Finding(title=title, severity=severity, session=seat, **held)


HASHES, LOOKS = found("Hashes read: cat", "High", "s1"), found("Looks around: id", "Medium", "s3")
GUESS = Finding("logons", "Guessed password: 40 failures", "High", (), "", utc("2026-03-10 09:50"),
                utc("2026-03-10 09:50"), (), host="web01", user="ann", address=OFFICE)  # fmt: skip


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        pytest.param([HASHES, LOOKS],
                     ["High: Session of ann from 203.0.113.20: 1 High and 1 Medium findings"],
                     id="of a session and of one in it"),
        pytest.param([HASHES], [], id="one needs no sum"),
        pytest.param([LOOKS, found("Upload: curl", "Medium", "s1")],
                     ["Medium: Session of ann from 203.0.113.20: 2 Medium findings"], id="no High"),
        pytest.param([HASHES, found("Looks around: id", "Medium", "s9")], [], id="two sessions"),
        pytest.param([HASHES, found("Job: crontab", "Low", "s1")], [], id="Low does not count"),
        pytest.param([HASHES, found("Looks around: id", "Medium", None)], [], id="of no session"),
        pytest.param([HASHES, found("Looks around: id", "Medium", "gone")], [],
                     id="of a session that is not there"),
        pytest.param([], [], id="nothing"),
    ],
)  # fmt: skip
def test_sum_of_findings(findings: list[Finding], expected: list[str]) -> None:
    held = tables(sessions=[ANN, SU, DEEP, BEN], findings=findings_frame(findings))
    assert told(SumOfFindings().run(held)) == expected


def test_a_sum_whole() -> None:
    held = tables(sessions=[ANN, SU, DEEP], findings=findings_frame([LOOKS, HASHES, GUESS]))
    assert SumOfFindings().run(held) == [
        Finding(
            "session",
            "Session of ann from 203.0.113.20: 1 High and 1 Medium findings",
            "High",
            ("T1003.008",),
            "SSH by PKI; Hashes read, Looks around; its logon is a finding (Guessed password)",
            utc("2026-03-10 09:50"),
            utc("2026-03-10 10:01"),
            ("s1", "Hashes read: cat", "Looks around: id"),
            host="web01",
            user="ann",
            address=OFFICE,
            session="s1",
        )
    ]


USERADD = change("2026-03-10 10:00", "UserCreated", "eve", ActingAppId=77)
RAN = {"TimeGenerated": utc("2026-03-10 09:59:59.9"), "DvcHostname": "web01",
       "TargetProcessId": 77, "LogonSessionId": "s1", "TargetProcessGuid": "g1",
       "CommandLine": "useradd eve", "EventUid": "audit:1"}  # fmt: skip
CRONTAB = {"TimeGenerated": utc("2026-03-10 10:05"), "DvcHostname": "web01", "EventType": "Replace",
           "TargetUsername": "ann", "ActorUsername": "ann", "TargetAppId": 78,
           "EventUid": "cron:1"}  # fmt: skip
RAN_CRONTAB = {**RAN, "TargetProcessId": 78, "TargetProcessGuid": "g2",
               "TimeGenerated": utc("2026-03-10 10:03"), "CommandLine": "crontab -e"}  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param({"accounts": [USERADD], "processes": [RAN]},
                     ["Low: Changes in the session of ann from 203.0.113.20: UserCreated eve"],
                     id="an account, by its process"),
        pytest.param({"accounts": [USERADD]}, [], id="nothing ties it"),
        pytest.param({"accounts": [USERADD], "sudo": [
                          sudo("2026-03-10 09:59", "ann", "/usr/sbin/useradd eve", "s1")]},
                     ["Low: Changes in the session of ann from 203.0.113.20: UserCreated eve"],
                     id="an account, by sudo"),
        pytest.param({"cron": [CRONTAB], "processes": [RAN_CRONTAB]},
                     ["Informational: Changes in the session of ann from 203.0.113.20:"
                      " crontab Replace ann"], id="their own crontab"),
        pytest.param({"cron": [CRONTAB]}, [], id="only a name and a time"),
        pytest.param({"accounts": [USERADD], "processes": [RAN],
                      "findings": findings_frame([GUESS])},
                     ["Medium: Changes in the session of ann from 203.0.113.20: UserCreated eve"],
                     id="in a session that came in by guessing"),
        pytest.param({"accounts": [{**USERADD, "EventResult": "Failure"}], "processes": [RAN]}, [],
                     id="refused"),
    ],
)  # fmt: skip
def test_changes_within(rows: dict[str, Any], expected: list[str]) -> None:
    assert told(ChangesWithin().run(tables(sessions=[ANN, BEN], **rows))) == expected


def burst(count: int, step: str = "400ms", **more: Any) -> list[dict[str, Any]]:
    start = pd.Timestamp("2026-03-10 10:00")
    return [sudo(str(start + place * pd.Timedelta(step)), "ann", f"/usr/bin/cmd{place}", "s1",
                 **more) for place in range(count)]  # fmt: skip


ASKS = ["/usr/bin/id", "/usr/bin/uname -a", "/usr/bin/cat /etc/passwd", "/usr/bin/ss -tlnp",
        "/usr/bin/w", "/usr/bin/ps aux"]  # fmt: skip
LOW_BURST = "Low: sudo faster than typed: 6 commands of ann"


@pytest.mark.parametrize(
    ("rows", "findings", "expected"),
    [
        pytest.param(burst(6), [], [LOW_BURST], id="six in two seconds"),
        pytest.param(burst(5), [], [], id="five"),
        pytest.param(burst(6, step="1s"), [], [], id="six in five seconds"),
        pytest.param(burst(6, CommandLine="/usr/bin/cmd"), [], [], id="one and the same"),
        pytest.param(burst(6, Tty=None), [], [], id="no terminal"),
        pytest.param(burst(6, CommandLine="/bin/sh -c echo BECOME-SUCCESS-abc"), [], [],
                     id="a configuration manager"),
        pytest.param(burst(6), [GUESS], [LOW_BURST.replace("Low", "Medium")], id="after guessing"),
        pytest.param([{**row, "CommandLine": ask} for row, ask in zip(burst(6), ASKS, strict=True)],
                     [], [LOW_BURST.replace("Low", "Medium")], id="asks about the host"),
    ],
)  # fmt: skip
def test_sudo_burst(rows: list[Any], findings: list[Finding], expected: list[str]) -> None:
    held = tables(sessions=[ANN], sudo=rows, findings=findings_frame(findings))
    assert told(SudoBurst().run(held)) == expected


def days(hour: str, count: int = 8) -> list[dict[str, Any]]:
    return [session(f"d{place}", "ann", f"2026-03-{place // 2 + 2:02} {int(hour) + place % 2:02}:00",
                    f"2026-03-{place // 2 + 2:02} 23:00", OFFICE) for place in range(count)]  # fmt: skip


@pytest.mark.parametrize(
    ("hour", "count", "late", "expected"),
    [
        pytest.param("8", 8, "03:00", ["Low: Odd hour: ann from 203.0.113.20"], id="at night"),
        pytest.param("8", 8, "12:59", [], id="four hours are needed"),
        pytest.param("8", 7, "03:00", [], id="seven sessions show no hours"),
        pytest.param("22", 8, "01:00", [], id="around the clock"),
    ],
)
def test_odd_hour(hour: str, count: int, late: str, expected: list[str]) -> None:
    rows = [*days(hour, count), session("late", "ann", f"2026-03-12 {late}", None, OFFICE)]
    assert told(OddHour().run(tables(sessions=rows))) == expected


def test_nothing_from_nothing() -> None:
    assert [check.run(tables()) for check in CHECKS] == [[] for _ in CHECKS]


def test_families() -> None:
    sessions = events("sessions", [ANN, SU, DEEP, BEN])
    assert tops(sessions) == {"s1": "s1", "s2": "s1", "s3": "s1", "s9": "s9"}
    assert [family(sessions, name) for name in ("s1", "s2", "s9")] == [
        ["s1", "s2", "s3"], ["s2", "s3"], ["s9"],
    ]  # fmt: skip
    end = utc("2026-03-11")
    assert [span(sessions, name, end) for name in ("s1", "s9")] == [
        (utc("2026-03-10 09:50"), utc("2026-03-10 10:30")), (utc("2026-03-10 10:00"), end),
    ]  # fmt: skip


def test_sessions_whose_parents_form_a_loop_end() -> None:
    rows = [{**ANN, "ParentSessionId": "s2"}, SU]
    sessions = events("sessions", rows)
    assert tops(sessions) == {"s1": "s2", "s2": "s1"}
    assert family(sessions, "s1") == ["s1", "s2"]


def test_what_happened_and_what_belongs() -> None:
    held = tables(
        sessions=[ANN, SU, BEN],
        logons=[came("2026-03-10 09:50", "ann", OFFICE, RecordIds=["s1"]),
                came("2026-03-10 10:00", "ben", HOME),
                came("2026-03-10 10:01", "ben", HOME, DvcHostname="db01")],
        sudo=[sudo("2026-03-10 09:59:30", "ann", "/usr/sbin/useradd eve", "s1"),
              sudo("2026-03-10 10:02", "ben", "/usr/bin/id", "s9", EventResult="Failure")],
        accounts=[{**USERADD, "ActingAppId": None},
                  change("2026-03-10 10:20", "UserDeleted", "bob", ActingAppName="userdel")],
        cron=[{**CRONTAB, "EventType": "Run", "CommandLine": "backup", "TargetUsername": "root"},
              {**CRONTAB, "EventUid": "cron:2"}],
        processes=[{**RAN, "LogonSessionId": "s2"}, {**RAN_CRONTAB, "LogonSessionId": "s9"}],
    )  # fmt: skip
    held["alerts"] = pd.DataFrame(
        {"TimeGenerated": [utc("2026-03-10 10:10")], "AlertName": ["Odd"], "_ItemId": ["a1"]}
    )
    rows = happened(held, "s1", utc("2026-03-10 09:45"), utc("2026-03-10 10:30"))
    shown = rows[["Lane", "Belongs", "EventMessage", "EventUid"]].values.tolist()
    assert shown == [
        ["logons", IN_IT, "Success of ann from 203.0.113.20", "in ann 2026-03-10 09:50"],
        ["sudo", IN_IT, "/usr/sbin/useradd eve", "sudo 2026-03-10 09:59:30"],
        ["processes", IN_IT, "useradd eve", "audit:1"],
        ["logons", AT_THE_TIME, "Success of ben from 198.51.100.40", "in ben 2026-03-10 10:00"],
        ["account changes", IN_IT, "UserCreated eve", "UserCreated 2026-03-10 10:00"],
        ["sudo", AT_THE_TIME, "refused: /usr/bin/id", "sudo 2026-03-10 10:02"],
        ["cron runs", AT_THE_TIME, "backup", "cron:1"],
        ["cron edits", AT_THE_TIME, "Replace crontab of ann", "cron:2"],
        ["alerts", AT_THE_TIME, "Odd", "a1"],
        ["account changes", AT_THE_TIME, "UserDeleted bob", "UserDeleted 2026-03-10 10:20"],
    ]
    nothing = happened(held, "s1", utc("2026-03-12"), utc("2026-03-13"))
    assert (list(nothing.columns), len(nothing)) == (list(rows.columns), 0)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param({"processes": [RAN], "sessions": [ANN]}, ["ann", "s1", "pid"], id="pid"),
        pytest.param({"processes": [{**RAN, "TimeGenerated": utc("2026-03-10 09:40")}],
                      "sessions": [ANN]}, [None, None, None], id="that pid, long before"),
        pytest.param({"processes": [{**RAN, "DvcHostname": "db01"}], "sessions": [ANN]},
                     [None, None, None], id="that pid, elsewhere"),
        pytest.param({"sudo": [sudo("2026-03-10 09:58:01", "ann", "/usr/sbin/useradd eve", "s1")],
                      "sessions": [ANN]}, ["ann", "s1", "sudo"], id="sudo"),
        pytest.param({"sudo": [sudo("2026-03-10 09:57:59", "ann", "/usr/sbin/useradd eve", "s1")],
                      "sessions": [ANN]}, [None, None, None], id="sudo, too long before"),
        pytest.param({"sudo": [sudo("2026-03-10 09:59", "ann", "/usr/bin/less /etc/hosts", "s1")],
                      "sessions": [ANN]}, [None, None, None], id="another command"),
        pytest.param({"sessions": [{**ANN, "AuditSession": 7}],
                      "accounts": [{**USERADD, "AdditionalFields": {"ses": 7}}]},
                     ["ann", "s1", "pid"], id="audit's number of the session"),
        pytest.param({"sessions": [{**ANN, "AuditSession": 7}],
                      "accounts": [{**USERADD, "AdditionalFields": {"ses": 8}}]},
                     [None, None, None], id="another number"),
        pytest.param({"sessions": [{**ANN, "AuditSession": 7,
                                    "EventEndTime": utc("2026-03-10 09:55")}],
                      "accounts": [{**USERADD, "AdditionalFields": {"ses": 7}}]},
                     [None, None, None], id="that number, of a session that was over"),
        pytest.param({"sessions": [ANN, SU]}, ["ann", "s2", "time"], id="root's only session"),
        pytest.param({"sessions": [ANN, SU, DEEP]}, [None, None, None], id="two of root's"),
        pytest.param({}, [None, None, None], id="nothing"),
    ],
)  # fmt: skip
def test_makers(rows: dict[str, Any], expected: list[Any]) -> None:
    held = tables(**{"accounts": [USERADD], **rows})
    made = makers(held["accounts"], held)
    assert made.astype(object).where(made.notna(), None).values.tolist() == [expected]


def test_networks() -> None:
    places = where(("8.8.8.8", "US", None, None, None, "GOOGLE"),
                   ("1.1.1.1", "AU", None, None, None, None))  # fmt: skip
    texts = ["8.8.8.8", "1.1.1.1", "10.20.30.40", "2001:4860:4860::8888", "fe80::1%eth0",
             "laptop.lan", None]  # fmt: skip
    known = networks(pd.Series(texts, dtype="str"), places)
    assert known.astype(object).where(known.notna(), None).tolist() == [
        "GOOGLE", "1.1.1.0/24", "10.20.0.0/16", "2001:4860:4860::/48", "fe80::/48", "laptop.lan",
        None,
    ]  # fmt: skip


def test_arrivals() -> None:
    rows = [came(f"2026-03-10 {hour:02}:00", "ann", OFFICE) for hour in range(10)]
    rows += [came("2026-03-10 11:00", "ben", OFFICE), came("2026-03-10 12:00", "ben", STRANGER),
             came("2026-03-10 13:00", "ben", STRANGER)]  # fmt: skip
    held = arrivals(tables(logons=rows))[["TargetUsername", "Before", "NewNetwork", "Strange"]]
    assert held.iloc[[0, 1, 10, 11, 12]].values.tolist() == [
        ["ann", 0, True, False], ["ann", 1, False, False], ["ben", 0, True, False],
        ["ben", 1, True, True], ["ben", 2, False, False],
    ]  # fmt: skip


def test_doubts() -> None:
    steps = [visit(day, "09:00", "ann", OFFICE) for day in (2, 3, 4)]
    last = visit(10, "09:00", "ann", STRANGER)
    held = tables(
        logons=[row for step in (*steps, last) for row in step["logons"]],
        sessions=[*(row for step in (*steps, last) for row in step["sessions"]), BEN,
                  session("in", "root", "2026-03-10 09:05", None, None, LogonProtocol="sudo",
                          ParentSessionId="ann 10 09:00"),
                  session("d", "www-data", "2026-03-10 11:00", None, HOME)],
    )  # fmt: skip
    assert doubts(held) == {
        "ann 10 09:00": ["it is the user's first from that network"],
        "in": ["it is the user's first from that network"],
        "d": ["it is of an account that programs run as"],
    }


RUNS = [
    sudo("2026-03-10 10:00", "ann", "/usr/bin/id", "s1"),
    sudo("2026-03-10 10:09", "ann", "/usr/bin/cat /etc/shadow", "s1", EventResult="Failure"),
    sudo("2026-03-10 10:10", "ben", "/usr/bin/id", "s9", Tty="pts/1"),
    sudo("2026-03-10 10:20", "ann", "/usr/bin/id", "s1"),
    sudo("2026-03-10 10:21", "ann", "/usr/bin/w", "s4"),
    sudo("2026-03-10 10:22", "ann", "/usr/bin/w", "s5", Tty=None),
    sudo("2026-03-10 10:23", "ann", "/usr/bin/w", "s6", Tty=None),
]


def test_sudo_runs() -> None:
    runs = sudo_runs(events("sudo", RUNS))
    assert list(runs.columns) == list(SUDO_RUNS)
    shown = runs[["SudoSessionId", "ActorUsername", "LogonSessionId", "Commands", "Refused",
                  "Programs"]]  # fmt: skip
    assert shown.astype(object).where(shown.notna(), None).values.tolist() == [
        ["sudo 2026-03-10 10:00", "ann", "s1", 2, 1, ["id", "cat"]],
        ["sudo 2026-03-10 10:10", "ben", "s9", 1, 0, ["id"]],
        ["sudo 2026-03-10 10:20", "ann", None, 2, 0, ["id", "w"]],
        ["sudo 2026-03-10 10:22", "ann", "s5", 1, 0, ["w"]],
        ["sudo 2026-03-10 10:23", "ann", "s6", 1, 0, ["w"]],
    ]
    longer = sudo_runs(events("sudo", RUNS), timedelta(minutes=11))
    assert longer["Commands"].tolist() == [4, 1, 1, 1]
    assert longer["RecordIds"].iloc[0] == [
        "sudo 2026-03-10 10:00", "sudo 2026-03-10 10:09", "sudo 2026-03-10 10:20",
        "sudo 2026-03-10 10:21",
    ]  # fmt: skip
    assert sudo_runs(events("sudo", RUNS).head(0)).empty
