"""Attempts to log on that only login records tell of: btmp, wtmp, lastlog.

btmp has a record for each refused password (OpenSSH's loginrec.c, login, display managers), of
the process that refused it; sshd writes one more where it hears of a user that does not exist, so
there a try may count twice. su writes there too, which is no logging on. wtmp tells who came in,
lastlog who came in last. None of them names a port or a method.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from linuxhunt.parse.engine import nanoseconds, to_arrow, to_pandas
from linuxhunt.schema import STR, conform, in_order

__all__ = ["with_logins"]

_SECOND = 1_000_000_000
_PROCESS = 120 * _SECOND
"""How far apart two records of one process may lie: a pid that is used again is another."""
_WITHIN, _TRY = 10 * _SECOND, 10 * _SECOND
_ZONE = 900 * _SECOND
"""Clocks that are set to different zones differ by quarters of an hour; login records have none."""
_FURTHEST = 14 * 3600 * _SECOND
_NOBODY = ("UNKNOWN", "UNKNOWN USER", "(unknown)", "unknown")
_SHOWS = r"^(?::\d|tmux\(|screen|:pts/|login screen)"
"""Host of a terminal that a program opened for who is in already."""

# A line of the same process and result, the nearest before or behind it; where the log's zone was
# assumed wrongly, one of the same process, user and address some quarters of an hour away; where
# lines have no pid, one of the same user and address.
_MATCHED = f"""
    CREATE TEMP TABLE matched AS
    WITH pairs AS (
        SELECT r.m, l.l, abs(r.time - l.time) AS gap FROM records AS r ASOF JOIN lines AS l
            ON r.host = l.host AND r.result = l.result AND r.pid = l.pid AND r.time >= l.time
        WHERE r.time - l.time <= {_PROCESS}
        UNION ALL
        SELECT r.m, l.l, abs(r.time - l.time) FROM records AS r ASOF JOIN lines AS l
            ON r.host = l.host AND r.result = l.result AND r.pid = l.pid AND r.time <= l.time
        WHERE l.time - r.time <= {_PROCESS} + least(l.tries, 60) * {_TRY}
        UNION ALL
        SELECT r.m, l.l, abs(r.time - l.time) FROM (SELECT *, (time + {_WITHIN}) % {_ZONE} AS place
                FROM records) AS r
            ASOF JOIN (SELECT *, time % {_ZONE} AS place FROM lines) AS l
            ON r.host = l.host AND r.result = l.result AND r.pid = l.pid AND r.source = l.source
            AND r.short = l.short AND r.place >= l.place
        WHERE r.place - l.place <= 2 * {_WITHIN} AND abs(r.time - l.time) <= {_FURTHEST}
        UNION ALL
        SELECT r.m, l.l, abs(r.time - l.time) FROM (SELECT *, time + {_WITHIN} AS place
                FROM records) AS r
            ASOF JOIN (SELECT * FROM lines) AS l
            ON r.host = l.host AND r.result = l.result AND r.source = l.source
            AND r.short = l.short AND r.place >= l.time
        WHERE (l.pid IS NULL OR r.pid IS NULL)
            AND r.time - l.time <= {_WITHIN}
    )
    SELECT m, arg_min(l, (gap, l)) AS l FROM pairs GROUP BY m
"""


def with_logins(logons: pd.DataFrame, logins: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Return attempts with what login records tell of them, and those that only they tell of.

    Args:
        logons: ``EVENTS["logons"]`` of the other sources, in its order.
        logins: rows of LinuxLogin_CL.
        sessions: ``EVENTS["sessions"]``; those that wtmp alone tells of are logons of their own.

    Returns:
        ``EVENTS["logons"]``. An attempt that a line or a record of audit told of keeps what they
        say and gets the ids of the records. Of the others, AdditionalFields holds ``Source``
        (``btmp``, ``wtmp``, ``lastlog``) and ``Line``, EventMessage puts them into words, and why
        an attempt failed is ``Other``, or ``No such user`` where login hides the name.
    """
    rows = _rows(logins, sessions)
    if rows.empty:
        return logons
    records = pd.DataFrame(
        {
            "m": range(len(rows)),
            "host": _host(rows["DvcHostname"]),
            "pid": rows["TargetAppId"],
            "result": rows["EventResult"],
            "source": rows["SrcIpAddr"].fillna(rows["SrcHostname"]).fillna(""),
            "short": rows["TargetUsername"].fillna("").str[:32],  # as much as a record holds
            "time": nanoseconds(rows["TimeGenerated"]),
        }
    )
    lines = pd.DataFrame(
        {
            "l": range(len(logons)),
            "host": _host(logons["DvcHostname"]),
            "pid": logons["TargetAppId"],
            "result": logons["EventResult"],
            "source": logons["SrcIpAddr"].fillna(logons["SrcHostname"]).fillna(""),
            "short": logons["TargetUsername"].fillna("").str[:32],
            "time": nanoseconds(logons["TimeGenerated"]),
            "tries": logons["EventCount"],
        }
    )
    with duckdb.connect() as con:
        con.register("records", to_arrow(records))
        con.register("lines", to_arrow(lines))
        con.execute(_MATCHED)
        found = to_pandas(con.sql("SELECT m, l FROM matched ORDER BY l, m"))
    alone = rows.drop(rows.index[found["m"].to_numpy("int64")])
    alone = alone[_new_of_lastlog(alone, logons, rows)]
    told = logons
    if len(found):
        told = logons.copy()
        ids = told["RecordIds"].to_numpy(object).copy()
        uids = rows["EventUid"].to_numpy(object)[found["m"].to_numpy("int64")]
        for number, uid in zip(found["l"], uids, strict=True):
            ids[number] = [*ids[number], uid]
        told["RecordIds"] = ids
    parts = [part for part in (told, alone) if len(part)]
    whole = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    return in_order(whole, ("TimeGenerated",))


def _host(names: pd.Series[Any]) -> pd.Series[Any]:
    return names.fillna("").str.lower()


def _rows(logins: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Return what login records tell of as rows of logons, whether others tell of it or not."""
    parts = [_refused(logins), _came(logins, sessions), _last(logins)]
    held = [conform(part, "logons") for part in parts if len(part)]
    return pd.concat(held, ignore_index=True) if held else parts[0]


def _refused(logins: pd.DataFrame) -> pd.DataFrame:
    line, kind = logins["Line"].fillna(""), logins["RecordType"].fillna("")
    ssh, console = line.str.startswith("ssh"), line.str.match(r"^(?:tty\d|console|ttyS|:\d)")
    by_su = ~(ssh | console) & kind.eq("LOGIN_PROCESS") & logins["HostName"].isna()
    kept = logins["Source"].eq("btmp") & kind.isin(["LOGIN_PROCESS", "USER_PROCESS"]) & ~by_su
    rows = logins[kept.fillna(False).astype(bool) & logins["TimeGenerated"].notna()]
    protocol = pd.Series(None, index=rows.index, dtype=STR)
    protocol = protocol.mask(ssh[rows.index], "SSH")
    shell = rows["Line"].fillna("").str.match(r"^(?:tty\d|ttyS|console|pts/)")
    protocol = protocol.mask(shell, "login")
    nobody = rows["UserName"].isin(_NOBODY)
    made = _shaped(rows, "Failure", protocol)
    made["EventResultDetails"] = np.where(nobody, "No such user", "Other")
    made["TargetUsername"] = made["TargetUsername"].mask(nobody.to_numpy())
    return made


def _came(logins: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Return the sessions that wtmp alone tells of, but for terminals opened from within one."""
    alone = sessions[
        sessions["EventStartTime"].notna()
        & sessions["Witnesses"].map(lambda names: list(names or ()) == ["wtmp"]).astype(bool)
    ]
    rows = logins[logins["_ItemId"].isin(alone["EventUid"])]
    shown = rows["HostName"].fillna("").str.match(_SHOWS)
    rows = rows[~shown]
    protocol = rows["_ItemId"].map(
        dict(zip(alone["EventUid"], alone["LogonProtocol"], strict=True))
    )
    return _shaped(rows, "Success", protocol.astype(STR))


def _last(logins: pd.DataFrame) -> pd.DataFrame:
    """Return each user's last logon."""
    rows = logins[logins["Source"].eq("lastlog").fillna(False) & logins["TimeGenerated"].notna()]
    line = rows["Line"].fillna("")
    protocol = pd.Series(None, index=rows.index, dtype=STR)
    protocol = protocol.mask(line.str.startswith("ssh"), "SSH")
    protocol = protocol.mask(line.str.match(r"^(?:tty\d|ttyS|console)"), "login")
    return _shaped(rows, "Success", protocol)


def _shaped(rows: pd.DataFrame, result: str, protocol: pd.Series[Any]) -> pd.DataFrame:
    named = rows["HostName"].where(rows["SrcIpAddr"].isna())
    came = rows["SrcIpAddr"].fillna(rows["HostName"])
    who = rows["UserName"].fillna("uid " + rows["UserId"].astype(STR)).fillna("somebody")
    text = rows["Source"] + ": " + who + (" on " + rows["Line"]).fillna("")
    app = protocol.map({"SSH": "sshd", "login": "login"}).astype(STR)
    pid = rows["ProcessID"].astype("Int64")
    return pd.DataFrame(
        {
            "TimeGenerated": rows["TimeGenerated"],
            "DvcHostname": rows["Computer"],
            "EventType": "Logon",
            "EventSubType": "Authentication",
            "EventResult": result,
            "EventResultDetails": pd.Series(None, index=rows.index, dtype=STR),
            "EventCount": 1,
            "TargetUsername": rows["UserName"],
            "TargetUserId": rows["UserId"].astype("Int64"),
            "SrcIpAddr": rows["SrcIpAddr"],
            "SrcHostname": named,
            "LogonProtocol": protocol,
            "TargetAppName": app,
            "TargetAppId": pid.where(pid > 0),
            "AdditionalFields": [
                {"Source": source, "Line": line} if isinstance(line, str) else {"Source": source}
                for source, line in zip(rows["Source"], rows["Line"], strict=True)
            ],
            "EventMessage": text + (" from " + came).fillna(""),
            "EventUid": rows["_ItemId"],
            "RecordIds": [[uid] for uid in rows["_ItemId"]],
        },
        index=rows.index,
    ).reset_index(drop=True)


def _new_of_lastlog(
    alone: pd.DataFrame, logons: pd.DataFrame, rows: pd.DataFrame
) -> np.ndarray[Any, Any]:
    """Whether a logon is told of by nothing else: lastlog knows no process, and often no name."""
    last = alone["AdditionalFields"].str.get("Source").eq("lastlog")
    wtmp = rows[rows["AdditionalFields"].str.get("Source").eq("wtmp")]
    came = pd.concat([logons[logons["EventResult"] == "Success"], wtmp])
    new = np.ones(len(alone), dtype=bool)
    for place in np.flatnonzero(last):
        row = alone.iloc[place]
        same = came["TargetUsername"].eq(row["TargetUsername"]).fillna(False)
        if pd.isna(row["TargetUsername"]):
            same = came["TargetUserId"].eq(row["TargetUserId"]).fillna(True)
        near = (came["TimeGenerated"] - row["TimeGenerated"]).abs() <= pd.Timedelta(seconds=60)
        name = row["DvcHostname"]
        here = _host(came["DvcHostname"]).eq(str(name).lower() if pd.notna(name) else "")
        new[place] = not (same & near & here).any()
    return new
