"""OpenSSH's server, 5 to 10: who was let in, who was not.

Sources: auth.c (``auth_log``, ``allowed_user``, ``auth_maxtries_exceeded``,
``auth_root_allowed``, ``getpwnamallow``), auth2.c, auth2-pubkey.c, auth2-pubkeyfile.c,
auth-pam.c, auth-shadow.c, monitor.c (which adds ``[preauth]``), log.c (``error: ``, vis(3)).

What the client chooses: the user name where there is no such account, up to 100 bytes; the ID in
a certificate; the text of a disconnect. In ``Failed ... for invalid user U from A port P ssh2`` U
is anything and the tail is sshd's, so U is taken as long as it can be. In ``Accepted publickey
for U from A port P ssh2: ... ID "I" (serial n) CA ...`` U is an existing account and I is
anything, so U is taken as short as it can be.
"""

from __future__ import annotations

from linuxhunt.parse.shape import Shape, shape, table
from linuxhunt.parse.sshd_connection import CONNECTION

__all__ = ["FROM", "KEY", "SSHD"]

FROM = r" from (?P<Src>\S+) port (?P<SrcPortNumber>\d+)"
KEY = (
    r"(?P<KeyType>[A-Z][A-Z0-9-]*)"
    r" (?P<KeyFingerprint>(?:[A-Z]+[0-9]+:[A-Za-z0-9+/=:]+|[0-9a-f]{2}(?::[0-9a-f]{2})+))"
)
_CERTIFICATE = (
    KEY + r" ID (?P<CertificateId>.*) \(serial (?P<CertificateSerial>\d+)\)"
    r" CA (?P<CaKeyType>[A-Z][A-Z0-9-]*) (?P<CaFingerprint>\S+)"
)
_HOSTBASED = KEY + r', client user "(?P<ClientUser>.*)", client host "(?P<ClientHost>.*)"'
_METHOD = r"(?P<LogonMethodOriginal>\S+)"
_USER = r"(?P<TargetUsername>.*?)"  # an existing account
_ANYTHING = r"(?P<TargetUsername>.*)"  # what a client sent

_FAILURE = {"EventType": "Logon", "EventSubType": "Authentication", "EventResult": "Failure"}
_INFO = {"EventType": "Info", "EventSubType": "Authentication", "EventResult": "NA"}
_POLICY = {
    "EventType": "Logon",
    "EventSubType": "Policy",
    "EventResult": "Failure",
    "EventResultDetails": "Logon violates policy",
}


def _judged(word: str, method: str, **constants: str) -> tuple[Shape, ...]:
    """Shapes of ``auth_log`` for an existing account, whatever follows ``ssh2``."""
    head = rf"^{word} (?P<LogonMethodOriginal>{method}) for {_USER}{FROM} ssh2"
    return (
        shape(rf"{head}: {_CERTIFICATE}$", **constants),
        shape(rf"{head}: {_HOSTBASED}$", **constants),
        shape(rf"{head}: {KEY}$", **constants),
        shape(rf"{head}(?:: (?P<Principal>.*))?$", **constants),
        # protocol 1, gone since 7.6
        shape(
            rf"^{word} (?P<LogonMethodOriginal>{method}) for {_USER}{FROM}"
            r"(?: ruser (?P<RemoteUser>.*))?$",
            **constants,
        ),
    )


def _unknown(word: str, **constants: str) -> tuple[Shape, ...]:
    """Shapes of ``auth_log`` for a user that there is none of."""
    head = rf"^{word} {_METHOD} for (?:invalid|illegal) user "
    return (
        shape(rf"{head}{_ANYTHING}{FROM} ssh2(?:: {KEY})?$", **constants),
        shape(rf"{head}(?P<TargetUsername>.*?){FROM} ssh2: {_CERTIFICATE}$", **constants),
        shape(rf"{head}(?P<TargetUsername>.*?){FROM} ssh2: {_HOSTBASED}$", **constants),
        shape(rf"{head}{_ANYTHING}{FROM}$", **constants),
    )


_PASSWORD = r"password|keyboard-interactive(?:/\S+)?|challenge-response"
_KEYS = r"publickey|hostbased|rsa|rhosts-rsa"

_ACCEPTED = _judged(
    "Accepted", r"\S+", EventType="Logon", EventSubType="Authentication", EventResult="Success"
)
_FAILED = (
    *_unknown(
        "Failed",
        **_FAILURE,
        EventResultDetails="No such user",
        EventOriginalResultDetails="Failed",
    ),
    *_judged(
        "Failed",
        _PASSWORD,
        **_FAILURE,
        EventResultDetails="Incorrect password",
        EventOriginalResultDetails="Failed",
    ),
    *_judged(
        "Failed",
        _KEYS,
        **_FAILURE,
        EventResultDetails="Incorrect key",
        EventOriginalResultDetails="Failed",
    ),
    *_judged(
        "Failed",
        r"\S+",
        **_FAILURE,
        EventResultDetails="Other",
        EventOriginalResultDetails="Failed",
    ),
)
_HALFWAY = tuple(
    made
    for word in ("Postponed", "Partial")
    for made in (
        *_unknown(word, **_INFO, EventOriginalResultDetails=word),
        *_judged(word, r"\S+", **_INFO, EventOriginalResultDetails=word),
    )
)

_NO_SUCH_USER = {**_FAILURE, "EventResultDetails": "No such user"}
_UNKNOWN_USER = (
    *(
        shape(
            rf"^{word} user {_ANYTHING} from (?P<Src>\S+)(?: port (?P<SrcPortNumber>\d+))?$",
            **_NO_SUCH_USER,
            EventOriginalResultDetails=f"{word} user",
        )
        for word in ("Invalid", "Illegal")
    ),
    shape(
        rf"^input_userauth_request: (?:invalid|illegal) user {_ANYTHING}$",
        **_NO_SUCH_USER,
        EventOriginalResultDetails="invalid user",
    ),
)

_REFUSED = (
    shape(
        r"^User (?P<TargetUsername>.*) from (?P<Src>\S+) not allowed because"
        r" (?P<EventOriginalResultDetails>(?:not )?listed in (?:Allow|Deny)Users"
        r"|a group is listed in DenyGroups|none of user's groups are listed in AllowGroups"
        r"|not in any group)$",
        **_POLICY,
    ),
    shape(
        r"^User (?P<TargetUsername>.*) not allowed because"
        r" (?P<EventOriginalResultDetails>account is locked)$",
        **{**_POLICY, "EventResultDetails": "User locked"},
    ),
    shape(
        r"^User (?P<TargetUsername>.*?) not allowed because"
        r" (?P<EventOriginalResultDetails>shell .* (?:does not exist|is not executable))$",
        **_POLICY,
    ),
    shape(
        r"^User (?P<TargetUsername>.*)"
        r" (?P<EventOriginalResultDetails>password has expired \([a-z ]+\))$",
        **{**_POLICY, "EventResultDetails": "Password expired"},
    ),
    shape(
        r"^Account (?P<TargetUsername>.*) (?P<EventOriginalResultDetails>has expired)$",
        **{**_POLICY, "EventResultDetails": "Account expired"},
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>ROOT LOGIN REFUSED) FROM (?P<Src>\S+)"
        r"(?: port (?P<SrcPortNumber>\d+))?$",
        "ROOT LOGIN REFUSED FROM ",
        **_POLICY,
        TargetUsername="root",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Access denied) for user (?P<TargetUsername>.*)"
        r" by PAM account configuration$",
        "Access denied for user ",
        **_POLICY,
    ),
    shape(
        r"^PAM rejected by account configuration\[\d+\]: (?P<EventOriginalResultDetails>.*)$",
        **_POLICY,
    ),
    shape(
        r"^Login restricted for (?P<TargetUsername>.*?): (?P<EventOriginalResultDetails>.*)$",
        **_POLICY,
    ),
    shape(
        r"^Authentication tried for (?P<TargetUsername>.*?) with correct key but"
        r" (?P<EventOriginalResultDetails>not from a permitted host)"
        r" \(host=(?P<SrcHostname>\S*), ip=(?P<Src>\S*), required=.*\)\.$",
        **_POLICY,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Authentication refused): (?P<Reason>.*)$",
        "Authentication refused: ",
        **_POLICY,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>Authentication refused)"
        r" for (?P<TargetUsername>.*?): (?P<Reason>.*)$",
        "Authentication refused for ",
        **_POLICY,
    ),
    shape(
        r"^userauth_(?:pubkey|hostbased): (?P<EventOriginalResultDetails>(?:key type|signature"
        r" algorithm) (?P<KeyType>\S+) not in \S+|unsupported public key algorithm: .*)$",
        "userauth_",
        **_POLICY,
    ),
    shape(
        rf"^maximum authentication attempts exceeded for invalid user {_ANYTHING}{FROM}"
        r"(?: ssh[12]?)?$",
        EventType="Logon",
        EventSubType="Lockout",
        EventResult="Failure",
        EventResultDetails="No such user",
        EventOriginalResultDetails="maximum authentication attempts exceeded",
    ),
    shape(
        rf"^maximum authentication attempts exceeded for {_USER}{FROM}(?: ssh[12]?)?$",
        EventType="Logon",
        EventSubType="Lockout",
        EventResult="Failure",
        EventResultDetails="Logon violates policy",
        EventOriginalResultDetails="maximum authentication attempts exceeded",
    ),
)


def _pam(text: str, details: str) -> tuple[Shape, Shape]:
    """Shapes of the error that PAM gave sshd; it ends with the client's host or address."""
    head = rf"^PAM: (?P<EventOriginalResultDetails>{text}) for"
    fields = {**_FAILURE, "EventResultDetails": details}
    return (
        shape(
            rf"{head} (?:illegal|invalid) user {_ANYTHING} from (?P<Src>\S+)$",
            "PAM: ",
            **{**fields, "EventResultDetails": "No such user"},
        ),
        shape(rf"{head} (?P<TargetUsername>.*) from (?P<Src>\S+)$", "PAM: ", **fields),
    )


_PAM = (
    *_pam(r"(?i:user not known to the underlying authentication module)", "No such user"),
    *_pam(r"User account has expired", "Account expired"),
    *_pam(
        r"Authentication token expired|Authentication token is no longer valid; new one required",
        "Password expired",
    ),
    *_pam(r"Authentication failure", "Incorrect password"),
    *_pam(
        r"Maximum number of retries exhausted|Have exhausted maximum number of retries"
        r" for service|Permission denied",
        "Logon violates policy",
    ),
    *_pam(r"[A-Za-z' ,/-]+?", "Other"),
    shape(
        r"^PAM: (?P<EventOriginalResultDetails>pam_(?:open_session|setcred)\(\): .*)$",
        "PAM: pam_",
        EventType="Logon",
        EventSubType="Session",
        EventResult="Failure",
        EventResultDetails="Other",
    ),
)

_KEY_NEWS = (
    shape(rf"^Accepted key {KEY} found at (?P<File>.*):\d+$", **_INFO),
    shape(
        r'^Accepted certificate ID "(?P<CertificateId>.*)" \(serial (?P<CertificateSerial>\d+)\)'
        r" signed by (?P<CaKeyType>\S+) CA (?P<CaFingerprint>\S+)"
        r"(?: (?:via|found at) (?P<File>.*?))?$",
        **_INFO,
    ),
    shape(r"^Found matching (?P<KeyType>\S+) key: (?P<KeyFingerprint>\S+)$", **_INFO),
    shape(
        r"^(?P<EventOriginalResultDetails>Certificate invalid: .*|Certificate does not contain an"
        r" authorized principal|Certificate lacks principal list)$",
        "Certificate ",
        **_FAILURE,
        EventResultDetails="Incorrect key",
    ),
    shape(
        rf"^Authentication key {KEY} (?P<EventOriginalResultDetails>revoked) by file (?P<File>.*)$",
        **_FAILURE,
        EventResultDetails="Incorrect key",
    ),
    shape(
        r"^Authorized to (?P<TargetUsername>.*), krb5 principal (?P<Principal>\S+)"
        r" \(\w+\)$",
        **_INFO,
        LogonMethodOriginal="krb5",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>userauth_hostbased mismatch): client sends"
        r" (?P<ClientHost>.*), but we resolve (?P<Src>\S+) to (?P<SrcHostname>\S+)$",
        "userauth_hostbased mismatch: ",
        **_INFO,
    ),
)

SSHD = table(
    "sshd",
    "sshd sshd-session sshd-auth",
    *_ACCEPTED,
    *_FAILED,
    *_HALFWAY,
    *_UNKNOWN_USER,
    *_REFUSED,
    *_PAM,
    *_KEY_NEWS,
    *CONNECTION,
    strips=True,
    LogonProtocol="SSH",
)
