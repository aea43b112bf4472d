"""What runs as root or changes who may: sudo, cron jobs, accounts, as their programs log them.

Sources: sudo 1.9 (logging.c, linux_audit.c), Debian's cron 3.0pl1 and cronie 1.5 (misc.c,
do_command.c), shadow 4.8 to 4.17 (useradd.c, usermod.c, groupadd.c), Debian's adduser.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass

from linuxhunt.evidence import sample_audit as audit
from linuxhunt.evidence.sample_host import Host, Seat
from linuxhunt.evidence.sample_sim import Actor

__all__ = [
    "RootShell",
    "add_user",
    "cron_job",
    "run",
    "sudo",
    "sudo_list",
    "sudo_refused",
    "sudo_shell",
]

_SUDO = "/usr/bin/sudo"


def run(seat: Seat, *commands: str | list[str], pause: float = 0.05) -> Actor:
    """Run commands one after the other, with ``pause`` seconds for each."""
    for command in commands:
        audit.execve(seat, command)
        yield pause


@dataclass
class RootShell:
    """A root shell that sudo gave.

    Attributes:
        seat: where its commands are started.
        outer: the shell that sudo was called from.
        sudo: pid of sudo.
        su: pid of su, where ``sudo su -`` was the way.
        service: PAM's, which is another for ``sudo -i``.
    """

    seat: Seat
    outer: Seat
    sudo: int
    su: int | None = None
    service: str = "sudo"

    def close(self) -> None:
        """Leave the shell."""
        if self.su is not None:
            closed = "pam_unix(su-l:session): session closed for user root"
            self.seat.host.log("authpriv", "su", self.su, closed)
            _su(self.seat, self.su, ("USER_END", "session_close"), ("CRED_DISP", "setcred"))
        closed = f"pam_unix({self.service}:session): session closed for user root"
        _pam_line(self.outer, self.sudo, closed)
        _pam(self.outer, self.sudo, "USER_END", "session_close", "root")
        _pam(self.outer, self.sudo, "CRED_DISP", "setcred", "root")


def sudo(
    seat: Seat,
    command: str,
    *,
    password: bool = False,
    works: Callable[[Seat], Actor] | None = None,
) -> Actor:
    """Run one command as root.

    Args:
        seat: the shell of who asks.
        command: as typed after ``sudo``.
        password: sudo asks for it, and it is right.
        works: what the command does while it runs, given root's seat.
    """
    root = yield from _opens(seat, command, command, command, password=password)
    root.seat.pid = audit.execve(root.seat, command)
    yield 0.08
    if works is not None:
        yield from works(root.seat)
    root.close()


def sudo_list(seat: Seat) -> Actor:
    """Ask what sudo would allow."""
    pid = audit.execve(seat, "sudo -l", euid=0)
    yield 0.03
    _command_line(seat, pid, "", "list", seat.cwd)


def sudo_shell(seat: Seat, how: str) -> Generator[float, None, RootShell]:
    """Get a root shell by ``sudo -i``, ``sudo bash`` or ``sudo su -``, and return it."""
    ran, logged = {"-i": ("-bash", "/bin/bash")}.get(how, (how, how))
    root = yield from _opens(seat, how, ran, logged, password=False)
    inner = root.seat
    if how == "su -":
        root.su = inner.pid = audit.execve(inner, "su -")
        inner.host.log("auth", "su", root.su, f"(to root) {seat.user} on {seat.tty}")
        _su(inner, root.su, ("USER_AUTH", "authentication"), ("USER_ACCT", "accounting"))
        opened = f"session opened for user root(uid=0) by {seat.user}(uid=0)"
        inner.host.log("authpriv", "su", root.su, f"pam_unix(su-l:session): {opened}")
        _su(inner, root.su, ("CRED_ACQ", "setcred"), ("USER_START", "session_open"))
        yield 0.02
        inner.pid, inner.cwd = audit.execve(inner, ["-bash"]), "/root"
    else:
        inner.pid = audit.execve(inner, ["-bash"] if how == "-i" else ["bash"])
        inner.cwd = "/root" if how == "-i" else seat.cwd
    yield 0.1
    return root


def _su(seat: Seat, pid: int, *steps: tuple[str, str]) -> None:
    """Record what PAM did for a su to root by root."""
    for kind, step in steps:
        audit.pam(
            seat.host,
            kind,
            step,
            "root",
            "/usr/bin/su",
            pid=pid,
            terminal=f"/dev/{seat.tty}",
            auid=seat.auid,
            ses=seat.ses,
            modules="su" if step == "authentication" else None,
        )


def sudo_refused(seat: Seat, command: str, *, attempts: int) -> Actor:
    """Mistype the password until sudo gives up."""
    pid = seat.host.pid()
    audit.execve(seat, f"sudo {command}", pid=pid, euid=0)
    yield 4.0
    for n in range(attempts):
        if n == 0:
            _pam_line(
                seat,
                pid,
                f"pam_unix(sudo:auth): authentication failure; logname={seat.user} "
                f"uid={seat.uid} euid=0 tty=/dev/{seat.tty} ruser={seat.user} rhost=  "
                f"user={seat.user}",
            )
        _pam(seat, pid, "USER_AUTH", "authentication", seat.user, granted=False)
        yield 4.5
    tries = f"{attempts} incorrect password attempt{'s' if attempts > 1 else ''}"
    _command_line(seat, pid, f"{tries} ; ", _resolved(command), seat.cwd)
    _user_cmd(seat, pid, command, granted=False)


def _opens(
    seat: Seat, typed: str, ran: str, logged: str, *, password: bool
) -> Generator[float, None, RootShell]:
    host, pid = seat.host, seat.host.pid()
    audit.execve(seat, f"sudo {typed}", pid=pid, euid=0)
    yield 0.03
    if password:
        yield 3.0
        _pam(seat, pid, "USER_AUTH", "authentication", seat.user)
    _pam(seat, pid, "USER_ACCT", "accounting", seat.user)
    _user_cmd(seat, pid, ran, granted=True)
    # sudo -i has a PAM service of its own; sudo 1.9.13 and later log where the shell will be.
    service = "sudo-i" if typed == "-i" else "sudo"
    where = "/root" if typed == "-i" and host.flavour.opener else seat.cwd
    _command_line(seat, pid, "", _resolved(logged), where)
    _pam(seat, pid, "CRED_REFR", "setcred", "root")
    opened = f"session opened for user root(uid=0) by {seat.user}(uid={seat.uid})"
    _pam_line(seat, pid, f"pam_unix({service}:session): {opened}")
    _pam(seat, pid, "USER_START", "session_open", "root")
    yield 0.01
    inner = Seat(host, "root", 0, seat.auid, seat.ses, seat.tty, pid, seat.cwd)
    return RootShell(inner, seat, pid, service=service)


def _resolved(command: str) -> str:
    """Return a command as sudo logs it: its program by its path, the words as they were."""
    name, _, rest = command.partition(" ")
    path = name if name.startswith("/") else f"/usr/{_bin(name)}/{name}"
    return path + (f" {rest}" if rest else "")


def _bin(name: str) -> str:
    return "sbin" if audit.which(name).startswith("/usr/sbin/") else "bin"


def _command_line(seat: Seat, pid: int, outcome: str, command: str, where: str) -> None:
    terminal = f"TTY={seat.tty} ; " if seat.tty else ""
    message = f"{seat.user:>8} : {outcome}{terminal}PWD={where} ; USER=root ; COMMAND={command}"
    seat.host.log("authpriv", "sudo", pid if seat.host.flavour.sudo_pid else None, message)


def _pam_line(seat: Seat, pid: int, message: str) -> None:
    seat.host.log("authpriv", "sudo", pid if seat.host.flavour.sudo_pid else None, message)


def _pam(seat: Seat, pid: int, kind: str, step: str, account: str, *, granted: bool = True) -> None:
    audit.pam(
        seat.host,
        kind,
        step,
        account,
        _SUDO,
        pid=pid,
        terminal=f"/dev/{seat.tty}" if seat.tty else "?",
        uid=seat.uid,
        auid=seat.auid,
        ses=seat.ses,
        granted=granted,
    )


def _user_cmd(seat: Seat, pid: int, command: str, *, granted: bool) -> None:
    audit.user_record(
        seat.host,
        "USER_CMD",
        f'cwd={audit.quoted(seat.cwd)} cmd={audit.quoted(command)} exe="{_SUDO}" '
        f"terminal={seat.tty or '?'} res={'success' if granted else 'failed'}",
        pid=pid,
        program="sudo",
        uid=seat.uid,
        auid=seat.auid,
        ses=seat.ses,
    )


def cron_job(
    host: Host, user: str, command: str, children: Iterable[str] = (), seconds: float = 0.4
) -> Actor:
    """Run a job of cron.

    Args:
        host: where.
        user: whose job.
        command: as the crontab has it.
        children: programs that the job's shell starts.
        seconds: how long it runs.
    """
    if not host.up:
        return
    program, service = host.flavour.cron
    exe = f"/usr/sbin/{service}"
    pid, uid = host.pid(), host.users[user]
    audit.pam(host, "USER_ACCT", "accounting", user, exe, pid=pid, terminal="cron")
    audit.pam(host, "CRED_ACQ", "setcred", user, exe, pid=pid, terminal="cron")
    ses = host.session()
    titles = {"cron": "/usr/sbin/CRON\0-f\0-P", "crond": "/usr/sbin/crond\0-n"}
    audit.login(host, pid, uid, ses, exe, titles[service], host.logind - 30)

    def pam(kind: str, step: str, modules: str | None, of: int) -> None:
        audit.pam(
            host,
            kind,
            step,
            user,
            exe,
            pid=of,
            terminal="cron",
            auid=uid,
            ses=ses,
            modules=modules,
        )

    pam("USER_START", "session_open", "cron", pid)
    if service == "cron":
        opener = user if host.flavour.opener else ""
        opened = f"session opened for user {user}(uid={uid}) by {opener}(uid=0)"
        host.log("authpriv", program, pid, f"pam_unix(cron:session): {opened}")
    else:  # RHEL's PAM leaves pam_unix out for crond; systemd tells of the session
        host.log("daemon", "systemd", 1, f"Started Session {ses} of User {user}.")
    yield 0.002
    child = host.pid(1)
    pam("CRED_REFR", "setcred", None, child)
    host.log("cron", program, child, f"({user}) CMD ({command})")
    shell = Seat(host, user, uid, uid, ses, "", pid, host.home(user), key="cron")
    shell.pid = audit.execve(shell, ["/bin/sh", "-c", command.strip()], pid=child)
    for started in children:
        yield seconds / 10
        audit.execve(shell, started)
    yield seconds
    if service == "crond":
        host.log("cron", program, pid, f"({user}) CMDEND ({command})")
        host.log("daemon", "systemd", 1, f"session-{ses}.scope: Deactivated successfully.")
    else:
        closed = f"session closed for user {user}"
        host.log("authpriv", program, pid, f"pam_unix(cron:session): {closed}")
    pam("CRED_DISP", "setcred", None, pid)
    pam("USER_END", "session_close", "cron", pid)


def add_user(root: Seat, name: str, uid: int, groups: tuple[str, ...] = ()) -> Actor:
    """Add an account with ``useradd -m -s /bin/bash``, set a password, add it to groups.

    Args:
        root: a shell or command of root's.
        name: of the account.
        uid: of the account, and the gid of its own group.
        groups: further groups, joined by ``usermod -aG``.
    """
    host = root.host
    host.users[name] = uid
    came = f", from=/dev/{root.tty}" if root.tty else ", from=none"
    pid = audit.execve(root, f"useradd -m -s /bin/bash {name}")
    yield 0.04
    host.log("authpriv", "useradd", pid, f"new group: name={name}, GID={uid}")
    account = f"name={name}, UID={uid}, GID={uid}, home=/home/{name}, shell=/bin/bash{came}"
    _shadow(root, pid, "ADD_GROUP", f'op=adding group acct="{name}"', "useradd")
    host.log("authpriv", "useradd", pid, f"new user: {account}")
    for what in ("user", "home directory"):
        _shadow(root, pid, "ADD_USER", f"op=adding {what} id={uid}", "useradd", id_=name)
    yield 5.0
    pid = audit.execve(root, "chpasswd")
    yield 0.05
    changed = f"pam_unix(chpasswd:chauthtok): password changed for {name}"
    host.log("authpriv", "chpasswd", pid, changed)
    chauthtok = f'op=PAM:chauthtok grantors=pam_permit acct="{name}"'
    _shadow(root, pid, "USER_CHAUTHTOK", chauthtok, "chpasswd")
    for group in groups:
        yield 3.0
        pid = audit.execve(root, f"usermod -aG {group} {name}")
        yield 0.03
        for what in ("group", "shadow group"):
            host.log("authpriv", "usermod", pid, f"add '{name}' to {what} '{group}'")
            added = f'op=adding user to {what} acct="{name}"'
            _shadow(root, pid, "USER_CHAUTHTOK", added, "usermod")


def _shadow(
    root: Seat, pid: int, kind: str, operation: str, program: str, *, id_: str | None = None
) -> None:
    name = root.host.name if root.tty else "?"  # libaudit names the host of a terminal only
    audit.user_record(
        root.host,
        kind,
        f'{operation} exe="/usr/sbin/{program}" hostname={name} addr=? '
        f"terminal={root.tty or '?'} res=success",
        pid=pid,
        program=program,
        auid=root.auid,
        ses=root.ses,
        more=f' ID="{id_}"' if id_ else "",
    )
