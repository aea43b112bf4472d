"""Sections as the notebook shows them: events and findings in, views out."""

from linuxhunt.pages.applications import ApplicationsPage
from linuxhunt.pages.host import HostPage
from linuxhunt.pages.logons import LogonsPage
from linuxhunt.pages.session import SessionPage
from linuxhunt.pages.source import SourcePage

__all__ = ["ApplicationsPage", "HostPage", "LogonsPage", "SessionPage", "SourcePage"]
