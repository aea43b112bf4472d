"""MISP exports -> what is known.

Source: the MISP core format (draft-dulaunoy-misp-core-format): events with attributes and objects
of attributes, as ``/events/restSearch`` (events) and ``/attributes/restSearch`` (attributes alone)
give them. Only attributes that MISP holds fit for detection (``to_ids``) and that are neither
deleted nor decayed count. ``threat_level_id`` 1, 2, 3 is High, Medium, Low.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from linuxhunt.enrich.threat_intel import value_of

__all__ = ["attributes", "is_misp", "known_attribute"]

_LEVELS = {"1": "High", "2": "Medium", "3": "Low"}
_PLAIN = frozenset({
    "ip-src", "ip-dst", "domain", "hostname", "url", "uri", "link", "email", "email-src",
    "email-dst", "md5", "sha1", "sha256", "sha512", "btc", "xmr", "onion-address", "eppn",
})  # fmt: skip
_FIRST = frozenset({"ip-src|port", "ip-dst|port", "hostname|port"})
_LAST = frozenset({"filename|md5", "filename|sha1", "filename|sha256", "filename|sha512"})
_BOTH = frozenset({"domain|ip"})

Attribute = tuple[Mapping[str, Any], Mapping[str, Any]]


def is_misp(held: Any) -> bool:
    """Tell whether JSON is a MISP export."""
    return next(_parts(held), None) is not None


def _parts(held: Any) -> Iterator[tuple[str, Any]]:
    """Yield ("Event" or "Attribute", it) of the forms that MISP exports have."""
    if isinstance(held, list):
        for item in held:
            yield from _parts(item)
    elif isinstance(held, dict):
        if isinstance(held.get("Event"), dict) and "value" not in held:
            yield "Event", held["Event"]
        elif "response" in held:
            yield from _parts(held["response"])
        elif isinstance(held.get("Attribute"), list) and "info" not in held:
            yield from (("Attribute", item) for item in held["Attribute"])
        elif "info" in held and ("Attribute" in held or "Object" in held):
            yield "Event", held


def attributes(held: Any) -> Iterator[Attribute]:
    """Yield (attribute, its event) of an export, those of objects too."""
    for kind, part in _parts(held):
        if kind == "Attribute" and isinstance(part, dict):
            event = part.get("Event")
            yield part, event if isinstance(event, dict) else {}
        elif kind == "Event":
            own = list(_dicts(part.get("Attribute")))
            for group in _dicts(part.get("Object")):
                if not _set(group.get("deleted")):
                    own += _dicts(group.get("Attribute"))
            yield from ((attribute, part) for attribute in own)


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _set(value: Any) -> bool:
    return value in (True, 1, "1", "true", "True")


def known_attribute(
    attribute: Mapping[str, Any], event: Mapping[str, Any], source: str
) -> Iterator[dict[str, Any]]:
    """Yield rows of ``threat_intel.KNOWN`` for one attribute.

    Raises:
        ValueError: it is not for detection, deleted, decayed, or of a type that no log shows; its
            text says which.
    """
    if _set(attribute.get("deleted")):
        raise ValueError("deleted")
    if not _set(attribute.get("to_ids")):
        raise ValueError("not for detection (to_ids)")
    scores = list(_dicts(attribute.get("decay_score")))
    if scores and all(_set(score.get("decayed")) for score in scores):
        raise ValueError("decayed")
    kind, text = str(attribute.get("type", "")), str(attribute.get("value", ""))
    first, _, last = text.partition("|")
    if kind in _PLAIN:
        wanted = [text]
    elif kind in _FIRST:
        wanted = [first]
    elif kind in _LAST:
        wanted = [text.rpartition("|")[2]]
    elif kind in _BOTH:
        wanted = [first, last]
    else:
        raise ValueError(f"of type {kind or 'none'}")
    for part in wanted:
        value = value_of(part)
        if value is None:
            raise ValueError(f"{part[:80]!r} is no {kind}")
        info = event.get("info")
        said = [str(text) for text in (info, attribute.get("comment")) if text]
        maker = event.get("Orgc")
        by = maker.get("name") if isinstance(maker, dict) else None
        yield {
            "Value": value.value,
            "Type": value.type,
            "Match": value.match,
            "Source": f"{source} ({by})" if by else source,
            "Severity": _LEVELS.get(str(event.get("threat_level_id")), "Medium"),
            "FirstSeen": attribute.get("first_seen") or event.get("date"),
            "LastSeen": attribute.get("last_seen"),
            "Tags": _tags(event, attribute),
            "Description": ": ".join(dict.fromkeys(said)) or None,
        }


def _tags(*parts: Mapping[str, Any]) -> list[str]:
    """Return the names of tags and of galaxies' clusters, each once, in order."""
    names: dict[str, None] = {}
    for part in parts:
        for tag in _dicts(part.get("Tag")):
            names[str(tag.get("name"))] = None
        for galaxy in _dicts(part.get("Galaxy")):
            for cluster in _dicts(galaxy.get("GalaxyCluster")):
                names[str(cluster.get("value"))] = None
    return list(names)
