"""What audit says beyond command lines: itself switched off, shells that connect, files written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from posixpath import basename, join, normpath
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from linuxhunt.parse.flows_hosts import plain_address
from linuxhunt.schema import STR
from linuxhunt.sections.commands import user_names
from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.proc_findings import SECTION, known
from linuxhunt.sections.steps import SHELLS, canonical

__all__ = [
    "AuditSwitchedOff",
    "FileTouched",
    "ShellConnects",
    "audit_finding",
    "file_calls",
    "is_write",
    "paths_of",
]

_UPDATERS = frozenset(
    ["dpkg", "rpm", "dnf", "yum", "apt", "apt-get", "packagekitd", "snapd", "unattended-upgr",
     "useradd", "usermod", "userdel", "groupadd", "groupmod", "groupdel", "gpasswd", "passwd",
     "chpasswd", "chage", "chfn", "chsh", "vipw", "vigr", "pwck", "grpck", "pwconv", "newusers",
     "sshd", "sshd-session", "login", "sudo", "su", "unix_chkpwd", "unix_update", "cron", "crond",
     "systemd", "systemd-executor", "systemd-sysusers", "systemd-user-runtime-dir", "polkitd",
     "accounts-daemon", "gdm-session-worker", "lightdm", "sddm-helper", "vsftpd", "dovecot",
     "saslauthd", "cupsd", "pkexec", "runuser", "at", "atd", "cockpit-session", "auditd",
     "logrotate", "rsyslogd", "utempter", "agetty", "sssd", "winbindd", "nscd", "usermod",
     "restic", "borg", "aide", "tripwire", "mdatp", "wdavdaemon", "falcon-sensor", "osqueryd"]
)  # fmt: skip
"""Programs whose work it is to read or write accounts, logs and the like, and backup programs."""
_PLACES: tuple[tuple[str, str, str, str, bool], ...] = (
    (r"^/etc/ld\.so\.preload$", "High", "T1574.006", "Library loaded into every program", True),
    (r"^/etc/(?:shadow|gshadow)-?$", "Medium", "T1003.008", "Password hashes opened", False),
    (r"^/(?:root|var/www|var/lib/[^/]+)/\.ssh/authorized_keys2?$", "Medium", "T1098.004",
     "Key file of root or a service written", True),
    (r"^/etc/pam\.d/|/security/pam_[^/]+\.so$", "Medium", "T1556.003",
     "Authentication changed", True),
    (r"^/(?:var/log|run|var/run)/(?:wtmp|btmp|utmp|lastlog|auth\.log|secure|audit/audit\.log)$",
     "Medium", "T1070.002", "Security log written by a program that is no logger", True),
)  # fmt: skip
"""Path, severity, technique, title, and whether it takes writing."""


def audit_finding(
    rows: pd.DataFrame, title: str, severity: str, technique: str, why: str, tables: Tables
) -> Finding:
    """Make a finding of audit events, of the person or the account that acted first."""
    first = rows.sort_values("TimeGenerated", kind="stable").iloc[0]
    uid = first["auid"] if pd.notna(first["auid"]) else first["uid"]
    host = known(first["DvcHostname"])
    name = None
    if pd.notna(uid):
        names = user_names(tables)
        name = names.get((str(host or "").lower(), int(uid)), "root" if uid == 0 else f"uid {uid}")
    records = dict.fromkeys(uid for ids in rows["RecordIds"] for uid in ids or ())
    return Finding(
        SECTION, title, severity, (technique,), why, rows["TimeGenerated"].min(),
        rows["TimeGenerated"].max(), tuple(records), host=host, user=name,
        command=known(first["proctitle"]) or known(first["exe"]),
    )  # fmt: skip


@dataclass(frozen=True)
class AuditSwitchedOff:
    """Was audit disabled, or its daemon ended while the host went on?

    Attributes:
        restart: a daemon that begins again within so long was restarted.
    """

    restart: timedelta = timedelta(minutes=5)
    techniques: ClassVar[tuple[str, ...]] = ("T1562.012",)
    needs: ClassVar[tuple[str, ...]] = ("audit",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return High where audit was disabled, Medium where its daemon ended for long."""
        audit = tables.get("audit")
        if audit is None or audit.empty:
            return []
        found = []
        changes = audit[audit["type"] == "CONFIG_CHANGE"]
        off = [
            str((fields or {}).get("audit_enabled")) == "0"
            and str((fields or {}).get("old")) != "0"
            for fields in changes["fields"]
        ]
        for _, rows in changes[np.array(off, dtype=bool)].groupby("DvcHostname", dropna=False):
            found.append(
                audit_finding(rows, "Audit switched off: audit_enabled=0", "High", "T1562.012",
                         f"the kernel was told {len(rows):,} times to record no more", tables)
            )  # fmt: skip
        ends = audit[audit["type"].isin(["DAEMON_END", "DAEMON_ABORT"])]
        for _, rows in ends.groupby("DvcHostname", dropna=False):
            host = audit[audit["DvcHostname"].isin(rows["DvcHostname"])]
            long = [self._is_long(host, time) for time in rows["TimeGenerated"]]
            if any(long):
                found.append(
                    audit_finding(rows[long], "Audit daemon ended", "Medium", "T1562.012",
                             f"it did not begin again within {self.restart.seconds // 60} min,"
                             " and the host was not shut down", tables)
                )  # fmt: skip
        return found

    def _is_long(self, audit: pd.DataFrame, ended: pd.Timestamp) -> bool:
        near = audit[
            audit["TimeGenerated"].between(ended - self.restart, ended + self.restart)
            & audit["type"].isin(
                ["DAEMON_START", "SYSTEM_SHUTDOWN", "SYSTEM_BOOT", "SYSTEM_RUNLEVEL"]
            )
        ]
        again = near["type"].ne("DAEMON_START") | (near["TimeGenerated"] >= ended)
        last = audit["TimeGenerated"].max()
        return not again.any() and bool(last > ended + self.restart)


@dataclass(frozen=True)
class ShellConnects:
    """Did a shell itself, not a program that it started, connect to another host?"""

    techniques: ClassVar[tuple[str, ...]] = ("T1059.004", "T1095")
    needs: ClassVar[tuple[str, ...]] = ("audit",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each destination: High where it is public, else Low."""
        audit = tables.get("audit")
        if audit is None or audit.empty:
            return []
        calls = audit[audit["syscall"].eq("connect").fillna(False) & audit["exe"].notna()]
        calls = calls[calls["exe"].map(canonical).isin(SHELLS)]
        places = [_destination(socket) for socket in calls["sockaddr"]]
        calls = calls.assign(Place=pd.array(places, dtype=STR))
        found = []
        for place, rows in calls.groupby("Place", sort=False):
            address = str(place).rpartition(" port ")[0]
            found.append(
                audit_finding(
                    rows, f"Shell on a network connection: {rows['exe'].iloc[0]} to {place}",
                    "High" if ip_address(address).is_global else "Low", "T1059.004",
                    f"a shell connected {len(rows):,} times to {place} by itself; programs that it"
                    " starts would be named instead", tables,
                )
            )  # fmt: skip
        return found


def _destination(socket: dict[str, Any] | None) -> str | None:
    if not socket or socket.get("family") not in ("inet", "inet6") or not socket.get("port"):
        return None
    return f"{plain_address(str(socket.get('addr')))} port {socket['port']}"


@dataclass(frozen=True)
class FileTouched:
    """Did audit's watches see a sensitive file opened or written by an odd program?"""

    techniques: ClassVar[tuple[str, ...]] = tuple(sorted({place[2] for place in _PLACES}))
    needs: ClassVar[tuple[str, ...]] = ("audit",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each file and program, of the severity of its place."""
        audit = tables.get("audit")
        if audit is None or audit.empty:
            return []
        calls = file_calls(audit)
        odd = [canonical(str(exe)) not in _UPDATERS for exe in calls["exe"]]
        calls = calls[np.array(odd, dtype=bool)]
        touched = paths_of(calls)
        found = []
        for pattern, severity, technique, title, writes in _PLACES:
            mine = touched[touched["Path"].str.contains(pattern).fillna(False)]
            for path, rows in mine.groupby("Path", sort=False):
                events = calls.loc[rows["Row"].unique()]
                kinds = dict(zip(rows["Row"], rows["Nametype"], strict=True))
                if writes:
                    wrote = [is_write(event, kinds[event.Index]) for event in events.itertuples()]
                    events = events[np.array(wrote, dtype=bool)]
                for exe, own in events.groupby("exe", sort=False):
                    found.append(
                        audit_finding(own, f"{title}: {path} by {basename(str(exe))}", severity,
                                 technique, f"{exe} did so {len(own):,} times; it is not among the"
                                 " programs whose work that is", tables)
                    )  # fmt: skip
        return found


def file_calls(audit: pd.DataFrame) -> pd.DataFrame:
    """Return the system calls of audit that reached files and did not fail, executions left out."""
    return audit[
        audit["paths"].notna()
        & audit["success"].ne("no").fillna(True)
        & ~audit["syscall"].isin(["execve", "execveat"]).fillna(False)
        & audit["syscall"].notna()
    ]


def paths_of(calls: pd.DataFrame) -> pd.DataFrame:
    """Return what system calls reached: Row (index of the call), Path (whole), Nametype."""
    rows = [
        (row, normpath(join(cwd if isinstance(cwd, str) else "/", str(path["name"]))),
         path.get("nametype"))
        for row, paths, cwd in zip(calls.index, calls["paths"], calls["cwd"], strict=True)
        for path in paths
        if path.get("name")
    ]  # fmt: skip
    found = pd.DataFrame(rows, columns=["Row", "Path", "Nametype"])
    return found.astype({"Path": STR})


def is_write(event: Any, nametype: Any) -> bool:
    """Whether a system call made, changed or removed the file; open() states its flags."""
    if nametype in ("CREATE", "DELETE"):
        return True
    if event.syscall in ("open", "openat", "openat2"):
        flag = (event.fields or {}).get("a1" if event.syscall == "open" else "a2", "0")
        try:
            return bool(int(str(flag), 16) & 0x3)
        except ValueError:
            return False
    return event.syscall in ("truncate", "rename", "renameat", "renameat2", "unlink", "unlinkat",
                             "creat", "link", "linkat", "symlink", "symlinkat", "chmod", "fchmodat",
                             "chown", "fchownat", "setxattr", "utimensat")  # fmt: skip
