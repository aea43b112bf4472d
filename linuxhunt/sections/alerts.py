"""What others have noticed: alerts of any product, and an analyst's bookmarks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pandas as pd

from linuxhunt.schema import STR, TIME
from linuxhunt.sections.entities import Entity, entities, loaded
from linuxhunt.sections.finding import SEVERITIES, Finding, Tables, severity_rank

__all__ = ["CHECKS", "HYPOTHESIS", "RaisedAlert", "bookmarked", "told"]

HYPOTHESIS = "Something else has already noticed an intrusion on this host."

_TECHNIQUE = re.compile(r"\bT\d{4}(?:\.\d{3})?\b")
_FALSE = re.compile(r"false\s*positive|benign", re.IGNORECASE)
_JUDGED = ("classification", "determination", "alertclassification", "resolution", "feedback")
"""Extended properties in which a product states what an alert turned out to be."""
_GRAVE = {"critical": "High", "info": "Informational"}
_UNSTATED = "Medium"
"""Severity of an alert that states none that is known: it is not overlooked."""
_ADDED = ("Severity", "Start", "End", "Name", "Product", "Closed", "AttackTechniques", "Label")


def told(alerts: pd.DataFrame) -> pd.DataFrame:
    """Say of each alert what it comes to, the gravest first, of equal ones the earliest.

    Args:
        alerts: SecurityAlert's columns (the query ``alerts``).

    Returns:
        The same columns and Severity (one of SEVERITIES; Informational where the alert was
        dismissed or found to be false), Start and End (of what it is about; TimeGenerated where
        that is not stated), Name, Product, Closed (how it was, in words; null where it is open or
        was true), AttackTechniques (list) and Label (one line).
    """
    rows = [_told(row) for row in alerts.to_dict("records")]
    added = pd.DataFrame(rows, columns=list(_ADDED), index=alerts.index)
    kinds: dict[str, Any] = {"Start": TIME, "End": TIME}
    kinds |= dict.fromkeys(("Severity", "Name", "Product", "Closed", "Label"), STR)
    frame = pd.concat([alerts, added.astype(kinds)], axis=1)
    rank = frame["Severity"].map(severity_rank)
    order = frame.assign(_rank=-rank.astype("int64")).sort_values(
        ["_rank", "Start", "SystemAlertId"], kind="stable"
    )
    return order.drop(columns="_rank").reset_index(drop=True)


def _told(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    start = _first(row["StartTime"], row["TimeGenerated"])
    end = max(_first(row["EndTime"], start), start)
    closed = _closed(row)
    severity = "Informational" if closed else _severity(row["AlertSeverity"])
    name = _first(row["DisplayName"], row["AlertName"], "an alert without a name")
    product = _first(row["ProductName"], row["ProviderName"], None)
    label = f"{start:%d %b %H:%M} {severity}: {name}" + (f" ({closed})" if closed else "")
    return severity, start, end, name, product, closed, _techniques(row), label


def _first(*values: Any) -> Any:
    """Return the first value that is there; the last one otherwise."""
    return next((v for v in values[:-1] if pd.notna(v) and v != ""), values[-1])


def _severity(stated: Any) -> str:
    text = str(stated).strip().lower() if pd.notna(stated) else ""
    known = {name.lower(): name for name in SEVERITIES} | _GRAVE
    return known.get(text, _UNSTATED)


def _closed(row: Mapping[Any, Any]) -> str | None:
    """Say how an alert was closed, where that means that there was nothing in it."""
    status = str(_first(row["Status"], "")).strip()
    if status.casefold() == "dismissed":
        return "dismissed"
    properties = loaded(row["ExtendedProperties"])
    stated = properties.items() if isinstance(properties, dict) else ()
    verdicts = [str(value) for key, value in stated if str(key).casefold() in _JUDGED]
    false = next((text for text in [*verdicts, status] if _FALSE.search(text)), None)
    if false is None:
        return None
    return f"{status.lower()}: {false}" if status and status != false else false


def _techniques(row: Mapping[Any, Any]) -> list[str]:
    """Return the techniques stated, without those of which a sub-technique is stated, too."""
    text = " ".join(str(_first(row[name], "")) for name in ("Techniques", "SubTechniques"))
    found = dict.fromkeys(_TECHNIQUE.findall(text))
    parents = {name.partition(".")[0] for name in found if "." in name}
    return [name for name in found if name not in parents]


@dataclass(frozen=True)
class RaisedAlert:
    """Was an alert raised that names the host?

    Attributes:
        description: signs of an alert's description that a reason holds.
    """

    description: int = 300
    techniques: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[tuple[str, ...]] = ("alerts",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each alert; alerts that say the same are one.

        Args:
            tables: ``alerts`` as :func:`told` returns them, with the column Host: the host as it
                is shown, null where the alerts of all hosts are looked at.
        """
        same: dict[Any, list[Finding]] = {}
        for row in tables["alerts"].to_dict("records"):
            one = self._finding(row)
            about = (one.host, one.user, one.address, one.command)
            same.setdefault((one.title, one.severity, one.reason, about), []).append(one)
        return [_together(alike) for alike in same.values()]

    def _finding(self, row: Mapping[Any, Any]) -> Finding:
        named = entities(row["Entities"])
        stated = str(_first(row["AlertSeverity"], "no"))
        parts = [
            str(_first(row["Description"], ""))[: self.description].strip(),
            f"{_first(row['Product'], 'A product that is not named')} raised it"
            f" with {stated.lower()} severity",
            f"it was {row['Closed']}" if pd.notna(row["Closed"]) else f"status {row['Status']}"
            if pd.notna(row["Status"]) else "",
            f"tactics: {row['Tactics']}" if pd.notna(row["Tactics"]) and row["Tactics"] else "",
        ]  # fmt: skip
        record = _first(row["_ItemId"], row["SystemAlertId"])
        return Finding(
            "alerts",
            f"Alert: {row['Name']}",
            str(row["Severity"]),
            tuple(row["AttackTechniques"]),
            "; ".join(part.rstrip(".") for part in parts if part) + ".",
            row["Start"],
            row["End"],
            (str(record),),
            host=_first(row["Host"], _one(named, "host") or _first(row["CompromisedEntity"], None)),
            user=next((_user(entity) for entity in named if entity.kind == "account"), None),
            address=_one(named, "ip"),
            command=_one(named, "process"),
        )


def _together(alike: list[Finding]) -> Finding:
    """Make one finding of several that say the same."""
    first = min(alike, key=lambda finding: finding.start)
    if len(alike) == 1:
        return first
    return replace(
        first,
        title=f"{first.title} ({len(alike):,} times)",
        end=max(finding.end for finding in alike),
        records=tuple(record for finding in alike for record in finding.records),
    )


def _one(named: list[Entity], kind: str) -> str | None:
    return next((entity.name for entity in named if entity.kind == kind and entity.name), None)


def _user(entity: Entity) -> str | None:
    """Return an account as the logs of a Linux host call it: without its domain."""
    name = entity.fields.get("name")
    return name if isinstance(name, str) and name else entity.name or None


def bookmarked(bookmarks: pd.DataFrame) -> pd.DataFrame:
    """Return bookmarks as an analyst reads them, by the time of what they are about.

    Args:
        bookmarks: HuntingBookmark's columns, the latest version of each (query ``bookmarks``).

    Returns:
        Time, Name, Notes, Tags, AttackTechniques (lists), Entities (list of names), By (who wrote
        the last version), Updated, Query (text), Row (text), BookmarkId, _ItemId.
    """
    rows = [
        {
            "Time": _first(row["EventTime"], row["CreatedTime"], row["TimeGenerated"]),
            "Name": row["BookmarkName"],
            "Notes": row["Notes"],
            "Tags": _listed(row["Tags"]),
            "AttackTechniques": list(
                dict.fromkeys(
                    _TECHNIQUE.findall(
                        " ".join(
                            str(_first(row[name], ""))
                            for name in ("Tags", "Notes", "QueryResultRow", "Entities")
                        )
                    )
                )
            ),
            "Entities": [f"{e.kind} {e.name}" for e in entities(row["Entities"]) if e.name],
            "By": _person(_first(row["UpdatedBy"], row["CreatedBy"])),
            "Updated": _first(row["LastUpdatedTime"], row["TimeGenerated"]),
            "Query": row["QueryText"],
            "Row": row["QueryResultRow"],
            "BookmarkId": row["BookmarkId"],
            "_ItemId": row["_ItemId"],
        }
        for row in bookmarks.to_dict("records")
    ]
    columns = [
        "Time", "Name", "Notes", "Tags", "AttackTechniques", "Entities", "By", "Updated", "Query",
        "Row", "BookmarkId", "_ItemId",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    kinds: dict[str, Any] = dict.fromkeys(
        ("Name", "Notes", "By", "Query", "Row", "BookmarkId", "_ItemId"), STR
    )
    frame = frame.astype(kinds | {"Time": TIME, "Updated": TIME})
    return frame.sort_values(["Time", "BookmarkId"], kind="stable").reset_index(drop=True)


def _listed(text: Any) -> list[str]:
    """Read tags: a JSON list, or names between commas."""
    held = loaded(text)
    if isinstance(held, list):
        return [str(item) for item in held]
    if held is None and isinstance(text, str):
        return [part.strip() for part in text.split(",") if part.strip()]
    return []


def _person(text: Any) -> str | None:
    """Read who wrote a bookmark: JSON with a name or an address, or text."""
    held = {str(k).lower(): v for k, v in h.items()} if isinstance(h := loaded(text), dict) else {}
    stated = next((held[key] for key in ("name", "email", "objectid") if held.get(key)), None)
    return str(stated) if stated else (text if isinstance(text, str) and not held else None)


CHECKS = (RaisedAlert(),)
