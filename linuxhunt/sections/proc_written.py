"""What audit's watches saw written: scripts of a site by its server, jobs by an odd program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from posixpath import basename, dirname
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.proc_events import audit_finding, file_calls, is_write, paths_of
from linuxhunt.sections.steps import SHELLS, canonical

__all__ = ["JobWritten", "ServerWroteScript"]

_SERVERS = re.compile(
    r"/(?:apache2?|httpd(?:-\w+)?|nginx|lighttpd|caddy|litespeed|lshttpd|openresty|w3wp|java"
    r"|php-?(?:fpm|cgi)[\d.]*)$"
)
_SCRIPT = r"\.(?:php\d?|phtml|phar|pht|jspx?|jspf|war|aspx?|ashx|cfm|cgi)$"
"""Names that a web server or an application server runs."""
_UPLOADED = r"/(?:uploads?|media|images?|img|photos?|avatars?|attachments?|files?|tmp|temp)/"
"""Folders for what visitors send: no script belongs there, and no update puts one there."""
_JOBS: tuple[tuple[str, str, str], ...] = (
    (r"^/etc/(?:crontab$|cron\.(?:d|hourly|daily|weekly|monthly)/.)|^/var/spool/(?:cron|at)/.",
     "T1053.003", "Scheduled job written"),
    (r"^/(?:etc|usr/lib|lib|run)/systemd/(?:system|user)/.+\.(?:service|timer|socket|path|conf)$",
     "T1543.002", "Unit of systemd written"),
    (r"^/etc/(?:sudoers$|sudoers\.d/.)", "T1548.003", "Rights of sudo written"),
    (r"^/etc/(?:rc\.local$|init\.d/.|profile$|profile\.d/.|update-motd\.d/.)", "T1037.004",
     "Script of every start or logon written"),
)  # fmt: skip
_FETCHERS = frozenset(["curl", "wget", "nc", "ncat", "scp", "sftp-server", "tee", "base64", "dd"])
_MOST = 5
"""Paths that a reason names."""


def _written(
    audit: pd.DataFrame | None, programs: Sequence[bool] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the calls that wrote files, and what they wrote (see :func:`paths_of`)."""
    if audit is None or audit.empty:
        return pd.DataFrame(), pd.DataFrame()
    calls = file_calls(audit if programs is None else audit[np.array(programs, dtype=bool)])
    reached = paths_of(calls)
    kinds = reached[~reached["Nametype"].isin(["PARENT"])]
    own: dict[Any, Any] = {event.Index: event for event in calls.itertuples()}
    wrote = [is_write(own[row], kind)
             for row, kind in zip(kinds["Row"], kinds["Nametype"], strict=True)]  # fmt: skip
    return calls, kinds[np.array(wrote, dtype=bool)]


def _named(paths: pd.Series[Any]) -> str:
    names = list(dict.fromkeys(paths))
    return ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST:,} more" if names[_MOST:] else "")


@dataclass(frozen=True)
class ServerWroteScript:
    """Did a web server write a script that it would itself run?"""

    techniques: ClassVar[tuple[str, ...]] = ("T1505.003",)
    needs: ClassVar[tuple[str, ...]] = ("audit",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each program and folder: Medium in a folder for what visitors
        send, else one Low for each program (an application that updates itself does it).
        """
        audit = tables.get("audit")
        if audit is None or audit.empty:
            return []
        serves = audit["exe"].fillna("").str.contains(_SERVERS)
        calls, wrote = _written(audit, list(serves))
        if wrote.empty:
            return []
        wrote = wrote[wrote["Path"].str.contains(_SCRIPT, case=False)]
        uploaded = wrote["Path"].str.contains(_UPLOADED, case=False)
        wrote = wrote.assign(
            Exe=calls.loc[wrote["Row"], "exe"].to_numpy(),
            Folder=wrote["Path"].map(dirname).where(uploaded, ""),
        )
        found = []
        for (exe, folder), rows in wrote.groupby(["Exe", "Folder"], sort=False):
            found.append(
                audit_finding(
                    calls.loc[rows["Row"].unique()],
                    f"Script written by the server: {basename(str(rows['Path'].iloc[0]))}"
                    f" by {basename(str(exe))}",
                    "Medium" if folder else "Low", "T1505.003",
                    f"{exe} wrote {_named(rows['Path'])}"
                    + ("; the folder is for what visitors send" if folder
                       else "; an application that updates itself does so, too"),
                    tables,
                )
            )  # fmt: skip
        return found


@dataclass(frozen=True)
class JobWritten:
    """Did a shell or a downloader write what the host runs by itself, or who may be root?"""

    techniques: ClassVar[tuple[str, ...]] = tuple(dict.fromkeys(job[1] for job in _JOBS))
    needs: ClassVar[tuple[str, ...]] = ("audit",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding (Low: who sets up a host does it) for each kind of file and program.

        Editors, package managers and configuration management are left out.
        """
        audit = tables.get("audit")
        if audit is None or audit.empty:
            return []
        programs = {exe: canonical(exe) for exe in audit["exe"].dropna().unique()}
        odd = {exe for exe, name in programs.items() if name in SHELLS or name in _FETCHERS}
        calls, wrote = _written(audit, list(audit["exe"].isin(odd)))
        if wrote.empty:
            return []
        found = []
        for pattern, technique, title in _JOBS:
            mine = wrote[wrote["Path"].str.contains(pattern)]
            by = calls.loc[mine["Row"], "exe"].to_numpy()
            for exe, rows in mine.groupby(by, sort=False):
                path = rows["Path"].iloc[0]
                found.append(
                    audit_finding(
                        calls.loc[rows["Row"].unique()],
                        f"{title}: {path} by {basename(str(exe))}", "Low", technique,
                        f"{exe} itself wrote {_named(rows['Path'])}, no editor and no package"
                        " manager", tables,
                    )
                )  # fmt: skip
        return found
