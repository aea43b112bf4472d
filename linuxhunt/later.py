"""Attributes of an object that are imported and made when one of them is first looked at."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["later"]


def later(module: str, name: str) -> Any:
    """Return a class attribute that stands for ``name(self)`` of a module not imported yet.

    Looking at one of them makes all of the class, in the order in which they are written there,
    so that what they ask to be told of is told in that order, whichever is looked at first.
    """
    return _Later(module, name)


class _Later:
    """A descriptor that what it makes takes the place of, in the object's own attributes."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._class, self._name = module, name, name

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, held: object | None, owner: type) -> Any:
        if held is None:
            return self
        for part in vars(owner).values():
            if isinstance(part, _Later) and part._name not in vars(held):
                made = getattr(import_module(part._module), part._class)(held)
                setattr(held, part._name, made)
        return vars(held)[self._name]
