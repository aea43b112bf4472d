"""What a program prints, as data: shapes, and the tables that hold them.

A shape is one message of one program: an anchored regular expression whose named groups are
columns of the event (any other name becomes a key of ``AdditionalFields``), and constants.
Every shape holds a literal of its message, so none is a catch-all, and so that a line meets few
expressions: it is compared with literals first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

__all__ = ["Shape", "Table", "known", "shape", "table"]

_META = frozenset("\\.^$*+?{}[]|()")
_QUANTIFIERS = frozenset("*?{+")


@dataclass(frozen=True)
class Shape:
    """One message of a program.

    Attributes:
        pattern: RE2, begins with ``^``.
        reads: the literal: what the message begins with, or where it begins with something
            else, what it contains.
        leads: whether the message begins with ``reads``.
        constants: columns that are the same in every such line.
        states: False where the message is known and states nothing that the table is about.
    """

    pattern: str
    reads: str
    leads: bool
    constants: Mapping[str, str] = field(default_factory=dict)
    states: bool = True

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups, in order; unnamed groups are non-capturing by rule."""
        return tuple(re.compile(self.pattern).groupindex)

    @cached_property
    def holds(self) -> str:
        """The longest text beyond the beginning that every match contains; "" where there is none.

        It is looked for before the expression is tried, which costs ten times as much.
        """
        begins = len(_literal(self.pattern[1:])[0]) if self.leads else 0
        runs = _runs(self.pattern[1:])
        if begins and runs:
            runs = runs[1:]
        return max(runs, key=len, default="")

    def silent(self) -> Shape:
        """Return the shape of a message that states nothing that its table is about."""
        return replace(self, states=False)


@dataclass(frozen=True)
class Table:
    """The shapes of one program, first match wins (those that lead with a literal before others).

    Attributes:
        name: of the table.
        programs: in lower case, as syslog names them, without path or parentheses.
        shapes: in order of trial.
        common: constants of all shapes, where a shape has none of its own.
        strips: the text is taken without sshd's severity before and ``[preauth]`` behind it.
    """

    name: str
    programs: tuple[str, ...]
    shapes: tuple[Shape, ...]
    common: Mapping[str, str]
    strips: bool = False


def table(name: str, programs: str, *shapes: Shape, strips: bool = False, **common: str) -> Table:
    """Make a table; ``programs`` is a list of words."""
    return Table(name, tuple(programs.split()), shapes, common, strips)


def shape(pattern: str, reads: str = "", /, **constants: str) -> Shape:
    """Make a shape.

    Args:
        pattern: an expression anchored at the start, and at the end unless what follows cannot
            matter. All groups that capture have names.
        reads: the literal, where the pattern does not begin with one.
        constants: column -> value; a group of the same name that captured nothing leaves it.

    Raises:
        ValueError: the pattern is not anchored, captures without a name or holds no literal.
    """
    begins = _literal(pattern[1:])[0]
    literal = reads or begins
    groups = re.compile(pattern)
    named = groups.groups == len(groups.groupindex)
    if not (pattern.startswith("^") and named and len(literal) >= 2):
        raise ValueError(f"not anchored, an unnamed group, or no literal: {pattern}")
    return Shape(pattern, literal, begins.startswith(literal), constants)


def known(*literals: str) -> tuple[Shape, ...]:
    """Make shapes of messages that begin so and state nothing about who got in."""
    return tuple(
        Shape(f"^{re.escape(literal)}", literal, True, states=False) for literal in literals
    )


def _literal(pattern: str) -> tuple[str, bool]:
    """Return the text that every match begins with, and whether that is all of the pattern."""
    if "|" in _top(pattern):
        return "", False
    text, at = "", 0
    while at < len(pattern):
        sign, end = pattern[at], at + 1
        if sign == "\\" and not pattern[end].isalnum():
            sign, end = pattern[end], end + 1
        elif sign == "(":
            end = _closing(pattern, at)
            inner, whole = _literal(re.sub(r"^\?(?::|P<\w+>)", "", pattern[at + 1 : end - 1]))
            if pattern[end : end + 1] in _QUANTIFIERS or not whole:
                return text + ("" if pattern[end : end + 1] in _QUANTIFIERS else inner), False
            text, at = text + inner, end
            continue
        elif sign in _META:
            return text, False
        if pattern[end : end + 1] in _QUANTIFIERS:
            return text, False
        text, at = text + sign, end
    return text, True


def _runs(pattern: str) -> list[str]:
    """Return the texts that every match contains, in order."""
    if "|" in _top(pattern):
        return []
    runs: list[str] = []
    text, at = "", 0
    while at < len(pattern):
        sign, end, inner = pattern[at], at + 1, None
        if sign == "\\":
            sign, end = pattern[end], end + 1
            plain = not sign.isalnum()
        elif sign == "(":
            end = _closing(pattern, at)
            inner = re.sub(r"^\?(?::|P<\w+>)", "", pattern[at + 1 : end - 1])
            plain = False
        elif sign == "[":
            end, plain = pattern.index("]", at + 2) + 1, False
        else:
            plain = sign not in _META
        repeated = pattern[end : end + 1] in _QUANTIFIERS and end < len(pattern)
        if plain and not repeated:
            text, at = text + sign, end
            continue
        runs, text, at = [*runs, text], "", end
        if inner is not None and not repeated and not inner.startswith("?"):
            runs += _runs(inner)
    return [run for run in [*runs, text] if run]


def _closing(pattern: str, at: int) -> int:
    """Return the position after the parenthesis that closes the one at ``at``."""
    depth, escaped, inside = 0, False, False
    for end in range(at, len(pattern)):
        sign = pattern[end]
        if escaped:
            escaped = False
        elif sign == "\\":
            escaped = True
        elif inside:
            inside = sign != "]"
        elif sign == "[":
            inside = True
        else:
            depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return end + 1
    raise ValueError(f"a parenthesis is open: {pattern}")


def _top(pattern: str) -> str:
    """Return what of a pattern stands outside all parentheses, brackets and escapes."""
    text, at = "", 0
    while at < len(pattern):
        sign = pattern[at]
        if sign == "(":
            at = _closing(pattern, at)
        elif sign == "[":
            at = pattern.index("]", at + 2) + 1
        elif sign == "\\":
            at += 2
        else:
            text, at = text + sign, at + 1
    return text
