"""Rules: looking around. Each alone is ordinary; many at once, or by a server, are not."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import FETCH, SHELL, TEMP, Rule

__all__ = ["LOOKING", "SERVER"]


def _looks(title: str, technique: str, names: str, pattern: str = "", hint: str = "") -> Rule:
    return Rule(title, technique, "Low", names, pattern, hint=hint)


LOOKING: tuple[Rule, ...] = (
    _looks("who am I", "T1033", "whoami id groups logname", r"^(?:whoami|logname|groups|id(?: [a-z_][\w-]*)?)$"),
    _looks("accounts and rights", "T1087.001", "cat less head tail more getent grep cut awk",
           r"/etc/(?:passwd|group|sudoers\S*|shadow|login\.defs)(?: |$)|^getent (?:passwd|group)$", r"/etc/|getent"),
    _looks("accounts and rights", "T1069.001", "sudo lastlog ls compgen", r"^sudo (?:-n )?(?:-l|--list)|^lastlog|^ls (?:-\w+ )*/(?:home|root)/?(?: |$)", r"sudo\s+-|lastlog|ls.*/(?:home|root)"),
    _looks("accounts and rights", "T1083", "find getcap ls cat", r"-perm .*[46]000|-perm .*u[+=]s|^getcap|\.ssh(?:/|$)|/\.\w+_history", r"-perm|getcap|\.ssh|_history"),
    _looks("system", "T1082", "uname hostnamectl lsb_release lscpu cat dmidecode arch hostname nproc lsmod env printenv mount lsblk sestatus dpkg rpm",
           r"^uname(?: -\w*[avr]\w*)?$|^(?:hostnamectl|lsb_release|lscpu|dmidecode|arch|nproc|lsmod|env|printenv|mount|lsblk|sestatus)\b|^hostname$|^cat .*(?:/etc/(?:\S*-release|issue|fstab)|/proc/(?:version|cpuinfo|mounts|meminfo))|^(?:dpkg -l|rpm -qa)"),
    _looks("network", "T1016", "ifconfig ip arp route netstat ss hostname cat nmcli resolvectl iptables ping",
           r"^(?:ifconfig|arp|route|netstat|ss)\b|^ip (?:-\w+ )*(?:a|addr|r|route|n|neigh|link)\b|^hostname -[Ii]|/etc/(?:hosts|resolv\.conf)|^iptables .*-L"),
    _looks("who else is here", "T1033", "w who last users finger lastb", r"^(?:w|who|last|users|finger|lastb)\b"),
    _looks("what runs", "T1057", "ps top pstree systemctl service crontab cat ls", r"^(?:ps|pstree)\b|^top -b|^systemctl (?:list-units|--type)|^crontab -l|/etc/cron|/etc/systemd/system/?$", r"\bps\b|pstree|top|list-units|crontab|cron|systemd"),
)  # fmt: skip
"""Titles are kinds of question."""

SERVER: tuple[Rule, ...] = (
    Rule("shell", "T1059.004", "High", "sh bash dash zsh ksh", rf"^{SHELL}(?: -\w*i\w*)?$", hint=rf"^\S*{SHELL}(?:\s+-\w*i\w*)?(?:\s|$)", why="a shell that waits for commands"),
    Rule("who am I", "T1033", "Medium", "whoami id w who last sudo users", r"^(?:whoami|id|w|who|last|users)(?: [a-z_][\w-]*)?$|^sudo (?:-n )?-l"),
    Rule("accounts", "T1087.001", "Medium", "cat less head tail more grep awk getent ls cut", r"/etc/(?:passwd|shadow|group|sudoers)(?: |$)|^getent passwd$|^ls (?:-\w+ )*/(?:home|root)(?:/\S*)?$|/\.ssh(?:/|$)|_history", hint=r"/etc/|getent|/home|/root|\.ssh|_history"),
    Rule("system", "T1082", "Medium", "uname cat hostnamectl lsb_release env printenv lscpu", r"^uname -\w*a|^cat .*/etc/(?:\S*-release|issue|hostname)|^cat /proc/(?:version|cpuinfo)|^(?:env|printenv|hostnamectl|lscpu)$|^lsb_release"),
    Rule("network", "T1016", "Medium", "ifconfig ip arp netstat ss route cat", r"^(?:ifconfig|arp|route)\b|^ip (?:-\w+ )*(?:a|addr|address|r|route|n|neigh)\b|^(?:netstat|ss) -\w*[lntup]\w*|/etc/(?:hosts|resolv\.conf)"),
    Rule("files", "T1083", "Low", "ls find pwd du cat tree", r"^ls (?:-\w+ ?)*(?:/|/tmp|/var/?\S*|/opt|/etc\S*|\.\.?\S*)?$|^find / |^pwd$|^tree\b", hint=r"\b(?:ls|find|pwd|tree)\b"),
    Rule("secrets", "T1552.001", "Medium", "cat less head tail more grep cp base64 strings", r"(?:config(?:uration)?(?:\.inc)?\.php|wp-config\.php|settings\.py|\.env\S*|database\.yml|web\.xml|tomcat-users\.xml|application\.(?:properties|ya?ml)|\.htpasswd|LocalSettings\.php|parameters\.yml|settings\.php)(?: |$)", hint=r"config|settings|\.env|database|web\.xml|tomcat-users|application|htpasswd|parameters"),
    Rule("processes", "T1057", "Low", "ps pstree top hostname which crontab df free uptime lsof", r"^(?:ps|pstree|top|lsof|df|free|uptime|which|hostname)\b|^crontab -l"),
    Rule("tool", "T1105", "Medium", "curl wget fetch ftp tftp scp nc socat", rf"^{FETCH} .*(?:-\w*[oO]\b|>|--output)|^(?:wget|tftp|scp|nc|socat|ftp) ", unless=r"https?://(?:localhost|127\.|\[::1\])|--spider|-O ?/dev/null|-q?O ?- "),
    Rule("tool", "T1059", "Medium", "gcc cc make python perl ruby base64 xxd ssh chmod crontab chattr", rf"^(?:gcc|cc) |^(?:python|perl|ruby) -\w*[ce] |^base64 -d|^xxd -r|^ssh |^chmod .*(?:\+x|7[75][75]) |^crontab -(?: |$)|{TEMP}/", unless=r"^(?:python|perl|ruby) /|^make -C|^chmod (?:-R )?(?:0?[67][0-7]{2}) /var/(?:www|lib)"),
)  # fmt: skip
"""What a web server or database has no business to run. Titles are kinds of question."""
