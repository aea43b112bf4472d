"""Headers read by position say what the expression says, or are left to it."""

from __future__ import annotations

import random

import duckdb
import pyarrow as pa
import pytest

from linuxhunt.parse import audit_header
from linuxhunt.parse.audit_header import usual
from linuxhunt.parse.audit_sql import HEADER

REST = "arch=c000003e syscall=59 success=yes exit=0 " + "x" * 80
LINE = f"type=SYSCALL msg=audit(1551485405.594:7507): {REST}"
UNUSUAL = (0, 0, 0, "")

CASES = {
    "syscall": (LINE, (45, 1551485405594, 7507, "SYSCALL")),
    "short-type": (
        f"type=CWD msg=audit(1551485405.004:1): {REST}",
        (38, 1551485405004, 1, "CWD"),
    ),
    "long-type": (
        f"type=CRYPTO_IKE_SA_ABCDEFGHIJK msg=audit(1551485405.594:7): {REST}",
        UNUSUAL,
    ),
    "numbered": (
        f"type=UNKNOWN[1327] msg=audit(1551485405.594:12): {REST}",
        (49, 1551485405594, 12, "UNKNOWN[1327]"),
    ),
    "seven-digits": (LINE.replace(":7507", ":1234567"), (48, 1551485405594, 1234567, "SYSCALL")),
    "eight-digits": (LINE.replace(":7507", ":12345678"), (49, 1551485405594, 12345678, "SYSCALL")),
    "ten-digits": (
        LINE.replace(":7507", ":4294967295"),
        (51, 1551485405594, 4294967295, "SYSCALL"),
    ),
    "eleven-digits": (LINE.replace(":7507", ":42949672951"), UNUSUAL),
    "no-serial": (LINE.replace(":7507", ":"), UNUSUAL),
    "letter-in-serial": (LINE.replace(":7507", ":75a7"), UNUSUAL),
    "letter-in-long-serial": (LINE.replace(":7507", ":12345678a"), UNUSUAL),
    "letter-in-seconds": (LINE.replace("1551485405", "15514854o5"), UNUSUAL),
    "letter-in-fraction": (LINE.replace(".594", ".5g4"), UNUSUAL),
    "nine-digits-of-seconds": (LINE.replace("1551485405", "155148540"), UNUSUAL),
    "two-blanks": (LINE.replace("): ", "):  "), UNUSUAL),
    "no-colon": (LINE.replace("): ", ") "), UNUSUAL),
    "nothing-after": (LINE[:45], UNUSUAL),
    "one-byte-after": (LINE[:46], (45, 1551485405594, 7507, "SYSCALL")),
    "cut": (LINE[:30], UNUSUAL),
    "empty": ("", UNUSUAL),
    "node": (f"node=web01 {LINE}", UNUSUAL),
    "blank-before": (f" {LINE}", UNUSUAL),
    "kernel": (LINE.replace("msg=audit", "audit"), UNUSUAL),
    "blank-in-type": (LINE.replace("SYSCALL", "SYS CALL"), UNUSUAL),
    "tab-in-type": (LINE.replace("SYSCALL", "SYS\tCALL"), UNUSUAL),
    "no-type": (LINE.replace("SYSCALL", ""), UNUSUAL),
    "header-in-type": (
        f"type=A msg=audit(1.2:3): msg=audit(1551485405.594:7507): {REST}",
        UNUSUAL,
    ),
    "utf8-after": (
        f"type=USER_CMD msg=audit(1551485405.594:7507): é{REST}",
        (46, 1551485405594, 7507, "USER_CMD"),
    ),
}


def rows(lines: pa.Array | pa.ChunkedArray) -> list[tuple[int, int, int, str]]:
    found = usual(lines)
    numbers = (values.tolist() for values in (found.size, found.ms, found.serial))
    return list(zip(*numbers, found.type.to_pylist(), strict=True))


@pytest.mark.parametrize(("line", "expected"), CASES.values(), ids=CASES)
def test_header(line: str, expected: tuple[int, int, int, str]) -> None:
    padding = "x" * 200  # the window of a line at the very end would pass the end of the memory
    lines = pa.array([LINE, line, padding], pa.large_string())
    assert rows(lines) == [CASES["syscall"][1], expected, UNUSUAL]


def test_chunks_slices_and_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_header, "_PART", 5)
    lines = [line for line, _ in CASES.values()]
    whole = pa.array(["before", *lines, "x" * 200], pa.large_string())
    expected = [case for _, case in CASES.values()]
    assert rows(whole[1:-1]) == expected
    parts = pa.chunked_array([whole[1:4], whole[4:4], whole[4:-1]])
    assert rows(parts) == expected
    assert rows(pa.chunked_array([], pa.large_string())) == []


def test_the_last_line_is_left_to_the_expression() -> None:
    assert rows(pa.array([LINE[:60]], pa.large_string())) == [UNUSUAL]


def test_what_is_read_is_what_the_expression_reads() -> None:
    lines = mutated(random.Random(7), 4000)
    found = rows(pa.array([*lines, "x" * 200], pa.large_string()))[:-1]
    with duckdb.connect() as con:
        con.register("lines", pa.table({"n": range(len(lines)), "raw": lines}))
        said = con.sql(
            f"""SELECT strlen(regexp_extract(raw, '{HEADER.replace("^", "^(", 1)})', 1)),
                try_cast(replace(split_part(stamp, ':', 1), '.', '') AS BIGINT),
                try_cast(split_part(stamp, ':', 2) AS BIGINT), regexp_extract(raw, '{HEADER}', 2)
            FROM (SELECT *, regexp_extract(raw, '{HEADER}', 3) AS stamp FROM lines) ORDER BY n"""
        ).fetchall()
    read = [(row, told) for row, told in zip(found, said, strict=True) if row != UNUSUAL]
    assert 1000 < len(read) < 4000
    assert [row for row, _ in read] == [
        (told[0], *map(int, told[1:3]), told[3]) for _, told in read
    ]


def mutated(chance: random.Random, count: int) -> list[str]:
    signs = [" ", "\t", "é", "\x0b", "5", ")", ":", ".", "type=", "msg=audit(", "", "A", '"', "0"]
    made = []
    for _ in range(count):
        signs_of = list(LINE)
        for _ in range(chance.randint(0, 2)):
            at = chance.randrange(55)
            signs_of[at : at + chance.randint(0, 2)] = chance.choice(signs)
        made.append("".join(signs_of)[: chance.choice([30, 60, 300, 300])])
    return made
