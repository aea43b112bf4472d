"""The widgets that pick the window and the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from ipywidgets import VBox

from linuxhunt import views
from linuxhunt.errors import HostError

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["host_widget", "window_widget"]


def window_widget(hunt: Hunt) -> Any:
    """Return a widget that picks the window; it shows the one that is chosen elsewhere, too."""
    box = VBox()
    drawn: list[tuple[pd.Timestamp, pd.Timestamp]] = []

    def picked(start: pd.Timestamp, end: pd.Timestamp) -> None:
        drawn[:] = [(start, end)]  # the widget shows it already
        _pick(hunt, None, start, end)

    def offer() -> None:
        window = (hunt.scope.start, hunt.scope.end)
        if drawn != [window]:
            drawn[:] = [window]
            box.children = (views.window_picker(*window, hunt.span, picked),)

    offer()
    hunt.on_change(offer)
    return box


def host_widget(hunt: Hunt, host: str | None) -> Any:
    """Return a widget that picks the host; the one most worth a look is picked at first."""
    if host is not None:
        hunt.select(host)
    elif hunt.scope.host is None and len(hunt.hosts):
        hunt.select(str(hunt.hosts["Host"].iloc[0]))
    box = VBox()
    offered: list[pd.DataFrame] = []

    def offer() -> None:
        if not offered or offered[-1] is not hunt.hosts:
            offered[:] = [hunt.hosts]
            box.children = (
                views.host_picker(
                    hunt.hosts, hunt.scope.host, lambda name: _pick(hunt, name), host="Host"
                ),
            )

    offer()
    hunt.on_change(offer)
    return box


def _pick(
    hunt: Hunt,
    host: str | None,
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
) -> None:
    """Follow a widget; a host that the new window does not hold gives way to all hosts."""
    try:
        hunt.select(host, start, end)
    except HostError:
        hunt.select("all", start, end)
