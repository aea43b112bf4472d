from __future__ import annotations

import pandas as pd
import pytest

from linuxhunt import views
from linuxhunt.schema import STR, TIME
from linuxhunt.views.base import LIMIT
from tests.views.pages import payloads, without_payloads
from tests.views.test_base import PLAIN

FRAME = pd.DataFrame(
    {
        "EventStartTime": pd.Series(["2026-03-13 02:14:07", None], dtype=TIME),
        "TargetUsername": pd.Series(["<b>eve", "bob"], dtype=STR),
        "SrcPortNumber": pd.Series([50514, None], dtype="Int64"),
        "Bytes": [1234567, 12],
        "Share": [0.33333, float("inf")],
        "Root": [True, False],
        "RecordIds": [["a:1", "a:2"], None],
        "Nothing": pd.Series([None, None], dtype=STR),
    }
)
HEADS = (
    ("lh-short", "left", "Event<wbr>Start<wbr>Time (UTC)"),
    ("lh-short", "left", "Target<wbr>Username"),
    ("lh-number", "right", "Src<wbr>Port<wbr>Number"),
    ("lh-number", "right", "Bytes"),
    ("lh-number", "right", "Share"),
    ("lh-short", "left", "Root"),
    ("lh-short", "left", "Record<wbr>Ids"),
)
CELLS = (
    ("2026-03-13 02:14:07", "&lt;b&gt;eve", "50514", "1,234,567", "0.333", "yes", "a:1, a:2"),
    ("", "bob", "", "12", "", "no", ""),
)


def test_the_face_is_a_plain_table() -> None:
    looks = [f'class="{look}" style="text-align:{side}"' for look, side, _ in HEADS]
    heads = "".join(
        f"<th {look}>{text}</th>" for look, (_, _, text) in zip(looks, HEADS, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(f"<td {look}>{text}</td>" for look, text in zip(looks, row, strict=True))
        + "</tr>"
        for row in CELLS
    )
    view = views.table(FRAME, "Sessions & more")
    assert without_payloads(view) == (
        f'<div class="lh-view {PLAIN}"><p class="lh-title" style="font-weight:600;margin:4px 0">'
        f'Sessions &amp; more</p><div class="lh-view {PLAIN}" id="lh-ID"><div class="lh-face">'
        f'<table class="lh-table" style="table-layout:auto"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div><script></div></div>"
    )
    assert view.text == "Sessions & more: 2 rows, 7 columns"


def _column(title: str, look: str, number: str = "", detail: bool = False) -> dict[str, object]:
    return {"title": title, "number": number, "look": look, "detail": detail}


def test_the_payload_whole() -> None:
    view = views.table(FRAME, order=("Bytes", "asc"), columns=["Bytes", "TargetUsername"])
    assert payloads(view) == [
        {
            "columns": [
                _column("Bytes", "lh-number", "grouped"),
                _column("TargetUsername", "lh-short"),
                _column("EventStartTime (UTC)", "lh-short", detail=True),
                _column("SrcPortNumber", "lh-number", "plain", detail=True),
                _column("Share", "lh-number", "grouped", detail=True),
                _column("Root", "lh-short", detail=True),
                _column("RecordIds", "lh-short", detail=True),
            ],
            "rows": [
                [12, "bob", "", None, None, "no", ""],
                [1234567, "<b>eve", "2026-03-13 02:14:07", 50514, 0.333, "yes", "a:1, a:2"],
            ],
            "order": [[0, "asc"]],
        }
    ]
    assert without_payloads(view).endswith(
        '</table><p class="lh-caption" style="margin:4px 0">Not shown here: '
        "EventStartTime (UTC), SrcPortNumber, Share, Root, RecordIds.</p></div><script></div></div>"
    )


def test_rows_that_are_not_sent_are_counted() -> None:
    view = views.table(pd.DataFrame({"n": range(48_211)}), more="narrow the window, or hunt.auth")
    assert [len(held["rows"]) for held in payloads(view)] == [5_000]
    assert "… 48,201 more</p>" in view.html
    assert (
        "First 5,000 of 48,211 rows; narrow the window, or hunt.auth to see the others.</p>"
    ) in view.html
    assert view.text == "48,211 rows, 1 column"


def test_no_view_sends_more_than_it_may() -> None:
    blocks = pd.util.hash_array(pd.RangeIndex(400_000).to_numpy()).astype(str).reshape(4_000, 100)
    view = views.table(pd.DataFrame({"noise": [" ".join(line) for line in blocks]}))
    (held,) = payloads(view)
    assert len(view.html) < LIMIT
    assert f"First {len(held['rows']):,} of 4,000 rows" in view.html


@pytest.mark.parametrize(
    ("frame", "caption", "text"),
    [
        pytest.param(pd.DataFrame(), None, "no rows", id="nothing at all"),
        pytest.param(pd.DataFrame({"a": []}), "Sessions", "Sessions: no rows", id="no rows"),
        pytest.param(pd.DataFrame({"a": [None]}), None, "1 row, 0 columns", id="only nulls"),
    ],
)
def test_empty(frame: pd.DataFrame, caption: str | None, text: str) -> None:
    assert views.table(frame, caption).text == text


def test_columns_of_one_name_are_all_shown() -> None:
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"])
    (held,) = payloads(views.table(frame))
    assert ([c["title"] for c in held["columns"]], held["rows"]) == (
        ["a", "b", "a (2)"],
        [[1, 2, 3]],
    )


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="nope"):
        views.table(FRAME, columns=["nope"])


def test_more_columns_than_fit_are_wrapped_between_words() -> None:
    words = {f"Column{i}": [" ".join(["ten signs."] * 3)] for i in range(6)}
    frame = pd.DataFrame({**words, "Path": ["/" * 30], "Number": [123456]})
    (held,) = payloads(views.table(frame, columns=list(frame)))
    assert [(column["look"], column["detail"]) for column in held["columns"]] == [
        *[("lh-words", False)] * 6, ("lh-tight", False), ("lh-number", False),
    ]  # fmt: skip


def test_what_does_not_fit_when_wrapped_is_in_the_row_that_opens() -> None:
    frame = pd.DataFrame({f"Column{i}": [f"{i}" * 20] for i in range(9)})
    (held,) = payloads(views.table(frame, columns=list(frame)))
    assert [(column["look"], column["detail"]) for column in held["columns"]] == [
        *[("lh-words", False)] * 5, *[("lh-words", True)] * 4,
    ]  # fmt: skip


def test_columns_that_hold_nothing_are_not_shown() -> None:
    (held,) = payloads(views.table(FRAME, columns=["Nothing", "Bytes"]))
    assert [column["title"] for column in held["columns"] if not column["detail"]] == ["Bytes"]


def test_as_many_columns_as_fit() -> None:
    frame = pd.DataFrame({f"Column{i}": [f"{i}" * 20] for i in range(9)})
    (held,) = payloads(views.table(frame))
    assert [column["detail"] for column in held["columns"]] == [False] * 5 + [True] * 4
