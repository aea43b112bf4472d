"""Sessions within sessions: su and sudo belong to the session that their opener sat in.

The kernel's session number tells which, where audit has it: su and sudo carry it on. Else it is
the opener's name.
"""

from __future__ import annotations

from linuxhunt.parse.enclosing import HOLDS, NESTED, enclosing

__all__ = ["PARENTS"]

_CHILDREN = f"""SELECT key || '#' || copy AS child, host, '' AS file, n, start AS time, tty,
    actor, actorid, ses FROM whole WHERE protocol IN {NESTED} AND start IS NOT NULL"""
_HOLDERS = f"""SELECT key || '#' || copy AS holder, whole.host AS host, '' AS file, n, end_n,
        tty, start, ended,
        coalesce(boots.time, bounds.last) AS last, username, userid,
        CASE WHEN protocol IN {NESTED} THEN coalesce(actor, 'uid ' || actorid) END AS actor, ses
    FROM whole CROSS JOIN (SELECT max(greatest(start, ended)) AS last FROM whole) AS bounds
    LEFT JOIN boots ON boots.host = whole.host AND boots.boot = whole.boot + 1
    WHERE protocol IN {HOLDS} OR protocol IS NULL"""
_SAME = "SELECT * REPLACE ('ses ' || ses AS {name}{more}) FROM ({rows}) WHERE ses IS NOT NULL"

PARENTS = (
    *enclosing(_CHILDREN, _HOLDERS, "parents_by_name"),
    *enclosing(
        _SAME.format(name="actor", more="", rows=_CHILDREN),
        _SAME.format(name="username", more=", NULL AS userid, NULL AS actor", rows=_HOLDERS),
        "parents_by_number",
    ),
    """
    CREATE TEMP TABLE parents AS
    SELECT child, coalesce(s.holder, n.holder) AS holder
    FROM parents_by_name AS n FULL JOIN parents_by_number AS s USING (child)
    """,
)
