"""What shapes of PAM modules share: outcomes, and the list of items that they print."""

from __future__ import annotations

from linuxhunt.parse.shape import Shape, shape

__all__ = ["FAILURE", "POLICY", "SUCCESS", "WRONG", "items"]

FAILURE = {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Failure"}
SUCCESS = {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Success"}
POLICY = {
    "EventType": "Logon",
    "EventSubType": "Policy",
    "EventResult": "Failure",
    "EventResultDetails": "Logon violates policy",
}
WRONG = "Incorrect password"

_WHO = r"logname=(?P<LoginName>\S*) uid=(?P<ProgramUserId>\d+) euid=(?P<ProgramEffectiveUserId>\d+)"


def items(head: str, reads: str = "", **constants: str) -> tuple[Shape, ...]:
    """Shapes of a list of PAM items: who asked, from where, and for whom, the last of them.

    The name behind ``user=`` ends the line. For ftp and the like ``ruser`` is a name that the
    client sent: where it holds a space, ``rhost`` cannot be told from an imitation, and is not
    taken.
    """
    return (
        shape(
            rf"^{head}{_WHO} tty=(?P<Tty>\S*) ruser=(?P<ActorUsername>\S*) rhost=(?P<Src>\S*)"
            r"(?: {1,2}user=(?P<TargetUsername>.*)| *)$",
            reads,
            **constants,
        ),
        shape(rf"^{head}{_WHO} tty=(?P<Tty>\S*) ruser=.* rhost=.*$", reads, **constants),
    )
