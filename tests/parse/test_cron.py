"""cron: what ran, for whom, and who changed what runs."""

import pytest

from linuxhunt import parse, schema
from tests.parse.syslog_rows import known, syslog


def _row(kind: str, result: str = "Success", **values: str) -> dict:
    return {**values, "EventType": kind, "EventResult": result}


_CASES = [
    pytest.param(
        "CRON",
        "(www-data) CMD (/usr/bin/php -f /srv/x y)",
        _row("Run", TargetUsername="www-data", CommandLine="/usr/bin/php -f /srv/x y"),
        id="CRON",
    ),
    pytest.param(
        "CROND",
        "(root) CMD (run-parts /etc/cron.hourly)",
        _row("Run", TargetUsername="root", CommandLine="run-parts /etc/cron.hourly"),
        id="CROND",
    ),
    pytest.param(
        "cron",
        "(root) CMD (   cd / && run-parts (x) ; y)",
        _row("Run", TargetUsername="root", CommandLine="cd / && run-parts (x) ; y"),
        id="cron, parentheses within",
    ),
    pytest.param(
        "crontab",
        "(mara) BEGIN EDIT (mara)",
        _row("Edit", ActorUsername="mara", TargetUsername="mara"),
        id="edit",
    ),
    pytest.param(
        "crontab",
        "(root) REPLACE (bob)",
        _row("Replace", ActorUsername="root", TargetUsername="bob"),
        id="replace",
    ),
    pytest.param(
        "crontab",
        "(root) DELETE (bob)",
        _row("Delete", ActorUsername="root", TargetUsername="bob"),
        id="delete",
    ),
    pytest.param(
        "crontab",
        "(root) LIST (bob)",
        _row("List", ActorUsername="root", TargetUsername="bob"),
        id="list",
    ),
    pytest.param(
        "cron", "(mara) RELOAD (crontabs/mara)", _row("Reload", TargetUsername="mara"), id="reload"
    ),
    pytest.param(
        "crontab",
        "(carol) AUTH (crontab command not allowed)",
        _row("Edit", "Failure", ActorUsername="carol"),
        id="not allowed",
    ),
    pytest.param(
        "anacron",
        "Job `cron.daily' started",
        _row("Run", TargetUsername="root", CommandLine="cron.daily"),
        id="anacron",
    ),
    pytest.param(
        "run-parts(/etc/cron.hourly)",
        "starting 0anacron",
        _row("Run", TargetUsername="root", CommandLine="0anacron"),
        id="run-parts old",
    ),
    pytest.param(
        "run-parts",
        "(/etc/cron.hourly) starting 0anacron",
        _row("Run", TargetUsername="root", CommandLine="0anacron"),
        id="run-parts",
    ),
    pytest.param(
        "crond",
        "USER root pid 4711 cmd run-parts /etc/periodic/15min",
        _row("Run", TargetUsername="root", CommandLine="run-parts /etc/periodic/15min"),
        id="busybox",
    ),
    pytest.param(
        "atd",
        "Starting job 5 (a00005019d4711) for user 'mara' (1001)",
        _row("Run", TargetUsername="mara", CommandLine="a00005019d4711"),
        id="at",
    ),
]


@pytest.mark.parametrize(("program", "message", "expected"), _CASES)
def test_line(program: str, message: str, expected: dict) -> None:
    rows = parse.cron(syslog(f"10:00:00 {program}[7]: {message}"))
    assert known(rows, "TimeGenerated", "DvcHostname", "EventUid") == [
        {**expected, "TargetAppId": 7}
    ]


@pytest.mark.parametrize(
    "line",
    [
        "crontab[7]: (mara) END EDIT (mara)",
        "cron[7]: (CRON) INFO (pidfile fd = 3)",
        "CRON[7]: (CRON) info (No MTA installed, discarding output)",
        "cron[7]: (*system*x) ERROR (Syntax error, this crontab file will be ignored)",
        "anacron[7]: Normal exit (1 job run)",
        "sshd[7]: (root) CMD (id)",
    ],
)
def test_what_says_nothing_of_it(line: str) -> None:
    rows = parse.cron(syslog(f"10:00:00 {line}"))
    assert rows.dtypes.to_dict() == schema.empty("cron").dtypes.to_dict()
    assert rows.empty
    assert parse.unparsed(syslog(f"10:00:00 {line}"))["Count"].sum() == int("sshd" in line)
