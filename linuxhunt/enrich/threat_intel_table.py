"""CSV files and plain lists of indicators -> what is known."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from linuxhunt.enrich.threat_intel import SEVERITIES, Value, severity, time_of, value_of

__all__ = ["columns_of", "known_line", "known_record", "records"]

_NAMES: dict[str, tuple[str, ...]] = {
    "value": (
        "indicator", "ioc", "iocvalue", "value", "observable", "observablevalue", "indicatorvalue",
        "artifact", "ip", "ipaddress", "address", "srcip", "dstip", "ipv4", "ipv6", "cidr",
        "network", "domain", "domainname", "fqdn", "host", "hostname", "url", "uri", "hash",
        "filehash", "filehashvalue", "md5", "md5hash", "sha1", "sha1hash", "sha256", "sha256hash",
        "sha512", "email", "emailaddress", "wallet", "networkip",
    ),
    "confidence": ("confidence", "confidencelevel", "confidencescore", "score"),
    "severity": ("severity", "threatlevel", "risk", "priority", "threatseverity"),
    "until": ("validuntil", "expires", "expiration", "expirationdate", "expirationdatetime",
              "expiry", "expiredat"),
    "first": ("firstseen", "firstseenutc", "validfrom", "dateadded", "created", "date", "dateutc"),
    "last": ("lastseen", "lastseenutc", "lastonline", "modified", "updated"),
    "tags": ("tags", "tag", "labels", "malware", "malwareprintable", "malwarefamily", "threat",
             "threattype", "category", "signature"),
    "description": ("description", "comment", "comments", "notes", "note", "name", "title"),
    "link": ("link", "reference", "references", "source_url", "sourceurl", "permalink",
             "urlhauslink", "more"),
    "source": ("source", "feed", "provider", "indicatorprovider", "reporter"),
    "active": ("active", "isactive"),
    "revoked": ("revoked", "deleted", "isdeleted"),
}  # fmt: skip
"""What a column says -> the names that it goes by, without case, blanks and signs."""

_WORDS = {
    "informational": "Informational", "info": "Informational", "none": "Informational",
    "low": "Low", "medium": "Medium", "moderate": "Medium", "high": "High", "critical": "High",
}  # fmt: skip
_CONFIDENT = {"low": 25, "medium": 50, "high": 75}


def columns_of(header: Sequence[str]) -> dict[str, list[int]]:
    """Return what of a header's columns is known: what it says -> places; {} where no value is."""
    plain = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in header]
    found = {
        said: [n for name in names for n, held in enumerate(plain) if held == name]
        for said, names in _NAMES.items()
    }
    return {said: places for said, places in found.items() if places} if found["value"] else {}


def records(text: str) -> tuple[dict[str, list[int]], list[tuple[int, list[str]]]]:
    """Read CSV whose header names a column of indicators; the header may be a comment.

    Returns:
        What the columns say, and the rows with their line numbers, from 1; ({}, []) where it is
        none.
    """
    lines = text.splitlines()
    for number, line in enumerate(lines[:200]):
        bare = line.lstrip("# ").strip()
        if not bare:
            continue
        sign = max(",;\t|", key=bare.count)
        header = next(csv.reader([bare], delimiter=sign, skipinitialspace=True), [])
        known = columns_of(header) if len(header) > 1 or not line.startswith("#") else {}
        if known:
            rest = (line if not line.startswith("#") else "" for line in lines[number + 1 :])
            reader = csv.reader(rest, delimiter=sign, skipinitialspace=True)
            rows = [(number + 1 + reader.line_num, row) for row in reader if any(row)]
            return known, rows
        if not line.startswith("#"):
            break
    return {}, []


def known_record(
    row: Sequence[str], columns: Mapping[str, Sequence[int]], source: str, since: pd.Timestamp
) -> Iterator[dict[str, Any]]:
    """Yield rows of ``threat_intel.KNOWN`` for one row of a CSV file.

    Raises:
        ValueError: it does not hold, or holds no indicator; its text says which.
    """
    said = {
        name: next((row[n].strip() for n in places if n < len(row) and row[n].strip()), None)
        for name, places in columns.items()
        if name != "value"
    }
    if (said.get("revoked") or "").lower() in ("true", "1", "yes"):
        raise ValueError("revoked")
    if (said.get("active") or "").lower() in ("false", "0", "no"):
        raise ValueError("not active")
    until = time_of(said.get("until"))
    if until is not None and until < since:
        raise ValueError(f"expired on {until:%Y-%m-%d}")
    sure = _confidence(said.get("confidence"))
    texts = [row[n].strip() for n in columns["value"] if n < len(row) and row[n].strip()]
    values = dict.fromkeys(value for value in map(value_of, texts) if value)
    if not values:
        raise ValueError(f"{', '.join(texts)[:80]!r} is no indicator" if texts else "empty")
    tags = re.split(r"[,;|]\s*", said.get("tags") or "")
    for value in values:
        yield {
            "Value": value.value,
            "Type": value.type,
            "Match": value.match,
            "Source": f"{source} ({said['source']})" if said.get("source") else source,
            "Severity": _WORDS.get((said.get("severity") or "").lower()) or severity(sure),
            "Confidence": sure,
            "FirstSeen": said.get("first"),
            "LastSeen": said.get("last"),
            "Tags": [tag.strip() for tag in tags if tag.strip()],
            "Description": said.get("description"),
            "Link": said.get("link"),
        }


def _confidence(text: str | None) -> int | None:
    """Return 0 to 100; a word has the middle of what it means, and a share of one is percent."""
    if text is None:
        return None
    if text.lower() in _CONFIDENT:
        return _CONFIDENT[text.lower()]
    try:
        number = float(text.rstrip("%"))
    except ValueError:
        return None
    share = 0 < number < 1 and "." in text
    return round(number * 100 if share else number) if 0 <= number <= 100 else None


def known_line(line: str, source: str) -> dict[str, Any] | None:
    """Return a row of ``threat_intel.KNOWN`` for one line of a list; None for a comment.

    What follows ``#`` after a blank describes; the address that a hosts file puts before a name
    to block it is left out.

    Raises:
        ValueError: the line holds no indicator.
    """
    text = line.strip().lstrip("\ufeff")
    if not text or text.startswith(("#", "//", ";", "!")):
        return None
    written, _, comment = (part.strip() for part in re.sub(r"\s+[#;]", "\0", text).partition("\0"))
    parts = written.split()
    if len(parts) == 2 and parts[0] in ("0.0.0.0", "127.0.0.1", "::", "::1"):
        written = parts[1]
    value: Value | None = value_of(written)
    if value is None:
        raise ValueError(f"{written[:80]!r} is no indicator")
    return {
        "Value": value.value,
        "Type": value.type,
        "Match": value.match,
        "Source": source,
        "Severity": SEVERITIES[2],
        "Description": comment or None,
    }
