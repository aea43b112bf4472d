"""Rules: miners, tunnels, attack tools and web shells."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import Rule

__all__ = ["RULES"]

_LOOKERS = (
    r"^(?:e?grep|fgrep|rg|ag|pgrep|pkill|killall|pidof|ps|ls|cat|less|vi|nano|man|git|find|locate"
    r"|apt|apt-get|apt-cache|dnf|yum|dpkg|rpm|systemctl|journalctl|echo|sed|awk|which|whereis) "
)

RULES: tuple[Rule, ...] = (
    # Mining, tunnels, tools.
    Rule(
        "Cryptocurrency miner",
        "T1496",
        "High",
        (
            "xmrig xmr-stak minerd cpuminer ccminer cgminer ethminer nbminer t-rex lolMiner "
            "PhoenixMiner teamredminer xmrig-notls nanominer srbminer cpuminer-multi"
        ),
        why="a miner's name",
    ),
    Rule(
        "Cryptocurrency miner",
        "T1496",
        "High",
        "",
        pattern=(
            r"stratum\d?\+(?:tcp|ssl|udp)://|--donate-level|--coin[= ](?:xmr|monero)|--rig-id"
            r"|(?:-a|--algo)[= ](?:rx/\d|randomx|cryptonight\S*|cn/\S+|kawpow|ethash)"
            r"|(?:supportxmr|minexmr|nanopool|moneroocean|hashvault|nicehash|c3pool|2miners)\.\w+"
            r"|\b4[0-9AB][1-9A-HJ-NP-Za-km-z]{93}\b"
        ),
        unless=_LOOKERS,
        hint=(
            "(?i)stratum|donate-level|--coin|rig-id|--?a(?:lgo)?[= ](?:rx|rand|crypt|cn/|kaw"
            "|eth)|supportxmr|minexmr|nanopool|moneroocean|hashvault|nicehash|c3pool|2miners"
            r"|4[0-9ab]\w{93}"
        ),
        why="the words of a miner's command line",
    ),
    Rule(
        "Tunnel",
        "T1572",
        "Medium",
        "ssh autossh",
        pattern=(
            r" -[a-zA-Z46]*[RDw] ?(?:\S*:)?\d+(?::\S+)?(?: |$)|-o ?(?:RemoteForward"
            "|DynamicForward|Tunnel)[=␣]"
        ),
        unless="-o ?DynamicForward=none",
        why="a way in, or through, is opened by ssh",
    ),
    Rule(
        "Tunnel",
        "T1572 T1090",
        "Medium",
        (
            "chisel frpc frps ngrok ligolo-ng ligolo rathole bore gost revsocks wstunnel iodine "
            "iodined dnscat dnscat2 ptunnel ptunnel-ng pagekite localtonet npc zrok inlets "
            "reGeorg earthworm pivotnacci rpivot udp2raw hans 3proxy microsocks nps"
        ),
        why="a tunnel's name",
    ),
    Rule(
        "Tunnel",
        "T1572 T1090",
        "Medium",
        "",
        pattern=(
            r"(?:client|server) (?:-\S+ )*\S*(?::\d+)? ?R:\S*(?:socks|\d+)|^cloudflared (?:\S+ "
            r")*?(?:--url|tunnel --url|access tcp)|^(?:\S*frp[cs]|\S*chisel)\b|^devtunnel host"
            "|^code tunnel"
        ),
        hint="(?:client|server).*R:|cloudflared|frp[cs]|chisel|tunnel",
        why="the words of a tunnel's command line",
    ),
    Rule(
        "Tunnel",
        "T1572 T1059.004",
        "High",
        "gs-netcat gsocket blitz gs-sftp gs-mount gs",
        unless="^gs (?:-d|-s|-q|-n)",
        hint="gs-netcat|gsocket|gs-sftp|gs-mount",
        why="gsocket goes through firewalls to a shell",
    ),
    Rule(
        "Relay",
        "T1090.001",
        "Medium",
        "socat",
        pattern=(
            r"(?i)(?:tcp|udp|sctp|openssl|ssl)\d?-(?:listen|l):\S+ .*(?:tcp|udp|openssl"
            r"|socks)\d?(?:-connect)?:"
        ),
        why="connections are passed on to another host",
    ),
    Rule(
        "Listener",
        "T1571",
        "Low",
        "nc",
        pattern=r"^nc (?:\S+ )*-\w*l",
        hint=r"\b(?:nc|ncat|netcat)\b",
        why="waits for a connection",
    ),
    Rule(
        "Attack tool",
        "T1588.002",
        "Medium",
        (
            "linpeas linpeas.sh LinEnum.sh linenum.sh lse.sh linux-exploit-suggester.sh les.sh "
            "pspy pspy64 pspy32 traitor deepce.sh unix-privesc-check masscan zmap hydra medusa "
            "ncrack patator john hashcat sqlmap nikto gobuster ffuf feroxbuster wpscan "
            "crackmapexec netexec nxc responder Responder.py evil-winrm msfconsole msfvenom "
            "msfdb meterpreter sliver sliver-client sliver-server pwncat pwncat-cs fscan "
            "kerbrute bettercap ettercap arpspoof amass-peirates peirates cdk kubeletctl "
            "secretsdump.py psexec.py wmiexec.py GetUserSPNs.py chaos merlin poseidon reptile "
            "diamorphine tsh 3snake lazagne laZagne.py mimipenguin mimipenguin.sh swap_digger "
            "unshadow suid3num.py dirtycow dirtypipe pwnkit"
        ),
        unless="^(?:john|responder|chaos|merlin) (?:--version|--help)$",
        why="a tool of attackers and testers",
    ),
    Rule(
        "Attack tool",
        "T1588.002",
        "Medium",
        "",
        pattern=(
            "(?:^|/)(?:linpeas|linenum|pspy(?:32|64)s?|linux-exploit-suggester|lazagne"
            r"|mimipenguin|pwnkit|les\.sh|dirty(?:cow|pipe)|cve-\d{4}-\d+)\S*(?:\.sh|\.py"
            r"|\.c)?(?: |$)"
        ),
        unless=_LOOKERS + "|^(?:tar|cp|mv|rm|touch|nano) ",
        hint=(
            r"(?i)linpeas|linenum|pspy|exploit-suggester|lazagne|mimipenguin|pwnkit|les\.sh|dirty"
            "|cve-"
        ),
        why="a tool of attackers and testers",
    ),
    Rule(
        "Network scan",
        "T1046",
        "Low",
        "nmap zmap rustscan arp-scan fping netdiscover nbtscan",
        why="hosts or ports are looked for",
    ),
    Rule(
        "Web shell written",
        "T1505.003",
        "High",
        "",
        pattern=(
            "(?i)(?:eval|system|passthru|shell_exec|exec|popen|proc_open|assert|base64_decode"
            r"|getRuntime)[␣ (].*(?:>|tee (?:-a )?|-o ?)\S*\.(?:php\d?|phtml|phar|jspx?|aspx?"
            r"|cgi)\b"
        ),
        unless="^(?:sed|grep|git) ",
        hint=r"(?i)\.(?:php|phtml|phar|jsp|asp|cgi)",
        why="text that executes what a visitor sends is put into a page",
    ),
    Rule(
        "Page put into a web site by a command",
        "T1505.003",
        "Medium",
        "",
        pattern=(
            r"(?i)^(?:echo|printf|cat|base64|xxd|curl|wget|tee|:) .*(?:>|-\w*[oO] ?"
            "|--output(?:-document)?[= ]|^tee (?:-a )?)/(?:var/www|srv/www|srv/http"
            r"|usr/share/nginx|usr/local/apache2|opt/tomcat\S*|var/lib/tomcat\S*|home/[^/ "
            r"]+/public_html)/\S*\.(?:php\d?|phtml|phar|jspx?|aspx?|cgi|war)\b"
        ),
        hint=r"(?i)/(?:www|http|nginx|apache2|tomcat\S*|public_html)/.*\.(?:ph|jsp|asp|cgi|war)",
        why="pages come by deployments, not by a shell's output",
    ),
)
