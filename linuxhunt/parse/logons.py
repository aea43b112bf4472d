"""``auth`` rows to ``logons``: one row for each attempt to log on.

Lines are joined by host, protocol and pid; a pid that is used again is a new connection (another
port or address, or a new beginning after an end). Where the pid is not known, address and port
stand for the connection. In a connection, what PAM and sshd say of a try before the line that
decides it ("Failed password", "Accepted") belongs to that line; what no line decides is an
attempt of its own, as many as one module reported.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from linuxhunt.parse.engine import nanoseconds, to_arrow, to_pandas
from linuxhunt.parse.logon_audit import with_audit
from linuxhunt.schema import conform, empty

__all__ = ["logons"]

# Sessions of these are no one's logging on.
_NOT_LOGONS = (
    *("su", "sudo", "doas", "runuser", "polkit", "cron", "at", "systemd-user", "systemd-logind"),
    *("gdm-greeter", "sddm-greeter", "passwd", "chpasswd", "chfn", "chsh"),
)
# A connection that says nothing for longer is over: twice the longest usual LoginGraceTime.
# (Times are in nanoseconds.)
_SILENCE = 600_000_000_000
# PAM modules of one stack speak within this time of one another.
_STACK = 3_000_000_000

_TYPED = f"""
    CREATE TEMP TABLE typed AS
    WITH inner_text AS (
        SELECT *, CASE WHEN starts_with(EventMessage, 'message repeated ')
            THEN regexp_extract(EventMessage, '^message repeated \\d+ times: \\[ ?(.*)', 1)
            ELSE EventMessage END AS text
        FROM auth
        WHERE coalesce(LogonProtocol, '') NOT IN {_NOT_LOGONS}
            AND EventType IN ('Logon', 'Logoff', 'Info')
    ), seen AS (
        SELECT *, EventType = 'Logon' AND EventSubType <> 'Session' AS judged,
            LogonProtocol = 'SSH' AS ssh,
            regexp_matches(text, '^(?:pam_\\w+\\(|PAM \\d|authentication failure; |check pass; )')
                AS pam
        FROM inner_text
    )
    SELECT n, TimeGenerated AS time, DvcHostname AS host, LogonProtocol AS protocol, ssh, pam,
        TargetAppId AS pid, SrcIpAddr AS address, SrcPortNumber AS port, TargetUsername AS username,
        EventCount AS tries, EventResultDetails AS details, EventResult AS result,
        TRY_CAST(regexp_extract(text, '(\\d+) more authentication failure', 1) AS BIGINT) AS more,
        regexp_extract(text, '^(?:\\w+\\([^)]*\\): )?\\S+ \\S+', 0)
            || CASE WHEN ends_with(text, ' [preauth]') THEN ' [preauth]' ELSE '' END AS kind,
        CASE
            WHEN EventOriginalResultDetails LIKE 'more authentication failure%' THEN 'more'
            WHEN judged AND result = 'Success' THEN CASE WHEN pam THEN 'Q' ELSE 'A' END
            WHEN judged AND LogonMethodOriginal = 'none' THEN NULL
            WHEN judged AND pam THEN 'P'
            WHEN judged AND NOT ssh THEN 'F'
            WHEN judged AND EventSubType = 'Lockout' THEN 'L'
            WHEN judged AND regexp_matches(text,
                '^(?:fatal: )?(?:Access denied for user|PAM rejected)') THEN 'T'
            WHEN judged AND regexp_matches(text, '^(?:error: )?PAM: ') THEN 'M'
            WHEN judged AND (EventResultDetails = 'Incorrect key' AND starts_with(text, 'Failed ')
                OR starts_with(text, 'userauth_')) THEN 'K'
            WHEN judged AND EventOriginalResultDetails = 'Failed' THEN 'F'
            WHEN judged THEN CASE WHEN TargetAppName = 'dropbear' THEN 'F' ELSE 'I' END
            WHEN EventType = 'Logon' AND EventResult = 'Success' AND NOT ssh THEN 'S'
            WHEN starts_with(text, 'Connection from ') OR starts_with(text, 'Child connection from')
                THEN 'C'
            WHEN EventType <> 'Info' OR regexp_matches(text, '^(?:error: )?(?:Connection (?:closed|'
                || 'reset)|Disconnect|Received disconnect|Timeout|Exit before auth)') THEN 'E'
        END AS type
    FROM (SELECT *, EventResult AS result FROM seen)
"""

# Without a pid, a line without a port takes that of the next line from its address.
_KEYED = """
    CREATE TEMP TABLE keyed AS
    SELECT *, CASE WHEN pid IS NOT NULL THEN 'p' || pid
            ELSE coalesce(address, '') || ' ' || coalesce(port, CASE type WHEN 'more'
                THEN last_value(port IGNORE NULLS) OVER before
                ELSE first_value(port IGNORE NULLS) OVER behind END, 0) END AS connection
    FROM typed WHERE type IS NOT NULL AND NOT (pid IS NULL AND address IS NULL AND ssh)
    WINDOW before AS (PARTITION BY host, protocol, address, pid IS NULL ORDER BY n
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        behind AS (PARTITION BY host, protocol, address, pid IS NULL ORDER BY n
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
"""

_EPISODES = f"""
    CREATE TEMP TABLE episodes AS
    WITH before AS (
        SELECT *,
            last_value(CASE WHEN type <> 'more' THEN type END IGNORE NULLS) OVER earlier
                AS last_type,
            last_value(port IGNORE NULLS) OVER earlier AS last_port,
            last_value(address IGNORE NULLS) OVER earlier AS last_address,
            last_value(time) OVER earlier AS last_time
        FROM keyed
        WINDOW earlier AS (PARTITION BY host, protocol, connection ORDER BY n
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
    SELECT *, sum(coalesce(type = 'C' AND last_type IS NOT NULL
            OR type NOT IN ('E', 'more', 'S') AND (last_type = 'E' OR last_type = 'A' AND ssh
                OR time - last_time > {_SILENCE})
            OR type <> 'E' AND (port <> last_port OR address <> last_address), FALSE)::INT)
        OVER (PARTITION BY host, protocol, connection ORDER BY n) AS episode
    FROM before
"""

_ATTEMPTS = f"""
    CREATE TEMP TABLE attempts AS
    WITH known AS (
        SELECT *, arg_min(address, n) FILTER (address IS NOT NULL) OVER whole AS peer,
            arg_min(port, n) FILTER (port IS NOT NULL) OVER whole AS peer_port,
            CASE WHEN ssh THEN arg_min(username, n) FILTER (username IS NOT NULL) OVER whole END
                AS claimed
        FROM episodes WINDOW whole AS (PARTITION BY host, protocol, connection, episode)
    ), admitted AS (
        SELECT *, max(CASE WHEN type IN ('A', 'Q') THEN n END) OVER whole AS admission,
            lead(type) OVER ordered AS next_type
        FROM known WHERE type NOT IN ('C', 'E')
        WINDOW whole AS (PARTITION BY host, protocol, connection, episode),
            ordered AS (PARTITION BY host, protocol, connection, episode ORDER BY n)
    ), parts AS (
        SELECT * REPLACE (CASE
                WHEN type = 'K' THEN CASE WHEN admission > n THEN 'k' ELSE 'F' END
                WHEN type = 'M' THEN CASE WHEN next_type = 'F' THEN 'P' ELSE 'F' END
                WHEN type = 'Q' THEN CASE WHEN ssh THEN 'P' ELSE 'A' END
                WHEN type = 'S' THEN CASE WHEN admission IS NULL THEN 'A' ELSE 's' END
                WHEN type = 'I' THEN 'P'
                ELSE type END AS type)
        FROM admitted
    ), closings AS (
        SELECT *, coalesce(sum((type IN ('A', 'F'))::INT) OVER before, 0) AS run,
            first_value(CASE WHEN type IN ('A', 'F') THEN n END IGNORE NULLS) OVER behind AS close,
            first_value(CASE WHEN type IN ('A', 'F') THEN type END IGNORE NULLS) OVER behind
                AS close_type,
            first_value(CASE WHEN type IN ('A', 'F') THEN time END IGNORE NULLS) OVER behind
                AS close_time,
            last_value(CASE WHEN type IN ('A', 'F') THEN n END IGNORE NULLS) OVER before
                AS closed,
            bool_or(type IN ('A', 'F', 'P')) OVER whole AS tried
        FROM parts
        WINDOW whole AS (PARTITION BY host, protocol, connection, episode),
            before AS (PARTITION BY host, protocol, connection, episode ORDER BY n
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
            behind AS (PARTITION BY host, protocol, connection, episode ORDER BY n
                ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
    ), subs AS (
        SELECT *, row_number() OVER (
            PARTITION BY host, protocol, connection, episode, run, type, kind ORDER BY n) AS sub
        FROM closings
    ), lasts AS (
        SELECT *, max(CASE WHEN type = 'P' THEN sub END) OVER (
            PARTITION BY host, protocol, connection, episode, run) AS last_sub FROM subs
    ), placed AS (
        SELECT *, CASE
            WHEN type IN ('A', 'F') THEN 'c' || n
            WHEN type = 'P' AND (close_type = 'F' OR close_type = 'A' AND ssh
                OR close_type = 'A' AND close_time - time <= {_STACK} AND sub = last_sub)
                THEN 'c' || close
            WHEN type = 'P' THEN 's' || run || '.' || sub
            WHEN type = 'T' THEN CASE WHEN closed IS NULL THEN 't' || n ELSE 'c' || closed END
            WHEN type = 's' THEN CASE WHEN close IS NULL THEN 'c' || closed ELSE 'c' || close END
            WHEN type = 'L' AND NOT tried THEN 'l'
            WHEN type = 'more' THEN 'm' || n
        END AS attempt
        FROM lasts
    )
    SELECT *, sum((type = 'k')::INT) OVER (PARTITION BY host, protocol, connection, episode
            ORDER BY n) AS refused,
        coalesce(sum(CASE WHEN type IN ('A', 'F') AND result = 'Failure' THEN tries
                WHEN type = 'P' AND starts_with(attempt, 's') AND sub = 1 THEN 1 END)
            OVER (PARTITION BY host, protocol, connection, episode), 0) AS failures
    FROM placed
"""

# The row that speaks for an attempt decides it; the reason is the most telling one.
_ROWS = """
    WITH ranked AS (
        SELECT *, CASE WHEN type IN ('A', 'F') THEN 0 WHEN pam THEN 1 ELSE 2 END AS rank,
            CASE WHEN result = 'Success' THEN NULL
                WHEN starts_with(kind, 'pam_succeed_if') THEN 4  -- stands behind who refused
                WHEN details IN ('Incorrect password', 'Incorrect key') THEN 2
                WHEN details = 'Other' THEN 3
                WHEN details = 'No such user' THEN 1 ELSE 0 END AS telling
        FROM attempts
        WHERE attempt IS NOT NULL AND (type <> 'more' OR more + 1 > failures)
    ), joined AS (
        SELECT arg_min(n, (rank, n)) AS n, min(n) AS first,
            list(n ORDER BY n) AS records,
            arg_min(n, (telling, rank, n)) FILTER (telling IS NOT NULL) AS reason,
            coalesce(arg_min(username, (rank, n)) FILTER (username IS NOT NULL),
                any_value(claimed)) AS username,
            coalesce(arg_min(address, (rank, n)) FILTER (address IS NOT NULL), any_value(peer))
                AS address,
            coalesce(arg_min(port, (rank, n)) FILTER (port IS NOT NULL), any_value(peer_port))
                AS port,
            max(CASE WHEN type = 'more' THEN more + 1 - failures END)::BIGINT AS unlogged,
            arg_min(CASE WHEN ssh THEN CASE WHEN type = 'A' THEN refused ELSE 0 END END, (rank, n))
                ::BIGINT AS refused,
            host, protocol, connection, episode
        FROM ranked GROUP BY host, protocol, connection, episode, attempt
    )
    SELECT *, row_number() OVER (PARTITION BY host, protocol, connection, episode ORDER BY n)
        AS attempt_index
    FROM joined ORDER BY n
"""

_USED = [
    *("TimeGenerated", "DvcHostname", "EventType", "EventSubType", "EventResult"),
    *("EventResultDetails", "EventOriginalResultDetails", "EventCount", "TargetUsername"),
    *("SrcIpAddr", "SrcPortNumber", "LogonProtocol", "LogonMethodOriginal", "TargetAppName"),
    *("TargetAppId", "EventMessage"),
]


def logons(auth: pd.DataFrame, audit: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return one row for each attempt to log on.

    Args:
        auth: rows of ``schema.EVENTS["auth"]`` that come from syslog, in their order.
        audit: rows of ``audit_auth``, in their order. An attempt that syslog tells of too keeps
            its line and gets the records; one that it does not is a row of its own.

    Returns:
        Rows of ``schema.EVENTS["logons"]``. The time and the text are those of the line that
        decided the attempt; what that line leaves out comes from the others. RefusedKeys is null
        for protocols without keys. "n more authentication failures" is an attempt, of as many
        tries, only for what the other lines of its connection do not tell of.
    """
    told = _of_syslog(auth)
    return told if audit is None else with_audit(told, audit, _NOT_LOGONS)


def _of_syslog(auth: pd.DataFrame) -> pd.DataFrame:
    if auth.empty:
        return empty("logons")
    with duckdb.connect() as con:
        used = auth[_USED].assign(
            n=range(len(auth)), TimeGenerated=nanoseconds(auth["TimeGenerated"])
        )
        con.register("auth", to_arrow(used))
        for step in (_TYPED, _KEYED, _EPISODES, _ATTEMPTS):
            con.execute(step)
        found = to_pandas(con.sql(_ROWS))
    if found.empty:
        return empty("logons")
    rows = auth.iloc[found["n"].to_numpy("int64")].reset_index(drop=True)
    uids = auth["EventUid"].to_numpy(object)
    reasons = auth.iloc[found["reason"].fillna(found["n"]).to_numpy("int64")].reset_index(drop=True)
    failed = rows["EventResult"] == "Failure"
    for name in ("EventResultDetails", "EventOriginalResultDetails"):
        rows[name] = rows[name].where(~failed, reasons[name])
    for name, column in (
        ("TargetUsername", "username"),
        ("SrcIpAddr", "address"),
        ("SrcPortNumber", "port"),
    ):
        rows[name] = rows[name].fillna(found[column])
    rows["EventCount"] = found["unlogged"].astype("Int64").fillna(rows["EventCount"])
    rows["AttemptIndex"] = found["attempt_index"]
    rows["RefusedKeys"] = found["refused"]
    rows["EventUid"] = uids[found["first"].to_numpy("int64")]
    rows["RecordIds"] = [uids[numbers].tolist() for numbers in found["records"]]
    session = rows["EventSubType"] == "Session"
    rows["EventSubType"] = rows["EventSubType"].mask(session, "Authentication")
    return conform(rows, "logons")
