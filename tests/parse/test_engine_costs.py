"""Twice the shapes cost at most 1.3 times the time: a line meets few expressions."""

import re

from linuxhunt.parse.auth import TABLES
from linuxhunt.parse.engine import Reader
from linuxhunt.parse.shape import Table


def _deepest(sql: str) -> int:
    """Count the comparisons on the longest way through the tree of one table."""
    depth = deepest = 0
    for word in re.findall(r"CASE WHEN body <|\bEND\b|CASE WHEN starts_with", sql):
        depth += -1 if word == "END" else 1
        deepest = max(deepest, depth)
    return deepest


def test_a_doubled_table_is_one_comparison_deeper() -> None:
    sshd = TABLES[0]
    twice = Table(
        sshd.name,
        sshd.programs,
        (
            *sshd.shapes,
            *(
                type(one)(f"^~{one.pattern[1:]}", f"~{one.reads}", one.leads, one.constants)
                for one in sshd.shapes
                if one.leads
            ),
        ),
        sshd.common,
        sshd.strips,
    )
    plain, doubled = (_deepest(Reader((each,), ())._tree(each)) for each in (sshd, twice))
    assert doubled <= plain + 2
