"""Techniques by tactic, the verdicts of all hypotheses, and the analyst's notes."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from linuxhunt import views
from linuxhunt.views.base import View
from linuxhunt.views.verdicts import Hypothesis
from tests.views.pages import HOSTILE, Faults

ROWS = pd.DataFrame(
    [
        ("Initial access", "T1078", "Valid Accounts", "High", 3),
        ("Execution", "T1059.004", "Unix Shell", "Medium", 1),
        ("Execution", "T9999", "", "Low", 1_200),
    ],
    columns=["Tactic", "Technique", "Name", "EventSeverity", "Findings"],
)


def words(view: View) -> list[str]:
    return [part for part in re.sub(r"<[^>]+>", "\n", view.html).split("\n") if part.strip()]


def hypothesis(verdict: str = "supported", text: str = "Somebody got in.") -> Hypothesis:
    return Hypothesis("Host logon events", "#logons", text, verdict, {"High": 2, "Low": 1_000},
                      ["48,211 auth lines, whole"], ["audit data"])  # fmt: skip


def test_a_matrix_has_a_row_for_each_tactic() -> None:
    view = views.matrix(ROWS, title="Techniques", source="ATT&CK 17")
    assert words(view) == [
        "Techniques",
        "Initial access", "▲▲▲ T1078 Valid Accounts ×3",
        "Execution", "▲▲ T1059.004 Unix Shell", "▲ T9999 ×1,200",
        "3 techniques of 2 tactics; one that serves several tactics stands beside each."
        " Names and tactics: ATT&amp;CK 17.",
    ]  # fmt: skip
    assert view.text == (
        "Techniques: Initial access: T1078; Execution: T1059.004, T9999. 3 techniques of 2 tactics;"
        " one that serves several tactics stands beside each. Names and tactics: ATT&CK 17."
    )
    assert view.html.count('<th scope="row"') == 2
    assert 'title="3 findings, the gravest High"' in view.html


def test_a_matrix_of_nothing_says_so() -> None:
    view = views.matrix(ROWS.head(0), title="Techniques")
    assert (words(view), view.text) == (
        ["Techniques", "No technique."],
        "Techniques: no technique was found.",
    )


def test_many_techniques_of_one_tactic_are_counted() -> None:
    many = pd.concat([ROWS.tail(1)] * 75).assign(Technique=[f"T{i}" for i in range(75)])
    view = views.matrix(many)
    assert (view.html.count("lh-chip"), " and 15 more</td>" in view.html) == (60, True)


def test_verdicts_are_signs_and_words() -> None:
    held = [hypothesis(), hypothesis("not supported"), hypothesis("cannot tell")]
    view = views.verdicts(held, "web01")
    first = [
        "■ Supported", "Host logon events", "Somebody got in.", "▲▲▲ 2 High", " ", "▲ 1,000 Low",
        "Seen: 48,211 auth lines, whole", "Missing: audit data",
    ]  # fmt: skip
    assert [word for word in words(view) if word.strip()][6 : 6 + 7] == [
        word for word in first if word.strip()
    ]
    assert view.text.split("\n")[0] == (
        "3 hypotheses: 1 supported, 1 not supported by what was seen, 1 cannot tell [web01]"
    )
    assert view.text.split("\n")[3] == (
        "? Cannot tell: Host logon events: Somebody got in. (2 High, 1,000 Low."
        " Seen: 48,211 auth lines, whole. Missing: audit data)"
    )
    assert view.html.count('<a href="#logons">') == 3


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(Hypothesis("a", "#a", "b", "maybe", {}, [], []), id="verdict"),
        pytest.param(
            Hypothesis("a", "https://x.example", "b", "supported", {}, [], []), id="anchor"
        ),
    ],
)
def test_what_is_no_verdict_or_anchor_is_refused(wrong: Hypothesis) -> None:
    with pytest.raises(ValueError, match="No verdict or no anchor"):
        views.verdicts([wrong], "web01")


def test_notes_keep_their_paragraphs() -> None:
    view = views.notes("One <b>\ntwo\n\nthree")
    assert view.html.endswith(
        '<p style="margin:4px 0">One &lt;b&gt;<br>two</p><p style="margin:4px 0">three</p></div>'
    )
    assert view.text == "Notes:\nOne <b>\ntwo\n\nthree"


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_text_stays_text(text: str) -> None:
    row = {"Tactic": [text], "Technique": [text], "Name": [text], "EventSeverity": [text]}
    frame = pd.DataFrame(row | {"Findings": [1]})
    held = Hypothesis(text, "#" + text, text, "supported", {text: 1}, [text], [text])
    for view in (
        views.matrix(frame, title=text, source=text),
        views.verdicts([held], text),
        views.notes(text),
    ):
        assert Faults(view).found == []
