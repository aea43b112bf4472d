"""What runs inside LiveHost's namespaces: builds the host, starts its daemons, drives the acts.

Usage: ``inside.py PLAN.json``; writes ``seen.json`` and ``logs/`` beside it. It knows nothing of
linuxhunt and reads no log: all that it reports was seen from the clients' side, in /proc, or
chosen by the plan. When it ends, so does the namespace's init, and the kernel ends the rest.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from scene import DOORS, RSYSLOGD, SSHD, build, call, make_keys  # type: ignore[import-not-found]

Record = dict[str, Any]


class Witness(threading.Thread):
    """Sees in /proc which sshd process holds the connection from each client port."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listeners: set[int] = set()
        self.daemons: dict[int, int] = {}

    def run(self) -> None:
        while True:
            self.look()
            time.sleep(0.03)

    def look(self) -> None:
        ports: dict[str, int] = {}
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            for line in Path(table).read_text("ascii").splitlines()[1:]:
                words = line.split()
                local, remote = (int(word.rpartition(":")[2], 16) for word in words[1:3])
                if local in DOORS and remote not in self.daemons:
                    ports[f"socket:[{words[9]}]"] = remote
        for folder in Path("/proc").iterdir() if ports else ():
            if not folder.name.isdigit():
                continue
            try:
                parent = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()[1]
                if int(parent) not in self.listeners:
                    continue
                for descriptor in (folder / "fd").iterdir():
                    port = ports.get(os.readlink(descriptor))
                    if port is not None:
                        self.daemons[port] = int(folder.name)
            except OSError:  # it ended while we looked
                continue


class Driver:
    """Carries out acts and keeps what was seen of them."""

    def __init__(self, work: Path, daemons: dict[int, int]) -> None:
        self.work = work
        self.daemons = daemons
        self.seen: dict[str, Record] = {}
        self.left_open: list[subprocess.Popen[bytes]] = []

    def __call__(self, act: Record) -> None:
        getattr(self, act["do"])(act)

    def ssh(self, act: Record) -> None:
        answers = Path("/run/lh", act["id"])
        answers.write_text("".join(f"{word}\n" for word in act["passwords"]), "utf-8")
        methods = (["publickey"] if act["keys"] else []) + (
            ["password"] if act["passwords"] else []
        )
        argv = [
            *self.client(act),
            *("-o", f"PreferredAuthentications={','.join(methods) or 'none'}"),
            *("-o", f"NumberOfPasswordPrompts={max(1, len(act['passwords']))}"),
            *[word for key in act["keys"] for word in ("-i", str(self.work / "keys" / key))],
            *(["-tt"] if act["tty"] else []),
            *(["-M", "-S", "/run/lh/control", "-N"] if act["channels"] else []),
            *("-l", act["user"], act["host"]),
        ]
        env = os.environ | {
            "SSH_ASKPASS": "/run/lh/askpass",
            "SSH_ASKPASS_REQUIRE": "force",
            "LH_ANSWERS": str(answers),
        }
        if act["reuse"]:
            pid = self.daemons[act["reuse"]]
            env["LH_PID"] = str(pid)
            while Path("/proc", str(pid)).exists():
                time.sleep(0.05)
        command = "" if act["channels"] else f"echo in; {act['command']}"
        self.converse(act, [*argv, *([command] if command else [])], env)

    def client(self, act: Record) -> list[str]:
        relay = Path(__file__).with_name("fdpass.py")
        ends = f"{act['source']} {act['port']} {act['host']} {act['door']}".replace("%", "%%")
        proxy = f"{shlex.quote(sys.executable)} -I {shlex.quote(str(relay))} {ends}"
        options = {
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
            "IdentityAgent": "none",
            "IdentitiesOnly": "yes",
            "ConnectTimeout": "20",
            "ProxyCommand": proxy,
            "ProxyUseFdpass": "yes",
        }
        return ["ssh", "-F", "none", *[w for k, v in options.items() for w in ("-o", f"{k}={v}")]]

    def converse(self, act: Record, argv: list[str], env: dict[str, str] | None = None) -> None:
        """Run a program, answer its prompts, note when it began, first spoke and ended."""
        began = time.time()
        program = subprocess.Popen(
            argv,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert program.stdin is not None
        assert program.stdout is not None
        record = self.seen[act["id"]] = {"began": began, "pid": program.pid, "answered": None}
        if act["input"]:
            program.stdin.write(act["input"].encode())
            program.stdin.close()
        if act["channels"]:
            self.multiplex(act["channels"])
            record["answered"] = time.time()
            call("ssh", "-F", "none", "-S", "/run/lh/control", "-O", "exit", "x")
        prompts = [(prompt.encode(), answer) for prompt, answer in act["answers"]]
        output = pending = b""
        while chunk := os.read(program.stdout.fileno(), 65536):
            output += chunk
            if record["answered"] is None and b"in" in output.splitlines():
                record["answered"] = time.time()
            pending += chunk
            if prompts and prompts[0][0] in pending:
                pending = b""
                answer = prompts.pop(0)[1]
                if answer is None:
                    program.kill()
                    continue
                program.stdin.write(f"{answer}\n".encode())
                program.stdin.flush()
            if act["left_open"] and b"in" in output:
                self.left_open.append(program)
                break
        else:
            record["status"] = program.wait()
        record["ended"] = time.time()
        record["output"] = output.decode("utf-8", "replace")

    def multiplex(self, channels: int) -> None:
        while not Path("/run/lh/control").exists():
            time.sleep(0.05)
        client = ("ssh", "-F", "none", "-S", "/run/lh/control", "x", "sleep 0.5")
        with ThreadPoolExecutor(channels) as pool:
            list(pool.map(lambda _: call(*client), range(channels)))

    def run(self, act: Record) -> None:
        self.converse(act, act["argv"])

    def knock(self, act: Record) -> None:
        """Connect as a scanner does, say something that is no SSH, and go."""
        relay = (
            "import socket,sys,time; s=socket.socket(); s.bind((sys.argv[1],int(sys.argv[2])));"
            "s.connect((sys.argv[3],int(sys.argv[4]))); s.sendall(sys.argv[5].encode());"
            "time.sleep(0.5)"
        )
        where = [act["source"], str(act["port"]), act["host"], str(act["door"])]
        self.converse(act, [sys.executable, "-I", "-c", relay, *where, act["command"]])


def start(*argv: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(argv, stdin=subprocess.DEVNULL)


def wait_for(path: str) -> None:
    for _ in range(200):
        if Path(path).exists():
            return
        time.sleep(0.05)
    raise SystemExit(f"{path} did not appear")


def start_sshd(work: Path, port: int, level: str, tries: int, root: str) -> subprocess.Popen[bytes]:
    config = work / f"sshd_{port}"
    config.write_text(
        SSHD.format(work=work, port=port, level=level, tries=tries, root=root), "utf-8"
    )
    return start("/usr/sbin/sshd", "-D", "-f", str(config))


def wait_for_cron() -> None:
    """Wait until the jobs of one full minute ran."""
    time.sleep(60 - time.time() % 60)
    wait_for("/run/lh/system.job")
    wait_for("/run/lh/user.job")
    time.sleep(0.5)


def main(plan: Path) -> None:
    spec = json.loads(plan.read_text("utf-8"))
    work = Path(spec["work"])
    phases: dict[str, list[Record]] = {}
    for act in spec["acts"]:
        phases.setdefault(act["phase"], []).append(act)
    build(work)
    keys = make_keys(work / "keys")
    logs = work / "logs"
    for name in ("rfc3164", "rfc3339"):
        (logs / name).mkdir(parents=True)
    config = work / "rsyslog.conf"
    config.write_text(RSYSLOGD.format(logs=logs), "utf-8")
    rsyslogd = start("/usr/sbin/rsyslogd", "-n", "-f", str(config), "-i", "/run/rsyslogd.pid")
    wait_for("/dev/log")
    witness = Witness()
    driver = Driver(work, witness.daemons)

    def in_turn(phase: str) -> None:
        for act in phases.get(phase, ()):
            driver(act)

    in_turn("before")
    servers = [start_sshd(work, port, *setting) for port, setting in DOORS.items()]
    witness.listeners |= {server.pid for server in servers}
    witness.start()
    time.sleep(0.3)
    scheduled = "schedule" in phases
    if scheduled:
        # The edits below must be over when cron looks. Its clock may lag a tick behind ours, so
        # it is not started on the minute: it would still run the jobs of that one.
        if not 1 <= time.time() % 60 <= 45:
            time.sleep((61 - time.time()) % 60)
        cron_began = time.time()
        cron = start("/usr/sbin/cron", "-f")
        time.sleep(1.1)  # cron tells a changed crontab by whole seconds
        in_turn("schedule")
    with ThreadPoolExecutor(100) as pool:
        work_done = [pool.submit(wait_for_cron)] if scheduled else []
        work_done.append(pool.submit(in_turn, "climb"))
        work_done += [pool.submit(driver, act) for act in phases.get("crowd", ())]
        for future in work_done:
            future.result()
    if scheduled:
        cron.terminate()
        cron.wait()
        driver.seen["cron"] = {"began": cron_began, "ended": time.time(), "pid": cron.pid}
    in_turn("after")
    in_turn("last")
    time.sleep(0.5)
    stopped = time.time()
    rsyslogd.terminate()
    rsyslogd.wait()
    for name in ("wtmp", "btmp"):
        shutil.copy(Path("/var/log", name), logs)
    seen = {
        "acts": driver.seen,
        "daemons": witness.daemons,
        "keys": keys,
        "jobs": {job.stem: job.read_text("utf-8") for job in Path("/run/lh").glob("*.job")},
        "stopped": stopped,
    }
    (work / "seen.json").write_text(json.dumps(seen), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
