"""What stands below the findings of the network section: charts, tables, a map and a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from linuxhunt import views
from linuxhunt.schema import STR
from linuxhunt.sections.net_addresses import hours, out_of_line
from linuxhunt.sections.net_common import bytes_text
from linuxhunt.sections.net_graph import activity_graph
from linuxhunt.sections.net_new import new_ports
from linuxhunt.views import Track, View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt
    from linuxhunt.pages.network import NetworkPage

__all__ = ["flow_track", "network_body"]

_TOLD = 20_000
"""Up to so many flows have a text for the hover; more are only counted by the chart."""
_SHOWN = [
    "Severity", "Address", "Owner", "CountryCode", "Directions", "Ports", "Flows", "Sent",
    "Received", "Logons", "FailedLogons", "FirstTime",
]  # fmt: skip


def network_body(hunt: Hunt, page: NetworkPage) -> View:
    """Return everything below the findings; what needs flows is one line where there are none."""
    if page.sides.empty:
        return views.stack(
            views.message(
                "No flow data: who was called, how much went out and what listens cannot be told."
                " The addresses below are those that logs name.",
                "warning",
            ),
            _addresses(page),
            _map(page),
            _graph(hunt, page),
        )
    return views.stack(
        _timeline(hunt, page),
        _volumes(hunt, page),
        _addresses(page),
        _rhythms(page),
        _out_of_line(page),
        _ports(page),
        _map(page),
        _graph(hunt, page),
    )


def flow_track(flows: pd.DataFrame, title: str, *, by: str = "NetworkDirection") -> Track:
    """Return the track of flows over time, a lane a direction, a colour a protocol.

    Args:
        flows: as ``sections.net_common.sides`` gives them.
        title: what they are, one phrase.
        by: the column of the lanes.
    """
    lane = flows[by].fillna("NA")
    if by == "NetworkDirection":
        lane = lane.where(~flows["Failed"], lane + ", refused")
    protocol = flows["NetworkProtocol"].fillna("other")
    drawn = pd.DataFrame(
        {"TimeGenerated": flows["EventStartTime"], "Lane": lane, "Protocol": protocol, "Text": ""}
    )
    if len(flows) <= _TOLD:
        port = flows["DstPortNumber"].astype(STR).fillna("?")
        drawn["Text"] = (
            flows["RemoteIpAddr"].fillna("?") + " port " + port + "/" + protocol.str.lower()
            + _volume(flows["Sent"], "out") + _volume(flows["Received"], "in")
        )  # fmt: skip
    return Track(drawn, "TimeGenerated", "Lane", "Text", "Protocol", title)


def _volume(counts: pd.Series[Any], word: str) -> pd.Series[Any]:
    return counts.map(lambda n: f", {bytes_text(n)} {word}", na_action="ignore").fillna("")


def _timeline(hunt: Hunt, page: NetworkPage) -> View:
    return views.timelines(
        [flow_track(page.sides, "Flows by direction and protocol")],
        start=hunt.scope.start, end=hunt.scope.end, alerts=hunt.alerts.alerts,
    )  # fmt: skip


def _volumes(hunt: Hunt, page: NetworkPage) -> View:
    days = (hunt.scope.end - hunt.scope.start) / pd.Timedelta(days=1)
    step = "10min" if days <= 1 else "1h" if days <= 14 else "6h"
    counted = hours({"sides": page.sides}, step)
    return views.volumes(
        counted, "Time", {"Sent": "out", "Received": "in"}, step=pd.Timedelta(step),
        start=hunt.scope.start, end=hunt.scope.end, title="Bytes out and in",
    )  # fmt: skip


def _addresses(page: NetworkPage) -> View:
    found = page.addresses
    logged = int(found["InFlowsAndLogs"].sum())
    caption = (
        f"Addresses of the other side, those with findings first; {logged:,} are in flows and in"
        " logons alike"
    )
    return views.table(found, caption, columns=_SHOWN)


def _rhythms(page: NetworkPage) -> View:
    return views.table(
        page.rhythms.rename(columns={"Period": "Period (s)", "Evidence": "Evidence (bits)"}),
        "Called at regular intervals, also where nobody need mind (clocks, names, agents); jitter"
        " and missed beats are shares of the period and of the beats",
        columns=["RemoteIpAddr", "DstPortNumber", "NetworkProtocol", "Period (s)", "Jitter",
                 "Missed", "Beats", "Evidence (bits)", "FirstTime", "LastTime"],
    )  # fmt: skip


def _out_of_line(page: NetworkPage) -> View:
    return views.table(
        out_of_line({"sides": page.sides}), "Hours with far more bytes than others",
        columns=["Time", "Direction", "Bytes", "Median", "Address"],
    )  # fmt: skip


def _ports(page: NetworkPage) -> View:
    return views.table(
        new_ports({"sides": page.sides}), "Ports that came into use after six hours and more",
        columns=["DstPortNumber", "NetworkProtocol", "NetworkDirection", "FirstTime", "Flows"],
    )  # fmt: skip


def _map(page: NetworkPage) -> View:
    found = page.addresses
    counts = found.assign(
        address=found["Address"],
        Failure=found["Failed"] + found["FailedLogons"],
        Success=found["Flows"] - found["Failed"] + found["Logons"],
    )
    dates = found["SourceDate"].dropna()
    source = None
    if len(dates):
        names = found.loc[dates.index, "Source"].dropna().unique()
        source = f"{', '.join(names)}, of {dates.max():%Y-%m-%d}"
    return views.geo_map(counts, noun="contact", source=source)


def _graph(hunt: Hunt, page: NetworkPage) -> View:
    tables = {
        "sides": page.sides,
        "sessions": hunt.events["sessions"],
        "logons": hunt.events["logons"],
    }
    return views.graph(
        activity_graph(tables, [*page.found(), *hunt.logons.found()]),
        title="Who came from where, and who was called",
    )
