"""Rules: looking around. Each alone is ordinary; many at once, or by a server, are not."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import FETCH, SHELL, TEMP, Rule

__all__ = ["LOOKING", "SERVER"]


LOOKING: tuple[Rule, ...] = (
    Rule(
        "who am I",
        "T1033",
        "Low",
        "whoami id groups logname",
        pattern=r"^(?:whoami|logname|groups|id(?: [a-z_][\w-]*)?)$",
    ),
    Rule(
        "accounts and rights",
        "T1087.001",
        "Low",
        "cat less head tail more getent grep cut awk",
        pattern=(
            r"/etc/(?:passwd|group|sudoers\S*|shadow|login\.defs)(?: |$)|^getent (?:passwd"
            "|group)$"
        ),
        hint="/etc/|getent",
    ),
    Rule(
        "accounts and rights",
        "T1069.001",
        "Low",
        "sudo lastlog ls compgen",
        pattern=r"^sudo (?:-n )?(?:-l|--list)|^lastlog|^ls (?:-\w+ )*/(?:home|root)/?(?: |$)",
        hint=r"sudo\s+-|lastlog|ls.*/(?:home|root)",
    ),
    Rule(
        "accounts and rights",
        "T1083",
        "Low",
        "find getcap ls cat",
        pattern=r"-perm .*[46]000|-perm .*u[+=]s|^getcap|\.ssh(?:/|$)|/\.\w+_history",
        hint=r"-perm|getcap|\.ssh|_history",
    ),
    Rule(
        "system",
        "T1082",
        "Low",
        (
            "uname hostnamectl lsb_release lscpu cat dmidecode arch hostname nproc lsmod env "
            "printenv mount lsblk sestatus dpkg rpm"
        ),
        pattern=(
            r"^uname(?: -\w*[avr]\w*)?$|^(?:hostnamectl|lsb_release|lscpu|dmidecode|arch|nproc"
            r"|lsmod|env|printenv|mount|lsblk|sestatus)\b|^hostname$|^cat "
            r".*(?:/etc/(?:\S*-release|issue|fstab)|/proc/(?:version|cpuinfo|mounts|meminfo))"
            "|^(?:dpkg -l|rpm -qa)"
        ),
    ),
    Rule(
        "network",
        "T1016",
        "Low",
        "ifconfig ip arp route netstat ss hostname cat nmcli resolvectl iptables ping",
        pattern=(
            r"^(?:ifconfig|arp|route|netstat|ss)\b|^ip (?:-\w+ )*(?:a|addr|r|route|n|neigh"
            r"|link)\b|^hostname -[Ii]|/etc/(?:hosts|resolv\.conf)|^iptables .*-L"
        ),
    ),
    Rule(
        "who else is here",
        "T1033",
        "Low",
        "w who last users finger lastb",
        pattern=r"^(?:w|who|last|users|finger|lastb)\b",
    ),
    Rule(
        "what runs",
        "T1057",
        "Low",
        "ps top pstree systemctl service crontab cat ls",
        pattern=(
            r"^(?:ps|pstree)\b|^top -b|^systemctl (?:list-units|--type)|^crontab -l|/etc/cron"
            "|/etc/systemd/system/?$"
        ),
        hint=r"\bps\b|pstree|top|list-units|crontab|cron|systemd",
    ),
)
"""Titles are kinds of question."""

SERVER: tuple[Rule, ...] = (
    Rule(
        "shell",
        "T1059.004",
        "High",
        "sh bash dash zsh ksh",
        pattern=rf"^{SHELL}(?: -\w*i\w*)?$",
        hint=rf"^\S*{SHELL}(?:\s+-\w*i\w*)?(?:\s|$)",
        why="a shell that waits for commands",
    ),
    Rule(
        "who am I",
        "T1033",
        "Medium",
        "whoami id w who last sudo users",
        pattern=r"^(?:whoami|id|w|who|last|users)(?: [a-z_][\w-]*)?$|^sudo (?:-n )?-l",
    ),
    Rule(
        "accounts",
        "T1087.001",
        "Medium",
        "cat less head tail more grep awk getent ls cut",
        pattern=(
            r"/etc/(?:passwd|shadow|group|sudoers)(?: |$)|^getent passwd$|^ls (?:-\w+ )*/(?:home"
            r"|root)(?:/\S*)?$|/\.ssh(?:/|$)|_history"
        ),
        hint=r"/etc/|getent|/home|/root|\.ssh|_history",
    ),
    Rule(
        "system",
        "T1082",
        "Medium",
        "uname cat hostnamectl lsb_release env printenv lscpu",
        pattern=(
            r"^uname -\w*a|^cat .*/etc/(?:\S*-release|issue|hostname)|^cat /proc/(?:version"
            r"|cpuinfo|(?:self|\d+)/environ)|^(?:env|printenv|hostnamectl|lscpu)$"
        ),
    ),
    Rule(
        "network",
        "T1016",
        "Medium",
        "ifconfig ip arp netstat ss route cat",
        pattern=(
            r"^(?:ifconfig|arp|route)\b|^ip (?:-\w+ )*(?:a|addr|address|r|route|n|neigh)\b"
            r"|^(?:netstat|ss) -\w*[lntup]\w*|/etc/(?:hosts|resolv\.conf)"
        ),
    ),
    Rule(
        "files",
        "T1083",
        "Low",
        "ls find pwd du cat tree",
        pattern=(
            r"^ls (?:-\w+ ?)*(?:/|/tmp|/var/?\S*|/opt|/etc\S*|\.\.?\S*)?$|^find / |^pwd$|^tree\b"
        ),
        hint=r"\b(?:ls|find|pwd|tree)\b",
    ),
    Rule(
        "secrets",
        "T1552.001",
        "Medium",
        "cat less head tail more grep cp base64 strings",
        pattern=(
            r"(?:config(?:uration)?(?:\.inc)?\.php|wp-config\.php|settings\.py|\.env\S*"
            r"|database\.yml|web\.xml|tomcat-users\.xml|application\.(?:properties|ya?ml)"
            r"|\.htpasswd|LocalSettings\.php|parameters\.yml|settings\.php)(?: |$)"
        ),
        hint=(
            r"config|settings|\.env|database|web\.xml|tomcat-users|application|htpasswd"
            "|parameters"
        ),
    ),
    Rule(
        "stored secrets",
        "T1552.001",
        "Medium",
        "cat less head tail more grep cp base64 strings",
        pattern=(
            r"/(?:confluence|jira|dbconfig|bitbucket|gitlab|keycloak|jboss|standalone|context"
            r"|datasources?|credentials|secrets?|server|hibernate|jdbc)[\w.-]*\."
            r"(?:xml|ya?ml|properties|json|rb)(?: |$)|/secrets/(?:master\.key|initialAdminPassword)"
        ),
        hint=r"\.(?:xml|ya?ml|properties|json|rb)|/secrets/",
    ),
    Rule(
        "processes",
        "T1057",
        "Low",
        "ps pstree top hostname which crontab df free uptime lsof",
        pattern=r"^(?:ps|pstree|top|lsof|df|free|uptime|which|hostname)\b|^crontab -l",
    ),
    Rule(
        "tool",
        "T1105",
        "Medium",
        "curl wget fetch ftp tftp scp nc socat",
        pattern=rf"^{FETCH} .*(?:-\w*[oO]\b|>|--output)|^(?:wget|tftp|scp|nc|socat|ftp) ",
        unless=r"https?://(?:localhost|127\.|\[::1\])|--spider|-O ?/dev/null|-q?O ?- ",
    ),
    Rule(
        "tool",
        "T1059",
        "Medium",
        "gcc cc make python perl ruby base64 xxd ssh chmod crontab chattr",
        pattern=(
            r"^(?:gcc|cc) |^(?:python|perl|ruby) -\w*[ce] |^base64 -d|^xxd -r|^ssh |^chmod "
            rf".*(?:\+x|7[75][75]) |^crontab -(?: |$)|{TEMP}/"
        ),
        unless=(
            "^(?:python|perl|ruby) /|^make -C|^chmod (?:-R )?(?:0?[67][0-7]{2}) /var/(?:www|lib)"
        ),
    ),
)
"""What a web server or database has no business to run. Titles are kinds of question."""
