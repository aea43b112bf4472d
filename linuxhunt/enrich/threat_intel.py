"""What is known of indicators, from any source, and which of those seen it is about.

Everything that a source of threat intelligence says becomes one frame of :data:`KNOWN`; a hit is
a row of it whose value is an indicator that was seen (:data:`HITS`). An address is met by the
networks that hold it. A host name is met by its own indicator, and by one of a name above it only
where that says so: ``*.evil.example`` or ``.evil.example`` in a list, ``LIKE '%.evil.example'`` in
a STIX pattern. A plain domain is itself alone.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pandas as pd

from linuxhunt.enrich.indicators_checks import HASHES, address, host_name
from linuxhunt.enrich.indicators_wallets import wallet
from linuxhunt.enrich.indicators_words import in_word, whole_url
from linuxhunt.schema import STR, TIME

__all__ = [
    "ANSWERS",
    "HITS",
    "KNOWN",
    "SEVERITIES",
    "Value",
    "hits",
    "known_frame",
    "severity",
    "time_of",
    "value_of",
]

SEVERITIES = ("Informational", "Low", "Medium", "High")
"""As ASIM's EventSeverity, the least first."""

_SAID: dict[str, Any] = {
    "Source": STR,
    "Severity": STR,
    "Confidence": "Int64",
    "FirstSeen": TIME,
    "LastSeen": TIME,
    "Tags": object,
    "Description": STR,
    "Link": STR,
}
KNOWN: dict[str, Any] = {"Value": STR, "Type": STR, "Match": STR, **_SAID}
"""Columns of what is known. Match is ``exact``, ``network`` (Value is one) or ``under`` (Value and
all names below it); Confidence is 0 to 100, Tags a list; absent is null, or [] for Tags."""

HITS: dict[str, Any] = {
    "Indicator": STR, "Type": STR, **_SAID, "RecordIds": object, "Matched": STR,
}  # fmt: skip
"""Columns of hits: the indicator seen, what is said of it, the rows that hold it, and what the
source wrote (the network, the name above), where that is not the indicator itself."""


ANSWERS: dict[str, Any] = {
    "Provider": STR,
    "Sent": "Int64",
    "Answered": "Int64",
    "Known": "Int64",
    "Problem": STR,
}
"""Columns of what became of the questions to each provider; Problem is null where it answered
all."""


class Value(NamedTuple):
    """What an indicator of a source is about."""

    value: str
    type: str
    match: str = "exact"


def severity(confidence: float | None) -> str:
    """Return a severity where a source states none: from 75, 50, 25 on; Medium without a word."""
    if confidence is None or pd.isna(confidence):
        return "Medium"
    return SEVERITIES[3 if confidence >= 75 else 2 if confidence >= 50 else confidence >= 25]


def value_of(text: str) -> Value | None:
    """Read one indicator as people write it: plain, defanged, a range, a name with all below it.

    Returns:
        Its value in the form that :func:`linuxhunt.enrich.indicators.indicators` gives; None where
        it is no address, network, name, URL, hash, mail address, wallet or path.
    """
    text = text.strip().strip("\"'")
    if not text or re.search(r"\s", text):
        return None
    if url := whole_url(text):
        return Value(_plain_url(url), "url")
    if "/" in text and (network := _network(text)):
        return network
    if found := address(text):
        return Value(*found)
    if re.fullmatch(r"[0-9A-Fa-f]+", text) and len(text) in HASHES:
        return Value(text.lower(), HASHES[len(text)])
    above = re.fullmatch(r"(?:\*\.|\.)(.+)", text)
    if above and (name := host_name(above[1], sure=True)):
        return Value(*name, "under")
    if name := host_name(text, sure=True):
        return Value(*name)
    if kind := wallet(text):
        return Value(text, kind)
    found_in = [hit for hit in in_word(text) if hit.decoded is None]
    whole = [hit for hit in found_in if hit.observed == text]
    if whole:
        return Value(whole[0].indicator, whole[0].type)
    port = re.fullmatch(r"(.+):\d{1,5}", text)
    return value_of(port[1]) if port and "://" not in text else None


def _network(text: str) -> Value | None:
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    kind = f"ipv{found.version}"
    if found.num_addresses == 1:
        return Value(str(found.network_address), kind)
    return Value(str(found), kind, "network") if found.prefixlen else None


def _plain_url(text: str) -> str:
    """A URL of a host alone is one with and without the slash."""
    parts = urlsplit(text) if "://" in text else None
    bare = parts is not None and parts.path == "/" and not parts.query and not parts.fragment
    return text.rstrip("/") if bare else text


def known_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a frame of :data:`KNOWN`; names that a row does not have are null."""
    frame = pd.DataFrame([dict(row) for row in rows], columns=list(KNOWN), dtype=object)
    for name in ("FirstSeen", "LastSeen"):
        times = [time_of(value) for value in frame[name]]
        frame[name] = pd.Series(times, index=frame.index, dtype=TIME)
    frame["Tags"] = [list(tags) if isinstance(tags, list | tuple) else [] for tags in frame["Tags"]]
    return frame.astype(KNOWN)


def time_of(value: Any) -> pd.Timestamp | None:
    """Read a time as sources write it: ISO 8601 (UTC where it states no zone), or Unix seconds.

    Returns:
        The time; None where there is none, it is not understood, or it lies beyond the year 2262,
        which is how "for ever" is written.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str):
        text = value.strip()
        if re.fullmatch(r"\d{9,10}", text):
            return pd.Timestamp(int(text), unit="s", tz="UTC").as_unit("ns")
        if not re.match(r"\d{4}-?\d\d-?\d\d", text):
            return None
        value = text
    elif not isinstance(value, datetime):
        return None
    try:
        time = pd.Timestamp(value)
        if pd.isna(time):
            return None
        zoned = time.tz_localize("UTC") if time.tzinfo is None else time.tz_convert("UTC")
        return zoned.as_unit("ns")
    except (ValueError, OverflowError):
        return None


def hits(found: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return what is known of indicators that were seen, the gravest first.

    Args:
        found: from :func:`linuxhunt.enrich.indicators.indicators`.
        known: frame of :data:`KNOWN`.

    Returns:
        A frame of :data:`HITS`: one row for each indicator and what one source says of it.
    """
    seen = found.groupby(["Indicator", "Type"], sort=False, as_index=False).agg(
        RecordIds=("RecordIds", _together)
    )
    exact = known[known["Match"] == "exact"]
    keys = seen.assign(Value=seen["Indicator"].map(_plain_url).astype(STR))
    parts = [keys.merge(exact.drop(columns=["Type"]), on="Value")]
    for kind, above in (("network", _networks), ("under", _names)):
        wider = known[known["Match"] == kind]
        if len(wider) and len(seen):
            pairs = pd.DataFrame(above(seen, set(wider["Value"])), columns=["Indicator", "Value"])
            met = seen.merge(pairs.astype(STR), on="Indicator")
            parts.append(met.merge(wider.drop(columns=["Type"]), on="Value"))
    frame = pd.concat(parts, ignore_index=True)
    same = frame["Value"] == frame["Indicator"]
    frame["Matched"] = frame["Value"].mask(same | (frame["Match"] == "exact"))
    grave = frame["Severity"].map(SEVERITIES.index).astype("int64")
    frame = frame.assign(Grave=-grave).sort_values(
        ["Grave", "Indicator", "Source", "LastSeen"], kind="stable"
    )
    return frame[list(HITS)].reset_index(drop=True).astype(HITS)


def _together(ids: pd.Series[Any]) -> list[str]:
    return list(dict.fromkeys(uid for part in ids for uid in part))


def _networks(seen: pd.DataFrame, known: set[str]) -> list[tuple[str, str]]:
    """Return (address, network) of the addresses that lie in a known network."""
    held: dict[tuple[int, int], dict[int, str]] = {}  # version, bits that are free -> networks
    for text in known:
        network = ipaddress.ip_network(text)
        free = network.max_prefixlen - network.prefixlen
        held.setdefault((network.version, free), {})[int(network.network_address) >> free] = text
    pairs = []
    for text in seen.loc[seen["Type"].isin(["ipv4", "ipv6"]), "Indicator"]:
        own = ipaddress.ip_address(text)
        for (version, free), networks in held.items():
            if version == own.version and int(own) >> free in networks:
                pairs.append((text, networks[int(own) >> free]))
    return pairs


def _names(seen: pd.DataFrame, known: set[str]) -> list[tuple[str, str]]:
    """Return (name, known name above it or itself)."""
    pairs = []
    for name in seen.loc[seen["Type"].isin(["dns", "onion"]), "Indicator"]:
        labels = name.split(".")
        above = (".".join(labels[n:]) for n in range(len(labels)))
        pairs += [(name, held) for held in above if held in known]
    return pairs
