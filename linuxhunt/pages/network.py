"""Who talked to the host, as the notebook shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from ipywidgets import VBox

from linuxhunt.enrich.geo import places
from linuxhunt.pages.address import AddressPage
from linuxhunt.pages.choice import Choice
from linuxhunt.pages.judged import JudgedPage
from linuxhunt.pages.network_view import network_body
from linuxhunt.schema import STR
from linuxhunt.scope import Scope
from linuxhunt.sections import Tables, network
from linuxhunt.sections.beacons import rhythms
from linuxhunt.sections.finding import Check
from linuxhunt.sections.net_addresses import addresses
from linuxhunt.sections.net_common import sides
from linuxhunt.views import View

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["ALL", "NO_FLOWS", "NetworkPage"]

ALL = "all"
"""The choice of networks that leaves no address out."""
_UNKNOWN = "unknown"
_COVERED = 0.5
"""Share of the window that flows must span to tell about it."""
NO_FLOWS = "flows (Zeek, flow logs of the cloud, a firewall, Defender, VM insights, ss)"


class NetworkPage(JudgedPage):
    """Network activity.

    Attributes:
        asn: whose networks are offered: ``all``, or the name of one.
        choice: which remote address; any that flows, logons, sessions or audit name.
        address: what is known of that address.
    """

    section: ClassVar[str] = "network"
    title: ClassVar[str] = "Network activity"
    hypothesis: ClassVar[str] = network.HYPOTHESIS
    checks: ClassVar[tuple[Check, ...]] = network.CHECKS
    kinds: ClassVar[tuple[str, ...]] = ("flows", "logons", "sessions")

    def __init__(self, hunt: Hunt) -> None:
        self._held: dict[Scope, dict[str, pd.DataFrame]] = {}
        super().__init__(hunt)
        self.asn = Choice(hunt, "Network", self._networks)
        self.choice = _Addresses(hunt, self)
        self.address = AddressPage(hunt, self)
        self.asn.on_change(self.choice.forget)

    def _once(self, name: str, make: str) -> pd.DataFrame:
        """Return a frame of the scope, made by a method of this page when first asked for."""
        held = self._held.setdefault(self._hunt.scope, {})
        if name not in held:
            held[name] = getattr(self, make)()
        return held[name]

    @property
    def flows(self) -> pd.DataFrame:
        """Flows, one row each."""
        return self._hunt.events["flows"]

    @property
    def sides(self) -> pd.DataFrame:
        """Flows as the host sees them (``sections.net_common.sides``)."""
        return self._once("sides", "_sides")

    @property
    def addresses(self) -> pd.DataFrame:
        """Addresses of the other side, those worth a look first, with place and owner."""
        return self._once("addresses", "_addresses")

    @property
    def rhythms(self) -> pd.DataFrame:
        """What is called at regular intervals (``sections.beacons.rhythms``)."""
        return self._once("rhythms", "_rhythms")

    @property
    def places(self) -> pd.DataFrame:
        """Places of the addresses of the other side (``enrich.geo.places``)."""
        return self._once("places", "_places")

    def _sides(self) -> pd.DataFrame:
        return sides({"flows": self.flows})

    def _addresses(self) -> pd.DataFrame:
        events = self._hunt.events
        tables = {kind: events[kind] for kind in ("logons", "sessions", "audit")}
        found = addresses({**tables, "sides": self.sides}, self.found())
        placed = places(found["Address"]).rename(columns={"address": "Address"})
        found = found.merge(placed, on="Address", how="left", validate="one_to_one")
        found.insert(1, "Owner", _owners(found))
        return found

    def _rhythms(self) -> pd.DataFrame:
        return rhythms({"sides": self.sides})

    def _places(self) -> pd.DataFrame:
        return places(self.flows["RemoteIpAddr"])

    def tables(self) -> Tables:
        """Return what the checks are given: events, places, and what intelligence knows."""
        named = self.sides.drop_duplicates("RemoteIpAddr")
        hits = self._hunt.intel.hits_in(named, ["RemoteIpAddr"])
        return {**super().tables(), "sides": self.sides, "places": self.places, "hits": hits}

    def _networks(self) -> list[tuple[str, str]]:
        found = self.addresses
        counts = found["Owner"].fillna(_UNKNOWN).value_counts(sort=True)
        order = dict.fromkeys(found["Owner"].fillna(_UNKNOWN))  # those with findings first
        return [
            (f"all networks ({len(found):,} addresses)", ALL),
            *((f"{name} ({counts[name]:,})", name) for name in order),
        ]

    def offered(self, *, everywhere: bool = False) -> list[tuple[str, str]]:
        """Return (label, address) of what can be picked: those of the picked network, or all."""
        found = self.addresses
        if not everywhere and self.asn.value not in (None, ALL):
            found = found[found["Owner"].fillna(_UNKNOWN) == self.asn.value]
        severity = found["Severity"].map(lambda text: f"{text}: ", na_action="ignore").fillna("")
        known = found["Flows"].map("{:,} flows".format).where(found["Flows"] > 0, "in logs")
        where = found["CountryCode"].map(lambda text: f", {text}", na_action="ignore").fillna("")
        labels = severity + found["Address"] + " (" + known + where + ")"
        return list(zip(labels, found["Address"], strict=True))

    def seen(self) -> tuple[int, Sequence[str]]:
        """Return how many rows the checks stood on, and what data is missing, in words."""
        flows, scope = self.sides, self._hunt.scope
        told = self._hunt.events.seen(*self._hunt.events.flow_sources)
        missing = [] if told.whole or told.absent else [str(told)]
        if flows.empty:
            return 0, [NO_FLOWS, *missing]
        if flows["Failed"].all():
            missing.append("flows that were let through (only refused ones were logged)")
        first, last = flows["EventStartTime"].min(), flows["EventStartTime"].max()
        share = (last - first) / (scope.end - scope.start)
        if share < _COVERED:
            missing.append(f"flows of the rest of the window (they span {share:.0%} of it)")
        return len(flows), missing

    def said(self) -> list[str]:
        """Return what data there was, one phrase each."""
        flows = self.flows
        if flows.empty:
            return ["no flow data"]
        by = flows["EventProduct"].fillna("an unnamed source").value_counts()
        phrases = [f"{count:,} flows by {name}" for name, count in by.items()]
        if not flows["TargetProcessName"].notna().any():
            phrases.append("no source names processes")
        if flows["DstPortNumber"].eq(53).fillna(False).any():
            phrases.append("names asked of DNS are not there, tunnels are told by size only")
        return phrases

    def body(self) -> View:
        """Return time lines, volumes, addresses, rhythms, ports, map and graph."""
        return network_body(self._hunt, self)

    def entities(self) -> dict[tuple[str, str], str]:
        """Return what can be sent to its section: that of the findings, then more addresses."""
        more = {
            ("address", address): f"address {address}"
            for address in self.addresses["Address"].head(200)
        }
        return {**super().entities(), **more}

    def pick(self, address: str | None = None) -> Any:
        """Return the pickers of a network and of an address in it."""
        return VBox([self.asn.picker(), self.choice.picker(address)])


class _Addresses(Choice):
    """One address; one of another network than is picked lets all networks be offered again."""

    def __init__(self, hunt: Hunt, page: NetworkPage) -> None:
        self._page = page
        super().__init__(hunt, "Address", page.offered)

    def select(self, value: str) -> None:
        """Pick one.

        Raises:
            ParameterError: nothing in the scope names it.
        """
        here = {address for _, address in self._page.offered()}
        if value not in here and value in set(self._page.addresses["Address"]):
            self._page.asn.select(ALL)
        super().select(value)


def _owners(found: pd.DataFrame) -> pd.Series[str]:
    """Name the network of each address: its owner, what kind of address it is, or null."""
    number = "AS" + found["ASN"].astype(STR)
    kind = found["Source"].where(found["SourceDate"].isna())
    owner: pd.Series[str] = found["ASName"].fillna(number).fillna(kind).astype(STR)
    return owner
