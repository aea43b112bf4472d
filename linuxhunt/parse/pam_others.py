"""PAM modules beside pam_unix: directories, lockouts, rules, second factors.

Sources: SSSD's pam_sss, Samba's pam_winbind; Linux-PAM's pam_faillock, pam_tally2,
pam_succeed_if, pam_listfile, pam_access, pam_securetty, pam_limits, pam_wheel; systemd's
pam_systemd; google-authenticator-libpam, pam_duo, pam_krb5.
"""

from __future__ import annotations

from linuxhunt.parse.pam_items import FAILURE, POLICY, SUCCESS, WRONG, items
from linuxhunt.parse.shape import shape

__all__ = ["OTHERS"]

_SSS = (
    *items(
        r"(?P<EventOriginalResultDetails>authentication (?:failure|denied)); ",
        **FAILURE,
        EventResultDetails=WRONG,
    ),
    *(
        shape(
            r"^received for user (?P<TargetUsername>.*): (?P<ReasonCode>\d+)"
            rf" \((?P<EventOriginalResultDetails>{text})\)$",
            **FAILURE,
            EventResultDetails=details,
        )
        for text, details in (
            ("Authentication failure", WRONG),
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
        **POLICY,
    ),
)

_WINBIND = (
    shape(
        r"^user '(?P<TargetUsername>.*)' (?P<EventOriginalResultDetails>granted access)$",
        **SUCCESS,
    ),
    shape(
        r"^user [`'](?P<TargetUsername>.*)' (?P<EventOriginalResultDetails>denied access)"
        r"(?: \((?P<Reason>.*)\))?$",
        **FAILURE,
        EventResultDetails=WRONG,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>request \w+ failed): (?P<Reason>.*)$",
        **FAILURE,
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
        **FAILURE,
        EventResultDetails="No such user",
    ),
)

_RULES = (
    shape(
        r'^requirement "(?P<Requirement>.*)" (?P<EventOriginalResultDetails>not met) by user'
        r' "(?P<TargetUsername>.*)"$',
        **POLICY,
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
        **POLICY,
    ),
    # the origin is an address or a host name, or a terminal
    shape(
        r"^(?P<EventOriginalResultDetails>access denied) for user [`'](?P<TargetUsername>.*?)'"
        r" from [`'](?P<Src>[^`'/]*[.:][^`'/]*)'$",
        **POLICY,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>access denied) for user [`'](?P<TargetUsername>.*?)'"
        r" from [`'](?P<Origin>[^`']*)'$",
        **POLICY,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>access denied): tty '(?P<Tty>.*)' is not secure !?$",
        **POLICY,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Too many logins) \(max (?P<Limit>\d+)\) for"
        r" (?P<TargetUsername>.*)$",
        **POLICY,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Access denied) (?:to|for) '(?P<ActorUsername>.*)'"
        r" (?:to|for) '(?P<TargetUsername>.*)'$",
        **POLICY,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Access granted) (?:to|for) '(?P<ActorUsername>.*)'"
        r" (?:to|for) '(?P<TargetUsername>.*)'$",
        EventType="Info",
        EventSubType="Policy",
        EventResult="NA",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>(?:Failed to create|Cannot create) session):"
        r" (?P<Reason>.*)$",
        " create session: ",
        EventType="Info",
        EventSubType="Session",
        EventResult="NA",
    ),
)

_TOKENS = (
    shape(
        r"^Accepted google_authenticator for (?P<TargetUsername>.*)$",
        **SUCCESS,
        LogonMethodOriginal="google_authenticator",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Invalid verification code)"
        r"(?: for (?P<TargetUsername>.*))?$",
        **FAILURE,
        EventResultDetails="MFA not satisfied",
    ),
    shape(
        r"^Successful Duo login for '(?P<TargetUsername>.*?)'(?: from '?(?P<Src>\S*?)'?)?$",
        **SUCCESS,
        LogonMethodOriginal="duo",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Failed Duo login) for '(?P<TargetUsername>.*?)'"
        r"(?: from '?(?P<Src>\S*?)'?)?(?:: (?P<Reason>.*))?$",
        **FAILURE,
        EventResultDetails="MFA not satisfied",
    ),
    shape(
        r"^user (?P<TargetUsername>.*?) authenticated as (?P<Principal>.*)$",
        **SUCCESS,
        LogonMethodOriginal="krb5",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>authentication succeeds) for '(?P<TargetUsername>.*?)'"
        r"(?: \((?P<Principal>.*)\))?$",
        **SUCCESS,
        LogonMethodOriginal="krb5",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>authentication fails) for '(?P<TargetUsername>.*?)'"
        r"(?: \((?P<Principal>[^()]*)\))?(?:: (?P<Reason>.*))?$",
        **FAILURE,
        EventResultDetails=WRONG,
        LogonMethodOriginal="krb5",
    ),
)

OTHERS = (*_SSS, *_WINBIND, *_LOCKS, *_RULES, *_TOKENS)
