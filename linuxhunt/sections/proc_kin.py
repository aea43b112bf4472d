"""What stands beside and above a process: pipelines that were typed, shells out of other programs.

A line typed at a shell leaves no text in audit, only its programs, started by one parent at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pandas as pd

from linuxhunt.sections.commands import commands
from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.proc_findings import children_of, finding
from linuxhunt.sections.steps import canonical

__all__ = ["PipedToShell", "ShellOfTool"]

_PREFIX = r"^(?:(?:\S*/)?(?:sudo|env|nohup|setsid|busybox|doas) (?:-\S+ )*)?(?:\S*/)?"
_READS = (
    rf"{_PREFIX}(?:(?:ba|da|z|k|a)?sh(?: -(?:[exuvi]*s?)?)*(?: /dev/stdin)?"
    r"|(?:python|perl|ruby|php)[\d.]*(?: -)?)$"
)
_SOURCES: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    (rf"{_PREFIX}(?:base(?:64|32|nc) .*(?:-\w*[dD]\b|--decode)|xxd .*-\w*r|uudecode\b"
     r"|openssl (?:enc|base64|aes\S*|des\S*) .*-d\b)",
     "Decoded payload run", ("T1027", "T1140", "T1059"), "decodes"),
    (rf"{_PREFIX}(?:(?:nc|ncat|netcat|nc\.\w+|socat|telnet|gs-netcat) \S|openssl s_client\b)",
     "Shell on a network connection", ("T1059.004", "T1095"), "connects"),
    (rf"{_PREFIX}(?:dig|host|nslookup|drill|ldapsearch|lynx -\S*(?:source|dump)\S*|w3m -\S*dump\S*"
     r"|ssh \S+ cat|aws s3 cp \S+ -|gsutil cat) \S",
     "Download piped to a shell", ("T1059.004", "T1105"), "fetches"),
)  # fmt: skip
"""Of what feeds a shell: shape, title, techniques, what it does."""
_BARE = r"^(?:\S*/)?-?(?:ba|da|z|k|a)?sh(?: -[ipl]+)?$"
_TOOLS = frozenset(
    ["less", "more", "most", "man", "vi", "view", "rvim", "vimdiff", "nano", "pico", "ed", "ex",
     "emacs", "git", "find", "awk", "gawk", "mawk", "perl", "python", "ruby", "lua", "php", "node",
     "irb", "tar", "zip", "tcpdump", "gdb", "nmap", "ftp", "sftp", "mysql", "psql", "sqlite3",
     "journalctl", "systemctl", "apt", "apt-get", "dmesg", "crontab", "visudo", "watch", "expect",
     "script", "rsync", "scp", "socat", "screenfetch", "strace", "ltrace", "dpkg", "rpm", "yum",
     "dnf", "gem", "pip", "make", "top", "htop", "mail", "pg", "bundle", "puppet", "wget", "split"]
)  # fmt: skip
"""Programs that GTFOBins lets a shell out of."""


def _ran(tables: Tables) -> pd.DataFrame:
    ran = commands({**tables, "sudo": None, "cron": None})  # type: ignore[dict-item]
    return ran[ran["Source"] == "process"].reset_index(drop=True)


@dataclass(frozen=True)
class PipedToShell:
    """Did one parent start a shell that reads its input, beside what decodes or connects?

    Attributes:
        pipe: the parts of a pipeline start within so long of one another.
    """

    pipe: timedelta = timedelta(seconds=1)
    techniques: ClassVar[tuple[str, ...]] = (
        "T1027", "T1140", "T1059", "T1059.004", "T1095", "T1105",
    )  # fmt: skip
    needs: ClassVar[tuple[str, ...]] = ("processes",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding (High) for each shell and kind of source.

        What a shell's own text says (``sh -c 'base64 -d x | sh'``) RiskyCommand reads.
        """
        ran = _ran(tables)
        shells = ran[ran["CommandLine"].str.fullmatch(_READS).fillna(False).astype(bool)]
        shells = shells[shells["ActingProcessId"].notna()]
        if shells.empty:
            return []
        by = ["DvcHostname", "ActingProcessId"]
        near = ran[ran["ActingProcessId"].isin(shells["ActingProcessId"])]
        lines = dict(zip(ran["TargetProcessGuid"], ran["CommandLine"], strict=True))
        made = []
        for shape, title, techniques, does in _SOURCES:
            feeds = near[near["CommandLine"].str.contains(shape).astype(bool)]
            pairs = feeds.reset_index(names="Feed")[["Feed", "TimeGenerated", *by]].merge(
                shells.reset_index(names="Shell")[["Shell", "TimeGenerated", *by]],
                on=by, suffixes=("", "Shell"),
            )  # fmt: skip
            apart = (pairs["TimeGeneratedShell"] - pairs["TimeGenerated"]).abs()
            for shell, group in pairs[apart <= self.pipe].groupby("Shell", sort=False):
                feed = int(group["Feed"].iloc[0])
                above = str(lines.get(ran.at[feed, "ActingProcessGuid"], ""))
                if "|" in above:
                    continue
                rows = ran.loc[[*group["Feed"].unique(), shell]]
                below = children_of(ran, [str(ran.at[shell, "TargetProcessGuid"])])
                started = [row for found in below.values() for row in found]
                program = canonical(str(ran.at[feed, "CommandLine"]).split()[0])
                made.append(
                    finding(
                        rows, title, "High", techniques,
                        f"{program} {does}, and within {self.pipe.total_seconds():.0f} s the same"
                        f" parent started a shell that reads its input; {len(started):,} processes"
                        " descend from it",
                        more=ran.loc[started],
                    )
                )  # fmt: skip
        return made


@dataclass(frozen=True)
class ShellOfTool:
    """Did a pager, an editor or the like, that sudo ran as root, become a shell?"""

    techniques: ClassVar[tuple[str, ...]] = ("T1548.003", "T1059.004")
    needs: ClassVar[tuple[str, ...]] = ("processes",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding (Medium) for each shell."""
        ran = _ran(tables)
        bare = ran["CommandLine"].str.fullmatch(_BARE).fillna(False).astype(bool)
        person = ran["ActorUserId"].notna() & ran["ActorUserId"].ne(0).fillna(False)
        shells = ran[bare & person & ran["TargetUserId"].eq(0).fillna(False)]
        if shells.empty:
            return []
        whole = ran[ran["TargetProcessGuid"].notna()].drop_duplicates("TargetProcessGuid")
        whole = whole.set_index("TargetProcessGuid")
        made = []
        for row in shells.index:
            tool, over = _two_above(whole, ran.at[row, "ActingProcessGuid"])
            if tool is None or over is None:
                continue
            name = _program(tool)
            if name in _TOOLS and _program(over) in ("sudo", "doas", "pkexec"):
                made.append(
                    finding(
                        ran.loc[[row]], "Shell out of another program", "Medium", self.techniques,
                        f"{name}, which {_program(over)} ran as root, started a shell: a way around"
                        " what sudo allows",
                    )
                )  # fmt: skip
        return made


def _two_above(whole: pd.DataFrame, guid: Any) -> tuple[Any, Any]:
    """Return the parent and its parent; None where not seen."""
    if pd.isna(guid) or guid not in whole.index:
        return None, None
    tool = whole.loc[guid]
    over = tool["ActingProcessGuid"]
    return tool, (whole.loc[over] if pd.notna(over) and over in whole.index else None)


def _program(row: Any) -> str:
    words = str(row["CommandLine"]).split()
    return canonical(words[0]) if words else ""
