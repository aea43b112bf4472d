"""From anything that a section shows to the section about it: its picker set, a link to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from linuxhunt import views
from linuxhunt.errors import LinuxHuntError, ParameterError
from linuxhunt.views import View
from linuxhunt.views.text import escape, visible

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["ANCHORS", "entities", "investigate", "jump_picker"]

ANCHORS = {
    "user": "#users",
    "address": "#network",
    "session": "#session",
    "process": "#applications",
    "program": "#applications",
    "alert": "#alerts",
}
"""Kind of entity -> anchor of the section about it."""

_COLUMNS = {
    "user": "TargetUsername",
    "address": "SrcIpAddr",
    "session": "LogonSessionId",
    "process": "TargetProcessGuid",
}
"""Kind of entity -> the findings' column that names one."""


def entities(finding: Mapping[str, object]) -> dict[str, str]:
    """Return kind -> value of what a row of the findings table is about."""
    held = {kind: finding[column] for kind, column in _COLUMNS.items()}
    return {kind: value for kind, value in held.items() if isinstance(value, str)}


def investigate(hunt: Hunt, kind: str, value: str) -> View:
    """Set the picker of the section about something.

    Returns:
        A line with the link to that section.

    Raises:
        ParameterError: there is no such kind, or the scope has no such thing.
    """
    if kind not in ANCHORS:
        raise ParameterError(f"nothing of kind {kind} can be looked at; {', '.join(ANCHORS)} can")
    selects = {
        "user": hunt.users.choice.select,
        "address": hunt.network.choice.select,
        "session": hunt.session.choice.select,
        "process": hunt.applications.focus,
        "program": hunt.applications.choice.select,
        "alert": hunt.alerts.choice.select,
    }
    selects[kind](value)
    text = f"→ {kind} {visible(value)}"
    return View(f'<p><a href="{ANCHORS[kind]}">{escape(text)}</a></p>', f"{text} ({ANCHORS[kind]})")


def jump_picker(hunt: Hunt, offered: Mapping[tuple[str, str], str]) -> Any:
    """Ask what to investigate.

    Args:
        hunt: whose sections are set.
        offered: (kind, value) -> what to show for it.

    Returns:
        A select; beneath it, once something is picked, the link to where it is shown.
    """
    link = widgets.HTML()

    def go(picked: tuple[str, str]) -> None:
        try:
            link.value = investigate(hunt, *picked).html
        except LinuxHuntError as problem:
            link.value = views.error(problem).html

    options = [(label, picked) for picked, label in offered.items()]
    return widgets.VBox([views.choice_picker(options, None, "Investigate", go, rows=4), link])
