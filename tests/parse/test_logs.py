"""Whole logs by distribution: what comes out is what golden files say.

debian12 was recorded from daemons run for it (see tests/live); the others are written for this. A
golden file that is missing is written, and the test fails once: read it before it is kept.
"""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from linuxhunt import parse
from tests.parse.syslog_rows import known, syslog

_LOGS = sorted((Path(__file__).parents[1] / "logs").glob("*/*.log"))
_LINE = re.compile(r"^\w{3} +(\d+) ([\d:]{8}) (\S+) (.*)$")
_IMPLIED = {
    "auth": ("EventMessage",),
    "logons": ("EventMessage",),
    "accounts": ("EventMessage",),
}


def _rows(log: Path) -> pd.DataFrame:
    found = [_LINE.match(line) for line in log.read_text("utf-8").splitlines()]
    return syslog(
        *(f"2026-03-{int(m[1]):02} {m[2]} @{m[3]} {m[4]}" for m in found if m),
        file=f"{log.parent.name}/{log.name}",
    )


def _events(log: Path) -> dict[str, pd.DataFrame]:
    rows = _rows(log)
    auth = parse.auth(rows)
    sessions = parse.sessions(auth)
    return {
        "auth": auth,
        "logons": parse.logons(auth),
        "sessions": sessions,
        "sudo": parse.sudo(rows, sessions),
        "cron": parse.cron(rows),
        "accounts": parse.accounts(rows),
    }


def _written(frame: pd.DataFrame, kind: str) -> str:
    rows = known(frame, *_IMPLIED.get(kind, ()))
    return "".join(json.dumps(row, default=_plain, ensure_ascii=False) + "\n" for row in rows)


def _plain(value: Any) -> str | int:
    return value.isoformat() if isinstance(value, pd.Timestamp) else int(value)


@pytest.mark.parametrize("log", [pytest.param(log, id=log.parent.name) for log in _LOGS])
def test_golden(log: Path) -> None:
    missing, different = [], []
    for kind, frame in _events(log).items():
        golden, text = log.with_suffix(f".{kind}.jsonl"), _written(frame, kind)
        if not golden.exists():
            golden.write_text(text, "utf-8")
            missing.append(golden.name)
        elif golden.read_text("utf-8") != text:
            different.append(kind)
    assert (missing, different) == ([], [])


@pytest.mark.parametrize("log", [pytest.param(log, id=log.parent.name) for log in _LOGS])
def test_every_line_is_understood(log: Path) -> None:
    marks = parse.unparsed(_rows(log))
    assert marks[["ProcessName", "Template", "Count"]].to_dict("records") == []
