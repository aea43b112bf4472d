"""Shape tables as one expression, where an engine must count without the lines.

Ranking many hosts is the one thing that the engine does on text: it counts the lines that shapes of
some kind understand. The expressions are made of those shapes, so that they count what
:func:`linuxhunt.parse.auth` and :func:`linuxhunt.parse.accounts` find; RE2 runs them on every
engine. They are for ``strcat(ProcessName, ": ", SyslogMessage)``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from linuxhunt.parse.shape import Shape, Table

__all__ = ["pattern"]

_REPEATED = r"(?:message repeated \d+ times: \[ ?)?"
_NEVER = r"\b\B"
_SEVERITY = r"(?:(?:error|fatal|debug[123]): )?"


def pattern(tables: Sequence[Table], wanted: Callable[[Table, Shape], bool]) -> tuple[str, str]:
    """Return two RE2 expressions: for lines that may be meant, and for those that are not.

    Args:
        tables: of programs.
        wanted: which of their shapes to count.

    Returns:
        ``(counted, other)``: a line is counted where the first matches and the second does not. The
        second is made of the shapes that are tried before a wanted one and begin alike.
    """
    counted, other = [], []
    for table in tables:
        chosen = [shape for shape in table.shapes if wanted(table, shape)]
        if not chosen:
            continue
        last = table.shapes.index(chosen[-1])
        before = [
            shape
            for shape in table.shapes[:last]
            if not wanted(table, shape) and any(_alike(shape, one) for one in chosen)
        ]
        counted.append(_of(table, chosen))
        if before:
            other.append(_of(table, before))
    return _any(counted), _any(other)


def _any(parts: Sequence[str]) -> str:
    return f"^(?:{'|'.join(parts)})" if parts else _NEVER


def _alike(one: Shape, two: Shape) -> bool:
    return one.reads.startswith(two.reads) or two.reads.startswith(one.reads)


def _of(table: Table, shapes: Sequence[Shape]) -> str:
    programs = "|".join(map(re.escape, table.programs))
    bodies = dict.fromkeys(_plain(shape) for shape in shapes)
    severity, preauth = (_SEVERITY, r"(?: \[preauth\])?") if table.strips else ("", "")
    return rf"(?:[^: ]*/)?(?i:{programs}): {_REPEATED}{severity}(?:{'|'.join(bodies)}){preauth}\]?$"


def _plain(shape: Shape) -> str:
    """Return a shape's expression without its names and its anchors."""
    text = re.sub(r"\(\?P<\w+>", "(?:", shape.pattern).removeprefix("^")
    return text[:-1] if text.endswith("$") and not text.endswith(r"\$") else text
