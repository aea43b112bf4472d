"""Rules: keys, accounts, libraries and modules that let an intruder in again."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import SHELL, TEMP, Rule

__all__ = ["RULES"]

_KEYS = r"\.ssh/authorized_keys2?"
_ACCOUNTS = r"/etc/(?:passwd|shadow|gshadow|group)"
_INTO = r"(?:>{1,2}|^tee (?:-a )?)"
_SERVICE_USERS = (
    "(?:www-data|apache|nginx|nobody|daemon|bin|sys|sync|games|man|lp|mail|news|uucp|proxy"
    r"|backup|list|irc|gnats|ftp|mysql|postgres|redis|tomcat|sshd|messagebus|systemd-\S+|halt"
    "|shutdown|operator)"
)

_CORE = (
    "(?:sshd|ssh|ps|ls|netstat|ss|top|login|su|sudo|passwd|lsof|who|w|last|find|id|pstree|ip"
    "|ifconfig|cron|crond|lsmod|bash|sh|agetty|systemctl|journalctl|auditctl|iptables)"
)

RULES: tuple[Rule, ...] = (
    # Ways in.
    Rule(
        "Key added for root or a service",
        "T1098.004",
        "Medium",
        "echo printf cat tee cp mv curl wget sed install",
        pattern=(
            rf"(?:{_INTO}|-[oO] ?|^(?:cp|mv|install) .* |^sed .*-i.* )\S*/(?:root|var/(?:www|lib"
            rf"|spool|mail)|usr|bin|etc|srv/www|nonexistent)\S*/{_KEYS}"
        ),
        hint="authorized_keys",
        why="whoever holds the key gets in as an account that has no person",
    ),
    Rule(
        "Key fetched from outside",
        "T1098.004",
        "Medium",
        "curl wget",
        pattern=rf"(?:>{{1,2}}|-[oO] ?)\S*{_KEYS}",
        unless=r"https://(?:github\.com|gitlab\.com|launchpad\.net)/",
        hint="authorized_keys",
        why="a key comes by download",
    ),
    Rule(
        "Key added",
        "T1098.004",
        "Medium",
        "echo printf",
        pattern=(
            r"^(?:echo|printf) .*(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\w+|sk-\S+@openssh\.com)"
            rf"[␣ ]+AAAA.*{_INTO}\S*{_KEYS}"
        ),
        hint="authorized_keys",
        why="a key that is part of the command was added to those that let in; ssh-copy-id and"
        " editors do it otherwise",
    ),
    Rule(
        "Key added",
        "T1098.004",
        "Low",
        "echo printf cat tee cp mv chmod chown vi nano sed install ssh-import-id chattr",
        pattern=_KEYS + "|^ssh-import-id",
        unless=r"^(?:cat \S+|ls .*)$",
        hint="authorized_keys|ssh-import-id",
        why="ordinary for new colleagues",
    ),
    Rule(
        "Account with root's number",
        "T1136.001 T1078.003",
        "High",
        "useradd usermod adduser",
        pattern=(
            r" (?:-\w*o\w*|--non-unique).*(?:-\w*u ?0|--uid[= ]0)(?: |$)|(?:-\w*u ?0|--uid[= ]0) "
            r".*(?:-\w*o\w*|--non-unique)| -\w*o\w*u ?0(?: |$)"
        ),
        why="a second root",
    ),
    Rule(
        "Account file written by a command",
        "T1136.001 T1098",
        "High",
        "echo printf tee cat sed perl awk : openssl cp mv",
        pattern=(
            f"^(?:echo|printf|cat|:|perl|awk|openssl) .*{_INTO}{_ACCOUNTS}$|{_INTO}{_ACCOUNTS}$"
            rf"|^(?:sed|perl) (?:\S+ )*?-\w*i\S* .* {_ACCOUNTS}(?: |$)|^(?:cp|mv) .*(?:{TEMP}"
            rf"|/home|/root)/\S* {_ACCOUNTS}$"
        ),
        hint="/etc/(?:passwd|shadow|gshadow|group)",
        why="accounts are changed by useradd and vipw, not by hand",
    ),
    Rule(
        "Account file opened to all",
        "T1222.002",
        "High",
        "chmod chown setfacl",
        pattern=(
            r"^chmod (?:-\S+ )*(?:[ugoa]*\+\S*[rw]\S*|0?[0-7]?[67][0-7][2367]|0?[0-7]?\d\d[4567]"
            r"|0?[0-7]?\d\d[2367]) (?:\S+ )*?/etc/(?:shadow|gshadow|sudoers)\S*|^chmod (?:-\S+ "
            r")*(?:[oa]\+\S*w\S*|0?[0-7]?\d\d[2367]) (?:\S+ )*?/etc/(?:passwd|group|crontab"
            r"|ld\.so\S*)(?: |$)"
        ),
        hint=r"/etc/(?:shadow|gshadow|sudoers|passwd|group|crontab|ld\.so)",
        why="anyone may read or change it",
    ),
    Rule(
        "Service account given a shell",
        "T1098",
        "Medium",
        "usermod chsh passwd",
        pattern=(
            rf"^usermod .*(?:-\w*s ?|--shell[= ])\S*{SHELL}(?: .*)? {_SERVICE_USERS}$|^chsh "
            rf".*(?:-s ?|--shell[= ])\S*{SHELL}.* {_SERVICE_USERS}$|^passwd (?:-\S+ "
            f")*{_SERVICE_USERS}$"
        ),
        unless="^passwd -(?:l|S)",
        why="an account that no person has becomes one to log on with",
    ),
    Rule(
        "Password removed",
        "T1098",
        "Medium",
        "passwd usermod",
        pattern=r"^passwd (?:-d|--delete)|^usermod .*-p ?(?:''|\x22\x22|$)",
        why="an account without a password",
    ),
    Rule(
        "Password of root set by a command",
        "T1098",
        "Medium",
        "",
        pattern=(
            r"(?:^|¦ )(?:echo|printf) (?:-\w+ )*(?:root|toor|daemon|bin|nobody|www-data):[^¦]*"
            r" ¦ chpasswd\b"
        ),
        hint="chpasswd",
        on="pipe",
        why="root or an account that no person has gets a password that the command holds",
    ),
    Rule(
        "Account added or raised",
        "T1136.001 T1098",
        "Low",
        "useradd adduser usermod gpasswd chpasswd newusers groupadd passwd",
        pattern=(
            r"^(?:useradd|adduser|newusers) |^usermod .*(?:-\w*G|--groups)|^gpasswd -a|^chpasswd"
            r"|^passwd(?: \w|$)"
        ),
        unless=r"^passwd -S|--system|^useradd (?:.* )?-r\b|^(?:useradd|adduser) -?-?(?:help|D)",
        why="ordinary for new colleagues",
    ),
    Rule(
        "Library loaded into every program",
        "T1574.006",
        "High",
        "echo printf cat tee cp mv vi nano touch sed install ln : chattr rsync curl wget",
        pattern=(
            r"(?:>{1,2}|^(?:tee|vi|nano|touch|chattr|sed)\b.* |^(?:cp|mv|install|ln|rsync) .* "
            r"|-[oO] ?)/etc/ld\.so\.preload$"
        ),
        unless=r"^(?:cat|cp) /etc/ld\.so\.preload",
        hint=r"ld\.so\.preload",
        why="every program will load that library",
    ),
    Rule(
        "Authentication changed",
        "T1556.003",
        "High",
        "cp mv install ln echo printf tee sed curl wget",
        pattern=(
            r"(?:pam_(?:exec|permit|rootok|python|script)\S*|auth␣+(?:sufficient"
            r"|optional)␣).*(?:>{1,2}|^tee (?:-a )?|^sed .* )?/etc/pam\.d/\S*|^(?:cp|mv|install"
            r"|ln|curl|wget) .*/(?:lib|lib64)/(?:\S+/)?security/(?:pam_\w+\.so|$)"
        ),
        unless=r"\.dpkg-|^sed .*(?:pwquality|cracklib|faillock|pam_tally2|pam_wheel|limits)",
        hint="pam",
        why="whoever logs on can be let in or listened to",
    ),
    Rule(
        "Kernel module from an odd place",
        "T1547.006",
        "High",
        "insmod modprobe kmod",
        pattern=(
            rf"^insmod .*(?:{TEMP}/|/root/|/home/|/\.|/var/|/opt/|^insmod \.?/?[^/]+\.ko)"
            f"|^modprobe .*(?:-d|--dirname)[= ]?{TEMP}"
        ),
        why="code of somebody's own is loaded into the kernel",
    ),
    Rule(
        "Kernel module from an odd place",
        "T1547.006",
        "Medium",
        "cp mv install",
        pattern=rf" (?:(?:{TEMP}|/root|/home)/\S+|\./\S+|[^/ ]+)\.ko(?:\.\w+)? \S*/lib/modules/",
        hint=r"\.ko",
        why="a module that no package brought is put among the kernel's own",
    ),
    Rule(
        "Kernel module from an odd place",
        "T1547.006",
        "Medium",
        "insmod",
        pattern="^insmod ",
        unless=" /(?:usr/)?lib/modules/",
        why="code that no package brought is loaded into the kernel",
    ),
    Rule(
        "Program of the host replaced",
        "T1554",
        "High",
        "cp mv install rsync ln",
        pattern=(
            rf" (?:{TEMP}|/home|/root|\.)/\S+ /(?:usr/)?(?:local/)?s?bin/{_CORE}$"
            rf"|^mv (?:-\S+ )*/(?:usr/)?s?bin/{_CORE} "
        ),
        unless=r"dpkg|\.distrib",
        hint="bin/",
        why="a program that shows or lets in is exchanged for another",
    ),
    Rule(
        "Group that is as good as root",
        "T1098",
        "Medium",
        "usermod gpasswd adduser",
        pattern=(
            rf"^(?:usermod|gpasswd) .*\b(?:sudo|wheel|root|shadow|disk|admin)\b.* {_SERVICE_USERS}$"
            rf"|^adduser {_SERVICE_USERS} (?:sudo|wheel|root|shadow|disk|admin)$"
            rf"|^gpasswd (?:-a|--add) {_SERVICE_USERS} (?:sudo|wheel|root|shadow|disk|admin)$"
        ),
        why="an account that no person has gets the rights of root",
    ),
    Rule(
        "Group that is as good as root",
        "T1098",
        "Low",
        "usermod gpasswd adduser addgroup",
        pattern=r"(?:sudo|wheel|root|docker|lxd|disk|shadow|admin|adm)\b",
        why="ordinary for a new administrator",
    ),
)
