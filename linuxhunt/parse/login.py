"""login, of util-linux, shadow and busybox, and nologin.

Sources: util-linux login.c (``FROM`` is a host or, for want of one, the terminal; ``(null)`` in
old releases), shadow login.c (``fromhost`` is `` on 'tty'`` and perhaps `` from 'host'``),
nologin.c, busybox login.c. The user name is what was typed: anything.
"""

from __future__ import annotations

from linuxhunt.parse.shape import Shape, known, shape, table

__all__ = ["LOGIN"]

_OK = {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Success"}
_NO = {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Failure"}
_TTY = r"(?P<Tty>tty\w*|pts/\d+|console|hvc\d+|/dev/\S+)"
_ON = r"(?: on '(?P<Tty>[^']*)')?(?: from '(?P<Src>[^']*)')?"

_REASONS = (
    ("Authentication failure", "Incorrect password"),
    ("User not known to the underlying authentication module", "No such user"),
    ("User account has expired", "Account expired"),
    ("[^,]*", "Other"),
)


def _failed(word: str, **constants: str) -> tuple[Shape, ...]:
    fields = {**_NO, **constants}
    made = []
    for text, details in _REASONS:
        reason = rf"(?P<EventOriginalResultDetails>{text})"
        values = {"EventResultDetails": details, **fields}
        for place in (_TTY, r"(?P<Src>\S+)"):
            made.append(
                shape(
                    rf"^{word} FROM {place} FOR (?:\(unknown\)|(?P<TargetUsername>.*)), {reason}$",
                    **values,
                )
            )
        made.append(
            shape(rf"^{word}{_ON} FOR '(?:UNKNOWN|(?P<TargetUsername>.*))', {reason}$", **values)
        )
    return tuple(made)


_LOCKED = {"EventSubType": "Lockout", "EventResultDetails": "Logon violates policy"}

LOGIN = table(
    "login",
    "login remote nologin in.telnetd telnetd rlogind in.rlogind",
    *_failed(r"FAILED LOGIN SESSION"),
    *_failed(r"FAILED LOGIN (?:\(\d+\)|\d+)"),
    *_failed(r"TOO MANY LOGIN TRIES \(\d+\)", **_LOCKED),
    shape(
        rf"^(?P<EventOriginalResultDetails>TOO MANY LOGIN TRIES) \(\d+\){_ON} FOR"
        r" '(?:UNKNOWN|(?P<TargetUsername>.*))'$",
        **{**_NO, **_LOCKED},
    ),
    shape(r"^LOGIN ON (?P<Tty>\S+) BY (?P<TargetUsername>.*) FROM (?P<Src>\S+)$", **_OK),
    shape(r"^LOGIN ON (?P<Tty>\S+) BY (?P<TargetUsername>.*)$", **_OK),
    shape(r"^ROOT LOGIN ON (?P<Tty>\S+)(?: FROM (?P<Src>\S+))?$", **_OK, TargetUsername="root"),
    shape(r"^DIALUP AT (?P<Tty>\S+) BY (?P<TargetUsername>.*)$", **_OK),
    shape(rf"^ROOT LOGIN {_ON}$", **_OK, TargetUsername="root"),
    shape(rf"^root login ?{_ON}$", **_OK, TargetUsername="root"),
    shape(
        r"^'(?P<TargetUsername>.*)' logged in  ?on '(?P<Tty>[^']*)'(?: from '(?P<Src>[^']*)')?$",
        "' logged in ",
        **_OK,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>invalid password) for"
        r" '(?:UNKNOWN|(?P<TargetUsername>.*?))' {0,2}(?:on '(?P<Tty>[^']*)')?"
        r"(?: from '(?P<Src>[^']*)')?$",
        **_NO,
        EventResultDetails="Incorrect password",
    ),
    shape(
        rf"^(?P<EventOriginalResultDetails>ILLEGAL ROOT LOGIN) {_ON}$",
        **{**_NO, "EventSubType": "Policy"},
        EventResultDetails="Logon violates policy",
        TargetUsername="root",
    ),
    shape(
        r"^LOGIN '(?P<TargetUsername>.*?)' (?P<EventOriginalResultDetails>REFUSED) {1,2}"
        r"(?:on '(?P<Tty>[^']*)')?(?: from '(?P<Src>[^']*)')?$",
        **{**_NO, "EventSubType": "Policy"},
        EventResultDetails="Logon violates policy",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>exceeded failure limit) for '(?P<TargetUsername>.*?)'"
        r" {1,2}(?:on '(?P<Tty>[^']*)')?(?: from '(?P<Src>[^']*)')?$",
        **{**_NO, "EventSubType": "Lockout"},
        EventResultDetails="User locked",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Attempted login) by (?:UNKNOWN|(?P<TargetUsername>.*?))"
        r"(?: \(UID: (?P<TargetUserId>\d+)\))? on (?:UNKNOWN|(?P<Tty>\S+))"
        r"(?: from (?P<Src>\S+))?$",
        **{**_NO, "EventSubType": "Policy"},
        EventResultDetails="User disabled",
    ),
    *known("no shadow password for ", "pam_open_session", "connect from ", "session opened by"),
    LogonProtocol="login",
)
