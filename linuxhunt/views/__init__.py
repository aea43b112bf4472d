"""Findings and tables in, figures and widgets out.

Every function takes frames and returns an object that a notebook shows; none displays anything
itself. A cell of the notebook shows :func:`resources` once; with it, charts and tables come alive
where scripts run. Without it, and in a notebook that is not trusted, each stays what it is
underneath: a picture or a plain table. Nothing is fetched from any network, and all text that
comes from data is escaped.
"""

from linuxhunt.views.bars import bars
from linuxhunt.views.base import View, error, fold, message, row, stack
from linuxhunt.views.geo_map import geo_map
from linuxhunt.views.graph import graph
from linuxhunt.views.header import findings, section_header
from linuxhunt.views.matrix import matrix
from linuxhunt.views.pickers import choice_picker, host_picker, window_picker
from linuxhunt.views.process_tree import process_tree
from linuxhunt.views.resources import resources
from linuxhunt.views.street_map import street_map
from linuxhunt.views.table import table
from linuxhunt.views.timeline import Track, timeline, timelines
from linuxhunt.views.verdicts import notes, verdicts
from linuxhunt.views.volume import bin_width, volume
from linuxhunt.views.volumes import volumes

__all__ = [
    "Track",
    "View",
    "bars",
    "bin_width",
    "choice_picker",
    "error",
    "findings",
    "fold",
    "geo_map",
    "graph",
    "host_picker",
    "matrix",
    "message",
    "notes",
    "process_tree",
    "resources",
    "row",
    "section_header",
    "stack",
    "street_map",
    "table",
    "timeline",
    "timelines",
    "verdicts",
    "volume",
    "volumes",
    "window_picker",
]
