"""What the checks of sessions and users are given: events, and the findings that went before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from linuxhunt.enrich.geo import places
from linuxhunt.sections import findings_frame
from linuxhunt.sections.finding import Tables

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["KINDS", "people_tables"]

KINDS = ("logons", "sessions", "sudo", "cron", "accounts", "processes", "audit")
"""Kinds of events that tell of people."""


def people_tables(hunt: Hunt, kinds: Sequence[str] = KINDS) -> Tables:
    """Return the events of the scope, and two further tables.

    Returns:
        Kind -> frame; ``findings`` has those of the logons and applications sections, ``places``
        where the addresses of successful logons are, as far as this machine knows.
    """
    tables = {kind: hunt.events[kind] for kind in kinds}
    came = tables["logons"]
    addresses = came.loc[came["EventResult"] == "Success", "SrcIpAddr"]
    return {
        **tables,
        "findings": findings_frame([*hunt.logons.found(), *hunt.applications.found()]),
        "places": places(addresses),
    }
