"""Display managers, cockpit, polkit's daemon and vsftpd, beside what PAM says of them.

Sources: sddm src/auth and src/daemon (HelperApp, Display.cpp), lightdm's session-child.c and gdm's
gdm-session-worker.c (PAM speaks for both), cockpit's session and ws, polkit's
polkitbackendinteractiveauthority.c, vsftpd's logging.c and tunables (``syslog_enable``).
"""

from __future__ import annotations

from linuxhunt.parse.shape import known, shape, table

__all__ = ["COCKPIT", "GDM", "POLKIT", "SDDM", "VSFTPD"]

_FAILURE = {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Failure"}
_SUCCESS = {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Success"}

_SESSION = {"EventType": "Info", "EventSubType": "Session", "EventResult": "NA"}

GDM = table(
    "gdm",
    "gdm gdm3 gdm-password gdm-session-worker gdm-launch-environment gdm-autologin"
    " gdm-fingerprint gdm-smartcard gdm-pin lightdm xdm lxdm",
    *known(
        "gkr-pam: ",
        "Gdm: ",
        "GdmDisplay: ",
        "GdmLocalDisplayFactory: ",
        "GLib: ",
        "GLib-GObject: ",
        "AccountsService: ",
        "Freeing conversation ",
        "Child process ",
        "Tried to look up non-existent conversation",
    ),
    LogonProtocol="gdm",
)

SDDM = table(
    "sddm",
    "sddm sddm-helper sddm-greeter",
    shape(
        r'^Authentication for user  ?"(?P<TargetUsername>.*)"  ?successful$',
        **_SUCCESS,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Authentication error:) .*Authentication failure",
        **_FAILURE,
        EventResultDetails="Incorrect password",
    ),
    shape(
        r"^\[PAM\] authenticate: (?P<EventOriginalResultDetails>Authentication failure)$",
        **_FAILURE,
        EventResultDetails="Incorrect password",
    ),
    *known(
        "[PAM] ",
        "Authenticated successfully",
        "Auth: ",
        "Session started",
        "Greeter ",
        "Message received from greeter",
        "Starting...",
        "Adding cookie to ",
        "Running: ",
        "Display server ",
        "Initializing...",
        "Logind interface found",
        "Adding new display",
        "Loading theme configuration",
        "Reading from ",
        "Session ",
        "Jumping to VT ",
        "VT mode ",
        "Socket server ",
        "Setting default cursor",
        "Signal received:",
    ),
    LogonProtocol="sddm",
)

COCKPIT = table(
    "cockpit",
    "cockpit-session cockpit-ws cockpit-tls cockpit",
    shape(
        r"^(?:cockpit-session: )?pam_authenticate failed: (?P<EventOriginalResultDetails>.*)$",
        "pam_authenticate failed: ",
        **_FAILURE,
        EventResultDetails="Incorrect password",
    ),
    shape(r"^logged in user session$", **_SESSION),
    shape(r"^logged in user: (?P<TargetUsername>.*)$", **_SESSION),
    shape(
        r"^user '(?P<TargetUsername>.*)' login failed: (?P<EventOriginalResultDetails>.*)$",
        **_FAILURE,
        EventResultDetails="Incorrect password",
    ),
    *known(
        "New connection to session from ",
        "session timed out",
        "Using certificate: ",
        "couldn't ",
        "gnutls_handshake failed",
        "received invalid HTTP",
        "request timed out",
        "session was already released",
    ),
    LogonProtocol="cockpit",
)

_FOR = (
    r"authorization for action (?P<Action>\S+) for (?P<Subject>\S+) \[(?P<CommandLine>.*)\]"
    r" \(owned by unix-user:(?P<ActorUsername>.*)\)$"
)

POLKIT = table(
    "polkit",
    "polkitd polkit-agent-helper-1",
    shape(
        r"^Operator of (?P<Session>\S+) (?P<EventOriginalResultDetails>FAILED to authenticate) to"
        rf" gain {_FOR}",
        EventType="Elevate",
        EventSubType="Authentication",
        EventResult="Failure",
        EventResultDetails="Incorrect password",
    ),
    shape(
        r"^Operator of (?P<Session>\S+) successfully authenticated as"
        rf" unix-user:(?P<TargetUsername>.*?) to gain (?P<Duration>\S+) {_FOR}",
        EventType="Elevate",
        EventSubType="Authentication",
        EventResult="Success",
    ),
    shape(
        r"^pam_authenticate failed: (?P<EventOriginalResultDetails>.*)$",
        EventType="Elevate",
        EventSubType="Authentication",
        EventResult="Failure",
        EventResultDetails="Incorrect password",
    ),
    *known(
        "Registered Authentication Agent",
        "Unregistered Authentication Agent",
        "Loading rules from directory",
        "Finished loading, compiling and executing",
        "Acquired the name org.freedesktop.PolicyKit1",
        "Started polkitd version",
        "Reloading rules",
        "Collecting garbage unconditionally",
        "Handling SIGTERM",
        "Shutting down",
        "<no filename>:",
        "Error getting login monitor",
        "inappropriate use of helper",
    ),
    LogonProtocol="polkit",
)

_CLIENT = r'Client "(?P<Src>[^"]*)"'

VSFTPD = table(
    "vsftpd",
    "vsftpd",
    shape(
        rf"^(?:\[pid \d+\] )?\[(?P<TargetUsername>.*)\] OK LOGIN: {_CLIENT}"
        r'(?:, anon password "(?P<AnonymousPassword>.*)")?$',
        " OK LOGIN: Client ",
        **_SUCCESS,
    ),
    shape(
        rf"^(?:\[pid \d+\] )?\[(?P<TargetUsername>.*)\] (?P<EventOriginalResultDetails>FAIL LOGIN):"
        rf" {_CLIENT}$",
        " FAIL LOGIN: Client ",
        **_FAILURE,
        EventResultDetails="Incorrect password",
    ),
    shape(
        rf"^(?:\[pid \d+\] )?(?:\[.*\] )?CONNECT: {_CLIENT}(?:, \"(?P<Reason>.*)\")?$",
        "CONNECT: Client ",
        EventType="Info",
        EventSubType="Connection",
        EventResult="NA",
    ),
    shape(
        rf"^(?:\[pid \d+\] )?\[.*\] (?P<Transfer>(?:OK|FAIL) (?:DOWNLOAD|UPLOAD|DELETE|MKDIR|RMDIR"
        rf"|RENAME|CHMOD)): {_CLIENT}.*$",
        ": Client ",
        EventType="Info",
        EventSubType="Session",
        EventResult="NA",
    ),
    LogonProtocol="FTP",
)
