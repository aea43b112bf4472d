"""What else tells of a session: who was accepted, logind, shells, wtmp, the journal.

Two witnesses of one session name the same user within seconds of one another. Where several of
one user's sessions begin together, the first told of by one witness is the first told of by the
other.
"""

from __future__ import annotations

from linuxhunt.parse.session_spans import INTERACTIVE

__all__ = ["WITNESSES", "WTMP", "together"]

_SECOND = 1_000_000_000
_SEATS = """CASE
    WHEN class LIKE 'manager%' THEN 'systemd-user'
    WHEN class LIKE 'background%' THEN 'cron'
    WHEN class = 'greeter' THEN 'greeter'
    ELSE 'user' END"""
_PROTOCOLS = f"""CASE
    WHEN protocol IN {INTERACTIVE} THEN 'user'
    WHEN protocol IN ('cron', 'at') THEN 'cron'
    WHEN protocol LIKE '%greeter' THEN 'greeter'
    ELSE protocol END"""


def together(target: str, left: str, right: str, keys: str, within: int, *extra: str) -> str:
    """Return SQL that pairs rows of two queries in islands of time, first with first.

    Args:
        target: table to make: key, copy, m (number of the right row).
        left: query with key, copy, n, time and the keys.
        right: query with m, n, time and the keys.
        keys: columns that must be equal.
        within: seconds between neighbours of an island.
        extra: further condition of a pair.
    """
    conditions = " ".join(f"AND {condition}" for condition in extra)
    named = " AND ".join(f"l.{key} IS NOT DISTINCT FROM r.{key}" for key in keys.split(", "))
    return f"""
    CREATE TEMP TABLE {target} AS
    WITH l AS (SELECT key, copy, n, time, {keys} FROM ({left})),
    r AS (SELECT m, n, time, {keys} FROM ({right})),
    both_sides AS (
        SELECT key, copy, NULL::BIGINT AS m, n, time, {keys} FROM l
            SEMI JOIN (SELECT DISTINCT {keys} FROM r) AS r ON {named}
        UNION ALL SELECT NULL, NULL, m, n, time, {keys} FROM r
    ), islands AS (
        SELECT *, sum(coalesce(gap > {within * _SECOND}, FALSE)::INT) OVER (
            PARTITION BY {keys} ORDER BY time, n) AS island
        FROM (SELECT *, time - lag(time) OVER (PARTITION BY {keys} ORDER BY time, n) AS gap
            FROM both_sides)
    ), ranked AS (
        SELECT *, row_number() OVER (
            PARTITION BY {keys}, island, m IS NULL ORDER BY time, n) AS rank FROM islands
    )
    SELECT l.key, l.copy, r.m FROM ranked AS l JOIN ranked AS r
        ON {named} AND l.island = r.island AND l.rank = r.rank
        AND l.m IS NULL AND r.m IS NOT NULL
        AND r.time - l.time BETWEEN {-within * _SECOND} AND {within * _SECOND} {conditions}
    """


WITNESSES = (
    # The credentials: the last acceptance of the process before it opened the session, or, for
    # login, within seconds behind.
    f"""
    CREATE TEMP TABLE admitted AS
    WITH begun AS (
        SELECT key, copy, host, protocol, pid, boot, opened, start, username, actor, lag(opened)
            OVER (PARTITION BY host, protocol, pid, boot ORDER BY opened) AS last_opened
        FROM spans WHERE opened IS NOT NULL AND NOT audited
            AND protocol IN (SELECT protocol FROM dated WHERE kind = 'accepted')
    ), accepted AS (SELECT * FROM dated WHERE kind = 'accepted' AND NOT audited)
    SELECT key, copy, a.n AS m FROM begun ASOF JOIN accepted AS a ON begun.host = a.host
        AND begun.protocol = a.protocol AND begun.pid = a.pid AND begun.boot = a.boot
        AND begun.opened >= a.n
    WHERE a.n > coalesce(last_opened, -1) AND start - a.time <= {600 * _SECOND}
    UNION ALL
    SELECT key, copy, a.n FROM begun ASOF JOIN accepted AS a ON begun.host = a.host
        AND begun.protocol = a.protocol AND begun.pid = a.pid AND begun.boot = a.boot
        AND begun.opened <= a.n
    WHERE begun.protocol = 'login' AND a.time - start <= {10 * _SECOND}
    UNION ALL
    SELECT key, copy, a.n FROM begun ASOF JOIN accepted AS a ON begun.host = a.host
        AND begun.protocol = a.protocol AND begun.username = a.username
        AND begun.opened >= a.n
    WHERE begun.pid IS NULL AND a.pid IS NULL AND start - a.time <= {5 * _SECOND}
        AND coalesce(begun.actor = a.actor, TRUE)
    """,
    # Sessions of logind: an announcement, perhaps said again after its restart, and a removal.
    """
    CREATE TEMP TABLE seats AS
    WITH told AS (
        SELECT *, kind = 'new' AND coalesce(lag(kind) OVER same = 'new'
            AND lag(username) OVER same = username, FALSE) AS again
        FROM dated WHERE kind IN ('new', 'removed')
        WINDOW same AS (PARTITION BY host, logind, boot ORDER BY n)
    ), numbered AS (
        SELECT *, sum((kind = 'new' AND NOT again)::INT) OVER (
            PARTITION BY host, logind, boot ORDER BY n) AS instance FROM told
    )
    SELECT host, logind, boot, min(n) AS m, min(n) FILTER (kind = 'new') AS announced,
        min(time) FILTER (kind = 'new') AS start, any_value(username) AS username,
        min(n) FILTER (kind = 'removed') AS removed, min(time) FILTER (kind = 'removed') AS ended,
        any_value(class) AS class, list(n ORDER BY n) AS numbers,
        any_value(app) AS app, any_value(pid) AS pid
    FROM numbered GROUP BY host, logind, boot, instance
    """,
    together(
        "seated_user",
        f"SELECT key, copy, opened AS n, start AS time, host, username, boot, {_PROTOCOLS} AS seat"
        " FROM spans WHERE opened IS NOT NULL",
        f"SELECT m, announced AS n, start AS time, host, username, boot, {_SEATS} AS seat"
        " FROM seats WHERE announced IS NOT NULL",
        "host, username, boot, seat",
        5,
    ),
    # logind before v258 names no class: what no person's session claims may be another's.
    together(
        "seated_other",
        "SELECT key, copy, opened AS n, start AS time, host, username, boot FROM spans"
        " WHERE opened IS NOT NULL AND protocol IN ('systemd-user', 'cron', 'at', 'su',"
        " 'runuser', 'gdm-greeter', 'sddm-greeter', 'lightdm-greeter')"
        " AND (key, copy) NOT IN (SELECT (key, copy) FROM seated_user)",
        "SELECT m, announced AS n, start AS time, host, username, boot FROM seats"
        " WHERE announced IS NOT NULL AND class IS NULL AND m NOT IN (SELECT m FROM seated_user)",
        "host, username, boot",
        5,
    ),
    # A removal of what was announced before the log begins goes with a close of the same kind.
    together(
        "seated_closed",
        f"SELECT key, copy, closed AS n, ended AS time, host, boot FROM spans"
        f" WHERE opened IS NULL AND protocol IN {INTERACTIVE}",
        "SELECT m, removed AS n, ended AS time, host, boot FROM seats WHERE announced IS NULL",
        "host, boot",
        3,
    ),
    """
    CREATE TEMP TABLE seated AS
    SELECT * FROM seated_user UNION ALL SELECT * FROM seated_other
    UNION ALL SELECT * FROM seated_closed
    """,
    # What the connection tells: sshd's child names address and port.
    """
    CREATE TEMP TABLE connected AS
    SELECT spans.key, spans.copy, spans.host, coalesce(a.address, spans.address) AS address,
        coalesce(a.port, spans.port) AS port, opened AS n, opened, closed
    FROM spans LEFT JOIN admitted USING (key, copy) LEFT JOIN dated AS a ON a.n = admitted.m
    WHERE spans.protocol = 'SSH' AND opened IS NOT NULL
    """,
    """
    CREATE TEMP TABLE shells AS
    SELECT c.key, c.copy, e.n AS m, e.kind, e.tty, e.time
    FROM (SELECT * FROM dated WHERE kind IN ('shell', 'gone') AND port IS NOT NULL) AS e
    ASOF JOIN connected AS c
        ON e.host = c.host AND e.address = c.address AND e.port = c.port AND e.n >= c.n
    UNION ALL
    SELECT s.key, s.copy, e.n, 'child', NULL, e.time
    FROM (SELECT * FROM dated WHERE kind = 'child') AS e
    ASOF JOIN (SELECT * FROM spans WHERE protocol = 'SSH' AND opened IS NOT NULL) AS s
        ON e.host = s.host AND e.pid = s.pid AND e.boot = s.boot AND e.n >= s.opened
    """,
)

WTMP = (
    """
    CREATE TEMP TABLE records AS
    WITH lined AS (
        SELECT row_number() OVER (ORDER BY time, _ItemId) AS m, Computer AS host, time, pid,
            Line AS tty, UserName AS username, nullif(HostName, '') AS hostname,
            nullif(SrcIpAddr, '') AS address, _ItemId AS uid, upper(RecordType) AS type
        FROM logins
    ), paired AS (
        SELECT *, lead(type) OVER same AS next_type, lead(time) OVER same AS next_time,
            lead(uid) OVER same AS next_uid
        FROM lined WHERE type IN ('USER_PROCESS', 'DEAD_PROCESS')
        WINDOW same AS (PARTITION BY host, tty ORDER BY time, m)
    )
    SELECT paired.* EXCLUDE (next_type, next_time, next_uid), coalesce(boots.boot, 0) AS boot,
        CASE WHEN next_type = 'DEAD_PROCESS' THEN next_time END AS ended,
        CASE WHEN next_type = 'DEAD_PROCESS' THEN next_uid END AS end_uid,
        coalesce(next_type = 'USER_PROCESS', FALSE) AS replaced
    FROM paired ASOF LEFT JOIN boots ON paired.host = boots.host AND paired.time >= boots.time
    WHERE type = 'USER_PROCESS' AND coalesce(username, '') <> ''
    """,
    # A record holds the pid of who opened the session: sshd's, login's.
    f"""
    CREATE TEMP TABLE same_pid AS
    SELECT DISTINCT ON (m) key, copy, m FROM records AS r JOIN told AS t
        ON r.host = t.host AND r.username = t.username AND r.boot = t.boot AND r.pid = t.pid
    WHERE t.protocol IN {INTERACTIVE} AND r.time BETWEEN t.start - {2 * _SECOND}
        AND t.start + {10 * _SECOND}
    ORDER BY m, t.start DESC
    """,
    together(
        "witnessed",
        "SELECT key, copy, n, start AS time, host, username, boot, coalesce(address, '') AS source"
        f" FROM told WHERE start IS NOT NULL AND protocol IN {(*INTERACTIVE, 'systemd-logind')}"
        " AND NOT (coalesce(channels, 0) > 0 AND tty IS NULL)"
        " AND (key, copy) NOT IN (SELECT (key, copy) FROM same_pid)",
        "SELECT m, m AS n, time, host, username, boot, coalesce(address, '') AS source"
        " FROM records WHERE m NOT IN (SELECT m FROM same_pid)",
        "host, username, boot, source",
        10,
        f"r.time >= l.time - {2 * _SECOND}",
    ),
    "INSERT INTO witnessed SELECT key, copy, m FROM same_pid",
    # A further terminal on a connection that is open already.
    f"""
    INSERT INTO witnessed
    SELECT t.key, t.copy, r.m FROM (
        SELECT *, time + {2 * _SECOND} AS latest FROM records
        WHERE m NOT IN (SELECT m FROM witnessed)) AS r
    ASOF JOIN (SELECT * FROM told WHERE start IS NOT NULL AND protocol = 'SSH') AS t
        ON r.host = t.host AND r.username = t.username AND r.boot = t.boot
        AND r.address = t.address AND r.latest >= t.start
    WHERE t.ended IS NULL OR t.ended >= r.time - {2 * _SECOND}
    """,
)
