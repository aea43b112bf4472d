"""The ``auth`` rows that sessions are made of, as one DuckDB table."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from linuxhunt.parse.engine import nanoseconds, to_arrow
from linuxhunt.schema import STR, TIME

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
    "type": "type",
}
_NUMBERS = ("ses", "auid")
_RECORDS = ("USER_START", "USER_END", "USER_AUTH", "USER_LOGIN", "USER_LOGOUT")

# Where sshd runs without PAM, and for dropbear, being accepted opens the session; audit has the
# opening of its terminal then.
_WITHOUT_PAM = """
    UPDATE events SET kind = CASE kind WHEN 'left' THEN 'close' ELSE 'open' END
    WHERE (kind = 'accepted' AND NOT audited OR kind = 'terminal' AND type = 'USER_LOGIN'
            OR kind = 'left') AND protocol = 'SSH'
        AND (app = 'dropbear' OR (host, audited) NOT IN (
            SELECT (host, audited) FROM events WHERE kind IN ('open', 'close')
                AND protocol = 'SSH' AND app <> 'dropbear' AND host IS NOT NULL))
"""

# open, close: of a session; accepted: credentials were; new, removed: logind's; shell, child,
# gone: a connection's; mark: of a start of the host; terminal, left: audit's of a terminal.
_KINDS = """
    CREATE TEMP TABLE events AS
    SELECT * FROM (SELECT *, CASE
        WHEN mark IS NOT NULL THEN 'mark'
        WHEN type = 'USER_LOGIN' AND result <> 'Failure' THEN 'terminal'
        WHEN type = 'USER_START' AND event = 'Info' THEN 'terminal'
        WHEN type = 'USER_LOGOUT' THEN 'left'
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
    FROM rows) WHERE kind IS NOT NULL
"""


def load(
    con: duckdb.DuckDBPyConnection,
    auth: pd.DataFrame,
    logins: pd.DataFrame | None,
    journal: pd.DataFrame | None,
    audit: pd.DataFrame | None = None,
) -> None:
    """Make tables ``events`` (rows that matter, numbered ``n``), ``logins`` and ``journal``.

    Rows of audit are numbered behind those of syslog: ``n`` is an order within either.
    """
    states = (auth["EventSubType"] == "Session") | (auth["EventType"] == "Logoff")
    states |= (auth["EventSubType"] == "Authentication") & (auth["EventResult"] == "Success")
    rows = _used(auth, states, 0).assign(audited=False, type=pd.Series(dtype=STR))
    if audit is not None and len(audit):
        fields = _Fields(audit["AdditionalFields"])
        states = fields["type"].isin(_RECORDS) & (audit["EventResult"] != "Failure")
        states |= fields["Mark"].notna()
        told = _used(audit, states, len(auth)).assign(audited=True)
        terminal = _Fields(audit["AdditionalFields"][states])["terminal"]
        told["tty"] = told["tty"].fillna(_tty(terminal))
        rows = pd.concat([rows, told], ignore_index=True)
    rows["host"] = rows["host"].fillna("")  # a log that names no host is of one host
    con.register("rows", to_arrow(rows))
    con.execute(_KINDS)
    con.execute(_WITHOUT_PAM)
    told_logins = _logins(logins)
    told_logins["Computer"] = told_logins["Computer"].fillna("")
    con.register("logins", to_arrow(told_logins))
    con.register("journal", to_arrow(_journal(journal)))


def _used(auth: pd.DataFrame, states: pd.Series[Any], before: int) -> pd.DataFrame:
    rows = np.flatnonzero(states)
    frame = auth[list(_USED)].take(rows).rename(columns=_USED)
    frame["time"] = nanoseconds(auth["TimeGenerated"].take(rows))
    frame["n"] = rows + before
    fields = _Fields(auth["AdditionalFields"].take(rows))
    for field, name in _FIELDS.items():
        frame[name] = fields.taken(field, STR)
    for name in _NUMBERS:
        frame[name] = fields.taken(name, pd.Int64Dtype())
    frame["tty"] = _tty(frame["tty"])
    return frame


class _Fields:
    """The additional fields of rows, of which many share one map."""

    def __init__(self, maps: pd.Series[Any]) -> None:
        held = maps.to_numpy(object)
        self._index = maps.index
        self._place, _ = pd.factorize(np.fromiter(map(id, held), np.int64, len(held)))
        first = np.flatnonzero(np.diff(np.maximum.accumulate(self._place), prepend=-1))
        self._maps = [value if isinstance(value, dict) else {} for value in held[first]]

    def __getitem__(self, name: str) -> pd.Series[Any]:
        """Return one of the fields as text, null where it is not there."""
        return self.taken(name, STR)

    def taken(self, name: str, dtype: Any) -> pd.Series[Any]:
        """Return one of the fields as a type."""
        values = pd.Series([found.get(name) for found in self._maps], dtype=object).astype(dtype)
        return pd.Series(values.array.take(self._place), index=self._index)


def _tty(names: pd.Series[Any]) -> pd.Series[Any]:
    short = names.str.removeprefix("/dev/")
    return short.mask(short.isin(["none", "(none)", "ssh", "sshd", "unknown", "cron", "?", ""]))


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
