"""The process tree: what is sent is what was given, in order, within bounds, and harmless."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from linuxhunt import views
from linuxhunt.schema import STR, empty
from linuxhunt.views.base import LIMIT
from linuxhunt.views.text import visible
from linuxhunt.views.tree_order import tree_order
from linuxhunt.views.tree_payload import SHORTEST
from tests.made import events, utc
from tests.views.many import many_processes
from tests.views.pages import HIDDEN, HOSTILE, Faults, payloads, without_payloads

START = utc("2026-03-13 02:14:07")


def _process(guid: str | None, parent: str | None = None, second: float = 0.0, **more: Any) -> Any:
    return {
        "TargetProcessGuid": guid,
        "ActingProcessGuid": parent,
        "TimeGenerated": START + pd.Timedelta(seconds=second),
        "DvcHostname": "web01",
        "CommandLine": f"run {guid}",
        "EventUid": f"audit.log:{int(second * 10)}",
        **more,
    }


def _frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    return events("processes", ({"ActingProcessInferred": False, **row} for row in rows))


ROWS = [
    _process("shell", "gone", 1.25, TargetProcessId=812, ActingProcessId=1,
             ActingProcessInferred=True, ActorUserId=1000, TargetUserId=1000, EffectiveUserId=1000,
             LogonSessionId="s7", ActorSessionId=7, Tty="pts0", TargetProcessName="/usr/bin/bash",
             TargetProcessFilename="bash", CommandLine="-bash", EventResult="Success",
             TargetProcessCurrentDirectory="/home/eve", ExitCode=0,
             EventEndTime=START + pd.Timedelta(seconds=9, nanoseconds=100)),
    _process("sudo", "shell", 2, TargetProcessId=815, ActingProcessId=812, ActorUserId=1000,
             TargetUserId=0, EffectiveUserId=0, LogonSessionId="s7", ActorSessionId=7, Tty="pts0",
             TargetProcessName="/usr/bin/sudo", TargetProcessFilename="sudo",
             CommandLine="sudo sh -c 'id; id'", EventResult="Success"),
    _process("id", "shell", 1.5, TargetProcessId=814, ActingProcessId=812,
             CommandLine=None, TargetProcessFilename="id", EventResult="Failure", ExitCode=127),
    _process("sh", "shell", 2.5, TargetProcessId=815, ActingProcessId=812,
             PreviousProcessGuid="sudo", TargetUserId=0, CommandLine="sudo sh -c 'id; id'"),
    {"TargetProcessGuid": "bare"},
    _process("other", None, 0, DvcHostname="db01", EventUid="a record of another form"),
]  # fmt: skip


def _summed(steps: list[int | None]) -> list[int | None]:
    known = itertools.accumulate(step or 0 for step in steps)
    return [None if s is None else value for s, value in zip(steps, known, strict=True)]


def _times(values: list[int | None], beyond: list[int]) -> list[pd.Timestamp | None]:
    beyond = beyond or [0] * len(values)
    return [
        None if ms is None else pd.Timestamp(ms * 1_000_000 + ns, tz="UTC")
        for ms, ns in zip(values, beyond, strict=True)
    ]


def _received(payload: dict[str, Any]) -> pd.DataFrame:
    """Undo the payload, as tree_model.js does; parents by place instead of by guid."""
    line: list[int] = []
    parent = []
    for row, depth in enumerate(payload["depth"]):
        del line[depth:]
        parent.append(line[-1] if line else -1)
        line.append(row)
    pid, start = _summed(payload["pid"]), _summed(payload["start"])
    above = [0 if up < 0 else pid[up] or 0 for up in parent]
    whos = [payload["whos"][who] for who in payload["who"]]

    def text(name: str) -> list[str | None]:
        held = payload["texts"][name]
        return [None if code < 0 else held["texts"][code] for code in held["codes"]]

    previous = dict(payload["previous"])
    lines = _summed(payload["line"])
    return pd.DataFrame(
        {
            "parent": parent,
            "previous": [previous.get(row, -1) for row in range(payload["rows"])],
            "TimeGenerated": _times(start, payload["ns"]),
            "EventEndTime": _times(
                [None if end is None else end + (ms or 0)
                 for end, ms in zip(payload["end"], start, strict=True)],
                payload["endns"],
            ),
            "TargetProcessId": pid,
            "ActingProcessId": [
                None if p is None else p + up for p, up in zip(payload["ppid"], above, strict=True)
            ],
            "ActingProcessInferred": [row in payload["inferred"] for row in range(len(pid))],
            **{
                name: [who[i] for who in whos]
                for i, name in enumerate(
                    ("DvcHostname", "TargetUserId", "ActorUserId", "EffectiveUserId",
                     "ActorSessionId", "Tty", "LogonSessionId")
                )
            },
            "TargetProcessName": text("exe"),
            "TargetProcessFilename": text("comm"),
            "CommandLine": text("command"),
            "TargetProcessCurrentDirectory": text("cwd"),
            "EventResult": text("result"),
            "ExitCode": payload["exit"],
            "EventUid": [
                file if number is None else f"{file}:{number}"
                for file, number in zip(text("record"), lines, strict=True)
            ],
        },
        dtype=object,
    )  # fmt: skip


def _given(frame: pd.DataFrame) -> pd.DataFrame:
    """What of a frame a tree is to receive, in the tree's order."""
    order = tree_order(frame)
    rows = frame.iloc[order.rows].reset_index(drop=True)
    place = {guid: i for i, guid in enumerate(rows["TargetProcessGuid"])}
    shown = rows.assign(
        parent=[place.get(guid, -1) for guid in rows["ActingProcessGuid"]],
        previous=[place.get(guid, -1) for guid in rows["PreviousProcessGuid"]],
    ).astype(object)
    return shown.where(shown.notna(), None)


def _only(view: views.View) -> dict[str, Any]:
    (payload,) = payloads(view)
    assert isinstance(payload, dict)
    return payload


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: _frame(ROWS), id="hand-made"),
        pytest.param(lambda: many_processes(2_000), id="many"),
    ],
)
def test_what_is_sent_is_what_was_given(make: Callable[[], pd.DataFrame]) -> None:
    frame = make()
    received = _received(_only(views.process_tree(frame)))
    given = _given(frame)[list(received)]
    pd.testing.assert_frame_equal(
        received.where(received.notna(), None), given, check_dtype=False, check_index_type=False
    )


def test_a_loop_is_said() -> None:
    html = views.process_tree(_frame([_process("a", "b"), _process("b", "a", 1)])).html
    assert "1 process shown as a root because parents form a loop." in html


def test_a_chain_as_deep_as_the_frame() -> None:
    rows = [_process(str(i), str(i - 1), i) for i in range(5_000)]
    view = views.process_tree(_frame(reversed(rows)), focus=["4999"])
    assert _only(view)["depth"] == list(range(5_000))
    assert without_payloads(view).count("<tr>") == 26


def test_no_processes() -> None:
    view = views.process_tree(empty("processes"), title="Session 7", focus=["x"])
    assert (view.text, "No processes." in view.html, payloads(view)) == (
        "Session 7: no processes", True, [],
    )  # fmt: skip


def test_focus_and_marks() -> None:
    view = views.process_tree(
        _frame(ROWS),
        focus=["sh", "absent"],
        marks={"id": "Discovery", "gone": "Nothing"},
        title="Session 7",
        colour="finding",
    )
    payload = _only(view)
    assert payload["focus"] == [4]
    assert payload["texts"]["mark"] == {
        "codes": [-1, -1, 0, -1, -1, -1], "texts": ["Discovery"], "cut": {},
    }  # fmt: skip
    assert payload["colour"] == "finding"
    assert payload["legend"] == {
        "user": [
            ["uid unknown", "#009E73", "■", "square", 3],
            ["uid 0", "#CC79A7", "◆", "diamond", 2],
            ["uid 1000", "#E69F00", "▲", "triangle", 1],
        ],
        "finding": [
            ["Discovery", "#009E73", "■", "square", 1],
            ["no finding", "#8A8A8A", "·", "none", 5],
        ],
    }
    assert (payload["marked"], [who[-1] for who in payload["whos"]]) == ([0], [0, 2, 0, 1, 1, 0])
    assert view.text == (
        "Session 7: 6 processes of 2 hosts, 13 Mar 2026 02:14:07 to 13 Mar 2026 02:14:09 UTC, "
        "1 picked, 1 with a finding"
    )
    assert "1 of the picked processes are not among these." in view.html
    assert "1 finding at processes that are not among these." in view.html


def test_names_of_users_where_the_frame_has_them() -> None:
    people = pd.Series(["eve", None], dtype=STR)
    frame = _frame(ROWS[:2]).assign(TargetUsername=["eve", "root"], ActorUsername=people)
    payload = _only(views.process_tree(frame))
    assert [who[7:] for who in payload["whos"]] == [["eve", "eve", 0], ["root", None, 1]]
    assert [entry[0] for entry in payload["legend"]["user"]] == ["eve (uid 1000)", "root (uid 0)"]


def test_the_face_shows_what_matters_and_what_is_above_it() -> None:
    html = without_payloads(
        views.process_tree(_frame(ROWS), focus=["sudo"], marks={"sudo": "<up>"})
    )
    cell = 'style="text-align:left;vertical-align:top"'
    line = 'style="text-align:left;vertical-align:top;white-space:nowrap"'
    code = 'style="text-align:left;vertical-align:top;overflow-wrap:anywhere"'
    assert (
        f"<tr><td {code}>-bash</td><td {cell}></td><td {line}>1000</td>"
        f"<td {line}>13 Mar 2026 02:14:08</td><td {line}>812</td><td {cell}>Success</td></tr>"
        f"<tr><td {code}>&emsp;└&nbsp;sudo sh -c &#x27;id; id&#x27;</td><td {cell}>&lt;up&gt;</td>"
        f"<td {line}>0 ← 1000</td><td {line}>13 Mar 2026 02:14:09</td><td {line}>815</td>"
        f"<td {cell}>Success</td></tr></tbody></table>"
        '<p class="lh-caption" style="margin:4px 0">… 4 more processes</p>'
    ) in html


def test_another_colour_is_refused() -> None:
    with pytest.raises(ValueError, match="coloured by user or finding, not by 'name'"):
        views.process_tree(empty("processes"), colour="name")


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_text_stays_text(text: str) -> None:
    if text == HOSTILE["surrogate"]:  # no Arrow text can hold one
        text = "raw \ufffd byte"
    names = (
        "CommandLine", "TargetProcessName", "TargetProcessFilename", "DvcHostname", "Tty",
        "TargetProcessCurrentDirectory", "EventResult", "EventUid", "LogonSessionId",
    )  # fmt: skip
    frame = _frame([_process(text), _process("b", text, 1, **dict.fromkeys(names, text))])
    frame = frame.assign(TargetUsername=text, ActorUsername=text)
    view = views.process_tree(frame, focus=["b", text], marks={"b": text}, title=text)
    assert Faults(view).found == []
    assert len(view.html) < LIMIT
    payload = _only(view)
    assert HIDDEN.findall(str(payload)) == []
    held = [payload["texts"][name]["texts"] for name in ("exe", "cwd", "result", "mark")]
    assert held == [[visible(text)]] * 4


def test_fifty_thousand_processes_are_sent_whole_within_the_limit() -> None:
    view = views.process_tree(many_processes(50_000), title="Processes of web01")
    payload = _only(view)
    cut = [held["cut"] for held in payload["texts"].values()]
    # Measured: 1.6 MB, half of it 34,000 different commands of 65 signs that are mostly random.
    assert (payload["rows"], cut, len(view.html) < 1_700_000) == (50_000, [{}] * 7, True)


def _noise(signs: int, seed: int) -> str:
    """Text that no compression makes small."""
    return np.random.default_rng(seed).bytes(signs // 2).hex()


def test_the_longest_texts_are_shortened_alike_and_it_is_said() -> None:
    lengths = [100, 40_000, 900_000, 2_000_000, 3_000_000]
    rows = [_process(str(i), None, i, CommandLine=_noise(n, i)) for i, n in enumerate(lengths)]
    view = views.process_tree(_frame(rows))
    held = _only(view)["texts"]["command"]
    most = len(held["texts"][-1])
    assert [len(text) for text in held["texts"]] == [min(n, most) for n in lengths]
    assert held["cut"] == {"2": 900_000, "3": 2_000_000, "4": 3_000_000}
    assert most > 400_000
    assert f"3 long texts shortened to {most:,} signs" in view.html
    assert len(view.html) < LIMIT


def test_where_even_short_texts_are_too_many_the_picked_ones_are_kept() -> None:
    count = 60_000
    frame = many_processes(count)
    noise = pd.Series([_noise(SHORTEST, i) for i in range(count)], dtype=frame["CommandLine"].dtype)
    picked = frame["TargetProcessGuid"].iloc[-3:].tolist()
    view = views.process_tree(frame.assign(CommandLine=noise), focus=picked)
    payload = _only(view)
    last = tree_order(frame)
    ends = [int(np.flatnonzero(last.rows == row)[0]) for row in range(count - 3, count)]
    commands = payload["texts"]["command"]
    shown = [commands["texts"][commands["codes"][place]] for place in payload["focus"]]
    assert shown == noise[last.rows[sorted(ends)]].tolist()
    assert payload["rows"] < count
    assert f"{payload['rows']:,} of 60,000 processes are in this tree" in view.html
    assert len(view.html) < LIMIT
