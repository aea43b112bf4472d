"""The graph of entities in a headless Chromium: it comes alive, a click sets a node's links off."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from linuxhunt import views
from tests.views.pages import HOSTILE
from tests.views.test_graph import small

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MODELS = "[...Bokeh.documents.at(-1)._all_models.values()]"
NODES = f"{MODELS}.find((model) => model.data?.has?.('shape') ?? model.data?.shape)"
LINKS = f"{MODELS}.find((model) => model.data?.xs)"


def test_a_click_sets_off_what_a_node_is_linked_to(tmp_path: Path) -> None:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found is not None, f"no browser on PATH; install one of {', '.join(BROWSERS)}"
    graph = small()
    graph.add_node("f", kind="file", label=HOSTILE["script"] + HOSTILE["tex"])
    graph.add_edge("s", "f", label=HOSTILE["image"])
    view = views.graph(graph, title=HOSTILE["image"])
    path = tmp_path / "page.html"
    path.write_text(
        f'<!doctype html><meta charset="utf-8"><body>{views.resources().html}{view.html}', "utf-8"
    )
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        page = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True).new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("console", lambda said: faults.append(said.text) if said.type != "info" else None)
        page.on("request", lambda asked: faults.append(asked.url))
        page.goto(path.as_uri())
        expect(page.locator("canvas").first).to_be_visible()
        expect(page.locator(".lh-face[hidden]")).to_have_count(2)
        page.evaluate(f"{NODES}.selected.indices = [2]")
        picked = page.evaluate(f"[{NODES}.selected.indices, {LINKS}.selected.indices]")
        page.evaluate(f"{NODES}.selected.indices = []")
        none = page.evaluate(f"{LINKS}.selected.indices")
        pwned = page.evaluate("window.pwned ?? null")
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        browser.close()
    kinds = [graph.nodes[name]["kind"] for name in ("a", "u", "s", "f", "o")]
    assert kinds == ["address", "user", "session", "file", "asn"]
    assert (sorted(picked[0]), sorted(picked[1]), none) == ([0, 1, 2, 3], [0, 2, 3], [])
    outside = [each for each in faults if not each.startswith(("file:", "data:", "blob:"))]
    assert (outside, pwned, sideways) == ([], None, 0)
