"""The acts of users who are in and become another: sudo and su."""

from __future__ import annotations

from typing import Any

from .plan import PASSWORD, UIDS, Act, Later, Row, during, said, terminal
from .rows import HOST, change, created, logs_on, session, ssh

__all__ = ["climb"]

INTRUDER = 3200
ANSWER = f"echo {PASSWORD} | sudo -S -p ''"
"""sudo, its password given."""


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
    return (
        session(target, protocol, protocol, pid)
        | {
            "parent": act.port,
            "TargetUserId": uid,
            "ActorUsername": act.user,
            "EventStartTime": during(act.id),
            "EventEndTime": during(act.id),
            "Tty": terminal(act.id) if act.tty else None,
        }
        | known
    )


def climb() -> list[Act]:
    def enter(name: str, user: str, port: int, command: str, **more: Any) -> Act:
        return logs_on(ssh(name, "climb", user, port, keys=("k1",), command=command, **more))

    shell = "/bin/sh -c 'echo a; echo b ; id'"
    twice = enter(
        "sudo-tty",
        "lh_sue",
        46001,
        tty=True,
        command=(
            f"tty; {ANSWER} /usr/bin/cat /etc/shadow > /dev/null; "
            f"sudo -n -u www-data -g www-data {shell}"
        ),
    )
    twice.expect["sudo"] = [
        sudo(twice, "/usr/bin/cat /etc/shadow"),
        sudo(twice, shell, "www-data", TargetGroupName="www-data"),
    ]
    twice.expect["sessions"] += [
        inner(twice, "sudo", "root", 0, None),
        inner(twice, "sudo", "www-data", 33, None),
    ]
    plain = enter(
        "sudo-no-tty",
        "lh_sue",
        46002,
        door=2223,
        command=(f"mkdir /run/lh/a-b; cd /run/lh/a-b; {ANSWER} /usr/bin/id -u"),
    )
    plain.expect["sudo"] = [
        sudo(plain, "/usr/bin/id -u", TargetProcessCurrentDirectory="/run/lh/a-b")
    ]
    plain.expect["sessions"].append(inner(plain, "sudo", "root", 0, None))
    mistyped = enter(
        "sudo-mistyped",
        "lh_sue",
        46003,
        command=("printf 'x\\ny\\nz\\n' | sudo -S -p '' /usr/bin/id -u"),
    )
    mistyped.expect["sudo"] = [
        sudo(
            mistyped,
            "/usr/bin/id -u",
            **refusal("3 incorrect password attempts", "Incorrect password"),
        )
    ]
    limited = enter(
        "sudo-limited",
        "lh_tom",
        46004,
        command=(
            f"sudo -n /usr/bin/id -u; {ANSWER} /usr/bin/id; {ANSWER} -u lh_mara /usr/bin/true"
        ),
    )
    limited.expect["sudo"] = [
        sudo(limited, "/usr/bin/id -u"),
        sudo(limited, "/usr/bin/id", **refusal("command not allowed")),
        sudo(limited, "/usr/bin/true", "lh_mara", **refusal("command not allowed")),
    ]
    limited.expect["sessions"].append(inner(limited, "sudo", "root", 0, None))
    outsider = enter("sudo-outsider", "lh_ned", 46005, command=f"{ANSWER} /usr/bin/id")
    outsider.expect["sudo"] = [sudo(outsider, "/usr/bin/id", **refusal("user NOT in sudoers"))]
    numbers = " ".join(map(str, range(1, 601)))
    long = enter(
        "sudo-long",
        "lh_sue",
        46006,
        command=(f"{ANSWER} /bin/echo $(seq -s ' ' 1 600) > /dev/null"),
    )
    long.expect["sudo"] = [sudo(long, f"/bin/echo {numbers}")]
    long.expect["sessions"].append(inner(long, "sudo", "root", 0, None))
    return [twice, plain, mistyped, limited, outsider, long, *become()]


def become() -> list[Act]:
    """su, done and refused; su under sudo; an account added under sudo."""
    asked = (("Password: ", PASSWORD),)
    done = logs_on(
        ssh(
            "su",
            "climb",
            "lh_sue",
            46010,
            keys=("k1",),
            tty=True,
            answers=asked,
            command="tty; su lh_bob -c 'echo su=$PPID; sleep 0.3'",
        )
    )
    done.expect["sessions"].append(inner(done, "su", "lh_bob", UIDS["lh_bob"], said("su", "su")))
    wrong = logs_on(
        ssh(
            "su-wrong",
            "climb",
            "lh_sue",
            46011,
            keys=("k1",),
            tty=True,
            answers=(("Password: ", "bad"),),
            command="tty; su root -c true",
        )
    )
    both = "su - lh_bob -c 'echo su=$PPID'"
    under = logs_on(
        ssh("sudo-su", "climb", "lh_sue", 46012, keys=("k1",), command=f"{ANSWER} {both}")
    )
    under.expect["sudo"] = [sudo(under, f"/usr/bin/{both}")]
    under.expect["sessions"] += [
        inner(under, "sudo", "root", 0, None),
        inner(
            under,
            "su",
            "lh_bob",
            UIDS["lh_bob"],
            said("sudo-su", "su"),
            ActorUsername="root",
            parent="sudo root",
        ),
    ]
    adding = "/bin/sh -c 'echo useradd=$$; exec useradd -u 3200 -m -G sudo lh_intruder'"
    adds = logs_on(
        ssh("sudo-useradd", "climb", "lh_sue", 46013, keys=("k1",), command=f"{ANSWER} {adding}")
    )
    adds.expect["sudo"] = [sudo(adds, adding)]
    adds.expect["sessions"].append(inner(adds, "sudo", "root", 0, None))
    pid = said("sudo-useradd", "useradd")
    adds.expect["accounts"] = [
        *created(adds.id, pid, "lh_intruder", INTRUDER),
        change(adds.id, pid, "useradd", "UserAddedToGroup", "lh_intruder", GroupName="sudo"),
    ]
    return [done, wrong, under, adds]
