"""Audit records as the kernel, PAM, sshd, sudo and shadow-utils write them.

Checked against what auditd 3.0.9 with sshd 9.2, sudo 1.9.13 and shadow 4.13 recorded on a Debian
host; the LSM labels (``subj=``) are those of Ubuntu's and RHEL's kernels.

Sources: kernel/auditsc.c (SYSCALL, EXECVE, CWD, PATH, PROCTITLE and which bytes become hex),
libaudit's audit_logging.c (user records), Linux-PAM's pam_audit.c, OpenSSH's audit-linux.c.
"""

from __future__ import annotations

import shlex

from linuxhunt.evidence.sample_host import UNSET, Host, Seat

__all__ = ["execve", "login", "pam", "quoted", "sshd_failed", "sshd_login", "user_record", "which"]

_PATHS = {
    "sh": "/usr/bin/dash",
    "python3": "/usr/bin/python3.10",
    "awk": "/usr/bin/mawk",
    "vi": "/usr/bin/vim.basic",
    "nc": "/usr/bin/nc.openbsd",
    **{
        name: f"/usr/sbin/{name}"
        for name in [
            "useradd",
            "usermod",
            "groupadd",
            "adduser",
            "chpasswd",
            "ip",
            "logrotate",
            "reboot",
            "nginx",
            "apache2ctl",
            "visudo",
            "auditctl",
        ]
    },
}


def quoted(value: str) -> str:
    """Encode a value that comes from outside: in quotes, or in hex where it could not stand so."""
    raw = value.encode()
    if any(byte < 0x21 or byte > 0x7E or byte == 0x22 for byte in raw):
        return raw.hex().upper()
    return f'"{value}"'


def which(name: str) -> str:
    """Return the file that runs for a command's first word."""
    if name.startswith("/"):
        return _PATHS.get(name.removeprefix("/bin/").removeprefix("/usr/bin/"), name)
    return _PATHS.get(name, f"/usr/bin/{name}")


def execve(
    seat: Seat,
    command: str | list[str],
    *,
    pid: int | None = None,
    uid: int | None = None,
    euid: int | None = None,
) -> int:
    """Record a program's start by the shell of ``seat``.

    Args:
        seat: the shell that starts it.
        command: as typed, or its arguments.
        pid: of the new process; None forks one.
        uid: real uid, the seat's by default.
        euid: effective uid, ``uid`` by default; another for set-uid programs.

    Returns:
        The new process's pid.
    """
    host = seat.host
    argv = shlex.split(command) if isinstance(command, str) else command
    pid = host.pid() if pid is None else pid
    if not host.rules or seat.auid in host.unaudited:
        return pid
    uid = seat.uid if uid is None else uid
    euid = uid if euid is None else euid
    program = argv[0].removeprefix("-")  # how a login shell is called is not where it lies
    exe = which(program)
    called = program if "/" in program else f"/usr/{'s' if '/sbin/' in exe else ''}bin/{program}"
    base = 0x55D000000000 + host.inode(seat.tty + seat.user) * 0x1000
    comm = called.rpartition("/")[2][:15]
    ids = [(name, uid) for name in ("uid", "gid")]
    ids += [(name, euid) for name in ("euid", "suid", "fsuid")]
    ids += [(name, uid) for name in ("egid", "sgid", "fsgid")]
    syscall = (
        f"arch=c000003e syscall=59 success=yes exit=0 "
        f"a0={base + 0x2A0:x} a1={base + 0x4C0:x} a2={base + 0xB10:x} a3=8 "
        f"items=2 ppid={seat.pid} pid={pid} auid={seat.auid} "
        + " ".join(f"{name}={value}" for name, value in ids)
        + f" tty={seat.audit_tty} ses={seat.ses} comm={quoted(comm)} exe={quoted(exe)}"
        f'{host.context("*")} key="{seat.key}"'
    )
    names = f'ARCH=x86_64 SYSCALL=execve AUID="{host.user_of(seat.auid)}" ' + " ".join(
        f'{name.upper()}="{host.user_of(value)}"' for name, value in ids
    )
    words = " ".join(f"a{n}={quoted(word)}" for n, word in enumerate(argv))
    title = "\0".join(argv)[:128]  # the kernel keeps no more
    host.audit(
        ("SYSCALL", syscall, names),
        ("EXECVE", f"argc={len(argv)} {words}", ""),
        ("CWD", f"cwd={quoted(seat.cwd)}", ""),
        _path(host, 0, called, "0104755" if euid != uid else "0100755"),
        _path(host, 1, "/lib64/ld-linux-x86-64.so.2", "0100755"),
        ("PROCTITLE", f"proctitle={quoted(title)}", ""),
    )
    return pid


def _path(host: Host, item: int, name: str, mode: str) -> tuple[str, str, str]:
    label = " obj=system_u:object_r:bin_t:s0" if host.flavour.contexts else ""
    return (
        "PATH",
        f"item={item} name={quoted(name)} inode={host.inode(name)} dev=fd:00 mode={mode} ouid=0 "
        f"ogid=0 rdev=00:00{label} nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 "
        "cap_frootid=0",
        'OUID="root" OGID="root"',
    )


def user_record(
    host: Host,
    kind: str,
    message: str,
    *,
    pid: int,
    program: str,
    uid: int = 0,
    auid: int = UNSET,
    ses: int = UNSET,
    more: str = "",
) -> None:
    """Record what a trusted program told the audit system."""
    names = f'UID="{host.user_of(uid)}" AUID="{host.user_of(auid)}"{more}'
    fields = f"pid={pid} uid={uid} auid={auid} ses={ses}{host.context(program)} msg='{message}'"
    host.audit((kind, fields, names))


def pam(
    host: Host,
    kind: str,
    step: str,
    account: str,
    exe: str,
    *,
    pid: int,
    address: str = "?",
    terminal: str = "?",
    uid: int = 0,
    auid: int = UNSET,
    ses: int = UNSET,
    granted: bool = True,
    modules: str | None = None,
) -> None:
    """Record one step of PAM.

    Args:
        host: where.
        kind: USER_AUTH, USER_ACCT, CRED_ACQ, CRED_REFR, CRED_DISP, USER_START, USER_END.
        step: PAM's word for it: authentication, accounting, setcred, session_open, session_close.
        account: whom it is about; ``(unknown)`` stands for a user that there is not.
        exe: the program that called PAM.
        pid: its pid.
        address: of the client.
        terminal: ``ssh``, ``cron``, a tty.
        uid: of the program.
        auid: login uid at that moment.
        ses: audit session at that moment.
        granted: whether PAM said yes.
        modules: key of the flavour's grantors, where it is not the step.
    """
    by_step = host.flavour.grantors
    grantors = by_step.get(kind, by_step.get(modules or step.partition("_")[0], "pam_permit"))
    message = (
        f"op=PAM:{step} grantors={grantors if granted else '?'} acct={quoted(account)} "
        f'exe="{exe}" hostname={address} addr={address} terminal={terminal} '
        f"res={'success' if granted else 'failed'}"
    )
    user_record(
        host, kind, message, pid=pid, program=exe.rpartition("/")[2], uid=uid, auid=auid, ses=ses
    )


def login(host: Host, pid: int, auid: int, ses: int, exe: str, title: str, parent: int) -> None:
    """Record that a login uid was set.

    Where rules are loaded, the kernel adds the write to /proc/self/loginuid that did it.
    """
    program = exe.rpartition("/")[2]
    label, length = host.context(program), len(str(auid))
    ids = ["uid", "gid", "euid", "suid", "fsuid", "egid", "sgid", "fsgid"]
    record = (
        "LOGIN",
        f"pid={pid} uid=0{label} old-auid={UNSET} auid={auid} tty=(none) old-ses={UNSET} "
        f"ses={ses} res=1",
        f'UID="root" OLD-AUID="unset" AUID="{host.user_of(auid)}"',
    )
    if not host.rules:
        host.audit(record)
        return
    host.audit(
        record,
        (
            "SYSCALL",
            f"arch=c000003e syscall=1 success=yes exit={length} a0=7 a1=7ffd{pid:06x}a0 "
            f"a2={length:x} a3=0 items=0 ppid={parent} pid={pid} auid={auid} "
            + " ".join(f"{name}=0" for name in ids)
            + f' tty=(none) ses={ses} comm="{program}" exe="{exe}"{label} key=(null)',
            f'ARCH=x86_64 SYSCALL=write AUID="{host.user_of(auid)}" '
            + " ".join(f'{name.upper()}="root"' for name in ids),
        ),
        ("PROCTITLE", f"proctitle={quoted(title)}", ""),
    )


def sshd_login(host: Host, pid: int, auid: int, ses: int, address: str, tty: str) -> None:
    """Record that sshd let somebody in on a terminal."""
    user_record(
        host,
        "USER_LOGIN",
        f'op=login id={auid} exe="/usr/sbin/sshd" hostname={address} addr={address} '
        f"terminal=/dev/{tty} res=success",
        pid=pid,
        program="sshd",
        auid=auid,
        ses=ses,
        more=f' ID="{host.user_of(auid)}"',
    )


def sshd_failed(host: Host, pid: int, account: str, address: str) -> None:
    """Record sshd's own refusal; it names no user that there is not."""
    user_record(
        host,
        "USER_LOGIN",
        f'op=login acct={quoted(account)} exe="/usr/sbin/sshd" hostname=? addr={address} '
        "terminal=sshd res=failed",
        pid=pid,
        program="sshd",
    )
