"""Sections as the notebook shows them: events and findings in, views out."""

from linuxhunt.pages.alerts import AlertsPage
from linuxhunt.pages.applications import ApplicationsPage
from linuxhunt.pages.host import HostPage
from linuxhunt.pages.intel import IntelPage
from linuxhunt.pages.logons import LogonsPage
from linuxhunt.pages.network import NetworkPage
from linuxhunt.pages.session import SessionPage
from linuxhunt.pages.source import SourcePage
from linuxhunt.pages.users import UsersPage
from linuxhunt.pages.verdict import VerdictPage

__all__ = [
    "AlertsPage",
    "ApplicationsPage",
    "HostPage",
    "IntelPage",
    "LogonsPage",
    "NetworkPage",
    "SessionPage",
    "SourcePage",
    "UsersPage",
    "VerdictPage",
]
