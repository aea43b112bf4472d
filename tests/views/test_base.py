from __future__ import annotations

import pytest

from linuxhunt import views
from linuxhunt.errors import SourceError
from linuxhunt.views.base import View, live, packed, unpacked

PLAIN = "mathjax_ignore tex2jax_ignore"


@pytest.mark.parametrize(
    ("view", "html", "text"),
    [
        pytest.param(
            views.message("Ten <b>", "good"),
            f'<div class="lh-message lh-good {PLAIN}" style="margin:4px 0">'
            '<b class="lh-sign">✓</b> Ten &lt;b&gt;</div>',
            "Ten <b>",
            id="message",
        ),
        pytest.param(
            views.error(SourceError("No folder x; name one that is there.")),
            f'<div class="lh-message lh-error {PLAIN}" style="margin:4px 0">'
            '<b class="lh-sign">✗</b> No folder x; name one that is there.</div>',
            "No folder x; name one that is there.",
            id="error",
        ),
        pytest.param(
            views.stack(View("<p>a</p>", "a"), None, View("<p>b</p>", "b")),
            f'<div class="lh-stack {PLAIN}"><p>a</p><p>b</p></div>',
            "a\nb",
            id="stack",
        ),
        pytest.param(
            views.row(View("<p>a</p>", "a"), View("<p>b</p>", "")),
            f'<div class="lh-row {PLAIN}" style="display:grid;gap:16px;'
            'grid-template-columns:repeat(auto-fit,minmax(360px,1fr))">'
            '<div class="lh-cell"><p>a</p></div><div class="lh-cell"><p>b</p></div></div>',
            "a",
            id="row",
        ),
    ],
)
def test_whole_html(view: View, html: str, text: str) -> None:
    assert view._repr_mimebundle_() == {"text/html": html, "text/plain": text}


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="info, good, warning, error, not 'loud'"):
        views.message("x", "loud")


def test_payloads_come_back_and_do_not_change() -> None:
    held = {"rows": [["</script>", None, 1.5, "\u2028"]]}
    assert unpacked(packed(held)) == held
    assert packed(held) == packed(held)


def test_a_live_view_is_its_face_and_a_script() -> None:
    view = live("table", "<p>face</p>", "UEFZ", "text")
    name = view.html.split('id="')[1].split('"')[0]
    assert view.html == (
        f'<div class="lh-view {PLAIN}" id="{name}"><div class="lh-face"><p>face</p></div>'
        "<script>{const s=document.currentScript;(window.linuxhunt_queue??=[]).push(["
        "s&&s.closest('.lh-view')||(s&&s.isConnected?s.getRootNode():document)"
        f".querySelector('#{name}'),'table','UEFZ'])}}</script></div>"
    )
    assert repr(view) == "View('text')"
