"""Secrets in commands and messages, written as ``***`` before anybody is shown them.

What is masked are values, never names: ``--password=***``, ``https://deploy:***@host``. The forms
are those of the tools' manuals (curl, mysql, sshpass, openssl, ldapsearch, redis-cli, chpasswd),
of ``crypt(5)``'s hashes, and of the tokens whose issuers document a fixed prefix (GitHub, GitLab,
Slack, Stripe, npm, Google, AWS, JSON Web Tokens, Azure's keys and SAS signatures). What has no such
form (a password typed as a user name, a random word) cannot be told from text and is not masked.

Text is the intruder's, so every repetition that could start anew at each sign is bounded.
"""

from __future__ import annotations

import re

__all__ = ["HINTS", "mask", "show_secrets"]

_WORD = (
    r"pass(?:word|wd|phrase|code)?|pwd|secret|token|credential|"
    r"(?:api|access|account|auth|private|secret|shared|sharedaccess|encryption|signing)[_-]?key"
)
_NAME = rf"(?:{_WORD})s?(?:[_-]?(?:hash|value|key))?"
_HINTS = "pass pwd secret token credential _key -key ikey skey tkey hkey ekey dkey nkey gkey"
_QUOTED = r"\\?\"(?:[^\"\\]|\\.){1,4000}\\?\"|'[^']{1,4000}'"
_VALUE = rf"(?:{_QUOTED}|[^\s,;&|'\"<>){{}}\]]{{1,4000}})"
_SAID = r"(?!\$[({]?\w|(?:yes|no|none|null|true|false|required|disabled)\b)"
_NEAR = r"[^|;&\n]{0,200}?"  # further arguments of the same command

_PLACE = r"(?!(?-i:(?:(?<=OLD)|(?<![A-Za-z0-9_]))PWD)=(?:[/~(]|unknown\b))"
"""``PWD=/root`` of sudo's log and of an environment is a directory."""

_FORMS = (
    # PGPASSWORD=x, "api_key": "x", password: "x"; not ``password=***`` again, nor ``pass=no``
    (
        _HINTS,
        rf"(?i){_PLACE}(?P<keep>{_NAME}(?:\\?[\"']?\s{{0,3}}:?=\s{{0,3}}|\\?[\"']\s{{0,3}}:\s{{0,3}}|"
        rf"\s{{0,3}}:\s{{0,3}}(?=\\?[\"']))){_SAID}{_VALUE}",
    ),
    # password: x where a line, a list or a part of one begins; elsewhere it is prose
    (
        _HINTS,
        rf"(?im)(?P<keep>(?:^|[{{,;(\[])[ \t-]{{0,8}}[\w.-]{{0,40}}{_NAME}:\s{{1,3}})"
        rf"{_SAID}{_VALUE}",
    ),
    # --password x, --http-password=x, -storepass x
    (
        _HINTS,
        rf"(?i)(?P<keep>(?:^|[\s,\"'])--?[\w-]{{0,40}}?{_NAME}(?:=|[\s,]{{1,3}}))(?![-\s|;&>]){_VALUE}",
    ),
    # a scheme's user information
    (
        "://",
        r"(?P<keep>\b[A-Za-z][\w+.-]{1,20}://[^\s/:@'\"]{0,200}:)[^\s/@'\"]{1,400}(?=@)",
    ),
    (
        "authorization",
        r"(?i)(?P<keep>\b(?:authorization|proxy-authorization)\s{0,3}[:=]\s{0,3}"
        r"(?:(?:basic|bearer|digest|token|negotiate|aws4-hmac-sha256)\s{1,3})?)[^\s'\"]{1,4000}",
    ),
    (
        "bearer",
        r"(?i)(?P<keep>\bbearer\s{1,3})[\w.~+/=-]{12,4000}",
    ),
    (
        "x-",
        r"(?i)(?P<keep>\bx-[\w-]{0,30}(?:key|token|secret)\s{0,3}:\s{0,3})[^\s'\"]{1,4000}",
    ),
    # options whose meaning is the tool's
    (
        "curl wget http",
        rf"(?P<keep>\b(?:curl|wget|https?){_NEAR}[\s,](?:-u|-U|--user|--proxy-user)"
        r"(?:=|[\s,]{0,3})[\"']?[^\s:'\"]{1,200}:)[^\s'\"]{1,400}",
    ),
    (
        "mysql maria xtrabackup mongo 7z",
        rf"(?P<keep>\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|mariadb-admin|mysqlimport|"
        rf"xtrabackup|mongosh?|mongodump|7z[ar]?){_NEAR}[\s,]-p)(?=[^\s,]){_VALUE}",
    ),
    (
        "sshpass mongo user ipmitool xfreerdp login",
        rf"(?P<keep>\b(?:sshpass|mongosh?|mongodump|useradd|usermod|ipmitool|xfreerdp|"
        rf"docker login|podman login){_NEAR}[\s,](?:-p|-P)[\s,]{{0,3}})(?=[^\s,-]){_VALUE}",
    ),
    (
        "ldap",
        rf"(?P<keep>\b(?:ldapsearch|ldapadd|ldapmodify|ldapdelete|ldappasswd|ldapwhoami){_NEAR}[\s,]"
        rf"-[ws][\s,]{{0,3}})(?=[^\s,-]){_VALUE}",
    ),
    (
        "zip",
        rf"(?P<keep>\b(?:zip|unzip){_NEAR}[\s,]-P[\s,]{{0,3}}){_VALUE}",
    ),
    (
        "redis-cli",
        rf"(?P<keep>\bredis-cli{_NEAR}[\s,]-a[\s,]{{1,3}}){_VALUE}",
    ),
    (
        "smbclient rpcclient cifs",
        r"(?P<keep>\b(?:smbclient|rpcclient|mount\.cifs)[^|;&\n]{0,200}?%)[^\s'\"]{1,400}",
    ),
    (
        "pass:",
        r"(?P<keep>\bpass:)[^\s'\"]{1,400}",
    ),
    (
        "chpasswd",
        r"(?P<keep>\b(?:echo|printf)\s{1,3}(?:-\w{1,3}\s{1,3})?[\"']?[\w.-]{1,64}:)"
        r"[^\s'\"|:]{1,400}"
        r"(?=[\"']?\s{0,3}\|\s{0,3}(?:sudo\s{1,3})?(?:/usr)?(?:/s?bin/)?chpasswd)",
    ),
    (
        "chpasswd",
        r"(?P<keep>\bchpasswd\s{0,3}<<<\s{0,3}[\"']?[\w.-]{1,64}:)[^\s'\"]{1,400}",
    ),
    (
        "passwd sudo",
        r"(?P<keep>\b(?:echo|printf)\s{1,3}(?:-\w{1,3}\s{1,3})?)"
        r"(?:[\"'][^'\"|]{1,400}[\"']|[^\s|'\"]{1,400})"
        r"(?=\s{0,3}\|\s{0,3}(?:(?:sudo\s{1,3})?(?:/usr)?(?:/s?bin/)?passwd\b|"
        r"sudo\s[^|;&]{0,40}-\w{0,5}S))",
    ),
    # keys, hashes and tokens that are known by their form
    (
        "private",
        r"(?P<keep>-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)(?:[\w+/=\s\\:,]|-(?!----)){1,20000}",
    ),
    (
        "$",
        r"(?P<keep>\$(?:1|2[abxy]?|5|6|7|y|gy|sm3|argon2\w{0,2}|scrypt)\$)[\w./+=$,-]{8,400}",
    ),
    (
        "gh glpat- xox npm_ hf_",
        r"(?P<keep>\bgh[oprsu]_|\bgithub_pat_|\bglpat-|\bxox[abeoprs]-|\bnpm_|\bhf_)[\w-]{16,300}",
    ),
    (
        "k_ sk- aiza",
        r"(?P<keep>\b(?:sk|rk|pk)_(?:live|test)_|\bsk-(?:proj-|ant-)?|\bAIza)[\w-]{20,300}",
    ),
    (
        "eyj",
        r"(?P<keep>\beyJ)[\w-]{8,4000}\.[\w-]{8,4000}\.[\w-]{0,4000}",
    ),
    (
        "akia asia",
        r"(?P<keep>\b(?:AKIA|ASIA))[A-Z0-9]{16}\b",
    ),
    (
        "sig=",
        r"(?P<keep>[?&;]sig=)[\w%+/=-]{20,400}",
    ),
)
"""What a text must hold, in lower case, for a form to be looked for; the form, whose group ``keep``
stays."""

_RULES = tuple((tuple(hints.split()), re.compile(form)) for hints, form in _FORMS)

HINTS = tuple(dict.fromkeys(hint for hints, _ in _RULES for hint in hints))
"""A text that holds none of these, in lower case, holds no secret of a known form."""

_state = {"masked": True}


def mask(text: str) -> str:
    """Write the secrets in a text as ``***``; the same text where masking is off."""
    if not _state["masked"]:
        return text
    low = text.lower()
    for hint in HINTS:  # most texts hold none; a loop is cheaper than one for each form
        if hint in low:
            break
    else:
        return text
    for hints, form in _RULES:
        if any(hint in low for hint in hints):
            text = form.sub(r"\g<keep>***", text)
    return text


def show_secrets(shown: bool = True) -> None:
    """Show secrets from now on in this process, or mask them again.

    Args:
        shown: False masks them again.
    """
    _state["masked"] = not shown
