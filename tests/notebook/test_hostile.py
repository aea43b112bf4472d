"""A whole report on evidence whose author wants to run script in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.notebook.hostile import HOST, MARKS, write_hostile
from tests.notebook.lab import browser
from tests.views.pages import HIDDEN

pytestmark = pytest.mark.browser

OPEN = """() => {
    document.querySelectorAll('details').forEach((fold) => { fold.open = true; });
    document.querySelectorAll('table.lh-opens tbody tr').forEach((row) => row.click());
}"""
FOREIGN = """() => {
    const all = [...document.querySelectorAll('*')];
    const told = (found) => found.map((each) => each.outerHTML.slice(0, 120));
    return {
        handlers: told(all.filter((e) => [...e.attributes].some((a) => /^on/i.test(a.name)))),
        frames: told(all.filter((e) => /^(iframe|object|embed|base|meta|form)$/i.test(e.localName)
            && !e.matches('meta[charset], meta[name=viewport], .lh-live form'))),
        pictures: told(all.filter((e) => e.localName === 'img' && !/^data:image\\/png;base64,/.test(e.src))),
        links: told(all.filter((e) => e.matches('a[href]') && !/^#/.test(e.getAttribute('href')))),
        script: window.pwned ?? null,
        svg: told(all.filter((e) => e.localName === 'svg' && !e.closest('.bk-Figure, .lh-live'))),
    };
}"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    page = folder / "report.html"
    done = subprocess.run(
        [sys.executable, "-m", "linuxhunt.cli", "report", str(write_hostile(folder / "logs")),
         "--tz", "UTC", "-o", str(page)],
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return page


def test_nothing_of_it_runs_or_becomes_markup(report: Path) -> None:
    said: list[str] = []
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 1000})
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda fault: said.append(str(fault)))
        page.on("request", lambda asked: None if asked.url.startswith(("file:", "data:", "blob:"))
                else said.append(asked.url))  # fmt: skip
        page.goto(report.as_uri())
        page.wait_for_function("document.querySelectorAll('.lh-live').length > 5")
        page.wait_for_timeout(2_000)
        page.evaluate(OPEN)
        found: dict[str, Any] = page.evaluate(FOREIGN)
        text = page.evaluate("() => document.body.innerText")
        assert found == {
            "handlers": [], "frames": [], "pictures": [], "links": [], "script": None, "svg": [],
        }  # fmt: skip
    assert said == []
    shown = {name: mark in text for name, mark in MARKS.items() if name != "ansi"}
    assert shown == dict.fromkeys(shown, True)
    assert f"Linux host {HOST}" in text
    assert HIDDEN.findall(text.replace("\t", "")) == []
    assert text.count("This section failed") == 0
