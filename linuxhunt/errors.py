"""What can go wrong, each with what was wrong, where, and what to do about it."""

__all__ = [
    "EvidenceError",
    "HostError",
    "LinuxHuntError",
    "ParameterError",
    "QueryError",
    "ScopeError",
    "SourceError",
]


class LinuxHuntError(Exception):
    """Root of all errors that linuxhunt raises on purpose; its text is one line for a person."""


class SourceError(LinuxHuntError):
    """A source cannot be opened: no such folder, no such workspace, nobody signed in."""


class EvidenceError(LinuxHuntError):
    """A file or folder of evidence cannot be read at all."""


class ScopeError(LinuxHuntError):
    """A window or a time zone that makes no sense."""


class HostError(ScopeError):
    """A host that the source does not hold, or that its name does not single out."""


class QueryError(LinuxHuntError):
    """An engine refused a query, or failed at it."""


class ParameterError(QueryError):
    """A value that its typed query parameter cannot take."""
