"""From when to when: opens and closes of one program, matched by its pid, between boots.

Where the pid is not known (sudo under some syslog daemons) or is another's (systemd's user
manager opens, its ``(sd-pam)`` closes), opens and closes of one user are matched as they nest.
"""

from __future__ import annotations

__all__ = ["BOOTS", "INTERACTIVE", "SPANS"]

INTERACTIVE = (
    *("SSH", "login", "gdm", "sddm", "lightdm", "xdm", "kde", "lxdm", "slim", "greetd", "ly"),
    *("cockpit", "RDP", "rlogin", "rsh", "FTP"),
)
"""Protocols by which a person comes in from outside."""

_MINUTE = 60_000_000_000
_SECOND = 1_000_000_000

# A start of logind is a boot, unless a session lived through it, or logind announced again a
# session that it had announced before.
BOOTS = (
    f"""
    CREATE TEMP TABLE marks AS
    WITH boots AS (
        SELECT host, time, n, mark = 'seat' AS weak FROM events
        WHERE kind = 'mark' AND mark IN ('boot', 'seat')
        UNION ALL
        SELECT Computer, time, NULL, FALSE FROM logins WHERE upper(RecordType) = 'BOOT_TIME'
        UNION ALL
        SELECT host, min(time), NULL, FALSE FROM events JOIN journal ON journal._ItemId = events.uid
        WHERE _BOOT_ID <> '' GROUP BY host, _BOOT_ID
        QUALIFY row_number() OVER (PARTITION BY host ORDER BY min(time)) > 1
    ), lived AS (
        SELECT opened.host, opened.time AS since, closed.time AS until
        FROM (SELECT *, lead(n) OVER same AS next_n, lead(kind) OVER same AS next_kind,
                lead(username) OVER same AS next_username, lead(time) OVER same AS next_time
            FROM events WHERE kind IN ('open', 'close') AND pid IS NOT NULL
                AND protocol IN {INTERACTIVE}
            WINDOW same AS (PARTITION BY host, protocol, pid, audited ORDER BY n)) AS opened
        JOIN events AS closed ON closed.n = next_n
        WHERE opened.kind = 'open' AND next_kind = 'close' AND opened.username = next_username
    ), again AS (
        SELECT host, time, n FROM (
            SELECT *, lag(kind) OVER same AS last_kind, lag(username) OVER same AS last_username
            FROM events WHERE kind IN ('new', 'removed')
            WINDOW same AS (PARTITION BY host, logind ORDER BY n))
        WHERE kind = 'new' AND last_kind = 'new' AND last_username = username
    ), kept AS (
        SELECT boots.* FROM boots
        WHERE NOT weak OR NOT EXISTS (SELECT 1 FROM lived WHERE lived.host = boots.host
                AND since < boots.time AND until > boots.time)
            AND NOT EXISTS (SELECT 1 FROM again WHERE again.host = boots.host
                AND again.n > boots.n AND again.time - boots.time <= {5 * _SECOND})
    ), spaced AS (
        SELECT *, time - lag(time) OVER (PARTITION BY host ORDER BY time) AS gap FROM kept
    )
    SELECT host, time, n FROM spaced WHERE gap IS NULL OR gap > {5 * _MINUTE}
    """,
    """
    CREATE TEMP TABLE boots AS
    SELECT host, row_number() OVER (PARTITION BY host ORDER BY time) AS boot, time FROM marks
    """,
    """
    CREATE TEMP TABLE since AS
    SELECT n, boot FROM (SELECT n, host, time FROM events WHERE host IN (SELECT host FROM boots))
        AS events
    ASOF JOIN boots ON events.host = boots.host AND events.time >= boots.time
    """,
    "ALTER TABLE events ADD COLUMN boot BIGINT DEFAULT 0",
    "UPDATE events SET boot = since.boot FROM since WHERE since.n = events.n",
    "CREATE TEMP VIEW dated AS SELECT * FROM events",
)

# Pairs by pid first; then what is left, by user, as parentheses nest: an open and the next close
# of its depth.
SPANS = (
    """
    CREATE TEMP TABLE by_pid AS
    WITH ordered AS (
        SELECT *, lead(n) OVER same AS next_n, lead(kind) OVER same AS next_kind,
            lead(username) OVER same AS next_username, lead(time) OVER same AS next_time
        FROM dated WHERE kind IN ('open', 'close') AND pid IS NOT NULL
        WINDOW same AS (PARTITION BY host, protocol, pid, boot, audited ORDER BY n)
    )
    SELECT n AS opened, next_n AS closed, next_kind = 'open' AS replaced FROM ordered
    WHERE kind = 'open' AND next_kind IS NOT NULL
        AND (next_kind = 'open' OR next_username IS NOT DISTINCT FROM username)
    """,
    """
    CREATE TEMP TABLE by_user AS
    WITH loose AS (
        SELECT dated.*, unnest(range(CASE WHEN pid IS NULL THEN repeats ELSE 1 END)) AS copy
        FROM dated
        WHERE kind IN ('open', 'close') AND (pid IS NULL OR protocol = 'systemd-user')
            AND n NOT IN (SELECT opened FROM by_pid WHERE NOT replaced)
            AND n NOT IN (SELECT closed FROM by_pid WHERE NOT replaced)
    ), depths AS (
        SELECT *, sum(CASE kind WHEN 'open' THEN 1 ELSE -1 END) OVER (
                PARTITION BY host, protocol, username, boot, audited ORDER BY n, copy)
            + CASE kind WHEN 'open' THEN 0 ELSE 1 END AS depth
        FROM loose
    ), ordered AS (
        SELECT *, lead(n) OVER same AS next_n, lead(copy) OVER same AS next_copy,
            lead(kind) OVER same AS next_kind
        FROM depths
        WINDOW same AS (PARTITION BY host, protocol, username, boot, audited, depth
            ORDER BY n, copy)
    )
    SELECT n AS opened, copy AS opened_copy, next_n AS closed, next_copy AS closed_copy
    FROM ordered WHERE kind = 'open' AND next_kind = 'close'
    """,
    """
    CREATE TEMP TABLE spans AS
    WITH copies AS (
        SELECT *, 0::BIGINT AS copy FROM dated
        WHERE kind IN ('open', 'close') AND (pid IS NOT NULL OR repeats > 0)
        UNION ALL
        SELECT *, unnest(range(1, repeats)) AS copy FROM dated
        WHERE kind IN ('open', 'close') AND pid IS NULL AND repeats > 1
    ), opens AS (
        SELECT o.*, coalesce(CASE WHEN p.replaced THEN NULL ELSE p.closed END, u.closed) AS closed,
            u.closed_copy, coalesce(p.replaced, FALSE) AS replaced
        FROM copies AS o
        LEFT JOIN by_pid AS p ON p.opened = o.n
        LEFT JOIN by_user AS u ON u.opened = o.n AND u.opened_copy = o.copy
        WHERE o.kind = 'open'
    )
    SELECT opens.n AS key, opens.copy, opens.n AS opened, opens.closed, opens.time AS start,
        closing.time AS ended, replaced, opens.* EXCLUDE (n, copy, closed, closed_copy, replaced)
    FROM opens LEFT JOIN dated AS closing ON closing.n = opens.closed
    UNION ALL BY NAME
    SELECT n AS key, copy, n AS closed, time AS ended, FALSE AS replaced,
        copies.* EXCLUDE (n, copy)
    FROM copies ANTI JOIN (SELECT closed AS n, coalesce(closed_copy, 0) AS copy FROM opens
            WHERE closed IS NOT NULL) USING (n, copy)
    WHERE kind = 'close'
    """,
)
