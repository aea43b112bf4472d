"""What speaks for a command: a service that runs again at once, a program that was built here."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pandas as pd

from linuxhunt.sections.finding import Tables
from linuxhunt.sections.proc_rules_guards import WATCHERS
from linuxhunt.sections.proc_vouched import vouched
from linuxhunt.sections.steps import canonical

__all__ = ["eased"]

_STOPPED = frozenset(["Logging or protection stopped", "Logging or protection killed"])
_TEMPORARY = "Run from a temporary folder"
_AGAIN = timedelta(minutes=5)
_UPGRADE = timedelta(minutes=30)
_STARTS = r"(?:^|[\s/;&])(?:start|restart|try-restart|reload-or-restart|force-reload|condrestart)\b"
_PACKAGES = re.compile(
    r"(?:^|[/ ])(?:dpkg|rpm|dnf|yum|zypper|apt|apt-get|apk|pacman|unattended-upgrade)(?:\s|$)"
    r"|/dpkg/info/|/rpm-tmp\."
)
_BUILDERS = frozenset(
    ["go", "cargo", "rustc", "rustup", "make", "gmake", "ninja", "cmake", "ctest", "meson", "bazel",
     "gcc", "cc", "clang", "configure", "conftest", "pip", "npm", "yarn", "pnpm", "node-gyp", "tox",
     "pytest", "mvn", "gradle", "gradlew", "dpkg", "apt-get", "apt", "rpm", "dnf", "yum", "zypper",
     "mkinitramfs", "update-initramfs", "dracut", "debuild", "rpmbuild", "perf", "valgrind", "gdb",
     "gitlab-runner", "Runner.Worker", "buildkit-runc", "dotnet", "stack", "cabal", "nix-build"]
)  # fmt: skip
_COMPILERS = (
    r"(?:^|/)(?:\S*-)?(?:gcc|cc|g\+\+|c\+\+|clang(?:\+\+)?|rustc|go|ld|collect2|tcc|ghc)"
    r"(?:-\d+)?\s"
)
_FRESH = timedelta(hours=1)
_LEVELS = 5


def eased(rows: pd.DataFrame, ran: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Lower what has an ordinary explanation to Low.

    A watcher that was stopped, not disabled, is ordinary where it is started again on the host
    within 5 min (30 min where a package's script stopped it): that is a restart or an upgrade. A
    program in a temporary folder is ordinary where a build or a package manager is above it, or
    a compiler wrote it within the hour before. What :mod:`linuxhunt.sections.proc_vouched` vouches
    for is, too.

    Args:
        rows: commands that fit rules: columns of commands, Title, Line, Severity.
        ran: all commands.
        tables: ``audit`` tells of services that systemd started.

    Returns:
        The rows, with Severity and a column Eased: a clause, "" where nothing speaks for it.
    """
    rows = rows.assign(Eased="")
    stops = rows[rows["Title"].isin(_STOPPED) & ~rows["Line"].str.contains("disable|mask")]
    temporary = rows[rows["Title"] == _TEMPORARY]
    reasons = vouched(rows, ran)
    if len(stops) or len(temporary):
        above = _Ancestors(ran)
        reasons |= _restarted(stops, ran, tables, above) | _built(temporary, ran, above)
    for row, reason in reasons.items():
        rows.loc[row, ["Severity", "Eased"]] = ["Low", reason]
    return rows


class _Ancestors:
    def __init__(self, ran: pd.DataFrame) -> None:
        whole = ran[ran["TargetProcessGuid"].notna()].drop_duplicates("TargetProcessGuid")
        guid = whole["TargetProcessGuid"]
        self.parents = dict(zip(guid, whole["ActingProcessGuid"], strict=True))
        self.lines = dict(zip(guid, whole["CommandLine"], strict=True))

    def of(self, guid: Any) -> list[str]:
        """Return the command lines above a process, the nearest first."""
        lines: list[str] = []
        for _ in range(_LEVELS):
            guid = self.parents.get(guid)
            if guid is None or pd.isna(guid):
                break
            lines.append(str(self.lines.get(guid, "")))
        return lines


def _restarted(
    stops: pd.DataFrame, ran: pd.DataFrame, tables: Tables, above: _Ancestors
) -> dict[Any, str]:
    if stops.empty:
        return {}
    units = stops["Line"].str.extract(rf"\b({WATCHERS})(?: |␣|\)|$|\.pid)", expand=False)
    starts = _starts(ran, tables)
    reasons: dict[Any, str] = {}
    for row, stop, unit in zip(
        stops.index, stops.to_dict("records"), units.map(_unit), strict=True
    ):
        if pd.isna(unit):
            continue
        time = stop["TimeGenerated"]
        lines = above.of(stop["TargetProcessGuid"])
        by_package = any(_PACKAGES.search(line) for line in lines)
        later = starts[
            (starts["Unit"] == unit)
            & (starts["Host"] == _folded(stop["DvcHostname"]))
            & (starts["Time"] > time)
            & (starts["Time"] <= time + (_UPGRADE if by_package else _AGAIN))
        ]
        if len(later):
            seconds = (later["Time"].min() - time).total_seconds()
            reasons[row] = f"it was started again {seconds:,.0f} s later"
    return reasons


def _folded(host: Any) -> str:
    return str(host).lower() if pd.notna(host) else ""


def _unit(name: Any) -> str | None:
    """Return what a service and its program have in common: ``rsyslogd.service`` is ``rsyslog``."""
    if pd.isna(name):
        return None
    plain = str(name).lower().removesuffix(".service").removesuffix(".socket")
    return plain.removesuffix("-agent").removesuffix("d")


def _starts(ran: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the starts of watchers: by a command, by their own program, as systemd told audit."""
    text = ran["CommandLine"]
    tells = text.str.contains(_STARTS).astype(bool)
    some = text[tells].str.extractall(rf"(?:^|[\s/])({WATCHERS})(?:-control|ctl)?(?=\s|$)")[0]
    parts = [
        pd.DataFrame(
            {
                "Time": ran["TimeGenerated"].reindex(some.index.get_level_values(0)).array,
                "Host": ran["DvcHostname"].reindex(some.index.get_level_values(0)).array,
                "Unit": [_unit(name) for name in some],
            }
        )
    ]
    own = ran["TargetProcessName"].fillna("").str.extract(rf"/({WATCHERS})$", expand=False)
    own = own[own.notna() & ~tells]
    parts.append(
        pd.DataFrame(
            {
                "Time": ran.loc[own.index, "TimeGenerated"].array,
                "Host": ran.loc[own.index, "DvcHostname"].array,
                "Unit": [_unit(name) for name in own],
            }
        )
    )
    audit = tables.get("audit")
    if audit is not None and len(audit):
        told = audit[audit["type"].isin(["SERVICE_START", "DAEMON_START"])]
        units = [
            "auditd" if kind == "DAEMON_START" else (fields or {}).get("unit")
            for kind, fields in zip(told["type"], told["fields"], strict=True)
        ]
        parts.append(
            pd.DataFrame(
                {
                    "Time": told["TimeGenerated"].array,
                    "Host": told["DvcHostname"].array,
                    "Unit": [_unit(name) for name in units],
                }
            )
        )
    whole = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return whole.assign(Host=[_folded(host) for host in whole["Host"]])


def _built(rows: pd.DataFrame, ran: pd.DataFrame, above: _Ancestors) -> dict[Any, str]:
    if rows.empty:
        return {}
    wrote = ran[ran["CommandLine"].str.contains(_COMPILERS).astype(bool)]
    built: dict[tuple[str, str], list[Any]] = {}
    for words, host, time in zip(
        wrote["CommandLine"].str.split(), wrote["DvcHostname"].map(_folded, na_action=None),
        wrote["TimeGenerated"], strict=True,
    ):  # fmt: skip
        for word in words:
            built.setdefault((host, word.rpartition("/")[2]), []).append(time)
    reasons: dict[Any, str] = {}
    for row, ran_it in zip(rows.index, rows.to_dict("records"), strict=True):
        lines = above.of(ran_it["TargetProcessGuid"])
        builder = next((name for line in lines for name in _programs(line)), None)
        key = _folded(ran_it["DvcHostname"]), str(ran_it["TargetProcessName"]).rpartition("/")[2]
        time = ran_it["TimeGenerated"]
        if builder is not None:
            reasons[row] = f"{builder} started it"
        elif any(time - _FRESH <= made <= time for made in built.get(key, ())):
            reasons[row] = "a compiler wrote it within the hour before"
    return reasons


def _programs(line: str) -> list[str]:
    """Return the builders among the first words of a command line (script and interpreter)."""
    return [name for word in line.split()[:3] if (name := canonical(word)) in _BUILDERS]
