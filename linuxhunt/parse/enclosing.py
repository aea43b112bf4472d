"""Which session something happened in: the innermost that its user held then.

The opener's name that PAM prints is that of the login, also where root's shell (after sudo)
called su; so a session is held by its user, and a su or sudo session by its opener too. On the
same terminal wins if both are known, then the one that was opened last.
"""

from __future__ import annotations

from .session_spans import INTERACTIVE

__all__ = ["HOLDS", "NESTED", "enclosing"]

NESTED = ("su", "sudo", "doas", "runuser", "polkit")
"""Protocols of sessions that are opened within another."""

HOLDS = (*INTERACTIVE, *NESTED, "systemd-logind", "cron", "at")
"""Protocols of sessions in which something can be done."""

_BUCKET = 6 * 3600 * 1_000_000_000  # what is compared lies in the same quarter of a day


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
        SELECT *,
            unnest(range(start // {_BUCKET}, coalesce(ended, last) // {_BUCKET} + 1)) AS bucket
        FROM named WHERE who IS NOT NULL
        """,
        f"""
        CREATE TEMP TABLE {target} AS
        WITH named AS (
            SELECT *, coalesce(actor, 'uid ' || actorid) AS who FROM ({children})
        )
        SELECT child, arg_max(holder, (coalesce(h.tty = c.tty, FALSE), h.start, h.n)) AS holder
        FROM named AS c JOIN {target}_holders AS h ON h.host = c.host AND h.who = c.who
            AND h.bucket = c.time // {_BUCKET}
        WHERE h.holder <> c.child
            AND (h.start < c.time OR h.start = c.time
                AND coalesce(h.file <> c.file OR h.n < c.n, TRUE))
            AND coalesce(h.ended > c.time OR h.ended = c.time
                AND coalesce(h.file <> c.file OR h.end_n > c.n, TRUE), TRUE)
        GROUP BY child
        """,
    )
