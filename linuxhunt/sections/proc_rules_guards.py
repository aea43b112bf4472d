"""Rules: what watches or confines is switched off; what hides files and processes."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import TEMP, Rule

__all__ = ["RULES", "WATCHERS"]

WATCHERS = (
    r"(?:auditd|rsyslogd?|syslog|syslog-ng|systemd-journald\S*|mdatp|microsoft-mdatp|auoms|omid"
    r"|omsagent\S*|azuremonitoragent|falcon-sensor|falcond|osqueryd?|wazuh-agent|ossec\S*|sysmon"
    "|sentinelone|sentinelagent|sentineld|cbagentd|cbdaemon|elastic-agent|elastic-endpoint"
    r"|filebeat|auditbeat|td-agent(?:-bit)?|fluent-?bit|fluentd|splunk\S*|SplunkForwarder|falco"
    "|tetragon|samhain|aide|tripwire|clamav-daemon|clamd|freshclam|ds_agent|xagt"
    r"|qualys-cloud-agent|nessusagent|laurel|aliyun\S*|aegis|cloudmonitor|YDService|YDLive"
    r"|hostguard)(?:\.service|\.socket)?"
)
_FENCES = (
    "(?:ufw|firewalld|iptables|nftables|apparmor|fail2ban|sshguard|denyhosts"
    r"|crowdsec)(?:\.service)?"
)
_STOPS = r"(?:stop|disable|mask|kill|disable --now|--now disable|--now mask|mask --now)"

RULES: tuple[Rule, ...] = (
    # Watchers.
    Rule(
        "Audit switched off",
        "T1562.012",
        "High",
        "auditctl",
        pattern=(
            "^auditctl .*-e ?0|^auditctl (?:-D|--delete-all)(?: |$)|--loginuid-immutable=no"
            "|^auditctl .*-r ?[1-9](?: |$)"
        ),
        hint="auditctl",
        why="what runs is no longer recorded",
    ),
    Rule(
        "Audit rule deleted",
        "T1562.012",
        "Medium",
        "auditctl",
        pattern="^auditctl .*-[dW] ",
        why="a rule of audit is deleted",
    ),
    Rule(
        "Audit switched off",
        "T1562.012",
        "High",
        "rm mv sed truncate shred echo tee : cat",
        pattern=(
            r"^(?:rm|shred|truncate|mv) .*/etc/audit/(?:rules\.d/|audit\.rules|auditd\.conf)"
            r"|>/etc/audit/(?:rules\.d/\S+|audit\.rules)$|^sed .*-i.*/etc/audit/auditd\.conf.*"
        ),
        unless=(
            r"^(?:mv|rm) .*(?:\.dpkg-|\.rpm|\.bak|\.save)|^sed .*(?:max_log_file|num_logs"
            "|space_left|name_format)"
        ),
        hint="/etc/audit",
        why="audit's rules are removed",
    ),
    Rule(
        "Audit rule deleted",
        "T1562.012",
        "Medium",
        "sed perl",
        pattern=(
            r"^(?:sed|perl) .*-\w*i.*(?:/d\b|s(?P<d>[/|,#]).*[/|,#]{2}|s[/|,]\^?.*[/|,]#).*"
            r"/etc/audit/(?:rules\.d/|audit\.rules)"
        ),
        hint="/etc/audit",
        why="lines of audit's rules are taken out",
    ),
    Rule(
        "Log forwarding cut",
        "T1562.006",
        "Medium",
        "sed perl",
        pattern=(
            r"^(?:sed|perl) .*-\w*i.*(?:@|omfwd|target|ForwardTo|server).*(?:/d\b|[/|,]#)"
            r".*/etc/(?:rsyslog|syslog|systemd/journal|audisp|audit/plugins|filebeat|fluent|td-agent)"
            r"|^(?:sed|perl) .*-\w*i.*(?:/d\b|[/|,]#[&\\]?).*(?:@|omfwd).*"
            r"/etc/(?:rsyslog|syslog)"
        ),
        hint=r"/etc/(?:rsyslog|syslog|systemd/journal|audisp|audit/|filebeat|fluent|td-agent)",
        why="what is logged no longer leaves the host",
    ),
    Rule(
        "Protection removed",
        "T1562.001",
        "Medium",
        "",
        pattern=(
            r"(?i)(?:^|[\s/])\S*(?:agent|aegis|yunjing|qcloud|cloudmonitor|hostguard|defender|mdatp"
            r"|falcon|sentinel|wazuh|ossec|sophos|eset|clamav|traps|cybereason|carbon|cbsensor"
            r"|trendmicro|ds_agent|edr|antivirus)\S*/\S*uninst\w*(?:\.sh|\.py)?(?:\s|$)"
        ),
        hint="(?i)uninst",
        on="text",
        why="what would record or stop an intruder is uninstalled",
    ),
    Rule(
        "Logging or protection stopped",
        "T1562.001 T1562.012",
        "High",
        "systemctl service rc-service",
        pattern=(
            rf"^systemctl (?:\S+ )*?{_STOPS} (?:\S+ )*?{WATCHERS}(?: |$)|^(?:service|rc-service) "
            f"{WATCHERS} stop"
        ),
        unless=(
            r"--system stop|^systemctl (?:-\S+ )*(?:status|is-|show|cat) |(?:-s|--signal)[= "
            "]?(?:SIG)?(?:HUP|USR)"
        ),
        hint=r"\b(?:systemctl|service|rc-service)\b",
        why="what would record or stop an intruder is stopped",
    ),
    Rule(
        "Logging or protection stopped",
        "T1562.001 T1562.012",
        "High",
        "",
        pattern=rf"^/etc/(?:rc\.d/)?init\.d/{WATCHERS} stop",
        hint=r"init\.d/.*stop",
        on="text",
        why="what would record or stop an intruder is stopped",
    ),
    Rule(
        "Logging or protection killed",
        "T1562.001",
        "High",
        "kill pkill killall killall5 skill",
        pattern=rf"(?:^| |\(pidof␣|\(pgrep␣(?:-\w+␣)*|/){WATCHERS}(?: |\)|$|\.pid)",
        unless=r" -(?:HUP|SIGHUP|1|USR\d|SIGUSR\d|10|12|0|s HUP|s USR\d|-signal[= ]HUP)(?: |$)",
        why="what would record or stop an intruder is killed",
    ),
    Rule(
        "Protection removed",
        "T1562.001",
        "Medium",
        "apt apt-get dpkg yum dnf rpm zypper apk",
        pattern=(
            r" (?:remove|purge|autoremove|erase|-r|-P|--purge|-e|--erase|del) (?:\S+ "
            f")*?{WATCHERS}(?: |$)"
        ),
        why="what would record or stop an intruder is uninstalled",
    ),
    Rule(
        "Protection switched off",
        "T1562.001",
        "High",
        "mdatp falconctl",
        pattern=(
            r"^mdatp (?:config (?:real-time-protection|passive-mode|behavior-monitoring\S*"
            "|cloud) .*(?:disabled|enabled --value)|exclusion .*add|threat allowed add|config "
            r"\S+ --value disabled)|^falconctl .*(?:-d|--del).*--cid"
        ),
        why="the protection agent is told to look away",
    ),
    Rule(
        "Firewall or confinement switched off",
        "T1562.004",
        "Medium",
        (
            "systemctl service ufw iptables iptables-legacy iptables-nft ip6tables nft "
            "setenforce aa-teardown aa-disable aa-complain firewall-cmd"
        ),
        pattern=(
            rf"^systemctl (?:\S+ )*?{_STOPS} (?:\S+ )*?{_FENCES}(?: |$)|^service {_FENCES} stop"
            r"|^ufw (?:--force )?(?:disable|reset)|^(?:ip6?tables\S*) (?:-w )?(?:-t \w+ )?(?:-F"
            "|--flush|-P INPUT ACCEPT)$|^nft flush ruleset|^setenforce (?:0|[Pp]ermissive)"
            "|^aa-(?:teardown|disable)|^firewall-cmd .*(?:--panic-off|--set-default-zone[= "
            "]trusted)"
        ),
        unless="--system stop",
        why="what kept connections or programs in bounds is off",
    ),
    Rule(
        "Firewall or confinement switched off",
        "T1562.001",
        "Medium",
        "sed tee echo printf perl",
        pattern="(?i)selinux=(?:disabled|permissive).*(?:/etc/selinux|/etc/sysconfig/selinux)",
        hint="(?i)selinux",
        why="SELinux will be off after the next boot",
    ),
    Rule(
        "Logs or watchers cut off from the network",
        "T1562.004 T1562.006",
        "Medium",
        "iptables iptables-legacy iptables-nft ip6tables nft ufw",
        pattern=(
            r"(?:^ip6?tables\S* .*-[AI] OUTPUT .*--d(?:port|ports) \S*\b(?:514|6514|601|5044|9997"
            r"|1514|1515|24224|12201)\b.* -j (?:DROP|REJECT)|^nft add rule .*output .*dport \D*"
            r"(?:514|6514|5044|9997|1514|24224|12201)\b.*(?:drop|reject)|^ufw (?:deny|reject) out"
            r" .*\b(?:514|6514|5044|9997|1514|24224|12201)\b)"
        ),
        hint=r"(?i)output|\bout\b",
        why="ports to which hosts send their logs are closed on the way out",
    ),
    Rule(
        "Firewall opened by a command",
        "T1562.004",
        "Low",
        "ufw iptables firewall-cmd",
        pattern="^ufw allow|^iptables .*-j ACCEPT|--add-(?:port|service)",
        why="ordinary where a service is added",
    ),
    Rule(
        "File made immutable",
        "T1222.002",
        "Medium",
        "chattr",
        pattern=(
            r"^chattr .*[+-]\S*[ia]\S* .*(?:/var/log|authorized_keys|\.ssh|/cron|ld\.so\.preload"
            f"|/etc/(?:passwd|shadow|rc)|{TEMP}/|/(?:usr/)?(?:local/)?s?bin/|/systemd/"
            r"|\.(?:service|php|sh)(?: |$)|/\.)"
        ),
        why="a file is kept from being changed or removed, or from being appended to",
    ),
    Rule(
        "File made immutable",
        "T1222.002",
        "Low",
        "chattr",
        pattern=r"^chattr .*\+\S*[ia]",
        why="ordinary for resolv.conf",
    ),
    Rule(
        "Process hidden",
        "T1564",
        "Medium",
        "mount",
        pattern=r"(?:--?o ?bind|--bind|-B|hidepid).* /proc/(?:\d+|\$)",
        hint="mount.*/proc",
        why="a process's folder is covered by another",
    ),
    Rule(
        "Library forced into a program",
        "T1574.006",
        "High",
        "",
        pattern=rf"LD_(?:PRELOAD|AUDIT|LIBRARY_PATH)=\S*(?:{TEMP}/|/\.[a-z]|/root/)",
        unless=r"\.mount_|/\.(?:nvm|cargo|pyenv|local|cache|venv|rustup)/",
        hint="LD_(?:PRELOAD|AUDIT|LIBRARY_PATH)",
        why="a library out of an odd place is loaded first",
    ),
    Rule(
        "Program copied under another name",
        "T1036.003",
        "Medium",
        "cp mv install ln",
        pattern=(
            r"/(?:usr/)?s?bin/(?:bash|sh|dash|zsh|python\S*|curl|wget|nc|ncat|socat|ssh)(?: "
            rf"-\S+)* (?:{TEMP}/\S*|\S*/\.[^/ ]+)$"
        ),
        why="a shell or tool is put where it is not looked for",
    ),
    Rule(
        "Program deletes itself",
        "T1070.004",
        "Low",
        "rm shred",
        pattern=rf"^(?:rm|shred) .*(?:/dev/shm/|{TEMP}/(?:\S*/)?\.\w)",
        unless=r"/\.(?:X\d|ansible|git|mount_|cache|npm)",
        hint=TEMP,
        why="what lay hidden is removed",
    ),
)
