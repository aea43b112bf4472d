"""Choices, made of core ipywidgets only. Every choice is a plain parameter elsewhere as well.

Options are plain text (a select shows no markup), and signs that cannot be seen are written out.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import ipywidgets as widgets
import pandas as pd

from linuxhunt.views.text import moment, plural, visibly

__all__ = ["choice_picker", "host_picker", "window_picker"]

_WIDE = {"description_width": "90px"}
_RANGES = {"last 24 h": 1, "last 3 days": 3, "last 7 days": 7}
_FORM = "%Y-%m-%d %H:%M:%S"
MOST = 500
"""Options that a select shows; the filter reaches the others."""


def window_picker(
    start: pd.Timestamp,
    end: pd.Timestamp,
    span: tuple[pd.Timestamp, pd.Timestamp],
    on_change: Callable[[pd.Timestamp, pd.Timestamp], object],
) -> widgets.Widget:
    """Ask for a window of time.

    Args:
        start: the window to begin with, half-open.
        end: its end.
        span: first and last time that the source holds; quick ranges end just after the last.
        on_change: called with a new start and end (aware, UTC) once both are valid.

    Returns:
        A widget: quick ranges, two fields (UTC; a date, or date and time), and a line that says
        what the window is, or what is wrong with it.
    """
    first, last = (_utc(time) for time in span)
    stop = last.floor("s") + pd.Timedelta(seconds=1)
    ranges = {
        name: (max(first.floor("s"), stop - pd.Timedelta(days=days)), stop)
        for name, days in _RANGES.items()
    }
    ranges["all that the source holds"] = (first.floor("s"), stop)
    quick = widgets.ToggleButtons(
        options=list(ranges),
        value=None,
        description="Window",
        style=_WIDE | {"button_width": "auto"},
    )
    fields = [
        widgets.Text(
            value=_utc(time).strftime(_FORM), description=label, continuous_update=False,
            placeholder="2026-03-13 02:14:07", style=_WIDE,
        )
        for label, time in (("Start (UTC)", start), ("End (UTC)", end))
    ]  # fmt: skip
    says = widgets.Label(_window_says(_utc(start), _utc(end)))
    state = {"window": (_utc(start), _utc(end)), "quiet": False}

    def change(_: object) -> None:
        if state["quiet"]:
            return
        try:
            window = _window(fields[0].value, fields[1].value)
        except ValueError as problem:
            says.value = f"✗ {problem}"
            return
        says.value = _window_says(*window)
        if window != state["window"]:
            state["window"] = window
            on_change(*window)

    def pick(event: dict[str, Any]) -> None:
        if event["new"] is None:
            return
        state["quiet"] = True
        for field, time in zip(fields, ranges[event["new"]], strict=True):
            field.value = time.strftime(_FORM)
        state["quiet"] = False
        change(None)

    quick.observe(pick, "value")
    for field in fields:
        field.observe(change, "value")
    return widgets.VBox([quick, widgets.HBox(fields), says])


def _utc(time: pd.Timestamp) -> pd.Timestamp:
    return time.tz_localize("UTC") if time.tzinfo is None else time.tz_convert("UTC")


def _window(start: str, end: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    times = []
    for label, text in (("Start", start), ("End", end)):
        try:
            times.append(_utc(pd.Timestamp(text.strip())))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{label} is no time; write it like 2026-03-13 02:14:07.") from error
        if pd.isna(times[-1]):
            raise ValueError(f"{label} is missing; write it like 2026-03-13 02:14:07.")
    if not times[0] < times[1]:
        raise ValueError("The window ends before it starts; set End after Start.")
    return times[0], times[1]


def _window_says(start: pd.Timestamp, end: pd.Timestamp) -> str:
    hours = (end - start) / pd.Timedelta(hours=1)
    length = f"{hours / 24:.3g} days" if hours >= 48 else f"{hours:.3g} hours"
    return f"{moment(start)} to {moment(end)} UTC, {length}"


def host_picker(
    hosts: pd.DataFrame,
    value: str | None,
    on_change: Callable[[str], object],
    *,
    host: str = "Computer",
    reason: str = "Reasons",
) -> widgets.Widget:
    """Ask for a host, those worth a look first.

    Args:
        hosts: ranked, one row a host.
        value: the host to begin with; one that is not in ``hosts`` is as none.
        on_change: called with the name of the host that was picked.
        host: the column of names.
        reason: the column that says why it is worth a look (text or a list of texts).

    Returns:
        A select of ``1. web01: 412 failed logons, 1 alert`` with a field that filters it.
    """
    options = []
    for rank, (name, why) in enumerate(zip(hosts[host], hosts[reason], strict=True), 1):
        says = ", ".join(map(str, why)) if isinstance(why, (list, tuple)) else _text(why)
        options.append((f"{rank}. {name}: {says}" if says else f"{rank}. {name}", str(name)))
    return choice_picker(options, value, "Host", on_change)


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)


def choice_picker(
    options: Sequence[tuple[str, Hashable]],
    value: Hashable | None,
    label: str,
    on_change: Callable[[Any], object],
    *,
    rows: int = 8,
) -> widgets.Widget:
    """Ask for one of many.

    Args:
        options: label and value; labels may repeat, and may hold anything.
        value: the value to begin with; one that is not among the options is as none.
        label: what is asked for, one or two words.
        on_change: called with the value that was picked.
        rows: options in sight at most.

    Returns:
        A select, with a field that filters it by text where there are more than eight options.
    """
    # A select takes equal labels for one option, so the second one is told apart by a count.
    texts: list[tuple[str, Hashable]] = []
    seen: dict[str, int] = {}
    names = visibly(pd.Series([name for name, _ in options], dtype=object))
    for text, (_, of) in zip(names, options, strict=True):
        seen[text] = seen.get(text, 0) + 1
        texts.append((text if seen[text] == 1 else f"{text} ({seen[text]})", of))
    values = [of for _, of in texts]
    select = widgets.Select(
        options=texts[:MOST],
        value=value if value in values[:MOST] else None,
        description=label,
        rows=min(max(len(texts), 2), rows),
        style=_WIDE,
        layout={"width": "auto", "max_width": "900px"},
    )
    says = widgets.Label("" if texts else "Nothing to pick.")
    state = {"picked": select.value, "quiet": False}

    def pick(event: dict[str, Any]) -> None:
        if not state["quiet"] and event["new"] is not None and event["new"] != state["picked"]:
            state["picked"] = event["new"]
            on_change(event["new"])

    def narrow(event: dict[str, Any]) -> None:
        words = event["new"].lower().split()
        kept = [o for o in texts if all(word in o[0].lower() for word in words)]
        # The options change, the choice does not: it is only shown again where it is among them.
        state["quiet"] = True
        select.options = kept[:MOST]
        held = [of for _, of in kept[:MOST]]
        select.value = state["picked"] if state["picked"] in held else None
        state["quiet"] = False
        says.value = _shown(len(kept), len(texts))

    select.observe(pick, "value")
    if len(texts) <= 8:
        return widgets.VBox([select, says])
    says.value = _shown(len(texts), len(texts))
    field = widgets.Text(description="Filter", continuous_update=True, style=_WIDE)
    field.observe(narrow, "value")
    return widgets.VBox([widgets.HBox([field, says]), select])


def _shown(kept: int, total: int) -> str:
    if kept > MOST:
        return f"{MOST:,} of {kept:,} shown; filter to see the others"
    return plural(total, "option") if kept == total else f"{kept:,} of {total:,}"
