"""Rules: shells on connections, and payloads that are fetched or decoded and run."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import (
    FETCH,
    INSTALLERS,
    INTERPRETERS,
    PUBLIC_ADDRESS,
    SHELL,
    TEMP,
    Rule,
)

__all__ = ["RULES"]

_SHELLS = "sh bash dash zsh ksh mksh ash csh tcsh fish"
_CODE = (
    f"{INTERPRETERS} tclsh julia awk gawk mawk gdb (decoded) vi ipython groovy jshell deno bun pwsh"
)

RULES: tuple[Rule, ...] = (
    # Shells whose input and output are a connection.
    Rule(
        "Shell on a network connection",
        "T1059.004 T1095",
        "High",
        _SHELLS,
        pattern=r"(?:[<>]&?|<>)/dev/(?:tcp|udp)/|<&\d|^\S+ -i .*>&\d",
        unless=r"^\S+ (?:-\w+ )*-\w*c ",
        hint="/dev/(?:tcp|udp)/",
        why="a shell's input and output are a network connection",
    ),
    Rule(
        "Shell on a network connection",
        "T1059.004 T1095",
        "High",
        "",
        pattern=r"^(?:exec|:|cat|while|read)\b.*<>?/dev/(?:tcp|udp)/\D*\S+/\d+$",
        unless=r"/dev/(?:tcp|udp)/(?:127\.0\.0\.1|localhost)/",
        hint=r"exec.*/dev/(?:tcp|udp)/|/dev/(?:tcp|udp)/.*\bread\b",
        why="a connection is opened through the shell's own /dev/tcp for reading and writing",
    ),
    Rule(
        "Shell on a network connection",
        "T1059.004 T1095",
        "High",
        "nc socat telnet",
        pattern=(
            rf"^nc .*-\w*[ec] ?\S*(?:{SHELL}|python|perl)\b|^nc .*--(?:sh-)?exec|^socat .*(?i:exec"
            rf"|system):.*{SHELL}\b"
        ),
        hint=r"\b(?:nc|ncat|netcat|socat|nc\.\w+)\b",
        why="a program that connects hands the connection to a shell",
    ),
    Rule(
        "Shell on a network connection",
        "T1059.004 T1095",
        "High",
        "",
        pattern=(
            rf"(?:^|¦ ){SHELL}(?: -\w+)*(?: [^¦]*)? ¦ (?:nc|telnet|socat|openssl s_client"
            rf"|gs-netcat)\b|(?:^|¦ )(?:nc|telnet|socat|openssl s_client)\b[^¦]* ¦ {SHELL}(?: "
            r"-\w+)*(?: [^¦]*)?(?: ¦|$)"
        ),
        hint=(
            r"(?:\b(?:nc|ncat|netcat|socat|telnet|s_client|nc\.\w+)\b.*\|)|(?:\|.*\b(?:nc|ncat"
            r"|netcat|socat|telnet|s_client|nc\.\w+)\b)"
        ),
        on="pipe",
        why="a pipe joins a shell with a program that connects",
    ),
    Rule(
        "Shell on a network connection",
        "T1059 T1095",
        "High",
        _CODE,
        pattern=(
            r"(?i)(?:socket|fsockopen|TCPSocket|/inet/(?:tcp|udp)/|net\.connect|require\(.net.\)"
            rf"|IO::Socket|TCPClient).*(?:dup2|pty\.spawn|/bin/{SHELL}\b|subprocess|child_process"
            r"|proc_open"
            r"|ProcessBuilder|getRuntime\(|shell_exec|fdopen\(STDIN"
            r"|open\(STDIN|exec[ (]|\|& ?getline|system\()|(?:dup2"
            r"|subprocess|pty|child_process|popen|ProcessBuilder)"
            r".*(?:socket|net\.connect|require\(.net.\))"
        ),
        unless=r"create_connection\(\([^)]*\)[^)]*\)(?:\.close\(\))?.?$",
        hint=r"(?i)socket|tcpclient|/inet/|net\.connect|require\(.?net",
        why="a program text joins a socket with a shell",
    ),
    Rule(
        "Shell on a network connection",
        "T1059.004 T1071.001",
        "High",
        "",
        pattern=r"^(?:mknod|mkfifo) \S+.*$",
        unless=r"^\S+ \S*/(?:run|var/run)/",
        hint=r"(?:mkfifo|mknod).*(?:\bnc\b|/dev/tcp|s_client|telnet)",
        on="line",
        why="a named pipe is made beside a program that connects",
    ),
    Rule(
        "Shell on a network connection",
        "T1059 T1095",
        "High",
        "",
        pattern=(
            r"(?i)(?:tcp|udp|tls|wss?|openssl)(?:-l|-listen)?:\S+ "
            rf".*(?:exec|system|cmd):\S*{SHELL}\b"
            rf"|(?:exec|system|cmd):\S*{SHELL}\b.* (?:tcp|udp|tls|wss?|openssl)(?:-l|-listen)?:\S+"
        ),
        hint=r"(?i)(?:exec|system|cmd):",
        why="one end of a relay is an address, the other a shell",
    ),
    Rule(
        "Shell on a network connection",
        "T1059 T1095",
        "High",
        _CODE,
        pattern=(
            r"(?i)(?:IO::Socket|fsockopen|TCPSocket|\bsockets?\b|net\.Dial)"
            rf".*(?:fdopen|\bsystem\b|\bexec\w*\b|spawn|popen|dup2|\x60␣?{SHELL}␣)"
        ),
        unless=r"create_connection\(\([^)]*\)[^)]*\)(?:\.close\(\))?.?$|^\S+ /",
        hint=r"(?i)socket|fsockopen|net\.dial",
        why="a program text joins a socket with what runs commands",
    ),
    Rule(
        "Shell on a network connection",
        "T1059.004 T1095",
        "High",
        "ztcp",
        why="zsh's own module opens a connection",
    ),
    Rule(
        "Program put into memory and run",
        "T1620 T1106",
        "High",
        _CODE,
        pattern=(
            r"(?:memfd_create|syscall\W{1,3}(?:319|279|356|385)\b).*(?:exec|spawn|system|/proc/)"
            r"|exec\w*\W{1,3}/proc/(?:self|\$\$|%d)/fd/"
        ),
        hint=r"memfd|syscall|/fd/",
        why="a program is made in memory, and has no file to look at",
    ),
    Rule(
        "Terminal made for a shell that had none",
        "T1059",
        "Medium",
        "python perl ruby script expect",
        pattern=(
            rf"pty\.spawn|PTY\.spawn|IO::Pty|^script .*(?:-\w*c ?\S*{SHELL}\b.*"
            r"|/dev/null.*-\w*c.*)/dev/null|^script (?:-\w+ )*/dev/null$|^expect -c spawn␣\S*sh"
        ),
        hint=r"pty|script\b.*/dev/null|expect",
        why="typical of an intruder who makes a bare shell comfortable",
    ),
    # Downloads that run.
    Rule(
        "Download piped to a shell",
        "T1059.004 T1105",
        "High",
        "",
        pattern=(
            rf"(?:^|¦ ){FETCH} [^¦]*(?:{PUBLIC_ADDRESS}[^¦]*|http://[^¦]*|\.onion[^¦]*"
            f"|{TEMP}[^¦]*)¦ (?:[^¦]*¦ )*?(?:{SHELL}(?: [^¦]*)?|(?:python|perl|ruby|php|node)(?: "
            "-)?)(?: ¦|$)"
        ),
        unless=r"https?://(?:localhost|127\.)",
        hint=rf"{FETCH}.*\|",
        on="pipe",
        why="what comes from an address, or unencrypted, is executed unseen",
    ),
    Rule(
        "Download piped to a shell",
        "T1059.004 T1105",
        "Medium",
        "",
        pattern=(
            f"(?:^|¦ ){FETCH} [^¦]*¦ (?:[^¦]*¦ )*?(?:{SHELL}(?: [^¦]*)?|(?:python|perl|ruby|php"
            "|node)(?: -)?)(?: ¦|$)"
        ),
        unless=INSTALLERS,
        hint=rf"{FETCH}.*\|",
        on="pipe",
        why="what is downloaded is executed unseen",
    ),
    Rule(
        "Download piped to a shell",
        "T1059.004 T1105",
        "Low",
        "",
        pattern=f"(?:^|¦ ){FETCH} [^¦]*{INSTALLERS}[^¦]*¦ (?:[^¦]*¦ )*?{SHELL}(?: |$)",
        hint=rf"{FETCH}.*\|",
        on="pipe",
        why="a maker's own installer",
    ),
    Rule(
        "Download piped to a shell",
        "T1059.004 T1105",
        "Medium",
        f"{_SHELLS} eval source . python",
        pattern=rf"(?:[<$]\(){FETCH}\b",
        unless=INSTALLERS,
        hint=rf"[<$]\(\s*{FETCH}|`\s*{FETCH}",
        why="what is downloaded is executed unseen",
    ),
    Rule(
        "Download executed by a program text",
        "T1059 T1105",
        "High",
        _CODE,
        pattern=(
            r"(?i)(?:exec|eval|system|os\.|instance_eval)\W?.*(?:urlopen|urllib|requests\.get"
            r"|http\.get|file_get_contents\W+https?:|open-uri|URI\.open|LWP)|LWP.*\b(?:eval|system)\b"
        ),
        unless=r"^\S+ /",
        hint=r"(?i)urlopen|urllib|requests|http\.get|file_get_contents|open-uri|lwp",
        why="what is downloaded is executed unseen",
    ),
    # Encoded payloads that run.
    Rule(
        "Decoded payload run",
        "T1027 T1140 T1059",
        "High",
        "",
        pattern=(
            r"(?:base64 (?:-\w*[dD]|--decode)|base32 -d|xxd (?:-\w+ )*-\w*r"
            r"|openssl (?:enc|base64) [^¦]*-d"
            rf"|rev$|rev ¦|uudecode|tr \S*A-Za-z\S* \S*)[^¦]*(?:¦ [^¦]*)*?¦ (?:{SHELL}|python|perl"
            f"|ruby|php|node|xargs {SHELL})(?: |$)"
        ),
        hint=r"(?i)base64|base32|xxd|openssl|\brev\b|uudecode|\btr\b",
        on="pipe",
        why="text that is encoded is decoded and executed",
    ),
    Rule(
        "Decoded payload run",
        "T1027 T1140 T1059",
        "Medium",
        "",
        pattern=(
            r"(?:^|¦ )(?:gunzip|zcat|bunzip2|bzcat|xzcat|unxz|(?:gzip|bzip2|xz|zstd|lzma) -\w*d)\b"
            rf"[^¦]* ¦ (?:sudo )?{SHELL}(?: -s?)?(?: ¦|$)"
        ),
        hint=r"(?:zip|zip2|zcat|xz|xzcat|bzcat|zstd|lzma).*\|",
        on="pipe",
        why="text that is packed is unpacked and executed",
    ),
    Rule(
        "Decoded into a place for hiding",
        "T1140 T1027",
        "Medium",
        "base64 base32 uudecode openssl xxd gunzip zcat",
        pattern=rf"(?:-o ?|-out |>{{1,2}} ?|-p .* )(?:/dev/shm/|{TEMP}/(?:\S*/)?\.\w)",
        unless=r"^(?:gunzip|zcat) .*\.log|/\.(?:cache|venv|npm)/|^(?:base64|xxd) [^-]*$",
        why="text that is encoded becomes a file where files are seldom looked for",
    ),
    Rule(
        "Decoded payload run",
        "T1027 T1140 T1059",
        "High",
        "",
        pattern=(
            r"(?:^|¦ )(?:echo|printf) [^¦]*\\(?:x[0-9a-fA-F]{2}|0?[0-7]{3})[^¦]*"
            rf"¦ (?:[^¦]*¦ )*?(?:{SHELL}|python|perl)(?: -)?(?: ¦|$)"
        ),
        hint=r"(?:echo|printf).*(?:x[0-9a-fA-F]{2}|[0-7]{3}).*\|",
        on="pipe",
        why="text written in numbers is executed",
    ),
    Rule(
        "Decoded payload run",
        "T1027 T1140 T1059",
        "High",
        f"{_SHELLS} eval source . {_CODE}",
        pattern=(
            r"(?i)(?:exec|eval|system|assert|\$\(|<\(|compile|child_process).*(?:b64decode"
            "|base64_decode|decode_base64|base64[␣ ]+-?-?d|frombase64|fromhex|unhexlify|hex2bin"
            r"|pack\W+H\*|Buffer\.from|xxd␣-\w*r|unpack1?\W+m|decode64|zlib\.decompress"
            r"|marshal\.loads|gzinflate|codecs\.decode|openssl␣"
            r"|\|␣?tr␣[^␣]*a-z[^␣]*␣[^␣]*[b-z]-z|\brev␣?(?:<<<|\))|(?:\\+x[0-9a-f]{2}){4})"
        ),
        unless=r"^\S+ /\S+(?: |$)",
        hint=(
            "(?i)b64|base64|fromhex|unhexlify|hex2bin|pack|buffer|xxd|decode64|zlib|marshal"
            r"|gzinflate|codecs|openssl|\btr\b|\brev\b|\\x[0-9a-f]{2}"
        ),
        why="text that is encoded is decoded and executed",
    ),
)
