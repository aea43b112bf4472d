"""The process tree in a headless Chromium, on a page that can reach nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from linuxhunt import views
from linuxhunt.views.base import View
from linuxhunt.views.tree_order import tree_order
from tests.made import events, utc
from tests.views.many import many_processes
from tests.views.pages import HOSTILE

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
DARK = """<style>body { background: #111; --jp-layout-color0: #111; --jp-layout-color1: #1e1e1e;
--jp-ui-font-color0: #fff; --jp-ui-font-color1: #ddd; --jp-border-color2: #444;
--jp-content-link-color: #64b5f6 }</style>"""
START = utc("2026-03-13 02:00:00")

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found is not None, f"no browser on PATH; install one of {', '.join(BROWSERS)}"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open a view; at the end, nothing may have failed, run, been asked for, or be too wide."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: faults.append(said.text))
    page.on("request", lambda asked: faults.append(asked.url))

    def opened(view: View, head: str = "") -> Page:
        path = tmp_path / "page.html"
        html = f'<!doctype html><meta charset="utf-8">{head}<body>{views.resources().html}'
        path.write_text(html + view.html, "utf-8")
        page.goto(path.as_uri())
        expect(page.locator(".lh-face[hidden]")).to_have_count(1, timeout=30_000)
        return page

    yield opened
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    pwned = page.evaluate("window.pwned ?? null")
    asked = [fault for fault in faults if not fault.startswith(("file:", "blob:"))]
    assert (asked, wide, pwned) == ([], False, None)
    context.close()


def _processes(*rows: tuple[str, str | None, str, int]) -> pd.DataFrame:
    """Processes of (name, parent, command, uid), a minute apart; the name is guid and record."""
    return events(
        "processes",
        (
            {
                "TargetProcessGuid": name, "ActingProcessGuid": parent, "CommandLine": command,
                "TimeGenerated": START + pd.Timedelta(minutes=i), "TargetProcessId": 100 + i,
                "ActingProcessInferred": False, "TargetUserId": uid, "EventUid": name,
                "TargetProcessFilename": name, "DvcHostname": "web01", "EventResult": "Success",
            }
            for i, (name, parent, command, uid) in enumerate(rows)
        ),
    )  # fmt: skip


FAMILY = _processes(
    ("init", None, "/sbin/init", 0),
    ("sshd", "init", "sshd: eve [priv]", 0),
    ("bash", "sshd", "-bash", 1000),
    ("curl", "bash", "curl -s http://203.0.113.9/x", 1000),
    ("cron", "init", "/usr/sbin/cron -f", 0),
    ("find", "cron", "/usr/bin/find / -perm -4000", 0),
    ("sed", "cron", "sed -n p /etc/passwd", 33),
)


def _rows(page: Page) -> list[str]:
    """Commands in sight, indented by level, with + where folded, - where unfolded, * if picked."""
    rows: list[str] = page.locator("[role=treeitem]").evaluate_all(
        """lines => lines.map(line => ' '.repeat(line.ariaLevel - 1)
            + ({true: '-', false: '+'}[line.ariaExpanded] ?? '')
            + line.querySelector('.lh-command').textContent
            + (line.tabIndex === 0 ? '*' : ''))"""
    )
    return rows


def _command(page: Page) -> Locator:
    return page.locator(".lh-details dt", has_text="Command").locator("+ dd")


def test_fifty_thousand_processes_are_few_rows_and_every_one_is_found(show: Open) -> None:
    frame = many_processes(50_000)
    order = tree_order(frame)
    deep = frame.iloc[order.rows[order.depth.argmax()]]
    page = show(views.process_tree(frame, focus=[frame["TargetProcessGuid"].iloc[40_000]]))
    rows = page.locator(".lh-row")
    expect(_command(page)).to_have_text(frame["CommandLine"].iloc[40_000])
    assert rows.count() <= 60
    page.get_by_role("button", name="Unfold all").click()
    page.locator("[role=treeitem][tabindex='0']").focus()
    page.keyboard.press("End")
    assert rows.count() <= 60
    page.get_by_label("Search").fill(deep["EventUid"])
    expect(page.get_by_role("status")).to_contain_text("1 of 50,000 processes matches")
    expect(_command(page)).to_have_text(deep["CommandLine"])
    found = page.locator(".lh-row:not(.lh-context)")
    expect(found).to_have_attribute("aria-level", str(order.depth.max() + 1))
    assert rows.count() <= 60
    page.get_by_label("Search").fill("")
    page.get_by_role("tab", name="By time").click()
    expect(page.locator("[role=grid]")).to_have_attribute("aria-rowcount", "50001")
    assert page.locator("*").count() < 2_000


def test_it_opens_at_what_matters(show: Open) -> None:
    page = show(views.process_tree(FAMILY, focus=["bash"], marks={"bash": "Shell of a stranger"}))
    assert _rows(page) == ["-/sbin/init", " -sshd: eve [priv]", "  +-bash*", " +/usr/sbin/cron -f"]
    picked = page.locator(".lh-picked")
    expect(picked).to_contain_text("Shell of a stranger")
    expect(page.locator(".lh-details dd").first).to_have_text("Shell of a stranger")


def test_keys(show: Open) -> None:
    page = show(views.process_tree(FAMILY, focus=["bash"]))
    page.locator("[role=treeitem][tabindex='0']").focus()
    steps = [
        ("ArrowRight", "-bash"),
        ("ArrowRight", "curl -s http://203.0.113.9/x"),
        ("ArrowLeft", "-bash"),
        ("ArrowLeft", "-bash"),
        ("ArrowLeft", "sshd: eve [priv]"),
        ("Home", "/sbin/init"),
        ("End", "/usr/sbin/cron -f"),
        ("Enter", "/usr/sbin/cron -f"),
        ("ArrowDown", "/usr/bin/find / -perm -4000"),
        ("ArrowDown", "sed -n p /etc/passwd"),
        ("ArrowDown", "sed -n p /etc/passwd"),
        ("PageUp", "/sbin/init"),
        ("f", "/usr/bin/find / -perm -4000"),
        ("ArrowUp", "/usr/sbin/cron -f"),
    ]
    picked = []
    for key, _ in steps:
        page.keyboard.press(key)
        picked.append(
            page.evaluate("document.activeElement.querySelector('.lh-command').textContent")
        )
        assert _command(page).inner_text() == picked[-1]
    assert picked == [command for _, command in steps]
    assert _rows(page) == [
        "-/sbin/init", " -sshd: eve [priv]", "  +-bash", " -/usr/sbin/cron -f*",
        "  /usr/bin/find / -perm -4000", "  sed -n p /etc/passwd",
    ]  # fmt: skip


def test_jupyterlab_takes_no_letters_from_it_but_its_own_with_control(show: Open) -> None:
    page = show(views.process_tree(FAMILY, focus=["bash"]))
    box = page.locator(".lh-tree[data-lm-suppress-shortcuts]")
    expect(box).to_have_count(1)
    page.locator("[role=treeitem][tabindex='0']").focus()
    page.keyboard.down("Control")
    expect(box).to_have_count(0)
    page.keyboard.up("Control")
    expect(box).to_have_count(1)


def test_mouse(show: Open) -> None:
    page = show(views.process_tree(FAMILY, focus=["init"]))
    assert _rows(page) == ["+/sbin/init*"]
    page.locator(".lh-twist").click()
    page.get_by_role("treeitem", name="cron").locator(".lh-command").dblclick()
    assert _rows(page) == [
        "-/sbin/init", " +sshd: eve [priv]", " -/usr/sbin/cron -f*",
        "  /usr/bin/find / -perm -4000", "  sed -n p /etc/passwd",
    ]  # fmt: skip
    page.locator(".lh-details").get_by_role("button", name="/sbin/init").click()
    expect(_command(page)).to_have_text("/sbin/init")
    page.get_by_role("button", name="Fold all", exact=True).click()
    assert _rows(page) == ["+/sbin/init*"]


@pytest.mark.parametrize(
    ("fields", "found", "above"),
    [
        pytest.param({"Search": "CURL -s"}, ["curl"], 3, id="text"),
        pytest.param({"Search": "106"}, ["sed"], 2, id="pid"),
        pytest.param({"User": "uid 1000"}, ["bash", "curl"], 2, id="user"),
        pytest.param({"Show": "marked"}, ["cron"], 1, id="with a finding"),
        pytest.param({"Show": "picked"}, ["bash"], 2, id="picked"),
        pytest.param(
            {"Started from": "2026-03-13 02:02", "to before": "2026-03-13T02:04:00"},
            ["bash", "curl"], 2, id="time",
        ),
        pytest.param({"Search": "bash", "below": "on"}, ["bash", "curl"], 2, id="what it started"),
        pytest.param({"Search": "nothing has this"}, [], 0, id="nothing"),
    ],
)  # fmt: skip
def test_filters(show: Open, fields: dict[str, str], found: list[str], above: int) -> None:
    page = show(views.process_tree(FAMILY, focus=["bash"], marks={"cron": "Odd"}))
    before = _rows(page)
    for label, value in fields.items():
        if label in ("User", "Show"):
            page.get_by_label(label, exact=True).select_option(value)
        elif label == "below":
            page.get_by_label("and what they started").check()
        else:
            page.get_by_label(label).fill(value)
    matches = "matches" if len(found) == 1 else "match"
    expect(page.get_by_role("status")).to_contain_text(f"{len(found)} of 7 processes {matches}")
    if "below" not in fields:  # what matched is in sight
        expect(page.locator("[role=treeitem]:not(.lh-context)")).to_have_count(len(found))
    expect(page.locator(".lh-context")).to_have_count(above)
    page.get_by_role("tab", name="By time").click()
    records = []
    for line in page.get_by_role("row").all():
        line.click()
        records.append(page.locator(".lh-details dd").last.inner_text())
    assert records == found
    page.get_by_role("tab", name="Tree").click()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("status")).to_have_text("7 processes")
    assert len(_rows(page)) >= len(before)


def test_what_was_searched_for_is_in_sight(show: Open) -> None:
    page = show(views.process_tree(_processes(("a", None, "x" * 3_000 + " NEEDLE y", 0))))
    page.get_by_label("Search").fill("needle")
    row = page.get_by_role("treeitem")
    expect(row.locator(".lh-command")).to_have_text("…xxxxxxxxxxx NEEDLE y")
    expect(page.locator("mark")).to_have_text(["NEEDLE", "NEEDLE"])
    expect(_command(page)).to_have_text("x" * 3_000 + " NEEDLE y")


def test_a_time_that_is_none_is_refused(show: Open) -> None:
    page = show(views.process_tree(FAMILY))
    page.get_by_label("Started from").fill("yesterday")
    expect(page.get_by_role("status")).to_have_text(
        "A time is written as 2026-03-13 02:14:07, in UTC."
    )
    expect(page.get_by_label("Started from")).to_have_attribute("aria-invalid", "true")


def test_hostile_text_stays_text(show: Open) -> None:
    texts = [text for name, text in HOSTILE.items() if name != "surrogate"]
    frame = _processes(*((text, None, text, 0) for text in texts))
    page = show(views.process_tree(frame, marks={text: text for text in texts}, title=texts[0]))
    for line in page.get_by_role("treeitem").all():
        line.click()
    page.get_by_label("Search").fill("<script>")
    expect(page.locator("mark")).to_have_text(["<script>"] * 4)
    page.get_by_label("Colour by").select_option("finding")


def test_shortened_text_says_so(show: Open) -> None:
    noise = os.urandom(1_500_000).hex()
    page = show(views.process_tree(_processes(("long", None, noise, 0))))
    expect(page.get_by_role("treeitem")).to_contain_text("of 3,000,000 signs")
    expect(_command(page)).to_contain_text(
        "of 3,000,000 signs; the whole is in the frame of processes, EventUid long"
    )


@pytest.mark.parametrize("head", [pytest.param("", id="light"), pytest.param(DARK, id="dark")])
def test_contrast(show: Open, head: str) -> None:
    """Text has a contrast of 4.5 or more with what is behind it."""
    page = show(views.process_tree(FAMILY, focus=["bash"], marks={"bash": "Odd"}), head)
    page.get_by_label("Search").fill("curl")
    expect(page.locator(".lh-context")).to_have_count(3)
    poor = page.evaluate(
        """() => {
            const pen = Object.assign(document.createElement('canvas'), {width: 1, height: 1})
                .getContext('2d', {willReadFrequently: true});
            const light = (layers) => {
                pen.clearRect(0, 0, 1, 1);
                for (const colour of layers) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
                const whole = (c) => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
                return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3)
                    .map(c => whole(c / 255))
                    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
            };
            const poor = [];
            for (const box of document.querySelectorAll('.lh-tree *')) {
                const own = [...box.childNodes].some(n => n.nodeType === 3 && n.data.trim());
                if (!own || box.matches('.lh-glyph, option, optgroup')) continue;
                const layers = ['white'];
                for (let up = box; up; up = up.parentElement)
                    layers.splice(1, 0, getComputedStyle(up).backgroundColor);
                const [a, b] = [light([...layers, getComputedStyle(box).color]), light(layers)];
                const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
                if (contrast < 4.5) poor.push([box.textContent.slice(0, 40), contrast]);
            }
            return poor;
        }"""
    )
    assert poor == []


def test_pictures(show: Open, tmp_path: Path) -> None:
    """Pictures for a person to look at (SHOTS=<folder> keeps them)."""
    folder = Path(os.environ.get("SHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    view = views.process_tree(FAMILY, focus=["bash"], marks={"curl": "Download"}, title="Session 7")
    for name, head in (("light", ""), ("dark", DARK)):
        picture = folder / f"process_tree_{name}.png"
        show(view, head).screenshot(path=picture)
        assert picture.stat().st_size > 10_000
