"""Messages of programs that are worth a look: what each means, and when it is noise.

One table, reviewed by hand. Of rows with one title the most severe that fits a message counts. A
request that a web server refused is Low at most: the internet asks for everything all day. Words
are those that the programs print: Linux's arch/x86/kernel/traps.c, mm/oom_kill.c and
kernel/module; polkit's pkexec.c; glibc's elf/rtld.c; PHP's, MySQL's and PostgreSQL's own texts.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RISKS", "SIEVE", "Risk"]


@dataclass(frozen=True)
class Risk:
    """A shape of message.

    Attributes:
        title: of the finding.
        techniques: MITRE ATT&CK ids, separated by blanks.
        severity: of a finding.
        pattern: RE2, on the message, without regard to case.
        reason: what it means, one clause.
        sieve: RE2 that each such message fits; plain words, for the engine that holds the rows.
        programs: RE2 that the program's whole name must fit, "" for any.
        but: RE2; a message that fits it is left out.
        burst: so many messages of one program make the severity; fewer are Informational.
    """

    title: str
    techniques: str
    severity: str
    pattern: str
    reason: str
    sieve: str
    programs: str = ""
    but: str = ""
    burst: int = 1


_REFUSED = r'" [45]\d\d (?:\d+|-)(?:\s|$)|\breject|\bdenied\b|\bblocked\b|ModSecurity'
_WEB = r"(?:apache2?|httpd|nginx|lighttpd|caddy|php[\w.-]*|tomcat\w*|node|uwsgi|gunicorn|openresty)"
_SETUID = (
    r"(?:sudo|su|pkexec|passwd|newgrp|chsh|chfn|mount|umount|fusermount3?|gpasswd|at|crontab"
    r"|ssh-keysign|polkitd|polkit-agent-helper-1|newuidmap|newgidmap|snap-confine|exim4?)"
)
_DAEMON = (
    r"(?:sshd|sshd-session|nginx|apache2?|httpd|php-fpm[\d.]*|mysqld|mariadbd|postgres|smbd"
    r"|named|dnsmasq|proftpd|vsftpd|dovecot|master|rsyslogd|auditd|redis-server|cupsd)"
)
_MAKERS = (
    r"(?:nvidia\w*|vbox\w+|vm(?:mon|net|ci\w*)|zfs|spl|znvpair|zcommon|wl|falcon_\w+|r8\d+\w*"
    r"|wireguard|dattobd|veeam\w*|mdatp\w*|ds_\w+|gsch|dsa_filter\w*|bmhook|drbd\w*|lttng_\w+"
    r"|openafs|mlx\w+|mst_\w+|ena|ixgbe\w*|i40e|scini|evdi|v4l2loopback|lime)"
)
"""Kernel modules that makers of hardware, file systems and guards deliver."""

RISKS: tuple[Risk, ...] = (
    # crashes
    Risk("Crash of a program that runs as root for anybody", "T1068", "Medium",
         rf"\b{_SETUID}\[\d+\](?: general protection|: segfault|.* trap )"
         rf"|dumped core.*|Process \d+ \({_SETUID}\) of user",
         "an exploit that fails, or one that works, crashes it", r"segfault|general protection"
         r"|dumped core| trap ", but=r"^Process \d+ \((?:[^)]*)\) of user 0 dumped core"),
    Risk("Crash of a network service", "T1190 T1499.004", "Low",
         rf"\b{_DAEMON}\[\d+\](?: general protection|: segfault|.* trap )"
         rf"|Process \d+ \({_DAEMON}\) of user \d+ dumped core|code=dumped, status=11/SEGV",
         "a service that anybody can reach crashed", r"segfault|general protection|dumped core"
         r"| trap |code=dumped"),
    Risk("Crash", "T1499.004", "Informational", r": segfault at |general protection|dumped core",
         "a program crashed", r"segfault|general protection|dumped core"),
    Risk("Fault in the kernel", "T1068", "Low",
         r"^(?:\[[ \d.]+\] ?)?(?:BUG: |Oops: |kernel BUG at |Unable to handle kernel"
         r"|general protection fault, )",
         "the kernel failed: hardware, a driver, or an exploit of the kernel",
         r"BUG: |Oops: |kernel BUG|handle kernel|general protection", programs="kernel"),
    Risk("Memory ran out", "T1499", "Low", r"\bOut of memory: Killed process|oom-kill:|oom_reaper",
         "the kernel ended a program to get memory", r"Out of memory|oom-kill|oom_reaper"),
    # raised rights
    Risk("Exploit of pkexec", "T1068", "High",
         r"(?:value for (?:the SHELL variable was not found|environment variable \w+ contains"
         r" suspicious)).*",
         "pkexec says so when its arguments are empty, as in CVE-2021-4034",
         r"suspicious content|SHELL variable was not found", programs=r"pkexec|polkit\S*"),
    Risk("Program started without arguments", "T1068", "Medium", r"launched '.*' with NULL argv",
         "only an exploit starts a program so, as in CVE-2021-4034", r"with NULL argv"),
    # kernel modules and what is loaded into programs
    Risk("Kernel module of nobody known", "T1547.006 T1014", "Medium",
         r"^(?:\[[ \d.]+\] ?)?(\S+): (?:loading out-of-tree module taints kernel"
         r"|module verification failed: signature)",
         "a module that is neither the kernel's own nor signed was loaded",
         r"out-of-tree module|module verification failed", but=rf"^(?:\[[ \d.]+\] ?)?{_MAKERS}: "),
    Risk("Kernel module of nobody known", "T1547.006 T1014", "Low",
         r"loading out-of-tree module taints kernel|module verification failed: signature",
         "a maker's own module was loaded, by its name",
         r"out-of-tree module|module verification failed"),
    Risk("Kernel refused an unsigned module", "T1547.006", "Medium",
         r"Lockdown: .*unsigned module loading|Loading of unsigned module is rejected"
         r"|module .*: Required key not available",
         "somebody tried to load a module of their own", r"unsigned module|Required key"),
    Risk("Program that writes other programs' memory by BPF", "T1014", "Medium",
         r"bpf_probe_write_user helper that may corrupt",
         "rootkits of BPF do so; debuggers hardly ever", r"bpf_probe_write_user"),
    Risk("Library loaded into every program", "T1574.006", "Medium",
         r"object '[^']*' from /etc/ld\.so\.preload cannot be preloaded",
         "/etc/ld.so.preload names a library; rootkits hide by one", r"ld\.so\.preload"),
    Risk("Library loaded by LD_PRELOAD failed", "T1574.006", "Low",
         r"object '[^']*' from LD_PRELOAD cannot be preloaded",
         "a program was to load a library that is not there", r"from LD_PRELOAD"),
    # services exploited
    Risk("Shell's own error in a web server's log", "T1190 T1059.004", "Medium",
         r"(?:^|[\]:] )(?:sh|bash|dash|/bin/sh|/bin/bash): (?:line )?\d+: ",
         "a shell ran in the web server, and what it was given was wrong",
         r"\b(?:sh|bash): (?:line )?\d+: ", programs=_WEB),
    Risk("Download's output in a web server's log", "T1190 T1105", "High",
         r"HTTP request sent, awaiting response|^Saving to: |% Total    % Received % Xferd"
         r"|--\d{4}-\d\d-\d\d \d\d:\d\d:\d\d--  (?:https?|ftp)://",
         "the web server started wget or curl", r"awaiting response|Saving to: |% Received"
         r"|--  (?:https?|ftp)://", programs=_WEB),
    Risk("PHP code made at run time", "T1505.003", "Medium",
         r"eval\(\)'d code|assert\(\): |create_function\(\)",
         "web shells run what they are sent by eval",
         r"eval\(\)'d code|assert\(\): |create_function",
         but=_REFUSED),
    Risk("PHP was to run a command and may not", "T1505.003", "Low",
         r"(?:system|exec|shell_exec|passthru|popen|proc_open)\(\) has been disabled",
         "a script tried to run a command", r"has been disabled for security"),
    Risk("Request with a command for a web shell answered", "T1505.003", "Medium",
         r"\.(?:php\d?|phtml|jspx?|aspx?|cgi)\?(?:[\w=&%.-]*&)?(?:cmd|exec|command|shell|c|e|x)="
         r"(?:id|whoami|uname|ls|cat|pwd|wget|curl|ps|nc|bash|sh|python|perl|ifconfig|echo)\b"
         r'.*" 200 ', "a script of the web site was asked for a command and answered",
         r'[?&]\w{1,7}=\w+.*" 200 '),
    Risk("Script in a folder of uploads answered", "T1505.003", "Medium",
         r'"(?:GET|POST) [^ "]*/(?:uploads?|images?|img|files?|media|tmp|cache|assets|avatars?)/'
         r'[^ "?]*\.(?:php\d?|phtml|phar|jspx?|aspx?)[? ][^"]*" 200 ',
         "such folders hold pictures and papers, no programs",
         r'/(?:uploads?|images?|img|files?|media|tmp|cache|assets|avatars?)/'),
    Risk("JNDI lookup reached the application", "T1190", "Medium",
         r"(?:Error looking up JNDI|JndiLookup|NamingException|JndiManager).*(?:ldap|rmi|dns)s?://",
         "log4j followed a lookup out of a request, as in CVE-2021-44228",
         r"JNDI|Jndi|NamingException"),
    Risk("Exploit string", "T1190", "Medium",
         r"(?:/dev/tcp/\d|\bbash -i\b|\bnc (?:-\w+ )*-e "
         r"|;(?:wget|curl)(?: |%20|\+|\$\{IFS\})\S*\d{1,3}\.\d"
         r"|\(\) ?\{ ?:; ?\} ?;|\$\{run\{|base64 -d ?\| ?(?:ba)?sh)",
         "a command for a shell stands in what somebody sent",
         r"/dev/tcp/|bash -i|nc -|;wget|;curl|\(\) ?\{|\$\{run|base64 -d", but=_REFUSED,
         programs=r"(?i)[^(]*"),
    Risk("Exploit string", "T1190 T1595.002", "Low",
         r"\$\{(?:jndi|lower|upper|env|::-)|(?:\.\./){2}|(?:%2e){2}%2f|%252e|\.\.%2f|\.\.%5c"
         r"|/etc/passwd|/bin/(?:ba)?sh\b|cmd\.exe|<\?php|union(?:\+|%20|/\*\*/| )+(?:all )?select"
         r"|\bsleep\(\d|\(\) ?\{ ?:; ?\}|think\\app|allow_url_include|auto_prepend_file"
         r"|/dev/tcp/|;wget|;curl|\$\{run\{",
         "somebody tries what works on others; the internet does all day",
         r"\$\{|\.\./|%2e|\.\.%|/etc/passwd|/bin/|cmd\.exe|<\?php|union|sleep\(|\(\) ?\{|think|"
         r"allow_url|auto_prepend|/dev/tcp|;wget|;curl",
         programs=rf"{_WEB}|sshd\S*|exim4?|postfix\S*|haproxy|traefik|squid|java|app\S*"),
    Risk("Database refused a statement's grammar", "T1190", "Low",
         r"error in your SQL syntax|unterminated quoted string at or near|syntax error at or near"
         r"|SQLSTATE\[42|ORA-009\d\d|quoted string not properly terminated|SQL logic error",
         "what somebody sent became part of a statement, or a program is faulty",
         r"SQL|quoted string|syntax error at|ORA-009", burst=5),
    Risk("Login name that opens a back door", "T1190", "Medium", r"(?:USER|LOGIN).*:\)(?:\s|\"|$)",
         "vsftpd 2.3.4's back door opens so", r":\)", programs=r"v?s?ftpd|proftpd|pure-ftpd"),
    # defences and access
    Risk("AppArmor kept a service from a shell", "T1190 T1059.004", "Medium",
         r'apparmor="DENIED" operation="exec" .*profile="[^"]*(?:nginx|apache|httpd|mysqld|mariadbd'
         r'|postgres|php|named|tomcat)[^"]*".* name="(?:/usr)?/bin/(?:ba|da)?sh"',
         "the service tried to start a shell", r'apparmor="DENIED"'),
    Risk("SELinux kept a service from a shell", "T1190 T1059.004", "Medium",
         r'avc: +denied +\{ execute[^}]*\} .*comm="(?:nginx|httpd|mysqld|mariadbd|postgres|php-fpm'
         r'|named)".* name="(?:ba|da)?sh"', "the service tried to start a shell", r"avc: +denied"),
    Risk("AppArmor or SELinux denied something", "T1562.001", "Informational",
         r'apparmor="DENIED"|avc: +denied', "a program did what its profile does not foresee",
         r'apparmor="DENIED"|avc: +denied'),
    Risk("Permission denied again and again", "T1083", "Low", r"permission denied",
         "a program tries what it may not", r"permission denied", burst=20,
         but=r"\[preauth\]|^Failed|publickey"),
    Risk("Unknown users again and again", "T1087", "Low",
         r"unknown user|no such user|user unknown|does not exist in database",
         "somebody tries names", r"unknown user|no such user|user unknown|not exist in database",
         burst=20, programs=r"(?:postfix|dovecot|exim|saslauthd|vsftpd|proftpd|smbd|named)\S*"),
    Risk("Audit lost records", "T1562.012", "Low",
         r"backlog limit exceeded|kauditd hold queue overflow|audit: audit_lost=",
         "there is more than was recorded", r"backlog limit|hold queue|audit_lost"),
    Risk("Logging ended", "T1562.001", "Low",
         r"exiting on signal (?:9|15)|rsyslogd.*exiting|Journal stopped"
         r"|syslogd? .*(?:stopped|exiting)",
         "a log ends here; at a restart it does, too", r"exiting|Journal stopped|stopped",
         programs=r"rsyslogd|syslog-ng|syslogd|systemd-journald|auditd"),
    # devices
    Risk("Network card listens to everybody's packets", "T1040", "Low",
         r"\b(?:eth\d|en[ops]\w+|wl\w+|bond\d|team\d|ens\d)\S*:? entered promiscuous mode|device"
         r" (?:eth|en|wl|bond|team)\S* entered promiscuous mode",
         "a sniffer does so; a bridge, too", r"promiscuous mode"),
    Risk("Storage plugged in", "T1091 T1052.001", "Low",
         r"USB Mass Storage device detected|usb-storage .*: USB Mass|Attached SCSI removable disk",
         "data can leave or come by it", r"Mass Storage|SCSI removable"),
    # cron and at
    Risk("cron refuses a table", "T1053.003", "Low",
         r"^\([^)]*\) (?:CAN'T OPEN|WRONG FILE OWNER|WRONG INODE INFO|BAD FILE MODE|INSECURE MODE"
         r"|NUMBER OF HARD LINKS > 1|NOT A REGULAR FILE|Error: bad (?:minute|hour|command))",
         "somebody wrote a table of jobs that cron does not take",
         r"CAN'T OPEN|WRONG FILE|WRONG INODE|FILE MODE|INSECURE MODE|HARD LINKS|REGULAR FILE|bad",
         programs=r"(?i)crond?|anacron"),
    Risk("Job of at", "T1053.002", "Informational", r"^Starting job \d+ \(\w+\) for user",
         "a job that runs once", r"Starting job", programs="atd"),
)  # fmt: skip

SIEVE = "|".join(dict.fromkeys(f"(?:{risk.sieve})" for risk in RISKS))
"""RE2 that each risky message fits."""
