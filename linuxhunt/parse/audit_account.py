"""How whole an audit log is: what was lost, doubled, out of order, rolled over, cut off."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.parse.audit_records import records as _records
from linuxhunt.parse.audit_stage import heads
from linuxhunt.schema import STR, TIME

__all__ = ["ACCOUNT", "audit_account"]

ACCOUNT = (
    "DvcHostname",
    "Records",
    "Events",
    "Lost",
    "Duplicated",
    "OutOfOrder",
    "RolledOver",
    "CutOff",
    "Unreadable",
    "EventStartTime",
    "EventEndTime",
)
"""Columns of :func:`audit_account`."""

# Serials are handed out in order, stamps are taken when a system call begins: neighbours may be
# the other way round, twenty may not. A fall by more than half of 2^32 is the counter's own end,
# any other that is no such disorder is a boot. Auditd numbers its DAEMON_ records for itself.
_EPOCHS = """
CREATE TEMP TABLE epochs AS
WITH ordered AS (
    SELECT *, serial + CASE WHEN max(serial) OVER (PARTITION BY hid, ms) - serial > 2147483648
                            THEN 4294967296 ELSE 0 END AS nth
    FROM (SELECT DISTINCT hid, ms, serial FROM heads
          WHERE ms IS NOT NULL AND NOT starts_with(type, 'DAEMON_'))),
falls AS (
    SELECT *, min(serial) OVER (w ROWS BETWEEN 20 PRECEDING AND 1 PRECEDING) AS lowest,
           max(serial) OVER (w ROWS BETWEEN CURRENT ROW AND 19 FOLLOWING) AS highest
    FROM ordered WINDOW w AS (PARTITION BY hid ORDER BY ms, nth)),
told AS (
    SELECT *, coalesce(highest + 20 < lowest, false) AS fell,
           fell AND lowest - highest > 2147483648 AS rolled FROM falls)
SELECT hid, ms, serial, sum((fell AND NOT rolled)::INTEGER) OVER w AS boot,
       sum(rolled::INTEGER) OVER w AS turn
FROM told WINDOW w AS (PARTITION BY hid ORDER BY ms, nth)
"""

_ACCOUNT = """
WITH spans AS (
    SELECT hid, boot, max(s) - min(s) + 1 - count(DISTINCT s) AS lost,
           max(turn) - min(turn) AS turns
    FROM (SELECT *, serial + turn * 4294967296 AS s FROM epochs) GROUP BY hid, boot),
lost AS (SELECT hid, sum(lost) AS lost, sum(turns) AS turns FROM spans GROUP BY hid),
lined AS (
    SELECT h.hid, h.serial + e.turn * 4294967296 AS s, e.boot,
           lag(s) OVER w AS s0, lag(e.boot) OVER w AS boot0,
           coalesce(h.ms - lag(h.ms) OVER w, 0) AS later
    FROM heads h JOIN epochs e USING (hid, ms, serial)
    WHERE NOT starts_with(h.type, 'DAEMON_')
    WINDOW w AS (PARTITION BY h.hid, h.file ORDER BY h.place)),
-- a lower serial that was stamped seconds later is another boot's, however short that one was
disorder AS (SELECT hid, count(*) AS n FROM lined
             WHERE s < s0 AND boot = boot0 AND later < 1000 GROUP BY hid),
counted AS (
    SELECT hid, count(*) AS records, count(DISTINCT (ms, serial)) FILTER (NOT cut AND readable)
           AS events,
           count(*) FILTER (NOT cut AND readable)
           - count(DISTINCT (ms, serial, content)) FILTER (NOT cut AND readable) AS doubled,
           count(*) FILTER (cut AND readable) AS cut, count(*) FILTER (NOT readable) AS unreadable,
           min(ms) AS first, max(ms) AS last
    FROM heads GROUP BY hid)
SELECT n.name AS "DvcHostname", c.records AS "Records", c.events AS "Events",
       coalesce(l.lost, 0)::BIGINT AS "Lost", c.doubled AS "Duplicated",
       coalesce(d.n, 0) AS "OutOfOrder", coalesce(l.turns, 0)::BIGINT AS "RolledOver",
       c.cut AS "CutOff", c.unreadable AS "Unreadable",
       make_timestamp_ns(c.first * 1000000) AS "EventStartTime",
       make_timestamp_ns(c.last * 1000000) AS "EventEndTime"
FROM counted c JOIN names n USING (hid) LEFT JOIN lost l USING (hid)
     LEFT JOIN disorder d USING (hid)
ORDER BY 1
"""


def audit_account(records: pd.DataFrame) -> pd.DataFrame:
    """Count what is missing from audit records or wrong with them, by host.

    Args:
        records: all records of a time, of all types: a serial that is not there counts as lost.

    Returns:
        One row a host: Records; Events; Lost (serials between the first and the last of a boot
        that no record bears); Duplicated (records that say again what one of the same event
        said); OutOfOrder (records that stand after one of a later event in their file);
        RolledOver (times the serial passed 2^32); CutOff (records that stop early; they are in
        no event); Unreadable (lines without a record's header); EventStartTime, EventEndTime.
    """
    lines = _records(records)
    with duckdb.connect() as con:
        found = heads(con, lines)
        hid, names = found.hosts()
        file = found.items.to_pandas().astype(object).str.extract(r"^(?s:(.*)):\d{1,18}$")[0]
        con.register(
            "heads",
            pa.table(
                {
                    "hid": hid,
                    "place": np.arange(len(hid)),
                    "file": pa.array(file.fillna(""), pa.string()),
                    "readable": found.table["ms"].is_valid(),
                    **{name: found.table[name] for name in ("ms", "serial", "cut", "content")},
                    "type": pa.array(found.types[found.table["kind"].to_numpy()], pa.string()),
                }
            ),
        )
        con.register("names", pa.table({"hid": np.arange(len(names)), "name": list(names)}))
        con.execute(_EPOCHS)
        counted = (
            con.sql(_ACCOUNT)
            .to_arrow_table()
            .to_pandas(types_mapper={pa.string(): STR, pa.int64(): pd.Int64Dtype()}.get)
        )
    for name in ("EventStartTime", "EventEndTime"):
        counted[name] = pd.to_datetime(counted[name], utc=True).astype(TIME)
    result: pd.DataFrame = counted[list(ACCOUNT)]
    return result
