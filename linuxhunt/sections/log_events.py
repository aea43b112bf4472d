"""What happened to the logs of a host: daemons stopped and started, clocks moved, lines lost.

The texts are those of rsyslog (``[origin software="rsyslogd" ...] start``, ``exiting on signal``),
sysklogd and busybox syslogd, syslog-ng, systemd and its journal, auditd 2.x to 4.x, the kernel's
audit subsystem, chrony and ntpd. A restart is a stop with a start soon after; a stop while the
host goes down, or before it comes up, is no act of anybody's.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from linuxhunt.schema import STR, TIME

__all__ = ["COLUMNS", "PROGRAMS", "log_events"]

PROGRAMS = (
    "rsyslogd", "rsyslog", "syslogd", "syslog-ng", "systemd-journald", "systemd-journal", "auditd",
    "audispd", "chronyd", "ntpd", "systemd-timesyncd",
)  # fmt: skip
"""Programs all of whose messages are asked for."""

COLUMNS: dict[str, Any] = {
    "TimeGenerated": TIME, "What": STR, "Daemon": STR, "ActorUserId": "Int64", "Message": STR,
    "EventUid": STR,
}  # fmt: skip
"""Columns of :func:`log_events` and their types."""

_SYSLOG = "^(?i:rsyslogd?|syslogd|syslog-ng)$"
_SYSTEMD = "^(?i:systemd|init)$"
_UNIT = {
    "syslog": r"(?:rsyslog\.service|syslog-ng\.service|System Logg(?:ing Service|er Daemon))",
    "audit": r"(?:auditd\.service|Security Audit(?:ing)?(?: Logging)? Service)",
    "journal": r"(?:systemd-journald\.service|Journal Service)",
}

_SHAPES: tuple[tuple[str, str, str, str], ...] = (
    ("nul", "file", "", r"(?:\\x00){4}|(?:#000){4}"),
    ("boot", "host", "^(?i:kernel)$", r"^(?:\[ *[\d.]+\] )?Linux version "),
    ("boot", "host", _SYSTEMD, r"^Startup finished in .*\(kernel\)"),
    ("shutdown", "host", "^(?i:systemd-logind|systemd|shutdown|init)$",
     r"^(?:System is (?:rebooting|powering down|halting)|The system will (?:reboot|power off|halt)"
     r"|Reached target .*(?:Reboot|Power[ -]Off|Halt)"
     r"|Shutting down\.?$)"),
    ("stop", "syslog", _SYSLOG, r"^(?:\[origin software=\"rsyslogd\" .*\] )?exiting on signal \d+"),
    ("stop", "syslog", _SYSLOG, r"^(?:syslog-ng shutting down|syslogd exiting)"),
    ("start", "syslog", _SYSLOG, r"^\[origin software=\"rsyslogd\" .*\] (?:\(re\))?start"),
    ("start", "syslog", _SYSLOG, r"^(?:syslog-ng starting|syslogd (?:started|[\d.]+: re))"),
    ("lost", "syslog", _SYSLOG, r"(?i)messages? (?:lost|dropped)|begin to drop messages"),
    ("stop", "journal", "^systemd-journald?$", r"^(?:Journal stopped|Received SIGTERM)"),
    ("start", "journal", "^systemd-journald?$", r"^Journal started"),
    ("clock", "journal", "^systemd-journald?$", r"^Time jumped backwards"),
    ("lost", "journal", "^systemd-journald?$", r"^(?:Suppressed|Missed) \d+ "),
    ("stop", "audit", "^auditd$", r"^The audit daemon is exiting"),
    ("start", "audit", "^auditd$", r"^Init complete, auditd .*listening"),
    ("lost", "audit", "^auditd$", r"^(?:Audit daemon (?:is suspending logging|has no space)"
     r"|Error writing an event to disk)"),
    ("off", "audit", "^(?i:kernel)$", r"audit: .*\baudit_enabled=0 old=[12]\b"),
    ("lost", "audit", "^(?i:kernel)$", r"audit: (?:backlog limit exceeded|audit_lost=\d+"
     r"|kauditd hold queue overflow|.*rate limit exceeded)"),
    ("clock", "clock", "^chronyd$", r"^System clock was stepped by|time jump detected"),
    ("clock", "clock", "^ntpd$", r"^time reset |clock_step"),
    ("clock", "clock", _SYSTEMD, r"^Time has been changed"),
    *((what, daemon, _SYSTEMD, rf"^{word} (?:.* - )?{unit}")
      for daemon, unit in _UNIT.items()
      for what, word in (("stop", "Stopped"), ("start", "Started"))),
    *(("killed", daemon, _SYSTEMD, rf"^{unit}: Main process exited, code=(?:killed|dumped)")
      for daemon, unit in _UNIT.items()),
)  # fmt: skip
"""What, daemon, RE2 of the program, RE2 of the message; the first that fits counts."""

_AUDIT_TYPES = {
    "DAEMON_END": ("stop", "audit"), "DAEMON_ABORT": ("stop", "audit"),
    "DAEMON_START": ("start", "audit"), "SYSTEM_BOOT": ("boot", "host"),
    "SYSTEM_SHUTDOWN": ("shutdown", "host"),
}  # fmt: skip
_SERVICES = {"auditd": "audit", "rsyslog": "syslog", "syslog-ng": "syslog",
             "systemd-journald": "journal"}  # fmt: skip


def log_events(messages: pd.DataFrame, audit: pd.DataFrame) -> pd.DataFrame:
    """Read what happened to the logs.

    Args:
        messages: answer of the query ``logging_messages``.
        audit: audit events.

    Returns:
        COLUMNS, by time. What is ``stop``, ``start``, ``killed``, ``off`` (auditing was switched
        off), ``rules`` (audit rules were removed), ``added`` (were added), ``lost`` (messages
        were), ``nul`` (a line is full of NULs), ``clock`` (was set), ``boot`` or ``shutdown``;
        Daemon ``syslog``, ``journal``, ``audit``, ``clock``, ``file`` or ``host``; ActorUserId
        the person who did it, null where no person is known to have.
    """
    held = [part for part in (_said(messages), _recorded(audit)) if len(part)]
    if not held:
        return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in COLUMNS.items()})
    frame = pd.concat(held, ignore_index=True).astype(COLUMNS)
    return frame.sort_values("TimeGenerated", kind="stable").reset_index(drop=True)


def _said(messages: pd.DataFrame) -> pd.DataFrame:
    """Read the messages of daemons, in RE2."""
    program = pa.array(messages["ProcessName"].fillna(""), pa.string())
    text = pa.array(messages["SyslogMessage"].fillna(""), pa.string())
    which = pd.Series(-1, index=range(len(messages)), dtype="int64")
    for number, (_, _, names, shape) in enumerate(_SHAPES):
        fits = pc.and_(
            pc.match_substring_regex(program, names), pc.match_substring_regex(text, shape)
        ).to_numpy(zero_copy_only=False)
        which = which.where(~((which < 0) & fits), number)
    kept = which[which >= 0]
    rows = messages.iloc[kept.index]
    return pd.DataFrame(
        {
            "TimeGenerated": rows["TimeGenerated"].array,
            "What": [_SHAPES[number][0] for number in kept],
            "Daemon": [_SHAPES[number][1] for number in kept],
            "ActorUserId": pd.Series(pd.NA, index=range(len(kept)), dtype="Int64"),
            "Message": rows["SyslogMessage"].array,
            "EventUid": rows["_ItemId"].array,
        }
    )


def _recorded(audit: pd.DataFrame) -> pd.DataFrame:
    """Read the audit system's records about itself, and services' starts and stops."""
    kinds = (*_AUDIT_TYPES, "CONFIG_CHANGE", "SERVICE_STOP", "SERVICE_START")
    rows = audit[audit["type"].isin(kinds)]
    told = [_record(row) for row in rows.to_dict("records")]
    return pd.DataFrame([row for row in told if row is not None], columns=list(COLUMNS))


def _record(row: dict[Any, Any]) -> dict[str, Any] | None:
    kind, fields = row["type"], row["fields"] or {}
    what, daemon = _AUDIT_TYPES.get(kind, ("", "audit"))
    op = "" if pd.isna(row["op"]) else str(row["op"])
    if kind == "CONFIG_CHANGE":
        if "audit_enabled" in fields and str(fields.get("old")) != str(fields["audit_enabled"]):
            what = "off" if str(fields["audit_enabled"]) == "0" else "start"
        else:
            what = {"remove_rule": "rules", "add_rule": "added"}.get(op, "")
    elif kind in {"SERVICE_STOP", "SERVICE_START"}:
        what = kind.removeprefix("SERVICE_").lower()
        daemon = _SERVICES.get(str(fields.get("unit", "")).removesuffix(".service"), "")
    if not what or not daemon:
        return None
    key = "" if pd.isna(row["key"]) else str(row["key"])
    extra = " ".join(filter(None, (op, f"key {key}" if key else "", str(fields.get("unit", "")))))
    return {
        "TimeGenerated": row["TimeGenerated"], "What": what, "Daemon": daemon,
        "ActorUserId": row["auid"], "Message": f"{kind} {extra}".strip(),
        "EventUid": row["EventUid"],
    }  # fmt: skip
