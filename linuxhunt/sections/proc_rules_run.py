"""Rules: what is run, fetched and connected (execution, command and control, impact)."""

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
_CODE = f"{INTERPRETERS} tclsh awk gawk mawk gdb (decoded) vi ipython"
_LOOKERS = (
    r"^(?:e?grep|fgrep|rg|ag|pgrep|pkill|killall|pidof|ps|ls|cat|less|vi|nano|man|git|find|locate"
    r"|apt|apt-get|apt-cache|dnf|yum|dpkg|rpm|systemctl|journalctl|echo|sed|awk|which|whereis) "
)

RULES: tuple[Rule, ...] = (
    # Shells whose input and output are a connection.
    Rule("Shell on a network connection", "T1059.004 T1095", "High", _SHELLS,
         r"(?:[<>]&?|<>)/dev/(?:tcp|udp)/|<&\d|^\S+ -i .*>&\d", unless=r"^\S+ (?:-\w+ )*-\w*c ",
         hint=r"/dev/(?:tcp|udp)/",
         why="a shell's input and output are a network connection"),
    Rule("Shell on a network connection", "T1059.004 T1095", "High", "",
         r"^(?:exec|:|cat|while|read)\b.*<>?/dev/(?:tcp|udp)/\D*\S+/\d+$",
         hint=r"exec.*/dev/(?:tcp|udp)/|/dev/(?:tcp|udp)/.*\bread\b",
         why="a connection is opened through the shell's own /dev/tcp for reading and writing"),
    Rule("Shell on a network connection", "T1059.004 T1095", "High", "nc socat telnet",
         rf"^nc .*-\w*[ec] ?\S*(?:{SHELL}|python|perl)\b|^nc .*--(?:sh-)?exec"
         rf"|^socat .*(?i:exec|system):.*{SHELL}\b",
         hint=r"\b(?:nc|ncat|netcat|socat|nc\.\w+)\b",
         why="a program that connects hands the connection to a shell"),
    Rule("Shell on a network connection", "T1059.004 T1095", "High", "",
         rf"(?:^|¦ ){SHELL}(?: -\w+)*(?: [^¦]*)? ¦ (?:nc|telnet|socat|openssl s_client|gs-netcat)\b"
         rf"|(?:^|¦ )(?:nc|telnet|socat|openssl s_client)\b[^¦]* ¦ {SHELL}(?: -\w+)*(?: [^¦]*)?"
         r"(?: ¦|$)",
         hint=r"(?:\b(?:nc|ncat|netcat|socat|telnet|s_client|nc\.\w+)\b.*\|)"
              r"|(?:\|.*\b(?:nc|ncat|netcat|socat|telnet|s_client|nc\.\w+)\b)", on="pipe",
         why="a pipe joins a shell with a program that connects"),
    Rule("Shell on a network connection", "T1059 T1095", "High", _CODE,
         rf"(?i)(?:socket|fsockopen|TCPSocket|/inet/(?:tcp|udp)/|net\.connect|require\(.net.\)|IO::Socket)"
         rf".*(?:dup2|pty\.spawn|/bin/{SHELL}\b|subprocess|child_process|proc_open|shell_exec"
         r"|fdopen\(STDIN|open\(STDIN|exec[ (]|\|& ?getline|system\()"
         r"|(?:dup2|subprocess|pty|child_process|popen).*(?:socket|net\.connect|require\(.net.\))",
         unless=r"create_connection\(\([^)]*\)[^)]*\)(?:\.close\(\))?.?$",
         hint=r"(?i)socket|fsockopen|tcpsocket|/inet/|net\.connect|require\(.?net",
         why="a program text joins a socket with a shell"),
    Rule("Shell on a network connection", "T1059.004 T1071.001", "High", "",
         r"^(?:mknod|mkfifo) \S+.*$", hint=r"(?:mkfifo|mknod).*(?:\bnc\b|/dev/tcp|s_client|telnet)",
         unless=r"^\S+ \S*/(?:run|var/run)/", on="line",
         why="a named pipe is made beside a program that connects"),
    Rule("Terminal made for a shell that had none", "T1059", "Medium", "python perl ruby script expect",
         rf"pty\.spawn|PTY\.spawn|IO::Pty|^script .*(?:-\w*c ?\S*{SHELL}\b.*|/dev/null.*-\w*c.*)/dev/null"
         r"|^script (?:-\w+ )*/dev/null$|^expect -c spawn␣\S*sh",
         hint=r"pty|script\b.*/dev/null|expect",
         why="typical of an intruder who makes a bare shell comfortable"),
    # Downloads that run.
    Rule("Download piped to a shell", "T1059.004 T1105", "High", "",
         rf"(?:^|¦ ){FETCH} [^¦]*(?:{PUBLIC_ADDRESS}[^¦]*|http://[^¦]*|\.onion[^¦]*|{TEMP}[^¦]*)¦ "
         rf"(?:[^¦]*¦ )*?(?:{SHELL}(?: [^¦]*)?|(?:python|perl|ruby|php|node)(?: -)?)(?: ¦|$)",
         unless=r"https?://(?:localhost|127\.)", hint=rf"{FETCH}.*\|", on="pipe",
         why="what comes from an address, or unencrypted, is executed unseen"),
    Rule("Download piped to a shell", "T1059.004 T1105", "Medium", "",
         rf"(?:^|¦ ){FETCH} [^¦]*¦ (?:[^¦]*¦ )*?"
         rf"(?:{SHELL}(?: [^¦]*)?|(?:python|perl|ruby|php|node)(?: -)?)(?: ¦|$)",
         unless=INSTALLERS, hint=rf"{FETCH}.*\|", on="pipe",
         why="what is downloaded is executed unseen"),
    Rule("Download piped to a shell", "T1059.004 T1105", "Low", "",
         rf"(?:^|¦ ){FETCH} [^¦]*{INSTALLERS}[^¦]*¦ (?:[^¦]*¦ )*?{SHELL}(?: |$)",
         hint=rf"{FETCH}.*\|", on="pipe", why="a maker's own installer"),
    Rule("Download piped to a shell", "T1059.004 T1105", "Medium", f"{_SHELLS} eval source . python",
         rf"(?:[<$]\(){FETCH}\b", unless=INSTALLERS, hint=rf"[<$]\(\s*{FETCH}|`\s*{FETCH}",
         why="what is downloaded is executed unseen"),
    Rule("Download executed by a program text", "T1059 T1105", "High", _CODE,
         r"(?i)(?:exec|eval|system|os\.|instance_eval)\W?.*(?:urlopen|urllib|requests\.get|http\.get"
         r"|file_get_contents\W+https?:|open-uri|URI\.open|LWP)",
         unless=r"^\S+ /", hint=r"(?i)urlopen|urllib|requests|http\.get|file_get_contents|open-uri|lwp",
         why="what is downloaded is executed unseen"),
    Rule("Download to a place for hiding", "T1105", "Medium", "curl wget fetch aria2c scp sftp ftp tftp axel",
         rf"(?:-\w*[oOdP] ?|--output(?:-document|-dir)?[= ]|--directory-prefix[= ]|>)"
         rf"(?:/dev/shm/|/run/shm/|{TEMP}/(?:\S*/)?\.\w|/(?:usr|etc|lib|var|opt|root)/(?:\S*/)?\.[a-z])"
         rf"|^(?:scp|sftp) .* (?:/dev/shm/|{TEMP}/(?:\S*/)?\.)",
         unless=r"/\.(?:cache|local|cargo|npm|m2|gradle|venv)/",
         why="a file is put where files are seldom looked for"),
    Rule("Download from a bare address", "T1105", "Medium", "curl wget fetch aria2c",
         rf"(?:{PUBLIC_ADDRESS}\S* .*(?: -\w*[oO]\b|--output|--remote-name)|(?: -\w*[oO]\b|--output"
         rf"|--remote-name).*[ /@]{PUBLIC_ADDRESS}|^wget (?:-\w+ )*(?:\w+://)?{PUBLIC_ADDRESS}"
         rf"|>\S+$.*{PUBLIC_ADDRESS})",
         unless=r"-[a-zA-Z]*o ?(?:/dev/null|-)(?: |$)|-w .%",
         why="a file is fetched from an address that has no name"),
    Rule("Download from a disguised address", "T1105 T1027", "Medium", "curl wget fetch nc",
         r"https?://(?:0x[0-9a-fA-F]{2}[0-9a-fA-F.x]*|\d{8,10}|0\d{2,3}\.\d+\.\d+\.\d+)(?:[:/]|$)",
         why="the address is written so that it is not read"),
    Rule("Download from a hidden service", "T1090.003", "Medium", "curl wget git torsocks torify proxychains",
         r"\.onion\b|\.onion/|\.i2p/", why="the server is in a network that hides it"),
    Rule("File in a place for hiding made executable", "T1222.002", "Medium", "chmod",
         rf"^chmod (?:\S+ )*?(?:[ugoa]*[+=][rwst]*x\S*|0?[0-7]?[1357][0-7]{{2}}) .*"
         rf"(?:/dev/shm/|/run/shm/|{TEMP}/(?:\S*/)?\.[^/ ])",
         why="a file where files are seldom looked for is made a program"),
    Rule("File in a temporary folder made executable", "T1222.002", "Low", "chmod",
         rf"^chmod (?:\S+ )*?(?:[ugoa]*[+=][rwst]*x\S*|0?[0-7]?[1357][0-7]{{2}}) .*{TEMP}/",
         why="ordinary for builds and installers"),
    # Where programs lie.
    Rule("Run from memory or a place for hiding", "T1059 T1564.001", "High", "",
         rf"^(?:/dev/shm/|/run/shm/|{TEMP}/(?:.*/)?\.[^/]+(?:/|$)|/dev/[^/]+/\.|/dev/mqueue/)",
         unless=r"^/(?:tmp|var/tmp)/(?:\.mount_\w+/|\.[\w-]*(?:venv|tox|build|cache|cargo|npm)\w*/"
                r"|.*/\.(?:venv|tox|git|cargo|npm|nox|eggs|libs)/)",
         hint=rf"{TEMP}|/dev/", on="program",
         why="programs do not belong there"),
    Rule("Run from memory or a place for hiding", "T1059 T1620", "High", "",
         rf"^(?:/?memfd:|/proc/(?:self|\d+)/fd/\d|{TEMP}/.* \(deleted\)$)",
         unless=r"memfd:(?:runc_cloned|crun|systemd|snap|pulseaudio|wayland)",
         hint=r"memfd:|/proc/(?:self|\d+)/fd/|\(deleted\)", on="program",
         why="the program has no file any more"),
    Rule("Script run from a place for hiding", "T1059 T1564.001", "High", f"{_SHELLS} {INTERPRETERS} source .",
         rf"^\S+ (?:-[-\w]+ )*(?:/dev/shm/|/run/shm/|{TEMP}/(?:\S*/)?\.[^/ ]+)",
         unless=r"/\.(?:ansible|venv|tox|git|cargo|npm|mount_\w+|vscode\S*|cache)/", hint=rf"{TEMP}",
         why="scripts do not belong there"),
    Rule("Hidden program", "T1564.001", "Medium", "",
         r"^/(?:usr|etc|lib|lib64|bin|sbin|boot|opt|root|srv|home|var)/(?:.*/)?\.[^/]+$"
         r"|^/(?:usr|etc|lib|lib64|bin|sbin|boot)/(?:.*/)?\.[^/]+/"
         r"|/(?:\.\.\.+|\.\. +|\. +)(?:/|$)",
         unless=r"^/usr/(?:lib|share|libexec)/\S*/\.(?:bin|venv|libs|build-id)/|/\.git/hooks/|/\.venv/",
         hint=r"/\.", on="program", why="its name or folder begins with a dot"),
    Rule("Run from a temporary folder", "T1059 T1036.005", "Low", "",
         r"^(?:/tmp|/var/tmp)/[^/]+$", hint=r"/tmp/", on="program", as_root="Medium",
         why="root runs a program that anyone may have put there"),
    Rule("Kernel thread's name on a program", "T1036.004", "High", "",
         r"^\[[a-z][\w/:+.-]*\](?: |$)|exec -a ['\"]?\[", hint=r"^\[[a-z]|exec -a", on="text",
         why="a program calls itself what only the kernel is called"),
    Rule("Program name written as a pattern", "T1027.010", "Medium", "",
         r"^/[a-z?*\[\]{}/-]*[?*][\w?*\[\]{}/.-]*$", hint=r"(?:^|[\s;|&(])/[a-z/]*[?*]", on="program",
         why="the shell finds the program; the reader does not"),
    # Encoded payloads that run.
    Rule("Decoded payload run", "T1027 T1140 T1059", "High", "",
         r"(?:base64 (?:-\w*[dD]|--decode)|base32 -d|xxd -\w*r|openssl (?:enc|base64) [^¦]*-d|rev$|rev ¦|uudecode"
         rf"|tr \S*A-Za-z\S* \S*)[^¦]*(?:¦ [^¦]*)*?¦ (?:{SHELL}|python|perl|ruby|php|node|xargs {SHELL})(?: |$)",
         hint=r"(?i)base64|base32|xxd|openssl|\brev\b|uudecode|\btr\b", on="pipe",
         why="text that is encoded is decoded and executed"),
    Rule("Decoded payload run", "T1027 T1140 T1059", "High", f"{_SHELLS} eval source . {_CODE}",
         r"(?i)(?:exec|eval|system|assert|\$\(|<\(|compile|child_process).*(?:b64decode|base64_decode"
         r"|decode_base64|base64[␣ ]+-?-?d|frombase64|fromhex|unhexlify|hex2bin|pack\W+H\*"
         r"|Buffer\.from|xxd␣-\w*r|unpack1?\W+m|decode64|zlib\.decompress|marshal\.loads|gzinflate"
         r"|codecs\.decode|openssl␣)",
         unless=r"^\S+ /\S+(?: |$)",
         hint=r"(?i)b64|base64|fromhex|unhexlify|hex2bin|pack|buffer|xxd|decode64|zlib|marshal|gzinflate|codecs|openssl",
         why="text that is encoded is decoded and executed"),
    # Mining, tunnels, tools.
    Rule("Cryptocurrency miner", "T1496", "High",
         "xmrig xmr-stak minerd cpuminer ccminer cgminer ethminer nbminer t-rex lolMiner PhoenixMiner "
         "teamredminer xmrig-notls nanominer srbminer cpuminer-multi",
         why="a miner's name"),
    Rule("Cryptocurrency miner", "T1496", "High", "",
         r"stratum\d?\+(?:tcp|ssl|udp)://|--donate-level|--coin[= ](?:xmr|monero)|--rig-id"
         r"|(?:-a|--algo)[= ](?:rx/\d|randomx|cryptonight\S*|cn/\S+|kawpow|ethash)"
         r"|(?:supportxmr|minexmr|nanopool|moneroocean|hashvault|nicehash|c3pool|2miners)\.\w+"
         r"|\b4[0-9AB][1-9A-HJ-NP-Za-km-z]{93}\b",
         unless=_LOOKERS,
         hint=r"(?i)stratum|donate-level|--coin|rig-id|--?a(?:lgo)?[= ](?:rx|rand|crypt|cn/|kaw|eth)"
              r"|supportxmr|minexmr|nanopool|moneroocean|hashvault|nicehash|c3pool|2miners|4[0-9ab]\w{93}",
         why="the words of a miner's command line"),
    Rule("Tunnel", "T1572", "Medium", "ssh autossh",
         r" -[a-zA-Z46]*[RDw] ?(?:\S*:)?\d+(?::\S+)?(?: |$)|-o ?(?:RemoteForward|DynamicForward|Tunnel)"
         r"[=␣]", unless=r"-o ?DynamicForward=none",
         why="a way in, or through, is opened by ssh"),
    Rule("Tunnel", "T1572 T1090", "Medium",
         "chisel frpc frps ngrok ligolo-ng ligolo rathole bore gost revsocks wstunnel iodine iodined "
         "dnscat dnscat2 ptunnel ptunnel-ng pagekite localtonet npc zrok inlets reGeorg earthworm "
         "pivotnacci rpivot udp2raw hans 3proxy microsocks nps",
         why="a tunnel's name"),
    Rule("Tunnel", "T1572 T1090", "Medium", "",
         r"(?:client|server) (?:-\S+ )*\S*(?::\d+)? ?R:\S*(?:socks|\d+)|^cloudflared (?:\S+ )*?"
         r"(?:--url|tunnel --url|access tcp)|^(?:\S*frp[cs]|\S*chisel)\b|^devtunnel host|^code tunnel",
         hint=r"(?:client|server).*R:|cloudflared|frp[cs]|chisel|tunnel",
         why="the words of a tunnel's command line"),
    Rule("Tunnel", "T1572 T1059.004", "High", "gs-netcat gsocket blitz gs-sftp gs-mount gs",
         unless=r"^gs (?:-d|-s|-q|-n)", hint=r"gs-netcat|gsocket|gs-sftp|gs-mount",
         why="gsocket goes through firewalls to a shell"),
    Rule("Relay", "T1090.001", "Medium", "socat",
         r"(?i)(?:tcp|udp|sctp|openssl|ssl)\d?-(?:listen|l):\S+ .*(?:tcp|udp|openssl|socks)\d?(?:-connect)?:",
         why="connections are passed on to another host"),
    Rule("Listener", "T1571", "Low", "nc", r"^nc (?:\S+ )*-\w*l", hint=r"\b(?:nc|ncat|netcat)\b",
         why="waits for a connection"),
    Rule("Attack tool", "T1588.002", "Medium",
         "linpeas linpeas.sh LinEnum.sh linenum.sh lse.sh linux-exploit-suggester.sh les.sh pspy pspy64 "
         "pspy32 traitor deepce.sh unix-privesc-check masscan zmap hydra medusa ncrack patator john "
         "hashcat sqlmap nikto gobuster ffuf feroxbuster wpscan crackmapexec netexec nxc responder "
         "Responder.py evil-winrm msfconsole msfvenom msfdb meterpreter sliver sliver-client "
         "sliver-server pwncat pwncat-cs fscan kerbrute bettercap ettercap arpspoof amass-peirates "
         "peirates cdk kubeletctl secretsdump.py psexec.py wmiexec.py GetUserSPNs.py chaos merlin "
         "poseidon reptile diamorphine tsh 3snake lazagne laZagne.py mimipenguin mimipenguin.sh "
         "swap_digger unshadow suid3num.py dirtycow dirtypipe pwnkit",
         unless=r"^(?:john|responder|chaos|merlin) (?:--version|--help)$",
         why="a tool of attackers and testers"),
    Rule("Attack tool", "T1588.002", "Medium", "",
         r"(?:^|/)(?:linpeas|linenum|pspy(?:32|64)s?|linux-exploit-suggester|lazagne|mimipenguin|pwnkit"
         r"|les\.sh|dirty(?:cow|pipe)|cve-\d{4}-\d+)\S*(?:\.sh|\.py|\.c)?(?: |$)",
         unless=_LOOKERS + r"|^(?:tar|cp|mv|rm|touch|nano) ", hint=r"(?i)linpeas|linenum|pspy|exploit-suggester"
         r"|lazagne|mimipenguin|pwnkit|les\.sh|dirty|cve-", why="a tool of attackers and testers"),
    Rule("Network scan", "T1046", "Low", "nmap zmap rustscan arp-scan fping netdiscover nbtscan",
         why="hosts or ports are looked for"),
    Rule("Web shell written", "T1505.003", "High", "",
         r"(?i)(?:eval|system|passthru|shell_exec|exec|popen|proc_open|assert|base64_decode|getRuntime)"
         r"[␣ (].*(?:>|tee (?:-a )?|-o ?)\S*\.(?:php\d?|phtml|phar|jspx?|aspx?|cgi)\b",
         unless=r"^(?:sed|grep|git) ", hint=r"(?i)\.(?:php|phtml|phar|jsp|asp|cgi)",
         why="text that executes what a visitor sends is put into a page"),
    Rule("Page put into a web site by a command", "T1505.003", "Medium", "",
         r"(?i)^(?:echo|printf|cat|base64|xxd|curl|wget|tee|:) .*(?:>|-\w*[oO] ?|--output(?:-document)?[= ]|^tee (?:-a )?)"
         r"/(?:var/www|srv/www|srv/http|usr/share/nginx|usr/local/apache2|opt/tomcat\S*|var/lib/tomcat\S*"
         r"|home/[^/ ]+/public_html)/\S*\.(?:php\d?|phtml|phar|jspx?|aspx?|cgi|war)\b",
         hint=r"(?i)/(?:www|http|nginx|apache2|tomcat\S*|public_html)/.*\.(?:ph|jsp|asp|cgi|war)",
         why="pages come by deployments, not by a shell's output"),
)  # fmt: skip
