"""systemd-logind's sessions, and the marks that a host was started or is going down.

Sources: systemd logind-session.c (``session_start``, ``session_stop_scope``,
``session_finalize``; quotes, class and type from v258), logind-seat.c, logind-dbus.c, the
kernel's init/main.c, systemd's manager.c. A mark has ``Mark`` in AdditionalFields: ``boot``
where the kernel or the system manager started, ``seat`` where logind did, which is a boot
unless logind alone was restarted, and ``down``.
"""

from __future__ import annotations

from linuxhunt.parse.shape import known, shape, table

__all__ = ["KERNEL", "LOGIND", "SYSTEMD"]

_MARK = {"EventType": "Info", "EventSubType": "Session", "EventResult": "NA"}
_OPENED = {"EventType": "Logon", "EventSubType": "Session", "EventResult": "Success"}

LOGIND = table(
    "logind",
    "systemd-logind elogind elogind-daemon",
    shape(
        r"^New session '(?P<LogindSession>[^']*)' of user '(?P<TargetUsername>.*)'"
        r" with class '(?P<SessionClass>[^']*)' and type '(?P<SessionType>[^']*)'\.$",
        **_OPENED,
    ),
    shape(r"^New session (?P<LogindSession>\S+) of user (?P<TargetUsername>.*)\.$", **_OPENED),
    shape(
        r"^Removed session '?(?P<LogindSession>[^'\s]+?)'?\.$",
        EventType="Logoff",
        EventSubType="Session",
        EventResult="Success",
    ),
    shape(
        r"^Session '?(?P<LogindSession>[^'\s]+?)'? logged out\. Waiting for processes to exit\.$",
        **_MARK,
        SessionState="logged out",
    ),
    shape(
        r'^Session "(?P<LogindSession>[^"]*)" of user "(?P<TargetUsername>.*)" is idle,'
        r" stopping\.$",
        **_MARK,
        SessionState="idle",
    ),
    shape(r"^New seat (?P<Seat>\S+)\.$", **_MARK, Mark="seat"),
    shape(
        r"^(?P<EventOriginalResultDetails>System is (?:rebooting|powering down|halting"
        r"|rebooting with kexec)[^.]*)\.$",
        "System is ",
        **_MARK,
        Mark="down",
    ),
    *known(
        "Watching system buttons on ",
        "Removed seat ",
        "Power key pressed",
        "Suspend key pressed",
        "Lid opened",
        "Lid closed",
        "Delay lock is active",
        "Suspending",
        "Hibernating",
        "Operation 'sleep' finished",
        "Failed to abandon session scope",
        "Failed to stop session scope",
        "Failed to start user",
        "Failed to start session scope",
        "The system will ",
        "Creating /run/nologin",
    ),
    LogonProtocol="systemd-logind",
)

KERNEL = table(
    "kernel",
    "kernel",
    shape(
        r"^(?:\[ *\d+\.\d+\] )?Linux version (?P<KernelVersion>\S+) ",
        "Linux version ",
        **_MARK,
        Mark="boot",
    ),
)

SYSTEMD = table(
    "systemd",
    "systemd init",
    shape(
        r"^Startup finished in (?P<StartupTime>.*\(kernel\).*)$",
        **_MARK,
        Mark="boot",
    ),
    shape(r"^systemd (?P<Version>\S+) running in system mode", **_MARK, Mark="boot"),
)
