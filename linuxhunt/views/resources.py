"""Scripts and styles of all views, once a notebook: BokehJS, DataTables, views.js, views.css."""

from __future__ import annotations

import base64
import gzip
import re
from functools import lru_cache
from importlib.resources import files

from linuxhunt.views.base import View

__all__ = ["resources"]

BOKEH = "server/static/js/bokeh.min.js"
TABLES = "html/dt_bundle.js"
STYLES = ("views.css", "tree.css")
SCRIPTS = ("tree_model.js", "tree_keys.js", "tree_parts.js", "tree.js", "views.js")
"""In this order: views.js draws what waits, and must know every kind of view by then."""


@lru_cache(maxsize=1)
def resources() -> View:
    """Return what the set-up cell shows, so that every view of the notebook can come alive.

    BokehJS and DataTables are those of the installed bokeh and itables, compressed; nothing is
    fetched. Views may stand before or after it, and be shown before or after it.
    """
    assets = files(__package__).joinpath("assets")
    styles = "\n".join(assets.joinpath(name).read_text("utf-8") for name in STYLES)
    css = re.sub(r"\s+", " ", styles).strip()
    script = "\n".join(assets.joinpath(name).read_text("utf-8").strip() for name in SCRIPTS)
    html = (
        f"<style>{css}</style><script>{script}\n"
        f'linuxhunt.load("{_packed_file("bokeh", BOKEH)}","{_packed_file("itables", TABLES)}")'
        "</script>"
    )
    return View(html, "linuxhunt views: scripts and styles")


def _packed_file(package: str, path: str) -> str:
    data = files(package).joinpath(path).read_bytes()
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()
