"""sudo, sudo-rs, doas and pkexec: who ran what as whom, and who was refused.

Sources: sudo lib/eventlog/eventlog.c (``new_logline``: the fields and their order, `` ; ``
between; ``do_syslog``: the sudoer padded to eight columns, long lines continued), sudoers
logging.c and check.c (reasons), sudo-rs (the same line, two blanks where there is no terminal),
OpenDoas doas.c, polkit pkexec.c (``log_message``).

Everything behind the first ``COMMAND=`` is the command, whatever it looks like.
"""

from __future__ import annotations

from linuxhunt.parse.shape import Shape, known, shape, table

__all__ = ["DOAS", "PKEXEC", "SUDO"]

_TRIED = {"EventType": "Elevate", "EventSubType": "Authentication"}
_REFUSED = {"EventType": "Elevate", "EventSubType": "Policy", "EventResult": "Failure"}
_WHO = r"^ *(?P<ActorUsername>\S.*?) : "
_FIELDS = (
    r" ?(?:HOST=(?P<SubmitHost>.*?) ; )?(?:TTY=(?P<Tty>.*?) ; ?)?(?:CHROOT=(?P<Chroot>.*?) ; )?"
    r" ?(?:[PC]WD=(?P<TargetProcessCurrentDirectory>.*?) ; )?(?:USER=(?P<TargetUsername>.*?) ; )?"
    r"(?:GROUP=(?P<TargetGroupName>.*?) ; )?(?:TSID=(?P<IoLog>.*?) ; )?"
    r"(?:ENV=(?P<Environment>.*?) ; )?"
)
_COMMAND = r"COMMAND=(?P<CommandLine>.*)$"


def _refused(reason: str, details: str, **constants: str) -> tuple[Shape, Shape]:
    """Shapes of a reason, with a command and (no such user) without."""
    head = rf"{_WHO}(?P<EventOriginalResultDetails>{reason}) ; {_FIELDS}"
    fields = {**_REFUSED, "EventResultDetails": details, **constants}
    return (
        shape(rf"{head}{_COMMAND}", "COMMAND=", **fields),
        shape(rf"{head} ?$", " ; USER=", **fields),
    )


_PASSWORD = {"EventSubType": "Authentication"}

SUDO = table(
    "sudo",
    "sudo sudoedit sudo-rs sudo.ws",
    Shape(rf"{_WHO}\(command continued\) ", " : (command continued) ", False, states=False),
    shape(
        rf"{_WHO}{_FIELDS}{_COMMAND}",
        "COMMAND=",
        **_TRIED,
        EventResult="Success",
    ),
    *_refused(r"\d+ incorrect password attempts?", "Incorrect password", **_PASSWORD),
    *_refused(r"a password is required", "Other", **_PASSWORD),
    *_refused(
        r"(?:user NOT in sudoers|user NOT authorized on host|command not allowed)",
        "Logon violates policy",
    ),
    *_refused(r"unknown (?:user|group):? .*?", "No such user"),
    *_refused(r"account validation failure, is your account locked\?.*?", "User locked"),
    *_refused(r"Account or password is expired.*?", "Password expired"),
    *_refused(r"[^;=]+?(?: ; [^;=]+?)?", "Other"),
    shape(
        r"^ *(?P<ActorUsername>\S+) : (?P<EventOriginalResultDetails>unknown user:? .*)$",
        " : unknown user",
        **_REFUSED,
        EventResultDetails="No such user",
    ),
    *known(
        "pam_",
        "unable to resolve host",
        "error initializing audit plugin",
        "gkr-pam",
        "auth could not identify password",
    ),
    LogonProtocol="sudo",
)

DOAS = table(
    "doas",
    "doas opendoas",
    shape(
        r"^(?P<ActorUsername>\S+) ran command (?P<CommandLine>.*) as (?P<TargetUsername>\S+)"
        r" from (?P<TargetProcessCurrentDirectory>.*)$",
        " ran command ",
        **_TRIED,
        EventResult="Success",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>command not permitted) for (?P<ActorUsername>\S+):"
        r" (?P<CommandLine>.*)$",
        **_REFUSED,
        EventResultDetails="Logon violates policy",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>failed auth|failed password) for (?P<ActorUsername>.*)$",
        "failed ",
        **_TRIED,
        EventResult="Failure",
        EventResultDetails="Incorrect password",
    ),
    LogonProtocol="doas",
)

_AS = (
    r" \[USER=(?P<TargetUsername>[^\]]*)\] \[TTY=(?P<Tty>[^\]]*)\]"
    r" \[CWD=(?P<TargetProcessCurrentDirectory>.*?)\] \[COMMAND=(?P<CommandLine>.*)\]$"
)

PKEXEC = table(
    "pkexec",
    "pkexec",
    shape(
        rf"^(?P<ActorUsername>[^:]+): Executing command{_AS}",
        ": Executing command [",
        **_TRIED,
        EventResult="Success",
    ),
    shape(
        rf"^(?P<ActorUsername>[^:]+): (?P<EventOriginalResultDetails>Error executing command as"
        rf" another user: [^\[]*?){_AS}",
        ": Error executing command as another user",
        **_REFUSED,
        EventResultDetails="Logon violates policy",
    ),
    shape(
        rf"^(?P<ActorUsername>[^:]+): (?P<EventOriginalResultDetails>The value for [^\[]*?){_AS}",
        ": The value for ",
        **_REFUSED,
        EventResultDetails="Other",
    ),
    LogonProtocol="polkit",
)
