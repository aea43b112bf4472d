"""What a rule about command lines is, and where its words come from."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FETCH", "INSTALLERS", "INTERPRETERS", "PUBLIC_ADDRESS", "SHELL", "TEMP", "Rule"]

SHELL = r"(?:sh|bash|dash|zsh|ksh|mksh|ash|csh|tcsh|fish)"
INTERPRETERS = "python perl ruby php node lua"
FETCH = r"(?:curl|wget|fetch|aria2c|lwp-download|lwp-request|GET|axel|http)"
TEMP = r"(?:/tmp|/var/tmp|/dev/shm|/run/shm|/run/user/\d+|/run/lock)"
PUBLIC_ADDRESS = (
    r"\b(?:(?:[1-9]|1[1-9]|[2-9]\d|1[013-58]\d|12[0-689]|16[0-8]|17[013-9]|19[013-9]|2[01]\d"
    r"|22[0-3])\.\d{1,3}|172\.(?:\d|1[0-5]|3[2-9]|[4-9]\d|\d{3})|169\.(?:\d\d?|1\d\d|2[0-46-9]\d)"
    r"|192\.(?:\d\d?|1[0-57-9]\d|16[0-79]|2\d\d))\.\d{1,3}\.\d{1,3}(?:[:/]|\s|$)"
)
"""An IPv4 address that is neither private (RFC 1918) nor loopback nor link-local."""
INSTALLERS = (
    r"https://(?:get\.docker\.com|sh\.rustup\.rs|get\.k3s\.io|get\.rke2\.io|bun\.sh|deno\.land"
    r"|astral\.sh|install\.python-poetry\.org|deb\.nodesource\.com|rpm\.nodesource\.com"
    r"|bootstrap\.pypa\.io|get\.helm\.sh|get\.sdkman\.io|sdk\.cloud\.google\.com|get\.pnpm\.io"
    r"|dl\.yarnpkg\.com|get\.volta\.sh|packages\.gitlab\.com|packagecloud\.io|aka\.ms"
    r"|raw\.githubusercontent\.com/(?:nvm-sh|ohmyzsh|Homebrew|rancher|helm|pyenv|creationix)/"
    r"|dl\.google\.com|packages\.microsoft\.com|repos\.influxdata\.com|getcomposer\.org)"
)
"""Makers' own sites whose documentation tells to pipe a script to a shell."""


@dataclass(frozen=True)
class Rule:
    """A shape of command line.

    Rules of one title are one question: the most severe of them that fits counts.

    Attributes:
        title: of the finding.
        techniques: MITRE ATT&CK ids, separated by blanks.
        severity: of a finding.
        names: programs, separated by blanks; "" for any.
        pattern: RE2, on the canonical line (:mod:`linuxhunt.sections.steps`).
        unless: RE2, on the same; where it fits, the rule does not.
        hint: RE2 that each command line must fit, quotes and backslashes taken out, to be read
            at all; "" takes the names as words.
        on: ``line``, ``pipe`` (of a pipeline), ``program`` (path) or ``text`` (as logged).
        as_root: severity where root ran it, if that is another one.
        why: what it means, one clause.
    """

    title: str
    techniques: str
    severity: str
    names: str
    pattern: str = ""
    unless: str = ""
    hint: str = ""
    on: str = "line"
    as_root: str = ""
    why: str = ""

    def hints(self) -> str:
        """Return the expression for the first sieve."""
        if self.hint:
            return self.hint
        words = "|".join(
            name.replace(".", r"\.").replace("+", r"\+") for name in self.names.split()
        )
        return rf"(?:^|[^a-z0-9])(?:{words})(?:[^a-z]|$)"
