"""Events on lanes over time, one by one or counted in bins: what a timeline draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from linuxhunt.views.palette import OTHER, Mark, marks
from linuxhunt.views.text import short, visible, visibly

__all__ = ["KEPT", "SINGLE", "Lanes", "Level", "Track", "lanes", "steps"]

SINGLE = 1_000
"""Up to so many events are drawn one by one; more would be a solid band, and are counted."""
KEPT = 20_000
"""Up to so many counted events are sent along, to be seen one by one when zoomed in."""
BINS, GROUPS = 160, 6_000
LANES, LABEL, TEXT, TITLE = 12, 26, 240, 80
CROWDED, FEW = 150, 600
RARE, ABOVE = 0.02, 0.5

_SECOND = 1_000.0
STEPS = tuple(
    _SECOND * s
    for s in (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800,
              2_592_000)
)  # fmt: skip
_SAY = dict(
    zip(
        STEPS,
        ("second", "5 seconds", "10 seconds", "30 seconds", "minute", "5 minutes", "10 minutes",
         "30 minutes", "hour", "3 hours", "6 hours", "12 hours", "day", "week", "30 days"),
        strict=True,
    )
)  # fmt: skip


@dataclass(frozen=True)
class Track:
    """One chart of a timeline.

    Attributes:
        frame: one row an event.
        time: its column of times.
        lane: the column whose values are the lanes; a categorical's order is kept, else the lane
            with most events comes first. Beyond twelve, the rest share the lane ``other``.
        text: the column that the hover shows.
        colour_by: the column that gives colour and shape; without it, the lane does.
        title: what the chart is, one phrase.
    """

    frame: pd.DataFrame
    time: str
    lane: str
    text: str
    colour_by: str | None = None
    title: str | None = None


@dataclass(frozen=True)
class Level:
    """Events counted in bins of one width.

    Attributes:
        step: width in milliseconds.
        bars: a frame of left (ms), right, lane (index), category, count, bottom, top (in lanes;
            a lane's highest bar is 0.8 high, bars of one bin stand on one another).
    """

    step: float
    bars: pd.DataFrame

    @property
    def says(self) -> str:
        """The width in words."""
        return _SAY[self.step]


@dataclass(frozen=True)
class Lanes:
    """A track, ready to draw.

    Attributes:
        events: a frame of ms (since 1970), lane (index), category, text ("" where there are more
            than are ever drawn one by one), and shift (part of a lane, so that events of a
            crowded lane do not hide one another); sorted by ms.
        names: the lanes, from the lowest up.
        known: category to mark.
        levels: counts, coarse first; empty where events are drawn one by one.
        outside: events that are not within the window; untimed: those without a time.
    """

    title: str | None
    events: pd.DataFrame
    names: list[str]
    known: dict[str, Mark]
    levels: list[Level] = field(default_factory=list)
    outside: int = 0
    untimed: int = 0

    @property
    def size(self) -> float:
        """How large a single event is drawn, in pixels: smaller where there are many."""
        return 8.0 if len(self.events) <= FEW else 5.0

    @property
    def mixed(self) -> bool:
        """Whether a lane holds more than one category, so that bars need hatching."""
        return bool((self.events.groupby("lane")["category"].nunique() > 1).any())


def steps(span: float) -> list[float]:
    """Bin widths for a span of milliseconds: the first gives at most 160 bins, then finer ones."""
    fit = next((i for i, step in enumerate(STEPS) if span / step <= BINS), len(STEPS) - 1)
    return list(STEPS[fit::-1])


def lanes(track: Track, start: pd.Timestamp, end: pd.Timestamp) -> Lanes:
    """Place a track's events within [start, end).

    Raises:
        KeyError: the frame does not have a column that the track names.
    """
    frame = track.frame
    times = pd.to_datetime(frame[track.time], utc=True)
    inside = (times >= start) & (times < end)
    untimed = int(times.isna().sum())
    lane, names = _names(frame.loc[inside, track.lane])
    if track.colour_by is None:
        category = lane
    else:
        category = visibly(frame.loc[inside, track.colour_by].astype(object).fillna(OTHER))
    known = marks(category.value_counts().index)
    category = category.where(category.isin(list(known)), OTHER)
    events = pd.DataFrame(
        {
            "ms": _ms(times[inside]),
            "lane": lane.map({name: i for i, name in enumerate(names)}).astype(int),
            "category": category,
            "text": _short(frame.loc[inside, track.text].astype(object).fillna(""))
            if int(inside.sum()) <= KEPT
            else "",
        }
    )
    events = events.sort_values("ms", kind="stable", ignore_index=True)
    events["shift"] = _shift(events["lane"], events["category"])
    levels = _levels(events, start, end, list(known)) if len(events) > SINGLE else []
    outside = len(frame) - len(events) - untimed
    title = short(visible(track.title), TITLE) if track.title else None
    return Lanes(title, events, names, known, levels, outside, untimed)


def _ms(times: pd.Series[Any]) -> Any:
    return times.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[ms]").astype(float)


def _short(texts: pd.Series[Any]) -> pd.Series[Any]:
    return visibly(texts).map(lambda text: short(text, TEXT)).astype(object)


def _shift(lane: pd.Series[Any], category: pd.Series[Any]) -> pd.Series[Any]:
    """Spread the events of a crowded lane evenly over its height (the golden ratio's steps).

    The few of another category than the crowd's stand above it, where they are seen.
    """
    sizes = lane.map(lane.value_counts())
    spread = (lane.groupby(lane).cumcount() * 0.618034) % 1 * 0.7 - 0.35
    alike = lane.groupby([lane, category]).transform("size")
    return spread.mask(alike <= RARE * sizes, ABOVE).where(sizes > CROWDED, 0.0)


def _names(values: pd.Series[Any]) -> tuple[pd.Series[Any], list[str]]:
    """Each event's lane, and the lanes from the lowest up."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        found = set(values.dropna())
        order = [name for name in values.cat.categories if name in found]
    else:
        order = list(values.dropna().value_counts(sort=True).index)
    kept = order if len(order) <= LANES else order[: LANES - 1]
    text = values.astype(object).map({name: visible(name) for name in kept}).fillna(OTHER)
    names = list(dict.fromkeys(visible(name) for name in kept))
    if (text == OTHER).any() and OTHER not in names:
        names.append(OTHER)
    return text, names[::-1]


def _levels(
    events: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, order: Sequence[str]
) -> list[Level]:
    made: list[Level] = []
    for step in steps((end - start) / pd.Timedelta(milliseconds=1)):
        bars = _bars(events, step, order)
        if made and len(bars) > GROUPS:
            break
        made.append(Level(step, bars))
    return made


def _bars(events: pd.DataFrame, step: float, order: Sequence[str]) -> pd.DataFrame:
    left = np.floor(events["ms"] / step) * step
    category = pd.Categorical(events["category"], categories=list(order), ordered=True)
    keys = pd.DataFrame({"left": left, "lane": events["lane"], "category": category})
    found = keys.groupby(["left", "lane", "category"], observed=True).size()
    bars: pd.DataFrame = found.rename("count").reset_index()
    bars = bars.sort_values(["left", "lane", "category"], ignore_index=True)
    stacked = bars.groupby(["left", "lane"])["count"]
    top, total = stacked.cumsum(), stacked.transform("sum")
    scale = 0.8 / total.groupby(bars["lane"]).transform("max")
    bars["right"] = bars["left"] + step
    bars["bottom"] = bars["lane"] - 0.4 + (top - bars["count"]) * scale
    # A single event beside thousands is still to be seen.
    bars["top"] = np.maximum(bars["lane"] - 0.4 + top * scale, bars["bottom"] + 0.06)
    bars["category"] = bars["category"].astype(object)
    return bars
