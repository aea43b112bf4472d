"""The documents say what the code does: tables, columns, types, commands, options."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from linuxhunt.cli import app
from linuxhunt.events import KINDS
from linuxhunt.schema import EVENTS

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")] if path.is_file()
)


def tables() -> dict[str, list[tuple[str, str, str]]]:
    """Return the rows of docs/events.md by kind: column, type, meaning."""
    text = (ROOT / "docs" / "events.md").read_text("utf-8")
    parts = re.split(r"^## (\w+)$", text, flags=re.MULTILINE)[1:]
    row = re.compile(r"^\| (\w+) \| `(\w+)` \| (.+) \|$", re.MULTILINE)
    return {
        kind: [match.groups() for match in row.finditer(body)]  # type: ignore[misc]
        for kind, body in zip(parts[::2], parts[1::2], strict=True)
    }


def test_the_document_lists_every_kind_in_order() -> None:
    assert list(tables()) == list(EVENTS)


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_the_document_has_the_columns_of_the_schema(kind: str) -> None:
    assert [(name, type_) for name, type_, _ in tables()[kind]] == list(EVENTS[kind].items())
    assert [name for name, _, meaning in tables()[kind] if not meaning.endswith(".")] == []


def test_kinds_of_the_command_line_are_documented() -> None:
    assert set(KINDS) <= set(EVENTS)
    assert list(KINDS) == [kind for kind in EVENTS if kind in KINDS]


def commands() -> dict[str, Any]:
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def mentioned() -> list[Any]:
    """Return each ``linuxhunt <command> ...`` that a document holds in code."""
    found = []
    for path in DOCUMENTS:
        text = path.read_text("utf-8").partition("## Not done yet")[0]
        code = re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL)
        code += re.findall(r"`([^`\n]+)`", text)
        for line in "\n".join(code).splitlines():
            for match in re.finditer(r"(?:^|[\s/$])linuxhunt ([a-z]\w*)([^|;#`]*)", line):
                found.append(pytest.param(*match.groups(), id=f"{path.name}: {match[0].strip()}"))
    return found


@pytest.mark.parametrize(("name", "rest"), mentioned())
def test_a_command_that_is_mentioned_is_there(name: str, rest: str) -> None:
    assert name in commands()
    known = {option for param in commands()[name].params for option in param.opts}
    known |= {option for param in commands()[name].params for option in param.secondary_opts}
    assert {word.split("=")[0] for word in re.findall(r"(?<=\s)--?[a-z][\w-]*", rest)} <= known


CONTRACT = {
    "lab": {"sources"},
    "report": {"sources", "-o", "--host", "--start", "--end", "--session"},
    "ingest": {"evidence", "-o"},
    "events": {"kind", "sources", "-o", "--host", "--start", "--end", "--explain", "--format"},
    "hosts": {"sources", "--format"},
    "query": {"arguments", "--format"},
    "serve": {"case", "--port"},
    "sample": {"folder", "--seed", "--scale"},
    "notebook": {"folder"},
    "doctor": {"sources"},
}
SOURCE = {"--year", "--tz", "--hostname", "--no-cache"}


@pytest.mark.parametrize("name", sorted(CONTRACT))
def test_the_command_line_has_what_scripts_rely_on(name: str) -> None:
    held = {option for param in commands()[name].params for option in param.opts}
    wanted = CONTRACT[name] | (SOURCE if name in ("events", "hosts", "query", "report") else set())
    assert wanted - held == set()
    assert commands()[name].help
