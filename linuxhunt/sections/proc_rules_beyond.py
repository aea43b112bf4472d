"""Rules: what goes on from this host to others: logons, relays, scans, copies."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import INSTALLERS, PUBLIC_ADDRESS, SHELL, TEMP, Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    Rule(
        "Data copied to another host",
        "T1567.002 T1048",
        "Medium",
        "aws s3cmd rclone mc s5cmd",
        pattern=rf"(?:--endpoint(?:-url)?|--host|--s3-endpoint)[= ](?:https?://)?{PUBLIC_ADDRESS}",
        why="a store of objects that has no name takes the data",
    ),
    Rule(
        "Data copied to another host",
        "T1567.002 T1048",
        "Medium",
        "rclone",
        pattern=(
            r"^rclone (?:.* )?(?:copy|copyto|sync|move|rcat)\b.*"
            rf"(?:--config[= ](?:{TEMP}/|/(?:etc|usr|var|opt)/(?:\S*/)?\.)"
            r"|[ :](?:mega|pcloud|:\w+,\S*):)"
        ),
        why="a store for everybody, or a configuration out of an odd place, takes the data",
    ),
    Rule(
        "Key from an odd place used",
        "T1021.004 T1552.004",
        "Medium",
        "ssh scp sftp rsync",
        pattern=(
            r"(?:^|[ ␣])-i[ ␣]?(?:/tmp|/var/tmp|/dev/shm)/\S+ .*"
            r"(?:@|UserKnownHostsFile[=␣ ]/dev/null|BatchMode|StrictHostKeyChecking[=␣ ]no)"
        ),
        unless=r"/(?:ansible|packer|terraform|jenkins|vagrant|ssh_key|tmp\.\w+/|_temp)|/tmp/\w*(?:runner|build)",
        hint=r"-i\s?/(?:tmp|var/tmp|dev/shm)/",
        why="keys are not kept where anyone may put or take them",
    ),
    Rule(
        "Logon elsewhere with a password in the command",
        "T1021.004 T1110",
        "Medium",
        "sshpass",
        pattern=r"^sshpass (?:-\S+ )*-p ?\S+ .*StrictHostKeyChecking[=␣ ]no",
        hint="sshpass",
        why="hosts that were never seen before are entered with a password that is passed on",
    ),
    Rule(
        "Another's agent of keys used",
        "T1563.001 T1021.004",
        "Medium",
        "",
        pattern=r"SSH_AUTH_SOCK=/tmp/ssh-\w+/agent\.\d+.*\b(?:ssh|scp|ssh-add|sftp)\b"
        r"|\b(?:ssh|scp|ssh-add|sftp)\b.*SSH_AUTH_SOCK=/tmp/ssh-\w+/agent\.\d+",
        hint="SSH_AUTH_SOCK=/tmp/ssh-",
        why="a socket of somebody's keys is named by hand",
    ),
    Rule(
        "Server of data made to write files",
        "T1210 T1053.003",
        "High",
        "redis-cli keydb-cli valkey-cli",
        pattern=(
            r"(?i)config[␣ ]+set[␣ ]+(?:dir|dbfilename)[␣ ]+(?:/var/spool/cron|/etc/cron"
            r"|\S*/\.ssh|/var/www|authorized_keys|root$)|module[␣ ]+load[␣ ]+/|slaveof[␣ ]+\d"
        ),
        hint="(?i)(?:redis|keydb|valkey)",
        why="its file of data is put where the host runs it or lets in by it",
    ),
    Rule(
        "Connections sent on to another host",
        "T1090",
        "Medium",
        "iptables iptables-legacy iptables-nft nft",
        pattern=(
            rf"-j DNAT .*--to(?:-destination)?[= ]{PUBLIC_ADDRESS}"
            rf"|\bdnat␣? ?to[␣ ]{PUBLIC_ADDRESS}"
        ),
        hint="(?i)dnat",
        why="the host passes connections on to an address outside",
    ),
    Rule(
        "Relay",
        "T1090",
        "Medium",
        "proxychains proxychains4",
        pattern=(
            r" (?:nmap|masscan|hydra|smbclient|crackmapexec|nxc|psql|mysql|rdesktop|xfreerdp"
            r"|evil\S*|impacket\S*|ssh|sqlmap|nikto|msfconsole)\b"
        ),
        why="tools reach a network through another host",
    ),
    Rule(
        "Relay",
        "T1090.003",
        "Medium",
        "tor",
        pattern=r"^tor .*-f (?:/tmp|/var/tmp|/dev/shm|\S*/\.)",
        hint=r"\btor\b",
        why="Tor is started with a configuration out of an odd place",
    ),
    Rule(
        "Network scan",
        "T1046 T1018",
        "Medium",
        "",
        pattern=(
            r"\bfor\b[^;]*(?:seq\b|\{\d+\.\.\d+\}|(?:\s\d+){3,}|<)[^;]*;?\s*do\b.*"
            r"(?:\b(?:ping|nc|ncat|arping|fping)\b|/dev/(?:tcp|udp)/).*\$"
        ),
        hint=r"\bfor\b.*\bdo\b.*(?:ping|\bnc|/dev/)",
        on="text",
        why="a loop tries addresses or ports one by one",
    ),
    Rule(
        "Hosts to go to looked for",
        "T1018 T1552.004",
        "Medium",
        "cat grep egrep awk cut sort strings tail head cp",
        pattern=(
            r"/\.ssh/known_hosts.* \S*/\.ssh/(?:known_hosts|config)"
            r"|(?:/home/\*|/root)/\.ssh/known_hosts .*/\.ssh/"
        ),
        hint="known_hosts",
        why="several people's lists of hosts are read at once",
    ),
    Rule(
        "Network scan",
        "T1046",
        "Medium",
        "nc",
        pattern=r"^nc .*-\w*z.* (?:\d{1,3}-\d{4,5}|\d{1,2}-\d{3}|\d{4}-\d{5})(?: |$)",
        why="hundreds of ports are tried",
    ),
    Rule(
        "Download run on another host",
        "T1021.004 T1105 T1570",
        "Medium",
        "ssh",
        pattern=rf"(?:curl|wget)␣[^|]*\|␣*(?:sudo␣)?{SHELL}\b|(?:curl|wget)␣.*(?:chmod|;␣?{SHELL})␣",
        unless=rf"{INSTALLERS}",
        why="another host is made to fetch and run something",
    ),
)
"""Hosts beyond this one."""
