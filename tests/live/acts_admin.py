"""The acts that change crontabs and accounts."""

from __future__ import annotations

from typing import Any

from .plan import PASSWORD, UIDS, Act, Later, Row, during, job, program, said
from .rows import HOST, change, created, logs_on, session, ssh

__all__ = ["accounts_after", "accounts_before", "crontabs", "crontabs_after"]

OPS = 3100
NOTED = "* * * * * echo $$ $PPID > /run/lh/user.job; : one\n"
"""lh_cora's crontab: the pids of the job's shell and of its parent; `one` is edited to `two`."""


def cron(act: str, kind: str, pid: Later, **known: Any) -> Row:
    return {
        "TimeGenerated": during(act),
        "DvcHostname": HOST,
        "TargetUsername": "lh_cora",
        "ActorUsername": "lh_cora",
        "EventType": kind,
        "EventResult": "Success",
        "CommandLine": None,
        "TargetAppId": pid,
    } | known


def crontab(name: str, phase: str, port: int, kinds: tuple[str, ...], words: str) -> Act:
    """One crontab command of lh_cora in an ssh session of hers."""
    command = f"echo crontab=$$; EDITOR=/run/lh/editor exec crontab {words}"
    act = logs_on(ssh(name, phase, "lh_cora", port, keys=("k1",), command=command))
    act.expect["cron"] = [cron(name, kind, said(name, "crontab")) for kind in kinds]
    return act


def crontabs() -> list[Act]:
    replace = Act("crontab", "before", "run", argv=("crontab", "-u", "lh_cora", "-"), input=NOTED)
    replace.expect["cron"] = [
        cron("crontab", "Replace", program("crontab"), ActorUsername="root"),
        cron("cron", "Reload", program("cron"), ActorUsername=None),
        cron(
            "cron",
            "Run",
            job("user", 0),
            ActorUsername=None,
            CommandLine="echo $$ $PPID > /run/lh/user.job; : two",
        ),
        cron(
            "cron",
            "Run",
            job("system", 0),
            ActorUsername=None,
            TargetUsername="www-data",
            CommandLine="echo $$ $PPID > /run/lh/system.job",
        ),
    ]
    replace.expect["sessions"] = [
        session(user, "cron", "cron", job(name, 1))
        | {
            "TargetUserId": uid,
            "EventStartTime": during("cron"),
            "EventEndTime": during("cron"),
        }
        for user, uid, name in (("lh_cora", UIDS["lh_cora"], "user"), ("www-data", 33, "system"))
    ]
    return [
        replace,
        crontab("crontab-l", "schedule", 47001, ("List",), "-l"),
        crontab("crontab-e", "schedule", 47002, ("Edit", "Replace"), "-e"),
    ]


def crontabs_after() -> list[Act]:
    return [crontab("crontab-r", "after", 47003, ("Delete",), "-r")]


def tool(name: str, phase: str, argv: str, *rows: tuple[str, str | None, Row], **more: Any) -> Act:
    """A program of root's that changes accounts, and the rows that it leaves."""
    act = Act(name, phase, "run", argv=tuple(argv.split()), **more)
    app = act.argv[0]
    act.expect["accounts"] = [
        change(name, program(name), app, kind, user, **known) for kind, user, known in rows
    ]
    return act


def accounts_before() -> list[Act]:
    group: Row = {"GroupName": "lh_ops"}
    acts = [
        tool(
            "groupadd",
            "before",
            f"groupadd -g {OPS} lh_ops",
            ("GroupCreated", None, group | {"GroupId": OPS}),
        ),
    ]
    for user, uid in UIDS.items():
        name = f"useradd-{user}"
        act = tool(name, "before", f"useradd -u {uid} -m -s /bin/bash {user}")
        act.expect["accounts"] = created(name, program(name), user, uid)
        acts.append(act)
    shell: Row = {"PreviousPropertyValue": "/bin/bash", "NewPropertyValue": "/bin/sh"}
    root: Row = {"ActorUsername": "root"}
    return [
        *acts,
        tool(
            "useradd-again",
            "before",
            "useradd lh_mara",
            ("UserCreated", "lh_mara", {"EventResult": "Failure"}),
        ),
        tool(
            "chpasswd",
            "before",
            "chpasswd",
            *[("PasswordChanged", user, {}) for user in UIDS],
            input="".join(f"{user}:{PASSWORD}\n" for user in UIDS),
        ),
        tool(
            "usermod-G",
            "before",
            "usermod -a -G sudo lh_sue",
            ("UserAddedToGroup", "lh_sue", {"GroupName": "sudo"}),
        ),
        tool(
            "gpasswd-a",
            "before",
            "gpasswd -a lh_mara lh_ops",
            ("UserAddedToGroup", "lh_mara", group | root),
        ),
        tool(
            "usermod-s", "before", "usermod -s /bin/sh lh_dora", ("UserModified", "lh_dora", shell)
        ),
        tool("usermod-L", "before", "usermod -L lh_old", ("UserLocked", "lh_old", {})),
        tool("usermod-U", "before", "usermod -U lh_old", ("UserUnlocked", "lh_old", {})),
        tool("chage", "before", "chage -E 2020-01-01 lh_old", ("UserModified", "lh_old", {})),
        tool("passwd", "before", "passwd -x 60 lh_bob", ("PasswordChanged", "lh_bob", root)),
    ]


def accounts_after() -> list[Act]:
    own: Row = {"GroupName": "lh_intruder"}
    return [
        tool(
            "gpasswd-d",
            "after",
            "gpasswd -d lh_mara lh_ops",
            ("UserRemovedFromGroup", "lh_mara", {"GroupName": "lh_ops", "ActorUsername": "root"}),
        ),
        tool(
            "userdel",
            "after",
            "userdel -r lh_intruder",
            ("UserDeleted", "lh_intruder", {}),
            ("UserRemovedFromGroup", "lh_intruder", {"GroupName": "sudo"}),
            ("GroupDeleted", "lh_intruder", own),
        ),
        tool(
            "groupdel", "after", "groupdel lh_ops", ("GroupDeleted", None, {"GroupName": "lh_ops"})
        ),
    ]
