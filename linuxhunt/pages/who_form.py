"""The form that asks before an address is sent to a registry or a resolver; nothing is picked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import ipywidgets as widgets
import pandas as pd

from linuxhunt.enrich.origins import ZONE
from linuxhunt.errors import LinuxHuntError
from linuxhunt.views import View
from linuxhunt.views.text import escape, listed, plural, visible

__all__ = ["Send", "who_form"]

_MOST = 500
"""Addresses that the form lists; more are sent by ``hunt.who.lookup``."""

Send = Callable[[list[str], tuple[bool, bool], threading.Event, Callable[[object], None]], View]
"""Sends addresses, asking for (owners, names), until it is stopped; says how far it is."""


def who_form(
    sendable: pd.DataFrame, resolver: str, registries: Sequence[str], send: Send
) -> widgets.Widget:
    """Return the form.

    Sending goes on in a thread of its own, so that Stop is heard; the form must not be closed
    for that, and the cell is done at once.

    Args:
        sendable: Address, Withheld (null where it may be sent).
        resolver: whom names are asked of.
        registries: names of the servers that owners are asked of.
        send: does it, and returns what to show.
    """
    free = list(sendable.loc[sendable["Withheld"].isna(), "Address"])
    stays = sendable["Withheld"].dropna().value_counts()
    owners = _box("Owners: AS number by DNS, holder of the network by RDAP (whois)")
    names = _box("Names: reverse DNS")
    offered = free[:_MOST]
    select = widgets.SelectMultiple(
        options=offered, rows=min(max(len(offered), 2), 10), layout={"width": "420px"}
    )
    every, button, stop = (
        widgets.Button(description=text) for text in ("Pick all", "Send", "Stop")
    )
    stop.disabled = True
    preview, progress, outcome = widgets.HTML(), widgets.Label(), widgets.HTML()
    stopping = threading.Event()

    def changed(_: object) -> None:
        ready = (owners.value or names.value) and len(select.value) > 0
        button.disabled = not ready
        preview.value = (
            _preview(select.value, owners.value, names.value, resolver, registries)
            if ready
            else "Nothing will be sent."
        )

    def tell(how_far: object) -> None:
        if progress.value != str(how_far):
            progress.value = str(how_far)

    def work(picked: list[str], wanted: tuple[bool, bool]) -> None:
        try:
            outcome.value = send(picked, wanted, stopping, tell).html
        except LinuxHuntError as error:
            outcome.value = f"✗ {escape(error)}"
        except Exception as failure:  # the edge: a thread's fault would be seen by nobody
            outcome.value = f"✗ It failed: {type(failure).__name__}: {escape(failure)}"
        finally:
            progress.value = "Stopped." if stopping.is_set() else ""
            stop.disabled = True
            changed(None)

    def pressed(_: object) -> None:
        button.disabled, stop.disabled = True, False
        stopping.clear()
        picked, wanted = list(select.value), (bool(owners.value), bool(names.value))
        threading.Thread(target=work, args=(picked, wanted), daemon=True, name="who").start()

    for box in (owners, names, select):
        box.observe(changed, "value")
    every.on_click(lambda _: setattr(select, "value", tuple(offered)))
    button.on_click(pressed)
    stop.on_click(lambda _: stopping.set())
    changed(None)
    kept = "; ".join(f"{number:,} {reason}" for reason, number in stays.items())
    more = f" (the first {_MOST}; hunt.who.lookup takes all)" if len(free) > _MOST else ""
    many = plural(len(free), "address", "addresses")
    return widgets.VBox(
        [
            widgets.Label("Ask outside who is behind addresses? For what:"),
            owners,
            names,
            widgets.Label(f"Whom, of {many} that may be sent{more}:"),
            select,
            widgets.Label(visible(f"Withheld: {kept}") if kept else "Withheld: none"),
            preview,
            widgets.HBox([every, button, stop, progress]),
            outcome,
        ]
    )


def _box(text: str) -> widgets.Checkbox:
    return widgets.Checkbox(value=False, description=text, indent=False, layout={"width": "auto"})


def _preview(
    picked: Sequence[str], owners: bool, names: bool, resolver: str, registries: Sequence[str]
) -> str:
    what, lines = escape(listed(picked, 20)), []
    if owners:
        lines.append(
            f"To <b>the resolver {escape(resolver)}</b>, which asks Team Cymru ({ZONE}): {what}"
        )
        lines.append(
            f"To <b>the registries</b> ({escape(listed(registries))}), each what it registered,"
            f" and servers that they refer to: {what}"
        )
    if names:
        lines.append(
            f"To <b>the resolver {escape(resolver)}</b>, which asks the name servers of whoever"
            f" holds the address (they can see it): {what}"
        )
    return "<br>".join(lines)
