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
            r")*?(?:--url|tunnel --url|access tcp)|^(?:\S*frp[cs]|\S*chisel|ligolo[\w-]*)\b"
            "|^devtunnel host|^code tunnel"
        ),
        hint="(?:client|server).*R:|cloudflared|frp[cs]|chisel|ligolo|tunnel",
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
        "Tunnel",
        "T1572 T1219",
        "Medium",
        "tailscaled",
        pattern="--socks5-server|--outbound-http-proxy|--state[= ](?:/tmp|/var/tmp|/dev/shm|mem)",
        why="it needs no rights and leaves no interface to see",
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
        "cp mv install",
        pattern=(
            r"(?i) (?:/tmp|/var/tmp|/dev/shm)/\S+ (?:/var/www|/srv/www|/srv/http|/usr/share/nginx"
            r"|/opt/tomcat\S*|/var/lib/tomcat\S*|\S*/(?:webapps|htdocs|public_html|wwwroot))/\S*"
            r"\.(?:php\d?|phtml|phar|jspx?|aspx?|cgi|war)$"
        ),
        hint=r"(?i)\.(?:ph|jsp|asp|cgi|war)",
        why="a page comes out of a temporary folder",
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
