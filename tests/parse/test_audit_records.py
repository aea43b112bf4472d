"""Where records come from, and how whole they are."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.parse.audit import audit
from linuxhunt.parse.audit_account import ACCOUNT, audit_account
from linuxhunt.parse.audit_names import ARCHES, ERRORS, SYSCALLS, TYPES
from linuxhunt.parse.audit_records import COLUMNS, records
from linuxhunt.schema import STR
from tests.parse.audit_lines import line, lines, syscall

CWD = 'type=CWD msg=audit(1700000000.123:100): cwd="/"'


def syslog(program: str, message: str) -> pd.DataFrame:
    frame = lines(message).rename(columns={"RawData": "SyslogMessage"})
    return frame.assign(ProcessName=pd.array([program], dtype=STR), Facility="kern", ProcessID=1)


AUOMS = 'type=AUOMS_EXECVE audit(1.234:5): syscall=execve pid=9 comm="sh"'


def hexed(text: bytes) -> str:
    return text.hex().upper()


COMMAND = hexed(b'sh -c "id; x pid=1"')
QUOTED = hexed('a " cwd="/x" é'.encode())
SYSLOG = [
    pytest.param("audispd", f"node=web01 {CWD}", f"node=web01 {CWD}", id="audispd"),
    pytest.param("audisp-syslog", CWD, CWD, id="audisp-syslog"),
    pytest.param("AUOMS", 'type=AUOMS_EXECVE audit(1.234:5): pid=1 cmdline="id"',
                 "type=AUOMS_EXECVE audit(1.234:5): pid=1 cmdline=6964", id="auoms"),
    pytest.param("auoms", f"{AUOMS} cmdline=sh -c \"id; x pid=1\" cwd=\"/\" name=\"/bin/sh\" inode=4",
                 f'{AUOMS} cmdline={COMMAND} cwd="/" name="/bin/sh" inode=4',
                 id="auoms quotes no command line"),
    pytest.param("auoms", f'{AUOMS} cmdline="a " cwd="/x" é" containerid="" redactors=""',
                 f'{AUOMS} cmdline={QUOTED} containerid="" redactors=""',
                 id="auoms escapes nothing in quotes"),
    pytest.param("kernel", '[   12.345678] audit: type=1307 audit(1700000000.123:100): cwd="/"',
                 'type=1307 audit(1700000000.123:100): cwd="/"', id="kernel"),
    pytest.param("audispd", line("SERVICE_STOP", "pid=1 msg='res=success'#035UID=\"root\""),
                 line("SERVICE_STOP", "pid=1 msg='res=success'\x1dUID=\"root\""),
                 id="rsyslog's escape of ENRICHED's separator"),
    pytest.param("kernel", "usb 1-1: new device", None, id="another message"),
    pytest.param("myapp", CWD, None, id="a program that is no source of records"),
    pytest.param("audispd", f"user says {CWD}", None, id="a record inside other text"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "message", "record"), SYSLOG)
def test_syslog(program: str, message: str, record: str | None) -> None:
    expected = [] if record is None else lines(record).to_numpy().tolist()
    found = records(syslog(program, message))
    assert list(found.columns) == list(COLUMNS)
    assert found.to_numpy().tolist() == expected


def test_linux_audit_log() -> None:
    exported = lines(CWD).rename(columns={"RawData": "RawRecord"}).assign(RecordType="CWD")
    pd.testing.assert_frame_equal(records(exported), lines(CWD))


def test_journal() -> None:
    journal = pd.DataFrame(
        {
            "TimeGenerated": pd.to_datetime(["2023-11-14T22:13:20.123Z"] * 3, utc=True),
            "Computer": "web01",
            "MESSAGE": ['CWD cwd="/"', "PROCTITLE proctitle=6964", "started"],
            "_TRANSPORT": ["audit", "audit", "syslog"],
            "_AUDIT_ID": ["100", "100", None],
            "_ItemId": ["j:1", "j:2", "j:3"],
        }
    )
    assert records(journal)["RawData"].tolist() == [
        CWD, "type=PROCTITLE msg=audit(1700000000.123:100): proctitle=6964",
    ]  # fmt: skip
    found = audit(journal)
    assert found[["cwd", "proctitle", "RecordIds"]].to_numpy().tolist() == [
        ["/", "id", ["j:1", "j:2"]]
    ]
    assert records(journal.drop(columns="_AUDIT_ID")).empty


def test_another_table() -> None:
    with pytest.raises(KeyError, match="expected RawData, RawRecord, SyslogMessage or MESSAGE"):
        records(pd.DataFrame({"AlertName": ["x"]}))


def test_one_event_from_two_sources() -> None:
    carried = records(syslog("audispd", f"{CWD}")).assign(_ItemId="syslog:9")
    found = audit(pd.concat([lines(CWD), carried], ignore_index=True))
    assert found["RecordIds"].tolist() == [["audit.log:1", "syslog:9"]]


def numbered(*serials: int) -> list[str]:
    return [syscall(time=1_700_000_000 + n, serial=serial) for n, serial in enumerate(serials)]


LIMIT = 2**32
ACCOUNTS: list[Any] = [
    pytest.param(numbered(5, 6, 7), {"Records": 3, "Events": 3}, id="whole"),
    pytest.param(numbered(5, 6, 9), {"Records": 3, "Events": 3, "Lost": 2}, id="lost"),
    pytest.param(numbered(5) * 3, {"Records": 3, "Events": 1, "Duplicated": 2}, id="doubled"),
    pytest.param([*numbered(5, 6, 7)[::2], numbered(5, 6)[1]],
                 {"Records": 3, "Events": 3, "OutOfOrder": 1}, id="out of order"),
    pytest.param(numbered(LIMIT - 2, LIMIT - 1, 0, 1), {"Records": 4, "Events": 4, "RolledOver": 1},
                 id="rolled over"),
    pytest.param(numbered(LIMIT - 2, 1), {"Records": 2, "Events": 2, "RolledOver": 1, "Lost": 2},
                 id="lost while it rolled over"),
    pytest.param(numbered(500, 501, 502, 1, 2, 4), {"Records": 6, "Events": 6, "Lost": 1},
                 id="a boot begins again"),
    pytest.param(numbered(1, 2, 3, 1, 2, 3), {"Records": 6, "Events": 6},
                 id="two short boots with the same serials"),
    pytest.param(numbered(5, 6, 1_000_007, 1_000_008),
                 {"Records": 4, "Events": 4, "Lost": 1_000_000}, id="a million lost"),
    pytest.param([*numbered(*range(100, 130)),
                  *(syscall(time=1_699_996_400 + n, serial=130 + n) for n in range(30))],
                 {"Records": 60, "Events": 60}, id="the clock was set back"),
    pytest.param([*numbered(5, 6), syscall(time=1_700_000_003, serial=7)[:-140]],
                 {"Records": 3, "Events": 2, "CutOff": 1}, id="cut off"),
    pytest.param([*numbered(5), "", "type=SYSCALL msg=aud"],
                 {"Records": 3, "Events": 1, "Unreadable": 2}, id="unreadable"),
    pytest.param([line("DAEMON_START", "op=start res=success", serial=4711), *numbered(5, 6)],
                 {"Records": 3, "Events": 3}, id="auditd numbers for itself"),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "counts"), ACCOUNTS)
def test_account(texts: list[str], counts: dict[str, int]) -> None:
    found = audit_account(lines(*texts))
    assert list(found.columns) == list(ACCOUNT)
    row = found.drop(columns=["EventStartTime", "EventEndTime"]).iloc[0].to_dict()
    nothing = dict.fromkeys(ACCOUNT[1:9], 0)
    assert row == {"DvcHostname": "web01", **nothing, **counts}


def test_account_of_two_hosts() -> None:
    two = pd.concat([lines(*numbered(5, 7)), lines(*numbered(6), host="db01", file="b.log")])
    found = audit_account(two)
    assert found[["DvcHostname", "Records", "Lost"]].to_numpy().tolist() == [
        ["db01", 1, 0], ["web01", 2, 1],
    ]  # fmt: skip
    assert found["EventEndTime"].tolist() == list(
        pd.to_datetime([1_700_000_000, 1_700_000_001], unit="s", utc=True)
    )


NAMES = [
    pytest.param(SYSCALLS["x86_64"], "59", "execve", id="x86_64 execve"),
    pytest.param(SYSCALLS["x86_64"], "435", "clone3", id="x86_64 clone3"),
    pytest.param(SYSCALLS["i386"], "102", "socketcall", id="i386 socketcall"),
    pytest.param(SYSCALLS["aarch64"], "221", "execve", id="aarch64 execve"),
    pytest.param(SYSCALLS["arm"], "281", "socket", id="arm socket"),
    pytest.param(ARCHES, "c000003e", "x86_64", id="x86_64"),
    pytest.param(ERRORS, "13", "EACCES", id="EACCES"),
    pytest.param(ERRORS, "115", "EINPROGRESS", id="EINPROGRESS"),
    pytest.param(TYPES, "1309", "EXECVE", id="EXECVE"),
    pytest.param(TYPES, "1112", "USER_LOGIN", id="USER_LOGIN"),
]


@pytest.mark.parametrize(("names", "number", "name"), NAMES)
def test_names(names: dict[str, str], number: str, name: str) -> None:
    assert names[number] == name


def test_what_is_no_record_is_no_event() -> None:
    """A custom text table may hold anything, and a null."""
    record = (
        "type=USER_LOGIN msg=audit(1773309600.000:5): pid=1 uid=0 auid=0 ses=3 msg='res=success'"
    )
    found = audit(
        pd.DataFrame(
            {
                "TimeGenerated": pd.to_datetime(["2026-03-12"] * 3, utc=True),
                "Computer": ["web01"] * 3,
                "RawData": ["no record", record, None],
                "_ItemId": ["f:1", "f:2", "f:3"],
            }
        ).astype({"Computer": STR, "RawData": STR, "_ItemId": STR})
    )
    assert found[["type", "serial", "EventUid"]].values.tolist() == [["USER_LOGIN", 5, "f:2"]]
