"""The acts of users who are in: sudo, su, crontab; and accounts added, changed, removed."""

from __future__ import annotations

from typing import Any

from .plan import PASSWORD, UIDS, Act, Later, Row, during, job, program, said, terminal
from .rows import HOST, logs_on, session, ssh

__all__ = ["accounts_after", "accounts_before", "climb", "crontabs", "crontabs_after"]

OPS, INTRUDER = 3100, 3200
ANSWER = f"echo {PASSWORD} | sudo -S -p ''"
"""sudo, its password given."""
NOTED = "* * * * * echo $$ $PPID > /run/lh/user.job; : one\n"


# sudo and su


def sudo(act: Act, command: str, target: str = "root", **known: Any) -> Row:
    return {
        "TimeGenerated": during(act.id),
        "DvcHostname": HOST,
        "ActorUsername": act.user,
        "TargetUsername": target,
        "TargetGroupName": None,
        "CommandLine": command,
        "TargetProcessCurrentDirectory": f"/home/{act.user}",
        "Tty": terminal(act.id) if act.tty else None,
        "EventResult": "Success",
        "EventResultDetails": None,
        "EventOriginalResultDetails": None,
        "EventCount": 1,
        "TargetAppId": None,
        "parent": act.port,
    } | known


def refusal(words: str, details: str = "Logon violates policy") -> Row:
    return {
        "EventResult": "Failure",
        "EventResultDetails": details,
        "EventOriginalResultDetails": words,
    }


def inner(act: Act, protocol: str, target: str, uid: int, pid: Later | None, **known: Any) -> Row:
    """The session that sudo or su opens inside an ssh session."""
    return session(target, protocol, protocol, pid) | {
        "parent": act.port,
        "TargetUserId": uid,
        "ActorUsername": act.user,
        "EventStartTime": during(act.id),
        "EventEndTime": during(act.id),
        "Tty": terminal(act.id) if act.tty else None,
    } | known


def climb() -> list[Act]:
    def enter(name: str, user: str, port: int, command: str, **more: Any) -> Act:
        return logs_on(ssh(name, "climb", user, port, keys=("k1",), command=command, **more))

    shell = "/bin/sh -c 'echo a; echo b ; id'"
    twice = enter("sudo-tty", "lh_sue", 46001, tty=True, command=(
        f"tty; {ANSWER} /usr/bin/cat /etc/shadow > /dev/null; "
        f"sudo -n -u www-data -g www-data {shell}"))
    twice.expect["sudo"] = [
        sudo(twice, "/usr/bin/cat /etc/shadow"),
        sudo(twice, shell, "www-data", TargetGroupName="www-data"),
    ]
    twice.expect["sessions"] += [
        inner(twice, "sudo", "root", 0, None),
        inner(twice, "sudo", "www-data", 33, None),
    ]
    plain = enter("sudo-no-tty", "lh_sue", 46002, door=2223, command=(
        f"mkdir /run/lh/a-b; cd /run/lh/a-b; {ANSWER} /usr/bin/id -u"))
    plain.expect["sudo"] = [
        sudo(plain, "/usr/bin/id -u", TargetProcessCurrentDirectory="/run/lh/a-b")
    ]
    plain.expect["sessions"].append(inner(plain, "sudo", "root", 0, None))
    mistyped = enter("sudo-mistyped", "lh_sue", 46003, command=(
        "printf 'x\\ny\\nz\\n' | sudo -S -p '' /usr/bin/id -u"))
    mistyped.expect["sudo"] = [
        sudo(mistyped, "/usr/bin/id -u",
             **refusal("3 incorrect password attempts", "Incorrect password"))
    ]
    limited = enter("sudo-limited", "lh_tom", 46004, command=(
        f"sudo -n /usr/bin/id -u; {ANSWER} /usr/bin/id; {ANSWER} -u lh_mara /usr/bin/true"))
    limited.expect["sudo"] = [
        sudo(limited, "/usr/bin/id -u"),
        sudo(limited, "/usr/bin/id", **refusal("command not allowed")),
        sudo(limited, "/usr/bin/true", "lh_mara", **refusal("command not allowed")),
    ]
    limited.expect["sessions"].append(inner(limited, "sudo", "root", 0, None))
    outsider = enter("sudo-outsider", "lh_ned", 46005, command=f"{ANSWER} /usr/bin/id")
    outsider.expect["sudo"] = [
        sudo(outsider, "/usr/bin/id", **refusal("user NOT in sudoers"))
    ]
    numbers = " ".join(map(str, range(1, 601)))
    long = enter("sudo-long", "lh_sue", 46006, command=(
        f"{ANSWER} /bin/echo $(seq -s ' ' 1 600) > /dev/null"))
    long.expect["sudo"] = [sudo(long, f"/bin/echo {numbers}")]
    long.expect["sessions"].append(inner(long, "sudo", "root", 0, None))
    return [twice, plain, mistyped, limited, outsider, long, *become()]


def become() -> list[Act]:
    """su, done and refused; su under sudo; an account added under sudo."""
    asked = (("Password: ", PASSWORD),)
    done = logs_on(ssh("su", "climb", "lh_sue", 46010, keys=("k1",), tty=True, answers=asked,
                       command="tty; su lh_bob -c 'echo su=$PPID; sleep 0.3'"))
    done.expect["sessions"].append(inner(done, "su", "lh_bob", UIDS["lh_bob"], said("su", "su")))
    wrong = logs_on(ssh("su-wrong", "climb", "lh_sue", 46011, keys=("k1",), tty=True,
                        answers=(("Password: ", "bad"),), command="tty; su root -c true"))
    both = "su - lh_bob -c 'echo su=$PPID'"
    under = logs_on(ssh("sudo-su", "climb", "lh_sue", 46012, keys=("k1",),
                        command=f"{ANSWER} {both}"))
    under.expect["sudo"] = [sudo(under, f"/usr/bin/{both}")]
    under.expect["sessions"] += [
        inner(under, "sudo", "root", 0, None),
        inner(under, "su", "lh_bob", UIDS["lh_bob"], said("sudo-su", "su"),
              ActorUsername="root", parent="sudo root"),
    ]
    adding = (
        "/bin/sh -c 'echo useradd=$$; exec useradd -u 3200 -m -G sudo lh_intruder'"
    )
    adds = logs_on(ssh("sudo-useradd", "climb", "lh_sue", 46013, keys=("k1",),
                       command=f"{ANSWER} {adding}"))
    adds.expect["sudo"] = [sudo(adds, adding)]
    adds.expect["sessions"].append(inner(adds, "sudo", "root", 0, None))
    pid = said("sudo-useradd", "useradd")
    adds.expect["accounts"] = [
        *created(adds.id, pid, "lh_intruder", INTRUDER),
        change(adds.id, pid, "useradd", "UserAddedToGroup", "lh_intruder", GroupName="sudo"),
    ]
    return [done, wrong, under, adds]


# Crontabs


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
    command = f"echo crontab=$$; EDITOR='sed -i s/one/two/' exec crontab {words}"
    act = logs_on(ssh(name, phase, "lh_cora", port, keys=("k1",), command=command))
    act.expect["cron"] = [cron(name, kind, said(name, "crontab")) for kind in kinds]
    return act


def crontabs() -> list[Act]:
    replace = Act("crontab", "before", "run", argv=("crontab", "-u", "lh_cora", "-"), input=NOTED)
    replace.expect["cron"] = [
        cron("crontab", "Replace", program("crontab"), ActorUsername="root"),
        cron("cron", "Reload", program("cron"), ActorUsername=None),
        cron("cron", "Run", job("user", 0), ActorUsername=None,
             CommandLine="echo $$ $PPID > /run/lh/user.job; : two"),
        cron("cron", "Run", job("system", 0), ActorUsername=None, TargetUsername="www-data",
             CommandLine="echo $$ $PPID > /run/lh/system.job"),
    ]
    replace.expect["sessions"] = [
        session(user, "cron", "CRON", job(name, 1)) | {
            "TargetUserId": uid,
            "EventStartTime": during("cron"),
            "EventEndTime": during("cron"),
        }
        for user, uid, name in (("lh_cora", UIDS["lh_cora"], "user"), ("www-data", 33, "system"))
    ]
    return [
        replace,
        crontab("crontab-l", "schedule", 47001, ("List",), "-l"),
        crontab("crontab-e", "schedule", 47002, ("Edit", "Replace", "Edit"), "-e"),
    ]


def crontabs_after() -> list[Act]:
    return [crontab("crontab-r", "after", 47003, ("Delete",), "-r")]


# Accounts


def change(act: str, pid: Later, app: str, kind: str, user: str | None, **known: Any) -> Row:
    """A row of accounts; nobody's uid, no group and no actor unless ``known`` says so."""
    return {
        "TimeGenerated": during(act),
        "DvcHostname": HOST,
        "EventType": kind,
        "EventResult": "Success",
        "TargetUsername": user,
        "TargetUserId": None,
        "GroupName": None,
        "GroupId": None,
        "ActorUsername": None,
        "PreviousPropertyValue": None,
        "NewPropertyValue": None,
        "ActingAppName": app,
        "ActingAppId": pid,
    } | known


def created(act: str, pid: Later, user: str, uid: int) -> list[Row]:
    """useradd's two rows: a group of the user's own, then the user."""
    return [
        change(act, pid, "useradd", "GroupCreated", None, GroupName=user, GroupId=uid),
        change(act, pid, "useradd", "UserCreated", user, TargetUserId=uid, GroupId=uid),
    ]


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
        tool("groupadd", "before", f"groupadd -g {OPS} lh_ops",
             ("GroupCreated", None, group | {"GroupId": OPS})),
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
        tool("useradd-again", "before", "useradd lh_mara",
             ("UserCreated", "lh_mara", {"EventResult": "Failure"})),
        tool("chpasswd", "before", "chpasswd", *[("PasswordChanged", user, {}) for user in UIDS],
             input="".join(f"{user}:{PASSWORD}\n" for user in UIDS)),
        tool("usermod-G", "before", "usermod -a -G sudo lh_sue",
             ("UserAddedToGroup", "lh_sue", {"GroupName": "sudo"})),
        tool("gpasswd-a", "before", "gpasswd -a lh_mara lh_ops",
             ("UserAddedToGroup", "lh_mara", group | root)),
        tool("usermod-s", "before", "usermod -s /bin/sh lh_dora",
             ("UserModified", "lh_dora", shell)),
        tool("usermod-L", "before", "usermod -L lh_old", ("UserLocked", "lh_old", {})),
        tool("usermod-U", "before", "usermod -U lh_old", ("UserUnlocked", "lh_old", {})),
        tool("chage", "before", "chage -E 2020-01-01 lh_old", ("UserModified", "lh_old", {})),
        tool("passwd", "before", "passwd -x 60 lh_bob", ("PasswordChanged", "lh_bob", root)),
    ]


def accounts_after() -> list[Act]:
    own: Row = {"GroupName": "lh_intruder"}
    return [
        tool("gpasswd-d", "after", "gpasswd -d lh_mara lh_ops",
             ("UserRemovedFromGroup", "lh_mara", {"GroupName": "lh_ops", "ActorUsername": "root"})),
        tool("userdel", "after", "userdel -r lh_intruder",
             ("UserDeleted", "lh_intruder", {}),
             ("UserRemovedFromGroup", "lh_intruder", {"GroupName": "sudo"}),
             ("GroupDeleted", None, own)),
        tool("groupdel", "after", "groupdel lh_ops", ("GroupDeleted", None, {"GroupName": "lh_ops"})),
    ]
