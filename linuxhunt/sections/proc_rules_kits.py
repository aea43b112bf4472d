"""Rules: tools of attackers and testers, each with what it is for (ATT&CK's software pages)."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import Rule

__all__ = ["RULES"]

_VERSION = r"^\S+ (?:--version|--help|-V|-h)$"
_HANDLED = (
    r"^(?:e?grep|fgrep|rg|ag|pgrep|pkill|killall|pidof|ps|ls|cat|less|vi|nano|man|git|find|locate"
    r"|apt|apt-get|apt-cache|dnf|yum|dpkg|rpm|systemctl|journalctl|echo|sed|awk|which|whereis|tar"
    r"|cp|mv|rm|touch|docker) "
)
_TOOL = "a tool of attackers and testers"


def _kit(techniques: str, names: str, pattern: str = "", hint: str = "") -> Rule:
    return Rule(
        "Attack tool", techniques, "Medium", names, pattern=pattern, hint=hint,
        unless=_VERSION if names else _HANDLED, why=_TOOL,
    )  # fmt: skip


RULES: tuple[Rule, ...] = (
    _kit("T1110.002", "john hashcat unshadow zip2john ssh2john ssh2john.py keepass2john"),
    _kit("T1110", "hydra medusa ncrack patator crowbar brutespray kerbrute thc-hydra"),
    _kit(
        "T1046 T1018",
        "masscan zmap fscan rustscan naabu zgrab zgrab2 pnscan nbtscan enum4linux enum4linux-ng "
        "smbmap netdiscover",
    ),
    _kit(
        "T1190 T1595.002",
        "sqlmap nikto gobuster ffuf feroxbuster wpscan dirb dirbuster nuclei commix wfuzz xsser",
    ),
    _kit(
        "T1082 T1083 T1087.001",
        "linpeas linpeas.sh LinEnum.sh linenum.sh lse.sh unix-privesc-check deepce.sh suid3num.py "
        "linux-smart-enumeration.sh linuxprivchecker.py",
    ),
    _kit(
        "T1082 T1083 T1087.001",
        "",
        pattern=r"(?i)(?:^|/)(?:linpeas|linenum)\S*(?: |$)",
        hint="(?i)linpeas|linenum",
    ),
    _kit("T1057", "", pattern=r"(?:^|/)pspy(?:32|64)?s?(?: |$)", hint="pspy"),
    _kit("T1068 T1082", "", pattern=r"(?i)(?:^|/)(?:linux-exploit-suggester\S*|les\.sh)(?: |$)",
         hint=r"(?i)exploit-suggester|les\.sh"),
    _kit("T1068", "", pattern=r"(?i)(?:^|/)(?:dirty-?(?:cow|pipe|pagetable)|pwnkit|cve-\d{4}-\d+)"
         r"\S*(?: |$)|^exploit\S*(?: |$)",
         hint="(?i)dirty|pwnkit|cve-|exploit"),
    _kit("T1068", "traitor"),
    _kit(
        "T1003",
        "lazagne laZagne.py mimipenguin mimipenguin.sh mimipenguin.py swap_digger swap_digger.sh "
        "3snake secretsdump.py pypykatz",
    ),
    _kit("T1557", "responder Responder.py bettercap ettercap arpspoof mitm6"),
    _kit("T1613", "peirates kubeletctl amicontained kube-hunter botb kubesploit"),
    _kit("T1613", "", pattern=r"^cdk\S* (?:eva|evaluate|run|auto-escape|ectl|kcurl|probe)\b",
         hint=r"\bcdk"),
    _kit("T1552.001", "", pattern=r"^(?:trufflehog|gitleaks|noseyparker) .*(?: |=)/(?:\S*)?(?: |$)",
         hint="trufflehog|gitleaks|noseyparker"),
    _kit("T1021.002 T1550.002", "", pattern=r"(?i)^(?:impacket-\w+|(?:psexec|wmiexec|smbexec"
         r"|atexec|dcomexec|GetUserSPNs|GetNPUsers|ticketer|ntlmrelayx)(?:\.py)?"
         r"|crackmapexec|netexec|nxc|evil-winrm)(?: |$)",
         hint="(?i)impacket|exec|getuserspns|getnpusers|ticketer|ntlmrelayx|nxc|evil-winrm"),
    _kit(
        "T1059 T1071.001",
        "msfconsole msfvenom msfdb meterpreter sliver sliver-client sliver-server pwncat "
        "pwncat-cs merlin poseidon chaos havoc mythic empire starkiller",
    ),
    _kit("T1014", "reptile diamorphine tsh jynx2 azazel bdvl"),
)  # fmt: skip
"""Tools whose purpose is an attack, or its test."""
