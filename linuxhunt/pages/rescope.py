"""A narrower window around an alert, a finding or a moment, and the way back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import ipywidgets as widgets
import pandas as pd

from linuxhunt import views
from linuxhunt.errors import LinuxHuntError, ParameterError, ScopeError
from linuxhunt.pages.choice import Choice
from linuxhunt.pages.together import tried
from linuxhunt.scope import AFTER, BEFORE, Scope, Span, as_time
from linuxhunt.views.text import escape, moment, short, visible

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["AFTER", "BEFORE", "Rescope", "Span"]

_LABEL = 60
_WIDE = {"description_width": "110px"}


class Moment(NamedTuple):
    """Something that a window can be narrowed to."""

    start: pd.Timestamp
    end: pd.Timestamp
    what: str
    label: str


class Rescope:
    """Narrows the window of a hunt, and widens it again.

    Attributes:
        choice: around what: the alerts of the full window, then its findings, the gravest first.
        history: the scopes that were narrowed, the first one first; the way back.
    """

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        self.history: list[Scope] = []
        self._known: dict[Scope, dict[str, Moment]] = {}
        self._around: str | None = None
        self.choice = Choice(hunt, "Around", self._options)

    def _follow(self) -> None:
        """Take the alert that is picked elsewhere for the one to look around."""
        alert = self._hunt.alerts.choice.value
        if alert is not None and alert in self.moments():
            self.choice.select(alert)

    def moments(self) -> dict[str, Moment]:
        """Return id -> what can be looked around: of the full window, then of this one."""
        held: dict[str, Moment] = {}
        if self.history:
            scope = self._hunt.scope
            held = self._known.get(self.history[0].on(scope.host, scope.computers), {})
        return held | self._here()

    def _here(self) -> dict[str, Moment]:
        hunt = self._hunt
        if hunt.scope not in self._known:
            alerts, _ = tried(lambda: hunt.alerts.ranked)
            held = {} if alerts is None else {
                str(row["SystemAlertId"]): Moment(
                    row["Start"], row["End"], f"alert {_short(row['DisplayName'])}",
                    f"alert · {row['Label']}",
                )
                for row in alerts.to_dict("records")
            }  # fmt: skip
            for row in hunt.findings.to_dict("records"):
                if row["Section"] != "alerts":
                    label = (
                        f"finding · {row['EventStartTime']:%d %b %H:%M}"
                        f" {row['EventSeverity']}: {_short(row['Title'])}"
                    )
                    held[str(row["FindingId"])] = Moment(
                        row["EventStartTime"], row["EventEndTime"],
                        f"finding {_short(row['Title'])}", label,
                    )  # fmt: skip
            self._known[hunt.scope] = held
        return self._known[hunt.scope]

    def _options(self) -> list[tuple[str, str]]:
        picked = self._around if self.history else self._hunt.alerts.choice.value
        held = [(held.label, name) for name, held in self.moments().items()]
        return sorted(held, key=lambda option: option[1] != picked)

    def narrow(
        self,
        around: str | datetime | None = None,
        before: Span = BEFORE,
        after: Span = AFTER,
    ) -> Scope:
        """Look at the time around something; what is shown follows.

        Args:
            around: id of an alert or a finding, or a time; None takes what is picked.
            before: how long before it begins the window starts.
            after: how long after it ended the window ends.

        Raises:
            ParameterError: there is no such alert or finding, and it is no time; or a span that
                is none.
            ScopeError: the window has no length.
        """
        lead, trail = _span(before, "before"), _span(after, "after")
        around = around if around is not None else self.choice.value
        if around is None:
            raise ParameterError(
                f"{self._hunt.scope} has no alert and no finding; give a time to look around"
            )
        known = self.moments()
        held = known.get(around) if isinstance(around, str) else None
        if held is None:
            try:
                time = as_time(around, "around")
            except ScopeError as problem:
                raise ParameterError(
                    f"no alert, no finding and no time: {around!r}; hunt.findings and"
                    " hunt.alerts.alerts have the ids, a time is written as 2026-03-12T14:30Z"
                ) from problem
            held = Moment(time, time, f"{moment(time)} UTC", "")
        scope = self._hunt.scope.narrowed(held.start - lead, held.end + trail, held.what)
        self.history.append(self._hunt.scope)
        self._around = around if isinstance(around, str) and around in known else None
        return self._hunt.look_at(scope)

    def back(self) -> Scope:
        """Look at the window again that was narrowed last; the host stays.

        Raises:
            ScopeError: none was.
        """
        if not self.history:
            raise ScopeError(f"the window was not narrowed; it is {self._hunt.scope}")
        scope, last = self._hunt.scope, self.history.pop()
        return self._hunt.look_at(last.on(scope.host, scope.computers))

    def forget(self) -> None:
        """Forget the way back: another full window was chosen, or another source."""
        self.history.clear()
        self._known.clear()

    def picker(
        self,
        around: str | datetime | None = None,
        before: Span = BEFORE,
        after: Span = AFTER,
    ) -> Any:
        """Return the widget that narrows the window, and widens it again.

        Args:
            around: narrow it at once, around this; None leaves it as it is.
            before: the minutes before to begin with.
            after: the minutes after.
        """
        if around is not None:
            self.narrow(around, before, after)
        spans = [
            widgets.BoundedIntText(
                value=_span(span, name) // pd.Timedelta("1min"), min=0, max=525_600, step=15,
                description=f"Minutes {name}", style=_WIDE, layout={"width": "220px"},
            )
            for name, span in (("before", before), ("after", after))
        ]  # fmt: skip
        apply = widgets.Button(description="Apply", button_style="primary", icon="search-plus")
        back = widgets.Button(description="Back", icon="undo", tooltip="the window before this one")
        says = widgets.HTML()

        def say(problem: LinuxHuntError | None = None) -> None:
            back.disabled = not self.history
            now = escape(str(self._hunt.scope))
            wrong = views.error(problem).html if problem is not None else ""
            says.value = f"{wrong}<p>Window: <b>{now}</b></p>"

        def press(act: Any) -> None:
            apply.disabled = back.disabled = True
            says.value = views.message("Looking at it …", "info").html
            problem = None
            try:
                act()
            except LinuxHuntError as error:
                problem = error
            finally:
                apply.disabled = False
                say(problem)

        apply.on_click(lambda _: press(lambda: self.narrow(None, spans[0].value, spans[1].value)))
        back.on_click(lambda _: press(self.back))
        self._hunt.on_change(say)
        self._hunt.alerts.choice.on_change(self._follow)
        say()
        return widgets.VBox([self.choice.picker(), widgets.HBox([*spans, apply, back]), says])


def _short(text: object) -> str:
    return short(visible(text), _LABEL)


def _span(value: Span, name: str) -> pd.Timedelta:
    """Read how long; a bare number is minutes.

    Raises:
        ParameterError: it is no span of time, or less than none.
    """
    try:
        span = pd.Timedelta(minutes=value) if isinstance(value, int) else pd.Timedelta(value)
    except (ValueError, TypeError, OverflowError) as problem:
        raise ParameterError(f"{name} {value!r} is no span of time; write 90min or 2h") from problem
    if pd.isna(span) or span < pd.Timedelta(0):
        raise ParameterError(f"{name} {value!r} is no span of time; write 90min or 2h")
    return span
