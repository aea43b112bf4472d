"""Answers of servers outside, kept in one file until they are too old."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Kept"]

_FORMAT = 1  # counts up when what is kept is read differently
_MOST_BYTES = 64_000_000
_FAULTS = (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What a file that somebody else wrote, or that was cut short, leads to."""


@dataclass
class Kept:
    """Answers on disk, readable by nobody but the user.

    Attributes:
        path: the file; its folder is made (mode 0700) where it is not there.
        lasts: seconds that an answer is good for, by what was asked for.
        most: answers that are kept at most; the oldest go first.
        fault: what was wrong with the file, one sentence; None where nothing was. A file that
            cannot be read is as good as none, and is written anew.
        now: the clock, seconds since 1970.
    """

    path: Path
    lasts: Mapping[str, float]
    most: int = 50_000
    fault: str | None = None
    now: Callable[[], float] = time.time
    _held: dict[str, dict[str, Any]] | None = field(default=None, repr=False)

    def get(self, what: str, question: str) -> dict[str, Any] | None:
        """Return what was answered before; None where nothing was, or too long ago."""
        if self._held is None:
            self._held = self._read()
        kept = self._held.get(f"{what} {question}")
        return kept["said"] if kept is not None and self._fresh(what, kept["at"]) else None

    def put(self, what: str, said: Mapping[str, dict[str, Any]]) -> None:
        """Keep question -> answer; a disk that is full keeps nothing, which :attr:`fault` says."""
        if not said:
            return
        at = self.now()
        held = self._read()  # another notebook may have kept some, too
        held |= {f"{what} {question}": {"at": at, "said": text} for question, text in said.items()}
        fresh = {
            key: kept for key, kept in held.items() if self._fresh(key.split(" ")[0], kept["at"])
        }
        order = sorted(fresh, key=lambda key: float(fresh[key]["at"]))[-self.most :]
        self._held = {key: fresh[key] for key in order}
        self._write(json.dumps({"format": _FORMAT, "answers": self._held}))

    def _fresh(self, what: str, at: float) -> bool:
        return 0 <= self.now() - at < self.lasts.get(what, 0)

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            if self.path.stat().st_size > _MOST_BYTES:
                raise ValueError("it is too large")
            held = json.loads(self.path.read_text("utf-8"))
            if held["format"] != _FORMAT:
                return {}
            answers: dict[str, dict[str, Any]] = held["answers"]
            sound = all(
                isinstance(kept["at"], int | float) and isinstance(kept["said"], dict)
                for kept in answers.values()
            )
            if not sound:
                raise ValueError("an entry of another form")
        except FileNotFoundError:
            return {}
        except (
            OSError,
            ValueError,
            TypeError,
            LookupError,
            AttributeError,
            RecursionError,
        ) as error:
            self.fault = f"{self.path} cannot be read and is left out: {str(error)[:120]}"
            return {}
        return answers

    def _write(self, text: str) -> None:
        name = None
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.path.parent)  # mode 0600
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(name, self.path)
        except OSError as error:
            self.fault = f"{self.path} cannot be written: {error}"
            if name is not None:
                Path(name).unlink(missing_ok=True)
