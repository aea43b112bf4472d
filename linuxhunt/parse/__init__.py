"""Log lines to events: pure functions, frames in, frames out."""

from linuxhunt.parse.accounts import accounts
from linuxhunt.parse.audit import audit
from linuxhunt.parse.audit_account import audit_account
from linuxhunt.parse.audit_auth import audit_auth
from linuxhunt.parse.auth import auth
from linuxhunt.parse.cron import cron
from linuxhunt.parse.logons import logons
from linuxhunt.parse.proc_tree import ancestors, descendants, roots, siblings, tree
from linuxhunt.parse.processes import processes
from linuxhunt.parse.sessions import sessions
from linuxhunt.parse.sudo import sudo
from linuxhunt.parse.unparsed import AUTH_PROGRAMS, BOOT_MESSAGES, CRON_PROGRAMS, unparsed

__all__ = [
    "AUTH_PROGRAMS",
    "BOOT_MESSAGES",
    "CRON_PROGRAMS",
    "accounts",
    "ancestors",
    "audit",
    "audit_account",
    "audit_auth",
    "auth",
    "cron",
    "descendants",
    "logons",
    "processes",
    "roots",
    "sessions",
    "siblings",
    "sudo",
    "tree",
    "unparsed",
]
