"""Rows that the plan expects, as dicts of the contract's columns."""

from __future__ import annotations

from typing import Any

from .plan import (
    OFFICE,
    UIDS,
    VERBOSE,
    Act,
    Later,
    Row,
    closed,
    daemon,
    during,
    fingerprint,
    opened,
    terminal,
)

__all__ = ["DONE", "POLICY", "UNKNOWN", "attempt", "by_key", "fails", "logs_on", "session", "ssh"]

HOST = "lh-host"


def attempt(act: str, port: int, source: str, user: str, **known: Any) -> Row:
    """A row of logons; a failed password's unless ``known`` says otherwise."""
    return {
        "TimeGenerated": during(act),
        "DvcHostname": HOST,
        "EventType": "Logon",
        "EventSubType": "Authentication",
        "EventResult": "Failure",
        "EventResultDetails": "Incorrect password",
        "EventCount": 1,
        "TargetUsername": user,
        "SrcIpAddr": source,
        "SrcPortNumber": port,
        "SrcHostname": None,
        "LogonProtocol": "SSH",
        "LogonMethod": "Username & Password",
        "LogonMethodOriginal": "password",
        "KeyFingerprint": None,
        "TargetAppName": "sshd",
        "TargetAppId": daemon(port),
        "AttemptIndex": 1,
        "RefusedKeys": 0,
    } | known


def by_key(key: str) -> Row:
    return {
        "LogonMethod": "PKI",
        "LogonMethodOriginal": "publickey",
        "KeyFingerprint": fingerprint(key),
    }


DONE: Row = {"EventResult": "Success", "EventResultDetails": None}
UNKNOWN: Row = {"EventResultDetails": "No such user"}
POLICY: Row = {"EventResultDetails": "Logon violates policy"}


def session(user: str, protocol: str, app: str, pid: Later | None, **known: Any) -> Row:
    """A row of sessions; ``parent`` is the client port, or the protocol and pid, of its parent."""
    return {
        "parent": None,
        "DvcHostname": HOST,
        "TargetUsername": user,
        "TargetUserId": UIDS.get(user),
        "ActorUsername": None,
        "SrcIpAddr": None,
        "SrcPortNumber": None,
        "SrcHostname": None,
        "LogonProtocol": protocol,
        "LogonMethod": None,
        "KeyFingerprint": None,
        "EndReason": "closed",
        "TargetAppName": app,
        "TargetAppId": pid,
        "LogindSession": None,
        "AuditSession": None,
        "Tty": None,
        "ChannelCount": None,
        "Witnesses": ["syslog"],
    } | known


def ssh_session(act: Act, held: float, **known: Any) -> Row:
    """The session of an ssh act that logs on and holds for so many seconds."""
    method = by_key(act.keys[-1]) if not act.passwords else {"LogonMethod": "Username & Password"}
    method.pop("LogonMethodOriginal", None)
    row = session(act.user, "SSH", "sshd", daemon(act.port)) | method
    row |= {
        "TargetUserId": UIDS.get(act.user, 0),
        "SrcIpAddr": act.source.partition("%")[0],
        "SrcPortNumber": act.port,
        "EventStartTime": opened(act.id),
        "EventEndTime": closed(act.id, held),
        "ChannelCount": 1 if act.door == VERBOSE else None,
        "Tty": terminal(act.id) if act.tty and act.door == VERBOSE else None,
    }
    return row | known


def logs_on(act: Act, held: float = 0.0, tries: list[Row] | None = None, **known: Any) -> Act:
    """Let an ssh act expect a success after ``tries``, and its session."""
    tries = tries or []
    how: Row = by_key(act.keys[-1]) if not act.passwords else {}
    row = attempt(act.id, act.port, act.source.partition("%")[0], act.user) | how | DONE
    row |= {"AttemptIndex": len(tries) + 1} | {k: v for k, v in known.items() if k == "RefusedKeys"}
    rest = {k: v for k, v in known.items() if k != "RefusedKeys"}
    act.expect.setdefault("logons", []).extend([*tries, row])
    act.expect.setdefault("sessions", []).append(ssh_session(act, held, **rest))
    return act


def fails(act: Act, *tries: Row) -> Act:
    """Let an ssh act expect these failed attempts and no session."""
    rows = [
        attempt(act.id, act.port, act.source, act.user) | {"AttemptIndex": n} | row
        for n, row in enumerate(tries, 1)
    ]
    act.expect.setdefault("logons", []).extend(rows)
    return act


def ssh(name: str, phase: str, user: str, port: int, source: str = OFFICE, **more: Any) -> Act:
    return Act(name, phase, "ssh", user=user, source=source, port=port, **more)


def change(act: str, pid: Later, app: str, kind: str, user: str | None, **known: Any) -> Row:
    """A row of accounts; nobody's uid, no group and no actor unless ``known`` says so."""
    return {
        "TimeGenerated": during(act),
        "DvcHostname": HOST,
        "EventType": kind,
        "EventResult": "Success",
        "TargetUsername": user,
        "TargetUserId": None,
        "GroupName": None,
        "GroupId": None,
        "ActorUsername": None,
        "PreviousPropertyValue": None,
        "NewPropertyValue": None,
        "ActingAppName": app,
        "ActingAppId": pid,
    } | known


def created(act: str, pid: Later, user: str, uid: int) -> list[Row]:
    """useradd's two rows: a group of the user's own, then the user."""
    return [
        change(act, pid, "useradd", "GroupCreated", None, GroupName=user, GroupId=uid),
        change(act, pid, "useradd", "UserCreated", user, TargetUserId=uid, GroupId=uid),
    ]
