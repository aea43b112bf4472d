"""The only code that talks to an engine: sources, queries, answers and how whole they are."""

from linuxhunt.workspace.catalogue import Query, catalogue, queries_folder
from linuxhunt.workspace.completeness import Completeness, combine
from linuxhunt.workspace.connect import open_workspace
from linuxhunt.workspace.serve import serve
from linuxhunt.workspace.workspace import Answer, Workspace

__all__ = [
    "Answer",
    "Completeness",
    "Query",
    "Workspace",
    "catalogue",
    "combine",
    "open_workspace",
    "queries_folder",
    "serve",
]
