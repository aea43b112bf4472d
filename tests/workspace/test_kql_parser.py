"""Microsoft's own parser reads every query, and no value changes what it reads."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest

from linuxhunt.errors import ParameterError
from linuxhunt.schema import TABLES
from linuxhunt.workspace import Workspace, catalogue
from tests.workspace.endpoint import ASIM
from tests.workspace.kusto_language import parser, program
from tests.workspace.small import END, START
from tests.workspace.test_literals import NASTY

ENGINES = ("LinuxHuntLocal", "Kusto", "MSSentinel")
PLAIN: dict[str, Any] = {"datetime": START, "list": ["a"], "bool": False, "int": 7, "str": "a"}
NAMES = sorted(catalogue())
FUNCTIONS = {
    name: ["(starttime:datetime=datetime(null), endtime:datetime=datetime(null))", f"{{ {table} }}"]
    for name, table in ASIM.items()
}
SCHEMA = {table: {**columns, "_ItemId": "string"} for table, columns in TABLES.items()}


@pytest.fixture(scope="module")
def providers() -> dict[str, Any]:
    """Return msticpy's providers, not connected; "print" gives a query's text all the same."""
    return {engine: Workspace(engine, "not connected").provider for engine in ENGINES}


def text(provider: Any, name: str, **values: Any) -> str:
    """Return the text of a query as msticpy's own function writes it."""
    given = {key: PLAIN[stated["type"]] for key, stated in catalogue()[name].parameters.items()}
    given |= {"start": START, "end": END, **values}
    return str(getattr(provider.LinuxHunt, name)("print", **given))


@pytest.fixture(scope="module")
def diagnostics(providers: dict[str, Any]) -> dict[str, list[str]]:
    """Return what the parser says of each query."""
    kql = [text(providers[catalogue()[name].environments[0]], name) for name in NAMES]
    said = parser(
        schema=SCHEMA, functions=FUNCTIONS, analyse=[*kql, "Syslog | where Nope == f(1)"]
    )["analyse"]
    return dict(zip([*NAMES, "wrong"], said, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_the_parser_finds_nothing_wrong(name: str, diagnostics: dict[str, list[str]]) -> None:
    assert diagnostics[name] == []


def test_the_parser_would_find_what_is_wrong(diagnostics: dict[str, list[str]]) -> None:
    assert diagnostics["wrong"] == [
        "Error KS142: The name 'Nope' does not refer to any known column, table, variable or"
        " function.",
        "Error KS211: The name 'f' does not refer to any known function.",
    ]


CHARS = [
    chr(code)
    for code in range(1, sys.maxunicode + 1)
    if unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs")
]
"""Every character of Unicode that may stand in a text."""
BLOCKS = ["".join(CHARS[at : at + 2_000]) for at in range(0, len(CHARS), 2_000)]
ASCII = CHARS[:127]
PAIRS = [first + second for first in "\"'\\\n" for second in ASCII]


PLACES = [
    (name, parameter)
    for name in NAMES
    for parameter, stated in sorted(catalogue()[name].parameters.items())
    if stated["type"] in ("list", "str") and f"{{{parameter}}}" in catalogue()[name].template
]
PLACES.sort(key=lambda place: place != ("hosts_syslog", "accounts"))


def texts(turn: int) -> Iterator[str]:
    """Yield texts for one place; all places together get every character, each in many of them."""
    yield from ("".join(NASTY), "".join(PAIRS), "".join(reversed(ASCII)))
    yield from (NASTY[(turn + at) % len(NASTY)] for at in range(0, len(NASTY), 7))
    yield BLOCKS[turn % len(BLOCKS)]
    if turn < 2:  # one place that takes a list, one that takes a text
        yield from (*ASCII, *PAIRS, *NASTY, *BLOCKS)


def test_no_text_changes_the_shape_of_a_query(providers: dict[str, Any]) -> None:
    """Every query, parameter and provider; the parser sees one literal in that place."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for engine, provider in providers.items():
        for turn, (name, parameter) in enumerate(PLACES):
            if engine in catalogue()[name].environments:
                in_list = catalogue()[name].parameters[parameter]["type"] == "list"
                groups[engine, name, parameter] = [
                    text(provider, name, **{parameter: [value] if in_list else value})
                    for value in ("a", *texts(turn))
                ]
    answer = parser(
        shapes=[kql for written in groups.values() for kql in written],
        trees=[kql for written in groups.values() for kql in written[:4]],
    )
    shapes, trees = iter(answer["shapes"]), iter(answer["trees"])
    for place, written in groups.items():
        assert len({next(shapes) for _ in written}) == 1, place
        assert len({next(trees) for _ in written[:4]}) == 1, place


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("value", ["a) or true //", 'a"', "2026-03-12) or true //"])
def test_a_place_for_other_types_takes_no_text(
    engine: str, value: str, providers: dict[str, Any]
) -> None:
    for name, parameter in (("programs", "all_hosts"), ("program_volume", "seconds")):
        with pytest.raises(ParameterError):
            text(providers[engine], name, **{parameter: value})


def test_without_node_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match=r"needs node; on Debian: apt-get install npm"):
        program("node")
