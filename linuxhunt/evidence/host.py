"""What a host's own etc/ says: its name, its zone, its users, its system.

A folder or archive that holds ``etc/`` is a host's root; what is read from it counts for the
logs beneath that root and no others. A collector (UAC) that puts the file system into a folder
``[root]`` makes the folder above it the root, where its other findings lie.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from linuxhunt.errors import ScopeError
from linuxhunt.evidence.clock import zone
from linuxhunt.evidence.model import HostFacts
from linuxhunt.evidence.tree import Item

__all__ = ["Facts", "gather", "is_etc", "nearest"]

Facts = dict[str, HostFacts]
"""Root to what its etc/ says. Roots end with ``/`` or ``!``, or are empty."""

_ETC = re.compile(
    r"^(?P<root>(?:.*[/!])?)etc/(?P<file>hostname|timezone|localtime|passwd|os-release)$", re.S
)
_COLLECTED = re.compile(r"(?:^|(?<=[/!]))\[root\]/$")
_LARGEST = 4 << 20


def nearest(facts: Facts, path: str) -> HostFacts:
    """Return the facts of the innermost root that a path lies in."""
    roots = [root for root in facts if path.startswith(root)]
    return facts[max(roots, key=len)] if roots else HostFacts()


def is_etc(path: str) -> bool:
    """Whether a path is that of a file which says something about its host."""
    return _ETC.match(path) is not None


def gather(items: Iterable[Item]) -> Facts:
    """Read the etc/ files among the items of a folder or archive."""
    found: Facts = {}
    # etc/localtime before etc/timezone: where both are there, the latter's name is shown.
    for item in sorted(items, key=lambda item: item.path):
        match = _ETC.match(item.path)
        if match is None:
            continue
        root = _COLLECTED.sub("", match["root"])
        before = found.get(root, HostFacts(root=root))
        found[root] = _READERS[match["file"]](before, item)
    return found


def _text(item: Item) -> str:
    if item.skip:
        return ""
    try:
        data, _ = item.read()
    except OSError:
        return ""
    return data[:_LARGEST].tobytes().decode("utf-8", "backslashreplace")


def _hostname(facts: HostFacts, item: Item) -> HostFacts:
    lines = [line.strip() for line in _text(item).splitlines()]
    name = next((line for line in lines if line and not line.startswith("#")), None)
    return replace(facts, hostname=name) if name and re.fullmatch(r"[\w.-]+", name) else facts


def _timezone(facts: HostFacts, item: Item) -> HostFacts:
    lines = _text(item).split()
    return _named(facts, lines[0], "etc/timezone") if lines else facts


def _localtime(facts: HostFacts, item: Item) -> HostFacts:
    if item.link is not None:
        _, _, name = item.link.partition("zoneinfo/")
        return _named(facts, name, "etc/localtime") if name else facts
    try:
        content = item.read()[0][:_LARGEST].tobytes()
        where = ZoneInfo.from_file(io.BytesIO(content))
    except (OSError, ValueError, EOFError):
        return facts
    rule = content.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace")
    label = f"{rule} from etc/localtime"
    plain = UTC if re.fullmatch(r"(UTC|Etc/UTC|GMT)0?", rule) else where
    return replace(facts, zone=plain, zone_name=label)


def _named(facts: HostFacts, name: str, source: str) -> HostFacts:
    try:
        where: tzinfo = zone(name)
    except ScopeError:
        return facts
    return replace(facts, zone=where, zone_name=f"{name} from {source}")


def _passwd(facts: HostFacts, item: Item) -> HostFacts:
    rows = [line.split(":") for line in _text(item).splitlines()]
    # The first line of a uid names it, as getpwuid does; later ones are second accounts.
    users = {int(r[2]): r[0] for r in reversed(rows) if len(r) == 7 and r[2].isdecimal()}
    return replace(facts, users=users)


def _os_release(facts: HostFacts, item: Item) -> HostFacts:
    match = re.search(r'(?m)^PRETTY_NAME="?([^"\n]+)"?$', _text(item))
    return replace(facts, system=match[1]) if match else facts


_READERS = {
    "hostname": _hostname,
    "timezone": _timezone,
    "localtime": _localtime,
    "passwd": _passwd,
    "os-release": _os_release,
}
