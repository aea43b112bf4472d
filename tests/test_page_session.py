"""The session section on a small case: what it shows, what is picked, what it sends on."""

from __future__ import annotations

import re

import pytest

from linuxhunt.errors import ParameterError
from linuxhunt.hunt import Hunt
from linuxhunt.pages.session_view import label, labels
from tests.people_case import _opened, people_case, people_hunt  # noqa: F401
from tests.views.pages import Faults, payloads

CAROL, ALICE, EVE = (f"web01/var/log/auth.log:{line}" for line in (17, 1, 26))


def told(hunt: Hunt) -> list[tuple[str, str, str]]:
    """Return severity, title without how many findings of applications there were, session."""
    frame = hunt.session.findings
    titles = frame["Title"].str.replace(r" \d+ High and \d+ Medium ", " ", regex=True)
    return list(zip(frame["EventSeverity"], titles, frame["LogonSessionId"], strict=True))


def test_findings_are_on_all_sessions(people_hunt: Hunt) -> None:  # noqa: F811
    assert told(people_hunt) == [
        ("High", "Session of carol from 192.0.2.66: findings", CAROL),
        ("Medium", "Changes in the session of carol from 192.0.2.66: UserCreated eve,"
         " UserAddedToGroup eve", CAROL),
    ]  # fmt: skip
    people_hunt.session.choice.select(ALICE)
    assert [row[2] for row in told(people_hunt)] == [CAROL, CAROL]
    assert people_hunt.session.verdict.verdict == "supported"


def test_the_one_most_worth_a_look_comes_first(people_hunt: Hunt) -> None:  # noqa: F811
    ranked = people_hunt.logons.sessions
    assert ranked["LogonSessionId"].tolist() == [CAROL, EVE, ALICE]
    assert [[reason.split(":")[0] for reason in held] for held in ranked["Reasons"]] == [
        ["Guessed password", "findings on what it ran", "12 of 13 tries from there failed"],
        ["New account eve"],
        [],
    ]
    assert people_hunt.session.id == CAROL


def test_sessions_are_named_alike_one_by_one_and_together(
    people_hunt: Hunt,  # noqa: F811
) -> None:
    """Nulls, too: neither a time, nor an address, nor a user has to be stated."""
    held = people_hunt.logons.sessions
    held = held.assign(
        EventStartTime=held["EventStartTime"].mask(held.index == 0),
        TargetUsername=held["TargetUsername"].mask(held.index == 1),
        SrcIpAddr=held["SrcIpAddr"].mask(held.index == 2),
    )
    assert labels(held) == [label(row) for row in held.to_dict("records")]
    assert labels(held)[0].startswith("before the log ")
    assert " ? " in labels(held)[1].replace(",", " ")


def test_what_is_about_the_picked_session(people_hunt: Hunt) -> None:  # noqa: F811
    page = people_hunt.session
    about = page.about[page.about["Section"] != "applications"]
    assert about[["Section", "EventSeverity"]].values.tolist() == [
        ["logons", "High"], ["session", "High"], ["users", "High"], ["session", "Medium"],
    ]  # fmt: skip
    assert "Password hashes read: /usr/bin/cat /etc/shadow" in page.about["Title"].tolist()
    page.choice.select(ALICE)
    assert page.about.empty


def test_facts_of_the_picked_session(people_hunt: Hunt) -> None:  # noqa: F811
    face = people_hunt.session.view().html
    facts = dict(re.findall(r"<tr><td[^>]*>([A-Z][^<]*)</td><td[^>]*>([^<]*)</td></tr>", face))
    assert {name: facts[name] for name in ("Who", "From", "How", "How long", "Session id")} == {
        "Who": "carol (uid 1002) on web01",
        "From": "192.0.2.66 port 4200 (documentation)",
        "How": "SSH, Username &amp; Password",
        "How long": "00:37:30: 12 Mar 2026 01:12:30 to 12 Mar 2026 01:50:00 UTC (closed)",
        "Session id": CAROL,
    }


def test_the_view_says_what_happened(people_hunt: Hunt) -> None:  # noqa: F811
    view = people_hunt.session.view()
    text = view.text
    assert Faults(view).found == []
    assert (
        "The session and what else happened at the time: 20 events (logons 13, account changes 2,"
        " cron runs 1, sudo 4), from 12 Mar 2026 01:02:30 to 12 Mar 2026 02:00:00 UTC." in text
    )
    assert (
        "cron commands at the same time: commands by CommandLine: /usr/local/bin/backup 1" in text
    )
    assert "All 11 syslog lines of web01 from 12 Mar 01:12:30 to 12 Mar 01:50:01 UTC" in text
    assert "No execution is recorded for this session." in text


def test_too_many_lines_are_counted_not_fetched(
    people_hunt: Hunt,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("linuxhunt.pages.session_view.MESSAGES", 10)
    assert (
        "11 syslog lines of web01 from 12 Mar 01:12:30 to 12 Mar 01:50:01 UTC are more than the 10"
        " that are fetched for a session" in people_hunt.session.view().text
    )


def test_sudo_sessions_follow_the_session(people_hunt: Hunt) -> None:  # noqa: F811
    page = people_hunt.session
    first, second = page.sudo.runs["SudoSessionId"]
    assert (first, second) == (f"{CAROL[:-2]}19", f"{CAROL[:-2]}24")
    page.pick_sudo(second)
    assert page.sudo.commands["CommandLine"].tolist() == ["/usr/bin/crontab -e"]
    page.choice.select(ALICE)
    assert page.sudo.commands["CommandLine"].tolist() == ["/usr/bin/systemctl restart nginx"]
    page.choice.select(EVE)
    assert page.sudo.view().text == "No sudo command is known to be of this session."
    page.choice.select(CAROL)
    assert page.sudo.choice.value == first


def test_a_sudo_session_shows_findings_on_its_commands(people_hunt: Hunt) -> None:  # noqa: F811
    view = people_hunt.session.sudo.view()
    assert Faults(view).found == []
    lines = view.text.split("\n")
    assert lines[0].startswith("sudo of carol on pts/1, 12 Mar 01:13:00 to 01:15:00 UTC: 3 rows")
    said = {": ".join(line.split(": ")[:2]) for line in lines}
    assert said >= {
        "High: Password hashes read", "Medium: Account added or raised",
        "Medium: Group that is as good as root",
    }  # fmt: skip
    assert "Medium: Scheduled job changed" not in said
    assert payloads(view)[0]["rows"][0][1] == "/usr/bin/cat /etc/shadow"


def test_what_it_sends_on(people_hunt: Hunt) -> None:  # noqa: F811
    assert list(people_hunt.session.entities()) == [
        ("user", "carol"), ("address", "192.0.2.66"), ("session", CAROL),
    ]  # fmt: skip


def test_refuses_what_is_not_there(people_hunt: Hunt) -> None:  # noqa: F811
    with pytest.raises(ParameterError, match="no session x in web01"):
        people_hunt.session.pick("x")
    people_hunt.select("all", "2026-03-11T10:00Z", "2026-03-11T11:00Z")
    assert "There is no session in this window." in people_hunt.session.view().text
    assert people_hunt.session.about.empty
    assert people_hunt.session.sudo.view().text.startswith("No sudo command")
