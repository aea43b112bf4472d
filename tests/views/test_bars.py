from __future__ import annotations

import pandas as pd

from linuxhunt import views
from tests.views.test_base import PLAIN


def _row(label: str, parts: str, failure: str, success: str, title: str | None = None) -> str:
    return (
        '<tr><td class="lh-label" style="text-align:left;overflow-wrap:anywhere" '
        f'title="{title or label}">{label}</td>'
        f'<td style="text-align:left;white-space:nowrap">{parts}</td>'
        f'<td class="lh-number" style="text-align:right">{failure}</td>'
        f'<td class="lh-number" style="text-align:right">{success}</td></tr>'
    )


def _part(title: str, width: str, colour: str) -> str:
    return (
        f'<div title="{title}" style="display:inline-block;height:12px;width:{width}%;'
        f'background-color:{colour}"></div>'
    )


def _head(name: str, colour: str, radius: str = "") -> str:
    return (
        '<th style="width:14%;text-align:right"><span style="display:inline-block;width:10px;'
        f'height:10px;{radius}background-color:{colour}">&nbsp;</span> {name}</th>'
    )


def test_the_largest_come_first_and_the_rest_are_added_up() -> None:
    counts = pd.DataFrame(
        {
            "user": ["alice", "root", None, "bob", "eve"],
            "Failure": [0, 1_500, 2, 1, 1],
            "Success": [500, 500, 0, 0, 0],
        }
    )
    view = views.bars(counts, "user", top=3, title="By account", noun="logons")
    assert view.html == (
        f'<div class="lh-bars {PLAIN}"><p class="lh-title" style="font-weight:600;margin:4px 0">'
        'By account</p><table style="width:100%"><thead><tr><th style="width:36%"></th><th></th>'
        + _head("Failure", "#D55E00")
        + _head("Success", "#0072B2", "border-radius:50%;")
        + "</tr></thead><tbody>"
        + _row("root", _part("1,500 Failure", "75.0", "#D55E00")
               + _part("500 Success", "25.0", "#0072B2"), "1,500", "500")
        + _row("alice", _part("500 Success", "25.0", "#0072B2"), "0", "500")
        + _row("(none)", _part("2 Failure", "0.4", "#D55E00"), "2", "0")
        + _row("2 others", _part("2 Failure", "0.4", "#D55E00"), "2", "0")
        + "</tbody></table></div>"
    )  # fmt: skip
    assert view.text == "By account: logons by user: root 2,000, alice 500, (none) 2 and 1 more"


def test_nothing_to_draw_is_said_in_a_line() -> None:
    view = views.bars(pd.DataFrame({"u": [], "Failure": [], "Success": []}), "u", noun="logons")
    assert view._repr_mimebundle_() == {
        "text/html": f'<div class="lh-bars {PLAIN}"><p class="lh-caption" style="margin:4px 0">'
        "No logons.</p></div>",
        "text/plain": "no logons",
    }
