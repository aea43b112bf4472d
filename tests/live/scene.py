"""How the live host is built inside its namespaces: addresses, overlays, /dev, keys, configuration.

Imported by inside.py only, which runs as a script of its own with this folder on its path.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

__all__ = ["DOORS", "RSYSLOGD", "SSHD", "build", "call", "make_keys"]

HOST = "lh-host"
ADDRESSES = ("192.0.2.10", "198.51.100.7", "203.0.113.5", "2001:db8::7", "2001:db8::10", "fe80::7")
DOORS = {2222: ("VERBOSE", 3, "prohibit-password"), 2223: ("INFO", 6, "no")}
"""sshd's port -> LogLevel, MaxAuthTries, PermitRootLogin."""

SSHD = """
Port {port}
ListenAddress 0.0.0.0
ListenAddress ::
HostKey {work}/keys/host
PidFile none
UsePAM yes
PermitRootLogin {root}
PasswordAuthentication yes
KbdInteractiveAuthentication no
AuthorizedKeysFile /etc/ssh/lh_keys
TrustedUserCAKeys {work}/keys/ca.pub
DenyUsers lh_dora
LogLevel {level}
MaxAuthTries {tries}
MaxStartups 200
PrintMotd no
UseDNS no
"""

RSYSLOGD = """
module(load="imuxsock" SysSock.Name="/dev/log" SysSock.RateLimit.Interval="0")
global(workDirectory="/run/lh")
*.* action(type="omfile" file="{logs}/rfc3164/auth.log" template="RSYSLOG_TraditionalFileFormat")
*.* action(type="omfile" file="{logs}/rfc3339/auth.log" template="RSYSLOG_FileFormat")
"""

SUDOERS = """
lh_tom ALL=(root) NOPASSWD: /usr/bin/id -u
"""

CRON_D = "* * * * * www-data echo $$ $PPID > /run/lh/system.job\n"

ASKPASS = """#!/bin/sh
head -n 1 "$LH_ANSWERS"
sed -i 1d "$LH_ANSWERS"
"""

EDITOR = """#!/bin/sh
sleep 1.1  # crontab tells an edit by whole seconds
sed -i s/one/two/ "$1"
"""


def call(*argv: str, text: str = "") -> str:
    done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(argv)}: {done.stdout}{done.stderr}")
    return done.stdout


def build(work: Path) -> None:
    """Make the host: name, addresses, private /etc, /home, /var, /run and /dev, keys, sudoers."""
    call("mount", "--make-rprivate", "/")
    call("hostname", HOST)
    call("ip", "link", "set", "lo", "up")
    for address in ADDRESSES:
        bits, extra = ("128", ["nodad"]) if ":" in address else ("32", [])
        call("ip", "address", "add", f"{address}/{bits}", "dev", "lo", *extra)
    upper = work / "ns"
    call("mount", "-t", "tmpfs", "tmpfs", str(upper))
    for name in ("etc", "home", "var"):
        for part in ("new", "work"):
            (upper / part / name).mkdir(parents=True)
        options = f"lowerdir=/{name},upperdir={upper}/new/{name},workdir={upper}/work/{name}"
        call("mount", "-t", "overlay", "overlay", "-o", options, f"/{name}")
    call("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    for folder, mode in (("sshd", 0o755), ("sudo", 0o711), ("lock", 0o1777), ("lh", 0o1777)):
        Path("/run", folder).mkdir()
        Path("/run", folder).chmod(mode)
    for records in ("/run/utmp", "/var/log/wtmp", "/var/log/btmp"):
        Path(records).write_bytes(b"")
    devices(upper / "dev")
    Path("/etc/hostname").write_text(f"{HOST}\n", "utf-8")
    with Path("/etc/hosts").open("a", encoding="utf-8") as hosts:
        hosts.write(f"127.0.1.1 {HOST}\n")
    shutil.rmtree("/etc/update-motd.d", ignore_errors=True)
    for job in Path("/etc/cron.d").iterdir():
        job.unlink()
    Path("/etc/crontab").write_text("", "utf-8")
    Path("/etc/cron.d/lh").write_text(CRON_D, "utf-8")
    Path("/etc/sudoers.d/lh").write_text(SUDOERS, "utf-8")
    Path("/etc/sudoers.d/lh").chmod(0o440)
    for name, script in (("askpass", ASKPASS), ("editor", EDITOR)):
        Path("/run/lh", name).write_text(script, "utf-8")
        Path("/run/lh", name).chmod(0o755)


def devices(new: Path) -> None:
    """Mount a /dev of our own, so that /dev/log is ours whether or not the machine has one."""
    new.mkdir()
    call("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(new))
    nodes = [f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty")]
    call("cp", "-a", *nodes, str(new))
    for folder in ("pts", "shm"):
        (new / folder).mkdir()
    options = "newinstance,ptmxmode=0666,mode=620,gid=5"
    call("mount", "-t", "devpts", "-o", options, "devpts", str(new / "pts"))
    call("mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", str(new / "shm"))
    (new / "ptmx").symlink_to("pts/ptmx")
    (new / "fd").symlink_to("/proc/self/fd")
    call("mount", "--move", str(new), "/dev")


def make_keys(folder: Path) -> dict[str, str]:
    """Make the key pairs and the certificate; return name -> fingerprint."""
    folder.mkdir()
    kinds = {"host": "ed25519", "ca": "ed25519", "k1": "ed25519", "k2": "rsa", "cert": "ecdsa"}
    kinds |= {f"bad{n}": "ed25519" for n in (1, 2, 3)}
    for name, kind in kinds.items():
        call("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", name, "-f", str(folder / name))
    call(
        *("ssh-keygen", "-q", "-s", str(folder / "ca"), "-z", "42"),
        *("-I", "lh_mara from 8.8.8.8 port 22 ssh2", "-n", "lh_mara"),
        str(folder / "cert.pub"),
    )
    known = "".join((folder / f"{name}.pub").read_text("utf-8") for name in ("k1", "k2"))
    Path("/etc/ssh/lh_keys").write_text(known, "utf-8")
    said = {name: call("ssh-keygen", "-lf", str(folder / f"{name}.pub")) for name in kinds}
    return {name: words.split()[1] for name, words in said.items()}
