"""One alert, whole, as the notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from ipywidgets import VBox

from linuxhunt import views
from linuxhunt.pages.jumps import jump_picker
from linuxhunt.schema import STR
from linuxhunt.sections.attack import technique
from linuxhunt.sections.entities import Entity, entities, entity_frame, loaded
from linuxhunt.sections.near import KINDS, near
from linuxhunt.shown import Shown
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.pages.alerts import AlertsPage

__all__ = ["AlertPage"]

_AROUND = pd.Timedelta("10min")
_MOST = 1_000
"""Events near an alert that are shown."""

_FACTS = {
    "AlertSeverity": "Severity", "Status": "Status", "ProductName": "Product",
    "Tactics": "Tactics", "AttackTechniques": "Techniques", "Start": "From", "End": "To",
    "CompromisedEntity": "Compromised entity", "Description": "Description",
    "RemediationSteps": "What to do", "AlertLink": "Link",
}  # fmt: skip
_MORE = {
    "TimeGenerated": "Raised", "ProductComponentName": "Component", "VendorName": "Vendor",
    "ProviderName": "Provider", "AlertType": "Type", "ConfidenceLevel": "Confidence",
    "ExtendedLinks": "Further links", "SystemAlertId": "Id", "_ItemId": "Record",
}  # fmt: skip
"""Column -> what it is called."""


class AlertPage:
    """The alert that is picked in the section on alerts."""

    def __init__(self, page: AlertsPage) -> None:
        self._page = page
        self._shown = Shown(self.view)
        page.choice.on_change(self._shown.refresh)

    @property
    def row(self) -> dict[str, Any] | None:
        """The alert's columns (sections.alerts.told); None where there is no alert."""
        ranked = self._page.ranked
        rows = ranked[ranked["SystemAlertId"] == self._page.choice.value].to_dict("records")
        return {str(key): value for key, value in rows[0].items()} if rows else None

    @property
    def facts(self) -> pd.DataFrame:
        """Fact and Value of the alert: what it says; what is not stated is left out."""
        row = self.row
        return _table([(f, _written(c, row[c])) for c, f in _FACTS.items()] if row else [])

    @property
    def more(self) -> pd.DataFrame:
        """Fact and Value of what else is known of the alert, what its product added last."""
        row = self.row
        if row is None:
            return _table([])
        properties = loaded(row["ExtendedProperties"])
        added = properties.items() if isinstance(properties, dict) else ()
        return _table(
            [(fact, _written(column, row[column])) for column, fact in _MORE.items()]
            + [(f"· {name}", _plain(value)) for name, value in added]
        )

    @property
    def entities(self) -> pd.DataFrame:
        """The alert's entities: Kind, Name, Details."""
        row = self.row
        return entity_frame(row["Entities"] if row is not None else None)

    @property
    def near(self) -> pd.DataFrame:
        """Events from ten minutes before the alert to ten minutes after it (sections.near)."""
        row, events = self.row, self._page.events
        if row is None:
            return near({}, pd.Timestamp(0, tz="UTC"), pd.Timestamp(0, tz="UTC"))
        names = [name for entity in entities(row["Entities"]) for name in _called(entity)]
        return near(
            {kind: events[kind] for kind in KINDS},
            row["Start"] - _AROUND, row["End"] + _AROUND, names,
        )  # fmt: skip

    def jumps(self) -> dict[tuple[str, str], str]:
        """Return (kind, value) -> label of what the alert names and a section is about."""
        row = self.row
        if row is None:
            return {}
        offered: dict[tuple[str, str], str] = {}
        for entity in entities(row["Entities"]):
            if entity.kind == "account":
                offered |= {("user", name): f"user {name}" for name in _called(entity)[:1]}
            elif entity.kind == "ip" and entity.name:
                offered["address", entity.name] = f"address {entity.name}"
            elif entity.kind == "process" and entity.name:
                offered |= self._processes(entity.name, row)
        return offered

    def _processes(self, command: str, row: dict[str, Any]) -> dict[tuple[str, str], str]:
        """Return the executions of a command at the time of the alert."""
        frame = self._page.events["processes"]
        time = frame["TimeGenerated"]
        inside = (time >= row["Start"] - _AROUND) & (time <= row["End"] + _AROUND)
        same = (frame["CommandLine"] == command) | (frame["TargetProcessName"] == command)
        found = frame[inside & same.fillna(False).astype(bool)]
        return {
            ("process", str(guid)): f"process {command}"
            for guid in found["TargetProcessGuid"].head(5)
        }

    def investigate(self) -> Any:
        """Return a picker that sends what the alert names to the section about it."""
        box = VBox()

        def offer() -> None:
            box.children = (jump_picker(self._page.hunt, self.jumps()),)

        offer()
        self._page.choice.on_change(offer)
        return box

    def view(self) -> View:
        """Return the alert, its entities and the events near it."""
        row = self.row
        if row is None:
            return views.message("There is no alert in this window.", "info")
        head = f"{row['Label']}" + (f", {row['Product']}" if pd.notna(row["Product"]) else "")
        return views.stack(
            views.table(self.facts, head),
            views.fold("What else is known of it", views.table(self.more, "Further facts")),
            views.table(self.entities, "Its entities"),
            *self._near(row),
        )

    def _near(self, row: dict[str, Any]) -> list[View]:
        """Return the events near the alert, as a chart and a table."""
        events, scope = self.near, self._page.hunt.scope
        if events.empty:
            return [views.message("No event within 10 minutes of it.", "info")]
        named = events["Names"].notna()
        shown = events.assign(
            Entity=named.map({True: "✓", False: ""}),
            Lane=events["What"].replace({"logon": "success", "failed logon": "failure"}),
        )
        start = max(row["Start"] - _AROUND, scope.start)
        end = min(row["End"] + _AROUND, scope.end)
        chart = views.timeline(
            shown, "TimeGenerated", "Lane", "Message", start=start, end=max(end, start + _AROUND),
            title="Near it",
        )  # fmt: skip
        text = (
            f"Events from 10 minutes before it to 10 minutes after; {named.sum():,} name an entity"
        )
        return [
            chart,
            views.table(
                shown.drop(columns="Lane").head(_MOST), text,
                columns=["TimeGenerated", "What", "User", "Address", "Message", "Entity"],
            ),
        ]  # fmt: skip

    def show(self) -> Shown:
        """Show it in the notebook; it follows the pickers."""
        return self._shown


def _called(entity: Entity) -> list[str]:
    """Return the names by which a log may call an entity; the log's own first."""
    if entity.kind == "account":
        name = entity.fields.get("name")
        return list(dict.fromkeys([name, entity.name] if isinstance(name, str) else [entity.name]))
    return [entity.name] if entity.kind in {"ip", "process", "file"} and entity.name else []


def _table(facts: list[tuple[str, str]]) -> pd.DataFrame:
    held = [(fact, value) for fact, value in facts if value]
    return pd.DataFrame(held, columns=["Fact", "Value"]).astype(STR)


def _written(column: str, value: Any) -> str:
    if column == "AttackTechniques":
        known = [technique(name) for name in value]
        return ", ".join(f"{one.id} {one.name}".strip() for one in known)
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if not isinstance(value, str):
        return "" if value is None or pd.isna(value) else str(value)
    held = loaded(value) if column in {"RemediationSteps", "ExtendedLinks"} else None
    return value if held is None else _plain(held)


def _plain(value: Any) -> str:
    """Write JSON for a person: values, names before them."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_plain(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return "; ".join(map(_plain, value))
    return "" if value is None else str(value)
