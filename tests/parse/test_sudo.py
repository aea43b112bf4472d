"""sudo: every command asked for as another user, whole."""

import pytest

from linuxhunt import parse, schema
from tests.parse.syslog_rows import known, syslog

_ROW = ("TimeGenerated", "DvcHostname", "EventUid", "RecordIds", "EventCount")

_CASES = [
    pytest.param(
        "sudo:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ;"
        " COMMAND=/usr/bin/cat /etc/shadow",
        {
            "ActorUsername": "alice",
            "TargetUsername": "root",
            "CommandLine": "/usr/bin/cat /etc/shadow",
            "TargetProcessCurrentDirectory": "/home/alice",
            "Tty": "pts/0",
            "EventResult": "Success",
        },
        id="a command",
    ),
    pytest.param(
        "sudo[9]: mara : PWD=/home/a-b ; USER=www-data ; GROUP=www-data ;"
        " COMMAND=/bin/sh -c 'echo a; echo b ; USER=root ; COMMAND=id'",
        {
            "ActorUsername": "mara",
            "TargetUsername": "www-data",
            "TargetGroupName": "www-data",
            "CommandLine": "/bin/sh -c 'echo a; echo b ; USER=root ; COMMAND=id'",
            "TargetProcessCurrentDirectory": "/home/a-b",
            "EventResult": "Success",
            "TargetAppId": 9,
        },
        id="no terminal, semicolons in the command",
    ),
    pytest.param(
        "sudo: bob : user NOT in sudoers ; TTY=unknown ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id",
        {
            "ActorUsername": "bob",
            "TargetUsername": "root",
            "CommandLine": "/usr/bin/id",
            "TargetProcessCurrentDirectory": "/",
            "Tty": "unknown",
            "EventResult": "Failure",
            "EventResultDetails": "Logon violates policy",
            "EventOriginalResultDetails": "user NOT in sudoers",
        },
        id="not in sudoers",
    ),
    pytest.param(
        "sudo: bob : command not allowed ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id",
        {
            "ActorUsername": "bob",
            "TargetUsername": "root",
            "CommandLine": "/usr/bin/id",
            "TargetProcessCurrentDirectory": "/",
            "Tty": "pts/1",
            "EventResult": "Failure",
            "EventResultDetails": "Logon violates policy",
            "EventOriginalResultDetails": "command not allowed",
        },
        id="command not allowed",
    ),
    pytest.param(
        "sudo: bob : 3 incorrect password attempts ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/x",
        {
            "ActorUsername": "bob",
            "TargetUsername": "root",
            "CommandLine": "/x",
            "TargetProcessCurrentDirectory": "/",
            "Tty": "pts/1",
            "EventResult": "Failure",
            "EventResultDetails": "Incorrect password",
            "EventOriginalResultDetails": "3 incorrect password attempts",
        },
        id="incorrect passwords",
    ),
    pytest.param(
        "sudo: mara : unknown user nosuch ; PWD=/home/mara ; USER=nosuch ; ",
        {
            "ActorUsername": "mara",
            "TargetUsername": "nosuch",
            "TargetProcessCurrentDirectory": "/home/mara",
            "EventResult": "Failure",
            "EventResultDetails": "No such user",
            "EventOriginalResultDetails": "unknown user nosuch",
        },
        id="no such user, no command",
    ),
    pytest.param(
        "doas[9]: alice ran command cat /etc/shadow as root from /home/alice",
        {
            "ActorUsername": "alice",
            "TargetUsername": "root",
            "CommandLine": "cat /etc/shadow",
            "TargetProcessCurrentDirectory": "/home/alice",
            "EventResult": "Success",
            "TargetAppId": 9,
        },
        id="doas",
    ),
    pytest.param(
        "pkexec[9]: mara: Executing command [USER=root] [TTY=/dev/pts/0] [CWD=/home/mara]"
        " [COMMAND=/usr/bin/id]",
        {
            "ActorUsername": "mara",
            "TargetUsername": "root",
            "CommandLine": "/usr/bin/id",
            "TargetProcessCurrentDirectory": "/home/mara",
            "Tty": "pts/0",
            "EventResult": "Success",
            "TargetAppId": 9,
        },
        id="pkexec",
    ),
]


@pytest.mark.parametrize(("line", "expected"), _CASES)
def test_line(line: str, expected: dict) -> None:
    assert known(parse.sudo(syslog(f"10:00:00 {line}")), *_ROW) == [expected]


def test_continued_commands_are_joined() -> None:
    word = "x" * 930
    rows = parse.sudo(
        syslog(
            "10:00:00 sudo:     mara : PWD=/home/mara ; USER=root ; COMMAND=/bin/echo",
            f"10:00:00 sudo:     mara : (command continued) {word}",
            "10:00:00 sudo:      bob : PWD=/ ; USER=root ; COMMAND=/usr/bin/id",
            "10:00:00 sudo:     mara : (command continued) yz and more",
            "10:00:00 sudo:     mara : (command continued) words",
        )
    )
    assert rows["CommandLine"].tolist() == [f"/bin/echo {word}yz and more words", "/usr/bin/id"]
    assert rows["RecordIds"].tolist() == [
        ["auth.log:1", "auth.log:2", "auth.log:4", "auth.log:5"],
        ["auth.log:3"],
    ]


def test_two_in_one_second_are_two() -> None:
    rows = parse.sudo(
        syslog(
            "10:00:00 sudo: mara : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
            "10:00:00 sudo: mara : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
        )
    )
    assert rows["EventUid"].tolist() == ["auth.log:1", "auth.log:2"]


def test_session_it_was_typed_in() -> None:
    lines = syslog(
        "10:00:00 sshd[1]: pam_unix(sshd:session): session opened for user mara by (uid=0)",
        "10:00:00 sshd[2]: pam_unix(sshd:session): session opened for user bob by (uid=0)",
        "10:01:00 sudo: mara : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
        "10:01:00 sudo: pam_unix(sudo:session): session opened for user root by mara(uid=0)",
        "10:02:00 sudo: root : TTY=pts/0 ; PWD=/ ; USER=bob ; COMMAND=/usr/bin/id",
        "10:03:00 sudo: pam_unix(sudo:session): session closed for user root",
        "10:04:00 sudo: bob : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/x",
        "10:05:00 sudo: eve : user NOT in sudoers ; TTY=pts/9 ; PWD=/ ; USER=root ; COMMAND=/x",
    )
    sessions = parse.sessions(parse.auth(lines))
    rows = parse.sudo(lines, sessions)
    assert rows["LogonSessionId"].fillna("").tolist() == [
        "auth.log:1",
        "auth.log:3",
        "auth.log:2",
        "",
    ]


def test_nothing() -> None:
    rows = parse.sudo(syslog("10:00:00 sshd[1]: Invalid user x from 192.0.2.1 port 5"))
    assert rows.dtypes.to_dict() == schema.empty("sudo").dtypes.to_dict()
    assert rows.empty
