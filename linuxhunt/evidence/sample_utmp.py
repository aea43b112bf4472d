"""Login records of the sample incident: wtmp (who was on) and btmp (who failed to be).

Checked against what sshd 9.2 wrote on a Debian host. Debian 13 has neither file. Source of the
layout: ``struct utmp`` of glibc on x86_64; of the values: OpenSSH's loginrec.c.
"""

from __future__ import annotations

import ipaddress
import struct

from linuxhunt.evidence.sample_host import Host

__all__ = ["failed", "logged_in", "logged_out", "wiped"]

_LAYOUT = struct.Struct("<hxxi32s4s32s256shhiii16s20x")
_LOGIN_PROCESS, _USER_PROCESS, _DEAD_PROCESS = 6, 7, 8


def logged_in(host: Host, pid: int, tty: str, user: str, address: str) -> None:
    """Record in wtmp that a user sits at a terminal."""
    _write(host, "wtmp", _USER_PROCESS, pid, tty, user, address)


def logged_out(host: Host, pid: int, tty: str) -> None:
    """Record in wtmp that a terminal is free."""
    _write(host, "wtmp", _DEAD_PROCESS, pid, tty, "", "")


def failed(host: Host, pid: int, user: str, address: str) -> None:
    """Record in btmp that a password was wrong, or a user unknown."""
    _write(host, "btmp", _LOGIN_PROCESS, pid, "ssh:notty", user, address)


def wiped(host: Host) -> None:
    """Empty both, as an intruder does."""
    for name in ("wtmp", "btmp"):
        host.world.empty(host.file(f"var/log/{name}"))


def _write(host: Host, name: str, kind: int, pid: int, line: str, user: str, source: str) -> None:
    if not host.flavour.utmp:
        return
    seconds, rest = divmod(host.world.now, 1_000_000)
    record = _LAYOUT.pack(
        kind,
        pid,
        line.encode(),
        line[-4:].encode() if name == "wtmp" else b"",
        user.encode(),
        source.encode(),
        0,
        0,
        0,
        seconds,
        rest if name == "wtmp" else 0,  # sshd gives a failure whole seconds
        ipaddress.ip_address(source).packed if source else b"",
    )
    file = host.file(f"var/log/{name}")
    file.binary = True
    host.world.write(file, record.decode("latin-1"))
