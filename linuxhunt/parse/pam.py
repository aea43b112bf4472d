"""PAM modules, whatever program calls them.

A message is ``module(service:type): text`` (libpam's ``pam_syslog``), ``PAM text`` where libpam
speaks between modules, or, before 2005, ``text`` from the program ``service(pam_unix)``. The
service names the protocol. ``uid`` and ``euid`` are the program's own and never the user's.

Sources: Linux-PAM 0.99 to 1.7 (pam_syslog.c, pam_unix, pam_faillock, pam_tally, pam_tally2,
pam_succeed_if, pam_listfile, pam_access, pam_time, pam_limits, pam_securetty, pam_nologin,
pam_wheel, pam_rootok, pam_loginuid), SSSD's pam_sss, Samba's pam_winbind, systemd's
pam_systemd, pam_krb5, google-authenticator-libpam, pam_duo.
"""

from __future__ import annotations

from .shape import Shape, known, shape, table

__all__ = ["PAM", "SERVICES"]

SERVICES = {
    "sshd": "SSH",
    "dropbear": "SSH",
    "su-l": "su",
    "sudo-i": "sudo",
    "runuser-l": "runuser",
    "crond": "cron",
    "atd": "at",
    "remote": "login",
    "gdm3": "gdm",
    "gdm-password": "gdm",
    "gdm-autologin": "gdm",
    "gdm-fingerprint": "gdm",
    "gdm-smartcard": "gdm",
    "gdm-pin": "gdm",
    "gdm-launch-environment": "gdm-greeter",
    "lightdm-autologin": "lightdm",
    "sddm-autologin": "sddm",
    "sddm-greeter": "sddm-greeter",
    "polkit-1": "polkit",
    "vsftpd": "FTP",
    "ftp": "FTP",
    "proftpd": "FTP",
    "pure-ftpd": "FTP",
    "xrdp-sesman": "RDP",
    "rlogin": "rlogin",
    "rsh": "rsh",
}
"""PAM service -> LogonProtocol; any other service is its own."""

_FAILURE = {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Failure"}
_SUCCESS = {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Success"}
_POLICY = {
    "EventType": "Logon",
    "EventSubType": "Policy",
    "EventResult": "Failure",
    "EventResultDetails": "Logon violates policy",
}
_OPENED = {"EventType": "Logon", "EventSubType": "Session", "EventResult": "Success"}
_CLOSED = {"EventType": "Logoff", "EventSubType": "Session", "EventResult": "Success"}
_WRONG = "Incorrect password"

_WHO = r"logname=(?P<LoginName>\S*) uid=(?P<ProgramUserId>\d+) euid=(?P<ProgramEffectiveUserId>\d+)"


def _items(head: str, reads: str = "", **constants: str) -> tuple[Shape, ...]:
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


_UNIX = (
    *_items(
        r"(?P<EventOriginalResultDetails>authentication failure); ",
        **_FAILURE,
        EventResultDetails=_WRONG,
    ),
    *_items(
        r"(?P<EventOriginalResultDetails>authentication success); ",
        **_SUCCESS,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>check pass; user) (?:\((?P<TargetUsername>.*)\) )?unknown$",
        **_FAILURE,
        EventResultDetails="No such user",
    ),
    shape(
        r"^session opened for user (?P<TargetUsername>.*)\(uid=(?P<TargetUserId>\d+)\)"
        r" by (?P<ActorUsername>.*)\(uid=(?P<ActorUserId>\d+)\)$",
        **_OPENED,
    ),
    shape(
        r"^session opened for user (?P<TargetUsername>.*?) by (?P<ActorUsername>.*)"
        r"\(uid=(?P<ActorUserId>\d+)\)$",
        **_OPENED,
    ),
    shape(r"^session closed for user (?P<TargetUsername>.*)$", **_CLOSED),
    shape(
        r"^account (?P<TargetUsername>.*) (?P<EventOriginalResultDetails>has expired"
        r" \([a-z ]+\))$",
        **{**_POLICY, "EventResultDetails": "Account expired"},
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>expired password) for user (?P<TargetUsername>.*)"
        r" \((?P<Reason>[a-z ]+)\)$",
        **{**_POLICY, "EventResultDetails": "Password expired"},
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>could not identify user)"
        r" \(from (?:uid=\d+|getpwnam\((?P<TargetUsername>.*)\))\)$",
        **_FAILURE,
        EventResultDetails="No such user",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>bad username) \[(?P<TargetUsername>.*)\]$",
        **_FAILURE,
        EventResultDetails="No such user",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>auth could not identify password) for"
        r" \[(?P<TargetUsername>.*)\]$",
        **_FAILURE,
        EventResultDetails="Other",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>conversation failed)$",
        **_FAILURE,
        EventResultDetails="Other",
    ),
)

# n failures more than were reported one by one; the first one's items again.
_MORE = _items(
    r"(?P<MoreFailures>\d+) (?P<EventOriginalResultDetails>more authentication failures?); ",
    " more authentication failure",
    **_FAILURE,
    EventResultDetails=_WRONG,
)

_SSS = (
    *_items(
        r"(?P<EventOriginalResultDetails>authentication (?:failure|denied)); ",
        **_FAILURE,
        EventResultDetails=_WRONG,
    ),
    *(
        shape(
            r"^received for user (?P<TargetUsername>.*): (?P<ReasonCode>\d+)"
            rf" \((?P<EventOriginalResultDetails>{text})\)$",
            **_FAILURE,
            EventResultDetails=details,
        )
        for text, details in (
            ("Authentication failure", _WRONG),
            ("User not known to the underlying authentication module", "No such user"),
            ("User account has expired", "Account expired"),
            ("Authentication token is no longer valid; new one required", "Password expired"),
            ("Permission denied", "Logon violates policy"),
            (".*", "Other"),
        )
    ),
    shape(
        r"^Access denied for user (?P<TargetUsername>.*): (?P<ReasonCode>\d+)"
        r" \((?P<EventOriginalResultDetails>.*)\)$",
        **_POLICY,
    ),
)

_WINBIND = (
    shape(r"^user '(?P<TargetUsername>.*)' (?P<EventOriginalResultDetails>granted access)$",
          **_SUCCESS),
    shape(
        r"^user [`'](?P<TargetUsername>.*)' (?P<EventOriginalResultDetails>denied access)"
        r"(?: \((?P<Reason>.*)\))?$",
        **_FAILURE,
        EventResultDetails=_WRONG,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>request \w+ failed): (?P<Reason>.*)$",
        **_FAILURE,
        EventResultDetails="Other",
    ),
    shape(
        r"^user '(?P<TargetUsername>.*)' OK$",
        EventType="Info",
        EventSubType="Authentication",
        EventResult="NA",
    ),
)

_LOCKOUT = {
    "EventType": "Logon",
    "EventSubType": "Lockout",
    "EventResult": "Failure",
    "EventResultDetails": "User locked",
}
_LOCKS = (
    shape(
        r"^(?P<EventOriginalResultDetails>Consecutive login failures) for user"
        r" (?P<TargetUsername>.*) account temporarily locked$",
        **_LOCKOUT,
    ),
    shape(
        r"^user (?P<TargetUsername>.*) \((?P<TargetUserId>\d+)\)"
        r" (?P<EventOriginalResultDetails>(?:has time_left \d+|has been locked|tally \d+,? \S*)"
        r".*)$",
        **_LOCKOUT,
    ),
    shape(
        r"^user (?P<TargetUsername>.*) \((?P<TargetUserId>\d+)\)"
        r" (?P<EventOriginalResultDetails>has time limit \[\d+s left\] since last failure\.?)$",
        **_LOCKOUT,
    ),
    shape(
        r"^User (?P<TargetUsername>.*) \((?P<TargetUserId>\d+)\)"
        r" (?P<EventOriginalResultDetails>has time limit.*)$",
        **_LOCKOUT,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>User unknown)(?:: (?P<TargetUsername>.*))?$",
        **_FAILURE,
        EventResultDetails="No such user",
    ),
)

_RULES = (
    shape(
        r'^requirement "(?P<Requirement>.*)" (?P<EventOriginalResultDetails>not met) by user'
        r' "(?P<TargetUsername>.*)"$',
        **_POLICY,
    ),
    shape(
        r'^requirement "(?P<Requirement>.*)" was met by user "(?P<TargetUsername>.*)"$',
        EventType="Info",
        EventSubType="Policy",
        EventResult="NA",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Refused user) (?P<TargetUsername>.*) for service"
        r" (?P<Service>\S+)$",
        **_POLICY,
    ),
    # the origin is an address or a host name, or a terminal
    shape(
        r"^(?P<EventOriginalResultDetails>access denied) for user [`'](?P<TargetUsername>.*?)'"
        r" from [`'](?P<Src>[^`'/]*[.:][^`'/]*)'$",
        **_POLICY,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>access denied) for user [`'](?P<TargetUsername>.*?)'"
        r" from [`'](?P<Origin>[^`']*)'$",
        **_POLICY,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>access denied): tty '(?P<Tty>.*)' is not secure !?$",
        **_POLICY,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Too many logins) \(max (?P<Limit>\d+)\) for"
        r" (?P<TargetUsername>.*)$",
        **_POLICY,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Access denied) (?:to|for) '(?P<ActorUsername>.*)' (?:to|for)"
        r" '(?P<TargetUsername>.*)'$",
        **_POLICY,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Access granted) (?:to|for) '(?P<ActorUsername>.*)' (?:to|for)"
        r" '(?P<TargetUsername>.*)'$",
        EventType="Info",
        EventSubType="Policy",
        EventResult="NA",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>(?:Failed to create|Cannot create) session): (?P<Reason>.*)$",
        " create session: ",
        EventType="Info",
        EventSubType="Session",
        EventResult="NA",
    ),
)

_TOKENS = (
    shape(
        r"^Accepted google_authenticator for (?P<TargetUsername>.*)$",
        **_SUCCESS,
        LogonMethodOriginal="google_authenticator",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Invalid verification code)"
        r"(?: for (?P<TargetUsername>.*))?$",
        **_FAILURE,
        EventResultDetails="MFA not satisfied",
    ),
    shape(
        r"^Successful Duo login for '(?P<TargetUsername>.*?)'(?: from '?(?P<Src>\S*?)'?)?$",
        **_SUCCESS,
        LogonMethodOriginal="duo",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Failed Duo login) for '(?P<TargetUsername>.*?)'"
        r"(?: from '?(?P<Src>\S*?)'?)?(?:: (?P<Reason>.*))?$",
        **_FAILURE,
        EventResultDetails="MFA not satisfied",
    ),
    shape(
        r"^user (?P<TargetUsername>.*?) authenticated as (?P<Principal>.*)$",
        **_SUCCESS,
        LogonMethodOriginal="krb5",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>authentication succeeds) for '(?P<TargetUsername>.*?)'"
        r"(?: \((?P<Principal>.*)\))?$",
        **_SUCCESS,
        LogonMethodOriginal="krb5",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>authentication fails) for '(?P<TargetUsername>.*?)'"
        r"(?: \((?P<Principal>[^()]*)\))?(?:: (?P<Reason>.*))?$",
        **_FAILURE,
        EventResultDetails=_WRONG,
        LogonMethodOriginal="krb5",
    ),
)

_KNOWN = known(
    "Could not set limit for ",
    "new password not acceptable",
    "password - ",
    "password for user ",
    "user not known",
    "username [",
    "unable to locate daemon control file",
    "service(",
    "unable to dlopen(",
    "adding faulty module",
    "audit_log_",
    "gkr-pam:",
    "gnome-keyring-daemon",
    "unlocked login keyring",
    "couldn't unlock the login keyring",
    "stashed password",
    "deprecated reading of user environment enabled",
    "pam_sm_",
    "pam_get_",
    "PAM config:",
    "new configuration",
    "unknown option",
    "unrecognized option",
    "Failed to release session: ",
    "Unable to open env file",
    "Can't open env file",
    "error parsing the configuration file",
    "set_loginuid failed",
    "Error writing /proc/self/loginuid",
)

_PASSWD = (
    shape(
        r'^user "(?P<TargetUsername>.*)" (?P<EventOriginalResultDetails>does not exist in \S+)$',
        EventType="Info",
        EventSubType="Authentication",
        EventResult="Failure",
        EventResultDetails="No such user",
    ),
)

PAM = table("pam", "", *_UNIX, *_MORE, *_SSS, *_WINBIND, *_LOCKS, *_RULES, *_TOKENS, *_PASSWD,
            *_KNOWN)
