"""The kernel's and auditd's numbers by name: record types, architectures, syscalls, errors.

The tables are generated; audit_names.json says from what.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pyarrow as pa

__all__ = ["ARCHES", "ERRORS", "FAMILIES", "SYSCALLS", "TYPES", "names_table", "syscalls_table"]

_NAMES: dict[str, Any] = json.loads(
    files(__package__).joinpath("audit_names.json").read_text("utf-8")
)

TYPES: dict[str, str] = _NAMES["types"]
"""Record type: number as text -> name (``1309`` -> ``EXECVE``)."""

ARCHES: dict[str, str] = _NAMES["arch"]
"""Architecture: ``arch=`` in hex -> name (``c000003e`` -> ``x86_64``)."""

ERRORS: dict[str, str] = _NAMES["errno"]
"""Error: number as text -> name (``13`` -> ``EACCES``)."""

FAMILIES: dict[int, str] = {int(number): name for number, name in _NAMES["families"].items()}
"""Socket address family: number -> name (``2`` -> ``inet``)."""

SYSCALLS: dict[str, dict[str, str]] = _NAMES["syscalls"]
"""Architecture by name -> syscall number as text -> name."""


def names_table(names: dict[str, str]) -> pa.Table:
    """Return a table of names as columns ``number`` and ``name``, to be joined."""
    return pa.table({"number": list(names), "name": list(names.values())})


def syscalls_table() -> pa.Table:
    """Return all syscalls as columns ``arch``, ``number`` and ``name``, to be joined."""
    rows = [
        (arch, number, name) for arch, calls in SYSCALLS.items() for number, name in calls.items()
    ]
    arch, number, name = zip(*rows, strict=True)
    return pa.table({"arch": list(arch), "number": list(number), "name": list(name)})
