"""Rules: histories, logs and times that are destroyed or forged."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import Rule

__all__ = ["RULES"]

_HISTORY = (
    r"\.(?:bash|zsh|sh|ksh|ash|python|mysql|psql|fish|node_repl|lesshst|sqlite)_?history"
    r"|\.histfile"
)
_LOGINS = r"(?:/var/(?:log|run|adm)|/run)/(?:wtmp|btmp|utmp|lastlog|faillog|tallylog)(?:\.db)?"
_SECURITY_LOG = rf"(?:/var/log/(?:auth\.log|secure|audit(?:/|/audit\.log|/\*)?)|{_LOGINS})"
_LOG = (
    r"/var/log/(?:syslog|messages|kern\.log|cron(?:\.log)?|daemon\.log|user\.log|maillog"
    r"|journal(?:/\S*)?|\*)"
)
_END = r"(?: |␣|$|\*)"

RULES: tuple[Rule, ...] = (
    # Histories.
    Rule(
        "Shell history switched off",
        "T1070.003 T1562.003",
        "Medium",
        "",
        pattern=(
            r"HIST(?:FILE|SIZE|FILESIZE)=(?:/dev/null|0|/dev/zero|)(?:[ ␣/|;#]|$)|^(?:unset|export "
            r"-n) .*HIST(?:FILE|SIZE)|^set \+o history|^shopt -ou history|^export "
            r"HISTCONTROL=ignore\w+ HISTFILE"
        ),
        unless="^(?:docker|podman|kubectl) ",
        hint="HIST|history",
        why="what is typed is not kept",
    ),
    Rule(
        "Shell history cleared",
        "T1070.003",
        "Medium",
        "history fc",
        pattern=r"^history .*-\w*[cdw]",
        hint="history",
        why="what was typed is thrown away",
    ),
    Rule(
        "Shell history destroyed",
        "T1070.003",
        "Medium",
        (
            "rm shred truncate unlink ln cp mv dd tee sed wipe srm chattr chmod cat echo printf "
            ": busybox"
        ),
        pattern=(
            f"^(?:rm|shred|unlink|wipe|srm|truncate|sed|chattr|chmod [0-2]?0+) .*(?:{_HISTORY})"
            f"|^(?:ln|cp|mv|dd) .*(?:/dev/null|/dev/zero).*(?:{_HISTORY})"
            rf"|>(?:\S*/)?(?:{_HISTORY})$|^tee (?:\S*/)?(?:{_HISTORY})$"
        ),
        unless=r"^chmod 0?[46]00 |>>\S*$",
        hint="history|histfile",
        why="what was typed is thrown away",
    ),
    # Logs.
    Rule(
        "Security log destroyed",
        "T1070.002",
        "High",
        "rm shred truncate unlink ln cp mv dd tee wipe srm cat echo printf : > utmpdump busybox",
        pattern=(
            f"^(?:rm|shred|unlink|wipe|srm|truncate) .*{_SECURITY_LOG}{_END}|^(?:ln|cp|mv|dd) "
            f".*(?:/dev/null|/dev/zero|/tmp/|/dev/shm/).*{_SECURITY_LOG}$|[^>]>{_SECURITY_LOG}$"
            rf"|^tee {_SECURITY_LOG}$|^(?:rm|shred) .*/var/log/?(?:\*)?(?: |$)|^mv "
            rf"{_SECURITY_LOG} (?:/tmp|/dev/shm|\S*/\.)"
        ),
        hint="/var/log|/(?:var/)?run/|/var/adm",
        why="the record of logons and audit is destroyed",
    ),
    Rule(
        "System log destroyed",
        "T1070.002",
        "Medium",
        "rm shred truncate unlink ln cp mv dd tee wipe srm cat echo printf : busybox",
        pattern=(
            f"^(?:rm|shred|unlink|wipe|srm|truncate) .*{_LOG}{_END}|^(?:ln|cp|mv|dd) "
            rf".*(?:/dev/null|/dev/zero).*/var/log/\S+$|[^>]>{_LOG}$|^tee {_LOG}$|^shred "
            r".*/var/log/|^dd .*of=/var/log/\S+|^(?:cat /dev/null|echo|:) (?:.* )?>/var/log/\$"
        ),
        unless=r"^shred .*/var/log/\S+[.-](?:\d+|gz|xz|bz2|old)$",
        hint="/var/log",
        why="the host's own record is destroyed",
    ),
    Rule(
        "System log destroyed",
        "T1070.002",
        "Medium",
        "find",
        pattern=(
            r"^find (?:-\S+ )*/var/log/?(?:journal/?|audit/?)? .*(?:-delete"
            r"|-exec(?:dir)? (?:\S*/)?(?:rm|shred|truncate|unlink|cp␣/dev/null|dd)\b)"
        ),
        unless=r"-[acm](?:time|min)\b|-size|-newer|-empty|\.gz|\.\[?[0-9*]|\.old|\.xz|/var/log/\w+/\w",
        hint=r"find.*/var/log",
        why="all logs are removed or emptied, whatever their age",
    ),
    Rule(
        "Security log destroyed",
        "T1070.002",
        "High",
        "python perl ruby php node",
        pattern=(
            rf"(?:open|truncate|unlink|remove|writeFile\w*|file_put_contents)\W+(?:{_LOGINS}"
            r"|/var/log/(?:auth\.log|secure|audit/audit\.log|syslog|messages))"
            r"\W+(?:␣?['\x22]?(?:w|r\+|>)|0|$|\))"
        ),
        hint="/var/log|/run/utmp",
        why="the record of logons and audit is emptied by a program text",
    ),
    Rule(
        "Log replaced by another file",
        "T1070.002",
        "Medium",
        "mv cp install rsync",
        pattern=(
            r"^(?:mv|cp|install|rsync) (?:-\S+ )*(?:/tmp|/var/tmp|/dev/shm|/root|/home)/\S+"
            r" /var/log/(?:\S*(?:log|messages|secure|[wb]tmp)(?:\.\d+)?|audit/\S+)$"
        ),
        hint="/var/log",
        why="a log that somebody made takes the place of the one that was written",
    ),
    Rule(
        "Application log emptied",
        "T1070.002",
        "Low",
        "rm shred truncate ln cat echo : tee",
        pattern=r"^(?:rm|shred|truncate) .*/var/log/\S+\.log(?: |$)|[^>]>/var/log/\S+$",
        hint="/var/log",
        why="ordinary where a disk is full",
    ),
    Rule(
        "Log lines edited out",
        "T1070.002",
        "High",
        "sed perl grep egrep awk vi ed ex utmpdump python",
        pattern=(
            rf"^(?:sed|perl) (?:\S+ )*?-\w*i\S* .*(?:{_SECURITY_LOG}|/var/log/(?:syslog|messages))"
            rf"|^e?grep .*-\w*v\b?.*{_SECURITY_LOG} ?>|^utmpdump .*(?:-r|>{_LOGINS})|^python -c "
            rf".*open\(.(?:{_LOGINS})"
        ),
        hint="/var/log|utmp|wtmp",
        why="single lines are taken out of a log",
    ),
    Rule(
        "Log lines edited out",
        "T1070.002",
        "Medium",
        "sed perl",
        pattern=r"^(?:sed|perl) (?:\S+ )*?-\w*i\S* .*/var/log/",
        hint="/var/log",
        why="single lines are taken out of a log",
    ),
    Rule(
        "Login record cleared",
        "T1070.002 T1070.006",
        "Medium",
        "lastlog wtmpclean logtamper utmpclean zap2 mig-logcleaner moonwalk vanish",
        pattern=(
            "^lastlog .*(?:-C|--clear|-S|--set)|^(?:wtmpclean|logtamper|utmpclean|zap2|mig-"
            "|moonwalk|vanish)"
        ),
        why="the record of logons is changed",
    ),
    Rule(
        "Journal thrown away",
        "T1070.002",
        "Medium",
        "journalctl",
        pattern=(
            r"--vacuum-time[= ]\d+(?:u?s|sec|seconds?|m|min|minutes?|h|hours?|)(?: |$)"
            r"|--vacuum-size[= ]\d{1,2}[KM]?B?(?: |$)|--vacuum-size[= ]\d{1,6}(?: |$)"
            "|--vacuum-files[= ]1(?: |$)"
        ),
        why="all but the last moments of the journal are deleted",
    ),
    Rule(
        "Kernel log cleared",
        "T1070.002",
        "Low",
        "dmesg",
        pattern=r"^dmesg .*-(?:C|c|-clear|-read-clear)\b",
        why="the kernel's messages are cleared",
    ),
    # Files.
    Rule(
        "Time of a file forged",
        "T1070.006",
        "Medium",
        "touch debugfs",
        pattern=(
            r"^touch .*(?:-[a-zA-Z]*[rtd]\b|--reference|--date).* (?:/(?:usr/)?s?bin/|/etc/"
            r"|/(?:usr/)?lib(?:64)?/|/var/www/|/srv/www/|/dev/shm/|/root/\.|/boot/"
            r"|/var/spool/cron|\S*/\.[^/ ]+(?: |$)|\S+\.(?:php|jsp)\b)|^touch .*(?:-[a-zA-Z]*r"
            r"|--reference[= ]) ?/(?:usr/)?s?bin/\S+ \S+|^debugfs .*set_inode_field"
        ),
        unless=r"/\.(?:stamp|cache|built|configured|git|ansible|npm|cargo|deps)",
        why="a file is given another's time, so that it looks old",
    ),
    Rule(
        "Time zone or clock changed",
        "T1070.006",
        "Low",
        "date timedatectl hwclock",
        pattern="^date (?:-s|--set)|^timedatectl set-time",
        why="times in logs move",
    ),
)
