"""Addresses in one spelling, and whose they are."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from linuxhunt.schema import STR

__all__ = ["Hosts", "common", "plain", "plain_address", "stated", "texts_of"]

_Array = np.ndarray[Any, Any]


def plain_address(text: str) -> str:
    """Return an address as Python writes it; text that is none comes back as it is.

    Brackets and the zone of a scoped address are taken off, an IPv4 address that IPv6 carries
    (``::ffff:192.0.2.1``) becomes IPv4, and the kernel's IPv6 without ``::`` becomes short.
    """
    bare = text.strip().strip("[]").partition("%")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return text
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def texts_of(values: pd.Series[Any]) -> tuple[_Array, pd.Series[Any]]:
    """Return addresses as codes (-1 for null) and the distinct ones, plain; empty text is null."""
    codes, distinct = pd.factorize(values.astype(STR))
    texts = pd.Series(distinct, dtype=STR)
    odd = texts.str.contains(r"[:%\[\s]", regex=True).to_numpy(dtype=bool)
    if odd.any():
        texts[odd] = pd.array([plain_address(text) for text in texts[odd]], dtype=STR)
    return codes, texts.where(texts != "")


def plain(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return addresses as :func:`plain_address` writes them; empty text is null."""
    codes, texts = texts_of(values)
    return pd.Series(texts.array.take(codes, allow_fill=True), index=values.index, dtype=STR)


@dataclass(frozen=True)
class Hosts:
    """What is known about the hosts that are looked at.

    Attributes:
        addresses: address -> the host that has it, as it is shown. An address that several
            hosts have (a NAT, a container bridge) says nothing and is left out.
        names: spelling of a host, in lower case -> the host as it is shown.
        only: the one host that is looked at; None for all.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    only: str | None = None

    @classmethod
    def of(
        cls,
        pairs: Iterable[tuple[str | None, str]],
        names: Mapping[str, str],
        only: str | None = None,
    ) -> Hosts:
        """Make it of (host, address) pairs.

        Args:
            pairs: a host in any spelling, or None for the one that is looked at, and an address.
                Loopback, unspecified, multicast and what is no address are left out, and where
                one host is looked at, so are the addresses of others.
            names: spelling of a host -> the host as it is shown.
            only: the one host that is looked at; None for all.
        """
        spelled = {name.casefold(): shown for name, shown in names.items()}
        owners: dict[str, set[str]] = {}
        for name, text in pairs:
            host = spelled.get(name.casefold(), name) if name else only
            address = plain_address(text)
            if host and _is_own(address) and (only is None or host == only):
                owners.setdefault(address, set()).add(host)
        sole = {address: next(iter(held)) for address, held in owners.items() if len(held) == 1}
        return cls(sole, spelled, only)

    def named(self, names: pd.Series[Any]) -> pd.Series[Any]:
        """Return names of hosts that are known, null for others: a firewall is no host here."""
        distinct = names.dropna().unique()
        known = [name for name in distinct if name.casefold() in self.names]
        return names.where(names.isin(known))


def common(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Return (host, address) of reporters that see one address in all of their flows.

    A sensor that names a host and sees the traffic of one address only, with at least two others,
    runs on that host, or looks at it.

    Args:
        rows: of the query ``flows_asim``.
    """
    ends = rows[["DvcHostname", "SrcIpAddr", "DstIpAddr"]].dropna()
    ends = ends[ends["SrcIpAddr"] != ends["DstIpAddr"]]
    total = ends["DvcHostname"].value_counts()
    both = [["DvcHostname", end] for end in ("SrcIpAddr", "DstIpAddr")]
    sides = pd.concat([ends[names].set_axis(["host", "end"], axis=1) for names in both])
    held = sides.value_counts().reset_index(name="amount")
    held = held[held["amount"].to_numpy() == total.reindex(held["host"]).to_numpy()]
    held = held[~held["host"].duplicated(keep=False)]  # two: always the same pair
    return list(held[["host", "end"]].itertuples(index=False, name=None))


def stated(
    heartbeat: pd.DataFrame, devices: pd.DataFrame, syslog: pd.DataFrame
) -> list[tuple[str | None, str]]:
    """Return (host, address) as the hosts' own reports state them.

    Args:
        heartbeat: Computer, ComputerIP and ComputerPrivateIPs (a JSON list).
        devices: DeviceName and PublicIP, as Defender knows them.
        syslog: HostIP of the one host that is looked at; no rows where all are.
    """
    found: list[tuple[str | None, str]] = [
        *_pairs(heartbeat, "Computer", "ComputerIP"),
        *_pairs(devices, "DeviceName", "PublicIP"),
        *((None, text) for text in syslog["HostIP"].dropna()),
    ]
    for host, text in _pairs(heartbeat, "Computer", "ComputerPrivateIPs"):
        try:
            listed = json.loads(text)
        except ValueError:
            listed = text
        found += [(host, str(one)) for one in (listed if isinstance(listed, list) else [listed])]
    return found


def _pairs(rows: pd.DataFrame, host: str, address: str) -> list[tuple[str, str]]:
    known = rows[[host, address]].dropna().drop_duplicates()
    return list(known.itertuples(index=False, name=None))


def _is_own(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or address.is_multicast)
