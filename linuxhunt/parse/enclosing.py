"""Which session something happened in: the innermost that its user held then.

The opener's name that PAM prints is that of the login, also where root's shell (after sudo)
called su; so a session is held by its user, and a su or sudo session by its opener too. On the
same terminal wins if both are known, then the one that was opened last.
"""

from __future__ import annotations

from linuxhunt.parse.session_spans import INTERACTIVE

__all__ = ["HOLDS", "NESTED", "enclosing"]

NESTED = ("su", "sudo", "doas", "runuser", "polkit")
"""Protocols of sessions that are opened within another."""

HOLDS = (*INTERACTIVE, *NESTED, "systemd-logind", "cron", "at")
"""Protocols of sessions in which something can be done."""

# What is compared lies in the same quarter of a day, or, of what lasted at most an hour, in the
# same five minutes: few pairs, and few buckets for a session of weeks. (Times are in nanoseconds.)
_HOUR = 3600 * 1_000_000_000
_LONG, _SHORT = 6 * _HOUR, _HOUR // 12

# Whether a holder (h) was still there when the child (c) began; line order decides within one time.
_LASTS = """coalesce(h.ended > c.time OR h.ended = c.time
    AND coalesce(h.file <> c.file OR h.end_n > c.n, TRUE), TRUE)"""


def enclosing(children: str, holders: str, target: str) -> tuple[str, ...]:
    """Return SQL that makes ``target``: ``child`` and the ``holder`` around it.

    Args:
        children: query with child, host, file, n (order in the file), time, tty, actor, actorid.
        holders: query with holder, host, file, n, end_n, tty, start, ended (null while open), last
            (until when an open one may have lasted), username, userid, actor (of nested ones
            only).
        target: name of the table to make.
    """
    return (
        f"""
        CREATE TEMP TABLE {target}_holders AS
        WITH named AS (
            SELECT *, unnest(list_distinct([username, actor, 'uid ' || userid])) AS who
            FROM ({holders}) WHERE start IS NOT NULL
        )
        SELECT * FROM named
        SEMI JOIN (SELECT host, coalesce(actor, 'uid ' || actorid) AS who FROM ({children}))
            USING (host, who)
        """,
        # Of holders alike in all but their place in the file the last one counts, for what began
        # later; a log that holds the same lines many times has many of them.
        f"""
        CREATE TEMP TABLE {target}_earlier AS
        WITH last_ones AS (
            SELECT host, who, tty, start, ended, max(last) AS last, max(n) AS n,
                arg_max(holder, n) AS holder, arg_max(file, n) AS file, arg_max(end_n, n) AS end_n
            FROM {target}_holders GROUP BY ALL
        ), lasting AS (
            SELECT *, coalesce(ended, last) AS until,
                CASE WHEN until - start <= {_HOUR} THEN {_SHORT} ELSE {_LONG} END AS width
            FROM last_ones
        )
        SELECT *, unnest(range(start // width, until // width + 1)) AS bucket FROM lasting
        """,
        f"""
        CREATE TEMP TABLE {target} AS
        WITH named AS (
            SELECT *, coalesce(actor, 'uid ' || actorid) AS who FROM ({children})
        ), placed AS (
            SELECT *, unnest([{_SHORT}, {_LONG}]) AS width FROM named
        ), around AS (
            SELECT c.child, h.holder, h.tty = c.tty AS same, h.start, h.n
            FROM placed AS c JOIN {target}_earlier AS h ON h.host = c.host AND h.who = c.who
                AND h.width = c.width AND h.bucket = c.time // c.width AND h.start < c.time
                AND {_LASTS}
            UNION ALL
            SELECT c.child, h.holder, h.tty = c.tty AS same, h.start, h.n
            FROM named AS c JOIN {target}_holders AS h ON h.host = c.host AND h.who = c.who
                AND h.start = c.time AND h.holder <> c.child
                AND coalesce(h.file <> c.file OR h.n < c.n, TRUE)
                AND {_LASTS}
        )
        SELECT child, arg_max(holder, (coalesce(same, FALSE), start, n)) AS holder
        FROM around GROUP BY child
        """,
    )
