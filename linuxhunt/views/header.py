"""What stands above a section's charts: its hypothesis, verdict, what was seen, its findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from linuxhunt.views.base import View, block, paragraph
from linuxhunt.views.palette import severity
from linuxhunt.views.text import count, escape, listed, moment, plural, visible

__all__ = ["SEVERITIES", "VERDICTS", "findings", "section_header"]

_CELL = 'style="text-align:left;vertical-align:top"'

SEVERITIES = ("High", "Medium", "Low", "Informational")
VERDICTS = {"supported": "■", "not supported": "□", "cannot tell": "?"}

FINDINGS, RECORDS = 200, 40
EVIDENCE = 1_000_000
"""Findings shown, record ids shown with each, and signs of raw lines in one view."""
OPEN, TECHNIQUES = 10, 4
"""Findings in sight, the others being under a fold, and techniques named beside each."""


def section_header(
    title: str,
    hypothesis: str,
    scope_text: str,
    verdict: str,
    counts: Mapping[str, int],
    seen: Sequence[str],
    missing: Sequence[str],
) -> View:
    """Say what a section asks and what came out, before any chart.

    Args:
        title: the section's name.
        hypothesis: what it asks about, one sentence.
        scope_text: host and window, such as ``web01 · 12 Mar 00:00 – 15 Mar 00:00 UTC``.
        verdict: ``supported``, ``not supported`` or ``cannot tell``.
        counts: findings by severity; a severity without any may be left out.
        seen: what data there was, one phrase each.
        missing: what data there was not.

    Raises:
        ValueError: another verdict.
    """
    if verdict not in VERDICTS:
        raise ValueError(f"A verdict is one of {', '.join(VERDICTS)}, not {verdict!r}.")
    say = f"{VERDICTS[verdict]} {verdict.capitalize()}"
    found = [(name, counts[name]) for name in SEVERITIES if counts.get(name)]
    summary = " · ".join(f"{count(number)} {name}" for name, number in found) or "no findings"
    data = [f"Seen: {' · '.join(seen) or 'no data'}"]
    if missing:
        data.append(f"Missing: {' · '.join(missing)}")
    chips = " ".join(_chip(name, f"{count(number)} {name}") for name, number in found)
    html = (
        f'<div><span class="lh-scope" style="float:right">{escape(scope_text)}</span>'
        f'<span class="lh-name" style="font-size:16px;font-weight:600">{escape(title)}</span></div>'
        f"<div>Hypothesis: {escape(hypothesis)}</div>"
        f'<div><b class="lh-verdict">{escape(say)}</b>&ensp;{chips or "no findings"}</div>'
        f'<div class="lh-seen">{escape(" · ".join(data))}</div>'
    )
    text = f"{title} [{scope_text}]\nHypothesis: {hypothesis}\n{say}: {summary}. {'. '.join(data)}"
    return View(block("section", html), "\n".join(visible(line) for line in text.split("\n")))


def _chip(name: str, text: str) -> str:
    back, ink, sign = severity(name)
    style = f"background-color:{back};color:{ink};padding:0 6px;font-weight:600;white-space:nowrap"
    return f'<span class="lh-chip" style="{style}">{sign} {escape(text)}</span>'


def findings(
    frame: pd.DataFrame,
    *,
    evidence: Mapping[str, str] | None = None,
    links: Mapping[str, Mapping[str, str]] | None = None,
) -> View:
    """Show findings, the gravest first, each with its reason and its records one click away.

    Args:
        frame: findings, as in :data:`linuxhunt.schema.EVENTS`.
        evidence: record id to raw line; shown escaped under the finding that names the record.
        links: FindingId to label to anchor (``#...``), such as ``{"F1": {"user": "#user"}}``; a
            target that is no anchor is shown as text.

    Returns:
        A table that needs no script: the first ten in sight, the others under a fold.
    """
    if frame.empty:
        return View(block("findings", paragraph("No findings.")), "No findings.")
    rank = frame["EventSeverity"].map({name: i for i, name in enumerate(SEVERITIES)}).fillna(9)
    ordered = (
        frame.assign(_rank=rank).sort_values(["_rank", "EventStartTime"], kind="stable")
    ).to_dict("records")
    budget, lines, texts = EVIDENCE, [], []
    for finding in ordered[:FINDINGS]:
        records, used = _records(finding, evidence or {}, budget)
        budget -= used
        name = _str(finding["EventSeverity"])
        techniques = finding["AttackTechniques"] or ()
        title, when = _str(finding["Title"]), moment(finding["EventStartTime"])
        cells = [
            _chip(name, name),
            f"<b>{escape(title)}</b>{_line(_str(finding['Reason']))}{records}",
            escape(listed(techniques, TECHNIQUES)),
            escape(when),
            _jumps((links or {}).get(str(finding["FindingId"]), {})),
        ]
        lines.append(cells)
        texts.append(visible(f"{name}: {title} {listed(techniques)} {when}".rstrip()))
    linked = any(cells[-1] for cells in lines)
    html = _table(lines[:OPEN], linked)
    if lines[OPEN:]:
        more = Counter(_str(finding["EventSeverity"]) for finding in ordered[OPEN:FINDINGS])
        told = ", ".join(f"{count(more[name])} {name}" for name in SEVERITIES if more[name])
        summary = f"{plural(len(lines) - OPEN, 'more finding')}: {told}"
        html += (
            f"<details><summary>{escape(summary)}</summary>{_table(lines[OPEN:], linked)}</details>"
        )
    rest = len(ordered) - len(lines)
    html += paragraph(f"… {plural(rest, 'more finding')} that are not shown" if rest else None)
    return View(block("findings", html), "\n".join(texts))


def _table(lines: Sequence[Sequence[str]], linked: bool) -> str:
    """Rows of findings; the column of links only where there are any."""
    heads = [
        ("Severity", "12%"), ("Finding", "50%"), ("Technique", "11%"), ("Time (UTC)", "16%"),
        ("Go to", "11%"),
    ][: 5 if linked else 4]  # fmt: skip
    head = "".join(
        f'<th style="text-align:left;width:{width}">{text}</th>' for text, width in heads
    )
    rows = "".join(
        f"<tr>{''.join(f'<td {_CELL}>{cell}</td>' for cell in cells[: len(heads)])}</tr>"
        for cells in lines
    )
    return f'<table style="width:100%"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _str(value: object) -> str:
    return "" if value is None or value != value else str(value)


def _line(text: str) -> str:
    return f"<br>{escape(text)}" if text else ""


def _jumps(links: Mapping[str, str]) -> str:
    return " · ".join(
        f'<a href="{escape(target)}">{escape(label)}</a>'
        if target.startswith("#")
        else escape(label)
        for label, target in links.items()
    )


def _records(
    finding: Mapping[Any, Any], evidence: Mapping[str, str], budget: int
) -> tuple[str, int]:
    """The records of a finding under a fold, and how many signs of raw lines that took."""
    ids: Iterable[str] = finding["RecordIds"] if finding["RecordIds"] is not None else ()
    known = [str(record) for record in ids]
    total = finding["EvidenceCount"]
    total = len(known) if total is None or pd.isna(total) else int(total)
    if not known:
        return "", 0
    used, shown = 0, []
    for record in known[:RECORDS]:
        raw = evidence.get(record)
        if raw is not None and used + len(raw) <= budget:
            used += len(raw)
            shown.append(f"{escape(record)}  {escape(raw)}")
        else:
            shown.append(escape(record))
    rest = len(known) - len(shown)
    if rest > 0:
        shown.append(f"… {plural(rest, 'more record')}")
    text = "\n".join(shown)
    techniques = finding["AttackTechniques"] or ()
    if len(techniques) > TECHNIQUES:
        text = f"{escape(', '.join(map(str, techniques)))}\n{text}"
    head = f"<summary>evidence: {plural(total, 'record')}</summary>"
    return f"<details>{head}<pre>{text}</pre></details>", used
