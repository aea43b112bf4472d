"""Reports: what a page and an index hold, of a made notebook; the command line that writes them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import expect, sync_playwright

from linuxhunt.report_page import Reported, index_page, report_page
from tests.views.pages import HIDDEN, HOSTILE

HELD: dict[str, Any] = {
    "source": "logs",
    "host": "web01",
    "start": "2026-03-12T00:00:00.000000Z",
    "end": "2026-03-15T00:00:00.000000Z",
    "hypotheses": [
        {"section": "logons", "hypothesis": "Somebody got in.", "verdict": "supported",
         "missing": []},
        {"section": "network", "hypothesis": "It talks.", "verdict": "cannot tell",
         "missing": ["flows", "audit data"]},
    ],
    "findings": [{"EventSeverity": "Low"}, {"EventSeverity": "High"}, {"EventSeverity": "High"}],
}  # fmt: skip

LOCAL = re.compile(r"^(?:#|data:|[\w./%-]+\.html$)")
ASKS = re.compile(r"""@import|url\(\s*["']?(?!data:)|<(?:link|iframe|object|embed|base)\b""")


class Asked(HTMLParser):
    """Collects what a browser would ask for, or follow: every address that is not in the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)
        plain = re.sub(r"<script>.*?</script>", "", html, flags=re.S)
        self.found += ASKS.findall(plain)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            held = name in {"src", "href", "action", "data", "poster", "srcset", "background"}
            if held and not LOCAL.match(value or ""):
                self.found.append(f"{tag} {name}={value}")


def notebook(*cells: Any) -> nbformat.NotebookNode:
    first = new_markdown_cell("# Linux host explorer\n\n1. [Set-up](#setup)\n")
    return new_notebook(cells=[first, *cells])


def cell(html: str, **more: Any) -> Any:
    held = new_code_cell("hunt.secret_code()", execution_count=3)
    held.outputs = [new_output("display_data", {"text/html": html, **more})]
    return held


def words(html: str) -> list[str]:
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.S)
    return [part.strip() for part in re.sub(r"<[^>]+>", "\n", body).split("\n") if part.strip()]


def test_a_page_begins_with_what_came_out() -> None:
    made = notebook(new_markdown_cell('<a id="logons"></a>\n## 5. Host logon events\n\nText.'))
    assert words(report_page(made, HELD, "logs")) == [
        "linuxhunt: web01, logs",
        "Contents",
        "Host logon events",
        "Linux host web01",
        "12 Mar 2026 00:00:00 to 15 Mar 2026 00:00:00 UTC · logs",
        "■ Supported", ":", "Somebody got in.",
        "? Cannot tell", ": It talks.", "Missing: flows · audit data",
        "▲▲▲ 2 High", "▲ 1 Low", "Verdict and findings",
        "Host logon events", "Text.",
    ]  # fmt: skip
    assert re.findall(r'</b>: <a href="(.*?)">', report_page(made, HELD, "logs")) == ["#logons"]


def test_a_page_holds_no_code_no_widget_and_asks_for_nothing() -> None:
    widget = new_output(
        "display_data",
        {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "VBox()"},
    )
    shown = cell('<div class="lh-view">seen</div>')
    shown.outputs.append(widget)
    page = report_page(notebook(shown), HELD, "logs")
    assert ("secret_code" in page, "VBox" in page, "In [" in page) == (False, False, False)
    assert '<div class="lh-view">seen</div>' in page
    assert Asked(page).found == []


def test_what_only_asks_is_left_out_with_its_heading() -> None:
    asks = {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}}
    made = notebook(
        new_markdown_cell('<a id="rescope"></a>\n## 6. Re-scope\n\nPick one.'),
        cell("", **asks), new_markdown_cell("Pick an alert."), cell("", **asks), cell("<b>the alert</b>"),
        new_markdown_cell("Nothing follows."),
    )  # fmt: skip
    said = words(report_page(made, HELD, "logs"))
    assert said[said.index("Verdict and findings") :] == [
        "Verdict and findings", "Pick an alert.", "the alert", "Nothing follows.",
    ]  # fmt: skip
    assert "Re-scope" not in said


def test_a_notebook_of_links_has_contents_in_its_order() -> None:
    text = "1. [a](#a)\n10. [b & c](#b)\n\nKept: [a](#a)"
    made = notebook(
        new_markdown_cell(text),
        new_markdown_cell('<a id="b"></a>\n## 10. B & <c>'),
        new_markdown_cell('<a id="a"></a>\n### A'),
    )
    page = report_page(made, HELD, "logs")
    (contents,) = re.findall(r"<nav.*?</nav>", page, re.S)
    assert re.findall(r'<a href="(.*?)">(.*?)</a>', contents) == [
        ("#b", "B &amp; &lt;c&gt;"),
        ("#a", "A"),
    ]
    assert page.count("b &amp; c") == 0
    assert "Kept:" in page


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_text_of_logs_stays_text(text: str) -> None:
    held = {
        **HELD, "source": text, "host": text,
        "hypotheses": [{**HELD["hypotheses"][1], "section": text, "hypothesis": text,
                        "missing": [text]}],
    }  # fmt: skip
    many = [Reported(text, "x-hosts/01-x.html", held), Reported(text, "", None, text)]
    for page in (report_page(notebook(), held, text), index_page(many, [text], text)):
        assert Asked(page).found == []
        assert not re.search(r"<(?:script|img|svg|b>x|/style><style)", page)
        assert not HIDDEN.search(page)
        page.encode()


def test_an_index_ranks_hosts_and_names_the_others() -> None:
    other = {**HELD, "host": "db01", "hypotheses": HELD["hypotheses"][:1], "findings": []}
    page = index_page(
        [
            Reported("web01", "r-hosts/01-web01.html", HELD),
            Reported("db01", "r-hosts/02-db01.html", other),
            Reported("app01", "", None, "cell 4 failed"),
        ],
        ["h4", "h5"],
        "logs",
    )
    assert words(page) == [
        "linuxhunt: hosts of logs",
        "Hosts of logs",
        "12 Mar 2026 00:00:00 to 15 Mar 2026 00:00:00 UTC; those worth a look first.",
        "#", "Host", "Findings", "logons", "network",
        "1", "web01", "▲▲▲ 2 High", "▲ 1 Low", "■", "?",
        "2", "db01", "No findings.", "■",
        "3", "app01", "✗ cell 4 failed",
        "Verdicts: ■ supported □ not supported ? cannot tell",
        "2 more hosts without a report: h4, h5. Give", "--most",
        "for more reports, or one of them to", "--host", ".",
    ]  # fmt: skip
    assert re.findall(r'<a href="(.*?)"', page) == [
        "r-hosts/01-web01.html",
        "r-hosts/02-db01.html",
    ]
    assert Asked(page).found == []


def line(second: int, host: str, text: str) -> str:
    stamp = f"2026-03-12T10:{second // 60:02}:{second % 60:02}+00:00"
    return f"{stamp} {host} sshd[{100 + second}]: {text}\n"


GUESSED = [
    *(line(i, "web", "Failed password for root from 203.0.113.9 port 40022 ssh2")
      for i in range(0, 60, 2)),
    line(61, "web", "Accepted password for root from 203.0.113.9 port 40023 ssh2"),
]  # fmt: skip
QUIET = [line(5, "db/../<b>", "Accepted publickey for vera from 192.0.2.4 port 50100 ssh2: "
              "ED25519 SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]  # fmt: skip


@dataclass(frozen=True)
class Done:
    status: int
    err: str
    folder: Path

    def held(self) -> Any:
        return json.loads((self.folder / "findings.json").read_text("utf-8"))


def run(folder: Path, *more: str) -> Done:
    folder.mkdir()
    command = [sys.executable, "-m", "linuxhunt.cli", "report", str(folder.parent / "logs")]
    paths = ["-o", str(folder / "r.html"), "--findings", str(folder / "findings.json")]
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder.parent / "cache")}
    environment.pop("LINUXHUNT_SOURCE", None)
    done = subprocess.run(
        [*command, *paths, *more], capture_output=True, text=True, check=False, env=environment
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return Done(done.returncode, done.stderr, folder)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    (folder / "logs").mkdir()
    (folder / "logs" / "auth.log").write_text("".join([*GUESSED, *QUIET]))
    return folder


@pytest.fixture(scope="module")
def one(place: Path) -> Done:
    return run(place / "one", "--host", "web", "--fail-on", "high")


@pytest.fixture(scope="module")
def everybody(place: Path) -> Done:
    return run(place / "all", "--host", "all")


def test_a_grave_finding_is_status_3(one: Done) -> None:
    assert one.status == 3, one.err
    held = one.held()
    assert (held["host"], held["start"], held["end"]) == (
        "web", "2026-03-12T10:00:00.000000Z", "2026-03-12T11:00:00.000000Z",
    )  # fmt: skip
    verdicts = {each["section"]: each["verdict"] for each in held["hypotheses"]}
    assert verdicts["logons"] == "supported"
    seen = next(each for each in held["hypotheses"] if each["section"] == "logons")
    assert seen["completeness"]["rows"] == 31
    graves = [each for each in held["findings"] if each["EventSeverity"] == "High"]
    assert ("web", "root", "203.0.113.9") in [
        (each["DvcHostname"], each["TargetUsername"], each["SrcIpAddr"]) for each in graves
    ]
    assert re.search(r"\d+ findings written to .*findings\.json", one.err)


def test_the_report_says_what_findings_json_says(one: Done) -> None:
    page = (one.folder / "r.html").read_text("utf-8")
    assert Asked(page).found == []
    assert page.count("Linux host web</h1>") == 1
    signs = {"supported": "■ Supported", "cannot tell": "? Cannot tell",
             "not supported": "□ Not supported"}  # fmt: skip
    told = re.findall(r"<li><b>(.*?)</b>: (?:<a href=.*?>)?(.*?)(?:</a>)?(?: <i>.*?)?</li>", page)
    assert told == [
        (signs[each["verdict"]], each["hypothesis"].replace("'", "&#x27;"))
        for each in one.held()["hypotheses"]
    ]


def test_nothing_grave_but_data_missing_is_status_4(place: Path) -> None:
    done = run(place / "quiet", "--host", "all", "--start", "2026-03-12T10:00:05Z",
               "--end", "2026-03-12T10:00:06Z", "--fail-on", "High")  # fmt: skip
    assert done.status == 4, done.err
    held = done.held()
    assert [each for each in held["findings"] if each["EventSeverity"] == "High"] == []
    assert "cannot tell" in {each["verdict"] for each in held["hypotheses"]}


def test_all_hosts_have_a_report_and_an_index(everybody: Done) -> None:
    assert everybody.status == 0, everybody.err
    index = (everybody.folder / "r.html").read_text("utf-8")
    links = re.findall(r'<a href="(.*?)">(.*?)</a>', index)
    assert links[0] == ("r-hosts/01-web.html", "web")
    assert len(links) == 2
    assert sorted(path.name for path in (everybody.folder / "r-hosts").iterdir()) == sorted(
        link.removeprefix("r-hosts/") for link, _ in links
    )
    assert all(re.fullmatch(r"r-hosts/\d\d-[A-Za-z0-9._-]+\.html", link) for link, _ in links)
    assert Asked(index).found == []
    held = everybody.held()
    hosts = list(dict.fromkeys(each["host"] for each in held["hypotheses"]))
    assert (held["host"], hosts[0], len(hosts)) == ("all", "web", 2)
    assert "report 1 of 2: web" in everybody.err


@pytest.mark.browser
def test_a_report_comes_alive_without_a_network(one: Done) -> None:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    assert found is not None, f"no browser on PATH; install one of {', '.join(names)}"
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        page = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True).new_page()
        page.on("request", lambda request: faults.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto((one.folder / "r.html").as_uri())
        table = page.locator(".lh-live-table:visible").first
        expect(table).to_be_visible()
        table.locator("th").first.click()
        expect(table.locator("th").first).to_have_attribute("aria-sort", "ascending")
        expect(page.locator("canvas").first).to_be_attached()
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        browser.close()
    outside = [each for each in faults if not each.startswith(("file:", "data:", "blob:"))]
    assert (outside, sideways) == ([], 0)
