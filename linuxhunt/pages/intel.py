"""Indicators in what a section shows, and what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from linuxhunt import views
from linuxhunt.enrich.indicators import indicators
from linuxhunt.enrich.threat_intel import ANSWERS, HITS, hits, known_frame, value_of
from linuxhunt.enrich.threat_intel_files import Read
from linuxhunt.enrich.threat_intel_private import may_be_sent
from linuxhunt.errors import ParameterError
from linuxhunt.pages.intel_ask import ask_form, own_of
from linuxhunt.pages.intel_offline import Offline, joined
from linuxhunt.pages.intel_view import counts, indicator_table, message_table, said
from linuxhunt.progress import teller
from linuxhunt.schema import STR
from linuxhunt.views import View
from linuxhunt.views.text import listed, plural

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["IntelPage"]


class IntelPage:
    """Indicators and threat intelligence; nothing leaves unless the analyst sends it.

    Attributes:
        answers: what became of the questions to providers (threat_intel_lookup.ANSWERS).
        withheld: Indicator, Type, Withheld: what the last question would not send, and why.
        own_domains: further domains of the workspace's own; names below them never leave.
    """

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        self._offline = Offline(hunt)
        self._found: dict[tuple[object, ...], pd.DataFrame] = {}
        self._asked: list[pd.DataFrame] = []
        self._listeners: list[Callable[[], None]] = []
        self.answers = pd.DataFrame(columns=list(ANSWERS)).astype(ANSWERS)
        self.withheld = pd.DataFrame(columns=["Indicator", "Type", "Withheld"]).astype(STR)
        self.own_domains: list[str] = []

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call a function each time that more is known: files were added, providers answered."""
        self._listeners.append(listener)

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    @property
    def offline(self) -> list[str]:
        """What is asked without leaving: tables of the source, files; [] where there is nothing."""
        return self._offline.sources

    @property
    def files(self) -> Read:
        """The files of indicators: ``.known``, ``.files``, and ``.left_out`` with reasons."""
        return self._offline.files

    @property
    def faults(self) -> list[str]:
        """What could not be asked, one phrase each."""
        return self._offline.faults

    def add(self, path: str | Path) -> View:
        """Take a file or folder of indicators: STIX 2.1, MISP, CSV or a plain list.

        ``LINUXHUNT_INTEL`` and ``IndicatorFiles`` under ``LinuxHunt`` in msticpyconfig.yaml name
        some for good.

        Raises:
            EvidenceError: there is nothing at that path.
        """
        read = self._offline.add(path)
        self._tell()
        why = read.left_out["Reason"].value_counts()
        reasons = [f"{number:,} × {reason}" for reason, number in why.items()]
        left = f"; left out: {listed(reasons, 5)}" if reasons else ""
        return views.message(
            f"{plural(len(read.known), 'indicator')} in {plural(len(read.files), 'file')}{left}.",
            "good" if len(read.known) else "warning",
        )

    def indicators(
        self, rows: pd.DataFrame, text: Sequence[str], uid: str | None = "EventUid"
    ) -> pd.DataFrame:
        """Return the indicators in texts (enrich.indicators.indicators), made once."""
        held = [name for name in (uid, *text) if name in rows.columns]
        digest = int(pd.util.hash_pandas_object(rows[held].astype(STR), index=False).sum())
        key = (self._hunt.scope, *held, len(rows), digest)
        if key not in self._found:
            self._found[key] = indicators(rows, text, uid)
        return self._found[key]

    def hits(self, found: pd.DataFrame) -> pd.DataFrame:
        """Return what is known of indicators, without asking anybody outside.

        Args:
            found: from :meth:`indicators`.

        Returns:
            A frame of ``enrich.threat_intel.HITS``: what the source's tables and the files of
            indicators say, and what providers said that were asked before.
        """
        if found.empty:
            return hits(found, known_frame([]))
        return hits(found, joined([self._offline.known(found), *self._asked]))

    def hits_in(
        self, rows: pd.DataFrame, text: Sequence[str], uid: str | None = "EventUid"
    ) -> pd.DataFrame:
        """Return Indicator, Source, Severity, RecordIds of what is known in texts."""
        held = self.hits(self.indicators(rows, text, uid))
        return held[["Indicator", "Source", "Severity", "RecordIds"]]

    def view(
        self,
        rows: pd.DataFrame,
        text: Sequence[str],
        *,
        uid: str = "EventUid",
        title: str = "Indicators",
    ) -> View:
        """Return indicators in texts, what is known of them, and the messages that hold a hit.

        Args:
            rows: of anything.
            text: columns to look into.
            uid: the column of record ids.
            title: what was looked into, one phrase.
        """
        found = self.indicators(rows, text, uid)
        if found.empty:
            return views.message(f"{title}: no indicator in {plural(len(rows), 'text')}.", "info")
        known = self.hits(found)
        return views.stack(
            counts(found, rows, title),
            said(found, known, self.offline, self.faults),
            indicator_table(found, known),
            message_table(rows, text, uid, known) if len(known) else None,
        )

    @property
    def providers(self) -> list[str]:
        """Names of the providers that msticpyconfig.yaml names; none is asked by this."""
        return list(_providers())

    def sendable(self, found: pd.DataFrame | Iterable[str]) -> pd.DataFrame:
        """Return Indicator, Type, Withheld: why it never leaves, null where it may be sent.

        Raises:
            ParameterError: a text is no indicator.
            QueryError: the workspace does not say what is its own.
        """
        if not isinstance(found, pd.DataFrame):
            found = _as_frame(found)
        return may_be_sent(found, own_of(self._hunt, self.own_domains))

    def ask(self, found: pd.DataFrame | Iterable[str] | None = None) -> Any:
        """Return a form that says what would be sent to whom, and sends what is ticked in it.

        Args:
            found: from :meth:`indicators`, or indicators as texts; None takes those that the
                findings of all sections name.
        """
        if found is None:
            found = self.indicators(
                self._hunt.findings, ["SrcIpAddr", "CommandLine", "Reason", "Title"], "FindingId"
            )

        def send(picked: pd.DataFrame, names: list[str]) -> str:
            known = self.lookup(picked, providers=names)
            problems = self.answers.dropna(subset=["Problem"])
            failed = [f"{row.Provider}: {row.Problem}" for row in problems.itertuples()]
            told = f"{plural(known['Indicator'].nunique(), 'indicator')} known to {listed(names)}."
            return f"{told} Without an answer: {listed(failed)}." if failed else told

        return ask_form(_providers(), self.sendable(found), send)

    def lookup(self, found: pd.DataFrame | Iterable[str], providers: Sequence[str]) -> pd.DataFrame:
        """Send indicators to providers outside; the only way by which anything leaves.

        What is the workspace's own, and what is not public, is not sent but named in
        :attr:`withheld`; providers that fail, limit or do not finish are named in
        :attr:`answers`.

        Args:
            found: from :meth:`indicators`, or indicators as texts.
            providers: names of :attr:`providers`.

        Returns:
            A frame of ``enrich.threat_intel.HITS``: what they know.

        Raises:
            ParameterError: no such provider, or a text that is no indicator.
            QueryError: the workspace does not say what is its own; nothing was sent.
        """
        from linuxhunt.enrich.threat_intel_lookup import ask  # see _providers

        by = _named(providers)
        if not isinstance(found, pd.DataFrame):
            found = _as_frame(found)
        told = self.sendable(found)
        self.withheld = told[told["Withheld"].notna()].reset_index(drop=True)
        free = told[told["Withheld"].isna()]
        asked = ask(zip(free["Indicator"], free["Type"], strict=True), by, tell=teller())
        self.answers = asked.answers
        if len(asked.known):
            self._asked.append(asked.known)
        self._tell()
        ids = found if "RecordIds" in found else found.assign(RecordIds=_none(found))
        return hits(ids, asked.known)[list(HITS)]


def _providers() -> dict[str, Any]:
    # msticpy's lookups take a second to load, and most hunts ask nobody.
    from linuxhunt.enrich.threat_intel_lookup import providers

    return providers()


def _named(names: Sequence[str]) -> dict[str, Any]:
    loaded = _providers()
    if unknown := [name for name in names if name not in loaded]:
        raise ParameterError(
            f"msticpyconfig.yaml names no provider {listed(unknown)};"
            f" there are {listed(loaded) or 'none'}"
        )
    return {name: loaded[name] for name in names}


def _none(frame: pd.DataFrame) -> pd.Series[Any]:
    return pd.Series([list[str]() for _ in frame.index], index=frame.index, dtype=object)


def _as_frame(texts: Iterable[str]) -> pd.DataFrame:
    """Read indicators that an analyst wrote."""
    rows: list[tuple[str, str, list[str]]] = []
    for text in texts:
        value = value_of(text)
        if value is None or value.match != "exact":
            raise ParameterError(f"{text!r} is no address, name, URL, hash or mail address")
        rows.append((value.value, value.type, []))
    frame = pd.DataFrame(rows, columns=["Indicator", "Type", "RecordIds"])
    return frame.astype({"Indicator": STR, "Type": STR})
