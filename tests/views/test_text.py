from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linuxhunt.schema import STR, TIME
from linuxhunt.views.text import escape, listed, moment, plural, short, show, visible, visibly
from tests.made import utc


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        pytest.param("plain é 日本", "plain é 日本", id="plain"),
        pytest.param("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m", id="ansi"),
        pytest.param("a\x00b\r\n\tc", r"a\x00b\x0d\x0a\x09c", id="controls"),
        pytest.param("\u202egnp.exe", r"\u202egnp.exe", id="right to left"),
        pytest.param("ad\u200bmin\ufeff", r"ad\u200bmin\ufeff", id="zero width"),
        pytest.param("a\u2028b\u2029", r"a\u2028b\u2029", id="separators"),
        pytest.param("\udcff", r"\udcff", id="lone surrogate"),
        pytest.param("\U000e0041", r"\U000e0041", id="tag"),
        pytest.param(7, "7", id="a number"),
    ],
)
def test_visible(text: object, seen: str) -> None:
    assert visible(text) == seen


def test_escape() -> None:
    assert escape("<a href='x\"'>&\x00") == "&lt;a href=&#x27;x&quot;&#x27;&gt;&amp;\\x00"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(plural(1, "row"), "1 row", id="one"),
        pytest.param(plural(48_211, "row"), "48,211 rows", id="many"),
        pytest.param(plural(0, "address", "addresses"), "0 addresses", id="none"),
        pytest.param(listed(["a", "b"]), "a, b", id="all listed"),
        pytest.param(listed("abcdefgh", 3), "a, b, c and 5 more", id="some listed"),
        pytest.param(short("abcdef", 4), "abc…", id="short"),
        pytest.param(short("abcd", 4), "abcd", id="short enough"),
        pytest.param(moment(utc("2026-03-03 02:14:07")), "3 Mar 2026 02:14:07", id="moment"),
        pytest.param(
            moment(pd.Timestamp("2026-03-03 03:14:07+01:00")), "3 Mar 2026 02:14:07", id="zone"
        ),
        pytest.param(moment(pd.NaT), "", id="no moment"),  # type: ignore[arg-type]
    ],
)
def test_phrases(said: str, expected: str) -> None:
    assert said == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(
            pd.Series(["2026-03-13 02:14:07", None], dtype=TIME), ["2026-03-13 02:14:07", ""],
            id="times",
        ),
        pytest.param(
            pd.to_datetime(pd.Series(["2026-03-13 02:14:07.123456", "2026-03-13 00:00:00.0"])),
            ["2026-03-13 02:14:07.123", "2026-03-13 00:00:00.000"], id="naive times with parts",
        ),
        pytest.param(
            pd.Series([pd.Timedelta("1h"), pd.NaT]), ["0 days 01:00:00", ""], id="spans"
        ),
        pytest.param(pd.Series(["a\x00", None], dtype=STR), ["a\\x00", ""], id="text"),
        pytest.param(pd.Series([True, False]), ["yes", "no"], id="flags"),
        pytest.param(
            pd.Series([["a", 1, None], [], None, np.array(["b", "c"]), {"k": ["v", "w"]}]),
            ["a, 1, ", "", "", "b, c", "k=v, w"], id="lists and maps",
        ),
        pytest.param(pd.Series([None, float("nan"), pd.NA], dtype=object), [""] * 3, id="nulls"),
    ],
)  # fmt: skip
def test_show(values: pd.Series[Any], expected: list[str]) -> None:
    assert show(values).tolist() == expected


PIECES = (
    "pass", "word", "=x1", "PASSWORD=abc", "\x00", "\u202e", "\u017f", "\u212a", "\u0130", "\xad",
    "AKIA" + "A" * 16, "eyJ", "$6$abcdefghijk", "é", "\x9f", "\U000e0001", "bearer abcdefghijkl",
    " curl -u a:b ", "normal text", "10.0.0.1", "\n", "https://u:p@h", "\ud800",
)  # fmt: skip


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=4).map("".join), max_size=12))
def test_a_column_is_shown_as_its_texts_are(texts: list[str]) -> None:
    shown = visibly(pd.Series(texts, dtype=object))
    assert shown.tolist() == [visible(text) for text in texts]
