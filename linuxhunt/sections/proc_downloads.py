"""Was something downloaded and then run, in two processes or more?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from posixpath import basename, join, normpath
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from linuxhunt.schema import STR
from linuxhunt.sections.commands import commands
from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.proc_findings import children_of, finding
from linuxhunt.sections.proc_rule import INSTALLERS, PUBLIC_ADDRESS, TEMP
from linuxhunt.sections.steps import SHELLS, canonical

__all__ = ["DownloadAndRun"]

_FETCHERS = frozenset(
    ["curl", "wget", "fetch", "aria2c", "axel", "tftp", "lwp-download", "lwp-request", "GET"]
)
_READERS = SHELLS | {"python", "perl", "ruby", "php", "node"}
_URL = re.compile(r"(?:https?|ftp)://\S+|\b[\w-]+(?:\.[\w-]+)+(?::\d+)?/\S*")
_ADDRESS = re.compile(PUBLIC_ADDRESS)
_LOCAL = re.compile(r"https?://(?:localhost|127\.|\[::1\])")
_MAKER = re.compile(INSTALLERS)
_HIDING = re.compile(rf"^(?:/dev/shm/|/run/shm/|{TEMP}/(?:.*/)?\.[^/]+)")
_TEMPORARY = re.compile(rf"^{TEMP}/")

_MOST_NAMES = 500  # of files that one expression looks for
# The short option that names the file, behind others that take no value: -qO-, -fsSLo.
_SHORT = {
    "curl": re.compile(r"-[fsSLkgGiIjJqRvO0-9#]*o(.*)"),
    "wget": re.compile(r"-[qcNnvdbFrSE]*O(.*)"),
}


def _words(argv: Any, text: str) -> list[str]:
    return [word or "" for word in argv] if argv is not None and len(argv) else text.split()


def _unwrapped(words: list[str]) -> list[str]:
    """Leave out sudo, env, nohup and their options in front of a command."""
    at = 0
    while at < len(words) - 1 and (
        (canonical(words[at]) == "perl" and "lwp-" in words[at + 1])  # a script of libwww-perl
        or canonical(words[at]) in ("sudo", "env", "nohup", "setsid", "doas", "busybox", "exec")
        or (at and (words[at].startswith("-") or re.fullmatch(r"\w+=.*", words[at])))
    ):
        at += 1
    return words[at:]


def _url(words: list[str]) -> str | None:
    for word in words[1:]:
        if not word.startswith("-") and (_URL.match(word) or re.match(r"\d+(?:\.\d+){3}", word)):
            return word
    return None


def _saved(words: list[str], cwd: str) -> str | None:
    """Return the file that a download is saved as, "" for standard output, None if unknown."""
    name, url = canonical(words[0]), _url(words)
    target = None
    takes = {
        "curl": ("-o", "--output"),
        "wget": ("-O", "--output-document"),
        "tftp": ("-r", "-l"),
    }.get(name, ("-o",))
    short, folder = _SHORT.get(name, _SHORT["curl"]), ""
    for at, word in enumerate(words[1:], start=1):
        following = words[at + 1] if at + 1 < len(words) else ""
        joined = short.fullmatch(word)
        if joined:
            target = joined.group(1) or following
        elif word in takes:
            target = following
        elif any(word.startswith(f"{take}=") for take in takes):
            target = word.partition("=")[2]
        elif word in ("-P", "--directory-prefix", "--output-dir"):
            folder = following
    if name == "lwp-download" and url is not None and words[-1] != url:
        target = words[-1]
    if target is None and url is not None:
        remote = name == "curl" and any(
            re.fullmatch(r"-[a-zA-Z]*O[a-zA-Z]*|--remote-name", w) for w in words
        )
        if name == "curl" and not remote:
            return ""
        target = basename(url.split("?")[0].rstrip("/")) or "index.html"
    if target in ("-", "/dev/stdout"):
        return ""
    if not target:
        return None
    return normpath(join(cwd or "/", folder, target))


@dataclass(frozen=True)
class DownloadAndRun:
    """Was a download handed to a shell, or saved and run?

    Attributes:
        pipe: the parts of a pipeline start within so long of one another.
        later: what was saved counts as run if it is within so long.
    """

    pipe: timedelta = timedelta(seconds=2)
    later: timedelta = timedelta(days=7)
    techniques: ClassVar[tuple[str, ...]] = ("T1105", "T1059.004", "T1204.002")
    needs: ClassVar[tuple[str, ...]] = ("processes",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each pipeline of the same download, and for each file.

        High where it comes from a bare address or unencrypted to a shell, or lies where nobody
        looks; Low where it is a maker's own installer; Medium otherwise (files outside of
        temporary folders: Low).
        """
        ran = commands({**tables, "sudo": None, "cron": None})  # type: ignore[dict-item]
        ran = ran[ran["Source"] == "process"].reset_index(drop=True)
        if ran.empty:
            return []
        exe = ran["TargetProcessName"].fillna("")
        fetches = exe.str.contains(
            r"(?:curl|wget|fetch|aria2c|axel|lwp-\w+|GET|tftp|busybox)$", regex=True
        )
        text = ran["CommandLine"].str.contains(
            r"(?:^|[/ ])(?:curl|wget|fetch|aria2c|axel|GET|tftp)\s", regex=True
        )
        downloads = self._downloads(ran[fetches.astype(bool) | text.astype(bool)])
        if downloads.empty:
            return []
        return [*self._piped(ran, downloads), *self._saved_and_run(ran, downloads)]

    @staticmethod
    def _downloads(ran: pd.DataFrame) -> pd.DataFrame:
        kept, urls, files = [], [], []
        for row, argv, text, cwd in zip(
            ran.index, ran["Argv"], ran["CommandLine"],
            ran["TargetProcessCurrentDirectory"].fillna("/"), strict=True,
        ):  # fmt: skip
            words = _unwrapped(_words(argv, text))
            url = _url(words) if words and canonical(words[0]) in _FETCHERS else None
            if url is not None and not _LOCAL.match(url):
                kept.append(row)
                urls.append(url)
                files.append(_saved(words, cwd))
        return ran.loc[kept].assign(Url=pd.array(urls, dtype=STR), File=pd.array(files, dtype=STR))

    def _piped(self, ran: pd.DataFrame, downloads: pd.DataFrame) -> list[Finding]:
        out = downloads[downloads["File"] == ""]
        if out.empty:
            return []
        near = ran[ran["ActingProcessId"].isin(out["ActingProcessId"].dropna())]
        reads = [
            _reads_input(_unwrapped(_words(argv, text)))
            for argv, text in zip(near["Argv"], near["CommandLine"], strict=True)
        ]
        by = ["DvcHostname", "ActingProcessId"]
        pairs = out.reset_index(names="Fetch")[["Fetch", "TimeGenerated", "Url", *by]].merge(
            near[reads].reset_index(names="Shell")[["Shell", "TimeGenerated", *by]],
            on=by, suffixes=("", "Shell"),
        )  # fmt: skip
        pairs = pairs[(pairs["TimeGeneratedShell"] - pairs["TimeGenerated"]).abs() <= self.pipe]
        whole = ran.drop_duplicates("TargetProcessGuid").set_index("TargetProcessGuid")
        above = ran.loc[pairs["Fetch"], "ActingProcessGuid"].map(whole["CommandLine"]).fillna("")
        told = [url in text for url, text in zip(pairs["Url"], above, strict=True)]
        pairs = pairs[~np.array(told, dtype=bool)]  # sh -c 'curl ... | sh': RiskyCommand reads it
        below = children_of(ran, ran.loc[pairs["Shell"], "TargetProcessGuid"].dropna())
        made = []
        for url, group in pairs.groupby("Url", sort=False):
            rows = [*group["Fetch"].unique(), *group["Shell"].unique()]
            shells = ran.loc[group["Shell"], "TargetProcessGuid"].dropna()
            children = [row for guid in shells for row in below.get(guid, ())]
            made.append(
                finding(
                    ran.loc[list(dict.fromkeys(rows))],
                    "Download piped to a shell",
                    _severity_of(str(url)),
                    ("T1105", "T1059.004"),
                    f"{url} was written to standard output, and within"
                    f" {self.pipe.total_seconds():.0f} s the same parent started a shell that reads"
                    f" its input; {len(children):,} processes descend from it",
                    more=ran.loc[children],
                )
            )
        return made

    def _saved_and_run(self, ran: pd.DataFrame, downloads: pd.DataFrame) -> list[Finding]:
        saved = downloads[downloads["File"].fillna("") != ""]
        if saved.empty:
            return []
        files = set(saved["File"])
        uses = self._uses(ran, files)
        made = []
        for (_, file), group in saved.groupby(["DvcHostname", "File"], sort=False, dropna=False):
            host = group["DvcHostname"].iloc[0]
            start = group["TimeGenerated"].min()
            same = uses[(uses["File"] == file) & ((uses["DvcHostname"] == host) | pd.isna(host))]
            after = same[same["TimeGenerated"].between(start, start + self.later)]
            starts = after[after["Use"] == "run"]
            if starts.empty:
                continue
            url = group["Url"].iloc[0]
            rows = ran.loc[list(dict.fromkeys([*group.index, *after["Row"]]))]
            wait = (starts["TimeGenerated"].min() - start).total_seconds()
            made.append(
                finding(
                    rows,
                    f"Download run: {basename(str(file))}",
                    _severity_saved(url, str(file)),
                    ("T1105", "T1204.002"),
                    f"{file} was downloaded from {url} and run {wait:,.0f} s later,"
                    f" {len(starts):,} {'time' if len(starts) == 1 else 'times'}",
                )
            )
        return made

    @staticmethod
    def _uses(ran: pd.DataFrame, files: set[str]) -> pd.DataFrame:
        """Return where files are run or made executable: Row, File, Use, host and time."""
        names = {re.escape(basename(file)) for file in files}
        near = ran
        if len(names) <= _MOST_NAMES:
            text = ran["CommandLine"] + " " + ran["TargetProcessName"].fillna("")
            near = ran[text.str.contains("|".join(sorted(names)), regex=True).astype(bool)]
        found: list[tuple[int, str, str]] = []
        for row, exe, argv, line, cwd in zip(
            near.index, near["TargetProcessName"].fillna(""), near["Argv"], near["CommandLine"],
            near["TargetProcessCurrentDirectory"].fillna("/"), strict=True,
        ):  # fmt: skip
            words = _unwrapped(_words(argv, line))
            name = canonical(words[0]) if words else ""
            if name in _FETCHERS:
                continue
            if exe in files:
                found.append((row, exe, "run"))
                continue
            for at, word in enumerate(words[:8]):
                path = normpath(join(cwd, word))
                if path in files:
                    is_run = at == 0 or (
                        name in _READERS | {"source", "."}
                        and all(w.startswith("-") for w in words[1:at])
                    )
                    found.append((row, path, "run" if is_run else "other"))
                    break
        rows = [row for row, _, _ in found]
        return pd.DataFrame(found, columns=["Row", "File", "Use"]).assign(
            DvcHostname=ran["DvcHostname"].loc[rows].to_numpy(),
            TimeGenerated=ran["TimeGenerated"].loc[rows].array,
        )


def _reads_input(words: list[str]) -> bool:
    """Whether a command is a shell or an interpreter that executes what it reads."""
    if not words or canonical(words[0]) not in _READERS or words[0].startswith("-"):
        return False
    rest = words[1:]
    if canonical(words[0]) in SHELLS:
        return (
            not rest
            or rest[0] in ("-", "-s", "/dev/stdin")
            or all(re.fullmatch(r"-[exuv]+s?", word) for word in rest)
        )
    return rest in ([], ["-"], ["/dev/stdin"])


def _severity_of(url: str) -> str:
    if _MAKER.match(url):
        return "Low"
    return "Medium" if url.startswith("https://") and not _ADDRESS.search(url) else "High"


def _severity_saved(url: str, file: str) -> str:
    if _HIDING.match(file) or _ADDRESS.search(url):
        return "High"
    if _TEMPORARY.match(file) and not _MAKER.match(url):
        return "Low" if url.startswith("https://") else "Medium"
    return "Low"
