"""Does the host talk to somebody whom it should not talk to?

Each check is a module's own: regular calls (beacons), volumes and lengths (net_volume), scans
(net_scans), what is new (net_new), who is known (net_known).
"""

from __future__ import annotations

from linuxhunt.sections.beacons import Beaconing
from linuxhunt.sections.finding import Check
from linuxhunt.sections.net_known import KnownAddress, ShellConnection
from linuxhunt.sections.net_new import CleartextAccess, FirstContact, NewListener, RarePort
from linuxhunt.sections.net_scans import ScanIn, ScanOut
from linuxhunt.sections.net_volume import DnsTunnel, LargeUpload, LongConnection

__all__ = ["CHECKS", "HYPOTHESIS"]

HYPOTHESIS = "The host talks to somebody whom it should not talk to."

CHECKS: tuple[Check, ...] = (
    Beaconing(),
    LargeUpload(),
    LongConnection(),
    ScanOut(),
    ScanIn(),
    FirstContact(),
    RarePort(),
    NewListener(),
    CleartextAccess(),
    DnsTunnel(),
    KnownAddress(),
    ShellConnection(),
)
