"""Frames as text: jsonl and parquet exactly, csv and table so that no cell does anything."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linuxhunt import output
from linuxhunt.cells import distinct
from linuxhunt.errors import ParameterError
from linuxhunt.output import chunks, format_of, plain, render, write
from linuxhunt.schema import EVENTS, STR, conform, empty
from tests.made import events, logon, utc

LEGAL = st.text(st.characters(blacklist_categories=("Cs",)))


def one(kind: str, value: Any) -> pd.DataFrame:
    dtypes: dict[str, Any] = {"str": STR, "Int64": "Int64", "float": "float64", "bool": bool}
    return pd.DataFrame({"x": pd.Series([value], dtype=dtypes.get(kind, object))})


@pytest.mark.parametrize(
    ("kind", "value", "line"),
    [
        pytest.param("str", "a/b", '{"x":"a/b"}', id="slash"),
        pytest.param("str", "a\\/b", '{"x":"a\\\\/b"}', id="backslash and slash"),
        pytest.param("str", "\\", '{"x":"\\\\"}', id="backslash"),
        pytest.param("str", 'a"b', '{"x":"a\\"b"}', id="quote"),
        pytest.param("str", "\n\r\t\0", '{"x":"\\n\\r\\t\\u0000"}', id="controls"),
        pytest.param("str", "ü語\U0001f642", '{"x":"ü語\U0001f642"}', id="not ASCII"),
        pytest.param("str", None, '{"x":null}', id="null text"),
        pytest.param("str", "", '{"x":""}', id="empty text is no null"),
        pytest.param("str", "<&>", '{"x":"<&>"}', id="markup"),
        pytest.param("Int64", 2**63 - 1, '{"x":9223372036854775807}', id="largest integer"),
        pytest.param("Int64", None, '{"x":null}', id="null integer"),
        pytest.param("bool", False, '{"x":false}', id="bool"),
        pytest.param("float", 0.1 + 0.2, '{"x":0.30000000000000004}', id="real, all digits"),
        pytest.param("float", 1e300, '{"x":1e+300}', id="large real"),
        pytest.param("float", float("nan"), '{"x":null}', id="null real"),
        pytest.param("float", float("inf"), '{"x":null}', id="JSON has no infinity"),
        pytest.param("list", ["a/", None, 1], '{"x":["a/",null,1]}', id="list"),
        pytest.param("list", [], '{"x":[]}', id="empty list"),
        pytest.param("list", None, '{"x":null}', id="null list"),
        pytest.param("map", {"a": {"b": [1.5, True]}}, '{"x":{"a":{"b":[1.5,true]}}}', id="map"),
        pytest.param("map", {"a": 2**70}, '{"x":{"a":1180591620717411303424}}', id="huge"),
        pytest.param("map", {"a": 0.1 + 0.2}, '{"x":{"a":0.30000000000000004}}', id="inner real"),
        pytest.param("time", utc("2026-03-12"), '{"x":"2026-03-12T00:00:00.000000Z"}', id="time"),
        pytest.param("time", utc("2026-03-12 01:02:03.000045"),
                     '{"x":"2026-03-12T01:02:03.000045Z"}', id="microseconds"),
        pytest.param("time", pd.NaT, '{"x":null}', id="null time"),
        pytest.param("span", pd.Timedelta("1h"), '{"x":"P0DT1H0M0S"}', id="span"),
    ],
)  # fmt: skip
def test_jsonl_is_exact(kind: str, value: Any, line: str) -> None:
    frame = one(kind, value)
    if kind == "time":
        frame["x"] = pd.to_datetime(pd.Series([value]), utc=True).astype("datetime64[ns, UTC]")
    if kind == "span":
        frame["x"] = pd.Series([value], dtype="timedelta64[ns]")
    assert render(frame, "jsonl") == line + "\n"


@settings(max_examples=200, deadline=None)
@given(value=st.recursive(LEGAL | st.integers() | st.booleans() | st.none(), st.lists))
def test_any_value_comes_back_from_jsonl(value: Any) -> None:
    frame = pd.DataFrame({"x": pd.Series([[value]], dtype=object)})
    line = render(frame, "jsonl")
    assert line.count("\n") == 1
    assert json.loads(line) == {"x": [value]}


@settings(max_examples=200, deadline=None)
@given(value=LEGAL)
def test_any_text_comes_back_from_jsonl(value: str) -> None:
    assert json.loads(render(one("str", value), "jsonl")) == {"x": value}


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_no_rows_are_no_lines_and_keys_are_in_order(kind: str) -> None:
    assert render(empty(kind), "jsonl") == ""
    row = json.loads(render(conform(pd.DataFrame({"none": [1]}), kind), "jsonl"))
    assert list(row) == list(EVENTS[kind])
    assert set(row.values()) <= {None, False}


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        pytest.param("=1+1", "'=1+1", id="formula"),
        pytest.param("+1", "'+1", id="plus"),
        pytest.param("-1", "'-1", id="minus"),
        pytest.param("@SUM(1)", "'@SUM(1)", id="at"),
        pytest.param("\t=1", "'\t=1", id="tab"),
        pytest.param("\r=1", '"\'\r=1"', id="carriage return"),
        pytest.param("\n=1", '"\'\n=1"', id="line feed"),
        pytest.param("a=1", "a=1", id="no formula"),
        pytest.param("'=1", "'=1", id="apostrophe"),
        pytest.param('a,"b"', '"a,""b"""', id="comma and quotes"),
    ],
)
def test_csv_starts_no_formula(text: str, cell: str) -> None:
    assert render(one("str", text), "csv") == f"x\r\n{cell}\r\n"


def test_csv_guards_lists_and_leaves_numbers() -> None:
    frame = pd.DataFrame(
        {
            "=n": pd.Series([-1], dtype="Int64"),
            "l": [["=a"]],
            "t": [utc("2026-03-12")],
            "e": pd.Series([None], dtype=STR),
        }
    )
    rows = ["'=n,l,t,e", '-1,"[""=a""]",2026-03-12T00:00:00.000000Z,', ""]
    assert render(frame, "csv") == "\r\n".join(rows)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m", id="colour"),
        pytest.param("\x1b]0;title\x07", "\\x1b]0;title\\x07", id="title of the window"),
        pytest.param("a\x9b31mb", "a\\x9b31mb", id="C1 control"),
        pytest.param("a\u202eb", "a\\u202eb", id="right to left"),
        pytest.param("a\u2066b\u2069", "a\\u2066b\\u2069", id="isolates"),
        pytest.param("a\u200f\u061cb", "a\\u200f\\u061cb", id="marks of direction"),
        pytest.param("a\nb\rc", "a\\nb\\rc", id="lines"),
        pytest.param("a\u2028b", "a\\u2028b", id="Unicode line"),
        pytest.param("ü語", "ü語", id="letters"),
    ],
)
def test_tables_drive_no_terminal(text: str, shown: str) -> None:
    assert plain(text) == shown
    for frame in (one("str", text), pd.DataFrame({"x": [[text]]}), pd.DataFrame({text: ["x"]})):
        assert set(render(frame, "table")).isdisjoint(set(text) & set(map(chr, range(32))) - {"\n"})
    assert render(one("str", text), "table").splitlines()[1].strip() == shown


def test_a_table_says_how_many_rows() -> None:
    frame = pd.DataFrame(
        {"Name": pd.Series(["a", None], dtype=STR), "N": pd.Series([1, None], dtype="Int64")}
    )
    assert render(frame, "table") == "Name N\n   a 1\n      \n2 rows\n"
    assert render(frame.iloc[:0], "table") == "0 rows\n"
    wide = pd.DataFrame({"x": pd.Series(["a" * 99], dtype=STR)})
    assert max(map(len, render(wide, "table").splitlines())) == 60


def test_parquet_to_stdout_is_refused() -> None:
    with pytest.raises(ParameterError, match="give -o FILE"):
        render(empty("auth"), "parquet")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.csv", "csv"), ("a.PARQUET", "parquet"), ("a.jsonl", "jsonl"), ("a", "jsonl"),
     ("a.txt", "jsonl")],
)  # fmt: skip
def test_the_format_is_told_from_the_name(name: str, kind: str) -> None:
    assert format_of(Path(name)) == kind


PATHS = [
    {
        "item": 0,
        "name": "/tmp/=x",
        "nametype": "CREATE",
        "mode": "0100644",
        "ouid": 0,
        "ogid": None,
        "inode": 2**40,
    }
]


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        pytest.param("logons", [logon("2026-03-12 10:00", AdditionalFields={"zone": "eth0"}),
                                logon("2026-03-12 10:01", "Failure", None, RecordIds=[])],
                     id="logons"),
        pytest.param("audit", [{"serial": 1, "argv": ["a", "ü"], "paths": PATHS,
                                "sockaddr": {"family": "inet", "port": 22}, "types": []},
                               {"serial": 2}], id="audit"),
        pytest.param("processes", [{"ActingProcessInferred": True, "Argv": [""]}], id="processes"),
        pytest.param("findings", [{"FindingId": "x", "AttackTechniques": ["T1078"]}],
                     id="findings"),
        *(pytest.param(kind, [], id=f"no {kind}") for kind in sorted(EVENTS)),
    ],
)  # fmt: skip
def test_parquet_holds_what_the_frame_holds(
    kind: str, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    frame = events(kind, rows)
    write(frame, tmp_path / "x.parquet", "parquet")
    table = pq.read_table(tmp_path / "x.parquet")
    assert table.column_names == list(EVENTS[kind])
    for name, type_ in EVENTS[kind].items():
        held = table.column(name)
        assert _parquet_type(held.type) == ("list" if name == "paths" else type_), name
        if type_ in ("str", "Int64", "bool"):
            assert (
                held.to_pylist()
                == frame[name].astype(object).where(frame[name].notna(), None).tolist()
            )
        if type_ == "time":
            times = [None if pd.isna(time) else time for time in frame[name]]
            assert [t and pd.Timestamp(t) for t in held.to_pylist()] == times
        if type_ == "list":
            assert held.to_pylist() == frame[name].tolist()
        if type_ == "map":
            assert [pairs and dict(pairs) for pairs in held.to_pylist()] == [
                value
                and {key: v if isinstance(v, str) else json.dumps(v) for key, v in value.items()}
                for value in frame[name]
            ]


def _parquet_type(type_: Any) -> str:
    text = str(type_)
    for begin, name in (("list<", "list"), ("map<", "map"), ("timestamp[", "time"),
                        ("int64", "Int64"), ("bool", "bool"), ("string", "str"),
                        ("large_string", "str")):  # fmt: skip
        if text.startswith(begin):
            return name
    return text


@pytest.mark.parametrize("kind", ["jsonl", "csv", "table"])
def test_a_file_holds_what_stdout_would(kind: str, tmp_path: Path) -> None:
    frame = events("logons", [logon("2026-03-12 10:00", user="ü\r\n")])
    write(frame, tmp_path / "x", kind)
    assert (tmp_path / "x").read_bytes() == render(frame, kind).encode()


JSON = st.recursive(
    LEGAL | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LEGAL, inner, max_size=3),
    max_leaves=6,
)
CELLS: dict[str, tuple[st.SearchStrategy[Any], Any]] = {
    "text": (LEGAL | st.sampled_from(["=1", '"', "\\", "a,b", "\r", "\x7f", "", "\u2028"]), STR),
    "whole": (st.integers(-(2**63), 2**63 - 1), "Int64"),
    "real": (st.floats(allow_nan=False, allow_infinity=False), "float64"),
    "texts": (st.lists(LEGAL | st.none(), max_size=3), object),
    "map": (st.dictionaries(LEGAL, JSON, max_size=3), object),
    "any": (JSON, object),
}


@st.composite
def columns(draw: st.DrawFn) -> dict[str, tuple[list[Any], Any]]:
    """Return columns of equal length as Python's values, null among them, and their dtypes."""
    rows = draw(st.integers(1, 5))
    names = draw(st.lists(LEGAL, min_size=1, max_size=4, unique=True))
    made = {}
    for name in names:
        cell, dtype = CELLS[draw(st.sampled_from(sorted(CELLS)))]
        made[name] = (draw(st.lists(cell | st.none(), min_size=rows, max_size=rows)), dtype)
    return made


def framed(made: dict[str, tuple[list[Any], Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: pd.Series(cells, dtype=kind) for name, (cells, kind) in made.items()}
    )


@settings(max_examples=300, deadline=None)
@given(made=columns())
def test_jsonl_is_what_json_writes_row_by_row(made: dict[str, tuple[list[Any], Any]]) -> None:
    rows = zip(*(cells for cells, _ in made.values()), strict=True)
    lines = [
        json.dumps(dict(zip(made, row, strict=True)), ensure_ascii=False, separators=(",", ":"))
        for row in rows
    ]
    assert render(framed(made), "jsonl") == "".join(f"{line}\n" for line in lines)


@settings(max_examples=300, deadline=None)
@given(made=columns())
def test_csv_is_what_csv_writes_row_by_row(made: dict[str, tuple[list[Any], Any]]) -> None:
    def cell(value: Any, kind: Any) -> str:
        if value is None:
            return ""
        if kind in ("Int64", "float64"):
            return repr(value)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return f"'{text}" if text[:1] in tuple("=+-@\t\r\n") else text

    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(cell(name, STR) for name in made)
    for row in zip(*(cells for cells, _ in made.values()), strict=True):
        kinds = (kind for _, kind in made.values())
        rows.writerow(cell(value, kind) for value, kind in zip(row, kinds, strict=True))
    assert render(framed(made), "csv") == written.getvalue()


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_rows_are_written_in_parts_as_they_are_at_once(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = framed(
        {
            "t": (["a", None, 'b"', "=c", ""], STR),
            "l": ([["x"], [], None, ["y", None], ["z"]], object),
            "m": ([{"a": 1}, {"a": True}, {"a": 1.0}, None, {}], object),
            "s": ([pd.Timedelta(days=1), None, pd.Timedelta("1s"), None, None], "timedelta64[ns]"),
        }
    )
    whole = render(frame, kind)
    monkeypatch.setattr(output, "_ROWS", 2)
    parts = [bytes(part) for part in chunks(frame, kind)]
    assert len(parts) == 3 + (kind == "csv")
    assert b"".join(parts).decode() == whole


def test_values_that_only_look_alike_are_one_and_those_that_equal_are_not() -> None:
    values = pd.Series([{"a": 1}, {"a": True}, None, {"a": 1}, {"a": 1.0}, float("nan")])
    known, rows = distinct(values)
    assert list(map(repr, known)) == ["{'a': 1}", "{'a': True}", "None", "{'a': 1.0}"]
    assert rows.to_pylist() == [0, 1, 2, 0, 3, 2]
