"""The ``auth`` rows that sessions are made of, as one DuckDB table."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from ..schema import STR, TIME
from .engine import nanoseconds, to_arrow

__all__ = ["load"]

_USED = {
    "DvcHostname": "host",
    "EventType": "event",
    "EventSubType": "sub",
    "EventResult": "result",
    "EventCount": "repeats",
    "TargetUsername": "username",
    "TargetUserId": "userid",
    "ActorUsername": "actor",
    "ActorUserId": "actorid",
    "SrcIpAddr": "address",
    "SrcPortNumber": "port",
    "SrcHostname": "hostname",
    "LogonProtocol": "protocol",
    "LogonMethod": "method",
    "KeyFingerprint": "fingerprint",
    "TargetAppName": "app",
    "TargetAppId": "pid",
    "EventUid": "uid",
}
_FIELDS = {
    "Tty": "tty",
    "LogindSession": "logind",
    "SessionClass": "class",
    "SessionKind": "shell",
    "SessionState": "state",
    "ChildProcessId": "child",
    "ChannelId": "channel",
    "Mark": "mark",
}

# Where sshd runs without PAM, and for dropbear, being accepted opens the session.
_WITHOUT_PAM = """
    UPDATE events SET kind = 'open' WHERE kind = 'accepted' AND protocol = 'SSH'
        AND (app = 'dropbear' OR host NOT IN (
            SELECT host FROM events WHERE kind IN ('open', 'close') AND protocol = 'SSH'
                AND app <> 'dropbear' AND host IS NOT NULL))
"""

# open, close: of a session; accepted: credentials were; new, removed: logind's; shell, child,
# gone: a connection's; mark: of a start of the host.
_KINDS = """
    CREATE TEMP TABLE events AS
    SELECT *, CASE
        WHEN mark IS NOT NULL THEN 'mark'
        WHEN protocol = 'systemd-logind' THEN CASE event
            WHEN 'Logon' THEN 'new' WHEN 'Logoff' THEN 'removed' END
        WHEN sub = 'Session' AND event = 'Logon' AND result = 'Success' THEN 'open'
        WHEN sub = 'Session' AND event = 'Logoff' THEN 'close'
        WHEN sub = 'Authentication' AND result = 'Success' AND event IN ('Logon', 'Elevate')
            THEN 'accepted'
        WHEN shell IS NOT NULL THEN 'shell'
        WHEN child IS NOT NULL AND sub = 'Session' THEN 'child'
        WHEN sub = 'Connection' AND event = 'Logoff' THEN 'gone'
        END AS kind
    FROM rows
"""


def load(
    con: duckdb.DuckDBPyConnection,
    auth: pd.DataFrame,
    logins: pd.DataFrame | None,
    journal: pd.DataFrame | None,
) -> None:
    """Make tables ``events`` (rows that matter, numbered ``n``), ``logins`` and ``journal``."""
    states = (auth["EventSubType"] == "Session") | (auth["EventType"] == "Logoff")
    states |= (auth["EventSubType"] == "Authentication") & (auth["EventResult"] == "Success")
    used = auth[states]
    frame = used[list(_USED)].rename(columns=_USED)
    frame["time"] = nanoseconds(used["TimeGenerated"])
    frame["n"] = np.flatnonzero(states)
    fields = used["AdditionalFields"]
    fields = fields[fields.notna()]
    for field, name in _FIELDS.items():
        values = fields.str.get(field) if len(fields) else fields
        frame[name] = values.reindex(used.index).astype(STR)
    ttys = frame["tty"].str.removeprefix("/dev/")
    frame["tty"] = ttys.mask(ttys.isin(["none", "ssh", "unknown", "cron", ""]))
    con.register("rows", to_arrow(frame))
    con.execute(_KINDS)
    con.execute(_WITHOUT_PAM)
    con.register("logins", to_arrow(_logins(logins)))
    con.register("journal", to_arrow(_journal(journal)))


def _logins(logins: pd.DataFrame | None) -> pd.DataFrame:
    """Return the records of wtmp, the only ones that tell when somebody came and went."""
    texts = (
        "Computer",
        "Source",
        "RecordType",
        "Line",
        "UserName",
        "HostName",
        "SrcIpAddr",
        "_ItemId",
    )
    if logins is None:
        logins = pd.DataFrame(
            {"TimeGenerated": pd.Series([], dtype=TIME), "ProcessID": pd.Series([], dtype="Int64")}
            | {name: pd.Series([], dtype=STR) for name in texts}
        )
    kept = logins[logins["Source"].astype(STR).str.lower() == "wtmp"]
    frame = pd.DataFrame({name: kept[name].astype(STR) for name in texts})
    frame["time"] = nanoseconds(pd.to_datetime(kept["TimeGenerated"], utc=True).astype(TIME))
    frame["pid"] = kept["ProcessID"].astype("Int64")
    return frame.reset_index(drop=True)


def _journal(journal: pd.DataFrame | None) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "_ItemId": STR,
        "_AUDIT_SESSION": "Int64",
        "_SYSTEMD_SESSION": STR,
        "_BOOT_ID": STR,
    }
    if journal is None:
        return pd.DataFrame({name: pd.Series([], dtype=type_) for name, type_ in columns.items()})
    return pd.DataFrame({name: journal[name].astype(type_) for name, type_ in columns.items()})
