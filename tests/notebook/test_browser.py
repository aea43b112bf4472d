"""The notebook as an analyst meets it: JupyterLab in a headless Chromium, loopback only.

One run of the whole notebook, on a small sample, serves all tests; those that change what is shown
put it back.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, expect

from linuxhunt.lab import NOTEBOOK
from tests.notebook.lab import Lab, Server, browser, lab_server

pytestmark = pytest.mark.browser
expect.set_options(timeout=90_000)

SECTIONS = {
    "host": "hunt.host.show()",
    "alerts": "hunt.alerts.show()",
    "alert": "hunt.alerts.alert.show()",
    "logons": "hunt.logons.show()",
    "session": "hunt.session.show()",
    "sudo": "hunt.session.sudo.show()",
    "users": "hunt.users.show()",
    "applications": "hunt.applications.show()",
    "program": "hunt.applications.program.show()",
    "network": "hunt.network.show()",
    "address": "hunt.network.address.show()",
    "verdict": "hunt.verdict.show()",
}
DRAWN = {
    "host": (0, 0),
    "alerts": (1, 0),
    "alert": (1, 0),
    "logons": (2, 0),
    "session": (1, 1),
    "sudo": (0, 0),
    "users": (3, 1),
    "applications": (0, 1),
    "program": (0, 1),
    "network": (5, 0),
    "address": (2, 0),
    "verdict": (3, 0),
}
"""Charts and trees of each section, on the sample."""
SCOPED = ("host", "alerts", "logons", "session", "users", "applications", "network", "verdict")
"""Sections that say host and window at their top."""
CORE = {"@jupyter-widgets/base", "@jupyter-widgets/controls", "@jupyter-widgets/output"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def server(case: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with lab_server(case, tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="module")
def lab(server: Server, chromium: Browser) -> Lab:
    """The notebook, opened and run."""
    lab = Lab.on(chromium, server.address)
    lab.run_all()
    return lab


def _offered(picker: Locator) -> list[str]:
    """What a select offers; its spaces do not break."""
    texts = picker.locator("select").last.locator("option").all_text_contents()
    return [text.replace("\xa0", " ") for text in texts]


def _picked(picker: Locator) -> str:
    """What a select shows as picked."""
    chosen = picker.locator("select").last.evaluate("select => select.selectedIndex")
    return _offered(picker)[int(chosen)]


def test_runs_without_errors(lab: Lab) -> None:
    page = lab.page
    errors = page.locator("[data-mime-type='application/vnd.jupyter.error']").all_inner_texts()
    stderr = page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts()
    failed = page.get_by_text("This section failed").all_inner_texts()
    assert (errors, stderr, failed, lab.faults, lab.outside) == ([], [], [], [], [])


def test_every_view_is_drawn(lab: Lab) -> None:
    drawn = {
        name: (
            lab.output(source).locator(".bk-Figure:has(canvas)").count(),
            lab.output(source).locator("[role=tree]:has([role=treeitem])").count(),
        )
        for name, source in SECTIONS.items()
    }
    assert drawn == DRAWN
    empty = [
        name for name, source in SECTIONS.items()
        if not lab.output(source).locator("table:visible tbody tr").count()
    ]  # fmt: skip
    assert empty == []


def test_a_verdict_stands_before_any_chart(lab: Lab) -> None:
    tops = lab.page.evaluate(
        """() => [...document.querySelectorAll('.lh-section')].filter(head => {
            const chart = head.closest('.jp-OutputArea').querySelector('.bk-Figure, table.lh-table');
            return chart && chart.compareDocumentPosition(head) & Node.DOCUMENT_POSITION_FOLLOWING;
        }).map(head => head.innerText.slice(0, 60))"""
    )
    assert tops == []
    verdict = lab.output(SECTIONS["verdict"])
    expect(verdict.get_by_text("7 hypotheses:")).to_be_visible()
    supported = lab.output(SECTIONS["logons"]).locator(".lh-verdict")
    expect(supported).to_have_text("■ Supported")


def test_nothing_scrolls_sideways(lab: Lab) -> None:
    assert lab.sideways() == []


def test_screenshots(lab: Lab, tmp_path: Path) -> None:
    """Pictures of each section, for a person to look at (SHOTS=<folder> keeps them)."""
    folder = Path(os.environ.get("SHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    lab.page.set_viewport_size({"width": 1280, "height": 6_000})
    for name, source in {"source": "hunt.source.show()", **SECTIONS}.items():
        output = lab.output(source)
        output.scroll_into_view_if_needed()
        output.screenshot(path=folder / f"{name}.png")
        assert (folder / f"{name}.png").stat().st_size > 10_000
    lab.page.set_viewport_size({"width": 1280, "height": 1_000})


def test_saved_and_reopened_untrusted_it_shows_the_faces(
    lab: Lab, server: Server, chromium: Browser
) -> None:
    with lab.page.expect_response(
        lambda said: said.request.method == "PUT" and NOTEBOOK in said.url
    ) as saved:
        lab.page.keyboard.press("Control+s")
    assert saved.value.ok
    held = nbformat.read(server.folder / NOTEBOOK, as_version=4)
    state = held.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert {each["model_module"] for each in state.values()} <= CORE
    assert sum(len(json.dumps(cell)) for cell in held.cells) < 20_000_000

    held.cells.append(nbformat.v4.new_markdown_cell("Changed, so no signature fits."))
    nbformat.write(held, server.folder / "untrusted.ipynb")
    other = Lab.on(chromium, server.of("untrusted.ipynb"))
    faces = other.output(SECTIONS["verdict"]).locator(".lh-face")
    expect(faces.first).to_be_visible()
    shown = {
        name: (
            other.output(source).locator(".lh-face img:visible").count(),
            other.output(source).locator("table:visible tbody tr").count() > 0,
        )
        for name, source in SECTIONS.items()
    }
    live = other.page.locator(".lh-live, .bk-Figure").count()
    blank = other.page.evaluate(
        "() => [...document.querySelectorAll('.lh-face')].filter(face => !face.textContent.trim()"
        " && ![...face.querySelectorAll('img')].some(img => img.naturalWidth > 0)).length"
    )
    other.page.close()
    assert shown == {name: (_pictures(name), True) for name in SECTIONS}
    assert (live, blank, other.outside) == (0, 0, [])


def _pictures(name: str) -> int:
    """A timeline or volume of several tracks has one picture for all."""
    return {"users": 2, "network": 4, "verdict": 2}.get(name, DRAWN[name][0])


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


def test_a_picked_session_shows_its_processes(lab: Lab) -> None:
    picker, shown = lab.output("hunt.session.pick("), lab.output(SECTIONS["session"])
    first, second = (text.split(" (")[0] for text in _offered(picker)[:2])
    expect(shown.locator(".lh-title").first).to_have_text(first)
    before = shown.get_by_role("treeitem").all_inner_texts()
    picker.locator("select").select_option(index=1)
    expect(shown.locator(".lh-title").first).to_have_text(second)
    expect(shown.get_by_role("treeitem").first).to_be_visible()
    assert shown.get_by_role("treeitem").all_inner_texts() != before
    picker.locator("select").select_option(index=0)
    expect(shown.locator(".lh-title").first).to_have_text(first)


def test_a_jump_from_a_finding_leads_to_its_section(lab: Lab) -> None:
    finding = lab.output(SECTIONS["logons"]).locator(".lh-findings tbody tr").first
    expect(finding.get_by_role("link", name="user")).to_have_attribute("href", re.compile("#users"))
    jumps, users = lab.output("hunt.logons.investigate"), lab.output("hunt.users.pick(")
    picked = _picked(users)
    at, name = next(
        (i, text.removeprefix("user "))
        for i, text in enumerate(_offered(jumps))
        if text.startswith("user ") and not picked.startswith(text.removeprefix("user "))
    )
    jumps.locator("select").select_option(index=at)
    link = jumps.get_by_role("link", name=f"user {name}")
    expect(link).to_be_visible()
    assert re.match(rf"{re.escape(name)}\b", _picked(users))
    shown = lab.output(SECTIONS["users"])
    expect(
        shown.get_by_text(re.compile(rf"^(sudo commands|Sessions) of {name}$")).first
    ).to_be_visible()
    link.click()
    expect(lab.page.get_by_role("heading", name="9. User activity")).to_be_in_viewport()


def test_rescoped_around_a_finding_and_back(lab: Lab) -> None:
    picker = lab.output("hunt.pick_rescope")
    heads = [lab.output(SECTIONS[name]).locator(".lh-scope") for name in SCOPED]
    before = [head.inner_text() for head in heads]
    at = next(i for i, text in enumerate(_offered(picker)) if text.startswith("finding"))
    picker.locator("select").select_option(index=at)
    picker.get_by_role("button", name="Apply").click()
    for head, was in zip(heads, before, strict=True):
        expect(head).not_to_have_text(was)
        expect(head).to_contain_text("around finding")
    picker.get_by_role("button", name="Back").click()
    for head, was in zip(heads, before, strict=True):
        expect(head).to_have_text(was)


def test_another_host_changes_the_sections(lab: Lab) -> None:
    picker = lab.output("hunt.pick_host")
    hosts = picker.locator("select")
    first, second = (text.split(". ", 1)[1].split(":")[0] for text in _offered(picker)[:2])
    heads = [lab.output(SECTIONS[name]).locator(".lh-scope") for name in SCOPED]
    hosts.select_option(index=1)
    for head in heads:
        expect(head).to_contain_text(second)
    host = lab.output(SECTIONS["host"])
    expect(host.get_by_role("cell", name=second).first).to_be_visible()
    lab.drawn()
    assert (lab.page.get_by_text("This section failed").all_inner_texts(), lab.sideways()) == (
        [],
        [],
    )
    hosts.select_option(index=0)
    for head in heads:
        expect(head).to_contain_text(first)


def test_nothing_went_wrong_meanwhile(lab: Lab) -> None:
    lab.drawn()
    failed = lab.page.get_by_text("This section failed").all_inner_texts()
    assert (failed, lab.faults, lab.outside) == ([], [], [])
