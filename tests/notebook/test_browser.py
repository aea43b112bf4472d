"""The notebook as an analyst meets it: JupyterLab in a headless Chromium, loopback only."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from linuxhunt.lab import NOTEBOOK, copy_notebook

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
LOOPBACK = re.compile(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:")
expect.set_options(timeout=60_000)
RUN = 150_000
"""Milliseconds that a run of the whole notebook may take."""


@dataclass
class Lab:
    """The notebook in a browser.

    Attributes:
        page: the browser's page.
        outside: requests that would have left this machine.
        faults: errors of the browser's console.
    """

    page: Page
    outside: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def output(self, source: str) -> Locator:
        """Return the output of the cell whose code begins with ``source``."""
        cell = self.page.locator(".jp-CodeCell", has_text=re.compile(re.escape(source)))
        return cell.first.locator(".jp-OutputArea")

    def run_all(self) -> None:
        """Run all cells and wait until each has its number."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.page.wait_for_function(
            """() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
                .every(prompt => /^\\[\\d+\\]:$/.test(prompt.innerText.trim()))""",
            timeout=RUN,
        )
        self.page.wait_for_timeout(3_000)  # live views draw once their cell has its output


@pytest.fixture(scope="module")
def address(case: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab on a copy of the notebook, ended by its process group."""
    folder = tmp_path_factory.mktemp("lab")
    copy_notebook(folder)
    # Every cell stays in the page, so that a test can read it without scrolling.
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text(json.dumps({"windowingMode": "none"}))
    log = folder / "lab.log"
    with log.open("wb") as out:
        lab = subprocess.Popen(
            [sys.executable, "-m", "linuxhunt.cli", "lab", str(case), "--no-browser"],
            cwd=folder,
            stdout=out,
            stderr=out,
            start_new_session=True,
            env={**os.environ, "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")},
        )
        try:
            yield _address(log, lab)
        finally:
            os.killpg(lab.pid, signal.SIGTERM)
            lab.wait(timeout=30)


def _address(log: Path, lab: subprocess.Popen[bytes]) -> str:
    for _ in range(120):
        text = log.read_text("utf-8", errors="replace")
        if "is running at" in text and (found := re.search(r"^open (http\S+)", text, re.M)):
            return found[1]
        assert lab.poll() is None, text
        time.sleep(0.5)
    raise AssertionError(f"JupyterLab did not start: {log.read_text('utf-8')}")


@pytest.fixture(scope="module")
def lab(address: str) -> Iterator[Lab]:
    """The notebook, opened and run."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found is not None, "no Chromium on PATH; `make browser` installs one, as root"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        lab = Lab(browser.new_page(viewport={"width": 1280, "height": 1000}))
        lab.page.set_default_timeout(60_000)
        lab.page.on("pageerror", lambda fault: lab.faults.append(str(fault)))
        lab.page.on(
            "console", lambda said: lab.faults.append(said.text) if said.type == "error" else None
        )
        lab.page.on(
            "request",
            lambda asked: None if LOOPBACK.match(asked.url) else lab.outside.append(asked.url),
        )
        lab.page.goto(address)
        expect(lab.page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible()
        expect(lab.page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
        lab.run_all()
        yield lab
        browser.close()


def test_runs_without_errors(lab: Lab) -> None:
    page = lab.page
    errors = page.locator("[data-mime-type='application/vnd.jupyter.error']").all_inner_texts()
    stderr = page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts()
    failed = page.get_by_text("This section failed").all_inner_texts()
    assert (errors, stderr, failed, lab.faults, lab.outside) == ([], [], [], [], [])


def test_every_view_is_drawn(lab: Lab) -> None:
    logons = lab.output("hunt.logons.show()")
    expect(logons.get_by_text("Hypothesis:")).to_be_visible()
    expect(logons.get_by_text("Guessed password").first).to_be_visible()
    charts = logons.locator(".bk-Figure")
    assert (charts.count(), logons.locator("tbody tr").count() > 5) == (2, True)
    faces = logons.locator("img:visible")
    assert faces.count() == 0, "a live chart leaves no picture beneath it"
    host = lab.output("hunt.host.show()")
    expect(host.get_by_role("cell", name="Names", exact=True)).to_be_visible()


def test_the_process_tree_opens_at_the_findings(lab: Lab) -> None:
    ran = lab.output("hunt.applications.show()")
    expect(ran.locator(".lh-verdict")).to_contain_text("Supported")
    expect(ran.get_by_role("treeitem").first).to_be_visible()
    assert ran.get_by_role("treeitem").count() <= 500


def test_nothing_scrolls_sideways(lab: Lab) -> None:
    wide = lab.page.evaluate(
        """() => [...document.querySelectorAll('.jp-OutputArea-output')]
            .filter(output => output.scrollWidth > output.clientWidth + 1)
            .map(output => output.innerText.slice(0, 60))"""
    )
    assert wide == []


def test_another_host_changes_the_sections(lab: Lab) -> None:
    hosts = lab.output("hunt.pick_host").locator("select")
    first, second = (option.split(".", 1)[1].split(":")[0].strip() for option in
                     hosts.locator("option").all_inner_texts()[:2])  # fmt: skip
    logons = lab.output("hunt.logons.show()")
    expect(logons.locator(".lh-scope")).to_contain_text(first)
    hosts.select_option(index=1)
    expect(logons.locator(".lh-scope")).to_contain_text(second)
    expect(lab.output("hunt.host.show()").get_by_role("cell", name=second).first).to_be_visible()
    hosts.select_option(index=0)
    expect(logons.locator(".lh-scope")).to_contain_text(first)


def test_a_window_out_of_order_is_refused_in_a_line(lab: Lab) -> None:
    window = lab.output("hunt.pick_window")
    end = window.locator("input").nth(1)
    before = end.input_value()
    end.fill("2001-01-01")
    end.press("Enter")
    expect(window.get_by_text("The window ends before it starts")).to_be_visible()
    end.fill(before)
    end.press("Enter")
    expect(window.get_by_text("ends before")).to_have_count(0)


def test_a_picked_session_shows_its_lines(lab: Lab) -> None:
    picker = lab.output("hunt.session.pick").locator("select")
    shown = lab.output("hunt.session.show()")
    label = picker.locator("option").nth(1).inner_text()
    picker.select_option(index=1)
    expect(shown.get_by_text(re.split(r"\s\(", label)[0]).first).to_be_visible()
    lines = shown.locator("td:visible", has_text="session opened for user")
    expect(lines.first).to_be_visible()


def test_screenshots(lab: Lab, tmp_path: Path) -> None:
    """Pictures of each section, for a person to look at (SHOTS=<folder> keeps them)."""
    folder = Path(os.environ.get("SHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    lab.page.set_viewport_size({"width": 1280, "height": 3_000})
    for name, source in (
        ("source", "hunt.source.show()"),
        ("host", "hunt.host.show()"),
        ("logons", "hunt.logons.show()"),
        ("session", "hunt.session.show()"),
        ("applications", "hunt.applications.show()"),
    ):
        output = lab.output(source)
        output.scroll_into_view_if_needed()
        output.screenshot(path=folder / f"{name}.png")
        assert (folder / f"{name}.png").stat().st_size > 10_000
    assert lab.page.title().startswith(NOTEBOOK.removesuffix(".ipynb")[:10])
