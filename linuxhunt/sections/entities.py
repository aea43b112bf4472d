"""The entities of an alert or a bookmark, decoded from Sentinel's JSON.

An alert's ``Entities`` is a list of objects with ``Type`` (account, host, ip, process, file, url,
...) and the fields of that type; one that is named again, also deep inside another, stands as
``{"$ref": "1"}`` for the one with ``"$id": "1"``. Names of fields differ in case between products,
and a bookmark's may be a map of id to object. The types and fields are those of Microsoft's
"entity types reference" for Sentinel.
"""

from __future__ import annotations

import json
import ntpath
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from linuxhunt.schema import STR

__all__ = ["COLUMNS", "Entity", "entities", "entity_frame", "loaded"]

COLUMNS = ("Kind", "Name", "Details")
"""Columns of :func:`entity_frame`."""

_MOST, _DEEP = 500, 6
"""Entities of one alert that are read, and how deep they lie within one another."""


class Entity(NamedTuple):
    """One entity.

    Attributes:
        kind: Sentinel's type in lower case, such as ``account``, ``host``, ``ip``.
        name: what it is called, in one line; "" where nothing names it.
        details: its other fields, in words.
        fields: its fields, names in lower case, references resolved.
    """

    kind: str
    name: str
    details: tuple[str, ...]
    fields: Mapping[str, Any]


def loaded(text: Any) -> Any:
    """Read JSON out of a column; None where it holds none, or it is nested too deeply."""
    if not isinstance(text, str):
        return text if isinstance(text, list | dict) else None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def entities(text: Any) -> list[Entity]:
    """Return the entities that a column ``Entities`` states, each once, in its order.

    Those that only stand inside another (the image file of a process) follow it.

    Args:
        text: JSON; anything else, and null, has none.
    """
    held = loaded(text)
    listed = list(held.values()) if isinstance(held, dict) and not _type(held) else held
    listed = listed if isinstance(listed, list) else [listed]
    objects = [_lower(item, _DEEP) for item in listed if isinstance(item, dict)]
    known: dict[str, dict[str, Any]] = {}
    for item in objects:
        for inner in _walk(item):
            if "$id" in inner:
                known.setdefault(str(inner["$id"]), inner)
    found: dict[tuple[str, str], Entity] = {}
    for item in objects:
        for inner in _walk(item):
            if _type(inner) and len(found) < _MOST:
                entity = _entity(inner, known)
                found.setdefault((entity.kind, entity.name), entity)
    return list(found.values())


def entity_frame(text: Any) -> pd.DataFrame:
    """Return the entities as Kind, Name and Details."""
    rows = [(entity.kind, entity.name, "; ".join(entity.details)) for entity in entities(text)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(STR)


def _lower(value: Any, deep: int) -> Any:
    """Write field names in lower case; what lies deeper than ``deep`` is left out."""
    if isinstance(value, dict):
        if not deep:
            return {}
        return {str(key).lower(): _lower(inner, deep - 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_lower(inner, deep - 1) for inner in value] if deep else []
    return value


def _walk(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an object, then those inside it."""
    yield item
    for value in item.values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from _walk(inner)


def _type(item: Mapping[str, Any]) -> str:
    stated = item.get("type", item.get("Type", item.get("kind", item.get("Kind"))))
    kind = stated.lower() if isinstance(stated, str) else ""
    return _ALIASES.get(kind, kind)


_ALIASES = {"networkconnection": "network-connection", "azureresource": "azure-resource"}


def _entity(item: dict[str, Any], known: Mapping[str, dict[str, Any]]) -> Entity:
    properties = item.get("properties")  # where the REST API's form was kept
    inner = properties if isinstance(properties, dict) else {}
    fields = {
        key: [_resolved(part, known) for part in value]
        if isinstance(value, list)
        else _resolved(value, known)
        for key, value in {**item, **inner}.items()
        if key != "properties" or not inner
    }
    kind = _type(item)
    name = _name(kind, fields)
    details = tuple(
        f"{key}: {told}"
        for key, value in fields.items()
        if not key.startswith("$") and key not in {"type", "kind"}
        for told in [_told(value)]
        if told and told != name
    )
    return Entity(kind, name, details, fields)


def _resolved(value: Any, known: Mapping[str, dict[str, Any]]) -> Any:
    """Return what a reference stands for, and all else as it is."""
    if isinstance(value, dict) and "$ref" in value:
        return known.get(str(value["$ref"]), value)
    return value


def _told(value: Any) -> str:
    """Write a field in one line; an entity inside is named only."""
    if isinstance(value, dict):
        return _name(_type(value), value) if _type(value) else _compact(value)
    if isinstance(value, list):
        return ", ".join(filter(None, map(_told, value)))
    return "" if value is None else str(value)


def _compact(value: dict[str, Any]) -> str:
    pairs = ((key, inner) for key, inner in value.items() if not isinstance(inner, dict | list))
    return ", ".join(f"{key}={inner}" for key, inner in pairs if inner not in (None, ""))


def _text(fields: Mapping[str, Any], *names: str) -> str:
    """Return the first field that is text or a number, and not empty."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            return str(value)
    return ""


def _account(fields: Mapping[str, Any]) -> str:
    name = _text(fields, "name", "accountname", "displayname", "aaduserid", "sid")
    domain, suffix = _text(fields, "ntdomain", "domainname"), _text(fields, "upnsuffix")
    if domain:
        return f"{domain}\\{name}"
    return f"{name}@{suffix}" if suffix and "@" not in name else name


def _host(fields: Mapping[str, Any]) -> str:
    name, domain = _text(fields, "hostname", "netbiosname", "azureid"), _text(fields, "dnsdomain")
    return f"{name}.{domain}" if domain and "." not in name else name


def _process(fields: Mapping[str, Any]) -> str:
    command = _text(fields, "commandline")
    image = fields.get("imagefile")
    path = _file(image) if isinstance(image, dict) else ""
    pid = _text(fields, "processid")
    return command or path or (f"pid {pid}" if pid else "")


def _file(fields: Mapping[str, Any]) -> str:
    folder, name = _text(fields, "directory"), _text(fields, "name", "filename")
    if not folder or not name:
        return folder or name
    return ntpath.join(folder, name) if "\\" in folder else f"{folder.rstrip('/')}/{name}"


def _connection(fields: Mapping[str, Any]) -> str:
    ends = []
    for side in ("source", "destination"):
        address = fields.get(f"{side}address")
        held = _text(address if isinstance(address, dict) else {"address": address}, "address")
        port = _text(fields, f"{side}port")
        ends.append(f"{held}:{port}" if port else held)
    return " → ".join(ends) + f" {_text(fields, 'protocol')}".rstrip() if any(ends) else ""


_NAMES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "account": _account,
    "host": _host,
    "ip": lambda fields: _text(fields, "address"),
    "process": _process,
    "file": _file,
    "filehash": lambda fields: f"{_text(fields, 'algorithm')} {_text(fields, 'value')}".strip(),
    "url": lambda fields: _text(fields, "url"),
    "dns": lambda fields: _text(fields, "domainname"),
    "network-connection": _connection,
    "azure-resource": lambda fields: _text(fields, "resourceid"),
}


def _name(kind: str, fields: Mapping[str, Any]) -> str:
    """Name an entity in one line."""
    named = _NAMES.get(kind)
    general = ("name", "displayname", "friendlyname", "value", "url", "resourceid", "sessionid")
    return named(fields) if named else _text(fields, *general)
