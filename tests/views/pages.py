"""What a view's HTML holds, taken apart."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from linuxhunt.views.base import View, unpacked

HOSTILE = {
    "script": "<script>window.pwned=1</script>",
    "image": '<img src=x onerror="window.pwned=1">',
    "end of script": "</script><b>x",
    "link": "javascript:window.pwned=1",
    "attribute": "\" onmouseover='window.pwned=1' x=\"",
    "svg": '"><svg onload=window.pwned=1>',
    "style": "</style><style>body{display:none}",
    "comment": "--><!--",
    "entity": "&lt;b&gt;&#x3c;script&#x3e;",
    "ansi": "\x1b[31mred\x1b[0m",
    "separators": "a\u2028b\u2029c",
    "override": "\u202egnp.exe",
    "zero width": "ad\u200bmin\ufeff",
    "nul": "nul\x00nul",
    "surrogate": "raw \udcff byte",
    "tex": "$$\\frac{1}{2}$$ $x$ \\(y\\) \\[z\\]",
    "broken tex": "$\\frac{$",
    "template": "{{7*7}} ${7*7} @text @{text}{safe} %s",
    "wide": "日本語 🦊",
    "long": "x" * 9_000,
}
"""Texts that somebody who writes to a log may choose."""

HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")
_ALLOWED = {
    *("a", "b", "br", "details", "div", "img", "p", "pre", "script", "span", "summary"),
    *("table", "tbody", "td", "th", "thead", "tr", "wbr"),
}
_PAYLOAD = re.compile(r"'(chart|table|tree)','([A-Za-z0-9+/=]+)'\]\)\}")
_SCRIPT = re.compile(
    r"\{const s=document\.currentScript;\(window\.linuxhunt_queue\?\?=\[\]\)\.push\(\["
    r"s&&s\.closest\('\.lh-view'\)\|\|\(s&&s\.isConnected\?s\.getRootNode\(\):document\)"
    r"\.querySelector\('#lh-[0-9a-f]{12}'\),'(chart|table|tree)','[A-Za-z0-9+/=]+'\]\)\}"
)


def payloads(view: View) -> list[Any]:
    """What the view's scripts are given."""
    return [unpacked(text) for _, text in _PAYLOAD.findall(view.html)]


def named(node: Any, name: str) -> list[dict[str, Any]]:
    """Return the attributes of each Bokeh model of one kind, in the order of the document."""
    if isinstance(node, dict):
        own = [node["attributes"]] if node.get("name") == name and "attributes" in node else []
        return own + [found for value in node.values() for found in named(value, name)]
    if isinstance(node, list):
        return [found for value in node for found in named(value, name)]
    return []


def without_payloads(view: View) -> str:
    """Return the HTML with scripts, pictures and generated ids replaced by a word each."""
    text = re.sub(r"<script>.*?</script>", "<script>", view.html, flags=re.S)
    text = re.sub(r'src="data:image/png;base64,[A-Za-z0-9+/=]+"', 'src="PNG"', text)
    return re.sub(r"lh-[0-9a-f]{12}", "lh-ID", text)


class Faults(HTMLParser):
    """Reads HTML as a browser would and collects what no view may hold."""

    def __init__(self, view: View) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.inside: str | None = None
        self.feed(view.html)
        self.close()
        if HIDDEN.search(view.html) or HIDDEN.search(view.text):
            self.found.append("a sign that hides")
        view.html.encode()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ALLOWED:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name not in {"alt", "class", "href", "id", "scope", "src", "style", "title"}:
                self.found.append(f"{tag} {name}={value}")
            if name == "href" and not (value or "").startswith("#"):
                self.found.append(f"href {value}")
            if name == "src" and not (value or "").startswith("data:image/png;base64,"):
                self.found.append(f"src {value}")
            if name == "style" and re.search(r"url|expression|@|\\", value or ""):
                self.found.append(f"style {value}")
        self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = None

    def handle_data(self, data: str) -> None:
        if self.inside == "script" and not _SCRIPT.fullmatch(data):
            self.found.append(f"script {data[:80]}")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"comment {data}")
