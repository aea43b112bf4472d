"""No value, however made, becomes a part of a query; on every provider, also called directly."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import duckdb
import duckdb_kql
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linuxhunt.errors import ParameterError
from linuxhunt.workspace import Workspace, catalogue
from linuxhunt.workspace.literals import fill, list_literal, quoted, time_text
from tests.workspace.small import END, START

TIME = datetime(2026, 3, 12, 1, 2, 3, 45, tzinfo=UTC)
WINDOW: dict[str, Any] = {"start": START, "end": END}
LEGAL = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"))
NASTY = [
    'a" | union SecurityAlert //',
    "x' or 1==1 //",
    'a\\" | union SecurityAlert //',
    "a\\",
    'a\\\\"',
    "a\n| union SecurityAlert",
    "a\r\n//",
    "a\u2028| take 1",
    "a\u0085b",
    "\ufeff",
    "\x01\x1b[31m\x7f",
    "{host}",
    "{{0}}",
    '")) or true or ((Computer =~ "',
    "*/ //",
    "@'x'",
    "```",
    "h'x'",
    "\U0001f642 ü 語 \u202e",
    "",
    " ",
]


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        pytest.param('T | where a == "{x}"', {"x": "web"}, 'T | where a == "web"', id="text"),
        pytest.param('a == "{x}"', {"x": 'b" | c'}, 'a == "b\\" | c"', id="double quote"),
        pytest.param("a == '{x}'", {"x": "b' c"}, "a == 'b\\' c'", id="single quote"),
        pytest.param('a == "{x}"', {"x": "b\\"}, 'a == "b\\\\"', id="backslash"),
        pytest.param('a == "{x}"', {"x": "b\n\r\t"}, 'a == "b\\n\\r\\t"', id="line breaks"),
        pytest.param('a == "{x}"', {"x": 7}, 'a == "7"', id="number inside quotes"),
        pytest.param('a == "{x}{y}"', {"x": '"', "y": '"'}, 'a == "\\"\\""', id="two in one"),
        pytest.param('{{"k": "{x}"}}', {"x": "{y}"}, '{"k": "{y}"}', id="braces"),
        pytest.param("a == {x}", {"x": 7}, "a == 7", id="integer"),
        pytest.param("a == {x}", {"x": "-7"}, "a == -7", id="digits"),
        pytest.param("a == {x}", {"x": 1.5}, "a == 1.5", id="real"),
        pytest.param("a == {x}", {"x": np.float64(1.5)}, "a == 1.5", id="numpy's real"),
        pytest.param("{x} or {y}", {"x": True, "y": False}, "true or false", id="booleans"),
        pytest.param("{x}", {"x": "true"}, "true", id="boolean as text"),
        pytest.param("a in ({x})", {"x": list_literal(["b", 'c"', 1, True])},
                     'a in ("b", "c\\"", 1, true)', id="list"),
        pytest.param("a in ({x})", {"x": list_literal([])}, "a in (dynamic([]))", id="empty list"),
        pytest.param("a in ({x})", {"x": list_literal(["b, c"])}, 'a in ("b, c")', id="comma"),
        pytest.param("datetime({x})", {"x": TIME}, "datetime(2026-03-12T01:02:03.000045Z)",
                     id="time"),
        pytest.param("datetime( {x})", {"x": "2026-03-12 01:02"}, "datetime( 2026-03-12 01:02)",
                     id="time as text"),
        pytest.param('// it\'s "\na == "{x}"', {"x": '"'}, '// it\'s "\na == "\\""',
                     id="quotes in a comment open nothing"),
        pytest.param('a has "//" and b == "{x}"', {"x": '"'}, 'a has "//" and b == "\\""',
                     id="slashes in a text are no comment"),
        pytest.param("a has @'\\' and b == '{x}'", {"x": "'"}, "a has @'\\' and b == '\\''",
                     id="a verbatim text ends at its quote"),
        pytest.param("a has '\\'' and b == {x}", {"x": 1}, "a has '\\'' and b == 1",
                     id="an escaped quote closes nothing"),
    ],
)  # fmt: skip
def test_values_are_filled_in_by_their_place(
    template: str, values: dict[str, Any], text: str
) -> None:
    assert fill(template, values) == text


@pytest.mark.parametrize(
    ("template", "value"),
    [
        pytest.param("a == {x}", "web", id="text where a number goes"),
        pytest.param("a == {x}", "1 or true", id="an expression"),
        pytest.param("a == {x}", "٣", id="digits of another script"),
        pytest.param("a == {x}", "1" * 19, id="more digits than a long has"),
        pytest.param("a == {x}", float("nan"), id="no number"),
        pytest.param("a == {x}", float("inf"), id="infinite"),
        pytest.param("a == {x}", None, id="None"),
        pytest.param("a == {x}", pd.NA, id="NA"),
        pytest.param("a == {x}", ["b"], id="a list that was not made a literal"),
        pytest.param("a == {x}", TIME, id="a time where a number goes"),
        pytest.param('a == "{x}"', "b\0c", id="NUL"),
        pytest.param('a == "{x}"', "b\ud800", id="a lone surrogate"),
        pytest.param("datetime({x})", "2026-03-12) or true //", id="a time with a query"),
        pytest.param("datetime({x})", "yesterday", id="a word for a time"),
        pytest.param("datetime({x})", "2026-03-12", id="a day for a time"),
        pytest.param("datetime({x})", "٢٠٢٦-03-12T00:00Z", id="a time of other digits"),
        pytest.param("datetime({x})", 7, id="a number for a time"),
        pytest.param("datetime({x})", pd.NaT, id="NaT"),
        pytest.param("datetime({x})", datetime(1, 1, 1), id="a time that prints short"),
        pytest.param("a // {x}", "b", id="inside a comment"),
        pytest.param("a == @'{x}'", "b", id="inside a verbatim text"),
    ],
)
def test_a_value_that_its_place_cannot_take_is_refused(template: str, value: Any) -> None:
    with pytest.raises(ParameterError):
        fill(template, {"x": value})


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(None, id="null"),
        pytest.param(["x"], id="list"),
        pytest.param({"a": 1}, id="map"),
        pytest.param(b"x", id="bytes"),
        pytest.param(TIME, id="time"),
        pytest.param("a\0", id="NUL"),
        pytest.param(object(), id="object"),
    ],
)
def test_a_list_of_other_things_is_refused(item: Any) -> None:
    with pytest.raises(ParameterError):
        list_literal(["a", item])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(datetime(2026, 3, 12), "2026-03-12T00:00:00.000000Z", id="naive is UTC"),
        pytest.param(datetime(2026, 3, 12, tzinfo=timezone(timedelta(hours=2))),
                     "2026-03-11T22:00:00.000000Z", id="another zone"),
        pytest.param(pd.Timestamp("2026-03-12 00:00:00.123456789"), "2026-03-12T00:00:00.123456Z",
                     id="nanoseconds are cut"),
    ],
)  # fmt: skip
def test_times_are_written_in_utc(value: datetime, text: str) -> None:
    assert time_text(value) == text


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb_kql.connect()


@pytest.mark.parametrize("value", NASTY, ids=ascii)
def test_a_nasty_text_comes_back_equal(value: str, engine: duckdb.DuckDBPyConnection) -> None:
    rows = duckdb_kql.kql(engine, f"print x={quoted(value)}", allow_write=False).fetchall()
    assert rows == [(value,)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=LEGAL)
def test_any_text_comes_back_equal(value: str) -> None:
    with duckdb_kql.connect() as con:
        rows = duckdb_kql.kql(con, f"print x={quoted(value)}", allow_write=False).fetchall()
    assert rows == [(value,)]


def plain_value(kind: str) -> Any:
    return {"datetime": START, "list": ["a"], "bool": True, "str": "a", "int": 7}[kind]


PLACES = [
    pytest.param(name, parameter, id=f"{name}.{parameter}")
    for name, query in sorted(catalogue().items())
    for parameter, stated in sorted(query.parameters.items())
    if stated["type"] in ("list", "str") and f"{{{parameter}}}" in query.template
]


def shape(kql: str) -> str:
    """Return a query's tokens with every text blanked."""
    return re.sub(r'"(?:\\.|[^"\\\n\r])*"', '""', kql)


def written(name: str, parameter: str, value: str) -> str:
    """Return the text of a query as our handler writes it, with a value in one place."""
    query = catalogue()[name]
    values = {key: plain_value(stated["type"]) for key, stated in query.parameters.items()}
    values[parameter] = [value] if query.parameters[parameter]["type"] == "list" else value
    literals = {
        key: list_literal(held) if isinstance(held, list) else held for key, held in values.items()
    }
    return fill(query.template, literals)


@pytest.mark.parametrize(("name", "parameter"), PLACES)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=st.one_of(st.sampled_from(NASTY), LEGAL))
def test_no_text_changes_the_shape_of_a_query(name: str, parameter: str, value: str) -> None:
    assert shape(written(name, parameter, value)) == shape(written(name, parameter, "a"))


def operator(name: str, parameter: str) -> str:
    """Return what stands before a place: the engine translates equal ones alike."""
    return catalogue()[name].template.partition(f"{{{parameter}}}")[0].split("|")[-1].split()[-2]


FORMS = list({operator(*place.values[:2]): place for place in PLACES}.values())


@pytest.mark.parametrize("value", NASTY, ids=ascii)
@pytest.mark.parametrize(("name", "parameter"), FORMS)
def test_the_engine_reads_the_same_shape(
    name: str, parameter: str, value: str, workspace: Workspace
) -> None:
    """The translator, too, sees one text in that place and nothing else."""
    if parameter.endswith("pattern") and value not in ("a\\", "x' or 1==1 //"):
        value = re.escape(value)
    tables = workspace.schema

    def sql(text: str) -> str:
        translated = str(duckdb_kql.to_sql(text, schema=tables))
        blank = re.sub(r"'(?:[^']|'')*'", "''", translated)
        edge = "CASE WHEN regexp_matches('', '') THEN '' ELSE '' END"
        blank = blank.replace(edge, "''").replace("'' || ''", "''")
        # has_any looks for a term's edges where the text begins or ends with a letter or digit
        return re.sub(r"(?:'' \|\| )?regexp_escape\(''\)(?: \|\| '')?", "term", blank)

    assert sql(written(name, parameter, value)) == sql(written(name, parameter, "a"))


@pytest.fixture(scope="module", params=["LinuxHuntLocal", "Kusto", "MSSentinel"])
def provider(request: pytest.FixtureRequest) -> Any:
    """Return msticpy's provider, not connected; "print" gives a query's text all the same."""
    return Workspace(request.param, "not connected").provider


@pytest.mark.parametrize("value", NASTY, ids=ascii)
def test_a_direct_call_of_msticpys_is_escaped_too(value: str, provider: Any) -> None:
    text = provider.LinuxHunt.auth_messages(
        "print", **WINDOW, hosts=[value], all_hosts=False, programs=[value, "sshd"]
    )
    expected = catalogue()["auth_messages"].template
    for place, literal in (
        ("{start}", "2026-03-12T10:00:00.000000Z"),
        ("{end}", "2026-03-12T12:00:00.000000Z"),
        ("{all_hosts}", "false"),
        ("{programs}", f'{quoted(value)}, "sshd"'),
        ("{hosts}", quoted(value)),  # last, as a value may look like a place
    ):
        assert place in expected
        before, _, after = expected.partition(place)
        expected = before + literal + after
    assert text == expected


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"all_hosts": "false or true"}, id="an expression for a boolean"),
        pytest.param({"hosts": [None]}, id="null in a list"),
        pytest.param({"hosts": [["a"]]}, id="list in a list"),
        pytest.param({"hosts": ["a\0"]}, id="NUL"),
    ],
)
def test_a_direct_call_with_another_type_is_refused(given: dict[str, Any], provider: Any) -> None:
    with pytest.raises(ParameterError):
        provider.LinuxHunt.auth_messages("print", **{**WINDOW, "hosts": ["a"], **given})


@pytest.fixture(scope="module")
def sentinel() -> Any:
    return Workspace("MSSentinel", "not connected").provider


def test_msticpys_own_queries_are_written_as_before(sentinel: Any) -> None:
    """Theirs put whole clauses into templates, which an escaping handler would break."""
    from msticpy.data import QueryProvider

    own = QueryProvider("MSSentinel")
    given: dict[str, Any] = {**WINDOW, "host_name": "web", "add_query_items": "| take 3"}
    ours = sentinel.LinuxSyslog.list_logons_for_host("print", **given)
    theirs = own.LinuxSyslog.list_logons_for_host("print", **given)
    assert ours.replace(".000000Z", "Z").split() == theirs.split()  # the same instant
    assert "| take 3" in ours
