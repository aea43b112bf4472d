"""SSH on the hosts of the sample incident: connections, guesses, sessions, as OpenSSH logs them.

Sources: OpenSSH 8.7, 8.9 and 10.0 (auth.c, packet.c, session.c, auth-pam.c), Linux-PAM's
pam_unix, systemd 249 to 257 (logind-session.c, unit descriptions).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from linuxhunt.evidence import sample_audit as audit
from linuxhunt.evidence import sample_utmp as utmp
from linuxhunt.evidence.sample_flows import Wire
from linuxhunt.evidence.sample_host import UNSET, Host, Seat
from linuxhunt.evidence.sample_sim import Actor

__all__ = ["Door", "guess", "session"]

_SSHD = "/usr/sbin/sshd"


@dataclass(frozen=True)
class Door:
    """A host's sshd as seen from the wire.

    Attributes:
        keeps: accounts whose user manager always runs (loginctl enable-linger).
    """

    host: Host
    wire: Wire
    random: Random
    keeps: frozenset[str] = frozenset()


def guess(door: Door, user: str, address: str, tries: int = 1) -> Actor:
    """Try passwords on one connection, all of them wrong, and go.

    Args:
        door: where.
        user: as the client names it, whether there is one or not.
        address: of the client.
        tries: passwords tried before the client gives up, 1 to 3.
    """
    host, random = door.host, door.random
    if not host.up:
        return
    port, pid, started = door.wire.port(), host.pid(), host.world.now
    known = user in host.users
    kind = "authenticating" if known else "invalid"
    where = f"{address} port {port}"
    yield 0.3
    if not known:
        _say(host, pid, f"Invalid user {user} from {where}")
        for _ in range(2):  # sshd looks the user up twice, and records it each time
            audit.sshd_failed(host, pid, "(invalid user)", address)
        utmp.failed(host, pid, user, address)
    for n in range(tries):
        yield random.uniform(0.2, 0.9)
        if not known:
            _say(host, pid, "pam_unix(sshd:auth): check pass; user unknown")
        if n == 0 or not known:
            _say(host, pid, _pam_failure(user if known else None, address))
        audit.pam(
            host,
            "USER_AUTH",
            "authentication",
            user,
            _SSHD,
            pid=pid,
            address=address,
            terminal="ssh",
            granted=False,
        )
        yield random.uniform(1.6, 2.3)  # pam_unix delays a refusal by about two seconds
        who = user if known else f"invalid user {user}"
        _say(host, pid, f"Failed password for {who} from {where} ssh2")
        audit.sshd_failed(host, pid, user if known else "(invalid user)", address)
        utmp.failed(host, pid, user, address)
    yield random.uniform(0.1, 0.4)
    if random.random() < 0.6:
        _say(host, pid, f"Received disconnect from {where}:11: Bye Bye [preauth]")
        _say(host, pid, f"Disconnected from {kind} user {user} {where} [preauth]")
    else:
        _say(host, pid, f"Connection closed by {kind} user {user} {where} [preauth]")
    if tries > 1 and known:
        plural = "s" if tries > 2 else ""
        _say(
            host,
            pid,
            f"PAM {tries - 1} more authentication failure{plural}; logname= uid=0 euid=0 tty=ssh "
            f"ruser= rhost={address}  user={user}",
        )
    sent = random.randrange(1300, 2200)
    door.wire.ended(started, (address, port, host.address, 22), "ssh", sent, sent + 700)


def _pam_failure(user: str | None, address: str) -> str:
    tail = f" user={user}" if user else ""
    return (
        "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= "
        f"rhost={address} {tail}"
    )


def _say(host: Host, pid: int, message: str) -> None:
    # Upstream's sshd speaks in facility auth, RHEL's is set to authpriv, as PAM always is.
    private = message.startswith(("pam", "PAM")) or host.flavour.contexts
    host.log("authpriv" if private else "auth", host.flavour.sshd, pid, message)


def session(
    door: Door,
    user: str,
    address: str,
    body: Callable[[Seat], Actor],
    *,
    key: str | None = None,
    mistypes: int = 0,
    terminal: bool = True,
) -> Actor:
    """Log on, let ``body`` work, log off.

    Args:
        door: where.
        user: an account of the host.
        address: of the client.
        body: what happens within, given where the shell sits; without an end the session stays
            open.
        key: type and fingerprint of the key, as sshd prints it; None is a password.
        mistypes: wrong passwords before the right one.
        terminal: a shell on a terminal, else a command.
    """
    host, random = door.host, door.random
    if not host.up:
        return
    world, uid = host.world, host.users[user]
    port, pid, started = door.wire.port(), host.pid(), world.now
    where = f"{address} port {port}"
    yield random.uniform(0.2, 0.5)
    for n in range(mistypes):
        if n == 0:
            _say(host, pid, _pam_failure(user, address))
        _pam(host, "USER_AUTH", "authentication", user, pid, address, granted=False)
        yield random.uniform(1.6, 2.3)
        _say(host, pid, f"Failed password for {user} from {where} ssh2")
        audit.sshd_failed(host, pid, user, address)
        utmp.failed(host, pid, user, address)
        yield random.uniform(3.0, 7.0)
    if key is None:
        _pam(host, "USER_AUTH", "authentication", user, pid, address)
        _pam(host, "USER_ACCT", "accounting", user, pid, address)
        _say(host, pid, f"Accepted password for {user} from {where} ssh2")
    else:
        if host.flavour.contexts:
            _pubkey_auth(host, user, pid, address)
        _pam(host, "USER_ACCT", "accounting", user, pid, address)
        _say(host, pid, f"Accepted publickey for {user} from {where} ssh2: {key}")
    _pam(host, "CRED_ACQ", "setcred", user, pid, address)
    yield 0.004
    ses = host.session()
    audit.login(host, pid, uid, ses, _SSHD, f"sshd: {user} [priv]", host.logind + 120)
    opener = user if host.flavour.opener else ""
    opened = f"session opened for user {user}(uid={uid}) by {opener}(uid=0)"
    _say(host, pid, f"pam_unix(sshd:session): {opened}")
    host.log("auth", "systemd-logind", host.logind, f"New session {ses} of user {user}.")
    if user not in door.keeps:
        yield from _manager(host, user, uid)
    unit = "" if not host.flavour.opener else f"session-{ses}.scope - "
    host.log("daemon", "systemd", 1, f"Started {unit}Session {ses} of User {user}.")
    yield 0.02
    _pam(host, "USER_START", "session_open", user, pid, address, uid, ses)
    child = host.pid() if uid else pid
    tty = host.tty() if terminal else ""
    again = "CRED_ACQ" if uid else "CRED_REFR"  # root's session goes on in the same process
    _pam(host, again, "setcred", user, child, address, uid, ses)
    if terminal:
        audit.sshd_login(host, pid, uid, ses, address, tty)
        utmp.logged_in(host, pid, tty, user, address)
    seat = Seat(host, user, uid, uid, ses, tty, child, host.home(user))
    if terminal:
        seat.pid = audit.execve(seat, ["-bash"])
    begun = world.now
    yield from body(seat)
    _say(host, child, f"Received disconnect from {where}:11: disconnected by user")
    _say(host, child, f"Disconnected from user {user} {where}")
    _say(host, pid, f"pam_unix(sshd:session): session closed for user {user}")
    _pam(host, "USER_END", "session_close", user, pid, address, uid, ses)
    _pam(host, "CRED_DISP", "setcred", user, pid, address, uid, ses)
    if terminal:
        utmp.logged_out(host, pid, tty)
        host.ttys.discard(int(tty.removeprefix("pts/")))
    yield 0.01
    host.log("daemon", "systemd", 1, f"session-{ses}.scope: Deactivated successfully.")
    logged_out = f"Session {ses} logged out. Waiting for processes to exit."
    host.log("auth", "systemd-logind", host.logind, logged_out)
    host.log("auth", "systemd-logind", host.logind, f"Removed session {ses}.")
    size = 4000 + int((world.now - begun) / 1e6 * (40 if terminal else 900))
    sent, received = size, size * random.randrange(2, 5)
    door.wire.ended(started, (address, port, host.address, 22), "ssh", sent, received)
    if user not in door.keeps:
        host.managers[user] -= 1
        yield 10.0
        if host.managers[user] == 0:
            _manager_stops(host, user, uid)


def _pam(
    host: Host,
    kind: str,
    step: str,
    user: str,
    pid: int,
    address: str,
    auid: int = UNSET,
    ses: int = UNSET,
    *,
    granted: bool = True,
) -> None:
    audit.pam(
        host,
        kind,
        step,
        user,
        _SSHD,
        pid=pid,
        address=address,
        terminal="ssh",
        auid=auid,
        ses=ses,
        granted=granted,
        modules="sshd" if step.startswith("session") else None,
    )


def _pubkey_auth(host: Host, user: str, pid: int, address: str) -> None:
    """RHEL's sshd records keys itself; upstream's does not."""
    audit.user_record(
        host,
        "USER_AUTH",
        f'op=pubkey_auth grantors=auth-key acct="{user}" exe="{_SSHD}" hostname=? addr={address} '
        "terminal=ssh res=success",
        pid=pid,
        program="sshd",
    )


def _manager(host: Host, user: str, uid: int) -> Actor:
    """Start user@uid.service, unless one of the user's sessions has it running."""
    host.managers[user] = host.managers.get(user, 0) + 1
    if f"{user} pid" in host.managers:
        return
    host.managers[f"{user} pid"] = 0
    new = host.flavour.opener
    for unit, text in (
        (f"user-{uid}.slice", f"Created slice {{}}User Slice of UID {uid}."),
        (
            f"user-runtime-dir@{uid}.service",
            f"Starting {{}}User Runtime Directory /run/user/{uid}...",
        ),
        (
            f"user-runtime-dir@{uid}.service",
            f"Finished {{}}User Runtime Directory /run/user/{uid}.",
        ),
        (f"user@{uid}.service", f"Starting {{}}User Manager for UID {uid}..."),
    ):
        host.log("daemon", "systemd", 1, text.format(f"{unit} - " if new else ""))
        yield 0.005
    pid, ses = host.pid(), host.session()
    opener = user if new else ""
    _manager_says(host, pid, f"session opened for user {user}(uid={uid}) by {opener}(uid=0)")
    host.managers[f"{user} pid"] = pid
    audit.login(host, pid, uid, ses, "/usr/lib/systemd/systemd", "(systemd)", 1)
    yield 0.12
    host.log("daemon", "systemd", pid, "Reached target Main User Target.")
    host.log("daemon", "systemd", pid, f"Startup finished in {90 + pid % 60}ms.")
    unit = f"user@{uid}.service - " if new else ""
    host.log("daemon", "systemd", 1, f"Started {unit}User Manager for UID {uid}.")


def _manager_says(host: Host, pid: int, what: str) -> None:
    program = "(systemd)" if host.flavour.opener else "systemd"
    host.log("authpriv", program, pid, f"pam_unix(systemd-user:session): {what}")


def _manager_stops(host: Host, user: str, uid: int) -> None:
    new = host.flavour.opener
    unit = f"user@{uid}.service - " if new else ""
    host.log("daemon", "systemd", 1, f"Stopping {unit}User Manager for UID {uid}...")
    pid = host.managers.pop(f"{user} pid")
    host.log("daemon", "systemd", pid, "Reached target Shutdown.")
    _manager_says(host, pid, f"session closed for user {user}")
    host.log("daemon", "systemd", 1, f"user@{uid}.service: Deactivated successfully.")
    host.log("daemon", "systemd", 1, f"Stopped {unit}User Manager for UID {uid}.")
    unit = f"user-{uid}.slice - " if new else ""
    host.log("daemon", "systemd", 1, f"Removed slice {unit}User Slice of UID {uid}.")
