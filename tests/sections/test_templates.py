"""Messages -> templates, and which are rare."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.schema import STR, TIME
from linuxhunt.sections.templates import rare, templates
from tests.made import utc


def messages(texts: list[str | None], program: str | None = "app") -> pd.DataFrame:
    columns: dict[Any, Any] = {
        "TimeGenerated": TIME, "ProcessName": STR, "SyslogMessage": STR, "_ItemId": STR,
    }  # fmt: skip
    rows = [
        {
            "TimeGenerated": utc("2026-03-12 10:00") + pd.Timedelta(minutes=number),
            "ProcessName": program, "SyslogMessage": text, "_ItemId": f"m:{number}",
        }
        for number, text in enumerate(texts)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


@pytest.mark.parametrize(
    ("text", "template"),
    [
        pytest.param("took 12 ms, 0.5 s", "took <n> ms, <n> s", id="numbers"),
        pytest.param("from 203.0.113.9 port 22", "from <address> port <n>", id="address"),
        pytest.param("from 10.0.0.0/8 on", "from <address> on", id="network"),
        pytest.param("from 2001:db8::7 port 22", "from <address> port <n>", id="IPv6"),
        pytest.param("at 0xdeadbeef in x", "at <hex> in x", id="hex"),
        pytest.param("commit 9fceb02d0ae598e9 done", "commit <hex> done", id="bare hex"),
        pytest.param("open '/etc/a b' failed", "open <text> failed", id="quoted"),
        pytest.param('GET "/x?y=1" ok', "GET <text> ok", id="double quotes"),
        pytest.param("read /var/log/x.log: no", "read <path>: no", id="path"),
        pytest.param("to https://web.example/a?b=1 now", "to <url> now", id="address on the web"),
        pytest.param("to ana@mail.example ok", "to <mail> ok", id="mail"),
        pytest.param("at 2026-03-12T10:00:00.5Z up", "at <time> up", id="time"),
        pytest.param("id 123e4567-e89b-42d3-a456-426614174000 x", "id <id> x", id="uuid"),
        pytest.param("mac 52:54:00:12:34:56 up", "mac <mac> up", id="mac"),
        pytest.param("no variable at all", "no variable at all", id="nothing"),
        pytest.param("", "", id="empty"),
    ],
)
def test_what_varies_is_masked(text: str, template: str) -> None:
    assert templates(messages([text]))["Template"].tolist() == [template]


def test_counts_times_and_the_first_line_as_example() -> None:
    frame = messages(["b 2", "a 1", "a 3", None, "a 2"])
    assert templates(frame).to_dict("records") == [
        {
            "Template": "b <n>", "Count": 1, "FirstTime": utc("2026-03-12 10:00"),
            "LastTime": utc("2026-03-12 10:00"), "ProcessName": "app", "Example": "b 2",
            "EventUid": "m:0",
        },
        {
            "Template": "a <n>", "Count": 3, "FirstTime": utc("2026-03-12 10:01"),
            "LastTime": utc("2026-03-12 10:04"), "ProcessName": "app", "Example": "a 1",
            "EventUid": "m:1",
        },
    ]  # fmt: skip


def test_a_word_that_is_always_another_is_a_variable() -> None:
    names = [f"job {first}{last} done" for first in "abc" for last in "wxyz"]
    held = templates(messages([*names, "job failed badly"]))
    assert held[["Template", "Count", "Example"]].to_numpy().tolist() == [
        ["job failed badly", 1, "job failed badly"],
        ["job <word> done", 12, "job aw done"],
    ]
    few = templates(messages(names[:3]))
    assert few["Template"].tolist() == names[:3]


def test_programs_are_told_apart() -> None:
    frame = pd.concat([messages(["x 1"]), messages(["x 2"], "other"), messages(["x 3"], None)])
    held = templates(frame)[["ProcessName", "Template", "Count"]]
    assert sorted(held.to_numpy().tolist()) == [["", "x <n>", 1], ["app", "x <n>", 1],
                                                ["other", "x <n>", 1]]  # fmt: skip


def test_rare_are_few_or_a_small_part() -> None:
    frame = messages(["often"] * 5_000 + ["twice"] * 2 + ["four times"] * 4 + ["ten times"] * 10)
    held = templates(frame)
    assert rare(held)["Template"].tolist() == ["twice", "four times"]
    assert rare(held, most=0, share=0.002)["Template"].tolist() == [
        "twice", "four times", "ten times",
    ]  # fmt: skip


def test_no_message_gives_no_template_of_the_same_types() -> None:
    none, some = templates(messages([])), templates(messages(["x"]))
    assert none.empty
    assert none.dtypes.to_dict() == some.dtypes.to_dict()


def test_a_hostile_message_is_text() -> None:
    text = "'; DROP TABLE messages; -- \\1 $1 <n> " + "(" * 500
    assert templates(messages([text]))["Count"].tolist() == [1]
