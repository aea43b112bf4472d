"""The verdict on every hypothesis, as the notebook shows it, and what leaves the notebook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from linuxhunt import exports, views
from linuxhunt.pages.jumps import ANCHORS, entities
from linuxhunt.pages.stood_on import stood_on
from linuxhunt.pages.together import tried
from linuxhunt.sections import verdict as summing
from linuxhunt.sections.attack import SOURCE_LICENCE, source
from linuxhunt.sections.entity_graph import entity_graph
from linuxhunt.shown import Shown
from linuxhunt.views import View
from linuxhunt.views.verdicts import Hypothesis, anchor_of

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["VerdictPage"]

_LINES = 300
"""Findings whose first log line is fetched."""


class VerdictPage:
    """The verdict.

    It stands on the verdicts and findings of all sections that answer a hypothesis, and follows
    the window and the host. Notes are kept for each host.
    """

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        self._notes: dict[str | None, str] = {}
        self._boxes: list[Any] = []
        self._shown = Shown(self.view)
        hunt.on_change(self._follow)

    def _follow(self) -> None:
        for box in self._boxes:
            box.value = self.noted
        self._shown.refresh()

    @property
    def noted(self) -> str:
        """The notes about the host, "" where there are none."""
        return self._notes.get(self._hunt.scope.host, "")

    def note(self, text: str) -> None:
        """Add a paragraph to the notes; the view, the export and the report show them."""
        self._note("\n\n".join(filter(None, (self.noted, text.strip()))))
        for box in self._boxes:
            box.value = self.noted

    def notes(self) -> Any:
        """Return a field to write notes in."""
        box = widgets.Textarea(
            value=self.noted,
            placeholder="What you make of it; goes into the verdict, the export and the report.",
            description="Notes",
            rows=6,
            continuous_update=False,
            style={"description_width": "90px"},
            layout={"width": "auto", "max_width": "900px"},
        )
        box.observe(lambda event: self._note(event["new"]), "value")
        self._boxes.append(box)
        return box

    def _note(self, text: str) -> None:
        if text != self.noted:
            self._notes[self._hunt.scope.host] = text
            self._shown.refresh()

    def view(self) -> View:
        """Return each hypothesis with its verdict, and what they stand on."""
        findings = self._hunt.findings
        return views.stack(
            views.verdicts(self._hypotheses(findings), str(self._hunt.scope)),
            views.notes(self.noted) if self.noted else None,
            views.matrix(
                summing.techniques(findings), title="Techniques by tactic",
                source=f"{source()}, {SOURCE_LICENCE}",
            ),
            self._timeline(findings),
            self._graph(findings),
            self._list(findings),
        )  # fmt: skip

    def _hypotheses(self, findings: pd.DataFrame) -> list[Hypothesis]:
        titles = {page.section: page.title for page in self._hunt.judged}
        said = {page.section: tried(page.said)[0] or [] for page in self._hunt.judged}
        graves: dict[str, Counter[str]] = {}
        for section, grave in zip(findings["Section"], findings["EventSeverity"], strict=True):
            graves.setdefault(section, Counter())[grave] += 1
        return [
            Hypothesis(
                titles[verdict.section], anchor_of(verdict.section),
                verdict.hypothesis, verdict.verdict,
                graves.get(verdict.section, {}),
                said[verdict.section], list(verdict.missing),
            )
            for verdict in self._hunt.verdicts
        ]  # fmt: skip

    def _timeline(self, findings: pd.DataFrame) -> View | None:
        if findings.empty:
            return None
        scope = self._hunt.scope
        first = [uid for ids in findings["RecordIds"].head(_LINES) for uid in ids[:1]]
        events = summing.incident(findings, self._hunt.lines(first))
        titles = {page.section: page.title for page in self._hunt.judged}
        events["Section"] = events["Section"].map(lambda name: titles.get(name, name))
        start, end = summing.span(findings, scope.start, scope.end)
        tracks = [
            views.Track(
                events, "TimeGenerated", lane, "EventMessage", "EventSeverity", f"Findings by {by}"
            )
            for lane, by in (("Section", "section"), ("Tactic", "tactic"))
        ]
        return views.timelines(tracks, start=start, end=end, alerts=self._hunt.alerts.alerts)

    def _graph(self, findings: pd.DataFrame) -> View | None:
        if findings.empty:
            return None
        events = self._hunt.events
        graph = entity_graph(findings, events["sessions"], events["processes"])
        return views.graph(graph, title="What the findings of Medium and above are about")

    def _list(self, findings: pd.DataFrame) -> View:
        links = {
            str(row["FindingId"]): _jumps({str(key): value for key, value in row.items()})
            for row in findings.to_dict("records")
        }
        return views.stack(
            views.message(f"{len(findings):,} findings, the gravest first."),
            views.findings(findings, links=links),
        )

    def document(self) -> dict[str, Any]:
        """Return what FINDINGS.json holds."""
        hunt = self._hunt
        findings = hunt.findings  # first, so that all that sections stand on was asked for
        pairs = [
            (verdict, stood_on(hunt, page))
            for verdict, page in zip(hunt.verdicts, hunt.judged, strict=True)
        ]
        return exports.document(hunt.workspace.label, hunt.scope, pairs, findings, self.noted)

    def export_json(self, path: str | Path) -> View:
        """Write FINDINGS.json, with the notes."""
        Path(path).write_text(exports.text_of(self.document()), "utf-8")
        return views.message(f"Findings and verdicts are in {path}.", "good")

    def export(self, folder: str | Path | None = None) -> View:
        """Write findings.json, findings.csv and bookmarks.json, with the notes.

        Args:
            folder: made where it is not there; files of these names in it are replaced. None
                writes nothing and says how to.
        """
        if folder is None:
            return views.message(
                'hunt.verdict.export("folder") writes findings.json, findings.csv and '
                "bookmarks.json (bodies for Sentinel's bookmarks API) into a folder."
            )
        written = exports.write_all(Path(folder), self.document(), self._hunt.findings)
        return views.message(f"Written: {', '.join(map(str, written))}.", "good")

    def show(self) -> Shown:
        """Show it in the notebook; it follows the pickers."""
        return self._shown


def _jumps(finding: Mapping[str, object]) -> dict[str, str]:
    section = str(finding["Section"])
    return {section: anchor_of(section)} | {kind: ANCHORS[kind] for kind in entities(finding)}
