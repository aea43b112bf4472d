"""Evidence that nobody would send, and somebody does: no page fails, and no verdict claims more."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from linuxhunt import connect
from linuxhunt.errors import EvidenceError
from linuxhunt.sections.finding import CANNOT_TELL, NOT_SUPPORTED, SUPPORTED

PAGES = ("host", "alerts", "logons", "session", "users", "applications", "network", "verdict")
JUDGED = ("logons", "session", "users", "applications", "network")
UNSEEN = dict.fromkeys(JUDGED, CANNOT_TELL)
LOGONS_ONLY = UNSEEN | {"logons": NOT_SUPPORTED, "users": NOT_SUPPORTED}


def _accepted(stamp: str, host: str, user: str = "alice", pid: int = 5) -> str:
    return (
        f"{stamp} {host} sshd[{pid}]: Accepted password for {user} from 203.0.113.5"
        f" port {4000 + pid} ssh2\n"
    )


def _text(name: str, *lines: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_text("".join(lines), encoding="utf-8", newline="")

    return write


def _wtmp(folder: Path) -> None:
    opened = int(datetime(2026, 11, 12, 9, tzinfo=UTC).timestamp())
    shape = "<hxxi32s4s32s256shhiii4i20x"
    rows = [
        struct.pack(shape, kind, 100, b"pts/0", b"ts/0", user, host, 0, 0, 0, opened + after, 0,
                    0, 0, 0, 0)
        for kind, user, host, after in ((7, b"alice", b"203.0.113.7", 0), (8, b"", b"", 600))
    ]  # fmt: skip
    (folder / "wtmp").write_bytes(b"".join(rows))


def _btmp(folder: Path) -> None:
    """Write a dozen passwords that sshd refused, and a logon from there, with no line of either."""
    begun = int(datetime(2026, 11, 12, 9, tzinfo=UTC).timestamp())
    shape = "<hxxi32s4s32s256shhiii16s20x"
    came = bytes([203, 0, 113, 7]), b"203.0.113.7"

    def record(kind: int, pid: int, line: bytes, after: int) -> bytes:
        return struct.pack(shape, kind, pid, line, b"", b"alice", came[1], 0, 0, 0, begun + after,
                           0, came[0])  # fmt: skip

    (folder / "btmp").write_bytes(b"".join(record(6, 100 + n, b"ssh:notty", n) for n in range(12)))
    (folder / "wtmp").write_bytes(record(7, 200, b"pts/0", 20))


AUDIT = (
    "type=SYSCALL msg=audit(1763000000.001:1): arch=c000003e syscall=59 success=yes exit=0 ppid=1"
    ' pid=2 auid=1000 uid=0 ses=3 comm="id" exe="/usr/bin/id"\n'
    'type=EXECVE msg=audit(1763000000.001:1): argc=1 a0="id"\n'
)
ZEEK = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration"
    "\torig_bytes\tresp_bytes\tconn_state\n"
    "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\n"
    "1763000000.5\tC1\t10.0.0.5\t40000\t203.0.113.9\t443\ttcp\tssl\t1.5\t900\t4000\tSF\n"
)
SECOND = "".join(
    f"Nov 12 10:00:00 web sshd[{pid}]: Failed password for root from 203.0.113.5"
    f" port {4000 + pid} ssh2\n"
    for pid in range(30)
)
BACK = "".join(
    _accepted(f"2026-11-12T{23 - hour:02}:00:00+00:00", "web", pid=hour) for hour in range(24)
)
CSV = "TimeGenerated [UTC],Computer,Facility,ProcessName,SyslogMessage\r\n" + "".join(
    f'"11/12/2026, 10:{minute:02}:00.000 AM","my ""web"" <b>",auth,sshd,'
    '"Accepted password for alice from 203.0.113.5 port 44 ssh2"\r\n'
    for minute in range(3)
)
ODD = {
    "one line": (_text("auth.log", _accepted("Nov 12 10:00:00", "web")), LOGONS_ONLY),
    "one second": (
        _text("auth.log", SECOND, _accepted("Nov 12 10:00:00", "web", "root", 99)),
        LOGONS_ONLY | {"logons": SUPPORTED},
    ),
    "time goes backwards, and from 1970 to 2099": (
        _text("auth.log", BACK, _accepted("2099-01-01T00:00:00+00:00", "web"),
              _accepted("1970-01-01T00:00:00+00:00", "web")),
        LOGONS_ONLY,
    ),
    "a host of markup, quotes and an emoji": (
        _text("auth.log", _accepted("2026-11-12T10:00:00+00:00", "<script>alert(1)</script>'\"|🦊")),
        LOGONS_ONLY,
    ),
    "a spreadsheet's export of a host with spaces": (_text("Syslog.csv", CSV), LOGONS_ONLY),
    "only wtmp": (_wtmp, UNSEEN),
    "guesses that only btmp tells of, and wtmp who came in": (
        _btmp, UNSEEN | {"logons": SUPPORTED},
    ),
    "only Zeek, of one flow": (_text("conn.log", ZEEK), UNSEEN),
    "only audit.log": (
        _text("audit.log", AUDIT), UNSEEN | {"applications": NOT_SUPPORTED},
    ),
    "only cron": (
        _text("cron", "2026-11-12T10:00:00+00:00 web CRON[7]: (root) CMD (/bin/true)\n"), UNSEEN,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("write", "verdicts"), ODD.values(), ids=ODD)
def test_no_page_fails(
    write: Callable[[Path], None], verdicts: dict[str, str], tmp_path: Path
) -> None:
    write(tmp_path)
    hunt = connect(tmp_path, keep=False, year=2026)
    hunt.pick_host(None)
    pages = {name: getattr(hunt, name).view().html for name in PAGES}
    told = {name: getattr(hunt, name).verdict for name in JUDGED}
    assert {name: verdict.verdict for name, verdict in told.items()} == verdicts
    assert {name for name, verdict in told.items() if verdict.verdict == CANNOT_TELL} == {
        name for name, verdict in told.items() if verdict.verdict == CANNOT_TELL and verdict.missing
    }
    assert {name for name, html in pages.items() if "<script>alert(1)" in html} == set()


@pytest.mark.parametrize(
    ("write", "said"),
    [
        pytest.param(lambda folder: None, "no files in it, so there is no evidence to read",
                     id="an empty folder"),
        pytest.param(_text("auth.log"), "no line of it was understood", id="an empty file"),
        pytest.param(_text("auth.log", "hello\n"), "text of no format known here",
                     id="a file of prose"),
    ],
)  # fmt: skip
def test_nothing_to_read(write: Callable[[Path], None], said: str, tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(EvidenceError, match=said):
        connect(tmp_path, keep=False)
