"""Rules: how rights are raised."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import SHELL, TEMP, Rule

__all__ = ["RULES"]

_ESCAPE = rf"(?:/bin/|/usr/bin/|␣|!|\"|')(?:{SHELL})\b"

RULES: tuple[Rule, ...] = (
    # Privilege.
    Rule(
        "Set-user-ID program made",
        "T1548.001",
        "High",
        "chmod install cp",
        pattern=(
            rf"^chmod (?:-\S+ )*(?:[ugoa]*\+[rwx]*s\S*|0?[4-7][0-7]{{3}}) (?:\S+ )*?(?:{TEMP}/"
            rf"|/home/|/root/|/var/www|/dev/|\S*/\.[^/ ]|\.?/?\.\w|(?:/usr)?/bin/(?:{SHELL}"
            r"|python\S*|perl\S*|find|vim?|cp|env|nmap|awk|less|more|nano|tee|dd|tar|php\S*|ruby"
            f"|node|gdb|base64)(?: |$))|^install .*(?:-m ?|--mode[= ])(?:0?[4-7][0-7]{{3}}"
            rf"|u\+s)\S* .*(?:{TEMP}/|\S*/\.)"
        ),
        unless=r"^chmod (?:-\S+ )*(?:g\+s|0?2[0-7]{3}|[ug]\+[rwx]*X\S*|\+t|1777) ",
        why="whoever runs it gets its owner's rights",
    ),
    Rule(
        "Set-user-ID program made",
        "T1548.001",
        "Low",
        "chmod install",
        pattern=r"^chmod (?:-\S+ )*(?:u\+[rwx]*s\S*|0?[46][0-7]{3}) |(?:-m ?)0?[46][0-7]{3}",
        why="ordinary for packages",
    ),
    Rule(
        "Capabilities given to a program",
        "T1548.001",
        "High",
        "setcap",
        pattern=(
            "cap_(?:setuid|setgid|sys_admin|dac_override|dac_read_search|sys_ptrace|sys_module"
            rf"|fowner|chown|setfcap)\S*[+=]\S*|[ =]all[+=]e?p|^setcap =e?p .*|{TEMP}/"
        ),
        unless=(
            r"^setcap -(?:r|v)|cap_(?:net_\w+|ipc_lock|sys_nice|syslog|sys_resource)[^ "
            r"]*(?:/(?:usr|opt)/\S+)?$|newuidmap|newgidmap|/wireshark|dumpcap"
        ),
        why="the program may do what root may",
    ),
    Rule(
        "sudo rule without password",
        "T1548.003",
        "Medium",
        "echo printf tee cat sed perl cp mv",
        pattern=(
            r"(?:NOPASSWD|ALL=\(ALL\S*\)|!authenticate|env_keep|!requiretty|timestamp_timeout"
            rf"|!tty_tickets).*(?:>{{1,2}}|^tee (?:-a )?|^sed .* )/etc/sudoers\S*|^(?:sed|perl) "
            rf".*-\w*i.*(?:NOPASSWD|!authenticate).*/etc/sudoers|^(?:cp|mv) .*(?:{TEMP})/\S* "
            r"/etc/sudoers\S*|/etc/sudoers\S*.*<<.*NOPASSWD"
        ),
        unless=r"NOPASSWD:␣?/\S+(?:\\n)?␣?(?:>|$)",
        hint="sudoers",
        why="somebody becomes root without being asked",
    ),
    Rule(
        "sudo rules changed",
        "T1548.003",
        "Low",
        "visudo echo tee sed vi nano chmod",
        pattern="^visudo(?: -f.*)?$|/etc/sudoers",
        unless="^visudo -c|^(?:cat|ls|grep) ",
        hint="visudo|sudoers",
        why="ordinary for who maintains the host",
    ),
    Rule(
        "Privilege exploit by its shape",
        "T1068",
        "High",
        "sudo sudoedit pkexec su",
        pattern=(
            r"^sudo .*-u ?#-1|^sudo .*-u ?#4294967295|^sudoedit .*-s .*\\$|^pkexec$.*GCONV|^sudo "
            ".*LD_PRELOAD="
        ),
        hint="#-1|#4294967295|sudoedit|sudo.*LD_PRELOAD",
        why="it has the shape of a known exploit",
    ),
    Rule(
        "Privilege exploit by its shape",
        "T1068",
        "High",
        "",
        pattern=(
            r"GCONV_PATH=\.|CHARSET=PWNKIT|GIO_USE_VFS=.*pkexec"
            r"|GLIBC_TUNABLES=glibc\.malloc\.mxfast.*=.*="
        ),
        hint="GCONV_PATH|PWNKIT|GIO_USE_VFS|GLIBC_TUNABLES",
        why="it has the shape of a known exploit",
    ),
    Rule(
        "Shell out of another program",
        "T1548.003 T1059.004",
        "Medium",
        (
            "find vi awk gawk mawk tar zip tcpdump man less git ed gdb python perl ruby lua php "
            "node nmap env rsync ftp mysql socat expect sed nano"
        ),
        pattern=(
            rf"^find .*-exec(?:dir)? \S*{SHELL}(?: -p| -i)?(?: ;| \\;| \+|$)|^vi .*:!?(?:set␣shell"
            rf"|shell|!)\S*|^(?:g|m)?awk .*BEGIN␣?\{{␣?system\(\S?{_ESCAPE}|checkpoint-action=exec"
            r"|^zip .*(?:-TT|--unzip-command)|^tcpdump .*-z \S+"
            r"|^(?:python|perl|ruby|php|lua|node) .*"
            r"(?:os\.system|os\.exec\w*|pty\.spawn|subprocess\.\w+|exec|system|spawn|execute)"
            rf"\W{{0,4}}(?:/bin/|/usr/bin/)?(?:{SHELL})\b"
            r"|os\.setuid\(0\)|POSIX::setuid\(0\)|posix_setuid\(0\)"
            r"|^nmap .*--interactive|^rsync .*-e ?sh␣"
            rf"|^gdb .*!{SHELL}|^gdb .*os\.execl|^mysql .*\\!␣"
        ),
        unless=r"^python (?:/|-m )|-w \S+\.pcap .*-z gzip",
        hint=(
            "exec|:!|:set|:shell|system|checkpoint|-TT|tcpdump.*-z|spawn|setuid|subprocess"
            r"|rsync.*-e|\!|--interactive"
        ),
        why="a way around what sudo or a restricted shell allows",
    ),
    Rule(
        "Shell that keeps another's rights",
        "T1548.001",
        "Medium",
        "bash sh ksh zsh dash",
        pattern=r"^(?:bash|sh|ksh|zsh|dash) (?:-\w+ )*-\w*p(?: |$)",
        unless=r"^\S+ -\w*p\w* /",
        hint=rf"\b{SHELL}\s+-\w*p",
        why="a shell keeps the rights of a set-user-ID program only so",
    ),
    Rule(
        "Out of a container",
        "T1611",
        "High",
        "docker podman ctr nerdctl crictl kubectl lxc",
        pattern=(
            r"(?:-v|--volume)[= ]?/:/|--mount \S*(?:source|src)=/,|^(?:docker|podman|nerdctl) "
            "run .*--privileged.*--pid[= ]host|^(?:docker|podman|nerdctl) run .*--pid[= "
            r"]host.*--privileged|source=/ path=|security\.privileged=true|^(?:docker|podman"
            r"|nerdctl) run .*/var/run/docker\.sock:\S+ .*(?:sh|bash)$"
        ),
        unless=r":ro(?:,\w+)?(?: |$)",
        why="the container holds the host's own files",
    ),
    Rule(
        "Out of a container",
        "T1611",
        "High",
        "",
        pattern=(
            r">{1,2}(?:\S*/release_agent|/proc/sys/kernel/core_pattern|/proc/sys/kernel/modprobe"
            r"|/sys/kernel/uevent_helper)$|^tee (?:\S*/release_agent"
            "|/proc/sys/kernel/core_pattern)"
        ),
        unless=r"core_pattern.*apport|^echo \|?/usr/\S+.*core_pattern",
        hint="release_agent|core_pattern|sys/kernel/modprobe|uevent_helper",
        why="the kernel is told to run a program of somebody's own",
    ),
    Rule(
        "Out of a container",
        "T1611",
        "Medium",
        "nsenter unshare curl debugfs capsh chroot",
        pattern=(
            "^nsenter .*(?:-t|--target)[= ]?1 .*(?:-m|-a|--mount|--all)|^unshare "
            r".*-\w*(?:[rU]\w*[rU]|r\w*m|m\w*r)|^unshare .*--map-root-user|^curl .*--unix-socket "
            r"\S*docker\.sock .*(?:containers/create|/exec|/start)|^debugfs (?:.* )?/dev/|^capsh "
            rf".*--gid=0|^chroot /(?:host\S*|mnt\S*|hostfs)(?: \S*{SHELL})?$"
        ),
        why="another set of the host's names is entered",
    ),
    Rule(
        "Root shell through sudo or su",
        "T1548.003",
        "Low",
        "sudo su doas pkexec",
        pattern=(
            rf"^(?:sudo|doas) (?:-u root )?(?:-i|-s|su\b.*|\S*{SHELL})$|^su(?: -| -l| root| - "
            rf"root)*$|^pkexec \S*{SHELL}$"
        ),
        hint=r"\b(?:sudo|su|doas|pkexec)\b",
        why="ordinary for who maintains the host",
    ),
)
