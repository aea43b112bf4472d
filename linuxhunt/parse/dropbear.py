"""dropbear's server: small SSH of Alpine images and appliances.

Sources: svr-authpasswd.c, svr-authpam.c, svr-authpubkey.c, svr-auth.c, svr-session.c, svr-main.c
(``addrstring`` is ``A:P``, of IPv6 ``[A]:P`` or plain ``A:P``, the last colon before the port).
"""

from __future__ import annotations

from linuxhunt.parse.shape import Shape, known, shape, table

__all__ = ["DROPBEAR"]

_FAILURE = {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Failure"}
_SUCCESS = {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Success"}
_POLICY = {
    "EventType": "Logon",
    "EventSubType": "Policy",
    "EventResult": "Failure",
    "EventResultDetails": "Logon violates policy",
}
_INFO = {"EventType": "Info", "EventSubType": "Connection", "EventResult": "NA"}
_CLOSED = {"EventType": "Logoff", "EventSubType": "Session", "EventResult": "Success"}


def _from(pattern: str, tail: str, reads: str = "", /, **constants: str) -> tuple[Shape, Shape]:
    """Shapes that end with the peer, in brackets or not."""
    return (
        shape(rf"{pattern}\[(?P<Src>[^\]\s]+)\]:(?P<SrcPortNumber>\d+){tail}$", reads, **constants),
        shape(rf"{pattern}(?P<Src>[^\s\[<>]+):(?P<SrcPortNumber>\d+){tail}$", reads, **constants),
    )


_WORD = {"LogonMethodOriginal": "password"}

DROPBEAR = table(
    "dropbear",
    "dropbear",
    *_from(r"^Child connection from ", "", **_INFO),
    *_from(r"^Password auth succeeded for '(?P<TargetUsername>.*)' from ", "", **_SUCCESS, **_WORD),
    *_from(
        r"^PAM password auth succeeded for '(?P<TargetUsername>.*)' from ", "", **_SUCCESS, **_WORD
    ),
    *_from(
        r"^Auth succeeded with blank password for '(?P<TargetUsername>.*)' from ",
        "",
        **_SUCCESS,
        **_WORD,
    ),
    *_from(
        r"^Pubkey auth succeeded for '(?P<TargetUsername>.*)' with (?:(?P<KeyType>\S+) key|key"
        r"(?: (?:md5|sha1!!))?) (?P<KeyFingerprint>\S+) from ",
        "(?P<MoreNeeded>, extra auth required)?",
        **_SUCCESS,
        LogonMethodOriginal="publickey",
    ),
    *_from(
        r"^(?P<EventOriginalResultDetails>Bad password attempt) for '(?P<TargetUsername>.*)' from ",
        "",
        **_FAILURE,
        **_WORD,
        EventResultDetails="Incorrect password",
    ),
    *_from(
        r"^(?P<EventOriginalResultDetails>Bad PAM password attempt) for"
        r" '(?P<TargetUsername>.*)' from ",
        "",
        **_FAILURE,
        **_WORD,
        EventResultDetails="Incorrect password",
    ),
    *_from(
        r"^(?P<EventOriginalResultDetails>Pubkey auth bad signature) for"
        r" '(?P<TargetUsername>.*)' with .* from ",
        "",
        **_FAILURE,
        EventResultDetails="Incorrect key",
        LogonMethodOriginal="publickey",
    ),
    *_from(
        r"^(?P<EventOriginalResultDetails>Login attempt for nonexistent user)"
        r"(?: '(?P<TargetUsername>.*)')? from ",
        "",
        **_FAILURE,
        EventResultDetails="No such user",
    ),
    *_from(
        r"^(?P<EventOriginalResultDetails>Login attempt with wrong user)"
        r" (?P<TargetUsername>.*) from ",
        "",
        **_POLICY,
    ),
    *_from(
        r"^(?P<EventOriginalResultDetails>Max auth tries reached) - user"
        r" '(?:is invalid|(?P<TargetUsername>.*))' from ",
        "",
        EventType="Logon",
        EventSubType="Lockout",
        EventResult="Failure",
        EventResultDetails="Logon violates policy",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>root login rejected)$", **_POLICY, TargetUsername="root"
    ),
    shape(
        r"^User '(?P<TargetUsername>.*)' (?P<EventOriginalResultDetails>has invalid shell,"
        r" rejected|is locked|has blank password, rejected|not allowed.*)$",
        **_POLICY,
    ),
    shape(
        r"^User account '(?P<TargetUsername>.*)' (?P<EventOriginalResultDetails>is locked)$",
        **{**_POLICY, "EventResultDetails": "User locked"},
    ),
    # the name within the parentheses is the client's only where no account has it: then it is
    # not printed, or the peer stands before it
    *(
        made
        for tail in (
            r">: \(user '(?P<TargetUsername>.*)', (?P<Failures>\d+) fails\):"
            r" (?P<EventOriginalResultDetails>.*)",
            r">: (?P<EventOriginalResultDetails>.*)",
        )
        for made in _from(r"^Exit before auth from <", tail, **_INFO)
    ),
    shape(
        r"^Exit before auth \(user '(?P<TargetUsername>.*)', (?P<Failures>\d+) fails\):"
        r" (?P<EventOriginalResultDetails>.*)$",
        **_INFO,
    ),
    shape(r"^Exit before auth: (?P<EventOriginalResultDetails>.*)$", **_INFO),
    *_from(
        r"^Exit \((?P<TargetUsername>.*?)\) from <",
        ">: (?P<EventOriginalResultDetails>.*)",
        **_CLOSED,
    ),
    shape(
        r"^[Ee]xit (?:after auth )?\((?P<TargetUsername>.*?)\):"
        r" (?P<EventOriginalResultDetails>.*)$",
        "xit ",
        **_CLOSED,
    ),
    *known(
        "Running in background",
        "Not backgrounding",
        "Early exit:",
        "Terminated by signal",
        "Failed loading ",
        "Failed listening on ",
        "Couldn't ",
        "Error listening",
        "Syslog is",
        "premature exit",
        "Premature exit",
        "wtmp_write:",
        "lastlog_perform_login:",
        "user_list",
        "/etc/",
        "Generated hostkey",
        "Port forwarding disabled",
    ),
    LogonProtocol="SSH",
)
