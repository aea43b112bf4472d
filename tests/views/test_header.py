from __future__ import annotations

import re

import pandas as pd
import pytest

from linuxhunt import schema, views
from tests.made import utc
from tests.views.test_base import PLAIN

HIGH = (
    '<span class="lh-chip" style="background-color:#7A1F00;color:#FFFFFF;padding:0 6px;'
    'font-weight:600;white-space:nowrap">▲▲▲ {}</span>'
)
LOW = (
    '<span class="lh-chip" style="background-color:#F7F1A1;color:#1A1A1B;padding:0 6px;'
    'font-weight:600;white-space:nowrap">▲ {}</span>'
)


def test_a_section_says_its_verdict_before_any_chart() -> None:
    view = views.section_header(
        "Host logon events", "somebody used credentials that are not theirs.",
        "web01 · 12 Mar 00:00 – 15 Mar 00:00 UTC", "supported", {"Low": 1, "High": 2},
        ["48,211 auth lines, whole"], ["audit data"],
    )  # fmt: skip
    assert view._repr_mimebundle_() == {
        "text/html": (
            f'<div class="lh-section {PLAIN}"><div><span class="lh-scope" style="float:right">'
            "web01 · 12 Mar 00:00 – 15 Mar 00:00 UTC</span><span class=\"lh-name\" "
            'style="font-size:16px;font-weight:600">Host logon events</span></div>'
            "<div>Hypothesis: somebody used credentials that are not theirs.</div>"
            '<div><b class="lh-verdict">■ Supported</b>&ensp;'
            f"{HIGH.format('2 High')} {LOW.format('1 Low')}</div>"
            '<div class="lh-seen">Seen: 48,211 auth lines, whole · Missing: audit data</div></div>'
        ),
        "text/plain": (
            "Host logon events [web01 · 12 Mar 00:00 – 15 Mar 00:00 UTC]\n"
            "Hypothesis: somebody used credentials that are not theirs.\n"
            "■ Supported: 2 High · 1 Low. Seen: 48,211 auth lines, whole. Missing: audit data"
        ),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "seen", "missing", "last"),
    [
        pytest.param(
            "not supported", ["9 lines"], [], "□ Not supported: no findings. Seen: 9 lines",
            id="not supported",
        ),
        pytest.param(
            "cannot tell", [], ["auth lines"],
            "? Cannot tell: no findings. Seen: no data. Missing: auth lines", id="cannot tell",
        ),
    ],
)  # fmt: skip
def test_verdicts(verdict: str, seen: list[str], missing: list[str], last: str) -> None:
    view = views.section_header("T", "h.", "web01", verdict, {}, seen, missing)
    assert view.text.split("\n")[-1] == last


def test_another_verdict_is_refused() -> None:
    with pytest.raises(ValueError, match="supported, not supported, cannot tell, not 'maybe'"):
        views.section_header("T", "h", "web01", "maybe", {}, [], [])


def _findings(*rows: dict[str, object]) -> pd.DataFrame:
    return schema.conform(pd.DataFrame(list(rows)), "findings")


def test_findings_whole() -> None:
    cell = 'style="text-align:left;vertical-align:top"'
    frame = _findings(
        {"FindingId": "F2", "Title": "First <logon>", "EventSeverity": "Low",
         "EventStartTime": utc("2026-03-12 01:00:00"), "EvidenceCount": 0},
        {"FindingId": "F1", "Title": "Guessed password", "EventSeverity": "High",
         "AttackTechniques": ["T1110.001", "T1078"], "Reason": "412 failures.",
         "EventStartTime": utc("2026-03-13 02:14:07"), "EvidenceCount": 412,
         "RecordIds": ["auth.log:1", "auth.log:2"]},
    )  # fmt: skip
    view = views.findings(
        frame,
        evidence={"auth.log:1": "sshd: <b>"},
        links={"F1": {"user": "#user-deploy", "bad": "https://x.example"}},
    )
    assert view.html == (
        f'<div class="lh-findings {PLAIN}"><table style="width:100%"><thead><tr>'
        '<th style="text-align:left;width:12%">Severity</th>'
        '<th style="text-align:left;width:50%">Finding</th>'
        '<th style="text-align:left;width:11%">Technique</th>'
        '<th style="text-align:left;width:16%">Time (UTC)</th>'
        '<th style="text-align:left;width:11%">Go to</th></tr></thead><tbody>'
        f"<tr><td {cell}>{HIGH.format('High')}</td><td {cell}><b>Guessed password</b>"
        "<br>412 failures.<details><summary>evidence: 412 records</summary>"
        "<pre>auth.log:1  sshd: &lt;b&gt;\nauth.log:2</pre></details></td>"
        f"<td {cell}>T1110.001, T1078</td><td {cell}>13 Mar 2026 02:14:07</td>"
        f'<td {cell}><a href="#user-deploy">user</a> · bad</td></tr>'
        f"<tr><td {cell}>{LOW.format('Low')}</td><td {cell}><b>First &lt;logon&gt;</b></td>"
        f"<td {cell}></td><td {cell}>12 Mar 2026 01:00:00</td><td {cell}></td></tr>"
        "</tbody></table></div>"
    )
    assert view.text == (
        "High: Guessed password T1110.001, T1078 13 Mar 2026 02:14:07\n"
        "Low: First <logon>  12 Mar 2026 01:00:00"
    )


def test_findings_beyond_ten_are_under_a_fold() -> None:
    grave = [{"Title": f"grave {i}", "EventSeverity": "High"} for i in range(9)]
    light = [{"Title": f"light {i}", "EventSeverity": "Low"} for i in range(4)]
    html = views.findings(_findings(*grave, *light)).html
    sight, fold = html.split("<details><summary>3 more findings: 3 Low</summary>")
    assert re.findall("<b>([^<]+)</b>", sight) == [*(f"grave {i}" for i in range(9)), "light 0"]
    assert re.findall("<b>([^<]+)</b>", fold) == ["light 1", "light 2", "light 3"]
    assert html.count("Go to") == 0


def test_many_techniques_are_named_with_the_evidence() -> None:
    names = [f"T100{i}" for i in range(6)]
    html = views.findings(_findings({"Title": "t", "AttackTechniques": names, "RecordIds": ["a:1"],
                                     "EventSeverity": "High"})).html  # fmt: skip
    assert "T1000, T1001, T1002, T1003 and 2 more</td>" in html
    assert f"<pre>{', '.join(names)}\na:1</pre>" in html


def test_no_findings_is_said_in_a_line() -> None:
    assert views.findings(schema.empty("findings")).html == (
        f'<div class="lh-findings {PLAIN}"><p class="lh-caption" style="margin:4px 0">'
        "No findings.</p></div>"
    )


def test_many_records_and_findings_are_cut_and_counted() -> None:
    one = {"FindingId": "F", "Title": "t", "EventSeverity": "Low", "EvidenceCount": 500,
           "RecordIds": [f"a:{i}" for i in range(500)]}  # fmt: skip
    view = views.findings(
        _findings(*[one] * 300), evidence={f"a:{i}": "x" * 900 for i in range(500)}
    )
    assert view.html.count("… 460 more records") == 200
    assert view.html.count("… 100 more findings that are not shown") == 1
    assert len(view.html) < 2_000_000
