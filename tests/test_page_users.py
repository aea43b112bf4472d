"""The users section on a small case: who is ranked how, what is shown of one."""

from __future__ import annotations

import pytest

from linuxhunt.errors import ParameterError
from linuxhunt.hunt import Hunt
from tests.people_case import _opened, people_case, people_hunt  # noqa: F401
from tests.views.pages import Faults


def test_users_ranked(people_hunt: Hunt) -> None:  # noqa: F811
    frame = people_hunt.users.users
    columns = ["User", "Successes", "Failures", "Sessions", "SudoCommands", "CronRuns",
               "AccountChanges"]  # fmt: skip
    assert frame[columns].values.tolist() == [
        ["carol", 1, 12, 1, 4, 0, 0],
        ["eve", 1, 0, 1, 0, 0, 2],
        ["alice", 1, 0, 1, 1, 0, 0],
        ["root", 0, 0, 0, 0, 1, 0],
    ]
    assert frame["Reasons"].iloc[1] == ["New account eve"]
    assert frame["Weight"].iloc[1:].tolist() == [100, 0, 0]
    assert people_hunt.users.user == "carol"


def test_findings_on_all_users(people_hunt: Hunt) -> None:  # noqa: F811
    frame = people_hunt.users.findings
    assert frame[["EventSeverity", "Title", "TargetUsername"]].values.tolist() == [
        ["High", "New account eve: in group sudo, 1 logon from elsewhere", "eve"],
    ]  # fmt: skip
    assert people_hunt.users.verdict.verdict == "supported"


@pytest.mark.parametrize(
    ("user", "says"),
    [
        pytest.param(
            "carol",
            ["Logons of carol: 13 events (failure 12, success 1); What carol did: 7 events"
             " (session 1, sudo 4, account change 2), from 11 Mar 2026 09:00:00 to"
             " 12 Mar 2026 03:00:00 UTC.",
             "Programs that they ran: commands by Program: cat 1, useradd 1, usermod 1 and 1 more",
             "sudo commands of carol: 4 rows"],
            id="who did much",
        ),
        pytest.param(
            "root",
            ["No finding of any section is about root.",
             "What root did: 1 event (cron run 1)",
             "Sessions of root: no rows"],
            id="who only ran a job",
        ),
        pytest.param("eve", ["Account changes that concern eve", "Sessions of eve: 1 row"],
                     id="who was made"),
    ],
)  # fmt: skip
def test_what_one_did(people_hunt: Hunt, user: str, says: list[str]) -> None:  # noqa: F811
    people_hunt.users.pick(user)
    view = people_hunt.users.view()
    assert Faults(view).found == []
    assert [text for text in says if text not in view.text] == []


def test_about_the_user_and_their_sessions(people_hunt: Hunt) -> None:  # noqa: F811
    about = people_hunt.users.about
    assert {(finding.section, finding.user) for finding in about} == {
        ("users", "eve"), ("logons", "carol"), ("session", "carol"), ("applications", "carol"),
    }  # fmt: skip


def test_what_it_sends_on(people_hunt: Hunt) -> None:  # noqa: F811
    people_hunt.users.choice.select("alice")
    offered = people_hunt.users.entities()
    assert list(offered)[:2] == [
        ("address", "198.51.100.4"), ("session", "web01/var/log/auth.log:1"),
    ]  # fmt: skip
    assert offered["address", "198.51.100.4"] == "address 198.51.100.4: 1 tries as alice"
    assert {value for kind, value in offered if kind == "user"} == {"carol", "eve", "alice", "root"}


def test_investigate_sets_the_picker(people_hunt: Hunt) -> None:  # noqa: F811
    people_hunt.investigate("user", "eve")
    assert people_hunt.users.user == "eve"
    with pytest.raises(ParameterError, match="no user mallory in web01"):
        people_hunt.investigate("user", "mallory")


def test_a_window_without_anybody(people_hunt: Hunt) -> None:  # noqa: F811
    people_hunt.select("all", "2026-03-11T10:00Z", "2026-03-11T11:00Z")
    page = people_hunt.users
    assert (page.user, page.found(), page.about, len(page.users)) == (None, [], [], 0)
    assert "No source tells of any user." in page.view().text
