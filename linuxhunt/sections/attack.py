"""MITRE ATT&CK: the name of a technique and the tactics that it serves."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

__all__ = ["OTHER", "SOURCE_LICENCE", "Technique", "source", "tactics", "technique"]

OTHER = "Other"
"""The tactic of a technique that the table does not know."""

SOURCE_LICENCE = "© The MITRE Corporation, reproduced with its permission"


class Technique(NamedTuple):
    """A technique or sub-technique.

    Attributes:
        id: such as ``T1110.001``.
        name: ATT&CK's, of a sub-technique without its parent's; "" where it is not known.
        tactics: those that it serves, in the order of the matrix; OTHER where it is not known.
    """

    id: str
    name: str
    tactics: tuple[str, ...]


@lru_cache(maxsize=1)
def _held() -> dict[str, Any]:
    held: dict[str, Any] = json.loads(files(__package__).joinpath("attack.json").read_text("utf-8"))
    return held


def source() -> str:
    """Return what the table was made of, with its version."""
    return str(_held()["source"])


def tactics() -> tuple[str, ...]:
    """Return the tactics from left to right in ATT&CK's matrix."""
    return tuple(_held()["tactics"])


def technique(name: str) -> Technique:
    """Look a technique up by its id; alerts of others may name one that is not known."""
    row = _held()["techniques"].get(name)
    if row is None:
        return Technique(name, "", (OTHER,))
    return Technique(name, row[0], tuple(tactics()[i] for i in row[1]))
