"""Log lines to events: pure functions, frames in, frames out."""

from .auth import auth
from .logons import logons
from .sessions import sessions

__all__ = ["auth", "logons", "sessions"]
