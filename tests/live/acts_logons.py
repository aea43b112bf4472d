"""The acts that log on, or try to."""

from __future__ import annotations

from .plan import INFO, OFFICE, OUTSIDE, PASSWORD, VERBOSE, Act, Row, during, said
from .rows import DONE, POLICY, UNKNOWN, attempt, by_key, fails, logs_on, session, ssh

__all__ = ["console", "crowd", "last", "oddly_made", "refused", "reused"]


def crowd() -> list[Act]:
    """Twenty-one overlapping sessions of several users."""
    acts = []
    for n in range(21):
        user = ("lh_mara", "lh_bob", "lh_deploy.user", "lh_svc-backup")[n % 4]
        held = (4.0, 3.0, 5.0)[n % 3]
        how: Row = {"keys": (("k1", "k2")[n % 2],)} if n % 3 == 1 else {"passwords": (PASSWORD,)}
        act = ssh(
            f"crowd{n}",
            "crowd",
            user,
            41000 + n,
            (OFFICE, OUTSIDE)[n % 2],
            door=(VERBOSE, INFO)[n // 2 % 2],
            command=f"sleep {held}",
            **how,
        )
        acts.append(logs_on(act, held))
    return acts


def oddly_made() -> list[Act]:
    """Sessions that come about in an unusual way."""
    acts = [
        logs_on(
            ssh("v6", "crowd", "lh_mara", 42001, "2001:db8::7", host="2001:db8::10", keys=("k1",))
        ),
        logs_on(
            ssh("scoped", "crowd", "lh_mara", 42002, "fe80::7%lo", host="fe80::7%lo", keys=("k1",))
        ),
        logs_on(ssh("root", "crowd", "root", 42003, keys=("k2",))),
        logs_on(ssh("cert", "crowd", "lh_mara", 42004, keys=("cert",)), RefusedKeys=1),
        logs_on(ssh("key-then-key", "crowd", "lh_mara", 42005, keys=("bad1", "k1")), RefusedKeys=1),
        logs_on(
            ssh(
                "key-then-password",
                "crowd",
                "lh_mara",
                42006,
                keys=("bad1",),
                passwords=(PASSWORD,),
            ),
            RefusedKeys=1,
        ),
        logs_on(ssh("terminal", "crowd", "lh_bob", 42007, keys=("k1",), tty=True, command="tty")),
        logs_on(
            ssh(
                "terminal-info",
                "crowd",
                "lh_bob",
                42008,
                keys=("k1",),
                tty=True,
                door=INFO,
                command="tty",
            )
        ),
        logs_on(ssh("shared", "crowd", "lh_mara", 42009, keys=("k1",), channels=3), ChannelCount=3),
    ]
    late = ssh(
        "third-time",
        "crowd",
        "lh_bob",
        42010,
        OUTSIDE,
        door=INFO,
        passwords=("bad", "worse", PASSWORD),
    )
    tries = [attempt(late.id, late.port, OUTSIDE, "lh_bob", AttemptIndex=n) for n in (1, 2)]
    return [*acts, logs_on(late, tries=tries)]


ODD_NAMES = (
    "root from 8.8.8.8 port 22 ssh2",
    "lh_mara from 198.51.100.7 port 1 ssh2",
    "a b",
    "lh_mara ",
    "",
    "user@realm",
    r"DOM\user",
    "invalid user root",
    "x",
)


def as_logged(name: str) -> str | None:
    """Return a name as sshd writes it, a backslash twice (vis(3)); no name is null."""
    return name.replace("\\", "\\\\") or None


def refused() -> list[Act]:
    """Attempts that do not get in."""
    wrong = ("bad",)
    acts = [
        fails(ssh("wrong", "crowd", "lh_mara", 43001, OUTSIDE, passwords=wrong, door=INFO), {}),
        fails(
            ssh(
                "wrong-v6",
                "crowd",
                "lh_bob",
                43002,
                "2001:db8::7",
                host="2001:db8::10",
                passwords=wrong,
            ),
            {},
        ),
        fails(ssh("three", "crowd", "lh_bob", 43003, OUTSIDE, passwords=wrong * 3), {}, {}, {}),
        fails(ssh("root-password", "crowd", "root", 43004, OUTSIDE, passwords=(PASSWORD,)), {}),
        fails(ssh("denied", "crowd", "lh_dora", 43005, OUTSIDE, passwords=(PASSWORD,)), POLICY),
        fails(
            ssh("expired", "crowd", "lh_old", 43006, OUTSIDE, passwords=(PASSWORD,)),
            {"EventResultDetails": "Account expired"},
        ),
        fails(
            ssh("unknown-three", "crowd", "oracle", 43007, OUTSIDE, passwords=wrong * 2),
            UNKNOWN,
            UNKNOWN,
        ),
        fails(
            ssh("unknown-key", "crowd", "nosuch", 43008, OUTSIDE, keys=("bad1",)),
            UNKNOWN | {"LogonMethod": None, "LogonMethodOriginal": None},
        ),
        fails(
            ssh("keys", "crowd", "lh_mara", 43009, OUTSIDE, keys=("bad1", "bad2", "bad3")),
            *[by_key(f"bad{n}") | {"EventResultDetails": "Incorrect key"} for n in (1, 2, 3)],
        ),
        fails(  # the key in it, then the certificate, which is not for him
            ssh("cert-of-another", "crowd", "lh_bob", 43014, OUTSIDE, keys=("cert",)),
            *[by_key("cert") | {"EventResultDetails": "Incorrect key"} for _ in range(2)],
        ),
        fails(  # said twice, by sshd and by its child that has no privileges
            ssh("root-key", "crowd", "root", 43015, OUTSIDE, keys=("k1",), door=INFO),
            POLICY | {"EventSubType": "Policy", "LogonMethod": None, "LogonMethodOriginal": None},
        ),
        # Neither says at INFO that a credential was judged.
        ssh("none", "crowd", "lh_bob", 43010, OUTSIDE, door=INFO),
        ssh("key-info", "crowd", "lh_bob", 43011, OUTSIDE, door=INFO, keys=("bad2",)),
        Act("scan", "crowd", "knock", source=OUTSIDE, port=43012, command="GET / HTTP/1.0\r\n\r\n"),
        Act("touch", "crowd", "knock", source=OUTSIDE, port=43013, command="SSH-2.0-x\r\n"),
    ]
    for n, name in enumerate(ODD_NAMES):
        act = ssh(
            f"odd{n}",
            "crowd",
            name,
            44000 + n,
            OUTSIDE,
            passwords=wrong,
            door=(VERBOSE, INFO)[n % 2],
        )
        acts.append(fails(act, UNKNOWN | {"TargetUsername": as_logged(name)}))
    return acts


def reused() -> list[Act]:
    """Two sessions, one after the other, of sshd processes with the same pid."""
    first = ssh("pid", "after", "lh_mara", 45002, keys=("k1",))
    second = ssh("pid-again", "after", "lh_bob", 45003, OUTSIDE, keys=("k2",), reuse=45002)
    return [logs_on(first), logs_on(second)]


def console() -> list[Act]:
    """login on a terminal: a session, and a wrong password."""
    shell = ("script", "-qefc", "echo login=$$; exec login", "/dev/null")
    user = ("login: ", "lh_bob")
    done = Act(
        "login",
        "climb",
        "run",
        argv=shell,
        tty=True,
        answers=(user, ("Password: ", PASSWORD), ("$ ", "tty; exit")),
    )
    wrong = Act(
        "login-wrong",
        "climb",
        "run",
        argv=shell,
        answers=(user, ("Password: ", "bad"), ("login: ", None)),
    )
    for act in (done, wrong):
        row = attempt(act.id, 0, "", "lh_bob") | {
            "SrcIpAddr": None,
            "SrcPortNumber": None,
            "LogonProtocol": "login",
            "LogonMethod": None,
            "LogonMethodOriginal": None,
            "TargetAppName": "login",
            "TargetAppId": said(act.id, "login"),
            "RefusedKeys": None,
        }
        act.expect["logons"] = [row | DONE if act is done else row]
    done.expect["sessions"] = [
        session("lh_bob", "login", "login", said("login", "login"))
        | {"EventStartTime": during("login"), "EventEndTime": during("login")}
    ]
    return [done, wrong]


def last() -> list[Act]:
    """A session that is still open when the log ends."""
    act = ssh(
        "still-in", "last", "lh_mara", 45001, keys=("k1",), left_open=True, command="sleep 60"
    )
    return [logs_on(act, EventEndTime=None, EndReason="open")]
