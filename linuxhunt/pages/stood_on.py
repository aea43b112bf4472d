"""How whole the data is that a section's verdict stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linuxhunt.pages.judged import JudgedPage
from linuxhunt.workspace import Completeness

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["SECTIONS", "SOURCES", "stood_on"]

_AUTH = ("auth lines",)
_AUDIT = ("audit.log lines", "audit records in syslog", "LinuxAuditLog records")
_ELSEWHERE = ("logons that Defender saw", "logons in ASIM's table", "logons by ASIM's parser")
_LOGONS = (*_AUTH, *_AUDIT, *_ELSEWHERE)
_SESSIONS = (*_LOGONS, "wtmp records", "journal entries")
_PROCESSES = (
    *_SESSIONS, "Sysmon lines", "processes that Defender saw", "processes in ASIM's table",
    "processes by ASIM's parser",
)  # fmt: skip
_FLOWS = (
    "connections that VM insights counted", "connections that Defender saw",
    "packets that the host's firewall logged", "network sessions", "VNet flow logs",
    "NSG flow logs", "firewalls by CEF", "network sessions by ASIM's parser",
)  # fmt: skip

SOURCES: dict[str, tuple[str, ...]] = {
    "auth": _LOGONS,
    "logons": (*_LOGONS, "wtmp records"),
    "sessions": _SESSIONS,
    "sudo": _SESSIONS,
    "cron": ("cron lines",),
    "accounts": (*_AUTH, *_AUDIT),
    "audit": _AUDIT,
    "processes": _PROCESSES,
    "flows": _FLOWS,
}
"""Kind of events -> what is asked for when they are, as Events.completeness names it."""

SECTIONS: dict[str, tuple[str, ...]] = {
    "overview": ("lines about logs", "counts of rows"),
    "alerts": ("alerts", "bookmarks"),
}
"""Section -> what it asks for beside the kinds of events that it names."""


def stood_on(hunt: Hunt, page: JudgedPage) -> Completeness:
    """Return how whole the answers are, together, that a section's checks were given.

    What the source has no table for is left out where another source of the section answered.
    """
    events = hunt.events
    names = dict.fromkeys(
        [*SECTIONS.get(page.section, ()), *(name for kind in page.kinds for name in SOURCES[kind])]
    )
    asked = [name for name in names if name in events.completeness]
    return events.seen(*asked) if asked else Completeness(page.section, asked=0, answered=0)
