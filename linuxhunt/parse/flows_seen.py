"""How a host sees a flow: its direction, and the end that is not the host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from linuxhunt.parse.flows_hosts import Hosts, texts_of
from linuxhunt.schema import STR, conform

__all__ = ["as_seen"]

# RFC 1918, 6598, 4193, link-local: addresses that are nobody's on the internet.
_PRIVATE = (
    r"^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\."
    r"|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)"
)
_LOOPBACK = r"^(?:127\.|::1$)"
# Unspecified, multicast, broadcast: no host's own.
_NOBODY = r"^(?:0\.0\.0\.0$|::$|2(?:2[4-9]|[34]\d|5[0-5])\.|ff[0-9a-f]{2}:)"

_Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class _Numbers:
    """Hosts as numbers, -1 for one that is not known: whole columns compare at once.

    Attributes:
        hosts: what is known.
        number: host as shown -> its number; grows as others are met.
    """

    hosts: Hosts
    number: dict[str, int]

    def of_names(self, names: pd.Series[Any], *, known: bool) -> _Array:
        """Return the host of each name; a name that is no known host's is -1, or its own."""
        codes, distinct = pd.factorize(names.astype(STR))
        shown = (
            self.hosts.names.get(name.casefold(), None if known else name) for name in distinct
        )
        return self._spread(codes, shown)

    def of_addresses(self, codes: _Array, texts: pd.Series[Any]) -> _Array:
        """Return the host that has each address."""
        return self._spread(codes, (self.hosts.addresses.get(text) for text in texts))

    def _spread(self, codes: _Array, shown: Any) -> _Array:
        numbers = [
            -1 if name is None else self.number.setdefault(name, len(self.number)) for name in shown
        ]
        return np.array([*numbers, -1], dtype=np.int64)[codes]  # -1, a null, takes the last


@dataclass(frozen=True)
class _Ends:
    """One end of each flow.

    Attributes:
        address: in one spelling.
        private, loopback, nobody: what kind of address it is.
        known: whether there is one.
        owner: number of the host that has it.
    """

    address: pd.Series[Any]
    private: _Array
    loopback: _Array
    nobody: _Array
    known: _Array
    owner: _Array

    @classmethod
    def of(cls, rows: pd.DataFrame, end: str, numbers: _Numbers) -> _Ends:
        """Read the columns of an end, ``Src`` or ``Dst``."""
        codes, texts = texts_of(rows[f"{end}IpAddr"])
        owner = numbers.of_addresses(codes, texts)
        name = f"{end}Hostname"
        if name in rows:
            owner = np.where(owner < 0, numbers.of_names(rows[name], known=True), owner)
        private, loopback, nobody = (
            np.append(texts.str.contains(pattern, regex=True).to_numpy(dtype=bool), False)[codes]
            for pattern in (_PRIVATE, _LOOPBACK, _NOBODY)
        )
        known = np.append(texts.notna().to_numpy(dtype=bool), False)[codes]
        values = texts.array.take(codes, allow_fill=True)
        address = pd.Series(values, index=rows.index, dtype=STR)
        return cls(address, private, loopback, nobody, known, owner)


def as_seen(rows: pd.DataFrame, hosts: Hosts, agent: bool | _Array) -> pd.DataFrame:
    """Return ``EVENTS["flows"]`` as the host sees them.

    An agent on the host knows the direction: what its row states holds. A sensor's own direction
    is that of a network, so whose the addresses are comes first: from the host it is Outbound, to
    the host Inbound, and where both ends are hosts that are looked at, the source's view counts
    and DvcHostname is the source. Where neither end is known to be a host's, what the sensor says
    holds; where it says nothing, private to public is Outbound and public to private Inbound. But
    a host whose addresses are known is not part of traffic between others: where it alone is looked
    at, that is NA, and DvcHostname null.

    Args:
        rows: columns of flows, of which SrcIpAddr, DstIpAddr, DvcHostname (who reports) and
            NetworkDirection (as stated: Inbound, Outbound, Listen; other words count for nothing)
            are read; SrcHostname and DstHostname, where they are there, too.
        hosts: whose which address is.
        agent: whether the reporter is the host itself; one for all, or one a row.

    Returns:
        Addresses in one spelling, DvcHostname the host whose view it is (null where that is not
        known), NetworkDirection of the contract's words, RemoteIpAddr the end that is not the
        host: null for Local and Listen, and for NA unless one end alone is public.
    """
    numbers = _Numbers(hosts, {})
    by_agent = np.broadcast_to(np.asarray(agent, dtype=bool), len(rows))
    source, target = (_Ends.of(rows, end, numbers) for end in ("Src", "Dst"))
    reporter = numbers.of_names(rows["DvcHostname"], known=False)
    # A sensor on a host that has other addresses: what it saw is not that host's.
    at_home = [numbers.number[host] for host in {*hosts.addresses.values()} & {*numbers.number}]
    named = np.where(np.isin(reporter, at_home), -1, reporter)
    owner = np.where(source.owner >= 0, source.owner, target.owner)
    host = np.where(by_agent, reporter, np.where(owner >= 0, owner, named))
    seen = _direction(rows, source, target, host, by_agent, hosts)
    names = pd.array([*numbers.number], dtype=STR)
    return conform(
        rows.assign(
            SrcIpAddr=source.address,
            DstIpAddr=target.address,
            DvcHostname=pd.Series(names.take(host, allow_fill=True), index=rows.index, dtype=STR),
            NetworkDirection=pd.Series(seen, index=rows.index).astype(STR),
            RemoteIpAddr=_remote(source, target, seen),
        ),
        "flows",
    )


def _direction(
    rows: pd.DataFrame,
    source: _Ends,
    target: _Ends,
    host: _Array,
    by_agent: _Array,
    hosts: Hosts,
) -> _Array:
    stated = ["Inbound", "Outbound", "Listen"]
    codes, words = pd.factorize(rows["NetworkDirection"].astype(STR))
    told = np.array([*(w if w in stated else "" for w in words), ""], dtype=object)[codes]
    has, both = told != "", source.known & target.known
    leaves = both & source.private & ~(target.private | target.loopback | target.nobody)
    comes = both & target.private & ~(source.private | source.loopback | source.nobody)
    local = (source.owner == target.owner) & (source.owner >= 0)
    local |= source.loopback | (target.loopback & ~source.nobody)
    local |= (source.address == target.address).fillna(False).to_numpy(dtype=bool)
    foreign = ~by_agent & (hosts.only is not None and bool(hosts.addresses))
    at_home = host >= 0
    return np.select(
        [
            told == "Listen",
            local,
            by_agent & has,
            at_home & (source.owner == host),
            at_home & (target.owner == host),
            foreign,
            has,
            leaves,
            comes,
        ],
        [told, "Local", told, "Outbound", "Inbound", "NA", told, "Outbound", "Inbound"],
        "NA",
    )


def _remote(source: _Ends, target: _Ends, seen: _Array) -> pd.Series[Any]:
    apart = seen == "NA"
    here, there = (end.private | end.loopback | end.nobody for end in (source, target))
    out = (seen == "Outbound") | (apart & here & ~there)
    back = (seen == "Inbound") | (apart & there & ~here)
    return target.address.where(out, source.address.where(back))
