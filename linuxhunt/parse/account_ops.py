"""What a record of audit says was done to an account: its type and its ``op``.

Sources: shadow's src/ as Debian builds it (``op=adding user to group``, all of usermod's under
USER_CHAUTHTOK, gpasswd's and groupmod's under USER_ACCT), shadow with Red Hat's audit patch, which
later shadow took over (``op=add-user-to-group grp="wheel"``, types of their own for groups and
locks), Red Hat's passwd.c, libuser's apps, libselinux' semanage, linux-pam's pam_audit.c and
pam_tally2. What they write differs in signs and in words, so ``op`` is read by the words in it.
"""

from __future__ import annotations

import re

__all__ = ["TYPES", "Change", "change"]

TYPES = (
    "ADD_USER", "DEL_USER", "USER_MGMT", "USER_CHAUTHTOK", "CHUSER_ID", "ADD_GROUP", "DEL_GROUP",
    "GRP_MGMT", "GRP_CHAUTHTOK", "CHGRP_ID", "ACCT_LOCK", "ACCT_UNLOCK", "ROLE_ASSIGN",
    "ROLE_MODIFY", "ROLE_REMOVE", "USER_ACCT",
)  # fmt: skip
"""Types of records that may tell of an account; USER_ACCT is shadow's, where it is not PAM's."""

Change = tuple[str, str | None]
"""EventType, EventSubType."""

_NO_CHANGE = ("display-aging", "locking-")  # looked at; a file that could not be locked
_SAID = {
    "added": re.compile(r"^user (?P<user>\S+) added by (?P<actor>\S+) to group (?P<group>\S+)$"),
    "removed": re.compile(
        r"^user (?P<user>\S+) removed by (?P<actor>\S+) from group (?P<group>\S+)$"
    ),
    "set": re.compile(
        r"^(?P<sub>members|administrators) of group (?P<group>\S+) set by (?P<actor>\S+)"
        r" to (?P<new>.*)$"
    ),
    "password": re.compile(
        r"^(?P<sub>password) of group (?P<group>\S+) (?:changed|removed) by (?P<actor>\S+)$"
    ),
    "access": re.compile(r"^(?P<sub>access) to group (?P<group>\S+) restricted by (?P<actor>\S+)$"),
    "name": re.compile(r"^changing \S+; group [^\s,/]+(?:/\d+)?, new name: (?P<new>[^\s,]+)"),
}
"""What gpasswd and groupmod of shadow write as ``op``: their syslog line."""
_USERMOD = (
    ("changing-name", "Name"),
    ("uid", "UserId"),
    ("primary-group", "PrimaryGroup"),
    ("home", "Home"),
    ("shell", "Shell"),
    ("inactive", "Inactive"),
    ("expiration", "Expiration"),
    ("comment", "Information"),
    ("finger-info", "Information"),
    ("mail", "Mail"),
    ("selinux", "Role"),
    ("role", "Role"),
    ("subuid", "SubordinateIds"),
    ("subgid", "SubordinateIds"),
    ("subids", "SubordinateIds"),
)
"""Words of ``op`` -> EventSubType of UserModified, as the lines of syslog have it."""


def said(op: str) -> tuple[str, dict[str, str]] | None:
    """Return which of shadow's sentences ``op`` is, and what it names; None where it is none."""
    for name, pattern in _SAID.items():
        found = pattern.match(op)
        if found:
            return name, {key: text for key, text in found.groupdict().items() if text}
    return None


def change(kind: str, op: str, program: str) -> Change | None:
    """Return what a record tells of, None where it is no change of an account or a group.

    Args:
        kind: type of the record.
        op: as written, "" where there is none.
        program: that wrote it, without its folder.
    """
    words = op.lower().replace("_", "-").replace(" ", "-")
    if words.startswith(_NO_CHANGE) or ("unlocking-" in words and words.endswith("-file")):
        return None
    if words.startswith("pam:"):
        return ("PasswordChanged", None) if words == "pam:chauthtok" else None
    if kind == "USER_ACCT" and program not in ("gpasswd", "groupmod", "groupmems", "usermod"):
        return None
    match kind:
        case "ACCT_LOCK":
            return "UserLocked", None
        case "ACCT_UNLOCK":
            return "UserUnlocked", None
        case "ROLE_ASSIGN" | "ROLE_MODIFY" | "ROLE_REMOVE":
            return "UserModified", "Role"
        case "CHUSER_ID":
            return "UserModified", "UserId"
        case "CHGRP_ID":  # newgrp and sg change the group that they run as
            return None if program in ("newgrp", "sg") else ("UserModified", "PrimaryGroup")
    return _of_group(kind, words, op) or _of_user(kind, words, program)


def _of_group(kind: str, words: str, op: str) -> Change | None:
    """Return what is about a group or who is in one."""
    sentence = said(op)
    if sentence is not None:
        name, held = sentence
        if name in ("added", "removed"):
            return f"User{'AddedTo' if name == 'added' else 'RemovedFrom'}Group", None
        return "GroupModified", held.get("sub")
    about = kind in ("ADD_GROUP", "DEL_GROUP", "GRP_MGMT", "GRP_CHAUTHTOK", "USER_ACCT")
    if not (about or "group" in words) or "primary-group" in words:
        return None
    adds = words.startswith("add")
    takes = words.startswith(("del", "remov"))
    if ("user" in words or "member" in words or not about) and (adds or takes):
        return f"User{'AddedTo' if adds else 'RemovedFrom'}Group", None
    if kind == "ADD_GROUP" or (kind == "GRP_MGMT" and adds):
        return "GroupCreated", None
    if kind == "DEL_GROUP" or (kind == "GRP_MGMT" and takes):
        return "GroupDeleted", None
    if kind == "GRP_CHAUTHTOK" or "password" in words:
        return "GroupModified", "password"
    return "GroupModified", "members" if "member" in words or "admin" in words else None


def _of_user(kind: str, words: str, program: str) -> Change:
    """Return what is about a user."""
    if kind == "ADD_USER" or words.startswith("add-home"):
        return "UserCreated", None
    if kind == "DEL_USER" or words.startswith(("deleting-home", "deleting-mail")):
        return "UserDeleted", None
    if program == "useradd" and kind == "USER_MGMT" and "tally" not in words:
        return "UserCreated", None
    if program == "chage" or "aging" in words or "expired-password" in words:
        return "UserModified", "PasswordExpiry"
    if "tally" in words or "faillock" in words:
        return "UserModified", "FailedLogons"
    if program == "usermod" and words in ("updating-passwd", "updating-password"):
        return ("UserLocked" if words == "updating-passwd" else "UserUnlocked"), None
    if "unlock" in words:
        return "UserUnlocked", None
    if "lock" in words:
        return "UserLocked", None
    if "passw" in words:
        return "PasswordChanged", None
    return "UserModified", next((sub for word, sub in _USERMOD if word in words), None)
