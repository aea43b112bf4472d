"""Flows as the host sees them: the other side, its network, what was sent and what was received."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address, ip_network
from typing import Any

import numpy as np
import pandas as pd

from linuxhunt.schema import STR, empty
from linuxhunt.sections.finding import Tables

__all__ = [
    "ANYWHERE",
    "COMMON_PORTS",
    "FROM_ANYWHERE",
    "SHELLS",
    "between",
    "bytes_text",
    "first",
    "flows_text",
    "grouped",
    "known",
    "length_text",
    "network_of",
    "outside",
    "process_text",
    "records",
    "sides",
]

_INSIDE = [
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4", "255.255.255.255/32"),
        "168.63.129.16/32",  # Azure's own service for its machines
        *("::/127", "fc00::/7", "fe80::/10", "ff00::/8"),
    )
]
"""Networks that are not the Internet: IANA's special-purpose registries, and one of Azure's."""
_INSIDE_4 = [
    (int(network[0]), int(network[-1])) for network in _INSIDE if isinstance(network, IPv4Network)
]
_INSIDE_6 = [network for network in _INSIDE if not isinstance(network, IPv4Network)]

COMMON_PORTS = frozenset(
    {20, 21, 22, 25, 43, 53, 80, 88, 110, 123, 143, 179, 389, 443, 445, 465, 514, 563, 587, 636,
     853, 873, 989, 990, 993, 995, 1194, 1433, 1521, 1883, 2049, 3128, 3306, 3478, 4317, 4318,
     4500, 5000, 5044, 5061, 5222, 5223, 5228, 5353, 5355, 5432, 5671, 5672, 6379, 6443, 6514,
     8000, 8080, 8086, 8088, 8125, 8200, 8443, 8883, 9000, 9090, 9092, 9093, 9100, 9200, 9300,
     9418, 9443, 9997, 10050, 10051, 10250, 11211, 11371, 15671, 15672, 27017, 51820}
)  # fmt: skip
"""Ports of services that hosts ordinarily talk to or offer (IANA's registry, and the documents of
the services that have none there)."""

SHELLS = frozenset(
    {"ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "ksh93", "mksh", "rbash", "sh", "tcsh",
     "zsh"}
)  # fmt: skip
"""Programs that are shells: none connects to anybody in ordinary work."""

ANYWHERE = ("/tmp/", "/var/tmp/", "/dev/shm/", "/run/user/", "/run/shm/")
FROM_ANYWHERE = "runs from a place that anybody may write to"

_FAILED = frozenset({"Deny", "Drop", "Reset", "Reset Source", "Reset Destination", "Drop ICMP"})
"""ASIM's DvcAction of a connection that did not come to be."""


def _address(text: object) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(str(text).partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def outside(text: object) -> bool:
    """Whether a text is an address of the Internet; ranges for documentation count as that."""
    found = _address(text)
    if isinstance(found, IPv4Address):  # as numbers: a scan has many thousands of addresses
        number = int(found)
        return not any(low <= number <= high for low, high in _INSIDE_4)
    return found is not None and not any(found in network for network in _INSIDE_6)


def network_of(text: object) -> str | None:
    """Return the network that an address stands for: its /24 or /48; None for no address."""
    found = _address(text)
    if found is None:
        return None
    if isinstance(found, IPv4Address):
        return f"{str(found).rpartition('.')[0]}.0/24"
    return str(ip_network(f"{found}/48", strict=False))


def sides(tables: Tables) -> pd.DataFrame:
    """Return flows as the host sees them, by time.

    Args:
        tables: ``flows``; where ``sides`` is there already, it is returned as it is.

    Returns:
        The flows that have a time, with more columns: Time (seconds since 1970, float), Sent and
        Received (bytes, ``Int64``, null where not counted), Failed (bool: refused, dropped,
        reset), Outside (bool: the other side is on the Internet), Network (of the other side).
    """
    if "sides" in tables:
        return tables["sides"]
    flows = tables.get("flows", empty("flows"))
    flows = flows[flows["EventStartTime"].notna()]
    flows = flows.sort_values("EventStartTime", kind="stable", ignore_index=True)
    inbound = flows["NetworkDirection"].eq("Inbound").fillna(False).astype(bool)
    addresses = pd.Series(flows["RemoteIpAddr"].dropna().unique(), dtype=object)
    is_out = dict(zip(addresses, map(outside, addresses), strict=True))
    networks = dict(zip(addresses, map(network_of, addresses), strict=True))
    return flows.assign(
        Time=_seconds(flows["EventStartTime"]),
        Sent=flows["SrcBytes"].where(~inbound, flows["DstBytes"]),
        Received=flows["DstBytes"].where(~inbound, flows["SrcBytes"]),
        Failed=flows["DvcAction"].isin(_FAILED),
        Outside=flows["RemoteIpAddr"].isin([text for text, out in is_out.items() if out]),
        Network=flows["RemoteIpAddr"].map(networks).astype(STR),
    )


def _seconds(times: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    naive = times.dt.tz_convert("UTC").dt.tz_localize(None)
    seconds: np.ndarray[Any, np.dtype[np.float64]] = (
        naive.to_numpy("datetime64[us]").astype("int64") / 1e6
    )
    return seconds


def grouped(rows: pd.DataFrame, keys: list[str]) -> Iterator[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Yield the rows of each key, in the order of appearance; null is a key, too."""
    for key, part in rows.groupby(keys, dropna=False, sort=False):
        yield (key if isinstance(key, tuple) else (key,)), part


def first(rows: pd.DataFrame, column: str) -> str | None:
    """Return the first value of a column that is not null, as text."""
    values = rows[column].dropna()
    return str(values.iloc[0]) if len(values) else None


def known(value: Any) -> str | None:
    """Return a cell's text; None where it is null."""
    return str(value) if pd.notna(value) else None


def records(rows: pd.DataFrame) -> tuple[str, ...]:
    """Return the record ids of flows, each once."""
    return tuple(dict.fromkeys(rows["EventUid"].dropna()))


def between(rows: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first moment of flows, and the last."""
    return rows["EventStartTime"].min(), max(
        rows["EventStartTime"].max(), rows["EventEndTime"].fillna(rows["EventStartTime"]).max()
    )


def bytes_text(count: float) -> str:
    """Return a number of bytes as people read it: ``512 B``, ``1.4 GB`` (powers of ten)."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{int(count):,} B"


def flows_text(count: int) -> str:
    """Return a number of flows in words."""
    return f"{count:,} flow{'' if count == 1 else 's'}"


def length_text(seconds: float) -> str:
    """Return a length of time as people read it: ``45 s``, ``12 min``, ``3.5 h``, ``2.1 days``."""
    if seconds < 90:
        return f"{seconds:.3g} s"
    if seconds < 5400:
        return f"{seconds / 60:.3g} min"
    return f"{seconds / 3600:.3g} h" if seconds < 172_800 else f"{seconds / 86_400:.3g} days"


def process_text(paths: Iterable[Any]) -> str | None:
    """Return the processes that made flows, in a few words; None where no source names any."""
    names = list(dict.fromkeys(str(path) for path in paths if pd.notna(path)))
    if not names:
        return None
    return ", ".join(names[:3]) + (f" and {len(names) - 3} others" if len(names) > 3 else "")
