"""LiveHost: a host of its own on this machine, with real daemons, that a plan is driven on.

The host is a set of Linux namespaces (mount, pid, uts, net): ``/etc``, ``/home`` and ``/var``
are overlays, ``/dev`` (with ``/dev/log``) and ``/run`` are private, and the loopback carries
documentation addresses. Users, crontabs and sudoers are added there by the real tools, and are
gone with the last process; the machine's own users, syslog and cron are never touched. All of
it hangs on one process, ``unshare --kill-child``: when that ends, however it ends, the kernel
ends the rest.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from .plan import Act

__all__ = ["NEEDED", "LiveError", "LiveHost", "Seen"]

NEEDED = {
    "/usr/sbin/sshd": "openssh-server",
    "/usr/bin/ssh": "openssh-client",
    "/usr/sbin/rsyslogd": "rsyslog",
    "/usr/bin/sudo": "sudo",
    "/usr/sbin/cron": "cron",
    "/usr/sbin/auditd": "auditd",
    "/usr/sbin/useradd": "passwd",
    "/usr/bin/setpriv": "util-linux",
    "/usr/bin/unshare": "util-linux",
    "/usr/sbin/ip": "iproute2",
}
"""Program -> the Debian package that brings it."""

TIME_LIMIT = 120


class LiveError(Exception):
    """The host cannot be built here, or what was driven on it failed."""


@dataclass(frozen=True)
class Seen:
    """What was seen of the plan's acts from outside the logs.

    Attributes:
        logs: folder with ``rfc3164/`` and ``rfc3339/``, what rsyslogd wrote in each format.
        acts: act id -> began, ended (Unix seconds), status, output, pid of the program run.
        daemons: client port -> pid of the sshd process that held the connection.
        keys: key name -> fingerprint.
        jobs: cron job -> what it wrote, its pid and its parent's.
        stopped: when rsyslogd was stopped (Unix seconds).
    """

    logs: Path
    acts: dict[str, dict[str, Any]]
    daemons: dict[int, int]
    keys: dict[str, str]
    jobs: dict[str, str]
    stopped: float


def check() -> None:
    """Raise :class:`LiveError` where the live tests cannot run, saying what to do."""
    missing = sorted({package for path, package in NEEDED.items() if not Path(path).exists()})
    if missing:
        raise LiveError(
            f"the live tests need Debian's {', '.join(missing)}: "
            f"apt-get install -y --no-install-recommends {' '.join(missing)}"
        )
    if os.geteuid() != 0:
        raise LiveError("the live tests start daemons and add users: run them as root")
    trial = subprocess.run(
        ["unshare", "--mount", "--pid", "--uts", "--net", "--fork", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    if trial.returncode:
        raise LiveError(
            f"the live tests build a host of namespaces, which is refused here "
            f"({trial.stderr.strip()}): run them with CAP_SYS_ADMIN (docker run --privileged)"
        )


def children(pid: int) -> list[int]:
    words = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return [int(word) for word in words]


@contextmanager
def end_of(processes: list[int]) -> Iterator[Callable[[], None]]:
    """Give a function that returns when the processes ended; an init ends after all others."""
    watched = []
    for pid in processes:
        with suppress(ProcessLookupError):  # it ended just now
            watched.append(os.pidfd_open(pid))
    try:
        yield lambda: wait_for(watched)
    finally:
        for end in watched:
            os.close(end)


def wait_for(ends: list[int]) -> None:
    for end in ends:
        if not select.select([end], [], [], 20)[0]:
            raise LiveError("the live host did not end within 20 s of being killed")


def sent(act: Act) -> dict[str, Any]:
    """Return what the host is told of an act: all but the rows that it must leave."""
    return {name: value for name, value in vars(act).items() if name != "expect"}


class LiveHost:
    """A host of its own; ends every process of it on leaving, also after an error.

    Args:
        work: an empty folder for keys, configuration and logs.
    """

    def __init__(self, work: Path) -> None:
        self.work = work
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> LiveHost:
        check()
        (self.work / "ns").mkdir(parents=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            with end_of(children(process.pid)) as ended:
                process.send_signal(signal.SIGKILL)  # --kill-child: the namespaces' init goes too
                process.wait()
                ended()
        shutil.rmtree(self.work / "ns")  # the mount point; the mounts were in the namespace only

    def start(self, plan: list[Act]) -> None:
        """Build the host and begin driving the plan on it."""
        spec = {"work": str(self.work), "acts": [sent(act) for act in plan]}
        (self.work / "plan.json").write_text(json.dumps(spec), "utf-8")
        inside = Path(__file__).with_name("inside.py")
        with (self.work / "inside.out").open("wb") as out:
            self._process = subprocess.Popen(
                [
                    *("setpriv", "--pdeathsig", "KILL"),  # should this interpreter be killed
                    *("unshare", "--mount", "--pid", "--uts", "--net", "--fork", "--kill-child"),
                    *("--mount-proc", "sh", "-c", '"$@" & wait $!', "init"),  # reaps orphans
                    *(sys.executable, "-E", "-s", str(inside), str(self.work / "plan.json")),
                ],
                env=os.environ | {"TZ": "UTC", "LC_ALL": "C", "LANGUAGE": ""},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def finish(self) -> Seen:
        """Wait until the plan was driven; return what was seen of it.

        Raises:
            LiveError: the plan could not be driven; the message ends with what was printed.
        """
        assert self._process is not None
        try:
            status = self._process.wait(TIME_LIMIT)
        except subprocess.TimeoutExpired:
            status = -1
        if status:
            said = (self.work / "inside.out").read_text("utf-8", "replace")[-4000:]
            raise LiveError(f"driving the plan failed (status {status}):\n{said}")
        seen = json.loads((self.work / "seen.json").read_text("utf-8"))
        return Seen(
            logs=self.work / "logs",
            acts=seen["acts"],
            daemons={int(port): pid for port, pid in seen["daemons"].items()},
            keys=seen["keys"],
            jobs=seen["jobs"],
            stopped=seen["stopped"],
        )
