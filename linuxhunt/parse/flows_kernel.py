"""Packets that the host's own firewall logged: lines of iptables, nftables, ufw and firewalld.

Source: the kernel's net/netfilter/nf_log_syslog.c (before: nf_log_ipv4.c and its like), as
``<prefix>IN=eth0 OUT= MAC=... SRC=... DST=... LEN=... TOS=... TTL=... ID=... PROTO=TCP SPT=...
DPT=... WINDOW=... SYN URGP=0``. The prefix is the rule's own text (ufw's ``[UFW BLOCK] ``). Every
field has a blank behind it: a field at the very end of a line has been cut, and is not read.
An ICMP error holds the packet that it is about in brackets; that one is another's, and not read.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from linuxhunt.parse.engine import quoted, to_arrow, to_pandas
from linuxhunt.parse.flows_azure import NUMBERS
from linuxhunt.parse.flows_hosts import Hosts
from linuxhunt.parse.flows_seen import as_seen
from linuxhunt.schema import STR

__all__ = ["FIREWALL_PROGRAMS", "flows_syslog"]

FIREWALL_PROGRAMS = ("kernel", "ulogd")
"""Who writes such lines; another program's that looks like one is somebody's text."""

# Interface names and MAC addresses hold no blank. What a bridge adds stands before MAC.
_LINE = (
    r"^(?s:(.*?))\bIN=(\S*) OUT=(\S*) (?:PHYSIN=\S* )?(?:PHYSOUT=\S* )?(?:MAC=\S* )?"
    r"(?:TUNNEL=\S* )?SRC=([0-9A-Fa-f.:]+) DST=([0-9A-Fa-f.:]+) ([^\[]*)"
)
_RULES = [
    (r"(?i)(?:^|[^a-z])(?:drop(?:ped)?)(?:[^a-z]|$)", "Drop"),
    (r"(?i)(?:^|[^a-z])(?:block(?:ed)?|den(?:y|ied)|reject(?:ed)?)(?:[^a-z]|$)", "Deny"),
    (r"(?i)(?:^|[^a-z])(?:allow(?:ed)?|accept(?:ed)?|pass(?:ed)?)(?:[^a-z]|$)", "Allow"),
]
"""Words of a rule's prefix, the first that fits."""


def _value(name: str, digits: str = r"\d+") -> str:
    return f"nullif(regexp_extract(rest, '(?:^| ){name}=({digits}) ', 1), '')"


def flows_syslog(rows: pd.DataFrame, hosts: Hosts) -> pd.DataFrame:
    """Return ``EVENTS["flows"]`` of firewall lines in Syslog (the query ``flows_syslog``).

    One row a packet: SrcPackets is 1 and SrcBytes its length, headers included. A packet that came
    in on an interface and goes out on none is Inbound, the other way round Outbound; one that has
    both is forwarded: NA, unless an address is the host's. DvcAction follows the words of the
    rule's prefix (BLOCK, DENY, REJECT: Deny; DROP: Drop; ALLOW, ACCEPT: Allow), and is null where
    it has none of them: a rule that logs need not decide. Ports are null where the line ends at
    them or a fragment has none. Lines that end before the destination is whole are no rows.
    """
    mine = rows["ProcessName"].str.lower().isin(FIREWALL_PROGRAMS)
    rows = rows[mine.fillna(False).to_numpy(dtype=bool)].reset_index(drop=True)
    with duckdb.connect() as con:
        texts = pd.DataFrame({"n": np.arange(len(rows)), "text": rows["SyslogMessage"].astype(STR)})
        con.register("given", to_arrow(texts))
        found = to_pandas(
            con.sql(
                f"""WITH parts AS (
                    SELECT n, regexp_extract(text, {quoted(_LINE)},
                        ['prefix', 'inside', 'outside', 'source', 'target', 'rest']) AS part
                    FROM given WHERE contains(text, ' SRC=') AND contains(text, ' DST=')
                ), named AS (SELECT n, part.* FROM parts WHERE part.source <> '')
                SELECT n, prefix, nullif(inside, '') AS inside, nullif(outside, '') AS outside,
                    source, target, TRY_CAST({_value("LEN")} AS BIGINT) AS length,
                    upper({_value("PROTO", "[0-9A-Za-z]+")}) AS protocol,
                    TRY_CAST({_value("SPT")} AS BIGINT) AS source_port,
                    TRY_CAST({_value("DPT")} AS BIGINT) AS port
                FROM named ORDER BY n"""
            )
        )
    at = found["n"].to_numpy(dtype=int)
    came, goes = found["inside"].notna(), found["outside"].notna()
    seen = pd.Series(None, index=found.index, dtype=STR)
    seen[(came & ~goes).to_numpy(dtype=bool)] = "Inbound"
    seen[(goes & ~came).to_numpy(dtype=bool)] = "Outbound"
    action = pd.Series(None, index=found.index, dtype=STR)
    for pattern, word in _RULES:
        fits = found["prefix"].str.contains(pattern, regex=True).fillna(False) & action.isna()
        action[fits.to_numpy(dtype=bool)] = word
    time = rows["TimeGenerated"].iloc[at].reset_index(drop=True)
    ufw = found["prefix"].str.contains("[UFW ", regex=False).fillna(False)
    frame = pd.DataFrame(
        {
            "EventStartTime": time,
            "EventEndTime": time,
            "DvcHostname": rows["Computer"].iloc[at].reset_index(drop=True),
            "SrcIpAddr": found["source"],
            "SrcPortNumber": found["source_port"],
            "DstIpAddr": found["target"],
            "DstPortNumber": found["port"],
            "NetworkProtocol": found["protocol"].map(NUMBERS).astype(STR).fillna(found["protocol"]),
            "NetworkDirection": seen,
            "DvcAction": action,
            "SrcBytes": found["length"],
            "SrcPackets": 1,
            "EventCount": 1,
            "EventProduct": np.where(ufw.to_numpy(dtype=bool), "ufw", "netfilter"),
            "EventUid": rows["_ItemId"].iloc[at].reset_index(drop=True),
        }
    )
    return as_seen(frame, hosts, agent=True)
