"""Rows of the tables that hold flows, with the columns and types that their queries give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from linuxhunt.parse.flows import Hosts
from linuxhunt.workspace import catalogue
from linuxhunt.workspace.normalise import normalise

DAY = "2026-03-12"
OWN = "10.0.0.5"
WEB = Hosts.of([("web01", OWN)], {"web01": "web01", "WEB01.example": "web01"}, "web01")
"""One host is looked at, and its address is known."""
BOTH = Hosts.of([("web01", OWN), ("db01", "10.0.0.6")], {"web01": "web01", "db01": "db01"})
NOBODY = Hosts()


def rows(query: str, *given: Mapping[str, Any]) -> pd.DataFrame:
    """Make rows of a query; ids count from 1, times are ``10:00:00`` of one day unless given."""
    columns = catalogue()[query].columns
    assert {name for row in given for name in row} <= set(columns)
    full = [
        {"TimeGenerated": f"{DAY} 10:00:00", "_ItemId": f"t:{n}", **row}
        for n, row in enumerate(given, 1)
    ]
    return normalise(pd.DataFrame(full, columns=list(columns)), columns)
