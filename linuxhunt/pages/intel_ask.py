"""The form that asks before anything is sent: what, to whom; nothing is ticked at first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from linuxhunt.enrich.threat_intel_private import Own
from linuxhunt.errors import LinuxHuntError, QueryError
from linuxhunt.sections.host import addresses
from linuxhunt.views.text import escape, plural, short, visible

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["ask_form", "own_of"]

_MOST = 500
"""Indicators that the form lists; more are sent by ``hunt.intel.lookup``."""


def own_of(hunt: Hunt, domains: Sequence[str]) -> Own:
    """Return what is the workspace's own: of all its hosts, not of the picked one alone.

    Args:
        hunt: whose workspace.
        domains: further domains, named by the analyst.

    Raises:
        QueryError: the workspace does not say; then nothing must be sent.
    """
    held, told = _all_hosts(hunt, "heartbeat"), _all_hosts(hunt, "syslog_addresses")
    known = addresses(held, told)
    names = [name for spellings in hunt.hosts["Computers"] for name in spellings]
    auth = hunt.events["auth"]
    users = pd.concat([auth["TargetUsername"], auth["ActorUsername"]]).dropna().unique()
    return Own.of(known, [*names, *held["Computer"].dropna()], domains, map(str, users))


def _all_hosts(hunt: Hunt, query: str) -> pd.DataFrame:
    scope = hunt.scope
    answer = hunt.workspace.run(query, start=scope.start, end=scope.end, all_hosts=True)
    state = answer.completeness
    if not state.whole and not state.absent:
        raise QueryError(
            f"nothing is sent, as it is not known what is the workspace's own: {state}"
        )
    return answer.rows


def ask_form(
    providers: Mapping[str, Any],
    sendable: pd.DataFrame,
    send: Callable[[pd.DataFrame, list[str]], str],
) -> widgets.Widget:
    """Return the form.

    Args:
        providers: name -> msticpy provider.
        sendable: Indicator, Type, Withheld of ``may_be_sent``.
        send: sends rows of it to providers of those names, and says what came of it.
    """
    if not providers:
        return widgets.Label(
            "No provider is configured: name some under TIProviders in msticpyconfig.yaml."
        )
    free = sendable[sendable["Withheld"].isna()].head(_MOST)
    stays = sendable[sendable["Withheld"].notna()]
    boxes = [
        widgets.Checkbox(value=False, description=visible(name), indent=False) for name in providers
    ]
    pairs = list(zip(free["Indicator"], free["Type"], strict=True))
    select = widgets.SelectMultiple(
        options=[(visible(f"{short(value, 120)} ({kind})"), n)
                 for n, (value, kind) in enumerate(pairs)],
        rows=min(max(len(pairs), 2), 10), layout={"width": "auto", "max_width": "900px"},
    )  # fmt: skip
    every, button = widgets.Button(description="Pick all"), widgets.Button(description="Send")
    preview, outcome = widgets.HTML(), widgets.HTML()

    def chosen() -> tuple[pd.DataFrame, list[str]]:
        picked = free.iloc[list(select.value)]
        return picked, [name for name, box in zip(providers, boxes, strict=True) if box.value]

    def changed(_: object) -> None:
        picked, names = chosen()
        lines = []
        for name in names:
            taken = picked[[providers[name].is_supported_type(kind) for kind in picked["Type"]]]
            what = ", ".join(short(value, 80) for value in taken["Indicator"])
            lines.append(f"To <b>{escape(name)}</b>: {escape(what or 'nothing that it takes')}")
        ready = bool(names) and len(picked) > 0
        preview.value = "<br>".join(lines) if ready else "Nothing will be sent."
        button.disabled = not ready

    def pressed(_: object) -> None:
        button.disabled = True
        try:
            outcome.value = escape(send(*chosen()))
        except LinuxHuntError as error:
            outcome.value = f"✗ {escape(error)}"
        changed(None)

    for box in (*boxes, select):
        box.observe(changed, "value")
    every.on_click(lambda _: setattr(select, "value", tuple(range(len(pairs)))))
    button.on_click(pressed)
    changed(None)
    why = stays.groupby("Withheld").size()
    kept = "; ".join(f"{number:,} {reason}" for reason, number in why.items())
    return widgets.VBox(
        [
            widgets.Label("Send indicators to providers of threat intelligence? To whom:"),
            widgets.HBox(boxes),
            widgets.Label(f"What, of {plural(len(pairs), 'indicator')} that may be sent:"),
            select,
            widgets.Label(visible(f"Withheld: {kept}") if kept else "Withheld: none"),
            preview,
            widgets.HBox([every, button]),
            outcome,
        ]
    )
