"""Who vouches for a command: a guard of the host above it, its maker, a fence that is rebuilt."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from linuxhunt.schema import STR
from linuxhunt.sections.proc_findings import place

__all__ = ["vouched"]

_HASHES = "Password hashes read"
_MODULE = "Kernel module from an odd place"
_TEMPORARY = "Run from a temporary folder"
_MEMORY = "Memory or environment of a process read"
_OWN_PID = r"/proc/(\d+)/(?:environ|maps)(?: |$)"
_TRACES = (
    r"(?:^|[/ ])(?:lsof|strace|ltrace|gdb|perf|pstack|jstack|jcmd|jmap|top|pmap)\b.*"
    r" (?P<traced>\d+)(?: |$)|(?:^|[/ ])ls .*/proc/(?P<listed>\d+)/(?:fd|task|cwd|exe)\b"
)
_DEBUGGING = timedelta(minutes=15)
_PROVISIONERS = (
    r"/tmp/(?:vagrant-shell|packer-shell\d+|script_\d+\.sh|terraform_\d+\.sh)(?:[ ␣;]|$)"
)
_FENCE = "Firewall or confinement switched off"
_GUARDS = re.compile(
    r"^/(?:opt|usr|var/ossec)/(?:.*/)?(?:wdavdaemon|mdatp\w*|falcon\S*|osqueryd?|wazuh-\w+"
    r"|ossec-\w+|nessusd|qualys-cloud-agent|qagent\w*|sentinelone-agent|s1-\w+|ds_agent|cbagentd"
    r"|elastic-agent|elastic-endpoint|velociraptor\S*|sophos\S*|clamd|clamscan|aide|pmd"
    r"|rapid7_\w+|ir_agent|taniumclient|oscap)$",
    re.IGNORECASE,
)
"""Files of agents whose work is to read all of a host (makers' documents name their folders)."""
_CHECKERS = re.compile(
    r"(?:^|/(?:ba|da)?sh )/usr/(?:s?bin|local/s?bin)/(?:lynis|rkhunter|chkrootkit|debsecan|tiger)\b"
)
_BUILDS = re.compile(r"^(?:\S*/(?:ba|da)?sh )?/usr/(?:lib/dkms|s?bin)/dkms\S* ")
_MAKER = re.compile(r"(?:^| )(/opt/[A-Za-z0-9][\w-]*/)")
_REBUILT = (
    r"(?:^|[/ ])(?:ip6?tables-restore\b|ip6?tables (?:-w )?-P INPUT DROP|nft -f |ufw (?:--force )?"
    r"enable|netfilter-persistent (?:re)?(?:start|load)|firewall-cmd --reload"
    r"|(?:systemctl|service) .*(?:re)?start (?:firewalld|nftables|iptables|ufw|docker)\b"
    r"|(?:systemctl|service) (?:firewalld|nftables|iptables|ufw|docker) (?:re)?start\b"
    r"|kubeadm (?:init|join|reset)\b)"
)
_SOON = timedelta(minutes=5)
_LEVELS = 5


def vouched(rows: pd.DataFrame, ran: pd.DataFrame) -> dict[Any, str]:
    """Return row -> clause for commands that are some program's known business.

    Password hashes that an agent for the host's protection reads, with no person logged on; a
    kernel module out of a maker's folder under /opt, loaded by a program of the same folder, or
    one that dkms builds; a firewall that was emptied within 5 min of being filled again, or of
    kubeadm's reset, whose documentation asks for it; the environment of a process that the same
    person traces; what a provisioner, that has no terminal, put into /tmp under its own name.
    Agents are told by the file that runs, not by what it calls itself.

    Args:
        rows: commands that fit rules: columns of commands, Title, Line.
        ran: all commands.
    """
    reasons = _debugged(rows, ran) | _provisioned(rows)
    asked = rows[
        rows["Title"].isin([_HASHES, _MODULE])
        & (rows["ActorUserId"].isna() | (rows["Title"] == _MODULE))
    ]
    if len(asked):
        whole = ran[ran["TargetProcessGuid"].notna()].drop_duplicates("TargetProcessGuid")
        guid = whole["TargetProcessGuid"]
        parents = dict(zip(guid, whole["ActingProcessGuid"], strict=True))
        files = dict(zip(guid, whole["TargetProcessName"].fillna(""), strict=True))
        lines = dict(zip(guid, whole["CommandLine"], strict=True))
        for row, title, line, own in zip(
            asked.index, asked["Title"], asked["Line"], asked["TargetProcessGuid"], strict=True
        ):
            above = _above(own, parents)
            programs = [str(files.get(each, "")) for each in above]
            maker = _MAKER.search(str(line))
            if title == _MODULE:
                if maker and any(name.startswith(maker.group(1)) for name in programs):
                    reasons[row] = f"a program of {maker.group(1)} itself did it"
                elif any(_BUILDS.search(str(lines.get(each, ""))) for each in above):
                    reasons[row] = "dkms built it for a kernel"
            elif any(_GUARDS.match(name) for name in programs):
                reasons[row] = "an agent that guards the host did it"
            elif any(_CHECKERS.search(str(lines.get(each, ""))) for each in above):
                reasons[row] = "a program that checks the host did it"
    emptied = rows[(rows["Title"] == _FENCE) & rows["Line"].str.contains("tables ")]
    if len(emptied):
        again = ran[ran["CommandLine"].str.contains(_REBUILT).astype(bool)]
        for row, host, time in zip(
            emptied.index, emptied["DvcHostname"], emptied["TimeGenerated"], strict=True
        ):
            near = (again["TimeGenerated"] - time).abs() <= _SOON
            if (near & (again["DvcHostname"] == host).fillna(False)).any():
                reasons[row] = "the rules were built anew within 5 min"
    return reasons


def _debugged(rows: pd.DataFrame, ran: pd.DataFrame) -> dict[Any, str]:
    pids = rows["Line"].str.extract(_OWN_PID, expand=False)
    read = rows[(rows["Title"] == _MEMORY) & pids.notna()]
    if read.empty:
        return {}
    found = pc.extract_regex(pa.array(ran["CommandLine"], pa.large_string()), _TRACES)  # by RE2
    either = (pc.struct_field(found, name) for name in ("traced", "listed"))
    pid = pc.binary_join_element_wise(*either, pa.scalar("", pa.large_string()))
    traced = pd.Series(pid.to_pylist(), ran.index, dtype=STR).dropna()
    seats, times = place(ran.loc[traced.index]), ran.loc[traced.index, "TimeGenerated"]
    reasons: dict[Any, str] = {}
    for row, seat, time in zip(read.index, place(read), read["TimeGenerated"], strict=True):
        same = (traced == pids[row]) & (seats == seat)
        if (same & ((times - time).abs() <= _DEBUGGING)).any():
            reasons[row] = "the same session looks into what that process does"
    return reasons


def _provisioned(rows: pd.DataFrame) -> dict[Any, str]:
    scripts = rows["CommandLine"].str.contains(_PROVISIONERS).astype(bool)
    by_machine = rows["Tty"].isna() & rows["ActorUserId"].notna()
    ours = rows.index[(rows["Title"] == _TEMPORARY) & scripts & by_machine]
    return dict.fromkeys(ours, "a provisioner names its scripts so")


def _above(guid: Any, parents: dict[Any, Any]) -> list[Any]:
    found: list[Any] = []
    for _ in range(_LEVELS):
        guid = parents.get(guid)
        if guid is None or pd.isna(guid):
            break
        found.append(guid)
    return found
