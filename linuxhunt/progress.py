"""How far long work is: on a terminal's stderr, or in the notebook's cell."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from tqdm import tqdm

__all__ = ["teller"]

_PATIENCE = 2.0
"""Seconds of work before which nothing is said."""


def teller() -> Callable[[object], None]:
    """Return a function that says how far work is, in place, once it has lasted a while.

    It is given what says so by its ``str``. Where nobody looks (no terminal, no notebook) it says
    nothing.
    """
    if "IPython" in sys.modules:  # as it is wherever a cell runs
        from IPython.core.getipython import get_ipython

        if hasattr(get_ipython(), "kernel"):
            return _in_cell()
    return _on_terminal()


def _on_terminal() -> Callable[[object], None]:
    line = tqdm(
        bar_format="{desc}",
        leave=False,
        dynamic_ncols=True,
        disable=not sys.stderr.isatty(),
    )
    began = time.monotonic()

    def tell(progress: object) -> None:
        if time.monotonic() - began > _PATIENCE:
            line.set_description_str(str(progress))

    return tell


def _in_cell() -> Callable[[object], None]:
    from IPython.display import display

    from linuxhunt import views

    began = time.monotonic()
    handle: list[Any] = []
    last = [0.0]

    def tell(progress: object) -> None:
        now = time.monotonic()
        if now - began < _PATIENCE or now - last[0] < 0.5:
            return
        last[0] = now
        view = views.message(str(progress))
        if handle:
            handle[0].update(view)
        else:
            handle.append(display(view, display_id=True))

    return tell
