"""accounts: users, groups and passwords that changed; one change is one row."""

import pytest

from linuxhunt import parse, schema
from tests.parse.syslog_rows import known, syslog

_ROW = ("TimeGenerated", "DvcHostname", "EventMessage", "EventUid", "RecordIds", "ActingAppId")


def _row(kind: str, program: str, result: str = "Success", **values: object) -> dict:
    return {"EventType": kind, "EventResult": result, "ActingAppName": program, **values}


_CASES = [
    pytest.param(
        "useradd",
        "new user: name=svc-x, UID=0, GID=0, home=/root, shell=/bin/sh, from=none",
        _row(
            "UserCreated",
            "useradd",
            TargetUsername="svc-x",
            TargetUserId=0,
            GroupId=0,
            AdditionalFields={"Home": "/root", "Shell": "/bin/sh", "Terminal": "none"},
        ),
        id="user created",
    ),
    pytest.param(
        "useradd",
        "failed adding user 'mara', exit code: 9",
        _row(
            "UserCreated",
            "useradd",
            "Failure",
            TargetUsername="mara",
            AdditionalFields={"Reason": "exit code: 9"},
        ),
        id="user not created",
    ),
    pytest.param(
        "userdel",
        "delete user 'mara'",
        _row("UserDeleted", "userdel", TargetUsername="mara"),
        id="user deleted",
    ),
    pytest.param(
        "usermod",
        "add 'eve' to group 'sudo'",
        _row("UserAddedToGroup", "usermod", TargetUsername="eve", GroupName="sudo"),
        id="added",
    ),
    pytest.param(
        "gpasswd",
        "user eve added by root to group sudo",
        _row(
            "UserAddedToGroup",
            "gpasswd",
            TargetUsername="eve",
            GroupName="sudo",
            ActorUsername="root",
        ),
        id="added by gpasswd",
    ),
    pytest.param(
        "gpasswd",
        "user eve removed by root from group ops",
        _row(
            "UserRemovedFromGroup",
            "gpasswd",
            TargetUsername="eve",
            GroupName="ops",
            ActorUsername="root",
        ),
        id="removed by gpasswd",
    ),
    pytest.param(
        "gpasswd",
        "members of group users set by root to mara,eve",
        _row(
            "GroupModified",
            "gpasswd",
            EventSubType="members",
            GroupName="users",
            ActorUsername="root",
            NewPropertyValue="mara,eve",
        ),
        id="members set",
    ),
    pytest.param(
        "usermod",
        "change user 'carol' shell from '/bin/bash' to '/usr/sbin/nologin'",
        _row(
            "UserModified",
            "usermod",
            EventSubType="Shell",
            TargetUsername="carol",
            PreviousPropertyValue="/bin/bash",
            NewPropertyValue="/usr/sbin/nologin",
        ),
        id="shell",
    ),
    pytest.param(
        "usermod",
        "change user name 'carol' to 'karol'",
        _row(
            "UserModified",
            "usermod",
            EventSubType="Name",
            TargetUsername="carol",
            NewPropertyValue="karol",
        ),
        id="name",
    ),
    pytest.param(
        "usermod",
        "lock user 'lock' password",
        _row("UserLocked", "usermod", TargetUsername="lock"),
        id="locked",
    ),
    pytest.param(
        "usermod",
        "unlock user 'lock' password",
        _row("UserUnlocked", "usermod", TargetUsername="lock"),
        id="unlocked",
    ),
    pytest.param(
        "passwd",
        "password for 'lock' changed by 'root'",
        _row("PasswordChanged", "passwd", TargetUsername="lock", ActorUsername="root"),
        id="passwd",
    ),
    pytest.param(
        "chpasswd",
        "pam_unix(chpasswd:chauthtok): password changed for mara",
        _row("PasswordChanged", "chpasswd", TargetUsername="mara"),
        id="chpasswd",
    ),
    pytest.param(
        "chage",
        "changed password expiry for bob",
        _row("UserModified", "chage", EventSubType="PasswordExpiry", TargetUsername="bob"),
        id="chage",
    ),
    pytest.param(
        "groupmod",
        "group changed in /etc/group (group ops/3100, new name: ops2)",
        _row("GroupModified", "groupmod", GroupName="ops", GroupId=3100, NewPropertyValue="ops2"),
        id="group renamed",
    ),
]


@pytest.mark.parametrize(("program", "message", "expected"), _CASES)
def test_line(program: str, message: str, expected: dict) -> None:
    rows = parse.accounts(syslog(f"10:00:00 {program}[7]: {message}"))
    assert known(rows, *_ROW) == [expected]


_TOGETHER = [
    pytest.param(
        [
            "groupadd[7]: group added to /etc/group: name=ops, GID=3100",
            "groupadd[7]: group added to /etc/gshadow: name=ops",
            "groupadd[7]: new group: name=ops, GID=3100",
        ],
        [("GroupCreated", None, "ops", [1, 2, 3])],
        id="groupadd says it three times",
    ),
    pytest.param(
        [
            "usermod[7]: add 'eve' to group 'sudo'",
            "usermod[7]: add 'eve' to group 'ops'",
            "usermod[7]: add 'eve' to shadow group 'sudo'",
            "usermod[7]: add 'eve' to shadow group 'ops'",
        ],
        [("UserAddedToGroup", "eve", "sudo", [1, 3]), ("UserAddedToGroup", "eve", "ops", [2, 4])],
        id="group and gshadow",
    ),
    pytest.param(
        [
            "userdel[7]: delete user 'eve'",
            "userdel[7]: delete 'eve' from group 'sudo'",
            "userdel[7]: removed group 'eve' owned by 'eve'",
            "userdel[7]: removed shadow group 'eve' owned by 'eve'",
            "userdel[7]: delete 'eve' from shadow group 'sudo'",
        ],
        [
            ("UserDeleted", "eve", None, [1]),
            ("UserRemovedFromGroup", "eve", "sudo", [2, 5]),
            ("GroupDeleted", "eve", "eve", [3, 4]),
        ],
        id="userdel",
    ),
    pytest.param(
        [
            "passwd[7]: pam_unix(passwd:chauthtok): password changed for eve",
            "passwd[7]: password for 'eve' changed by 'root'",
            "passwd[8]: pam_unix(passwd:chauthtok): password changed for eve",
        ],
        [("PasswordChanged", "eve", None, [1, 2]), ("PasswordChanged", "eve", None, [3])],
        id="PAM and passwd",
    ),
]


@pytest.mark.parametrize(("lines", "expected"), _TOGETHER)
def test_one_change_is_one_row(lines: list[str], expected: list[tuple]) -> None:
    rows = parse.accounts(syslog(*(f"10:00:00 {line}" for line in lines)))
    found = [
        (
            row["EventType"],
            row.get("TargetUsername"),
            row.get("GroupName"),
            [int(uid.rpartition(":")[2]) for uid in row["RecordIds"]],
        )
        for row in known(rows)
    ]
    assert found == expected


def test_nothing() -> None:
    rows = parse.accounts(syslog("10:00:00 sshd[1]: Invalid user x from 192.0.2.1 port 5"))
    assert rows.dtypes.to_dict() == schema.empty("accounts").dtypes.to_dict()
    assert rows.empty
