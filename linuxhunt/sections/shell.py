r"""Shell text -> simple commands, as a shell would read it; nothing is ever run or looked up.

Quotes, backslashes, ``$'\x41'``, ``$IFS`` and variables that the text itself sets are resolved,
so that ``c"u"rl``, ``w\ho``, ``$'\x69d'`` and ``x=cu;y=rl;$x$y`` all come out as plain words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["LONGEST", "Command", "plain_words", "read"]

LONGEST = 65_536
"""Characters of a text that are read; longer ones are cut."""
_MOST = 500
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f"}
_ANSI = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|[0-7]{1,3}|.)", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_BRACES = re.compile(r"\{[^{}\s]+(?:,[^{}\s]*)+\}")
_KEYWORDS = frozenset(["!", "{", "}", "then", "do", "else", "elif", "if", "while", "until", "time"])
_PIPED = re.compile(r"[ \t]*\|(?!\|)")
_CLOSERS = frozenset(["fi", "done", "esac"])


@dataclass
class Command:
    """A simple command.

    Attributes:
        words: name and arguments, without quotes.
        redirects: operator and target, such as ``(">>", "/etc/crontab")``; the target of ``<<``
            is the text of the here-document.
        inner: texts of ``$(...)``, backticks, ``<(...)`` and ``>(...)`` within it.
        assigned: ``NAME=value`` before the name.
        pipeline: number of the pipeline that it is part of.
    """

    words: list[str] = field(default_factory=list)
    redirects: list[tuple[str, str]] = field(default_factory=list)
    inner: list[str] = field(default_factory=list)
    assigned: list[str] = field(default_factory=list)
    pipeline: int = 0


def plain_words(text: str) -> list[str]:
    """Split a command line that was printed without quotes at its blanks."""
    return text[:LONGEST].split()


def read(text: str) -> list[Command]:
    """Return the simple commands of a shell text, in the order in which they are written.

    Text that no shell would accept (a quote that is not closed) is read as far as it goes.
    """
    reader = _Reader(text[:LONGEST])
    reader.run()
    return reader.commands[:_MOST]


def _unescape(text: str) -> str:
    """Resolve the escapes of ``$'...'``."""

    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        if code[0] in "xu" and len(code) > 1:
            number = int(code[1:], 16)
            return "?" if 0xD800 <= number <= 0xDFFF else chr(number)
        if code[0] in "01234567":
            return chr(int(code, 8) & 0xFF)
        return _ESCAPES.get(code, code)

    return _ANSI.sub(one, text)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.commands: list[Command] = []
        self.variables: dict[str, str] = {}
        self.pipeline = 0
        self.now = Command()
        self.word: list[str] | None = None
        self.waiting: str | None = None  # a redirection whose target comes next
        self.groups: list[int] = []  # how many commands came before each open bracket
        self.heres: list[tuple[Command, str]] = []

    def run(self) -> None:
        text, end = self.text, len(self.text)
        while self.at < end and len(self.commands) < _MOST:
            sign = text[self.at]
            if sign in " \t":
                self._end_word()
                self.at += 1
            elif sign == "\n":
                self._end_command()
                self.at += 1
                self._here_documents()
            elif sign == "#" and self.word is None:
                line = text.find("\n", self.at)
                self.at = end if line < 0 else line
            elif sign in ";&|()":
                self._operator(sign)
            elif sign in "<>":
                self._redirect(sign)
            else:
                self._part(sign)
        self._end_command()

    def _operator(self, sign: str) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if sign == "&" and following == ">":  # &> and &>>
            self._end_word()
            self.at += 1
            self._redirect(">")
            return
        piped = sign == "|" and following != "|"
        self._end_command(same_pipeline=piped)
        if sign == "(":
            self.groups.append(len(self.commands))
        elif sign == ")":
            self._end_group(self.at + 1)
        self.at += 2 if following in ("|", "&") and sign in "|&" else 1

    def _end_group(self, at: int) -> None:
        """Join what stands in brackets with the pipe that takes its output."""
        start = self.groups.pop() if self.groups else len(self.commands)
        if _PIPED.match(self.text, at) and start < len(self.commands):
            self.pipeline = self.commands[start].pipeline
            for command in self.commands[start:]:
                command.pipeline = self.pipeline

    def _redirect(self, sign: str) -> None:
        text = self.text
        if text[self.at + 1 : self.at + 2] == "(":  # <(...), >(...)
            inner = self._bracket(self.at + 2)
            self.now.inner.append(inner)
            self._add(f"{sign}({inner})")
            return
        if self.word is not None and "".join(self.word).isdigit():
            self.word = None  # the number of a file
        self._end_word()
        match = re.compile(r"<<<|<<-?|<>|<&|>>|>\||>&|<|>").match(text, self.at)
        operator = match.group() if match else sign
        self.at += len(operator)
        self.waiting = {">|": ">", "<<-": "<<"}.get(operator, operator)

    def _part(self, sign: str) -> None:
        text = self.text
        if sign == "\\":
            following = text[self.at + 1 : self.at + 2]
            self._add("" if following == "\n" else following)
            self.at += 2
        elif sign == "'":
            self._quoted_until("'", self.at + 1)
        elif sign == '"':
            self._double()
        elif sign == "`":
            self._backticks()
        elif sign == "$":
            self._dollar(quoted=False)
        else:
            match = re.compile(r"[^\s\\'\"`$;&|()<>]+").match(text, self.at)
            piece = match.group() if match else sign
            self._add(piece)
            self.at += len(piece)

    def _quoted_until(self, sign: str, start: int) -> None:
        end = self.text.find(sign, start)
        end = len(self.text) if end < 0 else end
        self._add(self.text[start:end])
        self.at = end + 1

    def _double(self) -> None:
        text = self.text
        self.at += 1
        self._add("")
        while self.at < len(text) and text[self.at] != '"':
            sign = text[self.at]
            if sign == "\\" and text[self.at + 1 : self.at + 2] in ("\\", '"', "$", "`", "\n"):
                self._add(text[self.at + 1])
                self.at += 2
            elif sign == "`":
                self._backticks()
            elif sign == "$":
                self._dollar(quoted=True)
            else:
                match = re.compile(r'[^"\\`$]+').match(text, self.at)
                piece = match.group() if match else sign
                self._add(piece)
                self.at += len(piece)
        self.at += 1

    def _backticks(self) -> None:
        end = self.text.find("`", self.at + 1)
        end = len(self.text) if end < 0 else end
        inner = self.text[self.at + 1 : end]
        self.now.inner.append(inner)
        self._add(f"$({inner})")
        self.at = end + 1

    def _dollar(self, *, quoted: bool) -> None:
        text, at = self.text, self.at
        if text.startswith("$'", at) and not quoted:
            end = at + 2
            while end < len(text) and text[end] != "'":
                end += 2 if text[end] == "\\" else 1
            self._add(_unescape(text[at + 2 : end]))
            self.at = end + 1
        elif text.startswith("$(", at):
            inner = self._bracket(at + 2)
            if not inner.startswith("("):  # not arithmetic
                self.now.inner.append(inner)
            self._add(f"$({inner})")
        else:
            braces = text.startswith("${", at)
            match = _NAME.match(text, at + (2 if braces else 1))
            if match:
                end = text.find("}", match.end()) + 1 if braces else match.end()
                self._variable(match.group(), text[at:end] if end > at else "", quoted=quoted)
                self.at = end if end > at else match.end()
            elif re.compile(r"\$[@*0-9]").match(text, at):
                self._add("")  # nothing, as a rule: w$@hoami
                self.at += 2
            else:
                self._add("$")
                self.at += 1

    def _variable(self, name: str, written: str, *, quoted: bool) -> None:
        if name == "IFS" and not quoted:
            self._end_word()
        elif name == "IFS":
            self._add(" ")
        elif name in self.variables:
            parts = self.variables[name].split() if not quoted else [self.variables[name]]
            for number, part in enumerate(parts):
                if number:
                    self._end_word()
                self._add(part)
        else:
            self._add(written or f"${name}")

    def _bracket(self, start: int) -> str:
        """Return what stands before the bracket that closes, and go behind it."""
        depth, at, text = 1, start, self.text
        while at < len(text):
            if text[at] == "\\":
                at += 1
            elif text[at] == "'":
                closing = text.find("'", at + 1)
                at = closing if closing > 0 else at
            elif text[at] == "(":
                depth += 1
            elif text[at] == ")":
                depth -= 1
                if not depth:
                    break
            at += 1
        self.at = at + 1
        return text[start:at]

    def _add(self, piece: str) -> None:
        if self.word is None:
            self.word = []
        self.word.append(piece)

    def _end_word(self) -> None:
        if self.word is None:
            return
        word, self.word = "".join(self.word), None
        if self.waiting is not None:
            operator, self.waiting = self.waiting, None
            if operator == "<<":
                self.heres.append((self.now, word))
            elif operator == "<&" or not (operator == ">&" and word in ("1", "2", "-")):
                self.now.redirects.append((operator, word))
            return
        assigned = _ASSIGNED.fullmatch(word) if not self.now.words else None
        if assigned:
            self.variables[assigned.group(1)] = assigned.group(2)
            self.now.assigned.append(word)
        elif self.now.words == [] and _BRACES.fullmatch(word):  # {curl,-s,192.0.2.1}
            self.now.words += word[1:-1].split(",")
        elif self.now.words or word not in _KEYWORDS:
            self.now.words.append(word)
        elif word == "{":
            self.groups.append(len(self.commands))
        elif word == "}":
            self._end_group(self.at)

    def _end_command(self, *, same_pipeline: bool = False) -> None:
        self._end_word()
        self.waiting = None
        command, self.now = self.now, Command()
        command.pipeline = self.pipeline
        if not same_pipeline:
            self.pipeline += 1
        if command.words and command.words[0] in _CLOSERS:
            command.words = []
        if command.words[:1] == ["for"] and command.words[2:3] == ["in"] and command.words[3:]:
            each = command.words[3]  # one turn of the loop stands for all
            if "$" not in each and "`" not in each:
                self.variables[command.words[1]] = each
        if command.words or command.redirects or command.inner or command.assigned:
            self.commands.append(command)

    def _here_documents(self) -> None:
        for command, delimiter in self.heres:
            lines = []
            while self.at < len(self.text):
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                line, self.at = self.text[self.at : end], end + 1
                if line.strip() == delimiter:
                    break
                lines.append(line)
            command.redirects.append(("<<", "\n".join(lines)))
        self.heres.clear()
