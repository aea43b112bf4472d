"""su and runuser: who became whom.

Sources: util-linux su-common.c (``log_syslog``; coreutils' su before it wrote the same), shadow
su.c and lib/sulog.c, busybox su.c. What the caller typed is the target's name; the caller's own
name and terminal end the line.
"""

from __future__ import annotations

from linuxhunt.parse.shape import known, shape, table

__all__ = ["SU"]

_OK = {"EventType": "Elevate", "EventSubType": "Authentication", "EventResult": "Success"}
_NO = {
    "EventType": "Elevate",
    "EventSubType": "Authentication",
    "EventResult": "Failure",
    "EventResultDetails": "Incorrect password",
}
_TO = r"\(to (?P<TargetUsername>.*)\) (?P<ActorUsername>[^()]+) on (?P<Tty>\S+)$"
_PAIR = r"(?P<Tty>\S+) (?P<ActorUsername>[^:]*):(?P<TargetUsername>.*)$"

SU = table(
    "su",
    "su su-l runuser runuser-l",
    shape(rf"^{_TO}", **_OK),
    shape(
        rf"^(?P<EventOriginalResultDetails>FAILED RUNUSER) {_TO}", **_NO, LogonProtocol="runuser"
    ),
    shape(rf"^(?P<EventOriginalResultDetails>FAILED SU) {_TO}", **_NO),
    shape(r"^Successful su for (?P<TargetUsername>.*) by (?P<ActorUsername>.*)$", **_OK),
    shape(
        r"^(?P<EventOriginalResultDetails>FAILED su) for (?P<TargetUsername>.*)"
        r" by (?P<ActorUsername>.*)$",
        **_NO,
    ),
    shape(rf"^\+ {_PAIR}", **_OK),
    shape(rf"^- {_PAIR}", **_NO, EventOriginalResultDetails="-"),
    shape(
        r"^(?P<EventOriginalResultDetails>No passwd entry) for user '(?P<TargetUsername>.*)'$",
        **{**_NO, "EventResultDetails": "No such user"},
    ),
    shape(r"^pam_authenticate: (?P<EventOriginalResultDetails>.*)$", **_NO),
    shape(
        r"^pam_acct_mgmt: (?P<EventOriginalResultDetails>.*)$",
        **{**_NO, "EventSubType": "Policy", "EventResultDetails": "Logon violates policy"},
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>BAD SU) (?P<ActorUsername>.*?) to (?P<TargetUsername>.*)"
        r" on (?P<Tty>\S+)$",
        **_NO,
    ),
    *known("pam_open_session: ", "pam_setcred: ", "cannot open session"),
    LogonProtocol="su",
)
