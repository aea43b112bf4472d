"""accounts of audit: what shadow as Debian and as Red Hat build it, passwd and libuser write."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt import parse
from linuxhunt.parse.account_audit import audit_accounts
from linuxhunt.parse.account_witness import with_audit
from linuxhunt.parse.account_words import Named, named
from linuxhunt.parse.audit import audit
from linuxhunt.schema import empty
from tests.parse.audit_lines import known, line, lines, syscall
from tests.parse.syslog_rows import syslog

MARA = "auid=1000 ses=3"
UNSET = "auid=4294967295 ses=4294967295"
IN_IT = {"auid": 1000, "ses": 3, "terminal": "pts/0"}
TIME = pd.Timestamp("2023-11-14T22:13:20.123Z")


def record(
    kind: str, op: str, names: str, exe: str = "/usr/sbin/useradd", res: str = "success",
    pid: int = 71, who: str = MARA, enriched: str = "", time: str = "1700000000.123",
    serial: int = 100,
) -> str:  # fmt: skip
    """Write a record as audit_log_acct_message and auditd do."""
    told = f'op={op} {names} exe="{exe}" hostname=? addr=? terminal=pts/0 res={res}'
    tail = f"\x1d{enriched}" if enriched else ""
    return line(kind, f"pid={pid} uid=0 {who} subj=x msg='{told}'{tail}", time, serial)


def changes(*texts: str, names: dict[tuple[str, int], str] | None = None) -> pd.DataFrame:
    """Read records, each an event of its own unless it says which it is part of."""
    rows = lines(
        *(text.replace(":100):", f":{100 + at}):") for at, text in enumerate(texts))
    )  # fmt: skip
    return audit_accounts(audit(rows), rows, names)


def ran(words: str, pid: int = 71, time: float = 1700000000.0) -> list[str]:
    """Write the execution of a command: SYSCALL and EXECVE of one event."""
    parts = words.split()
    exe = f"/usr/sbin/{parts[0]}"
    told = " ".join(f'a{at}="{part}"' for at, part in enumerate(parts))
    return [
        syscall(pid=pid, comm=parts[0], exe=exe, time=time, serial=7),
        line("EXECVE", f"argc={len(parts)} {told}", f"{time:.3f}", 7),
    ]


def row(kind: str, program: str, records: list[int], extra: dict[str, Any], **more: Any) -> dict:
    """Return a row of what is not null; EventMessage is looked at elsewhere."""
    ids = [f"audit.log:{number}" for number in records]
    return {
        "TimeGenerated": TIME, "DvcHostname": "web01", "EventType": kind,
        "EventResult": "Success", "ActingAppName": program, "ActingAppId": 71,
        "AdditionalFields": {**extra, **IN_IT}, "EventUid": ids[0], "RecordIds": ids, **more,
    }  # fmt: skip


USERMOD, PASSWD, GPASSWD = "/usr/sbin/usermod", "/usr/bin/passwd", "/usr/bin/gpasswd"
EVE = {"TargetUsername": "eve"}
DEBIAN = [
    pytest.param(
        [record("ADD_GROUP", "adding group", 'acct="eve"'),
         record("ADD_USER", "adding user", "id=1001", enriched='ID="unknown(1001)"'),
         record("ADD_USER", "adding home directory", "id=1001")],
        [row("GroupCreated", "useradd", [1], {"type": "ADD_GROUP", "op": "adding group"},
             GroupName="eve"),
         row("UserCreated", "useradd", [2, 3], {"type": "ADD_USER", "op": "adding user"},
             TargetUserId=1001, **EVE)], id="useradd; its group has the user's name"),
    pytest.param(
        [record("ADD_USER", "adding user", "id=1001")],
        [row("UserCreated", "useradd", [1], {"type": "ADD_USER", "op": "adding user"},
             TargetUserId=1001)], id="useradd, nothing names the user"),
    pytest.param(
        [record("ADD_USER", "adding user", "id=0", enriched='UID="root" AUID="mara" ID="root"')],
        [row("UserCreated", "useradd", [1], {"type": "ADD_USER", "op": "adding user"},
             TargetUserId=0, ActorUsername="mara")],
        id="uid 0 a second time: auditd looks up root, who is not the one"),
    pytest.param(
        [record("ADD_USER", "adding user", 'acct="eve"', res="failed"),
         record("ADD_USER", "adding user", 'acct="eve"', res="failed")],
        [row("UserCreated", "useradd", [1, 2], {"type": "ADD_USER", "op": "adding user"},
             EventResult="Failure", **EVE)], id="useradd of who is there, said twice"),
    pytest.param(
        [*ran("useradd -m -s /bin/bash -G sudo,ops eve"),
         record("ADD_USER", "adding user", "id=1001"),
         record("ADD_USER", "adding user to group", 'acct="eve"'),
         record("ADD_USER", "adding user to group", 'acct="eve"'),
         record("ADD_USER", "adding user to shadow group", 'acct="eve"'),
         record("ADD_USER", "adding user to shadow group", 'acct="eve"')],
        [row("UserCreated", "useradd", [3],
             {"type": "ADD_USER", "op": "adding user", "Shell": "/bin/bash"},
             TargetUserId=1001, **EVE),
         row("UserAddedToGroup", "useradd", [4, 6],
             {"type": "ADD_USER", "op": "adding user to group"}, GroupName="sudo", **EVE),
         row("UserAddedToGroup", "useradd", [5, 7],
             {"type": "ADD_USER", "op": "adding user to group"}, GroupName="ops", **EVE)],
        id="groups of the command line, one a record"),
    pytest.param(
        [*ran("usermod -aG sudo,ops eve"),
         record("USER_CHAUTHTOK", "adding user to group", 'acct="eve"', USERMOD),
         record("USER_CHAUTHTOK", "adding user to shadow group", 'acct="eve"', USERMOD)],
        [row("UserAddedToGroup", "usermod", [3, 4],
             {"type": "USER_CHAUTHTOK", "op": "adding user to group", "Groups": "sudo,ops"},
             **EVE)], id="in one of two groups before: which is not said"),
    pytest.param(
        [line("USER_CMD", f'pid=70 uid=1000 {MARA} msg=\'cwd="/" cmd=757365726D6F64202D6147207'
              "375646F20657665 exe=\"/usr/bin/sudo\" terminal=pts/0 res=success'"),
         record("USER_CHAUTHTOK", "adding user to group", 'acct="eve"', USERMOD)],
        [row("UserAddedToGroup", "usermod", [2],
             {"type": "USER_CHAUTHTOK", "op": "adding user to group"}, GroupName="sudo", **EVE)],
        id="the command line is sudo's"),
    pytest.param(
        [record("USER_CHAUTHTOK", "adding user to group", 'acct="eve"', USERMOD, who=UNSET)],
        [row("UserAddedToGroup", "usermod", [1], {}, **EVE)
         | {"AdditionalFields": {"type": "USER_CHAUTHTOK", "op": "adding user to group",
                                 "terminal": "pts/0"}}], id="no command line, nobody's session"),
    pytest.param(
        [*ran("usermod -u 0 eve"), record("USER_CHAUTHTOK", "changing uid", "id=0", USERMOD)],
        [row("UserModified", "usermod", [3], {"type": "USER_CHAUTHTOK", "op": "changing uid"},
             EventSubType="UserId", TargetUserId=0, NewPropertyValue="0", **EVE)],
        id="usermod names the user by the uid that it gives"),
    pytest.param(
        [*ran("usermod -l eve2 eve"),
         record("USER_CHAUTHTOK", "changing name", "id=1001", USERMOD, enriched='ID="eve2"')],
        [row("UserModified", "usermod", [3], {"type": "USER_CHAUTHTOK", "op": "changing name"},
             EventSubType="Name", TargetUserId=1001, NewPropertyValue="eve2", **EVE)],
        id="another name"),
    pytest.param(
        [*ran("usermod --shell=/bin/sh www-data"),
         record("USER_CHAUTHTOK", "changing user shell", "id=33", USERMOD)],
        [row("UserModified", "usermod", [3],
             {"type": "USER_CHAUTHTOK", "op": "changing user shell"}, EventSubType="Shell",
             TargetUsername="www-data", TargetUserId=33, NewPropertyValue="/bin/sh")], id="shell"),
    pytest.param(
        [record("USER_CHAUTHTOK", "updating passwd", "id=1001", USERMOD, "failed",
                enriched='ID="eve"'),
         record("USER_CHAUTHTOK", "updating password", "id=1001", USERMOD, "failed")],
        [row("UserLocked", "usermod", [1], {"type": "USER_CHAUTHTOK", "op": "updating passwd"},
             TargetUserId=1001, **EVE),
         row("UserUnlocked", "usermod", [2],
             {"type": "USER_CHAUTHTOK", "op": "updating password"}, TargetUserId=1001, **EVE)],
        id="usermod -L and -U say failed before they begin"),
    pytest.param(
        [record("USER_CHAUTHTOK", "PAM:chauthtok grantors=pam_unix", 'acct="eve"', PASSWD),
         record("USER_CHAUTHTOK", "PAM:chauthtok grantors=?", 'acct="bob"', PASSWD, "failed")],
        [row("PasswordChanged", "passwd", [1],
             {"type": "USER_CHAUTHTOK", "op": "PAM:chauthtok"}, **EVE),
         row("PasswordChanged", "passwd", [2],
             {"type": "USER_CHAUTHTOK", "op": "PAM:chauthtok"}, TargetUsername="bob",
             EventResult="Failure")], id="passwords by PAM"),
    pytest.param(
        [record("USER_CHAUTHTOK", "change max age", "id=1001", "/usr/bin/chage"),
         record("USER_CHAUTHTOK", "display aging info", "id=1001", "/usr/bin/chage")],
        [row("UserModified", "chage", [1], {"type": "USER_CHAUTHTOK", "op": "change max age"},
             EventSubType="PasswordExpiry", TargetUserId=1001, TargetUsername="eve")],
        id="chage; looking is no change"),
    pytest.param(
        [record("USER_ACCT", "user eve added by mara to group sudo", 'acct="sudo"', GPASSWD),
         record("USER_ACCT", "user eve removed by mara from group ops", 'acct="ops"', GPASSWD),
         record("USER_ACCT", "members of group ops set by mara to eve,bob", 'acct="ops"', GPASSWD),
         record("USER_ACCT", "PAM:accounting grantors=pam_permit", 'acct="eve"', PASSWD)],
        [row("UserAddedToGroup", "gpasswd", [1],
             {"type": "USER_ACCT", "op": "user eve added by mara to group sudo"},
             GroupName="sudo", ActorUsername="mara", **EVE),
         row("UserRemovedFromGroup", "gpasswd", [2],
             {"type": "USER_ACCT", "op": "user eve removed by mara from group ops"},
             GroupName="ops", ActorUsername="mara", **EVE),
         row("GroupModified", "gpasswd", [3],
             {"type": "USER_ACCT", "op": "members of group ops set by mara to eve,bob"},
             EventSubType="members", GroupName="ops", ActorUsername="mara",
             NewPropertyValue="eve,bob")], id="gpasswd, under PAM's type"),
    pytest.param(
        [record("USER_ACCT", "changing /etc/group; group ops/3100, new name: ops2", 'acct="ops"',
                "/usr/sbin/groupmod"),
         record("USER_ACCT", "modifying group", 'acct="ops"', "/usr/sbin/groupmod")],
        [row("GroupModified", "groupmod", [1, 2],
             {"type": "USER_ACCT", "op": "changing /etc/group; group ops/3100, new name: ops2"},
             GroupName="ops", NewPropertyValue="ops2")], id="groupmod"),
    pytest.param(
        [record("DEL_USER", "deleting user entries", "id=1001", "/usr/sbin/userdel"),
         record("DEL_USER", "deleting user from group", "id=1001", "/usr/sbin/userdel"),
         record("DEL_GROUP", "deleting group", 'acct="eve"', "/usr/sbin/userdel"),
         record("DEL_GROUP", "deleting shadow group", 'acct="eve"', "/usr/sbin/userdel"),
         record("DEL_USER", "deleting home directory", "id=1001", "/usr/sbin/userdel")],
        [row("UserDeleted", "userdel", [1, 5],
             {"type": "DEL_USER", "op": "deleting user entries"}, TargetUserId=1001, **EVE),
         row("UserRemovedFromGroup", "userdel", [2],
             {"type": "DEL_USER", "op": "deleting user from group"}, TargetUserId=1001, **EVE),
         row("GroupDeleted", "userdel", [3, 4], {"type": "DEL_GROUP", "op": "deleting group"},
             GroupName="eve")], id="userdel"),
    pytest.param(
        [*ran("groupadd -g 3100 ops"),
         record("ADD_GROUP", "adding group to /etc/group", "id=3100", "/usr/sbin/groupadd"),
         record("ADD_GROUP", "", "id=3100", "/usr/sbin/groupadd")],
        [row("GroupCreated", "groupadd", [3, 4],
             {"type": "ADD_GROUP", "op": "adding group to /etc/group"}, GroupName="ops",
             GroupId=3100)], id="groupadd; its last record has no op"),
    pytest.param(
        [record("CHGRP_ID", "changing new-group=sudo", "id=1001", "/usr/bin/newgrp"),
         record("USER_MGMT", "locking password file", "id=1001", "/usr/sbin/userdel", "failed")],
        [], id="newgrp changes no account, nor does a file that could not be locked"),
]  # fmt: skip

RED_HAT = [
    pytest.param(
        [record("ADD_GROUP", "add-group", "id=1001", "/usr/sbin/groupadd",
                enriched='UID="root" AUID="mara" ID="eve"'),
         record("GRP_MGMT", "add-shadow-group", "id=1001", "/usr/sbin/groupadd")],
        [row("GroupCreated", "groupadd", [1, 2], {"type": "ADD_GROUP", "op": "add-group"},
             GroupName="eve", GroupId=1001, ActorUsername="mara")], id="groupadd"),
    pytest.param(
        [record("ADD_USER", "add-user", "id=1001", enriched='AUID="mara" ID="unknown(1001)"'),
         record("USER_MGMT", "add-user-to-group", 'grp="wheel" acct="eve"'),
         record("USER_MGMT", "add-to-shadow-group", 'grp="wheel" acct="eve"'),
         record("USER_MGMT", "add-home-dir", "id=1001")],
        [row("UserCreated", "useradd", [1, 4], {"type": "ADD_USER", "op": "add-user"},
             TargetUserId=1001, ActorUsername="mara", **EVE),
         row("UserAddedToGroup", "useradd", [2, 3],
             {"type": "USER_MGMT", "op": "add-user-to-group"}, GroupName="wheel", **EVE)],
        id="useradd"),
    pytest.param(
        [record("ADD_USER", "add-user", 'acct="eve"', res="failed")],
        [row("UserCreated", "useradd", [1], {"type": "ADD_USER", "op": "add-user"},
             EventResult="Failure", **EVE)], id="useradd of who is there"),
    pytest.param(
        [record("ACCT_LOCK", "locked-password", "id=1001", PASSWD, enriched='ID="eve"'),
         record("ACCT_UNLOCK", "unlocked-password", "id=1001", PASSWD),
         record("USER_CHAUTHTOK", "deleted-password", "id=1001", PASSWD),
         record("USER_MGMT", "expired-password", "id=1001", PASSWD, pid=71),
         record("USER_CHAUTHTOK", "attempted-to-change-password", "id=0", PASSWD, "failed")],
        [row("UserLocked", "passwd", [1], {"type": "ACCT_LOCK", "op": "locked-password"},
             TargetUserId=1001, **EVE),
         row("UserUnlocked", "passwd", [2], {"type": "ACCT_UNLOCK", "op": "unlocked-password"},
             TargetUserId=1001, **EVE),
         row("PasswordChanged", "passwd", [3],
             {"type": "USER_CHAUTHTOK", "op": "deleted-password"}, TargetUserId=1001, **EVE),
         row("UserModified", "passwd", [4], {"type": "USER_MGMT", "op": "expired-password"},
             EventSubType="PasswordExpiry", TargetUserId=1001, **EVE),
         row("PasswordChanged", "passwd", [5],
             {"type": "USER_CHAUTHTOK", "op": "attempted-to-change-password"}, TargetUserId=0,
             EventResult="Failure")],
        id="passwd"),
    pytest.param(
        [record("USER_MGMT", "deleting-user-from-group", 'grp="wheel" acct="eve"',
                "/usr/sbin/userdel"),
         record("DEL_USER", "delete-user", "id=1001", "/usr/sbin/userdel", enriched='ID="eve"'),
         record("DEL_GROUP", "delete-group", 'grp="eve" acct="eve"', "/usr/sbin/userdel"),
         record("GRP_MGMT", "delete-shadow-group", 'grp="eve" acct="eve"', "/usr/sbin/userdel")],
        [row("UserRemovedFromGroup", "userdel", [1],
             {"type": "USER_MGMT", "op": "deleting-user-from-group"}, GroupName="wheel", **EVE),
         row("UserDeleted", "userdel", [2], {"type": "DEL_USER", "op": "delete-user"},
             TargetUserId=1001, **EVE),
         row("GroupDeleted", "userdel", [3, 4], {"type": "DEL_GROUP", "op": "delete-group"},
             GroupName="eve")], id="userdel"),
    pytest.param(
        [record("ROLE_ASSIGN", "login-sename,role", 'acct="eve" old-seuser=user_u old-role=user_r'
                " old-range=s0 new-seuser=staff_u new-role=sysadm_r new-range=s0",
                "/usr/sbin/semanage")],
        [row("UserModified", "semanage", [1], {"type": "ROLE_ASSIGN", "op": "login-sename,role"},
             EventSubType="Role", PreviousPropertyValue="user_r", NewPropertyValue="sysadm_r",
             **EVE)], id="a role of SELinux"),
    pytest.param(
        [record("USER_MGMT", "pam_tally2 reset=0", "id=1001", "/usr/sbin/pam_tally2",
                enriched='ID="eve"')],
        [row("UserModified", "pam_tally2", [1], {"type": "USER_MGMT", "op": "pam_tally2"},
             EventSubType="FailedLogons", TargetUserId=1001, **EVE)], id="failures forgotten"),
    pytest.param(
        [record("ADD_USER", "add-user", "acct=657620B4", "/usr/sbin/luseradd", enriched="")],
        [row("UserCreated", "luseradd", [1], {"type": "ADD_USER", "op": "add-user"},
             TargetUsername="ev \\xb4")], id="a name in hex, by libuser"),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "expected"), DEBIAN + RED_HAT)
def test_records(texts: list[str], expected: list[dict]) -> None:
    names = {("web01", 1001): "eve"} if "chage" in texts[0] else None
    assert known(changes(*texts, names=names), drop=("EventMessage",)) == expected


def test_message_is_the_first_records_text() -> None:
    text = record("ADD_USER", "add-user", 'acct="eve"')
    assert changes(text)["EventMessage"].tolist() == [text]


def test_nothing_is_a_frame_of_the_same_types() -> None:
    rows = changes(record("USER_AUTH", "PAM:authentication", 'acct="eve"', "/usr/sbin/sshd"))
    assert rows.dtypes.to_dict() == empty("accounts").dtypes.to_dict()
    assert rows.empty


def test_changes_of_one_process_that_lie_apart_are_two() -> None:
    one = record("USER_CHAUTHTOK", "PAM:chauthtok", 'acct="eve"', PASSWD)
    later = record("USER_CHAUTHTOK", "PAM:chauthtok", 'acct="eve"', PASSWD, time="1700000009.123")
    assert changes(one, later)["RecordIds"].tolist() == [["audit.log:1"], ["audit.log:2"]]


LINES = [
    "22:13:20.200 useradd[71]: new group: name=eve, GID=1001",
    "22:13:20.300 useradd[71]: new user: name=eve, UID=1001, GID=1001, home=/home/eve,"
    " shell=/bin/bash, from=none",
    "22:13:20.400 useradd[71]: add 'eve' to group 'sudo'",
    "22:13:20.400 useradd[71]: add 'eve' to group 'ops'",
]
RECORDS = [
    record("ADD_GROUP", "adding group", 'acct="eve"'),
    record("ADD_USER", "adding user", "id=1001", enriched='AUID="mara" ID="unknown(1001)"'),
    record("ADD_USER", "adding user to group", 'acct="eve"'),
    record("ADD_USER", "adding user to group", 'acct="eve"'),
]
TOLD = [
    ("GroupCreated", None, "eve", None, ["auth.log:1", "audit.log:1"]),
    ("UserCreated", "eve", None, "mara", ["auth.log:2", "audit.log:2"]),
    ("UserAddedToGroup", "eve", "sudo", None, ["auth.log:3", "audit.log:3"]),
    ("UserAddedToGroup", "eve", "ops", None, ["auth.log:4", "audit.log:4"]),
]
ALONE = [(*TOLD[0][:4], ["audit.log:1"]), ("UserCreated", "eve", None, "mara", ["audit.log:2"]),
         ("UserAddedToGroup", "eve", None, None, ["audit.log:3"]),
         ("UserAddedToGroup", "eve", None, None, ["audit.log:4"])]  # fmt: skip
BY_SYSLOG = [(*TOLD[at][:3], None, [f"auth.log:{at + 1}"]) for at in range(4)]
BOTH = [
    pytest.param(LINES, RECORDS, TOLD, id="each line with a record of its own"),
    pytest.param([], RECORDS, ALONE, id="audit alone"),
    pytest.param(LINES, [], BY_SYSLOG, id="syslog alone"),
    pytest.param(
        [text.replace("useradd[71]", "useradd") for text in LINES], RECORDS, TOLD,
        id="lines without a pid"),
    pytest.param(
        [text.replace("useradd[71]", "useradd[72]") for text in LINES[:2]], RECORDS[:2],
        [ALONE[0], ALONE[1], BY_SYSLOG[0], BY_SYSLOG[1]], id="another process"),
    pytest.param(
        [text.replace("22:13:20", "22:14:20") for text in LINES[:1]], RECORDS[:1],
        [ALONE[0], BY_SYSLOG[0]], id="that pid, a minute later"),
    pytest.param(
        [text.replace(" useradd", " @db01 useradd") for text in LINES[:1]], RECORDS[:1],
        [ALONE[0], BY_SYSLOG[0]], id="that pid, on another host"),
    pytest.param(
        [text.replace(" useradd", " @WEB01 useradd") for text in LINES[:1]], RECORDS[:1],
        [TOLD[0]], id="that host in capitals"),
    pytest.param(
        ["22:13:20.2 useradd[71]: failed adding user 'eve', exit code: 9"],
        [record("ADD_USER", "adding user", 'acct="eve"')],
        [("UserCreated", "eve", None, None, ["audit.log:1"]),
         ("UserCreated", "eve", None, None, ["auth.log:1"])], id="failed and done are two"),
    pytest.param(
        ["22:13:20.2 chage[71]: changed password expiry for eve"],
        [record("USER_CHAUTHTOK", "change max age", "id=1001", "/usr/bin/chage"),
         record("USER_CHAUTHTOK", "change min age", "id=1001", "/usr/bin/chage")],
        [("UserModified", "eve", None, None, ["auth.log:1", "audit.log:1", "audit.log:2"])],
        id="one line, two records"),
]  # fmt: skip


@pytest.mark.parametrize(("told", "records", "expected"), BOTH)
def test_one_change_is_one_row(told: list[str], records: list[str], expected: list[Any]) -> None:
    by_syslog = parse.accounts(syslog(*(f"2023-11-14 {text}" for text in told)))
    rows = with_audit(by_syslog, changes(*records) if records else empty("accounts"))
    assert rows.dtypes.to_dict() == empty("accounts").dtypes.to_dict()
    assert [
        (
            held["EventType"],
            held.get("TargetUsername"),
            held.get("GroupName"),
            held.get("ActorUsername"),
            held["RecordIds"],
        )
        for held in known(rows)
    ] == expected


def test_what_syslog_says_stays_and_audit_adds_who() -> None:
    by_syslog = parse.accounts(syslog(f"2023-11-14 {LINES[1]}"))
    [held] = known(with_audit(by_syslog, changes(RECORDS[1])))
    assert held["AdditionalFields"] == {
        "Home": "/home/eve", "Shell": "/bin/bash", "Terminal": "none", **IN_IT,
    }  # fmt: skip
    assert held["EventMessage"].startswith("new user: name=eve")
    assert (held["TimeGenerated"], held["EventUid"]) == (
        pd.Timestamp("2023-11-14T22:13:20.3Z"),
        "auth.log:1",
    )


WORDS = [
    pytest.param("usermod", "usermod -aG sudo,ops eve", Named("eve", {"a": "", "G": "sudo,ops"}),
                 id="a flag, then an option in one word"),
    pytest.param("usermod", "usermod --append --groups=sudo eve",
                 Named("eve", {"a": "", "G": "sudo"}), id="long options"),
    pytest.param("useradd", "useradd eve -s /bin/sh -m", Named("eve", {"s": "/bin/sh", "m": ""}),
                 id="the user first"),
    pytest.param("useradd", "useradd -s/bin/sh -- -eve", Named("-eve", {"s": "/bin/sh"}),
                 id="after --"),
    pytest.param("gpasswd", "gpasswd -a eve sudo", Named("sudo", {"a": "eve"}), id="gpasswd"),
    pytest.param("usermod", "usermod -G", Named(None, {"G": ""}), id="cut off"),
    pytest.param("passwd", "passwd", Named(), id="nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "words", "expected"), WORDS)
def test_command_lines(program: str, words: str, expected: Named) -> None:
    assert named(program, words.split()) == expected
