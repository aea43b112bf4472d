"""What every view is: one piece of HTML with a static face, and a plain text for terminals.

A live view is its static face (plain HTML, or a PNG) and a script that hands a payload to the
notebook's resources (:func:`linuxhunt.views.resources`). Where scripts are stripped, or the
resources are not there, the face stays. Payloads are JSON, gzip, base64: small, and no text in
them can end the script element.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from linuxhunt.errors import LinuxHuntError
from linuxhunt.views.text import escape, visible

__all__ = [
    "LIMIT",
    "View",
    "block",
    "error",
    "live",
    "message",
    "packed",
    "paragraph",
    "row",
    "stack",
    "unpacked",
]

LIMIT = 2_000_000
"""No view sends more bytes than this."""

_PLAIN = "mathjax_ignore tex2jax_ignore"
"""Classes of every view's outermost element: JupyterLab would typeset ``$...$`` in log text."""


class View:
    """HTML to show and text that says the same in short.

    Attributes:
        html: what a notebook shows; all foreign text in it is escaped.
        text: what a terminal or a screen reader's user gets.
    """

    def __init__(self, html: str, text: str) -> None:
        self.html = html
        self.text = text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"


def block(kind: str, inner: str, attributes: str = "") -> str:
    """The outermost element of a view of one kind, around HTML whose text is escaped already."""
    attributes = f" {attributes}" if attributes else ""
    return f'<div class="lh-{kind} {_PLAIN}"{attributes}>{inner}</div>'


def paragraph(text: str | None, kind: str = "caption") -> str:
    """A ``caption`` or ``title`` of plain text as HTML; nothing where there is none."""
    if not text:
        return ""
    style = "font-weight:600;margin:4px 0" if kind == "title" else "margin:4px 0"
    return f'<p class="lh-{kind}" style="{style}">{escape(text)}</p>'


def stack(*views: View | None) -> View:
    """Put views below one another; None is left out."""
    given = [view for view in views if view is not None]
    inner = "".join(view.html for view in given)
    return View(block("stack", inner), _texts(given))


def row(*views: View | None) -> View:
    """Put views side by side, as many as fit (each at least 360 pixels wide); None is left out."""
    given = [view for view in views if view is not None]
    style = "display:grid;gap:16px;grid-template-columns:repeat(auto-fit,minmax(360px,1fr))"
    inner = "".join(f'<div class="lh-cell">{view.html}</div>' for view in given)
    return View(block("row", inner, f'style="{style}"'), _texts(given))


def fold(summary: str, view: View) -> View:
    """Put a view under a line that a click or Enter opens."""
    inner = f"<details><summary>{escape(summary)}</summary>{view.html}</details>"
    return View(block("fold", inner), f"{visible(summary)}\n{view.text}")


def _texts(views: Sequence[View]) -> str:
    return "\n".join(view.text for view in views if view.text)


_KINDS = {"info": "i", "good": "✓", "warning": "!", "error": "✗"}


def message(text: str, kind: str = "info") -> View:
    """Say one thing in one line.

    Args:
        text: what to say; it is escaped.
        kind: ``info``, ``good``, ``warning`` or ``error``.

    Raises:
        ValueError: another kind.
    """
    if kind not in _KINDS:
        raise ValueError(f"A message is one of {', '.join(_KINDS)}, not {kind!r}.")
    inner = f'<b class="lh-sign">{_KINDS[kind]}</b> {escape(text)}'
    return View(block(f"message lh-{kind}", inner, 'style="margin:4px 0"'), visible(text))


def error(exc: LinuxHuntError) -> View:
    """Show what went wrong under the section that it went wrong in."""
    return message(str(exc), "error")


def packed(payload: Any) -> str:
    """JSON, gzip, base64; the same payload always gives the same text."""
    text = json.dumps(payload, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode()


def unpacked(text: str) -> Any:
    """Undo :func:`packed`; what a test looks at."""
    return json.loads(gzip.decompress(base64.b64decode(text)))


def live(kind: str, face: str, payload: str, text: str) -> View:
    """Put a live view over its static face.

    Args:
        kind: ``chart`` (a Bokeh item), ``table`` or ``tree``: which script draws it.
        face: HTML that stays where no script runs; its text is escaped already.
        payload: what that function is given, from :func:`packed`.
        text: the plain text.
    """
    name = "lh-" + hashlib.sha256((face + payload).encode()).hexdigest()[:12]
    script = (
        "{const s=document.currentScript;(window.linuxhunt_queue??=[]).push(["
        "s&&s.closest('.lh-view')"
        f"||(s&&s.isConnected?s.getRootNode():document).querySelector('#{name}'),"
        f"'{kind}','{payload}'])}}"
    )
    inner = f'<div class="lh-face">{face}</div><script>{script}</script>'
    return View(block("view", inner, f'id="{name}"'), text)
