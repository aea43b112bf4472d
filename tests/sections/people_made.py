"""Rows about people, made by hand: a week of ordinary work, and tables with an intruder's steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from linuxhunt.schema import empty
from linuxhunt.sections.finding import Finding
from tests.made import events, utc

KINDS = ("logons", "sessions", "sudo", "cron", "accounts", "processes", "audit")
HOST = "web01"


def tables(
    *, findings: pd.DataFrame | None = None, places: pd.DataFrame | None = None, **rows: Any
) -> dict[str, pd.DataFrame]:
    """Return a frame of each kind; those that are not given have no rows."""
    held = {kind: events(kind, rows[kind]) if rows.get(kind) else empty(kind) for kind in KINDS}
    held["findings"] = empty("findings") if findings is None else findings
    if places is not None:
        held["places"] = places
    return held


def told(findings: Iterable[Finding]) -> list[str]:
    return [f"{finding.severity}: {finding.title}" for finding in findings]


def where(
    *rows: tuple[str, str | None, str | None, float | None, float | None, str | None],
) -> pd.DataFrame:
    """Return places: address, country, city, latitude, longitude, name of the network."""
    frame = pd.DataFrame(
        rows, columns=["address", "Country", "City", "Latitude", "Longitude", "ASName"]
    )
    return frame.astype(dict.fromkeys(("address",), "str"))


def came(time: str, user: str, address: str, **more: Any) -> dict[str, Any]:
    """Return one successful logon by key."""
    return {
        "TimeGenerated": utc(time), "DvcHostname": HOST, "EventType": "Logon",
        "EventResult": "Success", "EventCount": 1, "TargetUsername": user, "SrcIpAddr": address,
        "LogonProtocol": "SSH", "LogonMethod": "PKI", "TargetAppName": "sshd",
        "EventUid": f"in {user} {time}", "RecordIds": [f"in {user} {time}"], **more,
    }  # fmt: skip


def failed(time: str, user: str, address: str, **more: Any) -> dict[str, Any]:
    """Return one failed logon by password."""
    uid = f"no {user} {address} {time}"
    return came(time, user, address, EventResult="Failure", LogonMethod="Username & Password",
                EventUid=uid, RecordIds=[uid]) | more  # fmt: skip


def session(
    name: str,
    user: str,
    start: str | None,
    end: str | None,
    address: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return one session on a terminal."""
    return {
        "LogonSessionId": name, "DvcHostname": HOST, "TargetUsername": user,
        "SrcIpAddr": address, "LogonProtocol": "SSH" if address else "login",
        "LogonMethod": "PKI", "Tty": "pts/0", "EndReason": "closed" if end else "open",
        "EventStartTime": start and utc(start), "EventEndTime": end and utc(end),
        "EventUid": name, "Witnesses": ["syslog"], "RecordIds": [name], **more,
    }  # fmt: skip


def sudo(
    time: str, user: str, command: str, seat: str | None = None, **more: Any
) -> dict[str, Any]:
    """Return one command that sudo ran as root."""
    return {
        "TimeGenerated": utc(time), "DvcHostname": HOST, "ActorUsername": user,
        "TargetUsername": "root", "CommandLine": command, "Tty": "pts/0",
        "EventResult": "Success", "EventCount": 1, "LogonSessionId": seat,
        "EventUid": f"sudo {time}", "RecordIds": [f"sudo {time}"], **more,
    }  # fmt: skip


def change(time: str, kind: str, user: str | None, **more: Any) -> dict[str, Any]:
    """Return one change of an account."""
    return {
        "TimeGenerated": utc(time), "DvcHostname": HOST, "EventType": kind,
        "EventResult": "Success", "TargetUsername": user, "ActingAppName": "useradd",
        "EventUid": f"{kind} {time}", "RecordIds": [f"{kind} {time}"], **more,
    }  # fmt: skip


OFFICE, HOME, MONITOR = "203.0.113.20", "198.51.100.40", "10.0.0.5"
STRANGER = "192.0.2.66"


def visit(
    day: int, hour: str, user: str, address: str, commands: Iterable[str] = ()
) -> Mapping[str, list[dict[str, Any]]]:
    """Return a logon, its session of 20 minutes, and sudo commands a minute apart."""
    start = pd.Timestamp(f"2026-03-{day:02} {hour}")
    name = f"{user} {day} {hour}"
    return {
        "logons": [came(str(start), user, address)],
        "sessions": [session(name, user, str(start), str(start + pd.Timedelta("20min")), address)],
        "sudo": [
            sudo(str(start + pd.Timedelta(minutes=place + 1)), user, command, name)
            for place, command in enumerate(commands)
        ],
    }


def together(*parts: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Put rows of several steps together by kind."""
    whole: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        for kind, rows in part.items():
            whole.setdefault(kind, []).extend(rows)
    return whole


def ordinary_week() -> dict[str, list[dict[str, Any]]]:
    """Return what a small team does from Monday to Friday: nothing here is an intruder's.

    Three administrators, from the office and from home, one of them for the first time; a monitor every hour; guessers who never
    get in; a colleague who is new, with sudo; packages that bring their accounts; passwords that
    are mistyped, changed and reset; a crontab.
    """
    update = "/usr/bin/apt-get update"
    work = ["/usr/bin/systemctl restart nginx", update, "/usr/bin/less /var/log/syslog"]
    steps = [
        visit(day, f"{hour:02}:{minute:02}", user, address, work[: 1 + (day + hour) % 3])
        for day in range(9, 14)
        for hour, minute, user, address in (
            (8, 2 + day, "ann", OFFICE), (9, 30 + day, "ben", OFFICE), (13, day, "ann", OFFICE),
            (15, 7 + day, "eva", OFFICE), (17, day, "ben", HOME),
        )
    ]  # fmt: skip
    monitor = [
        came(f"2026-03-{day:02} {hour:02}:00:01", "monitor", MONITOR)
        for day in range(9, 14) for hour in range(24)
    ]  # fmt: skip
    noise = [
        failed(f"2026-03-{day:02} {hour:02}:{place:02}:30", user, f"192.0.2.{100 + day}")
        for day in range(9, 14) for hour in (1, 2, 4)
        for place, user in enumerate(("root", "admin", "test", "oracle", "ubuntu", "postgres"))
    ]  # fmt: skip
    newcomer = {
        "sudo": [
            sudo("2026-03-10 13:12:00", "ann", "/usr/sbin/useradd -m -s /bin/bash finn", "ann 10 13:10"),
            sudo("2026-03-10 13:13:00", "ann", "/usr/bin/passwd finn", "ann 10 13:10"),
            sudo("2026-03-10 13:14:00", "ann", "/usr/sbin/usermod -aG sudo finn", "ann 10 13:10"),
        ],
        "accounts": [
            change("2026-03-10 13:12:00", "UserCreated", "finn", TargetUserId=1004,
                   AdditionalFields={"Shell": "/bin/bash", "Home": "/home/finn"}),
            change("2026-03-10 13:13:09", "PasswordChanged", "finn", ActingAppName="passwd"),
            change("2026-03-10 13:14:00", "UserAddedToGroup", "finn", GroupName="sudo",
                   ActingAppName="usermod"),
        ],
        "logons": [came("2026-03-10 13:40:00", "finn", OFFICE, LogonMethod="Username & Password")],
        "sessions": [session("finn 1", "finn", "2026-03-10 13:40:00", "2026-03-10 13:55:00", OFFICE)],
    }  # fmt: skip
    upkeep = {
        "accounts": [
            # apt installs redis, with an account that nobody logs on with
            change("2026-03-11 08:20:00", "GroupCreated", None, GroupName="redis"),
            change("2026-03-11 08:20:01", "UserCreated", "redis", TargetUserId=115,
                   AdditionalFields={"Shell": "/usr/sbin/nologin", "Home": "/var/lib/redis"}),
            change("2026-03-12 15:25:00", "PasswordChanged", "eva", ActorUsername="eva",
                   ActingAppName="passwd"),
            change("2026-03-12 13:16:00", "PasswordChanged", "ben", ActingAppName="passwd"),
        ],
        "sudo": [
            sudo("2026-03-11 08:14:30", "ann", "/usr/bin/apt-get install redis", "ann 11 08:13"),
            sudo("2026-03-12 13:15:40", "ann", "/usr/bin/passwd ben", "ann 12 13:12"),
            sudo("2026-03-12 09:43:00", "ben", "/usr/bin/apt-get update", "ben 12 09:42",
                 EventResult="Failure", EventOriginalResultDetails="3 incorrect password attempts"),
        ],
        "logons": [
            failed("2026-03-12 16:59:40", "ben", HOME),
            came("2026-03-12 17:12:30", "ben", HOME, LogonMethod="Username & Password"),
        ],
        "cron": [
            {"TimeGenerated": utc("2026-03-13 08:16:00"), "DvcHostname": HOST, "EventType": "Edit",
             "TargetUsername": "ann", "ActorUsername": "ann", "TargetAppId": 4410,
             "EventUid": "crontab of ann"},
        ],
    }  # fmt: skip
    evening = visit(12, "19:30", "ann", HOME, [update])
    return together(*steps, {"logons": monitor + noise}, newcomer, upkeep, evening)
