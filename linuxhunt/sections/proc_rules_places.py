"""Rules: what is fetched from or to odd places, and programs that lie there."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import INTERPRETERS, PUBLIC_ADDRESS, TEMP, Rule

__all__ = ["RULES"]

_SCRIPT = r"\.(?:sh|bash|py|pl|rb)$"
_SHELLS = "sh bash dash zsh ksh mksh ash csh tcsh fish"

RULES: tuple[Rule, ...] = (
    Rule(
        "Download to a place for hiding",
        "T1105",
        "Medium",
        "curl wget fetch aria2c scp sftp ftp tftp axel",
        pattern=(
            r"(?:-\w*[oOdP] ?|--output(?:-document|-dir)?[= ]|--directory-prefix[= ]"
            rf"|>)(?:/dev/shm/|/run/shm/|{TEMP}/(?:\S*/)?\.\w|/(?:usr|etc|lib|var|opt"
            rf"|root)/(?:\S*/)?\.[a-z])|^(?:scp|sftp) .* (?:/dev/shm/|{TEMP}/(?:\S*/)?\.)"
        ),
        unless=r"/\.(?:cache|local|cargo|npm|m2|gradle|venv)/",
        why="a file is put where files are seldom looked for",
    ),
    Rule(
        "Download from a bare address",
        "T1105",
        "Medium",
        "curl wget fetch aria2c ftpget",
        pattern=(
            rf"^ftpget (?:-\w+ \S+ )*{PUBLIC_ADDRESS}|"
            rf"(?:{PUBLIC_ADDRESS}\S* .*(?: -\w*[oO]\b|--output|--remote-name)|(?: -\w*[oO]\b"
            rf"|--output|--remote-name).*[ /@]{PUBLIC_ADDRESS}|^wget (?:-\w+ "
            rf")*(?:\w+://)?{PUBLIC_ADDRESS}|>\S+$.*{PUBLIC_ADDRESS})"
        ),
        unless="-[a-zA-Z]*o ?(?:/dev/null|-)(?: |$)|-w .%",
        why="a file is fetched from an address that has no name",
    ),
    Rule(
        "Download from a disguised address",
        "T1105 T1027",
        "Medium",
        "curl wget fetch nc",
        pattern=(
            r"https?://(?:0x[0-9a-fA-F]{2}[0-9a-fA-F.x]*|\d{8,10}|0\d{2,3}\.\d+\.\d+\.\d+)(?:[:/]"
            "|$)"
        ),
        why="the address is written so that it is not read",
    ),
    Rule(
        "Download from a hidden service",
        "T1090.003",
        "Medium",
        "curl wget git torsocks torify proxychains",
        pattern=r"\.onion\b|\.onion/|\.i2p/",
        why="the server is in a network that hides it",
    ),
    Rule(
        "File in a place for hiding made executable",
        "T1222.002",
        "Medium",
        "chmod",
        pattern=(
            rf"^chmod (?:\S+ )*?(?:[ugoa]*[+=][rwst]*x\S*|0?[0-7]?[1357][0-7]{{2}}) .*(?:/dev/shm/"
            rf"|/run/shm/|{TEMP}/(?:\S*/)?\.[^/ ])"
        ),
        why="a file where files are seldom looked for is made a program",
    ),
    Rule(
        "File in a temporary folder made executable",
        "T1222.002",
        "Low",
        "chmod",
        pattern=rf"^chmod (?:\S+ )*?(?:[ugoa]*[+=][rwst]*x\S*|0?[0-7]?[1357][0-7]{{2}}) .*{TEMP}/",
        why="ordinary for builds and installers",
    ),
    # Where programs lie.
    Rule(
        "Run from memory or a place for hiding",
        "T1059 T1564.001",
        "High",
        "",
        pattern=(
            rf"^(?:/dev/shm/|/run/shm/|{TEMP}/(?:.*/)?\.[^/]+(?:/|$)|/dev/[^/]+/\.|/dev/mqueue/)"
        ),
        unless=(
            r"^/(?:tmp|var/tmp)/(?:\.mount_\w+/|\.[\w-]*(?:venv|tox|build|cache|cargo|npm)\w*/"
            r"|.*/\.(?:venv|tox|git|cargo|npm|nox|eggs|libs)/)"
        ),
        hint=f"{TEMP}|/dev/",
        on="program",
        why="programs do not belong there",
    ),
    Rule(
        "Run from memory or a place for hiding",
        "T1059 T1620",
        "High",
        "",
        pattern=rf"^(?:/?memfd:|/proc/(?:self|\d+)/fd/\d|{TEMP}/.* \(deleted\)$)",
        unless="memfd:(?:runc_cloned|crun|systemd|snap|pulseaudio|wayland)",
        hint=r"memfd:|/proc/(?:self|\d+)/fd/|\(deleted\)",
        on="program",
        why="the program has no file any more",
    ),
    Rule(
        "Script run from a place for hiding",
        "T1059 T1564.001",
        "High",
        f"{_SHELLS} {INTERPRETERS} source .",
        pattern=rf"^\S+ (?:-[-\w]+ )*(?:/dev/shm/|/run/shm/|{TEMP}/(?:\S*/)?\.[^/ ]+)",
        unless=r"/\.(?:ansible|venv|tox|git|cargo|npm|mount_\w+|vscode\S*)/|/\.cache/(?:pip|pre-commit|npm|yarn|ms-playwright|uv|bazel)",
        hint=f"{TEMP}",
        why="scripts do not belong there",
    ),
    Rule(
        "Hidden program",
        "T1564.001",
        "Medium",
        "",
        pattern=(
            r"^/(?:usr|etc|lib|lib64|bin|sbin|boot|opt|root|srv|home|var)/(?:.*/)?\.[^/]+$"
            r"|^/(?:var/www|srv/(?:www|http)|usr/share/nginx|home/[^/]+/public_html)/(?:.*/)?\.[^/]+/"
            r"|^/(?:usr|etc|lib|lib64|bin|sbin|boot)/(?:.*/)?\.[^/]+/|/(?:\.\.\.+|\.{0,2} "
            "+)(?:/|$)"
        ),
        unless=(
            r"^/usr/(?:lib|share|libexec)/\S*/\.(?:bin|venv|libs|build-id)/|/\.git/hooks/"
            r"|/\.(?:bin|venv|nvm|npm|cache|cargo|rbenv|bundle|local)/"
        ),
        hint=r"/\.|/ +(?:/|$)",
        on="program",
        why="its name or folder begins with a dot, or is blank",
    ),
    Rule(
        "Program among a web site's files",
        "T1505.003 T1059",
        "Medium",
        "",
        pattern=(
            r"^/(?:var/www|srv/(?:www|http)|usr/share/nginx/html|home/[^/]+/public_html)/(?:.*/)?"
            r"(?:uploads?|files|images?|img|media|cache|tmp|temp|assets|static|css|js)/"
            r"(?:[^/]+/)*[^/]+$"
        ),
        unless=r"/(?:node_modules|vendor|s?bin|venv|env|hooks)/|\.(?:php|cgi|pl|py|sh)$",
        hint=r"/(?:www|http|html|public_html)/",
        on="program",
        why="where visitors' files and pictures belong, a program ran",
    ),
    Rule(
        "Run from a temporary folder",
        "T1059 T1036.005",
        "Medium",
        "",
        pattern="^(?:/tmp|/var/tmp)/[^/]+$",
        unless=_SCRIPT,
        hint="/tmp/",
        on="program",
        why="a program that anyone may have put there",
    ),
    Rule(
        "Run from a temporary folder",
        "T1059 T1036.005",
        "Low",
        "",
        pattern=rf"^(?:/tmp|/var/tmp)/[^/]+{_SCRIPT}",
        hint="/tmp/",
        on="program",
        as_root="Medium",
        why="root runs a script that anyone may have put there",
    ),
    Rule(
        "Run from a temporary folder",
        "T1059 T1036.005",
        "Low",
        f"{_SHELLS} {INTERPRETERS}",
        pattern=r"^\S+ (?:-[-\w]+ )*(?:/tmp|/var/tmp)/[^/ ]+(?: |$)",
        unless=r"^\S+ (?:\S+ )*-[a-z]*[cm] ",
        hint="/tmp/",
        why="ordinary for installers and builds",
    ),
    Rule(
        "Run from a temporary folder",
        "T1059 T1036.005",
        "Low",
        "",
        pattern="^(?:/tmp|/var/tmp)/.+/[^/]+$",
        hint="/tmp/",
        on="program",
        why="ordinary for what is built or unpacked there",
    ),
    Rule(
        "Kernel thread's name on a program",
        "T1036.004",
        "High",
        "",
        pattern=r"^(?:\S*/)?\[[a-z][\w/:+.-]*\](?: |$)|exec -a ['\x22]?\[",
        hint=r"(?:^|/)\[[a-z]|exec -a",
        on="text",
        why="a program calls itself what only the kernel is called",
    ),
    Rule(
        "Program name written as a pattern",
        "T1027.010",
        "Medium",
        "",
        pattern=r"^/[a-z?*\[\]{}/-]*[?*][\w?*\[\]{}/.-]*$",
        hint=r"(?:^|[\s;|&(])/[a-z/]*[?*]",
        on="program",
        why="the shell finds the program; the reader does not",
    ),
)
