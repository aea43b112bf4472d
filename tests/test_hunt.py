"""The hunt: what it looks at, what it shows, who is told of a change."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from linuxhunt import connect
from linuxhunt.errors import HostError, ParameterError, QueryError, ScopeError
from linuxhunt.evidence import ingest
from linuxhunt.hosts import RANKING
from linuxhunt.hunt import Hunt, current

AUTH = {
    "web01": """\
Mar 12 01:00:01 web01 sshd[101]: Invalid user admin from 198.51.100.7 port 4001
Mar 12 01:00:02 web01 sshd[101]: Failed password for invalid user admin from 198.51.100.7 port 4001 ssh2
Mar 12 01:00:03 web01 sshd[101]: Connection closed by invalid user admin 198.51.100.7 port 4001 [preauth]
Mar 12 02:00:01 web01 sshd[102]: Accepted password for alice from 192.0.2.4 port 4002 ssh2
Mar 12 02:00:01 web01 sshd[102]: pam_unix(sshd:session): session opened for user alice(uid=1000) by (uid=0)
Mar 12 02:30:00 web01 sshd[102]: pam_unix(sshd:session): session closed for user alice
Mar 12 03:00:00 web01 useradd[301]: new user: name=eve, UID=1001, GID=1001, home=/home/eve, shell=/bin/bash, from=none
""",
    "db01": """\
Mar 12 05:00:01 DB01.example.org sshd[77]: Accepted publickey for bob from 192.0.2.9 port 5001 ssh2: ED25519 SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
Mar 12 05:00:01 db01 sshd[77]: pam_unix(sshd:session): session opened for user bob(uid=1002) by (uid=0)
""",
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hunt")
    for host, text in AUTH.items():
        log = folder / "evidence" / host / "var" / "log" / "auth.log"
        log.parent.mkdir(parents=True)
        log.write_text(text)
    ingest([folder / "evidence"], folder / "case.duckdb", year=2026)
    return folder / "case.duckdb"


@pytest.fixture
def hunt(case: Path) -> Hunt:
    return connect(case)


def test_begins_with_all_that_evidence_holds(hunt: Hunt) -> None:
    assert (str(hunt.scope), hunt.span, hunt.scope.computers) == (
        "all hosts · 12 Mar 01:00 – 12 Mar 2026 06:00 UTC",
        (pd.Timestamp("2026-03-12 01:00:01", tz="UTC"), pd.Timestamp("2026-03-12 05:00:01", tz="UTC")),
        (),
    )  # fmt: skip


def test_ranks_hosts(hunt: Hunt) -> None:
    def time(text: str) -> pd.Timestamp:
        return pd.Timestamp(f"2026-03-12 {text}", tz="UTC")

    assert [dict(zip(RANKING, row, strict=True)) for row in hunt.hosts.itertuples(index=False)] == [
        {
            "Host": "web01",
            "Reasons": "2 failed logon lines, 1 new account",
            "Alerts": 0,
            "FailedLogons": 2,
            "NewAccounts": 1,
            "Rows": 7,
            "FirstTime": time("01:00:01"),
            "LastTime": time("03:00:00"),
            "Computers": ["web01"],
        },
        {
            "Host": "DB01.example.org",
            "Reasons": "nothing that stands out",
            "Alerts": 0,
            "FailedLogons": 0,
            "NewAccounts": 0,
            "Rows": 2,
            "FirstTime": time("05:00:01"),
            "LastTime": time("05:00:01"),
            "Computers": ["DB01.example.org", "db01"],
        },
    ]


def test_one_host_under_two_names_is_one_session(hunt: Hunt) -> None:
    hunt.select("db01")
    sessions = hunt.events["sessions"]
    assert sessions[
        ["DvcHostname", "TargetUsername", "SrcIpAddr", "EndReason"]
    ].values.tolist() == [["DB01.example.org", "bob", "192.0.2.9", "open"]]


@pytest.mark.parametrize(
    ("host", "start", "end", "error", "says"),
    [
        pytest.param("nobody", None, None, HostError, "no host nobody", id="no-such-host"),
        pytest.param(None, "2026-03-13", "2026-03-12", ScopeError, "before it starts", id="order"),
        pytest.param(None, "yesterday-ish", None, ScopeError, "is no time", id="no-time"),
    ],
)
def test_refuses_and_stays(
    hunt: Hunt, host: str | None, start: str | None, end: str | None, error: type, says: str
) -> None:
    before = hunt.scope
    with pytest.raises(error, match=says):
        hunt.select(host, start, end)
    assert hunt.scope == before


def test_listeners_hear_of_each_change(hunt: Hunt) -> None:
    heard: list[str] = []
    hunt.on_change(lambda: heard.append(str(hunt.scope)))
    hunt.select("web01")
    hunt.select(start="2026-03-12T02:00Z")
    hunt.select("all")
    assert heard == [
        "web01 · 12 Mar 01:00 – 12 Mar 2026 06:00 UTC",
        "web01 · 12 Mar 02:00 – 12 Mar 2026 06:00 UTC",
        "all hosts · 12 Mar 02:00 – 12 Mar 2026 06:00 UTC",
    ]


def test_lines_behind_records(hunt: Hunt) -> None:
    record = "web01/var/log/auth.log:4"
    assert hunt.lines([record, "web01/var/log/auth.log:99"]) == {
        record: "2026-03-12T02:00:01Z web01 sshd[102]:"
        " Accepted password for alice from 192.0.2.4 port 4002 ssh2"
    }


def test_session_page_follows_its_pick(hunt: Hunt) -> None:
    hunt.select("web01")
    page = hunt.session
    assert page.id == "web01/var/log/auth.log:4"
    assert "alice from 192.0.2.4, SSH" in page.view().text
    with pytest.raises(ParameterError, match="no session x in web01"):
        page.choice.select("x")


def test_verdict_without_data_cannot_tell(hunt: Hunt) -> None:
    hunt.select("all", "2026-03-12T03:30Z", "2026-03-12T04:00Z")
    verdict = hunt.logons.verdict
    assert (verdict.verdict, verdict.missing) == ("cannot tell", ("lines about authentication",))


def test_kql_and_the_current_hunt(hunt: Hunt) -> None:
    assert current() is hunt
    counted = hunt.query("Syslog | summarize Lines = count() by Computer | order by Computer asc")
    assert counted.values.tolist() == [["DB01.example.org", 1], ["db01", 1], ["web01", 7]]
    with pytest.raises(QueryError, match="Nope"):
        hunt.query("Nope | take 1")
