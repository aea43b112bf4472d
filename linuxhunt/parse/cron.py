"""Syslog rows to ``cron``: what ran, and who edited what runs."""

from __future__ import annotations

import duckdb
import pandas as pd

from linuxhunt.parse.crontabs import CRON
from linuxhunt.parse.engine import Reader, to_pandas
from linuxhunt.parse.lines import ORDER, load
from linuxhunt.schema import EVENTS, conform, empty

__all__ = ["cron"]

_READER = Reader((CRON,), EVENTS["cron"])


def cron(syslog: pd.DataFrame) -> pd.DataFrame:
    """Return what cron, anacron and at ran, and the edits of crontabs.

    Args:
        syslog: rows of the Syslog table.

    Returns:
        Rows of ``schema.EVENTS["cron"]``, one a line, by time, file, line. An edit is its
        beginning, and a ``Replace`` where the crontab changed by it. CommandLine of
        anacron and run-parts is the job's name.
    """
    with duckdb.connect() as con:
        load(con, syslog, _READER.tables, pam=False)
        if not _READER.capture(con):
            return empty("cron")
        frame = to_pandas(
            con.sql(
                f"""SELECT time AS TimeGenerated, host AS DvcHostname, TargetUsername,
                    ActorUsername, EventType, EventResult, CommandLine, pid AS TargetAppId,
                    uid AS EventUid
                FROM captured ORDER BY {ORDER}"""
            )
        )
    return conform(frame, "cron")
