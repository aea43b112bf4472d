"""The acts whose executions audit records: ssh sessions that run commands with awkward arguments."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from .plan import OFFICE, OUTSIDE, PASSWORD, UIDS, Act
from .rows import ssh

__all__ = ["AWKWARD", "Execution", "audited_plan", "executions", "sessions_planned"]

AWKWARD: dict[str, tuple[str, ...]] = {
    "spaces": ("two words", " before", "after ", " "),
    "quotes": ("it's", '"quoted"', "a\\b", "`x` $HOME"),
    "newlines": ("one\ntwo\n", "\t", "\r"),
    "empty": ("", "x", ""),
    "utf-8": ("Größe", "日本", "🐧"),
    "5000 bytes": ("x" * 5000,),
    "9000 bytes of text": ("word " * 1800,),
    "300 arguments": tuple(f"n{n}" for n in range(300)),
    "looks like a record": ('a2="x" argc=9', "type=EXECVE msg=audit(1.000:1):", "74776F", "(null)"),
}
"""Act -> the arguments of the program that its session runs."""

_USERS = ("lh_mara", "lh_bob")
_PROGRAM = "/usr/bin/true"
# The shell itself says which session the kernel has it in.
_SAYS = "read s < /proc/self/sessionid; echo ses=$s; "


@dataclass(frozen=True)
class Execution:
    """What a session runs: the arguments, whose, and the arguments of the parent (None: sshd)."""

    argv: tuple[str, ...]
    user: int
    parent: tuple[str, ...] | None


def _shell(act: Act) -> Execution:
    return Execution(("bash", "-c", f"echo in; {act.command}"), UIDS[act.user], None)


def _awkward() -> list[Act]:
    return [
        ssh(
            name,
            "crowd",
            _USERS[n % 2],
            48000 + n,
            (OFFICE, OUTSIDE)[n % 2],
            keys=("k1",),
            command=f"{_SAYS}{shlex.join([_PROGRAM, *words])}; :",
        )
        for n, (name, words) in enumerate(AWKWARD.items())
    ]


def _others() -> list[Act]:
    return [
        ssh("bytes", "crowd", "lh_mara", 48100, keys=("k1",),
            command=f"{_SAYS}{_PROGRAM} $'\\xff\\xfe' $'caf\\xe9'; :"),
        ssh("nested", "crowd", "lh_bob", 48101, passwords=(PASSWORD,),
            command=f"{_SAYS}/bin/sh -c '{_PROGRAM} inner; {_PROGRAM} again; :'; :"),
        ssh("sudo", "crowd", "lh_sue", 48102, keys=("k1",),
            command=f"{_SAYS}echo {PASSWORD} | sudo -S -p '' {_PROGRAM} 'as root'; :"),
        ssh("exec", "crowd", "lh_mara", 48103, keys=("k1",), tty=True,
            command=f"{_SAYS}tty; exec {_PROGRAM} instead"),
    ]  # fmt: skip


def sessions_planned() -> list[Act]:
    return [*_awkward(), *_others()]


def audited_plan() -> list[Act]:
    """Return what is driven: three users, their sessions, and two that are not let in."""
    users = ("lh_mara", "lh_bob", "lh_sue")
    passwords = "".join(f"{user}:{PASSWORD}\n" for user in users)
    before = [
        *(("useradd", "-u", str(UIDS[user]), "-m", "-s", "/bin/bash", user) for user in users),
        ("usermod", "-a", "-G", "sudo", "lh_sue"),
    ]
    return [
        *(Act(" ".join(argv), "before", "run", argv=argv) for argv in before),
        Act("chpasswd", "before", "run", argv=("chpasswd",), input=passwords),
        *sessions_planned(),
        ssh("guess", "crowd", "lh_bob", 48200, OUTSIDE, passwords=("bad", "worse")),
        ssh("nobody", "crowd", "lh_nobody", 48201, OUTSIDE, passwords=("bad",)),
    ]


def executions() -> dict[str, list[Execution]]:
    """Return act -> what its session runs, in order."""
    found = {}
    for act in _awkward():
        shell = _shell(act)
        program = Execution((_PROGRAM, *AWKWARD[act.id]), shell.user, shell.argv)
        found[act.id] = [shell, program]
    raw, nested, sudo, instead = _others()
    shell = _shell(raw)
    found[raw.id] = [shell, Execution((_PROGRAM, r"\xff\xfe", r"caf\xe9"), shell.user, shell.argv)]
    shell = _shell(nested)
    inner = ("/bin/sh", "-c", f"{_PROGRAM} inner; {_PROGRAM} again; :")
    found[nested.id] = [
        shell,
        Execution(inner, shell.user, shell.argv),
        Execution((_PROGRAM, "inner"), shell.user, inner),
        Execution((_PROGRAM, "again"), shell.user, inner),
    ]
    shell = _shell(sudo)
    become = ("sudo", "-S", "-p", "", _PROGRAM, "as root")
    found[sudo.id] = [
        shell,
        Execution(become, shell.user, shell.argv),
        Execution((_PROGRAM, "as root"), 0, become),
    ]
    shell = _shell(instead)
    found[instead.id] = [
        shell,
        Execution(("tty",), shell.user, shell.argv),
        Execution((_PROGRAM, "instead"), shell.user, None),  # in the shell's place: sshd's child
    ]
    return found
