from __future__ import annotations

import tempfile
from pathlib import Path
from unittest import mock

import duckdb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linuxhunt.evidence import ingest, raw, rebuild

from .conftest import lay

STAMPED = st.sampled_from(
    [
        b"Mar  1 09:05:00 web01 sshd[811]: Accepted password for mara from 192.0.2.7 port 5 ssh2",
        b"<86>Mar  1 09:05:01 web01 sudo:   mara : TTY=pts/0",
        b"2026-03-01T09:05:00.5+01:00 web01 app: caf\xe9",
        b"<34>1 2026-03-01T09:05:00Z web01 su 7 - - x",
        b"Mar  1 09:05:02 web01 last message repeated 3 times",
    ]
)
AUDIT = b"type=USER_END msg=audit(1772355900.123:77): pid=1 uid=0 res=success"
JUNK = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            b"",
            b"\0" * 40,
            b"\r",
            b"\tat a.b(C.java:1)",
            b"\xff\xfe",
            b"\xc3",
            b"\0\r\0",
            b"Feb 30 09:05:02 web01 app: x",
        ]
    ),
)
END = st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\0\n", b"\r"])
LINE = st.tuples(st.one_of(STAMPED, JUNK), END).map(b"".join)


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    """A log that is recognised: its first line is a record."""
    lines = [
        draw(STAMPED) + b"\n",
        *draw(st.lists(LINE, max_size=25)),
        draw(st.one_of(JUNK, STAMPED)),
    ]
    return b"".join(lines)


def put_together(content: bytes, chunk: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch("linuxhunt.evidence.lines.CHUNK", chunk),
    ):
        case = Path(folder, "case.duckdb")
        account = ingest([lay(Path(folder, "e"), {"log": content})], case)
        with duckdb.connect(str(case), read_only=True) as con:
            ids = [
                row[0]
                for table in ("Syslog", "AuditLog_CL", "LinuxReject_CL")
                for row in con.execute(f"SELECT _ItemId FROM {table}").fetchall()
            ]
            pieces = raw(con, ids)
            assert rebuild(con, "log") == content
        assert len(pieces) == len(set(ids)) == len(ids)
        order = sorted(ids, key=lambda item: int(item.rpartition(":")[2]))
        assert b"".join(pieces[item] for item in order) == content
        totals = account.totals
        lines = content.count(b"\n") + (not content.endswith(b"\n"))
        assert totals["lines"] == lines
        assert totals["rows"] + totals["joined"] + totals["rejected"] == lines


@settings(max_examples=40, deadline=None)
@given(content=logs(), chunk=st.sampled_from([40, 200, 1 << 25]))
@example(content=b"Mar  1 09:05:00 w a: 1\n\0\0", chunk=1 << 25)
@example(content=b"Mar  1 09:05:00 w a: \xe2\x82\n\xac\n", chunk=1 << 25)
def test_rows_and_rejects_are_the_file(content: bytes, chunk: int) -> None:
    put_together(content, chunk)


@settings(max_examples=15, deadline=None)
@given(lines=st.lists(st.tuples(st.one_of(st.just(AUDIT), JUNK), END).map(b"".join), max_size=12))
def test_audit_rows_and_rejects_are_the_file(lines: list[bytes]) -> None:
    put_together(AUDIT + b"\n" + b"".join(lines), 100)
