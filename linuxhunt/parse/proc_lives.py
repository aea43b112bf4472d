"""Who was whose parent: pids over time, from what audit saw of exec, fork and exit.

A pid is a number that the kernel hands out again. Its life as one process begins with a fork
that was seen or, where forks are not audited, with the first execution that cannot belong to
the process before it:

* that process was seen to exit, or the host was booted since;
* the parent's pid, or the audit session, is another one (a session may be set, not changed);
* pids have wrapped around since on this host;
* nothing named the pid, as pid or as ppid, for longer than ``stale``: it may have been anybody
  in between.

A child belongs to the last image (an execution, or a fork that has not executed yet) of its
parent's pid when the child began: at the fork where it was seen, else at its first execution.
Where that process had exited, or the pid went unnamed for longer than ``stale`` since, the
parent was not seen.
"""

from __future__ import annotations

from datetime import timedelta

import duckdb

__all__ = ["lives"]

# flags of clone(2), in its first argument on all architectures of audit_names.json but s390x
_CLONE_PARENT = 0x8000

_LIFE = """
CREATE TEMP TABLE life AS
WITH points AS (  -- what happens to a pid; nth: its place in the host's order of events
    SELECT n, host, pid, ppid, ses, ms, nth, kind, boot, wrap, epoch FROM happened
    WHERE kind IN ('exec', 'failed', 'exit')
    UNION ALL
    SELECT n, host, child AS pid, CASE WHEN flags & {clone_parent} > 0 THEN ppid ELSE pid END,
           ses, ms, nth, 'fork', boot, wrap, NULL FROM happened
    WHERE kind = 'fork'),
followed AS (
    -- vfork returns after its child executes: the fork is put before what the child does
    SELECT *, CASE WHEN kind = 'fork' THEN least(nth, coalesce(first_value(nth) OVER (
               PARTITION BY host, pid ORDER BY ms, kind <> 'fork', nth
               ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING), nth)) - 0.5 ELSE nth END AS place
    FROM points),
before AS (
    SELECT *, lag(kind) OVER w AS kind0, lag(ppid) OVER w AS ppid0, lag(ses) OVER w AS ses0,
           lag(boot) OVER w AS boot0, lag(wrap) OVER w AS wrap0, lag(epoch) OVER w AS epoch0,
           lag(ms) OVER w AS ms0
    FROM followed WINDOW w AS (PARTITION BY host, pid ORDER BY place, n)),
told AS (
    SELECT *, CASE
        WHEN kind0 IS NULL OR kind = 'fork' OR boot <> boot0 THEN true
        WHEN kind = 'exit' THEN false
        WHEN kind0 = 'exit' THEN true
        WHEN kind0 = 'fork' THEN NOT (ppid = ppid0 OR ppid = 1 OR
             (ses IS NOT DISTINCT FROM ses0 AND ms - ms0 < 3600000))
        ELSE ppid IS DISTINCT FROM ppid0 OR (ses0 IS NOT NULL AND ses IS DISTINCT FROM ses0)
             OR wrap <> wrap0 OR epoch <> epoch0 END AS begins
    FROM before)
SELECT n, host, pid, ppid, ms, place, kind, boot, epoch,
       sum(begins::INTEGER) OVER (PARTITION BY host, pid ORDER BY place, n) AS process
FROM told
"""

# One row a process: how it began, when it ended.
_PROCESSES = """
CREATE TEMP TABLE begun AS
SELECT host, pid, process, min_by(ppid, (place, n)) AS ppid, min(place) AS place,
       min_by(n, (place, n)) AS n, any_value(boot) AS boot,
       min(place) FILTER (kind = 'exit') AS ended, min_by(n, place) FILTER (kind = 'exit') AS exit_n
FROM life GROUP BY host, pid, process
"""

_IMAGES = """
CREATE TEMP TABLE images AS
WITH numbered AS (
    SELECT row_number() OVER (ORDER BY l.place, l.n) - 1 AS image, l.*, b.ended, b.exit_n
    FROM life l JOIN begun b USING (host, pid, process) WHERE l.kind IN ('exec', 'fork'))
SELECT * EXCLUDE (exit_n), lag(image) OVER w AS previous,
       CASE WHEN lead(image) OVER w IS NULL THEN exit_n END AS exit_n
FROM numbered WINDOW w AS (PARTITION BY host, pid, process ORDER BY place, n)
"""

_PARENTS = """
CREATE TEMP TABLE parents AS
SELECT c.host, c.pid, c.process, c.ppid,
       CASE WHEN i.boot = c.boot AND (i.ended IS NULL OR i.ended > c.place)
                 AND (e.epoch IS NULL OR i.epoch IS NULL OR e.epoch = i.epoch)
            THEN i.image END AS parent
FROM begun c
     ASOF LEFT JOIN images i ON i.host = c.host AND i.pid = c.ppid AND i.place < c.place
     LEFT JOIN named e ON e.n = c.n AND e.pid = c.ppid
"""

_RESULT = """
SELECT i.n, i.image, i.kind, p.parent, i.previous, p.ppid, i.exit_n
FROM images i JOIN parents p USING (host, pid, process)
UNION ALL
SELECT l.n, NULL, l.kind, p.parent, NULL, p.ppid, NULL
FROM life l JOIN parents p USING (host, pid, process) WHERE l.kind = 'failed'
"""

# Pids that are named over a longer time than ``stale``: a new epoch after each long silence.
_NAMED = """
CREATE TEMP TABLE named AS
WITH uses AS (
    SELECT n, host, pid, ms, nth FROM happened WHERE pid IS NOT NULL
    UNION ALL
    SELECT n, host, ppid, ms, nth FROM happened WHERE ppid IS NOT NULL AND ppid <> 1),
long AS (SELECT host, pid FROM uses GROUP BY host, pid HAVING max(ms) - min(ms) > {stale}),
steps AS (
    SELECT *, ms - lag(ms) OVER (PARTITION BY host, pid ORDER BY nth) > {stale} AS silent
    FROM uses SEMI JOIN long USING (host, pid))
SELECT n, host, pid, sum(coalesce(silent, false)::INTEGER) OVER (
           PARTITION BY host, pid ORDER BY nth) AS epoch
FROM steps
"""

# The host's pids have wrapped where five new ones in a row are below the five before.
_HAPPENED = """
CREATE TEMP TABLE happened AS
WITH ordered AS (
    SELECT *, row_number() OVER (ORDER BY ms, serial, n)::DOUBLE AS nth FROM seen),
fresh AS (
    SELECT n, max(pid) OVER (w ROWS BETWEEN CURRENT ROW AND 4 FOLLOWING)
            < min(pid) OVER (w ROWS BETWEEN 5 PRECEDING AND 1 PRECEDING) AS wraps
    FROM (SELECT *, ms - lag(ms) OVER (PARTITION BY host, pid ORDER BY nth) AS since
          FROM ordered WHERE kind = 'exec')
    WHERE since IS NULL OR since > 60000
    WINDOW w AS (PARTITION BY host ORDER BY nth))
SELECT o.*, sum((o.kind = 'boot')::INTEGER) OVER w AS boot,
       sum(coalesce(f.wraps, false)::INTEGER) OVER w AS wrap
FROM ordered o LEFT JOIN fresh f USING (n)
WINDOW w AS (PARTITION BY o.host ORDER BY nth)
"""


def lives(con: duckdb.DuckDBPyConnection, stale: timedelta) -> duckdb.DuckDBPyRelation:
    """Return images and failed executions with their parents.

    Args:
        con: a connection with a table ``seen``: n (row number), host, ms, serial, pid, ppid, ses,
            kind (``exec``, ``failed``, ``exit``, ``fork``, ``boot`` or null), child and flags
            (of a fork).
        stale: how long a pid may go unnamed and still be taken for the same process.

    Returns:
        n, image (its number, null for what failed), kind, parent and previous (image numbers),
        ppid (of the process when it began), exit_n (the row of its exit).
    """
    limit = round(stale.total_seconds() * 1000)
    con.execute(_HAPPENED)
    con.execute(_NAMED.format(stale=limit))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE happened AS SELECT h.*, coalesce(e.epoch, 0) AS epoch"
        " FROM happened h LEFT JOIN named e USING (n, pid)"
    )
    con.execute(_LIFE.format(clone_parent=_CLONE_PARENT))
    con.execute(_PROCESSES)
    con.execute(_IMAGES)
    con.execute(_PARENTS)
    return con.sql(_RESULT)
