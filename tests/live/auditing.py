"""Auditing: the kernel's audit, switched on for a while and written by an auditd of our own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import TracebackType

from .host import LiveError, check

__all__ = ["Auditing", "audit_state"]

_VOLATILE = ("lost ", "backlog ", "backlog_wait_time_actual ")


def audit_state() -> list[str]:
    """Return what of the kernel's audit can be set: enabled, pid, limits, rules.

    Raises:
        LiveError: this machine's kernel has no audit for us.
    """
    check()
    lines: list[str] = []
    for word in ("-s", "-l"):
        done = subprocess.run(["auditctl", word], capture_output=True, text=True, check=False)
        if done.returncode:
            raise LiveError(
                f"the live tests need the kernel's audit, which is refused here"
                f" ({done.stderr.strip()}): run them on a machine, or in a container of the"
                " machine's own pid and user namespaces with CAP_AUDIT_CONTROL"
            )
        lines += done.stdout.splitlines()
    return [line for line in lines if not line.startswith(_VOLATILE)]


class Auditing:
    """Executions by people are audited inside of it; audit is as before when it is left.

    Args:
        work: an existing folder; ``log`` is below it.
    """

    def __init__(self, work: Path) -> None:
        self.work = work
        self.log = work / "audit" / "audit.log"
        self._guard: subprocess.Popen[str] | None = None

    def __enter__(self) -> Auditing:
        self._guard = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("audit_guard.py")), str(self.work)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._guard.stdout is not None
        said = self._guard.stdout.readline().strip()
        if said != "ready":
            self.__exit__(None, None, None)
            raise LiveError(f"the kernel's audit cannot be had: {said}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._guard is not None
        self._guard.communicate()  # the end of its stdin: it puts audit back
