"""Log lines to events: pure functions, frames in, frames out."""

from linuxhunt.parse.accounts import accounts
from linuxhunt.parse.auth import auth
from linuxhunt.parse.cron import cron
from linuxhunt.parse.logons import logons
from linuxhunt.parse.sessions import sessions
from linuxhunt.parse.sudo import sudo
from linuxhunt.parse.unparsed import AUTH_PROGRAMS, BOOT_MESSAGES, CRON_PROGRAMS, unparsed

__all__ = [
    "AUTH_PROGRAMS",
    "BOOT_MESSAGES",
    "CRON_PROGRAMS",
    "accounts",
    "auth",
    "cron",
    "logons",
    "sessions",
    "sudo",
    "unparsed",
]
