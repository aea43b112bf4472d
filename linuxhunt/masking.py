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

__all__ = ["mask", "show_secrets"]

_WORD = (
    r"pass(?:word|wd|phrase|code)?|pwd|secret|token|credential|"
    r"(?:api|access|account|auth|private|secret|shared|sharedaccess|encryption|signing)[_-]?key"
)
_NAME = rf"[\w.-]{{0,40}}(?:{_WORD})s?(?:[_-]?(?:hash|value|key))?"
_QUOTED = r"\\?\"(?:[^\"\\]|\\.){1,4000}\\?\"|'[^']{1,4000}'"
_VALUE = rf"(?:{_QUOTED}|[^\s,;&|'\"<>){{}}\]]{{1,4000}})"
_NEAR = r"[^|;&\n]{0,200}?"  # further arguments of the same command

_FORMS = (
    # PGPASSWORD=x, "api_key": "x", password: x; but not password=*** again, nor ``pass: no``
    (
        rf"(?i)\b(?P<keep>{_NAME}\\?[\"']?\s{{0,3}}(?:=|:=|:(?!//))\s{{0,3}})"
        rf"(?!\$[({{]?\w|(?:yes|no|none|null|true|false|required|disabled)\b){_VALUE}"
    ),
    # --password x, --http-password=x, -storepass x
    rf"(?i)(?P<keep>(?:^|[\s,\"'])--?{_NAME}(?:=|[\s,]{{1,3}}))(?![-\s|;&>]){_VALUE}",
    # a scheme's user information
    r"(?P<keep>\b[A-Za-z][\w+.-]{1,20}://[^\s/:@'\"]{0,200}:)[^\s/@'\"]{1,400}(?=@)",
    (
        r"(?i)(?P<keep>\b(?:authorization|proxy-authorization)\s{0,3}[:=]\s{0,3}"
        r"(?:(?:basic|bearer|digest|token|negotiate|aws4-hmac-sha256)\s{1,3})?)[^\s'\"]{1,4000}"
    ),
    r"(?i)(?P<keep>\bbearer\s{1,3})[\w.~+/=-]{12,4000}",
    r"(?i)(?P<keep>\bx-[\w-]{0,30}(?:key|token|secret)\s{0,3}:\s{0,3})[^\s'\"]{1,4000}",
    # options whose meaning is the tool's
    (
        rf"(?P<keep>\b(?:curl|wget|https?){_NEAR}[\s,](?:-u|-U|--user|--proxy-user)"
        r"(?:=|[\s,]{0,3})[\"']?[^\s:'\"]{1,200}:)[^\s'\"]{1,400}"
    ),
    (
        rf"(?P<keep>\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|mariadb-admin|mysqlimport|"
        rf"xtrabackup|mongosh?|mongodump|7z[ar]?){_NEAR}[\s,]-p)(?=[^\s,]){_VALUE}"
    ),
    (
        rf"(?P<keep>\b(?:sshpass|mongosh?|mongodump|useradd|usermod|ipmitool|xfreerdp|"
        rf"docker login|podman login){_NEAR}[\s,](?:-p|-P)[\s,]{{0,3}})(?=[^\s,-]){_VALUE}"
    ),
    (
        rf"(?P<keep>\b(?:ldapsearch|ldapadd|ldapmodify|ldapdelete|ldappasswd|ldapwhoami){_NEAR}[\s,]"
        rf"-[ws][\s,]{{0,3}})(?=[^\s,-]){_VALUE}"
    ),
    rf"(?P<keep>\b(?:zip|unzip){_NEAR}[\s,]-P[\s,]{{0,3}}){_VALUE}",
    rf"(?P<keep>\bredis-cli{_NEAR}[\s,]-a[\s,]{{1,3}}){_VALUE}",
    r"(?P<keep>\b(?:smbclient|rpcclient|mount\.cifs)[^|;&\n]{0,200}?%)[^\s'\"]{1,400}",
    r"(?P<keep>\bpass:)[^\s'\"]{1,400}",
    (
        r"(?P<keep>\b(?:echo|printf)\s{1,3}(?:-\w{1,3}\s{1,3})?[\"']?[\w.-]{1,64}:)"
        r"[^\s'\"|:]{1,400}"
        r"(?=[\"']?\s{0,3}\|\s{0,3}(?:sudo\s{1,3})?(?:/usr)?(?:/s?bin/)?chpasswd)"
    ),
    r"(?P<keep>\bchpasswd\s{0,3}<<<\s{0,3}[\"']?[\w.-]{1,64}:)[^\s'\"]{1,400}",
    (
        r"(?P<keep>\b(?:echo|printf)\s{1,3}(?:-\w{1,3}\s{1,3})?)"
        r"(?:[\"'][^'\"|]{1,400}[\"']|[^\s|'\"]{1,400})"
        r"(?=\s{0,3}\|\s{0,3}(?:(?:sudo\s{1,3})?(?:/usr)?(?:/s?bin/)?passwd\b|"
        r"sudo\s[^|;&]{0,40}-\w{0,5}S))"
    ),
    # keys, hashes and tokens that are known by their form
    r"(?P<keep>-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)(?:[\w+/=\s\\:,]|-(?!----)){1,20000}",
    r"(?P<keep>\$(?:1|2[abxy]?|5|6|7|y|gy|sm3|argon2\w{0,2}|scrypt)\$)[\w./+=$,-]{8,400}",
    r"(?P<keep>\bgh[oprsu]_|\bgithub_pat_|\bglpat-|\bxox[abeoprs]-|\bnpm_|\bhf_)[\w-]{16,300}",
    r"(?P<keep>\b(?:sk|rk|pk)_(?:live|test)_|\bsk-(?:proj-|ant-)?|\bAIza)[\w-]{20,300}",
    r"(?P<keep>\beyJ)[\w-]{8,4000}\.[\w-]{8,4000}\.[\w-]{0,4000}",
    r"(?P<keep>\b(?:AKIA|ASIA))[A-Z0-9]{16}\b",
    r"(?P<keep>[?&;]sig=)[\w%+/=-]{20,400}",
)

_RULES = tuple(map(re.compile, _FORMS))

# One look at the text: without any of these no rule can match.
_HINT = re.compile(
    r"(?i)pass|pwd|secret|token|credential|[_-]?key|://|authorization|bearer|curl|wget|http|mysql|"
    r"maria|mongo|xtrabackup|7z|zip|user(?:add|mod)|ipmitool|xfreerdp|login|ldap|redis|"
    r"smbclient|rpcclient|cifs|-S\b|private key|\$[\dayg]|\$s(?:m3|crypt)|gh[oprsu]_|github_pat|"
    r"glpat|xox|npm_|hf_|[srp]k[_-]|aiza|eyj|akia|asia|sig="
)

_state = {"masked": True}


def mask(text: str) -> str:
    """Write the secrets in a text as ``***``; the same text where masking is off."""
    if not _state["masked"] or not _HINT.search(text):
        return text
    for rule in _RULES:
        text = rule.sub(r"\g<keep>***", text)
    return text


def show_secrets(shown: bool = True) -> None:
    """Show secrets from now on in this process, or mask them again.

    Args:
        shown: False masks them again.
    """
    _state["masked"] = not shown
