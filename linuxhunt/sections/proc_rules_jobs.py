"""Rules: jobs, services and start files that bring an intruder back."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import TEMP, Rule

__all__ = ["RULES"]

_BAD = (
    rf"(?:\bcurl\b|\bwget\b|{TEMP}/|base64|/dev/(?:tcp|udp)/|\bnc\b|\bncat\b|bash␣-i|\bsocat\b"
    r"|python\S*␣-c|perl␣-e|/\.[a-z0-9_-]+(?:␣| |/|\\|$)|\bnohup\b|\bsetsid\b|mkfifo|xmrig|eval␣)"
)
_WRITES = r"(?:echo|printf|cat|tee|cp|mv|install|sed|ln|curl|wget|dd|touch|base64|:|awk|perl|rsync)"
_CRON = r"/(?:etc/(?:cron\S*|anacrontab|crontab)|var/spool/(?:cron|at)\S*)"
_UNITS = (
    r"/(?:etc|usr/lib|lib|run)/systemd/(?:system|user|system-generators)\S*"
    r"|\S*\.config/systemd/user/\S*"
)
_RC = (
    r"(?:/etc/(?:profile\S*|bash\.bashrc|bashrc|rc\.local|rc\.d/rc\.local|environment|zsh/\S*"
    r"|inittab)|\S*/\.(?:bashrc|bash_profile|profile|zshrc|bash_login|bash_logout|zprofile"
    "|zshenv))"
)
_INTO = r"(?:>{1,2}|^tee (?:-a )?)"
_HOOKS = (
    r"\S*(?:/hooks/(?:pre|post|update|commit|prepare|applypatch)\S*|/autostart/\S+\.desktop"
    r"|/etc/apt/apt\.conf\.d/\S+|/NetworkManager/dispatcher\.d/\S+|/udev/rules\.d/\S+"
    r"|/update-motd\.d/\S+|/(?:site|user)customize\.py|/site-packages/\S+\.pth"
    r"|/etc/acpi/\S+|/dhclient-\w+-hooks\.d/\S+|/etc/(?:dnf|yum)/\S*plugins\S*|/etc/xdg/\S+)"
)
"""Where a program looks for what it runs at an event (T1546, T1547.013)."""

RULES: tuple[Rule, ...] = (
    # Scheduled work.
    Rule(
        "Scheduled job that fetches or hides",
        "T1053.003",
        "High",
        "",
        pattern=rf"{_BAD}.*(?:¦ crontab (?:-u \S+ )?-|¦ (?:tee (?:-a )?){_CRON})",
        hint="cron",
        on="pipe",
        why="a job runs what was downloaded, hidden or encoded",
    ),
    Rule(
        "Scheduled job that fetches or hides",
        "T1053.003",
        "High",
        "echo printf cat tee : sed crontab",
        pattern=(
            f"{_BAD}.*{_INTO}{_CRON}|{_INTO}{_CRON}.*<<.*{_BAD}|^sed .*{_BAD}.*{_CRON}|^crontab "
            f".*<<<?.*{_BAD}"
        ),
        hint="cron",
        why="a job runs what was downloaded, hidden or encoded",
    ),
    Rule(
        "Scheduled job from a place for hiding",
        "T1053.003",
        "Medium",
        "crontab cp mv install ln",
        pattern=(
            rf"^crontab (?:-u \S+ )?(?:/dev/shm/|{TEMP}/(?:\S*/)?\.)|^(?:cp|mv|install|ln) "
            rf".*(?:/dev/shm/|{TEMP}/)\S* {_CRON}|^(?:cp|mv) .*{_CRON}\S*/\.[a-z]"
        ),
        unless=r"/tmp/crontab\.\w+|/\.placeholder|^install ",
        hint="cron",
        why="the table comes out of an odd place",
    ),
    Rule(
        "Scheduled job changed",
        "T1053.002",
        "Low",
        "at batch",
        pattern="^at (?:now|\\d|-f|midnight|tomorrow)|^batch",
        hint=r"\b(?:at|batch)\b",
        why="ordinary for who maintains the host",
    ),
    Rule(
        "Scheduled job changed",
        "T1053.003",
        "Low",
        f"crontab {_WRITES[3:-1].replace('|', ' ')}",
        pattern=(
            r"^crontab (?:-u \S+ )?(?:-e|-r|-|[^-\s]\S*)(?: |$)"
            f"|^{_WRITES} .*{_INTO}?{_CRON}"
        ),
        unless=r"^(?:cat|cp \S*etc/cron\S* /(?:var|srv|backup)|touch /var/spool/anacron)[^>]*$",
        hint="cron",
        why="ordinary for who maintains the host",
    ),
    Rule(
        "Scheduled job that fetches or hides",
        "T1053.002",
        "High",
        "",
        pattern=f"{_BAD}.*¦ (?:at|batch) ?",
        hint=r"\|\s*(?:at|batch)\b",
        on="pipe",
        why="a job runs what was downloaded, hidden or encoded",
    ),
    Rule(
        "Scheduled job from a place for hiding",
        "T1053.002",
        "Medium",
        "at batch",
        pattern=rf"^(?:at|batch) (?:.* )?-f ?(?:{TEMP}/|\S*/\.[^/. ])",
        hint=r"\b(?:at|batch)\b",
        why="the job comes out of an odd place",
    ),
    Rule(
        "Hook, rule or autostart entry that fetches or hides",
        "T1546 T1547.013",
        "Medium",
        "",
        pattern=(
            rf"{_BAD}.*{_INTO}{_HOOKS}|{_INTO}{_HOOKS}.*<<.*{_BAD}"
            rf"|^(?:cp|mv|install|ln|rsync) .*{TEMP}/\S* {_HOOKS}"
        ),
        unless=r"/templates/hooks|\.sample$",
        hint=r"hooks/|autostart|apt\.conf|dispatcher|udev|update-motd|sitecustomize|\.pth|dkms|acpi|dhcp|/xdg/",
        why="some event will run what was fetched or hidden",
    ),
    # Services.
    Rule(
        "Service that fetches or hides",
        "T1543.002",
        "High",
        "",
        pattern=(
            rf"(?:Exec\w+=\S*|{_BAD}).*{_BAD}?.*{_INTO}(?:{_UNITS})"
            rf"|{_INTO}(?:{_UNITS}).*<<.*Exec\w+=.*{_BAD}"
        ),
        unless=(
            r"Exec\w+=/(?:usr|opt|srv|bin|sbin)/(?:[^.\s/][^\s/␣]*/)*[^.\s/␣][^\s/␣]*(?:␣|\\n|$)"
        ),
        hint="systemd",
        why="a unit runs what was downloaded, hidden or encoded",
    ),
    Rule(
        "Service from a place for hiding",
        "T1543.002",
        "Medium",
        "cp mv install ln systemctl rsync",
        pattern=(
            rf"^(?:cp|mv|install|ln) .*(?:/dev/shm/|{TEMP}/\.|{TEMP}/[^/ ]+) (?:{_UNITS})"
            rf"|^systemctl (?:\S+ )*?(?:enable|link|start) (?:\S+ )*?{TEMP}/"
        ),
        hint="systemd|systemctl",
        why="the unit comes out of an odd place",
    ),
    Rule(
        "Service from a place for hiding",
        "T1053.006 T1543.002",
        "Medium",
        "systemd-run",
        pattern=rf"^systemd-run .*{_BAD}",
        unless=r"/tmp/(?:build|pytest)|\.(?:venv|cargo|local)/",
        why="systemd is made to run what was fetched or hidden",
    ),
    Rule(
        "Service added",
        "T1543.002",
        "Low",
        "systemctl update-rc.d chkconfig rc-update echo tee cat cp printf",
        pattern=(
            r"^systemctl (?:\S+ )*?(?:enable|link|edit|revert) |^update-rc\.d \S+ (?:defaults"
            rf"|enable)|^chkconfig (?:--add|\S+ on)|^rc-update add|{_INTO}(?:{_UNITS})|^cp .* "
            f"(?:{_UNITS})$"
        ),
        unless="--quiet|--system",
        why="ordinary where a service is installed",
    ),
    Rule(
        "Start script from a place for hiding",
        "T1037.004 T1546.004",
        "Medium",
        "cp mv install ln echo printf tee",
        pattern=(
            rf"^(?:cp|mv|install|ln) .*{TEMP}/\S* /etc/(?:init\.d|rc\d?\.d|rc\.local"
            rf"|update-motd\.d|profile\.d|xdg|udev)\S*|{_BAD}.*{_INTO}/etc/(?:init\.d|rc\d\.d"
            r"|rc\.local|update-motd\.d|network/if-up\.d|NetworkManager|udev)\S*"
            rf"|RUN\S*=.*{_INTO}/(?:etc|lib|usr/lib)/udev/\S*"
        ),
        hint="/etc/|udev",
        why="what starts with the host runs what was fetched or hidden",
    ),
    Rule(
        "Start script from a place for hiding",
        "T1037.004 T1546.004",
        "Medium",
        "sed perl awk",
        pattern=(
            rf"^(?:sed|perl|awk) (?:.* )?(?:-i\S*|-\w*pi\S*|inplace) .*{_BAD}.* (?:{_RC}"
            r"|/etc/(?:init\.d|rc\d?\.d|update-motd\.d)/\S+)(?: |$)"
        ),
        unless=r"/\.(?:nvm|pyenv|cargo|rbenv|sdkman|local|bun|deno|fzf)\b",
        hint=r"rc\.local|profile|bashrc|zsh|environment|init\.d|rc\d?\.d|update-motd|inittab",
        why="what starts with the host or a shell is made to run what was fetched or hidden",
    ),
    Rule(
        "Hook, rule or autostart entry changed",
        "T1546 T1547.013",
        "Low",
        "tee cp mv install echo printf cat",
        pattern=rf"{_INTO}{_HOOKS}|^(?:cp|mv|install) .* {_HOOKS}$",
        hint=r"hooks/|autostart|apt\.conf|dispatcher|udev|update-motd|customize|\.pth|acpi|dhcp|/xdg/",
        why="ordinary for who maintains the host",
    ),
    Rule(
        "Profile that fetches or hides",
        "T1546.004",
        "High",
        "",
        pattern=(
            f"(?:{_BAD}|alias␣(?:sudo|su|ssh)=|LD_PRELOAD=|PROMPT_COMMAND=|trap␣).*{_INTO}{_RC}$"
        ),
        unless=(
            r"(?:nvm|pyenv|cargo|rbenv|sdkman|rustup|conda|starship|direnv|fzf|\.local/bin"
            "|starship|PATH=)"
        ),
        hint=r"profile|bashrc|rc\.local|zsh|environment|bash_log",
        why="each shell runs what was fetched or hidden",
    ),
    Rule(
        "Profile changed by a command",
        "T1546.004",
        "Low",
        "",
        pattern=f"{_INTO}{_RC}$",
        hint=r"profile|bashrc|rc\.local|zsh|environment",
        why="ordinary for PATH and the like",
    ),
)
