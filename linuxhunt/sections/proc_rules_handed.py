"""Rules: rights handed on by programs that were not meant to, and secrets handed out.

What a program can be made to do is GTFOBins' subject, what is done with it ATT&CK's.
"""

from __future__ import annotations

from linuxhunt.sections.proc_rule import PUBLIC_ADDRESS, SHELL, Rule

__all__ = ["RULES"]

_MINERS = (
    r"(?:xmrig|xmr-stak|kdevtmpfsi|kinsing|minerd|minergate|cryptonight|stratum\+tcp|watchbog"
    r"|sysrv\w*|kthreaddi|pwnrig|ddgs|nanopool|supportxmr|cpuminer|nbminer|t-rex)"
)
_SITES = r"(?:/var/www|/srv/www|/srv/http|/usr/share/nginx|\S*/public_html|\S*/htdocs|/opt/lampp)/"

RULES: tuple[Rule, ...] = (
    Rule(
        "Shell on a network connection",
        "T1059 T1095",
        "High",
        "awk gawk mawk",
        pattern=r"/inet/(?:tcp|udp)/\S*\|&",
        hint=r"/inet/(?:tcp|udp)/",
        why="awk reads commands from a connection and runs them",
    ),
    Rule(
        "Shell on a network connection",
        "T1059 T1095",
        "High",
        "ruby perl python php node lua",
        pattern=(
            r"(?i)(?:TCPSocket|IO::Socket|fsockopen|socket\.socket|net\.(?:connect|socket))"
            r".*(?:IO\.popen|\bpopen\(|\x60|%x[({]|qx[({/])"
        ),
        hint=r"(?i)tcpsocket|io::socket|fsockopen|socket\.socket|net\.",
        why="a program text runs what it reads from a connection",
    ),
    Rule(
        "Shell out of another program",
        "T1548.003 T1059.004",
        "Medium",
        "sudo doas",
        pattern=(
            r"^(?:sudo|doas) (?:-\S+ )*(?:\S*/)?(?:env|nice|timeout|stdbuf|setarch|xargs|flock"
            rf"|ionice|taskset|unshare|time|busybox)(?: -?[\w=./:+-]+)*? (?:\S*/)?{SHELL}"
            r"(?: -[pil]+)?$"
        ),
        hint=r"(?:sudo|doas)",
        why="sudo was asked for a harmless program, which becomes a shell",
    ),
    Rule(
        "Shell out of another program",
        "T1548 T1059.004",
        "Medium",
        "pkexec",
        pattern=rf"^pkexec (?:--\S+ )*--disable-internal-agent (?:--\S+ )*(?:\S*/)?{SHELL}(?: |$)",
        why="a root shell by polkit where nobody can be asked for a password",
    ),
    Rule(
        "Privilege exploit by its shape",
        "T1068",
        "High",
        "sudoedit sudo",
        pattern=r"^(?:sudoedit|sudo (?:\S*/)?sudoedit|sudo (?:-\w+ )*-e) .*-?s\b.*\\(?: |$)",
        hint=r"sudoedit|sudo",
        why="an argument that ends in a backslash, as in CVE-2021-3156",
    ),
    Rule(
        "sudo rule without password",
        "T1548.003",
        "High",
        "visudo",
        pattern=r"EDITOR=\S*\b(?:tee|cp|sed|sh|bash|cat|dd|perl|python)\b",
        why="the editor that visudo starts is a program that writes what it is given",
    ),
    Rule(
        "Remote logon of root opened",
        "T1098.004 T1556",
        "Medium",
        "",
        pattern=(
            r"(?i)^(?:sed|echo|printf|perl|tee|awk|ruby|python) .*(?:PermitRootLogin[␣ =]+yes"
            r"|PermitEmptyPasswords[␣ =]+yes|PermitUserEnvironment[␣ =]+yes).*sshd_config"
        ),
        hint=r"(?i)sshd_config",
        why="sshd is told to let in whom it refused",
    ),
    Rule(
        "Remote logon opened",
        "T1556",
        "Low",
        "",
        pattern=(
            r"(?i)^(?:sed|echo|printf|perl|tee) .*(?:PasswordAuthentication[␣ =]+yes"
            r"|GatewayPorts[␣ =]+yes|AuthorizedKeysCommand[␣ ]).*sshd_config"
        ),
        hint=r"(?i)sshd_config",
        why="sshd is told to let in more",
    ),
    Rule(
        "Token of a cluster's account read",
        "T1528 T1552.007",
        "Medium",
        "",
        pattern=(
            r"^(?:cat|curl|head|tail|less|more|base64|cp|xxd|strings|kubectl|wget|python|tar|scp)"
            r" .*/run/secrets/(?:kubernetes\.io|eks\.amazonaws\.com)/serviceaccount/\S*token"
        ),
        hint=r"serviceaccount",
        why="who holds it acts as the workload towards the cluster",
    ),
    Rule(
        "Secrets put into a request",
        "T1048 T1552",
        "Medium",
        "curl wget http nc",
        pattern=(
            r"(?:\$\(|\x60)[␣ ]*(?:env|printenv|export[␣ ]-p|set)\b"
            r"|(?:\$\(|\x60)[␣ ]*(?:cat|base64|tar|gzip)\b[^)\x60]*(?:/etc/(?:shadow|passwd|ssh/)"
            r"|\.ssh/|\.aws/|\.kube/|/\.env\b|\.npmrc|\.docker/config|\.git-credentials"
            r"|id_(?:rsa|ed25519)|/proc/\S+/environ)"
        ),
        hint=r"(?:curl|wget|http|nc)",
        why="the environment or a file of secrets is sent with a request",
    ),
    Rule(
        "Data put where the web site gives it out",
        "T1005 T1560.001 T1074.001",
        "Medium",
        "",
        pattern=(
            r"(?:^|¦ )(?:mysqldump|mariadb-dump|pg_dump|pg_dumpall|mongodump|sqlite3|tar|zip|7z)\b"
            rf".*>>? ?{_SITES}\S*\.(?:sql|gz|tgz|zip|bz2|xz|7z|tar|txt|jpg|png|css|bak|dump)\b"
        ),
        hint=r"(?:dump|sqlite3|tar|zip|7z)",
        on="pipe",
        why="a dump in the web site's folder can be fetched by anybody",
    ),
    Rule(
        "Data put where the web site gives it out",
        "T1005 T1560.001 T1074.001",
        "Medium",
        "mysqldump mariadb-dump pg_dump pg_dumpall mongodump sqlite3",
        pattern=rf"(?:>>? ?|-f ?|--file=|--result-file=|-r ?){_SITES}",
        why="a dump in the web site's folder can be fetched by anybody",
    ),
    Rule(
        "Data copied to another host",
        "T1048",
        "Medium",
        "scp rsync sftp",
        pattern=(
            r"^(?:scp|rsync|sftp)(?: -i \S+| -(?:[^i\s]\S*|i\S+)| [^-\s/]\S*)*? (?:/srv|/var/lib"
            r"|/var/www|/var/backups?|/etc|/opt|/root|/home|/dev/shm|/tmp|/var/tmp)(?:/\S*)?"
            rf"(?: \S+)*? (?:rsync://)?(?:[\w.-]+@)?{PUBLIC_ADDRESS}\S*$"
        ),
        why="a folder of data is sent to a bare address on the internet",
    ),
    Rule(
        "Cryptocurrency miner",
        "T1496.001",
        "Medium",
        "wrmsr",
        pattern=r"^wrmsr .*0x1a4\b|^wrmsr .*0xc00110",
        why="the processor is set up as miners of RandomX do it",
    ),
    Rule(
        "Cryptocurrency miner",
        "T1496.001",
        "High",
        "docker podman nerdctl ctr kubectl crictl",
        pattern=rf"^\S+ (?:run|create|pull|exec) .*{_MINERS}",
        hint=rf"(?i){_MINERS}",
        why="a container of a miner",
    ),
    Rule(
        "Network scan",
        "T1046",
        "Medium",
        "nmap masscan zmap rustscan",
        pattern=r"\d/(?:[4-9]|1[0-6])\b|(?: -p ?-| -p ?0-65535| -p ?1-65535)(?: |$).*/\d+\b",
        why="a wide network or all ports of one were scanned",
    ),
    Rule(
        "Other miners ended",
        "T1489 T1496.001",
        "Medium",
        "pkill killall pgrep",
        pattern=rf"(?i)\b{_MINERS}\b",
        hint=rf"(?i){_MINERS}",
        why="who mines first clears the host of other miners",
    ),
    Rule(
        "Other miners ended",
        "T1489 T1496.001",
        "Medium",
        "",
        pattern=rf"(?i)grep [^¦]*\b{_MINERS}\b.*\bkill\b",
        hint=rf"(?i){_MINERS}",
        on="pipe",
        why="who mines first clears the host of other miners",
    ),
    Rule(
        "Malware by its name",
        "T1496.001",
        "High",
        "kinsing kdevtmpfsi kthreaddi watchbog pwnrig sysrv sysrv012 ddgs",
        why="programs of that name are miners and what brings them",
    ),
    Rule(
        "Memory or environment of a process read",
        "T1003.007 T1552",
        "Medium",
        "gdb gcore",
        pattern=(
            r"^gdb .*(?:-p|--pid)[ =]?\d+.*(?:dump[␣ ](?:binary[␣ ])?memory"
            r"|generate-core-file|gcore)"
        ),
        why="what a process holds in memory was written to a file",
    ),
    Rule(
        "Capture written to a hidden file",
        "T1040 T1056",
        "Medium",
        "tcpdump tshark dumpcap strace ltrace",
        pattern=r" -(?:w|o) ?(?:\S*/)?\.[^/ .]\S*",
        why="what is captured for a person's own use need not be hidden",
    ),
)
