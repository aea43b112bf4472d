"""Attributes made when one of them is first looked at, all in the order of the class."""

from __future__ import annotations

from typing import Any

import pytest

from linuxhunt.later import later


class Made:
    """What notes in which order it was made."""

    def __init__(self, held: Any) -> None:
        held.order.append(type(self).__name__)


class First(Made):
    """The first."""


class Second(Made):
    """The second."""


class Holder:
    """An object with two such attributes."""

    one: Any = later(__name__, "First")
    two: Any = later(__name__, "Second")

    def __init__(self) -> None:
        self.order: list[str] = []


@pytest.mark.parametrize("name", ["one", "two"])
def test_all_are_made_once_in_order_whichever_is_looked_at(name: str) -> None:
    held = Holder()
    assert held.order == []
    found = getattr(held, name)
    assert found is getattr(held, name)
    assert (type(held.one), type(held.two)) == (First, Second)
    assert held.order == ["First", "Second"]


def test_what_was_set_stays() -> None:
    held = Holder()
    held.one = "mine"
    assert type(held.two) is Second
    assert (held.one, held.order) == ("mine", ["Second"])


def test_they_are_listed_with_the_others() -> None:
    assert {"one", "two"} <= set(dir(Holder()))
