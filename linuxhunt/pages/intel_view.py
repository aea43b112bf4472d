"""Indicators, what is known of them, and the messages that hold them, as views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from linuxhunt import views
from linuxhunt.enrich.indicators import TYPES
from linuxhunt.schema import STR
from linuxhunt.views import View
from linuxhunt.views.text import listed, plural, short

__all__ = ["counts", "indicator_table", "message_table", "said"]

_INDICATORS, _MESSAGES, _CELL = 500, 300, 500
"""Rows of the two tables of a view, and signs of a text in them."""


def counts(found: pd.DataFrame, rows: pd.DataFrame, title: str) -> View:
    """Say how many indicators there are of each type."""
    number = found.groupby("Type")["Indicator"].nunique()
    parts = [f"{number[kind]:,} {kind}" for kind in TYPES if kind in number]
    return views.message(
        f"{title}: {plural(found['Indicator'].nunique(), 'indicator')} in"
        f" {plural(len(rows), 'text')} ({', '.join(parts)}).",
        "info",
    )


def said(
    found: pd.DataFrame, known: pd.DataFrame, sources: Sequence[str], faults: Sequence[str]
) -> View:
    """Say how many indicators are known and to whom; or that nobody could be asked."""
    if not sources and known.empty and not faults:
        return views.message(
            "No source of threat intelligence: give files of indicators with"
            " hunt.intel.add(path), or a source that has the table ThreatIntelIndicators.",
            "warning",
        )
    unanswered = f" Not answered: {listed(dict.fromkeys(faults), 3)}." if faults else ""
    distinct = found["Indicator"].nunique()
    if known.empty:
        by = listed(sources, 4) if sources else "anybody asked"
        return views.message(
            f"None of {plural(distinct, 'indicator')} is known to {by}.{unanswered}",
            "warning" if faults else "info",
        )
    return views.message(
        f"{known['Indicator'].nunique():,} of {plural(distinct, 'indicator')} known to"
        f" {listed(known['Source'].drop_duplicates(), 6)}.{unanswered}",
        "warning",
    )


def indicator_table(found: pd.DataFrame, known: pd.DataFrame) -> View:
    """Return the indicators, those that are known first, then by type and count."""
    told = known.groupby("Indicator", as_index=False, sort=False).agg(
        Severity=("Severity", "first"), Source=("Source", _each), Tags=("Tags", _tags)
    )
    frame = found.drop(columns=["RecordIds"]).merge(
        told.astype({"Indicator": STR}), on="Indicator", how="left"
    )
    frame["Kind"] = frame["Type"].map({kind: n for n, kind in enumerate(TYPES)})
    frame["New"] = frame["Severity"].isna()
    frame = frame.sort_values(
        ["New", "Kind", "Count"], ascending=[True, True, False], kind="stable"
    ).head(_INDICATORS)
    rest = len(found) - len(frame)
    frame["Observed"] = frame["Observed"].mask(frame["Observed"] == frame["Indicator"])
    for name in ("Indicator", "Observed"):
        frame[name] = frame[name].map(lambda text: short(text, _CELL), na_action="ignore")
    columns = ["Indicator", "Type", "Count", "Observed", "DecodedFrom"]
    if len(known):
        columns = ["Severity", "Indicator", "Type", "Count", "Source", "Tags", *columns[3:]]
    title = "Indicators, those that are known first"
    if rest:
        title += f" (the first {len(frame):,}; hunt.intel.indicators gives {rest:,} more)"
    return views.table(frame[columns], title, columns=columns)


def _each(values: pd.Series[Any]) -> str:
    return ", ".join(dict.fromkeys(values.dropna()))


def _tags(values: pd.Series[Any]) -> list[str]:
    return list(dict.fromkeys(tag for tags in values for tag in tags))[:20]


def message_table(rows: pd.DataFrame, text: Sequence[str], uid: str, known: pd.DataFrame) -> View:
    """Return the rows that hold an indicator that is known."""
    held: dict[str, dict[str, None]] = {}
    for indicator, ids in zip(known["Indicator"], known["RecordIds"], strict=True):
        for record in ids:
            held.setdefault(record, {})[indicator] = None
    frame = rows[rows[uid].isin(list(held))]
    rest = len(frame) - _MESSAGES
    frame = frame.head(_MESSAGES)
    names = dict.fromkeys(["TimeGenerated", "DvcHostname", "Computer", *text])
    shown = frame[[name for name in names if name in frame.columns]].copy()
    for name in text:
        if name in shown:
            texts = shown[name].astype(STR)
            shown[name] = texts.map(lambda value: short(value, _CELL), na_action="ignore")
    shown["Known"] = [", ".join(held[str(record)]) for record in frame[uid]]
    title = "Messages that hold a known indicator"
    if rest > 0:
        title += f" (the first {_MESSAGES:,}; narrow the window to see {rest:,} more)"
    return views.table(shown, title, columns=list(shown.columns))
