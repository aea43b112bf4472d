"""The command line: thin over the package, stable for scripts."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from linuxhunt.cli_options import (
    End,
    Format,
    Host,
    Hostname,
    NoCache,
    Output,
    Sources,
    Start,
    Strict,
    Year,
    Zone,
    severity,
    zone,
)
from linuxhunt.errors import HostError, LinuxHuntError, ParameterError, ScopeError

if TYPE_CHECKING:  # each command loads what it needs: `--help` should not wait for pandas
    import pandas as pd

__all__ = ["app", "main"]

app = typer.Typer(
    name="linuxhunt",
    help="Hunt on one Linux host that may be compromised.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


_FINDINGS = "findings"
"""The kind of events that the sections make out of all others."""


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _emit(frame: pd.DataFrame, kind: str | None, output: Path | None) -> None:
    """Write data to stdout or a file, in the format asked for or the one that fits."""
    from linuxhunt.output import chunks, format_of, write

    if output is not None:
        write(frame, output, kind or format_of(output))
        _say(f"{len(frame):,} rows written to {output}")
        return
    text = chunks(frame, kind or ("table" if sys.stdout.isatty() else "jsonl"))
    try:
        for chunk in text:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # whoever read has had enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _hunt(
    sources: list[str] | None,
    host: str | None = None,
    start: str | None = None,
    end: str | None = None,
    **options: Any,
) -> Any:
    """Open a source and say on stderr which it is; the import waits until here as it is slow."""
    from linuxhunt.hunt import connect

    options["keep"] = not options.pop("no_cache", False)
    options["tz"] = zone(options.get("tz"))
    many: Any = sources[0] if sources and len(sources) == 1 else sources or None
    hunt = connect(many, host=host, start=start, end=end, **options)
    _say(f"source: {hunt.workspace.label}; {hunt.scope}")
    return hunt


@app.command()
def ingest(
    evidence: Annotated[list[Path], typer.Argument(help="folders, files and archives")],
    case: Annotated[Path, typer.Option("-o", "--output", metavar="CASE.duckdb", help="the case")],
    year: Year = None,
    tz: Zone = None,
    hostname: Hostname = None,
    strict: Strict = False,
) -> None:
    """Read raw logs into a case and account for every line."""
    from linuxhunt.evidence import ingest as read
    from linuxhunt.progress import teller

    account = read(evidence, case, year=year, tz=zone(tz), hostname=hostname, progress=teller())
    _say(str(account))
    if strict and (account.totals["rejected"] or len(account.problems)):
        raise LinuxHuntError("something was rejected (see above), and --strict was given")


@app.command()
def events(
    kind: Annotated[str, typer.Argument(help="auth, logons, sessions, ..., flows, findings")],
    sources: Sources = None,
    output: Output = None,
    fmt: Format = None,
    host: Host = None,
    start: Start = None,
    end: End = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="count the lines that no shape understood")
    ] = False,
    strict: Strict = False,
    year: Year = None,
    tz: Zone = None,
    hostname: Hostname = None,
    no_cache: NoCache = False,
) -> None:
    """Write the events of one kind, or the findings of all sections, one row each."""
    from linuxhunt.events import KINDS

    if kind not in (*KINDS, _FINDINGS):
        known = ", ".join((*KINDS, _FINDINGS))
        raise typer.BadParameter(f"{kind} is none of {known}", param_hint="KIND")
    hunt = _hunt(sources, host, start, end, year=year, tz=tz, hostname=hostname, no_cache=no_cache)
    if explain:
        frame = hunt.events.unparsed(kind)
    else:
        frame = hunt.findings if kind == _FINDINGS else hunt.events[kind]
    _emit(frame, fmt, output)
    for verdict in hunt.verdicts if kind == _FINDINGS else ():
        missing = f" (missing: {'; '.join(verdict.missing)})" if verdict.missing else ""
        _say(f"{verdict.section}: {verdict.verdict}{missing}")
    for completeness in hunt.events.completeness.values():
        if not (completeness.whole or completeness.elsewhere) or strict:
            _say(str(completeness))
    if strict and hunt.rejected:
        raise LinuxHuntError(
            f"{hunt.rejected:,} lines or files were rejected, and --strict was given"
        )


@app.command()
def hosts(
    sources: Sources = None,
    output: Output = None,
    fmt: Format = None,
    start: Start = None,
    end: End = None,
    year: Year = None,
    tz: Zone = None,
    hostname: Hostname = None,
    no_cache: NoCache = False,
) -> None:
    """Rank the hosts by what makes them worth a look."""
    hunt = _hunt(sources, None, start, end, year=year, tz=tz, hostname=hostname, no_cache=no_cache)
    _emit(hunt.hosts, fmt, output)


@app.command()
def query(
    arguments: Annotated[list[str], typer.Argument(metavar="[SOURCE]... KQL")],
    output: Output = None,
    fmt: Format = None,
    year: Year = None,
    tz: Zone = None,
    hostname: Hostname = None,
    no_cache: NoCache = False,
) -> None:
    """Run KQL on a source; the last argument is the query."""
    *sources, kql = arguments
    hunt = _hunt(sources, year=year, tz=tz, hostname=hostname, no_cache=no_cache)
    _emit(hunt.query(kql), fmt, output)


@app.command()
def serve(
    case: Annotated[Path, typer.Argument(help="a case")],
    port: Annotated[int, typer.Option(help="of 127.0.0.1; 0 takes a free one")] = 0,
) -> None:
    """Serve a snapshot of a case as a read-only Kusto endpoint on loopback, until interrupted."""
    from linuxhunt.workspace import serve as served

    with served(case, port) as server:
        typer.echo(f"{server.url}/{server.database}")
        _say(f"connect to kusto:{server.url}/{server.database}; stop with Ctrl-C")
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="where to write it")],
    seed: Annotated[int, typer.Option(help="another seed, another incident")] = 1,
    scale: Annotated[float, typer.Option(help="how much ordinary work there is", min=0.05)] = 1.0,
) -> None:
    """Write the sample incident as raw evidence, with truth.json."""
    from linuxhunt.evidence.sample import write_sample

    write_sample(folder, seed=seed, scale=scale)
    _say(f"the sample incident is in {folder}; the truth about it in {folder / 'truth.json'}")


@app.command()
def lab(
    sources: Sources = None,
    port: Annotated[int, typer.Option(help="of 127.0.0.1")] = 8888,
    browser: Annotated[bool, typer.Option(help="open a browser")] = True,
) -> None:
    """Open the notebook in JupyterLab on a source."""
    from linuxhunt.lab import open_lab

    raise typer.Exit(open_lab(sources or [], port=port, browser=browser))


@app.command()
def notebook(folder: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Put the notebook into a folder, for who has no clone."""
    from linuxhunt.lab import copy_notebook

    _say(f"the notebook is {copy_notebook(folder)}")


@app.command()
def report(
    sources: Sources = None,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="REPORT.html")] = Path(
        "report.html"
    ),
    host: Annotated[
        str | None,
        typer.Option(
            help="one host; all writes one report for each of the hosts most worth a look, and"
            " REPORT.html as their index; default the first of the ranking"
        ),
    ] = None,
    most: Annotated[
        int, typer.Option(help="how many hosts get a report with --host all", min=1)
    ] = 10,
    start: Start = None,
    end: End = None,
    session: Annotated[str | None, typer.Option(help="id of a session to show")] = None,
    user: Annotated[str | None, typer.Option(help="user to show")] = None,
    program: Annotated[str | None, typer.Option(help="program to show")] = None,
    findings: Annotated[
        Path | None,
        typer.Option(metavar="FINDINGS.json", help="write verdicts and findings as JSON, too"),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="SEVERITY",
            callback=severity,
            help="status 3 where a finding reaches it, 4 where none does but a hypothesis cannot"
            " be told",
        ),
    ] = None,
    no_mask: Annotated[
        bool, typer.Option("--no-mask", help="show secrets in commands as they are")
    ] = False,
    year: Year = None,
    tz: Zone = None,
    hostname: Hostname = None,
    no_cache: NoCache = False,
) -> None:
    """Run the notebook headless, to one self-contained HTML file."""
    from linuxhunt.exports import status, text_of
    from linuxhunt.report import write_report, write_reports

    evidence = {"year": year, "tz": zone(tz), "hostname": hostname}
    options: dict[str, Any] = {
        **evidence, "start": start, "end": end, "keep": not no_cache, "mask": not no_mask,
    }  # fmt: skip
    picks = {"session": session, "user": user, "program": program}
    failures: list[str] = []
    if host == "all":
        if named := [f"--{name}" for name, value in picks.items() if value is not None]:
            raise typer.BadParameter(
                f"{named[0]} chooses within one host; name it", param_hint="--host"
            )
        held, failures = write_reports(sources or [], output, most=most, tell=_say, **options)
    else:
        held = write_report(sources or [], output, host=host, picks=picks, **options)
    _say(f"the report is {output.resolve()}")
    if findings is not None:
        findings.parent.mkdir(parents=True, exist_ok=True)
        findings.write_text(text_of(held), "utf-8")
        _say(f"{len(held['findings']):,} findings written to {findings}")
    found = status(held, fail_on) if fail_on is not None else 0
    for line in failures:
        _say(f"no report of {line}")
    if failures and found != 3:  # what was found counts for more than what was not looked at
        raise LinuxHuntError(f"{len(failures)} of the reports could not be written (see above)")
    if found:
        raise typer.Exit(found)


@app.command()
def doctor(sources: Sources = None) -> None:
    """Say what is configured, reachable and missing, one line each, with what to do."""
    from linuxhunt.doctor import examine

    for line in examine(sources[0] if sources and len(sources) == 1 else sources or None):
        typer.echo(line)


def main() -> None:
    """Run the command line and leave with the contract's status."""
    status = 0
    try:
        app()  # leaves by SystemExit, with 2 where the usage is wrong
    except (ScopeError, ParameterError) as error:
        status = _fail(error, 1 if isinstance(error, HostError) else 2)
    except LinuxHuntError as error:
        status = _fail(error, 1)
    except OSError as error:  # a file that cannot be written, a folder that cannot be made
        where = f"{error.filename}: " if error.filename else ""
        status = _fail(f"{where}{error.strerror or error}", 1)
    raise SystemExit(status)


def _fail(error: object, status: int) -> int:
    _say(f"linuxhunt: {error}")
    return status


if __name__ == "__main__":
    main()
