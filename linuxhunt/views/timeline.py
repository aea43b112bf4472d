"""Events over time, on lanes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from linuxhunt.views.base import LIMIT, View, block, live, paragraph
from linuxhunt.views.charts import item, legend
from linuxhunt.views.faces import timeline_face
from linuxhunt.views.lanes import KEPT, LABEL, Lanes, Track, lanes
from linuxhunt.views.palette import marks
from linuxhunt.views.text import count, listed, moment, plural, short, visible
from linuxhunt.views.timeline_chart import layout

__all__ = ["Track", "timeline", "timelines"]

ALERTS = 100
BUDGET = LIMIT * 3 // 5


def timeline(
    frame: pd.DataFrame,
    time: str,
    lane: str,
    text: str,
    *,
    colour_by: str | None = None,
    start: pd.Timestamp,
    end: pd.Timestamp,
    alerts: pd.DataFrame | None = None,
    title: str | None = None,
) -> View:
    """Draw one chart of events over time; see :class:`Track` and :func:`timelines`."""
    return timelines(
        [Track(frame, time, lane, text, colour_by, title)], start=start, end=end, alerts=alerts
    )


def timelines(
    tracks: Sequence[Track],
    *,
    start: pd.Timestamp,
    end: pd.Timestamp,
    alerts: pd.DataFrame | None = None,
) -> View:
    """Draw charts of events below one another, with one range of time that all share.

    The wheel zooms time. Up to 1,000 events are drawn one by one, more are counted in bins; zoomed
    in, bins become finer and, where all events could be sent along, single again.

    Args:
        tracks: the charts.
        start: the window, half-open; events outside it are counted in the caption.
        end: its end.
        alerts: TimeGenerated and AlertName; drawn as lines through all charts.

    Raises:
        KeyError: a frame does not have a column that its track names.
        ValueError: the window has no length.
    """
    start, end = _utc(start), _utc(end)
    if not start < end:
        raise ValueError("A timeline needs a window that ends after it starts.")
    placed = [lanes(track, start, end) for track in tracks]
    marked = _alerts(alerts, start, end)
    window = (start.timestamp() * 1000, end.timestamp() * 1000)
    says = _says(placed, marked, start, end)
    if not any(len(p.events) for p in placed) and marked.empty:
        return View(block("view", paragraph(says)), says)
    payload, kept = _fitting(placed, window, marked)
    face = timeline_face(placed, window, marked["ms"], says)
    known = {name: mark for p in placed for name, mark in p.known.items()}
    if len(marked):
        known |= marks(["alert"])
    caption = paragraph(says + _counted(placed, kept))
    body = live("chart", face, payload, "").html
    return View(block("view", legend(known) + body + caption), says)


def _utc(time: pd.Timestamp) -> pd.Timestamp:
    stamp = pd.Timestamp(time)
    return stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")


def _alerts(alerts: pd.DataFrame | None, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    if alerts is None or alerts.empty:
        return pd.DataFrame({"ms": [], "text": []})
    times = pd.to_datetime(alerts["TimeGenerated"], utc=True)
    inside = (times >= start) & (times < end)
    names = alerts.loc[inside, "AlertName"].astype(object).fillna("").map(visible)
    found = pd.DataFrame({"ms": [t.timestamp() * 1000 for t in times[inside]], "text": names})
    return found.sort_values("ms", ignore_index=True).head(ALERTS)


def _says(
    placed: Sequence[Lanes], marked: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> str:
    """The chart in words."""
    between = f"from {moment(start)} to {moment(end)} UTC"
    parts = []
    for track in placed:
        lane_counts = track.events["lane"].value_counts()
        order = reversed(range(len(track.names)))
        counts = (f"{short(track.names[i], LABEL)} {count(lane_counts.get(i, 0))}" for i in order)
        named = listed(counts, 5)
        head = f"{track.title}: " if track.title else ""
        parts.append(
            f"{head}{plural(len(track.events), 'event')}" + (f" ({named})" if named else "")
        )
    text = f"{'; '.join(parts)}, {between}."
    if len(marked):
        text += f" {plural(len(marked), 'alert')}: {listed(marked['text'], 3)}."
    for number, what in (
        (sum(t.outside for t in placed), "outside the window"),
        (sum(t.untimed for t in placed), "without a time"),
    ):
        text += f" {plural(number, 'event')} {what} not drawn." if number else ""
    return text


def _counted(placed: Sequence[Lanes], kept: bool) -> str:
    counted = [track for track in placed if track.levels]
    if not counted:
        return ""
    finest = max(counted, key=lambda track: track.levels[-1].step).levels[-1].says
    rest = (
        "zoom in to see single events"
        if kept
        else f"zoom in for counts per {finest}; for single events narrow the window"
    )
    return f" Counted per {counted[0].levels[0].says}; {rest}."


def _fitting(
    placed: Sequence[Lanes], window: tuple[float, float], marked: pd.DataFrame
) -> tuple[str, bool]:
    """The payload, and whether counted events could all be sent along."""
    kept = sum(len(track.events) for track in placed if track.levels) <= KEPT
    payload = item(layout(placed, window, marked, kept))
    if kept and len(payload) > BUDGET:
        kept, payload = False, item(layout(placed, window, marked, False))
    return payload, kept
