"""unparsed: what no shape understood, by program, most frequent first."""

from linuxhunt import parse
from tests.parse.syslog_rows import syslog


def test_counts_by_program_and_template() -> None:
    rows = parse.unparsed(
        syslog(
            "10:00:00 sshd[1]: frobnicated 12 times by 'eve' at 192.0.2.1",
            "10:00:01 sshd[2]: frobnicated 13 times by 'bob' at 192.0.2.2",
            "10:00:02 sshd[2]: Server listening on 0.0.0.0 port 22.",
            "10:00:03 sshd[2]: Failed password for root from 192.0.2.2 port 5 ssh2",
            "10:00:04 foo[3]: pam_foo(foo:auth): wibble",
            "10:00:05 nginx[3]: wibble",
            "10:00:06 sudo: message repeated 3 times: [ wobble]",
        )
    )
    assert rows.to_dict("records") == [
        {
            "ProcessName": "sudo",
            "Template": "wobble",
            "Example": "message repeated 3 times: [ wobble]",
            "Count": 3,
        },
        {
            "ProcessName": "sshd",
            "Template": "frobnicated <n> times by '...' at <address>",
            "Example": "frobnicated 12 times by 'eve' at 192.0.2.1",
            "Count": 2,
        },
        {
            "ProcessName": "foo",
            "Template": "wibble",
            "Example": "pam_foo(foo:auth): wibble",
            "Count": 1,
        },
    ]


def test_nothing() -> None:
    assert parse.unparsed(syslog()).empty


def test_programs_come_of_the_tables() -> None:
    assert {"sshd", "sshd-session", "su", "sudo", "systemd-logind", "useradd"} <= set(
        parse.AUTH_PROGRAMS
    )
    assert {"kernel", "systemd"}.isdisjoint(parse.AUTH_PROGRAMS)
    assert {"cron", "crond", "crontab", "anacron"} <= set(parse.CRON_PROGRAMS)
