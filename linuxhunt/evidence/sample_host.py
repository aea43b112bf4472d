"""The hosts of the sample incident: how each distribution stamps, routes and counts.

Sources: Ubuntu 22.04's and Debian 13's 50-default.conf and rsyslog.conf (``auth,authpriv.*`` to
auth.log, the rest to syslog; Ubuntu reduces repeated messages), RHEL 9's rsyslog.conf (authpriv
to secure, cron to cron, the rest to messages), auditd's raw and ENRICHED formats.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from linuxhunt.evidence.sample_sim import LogFile, World

__all__ = ["DEBIAN", "RHEL", "UBUNTU", "UNSET", "Flavour", "Host", "Seat"]

UNSET = 4294967295  # what audit prints for "no login uid", "no session"

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True)
class Flavour:
    """What differs between distributions.

    Attributes:
        routes: facility -> file under var/log; ``*`` is the rest.
        rfc3339: stamps are RFC 3339 with the zone, else RFC 3164 in UTC.
        offset: of local time from UTC.
        repeats: rsyslog has RepeatedMsgReduction on.
        sshd: the program that logs a connection.
        opener: PAM names the opener of a session by its login uid.
        sudo_pid: sudo's lines carry its pid (they come through the journal).
        cron: the program that logs a job; its PAM service.
        audit: ``ENRICHED``, ``RAW``, or None where no auditd runs.
        utmp: wtmp and btmp are kept.
        contexts: program -> SELinux context; AppArmor's "unconfined" elsewhere.
        grantors: PAM step -> the modules that granted it.
    """

    routes: dict[str, str]
    rfc3339: bool
    offset: timedelta
    repeats: bool
    sshd: str
    opener: bool
    sudo_pid: bool
    cron: tuple[str, str]
    audit: str | None
    utmp: bool
    contexts: dict[str, str]
    grantors: dict[str, str]


UBUNTU = Flavour(
    routes={"auth": "auth.log", "authpriv": "auth.log", "*": "syslog"},
    rfc3339=False,
    offset=timedelta(0),
    repeats=True,
    sshd="sshd",
    opener=False,
    sudo_pid=False,
    cron=("CRON", "cron"),
    audit="ENRICHED",
    utmp=True,
    contexts={},
    grantors={
        "authentication": "pam_permit,pam_cap",
        "accounting": "pam_permit",
        "setcred": "pam_permit,pam_cap",
        "CRED_DISP": "pam_permit",
        "su": "pam_rootok",
        "session": "pam_limits,pam_permit,pam_umask,pam_unix",
        "sshd": "pam_selinux,pam_loginuid,pam_keyinit,pam_permit,pam_umask,pam_unix,pam_systemd,"
        "pam_mail,pam_limits,pam_env,pam_env,pam_selinux",
        "cron": "pam_loginuid,pam_env,pam_env,pam_permit,pam_umask,pam_unix,pam_limits",
    },
)

DEBIAN = Flavour(
    routes={"auth": "auth.log", "authpriv": "auth.log", "cron": "cron.log", "*": "syslog"},
    rfc3339=True,
    offset=timedelta(hours=1),
    repeats=False,
    sshd="sshd-session",
    opener=True,
    sudo_pid=False,
    cron=("CRON", "cron"),
    audit=None,
    utmp=False,
    contexts={},
    grantors={},
)

_SSHD_T = "system_u:system_r:sshd_t:s0-s0:c0.c1023"
_CROND_T = "system_u:system_r:crond_t:s0-s0:c0.c1023"
_USER_T = "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023"

RHEL = Flavour(
    routes={"authpriv": "secure", "cron": "cron", "*": "messages"},
    rfc3339=False,
    offset=timedelta(0),
    repeats=False,
    sshd="sshd",
    opener=False,
    sudo_pid=True,
    cron=("CROND", "crond"),
    audit="RAW",
    utmp=True,
    contexts={"sshd": _SSHD_T, "crond": _CROND_T, "*": _USER_T},
    grantors={
        "authentication": "pam_unix",
        "accounting": "pam_unix,pam_localuser",
        "setcred": "pam_unix",
        "su": "pam_rootok",
        "session": "pam_keyinit,pam_limits,pam_keyinit,pam_limits,pam_systemd,pam_unix",
        "sshd": "pam_selinux,pam_loginuid,pam_selinux,pam_namespace,pam_keyinit,pam_keyinit,"
        "pam_limits,pam_systemd,pam_unix,pam_umask,pam_lastlog",
        "cron": "pam_loginuid,pam_keyinit,pam_limits,pam_systemd",
    },
)


@dataclass
class _Repeat:
    file: LogFile
    stamp: str
    tag: str
    message: str
    act: str | None
    count: int = 0


@dataclass
class Host:
    """One host: its users, its counters, its files.

    Attributes:
        up: False while it is down or about to be: nobody begins anything then.
        kernel: release, as the kernel names it.
        users: login name -> uid, as in etc/passwd at the end.
        rules: audit rules are loaded that record each program's start.
        sudoers: who may use sudo.
        unaudited: login uids whose programs the audit rules leave out.
    """

    world: World
    name: str
    address: str
    flavour: Flavour
    random: Random
    users: dict[str, int]
    kernel: str
    logind: int = 0
    up: bool = True
    next_pid: int = 0
    next_ses: int = 1
    serial: int = 0
    rules: bool = False
    sudoers: set[str] = field(default_factory=set)
    unaudited: set[int] = field(default_factory=set)
    managers: dict[str, int] = field(default_factory=dict)
    ttys: set[int] = field(default_factory=set)
    _files: dict[str, LogFile] = field(default_factory=dict)
    _repeat: _Repeat | None = None

    def __post_init__(self) -> None:
        self.next_pid = self.random.randrange(20000, 90000)
        self.next_ses = self.random.randrange(200, 900)
        self.serial = self.random.randrange(40000, 90000)
        self.logind = self.random.randrange(600, 900)
        self.world.at_end.append(self._flush)

    def pid(self, skip: int = 6) -> int:
        """Fork: the next pid, past those that left no line."""
        self.next_pid += self.random.randint(1, skip)
        if self.next_pid > 4194304:  # kernel.pid_max of 64-bit Linux; low pids are kept by the boot
            self.next_pid = 301
        return self.next_pid

    def session(self) -> int:
        """Take the next audit session number, which logind takes over as its own."""
        self.next_ses += 1
        return self.next_ses - 1

    def tty(self) -> str:
        """Open the lowest free pseudo terminal."""
        number = next(n for n in range(1000) if n not in self.ttys)
        self.ttys.add(number)
        return f"pts/{number}"

    def home(self, user: str) -> str:
        """Return a user's home directory."""
        if user == "root":
            return "/root"
        return f"/home/{user}" if self.users[user] >= 1000 else f"/var/lib/{user}"

    def user_of(self, uid: int) -> str:
        """Return the name that audit's ENRICHED format gives a uid."""
        if uid == UNSET:
            return "unset"
        return next((name for name, known in self.users.items() if known == uid), f"unknown({uid})")

    def log(self, facility: str, program: str, pid: int | None, message: str) -> None:
        """Say something to syslog."""
        routes = self.flavour.routes
        file = self.file("var/log/" + routes.get(facility, routes["*"]))
        tag = program if pid is None else f"{program}[{pid}]"
        last = self._repeat
        if last and self.flavour.repeats and (last.tag, last.message) == (tag, message):
            last.count, last.stamp, last.act = last.count + 1, self._stamp(), self.world.act
            return
        self._flush()
        stamp = self._stamp()
        self.world.write(file, f"{stamp} {self.name} {tag}: {message}")
        if self.flavour.repeats:
            self._repeat = _Repeat(file, stamp, tag, message, self.world.act)

    def audit(self, *records: tuple[str, str, str]) -> None:
        """Record one audit event: (type, fields, what ENRICHED adds) for each of its records."""
        if self.flavour.audit is None:
            return
        self.serial += 1
        seconds, rest = divmod(self.world.now, 1_000_000)
        file = self.file("var/log/audit/audit.log")
        for kind, fields, names in records:
            line = f"type={kind} msg=audit({seconds}.{rest // 1000:03d}:{self.serial}): {fields}"
            if names and self.flavour.audit == "ENRICHED":
                line += "\x1d" + names
            self.world.write(file, line)

    def context(self, program: str) -> str:
        """Return the security label of a program: `` subj=...``, with a space before it."""
        contexts = self.flavour.contexts
        return f" subj={contexts.get(program, contexts.get('*', 'unconfined'))}"

    def inode(self, path: str) -> int:
        """Return a file's inode, the same for the same path."""
        return 130000 + zlib.crc32(f"{self.name}{path}".encode()) % 900000

    def rotate(self, name: str) -> None:
        """Rotate a log as logrotate does with ``delaycompress``: .1 is plain, .2.gz packed."""
        self._flush()
        path = f"{self.name}/{name}"
        for file in self.world.files:
            if file.path == f"{path}.1":
                file.path = f"{path}.2.gz"
        if name in self._files:
            self._files.pop(name).path = f"{path}.1"

    def _flush(self) -> None:
        """Write out what was repeated, as rsyslog does once something else is said."""
        last, self._repeat = self._repeat, None
        if last and last.count:
            message = last.message
            if last.count > 1:
                message = f"message repeated {last.count} times: [ {message}]"
            self.world.write(last.file, f"{last.stamp} {self.name} {last.tag}: {message}", last.act)

    def file(self, name: str) -> LogFile:
        """Return a file of the host's, by its path on the host; a new one after a rotation."""
        if name not in self._files:
            self._files[name] = self.world.file(f"{self.name}/{name}")
        return self._files[name]

    def _stamp(self) -> str:
        local = self.world.time + self.flavour.offset
        if self.flavour.rfc3339:
            hours = self.flavour.offset // timedelta(hours=1)
            return f"{local:%Y-%m-%dT%H:%M:%S.%f}+{hours:02d}:00"
        return f"{_MONTHS[local.month - 1]} {local.day:2d} {local:%H:%M:%S}"


@dataclass
class Seat:
    """Who sits where: what a process inherits from the shell that starts it.

    Attributes:
        pid: the shell's.
        auid: login uid, which sudo does not change.
        ses: audit session.
        tty: ``pts/0``, or "" without one.
    """

    host: Host
    user: str
    uid: int
    auid: int
    ses: int
    tty: str
    pid: int
    cwd: str
    key: str = "exec"

    @property
    def audit_tty(self) -> str:
        """The terminal as the kernel's records have it."""
        return self.tty.replace("/", "") or "(none)"
