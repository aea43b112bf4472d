from __future__ import annotations

import base64
import gzip
import re
from importlib.resources import files

from linuxhunt import views
from linuxhunt.views.base import LIMIT


def test_resources_are_those_installed_and_small() -> None:
    html = views.resources().html
    packed = re.search(r'linuxhunt\.load\("([A-Za-z0-9+/=]+)","([A-Za-z0-9+/=]+)"\)', html)
    assert packed is not None
    held = [gzip.decompress(base64.b64decode(text)) for text in packed.groups()]
    assert held == [
        files("bokeh").joinpath("server/static/js/bokeh.min.js").read_bytes(),
        files("itables").joinpath("html/dt_bundle.js").read_bytes(),
    ]
    assert len(html) < LIMIT / 2


def test_resources_are_one_style_and_one_script_that_name_no_address() -> None:
    html = views.resources().html
    assert re.findall(r"</?(?:script|style|link|img)\b[^>]*>", html) == [
        "<style>", "</style>", "<script>", "</script>",
    ]  # fmt: skip
    assert re.findall(r"https?:|//cdn|@import|url\(", html) == []
