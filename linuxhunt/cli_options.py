"""Options that several commands take, and how their values are checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

__all__ = [
    "End",
    "Format",
    "Host",
    "Hostname",
    "NoCache",
    "Output",
    "Sources",
    "Start",
    "Strict",
    "Year",
    "Zone",
    "severity",
    "zone",
]


def _format(kind: str | None) -> str | None:
    if kind is None:
        return None
    from linuxhunt.output import FORMATS  # and pandas, which `--help` need not wait for

    if kind not in FORMATS:
        raise typer.BadParameter(f"{kind} is none of {', '.join(FORMATS)}")
    return kind


Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SOURCE]...",
        help="evidence (folders, files, archives), a case, kusto:<cluster>/<database>, a workspace"
        " of msticpyconfig.yaml, workspace:<id>@<tenant>, or sample",
    ),
]
Year = Annotated[int | None, typer.Option(help="year of stamps that have none")]
Zone = Annotated[str | None, typer.Option("--tz", help="zone of stamps that have none")]
Hostname = Annotated[str | None, typer.Option(help="host of logs that name none")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="keep no case of the evidence")]
Host = Annotated[str | None, typer.Option(help="one host; default all")]
Start = Annotated[str | None, typer.Option(help="first instant, UTC where it states no zone")]
End = Annotated[str | None, typer.Option(help="first instant after the window")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="write to a file")]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        callback=_format,
        help="table, jsonl, csv or parquet; table on a terminal, else jsonl",
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="status 1 where anything was rejected")]


def zone(name: str | None) -> str | None:
    """Return a zone that there is; else say how to write one."""
    if name is not None:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise typer.BadParameter(
                f"there is no zone {name!r}; write it as Europe/Berlin or UTC", param_hint="--tz"
            ) from error
    return name


def severity(name: str | None) -> str | None:
    """Return a severity as it is written, whatever the case of letters."""
    if name is None:
        return None
    from linuxhunt.sections.finding import SEVERITIES

    known = {each.lower(): each for each in SEVERITIES}
    if name.lower() not in known:
        raise typer.BadParameter(f"{name} is none of {', '.join(SEVERITIES)}")
    return known[name.lower()]
