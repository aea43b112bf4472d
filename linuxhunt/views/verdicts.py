"""Each hypothesis with its verdict, and the analyst's notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from linuxhunt.views.base import View, block, paragraph
from linuxhunt.views.header import SEVERITIES, VERDICTS
from linuxhunt.views.palette import severity
from linuxhunt.views.text import count, escape, plural, visible

__all__ = ["Hypothesis", "anchor_of", "notes", "verdicts"]

_CELL = "text-align:left;vertical-align:top;padding:5px 12px 5px 0"
_SAYS = {
    "supported": "Supported",
    "not supported": "Not supported by what was seen",
    "cannot tell": "Cannot tell",
}


@dataclass(frozen=True)
class Hypothesis:
    """One hypothesis and what came out.

    Attributes:
        title: name of its section.
        anchor: of its section, ``#...``.
        text: the hypothesis, one sentence.
        verdict: ``supported``, ``not supported`` or ``cannot tell``.
        counts: findings by severity.
        seen: what data there was, one phrase each.
        missing: what data there was not.
    """

    title: str
    anchor: str
    text: str
    verdict: str
    counts: Mapping[str, int]
    seen: Sequence[str]
    missing: Sequence[str]


def anchor_of(section: str) -> str:
    """Return the notebook's anchor of a section: its name, but of the overview the host's."""
    return "#host" if section == "overview" else f"#{section}"


def verdicts(held: Sequence[Hypothesis], scope_text: str) -> View:
    """Show hypotheses with their verdicts, each linked to its section.

    Args:
        held: in the order to show them.
        scope_text: host and window.

    Raises:
        ValueError: another verdict, or an anchor that is none.
    """
    rows, texts = [], []
    for each in held:
        if each.verdict not in VERDICTS or not each.anchor.startswith("#"):
            raise ValueError(f"No verdict or no anchor: {each.verdict!r}, {each.anchor!r}.")
        found = [(name, each.counts[name]) for name in SEVERITIES if each.counts.get(name)]
        chips = " ".join(_chip(name, number) for name, number in found) or "no findings"
        missing = f"Missing: {' · '.join(each.missing)}" if each.missing else ""
        seen = f"Seen: {' · '.join(each.seen) or 'no data'}"
        rows.append(
            f'<tr><td style="{_CELL}"><b class="lh-verdict">{VERDICTS[each.verdict]} '
            f"{escape(_SAYS[each.verdict])}</b></td>"
            f'<td style="{_CELL}"><a href="{escape(each.anchor)}">{escape(each.title)}</a><br>'
            f"{escape(each.text)}</td>"
            f'<td style="{_CELL}">{chips}</td>'
            f'<td style="{_CELL}" class="lh-seen">{escape(seen)}'
            f"{f'<br><b>{escape(missing)}</b>' if missing else ''}</td></tr>"
        )
        summary = ", ".join(f"{count(number)} {name}" for name, number in found) or "no findings"
        texts.append(
            f"{VERDICTS[each.verdict]} {_SAYS[each.verdict]}: {each.title}: {each.text} "
            f"({summary}. {seen}{f'. {missing}' if missing else ''})"
        )
    says = _says(held)
    heads = "".join(
        f'<th scope="col" style="{_CELL};width:{width}">{name}</th>'
        for name, width in (
            ("Verdict", "16%"), ("Hypothesis", "34%"), ("Findings", "18%"), ("Data", "32%"),
        )
    )  # fmt: skip
    html = (
        f'<div><span class="lh-scope" style="float:right">{escape(scope_text)}</span>'
        f'<span class="lh-name" style="font-size:16px;font-weight:600">{escape(says)}</span></div>'
        f'<table class="lh-verdicts" style="width:100%"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
    text = "\n".join([f"{says} [{scope_text}]", *texts])
    return View(block("section", html), "\n".join(map(visible, text.split("\n"))))


def _says(held: Sequence[Hypothesis]) -> str:
    """How many hypotheses have which verdict, in a line."""
    counts = Counter(each.verdict for each in held)
    total = plural(len(held), "hypothesis", "hypotheses")
    parts = [f"{counts[name]} {_SAYS[name].lower()}" for name in VERDICTS if counts[name]]
    return f"{total}: {', '.join(parts)}" if parts else "No hypothesis was asked"


def _chip(name: str, number: int) -> str:
    back, ink, sign = severity(name)
    style = f"background-color:{back};color:{ink};padding:0 6px;font-weight:600;white-space:nowrap"
    return f'<span class="lh-chip" style="{style}">{sign} {count(number)} {escape(name)}</span>'


def notes(text: str) -> View:
    """Show the analyst's notes as they were written, paragraphs apart."""
    parts = [part for part in text.split("\n\n") if part.strip()]
    body = "".join(
        f'<p style="margin:4px 0">{"<br>".join(map(escape, part.splitlines()))}</p>'
        for part in parts
    )
    html = paragraph("Notes", "title") + body
    return View(block("view lh-notes", html),
                "Notes:\n" + "\n".join(map(visible, text.splitlines())))  # fmt: skip
