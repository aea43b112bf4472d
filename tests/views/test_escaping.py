"""No text of a log becomes markup, script, a hidden sign or a picture's failure, in any view."""

from __future__ import annotations

import json
from collections.abc import Callable

import pandas as pd
import pytest

from linuxhunt import schema, views
from linuxhunt.errors import HostError
from linuxhunt.views.base import LIMIT, View
from tests.made import utc
from tests.views.pages import HIDDEN, HOSTILE, Faults, payloads

START, END = utc("2026-03-12"), utc("2026-03-15")


def _events(text: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "TimeGenerated": [utc("2026-03-13 02:14:07"), utc("2026-03-13 03:00:00")],
            "lane": [text, "Failure"],
            "colour": ["Success", text],
            "text": [text, text],
        }
    )


def _findings(text: str) -> View:
    finding = {
        "FindingId": text, "Title": text, "EventSeverity": text, "AttackTechniques": [text],
        "Reason": text, "EventStartTime": utc("2026-03-13"), "RecordIds": [text, "a:1"],
    }  # fmt: skip
    frame = pd.DataFrame([finding]).reindex(columns=list(schema.EVENTS["findings"]))
    links = {text: {text: text, "user": "#" + text}}
    return views.findings(frame, evidence={text: text, "a:1": text}, links=links)


def _map(text: str) -> View:
    places = {
        "address": [text, text], "Country": [text, None], "City": [text, None],
        "Latitude": [51.0, None], "Longitude": [10.0, None], "Failure": [3, 1], "Success": [1, 0],
    }  # fmt: skip
    return views.geo_map(pd.DataFrame(places), noun=text, source=text)


def _timeline(text: str) -> View:
    alerts = pd.DataFrame({"TimeGenerated": [utc("2026-03-13 04:00:00")], "AlertName": [text]})
    track = views.Track(_events(text), "TimeGenerated", "lane", "text", "colour", text)
    return views.timelines([track, track], start=START, end=END, alerts=alerts)


def _counted(text: str) -> View:
    frame = pd.concat([_events(text)] * 2_000, ignore_index=True)
    return views.timeline(frame, "TimeGenerated", "lane", "text", start=START, end=END, title=text)


VIEWS: dict[str, Callable[[str], View]] = {
    "bars": lambda text: views.bars(
        pd.DataFrame({text: [text, "b"], "Failure": [3, 0], text + "2": [1, 2]}),
        text, ("Failure", text + "2"), title=text, noun=text,
    ),
    "counted timeline": _counted,
    "error": lambda text: views.error(HostError(text)),
    "findings": _findings,
    "map": _map,
    "message": lambda text: views.message(text, "warning"),
    "section": lambda text: views.section_header(
        text, text, text, "cannot tell", {"High": 1, text: 3}, [text], [text]
    ),
    "stack of a row": lambda text: views.stack(views.row(views.message(text), None), None),
    "table": lambda text: views.table(
        pd.DataFrame({text: [text, None], "list": [[text], None], "map": [{text: text}, None]}),
        text, (text, "asc"), more=text,
    ),
    "timeline": _timeline,
}  # fmt: skip


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
@pytest.mark.parametrize("name", VIEWS)
def test_text_stays_text(name: str, text: str) -> None:
    view = VIEWS[name](text)
    assert Faults(view).found == []
    assert len(view.html) < LIMIT
    assert set(view._repr_mimebundle_()) == {"text/html", "text/plain"}


@pytest.mark.parametrize("name", ["table", "timeline", "map", "counted timeline"])
def test_payloads_hold_no_hidden_signs(name: str) -> None:
    text = "".join(HOSTILE[kind] for kind in ("ansi", "override", "nul", "surrogate", "separators"))
    held = json.dumps(payloads(VIEWS[name](text)), ensure_ascii=False)
    assert (HIDDEN.findall(held), "u202egnp.exe" in held) == ([], True)


@pytest.mark.parametrize(
    ("name", "face"),
    [
        pytest.param("table", '<div class="lh-face"><table', id="table"),
        pytest.param("timeline", '<div class="lh-face"><img alt="', id="timeline"),
        pytest.param("counted timeline", '<div class="lh-face"><img alt="', id="counted timeline"),
        pytest.param("map", '<div class="lh-face"><img alt="', id="map"),
    ],
)
def test_a_live_view_has_a_static_face(name: str, face: str) -> None:
    assert VIEWS[name]("web01").html.count(face) == 1
