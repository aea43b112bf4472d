"""Starts auditd with rules of its own, and puts audit back as it was when its stdin ends.

Usage: ``audit_guard.py WORK``; auditd writes ``WORK/audit/audit.log``. Audit belongs to the kernel,
not to a namespace: what is changed here is changed for the machine. So this runs in a process of
its own, which outlives whoever started it, however that ends. It says ``ready``, or what is in
the way.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

# A node's name on each record, and the ENRICHED format, are what a collector sends on.
AUDITD = """
local_events = yes
write_logs = yes
log_file = {work}/audit/audit.log
log_group = root
log_format = ENRICHED
name_format = USER
name = lh-host
flush = NONE
max_log_file = 100
max_log_file_action = IGNORE
num_logs = 2
space_left = 2
space_left_action = IGNORE
admin_space_left = 1
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
priority_boost = 0
q_depth = 2000
overflow_action = IGNORE
plugin_dir = {work}/auditd/plugins.d
"""
RULE = [
    *("always,exit", "-F", "arch=b64", "-S", "execve,execveat"),
    *("-F", "auid>=1000", "-F", "auid!=unset", "-k", "linuxhunt-live"),
]
BACKLOG = 8192


def auditctl(*words: str) -> str:
    done = subprocess.run(["auditctl", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"auditctl {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def undo(*words: str) -> None:
    """Call auditctl; what cannot be undone must not keep the rest from being undone."""
    subprocess.run(["auditctl", *words], capture_output=True, check=False)


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def status() -> dict[str, str]:
    """Return ``auditctl -s`` as word -> value."""
    return dict(line.split(maxsplit=1) for line in auditctl("-s").splitlines() if " " in line)


def refusal(before: dict[str, str]) -> str | None:
    """Return why audit cannot be had here."""
    if before["enabled"] == "2":
        return "this machine's audit rules are locked until its next boot"
    if before["pid"] != "0":
        return f"an auditd is running already (pid {before['pid']}): stop it for the live tests"
    return None


def start(work: Path) -> subprocess.Popen[bytes]:
    """Start auditd; return when the kernel knows it."""
    (work / "audit").mkdir()
    (work / "auditd" / "plugins.d").mkdir(parents=True)
    config = work / "auditd" / "auditd.conf"
    config.write_text(AUDITD.format(work=work), "utf-8")
    config.chmod(0o640)
    with (work / "auditd.out").open("wb") as out:
        auditd = subprocess.Popen(
            [
                *("setpriv", "--pdeathsig", "KILL", "auditd", "-n", "-s", "nochange"),
                *("-c", str(config.parent)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    for _ in range(200):
        if status()["pid"] == str(auditd.pid):
            return auditd
        if auditd.poll() is not None:
            break
        time.sleep(0.05)
    auditd.kill()
    said = (work / "auditd.out").read_text("utf-8", "replace")
    raise SystemExit(f"auditd did not start: {said.strip()}")


def drain() -> None:
    """Wait until the kernel handed over what it had."""
    for _ in range(100):
        if status()["backlog"] == "0":
            return
        time.sleep(0.05)


def end(auditd: subprocess.Popen[bytes]) -> None:
    """End auditd; it is deaf for a moment after the kernel knows it, so it is told again."""
    for _ in range(40):
        auditd.terminate()
        try:
            auditd.wait(0.5)
        except subprocess.TimeoutExpired:
            continue
        return
    auditd.kill()
    auditd.wait()


def main(work: Path) -> None:
    before = status()
    why = refusal(before)
    if why:
        raise SystemExit(why)
    auditd = start(work)
    try:
        auditctl("-b", str(BACKLOG))
        auditctl("-a", *RULE)
        auditctl("-e", "1")
        say("ready")
        sys.stdin.read()
        drain()
    finally:
        undo("-d", *RULE)
        end(auditd)  # before audit is switched off, which is no act of the host's that is audited
        undo("-e", before["enabled"])
        undo("-b", before["backlog_limit"])


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        main(Path(sys.argv[1]))
    except SystemExit as error:
        say(str(error))
        raise
