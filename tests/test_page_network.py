"""The network page: a verdict, addresses of all sources, one address whole, and no flows at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from linuxhunt import connect
from linuxhunt.errors import ParameterError
from linuxhunt.evidence import ingest
from linuxhunt.hunt import Hunt
from linuxhunt.pages.network import ALL, NO_FLOWS
from linuxhunt.sections.finding import CANNOT_TELL, NOT_SUPPORTED, SUPPORTED
from linuxhunt.views.base import LIMIT
from tests.views.pages import Faults

OWN, C2, GUESSER, ADMIN, VISITOR = "10.1.1.5", "45.155.205.9", "91.92.249.4", "8.8.4.4", "23.1.2.3"
MIDNIGHT = pd.Timestamp("2026-03-12", tz="UTC").timestamp()
AUTH = f"""\
2026-03-12T00:00:30+00:00 web01 sshd[90]: Server listening on 0.0.0.0 port 22.
2026-03-12T01:00:01+00:00 web01 sshd[101]: Failed password for root from {GUESSER} port 4001 ssh2
2026-03-12T02:00:01+00:00 web01 sshd[102]: Accepted password for alice from {ADMIN} port 4002 ssh2
2026-03-12T02:00:01+00:00 web01 sshd[102]: pam_unix(sshd:session): session opened for user alice(uid=1000) by (uid=0)
2026-03-12T02:30:00+00:00 web01 sshd[102]: pam_unix(sshd:session): session closed for user alice
2026-03-12T03:00:00+00:00 web01 app[7]: could not reach {C2}:8443, and 1{C2} neither
2026-03-12T23:59:00+00:00 web01 app[7]: bye <script>alert(1)</script>
"""
HEAD = "\n".join(
    [
        "#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-",
        "#path\tconn",
        "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration"
        "\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\torig_pkts\tresp_pkts",
    ]
)  # fmt: skip


def line(number: int, second: float, source: str, target: str, port: int, *, sent: int = 900,
         received: int = 1_200, state: str = "SF") -> str:  # fmt: skip
    values = (f"{MIDNIGHT + second:.6f}", f"C{number}", source, 40_000 + number % 20_000, target,
              port, "tcp", "-", "0.2", sent, received, state, "T" if source == OWN else "F",
              "T" if target == OWN else "F", 4, 4)  # fmt: skip
    return "\t".join(map(str, values))


def conn_log(*, beacon: bool) -> str:
    rows = [(60.0 + k * 300, VISITOR, OWN, 443, {}) for k in range(280)]
    rows += [(7_200.0, ADMIN, OWN, 22, {"sent": 5_000})]
    rows += [(30.0 + k * 997, "203.0.113.77", OWN, 23, {"state": "S0", "sent": 0, "received": 0})
             for k in range(80)]  # fmt: skip
    if beacon:
        rows += [(43_200.0 + k * 120 + (k % 7), OWN, C2, 8443, {}) for k in range(300)]
    rows.sort(key=lambda row: row[0])
    made = [line(n, t, a, b, p, **more) for n, (t, a, b, p, more) in enumerate(rows)]
    return "\n".join([HEAD, *made]) + "\n"


def case(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / "evidence" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    ingest([folder / "evidence"], folder / "case.duckdb", year=2026)
    return folder / "case.duckdb"


@pytest.fixture(scope="module")
def hunts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Hunt]:
    log, sensor = "web01/var/log/auth.log", "web01/zeek/conn.log"
    made = {
        "beacon": {log: AUTH, sensor: conn_log(beacon=True)},
        "quiet": {log: AUTH, sensor: conn_log(beacon=False)},
        "none": {log: AUTH},
    }
    window = {"start": "2026-03-12", "end": "2026-03-13"}
    return {
        name: connect(case(tmp_path_factory.mktemp(name), files), host="web01", **window)
        for name, files in made.items()
    }


def told(hunt: Hunt) -> list[tuple[Any, ...]]:
    rows = hunt.network.findings[["EventSeverity", "Title", "SrcIpAddr"]]
    return [tuple(row) for row in rows.itertuples(index=False) if row[0] in ("Medium", "High")]


def test_a_beacon_supports_the_hypothesis(hunts: dict[str, Hunt]) -> None:
    hunt = hunts["beacon"]
    assert told(hunt) == [
        ("Medium", f"Regular calls to {C2} port 8443/tcp, about every 2.02 min", C2)
    ]
    assert (hunt.network.verdict.verdict, hunt.network.verdict.missing) == (SUPPORTED, ())


def test_a_quiet_host_does_not(hunts: dict[str, Hunt]) -> None:
    verdict = hunts["quiet"].network.verdict
    assert told(hunts["quiet"]) == []
    assert (verdict.verdict, verdict.missing) == (NOT_SUPPORTED, ())


def test_without_flows_nobody_can_tell(hunts: dict[str, Hunt]) -> None:
    verdict = hunts["none"].network.verdict
    assert (verdict.verdict, verdict.missing) == (CANNOT_TELL, (NO_FLOWS,))
    assert "No flow data" in hunts["none"].network.view().text


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        pytest.param("beacon", [C2, VISITOR, ADMIN, GUESSER, "203.0.113.77"], id="flows and logs"),
        pytest.param("none", [ADMIN, GUESSER], id="logs alone"),
    ],
)
def test_any_address_that_a_source_names_can_be_picked(
    hunts: dict[str, Hunt], name: str, addresses: list[str]
) -> None:
    network = hunts[name].network
    assert sorted(network.addresses["Address"]) == sorted(addresses)
    for address in addresses:
        network.choice.select(address)
        assert network.address.facts["Value"][0] == address
    with pytest.raises(ParameterError, match=r"no address 203\.0\.113\.1 in web01"):
        network.choice.select("203.0.113.1")


def test_a_picked_network_narrows_what_is_offered_until_an_address_of_another_is_picked(
    hunts: dict[str, Hunt],
) -> None:
    network = hunts["beacon"].network
    kinds = dict(zip(network.addresses["Address"], network.addresses["Owner"], strict=True))
    network.asn.select("documentation")
    offered = [address for _, address in network.offered()]
    assert (kinds["203.0.113.77"], offered) == ("documentation", ["203.0.113.77"])
    assert network.choice.value == "203.0.113.77"
    network.choice.select(C2)
    assert (network.asn.value, network.choice.value) == (ALL, C2)


def test_every_row_that_names_an_address(hunts: dict[str, Hunt]) -> None:
    hunt = hunts["beacon"]
    hunt.investigate("address", C2)
    address = hunt.network.address
    assert len(address.flows) == 300
    assert list(address.messages["SyslogMessage"]) == [
        f"could not reach {C2}:8443, and 1{C2} neither"
    ]
    hunt.investigate("address", ADMIN)
    assert list(address.logons["TargetUsername"]) == ["alice"]
    assert list(address.sessions["TargetUsername"]) == ["alice"]
    assert list(address.flows["DstPortNumber"]) == [22]


@pytest.mark.parametrize("name", ["beacon", "quiet", "none"])
def test_views_are_sound_and_small(hunts: dict[str, Hunt], name: str) -> None:
    network = hunts[name].network
    for view in (network.view(), network.address.view()):
        assert Faults(view).found == []
        assert len(view.html) < LIMIT
