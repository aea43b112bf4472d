"""Imports point one way (cli, hunt, the middle, parse, schema), and the pure parts stay pure."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import linuxhunt

PACKAGE = Path(linuxhunt.__file__).parent

LAYERS = [
    {"cli"},
    {"cli_options"},
    {"doctor", "lab", "notebook", "report", "report_page"},
    {"hunt"},
    {"pages"},
    {"events", "exports", "progress", "shown"},
    {"workspace", "evidence", "sections", "views", "enrich"},
    {"hosts"},
    {"parse"},
    {"masking", "output", "scope"},
    {"cells"},
    {"schema"},
    {"errors", "later"},
]
"""Parts of the package, from the top; a part imports from layers below its own."""

ALSO = {
    ("workspace", "evidence"),  # a folder of evidence becomes a case when it is opened
    ("notebook", "report"),
    ("doctor", "notebook"),
    ("report", "lab"),
    ("report", "report_page"),
}
"""Imports within a layer that are meant."""

OUTSIDE = {
    "msticpy": {"workspace", "doctor", "notebook", "enrich"},
    "duckdb_kql": {"workspace"},
    "ipywidgets": {"views", "hunt", "pages"},
    "bokeh": {"views"},
    "itables": {"views"},
    "IPython": {"views", "notebook", "progress", "shown"},
    "azure": {"workspace"},
    "typer": {"cli", "cli_options", "lab"},
}
"""Libraries that only the parts named import."""


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports when it runs; those for type checkers are left out."""
    tree = ast.parse(path.read_text("utf-8"))
    typed = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typed:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = path.relative_to(PACKAGE.parent).parts[: -node.level] if node.level else ()
            module = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"
               or path.parent != PACKAGE)  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    rank = {name: place for place, layer in enumerate(LAYERS) for name in layer}
    here = part_of(path)
    known = {module.split(".")[1] for module in imports(path) if module.startswith("linuxhunt.")}
    assert here in rank, "every part of the package has its layer"
    wrong = {
        there
        for there in known - {here}
        if rank.get(there, -1) <= rank[here] and (here, there) not in ALSO
    }
    assert wrong == set()


@pytest.mark.parametrize("library", sorted(OUTSIDE))
def test_libraries_are_imported_where_they_belong(library: str) -> None:
    users = {
        part_of(path)
        for path in FILES
        for module in imports(path)
        if module.split(".")[0] == library
    }
    assert users <= OUTSIDE[library]


@pytest.mark.parametrize("module", ["linuxhunt", "linuxhunt.parse", "linuxhunt.sections"])
def test_pure_parts_load_no_notebook_and_no_provider(module: str) -> None:
    """Section modules, too, are found by their files, so that a new one is held to it."""
    parts = PACKAGE.joinpath(*module.split(".")[1:])
    modules = [module, *(f"{module}.{path.stem}" for path in sorted(parts.glob("*.py"))
                         if module != "linuxhunt" and path.stem != "__init__")]  # fmt: skip
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "print(*sorted({'msticpy', 'ipywidgets', 'bokeh', 'IPython', 'azure'} & {*sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/"
    )
    assert done.stdout == "\n"
