"""STIX 2.1 indicators -> what is known.

Source: OASIS STIX 2.1, sections 4.7 (Indicator), 6 (observables) and 9 (patterns). Of the pattern
language, ``=`` and ``IN`` of the common observables are read, ``LIKE '%.name'`` of host names, OR
anywhere, and AND where a file's hash stands among what it joins: the hash says it alone. All else
(AND of an address and a port, FOLLOWEDBY, NOT) is named and left out, as it would be read for more
than it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from linuxhunt.enrich.threat_intel import Value, severity, time_of, value_of

__all__ = ["indicator", "pattern_values"]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<path>[a-z0-9-]+:[\w.\[\]*'-]+(?:\.'[^']*')?)
    |(?P<sign>[\[\](),]|[!<>]?=|[<>])|(?P<word>[A-Za-z]+)|(?P<number>[-+]?\d[\d.]*))""",
    re.X,
)
_PATHS = re.compile(
    r"(?:ipv4-addr|ipv6-addr|domain-name|url|email-addr):value"
    r"|network-traffic:(?:src|dst)_ref\.value"
    r"|email-message:(?:from|sender)_ref\.value"
    r"|(?:file|artifact):hashes\.'?[\w-]+'?"
    r"|x-(?:cryptocurrency|crypto)[\w-]*:(?:value|address)|cryptocurrency-wallet:(?:value|address)"
)
_BENIGN = {"benign"}


def pattern_values(pattern: str) -> list[Value]:
    """Return what a STIX pattern is about, each once.

    Raises:
        ValueError: it says something else than the common observables, or no pattern is there.
    """
    if len(pattern) > 100_000:
        raise ValueError("a pattern of more than 100,000 signs")
    tokens = list(_tokens(pattern))
    if any(kind == "word" and text.upper() in ("NOT", "FOLLOWEDBY", "WITHIN", "REPEATS", "MATCHES",
                                               "ISSUBSET", "ISSUPERSET", "EXISTS")
           for kind, text in tokens):  # fmt: skip
        raise ValueError("its pattern uses more than =, IN, LIKE, OR")
    values: dict[Value, None] = {}
    for terms in _alternatives(tokens):
        paths = [path for path, _, _ in terms]
        hashes = [term for term in terms if ".hashes" in term[0] or ":hashes" in term[0]]
        if len(terms) > 1 and not hashes:
            raise ValueError(f"its pattern joins {' and '.join(dict.fromkeys(paths))}")
        for term in hashes or terms:
            values |= dict.fromkeys(_values(*term))
    if not values:
        raise ValueError("its pattern holds no comparison")
    return list(values)


def _tokens(pattern: str) -> Iterator[tuple[str, str]]:
    at = 0
    pattern = pattern.strip()
    while at < len(pattern):
        match = _TOKEN.match(pattern, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"its pattern is broken at sign {at + 1}")
        yield match.lastgroup, match[match.lastgroup]
        at = match.end()


def _alternatives(tokens: list[tuple[str, str]]) -> list[list[tuple[str, str, list[str]]]]:
    """Return the comparisons that stand between ORs: those in one list are joined by AND."""
    groups: list[list[tuple[str, str, list[str]]]] = [[]]
    at = 0
    while at < len(tokens):
        kind, text = tokens[at]
        if kind == "word" and text.upper() == "OR":
            groups.append([])
            at += 1
        elif kind == "path":
            operator = tokens[at + 1][1].upper() if at + 1 < len(tokens) else ""
            at += 2
            texts: list[str] = []
            if operator == "IN":
                while at < len(tokens) and tokens[at][1] != ")":
                    texts += [tokens[at][1]] if tokens[at][0] == "text" else []
                    at += 1
            elif operator in ("=", "LIKE") and at < len(tokens):
                texts = [tokens[at][1]]
            else:
                raise ValueError(f"its pattern compares {text} by {operator or 'nothing'}")
            groups[-1].append((text, operator, [_unquoted(part) for part in texts]))
            at += 1
        elif (kind == "sign" and text in "[]()") or (kind == "word" and text.upper() == "AND"):
            at += 1
        else:
            raise ValueError(f"its pattern has {text} out of place")
    return [group for group in groups if group]


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith("'") else text


def _values(path: str, operator: str, texts: list[str]) -> Iterator[Value]:
    if not _PATHS.fullmatch(path):
        raise ValueError(f"its pattern is about {path}")
    for text in texts:
        wanted = text
        if operator == "LIKE":
            if not re.fullmatch(r"%\.[^%_]+", text):
                raise ValueError(f"its pattern says LIKE {text}")
            wanted = f"*{text[1:]}"
        found = value_of(wanted)
        if found is None:
            raise ValueError(f"its pattern holds {text[:80]}, which is no indicator")
        yield found


def indicator(
    held: Mapping[str, Any], source: str, since: pd.Timestamp
) -> Iterator[dict[str, Any]]:
    """Yield rows of ``KNOWN`` for one STIX indicator.

    Args:
        held: the object.
        source: who says so.
        since: an indicator that was valid until before then is left out.

    Raises:
        ValueError: it does not hold (revoked, expired, benign), or is not understood; its text
            says which.
    """
    if held.get("revoked") is True:
        raise ValueError("revoked")
    until = time_of(held.get("valid_until"))
    if until is not None and until < since:
        raise ValueError(f"expired on {until:%Y-%m-%d}")
    kinds = {str(kind) for kind in held.get("indicator_types") or ()}
    if kinds and kinds <= _BENIGN:
        raise ValueError("benign")
    if held.get("pattern_type", "stix") != "stix":
        raise ValueError(f"its pattern is of type {held.get('pattern_type')}")
    confidence = held.get("confidence")
    sure = confidence if isinstance(confidence, int) and not isinstance(confidence, bool) else None
    links = [
        ref.get("url") for ref in held.get("external_references") or () if isinstance(ref, dict)
    ]
    said = [str(held[key]) for key in ("name", "description") if held.get(key)]
    phases = [
        str(phase.get("phase_name"))
        for phase in held.get("kill_chain_phases") or ()
        if isinstance(phase, dict)
    ]
    for value in pattern_values(str(held.get("pattern", ""))):
        yield {
            "Value": value.value,
            "Type": value.type,
            "Match": value.match,
            "Source": source,
            "Severity": severity(sure),
            "Confidence": sure,
            "FirstSeen": held.get("valid_from") or held.get("created"),
            "LastSeen": held.get("modified"),
            "Tags": sorted({*map(str, held.get("labels") or ()), *kinds, *phases}),
            "Description": ": ".join(dict.fromkeys(said)) or None,
            "Link": next((str(link) for link in links if link), None),
        }
