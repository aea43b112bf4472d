"""Views in a headless Chromium, on one page as a report is, with nothing to reach."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright

from linuxhunt import views
from linuxhunt.views.base import View
from tests.made import utc
from tests.views.pages import HOSTILE

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
START, END = utc("2026-03-12"), utc("2026-03-15")
TEXTS = [text for name, text in HOSTILE.items() if name != "surrogate"]


class Shown:
    """A page of views in a browser.

    Attributes:
        page: the browser's page.
        faults: errors and warnings of its console, and requests for anything but the page.
    """

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.faults: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))

    def _said(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.faults.append(said.text)

    def _asked(self, url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:")):
            self.faults.append(url)

    def open(self, *shown: View) -> None:
        body = "".join(f"<section>{view.html}</section>" for view in shown)
        path = self.folder / "page.html"
        path.write_text(f'<!doctype html><meta charset="utf-8"><body>{body}', "utf-8")
        self.page.goto(path.as_uri())

    def faces(self, number: int, hidden: int) -> None:
        """Wait until ``hidden`` of all static faces have given way to a live view."""
        expect(self.page.locator(".lh-face")).to_have_count(number)
        expect(self.page.locator(".lh-face[hidden]")).to_have_count(hidden)

    def clean(self) -> None:
        """Nothing ran that came from a text, nothing was asked for, nothing scrolls sideways."""
        assert self.faults == []
        assert self.page.evaluate("window.pwned ?? null") is None
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found is not None, f"no browser on PATH; install one of {', '.join(BROWSERS)}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
        yield context.new_page()
        browser.close()


@pytest.fixture
def shown(browser_page: Page, tmp_path: Path) -> Iterator[Shown]:
    page = browser_page.context.new_page()
    yield Shown(page, tmp_path)
    page.close()


def _events(number: int) -> pd.DataFrame:
    times = pd.date_range(START, END, periods=number + 1, inclusive="left")
    texts = [TEXTS[i % len(TEXTS)] for i in range(number)]
    results = ["Failure" if i % 3 else "Success" for i in range(number)]
    return pd.DataFrame({"time": times, "user": texts, "EventResult": results, "text": texts})


def _all() -> list[View]:
    events = _events(300)
    places = pd.DataFrame(
        {"address": TEXTS, "Country": TEXTS, "Latitude": 51.0, "Longitude": range(len(TEXTS)),
         "Failure": 3, "Success": 1}
    )  # fmt: skip
    alerts = pd.DataFrame({"TimeGenerated": [utc("2026-03-13")], "AlertName": [TEXTS[0]]})
    return [
        views.timeline(events, "time", "user", "text", start=START, end=END, alerts=alerts),
        views.geo_map(places),
        views.table(events, TEXTS[0]),
    ]


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(0, id="resources first"),
        pytest.param(2, id="resources among the views"),
        pytest.param(3, id="resources last"),
    ],
)
def test_views_come_alive_wherever_the_resources_stand(shown: Shown, place: int) -> None:
    page = _all()
    shown.open(*page[:place], views.resources(), *page[place:])
    shown.faces(3, 3)
    expect(shown.page.locator("canvas").first).to_be_visible()
    shown.clean()


def test_resources_twice_are_resources_once(shown: Shown) -> None:
    shown.open(views.resources(), *_all(), views.resources())
    shown.faces(3, 3)
    expect(shown.page.locator(".lh-live")).to_have_count(3)
    scripts = shown.page.evaluate("[...document.scripts].map((script) => script.textContent)")
    assert sum("Bokeh Contributors" in script for script in scripts) == 1
    shown.clean()


def test_without_resources_the_faces_stay(shown: Shown) -> None:
    shown.open(*_all())
    shown.faces(3, 0)
    expect(shown.page.locator(".lh-face img")).to_have_count(2)
    expect(shown.page.locator(".lh-face table")).to_be_visible()
    shown.clean()


def test_wide_tables_do_not_scroll_sideways(shown: Shown) -> None:
    times = pd.date_range(START, periods=3, freq="h")
    names = ("Reasons", "TargetUsername", "SrcIpAddr", "LogonMethod", "EventStartTime", "Path")
    cells = ("first time from there, root", "svc-backup-service", "2001:db8:aaaa:bbbb::cccc:dddd",
             "Username & Password", times, "var/log/" + "a" * 200)  # fmt: skip
    frame = pd.DataFrame(dict(zip(names, cells, strict=True)))
    wide = views.table(pd.concat([frame, frame.add_suffix("2")], axis=1), columns=[*names, "Path2"])
    shown.open(views.resources(), wide, views.row(views.table(frame), views.table(frame)))
    shown.faces(3, 3)
    widths = shown.page.evaluate(
        "[...document.querySelectorAll('.lh-live')].map(box => box.scrollWidth - box.clientWidth)"
    )
    assert widths == [0, 0, 0]
    shown.clean()


def test_a_table_is_searched_opened_and_saved(shown: Shown) -> None:
    rows = pd.DataFrame(
        {"user": [*TEXTS[:15], "=cmd()"], "Count": range(995, 1011), "said": [["a"] * 30] * 16}
    )
    shown.open(views.resources(), views.table(rows, columns=["user", "Count"]))
    shown.faces(1, 1)
    lines = shown.page.locator(".lh-live-table tbody tr")
    expect(lines).to_have_count(10)
    expect(shown.page.get_by_text("A click on a row opens it, with said.")).to_be_visible()
    for _ in range(2):
        shown.page.locator(".lh-live-table th", has_text="Count").click()
    expect(lines.first).to_have_text("=cmd()1,010")
    shown.page.get_by_placeholder("Search all columns").fill("<script>window")
    expect(lines).to_have_text(["<script>window.pwned=1</script>995"])
    lines.first.focus()
    shown.page.keyboard.press("Enter")
    expect(shown.page.locator(".lh-fields dd").last).to_have_text(", ".join(["a"] * 30))
    shown.page.get_by_placeholder("Search all columns").fill("cmd")
    with shown.page.expect_download() as download:
        shown.page.get_by_text("CSV").click()
    saved = Path(download.value.path()).read_text("utf-8-sig")
    assert saved.strip().splitlines() == [
        '"user","Count","said"',
        '"\'=cmd()","1010","' + ", ".join(["a"] * 30) + '"',
    ]
    shown.clean()


def test_counted_events_are_single_ones_when_zoomed_in(shown: Shown) -> None:
    events = _events(8_000)
    view = views.timeline(
        events, "time", "EventResult", "text", start=START, end=END, title="Logons"
    )
    shown.open(views.resources(), view)
    shown.faces(1, 1)
    title = """() => {
        const models = Bokeh.documents.at(-1)._all_models;
        return [...models.values()].find((model) => model.type === "Figure").title.text;
    }"""
    assert shown.page.evaluate(title) == "Logons: events per 30 minutes, each lane to its own scale"
    box = shown.page.locator(".bk-Figure").bounding_box()
    assert box is not None
    shown.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    said = []
    for _ in range(12):
        shown.page.mouse.wheel(0, -240)
        shown.page.wait_for_timeout(120)
        said.append(re.sub(r"[\d,]+ events", "n events", shown.page.evaluate(title)))
    assert list(dict.fromkeys(said)) == [
        "Logons: events per 30 minutes, each lane to its own scale",
        "Logons: events per 10 minutes, each lane to its own scale",
        "Logons: events per 5 minutes, each lane to its own scale",
        "Logons: n events, one by one",
    ]
    shown.clean()


def test_a_hover_shows_text_as_text(shown: Shown) -> None:
    text = TEXTS[0] + TEXTS[1]
    events = pd.DataFrame({"time": [utc("2026-03-13 12:00")], "lane": ["a"], "text": [text]})
    shown.open(
        views.resources(), views.timeline(events, "time", "lane", "text", start=START, end=END)
    )
    shown.faces(1, 1)
    canvas = shown.page.locator(".bk-Figure").bounding_box()
    assert canvas is not None
    tip = shown.page.locator(".bk-Tooltip")
    for step in range(0, int(canvas["width"]), 4):
        shown.page.mouse.move(canvas["x"] + step, canvas["y"] + 44)
        if tip.count():
            break
    expect(tip).to_contain_text("2026-03-13 12:00:00 UTC")
    expect(tip).to_contain_text(text)
    shown.clean()
