"""A host that only auditd tells of: its account changes are there, and the checks stand on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from linuxhunt import connect

UNSET = "auid=4294967295 ses=4294967295"
MARA = "auid=1000 ses=3"
PAM = 'exe="/usr/sbin/sshd" hostname=203.0.113.9 addr=203.0.113.9 terminal=ssh res=success'
SYSCALL = (
    "arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=1 a2=1 a3=1 items=2 ppid=60 pid=71"
    " auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3"
    ' comm="useradd" exe="/usr/sbin/useradd" key="x"'
)


def _write(folder: Path, *, commands: bool) -> None:
    tail = "hostname=? addr=? terminal=pts/0 res=success"
    useradd, passwd = f'exe="/usr/sbin/useradd" {tail}', f'exe="/usr/sbin/chpasswd" {tail}'
    ran = [
        ("SYSCALL", 20, 4, SYSCALL),
        ("EXECVE", 20, 4, 'argc=6 a0="useradd" a1="-o" a2="-u0" a3="-s/bin/sh" a4="-Gsudo"'
                          ' a5="toor"'),
    ]  # fmt: skip
    records = [
        ("USER_AUTH", 0, 1, f"pid=60 uid=0 {UNSET} msg='op=PAM:authentication"
                            f" grantors=pam_unix acct=\"mara\" {PAM}'"),
        ("USER_START", 1, 2, f"pid=60 uid=0 {MARA} msg='op=PAM:session_open"
                             f" grantors=pam_unix acct=\"mara\" {PAM}'"),
        *(ran if commands else []),
        ("ADD_USER", 20, 5, f"pid=71 uid=0 {MARA} msg='op=adding user id=0 {useradd}'"),
        ("ADD_USER", 20, 6, f"pid=71 uid=0 {MARA} msg='op=adding user to group acct=\"toor\""
                            f" {useradd}'"),
        ("USER_CHAUTHTOK", 21, 7, f"pid=72 uid=0 {MARA} msg='op=PAM:chauthtok grantors=pam_unix"
                                  f" acct=\"toor\" {passwd}'"),
    ]  # fmt: skip
    log = folder / "web01" / "audit.log"
    log.parent.mkdir(parents=True)
    log.write_text(
        "".join(
            f"node=web01 type={kind} msg=audit({1773309600 + at}.500:{serial}): {body}\n"
            for kind, at, serial, body in records
        ),
        "utf-8",
    )


@pytest.mark.parametrize(
    ("commands", "group"),
    [
        pytest.param(True, "sudo", id="executions are audited"),
        pytest.param(False, None, id="executions are not audited"),
    ],
)
def test_an_account_that_only_audit_saw(tmp_path: Path, commands: bool, group: str | None) -> None:
    _write(tmp_path / "evidence", commands=commands)
    hunt = connect(tmp_path / "evidence", keep=False)
    rows = hunt.events["accounts"]
    shown = rows[["EventType", "TargetUsername", "GroupName", "ActorUsername"]]
    assert shown.astype(object).where(shown.notna(), None).values.tolist() == [
        ["UserCreated", "toor", None, "mara"],
        ["UserAddedToGroup", "toor", group, "mara"],
        ["PasswordChanged", "toor", None, "mara"],
    ]
    [second] = [found for found in hunt.users.found() if found.title.startswith("Second root")]
    assert (second.title, second.severity, second.host) == (
        "Second root account: toor", "High", "web01",
    )  # fmt: skip
    changed = [found for found in hunt.session.found() if found.title.startswith("Changes in")]
    assert [found.session for found in changed] == [hunt.events["sessions"]["LogonSessionId"][0]]
