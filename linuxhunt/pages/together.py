"""All pages that answer a hypothesis, taken together: their findings and their verdicts.

A page that fails here stops no other: it has no findings then, and its verdict is that nobody can
tell, with the error as what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import pandas as pd

from linuxhunt.errors import LinuxHuntError
from linuxhunt.pages.judged import JudgedPage
from linuxhunt.sections import Finding, Verdict, findings_frame, judge

__all__ = ["all_findings", "all_verdicts", "tried"]

_T = TypeVar("_T")


def all_findings(pages: Sequence[JudgedPage]) -> pd.DataFrame:
    """Return the findings of pages as one ``findings`` table, the gravest first."""
    return findings_frame(f for page in pages for f in tried(page.found)[0] or ())


def all_verdicts(pages: Sequence[JudgedPage]) -> list[Verdict]:
    """Return the verdicts of pages, in their order."""
    return [_verdict(page) for page in pages]


def _verdict(page: JudgedPage) -> Verdict:
    verdict, why = tried(lambda: page.verdict)
    if verdict is not None:
        return verdict
    nothing: list[Finding] = []
    told = judge(page.section, page.hypothesis, nothing, seen=0)
    return replace(told, missing=(f"this section failed: {why}",))


def tried(of: Callable[[], _T]) -> tuple[_T | None, str]:
    """Return what a function gives and no words, or nothing and why."""
    try:
        return of(), ""
    except LinuxHuntError as failure:
        return None, str(failure)
    except Exception as failure:  # the edge: a fault of one section must stop no other
        return None, f"{type(failure).__name__}: {failure}"
