"""Accounts, groups and passwords: shadow's tools, and PAM where it changes a password.

Sources: shadow-maint src/ (useradd.c, usermod.c, userdel.c, groupadd.c, groupmod.c, groupdel.c,
groupmems.c, gpasswd.c, passwd.c, chage.c, chfn.c, chsh.c, chpasswd.c, newusers.c), Linux-PAM's
pam_unix_passwd.c, busybox passwd.c, Debian's adduser (whose own lines announce what shadow's tools
then do).
"""

from __future__ import annotations

from linuxhunt.parse.shape import Shape, known, shape, table

__all__ = ["PASSWORDS", "SHADOW"]

_USER = r"'(?P<TargetUsername>.*)'"
_OK = {"EventResult": "Success"}


def _changed(what: str, named: str) -> Shape:
    """Shape of usermod's ``change user 'x' <what> from 'a' to 'b'``."""
    return shape(
        rf"^change user '(?P<TargetUsername>.*?)' {what} from '(?P<PreviousPropertyValue>.*?)'"
        r" to '(?P<NewPropertyValue>.*)'$",
        EventType="UserModified",
        EventSubType=named,
        **_OK,
    )


_USERS = (
    shape(
        r"^new user: name=(?P<TargetUsername>.*?), UID=(?P<TargetUserId>\d+),"
        r" GID=(?P<GroupId>\d+), home=(?P<Home>.*), shell=(?P<Shell>[^,]*)"
        r"(?:, from=(?P<Terminal>.*))?$",
        EventType="UserCreated",
        **_OK,
    ),
    shape(
        r"^failed adding user '(?P<TargetUsername>.*)', (?P<Reason>.*)$",
        EventType="UserCreated",
        EventResult="Failure",
    ),
    shape(rf"^delete user {_USER}$", EventType="UserDeleted", **_OK),
    _changed("UID", "UserId"),
    _changed("GID", "PrimaryGroup"),
    _changed("home", "Home"),
    _changed("shell", "Shell"),
    _changed("inactive", "Inactive"),
    _changed("expiration", "Expiration"),
    shape(
        r"^change user name '(?P<TargetUsername>.*)' to '(?P<NewPropertyValue>.*)'$",
        EventType="UserModified",
        EventSubType="Name",
        **_OK,
    ),
    shape(rf"^change user {_USER} password$", EventType="PasswordChanged", **_OK),
    shape(rf"^lock user {_USER} password$", EventType="UserLocked", **_OK),
    shape(rf"^unlock user {_USER} password$", EventType="UserUnlocked", **_OK),
    shape(
        r"^changed user '(?P<TargetUsername>.*)' shell to '(?P<NewPropertyValue>.*)'$",
        EventType="UserModified",
        EventSubType="Shell",
        **_OK,
    ),
    shape(
        rf"^changed user {_USER} information$",
        EventType="UserModified",
        EventSubType="Information",
        **_OK,
    ),
    shape(
        r"^changed password expiry for (?P<TargetUsername>.*)$",
        EventType="UserModified",
        EventSubType="PasswordExpiry",
        **_OK,
    ),
)

_PASSWORD = (
    shape(
        r"^[Pp]assword for '?(?P<TargetUsername>.*?)'?,? (?:is )?changed by (?:user )?"
        r"'?(?P<ActorUsername>.*?)'?$",
        "assword for ",
        EventType="PasswordChanged",
        **_OK,
    ),
    shape(
        r"^(?P<Reason>incorrect password) for '?(?P<TargetUsername>.*?)'?$",
        EventType="PasswordChanged",
        EventResult="Failure",
    ),
    shape(
        r"^(?P<Reason>(?:can't|cannot) view or modify password information) for"
        r" '?(?P<TargetUsername>.*?)'?$",
        " view or modify password information for ",
        EventType="PasswordChanged",
        EventResult="Failure",
    ),
)

_GROUPS = (
    shape(
        r"^new group: name=(?P<GroupName>.*), GID=(?P<GroupId>\d+)$",
        EventType="GroupCreated",
        **_OK,
    ),
    shape(
        r"^group added to \S+: name=(?P<GroupName>.*?)(?:, GID=(?P<GroupId>\d+))?$",
        EventType="GroupCreated",
        **_OK,
    ),
    shape(
        r"^(?P<Reason>failed to add group) (?P<GroupName>.*)$",
        EventType="GroupCreated",
        EventResult="Failure",
    ),
    shape(r"^group '(?P<GroupName>.*)' removed(?: from \S+)?$", EventType="GroupDeleted", **_OK),
    shape(r"^remove group '(?P<GroupName>.*)'$", EventType="GroupDeleted", **_OK),
    shape(
        r"^removed (?:shadow )?group '(?P<GroupName>.*)' owned by '(?P<TargetUsername>.*)'$",
        EventType="GroupDeleted",
        **_OK,
    ),
    shape(
        r"^(?P<Reason>failed to remove group) '?(?P<GroupName>.*?)'?(?: from \S+)?$",
        EventType="GroupDeleted",
        EventResult="Failure",
    ),
    shape(
        r"^group changed in \S+ \(group (?P<GroupName>.*?)(?:/(?P<GroupId>\d+))?"
        r"(?:, new name: (?P<NewPropertyValue>.*?))?(?:, (?:new )?gid: (?P<NewGroupId>\d+))?"
        r"(?:, new password)?\)$",
        EventType="GroupModified",
        **_OK,
    ),
    shape(
        r"^(?P<EventSubType>members) of group (?P<GroupName>.*) set by (?P<ActorUsername>.*?) to"
        r" (?P<NewPropertyValue>.*)$",
        EventType="GroupModified",
        **_OK,
    ),
    shape(
        r"^(?P<EventSubType>administrators) of group (?P<GroupName>.*) set by"
        r" (?P<ActorUsername>.*?) to (?P<NewPropertyValue>.*)$",
        EventType="GroupModified",
        **_OK,
    ),
    shape(
        r"^change the (?P<EventSubType>password) of group (?P<GroupName>.*)"
        r" by (?P<ActorUsername>.*)$",
        EventType="GroupModified",
        **_OK,
    ),
    shape(
        r"^(?P<EventSubType>password) of group (?P<GroupName>.*) removed by (?P<ActorUsername>.*)$",
        EventType="GroupModified",
        **_OK,
    ),
    shape(
        r"^(?P<EventSubType>access) to group (?P<GroupName>.*) restricted"
        r" by (?P<ActorUsername>.*)$",
        EventType="GroupModified",
        **_OK,
    ),
)

_MEMBERS = (
    shape(
        r"^add '(?P<TargetUsername>.*?)' to (?:shadow )?group '(?P<GroupName>.*)'$",
        EventType="UserAddedToGroup",
        **_OK,
    ),
    shape(
        r"^delete '(?P<TargetUsername>.*?)' from (?:shadow )?group '(?P<GroupName>.*)'$",
        EventType="UserRemovedFromGroup",
        **_OK,
    ),
    shape(
        r"^user '?(?P<TargetUsername>.*?)'? added by '?(?P<ActorUsername>.*?)'? to group"
        r" '?(?P<GroupName>.*?)'?$",
        EventType="UserAddedToGroup",
        **_OK,
    ),
    shape(
        r"^user '?(?P<TargetUsername>.*?)'? removed by '?(?P<ActorUsername>.*?)'? from group"
        r" '?(?P<GroupName>.*?)'?$",
        EventType="UserRemovedFromGroup",
        **_OK,
    ),
    shape(
        r"^change (?:admin )?'(?P<PreviousPropertyValue>.*?)' to '(?P<TargetUsername>.*?)' in"
        r" (?:shadow )?group '(?P<GroupName>.*)'$",
        EventType="GroupModified",
        EventSubType="members",
        **_OK,
    ),
)

SHADOW = table(
    "shadow",
    "useradd usermod userdel groupadd groupmod groupdel groupmems gpasswd chage passwd chpasswd"
    " chgpasswd newusers chfn chsh adduser addgroup deluser delgroup vipw vigr",
    *_USERS,
    *_PASSWORD,
    *_GROUPS,
    *_MEMBERS,
    *known(
        "useradd: defaults",
        "useradd defaults",
        "Adding ",
        "Added ",
        "Removing ",
        "Removed ",
        "Creating home directory",
        "Copying files from ",
        "The home directory ",
        "Not creating ",
        "Selecting UID/GID",
        "Selecting GID",
        "Selecting UID",
        "info: ",
        "Done.",
        "failed to unlock",
        "failed to lock",
        "cannot lock",
    ),
)

PASSWORDS = table(
    "pam",
    "",
    shape(r"^password changed for (?P<TargetUsername>.*)$", EventType="PasswordChanged", **_OK),
    shape(r"^user password changed by (?P<ActorUsername>.*)$", EventType="PasswordChanged", **_OK),
)
