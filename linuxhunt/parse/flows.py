"""``flows``: connections from everything that records some, as the host sees them.

One function for each source turns the rows of its query into ``EVENTS["flows"]``; :func:`flows`
puts them together, ties them to sessions and processes, and sorts them. A connection that several
sources report stays one row for each: they count bytes differently, see other ends of a NAT, and
one may miss what the other has. EventProduct tells them apart.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.parse.engine import nanoseconds
from linuxhunt.parse.flows_agents import flows_defender, flows_vm
from linuxhunt.parse.flows_asim import flows_asim, flows_firewall
from linuxhunt.parse.flows_azure import flows_nsg, flows_vnet
from linuxhunt.parse.flows_hosts import Hosts, common, stated
from linuxhunt.parse.flows_kernel import FIREWALL_PROGRAMS, flows_syslog
from linuxhunt.parse.flows_ties import by_sessions, tied
from linuxhunt.parse.lines import ORDER
from linuxhunt.schema import empty

__all__ = [
    "FIREWALL_PROGRAMS",
    "Hosts",
    "by_sessions",
    "common",
    "flows",
    "flows_asim",
    "flows_defender",
    "flows_firewall",
    "flows_nsg",
    "flows_syslog",
    "flows_vm",
    "flows_vnet",
    "learned",
    "stated",
    "tied",
]


def flows(
    *parts: pd.DataFrame,
    sessions: pd.DataFrame | None = None,
    processes: pd.DataFrame | None = None,
    audit: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the flows of several sources as one frame, in order of time.

    Args:
        parts: ``EVENTS["flows"]`` of each source.
        sessions: ``EVENTS["sessions"]``, for LogonSessionId.
        processes: ``EVENTS["processes"]``, for TargetProcessGuid.
        audit: ``EVENTS["audit"]``, for the process that made an outbound connection.
    """
    held = [part for part in parts if len(part)]
    if not held:
        return empty("flows")
    together = pd.concat(held, ignore_index=True) if len(held) > 1 else held[0]
    return _in_order(tied(together, sessions, processes, audit))


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort as ``schema.in_order`` does, a million rows in a second."""
    with duckdb.connect() as con:
        con.register(
            "rows",
            pa.table(
                {
                    "n": np.arange(len(rows)),
                    "time": pa.array(nanoseconds(rows["EventStartTime"])),
                    "uid": pa.array(rows["EventUid"]),
                }
            ),
        )
        order = con.sql(f"SELECT n FROM rows ORDER BY {ORDER}, n").fetchnumpy()["n"]
    if (np.diff(order) > 0).all():
        return rows
    return rows.take(order).reset_index(drop=True)


def learned(*parts: pd.DataFrame) -> list[tuple[str, str]]:
    """Return (host, address) of the ends that flows show to be their host's own.

    Args:
        parts: ``EVENTS["flows"]`` of sources on the host, which know the direction.
    """
    found: dict[tuple[str, str], None] = {}
    for part in parts:
        for seen, end in (("Outbound", "SrcIpAddr"), ("Inbound", "DstIpAddr")):
            own = part.loc[part["NetworkDirection"] == seen, ["DvcHostname", end]]
            own = own.dropna().drop_duplicates()
            own = own[~own[end].str.endswith(".255")]  # broadcasts come in, too
            found |= dict.fromkeys(own.itertuples(index=False, name=None))
    return list(found)
