"""Rows of the Syslog table, written as lines: ``10:00:00 sshd[7]: message``."""

import re

import pandas as pd

from linuxhunt.schema import STR, TIME

_LINE = re.compile(
    r"^(?:(?P<day>\d{4}-\d\d-\d\d) )?(?P<time>\d\d:\d\d:\d\d(?:\.\d+)?) (?:@(?P<host>\S+) )?"
    r"(?P<program>[^:\[]*?\]?)(?:\[(?P<pid>\d+)\])?: (?P<message>.*)$",
    re.S,
)


def syslog(*lines: str, file: str = "auth.log") -> pd.DataFrame:
    """Make rows of ``[day ]time [@host ]program[pid]: message``; ids count lines from 1."""
    found = [_LINE.match(line) for line in lines]
    rows = [match.groupdict() for match in found if match]
    assert len(rows) == len(lines), [
        line for line, match in zip(lines, found, strict=True) if not match
    ]
    texts = {
        "Computer": [row["host"] or "web01" for row in rows],
        "Facility": ["authpriv"] * len(rows),
        "SeverityLevel": ["info"] * len(rows),
        "ProcessName": [row["program"] or None for row in rows],
        "SyslogMessage": [row["message"] for row in rows],
        "_ItemId": [f"{file}:{number}" for number in range(1, len(rows) + 1)],
    }
    return pd.DataFrame(
        {
            "TimeGenerated": pd.to_datetime(
                [f"{row['day'] or '2026-03-12'} {row['time']}" for row in rows],
                utc=True,
                format="ISO8601",
            ).astype(TIME),
            **{name: pd.Series(values, dtype=STR) for name, values in texts.items()},
            "ProcessID": pd.Series(
                [int(row["pid"]) if row["pid"] else None for row in rows], dtype="Int64"
            ),
        }
    )


def known(frame: pd.DataFrame, *without: str) -> list[dict]:
    """Return each row as a dict of what is not null, but for the columns named."""
    columns = [name for name in frame if name not in without]
    return [
        {
            name: value
            for name, value in zip(columns, row, strict=True)
            if isinstance(value, list | dict) or not pd.isna(value)
        }
        for row in frame[columns].itertuples(index=False, name=None)
    ]
