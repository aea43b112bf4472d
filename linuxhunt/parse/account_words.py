"""What the command line of a program that changes accounts names: a user, groups, a shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["PROGRAMS", "Named", "named"]

_LONG = {
    "append": "a", "add": "a", "delete": "d", "groups": "G", "gid": "g", "uid": "u", "login": "l",
    "shell": "s", "home": "d", "home-dir": "d", "new-name": "n", "lock": "L", "unlock": "U",
    "comment": "c", "members": "M", "administrators": "A", "root": "R", "prefix": "P",
    "password": "p", "base-dir": "b", "expiredate": "e", "inactive": "f", "skel": "k", "key": "K",
    "selinux-user": "Z", "users": "U", "selinux-range": "r", "maxdays": "M", "mindays": "m",
    "warndays": "W", "lastday": "d", "badname": "", "badnames": "",
}  # fmt: skip

PROGRAMS: Mapping[str, str] = {
    "useradd": "bcdefgGkKpRPsuZF",
    "usermod": "cdefgGlpRPsuvVwWZ",
    "userdel": "RP",
    "groupadd": "gKpRPU",
    "groupmod": "gnpRPU",
    "groupdel": "RP",
    "groupmems": "adgR",
    "gpasswd": "adAMQ",
    "passwd": "inrwxRP",
    "chage": "dEImMRW",
    "chsh": "sR",
    "chfn": "fhorwuR",
}
"""Program -> its short options that take a value (shadow's usage texts)."""


@dataclass(frozen=True)
class Named:
    """What a command line names.

    Attributes:
        last: the word that is no option: the user, or the group of the group programs.
        options: short option -> its value, "" where it takes none.
    """

    last: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def groups(self) -> list[str]:
        """Groups of ``-G``."""
        return [name for name in self.options.get("G", "").split(",") if name]


def named(program: str, words: Sequence[str | None]) -> Named:
    """Read a command line as getopt does.

    Args:
        program: a key of PROGRAMS.
        words: its arguments, the program itself first.
    """
    valued = PROGRAMS[program]
    options: dict[str, str] = {}
    last, rest = None, [word for word in words[1:] if word]
    while rest:
        word = rest.pop(0)
        if word == "--":
            last = rest[-1] if rest else last
            break
        if word.startswith("--"):
            name, _, value = word[2:].partition("=")
            short = _LONG.get(name)
            if short and short in valued and not value and rest:
                value = rest.pop(0)
            if short:
                options[short] = value
        elif word.startswith("-") and len(word) > 1:
            for place, sign in enumerate(word[1:], 2):
                if sign in valued:
                    value = word[place:] or (rest.pop(0) if rest else "")
                    options[sign] = value
                    break
                options[sign] = ""
        else:
            last = word
    return Named(last, options)
