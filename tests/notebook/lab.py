"""JupyterLab on a copy of the notebook, and a headless Chromium that looks at it."""

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
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from linuxhunt.lab import NOTEBOOK, copy_notebook

__all__ = ["Lab", "Server", "browser", "lab_server"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
LOOPBACK = re.compile(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:")
RUN = 240_000
"""Milliseconds that a run of the whole notebook may take."""

SETTINGS = {
    # Every cell stays in the page, so that a test can read it without scrolling.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": True},
}
IDLE = """() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
    .every(prompt => /^\\[\\d+\\]:$/.test(prompt.innerText.trim()))"""


@dataclass(frozen=True)
class Server:
    """JupyterLab.

    Attributes:
        address: of the notebook, with the token.
        folder: where the notebook is.
    """

    address: str
    folder: Path

    def of(self, name: str) -> str:
        """Return the address of another notebook in the folder, opened alone."""
        return self.address.replace(f"/tree/{NOTEBOOK}?", f"/tree/{name}?reset&")


@dataclass
class Lab:
    """A notebook in a browser.

    Attributes:
        page: the browser's page.
        outside: requests that would have left this machine.
        faults: errors of the browser's console, and dialogs.
    """

    page: Page
    outside: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @classmethod
    def on(cls, browser: Browser, address: str) -> Lab:
        """Open an address and listen to what goes wrong."""
        lab = cls(browser.new_page(viewport={"width": 1280, "height": 1000}))
        page = lab.page
        page.set_default_timeout(90_000)
        page.on("pageerror", lambda fault: lab.faults.append(str(fault)))
        page.on(
            "console", lambda said: lab.faults.append(said.text) if said.type == "error" else None
        )
        page.on(
            "request",
            lambda asked: None if LOOPBACK.match(asked.url) else lab.outside.append(asked.url),
        )
        page.goto(address)
        expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible()
        return lab

    def output(self, source: str) -> Locator:
        """Return the output of the cell whose code begins with ``source``."""
        code = self.page.locator(".jp-InputArea", has_text=source)
        cell = self.page.locator(".jp-CodeCell", has=code)
        return cell.first.locator(".jp-OutputArea").first

    def run_all(self) -> None:
        """Run all cells, wait until each has its number and each live view is drawn."""
        expect(self.page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.page.wait_for_function(IDLE, timeout=RUN)
        self.drawn()

    def drawn(self) -> None:
        """Wait until each live view has taken the place of its face."""
        expect(self.page.locator(".lh-face:visible")).to_have_count(0)

    def sideways(self) -> list[str]:
        """Return the beginning of each output that is wider than its place."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll('.jp-OutputArea-output')]
                .filter(output => output.scrollWidth > output.clientWidth + 1)
                .map(output => output.innerText.slice(0, 60))"""
        )
        return found


@contextmanager
def lab_server(source: Path, folder: Path) -> Iterator[Server]:
    """Run JupyterLab on a copy of the notebook; ended by its process group."""
    copy_notebook(folder)
    for name, held in SETTINGS.items():
        file = folder / "settings" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(held))
    log = folder / "lab.log"
    with log.open("wb") as out:
        lab = subprocess.Popen(
            [sys.executable, "-m", "linuxhunt.cli", "lab", str(source), "--no-browser"],
            cwd=folder,
            stdout=out,
            stderr=out,
            start_new_session=True,
            env={
                **os.environ,
                "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
                "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            },
        )
        try:
            yield Server(_address(log, lab), folder)
        finally:
            os.killpg(lab.pid, signal.SIGTERM)
            lab.wait(timeout=30)


def _address(log: Path, lab: subprocess.Popen[bytes]) -> str:
    for _ in range(240):
        text = log.read_text("utf-8", errors="replace")
        if "is running at" in text and (found := re.search(r"^open (http\S+)", text, re.M)):
            return found[1]
        assert lab.poll() is None, text
        time.sleep(0.5)
    raise AssertionError(f"JupyterLab did not start: {log.read_text('utf-8')}")


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found is not None, "no Chromium on PATH; `make browser` installs one, as root"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield running
        running.close()
