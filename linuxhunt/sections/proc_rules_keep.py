"""Rules: what lets an intruder come back, or become root (persistence, privilege escalation)."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import SHELL, TEMP, Rule

__all__ = ["RULES"]

_BAD = (
    rf"(?:\bcurl\b|\bwget\b|{TEMP}/|base64|/dev/(?:tcp|udp)/|\bnc\b|\bncat\b|bash␣-i|\bsocat\b"
    r"|python\S*␣-c|perl␣-e|/\.[a-z0-9_-]+(?:␣|/|$)|\bnohup\b|\bsetsid\b|mkfifo|xmrig|eval␣)"
)
_WRITES = r"(?:echo|printf|cat|tee|cp|mv|install|sed|ln|curl|wget|dd|touch|base64|:|awk|perl|rsync)"
_CRON = r"/(?:etc/(?:cron\S*|anacrontab|crontab)|var/spool/(?:cron|at)\S*)"
_UNITS = r"/(?:etc|usr/lib|lib|run)/systemd/(?:system|user|system-generators)\S*|\.config/systemd/user/\S*"
_RC = (
    r"(?:/etc/(?:profile\S*|bash\.bashrc|bashrc|rc\.local|rc\.d/rc\.local|environment|zsh/\S*|inittab)"
    r"|\S*/\.(?:bashrc|bash_profile|profile|zshrc|bash_login|bash_logout|zprofile|zshenv))"
)
_KEYS = r"\.ssh/authorized_keys2?"
_ACCOUNTS = r"/etc/(?:passwd|shadow|gshadow|group)"
_INTO = r"(?:>{1,2}|^tee (?:-a )?)"
_SERVICE_USERS = (
    r"(?:www-data|apache|nginx|nobody|daemon|bin|sys|sync|games|man|lp|mail|news|uucp|proxy|backup|list"
    r"|irc|gnats|ftp|mysql|postgres|redis|tomcat|sshd|messagebus|systemd-\S+|halt|shutdown|operator)"
)
_ESCAPE = rf"(?:/bin/|/usr/bin/|␣|!|\"|')(?:{SHELL})\b"

RULES: tuple[Rule, ...] = (
    # Scheduled work.
    Rule("Scheduled job that fetches or hides", "T1053.003", "High", "",
         rf"{_BAD}.*(?:¦ crontab (?:-u \S+ )?-|¦ (?:tee (?:-a )?){_CRON})", hint=r"cron", on="pipe",
         why="a job runs what was downloaded, hidden or encoded"),
    Rule("Scheduled job that fetches or hides", "T1053.003", "High", "echo printf cat tee : sed crontab",
         rf"{_BAD}.*{_INTO}{_CRON}|{_INTO}{_CRON}.*<<.*{_BAD}|^sed .*{_BAD}.*{_CRON}"
         rf"|^crontab .*<<<?.*{_BAD}",
         hint=r"cron", why="a job runs what was downloaded, hidden or encoded"),
    Rule("Scheduled job from a place for hiding", "T1053.003", "Medium", "crontab cp mv install ln",
         rf"^crontab (?:-u \S+ )?(?:/dev/shm/|{TEMP}/(?:\S*/)?\.)|^(?:cp|mv|install|ln) .*(?:/dev/shm/|{TEMP}/)\S* {_CRON}"
         rf"|^(?:cp|mv) .*{_CRON}\S*/\.[a-z]",
         unless=r"/tmp/crontab\.\w+|/\.placeholder|^install ", hint=r"cron", why="the table comes out of an odd place"),
    Rule("Scheduled job changed", "T1053.003", "Low", f"crontab at batch {_WRITES[3:-1].replace('|', ' ')}",
         rf"^crontab (?:-u \S+ )?(?:-e|-r|-|[^-\s]\S*)(?: |$)|^at (?:now|\d|-f|midnight|tomorrow)|^{_WRITES} .*{_INTO}?{_CRON}",
         unless=r"^(?:cat|cp \S*etc/cron\S* /(?:var|srv|backup)|touch /var/spool/anacron)[^>]*$", hint=r"cron|\bat\b|batch",
         why="ordinary for who maintains the host"),
    Rule("Scheduled job that fetches or hides", "T1053.002", "High", "", rf"{_BAD}.*¦ (?:at|batch) ?",
         hint=r"\|\s*(?:at|batch)\b", on="pipe", why="a job runs what was downloaded, hidden or encoded"),
    # Services.
    Rule("Service that fetches or hides", "T1543.002", "High", "",
         rf"(?:Exec\w+=\S*|{_BAD}).*{_BAD}?.*{_INTO}(?:{_UNITS})|{_INTO}(?:{_UNITS}).*<<.*Exec\w+=.*{_BAD}",
         unless=rf"Exec\w+=/(?:usr|opt|srv|bin|sbin)/(?:[^.\s/][^\s/␣]*/)*[^.\s/␣][^\s/␣]*(?:␣|\\n|$)",
         hint=r"systemd", why="a unit runs what was downloaded, hidden or encoded"),
    Rule("Service from a place for hiding", "T1543.002", "Medium", "cp mv install ln systemctl rsync",
         rf"^(?:cp|mv|install|ln) .*(?:/dev/shm/|{TEMP}/\.|{TEMP}/[^/ ]+) (?:{_UNITS})|^systemctl (?:\S+ )*?(?:enable|link|start) (?:\S+ )*?{TEMP}/",
         hint=r"systemd|systemctl", why="the unit comes out of an odd place"),
    Rule("Service added", "T1543.002", "Low", "systemctl update-rc.d chkconfig rc-update echo tee cat cp printf",
         rf"^systemctl (?:\S+ )*?(?:enable|link|edit|revert) |^update-rc\.d \S+ (?:defaults|enable)|^chkconfig (?:--add|\S+ on)|^rc-update add"
         rf"|{_INTO}(?:{_UNITS})|^cp .* (?:{_UNITS})$",
         unless=r"--quiet|--system", why="ordinary where a service is installed"),
    Rule("Start script from a place for hiding", "T1037.004", "Medium", "cp mv install ln echo printf tee",
         rf"^(?:cp|mv|install|ln) .*{TEMP}/\S* /etc/(?:init\.d|rc\d?\.d|rc\.local|update-motd\.d|profile\.d|xdg|udev)\S*"
         rf"|{_BAD}.*{_INTO}/etc/(?:init\.d|rc\d\.d|rc\.local|update-motd\.d|network/if-up\.d|NetworkManager|udev)\S*"
         rf"|RUN\S*=.*{_INTO}/(?:etc|lib|usr/lib)/udev/\S*",
         hint=r"/etc/|udev", why="what starts with the host runs what was fetched or hidden"),
    Rule("Profile that fetches or hides", "T1546.004", "High", "",
         rf"(?:{_BAD}|alias␣(?:sudo|su|ssh)=|LD_PRELOAD=|PROMPT_COMMAND=|trap␣).*{_INTO}{_RC}$",
         unless=r"(?:nvm|pyenv|cargo|rbenv|sdkman|rustup|conda|starship|direnv|fzf|\.local/bin|starship|PATH=)", hint=r"profile|bashrc|rc\.local|zsh|environment|bash_log",
         why="each shell runs what was fetched or hidden"),
    Rule("Profile changed by a command", "T1546.004", "Low", "", rf"{_INTO}{_RC}$", hint=r"profile|bashrc|rc\.local|zsh|environment",
         why="ordinary for PATH and the like"),
    # Ways in.
    Rule("Key added for root or a service", "T1098.004", "Medium", "echo printf cat tee cp mv curl wget sed install",
         rf"(?:{_INTO}|-[oO] ?|^(?:cp|mv|install) .* |^sed .*-i.* )\S*/(?:root|var/(?:www|lib|spool|mail)|usr|bin|etc|srv/www|nonexistent)\S*/{_KEYS}",
         hint=r"authorized_keys", why="whoever holds the key gets in as an account that has no person"),
    Rule("Key fetched from outside", "T1098.004", "Medium", "curl wget",
         rf"(?:>{{1,2}}|-[oO] ?)\S*{_KEYS}", unless=r"https://(?:github\.com|gitlab\.com|launchpad\.net)/",
         hint=r"authorized_keys", why="a key comes by download"),
    Rule("Key added", "T1098.004", "Low", "echo printf cat tee cp mv chmod chown vi nano sed install ssh-import-id chattr",
         _KEYS + r"|^ssh-import-id", unless=r"^(?:cat \S+|ls .*)$", hint=r"authorized_keys|ssh-import-id",
         why="ordinary for new colleagues"),
    Rule("Account with root's number", "T1136.001 T1078.003", "High", "useradd usermod adduser",
         r" (?:-\w*o\w*|--non-unique).*(?:-\w*u ?0|--uid[= ]0)(?: |$)|(?:-\w*u ?0|--uid[= ]0) .*(?:-\w*o\w*|--non-unique)",
         why="a second root"),
    Rule("Account file written by a command", "T1136.001 T1098", "High", "echo printf tee cat sed perl awk : openssl cp mv",
         rf"^(?:echo|printf|cat|:|perl|awk|openssl) .*{_INTO}{_ACCOUNTS}$|{_INTO}{_ACCOUNTS}$|^(?:sed|perl) (?:\S+ )*?-\w*i\S* .* {_ACCOUNTS}(?: |$)"
         rf"|^(?:cp|mv) .*(?:{TEMP}|/home|/root)/\S* {_ACCOUNTS}$", hint=r"/etc/(?:passwd|shadow|gshadow|group)",
         why="accounts are changed by useradd and vipw, not by hand"),
    Rule("Account file opened to all", "T1222.002", "High", "chmod chown setfacl",
         r"^chmod (?:-\S+ )*(?:[ugoa]*\+\S*[rw]\S*|0?[0-7]?[67][0-7][2367]|0?[0-7]?\d\d[4567]|0?[0-7]?\d\d[2367]) (?:\S+ )*?/etc/(?:shadow|gshadow|sudoers)\S*"
         r"|^chmod (?:-\S+ )*(?:[oa]\+\S*w\S*|0?[0-7]?\d\d[2367]) (?:\S+ )*?/etc/(?:passwd|group|crontab|ld\.so\S*)(?: |$)",
         hint=r"/etc/(?:shadow|gshadow|sudoers|passwd|group|crontab|ld\.so)", why="anyone may read or change it"),
    Rule("Service account given a shell", "T1098", "Medium", "usermod chsh passwd",
         rf"^usermod .*(?:-\w*s ?|--shell[= ])\S*{SHELL}(?: .*)? {_SERVICE_USERS}$|^chsh .*(?:-s ?|--shell[= ])\S*{SHELL}.* {_SERVICE_USERS}$|^passwd (?:-\S+ )*{_SERVICE_USERS}$",
         unless=r"^passwd -(?:l|S)", why="an account that no person has becomes one to log on with"),
    Rule("Password removed", "T1098", "Medium", "passwd usermod", r"^passwd (?:-d|--delete)|^usermod .*-p ?(?:''|\"\"|$)",
         why="an account without a password"),
    Rule("Account added or raised", "T1136.001 T1098", "Low", "useradd adduser usermod gpasswd chpasswd newusers groupadd passwd",
         r"^(?:useradd|adduser|newusers) |^usermod .*(?:-\w*G|--groups)|^gpasswd -a|^chpasswd|^passwd(?: \w|$)", unless=r"^passwd -S|--system|^useradd (?:.* )?-r\b|^(?:useradd|adduser) -?-?(?:help|D)",
         why="ordinary for new colleagues"),
    Rule("Library loaded into every program", "T1574.006", "High", "echo printf cat tee cp mv vi nano touch sed install ln : chattr rsync curl wget",
         r"(?:>{1,2}|^(?:tee|vi|nano|touch|chattr|sed)\b.* |^(?:cp|mv|install|ln|rsync) .* |-[oO] ?)/etc/ld\.so\.preload$",
         unless=r"^(?:cat|cp) /etc/ld\.so\.preload", hint=r"ld\.so\.preload", why="every program will load that library"),
    Rule("Authentication changed", "T1556.003", "High", "cp mv install ln echo printf tee sed curl wget",
         r"(?:pam_(?:exec|permit|rootok|python|script)\S*|auth␣+(?:sufficient|optional)␣).*(?:>{1,2}|^tee (?:-a )?|^sed .* )?/etc/pam\.d/\S*"
         r"|^(?:cp|mv|install|ln|curl|wget) .*/(?:lib|lib64)/(?:\S+/)?security/pam_\w+\.so",
         unless=r"\.dpkg-|^sed .*(?:pwquality|cracklib|faillock|pam_tally2|pam_wheel|limits)", hint=r"pam", why="whoever logs on can be let in or listened to"),
    Rule("Kernel module from an odd place", "T1547.006", "High", "insmod modprobe kmod",
         rf"^insmod .*(?:{TEMP}/|/root/|/home/|/\.|/var/|/opt/|^insmod \.?/?[^/]+\.ko)|^modprobe .*(?:-d|--dirname)[= ]?{TEMP}",
         why="code of somebody's own is loaded into the kernel"),
    Rule("Kernel module from an odd place", "T1547.006", "Medium", "insmod", r"^insmod ", unless=r" /(?:usr/)?lib/modules/",
         why="code that no package brought is loaded into the kernel"),
    # Privilege.
    Rule("Set-user-ID program made", "T1548.001", "High", "chmod install cp",
         rf"^chmod (?:-\S+ )*(?:[ugoa]*\+[rwx]*s\S*|0?[4-7][0-7]{{3}}) (?:\S+ )*?(?:{TEMP}/|/home/|/root/|/var/www|/dev/|\S*/\.[^/ ]|\.?/?\.\w"
         rf"|(?:/usr)?/bin/(?:{SHELL}|python\S*|perl\S*|find|vim?|cp|env|nmap|awk|less|more|nano|tee|dd|tar|php\S*|ruby|node|gdb|base64)(?: |$))"
         rf"|^install .*(?:-m ?|--mode[= ])(?:0?[4-7][0-7]{{3}}|u\+s)\S* .*(?:{TEMP}/|\S*/\.)",
         unless=r"^chmod (?:-\S+ )*(?:g\+s|0?2[0-7]{3}|[ug]\+[rwx]*X\S*|\+t|1777) ",
         why="whoever runs it gets its owner's rights"),
    Rule("Set-user-ID program made", "T1548.001", "Low", "chmod install", r"^chmod (?:-\S+ )*(?:u\+[rwx]*s\S*|0?[46][0-7]{3}) |(?:-m ?)0?[46][0-7]{3}",
         why="ordinary for packages"),
    Rule("Capabilities given to a program", "T1548.001", "High", "setcap",
         rf"cap_(?:setuid|setgid|sys_admin|dac_override|dac_read_search|sys_ptrace|sys_module|fowner|chown|setfcap)\S*[+=]\S*|[ =]all[+=]e?p|^setcap =e?p .*|{TEMP}/",
         unless=r"^setcap -(?:r|v)|cap_(?:net_\w+|ipc_lock|sys_nice|syslog|sys_resource)[^ ]*(?:/(?:usr|opt)/\S+)?$|newuidmap|newgidmap|/wireshark|dumpcap",
         why="the program may do what root may"),
    Rule("sudo rule without password", "T1548.003", "Medium", "echo printf tee cat sed perl cp mv",
         r"(?:NOPASSWD|ALL=\(ALL\S*\)|!authenticate|env_keep|!requiretty|timestamp_timeout|!tty_tickets).*(?:>{1,2}|^tee (?:-a )?|^sed .* )/etc/sudoers\S*"
         rf"|^(?:sed|perl) .*-\w*i.*(?:NOPASSWD|!authenticate).*/etc/sudoers|^(?:cp|mv) .*(?:{TEMP})/\S* /etc/sudoers\S*|/etc/sudoers\S*.*<<.*NOPASSWD",
         unless=r"NOPASSWD:␣?/\S+(?:\\n)?␣?(?:>|$)", hint=r"sudoers", why="somebody becomes root without being asked"),
    Rule("sudo rules changed", "T1548.003", "Low", "visudo echo tee sed vi nano chmod", r"^visudo(?: -f.*)?$|/etc/sudoers", unless=r"^visudo -c|^(?:cat|ls|grep) ",
         hint=r"visudo|sudoers", why="ordinary for who maintains the host"),
    Rule("Group that is as good as root", "T1098", "Low", "usermod gpasswd adduser addgroup",
         r"(?:sudo|wheel|root|docker|lxd|disk|shadow|admin|adm)\b", why="ordinary for a new administrator"),
    Rule("Privilege exploit by its shape", "T1068", "High", "sudo sudoedit pkexec su",
         r"^sudo .*-u ?#-1|^sudo .*-u ?#4294967295|^sudoedit .*-s .*\\$|^pkexec$.*GCONV|^sudo .*LD_PRELOAD=", hint=r"#-1|#4294967295|sudoedit|sudo.*LD_PRELOAD",
         why="it has the shape of a known exploit"),
    Rule("Privilege exploit by its shape", "T1068", "High", "", r"GCONV_PATH=\.|CHARSET=PWNKIT|GIO_USE_VFS=.*pkexec|GLIBC_TUNABLES=glibc\.malloc\.mxfast.*=.*=",
         hint=r"GCONV_PATH|PWNKIT|GIO_USE_VFS|GLIBC_TUNABLES", why="it has the shape of a known exploit"),
    Rule("Shell out of another program", "T1548.003 T1059.004", "Medium", "find vi awk gawk mawk tar zip tcpdump man less git ed gdb python perl ruby lua php node nmap env rsync ftp mysql socat expect sed nano",
         rf"^find .*-exec(?:dir)? \S*{SHELL}(?: -p| -i)?(?: ;| \\;| \+|$)|^vi .*:!?(?:set␣shell|shell|!)\S*|^(?:g|m)?awk .*BEGIN␣?\{{␣?system\(\S?{_ESCAPE}"
         rf"|checkpoint-action=exec|^zip .*(?:-TT|--unzip-command)|^tcpdump .*-z \S+|^(?:python|perl|ruby|php|lua|node) .*(?:os\.system|os\.exec\w*|pty\.spawn|subprocess\.\w+|exec|system|spawn|execute)\W{{0,4}}(?:/bin/|/usr/bin/)?(?:{SHELL})\b"
         rf"|os\.setuid\(0\)|POSIX::setuid\(0\)|posix_setuid\(0\)|^rsync .*-e ?sh␣|^gdb .*!{SHELL}|^gdb .*os\.execl|^mysql .*\\!␣",
         unless=r"^python (?:/|-m )|-w \S+\.pcap .*-z gzip", hint=r"exec|:!|:set|:shell|system|checkpoint|-TT|tcpdump.*-z|spawn|setuid|subprocess|rsync.*-e|\!",
         why="a way around what sudo or a restricted shell allows"),
    Rule("Shell that keeps another's rights", "T1548.001", "Medium", "bash sh ksh zsh dash", r"^(?:bash|sh|ksh|zsh|dash) (?:-\w+ )*-\w*p(?: |$)",
         unless=r"^\S+ -\w*p\w* /", hint=rf"\b{SHELL}\s+-\w*p", why="a shell keeps the rights of a set-user-ID program only so"),
    Rule("Out of a container", "T1611", "High", "docker podman ctr nerdctl crictl kubectl lxc",
         r"(?:-v|--volume)[= ]?/:/|--mount \S*(?:source|src)=/,|^(?:docker|podman|nerdctl) run .*--privileged.*--pid[= ]host|^(?:docker|podman|nerdctl) run .*--pid[= ]host.*--privileged|source=/ path=|security\.privileged=true|^(?:docker|podman|nerdctl) run .*/var/run/docker\.sock:\S+ .*(?:sh|bash)$",
         unless=r":ro(?:,\w+)?(?: |$)", why="the container holds the host's own files"),
    Rule("Out of a container", "T1611", "High", "", r">{1,2}(?:\S*/release_agent|/proc/sys/kernel/core_pattern|/proc/sys/kernel/modprobe|/proc/sysrq-trigger|/sys/kernel/uevent_helper)$|^tee (?:\S*/release_agent|/proc/sys/kernel/core_pattern)",
         unless=r"core_pattern.*apport|^echo \|?/usr/\S+.*core_pattern", hint=r"release_agent|core_pattern|sys/kernel/modprobe|uevent_helper", why="the kernel is told to run a program of somebody's own"),
    Rule("Out of a container", "T1611", "Medium", "nsenter unshare curl debugfs capsh chroot",
         rf"^nsenter .*(?:-t|--target)[= ]?1 .*(?:-m|-a|--mount|--all)|^unshare .*-\w*(?:[rU]\w*[rU]|r\w*m|m\w*r)|^unshare .*--map-root-user|^curl .*--unix-socket \S*docker\.sock .*(?:containers/create|/exec|/start)|^debugfs (?:-w )?/dev/|^capsh .*--gid=0|^chroot /(?:host\S*|mnt\S*|hostfs)(?: \S*{SHELL})?$",
         why="another set of the host's names is entered"),
    Rule("Root shell through sudo or su", "T1548.003", "Low", "sudo su doas pkexec",
         rf"^(?:sudo|doas) (?:-u root )?(?:-i|-s|su\b.*|\S*{SHELL})$|^su(?: -| -l| root| - root)*$|^pkexec \S*{SHELL}$", hint=r"\b(?:sudo|su|doas|pkexec)\b",
         why="ordinary for who maintains the host"),
)  # fmt: skip
