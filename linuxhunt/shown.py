"""A view in a notebook's cell that is drawn again, in place, when what it shows has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.display import display

from linuxhunt.errors import LinuxHuntError
from linuxhunt.views import View, error, message

__all__ = ["Shown"]


class Shown:
    """What ``show()`` returns: the last expression of a cell displays it."""

    def __init__(self, view: Callable[[], View]) -> None:
        self._view = view
        self._handle: Any = None

    def _draw(self) -> View:
        try:
            return self._view()
        except LinuxHuntError as failure:
            return error(failure)
        except Exception as failure:  # the edge: a fault of one section must stop no other
            return message(f"This section failed: {type(failure).__name__}: {failure}", "error")

    def _ipython_display_(self) -> None:
        self._handle = display(self._draw(), display_id=True)

    def refresh(self) -> None:
        """Draw again where it is shown; nothing where no cell has shown it yet."""
        if self._handle is not None:
            self._handle.update(self._draw())

    def __repr__(self) -> str:
        return self._draw().text
