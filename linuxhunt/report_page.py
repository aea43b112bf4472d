"""A run notebook, or an index of reports, as one HTML page that asks nothing of any network."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import pandas as pd
from nbconvert.exporters import HTMLExporter

from linuxhunt.views.header import SEVERITIES, VERDICTS
from linuxhunt.views.palette import severity
from linuxhunt.views.text import escape, moment, plural
from linuxhunt.views.verdicts import anchor_of

__all__ = ["Reported", "index_page", "report_page"]

_WIDGET = "application/vnd.jupyter.widget-view+json"
_HEADING = re.compile(r'<a id="([\w-]+)"></a>\s*\n#+ +(.+)')
_CONTENTS = re.compile(r"^ *\d+\. \[[^\]]*\]\(#[\w-]+\) *\n?", re.M)
"""The notebook's own table of contents; a report has one that stays in sight."""

_NUMBER = re.compile(r"(?<=^## )\d+\. +", re.M)
"""Of a section; a report may leave sections out."""


@dataclass(frozen=True)
class Reported:
    """One host of an index.

    Attributes:
        host: its name.
        link: path of its report, relative to the index; "" where there is none.
        held: its FINDINGS.json, or None.
        failure: why there is no report, or "".
    """

    host: str
    link: str
    held: Mapping[str, Any] | None
    failure: str = ""


def report_page(notebook: Any, held: Mapping[str, Any] | None, label: str) -> str:
    """Write a run notebook as one page: no code, no prompts, no widgets, nothing from outside.

    Args:
        notebook: with its outputs, as nbformat reads it.
        held: FINDINGS.json, for the summary at the top; None leaves it out.
        label: of the source.
    """
    notebook = deepcopy(notebook)
    headings: list[tuple[str, str]] = []
    if held and notebook.cells and notebook.cells[0].cell_type == "markdown":
        notebook.cells.pop(0)  # what the notebook is and holds; the summary says what came out
    notebook.cells = _telling(notebook.cells)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if _WIDGET not in out.get("data", {})]
        elif cell.cell_type == "markdown":
            headings += _HEADING.findall(cell.source)
            cell.source = _NUMBER.sub("", _CONTENTS.sub("", cell.source))
    exporter = HTMLExporter(template_name="basic")
    exporter.exclude_input = True
    exporter.exclude_input_prompt = True
    exporter.exclude_output_prompt = True
    exporter.exclude_anchor_links = True
    exporter.sanitize_html = False
    body, _resources = exporter.from_notebook_node(notebook)
    contents = "".join(
        f'<li><a href="#{escape(anchor)}">{escape(re.sub(r"^[0-9]+[.] *", "", text))}</a></li>'
        for anchor, text in headings
    )
    title = f"linuxhunt: {held['host']}, {label}" if held else f"linuxhunt: {label}"
    return _page(
        title,
        f'<nav aria-label="Contents"><b>Contents</b><ol>{contents}</ol></nav>'
        f"<main>{_summary(held, {name for name, _ in headings}) if held else ''}{body}</main>",
    )


def _telling(cells: Sequence[Any]) -> list[Any]:
    """Leave out what only asks: cells that show nothing but widgets, with the text before them."""
    kept: list[Any] = []
    parts: list[list[Any]] = []
    for cell in cells:
        if cell.cell_type == "markdown" or not parts:
            parts.append([])
        parts[-1].append(cell)
    for part in parts:
        shown = [out for cell in part if cell.cell_type == "code" for out in cell.outputs]
        if not shown or any(_WIDGET not in out.get("data", {}) for out in shown):
            kept += part
    return kept


def _page(title: str, body: str) -> str:
    css = files(__package__).joinpath("report.css").read_text("utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{css}</style></head>\n"
        f"<body>{body}</body></html>\n"
    )


def _summary(held: Mapping[str, Any], anchors: Container[str]) -> str:
    """What came out, in a few lines, with links to the sections."""
    lines = "".join(
        f"<li><b>{VERDICTS[each['verdict']]} {escape(each['verdict'].capitalize())}</b>: "
        f"{_linked(each, anchors)}"
        + (f" <i>Missing: {escape(' · '.join(each['missing']))}</i>" if each["missing"] else "")
        + "</li>"
        for each in held["hypotheses"]
    )
    return (
        f'<h1>Linux host {escape(held["host"])}</h1><section class="summary">'
        f"<p>{_window(held)} · {escape(held['source'])}</p><ul>{lines}</ul>"
        f'<p>{_chips(held)} <a href="#verdict">Verdict and findings</a></p></section>'
    )


def _linked(hypothesis: Mapping[str, Any], anchors: Container[str]) -> str:
    """A hypothesis that leads to its section, where the page has it."""
    anchor = anchor_of(hypothesis["section"]).removeprefix("#")
    text = escape(hypothesis["hypothesis"])
    return f'<a href="#{escape(anchor)}">{text}</a>' if anchor in anchors else text


def _window(held: Mapping[str, Any]) -> str:
    start, end = (moment(pd.Timestamp(held[name])) for name in ("start", "end"))
    return f"{escape(start)} to {escape(end)} UTC"


def _chips(held: Mapping[str, Any]) -> str:
    counts = Counter(finding["EventSeverity"] for finding in held["findings"])
    chips = []
    for name in SEVERITIES:
        if counts[name]:
            back, ink, sign = severity(name)
            style = f"background-color:{back};color:{ink}"
            chips.append(
                f'<span class="chip" style="{style}">{sign} {counts[name]:,} {name}</span>'
            )
    return " ".join(chips) or "No findings."


def index_page(reported: Sequence[Reported], others: Sequence[str], label: str) -> str:
    """Write the page that leads to the reports of several hosts.

    Args:
        reported: in the order of the ranking.
        others: hosts that no report was asked for.
        label: of the source.
    """
    held = next((each.held for each in reported if each.held), None)
    sections = list(
        dict.fromkeys(
            each["section"] for one in reported if one.held for each in one.held["hypotheses"]
        )
    )
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in sections)
    rows = "".join(_row(rank, each, sections) for rank, each in enumerate(reported, 1))
    signs = " ".join(f"{sign} {name}" for name, sign in VERDICTS.items())
    rest = (
        f"<p>{escape(plural(len(others), 'more host'))} without a report: "
        f"{escape(', '.join(others))}. Give <code>--most</code> for more reports, or one of them "
        "to <code>--host</code>.</p>"
        if others
        else ""
    )
    return _page(
        f"linuxhunt: hosts of {label}",
        f"<main><h1>Hosts of {escape(label)}</h1><p>{_window(held) if held else ''}; those worth a "
        "look first.</p>"
        '<table class="hosts"><thead><tr><th scope="col">#</th><th scope="col">Host</th>'
        f'<th scope="col">Findings</th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        f"<p>Verdicts: {escape(signs)}</p>{rest}</main>",
    )


def _row(rank: int, each: Reported, sections: Sequence[str]) -> str:
    if each.held is None:
        return (
            f"<tr><td>{rank}</td><td>{escape(each.host)}</td>"
            f'<td colspan="{len(sections) + 1}">✗ {escape(each.failure)}</td></tr>'
        )
    verdicts = {one["section"]: one["verdict"] for one in each.held["hypotheses"]}
    cells = "".join(
        f'<td title="{escape(verdicts.get(name, ""))}">{VERDICTS.get(verdicts.get(name, ""), "")}'
        "</td>"
        for name in sections
    )
    return (
        f'<tr><td>{rank}</td><td><a href="{escape(quote(each.link))}">{escape(each.host)}</a></td>'
        f"<td>{_chips(each.held)}</td>{cells}</tr>"
    )
