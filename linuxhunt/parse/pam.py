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

from linuxhunt.parse.pam_items import FAILURE, POLICY, SUCCESS, WRONG, items
from linuxhunt.parse.pam_others import OTHERS
from linuxhunt.parse.shape import known, shape, table

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

_OPENED = {"EventType": "Logon", "EventSubType": "Session", "EventResult": "Success"}
_CLOSED = {"EventType": "Logoff", "EventSubType": "Session", "EventResult": "Success"}
_UNIX = (
    *items(
        r"(?P<EventOriginalResultDetails>authentication failure); ",
        **FAILURE,
        EventResultDetails=WRONG,
    ),
    *items(
        r"(?P<EventOriginalResultDetails>authentication success); ",
        **SUCCESS,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>check pass; user)"
        r" (?:\((?P<TargetUsername>.*)\) )?unknown$",
        **FAILURE,
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
        **{**POLICY, "EventResultDetails": "Account expired"},
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>expired password) for user (?P<TargetUsername>.*)"
        r" \((?P<Reason>[a-z ]+)\)$",
        **{**POLICY, "EventResultDetails": "Password expired"},
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>could not identify user)"
        r" \(from (?:uid=\d+|getpwnam\((?P<TargetUsername>.*)\))\)$",
        **FAILURE,
        EventResultDetails="No such user",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>bad username) \[(?P<TargetUsername>.*)\]$",
        **FAILURE,
        EventResultDetails="No such user",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>auth could not identify password) for"
        r" \[(?P<TargetUsername>.*)\]$",
        **FAILURE,
        EventResultDetails="Other",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>conversation failed)$",
        **FAILURE,
        EventResultDetails="Other",
    ),
)

# n failures more than were reported one by one; the first one's items again.
_MORE = items(
    r"(?P<MoreFailures>\d+) (?P<EventOriginalResultDetails>more authentication failures?); ",
    " more authentication failure",
    **FAILURE,
    EventResultDetails=WRONG,
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

PAM = table("pam", "", *_UNIX, *_MORE, *OTHERS, *_PASSWD, *_KNOWN)
