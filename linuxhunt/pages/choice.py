"""What an analyst picks within a section: a user, a program, an address, a session, an alert."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ipywidgets import VBox

from linuxhunt import views
from linuxhunt.errors import ParameterError

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["Choice"]


class Choice:
    """One of several; the first of them until another is picked, and again in another scope.

    Attributes:
        label: what is picked, one word.
    """

    def __init__(
        self, hunt: Hunt, label: str, options: Callable[[], Sequence[tuple[str, str]]]
    ) -> None:
        """Prepare to ask.

        Args:
            hunt: whose scope the choice lies in.
            label: what is picked, one word.
            options: says what can be picked, as (label, value), those worth a look first.
        """
        self.label = label
        self._hunt = hunt
        self._options = options
        self._picked: str | None = None
        self._listeners: list[Callable[[], None]] = []
        hunt.on_change(self.forget)

    def forget(self) -> None:
        """Pick nothing: the first option counts again."""
        self._picked = None
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call a function each time that something else is picked, or there is to pick from."""
        self._listeners.append(listener)

    @property
    def value(self) -> str | None:
        """What is picked; the first option where nothing was, None where there is none."""
        if self._picked is not None:
            return self._picked
        options = self._options()
        return options[0][1] if options else None

    def select(self, value: str) -> None:
        """Pick one.

        Raises:
            ParameterError: it is none of those that the scope has.
        """
        if value not in {held for _, held in self._options()}:
            raise ParameterError(f"no {self.label.lower()} {value} in {self._hunt.scope}")
        self._picked = value
        self._tell()

    def picker(self, value: str | None = None) -> Any:
        """Return the widget that asks; it follows the other pickers.

        Args:
            value: what to begin with; None leaves it as it is.
        """
        if value is not None:
            self.select(value)
        box = VBox()
        drawn: list[tuple[Sequence[tuple[str, str]], str | None]] = []

        def picked(value: str) -> None:
            drawn[:] = [(drawn[0][0], value)]  # the widget shows it already
            self.select(value)

        def offer() -> None:
            options, value = self._options(), self.value
            if not drawn or drawn[0] != (options, value):
                drawn[:] = [(options, value)]
                box.children = (views.choice_picker(options, value, self.label, picked),)

        offer()
        self.on_change(offer)
        return box
