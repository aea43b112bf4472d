"""Rules: what hides an intruder (defence evasion)."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import TEMP, Rule

__all__ = ["RULES"]

_HISTORY = r"\.(?:bash|zsh|sh|ksh|ash|python|mysql|psql|fish|node_repl|lesshst|sqlite)_?history|\.histfile"
_LOGINS = r"(?:/var/(?:log|run|adm)|/run)/(?:wtmp|btmp|utmp|lastlog|faillog|tallylog)(?:\.db)?"
_SECURITY_LOG = rf"(?:/var/log/(?:auth\.log|secure|audit(?:/|/audit\.log|/\*)?)|{_LOGINS})"
_LOG = r"/var/log/(?:syslog|messages|kern\.log|cron(?:\.log)?|daemon\.log|user\.log|maillog|journal(?:/\S*)?|\*)"
_END = r"(?: |␣|$|\*)"
_WATCHERS = (
    r"(?:auditd|rsyslogd?|syslog|syslog-ng|systemd-journald\S*|mdatp|microsoft-mdatp|auoms|omid|omsagent\S*"
    r"|azuremonitoragent|falcon-sensor|falcond|osqueryd?|wazuh-agent|ossec\S*|sysmon|sentinelone"
    r"|sentinelagent|sentineld|cbagentd|cbdaemon|elastic-agent|elastic-endpoint|filebeat|auditbeat"
    r"|td-agent(?:-bit)?|fluent-?bit|fluentd|splunk\S*|SplunkForwarder|falco|tetragon|samhain|aide"
    r"|tripwire|clamav-daemon|clamd|freshclam|ds_agent|xagt|qualys-cloud-agent|nessusagent|laurel"
    r"|aliyun\S*|aegis|cloudmonitor|YDService|YDLive|hostguard)(?:\.service|\.socket)?"
)
_FENCES = r"(?:ufw|firewalld|iptables|nftables|apparmor|fail2ban|sshguard|denyhosts|crowdsec)(?:\.service)?"
_STOPS = r"(?:stop|disable|mask|kill|disable --now|--now disable|--now mask|mask --now)"

RULES: tuple[Rule, ...] = (
    # Histories.
    Rule("Shell history switched off", "T1070.003 T1562.003", "Medium", "",
         r"HIST(?:FILE|SIZE|FILESIZE)=(?:/dev/null|0|/dev/zero|)(?: |␣|$)|^(?:unset|export -n) .*HIST(?:FILE|SIZE)"
         r"|^set \+o history|^shopt -ou history|^export HISTCONTROL=ignore\w+ HISTFILE",
         unless=r"^(?:docker|podman|kubectl) ", hint=r"HIST|history",
         why="what is typed is not kept"),
    Rule("Shell history cleared", "T1070.003", "Medium", "history fc", r"^history .*-\w*[cdw]",
         hint=r"history", why="what was typed is thrown away"),
    Rule("Shell history destroyed", "T1070.003", "Medium",
         "rm shred truncate unlink ln cp mv dd tee sed wipe srm chattr chmod cat echo printf : busybox",
         rf"^(?:rm|shred|unlink|wipe|srm|truncate|sed|chattr|chmod [0-2]?0+) .*(?:{_HISTORY})"
         rf"|^(?:ln|cp|mv|dd) .*(?:/dev/null|/dev/zero).*(?:{_HISTORY})|>(?:\S*/)?(?:{_HISTORY})$"
         rf"|^tee (?:\S*/)?(?:{_HISTORY})$",
         unless=r"^chmod 0?[46]00 |>>\S*$", hint=r"history|histfile",
         why="what was typed is thrown away"),
    # Logs.
    Rule("Security log destroyed", "T1070.002", "High",
         "rm shred truncate unlink ln cp mv dd tee wipe srm cat echo printf : > utmpdump busybox",
         rf"^(?:rm|shred|unlink|wipe|srm|truncate) .*{_SECURITY_LOG}{_END}"
         rf"|^(?:ln|cp|mv|dd) .*(?:/dev/null|/dev/zero|/tmp/|/dev/shm/).*{_SECURITY_LOG}$"
         rf"|[^>]>{_SECURITY_LOG}$|^tee {_SECURITY_LOG}$|^(?:rm|shred) .*/var/log/?(?:\*)?(?: |$)"
         rf"|^mv {_SECURITY_LOG} (?:/tmp|/dev/shm|\S*/\.)",
         hint=r"/var/log|/(?:var/)?run/|/var/adm", why="the record of logons and audit is destroyed"),
    Rule("System log destroyed", "T1070.002", "Medium",
         "rm shred truncate unlink ln cp mv dd tee wipe srm cat echo printf : busybox",
         rf"^(?:rm|shred|unlink|wipe|srm|truncate) .*{_LOG}{_END}"
         rf"|^(?:ln|cp|mv|dd) .*(?:/dev/null|/dev/zero).*/var/log/\S+$|[^>]>{_LOG}$|^tee {_LOG}$"
         r"|^shred .*/var/log/",
         hint=r"/var/log", why="the host's own record is destroyed"),
    Rule("Application log emptied", "T1070.002", "Low", "rm shred truncate ln cat echo : tee",
         r"^(?:rm|shred|truncate) .*/var/log/\S+\.log(?: |$)|[^>]>/var/log/\S+$", hint=r"/var/log",
         why="ordinary where a disk is full"),
    Rule("Log lines edited out", "T1070.002", "High", "sed perl grep egrep awk vi ed ex utmpdump python",
         rf"^(?:sed|perl) (?:\S+ )*?-\w*i\S* .*(?:{_SECURITY_LOG}|/var/log/(?:syslog|messages))"
         rf"|^e?grep .*-\w*v\b?.*{_SECURITY_LOG} ?>|^utmpdump .*(?:-r|>{_LOGINS})"
         rf"|^python -c .*open\(.(?:{_LOGINS})",
         hint=r"/var/log|utmp|wtmp", why="single lines are taken out of a log"),
    Rule("Log lines edited out", "T1070.002", "Medium", "sed perl",
         r"^(?:sed|perl) (?:\S+ )*?-\w*i\S* .*/var/log/", hint=r"/var/log",
         why="single lines are taken out of a log"),
    Rule("Login record cleared", "T1070.002 T1070.006", "Medium",
         "lastlog wtmpclean logtamper utmpclean zap2 mig-logcleaner moonwalk vanish",
         r"^lastlog .*(?:-C|--clear|-S|--set)|^(?:wtmpclean|logtamper|utmpclean|zap2|mig-|moonwalk|vanish)",
         why="the record of logons is changed"),
    Rule("Journal thrown away", "T1070.002", "Medium", "journalctl",
         r"--vacuum-time[= ]\d+(?:u?s|sec|seconds?|m|min|minutes?|h|hours?|)(?: |$)"
         r"|--vacuum-size[= ]\d{1,2}[KM]?B?(?: |$)|--vacuum-size[= ]\d{1,6}(?: |$)|--vacuum-files[= ]1(?: |$)",
         why="all but the last moments of the journal are deleted"),
    Rule("Kernel log cleared", "T1070.002", "Low", "dmesg", r"^dmesg .*-(?:C|c|-clear|-read-clear)\b",
         why="the kernel's messages are cleared"),
    # Watchers.
    Rule("Audit switched off", "T1562.012", "High", "auditctl",
         r"^auditctl .*-e ?0|^auditctl (?:-D|--delete-all)(?: |$)|--loginuid-immutable=no|^auditctl .*-r ?[1-9](?: |$)",
         hint="auditctl", why="what runs is no longer recorded"),
    Rule("Audit rule deleted", "T1562.012", "Medium", "auditctl", r"^auditctl .*-[dW] ",
         why="a rule of audit is deleted"),
    Rule("Audit switched off", "T1562.012", "High", "rm mv sed truncate shred echo tee : cat",
         r"^(?:rm|shred|truncate|mv) .*/etc/audit/(?:rules\.d/|audit\.rules|auditd\.conf)"
         r"|>/etc/audit/(?:rules\.d/\S+|audit\.rules)$|^sed .*-i.*/etc/audit/auditd\.conf.*",
         unless=r"^(?:mv|rm) .*(?:\.dpkg-|\.rpm|\.bak|\.save)|^sed .*(?:max_log_file|num_logs|space_left|name_format)",
         hint=r"/etc/audit", why="audit's rules are removed"),
    Rule("Logging or protection stopped", "T1562.001 T1562.012", "High", "systemctl service rc-service",
         rf"^systemctl (?:\S+ )*?{_STOPS} (?:\S+ )*?{_WATCHERS}(?: |$)"
         rf"|^(?:service|rc-service) {_WATCHERS} stop",
         unless=r"--system stop|^systemctl (?:-\S+ )*(?:status|is-|show|cat) |(?:-s|--signal)[= ]?(?:SIG)?(?:HUP|USR)",
         hint=r"\b(?:systemctl|service|rc-service)\b",
         why="what would record or stop an intruder is stopped"),
    Rule("Logging or protection stopped", "T1562.001 T1562.012", "High", "",
         rf"^/etc/(?:rc\.d/)?init\.d/{_WATCHERS} stop", hint=r"init\.d/.*stop", on="text",
         why="what would record or stop an intruder is stopped"),
    Rule("Logging or protection killed", "T1562.001", "High", "kill pkill killall killall5 skill",
         rf"(?:^| |\(pidof␣|\(pgrep␣(?:-\w+␣)*|/){_WATCHERS}(?: |\)|$|\.pid)",
         unless=r" -(?:HUP|SIGHUP|1|USR\d|SIGUSR\d|10|12|0|s HUP|s USR\d|-signal[= ]HUP)(?: |$)",
         why="what would record or stop an intruder is killed"),
    Rule("Protection removed", "T1562.001", "Medium", "apt apt-get dpkg yum dnf rpm zypper apk",
         rf" (?:remove|purge|autoremove|erase|-r|-P|--purge|-e|--erase|del) (?:\S+ )*?{_WATCHERS}(?: |$)",
         why="what would record or stop an intruder is uninstalled"),
    Rule("Protection switched off", "T1562.001", "High", "mdatp falconctl",
         r"^mdatp (?:config (?:real-time-protection|passive-mode|behavior-monitoring\S*|cloud) .*(?:disabled|enabled --value)"
         r"|exclusion .*add|threat allowed add|config \S+ --value disabled)|^falconctl .*(?:-d|--del).*--cid",
         why="the protection agent is told to look away"),
    Rule("Firewall or confinement switched off", "T1562.004", "Medium",
         "systemctl service ufw iptables iptables-legacy iptables-nft ip6tables nft setenforce aa-teardown "
         "aa-disable aa-complain firewall-cmd",
         rf"^systemctl (?:\S+ )*?{_STOPS} (?:\S+ )*?{_FENCES}(?: |$)|^service {_FENCES} stop"
         r"|^ufw (?:--force )?(?:disable|reset)|^(?:ip6?tables\S*) (?:-w )?(?:-t \w+ )?(?:-F|--flush|-P INPUT ACCEPT)$"
         r"|^nft flush ruleset|^setenforce (?:0|[Pp]ermissive)|^aa-(?:teardown|disable)"
         r"|^firewall-cmd .*(?:--panic-off|--set-default-zone[= ]trusted)",
         unless=r"--system stop", why="what kept connections or programs in bounds is off"),
    Rule("Firewall or confinement switched off", "T1562.001", "Medium", "sed tee echo printf perl",
         r"(?i)selinux=(?:disabled|permissive).*(?:/etc/selinux|/etc/sysconfig/selinux)",
         hint=r"(?i)selinux", why="SELinux will be off after the next boot"),
    Rule("Firewall opened by a command", "T1562.004", "Low", "ufw iptables firewall-cmd",
         r"^ufw allow|^iptables .*-j ACCEPT|--add-(?:port|service)", why="ordinary where a service is added"),
    # Files.
    Rule("Time of a file forged", "T1070.006", "Medium", "touch debugfs",
         r"^touch .*(?:-[a-zA-Z]*[rtd]\b|--reference|--date).* (?:/(?:usr/)?s?bin/|/etc/|/(?:usr/)?lib(?:64)?/"
         r"|/var/www/|/srv/www/|/dev/shm/|/root/\.|/boot/|/var/spool/cron|\S*/\.[^/ ]+(?: |$)|\S+\.(?:php|jsp)\b)"
         r"|^touch .*(?:-[a-zA-Z]*r|--reference[= ]) ?/(?:usr/)?s?bin/\S+ \S+"
         r"|^debugfs .*set_inode_field",
         unless=r"/\.(?:stamp|cache|built|configured|git|ansible|npm|cargo|deps)",
         why="a file is given another's time, so that it looks old"),
    Rule("File made immutable", "T1222.002", "Medium", "chattr",
         rf"^chattr .*[+-]\S*[ia]\S* .*(?:/var/log|authorized_keys|\.ssh|/cron|ld\.so\.preload|/etc/(?:passwd|shadow|rc)"
         rf"|{TEMP}/|/(?:usr/)?(?:local/)?s?bin/|/systemd/|\.(?:service|php|sh)(?: |$)|/\.)",
         why="a file is kept from being changed or removed, or from being appended to"),
    Rule("File made immutable", "T1222.002", "Low", "chattr", r"^chattr .*\+\S*[ia]",
         why="ordinary for resolv.conf"),
    Rule("Process hidden", "T1564", "Medium", "mount", r"(?:--?o ?bind|--bind|-B|hidepid).* /proc/(?:\d+|\$)",
         hint=r"mount.*/proc", why="a process's folder is covered by another"),
    Rule("Library forced into a program", "T1574.006", "High", "",
         rf"LD_(?:PRELOAD|AUDIT|LIBRARY_PATH)=\S*(?:{TEMP}/|/\.[a-z]|/root/)", unless=r"\.mount_|/\.(?:nvm|cargo|pyenv|local|cache|venv|rustup)/",
         hint=r"LD_(?:PRELOAD|AUDIT|LIBRARY_PATH)", why="a library out of an odd place is loaded first"),
    Rule("Program copied under another name", "T1036.003", "Medium", "cp mv install ln",
         rf"/(?:usr/)?s?bin/(?:bash|sh|dash|zsh|python\S*|curl|wget|nc|ncat|socat|ssh)(?: -\S+)* (?:{TEMP}/\S*|\S*/\.[^/ ]+)$",
         why="a shell or tool is put where it is not looked for"),
    Rule("Program deletes itself", "T1070.004", "Low", "rm shred", rf"^(?:rm|shred) .*(?:/dev/shm/|{TEMP}/(?:\S*/)?\.\w)",
         unless=r"/\.(?:X\d|ansible|git|mount_|cache|npm)", hint=TEMP, why="what lay hidden is removed"),
    Rule("Time zone or clock changed", "T1070.006", "Low", "date timedatectl hwclock",
         r"^date (?:-s|--set)|^timedatectl set-time", why="times in logs move"),
)  # fmt: skip
