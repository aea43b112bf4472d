"""Sessions within sessions: su and sudo belong to the session that their opener sat in."""

from __future__ import annotations

from .enclosing import HOLDS, NESTED, enclosing

__all__ = ["PARENTS"]

PARENTS = enclosing(
    "SELECT key || '#' || copy AS child, host, '' AS file, n, start AS time, tty, actor, actorid"
    f" FROM whole WHERE protocol IN {NESTED} AND start IS NOT NULL",
    f"""SELECT key || '#' || copy AS holder, whole.host AS host, '' AS file, n, end_n,
        tty, start, ended,
        coalesce(boots.time, bounds.last) AS last, username, userid,
        CASE WHEN protocol IN {NESTED} THEN actor END AS actor
    FROM whole CROSS JOIN (SELECT max(greatest(start, ended)) AS last FROM whole) AS bounds
    LEFT JOIN boots ON boots.host = whole.host AND boots.boot = whole.boot + 1
    WHERE protocol IN {HOLDS} OR protocol IS NULL""",
    "parents",
)
