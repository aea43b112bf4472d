"""Login records of audit -> ``auth``: what PAM, sshd, login and the kernel told auditd.

A login by sshd is a chain, in this order: USER_AUTH (a credential was judged), USER_ACCT (the
account may be used), CRED_ACQ, LOGIN (the kernel sets loginuid and session), USER_START (PAM's
session), CRED_REFR, USER_LOGIN, and at its end USER_END, USER_LOGOUT, CRED_DISP. pid and ``ses``
tie it together. Sources: audit userspace's specs/messages, openssh's audit-linux.c, linux-pam's
libpam/pam_audit.c.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from linuxhunt.parse.audit_records import records as _records
from linuxhunt.parse.pam import SERVICES
from linuxhunt.schema import STR, conform, empty

__all__ = ["audit_auth"]

_TYPES = (
    "USER_AUTH",
    "USER_ACCT",
    "USER_START",
    "USER_END",
    "USER_LOGIN",
    "USER_LOGOUT",
    "USER_ERR",
    "USER_CMD",
    "CRED_ACQ",
    "CRED_REFR",
    "CRED_DISP",
    "LOGIN",
    "GRP_AUTH",
    "ANOM_LOGIN_FAILURES",
    "ANOM_LOGIN_TIME",
    "ANOM_LOGIN_SESSIONS",
    "ANOM_LOGIN_LOCATION",
    "ANOM_LOGIN_ACCT",
    "RESP_ACCT_LOCK",
    "RESP_ACCT_LOCK_TIMED",
    "RESP_ACCT_UNLOCK_TIMED",
    "SYSTEM_BOOT",
)
_ELEVATES = ("su", "sudo", "doas", "polkit", "pkexec", "runuser", "sudo-rs", "newgrp")
_CHANGES = frozenset(
    ("chage", "chfn", "chpasswd", "chsh", "gpasswd", "groupmod", "newusers", "passwd")
) | {"useradd", "userdel", "usermod"}
# Of the system call beside a LOGIN, nothing to do with it.
_NOISE = frozenset(("a0", "a1", "a2", "a3", "items", "sgid", "fsgid"))
_PROGRAMS = SERVICES | {
    "sshd-session": "SSH",
    "sshd-auth": "SSH",
    "cron": "cron",
    "systemd": "systemd-user",
    "systemd-executor": "systemd-user",
    "gdm-session-worker": "gdm",
    "polkit-agent-helper-1": "polkit",
    "pkexec": "polkit",
}
# What PAM's modules that granted say about the credential.
_PASSWORDS = r"\bpam_(?:unix|unix2|sss|winbind|ldap|pwdfile|userdb|tcb)\b"
_METHODS = {
    "pubkey_auth": "PKI",
    "pubkey": "PKI",
    "key": "PKI",
    "gssapi": "Kerberos",
    "password": "Username & Password",
}
_LOCKS = ("ANOM_LOGIN_FAILURES", "RESP_ACCT_LOCK", "RESP_ACCT_LOCK_TIMED", "RESP_ACCT_UNLOCK_TIMED")
_POLICIES = (
    "ANOM_LOGIN_TIME",
    "ANOM_LOGIN_SESSIONS",
    "ANOM_LOGIN_LOCATION",
    "ANOM_LOGIN_ACCT",
)
# Names that a program writes where it will not name who tried.
_NOBODY = ("(invalid user)", "(unknown user)", "(unknown)", "unknown", "UNKNOWN")
_ADDRESS = r"^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$|:.*:"


def audit_auth(audit: pd.DataFrame, records: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what audit events state about authentication and sessions.

    Args:
        audit: ``EVENTS["audit"]``.
        records: the records that the events were read from; gives EventMessage.

    Returns:
        ``EVENTS["auth"]``. USER_AUTH, failed USER_ACCT and USER_LOGIN are Logon (Elevate for su,
        sudo and the like); USER_START and USER_END of PAM open and close a session; LOGIN,
        CRED_* and an accepted USER_ACCT are Info. LogonMethodOriginal is ``op``. LogonMethod is
        given where the record tells it: a public key, a PAM module that takes passwords.
        AdditionalFields holds ``type``, ``ses``, ``auid``, ``terminal`` and what else the record
        has. A name that stands for no account (``(invalid user)``) is in AdditionalFields as
        ``acct``, TargetUsername is null.
    """
    kind = audit["type"]
    op = audit["op"].astype(STR)
    # shadow's tools write USER_ACCT and USER_AUTH about changes to groups and passwords as well
    pam = op.str.match("PAM: ?").fillna(False).astype(bool)
    wanted = kind.isin(_TYPES) & (pam | ~kind.isin(["USER_ACCT"]))
    wanted &= (kind != "USER_CMD") | audit["exe"].notna() | audit["cmdline"].notna()
    rows = audit[wanted].reset_index(drop=True)
    if rows.empty:
        return empty("auth")
    frame = _frame(rows)
    if records is not None:
        lines = _records(records)
        text = lines.drop_duplicates("_ItemId").set_index("_ItemId")["RawData"]
        frame["EventMessage"] = text.reindex(frame["EventUid"]).to_numpy()
    return conform(frame, "auth")


def _frame(rows: pd.DataFrame) -> pd.DataFrame:
    kind = rows["type"]
    program = rows["exe"].fillna(rows["comm"]).str.extract(r"([^/]+)$", expand=False)
    program = program.fillna(rows["comm"]).str.removesuffix(" (deleted)").astype(STR)
    protocol = program.map(_PROGRAMS).astype(STR).fillna(program)
    failed = rows["res"].str.lower().isin(["failed", "fail", "no", "0"]).to_numpy()
    known = rows["res"].notna().to_numpy()
    nobody = rows["acct"].isin(_NOBODY).to_numpy()
    what = _what(kind, rows["op"], protocol, failed, nobody)
    source = rows["addr"].fillna(rows["hostname"])
    by_address = source.str.contains(_ADDRESS).fillna(False).astype(bool)
    named = (
        rows["hostname"]
        .where(rows["hostname"] != rows["addr"])
        .where(~rows["hostname"].str.contains(_ADDRESS).fillna(False).astype(bool))
    )
    extra = [fields or {} for fields in rows["fields"]]
    grantors = _field(extra, "grantors")
    method = rows["op"].map(_METHODS).astype(STR)
    judged = (kind == "USER_AUTH") & grantors.str.contains(_PASSWORDS).fillna(False).astype(bool)
    elevates = protocol.isin(_ELEVATES)
    return pd.DataFrame(
        {
            "TimeGenerated": rows["TimeGenerated"],
            "DvcHostname": rows["DvcHostname"],
            **what,
            "EventResult": np.where(
                what["EventType"] == "Info",
                np.where(failed, "Failure", "NA"),
                np.where(failed, "Failure", np.where(known, "Success", "NA")),
            ),
            "EventOriginalResultDetails": rows["res"].where(pd.Series(failed)),
            "EventCount": 1,
            "TargetUsername": rows["acct"].where(~pd.Series(nobody)),
            "TargetUserId": _numbers(_field(extra, "id"))
            .fillna(rows["auid"].where(kind == "LOGIN"))
            # pam_faillock's own "uid=" comes after that of its process
            .fillna(_numbers(_field(extra, "uid")).where(kind.isin(_LOCKS))),
            "ActorUserId": rows["auid"].where(elevates & (kind != "LOGIN")),
            "SrcIpAddr": source.where(by_address),
            "SrcPortNumber": _numbers(_field(extra, "rport")),
            "SrcHostname": named,
            "LogonProtocol": protocol,
            "LogonMethod": method.fillna(
                pd.Series("Username & Password", index=rows.index, dtype=STR).where(judged)
            ),
            "LogonMethodOriginal": rows["op"],
            "KeyFingerprint": _field(extra, "fp"),
            "TargetAppName": program,
            "TargetAppId": rows["pid"],
            "AdditionalFields": _additional(rows, extra, nobody),
            "EventUid": rows["EventUid"],
        }
    )


def _what(
    kind: pd.Series[Any],
    op: pd.Series[Any],
    protocol: pd.Series[Any],
    failed: np.ndarray[Any, Any],
    nobody: np.ndarray[Any, Any],
) -> dict[str, np.ndarray[Any, Any]]:
    """Return EventType, EventSubType and EventResultDetails."""
    tries = np.where(
        protocol.isin(_ELEVATES), "Elevate", np.where(protocol.isin(_CHANGES), "Info", "Logon")
    )
    # sshd and login write op=login a second time, at a terminal's opening and closing
    terminal = (op == "login").fillna(False).to_numpy(dtype=bool)
    cases = [
        (kind == "USER_START", np.where(terminal, "Info", "Logon"), "Session"),
        (kind == "USER_END", np.where(terminal, "Info", "Logoff"), "Session"),
        (kind == "USER_LOGOUT", "Logoff", "Session"),
        (kind == "USER_ACCT", np.where(failed, tries, "Info"), "Policy"),
        (kind == "USER_CMD", "Elevate", "Policy"),
        (kind.isin(_LOCKS), "Info", "Lockout"),
        (kind.isin(_POLICIES), "Logon", "Policy"),
        # PAM ends a transaction in which nobody was named to it: a client that gave up
        (op == "PAM:bad_ident", "Info", "Connection"),
        (kind.isin(["USER_AUTH", "USER_LOGIN", "USER_ERR", "GRP_AUTH"]), tries, "Authentication"),
    ]
    tests = [np.asarray(test, dtype=bool) for test, _, _ in cases]
    types = np.select(
        tests, [np.broadcast_to(np.asarray(value), len(kind)) for _, value, _ in cases], "Info"
    )
    subtypes = np.select(tests, [value for _, _, value in cases], "Session")
    policy = (subtypes == "Policy") & failed
    details = np.full(len(kind), None, dtype=object)
    details[failed & (subtypes == "Authentication")] = "Other"
    details[policy] = "Logon violates policy"
    details[failed & nobody] = "No such user"
    return {"EventType": types, "EventSubType": subtypes, "EventResultDetails": details}


def _field(extra: list[dict[str, Any]], name: str) -> pd.Series[Any]:
    return pd.Series([fields.get(name) for fields in extra], dtype=object).astype(STR)


def _numbers(texts: pd.Series[Any]) -> pd.Series[Any]:
    return pd.to_numeric(texts, errors="coerce").astype("Int64")


def _additional(
    rows: pd.DataFrame, extra: list[dict[str, Any]], nobody: np.ndarray[Any, Any]
) -> list[dict[str, Any]]:
    named = {name: rows[name].astype(object) for name in ("type", "ses", "auid", "terminal", "tty")}
    named["acct"] = rows["acct"].astype(object).where(pd.Series(nobody), None)
    named["cmdline"] = rows["cmdline"].astype(object)
    boots = pd.Series("boot", index=rows.index, dtype=object)
    named["Mark"] = boots.where(rows["type"] == "SYSTEM_BOOT", None)
    names = list(named)
    return [
        {
            **{
                name: value if isinstance(value, str) else int(value)
                for name, value in zip(names, values, strict=True)
                if not pd.isna(value)
            },
            **{name: value for name, value in fields.items() if name not in _NOISE},
        }
        for *values, fields in zip(*named.values(), extra, strict=True)
    ]
