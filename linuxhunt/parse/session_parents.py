"""Sessions within sessions: su and sudo belong to the session that their opener sat in."""

from __future__ import annotations

from .session_spans import INTERACTIVE

__all__ = ["PARENTS"]

_NESTED = ("su", "sudo", "doas", "runuser", "polkit")
_HOLDS = (*INTERACTIVE, *_NESTED, "systemd-logind", "cron", "at")
_BUCKET = 6 * 3600 * 1_000_000_000  # what is compared lies in the same quarter of a day

# The opener's name is that of the login, also where root's shell (after sudo) called su: so the
# session around it is the opener's own, or root's that the opener opened. Innermost wins: on the
# same terminal if both are known, then the one opened last.
PARENTS = (
    f"""
    CREATE TEMP TABLE holders AS
    WITH bounds AS (SELECT max(greatest(start, ended)) AS last FROM whole),
    spread AS (
        SELECT key, copy, n, host, boot, tty, start, ended, protocol,
            unnest(list_distinct([username, CASE WHEN protocol IN {_NESTED} THEN actor END])) AS who,
            unnest(range(start // {_BUCKET}, coalesce(ended, next_boot, last) // {_BUCKET} + 1))
                AS bucket
        FROM (SELECT whole.*, boots.time AS next_boot, bounds.last FROM whole CROSS JOIN bounds
            LEFT JOIN boots ON boots.host = whole.host AND boots.boot = whole.boot + 1)
        WHERE start IS NOT NULL AND (protocol IN {_HOLDS} OR protocol IS NULL)
    )
    SELECT * FROM spread WHERE who IS NOT NULL
    """,
    f"""
    CREATE TEMP TABLE parents AS
    SELECT c.key, c.copy,
        arg_max(h.key, (coalesce(h.tty = c.tty, FALSE), h.start, h.n)) AS parent_key,
        arg_max(h.copy, (coalesce(h.tty = c.tty, FALSE), h.start, h.n)) AS parent_copy
    FROM whole AS c JOIN holders AS h ON h.host = c.host AND h.who = c.actor AND h.boot = c.boot
        AND h.bucket = c.start // {_BUCKET}
    WHERE c.protocol IN {_NESTED} AND (h.key <> c.key OR h.copy <> c.copy)
        AND (h.start < c.start OR h.start = c.start AND coalesce(h.n < c.n, TRUE))
        AND coalesce(h.ended >= c.start, TRUE)
    GROUP BY c.key, c.copy
    """,
)
