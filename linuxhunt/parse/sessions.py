"""``auth`` rows and login records to ``sessions``, matched by their own keys."""

from __future__ import annotations

import duckdb
import pandas as pd

from linuxhunt.parse import session_events
from linuxhunt.parse.distinct import file_order
from linuxhunt.parse.engine import lists, text_frame
from linuxhunt.parse.session_audit import AUDITED, NONE_TWICE, TWICE
from linuxhunt.parse.session_parents import PARENTS
from linuxhunt.parse.session_spans import BOOTS, SPANS
from linuxhunt.parse.session_witness import WITNESSES, WTMP
from linuxhunt.schema import TIME, conform, empty

__all__ = ["sessions"]

# Each session with what its witnesses tell; logind's own where no program told of it.
_TOLD = """
    CREATE TEMP TABLE told AS
    WITH shell_facts AS (
        SELECT key, copy, arg_min(tty, m) FILTER (tty IS NOT NULL) AS tty,
            nullif(count(*) FILTER (kind = 'shell'), 0) AS channels,
            min(time) FILTER (kind = 'gone') AS gone
        FROM shells GROUP BY key, copy
    ), seat_facts AS (
        SELECT key, copy, min(logind) AS logind, min(ended) AS removed
        FROM seated JOIN seats USING (m) GROUP BY key, copy
    )
    SELECT s.key, s.copy, coalesce(s.opened, s.closed) AS n, s.closed AS end_n, s.host,
        s.username, coalesce(s.userid, u.userid) AS userid,
        coalesce(s.actor, a.actor) AS actor, coalesce(s.actorid, u.actorid) AS actorid,
        coalesce(a.address, s.address, u.address) AS address,
        coalesce(a.port, s.port, u.port) AS port,
        coalesce(a.hostname, s.hostname, u.hostname) AS hostname,
        s.protocol, coalesce(a.method, s.method, u.method) AS method,
        coalesce(a.fingerprint, s.fingerprint, u.fingerprint) AS fingerprint,
        coalesce(s.start, u.start) AS start,
        coalesce(s.ended, u.ended, h.gone, CASE WHEN NOT s.replaced THEN f.removed END) AS ended,
        s.replaced, s.app, coalesce(s.pid, u.pid) AS pid, f.logind,
        coalesce(h.tty, a.tty, u.tty) AS tty, h.channels, s.boot, u.ses,
        NOT s.audited AS syslog, u.key IS NOT NULL AS by_audit, f.logind IS NOT NULL AS by_logind,
        FALSE AS by_wtmp
    FROM spans AS s
    LEFT JOIN (SELECT DISTINCT ON (key, copy) * FROM admitted ORDER BY key, copy, m) AS m
        ON m.key = s.key AND m.copy = s.copy
    LEFT JOIN dated AS a ON a.n = m.m
    LEFT JOIN shell_facts AS h ON h.key = s.key AND h.copy = s.copy
    LEFT JOIN seat_facts AS f ON f.key = s.key AND f.copy = s.copy
    LEFT JOIN audited AS u ON u.key = s.key AND u.copy = s.copy
    UNION ALL BY NAME
    SELECT m AS key, 0 AS copy, m AS n, host, username, 'systemd-logind' AS protocol, start, ended,
        FALSE AS replaced, app, pid, logind, boot, FALSE AS syslog, FALSE AS by_audit,
        TRUE AS by_logind, FALSE AS by_wtmp
    FROM seats WHERE m NOT IN (SELECT m FROM seated)
"""

_WITNESSED = """
    CREATE TEMP TABLE whole AS
    WITH facts AS (
        SELECT key, copy, arg_min(tty, m) AS tty, arg_min(hostname, m) AS hostname,
            arg_min(address, m) AS address, max(ended) AS ended,
            bool_and(ended IS NOT NULL) AS over
        FROM witnessed JOIN records USING (m) GROUP BY key, copy
    )
    SELECT t.* REPLACE (
            coalesce(t.tty, f.tty) AS tty,
            coalesce(t.address, f.address) AS address,
            coalesce(t.ended, CASE WHEN f.over AND NOT t.replaced THEN f.ended END) AS ended,
            f.key IS NOT NULL AS by_wtmp)
    FROM told AS t LEFT JOIN facts AS f ON f.key = t.key AND f.copy = t.copy
    UNION ALL BY NAME
    SELECT -m AS key, 0 AS copy, NULL AS n, host, username, address,
        CASE WHEN hostname <> coalesce(address, '') AND tty NOT LIKE 'tty%' THEN hostname END
            AS hostname,
        CASE WHEN regexp_matches(tty, '^(tty\\d|console)') THEN 'login' END AS protocol,
        time AS start, ended, replaced, pid, tty, boot, FALSE AS syslog, FALSE AS by_audit,
        FALSE AS by_logind, TRUE AS by_wtmp
    FROM records WHERE m NOT IN (SELECT m FROM witnessed)
"""

# A daemon that was restarted from a shell has that shell's audit session until it opens one of its
# own, so the last line knows best; 4294967295 is audit's "none".
_UIDS = """
    CREATE TEMP TABLE uids AS
    WITH numbers AS (
        SELECT key, copy, opened AS n FROM spans WHERE opened IS NOT NULL AND NOT audited
        UNION ALL SELECT key, copy, closed FROM spans WHERE closed IS NOT NULL AND NOT audited
        UNION ALL SELECT key, copy, m FROM admitted
        UNION ALL SELECT key, copy, unnest(numbers) FROM audited
        UNION ALL SELECT key, copy, m FROM shells
        UNION ALL SELECT key, copy, unnest(numbers) FROM seated JOIN seats USING (m)
        UNION ALL SELECT m, 0, unnest(numbers) FROM seats WHERE m NOT IN (SELECT m FROM seated)
    ), named AS (
        SELECT key, copy, time, n, uid FROM (SELECT DISTINCT key, copy, n FROM numbers)
        JOIN events USING (n)
        UNION ALL
        SELECT key, copy, time, NULL, uid FROM witnessed JOIN records USING (m)
        UNION ALL
        SELECT key, copy, ended, NULL, end_uid FROM witnessed JOIN records USING (m)
            WHERE end_uid IS NOT NULL
        UNION ALL
        SELECT -m, 0, time, NULL, uid FROM records WHERE m NOT IN (SELECT m FROM witnessed)
        UNION ALL
        SELECT -m, 0, ended, NULL, end_uid FROM records
            WHERE m NOT IN (SELECT m FROM witnessed) AND end_uid IS NOT NULL
    ), entries AS (
        SELECT key, copy,
            arg_max(j._AUDIT_SESSION, n) FILTER (j._AUDIT_SESSION <> 4294967295) AS audit,
            arg_max(j._SYSTEMD_SESSION, n) FILTER (j._SYSTEMD_SESSION <> '') AS logind
        FROM named JOIN journal AS j ON j._ItemId = uid GROUP BY key, copy
    ), listed AS (
        SELECT key, copy, list(uid ORDER BY n NULLS LAST, time) AS uids FROM named
        GROUP BY key, copy
    )
    SELECT * FROM listed LEFT JOIN entries USING (key, copy)
"""

_ROWS = """
    WITH ended AS (
        SELECT w.* REPLACE (coalesce(w.ended, CASE WHEN NOT w.replaced THEN b.time END) AS ended),
            CASE WHEN w.ended IS NOT NULL THEN 'closed' WHEN w.replaced THEN 'unknown'
                WHEN b.time IS NOT NULL THEN 'reboot' ELSE 'open' END AS reason
        FROM whole AS w LEFT JOIN boots AS b ON b.host = w.host AND b.boot = w.boot + 1
    ), ids AS (
        SELECT ended.*, uids,
            uids[1] || CASE WHEN copy > 0 THEN '#' || (copy + 1) ELSE '' END AS id,
            audit, uids.logind AS journal_session
        FROM ended JOIN uids USING (key, copy)
    )
    SELECT i.id AS LogonSessionId, parent.id AS ParentSessionId, nullif(i.host, '') AS DvcHostname,
        i.username AS TargetUsername, i.userid AS TargetUserId, i.actor AS ActorUsername,
        i.address AS SrcIpAddr, i.port AS SrcPortNumber, i.hostname AS SrcHostname,
        i.protocol AS LogonProtocol, i.method AS LogonMethod, i.fingerprint AS KeyFingerprint,
        i.start, i.ended, i.reason AS EndReason, i.app AS TargetAppName, i.pid AS TargetAppId,
        coalesce(i.logind, i.journal_session) AS LogindSession,
        coalesce(i.ses, i.audit, TRY_CAST(i.logind AS BIGINT)) AS AuditSession, i.tty AS Tty,
        i.channels AS ChannelCount,
        list_filter([CASE WHEN i.syslog THEN 'syslog' END, CASE WHEN i.by_audit THEN 'audit' END,
            CASE WHEN i.by_logind THEN 'logind' END, CASE WHEN i.by_wtmp THEN 'wtmp' END],
            lambda x: x IS NOT NULL) AS Witnesses,
        i.uids[1] AS EventUid, i.uids AS RecordIds
    FROM ids AS i
    LEFT JOIN parents ON parents.child = i.key || '#' || i.copy
    LEFT JOIN ids AS parent ON parent.key || '#' || parent.copy = parents.holder
"""

_LISTS = ["Witnesses", "RecordIds"]
_BEFORE = (*BOOTS, *SPANS, NONE_TWICE)
_BEHIND = (*AUDITED, *WITNESSES, _TOLD, *WTMP, _WITNESSED, _UIDS, *PARENTS)


def sessions(
    auth: pd.DataFrame,
    logins: pd.DataFrame | None = None,
    journal: pd.DataFrame | None = None,
    audit: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the sessions that were opened, ended, or both.

    Args:
        auth: rows of ``schema.EVENTS["auth"]`` that come from syslog, in their order.
        logins: rows of LinuxLogin_CL; the records of wtmp are further witnesses.
        journal: rows of LinuxJournal_CL; they know the audit session of a line.
        audit: rows of ``audit_auth``, in their order; further witnesses, and the only ones
            where syslog is silent.

    Returns:
        Rows of ``schema.EVENTS["sessions"]`` by the first time known. LogonSessionId is the id of
        the session's first record. A session that a boot ended has the time of that boot as its
        end. logind names a session by its audit session where there is one (it counts from
        ``c1`` otherwise), so AuditSession is also taken from there.
    """
    if all(rows is None or rows.empty for rows in (auth, logins, audit)):
        return empty("sessions")
    with duckdb.connect() as con:
        session_events.load(con, auth, logins, journal, audit)
        twice = TWICE if audit is not None and len(audit) else ()
        for step in (*_BEFORE, *twice, *_BEHIND):
            con.execute(step)
        found = con.sql(_ROWS).to_arrow_table()
    frame = text_frame(found.drop_columns(_LISTS))
    for name, column in (("EventStartTime", "start"), ("EventEndTime", "ended")):
        frame[name] = pd.to_datetime(frame[column], unit="ns", utc=True, cache=False).astype(TIME)
    for name in _LISTS:
        frame[name] = lists(found[name])
    frame = conform(frame, "sessions")
    order = file_order(frame["EventStartTime"].fillna(frame["EventEndTime"]), frame["EventUid"])
    return frame.take(order).reset_index(drop=True)
