"""OpenSSH's server: connections and the sessions on them, none of which judges a credential.

Sources: packet.c (``fmt_connection_id``: ``[invalid |authenticating ]user U A port P``),
sshd.c and sshd-session.c (``Connection from``, ``Timeout before authentication``, MaxStartups,
penalties), kex.c, session.c (``Starting session``, ``Close session``), monitor.c, canohost.c.
"""

from __future__ import annotations

from linuxhunt.parse.shape import Shape, known, shape

__all__ = ["CONNECTION"]

_AT = r"(?P<Src>\S+) port (?P<SrcPortNumber>\d+)"
_INFO = {"EventType": "Info", "EventSubType": "Connection", "EventResult": "NA"}
_ENDED = {"EventType": "Logoff", "EventSubType": "Connection", "EventResult": "Success"}
_SESSION = {"EventType": "Info", "EventSubType": "Session", "EventResult": "NA"}
_REFUSED = {
    "EventType": "Info",
    "EventSubType": "Policy",
    "EventResult": "Failure",
    "EventResultDetails": "Logon violates policy",
}


def _peer(word: str, tail: str = "", logged_on: dict[str, str] = _INFO) -> tuple[Shape, ...]:
    """Shapes of what befell a connection; ``tail`` is what follows its id, sshd's own words.

    The user's state is kept: an ``invalid`` or ``authenticating`` user was never in.
    """
    return (
        shape(
            rf"^{word} (?P<UserState>invalid|authenticating) user (?P<TargetUsername>.*)"
            rf" {_AT}{tail}$",
            **_INFO,
        ),
        shape(rf"^{word} user (?P<TargetUsername>.*) {_AT}{tail}$", **logged_on),
        shape(rf"^{word} {_AT}{tail}$", **_INFO),
        shape(rf"^{word} (?P<Src>\S+){tail}$", **_INFO),
    )


_REASON = r"(?P<EventOriginalResultDetails>.*)"
_MANY = r"(?P<EventOriginalResultDetails>Too many authentication failures)"
_CHANGE = "Change of username or service not allowed"

_DISCONNECTING = (
    *_peer("Disconnecting", rf": {_MANY}"),
    # Two names that the client chose, one on each side of the address: it is taken only where
    # neither can hold another (no colon).
    shape(
        rf"^Disconnecting (?P<UserState>invalid|authenticating) user (?P<TargetUsername>[^:]*?)"
        rf" {_AT}: (?P<EventOriginalResultDetails>[^:]*(?:: [^:]*)?)$",
        **_INFO,
    ),
    shape(
        r"^Disconnecting (?P<UserState>invalid|authenticating) user .*: "
        rf"(?P<EventOriginalResultDetails>{_CHANGE}): .*$",
        **_INFO,
    ),
    shape(rf"^Disconnecting user (?P<TargetUsername>[^:]*?) {_AT}: {_REASON}$", **_INFO),
    shape(rf"^Disconnecting (?P<Src>\S+) port (?P<SrcPortNumber>\d+): {_REASON}$", **_INFO),
    shape(rf"^Disconnecting (?P<Src>\S+): {_REASON}$", **_INFO),
    shape(
        r"^Disconnecting: (?P<EventOriginalResultDetails>Too many authentication failures)"
        r" for (?:invalid user )?(?P<TargetUsername>.*)$",
        **_INFO,
    ),
    shape(rf"^Disconnecting: {_REASON}$", **_INFO),
)

_MADE = (
    shape(
        rf"^Connection from {_AT}(?: on (?P<DstIpAddr>\S+) port (?P<DstPortNumber>\d+)"
        r'(?: rdomain "(?P<RoutingDomain>.*)")?)?$',
        **_INFO,
    ),
    shape(
        r"^Timeout before authentication for (?:connection from )?(?P<Src>\S+)"
        r"(?: to (?P<DstIpAddr>\S+), pid = (?P<ChildProcessId>\d+)"
        r"| port (?P<SrcPortNumber>\d+))?$",
        **_INFO,
        EventOriginalResultDetails="Timeout before authentication",
    ),
    shape(
        rf"^Bad protocol version identification '(?P<Identification>.*)' from {_AT}$",
        **_INFO,
        EventOriginalResultDetails="Bad protocol version identification",
    ),
    shape(
        r"^Bad protocol version identification '(?P<Identification>.*)' from (?P<Src>\S+)$",
        **_INFO,
        EventOriginalResultDetails="Bad protocol version identification",
    ),
    shape(
        r"^Did not receive identification string from (?P<Src>\S+)"
        r"(?: port (?P<SrcPortNumber>\d+))?$",
        **_INFO,
        EventOriginalResultDetails="Did not receive identification string",
    ),
    shape(
        rf"^Protocol major versions differ(?: for {_AT})?: (?P<Identification>.*)$",
        **_INFO,
        EventOriginalResultDetails="Protocol major versions differ",
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>scanned|probed) from (?P<Src>\S+)"
        r"(?: port (?P<SrcPortNumber>\d+))? with (?P<Identification>.*)\.  Don't panic\.$",
        ".  Don't panic.",
        **_INFO,
    ),
    shape(
        rf"^Unable to negotiate with {_AT}: (?P<EventOriginalResultDetails>no matching [a-zA-Z ]+"
        r" found)\. Their offer: (?P<Offer>.*)$",
        **_INFO,
    ),
    shape(
        rf"^Unable to negotiate with (?:(?:invalid |authenticating )?user .* )?{_AT}: {_REASON}$",
        **_INFO,
    ),
    shape(r"^(?P<EventOriginalResultDetails>no matching \w+ found): (?P<Offer>.*)$", **_INFO),
    shape(r"^(?P<EventOriginalResultDetails>no hostkey alg)$", **_INFO),
    shape(r"^(?P<EventOriginalResultDetails>no kex alg)$", **_INFO),
    shape(
        r"^(?P<EventOriginalResultDetails>Unable to negotiate a key exchange method)$",
        "Unable to negotiate a key",
        **_INFO,
    ),
    shape(
        rf"^banner exchange: Connection from {_AT}: (?P<EventOriginalResultDetails>.*)$", **_INFO
    ),
    shape(r"^kex_exchange_identification: (?P<EventOriginalResultDetails>.*)$", **_INFO),
    shape(r"^kex_protocol_error: (?P<EventOriginalResultDetails>type \d+ seq \d+)$", **_INFO),
    shape(
        rf"^ssh_dispatch_run_fatal: Connection from (?:(?P<UserState>invalid|authenticating) )?"
        rf"user (?P<TargetUsername>[^:]*?) {_AT}: {_REASON}$",
        **_INFO,
    ),
    shape(rf"^ssh_dispatch_run_fatal: Connection from {_AT}: {_REASON}$", **_INFO),
    shape(
        r"^(?:ssh_)?packet_write_wait: Connection (?:from|to) (?:(?:(?P<UserState>invalid"
        rf"|authenticating) )?user (?P<TargetUsername>[^:]*?) )?{_AT}: {_REASON}$",
        "packet_write_wait: Connection ",
        **_INFO,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>refused connect) from (?P<SrcHostname>\S+)"
        r" \((?P<Src>\S+)\)$",
        "refused connect from ",
        **_REFUSED,
    ),
    shape(
        r"^(?P<EventOriginalResultDetails>refused connect) from (?P<Src>\S+)$",
        "refused connect from ",
        **_REFUSED,
    ),
    shape(
        r"^drop connection #\d+ from \[(?P<Src>[^\]\s]+)\]:(?P<SrcPortNumber>\d+) on"
        r" \[(?P<DstIpAddr>[^\]\s]+)\]:(?P<DstPortNumber>\d+)"
        r" (?P<EventOriginalResultDetails>past MaxStartups|penalty: .*)$",
        **_REFUSED,
    ),
    shape(
        r"^reverse mapping checking getaddrinfo for (?P<SrcHostname>\S+) \[(?P<Src>[^\]\s]+)\]"
        r" failed(?: - POSSIBLE BREAK-IN ATTEMPT!|\.)$",
        **_INFO,
        EventOriginalResultDetails="reverse mapping failed",
    ),
    shape(
        r"^Address (?P<Src>\S+) maps to (?P<SrcHostname>\S+), but this does not map back to the"
        r" address(?: - POSSIBLE BREAK-IN ATTEMPT!|\.)$",
        **_INFO,
        EventOriginalResultDetails="does not map back to the address",
    ),
    shape(
        r'^Nasty PTR record "(?P<Record>.*)" is set up for (?P<Src>\S+), ignoring$',
        **_INFO,
        EventOriginalResultDetails="Nasty PTR record",
    ),
)

_ENDS = (
    shape(
        r"^Received disconnect from (?P<Src>\S+) port (?P<SrcPortNumber>\d+):"
        r"(?P<ReasonCode>\d+): (?P<EventOriginalResultDetails>.*)$",
        **_INFO,
    ),
    shape(
        r"^Received disconnect from (?P<Src>\S+): (?P<ReasonCode>\d+): ?"
        r"(?P<EventOriginalResultDetails>.*)$",
        **_INFO,
    ),
    *_peer("Disconnected from", logged_on=_ENDED),
    *_peer("Connection closed by"),
    *_peer("Connection reset by"),
    *_peer("Timeout, client not responding from"),
    *_peer("Closing connection to"),
    *_DISCONNECTING,
    shape(
        r"^Read error from remote host (?:(?P<UserState>invalid |authenticating )?user"
        rf" (?P<TargetUsername>.*) )?{_AT}: (?P<EventOriginalResultDetails>[A-Za-z ]+)$",
        **_INFO,
    ),
    shape(
        r"^Read error from remote host (?P<Src>\S+): (?P<EventOriginalResultDetails>[A-Za-z ]+)$",
        **_INFO,
    ),
    shape(r"^(?P<EventOriginalResultDetails>Write failed: .*)$", **_INFO),
    shape(
        r"^(?P<EventOriginalResultDetails>Read from socket failed: .*)$",
        "Read from socket failed: ",
        **_INFO,
    ),
    shape(r"^(?P<EventOriginalResultDetails>Bad packet length \d+\.)$", **_INFO),
    shape(r"^(?P<EventOriginalResultDetails>Corrupted MAC on input\.)$", **_INFO),
    shape(r"^(?P<EventOriginalResultDetails>padding error: .*)$", **_INFO),
)

_SESSIONS = (
    shape(
        r"^Starting session: (?P<SessionKind>shell|command|subsystem '.*'|forced-command"
        r" (?:\([a-z-]+\) )?'.*')(?: on (?P<Tty>\S+))? for (?P<TargetUsername>.*?)"
        r" from (?P<Src>\S+) port (?P<SrcPortNumber>\d+)(?: id (?P<ChannelId>\d+))?$",
        **_SESSION,
    ),
    shape(
        r"^Close session: user (?P<TargetUsername>.*) from (?P<Src>\S+) port"
        r" (?P<SrcPortNumber>\d+) id (?P<ChannelId>\d+)$",
        **_SESSION,
    ),
    shape(r"^User child is on pid (?P<ChildProcessId>\d+)$", **_SESSION),
    shape(
        r"^subsystem request for (?P<Subsystem>\S+)(?: by user (?P<TargetUsername>.*))?$",
        **_SESSION,
    ),
    shape(
        r"^session (?P<SessionState>opened|closed) for local user (?P<TargetUsername>.*)"
        r" from \[(?P<Src>[^\]\s]+)\]$",
        **_SESSION,
    ),
    shape(
        r"^Transferred: sent (?P<SentBytes>\d+), received (?P<ReceivedBytes>\d+) bytes$",
        **_SESSION,
    ),
)

_KNOWN = known(
    "Server listening on ",
    "Received signal ",
    "Received SIGHUP",
    "Exiting on signal",
    "Received SIGTERM",
    "beginning MaxStartups throttling",
    "exited MaxStartups throttling",
    "Set /proc/self/oom_",
    "Could not load host key",
    "Unable to load host key",
    "Missing privilege separation directory",
    "Bind to port ",
    "Cannot bind any address",
    "PAM service(",
    "lastlog_",
    "Could not get shadow information",
    "Deprecated option",
    "rexec line ",
    "reprocess config line",
    "sshd: no hostkeys available",
    "Root login accepted for forced command",
    "Attempt to write login records",
    "mm_",
    "monitor_read:",
    "dispatch_protocol_error:",
    "Hm, kex protocol error",
    "Hm, dispatch protocol error",
    "connect_to ",
    "channel ",
    "channel_",
    "Received request to connect to host ",
    "AuthorizedKeysCommand ",
    "AuthorizedPrincipalsCommand ",
    "Forked child ",
    "Remote machine has too old SSH protocol version",
    "chroot(",
    "PAM: pam_end()",
    "syslogin_perform_logout:",
    "opening ",
    "closing ",
    "open ",
    "close ",
    "sent status ",
)

CONNECTION = (*_MADE, *_ENDS, *_SESSIONS, *_KNOWN)
