"""Indicators of a workspace's tables -> what is known.

Sources: Microsoft's "Work with STIX objects and indicators" (ThreatIntelIndicators: the latest
version of each Id, IsActive, IsDeleted, Revoked) and the tiIndicator resource of Microsoft Graph
(ThreatIntelligenceIndicator: confidence 0 to 100, severity 0 to 5 with 5 the worst).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from linuxhunt.enrich.threat_intel import Value, known_frame, severity, value_of
from linuxhunt.enrich.threat_intel_stix import pattern_values

__all__ = ["older_known", "workspace_known"]

_OLDER = (
    "NetworkIP", "NetworkSourceIP", "NetworkDestinationIP", "NetworkCidrBlock",
    "NetworkSourceCidrBlock", "NetworkDestinationCidrBlock", "DomainName", "Url", "FileHashValue",
    "EmailSenderAddress",
)  # fmt: skip
_GRAVE = {1: "Low", 2: "Low", 3: "Medium", 4: "High", 5: "High"}


def workspace_known(rows: pd.DataFrame, since: pd.Timestamp) -> pd.DataFrame:
    """Return what rows of the query ``indicators`` say, as ``threat_intel.KNOWN``.

    Args:
        rows: the latest version of each indicator.
        since: an indicator that was valid until before then is left out.
    """
    lasting = rows[(rows["ValidUntil"].isna() | (rows["ValidUntil"] >= since)) & rows["IsActive"]]
    return known_frame(made for row in lasting.to_dict("records") for made in _rows(row))


def _rows(row: Mapping[Any, Any]) -> Iterator[dict[str, Any]]:
    data = _mapping(row["Data"])
    confidence = None if pd.isna(row["Confidence"]) else int(row["Confidence"])
    links = [ref.get("url") for ref in _list(data.get("external_references"))]
    said = [str(data[key]) for key in ("name", "description") if data.get(key)]
    labels = [
        *_words(row["Tags"]),
        *_texts(data.get("labels")),
        *_texts(data.get("indicator_types")),
    ]
    for value in _about(row):
        yield {
            "Value": value.value,
            "Type": value.type,
            "Match": value.match,
            "Source": f"{_text(row['SourceSystem']) or 'workspace'} (ThreatIntelIndicators)",
            "Severity": severity(confidence),
            "Confidence": confidence,
            "FirstSeen": row["ValidFrom"],
            "LastSeen": row["TimeGenerated"],
            "Tags": sorted(set(labels)),
            "Description": ": ".join(dict.fromkeys(said)) or None,
            "Link": next((str(link) for link in links if link), None),
        }


def _about(row: Mapping[Any, Any]) -> list[Value]:
    """Return what an indicator is about: its pattern, else the one observable of its row."""
    try:
        return pattern_values(_text(row["Pattern"]) or "")
    except ValueError:
        found = value_of(_text(row["ObservableValue"]) or "")
        return [found] if found else []


def older_known(rows: pd.DataFrame, since: pd.Timestamp) -> pd.DataFrame:
    """Return what rows of the query ``indicators_older`` say, as ``threat_intel.KNOWN``."""
    expires = rows["ExpirationDateTime"]
    lasting = rows[(expires.isna() | (expires >= since)) & rows["Active"]]
    made = []
    for row in lasting.to_dict("records"):
        confidence = None if pd.isna(row["ConfidenceScore"]) else round(row["ConfidenceScore"])
        grave = None if pd.isna(row["ThreatSeverity"]) else _GRAVE.get(int(row["ThreatSeverity"]))
        found = (value_of(_text(row[name]) or "") for name in _OLDER)
        for value in dict.fromkeys(value for value in found if value):
            made.append(
                {
                    "Value": value.value,
                    "Type": value.type,
                    "Match": value.match,
                    "Source": f"{_text(row['SourceSystem']) or 'workspace'}"
                    " (ThreatIntelligenceIndicator)",
                    "Severity": grave or severity(confidence),
                    "Confidence": confidence,
                    "LastSeen": row["TimeGenerated"],
                    "Tags": sorted({*_words(row["Tags"]), *_words(row["ThreatType"])}),
                    "Description": _text(row["Description"]),
                    "Link": _text(row["AdditionalInformation"])
                    if (_text(row["AdditionalInformation"]) or "").startswith("http")
                    else None,
                }
            )
    return known_frame(made)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _mapping(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _words(value: Any) -> list[str]:
    """Read tags: a JSON list in text, or words between commas."""
    text = _text(value)
    if text is None:
        return []
    if text.startswith("["):
        try:
            return _texts(json.loads(text))
        except ValueError:
            return []
    return [word.strip() for word in text.split(",") if word.strip()]
