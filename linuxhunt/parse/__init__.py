"""Log lines to events: pure functions, frames in, frames out."""

from .accounts import accounts
from .auth import auth
from .cron import cron
from .logons import logons
from .sessions import sessions
from .sudo import sudo
from .unparsed import AUTH_PROGRAMS, BOOT_MESSAGES, CRON_PROGRAMS, unparsed

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
