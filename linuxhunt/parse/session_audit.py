"""Sessions as audit tells them: spans of their own, joined to those of syslog.

PAM writes one USER_START and one USER_END a session, by the process that syslog names too; so a
session told of by both has one host, pid and user, and begins (or ends) for both within seconds.
``ses`` is the kernel's: su and sudo inside a session carry it.
"""

from __future__ import annotations

from linuxhunt.parse.session_spans import INTERACTIVE
from linuxhunt.parse.session_witness import together

__all__ = ["AUDITED", "NONE_TWICE", "TWICE"]

_SECOND = 1_000_000_000
# Clocks are one; what differs is whole seconds in syslog, and a wait between the two writers.
_WITHIN = 3


def _twice(target: str, time: str, number: str, keys: str, told: str, audited: str) -> str:
    """Return SQL that pairs spans of syslog with spans of audit that have no pair yet.

    Args:
        target: table to make: key and copy of syslog's span, ``m``, the key of audit's.
        time: column of the time that they share.
        number: column of the row that this time is from.
        keys: columns that are equal.
        told: condition of syslog's spans.
        audited: condition of audit's.
    """
    spans = f"""SELECT key, copy, key AS m, {number} AS n, {time} AS time, {keys} FROM spans
        WHERE {time} IS NOT NULL AND key NOT IN (SELECT key FROM told_twice)
        AND key NOT IN (SELECT m FROM told_twice)"""
    return together(
        target,
        f"{spans} AND NOT audited AND {told}",
        f"{spans} AND audited AND pid IS NOT NULL AND {audited}",
        keys,
        _WITHIN,
    )


_PID = "pid IS NOT NULL"
_PAIRS = {
    "twice_opened": ("start", "opened", "host, username, pid", _PID, "TRUE"),
    "twice_closed": ("ended", "closed", "host, username, pid", _PID, "TRUE"),
    # where sshd runs without PAM, audit has the user's number only
    "twice_nameless": ("start", "opened", "host, pid", _PID, "username IS NULL"),
    # sudo's lines bear no pid under some daemons
    "twice_loose": ("start", "opened", "host, username, protocol", "pid IS NULL", "TRUE"),
}

NONE_TWICE = "CREATE TEMP TABLE told_twice (key BIGINT, copy BIGINT, m BIGINT)"

TWICE = (
    *(
        step
        for target, how in _PAIRS.items()
        for step in (
            _twice(target, *how),
            f"INSERT INTO told_twice SELECT key, copy, m FROM {target}",
        )
    ),
)
"""Steps that pair what both tell; there is nothing to pair where audit tells nothing."""

AUDITED = (
    # What else the records of a session tell: who was let in just before, and the terminal that
    # was opened for it behind.
    f"""
    CREATE TEMP TABLE audit_facts AS
    WITH begun AS (
        SELECT *, lag(opened) OVER (PARTITION BY host, pid, boot ORDER BY opened) AS last_opened
        FROM spans WHERE audited AND opened IS NOT NULL
    ), let_in AS (
        SELECT begun.key, a.n, a.address, a.port, a.method, a.fingerprint
        FROM begun ASOF JOIN (SELECT * FROM dated WHERE audited AND kind = 'accepted') AS a
            ON begun.host = a.host AND begun.pid = a.pid AND begun.boot = a.boot
            AND begun.opened >= a.n
        WHERE a.n > coalesce(last_opened, -1) AND begun.start - a.time <= {600 * _SECOND}
    ), seated_at AS (
        SELECT begun.key, min(t.n) AS n, arg_min(t.tty, t.n) AS tty,
            arg_min(t.userid, t.n) FILTER (t.userid IS NOT NULL) AS userid
        FROM (SELECT * FROM dated WHERE kind = 'terminal') AS t
        ASOF JOIN (SELECT * FROM begun WHERE protocol IN {INTERACTIVE}) AS begun
            ON t.host = begun.host AND t.ses = begun.ses AND t.boot = begun.boot
            AND t.n >= begun.opened
        WHERE begun.ended IS NULL OR t.time <= begun.ended
        GROUP BY begun.key
    )
    SELECT s.key, s.opened, s.closed, s.start, s.ended, s.pid, s.ses, s.actor, s.actorid,
        coalesce(s.userid, t.userid,
            CASE WHEN s.protocol IN {INTERACTIVE} THEN s.auid END) AS userid,
        coalesce(l.address, s.address) AS address, coalesce(l.port, s.port) AS port, s.hostname,
        l.method, l.fingerprint, coalesce(s.tty, t.tty) AS tty,
        list_filter([l.n, s.opened, t.n, s.closed], lambda x: x IS NOT NULL) AS numbers
    FROM spans AS s LEFT JOIN let_in AS l USING (key) LEFT JOIN seated_at AS t USING (key)
    WHERE s.audited
    """,
    # Span -> its facts: of its own, or those of its second telling.
    """
    CREATE TEMP TABLE audited AS
    SELECT t.key, t.copy, f.* EXCLUDE (key) FROM told_twice AS t
    JOIN audit_facts AS f ON f.key = t.m
    UNION ALL BY NAME
    SELECT f.key, 0::BIGINT AS copy, f.* EXCLUDE (key) FROM audit_facts AS f
    WHERE f.key NOT IN (SELECT m FROM told_twice)
    """,
    "DELETE FROM spans WHERE audited AND key IN (SELECT m FROM told_twice)",
)
"""Steps between the spans and their other witnesses."""
